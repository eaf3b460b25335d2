//! A notice of the supervision office to a unit about a target, which wants an answer (督办单).

use sea_orm::entity::prelude::*;

use crate::{
    ids::{PlanId, ReportingPeriodId, SupervisionNoticeId, TargetId, UnitId, UserId},
    kinds::{NoticeColour, NoticeRung, NoticeStatus},
};

/// A notice of the supervision office to a unit about a target, which wants an answer (督办单).
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "supervision_notice")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key)]
    pub id: SupervisionNoticeId,
    /// The target's plan.
    pub plan_id: PlanId,
    /// The target.
    pub target_id: TargetId,
    /// The unit that has to answer.
    pub unit_id: UnitId,
    /// How urgent it is.
    pub colour: NoticeColour,
    /// What it says.
    pub body: String,
    /// The last day for an answer.
    pub reply_due_on: Date,
    /// State.
    pub status: NoticeStatus,
    /// When it was issued.
    pub issued_at: DateTimeUtc,
    /// Who issued it; none for one that was issued by rule.
    pub issued_by_id: Option<UserId>,
    /// By which rule; none for one that somebody issued.
    pub rung: Option<NoticeRung>,
    /// The period that the rule speaks of.
    pub period_id: Option<ReportingPeriodId>,
    /// The target's due date that the rule speaks of: another one, after an extension say, is reminded of anew.
    pub due_on: Option<Date>,
    /// The unit's answer.
    pub answer: Option<String>,
    /// When it was answered.
    pub answered_at: Option<DateTimeUtc>,
    /// Who signed the answer.
    pub answered_by_id: Option<UserId>,
    /// Why it was withdrawn.
    pub withdraw_reason: Option<String>,
    /// When it was withdrawn.
    pub withdrawn_at: Option<DateTimeUtc>,
    /// Who withdrew it.
    pub withdrawn_by_id: Option<UserId>,
}

/// No relations: related rows are read through the store's scope, never through a join of convenience.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
