//! Units, their groups, and leaders with their posts.

use sea_orm_migration::prelude::*;

use crate::dialect::{drop_tables, run};

/// Units, their groups, and leaders with their posts.
#[derive(DeriveMigrationName)]
pub(crate) struct Step;

const TABLES: &[&str] = &[
    "unit",
    "unit_alias",
    "unit_group",
    "unit_group_member",
    "leader",
    "post",
    "tenure",
];

const UP: &[&str] = &[
    "CREATE TABLE unit (
        id {id},
        name VARCHAR(100) NOT NULL UNIQUE,
        full_name VARCHAR(200),
        kind VARCHAR(32) NOT NULL CHECK (kind IN ('GOVERNMENT_DEPARTMENT', 'PARTY_ORGAN', 'COORDINATING_OFFICE',
            'COUNTY_GOVERNMENT', 'DEVELOPMENT_ZONE', 'PUBLIC_INSTITUTION', 'SCHOOL', 'VERTICAL_AGENCY', 'ENTERPRISE', 'MASS_ORGANISATION')),
        code VARCHAR(12) UNIQUE
    )",
    "CREATE TABLE unit_alias (
        id {id},
        unit_id BIGINT NOT NULL REFERENCES unit (id) ON DELETE CASCADE,
        alias VARCHAR(100) NOT NULL UNIQUE
    )",
    "CREATE INDEX unit_alias_unit ON unit_alias (unit_id)",
    "CREATE TABLE unit_group (
        id {id},
        name VARCHAR(100) NOT NULL UNIQUE,
        resolution VARCHAR(32) NOT NULL CHECK (resolution IN ('MEMBERS', 'DESIGNATION'))
    )",
    "CREATE TABLE unit_group_member (
        group_id BIGINT NOT NULL REFERENCES unit_group (id) ON DELETE CASCADE,
        unit_id BIGINT NOT NULL REFERENCES unit (id),
        ordinal INTEGER NOT NULL CHECK (ordinal > 0),
        PRIMARY KEY (group_id, unit_id),
        UNIQUE (group_id, ordinal)
    )",
    "CREATE INDEX unit_group_member_unit ON unit_group_member (unit_id)",
    "CREATE TABLE leader (
        id {id},
        name VARCHAR(100) NOT NULL
    )",
    "CREATE INDEX leader_name ON leader (name)",
    "CREATE TABLE post (
        id {id},
        title VARCHAR(200)
    )",
    "CREATE TABLE tenure (
        id {id},
        post_id BIGINT NOT NULL REFERENCES post (id),
        leader_id BIGINT NOT NULL REFERENCES leader (id),
        starts_on {date},
        ends_on {date},
        CHECK (ends_on > starts_on)
    )",
    "CREATE INDEX tenure_leader ON tenure (leader_id, post_id)",
    "CREATE INDEX tenure_post ON tenure (post_id)",
    "CREATE UNIQUE INDEX tenure_one_holder ON tenure (post_id) WHERE ends_on IS NULL",
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
