//! A secret that all servers of one database share, such as the one that seals cursors.

use sea_orm::entity::prelude::*;

/// A secret that all servers of one database share, such as the one that seals cursors.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "server_secret")]
pub struct Model {
    /// What it is for.
    #[sea_orm(primary_key, auto_increment = false)]
    pub purpose: String,
    /// Random bytes; encrypted where a key is named for them.
    pub secret: Vec<u8>,
    /// Which key of the configuration opens the secret; none where it is in the clear.
    pub sealed_under: Option<String>,
}

/// No relations: related rows are read through the store's scope, never through a join of convenience.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
