//! What names and texts of a document may hold: what those may that are typed (`domain::wording`).

use domain::wording::{self, Unfit};

/// Why a name may not stand so, in English and in Chinese: said of a name that is quoted. `graphql` says it of a field of an input.
pub(crate) fn words(reason: &Unfit) -> (String, String) {
    match reason {
        Unfit::UnfitCharacter { character } => {
            let code = u32::from(*character);
            (
                format!("it holds a character that may not stand here (U+{code:04X})"),
                format!("含有不可使用的字符（U+{code:04X}）"),
            )
        }
        Unfit::TextTooLong { most } => (
            format!("it is longer than {most} characters"),
            format!("超过 {most} 个字符"),
        ),
        Unfit::TwoSpaces => (
            "it has two spaces in a row".to_owned(),
            "含有连续的空格".to_owned(),
        ),
        Unfit::MixedAlphabets => (
            "it has letters of two alphabets, such as Latin and Cyrillic, which look alike"
                .to_owned(),
            "混用了形近的不同字母文字（如拉丁字母与西里尔字母）".to_owned(),
        ),
        Unfit::KanaForChinese => (
            "it has kana, Bopomofo or strokes of Hangul that could be taken for Chinese characters"
                .to_owned(),
            "含有与汉字形近的假名、注音符号或谚文字母".to_owned(),
        ),
        Unfit::Blank => ("it is blank".to_owned(), "为空".to_owned()),
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
