//! The objects of the schema: each a row that the viewer has seen, with hand-written fields.

mod assignment;
mod available_action;
mod designation;
mod dispute;
mod indicator;
mod leader;
mod milestone;
mod node;
mod plan;
mod section;
mod target;
mod target_filter;
mod target_request;
mod unit;
mod unit_group;
mod user;

pub(crate) use assignment::Assignment;
pub(crate) use available_action::{AvailableAction, available_actions};
pub(crate) use designation::Designation;
pub(crate) use dispute::{Dispute, DisputeFilter};
pub(crate) use indicator::Indicator;
pub(crate) use leader::Leader;
pub(crate) use milestone::{Milestone, Refinement};
pub(crate) use node::Node;
pub(crate) use plan::Plan;
pub(crate) use section::Section;
pub(crate) use target::{Target, targets};
pub(crate) use target_filter::{TargetFilter, TargetOrder};
pub(crate) use target_request::{ClosureRequest, ExtensionRequest, RequestFilter, TargetRequest};
pub(crate) use unit::{Unit, UnitFilter};
pub(crate) use unit_group::UnitGroup;
pub(crate) use user::{RoleGrant, User, Viewer};
