//! The log of acts becomes evidence: more about each act, entries that are never changed, and the chain over them.

use sea_orm_migration::{
    prelude::*,
    sea_orm::{ConnectionTrait, DbBackend},
};

use crate::dialect::{drop_tables, run};

/// The log of acts becomes evidence.
#[derive(DeriveMigrationName)]
pub(crate) struct Step;

const TABLES: &[&str] = &["audit_pending", "audit_seal", "audit_archive"];

const UP: &[&str] = &[
    "ALTER TABLE audit_entry ADD COLUMN username VARCHAR(64)",
    "ALTER TABLE audit_entry ADD COLUMN unit_id BIGINT",
    "ALTER TABLE audit_entry ADD COLUMN grants {json} NOT NULL DEFAULT '[]'",
    "ALTER TABLE audit_entry ADD COLUMN address VARCHAR(64)",
    "ALTER TABLE audit_entry ADD COLUMN outcome VARCHAR(32) NOT NULL DEFAULT 'SUCCEEDED'
        CHECK (outcome IN ('SUCCEEDED', 'REFUSED', 'FAILED'))",
    "UPDATE audit_entry SET username = (SELECT u.username FROM \"user\" u WHERE u.id = audit_entry.user_id)",
    "UPDATE audit_entry SET outcome = 'REFUSED' WHERE action IN ('SIGN_IN_FAILED', 'REFRESH_TOKEN_REUSED')",
    // Each filter's index holds the order of the list, too.
    "CREATE INDEX audit_entry_when ON audit_entry (occurred_at, id)",
    "CREATE INDEX audit_entry_who ON audit_entry (user_id, occurred_at, id)",
    "CREATE INDEX audit_entry_what ON audit_entry (action, occurred_at, id)",
    "CREATE INDEX audit_entry_object ON audit_entry (object_type, object_id, occurred_at, id)",
    "CREATE INDEX audit_entry_request ON audit_entry (request_id, occurred_at, id)",
    "CREATE INDEX audit_entry_address ON audit_entry (address, occurred_at, id)",
    "CREATE INDEX audit_entry_not_done ON audit_entry (outcome, occurred_at, id) WHERE outcome <> 'SUCCEEDED'",
    // Entries that are committed and not chained yet. A table of its own, so that those that come late, under a lower
    // number, are not overlooked, and finding them costs nothing however long the log is.
    "CREATE TABLE audit_pending (entry_id BIGINT PRIMARY KEY NOT NULL)",
    // The chain: numbered without gaps by whoever seals, each hash over the one before and the whole entry.
    "CREATE TABLE audit_seal (
        sequence BIGINT PRIMARY KEY NOT NULL CHECK (sequence > 0),
        entry_id BIGINT NOT NULL UNIQUE,
        algorithm VARCHAR(16) NOT NULL CHECK (algorithm IN ('SHA-256', 'SM3')),
        hash CHAR(64) NOT NULL
    )",
    // What has left the log for a file: everything up to a place of the chain.
    "CREATE TABLE audit_archive (
        id {id},
        last_sequence BIGINT NOT NULL UNIQUE CHECK (last_sequence > 0),
        last_hash CHAR(64) NOT NULL,
        entries BIGINT NOT NULL CHECK (entries > 0),
        file_name VARCHAR(255) NOT NULL,
        file_digest CHAR(64) NOT NULL,
        archived_at {instant} NOT NULL
    )",
    "INSERT INTO audit_pending (entry_id) SELECT id FROM audit_entry",
];

