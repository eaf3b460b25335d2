//! Failed sign-ins of an account from one address.

use sea_orm::entity::prelude::*;

use crate::ids::UserId;

/// Failed sign-ins of an account from one address, in a row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "sign_in_failure")]
pub struct Model {
    /// Whose account.
    #[sea_orm(primary_key, auto_increment = false)]
    pub user_id: UserId,
    /// From where: an address, of IPv6 its network (/64); empty where it is not known.
    #[sea_orm(primary_key, auto_increment = false)]
    pub network: String,
    /// Failures in a row.
    pub failures: i32,
    /// Sign-in from there is refused until then.
    pub locked_until: Option<DateTimeUtc>,
    /// When the last one was.
    pub failed_at: DateTimeUtc,
}

/// No relations: related rows are read through the store's scope, never through a join of convenience.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
