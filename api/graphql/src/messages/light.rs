//! Why a light has its colour, in words.

use domain::{
    Language,
    progress::{LightReason, LightReasonCode},
};

use super::pick;

pub(crate) fn light_reason(reason: LightReason, language: Language) -> String {
    let (zh, en) = match reason.code() {
        LightReasonCode::Overridden => (
            "督查室已人工调整亮灯。",
            "The supervision office has set the light.",
        ),
        LightReasonCode::Completed => ("已完成。", "Completed."),
        LightReasonCode::Adjusted => ("已调整或暂停。", "Adjusted or suspended."),
        LightReasonCode::PastDue => ("已超过完成时限。", "The due date has passed."),
        LightReasonCode::RedNotice => ("有未办结的红色督办单。", "A red notice is open."),
        LightReasonCode::FarBehind => (
            "进度严重落后于序时进度。",
            "Progress is far behind the elapsed share of the year.",
        ),
        LightReasonCode::IndicatorFarBehind => {
            ("量化指标严重落后。", "An indicator is far behind.")
        }
        LightReasonCode::Behind => (
            "进度落后于序时进度。",
            "Progress is behind the elapsed share of the year.",
        ),
        LightReasonCode::IndicatorBehind => ("量化指标落后。", "An indicator is behind."),
        LightReasonCode::MilestoneOverdue => ("时间节点已逾期。", "A milestone is overdue."),
        LightReasonCode::ReportMissing => (
            "进展报告逾期未报。",
            "A report is missing after its due time.",
        ),
        LightReasonCode::SlightlyBehind => (
            "进度略低于序时进度，在允许范围内。",
            "Progress is slightly behind the elapsed share of the year, within what is tolerated.",
        ),
        LightReasonCode::IndicatorSlightlyBehind => (
            "量化指标略有落后，在允许范围内。",
            "An indicator is slightly behind, within what is tolerated.",
        ),
        LightReasonCode::NothingDue => (
            "尚无审核通过的进展，也未到时限。",
            "No progress has been accepted yet, and nothing is due yet.",
        ),
        LightReasonCode::OnSchedule => (
            "进度不低于序时进度。",
            "Progress is at or above the elapsed share of the year.",
        ),
    };
    pick(language, zh, en)
}
