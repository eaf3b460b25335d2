//! The one binary.

// A panic loses a request.
#![cfg_attr(
    not(test),
    warn(clippy::expect_used, clippy::panic, clippy::unwrap_used)
)]

use std::process::ExitCode;

use api::commands::Cli;
use clap::Parser;

/// A request makes thousands of small allocations, and a password one of 19 MiB: glibc is slow at the first and keeps
/// the second (`BENCHMARKS.md`).
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    match Cli::parse().run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("luoshi: {message}");
            ExitCode::FAILURE
        }
    }
}
