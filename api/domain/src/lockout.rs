//! When failed sign-ins lock an account: for the address they come from, and, when they come from many, for all.
//!
//! Whoever knows a name can fail under it. If that locked the account for everybody, anybody could keep its owner out; so five failures in a row
//! lock it for the address they came from, and only as many as no single address can make lock it altogether.

use std::net::IpAddr;

use chrono::{DateTime, TimeDelta, Utc};

/// As many times the failures that lock one address lock the account for all. No address alone comes near: once locked, it
/// is counted no more.
pub const EVERYWHERE: i32 = 10;

/// For how long failures are remembered, and no longer: "in a row" does not end by waiting a little. No lock is longer.
pub const REMEMBERED: TimeDelta = TimeDelta::days(1);

/// What counts of an address: of IPv6 the network (/64), for a household has 2^64 addresses.
pub fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            IpAddr::from([a, b, c, d, 0, 0, 0, 0])
        }
        v4 => v4,
    }
}

/// How many failures lock, and for how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lockout {
    /// Failures in a row from one address.
    pub failures: i32,
    /// For how long they lock; what came longer ago does not count towards the lock for all addresses.
    pub locks_for: TimeDelta,
}

/// What is known of an account when somebody tries to sign in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tried {
    /// Failures in a row from this address.
    pub here: i32,
    /// Until when the account is locked for this address.
    pub locked_here: Option<DateTime<Utc>>,
    /// Failures of late from all other addresses.
    pub elsewhere: i32,
    /// Until when the account is locked for all.
    pub locked_everywhere: Option<DateTime<Utc>>,
}

impl Tried {
    /// Whether signing in is refused, whatever is given.
    pub fn locked(&self, now: DateTime<Utc>) -> bool {
        let locks = [self.locked_here, self.locked_everywhere];
        locks.into_iter().flatten().any(|until| now < until)
    }
}

impl Lockout {
    /// What is known after one more failure, of an account that is not locked.
    pub fn failed(self, before: Tried, now: DateTime<Utc>) -> Tried {
        // A lock that is over has been paid for.
        let here = 1 + if before.locked_here.is_some() {
            0
        } else {
            before.here
        };
        let until = |locks: bool| locks.then(|| now + self.locks_for);
        Tried {
            here,
            locked_here: until(here >= self.failures),
            elsewhere: before.elsewhere,
            locked_everywhere: until(
                here.saturating_add(before.elsewhere) >= self.failures.saturating_mul(EVERYWHERE),
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use entity::kinds::SettingName;

    use super::*;
    use crate::setting::{Kind, kind};

    const RULE: Lockout = Lockout {
        failures: 5,
        locks_for: TimeDelta::minutes(15),
    };

    #[test]
    fn five_from_one_address_lock_it_and_fifty_from_many_lock_all() {
        let now = DateTime::UNIX_EPOCH;
        let later = now + TimeDelta::minutes(15);
        for (here, elsewhere, locks_here, locks_all) in [
            (0, 0, false, false),
            (3, 0, false, false),
            (4, 0, true, false),
            (4, 44, true, false),
            (4, 45, true, true),
            (0, 48, false, false),
            (0, 49, false, true),
            (0, i32::MAX, false, true),
        ] {
            let before = Tried {
                here,
                elsewhere,
                ..Tried::default()
            };
            let after = RULE.failed(before, now);
            assert_eq!(
                (after.locked_here, after.locked_everywhere),
                (locks_here.then_some(later), locks_all.then_some(later)),
                "{here} {elsewhere}"
            );
            let locked = locks_here || locks_all;
            assert_eq!(after.locked(later - TimeDelta::seconds(1)), locked);
            assert!(!after.locked(later));
        }
    }

    #[test]
    fn no_address_alone_locks_the_account_for_others() {
        let mut now = DateTime::UNIX_EPOCH;
        let mut tried = Tried::default();
        for _ in 0..10_000 {
            if !tried.locked(now) {
                tried = RULE.failed(tried, now);
            }
            assert_eq!(tried.locked_everywhere, None);
            now += TimeDelta::seconds(7);
        }
    }

    #[test]
    fn a_lock_that_is_over_begins_the_count_anew() {
        let now = DateTime::UNIX_EPOCH;
        let over = Tried {
            here: 5,
            locked_here: Some(now),
            ..Tried::default()
        };
        assert_eq!(RULE.failed(over, now).here, 1);
    }

    #[test]
    fn no_lock_outlives_what_is_remembered() {
        let longest = match kind(SettingName::SignInLockMinutes) {
            Kind::Integer { most, .. } => TimeDelta::minutes(most),
            other => panic!("{other:?}"),
        };
        assert!(longest <= REMEMBERED);
    }

    #[test]
    fn one_network_of_ipv6_is_one_address() {
        for (address, expected) in [
            ("10.0.0.1", "10.0.0.1"),
            ("::ffff:10.0.0.1", "10.0.0.1"),
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ] {
            let found = network(address.parse().unwrap());
            assert_eq!(found.to_string(), expected);
        }
    }
}
