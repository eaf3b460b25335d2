//! A unit's part in a target (责任分工).

use sea_orm::entity::prelude::*;

use crate::{
    ids::{AssignmentId, DesignationId, PlanId, TargetId, UnitGroupId, UnitId, UserId},
    kinds::{AssignmentOrigin, AssignmentRole},
};

/// A unit's part in a target (责任分工).
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "assignment")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key)]
    pub id: AssignmentId,
    /// The target.
    pub target_id: TargetId,
    /// The target's plan, so that a unit's part of one plan is one index range.
    pub plan_id: PlanId,
    /// The unit.
    pub unit_id: UnitId,
    /// The unit that does the office's work (承办单位), if named.
    pub acting_unit_id: Option<UnitId>,
    /// LEAD or SUPPORTING.
    pub role: AssignmentRole,
    /// Place in the target's list, from 1.
    pub ordinal: i32,
    /// Where it came from.
    pub origin: AssignmentOrigin,
    /// The group it came through, if any.
    pub group_id: Option<UnitGroupId>,
    /// The designation that made it, if any.
    pub designation_id: Option<DesignationId>,
    /// When the unit acknowledged it (签收).
    pub acknowledged_at: Option<DateTimeUtc>,
    /// Who acknowledged it.
    pub acknowledged_by_id: Option<UserId>,
    /// When the unit got it, or was made to lead by an amendment; none when the document assigned it.
    pub assigned_at: Option<DateTimeUtc>,
    /// The last day for acknowledging it (签收期限); none in a draft, and for what was assigned before there were such days.
    pub acknowledge_by: Option<Date>,
}

/// No relations: related rows are read through the store's scope, never through a join of convenience.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
