//! The secret of an account's second factor (TOTP), in force or being set up.

use sea_orm::entity::prelude::*;

use crate::ids::UserId;

/// The secret of an account's second factor (TOTP). It is in force once the account says since when it has one.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "second_factor")]
pub struct Model {
    /// Whose.
    #[sea_orm(primary_key, auto_increment = false)]
    pub user_id: UserId,
    /// Which key of the configuration opens the secret.
    pub key_id: String,
    /// The secret, encrypted for this user.
    pub secret: Vec<u8>,
    /// The newest time step of which a code was accepted: it is accepted no more, nor is an older one.
    pub last_step: i64,
    /// When setting it up began.
    pub begun_at: DateTimeUtc,
    /// Wrong codes by which it was tried to confirm it.
    pub wrong_codes: i32,
}

/// No relations: related rows are read through the store's scope, never through a join of convenience.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
