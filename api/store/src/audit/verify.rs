//! Verifying the chain: what was altered, removed, moved or cut off, and where.

use std::{collections::BTreeMap, path::PathBuf, sync::Arc};

use entity::{audit_archive, ids::AuditEntryId};
use sea_orm::{ConnectionTrait, DbErr, QueryResult, Statement};
use serde_json::{Value, json};

use super::{
    Head, anchor,
    chain::{Algorithm, COLUMNS, ORIGIN, Record},
    seal::base,
};
use crate::{
    Call, Fault, Result, System,
    write::{Act, Entry},
};

/// Places that one statement reads.
const PAGE: i64 = 1_000;
/// The most problems that are told one by one.
const MOST_PROBLEMS: usize = 100;

/// What is wrong with the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuditProblemKind {
    /// The entry, or its seal, is not what was sealed: changed, or another one in its place.
    Altered,
    /// The entry is gone.
    EntryRemoved,
    /// The place of the chain is gone.
    SealRemoved,
    /// The chain ends before a place that an anchor knows.
    Truncated,
    /// The chain holds another hash than an anchor knows: it was written anew.
    Rewritten,
    /// An entry has neither a place in the chain nor waits for one.
    Unchained,
    /// An entry that waited for its place is gone.
    PendingRemoved,
    /// An archive that the log itself does not tell of.
    UnknownArchive,
}

/// Something that is wrong with the log, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditProblem {
    /// What.
    pub kind: AuditProblemKind,
    /// The place in the chain; for what has none, the place after the last.
    pub sequence: i64,
    /// The entry.
    pub entry: Option<AuditEntryId>,
}

/// What came of a verification.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditVerification {
    /// What is wrong, in the order of the chain, up to a hundred things.
    pub problems: Vec<AuditProblem>,
    /// Places of the chain that were looked at.
    pub entries: i64,
    /// Entries that wait for their place: nothing but the anchors of the next seal will tell what happens to them now.
    pub unsealed: i64,
    /// Where the chain begins: the end of the newest archive, or place 0.
    pub base: Head,
    /// Where it ends.
    pub head: Head,
    /// Anchors that were compared.
    pub anchors: u64,
}

impl AuditVerification {
    /// Nothing is wrong.
    pub fn verified(&self) -> bool {
        self.problems.is_empty()
    }

    /// The first place where something is wrong.
    pub fn first_broken(&self) -> Option<i64> {
        self.problems.iter().map(|problem| problem.sequence).min()
    }
}

/// A walk along the chain.
struct Walk {
    anchors: BTreeMap<i64, Vec<String>>,
    archive: Option<audit_archive::Model>,
    /// The entry that tells of the newest archive was found.
    archive_told: bool,
    /// Entries that waited for their place when the walk began, and were not met yet.
    waiting: BTreeMap<AuditEntryId, QueryResult>,
    found: AuditVerification,
}

impl Walk {
    fn problem(&mut self, kind: AuditProblemKind, sequence: i64, entry: Option<AuditEntryId>) {
        if self.found.problems.len() < MOST_PROBLEMS {
            self.found.problems.push(AuditProblem {
                kind,
                sequence,
                entry,
            });
        }
    }

    /// Looks at one place. After a break the chain is taken up again from what stands there, so that each problem is told
    /// once.
    fn step(&mut self, row: &QueryResult) -> Result<(), DbErr> {
        let sequence: i64 = row.try_get("", "sequence")?;
        let hash: String = row.try_get("", "hash")?;
        let algorithm: String = row.try_get("", "algorithm")?;
        let entry: AuditEntryId = row.try_get("", "entry_id")?;
        let expected = self.found.head.sequence + 1;
        let follows = sequence == expected;
        if !follows {
            self.problem(AuditProblemKind::SealRemoved, expected, None);
        }
        let here = Some(entry);
        match (
            row.try_get::<Option<i64>>("", "id")?,
            Record::read(row),
            Algorithm::from_name(&algorithm),
        ) {
            (None, _, _) => self.problem(AuditProblemKind::EntryRemoved, sequence, here),
            (Some(_), Ok(record), Some(algorithm)) => {
                let text = record.text(sequence, algorithm.as_str());
                if follows && algorithm.chain(&self.found.head.hash, &text) != hash {
                    self.problem(AuditProblemKind::Altered, sequence, here);
                }
                self.hear(&record);
            }
            // A row that cannot even be read is not what was written.
            (Some(_), _, _) => self.problem(AuditProblemKind::Altered, sequence, here),
        }
        self.waiting.remove(&entry);
        self.found.entries += 1;
        self.found.head = Head { sequence, hash };
        self.compare(here);
        Ok(())
    }

