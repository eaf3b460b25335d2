//! A signed-in session: the family of its refresh tokens.

use sea_orm::entity::prelude::*;

use crate::ids::{SessionId, UserId};

/// A signed-in session: the family of its refresh tokens.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "session")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key)]
    pub id: SessionId,
    /// Whose.
    pub user_id: UserId,
    /// When it began.
    pub created_at: DateTimeUtc,
    /// When it was ended.
    pub ended_at: Option<DateTimeUtc>,
    /// Until when it opens anything: as long as its newest refresh token works.
    pub good_until: Option<DateTimeUtc>,
}

/// No relations: related rows are read through the store's scope, never through a join of convenience.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
