//! Time and randomness, which a test can set.

use chrono::{DateTime, FixedOffset, NaiveDate, SubsecRound, Utc};

/// Where the time comes from.
pub trait Clock: Send + Sync + 'static {
    /// The present moment.
    fn now(&self) -> DateTime<Utc>;
}

/// Where randomness comes from.
pub trait Entropy: Send + Sync + 'static {
    /// Fills the buffer with bytes that nobody can guess.
    fn fill(&self, buffer: &mut [u8]);
}

/// The moment as both databases keep it: whole microseconds.
pub fn stored(moment: DateTime<Utc>) -> DateTime<Utc> {
    moment.trunc_subsecs(6)
}

/// The day on which a moment falls in China, whose offices' deadlines these are (UTC+8, no summer time).
pub fn day(moment: DateTime<Utc>) -> NaiveDate {
    const CHINA: Option<FixedOffset> = FixedOffset::east_opt(8 * 3600);
    match CHINA {
        Some(offset) => moment.with_timezone(&offset).date_naive(),
        None => moment.date_naive(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_day_begins_at_midnight_in_china() {
        let before = "2022-12-31T15:59:59Z".parse().unwrap();
        let after = "2022-12-31T16:00:00Z".parse().unwrap();
        assert_eq!(day(before).to_string(), "2022-12-31");
        assert_eq!(day(after).to_string(), "2023-01-01");
    }
}
