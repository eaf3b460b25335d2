//! The supervision office's decision on a report (审核).

use sea_orm::entity::prelude::*;

use crate::{
    ids::{ProgressReportId, ReviewId, UserId},
    kinds::ReviewDecision,
};

/// The supervision office's decision on a report (审核).
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "review")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key)]
    pub id: ReviewId,
    /// The report.
    pub report_id: ProgressReportId,
    /// The version that was reviewed.
    pub report_version: i32,
    /// The decision.
    pub decision: ReviewDecision,
    /// What was said.
    pub comment: Option<String>,
    /// Who.
    pub reviewer_id: UserId,
    /// When.
    pub reviewed_at: DateTimeUtc,
}

/// No relations: related rows are read through the store's scope, never through a join of convenience.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
