//! Archives: the only way out of the log. Everything before a day goes into a file that is sealed with the chain's own
//! hash; then the seal is recorded in the log; then the entries go, which the triggers allow because of that record.

use std::{
    fs::{File, OpenOptions},
    io::{BufRead, BufReader, BufWriter, Write as _},
    path::{Path, PathBuf},
    sync::Arc,
};

use aws_lc_rs::digest as aws;
use chrono::{DateTime, TimeDelta, Utc};
use entity::audit_archive;
use sea_orm::{ActiveValue::NotSet, ConnectionTrait, EntityTrait, Set, Statement};
use serde_json::{Value, json};

use super::{
    Head,
    anchor::{of_file, off_the_runtime},
    chain::COLUMNS,
    export::AuditLine,
    seal::base,
    verify::Lines,
};
use crate::{
    Error, Fault, Origin, Result, System,
    write::{Act, Entry, Write},
};

/// Entries that are read, and removed, by one statement.
const PAGE: i64 = 1_000;

/// What left the log, or is in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArchiveOutcome {
    /// How many entries.
    pub entries: i64,
    /// The place after which the file begins.
    pub after: Head,
    /// The last place of the file.
    pub last: Head,
    /// SHA-256 of the file, in hexadecimal.
    pub file_digest: String,
}

impl System {
    /// Moves all entries that happened before a moment to a file that must not exist yet. None when there are none.
    /// Interrupted after the file was recorded, the next call goes on removing.
    ///
    /// # Errors
    /// The moment is not far enough back, the chain is broken before it, or the file cannot be written: then nothing has left the log.
    /// Or the database failed: then the file stays once it is whole, for it is not known whether it was recorded; where it was, the next
    /// call removes what it holds.
    pub async fn archive_audit(
        &self,
        before: DateTime<Utc>,
        file: &Path,
    ) -> Result<Option<ArchiveOutcome>, Fault> {
        let store = self.store();
        let days = store.inner.audit.rules.retention_days;
        let latest = store.now() - TimeDelta::days(days.into());
        if before > latest {
            return Err(Fault::new(format!(
                "entries stay in the log for {days} days (audit.retention_days): the latest day is {}",
                domain::clock::day(latest)
            )));
        }
        store.seal().await?;
        let reader = store.inner.connections.reader(&Arc::default());
        let (after, _) = base(&reader).await?;
        self.remove(&after).await?;
        let until = self.last_before(before).await?;
        if until <= after.sequence {
            return Ok(None);
        }
        let made = create(file).map_err(|error| of_file(file, &error))?;
        // It was made here, and is good for nothing.
        let discard = |fault| {
            let _ = std::fs::remove_file(file);
            Err(fault)
        };
        let outcome = match self.write_file(&after, until, file, made).await {
            Ok(outcome) => outcome,
            Err(fault) => return discard(fault),
        };
        match self.record_archive(&outcome, file).await {
            Ok(true) => {}
            Ok(false) => return discard(Fault::new("the log is being archived by somebody else")),
            Err(fault) => {
                let kept = format!(
                    "{}: kept, for it is not known whether the log has recorded it: {}",
                    file.display(),
                    fault.inside()
                );
                return Err(Fault::new(kept));
            }
        }
        self.remove(&outcome.last).await?;
        Ok(Some(outcome))
    }

    /// The last place of the chain before which, and at which, everything happened before a moment.
    async fn last_before(&self, before: DateTime<Utc>) -> Result<i64, Fault> {
        let reader = self.store().inner.connections.reader(&Arc::default());
        let first_later = reader
            .query_one_raw(Statement::from_sql_and_values(
                reader.get_database_backend(),
                "SELECT MIN(audit_seal.sequence) AS sequence FROM audit_seal \
                 JOIN audit_entry ON audit_entry.id = audit_seal.entry_id WHERE audit_entry.occurred_at >= $1",
                [before.into()],
            ))
            .await?;
        let first_later: Option<i64> = match first_later {
            Some(row) => row.try_get("", "sequence")?,
            None => None,
        };
        match first_later {
            Some(sequence) => Ok(sequence - 1),
            None => Ok(self.store().audit_head().await?.sequence),
        }
    }

