//! Narrowing a list of targets. A filter is ANDed with the viewer's scope: it can only hide, never show.

use chrono::NaiveDate;
use domain::progress::Light;
use entity::{
    assignment, dispute,
    ids::{LeaderId, PlanId, SectionId, UnitId},
    indicator,
    kinds::{AssignmentRole, PlanStatus, TargetState},
    plan, section, target, target_post, tenure,
};
use sea_orm::{
    ColumnTrait,
    sea_query::{Condition, Expr, ExprTrait, Query, SelectStatement, SimpleExpr},
};

use crate::{
    BadInput, Call,
    page::by,
    search::Needle,
    standing::{has_light, has_state},
    visible::{Visible, in_office, same_post},
};

use super::disputes::is_open;

/// Filters in one filter, counting those inside `any`.
const MOST_FILTERS: usize = 20;

/// What a target must be to stay in the list: all that is given, and one of `any`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct TargetFilter {
    /// A text that stands in the target's text, or in the name of one of its units or leaders.
    pub search: Option<String>,
    /// Within this section or its subtree.
    pub section: Option<SectionId>,
    /// A leader answers for it today.
    pub leader: Option<LeaderId>,
    /// A unit is assigned to it, or acts for one that is.
    pub unit: Option<UnitId>,
    /// The assignment's role. Of `unit`; else of the viewer's own units; else of any.
    pub role: Option<AssignmentRole>,
    /// The assignment is acknowledged, or not. Whose is as for `role`.
    pub acknowledged: Option<bool>,
    /// The assignment is not acknowledged, though its last day for that has passed; or the contrary. Whose is as for `role`.
    pub acknowledgement_overdue: Option<bool>,
    /// State.
    pub state: Option<TargetState>,
    /// Light of today.
    pub light: Option<Light>,
    /// In arrears: past its due date, and neither closed, cancelled nor suspended; or not so.
    pub overdue: Option<bool>,
    /// The list of units is open.
    pub open_ended: Option<bool>,
    /// It has an indicator, or none.
    pub has_indicator: Option<bool>,
    /// It has an indicator that nobody has confirmed, or none; what is over, as its plan may be, has none.
    pub unconfirmed_indicators: Option<bool>,
    /// One of these; an empty list asks nothing.
    pub any: Vec<TargetFilter>,
}

impl TargetFilter {
    fn size(&self) -> usize {
        1 + self.any.iter().map(Self::size).sum::<usize>()
    }

    /// The filter, of targets of one plan where that is known.
    pub(super) fn condition(
        &self,
        call: &Call,
        plan: Option<PlanId>,
    ) -> Result<Condition, BadInput> {
        if self.size() > MOST_FILTERS {
            return Err(BadInput::FilterTooLarge);
        }
        self.all(call, plan)
    }

    fn all(&self, call: &Call, plan: Option<PlanId>) -> Result<Condition, BadInput> {
        let needle = match &self.search {
            Some(text) => Needle::read(text)?,
            None => None,
        };
        let today = call.today();
        let mut condition = Condition::all()
            .add_option(needle.map(|needle| needle.found(call.backend(), plan)))
            .add_option(self.section.map(in_section))
            .add_option(self.leader.map(|leader| of_leader(leader, today)))
            .add_option(self.assignment(call))
            .add_option(self.state.map(|state| has_state(state, today)))
            .add_option(self.light.map(|light| has_light(light, today)))
            .add_option(self.overdue.map(|overdue| is_overdue(overdue, today)))
            .add_option(
                self.open_ended
                    .map(|open| target::Column::OpenEnded.eq(open)),
            )
            .add_option(self.has_indicator.map(has_indicator))
            .add_option(self.unconfirmed_indicators.map(has_unconfirmed));
        if !self.any.is_empty() {
            let mut one_of = Condition::any();
            for filter in &self.any {
                one_of = one_of.add(filter.all(call, plan)?);
            }
            condition = condition.add(one_of);
        }
        Ok(condition)
    }

