//! Why a file is not taken as evidence, in a form that a person can act on.

use crate::Code;

/// What is wrong with a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileReason {
    /// The file holds nothing.
    Empty,
    /// The file is too large.
    TooLarge {
        /// The most bytes it may hold.
        most: usize,
    },
    /// The file has no name.
    NoName,
    /// What the file holds is no kind that is taken.
    NotAllowed,
    /// The name's extension is not that of the content.
    WrongExtension {
        /// The extension that would fit.
        expected: &'static str,
    },
    /// The file is broken off, or not what it begins as.
    Damaged,
    /// The file can only be opened with a password.
    Encrypted,
    /// The document carries macros.
    Macros,
    /// The text is a web page or a script.
    Markup,
    /// The text is neither UTF-8 nor GB18030.
    Encoding,
}

impl FileReason {
    /// The reason's code.
    pub const fn code(self) -> Code {
        match self {
            Self::TooLarge { .. } => Code::TooLarge,
            _ => Code::Invalid,
        }
    }
}
