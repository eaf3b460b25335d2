//! Refined plans (细化方案) and their milestones (时间节点), and what their acts depend on.

use std::collections::{HashMap, HashSet};

use domain::{
    refinement::{MilestoneFacts, RefinementFacts},
    target::TargetFacts,
};
use entity::{
    ids::{MilestoneId, TargetId, UserId},
    kinds::RefinementStatus,
    milestone, plan_rule, refinement, target,
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect, QueryTrait,
    sea_query::ExprTrait,
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
            .and(self.among(
                refinement::Column::TargetId,
                targets.iter().map(|key| key.id()),
            ))
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
            .and(self.among(
                milestone::Column::TargetId,
                targets.iter().map(|key| key.id()),
            ))
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
            .and(self.among(milestone::Column::Id, ids.iter().copied()))
            .all(&self.reader())
            .await
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
    let ids: Vec<TargetId> = targets.iter().map(|row| row.id).collect();
    let refining = refining(db, &ids).await?;
    let of = |id: &TargetId| {
        let target = of_target(&facts, *id)?;
        Ok(refining.get(id).copied().unwrap_or_default().of(target))
    };
    ids.iter().map(of).collect()
}

/// How far the refined plan of a target is.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Refining {
    refinement: Option<(RefinementStatus, Option<UserId>)>,
    milestones: usize,
    needs_approval: bool,
}

impl Refining {
    pub(crate) fn of(self, target: TargetFacts) -> RefinementFacts {
        let (status, submitted_by) = self.refinement.unwrap_or((RefinementStatus::Draft, None));
        RefinementFacts {
            target,
            status,
            milestones: self.milestones,
            needs_approval: self.needs_approval,
            submitted_by,
        }
    }
}

/// How far the refined plans of targets are, in three statements. A target of which nothing is said is not there.
pub(crate) async fn refining(
    db: &impl ConnectionTrait,
    targets: &[TargetId],
) -> Result<HashMap<TargetId, Refining>, Fault> {
    let ids = || targets.iter().copied();
    let mut of: HashMap<TargetId, Refining> = HashMap::new();
    let rows = refinement::Entity::find()
        .filter(refinement::Column::TargetId.is_in(ids()))
        .all(db)
        .await?;
    for row in rows {
        of.entry(row.target_id).or_default().refinement = Some((row.status, row.submitted_by_id));
    }
    let counts = milestone::Entity::find()
        .select_only()
        .column(milestone::Column::TargetId)
        .expr(milestone::Column::Id.into_expr().count())
        .filter(milestone::Column::TargetId.is_in(ids()))
        .group_by(milestone::Column::TargetId)
        .into_tuple::<(TargetId, i64)>()
        .all(db)
        .await?;
    for (target, count) in counts {
        of.entry(target).or_default().milestones = usize::try_from(count).unwrap_or(usize::MAX);
    }
    let with_rule = QueryTrait::into_query(
        plan_rule::Entity::find()
            .select_only()
            .column(plan_rule::Column::PlanId)
            .filter(plan_rule::Column::RefinementApproval.eq(true)),
    );
    let approved = target::Entity::find()
        .select_only()
        .column(target::Column::Id)
        .filter(target::Column::Id.is_in(ids()))
        .filter(target::Column::PlanId.in_subquery(with_rule))
        .into_tuple::<TargetId>()
        .all(db)
        .await?;
    for target in approved {
        of.entry(target).or_default().needs_approval = true;
    }
    Ok(of)
}
