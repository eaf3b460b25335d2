//! What can go wrong: refused, not allowed to ask, asked wrongly, or our own fault.

use domain::Refusal;

/// Result of a call.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a call has no answer. It deliberately has no `Display`: the words for callers are made in one place, and the
/// inside of a [`Fault`] is for the log alone.
#[derive(Clone, Debug)]
pub enum Error {
    /// An act was refused, for at least one reason; the caller can do something about it.
    Refused(Vec<Refusal>),
    /// Nobody is signed in.
    Unauthenticated,
    /// The password must be changed first: it is a one-time password, or too old.
    MustChangePassword,
    /// A second factor must be set up first.
    MustSetUpSecondFactor,
    /// An argument makes no sense.
    BadInput(BadInput),
    /// Our own fault.
    Fault(Fault),
}

impl Error {
    /// The same, when the input of the act calls the field otherwise.
    pub(crate) fn renamed(self, from: &str, to: &str) -> Self {
        match self {
            Self::Refused(mut refusals) => {
                let fields = refusals.iter_mut().filter_map(|it| it.field.first_mut());
                for field in fields.filter(|field| *field == from) {
                    *field = to.to_owned();
                }
                Self::Refused(refusals)
            }
            other => other,
        }
    }
}

/// An argument that makes no sense.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadInput {
    /// `first` and `last` together.
    FirstAndLast,
    /// A page that is to hold fewer than no items, or more than [`crate::LARGEST_PAGE`].
    PageSize {
        /// `first` or `last`.
        argument: &'static str,
    },
    /// A cursor that this server did not make for this list.
    Cursor {
        /// `after` or `before`.
        argument: &'static str,
    },
    /// A search text that is too long.
    SearchTooLong,
    /// A text with U+0000, which no text that is kept can hold.
    NoText {
        /// The argument that holds it.
        argument: &'static str,
    },
    /// `any` lists more filters, or deeper, than a filter may.
    FilterTooLarge,
}

impl BadInput {
    /// The argument that is meant.
    pub const fn argument(self) -> &'static str {
        match self {
            Self::PageSize { argument } | Self::Cursor { argument } | Self::NoText { argument } => {
                argument
            }
            Self::FirstAndLast => "last",
            Self::SearchTooLong => "filter.search",
            Self::FilterTooLarge => "filter.any",
        }
    }
}

/// A fault of ours: what happened, for the log.
#[derive(Clone, Debug)]
pub struct Fault(pub(crate) std::sync::Arc<str>);

impl Fault {
    /// A fault, with what happened.
    pub fn new(what: impl Into<String>) -> Self {
        Self(what.into().into())
    }

    /// What happened, for the log and for an operator at the command line; never for a caller.
    pub fn inside(&self) -> &str {
        &self.0
    }
}

impl From<sea_orm::DbErr> for Fault {
    fn from(error: sea_orm::DbErr) -> Self {
        Self::new(error.to_string())
    }
}

impl From<sea_orm::DbErr> for Error {
    fn from(error: sea_orm::DbErr) -> Self {
        Self::Fault(error.into())
    }
}

impl From<Fault> for Error {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(vec![refusal])
    }
}

impl From<Vec<Refusal>> for Error {
    fn from(refusals: Vec<Refusal>) -> Self {
        Self::Refused(refusals)
    }
}

impl From<BadInput> for Error {
    fn from(input: BadInput) -> Self {
        Self::BadInput(input)
    }
}
