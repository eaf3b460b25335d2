//! Bodies that were not read to their end. Nothing else can be asked on their connection, and the answer must say so: a client that has sent all
//! of the body meanwhile would ask again on it, and be cut off.

use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, Waker},
};

use axum::{
    body::{Body, Bytes, HttpBody},
    http::{HeaderMap, HeaderValue, header},
};
use hyper::body::{Frame, Incoming, SizeHint};

/// So many pieces of a body are few.
const SMALL: usize = 4;

/// A body that tells when it has been read.
struct Watched {
    body: Incoming,
    read: Arc<AtomicBool>,
}

/// Whether a body has been read to its end.
pub(super) struct Read(Arc<AtomicBool>);

/// Has a body watched.
pub(super) fn watch(body: Incoming) -> (Body, Read) {
    let read = Arc::new(AtomicBool::new(body.is_end_stream()));
    let watched = Watched {
        body,
        read: Arc::clone(&read),
    };
    (Body::new(watched), Read(read))
}

impl Read {
    /// Has the answer say that the connection ends, unless the body has been read.
    pub(super) fn tell(&self, headers: &mut HeaderMap) {
        if !self.0.load(Ordering::Relaxed) {
            let close = HeaderValue::from_static("close");
            headers.entry(header::CONNECTION).or_insert(close);
        }
    }
}

impl Watched {
    fn poll_body(
        &mut self,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let polled = Pin::new(&mut self.body).poll_frame(context);
        if matches!(polled, Poll::Ready(None)) || self.body.is_end_stream() {
            self.read.store(true, Ordering::Relaxed);
        }
        polled
    }
}

/// What is small has come by now: it is taken along, and the connection goes on.
impl Drop for Watched {
    fn drop(&mut self) {
        let mut context = Context::from_waker(Waker::noop());
        for _ in 0..SMALL {
            if self.read.load(Ordering::Relaxed) {
                return;
            }
            if !matches!(self.poll_body(&mut context), Poll::Ready(Some(Ok(_)))) {
                return;
            }
        }
    }
}

impl HttpBody for Watched {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        self.poll_body(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
