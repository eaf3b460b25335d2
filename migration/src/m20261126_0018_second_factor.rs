//! The second factor (TOTP): since when an account has one, its secret, and its recovery codes.

use sea_orm_migration::prelude::*;

use crate::dialect::{drop_tables, run};

/// The second factor (TOTP): since when an account has one, its secret, and its recovery codes.
#[derive(DeriveMigrationName)]
pub(crate) struct Step;

const UP: &[&str] = &[
    "ALTER TABLE \"user\" ADD COLUMN second_factor_at {instant}",
    // The secret is encrypted under the key of this ID, which is in the configuration alone.
    "CREATE TABLE second_factor (
        user_id BIGINT PRIMARY KEY NOT NULL REFERENCES \"user\" (id),
        key_id VARCHAR(16) NOT NULL,
        secret {bytes} NOT NULL,
        last_step BIGINT NOT NULL CHECK (last_step >= 0),
        begun_at {instant} NOT NULL
    )",
    "CREATE TABLE recovery_code (
        id {id},
        user_id BIGINT NOT NULL REFERENCES second_factor (user_id) ON DELETE CASCADE,
        code_hash CHAR(64) NOT NULL,
        used_at {instant},
        UNIQUE (user_id, code_hash)
    )",
];

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, UP).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, &["second_factor", "recovery_code"]).await?;
        run(
            manager,
            &["ALTER TABLE \"user\" DROP COLUMN second_factor_at"],
        )
        .await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
