//! What the audit log tells, and what is wrong with it.

use async_graphql::Enum;

/// What came of an act, as the audit log keeps it.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "entity::kinds::AuditOutcome")]
pub(crate) enum AuditOutcome {
    /// It was done.
    Succeeded,
    /// It was refused, and changed nothing.
    Refused,
    /// It failed by a fault of the server, and changed nothing.
    Failed,
}

/// What is wrong with the audit log.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "store::AuditProblemKind")]
pub(crate) enum AuditProblemKind {
    /// An entry, or its hash, is not what was sealed: it was changed, or another one stands in its place.
    Altered,
    /// An entry is gone, and its place in the chain is left.
    EntryRemoved,
    /// A place of the chain is gone.
    SealRemoved,
    /// The chain ends before a place that an anchor knows: its end was cut off.
    Truncated,
    /// The chain holds another hash than an anchor knows: it was written anew.
    Rewritten,
    /// An entry has neither a place in the chain nor waits for one: its place was taken away.
    Unchained,
    /// An entry that waited for its place in the chain is gone.
    PendingRemoved,
    /// Entries left the log for an archive of which the log itself does not tell.
    UnknownArchive,
}