    /// `unit`, `role`, `acknowledged` and `acknowledgement_overdue` speak of one and the same assignment.
    fn assignment(&self, call: &Call) -> Option<SimpleExpr> {
        if self.unit.is_none()
            && self.role.is_none()
            && self.acknowledged.is_none()
            && self.acknowledgement_overdue.is_none()
        {
            return None;
        }
        let column = |column| Expr::col((assignment::Entity, column));
        let own = &call.reach().units;
        let units = match self.unit {
            Some(unit) => Some(vec![unit]),
            None => (!own.is_empty()).then(|| own.clone()),
        };
        let mut select = Query::select()
            .expr(Expr::cust("1"))
            .from(assignment::Entity)
            .and_where(
                column(assignment::Column::TargetId).equals((target::Entity, target::Column::Id)),
            )
            // It follows; a database that begins with a unit's assignments takes those of the plan that is asked for.
            .and_where(
                column(assignment::Column::PlanId).equals((target::Entity, target::Column::PlanId)),
            )
            .take();
        if let Some(units) = units {
            select.and_where(
                column(assignment::Column::UnitId)
                    .is_in(units.clone())
                    .or(column(assignment::Column::ActingUnitId).is_in(units)),
            );
        }
        if let Some(role) = self.role {
            select.and_where(assignment::Column::Role.eq(role));
        }
        if let Some(acknowledged) = self.acknowledged {
            select.and_where(if acknowledged {
                column(assignment::Column::AcknowledgedAt).is_not_null()
            } else {
                column(assignment::Column::AcknowledgedAt).is_null()
            });
        }
        if let Some(overdue) = self.acknowledgement_overdue {
            // As `AssignmentFacts::acknowledgement_overdue` has it: a dispute that the viewer does not see must not show by it, either.
            let disputed = Query::select()
                .expr(Expr::cust("1"))
                .from(dispute::Entity)
                .and_where(
                    Expr::col((dispute::Entity, dispute::Column::AssignmentId))
                        .equals((assignment::Entity, assignment::Column::Id)),
                )
                .and_where(is_open())
                .cond_where(dispute::Entity::visible(call.reach(), call.today()))
                .take();
            let published = Query::select()
                .column(plan::Column::Id)
                .from(plan::Entity)
                .and_where(plan::Column::Status.eq(PlanStatus::Published))
                .take();
            let late = column(assignment::Column::AcknowledgedAt)
                .is_null()
                .and(Expr::exists(disputed).not())
                .and(Expr::col((target::Entity, target::Column::ClosedAt)).is_null())
                .and(Expr::col((target::Entity, target::Column::CancelledAt)).is_null())
                .and(column(assignment::Column::PlanId).in_subquery(published))
                .and(column(assignment::Column::AcknowledgeBy).is_not_null())
                .and(column(assignment::Column::AcknowledgeBy).lt(call.today()));
            select.and_where(if overdue { late } else { late.not() });
        }
        Some(Expr::exists(select))
    }
}

/// The targets of a section's subtree: an interval of the outline.
pub(super) fn in_section(section: SectionId) -> SimpleExpr {
    let of_section = |column: section::Column| -> SimpleExpr {
        let select: SelectStatement = Query::select()
            .column(column)
            .from(section::Entity)
            .and_where(section::Column::Id.eq(section))
            .take();
        SimpleExpr::SubQuery(None, Box::new(select.into()))
    };
    let column = |column| Expr::col((target::Entity, column));
    column(target::Column::PlanId)
        .eq(of_section(section::Column::PlanId))
        .and(column(target::Column::SectionPosition).gte(of_section(section::Column::Position)))
        .and(column(target::Column::SectionPosition).lte(of_section(section::Column::LastPosition)))
}

/// The targets of the posts that a leader holds today.
pub(super) fn of_leader(leader: LeaderId, today: NaiveDate) -> SimpleExpr {
    target::Column::Id.in_subquery(
        Query::select()
            .column((target_post::Entity, target_post::Column::TargetId))
            .from(target_post::Entity)
            .inner_join(tenure::Entity, same_post())
            .and_where(tenure::Column::LeaderId.eq(leader))
            .and_where(in_office(today))
            .take(),
    )
}

/// The targets that a unit is assigned to, or acts for.
pub(super) fn of_unit(unit: UnitId) -> SimpleExpr {
    target::Column::Id.in_subquery(
        Query::select()
            .column((assignment::Entity, assignment::Column::TargetId))
            .from(assignment::Entity)
            .and_where(
                assignment::Column::UnitId
                    .eq(unit)
                    .or(assignment::Column::ActingUnitId.eq(unit)),
            )
            .take(),
    )
}

fn is_overdue(overdue: bool, today: NaiveDate) -> SimpleExpr {
    let none = |column| by(target::Entity, column).is_null();
    let late = target::Column::DueOn
        .lt(today)
        .and(none(target::Column::ClosedAt))
        .and(none(target::Column::CancelledAt))
        .and(none(target::Column::SuspendedReason));
    if overdue { late } else { late.not() }
}

fn has_indicator(has: bool) -> SimpleExpr {
    let any = Expr::exists(indicators());
    if has { any } else { any.not() }
}

fn has_unconfirmed(has: bool) -> SimpleExpr {
    let unconfirmed = indicators()
        .and_where(indicator::Column::Confirmed.eq(false))
        .take();
    let any = Expr::exists(unconfirmed).and(confirms());
    if has { any } else { any.not() }
}

/// The targets whose indicators may be confirmed, as the guard has it: nothing is confirmed any more of what is over, nor in an
/// archived plan.
pub(super) fn confirms() -> SimpleExpr {
    let column = |column| by(target::Entity, column);
    let kept_up = Query::select()
        .column(plan::Column::Id)
        .from(plan::Entity)
        .and_where(plan::Column::Status.ne(PlanStatus::Archived))
        .take();
    column(target::Column::ClosedAt)
        .is_null()
        .and(column(target::Column::CancelledAt).is_null())
        .and(column(target::Column::PlanId).in_subquery(kept_up))
}

/// The indicators of the target.
fn indicators() -> SelectStatement {
    Query::select()
        .expr(Expr::cust("1"))
        .from(indicator::Entity)
        .and_where(
            Expr::col((indicator::Entity, indicator::Column::TargetId))
                .equals((target::Entity, target::Column::Id)),
        )
        .take()
}
