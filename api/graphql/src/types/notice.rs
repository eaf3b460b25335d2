//! SupervisionNotice (督办单).

use async_graphql::{Context, ID, InputObject, Object};
use chrono::Utc;
use domain::notice::overdue;
use entity::{
    ids::{TargetId, UnitId},
    supervision_notice,
};
use store::{ActorKey, PageArgs, Seen};

use super::{
    Actor, AvailableAction, Target, Unit, actor, answer::Answer, available_actions,
    target_filter::key,
};
use crate::{
    connection::{Counted, SupervisionNoticeConnection},
    enums::{NoticeColour, NoticeRung, NoticeStatus},
    error::ApiError,
    id::Global,
    loader::AssignmentsOf,
    request::Request,
    scalar::{Date, DateTime},
};

#[derive(Clone)]
pub(crate) struct SupervisionNotice(Seen<supervision_notice::Model>);

impl From<Seen<supervision_notice::Model>> for SupervisionNotice {
    fn from(row: Seen<supervision_notice::Model>) -> Self {
        Self(row)
    }
}

/// A notice of the supervision office to a unit about a target, which wants an answer by a day (三色督办单). The unit, the one
/// acting for it, the supervision office and the target's leaders see it; nobody else does.
#[Object]
impl SupervisionNotice {
    /// The ID of the notice.
    pub(crate) async fn id(&self) -> ID {
        self.0.id.global()
    }

    /// How urgent it is.
    async fn colour(&self) -> NoticeColour {
        self.0.colour.into()
    }

    /// What it says.
    async fn body(&self) -> &str {
        &self.0.body
    }

    /// The last day for an answer.
    async fn reply_due_on(&self) -> Date {
        Date(self.0.reply_due_on)
    }

    /// The state.
    async fn status(&self) -> NoticeStatus {
        self.0.status.into()
    }

    /// It is open, and the last day for an answer has passed (逾期未答复).
    async fn overdue(&self, ctx: &Context<'_>) -> bool {
        let today = Request::of(ctx).call.today();
        overdue(self.0.status, self.0.reply_due_on, today)
    }

    /// When it was issued.
    async fn issued_at(&self) -> DateTime {
        DateTime(self.0.issued_at)
    }

    /// Who issued it; null for one that was issued by rule.
    async fn issued_by(&self, ctx: &Context<'_>) -> Option<Result<Actor, ApiError>> {
        actor(ctx, self.0.issued_by()).await
    }

    /// By which rule it was issued; null for one that a person issued.
    async fn rung(&self) -> Option<NoticeRung> {
        self.0.rung.map(Into::into)
    }

    /// The unit's answer; null until there is one.
    async fn answer(&self) -> Option<Answer> {
        let (body, answered_at) = self.0.answer.clone().zip(self.0.answered_at)?;
        Some(Answer {
            body,
            answered_at,
            answered_by: self.0.answered_by(),
            unit: Some(self.0.unit_id),
        })
    }

    /// Why and when it was withdrawn; null unless it was.
    async fn withdrawal(&self) -> Option<NoticeWithdrawal> {
        let (reason, withdrawn_at) = self.0.withdraw_reason.clone().zip(self.0.withdrawn_at)?;
        Some(NoticeWithdrawal {
            reason,
            withdrawn_at,
            withdrawn_by: self.0.withdrawn_by(),
        })
    }

    /// The unit that has to answer.
    async fn unit(&self, ctx: &Context<'_>) -> Option<Result<Unit, ApiError>> {
        Request::of(ctx).one(self.0.unit_id).await
    }

    /// The target that it is about.
    async fn target(&self, ctx: &Context<'_>) -> Option<Result<Target, ApiError>> {
        Request::of(ctx).one(self.0.target_id).await
    }

    /// What you may do to it now.
    async fn available_actions(&self, ctx: &Context<'_>) -> Result<Vec<AvailableAction>, ApiError> {
        let request = Request::of(ctx);
        let (Some(target), Some(plan)) = (
            request.loaded(self.0.target_id).await?,
            request.loaded(self.0.plan_id).await?,
        ) else {
            return Ok(Vec::new());
        };
        let assignments = request.loaded(AssignmentsOf(target.key())).await?;
        let assignments = assignments.as_deref().unwrap_or_default();
        let facts = request.call.notice_facts(&plan, assignments, &self.0);
        available_actions(request, &facts)
    }
}

pub(crate) struct NoticeWithdrawal {
    reason: String,
    withdrawn_at: chrono::DateTime<Utc>,
    withdrawn_by: Option<ActorKey>,
}

/// The end of a notice that the supervision office took back (撤回).
#[Object]
impl NoticeWithdrawal {
    /// Why.
    async fn reason(&self) -> &str {
        &self.reason
    }

    /// When.
    async fn withdrawn_at(&self) -> DateTime {
        DateTime(self.withdrawn_at)
    }

    /// Who withdrew it; null when the server did by rule.
    async fn withdrawn_by(&self, ctx: &Context<'_>) -> Option<Result<Actor, ApiError>> {
        actor(ctx, self.withdrawn_by).await
    }
}

/// What a notice must be to stay in the list: all that is given. A filter only narrows what you may see.
#[derive(InputObject, Default)]
pub(crate) struct SupervisionNoticeFilter {
    /// Of the plan of this year.
    plan_year: Option<i32>,
    /// About this target.
    target_id: Option<ID>,
    /// To this unit.
    unit_id: Option<ID>,
    /// How urgent it is.
    colour: Option<NoticeColour>,
    /// Its state.
    status: Option<NoticeStatus>,
    /// It is open and the last day for an answer has passed (true), or not so (false).
    overdue: Option<bool>,
}

/// A page of the notices that the viewer sees.
pub(crate) async fn supervision_notices(
    ctx: &Context<'_>,
    args: PageArgs,
    filter: SupervisionNoticeFilter,
) -> Result<SupervisionNoticeConnection, ApiError> {
    let request = Request::of(ctx);
    let call = request.admitted()?;
    let filter = store::SupervisionNoticeFilter {
        plan_year: filter.plan_year,
        target: key::<TargetId>(request, filter.target_id)?,
        unit: key::<UnitId>(request, filter.unit_id)?,
        colour: filter.colour.map(Into::into),
        status: filter.status.map(Into::into),
        overdue: filter.overdue,
    };
    let page = call.supervision_notices(filter, &args).await;
    let page = page.map_err(|error| request.error(error))?;
    let counted = Counted::SupervisionNotices(filter);
    Ok(SupervisionNoticeConnection::new(&page, counted))
}
