//! Refined plans and their milestones.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use domain::Action;
use entity::ids::{MilestoneId, TargetId, UnitId};
use store::SaveMilestone;

use super::once::acted;
use crate::{
    enums::RefinementDecision,
    error::{ApiError, UserError, settle},
    id::Global,
    request::Request,
    scalar::Date,
    types::{Milestone, Target},
};

/// A milestone as it is to be.
#[derive(InputObject)]
pub(crate) struct SaveMilestoneInput {
    /// The milestone to be changed; without it, a new one is drafted.
    milestone_id: Option<ID>,
    /// The target.
    target_id: ID,
    /// What is to be reached: at most 300 characters.
    title: String,
    /// The last day for it: within the plan's year, and not after the target's due date.
    due_on: Date,
    /// The unit in charge, one of the target's; your lead unit when a new milestone names none.
    unit_id: Option<ID>,
    /// The version of the milestone that you have seen; needed to change it.
    expected_version: Option<i32>,
    /// An ID of your own for this act, at most 100 characters: sent again with the same input, it changes nothing twice.
    client_mutation_id: Option<String>,
}

/// When a milestone was reached.
#[derive(InputObject)]
pub(crate) struct MarkMilestoneInput {
    /// The milestone.
    milestone_id: ID,
    /// The day on which it was reached, today at the latest; null when it was not after all.
    done_on: Option<Date>,
    /// An ID of your own for this act, at most 100 characters: sent again with the same input, it changes nothing twice.
    client_mutation_id: Option<String>,
}

/// What came of saving or marking a milestone.
#[derive(SimpleObject)]
pub(crate) struct MilestonePayload {
    /// The ID that you gave the act.
    client_mutation_id: Option<String>,
    /// The milestone; null when refused.
    milestone: Option<Milestone>,
    /// Why it was refused; empty on success.
    user_errors: Vec<UserError>,
}

/// Which milestone is taken out.
#[derive(InputObject)]
pub(crate) struct RemoveMilestoneInput {
    /// The milestone.
    milestone_id: ID,
    /// The version of the milestone that you have seen.
    expected_version: i32,
    /// An ID of your own for this act, at most 100 characters: sent again with the same input, it changes nothing twice.
    client_mutation_id: Option<String>,
}

/// Which refined plan is handed in.
#[derive(InputObject)]
pub(crate) struct SubmitRefinementInput {
    /// The target.
    target_id: ID,
    /// The version of the refined plan that you have seen; with it, nothing is handed in that you have not seen.
    expected_version: Option<i32>,
    /// An ID of your own for this act, at most 100 characters: sent again with the same input, it changes nothing twice.
    client_mutation_id: Option<String>,
}

/// What is decided.
#[derive(InputObject)]
pub(crate) struct DecideRefinementInput {
    /// The target.
    target_id: ID,
    /// The decision.
    decision: RefinementDecision,
    /// What there is to say, at most 2,000 characters; needed to send back.
    comment: Option<String>,
    /// The version of the refined plan that you have seen; with it, nothing is decided that you have not seen.
    expected_version: Option<i32>,
    /// An ID of your own for this act, at most 100 characters: sent again with the same input, it changes nothing twice.
    client_mutation_id: Option<String>,
}

/// What came of it.
#[derive(SimpleObject)]
pub(crate) struct RefinementPayload {
    /// The ID that you gave the act.
    client_mutation_id: Option<String>,
    /// The target with its refined plan; null when refused.
    target: Option<Target>,
    /// Why it was refused; empty on success.
    user_errors: Vec<UserError>,
}

#[derive(Default)]
pub(crate) struct MilestoneMutation;

