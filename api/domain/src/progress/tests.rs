//! Tables of single cases; the properties are in `tests/properties.rs`.

mod properties;

use super::*;
use entity::kinds::{Comparison::*, IndicatorKind::*};

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn number(text: &str) -> Decimal {
    text.parse().unwrap()
}

/// A target of 2022 with one lead unit.
fn target(percent: Option<i32>) -> Facts {
    Facts {
        year: 2022,
        due_on: day("2022-12-31"),
        closed: false,
        adjusted: false,
        percents: vec![percent],
        indicators: Vec::new(),
        milestones: Vec::new(),
        missing_reports: Vec::new(),
        open_red_notices: 0,
        overridden: None,
    }
}

fn measured(
    kind: IndicatorKind,
    comparison: Comparison,
    goal: &str,
    readings: &[Option<&str>],
) -> Facts {
    Facts {
        indicators: vec![IndicatorFacts {
            id: 7,
            kind,
            comparison,
            goal: number(goal),
            readings: readings.iter().map(|text| text.map(number)).collect(),
        }],
        ..target(Some(50))
    }
}

const YINCHUAN: Thresholds = Thresholds {
    method: Method::YINCHUAN,
    ahead_points: 10,
};

fn codes(facts: &Facts, rules: &Thresholds, on: &str) -> Vec<LightReasonCode> {
    let reasons = light_reasons(facts, rules, day(on));
    reasons.into_iter().map(LightReason::code).collect()
}

/// State, light and the one reason's code.
fn seen(facts: &Facts, rules: &Thresholds, on: &str) -> (TargetState, Light, LightReasonCode) {
    let standing = standing(facts, rules);
    let code = match codes(facts, rules, on)[..] {
        [code] => code,
        ref more => panic!("{on}: {more:?}"),
    };
    (standing.state(day(on)), standing.light(day(on)), code)
}

use Light::*;
use LightReasonCode as Code;
use TargetState::{Ahead, Behind, NotStarted, OnSchedule, Other};

#[test]
fn by_percent() {
    for (on, percent, state, light, code) in [
        // Xuancheng's bulletin: eleven months are 91.7 % of the year.
        ("2022-12-15", 92, OnSchedule, Green, Code::OnSchedule),
        ("2022-12-15", 91, Behind, Yellow, Code::Behind),
        ("2022-01-31", 0, OnSchedule, Green, Code::OnSchedule),
        ("2022-02-01", 0, Behind, Red, Code::FarBehind),
        ("2022-07-01", 50, OnSchedule, Green, Code::OnSchedule),
        ("2022-07-01", 49, Behind, Yellow, Code::Behind),
        ("2022-07-01", 40, Behind, Yellow, Code::Behind),
        ("2022-07-01", 39, Behind, Red, Code::FarBehind),
        ("2022-07-01", 60, Ahead, Green, Code::OnSchedule),
        ("2022-07-01", 59, OnSchedule, Green, Code::OnSchedule),
        // 100 % does not close, and what is not closed by the last day is late.
        ("2022-12-31", 100, OnSchedule, Green, Code::OnSchedule),
        ("2022-10-31", 100, Ahead, Green, Code::OnSchedule),
        ("2023-01-01", 100, Behind, Red, Code::PastDue),
        ("2021-12-31", 0, OnSchedule, Green, Code::OnSchedule),
    ] {
        let facts = target(Some(percent));
        let found = seen(&facts, &Thresholds::default(), on);
        assert_eq!(found, (state, light, code), "{on} {percent}");
    }
}

#[test]
fn by_points() {
    for (on, percent, state, light, code) in [
        ("2022-07-01", 50, OnSchedule, Green, Code::OnSchedule),
        ("2022-07-01", 40, Behind, Green, Code::SlightlyBehind),
        ("2022-07-01", 39, Behind, Yellow, Code::Behind),
        ("2022-07-01", 20, Behind, Yellow, Code::Behind),
        ("2022-07-01", 19, Behind, Red, Code::FarBehind),
        ("2022-02-01", 0, Behind, Green, Code::SlightlyBehind), // 8.3 points
        ("2022-03-01", 0, Behind, Yellow, Code::Behind),        // 16.7 points
    ] {
        let found = seen(&target(Some(percent)), &YINCHUAN, on);
        assert_eq!(found, (state, light, code), "{on} {percent}");
    }
}

