//! How grants stand, and what can be set.

use async_graphql::Enum;

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
    /// Failed sign-ins in a row that lock an account (登录失败次数). The security administrators set it.
    SignInFailures,
    /// How long an account stays locked, in minutes (锁定时长). The security administrators set it.
    SignInLockMinutes,
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
