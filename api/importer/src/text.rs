//! The front end for the text form: tab-separated rows, with page breaks as empty lines and repeated headers.

use crate::sheet::{Row, Sheet};

/// Words that a header row has, and no other row.
const HEADERS: [&str; 2] = ["目标任务", "责任单位"];

/// Takes a document apart. The table begins with its first header, and ends at a rule (`---`).
pub(crate) fn sheet(document: &str) -> Sheet {
    let mut sheet = Sheet {
        preamble: Vec::new(),
        rows: Vec::new(),
    };
    let mut within = false;
    for (line, text) in (1..).zip(document.lines()) {
        let cells: Vec<String> = text
            .split('\t')
            .map(|cell| cell.trim().to_owned())
            .collect();
        if HEADERS
            .iter()
            .all(|header| cells.iter().any(|cell| cell == header))
        {
            within = true;
        } else if !within {
            sheet.preamble.push((line, text.trim().to_owned()));
        } else if text.trim() == "---" {
            break;
        } else if cells.iter().any(|cell| !cell.is_empty()) {
            sheet.rows.push(Row { line, cells });
        }
    }
    sheet
}