    /// Writes the file, and verifies each line on its way.
    async fn write_file(
        &self,
        after: &Head,
        until: i64,
        path: &Path,
        file: File,
    ) -> Result<ArchiveOutcome, Fault> {
        let failed = |error: std::io::Error| of_file(path, &error);
        let mut out = Digested::new(file);
        let header =
            json!({ "luoshiAuditArchive": 1, "after": after.sequence, "hashBefore": after.hash });
        out.line(&header.to_string()).map_err(failed)?;
        let reader = self.store().inner.connections.reader(&Arc::default());
        let statement = format!(
            "SELECT audit_seal.sequence, audit_seal.algorithm, audit_seal.hash, {COLUMNS} \
             FROM audit_seal JOIN audit_entry ON audit_entry.id = audit_seal.entry_id \
             WHERE audit_seal.sequence > $1 AND audit_seal.sequence <= $2 ORDER BY audit_seal.sequence LIMIT {PAGE}"
        );
        let mut chain = Lines::after(Some(after.clone()));
        while chain.head.sequence < until {
            let rows = reader
                .query_all_raw(Statement::from_sql_and_values(
                    reader.get_database_backend(),
                    &statement,
                    [chain.head.sequence.into(), until.into()],
                ))
                .await?;
            let broken = |sequence| {
                Fault::new(format!(
                    "the chain is broken at {sequence}: nothing has left the log; see `luoshi audit verify`"
                ))
            };
            if rows.is_empty() {
                return Err(broken(chain.head.sequence + 1));
            }
            for row in &rows {
                let line = AuditLine::read(row)?;
                let expected = chain.head.sequence + 1;
                if !chain.follows(&line.json) {
                    return Err(broken(expected));
                }
                out.line(&line.json).map_err(failed)?;
            }
        }
        let entries = until - after.sequence;
        let footer =
            json!({ "entries": entries, "last": chain.head.sequence, "hash": chain.head.hash });
        out.line(&footer.to_string()).map_err(failed)?;
        let file_digest = out.finish().map_err(failed)?;
        keep_name(path).map_err(failed)?;
        Ok(ArchiveOutcome {
            entries,
            after: after.clone(),
            last: chain.head,
            file_digest,
        })
    }

    /// Records the seal of a file, with an entry that tells of it. False where somebody else has archived meanwhile.
    async fn record_archive(&self, outcome: &ArchiveOutcome, file: &Path) -> Result<bool, Fault> {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        let name: String = name.chars().take(255).collect();
        let origin = Origin::command("audit archive");
        let write = Write::of_system(self.store(), Some(&origin))
            .await
            .map_err(fault)?;
        if base(write.db()).await?.0 != outcome.after {
            return Ok(false);
        }
        audit_archive::Entity::insert(audit_archive::ActiveModel {
            id: NotSet,
            last_sequence: Set(outcome.last.sequence),
            last_hash: Set(outcome.last.hash.clone()),
            entries: Set(outcome.entries),
            file_name: Set(name.clone()),
            file_digest: Set(outcome.file_digest.clone()),
            archived_at: Set(self.store().now()),
        })
        .exec(write.db())
        .await?;
        let entry = Entry {
            act: Act::ArchiveAudit,
            object: "AuditEntry",
            id: None,
            changes: json!({
                "lastSequence": outcome.last.sequence, "lastHash": outcome.last.hash, "entries": outcome.entries,
                "fileName": name, "fileDigest": outcome.file_digest,
            }),
            event: None,
        };
        write.commit([entry]).await.map_err(fault)?;
        Ok(true)
    }

