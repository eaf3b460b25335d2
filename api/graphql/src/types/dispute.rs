//! Dispute (退回).

use async_graphql::{Context, ID, InputObject, Object};
use entity::{
    dispute,
    ids::{TargetId, UnitId},
};
use store::Seen;

use super::{
    Actor, Assignment, AvailableAction, Target, Unit, actor, available_actions, target_filter::key,
};
use crate::{
    enums::DisputeStatus, error::ApiError, id::Global, loader::DisputeFactsOf, request::Request,
    scalar::DateTime,
};

#[derive(Clone)]
pub(crate) struct Dispute(Seen<dispute::Model>);

impl From<Seen<dispute::Model>> for Dispute {
    fn from(row: Seen<dispute::Model>) -> Self {
        Self(row)
    }
}

/// A unit's objection to an assignment (退回), before it acknowledges. Seen by the unit, as long as it sees the target, the
/// supervision office and the leaders.
#[Object]
impl Dispute {
    /// The ID of the dispute.
    pub(crate) async fn id(&self) -> ID {
        self.0.id.global()
    }

    /// The state of the dispute.
    async fn status(&self) -> DisputeStatus {
        self.0.status.into()
    }

    /// Why the unit objects.
    async fn reason(&self) -> &str {
        &self.0.reason
    }

    /// When it was raised.
    async fn raised_at(&self) -> DateTime {
        DateTime(self.0.raised_at)
    }

    /// Who raised it.
    async fn raised_by(&self, ctx: &Context<'_>) -> Option<Result<Actor, ApiError>> {
        actor(ctx, Some(self.0.raised_by())).await
    }

    /// What the supervision office said, or the unit when it took the dispute back.
    async fn comment(&self) -> Option<&str> {
        self.0.comment.as_deref()
    }

    /// When it was decided or taken back; null while it is open.
    async fn decided_at(&self) -> Option<DateTime> {
        self.0.decided_at.map(DateTime)
    }

    /// Who decided it or took it back.
    async fn decided_by(&self, ctx: &Context<'_>) -> Option<Result<Actor, ApiError>> {
        actor(ctx, self.0.decided_by()).await
    }

    /// The unit that objects.
    async fn unit(&self, ctx: &Context<'_>) -> Option<Result<Unit, ApiError>> {
        Request::of(ctx).one(self.0.unit_id).await
    }

    /// The unit to which the assignment went; null where it stayed.
    async fn new_unit(&self, ctx: &Context<'_>) -> Option<Result<Unit, ApiError>> {
        Request::of(ctx).one(self.0.new_unit_id?).await
    }

    /// The assignment as it is now.
    async fn assignment(&self, ctx: &Context<'_>) -> Option<Result<Assignment, ApiError>> {
        Request::of(ctx).one(self.0.assignment_id?).await
    }

    /// The target.
    async fn target(&self, ctx: &Context<'_>) -> Option<Result<Target, ApiError>> {
        Request::of(ctx).one(self.0.target_id).await
    }

    /// What you may do to it now.
    async fn available_actions(&self, ctx: &Context<'_>) -> Result<Vec<AvailableAction>, ApiError> {
        let request = Request::of(ctx);
        match request.loaded(DisputeFactsOf(self.0.id)).await? {
            Some(facts) => available_actions(request, &*facts),
            None => Ok(Vec::new()),
        }
    }
}

/// What a dispute must be to stay in the list: all that is given. A filter only narrows what you may see.
#[derive(InputObject, Default)]
pub(crate) struct DisputeFilter {
    /// Waiting for its decision (true), or not (false).
    open: Option<bool>,
    /// The unit that objects.
    unit_id: Option<ID>,
    /// The target.
    target_id: Option<ID>,
    /// The year of the plan.
    plan_year: Option<i32>,
}

impl DisputeFilter {
    /// The filter with its IDs read.
    pub(crate) fn read(self, request: &Request) -> Result<store::DisputeFilter, ApiError> {
        Ok(store::DisputeFilter {
            open: self.open,
            unit: key::<UnitId>(request, self.unit_id)?,
            target: key::<TargetId>(request, self.target_id)?,
            plan_year: self.plan_year,
        })
    }
}
