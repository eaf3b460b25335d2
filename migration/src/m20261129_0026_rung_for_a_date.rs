//! For which due date of its target a notice was issued by rule: after an extension, the new date is reminded of, too.

use crate::dialect::step;

const UP: &[&str] = &[
    "ALTER TABLE supervision_notice ADD COLUMN due_on {date} CHECK (due_on IS NULL OR (rung IS NOT NULL AND period_id IS NULL))",
    // What was issued spoke of the date before the first change that came after it, an extension or an amendment; of the present one
    // where none came.
    "UPDATE supervision_notice SET due_on = COALESCE(
        (
            SELECT due_date.was FROM (
                SELECT target_request.old_due_on AS was, target_request.decided_at AS changed_at
                    FROM target_request
                    WHERE target_request.target_id = supervision_notice.target_id AND target_request.kind = 'EXTENSION'
                    AND target_request.status = 'APPROVED' AND target_request.decided_at > supervision_notice.issued_at
                UNION ALL
                SELECT CAST(amendment.changes -> 'before' ->> 'dueOn' AS {date}), amendment.amended_at
                    FROM amendment
                    WHERE amendment.target_id = supervision_notice.target_id AND amendment.amended_at > supervision_notice.issued_at
                    AND amendment.changes -> 'before' ->> 'dueOn' IS NOT NULL
            ) AS due_date
            ORDER BY due_date.changed_at LIMIT 1
        ),
        (SELECT target.due_on FROM target WHERE target.id = supervision_notice.target_id)
    )
    WHERE rung IN ('DUE_SOON', 'PAST_DUE') AND period_id IS NULL",
    "DROP INDEX supervision_notice_rung_once",
    "CREATE UNIQUE INDEX supervision_notice_rung_once ON supervision_notice (target_id, unit_id, rung)
        WHERE rung IS NOT NULL AND period_id IS NULL AND due_on IS NULL",
    "CREATE UNIQUE INDEX supervision_notice_rung_due ON supervision_notice (target_id, unit_id, rung, due_on) WHERE due_on IS NOT NULL",
];

// Not where a date was reminded of after another: the index of before holds one notice alone, and no notice is thrown away.
const DOWN: &[&str] = &[
    "DROP INDEX supervision_notice_rung_due",
    "DROP INDEX supervision_notice_rung_once",
    "CREATE UNIQUE INDEX supervision_notice_rung_once ON supervision_notice (target_id, unit_id, rung) WHERE rung IS NOT NULL AND period_id IS NULL",
    "ALTER TABLE supervision_notice DROP COLUMN due_on",
];

step!(
    /// For which due date of its target a notice was issued by rule: after an extension, the new date is reminded of, too.
    UP,
    DOWN
);
