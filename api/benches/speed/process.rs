//! Processes: starting them, ending them, and what they used, as Linux's `/proc` tells it.

use std::{
    net::{SocketAddr, TcpListener},
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use crate::client::{Client, Prepared};

/// A server in a process of its own, ended with this value.
pub struct Server {
    child: Child,
    /// Where it listens.
    pub address: SocketAddr,
    /// From being started to being ready.
    pub started_in: Duration,
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Server {
    /// Starts a program and waits until it is ready; it is told where to listen through `LUOSHI_HTTP_LISTEN`.
    pub fn start(program: &Path, argument: &str, environment: &[(&str, &str)]) -> Self {
        let address = free_address();
        let ready = Prepared::get("/health/ready");
        let begun = Instant::now();
        let mut child = Command::new(program)
            .arg(argument)
            .env_clear()
            .envs(environment.iter().copied())
            .env("LUOSHI_HTTP_LISTEN", address.to_string())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .expect("the server's process");
        loop {
            if let Some(mut client) = Client::connect(address)
                && client.ask(&ready).status == 200
            {
                return Self {
                    child,
                    address,
                    started_in: begun.elapsed(),
                };
            }
            let ended = child.try_wait().expect("the server's state");
            assert!(ended.is_none(), "the server ended: {ended:?}");
            assert!(
                begun.elapsed() < Duration::from_secs(60),
                "the server does not become ready"
            );
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    /// The process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }
}

fn free_address() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a socket");
    listener.local_addr().expect("its address")
}

/// The CPU time that a process has used.
pub fn cpu(process: u32) -> Duration {
    let fields = stat(process).unwrap_or_default();
    fields.get(11..13).map_or(Duration::ZERO, ticks)
}

/// The CPU time that a process, its children and those that it has outlived have used.
pub fn cpu_of_family(parent: u32) -> Duration {
    let own = stat(parent).unwrap_or_default();
    let mut whole = own.get(11..15).map_or(Duration::ZERO, ticks);
    for entry in std::fs::read_dir("/proc").expect("/proc").flatten() {
        let Some(process) = entry.file_name().to_str().and_then(|id| id.parse().ok()) else {
            continue;
        };
        if let Some(fields) = stat(process)
            && fields.get(1) == Some(&u64::from(parent))
        {
            whole += fields.get(11..13).map_or(Duration::ZERO, ticks);
        }
    }
    whole
}

/// The parent of a process.
pub fn parent(process: u32) -> u32 {
    let parent = stat(process).and_then(|fields| fields.get(1).copied());
    parent
        .and_then(|parent| u32::try_from(parent).ok())
        .expect("a parent")
}

/// The memory of a process in MiB: resident now, and the most there was.
pub fn memory(process: u32) -> (f64, f64) {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).expect("its status");
    let of = |name: &str| {
        let line = status.lines().find(|line| line.starts_with(name));
        let kib = line.and_then(|line| line.split_whitespace().nth(1)?.parse::<f64>().ok());
        kib.expect("kilobytes") / 1024.0
    };
    (of("VmRSS:"), of("VmHWM:"))
}

/// The numbers of `/proc/PID/stat` from the third field (the state, as 0) on.
fn stat(process: u32) -> Option<Vec<u64>> {
    let text = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    let (_, after_name) = text.rsplit_once(')')?;
    let fields = after_name.split_whitespace();
    Some(fields.map(|field| field.parse().unwrap_or(0)).collect())
}

/// A hundred ticks are a second, on every Linux there is.
fn ticks(fields: &[u64]) -> Duration {
    Duration::from_millis(10 * fields.iter().sum::<u64>())
}
