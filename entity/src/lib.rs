//! Tables as Rust types; nothing else.
pub mod kinds;
