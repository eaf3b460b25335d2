//! For those who wait: the number of the newest event, and the end of sessions.
//!
//! One task of each server looks at the database for all who wait: when an act of its own has been committed, when another
//! server says so (PostgreSQL's NOTIFY), and once a second whatever happens. Nothing of an event is kept here: whoever
//! hears that there is one reads it through their own scope.

use std::{
    collections::{BTreeSet, HashMap},
    sync::{Arc, Mutex, MutexGuard, Weak},
    time::Duration,
};

use entity::{
    event,
    ids::{EventId, SessionId, TargetId},
    kinds::EventType,
    session, user,
};
use sea_orm::{
    ColumnTrait, EntityTrait, QueryFilter, QuerySelect, QueryTrait, sqlx::postgres::PgListener,
};
use tokio::{
    sync::{Notify, watch},
    time::{MissedTickBehavior, interval},
};

use crate::{Backend, Call, Fault, Inner, Result, Seen, Store, scoped::Scoped};

/// The channel on which PostgreSQL tells of new events.
pub(crate) const CHANNEL: &str = "luoshi_event";

/// How often the database is looked at when nobody says anything: the longest that the end of a session goes unnoticed.
const AT_LEAST: Duration = Duration::from_secs(1);

/// The most sessions that one statement asks about.
const SESSIONS: usize = 500;

#[derive(Default)]
pub(crate) struct Feed {
    /// The number of the newest event.
    newest: watch::Sender<i64>,
    sessions: Mutex<Sessions>,
    look: Arc<Notify>,
}

#[derive(Default)]
struct Sessions {
    next: u64,
    watched: HashMap<u64, (SessionId, watch::Sender<bool>)>,
}

impl Feed {
    /// Wakes the task that looks.
    pub(crate) fn look(&self) -> Arc<Notify> {
        Arc::clone(&self.look)
    }

    fn sessions(&self) -> MutexGuard<'_, Sessions> {
        self.sessions
            .lock()
            .unwrap_or_else(|poison| poison.into_inner())
    }
}

/// Waits for the end of a session. Dropped, it waits no more.
pub struct SessionWatch {
    number: u64,
    ended: watch::Receiver<bool>,
    store: Store,
}

impl SessionWatch {
    /// Returns when the session has ended, or the account is disabled; within a second or so.
    pub async fn ended(&mut self) {
        // The sender lives as long as this watch.
        let _ = self.ended.wait_for(|ended| *ended).await;
    }
}

impl Drop for SessionWatch {
    fn drop(&mut self) {
        let feed = &self.store.inner.feed;
        feed.sessions().watched.remove(&self.number);
    }
}

impl std::fmt::Debug for SessionWatch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SessionWatch").finish_non_exhaustive()
    }
}

/// Hears of new events.
#[derive(Clone, Debug)]
pub struct Newest(watch::Receiver<i64>);

impl Newest {
    /// The number of the newest event that has been heard of.
    pub fn number(&mut self) -> EventId {
        EventId(*self.0.borrow_and_update())
    }

    /// Returns when there is a newer one; false when there will be none, for the server stops.
    pub async fn newer(&mut self) -> bool {
        self.0.changed().await.is_ok()
    }
}

/// Which events somebody waits for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EventFilter {
    /// Of these types; none for all.
    pub types: Option<BTreeSet<EventType>>,
    /// On this target; none for all. The inner none is a target that there is not.
    pub target: Option<Option<TargetId>>,
}

impl Store {
    /// The task that looks at the database for all who wait. It ends with the store.
    pub fn keep_looking(&self) -> impl Future<Output = ()> + Send + use<> {
        look_again_and_again(Arc::downgrade(&self.inner), self.inner.feed.look())
    }

    /// Hears of new events, from those on that are committed from now on.
    ///
    /// # Errors
    /// The database failed.
    pub async fn newest_event(&self) -> Result<Newest, Fault> {
        self.look_at_events().await?;
        Ok(Newest(self.inner.feed.newest.subscribe()))
    }

    /// How many hear of new events.
    pub fn listeners(&self) -> usize {
        self.inner.feed.newest.receiver_count()
    }

    /// Waits for the end of a session.
    pub fn watch_session(&self, session: SessionId) -> SessionWatch {
        let (sender, ended) = watch::channel(false);
        let mut sessions = self.inner.feed.sessions();
        sessions.next += 1;
        let number = sessions.next;
        sessions.watched.insert(number, (session, sender));
        drop(sessions);
        SessionWatch {
            number,
            ended,
            store: self.clone(),
        }
    }

