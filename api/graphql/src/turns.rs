//! Turns: how many queries, or events, are answered at once.
//!
//! What is being answered holds far more than what waits: what has been read for it so far, and what each of its fields waits with. The database
//! answers so many statements at once and no more, so what would only wait for a connection waits before it begins. One user has half
//! of the turns at most: whoever asks for much waits in a line of their own, and not before everybody.
//!
//! Strangers need no turn, for they are told nothing that is read. Acts take none: an act has the writer's queue, or a row's, and may wait there for a
//! password's hash or for a file.

use std::{iter, sync::Arc};

use store::Call;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Lines of users. Two whose numbers differ by as many share one.
const LINES: usize = 256;

/// So many turns. Cheap to clone: the clones share them.
#[derive(Clone)]
pub struct Turns {
    all: Arc<Semaphore>,
    lines: Arc<[Arc<Semaphore>]>,
}

/// A turn, until it is dropped.
pub(crate) struct Turn {
    _of_user: OwnedSemaphorePermit,
    _of_all: OwnedSemaphorePermit,
}

impl Turns {
    /// As many turns as may be answered at once, one at least.
    pub fn new(at_once: usize) -> Self {
        let line = || Arc::new(Semaphore::new((at_once / 2).max(1)));
        Self {
            all: Arc::new(Semaphore::new(at_once.max(1))),
            lines: iter::repeat_with(line).take(LINES).collect(),
        }
    }

    /// A turn for whoever asks, when it comes; none for a stranger.
    pub(crate) async fn take(&self, call: &Call) -> Option<Turn> {
        let user = call.viewer()?.account.id.0;
        let line = usize::try_from(user).unwrap_or_default() % LINES;
        // Nobody closes them.
        let of_user = Arc::clone(self.lines.get(line)?).acquire_owned().await;
        let of_all = Arc::clone(&self.all).acquire_owned().await;
        Some(Turn {
            _of_user: of_user.ok()?,
            _of_all: of_all.ok()?,
        })
    }

    /// How many are left.
    #[cfg(test)]
    pub(crate) fn left(&self) -> usize {
        self.all.available_permits()
    }

    /// Takes one that is left, as somebody else would.
    #[cfg(test)]
    pub(crate) fn taken(&self) -> OwnedSemaphorePermit {
        Arc::clone(&self.all).try_acquire_owned().unwrap()
    }
}
