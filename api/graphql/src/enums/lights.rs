//! Lights, and why they have their colour.

use async_graphql::Enum;

/// The colour under which a target is listed (亮灯).
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "entity::kinds::Light")]
pub(crate) enum Light {
    /// Completed, ahead or on schedule (绿灯).
    Green,
    /// Behind, but at 80 % or more of the schedule (黄灯).
    Yellow,
    /// Further behind, or past the due date (红灯).
    Red,
}

/// Why a light has its colour.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "domain::progress::LightReasonCode")]
pub(crate) enum LightReasonCode {
    /// The supervision office has set the light by hand (人工调灯).
    Overridden,
    /// The target is completed.
    Completed,
    /// The target was adjusted or suspended.
    Adjusted,
    /// The due date has passed.
    PastDue,
    /// A red notice is open (红色督办单).
    RedNotice,
    /// Progress is behind the schedule, far enough for red.
    FarBehind,
    /// An indicator is behind the schedule or short of its goal, far enough for red.
    IndicatorFarBehind,
    /// Progress is behind the schedule, far enough for yellow.
    Behind,
    /// An indicator is behind the schedule or short of its goal, far enough for yellow.
    IndicatorBehind,
    /// A milestone is overdue (时间节点).
    MilestoneOverdue,
    /// A report is missing after its due time.
    ReportMissing,
    /// Progress is behind the schedule by no more than the plan's rule tolerates.
    SlightlyBehind,
    /// An indicator is behind the schedule or short of its goal by no more than the plan's rule tolerates.
    IndicatorSlightlyBehind,
    /// No progress has been accepted yet, and nothing is due yet.
    NothingDue,
    /// Progress is at or above what the day asks for.
    OnSchedule,
}
