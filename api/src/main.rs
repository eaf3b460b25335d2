//! The one binary.

use std::process::ExitCode;

use api::commands::Cli;
use clap::Parser;

#[tokio::main]
async fn main() -> ExitCode {
    match Cli::parse().run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("luoshi: {message}");
            ExitCode::FAILURE
        }
    }
}
