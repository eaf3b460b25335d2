//! Merging a unit into another: what is open goes on under the other one, what is over stays.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use entity::{
    assignment, attachment, dispute,
    ids::{AssignmentId, TargetId, UnitId, UserId},
    kinds::{AssignmentRole, DisputeStatus, NoticeStatus, PlanStatus, RequestStatus},
    milestone, plan, progress_report, report_version, role_grant, supervision_notice, target,
    target_request, unit, unit_alias, unit_group_member, user,
};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect, QueryTrait, Set,
    sea_query::{Condition, Expr, ExprTrait, LockType},
};

use crate::{Fault, Result, listed, read::grants::not_over, search, standing, write::Write};

use super::{
    count_change, plan_year,
    units::{add_alias, repoint},
};

/// Why a notice ends that the other unit has, too.
const MERGED: &str = "单位已合并";

/// How much of each went on under the other unit.
pub(super) struct Moved {
    pub(super) assignments: usize,
    pub(super) reports: u64,
    pub(super) accounts: u64,
    pub(super) grants: u64,
}

/// Who merges units, and when.
#[derive(Clone, Copy)]
struct Merger {
    by: Option<UserId>,
    now: DateTime<Utc>,
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
    by: Option<UserId>,
    now: DateTime<Utc>,
) -> Result<Moved> {
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
    let merger = Merger { by, now };
    let (assignments, reports) =
        responsibilities(write, &targets, from.id, into.id, merger).await?;
    requests(write, &targets, from.id, into.id).await?;
    notices(write, &targets, from.id, into.id, merger).await?;
    count_change(write, targets.iter().copied(), now).await?;
    search::index(write.db(), &targets).await?;
    standing::recompute(write, &targets, now).await?;
    Ok(Moved {
        assignments,
        reports,
        accounts,
        grants,
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

/// Assignments and their reports go to the other unit. Where both are assigned, the other's assignment stays, and leads if
/// either did; a report of a period for which the other has one, too, stays where it is.
async fn responsibilities(
    write: &Write,
    targets: &[TargetId],
    from: UnitId,
    into: UnitId,
    merger: Merger,
) -> Result<(usize, u64), Fault> {
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
    let other = |unit: Option<UnitId>| match unit {
        Some(unit) if unit == from => Some(into),
        unit => unit,
    };
    let mut moved = 0;
    let mut leads: HashSet<TargetId> = HashSet::new();
    for row in &rows {
        let concerned = row.unit_id == from || row.acting_unit_id == Some(from);
        if !concerned {
            continue;
        }
        moved += 1;
        if row.unit_id == from && theirs.contains_key(&row.target_id) {
            if row.role == AssignmentRole::Lead {
                leads.insert(row.target_id);
            }
            if let Some(kept) = theirs.get(&row.target_id) {
                disputes(write, row.id, kept.id, merger).await?;
            }
            assignment::Entity::delete_by_id(row.id)
                .exec(write.db())
                .await?;
            continue;
        }
        let mut row = row.clone();
        row.unit_id = other(Some(row.unit_id)).unwrap_or(row.unit_id);
        // Nobody acts for themselves.
        row.acting_unit_id = other(row.acting_unit_id).filter(|acting| *acting != row.unit_id);
        row.into_active_model()
            .reset_all()
            .update(write.db())
            .await?;
    }
    assignment::Entity::update_many()
        .col_expr(
            assignment::Column::Role,
            Expr::value(AssignmentRole::Lead.as_str()),
        )
        .filter(assignment::Column::TargetId.is_in(leads))
        .filter(assignment::Column::UnitId.eq(into))
        .exec(write.db())
        .await?;
    milestone::Entity::update_many()
        .col_expr(milestone::Column::UnitId, Expr::value(into))
        .filter(milestone::Column::TargetId.is_in(targets.iter().copied()))
        .filter(milestone::Column::UnitId.eq(from))
        .exec(write.db())
        .await?;
    Ok((moved, reports(write, targets, from, into).await?))
}

/// What waits for the supervision office's decision is asked for by the other unit from now on.
async fn requests(
    write: &Write,
    targets: &[TargetId],
    from: UnitId,
    into: UnitId,
) -> Result<(), Fault> {
    target_request::Entity::update_many()
        .col_expr(target_request::Column::UnitId, Expr::value(into))
        .filter(target_request::Column::TargetId.is_in(targets.iter().copied()))
        .filter(target_request::Column::UnitId.eq(from))
        .filter(target_request::Column::Status.eq(RequestStatus::Pending))
        .exec(write.db())
        .await?;
    Ok(())
}

/// What waits for an answer is answered by the other unit from now on. Where that has the same by rule, one is left.
async fn notices(
    write: &Write,
    targets: &[TargetId],
    from: UnitId,
    into: UnitId,
    merger: Merger,
) -> Result<(), Fault> {
    let of = |unit: UnitId| {
        supervision_notice::Entity::find()
            .filter(supervision_notice::Column::TargetId.is_in(targets.iter().copied()))
            .filter(supervision_notice::Column::UnitId.eq(unit))
    };
    let by_rule = |row: &supervision_notice::Model| (row.target_id, row.period_id, row.rung);
    let theirs: Vec<_> = of(into).all(write.db()).await?;
    let open = of(from).filter(supervision_notice::Column::Status.eq(NoticeStatus::Open));
    for mut row in open.all(write.db()).await? {
        let twice = |other: &supervision_notice::Model| by_rule(other) == by_rule(&row);
        if row.rung.is_some() && theirs.iter().any(twice) {
            row.status = NoticeStatus::Withdrawn;
            row.withdraw_reason = Some(MERGED.to_owned());
            row.withdrawn_at = Some(merger.now);
            row.withdrawn_by_id = merger.by;
        } else {
            row.unit_id = into;
        }
        row.into_active_model()
            .reset_all()
            .update(write.db())
            .await?;
    }
    Ok(())
}

/// What was said about an assignment that is not kept belongs to the one that is. Of two open disputes the other unit's is
/// left, and whoever merges takes the first one back. Where only the first unit objects, the other's acknowledgement ends:
/// what is disputed is not acknowledged.
async fn disputes(
    write: &Write,
    gone: AssignmentId,
    kept: AssignmentId,
    merger: Merger,
) -> Result<(), Fault> {
    let open = async |of: AssignmentId| {
        dispute::Entity::find()
            .filter(dispute::Column::AssignmentId.eq(of))
            .filter(dispute::Column::Status.eq(DisputeStatus::Open))
            .one(write.db())
            .await
    };
    if let Some(theirs) = open(gone).await? {
        if open(kept).await?.is_none() {
            assignment::Entity::update_many()
                .col_expr(
                    assignment::Column::AcknowledgedAt,
                    Expr::value(None::<DateTime<Utc>>),
                )
                .col_expr(
                    assignment::Column::AcknowledgedById,
                    Expr::value(None::<i64>),
                )
                .filter(assignment::Column::Id.eq(kept))
                .exec(write.db())
                .await?;
        } else if let Some(by) = merger.by {
            let mut theirs = theirs.into_active_model();
            theirs.status = Set(DisputeStatus::Withdrawn);
            theirs.decided_at = Set(Some(merger.now));
            theirs.decided_by_id = Set(Some(by));
            theirs.update(write.db()).await?;
        } else {
            dispute::Entity::delete_by_id(theirs.id)
                .exec(write.db())
                .await?;
        }
    }
    dispute::Entity::update_many()
        .col_expr(dispute::Column::AssignmentId, Expr::value(kept))
        .filter(dispute::Column::AssignmentId.eq(gone))
        .exec(write.db())
        .await?;
    Ok(())
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
