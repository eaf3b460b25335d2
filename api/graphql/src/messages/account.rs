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
        Reason::TableTooLarge { most } => {
            let megabytes = most / (1024 * 1024);
            return match language {
                Language::ZhCn => format!("文件过大，最多 {megabytes} MiB，且解压后不得过大。"),
                Language::En => {
                    format!(
                        "The file is too large: at most {megabytes} MiB, nor may it unfold to too much."
                    )
                }
            };
        }
        Reason::NoTable => (
            "文件不是可读取的表格（.csv 或 .xlsx）。",
            "The file is no table that can be read (.csv or .xlsx).",
        ),
        Reason::TableEncoding => (
            "文本编码应为 UTF-8 或 GB18030。",
            "The text is neither UTF-8 nor GB18030.",
        ),
        Reason::ColumnMissing { column } => {
            let (zh, en) = match *column {
                "username" => ("用户名", "username"),
                _ => ("姓名", "displayName"),
            };
            return match language {
                Language::ZhCn => format!("表格缺少“{zh}”列。"),
                Language::En => format!("The table has no column {en}."),
            };
        }
        Reason::RowsWrong => (
            "表格中有错误，未导入任何账号。",
            "Rows of the table are wrong: no account was created.",
        ),
        Reason::AccountDiffers => (
            "该用户名已有账号，且姓名或单位不同。",
            "There is an account of this name, with another shown name or unit.",
        ),
        Reason::PostNotHeld => (
            "该责任领导不担任此职务。",
            "The leader does not hold this post.",
        ),
        // The others are worded by `refusal`, which asks here last.
        _ => ("操作被拒绝。", "The act is refused."),
    };
    pick(language, zh, en)
}
