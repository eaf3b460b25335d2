//! Acts of a viewer: one file, one act, one transaction.

mod acknowledge_assignments;
mod change_password;
mod designate_units;
mod sign_out;

/// The most things that one act may name.
pub const MOST_ITEMS: usize = 100;
