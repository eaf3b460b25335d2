//! What a resolver has of its request.

use std::{
    hash::Hash,
    sync::{Arc, atomic::AtomicBool},
};

use async_graphql::Context;
use domain::Language;
use store::{Call, Origin, System};

use crate::{
    attempt::Refusals,
    batches::{Loader, Loads},
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
        // `Runner::answer` and `Live::subscribe` are the only ways to run the schema, and put it there: for each event its own.
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
        CallLoader: Loader<K>,
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
        CallLoader: Loader<K>,
    {
        let loaded = self.loaders.one(key).await;
        loaded.map_err(|error| self.error(error))
    }

    /// The list that belongs to a key.
    pub(crate) async fn list<K, M, T>(&self, key: K) -> Result<Vec<T>, ApiError>
    where
        K: Send + Sync + Hash + Eq + Clone + 'static,
        M: Clone,
        CallLoader: Loader<K, Value = Arc<[M]>>,
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
