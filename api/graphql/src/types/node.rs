//! Node: whatever has a global ID.

use async_graphql::{ID, Interface};

use super::{
    Amendment, Assignment, Attachment, AuditEntry, ClosureRequest, Designation, Dispute, Event,
    ExtensionRequest, Indicator, Instruction, Leader, Milestone, Plan, Post, ProgressReport,
    ReportVersion, ReportingPeriod, Review, RoleGrant, Section, SupervisionNotice, Target,
    TargetRequest, Unit, UnitGroup, User,
};
use crate::{error::ApiError, id::AnyId, request::Request};

/// An object with a global ID, by which `node` finds it again.
#[derive(Interface, Clone)]
#[graphql(field(
    name = "id",
    ty = "ID",
    desc = "The global ID: opaque, and good for ever."
))]
pub(crate) enum Node {
    Plan(Plan),
    Section(Section),
    Target(Target),
    Leader(Leader),
    Post(Post),
    Unit(Unit),
    UnitGroup(UnitGroup),
    Assignment(Assignment),
    Designation(Designation),
    Indicator(Indicator),
    SupervisionNotice(SupervisionNotice),
    Instruction(Instruction),
    User(User),
    RoleGrant(RoleGrant),
    ReportingPeriod(ReportingPeriod),
    ProgressReport(ProgressReport),
    ReportVersion(ReportVersion),
    Review(Review),
    Attachment(Attachment),
    Event(Event),
    ExtensionRequest(ExtensionRequest),
    ClosureRequest(ClosureRequest),
    Milestone(Milestone),
    Dispute(Dispute),
    AuditEntry(AuditEntry),
    Amendment(Amendment),
}

impl Node {
    /// The object of an ID, if there is one that the viewer may see.
    pub(crate) async fn find(request: &Request, id: AnyId) -> Result<Option<Self>, ApiError> {
        let loaders = &request.loaders;
        let found = match id {
            AnyId::Plan(id) => loaders
                .one(id)
                .await
                .map(|row| row.map(|row| Plan::from(row).into())),
            AnyId::Section(id) => loaders
                .one(id)
                .await
                .map(|row| row.map(|row| Section::from(row).into())),
            AnyId::Target(id) => loaders
                .one(id)
                .await
                .map(|row| row.map(|row| Target::from(row).into())),
            AnyId::Leader(id) => loaders
                .one(id)
                .await
                .map(|row| row.map(|row| Leader::from(row).into())),
            AnyId::Post(id) => loaders
                .one(id)
                .await
                .map(|row| row.map(|row| Post::from(row).into())),
            AnyId::Unit(id) => loaders
                .one(id)
                .await
                .map(|row| row.map(|row| Unit::from(row).into())),
            AnyId::UnitGroup(id) => loaders
                .one(id)
                .await
                .map(|row| row.map(|row| UnitGroup::from(row).into())),
            AnyId::Assignment(id) => loaders
                .one(id)
                .await
                .map(|row| row.map(|row| Assignment::from(row).into())),
            AnyId::Designation(id) => loaders
                .one(id)
                .await
                .map(|row| row.map(|row| Designation::from(row).into())),
            AnyId::Indicator(id) => loaders
                .one(id)
                .await
                .map(|row| row.map(|row| Indicator::from(row).into())),
            AnyId::ReportingPeriod(id) => loaders
                .one(id)
                .await
                .map(|row| row.map(|row| ReportingPeriod::from(row).into())),
            AnyId::ProgressReport(id) => loaders
                .one(id)
                .await
                .map(|row| row.map(|row| ProgressReport::from(row).into())),
            AnyId::ReportVersion(id) => loaders
                .one(id)
                .await
                .map(|row| row.map(|row| ReportVersion::from(row).into())),
            AnyId::Review(id) => loaders
                .one(id)
                .await
                .map(|row| row.map(|row| Review::from(row).into())),
            AnyId::Attachment(id) => loaders
                .one(id)
                .await
                .map(|row| row.map(|row| Attachment::from(row).into())),
            AnyId::Event(id) => loaders
                .one(id)
                .await
                .map(|row| row.map(|row| Event::from(row).into())),
            AnyId::SupervisionNotice(id) => loaders
                .one(id)
                .await
                .map(|row| row.map(|row| SupervisionNotice::from(row).into())),
            AnyId::Instruction(id) => loaders
                .one(id)
                .await
                .map(|row| row.map(|row| Instruction::from(row).into())),
            AnyId::Amendment(id) => loaders
                .one(id)
                .await
                .map(|row| row.map(|row| Amendment::from(row).into())),
            AnyId::TargetRequest(id) => loaders
                .one(id)
                .await
                .map(|row| row.map(|row| TargetRequest::from(row).into())),
            AnyId::Milestone(id) => loaders
                .one(id)
                .await
                .map(|row| row.map(|row| Milestone::from(row).into())),
            AnyId::Dispute(id) => loaders
                .one(id)
                .await
                .map(|row| row.map(|row| Dispute::from(row).into())),
            AnyId::AuditEntry(id) => loaders
                .one(id)
                .await
                .map(|row| row.map(|row| AuditEntry::from(row).into())),
            AnyId::User(id) => loaders
                .one(id)
                .await
                .map(|row| row.map(|row| User::from(row).into())),
            AnyId::RoleGrant(id) => loaders
                .one(id)
                .await
                .map(|row| row.map(|row| RoleGrant::from(row).into())),
        };
        found.map_err(|error| request.error(error))
    }
}
