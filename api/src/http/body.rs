//! The bodies of requests while they come, and until they are read: each in one piece, however many it came in, and all of them in no more
//! memory than there is for them.

use std::sync::Arc;

use axum::body::{Body, HttpBody};
use edge::Complaint;
use futures_util::StreamExt;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The bytes that each body has for itself: more than most operations are. Whoever sends much, and slowly, keeps nobody else out.
const OWN: usize = 64 * 1024;
/// What lies beyond is taken in pieces of so many bytes.
const PIECE: usize = 64 * 1024;
/// So many of them: 256 MiB.
const PIECES: usize = 4096;

/// The memory that bodies share.
pub(crate) struct Bodies(Arc<Semaphore>);

impl Default for Bodies {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(PIECES)))
    }
}

/// A body that came whole, and its share of the memory.
pub(super) struct Whole {
    pub(super) bytes: Vec<u8>,
    _room: Option<OwnedSemaphorePermit>,
}

impl Bodies {
    /// Reads a body of at most so many bytes.
    ///
    /// # Errors
    /// It is larger, or breaks off; or all bodies together take too much.
    pub(super) async fn read(&self, body: Body, most: usize) -> Result<Whole, Complaint> {
        let too_large = Complaint::BodyTooLarge { most };
        if body.size_hint().lower() > most as u64 {
            return Err(too_large);
        }
        let (mut bytes, mut room) = (Vec::new(), None);
        let mut pieces = body.into_data_stream();
        while let Some(piece) = pieces.next().await {
            let piece = piece.map_err(|_| Complaint::NotJson)?;
            let length = bytes.len() + piece.len();
            if length > most {
                return Err(too_large);
            }
            self.make_room(&mut room, length.saturating_sub(OWN).div_ceil(PIECE))?;
            bytes.extend_from_slice(&piece);
        }
        Ok(Whole { bytes, _room: room })
    }

    /// Has so many pieces for a body, without waiting.
    fn make_room(
        &self,
        room: &mut Option<OwnedSemaphorePermit>,
        pieces: usize,
    ) -> Result<(), Complaint> {
        let taken = room.as_ref().map_or(0, OwnedSemaphorePermit::num_permits);
        let more = u32::try_from(pieces.saturating_sub(taken)).unwrap_or(u32::MAX);
        if more > 0 {
            let more = Arc::clone(&self.0)
                .try_acquire_many_owned(more)
                .map_err(|_| Complaint::TooManyRequests)?;
            match room {
                Some(room) => room.merge(more),
                None => *room = Some(more),
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use futures_util::stream;

    use super::*;

    /// A body of so many bytes that comes in pieces of one.
    fn crumbs(bytes: usize) -> Body {
        let crumbs = std::iter::repeat_with(|| Ok::<_, std::io::Error>("x")).take(bytes);
        Body::from_stream(stream::iter(crumbs))
    }

    #[tokio::test]
    async fn small_ones_have_room_and_large_ones_share_it() {
        let bodies = Bodies(Arc::new(Semaphore::new(2)));
        let most = OWN + 3 * PIECE;
        let first = bodies.read(crumbs(OWN + PIECE + 1), most).await.unwrap();
        assert_eq!(first.bytes.len(), OWN + PIECE + 1);
        assert!(bodies.read(crumbs(OWN), most).await.is_ok());
        let refused = bodies.read(crumbs(OWN + 1), most).await.err();
        assert_eq!(refused, Some(Complaint::TooManyRequests));
        drop(first);
        assert!(bodies.read(crumbs(OWN + 2 * PIECE), most).await.is_ok());
        // Whoever is refused gives back what they had.
        let refused = bodies.read(crumbs(most), most).await.err();
        assert_eq!(refused, Some(Complaint::TooManyRequests));
        assert!(bodies.read(crumbs(OWN + 2 * PIECE), most).await.is_ok());
    }

    #[tokio::test]
    async fn what_is_too_large_is_not_read() {
        let bodies = Bodies::default();
        for body in [Body::from("12345"), crumbs(5)] {
            let refused = bodies.read(body, 4).await.err();
            assert_eq!(refused, Some(Complaint::BodyTooLarge { most: 4 }));
        }
    }
}
