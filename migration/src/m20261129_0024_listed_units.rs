//! Which units and unit groups stand in the directory for everybody: not those that drafts alone name.

use crate::dialect::step;

const UP: &[&str] = &[
    "ALTER TABLE unit ADD COLUMN listed BOOLEAN NOT NULL DEFAULT FALSE",
    "ALTER TABLE unit_group ADD COLUMN listed BOOLEAN NOT NULL DEFAULT FALSE",
    "CREATE INDEX assignment_group ON assignment (group_id, plan_id)",
    "CREATE INDEX designation_group ON designation (group_id, plan_id)",
    // What no plan names, an administrator registered, or an import whose draft is gone: it tells of no draft.
    "UPDATE unit_group SET listed = TRUE
        WHERE id IN (SELECT object_id FROM audit_entry WHERE action IN ('CREATE_UNIT_GROUP', 'CHANGE_UNIT_GROUP') AND outcome = 'SUCCEEDED')
        OR EXISTS (
            SELECT 1 FROM assignment JOIN plan ON plan.id = assignment.plan_id
            WHERE assignment.group_id = unit_group.id AND plan.status <> 'DRAFT'
        )
        OR EXISTS (
            SELECT 1 FROM designation JOIN plan ON plan.id = designation.plan_id
            WHERE designation.group_id = unit_group.id AND plan.status <> 'DRAFT'
        )
        OR (
            NOT EXISTS (SELECT 1 FROM assignment WHERE assignment.group_id = unit_group.id)
            AND NOT EXISTS (SELECT 1 FROM designation WHERE designation.group_id = unit_group.id)
        )",
    "UPDATE unit SET listed = TRUE
        WHERE id IN (SELECT object_id FROM audit_entry WHERE action = 'CREATE_UNIT' AND outcome = 'SUCCEEDED')
        OR EXISTS (SELECT 1 FROM role_grant WHERE role_grant.unit_id = unit.id)
        OR EXISTS (SELECT 1 FROM \"user\" WHERE \"user\".unit_id = unit.id)
        OR EXISTS (
            SELECT 1 FROM unit_group_member JOIN unit_group ON unit_group.id = unit_group_member.group_id
            WHERE unit_group_member.unit_id = unit.id AND unit_group.listed
        )
        OR EXISTS (
            SELECT 1 FROM assignment JOIN plan ON plan.id = assignment.plan_id
            WHERE assignment.unit_id = unit.id AND plan.status <> 'DRAFT'
        )
        OR EXISTS (
            SELECT 1 FROM assignment JOIN plan ON plan.id = assignment.plan_id
            WHERE assignment.acting_unit_id = unit.id AND plan.status <> 'DRAFT'
        )
        OR EXISTS (SELECT 1 FROM milestone WHERE milestone.unit_id = unit.id)
        OR EXISTS (SELECT 1 FROM progress_report WHERE progress_report.unit_id = unit.id)
        OR EXISTS (SELECT 1 FROM supervision_notice WHERE supervision_notice.unit_id = unit.id)
        OR EXISTS (SELECT 1 FROM target_request WHERE target_request.unit_id = unit.id)
        OR EXISTS (SELECT 1 FROM dispute WHERE dispute.unit_id = unit.id)
        OR (
            NOT EXISTS (SELECT 1 FROM assignment WHERE assignment.unit_id = unit.id)
            AND NOT EXISTS (SELECT 1 FROM assignment WHERE assignment.acting_unit_id = unit.id)
        )",
    // Whatever is in the directory went on under the unit into which it was merged.
    "UPDATE unit SET listed = TRUE
        WHERE id IN (SELECT merged.merged_into_id FROM unit AS merged WHERE merged.listed)",
];

const DOWN: &[&str] = &[
    "DROP INDEX designation_group",
    "DROP INDEX assignment_group",
    "ALTER TABLE unit_group DROP COLUMN listed",
    "ALTER TABLE unit DROP COLUMN listed",
];

step!(
    /// Which units and unit groups stand in the directory for everybody: not those that drafts alone name.
    UP,
    DOWN
);
