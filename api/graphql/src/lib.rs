//! The GraphQL schema, over the store. There is no SQL here, and no way to get at any: a resolver asks its request's
//! [`store::Call`], which knows who asks.

// The mutations are one object merged of many: with optimisation, the layout of its futures is more than 128 types deep.
#![recursion_limit = "256"]
// A panic loses a request.
#![cfg_attr(
    not(test),
    warn(clippy::expect_used, clippy::panic, clippy::unwrap_used)
)]

mod attempt;
mod batches;
mod connection;
mod enums;
mod error;
mod id;
mod lines;
mod live;
mod loader;
mod messages;
mod mutation;
mod query;
mod request;
mod runner;
mod scalar;
#[cfg(test)]
mod signed_in;
mod subscription;
#[cfg(any(test, fuzzing))]
pub mod trial;
mod turns;
mod types;
mod validate;
mod while_used;

use async_graphql::{ID, Schema, SchemaBuilder};
use domain::Language;
use entity::ids::AttachmentId;
use files::Files;

pub use attempt::is_audited;
pub use lines::{LineFull, Lines, Place};
pub use live::{Live, Subscriber};
pub use runner::{Answered, Runner, Unanswered};
pub use scalar::{SCALARS, ScalarRule, moment};
pub use turns::{EventTurns, IN_LINE, Turns};
pub use types::{audited_object, audited_user};
pub use validate::Validator;

use id::Global;
use mutation::Mutation;
use query::Query;
use subscription::Subscription;

/// The executable schema, for queries and mutations.
pub type LuoshiRunner = Runner<Query, Mutation, Subscription>;

/// The executable schema, for subscriptions.
pub type LuoshiLive = Live<Query, Mutation, Subscription>;

/// Where evidence files can be downloaded: below this path, by their IDs.
pub const DOWNLOADS: &str = "/attachments";

/// The evidence file of a global ID; none when it is malformed or of something else.
pub fn attachment_id(id: &str) -> Option<AttachmentId> {
    AttachmentId::local(&ID(id.to_owned()))
}

/// What the schema does not tell of a field's price: its type (`*` for all that have it) and name, the most that it holds if it is a list
/// without pages, and what it costs by itself. Lists that come back to where they began, and aggregates, are dear.
pub const PRICES: [(&str, &str, Option<u64>, u64); 15] = [
    // A year's months.
    (
        "CreateReportingPeriodsPayload",
        "reportingPeriods",
        Some(12),
        1,
    ),
    (
        "ImportUsersPayload",
        "accounts",
        Some(store::command::MOST_ACCOUNTS as u64),
        1,
    ),
    // Months and quarters.
    ("Plan", "reportingPeriods", Some(16), 1),
    // The first level of the outline, and what stands below one.
    ("Plan", "sections", Some(12), 1),
    ("Section", "children", Some(8), 1),
    // A row for each unit, or leader, or section.
    ("Plan", "statistics", Some(100), 100),
    ("Plan", "trend", Some(16), 100),
    ("Plan", "unitRanking", None, 100),
    // It reads the whole log, one at once.
    ("Query", "auditVerification", None, 1000),
    // They begin with no plan, and look into all years.
    ("Leader", "targets", None, 30),
    ("Unit", "targets", None, 30),
    ("Statistics", "byLight", Some(4), 1),
    ("Statistics", "byState", Some(8), 1),
    ("UnitScore", "parts", Some(8), 1),
    // They lead nowhere.
    ("*", "availableActions", Some(8), 1),
];

/// The schema without its settings, for the server to finish. Evidence files go into the storage that is given.
pub fn serving(files: Files) -> SchemaBuilder<Query, Mutation, Subscription> {
    builder().data(files)
}

fn builder() -> SchemaBuilder<Query, Mutation, Subscription> {
    Schema::build(Query::default(), Mutation::default(), Subscription).disable_suggestions()
}

/// The schema in GraphQL's own language, as `schema.graphql` records it.
pub fn sdl() -> String {
    let options = async_graphql::SDLExportOptions::new()
        .sorted_fields()
        .sorted_arguments()
        .sorted_enum_items()
        .prefer_single_line_descriptions();
    builder().finish().sdl_with_options(options)
}

/// Why an act is refused, in words.
pub fn words(reason: &domain::Reason, language: Language) -> String {
    messages::reason(reason, language)
}
