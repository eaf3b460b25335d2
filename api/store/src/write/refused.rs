//! What is refused or fails leaves an entry, too, but no more of them than the log may be filled with.

use entity::{audit_entry, kinds::AuditOutcome};
use sea_orm::EntityTrait;
use serde_json::{Value, json};
use tokio::{runtime::Handle, task::JoinHandle};

use super::{Entry, Write, grants::told};
use crate::{Call, Fault, Result, audit::Subject};

/// An act that was refused or failed, for the audit log.
#[derive(Clone, Debug)]
pub struct Unsuccessful {
    /// The word of the act, such as `SUBMIT_REPORT`.
    pub action: String,
    /// What it was tried on: the type and the key, as far as the caller named it.
    pub object: (String, Option<i64>),
    /// It failed, by a fault of ours or for want of time, and was not refused.
    pub failed: bool,
    /// Why, such as `FORBIDDEN NotManagerOfUnit`; nothing for a fault.
    pub reasons: Vec<String>,
}

impl Write {
    /// Commits what a refusal leaves behind, such as a count of failures, with its audit entry; or without, when this is
    /// one of too many, which are counted together.
    pub(crate) async fn commit_refusal(self, entry: Entry) -> Result<()> {
        let listed = self
            .store
            .inner
            .audit
            .lists(self.subject(), self.store.now());
        self.commit(listed.then_some(entry)).await
    }

    /// Who is refused.
    fn subject(&self) -> Subject {
        match self.who.user {
            Some(user) => Subject::User(user),
            None => Subject::stranger(self.who.origin.as_ref().and_then(|origin| origin.address)),
        }
    }
}

impl Call {
    /// Writes down acts that were refused or failed, each in the log's own right: theirs left nothing. Of too many in a
    /// minute the rest is counted ([`crate::AuditRules::refusals_per_minute`]).
    ///
    /// A task of its own does it, which begins at once and whose end may be waited for: nobody keeps what they tried out of the log, or has it there
    /// twice, by going away. The answer says the same without it; where the database fails, the server's log says what is missing.
    pub fn record(&self, unsuccessful: Vec<Unsuccessful>) -> Option<JoinHandle<()>> {
        let runtime = Handle::try_current().ok()?;
        let call = self.clone();
        let writing = async move {
            if let Err(fault) = call.write_down(unsuccessful).await {
                let (request_id, fault) = (call.request_id(), fault.inside());
                tracing::error!(request_id, fault, "a refusal is missing in the audit log");
            }
        };
        let refusals = &self.store().inner.audit.refusals;
        Some(refusals.spawn_on(writing, &runtime))
    }

    async fn write_down(&self, unsuccessful: Vec<Unsuccessful>) -> Result<(), Fault> {
        let viewer = self.viewer();
        let subject = match viewer {
            Some(viewer) => Subject::User(viewer.account.id),
            None => Subject::stranger(self.origin().address),
        };
        let audit = &self.store().inner.audit;
        let listed: Vec<_> = unsuccessful
            .into_iter()
            .filter(|_| audit.lists(subject, self.store().now()))
            .collect();
        if listed.is_empty() {
            return Ok(());
        }
        let write = self.open().await?;
        let grants: Value = write.who.grants.iter().map(told).collect();
        let rows = listed.into_iter().map(|act| {
            let outcome = if act.failed {
                AuditOutcome::Failed
            } else {
                AuditOutcome::Refused
            };
            let changes = if act.reasons.is_empty() {
                json!({})
            } else {
                json!({ "reasons": act.reasons })
            };
            let object = (&*act.object.0, act.object.1);
            write.row(&act.action, object, outcome, changes, grants.clone())
        });
        audit_entry::Entity::insert_many(rows.collect::<Vec<_>>())
            .exec(&write.db)
            .await?;
        write.db.commit().await?;
        audit.wake();
        Ok(())
    }
}
