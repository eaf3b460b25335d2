//! What happened.

use async_graphql::Enum;

/// What happened.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "entity::kinds::EventType")]
pub(crate) enum EventType {
    /// A unit acknowledged its assignment (签收).
    AssignmentAcknowledged,
    /// The supervision office designated units (指定责任单位).
    UnitsDesignated,
    /// Reporting periods were created.
    PeriodsCreated,
    /// The rules of a plan were set.
    PlanRulesSet,
    /// A reporting period was opened before its time.
    PeriodOpened,
    /// A reporting period was locked by the supervision office before its time.
    PeriodLocked,
    /// A locked period was opened again for a unit.
    PeriodReopened,
    /// A draft was saved; told to its unit alone.
    ReportSaved,
    /// A draft waits for the unit manager's signature; told to its unit alone.
    SignoffRequested,
    /// A report was submitted (报送).
    ReportSubmitted,
    /// A report was recalled before its review began.
    ReportRecalled,
    /// The review of a report began.
    ReviewBegun,
    /// A report was accepted.
    ReportAccepted,
    /// A report was sent back (退回).
    ReportReturned,
    /// The target's state, light or progress is another one, or its light was set by hand or left to the rules again.
    TargetStandingChanged,
    /// A supervision notice was issued (督办).
    NoticeIssued,
    /// A supervision notice was answered.
    NoticeAnswered,
    /// A supervision notice was withdrawn.
    NoticeWithdrawn,
    /// A leader gave an instruction (批示).
    InstructionGiven,
    /// An instruction was answered.
    InstructionAnswered,
    /// A lead unit asked for a later due date or for the closing of a target (申请).
    RequestMade,
    /// A request was taken back (撤回申请).
    RequestWithdrawn,
    /// A request was granted (同意).
    RequestApproved,
    /// A request was refused (不同意).
    RequestRejected,
    /// A target's due date was put off (延期).
    TargetExtended,
    /// A target was closed (销号).
    TargetClosed,
    /// A closed target was opened again (重新打开).
    TargetReopened,
    /// A target was suspended (暂缓).
    TargetSuspended,
    /// A suspended target was taken up again (恢复).
    TargetResumed,
    /// A milestone was drafted or changed; told to those alone who may see its refined plan (时间节点).
    MilestoneSaved,
    /// A milestone was taken out of the refined plan.
    MilestoneRemoved,
    /// A milestone was reached, or said not to be after all.
    MilestoneMarked,
    /// A refined plan was handed in (细化方案).
    RefinementSubmitted,
    /// A refined plan came into force.
    RefinementApproved,
    /// A refined plan was sent back.
    RefinementReturned,
    /// A unit disputed its assignment (退回).
    AssignmentDisputed,
    /// A dispute was taken back.
    DisputeWithdrawn,
    /// The supervision office decided a dispute.
    DisputeDecided,
    /// An assignment went to another unit (改派).
    AssignmentReassigned,
    /// A target was amended (调整).
    TargetAmended,
    /// Indicators of a target were confirmed as they were proposed (确认量化指标).
    IndicatorsConfirmed,
    /// A target was cancelled (终止).
    TargetCancelled,
    /// A draft was imported or changed; told to its supervision office alone.
    DraftChanged,
    /// A plan was published (立项).
    PlanPublished,
    /// A plan was archived (归档).
    PlanArchived,
}
