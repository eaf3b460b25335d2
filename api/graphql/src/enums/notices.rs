//! Supervision notices: colours, states, rules.

use async_graphql::Enum;

/// How urgent a supervision notice is (三色督办单).
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "entity::kinds::NoticeColour")]
pub(crate) enum NoticeColour {
    /// A deadline is near (蓝色督办单).
    Blue,
    /// Behind schedule, or poorly done (黄色督办单).
    Yellow,
    /// Overdue (红色督办单). While it is open, the target's light is red.
    Red,
}

/// The states of a supervision notice. That an answer is overdue is no state.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "entity::kinds::NoticeStatus")]
pub(crate) enum NoticeStatus {
    /// Wants an answer (待答复).
    Open,
    /// The unit has answered (已答复).
    Answered,
    /// The supervision office has taken it back (已撤回).
    Withdrawn,
}

/// By which rule a supervision notice was issued.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "entity::kinds::NoticeRung")]
pub(crate) enum NoticeRung {
    /// A report, or the target itself, is due soon.
    DueSoon,
    /// A report is missing after its due time.
    ReportMissing,
    /// The target is behind schedule.
    Behind,
    /// The target is far behind schedule.
    FarBehind,
    /// The target is past its due date.
    PastDue,
}
