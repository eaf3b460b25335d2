//! The advisory locks of a database, all of them: PostgreSQL's alone, for SQLite has one writer.
//!
//! PostgreSQL knows them by their numbers, which are the whole database's. Here each has its own, for two of one number do not
//! compile: whoever held the one would stop all who want the other.

use sea_orm::ConnectionTrait;

use crate::{Backend, Fault};

/// What a lock is held for. Whoever holds several takes them in the order in which they stand here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i64)]
pub(crate) enum Advisory {
    /// While the schema is brought up to this program's: of several servers that start at once one migrates, and the others wait.
    Migration = 0x6c75_6f73_6869,
    /// By whoever changes the register: a name is given once, as a name or as an alias, and no unit is merged meanwhile.
    Register = 0x6c75_6f73_6877,
    /// While events get their numbers, until they are committed: they are numbered in the order in which they can be seen, so
    /// that a reader who goes by the numbers misses none.
    Events = 0x6c75_6f73_6876,
    /// While audit entries get their places in the chain.
    Sealing = 0x6c75_6f73_6878,
}

impl Advisory {
    /// The lock's number.
    pub(crate) const fn number(self) -> i64 {
        self as i64
    }

    /// Waits for whoever holds it, and holds it until the end of the transaction.
    pub(crate) async fn hold(self, transaction: &impl ConnectionTrait) -> Result<(), Fault> {
        if Backend::of(transaction) == Backend::Postgres {
            let sql = format!("SELECT pg_advisory_xact_lock({})", self.number());
            transaction.execute_unprepared(&sql).await?;
        }
        Ok(())
    }
}
