//! Milestone (时间节点) and Refinement (细化方案).

use async_graphql::{Context, ID, Object};
use entity::{milestone, refinement};
use store::Seen;

use super::{Actor, AvailableAction, Target, Unit, actor, available_actions};
use crate::{
    enums::RefinementStatus,
    error::ApiError,
    id::Global,
    loader::MilestoneFactsOf,
    request::Request,
    scalar::{Date, DateTime},
};

#[derive(Clone)]
pub(crate) struct Milestone(Seen<milestone::Model>);

impl From<Seen<milestone::Model>> for Milestone {
    fn from(row: Seen<milestone::Model>) -> Self {
        Self(row)
    }
}

/// A dated step of a target's refined plan (时间节点). One in force counts in the target's light.
#[Object]
impl Milestone {
    /// The ID of the milestone.
    pub(crate) async fn id(&self) -> ID {
        self.0.id.global()
    }

    /// What is to be reached.
    async fn title(&self) -> &str {
        &self.0.title
    }

    /// The last day for it.
    async fn due_on(&self) -> Date {
        Date(self.0.due_on)
    }

    /// The day on which it was reached; null until then.
    async fn done_on(&self) -> Option<Date> {
        self.0.done_on.map(Date)
    }

    /// The unit in charge: one that is assigned to the target.
    async fn unit(&self, ctx: &Context<'_>) -> Option<Result<Unit, ApiError>> {
        Request::of(ctx).one(self.0.unit_id).await
    }

    /// The target.
    async fn target(&self, ctx: &Context<'_>) -> Option<Result<Target, ApiError>> {
        Request::of(ctx).one(self.0.target_id).await
    }

    /// Grows by one with each change of the milestone.
    async fn version(&self) -> i32 {
        self.0.version
    }

    /// When it last changed.
    async fn updated_at(&self) -> DateTime {
        DateTime(self.0.updated_at)
    }

    /// What you may do to it now.
    async fn available_actions(&self, ctx: &Context<'_>) -> Result<Vec<AvailableAction>, ApiError> {
        let request = Request::of(ctx);
        match request.loaded(MilestoneFactsOf(self.0.id)).await? {
            Some(facts) => available_actions(request, &*facts),
            None => Ok(Vec::new()),
        }
    }
}

pub(crate) struct Refinement(Seen<refinement::Model>);

impl From<Seen<refinement::Model>> for Refinement {
    fn from(row: Seen<refinement::Model>) -> Self {
        Self(row)
    }
}

/// The state of a target's refined plan (细化方案), whose steps are the target's milestones. A draft is seen by the lead
/// units; handed in or sent back, by the supervision office and the leaders, too; in force, by whoever sees the target.
#[Object]
impl Refinement {
    /// The state.
    async fn status(&self) -> RefinementStatus {
        self.0.status.into()
    }

    /// When it was last handed in.
    async fn submitted_at(&self) -> Option<DateTime> {
        self.0.submitted_at.map(DateTime)
    }

    /// Who handed it in.
    async fn submitted_by(&self, ctx: &Context<'_>) -> Option<Result<Actor, ApiError>> {
        actor(ctx, self.0.submitted_by()).await
    }

    /// When the supervision office last decided on it; null where it did not, and where the refined plan came into force without
    /// its decision.
    async fn decided_at(&self) -> Option<DateTime> {
        self.0.decided_at.map(DateTime)
    }

    /// Who decided.
    async fn decided_by(&self, ctx: &Context<'_>) -> Option<Result<Actor, ApiError>> {
        actor(ctx, self.0.decided_by()).await
    }

    /// What the supervision office said with its last decision. Once the refined plan is in force, that is what it said when it
    /// approved it: what it said when it sent one back is for those who saw that one.
    async fn comment(&self) -> Option<&str> {
        self.0.comment.as_deref()
    }

    /// Grows by one with each change of the refined plan or one of its milestones.
    async fn version(&self) -> i32 {
        self.0.version
    }
}
