//! The rungs, and what they leave alone.

use proptest::prelude::*;

use super::*;
use crate::progress::{MilestoneFacts, Override};

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
    let behind = facts(Some(0));
    for quiet in [
        Facts {
            closed: true,
            ..behind.clone()
        },
        Facts {
            adjusted: true,
            ..behind.clone()
        },
        Facts {
            overridden: Some(Override {
                light: crate::progress::Light::Green,
                until: day("2022-12-31"),
            }),
            ..behind
        },
    ] {
        assert_eq!(taken(&quiet, &[], &Ladder::default(), "2022-07-01"), []);
    }
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
}
