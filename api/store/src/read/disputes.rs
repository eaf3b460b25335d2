//! Disputes of assignments (退回): lists, and what the acts on assignments and disputes depend on.

use std::collections::{HashMap, HashSet};

use domain::{assignment::AssignmentFacts, dispute::DisputeFacts};
use entity::{
    assignment, dispute,
    ids::{AssignmentId, DisputeId, TargetId, UnitId},
    kinds::DisputeStatus,
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect,
    sea_query::{Condition, SimpleExpr},
};

use crate::{
    Call, Direction, Fault, Page, PageArgs, Result, Seen, TargetKey,
    page::{Key, Sort, by},
    scoped::{Scoped, count, page},
};

use super::{
    plans::plans_of_year,
    target_facts::{of_target, target_facts_by_id},
};

/// Narrowing a list of disputes: all that is given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct DisputeFilter {
    /// Waiting for its decision, or not.
    pub open: Option<bool>,
    /// The unit that objects.
    pub unit: Option<UnitId>,
    /// The target.
    pub target: Option<TargetId>,
    /// The year of the plan.
    pub plan_year: Option<i32>,
}

impl DisputeFilter {
    fn condition(self) -> Condition {
        use dispute::Column::{PlanId, Status, TargetId, UnitId};
        Condition::all()
            .add_option(self.open.map(|open| {
                if open {
                    is_open()
                } else {
                    Status.ne(DisputeStatus::Open)
                }
            }))
            .add_option(self.unit.map(|unit| UnitId.eq(unit)))
            .add_option(self.target.map(|target| TargetId.eq(target)))
            .add_option(
                self.plan_year
                    .map(|year| PlanId.in_subquery(plans_of_year(year))),
            )
    }
}

impl Call {
    /// A page of the disputes that the viewer may see, newest first.
    pub async fn disputes(
        &self,
        filter: DisputeFilter,
        args: &PageArgs,
    ) -> Result<Page<Seen<dispute::Model>>> {
        let sort = Sort {
            columns: vec![by(dispute::Entity, dispute::Column::Id)],
            direction: Direction::Descending,
        };
        let rows = Scoped::<dispute::Entity>::new(self).and(filter.condition());
        page(self, "disputes", rows, args, &sort, |row| {
            vec![Key::Number(row.id.0)]
        })
        .await
    }

    /// How many disputes there are.
    pub async fn dispute_count(&self, filter: DisputeFilter) -> Result<i64> {
        let rows = Scoped::<dispute::Entity>::new(self).and(filter.condition());
        count(self, rows).await
    }

    /// Disputes by key.
    pub async fn disputes_by_id(&self, ids: &[DisputeId]) -> Result<Vec<Seen<dispute::Model>>> {
        Scoped::<dispute::Entity>::new(self)
            .and(self.among(dispute::Column::Id, ids.iter().copied()))
            .all(&self.reader())
            .await
    }

    /// The disputes on targets that the viewer may see, oldest first.
    pub async fn disputes_of_targets(
        &self,
        targets: &[TargetKey],
    ) -> Result<Vec<Seen<dispute::Model>>> {
        Scoped::<dispute::Entity>::new(self)
            .and(self.among(
                dispute::Column::TargetId,
                targets.iter().map(|key| key.id()),
            ))
            .order_by(dispute::Column::Id)
            .all(&self.reader())
            .await
    }

    /// What the acts on assignments depend on that the viewer may see, in five statements. A dispute counts where the viewer may see
    /// it: whoever may act on the assignment does.
    pub async fn assignment_facts(
        &self,
        ids: &[AssignmentId],
    ) -> Result<Vec<(AssignmentId, AssignmentFacts)>> {
        let rows = Scoped::<assignment::Entity>::new(self)
            .and(self.among(assignment::Column::Id, ids.iter().copied()))
            .all(&self.reader())
            .await?;
        let rows: Vec<&assignment::Model> = rows.iter().map(|row| &**row).collect();
        let disputes = Scoped::<dispute::Entity>::new(self)
            .and(self.among(dispute::Column::AssignmentId, rows.iter().map(|row| row.id)))
            .and(is_open())
            .all(&self.reader())
            .await?;
        let disputed = disputes.iter().filter_map(|row| row.assignment_id);
        facts_of(&self.reader(), &rows, &disputed.collect()).await
    }

    /// What the acts on disputes depend on that the viewer may see, in four statements.
    pub async fn dispute_facts(&self, ids: &[DisputeId]) -> Result<Vec<(DisputeId, DisputeFacts)>> {
        let rows = self.disputes_by_id(ids).await?;
        let rows: Vec<&dispute::Model> = rows.iter().map(|row| &**row).collect();
        let facts = dispute_facts(&self.reader(), &rows).await?;
        Ok(rows.iter().map(|row| row.id).zip(facts).collect())
    }
}

/// What the acts on assignments depend on, in four statements: every dispute counts, so it is for acts, and not for showing.
pub(crate) async fn assignment_facts(
    db: &impl ConnectionTrait,
    assignments: &[&assignment::Model],
) -> Result<HashMap<AssignmentId, AssignmentFacts>> {
    let disputed: HashSet<AssignmentId> = dispute::Entity::find()
        .select_only()
        .column(dispute::Column::AssignmentId)
        .filter(dispute::Column::AssignmentId.is_in(assignments.iter().map(|row| row.id)))
        .filter(is_open())
        .into_tuple::<AssignmentId>()
        .all(db)
        .await?
        .into_iter()
        .collect();
    let facts = facts_of(db, assignments, &disputed).await?;
    Ok(facts.into_iter().collect())
}

/// The facts of assignments of which some are disputed, in three statements.
async fn facts_of(
    db: &impl ConnectionTrait,
    assignments: &[&assignment::Model],
    disputed: &HashSet<AssignmentId>,
) -> Result<Vec<(AssignmentId, AssignmentFacts)>> {
    let targets: HashSet<TargetId> = assignments.iter().map(|row| row.target_id).collect();
    let facts = target_facts_by_id(db, targets.into_iter()).await?;
    let of = |row: &&assignment::Model| {
        let facts = AssignmentFacts {
            target: of_target(&facts, row.target_id)?,
            unit: row.unit_id,
            acknowledged: row.acknowledged_at.is_some(),
            disputed: disputed.contains(&row.id),
        };
        Ok((row.id, facts))
    };
    assignments.iter().map(of).collect()
}

/// It waits for its decision.
pub(super) fn is_open() -> SimpleExpr {
    dispute::Column::Status.eq(DisputeStatus::Open)
}

/// What the acts on disputes depend on, in three statements, in their order.
pub(crate) async fn dispute_facts(
    db: &impl ConnectionTrait,
    disputes: &[&dispute::Model],
) -> Result<Vec<DisputeFacts>, Fault> {
    let targets: HashSet<TargetId> = disputes.iter().map(|row| row.target_id).collect();
    let facts = target_facts_by_id(db, targets.into_iter()).await?;
    disputes
        .iter()
        .map(|row| {
            Ok(DisputeFacts {
                target: of_target(&facts, row.target_id)?,
                unit: row.unit_id,
                status: row.status,
                raised_by: row.raised_by_id,
            })
        })
        .collect()
}
