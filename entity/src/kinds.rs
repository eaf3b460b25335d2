//! Every stored word once: the word in the database is the word in Rust (in upper case) and in GraphQL.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// Declares an enum stored as its upper-case word, with `ALL` and `as_str` for those who list or print it.
macro_rules! kinds {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, EnumIter, DeriveActiveEnum, Serialize, Deserialize)]
        #[sea_orm(rs_type = "String", db_type = "String(StringLen::N(32))")]
        pub enum $name {
            $($(#[$vdoc])* #[sea_orm(string_value = $word)] #[serde(rename = $word)] $variant,)+
        }

        impl $name {
            /// All words, in the order in which they are declared.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The stored word.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            /// The value that a stored word stands for.
            pub fn from_word(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$variant),)+ _ => None }
            }
        }
    };
}

kinds! {
    /// The life of a plan (domain.md §2).
    PlanStatus {
        /// Being prepared; only the supervision office sees it.
        Draft = "DRAFT",
        /// In force.
        Published = "PUBLISHED",
        /// A past year's plan, kept for reading.
        Archived = "ARCHIVED",
    }
}

kinds! {
    /// What sort of organisation a unit is.
    UnitKind {
        /// A government department (政府部门).
        GovernmentDepartment = "GOVERNMENT_DEPARTMENT",
        /// A party committee's department (党委部门).
        PartyOrgan = "PARTY_ORGAN",
        /// The office of a coordinating body, such as a headquarters or leading group (议事协调机构办公室).
        CoordinatingOffice = "COORDINATING_OFFICE",
        /// A county-level government (县级政府).
        CountyGovernment = "COUNTY_GOVERNMENT",
        /// The management committee of a development zone (功能区管委会).
        DevelopmentZone = "DEVELOPMENT_ZONE",
        /// A public institution (事业单位).
        PublicInstitution = "PUBLIC_INSTITUTION",
        /// A school, college or university (院校).
        School = "SCHOOL",
        /// A local agency of a central or provincial body (垂直管理单位).
        VerticalAgency = "VERTICAL_AGENCY",
        /// An enterprise, state-owned or not (企业).
        Enterprise = "ENTERPRISE",
        /// A mass organisation or social body (群团组织).
        MassOrganisation = "MASS_ORGANISATION",
    }
}

kinds! {
    /// What a unit group's phrase does when a document uses it.
    GroupResolution {
        /// The phrase stands for its members: each becomes an assignment.
        Members = "MEMBERS",
        /// The phrase names nobody yet: the supervision office designates the units.
        Designation = "DESIGNATION",
    }
}

kinds! {
    /// A unit's part in a target (domain.md §3).
    AssignmentRole {
        /// Organises and answers for the target (牵头).
        Lead = "LEAD",
        /// Cooperates (配合).
        Supporting = "SUPPORTING",
    }
}

kinds! {
    /// Where an assignment came from.
    AssignmentOrigin {
        /// The document names the unit.
        Named = "NAMED",
        /// The document names a group of which the unit is a member.
        Group = "GROUP",
        /// The supervision office designated the unit.
        Designation = "DESIGNATION",
    }
}

kinds! {
    /// How far a target is, as bulletins sort it (domain.md §6).
    TargetState {
        /// Done (已完成).
        Completed = "COMPLETED",
        /// Ahead of schedule (超进度).
        Ahead = "AHEAD",
        /// On schedule (达序时).
        OnSchedule = "ON_SCHEDULE",
        /// Behind schedule (欠进度).
        Behind = "BEHIND",
        /// Not started: nothing has been reported (未启动).
        NotStarted = "NOT_STARTED",
        /// Adjusted or suspended (其它).
        Other = "OTHER",
    }
}

kinds! {
    /// The colour under which a target is listed (亮灯).
    Light {
        /// Completed, ahead or on schedule.
        Green = "GREEN",
        /// Behind, a milestone overdue, or a report missing after its due time.
        Yellow = "YELLOW",
        /// Further behind, or past the due date, or a red notice is open.
        Red = "RED",
    }
}

