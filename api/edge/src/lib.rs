//! GraphQL over HTTP and over WebSocket: what a request may look like and cost, before anything runs; and what an
//! answer looks like.
//!
//! async-graphql executes as the specification says, but leaves the edge open: this crate reads requests and writes
//! answers as GraphQL over HTTP asks, and looks at a document once before it runs. A request goes through
//! [`Edge::receive`] in this order: method, media types, body, trust, document size, syntax, shape, cost, variables. One with files
//! goes through [`Edge::receive_parts`] and [`Edge::look_at`], and its files are read last. One that comes over a socket
//! ([`socket`]) goes through the same from the document on, by [`Edge::subscribe`].

// A panic loses a request.
#![cfg_attr(
    not(test),
    warn(clippy::expect_used, clippy::panic, clippy::unwrap_used)
)]

mod accept;
mod answer;
mod budget;
mod complaint;
mod document;
mod expansion;
mod language;
mod merge;
mod path;
mod receive;
mod scan;
mod schema;
mod sign_in;
pub mod socket;
mod subscription;
#[cfg(any(test, fuzzing))]
pub mod trial;
mod trust;
mod typename;
mod upload;
mod values;
mod variables;
mod way;

#[cfg(test)]
mod tests;
#[cfg(test)]
mod upload_tests;

pub use accept::Media;
pub use answer::{CostTold, Reply};
pub use budget::{BudgetRules, Budgets, Left, Payer};
pub use complaint::{Complaint, Measure};
pub use language::language;
pub use receive::{Accepted, Asked, Edge, Kind, opening};
pub use scan::plain_escapes;
pub use schema::{Priced, Scalar};
pub use sign_in::Proving;
pub use trust::{Documents, Trust};
pub use upload::{Form, Opening, Uploading};

/// How large and how costly a request may be.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Bytes of a request's body, and of the part `operations` of one with files.
    pub body: usize,
    /// Bytes of the body of a request with files.
    pub upload: usize,
    /// Files of a request.
    pub files: usize,
    /// Bytes of a file.
    pub file: usize,
    /// Bytes of a message over a socket.
    pub message: usize,
    /// Operations at once on one socket.
    pub operations: usize,
    /// Bytes of a document.
    pub query: usize,
    /// Values in a body of JSON, those in lists and objects counted: each takes far more room than it takes in the body.
    pub values: usize,
    /// Tokens of a document.
    pub tokens: usize,
    /// Operations and fragments of a document.
    pub definitions: usize,
    /// Aliases of an operation, fragments counted where they are spread.
    pub aliases: usize,
    /// Directives of an operation, fragments counted where they are spread.
    pub directives: usize,
    /// Fields of an operation, fragments counted where they are spread.
    pub fields: usize,
    /// Levels of an operation.
    pub depth: usize,
    /// Root fields of a query. A mutation has one, and so has a subscription.
    pub roots: usize,
    /// What an operation may cost: a field is one, and what lies in a list costs as often as the list may be long; a list costs as
    /// often as its filter has filters in it, and a hundred for each of those inside it. A mutation costs ten for each item of its input,
    /// and a list that it answers with costs as often as the longest list of its input is long.
    pub cost: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body: 1024 * 1024,
            upload: 61 * 1024 * 1024,
            files: 10,
            file: 20 * 1024 * 1024,
            message: 64 * 1024,
            operations: 20,
            query: 32 * 1024,
            values: 20_000,
            tokens: 4000,
            definitions: 50,
            aliases: 30,
            directives: 50,
            fields: 2000,
            depth: 16,
            roots: 20,
            cost: 50_000,
        }
    }
}
