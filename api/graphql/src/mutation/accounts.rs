//! Accounts: created, changed, disabled, enabled and reset by the system administrator; unlocked and signed out by a security
//! administrator.

use async_graphql::{Context, ID, InputObject, MaybeUndefined, Object, SimpleObject};
use entity::ids::{LeaderId, UnitId, UserId};
use store::{CreateUser, NewUnit, OneTime, UpdateUser};

use super::once::once;
use crate::{
    error::{ApiError, UserError, settle},
    id::Global,
    request::Request,
    types::User,
};

/// An account to be created.
#[derive(InputObject)]
pub(crate) struct CreateUserInput {
    /// The sign-in name: letters a to z, digits, and within it `.`, `_`, `-` and `@`, at most 64; capitals and small letters are the same.
    username: String,
    /// The name shown to others, at most 100 characters.
    display_name: String,
    /// The unit in which the person works, if any. It gives no access: grants do.
    unit_id: Option<ID>,
    /// The leader that the person is, if any. It gives no access: grants do.
    leader_id: Option<ID>,
    /// An ID of your own for this act, at most 100 characters: sent again with the same input, it changes nothing twice.
    client_mutation_id: Option<String>,
}

/// What came of creating an account.
#[derive(SimpleObject)]
pub(crate) struct CreateUserPayload {
    /// The ID that you gave the act.
    client_mutation_id: Option<String>,
    /// The account; null when refused.
    user: Option<User>,
    /// The password for the first sign-in, which must be changed then. It is shown this once: nobody keeps it, and it is null
    /// when the same act comes again.
    one_time_password: Option<String>,
    /// Why it was refused; empty on success.
    user_errors: Vec<UserError>,
}

/// What changes of an account.
#[derive(InputObject)]
pub(crate) struct UpdateUserInput {
    /// The account; not your own.
    user_id: ID,
    /// The new name shown to others, at most 100 characters; it stays when not given.
    display_name: Option<String>,
    /// The unit in which the person works from now on; none when null, and it stays when not given. Grants stay as they are.
    unit_id: MaybeUndefined<ID>,
    /// Why, at most 500 characters.
    reason: Option<String>,
    /// An ID of your own for this act, at most 100 characters: sent again with the same input, it changes nothing twice.
    client_mutation_id: Option<String>,
}

/// What came of changing an account.
#[derive(SimpleObject)]
pub(crate) struct UpdateUserPayload {
    /// The ID that you gave the act.
    client_mutation_id: Option<String>,
    /// The account; null when refused.
    user: Option<User>,
    /// Why it was refused; empty on success.
    user_errors: Vec<UserError>,
}

/// Which account's password is reset.
#[derive(InputObject)]
pub(crate) struct ResetPasswordInput {
    /// The account; not your own, and no administrator's.
    user_id: ID,
    /// Why, at most 500 characters.
    reason: Option<String>,
    /// An ID of your own for this act, at most 100 characters: sent again with the same input, it changes nothing twice.
    client_mutation_id: Option<String>,
}

/// What came of resetting a password.
#[derive(SimpleObject)]
pub(crate) struct ResetPasswordPayload {
    /// The ID that you gave the act.
    client_mutation_id: Option<String>,
    /// The account; null when refused.
    user: Option<User>,
    /// The password for the next sign-in, which must be changed then. It is shown this once: nobody keeps it, and it is null
    /// when the same act comes again.
    one_time_password: Option<String>,
    /// Why it was refused; empty on success.
    user_errors: Vec<UserError>,
}

/// Declares the input and the payload of an act on an account.
macro_rules! acts {
    ($($input:ident, $payload:ident, $words:literal;)+) => { $(
        #[doc = concat!("Which account ", $words, ".")]
        #[derive(InputObject)]
        pub(crate) struct $input {
            /// The account; not your own.
            user_id: ID,
            /// Why, at most 500 characters.
            reason: Option<String>,
            /// An ID of your own for this act, at most 100 characters: sent again with the same input, it changes nothing twice.
            client_mutation_id: Option<String>,
        }

        #[doc = concat!("What came of it: which account ", $words, ".")]
        #[derive(SimpleObject)]
        pub(crate) struct $payload {
            /// The ID that you gave the act.
            client_mutation_id: Option<String>,
            /// The account; null when refused.
            user: Option<User>,
            /// Why it was refused; empty on success.
            user_errors: Vec<UserError>,
        }
    )+ };
}

acts! {
    DisableUserInput, DisableUserPayload, "is disabled";
    EnableUserInput, EnableUserPayload, "is enabled again";
    UnlockUserInput, UnlockUserPayload, "is unlocked";
    EndSessionsInput, EndSessionsPayload, "has its sessions ended";
    ResetSecondFactorInput, ResetSecondFactorPayload, "has its second factor taken away";
}

/// Runs an act on an account, and makes its payload.
macro_rules! on_account {
    ($ctx:ident, $input:ident, $name:literal, $act:ident, $payload:ident) => {{
        let request = Request::of($ctx);
        let outcome = async {
            let id = $input.client_mutation_id.as_deref();
            let once = once($name, &$input, id)?;
            let user = UserId::local(&$input.user_id);
            let reason = $input.reason.as_deref();
            request.call.$act(user, reason, once.as_ref()).await
        };
        let (user, user_errors) = settle(request, outcome.await)?;
        Ok($payload {
            client_mutation_id: $input.client_mutation_id,
            user: user.map(User::from),
            user_errors,
        })
    }};
}

