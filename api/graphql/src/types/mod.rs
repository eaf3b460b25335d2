//! The objects of the schema: each a row that the viewer has seen, with hand-written fields.

/// An object is made of a row of its own, or of one that it shares with others.
macro_rules! of_row {
    ($object:ident, $row:ty) => {
        impl From<store::Seen<$row>> for $object {
            fn from(row: store::Seen<$row>) -> Self {
                Self(std::sync::Arc::new(row))
            }
        }

        impl From<std::sync::Arc<store::Seen<$row>>> for $object {
            fn from(row: std::sync::Arc<store::Seen<$row>>) -> Self {
                Self(row)
            }
        }
    };
}

mod access_explanation;
mod actor;
mod amendment;
mod answer;
mod assignment;
mod attachment;
mod audit_entry;
mod available_action;
mod designation;
mod dispute;
mod event;
mod indicator;
mod indicator_reading;
mod instruction;
mod leader;
mod milestone;
mod node;
mod notice;
mod plan;
mod plan_rules;
mod post;
mod progress_report;
mod report_list;
mod report_version;
mod reporting_period;
mod review;
mod role_grant;
mod section;
mod setting;
mod statistics;
mod target;
mod target_filter;
mod target_request;
mod unit;
mod unit_group;
mod user;

pub(crate) use access_explanation::AccessExplanation;
pub(crate) use actor::{Actor, actor};
pub(crate) use amendment::Amendment;
pub(crate) use assignment::Assignment;
pub(crate) use attachment::Attachment;
pub(crate) use audit_entry::{
    AuditEntry, AuditFilter, AuditVerification, audit_entries, audit_verification,
};
pub use audit_entry::{audited_object, audited_user};
pub(crate) use available_action::{AvailableAction, available_actions};
pub(crate) use designation::Designation;
pub(crate) use dispute::{Dispute, DisputeFilter};
pub(crate) use event::Event;
pub(crate) use indicator::Indicator;
pub(crate) use indicator_reading::IndicatorReading;
pub(crate) use instruction::{Instruction, InstructionFilter, instructions};
pub(crate) use leader::Leader;
pub(crate) use milestone::{Milestone, Refinement};
pub(crate) use node::Node;
pub(crate) use notice::{SupervisionNotice, SupervisionNoticeFilter, supervision_notices};
pub(crate) use plan::Plan;
pub(crate) use plan_rules::PlanRules;
pub(crate) use post::Post;
pub(crate) use progress_report::ProgressReport;
pub(crate) use report_list::{ProgressReportFilter, ProgressReportOrder, reports};
pub(crate) use report_version::ReportVersion;
pub(crate) use reporting_period::ReportingPeriod;
pub(crate) use review::Review;
pub(crate) use role_grant::{RoleGrant, RoleGrantFilter};
pub(crate) use section::Section;
pub(crate) use setting::Setting;
pub(crate) use statistics::{
    AssessmentWeights, PeriodStatistics, Statistics, TrendFilter, UnitScore, period_of,
};
pub(crate) use target::{Target, targets};
pub(crate) use target_filter::{TargetFilter, TargetOrder, key};
pub(crate) use target_request::{ClosureRequest, ExtensionRequest, RequestFilter, TargetRequest};
pub(crate) use unit::{Unit, UnitFilter};
pub(crate) use unit_group::UnitGroup;
pub(crate) use user::{User, UserFilter, Viewer};
