//! Reads a table of accounts (.csv or .xlsx): who gets one, with their names and units. What the words mean, the database
//! says.

use std::io::{Cursor, Read};

use calamine::{DataRef, Reader, Xlsx, XlsxError};
use zip::ZipArchive;

/// The most bytes of a file.
pub const LARGEST: usize = 2 * 1024 * 1024;
/// The most bytes that a workbook may unfold to.
const LARGEST_UNFOLDED: u64 = 32 * 1024 * 1024;
/// The most rows: each new account costs the hashing of a password, some hundredths of a second.
pub const MOST_ROWS: usize = 500;
/// The most rows and columns that are looked at, empty ones included.
const MOST_LINES: u32 = 10_000;
const MOST_COLUMNS: u32 = 100;
/// The most characters of a cell that are kept: more than any value may have.
const LONGEST_CELL: usize = 1000;
/// The most bytes of all cells together: in a workbook, any number of cells can show one and the same text.
const MOST_TEXT: usize = 8 * 1024 * 1024;

/// A row of the table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountRow {
    /// The line or row, from 1.
    pub line: u32,
    /// The sign-in name, as it stands there.
    pub username: String,
    /// The shown name.
    pub display_name: String,
    /// The unit, by whichever name; none where the cell is empty, or there is no such column.
    pub unit: Option<String>,
}

/// The table with its headings, as they stand there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AccountTable {
    /// The rows that say anything.
    pub rows: Vec<AccountRow>,
    /// The heading of each column: sign-in name, shown name, and unit, if there is one.
    pub headings: [String; 3],
    /// The line or row of the headings, from 1.
    pub heading_line: u32,
    /// Headings that are none of these, or stand there a second time.
    pub unknown: Vec<String>,
}

/// Why a file as a whole cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unreadable {
    /// It holds, or unfolds to, more than may be.
    TooLarge,
    /// Neither a text nor a workbook (.xlsx), or a damaged one.
    NoTable,
    /// A text that is neither UTF-8 nor GB18030.
    Encoding,
    /// A column is missing: by this heading.
    NoColumn(&'static str),
    /// There are headings, and nothing below them.
    NoRows,
    /// There are more rows than may be.
    TooManyRows,
}

/// The headings by which each column is known, in small letters without spaces and underscores; the first one is told.
const HEADINGS: [&[&str]; 3] = [
    &["username", "用户名", "账号", "登录名"],
    &["displayname", "姓名", "显示名", "显示名称", "name"],
    &["unit", "单位", "所在单位", "工作单位"],
];

/// A line of cells, with its number.
type Line = (u32, Vec<String>);

/// Reads a table of accounts.
///
/// # Errors
/// Why it cannot be read.
pub fn read(bytes: &[u8]) -> Result<AccountTable, Unreadable> {
    if bytes.len() > LARGEST {
        return Err(Unreadable::TooLarge);
    }
    let lines = if bytes.starts_with(b"PK\x03\x04") {
        workbook(bytes)?
    } else {
        text(bytes)?
    };
    table(lines)
}

/// The rows below the headings, which are the first line that says anything.
fn table(lines: Vec<Line>) -> Result<AccountTable, Unreadable> {
    let says = |line: &Line| line.1.iter().any(|cell| !cell.is_empty());
    let mut lines = lines.into_iter().filter(says);
    let (heading_line, headings) = lines.next().ok_or(Unreadable::NoRows)?;
    let folded: Vec<String> = headings.iter().map(|heading| folded(heading)).collect();
    let place = |column: usize| {
        let known = HEADINGS[column];
        folded
            .iter()
            .position(|heading| known.contains(&&**heading))
    };
    let needed = |column: usize| {
        let missing = Unreadable::NoColumn(HEADINGS[column][0]);
        place(column).ok_or(missing)
    };
    let (username, display_name, unit) = (needed(0)?, needed(1)?, place(2));
    let cell = |cells: &[String], at: usize| cells.get(at).cloned().unwrap_or_default();
    let rows: Vec<AccountRow> = lines
        .by_ref()
        .map(|(line, cells)| AccountRow {
            line,
            username: cell(&cells, username),
            display_name: cell(&cells, display_name),
            unit: unit
                .map(|at| cell(&cells, at))
                .filter(|unit| !unit.is_empty()),
        })
        .collect();
    if rows.is_empty() {
        return Err(Unreadable::NoRows);
    }
    if rows.len() > MOST_ROWS {
        return Err(Unreadable::TooManyRows);
    }
    let used = [Some(username), Some(display_name), unit];
    let unknown = headings.iter().enumerate();
    let unknown = unknown.filter(|(at, heading)| !heading.is_empty() && !used.contains(&Some(*at)));
    let heading = |at: Option<usize>| at.map(|at| cell(&headings, at)).unwrap_or_default();
    Ok(AccountTable {
        rows,
        headings: [
            heading(Some(username)),
            heading(Some(display_name)),
            heading(unit),
        ],
        heading_line,
        unknown: unknown.map(|(_, heading)| heading.clone()).collect(),
    })
}

/// A heading, by which it is known.
fn folded(heading: &str) -> String {
    let kept = heading.chars().filter(|c| !c.is_whitespace() && *c != '_');
    kept.flat_map(char::to_lowercase).collect()
}

