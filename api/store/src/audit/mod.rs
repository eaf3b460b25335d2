//! The audit log: what an entry tells, how many refusals are listed, and the chain that shows what was done to the log.
//!
//! An entry is written in the transaction of its act, and by a trigger it is *pending*. A sealer (`seal`) gives pending
//! entries their places in the chain a moment later, so that no act waits for another's. Nothing is ever changed in place:
//! the seals are rows of their own, and triggers refuse the rest.

mod anchor;
mod archive;
mod chain;
mod export;
mod limit;
mod mask;
mod seal;
mod verify;

use std::{
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use tokio::sync::{Notify, Semaphore};
use tokio_util::task::TaskTracker;

pub use archive::{ArchiveOutcome, verify_archive};
pub use chain::Algorithm;
pub use export::{AuditExport, AuditLine};
pub use verify::{AuditProblem, AuditProblemKind, AuditVerification};

pub(crate) use limit::Subject;
pub(crate) use mask::{masked, unknown_name, without_texts};

/// The fewest days that entries stay in the log: six months (网络安全法 §21). The triggers know it, too.
pub const LEAST_RETENTION_DAYS: u32 = 184;

/// How the audit log is kept.
#[derive(Clone, Debug)]
pub struct AuditRules {
    /// By which hash the chain goes on.
    pub algorithm: Algorithm,
    /// A file elsewhere to which the chain's head is written, so that a shortened log is found out.
    pub anchor_file: Option<PathBuf>,
    /// How often the head is written there, at most.
    pub anchor_every: Duration,
    /// How many refusals a minute are listed one by one, of each user and each address.
    pub refusals_per_minute: u32,
    /// How many days entries stay in the log at least; not below [`LEAST_RETENTION_DAYS`].
    pub retention_days: u32,
}

impl Default for AuditRules {
    fn default() -> Self {
        Self {
            algorithm: Algorithm::default(),
            anchor_file: None,
            anchor_every: Duration::from_secs(60),
            refusals_per_minute: 60,
            retention_days: 366,
        }
    }
}

/// A place of the chain with its hash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// The place; 0 before the first entry.
    pub sequence: i64,
    /// The hash, in hexadecimal.
    pub hash: String,
}

/// What a server keeps of the audit log in memory.
pub(crate) struct Audit {
    pub(crate) rules: AuditRules,
    limits: Mutex<limit::Limits>,
    wake: Arc<Notify>,
    /// Heads that this server has sealed or seen: the chain must still hold them.
    known: Mutex<seal::Known>,
    anchored: Mutex<anchor::Anchored>,
    /// What is being written of refusals.
    pub(crate) refusals: TaskTracker,
    /// One batch at once: heads become known in the order in which they are sealed.
    sealing: Semaphore,
    /// One verification at once.
    verifying: Semaphore,
}

impl Audit {
    pub(crate) fn new(rules: AuditRules) -> Self {
        Self {
            rules,
            limits: Mutex::default(),
            wake: Arc::default(),
            known: Mutex::default(),
            anchored: Mutex::default(),
            refusals: TaskTracker::new(),
            sealing: Semaphore::new(1),
            verifying: Semaphore::new(1),
        }
    }

    /// Wakes the sealer: something is pending.
    pub(crate) fn wake(&self) {
        self.wake.notify_one();
    }

    /// Whether one more refusal is listed on its own; otherwise it is counted.
    pub(crate) fn lists(&self, subject: Subject, now: chrono::DateTime<chrono::Utc>) -> bool {
        lock(&self.limits).admit(subject, now, self.rules.refusals_per_minute)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(|poison| poison.into_inner())
}
