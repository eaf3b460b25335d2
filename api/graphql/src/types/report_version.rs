//! ReportVersion: a progress report as one of its steps left it.

use async_graphql::{Context, ID, Object};
use entity::{ids::IndicatorId, report_version};
use store::Seen;

use super::{
    Attachment, IndicatorReading, ProgressReport,
    actor::{Actor, actor},
    available_action::Action,
};
use crate::{
    enums::ReportStatus, error::ApiError, id::Global, loader::AttachmentsOf, request::Request,
    scalar::DateTime,
};

#[derive(Clone)]
pub(crate) struct ReportVersion(Seen<report_version::Model>);

impl From<Seen<report_version::Model>> for ReportVersion {
    fn from(row: Seen<report_version::Model>) -> Self {
        Self(row)
    }
}

/// A progress report as one of its steps left it (历史版本). You see the versions that you could see when they were the
/// newest: drafts within the unit alone.
#[Object]
impl ReportVersion {
    /// The ID of the version.
    pub(crate) async fn id(&self) -> ID {
        self.0.id.global()
    }

    /// The number of the version, from 1.
    async fn version(&self) -> i32 {
        self.0.version
    }

    /// The step that made the version.
    async fn action(&self) -> Option<Action> {
        self.0.step().map(Action::from)
    }

    /// The state of the report then.
    async fn status(&self) -> ReportStatus {
        self.0.status.into()
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

    /// Percent complete, 0 to 100.
    async fn percent_complete(&self) -> Option<i32> {
        self.0.percent_complete
    }

    /// The values of indicators.
    async fn readings(&self) -> Vec<IndicatorReading> {
        let kept: Vec<(IndicatorId, String)> = self.0.kept_readings();
        let reading = |(indicator, value)| IndicatorReading {
            indicator,
            report: self.0.report_id,
            value,
        };
        kept.into_iter().map(reading).collect()
    }

    /// The evidence files (佐证材料) of this version, in the order of uploading. They stay with it for good.
    async fn attachments(&self, ctx: &Context<'_>) -> Result<Vec<Attachment>, ApiError> {
        Request::of(ctx).list(AttachmentsOf(self.0.key())).await
    }

    /// What was said with the step.
    async fn comment(&self) -> Option<&str> {
        self.0.comment.as_deref()
    }

    /// Who took the step.
    async fn actor(&self, ctx: &Context<'_>) -> Option<Result<Actor, ApiError>> {
        actor(ctx, Some(self.0.user())).await
    }

    /// When the step was taken.
    async fn recorded_at(&self) -> DateTime {
        DateTime(self.0.recorded_at)
    }

    /// The report as it is now; null when you do not see it any more, because it is a draft again.
    async fn report(&self, ctx: &Context<'_>) -> Option<Result<ProgressReport, ApiError>> {
        Request::of(ctx).one(self.0.report_id).await
    }
}
