//! Who does what: designations and assignments.

use sea_orm_migration::prelude::*;

use crate::dialect::{drop_tables, run};

/// Who does what: designations and assignments.
#[derive(DeriveMigrationName)]
pub(crate) struct Step;

const TABLES: &[&str] = &["designation", "assignment"];

const UP: &[&str] = &[
    "CREATE TABLE designation (
        id {id},
        target_id BIGINT NOT NULL REFERENCES target (id) ON DELETE CASCADE,
        plan_id BIGINT NOT NULL REFERENCES plan (id) ON DELETE CASCADE,
        group_id BIGINT NOT NULL REFERENCES unit_group (id),
        phrase VARCHAR(200) NOT NULL,
        role VARCHAR(32) NOT NULL CHECK (role IN ('LEAD', 'SUPPORTING')),
        ordinal INTEGER NOT NULL CHECK (ordinal > 0),
        resolved_at {instant},
        resolved_by_id BIGINT REFERENCES \"user\" (id),
        UNIQUE (target_id, ordinal)
    )",
    "CREATE INDEX designation_plan ON designation (plan_id, id)",
    "CREATE TABLE assignment (
        id {id},
        target_id BIGINT NOT NULL REFERENCES target (id) ON DELETE CASCADE,
        plan_id BIGINT NOT NULL REFERENCES plan (id) ON DELETE CASCADE,
        unit_id BIGINT NOT NULL REFERENCES unit (id),
        acting_unit_id BIGINT REFERENCES unit (id),
        role VARCHAR(32) NOT NULL CHECK (role IN ('LEAD', 'SUPPORTING')),
        ordinal INTEGER NOT NULL CHECK (ordinal > 0),
        origin VARCHAR(32) NOT NULL CHECK (origin IN ('NAMED', 'GROUP', 'DESIGNATION')),
        group_id BIGINT REFERENCES unit_group (id),
        designation_id BIGINT REFERENCES designation (id),
        acknowledged_at {instant},
        acknowledged_by_id BIGINT REFERENCES \"user\" (id),
        UNIQUE (target_id, unit_id),
        CHECK (acting_unit_id <> unit_id),
        CHECK ((origin = 'DESIGNATION') = (designation_id IS NOT NULL)),
        CHECK ((acknowledged_at IS NULL) = (acknowledged_by_id IS NULL))
    )",
    "CREATE INDEX assignment_unit ON assignment (unit_id, plan_id, target_id)",
    "CREATE INDEX assignment_acting_unit ON assignment (acting_unit_id, plan_id, target_id)",
    "CREATE INDEX assignment_designation ON assignment (designation_id)",
];

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, UP).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, TABLES).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
