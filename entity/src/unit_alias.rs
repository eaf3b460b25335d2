//! Another name under which documents mention a unit.

use sea_orm::entity::prelude::*;

use crate::ids::{UnitAliasId, UnitId};

/// Another name under which documents mention a unit.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "unit_alias")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key)]
    pub id: UnitAliasId,
    /// The unit.
    pub unit_id: UnitId,
    /// The other name; unique.
    pub alias: String,
}

/// No relations: related rows are read through the store's scope, never through a join of convenience.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
