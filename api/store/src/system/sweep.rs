//! The daily sweep (每日巡查): notices that are due by rule, and the lights that the day itself changes.
//!
//! It can run as often as it likes, on any number of servers: a rung is taken once for a target, a unit and a period, which
//! the database sees to, and of two sweeps at once the second waits for the first.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, NaiveDate, Utc};
use domain::{
    clock::day,
    progress::light_on,
    sweep::{self, Due, Period, Swept},
};
use entity::{
    ids::{PlanId, ReportingPeriodId, SupervisionNoticeId, TargetId, UnitId},
    kinds::{Audience, EventType, NoticeColour, NoticeRung, NoticeStatus, PlanStatus},
    plan, reporting_period, supervision_notice, sweep_run, target, unit,
};
use sea_orm::{
    ActiveValue::NotSet,
    ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Set,
    sea_query::{Expr, ExprTrait, OnConflict},
};
use serde_json::json;

use super::System;
use crate::{
    Result, Store,
    rules::{PlanRules, rules},
    standing::{self, changed_standing, gather, overridden},
    write::{Act, Entry, Told, Write},
};

/// How a day is swept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sweep {
    /// Only if nobody has swept the day yet.
    Daily,
    /// Again, too: what is due by now and was not yet is issued.
    OnDemand,
    /// Nothing is changed.
    DryRun,
}

/// What a sweep came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sweeping {
    /// The day was swept before, and was left alone ([`Sweep::Daily`]).
    pub done_before: bool,
    /// The notices that it issued, or would issue.
    pub notices: Vec<SweptNotice>,
    /// How many targets have another state or light on this day than on the day before.
    pub changed: usize,
}

/// A notice that a sweep issued, or would issue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SweptNotice {
    /// The plan's year.
    pub year: i32,
    /// The target's number.
    pub number: i32,
    /// The unit's name.
    pub unit: String,
    /// The colour.
    pub colour: NoticeColour,
    /// By which rule.
    pub rung: NoticeRung,
    /// The period's name, where the rule speaks of one.
    pub period: Option<String>,
}

/// What makes a notice by rule the same as another.
type Rung = (TargetId, UnitId, Option<ReportingPeriodId>, NoticeRung);

impl System {
    /// Sweeps a day: all plans in force, in one transaction.
    ///
    /// # Errors
    /// The database failed.
    pub async fn sweep(&self, on: NaiveDate, how: Sweep) -> Result<Sweeping> {
        let mut write = Write::of_system(&self.store, None).await?;
        let fresh = claim(&write, on, self.store.now()).await?;
        if !fresh && how == Sweep::Daily {
            return Ok(Sweeping {
                done_before: true,
                notices: Vec::new(),
                changed: 0,
            });
        }
        let mut sweeping = Sweeping {
            done_before: !fresh,
            notices: Vec::new(),
            changed: 0,
        };
        let mut entries = Vec::new();
        let plans = plan::Entity::find()
            .filter(plan::Column::Status.eq(PlanStatus::Published))
            .order_by_asc(plan::Column::Year)
            .all(write.db())
            .await?;
        for plan in &plans {
            // What depends on time alone is right already; what went wrong elsewhere is mended.
            standing::recompute_plan(&mut write, plan.id, self.store.now()).await?;
            let swept = PlanSweep::read(&write, plan).await?;
            if fresh {
                sweeping.changed += swept.tell_of_lights(&mut write, on);
            }
            let drafts = swept.drafts(on);
            sweeping.notices.extend(swept.in_words(&drafts));
            if how != Sweep::DryRun {
                entries.extend(swept.issue(&mut write, &self.store, &drafts, on).await?);
            }
        }
        if how == Sweep::DryRun {
            // Dropped, the transaction leaves nothing.
            return Ok(sweeping);
        }
        let issued = i32::try_from(sweeping.notices.len()).unwrap_or(i32::MAX);
        sweep_run::Entity::update_many()
            .col_expr(sweep_run::Column::SweptAt, Expr::value(self.store.now()))
            .col_expr(
                sweep_run::Column::Notices,
                Expr::col(sweep_run::Column::Notices).add(issued),
            )
            .filter(sweep_run::Column::Day.eq(on))
            .exec(write.db())
            .await?;
        entries.push(Entry {
            act: Act::Sweep,
            object: "Sweep",
            id: None,
            changes: json!({ "on": on, "notices": issued, "changed": sweeping.changed }),
            event: None,
        });
        write.commit(entries).await?;
        Ok(sweeping)
    }
}

