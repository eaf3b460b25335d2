//! What a resolver has of its request, and the driving of its loads.

use std::{
    future::Future,
    hash::Hash,
    pin::pin,
    sync::{Arc, Mutex, atomic::AtomicBool},
    task::Poll,
};

use async_graphql::{Context, dataloader::Loader};
use domain::Language;
use futures_util::{
    future::BoxFuture,
    stream::{FuturesUnordered, Stream, StreamExt},
};
use store::{Call, Origin, System};

use crate::{
    attempt::Refusals,
    error::ApiError,
    loader::{CallLoader, Loaders},
};

/// One request: who asks, in which language, and what has been loaded for it.
pub(crate) struct Request {
    pub(crate) call: Call,
    pub(crate) system: System,
    pub(crate) language: Language,
    pub(crate) loaders: Loaders,
    /// What was refused, for the audit log.
    pub(crate) refusals: Refusals,
    /// Somebody has signed in by it.
    pub(crate) signed_in: Arc<AtomicBool>,
}

impl Request {
    pub(crate) fn new(call: Call, system: System, language: Language, loads: &Loads) -> Self {
        Self {
            loaders: Loaders::new(call.clone(), loads),
            call,
            system,
            language,
            refusals: Refusals::default(),
            signed_in: Arc::default(),
        }
    }

    /// The request of a resolver.
    pub(crate) fn of<'c>(ctx: &Context<'c>) -> &'c Self {
        // `execute` and `Live::subscribe` are the only ways to run the schema, and put it there: for each event its own.
        ctx.data_unchecked()
    }

    pub(crate) fn origin(&self) -> Origin {
        self.call.origin().clone()
    }

    /// An error of the store, in the caller's language.
    pub(crate) fn error(&self, error: store::Error) -> ApiError {
        self.refusals.note(&error);
        ApiError::of(error, self.language, self.call.request_id())
    }

    /// What a key stands for; none when there is nothing, or nothing that the viewer may see.
    pub(crate) async fn one<K, T>(&self, key: K) -> Option<Result<T, ApiError>>
    where
        K: Send + Sync + Hash + Eq + Clone + 'static,
        CallLoader: Loader<K, Error = store::Error>,
        T: From<<CallLoader as Loader<K>>::Value>,
    {
        match self.loaders.one(key).await.transpose()? {
            Ok(row) => Some(Ok(row.into())),
            Err(error) => Some(Err(self.error(error))),
        }
    }

    /// What is computed for a key; none when there is nothing, or nothing that the viewer may see.
    pub(crate) async fn loaded<K>(
        &self,
        key: K,
    ) -> Result<Option<<CallLoader as Loader<K>>::Value>, ApiError>
    where
        K: Send + Sync + Hash + Eq + Clone + 'static,
        CallLoader: Loader<K, Error = store::Error>,
    {
        let loaded = self.loaders.one(key).await;
        loaded.map_err(|error| self.error(error))
    }

    /// The list that belongs to a key.
    pub(crate) async fn list<K, M, T>(&self, key: K) -> Result<Vec<T>, ApiError>
    where
        K: Send + Sync + Hash + Eq + Clone + 'static,
        M: Clone,
        CallLoader: Loader<K, Value = Arc<[M]>, Error = store::Error>,
        T: From<M>,
    {
        let rows = self
            .loaders
            .one(key)
            .await
            .map_err(|error| self.error(error))?;
        let rows = rows.iter().flat_map(|rows| rows.iter());
        Ok(rows.map(|row| row.clone().into()).collect())
    }

    /// The call, once it is certain that somebody asks who may ask for more than their own session.
    pub(crate) fn admitted(&self) -> Result<&Call, ApiError> {
        match self.call.admitted() {
            Ok(_) => Ok(&self.call),
            Err(error) => Err(self.error(error)),
        }
    }
}

/// The loads that resolvers have begun. They run within the request's own task, so that all resolvers that can go on
/// do so before the next loads begin: a request runs the same statements however many threads there are.
#[derive(Clone, Default)]
pub(crate) struct Loads(Arc<Mutex<Vec<BoxFuture<'static, ()>>>>);

impl Loads {
    pub(crate) fn spawn(&self, load: BoxFuture<'static, ()>) {
        self.lock().push(load);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<BoxFuture<'static, ()>>> {
        self.0.lock().unwrap_or_else(|poison| poison.into_inner())
    }

    /// Drives a request together with its loads.
    pub(crate) async fn drive<T>(&self, request: impl Future<Output = T>) -> T {
        let mut request = pin!(request);
        let mut begun = FuturesUnordered::new();
        std::future::poll_fn(|cx| {
            loop {
                if let Poll::Ready(answer) = request.as_mut().poll(cx) {
                    return Poll::Ready(answer);
                }
                if !self.advance(&mut begun, cx) {
                    return Poll::Pending;
                }
            }
        })
        .await
    }

    /// Drives a stream of answers together with the loads of each.
    pub(crate) fn drive_all<S: Stream>(self, answers: S) -> impl Stream<Item = S::Item> + use<S> {
        let mut answers = Box::pin(answers);
        let mut begun = FuturesUnordered::new();
        futures_util::stream::poll_fn(move |cx| {
            loop {
                if let Poll::Ready(answer) = answers.as_mut().poll_next(cx) {
                    return Poll::Ready(answer);
                }
                if !self.advance(&mut begun, cx) {
                    return Poll::Pending;
                }
            }
        })
    }

    /// Goes on with the loads; whether a resolver may go on after that. New loads begin when those before them are done:
    /// what resolvers ask for meanwhile is one load, whichever of the earlier ones was answered first.
    fn advance(
        &self,
        begun: &mut FuturesUnordered<BoxFuture<'static, ()>>,
        cx: &mut std::task::Context<'_>,
    ) -> bool {
        if begun.is_empty() {
            begun.extend(self.lock().drain(..));
        }
        let mut loaded = false;
        while let Poll::Ready(Some(())) = begun.poll_next_unpin(cx) {
            loaded = true;
        }
        loaded || (begun.is_empty() && !self.lock().is_empty())
    }
}
