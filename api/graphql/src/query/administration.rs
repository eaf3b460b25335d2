//! What administrators can ask at the root: accounts, grants, settings, and who may read a target.

use async_graphql::{Context, ID, Object};
use entity::ids::{LeaderId, PlanId, TargetId, UnitId, UserId};

use super::lists;
use crate::{
    connection::{Counted, RoleGrantConnection, UserConnection},
    error::ApiError,
    id::Global,
    request::Request,
    types::{AccessExplanation, RoleGrantFilter, Setting, User, UserFilter, key},
};

#[derive(Default)]
pub(crate) struct AdministrationQuery;

lists! { AdministrationLists {
    /// The accounts, oldest first (账号): for the system and the security administrators; nothing for others.
    users(ctx, args,
        #[graphql(desc = "What an account must be to stay in the list.")] filter: Option<UserFilter>,
    ) -> UserConnection {
        let request = Request::of(ctx);
        let call = request.admitted()?;
        let filter = filter.unwrap_or_default();
        let filter = store::UserFilter {
            search: filter.search,
            active: filter.active,
            locked: filter.locked,
            unit: key::<UnitId>(request, filter.unit_id)?,
        };
        let page = call.accounts(&filter, &args).await;
        let page = page.map_err(|error| request.error(error))?;
        Ok(UserConnection::new(&page, Counted::Users(filter)))
    }

    /// The grants, newest first (授权): for the security administrators; nothing for others, who find their own in
    /// `viewer`.
    role_grants(ctx, args,
        #[graphql(desc = "What a grant must be to stay in the list.")] filter: Option<RoleGrantFilter>,
    ) -> RoleGrantConnection {
        let request = Request::of(ctx);
        let call = request.admitted()?;
        let filter = filter.unwrap_or_default();
        let filter = store::RoleGrantFilter {
            role: filter.role.map(Into::into),
            user: key::<UserId>(request, filter.user_id)?,
            unit: key::<UnitId>(request, filter.unit_id)?,
            leader: key::<LeaderId>(request, filter.leader_id)?,
            plan: key::<PlanId>(request, filter.plan_id)?,
            state: filter.state.map(Into::into),
        };
        let page = call.role_grants(filter, &args).await;
        let page = page.map_err(|error| request.error(error))?;
        Ok(RoleGrantConnection::new(&page, Counted::RoleGrants(filter)))
    }
} }

#[Object]
impl AdministrationQuery {
    /// An account: yours, or any for the system and the security administrators. NOT_FOUND when there is none that you may
    /// see.
    async fn user(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The ID of the user.")] id: ID,
    ) -> Option<Result<User, ApiError>> {
        let request = Request::of(ctx);
        if let Err(error) = request.admitted() {
            return Some(Err(error));
        }
        let found = match UserId::local(&id) {
            Some(id) => request.one(id).await,
            None => None,
        };
        Some(found.unwrap_or_else(|| Err(ApiError::not_found(request))))
    }

    /// Whether somebody may read a target, and why: for the security administrators. NOT_FOUND when there is no such account
    /// or target.
    async fn access_explanation(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose access.")] user_id: ID,
        #[graphql(desc = "To which target.")] target_id: ID,
    ) -> Option<Result<AccessExplanation, ApiError>> {
        let request = Request::of(ctx);
        let (user, target) = (UserId::local(&user_id), TargetId::local(&target_id));
        let found = request.call.access_explanation(user, target).await;
        let found = found.map_err(|error| request.error(error));
        Some(found.map(|found| AccessExplanation::of(request, found)))
    }

    /// What can be set, and how it is set: for the system and the security administrators; nothing for others.
    async fn settings(&self, ctx: &Context<'_>) -> Result<Vec<Setting>, ApiError> {
        let request = Request::of(ctx);
        let settings = request.call.settings().await;
        let settings = settings.map_err(|error| request.error(error))?;
        Ok(settings.into_iter().map(Setting::from).collect())
    }
}
