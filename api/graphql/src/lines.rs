//! Places of which there are few. Each user has some of them at most, and waits in a line of their own, which is no longer than it may be: whoever
//! asks for much waits for themselves.

use std::sync::Arc;

use entity::ids::UserId;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::while_used::WhileUsed;

/// So many places for all users.
#[derive(Debug)]
pub struct Lines {
    all: Arc<Semaphore>,
    each: usize,
    waiting: usize,
    users: WhileUsed<UserId, Line>,
}

/// What one user has of them.
#[derive(Debug)]
struct Line {
    room: Arc<Semaphore>,
    places: Arc<Semaphore>,
}

/// One of a user's own places, which is not yet one of all.
#[derive(Debug)]
pub(crate) struct Own {
    _place: OwnedSemaphorePermit,
    _room: OwnedSemaphorePermit,
    _line: Arc<Line>,
}

/// A place, until it is dropped.
#[derive(Debug)]
pub struct Place {
    _of_all: Option<OwnedSemaphorePermit>,
    _own: Own,
}

/// As many of a user wait as may.
#[derive(Debug, PartialEq, Eq)]
pub struct LineFull;

impl Lines {
    /// More than anybody counts.
    pub const ANY: usize = Semaphore::MAX_PERMITS / 2;

    /// So many places for all, so many of them one user's at most, of whom so many wait beside those who have one.
    pub fn new(all: usize, each: usize, waiting: usize) -> Self {
        Self {
            all: Arc::new(Semaphore::new(all)),
            each,
            waiting,
            users: WhileUsed::default(),
        }
    }

    /// Waits for a place: for one of the user's own before one of all.
    ///
    /// # Errors
    /// The user's line is full.
    pub async fn place(&self, user: UserId) -> Result<Place, LineFull> {
        Ok(self.one_of_all(self.own(user).await?).await)
    }

    /// Waits in the user's own line.
    pub(crate) async fn own(&self, user: UserId) -> Result<Own, LineFull> {
        let line = self.users.of(user, || Line {
            room: Arc::new(Semaphore::new(self.each + self.waiting)),
            places: Arc::new(Semaphore::new(self.each)),
        });
        let room = Arc::clone(&line.room).try_acquire_owned();
        let room = room.map_err(|_| LineFull)?;
        // Fails only where it was closed, which nobody does.
        let place = Arc::clone(&line.places).acquire_owned().await;
        Ok(Own {
            _place: place.map_err(|_| LineFull)?,
            _room: room,
            _line: line,
        })
    }

    /// Waits among all.
    pub(crate) async fn one_of_all(&self, own: Own) -> Place {
        Place {
            _of_all: Arc::clone(&self.all).acquire_owned().await.ok(),
            _own: own,
        }
    }
}

#[cfg(test)]
impl Lines {
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

    /// A place that is there, or one that is waited for.
    type Waiting<'l> = std::pin::Pin<Box<dyn Future<Output = Result<Place, LineFull>> + 'l>>;

    fn asks(lines: &Lines, user: i64) -> Waiting<'_> {
        Box::pin(lines.place(UserId(user)))
    }

    #[tokio::test]
    async fn a_user_has_some_of_the_places_and_they_come_in_their_order() {
        let lines = Lines::new(4, 2, 8);
        let now = |user| asks(&lines, user).now_or_never()?.ok();
        let (first, second) = (now(1), now(1));
        assert!(first.is_some() && second.is_some());
        let (mut third, mut fourth) = (asks(&lines, 1), asks(&lines, 1));
        assert!((&mut third).now_or_never().is_none());
        assert!((&mut fourth).now_or_never().is_none());
        let others = (now(2), now(3));
        assert!(others.0.is_some() && others.1.is_some());
        assert!(now(4).is_none(), "all are taken");
        drop(first);
        assert!((&mut fourth).now_or_never().is_none(), "it is not its turn");
        let third = third.now_or_never().unwrap();
        assert!(third.is_ok() && now(4).is_none());
        // Who no longer waits is in nobody's way.
        drop(fourth);
        drop((second, third, others));
        assert_eq!(lines.left(), 4);
        assert!(now(4).is_some());
    }

    #[tokio::test]
    async fn a_line_is_no_longer_than_it_may_be() {
        let lines = Lines::new(2, 1, 3);
        let mut waiting: Vec<Waiting> = (0..4).map(|_| asks(&lines, 1)).collect();
        let has = waiting.remove(0).now_or_never().unwrap();
        assert!(has.is_ok());
        for query in &mut waiting {
            assert!(query.now_or_never().is_none(), "it waits");
        }
        let beyond = asks(&lines, 1).now_or_never();
        assert!(matches!(beyond, Some(Err(LineFull))));
        assert!(asks(&lines, 2).now_or_never().is_some(), "others do not");
        drop(waiting.pop());
        assert!(asks(&lines, 1).now_or_never().is_none(), "it waits");
        // Whoever has a place makes room when they give it back.
        drop(has);
        assert!(waiting.remove(0).now_or_never().is_some());
    }
}
