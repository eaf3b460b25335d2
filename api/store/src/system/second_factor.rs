//! Second factors as they are kept and checked: time-based codes (RFC 6238) over AWS-LC's HMAC, and recovery codes.

use aws_lc_rs::hmac;
use chrono::{DateTime, Utc};
use domain::second_factor::{self, DIGITS, Typed};
use entity::{ids::UserId, recovery_code, second_factor as row, user};
use sea_orm::{
    ActiveValue::NotSet,
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Set,
    sea_query::{Expr, LockType},
};
use serde_json::json;

use super::{System, keys::reseal};
use crate::{
    Error, Fault, Origin, Result, Store,
    digest::sha256,
    secrets::Purpose,
    write::{Act, Entry, Write},
};

/// What stood in for the second factor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Proof {
    /// A code that an authenticator shows.
    Code,
    /// A recovery code.
    RecoveryCode,
}

impl Proof {
    /// The word in the audit log.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Code => "CODE",
            Self::RecoveryCode => "RECOVERY_CODE",
        }
    }
}

/// The code of a step (RFC 6238 with SHA-1, which is what authenticators know; RFC 4226 §5.3).
pub(crate) fn code(secret: &[u8], step: i64) -> u32 {
    truncated(secret, step) % 10u32.pow(DIGITS as u32)
}

fn truncated(secret: &[u8], step: i64) -> u32 {
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, secret);
    let tag = hmac::sign(&key, &step.to_be_bytes());
    let tag = tag.as_ref();
    let offset = usize::from(tag.last().copied().unwrap_or_default() & 0x0f);
    let word = tag.iter().skip(offset).take(4);
    word.fold(0, |word: u32, byte| word << 8 | u32::from(*byte)) & 0x7fff_ffff
}

/// Whether what was typed is the second factor of a user, whose row is locked; it is used up then.
pub(crate) async fn prove(
    store: &Store,
    db: &impl ConnectionTrait,
    user: UserId,
    given: &str,
    now: DateTime<Utc>,
) -> Result<Option<Proof>, Fault> {
    match second_factor::typed(given) {
        None => Ok(None),
        Some(Typed::Recovery(code)) => {
            let used = recovery_code::Entity::update_many()
                .col_expr(recovery_code::Column::UsedAt, Expr::value(now))
                .filter(recovery_code::Column::UserId.eq(user))
                .filter(recovery_code::Column::CodeHash.eq(hash(user, &code)))
                .filter(recovery_code::Column::UsedAt.is_null())
                .exec(db)
                .await?;
            Ok((used.rows_affected > 0).then_some(Proof::RecoveryCode))
        }
        Some(Typed::Code(given)) => {
            let Some(found) = row::Entity::find_by_id(user).one(db).await? else {
                return Ok(None);
            };
            let Some(step) = matching(store, &found, given, now)? else {
                return Ok(None);
            };
            row::Entity::update_many()
                .col_expr(row::Column::LastStep, Expr::value(step))
                .filter(row::Column::UserId.eq(user))
                .exec(db)
                .await?;
            Ok(Some(Proof::Code))
        }
    }
}

/// The step of which the code is, among those that are accepted now.
pub(crate) fn matching(
    store: &Store,
    found: &row::Model,
    given: u32,
    now: DateTime<Utc>,
) -> Result<Option<i64>, Fault> {
    let keys = &store.inner.secrets;
    let purpose = Purpose::SecondFactor(found.user_id);
    let secret = keys.open(purpose, &found.key_id, &found.secret)?;
    let mut steps = second_factor::accepted(now, found.last_step);
    Ok(steps.find(|step| code(&secret, *step) == given))
}

/// Gives a user new recovery codes in place of those of before; they are known this once.
pub(crate) async fn new_recovery_codes(
    store: &Store,
    db: &impl ConnectionTrait,
    user: UserId,
) -> Result<Vec<String>, Fault> {
    recovery_code::Entity::delete_many()
        .filter(recovery_code::Column::UserId.eq(user))
        .exec(db)
        .await?;
    let codes: Vec<String> = (0..second_factor::RECOVERY_CODES)
        .map(|_| store.one_time_password())
        .collect();
    let rows = codes.iter().map(|code| recovery_code::ActiveModel {
        id: NotSet,
        user_id: Set(user),
        code_hash: Set(hash(user, code)),
        used_at: Set(None),
    });
    recovery_code::Entity::insert_many(rows).exec(db).await?;
    Ok(codes.iter().map(|code| shown(code)).collect())
}

