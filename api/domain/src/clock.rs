//! Time and randomness, which a test can set.

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveDateTime, SubsecRound, Utc};

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

/// China's time: UTC+8, no summer time.
const CHINA: Option<FixedOffset> = FixedOffset::east_opt(8 * 3600);

/// What clocks in China show at a moment.
pub fn local(moment: DateTime<Utc>) -> NaiveDateTime {
    match CHINA {
        Some(offset) => moment.with_timezone(&offset).naive_local(),
        None => moment.naive_utc(),
    }
}

/// The day on which a moment falls in China, whose offices' deadlines these are.
pub fn day(moment: DateTime<Utc>) -> NaiveDate {
    local(moment).date()
}

/// The moment at which a full hour strikes in China on a day, 0 to 23; none for another hour, or beyond what can be written.
pub fn at_hour(day: NaiveDate, hour: u32) -> Option<DateTime<Utc>> {
    let local = day.and_hms_opt(hour, 0, 0)?;
    Some(local.and_local_timezone(CHINA?).single()?.to_utc())
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

    #[test]
    fn the_hours_are_those_of_china() {
        let first = "2023-01-01".parse().unwrap();
        let moment = |text: &str| text.parse().ok();
        assert_eq!(at_hour(first, 0), moment("2022-12-31T16:00:00Z"));
        assert_eq!(at_hour(first, 18), moment("2023-01-01T10:00:00Z"));
        assert_eq!(at_hour(first, 24), None);
        assert_eq!(at_hour(first, 23).map(day), Some(first));
    }
}
