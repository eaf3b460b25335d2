//! The daily sweep (每日巡查): which notices are due by rule on a day, and what they say (domain.md §6, §8).
//!
//! Blue before a deadline, yellow when a report is missing or the target is behind, red when it is far behind or overdue
//! (Suqian 2025); each rung can be switched off. A rung is taken once for a target, a unit and a period: being behind is said
//! once for each period that has come due, not each day. What speaks of the target's due date is said once for each such date:
//! after an extension, of the new one.
//!
//! Decisions where domain.md is silent:
//! - Only lead units are urged: they answer for the target.
//! - A target that is closed, adjusted or suspended is left alone. While a light is set by hand, so are the target's progress and
//!   due date; its reports are not.
//! - Of reports, those of the latest due day are asked for: the earlier ones had their notices when it was their time.
//! - What lies more than [`STALE_DAYS`] back is history, and starts nothing: a past year's plan that is imported does not
//!   begin with a notice for each of its targets.

#[cfg(test)]
mod tests;

use chrono::{Datelike, NaiveDate};
use entity::{
    ids::{ReportingPeriodId, UnitId},
    kinds::{NoticeColour, NoticeRung},
};

use crate::{
    Language,
    progress::{Facts, LightReason, LightReasonCode, Names, Thresholds, light_reasons},
    quantity,
    refusal::{Reason, Refusal},
};

/// After so many days a due day that has passed starts no notice any more.
pub const STALE_DAYS: i64 = 90;

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
    /// What the things are called of which the reasons for its light speak.
    pub names: &'a Names,
    /// The plan's thresholds.
    pub rules: &'a Thresholds,
    /// Its lead units.
    pub leads: &'a [UnitId],
    /// The periods of the plan, in the order of their due days.
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
    /// Once for this period; once for the target where there is neither a period nor a due date.
    pub period: Option<ReportingPeriodId>,
    /// Once for this due date of the target.
    pub due_on: Option<NaiveDate>,
    /// What it says, in Chinese: it is a document.
    pub body: String,
}

/// The notices that are due on a day for a target, whether they have been issued already or not.
pub fn due(swept: &Swept<'_>, ladder: &Ladder, day: NaiveDate) -> Vec<Due> {
    let mut due = Vec::new();
    if !swept.facts.closed && !swept.facts.adjusted {
        reports(swept, ladder, day, &mut due);
        target(swept, ladder, day, &mut due);
    }
    due
}

/// The due day has passed, and not so long ago that it is history.
fn just_passed(due_on: NaiveDate, day: NaiveDate) -> bool {
    (1..=STALE_DAYS).contains(&(day - due_on).num_days())
}

/// Reports that will be due soon, and those that are missing of the latest day on which any were due.
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
            due_on: None,
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
        } else if ladder.missing
            && just_passed(period.due_on, day)
            && latest.is_some_and(|latest| latest.due_on == period.due_on)
        {
            due.push(notice(
                NoticeColour::Yellow,
                NoticeRung::ReportMissing,
                format!("第{number}号目标任务{label}进展报告应于{on}前报送，现已逾期，请尽快补报并说明原因。"),
            ));
        }
    }
}

/// What a notice about a target speaks of.
#[derive(Clone, Copy)]
struct Of<'a> {
    period: Option<&'a Period>,
    due_on: Option<NaiveDate>,
}

/// What the target itself gives cause for: its due date, or how it stands.
fn target(swept: &Swept<'_>, ladder: &Ladder, day: NaiveDate, due: &mut Vec<Due>) {
    let Swept { number, facts, .. } = *swept;
    if facts.overridden.is_some_and(|set| set.holds(day)) {
        return;
    }
    let on = in_words(facts.due_on);
    let mut to_leads = |colour, rung, of: Of<'_>, body: String| {
        due.extend(swept.leads.iter().map(|unit| Due {
            unit: *unit,
            colour,
            rung,
            period: of.period.map(|period| period.id),
            due_on: of.due_on,
            body: body.clone(),
        }));
    };
    let of_due_date = Of {
        period: None,
        due_on: Some(facts.due_on),
    };
    let days = (facts.due_on - day).num_days();
    if days < 0 {
        if ladder.past_due && just_passed(facts.due_on, day) {
            let body =
                format!("第{number}号目标任务完成时限为{on}，现已逾期，请说明原因并提出完成措施。");
            to_leads(NoticeColour::Red, NoticeRung::PastDue, of_due_date, body);
        }
        return;
    }
    if days < i64::from(ladder.target_reminder_days) {
        let body = format!("第{number}号目标任务完成时限为{on}，请抓紧推进，按时完成。");
        to_leads(NoticeColour::Blue, NoticeRung::DueSoon, of_due_date, body);
    }
    let latest = Of {
        period: swept.latest_due(day),
        due_on: None,
    };
    match slowness(swept, day) {
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
/// reason for a notice.
fn slowness(swept: &Swept<'_>, day: NaiveDate) -> Option<(NoticeRung, String)> {
    let facts = Facts {
        open_red_notices: 0,
        missing_reports: Vec::new(),
        ..swept.facts.clone()
    };
    let reasons = light_reasons(&facts, swept.rules, day);
    let rung = match reasons.first()?.code() {
        LightReasonCode::FarBehind | LightReasonCode::IndicatorFarBehind => NoticeRung::FarBehind,
        LightReasonCode::Behind
        | LightReasonCode::IndicatorBehind
        | LightReasonCode::MilestoneOverdue => NoticeRung::Behind,
        _ => return None,
    };
    let because = |reason: &LightReason| because(reason, swept.names);
    let mut why: Vec<String> = reasons.iter().filter_map(because).collect();
    why.dedup();
    Some((rung, why.join("；")))
}

fn because(reason: &LightReason, names: &Names) -> Option<String> {
    match reason {
        LightReason::Behind {
            achieved_percent,
            elapsed_percent,
            ..
        } => Some(format!(
            "已完成{achieved_percent}%，序时进度为{elapsed_percent}%"
        )),
        LightReason::IndicatorBehind {
            indicator,
            achieved,
            goal,
            ..
        } => {
            let indicator = names.indicators.get(indicator);
            let (name, unit) = indicator.map_or(("", ""), |named| (&named.name, &named.unit));
            let unconfirmed = match indicator {
                Some(named) if !named.confirmed => "（系统识别，尚未确认）",
                _ => "",
            };
            // A notice is written in Chinese, whoever reads it.
            let written = |value| quantity(value, unit, Language::ZhCn);
            Some(format!(
                "量化指标“{name}”{unconfirmed}目前为{}，目标为{}",
                written(*achieved),
                written(*goal)
            ))
        }
        LightReason::MilestoneOverdue { milestone, due_on } => {
            let title = names.milestones.get(milestone).map_or("", String::as_str);
            Some(format!(
                "时间节点“{title}”应于{}完成，尚未完成",
                in_words(*due_on)
            ))
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
