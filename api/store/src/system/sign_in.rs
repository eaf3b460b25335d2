//! Signing in, and staying signed in.
//!
//! An unknown name, a wrong password and a locked account answer alike and do the same work: one look-up, one password
//! hashed, one transaction with the same statements.

use std::net::IpAddr;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::{DateTime, TimeDelta, Utc};
use domain::{Reason, lockout::Lockout};
use entity::{
    ids::{SessionId, UserId},
    kinds::SettingName,
    refresh_token, session, user,
};
use sea_orm::{
    ActiveValue::NotSet,
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect, Set,
    sea_query::{Expr, LockType},
};
use serde_json::json;
use unicode_normalization::UnicodeNormalization;

use super::{
    System, failures,
    hashing::Password,
    second_factor::{Proof, prove},
};
use crate::{
    Call, Fault, Origin, Result, Store, Viewer,
    audit::unknown_name,
    read::without_nulls,
    settings,
    write::{Act, Entry, Write},
};

/// Where the second factor stands in the input.
const SECOND_FACTOR: &str = "secondFactor";

/// Nobody's key.
const NOBODY: UserId = UserId(0);

/// How long a refresh token is good; each use gives a new one. A session that is not refreshed for so long opens nothing more.
const REFRESH_TOKEN_LIFE: TimeDelta = TimeDelta::hours(12);

/// The tokens of a session.
#[derive(Clone)]
pub struct IssuedTokens {
    /// Sent with each request.
    pub access_token: String,
    /// When the access token expires.
    pub access_token_expires_at: DateTime<Utc>,
    /// Gives new tokens, once.
    pub refresh_token: String,
    /// Nothing but changing the password is allowed.
    pub must_change_password: bool,
    /// Nothing but setting up a second factor is allowed, once the password is no one-time password.
    pub must_set_up_second_factor: bool,
}

/// Whose an attempt is.
#[derive(Clone, Copy)]
pub(crate) enum Whose<'a> {
    /// An account's.
    Account(UserId),
    /// Nobody's who has this name.
    Nobody(&'a str),
}

/// What beside the password an attempt is judged by.
#[derive(Clone, Copy)]
pub(crate) enum Factor<'a> {
    /// The password alone: a session of theirs stands behind it.
    NotAsked,
    /// The second factor, where the account has one; what was given.
    Asked(Option<&'a str>),
}

/// What came of an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Settled {
    /// It passes, by a second factor perhaps.
    Passed(Option<Proof>),
    /// It does not, whatever was wrong.
    Refused,
    /// The password is right, and the second factor is missing.
    FactorMissing,
    /// The password is right, and the second factor is wrong.
    FactorWrong,
}

/// The one form of a sign-in name.
pub fn username(text: &str) -> String {
    // U+0000 stands in no name, and PostgreSQL does not even look for it.
    let text = text.trim().replace('\0', "\u{fffd}");
    text.nfkc().flat_map(char::to_lowercase).collect()
}

