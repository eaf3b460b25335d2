//! Reporting periods: created from a rule, opened before their time, locked, and opened again for one unit.

use chrono::{DateTime, NaiveDate, Utc};
use domain::{
    Action, Guarded, Reason,
    action::LONGEST_REASON,
    lock::PeriodFacts,
    period::{ReportingRule, periods},
    plan::PlanFacts,
};
use entity::{
    ids::{PlanId, ReportingPeriodId, UnitId},
    kinds::{Audience, EventType},
    lock_exception, plan, reporting_period,
};
use sea_orm::{ActiveValue::NotSet, ColumnTrait, EntityTrait, QueryFilter, Set, sea_query::Expr};
use serde_json::{Value, json};

use crate::{
    Call, Once, Result, Seen,
    scoped::Scoped,
    standing,
    write::{Begun, Entry, Told, Write},
};

use super::{kept_plan, text, unmerged_unit};

const PERIOD: &str = "periodId";

/// Which periods are to be created.
#[derive(Clone, Copy, Debug)]
pub struct CreatePeriods {
    /// For which plan; none when the ID is none.
    pub plan: Option<PlanId>,
    /// By which rule.
    pub rule: ReportingRule,
    /// Periods that end, or are due, before this day are left out, and on this very day those that are due by now: a plan that is issued in May asks for no report of January.
    pub from: Option<NaiveDate>,
}

impl Call {
    /// Creates the periods of a plan's year.
    ///
    /// # Errors
    /// Refused: a plan that the viewer does not see or is not the office of, a number out of range, or periods of the
    /// kind that there are already.
    pub async fn create_periods(
        &self,
        input: CreatePeriods,
        once: Option<&Once>,
    ) -> Result<PlanId> {
        let mut write = match self.begin(once).await? {
            Begun::Fresh(write) => write,
            Begun::Again(plan) => return Ok(self.again::<plan::Model>(&plan).await?.id),
        };
        let not_found = || Reason::NotFound.at("planId");
        let plan = Scoped::<plan::Entity>::new(self)
            .and(plan::Column::Id.eq(input.plan.ok_or_else(not_found)?))
            .locked()
            .one(write.db())
            .await?
            .ok_or_else(not_found)?;
        plan_facts(&plan)
            .permit(self.asking()?, Action::CreatePeriods)
            .map_err(|reason| reason.at("planId"))?;
        let rule = input.rule;
        let problems = rule.problems();
        if !problems.is_empty() {
            return Err(problems.into());
        }
        let exists = reporting_period::Entity::find()
            .filter(reporting_period::Column::PlanId.eq(plan.id))
            .filter(reporting_period::Column::Kind.eq(rule.kind))
            .one(write.db())
            .await?;
        if exists.is_some() {
            return Err(Reason::PeriodsExist.at("kind").into());
        }
        let calendar = &self.store().inner.calendar;
        let mut drafts = periods(plan.year, &rule, calendar);
        if let Some(from) = input.from {
            drafts.retain(|draft| draft.begins_from(from, self.now()));
        }
        if drafts.is_empty() {
            return Err(Reason::NoPeriodFrom.at("from").into());
        }
        let rows = drafts
            .into_iter()
            .map(|draft| reporting_period::ActiveModel {
                id: NotSet,
                plan_id: Set(plan.id),
                kind: Set(rule.kind),
                ordinal: Set(draft.ordinal),
                label: Set(draft.label),
                starts_on: Set(draft.starts_on),
                ends_on: Set(draft.ends_on),
                opens_at: Set(draft.opens_at),
                due_at: Set(draft.due_at),
                locks_at: Set(draft.locks_at),
                locked_by_id: Set(None),
                lock_reason: Set(None),
                created_at: Set(self.now()),
            });
        reporting_period::Entity::insert_many(rows)
            .exec(write.db())
            .await?;
        standing::recompute_plan(&mut write, plan.id, self.now()).await?;
        let entry = Entry {
            act: Action::CreatePeriods.into(),
            object: "Plan",
            id: Some(plan.id.0),
            changes: json!({ "kind": rule.kind, "dueDay": rule.due_day, "dueHour": rule.due_hour, "opensDaysBefore": rule.opens_days_before, "graceDays": rule.grace_days, "from": input.from }),
            event: Some(told(EventType::PeriodsCreated, plan.id, None)),
        };
        write.commit_with(json!(plan.id), [entry]).await?;
        Ok(plan.id)
    }

