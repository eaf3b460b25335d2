//! `luoshi files`: the storage of evidence files.

use std::sync::Arc;

use clap::{Args, Subcommand};

use super::{Settings, server, told};
use crate::{App, MachineClock, MachineEntropy, SocketRules, collect::Collected};

#[derive(Debug, Subcommand)]
pub(super) enum Files {
    /// Remove files that were never attached, or of which the database does not know.
    ///
    /// Those that are a day old, that is. A running server does so once a day.
    Collect(Collect),
}

#[derive(Args, Debug)]
pub(super) struct Collect {
    /// Only say how many there are.
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    settings: Settings,
}

impl Files {
    pub(super) async fn run(self) -> Result<(), String> {
        let Self::Collect(Collect { dry_run, settings }) = self;
        let config = settings.read()?;
        let pool = config.database.pool();
        let files = server::open_files(&config.files).await?;
        let app = App::open(crate::Settings {
            pool,
            files,
            calendar: config.calendar.clone(),
            clock: Arc::new(MachineClock),
            entropy: Arc::new(MachineEntropy),
            rules: config.tokens.rules(),
            hashings_at_once: config.hashings_at_once,
            limits: edge::Limits::default(),
            introspection: false,
            explorer: false,
            demo: None,
            timeout: config.http.timeout,
            upload_timeout: config.http.upload_timeout,
            sockets: SocketRules::default(),
            audit: config.audit.clone(),
            secrets: config.secrets.clone(),
            proxies: config.http.trusted_proxies.clone(),
            guard: crate::Guard::default(),
        })
        .await
        .map_err(|fault| told(&fault))?;
        let collected = app.collect(dry_run).await;
        app.store().close().await;
        let Collected {
            waiting,
            unknown,
            bytes,
        } = collected?;
        let verb = if dry_run { "would be" } else { "were" };
        println!(
            "{waiting} files that were never attached and {unknown} of which the database does not know {verb} removed: {bytes} bytes"
        );
        Ok(())
    }
}
