//! The configuration of all commands but `demo`: a TOML file, and environment variables that go before it.
//!
//! Each key of a section can be given as `LUOSHI_SECTION_KEY` (`LUOSHI_HTTP_LISTEN`); `DATABASE_URL` stands for
//! `LUOSHI_DATABASE_URL`. All problems are found before anything starts, and named at once.

use std::{net::SocketAddr, path::Path, time::Duration};

use domain::Calendar;
use edge::{BudgetRules, Documents, Limits};
use files::Storage;
use store::{AuditRules, Pool, SecretKeys, TokenRules};
use tracing_subscriber::EnvFilter;

use crate::{
    Connections, Contact, Origins, Requests, SocketRules, TrustedProxies, app::edge_trusting,
    plain::read_text,
};

mod audit_section;
mod budgets_section;
mod calendar_section;
mod documents_section;
mod files_section;
mod given;
mod secrets_section;
mod security_section;
mod transport_section;

pub use calendar_section::shipped as shipped_calendar;

use given::Given;

/// The whole configuration.
#[derive(Clone, Debug)]
pub struct Config {
    /// `[database]`
    pub database: Database,
    /// `[files]`: where evidence files are kept.
    pub files: Storage,
    /// `[calendar]`: the working days.
    pub calendar: Calendar,
    /// `[audit]`: how the audit log is kept.
    pub audit: AuditRules,
    /// `[budgets]`: how much each caller may use in a minute.
    pub budgets: BudgetRules,
    /// `[documents]`: the trusted documents of front ends.
    pub documents: Documents,
    /// `[secrets]`: the keys under which the secrets of second factors are kept, and the server's own (`key`, or in a file named by
    /// `key_file`).
    pub secrets: SecretKeys,
    /// `security.contact`: where whoever runs the server wants to hear of weaknesses.
    pub contact: Option<Contact>,
    /// `[http]`
    pub http: Http,
    /// `[tokens]`
    pub tokens: Tokens,
    /// `[log]`
    pub log: Log,
    /// `passwords.at_once`: passwords hashed at once; each takes 19 MiB and a core.
    pub hashings_at_once: usize,
    /// `[sweep]`: the hour in China from which on a server sweeps the day (`hour`, 0 to 23); none with `enabled = false`.
    pub sweep_hour: Option<u32>,
    /// `seed.plan`: import and publish the 2022 plan on first start.
    pub seed_plan: bool,
}

/// `[database]`
#[derive(Clone)]
pub struct Database {
    /// `url`: `sqlite://PATH?mode=rwc` or `postgres://…`. A secret: may also be in a file named by `url_file`.
    url: String,
    /// `connections`: most connections at once.
    connections: u32,
    /// `wait_seconds`: longest wait for a connection or a lock.
    wait: Duration,
    /// `statement_seconds`: longest run of a statement.
    statement: Duration,
    durable: bool,
}

impl std::fmt::Debug for Database {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Database")
            .field("connections", &self.connections)
            .finish_non_exhaustive()
    }
}

/// `[http]`
#[derive(Clone, Debug)]
pub struct Http {
    /// `listen`: where to listen.
    pub listen: SocketAddr,
    /// `introspection`: whether the schema can be asked about.
    pub introspection: bool,
    /// `explorer`: whether the explorer is served.
    pub explorer: bool,
    /// `timeout_seconds`: the longest that a request may take, but for the reading of its files.
    pub timeout: Duration,
    /// `upload_seconds`: the longest that the reading of a request's files may take.
    pub upload_timeout: Duration,
    /// `trusted_proxies`: the proxies that are believed about where a request came from.
    pub trusted_proxies: TrustedProxies,
    /// `origins`: the origins whose pages may ask.
    pub origins: Origins,
    /// `connections`, `connections_of_address`, `head_seconds`, `write_seconds`, `certificate_file`, `key_file`: how connections are taken.
    pub connections: Connections,
    /// `requests`: requests that are read and run at once.
    pub requests: Requests,
    /// `sockets`, `sockets_of_address`, `sockets_of_user`, `subscriptions_of_user`: how many sockets there may be.
    pub sockets: SocketRules,
}

