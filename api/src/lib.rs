//! The server: configuration, HTTP and commands. No rules and no SQL: those live in `domain` and `store`.

pub mod app;
pub mod commands;
pub mod config;
mod http;
mod machine;

pub use app::{App, Settings, serve};
pub use http::{explorer::Demo, socket::SocketRules};
pub use machine::{MachineClock, MachineEntropy};
