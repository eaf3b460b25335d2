//! A dated step of a target's refined plan (时间节点).

use sea_orm::entity::prelude::*;

use crate::ids::{MilestoneId, PlanId, TargetId, UnitId, UserId};

/// A dated step of a target's refined plan (时间节点).
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "milestone")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key)]
    pub id: MilestoneId,
    /// The target.
    pub target_id: TargetId,
    /// The plan.
    pub plan_id: PlanId,
    /// What is to be reached.
    pub title: String,
    /// By when.
    pub due_on: Date,
    /// The unit in charge, one of the target's.
    pub unit_id: UnitId,
    /// When it was reached.
    pub done_on: Option<Date>,
    /// Counts its changes, from 1.
    pub version: i32,
    /// Who drafted it.
    pub created_by_id: UserId,
    /// When it was drafted.
    pub created_at: DateTimeUtc,
    /// When it last changed.
    pub updated_at: DateTimeUtc,
}

/// No relations: related rows are read through the store's scope, never through a join of convenience.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
