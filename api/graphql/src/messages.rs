//! Every sentence that a caller can read, in both languages, in one place.

use domain::{
    FileReason, Language, Reason,
    progress::{LightReason, LightReasonCode},
};
use store::BadInput;

/// What is wrong with a request as a whole.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Trouble {
    Unauthenticated,
    MustChangePassword,
    NotFound,
    Internal,
    BadInput(BadInput),
    IdOrBy,
    TooManyIds,
}

pub(crate) fn trouble(trouble: Trouble, language: Language) -> String {
    let (zh, en) = match trouble {
        Trouble::Unauthenticated => ("请先登录。", "Please sign in."),
        Trouble::MustChangePassword => (
            "请先修改一次性密码。",
            "Please change your one-time password first.",
        ),
        Trouble::NotFound => ("未找到该对象。", "No such object was found."),
        Trouble::Internal => (
            "服务器内部错误，请将请求编号告知管理员。",
            "The server failed. Please give the request ID to your administrator.",
        ),
        Trouble::IdOrBy => (
            "请在 id 与 by 中给出且仅给出一个。",
            "Give either id or by, and only one of them.",
        ),
        Trouble::TooManyIds => (
            "一次最多查询 100 个 id。",
            "At most 100 ids can be asked for at once.",
        ),
        Trouble::BadInput(input) => match input {
            BadInput::FirstAndLast => (
                "first 与 last 不能同时使用。",
                "first and last cannot be used together.",
            ),
            BadInput::NegativePage => (
                "first 与 last 不能为负数。",
                "first and last cannot be negative.",
            ),
            BadInput::PageTooLarge => ("每页最多 100 条。", "A page holds at most 100 items."),
            BadInput::Cursor => (
                "游标无效，或不属于此列表。",
                "The cursor is not valid for this list.",
            ),
            BadInput::SearchTooLong => (
                "搜索内容最多 100 个字符。",
                "A search text has at most 100 characters.",
            ),
            BadInput::FilterTooLarge => (
                "筛选条件过多，最多 20 个。",
                "A filter holds at most 20 filters.",
            ),
        },
    };
    pick(language, zh, en)
}

pub(crate) fn reason(reason: Reason, language: Language) -> String {
    let (zh, en) = match reason {
        Reason::NotFound => ("未找到该对象。", "No such object was found."),
        Reason::Empty => ("列表不能为空。", "The list must not be empty."),
        Reason::TooMany { most } => {
            return match language {
                Language::ZhCn => format!("一次最多 {most} 项。"),
                Language::En => format!("At most {most} items at once."),
            };
        }
        Reason::OutOfRange { least, most } => {
            return match language {
                Language::ZhCn => format!("应在 {least} 至 {most} 之间。"),
                Language::En => format!("Must be from {least} to {most}."),
            };
        }
        Reason::File(reason) => return file_reason(reason, language),
        Reason::BadCredentials => (
            "用户名或密码不正确，或账号已被暂时锁定。",
            "The name or password is wrong, or the account is locked for a while.",
        ),
        Reason::BadRefreshToken => (
            "登录已失效，请重新登录。",
            "The session has ended. Please sign in again.",
        ),
        Reason::WrongPassword => ("当前密码不正确。", "The current password is wrong."),
        Reason::PasswordTooShort { least } => {
            return match language {
                Language::ZhCn => format!("密码至少 {least} 个字符。"),
                Language::En => format!("A password has at least {least} characters."),
            };
        }
        Reason::PasswordTooLong { most } => {
            return match language {
                Language::ZhCn => format!("密码最多 {most} 个字符。"),
                Language::En => format!("A password has at most {most} characters."),
            };
        }
        Reason::PasswordTooCommon => (
            "该密码过于常见，容易被猜到。",
            "This password is too common, and easily guessed.",
        ),
        Reason::PasswordIsName => (
            "密码不能与用户名相同。",
            "The password must not be the user name.",
        ),
        Reason::PasswordUnchanged => (
            "新密码不能与当前密码相同。",
            "The new password must differ from the current one.",
        ),
        Reason::NotManagerOfUnit => (
            "只有该单位（或承办单位）的负责人可以签收。",
            "Only a manager of the unit, or of the unit acting for it, can acknowledge.",
        ),
        Reason::NotSupervisor => (
            "只有督查室可以指定责任单位。",
            "Only the supervision office can designate units.",
        ),
        Reason::AlreadyResolved => (
            "该事项已指定责任单位。",
            "Units have been designated already.",
        ),
    };
    pick(language, zh, en)
}

