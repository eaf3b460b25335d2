//! An organisation that can be held responsible (责任单位).

use sea_orm::entity::prelude::*;

use crate::{ids::UnitId, kinds::UnitKind};

/// An organisation that can be held responsible (责任单位).
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "unit")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key)]
    pub id: UnitId,
    /// Name as documents use it; unique.
    pub name: String,
    /// Full official name, where known for certain.
    pub full_name: Option<String>,
    /// What sort of organisation it is.
    pub kind: UnitKind,
    /// GB/T 2260 code of a county-level government.
    pub code: Option<String>,
    /// The unit into which it was merged; none while it is one of its own.
    pub merged_into_id: Option<UnitId>,
    /// In the directory for everybody: an administrator registered it, a plan that was published names it, or somebody
    /// works for it.
    pub listed: bool,
}

/// No relations: related rows are read through the store's scope, never through a join of convenience.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
