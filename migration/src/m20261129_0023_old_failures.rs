//! Failed sign-ins that count no more are found by their moment.

use crate::dialect::step;

const UP: &[&str] = &["CREATE INDEX sign_in_failure_moment ON sign_in_failure (failed_at)"];

const DOWN: &[&str] = &["DROP INDEX sign_in_failure_moment"];

step!(
    /// Failed sign-ins that count no more are found by their moment.
    UP,
    DOWN
);
