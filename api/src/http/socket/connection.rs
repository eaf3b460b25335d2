//! One socket: what comes in, what goes out, and the clock.

use std::{collections::HashMap, net::IpAddr, time::Duration};

use axum::{
    Error,
    extract::ws::{CloseFrame, Message, WebSocket},
};
use chrono::{DateTime, Utc};
use domain::Language;
use edge::{
    Accepted, Complaint, Kind, Measure,
    socket::{ACK, Close, PONG, Protocol, Said, Step, Ticket, say_complaint},
};
use serde_json::{Map, Value};
use store::{Call, Origin, SessionWatch};
use tokio::{
    sync::{OwnedSemaphorePermit, mpsc, watch},
    task::{AbortHandle, JoinSet},
    time::{Instant, MissedTickBehavior, interval, sleep, timeout},
};

use super::operation::{Operation, Word};
use crate::{
    App,
    http::{
        guard::{self, Charge},
        request_id::RequestId,
    },
    limit::Limit,
    places::Place,
};

/// How often the clock is looked at.
const TICK: Duration = Duration::from_secs(1);
/// How long a client may take to answer a close.
const FAREWELL: Duration = Duration::from_secs(1);

/// Waits until the server stops.
async fn told_to_stop(stopping: &mut watch::Receiver<bool>) {
    // The sender lives as long as the server.
    let _ = stopping.wait_for(|stopping| *stopping).await;
}

/// Who asks, until when.
struct Who {
    call: Call,
    expires: DateTime<Utc>,
    /// Knows when the session ends.
    watch: SessionWatch,
}

/// The user, if there is one.
fn user_of(call: &Call) -> Option<i64> {
    call.viewer().map(|viewer| viewer.account.id.0)
}

/// Waits until the session of whoever asks has ended.
async fn session_ended(who: &mut Option<Who>) {
    match who {
        Some(who) => who.watch.ended().await,
        None => std::future::pending().await,
    }
}

/// An operation that runs.
struct Running {
    task: AbortHandle,
    /// The user's place for a subscription: free again as soon as nobody wants it any more, whatever its task still does.
    _place: Option<Place<i64>>,
}

/// An operation that may run.
struct Admitted {
    accepted: Accepted,
    charge: Charge,
    /// Its place among those that are read and run at once.
    running: OwnedSemaphorePermit,
    /// The user's place for a subscription.
    place: Option<Place<i64>>,
}

/// Why the loop ends.
enum End {
    /// We end it.
    Close(Close),
    /// The client has gone.
    Gone,
}

/// Who opened a socket, and what they asked for then.
pub(super) struct Caller {
    pub(super) language: Language,
    /// The socket's own ID.
    pub(super) request_id: String,
    pub(super) address: Option<IpAddr>,
    /// Answers tell what operations cost.
    pub(super) asks_cost: bool,
}

pub(super) struct Connection {
    app: App,
    socket: WebSocket,
    caller: Caller,
    protocol: Protocol,
    who: Option<Who>,
    /// The user's place for this socket.
    place: Option<Place<i64>>,
    operations: JoinSet<()>,
    running: HashMap<Ticket, Running>,
    /// For the operations: there is room for one message, and whoever has another waits.
    speaker: mpsc::Sender<(Ticket, Word)>,
    words: mpsc::Receiver<(Ticket, Word)>,
    /// The last ping, and whether anything has come since.
    pinged: Instant,
    heard: bool,
}

impl Connection {
    pub(super) fn new(app: App, socket: WebSocket, caller: Caller) -> Self {
        let (speaker, words) = mpsc::channel(1);
        let protocol = Protocol::new(app.parts.edge.limits().operations);
        Self {
            app,
            socket,
            caller,
            protocol,
            who: None,
            place: None,
            operations: JoinSet::new(),
            running: HashMap::new(),
            speaker,
            words,
            pinged: Instant::now(),
            heard: true,
        }
    }

    /// Serves the socket until it ends.
    pub(super) async fn run(mut self) {
        tracing::info!(request_id = self.caller.request_id, "socket begins");
        let close = match self.serve().await {
            End::Close(close) => Some(close),
            End::Gone => None,
        };
        self.protocol.end();
        self.operations.shutdown().await;
        self.running.clear();
        let user = self.user();
        let code = close.as_ref().map(Close::code);
        if let Some(close) = close {
            self.part(close).await;
        }
        tracing::info!(
            request_id = self.caller.request_id,
            user,
            code,
            "socket ends"
        );
    }

    fn user(&self) -> Option<i64> {
        self.who.as_ref().and_then(|who| user_of(&who.call))
    }

