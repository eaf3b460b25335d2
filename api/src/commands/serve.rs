//! `luoshi serve`: production.

use std::sync::Arc;

use super::{failed, server, told, unusable};
use crate::{
    App, Guard, MachineClock, MachineEntropy, Settings, alive::keep_alive, config::Config,
};

pub(super) async fn run(config: &Config) -> Result<(), String> {
    config.log.start();
    let pool = config.database.pool();
    server::make_folder(&pool)?;
    // What the database needs of the configuration, before anything of it is changed.
    let missing = pool.missing_secret_keys(&config.secrets).await;
    let missing = missing.map_err(|fault| told(&fault))?;
    if !missing.is_empty() {
        return Err(unusable(&missing));
    }
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
        sockets: config.http.sockets,
        audit: config.audit.clone(),
        secrets: config.secrets.clone(),
        proxies: config.http.trusted_proxies.clone(),
        guard: Guard {
            budgets: config.budgets,
            connections: config.http.connections.clone(),
            requests: config.http.requests,
            origins: config.http.origins.clone(),
            documents: config.documents.clone(),
            contact: config.contact.clone(),
        },
    })
    .await
    .map_err(|fault| told(&fault))?;
    let system = app.store().system();
    // Whatever became of it meanwhile.
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
    let sweeping = config.sweep_hour.map(|hour| {
        let app = app.clone();
        let sweeping = move || app.clone().sweep_daily(hour);
        tokio::spawn(keep_alive("the daily sweep", sweeping))
    });
    let listening = server::listen(config.http.listen).await?;
    let tls = config.http.connections.certificate.is_some();
    tracing::info!(listen = %config.http.listen, tls, "serving");
    server::run(listening, app, sweeping).await
}
