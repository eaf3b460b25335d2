//! The rungs, and what they leave alone.

use proptest::prelude::*;

use super::*;
use crate::progress::{Light, MilestoneFacts, Override};

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn facts(percent: Option<i32>) -> Facts {
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

fn periods() -> Vec<Period> {
    [(1, "2022-04-25"), (2, "2022-05-25"), (3, "2022-06-27")]
        .into_iter()
        .map(|(id, due_on)| Period {
            id: ReportingPeriodId(id),
            label: format!("2022年{}月", id + 3),
            due_on: day(due_on),
        })
        .collect()
}

/// Colour, rung, unit and period of each notice.
fn taken(
    facts: &Facts,
    unreported: &[(i64, i64)],
    ladder: &Ladder,
    on: &str,
) -> Vec<(&'static str, &'static str, i64, Option<i64>)> {
    let unreported: Vec<_> = unreported
        .iter()
        .map(|(unit, period)| (UnitId(*unit), ReportingPeriodId(*period)))
        .collect();
    let swept = Swept {
        number: 12,
        facts,
        names: &Names::default(),
        rules: &Thresholds::default(),
        leads: &[UnitId(1), UnitId(2)],
        periods: &periods(),
        unreported: &unreported,
    };
    due(&swept, ladder, day(on))
        .into_iter()
        .map(|due| {
            assert!(due.body.contains("第12号"), "{}", due.body);
            let period = due.period.map(|period| period.0);
            let of_due_date =
                period.is_none() && matches!(due.rung, NoticeRung::DueSoon | NoticeRung::PastDue);
            assert_eq!(due.due_on, of_due_date.then_some(facts.due_on));
            (due.colour.as_str(), due.rung.as_str(), due.unit.0, period)
        })
        .collect()
}

#[test]
fn the_rungs_of_the_ladder() {
    let all = Ladder::default();
    let on_schedule = facts(Some(60));
    for (unreported, on, expected) in [
        // Three days count from the due day back.
        (&[(1, 3)][..], "2022-06-24", &[][..]),
        (&[(1, 3)], "2022-06-25", &[("BLUE", "DUE_SOON", 1, Some(3))]),
        (&[(1, 3)], "2022-06-27", &[("BLUE", "DUE_SOON", 1, Some(3))]),
        (
            &[(1, 3)],
            "2022-06-28",
            &[("YELLOW", "REPORT_MISSING", 1, Some(3))],
        ),
        // Of several that are missing, the latest.
        (
            &[(2, 1), (2, 2)],
            "2022-06-01",
            &[("YELLOW", "REPORT_MISSING", 2, Some(2))],
        ),
        (&[], "2022-06-28", &[]),
    ] {
        assert_eq!(taken(&on_schedule, unreported, &all, on), expected, "{on}");
    }
    // At the end of June half of the year is over: 40 % is yellow, 39 % red, each said to all lead units.
    for (percent, expected) in [
        (50, &[][..]),
        (
            40,
            &[
                ("YELLOW", "BEHIND", 1, Some(3)),
                ("YELLOW", "BEHIND", 2, Some(3)),
            ],
        ),
        (
            39,
            &[
                ("RED", "FAR_BEHIND", 1, Some(3)),
                ("RED", "FAR_BEHIND", 2, Some(3)),
            ],
        ),
    ] {
        let found = taken(&facts(Some(percent)), &[], &all, "2022-07-01");
        assert_eq!(found, expected, "{percent}");
    }
    // Thirty days count from the due date back; after it, nothing but that matters.
    let done = facts(Some(100));
    for (on, expected) in [
        ("2022-12-01", &[][..]),
        (
            "2022-12-02",
            &[("BLUE", "DUE_SOON", 1, None), ("BLUE", "DUE_SOON", 2, None)],
        ),
        (
            "2023-01-01",
            &[("RED", "PAST_DUE", 1, None), ("RED", "PAST_DUE", 2, None)],
        ),
    ] {
        assert_eq!(taken(&done, &[], &all, on), expected, "{on}");
    }
}

#[test]
fn a_milestone_that_is_overdue_is_being_behind() {
    let mut facts = facts(Some(100));
    facts.milestones.push(MilestoneFacts {
        id: 1,
        due_on: day("2022-03-31"),
        done_on: None,
    });
    let found = taken(&facts, &[], &Ladder::default(), "2022-04-01");
    assert_eq!(
        found,
        [("YELLOW", "BEHIND", 1, None), ("YELLOW", "BEHIND", 2, None)]
    );
}

#[test]
fn what_is_settled_or_set_by_hand_is_left_alone() {
    let until = |until: &str| {
        Some(Override {
            light: Light::Green,
            until: day(until),
        })
    };
    let missing = ("YELLOW", "REPORT_MISSING", 1, Some(3));
    let far = |unit| ("RED", "FAR_BEHIND", unit, Some(3));
    let behind = facts(Some(0));
    for (why, facts, on, expected) in [
        (
            "closed",
            Facts {
                closed: true,
                ..behind.clone()
            },
            "2022-07-01",
            vec![],
        ),
        (
            "adjusted",
            Facts {
                adjusted: true,
                ..behind.clone()
            },
            "2022-07-01",
            vec![],
        ),
        // Its reports are still asked for, and when the time of the light has run out, the rest is, too.
        (
            "set by hand",
            Facts {
                overridden: until("2022-07-01"),
                ..behind.clone()
            },
            "2022-07-01",
            vec![missing],
        ),
        (
            "set by hand before",
            Facts {
                overridden: until("2022-06-30"),
                ..behind.clone()
            },
            "2022-07-01",
            vec![missing, far(1), far(2)],
        ),
        (
            "overdue and set by hand",
            Facts {
                overridden: until("2023-01-31"),
                due_on: day("2022-06-20"),
                ..behind.clone()
            },
            "2022-07-01",
            vec![missing],
        ),
    ] {
        let found = taken(&facts, &[(1, 3)], &Ladder::default(), on);
        assert_eq!(found, expected, "{why}");
    }
}

#[test]
fn what_lies_long_back_starts_nothing() {
    let behind = facts(Some(0));
    let found = |on: &str| taken(&behind, &[(1, 3)], &Ladder::default(), on);
    let past_due = |unit| ("RED", "PAST_DUE", unit, None);
    // The report was due on 27 June, the target on 31 December.
    assert_eq!(found("2022-09-25")[0].1, "REPORT_MISSING");
    assert_eq!(found("2022-09-26")[0].1, "FAR_BEHIND");
    assert_eq!(found("2023-03-31"), [past_due(1), past_due(2)]);
    assert_eq!(found("2023-04-01"), []);
    assert_eq!(found("2026-01-01"), []);
}

#[test]
fn of_a_month_and_a_quarter_that_are_due_together_both_are_asked_for() {
    let mut periods = periods();
    periods.push(Period {
        id: ReportingPeriodId(4),
        label: "2022年第二季度".to_owned(),
        due_on: day("2022-06-27"),
    });
    let unreported = [3, 4].map(|period| (UnitId(1), ReportingPeriodId(period)));
    let swept = Swept {
        number: 12,
        facts: &facts(Some(60)),
        names: &Names::default(),
        rules: &Thresholds::default(),
        leads: &[UnitId(1)],
        periods: &periods,
        unreported: &unreported,
    };
    let due = due(&swept, &Ladder::default(), day("2022-06-28"));
    let labels: Vec<_> = due.iter().map(|due| due.body.as_str()).collect();
    assert_eq!(
        labels,
        [
            "第12号目标任务2022年6月进展报告应于2022年6月27日前报送，现已逾期，请尽快补报并说明原因。",
            "第12号目标任务2022年第二季度进展报告应于2022年6月27日前报送，现已逾期，请尽快补报并说明原因。",
        ]
    );
}

#[test]
fn a_notice_says_what_is_behind() {
    use entity::kinds::{Comparison, IndicatorKind};
    use rust_decimal::Decimal;
    let mut facts = facts(Some(40));
    let say = |facts: &Facts, confirmed: bool| {
        let names = Names {
            indicators: [(
                7,
                crate::progress::IndicatorName {
                    name: "新增规上工业企业".to_owned(),
                    comparison: Comparison::AtLeast,
                    unit: "家".to_owned(),
                    confirmed,
                },
            )]
            .into(),
            ..Names::default()
        };
        let swept = Swept {
            number: 12,
            facts,
            names: &names,
            rules: &Thresholds::default(),
            leads: &[UnitId(1)],
            periods: &periods(),
            unreported: &[],
        };
        let due = due(&swept, &Ladder::default(), day("2022-07-01"));
        due.into_iter().map(|due| due.body).collect::<Vec<_>>()
    };
    assert_eq!(
        say(&facts, true),
        ["第12号目标任务进度滞后：已完成40%，序时进度为50%。请加快推进。"]
    );
    facts.indicators.push(crate::progress::IndicatorFacts {
        id: 7,
        kind: IndicatorKind::Count,
        comparison: Comparison::AtLeast,
        goal: Decimal::from(300),
        readings: vec![Some(Decimal::from(90))],
    });
    assert_eq!(
        say(&facts, true),
        [
            "第12号目标任务进度严重滞后：量化指标“新增规上工业企业”目前为90家，目标为300家。请说明原因并提出整改措施。"
        ]
    );
    // Who is urged by a number that nobody has confirmed is told so.
    assert_eq!(
        say(&facts, false),
        [
            "第12号目标任务进度严重滞后：量化指标“新增规上工业企业”（系统识别，尚未确认）目前为90家，目标为300家。请说明原因并提出整改措施。"
        ]
    );
    // Large numbers as the document writes them.
    let indicator = facts.indicators.first_mut().unwrap();
    indicator.goal = Decimal::from(18_000);
    indicator.readings = vec![Some(Decimal::from(2_000))];
    assert_eq!(
        say(&facts, true),
        [
            "第12号目标任务进度严重滞后：量化指标“新增规上工业企业”目前为2000家，目标为1.8万家。请说明原因并提出整改措施。"
        ]
    );
}

#[test]
fn settings_are_refused_field_by_field() {
    assert!(Ladder::default().problems().is_empty());
    let bad = Ladder {
        report_reminder_days: -1,
        target_reminder_days: 181,
        reply_days: 0,
        ..Ladder::default()
    };
    let fields: Vec<_> = bad
        .problems()
        .into_iter()
        .map(|refusal| refusal.field.concat())
        .collect();
    assert_eq!(
        fields,
        ["reportReminderDays", "targetReminderDays", "replyDays"]
    );
}

proptest! {
    /// A rung that is off is not taken, and changes nothing about the others; no two notices of a day are the same rung of
    /// the same unit and period.
    #[test]
    fn each_rung_is_a_setting(percent in proptest::option::of(0..=100i32), offset in 0..400u64, unreported in proptest::collection::vec((1..=2i64, 1..=3i64), 0..4), missing: bool, behind: bool, far_behind: bool, past_due: bool) {
        let on = (day("2022-01-01") + chrono::Days::new(offset)).to_string();
        let mut unreported = unreported;
        unreported.sort_unstable();
        unreported.dedup();
        let facts = facts(percent);
        let ladder = Ladder { missing, behind, far_behind, past_due, ..Ladder::default() };
        let expected: Vec<_> = taken(&facts, &unreported, &Ladder::default(), &on)
            .into_iter()
            .filter(|(_, rung, ..)| match *rung {
                "REPORT_MISSING" => missing,
                "BEHIND" => behind,
                "FAR_BEHIND" => far_behind,
                "PAST_DUE" => past_due,
                _ => true,
            })
            .collect();
        let found = taken(&facts, &unreported, &ladder, &on);
        prop_assert_eq!(&found, &expected);
        let mut rungs: Vec<_> = found.iter().map(|(_, rung, unit, period)| (rung, unit, period)).collect();
        rungs.sort_unstable();
        let all = rungs.len();
        rungs.dedup();
        prop_assert_eq!(rungs.len(), all);
    }

    /// Who does more is urged no more gravely, and no more often.
    #[test]
    fn more_progress_brings_no_graver_notice(percent in 0..=100i32, more in 0..=100i32, offset in 0..500u64) {
        let on = (day("2022-01-01") + chrono::Days::new(offset)).to_string();
        let worst = |percent: i32| {
            let found = taken(&facts(Some(percent)), &[], &Ladder::default(), &on);
            let grave = |colour: &str| ["BLUE", "YELLOW", "RED"].iter().position(|known| *known == colour);
            (found.iter().map(|(colour, ..)| grave(colour)).max(), found.len())
        };
        prop_assert!(worst((percent + more).min(100)) <= worst(percent));
    }
}
