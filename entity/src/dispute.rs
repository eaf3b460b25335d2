//! A unit's objection to an assignment (退回).

use sea_orm::entity::prelude::*;

use crate::{
    ids::{AssignmentId, DisputeId, PlanId, TargetId, UnitId, UserId},
    kinds::DisputeStatus,
};

/// A unit's objection to an assignment (退回).
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "dispute")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key)]
    pub id: DisputeId,
    /// The assignment; none once it was taken off the target.
    pub assignment_id: Option<AssignmentId>,
    /// The plan.
    pub plan_id: PlanId,
    /// The target.
    pub target_id: TargetId,
    /// The unit that objects: the assignment's, then.
    pub unit_id: UnitId,
    /// The state.
    pub status: DisputeStatus,
    /// Why the unit objects.
    pub reason: String,
    /// When.
    pub raised_at: DateTimeUtc,
    /// Who.
    pub raised_by_id: UserId,
    /// What the supervision office said.
    pub comment: Option<String>,
    /// The unit to which the assignment went.
    pub new_unit_id: Option<UnitId>,
    /// When it was decided or withdrawn.
    pub decided_at: Option<DateTimeUtc>,
    /// Who decided or withdrew it.
    pub decided_by_id: Option<UserId>,
}

/// No relations: related rows are read through the store's scope, never through a join of convenience.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
