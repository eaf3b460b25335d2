//! The floor: what an operation costs at least. Bare axum, the fewest set-based statements, an explicit unit filter, no
//! GraphQL, no grants, the same JSON.

mod my_targets;
mod outline;
mod target_detail;

use std::{collections::HashMap, sync::Arc};

use axum::{Router, http::header, response::IntoResponse, routing::get};
use chrono::SecondsFormat;
use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, QueryResult, Statement, Value,
    prelude::DateTimeUtc,
};
use serde_json::json;

struct Floor {
    db: DatabaseConnection,
    postgres: bool,
}

pub(crate) async fn serve(url: &str, listen: &str) {
    let mut options = ConnectOptions::new(url);
    options
        .max_connections(10)
        .test_before_acquire(false)
        .sqlx_logging(false);
    let db = Database::connect(options).await.expect("the database");
    let floor = Floor {
        db,
        postgres: url.starts_with("postgres"),
    };
    let router = Router::new()
        .route("/ready", get(|| async { "ready" }))
        .route("/my-targets", get(my_targets::my_targets))
        .route("/outline", get(outline::outline))
        .route("/target-detail", get(target_detail::target_detail))
        .with_state(Arc::new(floor));
    let listener = tokio::net::TcpListener::bind(listen)
        .await
        .expect("a socket");
    axum::serve(listener, router).await.expect("a server");
}

impl Floor {
    async fn rows(&self, sql: &str, values: Vec<Value>) -> Vec<QueryResult> {
        let statement = Statement::from_sql_and_values(self.db.get_database_backend(), sql, values);
        self.db.query_all_raw(statement).await.expect("rows")
    }
}

/// A number that is asked for; 0 when it is not.
fn asked_number(asked: &HashMap<String, String>, name: &str) -> i64 {
    asked
        .get(name)
        .and_then(|text| text.parse().ok())
        .unwrap_or(0)
}

/// The answer, as GraphQL wraps it.
fn answer(data: &serde_json::Value) -> impl IntoResponse + use<> {
    (
        [(header::CONTENT_TYPE, "application/json")],
        format!("{{\"data\":{data}}}"),
    )
}

fn text(row: &QueryResult, name: &str) -> String {
    row.try_get("", name).expect("a text")
}

/// A text that may be missing; a day is one, too.
fn optional(row: &QueryResult, name: &str) -> Option<String> {
    row.try_get("", name).expect("a text or none")
}

fn key(row: &QueryResult, name: &str) -> i64 {
    row.try_get("", name).expect("a key")
}

fn number(row: &QueryResult, name: &str) -> i32 {
    row.try_get("", name).expect("a number")
}

fn percent(row: &QueryResult, name: &str) -> Option<i32> {
    row.try_get("", name).expect("a number or none")
}

fn word(row: &QueryResult, name: &str) -> bool {
    row.try_get("", name).expect("a word")
}

/// A moment as the contract writes it.
fn moment(row: &QueryResult, name: &str) -> Option<String> {
    let moment: Option<DateTimeUtc> = row.try_get("", name).expect("a moment or none");
    moment.map(|at| at.to_rfc3339_opts(SecondsFormat::AutoSi, true))
}

/// What a row names by key and name, if it names anything.
fn named(row: &QueryResult, of: &str, id: &str, name: &str) -> Option<serde_json::Value> {
    let id: Option<i64> = row.try_get("", id).expect("a key or none");
    id.map(|id| json!({ "id": global(of, id), "name": text(row, name) }))
}

fn global(of: &str, key: i64) -> String {
    use std::fmt::Write;
    // Base64 by hand: the floor has no reason to share code.
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut plain = String::new();
    write!(plain, "{of}:{key}").expect("a text");
    let mut out = String::new();
    for part in plain.as_bytes().chunks(3) {
        let word = part
            .iter()
            .fold(0u32, |word, byte| word << 8 | u32::from(*byte))
            << (8 * (3 - part.len()));
        for at in 0..=part.len() {
            out.push(char::from(LETTERS[(word >> (18 - 6 * at) & 63) as usize]));
        }
    }
    out
}

/// Keys for an `IN`, which takes no empty list: nothing has the key 0.
fn list(keys: impl Iterator<Item = i64>) -> String {
    let keys: Vec<String> = keys.map(|key| key.to_string()).collect();
    if keys.is_empty() {
        "0".to_owned()
    } else {
        keys.join(",")
    }
}

// What the rules of `store::visible` come to for a unit's manager who sees the target: each filter with the unit in it, a
// number or a parameter, over the row that a name stands for.

/// It is the unit's own, or that of a unit for which the unit acts on this target.
fn own(of: &str, unit: &str) -> String {
    format!(
        "({of}.unit_id = {unit}
             OR EXISTS (SELECT 1 FROM assignment a WHERE a.target_id = {of}.target_id AND a.unit_id = {of}.unit_id AND a.acting_unit_id = {unit}))"
    )
}

/// The unit leads the target, or acts for one that does.
fn leads(of: &str, unit: &str) -> String {
    format!(
        "EXISTS (SELECT 1 FROM assignment a WHERE a.target_id = {of}.target_id AND a.role = 'LEAD' AND (a.unit_id = {unit} OR a.acting_unit_id = {unit}))"
    )
}

/// The report `r` is shown: the unit's own always, to lead units once it was handed in, and accepted ones of lead units to
/// every unit of the target.
fn report_shown(unit: &str) -> String {
    format!(
        "({}
             OR r.status IN ('SUBMITTED', 'RETURNED', 'ACCEPTED') AND {}
             OR r.status = 'ACCEPTED' AND EXISTS (SELECT 1 FROM assignment a WHERE a.target_id = r.target_id AND a.unit_id = r.unit_id AND a.role = 'LEAD'))",
        own("r", unit),
        leads("r", unit)
    )
}
