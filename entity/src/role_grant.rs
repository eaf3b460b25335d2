//! User × role × scope × validity (角色授权).

use sea_orm::entity::prelude::*;

use crate::{
    ids::{LeaderId, PlanId, RoleGrantId, UnitId, UserId},
    kinds::{GrantStatus, Role},
};

/// User × role × scope × validity (角色授权).
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "role_grant")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key)]
    pub id: RoleGrantId,
    /// Who may.
    pub user_id: UserId,
    /// What.
    pub role: Role,
    /// Scope of UNIT_MANAGER and UNIT_REPORTER.
    pub unit_id: Option<UnitId>,
    /// Scope of LEADER.
    pub leader_id: Option<LeaderId>,
    /// Scope of SUPERVISOR and OBSERVER; none means all plans.
    pub plan_id: Option<PlanId>,
    /// From when on.
    pub valid_from: DateTimeUtc,
    /// Until when (not included); none means no end.
    pub valid_until: Option<DateTimeUtc>,
    /// Who granted it; none for the first start and the demo.
    pub granted_by_id: Option<UserId>,
    /// Why.
    pub reason: String,
    /// When it was granted, or asked for.
    pub created_at: DateTimeUtc,
    /// Whether it waits for a second security administrator.
    pub status: GrantStatus,
    /// The second security administrator, who approved or rejected it; none where nobody had to.
    pub decided_by_id: Option<UserId>,
    /// When.
    pub decided_at: Option<DateTimeUtc>,
    /// Why.
    pub decision_reason: Option<String>,
    /// Who revoked it; none at the command line.
    pub revoked_by_id: Option<UserId>,
    /// When.
    pub revoked_at: Option<DateTimeUtc>,
    /// Why.
    pub revocation_reason: Option<String>,
}

/// No relations: related rows are read through the store's scope, never through a join of convenience.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
