//! `luoshi audit`: whether the audit log is as it was written, and the only way out of it.

use std::path::PathBuf;

use chrono::NaiveDate;
use clap::Subcommand;

use super::{Settings, given, keys::open, told};

#[derive(Debug, Subcommand)]
pub(super) enum Audit {
    /// Verify the chain of hashes over the audit log, and its anchors elsewhere.
    ///
    /// It changes nothing.
    Verify {
        /// A file of anchors.
        ///
        /// Otherwise the one that the configuration names (`audit.anchor_file`), if any.
        #[arg(long, value_name = "FILE")]
        anchors: Option<PathBuf>,
        /// Verify this archive instead of the log.
        #[arg(long, value_name = "FILE", conflicts_with = "anchors")]
        file: Option<PathBuf>,
        #[command(flatten)]
        settings: Settings,
    },
    /// Move entries that are old enough from the log to a sealed file.
    ///
    /// How old that is, `audit.retention_days` says.
    Archive {
        /// Entries from before this day (China's time) go.
        #[arg(long, value_name = "YYYY-MM-DD", value_parser = given::day)]
        before: NaiveDate,
        /// The file, which must not exist yet.
        #[arg(long, value_name = "FILE")]
        to: PathBuf,
        #[command(flatten)]
        settings: Settings,
    },
}

impl Audit {
    pub(super) async fn run(self) -> Result<(), String> {
        match self {
            Self::Verify {
                file: Some(file), ..
            } => verify_file(file).await,
            Self::Verify {
                anchors, settings, ..
            } => verify(anchors, &settings).await,
            Self::Archive {
                before,
                to,
                settings,
            } => archive(before, to, &settings).await,
        }
    }
}

async fn verify(anchors: Option<PathBuf>, settings: &Settings) -> Result<(), String> {
    let config = settings.read()?;
    let compared = anchors.is_some() || config.audit.anchor_file.is_some();
    let store = open(&config).await?;
    let found = store.system().verify_audit(anchors).await;
    store.close().await;
    let found = found.map_err(|fault| told(&fault))?;
    println!("{} entries, {} anchors", found.entries, found.anchors);
    if found.base.sequence > 0 {
        println!(
            "archived up to {}, {}",
            found.base.sequence, found.base.hash
        );
    }
    println!("head {}, {}", found.head.sequence, found.head.hash);
    if found.unsealed > 0 {
        println!(
            "{} entries wait for their place in the chain: a server gives it to them within a second",
            found.unsealed
        );
    }
    for problem in &found.problems {
        let entry = problem.entry.map(|entry| format!(", entry {}", entry.0));
        println!(
            "{:>10}  {:?}{}",
            problem.sequence,
            problem.kind,
            entry.unwrap_or_default()
        );
    }
    match found.first_broken() {
        Some(first) => Err(format!("the audit log is broken, first at {first}")),
        None if compared => {
            println!("verified");
            Ok(())
        }
        None => {
            println!(
                "verified, without anchors: whether its end was cut off, or all of it written anew, cannot be told"
            );
            Ok(())
        }
    }
}

async fn verify_file(file: PathBuf) -> Result<(), String> {
    let found = store::verify_archive(file).await;
    let found = found.map_err(|fault| told(&fault))?;
    println!(
        "{} entries, {} to {}",
        found.entries,
        found.after.sequence + 1,
        found.last.sequence
    );
    println!("begins after {}", found.after.hash);
    println!("ends with    {}", found.last.hash);
    println!("SHA-256      {}", found.file_digest);
    println!("verified");
    Ok(())
}

async fn archive(before: NaiveDate, to: PathBuf, settings: &Settings) -> Result<(), String> {
    let midnight = domain::clock::at_hour(before, 0)
        .ok_or_else(|| format!("{before} is no day of a calendar"))?;
    let store = open(&settings.read()?).await?;
    let moved = store.system().archive_audit(midnight, &to).await;
    store.close().await;
    match moved.map_err(|fault| told(&fault))? {
        None => println!("There is nothing before {before}: no file was made."),
        Some(moved) => {
            println!(
                "{} entries, up to {}, have left the log for {}",
                moved.entries,
                moved.last.sequence,
                to.display()
            );
            println!("hash    {}", moved.last.hash);
            println!("SHA-256 {}", moved.file_digest);
        }
    }
    Ok(())
}
