//! A heading as a scan may have it, and as it is meant: reviewed by a person, and used by every later import.

use sea_orm::entity::prelude::*;

use crate::ids::HeadingCorrectionId;

/// A heading as a scan may have it, and as it is meant: reviewed by a person, and used by every later import.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "heading_correction")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key)]
    pub id: HeadingCorrectionId,
    /// As the document has it.
    pub heading: String,
    /// As it is meant.
    pub corrected: String,
    /// Why.
    pub reason: String,
}

/// No relations: related rows are read through the store's scope, never through a join of convenience.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
