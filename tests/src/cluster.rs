//! A throw-away PostgreSQL cluster from the installed binaries: one for each run, on a socket in a folder of its own.
//!
//! PostgreSQL refuses to run as root: then it runs as the user `postgres`. A guardian process stops it and removes its
//! folder as soon as this process is gone, however it went.

use std::{
    io::Write,
    os::unix::{fs::MetadataExt, process::CommandExt},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{
        OnceLock,
        atomic::{AtomicBool, Ordering},
    },
};

static DURABLE: AtomicBool = AtomicBool::new(false);

/// Has databases of this process wait for the disk, as those of an installation do: for benches of what writing costs. To be said
/// before the first of them is made.
pub fn wait_for_the_disk() {
    DURABLE.store(true, Ordering::Relaxed);
}

/// Whether databases wait for the disk. Those of tests are thrown away.
pub(crate) fn waits_for_the_disk() -> bool {
    DURABLE.load(Ordering::Relaxed)
}

/// A running cluster.
pub struct Cluster {
    folder: PathBuf,
    /// Lives as long as this process: the guardian watches the other end of its standard input.
    _guardian: Child,
}

/// The cluster of this run; none where PostgreSQL is not installed, which is said once, and is a failure under CI.
pub fn cluster() -> Option<&'static Cluster> {
    static CLUSTER: OnceLock<Option<Cluster>> = OnceLock::new();
    CLUSTER
        .get_or_init(|| {
            let Some(binaries) = binaries() else {
                let message = "PostgreSQL is not installed: half of the tests cannot run. On Debian: apt-get install postgresql";
                assert!(std::env::var("CI").as_deref() != Ok("true"), "{message}");
                // Past the capture of the test runner: whoever looks must see it.
                let _ = std::fs::OpenOptions::new()
                    .write(true)
                    .open("/dev/stderr")
                    .and_then(|mut stderr| writeln!(stderr, "\n{message}\n"));
                return None;
            };
            Some(Cluster::start(&binaries))
        })
        .as_ref()
}

/// The folder of `initdb`: on the PATH, or where Debian has it, the newest first.
fn binaries() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let on_path = std::env::split_paths(&path).find(|folder| folder.join("initdb").exists());
    on_path.or_else(|| {
        let versions = std::fs::read_dir("/usr/lib/postgresql").ok()?;
        let mut folders: Vec<(u32, PathBuf)> = versions
            .flatten()
            .filter_map(|entry| {
                let version = entry.file_name().to_str()?.parse().ok()?;
                let folder = entry.path().join("bin");
                folder.join("initdb").exists().then_some((version, folder))
            })
            .collect();
        folders.sort();
        folders.pop().map(|(_, folder)| folder)
    })
}

impl Cluster {
    fn start(binaries: &Path) -> Self {
        let root = std::fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0);
        let folder = tempfile::Builder::new()
            .prefix("luoshi-pg-")
            .tempdir()
            .expect("a temporary folder")
            .keep();
        if root {
            run(Command::new("chown").arg("postgres").arg(&folder));
        }
        let as_owner = |program: &Path| {
            let mut command = if root {
                let mut command = Command::new("setpriv");
                command.args(["--reuid=postgres", "--regid=postgres", "--init-groups"]);
                command.arg(program);
                command
            } else {
                Command::new(program)
            };
            command.current_dir("/").env("LC_ALL", "C.UTF-8");
            command
        };
        let data = folder.join("data");
        run(as_owner(&binaries.join("initdb"))
            .args([
                "-U",
                "postgres",
                "-A",
                "trust",
                "-E",
                "UTF8",
                "--no-sync",
                "-D",
            ])
            .arg(&data));
        let disk = match waits_for_the_disk() {
            true => "",
            false => "-c fsync=off -c synchronous_commit=off -c full_page_writes=off",
        };
        let settings = format!(
            "-c listen_addresses='' -c unix_socket_directories='{}' {disk} \
             -c max_connections=400 -c shared_buffers=64MB -c autovacuum=off",
            folder.display()
        );
        run(as_owner(&binaries.join("pg_ctl"))
            .arg("-D")
            .arg(&data)
            .args(["-w", "-l"])
            .arg(folder.join("log"))
            .arg("-o")
            .arg(settings)
            .arg("start"));
        let script = format!(
            "cat >/dev/null; '{}' -D '{}' -m immediate stop >/dev/null 2>&1; rm -rf '{}'",
            binaries.join("pg_ctl").display(),
            data.display(),
            folder.display()
        );
        let guardian = as_owner(Path::new("/bin/sh"))
            .args(["-c", &script])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            // Ctrl-C at the terminal must not reach it before its work is done.
            .process_group(0)
            .spawn()
            .expect("the guardian");
        Self {
            folder,
            _guardian: guardian,
        }
    }

    /// The process ID of the postmaster, whose children do the work.
    pub fn postmaster(&self) -> u32 {
        std::fs::read_to_string(self.folder.join("data/postmaster.pid"))
            .ok()
            .and_then(|text| text.lines().next()?.trim().parse().ok())
            .expect("the postmaster's process ID")
    }

    /// The URL of a database.
    pub fn url(&self, database: &str) -> String {
        format!(
            "postgres://postgres@localhost:5432/{database}?host={}",
            self.folder.display()
        )
    }
}

fn run(command: &mut Command) {
    let output = command
        .stdin(Stdio::null())
        .output()
        .unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(
        output.status.success(),
        "{command:?}: {}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}
