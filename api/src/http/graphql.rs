//! `/graphql`: a request's way from HTTP to the schema and back.

use std::{
    net::IpAddr,
    panic::AssertUnwindSafe,
    time::{Duration, Instant},
};

use axum::{
    Extension,
    body::Body,
    extract::{Request, State},
    http::{HeaderMap, Response, header, request::Parts},
};
use edge::{Accepted, Complaint, CostTold, Edge, Form, Reply, Uploading};
use futures_util::FutureExt;
use store::{Fault, Origin};
use tokio::sync::OwnedSemaphorePermit;

use super::{
    guard::{self, Charge},
    request_id::RequestId,
    socket,
};
use crate::App;

/// What the log says of a request, once it is known.
#[derive(Default)]
struct Told {
    operation: Option<String>,
    user: Option<i64>,
    statements: u32,
    /// What it costs, if the caller asks.
    cost: Option<CostTold>,
}

/// Answers a request, and writes its line of the log: never variables, never tokens.
pub(super) async fn serve(
    State(app): State<App>,
    Extension(RequestId(request_id)): Extension<RequestId>,
    request: Request,
) -> Response<Body> {
    let begun = Instant::now();
    let (head, body) = request.into_parts();
    if socket::is_wanted(&head) {
        return socket::serve(app, head, request_id).await;
    }
    let mut told = Told::default();
    let mut response = match Edge::reply(&head.headers) {
        Err((reply, complaint)) => reply.refuse(&complaint),
        Ok(reply) => {
            let answering = answer(&app, &head, body, reply, &request_id, &mut told);
            // A panic is our fault, and one request's: the server lives on.
            match AssertUnwindSafe(answering).catch_unwind().await {
                Ok(Ok(response)) => response,
                Ok(Err(complaint)) => {
                    // One that is too dear is refused before it is known who asks.
                    let dear = || Some(guard::told(&app, complaint.cost()?));
                    let asks = guard::asks_cost(&head.headers);
                    let cost = told.cost.or_else(|| dear().filter(|_| asks));
                    reply.refuse_telling(&complaint, cost)
                }
                Err(_) => {
                    tracing::error!(request_id, "a request panicked");
                    reply.fail(&request_id)
                }
            }
        }
    };
    let headers = response.headers_mut();
    headers.insert("x-statement-count", told.statements.into());
    tracing::info!(
        request_id,
        operation = told.operation,
        user = told.user,
        status = response.status().as_u16(),
        statements = told.statements,
        duration_ms = begun.elapsed().as_secs_f64() * 1000.0,
        "request"
    );
    response
}

