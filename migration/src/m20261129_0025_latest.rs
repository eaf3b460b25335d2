//! The reports of a target, the latest first, so that the latest one that may be seen is found without the others.

use sea_orm_migration::prelude::*;

use crate::dialect::run;

/// The reports of a target, the latest first, so that the latest one that may be seen is found without the others.
#[derive(DeriveMigrationName)]
pub(crate) struct Step;

const UP: &[&str] =
    &["CREATE INDEX progress_report_latest ON progress_report (target_id, due_at, filed_at, id)"];

const DOWN: &[&str] = &["DROP INDEX progress_report_latest"];

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, UP).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, DOWN).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
