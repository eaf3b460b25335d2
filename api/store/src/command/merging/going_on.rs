//! What is open on targets goes on under the unit into which another is merged: assignments and what was said about them, reports with
//! their evidence, requests, notices. What that unit has already, it keeps, and the other's ends.

use std::collections::{HashMap, HashSet};

use domain::target::Part;
use entity::{
    assignment, attachment, dispute,
    ids::{AssignmentId, TargetId, UnitId},
    kinds::{AssignmentRole, DisputeStatus, NoticeStatus, RequestStatus},
    milestone, progress_report, report_version, supervision_notice, target_request,
};
use sea_orm::{
    ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Set,
    sea_query::{Expr, ExprTrait, Func, LockType, Query, SimpleExpr},
};

use super::{Merger, Moved};
use crate::{
    Fault, Result,
    command::assignments_of,
    page::by,
    read::target_facts::part,
    write::{Entry, Write},
};

/// What is open on targets, which are locked, goes on under the other unit.
pub(super) async fn go_on(write: &Write, targets: &[TargetId], merger: Merger) -> Result<Moved> {
    let Merger { from, into, .. } = merger;
    let mut parts = responsibilities(write, targets, merger).await?;
    let reports = reports(write, targets, from, into).await?;
    let requests = requests(write, targets, from, into).await?;
    let notices = notices(write, targets, merger, &mut parts.ended).await?;
    // After what goes on has gone: the rest is of those who have no part any more.
    for (target, before) in parts.acted {
        let after = assignments_of(write, target).await?;
        let after: Vec<Part> = after.iter().map(part).collect();
        let leaving = merger.leaving(write);
        let ended = leaving.end_open(target, &before, &after).await?;
        parts.ended.extend(ended);
    }
    Ok(Moved {
        assignments: parts.moved,
        reports,
        requests,
        notices,
        ended: parts.ended,
    })
}

/// The assignment of the unit that is merged, and the other unit's for the same target, which is left of the two.
type Pair<'a> = (&'a assignment::Model, &'a assignment::Model);

