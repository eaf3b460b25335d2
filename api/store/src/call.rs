//! One request of one viewer: the only door to business data.

use std::{
    net::IpAddr,
    sync::{
        Arc, Mutex, MutexGuard,
        atomic::{AtomicU32, Ordering},
    },
};

use chrono::{DateTime, NaiveDate, Utc};
use domain::{Asking, OPERATOR, Reach};
use entity::ids::UserId;
use sea_orm::DatabaseConnection;

use crate::{
    Error, Result, Store, Viewer,
    connection::{Backend, Metered},
    read::OthersRead,
};

/// Where a request came from, as far as the store must remember it.
#[derive(Clone, Debug)]
pub struct Origin {
    /// The request's ID, kept in audit entries.
    pub request_id: Arc<str>,
    /// The client's address, kept in audit entries; none for a command.
    pub address: Option<IpAddr>,
}

impl Origin {
    /// A command that somebody runs on the machine itself, such as `user create`. Audit entries know it by the request ID
    /// `luoshi user create`, and by having no address.
    pub fn command(words: &str) -> Self {
        Self {
            request_id: format!("luoshi {words}").into(),
            address: None,
        }
    }
}

/// One request of one viewer, or of nobody. Cheap to clone.
#[derive(Clone)]
pub struct Call {
    inner: Arc<Inner>,
}

struct Inner {
    store: Store,
    viewer: Option<Viewer>,
    /// What the viewer may reach now: nothing for nobody, and nothing before a one-time password is changed and a second
    /// factor that is needed is set up.
    reach: Reach,
    now: DateTime<Utc>,
    origin: Origin,
    statements: Arc<AtomicU32>,
    /// Somebody at the server's command line asks, and no account.
    operator: bool,
    /// What was read of others so far, by an administrator.
    others_read: Mutex<OthersRead>,
}

impl Call {
    /// An act from the server's command line.
    pub(crate) fn of_operator(store: Store, now: DateTime<Utc>, origin: Origin) -> Self {
        Self {
            inner: Arc::new(Inner {
                statements: Arc::clone(&store.statements),
                store,
                viewer: None,
                reach: Reach::of_operator(),
                now,
                origin,
                operator: true,
                others_read: Mutex::default(),
            }),
        }
    }

    pub(crate) fn new(
        store: Store,
        viewer: Option<Viewer>,
        now: DateTime<Utc>,
        origin: Origin,
        statements: Arc<AtomicU32>,
    ) -> Self {
        let reach = match &viewer {
            Some(viewer) if viewer.hindered().is_none() => Reach {
                user: Some(viewer.account.id),
                ..Reach::of(&viewer.grants)
            },
            _ => Reach::nothing(),
        };
        Self {
            inner: Arc::new(Inner {
                store,
                viewer,
                reach,
                now,
                origin,
                statements,
                operator: false,
                others_read: Mutex::default(),
            }),
        }
    }

    /// Who asks, if anybody is signed in.
    pub fn viewer(&self) -> Option<&Viewer> {
        self.inner.viewer.as_ref()
    }

    /// Who asks.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] when nobody is signed in.
    pub fn signed_in(&self) -> Result<&Viewer> {
        self.viewer().ok_or(Error::Unauthenticated)
    }

    /// Who asks, when they may do more than change their password or set up a second factor. Every read and every act but those of the
    /// session itself begins here.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`], [`Error::MustChangePassword`] after signing in with a one-time password, or
    /// [`Error::MustSetUpSecondFactor`] while a second factor is needed and missing.
    pub fn admitted(&self) -> Result<&Viewer> {
        let viewer = self.signed_in()?;
        match viewer.hindered() {
            Some(hindrance) => Err(hindrance),
            None => Ok(viewer),
        }
    }

    /// Who asks, for an act on their own second factor: these may be done while one is needed and missing.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`], or [`Error::MustChangePassword`] after signing in with a one-time password.
    pub(crate) fn admitted_to_set_up(&self) -> Result<&Viewer> {
        let viewer = self.signed_in()?;
        match viewer.hindered() {
            None | Some(Error::MustSetUpSecondFactor) => Ok(viewer),
            Some(hindrance) => Err(hindrance),
        }
    }

    /// What the viewer may reach.
    pub fn reach(&self) -> &Reach {
        &self.inner.reach
    }

    /// Who asks and when, for a guard.
    ///
    /// # Errors
    /// As [`Call::admitted`].
    pub fn asking(&self) -> Result<Asking<'_>> {
        Ok(Asking {
            reach: self.reach(),
            user: self.acting()?,
            now: self.now(),
        })
    }

    /// Whose act it is: the viewer's, or [`OPERATOR`]'s.
    pub(crate) fn acting(&self) -> Result<UserId> {
        if self.inner.operator {
            Ok(OPERATOR)
        } else {
            Ok(self.admitted()?.account.id)
        }
    }

    /// Whether somebody at the server's command line asks.
    pub(crate) fn is_operators(&self) -> bool {
        self.inner.operator
    }

    /// The moment of the request.
    pub fn now(&self) -> DateTime<Utc> {
        self.inner.now
    }

    /// The day of the request, in China.
    pub fn today(&self) -> NaiveDate {
        domain::clock::day(self.inner.now)
    }

    /// The request's ID.
    pub fn request_id(&self) -> &str {
        &self.inner.origin.request_id
    }

    /// Where the request came from.
    pub fn origin(&self) -> &Origin {
        &self.inner.origin
    }

    /// Statements run so far for this request.
    pub fn statements(&self) -> u32 {
        self.inner.statements.load(Ordering::Relaxed)
    }

    /// What was read of others so far.
    pub(crate) fn others_read(&self) -> MutexGuard<'_, OthersRead> {
        let read = self.inner.others_read.lock();
        read.unwrap_or_else(|poison| poison.into_inner())
    }

    pub(crate) fn store(&self) -> &Store {
        &self.inner.store
    }

    pub(crate) fn counter(&self) -> &Arc<AtomicU32> {
        &self.inner.statements
    }

    pub(crate) fn reader(&self) -> Metered<DatabaseConnection> {
        self.inner
            .store
            .inner
            .connections
            .reader(&self.inner.statements)
    }

    pub(crate) fn backend(&self) -> Backend {
        Backend::of(&self.reader())
    }
}

impl std::fmt::Debug for Call {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Call")
            .field("user", &self.viewer().map(|viewer| viewer.account.id))
            .field("request_id", &self.request_id())
            .finish_non_exhaustive()
    }
}