/// Takes a user's second factor away, with its recovery codes.
pub(crate) async fn remove(db: &impl ConnectionTrait, user: UserId) -> Result<(), Fault> {
    user::Entity::update_many()
        .col_expr(
            user::Column::SecondFactorAt,
            Expr::value(None::<DateTime<Utc>>),
        )
        .filter(user::Column::Id.eq(user))
        .exec(db)
        .await?;
    // Its recovery codes go with it.
    row::Entity::delete_by_id(user).exec(db).await?;
    Ok(())
}

/// How a code is kept: 80 random bits need no slow hash, for nobody tries them all; the user keeps hashes apart.
fn hash(user: UserId, code: &str) -> String {
    sha256(format!("recovery code of user {}: {code}", user.0))
}

/// In groups of four, which are easier to copy.
fn shown(code: &str) -> String {
    let letters: Vec<char> = code.chars().collect();
    let groups = letters.chunks(4).map(|group| group.iter().collect());
    groups.collect::<Vec<String>>().join("-")
}

impl System {
    /// Encrypts all secrets under the first of the configured keys, so that the others can be taken away. Answers how many
    /// were under another.
    ///
    /// # Errors
    /// The database failed, or a key is missing.
    pub async fn reencrypt_secrets(&self) -> Result<usize> {
        let store = &self.store;
        let keys = &store.inner.secrets;
        let origin = Origin::command("keys reencrypt");
        let write = Write::of_system(store, Some(&origin)).await?;
        let Some(first) = keys.ids().next().map(str::to_owned) else {
            return Err(Error::Fault(Fault::new(
                "secrets.key (LUOSHI_SECRETS_KEY) is not configured",
            )));
        };
        let rows = row::Entity::find()
            .filter(row::Column::KeyId.ne(&first))
            .order_by_asc(row::Column::UserId)
            .lock(LockType::NoKeyUpdate)
            .all(write.db())
            .await?;
        for found in &rows {
            let purpose = Purpose::SecondFactor(found.user_id);
            let secret = keys.open(purpose, &found.key_id, &found.secret)?;
            let sealed = keys.seal(store.inner.entropy.as_ref(), purpose, &secret)?;
            let sealed = sealed.ok_or_else(|| Fault::new("there is no key"))?;
            row::Entity::update_many()
                .col_expr(row::Column::KeyId, Expr::value(sealed.key_id))
                .col_expr(row::Column::Secret, Expr::value(sealed.bytes))
                .filter(row::Column::UserId.eq(found.user_id))
                .exec(write.db())
                .await?;
        }
        let own = reseal(store, write.db(), &first).await?;
        let entry = Entry {
            act: Act::ReencryptSecrets,
            object: "SecondFactor",
            id: None,
            changes: json!({ "keyId": first, "factors": rows.len(), "serverSecrets": own }),
            event: None,
        };
        write.commit([entry]).await?;
        Ok(rows.len() + own)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6238, appendix B, SHA-1: eight digits of the same number.
    #[test]
    fn the_codes_are_those_of_the_rfc() {
        let secret = b"12345678901234567890";
        for (second, expected) in [
            (59, 94_287_082),
            (1_111_111_109, 7_081_804),
            (1_111_111_111, 14_050_471),
            (1_234_567_890, 89_005_924),
            (2_000_000_000, 69_279_037),
            (20_000_000_000, 65_353_130),
        ] {
            let step = second_factor::step(DateTime::from_timestamp(second, 0).unwrap());
            assert_eq!(truncated(secret, step) % 100_000_000, expected, "{second}");
            assert_eq!(code(secret, step), expected % 1_000_000, "{second}");
        }
    }

    #[test]
    fn recovery_codes_are_shown_in_groups_and_read_again() {
        let text = shown("abcdefghjkmn2345");
        assert_eq!(text, "abcd-efgh-jkmn-2345");
        let read = second_factor::typed(&text);
        assert!(read == Some(Typed::Recovery("abcdefghjkmn2345".to_owned())));
        assert_ne!(hash(UserId(1), "x"), hash(UserId(2), "x"));
    }
}
