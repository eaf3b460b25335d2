//! Sealing: pending entries get their places in the chain.
//!
//! Hashes are computed outside of any transaction. The transaction that keeps them takes the sealers' lock (PostgreSQL;
//! SQLite has one writer), looks whether the chain still ends where it ended, and writes. Writers of entries never wait for
//! it on PostgreSQL, and on SQLite no longer than for its few inserts.

use std::{
    future::ready,
    pin::pin,
    sync::{Arc, Weak},
    time::Duration,
};

use entity::{audit_archive, audit_pending, audit_seal, ids::AuditEntryId};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, Statement,
};
use serde_json::Value;
use tokio::{
    sync::Notify,
    time::{MissedTickBehavior, interval, sleep},
};

use super::{
    Audit, Head,
    chain::{COLUMNS, ORIGIN, Record},
};
use crate::{
    Fault, Inner, Result, Store, System,
    advisory::Advisory,
    write::{Act, Entry, Write},
};

/// The most entries that one transaction seals.
const BATCH: usize = 500;
/// How long the sealer waits after an act for others to be sealed with it.
const TOGETHER: Duration = Duration::from_millis(100);
/// How often it looks when nobody says anything.
const AT_LEAST: Duration = Duration::from_secs(1);

/// What is left after a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Batch {
    /// Nothing that was there when it was read.
    Last,
    /// Perhaps more; or another sealer came in between, and nothing was sealed.
    More,
}

/// Heads that a server knows the chain to have had.
#[derive(Default)]
pub(super) struct Known {
    head: Option<Head>,
    /// Those that it did not find again.
    lost: Vec<Head>,
}

/// The most lost heads that are kept.
const MOST_LOST: usize = 8;

impl Audit {
    /// The heads that the chain must still hold.
    pub(super) fn known_heads(&self) -> Vec<Head> {
        let known = super::lock(&self.known);
        known.lost.iter().chain(&known.head).cloned().collect()
    }

    /// Notes the head before and after sealing. A chain that ends before the place that this server sealed, or has another
    /// hash there, was tampered with.
    fn know(&self, before: &Head, after: Head) {
        let mut known = super::lock(&self.known);
        if let Some(head) = known.head.take()
            && (before.sequence < head.sequence
                || (before.sequence == head.sequence && before.hash != head.hash))
        {
            tracing::error!(
                sealed = head.sequence,
                found = before.sequence,
                "the audit chain does not hold what this server sealed"
            );
            if known.lost.len() < MOST_LOST {
                known.lost.push(head);
            }
        }
        known.head = Some(after);
    }
}

/// Where the chain of the database begins: after the newest archive.
pub(super) async fn base(
    db: &impl ConnectionTrait,
) -> Result<(Head, Option<audit_archive::Model>), Fault> {
    let archive = audit_archive::Entity::find()
        .order_by_desc(audit_archive::Column::LastSequence)
        .one(db)
        .await?;
    let head = match &archive {
        Some(archive) => Head {
            sequence: archive.last_sequence,
            hash: archive.last_hash.clone(),
        },
        None => Head {
            sequence: 0,
            hash: ORIGIN.to_owned(),
        },
    };
    Ok((head, archive))
}

/// Where the chain ends now.
async fn head(db: &impl ConnectionTrait) -> Result<Head, Fault> {
    let seal = audit_seal::Entity::find()
        .order_by_desc(audit_seal::Column::Sequence)
        .one(db)
        .await?;
    match seal {
        Some(seal) => Ok(Head {
            sequence: seal.sequence,
            hash: seal.hash,
        }),
        None => Ok(base(db).await?.0),
    }
}

impl Store {
    /// Seals what is pending when it begins, and no more: whoever waits for it is not kept waiting by those who go on writing.
    pub(crate) async fn seal(&self) -> Result<(), Fault> {
        let reader = self.inner.connections.reader(&Arc::default());
        let newest = audit_pending::Entity::find()
            .order_by_desc(audit_pending::Column::EntryId)
            .one(&reader)
            .await?;
        let Some(audit_pending::Model { entry_id: last, .. }) = newest else {
            return Ok(());
        };
        while self.seal_some(last).await? != Batch::Last {}
        Ok(())
    }