    /// Removes what an archive holds, in steps that hold nobody up for long.
    async fn remove(&self, last: &Head) -> Result<(), Fault> {
        loop {
            let db = self
                .store()
                .inner
                .connections
                .begin(&Arc::default())
                .await?;
            let first = db
                .query_one_raw(Statement::from_sql_and_values(
                    db.get_database_backend(),
                    "SELECT MIN(sequence) AS first FROM audit_seal WHERE sequence <= $1",
                    [last.sequence.into()],
                ))
                .await?;
            let first: Option<i64> = match first {
                Some(row) => row.try_get("", "first")?,
                None => None,
            };
            let Some(first) = first else {
                return Ok(());
            };
            let until = last.sequence.min(first + PAGE);
            for statement in [
                "DELETE FROM audit_entry WHERE id IN (SELECT entry_id FROM audit_seal WHERE sequence <= $1)",
                "DELETE FROM audit_seal WHERE sequence <= $1",
            ] {
                db.execute_raw(Statement::from_sql_and_values(
                    db.get_database_backend(),
                    statement,
                    [until.into()],
                ))
                .await?;
            }
            db.commit().await?;
        }
    }
}

fn fault(error: Error) -> Fault {
    match error {
        Error::Fault(fault) => fault,
        other => Fault::new(format!("{other:?}")),
    }
}

/// Verifies a file by itself: what came of it can be compared with what the log says of the archive.
///
/// # Errors
/// The file cannot be read, or is not what an archive is; the message says from which line on.
pub async fn verify_archive(path: PathBuf) -> Result<ArchiveOutcome, Fault> {
    off_the_runtime(move || {
        let failed = |error: std::io::Error| of_file(&path, &error);
        let wrong = |line: usize| {
            let path = path.display();
            Fault::new(format!("{path}: not what was archived, from line {line} on"))
        };
        let mut digest = aws::Context::new(&aws::SHA256);
        let mut reader = BufReader::new(File::open(&path).map_err(failed)?);
        let mut next = || -> Result<Option<String>, Fault> {
            let mut line = String::new();
            if reader.read_line(&mut line).map_err(failed)? == 0 {
                return Ok(None);
            }
            digest.update(line.as_bytes());
            Ok(Some(line.strip_suffix('\n').unwrap_or(&line).to_owned()))
        };
        let header = next()?.ok_or_else(|| wrong(1))?;
        let header: Value = serde_json::from_str(&header).map_err(|_| wrong(1))?;
        let (Some(after), Some(hash)) = (header["after"].as_i64(), header["hashBefore"].as_str())
        else {
            return Err(wrong(1));
        };
        let after = Head {
            sequence: after,
            hash: hash.to_owned(),
        };
        let mut chain = Lines::after(Some(after.clone()));
        let mut number = 1;
        while let Some(line) = next()? {
            number += 1;
            let footer = json!({
                "entries": chain.head.sequence - after.sequence, "last": chain.head.sequence, "hash": chain.head.hash,
            })
            .to_string();
            if line == footer {
                if next()?.is_some() {
                    return Err(wrong(number + 1));
                }
                return Ok(ArchiveOutcome {
                    entries: chain.head.sequence - after.sequence,
                    after,
                    last: chain.head,
                    file_digest: hex(digest.finish().as_ref()),
                });
            }
            if !chain.follows(&line) {
                return Err(wrong(number));
            }
        }
        Err(wrong(number + 1))
    })
    .await
}

/// A new file that its owner alone can read.
fn create(path: &Path) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Waits until the disk has a new file's name, too.
fn keep_name(path: &Path) -> std::io::Result<()> {
    if cfg!(unix) {
        let folder = path
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty());
        File::open(folder.unwrap_or(Path::new(".")))?.sync_all()?;
    }
    Ok(())
}

/// Writes lines, and knows the digest of all of them.
struct Digested {
    file: BufWriter<File>,
    digest: aws::Context,
}

impl Digested {
    fn new(file: File) -> Self {
        Self {
            file: BufWriter::new(file),
            digest: aws::Context::new(&aws::SHA256),
        }
    }

    fn line(&mut self, line: &str) -> std::io::Result<()> {
        for part in [line.as_bytes(), b"\n"] {
            self.digest.update(part);
            self.file.write_all(part)?;
        }
        Ok(())
    }

    /// Waits until the disk has it all.
    fn finish(self) -> std::io::Result<String> {
        self.file.into_inner()?.sync_all()?;
        Ok(hex(self.digest.finish().as_ref()))
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
