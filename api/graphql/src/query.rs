//! What can be asked at the root.

use async_graphql::{Context, ID, InputObject, MergedObject, Object, OneofObject};
use entity::ids::{LeaderId, TargetId, UnitId};
use futures_util::future::join_all;
use store::{PageArgs, ReportsOf};

use crate::{
    administration::AdministrationQuery,
    connection::{
        AuditEntryConnection, Counted, DisputeConnection, EventConnection, InstructionConnection,
        LeaderConnection, PlanConnection, ProgressReportConnection, SupervisionNoticeConnection,
        TargetRequestConnection, UnitConnection, UnitGroupConnection,
    },
    error::ApiError,
    id::{AnyId, Global},
    messages::Trouble,
    request::Request,
    types::{
        AuditFilter, AuditVerification, DisputeFilter, InstructionFilter, Leader, Node, Plan,
        ProgressReportFilter, ProgressReportOrder, RequestFilter, SupervisionNoticeFilter, Target,
        Unit, UnitFilter, Viewer, audit_entries, audit_verification, instructions, reports,
        supervision_notices,
    },
};

/// The most IDs that `nodes` takes.
const MOST_NODES: usize = 100;

/// A target by another name than its ID.
#[derive(OneofObject)]
pub(crate) enum TargetLookup {
    /// By its number in the plan of a year.
    Number(TargetNumber),
    /// By its ID.
    Id(ID),
}

/// A target's number in the plan of a year.
#[derive(InputObject)]
pub(crate) struct TargetNumber {
    /// The year of the plan.
    year: i32,
    /// The number of the target, from 1.
    number: i32,
}

/// What can be asked. Everything but `viewer` needs somebody who is signed in; what you may not see does not exist for
/// you: it is not found, not listed and not counted.
#[derive(MergedObject, Default)]
pub struct Query(GeneralQuery, AdministrationQuery);

#[derive(Default)]
pub(crate) struct GeneralQuery;

#[Object]
impl GeneralQuery {
    /// Who is signed in, and what they may do; null when nobody is.
    async fn viewer(&self, ctx: &Context<'_>) -> Option<Viewer> {
        Request::of(ctx).call.viewer().cloned().map(Viewer)
    }

    /// The object of a global ID. NOT_FOUND when there is none that you may see.
    async fn node(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The global ID.")] id: ID,
    ) -> Option<Result<Node, ApiError>> {
        let request = Request::of(ctx);
        Some(
            node(request, &id)
                .await
                .and_then(|node| node.ok_or_else(|| ApiError::not_found(request))),
        )
    }

