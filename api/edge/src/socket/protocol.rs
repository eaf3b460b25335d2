//! One connection: what a message means in the state that the connection is in.

use std::collections::HashMap;

use serde_json::{Map, Value};

use super::{
    Close,
    message::{Message, Said},
};

/// The message that acknowledges a connection.
pub const ACK: &str = r#"{"type":"connection_ack"}"#;
/// The answer to a ping.
pub const PONG: &str = r#"{"type":"pong"}"#;

/// What is to be done after a message.
#[derive(Debug, PartialEq)]
pub enum Step {
    /// Nothing.
    Nothing,
    /// Find out whose token this is; then [`Protocol::admit`] and send [`ACK`], or close with [`Close::Forbidden`].
    Authenticate {
        /// The token; none when there was none.
        token: Option<String>,
    },
    /// Find out whether this is a new token of the same user and session; then send [`PONG`], or close with
    /// [`Close::Forbidden`].
    Refresh {
        /// The token.
        token: String,
    },
    /// Send [`PONG`].
    Pong,
    /// Begin an operation.
    Start {
        /// The operation's place in this connection.
        ticket: Ticket,
        /// The request.
        payload: Map<String, Value>,
    },
    /// There are too many operations: say so for this one, which has begun and must end.
    TooMany {
        /// The operation's place in this connection.
        ticket: Ticket,
    },
    /// The client wants no more of an operation.
    Stop {
        /// The operation's place in this connection.
        ticket: Ticket,
    },
    /// End the connection.
    Close(Close),
}

/// An operation's place in its connection: its ID, and which of the operations that had this ID it is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Ticket {
    id: String,
    serial: u64,
}

impl Ticket {
    /// The ID that the client gave the operation.
    pub fn id(&self) -> &str {
        &self.id
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Nothing has come.
    Fresh,
    /// `connection_init` has come, and has not been answered.
    Initialising,
    /// `connection_ack` has gone.
    Acknowledged,
    /// The connection has ended.
    Closed,
}

/// One connection.
#[derive(Debug)]
pub struct Protocol {
    state: State,
    /// The operations that run.
    running: HashMap<String, u64>,
    serial: u64,
    most: usize,
}

impl Protocol {
    /// A connection on which nothing has been said, with at most so many operations at once.
    pub fn new(most: usize) -> Self {
        Self {
            state: State::Fresh,
            running: HashMap::new(),
            serial: 0,
            most,
        }
    }

    /// A message of the client.
    pub fn receive(&mut self, text: &str) -> Step {
        if self.state == State::Closed {
            return Step::Nothing;
        }
        match Message::read(text) {
            Ok(message) => self.step(message),
            Err(close) => self.close(close),
        }
    }

    /// A message that is no text: there is none such in the protocol.
    pub fn receive_binary(&mut self) -> Step {
        if self.state == State::Closed {
            return Step::Nothing;
        }
        self.close(Close::BadMessage("not text"))
    }

    fn step(&mut self, message: Message) -> Step {
        match (message, self.state) {
            (Message::Init(token), State::Fresh) => {
                self.state = State::Initialising;
                Step::Authenticate { token }
            }
            (Message::Init(_), _) => self.close(Close::TooManyInits),
            // A token can only take the place of one.
            (Message::Ping(Some(token)), State::Acknowledged) => Step::Refresh { token },
            (Message::Ping(_), _) => Step::Pong,
            (Message::Pong, _) => Step::Nothing,
            (Message::Subscribe(id, payload), State::Acknowledged) => {
                if self.running.contains_key(&id) {
                    return self.close(Close::Duplicate(id));
                }
                let full = self.running.len() >= self.most;
                self.serial += 1;
                self.running.insert(id.clone(), self.serial);
                let ticket = Ticket {
                    id,
                    serial: self.serial,
                };
                if full {
                    Step::TooMany { ticket }
                } else {
                    Step::Start { ticket, payload }
                }
            }
            (Message::Subscribe(..), _) => self.close(Close::Unauthorized),
            // Both sides may end an operation at the same moment: there is nothing wrong with one that runs no more.
            (Message::Complete(id), _) => match self.running.remove(&id) {
                Some(serial) => Step::Stop {
                    ticket: Ticket { id, serial },
                },
                None => Step::Nothing,
            },
        }
    }

    /// The client's token is good: operations may begin.
    pub fn admit(&mut self) {
        if self.state == State::Initialising {
            self.state = State::Acknowledged;
        }
    }

    /// The time for `connection_init` is over: the connection ends, if none has come.
    pub fn init_timeout(&mut self) -> Option<Close> {
        if self.state != State::Fresh {
            return None;
        }
        self.state = State::Closed;
        Some(Close::InitTimeout)
    }

    /// What an operation says: the message that goes out, unless the client wants no more of it.
    pub fn say(&mut self, ticket: &Ticket, said: Said) -> Option<String> {
        if self.running.get(&ticket.id) != Some(&ticket.serial) {
            return None;
        }
        if said.is_last() {
            self.running.remove(&ticket.id);
        }
        Some(said.into_text())
    }

    /// Operations that run.
    pub fn running(&self) -> usize {
        self.running.len()
    }

    /// Whether the connection has ended.
    pub fn is_closed(&self) -> bool {
        self.state == State::Closed
    }

    /// Ends the connection.
    pub fn end(&mut self) {
        self.state = State::Closed;
        self.running.clear();
    }

    fn close(&mut self, close: Close) -> Step {
        self.end();
        Step::Close(close)
    }
}
