//! What a file holds, found out from its content alone.
//!
//! Each kind is recognised by more than its first bytes, so that a file that is two things at once is none: what is
//! refused is a web page in a picture, an archive behind a document, a script that begins like a text.

use domain::FileReason;

use crate::{kind::Content, office, picture, text};

/// Finds out what a file holds.
pub(crate) fn sniff(bytes: &[u8]) -> Result<Content, FileReason> {
    if bytes.is_empty() {
        return Err(FileReason::Empty);
    }
    if bytes.starts_with(b"PK\x03\x04") {
        return office::of_zip(bytes);
    }
    let content = if bytes.starts_with(&office::OLE) {
        office::of_ole(bytes)?
    } else if bytes.starts_with(b"%PDF-") {
        pdf(bytes)?
    } else if let Some(found) = picture::of(bytes) {
        found?
    } else {
        return text::of(bytes);
    };
    if archive_end(bytes).is_some() {
        return Err(FileReason::NotAllowed);
    }
    Ok(content)
}

/// A PDF says so at its very beginning, and says at its end that it ends.
fn pdf(bytes: &[u8]) -> Result<Content, FileReason> {
    const END: &[u8] = b"%%EOF";
    let tail = &bytes[bytes.len().saturating_sub(1024)..];
    match (
        bytes.get(5),
        tail.windows(END.len()).any(|part| part == END),
    ) {
        (Some(b'1' | b'2'), true) => Ok(Content::Pdf),
        _ => Err(FileReason::Damaged),
    }
}

