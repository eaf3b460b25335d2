//! Event: something that happened.

use async_graphql::{Context, ID, Object};
use entity::{
    event,
    ids::{
        AssignmentId, DisputeId, InstructionId, MilestoneId, ProgressReportId, ReportingPeriodId,
        SupervisionNoticeId, TargetRequestId,
    },
};
use store::Seen;

use super::{
    Assignment, Dispute, Instruction, Milestone, Plan, ProgressReport, ReportingPeriod,
    SupervisionNotice, Target, TargetRequest, Unit,
    actor::{Actor, actor},
};
use crate::{enums::EventType, error::ApiError, id::Global, request::Request, scalar::DateTime};

#[derive(Clone)]
pub(crate) struct Event(Seen<event::Model>);

impl From<Seen<event::Model>> for Event {
    fn from(row: Seen<event::Model>) -> Self {
        Self(row)
    }
}

impl Event {
    /// The key of what it happened to, if that is one of these.
    fn about(&self, of: &str) -> Option<i64> {
        let of_these = self.0.object_type.as_deref() == Some(of);
        self.0.object_id.filter(|_| of_these)
    }
}

/// Something that happened to what you may see (动态). What it happened to is shown as it is now, and is null when you do
/// not see it any more.
#[Object]
impl Event {
    /// The ID of the event. The same event has the same ID wherever it comes from.
    pub(crate) async fn id(&self) -> ID {
        self.0.id.global()
    }

    /// What happened.
    async fn r#type(&self) -> EventType {
        self.0.r#type.into()
    }

    /// When it happened.
    async fn occurred_at(&self) -> DateTime {
        DateTime(self.0.occurred_at)
    }

    /// Who did it; null for what the server does itself.
    async fn actor(&self, ctx: &Context<'_>) -> Option<Result<Actor, ApiError>> {
        actor(ctx, self.0.actor()).await
    }

    /// The plan.
    async fn plan(&self, ctx: &Context<'_>) -> Option<Result<Plan, ApiError>> {
        Request::of(ctx).one(self.0.plan_id).await
    }

    /// The target; null for what happens to a whole plan.
    async fn target(&self, ctx: &Context<'_>) -> Option<Result<Target, ApiError>> {
        Request::of(ctx).one(self.0.target_id?).await
    }

    /// The unit whose assignment or report it is.
    async fn unit(&self, ctx: &Context<'_>) -> Option<Result<Unit, ApiError>> {
        Request::of(ctx).one(self.0.unit_id?).await
    }

    /// The report, where it happened to one.
    async fn report(&self, ctx: &Context<'_>) -> Option<Result<ProgressReport, ApiError>> {
        let id = ProgressReportId(self.about("ProgressReport")?);
        Request::of(ctx).one(id).await
    }

    /// The reporting period, where it happened to one.
    async fn period(&self, ctx: &Context<'_>) -> Option<Result<ReportingPeriod, ApiError>> {
        let id = ReportingPeriodId(self.about("ReportingPeriod")?);
        Request::of(ctx).one(id).await
    }

    /// The assignment, where it happened to one.
    async fn assignment(&self, ctx: &Context<'_>) -> Option<Result<Assignment, ApiError>> {
        let id = AssignmentId(self.about("Assignment")?);
        Request::of(ctx).one(id).await
    }

    /// The supervision notice, where it happened to one.
    async fn notice(&self, ctx: &Context<'_>) -> Option<Result<SupervisionNotice, ApiError>> {
        let id = SupervisionNoticeId(self.about("SupervisionNotice")?);
        Request::of(ctx).one(id).await
    }

    /// The instruction, where it happened to one.
    async fn instruction(&self, ctx: &Context<'_>) -> Option<Result<Instruction, ApiError>> {
        let id = InstructionId(self.about("Instruction")?);
        Request::of(ctx).one(id).await
    }

    /// The request, where it happened to one.
    async fn request(&self, ctx: &Context<'_>) -> Option<Result<TargetRequest, ApiError>> {
        let id = TargetRequestId(self.about("TargetRequest")?);
        Request::of(ctx).one(id).await
    }

    /// The milestone, where it happened to one.
    async fn milestone(&self, ctx: &Context<'_>) -> Option<Result<Milestone, ApiError>> {
        let id = MilestoneId(self.about("Milestone")?);
        Request::of(ctx).one(id).await
    }

    /// The dispute, where it happened to one.
    async fn dispute(&self, ctx: &Context<'_>) -> Option<Result<Dispute, ApiError>> {
        let id = DisputeId(self.about("Dispute")?);
        Request::of(ctx).one(id).await
    }
}
