//! A look at a document before it is parsed: how many tokens, and brackets in brackets, which a parser would follow.

use crate::{
    Limits,
    complaint::{Complaint, Measure},
};

/// Brackets in brackets: the parser calls itself for each.
pub(crate) const NESTING: usize = 64;

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
            b'"' => string(rest),
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

/// The length of a string, block or not, with its quotes; to the end when it does not end.
fn string(rest: &[u8]) -> usize {
    let block = rest.starts_with(b"\"\"\"");
    let quote: &[u8] = if block { b"\"\"\"" } else { b"\"" };
    let mut at = quote.len();
    while let Some(tail) = rest.get(at..).filter(|tail| !tail.is_empty()) {
        if tail.starts_with(quote) {
            return at + quote.len();
        }
        at += if tail.starts_with(b"\\") { 2 } else { 1 };
    }
    rest.len()
}