impl System {
    /// Signs in, with a second factor where the account has one: a code, or a recovery code.
    ///
    /// # Errors
    /// Refused with [`Reason::BadCredentials`], whatever was wrong; where all but the second factor is right, with
    /// [`Reason::SecondFactorMissing`], or with [`Reason::SecondFactorWrong`], which counts as a failure.
    pub async fn sign_in(
        &self,
        name: &str,
        password: Password,
        second_factor: Option<&str>,
        origin: &Origin,
    ) -> Result<IssuedTokens> {
        let (given, name) = (name, username(name));
        let found = user::Entity::find()
            .filter(user::Column::Username.eq(&name))
            .one(&self.store.inner.connections.reader(&self.store.statements))
            .await?;
        let demo = password.expose() == domain::password::DEMO;
        let hash = found.as_ref().map(|user| user.password_hash.clone());
        let hashing = &self.store.inner.hashing;
        let matches = hashing.verify(password, hash.clone()).await?
            && (!demo || self.store.inner.rules.demo_password);
        let verified = hash.filter(|_| matches);
        let id = found.as_ref().map(|user| user.id);
        let whose = id.map_or(Whose::Nobody(&name), Whose::Account);
        let now = self.store.now();
        let mut write = Write::of_system(&self.store, Some(origin)).await?;
        let factor = Factor::Asked(second_factor);
        let (db, address, verified) = (write.db(), origin.address, verified.as_deref());
        let settled = settle(&self.store, db, whose, address, verified, factor, now).await?;
        let (Some(mut user), Settled::Passed(proof)) = (found, settled) else {
            let refusal = match settled {
                Settled::FactorMissing => Reason::SecondFactorMissing.at(SECOND_FACTOR),
                Settled::FactorWrong => Reason::SecondFactorWrong.at(SECOND_FACTOR),
                _ => Reason::BadCredentials.whole(),
            };
            let entry = Entry {
                act: Act::SignInFailed,
                object: "User",
                id: id.map(|id| id.0),
                changes: match (id, &refusal.reason) {
                    // A name that nobody has may be a password in the wrong field.
                    (None, _) => json!({ "username": unknown_name(given) }),
                    (_, Reason::BadCredentials) => json!({}),
                    (_, reason) => json!({ "reason": reason.name() }),
                },
                event: None,
            };
            write.commit_refusal(entry).await?;
            return Err(refusal.into());
        };
        let too_old = expire_password(write.db(), user.id, now).await?;
        user.must_change_password |= too_old;
        let session = session::Entity::insert(session::ActiveModel {
            id: NotSet,
            user_id: Set(user.id),
            created_at: Set(now),
            ended_at: Set(None),
            good_until: Set(Some(now + REFRESH_TOKEN_LIFE)),
        })
        .exec(write.db())
        .await?
        .last_insert_id;
        let refresh_token = self.new_refresh_token(write.db(), session, now).await?;
        write.by(&user);
        let entry = Entry {
            act: Act::SignIn,
            object: "Session",
            id: Some(session.0),
            changes: without_nulls(json!({
                "by": proof.map(Proof::as_str), "mustChangePassword": too_old.then_some([false, true]),
            })),
            event: None,
        };
        write.commit([entry]).await?;
        self.issue(&user, session, refresh_token, now).await
    }

    /// Gives new tokens for a refresh token, which works once: using it again ends the session, for whoever has the
    /// newer tokens may be a thief.
    ///
    /// # Errors
    /// Refused with [`Reason::BadRefreshToken`], whatever was wrong.
    pub async fn refresh_session(&self, token: &str, origin: &Origin) -> Result<IssuedTokens> {
        let refused = || Reason::BadRefreshToken.whole().into();
        let now = self.store.now();
        let mut write = Write::of_system(&self.store, Some(origin)).await?;
        let found = refresh_token::Entity::find()
            .filter(refresh_token::Column::TokenHash.eq(digest(token)))
            .lock(LockType::NoKeyUpdate)
            .one(write.db())
            .await?;
        let Some(found) = found else {
            return Err(refused());
        };
        let entry = |act| Entry {
            act,
            object: "Session",
            id: Some(found.session_id.0),
            changes: json!({}),
            event: None,
        };
        let session = session::Entity::find_by_id(found.session_id)
            .one(write.db())
            .await?;
        let Some(session) = session else {
            return Err(refused());
        };
        let user = user::Entity::find_by_id(session.user_id)
            .one(write.db())
            .await?;
        let Some(mut user) = user else {
            return Err(refused());
        };
        // Also of a stolen one it is told whose it was.
        write.by(&user);
        if found.used_at.is_some() {
            end_session(write.db(), session.id, now).await?;
            write.commit_refusal(entry(Act::RefreshTokenReused)).await?;
            return Err(refused());
        }
        if session.ended_at.is_some() || now >= found.expires_at || !user.active {
            return Err(refused());
        }
        refresh_token::Entity::update_many()
            .col_expr(refresh_token::Column::UsedAt, Expr::value(now))
            .filter(refresh_token::Column::Id.eq(found.id))
            .exec(write.db())
            .await?;
        let refresh_token = self.new_refresh_token(write.db(), session.id, now).await?;
        let too_old = expire_password(write.db(), user.id, now).await?;
        user.must_change_password |= too_old;
        go_on(write.db(), session.id, now).await?;
        let changes =
            without_nulls(json!({ "mustChangePassword": too_old.then_some([false, true]) }));
        let entry = entry(Act::RefreshSession);
        write.commit([Entry { changes, ..entry }]).await?;
        self.issue(&user, session.id, refresh_token, now).await
    }