    async fn serve(&mut self) -> End {
        let rules = self.app.parts.sockets.rules;
        let mut stopping = self.app.parts.sockets.stopping.subscribe();
        let init = sleep(rules.init);
        tokio::pin!(init);
        let mut waits = true;
        let mut tick = interval(TICK);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let outcome = tokio::select! {
                () = told_to_stop(&mut stopping) => Err(End::Close(Close::Stopping)),
                message = self.socket.recv() => self.hear(message).await,
                Some((ticket, word)) = self.words.recv() => self.tell(&ticket, word).await,
                () = &mut init, if waits => {
                    waits = false;
                    self.protocol.init_timeout().map_or(Ok(()), |close| Err(End::Close(close)))
                }
                _ = tick.tick() => self.tick().await,
                () = session_ended(&mut self.who) => Err(End::Close(Close::Forbidden)),
                Some(_) = self.operations.join_next() => Ok(()),
            };
            if let Err(end) = outcome {
                return end;
            }
        }
    }

    /// Something has come.
    async fn hear(&mut self, message: Option<Result<Message, Error>>) -> Result<(), End> {
        self.heard = true;
        let step = match message {
            None | Some(Ok(Message::Close(_))) => return Err(End::Gone),
            // The library tells no more: what is far too large, or no WebSocket any more.
            Some(Err(_)) => return Err(End::Close(Close::TooLarge)),
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => return Ok(()),
            Some(Ok(Message::Binary(_))) => self.protocol.receive_binary(),
            Some(Ok(Message::Text(text))) => {
                if text.len() > self.app.parts.edge.limits().message {
                    return Err(End::Close(Close::TooLarge));
                }
                self.protocol.receive(&text)
            }
        };
        match step {
            Step::Nothing => Ok(()),
            Step::Close(close) => Err(End::Close(close)),
            Step::Authenticate { token } => {
                let token = token.ok_or(End::Close(Close::Forbidden))?;
                let who = self.authenticate(&token).await?;
                let user = user_of(&who.call).ok_or(End::Close(Close::Forbidden))?;
                let places = &self.app.parts.sockets.of_users;
                let Some(place) = places.take(user) else {
                    self.reached(places.limit(), user);
                    return Err(End::Close(Close::TryAgain("Too many sockets")));
                };
                self.place = Some(place);
                self.who = Some(who);
                self.protocol.admit();
                tracing::info!(
                    request_id = self.caller.request_id,
                    user = self.user(),
                    "socket is acknowledged"
                );
                self.send(Message::Text(ACK.into())).await
            }
            Step::Refresh { token } => {
                // Each asks the database who it is.
                if guard::operation(&self.app, self.caller.address).is_err() {
                    return Err(End::Close(Close::TryAgain("Too many requests")));
                }
                let fresh = self.authenticate(&token).await?;
                let session = |who: &Who| {
                    let viewer = who.call.viewer();
                    viewer.map(|viewer| (viewer.account.id, viewer.session))
                };
                if self.who.as_ref().and_then(session) != session(&fresh) {
                    return Err(End::Close(Close::Forbidden));
                }
                self.who = Some(fresh);
                self.send(Message::Text(PONG.into())).await
            }
            Step::Pong => self.send(Message::Text(PONG.into())).await,
            Step::TooMany { ticket } => {
                // It counts as any other.
                let counted = guard::operation(&self.app, self.caller.address);
                let complaint = counted.err().unwrap_or(Complaint::TooMuch {
                    what: Measure::Operations,
                    most: self.app.parts.edge.limits().operations as u64,
                });
                self.refuse(&ticket, &complaint).await
            }
            Step::Stop { ticket } => {
                if let Some(running) = self.running.remove(&ticket) {
                    running.task.abort();
                }
                Ok(())
            }
            Step::Start { ticket, payload } => {
                let call = self.still_good()?.call.clone();
                let admitted = match self.admit(payload, &call) {
                    Ok(admitted) => admitted,
                    Err(complaint) => return self.refuse(&ticket, &complaint).await,
                };
                let Admitted {
                    accepted,
                    charge,
                    running,
                    place,
                } = admitted;
                let operation = Operation {
                    cost: (self.caller.asks_cost).then(|| charge.told(&self.app)),
                    charge,
                    user: user_of(&call),
                    app: self.app.clone(),
                    ticket: ticket.clone(),
                    kind: accepted.kind,
                    name: accepted.operation.clone(),
                    language: self.caller.language,
                    request_id: RequestId::new(&self.app).0,
                    socket: self.caller.request_id.clone(),
                    speaker: self.speaker.clone(),
                };
                let running = Running {
                    task: self
                        .operations
                        .spawn(operation.run(call, accepted, running)),
                    _place: place,
                };
                self.running.insert(ticket, running);
                Ok(())
            }
        }
    }

    /// Reads an operation, and finds out whether there is room and money for it.
    fn admit(&self, payload: Map<String, Value>, call: &Call) -> Result<Admitted, Complaint> {
        guard::operation(&self.app, self.caller.address)?;
        let running = guard::place(&self.app, self.caller.address)?;
        let accepted = self.app.parts.edge.subscribe(payload)?;
        let place = self.place_of(accepted.kind, call)?;
        let charge = Charge::of(accepted.cost, call);
        charge.take(&self.app)?;
        Ok(Admitted {
            accepted,
            charge,
            running,
            place,
        })
    }

    /// Says in the log that a user has all that a limit leaves them.
    fn reached(&self, limit: &Limit, user: i64) {
        limit.reached(self.app.now(), self.caller.address, Some(user));
    }

    /// The user's place for a subscription; other operations need none.
    fn place_of(&self, kind: Kind, call: &Call) -> Result<Option<Place<i64>>, Complaint> {
        let (Kind::Subscription, Some(user)) = (kind, user_of(call)) else {
            return Ok(None);
        };
        let sockets = &self.app.parts.sockets;
        match sockets.subscriptions.take(user) {
            Some(place) => Ok(Some(place)),
            None => {
                let limit = sockets.subscriptions.limit();
                self.reached(limit, user);
                Err(Complaint::TooMuch {
                    what: Measure::Subscriptions,
                    most: limit.most().into(),
                })
            }
        }
    }

    /// An operation has something to say.
    async fn tell(&mut self, ticket: &Ticket, word: Word) -> Result<(), End> {
        match word {
            Word::Forbidden => Err(End::Close(Close::Forbidden)),
            Word::Said(said) => self.say(ticket, said).await,
        }
    }

    async fn say(&mut self, ticket: &Ticket, said: Said) -> Result<(), End> {
        if said.is_last() {
            self.running.remove(ticket);
        }
        let Some(text) = self.protocol.say(ticket, said) else {
            return Ok(());
        };
        self.still_good()?;
        self.send(Message::Text(text.into())).await
    }

    async fn refuse(&mut self, ticket: &Ticket, complaint: &Complaint) -> Result<(), End> {
        let said = say_complaint(ticket.id(), complaint, self.caller.language);
        self.say(ticket, said).await
    }

    /// A second has passed.
    async fn tick(&mut self) -> Result<(), End> {
        if self.who.is_none() {
            return Ok(());
        }
        self.still_good()?;
        if self.pinged.elapsed() < self.app.parts.sockets.rules.keep_alive {
            return Ok(());
        }
        if !self.heard {
            return Err(End::Close(Close::TryAgain("No sign of life")));
        }
        self.pinged = Instant::now();
        self.heard = false;
        self.send(Message::Ping(Vec::new().into())).await
    }

    /// Who asks, while their token is good.
    fn still_good(&self) -> Result<&Who, End> {
        let now = self.app.parts.clock.now();
        let who = self.who.as_ref().filter(|who| now < who.expires);
        who.ok_or(End::Close(Close::Forbidden))
    }

    async fn authenticate(&mut self, token: &str) -> Result<Who, End> {
        let system = self.app.store().system();
        match system.call_until(token, self.origin()).await {
            Ok(Some((call, expires))) => {
                let viewer = call.viewer().ok_or(End::Close(Close::Forbidden))?;
                let watch = self.app.store().watch_session(viewer.session);
                Ok(Who {
                    call,
                    expires,
                    watch,
                })
            }
            Ok(None) => Err(End::Close(Close::Forbidden)),
            Err(fault) => {
                self.log(&fault);
                Err(End::Close(Close::TryAgain("Try again later")))
            }
        }
    }

    fn origin(&self) -> Origin {
        Origin {
            request_id: self.caller.request_id.as_str().into(),
            address: self.caller.address,
        }
    }

    fn log(&self, fault: &store::Fault) {
        tracing::error!(
            request_id = self.caller.request_id,
            fault = fault.inside(),
            "the viewer could not be read"
        );
    }

    async fn send(&mut self, message: Message) -> Result<(), End> {
        let longest = self.app.parts.sockets.rules.send;
        match timeout(longest, self.socket.send(message)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(End::Gone),
            Err(_) => Err(End::Close(Close::TryAgain("Too slow"))),
        }
    }

    /// Says why it ends, and waits a moment for the answer: what the client has sent and nobody reads would otherwise
    /// make the machine drop the close on its way.
    async fn part(&mut self, close: Close) {
        let frame = CloseFrame {
            code: close.code(),
            reason: close.reason().into(),
        };
        let farewell = async {
            if self.socket.send(Message::Close(Some(frame))).await.is_ok() {
                while let Some(Ok(_)) = self.socket.recv().await {}
            }
        };
        // It ends all the same.
        let _ = timeout(FAREWELL, farewell).await;
    }
}
