//! The driving of a request together with what it reads.
//!
//! Nothing here depends on time or on threads: a round of loads begins when the one before is done and no resolver can go
//! on without it, and takes all keys that were asked for until then. A request runs the same statements each time.

use std::{
    future::Future,
    pin::{Pin, pin},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, Wake, Waker},
};

use futures_util::{
    future::BoxFuture,
    stream::{FuturesUnordered, Stream, StreamExt},
};

use super::unpoisoned;

/// The loads that resolvers have asked for. They run within the request's own task.
#[derive(Clone, Default)]
pub(crate) struct Loads(Arc<Mutex<Vec<BoxFuture<'static, ()>>>>);

impl Loads {
    pub(super) fn spawn(&self, load: BoxFuture<'static, ()>) {
        unpoisoned(&self.0).push(load);
    }

    /// Drives a request together with its loads.
    pub(crate) async fn drive<T>(&self, request: impl Future<Output = T>) -> T {
        let mut request = pin!(request);
        let mut round = Round::default();
        std::future::poll_fn(|cx| self.poll(&mut round, cx, |cx| request.as_mut().poll(cx))).await
    }

    /// Drives a stream of answers together with the loads of each.
    pub(crate) fn drive_all<S: Stream>(self, answers: S) -> impl Stream<Item = S::Item> + use<S> {
        let mut answers = Box::pin(answers);
        let mut round = Round::default();
        futures_util::stream::poll_fn(move |cx| {
            // Whoever asks for the next answer need not have been woken for it.
            round.awake.raise();
            self.poll(&mut round, cx, |cx| Pin::new(&mut answers).poll_next(cx))
        })
    }

    /// Goes on with resolvers and loads, as far as it goes. Resolvers are many, and a task is woken with every packet of the
    /// database: they are looked at only when something woke them.
    fn poll<T>(
        &self,
        round: &mut Round,
        cx: &mut Context<'_>,
        mut resolvers: impl FnMut(&mut Context<'_>) -> Poll<T>,
    ) -> Poll<T> {
        let Round { begun, awake } = round;
        awake.of(cx.waker());
        loop {
            if awake.take() {
                let waker = Waker::from(Arc::clone(awake));
                if let Poll::Ready(answer) = resolvers(&mut Context::from_waker(&waker)) {
                    return Poll::Ready(answer);
                }
            }
            // Resolvers that woke themselves have more to ask for: long lists are polled in portions.
            if begun.is_empty() && !awake.raised() {
                begun.extend(unpoisoned(&self.0).drain(..));
            }
            // A load that ends wakes resolvers, which go on here: their task need not be scheduled for it.
            awake.hush(true);
            let ended = begun.poll_next_unpin(cx);
            awake.hush(false);
            if let Poll::Ready(Some(())) = ended {
                continue;
            }
            if awake.raised() {
                cx.waker().wake_by_ref();
            }
            return Poll::Pending;
        }
    }
}

/// The loads that run at once, and whether resolvers can go on.
#[derive(Default)]
struct Round {
    begun: FuturesUnordered<BoxFuture<'static, ()>>,
    awake: Arc<Awake>,
}

/// Whether resolvers were woken; wakes their task.
struct Awake {
    raised: AtomicBool,
    /// Whoever hushed looks at `raised` afterwards.
    hushed: AtomicBool,
    task: Mutex<Option<Waker>>,
}

impl Default for Awake {
    fn default() -> Self {
        Self {
            // They are looked at once without having been woken.
            raised: AtomicBool::new(true),
            hushed: AtomicBool::new(false),
            task: Mutex::new(None),
        }
    }
}

impl Awake {
    fn of(&self, task: &Waker) {
        let mut own = unpoisoned(&self.task);
        match own.as_mut() {
            Some(own) => own.clone_from(task),
            None => *own = Some(task.clone()),
        }
    }

    fn hush(&self, hushed: bool) {
        self.hushed.store(hushed, Ordering::SeqCst);
    }

    fn raise(&self) {
        self.raised.store(true, Ordering::SeqCst);
    }

    fn raised(&self) -> bool {
        self.raised.load(Ordering::SeqCst)
    }

    fn take(&self) -> bool {
        self.raised.swap(false, Ordering::SeqCst)
    }
}

impl Wake for Awake {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.raise();
        if self.hushed.load(Ordering::SeqCst) {
            return;
        }
        if let Some(task) = &*unpoisoned(&self.task) {
            task.wake_by_ref();
        }
    }
}
