//! What the program can be told to do.

mod audit;
mod demo;
mod files;
mod given;
mod import;
mod keys;
mod migrate;
mod operator;
mod progress;
mod serve;
mod server;
mod sweep;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::config::Config;

/// Luoshi 落实: a city's government work report, turned into targets that get done.
#[derive(Debug, Parser)]
#[command(name = "luoshi", version, max_term_width = 100)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Try it: a disposable database with the 2022 plan, accounts and the explorer.
    ///
    /// On this machine only.
    Demo(demo::Demo),
    /// Run the server for production.
    Serve(Settings),
    /// Bring the database's schema up to this program's.
    Migrate(Settings),
    /// Read a work report's breakdown and import it as a plan.
    Import(import::Import),
    /// Issue the notices that are due by rule: what a server does each day by itself.
    Sweep(sweep::Sweep),
    /// Print the GraphQL schema.
    Schema,
    /// Look after the storage of evidence files.
    #[command(subcommand)]
    Files(files::Files),
    /// Manage the keys that sign access tokens, and those that encrypt secrets.
    #[command(subcommand)]
    Keys(keys::Keys),
    /// Manage accounts, for the first set-up and for emergencies.
    #[command(subcommand)]
    User(operator::User),
    /// Manage grants, for the first set-up and for emergencies.
    #[command(subcommand)]
    Grant(operator::Grant),
    /// Verify the audit log, and archive what is old.
    #[command(subcommand)]
    Audit(audit::Audit),
}

/// Where the configuration comes from.
#[derive(Args, Debug)]
struct Settings {
    /// The configuration file (TOML).
    ///
    /// Environment variables LUOSHI_SECTION_KEY go before it.
    #[arg(
        long,
        env = "LUOSHI_CONFIG",
        hide_env_values = true,
        value_name = "FILE"
    )]
    config: Option<PathBuf>,
}

impl Settings {
    fn read(&self) -> Result<Config, String> {
        Config::read(self.config.as_deref(), std::env::vars())
            .map_err(|problems| unusable(&problems))
    }
}

/// Everything that is wrong with the configuration.
fn unusable(problems: &[String]) -> String {
    format!(
        "the configuration cannot be used:\n  {}",
        problems.join("\n  ")
    )
}

impl Cli {
    /// Does what was asked.
    ///
    /// # Errors
    /// What went wrong, for the person at the terminal.
    pub fn run(self) -> Result<(), String> {
        // Here and not in the binary: what its crate awaits would all be compiled a second time for it.
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()
            .map_err(|error| error.to_string())?;
        runtime.block_on(self.obey())
    }

    async fn obey(self) -> Result<(), String> {
        match self.command {
            Command::Demo(demo) => demo.run().await,
            Command::Serve(settings) => serve::run(&settings.read()?).await,
            Command::Migrate(settings) => migrate::run(&settings.read()?).await,
            Command::Import(import) => import.run().await,
            Command::Sweep(sweep) => sweep.run().await,
            Command::Schema => {
                print!("{}", graphql::sdl());
                Ok(())
            }
            Command::Files(files) => files.run().await,
            Command::Keys(keys) => keys.run().await,
            Command::User(user) => user.run().await,
            Command::Grant(grant) => grant.run().await,
            Command::Audit(audit) => audit.run().await,
        }
    }
}

/// A fault, for an operator.
fn told(fault: &store::Fault) -> String {
    fault.inside().to_owned()
}

/// An error of an act of the server itself, for an operator.
pub(crate) fn failed(error: store::Error) -> String {
    match error {
        store::Error::Fault(fault) => told(&fault),
        other => format!("{other:?}"),
    }
}