    /// Opens a period before its time.
    ///
    /// # Errors
    /// Refused: a period that the viewer does not see or is not the office of, or one that is open.
    pub async fn open_period(
        &self,
        id: Option<ReportingPeriodId>,
        once: Option<&Once>,
    ) -> Result<Seen<reporting_period::Model>> {
        let (write, mut period) = match self.period(id, once, Action::OpenPeriod).await? {
            Begun::Fresh(begun) => begun,
            Begun::Again(period) => return Ok(period),
        };
        reporting_period::Entity::update_many()
            .col_expr(reporting_period::Column::OpensAt, Expr::value(self.now()))
            .filter(reporting_period::Column::Id.eq(period.id))
            .exec(write.db())
            .await?;
        let changes = json!({ "opensAt": [period.opens_at, self.now()] });
        period.0.opens_at = self.now();
        done(
            write,
            &period,
            Action::OpenPeriod,
            told(EventType::PeriodOpened, period.plan_id, Some(period.id)),
            changes,
        )
        .await?;
        Ok(period)
    }

    /// Locks a period before its time.
    ///
    /// # Errors
    /// Refused: a period that the viewer does not see or is not the office of, one that is locked, or no reason.
    pub async fn lock_period(
        &self,
        id: Option<ReportingPeriodId>,
        reason: &str,
        once: Option<&Once>,
    ) -> Result<Seen<reporting_period::Model>> {
        let user = self.admitted()?.account.id;
        let (write, mut period) = match self.period(id, once, Action::LockPeriod).await? {
            Begun::Fresh(begun) => begun,
            Begun::Again(period) => return Ok(period),
        };
        let reason = text("reason", reason, LONGEST_REASON, true)?;
        reporting_period::Entity::update_many()
            .col_expr(reporting_period::Column::LocksAt, Expr::value(self.now()))
            .col_expr(reporting_period::Column::LockedById, Expr::value(user))
            .col_expr(reporting_period::Column::LockReason, Expr::value(&reason))
            .filter(reporting_period::Column::Id.eq(period.id))
            .exec(write.db())
            .await?;
        let changes = json!({ "locksAt": [period.locks_at, self.now()], "reason": reason });
        period.0.locks_at = self.now();
        period.0.locked_by_id = Some(user);
        period.0.lock_reason = Some(reason);
        done(
            write,
            &period,
            Action::LockPeriod,
            told(EventType::PeriodLocked, period.plan_id, Some(period.id)),
            changes,
        )
        .await?;
        Ok(period)
    }

    /// Opens a locked period again for one unit, until a moment.
    ///
    /// # Errors
    /// Refused: a period or unit that the viewer does not see, a viewer who is not the office, a period that is not
    /// locked, a unit that was merged into another, a moment in the past, or no reason.
    pub async fn reopen_period(
        &self,
        id: Option<ReportingPeriodId>,
        unit: Option<UnitId>,
        until: DateTime<Utc>,
        reason: &str,
        once: Option<&Once>,
    ) -> Result<Seen<reporting_period::Model>> {
        let user = self.admitted()?.account.id;
        let (write, period) = match self.period(id, once, Action::ReopenPeriod).await? {
            Begun::Fresh(begun) => begun,
            Begun::Again(period) => return Ok(period),
        };
        // Whoever merges it comes before, or takes along what is opened here.
        let unit = unmerged_unit(self, &write, unit, "unitId").await?;
        if until <= self.now() {
            return Err(Reason::InThePast.at("until").into());
        }
        let reason = text("reason", reason, LONGEST_REASON, true)?;
        lock_exception::Entity::insert(lock_exception::ActiveModel {
            id: NotSet,
            period_id: Set(period.id),
            unit_id: Set(unit),
            until_at: Set(domain::clock::stored(until)),
            reason: Set(reason.clone()),
            granted_by_id: Set(user),
            created_at: Set(self.now()),
        })
        .exec(write.db())
        .await?;
        let event = Told {
            unit: Some(unit),
            audience: Audience::PlanUnit,
            ..told(EventType::PeriodReopened, period.plan_id, Some(period.id))
        };
        let changes = json!({ "unitId": unit, "until": until, "reason": reason });
        done(write, &period, Action::ReopenPeriod, event, changes).await?;
        Ok(period)
    }

