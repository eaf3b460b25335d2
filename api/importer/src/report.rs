//! What the importer has to say about a document, each with its place.

/// A remark about one place in a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// The line, from 1.
    pub line: u32,
    /// The column of the row, from 1, where the remark is about one.
    pub column: Option<u32>,
    /// The remark.
    pub message: String,
}

/// Everything that there is to say about a document.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// What was corrected by the reviewed tables.
    pub corrections: Vec<Note>,
    /// What was read, but should be looked at.
    pub doubts: Vec<Note>,
    /// What could not be read: with any of these, nothing is imported.
    pub problems: Vec<Note>,
}

impl Report {
    pub(crate) fn correction(&mut self, line: u32, message: impl Into<String>) {
        self.corrections.push(note(line, None, message));
    }

    pub(crate) fn doubt(&mut self, line: u32, message: impl Into<String>) {
        self.doubts.push(note(line, None, message));
    }

    pub(crate) fn problem(&mut self, line: u32, column: Option<u32>, message: impl Into<String>) {
        self.problems.push(note(line, column, message));
    }
}

fn note(line: u32, column: Option<u32>, message: impl Into<String>) -> Note {
    Note {
        line,
        column,
        message: message.into(),
    }
}
