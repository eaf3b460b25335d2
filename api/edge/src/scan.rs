//! A look at a document before it is parsed: how many tokens, and brackets in brackets, which a parser would follow; and where the
//! library's parser takes what is none of the language, or does not take what is.

use std::borrow::Cow;

use async_graphql_parser::Pos;

use crate::{
    Limits,
    complaint::{Complaint, Measure},
};

/// Brackets in brackets: the parser calls itself for each.
pub(crate) const NESTING: usize = 64;

/// Bytes of a name: an answer repeats those of fields for each object. A number that is written with as many letters is no number either.
const NAME: usize = 128;

/// Counts tokens in one pass.
pub(crate) fn scan(query: &str, limits: &Limits) -> Result<(), Complaint> {
    let too_much = |what, most: usize| Complaint::TooMuch {
        what,
        most: most as u64,
    };
    if query.len() > limits.query {
        return Err(too_much(Measure::Query, limits.query));
    }
    let bytes = query.as_bytes();
    let (mut at, mut tokens, mut depth) = (0, 0usize, 0usize);
    // The two tokens before.
    let (mut last, mut second_last): (&[u8], &[u8]) = (b"", b"");
    while let Some(byte) = bytes.get(at) {
        let rest = bytes.get(at..).unwrap_or_default();
        let length = match byte {
            b' ' | b'\t' | b'\n' | b'\r' | b',' => {
                at += 1;
                continue;
            }
            b'#' => {
                at += rest
                    .iter()
                    .position(|b| matches!(b, b'\n' | b'\r'))
                    .unwrap_or(rest.len());
                continue;
            }
            b'"' => string(rest).ok_or_else(|| Complaint::Syntax {
                at: Some(position(query, at)),
            })?,
            b'{' | b'(' | b'[' => {
                depth += 1;
                1
            }
            b'}' | b')' | b']' => {
                depth = depth.saturating_sub(1);
                1
            }
            b'_' | b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => rest
                .iter()
                .position(|b| !(b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.')))
                .unwrap_or(rest.len()),
            _ => 1,
        };
        let token = rest.get(..length).unwrap_or(rest);
        let is_word = token
            .first()
            .is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
        if is_word && token.len() > NAME {
            return Err(too_much(Measure::Name, NAME));
        }
        // Definitions of variables in brackets, of which there are none (§2.10), and a fragment called `on` (§2.8).
        let nothing = token == b")" && last == b"(";
        let defines = depth == 0 && matches!(second_last, b"" | b"}");
        if nothing || (defines && last == b"fragment" && token == b"on") {
            let at = Some(position(query, at));
            return Err(Complaint::Syntax { at });
        }
        (second_last, last) = (last, token);
        at += length.max(1);
        tokens += 1;
        if tokens > limits.tokens {
            return Err(too_much(Measure::Tokens, limits.tokens));
        }
        if depth > NESTING {
            return Err(too_much(Measure::Nesting, NESTING));
        }
    }
    Ok(())
}

/// The line and the column of a byte.
fn position(query: &str, at: usize) -> Pos {
    let before = query.get(..at).unwrap_or(query);
    let line = before.rsplit('\n').next().unwrap_or_default();
    Pos {
        line: before.matches('\n').count() + 1,
        column: line.chars().count() + 1,
    }
}

/// The document with each `\u{1F600}`, and each two surrogates, written as what they stand for (§2.9.4), which the library's parser does
/// not know. What follows on the line stays in its column.
pub fn plain_escapes(query: &str) -> Cow<'_, str> {
    if !["\\u{", "\\uD", "\\ud"]
        .iter()
        .any(|begin| query.contains(begin))
    {
        return Cow::Borrowed(query);
    }
    let mut plain = String::with_capacity(query.len());
    let mut rest = query;
    while let Some(first) = rest.bytes().next() {
        let length = match first {
            b'"' => string(rest.as_bytes()).unwrap_or(rest.len()),
            b'#' => rest.find(['\n', '\r']).unwrap_or(rest.len()),
            _ => rest.find(['"', '#']).unwrap_or(rest.len()),
        };
        let Some((token, after)) = rest.split_at_checked(length) else {
            plain.push_str(rest);
            break;
        };
        if first == b'"' && !token.starts_with("\"\"\"") {
            let written = plain_string(token);
            plain.push_str(&written);
            let shorter = token
                .chars()
                .count()
                .saturating_sub(written.chars().count());
            plain.extend(std::iter::repeat_n(' ', shorter));
        } else {
            plain.push_str(token);
        }
        rest = after;
    }
    Cow::Owned(plain)
}

fn plain_string(token: &str) -> String {
    let mut plain = String::with_capacity(token.len());
    let mut rest = token;
    while let Some((before, escape)) = rest.split_once('\\') {
        plain.push_str(before);
        match unicode(escape) {
            // What has a meaning of its own in a string stays an escape.
            Some((letter, after)) if u32::from(letter) <= 0xffff => {
                plain.push_str(&format!("\\u{:04x}", u32::from(letter)));
                rest = after;
            }
            Some((letter, after)) => {
                plain.push(letter);
                rest = after;
            }
            None => {
                plain.push('\\');
                // One letter belongs to it: a backslash begins no other escape.
                let next = escape.chars().next().map_or(0, char::len_utf8);
                let (next, after) = escape.split_at(next);
                plain.push_str(next);
                rest = after;
            }
        }
    }
    plain.push_str(rest);
    plain
}

/// The letter of an escape after its backslash, and what follows, where the library does not know it.
fn unicode(escape: &str) -> Option<(char, &str)> {
    if let Some(rest) = escape.strip_prefix("u{") {
        let (digits, after) = rest.split_once('}')?;
        return Some((char::from_u32(hexadecimal(digits)?)?, after));
    }
    let unit = |text: &str| {
        let digits = text.strip_prefix('u')?.get(..4)?;
        u16::try_from(hexadecimal(digits)?).ok()
    };
    let (first, then) = (unit(escape)?, escape.get(5..)?);
    let second = then.strip_prefix('\\').and_then(unit)?;
    let letter = char::decode_utf16([first, second]).next()?.ok()?;
    (letter.len_utf16() == 2).then_some((letter, then.get(6..)?))
}

fn hexadecimal(digits: &str) -> Option<u32> {
    let all = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    all.then(|| u32::from_str_radix(digits, 16).ok())?
}

/// The length of a string, block or not, with its quotes, as the parser's grammar has it; none when it does not end. The parser goes on
/// otherwise then: of three quotes it takes two for an empty string.
fn string(rest: &[u8]) -> Option<usize> {
    const BLOCK: &[u8] = b"\"\"\"";
    let block = rest.starts_with(BLOCK);
    let quote = if block { BLOCK } else { b"\"" };
    let mut at = quote.len();
    loop {
        let tail = rest.get(at..)?;
        if tail.starts_with(quote) {
            return Some(at + quote.len());
        }
        at += match (block, tail.first()?) {
            // In a block nothing else is an escape.
            (true, b'\\') if tail.get(1..).is_some_and(|tail| tail.starts_with(BLOCK)) => 4,
            (false, b'\\') => 2,
            (false, b'\n' | b'\r') => return None,
            _ => 1,
        };
    }
}
