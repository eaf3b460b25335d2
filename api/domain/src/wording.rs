//! What names and texts may hold: nothing that cannot be seen, and nothing that makes one look like another.
//!
//! A list of accounts or units is read by people who grant access by it. Two names that look alike, or one that shows
//! its letters in another order than it has them, would let one pass for another.

use unicode_normalization::UnicodeNormalization;
use unicode_properties::{GeneralCategory as Category, UnicodeGeneralCategory};
use unicode_script::{Script, UnicodeScript};

use crate::Reason;

/// Why a name or a text may not stand so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unfit {
    /// There is none.
    Blank,
    /// It is too long.
    TextTooLong {
        /// The most characters.
        most: usize,
    },
    /// It holds a character that it must not hold.
    UnfitCharacter {
        /// The first one.
        character: char,
    },
    /// It has two spaces in a row.
    TwoSpaces,
    /// It has letters of two alphabets, which look alike.
    MixedAlphabets,
    /// It has kana, Bopomofo or strokes of Hangul that could be taken for Chinese characters.
    KanaForChinese,
}

impl From<Unfit> for Reason {
    fn from(unfit: Unfit) -> Self {
        match unfit {
            Unfit::Blank => Self::Blank,
            Unfit::TextTooLong { most } => Self::TextTooLong { most },
            Unfit::UnfitCharacter { character } => Self::UnfitCharacter { character },
            Unfit::TwoSpaces => Self::TwoSpaces,
            Unfit::MixedAlphabets => Self::MixedAlphabets,
            Unfit::KanaForChinese => Self::KanaForChinese,
        }
    }
}

/// A name in its one form: without spaces around it, composed (NFC).
///
/// # Errors
/// Why it is none: blank, too long, with a character that cannot be seen or has no meaning that all share, with two spaces in
/// a row, with letters of two alphabets, or with kana or Bopomofo that could be taken for Chinese characters.
pub fn name(given: &str, most: usize) -> Result<String, Unfit> {
    let name: String = given.trim().nfc().collect();
    if name.is_empty() {
        return Err(Unfit::Blank);
    }
    if name.chars().count() > most {
        return Err(Unfit::TextTooLong { most });
    }
    if let Some(character) = name.chars().find(|c| !fits_name(*c)) {
        return Err(Unfit::UnfitCharacter { character });
    }
    let spaces: Vec<bool> = name.chars().map(char::is_whitespace).collect();
    if spaces.windows(2).any(|pair| pair == [true, true]) {
        return Err(Unfit::TwoSpaces);
    }
    let mut alphabets = name.chars().filter_map(alphabet);
    if let Some(first) = alphabets.next()
        && alphabets.any(|other| other != first)
    {
        return Err(Unfit::MixedAlphabets);
    }
    if passes_for_chinese(&name) {
        return Err(Unfit::KanaForChinese);
    }
    Ok(name)
}

/// Whether a text of several lines may be kept and shown.
///
/// # Errors
/// The character that it must not hold: a control but tabs and ends of lines, or one that turns the direction of what follows.
pub fn check_text(text: &str) -> Result<(), Unfit> {
    let unfit =
        |c: &char| turns_direction(*c) || (c.is_control() && !matches!(c, '\t' | '\n' | '\r'));
    match text.chars().find(unfit) {
        Some(character) => Err(Unfit::UnfitCharacter { character }),
        None => Ok(()),
    }
}

/// Kana and Bopomofo, with their signs: some look like Chinese characters (ニ and 二, ロ and 口, ー and 一, ㄧ and 一).
pub fn is_kana(c: char) -> bool {
    matches!(
        c.script(),
        Script::Hiragana | Script::Katakana | Script::Bopomofo
    ) || matches!(c, '\u{30fc}' | '\u{ff70}')
}

/// Strokes of Hangul, which look like Chinese characters (ㅁ and 口, ㅡ and 一), and not whole syllables, which do not.
const fn is_jamo(c: char) -> bool {
    matches!(
        c,
        '\u{1100}'..='\u{11ff}' | '\u{3131}'..='\u{318e}' | '\u{a960}'..='\u{a97c}' | '\u{d7b0}'..='\u{d7fb}'
            | '\u{ffa1}'..='\u{ffdc}'
    )
}

/// A name of Chinese characters holds no kana, Bopomofo or strokes of Hangul beside them; and one without Chinese characters is
/// not made of those alone that look like some.
fn passes_for_chinese(name: &str) -> bool {
    let foreign = |c: &char| is_kana(*c) || is_jamo(*c);
    if name.chars().any(|c| c.script() == Script::Han) {
        return name.chars().any(|c| foreign(&c));
    }
    let mut letters = name.chars().filter(foreign).peekable();
    letters.peek().is_some() && letters.all(|c| is_jamo(c) || looks_chinese(c))
}

