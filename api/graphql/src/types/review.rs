//! Review (审核).

use async_graphql::{Context, ID, Object};
use entity::review;
use store::Seen;

use super::{
    ProgressReport,
    actor::{Actor, actor},
};
use crate::{
    enums::ReviewDecision, error::ApiError, id::Global, request::Request, scalar::DateTime,
};

#[derive(Clone)]
pub(crate) struct Review(Seen<review::Model>);

impl From<Seen<review::Model>> for Review {
    fn from(row: Seen<review::Model>) -> Self {
        Self(row)
    }
}

/// What the supervision office made of a report (审核). What was said when a report was sent back is for those who see
/// reports from their submission on.
#[Object]
impl Review {
    /// The ID of the review.
    pub(crate) async fn id(&self) -> ID {
        self.0.id.global()
    }

    /// The decision.
    async fn decision(&self) -> ReviewDecision {
        self.0.decision.into()
    }

    /// What was said with it.
    async fn comment(&self) -> Option<&str> {
        self.0.comment.as_deref()
    }

    /// The version of the report that was reviewed.
    async fn report_version(&self) -> i32 {
        self.0.report_version
    }

    /// When it was decided.
    async fn reviewed_at(&self) -> DateTime {
        DateTime(self.0.reviewed_at)
    }

    /// Who decided; never one of those who wrote the report or handed it in.
    async fn reviewer(&self, ctx: &Context<'_>) -> Option<Result<Actor, ApiError>> {
        actor(ctx, Some(self.0.reviewer())).await
    }

    /// The report.
    async fn report(&self, ctx: &Context<'_>) -> Option<Result<ProgressReport, ApiError>> {
        Request::of(ctx).one(self.0.report_id).await
    }
}
