//! The state of a target's refined plan (细化方案), whose steps are its milestones.

use sea_orm::entity::prelude::*;

use crate::{
    ids::{PlanId, TargetId, UserId},
    kinds::RefinementStatus,
};

/// The state of a target's refined plan (细化方案), whose steps are its milestones.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "refinement")]
pub struct Model {
    /// The target.
    #[sea_orm(primary_key, auto_increment = false)]
    pub target_id: TargetId,
    /// The plan.
    pub plan_id: PlanId,
    /// The state.
    pub status: RefinementStatus,
    /// When it was last handed in.
    pub submitted_at: Option<DateTimeUtc>,
    /// Who handed it in.
    pub submitted_by_id: Option<UserId>,
    /// When the supervision office last decided on it.
    pub decided_at: Option<DateTimeUtc>,
    /// Who decided.
    pub decided_by_id: Option<UserId>,
    /// What was said.
    pub comment: Option<String>,
    /// Counts its changes and those of its milestones, from 1.
    pub version: i32,
}

/// No relations: related rows are read through the store's scope, never through a join of convenience.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
