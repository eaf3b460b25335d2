//! Stored words as GraphQL enums: the same words, described for strangers.

mod administration;
mod audit;
mod directory;
mod events;
mod lights;
mod notices;
mod plans;
mod reports;
mod requests;

use async_graphql::Enum;

pub(crate) use administration::{Permission, Role, RoleGrantState, SettingKind, SettingName};
pub(crate) use audit::{AuditOutcome, AuditProblemKind};
pub(crate) use directory::{GroupResolution, UnitKind};
pub(crate) use events::EventType;
pub(crate) use lights::{Light, LightReasonCode};
pub(crate) use notices::{NoticeColour, NoticeRung, NoticeStatus};
pub(crate) use plans::{
    AssessmentPart, AssignmentOrigin, AssignmentRole, Comparison, IndicatorKind, PlanStatus,
    StatisticsGroup, TargetOrderField, TargetState,
};
pub(crate) use reports::{PeriodKind, ReportOrderField, ReportStatus, ReviewDecision};
pub(crate) use requests::{
    DisputeDecision, DisputeStatus, RefinementDecision, RefinementStatus, RequestDecision,
    RequestKind, RequestStatus,
};

/// Up or down.
#[derive(Enum, Clone, Copy, PartialEq, Eq, Default)]
#[graphql(remote = "store::Direction")]
pub(crate) enum OrderDirection {
    /// Smallest first.
    #[default]
    #[graphql(name = "ASC")]
    Ascending,
    /// Largest first.
    #[graphql(name = "DESC")]
    Descending,
}
