//! Refined plans (细化方案) and their milestones (时间节点), and what their acts depend on.

use std::collections::{HashMap, HashSet};

use domain::refinement::{MilestoneFacts, RefinementFacts};
use entity::{
    ids::{MilestoneId, PlanId, TargetId},
    kinds::RefinementStatus,
    milestone, plan_rule, refinement, target,
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect, sea_query::ExprTrait,
};

use crate::{Call, Fault, Result, Seen, TargetKey, scoped::Scoped};

use super::target_facts::{of_target, target_facts};

impl Call {
    /// The refined plans of targets that the viewer may see.
    pub async fn refinements(
        &self,
        targets: &[TargetKey],
    ) -> Result<Vec<(TargetKey, Seen<refinement::Model>)>> {
        let rows = Scoped::<refinement::Entity>::new(self)
            .and(refinement::Column::TargetId.is_in(targets.iter().map(|key| key.id())))
            .all(&self.reader())
            .await?;
        let with_key = |row: Seen<refinement::Model>| {
            let key = targets.iter().find(|key| key.id() == row.target_id);
            key.map(|key| (*key, row))
        };
        Ok(rows.into_iter().filter_map(with_key).collect())
    }

    /// The milestones of targets that the viewer may see, in the order of their days.
    pub async fn milestones_of_targets(
        &self,
        targets: &[TargetKey],
    ) -> Result<Vec<Seen<milestone::Model>>> {
        Scoped::<milestone::Entity>::new(self)
            .and(milestone::Column::TargetId.is_in(targets.iter().map(|key| key.id())))
            .order_by(milestone::Column::DueOn)
            .order_by(milestone::Column::Id)
            .all(&self.reader())
            .await
    }

    /// Milestones by key.
    pub async fn milestones_by_id(
        &self,
        ids: &[MilestoneId],
    ) -> Result<Vec<Seen<milestone::Model>>> {
        Scoped::<milestone::Entity>::new(self)
            .and(milestone::Column::Id.is_in(ids.iter().copied()))
            .all(&self.reader())
            .await
    }

    /// What refining seen targets depends on, in six statements.
    pub async fn refinement_facts(
        &self,
        targets: &[TargetKey],
    ) -> Result<Vec<(TargetKey, RefinementFacts)>> {
        let rows = targets_by_id(&self.reader(), targets.iter().map(|key| key.id())).await?;
        let facts = refinement_facts(&self.reader(), &rows.iter().collect::<Vec<_>>()).await?;
        let keys = rows.into_iter().map(|row| Seen(row).key());
        Ok(keys.zip(facts).collect())
    }

    /// What the acts on milestones depend on that the viewer may see, in seven statements.
    pub async fn milestone_facts(
        &self,
        ids: &[MilestoneId],
    ) -> Result<Vec<(MilestoneId, MilestoneFacts)>> {
        let rows = self.milestones_by_id(ids).await?;
        let targets: HashSet<TargetId> = rows.iter().map(|row| row.target_id).collect();
        let targets = targets_by_id(&self.reader(), targets.into_iter()).await?;
        let facts = refinement_facts(&self.reader(), &targets.iter().collect::<Vec<_>>()).await?;
        let of: HashMap<TargetId, RefinementFacts> =
            targets.iter().map(|row| row.id).zip(facts).collect();
        let with_facts = |row: &Seen<milestone::Model>| {
            let refinement = of.get(&row.target_id)?.clone();
            let unit = row.unit_id;
            Some((row.id, MilestoneFacts { refinement, unit }))
        };
        Ok(rows.iter().filter_map(with_facts).collect())
    }
}

async fn targets_by_id(
    db: &impl ConnectionTrait,
    ids: impl Iterator<Item = TargetId>,
) -> Result<Vec<target::Model>, Fault> {
    Ok(target::Entity::find()
        .filter(target::Column::Id.is_in(ids))
        .all(db)
        .await?)
}

/// What refining targets depends on, in five statements.
pub(crate) async fn refinement_facts(
    db: &impl ConnectionTrait,
    targets: &[&target::Model],
) -> Result<Vec<RefinementFacts>, Fault> {
    let facts = target_facts(db, targets.iter().copied()).await?;
    let ids = || targets.iter().map(|row| row.id);
    let refinements: HashMap<TargetId, refinement::Model> = refinement::Entity::find()
        .filter(refinement::Column::TargetId.is_in(ids()))
        .all(db)
        .await?
        .into_iter()
        .map(|row| (row.target_id, row))
        .collect();
    let milestones: HashMap<TargetId, i64> = milestone::Entity::find()
        .select_only()
        .column(milestone::Column::TargetId)
        .expr(milestone::Column::Id.into_expr().count())
        .filter(milestone::Column::TargetId.is_in(ids()))
        .group_by(milestone::Column::TargetId)
        .into_tuple::<(TargetId, i64)>()
        .all(db)
        .await?
        .into_iter()
        .collect();
    let approved: HashSet<PlanId> = plan_rule::Entity::find()
        .select_only()
        .column(plan_rule::Column::PlanId)
        .filter(plan_rule::Column::PlanId.is_in(targets.iter().map(|row| row.plan_id)))
        .filter(plan_rule::Column::RefinementApproval.eq(true))
        .into_tuple::<PlanId>()
        .all(db)
        .await?
        .into_iter()
        .collect();
    targets
        .iter()
        .map(|row| {
            let refinement = refinements.get(&row.id);
            let milestones = milestones.get(&row.id).copied().unwrap_or_default();
            Ok(RefinementFacts {
                target: of_target(&facts, row.id)?,
                status: refinement.map_or(RefinementStatus::Draft, |row| row.status),
                milestones: usize::try_from(milestones).unwrap_or(usize::MAX),
                needs_approval: approved.contains(&row.plan_id),
                submitted_by: refinement.and_then(|row| row.submitted_by_id),
            })
        })
        .collect()
}
