//! Merging a unit into another: what is open goes on under the other one, what is over stays. A target that was over then, and is
//! opened again, catches up.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use domain::{Action, target::Part};
use entity::{
    assignment, attachment, dispute,
    ids::{AssignmentId, TargetId, UnitId, UserId},
    kinds::{AssignmentRole, DisputeStatus, NoticeStatus, PlanStatus, RequestStatus},
    lock_exception, milestone, plan, progress_report, report_version, role_grant,
    supervision_notice, target, target_request, unit, unit_alias, unit_group_member, user,
};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect, QueryTrait, Set, Unchanged,
    sea_query::{Condition, Expr, ExprTrait, LockType},
};

use crate::{
    Fault, Result, listed,
    read::{grants::not_over, target_facts::part},
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
    pub(super) notices: usize,
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

    /// The act by which something of a target ends.
    fn leaving(self, write: &Write, target: TargetId) -> Leaving<'_> {
        Leaving {
            write,
            target,
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

/// What is open on targets, which are locked, goes on under the other unit.
async fn go_on(write: &Write, targets: &[TargetId], merger: Merger) -> Result<Moved> {
    let Merger { from, into, .. } = merger;
    let mut parts = responsibilities(write, targets, merger).await?;
    let reports = reports(write, targets, from, into).await?;
    let requests = requests(write, targets, from, into).await?;
    let notices = notices(write, targets, merger, &mut parts.ended).await?;
    // After what goes on has gone: the rest is of those who have no part any more.
    for (target, before) in parts.acted {
        let after = assignments_of(write, target).await?;
        let after: Vec<Part> = after.iter().map(part).collect();
        let leaving = merger.leaving(write, target);
        parts.ended.extend(leaving.end_open(&before, &after).await?);
    }
    Ok(Moved {
        assignments: parts.moved,
        reports,
        requests,
        notices,
        ended: parts.ended,
    })
}

/// Its places in groups, where the other unit has none.
async fn memberships(write: &Write, from: UnitId, into: UnitId) -> Result<(), Fault> {
    let of = |unit: UnitId| {
        unit_group_member::Entity::find().filter(unit_group_member::Column::UnitId.eq(unit))
    };
    let theirs = of(into).all(write.db()).await?;
    for row in of(from).all(write.db()).await? {
        unit_group_member::Entity::delete_by_id((row.group_id, from))
            .exec(write.db())
            .await?;
        if !theirs.iter().any(|other| other.group_id == row.group_id) {
            let row = unit_group_member::ActiveModel {
                group_id: Set(row.group_id),
                unit_id: Set(into),
                ordinal: Set(row.ordinal),
            };
            unit_group_member::Entity::insert(row)
                .exec_without_returning(write.db())
                .await?;
        }
    }
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

/// What came of the assignments.
#[derive(Default)]
struct Parts {
    moved: usize,
    ended: Vec<Entry>,
    /// Targets on which an assignment is gone for which another unit acted, with the parts that there were, the other unit's name on
    /// them.
    acted: Vec<(TargetId, Vec<Part>)>,
}

/// Assignments go to the other unit. Where both are assigned, the other's assignment stays, and leads if either did, since whoever
/// led first did: a report of a period for which the other has one, too, stays where it is.
async fn responsibilities(write: &Write, targets: &[TargetId], merger: Merger) -> Result<Parts> {
    let Merger { from, into, .. } = merger;
    let rows = assignment::Entity::find()
        .filter(assignment::Column::TargetId.is_in(targets.iter().copied()))
        .order_by_asc(assignment::Column::Id)
        // All of them in one order, before any of them changes: whoever acknowledges several does so, too.
        .lock(LockType::NoKeyUpdate)
        .all(write.db())
        .await?;
    let theirs: HashMap<TargetId, &assignment::Model> = rows
        .iter()
        .filter(|row| row.unit_id == into)
        .map(|row| (row.target_id, row))
        .collect();
    let mut parts = Parts::default();
    for row in &rows {
        let concerned = row.unit_id == from || row.acting_unit_id == Some(from);
        if !concerned {
            continue;
        }
        parts.moved += 1;
        let kept = theirs.get(&row.target_id).filter(|_| row.unit_id == from);
        let Some(kept) = kept else {
            let part = merger.renamed(part(row));
            // These columns alone: what was said about an assignment may have changed others.
            let moved = assignment::ActiveModel {
                id: Unchanged(row.id),
                unit_id: Set(part.unit),
                acting_unit_id: Set(part.acting_unit),
                ..Default::default()
            };
            assignment::Entity::update(moved).exec(write.db()).await?;
            continue;
        };
        parts
            .ended
            .extend(disputes(write, row, kept.id, merger).await?);
        assignment::Entity::delete_by_id(row.id)
            .exec(write.db())
            .await?;
        if row.role == AssignmentRole::Lead {
            // Where both lead, since the first of them did: from the plan's publication on where no moment is kept.
            let since = match kept.role {
                AssignmentRole::Lead => Ord::min(row.assigned_at, kept.assigned_at),
                _ => row.assigned_at,
            };
            let leads = assignment::ActiveModel {
                id: Unchanged(kept.id),
                role: Set(AssignmentRole::Lead),
                assigned_at: Set(since),
                ..Default::default()
            };
            assignment::Entity::update(leads).exec(write.db()).await?;
        }
        if row.acting_unit_id.is_some() {
            let of_target = rows.iter().filter(|other| other.target_id == row.target_id);
            let before = of_target.map(|row| merger.renamed(part(row))).collect();
            parts.acted.push((row.target_id, before));
        }
    }
    // What was decided keeps the name of the unit that objected.
    dispute::Entity::update_many()
        .col_expr(dispute::Column::UnitId, Expr::value(into))
        .filter(dispute::Column::TargetId.is_in(targets.iter().copied()))
        .filter(dispute::Column::UnitId.eq(from))
        .filter(dispute::Column::Status.eq(DisputeStatus::Open))
        .exec(write.db())
        .await?;
    milestone::Entity::update_many()
        .col_expr(milestone::Column::UnitId, Expr::value(into))
        .filter(milestone::Column::TargetId.is_in(targets.iter().copied()))
        .filter(milestone::Column::UnitId.eq(from))
        .exec(write.db())
        .await?;
    Ok(parts)
}

/// What waits for the supervision office's decision is asked for by the other unit from now on.
async fn requests(
    write: &Write,
    targets: &[TargetId],
    from: UnitId,
    into: UnitId,
) -> Result<u64, Fault> {
    let moved = target_request::Entity::update_many()
        .col_expr(target_request::Column::UnitId, Expr::value(into))
        .filter(target_request::Column::TargetId.is_in(targets.iter().copied()))
        .filter(target_request::Column::UnitId.eq(from))
        .filter(target_request::Column::Status.eq(RequestStatus::Pending))
        .exec(write.db())
        .await?;
    Ok(moved.rows_affected)
}

/// What waits for an answer is answered by the other unit from now on. Where that has the same by rule, one is left.
async fn notices(
    write: &Write,
    targets: &[TargetId],
    merger: Merger,
    ended: &mut Vec<Entry>,
) -> Result<usize> {
    let of = |unit: UnitId| {
        supervision_notice::Entity::find()
            .filter(supervision_notice::Column::TargetId.is_in(targets.iter().copied()))
            .filter(supervision_notice::Column::UnitId.eq(unit))
    };
    let by_rule =
        |row: &supervision_notice::Model| (row.target_id, row.period_id, row.due_on, row.rung);
    let theirs: Vec<_> = of(merger.into).all(write.db()).await?;
    let open = of(merger.from)
        .filter(supervision_notice::Column::Status.eq(NoticeStatus::Open))
        .order_by_asc(supervision_notice::Column::Id);
    let mut moved = 0;
    for row in open.all(write.db()).await? {
        let twice = |other: &supervision_notice::Model| by_rule(other) == by_rule(&row);
        if row.rung.is_some() && theirs.iter().any(twice) {
            let leaving = merger.leaving(write, row.target_id);
            ended.extend(leaving.withdraw(vec![row]).await?);
            continue;
        }
        moved += 1;
        let row = supervision_notice::ActiveModel {
            id: Unchanged(row.id),
            unit_id: Set(merger.into),
            ..Default::default()
        };
        supervision_notice::Entity::update(row)
            .exec(write.db())
            .await?;
    }
    Ok(moved)
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

/// What was said about an assignment that is not kept belongs to the one that is. Of two open disputes the other unit's is
/// left, and whoever merges takes the first one back. Where only the first unit objects, the other's acknowledgement ends:
/// what is disputed is not acknowledged.
async fn disputes(
    write: &Write,
    gone: &assignment::Model,
    kept: AssignmentId,
    merger: Merger,
) -> Result<Vec<Entry>> {
    let open = async |of: AssignmentId| {
        dispute::Entity::find()
            .filter(dispute::Column::AssignmentId.eq(of))
            .filter(dispute::Column::Status.eq(DisputeStatus::Open))
            .one(write.db())
            .await
    };
    let mut ended = Vec::new();
    if let Some(theirs) = open(gone.id).await? {
        if open(kept).await?.is_none() {
            let kept = assignment::ActiveModel {
                id: Unchanged(kept),
                acknowledged_at: Set(None),
                acknowledged_by_id: Set(None),
                ..Default::default()
            };
            assignment::Entity::update(kept).exec(write.db()).await?;
        } else {
            let leaving = merger.leaving(write, gone.target_id);
            ended = leaving.withdraw(vec![theirs]).await?;
        }
    }
    dispute::Entity::update_many()
        .col_expr(dispute::Column::AssignmentId, Expr::value(kept))
        .filter(dispute::Column::AssignmentId.eq(gone.id))
        .exec(write.db())
        .await?;
    Ok(ended)
}

async fn reports(
    write: &Write,
    targets: &[TargetId],
    from: UnitId,
    into: UnitId,
) -> Result<u64, Fault> {
    let rows = progress_report::Entity::find()
        .filter(progress_report::Column::TargetId.is_in(targets.iter().copied()))
        .filter(progress_report::Column::UnitId.is_in([from, into]))
        .all(write.db())
        .await?;
    let taken: HashSet<_> = rows
        .iter()
        .filter(|row| row.unit_id == into)
        .map(|row| (row.target_id, row.period_id))
        .collect();
    let free: Vec<_> = rows
        .iter()
        .filter(|row| row.unit_id == from && !taken.contains(&(row.target_id, row.period_id)))
        .map(|row| row.id)
        .collect();
    let moved = progress_report::Entity::update_many()
        .col_expr(progress_report::Column::UnitId, Expr::value(into))
        .filter(progress_report::Column::Id.is_in(free.iter().copied()))
        .exec(write.db())
        .await?
        .rows_affected;
    report_version::Entity::update_many()
        .col_expr(report_version::Column::UnitId, Expr::value(into))
        .filter(report_version::Column::ReportId.is_in(free.iter().copied()))
        .exec(write.db())
        .await?;
    // Their evidence, and what waits to be attached.
    let waiting = attachment::Column::ReportId
        .is_null()
        .and(attachment::Column::RequestId.is_null());
    attachment::Entity::update_many()
        .col_expr(attachment::Column::UnitId, Expr::value(into))
        .filter(attachment::Column::TargetId.is_in(targets.iter().copied()))
        .filter(attachment::Column::UnitId.eq(from))
        .filter(attachment::Column::ReportId.is_in(free).or(waiting))
        .exec(write.db())
        .await?;
    Ok(moved)
}
