//! Users: the viewer's own account, and those that administrators manage.

use async_graphql::{Context, ID, InputObject, Object};
use entity::ids::{LeaderId, UnitId};
use store::Account;

use super::{AvailableAction, Leader, RoleGrant, Unit, available_actions};
use crate::{
    enums::Permission,
    error::ApiError,
    id::Global,
    loader::{GrantsOf, IsAdministrator},
    request::Request,
    scalar::DateTime,
};

/// A person's account.
#[derive(Clone)]
pub(crate) struct User(pub(crate) Account);

impl From<Account> for User {
    fn from(account: Account) -> Self {
        Self(account)
    }
}

/// A person's account (账号). You see your own; the system and the security administrators see all.
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

    /// False when the account is disabled (停用): it signs in no more, and has no sessions.
    async fn active(&self) -> bool {
        self.0.active
    }

    /// Until when signing in is refused after failed attempts (锁定), from one address at least; null when it is not.
    async fn locked_until(&self, ctx: &Context<'_>) -> Option<DateTime> {
        let now = Request::of(ctx).call.now();
        let until = self.0.locked_until.filter(|until| now < *until);
        until.map(DateTime)
    }

    /// Nothing is allowed before the password is changed: it is a one-time password, or was older at the last sign-in than
    /// `PASSWORD_MAX_AGE_DAYS` allows.
    async fn must_change_password(&self) -> bool {
        self.0.must_change_password
    }

    /// Since when signing in needs a second factor (双因素认证); null when it does not.
    async fn second_factor_since(&self) -> Option<DateTime> {
        self.0.second_factor_at.map(DateTime)
    }

    /// When the account was created.
    async fn created_at(&self) -> DateTime {
        DateTime(self.0.created_at)
    }

    /// What the person may do, oldest first: grants that hold, will hold, or wait for approval. Yours, or anybody's when
    /// you are a security administrator; null for others.
    async fn grants(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "Also those that have expired, were revoked or rejected.",
            default
        )]
        include_ended: bool,
    ) -> Option<Result<Vec<RoleGrant>, ApiError>> {
        let request = Request::of(ctx);
        let reach = request.call.reach();
        if !reach.secures && reach.user != Some(self.0.id) {
            return None;
        }
        let key = GrantsOf {
            user: self.0.id,
            ended: include_ended,
        };
        Some(request.list(key).await)
    }

    /// What you may do to the account now.
    async fn available_actions(&self, ctx: &Context<'_>) -> Result<Vec<AvailableAction>, ApiError> {
        let request = Request::of(ctx);
        request.admitted()?;
        let administrator = request.loaded(IsAdministrator(self.0.id)).await?;
        let administrator = administrator.unwrap_or_default();
        let facts = request.call.account_facts(&self.0, administrator);
        available_actions(request, &facts)
    }
}

/// What an account must be to stay in the list: all that is given.
#[derive(InputObject, Default)]
pub(crate) struct UserFilter {
    /// A text that stands in the sign-in name or in the shown name; at most 100 characters.
    pub(crate) search: Option<String>,
    /// It is not disabled (true), or it is (false).
    pub(crate) active: Option<bool>,
    /// Signing in is refused after failed attempts (true), or not (false).
    pub(crate) locked: Option<bool>,
    /// The person works in this unit.
    pub(crate) unit_id: Option<ID>,
}

/// Who is signed in.
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
        self.0.grants.iter().cloned().map(RoleGrant::from).collect()
    }

    /// One of your roles needs a second factor and you have none: nothing is allowed before you have set one up.
    async fn must_set_up_second_factor(&self) -> bool {
        self.0.must_set_up_second_factor
    }

    /// How many recovery codes you have left; null without a second factor.
    async fn recovery_codes_left(&self, ctx: &Context<'_>) -> Option<Result<u64, ApiError>> {
        let request = Request::of(ctx);
        let left = request.call.recovery_codes_left().await;
        left.map_err(|error| request.error(error)).transpose()
    }

    /// What the grants permit, for some object at least. Nothing before a password that must be is changed, or a second factor
    /// that is needed is set up.
    async fn permissions(&self, ctx: &Context<'_>) -> Vec<Permission> {
        let reach = Request::of(ctx).call.reach();
        domain::Permission::ALL
            .into_iter()
            .filter(|permission| reach.permits(*permission))
            .map(Permission::from)
            .collect()
    }
}

pub(super) async fn unit(ctx: &Context<'_>, id: Option<UnitId>) -> Option<Result<Unit, ApiError>> {
    Request::of(ctx).one(id?).await
}

pub(super) async fn leader(
    ctx: &Context<'_>,
    id: Option<LeaderId>,
) -> Option<Result<Leader, ApiError>> {
    Request::of(ctx).one(id?).await
}
