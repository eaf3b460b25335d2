//! A city leader (责任领导): the person.

use sea_orm::entity::prelude::*;

use crate::ids::LeaderId;

/// A city leader (责任领导): the person.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "leader")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key)]
    pub id: LeaderId,
    /// Name.
    pub name: String,
    /// In the directory for everybody: registered by hand, or named by a plan that was published.
    pub listed: bool,
}

/// No relations: related rows are read through the store's scope, never through a join of convenience.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
