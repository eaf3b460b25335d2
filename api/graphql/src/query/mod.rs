//! What can be asked at the root.

mod administration;
mod audit;
mod directory;
mod lists;
mod work;

use async_graphql::{Context, ID, InputObject, MergedObject, Object, OneofObject};
use entity::ids::TargetId;
use futures_util::future::join_all;

use crate::{
    connection::{Counted, PlanConnection},
    error::ApiError,
    id::{AnyId, Global},
    messages::Trouble,
    request::Request,
    types::{Node, Plan, Target, Viewer},
};

use administration::{AdministrationLists, AdministrationQuery};
use audit::{AuditLists, AuditQuery};
use directory::{DirectoryLists, DirectoryQuery};
use lists::lists;
use work::WorkLists;

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
pub struct Query(
    GeneralQuery,
    GeneralLists,
    DirectoryQuery,
    DirectoryLists,
    WorkLists,
    AdministrationQuery,
    AdministrationLists,
    AuditQuery,
    AuditLists,
);

#[derive(Default)]
pub(crate) struct GeneralQuery;

lists! { GeneralLists {
    /// The plans, newest year first.
    plans(ctx, args) -> PlanConnection {
        let request = Request::of(ctx);
        let page = request.admitted()?.plans(&args).await;
        let page = page.map_err(|error| request.error(error))?;
        Ok(PlanConnection::new(&page, Counted::Plans))
    }
} }

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
            return Err(ApiError::bad_input(request, Trouble::TooManyIds, "ids"));
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
            request.loaders.remember(plan);
        }
        Some(plan.transpose()?.map(Plan::from))
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
            _ => return Some(Err(ApiError::bad_input(request, Trouble::IdOrBy, "by"))),
        };
        Some(target(request, by).await)
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
