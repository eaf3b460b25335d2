//! The end of a connection whose other end may still be sending: it must be able to read what it was answered.
//!
//! A socket that is closed while bytes wait in it is reset (RFC 9112, 9.6), and whoever is still sending the rest of a body that was
//! refused may never read why. So the sending side is closed first, and what still comes is thrown away, for a while.

use std::{
    io,
    net::IpAddr,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf},
    net::TcpStream,
    runtime::Handle,
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};

use crate::{
    limit::Limit,
    places::{Place, Places},
};

/// The longest that the other end is listened to while it sends, and the most that is listened to: the largest body is 61 MiB.
const LONGEST: Duration = Duration::from_secs(30);
const LARGEST: usize = 64 * 1024 * 1024;
/// So many ends at once, and of one address; beyond them connections are closed as they are.
const MOST: u32 = 256;
const OF_ADDRESS: u32 = MOST / 8;

/// The ends of connections.
pub(super) struct Ends {
    /// The longest while the other end says nothing.
    silence: Duration,
    all: Arc<Semaphore>,
    of_address: Places<IpAddr>,
}

impl Ends {
    pub(super) fn new(silence: Duration) -> Self {
        Self {
            silence,
            all: Arc::new(Semaphore::new(MOST as usize)),
            of_address: Places::new(Limit::new("ends of connections of an address", OF_ADDRESS)),
        }
    }

    /// Waits for them, for as long as one may say nothing.
    pub(super) async fn over(&self) {
        let _ = timeout(self.silence, self.all.acquire_many(MOST)).await;
    }

    /// A place for a connection that ends, of an address unless it is a named proxy's.
    fn place(
        &self,
        address: Option<IpAddr>,
    ) -> Option<(OwnedSemaphorePermit, Option<Place<IpAddr>>)> {
        let of_address = match address {
            Some(address) => Some(self.of_address.take(address)?),
            None => None,
        };
        let of_all = Arc::clone(&self.all).try_acquire_owned().ok()?;
        Some((of_all, of_address))
    }
}

/// A connection that listens for a while after it was let go, by whomever.
pub(super) struct Lingering {
    /// There until it is let go.
    stream: Option<TcpStream>,
    /// What is written waits: whoever takes nothing would read no answer either.
    blocked: bool,
    address: Option<IpAddr>,
    ends: Arc<Ends>,
}

impl Drop for Lingering {
    fn drop(&mut self) {
        let stream = self.stream.take().filter(|_| !self.blocked);
        let place = self.ends.place(self.address);
        let silence = self.ends.silence;
        if let (Some(stream), Some(place), Ok(runtime)) = (stream, place, Handle::try_current()) {
            runtime.spawn(async move {
                let _place = place;
                let _ = timeout(LONGEST, end(stream, silence)).await;
            });
        }
    }
}

/// Says that nothing more is sent, and reads until the other end says the same, or nothing.
async fn end(mut stream: TcpStream, silence: Duration) -> io::Result<()> {
    stream.shutdown().await?;
    let (mut rest, mut heard) = ([0; 8 * 1024], 0);
    while heard < LARGEST {
        match timeout(silence, stream.read(&mut rest)).await?? {
            0 => break,
            more => heard += more,
        }
    }
    Ok(())
}

impl Lingering {
    /// A connection of an address, or of a named proxy.
    pub(super) fn new(stream: TcpStream, address: Option<IpAddr>, ends: &Arc<Ends>) -> Self {
        Self {
            stream: Some(stream),
            blocked: false,
            address,
            ends: Arc::clone(ends),
        }
    }

    fn stream(&mut self) -> io::Result<Pin<&mut TcpStream>> {
        let stream = self.stream.as_mut().map(Pin::new);
        stream.ok_or_else(|| io::ErrorKind::NotConnected.into())
    }
}

impl AsyncRead for Lingering {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.stream()?.poll_read(context, buffer)
    }
}

impl AsyncWrite for Lingering {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = self.stream()?.poll_write(context, bytes);
        self.blocked = written.is_pending();
        written
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = self.stream()?.poll_write_vectored(context, parts);
        self.blocked = written.is_pending();
        written
    }

    fn is_write_vectored(&self) -> bool {
        self.stream
            .as_ref()
            .is_some_and(AsyncWrite::is_write_vectored)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream()?.poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream()?.poll_shutdown(context)
    }
}
