//! What load balancers and other servers ask: whether the server lives, whether it is ready, and its public keys.

use axum::{
    Json, extract,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;
use tokio::sync::Mutex;

use crate::App;

/// The process answers.
pub(super) async fn live() -> &'static str {
    "live"
}

/// Whether a server can do what it is there for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Ready,
    /// The database does not answer.
    DatabaseUnavailable,
    /// Nobody can sign in here: what signs tokens is kept under a key that `secrets.key` does not hold.
    SecretsKeyMissing,
}

impl State {
    async fn of(app: &App) -> Self {
        match app.store().system().can_sign().await {
            Ok(true) => Self::Ready,
            Ok(false) => {
                tracing::error!(
                    "not ready: what signs tokens is kept under a key that secrets.key (LUOSHI_SECRETS_KEY) does not hold"
                );
                Self::SecretsKeyMissing
            }
            Err(fault) => {
                tracing::error!(fault = fault.inside(), "not ready");
                Self::DatabaseUnavailable
            }
        }
    }

    /// The word for whoever watches the server.
    const fn word(self) -> &'static str {
        match self {
            Self::Ready => "READY",
            Self::DatabaseUnavailable => "DATABASE_UNAVAILABLE",
            Self::SecretsKeyMissing => "SECRETS_KEY_MISSING",
        }
    }
}

/// How the server stood last, and when: the database is asked once a second at most, by whoever comes first, and the others wait.
#[derive(Debug, Default)]
pub(crate) struct Readiness(Mutex<Option<(DateTime<Utc>, State)>>);

impl Readiness {
    async fn of(&self, app: &App) -> State {
        let mut known = self.0.lock().await;
        if let Some((at, state)) = *known
            && (app.now() - at).abs() < TimeDelta::seconds(1)
        {
            return state;
        }
        let state = State::of(app).await;
        *known = Some((app.now(), state));
        state
    }
}

/// The database answers, and people can sign in; or the word for why not.
pub(super) async fn ready(extract::State(app): extract::State<App>) -> Response {
    let state = app.parts.readiness.of(&app).await;
    let status = match state {
        State::Ready => StatusCode::OK,
        _ => StatusCode::SERVICE_UNAVAILABLE,
    };
    (status, Json(json!({ "status": state.word() }))).into_response()
}

/// The public keys under which access tokens verify (RFC 7517).
pub(super) async fn key_set(extract::State(app): extract::State<App>) -> Response {
    match app.store().system().key_set().await {
        Ok(keys) => ([(header::CACHE_CONTROL, "max-age=60")], Json(keys)).into_response(),
        Err(fault) => {
            tracing::error!(fault = fault.inside(), "the key set could not be read");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}
