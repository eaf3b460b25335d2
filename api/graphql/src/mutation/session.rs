//! Signing in and out.

use std::sync::atomic::Ordering;

use async_graphql::{Context, InputObject, Object, SimpleObject};
use store::{IssuedTokens, Password};

use crate::{
    error::{ApiError, UserError, settle},
    request::Request,
    scalar::DateTime,
};

/// The tokens of a session. Keep them from everybody else.
#[derive(SimpleObject)]
pub(crate) struct Session {
    /// Sent with each request: `Authorization: Bearer …`. A signed JWT that says who you are, never what you may do.
    access_token: String,
    /// When the access token expires: fifteen minutes after it was issued.
    access_token_expires_at: DateTime,
    /// Gives new tokens with `refreshSession`, once, within twelve hours.
    refresh_token: String,
    /// Your password is a one-time password, or older than `PASSWORD_MAX_AGE_DAYS` allows, and you can do nothing before you have changed it.
    must_change_password: bool,
    /// Your role needs a second factor and you have none: once the password need not be changed, you can do nothing
    /// before you have set one up (`beginSecondFactor`).
    must_set_up_second_factor: bool,
}

impl From<IssuedTokens> for Session {
    fn from(tokens: IssuedTokens) -> Self {
        Self {
            access_token: tokens.access_token,
            access_token_expires_at: DateTime(tokens.access_token_expires_at),
            refresh_token: tokens.refresh_token,
            must_change_password: tokens.must_change_password,
            must_set_up_second_factor: tokens.must_set_up_second_factor,
        }
    }
}

/// Who wants to sign in.
#[derive(InputObject)]
pub(crate) struct SignInInput {
    /// The sign-in name; capitals and small letters are the same.
    username: String,
    /// The password.
    #[graphql(secret)]
    password: String,
    /// The second factor, where the account has one: the six digits that the authenticator shows now, or a recovery code.
    /// Without it, or with a wrong one, the answer to the right password is SECOND_FACTOR_REQUIRED.
    #[graphql(secret)]
    second_factor: Option<String>,
}

/// What came of signing in.
#[derive(SimpleObject)]
pub(crate) struct SignInPayload {
    /// The tokens; null when refused.
    session: Option<Session>,
    /// Why it was refused; empty on success.
    user_errors: Vec<UserError>,
}

/// Which session goes on.
#[derive(InputObject)]
pub(crate) struct RefreshSessionInput {
    /// The refresh token that came with the last tokens.
    #[graphql(secret)]
    refresh_token: String,
}

/// What came of refreshing a session.
#[derive(SimpleObject)]
pub(crate) struct RefreshSessionPayload {
    /// The new tokens; null when refused.
    session: Option<Session>,
    /// Why it was refused; empty on success.
    user_errors: Vec<UserError>,
}

/// What ends.
#[derive(InputObject)]
pub(crate) struct SignOutInput {
    /// End all of your sessions, not this one alone.
    #[graphql(default)]
    everywhere: bool,
}

/// What came of signing out.
#[derive(SimpleObject)]
pub(crate) struct SignOutPayload {
    /// Why it was refused; empty on success.
    user_errors: Vec<UserError>,
}

/// The old password and the new.
#[derive(InputObject)]
pub(crate) struct ChangePasswordInput {
    /// The password until now. A wrong one counts as a failed sign-in.
    #[graphql(secret)]
    current_password: String,
    /// The new one: 12 to 128 characters, not your name, and not one of the worst.
    #[graphql(secret)]
    new_password: String,
}

/// What came of changing the password.
#[derive(SimpleObject)]
pub(crate) struct ChangePasswordPayload {
    /// Why it was refused; empty on success.
    user_errors: Vec<UserError>,
}

#[derive(Default)]
pub(crate) struct SessionMutation;

#[Object]
impl SessionMutation {
    /// Signs in. Unknown name, wrong password and locked account answer alike, in the same time; five failures in a row
    /// lock an account for fifteen minutes, for the address they came from (ten times as many, from several, for all), and a wrong
    /// second factor is one. A code of an authenticator is good once.
    async fn sign_in(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who wants to sign in.")] input: SignInInput,
    ) -> Result<SignInPayload, ApiError> {
        let request = Request::of(ctx);
        let password = Password::new(input.password);
        let outcome = request
            .system
            .sign_in(
                &input.username,
                password,
                input.second_factor.as_deref(),
                &request.origin(),
            )
            .await;
        let (tokens, user_errors) = settle(request, outcome)?;
        request.signed_in.store(tokens.is_some(), Ordering::Relaxed);
        Ok(SignInPayload {
            session: tokens.map(Session::from),
            user_errors,
        })
    }

    /// Gives new tokens for a refresh token, which works once: using it again ends the session and every token that
    /// came from it.
    async fn refresh_session(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which session goes on.")] input: RefreshSessionInput,
    ) -> Result<RefreshSessionPayload, ApiError> {
        let request = Request::of(ctx);
        let outcome = request
            .system
            .refresh_session(&input.refresh_token, &request.origin())
            .await;
        let (tokens, user_errors) = settle(request, outcome)?;
        Ok(RefreshSessionPayload {
            session: tokens.map(Session::from),
            user_errors,
        })
    }

    /// Signs out: the session ends at once, with all tokens that came from it.
    async fn sign_out(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What ends.")] input: SignOutInput,
    ) -> Result<SignOutPayload, ApiError> {
        let request = Request::of(ctx);
        let (_, user_errors) = settle(request, request.call.sign_out(input.everywhere).await)?;
        Ok(SignOutPayload { user_errors })
    }

    /// Changes your password. All of your other sessions end; this one goes on.
    async fn change_password(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The old password and the new.")] input: ChangePasswordInput,
    ) -> Result<ChangePasswordPayload, ApiError> {
        let request = Request::of(ctx);
        let (current, new) = (
            Password::new(input.current_password),
            Password::new(input.new_password),
        );
        let (_, user_errors) = settle(request, request.call.change_password(current, new).await)?;
        Ok(ChangePasswordPayload { user_errors })
    }
}
