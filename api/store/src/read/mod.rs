//! Reading: what each kind of thing can be asked for.

mod attachments;
mod designations;
mod directory;
mod events;
mod indicator_readings;
pub(crate) mod instructions;
pub(crate) mod notices;
mod outline;
mod periods;
mod plans;
pub(crate) mod report_facts;
pub(crate) mod reports;
mod responsibility;
mod statistics;
mod target_filter;
mod targets;

pub use designations::DesignationFilter;
pub use directory::UnitFilter;
pub use indicator_readings::ReadingsOf;
pub use instructions::InstructionFilter;
pub use notices::SupervisionNoticeFilter;
pub use reports::{ProgressReportFilter, ReportOrder, ReportOrderField, ReportsOf};
pub use responsibility::AssignmentRow;
pub use statistics::{
    PeriodNumbers, ReportNumbers, Statistics, StatisticsGroup, StatisticsKey, TargetNumbers,
    TrendOf, UnitScore,
};
pub use target_filter::TargetFilter;
pub use targets::{TargetOrder, TargetOrderField, TargetsOf};
