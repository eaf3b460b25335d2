//! Why an act on one's own account, or on many accounts at once, is refused, in words.

use domain::{Language, Reason};

use super::pick;

/// Why an act on accounts is refused.
pub(super) fn account(reason: &Reason, language: Language) -> String {
    let (zh, en) = match reason {
        Reason::SecondFactorMissing => (
            "请输入动态验证码或恢复码。",
            "Please give the code that your authenticator shows, or a recovery code.",
        ),
        Reason::SecondFactorWrong | Reason::WrongCode => (
            "验证码不正确或已使用过。",
            "The code is wrong, or was used before.",
        ),
        Reason::SecondFactorOn => (
            "该账号已启用双因素认证。",
            "The account has a second factor already.",
        ),
        Reason::NoSecondFactor => (
            "该账号未启用双因素认证。",
            "The account has no second factor.",
        ),
        Reason::SecondFactorNotBegun => (
            "尚未开始设置双因素认证，或已超时，请重新开始。",
            "Setting up a second factor has not begun, or took too long: please begin anew.",
        ),
        Reason::SecondFactorUnavailable => (
            "服务器未配置密钥（secrets.key），无法启用双因素认证。",
            "The server has no key for second factors (secrets.key): they cannot be set up.",
        ),
        Reason::NotRoles => (
            "应为以逗号分隔的角色。",
            "Must be roles with commas between them.",
        ),
        // The others are worded by `refusal`, which asks here last.
        _ => ("操作被拒绝。", "The act is refused."),
    };
    pick(language, zh, en)
}
