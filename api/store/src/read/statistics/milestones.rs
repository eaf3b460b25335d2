//! The statement that counts milestones.

use std::collections::HashMap;

use entity::{ids::PlanId, kinds::RefinementStatus, milestone, refinement, target};
use sea_orm::{
    ColumnTrait, ConnectionTrait,
    sea_query::{Expr, ExprTrait, IntoColumnRef, JoinType, Query},
};

use super::{
    numbers::{MILESTONES, MilestoneNumbers, OVERDUE, REACHED},
    statement::{By, Groups, Narrow, SEEN, when},
};
use crate::{
    Call, Result,
    scoped::{Scoped, count_all},
};

const MILESTONE: &str = "in_force";

impl Call {
    /// The milestones in force, in groups; by unit, those in its charge.
    pub(super) async fn milestone_numbers(
        &self,
        plans: &[PlanId],
        by: By,
    ) -> Result<Groups<MilestoneNumbers>> {
        use milestone::Column::{DoneOn, DueOn, PlanId, TargetId, UnitId};
        let seen = self
            .seen_targets(plans, &Narrow::none())
            .aggregate()
            .columns([
                target::Column::Id,
                target::Column::PlanId,
                target::Column::SectionPosition,
                target::Column::ClosedAt,
                target::Column::SuspendedReason,
            ])
            .take();
        let approved = Query::select()
            .column(refinement::Column::TargetId)
            .from(refinement::Entity)
            .and_where(refinement::Column::PlanId.is_in(plans.iter().copied()))
            .and_where(refinement::Column::Status.eq(RefinementStatus::Approved))
            .take();
        let in_force = Scoped::<milestone::Entity>::of_plans(self, PlanId, plans)
            .and(TargetId.in_subquery(approved))
            .aggregate()
            .columns([TargetId, UnitId, DueOn, DoneOn])
            .take();
        let column = |column| Expr::col((MILESTONE, column));
        let of_target = |column| Expr::col((SEEN, column));
        // A closed or suspended target is late with nothing.
        let overdue = column(DoneOn)
            .is_null()
            .and(column(DueOn).lt(self.today()))
            .and(of_target(target::Column::ClosedAt).is_null())
            .and(of_target(target::Column::SuspendedReason).is_null());
        let mut select = Query::select()
            .expr_as(count_all(), MILESTONES)
            .expr_as(column(DoneOn).count(), REACHED)
            .expr_as(when(overdue, Expr::val(1)).count(), OVERDUE)
            .from_subquery(seen, SEEN)
            .join_subquery(
                JoinType::InnerJoin,
                in_force,
                MILESTONE,
                column(TargetId).equals((SEEN, target::Column::Id)),
            )
            .take();
        self.group_units(&mut select, by, (MILESTONE, UnitId).into_column_ref());
        let mut groups = HashMap::new();
        for row in self.reader().query_all(&select).await? {
            groups.insert(by.read(&row)?, MilestoneNumbers::of_row(&row)?);
        }
        Ok(groups)
    }
}
