//! Evidence files that nobody will ask for: uploads that were never attached, and files of which there is no row.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use domain::attachment::WAITING_LIFE;
use entity::attachment;
use sea_orm::{
    ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, sea_query::LockType,
};
use serde_json::json;

use super::System;
use crate::{
    Result,
    visible::waiting,
    write::{Act, Entry, Write},
};

/// Rows that are forgotten in one transaction.
const AT_ONCE: u64 = 200;

/// A file that has waited too long to be attached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// Where it is in the storage.
    pub key: String,
    /// Bytes of its content.
    pub byte_size: i64,
}

impl From<attachment::Model> for Waiting {
    fn from(row: attachment::Model) -> Self {
        Self {
            key: row.storage_key,
            byte_size: row.byte_size,
        }
    }
}

impl System {
    /// Before which moment an orphan must have come to be collected: a day ago.
    pub fn orphans_before(&self) -> DateTime<Utc> {
        self.store.now() - WAITING_LIFE
    }

    /// The files that have waited too long to be attached.
    ///
    /// # Errors
    /// The database failed.
    pub async fn waiting_attachments(&self) -> Result<Vec<Waiting>> {
        let reader = self.store.inner.connections.reader(&Default::default());
        let rows = attachment::Entity::find()
            .filter(waiting())
            .filter(attachment::Column::UploadedAt.lt(self.orphans_before()))
            .all(&reader)
            .await?;
        Ok(rows.into_iter().map(Waiting::from).collect())
    }

    /// Forgets some of the files that have waited too long to be attached, none when there is none left; the caller takes
    /// them out of the storage. One that is being attached stays. Several servers may do this at once.
    ///
    /// # Errors
    /// The database failed.
    pub async fn forget_waiting_attachments(&self) -> Result<Vec<Waiting>> {
        let write = Write::of_system(&self.store, None).await?;
        let rows = attachment::Entity::find()
            .filter(waiting())
            .filter(attachment::Column::UploadedAt.lt(self.orphans_before()))
            .order_by_asc(attachment::Column::Id)
            .limit(AT_ONCE)
            .lock(LockType::Update)
            .all(write.db())
            .await?;
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        attachment::Entity::delete_many()
            .filter(attachment::Column::Id.is_in(rows.iter().map(|row| row.id)))
            .exec(write.db())
            .await?;
        let entries: Vec<Entry> = rows
            .iter()
            .map(|row| Entry {
                act: Act::CollectAttachment,
                object: "Attachment",
                id: Some(row.id.0),
                changes: json!({ "fileName": row.file_name, "byteSize": row.byte_size, "sha256": row.sha256 }),
                event: None,
            })
            .collect();
        write.commit(entries).await?;
        Ok(rows.into_iter().map(Waiting::from).collect())
    }

    /// Those of these keys of the storage of which the database knows.
    ///
    /// # Errors
    /// The database failed.
    pub async fn known_files(&self, keys: &[&str]) -> Result<HashSet<String>> {
        let reader = self.store.inner.connections.reader(&Default::default());
        let known: Vec<String> = attachment::Entity::find()
            .select_only()
            .column(attachment::Column::StorageKey)
            .filter(attachment::Column::StorageKey.is_in(keys.iter().copied()))
            .into_tuple()
            .all(&reader)
            .await?;
        Ok(known.into_iter().collect())
    }
}
