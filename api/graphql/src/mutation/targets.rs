//! Targets as the supervision office writes them: in a draft, by amendments, and from one year into the next.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use domain::Action;
use entity::{
    ids::{IndicatorId, LeaderId, PlanId, SectionId, TargetId, UnitId},
    target,
};
use store::{AddTarget, CarryOver, IndicatorChange, Seen, TargetChange, UnitPart};

use super::once::acted;
use crate::{
    enums::{AssignmentRole, Comparison, IndicatorKind},
    error::{ApiError, UserError, settle},
    id::Global,
    request::Request,
    scalar::{Date, Decimal},
    types::{Indicator, Plan, Target},
};

/// A unit's part in a target.
#[derive(InputObject)]
pub(crate) struct TargetUnitInput {
    /// The unit.
    unit_id: ID,
    /// Its role.
    role: AssignmentRole,
    /// The unit that acts for it on this target (承办单位).
    acting_unit_id: Option<ID>,
}

/// An indicator as you confirm it.
#[derive(InputObject)]
pub(crate) struct TargetIndicatorInput {
    /// The indicator that is confirmed or corrected; a new one when not given.
    indicator_id: Option<ID>,
    /// What is measured; at most 200 characters.
    name: String,
    /// At least or at most.
    comparison: Comparison,
    /// The goal, an exact decimal number of at most 20 digits.
    goal: Decimal,
    /// Its unit of measure; at most 32 characters.
    unit_of_measure: String,
    /// What sort of number it is.
    kind: IndicatorKind,
    /// The phrase of the text from which it comes, without mark-up; at most 300 characters.
    phrase: String,
}

/// A target to be added to a draft.
#[derive(InputObject)]
pub(crate) struct AddTargetInput {
    /// The plan, a draft.
    plan_id: ID,
    /// The section.
    section_id: ID,
    /// The text; at most 4,000 characters.
    text: String,
    /// The leaders, in their order; each answers by the post held today.
    leader_ids: Vec<ID>,
    /// The units, in their order; at least one leads.
    units: Vec<TargetUnitInput>,
    /// The due date; the last day of the plan's year when not given.
    due_on: Option<Date>,
    /// The indicators, all confirmed; when not given, the rule proposes some from the text, to be confirmed.
    indicators: Option<Vec<TargetIndicatorInput>>,
    /// An ID of your own for this act, at most 100 characters: sent again with the same input, it changes nothing twice.
    client_mutation_id: Option<String>,
}

/// What is changed of a draft's target. What is not given stays.
#[derive(InputObject)]
pub(crate) struct UpdateTargetInput {
    /// The target.
    target_id: ID,
    /// The version that you have seen.
    expected_version: i32,
    /// The text; at most 4,000 characters.
    text: Option<String>,
    /// The section.
    section_id: Option<ID>,
    /// The leaders, all of them, in their order.
    leader_ids: Option<Vec<ID>>,
    /// The units, all of them, in their order; at least one leads, or waits to be designated.
    units: Option<Vec<TargetUnitInput>>,
    /// The due date, within the plan's year or the one after.
    due_on: Option<Date>,
    /// The indicators, all of them, in their order: each is confirmed by this.
    indicators: Option<Vec<TargetIndicatorInput>>,
    /// An ID of your own for this act, at most 100 characters: sent again with the same input, it changes nothing twice.
    client_mutation_id: Option<String>,
}

/// What is amended of a target in force. What is not given stays.
#[derive(InputObject)]
pub(crate) struct AmendTargetInput {
    /// The target.
    target_id: ID,
    /// The version that you have seen.
    expected_version: i32,
    /// Why, for all who see the target; at most 2,000 characters.
    reason: String,
    /// The text; at most 4,000 characters.
    text: Option<String>,
    /// The leaders, all of them, in their order.
    leader_ids: Option<Vec<ID>>,
    /// The units, all of them, in their order; at least one leads, or waits to be designated. One that is left out no longer sees the
    /// target; what a new one owes begins now; one that gets another role, or another unit that acts for it, acknowledges anew.
    units: Option<Vec<TargetUnitInput>>,
    /// The due date, within the plan's year or the one after. It counts for assessment.
    due_on: Option<Date>,
    /// The indicators, all of them, in their order. Those on which there are reports are changed, not left out.
    indicators: Option<Vec<TargetIndicatorInput>>,
    /// An ID of your own for this act, at most 100 characters: sent again with the same input, it changes nothing twice.
    client_mutation_id: Option<String>,
}

/// A target to be taken out of a draft.
#[derive(InputObject)]
pub(crate) struct RemoveTargetInput {
    /// The target.
    target_id: ID,
    /// The version that you have seen.
    expected_version: i32,
    /// An ID of your own for this act, at most 100 characters: sent again with the same input, it changes nothing twice.
    client_mutation_id: Option<String>,
}

