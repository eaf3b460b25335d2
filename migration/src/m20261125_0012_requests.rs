//! What is asked about a target, and how its lead units refine it: requests, milestones, disputes; and when nothing was
//! asked of it.

use sea_orm_migration::prelude::*;

use crate::dialect::{drop_tables, run};

/// Requests, milestones, disputes and pauses.
#[derive(DeriveMigrationName)]
pub(crate) struct Step;

const TABLES: &[&str] = &[
    "target_request",
    "refinement",
    "milestone",
    "dispute",
    "pause",
];

const UP: &[&str] = &[
    // Null for what the document assigned: since the plan's beginning.
    "ALTER TABLE assignment ADD COLUMN assigned_at {instant}",
    "UPDATE assignment SET assigned_at = (SELECT d.resolved_at FROM designation d WHERE d.id = assignment.designation_id)
     WHERE designation_id IS NOT NULL",
    "ALTER TABLE plan_rule ADD COLUMN refinement_approval BOOLEAN NOT NULL DEFAULT FALSE",
    "CREATE TABLE target_request (
        id {id},
        plan_id BIGINT NOT NULL REFERENCES plan (id) ON DELETE CASCADE,
        target_id BIGINT NOT NULL REFERENCES target (id) ON DELETE CASCADE,
        unit_id BIGINT NOT NULL REFERENCES unit (id),
        kind VARCHAR(32) NOT NULL CHECK (kind IN ('EXTENSION', 'CLOSURE')),
        status VARCHAR(32) NOT NULL CHECK (status IN ('PENDING', 'APPROVED', 'REJECTED', 'WITHDRAWN')),
        text VARCHAR(4000) NOT NULL,
        old_due_on {date},
        new_due_on {date},
        requested_at {instant} NOT NULL,
        requested_by_id BIGINT NOT NULL REFERENCES \"user\" (id),
        comment VARCHAR(2000),
        decided_at {instant},
        decided_by_id BIGINT REFERENCES \"user\" (id),
        reopened_at {instant},
        reopened_by_id BIGINT REFERENCES \"user\" (id),
        reopen_reason VARCHAR(500),
        CHECK ((kind = 'EXTENSION') = (new_due_on IS NOT NULL)),
        CHECK ((kind = 'EXTENSION') = (old_due_on IS NOT NULL)),
        CHECK (new_due_on > old_due_on),
        CHECK ((status = 'PENDING') = (decided_at IS NULL)),
        CHECK ((status = 'PENDING') = (decided_by_id IS NULL)),
        CHECK (status NOT IN ('APPROVED', 'REJECTED') OR decided_by_id <> requested_by_id),
        CHECK (reopened_at IS NULL OR (kind = 'CLOSURE' AND status = 'APPROVED')),
        CHECK ((reopened_at IS NULL) = (reopened_by_id IS NULL)),
        CHECK ((reopened_at IS NULL) = (reopen_reason IS NULL))
    )",
    "CREATE UNIQUE INDEX target_request_one_pending ON target_request (target_id, kind) WHERE status = 'PENDING'",
    "CREATE INDEX target_request_target ON target_request (target_id, kind, id)",
    "CREATE INDEX target_request_plan ON target_request (plan_id, status, id)",
    "CREATE INDEX target_request_unit ON target_request (unit_id, id)",
    "CREATE TABLE refinement (
        target_id BIGINT PRIMARY KEY NOT NULL REFERENCES target (id) ON DELETE CASCADE,
        plan_id BIGINT NOT NULL REFERENCES plan (id) ON DELETE CASCADE,
        status VARCHAR(32) NOT NULL CHECK (status IN ('DRAFT', 'SUBMITTED', 'RETURNED', 'APPROVED')),
        submitted_at {instant},
        submitted_by_id BIGINT REFERENCES \"user\" (id),
        decided_at {instant},
        decided_by_id BIGINT REFERENCES \"user\" (id),
        comment VARCHAR(2000),
        version INTEGER NOT NULL CHECK (version > 0),
        CHECK ((submitted_at IS NULL) = (submitted_by_id IS NULL)),
        CHECK ((decided_at IS NULL) = (decided_by_id IS NULL)),
        CHECK (status = 'DRAFT' OR submitted_at IS NOT NULL),
        CHECK (status <> 'RETURNED' OR decided_at IS NOT NULL)
    )",
    "CREATE INDEX refinement_plan ON refinement (plan_id, status)",
    "CREATE TABLE milestone (
        id {id},
        target_id BIGINT NOT NULL REFERENCES target (id) ON DELETE CASCADE,
        plan_id BIGINT NOT NULL REFERENCES plan (id) ON DELETE CASCADE,
        title VARCHAR(300) NOT NULL,
        due_on {date} NOT NULL,
        unit_id BIGINT NOT NULL REFERENCES unit (id),
        done_on {date},
        version INTEGER NOT NULL CHECK (version > 0),
        created_by_id BIGINT NOT NULL REFERENCES \"user\" (id),
        created_at {instant} NOT NULL,
        updated_at {instant} NOT NULL
    )",
    "CREATE INDEX milestone_target ON milestone (target_id, due_on, id)",
    "CREATE INDEX milestone_unit ON milestone (unit_id)",
    "CREATE TABLE dispute (
        id {id},
        assignment_id BIGINT NOT NULL REFERENCES assignment (id) ON DELETE CASCADE,
        plan_id BIGINT NOT NULL REFERENCES plan (id) ON DELETE CASCADE,
        target_id BIGINT NOT NULL REFERENCES target (id) ON DELETE CASCADE,
        unit_id BIGINT NOT NULL REFERENCES unit (id),
        status VARCHAR(32) NOT NULL CHECK (status IN ('OPEN', 'INSISTED', 'REASSIGNED', 'WITHDRAWN')),
        reason VARCHAR(2000) NOT NULL,
        raised_at {instant} NOT NULL,
        raised_by_id BIGINT NOT NULL REFERENCES \"user\" (id),
        comment VARCHAR(2000),
        new_unit_id BIGINT REFERENCES unit (id),
        decided_at {instant},
        decided_by_id BIGINT REFERENCES \"user\" (id),
        CHECK ((status = 'OPEN') = (decided_at IS NULL)),
        CHECK ((status = 'OPEN') = (decided_by_id IS NULL)),
        CHECK ((status = 'REASSIGNED') = (new_unit_id IS NOT NULL)),
        CHECK (new_unit_id <> unit_id)
    )",
    "CREATE UNIQUE INDEX dispute_one_open ON dispute (assignment_id) WHERE status = 'OPEN'",
    "CREATE INDEX dispute_assignment ON dispute (assignment_id, id)",
    "CREATE INDEX dispute_plan ON dispute (plan_id, id)",
    "CREATE INDEX dispute_unit ON dispute (unit_id, id)",
    // While a target is closed or suspended, nothing comes due on it.
    "CREATE TABLE pause (
        id {id},
        target_id BIGINT NOT NULL REFERENCES target (id) ON DELETE CASCADE,
        begun_at {instant} NOT NULL,
        ended_at {instant},
        CHECK (ended_at >= begun_at)
    )",
    "CREATE UNIQUE INDEX pause_one_open ON pause (target_id) WHERE ended_at IS NULL",
    "CREATE INDEX pause_target ON pause (target_id, begun_at)",
];

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, UP).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, TABLES).await?;
        run(
            manager,
            &[
                "ALTER TABLE plan_rule DROP COLUMN refinement_approval",
                "ALTER TABLE assignment DROP COLUMN assigned_at",
            ],
        )
        .await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
