//! Texts: in UTF-8 or GB18030, without anything that a browser or a shell would run.

use domain::FileReason;

use crate::kind::Content;

/// What makes a text a web page or a script, in lower case.
const MARKUP: [&str; 12] = [
    "<!doctype",
    "<?php",
    "<?xml",
    "<body",
    "<embed",
    "<html",
    "<iframe",
    "<img",
    "<object",
    "<script",
    "<style",
    "<svg",
];

/// A text without control characters, in one of the two encodings. What has some is something else.
pub(crate) fn of(bytes: &[u8]) -> Result<Content, FileReason> {
    // UTF-16 with its mark, as old editors save "Unicode".
    if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") {
        return Err(FileReason::Encoding);
    }
    let (content, text) = match std::str::from_utf8(bytes) {
        Ok(text) => (Content::Utf8, text.into()),
        Err(_)
            if bytes
                .iter()
                .any(|byte| is_foreign(char::from(*byte)) && byte.is_ascii()) =>
        {
            return Err(FileReason::NotAllowed);
        }
        Err(_) => encoding_rs::GB18030
            .decode_without_bom_handling_and_without_replacement(bytes)
            .map(|text| (Content::Gb18030, text))
            .ok_or(FileReason::Encoding)?,
    };
    if text.chars().any(is_foreign) {
        return Err(FileReason::NotAllowed);
    }
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let lower = text.to_ascii_lowercase();
    if lower.starts_with("#!") || MARKUP.iter().any(|word| lower.contains(word)) {
        return Err(FileReason::Markup);
    }
    Ok(content)
}

/// A control character that no text has.
fn is_foreign(c: char) -> bool {
    c.is_control() && !matches!(c, '\t' | '\n' | '\r' | '\u{c}')
}
