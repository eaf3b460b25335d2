//! Writing: one named act, one transaction, and the audit entry in it.

mod act;
mod between;
mod grants;
mod once;
mod refused;

use domain::Grant;
use entity::{
    audit_entry, event,
    ids::{PlanId, TargetId, UnitId, UserId},
    kinds::{Audience, AuditOutcome, EventType},
    user,
};
use sea_orm::{ActiveValue::NotSet, ConnectionTrait, DatabaseTransaction, EntityTrait, Set};
use serde_json::Value;

use crate::{
    Backend, Call, Fault, Result, Store, advisory::Advisory, audit::masked, call::Origin,
    connection::Metered, feed::CHANNEL,
};

pub use act::audited_acts;
pub use once::Once;
pub use refused::Unsuccessful;

pub(crate) use act::Act;
pub(crate) use between::Between;
pub(crate) use once::Begun;

use grants::used;

/// What was done to what: the audit entry, and the event that others hear of.
pub(crate) struct Entry {
    pub(crate) act: Act,
    pub(crate) object: &'static str,
    pub(crate) id: Option<i64>,
    pub(crate) changes: Value,
    /// None for what the audit log alone is told: of accounts, sessions, grants and the register, of what the server does by
    /// itself, and of drafts that are gone; and where another event of the same act says it.
    pub(crate) event: Option<Told>,
}

/// An event: what happened, where, and for whom it is meant.
pub(crate) struct Told {
    pub(crate) kind: EventType,
    pub(crate) plan: PlanId,
    pub(crate) target: Option<TargetId>,
    pub(crate) unit: Option<UnitId>,
    pub(crate) audience: Audience,
    pub(crate) about: Option<(&'static str, i64)>,
}

/// A transaction that writes. It can be committed in one way only: with its audit entries, of which there are none where an act has
/// changed nothing. Dropped, it leaves nothing. What the server does to the log itself and to what it forgets (sealing, archiving,
/// forgetting, its first secrets) has transactions of its own, in `audit/` and `system/`.
pub(crate) struct Write {
    db: Metered<DatabaseTransaction>,
    now: sea_orm::prelude::DateTimeUtc,
    who: Box<Who>,
    once: Option<Once>,
    events: Vec<Told>,
    store: Store,
    /// The request of which it is, if it is one's.
    call: Option<Call>,
}

/// Who writes, and from where.
#[derive(Default)]
struct Who {
    user: Option<UserId>,
    username: Option<String>,
    unit: Option<UnitId>,
    /// The grants that the user has now.
    grants: Vec<Grant>,
    origin: Option<Origin>,
}

impl Write {
    /// A transaction of the server, or of somebody who is not signed in yet.
    pub(crate) async fn of_system(store: &Store, origin: Option<&Origin>) -> Result<Self> {
        Ok(Self {
            db: store.inner.connections.begin(&store.statements).await?,
            now: store.now(),
            who: Box::new(Who {
                origin: origin.cloned(),
                ..Who::default()
            }),
            once: None,
            events: Vec::new(),
            store: store.clone(),
            call: None,
        })
    }

    /// The transaction, to read and write in.
    pub(crate) fn db(&self) -> &Metered<DatabaseTransaction> {
        &self.db
    }

    /// Names the user of an act that began without one.
    pub(crate) fn by(&mut self, user: &user::Model) {
        self.who.user = Some(user.id);
        self.who.username = Some(user.username.clone());
        self.who.unit = user.unit_id;
    }

    /// What the act tells and writes happened now, not when the request came: it may have waited for others, and comes after
    /// them.
    pub(crate) fn stamp(&mut self) -> sea_orm::prelude::DateTimeUtc {
        self.now = self.store.now();
        self.now
    }

    /// An event that comes of the act, beside the act's own.
    pub(crate) fn tell(&mut self, event: Told) {
        self.events.push(event);
    }

    /// Takes back the events that came of the act so far: what it tells by itself says it all.
    pub(crate) fn untell(&mut self) {
        self.events.clear();
    }

    /// The row of an audit entry.
    fn row(
        &self,
        action: &str,
        object: (&str, Option<i64>),
        outcome: AuditOutcome,
        changes: Value,
        grants: Value,
    ) -> audit_entry::ActiveModel {
        let origin = self.who.origin.as_ref();
        let address = origin.and_then(|origin| origin.address);
        audit_entry::ActiveModel {
            id: NotSet,
            occurred_at: Set(self.now),
            user_id: Set(self.who.user),
            action: Set(action.to_owned()),
            object_type: Set(object.0.to_owned()),
            object_id: Set(object.1),
            changes: Set(masked(changes)),
            request_id: Set(origin.map(|origin| origin.request_id.to_string())),
            username: Set(self.who.username.clone()),
            unit_id: Set(self.who.unit),
            grants: Set(grants),
            address: Set(address.map(|address| address.to_canonical().to_string())),
            outcome: Set(outcome),
        }
    }