    /// The objects of global IDs, in their order; null for each that is none, or none that you may see.
    async fn nodes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The global IDs, at most 100.")] ids: Vec<ID>,
    ) -> Result<Vec<Option<Node>>, ApiError> {
        let request = Request::of(ctx);
        if ids.len() > MOST_NODES {
            return Err(ApiError::bad_input(request, Trouble::TooManyIds));
        }
        join_all(ids.iter().map(|id| node(request, id)))
            .await
            .into_iter()
            .collect()
    }

    /// The plan of a year; null when there is none that you may see.
    async fn plan(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The year.")] year: i32,
    ) -> Option<Result<Plan, ApiError>> {
        let request = Request::of(ctx);
        let plan = match request.admitted() {
            Ok(call) => call
                .plan_of_year(year)
                .await
                .map_err(|error| request.error(error)),
            Err(error) => Err(error),
        };
        if let Ok(Some(plan)) = &plan {
            request.loaders.remember(plan).await;
        }
        Some(plan.transpose()?.map(Plan::from))
    }

    /// The plans, newest year first.
    async fn plans(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "Items from the start, or after `after`. At most 100; 20 when neither `first` nor `last` is given."
        )]
        first: Option<i32>,
        #[graphql(desc = "The cursor after which the page begins.")] after: Option<String>,
        #[graphql(desc = "Items from the end, or before `before`. At most 100.")] last: Option<i32>,
        #[graphql(desc = "The cursor before which the page ends.")] before: Option<String>,
    ) -> Result<PlanConnection, ApiError> {
        let request = Request::of(ctx);
        let args = PageArgs {
            first,
            after,
            last,
            before,
        };
        let page = request.admitted()?.plans(&args).await;
        let page = page.map_err(|error| request.error(error))?;
        Ok(PlanConnection::new(&page, Counted::Plans))
    }

    /// A target, by `id` or by something else: give one of the two. NOT_FOUND when there is none that you may see.
    async fn target(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The ID of the target.")] id: Option<ID>,
        #[graphql(desc = "Another way to say which target.")] by: Option<TargetLookup>,
    ) -> Option<Result<Target, ApiError>> {
        let request = Request::of(ctx);
        let by = match (id, by) {
            (Some(id), None) => TargetLookup::Id(id),
            (None, Some(by)) => by,
            _ => return Some(Err(ApiError::bad_input(request, Trouble::IdOrBy))),
        };
        Some(target(request, by).await)
    }

    /// The units, in the order of the register (单位名录).
    async fn units(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "Items from the start, or after `after`. At most 100; 20 when neither `first` nor `last` is given."
        )]
        first: Option<i32>,
        #[graphql(desc = "The cursor after which the page begins.")] after: Option<String>,
        #[graphql(desc = "Items from the end, or before `before`. At most 100.")] last: Option<i32>,
        #[graphql(desc = "The cursor before which the page ends.")] before: Option<String>,
        #[graphql(desc = "What a unit must be to stay in the list.")] filter: Option<UnitFilter>,
    ) -> Result<UnitConnection, ApiError> {
        let request = Request::of(ctx);
        let args = PageArgs {
            first,
            after,
            last,
            before,
        };
        let filter = filter.unwrap_or_default();
        let filter = store::UnitFilter {
            search: filter.search,
            include_merged: filter.include_merged,
        };
        let page = request.admitted()?.units(&filter, &args).await;
        let page = page.map_err(|error| request.error(error))?;
        Ok(UnitConnection::new(&page, Counted::Units(filter)))
    }

    /// A unit. NOT_FOUND when there is none that you may see.
    async fn unit(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The ID of the unit.")] id: ID,
    ) -> Option<Result<Unit, ApiError>> {
        let request = Request::of(ctx);
        let found = match (request.admitted(), UnitId::local(&id)) {
            (Err(error), _) => return Some(Err(error)),
            (Ok(_), Some(id)) => request.loaders.one(id).await,
            (Ok(_), None) => Ok(None),
        };
        Some(found_or_not(request, found))
    }

    /// The unit groups, in the order of the register (单位组).
    async fn unit_groups(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "Items from the start, or after `after`. At most 100; 20 when neither `first` nor `last` is given."
        )]
        first: Option<i32>,
        #[graphql(desc = "The cursor after which the page begins.")] after: Option<String>,
        #[graphql(desc = "Items from the end, or before `before`. At most 100.")] last: Option<i32>,
        #[graphql(desc = "The cursor before which the page ends.")] before: Option<String>,
    ) -> Result<UnitGroupConnection, ApiError> {
        let request = Request::of(ctx);
        let args = PageArgs {
            first,
            after,
            last,
            before,
        };
        let page = request.admitted()?.unit_groups(&args).await;
        let page = page.map_err(|error| request.error(error))?;
        Ok(UnitGroupConnection::new(&page, Counted::UnitGroups))
    }

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

    /// The leaders, in the order in which documents first name them.
    async fn leaders(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "Items from the start, or after `after`. At most 100; 20 when neither `first` nor `last` is given."
        )]
        first: Option<i32>,
        #[graphql(desc = "The cursor after which the page begins.")] after: Option<String>,
        #[graphql(desc = "Items from the end, or before `before`. At most 100.")] last: Option<i32>,
        #[graphql(desc = "The cursor before which the page ends.")] before: Option<String>,
    ) -> Result<LeaderConnection, ApiError> {
        let request = Request::of(ctx);
        let args = PageArgs {
            first,
            after,
            last,
            before,
        };
        let page = request.admitted()?.leaders(&args).await;
        let page = page.map_err(|error| request.error(error))?;
        Ok(LeaderConnection::new(&page, Counted::Leaders))
    }

    /// A leader. NOT_FOUND when there is none that you may see.
    async fn leader(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The ID of the leader.")] id: ID,
    ) -> Option<Result<Leader, ApiError>> {
        let request = Request::of(ctx);
        let found = match (request.admitted(), LeaderId::local(&id)) {
            (Err(error), _) => return Some(Err(error)),
            (Ok(_), Some(id)) => request.loaders.one(id).await,
            (Ok(_), None) => Ok(None),
        };
        Some(found_or_not(request, found))
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

    /// The audit log, newest first (审计记录): who did what to what, from where, by which grants, and what came of it. For
    /// audit administrators alone; FORBIDDEN for everybody else. That it was read is itself in the log.
    async fn audit_entries(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "Items from the start, or after `after`. At most 100; 20 when neither `first` nor `last` is given."
        )]
        first: Option<i32>,
        #[graphql(desc = "The cursor after which the page begins.")] after: Option<String>,
        #[graphql(desc = "Items from the end, or before `before`. At most 100.")] last: Option<i32>,
        #[graphql(desc = "The cursor before which the page ends.")] before: Option<String>,
        #[graphql(desc = "What an entry must be to stay in the list.")] filter: Option<AuditFilter>,
    ) -> Result<AuditEntryConnection, ApiError> {
        let args = PageArgs {
            first,
            after,
            last,
            before,
        };
        audit_entries(ctx, args, filter.unwrap_or_default()).await
    }

    /// Whether the audit log is as it was written: walks the whole chain of hashes, and compares it with the anchors that
    /// the server has kept elsewhere (审计校验). For audit administrators alone; FORBIDDEN for everybody else. Takes seconds
    /// for a log of millions of entries.
    async fn audit_verification(&self, ctx: &Context<'_>) -> Result<AuditVerification, ApiError> {
        audit_verification(ctx).await
    }
}

/// The object of an ID. Before a one-time password is changed, there is nothing but oneself.
async fn node(request: &Request, id: &ID) -> Result<Option<Node>, ApiError> {
    request.admitted()?;
    match AnyId::read(id) {
        Some(id) => Node::find(request, id).await,
        None => Ok(None),
    }
}

async fn target(request: &Request, by: TargetLookup) -> Result<Target, ApiError> {
    let call = request.admitted()?;
    let found = match by {
        TargetLookup::Number(TargetNumber { year, number }) => {
            call.target_by_number(year, number).await
        }
        TargetLookup::Id(id) => match TargetId::local(&id) {
            Some(id) => request.loaders.one(id).await,
            None => Ok(None),
        },
    };
    found_or_not(request, found)
}

fn found_or_not<M, T: From<M>>(
    request: &Request,
    found: store::Result<Option<M>>,
) -> Result<T, ApiError> {
    match found {
        Ok(Some(row)) => Ok(row.into()),
        Ok(None) => Err(ApiError::not_found(request)),
        Err(error) => Err(request.error(error)),
    }
}
