//! Places for requests whose files are in memory: few at once, and fewer of one user, so that nobody who sends slowly keeps the
//! others waiting. Few more wait in line, for each of them holds its document and its values.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError, Weak},
};

use entity::ids::UserId;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, SemaphorePermit};

use crate::{
    limit::Limit,
    places::{self, Places},
};

/// Requests whose files are in memory at once; each may hold 61 MiB. Others wait.
const AT_ONCE: usize = 8;
/// Those of one user.
const OF_USER: usize = 2;
/// Requests that have a place or wait for one.
const IN_LINE: u32 = 64;
/// Those of one user.
const IN_LINE_OF_USER: u32 = 6;

/// The places.
pub(crate) struct Uploads {
    line: Semaphore,
    all_in_line: Limit,
    line_of_users: Places<UserId>,
    all: Semaphore,
    users: Mutex<HashMap<UserId, Weak<Semaphore>>>,
}

/// A place, given back when it is dropped.
pub(crate) struct Place<'a> {
    _in_line: (places::Place<UserId>, SemaphorePermit<'a>),
    _of_user: OwnedSemaphorePermit,
    _of_all: SemaphorePermit<'a>,
}

impl Default for Uploads {
    fn default() -> Self {
        Self {
            line: Semaphore::new(IN_LINE as usize),
            all_in_line: Limit::new("requests with files", IN_LINE),
            line_of_users: Places::new(Limit::new(
                "requests with files of a user",
                IN_LINE_OF_USER,
            )),
            all: Semaphore::new(AT_ONCE),
            users: Mutex::default(),
        }
    }
}

impl Uploads {
    /// Waits for a place; the limit that is reached where as many wait as may. Who waits for one of their own takes none from others.
    pub(crate) async fn place(&self, user: UserId) -> Result<Place<'_>, &Limit> {
        let of_users = &self.line_of_users;
        let of_user = of_users.take(user).ok_or(of_users.limit())?;
        let in_line = (
            of_user,
            self.line.try_acquire().map_err(|_| &self.all_in_line)?,
        );
        // Both fail only where the server has closed them, which it never does.
        let closed = |_| &self.all_in_line;
        let of_user = self.of(user).acquire_owned().await.map_err(closed)?;
        let of_all = self.all.acquire().await.map_err(closed)?;
        Ok(Place {
            _in_line: in_line,
            _of_user: of_user,
            _of_all: of_all,
        })
    }

    /// The places of a user, which live while one of them is held or waited for.
    fn of(&self, user: UserId) -> Arc<Semaphore> {
        let mut users = self.users.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(places) = users.get(&user).and_then(Weak::upgrade) {
            return places;
        }
        users.retain(|_, places| places.strong_count() > 0);
        let places = Arc::new(Semaphore::new(OF_USER));
        users.insert(user, Arc::downgrade(&places));
        places
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    #[tokio::test]
    async fn a_line_is_no_longer_than_it_may_be() {
        let uploads = Uploads::default();
        let mut line = Vec::new();
        for user in 1..=11 {
            let room = IN_LINE as usize - line.len();
            for _ in 0..room.min(IN_LINE_OF_USER as usize) {
                let mut place = Box::pin(uploads.place(UserId(user)));
                let place_now = (&mut place).now_or_never();
                assert!(!matches!(place_now, Some(Err(_))), "{user}");
                line.push((place, place_now));
            }
            let beyond = uploads.place(UserId(user)).now_or_never();
            assert!(matches!(beyond, Some(Err(_))), "{user} waits");
        }
        drop(line.pop());
        assert!(
            uploads.place(UserId(12)).now_or_never().is_none(),
            "it waits"
        );
    }

    #[tokio::test]
    async fn one_user_leaves_places_for_others() {
        let uploads = Uploads::default();
        let now = |user| uploads.place(UserId(user)).now_or_never()?.ok();
        let (first, second) = (now(1), now(1));
        assert!(first.is_some() && second.is_some() && now(1).is_none());
        let others: Vec<_> = (2..=4).flat_map(|user| [now(user), now(user)]).collect();
        assert!(others.iter().all(Option::is_some));
        assert!(now(5).is_none(), "all are taken");
        drop(first);
        let mine = now(1);
        assert!(mine.is_some() && now(5).is_none());
        drop((second, others, mine));
        assert!(now(5).is_some());
        assert_eq!(
            uploads.users.lock().unwrap().len(),
            1,
            "nobody is remembered"
        );
    }
}
