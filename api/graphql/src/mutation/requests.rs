//! Extensions and closures: asked, taken back, decided; targets suspended, taken up again, opened again.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use domain::Action;
use entity::ids::{AttachmentId, TargetId, TargetRequestId, UnitId};
use store::{AskOffice, Asked};

use super::once::acted;
use crate::{
    enums::RequestDecision,
    error::{ApiError, UserError, settle},
    id::Global,
    request::Request,
    scalar::Date,
    types::{ClosureRequest, ExtensionRequest, Target, TargetRequest},
};

/// For what a lead unit asks.
#[derive(InputObject)]
pub(crate) struct RequestExtensionInput {
    /// The target.
    target_id: ID,
    /// The lead unit that asks; needed only where you act for several.
    unit_id: Option<ID>,
    /// The due date asked for: later than that of now, at the latest the last day of the year after the plan's.
    new_due_on: Date,
    /// Why: at most 4,000 characters.
    reason: String,
    /// An ID of your own for this act, at most 100 characters: sent again with the same input, it changes nothing twice.
    client_mutation_id: Option<String>,
}

/// What came of asking for an extension.
#[derive(SimpleObject)]
pub(crate) struct RequestExtensionPayload {
    /// The ID that you gave the act.
    client_mutation_id: Option<String>,
    /// The request; null when refused.
    extension_request: Option<ExtensionRequest>,
    /// Why it was refused; empty on success.
    user_errors: Vec<UserError>,
}

/// What a lead unit says is done.
#[derive(InputObject)]
pub(crate) struct RequestClosureInput {
    /// The target.
    target_id: ID,
    /// The lead unit that asks; needed only where you act for several.
    unit_id: Option<ID>,
    /// What was achieved: at most 4,000 characters.
    summary: String,
    /// The evidence files, at most 10: each one that was uploaded for this target and unit and that waits to be attached.
    attachment_ids: Option<Vec<ID>>,
    /// An ID of your own for this act, at most 100 characters: sent again with the same input, it changes nothing twice.
    client_mutation_id: Option<String>,
}

/// What came of asking for a closure.
#[derive(SimpleObject)]
pub(crate) struct RequestClosurePayload {
    /// The ID that you gave the act.
    client_mutation_id: Option<String>,
    /// The request; null when refused.
    closure_request: Option<ClosureRequest>,
    /// Why it was refused; empty on success.
    user_errors: Vec<UserError>,
}

/// Which request is taken back.
#[derive(InputObject)]
pub(crate) struct WithdrawRequestInput {
    /// The request.
    request_id: ID,
    /// Why: at most 2,000 characters.
    comment: Option<String>,
    /// An ID of your own for this act, at most 100 characters: sent again with the same input, it changes nothing twice.
    client_mutation_id: Option<String>,
}

/// What is decided.
#[derive(InputObject)]
pub(crate) struct DecideRequestInput {
    /// The request, for an extension or a closure.
    request_id: ID,
    /// The decision.
    decision: RequestDecision,
    /// What there is to say, at most 2,000 characters; needed to refuse.
    comment: Option<String>,
    /// An ID of your own for this act, at most 100 characters: sent again with the same input, it changes nothing twice.
    client_mutation_id: Option<String>,
}

/// What came of deciding a request, or taking it back.
#[derive(SimpleObject)]
pub(crate) struct RequestPayload {
    /// The ID that you gave the act.
    client_mutation_id: Option<String>,
    /// The request; null when refused.
    request: Option<TargetRequest>,
    /// The target as it is now; null when refused.
    target: Option<Target>,
    /// Why it was refused; empty on success.
    user_errors: Vec<UserError>,
}

/// What happens to a target, and why.
#[derive(InputObject)]
pub(crate) struct TargetStepInput {
    /// The target.
    target_id: ID,
    /// Why: at most 500 characters.
    reason: String,
    /// An ID of your own for this act, at most 100 characters: sent again with the same input, it changes nothing twice.
    client_mutation_id: Option<String>,
}

/// What came of it.
#[derive(SimpleObject)]
pub(crate) struct TargetStepPayload {
    /// The ID that you gave the act.
    client_mutation_id: Option<String>,
    /// The target as it is now; null when refused.
    target: Option<Target>,
    /// Why it was refused; empty on success.
    user_errors: Vec<UserError>,
}

#[derive(Default)]
pub(crate) struct RequestMutation;

