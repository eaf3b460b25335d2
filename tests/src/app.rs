//! A server on a socket, and the people who speak with it over GraphQL.

use std::{net::SocketAddr, path::Path, sync::Arc, time::Duration};

use api::{Connections, Guard, Settings, SocketRules};
use domain::{Clock, Entropy};
use edge::{BudgetRules, Limits};
use files::{Files, Storage};
use reqwest::{Client, StatusCode, header::HeaderMap};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::{net::TcpListener, task::JoinHandle};

use crate::{
    Backend, TestDatabase,
    database::Template,
    machine::{TestClock, TestEntropy},
    world,
};

/// Longer than any machine is busy with something else.
const PATIENCE: Duration = Duration::from_secs(60);

/// A server over a database of its own.
pub struct App {
    /// The database.
    pub database: TestDatabase,
    /// The server's clock.
    pub clock: Arc<TestClock>,
    /// The server's parts.
    pub parts: api::App,
    address: SocketAddr,
    client: Client,
    server: JoinHandle<()>,
    /// Where its files are, for as long as it lives.
    folder: TempDir,
}

impl Drop for App {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// What came back.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body as it came.
    pub text: String,
    /// The body as JSON; null when it is none.
    pub body: Value,
}

impl Answer {
    /// A value of `data`, by JSON pointer. The answer must be without errors.
    pub fn data(&self, pointer: &str) -> &Value {
        assert!(self.body.get("errors").is_none(), "{}", self.text);
        self.body
            .pointer(&format!("/data{pointer}"))
            .unwrap_or_else(|| panic!("no {pointer} in {}", self.text))
    }

    /// The codes of the errors.
    pub fn codes(&self) -> Vec<&str> {
        let errors = self.body["errors"].as_array();
        errors
            .into_iter()
            .flatten()
            .map(|error| error["extensions"]["code"].as_str().unwrap_or("-"))
            .collect()
    }

    /// The codes and fields of a mutation's user errors.
    pub fn refusals(&self, mutation: &str) -> Vec<String> {
        let errors = self
            .data(&format!("/{mutation}/userErrors"))
            .as_array()
            .cloned();
        errors
            .unwrap_or_default()
            .iter()
            .map(|error| {
                let field: Vec<&str> = error["field"]
                    .as_array()
                    .into_iter()
                    .flatten()
                    .filter_map(Value::as_str)
                    .collect();
                format!(
                    "{} {}",
                    error["code"].as_str().unwrap_or("-"),
                    field.join(".")
                )
                .trim()
                .to_owned()
            })
            .collect()
    }

    /// Statements that the request ran.
    pub fn statements(&self) -> u32 {
        self.headers["x-statement-count"]
            .to_str()
            .ok()
            .and_then(|count| count.parse().ok())
            .expect("the count of statements")
    }
}

impl App {
    /// A server over a copy of the world; none where PostgreSQL is not installed.
    pub async fn set_up(backend: Backend) -> Option<Self> {
        Self::with(backend, |_| ()).await
    }

    /// The same, with other settings.
    pub async fn with(backend: Backend, change: impl FnOnce(&mut Settings)) -> Option<Self> {
        let app = Self::try_with(backend, change).await?;
        Some(app.expect("the server"))
    }

    /// The same, where the server may refuse to start.
    pub async fn try_with(
        backend: Backend,
        change: impl FnOnce(&mut Settings),
    ) -> Option<Result<Self, store::Fault>> {
        let database = TestDatabase::of(backend, Template::World).await?;
        let clock = Arc::new(TestClock::default());
        let entropy = Arc::new(TestEntropy::default()) as Arc<dyn Entropy>;
        let folder = tempfile::tempdir().expect("a folder");
        let storage = Storage::Folder(folder.path().to_owned());
        let files = Files::open(&storage, Arc::clone(&entropy))
            .await
            .expect("the storage of files");
        let mut settings = Settings {
            pool: database.pool(),
            files,
            calendar: api::config::shipped_calendar(),
            clock: Arc::clone(&clock) as Arc<dyn Clock>,
            entropy,
            rules: world::rules(),
            hashings_at_once: 2,
            limits: Limits::default(),
            introspection: true,
            explorer: false,
            demo: None,
            timeout: Duration::from_secs(60),
            upload_timeout: Duration::from_secs(60),
            // Nobody is too slow here; tests of these times set their own.
            sockets: SocketRules {
                init: PATIENCE,
                keep_alive: 10 * PATIENCE,
                send: PATIENCE,
                ..SocketRules::default()
            },
            audit: store::AuditRules::default(),
            secrets: world::secrets(),
            proxies: api::TrustedProxies::default(),
            // The clock stands still: no budget would ever fill up again.
            guard: Guard {
                budgets: BudgetRules::NONE,
                connections: Connections {
                    silence: PATIENCE,
                    ..Connections::default()
                },
                ..Guard::default()
            },
        };
        change(&mut settings);
        let app = match api::App::open(settings).await {
            Ok(app) => app,
            Err(fault) => return Some(Err(fault)),
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a socket");
        let address = listener.local_addr().expect("its address");
        let parts = app.clone();
        let server = tokio::spawn(async move {
            let served = api::serve(listener, &app, std::future::pending()).await;
            served.expect("the server");
        });
        Some(Ok(Self {
            database,
            clock,
            parts,
            address,
            client: Client::new(),
            server,
            folder,
        }))
    }

    /// The URL of a path.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Where its files are.
    pub fn files_folder(&self) -> &Path {
        self.folder.path()
    }

    /// The HTTP client.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// Somebody who is not signed in.
    pub fn anonymous(&self) -> Actor<'_> {
        Actor {
            app: self,
            token: None,
            refresh_token: String::new(),
            language: "en",
        }
    }

