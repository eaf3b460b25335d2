//! The front end for the text form: tab-separated rows, with page breaks as empty lines and repeated headers.

use crate::{
    columns::is_header,
    sheet::{Header, Row, Sheet},
};

/// Takes a document apart. The table begins with its first header, and ends at a rule (`---`).
pub(crate) fn sheet(document: &str) -> Sheet {
    let mut sheet = Sheet {
        preamble: Vec::new(),
        headers: Vec::new(),
        rows: Vec::new(),
    };
    for (line, text) in (1..).zip(document.lines()) {
        let cells: Vec<String> = text
            .split('\t')
            .map(|cell| cell.trim().to_owned())
            .collect();
        if is_header(&cells) {
            sheet.headers.push(Header { line, cells });
            continue;
        }
        let Some(header) = sheet.headers.len().checked_sub(1) else {
            sheet.preamble.push((line, text.trim().to_owned()));
            continue;
        };
        if text.trim() == "---" {
            break;
        } else if cells.iter().any(|cell| !cell.is_empty()) {
            sheet.rows.push(Row {
                line,
                header,
                cells,
            });
        }
    }
    sheet
}
