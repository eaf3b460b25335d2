//! What administrators read of others: an entry of the audit log for each type of object that a request reads (one for each hundred of
//! them: every one is named), written before it is shown. Of a request that reads alone it is gathered, and written at the end, or nothing is shown. A request that has acted must not lose
//! its answer: its act can't be undone any more, and a one-time password is told once. What it reads after its act is written down at once,
//! or that field fails; and the objects that the act's own entries name need none beside.

use std::collections::{BTreeMap, BTreeSet};

use entity::ids::{TargetId, UserId};
use serde_json::{Value, json};

use crate::{
    Call, Result,
    write::{Act, Entry},
};

/// The most objects that an entry names; of more there are more entries.
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
    /// The users of whom it was asked whether they may read a target, each with the target.
    access: BTreeSet<(i64, i64)>,
    /// The lists in which they were looked for: the filter, and whether it was asked how many there are.
    lists: Vec<(Value, bool)>,
}

impl Objects {
    fn is_empty(&self) -> bool {
        self.keys.is_empty() && self.access.is_empty() && self.lists.is_empty()
    }

    fn add(&mut self, other: Self) {
        self.keys.extend(other.keys);
        self.access.extend(other.access);
        for (filter, counted) in other.lists {
            match self.lists.iter_mut().find(|list| list.0 == filter) {
                Some(same) => same.1 |= counted,
                None => self.lists.push((filter, counted)),
            }
        }
    }

    /// The entries that tell it, each of so many objects that they can be named; the first one tells the rest, too.
    fn entries(self, object: &'static str) -> Vec<Entry> {
        let keys: Vec<i64> = self.keys.into_iter().collect();
        let entry = |keys: &[i64]| {
            let (id, changes) = match keys {
                [one] => (Some(*one), json!({})),
                keys => (None, json!({ "count": keys.len(), "ids": keys })),
            };
            Entry {
                act: Act::Read,
                object,
                id,
                changes,
                event: None,
            }
        };
        let (first, others) = keys.split_at(keys.len().min(MOST_NAMED));
        let mut first = entry(first);
        if !self.access.is_empty() {
            let told = |(user, target): &(i64, i64)| json!({ "userId": user, "targetId": target });
            first.changes["accessTo"] = self.access.iter().map(told).collect();
        }
        if !self.lists.is_empty() {
            let told = |(filter, counted): &(Value, bool)| json!({ "filter": filter, "totalCount": counted });
            first.changes["lists"] = self.lists.iter().take(MOST_LISTS).map(told).collect();
        }
        let others = others.chunks(MOST_NAMED).map(entry);
        std::iter::once(first).chain(others).collect()
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
            access: [(user.0, target.0)].into(),
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
        self.write().await?.commit(read.entries(object)).await
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
        let entries = entries.flat_map(|(object, read)| read.entries(object));
        entries.collect()
    }

    /// Remembers that the request has acted, and which objects its entries name.
    pub(crate) fn acted(&self, named: impl IntoIterator<Item = (&'static str, i64)>) {
        let mut noted = self.others_read();
        noted.acted.get_or_insert_default().extend(named);
    }

    /// Writes down what an administrator has read of others in this request, if anything (`READ`), in one transaction. Comes before the answer. Of a request that has acted there is nothing left.
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
