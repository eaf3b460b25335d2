//! For whom something on a target is meant, among those who see the target (domain.md §4, §5).

use chrono::NaiveDate;
use domain::Reach;
use entity::{
    assignment,
    kinds::{AssignmentRole, Audience, ReportStatus},
};
use sea_orm::{
    ColumnTrait, EntityTrait,
    sea_query::{Condition, ExprTrait, SimpleExpr},
};

use super::{
    on_seen_target, plans,
    terms::{answered_by, any, assigned_to, assignment_exists, one_of, within},
};
use crate::page::by;

/// Where something stands: the columns of its plan, its target and the unit whose it is.
pub(super) struct Place {
    plan: SimpleExpr,
    target: SimpleExpr,
    unit: SimpleExpr,
}

impl Place {
    pub(super) fn of<E: EntityTrait>(
        entity: E,
        plan: E::Column,
        target: E::Column,
        unit: E::Column,
    ) -> Self {
        Self {
            plan: by(entity, plan),
            target: by(entity, target),
            unit: by(entity, unit),
        }
    }
}

/// What a report's state means for who sees it.
const fn audience_of(status: ReportStatus) -> Audience {
    match status {
        ReportStatus::Draft | ReportStatus::PendingSignoff => Audience::Unit,
        ReportStatus::Submitted | ReportStatus::Returned => Audience::Leads,
        ReportStatus::Accepted => Audience::Accepted,
    }
}

pub(super) fn by_status(
    reach: &Reach,
    today: NaiveDate,
    status: SimpleExpr,
    place: &Place,
) -> Condition {
    // By what counts rather than by state: most of it counts in several states, and is asked once.
    let of = |(holds, audiences): (SimpleExpr, &[Audience])| {
        let states = ReportStatus::ALL.iter().copied();
        let states: Vec<ReportStatus> = states
            .filter(|status| audiences.contains(&audience_of(*status)))
            .collect();
        let always = states.len() == ReportStatus::ALL.len();
        (!states.is_empty()).then(|| {
            Condition::all()
                .add_option((!always).then(|| status.clone().is_in(states)))
                .add(holds)
        })
    };
    let counts = grounds(reach, today, place).into_iter();
    let counts = counts.filter_map(of);
    seen_target(reach, today, place).add(one_of(counts))
}

/// Something on a target is meant for the viewer, who also sees the target.
pub(super) fn addressed(
    reach: &Reach,
    today: NaiveDate,
    audience: Audience,
    place: &Place,
) -> Condition {
    seen_target(reach, today, place).add(meant(reach, today, audience, place))
}

/// The viewer sees the plan.
pub(super) fn seen_plan(reach: &Reach, today: NaiveDate, place: &Place) -> Condition {
    Condition::all().add(place.plan.clone().in_subquery(plans(reach, today)))
}

/// The viewer sees the target.
pub(super) fn seen_target(reach: &Reach, today: NaiveDate, place: &Place) -> Condition {
    on_seen_target(reach, today, place.target.clone())
}

/// What is meant for an audience is meant for the viewer, if they see where it stands.
pub(super) fn meant(
    reach: &Reach,
    today: NaiveDate,
    audience: Audience,
    place: &Place,
) -> Condition {
    if matches!(audience, Audience::Target | Audience::Plan) {
        return Condition::all();
    }
    let counts = grounds(reach, today, place).into_iter();
    let counts = counts.filter(|(_, audiences)| audiences.contains(&audience));
    any(counts.map(|(holds, _)| Some(holds)))
}

/// On what grounds something may be meant for the viewer, each with the audiences of which it makes them one. A ground
/// that their grants cannot give is left out.
fn grounds(
    reach: &Reach,
    today: NaiveDate,
    place: &Place,
) -> Vec<(SimpleExpr, &'static [Audience])> {
    use Audience::{Accepted, LeadUnits, Leads, Parties, PlanUnit, Unit};
    let Place { plan, target, unit } = place;
    // The unit's own people, and those of the unit that acts for it on this target.
    let of_units = |column: SimpleExpr| column.is_in(reach.units.iter().copied());
    let has_units = !reach.units.is_empty();
    let of_the_unit = has_units.then(|| of_units(unit.clone()));
    let own = has_units.then(|| {
        of_units(unit.clone()).or(assignment_exists(
            reach,
            plan.clone(),
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
    let assigned = |role| assigned_to(reach, plan.clone(), target.clone(), role);
    let leads = assigned(Some(AssignmentRole::Lead));
    let observers = within(plan.clone(), &reach.observed);
    let of_lead_unit = assigned(None).map(|assigned| {
        assigned.and(assignment_exists(
            reach,
            plan.clone(),
            target.clone(),
            by(assignment::Entity, assignment::Column::UnitId)
                .eq(unit.clone())
                .and(assignment::Column::Role.eq(AssignmentRole::Lead)),
        ))
    });
    let grounds: [(Option<SimpleExpr>, &[Audience]); 7] = [
        (of_the_unit, &[PlanUnit]),
        (own, &[Unit, Parties, Leads, Accepted]),
        (office, &[Parties, LeadUnits, Leads, Accepted, PlanUnit]),
        (leaders, &[Parties, LeadUnits, Leads, Accepted]),
        (leads, &[LeadUnits, Leads, Accepted]),
        (observers, &[Accepted]),
        (of_lead_unit, &[Accepted]),
    ];
    grounds
        .into_iter()
        .filter_map(|(holds, audiences)| Some((holds?, audiences)))
        .collect()
}
