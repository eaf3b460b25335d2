//! Disputes of assignments.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use domain::Action;
use entity::ids::{AssignmentId, DisputeId, UnitId};

use super::once::acted;
use crate::{
    enums::DisputeDecision,
    error::{ApiError, UserError, settle},
    id::Global,
    request::Request,
    types::Dispute,
};

/// To which assignment a unit objects.
#[derive(InputObject)]
pub(crate) struct DisputeAssignmentInput {
    /// The assignment.
    assignment_id: ID,
    /// Why: at most 2,000 characters.
    reason: String,
    /// An ID of your own for this act, at most 100 characters: sent again with the same input, it changes nothing twice.
    client_mutation_id: Option<String>,
}

/// Which dispute is taken back.
#[derive(InputObject)]
pub(crate) struct WithdrawDisputeInput {
    /// The dispute.
    dispute_id: ID,
    /// Why: at most 2,000 characters.
    comment: Option<String>,
    /// An ID of your own for this act, at most 100 characters: sent again with the same input, it changes nothing twice.
    client_mutation_id: Option<String>,
}

/// What is decided.
#[derive(InputObject)]
pub(crate) struct DecideDisputeInput {
    /// The dispute.
    dispute_id: ID,
    /// The decision.
    decision: DisputeDecision,
    /// The unit to which the assignment goes, for REASSIGN: one that is not assigned to the target.
    unit_id: Option<ID>,
    /// What there is to say, at most 2,000 characters; needed to insist.
    comment: Option<String>,
    /// An ID of your own for this act, at most 100 characters: sent again with the same input, it changes nothing twice.
    client_mutation_id: Option<String>,
}

/// What came of it.
#[derive(SimpleObject)]
pub(crate) struct DisputePayload {
    /// The ID that you gave the act.
    client_mutation_id: Option<String>,
    /// The dispute; null when refused.
    dispute: Option<Dispute>,
    /// Why it was refused; empty on success.
    user_errors: Vec<UserError>,
}

#[derive(Default)]
pub(crate) struct DisputeMutation;

#[Object]
impl DisputeMutation {
    /// Objects to an assignment (退回), with a reason: a manager's of the unit, or of the unit acting for it, before it is
    /// acknowledged, once at a time.
    async fn dispute_assignment(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "To which assignment the unit objects.")] input: DisputeAssignmentInput,
    ) -> Result<DisputePayload, ApiError> {
        let request = Request::of(ctx);
        let id = AssignmentId::local(&input.assignment_id);
        let call = &request.call;
        let outcome = acted!("disputeAssignment", input, |once| {
            call.dispute_assignment(id, &input.reason, once)
        });
        settled(request, outcome, input.client_mutation_id)
    }

    /// Takes a dispute back that waits for its decision: a manager's of the unit.
    async fn withdraw_dispute(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which dispute is taken back.")] input: WithdrawDisputeInput,
    ) -> Result<DisputePayload, ApiError> {
        let request = Request::of(ctx);
        let id = DisputeId::local(&input.dispute_id);
        let (call, action) = (&request.call, Action::WithdrawDispute);
        let outcome = acted!("withdrawDispute", input, |once| {
            call.settle_dispute(action, id, None, input.comment.as_deref(), once)
        });
        settled(request, outcome, input.client_mutation_id)
    }

    /// Decides a dispute: the supervision office insists on the assignment (维持), or gives it to another unit (改派), which
    /// then acknowledges it anew. The reports of the old unit stay its own; what else is open between it and the office ends,
    /// for the comment, which nobody reads but the parties to the dispute.
    async fn decide_dispute(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is decided.")] input: DecideDisputeInput,
    ) -> Result<DisputePayload, ApiError> {
        let request = Request::of(ctx);
        let id = DisputeId::local(&input.dispute_id);
        let unit = input.unit_id.as_ref().map(UnitId::local);
        let action = match input.decision {
            DisputeDecision::Insist => Action::InsistOnAssignment,
            DisputeDecision::Reassign => Action::ReassignAssignment,
        };
        let call = &request.call;
        let outcome = acted!("decideDispute", input, |once| {
            call.settle_dispute(action, id, unit, input.comment.as_deref(), once)
        });
        settled(request, outcome, input.client_mutation_id)
    }
}

fn settled(
    request: &Request,
    outcome: store::Result<store::Seen<entity::dispute::Model>>,
    client_mutation_id: Option<String>,
) -> Result<DisputePayload, ApiError> {
    let (row, user_errors) = settle(request, outcome)?;
    Ok(DisputePayload {
        client_mutation_id,
        dispute: row.map(Dispute::from),
        user_errors,
    })
}
