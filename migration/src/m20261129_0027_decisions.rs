//! What the office said when it sent a refined plan back stays between those who saw that plan.

use crate::dialect::step;

const UP: &[&str] = &[
    "UPDATE refinement SET decided_at = NULL, decided_by_id = NULL, comment = NULL
     WHERE status = 'APPROVED' AND decided_at < submitted_at",
];

/// What is gone is gone: the columns are as they were.
const DOWN: &[&str] = &[];

step!(
    /// Refined plans that came into force without a decision keep none of an earlier one.
    UP,
    DOWN
);