    /// Compares the place where the walk is with the anchors.
    fn compare(&mut self, entry: Option<AuditEntryId>) {
        let Head { sequence, hash } = &self.found.head;
        if let Some(known) = self.anchors.remove(sequence) {
            let sequence = *sequence;
            self.found.anchors += known.len() as u64;
            if known.iter().any(|known| known != hash) {
                self.problem(AuditProblemKind::Rewritten, sequence, entry);
            }
        }
    }

    /// Looks whether an entry tells of the newest archive.
    fn hear(&mut self, record: &Record) {
        if let Some(archive) = &self.archive
            && record.action == Act::ArchiveAudit.as_str()
        {
            let changes: Value = serde_json::from_str(&record.changes).unwrap_or_default();
            self.archive_told |= changes["lastSequence"] == archive.last_sequence
                && changes["lastHash"] == archive.last_hash
                && changes["fileDigest"] == archive.file_digest;
        }
    }
}

impl System {
    /// Walks the whole chain, and compares it with the anchors: those of a file, when one is named or configured, and the
    /// heads that this server has sealed. One at once; costs a statement for each thousand entries.
    ///
    /// # Errors
    /// The database failed, or the file of anchors cannot be read.
    pub async fn verify_audit(&self, anchors: Option<PathBuf>) -> Result<AuditVerification, Fault> {
        let audit = &self.store().inner.audit;
        // Fails only where the server has closed it, which it never does.
        let _turn = audit.verifying.acquire().await.ok();
        let file = anchors.or_else(|| audit.rules.anchor_file.clone());
        let mut anchors = match file {
            // Before the first seal the server has not made its own yet.
            Some(file) if self.store().audit_head().await?.sequence > 0 || file.exists() => {
                anchor::read(file).await?
            }
            _ => BTreeMap::new(),
        };
        for head in audit.known_heads() {
            anchors.entry(head.sequence).or_default().push(head.hash);
        }
        loop {
            let walk = self.walk(anchors.clone()).await?;
            let reader = self.store().inner.connections.reader(&Arc::default());
            // What an archive has taken away meanwhile was not removed by anybody else.
            if base(&reader).await?.0 == walk.base {
                return Ok(walk);
            }
        }
    }

    async fn walk(&self, anchors: BTreeMap<i64, Vec<String>>) -> Result<AuditVerification, Fault> {
        let reader = self.store().inner.connections.reader(&Arc::default());
        let backend = reader.get_database_backend();
        let (base, archive) = base(&reader).await?;
        let mut walk = Walk {
            // Places before the base have left: their file has its own seal.
            anchors: anchors
                .into_iter()
                .filter(|(sequence, _)| *sequence >= base.sequence)
                .collect(),
            archive_told: archive.is_none(),
            archive,
            waiting: BTreeMap::new(),
            found: AuditVerification {
                problems: Vec::new(),
                entries: 0,
                unsealed: 0,
                head: base.clone(),
                base,
                anchors: 0,
            },
        };
        walk.compare(None);
        let query = async |sql: String| {
            reader
                .query_all_raw(Statement::from_string(backend, sql))
                .await
        };
        // Before the chain: what gets its place meanwhile is then met on the walk, and nothing slips between the two.
        let pending = query(format!(
            "SELECT audit_pending.entry_id, {COLUMNS} FROM audit_pending \
             LEFT JOIN audit_entry ON audit_entry.id = audit_pending.entry_id \
             WHERE NOT EXISTS (SELECT 1 FROM audit_seal WHERE audit_seal.entry_id = audit_pending.entry_id)"
        ))
        .await?;
        for row in pending {
            walk.waiting.insert(row.try_get("", "entry_id")?, row);
        }
        let statement = format!(
            "SELECT audit_seal.sequence, audit_seal.entry_id, audit_seal.algorithm, audit_seal.hash, {COLUMNS} \
             FROM audit_seal LEFT JOIN audit_entry ON audit_entry.id = audit_seal.entry_id \
             WHERE audit_seal.sequence > $1 ORDER BY audit_seal.sequence LIMIT {PAGE}"
        );
        loop {
            let after = walk.found.head.sequence;
            let rows = reader
                .query_all_raw(Statement::from_sql_and_values(
                    backend,
                    &statement,
                    [after.into()],
                ))
                .await?;
            for row in &rows {
                walk.step(row)?;
            }
            if rows.is_empty() {
                break;
            }
        }
        let next = walk.found.head.sequence + 1;
        if !std::mem::take(&mut walk.anchors).is_empty() {
            walk.problem(AuditProblemKind::Truncated, next, None);
        }
        for (entry, row) in std::mem::take(&mut walk.waiting) {
            let entry = Some(entry);
            match (row.try_get::<Option<i64>>("", "id")?, Record::read(&row)) {
                (None, _) => walk.problem(AuditProblemKind::PendingRemoved, next, entry),
                (Some(_), Ok(record)) => walk.hear(&record),
                (Some(_), Err(_)) => walk.problem(AuditProblemKind::Altered, next, entry),
            }
            walk.found.unsealed += 1;
        }
        let unchained = query(format!(
            "SELECT audit_entry.id FROM audit_entry \
             WHERE NOT EXISTS (SELECT 1 FROM audit_seal WHERE audit_seal.entry_id = audit_entry.id) \
             AND NOT EXISTS (SELECT 1 FROM audit_pending WHERE audit_pending.entry_id = audit_entry.id) \
             ORDER BY audit_entry.id LIMIT {MOST_PROBLEMS}"
        ))
        .await?;
        for row in &unchained {
            let entry = Some(row.try_get("", "id")?);
            walk.problem(AuditProblemKind::Unchained, next, entry);
        }
        if !walk.archive_told {
            let base = walk.found.base.sequence;
            walk.problem(AuditProblemKind::UnknownArchive, base, None);
        }
        Ok(walk.found)
    }
}

