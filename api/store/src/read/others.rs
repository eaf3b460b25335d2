//! What administrators read of others: gathered while a request is answered, and written into the audit log at its end, as one entry
//! for each type of object.

use std::collections::{BTreeMap, BTreeSet};

use entity::ids::{TargetId, UserId};
use serde_json::{Value, json};

use crate::{
    Call, Result,
    write::{Act, Entry},
};

/// The most objects that an entry names; all are counted.
const MOST_NAMED: usize = 100;

/// What was read in a request, by the type of objects.
pub(crate) type OthersRead = BTreeMap<&'static str, Objects>;

/// The objects of a type that were read.
#[derive(Default)]
pub(crate) struct Objects {
    keys: BTreeSet<i64>,
    /// The targets of which it was asked whether they may be read.
    targets: BTreeSet<i64>,
}

impl Objects {
    fn entry(self, object: &'static str) -> Entry {
        let one = self.keys.first().filter(|_| self.keys.len() == 1);
        let named: Vec<_> = self.keys.iter().take(MOST_NAMED).collect();
        let mut changes = match one {
            Some(_) => json!({}),
            None => json!({ "count": self.keys.len(), "ids": named }),
        };
        if !self.targets.is_empty() {
            let named: Vec<_> = self.targets.iter().take(MOST_NAMED).collect();
            changes["accessTo"] = json!({ "targetIds": named });
        }
        Entry {
            act: Act::Read,
            object,
            id: one.copied(),
            changes,
            event: None,
        }
    }
}

impl Call {
    /// Notes rows that an administrator reads, by whose they are and their keys. The viewer's own are nobody else's business. Of a list
    /// it is noted, too, that it held nothing.
    pub(crate) fn note_rows<T>(
        &self,
        object: &'static str,
        rows: &[T],
        listed: bool,
        of: impl Fn(&T) -> (Option<UserId>, i64),
    ) {
        if !self.reads_of_others() {
            return;
        }
        let own = self.viewer().map(|viewer| viewer.account.id);
        let theirs = rows.iter().map(of).filter(|(user, _)| *user != own);
        let keys: Vec<i64> = theirs.map(|(_, key)| key).collect();
        if !keys.is_empty() || (listed && rows.is_empty()) {
            let mut read = self.others_read();
            read.entry(object).or_default().keys.extend(keys);
        }
    }

    /// Notes that an administrator asks whether somebody may read a target.
    pub(super) fn note_access(&self, user: UserId, target: TargetId) {
        if self.reads_of_others() {
            let mut read = self.others_read();
            let users = read.entry("User").or_default();
            users.keys.insert(user.0);
            users.targets.insert(target.0);
        }
    }

    /// Whether the viewer reads by an administrator's grant. What is done at the server's command line is an act of the machine's owner.
    fn reads_of_others(&self) -> bool {
        let reach = self.reach();
        self.viewer().is_some() && (reach.administers || reach.secures)
    }

    /// Writes down what an administrator has read of others in this request, if anything: one entry (`READ`) for each type of object,
    /// in one transaction. Comes before the answer.
    ///
    /// # Errors
    /// The database failed: then the data must not be shown.
    pub async fn record_reads(&self) -> Result<()> {
        let read = std::mem::take(&mut *self.others_read());
        if read.is_empty() {
            return Ok(());
        }
        let entries = read.into_iter().map(|(object, read)| read.entry(object));
        self.write().await?.commit(entries).await
    }

    /// Writes down that an audit administrator has read the log itself (`READ_AUDIT`), with what was asked for.
    ///
    /// # Errors
    /// The database failed: then the data must not be shown.
    pub(super) async fn record_reading_of_log(&self, id: Option<i64>, what: Value) -> Result<()> {
        let entry = Entry {
            act: Act::ReadAudit,
            object: "AuditEntry",
            id,
            changes: what,
            event: None,
        };
        self.write().await?.commit([entry]).await
    }
}
