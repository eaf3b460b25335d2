//! Work without a viewer: signing in, keys, accounts, imports. Named methods only; there is no general query here.

mod accounts;
mod attachments;
mod failures;
mod hashing;
mod import;
mod keys;
mod schema;
mod second_factor;
mod secret_keys;
mod sign_in;
mod sweep;
mod tokens;

use std::sync::Arc;

use chrono::{DateTime, Utc};
use entity::{
    audit_entry,
    ids::{AttachmentId, SessionId, UserId},
};
use sea_orm::{EntityTrait, QueryOrder, QuerySelect};

use crate::{Call, Fault, Origin, Store, Viewer};

pub use accounts::{AccountDraft, GrantDraft};
pub use attachments::Waiting;
pub use hashing::Password;
pub use import::{ImportOutcome, ImportPlan};
pub use schema::SchemaState;
pub use sign_in::{IssuedTokens, username};
pub use sweep::{Sweep, Sweeping, SweptNotice};
pub use tokens::TokenRules;

pub(crate) use failures::forget_failures;
pub(crate) use hashing::Hashing;
pub(crate) use import::{Judged, import_plan, imported, judged};
pub(crate) use keys::{KeyRing, first_secrets};
pub(crate) use second_factor::{matching, new_recovery_codes, remove as remove_second_factor};
pub(crate) use sign_in::{Factor, Settled, Whose, end_session, end_sessions, is_locked, settle};

/// The server's own acts.
#[derive(Clone, Debug)]
pub struct System {
    store: Store,
}

impl System {
    pub(crate) const fn new(store: Store) -> Self {
        Self { store }
    }

    pub(crate) const fn store(&self) -> &Store {
        &self.store
    }

    /// One request: of the viewer whose access token is given, or of nobody. A token that is not good (altered,
    /// expired, of an ended session or a disabled account) makes it a request of nobody. Costs one statement.
    ///
    /// # Errors
    /// The database failed.
    pub async fn call(&self, token: Option<&str>, origin: Origin) -> Result<Call, Fault> {
        let now = self.store.now();
        let bearer = match token {
            Some(token) => self.verify(token, now).await?,
            None => None,
        };
        let who = bearer.map(|bearer| (bearer.user, bearer.session));
        self.begin(who, now, origin).await
    }

    /// One request of whoever asked for a link to a file, in the session in which they asked, with the grants that hold now. A
    /// link that is not good (not ours, for another file, expired, of an ended session or a disabled account) makes it a
    /// request of nobody. Costs one statement.
    ///
    /// # Errors
    /// The database failed.
    pub async fn call_by_link(
        &self,
        attachment: AttachmentId,
        link: &str,
        origin: Origin,
    ) -> Result<Call, Fault> {
        let now = self.store.now();
        let link = self.store.inner.links.read(attachment, link, now);
        self.begin(link.map(|link| (link.user, link.session)), now, origin)
            .await
    }

    /// The first request of a connection that lives longer than a request, with the moment at which its token expires;
    /// none when the token is not good (altered, expired, of an ended session or a disabled account). Costs one statement.
    ///
    /// # Errors
    /// The database failed.
    pub async fn call_until(
        &self,
        token: &str,
        origin: Origin,
    ) -> Result<Option<(Call, DateTime<Utc>)>, Fault> {
        let now = self.store.now();
        let Some(bearer) = self.verify(token, now).await? else {
            return Ok(None);
        };
        let who = Some((bearer.user, bearer.session));
        let call = self.begin(who, now, origin).await?;
        Ok(call.viewer().is_some().then_some((call, bearer.expires)))
    }

    /// The newest moment that the database tells of: that of the latest act in its audit log. None before anything was done.
    ///
    /// # Errors
    /// The database failed.
    pub async fn newest_moment(&self) -> Result<Option<DateTime<Utc>>, Fault> {
        let db = self.store.inner.connections.reader(&self.store.statements);
        let newest = audit_entry::Entity::find()
            .select_only()
            .column(audit_entry::Column::OccurredAt)
            .order_by_desc(audit_entry::Column::OccurredAt)
            .limit(1)
            .into_tuple();
        Ok(newest.one(&db).await?)
    }

    /// An act from the server's command line, for the first set-up and for emergencies: what the system and the security
    /// administrator may do, audited as such.
    pub fn operator(&self, origin: Origin) -> Call {
        Call::of_operator(self.store.clone(), self.store.now(), origin)
    }

    /// The next request of the same viewer in the same session, with the grants that hold now; none when the session
    /// has ended or the account is disabled since. Whether a token has expired is for the caller to know
    /// ([`System::call_until`]). Costs one statement.
    ///
    /// # Errors
    /// The database failed.
    pub async fn renew(&self, call: &Call, origin: Origin) -> Result<Option<Call>, Fault> {
        let now = self.store.now();
        let Some(viewer) = call.viewer() else {
            return Ok(None);
        };
        let who = Some((viewer.account.id, viewer.session));
        let call = self.begin(who, now, origin).await?;
        Ok(call.viewer().is_some().then_some(call))
    }

    /// A request that begins now.
    async fn begin(
        &self,
        who: Option<(UserId, SessionId)>,
        now: DateTime<Utc>,
        origin: Origin,
    ) -> Result<Call, Fault> {
        let statements = Arc::clone(&self.store.statements);
        let viewer = match who {
            Some((user, session)) => {
                let db = self.store.inner.connections.reader(&statements);
                Viewer::load(&db, user, session, now).await?
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

    /// Sixteen characters that cannot be mistaken for one another: 80 bits.
    pub(crate) fn one_time_password(&self) -> String {
        const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
        const { assert!(16 >= domain::password::LEAST) };
        self.random::<16>()
            .iter()
            .map(|byte| char::from(LETTERS[usize::from(byte % 32)]))
            .collect()
    }
}
