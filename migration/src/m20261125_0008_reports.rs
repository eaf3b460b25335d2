//! Reports with their versions, readings and reviews.

use sea_orm_migration::prelude::*;

use crate::dialect::{drop_tables, run};

/// Reports.
#[derive(DeriveMigrationName)]
pub(crate) struct Step;

const TABLES: &[&str] = &[
    "progress_report",
    "report_version",
    "indicator_reading",
    "review",
];

const UP: &[&str] = &[
    "CREATE TABLE progress_report (
        id {id},
        plan_id BIGINT NOT NULL REFERENCES plan (id) ON DELETE CASCADE,
        target_id BIGINT NOT NULL REFERENCES target (id) ON DELETE CASCADE,
        period_id BIGINT NOT NULL REFERENCES reporting_period (id),
        unit_id BIGINT NOT NULL REFERENCES unit (id),
        status VARCHAR(32) NOT NULL CHECK (status IN ('DRAFT', 'PENDING_SIGNOFF', 'SUBMITTED', 'RETURNED', 'ACCEPTED')),
        version INTEGER NOT NULL DEFAULT 1 CHECK (version > 0),
        progress TEXT NOT NULL,
        problems TEXT NOT NULL,
        next_steps TEXT NOT NULL,
        percent_complete INTEGER CHECK (percent_complete BETWEEN 0 AND 100),
        author_id BIGINT NOT NULL REFERENCES \"user\" (id),
        submitted_by_id BIGINT REFERENCES \"user\" (id),
        submitted_at {instant},
        first_submitted_at {instant},
        filed_at {instant} NOT NULL,
        late BOOLEAN NOT NULL DEFAULT FALSE,
        review_began_at {instant},
        first_decision VARCHAR(32) CHECK (first_decision IN ('ACCEPT', 'RETURN')),
        accepted_at {instant},
        created_at {instant} NOT NULL,
        updated_at {instant} NOT NULL,
        UNIQUE (target_id, period_id, unit_id),
        CHECK ((status = 'ACCEPTED') = (accepted_at IS NOT NULL)),
        CHECK (status <> 'SUBMITTED' OR submitted_at IS NOT NULL)
    )",
    "CREATE INDEX progress_report_plan ON progress_report (plan_id, filed_at, id)",
    "CREATE INDEX progress_report_filed ON progress_report (filed_at, id)",
    "CREATE INDEX progress_report_target ON progress_report (target_id, period_id, id)",
    "CREATE INDEX progress_report_unit ON progress_report (unit_id, plan_id, period_id)",
    "CREATE INDEX progress_report_period ON progress_report (period_id, status)",
    "CREATE INDEX progress_report_status ON progress_report (plan_id, status)",
    "CREATE TABLE report_version (
        id {id},
        report_id BIGINT NOT NULL REFERENCES progress_report (id) ON DELETE CASCADE,
        plan_id BIGINT NOT NULL,
        target_id BIGINT NOT NULL,
        unit_id BIGINT NOT NULL,
        version INTEGER NOT NULL CHECK (version > 0),
        action VARCHAR(64) NOT NULL,
        status VARCHAR(32) NOT NULL CHECK (status IN ('DRAFT', 'PENDING_SIGNOFF', 'SUBMITTED', 'RETURNED', 'ACCEPTED')),
        progress TEXT NOT NULL,
        problems TEXT NOT NULL,
        next_steps TEXT NOT NULL,
        percent_complete INTEGER,
        readings {json} NOT NULL,
        comment VARCHAR(2000),
        user_id BIGINT NOT NULL REFERENCES \"user\" (id),
        recorded_at {instant} NOT NULL,
        UNIQUE (report_id, version)
    )",
    "CREATE TABLE indicator_reading (
        id {id},
        report_id BIGINT NOT NULL REFERENCES progress_report (id) ON DELETE CASCADE,
        indicator_id BIGINT NOT NULL REFERENCES indicator (id) ON DELETE CASCADE,
        value VARCHAR(40) NOT NULL,
        UNIQUE (report_id, indicator_id)
    )",
    "CREATE INDEX indicator_reading_indicator ON indicator_reading (indicator_id, report_id)",
    "CREATE TABLE review (
        id {id},
        report_id BIGINT NOT NULL REFERENCES progress_report (id) ON DELETE CASCADE,
        report_version INTEGER NOT NULL,
        decision VARCHAR(32) NOT NULL CHECK (decision IN ('ACCEPT', 'RETURN')),
        comment VARCHAR(2000),
        reviewer_id BIGINT NOT NULL REFERENCES \"user\" (id),
        reviewed_at {instant} NOT NULL
    )",
    "CREATE INDEX review_report ON review (report_id, id)",
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
