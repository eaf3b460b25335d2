//! What the acts on targets depend on.

use std::collections::HashMap;

use domain::target::{Part, TargetFacts};
use entity::{
    assignment,
    ids::{PlanId, TargetId},
    plan, target,
};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};

use crate::Fault;

/// What the acts on targets depend on, in two statements.
pub(crate) async fn target_facts(
    db: &impl ConnectionTrait,
    targets: impl Iterator<Item = &target::Model> + Clone,
) -> Result<HashMap<TargetId, TargetFacts>, Fault> {
    let plans: HashMap<PlanId, plan::Model> = plan::Entity::find()
        .filter(plan::Column::Id.is_in(targets.clone().map(|row| row.plan_id)))
        .all(db)
        .await?
        .into_iter()
        .map(|row| (row.id, row))
        .collect();
    let mut parts: HashMap<TargetId, Vec<Part>> = HashMap::new();
    let rows = assignment::Entity::find()
        .filter(assignment::Column::TargetId.is_in(targets.clone().map(|row| row.id)))
        .order_by_asc(assignment::Column::Ordinal)
        .order_by_asc(assignment::Column::Id)
        .all(db)
        .await?;
    for row in rows {
        parts.entry(row.target_id).or_default().push(Part {
            unit: row.unit_id,
            acting_unit: row.acting_unit_id,
            role: row.role,
        });
    }
    targets
        .map(|row| {
            let plan = plans
                .get(&row.plan_id)
                .ok_or_else(|| Fault::new("a target without a plan"))?;
            let facts = TargetFacts {
                plan: plan.id,
                plan_status: plan.status,
                year: plan.year,
                due_on: row.due_on,
                closed: row.closed_at.is_some(),
                suspended: row.suspended_reason.is_some(),
                parts: parts.remove(&row.id).unwrap_or_default(),
            };
            Ok((row.id, facts))
        })
        .collect()
}

/// As [`target_facts`], by key, in three statements.
pub(crate) async fn target_facts_by_id(
    db: &impl ConnectionTrait,
    targets: impl Iterator<Item = TargetId>,
) -> Result<HashMap<TargetId, TargetFacts>, Fault> {
    let rows = target::Entity::find()
        .filter(target::Column::Id.is_in(targets))
        .all(db)
        .await?;
    target_facts(db, rows.iter()).await
}

/// The facts of one target.
pub(crate) fn of_target(
    facts: &HashMap<TargetId, TargetFacts>,
    target: TargetId,
) -> Result<TargetFacts, Fault> {
    let found = facts.get(&target).cloned();
    found.ok_or_else(|| Fault::new("something on a target that there is not"))
}