    /// Goes on with a session as if its owner had refreshed it, for a process that acts for people whose passwords it has proved, and
    /// that keeps no tokens: the demo, in whose year days pass in milliseconds.
    ///
    /// # Errors
    /// The database failed.
    pub async fn refresh_without_token(&self, call: &Call) -> Result<()> {
        let Some(viewer) = call.viewer() else {
            return Ok(());
        };
        let now = self.store.now();
        let mut write = Write::of_system(&self.store, Some(call.origin())).await?;
        let user = user::Entity::find_by_id(viewer.account.id)
            .one(write.db())
            .await?;
        if let Some(user) = &user {
            write.by(user);
        }
        let found = session::Entity::find_by_id(viewer.session);
        if found.one(write.db()).await?.is_some() {
            go_on(write.db(), viewer.session, now).await?;
        } else {
            // It was over for so long that a sweep has forgotten it.
            session::Entity::insert(session::ActiveModel {
                id: Set(viewer.session),
                user_id: Set(viewer.account.id),
                created_at: Set(now),
                ended_at: Set(None),
                good_until: Set(Some(now + REFRESH_TOKEN_LIFE)),
            })
            .exec_without_returning(write.db())
            .await?;
        }
        let entry = Entry {
            act: Act::RefreshSession,
            object: "Session",
            id: Some(viewer.session.0),
            changes: json!({}),
            event: None,
        };
        write.commit([entry]).await
    }

    async fn issue(
        &self,
        user: &user::Model,
        session: SessionId,
        refresh_token: String,
        now: DateTime<Utc>,
    ) -> Result<IssuedTokens> {
        let (access_token, access_token_expires_at) =
            self.access_token(user.id, session, now).await?;
        let reader = self.store.inner.connections.reader(&self.store.statements);
        let viewer = Viewer::load(&reader, user.id, session, now).await?;
        Ok(IssuedTokens {
            must_set_up_second_factor: viewer
                .is_some_and(|viewer| viewer.must_set_up_second_factor),
            access_token,
            access_token_expires_at,
            refresh_token,
            must_change_password: user.must_change_password,
        })
    }

    async fn new_refresh_token(
        &self,
        db: &impl ConnectionTrait,
        session: SessionId,
        now: DateTime<Utc>,
    ) -> Result<String, Fault> {
        let token = BASE64_URL_SAFE_NO_PAD.encode(self.store.random::<32>());
        refresh_token::Entity::insert(refresh_token::ActiveModel {
            id: NotSet,
            session_id: Set(session),
            token_hash: Set(digest(&token)),
            expires_at: Set(now + REFRESH_TOKEN_LIFE),
            used_at: Set(None),
        })
        .exec(db)
        .await?;
        Ok(token)
    }
}

impl Call {
    /// The session that a refresh token belongs to, whether or not it goes on by it.
    ///
    /// # Errors
    /// The database failed.
    pub async fn session_of_token(&self, token: &str) -> Result<Option<SessionId>, Fault> {
        let found = refresh_token::Entity::find()
            .filter(refresh_token::Column::TokenHash.eq(digest(token)))
            .one(&self.reader())
            .await?;
        Ok(found.map(|token| token.session_id))
    }
}

/// Whether signing in is refused to an account from an address, whatever is given: looked at before a password is hashed for somebody
/// who is signed in.
pub(crate) async fn is_locked(
    db: &impl ConnectionTrait,
    user: &user::Model,
    address: Option<IpAddr>,
    now: DateTime<Utc>,
) -> Result<bool, Fault> {
    let (rule, place) = (lockout(db).await?, failures::place(address));
    let before = failures::tried(db, user.id, Some(user), &place, rule, now).await?;
    Ok(before.locked(now))
}

/// When failed sign-ins lock.
async fn lockout(db: &impl ConnectionTrait) -> Result<Lockout, Fault> {
    let names = [SettingName::SignInFailures, SettingName::SignInLockMinutes];
    let set = settings::values(db, &names).await?;
    let number = |at: usize| set.get(at).and_then(|row| row.value.parse::<i32>().ok());
    Ok(Lockout {
        failures: number(0).unwrap_or(5),
        locks_for: TimeDelta::minutes(number(1).unwrap_or(15).into()),
    })
}

/// Has a password that is older than the setting allows changed before anything else, as a one-time password is; answers whether it is one.
async fn expire_password(
    db: &impl ConnectionTrait,
    user: UserId,
    now: DateTime<Utc>,
) -> Result<bool, Fault> {
    let set = settings::values(db, &[SettingName::PasswordMaxAgeDays]).await?;
    let days = set.first().and_then(|row| row.value.parse::<i64>().ok());
    let Some(days) = days.filter(|days| *days > 0) else {
        return Ok(false);
    };
    let expired = user::Entity::update_many()
        .col_expr(user::Column::MustChangePassword, Expr::value(true))
        .filter(user::Column::Id.eq(user))
        .filter(user::Column::MustChangePassword.eq(false))
        .filter(user::Column::PasswordChangedAt.lte(now - TimeDelta::days(days)))
        .exec(db)
        .await?;
    Ok(expired.rows_affected > 0)
}

