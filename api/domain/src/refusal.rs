//! Why an act was refused, in a form that a caller can act on. The words for people live in crate `graphql`.

use crate::FileReason;

/// What a person who was refused can do about it; the `code` of a user error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Code {
    /// There is no such thing, or none that the caller may see.
    NotFound,
    /// The input is not acceptable.
    Invalid,
    /// The thing is visible, the act is not allowed.
    Forbidden,
    /// The thing is not in a state in which the act makes sense.
    WrongState,
    /// More than one request may carry.
    TooLarge,
}

/// A refusal, with the place in the input that it is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Path inside `input`, such as `["unitIds", "2"]`; empty when the act as a whole is refused.
    pub field: Vec<String>,
    /// Why.
    pub reason: Reason,
}

/// Each reason there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// No such thing within what the caller sees.
    NotFound,
    /// The list holds nothing.
    Empty,
    /// The list holds more than one request may carry.
    TooMany {
        /// The most it may hold.
        most: usize,
    },
    /// The number lies outside of what is allowed.
    OutOfRange {
        /// The least that is allowed.
        least: i64,
        /// The most that is allowed.
        most: i64,
    },
    /// The file is not taken as evidence.
    File(FileReason),
    /// Unknown name, wrong password or locked account: never told apart.
    BadCredentials,
    /// The refresh token is unknown, used, expired, or its session has ended.
    BadRefreshToken,
    /// The current password is not that.
    WrongPassword,
    /// The new password has too few characters.
    PasswordTooShort {
        /// The fewest it may have.
        least: usize,
    },
    /// The new password has too many characters.
    PasswordTooLong {
        /// The most it may have.
        most: usize,
    },
    /// The new password is on the list of the worst ones.
    PasswordTooCommon,
    /// The new password is the user's name.
    PasswordIsName,
    /// The new password is the old one.
    PasswordUnchanged,
    /// Only the unit's manager acknowledges its assignments.
    NotManagerOfUnit,
    /// Only the supervision office designates units.
    NotSupervisor,
    /// Units have been designated already.
    AlreadyResolved,
}

impl Reason {
    /// The reason's code.
    pub const fn code(self) -> Code {
        match self {
            Self::NotFound => Code::NotFound,
            Self::File(reason) => reason.code(),
            Self::Empty
            | Self::OutOfRange { .. }
            | Self::BadCredentials
            | Self::BadRefreshToken
            | Self::WrongPassword
            | Self::PasswordTooShort { .. }
            | Self::PasswordTooLong { .. }
            | Self::PasswordTooCommon
            | Self::PasswordIsName
            | Self::PasswordUnchanged => Code::Invalid,
            Self::TooMany { .. } => Code::TooLarge,
            Self::NotManagerOfUnit | Self::NotSupervisor => Code::Forbidden,
            Self::AlreadyResolved => Code::WrongState,
        }
    }

    /// A refusal of the whole act for this reason.
    pub const fn whole(self) -> Refusal {
        Refusal {
            field: Vec::new(),
            reason: self,
        }
    }

    /// A refusal because of one field of the input.
    pub fn at(self, field: &str) -> Refusal {
        Refusal {
            field: vec![field.to_owned()],
            reason: self,
        }
    }

    /// A refusal because of one item of a list in the input.
    pub fn at_item(self, field: &str, index: usize) -> Refusal {
        Refusal {
            field: vec![field.to_owned(), index.to_string()],
            reason: self,
        }
    }
}