/// An entry leaves the log only when an archive holds it that was sealed with the chain's own hash, and when it is half a
/// year old by the database's clock (网络安全法 §21: logs are kept for at least six months).
const SQLITE: &[&str] = &[
    "CREATE TRIGGER audit_entry_pending AFTER INSERT ON audit_entry
        BEGIN INSERT INTO audit_pending (entry_id) VALUES (NEW.id); END",
    // INSERT OR REPLACE would remove a row without asking the triggers of DELETE.
    "CREATE TRIGGER audit_entry_insert BEFORE INSERT ON audit_entry
        WHEN EXISTS (SELECT 1 FROM audit_entry e WHERE e.id = NEW.id)
        BEGIN SELECT RAISE(ABORT, 'audit entries are never changed'); END",
    "CREATE TRIGGER audit_seal_insert BEFORE INSERT ON audit_seal
        WHEN EXISTS (SELECT 1 FROM audit_seal s WHERE s.sequence = NEW.sequence OR s.entry_id = NEW.entry_id)
        BEGIN SELECT RAISE(ABORT, 'audit seals are never changed'); END",
    "CREATE TRIGGER audit_entry_update BEFORE UPDATE ON audit_entry
        BEGIN SELECT RAISE(ABORT, 'audit entries are never changed'); END",
    "CREATE TRIGGER audit_seal_update BEFORE UPDATE ON audit_seal
        BEGIN SELECT RAISE(ABORT, 'audit seals are never changed'); END",
    "CREATE TRIGGER audit_archive_update BEFORE UPDATE ON audit_archive
        BEGIN SELECT RAISE(ABORT, 'audit archives are never changed'); END",
    "CREATE TRIGGER audit_archive_delete BEFORE DELETE ON audit_archive
        BEGIN SELECT RAISE(ABORT, 'audit archives are never removed'); END",
    "CREATE TRIGGER audit_pending_update BEFORE UPDATE ON audit_pending
        BEGIN SELECT RAISE(ABORT, 'audit entries are never changed'); END",
    "CREATE TRIGGER audit_pending_delete BEFORE DELETE ON audit_pending
        WHEN NOT EXISTS (SELECT 1 FROM audit_seal s WHERE s.entry_id = OLD.entry_id)
        BEGIN SELECT RAISE(ABORT, 'the audit entry is not sealed'); END",
    "CREATE TRIGGER audit_archive_insert BEFORE INSERT ON audit_archive
        WHEN NOT EXISTS (SELECT 1 FROM audit_seal s WHERE s.sequence = NEW.last_sequence AND s.hash = NEW.last_hash)
        BEGIN SELECT RAISE(ABORT, 'the archive does not end with a seal of the chain'); END",
    "CREATE TRIGGER audit_entry_delete BEFORE DELETE ON audit_entry
        WHEN COALESCE(datetime(OLD.occurred_at) > datetime('now', '-184 days'), TRUE) OR NOT EXISTS (
            SELECT 1 FROM audit_seal s WHERE s.entry_id = OLD.id
            AND s.sequence <= (SELECT MAX(a.last_sequence) FROM audit_archive a))
        BEGIN SELECT RAISE(ABORT, 'audit entries leave through an archive only'); END",
    "CREATE TRIGGER audit_seal_delete BEFORE DELETE ON audit_seal
        WHEN EXISTS (SELECT 1 FROM audit_entry e WHERE e.id = OLD.entry_id)
            OR COALESCE(OLD.sequence > (SELECT MAX(a.last_sequence) FROM audit_archive a), TRUE)
        BEGIN SELECT RAISE(ABORT, 'audit seals leave through an archive only'); END",
];

