//! What holds for all facts: more progress never makes a day worse, time never makes one better, and the dates say what a
//! second reading of the rule says, day by day.

use chrono::Datelike;
use proptest::{collection::vec, option, prelude::*};

use super::*;

/// Every day from before the plan's year to after it.
fn days() -> impl Iterator<Item = NaiveDate> {
    day("2021-12-25").iter_days().take(440)
}

fn any_day() -> impl Strategy<Value = NaiveDate> {
    (0..440i64).prop_map(|offset| day("2021-12-25") + chrono::Duration::days(offset))
}

/// Readings and goals with one decimal.
fn tenths(range: std::ops::Range<i64>) -> impl Strategy<Value = Decimal> {
    range.prop_map(|tenths| Decimal::new(tenths, 1))
}

fn indicators() -> impl Strategy<Value = Vec<IndicatorFacts>> {
    let goal = prop_oneof![8 => tenths(-100..1000), 1 => Just(Decimal::ZERO)];
    let readings = vec(option::weighted(0.7, tenths(-120..1200)), 1..4);
    let indicator =
        (0..4usize, any::<bool>(), goal, readings).prop_map(|(kind, at_least, goal, readings)| {
            IndicatorFacts {
                id: 1,
                kind: IndicatorKind::ALL[kind],
                comparison: if at_least { AtLeast } else { AtMost },
                goal,
                readings,
            }
        });
    vec(indicator, 0..3)
}

fn facts() -> impl Strategy<Value = Facts> {
    let milestone =
        (any_day(), option::of(any_day())).prop_map(|(due_on, done_on)| MilestoneFacts {
            id: 1,
            due_on,
            done_on,
        });
    let missing =
        (0..12i64, any_day()).prop_map(|(period, due_on)| MissingReport { period, due_on });
    (
        prop_oneof![1 => any_day(), 1 => Just(day("2022-12-31"))],
        prop::bool::weighted(0.05),
        prop::bool::weighted(0.05),
        vec(option::weighted(0.7, 0..=100i32), 1..4),
        indicators(),
        vec(milestone, 0..3),
        vec(missing, 0..3),
        prop_oneof![6 => Just(0u32), 1 => 1..3u32],
    )
        .prop_map(
            |(
                due_on,
                closed,
                adjusted,
                percents,
                indicators,
                milestones,
                missing_reports,
                open,
            )| {
                Facts {
                    due_on,
                    closed,
                    adjusted,
                    percents,
                    indicators,
                    milestones,
                    missing_reports,
                    open_red_notices: open,
                    ..target(None)
                }
            },
        )
}

fn rules() -> impl Strategy<Value = Thresholds> {
    let share = (0..=100i32).prop_map(|yellow_at_least| Method::Share { yellow_at_least });
    let points = (0..=100i32, 0..=100i32).prop_map(|(a, b)| Method::Points {
        yellow: a.min(b),
        red: a.max(b),
    });
    let method = prop_oneof![
        Just(Thresholds::default().method),
        Just(Method::YINCHUAN),
        share,
        points
    ];
    (method, 0..=30i32).prop_map(|(method, ahead_points)| Thresholds {
        method,
        ahead_points,
    })
}

fn overrides() -> impl Strategy<Value = Option<Override>> {
    option::of((0..3usize, any_day()).prop_map(|(colour, until)| Override {
        light: [Green, Yellow, Red][colour],
        until,
    }))
}

/// From best to worst. OTHER and NOT_STARTED compare with nothing but COMPLETED: no progress leads from them to another.
fn rank(state: TargetState) -> u8 {
    match state {
        TargetState::Completed => 0,
        Ahead => 1,
        OnSchedule => 2,
        Behind => 3,
        Other | NotStarted => 4,
    }
}

