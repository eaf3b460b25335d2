//! Why a light has its colour. Reasons carry data; the words for people are made in crate `graphql`.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use entity::kinds::TargetState;
use rust_decimal::{Decimal, RoundingStrategy};

use super::{
    Facts, Light, Thresholds, elapsed_months,
    measure::{Degree, Measure, Subject, degree, measures},
    missing_from, overdue_from, settled,
};

/// Why a light has its colour. Percentages have at most one decimal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LightReason {
    /// The office has set the light by hand.
    Overridden {
        /// The colour that it set.
        light: Light,
        /// The last day on which it holds.
        until: NaiveDate,
    },
    /// The target is completed.
    Completed,
    /// The target was adjusted or suspended.
    Adjusted,
    /// The due date has passed.
    PastDue {
        /// The last day.
        due_on: NaiveDate,
    },
    /// Red notices are open.
    RedNotice {
        /// How many.
        open: u32,
    },
    /// Percent complete is below the elapsed share of the year.
    Behind {
        /// How grave that is.
        light: Light,
        /// Percent complete.
        achieved_percent: i32,
        /// The elapsed share of the year.
        elapsed_percent: Decimal,
    },
    /// An indicator is below the elapsed share of the year, or misses its goal.
    IndicatorBehind {
        /// How grave that is.
        light: Light,
        /// The key of the indicator.
        indicator: i64,
        /// The sum over the lead units of a COUNT or AMOUNT; the worst lead unit's reading of a RATE or LEVEL.
        achieved: Decimal,
        /// The goal.
        goal: Decimal,
        /// The elapsed share of the year; none where the day does not matter, and the goal itself counts.
        elapsed_percent: Option<Decimal>,
    },
    /// A milestone is not done, and its day has passed.
    MilestoneOverdue {
        /// The key of the milestone.
        milestone: i64,
        /// Its last day.
        due_on: NaiveDate,
    },
    /// A lead unit's report is missing after its due time.
    ReportMissing {
        /// The key of the period.
        period: i64,
        /// The day of the due time.
        due_on: NaiveDate,
    },
    /// No progress has been accepted yet, and nothing is due yet.
    NothingDue,
    /// Everything measured is at or above what the day asks for.
    OnSchedule {
        /// The elapsed share of the year.
        elapsed_percent: Decimal,
    },
}

/// The reasons without their data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum LightReasonCode {
    /// The office has set the light by hand.
    Overridden,
    /// The target is completed.
    Completed,
    /// The target was adjusted or suspended.
    Adjusted,
    /// The due date has passed.
    PastDue,
    /// A red notice is open.
    RedNotice,
    /// Progress is behind the schedule, far enough for red.
    FarBehind,
    /// An indicator is behind the schedule or short of its goal, far enough for red.
    IndicatorFarBehind,
    /// Progress is behind the schedule, far enough for yellow.
    Behind,
    /// An indicator is behind the schedule or short of its goal, far enough for yellow.
    IndicatorBehind,
    /// A milestone is overdue.
    MilestoneOverdue,
    /// A report is missing after its due time.
    ReportMissing,
    /// Progress is behind the schedule by no more than the plan's rule tolerates.
    SlightlyBehind,
    /// An indicator is behind the schedule or short of its goal by no more than the plan's rule tolerates.
    IndicatorSlightlyBehind,
    /// No progress has been accepted yet, and nothing is due yet.
    NothingDue,
    /// Progress is at or above what the day asks for.
    OnSchedule,
}

impl LightReason {
    /// The colour that the reason gives.
    pub const fn light(self) -> Light {
        match self {
            Self::Overridden { light, .. }
            | Self::Behind { light, .. }
            | Self::IndicatorBehind { light, .. } => light,
            Self::PastDue { .. } | Self::RedNotice { .. } => Light::Red,
            Self::MilestoneOverdue { .. } | Self::ReportMissing { .. } => Light::Yellow,
            Self::Completed | Self::Adjusted | Self::NothingDue | Self::OnSchedule { .. } => {
                Light::Green
            }
        }
    }

