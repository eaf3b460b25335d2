//! What every request passes, whatever its route: its ID, its address's budget, the headers of every answer; and a panic that ends
//! one request alone.

use std::{net::IpAddr, panic::AssertUnwindSafe, sync::Arc};

use axum::{
    body::Body,
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Response, header},
    middleware::Next,
};
use edge::{Accepted, Budgets, Complaint, CostTold, Edge, Payer, Proving};
use futures_util::FutureExt;
use graphql::Unanswered;
use store::Call;
use tokio::sync::OwnedSemaphorePermit;

use super::{refused, request_id::RequestId};
use crate::App;

/// The header by which a caller asks what an operation costs.
const COST: &str = "luoshi-cost";
/// What is asked by load balancers, again and again, is not counted.
const HEALTH: &str = "/health/";

/// What browsers are told of every answer that does not say otherwise itself.
const ALWAYS: [(&str, &str); 4] = [
    ("x-content-type-options", "nosniff"),
    ("cache-control", "no-store"),
    ("referrer-policy", "no-referrer"),
    (
        "content-security-policy",
        "default-src 'none'; frame-ancestors 'none'",
    ),
];
/// What they are told of pages, too.
const OF_PAGES: [(&str, &str); 4] = [
    ("x-frame-options", "DENY"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    (
        "permissions-policy",
        "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), microphone=(), payment=(), usb=()",
    ),
];
/// A year: this server is not to be spoken to without TLS.
const HSTS: &str = "max-age=31536000";

/// Lets a request through to its route.
pub(super) async fn guard(
    State(app): State<App>,
    mut request: Request,
    next: Next,
) -> Response<Body> {
    let request_id = RequestId::of(&app, &request);
    let RequestId(id) = request_id.clone();
    request.extensions_mut().insert(request_id);
    let secure =
        app.parts.connections.certificate.is_some() || app.parts.proxies.tells_of_tls(&request);
    if let Some(peer) = app.parts.proxies.unnamed(&request)
        && app.parts.unnamed_proxy.now(app.now())
    {
        tracing::warn!(
            request_id = id,
            %peer,
            "X-Forwarded-For is not believed: if this is a proxy, name it in http.trusted_proxies, or all who come through it share one address"
        );
    }
    let reply = Edge::reply(request.headers()).unwrap_or_else(|(reply, _)| reply);
    let passing = async {
        if !request.uri().path().starts_with(HEALTH) {
            let address = app.parts.proxies.client_of(&request);
            if let Err(complaint) = app.parts.budgets.request(address) {
                // Once a minute, whoever it is: otherwise whoever asks faster than they may would fill the log.
                if app.parts.used_up.now(app.now()) {
                    tracing::warn!(
                        request_id = id,
                        address = address.map(tracing::field::display),
                        "an address has used up its requests, and those beyond are refused"
                    );
                }
                return reply.refuse(&complaint);
            }
        }
        next.run(request).await
    };
    // A panic is our fault, and one request's: the server lives on.
    let passed = AssertUnwindSafe(passing).catch_unwind().await;
    let mut response = passed.unwrap_or_else(|_| {
        tracing::error!(request_id = id, "a request panicked");
        reply.fail(&id)
    });
    let headers = response.headers_mut();
    if let Ok(value) = HeaderValue::from_str(&id) {
        headers.insert("x-request-id", value);
    }
    let page = headers
        .get(header::CONTENT_TYPE)
        .is_some_and(|media| media.as_bytes().starts_with(b"text/html"));
    let all = ALWAYS.iter().chain(OF_PAGES.iter().filter(|_| page));
    for (name, value) in all {
        headers
            .entry(HeaderName::from_static(name))
            .or_insert(HeaderValue::from_static(value));
    }
    if secure {
        headers.insert(
            header::STRICT_TRANSPORT_SECURITY,
            HeaderValue::from_static(HSTS),
        );
    }
    response
}

/// Whether a caller asks what operations cost.
pub(super) fn asks_cost(headers: &HeaderMap) -> bool {
    headers.get(COST).is_some_and(|value| value != "0")
}

/// What an operation was counted for, which has a password hashed.
pub(super) struct SignIns {
    names: Vec<String>,
    address: Option<IpAddr>,
}

impl SignIns {
    /// Tells what came of it: a sign-in that succeeds costs its name nothing. The acts for which somebody proves their password always
    /// cost: each may be two hashings.
    pub(super) fn done(&self, budgets: &Budgets, signed_in: bool) {
        for name in self.names.iter().filter(|_| signed_in) {
            budgets.signed_in(name, self.address);
        }
    }
}

/// Counts for whom an operation has passwords hashed, before anything runs: under the name that it tries to sign in as, or the viewer's own;
/// and for which session it refreshes.
/// What is too much is listed in the audit log, up to its limit.
pub(super) async fn sign_ins(
    budgets: &Budgets,
    accepted: &Accepted,
    call: &Call,
) -> Result<SignIns, Complaint> {
    let address = call.origin().address;
    let mut names = Vec::new();
    for proving in &accepted.proving {
        let (name, act) = match (proving, call.viewer()) {
            (Proving::Refresh(token), _) => {
                refresh(budgets, token, call).await?;
                continue;
            }
            // The store reads names in one form, and so do we.
            (Proving::SignIn(name), _) => (store::username(name), "SIGN_IN"),
            (Proving::Own(act), Some(viewer)) => (viewer.account.username.clone(), *act),
            // Refused before anything is hashed.
            (Proving::Own(_), None) => continue,
        };
        if let Err(complaint) = budgets.sign_in(&name, address) {
            let reason = "RATE_LIMITED".to_owned();
            refused::record(call, act, (String::new(), None), reason).await;
            return Err(complaint);
        }
        names.push(name);
    }
    Ok(SignIns { names, address })
}

/// Counts a refresh for its session, whoever asks.
async fn refresh(budgets: &Budgets, token: &str, call: &Call) -> Result<(), Complaint> {
    // A token that is nobody's is refused when it is used, and so is one that cannot be looked up now.
    let Ok(Some(session)) = call.session_of_token(token).await else {
        return Ok(());
    };
    if let Err(complaint) = budgets.refresh(session.0) {
        let (object, reason) = ("Session".to_owned(), "RATE_LIMITED".to_owned());
        refused::record(call, "REFRESH_SESSION", (object, Some(session.0)), reason).await;
        return Err(complaint);
    }
    Ok(())
}

/// What a file costs, evidence or the audit log, as an operation would: some hundred fields.
pub(super) const FILE: u64 = 1000;

/// What it costs that a subscription looks at the database because something has happened, whether or not its viewer hears of it: two
/// statements, each of a row.
const LOOK: u64 = 5;

/// What something costs, and who pays.
#[derive(Clone, Copy)]
pub(super) struct Charge {
    payer: Payer,
    cost: u64,
}

impl Charge {
    /// Whoever asks pays.
    pub(super) fn of(cost: u64, call: &Call) -> Self {
        let payer = match call.viewer() {
            Some(viewer) => Payer::User(viewer.account.id.0),
            None => Payer::Stranger(call.origin().address),
        };
        Self { payer, cost }
    }

    /// Whoever pays for this, for one look of a subscription.
    pub(super) const fn of_look(self) -> Self {
        Self { cost: LOOK, ..self }
    }

    /// Charges it.
    pub(super) fn take(self, app: &App) -> Result<(), Complaint> {
        let charged = app.parts.budgets.charge(self.payer, self.cost);
        charged.map(|_| ())
    }

    /// What it costs and what is left, to tell whoever asks.
    pub(super) fn told(self, app: &App) -> CostTold {
        CostTold {
            left: app.parts.budgets.left(self.payer),
            ..told(app, self.cost)
        }
    }
}

/// What an operation costs, where it is not known who asks.
pub(super) fn told(app: &App, cost: u64) -> CostTold {
    CostTold {
        requested: cost,
        limit: app.parts.edge.limits().cost,
        left: None,
    }
}

/// A place among the requests and operations that are read and run at once.
pub(super) fn place(app: &App, address: Option<IpAddr>) -> Result<OwnedSemaphorePermit, Complaint> {
    let place = Arc::clone(&app.parts.running).try_acquire_owned();
    place.map_err(|_| {
        app.parts.requests.reached(app.now(), address, None);
        Complaint::TooManyRequests
    })
}

/// What is said of a request that has no answer.
pub(super) fn unanswered(app: &App, why: Unanswered, call: &Call) -> Complaint {
    let (now, address) = (app.now(), call.origin().address);
    match why {
        Unanswered::OutOfTime => return Complaint::Timeout,
        // It is for others that there is none.
        Unanswered::Busy => app.parts.turns.reached(now, None, None),
        Unanswered::OwnLine => {
            let user = call.viewer().map(|viewer| viewer.account.id.0);
            app.parts.in_line.reached(now, address, user);
        }
    }
    Complaint::TooManyRequests
}

/// Counts an operation over a socket as a request of its address.
pub(super) fn operation(app: &App, address: Option<IpAddr>) -> Result<(), Complaint> {
    app.parts.budgets.request(address)
}
