//! Stored words as GraphQL enums: the same words, described for strangers.

mod requests;

use async_graphql::Enum;

pub(crate) use requests::{
    DisputeDecision, DisputeStatus, RefinementDecision, RefinementStatus, RequestDecision,
    RequestKind, RequestStatus,
};
mod administration;

pub(crate) use administration::{RoleGrantState, SettingKind, SettingName};

/// The life of a plan.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "entity::kinds::PlanStatus")]
pub(crate) enum PlanStatus {
    /// Being prepared; only the supervision office sees it (草稿).
    Draft,
    /// In force (已发布).
    Published,
    /// A past year's plan, kept for reading (已归档).
    Archived,
}

/// What sort of organisation a unit is.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "entity::kinds::UnitKind")]
pub(crate) enum UnitKind {
    /// A government department (政府部门).
    GovernmentDepartment,
    /// A department of the party committee (党委部门).
    PartyOrgan,
    /// The office of a coordinating body, such as a headquarters (议事协调机构办公室).
    CoordinatingOffice,
    /// A county-level government (县级政府).
    CountyGovernment,
    /// The management committee of a development zone (功能区管委会).
    DevelopmentZone,
    /// A public institution (事业单位).
    PublicInstitution,
    /// A school, college or university (院校).
    School,
    /// A local agency of a central or provincial body (垂直管理单位).
    VerticalAgency,
    /// An enterprise (企业).
    Enterprise,
    /// A mass organisation or social body (群团组织).
    MassOrganisation,
}

/// What a unit group's phrase does when a document uses it.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "entity::kinds::GroupResolution")]
pub(crate) enum GroupResolution {
    /// It stands for its members: each becomes an assignment.
    Members,
    /// It names nobody yet: the supervision office designates the units.
    Designation,
}

/// A unit's part in a target.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "entity::kinds::AssignmentRole")]
pub(crate) enum AssignmentRole {
    /// Organises, and answers for the target (牵头).
    Lead,
    /// Cooperates (配合).
    Supporting,
}

/// Where an assignment came from.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "entity::kinds::AssignmentOrigin")]
pub(crate) enum AssignmentOrigin {
    /// The document names the unit.
    Named,
    /// The document names a group of which the unit is a member.
    Group,
    /// The supervision office designated the unit.
    Designation,
}

/// How far a target is, as bulletins sort it.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "entity::kinds::TargetState")]
pub(crate) enum TargetState {
    /// Done (已完成).
    Completed,
    /// Ahead of schedule (超进度).
    Ahead,
    /// On schedule (达序时).
    OnSchedule,
    /// Behind schedule (欠进度).
    Behind,
    /// Nothing has been reported and accepted yet (未启动).
    NotStarted,
    /// Adjusted or suspended (其它).
    Other,
}

/// How a reading is compared with an indicator's goal.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "entity::kinds::Comparison")]
pub(crate) enum Comparison {
    /// The goal or more (以上).
    AtLeast,
    /// The goal or less (以下).
    AtMost,
}

/// What sort of number an indicator is.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "entity::kinds::IndicatorKind")]
pub(crate) enum IndicatorKind {
    /// A number of things to reach by the end, added up over the year (个, 家, 项).
    Count,
    /// A quantity to reach by the end, added up over the year (元, 亩, 公里).
    Amount,
    /// A rate of change (增长, 提高…个百分点).
    Rate,
    /// A level to reach or keep (比重, 覆盖率).
    Level,
}

/// What a grant allows.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "entity::kinds::Role")]
pub(crate) enum Role {
    /// Manages units, leaders, accounts and settings; sees no targets (系统管理员).
    SystemAdmin,
    /// Grants and revokes roles; sees no targets (安全管理员).
    SecurityAdmin,
    /// Reads the audit log, and nothing else (审计管理员).
    AuditAdmin,
    /// The supervision office: all targets of its plans, drafts too; designates units (督查室).
    Supervisor,
    /// A city leader: reads the targets that the leader answers for (责任领导).
    Leader,
    /// A unit's manager: reads the unit's targets, and acknowledges its assignments (单位负责人).
    UnitManager,
    /// A unit's reporter: reads the unit's targets (单位联络员).
    UnitReporter,
    /// Reads the targets of published plans (观察员).
    Observer,
}

