//! What the supervision office changed of a target after its plan had been published (调整).

use sea_orm::entity::prelude::*;

use crate::ids::{AmendmentId, PlanId, TargetId, UserId};

/// What the supervision office changed of a target after its plan had been published (调整).
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "amendment")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key)]
    pub id: AmendmentId,
    /// The target's plan.
    pub plan_id: PlanId,
    /// The target.
    pub target_id: TargetId,
    /// Why.
    pub reason: String,
    /// What was changed: of each part its state before and after, in names, as they were then.
    pub changes: Json,
    /// When.
    pub amended_at: DateTimeUtc,
    /// Who.
    pub amended_by_id: UserId,
}

/// No relations: related rows are read through the store's scope, never through a join of convenience.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
