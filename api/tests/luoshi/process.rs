//! The binary, run in a folder of its own.

use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    path::Path,
    process::{Child, Command, Output, Stdio},
};

use tempfile::TempDir;

pub(crate) fn luoshi(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_luoshi"));
    command.current_dir(folder).env_remove("DATABASE_URL");
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("LUOSHI_")) {
        command.env_remove(name);
    }
    command.env("LUOSHI_DATABASE_URL", "sqlite://test.db?mode=rwc");
    command
}

pub(crate) fn run(folder: &Path, arguments: &[&str]) -> Output {
    luoshi(folder).args(arguments).output().unwrap()
}

pub(crate) fn text(output: &Output) -> String {
    format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

/// A folder with the seed document and its tables.
pub(crate) fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let seeds = Path::new(env!("CARGO_MANIFEST_DIR")).join("../seeds/taizhou-2022");
    for name in [
        "document.txt",
        "corrections.tsv",
        "units.tsv",
        "groups.tsv",
        "indicators.tsv",
    ] {
        std::fs::copy(seeds.join(name), folder.path().join(name)).unwrap();
    }
    folder
}

/// A server that is ended with the test.
pub(crate) struct Server {
    pub(crate) child: Child,
    pub(crate) address: String,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Server {
    /// Starts a command that listens, and waits until it is ready.
    pub(crate) fn start(mut command: Command, listen: &str) -> Self {
        let child = command.spawn().unwrap();
        let mut server = Self {
            child,
            address: listen.to_owned(),
        };
        // Bounded by the test runner; each attempt waits for the socket, and leaves the cores to who opens it.
        while TcpStream::connect(&server.address).is_err() {
            let ended = server.child.try_wait().unwrap();
            assert!(ended.is_none(), "{command:?} has ended: {ended:?}");
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        server
    }

    /// The same, what it prints and logs kept for the test.
    pub(crate) fn start_heard(mut command: Command, listen: &str) -> Self {
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        Self::start(command, listen)
    }

    /// The same, and what it printed and logged since it was started.
    pub(crate) fn stop_heard(mut self) -> (String, String) {
        self.stop();
        let (mut printed, mut logged) = (String::new(), String::new());
        let (out, err) = (self.child.stdout.take(), self.child.stderr.take());
        out.unwrap().read_to_string(&mut printed).unwrap();
        err.unwrap().read_to_string(&mut logged).unwrap();
        (printed, logged)
    }

    /// Tells it to stop, and waits until it has.
    pub(crate) fn stop(&mut self) {
        let id = self.child.id().to_string();
        let told = Command::new("kill").args(["-TERM", &id]).status().unwrap();
        assert!(told.success() && self.child.wait().unwrap().success());
    }

    pub(crate) fn get(&self, path: &str) -> String {
        self.send(&format!(
            "GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"
        ))
    }

    /// Sends a request as it is, after whose answer the connection is closed.
    pub(crate) fn send(&self, request: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    pub(crate) fn ask(&self, query: &str) -> String {
        self.ask_with(query, "")
    }

    /// The `data` of a signed-in answer.
    pub(crate) fn ask_as(&self, username: &str, query: &str) -> serde_json::Value {
        let answer = self.ask(&format!(
            "mutation {{ signIn(input: {{ username: \\\"{username}\\\", password: \\\"luoshi-demo\\\" }}) {{ session {{ accessToken }} }} }}"
        ));
        let token = body(&answer)["data"]["signIn"]["session"]["accessToken"].clone();
        let header = format!("authorization: Bearer {}\r\n", token.as_str().unwrap());
        let answer = self.ask_with(query, &header);
        let body = body(&answer);
        assert!(body.get("errors").is_none(), "{answer}");
        body["data"].clone()
    }

    pub(crate) fn ask_with(&self, query: &str, header: &str) -> String {
        self.post(&format!("{{\"query\":\"{query}\"}}"), header)
    }

    /// Sends a body of JSON.
    pub(crate) fn post(&self, body: &str, header: &str) -> String {
        self.send(&format!(
            "POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\naccept-language: en\r\n{header}content-length: {}\r\nconnection: close\r\n\r\n{body}",
            body.len()
        ))
    }
}

pub(crate) fn body(answer: &str) -> serde_json::Value {
    let (_, body) = answer.split_once("\r\n\r\n").unwrap();
    serde_json::from_str(body).unwrap_or_else(|_| panic!("{answer}"))
}

pub(crate) fn free_address() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().to_string()
}
