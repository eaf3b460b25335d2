//! Pictures, followed from part to part: one that merely begins like a picture is none.

use domain::FileReason;

use crate::kind::Content;

/// What picture the bytes begin as, and whether they are one.
pub(crate) fn of(bytes: &[u8]) -> Option<Result<Content, FileReason>> {
    let (content, whole) = if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
        (Content::Png, png(bytes))
    } else if bytes.starts_with(b"\xff\xd8\xff") {
        (Content::Jpeg, jpeg(bytes))
    } else if bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP") {
        (Content::Webp, webp(bytes))
    } else {
        return None;
    };
    Some(whole.map_or(Err(FileReason::Damaged), |()| Ok(content)))
}

/// Chunks from IHDR to IEND, and nothing behind.
fn png(bytes: &[u8]) -> Option<()> {
    let mut at = 8;
    let mut first = true;
    loop {
        let length = usize::try_from(u32::from_be_bytes(four(bytes, at)?)).ok()?;
        let name = four(bytes, at + 4)?;
        if first != (name == *b"IHDR") || !name.iter().all(u8::is_ascii_alphabetic) {
            return None;
        }
        first = false;
        // Length, name, data, checksum.
        at = at.checked_add(length)?.checked_add(12)?;
        if at > bytes.len() {
            return None;
        }
        if name == *b"IEND" {
            return (at == bytes.len()).then_some(());
        }
    }
}

/// Segments up to the begin of a scan, one of them a frame. Cameras put previews and films behind the picture.
fn jpeg(bytes: &[u8]) -> Option<()> {
    let mut at = 2;
    let mut frame = false;
    loop {
        if *bytes.get(at)? != 0xff {
            return None;
        }
        match *bytes.get(at + 1)? {
            // Fill.
            0xff => {
                at += 1;
                continue;
            }
            0xda => return frame.then_some(()),
            0xc0..=0xc3 | 0xc5..=0xc7 | 0xc9..=0xcb | 0xcd..=0xcf => frame = true,
            0xc4 | 0xc8 | 0xcc | 0xdb..=0xfe => {}
            _ => return None,
        }
        let length = u16::from_be_bytes([*bytes.get(at + 2)?, *bytes.get(at + 3)?]);
        if length < 2 {
            return None;
        }
        at = at + 2 + usize::from(length);
    }
}

/// One RIFF file that is as long as it says, with a chunk of a picture first.
fn webp(bytes: &[u8]) -> Option<()> {
    let length = usize::try_from(u32::from_le_bytes(four(bytes, 4)?)).ok()?;
    let ends = length.checked_add(8)? == bytes.len();
    let begins = matches!(&four(bytes, 12)?, b"VP8 " | b"VP8L" | b"VP8X");
    (ends && begins).then_some(())
}

fn four(bytes: &[u8], at: usize) -> Option<[u8; 4]> {
    bytes.get(at..at.checked_add(4)?)?.try_into().ok()
}
