//! A progress report as one of its transitions left it.

use sea_orm::entity::prelude::*;

use crate::{
    ids::{PlanId, ProgressReportId, ReportVersionId, TargetId, UnitId, UserId},
    kinds::ReportStatus,
};

/// A progress report as one of its transitions left it.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "report_version")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key)]
    pub id: ReportVersionId,
    /// The report.
    pub report_id: ProgressReportId,
    /// The target's plan.
    pub plan_id: PlanId,
    /// The target.
    pub target_id: TargetId,
    /// The unit.
    pub unit_id: UnitId,
    /// Which version, from 1.
    pub version: i32,
    /// The transition.
    pub action: String,
    /// The state it left.
    pub status: ReportStatus,
    /// Progress so far.
    pub progress: String,
    /// Problems.
    pub problems: String,
    /// Next steps.
    pub next_steps: String,
    /// Percent complete.
    pub percent_complete: Option<i32>,
    /// Readings: a list of pairs of an indicator and a value.
    pub readings: Json,
    /// What was said with it.
    pub comment: Option<String>,
    /// Who.
    pub user_id: UserId,
    /// When.
    pub recorded_at: DateTimeUtc,
}

/// No relations: related rows are read through the store's scope, never through a join of convenience.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
