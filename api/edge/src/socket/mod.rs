//! GraphQL over WebSocket: the protocol `graphql-transport-ws`, without any socket.
//!
//! [`Protocol`] is one connection: it reads each message of the client and says what is to be done ([`Step`]), and it
//! decides which words of an operation still go out. It knows no clock and no network, so every order of messages can
//! be tried. Whoever drives it admits the client ([`Protocol::admit`]), runs the operations, and ends the connection with
//! the [`Close`] that it is given; after that every message is ignored.
//!
//! The codes of closing are the protocol's. Clients such as `graphql-ws` come back after 4403, 4408, 1001 and 1013, and
//! give up after 4400, 4401, 4409, 4429 and 1009: a token that is refused is 4403, so that a client returns with a fresh one.

mod close;
mod message;
mod protocol;

#[cfg(test)]
mod tests;

pub use close::Close;
pub use message::{Said, say, say_complaint, say_failure};
pub use protocol::{ACK, PONG, Protocol, Step, Ticket};

/// The subprotocol: the only one that is spoken.
pub const SUBPROTOCOL: &str = "graphql-transport-ws";