/// Kana that look like a Chinese character or a part of one, whatever their width; all of Bopomofo does.
fn looks_chinese(c: char) -> bool {
    const KANA: &str = "ニロカエタトハヘミーイオクケコサシスセソチテナヌネノヒフホムメユヨラリルレワンへくしつりんィェォヵヶッュョヮっ";
    c.script() == Script::Bopomofo || std::iter::once(c).nfkc().all(|c| KANA.contains(c))
}

/// Letters, digits, signs and the two spaces that keyboards in China have.
pub fn fits_name(c: char) -> bool {
    let visible = match c.general_category() {
        Category::Control
        | Category::Format
        | Category::PrivateUse
        | Category::Surrogate
        | Category::Unassigned
        | Category::LineSeparator
        | Category::ParagraphSeparator => false,
        Category::SpaceSeparator => matches!(c, ' ' | '\u{3000}'),
        _ => true,
    };
    visible && !is_blank(c) && !is_likeness(c)
}

/// Letters and marks that show nothing, though their category does not say so.
const fn is_blank(c: char) -> bool {
    matches!(
        c,
        '\u{34f}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}' | '\u{2800}'
            | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{ffa0}' | '\u{e0100}'..='\u{e01ef}'
    )
}

/// Radicals, strokes, the numerals of traders (Suzhou) and the small characters of Japanese readings, which look like the characters that they are part of or
/// made from, and the letters of formulas.
const fn is_likeness(c: char) -> bool {
    matches!(
        c,
        '\u{2e80}'..='\u{2fdf}' | '\u{3021}'..='\u{3029}' | '\u{3038}'..='\u{303a}' | '\u{3190}'..='\u{319f}' | '\u{31c0}'..='\u{31ef}' | '\u{1d400}'..='\u{1d7ff}'
    )
}

/// Marks, embeddings, overrides and isolates of direction.
const fn turns_direction(c: char) -> bool {
    matches!(
        c,
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
    )
}

