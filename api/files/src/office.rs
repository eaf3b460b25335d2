//! Office documents: archives and compound files, told apart by the parts that make them what they are.

use std::{borrow::Cow, io::Cursor};

use cfb::CompoundFile;
use domain::FileReason;
use zip::ZipArchive;

use crate::{kind::Content, sniff::archive_end};

/// How an OLE compound file begins.
pub(crate) const OLE: [u8; 8] = [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1];
/// Parts of a document. A presentation of some hundred pages has some thousand.
const PARTS: usize = 10_000;
/// Parts that no document has, and that somebody could run.
const PROGRAMS: [&str; 14] = [
    "bat", "class", "cmd", "com", "dll", "exe", "jar", "js", "jse", "msi", "ps1", "scr", "vbs",
    "wsf",
];

/// Office Open XML or OFD: an archive that is nothing else.
pub(crate) fn of_zip(bytes: &[u8]) -> Result<Content, FileReason> {
    // An archive is listed in memory: how long the list may be is looked at first.
    let parts = bytes
        .windows(4)
        .filter(|part| part == b"PK\x01\x02")
        .count();
    if archive_end(bytes).is_none() {
        return Err(FileReason::Damaged);
    }
    if parts > PARTS {
        return Err(FileReason::NotAllowed);
    }
    let archive = ZipArchive::new(Cursor::new(bytes)).map_err(|_| FileReason::Damaged)?;
    if archive.offset() != 0 {
        return Err(FileReason::Damaged);
    }
    let mut names = Vec::with_capacity(archive.len());
    for name in archive.file_names_raw() {
        // Some programs write the separator of Windows, or a root.
        let name = String::from_utf8_lossy(name).replace('\\', "/");
        names.push(name.trim_start_matches('/').to_owned());
    }
    let ends = |end: &str| {
        names
            .iter()
            .any(|name| name.to_ascii_lowercase().ends_with(end))
    };
    if ends("vbaproject.bin") {
        return Err(FileReason::Macros);
    }
    let is_program = |name: &String| {
        name.rsplit_once('.')
            .is_some_and(|(_, extension)| PROGRAMS.contains(&&*extension.to_ascii_lowercase()))
    };
    if names.iter().any(is_program) {
        return Err(FileReason::NotAllowed);
    }
    let has = |part: &str| names.iter().any(|name| name == part);
    // `word/document.xml`; some versions number it.
    let main = |begin: &str| {
        names
            .iter()
            .any(|name| name.starts_with(begin) && name.ends_with(".xml"))
    };
    let open_xml = has("[Content_Types].xml") && has("_rels/.rels");
    let found = [
        (open_xml && main("word/document"), Content::Docx),
        (open_xml && main("xl/workbook"), Content::Xlsx),
        (open_xml && main("ppt/presentation"), Content::Pptx),
        (has("OFD.xml"), Content::Ofd),
    ];
    let mut found = found.iter().filter(|(found, _)| *found);
    match (found.next(), found.next()) {
        (Some((_, content)), None) => Ok(*content),
        _ => Err(FileReason::NotAllowed),
    }
}

/// Word, Excel, PowerPoint of before 2007, and WPS: by their main streams.
pub(crate) fn of_ole(bytes: &[u8]) -> Result<Content, FileReason> {
    let file =
        CompoundFile::open(Cursor::new(Cow::Borrowed(bytes))).map_err(|_| FileReason::Damaged)?;
    if file.is_stream("/EncryptedPackage") {
        return Err(FileReason::Encrypted);
    }
    if file.is_storage("/Macros") || file.is_storage("/_VBA_PROJECT_CUR") {
        return Err(FileReason::Macros);
    }
    let found = [
        (file.is_stream("/WordDocument"), Content::Word),
        (
            file.is_stream("/Workbook") || file.is_stream("/Book"),
            Content::Sheet,
        ),
        (file.is_stream("/PowerPoint Document"), Content::Slides),
    ];
    let mut found = found.iter().filter(|(found, _)| *found);
    match (found.next(), found.next()) {
        (Some((_, content)), None) => Ok(*content),
        _ => Err(FileReason::NotAllowed),
    }
}
