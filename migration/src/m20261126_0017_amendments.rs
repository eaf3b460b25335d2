//! Plans that are imported, amended and carried over by the supervision office: amendments of targets, cancelled targets, where
//! a target came from, reviewed corrections of headings. An assignment that is taken off leaves its disputes.

use sea_orm_migration::{
    prelude::*,
    sea_orm::{ConnectionTrait, DbBackend},
};

use crate::dialect::{drop_tables, run};

/// Plans that are imported, amended and carried over by the supervision office.
#[derive(DeriveMigrationName)]
pub(crate) struct Step;

const TABLES: &[&str] = &["amendment", "heading_correction"];

const UP: &[&str] = &[
    // A cancelled target stays suspended for good; the reason is the same column.
    "ALTER TABLE target ADD COLUMN cancelled_at {instant} CHECK (cancelled_at IS NULL OR suspended_reason IS NOT NULL)",
    "ALTER TABLE target ADD COLUMN carried_from_id BIGINT REFERENCES target (id) ON DELETE SET NULL CHECK (carried_from_id <> id)",
    "ALTER TABLE target ADD COLUMN carried_reason VARCHAR(2000)",
    // A target is carried over once.
    "CREATE UNIQUE INDEX target_carried_from ON target (carried_from_id)",
    "CREATE TABLE amendment (
        id {id},
        plan_id BIGINT NOT NULL REFERENCES plan (id) ON DELETE CASCADE,
        target_id BIGINT NOT NULL REFERENCES target (id) ON DELETE CASCADE,
        reason VARCHAR(2000) NOT NULL,
        changes {json} NOT NULL,
        amended_at {instant} NOT NULL,
        amended_by_id BIGINT NOT NULL REFERENCES \"user\" (id)
    )",
    "CREATE INDEX amendment_target ON amendment (target_id, id)",
    "CREATE INDEX amendment_plan ON amendment (plan_id)",
    "CREATE INDEX amendment_user ON amendment (amended_by_id)",
    "CREATE TABLE heading_correction (
        id {id},
        heading VARCHAR(200) NOT NULL UNIQUE,
        corrected VARCHAR(200) NOT NULL,
        reason VARCHAR(500) NOT NULL
    )",
];

const DOWN: &[&str] = &[
    "DROP INDEX target_carried_from",
    "ALTER TABLE target DROP COLUMN carried_reason",
    "ALTER TABLE target DROP COLUMN carried_from_id",
    "ALTER TABLE target DROP COLUMN cancelled_at",
];

/// What a dispute becomes whose assignment is taken off, by the database's own way of changing a reference.
async fn disputes(manager: &SchemaManager<'_>, left: bool) -> Result<(), DbErr> {
    let (kept, rule) = if left {
        ("DROP NOT NULL", "ON DELETE SET NULL")
    } else {
        ("SET NOT NULL", "ON DELETE CASCADE")
    };
    if !left {
        run(
            manager,
            &["DELETE FROM dispute WHERE assignment_id IS NULL"],
        )
        .await?;
    }
    if manager.get_connection().get_database_backend() == DbBackend::Postgres {
        let statements = [
            "ALTER TABLE dispute DROP CONSTRAINT dispute_assignment_id_fkey".to_owned(),
            format!("ALTER TABLE dispute ALTER COLUMN assignment_id {kept}"),
            format!(
                "ALTER TABLE dispute ADD CONSTRAINT dispute_assignment_id_fkey FOREIGN KEY (assignment_id) REFERENCES assignment (id) {rule}"
            ),
        ];
        let statements: Vec<&str> = statements.iter().map(String::as_str).collect();
        return run(manager, &statements).await;
    }
    let needed = if left { "" } else { "NOT NULL " };
    let create = format!(
        "CREATE TABLE dispute_anew (
        id {{id}},
        assignment_id BIGINT {needed}REFERENCES assignment (id) {rule},
        plan_id BIGINT NOT NULL REFERENCES plan (id) ON DELETE CASCADE,
        target_id BIGINT NOT NULL REFERENCES target (id) ON DELETE CASCADE,
        unit_id BIGINT NOT NULL REFERENCES unit (id),
        status VARCHAR(32) NOT NULL CHECK (status IN ('OPEN', 'INSISTED', 'REASSIGNED', 'WITHDRAWN')),
        reason VARCHAR(2000) NOT NULL,
        raised_at {{instant}} NOT NULL,
        raised_by_id BIGINT NOT NULL REFERENCES \"user\" (id),
        comment VARCHAR(2000),
        new_unit_id BIGINT REFERENCES unit (id),
        decided_at {{instant}},
        decided_by_id BIGINT REFERENCES \"user\" (id),
        CHECK ((status = 'OPEN') = (decided_at IS NULL)),
        CHECK ((status = 'OPEN') = (decided_by_id IS NULL)),
        CHECK ((status = 'REASSIGNED') = (new_unit_id IS NOT NULL)),
        CHECK (new_unit_id <> unit_id)
    )"
    );
    const COLUMNS: &str = "id, assignment_id, plan_id, target_id, unit_id, status, reason, raised_at, raised_by_id, comment, new_unit_id, decided_at, decided_by_id";
    let copy = format!("INSERT INTO dispute_anew ({COLUMNS}) SELECT {COLUMNS} FROM dispute");
    run(
        manager,
        &[
            &create,
            &copy,
            "DROP TABLE dispute",
            "ALTER TABLE dispute_anew RENAME TO dispute",
            "CREATE UNIQUE INDEX dispute_one_open ON dispute (assignment_id) WHERE status = 'OPEN'",
            "CREATE INDEX dispute_assignment ON dispute (assignment_id, id)",
            "CREATE INDEX dispute_plan ON dispute (plan_id, id)",
            "CREATE INDEX dispute_unit ON dispute (unit_id, id)",
        ],
    )
    .await
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, UP).await?;
        disputes(manager, true).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        disputes(manager, false).await?;
        drop_tables(manager, TABLES).await?;
        run(manager, DOWN).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
