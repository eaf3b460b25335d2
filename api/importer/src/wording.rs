//! What names and texts of a document may hold: what those may that are typed (`domain::wording`).

use domain::{Reason, wording};

/// Why a name may not stand so, in English and in Chinese.
pub(crate) fn words(reason: &Reason) -> (String, String) {
    match reason {
        Reason::UnfitCharacter { character } => {
            let code = u32::from(*character);
            (
                format!("it holds a character that may not stand here (U+{code:04X})"),
                format!("含有不可使用的字符（U+{code:04X}）"),
            )
        }
        Reason::TextTooLong { most } => (
            format!("it is longer than {most} characters"),
            format!("超过 {most} 个字符"),
        ),
        Reason::TwoSpaces => (
            "it has two spaces in a row".to_owned(),
            "含有连续的空格".to_owned(),
        ),
        Reason::MixedAlphabets => (
            "it has letters of two alphabets, such as Latin and Cyrillic, which look alike"
                .to_owned(),
            "混用了形近的不同字母文字（如拉丁字母与西里尔字母）".to_owned(),
        ),
        Reason::KanaForChinese => (
            "it has kana, Bopomofo or strokes of Hangul that could be taken for Chinese characters"
                .to_owned(),
            "含有与汉字形近的假名、注音符号或谚文字母".to_owned(),
        ),
        _ => ("it is no name".to_owned(), "不是名称".to_owned()),
    }
}

/// A name or a text as it may be shown where it is told that it may not stand: without what it must not hold.
pub(crate) fn shown(text: &str) -> String {
    text.chars()
        .map(|c| match wording::fits_name(c) {
            true => c,
            false => '\u{fffd}',
        })
        .collect()
}
