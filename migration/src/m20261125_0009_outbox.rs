//! The outbox of events, and the receipts of mutations that may be sent again.

use sea_orm_migration::prelude::*;

use crate::dialect::{drop_tables, run};

/// The outbox of events.
#[derive(DeriveMigrationName)]
pub(crate) struct Step;

const TABLES: &[&str] = &["event", "mutation_receipt"];

const UP: &[&str] = &[
    // Numbered in the order in which transactions commit.
    "CREATE TABLE event (
        id {id},
        type VARCHAR(64) NOT NULL,
        occurred_at {instant} NOT NULL,
        user_id BIGINT REFERENCES \"user\" (id),
        plan_id BIGINT NOT NULL REFERENCES plan (id) ON DELETE CASCADE,
        target_id BIGINT REFERENCES target (id) ON DELETE CASCADE,
        unit_id BIGINT REFERENCES unit (id),
        audience VARCHAR(32) NOT NULL CHECK (audience IN ('UNIT', 'PARTIES', 'LEADS', 'LEAD_UNITS', 'ACCEPTED', 'TARGET', 'PLAN', 'PLAN_UNIT')),
        object_type VARCHAR(32),
        object_id BIGINT,
        CHECK ((object_type IS NULL) = (object_id IS NULL)),
        CHECK ((target_id IS NULL) = (audience IN ('PLAN', 'PLAN_UNIT'))),
        CHECK (audience IN ('LEAD_UNITS', 'TARGET', 'PLAN') OR unit_id IS NOT NULL)
    )",
    "CREATE INDEX event_target ON event (target_id, id)",
    "CREATE TABLE mutation_receipt (
        user_id BIGINT NOT NULL REFERENCES \"user\" (id),
        client_mutation_id VARCHAR(100) NOT NULL,
        digest CHAR(64) NOT NULL,
        result {json} NOT NULL,
        created_at {instant} NOT NULL,
        PRIMARY KEY (user_id, client_mutation_id)
    )",
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
