//! A refresh token, kept as its hash. It works once.

use sea_orm::entity::prelude::*;

use crate::ids::{RefreshTokenId, SessionId};

/// A refresh token, kept as its hash. It works once.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "refresh_token")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key)]
    pub id: RefreshTokenId,
    /// The session.
    pub session_id: SessionId,
    /// SHA-256 of the token, in hexadecimal; unique.
    pub token_hash: String,
    /// Until when it works.
    pub expires_at: DateTimeUtc,
    /// When it was used.
    pub used_at: Option<DateTimeUtc>,
}

/// No relations: related rows are read through the store's scope, never through a join of convenience.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
