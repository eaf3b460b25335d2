//! One change of a setting: its history.

use sea_orm::entity::prelude::*;

use crate::{
    ids::{SettingChangeId, UserId},
    kinds::SettingName,
};

/// One change of a setting: its history.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "setting_change")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key)]
    pub id: SettingChangeId,
    /// Which setting.
    pub name: SettingName,
    /// The value before.
    pub old_value: String,
    /// The value from then on.
    pub new_value: String,
    /// Why.
    pub reason: String,
    /// When.
    pub changed_at: DateTimeUtc,
    /// Who; none at the command line.
    pub changed_by_id: Option<UserId>,
}

/// No relations: related rows are read through the store's scope, never through a join of convenience.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