/// Kind, comparison and goal; the lead units' readings; the day; state, light and reason.
const INDICATORS: &str = "
    # 300 firms: the lead units' counts are added; 150 by July.
    COUNT  AT_LEAST 300   | 100 50    | 2022-07-01 | ON_SCHEDULE Green  OnSchedule
    COUNT  AT_LEAST 300   | 149 -     | 2022-07-01 | BEHIND      Yellow IndicatorBehind
    COUNT  AT_LEAST 300   | 119.99    | 2022-07-01 | BEHIND      Red    IndicatorFarBehind
    AMOUNT AT_LEAST 120.5 | 72.3      | 2022-07-01 | AHEAD       Green  OnSchedule
    AMOUNT AT_MOST  10    | 4 6       | 2022-02-01 | ON_SCHEDULE Green  OnSchedule
    AMOUNT AT_MOST  10    | 4 6.1     | 2022-02-01 | BEHIND      Red    IndicatorFarBehind
    # A growth of 7 %: the goal itself, whatever the month; the worst lead unit decides.
    RATE   AT_LEAST 7     | 7.0 8     | 2022-02-01 | ON_SCHEDULE Green  OnSchedule
    RATE   AT_LEAST 7     | 5.6 8     | 2021-12-01 | BEHIND      Yellow IndicatorBehind
    RATE   AT_LEAST 7     | 5.59 8    | 2022-12-01 | BEHIND      Red    IndicatorFarBehind
    LEVEL  AT_MOST  25    | 24 -      | 2022-02-01 | ON_SCHEDULE Green  OnSchedule
    LEVEL  AT_MOST  25    | 24 30     | 2022-02-01 | BEHIND      Yellow IndicatorBehind
    LEVEL  AT_MOST  25    | 30.1      | 2022-02-01 | BEHIND      Red    IndicatorFarBehind
    # Negative goals: a fall of 3 %, of which 2.4 are 80 %.
    RATE   AT_MOST  -3    | -2.4      | 2022-02-01 | BEHIND      Yellow IndicatorBehind
    RATE   AT_MOST  -3    | -2.3      | 2022-02-01 | BEHIND      Red    IndicatorFarBehind
    RATE   AT_LEAST -3    | -3.5      | 2022-02-01 | BEHIND      Yellow IndicatorBehind
    # Zero: met, or missed beyond measure.
    LEVEL  AT_MOST  0     | 0         | 2022-02-01 | ON_SCHEDULE Green  OnSchedule
    LEVEL  AT_MOST  0     | 0.01      | 2022-02-01 | BEHIND      Red    IndicatorFarBehind
    COUNT  AT_LEAST 0     | 0         | 2022-12-01 | ON_SCHEDULE Green  OnSchedule
    COUNT  AT_LEAST -5    | -6        | 2022-02-01 | BEHIND      Red    IndicatorFarBehind
    # Without a reading it says nothing: the percentage of 50 counts.
    COUNT  AT_LEAST 300   | - -       | 2022-07-01 | ON_SCHEDULE Green  OnSchedule
    COUNT  AT_LEAST 300   | -         | 2022-08-01 | BEHIND      Yellow Behind
    # Numbers beyond the 22 digits stop at the end of what can be written: not exact, but no failure.
    AMOUNT AT_LEAST 79228162514264337593543950335 | 79228162514264337593543950335 1 | 2022-12-01 | AHEAD       Green  OnSchedule
";

#[test]
fn by_indicators() {
    let rows = INDICATORS.lines().map(str::trim);
    let rows: Vec<&str> = rows
        .filter(|row| !row.is_empty() && !row.starts_with('#'))
        .collect();
    assert_eq!(rows.len(), 22);
    for row in rows {
        let cells: Vec<Vec<&str>> = row
            .split('|')
            .map(|cell| cell.split_whitespace().collect())
            .collect();
        let readings: Vec<Option<&str>> = cells[1]
            .iter()
            .map(|text| (*text != "-").then_some(*text))
            .collect();
        let kind = IndicatorKind::from_word(cells[0][0]).unwrap();
        let comparison = Comparison::from_word(cells[0][1]).unwrap();
        let facts = measured(kind, comparison, cells[0][2], &readings);
        let (state, light, code) = seen(&facts, &Thresholds::default(), cells[2][0]);
        let found = [
            state.as_str().to_owned(),
            format!("{light:?}"),
            format!("{code:?}"),
        ];
        assert_eq!(found[..], cells[3][..], "{row}");
    }
}

#[test]
fn points_of_a_level_are_points_of_its_goal() {
    for (reading, light) in [("90", Green), ("89.9", Yellow), ("69.9", Red)] {
        let facts = measured(Level, AtLeast, "100", &[Some(reading)]);
        let standing = standing(&facts, &YINCHUAN);
        assert_eq!(standing.light(day("2022-02-01")), light, "{reading}");
        assert_eq!(standing.state(day("2022-02-01")), Behind, "{reading}");
    }
}

