//! What reports say, by how their targets' years go.

use entity::{
    ids::UnitId,
    indicator,
    kinds::{Comparison, IndicatorKind},
};
use rust_decimal::{Decimal, RoundingStrategy};

use super::{draw::Draw, plot::TargetPlot, script::Course, words};

/// What a report says.
pub(super) struct Paper {
    pub(super) progress: String,
    pub(super) problems: &'static str,
    pub(super) next_steps: &'static str,
    pub(super) percent: i32,
    pub(super) readings: Vec<(indicator::Model, Decimal)>,
}

impl Paper {
    /// What a unit's report on a target for a month says.
    pub(super) fn of(target: &TargetPlot, unit: UnitId, month: u32) -> Self {
        let course = Course::of(target.number);
        let draw = |purpose| Draw::about(&[target.number.into(), unit.0, month.into()], purpose);
        let share = course.share(target.number, month);
        // At most 100, which fits.
        let percent = i32::try_from((share + 9) / 10).unwrap_or(100);
        let leads = target.leads.contains(&unit) && course != Course::NotStarted;
        let readings: Vec<_> = target
            .indicators
            .iter()
            .filter(|_| leads)
            .map(|indicator| {
                let value = reading(indicator, target, course, month);
                (indicator.clone(), value)
            })
            .collect();
        let mut progress = words::progress(course, percent, month, draw("progress"));
        for (indicator, value) in &readings {
            progress.push_str(&words::measured(indicator, *value, month));
        }
        Self {
            progress,
            problems: words::problems(course, draw("problems")),
            next_steps: words::next_steps(course, draw("next")),
            percent,
            readings,
        }
    }
}

/// What one of the lead units reads.
fn reading(
    indicator: &indicator::Model,
    target: &TargetPlot,
    course: Course,
    month: u32,
) -> Decimal {
    let goal = Decimal::from_str_exact(&indicator.goal).unwrap_or_default();
    let draw = Draw::about(&[indicator.id.0], "reading");
    let rounding = if course.lags() {
        RoundingStrategy::ToZero
    } else {
        RoundingStrategy::AwayFromZero
    };
    let of_goal = |thousandths: i64| goal.saturating_mul(Decimal::new(thousandths, 3));
    match (indicator.kind, indicator.comparison) {
        (IndicatorKind::Count | IndicatorKind::Amount, Comparison::AtLeast) => {
            let leads = Decimal::from(target.leads.len().max(1));
            // Of a few things, on schedule is none more than the month asks for.
            let share = match course {
                Course::OnSchedule | Course::Suspended if goal < Decimal::ONE_HUNDRED => {
                    i64::from(month) * 1000 / 12
                }
                _ => course.share(target.number, month),
            };
            let places = u32::from(indicator.kind == IndicatorKind::Amount);
            (of_goal(share) / leads).round_dp_with_strategy(places, rounding)
        }
        (_, Comparison::AtLeast) => {
            let thousandths = match course {
                Course::Behind => draw.between(850, 950),
                Course::FarBehind | Course::NotStarted => draw.between(450, 700),
                _ => draw.between(1000, 1060),
            };
            let value = of_goal(thousandths).round_dp_with_strategy(1, rounding);
            let most = match indicator.kind {
                IndicatorKind::Level if indicator.unit_of_measure == "%" => Decimal::ONE_HUNDRED,
                _ => Decimal::MAX,
            };
            value
                .min(most)
                .max(if course.lags() { value } else { goal })
        }
        (_, Comparison::AtMost) => goal,
    }
    .normalize()
}