/// The same on PostgreSQL, where tables can be emptied at once, too.
const POSTGRES: &[&str] = &[
    "CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN RAISE EXCEPTION 'audit records are never changed or removed (%)', TG_TABLE_NAME; END $$",
    "CREATE FUNCTION audit_keep_pending() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN INSERT INTO audit_pending (entry_id) VALUES (NEW.id); RETURN NULL; END $$",
    "CREATE FUNCTION audit_pending_leaves() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF NOT EXISTS (SELECT 1 FROM audit_seal s WHERE s.entry_id = OLD.entry_id) THEN
                RAISE EXCEPTION 'the audit entry is not sealed';
            END IF;
            RETURN OLD;
        END $$",
    "CREATE FUNCTION audit_archive_comes() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF NOT EXISTS (SELECT 1 FROM audit_seal s WHERE s.sequence = NEW.last_sequence AND s.hash = NEW.last_hash) THEN
                RAISE EXCEPTION 'the archive does not end with a seal of the chain';
            END IF;
            RETURN NEW;
        END $$",
    "CREATE FUNCTION audit_entry_leaves() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF OLD.occurred_at > now() - interval '184 days' OR NOT EXISTS (
                SELECT 1 FROM audit_seal s WHERE s.entry_id = OLD.id
                AND s.sequence <= (SELECT MAX(a.last_sequence) FROM audit_archive a)
            ) THEN
                RAISE EXCEPTION 'audit entries leave through an archive only';
            END IF;
            RETURN OLD;
        END $$",
    "CREATE FUNCTION audit_seal_leaves() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF EXISTS (SELECT 1 FROM audit_entry e WHERE e.id = OLD.entry_id)
                OR COALESCE(OLD.sequence > (SELECT MAX(a.last_sequence) FROM audit_archive a), TRUE) THEN
                RAISE EXCEPTION 'audit seals leave through an archive only';
            END IF;
            RETURN OLD;
        END $$",
    "CREATE TRIGGER audit_entry_pending AFTER INSERT ON audit_entry FOR EACH ROW EXECUTE FUNCTION audit_keep_pending()",
    "CREATE TRIGGER audit_entry_update BEFORE UPDATE ON audit_entry FOR EACH ROW EXECUTE FUNCTION audit_refuse()",
    "CREATE TRIGGER audit_seal_update BEFORE UPDATE ON audit_seal FOR EACH ROW EXECUTE FUNCTION audit_refuse()",
    "CREATE TRIGGER audit_archive_update BEFORE UPDATE OR DELETE ON audit_archive FOR EACH ROW EXECUTE FUNCTION audit_refuse()",
    "CREATE TRIGGER audit_pending_update BEFORE UPDATE ON audit_pending FOR EACH ROW EXECUTE FUNCTION audit_refuse()",
    "CREATE TRIGGER audit_entry_truncate BEFORE TRUNCATE ON audit_entry EXECUTE FUNCTION audit_refuse()",
    "CREATE TRIGGER audit_seal_truncate BEFORE TRUNCATE ON audit_seal EXECUTE FUNCTION audit_refuse()",
    "CREATE TRIGGER audit_archive_truncate BEFORE TRUNCATE ON audit_archive EXECUTE FUNCTION audit_refuse()",
    "CREATE TRIGGER audit_pending_truncate BEFORE TRUNCATE ON audit_pending EXECUTE FUNCTION audit_refuse()",
    "CREATE TRIGGER audit_pending_delete BEFORE DELETE ON audit_pending FOR EACH ROW EXECUTE FUNCTION audit_pending_leaves()",
    "CREATE TRIGGER audit_archive_insert BEFORE INSERT ON audit_archive FOR EACH ROW EXECUTE FUNCTION audit_archive_comes()",
    "CREATE TRIGGER audit_entry_delete BEFORE DELETE ON audit_entry FOR EACH ROW EXECUTE FUNCTION audit_entry_leaves()",
    "CREATE TRIGGER audit_seal_delete BEFORE DELETE ON audit_seal FOR EACH ROW EXECUTE FUNCTION audit_seal_leaves()",
];

/// The triggers of SQLite go with their tables, but those of the entries, which stay.
const DOWN_SQLITE: &[&str] = &[
    "DROP TRIGGER audit_entry_pending",
    "DROP TRIGGER audit_entry_insert",
    "DROP TRIGGER audit_entry_update",
    "DROP TRIGGER audit_entry_delete",
];

const DOWN_POSTGRES: &[&str] = &[
    "DROP TRIGGER audit_entry_pending ON audit_entry",
    "DROP TRIGGER audit_entry_update ON audit_entry",
    "DROP TRIGGER audit_entry_delete ON audit_entry",
    "DROP TRIGGER audit_entry_truncate ON audit_entry",
];

const DOWN_FUNCTIONS: &[&str] = &[
    "DROP FUNCTION audit_refuse",
    "DROP FUNCTION audit_keep_pending",
    "DROP FUNCTION audit_pending_leaves",
    "DROP FUNCTION audit_archive_comes",
    "DROP FUNCTION audit_entry_leaves",
    "DROP FUNCTION audit_seal_leaves",
];

const DOWN_COLUMNS: &[&str] = &[
    "DROP INDEX audit_entry_when",
    "DROP INDEX audit_entry_who",
    "DROP INDEX audit_entry_what",
    "DROP INDEX audit_entry_object",
    "DROP INDEX audit_entry_request",
    "DROP INDEX audit_entry_address",
    "DROP INDEX audit_entry_not_done",
    "ALTER TABLE audit_entry DROP COLUMN username",
    "ALTER TABLE audit_entry DROP COLUMN unit_id",
    "ALTER TABLE audit_entry DROP COLUMN grants",
    "ALTER TABLE audit_entry DROP COLUMN address",
    "ALTER TABLE audit_entry DROP COLUMN outcome",
];

fn is_postgres(manager: &SchemaManager<'_>) -> bool {
    manager.get_connection().get_database_backend() == DbBackend::Postgres
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, UP).await?;
        let triggers = if is_postgres(manager) {
            POSTGRES
        } else {
            SQLITE
        };
        run(manager, triggers).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        if is_postgres(manager) {
            run(manager, DOWN_POSTGRES).await?;
            drop_tables(manager, TABLES).await?;
            run(manager, DOWN_FUNCTIONS).await?;
        } else {
            run(manager, DOWN_SQLITE).await?;
            drop_tables(manager, TABLES).await?;
        }
        run(manager, DOWN_COLUMNS).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
