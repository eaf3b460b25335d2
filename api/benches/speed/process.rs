//! The servers, each a process of its own, and what they use, as Linux's `/proc` tells it.

use std::{
    net::TcpListener,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use crate::data::Bench;

/// A server, ended with this value.
pub(crate) struct Server {
    child: Child,
    address: String,
}

/// CPU in milliseconds.
#[derive(Clone, Copy)]
pub(crate) struct Cpu {
    pub(crate) server: f64,
    pub(crate) database: f64,
}

impl Cpu {
    pub(crate) fn all(self) -> f64 {
        self.server + self.database
    }

    /// What each of so many requests took since an earlier reading.
    pub(crate) fn each_since(self, earlier: Self, requests: u64) -> Self {
        Self {
            server: (self.server - earlier.server) / requests as f64,
            database: (self.database - earlier.database) / requests as f64,
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Server {
    /// The release server.
    pub(crate) async fn luoshi(bench: &Bench) -> Self {
        let address = free_address();
        let mut command = Command::new(env!("CARGO_BIN_EXE_luoshi"));
        command
            .arg("serve")
            .current_dir(bench.folder())
            .env("LUOSHI_DATABASE_URL", &bench.url)
            .env("LUOSHI_HTTP_LISTEN", &address)
            // One user asks from one address as fast as can be.
            .env("LUOSHI_BUDGETS_REQUESTS_PER_MINUTE", "0")
            .env("LUOSHI_BUDGETS_COST_PER_MINUTE", "0")
            // All who ask sit at one address, and all who listen are one user.
            .env("LUOSHI_HTTP_CONNECTIONS_OF_ADDRESS", "65536")
            .env("LUOSHI_HTTP_SOCKETS_OF_ADDRESS", "65536")
            .env("LUOSHI_HTTP_SOCKETS_OF_USER", "65536")
            .env("LUOSHI_HTTP_SUBSCRIPTIONS_OF_USER", "65536")
            .env("LUOSHI_HTTP_REQUESTS", "65536")
            // It would make something of the reports, which no act has written.
            .env("LUOSHI_SWEEP_ENABLED", "false")
            .env("LUOSHI_LOG_FILTER", "warn");
        Self::start(command, address, "/health/ready").await
    }

    /// The floor: this program once more.
    pub(crate) async fn floor(bench: &Bench) -> Self {
        let address = free_address();
        let mut command = Command::new(std::env::current_exe().expect("this program"));
        command.args(["floor", &bench.url, &address]);
        Self::start(command, address, "/ready").await
    }

    async fn start(mut command: Command, address: String, ready: &str) -> Self {
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).spawn();
        let mut server = Self {
            child: child.expect("the server's process"),
            address,
        };
        let (client, begun) = (reqwest::Client::new(), Instant::now());
        loop {
            let answer = client.get(server.url(ready)).send().await;
            if answer.is_ok_and(|answer| answer.status().is_success()) {
                return server;
            }
            let ended = server.child.try_wait().expect("the server's state");
            assert!(ended.is_none(), "the server ended: {ended:?}");
            assert!(
                begun.elapsed() < Duration::from_secs(60),
                "the server does not become ready"
            );
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Milliseconds of CPU that the server and the database's processes have used. SQLite works within the server.
    pub(crate) fn cpu(&self, bench: &Bench) -> Cpu {
        let server = stat(self.child.id()).map_or(0, |fields| used(&fields, 11..13));
        let mut ticks = 0;
        if bench.postgres {
            let postmaster = tests::cluster::cluster().expect("PostgreSQL").postmaster();
            // With the children that the postmaster has outlived.
            ticks += stat(postmaster).map_or(0, |fields| used(&fields, 11..15));
            for entry in std::fs::read_dir("/proc").expect("/proc").flatten() {
                let process = entry.file_name().to_str().and_then(|id| id.parse().ok());
                if let Some(fields) = process.and_then(stat)
                    && fields.get(1) == Some(&u64::from(postmaster))
                {
                    ticks += used(&fields, 11..13);
                }
            }
        }
        // A hundred ticks are a second, on every Linux there is.
        Cpu {
            server: server as f64 * 10.0,
            database: ticks as f64 * 10.0,
        }
    }

    pub(crate) fn resident_mib(&self) -> f64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()));
        let status = status.expect("its status");
        let line = status.lines().find(|line| line.starts_with("VmRSS:"));
        let kib = line.and_then(|line| line.split_whitespace().nth(1)?.parse::<f64>().ok());
        kib.expect("kilobytes") / 1024.0
    }
}

fn free_address() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a socket");
    listener.local_addr().expect("its address").to_string()
}

/// The numbers of `/proc/PID/stat` from the state (as 0) on.
fn stat(process: u32) -> Option<Vec<u64>> {
    let text = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    let (_, after_name) = text.rsplit_once(')')?;
    let fields = after_name.split_whitespace();
    Some(fields.map(|field| field.parse().unwrap_or(0)).collect())
}

fn used(fields: &[u64], part: std::ops::Range<usize>) -> u64 {
    fields.get(part).map_or(0, |ticks| ticks.iter().sum())
}