kinds! {
    /// How long a reporting period is (报送周期).
    PeriodKind {
        /// A month (月报).
        Month = "MONTH",
        /// A quarter (季报).
        Quarter = "QUARTER",
    }
}

kinds! {
    /// How a reading is compared with an indicator's goal.
    Comparison {
        /// The goal or more (以上).
        AtLeast = "AT_LEAST",
        /// The goal or less (以下, or a ceiling by its nature).
        AtMost = "AT_MOST",
    }
}

kinds! {
    /// What sort of number an indicator is (domain.md §6).
    IndicatorKind {
        /// A number of things to reach by the end; cumulative (个, 家, 项).
        Count = "COUNT",
        /// A quantity to reach by the end; cumulative (元, 亩, 公里).
        Amount = "AMOUNT",
        /// A rate of change (增长, 下降, 提高…个百分点).
        Rate = "RATE",
        /// A level to reach or keep (比重, 覆盖率, 达到).
        Level = "LEVEL",
    }
}

kinds! {
    /// What a grant allows; see domain.md §4 and `domain::grant`.
    Role {
        /// 系统管理员: units, leaders, accounts and settings.
        SystemAdmin = "SYSTEM_ADMIN",
        /// 安全管理员: grants, locks and sessions.
        SecurityAdmin = "SECURITY_ADMIN",
        /// 审计管理员: the audit log.
        AuditAdmin = "AUDIT_ADMIN",
        /// 督查室: plans, designations and everything that happens to targets.
        Supervisor = "SUPERVISOR",
        /// 责任领导: reads everything on the targets they answer for.
        Leader = "LEADER",
        /// 单位负责人: acknowledges and signs for a unit.
        UnitManager = "UNIT_MANAGER",
        /// 单位联络员: drafts for a unit.
        UnitReporter = "UNIT_REPORTER",
        /// 观察员: reads published targets.
        Observer = "OBSERVER",
    }
}

kinds! {
    /// Whether a grant waits for a second security administrator. That it has begun, ended or was revoked is derived.
    GrantStatus {
        /// It waits for approval, and allows nothing.
        Pending = "PENDING",
        /// It holds as far as its validity goes.
        Granted = "GRANTED",
        /// It was refused by the second security administrator.
        Rejected = "REJECTED",
    }
}

kinds! {
    /// What can be set (domain.md §4); type, bounds and defaults are in `domain::setting`.
    SettingName {
        /// Grants of an administrator's role or of SUPERVISOR need a second security administrator's approval.
        GrantApproval = "GRANT_APPROVAL",
        /// Failures in a row that lock an account.
        SignInFailures = "SIGN_IN_FAILURES",
        /// How long an account stays locked, in minutes.
        SignInLockMinutes = "SIGN_IN_LOCK_MINUTES",
        /// How long a password is good, in days; 0 for ever.
        PasswordMaxAgeDays = "PASSWORD_MAX_AGE_DAYS",
        /// The roles whose holders need a second factor.
        SecondFactorRoles = "SECOND_FACTOR_ROLES",
    }
}

kinds! {
    /// The states of a progress report (domain.md §5).
    ReportStatus {
        /// Being written in the unit; nobody else sees it.
        Draft = "DRAFT",
        /// Waiting for the unit manager's signature (待审签); nobody else sees it.
        PendingSignoff = "PENDING_SIGNOFF",
        /// Handed in to the supervision office.
        Submitted = "SUBMITTED",
        /// Sent back by the supervision office (退回).
        Returned = "RETURNED",
        /// Accepted by the supervision office.
        Accepted = "ACCEPTED",
    }
}

kinds! {
    /// What the supervision office makes of a report.
    ReviewDecision {
        /// It counts.
        Accept = "ACCEPT",
        /// It goes back to the unit, with a comment.
        Return = "RETURN",
    }
}

kinds! {
    /// How urgent a supervision notice is (三色督办单).
    NoticeColour {
        /// A deadline is near (蓝色).
        Blue = "BLUE",
        /// Behind schedule, or poorly done (黄色).
        Yellow = "YELLOW",
        /// Overdue (红色); while it is open, the target's light is red.
        Red = "RED",
    }
}

