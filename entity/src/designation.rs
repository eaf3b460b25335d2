//! A phrase that names nobody yet: the office still has to designate units.

use sea_orm::entity::prelude::*;

use crate::{
    ids::{DesignationId, PlanId, TargetId, UnitGroupId, UserId},
    kinds::AssignmentRole,
};

/// A phrase that names nobody yet: the office still has to designate units.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "designation")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key)]
    pub id: DesignationId,
    /// The target.
    pub target_id: TargetId,
    /// The target's plan.
    pub plan_id: PlanId,
    /// The group whose phrase it is.
    pub group_id: UnitGroupId,
    /// The phrase as the document has it.
    pub phrase: String,
    /// The role that its units get.
    pub role: AssignmentRole,
    /// Place in the target's list, from 1.
    pub ordinal: i32,
    /// When units were designated.
    pub resolved_at: Option<DateTimeUtc>,
    /// Who designated them.
    pub resolved_by_id: Option<UserId>,
}

/// No relations: related rows are read through the store's scope, never through a join of convenience.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
