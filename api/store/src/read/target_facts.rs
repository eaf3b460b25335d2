//! What the acts on targets depend on.

use std::collections::{HashMap, HashSet};

use domain::{
    plan::EditFacts,
    refinement::RefinementFacts,
    request::AskFacts,
    target::{Part, TargetFacts},
};
use entity::{
    assignment,
    ids::{PlanId, TargetId},
    kinds::RequestKind,
    plan, target,
};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::{AssignmentRow, Call, Fault, Result, Seen, TargetKey};

use super::{
    refinements::{Refining, refining},
    requests::pending,
};

/// What has come of a target, on which the acts on it depend beside its plan and its units.
#[derive(Clone, Debug, Default)]
pub struct TargetLife {
    pending: Vec<RequestKind>,
    refining: Refining,
    carried: bool,
}

impl TargetLife {
    /// What the acts on the target as a whole depend on.
    pub fn asks(&self, target: TargetFacts) -> AskFacts {
        AskFacts {
            target,
            pending: self.pending.clone(),
        }
    }

    /// What refining the target depends on.
    pub fn refines(&self, target: TargetFacts) -> RefinementFacts {
        self.refining.of(target)
    }

    /// What changing the target depends on.
    pub fn edits(&self, target: TargetFacts) -> EditFacts {
        EditFacts {
            target,
            carried: self.carried,
        }
    }
}

impl Call {
    /// What has come of seen targets, in five statements.
    pub async fn target_lives(
        &self,
        targets: &[TargetKey],
    ) -> Result<Vec<(TargetKey, TargetLife)>> {
        let ids: Vec<TargetId> = targets.iter().map(|key| key.id()).collect();
        let mut pending = pending(&self.reader(), &ids).await?;
        let refining = refining(&self.reader(), &ids).await?;
        let carried = carried(&self.reader(), ids.iter().copied()).await?;
        let mut life = |key: &TargetKey| {
            let life = TargetLife {
                pending: pending.remove(&key.id()).unwrap_or_default(),
                refining: refining.get(&key.id()).copied().unwrap_or_default(),
                carried: carried.contains(&key.id()),
            };
            (*key, life)
        };
        Ok(targets.iter().map(&mut life).collect())
    }

    /// What the acts on a seen target depend on.
    pub fn target_facts(
        &self,
        plan: &Seen<plan::Model>,
        assignments: &[AssignmentRow],
        target: &Seen<target::Model>,
    ) -> TargetFacts {
        let parts = assignments.iter().map(|row| part(&row.assignment));
        facts(plan, target, parts.collect())
    }
}

/// Those of these targets that were carried over, whoever may see into what.
pub(crate) async fn carried(
    db: &impl ConnectionTrait,
    targets: impl Iterator<Item = TargetId>,
) -> Result<HashSet<TargetId>, Fault> {
    let from = target::Column::CarriedFromId;
    let found = target::Entity::find()
        .select_only()
        .column(from)
        .filter(from.is_in(targets))
        .into_tuple::<TargetId>()
        .all(db)
        .await?;
    Ok(found.into_iter().collect())
}

/// The part that an assignment gives.
pub(crate) fn part(row: &assignment::Model) -> Part {
    Part {
        unit: row.unit_id,
        acting_unit: row.acting_unit_id,
        role: row.role,
    }
}

/// The target was closed, or cancelled: nothing is done on it any more.
pub(crate) fn ended(target: &target::Model) -> bool {
    target.closed_at.is_some() || target.cancelled_at.is_some()
}

fn facts(plan: &plan::Model, target: &target::Model, parts: Vec<Part>) -> TargetFacts {
    TargetFacts {
        plan: plan.id,
        plan_status: plan.status,
        year: plan.year,
        due_on: target.due_on,
        closed: ended(target),
        suspended: target.suspended_reason.is_some(),
        parts,
    }
}

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
        parts.entry(row.target_id).or_default().push(part(&row));
    }
    targets
        .map(|row| {
            let plan = plans
                .get(&row.plan_id)
                .ok_or_else(|| Fault::new("a target without a plan"))?;
            let facts = facts(plan, row, parts.remove(&row.id).unwrap_or_default());
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
