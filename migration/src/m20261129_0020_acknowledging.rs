//! Until when units acknowledge what they were given (签收期限).

use crate::dialect::step;

const UP: &[&str] = &[
    "ALTER TABLE plan_rule ADD COLUMN acknowledge_days INTEGER NOT NULL DEFAULT 3 CHECK (acknowledge_days BETWEEN 1 AND 30)",
    // What was given before has no last day.
    "ALTER TABLE assignment ADD COLUMN acknowledge_by {date}",
    "CREATE INDEX assignment_unacknowledged ON assignment (acknowledge_by, target_id) WHERE acknowledged_at IS NULL",
];

const DOWN: &[&str] = &[
    "DROP INDEX assignment_unacknowledged",
    "ALTER TABLE assignment DROP COLUMN acknowledge_by",
    "ALTER TABLE plan_rule DROP COLUMN acknowledge_days",
];

step!(
    /// Until when units acknowledge what they were given (签收期限).
    UP,
    DOWN
);
