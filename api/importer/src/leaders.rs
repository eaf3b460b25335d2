//! The leaders of a row: names separated by spaces or by commas, sometimes in one cell with the units.

use domain::wording::{fits_name, is_kana};

/// The names of a cell that holds nothing else.
pub(crate) fn names(cell: &str) -> Option<Vec<String>> {
    let between = |c: char| c.is_whitespace() || matches!(c, '、' | '，' | ',');
    let names = cell.split(between).filter(|name| !name.is_empty());
    let names: Vec<String> = names.map(str::to_owned).collect();
    (!names.is_empty() && names.iter().all(|name| is_name(name))).then_some(names)
}

/// The names at the beginning of a cell, and the rest of it. Both are there, or there is nothing to split.
pub(crate) fn names_before_units(cell: &str) -> Option<(Vec<String>, &str)> {
    let mut names = Vec::new();
    let mut rest = cell;
    while let Some((word, after)) = rest.split_once(char::is_whitespace) {
        if !is_name(word) {
            break;
        }
        names.push(word.to_owned());
        rest = after.trim_start();
    }
    (!names.is_empty() && !rest.is_empty()).then_some((names, rest))
}

/// Two to four Chinese characters, or what is to pass for them: kana, radicals, and what cannot be seen are told by the rule for
/// names.
fn is_name(word: &str) -> bool {
    let letter = |c: char| is_han(c) || is_kana(c) || !fits_name(c);
    (2..=4).contains(&word.chars().filter(|c| shows(*c)).count())
        && word.chars().any(is_han)
        && word.chars().all(letter)
}

/// Whether a character takes a place in a name: those that look like Chinese ones do, those that cannot be seen do not.
fn shows(c: char) -> bool {
    fits_name(c) || c.is_alphanumeric() || matches!(c, '\u{2e80}'..='\u{31ef}')
}

pub(crate) fn is_han(c: char) -> bool {
    ('\u{4e00}'..='\u{9fff}').contains(&c)
}
