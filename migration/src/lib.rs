//! Luoshi's database schema, step by step, for SQLite and PostgreSQL.
//!
//! A released step is never edited: what changes later is a new step. Steps never import `entity`, so that
//! they keep meaning what they meant. Each runs in a transaction of its own.

// A panic loses a request.
#![cfg_attr(
    not(test),
    warn(clippy::expect_used, clippy::panic, clippy::unwrap_used)
)]

use sea_orm_migration::prelude::*;

pub use sea_orm_migration::MigratorTrait;

mod dialect;
mod m20261124_0001_directory;
mod m20261124_0002_accounts;
mod m20261124_0003_plans;
mod m20261124_0004_responsibility;
mod m20261124_0005_search;
mod m20261124_0006_audit;
mod m20261125_0007_periods;
mod m20261125_0008_reports;
mod m20261125_0009_outbox;
mod m20261125_0010_standing;
mod m20261125_0011_notices;
mod m20261125_0012_requests;
mod m20261125_0013_sweep;
mod m20261125_0014_attachments;
mod m20261125_0015_administration;
mod m20261126_0016_audit_chain;
mod m20261126_0017_amendments;
mod m20261126_0018_second_factor;
mod m20261129_0019_sorted;
mod m20261129_0020_acknowledging;
mod m20261129_0021_sign_in_failures;
mod m20261129_0022_listed;
mod m20261129_0023_old_failures;
mod m20261129_0024_listed_units;
mod m20261129_0025_latest;
mod m20261129_0026_rung_for_a_date;
mod m20261129_0027_decisions;
mod m20261129_0028_hardened;
mod m20261129_0029_password_age;

/// The steps in their order.
#[derive(Debug)]
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20261124_0001_directory::Step),
            Box::new(m20261124_0002_accounts::Step),
            Box::new(m20261124_0003_plans::Step),
            Box::new(m20261124_0004_responsibility::Step),
            Box::new(m20261124_0005_search::Step),
            Box::new(m20261124_0006_audit::Step),
            Box::new(m20261125_0007_periods::Step),
            Box::new(m20261125_0008_reports::Step),
            Box::new(m20261125_0009_outbox::Step),
            Box::new(m20261125_0010_standing::Step),
            Box::new(m20261125_0011_notices::Step),
            Box::new(m20261125_0012_requests::Step),
            Box::new(m20261125_0013_sweep::Step),
            Box::new(m20261125_0014_attachments::Step),
            Box::new(m20261125_0015_administration::Step),
            Box::new(m20261126_0016_audit_chain::Step),
            Box::new(m20261126_0017_amendments::Step),
            Box::new(m20261126_0018_second_factor::Step),
            Box::new(m20261129_0019_sorted::Step),
            Box::new(m20261129_0020_acknowledging::Step),
            Box::new(m20261129_0021_sign_in_failures::Step),
            Box::new(m20261129_0022_listed::Step),
            Box::new(m20261129_0023_old_failures::Step),
            Box::new(m20261129_0024_listed_units::Step),
            Box::new(m20261129_0025_latest::Step),
            Box::new(m20261129_0026_rung_for_a_date::Step),
            Box::new(m20261129_0027_decisions::Step),
            Box::new(m20261129_0028_hardened::Step),
            Box::new(m20261129_0029_password_age::Step),
        ]
    }
}
