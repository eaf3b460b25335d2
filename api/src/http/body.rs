//! The bodies of requests while they come, and until they are read: each in one piece, however many it came in, and all of them in no more
//! memory than there is for them.

use std::{net::IpAddr, sync::Arc};

use axum::body::{Body, HttpBody};
use chrono::{DateTime, Utc};
use domain::lockout::network;
use edge::Complaint;
use futures_util::StreamExt;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::{
    limit::Limit,
    places::{Place, Places},
};

/// The bytes that each body has for itself: more than most operations are.
const OWN: usize = 64 * 1024;
/// What lies beyond is taken in pieces of so many bytes.
const PIECE: usize = 64 * 1024;
/// So many of them: 256 MiB.
const PIECES: u32 = 4096;

/// The memory that bodies share; an eighth of it for each address, so that whoever sends much, and slowly, keeps nobody else out.
pub(crate) struct Bodies {
    pieces: Arc<Semaphore>,
    all: Limit,
    of_address: Places<Option<IpAddr>>,
}

impl Default for Bodies {
    fn default() -> Self {
        Self::new(PIECES)
    }
}

/// A piece of the memory.
type Piece = (OwnedSemaphorePermit, Place<Option<IpAddr>>);

/// A body that came whole, and its share of the memory.
pub(super) struct Whole {
    pub(super) bytes: Vec<u8>,
    _room: Vec<Piece>,
}

impl Bodies {
    fn new(pieces: u32) -> Self {
        Self {
            pieces: Arc::new(Semaphore::new(pieces as usize)),
            all: Limit::new("bodies under way, in pieces of 64 KiB", pieces),
            of_address: Places::new(Limit::new(
                "bodies under way of one address, in pieces of 64 KiB",
                pieces.div_ceil(8),
            )),
        }
    }

    /// Reads a body of at most so many bytes.
    ///
    /// # Errors
    /// It is larger, or breaks off; or the bodies of the address, or all together, take too much.
    pub(super) async fn read(
        &self,
        body: Body,
        most: usize,
        address: Option<IpAddr>,
        now: DateTime<Utc>,
    ) -> Result<Whole, Complaint> {
        let too_large = Complaint::BodyTooLarge { most };
        if body.size_hint().lower() > most as u64 {
            return Err(too_large);
        }
        let (mut bytes, mut room) = (Vec::new(), Vec::new());
        let mut pieces = body.into_data_stream();
        while let Some(piece) = pieces.next().await {
            let piece = piece.map_err(|_| Complaint::NotJson)?;
            let length = bytes.len() + piece.len();
            if length > most {
                return Err(too_large);
            }
            while room.len() < length.saturating_sub(OWN).div_ceil(PIECE) {
                room.push(self.piece(address, now)?);
            }
            bytes.extend_from_slice(&piece);
        }
        Ok(Whole { bytes, _room: room })
    }

    /// A piece of the memory, without waiting.
    fn piece(&self, address: Option<IpAddr>, now: DateTime<Utc>) -> Result<Piece, Complaint> {
        let Some(of_address) = self.of_address.take(address.map(network)) else {
            self.of_address.limit().reached(now, address, None);
            return Err(Complaint::TooManyRequests);
        };
        let piece = Arc::clone(&self.pieces).try_acquire_owned();
        let piece = piece.map_err(|_| {
            self.all.reached(now, address, None);
            Complaint::TooManyRequests
        })?;
        Ok((piece, of_address))
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

    const MOST: usize = OWN + 40 * PIECE;

    /// What comes of a body with so many pieces beside its own bytes, from the address of this last number.
    async fn read(bodies: &Bodies, pieces: usize, address: u8) -> Result<Whole, Complaint> {
        let address = Some(IpAddr::from([10, 0, 0, address]));
        let body = crumbs(OWN + pieces * PIECE);
        bodies.read(body, MOST, address, DateTime::UNIX_EPOCH).await
    }

    #[tokio::test]
    async fn small_ones_have_room_and_large_ones_share_it() {
        // Two for each address.
        let bodies = Bodies::new(16);
        let busy = Some(Complaint::TooManyRequests);
        let first = read(&bodies, 1, 1).await.unwrap();
        assert_eq!(first.bytes.len(), OWN + PIECE);
        assert!(read(&bodies, 0, 1).await.is_ok());
        assert_eq!(read(&bodies, 2, 1).await.err(), busy);
        // Whoever is refused gives back what they had, and keeps nobody else out.
        let again = read(&bodies, 1, 1).await.unwrap();
        let mut others = Vec::new();
        for address in 2..9 {
            others.push(read(&bodies, 2, address).await.unwrap());
        }
        assert_eq!(read(&bodies, 1, 9).await.err(), busy);
        assert!(read(&bodies, 0, 9).await.is_ok());
        drop((first, again));
        assert!(read(&bodies, 2, 9).await.is_ok());
        drop(others);
    }

    #[tokio::test]
    async fn what_is_too_large_is_not_read() {
        let bodies = Bodies::default();
        for body in [Body::from("12345"), crumbs(5)] {
            let refused = bodies.read(body, 4, None, DateTime::UNIX_EPOCH).await.err();
            assert_eq!(refused, Some(Complaint::BodyTooLarge { most: 4 }));
        }
    }
}
