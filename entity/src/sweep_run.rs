//! A day that was swept.

use sea_orm::entity::prelude::*;

/// A day that was swept.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "sweep_run")]
pub struct Model {
    /// The day, in China.
    #[sea_orm(primary_key, auto_increment = false)]
    pub day: Date,
    /// When it was swept last.
    pub swept_at: DateTimeUtc,
    /// How many notices were issued on it by rule.
    pub notices: i32,
}

/// No relations: related rows are read through the store's scope, never through a join of convenience.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
