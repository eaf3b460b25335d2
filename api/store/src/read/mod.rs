//! Reading: what each kind of thing can be asked for.

pub(crate) mod accounts;
pub(crate) mod amendments;
mod attachments;
mod audit;
pub(crate) mod designations;
mod directory;
pub(crate) mod disputes;
mod events;
pub(crate) mod grants;
mod indicator_readings;
pub(crate) mod instructions;
mod naming;
pub(crate) mod notices;
mod others;
mod outline;
mod periods;
mod plans;
pub(crate) mod refinements;
pub(crate) mod report_facts;
pub(crate) mod reports;
pub(crate) mod requests;
mod responsibility;
mod statistics;
pub(crate) mod target_facts;
mod target_filter;
mod targets;

pub use accounts::UserFilter;
pub use amendments::{AmendedIndicator, AmendedParts, AmendedSide, AmendedUnit, Amendments};
pub use audit::{AuditFilter, AuditKey, AuditUnitKey};
pub use designations::DesignationFilter;
pub use directory::UnitFilter;
pub use disputes::DisputeFilter;
pub use grants::{AccessExplanation, RoleGrantFilter};
pub use indicator_readings::ReadingsOf;
pub use instructions::InstructionFilter;
pub use notices::SupervisionNoticeFilter;
pub use reports::{LatestReport, ProgressReportFilter, ReportOrder, ReportOrderField, ReportsOf};
pub use requests::RequestFilter;
pub use responsibility::AssignmentRow;
pub use statistics::{
    MilestoneNumbers, PeriodNumbers, ReportNumbers, Statistics, StatisticsGroup, StatisticsKey,
    TargetNumbers, TrendOf, UnitScore,
};
pub use target_facts::TargetLife;
pub use target_filter::TargetFilter;
pub use targets::{TargetOrder, TargetOrderField, TargetsOf};

pub(crate) use others::{OthersRead, without_nulls};
