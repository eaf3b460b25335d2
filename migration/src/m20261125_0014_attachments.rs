//! Evidence files.

use sea_orm_migration::prelude::*;

use crate::dialect::{drop_tables, run};

/// Evidence files.
#[derive(DeriveMigrationName)]
pub(crate) struct Step;

const TABLES: &[&str] = &["attachment"];

const UP: &[&str] = &[
    // Of a report's versions from one on, and until another one left it out; or of a request; or waiting to be attached, and
    // collected when it has waited for a day.
    "CREATE TABLE attachment (
        id {id},
        plan_id BIGINT NOT NULL REFERENCES plan (id) ON DELETE CASCADE,
        target_id BIGINT NOT NULL REFERENCES target (id) ON DELETE CASCADE,
        unit_id BIGINT NOT NULL REFERENCES unit (id),
        report_id BIGINT REFERENCES progress_report (id) ON DELETE CASCADE,
        request_id BIGINT REFERENCES target_request (id) ON DELETE CASCADE,
        from_version INTEGER CHECK (from_version > 0),
        until_version INTEGER,
        file_name VARCHAR(200) NOT NULL,
        content_type VARCHAR(100) NOT NULL,
        byte_size BIGINT NOT NULL CHECK (byte_size > 0),
        sha256 VARCHAR(64) NOT NULL,
        storage_key VARCHAR(64) NOT NULL UNIQUE,
        uploaded_by_id BIGINT NOT NULL REFERENCES \"user\" (id),
        uploaded_at {instant} NOT NULL,
        CHECK (report_id IS NULL OR request_id IS NULL),
        CHECK ((report_id IS NULL) = (from_version IS NULL)),
        CHECK (until_version IS NULL OR (from_version IS NOT NULL AND until_version > from_version))
    )",
    "CREATE INDEX attachment_report ON attachment (report_id, id)",
    "CREATE INDEX attachment_request ON attachment (request_id, id)",
    "CREATE INDEX attachment_target ON attachment (target_id, unit_id)",
    "CREATE INDEX attachment_waiting ON attachment (uploaded_by_id, uploaded_at) WHERE report_id IS NULL AND request_id IS NULL",
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
