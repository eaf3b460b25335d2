//! Turns: how many queries, events and acts are answered at once.
//!
//! What is being answered holds far more than what waits: what has been read for it so far, and what each of its fields waits with. The database
//! answers so many statements at once and no more, so what would only wait for a connection waits before it begins. One user has half
//! of the turns at most, and a line of their own.
//!
//! An act has the writer's queue, or a row's, and may wait there for a password's hash or for a file, for which no query should: it takes no
//! turn of those who read. But it waits there with a connection, so that few of one user do.
//!
//! Strangers need no turn: they are told nothing that is read, and act by signing in alone.

use std::{sync::Arc, time::Duration};

use entity::ids::UserId;
use store::Call;
use tokio::time::{Instant, timeout_at};

use crate::lines::{LineFull, Lines, Place};

/// For each connection that reads. A query waits for other things, too, and four keep a connection busy.
const EACH: usize = 4;
/// Acts of one user at once.
const ACTS: usize = 4;
/// Queries of one user that wait, and acts.
pub const IN_LINE: usize = 64;

/// The turns of queries and acts. Cheap to clone: the clones share them.
#[derive(Clone, Debug)]
pub struct Turns {
    queries: Arc<Lines>,
    acts: Arc<Lines>,
}

/// The turns of events, which wait for as long as that takes. Cheap to clone, too.
#[derive(Clone, Debug)]
pub struct EventTurns(Arc<Lines>);

/// There is no turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoTurn {
    /// The user's own line is full, or what they have asked before takes too long.
    OwnLine,
    /// Others hold the turns.
    TooLate,
}

impl Turns {
    /// Turns for so many connections that read.
    pub fn new(readers: u32) -> Self {
        Self::of(readers as usize * EACH)
    }

    fn of(queries: usize) -> Self {
        Self {
            queries: shared(queries, IN_LINE),
            acts: Arc::new(Lines::new(Lines::ANY, ACTS, IN_LINE)),
        }
    }

    /// A turn for a query, or for an act, within so long; none for a stranger's.
    pub(crate) async fn take(
        &self,
        call: &Call,
        acts: bool,
        patience: Duration,
    ) -> Result<Option<Place>, NoTurn> {
        let Some(user) = user_of(call) else {
            return Ok(None);
        };
        let lines = if acts { &self.acts } else { &self.queries };
        let deadline = Instant::now() + patience;
        // Who runs out of time before others count waits for themselves alone.
        let own = timeout_at(deadline, lines.own(user)).await;
        let own = own.unwrap_or(Err(LineFull));
        let own = own.map_err(|LineFull| NoTurn::OwnLine)?;
        let place = timeout_at(deadline, lines.one_of_all(own)).await;
        place.map(Some).map_err(|_| NoTurn::TooLate)
    }
}

impl EventTurns {
    /// Turns for so many connections that read.
    pub fn new(readers: u32) -> Self {
        Self(shared(readers as usize * EACH, Lines::ANY))
    }

    /// A turn for an event; none for a stranger's.
    pub(crate) async fn wait(&self, call: &Call) -> Option<Place> {
        self.0.place(user_of(call)?).await.ok()
    }
}

/// So many, half of them one user's.
fn shared(turns: usize, waiting: usize) -> Arc<Lines> {
    Arc::new(Lines::new(turns.max(1), (turns / 2).max(1), waiting))
}

fn user_of(call: &Call) -> Option<UserId> {
    call.viewer().map(|viewer| viewer.account.id)
}

#[cfg(test)]
impl Turns {
    /// So many for queries.
    pub(crate) fn so_many(queries: usize) -> Self {
        Self::of(queries)
    }

    /// Those of queries.
    pub(crate) fn queries(&self) -> &Lines {
        &self.queries
    }
}

#[cfg(test)]
impl EventTurns {
    /// So many.
    pub(crate) fn so_many(events: usize) -> Self {
        Self(shared(events, Lines::ANY))
    }

    pub(crate) fn lines(&self) -> &Lines {
        &self.0
    }
}
