//! Every rule of who sees which rows (domain.md §4): one function per table, on one screen.
//!
//! The rules are computed from what the viewer's grants reach, never from what a request asks for, and there is no
//! rule that answers "all" for want of a grant.

use chrono::NaiveDate;
use domain::{Plans, Reach};
use entity::{
    assignment, designation, dispute, event,
    ids::{LeaderId, UnitId},
    indicator,
    kinds::{AssignmentRole, Audience, PlanStatus, RefinementStatus, ReportStatus, ReviewDecision},
    leader, milestone, plan, progress_report, refinement, report_version, reporting_period, review,
    section, target, target_post, target_request, tenure, unit, unit_group,
};
use sea_orm::{
    ColumnTrait, EntityTrait,
    sea_query::{Condition, Expr, ExprTrait, Query, SelectStatement, SimpleExpr},
};

use crate::page::by;

/// A table whose rows are seen by some and not by others.
pub(crate) trait Visible: EntityTrait {
    /// The rows that may be seen with this reach, on this day.
    fn visible(reach: &Reach, today: NaiveDate) -> Condition;
}

/// Plans: drafts for their supervision office; issued ones for whoever has business with plans.
impl Visible for plan::Entity {
    fn visible(reach: &Reach, _: NaiveDate) -> Condition {
        let issued = || plan::Column::Status.ne(PlanStatus::Draft);
        let within = |plans| within(by(plan::Entity, plan::Column::Id), plans);
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
        Condition::all().add(section::Column::PlanId.in_subquery(plans(reach, today)))
    }
}

