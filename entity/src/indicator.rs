//! A number inside a target's text (量化指标).

use sea_orm::entity::prelude::*;

use crate::{
    ids::{IndicatorId, TargetId},
    kinds::{Comparison, IndicatorKind},
};

/// A number inside a target's text (量化指标).
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "indicator")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key)]
    pub id: IndicatorId,
    /// The target.
    pub target_id: TargetId,
    /// Place in the text, from 1.
    pub ordinal: i32,
    /// What is measured.
    pub name: String,
    /// AT_LEAST or AT_MOST.
    pub comparison: Comparison,
    /// The goal, an exact decimal number in canonical form (18000, 0.5).
    pub goal: String,
    /// Unit of measure, such as 家, 元 or %.
    pub unit_of_measure: String,
    /// COUNT, AMOUNT, RATE or LEVEL.
    pub kind: IndicatorKind,
    /// The exact phrase of the text.
    pub phrase: String,
    /// A person has reviewed it.
    pub confirmed: bool,
}

/// No relations: related rows are read through the store's scope, never through a join of convenience.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
