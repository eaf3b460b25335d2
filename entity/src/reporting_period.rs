//! One period for which units report (报送周期).

use sea_orm::entity::prelude::*;

use crate::{
    ids::{PlanId, ReportingPeriodId, UserId},
    kinds::PeriodKind,
};

/// One period for which units report (报送周期).
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "reporting_period")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key)]
    pub id: ReportingPeriodId,
    /// The plan.
    pub plan_id: PlanId,
    /// Month or quarter.
    pub kind: PeriodKind,
    /// Place in the year, from 1.
    pub ordinal: i32,
    /// Name shown to people, such as 2022年3月.
    pub label: String,
    /// First day.
    pub starts_on: Date,
    /// Last day.
    pub ends_on: Date,
    /// From when on reports are taken.
    pub opens_at: DateTimeUtc,
    /// When reports are due.
    pub due_at: DateTimeUtc,
    /// When the period takes no more reports.
    pub locks_at: DateTimeUtc,
    /// Who locked it before its time; none when the rule does.
    pub locked_by_id: Option<UserId>,
    /// Why it was locked before its time.
    pub lock_reason: Option<String>,
    /// When it was created.
    pub created_at: DateTimeUtc,
}

/// No relations: related rows are read through the store's scope, never through a join of convenience.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
