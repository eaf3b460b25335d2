//! Tables as Rust types, their typed keys and their stored words; nothing else.

pub mod assignment;
pub mod audit_entry;
pub mod designation;
pub mod ids;
pub mod indicator;
pub mod kinds;
pub mod leader;
pub mod plan;
pub mod post;
pub mod refresh_token;
pub mod role_grant;
pub mod section;
pub mod server_secret;
pub mod session;
pub mod signing_key;
pub mod target;
pub mod target_post;
pub mod tenure;
pub mod titles;
pub mod unit;
pub mod unit_alias;
pub mod unit_group;
pub mod unit_group_member;
pub mod user;