impl Call {
    /// Verifies the log for an audit administrator; that it was done is itself in the log.
    ///
    /// # Errors
    /// Refused with [`domain::Reason::NotAuditAdministrator`] for everybody else.
    pub async fn verify_audit(&self) -> Result<AuditVerification> {
        self.audit_administrator()?;
        let system = System::new(self.store().clone());
        self.store().seal().await?;
        self.store().anchor(false).await?;
        let found = system.verify_audit(None).await?;
        let entry = Entry {
            act: Act::VerifyAudit,
            object: "AuditEntry",
            id: None,
            changes: json!({
                "verified": found.verified(), "entries": found.entries, "head": found.head.sequence,
                "firstBrokenSequence": found.first_broken(),
            }),
            event: None,
        };
        self.write().await?.commit([entry]).await?;
        Ok(found)
    }
}

/// Verifies a chain that is given line by line, as exported lines have it: each ends with its hash.
pub(super) struct Lines {
    pub(super) head: Head,
}

impl Lines {
    /// After the last line before, or from the first entry there was.
    pub(super) fn after(head: Option<Head>) -> Self {
        let origin = || Head {
            sequence: 0,
            hash: ORIGIN.to_owned(),
        };
        Self {
            head: head.unwrap_or_else(origin),
        }
    }

    /// Whether the line follows.
    pub(super) fn follows(&mut self, line: &str) -> bool {
        let Some((text, hash)) = split(line) else {
            return false;
        };
        let value: Value = serde_json::from_str(line).unwrap_or_default();
        let algorithm = value["algorithm"].as_str().and_then(Algorithm::from_name);
        let (Some(algorithm), Some(sequence)) = (algorithm, value["sequence"].as_i64()) else {
            return false;
        };
        let follows =
            sequence == self.head.sequence + 1 && algorithm.chain(&self.head.hash, &text) == hash;
        self.head = Head {
            sequence,
            hash: hash.to_owned(),
        };
        follows
    }
}

/// A line as its entry's text and its hash.
fn split(line: &str) -> Option<(String, &str)> {
    let (text, rest) = line.split_at_checked(line.len().checked_sub(HASH_LENGTH)?)?;
    let hash = rest.strip_prefix(",\"hash\":\"")?.strip_suffix("\"}")?;
    Some((format!("{text}}}"), hash))
}

/// The length of `,"hash":"…"}`.
const HASH_LENGTH: usize = 9 + 64 + 2;

/// A line of an export: the entry's text with its hash as the last field.
pub(super) fn line(text: &str, hash: &str) -> String {
    let text = text.strip_suffix('}').unwrap_or(text);
    format!("{text},\"hash\":\"{hash}\"}}")
}
