//! What is worth saying, but not each time.

use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, Utc};

/// A minute in seconds.
const MINUTE: i64 = 60;

/// Says something once a minute at most, however often there is cause.
#[derive(Debug, Default)]
pub(crate) struct Seldom(AtomicI64);

impl Seldom {
    /// Whether it may be said now; then it is said.
    pub(crate) fn now(&self, now: DateTime<Utc>) -> bool {
        let now = now.timestamp();
        let next = self.0.load(Ordering::Relaxed);
        // Further ahead than a minute: the clock was set back.
        let due = now >= next || next > now + MINUTE;
        due && self
            .0
            .compare_exchange(next, now + MINUTE, Ordering::Relaxed, Ordering::Relaxed)
            .is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_seldom_is_said_once_a_minute() {
        let seldom = Seldom::default();
        for (second, said) in [
            (1_000, true),
            (1_000, false),
            (1_059, false),
            (1_060, true),
            (1_061, false),
            (5_000, true),
            // The clock was set back.
            (2_000, true),
            (2_001, false),
        ] {
            let now = DateTime::from_timestamp(second, 0).unwrap();
            assert_eq!(seldom.now(now), said, "{second}");
        }
    }
}