kinds! {
    /// What a lead unit asks for.
    RequestKind {
        /// A later due date (延期申请).
        Extension = "EXTENSION",
        /// That the target be closed (办结申请).
        Closure = "CLOSURE",
    }
}

kinds! {
    /// The states of a supervision notice. That its answer is overdue is derived, never a state.
    NoticeStatus {
        /// Wants an answer.
        Open = "OPEN",
        /// The unit has answered.
        Answered = "ANSWERED",
        /// The supervision office has taken it back.
        Withdrawn = "WITHDRAWN",
    }
}

kinds! {
    /// The states of a request.
    RequestStatus {
        /// Waiting for the supervision office.
        Pending = "PENDING",
        /// Granted.
        Approved = "APPROVED",
        /// Refused.
        Rejected = "REJECTED",
        /// Taken back by its unit.
        Withdrawn = "WITHDRAWN",
    }
}

kinds! {
    /// The rung of the ladder on which a notice was issued by rule.
    NoticeRung {
        /// A report or the target itself is due soon.
        DueSoon = "DUE_SOON",
        /// A report is missing after its due time.
        ReportMissing = "REPORT_MISSING",
        /// The target is behind schedule.
        Behind = "BEHIND",
        /// The target is far behind schedule.
        FarBehind = "FAR_BEHIND",
        /// The target is past its due date.
        PastDue = "PAST_DUE",
    }
}

kinds! {
    /// The states of a target's refined plan (细化方案).
    RefinementStatus {
        /// Being written by the lead units; nobody else sees it.
        Draft = "DRAFT",
        /// Handed in to the supervision office.
        Submitted = "SUBMITTED",
        /// Sent back by the supervision office (退回).
        Returned = "RETURNED",
        /// In force.
        Approved = "APPROVED",
    }
}

kinds! {
    /// The states of a dispute (退回).
    DisputeStatus {
        /// Waiting for the supervision office.
        Open = "OPEN",
        /// The supervision office insists on the assignment.
        Insisted = "INSISTED",
        /// The assignment went to another unit.
        Reassigned = "REASSIGNED",
        /// Taken back by its unit.
        Withdrawn = "WITHDRAWN",
    }
}

kinds! {
    /// For whom something that happens on a target is meant, within what they see of targets at all; `store::visible`
    /// says who that is.
    Audience {
        /// The unit itself: its drafts.
        Unit = "UNIT",
        /// The unit, the supervision office and the leaders: notices and disputes, which are between them.
        Parties = "PARTIES",
        /// The unit, lead units, the supervision office and the leaders: reports from their submission on.
        Leads = "LEADS",
        /// Lead units, the supervision office and the leaders: instructions, which are no unit's.
        LeadUnits = "LEAD_UNITS",
        /// The unit, lead units, the supervision office, the leaders, observers, and, of a lead unit's, every unit of the
        /// target: accepted reports.
        Accepted = "ACCEPTED",
        /// Whoever sees the target.
        Target = "TARGET",
        /// Whoever sees the plan.
        Plan = "PLAN",
        /// The unit and the supervision office, about a plan: exceptions from its locks.
        PlanUnit = "PLAN_UNIT",
    }
}

