//! Tables as Rust types, their typed keys and their stored words; nothing else.

// A panic loses a request.
#![cfg_attr(
    not(test),
    warn(clippy::expect_used, clippy::panic, clippy::unwrap_used)
)]

pub mod amendment;
pub mod assignment;
pub mod attachment;
pub mod audit_archive;
pub mod audit_entry;
pub mod audit_pending;
pub mod audit_seal;
pub mod designation;
pub mod dispute;
pub mod event;
pub mod heading_correction;
pub mod ids;
pub mod indicator;
pub mod indicator_reading;
pub mod instruction;
pub mod kinds;
pub mod leader;
pub mod lock_exception;
pub mod milestone;
pub mod mutation_receipt;
pub mod pause;
pub mod plan;
pub mod plan_rule;
pub mod post;
pub mod progress_report;
pub mod recovery_code;
pub mod refinement;
pub mod refresh_token;
pub mod report_version;
pub mod reporting_period;
pub mod review;
pub mod role_grant;
pub mod second_factor;
pub mod section;
pub mod server_secret;
pub mod session;
pub mod setting;
pub mod setting_change;
pub mod sign_in_failure;
pub mod signing_key;
pub mod supervision_notice;
pub mod sweep_run;
pub mod target;
pub mod target_post;
pub mod target_request;
pub mod tenure;
pub mod titles;
pub mod unit;
pub mod unit_alias;
pub mod unit_group;
pub mod unit_group_member;
pub mod unknown_name;
pub mod user;
