//! One's own second factor: set up, ended, and its recovery codes replaced; and taken from an account whose owner has lost
//! it, by a security administrator.

use data_encoding::BASE32_NOPAD;
use domain::{
    Action, Reason,
    second_factor::{DIGITS, SETTING_UP, STEP_SECONDS, Typed, WRONG_CODES, typed},
};
use entity::{ids::UserId, recovery_code, second_factor, user};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use sea_orm::{
    ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect, Set,
    sea_query::{Expr, LockType},
};
use serde_json::json;

use crate::{
    Account, Call, Fault, Once, Password, Result,
    secrets::Purpose,
    system::{Factor, end_sessions, matching, new_recovery_codes, remove_second_factor},
    write::{Act, Begun, Entry, Write},
};

/// A secret of as many bits as the hash has (RFC 4226 §4).
const SECRET_BYTES: usize = 20;

/// Where the code stands in the input.
const CODE: &str = "code";

/// What an authenticator needs, to be shown once.
pub struct BegunFactor {
    /// The secret in Base32, for typing.
    pub secret: String,
    /// The same with all that belongs to it, for a QR code: `otpauth://totp/…`.
    pub uri: String,
}

impl std::fmt::Debug for BegunFactor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("BegunFactor(…)")
    }
}

impl Call {
    /// Begins to set up a second factor of the viewer, in place of one that was begun and not confirmed.
    ///
    /// # Errors
    /// Nobody is signed in, or with a one-time password. Refused: the password is wrong (which counts as a failed sign-in),
    /// there is a second factor already, or the server has no key to keep it.
    pub async fn begin_second_factor(&self, current: Password) -> Result<BegunFactor> {
        let account = &self.admitted_to_set_up()?.account;
        let verified = self.own_password(current).await?;
        let act = Act::BeginSecondFactor;
        let verified = verified.as_deref();
        let write = self.proven(verified, Factor::NotAsked, act).await?;
        if self.second_factor_is_on(write.db()).await? {
            return Err(Reason::SecondFactorOn.whole().into());
        }
        let store = self.store();
        let secret: [u8; SECRET_BYTES] = store.random();
        let keys = &store.inner.secrets;
        let sealed = keys
            .seal(
                store.inner.entropy.as_ref(),
                Purpose::SecondFactor(account.id),
                &secret,
            )?
            .ok_or_else(|| Reason::SecondFactorUnavailable.whole())?;
        remove_second_factor(write.db(), account.id).await?;
        second_factor::Entity::insert(second_factor::ActiveModel {
            user_id: Set(account.id),
            key_id: Set(sealed.key_id),
            secret: Set(sealed.bytes),
            last_step: Set(0),
            begun_at: Set(self.now()),
            wrong_codes: Set(0),
        })
        .exec_without_returning(write.db())
        .await?;
        write.commit([own(act, account.id)]).await?;
        let secret = BASE32_NOPAD.encode(&secret);
        let uri = uri(&store.inner.rules.issuer, &account.username, &secret);
        Ok(BegunFactor { secret, uri })
    }

    /// Turns the second factor on that was begun, once its authenticator shows the right code. Every other session of the
    /// viewer ends. Answers the recovery codes, to be shown once.
    ///
    /// # Errors
    /// Nobody is signed in, or with a one-time password. Refused: nothing was begun within the last quarter of an hour, or the
    /// code is wrong; what was begun is forgotten after five of those.
    pub async fn confirm_second_factor(&self, code: &str) -> Result<Vec<String>> {
        let viewer = self.admitted_to_set_up()?;
        let (id, session, now) = (viewer.account.id, viewer.session, self.now());
        let write = self.write().await?;
        // The row of the account is locked first, wherever both are.
        let on = self.second_factor_is_on(write.db()).await?;
        let begun = second_factor::Entity::find_by_id(id)
            .one(write.db())
            .await?;
        let Some(begun) = begun.filter(|begun| !on && now < begun.begun_at + SETTING_UP) else {
            return Err(Reason::SecondFactorNotBegun.whole().into());
        };
        let step = match typed(code) {
            Some(Typed::Code(code)) => matching(self.store(), &begun, code, now)?,
            _ => None,
        };
        let Some(step) = step else {
            wrong_code(write, &begun).await?;
            return Err(Reason::WrongCode.at(CODE).into());
        };
        second_factor::Entity::update_many()
            .col_expr(second_factor::Column::LastStep, Expr::value(step))
            .filter(second_factor::Column::UserId.eq(id))
            .exec(write.db())
            .await?;
        user::Entity::update_many()
            .col_expr(user::Column::SecondFactorAt, Expr::value(now))
            .filter(user::Column::Id.eq(id))
            .exec(write.db())
            .await?;
        let codes = new_recovery_codes(self.store(), write.db(), id).await?;
        // They began without it.
        end_sessions(write.db(), id, Some(session), now).await?;
        write.commit([own(Act::ConfirmSecondFactor, id)]).await?;
        Ok(codes)
    }

    /// Ends the viewer's second factor. Whose grants need one can do nothing then but set up another.
    ///
    /// # Errors
    /// Nobody is signed in, or with a one-time password. Refused: there is none, or the password or the code is wrong, which
    /// counts as a failed sign-in.
    pub async fn end_second_factor(&self, current: Password, code: &str) -> Result<()> {
        let id = self.admitted_to_set_up()?.account.id;
        let verified = self.own_password(current).await?;
        let act = Act::EndSecondFactor;
        let factor = Factor::Asked(Some(code));
        let write = self.proven(verified.as_deref(), factor, act).await?;
        if !self.second_factor_is_on(write.db()).await? {
            return Err(Reason::NoSecondFactor.whole().into());
        }
        remove_second_factor(write.db(), id).await?;
        write.commit([own(act, id)]).await
    }

