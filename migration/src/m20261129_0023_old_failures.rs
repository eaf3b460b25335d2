//! Failed sign-ins that count no more are found by their moment.

use sea_orm_migration::prelude::*;

use crate::dialect::run;

/// Failed sign-ins that count no more are found by their moment.
#[derive(DeriveMigrationName)]
pub(crate) struct Step;

const UP: &[&str] = &["CREATE INDEX sign_in_failure_moment ON sign_in_failure (failed_at)"];

const DOWN: &[&str] = &["DROP INDEX sign_in_failure_moment"];

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
