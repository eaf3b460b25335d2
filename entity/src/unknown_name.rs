//! A row for names that nobody has.

use sea_orm::entity::prelude::*;

/// A row for names that nobody has, to be locked as the row of an account is: so an attempt to sign in under them costs the same.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "unknown_name")]
pub struct Model {
    /// Which one: each name has one, and shares it with others.
    #[sea_orm(primary_key, auto_increment = false)]
    pub bucket: i32,
}

/// No relations: related rows are read through the store's scope, never through a join of convenience.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
