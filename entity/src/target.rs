//! One row of a plan (目标任务).

use sea_orm::entity::prelude::*;

use crate::{
    ids::{PlanId, SectionId, TargetId},
    kinds::{Light, TargetState},
};

/// One row of a plan (目标任务).
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "target")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key)]
    pub id: TargetId,
    /// The plan.
    pub plan_id: PlanId,
    /// 1..n in document order.
    pub number: i32,
    /// The heading it stands under.
    pub section_id: SectionId,
    /// That heading's position, for sorting and for subtrees.
    pub section_position: i32,
    /// The text, verbatim.
    pub text: String,
    /// The text without mark-up (PM2.5 for PM<sub>2.5</sub>).
    pub plain_text: String,
    /// The line of the source it came from; 0 where it came from none.
    pub source_line: i32,
    /// The list of units ends in 等: the office may add units.
    pub open_ended: bool,
    /// Due date; the last day of the plan's year unless the document says otherwise.
    pub due_on: Date,
    /// The due date before it was first put off; that date counts for assessment.
    pub original_due_on: Option<Date>,
    /// When the supervision office closed it (销号).
    pub closed_at: Option<DateTimeUtc>,
    /// Why it is adjusted or suspended, while it is; or why it was cancelled.
    pub suspended_reason: Option<String>,
    /// When the supervision office cancelled it (终止).
    pub cancelled_at: Option<DateTimeUtc>,
    /// The target of an earlier year's plan that goes on in this one (结转).
    pub carried_from_id: Option<TargetId>,
    /// Why that was carried over.
    pub carried_reason: Option<String>,
    /// COMPLETED, OTHER or NOT_STARTED: a state that does not depend on the day; none while it is measured against the
    /// schedule.
    pub settled_state: Option<TargetState>,
    /// First day on which it is no longer ahead of schedule, as things stand.
    pub on_schedule_from: Option<Date>,
    /// First day on which it is behind schedule, as things stand.
    pub behind_from: Option<Date>,
    /// First day on which its light is yellow or red, as things stand.
    pub yellow_from: Option<Date>,
    /// First day on which its light is red, as things stand.
    pub red_from: Option<Date>,
    /// The light that the supervision office has set by hand.
    pub light_override: Option<Light>,
    /// The last day on which it holds.
    pub light_override_until: Option<Date>,
    /// Why it was set.
    pub light_override_reason: Option<String>,
    /// Percent complete as last accepted; none while nothing was.
    pub percent_complete: Option<i32>,
    /// Counts its changes, from 1.
    pub version: i32,
    /// When it was imported.
    pub created_at: DateTimeUtc,
    /// When it, its assignments or its designations last changed.
    pub updated_at: DateTimeUtc,
}

/// No relations: related rows are read through the store's scope, never through a join of convenience.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
