//! `luoshi demo`: try it on this machine.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use base64::{Engine, prelude::BASE64_STANDARD};
use clap::Args;
use domain::{Clock, Entropy, password};
use files::Storage;
use store::{Pool, SecretKeys, TokenRules};

use super::{failed, given, progress::Progress, server, told};
use crate::{
    App, Guard, MachineEntropy, Settings, SocketRules, TrustedProxies,
    config::Log,
    config::shipped_calendar,
    demo::{self, DemoClock},
    http::explorer,
};

/// Starts with an empty database of its own and without files, both under ./data/demo, imports and publishes the 2022 plan, and creates
/// demo accounts. Nothing of it is for production: everybody knows the password.
#[derive(Args, Debug)]
pub(super) struct Demo {
    /// Where to listen; on this machine only.
    #[arg(
        long,
        value_name = "HOST:PORT",
        default_value = "127.0.0.1:8000",
        value_parser = given::address
    )]
    listen: SocketAddr,
    /// Another database instead: postgres://… or sqlite://….
    ///
    /// It is not emptied, nor are the files under ./data/demo.
    ///
    /// The next start with the demo's own database empties them.
    #[arg(long, env = "DATABASE_URL", value_name = "URL", hide_env_values = true)]
    database: Option<String>,
}

const FOLDER: &str = "data/demo";

impl Demo {
    pub(super) async fn run(self) -> Result<(), String> {
        if !self.listen.ip().is_loopback() {
            return Err(format!(
                "the demo listens on this machine only, and {} is not a loopback address",
                self.listen.ip()
            ));
        }
        Log::for_people().start();
        let folder = Path::new(FOLDER);
        let (url, files) = match self.database {
            Some(url) => (url, folder.join("files")),
            None => (empty_database(folder)?, empty_files(folder)?),
        };
        let pool = Pool {
            url,
            connections: 8,
            wait: Duration::from_secs(5),
            statement: Duration::from_secs(30),
            // It is thrown away.
            durable: false,
        };
        server::prepare(&pool).await?;
        let files = server::open_files(&Storage::Folder(files)).await?;
        let seed = server::read_seed()?;
        let accounts = demo::accounts(&seed.leaders);
        let clock = Arc::new(DemoClock::standing_at(demo::morning(demo::ISSUED)));
        let app = App::open(Settings {
            pool,
            files,
            calendar: shipped_calendar(),
            clock: Arc::clone(&clock) as Arc<dyn Clock>,
            entropy: Arc::new(MachineEntropy),
            rules: TokenRules {
                issuer: "luoshi-demo".to_owned(),
                audience: "luoshi-demo".to_owned(),
                demo_password: true,
            },
            hashings_at_once: 2,
            limits: edge::Limits::default(),
            introspection: true,
            explorer: true,
            demo: Some(explorer::Demo {
                password: password::DEMO,
                accounts: accounts
                    .iter()
                    .map(|account| account.shown.clone())
                    .collect(),
            }),
            timeout: Duration::from_secs(30),
            upload_timeout: Duration::from_secs(180),
            sockets: SocketRules::default(),
            audit: store::AuditRules::default(),
            secrets: secret_key(folder)?,
            proxies: TrustedProxies::default(),
            guard: Guard::default(),
        })
        .await
        .map_err(|fault| told(&fault))?;
        // In a database that has been lived in, time goes on from its latest act.
        let newest = app.store().system().newest_moment().await;
        if let Some(newest) = newest.map_err(|fault| told(&fault))? {
            clock.set_no_earlier(newest);
        }
        server::import_seed(&app, &seed).await?;
        demo::create(app.store(), &accounts).await.map_err(failed)?;
        let progress = Progress::begin("playing the year 2022", "steps");
        demo::play(app.store(), &clock, &shipped_calendar(), &|done, all| {
            progress.reached(done, all);
        })
        .await
        .map_err(failed)?;
        progress.end();
        let listening = server::listen(self.listen).await?;
        let address = listening
            .socket
            .local_addr()
            .map_err(|error| error.to_string())?;
        println!();
        println!("  Luoshi 落实 — demo");
        println!("  explorer  http://{address}/");
        println!("  GraphQL   http://{address}/graphql");
        println!(
            "  today     {}, a year under way; the clock goes on from there",
            domain::clock::day(clock.now())
        );
        println!();
        println!("  accounts, all with the password {}:", password::DEMO);
        for account in &accounts {
            let shown = &account.shown;
            println!(
                "    {:<20} {:<15} {}",
                shown.username, shown.role, shown.display_name
            );
        }
        println!();
        server::run(listening, app, None).await
    }
}

/// A new database in the demo's folder, in place of the last one.
fn empty_database(folder: &Path) -> Result<String, String> {
    let path = folder.join("luoshi.db");
    let failed = |error: std::io::Error| format!("{}: {error}", folder.display());
    std::fs::create_dir_all(folder).map_err(failed)?;
    for suffix in ["", "-wal", "-shm"] {
        let file = folder.join(format!("luoshi.db{suffix}"));
        if file.exists() {
            std::fs::remove_file(file).map_err(failed)?;
        }
    }
    Ok(format!("sqlite://{}?mode=rwc", path.display()))
}

/// The key of the demo's secrets: made once, and kept beside the database, which may be one that is not emptied. No place for
/// a key that protects anything.
fn secret_key(folder: &Path) -> Result<SecretKeys, String> {
    let path = folder.join("secrets.key");
    let failed = |error: std::io::Error| format!("{}: {error}", path.display());
    std::fs::create_dir_all(folder).map_err(failed)?;
    if !path.exists() {
        let mut key = [0; 32];
        MachineEntropy.fill(&mut key);
        std::fs::write(&path, BASE64_STANDARD.encode(key)).map_err(failed)?;
    }
    let text = std::fs::read_to_string(&path).map_err(failed)?;
    SecretKeys::parse(&text).map_err(|wrong| format!("{}: {wrong}", path.display()))
}

/// A folder without files, in place of the last demo's.
fn empty_files(folder: &Path) -> Result<PathBuf, String> {
    let folder = folder.join("files");
    if folder.exists() {
        std::fs::remove_dir_all(&folder)
            .map_err(|error| format!("{}: {error}", folder.display()))?;
    }
    Ok(folder)
}
