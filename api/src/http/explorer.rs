//! The explorer: a page of our own, embedded. It sends what any client would send to `/graphql`; nothing else serves it.

use axum::{
    extract::{Path, State},
    http::{HeaderName, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::json;

use crate::App;

/// The demo's accounts, as the explorer offers them.
#[derive(Clone, Debug)]
pub struct Demo {
    /// The password of all.
    pub password: &'static str,
    /// The accounts.
    pub accounts: Vec<DemoAccount>,
}

/// An account that the explorer offers.
#[derive(Clone, Debug)]
pub struct DemoAccount {
    /// Sign-in name.
    pub username: String,
    /// Name shown.
    pub display_name: String,
    /// Role.
    pub role: &'static str,
}

/// The page, made once.
pub(crate) struct Explorer {
    page: String,
}

const PAGE: &str = include_str!("../../explorer/index.html");
/// The place in the page where the settings go.
const SETTINGS: &str = r#"{"demo":null,"documents":[]}"#;

/// The page's other files, by their paths: a new one is served by its line here.
macro_rules! files {
    ($($path:literal)+) => { &[$(($path, include_str!(concat!("../../explorer/", $path)))),+] };
}
const FILES: &[(&str, &str)] = files! {
    "style.css"
    "answer.js"
    "app.js"
    "client.js"
    "complete.js"
    "diff.js"
    "docs.js"
    "editor.js"
    "examples.js"
    "files.js"
    "i18n.js"
    "live.js"
    "operations.js"
    "schema.js"
    "seen.js"
    "socket.js"
    "tabs.js"
    "variables.js"
    // The contract's documents: each is a subject with its tabs.
    "operations/portal.graphql"
    "operations/reports.graphql"
    "operations/requests.graphql"
    "operations/session.graphql"
    "operations/targets.graphql"
    "operations/loop.graphql"
    "operations/statistics.graphql"
    "operations/steering.graphql"
    "operations/administration.graphql"
    "operations/audit.graphql"
};

/// The media type of a file, by its ending.
fn media(path: &str) -> &'static str {
    match path.rsplit_once('.') {
        Some((_, "js")) => "text/javascript; charset=utf-8",
        Some((_, "css")) => "text/css; charset=utf-8",
        _ => "text/plain; charset=utf-8",
    }
}

/// Nothing from elsewhere, nothing inline, no framing.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

impl Explorer {
    pub(crate) fn new(demo: Option<&Demo>) -> Self {
        let demo = demo.map(|demo| {
            let accounts: Vec<_> = demo
                .accounts
                .iter()
                .map(|account| {
                    json!({
                        "username": account.username,
                        "displayName": account.display_name,
                        "role": account.role,
                    })
                })
                .collect();
            json!({ "password": demo.password, "accounts": accounts })
        });
        let documents: Vec<_> = FILES
            .iter()
            .map(|(path, _)| *path)
            .filter(|path| path.ends_with(".graphql"))
            .collect();
        let settings = json!({ "demo": demo, "documents": documents });
        // Inside a script element, `<` could end it.
        let settings = settings.to_string().replace('<', "\\u003c");
        Self {
            page: PAGE.replace(SETTINGS, &settings),
        }
    }
}

pub(super) async fn page(State(app): State<App>) -> Response {
    match &app.parts.explorer {
        Some(explorer) => asset("text/html; charset=utf-8", explorer.page.clone()),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

pub(super) async fn file(Path(path): Path<String>) -> Response {
    match FILES.iter().find(|(name, _)| *name == path) {
        Some((name, text)) => asset(media(name), *text),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

fn asset(media: &'static str, text: impl IntoResponse) -> Response {
    let headers: [(HeaderName, &str); 5] = [
        (header::CONTENT_TYPE, media),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CACHE_CONTROL, "no-cache"),
    ];
    (headers, text).into_response()
}
