//! Sessions that are over, and receipts that are old, are found by their moments.

use crate::dialect::step;

const UP: &[&str] = &[
    "CREATE INDEX session_good_until ON session (good_until)",
    "CREATE INDEX mutation_receipt_moment ON mutation_receipt (created_at)",
];

const DOWN: &[&str] = &[
    "DROP INDEX mutation_receipt_moment",
    "DROP INDEX session_good_until",
];

step!(
    /// Sessions that are over, and receipts that are old, are found by their moments.
    UP,
    DOWN
);