/// What you may do, for some object at least.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "domain::Permission")]
pub(crate) enum Permission {
    /// Read units, unit groups and leaders.
    ReadDirectory,
    /// Read targets, within your grants.
    ReadTargets,
    /// Read plans that are not published yet.
    ReadDraftPlans,
    /// Designate units where the document names none.
    DesignateUnits,
    /// Acknowledge a unit's assignments.
    AcknowledgeAssignments,
    /// Create, disable and enable accounts, and reset their passwords.
    ManageAccounts,
    /// Change the register of units, unit groups and leaders.
    ManageDirectory,
    /// Grant and revoke roles, unlock accounts and end their sessions.
    ManageGrants,
    /// Read, export and verify the audit log.
    ReadAudit,
}

/// The colour under which a target is listed (亮灯).
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "entity::kinds::Light")]
pub(crate) enum Light {
    /// Completed, ahead or on schedule (绿灯).
    Green,
    /// Behind, but at 80 % or more of the schedule (黄灯).
    Yellow,
    /// Further behind, or past the due date (红灯).
    Red,
}

/// Why a light has its colour.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "domain::progress::LightReasonCode")]
pub(crate) enum LightReasonCode {
    /// The supervision office has set the light by hand (人工调灯).
    Overridden,
    /// The target is completed.
    Completed,
    /// The target was adjusted or suspended.
    Adjusted,
    /// The due date has passed.
    PastDue,
    /// A red notice is open (红色督办单).
    RedNotice,
    /// Progress is behind the schedule, far enough for red.
    FarBehind,
    /// An indicator is behind the schedule or short of its goal, far enough for red.
    IndicatorFarBehind,
    /// Progress is behind the schedule, far enough for yellow.
    Behind,
    /// An indicator is behind the schedule or short of its goal, far enough for yellow.
    IndicatorBehind,
    /// A milestone is overdue (时间节点).
    MilestoneOverdue,
    /// A report is missing after its due time.
    ReportMissing,
    /// Progress is behind the schedule by no more than the plan's rule tolerates.
    SlightlyBehind,
    /// An indicator is behind the schedule or short of its goal by no more than the plan's rule tolerates.
    IndicatorSlightlyBehind,
    /// No progress has been accepted yet, and nothing is due yet.
    NothingDue,
    /// Progress is at or above what the day asks for.
    OnSchedule,
}

/// How urgent a supervision notice is (三色督办单).
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "entity::kinds::NoticeColour")]
pub(crate) enum NoticeColour {
    /// A deadline is near (蓝色督办单).
    Blue,
    /// Behind schedule, or poorly done (黄色督办单).
    Yellow,
    /// Overdue (红色督办单). While it is open, the target's light is red.
    Red,
}

/// The states of a supervision notice. That an answer is overdue is no state.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "entity::kinds::NoticeStatus")]
pub(crate) enum NoticeStatus {
    /// Wants an answer (待答复).
    Open,
    /// The unit has answered (已答复).
    Answered,
    /// The supervision office has taken it back (已撤回).
    Withdrawn,
}

/// By which rule a supervision notice was issued.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "entity::kinds::NoticeRung")]
pub(crate) enum NoticeRung {
    /// A report, or the target itself, is due soon.
    DueSoon,
    /// A report is missing after its due time.
    ReportMissing,
    /// The target is behind schedule.
    Behind,
    /// The target is far behind schedule.
    FarBehind,
    /// The target is past its due date.
    PastDue,
}

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

