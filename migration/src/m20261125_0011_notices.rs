//! Supervision notices, and leaders' instructions.

use sea_orm_migration::prelude::*;

use crate::dialect::{drop_tables, run};

/// Supervision notices and instructions.
#[derive(DeriveMigrationName)]
pub(crate) struct Step;

const TABLES: &[&str] = &["supervision_notice", "instruction"];

const UP: &[&str] = &[
    "CREATE TABLE supervision_notice (
        id {id},
        plan_id BIGINT NOT NULL REFERENCES plan (id) ON DELETE CASCADE,
        target_id BIGINT NOT NULL REFERENCES target (id) ON DELETE CASCADE,
        unit_id BIGINT NOT NULL REFERENCES unit (id),
        colour VARCHAR(32) NOT NULL CHECK (colour IN ('BLUE', 'YELLOW', 'RED')),
        body VARCHAR(4000) NOT NULL,
        reply_due_on {date} NOT NULL,
        status VARCHAR(32) NOT NULL CHECK (status IN ('OPEN', 'ANSWERED', 'WITHDRAWN')),
        issued_at {instant} NOT NULL,
        issued_by_id BIGINT REFERENCES \"user\" (id),
        rung VARCHAR(32) CHECK (rung IN ('DUE_SOON', 'REPORT_MISSING', 'BEHIND', 'FAR_BEHIND', 'PAST_DUE')),
        period_id BIGINT REFERENCES reporting_period (id),
        answer VARCHAR(4000),
        answered_at {instant},
        answered_by_id BIGINT REFERENCES \"user\" (id),
        withdraw_reason VARCHAR(2000),
        withdrawn_at {instant},
        withdrawn_by_id BIGINT REFERENCES \"user\" (id),
        CHECK ((status = 'ANSWERED') = (answered_at IS NOT NULL)),
        CHECK ((status = 'WITHDRAWN') = (withdrawn_at IS NOT NULL)),
        CHECK ((answer IS NULL) = (answered_at IS NULL)),
        CHECK ((answered_by_id IS NULL) = (answered_at IS NULL)),
        CHECK ((withdraw_reason IS NULL) = (withdrawn_at IS NULL)),
        CHECK ((issued_by_id IS NULL) = (rung IS NOT NULL))
    )",
    // What is issued by rule for a target, a unit, a period and a rung is issued once.
    "CREATE UNIQUE INDEX supervision_notice_rung ON supervision_notice (target_id, unit_id, period_id, rung) WHERE rung IS NOT NULL AND period_id IS NOT NULL",
    "CREATE UNIQUE INDEX supervision_notice_rung_once ON supervision_notice (target_id, unit_id, rung) WHERE rung IS NOT NULL AND period_id IS NULL",
    "CREATE INDEX supervision_notice_target ON supervision_notice (target_id, id)",
    "CREATE INDEX supervision_notice_unit ON supervision_notice (unit_id, status, id)",
    "CREATE INDEX supervision_notice_plan ON supervision_notice (plan_id, status, id)",
    "CREATE TABLE instruction (
        id {id},
        plan_id BIGINT NOT NULL REFERENCES plan (id) ON DELETE CASCADE,
        target_id BIGINT NOT NULL REFERENCES target (id) ON DELETE CASCADE,
        leader_id BIGINT NOT NULL REFERENCES leader (id),
        body VARCHAR(4000) NOT NULL,
        reply_due_on {date},
        issued_at {instant} NOT NULL,
        issued_by_id BIGINT NOT NULL REFERENCES \"user\" (id),
        answer VARCHAR(4000),
        answered_at {instant},
        answered_by_id BIGINT REFERENCES \"user\" (id),
        answering_unit_id BIGINT REFERENCES unit (id),
        CHECK ((answer IS NULL) = (answered_at IS NULL)),
        CHECK ((answer IS NULL) = (answered_by_id IS NULL)),
        CHECK ((answer IS NULL) = (answering_unit_id IS NULL))
    )",
    "CREATE INDEX instruction_target ON instruction (target_id, id)",
    "CREATE INDEX instruction_plan ON instruction (plan_id, id)",
    "CREATE INDEX instruction_leader ON instruction (leader_id, id)",
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
