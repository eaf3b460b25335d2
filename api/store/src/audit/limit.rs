//! How many refusals are listed one by one: whoever is refused again and again fills the log no faster than this. What is
//! beyond is counted, and the count becomes one entry a minute.

use std::{collections::HashMap, net::IpAddr};

use chrono::{DateTime, Utc};
use domain::lockout::network;
use entity::ids::UserId;
use serde_json::{Value, json};

/// Whoever is not signed in has, all together, so many times what each of them has.
const STRANGERS: u32 = 10;
/// The most that are counted each on their own in a minute; those beyond share one count.
const MOST_SUBJECTS: usize = 10_000;
/// The most minutes of which it is known who was refused, until they are written down.
const MOST_WAITING: usize = 10;
/// The most that the entry of a minute names.
const MOST_NAMED: usize = 20;

/// Who is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Subject {
    /// Somebody who is signed in.
    User(UserId),
    /// Somebody at an address, or at none that is known. Of an IPv6 address the network counts.
    Stranger(Option<IpAddr>),
}

impl Subject {
    pub(crate) fn stranger(address: Option<IpAddr>) -> Self {
        Self::Stranger(address.map(network))
    }

    fn told(self) -> Value {
        match self {
            Self::User(user) => json!({ "userId": user.0 }),
            Self::Stranger(address) => json!({ "address": address }),
        }
    }
}

/// The refusals of a minute that are not listed one by one.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct LeftOut {
    pub(crate) minute: i64,
    pub(crate) count: u64,
    by: HashMap<Option<Subject>, u64>,
}

impl LeftOut {
    /// As the log keeps it.
    pub(crate) fn told(&self) -> Value {
        let mut by: Vec<_> = self.by.iter().collect();
        by.sort_by_key(|(subject, count)| (std::cmp::Reverse(**count), **subject));
        let by: Vec<Value> = by
            .into_iter()
            .take(MOST_NAMED)
            .map(|(subject, count)| {
                let subject = subject.map_or_else(|| json!({}), Subject::told);
                json!({ "who": subject, "count": count })
            })
            .collect();
        let minute = DateTime::<Utc>::from_timestamp(self.minute * 60, 0);
        json!({ "minute": minute, "count": self.count, "by": by })
    }
}

/// Counts refusals by minutes.
#[derive(Debug, Default)]
pub(crate) struct Limits {
    minute: i64,
    listed: HashMap<Subject, u32>,
    strangers: u32,
    left_out: LeftOut,
    /// Of minutes that have passed, until somebody writes them down.
    passed: Vec<LeftOut>,
}

impl Limits {
    /// Whether one more refusal is listed; otherwise it is counted.
    pub(crate) fn admit(&mut self, subject: Subject, now: DateTime<Utc>, most: u32) -> bool {
        self.turn(now);
        let known = self.listed.len() < MOST_SUBJECTS || self.listed.contains_key(&subject);
        let stranger = matches!(subject, Subject::Stranger(_));
        let room = known
            && self.listed.get(&subject).is_none_or(|count| *count < most)
            && !(stranger && self.strangers >= most.saturating_mul(STRANGERS));
        if room {
            *self.listed.entry(subject).or_default() += 1;
            self.strangers += u32::from(stranger);
        } else {
            self.left_out.count += 1;
            let named = self.left_out.by.len() < MOST_SUBJECTS
                || self.left_out.by.contains_key(&Some(subject));
            *self
                .left_out
                .by
                .entry(named.then_some(subject))
                .or_default() += 1;
        }
        room
    }

    /// What was left out in minutes that have passed, once.
    pub(crate) fn take(&mut self, now: DateTime<Utc>) -> Vec<LeftOut> {
        self.turn(now);
        std::mem::take(&mut self.passed)
    }

    /// What was left out so far, once: the server stops.
    pub(crate) fn take_all(&mut self, now: DateTime<Utc>) -> Vec<LeftOut> {
        self.end_minute();
        self.take(now)
    }

    /// What was taken could not be written down: it waits again.
    pub(crate) fn put_back(&mut self, mut taken: Vec<LeftOut>) {
        taken.append(&mut self.passed);
        for left_out in taken.iter_mut().skip(MOST_WAITING) {
            left_out.by.clear();
        }
        self.passed = taken;
    }

    fn turn(&mut self, now: DateTime<Utc>) {
        let minute = now.timestamp().div_euclid(60);
        if minute != self.minute {
            self.end_minute();
            self.minute = minute;
            self.listed.clear();
            self.strangers = 0;
        }
    }

    fn end_minute(&mut self) {
        let mut left_out = std::mem::take(&mut self.left_out);
        if left_out.count > 0 {
            left_out.minute = self.minute;
            if self.passed.len() >= MOST_WAITING {
                // Nobody could write them down for long: the counts are enough.
                left_out.by.clear();
            }
            self.passed.push(left_out);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(seconds, 0).unwrap()
    }

    fn address(text: &str) -> Subject {
        Subject::stranger(Some(text.parse().unwrap()))
    }

    #[test]
    fn each_has_its_own_room_and_strangers_share_a_larger_one() {
        let mut limits = Limits::default();
        let user = Subject::User(UserId(7));
        let listed = |limits: &mut Limits, who, times: usize, second| {
            (0..times)
                .filter(|_| limits.admit(who, at(second), 3))
                .count()
        };
        assert_eq!(listed(&mut limits, user, 5, 0), 3);
        for last in 0..20 {
            let who = address(&format!("10.0.0.{last}"));
            let expected = if last < 10 { 3 } else { 0 };
            assert_eq!(listed(&mut limits, who, 4, 1), expected, "{last}");
        }
        assert_eq!(limits.take(at(59)), []);
        let passed = limits.take(at(60));
        assert_eq!(passed.len(), 1);
        assert_eq!(passed[0].count, 2 + 10 + 40);
        let told = passed[0].told();
        assert_eq!(told["by"].as_array().unwrap().len(), MOST_NAMED);
        assert_eq!(told["minute"], "1970-01-01T00:00:00Z");
        assert_eq!(limits.take(at(60)), []);
        assert_eq!(listed(&mut limits, user, 5, 61), 3);
    }

    #[test]
    fn one_network_of_ipv6_is_one_stranger() {
        assert_eq!(address("2001:db8::1"), address("2001:db8::ffff"));
        assert_ne!(address("2001:db8::1"), address("2001:db8:0:1::1"));
        assert_eq!(address("::ffff:10.0.0.1"), address("10.0.0.1"));
    }

    proptest! {
        #[test]
        fn nothing_is_lost(refusals in prop::collection::vec((0i64..400, 0i64..5, any::<bool>()), 0..300)) {
            let mut limits = Limits::default();
            let mut second = 0;
            let (mut listed, mut counted) = (0, 0);
            for (later, who, unwritten) in &refusals {
                second += later % 7;
                listed += u64::from(limits.admit(Subject::User(UserId(*who)), at(second), 2));
                if *unwritten {
                    let taken = limits.take(at(second));
                    limits.put_back(taken);
                    continue;
                }
                counted += limits.take(at(second)).iter().map(|left| left.count).sum::<u64>();
            }
            counted += limits.take_all(at(second)).iter().map(|left| left.count).sum::<u64>();
            prop_assert_eq!(listed + counted, refusals.len() as u64);
        }
    }
}
