//! What a lead unit asks of the supervision office about a target: a later due date (延期申请), or its closing (办结申请).

use sea_orm::entity::prelude::*;

use crate::{
    ids::{PlanId, TargetId, TargetRequestId, UnitId, UserId},
    kinds::{RequestKind, RequestStatus},
};

/// What a lead unit asks of the supervision office about a target: a later due date (延期申请), or its closing (办结申请).
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "target_request")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key)]
    pub id: TargetRequestId,
    /// The plan.
    pub plan_id: PlanId,
    /// The target.
    pub target_id: TargetId,
    /// The lead unit that asks.
    pub unit_id: UnitId,
    /// What it asks for.
    pub kind: RequestKind,
    /// The state.
    pub status: RequestStatus,
    /// Why a later day is needed, or what was achieved.
    pub text: String,
    /// The due date when an extension was asked for.
    pub old_due_on: Option<Date>,
    /// The due date that an extension asks for.
    pub new_due_on: Option<Date>,
    /// When it was asked.
    pub requested_at: DateTimeUtc,
    /// Who asked.
    pub requested_by_id: UserId,
    /// What the supervision office said.
    pub comment: Option<String>,
    /// When it was decided or withdrawn.
    pub decided_at: Option<DateTimeUtc>,
    /// Who decided or withdrew it.
    pub decided_by_id: Option<UserId>,
    /// When the target that it closed was opened again.
    pub reopened_at: Option<DateTimeUtc>,
    /// Who opened it again.
    pub reopened_by_id: Option<UserId>,
    /// Why it was opened again.
    pub reopen_reason: Option<String>,
}

/// No relations: related rows are read through the store's scope, never through a join of convenience.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
