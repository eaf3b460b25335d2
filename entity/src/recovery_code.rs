//! A recovery code, which stands in for a code of the second factor once.

use sea_orm::entity::prelude::*;

use crate::ids::{RecoveryCodeId, UserId};

/// A recovery code, which stands in for a code of the second factor once.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "recovery_code")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key)]
    pub id: RecoveryCodeId,
    /// Whose.
    pub user_id: UserId,
    /// SHA-256 in hexadecimal: the code is random, and needs no slow hash.
    pub code_hash: String,
    /// When it was used.
    pub used_at: Option<DateTimeUtc>,
}

/// No relations: related rows are read through the store's scope, never through a join of convenience.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
