//! A heading of a plan's outline (章节), in a tree of up to three levels.

use sea_orm::entity::prelude::*;

use crate::{
    ids::{PlanId, SectionId},
    titles::Titles,
};

/// A heading of a plan's outline (章节), in a tree of up to three levels.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "section")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key)]
    pub id: SectionId,
    /// The plan.
    pub plan_id: PlanId,
    /// The heading above, if any.
    pub parent_id: Option<SectionId>,
    /// 1 to 3.
    pub level: i32,
    /// Place among its siblings, from 1.
    pub ordinal: i32,
    /// Place in the whole outline, depth first, from 1.
    pub position: i32,
    /// Position of the last heading below it (its own when there is none): a subtree is a range.
    pub last_position: i32,
    /// The heading, corrected where the reviewed table says so.
    pub title: String,
    /// Titles from the top down to this one.
    pub path: Titles,
}

/// No relations: related rows are read through the store's scope, never through a join of convenience.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