/// Answers a request within its time. The time that its files take to come is their own: a line from a county is slow, and
/// 20 MiB are many; what the server does itself is as quick as ever.
async fn answer(
    app: &App,
    head: &Parts,
    body: Body,
    reply: Reply,
    request_id: &str,
    told: &mut Told,
) -> Result<Response<Body>, Complaint> {
    let begun = Instant::now();
    let system = app.store().system();
    let address = app.parts.proxies.client(head);
    let origin = Origin {
        request_id: request_id.into(),
        address,
    };
    let asked = within(app.parts.timeout, async {
        let received = Received::of(app, head, body, address).await?;
        told.operation = received.accepted().operation.clone();
        let call = system.call(bearer(&head.headers), origin.clone()).await;
        Ok((received, call))
    });
    let (received, call) = asked.await?;
    let mut call = match call {
        Ok(call) => call,
        Err(fault) => return Ok(unreadable(&fault, reply, request_id)),
    };
    told.user = call.viewer().map(|viewer| viewer.account.id.0);
    told.statements = call.statements();
    let accepted = received.accepted();
    if accepted.untrusted {
        let (operation, user) = (&told.operation, told.user);
        tracing::warn!(
            request_id,
            operation,
            user,
            "a document that is not trusted"
        );
    }
    let budgets = &app.parts.budgets;
    let charge = Charge::of(accepted.cost, &call);
    let asks_cost = guard::asks_cost(&head.headers);
    let tell = |told: &mut Told| told.cost = asks_cost.then(|| charge.told(app));
    tell(told);
    let sign_ins = guard::sign_ins(budgets, accepted, &call).await?;
    charge.take(app)?;
    tell(told);
    let left = app.parts.timeout.saturating_sub(begun.elapsed());
    let asked = accepted.asked.clone();
    let (request, _places) = match received {
        Received::Whole(accepted, place) => (accepted.request, (None, place)),
        Received::WithFiles(uploading) => {
            let user = call.viewer().ok_or(Complaint::SignIn)?.account.id;
            let place = async {
                let place = app.parts.uploads.place(user).await;
                place.map_err(|limit| {
                    limit.reached(app.now(), address, Some(user.0));
                    Complaint::TooManyRequests
                })
            };
            let place = within(app.parts.upload_timeout, place).await?;
            let files = within(app.parts.upload_timeout, uploading.finish());
            let request = files.await?.request;
            // Files may take minutes to come: what holds now is what counts.
            let renewed = async { Ok(system.renew(&call, origin).await) };
            call = match within(left, renewed).await? {
                Ok(Some(call)) => call,
                Ok(None) => return Err(Complaint::SignIn),
                Err(fault) => return Ok(unreadable(&fault, reply, request_id)),
            };
            // Not while its files came: they may take minutes.
            let running = guard::place(app, address)?;
            (request, (Some(place), running))
        }
    };
    let answering =
        (app.parts.runner).answer(request, call.clone(), system, reply.language(), left);
    let answered = answering.await;
    told.statements = call.statements();
    let mut answered = answered.map_err(|why| guard::unanswered(app, why, &call))?;
    app.parts.edge.whole_paths(&mut answered.response, &asked);
    sign_ins.done(budgets, answered.signed_in);
    let answer = match told.cost {
        Some(cost) => cost.tell(answered.response),
        None => answered.response,
    };
    Ok(reply.answer(answer))
}

/// The answer when it cannot be known who asks.
fn unreadable(fault: &Fault, reply: Reply, request_id: &str) -> Response<Body> {
    let fault = fault.inside();
    tracing::error!(request_id, fault, "the viewer could not be read");
    reply.fail(request_id)
}

/// Does something within a time.
async fn within<T>(
    most: Duration,
    doing: impl Future<Output = Result<T, Complaint>>,
) -> Result<T, Complaint> {
    let done = tokio::time::timeout(most, doing).await;
    done.unwrap_or(Err(Complaint::Timeout))
}

/// A request whose document was looked at.
enum Received {
    Whole(Accepted, OwnedSemaphorePermit),
    /// Its files are read when it is known who asks, and only from somebody who is signed in.
    WithFiles(Uploading),
}

impl Received {
    async fn of(
        app: &App,
        head: &Parts,
        body: Body,
        address: Option<IpAddr>,
    ) -> Result<Self, Complaint> {
        let edge = &app.parts.edge;
        match Edge::admit(&head.method, &head.headers)? {
            Form::Plain => {
                let most = edge.limits().body;
                let body = app
                    .parts
                    .bodies
                    .read(body, most, address, app.now())
                    .await?;
                // Not while its body came: whoever is slow keeps nobody out.
                let place = guard::place(app, address)?;
                let accepted = edge.receive(&head.method, &head.uri, &body.bytes)?;
                Ok(Self::Whole(accepted, place))
            }
            Form::Multipart { boundary } => {
                let opening = edge.receive_parts(&boundary, body).await?;
                // For as long as its document is looked at; its files come later.
                let _place = guard::place(app, address)?;
                Ok(Self::WithFiles(edge.look_at(opening)?))
            }
        }
    }

    fn accepted(&self) -> &Accepted {
        match self {
            Self::Whole(accepted, _) => accepted,
            Self::WithFiles(uploading) => uploading.accepted(),
        }
    }
}

/// The token of `Authorization: Bearer …`.
pub(super) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}
