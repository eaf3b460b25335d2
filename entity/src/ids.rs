//! Typed keys: a `TargetId` is never taken for a `UnitId`. The opaque global IDs of the API are made in crate `graphql`.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {
        $(
            $(#[$doc])*
            #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, DeriveValueType)]
            #[sea_orm(try_from_u64)]
            pub struct $name(pub i64);

            impl From<$name> for i64 {
                fn from(id: $name) -> i64 { id.0 }
            }
        )+
    };
}

ids! {
    /// Key of a plan.
    PlanId,
    /// Key of a section.
    SectionId,
    /// Key of a target.
    TargetId,
    /// Key of a leader: the person.
    LeaderId,
    /// Key of a post: the chair.
    PostId,
    /// Key of a tenure: a person in a chair for a while.
    TenureId,
    /// Key of a unit.
    UnitId,
    /// Key of a unit's alias.
    UnitAliasId,
    /// Key of a unit group.
    UnitGroupId,
    /// Key of an assignment.
    AssignmentId,
    /// Key of a designation.
    DesignationId,
    /// Key of an indicator.
    IndicatorId,
    /// Key of a reporting period.
    ReportingPeriodId,
    /// Key of an exception from a period's lock.
    LockExceptionId,
    /// Key of a progress report.
    ProgressReportId,
    /// Key of a version of a progress report.
    ReportVersionId,
    /// Key of an indicator's reading.
    IndicatorReadingId,
    /// Key of a review.
    ReviewId,
    /// Key of a supervision notice.
    SupervisionNoticeId,
    /// Key of an instruction.
    InstructionId,
    /// Key of a request about a target.
    TargetRequestId,
    /// Key of a milestone.
    MilestoneId,
    /// Key of a dispute.
    DisputeId,
    /// Key of a pause.
    PauseId,
    /// Key of an evidence file.
    AttachmentId,
    /// Key of an event; also its place in the outbox.
    EventId,
    /// Key of a user.
    UserId,
    /// Key of a role grant.
    RoleGrantId,
    /// Key of a change of a setting.
    SettingChangeId,
    /// Key of a session.
    SessionId,
    /// Key of a refresh token.
    RefreshTokenId,
    /// Key of an amendment of a target.
    AmendmentId,
    /// Key of a reviewed correction of a heading.
    HeadingCorrectionId,
    /// Key of a recovery code.
    RecoveryCodeId,
    /// Key of an audit entry. Its place in the chain is the `sequence` of its seal.
    AuditEntryId,
    /// Key of an archive of the audit log.
    AuditArchiveId,
}