fn file_reason(reason: FileReason, language: Language) -> String {
    let (zh, en) = match reason {
        FileReason::TooLarge { most } => {
            let most = most / (1024 * 1024);
            return match language {
                Language::ZhCn => format!("文件不能超过 {most} MiB。"),
                Language::En => format!("A file has at most {most} MiB."),
            };
        }
        FileReason::WrongExtension { expected } => {
            return match language {
                Language::ZhCn => format!("扩展名与文件内容不符，应为 .{expected}。"),
                Language::En => {
                    format!("The extension does not fit the content: it should be .{expected}.")
                }
            };
        }
        FileReason::Empty => ("文件为空。", "The file is empty."),
        FileReason::NoName => ("文件没有名称。", "The file has no name."),
        FileReason::NotAllowed => (
            "不支持该类型的文件。请上传 PDF、OFD、Word、Excel、PowerPoint、WPS、图片（PNG、JPEG、WebP）、TXT 或 CSV 文件。",
            "Files of this kind are not taken. Use PDF, OFD, Word, Excel, PowerPoint, WPS, a picture (PNG, JPEG, WebP), TXT or CSV.",
        ),
        FileReason::Damaged => (
            "文件已损坏或不完整，请重新保存后上传。",
            "The file is damaged or incomplete. Please save it anew.",
        ),
        FileReason::Encrypted => (
            "文件已加密，请去除密码后上传。",
            "The file is encrypted. Please remove its password.",
        ),
        FileReason::Macros => (
            "文件含有宏，请另存为不含宏的文件后上传。",
            "The document has macros. Please save it without them.",
        ),
        FileReason::Markup => (
            "文本中含有网页或脚本代码，不能上传。",
            "The text is a web page or a script, which is not taken.",
        ),
        FileReason::Encoding => (
            "文本编码无法识别，请保存为 UTF-8 或 GB18030。",
            "The text's encoding is not known. Please save it as UTF-8 or GB18030.",
        ),
    };
    pick(language, zh, en)
}

pub(crate) fn light_reason(reason: LightReason, language: Language) -> String {
    let (zh, en) = match reason.code() {
        LightReasonCode::Overridden => (
            "督查室已人工调整亮灯。",
            "The supervision office has set the light.",
        ),
        LightReasonCode::Completed => ("已完成。", "Completed."),
        LightReasonCode::Adjusted => ("已调整或暂停。", "Adjusted or suspended."),
        LightReasonCode::PastDue => ("已超过完成时限。", "The due date has passed."),
        LightReasonCode::RedNotice => ("有未办结的红色督办单。", "A red notice is open."),
        LightReasonCode::FarBehind => (
            "进度严重落后于序时进度。",
            "Progress is far behind the elapsed share of the year.",
        ),
        LightReasonCode::IndicatorFarBehind => {
            ("量化指标严重落后。", "An indicator is far behind.")
        }
        LightReasonCode::Behind => (
            "进度落后于序时进度。",
            "Progress is behind the elapsed share of the year.",
        ),
        LightReasonCode::IndicatorBehind => ("量化指标落后。", "An indicator is behind."),
        LightReasonCode::MilestoneOverdue => ("时间节点已逾期。", "A milestone is overdue."),
        LightReasonCode::ReportMissing => (
            "进展报告逾期未报。",
            "A report is missing after its due time.",
        ),
        LightReasonCode::SlightlyBehind => (
            "进度略低于序时进度，在允许范围内。",
            "Progress is slightly behind the elapsed share of the year, within what is tolerated.",
        ),
        LightReasonCode::IndicatorSlightlyBehind => (
            "量化指标略有落后，在允许范围内。",
            "An indicator is slightly behind, within what is tolerated.",
        ),
        LightReasonCode::NothingDue => (
            "尚无审核通过的进展，也未到时限。",
            "No progress has been accepted yet, and nothing is due yet.",
        ),
        LightReasonCode::OnSchedule => (
            "进度不低于序时进度。",
            "Progress is at or above the elapsed share of the year.",
        ),
    };
    pick(language, zh, en)
}

fn pick(language: Language, zh: &str, en: &str) -> String {
    match language {
        Language::ZhCn => zh,
        Language::En => en,
    }
    .to_owned()
}