kinds! {
    /// What happened.
    EventType {
        /// A unit acknowledged its assignment (签收).
        AssignmentAcknowledged = "ASSIGNMENT_ACKNOWLEDGED",
        /// The supervision office designated units.
        UnitsDesignated = "UNITS_DESIGNATED",
        /// Reporting periods were created.
        PeriodsCreated = "PERIODS_CREATED",
        /// The rules of a plan were set.
        PlanRulesSet = "PLAN_RULES_SET",
        /// A reporting period was opened before its time.
        PeriodOpened = "PERIOD_OPENED",
        /// A reporting period was locked by the supervision office.
        PeriodLocked = "PERIOD_LOCKED",
        /// A locked period was opened again for a unit.
        PeriodReopened = "PERIOD_REOPENED",
        /// A draft was saved.
        ReportSaved = "REPORT_SAVED",
        /// A draft waits for the unit manager's signature.
        SignoffRequested = "SIGNOFF_REQUESTED",
        /// A report was handed in.
        ReportSubmitted = "REPORT_SUBMITTED",
        /// A report was taken back before its review began.
        ReportRecalled = "REPORT_RECALLED",
        /// The review of a report began.
        ReviewBegun = "REVIEW_BEGUN",
        /// A report was accepted.
        ReportAccepted = "REPORT_ACCEPTED",
        /// A report was sent back.
        ReportReturned = "REPORT_RETURNED",
        /// A supervision notice was issued (督办).
        NoticeIssued = "NOTICE_ISSUED",
        /// A supervision notice was answered.
        NoticeAnswered = "NOTICE_ANSWERED",
        /// A supervision notice was withdrawn.
        NoticeWithdrawn = "NOTICE_WITHDRAWN",
        /// A leader gave an instruction (批示).
        InstructionGiven = "INSTRUCTION_GIVEN",
        /// An instruction was answered.
        InstructionAnswered = "INSTRUCTION_ANSWERED",
        /// A lead unit asked for a later due date or for the closing of a target.
        RequestMade = "REQUEST_MADE",
        /// A request was taken back.
        RequestWithdrawn = "REQUEST_WITHDRAWN",
        /// A request was granted.
        RequestApproved = "REQUEST_APPROVED",
        /// A request was refused.
        RequestRejected = "REQUEST_REJECTED",
        /// A target's due date was put off.
        TargetExtended = "TARGET_EXTENDED",
        /// A target was closed (销号).
        TargetClosed = "TARGET_CLOSED",
        /// A closed target was opened again.
        TargetReopened = "TARGET_REOPENED",
        /// A target was suspended.
        TargetSuspended = "TARGET_SUSPENDED",
        /// A target was amended (调整).
        TargetAmended = "TARGET_AMENDED",
        /// Indicators of a target were confirmed as they were proposed.
        IndicatorsConfirmed = "INDICATORS_CONFIRMED",
        /// A target was cancelled (终止).
        TargetCancelled = "TARGET_CANCELLED",
        /// A draft was imported or changed; told to its supervision office alone.
        DraftChanged = "DRAFT_CHANGED",
        /// A plan was published (立项).
        PlanPublished = "PLAN_PUBLISHED",
        /// A plan was archived (归档).
        PlanArchived = "PLAN_ARCHIVED",
        /// A suspended target was taken up again.
        TargetResumed = "TARGET_RESUMED",
        /// A milestone was drafted or changed.
        MilestoneSaved = "MILESTONE_SAVED",
        /// A milestone was taken out of the refined plan.
        MilestoneRemoved = "MILESTONE_REMOVED",
        /// A milestone was reached, or said not to be after all.
        MilestoneMarked = "MILESTONE_MARKED",
        /// A refined plan was handed in.
        RefinementSubmitted = "REFINEMENT_SUBMITTED",
        /// A refined plan came into force.
        RefinementApproved = "REFINEMENT_APPROVED",
        /// A refined plan was sent back.
        RefinementReturned = "REFINEMENT_RETURNED",
        /// A unit disputed its assignment (退回).
        AssignmentDisputed = "ASSIGNMENT_DISPUTED",
        /// A dispute was taken back.
        DisputeWithdrawn = "DISPUTE_WITHDRAWN",
        /// The supervision office decided a dispute.
        DisputeDecided = "DISPUTE_DECIDED",
        /// An assignment went to another unit.
        AssignmentReassigned = "ASSIGNMENT_REASSIGNED",
        /// The target's state or light is another one.
        TargetStandingChanged = "TARGET_STANDING_CHANGED",
    }
}

impl EventType {
    /// Whether those who hear of it may know who did it. That a target stands otherwise is for all who see it; which act
    /// brought that about, and so whose, is not.
    pub fn tells_who(self) -> bool {
        self != Self::TargetStandingChanged
    }
}

kinds! {
    /// What came of an act, as the audit log keeps it.
    AuditOutcome {
        /// It was done.
        Succeeded = "SUCCEEDED",
        /// It was refused, and changed nothing.
        Refused = "REFUSED",
        /// It failed by a fault of the server, and changed nothing.
        Failed = "FAILED",
    }
}
