//! Failed sign-ins by account and address, and the lock for all addresses.

use sea_orm_migration::prelude::*;

use crate::dialect::{drop_tables, run};

/// Failed sign-ins by account and address, and the lock for all addresses.
#[derive(DeriveMigrationName)]
pub(crate) struct Step;

const UP: &[&str] = &[
    // The network is an address, of IPv6 a /64; it is empty where no address is known.
    "CREATE TABLE sign_in_failure (
        user_id BIGINT NOT NULL REFERENCES \"user\" (id),
        network VARCHAR(45) NOT NULL,
        failures INTEGER NOT NULL CHECK (failures > 0),
        locked_until {instant},
        failed_at {instant} NOT NULL,
        PRIMARY KEY (user_id, network)
    )",
    "ALTER TABLE \"user\" ADD COLUMN locked_everywhere_until {instant}",
    // A lock that stands was for all addresses.
    "UPDATE \"user\" SET locked_everywhere_until = locked_until",
    "ALTER TABLE \"user\" DROP COLUMN failed_sign_ins",
];

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, UP).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, &["sign_in_failure"]).await?;
        let back = [
            "ALTER TABLE \"user\" DROP COLUMN locked_everywhere_until",
            "ALTER TABLE \"user\" ADD COLUMN failed_sign_ins INTEGER NOT NULL DEFAULT 0 CHECK (failed_sign_ins >= 0)",
        ];
        run(manager, &back).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
