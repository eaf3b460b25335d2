//! How targets stand (domain.md §6): facts from the tables, the rule of `domain::progress`, and what follows from it in
//! the targets' own columns, so that lists and filters read state and light like any other column.

mod facts;

use chrono::{DateTime, NaiveDate, Utc};
use domain::progress::{self, Light, Override, Standing};
use entity::{
    ids::{PlanId, TargetId},
    kinds::{Audience, EventType, TargetState},
    target,
};
use sea_orm::{
    ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Set, Unchanged,
    sea_query::{CaseStatement, Condition, Expr, ExprTrait, LockType, SimpleExpr},
};

use crate::{
    Call, Fault, Result, Seen, TargetKey,
    write::{Told, Write},
};

pub use facts::Ground;
pub(crate) use facts::gather;

impl Seen<target::Model> {
    /// State and light of every day, as things stand.
    pub fn standing(&self) -> Standing {
        standing(self)
    }

    /// The light that the supervision office has set by hand; it may have run out.
    pub fn overridden(&self) -> Option<Override> {
        overridden(self)
    }
}

fn standing(row: &target::Model) -> Standing {
    Standing {
        settled: row.settled_state,
        percent: row.percent_complete,
        on_schedule_from: row.on_schedule_from,
        behind_from: row.behind_from,
        yellow_from: row.yellow_from,
        red_from: row.red_from,
    }
}

pub(crate) fn overridden(row: &target::Model) -> Option<Override> {
    let light = row.light_override?;
    let until = row.light_override_until?;
    Some(Override { light, until })
}

/// `Standing::state` in SQL.
pub(crate) fn has_state(state: TargetState, day: NaiveDate) -> Condition {
    use target::Column::{BehindFrom, OnScheduleFrom, SettledState};
    let measured = || Condition::all().add(SettledState.is_null());
    let not_yet = |column: target::Column| column.is_null().or(column.gt(day));
    match state {
        TargetState::Completed | TargetState::Other | TargetState::NotStarted => {
            Condition::all().add(SettledState.eq(state))
        }
        TargetState::Behind => measured().add(BehindFrom.lte(day)),
        TargetState::OnSchedule => measured()
            .add(not_yet(BehindFrom))
            .add(OnScheduleFrom.lte(day)),
        TargetState::Ahead => measured()
            .add(not_yet(BehindFrom))
            .add(not_yet(OnScheduleFrom)),
    }
}

/// The state on a day, as a word.
pub(crate) fn state_in_sql(day: NaiveDate) -> SimpleExpr {
    use target::Column::{BehindFrom, OnScheduleFrom, SettledState};
    let settled = Expr::col((target::Entity, SettledState));
    SimpleExpr::Case(Box::new(
        CaseStatement::new()
            .case(settled.clone().is_not_null(), settled)
            .case(BehindFrom.lte(day), TargetState::Behind.as_str())
            .case(OnScheduleFrom.lte(day), TargetState::OnSchedule.as_str())
            .finally(TargetState::Ahead.as_str()),
    ))
}

/// The state on a day, as a word, as the assessment has it: whatever was put off is behind from the day after its first
/// due date on (domain.md §8).
pub(crate) fn assessed_state_in_sql(day: NaiveDate) -> SimpleExpr {
    use target::Column::{OriginalDueOn, SettledState};
    let settled = Expr::col((target::Entity, SettledState));
    SimpleExpr::Case(Box::new(
        CaseStatement::new()
            .case(settled.clone().is_not_null(), settled)
            .case(OriginalDueOn.lt(day), TargetState::Behind.as_str())
            .finally(state_in_sql(day)),
    ))
}

/// `progress::light_on` in SQL.
pub(crate) fn has_light(light: Light, day: NaiveDate) -> SimpleExpr {
    light_in_sql(day).eq(light.as_str())
}

/// The light on a day, as a word.
pub(crate) fn light_in_sql(day: NaiveDate) -> SimpleExpr {
    use target::Column::{LightOverride, LightOverrideUntil, RedFrom, YellowFrom};
    SimpleExpr::Case(Box::new(
        CaseStatement::new()
            .case(
                LightOverrideUntil.gte(day),
                Expr::col((target::Entity, LightOverride)),
            )
            .case(RedFrom.lte(day), Light::Red.as_str())
            .case(YellowFrom.lte(day), Light::Yellow.as_str())
            .finally(Light::Green.as_str()),
    ))
}

impl Call {
    /// What the standing of seen targets rests on, in a fixed number of statements.
    pub async fn grounds(&self, keys: &[TargetKey]) -> Result<Vec<(TargetKey, Ground)>> {
        let ids = keys.iter().map(|key| key.id());
        let rows = target::Entity::find()
            .filter(target::Column::Id.is_in(ids))
            .all(&self.reader())
            .await?;
        let grounds = facts::gather(&self.reader(), &rows).await?;
        let of_row = rows.into_iter().zip(grounds);
        Ok(of_row
            .map(|(row, ground)| (Seen(row).key(), ground))
            .collect())
    }
}

/// Computes anew how targets stand, after something changed on which that depends; tells of those whose state, light or
/// progress of today is another one.
pub(crate) async fn recompute(
    write: &mut Write,
    targets: &[TargetId],
    now: DateTime<Utc>,
) -> Result<(), Fault> {
    // Locked before the facts are read: of two at once, the second counts what the first changed. Not as strongly as by
    // `lock_exclusive`, for which rows that name the target and are not committed yet would have to be waited for.
    let rows = target::Entity::find()
        .filter(target::Column::Id.is_in(targets.iter().copied()))
        .order_by_asc(target::Column::Id)
        .lock(LockType::NoKeyUpdate)
        .all(write.db())
        .await?;
    let grounds = facts::gather(write.db(), &rows).await?;
    let today = domain::clock::day(now);
    for (row, ground) in rows.into_iter().zip(grounds) {
        let before = standing(&row);
        let after = progress::standing(&ground.facts, &ground.rules);
        let override_before = overridden(&row);
        if before == after {
            continue;
        }
        let shown = |standing: &Standing| {
            (
                standing.state(today),
                progress::light_on(standing, override_before, today),
                standing.percent,
            )
        };
        let changed = shown(&before) != shown(&after);
        let mut change = target::ActiveModel {
            id: Unchanged(row.id),
            settled_state: Set(after.settled),
            percent_complete: Set(after.percent),
            on_schedule_from: Set(after.on_schedule_from),
            behind_from: Set(after.behind_from),
            yellow_from: Set(after.yellow_from),
            red_from: Set(after.red_from),
            ..Default::default()
        };
        if changed {
            change.version = Set(row.version + 1);
            change.updated_at = Set(now);
            write.tell(changed_standing(&row));
        }
        target::Entity::update(change).exec(write.db()).await?;
    }
    Ok(())
}

/// As [`recompute`], of all targets of a plan.
pub(crate) async fn recompute_plan(
    write: &mut Write,
    plan: PlanId,
    now: DateTime<Utc>,
) -> Result<(), Fault> {
    let targets: Vec<TargetId> = target::Entity::find()
        .select_only()
        .column(target::Column::Id)
        .filter(target::Column::PlanId.eq(plan))
        .into_tuple()
        .all(write.db())
        .await?;
    recompute(write, &targets, now).await
}

/// The event that a target's state, light or progress is another one.
pub(crate) fn changed_standing(row: &target::Model) -> Told {
    Told {
        kind: EventType::TargetStandingChanged,
        plan: row.plan_id,
        target: Some(row.id),
        unit: None,
        audience: Audience::Target,
        about: Some(("Target", row.id.0)),
    }
}
