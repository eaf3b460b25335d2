//! Work without a viewer: signing in, keys, accounts, imports. Named methods only; there is no general query here.

mod accounts;
mod hashing;
mod import;
mod keys;
mod schema;
mod sign_in;
mod tokens;

use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::{Call, Fault, Origin, Store, Viewer};

pub use accounts::{AccountDraft, GrantDraft};
pub use hashing::Password;
pub use import::{ImportOutcome, ImportPlan};
pub use schema::SchemaState;
pub use sign_in::IssuedTokens;
pub use tokens::TokenRules;

pub(crate) use hashing::Hashing;
pub(crate) use keys::{KeyRing, first_secrets};
pub(crate) use sign_in::{end_session, end_sessions, settle};

/// The server's own acts.
#[derive(Clone, Debug)]
pub struct System {
    store: Store,
}

impl System {
    pub(crate) const fn new(store: Store) -> Self {
        Self { store }
    }

    /// One request: of the viewer whose access token is given, or of nobody. A token that is not good (altered,
    /// expired, of an ended session or a disabled account) makes it a request of nobody. Costs one statement.
    ///
    /// # Errors
    /// The database failed.
    pub async fn call(&self, token: Option<&str>, origin: Origin) -> Result<Call, Fault> {
        let now = self.store.now();
        let statements = Arc::clone(&self.store.statements);
        let bearer = match token {
            Some(token) => self.verify(token, now).await?,
            None => None,
        };
        let viewer = match bearer {
            Some(bearer) => {
                let db = self.store.inner.connections.reader(&statements);
                Viewer::load(&db, bearer.user, bearer.session, now).await?
            }
            None => None,
        };
        Ok(Call::new(
            self.store.clone(),
            viewer,
            now,
            origin,
            statements,
        ))
    }

    /// Whether the database answers.
    ///
    /// # Errors
    /// It does not.
    pub async fn ping(&self) -> Result<(), Fault> {
        use sea_orm::ConnectionTrait;
        self.store
            .inner
            .connections
            .reader(&Arc::default())
            .execute_unprepared("SELECT 1")
            .await?;
        Ok(())
    }
}

impl Store {
    /// The present moment, as both databases keep it.
    pub(crate) fn now(&self) -> DateTime<Utc> {
        domain::clock::stored(self.inner.clock.now())
    }

    /// Bytes that nobody can guess.
    pub(crate) fn random<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.inner.entropy.fill(&mut bytes);
        bytes
    }
}

/// Bytes in hexadecimal.
fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
