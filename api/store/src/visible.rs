//! Every rule of who sees which rows (domain.md §4): one function per table, on one screen.
//!
//! The rules are computed from what the viewer's grants reach, never from what a request asks for, and there is no
//! rule that answers "all" for want of a grant.

use chrono::NaiveDate;
use domain::{Plans, Reach};
use entity::{
    assignment, designation,
    ids::{LeaderId, UnitId},
    indicator,
    kinds::PlanStatus,
    leader, plan, section, target, target_post, tenure, unit, unit_group,
};
use sea_orm::{
    ColumnTrait, EntityTrait,
    sea_query::{Condition, Expr, ExprTrait, Query, SelectStatement, SimpleExpr},
};

/// A table whose rows are seen by some and not by others.
pub(crate) trait Visible: EntityTrait {
    /// The rows that may be seen with this reach, on this day.
    fn visible(reach: &Reach, today: NaiveDate) -> Condition;
}

/// Plans: drafts for their supervision office; issued ones for whoever has business with plans.
impl Visible for plan::Entity {
    fn visible(reach: &Reach, _: NaiveDate) -> Condition {
        let issued = || plan::Column::Status.ne(PlanStatus::Draft);
        let within = |plans| within(plan::Column::Id, plans);
        any([
            within(&reach.supervised),
            within(&reach.observed).map(|plans| plans.and(issued())),
            within(&reach.outlines).map(|plans| plans.and(issued())),
        ])
    }
}

/// The outline goes with its plan.
impl Visible for section::Entity {
    fn visible(reach: &Reach, today: NaiveDate) -> Condition {
        let plans = Query::select()
            .column(plan::Column::Id)
            .from(plan::Entity)
            .cond_where(plan::Entity::visible(reach, today))
            .take();
        Condition::all().add(section::Column::PlanId.in_subquery(plans))
    }
}

/// Targets, the heart of it. The supervision office sees all of its plans, drafts too. Of issued plans, an observer
/// sees what the grant names, a department what its unit is assigned to or acts for, and a leader what the posts
/// answer for that the leader holds today.
impl Visible for target::Entity {
    fn visible(reach: &Reach, today: NaiveDate) -> Condition {
        let of_unit = (!reach.units.is_empty()).then(|| assigned_to(&reach.units));
        let of_leader = (!reach.leaders.is_empty()).then(|| answered_by(&reach.leaders, today));
        let issued = target::Column::PlanId.in_subquery(
            Query::select()
                .column(plan::Column::Id)
                .from(plan::Entity)
                .and_where(plan::Column::Status.ne(PlanStatus::Draft))
                .take(),
        );
        let among_issued = any([
            of_unit,
            of_leader,
            within(target::Column::PlanId, &reach.observed),
        ]);
        match within(target::Column::PlanId, &reach.supervised) {
            None => Condition::all().add(issued).add(among_issued),
            Some(supervised) => Condition::any()
                .add(supervised)
                .add(Condition::all().add(issued).add(among_issued)),
        }
    }
}

/// A designation is seen with its target.
impl Visible for designation::Entity {
    fn visible(reach: &Reach, today: NaiveDate) -> Condition {
        Condition::all().add(designation::Column::TargetId.in_subquery(targets(reach, today)))
    }
}

/// An assignment is seen with its target, whichever unit's it is.
impl Visible for assignment::Entity {
    fn visible(reach: &Reach, today: NaiveDate) -> Condition {
        Condition::all().add(assignment::Column::TargetId.in_subquery(targets(reach, today)))
    }
}

/// An indicator is seen with its target.
impl Visible for indicator::Entity {
    fn visible(reach: &Reach, today: NaiveDate) -> Condition {
        Condition::all().add(indicator::Column::TargetId.in_subquery(targets(reach, today)))
    }
}

/// The directory is open to everybody with a grant, but not to the audit administrator.
impl Visible for unit::Entity {
    fn visible(reach: &Reach, _: NaiveDate) -> Condition {
        directory(reach)
    }
}

/// As for units.
impl Visible for unit_group::Entity {
    fn visible(reach: &Reach, _: NaiveDate) -> Condition {
        directory(reach)
    }
}

/// As for units.
impl Visible for leader::Entity {
    fn visible(reach: &Reach, _: NaiveDate) -> Condition {
        directory(reach)
    }
}

fn directory(reach: &Reach) -> Condition {
    Condition::all().add(if reach.directory { yes() } else { no() })
}

fn targets(reach: &Reach, today: NaiveDate) -> SelectStatement {
    Query::select()
        .column((target::Entity, target::Column::Id))
        .from(target::Entity)
        .cond_where(target::Entity::visible(reach, today))
        .take()
}

/// The target has an assignment of one of these units, or one for which one of them acts.
fn assigned_to(units: &[UnitId]) -> SimpleExpr {
    let column = |column| Expr::col((assignment::Entity, column));
    Expr::exists(
        Query::select()
            .expr(Expr::cust("1"))
            .from(assignment::Entity)
            .and_where(
                column(assignment::Column::TargetId).equals((target::Entity, target::Column::Id)),
            )
            .and_where(
                column(assignment::Column::UnitId)
                    .is_in(units.iter().copied())
                    .or(column(assignment::Column::ActingUnitId).is_in(units.iter().copied())),
            )
            .take(),
    )
}

/// The target is one of a post that one of these leaders holds today.
fn answered_by(leaders: &[LeaderId], today: NaiveDate) -> SimpleExpr {
    Expr::exists(
        Query::select()
            .expr(Expr::cust("1"))
            .from(target_post::Entity)
            .inner_join(tenure::Entity, same_post())
            .and_where(
                Expr::col((target_post::Entity, target_post::Column::TargetId))
                    .equals((target::Entity, target::Column::Id)),
            )
            .and_where(tenure::Column::LeaderId.is_in(leaders.iter().copied()))
            .and_where(in_office(today))
            .take(),
    )
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

/// The plans of a set; none when the set is empty.
fn within(column: impl ColumnTrait, plans: &Plans) -> Option<SimpleExpr> {
    match plans {
        Plans::All => Some(yes()),
        Plans::Only(plans) if plans.is_empty() => None,
        Plans::Only(plans) => Some(column.is_in(plans.iter().copied())),
    }
}

/// One of the conditions holds; nothing when there is none.
fn any(conditions: impl IntoIterator<Item = Option<SimpleExpr>>) -> Condition {
    conditions
        .into_iter()
        .flatten()
        .fold(Condition::any().add(no()), Condition::add)
}

fn yes() -> SimpleExpr {
    Expr::cust("1 = 1")
}

fn no() -> SimpleExpr {
    Expr::cust("1 = 0")
}
