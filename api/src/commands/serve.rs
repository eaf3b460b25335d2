//! `luoshi serve`: production.

use std::sync::Arc;

use super::{failed, server, told};
use crate::{App, MachineClock, MachineEntropy, Settings, SocketRules, config::Config};

pub(super) async fn run(config: &Config) -> Result<(), String> {
    config.log.start();
    let pool = config.database.pool();
    server::prepare(&pool).await?;
    let files = server::open_files(&config.files).await?;
    let app = App::open(Settings {
        pool,
        files,
        calendar: config.calendar.clone(),
        clock: Arc::new(MachineClock),
        entropy: Arc::new(MachineEntropy),
        rules: config.tokens.rules(),
        hashings_at_once: config.hashings_at_once,
        limits: edge::Limits::default(),
        introspection: config.http.introspection,
        explorer: config.http.explorer,
        demo: None,
        timeout: config.http.timeout,
        upload_timeout: config.http.upload_timeout,
        sockets: SocketRules::default(),
        audit: config.audit.clone(),
        secrets: config.secrets.clone(),
        proxies: config.http.trusted_proxies.clone(),
    })
    .await
    .map_err(|fault| told(&fault))?;
    let system = app.store().system();
    system
        .check_secret_keys()
        .await
        .map_err(|fault| told(&fault))?;
    if config.seed_plan {
        server::import_seed(&app, &server::read_seed()?).await?;
    }
    if system.is_first_start().await.map_err(failed)? {
        let administrators = system.create_first_administrators().await.map_err(failed)?;
        println!(
            "First start. These one-time passwords are printed once; each must be changed at the first sign-in:"
        );
        for (name, password) in administrators {
            println!("  {name:<10} {password}");
        }
    }
    if let Some(hour) = config.sweep_hour {
        tokio::spawn(app.clone().sweep_daily(hour));
    }
    let listener = server::listen(config.http.listen).await?;
    tracing::info!(listen = %config.http.listen, "serving");
    server::run(listener, app).await
}