    /// The reason without its data.
    pub const fn code(self) -> LightReasonCode {
        match self {
            Self::Overridden { .. } => LightReasonCode::Overridden,
            Self::Completed => LightReasonCode::Completed,
            Self::Adjusted => LightReasonCode::Adjusted,
            Self::PastDue { .. } => LightReasonCode::PastDue,
            Self::RedNotice { .. } => LightReasonCode::RedNotice,
            Self::Behind { light, .. } => match light {
                Light::Green => LightReasonCode::SlightlyBehind,
                Light::Yellow => LightReasonCode::Behind,
                Light::Red => LightReasonCode::FarBehind,
            },
            Self::IndicatorBehind { light, .. } => match light {
                Light::Green => LightReasonCode::IndicatorSlightlyBehind,
                Light::Yellow => LightReasonCode::IndicatorBehind,
                Light::Red => LightReasonCode::IndicatorFarBehind,
            },
            Self::MilestoneOverdue { .. } => LightReasonCode::MilestoneOverdue,
            Self::ReportMissing { .. } => LightReasonCode::ReportMissing,
            Self::NothingDue => LightReasonCode::NothingDue,
            Self::OnSchedule { .. } => LightReasonCode::OnSchedule,
        }
    }
}

/// Every reason that gives the day's colour, at least one: the due date first, then red notices, measures, milestones and
/// reports, the oldest first. An override is the only reason while it holds.
pub fn light_reasons(facts: &Facts, rules: &Thresholds, day: NaiveDate) -> Vec<LightReason> {
    if let Some(set) = facts.overridden.filter(|set| set.holds(day)) {
        let (light, until) = (set.light, set.until);
        return vec![LightReason::Overridden { light, until }];
    }
    let settled = settled(facts);
    match settled {
        Some(TargetState::Completed) => return vec![LightReason::Completed],
        Some(TargetState::Other) => return vec![LightReason::Adjusted],
        _ => {}
    }
    let mut reasons = Vec::new();
    if day > facts.due_on {
        let due_on = facts.due_on;
        reasons.push(LightReason::PastDue { due_on });
    }
    if facts.open_red_notices > 0 {
        let open = facts.open_red_notices;
        reasons.push(LightReason::RedNotice { open });
    }
    // 0 to 12, which fits.
    let months = u32::try_from(elapsed_months(facts.year, day)).unwrap_or(0);
    let measures = measures(facts);
    reasons.extend(measures.iter().filter_map(|m| behind(m, rules, months)));
    reasons.extend(overdue(facts, day));
    reasons.extend(missing(facts, day));

    let Some(worst) = reasons.iter().map(|reason| reason.light()).max() else {
        return vec![match settled {
            Some(_) => LightReason::NothingDue,
            None => LightReason::OnSchedule {
                elapsed_percent: elapsed_percent(months),
            },
        }];
    };
    reasons.retain(|reason| reason.light() == worst);
    reasons
}

fn behind(measure: &Measure, rules: &Thresholds, months: u32) -> Option<LightReason> {
    let light = match degree(measure, rules, months) {
        Degree::Ahead | Degree::OnSchedule => return None,
        Degree::Slightly => Light::Green,
        Degree::Behind => Light::Yellow,
        Degree::Far => Light::Red,
    };
    let elapsed_percent = elapsed_percent(months);
    Some(match measure.subject {
        Subject::Percent(achieved_percent) => LightReason::Behind {
            light,
            achieved_percent,
            elapsed_percent,
        },
        Subject::Indicator { id, value, goal } => LightReason::IndicatorBehind {
            light,
            indicator: id,
            achieved: value,
            goal,
            elapsed_percent: measure.scheduled.then_some(elapsed_percent),
        },
    })
}

fn overdue(facts: &Facts, day: NaiveDate) -> Vec<LightReason> {
    let mut overdue: Vec<(NaiveDate, i64)> = facts
        .milestones
        .iter()
        .filter(|milestone| overdue_from(milestone).is_some_and(|from| from <= day))
        .map(|milestone| (milestone.due_on, milestone.id))
        .collect();
    overdue.sort_unstable();
    overdue
        .into_iter()
        .map(|(due_on, milestone)| LightReason::MilestoneOverdue { milestone, due_on })
        .collect()
}

/// One reason a period, also where several lead units' reports are missing.
fn missing(facts: &Facts, day: NaiveDate) -> Vec<LightReason> {
    let missing: BTreeSet<(NaiveDate, i64)> = facts
        .missing_reports
        .iter()
        .filter(|report| missing_from(report) <= day)
        .map(|report| (report.due_on, report.period))
        .collect();
    missing
        .into_iter()
        .map(|(due_on, period)| LightReason::ReportMissing { period, due_on })
        .collect()
}

/// Eleven months are 91.7 % (Xuancheng's bulletin).
fn elapsed_percent(months: u32) -> Decimal {
    (Decimal::from(months * 100) / Decimal::from(12))
        .round_dp_with_strategy(1, RoundingStrategy::MidpointAwayFromZero)
        .normalize()
}
