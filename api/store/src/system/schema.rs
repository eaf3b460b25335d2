//! The database's schema: whether it is this program's, and how it becomes so.

use migration::{Migrator, MigratorTrait};
use sea_orm::{ConnectionTrait, DatabaseConnection, Statement};

use crate::{Backend, Fault, Pool};

/// How a database's schema stands to this program's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SchemaState {
    /// The same.
    Current,
    /// Older, or empty: so many steps are missing.
    Older(usize),
    /// Newer: it has steps that this program does not know.
    Newer(Vec<String>),
}

/// Held while migrating, so that of several servers that start at once one migrates and the others wait.
const MIGRATION_LOCK: i64 = 0x6c75_6f73_6869;

impl Pool {
    /// How the schema stands.
    ///
    /// # Errors
    /// The database cannot be reached.
    pub async fn schema_state(&self) -> Result<SchemaState, Fault> {
        let db = self.connect(1).await?;
        let state = state(&db).await;
        db.close().await?;
        state
    }

    /// Brings an older schema up to this program's; answers how many steps it took.
    ///
    /// # Errors
    /// The database cannot be reached, or its schema is newer than this program.
    pub async fn migrate(&self) -> Result<usize, Fault> {
        // One connection: the lock belongs to it, and the steps run on it.
        let db = self.connect(1).await?;
        let postgres = Backend::of(&db) == Backend::Postgres;
        if postgres {
            db.execute_unprepared(&format!(
                "SET statement_timeout = 0; SET lock_timeout = 0; SELECT pg_advisory_lock({MIGRATION_LOCK})"
            ))
            .await?;
        }
        let steps = match state(&db).await? {
            SchemaState::Current => 0,
            SchemaState::Older(steps) => {
                Migrator::up(&db, None).await?;
                steps
            }
            SchemaState::Newer(steps) => {
                return Err(Fault::new(format!(
                    "the database's schema is newer than this program: it has {}",
                    steps.join(", ")
                )));
            }
        };
        if postgres {
            db.execute_unprepared(&format!("SELECT pg_advisory_unlock({MIGRATION_LOCK})"))
                .await?;
        }
        db.close().await?;
        Ok(steps)
    }
}

async fn state(db: &DatabaseConnection) -> Result<SchemaState, Fault> {
    let known: Vec<String> = Migrator::migrations()
        .iter()
        .map(|step| step.name().to_owned())
        .collect();
    // Asked without the library, which would make the table of steps each time: the server's own role may make none.
    let applied: Vec<String> = if has_column(db, "seaql_migrations", "version").await? {
        let steps = Statement::from_string(
            db.get_database_backend(),
            "SELECT version FROM seaql_migrations",
        );
        let rows = db.query_all_raw(steps).await?;
        rows.iter()
            .map(|row| row.try_get("", "version"))
            .collect::<Result<_, _>>()?
    } else {
        Migrator::install(db).await?;
        Vec::new()
    };
    let foreign: Vec<String> = applied
        .iter()
        .filter(|step| !known.contains(step))
        .cloned()
        .collect();
    Ok(if !foreign.is_empty() {
        SchemaState::Newer(foreign)
    } else if applied.len() < known.len() {
        SchemaState::Older(known.len() - applied.len())
    } else {
        SchemaState::Current
    })
}

/// Whether a table of the database has a column: one that is not there has none. Any role may ask, also one that may not read the table.
pub(super) async fn has_column(
    db: &impl ConnectionTrait,
    table: &str,
    column: &str,
) -> Result<bool, Fault> {
    let asked = match Backend::of(db) {
        Backend::Postgres => {
            "SELECT 1 FROM pg_attribute WHERE attrelid = to_regclass($1) AND attname = CAST($2 AS text) AND NOT attisdropped"
        }
        Backend::Sqlite => "SELECT 1 FROM pragma_table_info($1) WHERE name = $2",
    };
    let asked = Statement::from_sql_and_values(
        db.get_database_backend(),
        asked,
        [table.into(), column.into()],
    );
    Ok(db.query_one_raw(asked).await?.is_some())
}
