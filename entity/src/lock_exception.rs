//! A locked period, open again for one unit until a moment.

use sea_orm::entity::prelude::*;

use crate::ids::{LockExceptionId, ReportingPeriodId, UnitId, UserId};

/// A locked period, open again for one unit until a moment.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "lock_exception")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key)]
    pub id: LockExceptionId,
    /// The period.
    pub period_id: ReportingPeriodId,
    /// The unit.
    pub unit_id: UnitId,
    /// Until when.
    pub until_at: DateTimeUtc,
    /// Why.
    pub reason: String,
    /// Who granted it.
    pub granted_by_id: UserId,
    /// When it was granted.
    pub created_at: DateTimeUtc,
}

/// No relations: related rows are read through the store's scope, never through a join of convenience.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
