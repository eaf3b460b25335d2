//! The audit log: what it tells, that nothing of it can be changed unseen, who reads it, and how it leaves.

mod business;
mod chain;
mod entries;
mod export;
mod kept;
mod list;
mod others;
mod stopping;
mod tampering;

use entity::{assignment, audit_entry, audit_seal};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use serde_json::{Value, json};
use store::{AuditRules, Opening, Store};
use tests::{Actor, Answer, App, Backend};

use crate::parties::global;

/// All entries, oldest first.
async fn entries(app: &App) -> Vec<audit_entry::Model> {
    let db = app.database.connect().await;
    let all = audit_entry::Entity::find().order_by_asc(audit_entry::Column::Id);
    all.all(&db).await.unwrap()
}

/// The newest entry of an act.
pub(crate) async fn newest(app: &App, act: &str) -> audit_entry::Model {
    let mut entries = entries(app).await;
    entries.retain(|entry| entry.action == act);
    entries.pop().unwrap_or_else(|| panic!("no {act}"))
}

/// The seals in their order.
async fn seals(app: &App) -> Vec<audit_seal::Model> {
    let db = app.database.connect().await;
    let all = audit_seal::Entity::find().order_by_asc(audit_seal::Column::Sequence);
    all.all(&db).await.unwrap()
}

/// Some act of each outcome, so that the log has something of everything.
async fn work(app: &App) {
    let manager = app.sign_in("fgw-manager").await;
    let (own, foreign) = (
        assignment_of(app, "市发展改革委").await,
        assignment_of(app, "市财政局").await,
    );
    let done = acknowledge(&manager, &own).await;
    assert_eq!(done.refusals("acknowledgeAssignments"), [""; 0]);
    assert_eq!(
        acknowledge(&manager, &foreign)
            .await
            .refusals("acknowledgeAssignments"),
        ["FORBIDDEN assignmentIds.0"]
    );
    app.anonymous()
        .try_sign_in("fgw-manager", "a wrong password")
        .await;
    app.parts.store().system().finish_audit().await.unwrap();
}

/// The first assignment of a unit to target 1.
async fn assignment_of(app: &App, unit: &str) -> String {
    let db = app.database.connect().await;
    let unit = entity::unit::Entity::find()
        .filter(entity::unit::Column::Name.eq(unit))
        .one(&db)
        .await
        .unwrap()
        .unwrap();
    let target = entity::target::Entity::find()
        .filter(entity::target::Column::Number.eq(1))
        .order_by_asc(entity::target::Column::Id)
        .one(&db)
        .await
        .unwrap()
        .unwrap();
    let row = assignment::Entity::find()
        .filter(assignment::Column::UnitId.eq(unit.id))
        .filter(assignment::Column::TargetId.eq(target.id))
        .one(&db)
        .await
        .unwrap()
        .unwrap();
    global("Assignment", row.id.0)
}

async fn acknowledge(actor: &Actor<'_>, id: &str) -> Answer {
    let query = "mutation($ids: [ID!]!) { acknowledgeAssignments(input: { assignmentIds: $ids }) { userErrors { code field } } }";
    actor.ask(query, json!({ "ids": [id] })).await
}

/// Another process on the same database, which knows nothing of what was sealed before.
async fn another(app: &App, rules: AuditRules) -> Store {
    Store::open(Opening {
        pool: app.database.pool(),
        clock: std::sync::Arc::clone(&app.clock) as _,
        entropy: std::sync::Arc::new(api::MachineEntropy),
        rules: tests::world::rules(),
        hashings_at_once: 1,
        calendar: domain::Calendar::default(),
        audit: rules,
        secrets: tests::world::secrets(),
    })
    .await
    .unwrap()
}

/// Runs a statement; whether the database took it.
async fn takes(app: &App, sql: &str) -> bool {
    let db = app.database.connect().await;
    db.execute_unprepared(sql).await.is_ok()
}

/// Runs a statement, which the database must take.
pub(crate) async fn execute(app: &App, sql: &str) {
    let db = app.database.connect().await;
    db.execute_unprepared(sql)
        .await
        .unwrap_or_else(|error| panic!("{sql}: {error}"));
}

/// Takes the triggers away, as somebody can who has the whole database in their hands.
pub(crate) async fn disarm(app: &App) {
    let tables = [
        "audit_entry",
        "audit_seal",
        "audit_pending",
        "audit_archive",
    ];
    match app.database.backend {
        Backend::Postgres => {
            for table in tables {
                execute(app, &format!("ALTER TABLE {table} DISABLE TRIGGER ALL")).await;
            }
        }
        Backend::Sqlite => {
            let db = app.database.connect().await;
            let sql =
                "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name LIKE 'audit%'";
            let rows = db
                .query_all_raw(sea_orm::Statement::from_string(
                    db.get_database_backend(),
                    sql,
                ))
                .await
                .unwrap();
            for row in rows {
                execute(
                    app,
                    &format!(
                        "DROP TRIGGER {}",
                        row.try_get::<String>("", "name").unwrap()
                    ),
                )
                .await;
            }
        }
    }
}

/// The fields of the audit list that tests look at.
const FIELDS: &str = "totalCount pageInfo { hasNextPage endCursor } nodes { id sequence hash hashAlgorithm occurredAt \
    actor { id username unitName grants { role unitId planId leaderId } } action outcome objectType objectId changes ipAddress requestId }";

/// The log as somebody sees it.
async fn listed(actor: &Actor<'_>, filter: Value) -> Answer {
    let query = format!(
        "query($filter: AuditFilter) {{ auditEntries(first: 100, filter: $filter) {{ {FIELDS} }} }}"
    );
    actor.ask(&query, json!({ "filter": filter })).await
}
