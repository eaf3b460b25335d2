//! The log of acts.

use sea_orm_migration::prelude::*;

use crate::dialect::{drop_tables, run};

/// The log of acts.
#[derive(DeriveMigrationName)]
pub(crate) struct Step;

const TABLES: &[&str] = &["audit_entry"];

const UP: &[&str] = &["CREATE TABLE audit_entry (
        id {id},
        occurred_at {instant} NOT NULL,
        user_id BIGINT REFERENCES \"user\" (id),
        action VARCHAR(64) NOT NULL,
        object_type VARCHAR(64) NOT NULL,
        object_id BIGINT,
        changes {json} NOT NULL,
        request_id VARCHAR(64)
    )"];

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
