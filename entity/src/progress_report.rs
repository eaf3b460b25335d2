//! What one unit reports on one target for one period (进展报告).

use sea_orm::entity::prelude::*;

use crate::{
    ids::{PlanId, ProgressReportId, ReportingPeriodId, TargetId, UnitId, UserId},
    kinds::{ReportStatus, ReviewDecision},
};

/// What one unit reports on one target for one period (进展报告).
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "progress_report")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key)]
    pub id: ProgressReportId,
    /// The target's plan.
    pub plan_id: PlanId,
    /// The target.
    pub target_id: TargetId,
    /// The period.
    pub period_id: ReportingPeriodId,
    /// When the period's reports are due, which never changes: what lists are sorted by.
    pub due_at: DateTimeUtc,
    /// The unit.
    pub unit_id: UnitId,
    /// State.
    pub status: ReportStatus,
    /// Counts its changes, from 1.
    pub version: i32,
    /// Progress so far (进展情况).
    pub progress: String,
    /// Problems (存在的问题).
    pub problems: String,
    /// Next steps (下一步措施).
    pub next_steps: String,
    /// Percent complete, 0 to 100.
    pub percent_complete: Option<i32>,
    /// Who wrote it last.
    pub author_id: UserId,
    /// Who handed it in last.
    pub submitted_by_id: Option<UserId>,
    /// When it was handed in last.
    pub submitted_at: Option<DateTimeUtc>,
    /// When it was handed in first.
    pub first_submitted_at: Option<DateTimeUtc>,
    /// When it was handed in last, or begun while it never was: what lists are sorted by.
    pub filed_at: DateTimeUtc,
    /// First handed in after the due time.
    pub late: bool,
    /// When its review began, since it was handed in last.
    pub review_began_at: Option<DateTimeUtc>,
    /// What its first review decided.
    pub first_decision: Option<ReviewDecision>,
    /// When it was accepted.
    pub accepted_at: Option<DateTimeUtc>,
    /// When it was begun.
    pub created_at: DateTimeUtc,
    /// When it last changed.
    pub updated_at: DateTimeUtc,
}

/// No relations: related rows are read through the store's scope, never through a join of convenience.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
