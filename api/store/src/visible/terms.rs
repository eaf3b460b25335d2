//! The terms in which the rules are written: conditions on what somebody's grants reach.

use chrono::NaiveDate;
use domain::{Plans, Reach};
use entity::{
    assignment, designation, ids::LeaderId, kinds::AssignmentRole, target, target_post, tenure,
};
use sea_orm::{
    ColumnTrait,
    sea_query::{Condition, Expr, ExprTrait, Query, SimpleExpr},
};

use crate::page::by;

/// The target of the plan has an assignment of one of the viewer's units, or one for which one of them acts; none without units.
pub(super) fn assigned_to(
    reach: &Reach,
    plan: SimpleExpr,
    target: SimpleExpr,
    role: Option<AssignmentRole>,
) -> Option<SimpleExpr> {
    let units = || reach.units.iter().copied();
    let column = |column| by(assignment::Entity, column);
    (!reach.units.is_empty()).then(|| {
        let theirs = column(assignment::Column::UnitId)
            .is_in(units())
            .or(column(assignment::Column::ActingUnitId).is_in(units()));
        assignment_exists(
            reach,
            plan,
            target,
            match role {
                Some(role) => theirs.and(assignment::Column::Role.eq(role)),
                None => theirs,
            },
        )
    })
}

/// The target of the plan has such an assignment. The plan follows from the target; it is named so that a database that
/// begins with a unit's assignments takes those of the year that is asked for, and not those of all years; and by its key, too,
/// where that is known, since a database may hash the assignments without regard to the row for which it asks.
pub(super) fn assignment_exists(
    reach: &Reach,
    plan: SimpleExpr,
    target: SimpleExpr,
    such: SimpleExpr,
) -> SimpleExpr {
    let of_plan = by(assignment::Entity, assignment::Column::PlanId);
    Expr::exists(
        Query::select()
            .expr(Expr::cust("1"))
            .from(assignment::Entity)
            .and_where(by(assignment::Entity, assignment::Column::TargetId).eq(target))
            .and_where(of_plan.clone().eq(plan))
            .and_where_option(asked(of_plan, reach))
            .and_where(such)
            .take(),
    )
}

/// The target is one of a post that one of these leaders holds today; none without leaders.
pub(super) fn answered_by(
    target: SimpleExpr,
    leaders: &[LeaderId],
    today: NaiveDate,
) -> Option<SimpleExpr> {
    (!leaders.is_empty()).then(|| {
        Expr::exists(
            Query::select()
                .expr(Expr::cust("1"))
                .from(target_post::Entity)
                .inner_join(tenure::Entity, same_post())
                .and_where(by(target_post::Entity, target_post::Column::TargetId).eq(target))
                .and_where(tenure::Column::LeaderId.is_in(leaders.iter().copied()))
                .and_where(in_office(today))
                .take(),
        )
    })
}

/// A post with such a tenure is named by a target of one of these plans; none when the set is empty.
pub(super) fn named_in(tenure: SimpleExpr, plans: &Plans) -> Option<SimpleExpr> {
    let plan = within(by(target::Entity, target::Column::PlanId), plans)?;
    if *plans == Plans::All {
        return Some(plan);
    }
    let same_target = Expr::col((target::Entity, target::Column::Id))
        .equals((target_post::Entity, target_post::Column::TargetId));
    Some(Expr::exists(
        Query::select()
            .expr(Expr::cust("1"))
            .from(target_post::Entity)
            .inner_join(tenure::Entity, same_post())
            .inner_join(target::Entity, same_target)
            .and_where(tenure)
            .and_where(plan)
            .take(),
    ))
}

/// A unit is assigned to a target of one of these plans, or acts for one that is; none when the set is empty.
pub(super) fn assigned_in(unit: SimpleExpr, plans: &Plans) -> Option<SimpleExpr> {
    let column = |column| by(assignment::Entity, column);
    let plan = within(column(assignment::Column::PlanId), plans)?;
    if *plans == Plans::All {
        return Some(plan);
    }
    // Two look-ups, each by its index.
    let has = |as_which| {
        let rows = Query::select()
            .expr(Expr::cust("1"))
            .from(assignment::Entity)
            .and_where(column(as_which).eq(unit.clone()))
            .and_where(plan.clone())
            .take();
        Expr::exists(rows)
    };
    Some(has(assignment::Column::UnitId).or(has(assignment::Column::ActingUnitId)))
}

/// A group is a phrase of a target of one of these plans; none when the set is empty.
pub(super) fn phrase_of(group: SimpleExpr, plans: &Plans) -> Option<SimpleExpr> {
    let assigned = by(assignment::Entity, assignment::Column::PlanId);
    let assigned = within(assigned, plans)?;
    if *plans == Plans::All {
        return Some(assigned);
    }
    let designated = within(by(designation::Entity, designation::Column::PlanId), plans)?;
    let of_assignment = Query::select()
        .expr(Expr::cust("1"))
        .from(assignment::Entity)
        .and_where(by(assignment::Entity, assignment::Column::GroupId).eq(group.clone()))
        .and_where(assigned)
        .take();
    let of_designation = Query::select()
        .expr(Expr::cust("1"))
        .from(designation::Entity)
        .and_where(by(designation::Entity, designation::Column::GroupId).eq(group))
        .and_where(designated)
        .take();
    Some(Expr::exists(of_assignment).or(Expr::exists(of_designation)))
}

/// Joins tenures to the posts of targets.
pub(crate) fn same_post() -> SimpleExpr {
    Expr::col((tenure::Entity, tenure::Column::PostId))
        .equals((target_post::Entity, target_post::Column::PostId))
}

/// The tenure is under way: from its first day on, and before the day on which it ends.
pub(crate) fn in_office(today: NaiveDate) -> SimpleExpr {
    let begun = tenure::Column::StartsOn
        .is_null()
        .or(tenure::Column::StartsOn.lte(today));
    let not_ended = tenure::Column::EndsOn
        .is_null()
        .or(tenure::Column::EndsOn.gt(today));
    begun.and(not_ended)
}

/// The plan is one of those that the statement is about; none where it is about all.
pub(super) fn asked(plan: SimpleExpr, reach: &Reach) -> Option<SimpleExpr> {
    match &reach.within {
        Plans::All => None,
        Plans::Only(plans) => Some(plan.is_in(plans.iter().copied())),
    }
}

/// The plans of a set; none when the set is empty.
pub(super) fn within(column: SimpleExpr, plans: &Plans) -> Option<SimpleExpr> {
    match plans {
        Plans::All => Some(yes()),
        Plans::Only(plans) if plans.is_empty() => None,
        Plans::Only(plans) => Some(column.is_in(plans.iter().copied())),
    }
}

/// One of the conditions holds; nothing when there is none.
pub(super) fn any(conditions: impl IntoIterator<Item = Option<SimpleExpr>>) -> Condition {
    let conditions = conditions.into_iter().flatten();
    one_of(conditions.map(|condition| Condition::all().add(condition)))
}

/// One of these holds; nothing when there is none. A single one stands by itself, so that the database can begin with it.
pub(super) fn one_of(conditions: impl IntoIterator<Item = Condition>) -> Condition {
    let mut conditions = conditions.into_iter();
    match conditions.next() {
        None => Condition::all().add(no()),
        Some(first) => conditions.fold(Condition::any().add(first), Condition::add),
    }
}

pub(super) fn yes() -> SimpleExpr {
    Expr::cust("1 = 1")
}

pub(super) fn no() -> SimpleExpr {
    Expr::cust("1 = 0")
}
