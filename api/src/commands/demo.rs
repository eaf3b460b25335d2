//! `luoshi demo`: try it on this machine.

use std::{net::SocketAddr, path::Path, sync::Arc, time::Duration};

use clap::Args;
use domain::password;
use entity::{ids::UnitId, kinds::Role};
use files::{Files, Storage};
use store::{AccountDraft, GrantDraft, Password, Pool, TokenRules};

use super::{failed, server, told};
use crate::{
    App, MachineClock, MachineEntropy, Settings, SocketRules, TrustedProxies,
    config::Log,
    config::shipped_calendar,
    http::explorer::{self, DemoAccount},
};

/// Starts with an empty database of its own and without files, both under ./data/demo, imports and publishes the 2022 plan, and creates
/// demo accounts. Nothing of it is for production: everybody knows the password.
#[derive(Args, Debug)]
pub(super) struct Demo {
    /// Where to listen; on this machine only.
    #[arg(long, value_name = "HOST:PORT", default_value = "127.0.0.1:8000")]
    listen: SocketAddr,
    /// Another database instead: postgres://… or sqlite://…. It is not emptied.
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
        let url = match self.database {
            Some(url) => url,
            None => empty_database(Path::new(FOLDER))?,
        };
        let pool = Pool {
            url,
            connections: 8,
            wait: Duration::from_secs(5),
            statement: Duration::from_secs(30),
        };
        server::prepare(&pool).await?;
        let files = empty_files(Path::new(FOLDER)).await?;
        let seed = server::read_seed()?;
        let accounts = accounts(&seed.leaders);
        let app = App::open(Settings {
            pool,
            files,
            calendar: shipped_calendar(),
            clock: Arc::new(MachineClock),
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
            proxies: TrustedProxies::default(),
        })
        .await
        .map_err(|fault| told(&fault))?;
        server::import_seed(&app, &seed).await?;
        create(&app, &accounts).await?;
        let listener = server::listen(self.listen).await?;
        let address = listener.local_addr().map_err(|error| error.to_string())?;
        println!();
        println!("  Luoshi 落实 — demo");
        println!("  explorer  http://{address}/");
        println!("  GraphQL   http://{address}/graphql");
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
        server::run(listener, app).await
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

/// A folder without files, in place of the last demo's.
async fn empty_files(folder: &Path) -> Result<Files, String> {
    let folder = folder.join("files");
    if folder.exists() {
        std::fs::remove_dir_all(&folder)
            .map_err(|error| format!("{}: {error}", folder.display()))?;
    }
    server::open_files(&Storage::Folder(folder)).await
}

/// A demo account before its unit or leader has a key.
struct Account {
    shown: DemoAccount,
    role: Role,
    of: Of,
}

/// For whom an account acts.
enum Of {
    Nobody,
    Unit(&'static str),
    Leader(usize),
}

fn accounts(leaders: &[String]) -> Vec<Account> {
    let account = |username: String, display_name: String, role: Role, of: Of| Account {
        shown: DemoAccount {
            username,
            display_name,
            role: role.as_str(),
        },
        role,
        of,
    };
    let mut accounts: Vec<Account> = [
        ("system", "系统管理员", Role::SystemAdmin),
        ("security", "安全管理员", Role::SecurityAdmin),
        ("audit", "审计管理员", Role::AuditAdmin),
        ("office", "市政府督查室", Role::Supervisor),
    ]
    .into_iter()
    .map(|(name, shown, role)| account(name.to_owned(), shown.to_owned(), role, Of::Nobody))
    .collect();
    for (number, name) in (1..).zip(leaders.iter().take(seeds::DEMO_LEADERS)) {
        let username = format!("leader-{number}");
        accounts.push(account(
            username,
            name.clone(),
            Role::Leader,
            Of::Leader(number),
        ));
    }
    for (short, unit) in seeds::DEMO_UNITS {
        for (suffix, title, role) in [
            ("manager", "负责人", Role::UnitManager),
            ("reporter", "联络员", Role::UnitReporter),
        ] {
            let name = format!("{short}-{suffix}");
            accounts.push(account(
                name,
                format!("{unit}{title}"),
                role,
                Of::Unit(unit),
            ));
        }
    }
    accounts
}

async fn create(app: &App, accounts: &[Account]) -> Result<(), String> {
    let system = app.store().system();
    let names: Vec<&str> = seeds::DEMO_UNITS.iter().map(|(_, unit)| *unit).collect();
    let units = system.units_by_name(&names).await.map_err(failed)?;
    let unit = |name: &str| -> Option<UnitId> {
        let at = names.iter().position(|known| *known == name)?;
        units.get(at).copied().flatten()
    };
    let leaders = system.all_leaders().await.map_err(failed)?;
    let mut drafts = Vec::new();
    for account in accounts {
        let (unit, leader) = match account.of {
            Of::Nobody => (None, None),
            Of::Unit(name) => (unit(name), None),
            Of::Leader(number) => (None, leaders.get(number - 1).map(|(leader, _)| *leader)),
        };
        drafts.push(AccountDraft {
            username: account.shown.username.clone(),
            display_name: account.shown.display_name.clone(),
            password: Password::new(password::DEMO.to_owned()),
            must_change_password: false,
            unit,
            leader,
            grants: vec![GrantDraft {
                role: account.role,
                unit,
                leader,
                plan: None,
            }],
            reason: "demo".to_owned(),
        });
    }
    system.create_accounts(drafts).await.map_err(failed)?;
    Ok(())
}