    /// Gives the viewer new recovery codes; those of before are good no more.
    ///
    /// # Errors
    /// As [`Call::end_second_factor`].
    pub async fn replace_recovery_codes(
        &self,
        current: Password,
        code: &str,
    ) -> Result<Vec<String>> {
        let id = self.admitted_to_set_up()?.account.id;
        let verified = self.own_password(current).await?;
        let act = Act::ReplaceRecoveryCodes;
        let factor = Factor::Asked(Some(code));
        let write = self.proven(verified.as_deref(), factor, act).await?;
        if !self.second_factor_is_on(write.db()).await? {
            return Err(Reason::NoSecondFactor.whole().into());
        }
        let codes = new_recovery_codes(self.store(), write.db(), id).await?;
        write.commit([own(act, id)]).await?;
        Ok(codes)
    }

    /// How many recovery codes the viewer has left; none without a second factor.
    ///
    /// # Errors
    /// The database failed.
    pub async fn recovery_codes_left(&self) -> Result<Option<u64>> {
        let account = &self.signed_in()?.account;
        if account.second_factor_at.is_none() {
            return Ok(None);
        }
        let left = recovery_code::Entity::find()
            .filter(recovery_code::Column::UserId.eq(account.id))
            .filter(recovery_code::Column::UsedAt.is_null())
            .count(&self.reader())
            .await?;
        Ok(Some(left))
    }

    /// Takes the second factor from an account whose owner has lost it; its sessions end.
    ///
    /// # Errors
    /// Refused: an account that the viewer does not see, their own, or one that has none, or a viewer who is no security
    /// administrator.
    pub async fn reset_second_factor(
        &self,
        id: Option<UserId>,
        reason: Option<&str>,
        once: Option<&Once>,
    ) -> Result<Account> {
        let reason = self.reason(reason)?;
        let action = Action::ResetSecondFactor;
        let (write, mut row) = match self.on_user(action, id, once).await? {
            Begun::Fresh(begun) => begun,
            Begun::Again(account) => return Ok(account),
        };
        remove_second_factor(write.db(), row.id).await?;
        end_sessions(write.db(), row.id, None, self.now()).await?;
        let changes = json!({ "since": [row.second_factor_at, null], "reason": reason });
        row.second_factor_at = None;
        let done = self.account_done(write, row, action, changes, None);
        Ok(done.await?.account)
    }

    /// Whether the viewer has a second factor, under the lock of their account's row: another request may have come first.
    async fn second_factor_is_on(&self, db: &impl sea_orm::ConnectionTrait) -> Result<bool, Fault> {
        let id = self.viewer().map(|viewer| viewer.account.id);
        let row = user::Entity::find_by_id(id.unwrap_or(UserId(0)))
            .lock(LockType::NoKeyUpdate)
            .one(db)
            .await?;
        Ok(row.is_some_and(|row| row.second_factor_at.is_some()))
    }
}

/// Counts a wrong code in place of the one that confirms a second factor. After so many it is forgotten: six digits could be
/// guessed.
async fn wrong_code(write: Write, begun: &second_factor::Model) -> Result<()> {
    let wrong = begun.wrong_codes.saturating_add(1);
    let forgotten = wrong >= WRONG_CODES;
    if forgotten {
        remove_second_factor(write.db(), begun.user_id).await?;
    } else {
        second_factor::Entity::update_many()
            .col_expr(second_factor::Column::WrongCodes, Expr::value(wrong))
            .filter(second_factor::Column::UserId.eq(begun.user_id))
            .exec(write.db())
            .await?;
    }
    let (during, reason) = (Act::ConfirmSecondFactor.as_str(), Reason::WrongCode.name());
    let entry = Entry {
        act: Act::SignInFailed,
        changes: json!({ "during": during, "reason": reason, "forgotten": forgotten }),
        ..own(Act::ConfirmSecondFactor, begun.user_id)
    };
    write.commit_refusal(entry).await
}

/// The entry of an act on one's own second factor.
fn own(act: Act, user: UserId) -> Entry {
    Entry {
        act,
        object: "User",
        id: Some(user.0),
        changes: json!({}),
        event: None,
    }
}

/// What a QR code for an authenticator says (the key URI format that all of them read).
fn uri(issuer: &str, username: &str, secret: &str) -> String {
    const PLAIN: &AsciiSet = &NON_ALPHANUMERIC
        .remove(b'-')
        .remove(b'.')
        .remove(b'_')
        .remove(b'~');
    let issuer = utf8_percent_encode(issuer, PLAIN);
    let username = utf8_percent_encode(username, PLAIN);
    format!(
        "otpauth://totp/{issuer}:{username}?secret={secret}&issuer={issuer}&algorithm=SHA1&digits={DIGITS}&period={STEP_SECONDS}"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_uri_keeps_names_apart_from_what_means_something() {
        assert_eq!(
            uri("luo:shi", "张.@", "ABC"),
            "otpauth://totp/luo%3Ashi:%E5%BC%A0.%40?secret=ABC&issuer=luo%3Ashi&algorithm=SHA1&digits=6&period=30"
        );
    }
}
