//! Reporting periods of a plan, and the exceptions from their locks.

use sea_orm_migration::prelude::*;

use crate::dialect::{drop_tables, run};

/// Reporting periods.
#[derive(DeriveMigrationName)]
pub(crate) struct Step;

const TABLES: &[&str] = &["reporting_period", "lock_exception"];

const UP: &[&str] = &[
    "CREATE TABLE reporting_period (
        id {id},
        plan_id BIGINT NOT NULL REFERENCES plan (id) ON DELETE CASCADE,
        kind VARCHAR(32) NOT NULL CHECK (kind IN ('MONTH', 'QUARTER')),
        ordinal INTEGER NOT NULL CHECK (ordinal BETWEEN 1 AND 12),
        label VARCHAR(40) NOT NULL,
        starts_on {date} NOT NULL,
        ends_on {date} NOT NULL,
        opens_at {instant} NOT NULL,
        due_at {instant} NOT NULL,
        locks_at {instant} NOT NULL,
        locked_by_id BIGINT REFERENCES \"user\" (id),
        lock_reason VARCHAR(500),
        created_at {instant} NOT NULL,
        UNIQUE (plan_id, kind, ordinal),
        CHECK (ends_on >= starts_on),
        CHECK (due_at > opens_at),
        CHECK (locks_at >= opens_at),
        CHECK ((locked_by_id IS NULL) = (lock_reason IS NULL))
    )",
    "CREATE INDEX reporting_period_due ON reporting_period (plan_id, due_at)",
    "CREATE TABLE lock_exception (
        id {id},
        period_id BIGINT NOT NULL REFERENCES reporting_period (id) ON DELETE CASCADE,
        unit_id BIGINT NOT NULL REFERENCES unit (id),
        until_at {instant} NOT NULL,
        reason VARCHAR(500) NOT NULL,
        granted_by_id BIGINT NOT NULL REFERENCES \"user\" (id),
        created_at {instant} NOT NULL
    )",
    "CREATE INDEX lock_exception_period ON lock_exception (period_id, unit_id, until_at)",
    "CREATE INDEX lock_exception_unit ON lock_exception (unit_id)",
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
