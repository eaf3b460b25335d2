//! What lists are sorted and narrowed by, where it had no index: the moment at which a report's period is due, which never
//! changes and so stands in the report, too; and the target of a dispute.

use crate::dialect::step;

const UP: &[&str] = &[
    // SQLite adds no column that must be given without a default; whoever begins a report gives it.
    "ALTER TABLE progress_report ADD COLUMN due_at {instant} NOT NULL DEFAULT '1970-01-01 00:00:00+00:00'",
    "UPDATE progress_report SET due_at = (SELECT due_at FROM reporting_period WHERE reporting_period.id = progress_report.period_id)",
    "CREATE INDEX progress_report_due ON progress_report (due_at, id)",
    "CREATE INDEX dispute_target ON dispute (target_id, id)",
];

const DOWN: &[&str] = &[
    "DROP INDEX dispute_target",
    "DROP INDEX progress_report_due",
    "ALTER TABLE progress_report DROP COLUMN due_at",
];

step!(
    /// What lists are sorted and narrowed by.
    UP,
    DOWN
);