/// By what targets are sorted.
#[derive(Enum, Clone, Copy, PartialEq, Eq, Default)]
#[graphql(remote = "store::TargetOrderField")]
pub(crate) enum TargetOrderField {
    /// By plan, then number: the document's order.
    #[default]
    Number,
    /// By plan, then the section's place in the outline, then number.
    Section,
    /// By the moment of the last change.
    UpdatedAt,
}

/// How long a reporting period is (报送周期).
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "entity::kinds::PeriodKind")]
pub(crate) enum PeriodKind {
    /// A month (月报).
    Month,
    /// A quarter (季报).
    Quarter,
}

/// The state of a progress report.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "entity::kinds::ReportStatus")]
pub(crate) enum ReportStatus {
    /// Being written; nobody outside the unit sees it (草稿).
    Draft,
    /// Waiting for the unit manager's signature; nobody outside the unit sees it (待审签).
    PendingSignoff,
    /// Handed in, waiting for the supervision office's review (已报送).
    Submitted,
    /// Sent back by the supervision office (已退回).
    Returned,
    /// Accepted by the supervision office: it counts (已通过).
    Accepted,
}

/// What the supervision office makes of a report.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "entity::kinds::ReviewDecision")]
pub(crate) enum ReviewDecision {
    /// The report counts (通过).
    Accept,
    /// The report goes back to the unit, with a comment (退回).
    Return,
}

/// By what reports are sorted.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(name = "ProgressReportOrderField", remote = "store::ReportOrderField")]
pub(crate) enum ReportOrderField {
    /// By the moment of the last submission; one that was never submitted, by the moment at which it was begun.
    SubmittedAt,
    /// By the moment at which the reports of the period are due.
    Period,
}

/// By what the numbers of a plan are grouped.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "store::StatisticsGroup")]
pub(crate) enum StatisticsGroup {
    /// All in one.
    None,
    /// By section of the outline, each with its subtree (章节).
    Section,
    /// By leader who answers for targets today; a target with several counts for each (责任领导).
    Leader,
    /// By unit that is assigned to targets, leading or supporting (责任单位).
    Unit,
}

/// What a unit's score is made of (考核).
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "domain::assessment::ScorePart")]
pub(crate) enum AssessmentPart {
    /// Reports on time, of the reports due from the unit (报送及时率).
    Timeliness,
    /// Reports accepted at their first review, of those reviewed (一次通过率).
    FirstTimeAcceptance,
    /// Targets completed, ahead or on schedule today, of those that the unit leads; adjusted and suspended ones are left
    /// out, and one that was put off is behind from the day after its first due date (序时进度).
    Progress,
}

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
    /// A target was cancelled (终止).
    TargetCancelled,
    /// A draft was imported or changed; told to its supervision office alone.
    DraftChanged,
    /// A plan was published (立项).
    PlanPublished,
    /// A plan was archived (归档).
    PlanArchived,
}

/// What came of an act, as the audit log keeps it.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "entity::kinds::AuditOutcome")]
pub(crate) enum AuditOutcome {
    /// It was done.
    Succeeded,
    /// It was refused, and changed nothing.
    Refused,
    /// It failed by a fault of the server, and changed nothing.
    Failed,
}

/// What is wrong with the audit log.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "store::AuditProblemKind")]
pub(crate) enum AuditProblemKind {
    /// An entry, or its hash, is not what was sealed: it was changed, or another one stands in its place.
    Altered,
    /// An entry is gone, and its place in the chain is left.
    EntryRemoved,
    /// A place of the chain is gone.
    SealRemoved,
    /// The chain ends before a place that an anchor knows: its end was cut off.
    Truncated,
    /// The chain holds another hash than an anchor knows: it was written anew.
    Rewritten,
    /// An entry has neither a place in the chain nor waits for one: its place was taken away.
    Unchained,
    /// An entry that waited for its place in the chain is gone.
    PendingRemoved,
    /// Entries left the log for an archive of which the log itself does not tell.
    UnknownArchive,
}
