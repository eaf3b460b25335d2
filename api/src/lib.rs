//! The server: configuration, HTTP and commands. No rules and no SQL: those live in `domain` and `store`.

// A panic loses a request.
#![cfg_attr(
    not(test),
    warn(clippy::expect_used, clippy::panic, clippy::unwrap_used)
)]

pub mod app;
mod collect;
pub mod commands;
pub mod config;
mod daily;
mod demo;
mod http;
mod machine;

pub use app::{App, Settings, serve};
pub use collect::Collected;
pub use http::{client::TrustedProxies, explorer::Demo, socket::SocketRules};
pub use machine::{MachineClock, MachineEntropy};