/// Whether nobody has swept the day yet. Whoever sweeps it at the same moment is waited for.
async fn claim(write: &Write, on: NaiveDate, now: DateTime<Utc>) -> Result<bool> {
    let fresh = sweep_run::Entity::insert(sweep_run::ActiveModel {
        day: Set(on),
        swept_at: Set(now),
        notices: Set(0),
    })
    .on_conflict(
        OnConflict::column(sweep_run::Column::Day)
            .do_nothing()
            .to_owned(),
    )
    .exec_without_returning(write.db())
    .await?;
    sweep_run::Entity::find_by_id(on)
        .lock_exclusive()
        .one(write.db())
        .await?;
    Ok(fresh > 0)
}

/// A plan on the day of a sweep.
struct PlanSweep<'p> {
    plan: &'p plan::Model,
    rules: PlanRules,
    targets: Vec<target::Model>,
    grounds: Vec<standing::Ground>,
    periods: Vec<Period>,
    units: HashMap<UnitId, String>,
    taken: HashSet<Rung>,
}

/// A notice to be issued about a target.
struct Draft<'s> {
    target: &'s target::Model,
    due: Due,
}

impl<'p> PlanSweep<'p> {
    async fn read(write: &Write, plan: &'p plan::Model) -> Result<Self> {
        let db = write.db();
        let rules = rules(db, [plan.id]).await?;
        let targets = target::Entity::find()
            .filter(target::Column::PlanId.eq(plan.id))
            .order_by_asc(target::Column::Number)
            .all(db)
            .await?;
        let grounds = gather(db, &targets).await?;
        let periods = reporting_period::Entity::find()
            .filter(reporting_period::Column::PlanId.eq(plan.id))
            .order_by_asc(reporting_period::Column::EndsOn)
            .all(db)
            .await?;
        let of_rules = supervision_notice::Entity::find()
            .filter(supervision_notice::Column::PlanId.eq(plan.id))
            .filter(supervision_notice::Column::Rung.is_not_null())
            .all(db)
            .await?;
        let units = unit::Entity::find().all(db).await?;
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
            units: units.into_iter().map(|row| (row.id, row.name)).collect(),
            taken: of_rules
                .into_iter()
                .filter_map(|row| Some((row.target_id, row.unit_id, row.period_id, row.rung?)))
                .collect(),
        })
    }

    /// Tells of the targets that have another state or light today than yesterday because of the day alone.
    fn tell_of_lights(&self, write: &mut Write, on: NaiveDate) -> usize {
        let Some(yesterday) = on.pred_opt() else {
            return 0;
        };
        let shown = |row: &target::Model, day| {
            let standing = standing::standing(row);
            (
                standing.state(day),
                light_on(&standing, overridden(row), day),
            )
        };
        let changed = self
            .targets
            .iter()
            .filter(|row| shown(row, yesterday) != shown(row, on));
        let changed: Vec<&target::Model> = changed.collect();
        for row in &changed {
            write.tell(changed_standing(row));
        }
        changed.len()
    }

    /// The notices that are due and were not issued yet.
    fn drafts(&self, on: NaiveDate) -> Vec<Draft<'_>> {
        let mut drafts = Vec::new();
        for (target, ground) in self.targets.iter().zip(&self.grounds) {
            let swept = Swept {
                number: target.number,
                facts: &ground.facts,
                rules: &ground.rules,
                leads: &ground.leads,
                periods: &self.periods,
                unreported: &ground.unreported,
            };
            let due = sweep::due(&swept, &self.rules.ladder, on).into_iter();
            let fresh = due.filter(|due| {
                let rung = (target.id, due.unit, due.period, due.rung);
                !self.taken.contains(&rung)
            });
            drafts.extend(fresh.map(|due| Draft { target, due }));
        }
        drafts
    }

    fn in_words(&self, drafts: &[Draft<'_>]) -> Vec<SweptNotice> {
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
            })
            .collect()
    }

    /// Issues the notices, and counts anew how their targets stand.
    async fn issue(
        &self,
        write: &mut Write,
        store: &Store,
        drafts: &[Draft<'_>],
        on: NaiveDate,
    ) -> Result<Vec<Entry>> {
        let days = u32::try_from(self.rules.ladder.reply_days).unwrap_or(1);
        let reply_due_on = store.inner.calendar.add_working_days(on, days);
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
                entry(
                    self.plan.id,
                    row.target_id,
                    row.unit_id,
                    row.id,
                    row.colour,
                    row.rung,
                )
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

fn entry(
    plan: PlanId,
    target: TargetId,
    unit: UnitId,
    id: SupervisionNoticeId,
    colour: NoticeColour,
    rung: Option<NoticeRung>,
) -> Entry {
    Entry {
        act: Act::IssueByRule,
        object: "SupervisionNotice",
        id: Some(id.0),
        changes: json!({ "unitId": unit, "colour": colour, "rung": rung }),
        event: Some(Told {
            kind: EventType::NoticeIssued,
            plan,
            target: Some(target),
            unit: Some(unit),
            audience: Audience::Parties,
            about: Some(("SupervisionNotice", id.0)),
        }),
    }
}
