//! The work on targets, of all plans: reports, notices, instructions, requests, disputes, and what has happened.

use async_graphql::{Context, Object};
use store::{PageArgs, ReportsOf};

use crate::{
    connection::{
        Counted, DisputeConnection, EventConnection, InstructionConnection,
        ProgressReportConnection, SupervisionNoticeConnection, TargetRequestConnection,
    },
    error::ApiError,
    request::Request,
    types::{
        DisputeFilter, InstructionFilter, ProgressReportFilter, ProgressReportOrder, RequestFilter,
        SupervisionNoticeFilter, instructions, reports, supervision_notices,
    },
};

#[derive(Default)]
pub(crate) struct WorkQuery;

#[Object]
impl WorkQuery {
    /// The supervision notices that you may see, newest first (督办单).
    async fn supervision_notices(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "Items from the start, or after `after`. At most 100; 20 when neither `first` nor `last` is given."
        )]
        first: Option<i32>,
        #[graphql(desc = "The cursor after which the page begins.")] after: Option<String>,
        #[graphql(desc = "Items from the end, or before `before`. At most 100.")] last: Option<i32>,
        #[graphql(desc = "The cursor before which the page ends.")] before: Option<String>,
        #[graphql(desc = "What a notice must be to stay in the list.")] filter: Option<
            SupervisionNoticeFilter,
        >,
    ) -> Result<SupervisionNoticeConnection, ApiError> {
        let args = PageArgs {
            first,
            after,
            last,
            before,
        };
        supervision_notices(ctx, args, filter.unwrap_or_default()).await
    }

    /// The leaders' instructions that you may see, newest first (批示).
    async fn instructions(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "Items from the start, or after `after`. At most 100; 20 when neither `first` nor `last` is given."
        )]
        first: Option<i32>,
        #[graphql(desc = "The cursor after which the page begins.")] after: Option<String>,
        #[graphql(desc = "Items from the end, or before `before`. At most 100.")] last: Option<i32>,
        #[graphql(desc = "The cursor before which the page ends.")] before: Option<String>,
        #[graphql(desc = "What an instruction must be to stay in the list.")] filter: Option<
            InstructionFilter,
        >,
    ) -> Result<InstructionConnection, ApiError> {
        let args = PageArgs {
            first,
            after,
            last,
            before,
        };
        instructions(ctx, args, filter.unwrap_or_default()).await
    }

    /// The progress reports that you may see, of all plans (进展报告).
    async fn progress_reports(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "Items from the start, or after `after`. At most 100; 20 when neither `first` nor `last` is given."
        )]
        first: Option<i32>,
        #[graphql(desc = "The cursor after which the page begins.")] after: Option<String>,
        #[graphql(desc = "Items from the end, or before `before`. At most 100.")] last: Option<i32>,
        #[graphql(desc = "The cursor before which the page ends.")] before: Option<String>,
        #[graphql(desc = "What a report must be to stay in the list.")] filter: Option<
            ProgressReportFilter,
        >,
        #[graphql(desc = "How the list is sorted; the latest submission first when not given.")]
        order_by: Option<ProgressReportOrder>,
    ) -> Result<ProgressReportConnection, ApiError> {
        let args = PageArgs {
            first,
            after,
            last,
            before,
        };
        reports(ctx, ReportsOf::All, args, filter, order_by).await
    }

    /// What happened to what you may see, oldest first (动态). The end cursor of the last page is good for asking later
    /// what has happened since; keep it while a page is empty.
    async fn changes(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "Items from the start, or after `after`. At most 100; 20 when neither `first` nor `last` is given."
        )]
        first: Option<i32>,
        #[graphql(desc = "The cursor after which the page begins.")] after: Option<String>,
        #[graphql(desc = "Items from the end, or before `before`. At most 100.")] last: Option<i32>,
        #[graphql(desc = "The cursor before which the page ends.")] before: Option<String>,
    ) -> Result<EventConnection, ApiError> {
        let request = Request::of(ctx);
        let args = PageArgs {
            first,
            after,
            last,
            before,
        };
        let page = request.admitted()?.changes(&args).await;
        let page = page.map_err(|error| request.error(error))?;
        Ok(EventConnection::new(&page, Counted::Changes))
    }

    /// The requests that you may see, newest first: those for a later due date (延期申请), and those that a target be closed
    /// (办结申请).
    async fn requests(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "Items from the start, or after `after`. At most 100; 20 when neither `first` nor `last` is given."
        )]
        first: Option<i32>,
        #[graphql(desc = "The cursor after which the page begins.")] after: Option<String>,
        #[graphql(desc = "Items from the end, or before `before`. At most 100.")] last: Option<i32>,
        #[graphql(desc = "The cursor before which the page ends.")] before: Option<String>,
        #[graphql(desc = "What a request must be to stay in the list.")] filter: Option<
            RequestFilter,
        >,
    ) -> Result<TargetRequestConnection, ApiError> {
        let request = Request::of(ctx);
        let args = PageArgs {
            first,
            after,
            last,
            before,
        };
        let filter = filter.unwrap_or_default().read(request)?;
        let page = request.admitted()?.requests(filter, &args).await;
        let page = page.map_err(|error| request.error(error))?;
        Ok(TargetRequestConnection::new(
            &page,
            Counted::Requests(filter),
        ))
    }

    /// The disputes that you may see, newest first (退回).
    async fn disputes(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "Items from the start, or after `after`. At most 100; 20 when neither `first` nor `last` is given."
        )]
        first: Option<i32>,
        #[graphql(desc = "The cursor after which the page begins.")] after: Option<String>,
        #[graphql(desc = "Items from the end, or before `before`. At most 100.")] last: Option<i32>,
        #[graphql(desc = "The cursor before which the page ends.")] before: Option<String>,
        #[graphql(desc = "What a dispute must be to stay in the list.")] filter: Option<
            DisputeFilter,
        >,
    ) -> Result<DisputeConnection, ApiError> {
        let request = Request::of(ctx);
        let args = PageArgs {
            first,
            after,
            last,
            before,
        };
        let filter = filter.unwrap_or_default().read(request)?;
        let page = request.admitted()?.disputes(filter, &args).await;
        let page = page.map_err(|error| request.error(error))?;
        Ok(DisputeConnection::new(&page, Counted::Disputes(filter)))
    }
}
