//! The rules of a plan that the supervision office has set; a plan without a row has the defaults.

use sea_orm::entity::prelude::*;

use crate::ids::PlanId;

/// The rules of a plan.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "plan_rule")]
pub struct Model {
    /// The plan.
    #[sea_orm(primary_key, auto_increment = false)]
    pub plan_id: PlanId,
    /// A target that is behind is yellow at this percentage of the schedule or more, red below; none where points count.
    pub yellow_at_least: Option<i32>,
    /// Up to as many points behind are green; none where the share counts.
    pub yellow_points: Option<i32>,
    /// Up to as many points behind are yellow.
    pub red_points: Option<i32>,
    /// As many points above the elapsed share are ahead.
    pub ahead_points: i32,
    /// So many days before a report is due a blue notice reminds of it; 0 for none.
    pub report_reminder_days: i32,
    /// So many days before a target is due a blue notice reminds of it; 0 for none.
    pub target_reminder_days: i32,
    /// A yellow notice where a report is missing.
    pub notice_missing: bool,
    /// A yellow notice where a target is behind.
    pub notice_behind: bool,
    /// A red notice where a target is far behind.
    pub notice_far_behind: bool,
    /// A red notice where a target is past its due date.
    pub notice_past_due: bool,
    /// Working days for the answer to a notice that was issued by rule.
    pub reply_days: i32,
    /// A refined plan comes into force when the supervision office approves it; else when it is handed in.
    pub refinement_approval: bool,
    /// Working days for acknowledging an assignment.
    pub acknowledge_days: i32,
    /// When they were set.
    pub updated_at: DateTimeUtc,
}

/// No relations: related rows are read through the store's scope, never through a join of convenience.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