    /// Writes the audit entries and commits.
    pub(crate) async fn commit(self, entries: impl IntoIterator<Item = Entry>) -> Result<()> {
        self.commit_with(Value::Null, entries).await
    }

    /// Writes what came of it for whoever sends it again, the audit entries and the events, and commits.
    pub(crate) async fn commit_with(
        mut self,
        result: Value,
        entries: impl IntoIterator<Item = Entry>,
    ) -> Result<()> {
        let mut rows = Vec::new();
        let mut events = Vec::new();
        let mut named = Vec::new();
        // What was read before the act is written down with it.
        let read = self.call.iter().flat_map(Call::reads);
        for entry in read.chain(entries) {
            named.extend(entry.id.map(|id| (entry.object, id)));
            let grants = used(&self.who.grants, entry.act, entry.event.as_ref());
            events.extend(entry.event);
            rows.push(self.row(
                entry.act.as_str(),
                (entry.object, entry.id),
                entry.act.outcome(),
                entry.act.kept(entry.changes),
                grants,
            ));
        }
        for rows in parts(rows) {
            audit_entry::Entity::insert_many(rows)
                .exec(&self.db)
                .await?;
        }
        if let (Some(once), Some(user)) = (&self.once, self.who.user) {
            once.keep(&self.db, user, result).await?;
        }
        events.append(&mut self.events);
        self.publish(events).await?;
        self.db.commit().await?;
        if let Some(call) = &self.call {
            call.acted(named);
        }
        self.store.inner.feed.look().notify_one();
        self.store.inner.audit.wake();
        Ok(())
    }

    /// Writes events, last of all.
    async fn publish(&self, events: Vec<Told>) -> Result<()> {
        if events.is_empty() {
            return Ok(());
        }
        if Backend::of(&self.db) == Backend::Postgres {
            self.db
                .execute_unprepared(&format!(
                    "SELECT pg_advisory_xact_lock({}), pg_notify('{CHANNEL}', '')",
                    Advisory::Events.number()
                ))
                .await?;
        }
        let rows = events.into_iter().map(|told| event::ActiveModel {
            id: NotSet,
            r#type: Set(told.kind),
            occurred_at: Set(self.now),
            user_id: Set(self.who.user.filter(|_| told.kind.tells_who())),
            plan_id: Set(told.plan),
            target_id: Set(told.target),
            unit_id: Set(told.unit),
            audience: Set(told.audience),
            object_type: Set(told.about.map(|(of, _)| of.to_owned())),
            object_id: Set(told.about.map(|(_, id)| id)),
        });
        for rows in parts(rows) {
            event::Entity::insert_many(rows).exec(&self.db).await?;
        }
        Ok(())
    }
}

/// Rows in parts of which each fits into one INSERT: a statement has at most 32,766 parameters (SQLite). Acts of people are
/// one part; a sweep may be many.
fn parts<T>(rows: impl IntoIterator<Item = T>) -> impl Iterator<Item = Vec<T>> {
    let mut rows = rows.into_iter();
    std::iter::from_fn(move || {
        let part: Vec<T> = rows.by_ref().take(1000).collect();
        (!part.is_empty()).then_some(part)
    })
}

impl Call {
    /// Begins a transaction of the viewer.
    pub(crate) async fn write(&self) -> Result<Write> {
        Ok(self.open().await?)
    }

    async fn open(&self) -> Result<Write, Fault> {
        let viewer = self.viewer();
        Ok(Write {
            db: self.store().inner.connections.begin(self.counter()).await?,
            now: self.now(),
            who: Box::new(Who {
                user: viewer.map(|viewer| viewer.account.id),
                username: viewer.map(|viewer| viewer.account.username.clone()),
                unit: viewer.and_then(|viewer| viewer.account.unit),
                grants: viewer
                    .map(|viewer| viewer.grants.clone())
                    .unwrap_or_default(),
                origin: Some(self.origin().clone()),
            }),
            once: None,
            events: Vec::new(),
            store: self.store().clone(),
            call: Some(self.clone()),
        })
    }
}
