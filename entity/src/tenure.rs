//! A leader in a post, from a day to a day.

use sea_orm::entity::prelude::*;

use crate::ids::{LeaderId, PostId, TenureId};

/// A leader in a post, from a day to a day.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "tenure")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key)]
    pub id: TenureId,
    /// The post.
    pub post_id: PostId,
    /// The person.
    pub leader_id: LeaderId,
    /// First day; none where nobody recorded it.
    pub starts_on: Option<Date>,
    /// First day on which the person no longer holds the post; none while they do.
    pub ends_on: Option<Date>,
}

/// No relations: related rows are read through the store's scope, never through a join of convenience.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
