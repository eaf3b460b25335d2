//! A phrase that stands for several units (单位组).

use sea_orm::entity::prelude::*;

use crate::{ids::UnitGroupId, kinds::GroupResolution};

/// A phrase that stands for several units (单位组).
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "unit_group")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key)]
    pub id: UnitGroupId,
    /// The phrase; unique.
    pub name: String,
    /// Whether it stands for its members or awaits a designation.
    pub resolution: GroupResolution,
    /// In the directory for everybody: an administrator registered it, or a plan that was published names it.
    pub listed: bool,
}

/// No relations: related rows are read through the store's scope, never through a join of convenience.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