/// Targets to be carried over.
#[derive(InputObject)]
pub(crate) struct CarryOverTargetsInput {
    /// The targets, neither closed nor cancelled; at most 100.
    target_ids: Vec<ID>,
    /// The plan that gets them, a draft of a later year.
    to_plan_id: ID,
    /// Why, for all who see the new targets; at most 2,000 characters.
    reason: String,
    /// An ID of your own for this act, at most 100 characters: sent again with the same input, it changes nothing twice.
    client_mutation_id: Option<String>,
}

/// Indicators to be confirmed as they were proposed.
#[derive(InputObject)]
pub(crate) struct ConfirmIndicatorsInput {
    /// The indicators, at least one and at most 200, each once: all are confirmed, or none.
    indicator_ids: Vec<ID>,
    /// An ID of your own for this act, at most 100 characters: sent again with the same input, it changes nothing twice.
    client_mutation_id: Option<String>,
}

/// What came of confirming indicators.
#[derive(SimpleObject)]
pub(crate) struct ConfirmIndicatorsPayload {
    /// The ID that you gave the act.
    client_mutation_id: Option<String>,
    /// The indicators, in the order of the input; null when refused.
    indicators: Option<Vec<Indicator>>,
    /// Why it was refused; empty on success.
    user_errors: Vec<UserError>,
}

/// What came of writing a target.
#[derive(SimpleObject)]
pub(crate) struct TargetPayload {
    /// The ID that you gave the act.
    client_mutation_id: Option<String>,
    /// The target; null when refused.
    target: Option<Target>,
    /// Why it was refused; empty on success.
    user_errors: Vec<UserError>,
}

/// What came of taking a target out of a draft.
#[derive(SimpleObject)]
pub(crate) struct RemoveTargetPayload {
    /// The ID that you gave the act.
    client_mutation_id: Option<String>,
    /// The plan without the target; null when refused.
    plan: Option<Plan>,
    /// Why it was refused; empty on success.
    user_errors: Vec<UserError>,
}

/// What came of carrying targets over.
#[derive(SimpleObject)]
pub(crate) struct CarryOverTargetsPayload {
    /// The ID that you gave the act.
    client_mutation_id: Option<String>,
    /// The new targets, in their order; null when refused.
    targets: Option<Vec<Target>>,
    /// Why it was refused; empty on success.
    user_errors: Vec<UserError>,
}

fn leaders(ids: &[ID]) -> Vec<Option<LeaderId>> {
    ids.iter().map(LeaderId::local).collect()
}

fn units(given: &[TargetUnitInput]) -> Vec<UnitPart> {
    let part = |unit: &TargetUnitInput| UnitPart {
        unit: UnitId::local(&unit.unit_id),
        role: unit.role.into(),
        acting_unit: unit.acting_unit_id.as_ref().map(UnitId::local),
    };
    given.iter().map(part).collect()
}

fn indicators(given: &[TargetIndicatorInput]) -> Vec<IndicatorChange> {
    let change = |indicator: &TargetIndicatorInput| IndicatorChange {
        indicator: indicator.indicator_id.as_ref().map(IndicatorId::local),
        name: indicator.name.clone(),
        comparison: indicator.comparison.into(),
        goal: indicator.goal.0.clone(),
        unit_of_measure: indicator.unit_of_measure.clone(),
        kind: indicator.kind.into(),
        phrase: indicator.phrase.clone(),
    };
    given.iter().map(change).collect()
}

#[derive(Default)]
pub(crate) struct TargetMutation;

#[Object]
impl TargetMutation {
    /// Adds a target to a draft, with the next number: the supervision office's.
    async fn add_target(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The target.")] input: AddTargetInput,
    ) -> Result<TargetPayload, ApiError> {
        let request = Request::of(ctx);
        let add = AddTarget {
            plan: PlanId::local(&input.plan_id),
            section: SectionId::local(&input.section_id),
            change: TargetChange {
                text: Some(input.text.clone()),
                section: None,
                leaders: Some(leaders(&input.leader_ids)),
                units: Some(units(&input.units)),
                due_on: input.due_on.as_ref().map(|day| day.0),
                indicators: input.indicators.as_deref().map(indicators),
            },
        };
        let call = &request.call;
        let outcome = acted!("addTarget", input, |once| call.add_target(add, once));
        written(request, outcome, input.client_mutation_id)
    }

