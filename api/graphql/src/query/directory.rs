//! What everybody may look up: units, unit groups and leaders.

use async_graphql::{Context, ID, Object};
use entity::ids::{LeaderId, UnitId};

use super::{found_or_not, lists};
use crate::{
    connection::{Counted, LeaderConnection, UnitConnection, UnitGroupConnection},
    error::ApiError,
    id::Global,
    request::Request,
    types::{Leader, Unit, UnitFilter},
};

#[derive(Default)]
pub(crate) struct DirectoryQuery;

lists! { DirectoryLists {
    /// The units, in the order of the register (单位名录).
    units(ctx, args,
        #[graphql(desc = "What a unit must be to stay in the list.")] filter: Option<UnitFilter>,
    ) -> UnitConnection {
        let request = Request::of(ctx);
        let filter = filter.unwrap_or_default();
        let filter = store::UnitFilter {
            search: filter.search,
            include_merged: filter.include_merged,
        };
        let page = request.admitted()?.units(&filter, &args).await;
        let page = page.map_err(|error| request.error(error))?;
        Ok(UnitConnection::new(&page, Counted::Units(filter)))
    }

    /// The unit groups, in the order of the register (单位组).
    unit_groups(ctx, args) -> UnitGroupConnection {
        let request = Request::of(ctx);
        let page = request.admitted()?.unit_groups(&args).await;
        let page = page.map_err(|error| request.error(error))?;
        Ok(UnitGroupConnection::new(&page, Counted::UnitGroups))
    }

    /// The leaders, in the order in which documents first name them.
    leaders(ctx, args) -> LeaderConnection {
        let request = Request::of(ctx);
        let page = request.admitted()?.leaders(&args).await;
        let page = page.map_err(|error| request.error(error))?;
        Ok(LeaderConnection::new(&page, Counted::Leaders))
    }
} }

#[Object]
impl DirectoryQuery {
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
}
