//! The search index: each target's text as overlapping bigrams.
//!
//! Both databases' trigram indexes cannot find words of two characters, which most Chinese words are. So the text
//! is split into bigram tokens by us (`store::search`) and kept in an FTS5 table without content on SQLite, and in
//! a `tsvector` under a GIN index on PostgreSQL; a query is a phrase of bigrams on either.

use sea_orm_migration::{
    prelude::*,
    sea_orm::{ConnectionTrait, DbBackend},
};

use crate::dialect::{drop_tables, run};

/// The search index.
#[derive(DeriveMigrationName)]
pub(crate) struct Step;

const SQLITE: &[&str] = &[
    "CREATE VIRTUAL TABLE target_search USING fts5 (document, content='', contentless_delete=1, tokenize='unicode61')",
];

const POSTGRES: &[&str] = &[
    "CREATE TABLE target_search (
        target_id BIGINT PRIMARY KEY REFERENCES target (id) ON DELETE CASCADE,
        document TSVECTOR NOT NULL
    )",
    "CREATE INDEX target_search_document ON target_search USING GIN (document)",
];

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        match manager.get_connection().get_database_backend() {
            DbBackend::Postgres => run(manager, POSTGRES).await,
            _ => run(manager, SQLITE).await,
        }
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, &["target_search"]).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