    async fn look_at_events(&self) -> Result<(), Fault> {
        let newest: Option<Option<i64>> = event::Entity::find()
            .select_only()
            .column_as(event::Column::Id.max(), "newest")
            .into_tuple()
            .one(&self.inner.connections.reader(&Arc::default()))
            .await?;
        let newest = newest.flatten().unwrap_or_default();
        self.inner.feed.newest.send_if_modified(|known| {
            let newer = *known < newest;
            *known = (*known).max(newest);
            newer
        });
        Ok(())
    }

    async fn look_at_sessions(&self) -> Result<(), Fault> {
        let watched: Vec<(u64, SessionId)> = {
            let sessions = self.inner.feed.sessions();
            let all = sessions.watched.iter();
            all.map(|(number, (session, _))| (*number, *session))
                .collect()
        };
        for part in watched.chunks(SESSIONS) {
            let active = user::Entity::find()
                .select_only()
                .column(user::Column::Id)
                .filter(user::Column::Active.eq(true));
            let alive: Vec<SessionId> = session::Entity::find()
                .select_only()
                .column(session::Column::Id)
                .filter(session::Column::Id.is_in(part.iter().map(|(_, session)| *session)))
                .filter(session::Column::EndedAt.is_null())
                .filter(session::Column::UserId.in_subquery(active.into_query()))
                .into_tuple()
                .all(&self.inner.connections.reader(&Arc::default()))
                .await?;
            let sessions = self.inner.feed.sessions();
            for (number, session) in part {
                if let (false, Some((_, ended))) =
                    (alive.contains(session), sessions.watched.get(number))
                {
                    ended.send_replace(true);
                }
            }
        }
        Ok(())
    }

    /// What PostgreSQL says; none on SQLite, or while it cannot be heard.
    async fn listen(&self) -> Option<PgListener> {
        let reader = self.inner.connections.reader(&Arc::default());
        if Backend::of(&reader) != Backend::Postgres {
            return None;
        }
        let mut listener = PgListener::connect_with(reader.postgres()).await.ok()?;
        listener.listen(CHANNEL).await.ok()?;
        Some(listener)
    }
}

async fn look_again_and_again(store: Weak<Inner>, look: Arc<Notify>) {
    let upgrade = || {
        let inner = store.upgrade()?;
        let statements = Arc::default();
        Some(Store { inner, statements })
    };
    let mut listener = None;
    let mut tick = interval(AT_LEAST);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    while let Some(store) = upgrade() {
        if listener.is_none() {
            listener = store.listen().await;
        }
        // A task of its own, which does not keep the store while this one waits; a panic ends that one alone.
        let looking = tokio::spawn(async move {
            store.look_at_events().await?;
            store.look_at_sessions().await
        });
        match looking.await {
            Ok(Ok(())) => {}
            Ok(Err(fault)) => {
                tracing::debug!(fault = fault.inside(), "the feed could not look");
            }
            Err(_) => tracing::error!("the look for events panicked"),
        }
        tokio::select! {
            _ = tick.tick() => {}
            () = look.notified() => {}
            heard = hear(&mut listener) => if !heard { listener = None },
        }
    }
}

/// Waits until PostgreSQL says something; false when it cannot be heard any more.
async fn hear(listener: &mut Option<PgListener>) -> bool {
    match listener {
        Some(listener) => listener.recv().await.is_ok(),
        None => std::future::pending().await,
    }
}

impl Call {
    /// The first event after one and up to another that is for the viewer, as they may see now. Costs one statement.
    ///
    /// # Errors
    /// The database failed, or nobody is signed in.
    pub async fn next_event(
        &self,
        after: EventId,
        up_to: EventId,
        filter: &EventFilter,
    ) -> Result<Option<Seen<event::Model>>> {
        self.admitted()?;
        let mut scoped = Scoped::<event::Entity>::new(self)
            .and(event::Column::Id.gt(after))
            .and(event::Column::Id.lte(up_to));
        if let Some(types) = &filter.types {
            scoped = scoped.and(event::Column::Type.is_in(types.iter().copied()));
        }
        match filter.target {
            None => {}
            Some(Some(target)) => scoped = scoped.and(event::Column::TargetId.eq(target)),
            Some(None) => return Ok(None),
        }
        scoped
            .order_by(event::Column::Id)
            .first(&self.reader())
            .await
    }

    /// Hears of new events.
    ///
    /// # Errors
    /// The database failed.
    pub async fn newest_event(&self) -> Result<Newest> {
        Ok(self.store().newest_event().await?)
    }
}
