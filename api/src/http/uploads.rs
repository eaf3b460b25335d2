//! Places for requests whose files are in memory: few at once, and fewer of one user, so that nobody who sends slowly keeps the
//! others waiting. Few more wait in line, for each of them holds its document and its values.

use entity::ids::UserId;
use graphql::{LineFull, Lines, Place as OfLines};
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::limit::Limit;

/// Requests whose files are in memory at once; each may hold 61 MiB. Others wait.
const AT_ONCE: usize = 8;
/// Those of one user.
const OF_USER: usize = 2;
/// Those of one user that wait.
const WAITING_OF_USER: usize = 4;
/// Requests that have a place or wait for one.
const IN_LINE: u32 = 64;

/// The places.
pub(crate) struct Uploads {
    line: Semaphore,
    all_in_line: Limit,
    lines: Lines,
    in_line_of_user: Limit,
}

/// A place, given back when it is dropped.
pub(crate) struct Place<'a> {
    _in_line: SemaphorePermit<'a>,
    _place: OfLines,
}

impl Default for Uploads {
    fn default() -> Self {
        Self {
            line: Semaphore::new(IN_LINE as usize),
            all_in_line: Limit::new("requests with files", IN_LINE),
            lines: Lines::new(AT_ONCE, OF_USER, WAITING_OF_USER),
            in_line_of_user: Limit::new(
                "requests with files of a user",
                (OF_USER + WAITING_OF_USER) as u32,
            ),
        }
    }
}

impl Uploads {
    /// Waits for a place; the limit that is reached where as many wait as may.
    pub(crate) async fn place(&self, user: UserId) -> Result<Place<'_>, &Limit> {
        let in_line = self.line.try_acquire().map_err(|_| &self.all_in_line)?;
        let place = self.lines.place(user).await;
        Ok(Place {
            _in_line: in_line,
            _place: place.map_err(|LineFull| &self.in_line_of_user)?,
        })
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
            for _ in 0..room.min(OF_USER + WAITING_OF_USER) {
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
    }
}
