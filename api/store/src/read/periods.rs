//! Reporting periods (报送周期).

use entity::{
    ids::{PlanId, ReportingPeriodId},
    reporting_period,
};
use sea_orm::ColumnTrait;

use crate::{Call, Result, Seen, scoped::Scoped};

impl Call {
    /// The periods of plans, in their order.
    pub async fn periods_of_plans(
        &self,
        plans: &[PlanId],
    ) -> Result<Vec<Seen<reporting_period::Model>>> {
        Scoped::<reporting_period::Entity>::new(self)
            .and(reporting_period::Column::PlanId.is_in(plans.iter().copied()))
            .order_by(reporting_period::Column::PlanId)
            .order_by(reporting_period::Column::StartsOn)
            .order_by(reporting_period::Column::Id)
            .all(&self.reader())
            .await
    }

    /// Periods by key.
    pub async fn periods_by_id(
        &self,
        ids: &[ReportingPeriodId],
    ) -> Result<Vec<Seen<reporting_period::Model>>> {
        Scoped::<reporting_period::Entity>::new(self)
            .and(reporting_period::Column::Id.is_in(ids.iter().copied()))
            .all(&self.reader())
            .await
    }
}
