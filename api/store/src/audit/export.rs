//! The log in full, for a file: page by page in the order of the chain, so that a large one needs no more memory than a
//! small one.

use chrono::{DateTime, Utc};
use entity::{audit_entry, audit_seal};
use sea_orm::{
    ColumnTrait, ConnectionTrait, QueryResult,
    sea_query::{Condition, Expr, ExprTrait, JoinType, Order, Query},
};
use serde_json::json;

use super::{
    chain::{COLUMNS, Record},
    verify::line,
};
use crate::{
    AuditFilter, Call, Fault, Result, System,
    page::by,
    write::{Act, Entry},
};

/// Entries of a page.
const PAGE: u64 = 500;

/// An entry of an export.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditLine {
    /// The place in the chain.
    pub sequence: i64,
    /// When.
    pub occurred_at: DateTime<Utc>,
    /// The sign-in name.
    pub username: Option<String>,
    /// The key of the unit in which the user worked.
    pub unit: Option<i64>,
    /// The grants by which it was allowed, as JSON.
    pub grants: String,
    /// The client's address.
    pub address: Option<String>,
    /// The request.
    pub request_id: Option<String>,
    /// The act.
    pub action: String,
    /// The type of its object.
    pub object_type: String,
    /// The key of its object.
    pub object_id: Option<i64>,
    /// What came of it.
    pub outcome: String,
    /// What changed, as JSON.
    pub changes: String,
    /// The hash over this entry and all before it.
    pub hash: String,
    /// The entry in its one written form with its hash: a line of JSON.
    pub json: String,
}

impl AuditLine {
    pub(super) fn read(row: &QueryResult) -> Result<Self, Fault> {
        let record = Record::read(row)?;
        let sequence = row.try_get("", "sequence")?;
        let hash: String = row.try_get("", "hash")?;
        let algorithm: String = row.try_get("", "algorithm")?;
        Ok(Self {
            json: line(&record.text(sequence, &algorithm), &hash),
            sequence,
            occurred_at: record.occurred_at,
            username: record.username,
            unit: record.unit_id,
            grants: record.grants,
            address: record.address,
            request_id: record.request_id,
            action: record.action,
            object_type: record.object_type,
            object_id: record.object_id,
            outcome: record.outcome,
            changes: record.changes,
            hash,
        })
    }
}

/// An export under way: everything that was in the log when it began, and passes the filter.
#[derive(Debug)]
pub struct AuditExport {
    call: Call,
    condition: Condition,
    after: i64,
    last: i64,
}

impl Call {
    /// Begins an export of the log; that it was begun is itself in the log, before anything leaves.
    ///
    /// # Errors
    /// Refused with [`domain::Reason::NotAuditAdministrator`] for everybody but audit administrators; or an argument makes no
    /// sense.
    pub async fn export_audit(&self, filter: &AuditFilter, format: &str) -> Result<AuditExport> {
        self.audit_administrator()?;
        filter.check()?;
        self.store().seal().await?;
        let last = self.store().audit_head().await?.sequence;
        let entry = Entry {
            act: Act::ExportAudit,
            object: "AuditEntry",
            id: None,
            changes: json!({ "format": format, "filter": filter.told(), "lastSequence": last }),
            event: None,
        };
        self.write().await?.commit([entry]).await?;
        Ok(AuditExport {
            call: self.clone(),
            condition: filter.condition(),
            after: 0,
            last,
        })
    }
}

impl AuditExport {
    /// The next entries, at most 500; none at the end. Whether the exporter may still do so is asked each time.
    ///
    /// # Errors
    /// The database failed, or the session or the grant has ended since.
    pub async fn next(&mut self) -> Result<Vec<AuditLine>> {
        let system = System::new(self.call.store().clone());
        let call = system
            .renew(&self.call, self.call.origin().clone())
            .await?
            .ok_or(crate::Error::Unauthenticated)?;
        call.audit_administrator()?;
        let lines = page(&call, self.condition.clone(), self.after, self.last).await?;
        if let Some(line) = lines.last() {
            self.after = line.sequence;
        }
        Ok(lines)
    }
}

async fn page(call: &Call, condition: Condition, after: i64, last: i64) -> Result<Vec<AuditLine>> {
    let sequence = || by(audit_seal::Entity, audit_seal::Column::Sequence);
    let statement = Query::select()
        .expr(sequence())
        .column((audit_seal::Entity, audit_seal::Column::Hash))
        .column((audit_seal::Entity, audit_seal::Column::Algorithm))
        .expr(Expr::cust(COLUMNS))
        .from(audit_seal::Entity)
        .join(
            JoinType::InnerJoin,
            audit_entry::Entity,
            Expr::col((audit_entry::Entity, audit_entry::Column::Id))
                .equals((audit_seal::Entity, audit_seal::Column::EntryId)),
        )
        .and_where(audit_seal::Column::Sequence.gt(after))
        .and_where(audit_seal::Column::Sequence.lte(last))
        .cond_where(condition)
        .order_by_expr(sequence(), Order::Asc)
        .limit(PAGE)
        .take();
    let rows = call.reader().query_all(&statement).await?;
    let lines: Result<Vec<_>, Fault> = rows.iter().map(AuditLine::read).collect();
    Ok(lines?)
}