/// Where the end record of a ZIP archive stands, if the file ends with one: archives are read from their end, so that
/// one can hide behind anything.
pub(crate) fn archive_end(bytes: &[u8]) -> Option<usize> {
    const RECORD: usize = 22;
    const LONGEST_COMMENT: usize = 0xffff;
    let last = bytes.len().checked_sub(RECORD)?;
    (last.saturating_sub(LONGEST_COMMENT)..=last)
        .rev()
        .find(|at| {
            bytes[*at..].starts_with(b"PK\x05\x06")
                && usize::from(u16::from_le_bytes([bytes[at + 20], bytes[at + 21]])) == last - at
        })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::samples;

    #[test]
    fn what_is_taken() {
        for (sample, expected) in [
            (samples::pdf(), Content::Pdf),
            (samples::png(), Content::Png),
            (samples::jpeg(), Content::Jpeg),
            (samples::webp(), Content::Webp),
            (samples::docx(), Content::Docx),
            (
                samples::zip(&["[Content_Types].xml", "_rels/.rels", "xl/workbook.xml"]),
                Content::Xlsx,
            ),
            (
                samples::zip(&["[Content_Types].xml", "_rels/.rels", "ppt/presentation.xml"]),
                Content::Pptx,
            ),
            (
                samples::zip(&["OFD.xml", "Doc_0/Document.xml"]),
                Content::Ofd,
            ),
            (samples::ole(&["/WordDocument", "/1Table"]), Content::Word),
            (samples::ole(&["/Workbook"]), Content::Sheet),
            (samples::ole(&["/Book"]), Content::Sheet),
            (samples::ole(&["/PowerPoint Document"]), Content::Slides),
            ("第一季度，完成 25%\r\n".into(), Content::Utf8),
            ("\u{feff}单位,目标\n市发改委,3\n".into(), Content::Utf8),
            (samples::gbk(), Content::Gb18030),
            (b"BM,MZ,PK\n1,2,3\n".to_vec(), Content::Utf8),
        ] {
            assert_eq!(sniff(&sample), Ok(expected));
        }
    }

    #[test]
    fn what_is_refused() {
        use FileReason::{Damaged, Empty, Encoding, Encrypted, Macros, Markup, NotAllowed};
        let with = |mut first: Vec<u8>, second: &[u8]| {
            first.extend_from_slice(second);
            first
        };
        let cases: Vec<(&str, Vec<u8>, FileReason)> = vec![
            ("nothing", vec![], Empty),
            ("an archive", samples::zip(&["a.txt"]), NotAllowed),
            (
                "a Java archive",
                samples::zip(&["META-INF/MANIFEST.MF", "A.class"]),
                NotAllowed,
            ),
            (
                "an OpenDocument text",
                samples::zip(&["mimetype", "content.xml"]),
                NotAllowed,
            ),
            (
                "an archive in two kinds",
                samples::zip(&[
                    "[Content_Types].xml",
                    "_rels/.rels",
                    "word/document.xml",
                    "xl/workbook.xml",
                ]),
                NotAllowed,
            ),
            (
                "a document with a program",
                samples::zip(&[
                    "[Content_Types].xml",
                    "_rels/.rels",
                    "word/document.xml",
                    "word/run.EXE",
                ]),
                NotAllowed,
            ),
            (
                "a document with macros",
                samples::zip(&[
                    "[Content_Types].xml",
                    "_rels/.rels",
                    "word/document.xml",
                    "word/vbaProject.bin",
                ]),
                Macros,
            ),
            ("half a document", samples::docx()[..200].to_vec(), Damaged),
            (
                "a document with something behind",
                with(samples::docx(), b"<script>alert(1)</script>"),
                Damaged,
            ),
            ("an empty archive", samples::zip(&[]), NotAllowed),
            (
                "a document with a password",
                samples::ole(&["/EncryptedPackage", "/EncryptionInfo"]),
                Encrypted,
            ),
            (
                "an old document with macros",
                samples::ole(&["/WordDocument", "/Macros/VBA"]),
                Macros,
            ),
            (
                "a mail of Outlook",
                samples::ole(&["/__properties_version1.0"]),
                NotAllowed,
            ),
            (
                "the begin of an old document",
                office::OLE.to_vec(),
                Damaged,
            ),
            (
                "an archive behind a PDF",
                with(samples::pdf(), &samples::docx()),
                NotAllowed,
            ),
            (
                "an archive behind a picture",
                with(samples::jpeg(), &samples::zip(&["A.class"])),
                NotAllowed,
            ),
            (
                "an archive behind an old document",
                with(
                    samples::ole(&["/WordDocument"]),
                    &samples::zip(&["A.class"]),
                ),
                NotAllowed,
            ),
            ("the begin of a PDF", b"%PDF-1.7\n".to_vec(), Damaged),
            (
                "a page behind a PNG",
                with(samples::png(), b"<html>"),
                Damaged,
            ),
            (
                "a page behind a WebP",
                with(samples::webp(), b"<html>"),
                Damaged,
            ),
            ("the begin of a PNG", samples::png()[..8].to_vec(), Damaged),
            (
                "a PNG that is a page",
                b"\x89PNG\r\n\x1a\n<html><script>".to_vec(),
                Damaged,
            ),
            (
                "a JPEG that is a page",
                b"\xff\xd8\xff<html><script>".to_vec(),
                Damaged,
            ),
            (
                "a GIF",
                b"GIF89a\x01\x00\x01\x00\x00\x00\x00;".to_vec(),
                NotAllowed,
            ),
            (
                "a page",
                b"<!DOCTYPE html><title>x</title>".to_vec(),
                Markup,
            ),
            (
                "a page after spaces",
                b" \r\n\t<HTML><body onload=x>".to_vec(),
                Markup,
            ),
            ("a page after a mark", "\u{feff}<html>".into(), Markup),
            (
                "a drawing",
                b"<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg' onload='x'/>"
                    .to_vec(),
                Markup,
            ),
            (
                "a script in a table",
                b"a,b\n1,<ScRiPt src=//x>\n".to_vec(),
                Markup,
            ),
            (
                "a script in Chinese",
                with(samples::gbk(), b"<script>"),
                Markup,
            ),
            ("a shell script", b"#!/bin/sh\nrm -rf /\n".to_vec(), Markup),
            (
                "a PHP page",
                b"x <?php system($_GET[0]); ?>".to_vec(),
                Markup,
            ),
            (
                "a Linux program",
                with(b"\x7fELF\x02\x01\x01\x00".to_vec(), &[0; 64]),
                NotAllowed,
            ),
            (
                "a Windows program",
                with(b"MZ\x90\x00\x03\x00\x00\x00".to_vec(), &[0; 64]),
                NotAllowed,
            ),
            (
                "UTF-16",
                "\u{feff}文本"
                    .encode_utf16()
                    .flat_map(u16::to_le_bytes)
                    .collect(),
                Encoding,
            ),
            ("Latin 1", b"caf\xe9 au lait\n".to_vec(), Encoding),
            ("bytes", vec![0x80, 0xff, 0x00], NotAllowed),
        ];
        for (what, sample, expected) in cases {
            assert_eq!(sniff(&sample), Err(expected), "{what}");
        }
    }

    /// Something that begins as one of the kinds.
    fn begun() -> impl Strategy<Value = Vec<u8>> {
        let samples = vec![
            samples::pdf(),
            samples::png(),
            samples::jpeg(),
            samples::webp(),
            samples::docx(),
            samples::ole(&["/WordDocument", "/Macros/VBA"]),
            samples::gbk(),
        ];
        (
            proptest::sample::select(samples),
            proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..20),
            any::<prop::sample::Index>(),
            any::<bool>(),
        )
            .prop_map(|(mut sample, changes, end, cut)| {
                for (at, byte) in changes {
                    let at = at.index(sample.len());
                    sample[at] = byte;
                }
                if cut {
                    sample.truncate(end.index(sample.len()));
                }
                sample
            })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        #[test]
        fn whatever_comes_is_judged(bytes in proptest::collection::vec(any::<u8>(), 0..2000)) {
            // Random bytes are no document; a few of them may be a text.
            if let Ok(content) = sniff(&bytes) {
                prop_assert!(matches!(content, Content::Utf8 | Content::Gb18030), "{content:?}");
            }
        }

        #[test]
        fn what_is_damaged_is_judged(bytes in begun()) {
            let _ = sniff(&bytes);
        }

        #[test]
        fn a_document_cut_short_is_refused(share in 0.05..0.99f64) {
            for sample in [samples::pdf(), samples::png(), samples::webp(), samples::docx()] {
                let length = (sample.len() as f64 * share) as usize;
                prop_assert!(sniff(&sample[..length.max(8)]).is_err());
            }
        }
    }
}
