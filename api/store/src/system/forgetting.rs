//! What a sweep forgets, so that no table of what is over grows for ever: sessions with their refresh tokens, and the receipts of
//! mutations. The audit log keeps what happened.

use chrono::{DateTime, TimeDelta, Utc};
use entity::{mutation_receipt, refresh_token, session};
use sea_orm::{
    ColumnTrait, EntityTrait, Iterable, PrimaryKeyToColumn, QueryFilter, QuerySelect, QueryTrait,
    sea_query::{Expr, ExprTrait, SelectStatement},
};

use super::System;
use crate::Fault;

/// How long a session is kept that opens nothing any more. Until then whoever uses a refresh token of it twice is told of in the audit
/// log, as while it lived.
const SESSIONS_KEPT: TimeDelta = TimeDelta::days(1);
/// How long a mutation that comes again (`clientMutationId`) is known.
const RECEIPTS_KEPT: TimeDelta = TimeDelta::days(30);
/// The most rows that one statement deletes: each is a transaction of its own, and nobody waits for long.
const BATCH: u64 = 1000;

impl System {
    /// Forgets what is over. Of two servers at once each finds what the other has left.
    pub(super) async fn forget(&self, now: DateTime<Utc>) -> Result<(), Fault> {
        // One that was ended is good for no longer than if it had not been.
        let over = session::Column::GoodUntil.lte(now - SESSIONS_KEPT);
        let sessions = session::Entity::find().filter(over);
        let of_them = sessions.clone().select_only().column(session::Column::Id);
        // Used ones, too, but never of a session that may live: a second use must end it. They go first: a session may have more of
        // them than one statement should delete.
        let tokens = refresh_token::Entity::find()
            .filter(refresh_token::Column::SessionId.in_subquery(of_them.into_query()));
        let old = mutation_receipt::Column::CreatedAt.lte(now - RECEIPTS_KEPT);
        let receipts = mutation_receipt::Entity::find().filter(old);
        self.forget_all::<refresh_token::Entity>(tokens.into_query())
            .await?;
        self.forget_all::<session::Entity>(sessions.into_query())
            .await?;
        self.forget_all::<mutation_receipt::Entity>(receipts.into_query())
            .await
    }

    /// Deletes all rows that a select finds, some at a time.
    async fn forget_all<E: EntityTrait>(&self, mut rows: SelectStatement) -> Result<(), Fault> {
        let key: Vec<E::Column> = E::PrimaryKey::iter()
            .map(PrimaryKeyToColumn::into_column)
            .collect();
        rows.clear_selects()
            .columns(key.iter().copied())
            .limit(BATCH);
        let these = Expr::tuple(key.into_iter().map(Expr::col)).in_subquery(rows);
        loop {
            let db = self
                .store
                .inner
                .connections
                .begin(&self.store.statements)
                .await?;
            let gone = E::delete_many().filter(these.clone()).exec(&db).await?;
            db.commit().await?;
            if gone.rows_affected < BATCH {
                return Ok(());
            }
        }
    }
}
