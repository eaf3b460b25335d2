//! `/attachments/ID`: an evidence file for who may see it, by a token or by a link.

use std::time::Instant;

use axum::{
    Extension,
    body::Body,
    extract::{Path, Request, State, rejection::PathRejection},
    http::{Response, request::Parts},
};
use domain::{Code, Refusal};
use edge::{Complaint, Edge};
use files::{Download, Key, Reading};
use store::{Error, Origin};

use super::{
    graphql::bearer,
    guard::{Charge, FILE},
    refused,
    request_id::RequestId,
};
use crate::App;

/// Why there is no file.
enum Trouble {
    /// Something that the caller can do something about.
    Theirs(Complaint),
    /// Our own fault, for the log.
    Ours(String),
}

impl From<store::Fault> for Trouble {
    fn from(fault: store::Fault) -> Self {
        Self::Ours(fault.inside().to_owned())
    }
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Self {
        let not_found = |refusal: &Refusal| refusal.reason.code() == Code::NotFound;
        match error {
            Error::Unauthenticated => Self::Theirs(Complaint::SignIn),
            Error::MustChangePassword => Self::Theirs(Complaint::MustChangePassword),
            Error::MustSetUpSecondFactor => Self::Theirs(Complaint::MustSetUpSecondFactor),
            Error::Refused(refusals) if refusals.iter().all(not_found) => {
                Self::Theirs(Complaint::NoFile)
            }
            Error::Fault(fault) => fault.into(),
            other => Self::Ours(format!("{other:?}")),
        }
    }
}

/// What the log says of a download: never the link.
#[derive(Default)]
struct Told {
    user: Option<i64>,
    statements: u32,
}

/// Answers with the file: a whole one, there are no ranges.
pub(super) async fn serve(
    State(app): State<App>,
    Extension(RequestId(request_id)): Extension<RequestId>,
    id: Result<Path<String>, PathRejection>,
    request: Request,
) -> Response<Body> {
    let begun = Instant::now();
    // What is no text is no file's.
    let id = id.map_or_else(|_| String::new(), |Path(id)| id);
    let (head, _) = request.into_parts();
    let reply = match Edge::reply(&head.headers) {
        // A browser that follows a link accepts what it likes.
        Ok(reply) | Err((reply, _)) => reply,
    };
    let token = bearer(&head.headers);
    let mut told = Told::default();
    let finding = find(&app, &id, token, &head, &request_id, &mut told);
    let mut response = match tokio::time::timeout(app.parts.timeout, finding).await {
        Ok(Ok((file, reading))) => Download {
            file_name: &file.file_name,
            content_type: &file.content_type,
            reading,
        }
        .into_response(),
        Ok(Err(Trouble::Theirs(complaint))) => reply.refuse(&complaint),
        Ok(Err(Trouble::Ours(fault))) => {
            tracing::error!(request_id, fault, "a file could not be read");
            reply.fail(&request_id)
        }
        Err(_) => reply.refuse(&Complaint::Timeout),
    };
    let headers = response.headers_mut();
    headers.insert("x-statement-count", told.statements.into());
    tracing::info!(
        request_id,
        operation = "download",
        user = told.user,
        status = response.status().as_u16(),
        statements = told.statements,
        duration_ms = begun.elapsed().as_secs_f64() * 1000.0,
        "request"
    );
    response
}

/// The file, if whoever asks may see it now: by the token, or by the link where no token came.
async fn find(
    app: &App,
    id: &str,
    token: Option<&str>,
    head: &Parts,
    request_id: &str,
    told: &mut Told,
) -> Result<(store::Seen<entity::attachment::Model>, Reading), Trouble> {
    let system = app.store().system();
    let origin = Origin {
        request_id: request_id.into(),
        address: app.parts.proxies.client(head),
    };
    let id = ::graphql::attachment_id(id);
    let link = head
        .uri
        .query()
        .and_then(|query| query.strip_prefix("link="));
    let call = match (token, link, id) {
        (None, Some(link), Some(id)) => system.call_by_link(id, link, origin).await?,
        _ => system.call(token, origin).await?,
    };
    told.user = call.viewer().map(|viewer| viewer.account.id.0);
    if call.viewer().is_some() {
        let charged = Charge::of(FILE, &call).take(app);
        charged.map_err(Trouble::Theirs)?;
    }
    let found = call.download(id).await;
    if let Some(reason) = found.as_ref().err().and_then(refused::why) {
        let object = ("Attachment".to_owned(), id.map(|id| id.0));
        refused::record(&call, "DOWNLOAD_ATTACHMENT", object, reason).await;
    }
    told.statements = call.statements();
    let file = found?;
    let gone = || Trouble::Ours(format!("the file of attachment {} is missing", file.id.0));
    let key = Key::parse(&file.storage_key).ok_or_else(gone)?;
    match app.files().get(&key).await {
        Ok(reading) => Ok((file.clone(), reading.ok_or_else(gone)?)),
        Err(fault) => Err(Trouble::Ours(fault.inside().to_owned())),
    }
}