/// A second reading of domain.md §6, for one day, in whole numbers: a number is its tenths.
fn directly(facts: &Facts, rules: &Thresholds, on: NaiveDate) -> (TargetState, Light) {
    if facts.closed {
        return (TargetState::Completed, Green);
    }
    if facts.adjusted {
        return (Other, Green);
    }
    let tenths = |number: Decimal| (number * Decimal::TEN).trunc().mantissa();
    let elapsed = match on.year() {
        2021 => 0,
        2022 => i128::from(on.month()) - 1,
        _ => 12,
    };
    // Achieved, of how much, and the months that are asked for; of each measure.
    let mut shares: Vec<(i128, i128, i128)> = Vec::new();
    let (mut met, mut missed) = (false, false);
    for indicator in &facts.indicators {
        let read: Vec<i128> = indicator
            .readings
            .iter()
            .flatten()
            .map(|r| tenths(*r))
            .collect();
        let (Some(least), Some(most)) = (read.iter().min(), read.iter().max()) else {
            continue;
        };
        let (sum, goal) = (read.iter().sum::<i128>(), tenths(indicator.goal));
        match (indicator.kind, indicator.comparison) {
            (Count | Amount, AtLeast) if goal > 0 => shares.push((sum, goal, elapsed)),
            (Count | Amount, AtLeast) if sum >= goal => met = true,
            (Count | Amount, AtMost) if sum <= goal => met = true,
            (Rate | Level, AtLeast) if *least >= goal => met = true,
            (Rate | Level, AtMost) if *most <= goal => met = true,
            (Rate | Level, AtLeast) if goal != 0 => {
                shares.push((goal.abs() - (goal - least), goal.abs(), 12));
            }
            (Rate | Level, AtMost) if goal != 0 => {
                shares.push((goal.abs() - (most - goal), goal.abs(), 12));
            }
            _ => missed = true,
        }
    }
    let reported: Vec<i32> = facts.percents.iter().flatten().copied().collect();
    let started = met || missed || !shares.is_empty() || !reported.is_empty();
    if !met && !missed && shares.is_empty() && !reported.is_empty() {
        let average = reported.iter().sum::<i32>() / i32::try_from(facts.percents.len()).unwrap();
        shares.push((average.into(), 100, elapsed));
    }
    let behind = |(a, w, m): &(i128, i128, i128)| 12 * a < m * w;
    let ahead = |(a, w, m): &(i128, i128, i128)| {
        1200 * a - 100 * m * w >= 12 * i128::from(rules.ahead_points) * w
    };
    let points_behind = |(a, w, m): &(i128, i128, i128), points: i32| {
        100 * m * w - 1200 * a > 12 * i128::from(points) * w
    };
    let (yellow, red): (Vec<bool>, Vec<bool>) = shares
        .iter()
        .map(|share| match rules.method {
            Method::Share { yellow_at_least } => {
                let (a, w, m) = share;
                let far = 1200 * a < i128::from(yellow_at_least) * m * w;
                (behind(share), behind(share) && far)
            }
            Method::Points { yellow, red } => {
                (points_behind(share, yellow), points_behind(share, red))
            }
        })
        .unzip();
    let overdue = facts
        .milestones
        .iter()
        .any(|m| m.done_on.is_none() && on > m.due_on);
    let report_missing = facts.missing_reports.iter().any(|r| on > r.due_on);
    let late = on > facts.due_on;

    let state = if !started {
        NotStarted
    } else if missed || late || overdue || shares.iter().any(behind) {
        Behind
    } else if met || !shares.iter().all(ahead) {
        OnSchedule
    } else {
        Ahead
    };
    let light = if missed || late || facts.open_red_notices > 0 || red.contains(&true) {
        Red
    } else if overdue || report_missing || yellow.contains(&true) {
        Yellow
    } else {
        Green
    };
    (state, light)
}

/// The facts with one more piece of progress; unchanged where the dice name one that there is not.
fn improved(facts: &Facts, what: usize, which: usize, by: i32) -> Facts {
    let mut better = facts.clone();
    let index = |length: usize| which % length.max(1);
    let started = standing(facts, &Thresholds::default()).settled.is_none();
    match what {
        0 => {
            // A percentage grows; or one more lead unit reports on a target that has started.
            let i = index(better.percents.len());
            match &mut better.percents[i] {
                Some(percent) => *percent = (*percent + by).min(100),
                none if started => *none = Some(by.min(100)),
                _ => {}
            }
        }
        1 => {
            let i = index(better.indicators.len());
            if let Some(indicator) = better.indicators.get_mut(i) {
                let cumulative = matches!(indicator.kind, Count | Amount);
                let measured = indicator.readings.iter().any(Option::is_some);
                let j = by.unsigned_abs() as usize % indicator.readings.len();
                let step = Decimal::from(by);
                indicator.readings[j] = match (indicator.readings[j], indicator.comparison) {
                    (Some(reading), AtLeast) => Some(reading + step),
                    (Some(reading), AtMost) => Some(reading - step),
                    // One more unit reports on what is measured already: a contribution, or a reading that meets the goal.
                    (None, AtLeast) if measured && cumulative => Some(step),
                    (None, AtLeast) if measured => Some(indicator.goal + step),
                    (None, AtMost) if measured && !cumulative => Some(indicator.goal - step),
                    (none, _) => none,
                };
            }
        }
        2 => {
            let i = index(better.milestones.len());
            if let Some(milestone) = better.milestones.get_mut(i) {
                milestone.done_on = Some(milestone.due_on);
            }
        }
        3 => {
            let i = index(better.missing_reports.len());
            if i < better.missing_reports.len() {
                better.missing_reports.remove(i);
            }
        }
        4 => better.open_red_notices = better.open_red_notices.saturating_sub(1),
        _ => better.closed = true,
    }
    better
}

