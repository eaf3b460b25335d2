//! RoleGrant (角色授权): who may do what, where, until when, and why.

use async_graphql::{Context, ID, InputObject, Object};
use domain::{Grant, GrantState};
use entity::role_grant;
use store::{ActorKey, Seen, grant_of};

use super::{
    Actor, AvailableAction, Leader, Plan, Unit, User, actor, available_actions,
    user::{leader, unit},
};
use crate::{
    enums::{Role, RoleGrantState},
    error::ApiError,
    id::Global,
    request::Request,
    scalar::DateTime,
};

/// A grant: as its holder has it, and its whole row where it was read.
#[derive(Clone)]
pub(crate) struct RoleGrant {
    grant: Grant,
    row: Option<Seen<role_grant::Model>>,
}

impl From<Grant> for RoleGrant {
    fn from(grant: Grant) -> Self {
        Self { grant, row: None }
    }
}

impl From<Seen<role_grant::Model>> for RoleGrant {
    fn from(row: Seen<role_grant::Model>) -> Self {
        Self {
            grant: grant_of(&row),
            row: Some(row),
        }
    }
}

impl RoleGrant {
    /// The whole row; none when the viewer may not see it.
    async fn row(&self, request: &Request) -> Result<Option<Seen<role_grant::Model>>, ApiError> {
        match &self.row {
            Some(row) => Ok(Some(row.clone())),
            None => request.loaded(self.grant.id).await,
        }
    }

    async fn by(
        &self,
        ctx: &Context<'_>,
        who: fn(&Seen<role_grant::Model>) -> Option<ActorKey>,
    ) -> Option<Result<Actor, ApiError>> {
        match self.row(Request::of(ctx)).await.transpose()? {
            Ok(row) => actor(ctx, who(&row)).await,
            Err(error) => Some(Err(error)),
        }
    }

    async fn of_row<T>(
        &self,
        ctx: &Context<'_>,
        what: fn(&role_grant::Model) -> Option<T>,
    ) -> Option<Result<T, ApiError>> {
        match self.row(Request::of(ctx)).await.transpose()? {
            Ok(row) => what(&row).map(Ok),
            Err(error) => Some(Err(error)),
        }
    }
}

/// What somebody may do, where, and until when (角色授权). You see your own; the security administrators see all.
#[Object]
impl RoleGrant {
    /// The ID of the grant.
    pub(crate) async fn id(&self) -> ID {
        self.grant.id.global()
    }

    /// What the grant allows.
    async fn role(&self) -> Role {
        self.grant.role.into()
    }

    /// The unit for which it holds (UNIT_MANAGER, UNIT_REPORTER).
    async fn unit(&self, ctx: &Context<'_>) -> Option<Result<Unit, ApiError>> {
        unit(ctx, self.grant.unit).await
    }

    /// The leader for whom it holds (LEADER).
    async fn leader(&self, ctx: &Context<'_>) -> Option<Result<Leader, ApiError>> {
        leader(ctx, self.grant.leader).await
    }

    /// The plan for which it holds (SUPERVISOR, OBSERVER); null for all plans.
    async fn plan(&self, ctx: &Context<'_>) -> Option<Result<Plan, ApiError>> {
        Request::of(ctx).one(self.grant.plan?).await
    }

    /// From when on it holds.
    async fn valid_from(&self) -> DateTime {
        DateTime(self.grant.valid_from)
    }

    /// Until when it holds (not included); null for no end.
    async fn valid_until(&self) -> Option<DateTime> {
        self.grant.valid_until.map(DateTime)
    }

    /// Whose it is.
    async fn user(&self, ctx: &Context<'_>) -> Option<Result<User, ApiError>> {
        let request = Request::of(ctx);
        match self.row(request).await.transpose()? {
            Ok(row) => request.one(row.user_id).await,
            Err(error) => Some(Err(error)),
        }
    }

    /// How it stands now.
    async fn state(&self, ctx: &Context<'_>) -> Option<Result<RoleGrantState, ApiError>> {
        let request = Request::of(ctx);
        let row = self.row(request).await.transpose()?;
        Some(row.map(|row| request.call.grant_state(&row).into()))
    }

    /// Why it was granted.
    async fn reason(&self, ctx: &Context<'_>) -> Option<Result<String, ApiError>> {
        self.of_row(ctx, |row| Some(row.reason.clone())).await
    }

    /// When it was granted, or asked for.
    async fn created_at(&self, ctx: &Context<'_>) -> Option<Result<DateTime, ApiError>> {
        self.of_row(ctx, |row| Some(DateTime(row.created_at))).await
    }

    /// Who granted it, or asked for it; null for the first start, the demo and the command line.
    async fn granted_by(&self, ctx: &Context<'_>) -> Option<Result<Actor, ApiError>> {
        self.by(ctx, Seen::granted_by).await
    }

    /// The second security administrator, who approved or rejected it (复核); null where nobody had to, or has yet.
    async fn decided_by(&self, ctx: &Context<'_>) -> Option<Result<Actor, ApiError>> {
        self.by(ctx, |row| row.decided_by()).await
    }

    /// When it was approved or rejected.
    async fn decided_at(&self, ctx: &Context<'_>) -> Option<Result<DateTime, ApiError>> {
        self.of_row(ctx, |row| row.decided_at.map(DateTime)).await
    }

    /// Why it was approved or rejected.
    async fn decision_reason(&self, ctx: &Context<'_>) -> Option<Result<String, ApiError>> {
        self.of_row(ctx, |row| row.decision_reason.clone()).await
    }

    /// Who revoked it; null while nobody has, and for the command line.
    async fn revoked_by(&self, ctx: &Context<'_>) -> Option<Result<Actor, ApiError>> {
        self.by(ctx, Seen::revoked_by).await
    }

    /// When it was revoked.
    async fn revoked_at(&self, ctx: &Context<'_>) -> Option<Result<DateTime, ApiError>> {
        self.of_row(ctx, |row| row.revoked_at.map(DateTime)).await
    }

    /// Why it was revoked.
    async fn revocation_reason(&self, ctx: &Context<'_>) -> Option<Result<String, ApiError>> {
        self.of_row(ctx, |row| row.revocation_reason.clone()).await
    }

    /// What you may do to it now.
    async fn available_actions(&self, ctx: &Context<'_>) -> Result<Vec<AvailableAction>, ApiError> {
        let request = Request::of(ctx);
        let Some(row) = self.row(request).await? else {
            return Ok(Vec::new());
        };
        // Whether the account is disabled is asked of what waits for approval alone.
        let active = match request.call.grant_state(&row) {
            GrantState::Pending => {
                let user = request.loaded(row.user_id).await?;
                user.is_some_and(|user| user.active)
            }
            _ => true,
        };
        available_actions(request, &request.call.grant_facts(&row, active))
    }
}

/// What a grant must be to stay in the list: all that is given.
#[derive(InputObject, Default)]
pub(crate) struct RoleGrantFilter {
    /// It allows this.
    pub(crate) role: Option<Role>,
    /// It is this user's.
    pub(crate) user_id: Option<ID>,
    /// It holds for this unit.
    pub(crate) unit_id: Option<ID>,
    /// It holds for this leader.
    pub(crate) leader_id: Option<ID>,
    /// It holds for this plan by name; one for all plans is not meant.
    pub(crate) plan_id: Option<ID>,
    /// It stands so now.
    pub(crate) state: Option<RoleGrantState>,
}
