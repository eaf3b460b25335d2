//! A stream that waits for whoever does not read, but not for ever.

use std::{
    future::Future,
    io,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::{Instant, Sleep, sleep},
};

/// A stream whose other end must take something of what is written within a time.
pub(super) struct Patient<S> {
    stream: S,
    longest: Duration,
    /// Made when somebody has to be waited for first.
    deadline: Option<Pin<Box<Sleep>>>,
    waits: Option<Doing>,
}

/// What has to wait.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Doing {
    Write,
    /// All that was written is to go out. There may be nothing: that it is done says nothing of what waits to be written.
    Flush,
}

impl<S> Patient<S> {
    pub(super) fn new(stream: S, longest: Duration) -> Self {
        Self {
            stream,
            longest,
            deadline: None,
            waits: None,
        }
    }

    /// What came of writing; the end, where nothing has come of it for too long.
    fn within<T>(
        &mut self,
        context: &mut Context<'_>,
        doing: Doing,
        written: Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        if written.is_ready() {
            if doing == Doing::Write || self.waits == Some(doing) {
                self.waits = None;
            }
            return written;
        }
        let longest = self.longest;
        let deadline = self
            .deadline
            .get_or_insert_with(|| Box::pin(sleep(longest)));
        if self.waits.is_none() {
            self.waits = Some(doing);
            deadline.as_mut().reset(Instant::now() + longest);
        }
        match deadline.as_mut().poll(context) {
            Poll::Ready(()) => Poll::Ready(Err(io::ErrorKind::TimedOut.into())),
            Poll::Pending => Poll::Pending,
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Patient<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Patient<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.within(context, Doing::Write, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, parts);
        self.within(context, Doing::Write, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.stream).poll_flush(context);
        self.within(context, Doing::Flush, flushed)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let ended = Pin::new(&mut self.stream).poll_shutdown(context);
        self.within(context, Doing::Flush, ended)
    }
}
