//! Turns: how many queries, or events, are answered at once.
//!
//! What is being answered holds far more than what waits: what has been read for it so far, and what each of its fields waits with. The database
//! answers so many statements at once and no more, so what would only wait for a connection waits before it begins. One user has half
//! of the turns at most: whoever asks for much waits in a line of their own, which is no longer than it may be.
//!
//! Strangers need no turn, for they are told nothing that is read. Acts take none: an act has the writer's queue, or a row's, and may wait there for a
//! password's hash or for a file.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError, Weak},
    time::Duration,
};

use entity::ids::UserId;
use store::Call;
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};

/// For each connection that reads. A query waits for other things, too, and four keep a connection busy.
const EACH: usize = 4;
/// Queries of one user that wait.
const IN_LINE: usize = 64;

/// So many turns. Cheap to clone: the clones share them.
#[derive(Clone)]
pub struct Turns {
    all: Arc<Semaphore>,
    /// Of the turns, one user's.
    half: usize,
    lines: Arc<Mutex<HashMap<UserId, Weak<Line>>>>,
}

/// What one user has of them, for as long as they have or wait for any.
struct Line {
    room: Semaphore,
    turns: Arc<Semaphore>,
}

/// A turn, until it is dropped.
pub(crate) struct Turn {
    _of_all: OwnedSemaphorePermit,
    _of_user: OwnedSemaphorePermit,
    _line: Arc<Line>,
}

/// There is no turn in time, or no room to wait for one.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct NoTurn;

impl Turns {
    /// Turns for so many connections that read.
    pub fn new(readers: u32) -> Self {
        Self::of(readers as usize * EACH)
    }

    fn of(at_once: usize) -> Self {
        Self {
            all: Arc::new(Semaphore::new(at_once.max(1))),
            half: (at_once / 2).max(1),
            lines: Arc::default(),
        }
    }

    /// A turn for a query, within so long; none for a stranger's.
    pub(crate) async fn take(
        &self,
        call: &Call,
        patience: Duration,
    ) -> Result<Option<Turn>, NoTurn> {
        match user_of(call) {
            None => Ok(None),
            Some(user) => self.of_user(user, patience).await,
        }
    }

    async fn of_user(&self, user: UserId, patience: Duration) -> Result<Option<Turn>, NoTurn> {
        let line = self.line(user);
        let _room = line.room.try_acquire().map_err(|_| NoTurn)?;
        let turn = timeout(patience, self.turn(Arc::clone(&line))).await;
        turn.map_err(|_| NoTurn)
    }

    /// A turn for an event, however long that takes; none for a stranger's.
    pub(crate) async fn wait(&self, call: &Call) -> Option<Turn> {
        self.turn(self.line(user_of(call)?)).await
    }

    /// First one of the user's own, so that nobody stands before others in more than one place.
    async fn turn(&self, line: Arc<Line>) -> Option<Turn> {
        // Nobody closes them.
        let of_user = Arc::clone(&line.turns).acquire_owned().await.ok()?;
        let of_all = Arc::clone(&self.all).acquire_owned().await.ok()?;
        Some(Turn {
            _of_all: of_all,
            _of_user: of_user,
            _line: line,
        })
    }

    fn line(&self, user: UserId) -> Arc<Line> {
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(line) = lines.get(&user).and_then(Weak::upgrade) {
            return line;
        }
        lines.retain(|_, line| line.strong_count() > 0);
        let line = Arc::new(Line {
            room: Semaphore::new(IN_LINE),
            turns: Arc::new(Semaphore::new(self.half)),
        });
        lines.insert(user, Arc::downgrade(&line));
        line
    }
}

fn user_of(call: &Call) -> Option<UserId> {
    call.viewer().map(|viewer| viewer.account.id)
}

#[cfg(test)]
impl Turns {
    /// So many, and not by connections.
    pub(crate) fn so_many(at_once: usize) -> Self {
        Self::of(at_once)
    }

    /// How many are left.
    pub(crate) fn left(&self) -> usize {
        self.all.available_permits()
    }

    /// Takes one that is left, as somebody else would.
    pub(crate) fn taken(&self) -> OwnedSemaphorePermit {
        Arc::clone(&self.all).try_acquire_owned().unwrap()
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    /// A turn that is there, or one that is waited for.
    type Waiting<'t> = std::pin::Pin<Box<dyn Future<Output = Result<Option<Turn>, NoTurn>> + 't>>;

    fn asks(turns: &Turns, user: i64) -> Waiting<'_> {
        Box::pin(turns.of_user(UserId(user), Duration::from_secs(60)))
    }

    #[tokio::test]
    async fn one_user_has_half_of_them_and_they_come_in_their_order() {
        let turns = Turns::so_many(4);
        let now = |user| asks(&turns, user).now_or_never()?.unwrap();
        let (first, second) = (now(1), now(1));
        assert!(first.is_some() && second.is_some());
        let (mut third, mut fourth) = (asks(&turns, 1), asks(&turns, 1));
        assert!((&mut third).now_or_never().is_none());
        assert!((&mut fourth).now_or_never().is_none());
        let others = (now(2), now(3));
        assert!(others.0.is_some() && others.1.is_some());
        assert!(now(4).is_none(), "all are taken");
        drop(first);
        assert!((&mut fourth).now_or_never().is_none(), "it is not its turn");
        let third = third.now_or_never().unwrap().unwrap();
        assert!(third.is_some() && now(4).is_none());
        // Who no longer waits is in nobody's way.
        drop(fourth);
        drop((second, third, others));
        assert_eq!(turns.left(), 4);
        assert!(now(4).is_some());
        assert_eq!(turns.lines.lock().unwrap().len(), 1, "nobody is remembered");
    }

    #[tokio::test]
    async fn a_line_is_no_longer_than_it_may_be() {
        let turns = Turns::so_many(2);
        let mut waiting: Vec<Waiting> = (0..=IN_LINE).map(|_| asks(&turns, 1)).collect();
        let has = waiting.remove(0).now_or_never().unwrap().unwrap();
        assert!(has.is_some());
        for query in &mut waiting {
            assert!(query.now_or_never().is_none(), "it waits");
        }
        let beyond = asks(&turns, 1).now_or_never();
        assert!(matches!(beyond, Some(Err(NoTurn))));
        assert!(asks(&turns, 2).now_or_never().is_some(), "others do not");
        drop(waiting.pop());
        assert!(asks(&turns, 1).now_or_never().is_none(), "it waits");
    }
}
