//! Luoshi's rules, without a database or a network: who may, what a light means, what a password must be.
//!
//! Each rule names its source: `domain.md` stands for the project's description of the domain, whose sections the
//! `ARCHITECTURE.md` retells.

// A panic loses a request.
#![cfg_attr(
    not(test),
    warn(clippy::expect_used, clippy::panic, clippy::unwrap_used)
)]

pub mod account;
pub mod action;
pub mod assessment;
pub mod assignment;
pub mod attachment;
pub mod calendar;
pub mod clock;
pub mod designation;
pub mod directory;
pub mod dispute;
pub mod file;
pub mod grant;
pub mod granting;
pub mod instruction;
pub mod language;
pub mod light;
pub mod lock;
pub mod lockout;
pub mod notice;
pub mod password;
pub mod period;
pub mod plan;
pub mod progress;
pub mod quantity;
pub mod refinement;
pub mod refusal;
pub mod report;
pub mod request;
pub mod second_factor;
pub mod setting;
pub mod sweep;
pub mod target;
pub mod wording;

pub use account::OPERATOR;
pub use action::{Action, Asking, Available, Guarded};
pub use calendar::Calendar;
pub use clock::{Clock, Entropy};
pub use file::FileReason;
pub use grant::{Grant, Permission, Plans, Reach};
pub use granting::GrantState;
pub use language::Language;
pub use quantity::quantity;
pub use refusal::{Code, Reason, Refusal};
