//! Tables of accounts: texts in both encodings, workbooks, and what is none.

use std::io::Write;

use proptest::prelude::*;
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

use super::*;

fn row(line: u32, username: &str, display_name: &str, unit: Option<&str>) -> AccountRow {
    AccountRow {
        line,
        username: username.to_owned(),
        display_name: display_name.to_owned(),
        unit: unit.map(str::to_owned),
    }
}

/// A workbook with these parts beside what every workbook has.
fn archive(sheet: &str, shared: &str, more: &[(&str, &[u8])]) -> Vec<u8> {
    let parts: [(&str, &str); 6] = [
        (
            "[Content_Types].xml",
            r#"<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" ContentType="application/xml"/></Types>"#,
        ),
        (
            "_rels/.rels",
            r#"<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#,
        ),
        (
            "xl/workbook.xml",
            r#"<?xml version="1.0"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="账号" sheetId="1" r:id="rId1"/></sheets></workbook>"#,
        ),
        (
            "xl/_rels/workbook.xml.rels",
            r#"<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings" Target="sharedStrings.xml"/></Relationships>"#,
        ),
        ("xl/worksheets/sheet1.xml", sheet),
        ("xl/sharedStrings.xml", shared),
    ];
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    let parts = parts.map(|(name, text)| (name, text.as_bytes()));
    for (name, bytes) in parts.iter().chain(more) {
        zip.start_file(*name, options).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// A workbook of these cells.
fn sheet(cells: &[(&str, &str)]) -> Vec<u8> {
    let mut shared = String::new();
    let mut rows = String::new();
    let mut number = "";
    for (at, (place, value)) in cells.iter().enumerate() {
        let of = place.trim_start_matches(|c: char| c.is_ascii_alphabetic());
        if of != number {
            rows += if number.is_empty() { "" } else { "</row>" };
            rows += &format!("<row r=\"{of}\">");
            number = of;
        }
        shared += &format!("<si><t>{value}</t></si>");
        rows += &match value.parse::<f64>() {
            Ok(_) => format!("<c r=\"{place}\"><v>{value}</v></c>"),
            Err(_) => format!("<c r=\"{place}\" t=\"s\"><v>{at}</v></c>"),
        };
    }
    let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    archive(
        &format!(
            "<?xml version=\"1.0\"?><worksheet xmlns=\"{main}\"><dimension ref=\"A1:XFD1048576\"/><sheetData>{rows}</row></sheetData></worksheet>"
        ),
        &format!("<?xml version=\"1.0\"?><sst xmlns=\"{main}\">{shared}</sst>"),
        &[],
    )
}

#[test]
fn texts_are_read_in_either_encoding_and_with_either_headings() {
    let expected = vec![
        row(2, "zhang.wei", "张伟", Some("市发展改革委")),
        row(4, "li", "李, 娜", None),
    ];
    let chinese = "用户名,姓名,单位\nzhang.wei, 张伟 ,市发展改革委\n,,\nli,\"李, 娜\",\n";
    let english = "Display Name,no.,UNIT,user_name\r\n张伟,1,市发展改革委,zhang.wei\r\n\r\n\"李, 娜\",2,,li\r\n";
    let tabs = "单位\t账号\t姓名\n市发展改革委\tzhang.wei\t张伟\n\n\tli\t李, 娜\n";
    let (gb, ..) = encoding_rs::GB18030.encode(chinese);
    for bytes in [
        chinese.as_bytes().to_vec(),
        format!("\u{feff}{chinese}").into_bytes(),
        gb.into_owned(),
        english.as_bytes().to_vec(),
        tabs.as_bytes().to_vec(),
    ] {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let read = read(&bytes).unwrap_or_else(|why| panic!("{why:?}: {text}"));
        assert_eq!(read.rows, expected, "{text}");
    }
    let read = read(chinese.as_bytes()).unwrap();
    assert_eq!(read.headings, ["用户名", "姓名", "单位"]);
}

#[test]
fn a_workbook_is_read_by_its_cells() {
    let bytes = sheet(&[
        ("B2", "姓名"),
        ("C2", "备注"),
        ("D2", "登录名"),
        ("B3", "张伟"),
        ("D3", "13800000000"),
        ("B6", "李娜"),
        ("C6", "x"),
        ("D6", "li"),
    ]);
    let table = read(&bytes).unwrap();
    assert_eq!(
        table.rows,
        [
            row(3, "13800000000", "张伟", None),
            row(6, "li", "李娜", None)
        ]
    );
    assert_eq!(table.headings, ["登录名", "姓名", ""]);
}

#[test]
fn what_is_no_table_is_refused() {
    let many = "username,displayName\n".to_owned() + &"a,b\n".repeat(MOST_ROWS + 1);
    let ragged = "username,displayName\n".to_owned() + &",\n".repeat(MOST_LINES as usize + 1);
    let far = sheet(&[("A1", "username"), ("B1", "displayName"), ("A1048576", "x")]);
    for (bytes, expected) in [
        (Vec::new(), Unreadable::NoRows),
        (b"username,displayName\n".to_vec(), Unreadable::NoRows),
        (
            "用户名,单位\nx,y\n".into(),
            Unreadable::NoColumn("displayname"),
        ),
        (
            b"a,displayName\nx,y\n".to_vec(),
            Unreadable::NoColumn("username"),
        ),
        (many.into_bytes(), Unreadable::TooManyRows),
        (ragged.into_bytes(), Unreadable::TooManyRows),
        (
            b"username,displayName\nx,\xff\xff\n".to_vec(),
            Unreadable::Encoding,
        ),
        (
            b"username,displayName\nx,\x00\n".to_vec(),
            Unreadable::NoTable,
        ),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0\0".to_vec(),
            Unreadable::Encoding,
        ),
        (b"PK\x03\x04 and nothing else".to_vec(), Unreadable::NoTable),
        (archive("<worksheet>", "", &[]), Unreadable::NoTable),
        (vec![b'x'; LARGEST + 1], Unreadable::TooLarge),
        (far, Unreadable::TooManyRows),
    ] {
        let told = String::from_utf8_lossy(&bytes[..bytes.len().min(60)]).into_owned();
        assert_eq!(read(&bytes), Err(expected), "{told}");
    }
    let most = "username,displayName\n".to_owned() + &"a,b\n".repeat(MOST_ROWS);
    assert_eq!(read(most.as_bytes()).unwrap().rows.len(), MOST_ROWS);
}

/// Forty megabytes in some forty kilobytes, of which the archive says that they are ten bytes.
#[test]
fn what_unfolds_to_too_much_is_refused_whatever_it_says() {
    let large = vec![b' '; 40 * 1024 * 1024];
    let mut bytes = archive("<worksheet/>", "<sst/>", &[("xl/media/x.bin", &large)]);
    assert!(bytes.len() < 100_000, "{}", bytes.len());
    assert_eq!(read(&bytes), Err(Unreadable::TooLarge));
    let told = (large.len() as u32).to_le_bytes();
    let mut lied = 0;
    while let Some(at) = bytes.windows(4).position(|part| part == told) {
        bytes[at..at + 4].copy_from_slice(&10u32.to_le_bytes());
        lied += 1;
    }
    assert!(lied > 0);
    assert!(matches!(
        read(&bytes),
        Err(Unreadable::TooLarge | Unreadable::NoTable)
    ));
}

/// A sheet whose cells say themselves where they stand, and what they show.
fn cells(cells: &str, shared: &str) -> Vec<u8> {
    let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    archive(
        &format!(
            "<?xml version=\"1.0\"?><worksheet xmlns=\"{main}\"><sheetData>{cells}</sheetData></worksheet>"
        ),
        &format!("<?xml version=\"1.0\"?><sst xmlns=\"{main}\">{shared}</sst>"),
        &[],
    )
}

/// Each change of row was a line of a hundred cells more: a few kilobytes became gigabytes.
#[test]
fn rows_that_go_back_and_forth_are_refused() {
    let there_and_back =
        "<row r=\"1\"><c r=\"CV1\"><v>1</v></c></row><row r=\"2\"><c r=\"CV2\"><v>1</v></c></row>";
    let bytes = cells(&there_and_back.repeat(200_000), "");
    assert!(bytes.len() < LARGEST, "{}", bytes.len());
    assert_eq!(read(&bytes), Err(Unreadable::NoTable));
    // Cells of one row may come in any order.
    let sorted = "<row r=\"1\"><c r=\"B1\" t=\"s\"><v>1</v></c><c r=\"A1\" t=\"s\"><v>0</v></c></row><row r=\"3\"><c r=\"A3\"><v>1</v></c><c r=\"B3\"><v>2</v></c></row>";
    let shared = "<si><t>username</t></si><si><t>displayName</t></si>";
    assert_eq!(
        read(&cells(sorted, shared)).map(|table| table.rows),
        Ok(vec![row(3, "1", "2", None)])
    );
}

#[test]
fn one_text_that_every_cell_shows_is_refused() {
    let shared = format!("<si><t>{}</t></si>", "x".repeat(LONGEST_CELL));
    let rows: String = (1..=100)
        .map(|row| {
            let cell = "<c t=\"s\"><v>0</v></c>";
            format!("<row r=\"{row}\">{}</row>", cell.repeat(100))
        })
        .collect();
    let bytes = cells(&rows, &shared);
    assert!(bytes.len() < 100_000, "{}", bytes.len());
    assert_eq!(read(&bytes), Err(Unreadable::TooLarge));
}

#[test]
fn a_line_ends_where_a_record_does() {
    let old = "username,displayName\ra,甲\r\rb,\"乙\r丙\"\rc,丁\r\nd,戊\n\ne,己";
    let lines: Vec<u32> = read(old.as_bytes())
        .unwrap()
        .rows
        .iter()
        .map(|row| row.line)
        .collect();
    assert_eq!(lines, [2, 4, 6, 7, 9]);
    let many = "username,displayName\r".to_owned() + &",\r".repeat(MOST_LINES as usize + 1);
    assert_eq!(read(many.as_bytes()), Err(Unreadable::TooManyRows));
}

proptest! {
    #[test]
    fn nothing_makes_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        crate::trial::accounts(&bytes);
    }

    #[test]
    fn nor_does_a_workbook_that_was_altered(at in 0usize..3000, byte in any::<u8>()) {
        let mut bytes = sheet(&[("A1", "username"), ("B1", "displayName"), ("A2", "x"), ("B2", "1")]);
        let at = at % bytes.len();
        bytes[at] = byte;
        crate::trial::accounts(&bytes);
    }

    #[test]
    fn what_is_written_is_read(cells in proptest::collection::vec(("[a-z][a-z0-9]{0,9}", "[^\\p{C}\\s]{1,9}"), 1..20)) {
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(["username", "displayName"]).unwrap();
        for (username, display_name) in &cells {
            writer.write_record([username, display_name]).unwrap();
        }
        let table = read(&writer.into_inner().unwrap()).unwrap();
        let found: Vec<(String, String)> = table.rows.into_iter().map(|row| (row.username, row.display_name)).collect();
        prop_assert_eq!(found, cells);
    }
}
