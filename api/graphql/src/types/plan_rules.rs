//! The rules of a plan.

use async_graphql::{Enum, SimpleObject};
use domain::progress::Method;
use store::PlanRules as Rules;

/// How being behind is weighed.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ThresholdMethod {
    /// By the share of the schedule that is achieved: yellow at `yellowAtLeast` percent of it or more, red below.
    Share,
    /// By percentage points behind the schedule: up to `yellowPoints` green, up to `redPoints` yellow, more red.
    Points,
}

/// The rules of a plan: when its targets are behind, and which notices are issued by rule. The supervision office sets
/// them.
#[derive(SimpleObject)]
pub(crate) struct PlanRules {
    /// How being behind is weighed.
    method: ThresholdMethod,
    /// A target that is behind is yellow at this percentage of the schedule or more, red below; null by points.
    yellow_at_least: Option<i32>,
    /// Up to so many points behind the schedule are green; null by share.
    yellow_points: Option<i32>,
    /// Up to so many points behind the schedule are yellow, more are red; null by share.
    red_points: Option<i32>,
    /// So many points above the elapsed share of the year are AHEAD.
    ahead_points: i32,
    /// So many days before a report's due day, that day included, a blue notice reminds of it; 0: none does.
    report_reminder_days: i32,
    /// So many days before a target's due date, that day included, a blue notice reminds of it; 0: none does.
    target_reminder_days: i32,
    /// A yellow notice is issued where a report is missing.
    notice_missing: bool,
    /// A yellow notice is issued where a target is behind.
    notice_behind: bool,
    /// A red notice is issued where a target is far behind.
    notice_far_behind: bool,
    /// A red notice is issued where a target is past its due date.
    notice_past_due: bool,
    /// Working days for the answer to a notice that was issued by rule.
    reply_days: i32,
    /// A refined plan (细化方案) comes into force when the supervision office approves it; else when it is handed in.
    refinement_approval: bool,
    /// Working days in which a unit acknowledges what it is given (签收期限).
    acknowledge_days: i32,
}

impl From<Rules> for PlanRules {
    fn from(rules: Rules) -> Self {
        let Rules {
            thresholds,
            ladder,
            refinement_approval,
            acknowledge_days,
        } = rules;
        let (method, yellow_at_least, yellow_points, red_points) = match thresholds.method {
            Method::Share { yellow_at_least } => {
                (ThresholdMethod::Share, Some(yellow_at_least), None, None)
            }
            Method::Points { yellow, red } => {
                (ThresholdMethod::Points, None, Some(yellow), Some(red))
            }
        };
        Self {
            method,
            yellow_at_least,
            yellow_points,
            red_points,
            ahead_points: thresholds.ahead_points,
            report_reminder_days: ladder.report_reminder_days,
            target_reminder_days: ladder.target_reminder_days,
            notice_missing: ladder.missing,
            notice_behind: ladder.behind,
            notice_far_behind: ladder.far_behind,
            notice_past_due: ladder.past_due,
            reply_days: ladder.reply_days,
            refinement_approval,
            acknowledge_days,
        }
    }
}
