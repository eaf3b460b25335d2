//! Collecting orphans: files that were uploaded and never attached, and files of which the database does not know, such as a
//! crash leaves between putting a file and writing its row.
//!
//! Both are left alone for a day, which no upload takes. Several servers may collect at once: each row is forgotten by one of
//! them, and a file that is away may be taken away again.

use std::time::Duration;

use files::{Key, Listed};
use futures_util::{StreamExt, TryStreamExt};

use crate::App;

/// How long after its start a server collects for the first time.
const FIRST: Duration = Duration::from_secs(600);
/// How often it does.
const EVERY: Duration = Duration::from_secs(24 * 3600);
/// Keys that the database is asked for at once.
const AT_ONCE: usize = 500;

/// What was collected, or would be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Collected {
    /// Files that were never attached.
    pub waiting: usize,
    /// Files of which the database does not know.
    pub unknown: usize,
    /// Bytes of both.
    pub bytes: u64,
}

impl App {
    /// Collects orphans; with `dry`, only counts them.
    ///
    /// # Errors
    /// The database or the storage failed; or the storage holds files, and the database knows none of them: one of the two
    /// may be another's, and nothing is removed from the storage.
    pub async fn collect(&self, dry: bool) -> Result<Collected, String> {
        let mut collected = Collected::default();
        let unknown = self.unknown_files(&mut collected).await?;
        if dry {
            let waiting = self.store().system().waiting_attachments().await;
            for file in waiting.map_err(crate::commands::failed)? {
                collected.waiting += 1;
                collected.bytes += file.byte_size.unsigned_abs();
            }
            return Ok(collected);
        }
        for key in unknown {
            self.files().delete(&key).await.map_err(told)?;
        }
        loop {
            let forgotten = self.store().system().forget_waiting_attachments().await;
            let forgotten = forgotten.map_err(crate::commands::failed)?;
            if forgotten.is_empty() {
                return Ok(collected);
            }
            for file in forgotten {
                collected.waiting += 1;
                collected.bytes += file.byte_size.unsigned_abs();
                if let Some(key) = Key::parse(&file.key) {
                    self.files().delete(&key).await.map_err(told)?;
                }
            }
        }
    }

    /// The old files in the storage of which the database does not know.
    async fn unknown_files(&self, collected: &mut Collected) -> Result<Vec<Key>, String> {
        let system = self.store().system();
        let before = system.orphans_before();
        let listed = self.files().list().await.map_err(told)?;
        let mut parts = std::pin::pin!(listed.try_chunks(AT_ONCE));
        let (mut known, mut unknown) = (0, Vec::new());
        while let Some(part) = parts.next().await {
            let part: Vec<Listed> = part.map_err(|error| told(error.1))?;
            let keys: Vec<&str> = part.iter().map(|file| file.key.as_str()).collect();
            let of_database = system.known_files(&keys).await;
            let of_database = of_database.map_err(crate::commands::failed)?;
            known += of_database.len();
            for file in part {
                let old = file.stored_at.is_some_and(|at| at < before);
                if old && !of_database.contains(file.key.as_str()) {
                    collected.unknown += 1;
                    collected.bytes += file.byte_size;
                    unknown.push(file.key);
                }
            }
        }
        if known == 0 && !unknown.is_empty() {
            return Err(format!(
                "the storage holds {} old files, and the database knows none of its files: nothing is removed, for one of them may be another's",
                unknown.len()
            ));
        }
        Ok(unknown)
    }

    /// Collects orphans once a day, for as long as the future lives.
    pub(crate) async fn keep_collecting(self) {
        tokio::time::sleep(FIRST).await;
        loop {
            match self.collect(false).await {
                Ok(Collected {
                    waiting,
                    unknown,
                    bytes,
                }) => tracing::info!(waiting, unknown, bytes, "orphaned files are collected"),
                Err(error) => tracing::error!(error, "orphaned files could not be collected"),
            }
            tokio::time::sleep(EVERY).await;
        }
    }
}

fn told(fault: files::Fault) -> String {
    fault.inside().to_owned()
}
