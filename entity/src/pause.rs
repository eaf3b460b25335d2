//! A time during which a target was closed or suspended: what comes due in it is not asked for.

use sea_orm::entity::prelude::*;

use crate::ids::{PauseId, TargetId};

/// A time during which a target was closed or suspended: what comes due in it is not asked for.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "pause")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key)]
    pub id: PauseId,
    /// The target.
    pub target_id: TargetId,
    /// When it was closed or suspended.
    pub begun_at: DateTimeUtc,
    /// When it was opened again or taken up again (not included); none while it lasts.
    pub ended_at: Option<DateTimeUtc>,
}

/// No relations: related rows are read through the store's scope, never through a join of convenience.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