    /// Changes a target of a draft, or confirms its indicators: the supervision office's.
    async fn update_target(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The change.")] input: UpdateTargetInput,
    ) -> Result<TargetPayload, ApiError> {
        let request = Request::of(ctx);
        let id = TargetId::local(&input.target_id);
        let change = TargetChange {
            text: input.text.clone(),
            section: input.section_id.as_ref().map(SectionId::local),
            leaders: input.leader_ids.as_deref().map(leaders),
            units: input.units.as_deref().map(units),
            due_on: input.due_on.as_ref().map(|day| day.0),
            indicators: input.indicators.as_deref().map(indicators),
        };
        let (call, action, seen) = (&request.call, Action::UpdateTarget, input.expected_version);
        let outcome = acted!("updateTarget", input, |once| {
            call.change_target(action, id, seen, change, None, once)
        });
        written(request, outcome, input.client_mutation_id)
    }

    /// Takes a target out of a draft; those after it move up by one number: the supervision office's.
    async fn remove_target(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which target.")] input: RemoveTargetInput,
    ) -> Result<RemoveTargetPayload, ApiError> {
        let (request, id) = (Request::of(ctx), TargetId::local(&input.target_id));
        let (call, seen) = (&request.call, input.expected_version);
        let outcome = acted!("removeTarget", input, |once| {
            call.remove_target(id, seen, once)
        });
        let (plan, user_errors) = settle(request, outcome)?;
        Ok(RemoveTargetPayload {
            client_mutation_id: input.client_mutation_id,
            plan: plan.map(Plan::from),
            user_errors,
        })
    }

    /// Amends a target of a plan in force (调整): the supervision office's, with a reason. What was changed stays readable in
    /// `amendments` for all who see the target.
    async fn amend_target(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The amendment.")] input: AmendTargetInput,
    ) -> Result<TargetPayload, ApiError> {
        let request = Request::of(ctx);
        let id = TargetId::local(&input.target_id);
        let change = TargetChange {
            text: input.text.clone(),
            section: None,
            leaders: input.leader_ids.as_deref().map(leaders),
            units: input.units.as_deref().map(units),
            due_on: input.due_on.as_ref().map(|day| day.0),
            indicators: input.indicators.as_deref().map(indicators),
        };
        let (call, action, seen) = (&request.call, Action::AmendTarget, input.expected_version);
        let outcome = acted!("amendTarget", input, |once| {
            call.change_target(action, id, seen, change, Some(&input.reason), once)
        });
        written(request, outcome, input.client_mutation_id)
    }

    /// Confirms indicators as the rule proposed them (确认量化指标): the supervision office's, in a draft and in a plan in force. What
    /// is wrong is corrected by `updateTarget` or `amendTarget` instead. One that is confirmed already stays as it is. Each
    /// target of one that was not gets a new version.
    async fn confirm_indicators(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which indicators.")] input: ConfirmIndicatorsInput,
    ) -> Result<ConfirmIndicatorsPayload, ApiError> {
        let request = Request::of(ctx);
        let ids: Vec<Option<IndicatorId>> =
            input.indicator_ids.iter().map(IndicatorId::local).collect();
        let call = &request.call;
        let outcome = acted!("confirmIndicators", input, |once| {
            call.confirm_indicators(&ids, once)
        });
        let (rows, user_errors) = settle(request, outcome)?;
        Ok(ConfirmIndicatorsPayload {
            client_mutation_id: input.client_mutation_id,
            indicators: rows.map(|rows| rows.into_iter().map(Indicator::from).collect()),
            user_errors,
        })
    }

    /// Carries unfinished targets over into the draft of a later year (结转): for the supervision office of both plans. The new ones have
    /// the old ones' text, leaders, units, open designations and indicators, stand under the heading of the same titles if there
    /// is one, and are due on the last day of their year. Nothing of the old ones changes.
    async fn carry_over_targets(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which targets, and where to.")] input: CarryOverTargetsInput,
    ) -> Result<CarryOverTargetsPayload, ApiError> {
        let request = Request::of(ctx);
        let carry = CarryOver {
            targets: input.target_ids.iter().map(TargetId::local).collect(),
            plan: PlanId::local(&input.to_plan_id),
            reason: input.reason.clone(),
        };
        let call = &request.call;
        let outcome = acted!("carryOverTargets", input, |once| {
            call.carry_over(carry, once)
        });
        let (targets, user_errors) = settle(request, outcome)?;
        Ok(CarryOverTargetsPayload {
            client_mutation_id: input.client_mutation_id,
            targets: targets.map(|rows| rows.into_iter().map(Target::from).collect()),
            user_errors,
        })
    }
}

fn written(
    request: &Request,
    outcome: store::Result<Seen<target::Model>>,
    client_mutation_id: Option<String>,
) -> Result<TargetPayload, ApiError> {
    let (target, user_errors) = settle(request, outcome)?;
    Ok(TargetPayload {
        client_mutation_id,
        target: target.map(Target::from),
        user_errors,
    })
}
