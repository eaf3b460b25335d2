//! Accounts, their sessions, and the keys that sign for them.

use sea_orm_migration::prelude::*;

use crate::dialect::{drop_tables, run};

/// Accounts, their sessions, and the keys that sign for them.
#[derive(DeriveMigrationName)]
pub(crate) struct Step;

const TABLES: &[&str] = &[
    "user",
    "session",
    "refresh_token",
    "signing_key",
    "server_secret",
];

const UP: &[&str] = &[
    "CREATE TABLE \"user\" (
        id {id},
        username VARCHAR(64) NOT NULL UNIQUE CHECK (username = LOWER(username)),
        display_name VARCHAR(100) NOT NULL,
        unit_id BIGINT REFERENCES unit (id),
        leader_id BIGINT REFERENCES leader (id),
        password_hash VARCHAR(255) NOT NULL,
        must_change_password BOOLEAN NOT NULL,
        active BOOLEAN NOT NULL,
        failed_sign_ins INTEGER NOT NULL DEFAULT 0 CHECK (failed_sign_ins >= 0),
        locked_until {instant},
        created_at {instant} NOT NULL
    )",
    "CREATE INDEX user_unit ON \"user\" (unit_id)",
    "CREATE INDEX user_leader ON \"user\" (leader_id)",
    "CREATE TABLE session (
        id {id},
        user_id BIGINT NOT NULL REFERENCES \"user\" (id),
        created_at {instant} NOT NULL,
        ended_at {instant}
    )",
    "CREATE INDEX session_of_user ON session (user_id)",
    "CREATE TABLE refresh_token (
        id {id},
        session_id BIGINT NOT NULL REFERENCES session (id) ON DELETE CASCADE,
        token_hash CHAR(64) NOT NULL UNIQUE,
        expires_at {instant} NOT NULL,
        used_at {instant}
    )",
    "CREATE INDEX refresh_token_session ON refresh_token (session_id)",
    "CREATE TABLE signing_key (
        key_id VARCHAR(64) PRIMARY KEY NOT NULL,
        private_key {bytes} NOT NULL,
        public_key {bytes} NOT NULL,
        created_at {instant} NOT NULL,
        retired_at {instant}
    )",
    "CREATE TABLE server_secret (
        purpose VARCHAR(32) PRIMARY KEY NOT NULL,
        secret {bytes} NOT NULL
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
