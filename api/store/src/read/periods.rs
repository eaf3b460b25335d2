//! Reporting periods (报送周期).

use entity::{
    ids::{PlanId, ReportingPeriodId},
    reporting_period,
};

use crate::{Call, Result, Seen, scoped::Scoped};

impl Call {
    /// The periods of plans, in their order.
    pub async fn periods_of_plans(
        &self,
        plans: &[PlanId],
    ) -> Result<Vec<Seen<reporting_period::Model>>> {
        Scoped::<reporting_period::Entity>::of_plans(self, reporting_period::Column::PlanId, plans)
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
            .and(self.among(reporting_period::Column::Id, ids.iter().copied()))
            .all(&self.reader())
            .await
    }
}
