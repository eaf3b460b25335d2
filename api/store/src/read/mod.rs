//! Reading: what each kind of thing can be asked for.

mod designations;
mod directory;
pub(crate) mod disputes;
mod events;
mod outline;
mod periods;
mod plans;
pub(crate) mod refinements;
pub(crate) mod reports;
pub(crate) mod requests;
mod responsibility;
pub(crate) mod target_facts;
mod target_filter;
mod targets;

pub use designations::DesignationFilter;
pub use directory::UnitFilter;
pub use disputes::DisputeFilter;
pub use reports::{ProgressReportFilter, ReportOrder, ReportOrderField, ReportsOf};
pub use requests::RequestFilter;
pub use responsibility::AssignmentRow;
pub use target_filter::TargetFilter;
pub use targets::{TargetOrder, TargetOrderField, TargetsOf};
