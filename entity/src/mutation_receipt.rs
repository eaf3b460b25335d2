//! What a mutation with a clientMutationId answered, so that sending it again changes nothing twice.

use sea_orm::entity::prelude::*;

use crate::ids::UserId;

/// What a mutation with a clientMutationId answered, so that sending it again changes nothing twice.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "mutation_receipt")]
pub struct Model {
    /// Who sent it.
    #[sea_orm(primary_key, auto_increment = false)]
    pub user_id: UserId,
    /// The ID that the client gave it.
    #[sea_orm(primary_key, auto_increment = false)]
    pub client_mutation_id: String,
    /// SHA-256 of the operation and its input, in hexadecimal.
    pub digest: String,
    /// What came of it.
    pub result: Json,
    /// When.
    pub created_at: DateTimeUtc,
}

/// No relations: related rows are read through the store's scope, never through a join of convenience.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
