//! Every sentence that a caller can read, in both languages, in one place.

mod access;
mod account;
mod administration;
mod file;
mod library;
mod light;
mod plan;
mod refusal;

use domain::Language;
use store::{BadInput, LARGEST_PAGE};

pub(crate) use access::access;
pub(crate) use library::translate;
pub(crate) use light::light_reason;
pub(crate) use plan::remark;
pub(crate) use refusal::reason;

/// The most characters of what could be the name of an act.
const LONGEST_ACT: usize = 64;

/// What is wrong with a request as a whole.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Trouble<'t> {
    Unauthenticated,
    MustChangePassword,
    MustSetUpSecondFactor,
    NotFound,
    Internal,
    BadInput(BadInput),
    IdOrBy,
    TooManyIds,
    TooManyActs { most: usize },
    UnknownAct(&'t str),
}

pub(crate) fn trouble(trouble: Trouble<'_>, language: Language) -> String {
    let (zh, en) = match trouble {
        Trouble::Unauthenticated => ("请先登录。", "Please sign in."),
        Trouble::MustChangePassword => ("请先修改密码。", "Please change your password first."),
        Trouble::MustSetUpSecondFactor => (
            "您的角色须启用双因素认证，请先设置。",
            "Your role needs a second factor: please set one up first.",
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
        Trouble::TooManyActs { most } => {
            return match language {
                Language::ZhCn => format!("一次最多按 {most} 种操作筛选。"),
                Language::En => format!("A filter names at most {most} acts."),
            };
        }
        Trouble::UnknownAct(word) => {
            let word: String = word.chars().take(LONGEST_ACT).collect();
            return match language {
                Language::ZhCn => format!("没有名为“{word}”的操作。"),
                Language::En => format!("There is no act called {word}."),
            };
        }
        Trouble::BadInput(input) => match input {
            BadInput::FirstAndLast => (
                "first 与 last 不能同时使用。",
                "first and last cannot be used together.",
            ),
            BadInput::PageSize { argument } => {
                let most = LARGEST_PAGE;
                return match language {
                    Language::ZhCn => {
                        format!("{argument} 应在 0 至 {most} 之间：每页最多 {most} 条。")
                    }
                    Language::En => format!(
                        "{argument} must be from 0 to {most}: a page holds at most {most} items."
                    ),
                };
            }
            BadInput::Cursor { .. } => (
                "游标无效，或不属于此列表。",
                "The cursor is not valid for this list.",
            ),
            BadInput::SearchTooLong => (
                "搜索内容最多 100 个字符。",
                "A search text has at most 100 characters.",
            ),
            BadInput::NoText { argument } => {
                return match language {
                    Language::ZhCn => format!("{argument} 含有文本不能包含的字符 U+0000。"),
                    Language::En => {
                        format!("{argument} holds U+0000, which no text can hold.")
                    }
                };
            }
            BadInput::FilterTooLarge => (
                "筛选条件过多，最多 20 个。",
                "A filter holds at most 20 filters.",
            ),
        },
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
