//! The kinds of files that are taken, by what they hold and by what they are called.

use domain::FileReason;

/// What a file's content was found to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Content {
    Pdf,
    Png,
    Jpeg,
    Webp,
    /// Office Open XML.
    Docx,
    Xlsx,
    Pptx,
    /// GB/T 33190: the office document format of the state.
    Ofd,
    /// OLE compound files: of Word, Excel and PowerPoint before 2007, and of WPS.
    Word,
    Sheet,
    Slides,
    Utf8,
    Gb18030,
}

/// A kind of file that is taken as evidence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// PDF.
    Pdf,
    /// PNG picture.
    Png,
    /// JPEG picture.
    Jpeg,
    /// WebP picture.
    Webp,
    /// Word document (Office Open XML).
    Docx,
    /// Excel workbook (Office Open XML).
    Xlsx,
    /// PowerPoint presentation (Office Open XML).
    Pptx,
    /// OFD document (GB/T 33190).
    Ofd,
    /// Word document of before 2007.
    Doc,
    /// Excel workbook of before 2007.
    Xls,
    /// PowerPoint presentation of before 2007.
    Ppt,
    /// WPS Writer document.
    Wps,
    /// WPS Spreadsheets workbook.
    Et,
    /// WPS Presentation.
    Dps,
    /// Text in UTF-8.
    Txt,
    /// Comma-separated values in UTF-8.
    Csv,
    /// Text in GB18030, or in GBK or GB2312, which are parts of it.
    TxtGb18030,
    /// Comma-separated values in GB18030.
    CsvGb18030,
}

/// Each kind with its extensions (the first is the usual one), its content and its media type. Of the kinds of one
/// content, the first is suggested to who chose a wrong extension.
const KINDS: [(Kind, &[&str], Content, &str); 18] = [
    (Kind::Pdf, &["pdf"], Content::Pdf, "application/pdf"),
    (Kind::Png, &["png"], Content::Png, "image/png"),
    (
        Kind::Jpeg,
        &["jpg", "jpeg", "jfif"],
        Content::Jpeg,
        "image/jpeg",
    ),
    (Kind::Webp, &["webp"], Content::Webp, "image/webp"),
    (
        Kind::Docx,
        &["docx"],
        Content::Docx,
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ),
    (
        Kind::Xlsx,
        &["xlsx"],
        Content::Xlsx,
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ),
    (
        Kind::Pptx,
        &["pptx"],
        Content::Pptx,
        "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    ),
    (Kind::Ofd, &["ofd"], Content::Ofd, "application/ofd"),
    (Kind::Doc, &["doc"], Content::Word, "application/msword"),
    (
        Kind::Wps,
        &["wps"],
        Content::Word,
        "application/wps-office.wps",
    ),
    (
        Kind::Xls,
        &["xls"],
        Content::Sheet,
        "application/vnd.ms-excel",
    ),
    (
        Kind::Et,
        &["et"],
        Content::Sheet,
        "application/wps-office.et",
    ),
    (
        Kind::Ppt,
        &["ppt"],
        Content::Slides,
        "application/vnd.ms-powerpoint",
    ),
    (
        Kind::Dps,
        &["dps"],
        Content::Slides,
        "application/wps-office.dps",
    ),
    (
        Kind::Txt,
        &["txt"],
        Content::Utf8,
        "text/plain; charset=utf-8",
    ),
    (
        Kind::Csv,
        &["csv"],
        Content::Utf8,
        "text/csv; charset=utf-8",
    ),
    (
        Kind::TxtGb18030,
        &["txt"],
        Content::Gb18030,
        "text/plain; charset=gb18030",
    ),
    (
        Kind::CsvGb18030,
        &["csv"],
        Content::Gb18030,
        "text/csv; charset=gb18030",
    ),
];

impl Kind {
    /// The kind of a content under an extension, in lower case.
    pub(crate) fn of(content: Content, extension: &str) -> Result<Self, FileReason> {
        let mut fitting = KINDS.iter().filter(|(_, _, of, _)| *of == content);
        fitting
            .clone()
            .find(|(_, extensions, _, _)| extensions.contains(&extension))
            .map(|(kind, ..)| *kind)
            .ok_or_else(|| FileReason::WrongExtension {
                expected: fitting
                    .next()
                    .and_then(|(_, extensions, ..)| extensions.first())
                    .copied()
                    .unwrap_or_default(),
            })
    }

    /// The media type, with the charset of a text.
    pub fn content_type(self) -> &'static str {
        KINDS
            .iter()
            .find(|(kind, ..)| *kind == self)
            .map_or("application/octet-stream", |(.., media)| media)
    }

    /// The media type as we write it, when it is one of a kind that is taken; that of unknown bytes otherwise.
    pub(crate) fn known(content_type: &str) -> &'static str {
        KINDS
            .iter()
            .map(|(.., media)| *media)
            .find(|media| *media == content_type)
            .unwrap_or("application/octet-stream")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_extension_must_agree_with_the_content() {
        for (content, extension, expected) in [
            (Content::Pdf, "pdf", Ok(Kind::Pdf)),
            (Content::Jpeg, "jpeg", Ok(Kind::Jpeg)),
            (Content::Word, "doc", Ok(Kind::Doc)),
            (Content::Word, "wps", Ok(Kind::Wps)),
            (Content::Sheet, "et", Ok(Kind::Et)),
            (Content::Slides, "dps", Ok(Kind::Dps)),
            (Content::Gb18030, "csv", Ok(Kind::CsvGb18030)),
            (Content::Pdf, "docx", Err("pdf")),
            (Content::Docx, "doc", Err("docx")),
            (Content::Word, "xls", Err("doc")),
            (Content::Utf8, "html", Err("txt")),
            (Content::Jpeg, "", Err("jpg")),
        ] {
            let expected = expected.map_err(|expected| FileReason::WrongExtension { expected });
            assert_eq!(Kind::of(content, extension), expected, "{extension}");
        }
    }

    #[test]
    fn every_kind_has_a_media_type_of_its_own() {
        for (at, (kind, extensions, content, media)) in KINDS.iter().enumerate() {
            assert_eq!(kind.content_type(), *media);
            assert_eq!(Kind::known(media), *media);
            assert_eq!(Kind::of(*content, extensions[0]), Ok(*kind));
            assert!(KINDS[..at].iter().all(|(other, ..)| other != kind));
        }
        assert_eq!(Kind::known("text/html"), "application/octet-stream");
    }
}
