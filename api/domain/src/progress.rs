//! On schedule or not (序时进度, domain.md §6): the light of a target, and why.
//!
//! Being late is derived from the day, never stored. Until reports are accepted there is nothing to measure: such
//! a target is judged by its due date alone.

use chrono::{Datelike, NaiveDate};
use entity::kinds::TargetState;

/// The colour under which a target is listed (亮灯).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Light {
    /// Completed, ahead or on schedule.
    Green,
    /// Behind, but at 80 % or more of the schedule.
    Yellow,
    /// Further behind, or past the due date.
    Red,
}

/// Why a light has its colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LightReason {
    /// The target is completed.
    Completed,
    /// The target was adjusted or suspended.
    Adjusted,
    /// The due date has passed.
    PastDue,
    /// No progress has been accepted yet, and nothing is due yet.
    NothingDue,
    /// Progress is at or above the elapsed share of the year.
    OnSchedule,
    /// Progress is below the elapsed share of the year, but at 80 % of it or more.
    Behind,
    /// Progress is below 80 % of the elapsed share of the year.
    FarBehind,
}

impl LightReason {
    /// The colour that the reason gives.
    pub const fn light(self) -> Light {
        match self {
            Self::Completed | Self::Adjusted | Self::NothingDue | Self::OnSchedule => Light::Green,
            Self::Behind => Light::Yellow,
            Self::PastDue | Self::FarBehind => Light::Red,
        }
    }
}

/// What a light is computed from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Facts {
    /// The year of the plan.
    pub year: i32,
    /// The state of the target.
    pub state: TargetState,
    /// Accepted progress, 0 to 100; none while no report has been accepted.
    pub percent_complete: Option<i32>,
    /// The last day.
    pub due_on: NaiveDate,
}

/// Months of a plan's year that have fully elapsed on a day, 0 to 12.
pub fn elapsed_months(year: i32, today: NaiveDate) -> i32 {
    match today.year().cmp(&year) {
        std::cmp::Ordering::Less => 0,
        // 0 to 11, which fits.
        std::cmp::Ordering::Equal => i32::try_from(today.month0()).unwrap_or(12),
        std::cmp::Ordering::Greater => 12,
    }
}

/// The progress of a target whose lead units stand at these: the average, rounded down, where a unit without a figure
/// counts as nothing; none while no unit has one.
pub fn average(latest: &[Option<i32>]) -> Option<i32> {
    let units = i32::try_from(latest.len()).ok()?;
    latest
        .iter()
        .any(Option::is_some)
        .then(|| latest.iter().flatten().sum::<i32>() / units)
}

/// Why a target's light has its colour today. There is one reason: the first that applies.
pub fn light_reason(facts: Facts, today: NaiveDate) -> LightReason {
    match facts.state {
        TargetState::Completed => return LightReason::Completed,
        TargetState::Other => return LightReason::Adjusted,
        _ if today > facts.due_on => return LightReason::PastDue,
        _ => {}
    }
    let Some(percent) = facts.percent_complete else {
        return LightReason::NothingDue;
    };
    // percent / 100 against months / 12, and 80 % of it, in whole numbers.
    let (achieved, elapsed) = (percent * 12, elapsed_months(facts.year, today) * 100);
    if achieved >= elapsed {
        LightReason::OnSchedule
    } else if achieved * 100 >= elapsed * 80 {
        LightReason::Behind
    } else {
        LightReason::FarBehind
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn facts(state: TargetState, percent: Option<i32>) -> Facts {
        Facts {
            year: 2022,
            state,
            percent_complete: percent,
            due_on: NaiveDate::from_ymd_opt(2022, 12, 31).unwrap(),
        }
    }

    #[test]
    fn the_first_reason_that_applies() {
        let cases = [
            (
                "2022-12-31",
                TargetState::NotStarted,
                None,
                LightReason::NothingDue,
            ),
            (
                "2023-01-01",
                TargetState::NotStarted,
                None,
                LightReason::PastDue,
            ),
            (
                "2023-01-01",
                TargetState::Completed,
                None,
                LightReason::Completed,
            ),
            (
                "2023-01-01",
                TargetState::Other,
                None,
                LightReason::Adjusted,
            ),
            (
                "2023-01-01",
                TargetState::Behind,
                Some(99),
                LightReason::PastDue,
            ),
            (
                "2022-01-31",
                TargetState::OnSchedule,
                Some(0),
                LightReason::OnSchedule,
            ),
            // Xuancheng's bulletin: eleven months are 91.7 % of the year.
            (
                "2022-12-15",
                TargetState::Behind,
                Some(92),
                LightReason::OnSchedule,
            ),
            (
                "2022-12-15",
                TargetState::Behind,
                Some(91),
                LightReason::Behind,
            ),
            (
                "2022-07-01",
                TargetState::Behind,
                Some(40),
                LightReason::Behind,
            ),
            (
                "2022-07-01",
                TargetState::Behind,
                Some(39),
                LightReason::FarBehind,
            ),
        ];
        for (today, state, percent, expected) in cases {
            assert_eq!(
                light_reason(facts(state, percent), today.parse().unwrap()),
                expected,
                "{today} {state:?} {percent:?}"
            );
        }
    }

    proptest! {
        #[test]
        fn more_progress_never_makes_a_light_worse(a in 0..=100i32, b in 0..=100i32, day in 0..500i64) {
            let today = NaiveDate::from_ymd_opt(2021, 11, 1).unwrap() + chrono::Duration::days(day);
            let light = |percent| light_reason(facts(TargetState::OnSchedule, Some(percent)), today).light();
            prop_assert!(light(a.max(b)) <= light(a.min(b)));
        }
    }
}
