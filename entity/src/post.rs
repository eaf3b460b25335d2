//! A leader's post (职务): the chair. Responsibility binds to it, history to the person.

use sea_orm::entity::prelude::*;

use crate::ids::PostId;

/// A leader's post (职务): the chair. Responsibility binds to it, history to the person.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "post")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key)]
    pub id: PostId,
    /// Title of the post; none where the document does not say.
    pub title: Option<String>,
    /// In the directory for everybody: a plan that was published names it.
    pub listed: bool,
}

/// No relations: related rows are read through the store's scope, never through a join of convenience.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
