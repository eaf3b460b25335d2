//! Administration: grants that are revoked, or wait for a second security administrator; merged units; settings.

use sea_orm_migration::prelude::*;

use crate::dialect::{drop_tables, run};

/// Administration: grants that are revoked, or wait for a second security administrator; merged units; settings.
#[derive(DeriveMigrationName)]
pub(crate) struct Step;

const UP: &[&str] = &[
    // What was granted before is granted.
    "ALTER TABLE role_grant ADD COLUMN status VARCHAR(32) NOT NULL DEFAULT 'GRANTED' CHECK (status IN ('PENDING', 'GRANTED', 'REJECTED'))",
    // Whoever decides is neither the one who gets the grant nor the one who asked for it.
    "ALTER TABLE role_grant ADD COLUMN decided_by_id BIGINT REFERENCES \"user\" (id) CHECK (decided_by_id <> user_id AND decided_by_id <> granted_by_id)",
    "ALTER TABLE role_grant ADD COLUMN decided_at {instant} CHECK ((decided_at IS NULL) = (decided_by_id IS NULL))",
    "ALTER TABLE role_grant ADD COLUMN decision_reason VARCHAR(500)",
    "ALTER TABLE role_grant ADD COLUMN revoked_by_id BIGINT REFERENCES \"user\" (id)",
    "ALTER TABLE role_grant ADD COLUMN revoked_at {instant}",
    "ALTER TABLE role_grant ADD COLUMN revocation_reason VARCHAR(500) CHECK ((revocation_reason IS NULL) = (revoked_at IS NULL))",
    "CREATE INDEX role_grant_role ON role_grant (role, id)",
    "CREATE INDEX role_grant_unit ON role_grant (unit_id, id)",
    "CREATE INDEX role_grant_leader ON role_grant (leader_id, id)",
    "CREATE INDEX role_grant_plan ON role_grant (plan_id, id)",
    "CREATE INDEX role_grant_pending ON role_grant (id) WHERE status = 'PENDING'",
    // A unit that was merged into another stays, for what it did.
    "ALTER TABLE unit ADD COLUMN merged_into_id BIGINT REFERENCES unit (id) CHECK (merged_into_id <> id)",
    "CREATE INDEX unit_merged_into ON unit (merged_into_id)",
    // A setting without a row has the default of `domain::setting`.
    "CREATE TABLE setting (
        name VARCHAR(64) PRIMARY KEY NOT NULL,
        value VARCHAR(100) NOT NULL,
        changed_at {instant} NOT NULL
    )",
    "CREATE TABLE setting_change (
        id {id},
        name VARCHAR(64) NOT NULL,
        old_value VARCHAR(100) NOT NULL,
        new_value VARCHAR(100) NOT NULL,
        reason VARCHAR(500) NOT NULL,
        changed_at {instant} NOT NULL,
        changed_by_id BIGINT REFERENCES \"user\" (id)
    )",
    "CREATE INDEX setting_change_name ON setting_change (name, id)",
];

const DOWN: &[&str] = &[
    "DROP INDEX unit_merged_into",
    "ALTER TABLE unit DROP COLUMN merged_into_id",
    "DROP INDEX role_grant_role",
    "DROP INDEX role_grant_unit",
    "DROP INDEX role_grant_leader",
    "DROP INDEX role_grant_plan",
    "DROP INDEX role_grant_pending",
    "ALTER TABLE role_grant DROP COLUMN revocation_reason",
    "ALTER TABLE role_grant DROP COLUMN revoked_at",
    "ALTER TABLE role_grant DROP COLUMN revoked_by_id",
    "ALTER TABLE role_grant DROP COLUMN decision_reason",
    "ALTER TABLE role_grant DROP COLUMN decided_at",
    "ALTER TABLE role_grant DROP COLUMN decided_by_id",
    "ALTER TABLE role_grant DROP COLUMN status",
];

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, UP).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, &["setting", "setting_change"]).await?;
        run(manager, DOWN).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
