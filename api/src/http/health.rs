//! What load balancers and other servers ask: whether the server lives, whether it is ready, and its public keys.

use axum::{
    Json,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::Mutex;

use crate::App;

/// The process answers.
pub(super) async fn live() -> &'static str {
    "live"
}

/// What the database answered last, and when: it is asked once a second at most, by whoever comes first, and the others wait.
#[derive(Debug, Default)]
pub(crate) struct Readiness(Mutex<Option<(DateTime<Utc>, bool)>>);

impl Readiness {
    async fn of(&self, app: &App) -> bool {
        let mut known = self.0.lock().await;
        if let Some((at, ready)) = *known
            && (app.now() - at).abs() < TimeDelta::seconds(1)
        {
            return ready;
        }
        let answer = app.store().system().ping().await;
        if let Err(fault) = &answer {
            tracing::error!(fault = fault.inside(), "not ready");
        }
        *known = Some((app.now(), answer.is_ok()));
        answer.is_ok()
    }
}

/// The database answers.
pub(super) async fn ready(State(app): State<App>) -> Response {
    if app.parts.readiness.of(&app).await {
        "ready".into_response()
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "not ready").into_response()
    }
}

/// The public keys under which access tokens verify (RFC 7517).
pub(super) async fn key_set(State(app): State<App>) -> Response {
    match app.store().system().key_set().await {
        Ok(keys) => ([(header::CACHE_CONTROL, "max-age=60")], Json(keys)).into_response(),
        Err(fault) => {
            tracing::error!(fault = fault.inside(), "the key set could not be read");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}
