//! Reporting periods, progress reports and their reviews.

use async_graphql::Enum;

/// How long a reporting period is (报送周期).
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "entity::kinds::PeriodKind")]
pub(crate) enum PeriodKind {
    /// A month (月报).
    Month,
    /// A quarter (季报).
    Quarter,
}

/// The state of a progress report.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "entity::kinds::ReportStatus")]
pub(crate) enum ReportStatus {
    /// Being written; nobody outside the unit sees it (草稿).
    Draft,
    /// Waiting for the unit manager's signature; nobody outside the unit sees it (待审签).
    PendingSignoff,
    /// Handed in, waiting for the supervision office's review (已报送).
    Submitted,
    /// Sent back by the supervision office (已退回).
    Returned,
    /// Accepted by the supervision office: it counts (已通过).
    Accepted,
}

/// What the supervision office makes of a report.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "entity::kinds::ReviewDecision")]
pub(crate) enum ReviewDecision {
    /// The report counts (通过).
    Accept,
    /// The report goes back to the unit, with a comment (退回).
    Return,
}

/// By what reports are sorted.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(name = "ProgressReportOrderField", remote = "store::ReportOrderField")]
pub(crate) enum ReportOrderField {
    /// By the moment of the last submission; one that was never submitted, by the moment at which it was begun.
    SubmittedAt,
    /// By the moment at which the reports of the period are due.
    Period,
}
