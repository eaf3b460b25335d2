//! A leader's written instruction on a target, which wants an answer of a lead unit (批示).

use sea_orm::entity::prelude::*;

use crate::ids::{InstructionId, LeaderId, PlanId, TargetId, UnitId, UserId};

/// A leader's written instruction on a target, which wants an answer of a lead unit (批示).
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "instruction")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key)]
    pub id: InstructionId,
    /// The target's plan.
    pub plan_id: PlanId,
    /// The target.
    pub target_id: TargetId,
    /// The leader whose it is: the person, whoever holds the post later.
    pub leader_id: LeaderId,
    /// What it says.
    pub body: String,
    /// The last day for an answer; none when the leader names none.
    pub reply_due_on: Option<Date>,
    /// When it was given.
    pub issued_at: DateTimeUtc,
    /// Who wrote it down.
    pub issued_by_id: UserId,
    /// The answer.
    pub answer: Option<String>,
    /// When it was answered.
    pub answered_at: Option<DateTimeUtc>,
    /// Who signed the answer.
    pub answered_by_id: Option<UserId>,
    /// The lead unit that answered.
    pub answering_unit_id: Option<UnitId>,
}

/// No relations: related rows are read through the store's scope, never through a join of convenience.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
