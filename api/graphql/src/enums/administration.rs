//! What roles allow, how grants stand, and what can be set.

use async_graphql::Enum;

/// What a grant allows.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "entity::kinds::Role")]
pub(crate) enum Role {
    /// Manages units, groups, leaders and their posts, accounts and settings; sees no targets (系统管理员).
    SystemAdmin,
    /// Grants and revokes roles, unlocks accounts, ends sessions, sets how people sign in, and may ask who can read a target; reads none
    /// (安全管理员).
    SecurityAdmin,
    /// Reads, exports and verifies the audit log, and nothing else (审计管理员).
    AuditAdmin,
    /// The supervision office: sees all of its plans, drafts too; imports, edits, publishes and amends them, designates units, opens periods,
    /// reviews reports, issues notices, decides requests and disputes, sets rules and lights (督查室).
    Supervisor,
    /// A city leader: reads everything on the targets that the leader answers for, and writes instructions on them (责任领导).
    Leader,
    /// A unit's manager: reads the unit's targets, acknowledges or disputes its assignments, signs off and submits its reports, plans and
    /// requests, and answers notices and instructions (单位负责人).
    UnitManager,
    /// A unit's reporter: reads the unit's targets, and drafts its reports and refined plans (单位联络员).
    UnitReporter,
    /// Reads the targets of published plans and their accepted reports (观察员).
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
    /// Import, edit, publish, amend and archive plans, and set their rules (计划管理).
    ManagePlans,
    /// Designate units where the document names none.
    DesignateUnits,
    /// Create, open, lock and reopen reporting periods (报送周期).
    ManagePeriods,
    /// Review reports, and accept or return them (审核).
    ReviewReports,
    /// Decide on requests, disputes and refined plans, and set lights by hand (审批).
    DecideRequests,
    /// Issue and withdraw supervision notices (督办).
    IssueNotices,
    /// Give instructions on a target (批示).
    GiveInstructions,
    /// Acknowledge a unit's assignments, or dispute them (签收、退回).
    AcknowledgeAssignments,
    /// Draft a unit's reports and refined plans (填报).
    DraftReports,
    /// Sign off and submit a unit's reports and refined plans (审签、报送).
    SubmitReports,
    /// Ask for a later due date or for closure (延期申请、办结申请).
    SubmitRequests,
    /// Answer supervision notices and instructions (督办反馈、批示反馈).
    AnswerNotices,
    /// Create, disable and enable accounts, and reset their passwords.
    ManageAccounts,
    /// Change the register of units, unit groups and leaders.
    ManageDirectory,
    /// Grant and revoke roles, unlock accounts and end their sessions.
    ManageGrants,
    /// Read, export and verify the audit log.
    ReadAudit,
}

/// How a grant stands.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "domain::GrantState")]
pub(crate) enum RoleGrantState {
    /// It waits for a second security administrator, and allows nothing (待复核).
    Pending,
    /// The second security administrator rejected it (已驳回).
    Rejected,
    /// It begins later (未生效).
    Scheduled,
    /// It holds (有效).
    Live,
    /// Its time is over (已到期).
    Expired,
    /// It was revoked (已收回).
    Revoked,
}

/// What can be set for the whole installation.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "entity::kinds::SettingName")]
pub(crate) enum SettingName {
    /// A grant of an administrator's role or of SUPERVISOR needs a second security administrator's approval (授权双人复核).
    /// The system administrator sets it.
    GrantApproval,
    /// Failed sign-ins in a row that lock an account for one address; ten times as many lock it for all (登录失败次数). The security administrators set it.
    SignInFailures,
    /// How long an account stays locked, in minutes (锁定时长). The security administrators set it.
    SignInLockMinutes,
    /// How many days a password is good for (口令有效期), 0 for ever: whoever signs in or refreshes their session with an older one must change it before
    /// anything else. The security administrators set it.
    PasswordMaxAgeDays,
    /// The roles whose holders need a second factor (须双因素认证的角色), with commas between them; empty for none. The security
    /// administrators set it.
    SecondFactorRoles,
}

/// What sort of value a setting has.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SettingKind {
    /// `true` or `false`.
    Boolean,
    /// A whole number within bounds.
    Integer,
    /// Roles with commas between them, such as `SYSTEM_ADMIN,AUDIT_ADMIN`; may be empty.
    Roles,
}
