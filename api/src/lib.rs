//! The server: configuration, HTTP and commands. No rules and no SQL: those live in `domain` and `store`.

// The mutations are one object merged of many: with optimisation, the layout of its futures is more than 128 types deep.
#![recursion_limit = "256"]
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
mod limit;
mod machine;
mod places;
mod plain;
mod seldom;
mod serving;

pub use app::{App, Guard, Requests, Settings};
pub use collect::Collected;
pub use http::{
    client::TrustedProxies, explorer::Demo, origins::Origins, security_txt::Contact,
    socket::SocketRules,
};
pub use machine::{MachineClock, MachineEntropy};
pub use serving::{Certificate, Connections, serve};
