//! The value of an indicator given in a report (指标读数).

use sea_orm::entity::prelude::*;

use crate::ids::{IndicatorId, IndicatorReadingId, ProgressReportId};

/// The value of an indicator given in a report (指标读数).
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "indicator_reading")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key)]
    pub id: IndicatorReadingId,
    /// The report.
    pub report_id: ProgressReportId,
    /// The indicator.
    pub indicator_id: IndicatorId,
    /// The value, an exact decimal number.
    pub value: String,
}

/// No relations: related rows are read through the store's scope, never through a join of convenience.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