/// Counts an attempt from an address and answers whether it passes: the password matches, the second factor is right where one is
/// asked for, and the account is neither locked nor disabled. Looked at under the row's lock, so that attempts at the same moment
/// count one by one, a code is used once, and a password that was changed since it was verified (against the hash that is given)
/// opens nothing. A second factor that is missing is no failure, nor a success that would begin the count anew.
pub(crate) async fn settle(
    store: &Store,
    db: &impl ConnectionTrait,
    whose: Whose<'_>,
    address: Option<IpAddr>,
    verified: Option<&str>,
    factor: Factor<'_>,
    now: DateTime<Utc>,
) -> Result<Settled, Fault> {
    let rule = lockout(db).await?;
    // An unknown name runs the same statements, and locks a row, too: PostgreSQL writes that down, and waits for the disk.
    let (id, user) = match whose {
        Whose::Account(id) => {
            let row = user::Entity::find_by_id(id).lock(LockType::NoKeyUpdate);
            (id, row.one(db).await?)
        }
        Whose::Nobody(name) => {
            failures::lock_unknown(db, store.inner.hashing.bucket(name)).await?;
            (NOBODY, None)
        }
    };
    let user = user.as_ref();
    let matches = verified.is_some() && user.map(|user| &*user.password_hash) == verified;
    let place = failures::place(address);
    let before = failures::tried(db, id, user, &place, rule, now).await?;
    let has_factor = user.is_some_and(|user| user.second_factor_at.is_some());
    let active = user.is_some_and(|user| user.active);
    let locked = before.locked(now);
    let settled = match factor {
        _ if !matches || !active || locked => Settled::Refused,
        Factor::Asked(None) if has_factor => Settled::FactorMissing,
        Factor::Asked(Some(given)) if has_factor => match prove(store, db, id, given, now).await? {
            Some(proof) => Settled::Passed(Some(proof)),
            None => Settled::FactorWrong,
        },
        _ => Settled::Passed(None),
    };
    match settled {
        Settled::Passed(_) => failures::begin_anew(db, id, &place, now).await?,
        Settled::FactorMissing => {}
        // What a lock or a disabled account refuses is no failure, and runs the statements of one.
        _ if locked || (matches && settled == Settled::Refused) => {
            failures::keep(db, NOBODY, user, &place, before, now).await?;
        }
        _ => failures::keep(db, id, user, &place, rule.failed(before, now), now).await?,
    }
    Ok(settled)
}

/// Ends a session, if it has not ended yet.
pub(crate) async fn end_session(
    db: &impl ConnectionTrait,
    session: SessionId,
    now: DateTime<Utc>,
) -> Result<(), Fault> {
    session::Entity::update_many()
        .col_expr(session::Column::EndedAt, Expr::value(now))
        .filter(session::Column::Id.eq(session))
        .filter(session::Column::EndedAt.is_null())
        .exec(db)
        .await?;
    Ok(())
}

/// A session that has not ended opens what its owner may see for as long as a refresh token lives, from now on.
async fn go_on(
    db: &impl ConnectionTrait,
    session: SessionId,
    now: DateTime<Utc>,
) -> Result<(), Fault> {
    session::Entity::update_many()
        .col_expr(
            session::Column::GoodUntil,
            Expr::value(now + REFRESH_TOKEN_LIFE),
        )
        .filter(session::Column::Id.eq(session))
        .filter(session::Column::EndedAt.is_null())
        .exec(db)
        .await?;
    Ok(())
}

/// Ends all sessions of a user, but one perhaps.
pub(crate) async fn end_sessions(
    db: &impl ConnectionTrait,
    user: UserId,
    but: Option<SessionId>,
    now: DateTime<Utc>,
) -> Result<(), Fault> {
    session::Entity::update_many()
        .col_expr(session::Column::EndedAt, Expr::value(now))
        .filter(session::Column::UserId.eq(user))
        .filter(session::Column::EndedAt.is_null())
        .filter(session::Column::Id.ne(but.unwrap_or(SessionId(0))))
        .exec(db)
        .await?;
    Ok(())
}

/// SHA-256 in hexadecimal: a refresh token is random, and needs no slow hash.
fn digest(token: &str) -> String {
    crate::digest::sha256(token)
}
