//! The server: configuration, HTTP and commands. No rules and no SQL: those live in `domain` and `store`.

// A panic loses a request.
#![cfg_attr(
    not(test),
    warn(clippy::expect_used, clippy::panic, clippy::unwrap_used)
)]

mod alive;
pub mod app;
mod collect;
pub mod commands;
pub mod config;
mod daily;
mod demo;
mod documents;
mod http;
mod machine;
mod serving;

pub use app::{App, Guard, Settings};
pub use collect::Collected;
pub use http::{client::TrustedProxies, explorer::Demo, origins::Origins, socket::SocketRules};
pub use machine::{MachineClock, MachineEntropy};
pub use serving::{Certificate, Connections, serve};
