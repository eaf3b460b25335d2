//! On schedule or not (序时进度, domain.md §6): the standing of a target as a step function of the day.
//!
//! As long as the facts stay the same, time alone only makes things worse. State and light of every day are therefore
//! described by four dates ([`Standing`]), which a database can keep as plain columns and compare with any day.
//! An override (人工调灯) comes and goes; it stays outside of the dates, see [`light_on`].
//!
//! Decisions where domain.md is silent:
//! - Until a lead unit's report is accepted there is nothing to measure. Such a target is NOT_STARTED, and its light speaks
//!   of its due date, its milestones, its missing reports and its red notices alone. The first accepted report may
//!   therefore show that it is behind.
//! - The worst of the measured indicators decides; percent complete decides while no indicator has a reading.
//! - A missed due date or milestone makes a target BEHIND, however far its numbers are. A missing report does not.
//! - COMPLETED needs the office: 100 % alone closes nothing. A completed or adjusted target is green.

mod measure;
mod names;
mod reasons;
#[cfg(test)]
mod tests;

use chrono::{DateTime, NaiveDate};
use entity::kinds::{Comparison, IndicatorKind, TargetState};

use rust_decimal::Decimal;

use crate::refusal::{Reason, Refusal};
use measure::{Degree, degree, measures};

pub use entity::kinds::Light;
pub use measure::elapsed_months;
pub use names::{IndicatorName, Names};
pub use reasons::{LightReason, LightReasonCode, light_reasons};

/// The day from which something holds that held from the beginning; before every day that matters.
pub const ALREADY: NaiveDate = DateTime::UNIX_EPOCH.naive_utc().date();

/// When a target that is behind turns yellow, and when red; when one counts as ahead. A setting of the plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Thresholds {
    /// How being behind is weighed.
    pub method: Method,
    /// By how many percentage points of the year's work an achieved share is above the elapsed one to be AHEAD; 0 to 100.
    pub ahead_points: i32,
}

/// How being behind is weighed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// By the share of the schedule that is achieved (domain.md §6).
    Share {
        /// Yellow at this percentage of the schedule or more, red below; 0 to 100.
        yellow_at_least: i32,
    },
    /// By percentage points behind the schedule (Yinchuan 2025).
    Points {
        /// Up to as many points behind are green; 0 to 100.
        yellow: i32,
        /// Up to as many points behind are yellow, more are red; `yellow` to 100.
        red: i32,
    },
}

impl Method {
    /// Yinchuan's set of 2025: up to 10 points behind green, 10 to 30 yellow, more than 30 red.
    pub const YINCHUAN: Self = Self::Points {
        yellow: 10,
        red: 30,
    };
}

impl Default for Thresholds {
    /// Domain.md §6: behind is yellow at 80 % of the schedule or more; ahead is 10 points above it.
    fn default() -> Self {
        Self {
            method: Method::Share {
                yellow_at_least: 80,
            },
            ahead_points: 10,
        }
    }
}

impl Thresholds {
    /// What is wrong with the settings, a refusal for each field; nothing when they can be used.
    pub fn problems(&self) -> Vec<Refusal> {
        let mut problems = Vec::new();
        let mut within = |field: &str, value: i32, least: i32| {
            if !(least..=100).contains(&value) {
                let (least, most) = (i64::from(least), 100);
                problems.push(Reason::OutOfRange { least, most }.at(field));
            }
        };
        within("aheadPoints", self.ahead_points, 0);
        match self.method {
            Method::Share { yellow_at_least } => within("yellowAtLeast", yellow_at_least, 0),
            Method::Points { yellow, red } => {
                within("yellow", yellow, 0);
                within("red", red, yellow.clamp(0, 100));
            }
        }
        problems
    }
}