#[Object]
impl RequestMutation {
    /// Asks for a later due date (延期申请): a lead unit's manager's, before the due date has passed, one at a time.
    async fn request_extension(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "For what the lead unit asks.")] input: RequestExtensionInput,
    ) -> Result<RequestExtensionPayload, ApiError> {
        let request = Request::of(ctx);
        let ask = AskOffice {
            target: TargetId::local(&input.target_id),
            unit: input.unit_id.as_ref().map(UnitId::local),
            what: Asked::Extension {
                new_due_on: input.new_due_on.0,
                reason: input.reason.clone(),
            },
        };
        let call = &request.call;
        let outcome = acted!("requestExtension", input, |once| call.ask_office(ask, once));
        let (row, user_errors) = settle(request, outcome)?;
        Ok(RequestExtensionPayload {
            client_mutation_id: input.client_mutation_id,
            extension_request: row.map(ExtensionRequest::from),
            user_errors,
        })
    }

    /// Asks that a target be closed (办结申请), with its evidence: a lead unit's manager's, one at a time.
    async fn request_closure(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What the lead unit says is done.")] input: RequestClosureInput,
    ) -> Result<RequestClosurePayload, ApiError> {
        let request = Request::of(ctx);
        let ask = AskOffice {
            target: TargetId::local(&input.target_id),
            unit: input.unit_id.as_ref().map(UnitId::local),
            what: Asked::Closure {
                summary: input.summary.clone(),
                attachments: input
                    .attachment_ids
                    .iter()
                    .flatten()
                    .map(AttachmentId::local)
                    .collect(),
            },
        };
        let call = &request.call;
        let outcome = acted!("requestClosure", input, |once| call.ask_office(ask, once));
        let (row, user_errors) = settle(request, outcome)?;
        Ok(RequestClosurePayload {
            client_mutation_id: input.client_mutation_id,
            closure_request: row.map(ClosureRequest::from),
            user_errors,
        })
    }

    /// Takes a request back that waits for its decision: a manager's of the unit that asked.
    async fn withdraw_request(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which request is taken back.")] input: WithdrawRequestInput,
    ) -> Result<RequestPayload, ApiError> {
        let request = Request::of(ctx);
        let id = TargetRequestId::local(&input.request_id);
        let (call, action) = (&request.call, Action::WithdrawRequest);
        let outcome = acted!("withdrawRequest", input, |once| {
            call.settle_request(action, id, input.comment.as_deref(), once)
        });
        settled(request, outcome, input.client_mutation_id).await
    }

    /// Grants or refuses a request: the supervision office's, but not the person's who asked. A granted extension puts the
    /// due date off, a granted closure closes the target (销号).
    async fn decide_request(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is decided.")] input: DecideRequestInput,
    ) -> Result<RequestPayload, ApiError> {
        let request = Request::of(ctx);
        let id = TargetRequestId::local(&input.request_id);
        let action = match input.decision {
            RequestDecision::Approve => Action::ApproveRequest,
            RequestDecision::Reject => Action::RejectRequest,
        };
        let call = &request.call;
        let outcome = acted!("decideRequest", input, |once| {
            call.settle_request(action, id, input.comment.as_deref(), once)
        });
        settled(request, outcome, input.client_mutation_id).await
    }

    /// Suspends a target (暂缓): the supervision office's, with a reason. While it is suspended, its state is OTHER, and it
    /// takes no requests.
    async fn suspend_target(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which target, and why.")] input: TargetStepInput,
    ) -> Result<TargetStepPayload, ApiError> {
        let (request, id) = (Request::of(ctx), TargetId::local(&input.target_id));
        let (call, action) = (&request.call, Action::SuspendTarget);
        let outcome = acted!("suspendTarget", input, |once| {
            call.step_target(action, id, &input.reason, once)
        });
        stepped(request, outcome, input.client_mutation_id)
    }

    /// Cancels a target (终止): the supervision office's, with a reason that all read who see it. Its state is OTHER for good, nothing
    /// comes due on it any more, and nothing is done on it but answering what is open; `reopenTarget` takes it up again.
    async fn cancel_target(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which target, and why.")] input: TargetStepInput,
    ) -> Result<TargetStepPayload, ApiError> {
        let (request, id) = (Request::of(ctx), TargetId::local(&input.target_id));
        let (call, action) = (&request.call, Action::CancelTarget);
        let outcome = acted!("cancelTarget", input, |once| {
            call.step_target(action, id, &input.reason, once)
        });
        stepped(request, outcome, input.client_mutation_id)
    }

    /// Takes a suspended target up again (恢复): the supervision office's, with a reason.
    async fn resume_target(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which target, and why.")] input: TargetStepInput,
    ) -> Result<TargetStepPayload, ApiError> {
        let (request, id) = (Request::of(ctx), TargetId::local(&input.target_id));
        let (call, action) = (&request.call, Action::ResumeTarget);
        let outcome = acted!("resumeTarget", input, |once| {
            call.step_target(action, id, &input.reason, once)
        });
        stepped(request, outcome, input.client_mutation_id)
    }

    /// Opens a closed target again: the supervision office's, with a reason, which the lead units read on the request that
    /// had closed it.
    async fn reopen_target(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which target, and why.")] input: TargetStepInput,
    ) -> Result<TargetStepPayload, ApiError> {
        let (request, id) = (Request::of(ctx), TargetId::local(&input.target_id));
        let (call, action) = (&request.call, Action::ReopenTarget);
        let outcome = acted!("reopenTarget", input, |once| {
            call.step_target(action, id, &input.reason, once)
        });
        stepped(request, outcome, input.client_mutation_id)
    }
}

async fn settled(
    request: &Request,
    outcome: store::Result<store::Seen<entity::target_request::Model>>,
    client_mutation_id: Option<String>,
) -> Result<RequestPayload, ApiError> {
    let (row, user_errors) = settle(request, outcome)?;
    let target = match &row {
        Some(row) => request.one(row.target_id).await.transpose()?,
        None => None,
    };
    Ok(RequestPayload {
        client_mutation_id,
        request: row.map(TargetRequest::from),
        target,
        user_errors,
    })
}

fn stepped(
    request: &Request,
    outcome: store::Result<store::Seen<entity::target::Model>>,
    client_mutation_id: Option<String>,
) -> Result<TargetStepPayload, ApiError> {
    let (target, user_errors) = settle(request, outcome)?;
    Ok(TargetStepPayload {
        client_mutation_id,
        target: target.map(Target::from),
        user_errors,
    })
}