/// An account and its password, for the payload.
fn shown(done: Option<OneTime>) -> (Option<User>, Option<String>) {
    match done {
        Some(OneTime { account, password }) => (
            Some(account.into()),
            password.map(|password| password.shown_once()),
        ),
        None => (None, None),
    }
}

#[derive(Default)]
pub(crate) struct AccountMutation;

#[Object]
impl AccountMutation {
    /// Creates an account with a one-time password (新建账号): the system administrator's. It may do nothing until a security
    /// administrator grants it a role.
    async fn create_user(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The account to be created.")] input: CreateUserInput,
    ) -> Result<CreateUserPayload, ApiError> {
        let request = Request::of(ctx);
        let outcome = async {
            let once = once("createUser", &input, input.client_mutation_id.as_deref())?;
            let create = CreateUser {
                username: input.username.clone(),
                display_name: input.display_name.clone(),
                unit: input.unit_id.as_ref().map(UnitId::local),
                leader: input.leader_id.as_ref().map(LeaderId::local),
            };
            request.call.create_user(create, once.as_ref()).await
        };
        let (done, user_errors) = settle(request, outcome.await)?;
        let (user, one_time_password) = shown(done);
        Ok(CreateUserPayload {
            client_mutation_id: input.client_mutation_id,
            user,
            one_time_password,
            user_errors,
        })
    }

    /// Changes an account's shown name or unit (修改账号): the system administrator's. Neither gives any access, so grants stay as
    /// they are: whoever moves to another unit keeps what they were granted for the unit of before, until a security
    /// administrator revokes it.
    async fn update_user(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What changes of an account.")] input: UpdateUserInput,
    ) -> Result<UpdateUserPayload, ApiError> {
        let request = Request::of(ctx);
        let outcome = async {
            let once = once("updateUser", &input, input.client_mutation_id.as_deref())?;
            let update = UpdateUser {
                user: UserId::local(&input.user_id),
                display_name: input.display_name.clone(),
                unit: match &input.unit_id {
                    MaybeUndefined::Undefined => NewUnit::Same,
                    MaybeUndefined::Null => NewUnit::Nowhere,
                    MaybeUndefined::Value(unit) => NewUnit::In(UnitId::local(unit)),
                },
                reason: input.reason.clone(),
            };
            request.call.update_user(update, once.as_ref()).await
        };
        let (user, user_errors) = settle(request, outcome.await)?;
        Ok(UpdateUserPayload {
            client_mutation_id: input.client_mutation_id,
            user: user.map(User::from),
            user_errors,
        })
    }

    /// Disables an account (停用): the system administrator's. Its sessions and sockets end at once.
    async fn disable_user(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which account is disabled.")] input: DisableUserInput,
    ) -> Result<DisableUserPayload, ApiError> {
        on_account!(ctx, input, "disableUser", disable_user, DisableUserPayload)
    }

    /// Enables a disabled account again (启用): the system administrator's. Its grants hold again as far as they are not over.
    async fn enable_user(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which account is enabled.")] input: EnableUserInput,
    ) -> Result<EnableUserPayload, ApiError> {
        on_account!(ctx, input, "enableUser", enable_user, EnableUserPayload)
    }

    /// Gives an account a new one-time password (重置密码): the system administrator's. Its sessions end at once; a lock stays.
    /// An administrator's password is reset at the command line alone.
    async fn reset_password(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which account's password is reset.")] input: ResetPasswordInput,
    ) -> Result<ResetPasswordPayload, ApiError> {
        let request = Request::of(ctx);
        let outcome = async {
            let once = once("resetPassword", &input, input.client_mutation_id.as_deref())?;
            let user = UserId::local(&input.user_id);
            let reason = input.reason.as_deref();
            request
                .call
                .reset_password(user, reason, once.as_ref())
                .await
        };
        let (done, user_errors) = settle(request, outcome.await)?;
        let (user, one_time_password) = shown(done);
        Ok(ResetPasswordPayload {
            client_mutation_id: input.client_mutation_id,
            user,
            one_time_password,
            user_errors,
        })
    }

    /// Unlocks an account that failed sign-ins have locked (解锁): a security administrator's.
    async fn unlock_user(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which account is unlocked.")] input: UnlockUserInput,
    ) -> Result<UnlockUserPayload, ApiError> {
        on_account!(ctx, input, "unlockUser", unlock_user, UnlockUserPayload)
    }

    /// Ends all sessions and sockets of an account (强制下线): a security administrator's.
    async fn end_sessions(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose sessions end.")] input: EndSessionsInput,
    ) -> Result<EndSessionsPayload, ApiError> {
        on_account!(
            ctx,
            input,
            "endSessions",
            end_user_sessions,
            EndSessionsPayload
        )
    }

    /// Takes the second factor from an account whose owner has lost it (重置双因素认证): a security administrator's. Its sessions
    /// end at once; the next sign-in is by the password alone, and if a role needs a second factor, nothing but setting up
    /// another is allowed then.
    async fn reset_second_factor(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose second factor is taken away.")] input: ResetSecondFactorInput,
    ) -> Result<ResetSecondFactorPayload, ApiError> {
        on_account!(
            ctx,
            input,
            "resetSecondFactor",
            reset_second_factor,
            ResetSecondFactorPayload
        )
    }
}
