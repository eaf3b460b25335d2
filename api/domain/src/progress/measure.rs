//! What is achieved, held against what the day asks for. Exact for numbers of up to 22 digits; no floats.
//!
//! - COUNT and AMOUNT, AT_LEAST: the sum over the lead units ÷ the goal, against elapsed months ÷ 12.
//! - COUNT and AMOUNT, AT_MOST: within the goal is on schedule, above it is far behind, whatever the month.
//! - RATE and LEVEL: the worst lead unit's reading against the goal itself. Met is on schedule. Not met, the share is
//!   what remains of the goal's size after the shortfall, 1 − |goal − reading| ÷ |goal|, against the whole: 72 of 90 are
//!   80 %, and so is a fall of 2.4 % where one of 3 % was asked for, and 12 where at most 10 were allowed.
//! - A goal of zero has no size to measure by: it is met or far missed. The same holds for a cumulative goal that is zero
//!   or negative, which no number of months leads up to.

use chrono::{Datelike, NaiveDate};
use entity::kinds::{Comparison, IndicatorKind};
use rust_decimal::Decimal;

use super::{Facts, IndicatorFacts, Method, Thresholds, percent};

/// How a measure compares with the day, from best to worst.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Degree {
    Ahead,
    OnSchedule,
    /// Behind, but by less than what turns a light yellow.
    Slightly,
    Behind,
    Far,
}

/// One thing that is measured.
pub(super) struct Measure {
    pub(super) subject: Subject,
    pub(super) achieved: Achieved,
    /// It follows the year's months; else it is held against the whole goal on every day.
    pub(super) scheduled: bool,
}

#[derive(Clone, Copy)]
pub(super) enum Subject {
    Percent(i32),
    Indicator {
        id: i64,
        /// The sum, or the worst reading.
        value: Decimal,
        goal: Decimal,
    },
}

pub(super) enum Achieved {
    /// The goal is met, and there is nothing to be ahead of.
    Met,
    /// The goal is missed beyond measure.
    Missed,
    Share {
        part: Decimal,
        /// Above zero.
        whole: Decimal,
    },
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

/// What a target is measured by: its indicators that have readings; else its percent; nothing before the first report.
pub(super) fn measures(facts: &Facts) -> Vec<Measure> {
    let indicators: Vec<Measure> = facts.indicators.iter().filter_map(measure).collect();
    if !indicators.is_empty() {
        return indicators;
    }
    let whole = Decimal::ONE_HUNDRED;
    let of_percent = |percent: i32| Measure {
        subject: Subject::Percent(percent),
        achieved: Achieved::Share {
            part: percent.into(),
            whole,
        },
        scheduled: true,
    };
    percent(&facts.percents)
        .map(of_percent)
        .into_iter()
        .collect()
}

fn measure(indicator: &IndicatorFacts) -> Option<Measure> {
    let goal = indicator.goal;
    let cumulative = matches!(indicator.kind, IndicatorKind::Count | IndicatorKind::Amount);
    let readings = indicator.readings.iter().copied().flatten();
    let value = match indicator.comparison {
        _ if cumulative => readings.reduce(Decimal::saturating_add),
        Comparison::AtLeast => readings.min(),
        Comparison::AtMost => readings.max(),
    }?;
    let shortfall = match indicator.comparison {
        Comparison::AtLeast => goal.saturating_sub(value),
        Comparison::AtMost => value.saturating_sub(goal),
    };
    let met = shortfall <= Decimal::ZERO;
    let scheduled =
        cumulative && indicator.comparison == Comparison::AtLeast && goal > Decimal::ZERO;
    let achieved = if scheduled {
        Achieved::Share {
            part: value,
            whole: goal,
        }
    } else if met {
        Achieved::Met
    } else if cumulative || goal.is_zero() {
        Achieved::Missed
    } else {
        Achieved::Share {
            part: goal.abs().saturating_sub(shortfall),
            whole: goal.abs(),
        }
    };
    Some(Measure {
        subject: Subject::Indicator {
            id: indicator.id,
            value,
            goal,
        },
        achieved,
        scheduled,
    })
}

/// How a measure stands when as many months of the year have elapsed; never better when more have.
pub(super) fn degree(measure: &Measure, rules: &Thresholds, months: u32) -> Degree {
    let (part, whole) = match measure.achieved {
        Achieved::Met => return Degree::OnSchedule,
        Achieved::Missed => return Degree::Far,
        Achieved::Share { part, whole } => (part, whole),
    };
    let months = i64::from(if measure.scheduled {
        months.min(12)
    } else {
        12
    });
    let points = |points: i32| 12 * i64::from(points);
    // All shares in twelve-hundredths, in which months and percentage points are both whole numbers.
    let below = |share: i64| times(part, 1200) < times(whole, share);
    let elapsed = 100 * months;
    if !below(elapsed) {
        return if below(elapsed + points(rules.ahead_points)) {
            Degree::OnSchedule
        } else {
            Degree::Ahead
        };
    }
    match rules.method {
        Method::Share { yellow_at_least } if below(months * i64::from(yellow_at_least)) => {
            Degree::Far
        }
        Method::Share { .. } => Degree::Behind,
        Method::Points { red, .. } if below(elapsed - points(red)) => Degree::Far,
        Method::Points { yellow, .. } if below(elapsed - points(yellow)) => Degree::Behind,
        Method::Points { .. } => Degree::Slightly,
    }
}

fn times(number: Decimal, factor: i64) -> Decimal {
    number.saturating_mul(Decimal::from(factor))
}
