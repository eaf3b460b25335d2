//! The rules of the daily sweep, and the days that were swept.

use sea_orm_migration::prelude::*;

use crate::dialect::{drop_tables, run};

/// The daily sweep.
#[derive(DeriveMigrationName)]
pub(crate) struct Step;

const UP: &[&str] = &[
    // The defaults are those of `domain::sweep::Ladder`.
    "ALTER TABLE plan_rule ADD COLUMN report_reminder_days INTEGER NOT NULL DEFAULT 3 CHECK (report_reminder_days BETWEEN 0 AND 30)",
    "ALTER TABLE plan_rule ADD COLUMN target_reminder_days INTEGER NOT NULL DEFAULT 30 CHECK (target_reminder_days BETWEEN 0 AND 180)",
    "ALTER TABLE plan_rule ADD COLUMN notice_missing BOOLEAN NOT NULL DEFAULT TRUE",
    "ALTER TABLE plan_rule ADD COLUMN notice_behind BOOLEAN NOT NULL DEFAULT TRUE",
    "ALTER TABLE plan_rule ADD COLUMN notice_far_behind BOOLEAN NOT NULL DEFAULT TRUE",
    "ALTER TABLE plan_rule ADD COLUMN notice_past_due BOOLEAN NOT NULL DEFAULT TRUE",
    "ALTER TABLE plan_rule ADD COLUMN reply_days INTEGER NOT NULL DEFAULT 5 CHECK (reply_days BETWEEN 1 AND 30)",
    // Of several servers, the one whose row it is sweeps the day.
    "CREATE TABLE sweep_run (
        day {date} PRIMARY KEY NOT NULL,
        swept_at {instant} NOT NULL,
        notices INTEGER NOT NULL CHECK (notices >= 0)
    )",
];

const DOWN: &[&str] = &[
    "ALTER TABLE plan_rule DROP COLUMN report_reminder_days",
    "ALTER TABLE plan_rule DROP COLUMN target_reminder_days",
    "ALTER TABLE plan_rule DROP COLUMN notice_missing",
    "ALTER TABLE plan_rule DROP COLUMN notice_behind",
    "ALTER TABLE plan_rule DROP COLUMN notice_far_behind",
    "ALTER TABLE plan_rule DROP COLUMN notice_past_due",
    "ALTER TABLE plan_rule DROP COLUMN reply_days",
];

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, UP).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, &["sweep_run"]).await?;
        run(manager, DOWN).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
