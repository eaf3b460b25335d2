//! Where a value stands in what a request brings, such as `input.rows.0.dueDate`: written out only when somebody is told.

use std::fmt;

/// The way from an argument, or a variable, into its value.
#[derive(Clone, Copy)]
pub(crate) enum Way<'w> {
    /// The argument or the variable itself.
    Whole(&'w str),
    /// A field of an input object.
    Field(&'w Way<'w>, &'w str),
    /// An item of a list, from 0.
    Item(&'w Way<'w>, usize),
}

impl fmt::Display for Way<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Whole(name) => f.write_str(name),
            Self::Field(before, name) => write!(f, "{before}.{name}"),
            Self::Item(before, index) => write!(f, "{before}.{index}"),
        }
    }
}

impl Way<'_> {
    /// As it is told.
    pub(crate) fn told(&self) -> String {
        short(&self.to_string())
    }
}

/// What a caller wrote, no longer than an answer should repeat it.
pub(crate) fn short(text: &str) -> String {
    text.chars().take(200).collect()
}
