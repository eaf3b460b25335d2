//! The daily sweep (每日巡查): which notices are due by rule on a day, and what they say (domain.md §6, §8).
//!
//! Blue before a deadline, yellow when a report is missing or the target is behind, red when it is far behind or overdue
//! (Suqian 2025); each rung can be switched off. Only lead units are urged: they answer for the target. A rung is taken once for
//! a target, a unit and a period: being behind is said once for each period that has come due, not each day.

use chrono::{Datelike, NaiveDate};
use entity::{
    ids::{ReportingPeriodId, UnitId},
    kinds::{NoticeColour, NoticeRung},
};

use crate::{
    progress::{Facts, LightReason, LightReasonCode, Thresholds, light_reasons},
    refusal::{Reason, Refusal},
};

/// Which rungs there are, and how far ahead and behind they look. A setting of the plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ladder {
    /// So many days before a report's due day a blue notice reminds of it; 0 for none, to 30.
    pub report_reminder_days: i32,
    /// So many days before the target's due date a blue notice reminds of it; 0 for none, to 180.
    pub target_reminder_days: i32,
    /// A yellow notice where a report is missing.
    pub missing: bool,
    /// A yellow notice where the target is behind.
    pub behind: bool,
    /// A red notice where it is far behind.
    pub far_behind: bool,
    /// A red notice where it is past its due date.
    pub past_due: bool,
    /// Working days for the answer, 1 to 30.
    pub reply_days: i32,
}

impl Default for Ladder {
    fn default() -> Self {
        Self {
            report_reminder_days: 3,
            target_reminder_days: 30,
            missing: true,
            behind: true,
            far_behind: true,
            past_due: true,
            reply_days: 5,
        }
    }
}

impl Ladder {
    /// What is wrong with the settings, a refusal for each field; nothing when they can be used.
    pub fn problems(&self) -> Vec<Refusal> {
        [
            ("reportReminderDays", self.report_reminder_days, 0, 30),
            ("targetReminderDays", self.target_reminder_days, 0, 180),
            ("replyDays", self.reply_days, 1, 30),
        ]
        .into_iter()
        .filter(|(_, value, least, most)| !(*least..=*most).contains(value))
        .map(|(field, _, least, most)| {
            Reason::OutOfRange {
                least: least.into(),
                most: most.into(),
            }
            .at(field)
        })
        .collect()
    }
}

/// A reporting period, as far as the sweep is concerned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Period {
    /// Its key.
    pub id: ReportingPeriodId,
    /// Its name.
    pub label: String,
    /// The day on which its reports are due.
    pub due_on: NaiveDate,
}

/// A target on the day of the sweep.
#[derive(Clone, Copy, Debug)]
pub struct Swept<'a> {
    /// Its number in the plan.
    pub number: i32,
    /// How it stands.
    pub facts: &'a Facts,
    /// The plan's thresholds.
    pub rules: &'a Thresholds,
    /// Its lead units.
    pub leads: &'a [UnitId],
    /// The periods of the plan, the earliest first.
    pub periods: &'a [Period],
    /// Which lead unit has not handed in the report of which period.
    pub unreported: &'a [(UnitId, ReportingPeriodId)],
}

/// A notice that is due by rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Due {
    /// To whom.
    pub unit: UnitId,
    /// The colour.
    pub colour: NoticeColour,
    /// By which rule.
    pub rung: NoticeRung,
    /// Once for this period; once for the target where there is none.
    pub period: Option<ReportingPeriodId>,
    /// What it says, in Chinese: it is a document.
    pub body: String,
}

/// The notices that are due on a day for a target, whether they have been issued already or not.
pub fn due(swept: &Swept<'_>, ladder: &Ladder, day: NaiveDate) -> Vec<Due> {
    let mut due = Vec::new();
    reports(swept, ladder, day, &mut due);
    target(swept, ladder, day, &mut due);
    due
}

