//! Since when an account has its password.

use crate::dialect::step;

const UP: &[&str] = &[
    // A row that does not say has had it for as long as can be: it is changed too early rather than never.
    "ALTER TABLE \"user\" ADD COLUMN password_changed_at {instant} NOT NULL DEFAULT '1970-01-01 00:00:00+00:00'",
    // When its owner changed it last, as far as the audit log still knows; what an administrator set must be changed anyway.
    "UPDATE \"user\" SET password_changed_at = COALESCE(
        (SELECT MAX(occurred_at) FROM audit_entry
            WHERE user_id = \"user\".id AND action = 'CHANGE_PASSWORD' AND outcome = 'SUCCEEDED'),
        created_at)",
];

const DOWN: &[&str] = &["ALTER TABLE \"user\" DROP COLUMN password_changed_at"];

step!(
    /// Since when an account has its password.
    UP,
    DOWN
);
