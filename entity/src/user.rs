//! A person's account (账号).

use sea_orm::entity::prelude::*;

use crate::ids::{LeaderId, UnitId, UserId};

/// A person's account (账号).
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "user")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key)]
    pub id: UserId,
    /// Sign-in name, lower case; unique.
    pub username: String,
    /// Name shown to others.
    pub display_name: String,
    /// The unit the person works in, if any. Gives no access: grants do.
    pub unit_id: Option<UnitId>,
    /// The leader the person is, if any. Gives no access: grants do.
    pub leader_id: Option<LeaderId>,
    /// Argon2id, PHC string.
    pub password_hash: String,
    /// Since when it is the password.
    pub password_changed_at: DateTimeUtc,
    /// The password must be changed before anything else: it is a one-time password, or it was too old at the last sign-in.
    pub must_change_password: bool,
    /// False: disabled.
    pub active: bool,
    /// Sign-in is refused until then, from one address at least.
    pub locked_until: Option<DateTimeUtc>,
    /// Sign-in is refused until then, from every address.
    pub locked_everywhere_until: Option<DateTimeUtc>,
    /// Since when signing in needs a second factor.
    pub second_factor_at: Option<DateTimeUtc>,
    /// When it was created.
    pub created_at: DateTimeUtc,
}

/// No relations: related rows are read through the store's scope, never through a join of convenience.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