    /// The period of an act, locked, its guard passed.
    async fn period(
        &self,
        id: Option<ReportingPeriodId>,
        once: Option<&Once>,
        action: Action,
    ) -> Result<Begun<(Write, Seen<reporting_period::Model>), Seen<reporting_period::Model>>> {
        let not_found = || Reason::NotFound.at(PERIOD);
        let (write, id) = match self.begin(once).await? {
            Begun::Fresh(write) => (Some(write), id),
            Begun::Again(id) => (None, id.as_i64().map(ReportingPeriodId)),
        };
        let id = id.ok_or_else(not_found)?;
        let scoped = || {
            Scoped::<reporting_period::Entity>::new(self).and(reporting_period::Column::Id.eq(id))
        };
        let Some(write) = write else {
            let found = scoped().one(&self.reader()).await?;
            return Ok(Begun::Again(found.ok_or_else(not_found)?));
        };
        let first = scoped().one(write.db()).await?.ok_or_else(not_found)?;
        let plan = kept_plan(&write, first.plan_id).await?;
        let plan = plan.ok_or_else(not_found)?;
        let period = scoped()
            .locked()
            .one(write.db())
            .await?
            .ok_or_else(not_found)?;
        period_facts(&plan, &period)
            .permit(self.asking()?, action)
            .map_err(|reason| reason.at(PERIOD))?;
        Ok(Begun::Fresh((write, period)))
    }
}

pub(super) fn plan_facts(plan: &plan::Model) -> PlanFacts {
    PlanFacts {
        plan: plan.id,
        status: plan.status,
        // Asked by those acts alone that know.
        empty: false,
    }
}

fn period_facts(plan: &plan::Model, period: &reporting_period::Model) -> PeriodFacts {
    PeriodFacts {
        plan: plan_facts(plan),
        opens_at: period.opens_at,
        locks_at: period.locks_at,
    }
}

async fn done(
    write: Write,
    period: &Seen<reporting_period::Model>,
    action: Action,
    event: Told,
    changes: Value,
) -> Result<()> {
    let entry = Entry {
        act: action.into(),
        object: "ReportingPeriod",
        id: Some(period.id.0),
        changes,
        event: Some(event),
    };
    write.commit_with(json!(period.id), [entry]).await
}

fn told(kind: EventType, plan: PlanId, period: Option<ReportingPeriodId>) -> Told {
    Told {
        kind,
        plan,
        target: None,
        unit: None,
        audience: Audience::Plan,
        about: period.map(|period| ("ReportingPeriod", period.0)),
    }
}

impl Call {
    /// What the acts on a seen plan depend on; `empty` matters of a draft alone.
    pub fn plan_facts(&self, plan: &Seen<plan::Model>, empty: bool) -> PlanFacts {
        PlanFacts {
            empty,
            ..plan_facts(plan)
        }
    }

    /// What the acts on a seen period depend on.
    pub fn period_facts(
        &self,
        plan: &Seen<plan::Model>,
        period: &Seen<reporting_period::Model>,
    ) -> PeriodFacts {
        period_facts(plan, period)
    }
}
