//! Merging a unit into another: what is open goes on under the other one, what is over stays. A target that was over then, and is
//! opened again, catches up.

mod going_on;

use chrono::{DateTime, Utc};
use domain::{Action, target::Part};
use entity::{
    assignment,
    ids::{TargetId, UnitGroupId, UnitId, UserId},
    kinds::PlanStatus,
    lock_exception, plan, role_grant, target, unit, unit_alias, unit_group_member, user,
};
use going_on::go_on;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect, QueryTrait,
    sea_query::{Condition, Expr, LockType},
};

use crate::{
    Fault, Result, listed,
    read::grants::not_over,
    search, standing,
    write::{Entry, Write},
};

use super::{
    assignments_of, count_change,
    leaving::Leaving,
    plan_year,
    units::{add_alias, repoint},
};

/// Why a notice ends that the other unit has, too, or whose unit has no part any more.
const MERGED: &str = "单位已合并";

/// What came of a merger.
pub(super) struct Merged {
    pub(super) moved: Moved,
    pub(super) lock_exceptions: u64,
    pub(super) accounts: u64,
    pub(super) grants: u64,
}

/// How much of each went on under the other unit on targets, and what did not.
#[derive(Default)]
pub(super) struct Moved {
    pub(super) assignments: usize,
    pub(super) reports: u64,
    pub(super) requests: u64,
    pub(super) notices: u64,
    /// What ended, for the audit log and for those who hear of it.
    pub(super) ended: Vec<Entry>,
}

/// Which unit is merged into which; by which act of whom it counts, and when.
#[derive(Clone, Copy)]
struct Merger {
    from: UnitId,
    into: UnitId,
    action: Action,
    by: UserId,
    now: DateTime<Utc>,
}

impl Merger {
    /// The part as it is after the merger, wherever it stands.
    fn renamed(self, part: Part) -> Part {
        let other = |unit: UnitId| if unit == self.from { self.into } else { unit };
        let unit = other(part.unit);
        Part {
            unit,
            // Nobody acts for themselves.
            acting_unit: part.acting_unit.map(other).filter(|acting| *acting != unit),
            ..part
        }
    }

    /// The act by which something ends.
    fn leaving(self, write: &Write) -> Leaving<'_> {
        Leaving {
            write,
            action: self.action,
            by: self.by,
            at: self.now,
            reason: MERGED,
            reason_for_leads: MERGED,
        }
    }
}

/// Locks the accounts of a unit before the unit: whoever gives an account a unit, or a grant for one, locks both in this order.
pub(super) async fn lock_accounts(write: &Write, unit: UnitId) -> Result<(), Fault> {
    user::Entity::find()
        .filter(user::Column::UnitId.eq(unit))
        .order_by_asc(user::Column::Id)
        .lock(LockType::NoKeyUpdate)
        .all(write.db())
        .await?;
    Ok(())
}

pub(super) async fn merge(
    write: &mut Write,
    from: &unit::Model,
    into: &unit::Model,
    by: UserId,
    now: DateTime<Utc>,
) -> Result<Merged> {
    // What was merged into it before is merged into the other, too: one step leads to the unit that there is.
    repoint::<unit::Entity>(write, unit::Column::MergedIntoId, from.id, into.id).await?;
    let mut merged = from.clone();
    merged.merged_into_id = Some(into.id);
    merged
        .into_active_model()
        .reset_all()
        .update(write.db())
        .await?;
    repoint::<unit_alias::Entity>(write, unit_alias::Column::UnitId, from.id, into.id).await?;
    add_alias(write, into.id, &from.name).await?;
    memberships(write, from.id, into.id).await?;
    if from.listed && !into.listed {
        listed::list_units(write.db(), [into.id]).await?;
    }
    let accounts = repoint::<user::Entity>(write, user::Column::UnitId, from.id, into.id).await?;
    let grants = role_grant::Entity::update_many()
        .col_expr(role_grant::Column::UnitId, Expr::value(into.id))
        .filter(role_grant::Column::UnitId.eq(from.id))
        .filter(not_over(now))
        .exec(write.db())
        .await?
        .rows_affected;
    let targets = open_targets_of(write, from.id).await?;
    let merger = Merger {
        from: from.id,
        into: into.id,
        action: Action::MergeUnits,
        by,
        now,
    };
    let moved = go_on(write, &targets, merger).await?;
    let lock_exceptions = lock_exceptions(write, merger).await?;
    count_change(write, targets.iter().copied(), now).await?;
    search::index(write.db(), &targets).await?;
    standing::recompute(write, &targets, now).await?;
    Ok(Merged {
        moved,
        lock_exceptions,
        accounts,
        grants,
    })
}

