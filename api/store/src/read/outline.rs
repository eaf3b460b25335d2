//! The outline of plans (章节), with counts.

use std::collections::HashMap;

use entity::{
    ids::{PlanId, SectionId},
    indicator, section, target,
};
use sea_orm::{
    ColumnTrait, ConnectionTrait,
    sea_query::{Expr, ExprTrait},
};

use crate::{
    Call, Result, Seen,
    scoped::{Scoped, count_all},
};

use super::target_filter::confirms;

impl Call {
    /// The whole outlines of plans, in document order.
    pub async fn outlines(&self, plans: &[PlanId]) -> Result<Vec<Seen<section::Model>>> {
        Scoped::<section::Entity>::of_plans(self, section::Column::PlanId, plans)
            .order_by(section::Column::PlanId)
            .order_by(section::Column::Position)
            .all(&self.reader())
            .await
    }

    /// Sections by key.
    pub async fn sections_by_id(&self, ids: &[SectionId]) -> Result<Vec<Seen<section::Model>>> {
        Scoped::<section::Entity>::new(self)
            .and(self.among(section::Column::Id, ids.iter().copied()))
            .all(&self.reader())
            .await
    }

    /// How many targets the viewer sees at each position of each plan's outline: a section's count is the sum over
    /// the positions of its subtree.
    pub async fn target_counts_by_position(
        &self,
        plans: &[PlanId],
    ) -> Result<HashMap<PlanId, Vec<(i32, i64)>>> {
        let statement = Scoped::<target::Entity>::of_plans(self, target::Column::PlanId, plans)
            .aggregate()
            .columns([target::Column::PlanId, target::Column::SectionPosition])
            .expr_as(count_all(), "count")
            .group_by_columns([target::Column::PlanId, target::Column::SectionPosition])
            .take();
        let mut counts: HashMap<PlanId, Vec<(i32, i64)>> = HashMap::new();
        for row in self.reader().query_all(&statement).await? {
            counts
                .entry(row.try_get("", "plan_id")?)
                .or_default()
                .push((
                    row.try_get("", "section_position")?,
                    row.try_get("", "count")?,
                ));
        }
        Ok(counts)
    }

    /// How many indicators nobody has confirmed and somebody still may, of each plan's targets that the viewer sees; a plan without
    /// any is left out.
    pub async fn unconfirmed_indicators(&self, plans: &[PlanId]) -> Result<HashMap<PlanId, i64>> {
        let of_target = Expr::col((indicator::Entity, indicator::Column::TargetId))
            .equals((target::Entity, target::Column::Id));
        let plan = (target::Entity, target::Column::PlanId);
        let statement = Scoped::<target::Entity>::of_plans(self, target::Column::PlanId, plans)
            .and(confirms())
            .and(indicator::Column::Confirmed.eq(false))
            .aggregate()
            .inner_join(indicator::Entity, of_target)
            .column(plan)
            .expr_as(count_all(), "count")
            .add_group_by([Expr::col(plan)])
            .take();
        let mut counts = HashMap::new();
        for row in self.reader().query_all(&statement).await? {
            counts.insert(row.try_get("", "plan_id")?, row.try_get("", "count")?);
        }
        Ok(counts)
    }
}
