//! An archive of the audit log: everything up to a place of the chain has left the log for a file.

use sea_orm::entity::prelude::*;

use crate::ids::AuditArchiveId;

/// An archive of the audit log: everything up to a place of the chain has left the log for a file.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "audit_archive")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key)]
    pub id: AuditArchiveId,
    /// The last place of the chain that left.
    pub last_sequence: i64,
    /// Its hash, with which the chain goes on.
    pub last_hash: String,
    /// How many entries the file holds.
    pub entries: i64,
    /// The file's name, without its folder.
    pub file_name: String,
    /// SHA-256 of the file, in hexadecimal.
    pub file_digest: String,
    /// When.
    pub archived_at: DateTimeUtc,
}

/// No relations: related rows are read through the store's scope, never through a join of convenience.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
