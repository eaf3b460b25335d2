//! What somebody has set; without a row, a setting has its default.

use sea_orm::entity::prelude::*;

use crate::kinds::SettingName;

/// What somebody has set; without a row, a setting has its default.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "setting")]
pub struct Model {
    /// Which setting.
    #[sea_orm(primary_key, auto_increment = false)]
    pub name: SettingName,
    /// Its value, as `domain::setting` writes it.
    pub value: String,
    /// When it was set.
    pub changed_at: DateTimeUtc,
}

/// No relations: related rows are read through the store's scope, never through a join of convenience.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