/// A cell's text: trimmed, and no longer than it matters.
fn trimmed(text: &str) -> String {
    text.trim().chars().take(LONGEST_CELL).collect()
}

/// A text with commas, or with tabs where its first line has some and no comma; in UTF-8, with its mark or without, or in
/// GB18030, in which Chinese spreadsheets save .csv.
fn text(bytes: &[u8]) -> Result<Vec<Line>, Unreadable> {
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text.into(),
        Err(_) => encoding_rs::GB18030
            .decode_without_bom_handling_and_without_replacement(bytes)
            .ok_or(Unreadable::Encoding)?,
    };
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    if text
        .chars()
        .any(|c| c.is_control() && !"\t\r\n".contains(c))
    {
        return Err(Unreadable::NoTable);
    }
    let first = text.split(['\r', '\n']).next().unwrap_or_default();
    let tabs = first.contains('\t') && !first.contains(',');
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(if tabs { b'\t' } else { b',' })
        .has_headers(false)
        .flexible(true)
        .from_reader(text.as_bytes());
    let mut lines = Vec::new();
    let (mut line, mut counted) = (1, 0);
    for record in reader.records() {
        let record = record.map_err(|_| Unreadable::NoTable)?;
        // The reader's own count leaves out what it skips before a record: the end of the line before, and empty lines.
        let start = record.position().map_or(0, csv::Position::byte);
        let start = usize::try_from(start).unwrap_or(text.len());
        let rest = text.get(start..).unwrap_or_default();
        let begins = text.len() - rest.trim_start_matches(['\r', '\n']).len();
        let passed = text.get(counted..begins).unwrap_or_default();
        line += line_ends(passed);
        counted = begins;
        let line = u32::try_from(line).map_err(|_| Unreadable::TooManyRows)?;
        if line > MOST_LINES || lines.len() >= MOST_LINES as usize {
            return Err(Unreadable::TooManyRows);
        }
        let cells = record.iter().take(MOST_COLUMNS as usize).map(trimmed);
        lines.push((line, cells.collect()));
    }
    Ok(lines)
}

/// How many lines end in a text: by `\n`, by `\r\n`, or by a `\r` alone, which ends a record, too.
fn line_ends(text: &str) -> usize {
    let (all, together) = (text.matches(['\r', '\n']), text.matches("\r\n"));
    all.count() - together.count()
}

/// The first sheet of a workbook, cell by cell: what a sheet says of its own size is not believed.
fn workbook(bytes: &[u8]) -> Result<Vec<Line>, Unreadable> {
    unfolds(bytes)?;
    let no_table = |_: XlsxError| Unreadable::NoTable;
    let mut workbook: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(no_table)?;
    let name = workbook.sheet_names().first().cloned();
    let name = name.ok_or(Unreadable::NoTable)?;
    let mut cells = workbook.worksheet_cells_reader(&name).map_err(no_table)?;
    let mut lines: Vec<Line> = Vec::new();
    let mut left = MOST_TEXT;
    while let Some(cell) = cells.next_cell().map_err(no_table)? {
        let (row, column) = cell.get_position();
        let value = trimmed(&shown(cell.get_value()));
        if value.is_empty() || column >= MOST_COLUMNS {
            continue;
        }
        if row >= MOST_LINES {
            return Err(Unreadable::TooManyRows);
        }
        left = left.checked_sub(value.len()).ok_or(Unreadable::TooLarge)?;
        let line = row + 1;
        match lines.last() {
            // Rows come in their order: whoever goes back and forth would have a new line for each cell.
            Some((last, _)) if *last > line => return Err(Unreadable::NoTable),
            Some((last, _)) if *last == line => {}
            _ => lines.push((line, Vec::new())),
        }
        if let Some((_, cells)) = lines.last_mut() {
            let at = column as usize;
            cells.resize(cells.len().max(at + 1), String::new());
            cells[at] = value;
        }
    }
    Ok(lines)
}

/// What a cell shows. A sign-in name may be a number: a telephone's, or a staff number.
fn shown(value: &DataRef<'_>) -> String {
    match value {
        DataRef::String(text) => text.clone(),
        DataRef::SharedString(text) => (*text).to_owned(),
        DataRef::Int(number) => number.to_string(),
        DataRef::Float(number) if number.fract() == 0.0 => format!("{number:.0}"),
        DataRef::Float(number) => number.to_string(),
        DataRef::Bool(value) => value.to_string(),
        DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => text.clone(),
        DataRef::DateTime(moment) => moment.to_string(),
        DataRef::Error(error) => error.to_string(),
        DataRef::Empty => String::new(),
    }
}

/// Whether an archive unfolds to no more than may be: by unfolding it once to nowhere, for what it says of its sizes is not
/// believed.
fn unfolds(bytes: &[u8]) -> Result<(), Unreadable> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|_| Unreadable::NoTable)?;
    let mut left = LARGEST_UNFOLDED;
    for at in 0..archive.len() {
        let part = archive.by_index(at).map_err(|_| Unreadable::NoTable)?;
        let unfolded = std::io::copy(&mut part.take(left + 1), &mut std::io::sink());
        let unfolded = unfolded.map_err(|_| Unreadable::NoTable)?;
        left = left.checked_sub(unfolded).ok_or(Unreadable::TooLarge)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
