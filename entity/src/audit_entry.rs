//! One line of who did what (审计记录); written in the transaction of the act, and never changed.

use sea_orm::entity::prelude::*;

use crate::{
    ids::{AuditEntryId, UnitId, UserId},
    kinds::AuditOutcome,
};

/// One line of who did what (审计记录); written in the transaction of the act, and never changed.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "audit_entry")]
pub struct Model {
    /// Key. Numbers may be missing where a transaction was undone.
    #[sea_orm(primary_key)]
    pub id: AuditEntryId,
    /// When.
    pub occurred_at: DateTimeUtc,
    /// Who; none for the server itself, and for whoever is not signed in.
    pub user_id: Option<UserId>,
    /// The named transition.
    pub action: String,
    /// Type of the object it happened to.
    pub object_type: String,
    /// Its key.
    pub object_id: Option<i64>,
    /// What changed; never a secret.
    pub changes: Json,
    /// The request it came with.
    pub request_id: Option<String>,
    /// The sign-in name that the user had.
    pub username: Option<String>,
    /// The unit in which the user worked.
    pub unit_id: Option<UnitId>,
    /// The grants by which it was allowed: key, role and scope.
    pub grants: Json,
    /// The client's network address.
    pub address: Option<String>,
    /// What came of it.
    pub outcome: AuditOutcome,
}

/// No relations: related rows are read through the store's scope, never through a join of convenience.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