    /// Somebody who signs in.
    pub async fn sign_in(&self, username: &str) -> Actor<'_> {
        self.sign_in_with(username, world::PASSWORD).await
    }

    /// Somebody who signs in with another password.
    pub async fn sign_in_with(&self, username: &str, password: &str) -> Actor<'_> {
        let answer = self.anonymous().try_sign_in(username, password).await;
        let session = answer.data("/signIn/session").clone();
        Actor {
            app: self,
            token: Some(
                session["accessToken"]
                    .as_str()
                    .unwrap_or_else(|| panic!("{username}: {}", answer.text))
                    .to_owned(),
            ),
            refresh_token: session["refreshToken"]
                .as_str()
                .unwrap_or_default()
                .to_owned(),
            language: "en",
        }
    }

    /// Sends a request as it is.
    pub async fn send(&self, request: reqwest::RequestBuilder) -> Answer {
        let response = request.send().await.expect("an answer");
        let (status, headers) = (response.status(), response.headers().clone());
        let text = response.text().await.expect("a body");
        Answer {
            status,
            headers,
            body: serde_json::from_str(&text).unwrap_or_default(),
            text,
        }
    }
}

/// The body of an operation with a file, between boundaries of `x`.
pub fn in_parts(operations: &Value, file_name: &str, content: &[u8]) -> Vec<u8> {
    let part = |name: &str| format!("--x\r\nContent-Disposition: form-data; name=\"{name}\"");
    let map = r#"{ "0": ["variables.file"] }"#;
    let head = format!(
        "{}\r\n\r\n{operations}\r\n{}\r\n\r\n{map}\r\n{}; filename=\"{file_name}\"\r\n\r\n",
        part("operations"),
        part("map"),
        part("0")
    );
    [head.as_bytes(), content, b"\r\n--x--\r\n"].concat()
}

/// Somebody who asks.
#[derive(Clone)]
pub struct Actor<'a> {
    app: &'a App,
    /// The access token.
    pub token: Option<String>,
    /// The refresh token.
    pub refresh_token: String,
    /// What Accept-Language says.
    pub language: &'static str,
}

impl Actor<'_> {
    /// The same person with another access token.
    pub fn with_token(&self, token: impl Into<String>) -> Self {
        Self {
            token: Some(token.into()),
            ..self.clone()
        }
    }

    /// Sends an operation.
    pub async fn ask(&self, query: &str, variables: Value) -> Answer {
        let mut request = self
            .app
            .client
            .post(self.app.url("/graphql"))
            .header("accept", "application/graphql-response+json")
            .header("accept-language", self.language)
            .json(&json!({ "query": query, "variables": variables }));
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        self.app.send(request).await
    }

    /// Sends an operation with a file, which is the variable `file`.
    pub async fn ask_with_file(
        &self,
        query: &str,
        mut variables: Value,
        file_name: &str,
        content: &[u8],
    ) -> Answer {
        variables["file"] = Value::Null;
        let operations = json!({ "query": query, "variables": variables });
        let mut request = self
            .app
            .client
            .post(self.app.url("/graphql"))
            .header("accept", "application/graphql-response+json")
            .header("accept-language", self.language)
            .header("content-type", "multipart/form-data; boundary=x")
            .header("graphql-preflight", "1")
            .body(in_parts(&operations, file_name, content));
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        self.app.send(request).await
    }

    /// Sends an operation without variables.
    pub async fn query(&self, query: &str) -> Answer {
        self.ask(query, Value::Null).await
    }

    /// Tries to sign in.
    pub async fn try_sign_in(&self, username: &str, password: &str) -> Answer {
        self.ask(
            "mutation($username: String!, $password: String!) {
                signIn(input: { username: $username, password: $password }) {
                    session { accessToken accessTokenExpiresAt refreshToken mustChangePassword }
                    userErrors { code field message }
                }
            }",
            json!({ "username": username, "password": password }),
        )
        .await
    }
}
