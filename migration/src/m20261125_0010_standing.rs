//! How a target stands, for every day to come, in columns that lists and filters read like any other; what changes
//! that by hand; and the rules of a plan.

use sea_orm_migration::{
    prelude::*,
    sea_orm::{ConnectionTrait, DbBackend},
};

use crate::dialect::{drop_tables, run};

/// How a target stands.
#[derive(DeriveMigrationName)]
pub(crate) struct Step;

const UP: &[&str] = &[
    "DROP INDEX target_state",
    "ALTER TABLE target DROP COLUMN state",
    // Null while the state depends on the day.
    "ALTER TABLE target ADD COLUMN settled_state VARCHAR(32) DEFAULT 'NOT_STARTED' CHECK (settled_state IN ('COMPLETED', 'OTHER', 'NOT_STARTED'))",
    "ALTER TABLE target ADD COLUMN on_schedule_from {date}",
    "ALTER TABLE target ADD COLUMN behind_from {date}",
    "ALTER TABLE target ADD COLUMN yellow_from {date}",
    "ALTER TABLE target ADD COLUMN red_from {date}",
    "ALTER TABLE target ADD COLUMN original_due_on {date}",
    "ALTER TABLE target ADD COLUMN closed_at {instant}",
    "ALTER TABLE target ADD COLUMN suspended_reason VARCHAR(500)",
    "ALTER TABLE target ADD COLUMN light_override VARCHAR(32) CHECK (light_override IN ('GREEN', 'YELLOW', 'RED'))",
    "ALTER TABLE target ADD COLUMN light_override_until {date}",
    "ALTER TABLE target ADD COLUMN light_override_reason VARCHAR(500)",
    "CREATE INDEX target_settled ON target (plan_id, settled_state)",
    "CREATE INDEX target_yellow ON target (plan_id, yellow_from)",
    "CREATE INDEX target_red ON target (plan_id, red_from)",
    // A plan without a row has the defaults of `domain::progress::Thresholds`.
    "CREATE TABLE plan_rule (
        plan_id BIGINT PRIMARY KEY NOT NULL REFERENCES plan (id) ON DELETE CASCADE,
        yellow_at_least INTEGER CHECK (yellow_at_least BETWEEN 0 AND 100),
        yellow_points INTEGER CHECK (yellow_points BETWEEN 0 AND 100),
        red_points INTEGER CHECK (red_points BETWEEN yellow_points AND 100),
        ahead_points INTEGER NOT NULL CHECK (ahead_points BETWEEN 0 AND 100),
        updated_at {instant} NOT NULL,
        CHECK ((yellow_at_least IS NULL) = (yellow_points IS NOT NULL)),
        CHECK ((yellow_points IS NULL) = (red_points IS NULL))
    )",
];

const DOWN: &[&str] = &[
    "DROP INDEX target_settled",
    "DROP INDEX target_yellow",
    "DROP INDEX target_red",
    "ALTER TABLE target DROP COLUMN settled_state",
    "ALTER TABLE target DROP COLUMN on_schedule_from",
    "ALTER TABLE target DROP COLUMN behind_from",
    "ALTER TABLE target DROP COLUMN yellow_from",
    "ALTER TABLE target DROP COLUMN red_from",
    "ALTER TABLE target DROP COLUMN original_due_on",
    "ALTER TABLE target DROP COLUMN closed_at",
    "ALTER TABLE target DROP COLUMN suspended_reason",
    "ALTER TABLE target DROP COLUMN light_override",
    "ALTER TABLE target DROP COLUMN light_override_until",
    "ALTER TABLE target DROP COLUMN light_override_reason",
    "ALTER TABLE target ADD COLUMN state VARCHAR(32) NOT NULL DEFAULT 'NOT_STARTED' CHECK (state IN ('COMPLETED', 'AHEAD', 'ON_SCHEDULE', 'BEHIND', 'NOT_STARTED', 'OTHER'))",
    "CREATE INDEX target_state ON target (plan_id, state)",
];

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, UP).await?;
        // Nothing has been reported: red from the day after the due date.
        let next_day = match manager.get_connection().get_database_backend() {
            DbBackend::Postgres => "due_on + 1",
            _ => "date(due_on, '+1 day')",
        };
        manager
            .get_connection()
            .execute_unprepared(&format!("UPDATE target SET red_from = {next_day}"))
            .await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, &["plan_rule"]).await?;
        run(manager, DOWN).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
