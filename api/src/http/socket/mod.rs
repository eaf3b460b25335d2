//! `/graphql` as a WebSocket: queries, mutations and subscriptions over `graphql-transport-ws`.
//!
//! - **Who asks** is said by `connection_init`, in its payload: `{ "authorization": "Bearer …" }`. Never by a cookie; and a page of
//!   another origin opens no socket, unless the configuration names it. A token that is missing, refused or
//!   expired ends the socket with 4403.
//! - **A token expires** while the socket lives: at that moment the socket ends with 4403. A client that would rather stay
//!   sends `ping` with the payload `{ "authorization": "Bearer …" }` and a new token of the same user and session, which
//!   takes the place of the old one; the answer is `pong`, or 4403.
//! - **A session ends**, or its account is disabled: the socket ends with 4403 within a second.
//! - **What is allowed** is read anew for each operation and for each event of a subscription.
//! - **Nothing is kept for a slow client**: an operation waits until its last message has gone. A client that does not take
//!   one for ten seconds, or gives no sign of life between two pings, is ended with 1013.
//! - The server **stops** with 1001, and takes no more than [`SocketRules::most`] sockets at once, so many of one address, and so many of
//!   one user: one more of an address is 503, and one more of a user ends with 1013. A subscription above the number that a user may
//!   have is an error of its operation.
//! - **Each event** that is told costs what its subscription costs: where the user's budget is used up, the subscription ends with
//!   `RATE_LIMITED`.
//! - **An operation** has one of the places of requests (`http.requests`) from its document on until its answer is there, a subscription until
//!   it waits; where there is none, its error is `UNAVAILABLE`. An event waits for its turn among events (`graphql/src/turns.rs`).

mod connection;
mod operation;

use std::{net::IpAddr, sync::Arc, time::Duration};

use axum::{
    body::Body,
    extract::{FromRequestParts, WebSocketUpgrade},
    http::{Method, Response, header, request::Parts},
};
use chrono::{DateTime, Utc};
use domain::lockout::network;
use edge::{Complaint, Edge, socket::SUBPROTOCOL};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

use super::guard;
use crate::{
    App,
    limit::Limit,
    places::{Place, Places},
};

use connection::{Caller, Connection};

/// How many sockets there may be, and how long they wait.
#[derive(Clone, Copy, Debug)]
pub struct SocketRules {
    /// Sockets at once.
    pub most: u32,
    /// Sockets of one address at once; of an IPv6 address the network counts (/64).
    pub of_address: u32,
    /// Sockets of one user at once.
    pub of_user: u32,
    /// Subscriptions of one user at once, on all sockets together.
    pub subscriptions_of_user: u32,
    /// The longest wait for `connection_init`.
    pub init: Duration,
    /// The time between two pings of the server: whoever gives no sign of life in between is gone.
    pub keep_alive: Duration,
    /// The longest that sending a message may take.
    pub send: Duration,
}

impl Default for SocketRules {
    fn default() -> Self {
        Self {
            most: 10_000,
            of_address: 1_250,
            of_user: 20,
            subscriptions_of_user: 50,
            init: Duration::from_secs(3),
            keep_alive: Duration::from_secs(25),
            send: Duration::from_secs(10),
        }
    }
}

/// The longest wait for sockets to end when the server stops.
const STOPPING: Duration = Duration::from_secs(10);

/// The sockets of a server.
pub(crate) struct Sockets {
    rules: SocketRules,
    places: Arc<Semaphore>,
    all: Limit,
    of_addresses: Places<Option<IpAddr>>,
    of_users: Places<i64>,
    subscriptions: Places<i64>,
    stopping: watch::Sender<bool>,
}

impl Sockets {
    pub(crate) fn new(rules: SocketRules) -> Self {
        Self {
            rules,
            places: Arc::new(Semaphore::new(rules.most as usize)),
            all: Limit::new("http.sockets", rules.most),
            of_addresses: Places::new(Limit::new("http.sockets_of_address", rules.of_address)),
            of_users: Places::new(Limit::new("http.sockets_of_user", rules.of_user)),
            subscriptions: Places::new(Limit::new(
                "http.subscriptions_of_user",
                rules.subscriptions_of_user,
            )),
            stopping: watch::Sender::new(false),
        }
    }

    /// A place for one more of an address; none when there are too many, or the server stops.
    fn enter(
        &self,
        address: Option<IpAddr>,
        now: DateTime<Utc>,
    ) -> Option<(Place<Option<IpAddr>>, OwnedSemaphorePermit)> {
        if *self.stopping.borrow() {
            return None;
        }
        let Some(of_address) = self.of_addresses.take(address.map(network)) else {
            self.of_addresses.limit().reached(now, address, None);
            return None;
        };
        let Ok(place) = Arc::clone(&self.places).try_acquire_owned() else {
            self.all.reached(now, address, None);
            return None;
        };
        Some((of_address, place))
    }

    /// Tells every socket to end, and takes no more.
    pub(crate) fn stop(&self) {
        self.stopping.send_replace(true);
    }

    /// Waits until all have ended, but not for ever.
    pub(crate) async fn stopped(&self) {
        let all = self.places.acquire_many(self.rules.most);
        if tokio::time::timeout(STOPPING, all).await.is_err() {
            tracing::warn!("some sockets did not end in time");
        }
    }
}

/// Whether a request wants to become a socket.
pub(super) fn is_wanted(head: &Parts) -> bool {
    head.method == Method::GET
        && head
            .headers
            .get(header::UPGRADE)
            .and_then(|value| value.to_str().ok())
            .is_some_and(|value| value.eq_ignore_ascii_case("websocket"))
}

/// Makes a socket of a request.
pub(super) async fn serve(app: App, mut head: Parts, request_id: String) -> Response<Body> {
    // A socket has no media type.
    let reply = Edge::reply(&head.headers).unwrap_or_else(|(reply, _)| reply);
    if !app.parts.origins.admit(&head, &app.parts.proxies) {
        return reply.refuse(&Complaint::Origin);
    }
    let Ok(upgrade) = WebSocketUpgrade::from_request_parts(&mut head, &()).await else {
        return reply.refuse(&Complaint::Subprotocol);
    };
    let address = app.parts.proxies.client(&head);
    let asks_cost = guard::asks_cost(&head.headers);
    let upgrade = upgrade.protocols([SUBPROTOCOL]);
    if upgrade.selected_protocol().is_none() {
        return reply.refuse(&Complaint::Subprotocol);
    }
    let Some(place) = app.parts.sockets.enter(address, app.now()) else {
        return reply.refuse(&Complaint::TooManySockets);
    };
    let most = app.parts.edge.limits().message;
    let caller = Caller {
        language: reply.language(),
        request_id,
        address,
        asks_cost,
    };
    upgrade
        // Each socket keeps it for as long as it is open, and 128 KiB of its own accord: messages are short, and longer ones come in parts.
        .read_buffer_size(4 * 1024)
        // A message a little too large is still read, and refused with a proper close.
        .max_message_size(2 * most)
        .max_frame_size(2 * most)
        .on_upgrade(move |socket| async move {
            let _place = place;
            Connection::new(app, socket, caller).run().await;
        })
}
