//! HTTP: the routes.

use ::graphql::DOWNLOADS;
use axum::{Router, middleware, routing::get};

use crate::App;

mod attachments;
mod audit_export;
pub(crate) mod client;
pub(crate) mod explorer;
mod graphql;
mod guard;
pub(crate) mod health;
mod missing;
pub(crate) mod origins;
mod refused;
mod request_id;
pub(crate) mod security_txt;
pub(crate) mod socket;
pub(crate) mod uploads;

/// The server's routes.
pub(crate) fn router(app: App) -> Router {
    let mut router = Router::new()
        // A GET may become a socket. Every method: the edge says which are allowed, in the form that GraphQL clients read.
        .route("/graphql", axum::routing::any(graphql::serve))
        .route(&format!("{DOWNLOADS}/{{id}}"), get(attachments::serve))
        .route("/health/live", get(health::live))
        .route("/health/ready", get(health::ready))
        .route("/.well-known/jwks.json", get(health::key_set))
        .route("/audit/export.csv", get(audit_export::csv))
        .route("/audit/export.jsonl", get(audit_export::jsonl));
    if app.parts.explorer.is_some() {
        router = router
            .route("/", get(explorer::page))
            .route("/explorer", get(explorer::page))
            .route("/explorer/{*path}", get(explorer::file));
    }
    if app.parts.contact.is_some() {
        router = router.route("/.well-known/security.txt", get(security_txt::serve));
    }
    let router = router
        .fallback(missing::nothing)
        .method_not_allowed_fallback(missing::only_get);
    let guard = middleware::from_fn_with_state(app.clone(), guard::guard);
    let cors = app.parts.origins.layer();
    let router = router.layer(guard).with_state(app);
    match cors {
        // Outermost: a page must be able to read that it asks too often, too.
        Some(cors) => router.layer(cors),
        None => router,
    }
}
