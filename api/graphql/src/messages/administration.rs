//! Why an administrator's act is refused, in words.

use domain::{GrantState, Language, Reason};
use entity::kinds::Role;

use super::pick;

/// Why an administrator's act is refused.
pub(super) fn administration(reason: &Reason, language: Language) -> String {
    let (zh, en) = match reason {
        Reason::NotSystemAdmin => (
            "只有系统管理员可以进行此操作。",
            "Only the system administrator can do this.",
        ),
        Reason::NotSecurityAdmin => (
            "只有安全管理员可以进行此操作。",
            "Only a security administrator can do this.",
        ),
        Reason::NotToOneself => (
            "不能对本人进行此操作。",
            "Nobody can do this to themselves.",
        ),
        Reason::AdministratorAccount => (
            "管理员账号的密码只能在服务器命令行重置。",
            "An administrator's password is reset at the server's command line alone.",
        ),
        Reason::ApproverIsGranter => (
            "复核人不能是申请授权的安全管理员本人。",
            "Another security administrator than the one who asked for the grant must decide.",
        ),
        Reason::AdministratorAlone { held } => {
            let (zh, en) = role(*held);
            return match language {
                Language::ZhCn => {
                    format!("该用户在此期间是{zh}。三员分立：管理员不得兼任其他角色。")
                }
                Language::En => format!(
                    "The user is {en} during that time, and an administrator has no other role."
                ),
            };
        }
        Reason::AccountDisabled => ("该账号已停用。", "The account is disabled."),
        Reason::AccountActive => ("该账号未停用。", "The account is not disabled."),
        Reason::AccountNotLocked => ("该账号未锁定。", "The account is not locked."),
        Reason::AlreadyGranted => (
            "该用户在此期间已有相同授权。",
            "The user has this grant during that time already.",
        ),
        Reason::GrantState { state } => match state {
            GrantState::Pending => ("该授权待复核。", "The grant waits for approval."),
            GrantState::Rejected => ("该授权已被驳回。", "The grant was rejected."),
            GrantState::Scheduled => ("该授权尚未生效。", "The grant has not begun yet."),
            GrantState::Live => ("该授权已生效。", "The grant holds."),
            GrantState::Expired => ("该授权已到期。", "The grant has expired."),
            GrantState::Revoked => ("该授权已收回。", "The grant was revoked."),
        },
        Reason::NameTaken => ("该名称已被使用。", "The name is taken."),
        Reason::UnitUnknown { name } => {
            return match language {
                Language::ZhCn => format!("没有名为“{name}”的单位。"),
                Language::En => format!("There is no unit called {name}."),
            };
        }
        Reason::ColumnUnknown => (
            "无法识别该列，或该列重复。可用的列：用户名、姓名、单位。",
            "This column is not known, or stands there twice. The columns are username, displayName and unit.",
        ),
        Reason::UsernameUnfit => (
            "用户名只能包含英文字母、数字和 . _ - @，并以字母或数字开头和结尾。",
            "A sign-in name holds the letters a to z, digits and . _ - @ alone, and begins and ends with a letter or a digit.",
        ),
        Reason::ScopeMissing { role: of } => {
            let (zh, en) = role(*of);
            return match language {
                Language::ZhCn => format!("授予{zh}时须给出此项。"),
                Language::En => format!("This must be given for {en}."),
            };
        }
        Reason::ScopeNotWanted { role: of } => {
            let (zh, en) = role(*of);
            return match language {
                Language::ZhCn => format!("授予{zh}时不能给出此项。"),
                Language::En => format!("This is not taken for {en}."),
            };
        }
        Reason::EndsBeforeItBegins => (
            "结束时间应晚于开始时间。",
            "The end must be after the beginning.",
        ),
        Reason::NotBoolean => ("应为 true 或 false。", "Must be true or false."),
        Reason::NotCode => ("应为六位数字代码。", "Must be a code of six digits."),
        Reason::UnitMerged { into } => {
            return match language {
                Language::ZhCn => format!("该单位已并入{into}。"),
                Language::En => format!("The unit was merged into {into}."),
            };
        }
        Reason::Unchanged => ("与原来相同。", "It would be the same as before."),
        Reason::GroupWithoutMembers => (
            "该单位组不指代任何单位，没有成员。",
            "The group's phrase names nobody: it has no members.",
        ),
        Reason::NotInOffice => (
            "该责任领导届时不担任职务。",
            "The leader holds no post then.",
        ),
        Reason::SuccessorIsPredecessor => (
            "继任领导不能与离任领导为同一人。",
            "A leader cannot take over from themselves.",
        ),
        Reason::MergedIntoItself => ("单位不能并入自身。", "A unit cannot be merged into itself."),
        // The others are worded by `refusal`, which asks here last.
        _ => ("操作被拒绝。", "The act is refused."),
    };
    pick(language, zh, en)
}

/// The name of a role.
const fn role(role: Role) -> (&'static str, &'static str) {
    match role {
        Role::SystemAdmin => ("系统管理员", "SYSTEM_ADMIN"),
        Role::SecurityAdmin => ("安全管理员", "SECURITY_ADMIN"),
        Role::AuditAdmin => ("审计管理员", "AUDIT_ADMIN"),
        Role::Supervisor => ("督查室角色", "SUPERVISOR"),
        Role::Leader => ("责任领导角色", "LEADER"),
        Role::UnitManager => ("单位负责人角色", "UNIT_MANAGER"),
        Role::UnitReporter => ("单位联络员角色", "UNIT_REPORTER"),
        Role::Observer => ("观察员角色", "OBSERVER"),
    }
}