/// What a target's standing is computed from. Reports, readings and milestones are those in force: accepted, approved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    /// The year of the plan, whose months are the schedule.
    pub year: i32,
    /// The last day.
    pub due_on: NaiveDate,
    /// The office has closed the target (销号).
    pub closed: bool,
    /// The target was adjusted or suspended.
    pub adjusted: bool,
    /// Percent complete of each lead unit's latest accepted report, 0 to 100; none where a unit has no such report.
    pub percents: Vec<Option<i32>>,
    /// The target's indicators.
    pub indicators: Vec<IndicatorFacts>,
    /// The milestones in force.
    pub milestones: Vec<MilestoneFacts>,
    /// The lead units' reports that have not been submitted, of past periods and of those to come.
    pub missing_reports: Vec<MissingReport>,
    /// How many red notices are open.
    pub open_red_notices: u32,
    /// The light that the office has set by hand. [`standing`] does not look at it.
    pub overridden: Option<Override>,
}

impl Facts {
    /// The facts without the reports that are missing but not due yet on a day. Whether a report has been handed in becomes
    /// known to all who see the target when it is due, and no earlier.
    #[must_use]
    pub fn known_on(mut self, day: NaiveDate) -> Self {
        self.missing_reports
            .retain(|report| missing_from(report) <= day);
        self
    }
}

/// An indicator and what was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IndicatorFacts {
    /// Its key.
    pub id: i64,
    /// COUNT and AMOUNT are cumulative and follow the year's months; RATE and LEVEL are held against the goal itself.
    pub kind: IndicatorKind,
    /// On which side of the goal a reading is good.
    pub comparison: Comparison,
    /// The goal.
    pub goal: Decimal,
    /// Each lead unit's latest accepted reading; none where a unit has none.
    pub readings: Vec<Option<Decimal>>,
}

/// A milestone of the refined plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MilestoneFacts {
    /// Its key.
    pub id: i64,
    /// Its last day.
    pub due_on: NaiveDate,
    /// When it was done; done late is done.
    pub done_on: Option<NaiveDate>,
}

/// A lead unit's report that has not been submitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MissingReport {
    /// The key of the period.
    pub period: i64,
    /// The China day of the period's due time. The report is missing from the next day on.
    pub due_on: NaiveDate,
}

/// A light that the office has set by hand. While it holds, it goes before everything else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Override {
    /// The colour.
    pub light: Light,
    /// The last day on which it holds.
    pub until: NaiveDate,
}

impl Override {
    /// Whether it holds on a day.
    pub fn holds(&self, day: NaiveDate) -> bool {
        day <= self.until
    }
}

/// State and light of a target on every day, for facts that stay as they are. Of the dates, none means never, and one in
/// the past (such as [`ALREADY`]) means already.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// COMPLETED, OTHER or NOT_STARTED, when the state does not depend on the day.
    pub settled: Option<TargetState>,
    /// Accepted progress, 0 to 100: the average over the lead units, rounded down, where a unit that has reported nothing
    /// counts as 0; none while none has.
    pub percent: Option<i32>,
    /// The first day on which it is no longer AHEAD.
    pub on_schedule_from: Option<NaiveDate>,
    /// The first day on which it is BEHIND.
    pub behind_from: Option<NaiveDate>,
    /// The first day on which it is yellow, unless it is red.
    pub yellow_from: Option<NaiveDate>,
    /// The first day on which it is red.
    pub red_from: Option<NaiveDate>,
}

impl Standing {
    /// The state on a day.
    pub fn state(&self, day: NaiveDate) -> TargetState {
        match self.settled {
            Some(state) => state,
            None if reached(self.behind_from, day) => TargetState::Behind,
            None if reached(self.on_schedule_from, day) => TargetState::OnSchedule,
            None => TargetState::Ahead,
        }
    }

    /// The light on a day, as the rules have it; [`light_on`] knows of the override, too.
    pub fn light(&self, day: NaiveDate) -> Light {
        if reached(self.red_from, day) {
            Light::Red
        } else if reached(self.yellow_from, day) {
            Light::Yellow
        } else {
            Light::Green
        }
    }
}

