//! Issuing, answering and withdrawing supervision notices.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use entity::ids::{SupervisionNoticeId, TargetId, UnitId};
use store::IssueNotice;

use super::once::once;
use crate::{
    enums::NoticeColour,
    error::{ApiError, UserError, settle},
    id::Global,
    request::Request,
    scalar::Date,
    types::SupervisionNotice,
};

/// What a notice says, and to whom.
#[derive(InputObject)]
pub(crate) struct IssueNoticeInput {
    /// The target that it is about.
    target_id: ID,
    /// The unit that has to answer: one that is assigned to the target, or acts for one that is.
    unit_id: ID,
    /// How urgent it is.
    colour: NoticeColour,
    /// What it says, at most 4000 characters.
    body: String,
    /// The last day for an answer: today or later, at most 366 days from now.
    reply_due_on: Date,
    /// An ID of your own for this act, at most 100 characters: sent again with the same input, it changes nothing twice.
    client_mutation_id: Option<String>,
}

/// What came of issuing a notice.
#[derive(SimpleObject)]
pub(crate) struct IssueNoticePayload {
    /// The ID that you gave the act.
    client_mutation_id: Option<String>,
    /// The notice; null when refused.
    notice: Option<SupervisionNotice>,
    /// Why it was refused; empty on success.
    user_errors: Vec<UserError>,
}

/// An answer to a notice.
#[derive(InputObject)]
pub(crate) struct AnswerNoticeInput {
    /// The notice.
    notice_id: ID,
    /// The answer, at most 4000 characters.
    body: String,
    /// An ID of your own for this act, at most 100 characters: sent again with the same input, it changes nothing twice.
    client_mutation_id: Option<String>,
}

/// What came of answering a notice.
#[derive(SimpleObject)]
pub(crate) struct AnswerNoticePayload {
    /// The ID that you gave the act.
    client_mutation_id: Option<String>,
    /// The notice with its answer; null when refused.
    notice: Option<SupervisionNotice>,
    /// Why it was refused; empty on success.
    user_errors: Vec<UserError>,
}

/// Which notice is withdrawn, and why.
#[derive(InputObject)]
pub(crate) struct WithdrawNoticeInput {
    /// The notice.
    notice_id: ID,
    /// Why, at most 2000 characters.
    reason: String,
    /// An ID of your own for this act, at most 100 characters: sent again with the same input, it changes nothing twice.
    client_mutation_id: Option<String>,
}

/// What came of withdrawing a notice.
#[derive(SimpleObject)]
pub(crate) struct WithdrawNoticePayload {
    /// The ID that you gave the act.
    client_mutation_id: Option<String>,
    /// The notice; null when refused.
    notice: Option<SupervisionNotice>,
    /// Why it was refused; empty on success.
    user_errors: Vec<UserError>,
}

#[derive(Default)]
pub(crate) struct NoticeMutation;

#[Object]
impl NoticeMutation {
    /// Issues a notice to a unit about a target (督办). The supervision office's, while the plan is in force and the target is
    /// not closed. A red one makes the target's light red as long as it is open.
    async fn issue_notice(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What the notice says, and to whom.")] input: IssueNoticeInput,
    ) -> Result<IssueNoticePayload, ApiError> {
        let request = Request::of(ctx);
        let outcome = async {
            let once = once("issueNotice", &input, input.client_mutation_id.as_deref())?;
            let issue = IssueNotice {
                target: TargetId::local(&input.target_id),
                unit: UnitId::local(&input.unit_id),
                colour: input.colour.into(),
                body: input.body.clone(),
                reply_due_on: input.reply_due_on.0,
            };
            request.call.issue_notice(issue, once.as_ref()).await
        };
        let (notice, user_errors) = settle(request, outcome.await)?;
        Ok(IssueNoticePayload {
            client_mutation_id: input.client_mutation_id,
            notice: notice.map(SupervisionNotice::from),
            user_errors,
        })
    }

    /// Answers a notice (答复): a manager's of its unit, or of the unit acting for it, once.
    async fn answer_notice(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The answer.")] input: AnswerNoticeInput,
    ) -> Result<AnswerNoticePayload, ApiError> {
        let request = Request::of(ctx);
        let outcome = async {
            let once = once("answerNotice", &input, input.client_mutation_id.as_deref())?;
            let notice = SupervisionNoticeId::local(&input.notice_id);
            let call = &request.call;
            call.answer_notice(notice, &input.body, once.as_ref()).await
        };
        let (notice, user_errors) = settle(request, outcome.await)?;
        Ok(AnswerNoticePayload {
            client_mutation_id: input.client_mutation_id,
            notice: notice.map(SupervisionNotice::from),
            user_errors,
        })
    }

    /// Withdraws a notice that is open, with a reason (撤回). The supervision office's.
    async fn withdraw_notice(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which notice, and why.")] input: WithdrawNoticeInput,
    ) -> Result<WithdrawNoticePayload, ApiError> {
        let request = Request::of(ctx);
        let outcome = async {
            let once = once(
                "withdrawNotice",
                &input,
                input.client_mutation_id.as_deref(),
            )?;
            let notice = SupervisionNoticeId::local(&input.notice_id);
            let call = &request.call;
            call.withdraw_notice(notice, &input.reason, once.as_ref())
                .await
        };
        let (notice, user_errors) = settle(request, outcome.await)?;
        Ok(WithdrawNoticePayload {
            client_mutation_id: input.client_mutation_id,
            notice: notice.map(SupervisionNotice::from),
            user_errors,
        })
    }
}