/// Targets, the heart of it. The supervision office sees all of its plans, drafts too. Of issued plans, an observer
/// sees what the grant names, a department what its unit is assigned to or acts for, and a leader what the posts
/// answer for that the leader holds today.
impl Visible for target::Entity {
    fn visible(reach: &Reach, today: NaiveDate) -> Condition {
        let id = || by(target::Entity, target::Column::Id);
        let of_plan = || by(target::Entity, target::Column::PlanId);
        let of_unit = assigned_to(id(), &reach.units, None);
        let of_leader = answered_by(id(), &reach.leaders, today);
        let issued = target::Column::PlanId.in_subquery(
            Query::select()
                .column(plan::Column::Id)
                .from(plan::Entity)
                .and_where(plan::Column::Status.ne(PlanStatus::Draft))
                .take(),
        );
        let among_issued = any([of_unit, of_leader, within(of_plan(), &reach.observed)]);
        match within(of_plan(), &reach.supervised) {
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

fn plans(reach: &Reach, today: NaiveDate) -> SelectStatement {
    Query::select()
        .column(plan::Column::Id)
        .from(plan::Entity)
        .cond_where(plan::Entity::visible(reach, today))
        .take()
}

fn targets(reach: &Reach, today: NaiveDate) -> SelectStatement {
    Query::select()
        .column((target::Entity, target::Column::Id))
        .from(target::Entity)
        .cond_where(target::Entity::visible(reach, today))
        .take()
}

/// A period is seen with its plan.
impl Visible for reporting_period::Entity {
    fn visible(reach: &Reach, today: NaiveDate) -> Condition {
        Condition::all().add(reporting_period::Column::PlanId.in_subquery(plans(reach, today)))
    }
}

/// A report: its unit sees it always; others from its submission on, as far as it is addressed to them. A draft never
/// leaves the unit, one that is written anew after it was returned neither.
impl Visible for progress_report::Entity {
    fn visible(reach: &Reach, today: NaiveDate) -> Condition {
        use progress_report::Column::{PlanId, Status, TargetId, UnitId};
        let column = |column| by(progress_report::Entity, column);
        let place = Place {
            plan: column(PlanId),
            target: column(TargetId),
            unit: column(UnitId),
        };
        by_status(reach, today, &column(Status), &place)
    }
}

/// A version of a report is seen as the report was, when it was that version.
impl Visible for report_version::Entity {
    fn visible(reach: &Reach, today: NaiveDate) -> Condition {
        use report_version::Column::{PlanId, Status, TargetId, UnitId};
        let column = |column| by(report_version::Entity, column);
        let place = Place {
            plan: column(PlanId),
            target: column(TargetId),
            unit: column(UnitId),
        };
        by_status(reach, today, &column(Status), &place)
    }
}

/// An acceptance is seen with the accepted report; what was said when a report was returned is for those who see reports
/// from their submission on.
impl Visible for review::Entity {
    fn visible(reach: &Reach, today: NaiveDate) -> Condition {
        use progress_report::Column::{Id, PlanId, TargetId, UnitId};
        let column = |column| by(progress_report::Entity, column);
        let place = Place {
            plan: column(PlanId),
            target: column(TargetId),
            unit: column(UnitId),
        };
        let reports = |condition: Condition| {
            Query::select()
                .expr(column(Id))
                .from(progress_report::Entity)
                .cond_where(condition)
                .take()
        };
        let of = |condition| review::Column::ReportId.in_subquery(reports(condition));
        Condition::all()
            .add(of(progress_report::Entity::visible(reach, today)))
            .add(
                review::Column::Decision
                    .eq(ReviewDecision::Accept)
                    .or(of(addressed(reach, today, Audience::Leads, &place))),
            )
    }
}

/// A request is between the lead units, the supervision office and the leaders.
impl Visible for target_request::Entity {
    fn visible(reach: &Reach, today: NaiveDate) -> Condition {
        use target_request::Column::{PlanId, TargetId, UnitId};
        let column = |column| by(target_request::Entity, column);
        let place = Place {
            plan: column(PlanId),
            target: column(TargetId),
            unit: column(UnitId),
        };
        addressed(reach, today, Audience::Leads, &place)
    }
}

/// A dispute is between the unit, the supervision office and the leaders.
impl Visible for dispute::Entity {
    fn visible(reach: &Reach, today: NaiveDate) -> Condition {
        use dispute::Column::{PlanId, TargetId, UnitId};
        let column = |column| by(dispute::Entity, column);
        let place = Place {
            plan: column(PlanId),
            target: column(TargetId),
            unit: column(UnitId),
        };
        addressed(reach, today, Audience::Parties, &place)
    }
}

/// A refined plan: in force, it is seen with its target; handed in, or sent back, by the lead units, the supervision
/// office and the leaders; a draft never leaves the lead units.
impl Visible for refinement::Entity {
    fn visible(reach: &Reach, today: NaiveDate) -> Condition {
        use refinement::Column::{PlanId, Status, TargetId};
        let column = |column| by(refinement::Entity, column);
        let target = || column(TargetId);
        let leads = || assigned_to(target(), &reach.units, Some(AssignmentRole::Lead));
        let office = within(column(PlanId), &reach.supervised);
        let leaders = answered_by(target(), &reach.leaders, today);
        let handed_in = column(Status).ne(RefinementStatus::Draft);
        let seen = target().in_subquery(targets(reach, today));
        Condition::all().add(seen).add(
            Condition::any()
                .add(column(Status).eq(RefinementStatus::Approved))
                .add(any([leads()]))
                .add(Condition::all().add(handed_in).add(any([office, leaders]))),
        )
    }
}

/// A milestone is seen with the refined plan to which it belongs.
impl Visible for milestone::Entity {
    fn visible(reach: &Reach, today: NaiveDate) -> Condition {
        let refinements = Query::select()
            .column(refinement::Column::TargetId)
            .from(refinement::Entity)
            .cond_where(refinement::Entity::visible(reach, today))
            .take();
        Condition::all().add(milestone::Column::TargetId.in_subquery(refinements))
    }
}

/// An event is for whom it is meant.
impl Visible for event::Entity {
    fn visible(reach: &Reach, today: NaiveDate) -> Condition {
        use event::Column::{Audience as For, PlanId, TargetId, UnitId};
        let column = |column| by(event::Entity, column);
        let place = Place {
            plan: column(PlanId),
            target: column(TargetId),
            unit: column(UnitId),
        };
        Audience::ALL
            .iter()
            .fold(Condition::any().add(no()), |any, audience| {
                any.add(
                    Condition::all()
                        .add(For.eq(*audience))
                        .add(addressed(reach, today, *audience, &place)),
                )
            })
    }
}

/// Where something stands: the columns of its plan, its target and the unit whose it is.
struct Place {
    plan: SimpleExpr,
    target: SimpleExpr,
    unit: SimpleExpr,
}

/// What a report's state means for who sees it.
const fn audience_of(status: ReportStatus) -> Audience {
    match status {
        ReportStatus::Draft | ReportStatus::PendingSignoff => Audience::Unit,
        ReportStatus::Submitted | ReportStatus::Returned => Audience::Leads,
        ReportStatus::Accepted => Audience::Accepted,
    }
}

fn by_status(reach: &Reach, today: NaiveDate, status: &SimpleExpr, place: &Place) -> Condition {
    let mut any = Condition::any().add(no());
    for audience in [Audience::Unit, Audience::Leads, Audience::Accepted] {
        let states = ReportStatus::ALL
            .iter()
            .copied()
            .filter(|status| audience_of(*status) == audience);
        any = any.add(
            Condition::all()
                .add(status.clone().is_in(states))
                .add(addressed(reach, today, audience, place)),
        );
    }
    any
}

/// Something on a target is meant for the viewer, who also sees the target.
fn addressed(reach: &Reach, today: NaiveDate, audience: Audience, place: &Place) -> Condition {
    let Place { plan, target, unit } = place;
    let seen = match audience {
        Audience::Plan => {
            return Condition::all().add(plan.clone().in_subquery(plans(reach, today)));
        }
        _ => target.clone().in_subquery(targets(reach, today)),
    };
    // The unit's own people, and those of the unit that acts for it on this target.
    let of_units = |column: SimpleExpr| column.is_in(reach.units.iter().copied());
    let has_units = !reach.units.is_empty();
    let own = has_units.then(|| {
        of_units(unit.clone()).or(assignment_exists(
            target.clone(),
            by(assignment::Entity, assignment::Column::UnitId)
                .eq(unit.clone())
                .and(of_units(by(
                    assignment::Entity,
                    assignment::Column::ActingUnitId,
                ))),
        ))
    });
    let office = within(plan.clone(), &reach.supervised);
    let leaders = answered_by(target.clone(), &reach.leaders, today);
    let leads = assigned_to(target.clone(), &reach.units, Some(AssignmentRole::Lead));
    let observers = within(plan.clone(), &reach.observed);
    let of_lead_unit = assigned_to(target.clone(), &reach.units, None).map(|assigned| {
        assigned.and(assignment_exists(
            target.clone(),
            by(assignment::Entity, assignment::Column::UnitId)
                .eq(unit.clone())
                .and(assignment::Column::Role.eq(AssignmentRole::Lead)),
        ))
    });
    let meant = match audience {
        Audience::Unit => any([own]),
        Audience::Parties => any([own, office, leaders]),
        Audience::Leads => any([own, office, leaders, leads]),
        Audience::Accepted => any([own, office, leaders, leads, observers, of_lead_unit]),
        Audience::Target | Audience::Plan => Condition::all(),
    };
    Condition::all().add(seen).add(meant)
}

/// The target has an assignment of one of these units, or one for which one of them acts; none without units.
fn assigned_to(
    target: SimpleExpr,
    units: &[UnitId],
    role: Option<AssignmentRole>,
) -> Option<SimpleExpr> {
    let column = |column| by(assignment::Entity, column);
    (!units.is_empty()).then(|| {
        let theirs = column(assignment::Column::UnitId)
            .is_in(units.iter().copied())
            .or(column(assignment::Column::ActingUnitId).is_in(units.iter().copied()));
        assignment_exists(
            target,
            match role {
                Some(role) => theirs.and(assignment::Column::Role.eq(role)),
                None => theirs,
            },
        )
    })
}

/// The target has such an assignment.
fn assignment_exists(target: SimpleExpr, such: SimpleExpr) -> SimpleExpr {
    Expr::exists(
        Query::select()
            .expr(Expr::cust("1"))
            .from(assignment::Entity)
            .and_where(by(assignment::Entity, assignment::Column::TargetId).eq(target))
            .and_where(such)
            .take(),
    )
}

/// The target is one of a post that one of these leaders holds today; none without leaders.
fn answered_by(target: SimpleExpr, leaders: &[LeaderId], today: NaiveDate) -> Option<SimpleExpr> {
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
fn within(column: SimpleExpr, plans: &Plans) -> Option<SimpleExpr> {
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