/// The first of a pair, in a statement about the second.
const GONE: &str = "gone";

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
    let concerned =
        |row: &&assignment::Model| row.unit_id == from || row.acting_unit_id == Some(from);
    let (own, acted): (Vec<_>, Vec<_>) = rows
        .iter()
        .filter(concerned)
        .partition(|row| row.unit_id == from);
    let mut parts = Parts {
        moved: own.len() + acted.len(),
        ..Parts::default()
    };
    let (mut moved, mut pairs) = (Vec::new(), Vec::new());
    for row in own {
        match theirs.get(&row.target_id) {
            Some(kept) => pairs.push((row, *kept)),
            None => moved.push(row.id),
        }
    }
    give_parts(write, targets, moved, merger).await?;
    join_parts(write, &pairs, from).await?;
    parts.ended = disputes(write, &pairs, merger).await?;
    assignment::Entity::delete_many()
        .filter(assignment::Column::Id.is_in(pairs.iter().map(|(gone, _)| gone.id)))
        .exec(write.db())
        .await?;
    for (gone, _) in pairs {
        if gone.acting_unit_id.is_some() {
            let of_target = rows.iter().filter(|row| row.target_id == gone.target_id);
            let before = of_target.map(|row| merger.renamed(part(row))).collect();
            parts.acted.push((gone.target_id, before));
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

/// These assignments of the unit go to the other, and what it does for others goes on under the other's name; but nobody acts for
/// themselves. These columns alone: what was said about an assignment may have changed others.
async fn give_parts(
    write: &Write,
    targets: &[TargetId],
    own: Vec<AssignmentId>,
    merger: Merger,
) -> Result<(), Fault> {
    use assignment::Column::{ActingUnitId, Id, TargetId, UnitId};
    let Merger { from, into, .. } = merger;
    // NULL where both are the same.
    let other_than = |acting: SimpleExpr, unit: SimpleExpr| {
        SimpleExpr::from(Func::cust("NULLIF").args([acting, unit]))
    };
    assignment::Entity::update_many()
        .col_expr(UnitId, Expr::value(into))
        .col_expr(
            ActingUnitId,
            other_than(Expr::col(ActingUnitId), Expr::value(into)),
        )
        .filter(Id.is_in(own))
        .exec(write.db())
        .await?;
    assignment::Entity::update_many()
        .col_expr(
            ActingUnitId,
            other_than(Expr::value(into), Expr::col(UnitId)),
        )
        .filter(TargetId.is_in(targets.iter().copied()))
        .filter(ActingUnitId.eq(from))
        .exec(write.db())
        .await?;
    Ok(())
}

/// Of two parts that become one, the other unit's is left. It leads if either did, and since whoever led first did: from the plan's
/// publication on where no moment is kept.
async fn join_parts(write: &Write, pairs: &[Pair<'_>], from: UnitId) -> Result<(), Fault> {
    use assignment::Column::{AssignedAt, Id, Role, TargetId, UnitId};
    let led_first = |(gone, kept): &&Pair<'_>| {
        let leads = |row: &assignment::Model| row.role == AssignmentRole::Lead;
        leads(gone) && (!leads(kept) || gone.assigned_at < kept.assigned_at)
    };
    let led_first: Vec<AssignmentId> = pairs
        .iter()
        .filter(led_first)
        .map(|(_, kept)| kept.id)
        .collect();
    if !led_first.is_empty() {
        let gone = |column: assignment::Column| Expr::col((GONE, column));
        let since = Query::select()
            .expr(gone(AssignedAt))
            .from_as(assignment::Entity, GONE)
            .and_where(gone(UnitId).eq(from))
            .and_where(gone(TargetId).equals((assignment::Entity, TargetId)))
            .take();
        assignment::Entity::update_many()
            .col_expr(Role, Expr::value(AssignmentRole::Lead))
            .col_expr(
                AssignedAt,
                SimpleExpr::SubQuery(None, Box::new(since.into())),
            )
            .filter(Id.is_in(led_first))
            .exec(write.db())
            .await?;
    }
    Ok(())
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
) -> Result<u64> {
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
        .order_by_asc(supervision_notice::Column::Id)
        .all(write.db())
        .await?;
    let theirs: HashSet<_> = theirs.iter().map(by_rule).collect();
    let (twice, going_on): (Vec<_>, Vec<_>) = open
        .into_iter()
        .partition(|row| row.rung.is_some() && theirs.contains(&by_rule(row)));
    ended.extend(merger.leaving(write).withdraw(&twice).await?);
    let moved = supervision_notice::Entity::update_many()
        .col_expr(supervision_notice::Column::UnitId, Expr::value(merger.into))
        .filter(supervision_notice::Column::Id.is_in(going_on.iter().map(|row| row.id)))
        .exec(write.db())
        .await?;
    Ok(moved.rows_affected)
}

/// What was said about assignments that are not kept belongs to those that are. Of two open disputes the other unit's is
/// left, and whoever merges takes the first one back. Where only the first unit objects, the other's acknowledgement ends:
/// what is disputed is not acknowledged.
async fn disputes(write: &Write, pairs: &[Pair<'_>], merger: Merger) -> Result<Vec<Entry>> {
    use dispute::Column::{AssignmentId as Of, Id, Status, TargetId};
    let db = write.db();
    let gone = || pairs.iter().map(|(gone, _)| gone.id);
    let both = pairs.iter().flat_map(|(gone, kept)| [gone.id, kept.id]);
    let open = dispute::Entity::find()
        .filter(Of.is_in(both))
        .filter(Status.eq(DisputeStatus::Open))
        .order_by_asc(Id)
        .all(db)
        .await?;
    let kept: HashMap<AssignmentId, AssignmentId> = pairs
        .iter()
        .map(|(gone, kept)| (gone.id, kept.id))
        .collect();
    let disputed: HashSet<AssignmentId> = open.iter().filter_map(|row| row.assignment_id).collect();
    let (mut second, mut disputed_now) = (Vec::new(), Vec::new());
    for row in open {
        let kept = row.assignment_id.and_then(|of| kept.get(&of));
        match kept {
            Some(kept) if disputed.contains(kept) => second.push(row),
            Some(kept) => disputed_now.push(*kept),
            None => {}
        }
    }
    let ended = merger.leaving(write).withdraw(&second).await?;
    assignment::Entity::update_many()
        .set(assignment::ActiveModel {
            acknowledged_at: Set(None),
            acknowledged_by_id: Set(None),
            ..Default::default()
        })
        .filter(assignment::Column::Id.is_in(disputed_now))
        .exec(db)
        .await?;
    let their = Query::select()
        .column((assignment::Entity, assignment::Column::Id))
        .from(assignment::Entity)
        .and_where(by(assignment::Entity, assignment::Column::UnitId).eq(merger.into))
        .and_where(
            by(assignment::Entity, assignment::Column::TargetId).eq(by(dispute::Entity, TargetId)),
        )
        .take();
    dispute::Entity::update_many()
        .col_expr(Of, SimpleExpr::SubQuery(None, Box::new(their.into())))
        .filter(Of.is_in(gone()))
        .exec(db)
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
