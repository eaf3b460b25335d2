//! Until when units acknowledge what they were given (签收期限).

use sea_orm_migration::prelude::*;

use crate::dialect::run;

/// Until when units acknowledge what they were given (签收期限).
#[derive(DeriveMigrationName)]
pub(crate) struct Step;

const UP: &[&str] = &[
    "ALTER TABLE plan_rule ADD COLUMN acknowledge_days INTEGER NOT NULL DEFAULT 3 CHECK (acknowledge_days BETWEEN 1 AND 30)",
    // What was given before has no last day.
    "ALTER TABLE assignment ADD COLUMN acknowledge_by {date}",
    "CREATE INDEX assignment_unacknowledged ON assignment (acknowledge_by, target_id) WHERE acknowledged_at IS NULL",
];

const DOWN: &[&str] = &[
    "DROP INDEX assignment_unacknowledged",
    "ALTER TABLE assignment DROP COLUMN acknowledge_by",
    "ALTER TABLE plan_rule DROP COLUMN acknowledge_days",
];

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