/// A target that is open again, and locked: what is open on it of units that were merged meanwhile goes on as it would have done
/// then. Who they are stays as it is, for the register is locked. The caller counts the target's change and its standing anew.
pub(super) async fn catch_up(
    write: &Write,
    target: TargetId,
    by: UserId,
    now: DateTime<Utc>,
) -> Result<Moved> {
    let parts = assignments_of(write, target).await?;
    let units = parts
        .iter()
        .flat_map(|row| [Some(row.unit_id), row.acting_unit_id])
        .flatten();
    let merged = unit::Entity::find()
        .filter(unit::Column::Id.is_in(units))
        .order_by_asc(unit::Column::Id)
        .all(write.db())
        .await?;
    let mut all = Moved::default();
    for unit in merged {
        let Some(into) = unit.merged_into_id else {
            continue;
        };
        let merger = Merger {
            from: unit.id,
            into,
            action: Action::ReopenTarget,
            by,
            now,
        };
        let moved = go_on(write, &[target], merger).await?;
        all.assignments += moved.assignments;
        all.reports += moved.reports;
        all.requests += moved.requests;
        all.notices += moved.notices;
        all.ended.extend(moved.ended);
    }
    if all.assignments > 0 {
        search::index(write.db(), &[target]).await?;
    }
    Ok(all)
}

/// Its places in groups, where the other unit has none.
async fn memberships(write: &Write, from: UnitId, into: UnitId) -> Result<(), Fault> {
    use unit_group_member::Column::{GroupId, UnitId};
    let theirs: Vec<UnitGroupId> = unit_group_member::Entity::find()
        .select_only()
        .column(GroupId)
        .filter(UnitId.eq(into))
        .into_tuple()
        .all(write.db())
        .await?;
    unit_group_member::Entity::delete_many()
        .filter(UnitId.eq(from))
        .filter(GroupId.is_in(theirs))
        .exec(write.db())
        .await?;
    repoint::<unit_group_member::Entity>(write, UnitId, from, into).await?;
    Ok(())
}

/// The targets to which units are assigned, or for which they act.
pub(super) async fn targets_of(write: &Write, units: &[UnitId]) -> Result<Vec<TargetId>, Fault> {
    let theirs = Condition::any()
        .add(assignment::Column::UnitId.is_in(units.iter().copied()))
        .add(assignment::Column::ActingUnitId.is_in(units.iter().copied()));
    Ok(assignment::Entity::find()
        .select_only()
        .column(assignment::Column::TargetId)
        .distinct()
        .filter(theirs)
        .into_tuple()
        .all(write.db())
        .await?)
}

/// Those of them that are open: not closed, and of a plan that is not archived. Locked, in the order in which a sweep locks them.
async fn open_targets_of(write: &Write, unit: UnitId) -> Result<Vec<TargetId>, Fault> {
    let all = targets_of(write, &[unit]).await?;
    let archived = plan::Entity::find()
        .select_only()
        .column(plan::Column::Id)
        .filter(plan::Column::Status.eq(PlanStatus::Archived))
        .into_query();
    Ok(target::Entity::find()
        .select_only()
        .column(target::Column::Id)
        .filter(target::Column::Id.is_in(all))
        .filter(target::Column::ClosedAt.is_null())
        .filter(target::Column::CancelledAt.is_null())
        .filter(target::Column::PlanId.not_in_subquery(archived))
        .order_by_asc(plan_year())
        .order_by_asc(target::Column::Id)
        .lock(LockType::NoKeyUpdate)
        .into_tuple()
        .all(write.db())
        .await?)
}

/// Periods that are open again for it are so for the other unit. Where that has the same, the later moment counts, as it always does.
async fn lock_exceptions(write: &Write, merger: Merger) -> Result<u64, Fault> {
    let moved = lock_exception::Entity::update_many()
        .col_expr(lock_exception::Column::UnitId, Expr::value(merger.into))
        .filter(lock_exception::Column::UnitId.eq(merger.from))
        .filter(lock_exception::Column::UntilAt.gt(merger.now))
        .exec(write.db())
        .await?;
    Ok(moved.rows_affected)
}
