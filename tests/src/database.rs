//! A database for each test, copied from a template that is made once in a run.

use std::{
    path::PathBuf,
    sync::atomic::{AtomicU32, Ordering},
};

use sea_orm::{ConnectionTrait, Database, DatabaseConnection};
use store::Pool;
use tempfile::TempDir;
use tokio::sync::{Mutex, OnceCell};

use crate::{
    cluster::{cluster, waits_for_the_disk},
    world,
};

/// Which database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backend {
    /// The embedded one.
    Sqlite,
    /// The one for production.
    Postgres,
}

/// What a template holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Template {
    /// Nothing.
    Empty,
    /// The world of [`world`].
    World,
}

/// A database of a test's own.
pub struct TestDatabase {
    /// Which database.
    pub backend: Backend,
    /// Its URL.
    pub url: String,
    /// Removed with the test (SQLite). PostgreSQL's go with the cluster.
    _folder: Option<TempDir>,
}

static NUMBER: AtomicU32 = AtomicU32::new(0);

impl TestDatabase {
    /// An empty database; none where PostgreSQL is not installed.
    pub async fn set_up(backend: Backend) -> Option<Self> {
        Self::of(backend, Template::Empty).await
    }

    /// A copy of a template; none where PostgreSQL is not installed.
    pub async fn of(backend: Backend, template: Template) -> Option<Self> {
        match backend {
            Backend::Sqlite => Some(Self::sqlite(template).await),
            Backend::Postgres => Self::postgres(template).await,
        }
    }

    async fn sqlite(template: Template) -> Self {
        static WORLD: OnceCell<(TempDir, PathBuf)> = OnceCell::const_new();
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("test.db");
        if template == Template::World {
            let (_, made) = WORLD
                .get_or_init(|| async {
                    let folder = tempfile::tempdir().expect("a temporary folder");
                    let path = folder.path().join("template.db");
                    world::fill(sqlite_url(&path)).await;
                    (folder, path)
                })
                .await;
            std::fs::copy(made, &path).expect("a copy of the template");
        }
        Self {
            backend: Backend::Sqlite,
            url: sqlite_url(&path),
            _folder: Some(folder),
        }
    }

    async fn postgres(template: Template) -> Option<Self> {
        static WORLD: OnceCell<()> = OnceCell::const_new();
        // A template can be copied only while nobody is connected to it, and by one at a time.
        static COPYING: Mutex<()> = Mutex::const_new(());
        const TEMPLATE: &str = "luoshi_world";
        let cluster = cluster()?;
        let admin = Database::connect(cluster.url("postgres"))
            .await
            .expect("a connection to the cluster");
        if template == Template::World {
            WORLD
                .get_or_init(|| async {
                    create(&admin, TEMPLATE, "template1").await;
                    world::fill(cluster.url(TEMPLATE)).await;
                })
                .await;
        }
        let name = format!("test_{}", NUMBER.fetch_add(1, Ordering::Relaxed));
        {
            let _turn = COPYING.lock().await;
            let from = match template {
                Template::Empty => "template1",
                Template::World => TEMPLATE,
            };
            create(&admin, &name, from).await;
        }
        admin.close().await.expect("the connection closes");
        Some(Self {
            backend: Backend::Postgres,
            url: cluster.url(&name),
            _folder: None,
        })
    }

    /// A plain connection, to look at tables or to arrange what no act can.
    pub async fn connect(&self) -> DatabaseConnection {
        Database::connect(&self.url).await.expect("a connection")
    }

    /// How a store opens it.
    pub fn pool(&self) -> Pool {
        pool(self.url.clone())
    }
}

pub(crate) fn pool(url: String) -> Pool {
    Pool {
        url,
        connections: 4,
        // Nobody waits until it is over.
        wait: std::time::Duration::from_secs(60),
        statement: std::time::Duration::from_secs(60),
        durable: waits_for_the_disk(),
    }
}

fn sqlite_url(path: &std::path::Path) -> String {
    format!("sqlite://{}?mode=rwc", path.display())
}

async fn create(admin: &DatabaseConnection, name: &str, from: &str) {
    admin
        .execute_unprepared(&format!(
            "CREATE DATABASE {name} TEMPLATE {from} STRATEGY FILE_COPY"
        ))
        .await
        .expect("a database");
}