#[test]
fn the_worst_indicator_decides() {
    let mut facts = measured(Count, AtLeast, "100", &[Some("90")]);
    let rules = Thresholds::default();
    assert_eq!(standing(&facts, &rules).state(day("2022-07-01")), Ahead);
    facts
        .indicators
        .extend(measured(Level, AtLeast, "90", &[Some("90")]).indicators);
    assert_eq!(
        standing(&facts, &rules).state(day("2022-07-01")),
        OnSchedule
    );
    facts
        .indicators
        .extend(measured(Count, AtLeast, "10", &[Some("4")]).indicators);
    assert_eq!(
        seen(&facts, &rules, "2022-07-01"),
        (Behind, Yellow, Code::IndicatorBehind)
    );
}

#[test]
fn percent_is_the_average_rounded_down() {
    for (percents, expected) in [
        (vec![], None),
        (vec![None, None], None),
        (vec![Some(0)], Some(0)),
        (vec![Some(100), None], Some(50)),
        (vec![Some(100), Some(100), Some(99)], Some(99)),
        (vec![Some(120), Some(-5)], Some(50)),
    ] {
        let facts = Facts {
            percents,
            ..target(None)
        };
        assert_eq!(
            standing(&facts, &Thresholds::default()).percent,
            expected,
            "{facts:?}"
        );
    }
}

#[test]
fn what_does_not_depend_on_the_day() {
    let rules = Thresholds::default();
    let closed = Facts {
        closed: true,
        open_red_notices: 1,
        ..target(Some(40))
    };
    let adjusted = Facts {
        adjusted: true,
        ..target(None)
    };
    for on in ["2021-12-31", "2022-12-31", "2023-06-01"] {
        assert_eq!(
            seen(&closed, &rules, on),
            (TargetState::Completed, Green, Code::Completed)
        );
        assert_eq!(seen(&adjusted, &rules, on), (Other, Green, Code::Adjusted));
    }
    // Before the first accepted report only what is due counts.
    let silent = target(None);
    assert_eq!(
        seen(&silent, &rules, "2022-12-31"),
        (NotStarted, Green, Code::NothingDue)
    );
    assert_eq!(
        seen(&silent, &rules, "2023-01-01"),
        (NotStarted, Red, Code::PastDue)
    );
    // A report of readings alone is a start.
    let mut read = measured(Count, AtLeast, "10", &[Some("10")]);
    read.percents = vec![None];
    assert_eq!(
        seen(&read, &rules, "2022-07-01"),
        (Ahead, Green, Code::OnSchedule)
    );
}

#[test]
fn what_is_due_turns_the_light_on_the_next_day() {
    let rules = Thresholds::default();
    let mut facts = target(None);
    let milestone = |id, due_on: &str, done_on: Option<&str>| MilestoneFacts {
        id,
        due_on: day(due_on),
        done_on: done_on.map(day),
    };
    facts.milestones = vec![
        milestone(2, "2022-05-10", None),
        milestone(1, "2022-03-31", Some("2022-04-20")),
        milestone(3, "2022-05-01", None),
    ];
    assert_eq!(
        seen(&facts, &rules, "2022-05-01"),
        (NotStarted, Green, Code::NothingDue)
    );
    assert_eq!(
        seen(&facts, &rules, "2022-05-02"),
        (NotStarted, Yellow, Code::MilestoneOverdue)
    );
    // A missed milestone is behind, whatever the numbers say.
    facts.percents = vec![Some(99)];
    assert_eq!(
        seen(&facts, &rules, "2022-05-02"),
        (Behind, Yellow, Code::MilestoneOverdue)
    );
    // Two lead units' reports of one period are one reason; a missing report does not make a state.
    facts.milestones.clear();
    let missing = |period, due_on| MissingReport {
        period,
        due_on: day(due_on),
    };
    facts.missing_reports = vec![
        missing(12, "2022-06-27"),
        missing(11, "2022-05-25"),
        missing(11, "2022-05-25"),
    ];
    assert_eq!(
        seen(&facts, &rules, "2022-05-26"),
        (Ahead, Yellow, Code::ReportMissing)
    );
    assert_eq!(seen(&facts, &rules, "2022-05-25").1, Green);
    assert_eq!(
        light_reasons(&facts, &rules, day("2022-06-28")),
        [(11, "2022-05-25"), (12, "2022-06-27")].map(|(period, due_on)| {
            LightReason::ReportMissing {
                period,
                due_on: day(due_on),
            }
        })
    );
    facts.open_red_notices = 2;
    assert_eq!(
        light_reasons(&facts, &rules, day("2021-12-01")),
        [LightReason::RedNotice { open: 2 }]
    );
}

