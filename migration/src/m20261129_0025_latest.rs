//! The reports of a target, the latest first, so that the latest one that may be seen is found without the others.

use crate::dialect::step;

const UP: &[&str] =
    &["CREATE INDEX progress_report_latest ON progress_report (target_id, due_at, filed_at, id)"];

const DOWN: &[&str] = &["DROP INDEX progress_report_latest"];

step!(
    /// The reports of a target, the latest first, so that the latest one that may be seen is found without the others.
    UP,
    DOWN
);
