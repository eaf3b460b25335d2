//! The work on targets, of all plans: reports, notices, instructions, requests, disputes, and what has happened.

use store::ReportsOf;

use super::lists;
use crate::{
    connection::{
        Counted, DisputeConnection, EventConnection, InstructionConnection,
        ProgressReportConnection, SupervisionNoticeConnection, TargetRequestConnection,
    },
    request::Request,
    types::{
        DisputeFilter, InstructionFilter, ProgressReportFilter, ProgressReportOrder, RequestFilter,
        SupervisionNoticeFilter, instructions, reports, supervision_notices,
    },
};

lists! { WorkLists {
    /// The supervision notices that you may see, newest first (督办单).
    supervision_notices(ctx, args,
        #[graphql(desc = "What a notice must be to stay in the list.")] filter: Option<SupervisionNoticeFilter>,
    ) -> SupervisionNoticeConnection {
        supervision_notices(ctx, args, filter.unwrap_or_default()).await
    }

    /// The leaders' instructions that you may see, newest first (批示).
    instructions(ctx, args,
        #[graphql(desc = "What an instruction must be to stay in the list.")] filter: Option<InstructionFilter>,
    ) -> InstructionConnection {
        instructions(ctx, args, filter.unwrap_or_default()).await
    }

    /// The progress reports that you may see, of all plans (进展报告).
    progress_reports(ctx, args,
        #[graphql(desc = "What a report must be to stay in the list.")] filter: Option<ProgressReportFilter>,
        #[graphql(desc = "How the list is sorted; the latest submission first when not given.")] order_by: Option<ProgressReportOrder>,
    ) -> ProgressReportConnection {
        reports(ctx, ReportsOf::All, args, filter, order_by).await
    }

    /// What happened to what you may see, oldest first (动态). The end cursor of the last page is good for asking later
    /// what has happened since; keep it while a page is empty.
    changes(ctx, args) -> EventConnection {
        let request = Request::of(ctx);
        let page = request.admitted()?.changes(&args).await;
        let page = page.map_err(|error| request.error(error))?;
        Ok(EventConnection::new(&page, Counted::Changes))
    }

    /// The requests that you may see, newest first: those for a later due date (延期申请), and those that a target be closed
    /// (办结申请).
    requests(ctx, args,
        #[graphql(desc = "What a request must be to stay in the list.")] filter: Option<RequestFilter>,
    ) -> TargetRequestConnection {
        let request = Request::of(ctx);
        let filter = filter.unwrap_or_default().read(request)?;
        let page = request.admitted()?.requests(filter, &args).await;
        let page = page.map_err(|error| request.error(error))?;
        Ok(TargetRequestConnection::new(
            &page,
            Counted::Requests(filter),
        ))
    }

    /// The disputes that you may see, newest first (退回).
    disputes(ctx, args,
        #[graphql(desc = "What a dispute must be to stay in the list.")] filter: Option<DisputeFilter>,
    ) -> DisputeConnection {
        let request = Request::of(ctx);
        let filter = filter.unwrap_or_default().read(request)?;
        let page = request.admitted()?.disputes(filter, &args).await;
        let page = page.map_err(|error| request.error(error))?;
        Ok(DisputeConnection::new(&page, Counted::Disputes(filter)))
    }
} }
