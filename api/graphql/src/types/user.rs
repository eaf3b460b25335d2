//! The viewer: who is signed in, with which grants.

use async_graphql::{Context, ID, Object};
use entity::ids::{LeaderId, UnitId};
use store::Account;

use super::{Leader, Plan, Unit};
use crate::{
    enums::{Permission, Role},
    error::ApiError,
    id::Global,
    request::Request,
    scalar::DateTime,
};

/// A person's account. You see your own.
#[derive(Clone)]
pub(crate) struct User(pub(crate) Account);

/// A person's account (账号). You see your own.
#[Object]
impl User {
    /// The ID of the user.
    pub(crate) async fn id(&self) -> ID {
        self.0.id.global()
    }

    /// The sign-in name.
    async fn username(&self) -> &str {
        &self.0.username
    }

    /// The name shown to others.
    async fn display_name(&self) -> &str {
        &self.0.display_name
    }

    /// The unit in which the person works, if any. Access comes from grants, not from this.
    async fn unit(&self, ctx: &Context<'_>) -> Option<Result<Unit, ApiError>> {
        unit(ctx, self.0.unit).await
    }

    /// The leader that the person is, if any. Access comes from grants, not from this.
    async fn leader(&self, ctx: &Context<'_>) -> Option<Result<Leader, ApiError>> {
        leader(ctx, self.0.leader).await
    }
}

#[derive(Clone)]
pub(crate) struct RoleGrant(pub(crate) domain::Grant);

/// What you may do, where, and until when (角色授权).
#[Object]
impl RoleGrant {
    /// The ID of the grant.
    pub(crate) async fn id(&self) -> ID {
        self.0.id.global()
    }

    /// What the grant allows.
    async fn role(&self) -> Role {
        self.0.role.into()
    }

    /// The unit for which it holds (UNIT_MANAGER, UNIT_REPORTER).
    async fn unit(&self, ctx: &Context<'_>) -> Option<Result<Unit, ApiError>> {
        unit(ctx, self.0.unit).await
    }

    /// The leader for whom it holds (LEADER).
    async fn leader(&self, ctx: &Context<'_>) -> Option<Result<Leader, ApiError>> {
        leader(ctx, self.0.leader).await
    }

    /// The plan for which it holds (SUPERVISOR, OBSERVER); null for all plans.
    async fn plan(&self, ctx: &Context<'_>) -> Option<Result<Plan, ApiError>> {
        Request::of(ctx).one(self.0.plan?).await
    }

    /// From when on it holds.
    async fn valid_from(&self) -> DateTime {
        DateTime(self.0.valid_from)
    }

    /// Until when it holds (not included); null for no end.
    async fn valid_until(&self) -> Option<DateTime> {
        self.0.valid_until.map(DateTime)
    }
}

pub(crate) struct Viewer(pub(crate) store::Viewer);

/// Who is signed in, and what they may do.
#[Object]
impl Viewer {
    /// The account.
    async fn user(&self) -> User {
        User(self.0.account.clone())
    }

    /// The grants that hold now, oldest first.
    async fn grants(&self) -> Vec<RoleGrant> {
        self.0.grants.iter().cloned().map(RoleGrant).collect()
    }

    /// What the grants permit, for some object at least. Nothing before a one-time password is changed.
    async fn permissions(&self, ctx: &Context<'_>) -> Vec<Permission> {
        let reach = Request::of(ctx).call.reach();
        domain::Permission::ALL
            .into_iter()
            .filter(|permission| reach.permits(*permission))
            .map(Permission::from)
            .collect()
    }
}

async fn unit(ctx: &Context<'_>, id: Option<UnitId>) -> Option<Result<Unit, ApiError>> {
    Request::of(ctx).one(id?).await
}

async fn leader(ctx: &Context<'_>, id: Option<LeaderId>) -> Option<Result<Leader, ApiError>> {
    Request::of(ctx).one(id?).await
}
