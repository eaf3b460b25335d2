//! ProgressReport (进展报告).

use std::sync::Arc;

use async_graphql::{Context, ID, Object};
use entity::progress_report;
use store::{PageArgs, Seen};

use super::{
    Attachment, AvailableAction, IndicatorReading, Plan, ReportingPeriod, Review, Target, Unit,
    actor::{Actor, actor},
    available_actions,
};
use crate::{
    connection::{Counted, ReportVersionConnection},
    enums::ReportStatus,
    error::ApiError,
    id::Global,
    loader::{AttachmentsOf, FactsOf, PageOf, ReadingsOfReport, ReviewsOf, Versions},
    request::Request,
    scalar::DateTime,
};

#[derive(Clone)]
pub(crate) struct ProgressReport(pub(crate) Seen<progress_report::Model>);

impl From<Seen<progress_report::Model>> for ProgressReport {
    fn from(row: Seen<progress_report::Model>) -> Self {
        Self(row)
    }
}

/// What one unit reports on one target for one period (进展报告). Its own unit sees it always, and the unit acting for it;
/// lead units, the supervision office and the target's leaders from its submission on; accepted ones also observers and,
/// of lead units', every unit of the target.
#[Object]
impl ProgressReport {
    /// The ID of the report.
    pub(crate) async fn id(&self) -> ID {
        self.0.id.global()
    }

    /// Grows by one with each step. Whoever changes the report says as `expectedVersion` which one they have seen.
    async fn version(&self) -> i32 {
        self.0.version
    }

    /// The state of the report.
    async fn status(&self) -> ReportStatus {
        self.0.status.into()
    }

    /// It was first submitted after the period's due time (迟报).
    async fn late(&self) -> bool {
        self.0.late
    }

    /// Progress so far (进展情况).
    async fn progress(&self) -> &str {
        &self.0.progress
    }

    /// Problems (存在的问题).
    async fn problems(&self) -> &str {
        &self.0.problems
    }

    /// Next steps (下一步措施).
    async fn next_steps(&self) -> &str {
        &self.0.next_steps
    }

    /// Percent complete, 0 to 100; null when the report does not say.
    async fn percent_complete(&self) -> Option<i32> {
        self.0.percent_complete
    }

    /// When it was submitted last; null until it is.
    async fn submitted_at(&self) -> Option<DateTime> {
        self.0.submitted_at.map(DateTime)
    }

    /// When it was submitted first: what `late` goes by.
    async fn first_submitted_at(&self) -> Option<DateTime> {
        self.0.first_submitted_at.map(DateTime)
    }

    /// When its review began, since it was submitted last: from then on it cannot be recalled.
    async fn review_began_at(&self) -> Option<DateTime> {
        self.0.review_began_at.map(DateTime)
    }

    /// When it was accepted; null until it is.
    async fn accepted_at(&self) -> Option<DateTime> {
        self.0.accepted_at.map(DateTime)
    }

    /// When it was begun.
    async fn created_at(&self) -> DateTime {
        DateTime(self.0.created_at)
    }

    /// When it last changed.
    async fn updated_at(&self) -> DateTime {
        DateTime(self.0.updated_at)
    }

    /// Who wrote it last.
    async fn author(&self, ctx: &Context<'_>) -> Option<Result<Actor, ApiError>> {
        actor(ctx, Some(self.0.author())).await
    }

    /// Who submitted it last.
    async fn submitted_by(&self, ctx: &Context<'_>) -> Option<Result<Actor, ApiError>> {
        actor(ctx, self.0.submitted_by()).await
    }

    /// The plan.
    async fn plan(&self, ctx: &Context<'_>) -> Option<Result<Plan, ApiError>> {
        Request::of(ctx).one(self.0.plan_id).await
    }

    /// The target on which it reports.
    async fn target(&self, ctx: &Context<'_>) -> Option<Result<Target, ApiError>> {
        Request::of(ctx).one(self.0.target_id).await
    }

    /// The period for which it reports.
    async fn period(&self, ctx: &Context<'_>) -> Option<Result<ReportingPeriod, ApiError>> {
        Request::of(ctx).one(self.0.period_id).await
    }

    /// The unit that reports.
    async fn unit(&self, ctx: &Context<'_>) -> Option<Result<Unit, ApiError>> {
        Request::of(ctx).one(self.0.unit_id).await
    }

    /// What may be done to the report, and by you, now.
    async fn available_actions(&self, ctx: &Context<'_>) -> Result<Vec<AvailableAction>, ApiError> {
        let request = Request::of(ctx);
        let facts = request.loaded(FactsOf(self.0.clone())).await?;
        let actions = facts.map(|facts| available_actions(request, facts.as_ref()));
        actions.unwrap_or_else(|| Ok(Vec::new()))
    }

    /// The values of indicators, in the order in which they were given.
    async fn readings(&self, ctx: &Context<'_>) -> Result<Vec<IndicatorReading>, ApiError> {
        Request::of(ctx).list(ReadingsOfReport(self.0.key())).await
    }

    /// The evidence files (佐证材料) that it has now, in the order of uploading.
    async fn attachments(&self, ctx: &Context<'_>) -> Result<Vec<Attachment>, ApiError> {
        let key = AttachmentsOf(self.0.version_key());
        Request::of(ctx).list(key).await
    }

    /// What the supervision office made of it, oldest first: all of it for those who see reports from their submission
    /// on, acceptance alone for others.
    async fn reviews(&self, ctx: &Context<'_>) -> Result<Vec<Review>, ApiError> {
        Request::of(ctx).list(ReviewsOf(self.0.key())).await
    }

    /// The report as its steps left it, oldest first, of those versions that you may see.
    async fn versions(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "Items from the start, or after `after`. At most 100; 20 when neither `first` nor `last` is given."
        )]
        first: Option<i32>,
        #[graphql(desc = "The cursor after which the page begins.")] after: Option<String>,
        #[graphql(desc = "Items from the end, or before `before`. At most 100.")] last: Option<i32>,
        #[graphql(desc = "The cursor before which the page ends.")] before: Option<String>,
    ) -> Result<ReportVersionConnection, ApiError> {
        let request = Request::of(ctx);
        let key = PageOf {
            parent: self.0.key(),
            list: Arc::new(Versions),
            args: Arc::new(PageArgs {
                first,
                after,
                last,
                before,
            }),
        };
        let page = request.loaders.one(key).await.and_then(Option::transpose);
        let page = page
            .map_err(|error| request.error(error))?
            .unwrap_or_default();
        let counted = Counted::ReportVersions(self.0.key());
        Ok(ReportVersionConnection::new(&page, counted))
    }
}
