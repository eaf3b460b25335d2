//! The second factor (双因素认证): one-time codes by time (TOTP, RFC 6238), recovery codes, and whose roles need it.

use chrono::{DateTime, TimeDelta, Utc};
use entity::kinds::Role;

/// How many digits a code has.
pub const DIGITS: usize = 6;
/// How long a code is shown, in seconds.
pub const STEP_SECONDS: i64 = 30;
/// How many steps a clock may be fast or slow.
pub const DRIFT: i64 = 1;
/// How many recovery codes there are.
pub const RECOVERY_CODES: usize = 10;
/// How many characters a recovery code has, without its hyphens.
pub const RECOVERY_LENGTH: usize = 16;
/// How long setting up may take.
pub const SETTING_UP: TimeDelta = TimeDelta::minutes(15);
/// How many wrong codes, in place of the one that confirms it, make a second factor that was begun forgotten.
pub const WRONG_CODES: i32 = 5;

/// What somebody typed as a second factor.
#[derive(Clone, PartialEq, Eq)]
pub enum Typed {
    /// A code that an authenticator shows.
    Code(u32),
    /// A recovery code in its one form.
    Recovery(String),
}

/// What somebody typed; none for what is neither. Spaces and hyphens make no difference.
pub fn typed(text: &str) -> Option<Typed> {
    // Longer than whatever may be meant: not worth looking at.
    if text.len() > 100 {
        return None;
    }
    let kept = text.chars().filter(|c| !c.is_whitespace() && *c != '-');
    let kept: String = kept.map(|c| c.to_ascii_lowercase()).collect();
    let digits = kept.bytes().all(|byte| byte.is_ascii_digit());
    if kept.len() == DIGITS && digits {
        return kept.parse().ok().map(Typed::Code);
    }
    let plain = kept.bytes().all(|byte| byte.is_ascii_alphanumeric());
    (kept.len() == RECOVERY_LENGTH && plain).then_some(Typed::Recovery(kept))
}

/// The time step of a moment.
pub const fn step(now: DateTime<Utc>) -> i64 {
    now.timestamp().div_euclid(STEP_SECONDS)
}

/// The steps whose codes are accepted now, when `last` is the newest one of which a code was accepted before: a code is
/// good once, and those before it are not good any more.
pub fn accepted(now: DateTime<Utc>, last: i64) -> impl Iterator<Item = i64> {
    let now = step(now);
    (now - DRIFT..=now + DRIFT).filter(move |step| *step > last)
}

/// The roles of a setting's value.
pub fn roles(value: &str) -> Vec<Role> {
    value.split(',').filter_map(Role::from_word).collect()
}

/// Whether somebody with these roles needs a second factor, by the setting's value.
pub fn needed(value: &str, held: impl IntoIterator<Item = Role>) -> bool {
    let roles = roles(value);
    held.into_iter().any(|role| roles.contains(&role))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_typed_is_read() {
        let recovery = |text: &str| Some(Typed::Recovery(text.to_owned()));
        for (text, expected) in [
            ("012345", Some(Typed::Code(12_345))),
            (" 012 345 ", Some(Typed::Code(12_345))),
            ("abcd-efgh-jkmn-pqrs", recovery("abcdefghjkmnpqrs")),
            ("ABCD EFGH JKMN 2345", recovery("abcdefghjkmn2345")),
            ("2345234523452345", recovery("2345234523452345")),
            ("", None),
            ("12345", None),
            ("1234567", None),
            ("12345x", None),
            ("１２３４５６", None),
            ("abcd-efgh-jkmn-pqr", None),
            ("abcd-efgh-jkmn-pqrst", None),
            ("abcd-efgh-jkmn-pqr'", None),
        ] {
            assert!(typed(text) == expected, "{text:?}");
        }
        assert!(
            typed(&" ".repeat(95)).is_none()
                && typed(&format!("{}123456", " ".repeat(95))).is_none()
        );
    }

    #[test]
    fn a_code_is_good_for_three_steps_and_once() {
        let at = |second| DateTime::from_timestamp(second, 0).unwrap();
        let steps = |second, last| accepted(at(second), last).collect::<Vec<_>>();
        assert_eq!(step(at(59)), 1);
        assert_eq!(step(at(60)), 2);
        assert_eq!(steps(3000, 0), [99, 100, 101]);
        assert_eq!(steps(3029, 99), [100, 101]);
        assert_eq!(steps(3029, 100), [101]);
        assert_eq!(steps(3029, 101), [0; 0]);
        assert_eq!(steps(3030, 101), [102]);
    }

    #[test]
    fn the_roles_decide() {
        use Role::{AuditAdmin, Observer, SecurityAdmin};
        assert!(!needed("", [SecurityAdmin]));
        assert!(needed("SECURITY_ADMIN,AUDIT_ADMIN", [Observer, AuditAdmin]));
        assert!(!needed("SECURITY_ADMIN,AUDIT_ADMIN", [Observer]));
        assert!(!needed("SECURITY_ADMIN", []));
    }
}
