//! One plan on the day of a sweep.

use std::collections::{HashMap, HashSet};

use chrono::NaiveDate;
use domain::{
    clock::day,
    progress::{self, light_on},
    sweep::{self, Due, Period, Swept},
};
use entity::{
    ids::{ReportingPeriodId, TargetId, UnitId},
    kinds::{EventType, NoticeColour, NoticeRung, NoticeStatus},
    plan, reporting_period, supervision_notice, target, unit,
};
use sea_orm::{
    ActiveValue::NotSet, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect, Set,
};
use serde_json::json;

use super::SweptNotice;
use crate::{
    Result, Store,
    rules::{PlanRules, rules},
    standing::{self, changed_standing, gather, overridden},
    write::{Act, Entry, Write},
};

/// What makes a notice by rule the same as another.
type Rung = (
    TargetId,
    UnitId,
    Option<ReportingPeriodId>,
    Option<NaiveDate>,
    NoticeRung,
);

/// A plan on the day of a sweep.
pub(super) struct PlanSweep<'p> {
    plan: &'p plan::Model,
    rules: PlanRules,
    targets: Vec<target::Model>,
    grounds: Vec<standing::Ground>,
    periods: Vec<Period>,
    units: HashMap<UnitId, String>,
    taken: HashSet<Rung>,
}

/// A notice to be issued about a target.
pub(super) struct Draft<'s> {
    target: &'s target::Model,
    due: Due,
}

impl<'p> PlanSweep<'p> {
    /// Reads the plan, in a fixed number of statements.
    pub(super) async fn read(db: &impl ConnectionTrait, plan: &'p plan::Model) -> Result<Self> {
        let rules = rules(db, [plan.id]).await?;
        let targets = target::Entity::find()
            .filter(target::Column::PlanId.eq(plan.id))
            .order_by_asc(target::Column::Number)
            .all(db)
            .await?;
        let grounds = gather(db, &targets).await?;
        let periods = reporting_period::Entity::find()
            .filter(reporting_period::Column::PlanId.eq(plan.id))
            .order_by_asc(reporting_period::Column::DueAt)
            .order_by_asc(reporting_period::Column::Id)
            .all(db)
            .await?;
        let of_rules = supervision_notice::Entity::find()
            .filter(supervision_notice::Column::PlanId.eq(plan.id))
            .filter(supervision_notice::Column::Rung.is_not_null())
            .all(db)
            .await?;
        let units: Vec<(UnitId, String)> = unit::Entity::find()
            .select_only()
            .columns([unit::Column::Id, unit::Column::Name])
            .into_tuple()
            .all(db)
            .await?;
        Ok(Self {
            plan,
            rules: rules.get(&plan.id).copied().unwrap_or_default(),
            targets,
            grounds,
            periods: periods
                .into_iter()
                .map(|row| Period {
                    id: row.id,
                    label: row.label,
                    due_on: day(row.due_at),
                })
                .collect(),
            units: units.into_iter().collect(),
            taken: of_rules
                .into_iter()
                .filter_map(|row| {
                    let of = (row.period_id, row.due_on);
                    Some((row.target_id, row.unit_id, of.0, of.1, row.rung?))
                })
                .collect(),
        })
    }

    /// The targets that have another state or light on one day than on an earlier one, because of the days alone.
    pub(super) fn changed(
        &self,
        before: NaiveDate,
        on: NaiveDate,
    ) -> impl Iterator<Item = &target::Model> {
        let both = self.targets.iter().zip(&self.grounds);
        both.filter(move |(row, ground)| {
            let standing = progress::standing(&ground.facts, &ground.rules);
            let shown = |day| {
                (
                    standing.state(day),
                    light_on(&standing, overridden(row), day),
                )
            };
            shown(before) != shown(on)
        })
        .map(|(row, _)| row)
    }