/// Reports that will be due soon, and the report that is missing of the latest period that has come due.
fn reports(swept: &Swept<'_>, ladder: &Ladder, day: NaiveDate, due: &mut Vec<Due>) {
    let latest = swept.latest_due(day);
    for (unit, id) in swept.unreported {
        let Some(period) = swept.periods.iter().find(|period| period.id == *id) else {
            continue;
        };
        let days = (period.due_on - day).num_days();
        let notice = |colour, rung, body| Due {
            unit: *unit,
            colour,
            rung,
            period: Some(*id),
            body,
        };
        let (number, label, on) = (swept.number, &period.label, in_words(period.due_on));
        if days >= 0 && days < i64::from(ladder.report_reminder_days) {
            due.push(notice(
                NoticeColour::Blue,
                NoticeRung::DueSoon,
                format!(
                    "第{number}号目标任务{label}进展报告应于{on}前报送，目前尚未报送，请按时报送。"
                ),
            ));
        } else if days < 0 && ladder.missing && latest.is_some_and(|latest| latest.id == *id) {
            due.push(notice(
                NoticeColour::Yellow,
                NoticeRung::ReportMissing,
                format!("第{number}号目标任务{label}进展报告应于{on}前报送，现已逾期，请尽快补报并说明原因。"),
            ));
        }
    }
}

/// What the target itself gives cause for: its due date, or how it stands.
fn target(swept: &Swept<'_>, ladder: &Ladder, day: NaiveDate, due: &mut Vec<Due>) {
    let Swept { number, facts, .. } = *swept;
    if facts.closed || facts.adjusted {
        return;
    }
    let on = in_words(facts.due_on);
    let mut to_leads = |colour, rung, period: Option<&Period>, body: String| {
        due.extend(swept.leads.iter().map(|unit| Due {
            unit: *unit,
            colour,
            rung,
            period: period.map(|period| period.id),
            body: body.clone(),
        }));
    };
    let days = (facts.due_on - day).num_days();
    if days < 0 {
        if ladder.past_due {
            let body =
                format!("第{number}号目标任务完成时限为{on}，现已逾期，请说明原因并提出完成措施。");
            to_leads(NoticeColour::Red, NoticeRung::PastDue, None, body);
        }
        return;
    }
    if days < i64::from(ladder.target_reminder_days) {
        let body = format!("第{number}号目标任务完成时限为{on}，请抓紧推进，按时完成。");
        to_leads(NoticeColour::Blue, NoticeRung::DueSoon, None, body);
    }
    let latest = swept.latest_due(day);
    match slowness(facts, swept.rules, day) {
        Some((NoticeRung::FarBehind, why)) if ladder.far_behind => {
            let body =
                format!("第{number}号目标任务进度严重滞后：{why}。请说明原因并提出整改措施。");
            to_leads(NoticeColour::Red, NoticeRung::FarBehind, latest, body);
        }
        Some((NoticeRung::Behind, why)) if ladder.behind => {
            let body = format!("第{number}号目标任务进度滞后：{why}。请加快推进。");
            to_leads(NoticeColour::Yellow, NoticeRung::Behind, latest, body);
        }
        _ => {}
    }
}

/// How far the target is behind, and why. What notices and missing reports do to the light is left out: a notice is no
/// reason for a notice. A light that was set by hand speaks for itself.
fn slowness(facts: &Facts, rules: &Thresholds, day: NaiveDate) -> Option<(NoticeRung, String)> {
    let facts = Facts {
        open_red_notices: 0,
        missing_reports: Vec::new(),
        ..facts.clone()
    };
    let reasons = light_reasons(&facts, rules, day);
    let rung = match reasons.first()?.code() {
        LightReasonCode::FarBehind | LightReasonCode::IndicatorFarBehind => NoticeRung::FarBehind,
        LightReasonCode::Behind
        | LightReasonCode::IndicatorBehind
        | LightReasonCode::MilestoneOverdue => NoticeRung::Behind,
        _ => return None,
    };
    let mut why: Vec<String> = reasons.iter().filter_map(because).collect();
    why.dedup();
    Some((rung, why.join("；")))
}

fn because(reason: &LightReason) -> Option<String> {
    match reason {
        LightReason::Behind {
            achieved_percent,
            elapsed_percent,
            ..
        } => Some(format!(
            "已完成{achieved_percent}%，序时进度为{elapsed_percent}%"
        )),
        LightReason::IndicatorBehind { achieved, goal, .. } => {
            Some(format!("量化指标目前为{achieved}，目标为{goal}"))
        }
        LightReason::MilestoneOverdue { due_on, .. } => {
            Some(format!("应于{}完成的时间节点尚未完成", in_words(*due_on)))
        }
        _ => None,
    }
}

impl Swept<'_> {
    /// The latest period whose reports should have been handed in.
    fn latest_due(&self, day: NaiveDate) -> Option<&Period> {
        self.periods.iter().rev().find(|period| period.due_on < day)
    }
}

fn in_words(day: NaiveDate) -> String {
    format!("{}年{}月{}日", day.year(), day.month(), day.day())
}

#[cfg(test)]
mod tests {
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
}
