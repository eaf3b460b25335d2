//! Importing a plan that the importer has read: one transaction, everything or nothing.

mod leaders;
mod writing;

pub(crate) use leaders::{Judged, judged};

use domain::Action;
use entity::{ids::PlanId, plan};
use importer::{Note, PlanDraft};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::json;

use super::System;
use crate::{
    Result,
    digest::sha256,
    write::{Entry, Write},
};
use writing::Importing;

/// A plan to be imported.
#[derive(Clone, Copy, Debug)]
pub struct ImportPlan<'a> {
    /// What the importer read.
    pub draft: &'a PlanDraft,
    /// The document it was read from: the same document changes nothing when it comes again.
    pub document: &'a str,
    /// Publish at once, instead of leaving a draft to the supervision office.
    pub publish: bool,
}

/// What an import did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImportOutcome {
    /// The plan is in.
    Imported(PlanId),
    /// The same document had been imported before; nothing has changed.
    Unchanged(PlanId),
    /// Another document had been imported for the year; nothing has changed.
    OtherDocument(PlanId),
}

impl System {
    /// The leaders whom an import would register, as doubts; none where the year has a plan already.
    ///
    /// # Errors
    /// The database failed.
    pub async fn new_leaders(&self, draft: &PlanDraft) -> Result<Vec<Note>> {
        let db = self.store.inner.connections.reader(&self.store.statements);
        let plans = plan::Entity::find().filter(plan::Column::Year.eq(draft.year));
        if plans.one(&db).await?.is_some() {
            return Ok(Vec::new());
        }
        let today = domain::clock::day(self.store.now());
        Ok(judged(&db, draft, today).await?.new)
    }

    /// Imports a plan. `progress` is told how many of its targets are in.
    ///
    /// # Errors
    /// The database failed; nothing has changed.
    pub async fn import(
        &self,
        import: ImportPlan<'_>,
        progress: &(dyn Fn(usize) + Sync),
    ) -> Result<ImportOutcome> {
        let write = Write::of_system(&self.store, None).await?;
        let outcome = import_plan(&write, self.store.now(), import, progress).await?;
        if let ImportOutcome::Imported(plan) = outcome {
            let mut entries = vec![imported(plan, import.draft)];
            if import.publish {
                self.store
                    .ask_to_acknowledge(write.db(), plan, self.store.now())
                    .await?;
                entries.push(Entry {
                    act: Action::PublishPlan.into(),
                    ..imported(plan, import.draft)
                });
            }
            write.commit(entries).await?;
        }
        Ok(outcome)
    }
}

/// Imports a plan within a transaction, which the caller commits if anything was imported.
pub(crate) async fn import_plan(
    write: &Write,
    now: chrono::DateTime<chrono::Utc>,
    import: ImportPlan<'_>,
    progress: &(dyn Fn(usize) + Sync),
) -> Result<ImportOutcome> {
    let digest = sha256(import.document);
    let before = plan::Entity::find()
        .filter(plan::Column::Year.eq(import.draft.year))
        .one(write.db())
        .await?;
    if let Some(before) = before {
        return Ok(if before.source_digest == digest {
            ImportOutcome::Unchanged(before.id)
        } else {
            ImportOutcome::OtherDocument(before.id)
        });
    }
    let mut importing = Importing::new(write, import.draft, now);
    let plan = importing.run(digest, import.publish, progress).await?;
    Ok(ImportOutcome::Imported(plan))
}

/// What the audit log keeps of an import.
pub(crate) fn imported(plan: PlanId, draft: &PlanDraft) -> Entry {
    Entry {
        act: Action::ImportPlan.into(),
        object: "Plan",
        id: Some(plan.0),
        changes: json!({ "year": draft.year, "targets": draft.targets.len() }),
        event: None,
    }
}