/// `[tokens]`
#[derive(Clone, Debug)]
pub struct Tokens {
    issuer: String,
    audience: String,
}

/// `[log]`
#[derive(Clone, Debug)]
pub struct Log {
    json: bool,
    filter: String,
}

impl Database {
    /// How the database is opened.
    pub fn pool(&self) -> Pool {
        Pool {
            url: self.url.clone(),
            connections: self.connections,
            wait: self.wait,
            statement: self.statement,
            durable: self.durable,
        }
    }
}

impl Tokens {
    /// How tokens are issued and checked.
    pub fn rules(&self) -> TokenRules {
        TokenRules {
            issuer: self.issuer.clone(),
            audience: self.audience.clone(),
            demo_password: false,
        }
    }
}

impl Log {
    /// For somebody who looks at a terminal.
    pub fn for_people() -> Self {
        Self {
            json: false,
            filter: "info".to_owned(),
        }
    }

    /// Begins to log, to standard error. A second time changes nothing.
    pub fn start(&self) {
        let filter = EnvFilter::new(&self.filter);
        let builder = tracing_subscriber::fmt()
            .with_env_filter(filter)
            .with_writer(std::io::stderr);
        // Fails only where somebody has begun before.
        let _ = if self.json {
            builder.json().flatten_event(true).try_init()
        } else {
            builder.with_target(false).try_init()
        };
    }
}