#[test]
fn every_reason_of_the_days_colour() {
    let mut facts = target(Some(45));
    facts.missing_reports = vec![MissingReport {
        period: 11,
        due_on: day("2022-06-25"),
    }];
    facts.milestones = vec![MilestoneFacts {
        id: 3,
        due_on: day("2022-06-01"),
        done_on: None,
    }];
    let rules = Thresholds::default();
    assert_eq!(
        light_reasons(&facts, &rules, day("2022-07-01")),
        [
            LightReason::Behind {
                light: Yellow,
                achieved_percent: 45,
                elapsed_percent: number("50"),
            },
            LightReason::MilestoneOverdue {
                milestone: 3,
                due_on: day("2022-06-01"),
            },
            LightReason::ReportMissing {
                period: 11,
                due_on: day("2022-06-25"),
            },
        ]
    );
    // Red reasons alone, once it is red.
    facts.open_red_notices = 1;
    assert_eq!(
        codes(&facts, &rules, "2023-01-01"),
        [Code::PastDue, Code::RedNotice, Code::FarBehind]
    );
    let facts = measured(Count, AtLeast, "300", &[Some("270")]);
    assert_eq!(
        light_reasons(&facts, &rules, day("2022-12-01")),
        [LightReason::IndicatorBehind {
            light: Yellow,
            indicator: 7,
            achieved: number("270"),
            goal: number("300"),
            elapsed_percent: Some(number("91.7")),
        }]
    );
    let facts = measured(Level, AtLeast, "90", &[Some("80")]);
    assert_eq!(
        light_reasons(&facts, &rules, day("2022-12-01")),
        [LightReason::IndicatorBehind {
            light: Yellow,
            indicator: 7,
            achieved: number("80"),
            goal: number("90"),
            elapsed_percent: None,
        }]
    );
}

#[test]
fn an_override_holds_to_its_last_day() {
    let rules = Thresholds::default();
    let set = Override {
        light: Green,
        until: day("2022-08-31"),
    };
    let facts = Facts {
        overridden: Some(set),
        ..target(Some(0))
    };
    let plain = standing(&facts, &rules);
    assert_eq!(plain, standing(&target(Some(0)), &rules));
    for (on, light, code) in [
        ("2022-08-31", Green, Code::Overridden),
        ("2022-09-01", Red, Code::FarBehind),
    ] {
        assert_eq!(light_on(&plain, facts.overridden, day(on)), light);
        assert_eq!(codes(&facts, &rules, on), [code]);
    }
    assert_eq!(light_on(&plain, None, day("2022-08-31")), Red);
}

#[test]
fn the_dates_that_a_database_keeps() {
    let facts = target(Some(40));
    assert_eq!(
        standing(&facts, &Thresholds::default()),
        Standing {
            settled: None,
            percent: Some(40),
            on_schedule_from: Some(day("2022-05-01")), // four months are 33.3 %, and 10 points more are too many
            behind_from: Some(day("2022-06-01")),
            yellow_from: Some(day("2022-06-01")),
            red_from: Some(day("2022-08-01")),
        }
    );
    let facts = measured(Level, AtLeast, "90", &[Some("10")]);
    let standing = standing(&facts, &Thresholds::default());
    assert_eq!(standing.behind_from, Some(ALREADY));
    assert_eq!(standing.red_from, Some(ALREADY));
    assert_eq!(ALREADY, day("1970-01-01"));
}

#[test]
fn settings_are_checked() {
    let fields = |method, ahead_points| {
        let rules = Thresholds {
            method,
            ahead_points,
        };
        let problems = rules.problems();
        problems
            .into_iter()
            .map(|problem| problem.field.concat())
            .collect::<Vec<_>>()
    };
    assert!(Thresholds::default().problems().is_empty());
    assert!(YINCHUAN.problems().is_empty());
    assert_eq!(
        fields(
            Method::Share {
                yellow_at_least: 101
            },
            -1
        ),
        ["aheadPoints", "yellowAtLeast"]
    );
    assert_eq!(
        fields(
            Method::Points {
                yellow: 30,
                red: 10
            },
            0
        ),
        ["red"]
    );
    assert_eq!(
        fields(
            Method::Points {
                yellow: -1,
                red: 101
            },
            100
        ),
        ["yellow", "red"]
    );
}
