//! The place of an audit entry in the chain, and the hash over it and all before it.

use sea_orm::entity::prelude::*;

use crate::ids::AuditEntryId;

/// The place of an audit entry in the chain, and the hash over it and all before it.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "audit_seal")]
pub struct Model {
    /// The place: 1, 2, 3 and so on, without gaps.
    #[sea_orm(primary_key, auto_increment = false)]
    pub sequence: i64,
    /// The entry.
    pub entry_id: AuditEntryId,
    /// The hash's algorithm: `SHA-256` or `SM3`.
    pub algorithm: String,
    /// The hash, in hexadecimal.
    pub hash: String,
}

/// No relations: related rows are read through the store's scope, never through a join of convenience.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
