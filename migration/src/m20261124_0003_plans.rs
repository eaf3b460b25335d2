//! Plans with their outline, targets and indicators, and the grants that may be limited to a plan.

use sea_orm_migration::prelude::*;

use crate::dialect::{drop_tables, run};

/// Plans with their outline, targets and indicators, and the grants that may be limited to a plan.
#[derive(DeriveMigrationName)]
pub(crate) struct Step;

const TABLES: &[&str] = &[
    "plan",
    "section",
    "target",
    "target_post",
    "indicator",
    "role_grant",
];

const UP: &[&str] = &[
    "CREATE TABLE plan (
        id {id},
        year INTEGER NOT NULL UNIQUE,
        title VARCHAR(200) NOT NULL,
        document_number VARCHAR(100) NOT NULL,
        issuer VARCHAR(100) NOT NULL,
        issued_on {date} NOT NULL,
        status VARCHAR(32) NOT NULL CHECK (status IN ('DRAFT', 'PUBLISHED', 'ARCHIVED')),
        published_at {instant},
        source_digest CHAR(64) NOT NULL,
        created_at {instant} NOT NULL,
        updated_at {instant} NOT NULL,
        CHECK ((status = 'DRAFT') = (published_at IS NULL))
    )",
    "CREATE TABLE section (
        id {id},
        plan_id BIGINT NOT NULL REFERENCES plan (id) ON DELETE CASCADE,
        parent_id BIGINT REFERENCES section (id),
        level INTEGER NOT NULL CHECK (level BETWEEN 1 AND 3),
        ordinal INTEGER NOT NULL CHECK (ordinal > 0),
        position INTEGER NOT NULL CHECK (position > 0),
        last_position INTEGER NOT NULL,
        title VARCHAR(200) NOT NULL,
        path {json} NOT NULL,
        UNIQUE (plan_id, position),
        CHECK (last_position >= position),
        CHECK ((level = 1) = (parent_id IS NULL))
    )",
    "CREATE INDEX section_parent ON section (parent_id)",
    "CREATE TABLE target (
        id {id},
        plan_id BIGINT NOT NULL REFERENCES plan (id) ON DELETE CASCADE,
        number INTEGER NOT NULL CHECK (number > 0),
        section_id BIGINT NOT NULL REFERENCES section (id),
        section_position INTEGER NOT NULL,
        text TEXT NOT NULL,
        plain_text TEXT NOT NULL,
        source_line INTEGER NOT NULL,
        open_ended BOOLEAN NOT NULL,
        due_on {date} NOT NULL,
        state VARCHAR(32) NOT NULL CHECK (state IN ('COMPLETED', 'AHEAD', 'ON_SCHEDULE', 'BEHIND', 'NOT_STARTED', 'OTHER')),
        percent_complete INTEGER CHECK (percent_complete BETWEEN 0 AND 100),
        version INTEGER NOT NULL DEFAULT 1,
        created_at {instant} NOT NULL,
        updated_at {instant} NOT NULL,
        UNIQUE (plan_id, number)
    )",
    "CREATE INDEX target_section_order ON target (plan_id, section_position, number, id)",
    "CREATE INDEX target_updated_order ON target (plan_id, updated_at, id)",
    "CREATE INDEX target_updated ON target (updated_at, id)",
    "CREATE INDEX target_state ON target (plan_id, state)",
    "CREATE INDEX target_section ON target (section_id)",
    "CREATE TABLE target_post (
        target_id BIGINT NOT NULL REFERENCES target (id) ON DELETE CASCADE,
        post_id BIGINT NOT NULL REFERENCES post (id),
        ordinal INTEGER NOT NULL CHECK (ordinal > 0),
        PRIMARY KEY (target_id, post_id),
        UNIQUE (target_id, ordinal)
    )",
    "CREATE INDEX target_post_post ON target_post (post_id, target_id)",
    "CREATE TABLE indicator (
        id {id},
        target_id BIGINT NOT NULL REFERENCES target (id) ON DELETE CASCADE,
        ordinal INTEGER NOT NULL CHECK (ordinal > 0),
        name VARCHAR(200) NOT NULL,
        comparison VARCHAR(32) NOT NULL CHECK (comparison IN ('AT_LEAST', 'AT_MOST')),
        goal VARCHAR(40) NOT NULL,
        unit_of_measure VARCHAR(32) NOT NULL,
        kind VARCHAR(32) NOT NULL CHECK (kind IN ('COUNT', 'AMOUNT', 'RATE', 'LEVEL')),
        phrase VARCHAR(300) NOT NULL,
        confirmed BOOLEAN NOT NULL,
        UNIQUE (target_id, ordinal)
    )",
    "CREATE TABLE role_grant (
        id {id},
        user_id BIGINT NOT NULL REFERENCES \"user\" (id),
        role VARCHAR(32) NOT NULL,
        unit_id BIGINT REFERENCES unit (id),
        leader_id BIGINT REFERENCES leader (id),
        plan_id BIGINT REFERENCES plan (id),
        valid_from {instant} NOT NULL,
        valid_until {instant},
        granted_by_id BIGINT REFERENCES \"user\" (id),
        reason VARCHAR(500) NOT NULL,
        created_at {instant} NOT NULL,
        CHECK (valid_until >= valid_from),
        CHECK (granted_by_id <> user_id),
        CHECK (CASE role
            WHEN 'SYSTEM_ADMIN' THEN unit_id IS NULL AND leader_id IS NULL AND plan_id IS NULL
            WHEN 'SECURITY_ADMIN' THEN unit_id IS NULL AND leader_id IS NULL AND plan_id IS NULL
            WHEN 'AUDIT_ADMIN' THEN unit_id IS NULL AND leader_id IS NULL AND plan_id IS NULL
            WHEN 'SUPERVISOR' THEN unit_id IS NULL AND leader_id IS NULL
            WHEN 'OBSERVER' THEN unit_id IS NULL AND leader_id IS NULL
            WHEN 'LEADER' THEN unit_id IS NULL AND leader_id IS NOT NULL AND plan_id IS NULL
            WHEN 'UNIT_MANAGER' THEN unit_id IS NOT NULL AND leader_id IS NULL AND plan_id IS NULL
            WHEN 'UNIT_REPORTER' THEN unit_id IS NOT NULL AND leader_id IS NULL AND plan_id IS NULL
            ELSE FALSE END)
    )",
    "CREATE INDEX role_grant_user ON role_grant (user_id)",
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
