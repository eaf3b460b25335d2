//! What load balancers and other servers ask: whether the server lives, whether it is ready, and its public keys.

use axum::{
    Json,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};

use crate::App;

/// The process answers.
pub(super) async fn live() -> &'static str {
    "live"
}

/// The database answers.
pub(super) async fn ready(State(app): State<App>) -> Response {
    match app.store().system().ping().await {
        Ok(()) => "ready".into_response(),
        Err(fault) => {
            tracing::error!(fault = fault.inside(), "not ready");
            (StatusCode::SERVICE_UNAVAILABLE, "not ready").into_response()
        }
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