    /// Tells of those targets: nobody acted on them, so nobody has told yet.
    pub(super) fn tell_of_lights(
        &self,
        write: &mut Write,
        before: NaiveDate,
        on: NaiveDate,
    ) -> usize {
        let told: Vec<_> = self.changed(before, on).map(changed_standing).collect();
        let count = told.len();
        told.into_iter().for_each(|event| write.tell(event));
        count
    }

    /// The notices that are due and were not issued yet.
    pub(super) fn drafts(&self, on: NaiveDate) -> Vec<Draft<'_>> {
        let mut drafts = Vec::new();
        for (target, ground) in self.targets.iter().zip(&self.grounds) {
            let swept = Swept {
                number: target.number,
                facts: &ground.facts,
                names: &ground.names,
                rules: &ground.rules,
                leads: &ground.leads,
                periods: &self.periods,
                unreported: &ground.unreported,
            };
            let due = sweep::due(&swept, &self.rules.ladder, on).into_iter();
            let fresh = due.filter(|due| {
                let rung = (target.id, due.unit, due.period, due.due_on, due.rung);
                !self.taken.contains(&rung)
            });
            drafts.extend(fresh.map(|due| Draft { target, due }));
        }
        drafts
    }

    /// The notices, to be read.
    pub(super) fn in_words(&self, drafts: &[Draft<'_>]) -> Vec<SweptNotice> {
        let period = |id| self.periods.iter().find(|period| period.id == id);
        drafts
            .iter()
            .map(|Draft { target, due }| SweptNotice {
                year: self.plan.year,
                number: target.number,
                unit: self.units.get(&due.unit).cloned().unwrap_or_default(),
                colour: due.colour,
                rung: due.rung,
                period: due
                    .period
                    .and_then(period)
                    .map(|period| period.label.clone()),
                body: due.body.clone(),
            })
            .collect()
    }

    /// Issues the notices, and counts anew how their targets stand.
    pub(super) async fn issue(
        &self,
        write: &mut Write,
        store: &Store,
        drafts: &[Draft<'_>],
        today: NaiveDate,
    ) -> Result<Vec<Entry>> {
        let days = u32::try_from(self.rules.ladder.reply_days).unwrap_or(1);
        let reply_due_on = store.inner.calendar.add_working_days(today, days);
        let mut entries = Vec::with_capacity(drafts.len());
        for part in drafts.chunks(ROWS) {
            let rows = part
                .iter()
                .map(|Draft { target, due }| supervision_notice::ActiveModel {
                    id: NotSet,
                    plan_id: Set(self.plan.id),
                    target_id: Set(target.id),
                    unit_id: Set(due.unit),
                    colour: Set(due.colour),
                    body: Set(due.body.clone()),
                    reply_due_on: Set(reply_due_on),
                    status: Set(NoticeStatus::Open),
                    issued_at: Set(store.now()),
                    issued_by_id: Set(None),
                    rung: Set(Some(due.rung)),
                    period_id: Set(due.period),
                    due_on: Set(due.due_on),
                    answer: Set(None),
                    answered_at: Set(None),
                    answered_by_id: Set(None),
                    withdraw_reason: Set(None),
                    withdrawn_at: Set(None),
                    withdrawn_by_id: Set(None),
                });
            let issued = supervision_notice::Entity::insert_many(rows)
                .exec_with_returning(write.db())
                .await?;
            entries.extend(issued.iter().map(|row| {
                let changes =
                    json!({ "unitId": row.unit_id, "colour": row.colour, "rung": row.rung });
                Entry::of(row, Act::IssueByRule, EventType::NoticeIssued, changes)
            }));
        }
        let red: Vec<TargetId> = drafts
            .iter()
            .filter(|draft| draft.due.colour == NoticeColour::Red)
            .map(|draft| draft.target.id)
            .collect();
        standing::recompute(write, &red, store.now()).await?;
        Ok(entries)
    }
}

/// Rows of one INSERT.
const ROWS: usize = 200;
