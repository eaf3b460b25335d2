//! Designations: phrases for which the supervision office still has to name units, or has.

use domain::designation::DesignationFacts;
use entity::{
    designation,
    ids::{DesignationId, PlanId},
    plan,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, sea_query::Condition};

use crate::{
    Call, Direction, Page, PageArgs, Result, Seen, TargetKey,
    page::{Key, Sort, by},
    scoped::{List, Scoped, counts, pages},
};

/// Narrowing a list of designations.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct DesignationFilter {
    /// Units have been designated, or not yet.
    pub resolved: Option<bool>,
}

impl DesignationFilter {
    fn condition(self) -> Condition {
        Condition::all().add_option(self.resolved.map(|resolved| {
            if resolved {
                designation::Column::ResolvedAt.is_not_null()
            } else {
                designation::Column::ResolvedAt.is_null()
            }
        }))
    }
}

impl Call {
    /// A page of the designations of each plan, in document order, in one statement.
    pub async fn designations_of_plans(
        &self,
        plans: &[PlanId],
        filter: DesignationFilter,
        args: &PageArgs,
    ) -> Result<Vec<Result<Page<Seen<designation::Model>>>>> {
        let lists = plans
            .iter()
            .map(|plan| List {
                name: format!("designations of plan {}", plan.0),
                rows: self.designations_of(*plan, filter),
            })
            .collect();
        let sort = Sort {
            columns: vec![by(designation::Entity, designation::Column::Id)],
            direction: Direction::Ascending,
        };
        pages(self, lists, args, &sort, |row: &designation::Model| {
            vec![Key::Number(row.id.0)]
        })
        .await
    }

    /// How many designations each plan has, in one statement.
    pub async fn designation_counts(
        &self,
        plans: &[PlanId],
        filter: DesignationFilter,
    ) -> Result<Vec<i64>> {
        let scopes = plans
            .iter()
            .map(|plan| self.designations_of(*plan, filter))
            .collect();
        counts(self, scopes).await
    }

    fn designations_of(
        &self,
        plan: PlanId,
        filter: DesignationFilter,
    ) -> Scoped<designation::Entity> {
        Scoped::new(self)
            .and(designation::Column::PlanId.eq(plan))
            .and(filter.condition())
    }

    /// Designations by key.
    pub async fn designations_by_id(
        &self,
        ids: &[DesignationId],
    ) -> Result<Vec<Seen<designation::Model>>> {
        Scoped::<designation::Entity>::new(self)
            .and(self.among(designation::Column::Id, ids.iter().copied()))
            .all(&self.reader())
            .await
    }

    /// What the acts on a seen designation depend on.
    pub fn designation_facts(
        &self,
        plan: &Seen<plan::Model>,
        designation: &Seen<designation::Model>,
    ) -> DesignationFacts {
        designation_facts(plan, designation)
    }

    /// The designations of seen targets, in document order.
    pub async fn designations(
        &self,
        targets: &[TargetKey],
    ) -> Result<Vec<Seen<designation::Model>>> {
        let rows = designation::Entity::find()
            .filter(self.among(
                designation::Column::TargetId,
                targets.iter().map(|target| target.id()),
            ))
            .order_by_asc(designation::Column::TargetId)
            .order_by_asc(designation::Column::Ordinal)
            .all(&self.reader())
            .await?;
        Ok(rows.into_iter().map(Seen).collect())
    }
}

/// What the acts on a designation depend on.
pub(crate) fn designation_facts(
    plan: &plan::Model,
    designation: &designation::Model,
) -> DesignationFacts {
    DesignationFacts {
        plan: plan.id,
        plan_status: plan.status,
        resolved: designation.resolved_at.is_some(),
    }
}
