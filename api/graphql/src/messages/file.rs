//! Why a file is not taken, in words.

use domain::{FileReason, Language};

use super::pick;

pub(super) fn file_reason(reason: FileReason, language: Language) -> String {
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
