//! The smallest files of each kind, made here.

use std::io::{Cursor, Write};

use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

pub(crate) fn pdf() -> Vec<u8> {
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 72 72] >>",
    ];
    let mut text = "%PDF-1.4\n%\u{e9}\u{e8}\n".to_owned();
    let mut places = Vec::new();
    for (number, object) in (1..).zip(objects) {
        places.push(text.len());
        text.push_str(&format!("{number} 0 obj\n{object}\nendobj\n"));
    }
    let table = text.len();
    text.push_str("xref\n0 4\n0000000000 65535 f \n");
    for place in places {
        text.push_str(&format!("{place:010} 00000 n \n"));
    }
    text.push_str(&format!(
        "trailer\n<< /Size 4 /Root 1 0 R >>\nstartxref\n{table}\n%%EOF\n"
    ));
    text.into_bytes()
}

/// One transparent point.
pub(crate) fn png() -> Vec<u8> {
    let mut bytes = b"\x89PNG\r\n\x1a\n".to_vec();
    for (name, data, sum) in [
        (
            b"IHDR",
            &b"\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0"[..],
            0x1f15_c489_u32,
        ),
        (b"IDAT", b"\x78\x9c\x63\0\x01\0\0\x05\0\x01", 0x0d0a_2db4),
        (b"IEND", b"", 0xae42_6082),
    ] {
        bytes.extend_from_slice(&u32::try_from(data.len()).unwrap().to_be_bytes());
        bytes.extend_from_slice(name);
        bytes.extend_from_slice(data);
        bytes.extend_from_slice(&sum.to_be_bytes());
    }
    bytes
}

pub(crate) fn jpeg() -> Vec<u8> {
    let mut bytes = b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0".to_vec();
    bytes.extend_from_slice(b"\xff\xc0\0\x0b\x08\0\x01\0\x01\x01\x01\x11\0");
    bytes.extend_from_slice(b"\xff\xda\0\x08\x01\x01\0\0\x3f\0\xd2\xcf\xff\xd9");
    bytes
}

pub(crate) fn webp() -> Vec<u8> {
    let picture = b"VP8L\x0d\0\0\0\x2f\0\0\0\x10\x07\x10\x11\x11\x88\x88\xfe\x07\0";
    let mut bytes = b"RIFF".to_vec();
    bytes.extend_from_slice(&u32::try_from(picture.len() + 4).unwrap().to_le_bytes());
    bytes.extend_from_slice(b"WEBP");
    bytes.extend_from_slice(picture);
    bytes
}

/// An archive with these parts.
pub(crate) fn zip(parts: &[&str]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    for part in parts {
        writer.start_file(*part, options).unwrap();
        writer.write_all(b"<?xml version=\"1.0\"?><x/>").unwrap();
    }
    writer.finish().unwrap().into_inner()
}

pub(crate) fn docx() -> Vec<u8> {
    zip(&["[Content_Types].xml", "_rels/.rels", "word/document.xml"])
}

/// A compound file with these streams, and the storages that they are in.
pub(crate) fn ole(streams: &[&str]) -> Vec<u8> {
    let mut file = cfb::CompoundFile::create(Cursor::new(Vec::new())).unwrap();
    for stream in streams {
        if let Some((storage, _)) = stream
            .rsplit_once('/')
            .filter(|(storage, _)| !storage.is_empty())
        {
            file.create_storage_all(storage).unwrap();
        }
        file.create_stream(stream).unwrap().write_all(b"x").unwrap();
    }
    file.flush().unwrap();
    file.into_inner().into_inner()
}

/// 「完成进度」 in GBK.
pub(crate) fn gbk() -> Vec<u8> {
    b"\xcd\xea\xb3\xc9\xbd\xf8\xb6\xc8,25%\r\n".to_vec()
}