proptest! {
    #[test]
    fn the_dates_agree_with_the_rule_day_by_day(facts in facts(), rules in rules()) {
        let standing = standing(&facts, &rules);
        for on in days() {
            prop_assert_eq!((standing.state(on), standing.light(on)), directly(&facts, &rules, on), "{}", on);
        }
    }

    #[test]
    fn more_progress_never_makes_a_day_worse(
        facts in facts(), rules in rules(), what in 0..6usize, which in 0..8usize, by in 1..60i32, set in overrides(),
    ) {
        let before = standing(&facts, &rules);
        let better = improved(&facts, what, which, by);
        let after = standing(&better, &rules);
        prop_assert!(after.percent >= before.percent);
        for on in days() {
            prop_assert!(after.light(on) <= before.light(on), "{} {:?}", on, better);
            prop_assert!(light_on(&after, set, on) <= light_on(&before, set, on), "{} {:?}", on, set);
            prop_assert!(rank(after.state(on)) <= rank(before.state(on)), "{} {:?}", on, better);
        }
    }

    #[test]
    fn time_alone_never_makes_it_better(facts in facts(), rules in rules()) {
        let standing = standing(&facts, &rules);
        for (earlier, later) in days().zip(days().skip(1)) {
            prop_assert!(standing.light(earlier) <= standing.light(later), "{}", later);
            prop_assert!(rank(standing.state(earlier)) <= rank(standing.state(later)), "{}", later);
        }
    }

    /// A light that was set by hand is what it was set to, and ends by itself: then the rules have it, as if there had been none.
    #[test]
    fn an_override_holds_until_its_last_day_and_leaves_no_trace(
        facts in facts(), rules in rules(), set in overrides(),
    ) {
        let without = standing(&facts, &rules);
        let with = standing(&Facts { overridden: set, ..facts }, &rules);
        prop_assert_eq!(&with, &without);
        for on in days() {
            let expected = match set {
                Some(set) if on <= set.until => set.light,
                _ => without.light(on),
            };
            prop_assert_eq!(light_on(&with, set, on), expected, "{}", on);
        }
    }

    /// A plan that asks for less of the same sort never shows a worse light.
    #[test]
    fn milder_thresholds_never_make_a_light_worse(facts in facts(), a in 0..=100i32, b in 0..=100i32, c in 0..=100i32) {
        let mut points = [a, b, c];
        points.sort_unstable();
        let share = |yellow_at_least| Method::Share { yellow_at_least };
        let behind = |yellow, red| Method::Points { yellow, red };
        let rules = |method| Thresholds { method, ahead_points: 10 };
        let [low, middle, high] = points;
        for (milder, stricter) in [
            (share(low), share(high)),
            (behind(middle, high), behind(low, high)),
            (behind(low, high), behind(low, middle)),
        ] {
            let (milder, stricter) = (standing(&facts, &rules(milder)), standing(&facts, &rules(stricter)));
            for on in days() {
                prop_assert!(milder.light(on) <= stricter.light(on), "{}", on);
                prop_assert_eq!(milder.state(on), stricter.state(on), "a state is no matter of colours");
            }
        }
    }

    #[test]
    fn the_reasons_give_the_light(
        facts in facts(), rules in rules(), on in any_day(), overridden in overrides(),
    ) {
        let facts = Facts { overridden, ..facts };
        let light = light_on(&standing(&facts, &rules), overridden, on);
        let reasons = light_reasons(&facts, &rules, on);
        prop_assert!(!reasons.is_empty());
        prop_assert!(reasons.iter().all(|reason| reason.light() == light), "{:?} {:?}", light, reasons);
        prop_assert_eq!(reasons, light_reasons(&facts.clone(), &rules, on));
        // An order of the units is not a fact.
        let mut turned = facts.clone();
        turned.percents.reverse();
        turned.indicators.iter_mut().for_each(|indicator| indicator.readings.reverse());
        prop_assert_eq!(standing(&turned, &rules), standing(&facts, &rules));
    }
}
