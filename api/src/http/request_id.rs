//! The ID of a request, by which the audit log, the server's own and the answer name it.

use axum::extract::Request;

use crate::App;

/// A request's ID. [`super::guard`] gives each request one, and routes take it as an extension.
#[derive(Clone, Debug)]
pub(super) struct RequestId(pub(super) String);

impl RequestId {
    /// What a trusted proxy calls the request in `x-request-id`, if that is fit for a log. Nobody else is believed: under an ID that they
    /// know they could put their acts beside another's.
    pub(super) fn of(app: &App, request: &Request) -> Self {
        let told = app.parts.proxies.hears(request.extensions());
        let given = request.headers().get("x-request-id").filter(|_| told);
        let given = given.and_then(|value| value.to_str().ok());
        match given.filter(|id| is_fit(id)) {
            Some(given) => Self(given.to_owned()),
            None => Self::new(app),
        }
    }

    /// An ID of our own.
    pub(super) fn new(app: &App) -> Self {
        let mut bytes = [0; 12];
        app.parts.entropy.fill(&mut bytes);
        Self(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
    }
}

fn is_fit(id: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    (8..=64).contains(&id.len()) && id.bytes().all(fits)
}