/// The light on a day: the override's while it holds, else the standing's.
pub fn light_on(standing: &Standing, overridden: Option<Override>, day: NaiveDate) -> Light {
    match overridden {
        Some(set) if set.holds(day) => set.light,
        _ => standing.light(day),
    }
}

/// The standing that follows from the facts.
pub fn standing(facts: &Facts, rules: &Thresholds) -> Standing {
    let mut standing = Standing {
        settled: settled(facts),
        percent: percent(&facts.percents),
        on_schedule_from: None,
        behind_from: None,
        yellow_from: None,
        red_from: None,
    };
    if matches!(
        standing.settled,
        Some(TargetState::Completed | TargetState::Other)
    ) {
        return standing;
    }
    let measures = measures(facts);
    let reaches = |least: Degree| {
        (0..=12)
            .find(|months| measures.iter().any(|m| degree(m, rules, *months) >= least))
            .map(|months| first_day_after(facts.year, months))
    };
    let past_due = Some(day_after(facts.due_on));
    let overdue = facts.milestones.iter().filter_map(overdue_from).min();
    let missing = facts.missing_reports.iter().map(missing_from).min();
    let noticed = (facts.open_red_notices > 0).then_some(ALREADY);

    if standing.settled.is_none() {
        // The worst measure decides: it is no longer ahead as soon as one of them is not.
        standing.on_schedule_from = reaches(Degree::OnSchedule);
        standing.behind_from = earliest([reaches(Degree::Slightly), past_due, overdue]);
    }
    standing.yellow_from = earliest([reaches(Degree::Behind), overdue, missing]);
    standing.red_from = earliest([reaches(Degree::Far), past_due, noticed]);
    standing
}

fn settled(facts: &Facts) -> Option<TargetState> {
    if facts.closed {
        Some(TargetState::Completed)
    } else if facts.adjusted {
        Some(TargetState::Other)
    } else if !started(facts) {
        Some(TargetState::NotStarted)
    } else {
        None
    }
}

/// A lead unit's report has been accepted. A report may carry readings alone.
fn started(facts: &Facts) -> bool {
    let readings = facts
        .indicators
        .iter()
        .flat_map(|indicator| &indicator.readings);
    facts.percents.iter().any(Option::is_some) || readings.flatten().next().is_some()
}

fn percent(percents: &[Option<i32>]) -> Option<i32> {
    percents.iter().any(Option::is_some).then(|| {
        let reported = percents.iter().map(|percent| percent.unwrap_or(0));
        let sum: i64 = reported
            .map(|percent| i64::from(percent.clamp(0, 100)))
            .sum();
        let units = i64::try_from(percents.len()).unwrap_or(i64::MAX);
        // An average of numbers from 0 to 100, which fits.
        i32::try_from(sum / units).unwrap_or(100)
    })
}

/// The first day on which a milestone is overdue; none when it is done.
fn overdue_from(milestone: &MilestoneFacts) -> Option<NaiveDate> {
    milestone
        .done_on
        .is_none()
        .then(|| day_after(milestone.due_on))
}

fn missing_from(report: &MissingReport) -> NaiveDate {
    day_after(report.due_on)
}

/// The first day on which as many months of the year have elapsed.
fn first_day_after(year: i32, months: u32) -> NaiveDate {
    let first = match months {
        0 => return ALREADY,
        1..=11 => NaiveDate::from_ymd_opt(year, months + 1, 1),
        _ => NaiveDate::from_ymd_opt(year.saturating_add(1), 1, 1),
    };
    first.unwrap_or(NaiveDate::MAX)
}

fn day_after(day: NaiveDate) -> NaiveDate {
    day.succ_opt().unwrap_or(NaiveDate::MAX)
}

fn earliest<const N: usize>(days: [Option<NaiveDate>; N]) -> Option<NaiveDate> {
    days.into_iter().flatten().min()
}

fn reached(from: Option<NaiveDate>, day: NaiveDate) -> bool {
    from.is_some_and(|from| from <= day)
}