/// The alphabet of a letter, where it could be taken for another's; Chinese writing goes with any, and kana are judged by
/// [`passes_for_chinese`].
fn alphabet(c: char) -> Option<Script> {
    match c.script() {
        Script::Common
        | Script::Inherited
        | Script::Han
        | Script::Bopomofo
        | Script::Hiragana
        | Script::Katakana => None,
        script => Some(script),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_a_name_may_hold() {
        let unfit = |character| Err(Unfit::UnfitCharacter { character });
        for (given, expected) in [
            // People, units, groups and posts, as documents and lists have them.
            ("张伟", Ok("张伟")),
            ("  张伟\n", Ok("张伟")),
            ("张　伟", Ok("张　伟")),
            ("阿卜杜拉·买买提", Ok("阿卜杜拉·买买提")),
            ("市发展改革委", Ok("市发展改革委")),
            ("各县（市、区）政府", Ok("各县（市、区）政府")),
            ("市委常委、常务副市长", Ok("市委常委、常务副市长")),
            ("“最多跑一次”改革办 (2022)", Ok("“最多跑一次”改革办 (2022)")),
            ("台州湾新区①", Ok("台州湾新区①")),
            ("5G 办公室", Ok("5G 办公室")),
            ("PM₂.₅ 专班", Ok("PM₂.₅ 专班")),
            ("José Núñez", Ok("José Núñez")),
            ("α 粒子所", Ok("α 粒子所")),
            ("ئابدۇللا", Ok("ئابدۇللا")),
            ("བཀྲ་ཤིས", Ok("བཀྲ་ཤིས")),
            ("さくら", Ok("さくら")),
            ("ソニー", Err(Unfit::KanaForChinese)),
            ("パナソニック", Ok("パナソニック")),
            ("한국", Ok("한국")),
            ("𠮷田", Ok("𠮷田")),
            // One form: composed, and compatibility ideographs as the one they stand for.
            ("Nu\u{301}ñez", Ok("Núñez")),
            ("\u{f900}", Ok("豈")),
            // Nothing.
            ("", Err(Unfit::Blank)),
            (" \u{3000}\u{a0}", Err(Unfit::Blank)),
            ("\u{200b}", unfit('\u{200b}')),
            // Controls, and what cannot be seen.
            ("张\0伟", unfit('\0')),
            ("张\n伟", unfit('\n')),
            ("张\t伟", unfit('\t')),
            ("张\u{7f}伟", unfit('\u{7f}')),
            ("张\u{85}伟", unfit('\u{85}')),
            ("张\u{200b}伟", unfit('\u{200b}')),
            ("张\u{200d}伟", unfit('\u{200d}')),
            ("张\u{feff}伟", unfit('\u{feff}')),
            ("张\u{ad}伟", unfit('\u{ad}')),
            ("张\u{2060}伟", unfit('\u{2060}')),
            ("张\u{2028}伟", unfit('\u{2028}')),
            ("张\u{3164}伟", unfit('\u{3164}')),
            ("张\u{2800}伟", unfit('\u{2800}')),
            ("葛\u{e0100}城", unfit('\u{e0100}')),
            ("张伟\u{fe0f}", unfit('\u{fe0f}')),
            ("张\u{e0041}伟", unfit('\u{e0041}')),
            // Direction.
            ("\u{202e}伟张", unfit('\u{202e}')),
            ("张\u{2066}伟", unfit('\u{2066}')),
            ("张\u{200f}伟", unfit('\u{200f}')),
            // Without a meaning that all share, or any.
            ("张\u{e000}伟", unfit('\u{e000}')),
            ("张\u{f0000}伟", unfit('\u{f0000}')),
            ("张\u{378}伟", unfit('\u{378}')),
            ("张\u{ffff}伟", unfit('\u{ffff}')),
            ("市\u{2f08}社局", unfit('\u{2f08}')),
            ("Zh\u{1d5ba}ng", unfit('\u{1d5ba}')),
            // Spaces.
            ("张  伟", Err(Unfit::TwoSpaces)),
            ("张 \u{3000}伟", Err(Unfit::TwoSpaces)),
            ("张\u{a0}伟", unfit('\u{a0}')),
            ("张\u{2003}伟", unfit('\u{2003}')),
            // Look-alikes: a Cyrillic а, a Greek Ο.
            ("Zh\u{430}ng", Err(Unfit::MixedAlphabets)),
            ("\u{39f}ffice", Err(Unfit::MixedAlphabets)),
            ("办公室 \u{430}a", Err(Unfit::MixedAlphabets)),
        ] {
            let found = name(given, 100);
            assert_eq!(found, expected.map(str::to_owned), "{given:?}");
        }
        assert_eq!(name(&"张".repeat(10), 10), Ok("张".repeat(10)));
        assert_eq!(
            name(&"张".repeat(11), 10),
            Err(Unfit::TextTooLong { most: 10 })
        );
    }

    #[test]
    fn nothing_passes_for_a_chinese_character() {
        // Each as a part of a name, in its place, and alone.
        for (like, character) in [
            ('ニ', '二'),
            ('ロ', '口'),
            ('カ', '力'),
            ('エ', '工'),
            ('タ', '夕'),
            ('ト', '卜'),
            ('ハ', '八'),
            ('へ', '入'),
            ('ヘ', '入'),
            ('ミ', '三'),
            ('ー', '一'),
            ('ヌ', '又'),
            ('チ', '千'),
            ('オ', '才'),
            ('セ', '七'),
            ('ム', '厶'),
            ('メ', '乂'),
            ('ﾛ', '口'),
            ('ｰ', '一'),
            ('ェ', '工'),
            ('ヵ', '力'),
            ('ㄧ', '一'),
            ('ㄦ', '儿'),
            ('ㄚ', '丫'),
            ('ㄙ', '厶'),
            ('ㅁ', '口'),
            ('ㅡ', '一'),
        ] {
            let (real, other) = (format!("市{character}局"), format!("市{like}局"));
            assert_eq!(name(&real, 100), Ok(real.clone()));
            assert_eq!(name(&other, 100), Err(Unfit::KanaForChinese), "{like}");
            let alone = format!("{like}");
            assert_eq!(name(&alone, 100), Err(Unfit::KanaForChinese), "{like}");
        }
        // Beside Chinese characters none goes, whatever it looks like; strokes are no characters.
        for mixed in [
            "山田さん",
            "市政府あ",
            "パナソニック公司",
            "办公室ㄅ",
            "张（ガ）",
        ] {
            assert_eq!(name(mixed, 100), Err(Unfit::KanaForChinese), "{mixed}");
        }
        for (mixed, character) in [("市\u{31d0}局", '\u{31d0}'), ("市\u{3192}局", '\u{3192}')] {
            assert_eq!(name(mixed, 100), Err(Unfit::UnfitCharacter { character }));
        }
    }

    #[test]
    fn what_a_text_may_hold() {
        for (text, unfit) in [
            ("一、进展\r\n\t二、问题\n", None),
            ("家庭 👨\u{200d}👩\u{200d}👧 与 ⚠\u{fe0f}", None),
            ("a\0b", Some('\0')),
            ("a\u{1b}[31mb", Some('\u{1b}')),
            ("a\u{8}b", Some('\u{8}')),
            ("a\u{9b}b", Some('\u{9b}')),
            ("金额 \u{202e}001", Some('\u{202e}')),
            ("金额 \u{2067}001", Some('\u{2067}')),
            ("金额 \u{200e}001", Some('\u{200e}')),
        ] {
            let expected = match unfit {
                Some(character) => Err(Unfit::UnfitCharacter { character }),
                None => Ok(()),
            };
            assert_eq!(check_text(text), expected, "{text:?}");
        }
    }

    proptest! {
        /// Whatever is taken is taken again as it is, and is a text, too.
        #[test]
        fn a_name_has_one_form(given in "\\PC{0,20}|[ a-zA-Z张伟\u{300}-\u{304}\u{200b}\u{430}-\u{440}]{0,12}") {
            if let Ok(once) = name(&given, 100) {
                prop_assert_eq!(name(&once, 100), Ok(once.clone()));
                prop_assert_eq!(check_text(&once), Ok(()));
            }
        }
    }
}
