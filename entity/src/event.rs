//! Something that happened; written in the transaction of the act (outbox).

use sea_orm::entity::prelude::*;

use crate::{
    ids::{EventId, PlanId, TargetId, UnitId, UserId},
    kinds::{Audience, EventType},
};

/// Something that happened; written in the transaction of the act (outbox).
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "event")]
pub struct Model {
    /// Key, and place in the outbox: in the order in which transactions commit.
    #[sea_orm(primary_key)]
    pub id: EventId,
    /// What happened.
    #[sea_orm(column_name = "type")]
    pub r#type: EventType,
    /// When.
    pub occurred_at: DateTimeUtc,
    /// Who did it; none for the server itself.
    pub user_id: Option<UserId>,
    /// The plan.
    pub plan_id: PlanId,
    /// The target.
    pub target_id: Option<TargetId>,
    /// The unit whose it is.
    pub unit_id: Option<UnitId>,
    /// For whom it is meant.
    pub audience: Audience,
    /// Type of the object it happened to.
    pub object_type: Option<String>,
    /// Its key.
    pub object_id: Option<i64>,
}

/// No relations: related rows are read through the store's scope, never through a join of convenience.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
