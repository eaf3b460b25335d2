//! What administrators read of others: one entry of the audit log for each type of object that a request reads, written before it is
//! shown. Of a request that reads alone it is gathered, and written at the end, or nothing is shown. A request that has acted must not lose
//! its answer: its act can't be undone any more, and a one-time password is told once. What it reads after its act is written down at once,
//! or that field fails; and the objects that the act's own entries name need none beside.

use std::collections::{BTreeMap, BTreeSet};

use entity::ids::{TargetId, UserId};
use serde_json::{Value, json};

use crate::{
    Call, Result,
    write::{Act, Entry},
};

/// The most objects that an entry names; all are counted.
const MOST_NAMED: usize = 100;
/// The most lists of which an entry tells the filters: a request has no more fields at its root.
const MOST_LISTS: usize = 20;

/// What was read in a request.
#[derive(Default)]
pub(crate) struct OthersRead {
    /// What is to be written down, by the type of objects.
    waiting: BTreeMap<&'static str, Objects>,
    /// Once the request has acted: the objects that its entries name.
    acted: Option<BTreeSet<(&'static str, i64)>>,
}

/// The objects of a type that were read.
#[derive(Default)]
struct Objects {
    keys: BTreeSet<i64>,
    /// The targets of which it was asked whether they may be read.
    targets: BTreeSet<i64>,
    /// The lists in which they were looked for: the filter, and whether it was asked how many there are.
    lists: Vec<(Value, bool)>,
}

impl Objects {
    fn is_empty(&self) -> bool {
        self.keys.is_empty() && self.targets.is_empty() && self.lists.is_empty()
    }

    fn add(&mut self, other: Self) {
        self.keys.extend(other.keys);
        self.targets.extend(other.targets);
        for (filter, counted) in other.lists {
            match self.lists.iter_mut().find(|list| list.0 == filter) {
                Some(same) => same.1 |= counted,
                None => self.lists.push((filter, counted)),
            }
        }
    }

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
        if !self.lists.is_empty() {
            let told = |(filter, counted): &(Value, bool)| json!({ "filter": filter, "totalCount": counted });
            changes["lists"] = self.lists.iter().take(MOST_LISTS).map(told).collect();
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

/// A filter, or changes, as an entry tells it: what was given of it.
pub(crate) fn without_nulls(filter: Value) -> Value {
    match filter {
        Value::Object(all) => all
            .into_iter()
            .filter(|(_, value)| !value.is_null())
            .collect(),
        other => other,
    }
}

impl Call {
    /// Notes rows that an administrator reads, by whose they are and their keys. The viewer's own are nobody else's business.
    ///
    /// # Errors
    /// The database failed: then the rows must not be shown.
    pub(crate) async fn note_rows<T>(
        &self,
        object: &'static str,
        rows: &[T],
        of: impl Fn(&T) -> (Option<UserId>, i64),
    ) -> Result<()> {
        let own = self.viewer().map(|viewer| viewer.account.id);
        let theirs = rows.iter().map(of).filter(|(user, _)| *user != own);
        let keys = theirs.map(|(_, key)| key).collect();
        let read = Objects {
            keys,
            ..Objects::default()
        };
        self.note(object, read).await
    }

    /// Notes that an administrator asks for a list of others', whatever it holds: by which filter, and whether for how many there are.
    ///
    /// # Errors
    /// The database failed: then nothing of the list must be shown.
    pub(super) async fn note_list(
        &self,
        object: &'static str,
        filter: Value,
        counted: bool,
    ) -> Result<()> {
        let read = Objects {
            lists: vec![(filter, counted)],
            ..Objects::default()
        };
        self.note(object, read).await
    }

    /// Notes that an administrator asks whether somebody may read a target.
    ///
    /// # Errors
    /// The database failed: then the answer must not be shown.
    pub(super) async fn note_access(&self, user: UserId, target: TargetId) -> Result<()> {
        let read = Objects {
            keys: [user.0].into(),
            targets: [target.0].into(),
            ..Objects::default()
        };
        self.note("User", read).await
    }

    async fn note(&self, object: &'static str, mut read: Objects) -> Result<()> {
        if !self.reads_of_others() {
            return Ok(());
        }
        {
            let mut noted = self.others_read();
            if let Some(acted) = &noted.acted {
                read.keys.retain(|key| !acted.contains(&(object, *key)));
            }
            if read.is_empty() {
                return Ok(());
            }
            if noted.acted.is_none() {
                noted.waiting.entry(object).or_default().add(read);
                return Ok(());
            }
        }
        self.write().await?.commit([read.entry(object)]).await
    }

    /// Whether the viewer reads by an administrator's grant. What is done at the server's command line is an act of the machine's owner.
    fn reads_of_others(&self) -> bool {
        let reach = self.reach();
        self.viewer().is_some() && (reach.administers || reach.secures)
    }

    /// What was read until now and is not written down yet: an act writes it down with its own entries.
    pub(crate) fn reads(&self) -> Vec<Entry> {
        let waiting = std::mem::take(&mut self.others_read().waiting);
        let entries = waiting.into_iter();
        entries.map(|(object, read)| read.entry(object)).collect()
    }

    /// Remembers that the request has acted, and which objects its entries name.
    pub(crate) fn acted(&self, named: impl IntoIterator<Item = (&'static str, i64)>) {
        let mut noted = self.others_read();
        noted.acted.get_or_insert_default().extend(named);
    }

    /// Writes down what an administrator has read of others in this request, if anything: one entry (`READ`) for each type of object,
    /// in one transaction. Comes before the answer. Of a request that has acted there is nothing left.
    ///
    /// # Errors
    /// The database failed: then the data must not be shown.
    pub async fn record_reads(&self) -> Result<()> {
        let read = self.reads();
        if read.is_empty() {
            return Ok(());
        }
        self.write().await?.commit(read).await
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
