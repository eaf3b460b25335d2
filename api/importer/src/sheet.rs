//! What every front end makes of a file: the lines before the table, and the table's rows.

/// A document taken apart, but not understood.
pub(crate) struct Sheet {
    /// The lines before the table's first header.
    pub(crate) preamble: Vec<(u32, String)>,
    /// The rows of the table, without its headers and empty lines.
    pub(crate) rows: Vec<Row>,
}

/// A row of the table.
pub(crate) struct Row {
    /// Its line in the file, from 1.
    pub(crate) line: u32,
    /// Its cells, without the space around them; an empty one continues the one above.
    pub(crate) cells: Vec<String>,
}
