//! What every front end makes of a file: the lines before the table, and the table's headers and rows.

/// A document taken apart, but not understood.
pub(crate) struct Sheet {
    /// The lines before the table's first header.
    pub(crate) preamble: Vec<(u32, String)>,
    /// The headers of the table, which may come again on each page.
    pub(crate) headers: Vec<Header>,
    /// The rows of the table, without its headers and empty lines.
    pub(crate) rows: Vec<Row>,
}

/// A header of the table.
pub(crate) struct Header {
    /// Its line in the file, from 1.
    pub(crate) line: u32,
    /// The names of the columns; an empty one belongs to the one before.
    pub(crate) cells: Vec<String>,
}

/// A row of the table.
pub(crate) struct Row {
    /// Its line in the file, from 1.
    pub(crate) line: u32,
    /// The header above it, by its place in the list.
    pub(crate) header: usize,
    /// Its cells, without the space around them; an empty one continues the one above.
    pub(crate) cells: Vec<String>,
}
