//! One's own second factor: set up, ended, and its recovery codes replaced.

use async_graphql::{Context, InputObject, Object, SimpleObject};
use store::Password;

use crate::{
    error::{ApiError, UserError, settle},
    request::Request,
};

/// Who begins to set up a second factor.
#[derive(InputObject)]
pub(crate) struct BeginSecondFactorInput {
    /// Your password. A wrong one counts as a failed sign-in.
    #[graphql(secret)]
    current_password: String,
}

/// What an authenticator needs. Keep it from everybody else.
#[derive(SimpleObject)]
pub(crate) struct BeginSecondFactorPayload {
    /// The secret in Base32, for typing it into an authenticator. It is shown this once; null when refused.
    secret: Option<String>,
    /// The same for a QR code: `otpauth://totp/…`, with SHA-1, six digits and thirty seconds, which all authenticators know. It
    /// is shown this once; null when refused.
    uri: Option<String>,
    /// Why it was refused; empty on success.
    user_errors: Vec<UserError>,
}

/// The proof that an authenticator has the secret.
#[derive(InputObject)]
pub(crate) struct ConfirmSecondFactorInput {
    /// The six digits that the authenticator shows now.
    #[graphql(secret)]
    code: String,
}

/// Recovery codes, which are shown once.
#[derive(SimpleObject)]
pub(crate) struct ConfirmSecondFactorPayload {
    /// Ten recovery codes: each stands in once for a code of the authenticator. They are shown this once: keep them where the
    /// authenticator is not. Null when refused.
    recovery_codes: Option<Vec<String>>,
    /// Why it was refused; empty on success.
    user_errors: Vec<UserError>,
}

/// Who ends their second factor.
#[derive(InputObject)]
pub(crate) struct EndSecondFactorInput {
    /// Your password. A wrong one counts as a failed sign-in.
    #[graphql(secret)]
    current_password: String,
    /// The six digits that the authenticator shows now, or a recovery code. A wrong one counts as a failed sign-in.
    #[graphql(secret)]
    code: String,
}

/// What came of ending the second factor.
#[derive(SimpleObject)]
pub(crate) struct EndSecondFactorPayload {
    /// Why it was refused; empty on success.
    user_errors: Vec<UserError>,
}

/// Who wants new recovery codes.
#[derive(InputObject)]
pub(crate) struct ReplaceRecoveryCodesInput {
    /// Your password. A wrong one counts as a failed sign-in.
    #[graphql(secret)]
    current_password: String,
    /// The six digits that the authenticator shows now, or a recovery code. A wrong one counts as a failed sign-in.
    #[graphql(secret)]
    code: String,
}

/// Recovery codes, which are shown once.
#[derive(SimpleObject)]
pub(crate) struct ReplaceRecoveryCodesPayload {
    /// Ten recovery codes; those of before are good no more. They are shown this once; null when refused.
    recovery_codes: Option<Vec<String>>,
    /// Why it was refused; empty on success.
    user_errors: Vec<UserError>,
}

#[derive(Default)]
pub(crate) struct SecondFactorMutation;

#[Object]
impl SecondFactorMutation {
    /// Begins to set up a second factor (双因素认证): put the secret into an authenticator, and confirm within fifteen minutes.
    /// What was begun before and not confirmed is forgotten.
    async fn begin_second_factor(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who begins to set up a second factor.")] input: BeginSecondFactorInput,
    ) -> Result<BeginSecondFactorPayload, ApiError> {
        let request = Request::of(ctx);
        let current = Password::new(input.current_password);
        let (begun, user_errors) =
            settle(request, request.call.begin_second_factor(current).await)?;
        let (secret, uri) = begun.map(|begun| (begun.secret, begun.uri)).unzip();
        Ok(BeginSecondFactorPayload {
            secret,
            uri,
            user_errors,
        })
    }

    /// Turns the second factor on that was begun (启用双因素认证): from now on signing in needs it. All of your other sessions
    /// end; this one goes on, with all rights if your role needed a second factor. After five wrong codes what was begun is
    /// forgotten.
    async fn confirm_second_factor(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The proof that the authenticator has the secret.")]
        input: ConfirmSecondFactorInput,
    ) -> Result<ConfirmSecondFactorPayload, ApiError> {
        let request = Request::of(ctx);
        let done = request.call.confirm_second_factor(&input.code).await;
        let (recovery_codes, user_errors) = settle(request, done)?;
        Ok(ConfirmSecondFactorPayload {
            recovery_codes,
            user_errors,
        })
    }

    /// Ends your second factor (停用双因素认证), as before moving to another device. If your role needs one, you can do
    /// nothing then but set up another.
    async fn end_second_factor(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who ends their second factor.")] input: EndSecondFactorInput,
    ) -> Result<EndSecondFactorPayload, ApiError> {
        let request = Request::of(ctx);
        let current = Password::new(input.current_password);
        let done = request.call.end_second_factor(current, &input.code).await;
        let (_, user_errors) = settle(request, done)?;
        Ok(EndSecondFactorPayload { user_errors })
    }

    /// Gives you new recovery codes (更换恢复码).
    async fn replace_recovery_codes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who wants new recovery codes.")] input: ReplaceRecoveryCodesInput,
    ) -> Result<ReplaceRecoveryCodesPayload, ApiError> {
        let request = Request::of(ctx);
        let current = Password::new(input.current_password);
        let done = request
            .call
            .replace_recovery_codes(current, &input.code)
            .await;
        let (recovery_codes, user_errors) = settle(request, done)?;
        Ok(ReplaceRecoveryCodesPayload {
            recovery_codes,
            user_errors,
        })
    }
}