impl Config {
    /// Reads the file, if there is one, and the environment.
    ///
    /// # Errors
    /// Every problem there is.
    pub fn read(
        file: Option<&Path>,
        environment: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, Vec<String>> {
        let text = match file {
            None => String::new(),
            Some(path) => read_text(path).map_err(|why| vec![why])?,
        };
        Self::parse(&text, environment)
    }

    /// Reads the text of a file, and the environment.
    ///
    /// # Errors
    /// Every problem there is.
    pub fn parse(
        text: &str,
        environment: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, Vec<String>> {
        let mut given = Given::new(text, environment)?;
        let default_url = "sqlite://data/luoshi.db?mode=rwc";
        let url = given
            .secret("database", "url")
            .unwrap_or_else(|| default_url.to_owned());
        if !["sqlite:", "postgres:", "postgresql:"]
            .iter()
            .any(|scheme| url.starts_with(scheme))
        {
            // The URL itself may hold a password.
            given.problem::<()>("database.url must begin with sqlite: or postgres:".to_owned());
        }
        let cores = std::thread::available_parallelism().map_or(2, usize::from);
        let config = Self {
            database: Database {
                url,
                connections: given.within("database", "connections", 10, 1..=500),
                wait: given.seconds("database", "wait_seconds", 5),
                statement: given.seconds("database", "statement_seconds", 30),
                durable: given.value("database", "durable", true),
            },
            files: files_section::read(&mut given),
            calendar: calendar_section::read(&mut given),
            audit: audit_section::read(&mut given),
            budgets: budgets_section::read(&mut given),
            documents: documents_section::read(&mut given),
            secrets: secrets_section::read(&mut given),
            contact: security_section::read(&mut given),
            http: Http {
                listen: given.value("http", "listen", SocketAddr::from(([127, 0, 0, 1], 8000))),
                introspection: given.value("http", "introspection", false),
                explorer: given.value("http", "explorer", false),
                timeout: given.seconds("http", "timeout_seconds", 30),
                upload_timeout: given.seconds("http", "upload_seconds", 180),
                trusted_proxies: transport_section::trusted_proxies(&mut given),
                origins: transport_section::origins(&mut given),
                connections: transport_section::connections(&mut given),
                requests: transport_section::requests(&mut given),
                sockets: transport_section::sockets(&mut given),
            },
            tokens: Tokens {
                issuer: given.value("tokens", "issuer", "luoshi".to_owned()),
                audience: given.value("tokens", "audience", "luoshi".to_owned()),
            },
            log: Log {
                json: match given.value("log", "format", "json".to_owned()).as_str() {
                    "json" => true,
                    "text" => false,
                    _ => given.problem("log.format must be json or text".to_owned()),
                },
                filter: given.value("log", "filter", "info".to_owned()),
            },
            hashings_at_once: given.within("passwords", "at_once", cores, 1..=256),
            sweep_hour: {
                let hour = given.within("sweep", "hour", 7, 0..=23);
                given.value("sweep", "enabled", true).then_some(hour)
            },
            seed_plan: given.value("seed", "plan", true),
        };
        let (limits, documents) = (Limits::default(), config.documents.clone());
        if let Err(wrong) = edge_trusting(limits, config.http.introspection, documents) {
            let told = wrong
                .iter()
                .map(|wrong| format!("documents.manifests: {wrong}"));
            given.problems.extend(told);
        }
        if EnvFilter::try_new(&config.log.filter).is_err() {
            given.problem::<()>(
                "log.filter is no filter, such as info or luoshi=debug,info".to_owned(),
            );
        }
        given.finish(config)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect()
    }

    #[test]
    fn the_environment_goes_before_the_file() {
        let file =
            "[http]\nlisten = \"127.0.0.1:1\"\nexplorer = true\n[database]\nconnections = 3\n";
        let given = environment(&[
            ("LUOSHI_HTTP_LISTEN", "127.0.0.1:2"),
            ("DATABASE_URL", "sqlite://one"),
            ("LUOSHI_DATABASE_URL", "sqlite://two"),
            ("HOME", "/"),
        ]);
        let config = Config::parse(file, given).unwrap();
        assert_eq!(config.http.listen.port(), 2);
        assert!(config.http.explorer);
        assert_eq!(config.database.pool().connections, 3);
        assert_eq!(config.database.pool().url, "sqlite://two");
        assert!(config.database.pool().durable);
        assert!(!config.tokens.rules().demo_password);
    }

    #[test]
    fn the_sweep_has_an_hour_and_can_be_left_out() {
        let hour = |text: &str| Config::parse(text, []).map(|config| config.sweep_hour);
        assert_eq!(hour(""), Ok(Some(7)));
        assert_eq!(hour("[sweep]\nhour = 23"), Ok(Some(23)));
        assert_eq!(hour("[sweep]\nenabled = false\nhour = 3"), Ok(None));
        assert!(hour("[sweep]\nhour = 24").is_err());
        assert!(hour("[sweep]\nenabled = 1").is_err());
    }

    #[test]
    fn every_problem_is_named_at_once_and_no_secret_is_told() {
        let file = "loose = 1\n[http]\nlisten = \"here\"\ncolour = \"red\"\n[database]\nurl = \"mysql://root:secret@db\"\nconnections = 0\n[log]\nformat = \"xml\"\n";
        let given = environment(&[("LUOSHI_HTTP_TIMEOUT_SECONDS", "soon"), ("LUOSHI_X", "1")]);
        let problems = Config::parse(file, given).unwrap_err().join("\n");
        for part in [
            "loose",
            "http.listen",
            "http.colour",
            "database.url",
            "database.connections",
            "log.format",
            "http.timeout_seconds",
            "LUOSHI_X",
        ] {
            assert!(problems.contains(part), "{part} is missing in:\n{problems}");
        }
        assert!(!problems.contains("secret"), "{problems}");
        // In plain words, not in those of whoever reads numbers.
        for line in [
            "http.listen must be an address with a port, such as 127.0.0.1:8000",
            "database.connections must be 1 to 500",
            "http.timeout_seconds must be a whole number",
        ] {
            assert!(problems.lines().any(|told| told == line), "{problems}");
        }
        let wrong = |text: &str| Config::parse(text, []).unwrap_err();
        assert_eq!(
            wrong("[seed]\nplan = \"perhaps\""),
            ["seed.plan must be true or false"]
        );
        assert_eq!(
            wrong("[database]\nconnections = 2.5"),
            ["database.connections must be a whole number"]
        );
        assert_eq!(
            Config::read(Some(Path::new("none.toml")), []).unwrap_err(),
            ["there is no file none.toml"]
        );
    }
}