#[Object]
impl MilestoneMutation {
    /// Drafts a milestone, or changes it (时间节点): for whoever works for a lead unit, until the refined plan is handed in. In
    /// force without approval, a manager of a lead unit changes it, and it counts at once; with approval, the supervision
    /// office sends the refined plan back first.
    async fn save_milestone(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The milestone as it is to be.")] input: SaveMilestoneInput,
    ) -> Result<MilestonePayload, ApiError> {
        let request = Request::of(ctx);
        let save = SaveMilestone {
            milestone: input.milestone_id.as_ref().map(MilestoneId::local),
            target: TargetId::local(&input.target_id),
            title: input.title.clone(),
            due_on: input.due_on.0,
            unit: input.unit_id.as_ref().map(UnitId::local),
            expected_version: input.expected_version,
        };
        let call = &request.call;
        let outcome = acted!("saveMilestone", input, |once| call
            .save_milestone(save, once));
        let (row, user_errors) = settle(request, outcome)?;
        Ok(MilestonePayload {
            client_mutation_id: input.client_mutation_id,
            milestone: row.map(Milestone::from),
            user_errors,
        })
    }

    /// Takes a milestone out of its refined plan, as it is saved.
    async fn remove_milestone(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which milestone is taken out.")] input: RemoveMilestoneInput,
    ) -> Result<RefinementPayload, ApiError> {
        let request = Request::of(ctx);
        let id = MilestoneId::local(&input.milestone_id);
        let (call, version) = (&request.call, input.expected_version);
        let outcome = acted!("removeMilestone", input, |once| {
            call.remove_milestone(id, version, once)
        });
        refined(request, outcome, input.client_mutation_id)
    }

    /// Says when a milestone in force was reached: a manager's of the unit in charge, or of a lead unit.
    async fn mark_milestone(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "When the milestone was reached.")] input: MarkMilestoneInput,
    ) -> Result<MilestonePayload, ApiError> {
        let request = Request::of(ctx);
        let id = MilestoneId::local(&input.milestone_id);
        let done_on = input.done_on.as_ref().map(|day| day.0);
        let call = &request.call;
        let outcome = acted!("markMilestone", input, |once| {
            call.mark_milestone(id, done_on, once)
        });
        let (row, user_errors) = settle(request, outcome)?;
        Ok(MilestonePayload {
            client_mutation_id: input.client_mutation_id,
            milestone: row.map(Milestone::from),
            user_errors,
        })
    }

    /// Hands a refined plan in (报送细化方案): a lead unit's manager's. By the plan's rule the supervision office approves it;
    /// without the rule it is in force at once.
    async fn submit_refinement(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which refined plan is handed in.")] input: SubmitRefinementInput,
    ) -> Result<RefinementPayload, ApiError> {
        let request = Request::of(ctx);
        let id = TargetId::local(&input.target_id);
        let (call, action) = (&request.call, Action::SubmitRefinement);
        let outcome = acted!("submitRefinement", input, |once| {
            call.step_refinement(action, id, input.expected_version, None, once)
        });
        refined(request, outcome, input.client_mutation_id)
    }

    /// Approves a refined plan, or sends it back: the supervision office's. One in force may be sent back, too, so that the
    /// lead units can change it; until it is in force again, its milestones count no more.
    async fn decide_refinement(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is decided.")] input: DecideRefinementInput,
    ) -> Result<RefinementPayload, ApiError> {
        let request = Request::of(ctx);
        let id = TargetId::local(&input.target_id);
        let action = match input.decision {
            RefinementDecision::Approve => Action::ApproveRefinement,
            RefinementDecision::Return => Action::ReturnRefinement,
        };
        let (call, version) = (&request.call, input.expected_version);
        let outcome = acted!("decideRefinement", input, |once| {
            call.step_refinement(action, id, version, input.comment.as_deref(), once)
        });
        refined(request, outcome, input.client_mutation_id)
    }
}

fn refined(
    request: &Request,
    outcome: store::Result<store::Seen<entity::target::Model>>,
    client_mutation_id: Option<String>,
) -> Result<RefinementPayload, ApiError> {
    let (target, user_errors) = settle(request, outcome)?;
    Ok(RefinementPayload {
        client_mutation_id,
        target: target.map(Target::from),
        user_errors,
    })
}