    /// Seals some of the entries up to this one.
    async fn seal_some(&self, last: AuditEntryId) -> Result<Batch, Fault> {
        // Fails only where the server has closed it, which it never does.
        let _turn = self.inner.audit.sealing.acquire().await.ok();
        let reader = self.inner.connections.reader(&Arc::default());
        let before = head(&reader).await?;
        let statement = format!(
            "SELECT {COLUMNS} FROM audit_pending JOIN audit_entry ON audit_entry.id = audit_pending.entry_id \
             WHERE audit_pending.entry_id <= $1 ORDER BY audit_pending.entry_id LIMIT {BATCH}"
        );
        let rows = reader
            .query_all_raw(Statement::from_sql_and_values(
                reader.get_database_backend(),
                statement,
                [last.into()],
            ))
            .await?;
        if rows.is_empty() {
            return Ok(Batch::Last);
        }
        let algorithm = self.inner.audit.rules.algorithm;
        let mut after = before.clone();
        let mut seals = Vec::with_capacity(rows.len());
        let mut entries: Vec<AuditEntryId> = Vec::with_capacity(rows.len());
        for row in &rows {
            let record = Record::read(row)?;
            let sequence = after.sequence + 1;
            let text = record.text(sequence, algorithm.as_str());
            after = Head {
                sequence,
                hash: algorithm.chain(&after.hash, &text),
            };
            entries.push(record.id);
            seals.push(audit_seal::ActiveModel {
                sequence: Set(sequence),
                entry_id: Set(record.id),
                algorithm: Set(algorithm.as_str().to_owned()),
                hash: Set(after.hash.clone()),
            });
        }
        let db = self.inner.connections.begin(&Arc::default()).await?;
        Advisory::Sealing.hold(&db).await?;
        if head(&db).await? != before {
            return Ok(Batch::More);
        }
        audit_seal::Entity::insert_many(seals)
            .exec_without_returning(&db)
            .await?;
        audit_pending::Entity::delete_many()
            .filter(audit_pending::Column::EntryId.is_in(entries))
            .exec(&db)
            .await?;
        db.commit().await?;
        self.inner.audit.know(&before, after);
        Ok(if rows.len() < BATCH {
            Batch::Last
        } else {
            Batch::More
        })
    }

    /// Where the chain ends now.
    pub(super) async fn audit_head(&self) -> Result<Head, Fault> {
        head(&self.inner.connections.reader(&Arc::default())).await
    }

    /// Writes down how many refusals were not listed.
    async fn list_left_out(&self, in_any_case: bool) -> Result<()> {
        let now = self.now();
        let left_out = {
            let mut limits = super::lock(&self.inner.audit.limits);
            if in_any_case {
                limits.take_all(now)
            } else {
                limits.take(now)
            }
        };
        if left_out.is_empty() {
            return Ok(());
        }
        let entries = left_out.iter().map(|minute| Entry {
            act: Act::CountRefusals,
            object: "AuditEntry",
            id: None,
            changes: minute.told(),
            event: None,
        });
        let written = async {
            let write = Write::of_system(self, None).await?;
            write.commit_with(Value::Null, entries).await
        };
        let written = written.await;
        if written.is_err() {
            super::lock(&self.inner.audit.limits).put_back(left_out);
        }
        written
    }

    /// The task that seals entries, writes down how many refusals were not listed, and anchors the chain. It ends with
    /// the store, or once something has happened, but never in the middle of sealing: whoever waits for its end may close the store.
    pub fn keep_sealing<F: Future<Output: Send> + Send>(
        &self,
        until: F,
    ) -> impl Future<Output = ()> + Send + use<F> {
        let wake = Arc::clone(&self.inner.audit.wake);
        seal_again_and_again(Arc::downgrade(&self.inner), wake, until)
    }
}

impl System {
    /// Waits until the log has what was refused so far, also to whoever has gone away since: before a server stops.
    pub async fn refusals_written(&self) {
        let refusals = &self.store().inner.audit.refusals;
        refusals.close();
        refusals.wait().await;
    }

    /// Seals what is pending, and writes the counts of refusals and the anchor: before a server stops, and whenever
    /// somebody must see everything in its place.
    ///
    /// # Errors
    /// The database or the file of anchors failed.
    pub async fn finish_audit(&self) -> Result<()> {
        // What cannot be counted must not keep the rest from being sealed.
        let counted = self.store().list_left_out(true).await;
        self.store().seal().await?;
        self.store().anchor(true).await?;
        counted
    }
}

async fn seal_again_and_again(store: Weak<Inner>, wake: Arc<Notify>, until: impl Future) {
    let mut until = pin!(until);
    let mut tick = interval(AT_LEAST);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    while let Some(inner) = store.upgrade() {
        let store = Store {
            inner,
            statements: Arc::default(),
        };
        // A batch in a task of its own, which does not keep the store while this one waits; a panic ends that one alone.
        let sealing = tokio::spawn(async move {
            let counted = store.list_left_out(false).await;
            let batch = store.seal_some(AuditEntryId(i64::MAX)).await?;
            store.anchor(false).await?;
            counted.map(|()| batch)
        });
        let batch = match sealing.await {
            Ok(Ok(batch)) => batch,
            Ok(Err(error)) => {
                if let crate::Error::Fault(fault) = error {
                    tracing::error!(fault = fault.inside(), "the audit log could not be sealed");
                }
                Batch::Last
            }
            Err(_) => {
                tracing::error!("the sealing of the audit log panicked");
                Batch::Last
            }
        };
        tokio::select! {
            biased;
            _ = &mut until => return,
            () = ready(()), if batch == Batch::More => {}
            _ = tick.tick() => {}
            () = wake.notified() => sleep(TOGETHER).await,
        }
    }
}
