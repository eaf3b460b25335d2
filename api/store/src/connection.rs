//! The connections: how each database is opened, and the counting of statements.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DatabaseTransaction, DbBackend,
    DbErr, ExecResult, QueryResult, SqliteTransactionMode, Statement, TransactionOptions,
    TransactionTrait,
    sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous},
};

use crate::Fault;

/// Which database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backend {
    /// The embedded one.
    Sqlite,
    /// The one for production.
    Postgres,
}

impl Backend {
    pub(crate) fn of(connection: &impl ConnectionTrait) -> Self {
        match connection.get_database_backend() {
            DbBackend::Postgres => Self::Postgres,
            _ => Self::Sqlite,
        }
    }
}

/// Where the database is, and how it is used.
#[derive(Clone, Debug)]
pub struct Pool {
    /// `sqlite://PATH?mode=rwc` or `postgres://…`. May hold a password: never logged.
    pub url: String,
    /// Most connections at once (readers, on SQLite, where there are no more than can work at once).
    pub connections: u32,
    /// Longest wait for a connection of the pool, and for another writer.
    pub wait: Duration,
    /// Longest run of one statement (PostgreSQL).
    pub statement: Duration,
    /// Whether each commit waits for the disk (SQLite; PostgreSQL has a setting of its own): without it, what was last done is lost when
    /// the power fails, though not when the server does.
    pub durable: bool,
}

/// Each of SQLite's connections keeps half a MiB of pages: the machine keeps them, too, so that reading one again costs little.
const CACHE: &str = "-512";

/// Statements that each connection keeps compiled: more than a page's, and not so many that they are what memory goes to.
const STATEMENTS: usize = 40;

impl Pool {
    /// Opens a plain connection pool with this database's settings.
    pub(crate) async fn connect(&self, connections: u32) -> Result<DatabaseConnection, DbErr> {
        let mut options = ConnectOptions::new(&self.url);
        let (wait, statement) = (self.wait, self.statement);
        let synchronous = if self.durable {
            SqliteSynchronous::Full
        } else {
            SqliteSynchronous::Normal
        };
        options
            .max_connections(connections)
            .min_connections(1)
            .acquire_timeout(wait)
            .connect_timeout(wait)
            .test_before_acquire_if_idle_for(Duration::from_secs(30))
            .sqlx_logging(false)
            .map_sqlx_sqlite_opts(move |options| {
                options
                    .journal_mode(SqliteJournalMode::Wal)
                    .synchronous(synchronous)
                    .foreign_keys(true)
                    .busy_timeout(wait)
                    .pragma("cache_size", CACHE)
                    .statement_cache_capacity(STATEMENTS)
            })
            .map_sqlx_postgres_opts(move |options| {
                let milliseconds = |limit: Duration| limit.as_millis().to_string();
                let options = options
                    .application_name("luoshi")
                    .statement_cache_capacity(STATEMENTS);
                options.options([
                    // Our statements are short, but hold many conditions of access: compiling one takes far longer (1.6 s
                    // for statistics) than running it (10 ms).
                    ("jit", "off".to_owned()),
                    ("statement_timeout", milliseconds(statement)),
                    ("lock_timeout", milliseconds(wait)),
                    (
                        "idle_in_transaction_session_timeout",
                        milliseconds(statement * 2),
                    ),
                ])
            });
        Database::connect(options).await
    }
}

/// The pools of a store. SQLite has one writer: writes have a connection of their own, so that readers never wait
/// behind a queue of them.
pub(crate) struct Connections {
    read: DatabaseConnection,
    write: DatabaseConnection,
    readers: u32,
}

/// The most readers of SQLite: one for each core, and two.
fn readers() -> u32 {
    let cores = std::thread::available_parallelism().map_or(2, usize::from);
    u32::try_from(cores).unwrap_or(u32::MAX).max(2)
}

impl Connections {
    pub(crate) async fn open(pool: &Pool) -> Result<Self, Fault> {
        // SQLite's readers work within the server, a thread and some 5 MiB each: more than can work at once only wait.
        let readers = match pool.url.starts_with("sqlite:") {
            true => pool.connections.min(readers()),
            false => pool.connections,
        };
        let read = pool.connect(readers).await?;
        let write = match Backend::of(&read) {
            Backend::Sqlite => pool.connect(1).await?,
            Backend::Postgres => read.clone(),
        };
        Ok(Self {
            read,
            write,
            readers,
        })
    }

    pub(crate) async fn close(&self) {
        // Closing waits for the connections in use; what it may say is of no use to anyone any more.
        for pool in [self.write.clone(), self.read.clone()] {
            if let Err(error) = pool.close().await {
                tracing::debug!(%error, "a pool did not close cleanly");
            }
        }
    }

    /// Connections that read.
    pub(crate) const fn readers(&self) -> u32 {
        self.readers
    }

    /// A reader that counts its statements.
    pub(crate) fn reader(&self, count: &Arc<AtomicU32>) -> Metered<DatabaseConnection> {
        Metered {
            connection: self.read.clone(),
            count: Arc::clone(count),
        }
    }

    /// A transaction that will write. On SQLite it takes the writer's place at once: a transaction that turned into a
    /// writer later could fail with BUSY whatever the timeout.
    pub(crate) async fn begin(
        &self,
        count: &Arc<AtomicU32>,
    ) -> Result<Metered<DatabaseTransaction>, DbErr> {
        Ok(Metered {
            connection: self
                .write
                .begin_with_options(TransactionOptions {
                    sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
                    ..Default::default()
                })
                .await?,
            count: Arc::clone(count),
        })
    }
}

/// A connection that counts the statements it runs.
pub(crate) struct Metered<C> {
    connection: C,
    count: Arc<AtomicU32>,
}

impl<C> Metered<C> {
    /// Counts a statement, and tells its text to whoever asks the log for it (`luoshi::sql=trace`): never its values.
    fn tick(&self, sql: &str) {
        self.count.fetch_add(1, Ordering::Relaxed);
        tracing::trace!(target: "luoshi::sql", sql);
    }
}

impl Metered<DatabaseConnection> {
    /// The pool of PostgreSQL's connections.
    pub(crate) fn postgres(&self) -> &sea_orm::sqlx::PgPool {
        self.connection.get_postgres_connection_pool()
    }
}

impl Metered<DatabaseTransaction> {
    pub(crate) async fn commit(self) -> Result<(), DbErr> {
        self.connection.commit().await
    }
}

#[async_trait::async_trait]
impl<C: ConnectionTrait + Send> ConnectionTrait for Metered<C> {
    fn get_database_backend(&self) -> DbBackend {
        self.connection.get_database_backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.tick(&statement.sql);
        self.connection.execute_raw(statement).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.tick(sql);
        self.connection.execute_unprepared(sql).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.tick(&statement.sql);
        self.connection.query_one_raw(statement).await
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.tick(&statement.sql);
        self.connection.query_all_raw(statement).await
    }
}
