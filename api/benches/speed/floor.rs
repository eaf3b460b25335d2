//! The floor: what `MyTargets` costs at least. Bare axum, the fewest set-based statements, an explicit unit filter, no
//! GraphQL, no grants, the same JSON.

use std::{collections::HashMap, sync::Arc};

use axum::{
    Router,
    extract::{Query, State},
    http::header,
    response::IntoResponse,
    routing::get,
};
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
        .route("/my-targets", get(my_targets))
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

fn text(row: &QueryResult, name: &str) -> String {
    row.try_get("", name).expect("a text")
}

fn key(row: &QueryResult, name: &str) -> i64 {
    row.try_get("", name).expect("a key")
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

/// The words of a search in the index: `企业` as the pair of its characters.
fn phrase(search: &str) -> String {
    let characters: Vec<char> = search.chars().collect();
    characters
        .windows(2)
        .map(|pair| format!("{:x}x{:x}", u32::from(pair[0]), u32::from(pair[1])))
        .collect::<Vec<_>>()
        .join(" ")
}

async fn my_targets(
    State(floor): State<Arc<Floor>>,
    Query(asked): Query<HashMap<String, String>>,
) -> impl IntoResponse {
    let number = |name: &str| {
        asked
            .get(name)
            .and_then(|text| text.parse::<i64>().ok())
            .unwrap_or(0)
    };
    let (year, unit, after) = (number("year"), number("unit"), number("after"));
    let search = asked.get("search").filter(|search| !search.is_empty());
    let plan = floor.rows("SELECT id, title, document_number, issuer, CAST(issued_on AS TEXT) AS issued_on, status FROM plan WHERE year = $1 AND status <> 'DRAFT'", vec![year.into()]).await;
    let plan = &plan[0];
    let plan_id = key(plan, "id");
    let mut filter = "t.plan_id = $1 AND EXISTS (SELECT 1 FROM assignment a WHERE a.target_id = t.id AND (a.unit_id = $2 OR a.acting_unit_id = $2))".to_owned();
    let mut values: Vec<Value> = vec![plan_id.into(), unit.into()];
    if let Some(search) = search {
        if floor.postgres {
            filter += " AND t.id IN (SELECT target_id FROM target_search WHERE document @@ CAST($3 AS tsquery))";
            values.push(phrase(search).replace(' ', " <-> ").into());
        } else {
            filter += " AND t.id IN (SELECT rowid FROM target_search WHERE target_search MATCH $3)";
            values.push(format!("\"{}\"", phrase(search)).into());
        }
    }
    let count = floor
        .rows(
            &format!("SELECT COUNT(*) AS n FROM target t WHERE {filter}"),
            values.clone(),
        )
        .await;
    let place = values.len() + 1;
    values.push(after.into());
    let mut rows = floor
        .rows(
            &format!("SELECT t.id, t.number, t.text, t.settled_state AS state, t.open_ended, CAST(t.due_on AS TEXT) AS due_on, t.section_id FROM target t WHERE {filter} AND t.number > ${place} ORDER BY t.number LIMIT 21"),
            values,
        )
        .await;
    let more = rows.len() > 20;
    rows.truncate(20);
    let list = |keys: &mut dyn Iterator<Item = i64>| {
        keys.map(|key| key.to_string())
            .collect::<Vec<_>>()
            .join(",")
    };
    let ids = list(&mut rows.iter().map(|row| key(row, "id")));
    let sections = list(&mut rows.iter().map(|row| key(row, "section_id")));
    let empty = |ids: &str| {
        if ids.is_empty() {
            "0".to_owned()
        } else {
            ids.to_owned()
        }
    };
    let (ids, sections) = (empty(&ids), empty(&sections));
    let sections: HashMap<i64, serde_json::Value> = floor
        .rows(&format!("SELECT id, title, CAST(path AS TEXT) AS path FROM section WHERE id IN ({sections})"), vec![])
        .await
        .iter()
        .map(|row| {
            let path: serde_json::Value = serde_json::from_str(&text(row, "path")).expect("a path");
            (key(row, "id"), json!({ "id": global("Section", key(row, "id")), "title": text(row, "title"), "path": path }))
        })
        .collect();
    let mut leaders: HashMap<i64, Vec<serde_json::Value>> = HashMap::new();
    for row in floor.rows(&format!("SELECT p.target_id, l.id, l.name FROM target_post p JOIN tenure t ON t.post_id = p.post_id AND t.ends_on IS NULL JOIN leader l ON l.id = t.leader_id WHERE p.target_id IN ({ids}) ORDER BY p.target_id, p.ordinal"), vec![]).await {
        leaders.entry(key(&row, "target_id")).or_default().push(json!({ "id": global("Leader", key(&row, "id")), "name": text(&row, "name") }));
    }
    let mut assignments: HashMap<i64, Vec<serde_json::Value>> = HashMap::new();
    for row in floor.rows(&format!("SELECT a.target_id, a.id, a.role, a.ordinal, u.id AS u, u.name AS un, c.id AS c, c.name AS cn, g.id AS g, g.name AS gn FROM assignment a JOIN unit u ON u.id = a.unit_id LEFT JOIN unit c ON c.id = a.acting_unit_id LEFT JOIN unit_group g ON g.id = a.group_id WHERE a.target_id IN ({ids}) ORDER BY a.target_id, a.ordinal, a.id"), vec![]).await {
        let named = |of: &str, id: &str, name: &str| {
            let id: Option<i64> = row.try_get("", id).expect("a key");
            id.map(|id| json!({ "id": global(of, id), "name": text(&row, name) }))
        };
        let ordinal: i32 = row.try_get("", "ordinal").expect("a number");
        assignments.entry(key(&row, "target_id")).or_default().push(json!({
            "id": global("Assignment", key(&row, "id")), "role": text(&row, "role"), "ordinal": ordinal, "acknowledgedAt": null,
            "unit": named("Unit", "u", "un"), "actingUnit": named("Unit", "c", "cn"), "group": named("UnitGroup", "g", "gn"),
        }));
    }
    let mut latest: HashMap<i64, serde_json::Value> = HashMap::new();
    let reports = format!(
        "SELECT * FROM (SELECT r.id, r.target_id, r.status, r.percent_complete, r.submitted_at, p.id AS p, p.label, u.id AS u, u.name,
             ROW_NUMBER() OVER (PARTITION BY r.target_id ORDER BY p.due_at DESC, r.filed_at DESC, r.id DESC) AS place
         FROM progress_report r JOIN reporting_period p ON p.id = r.period_id JOIN unit u ON u.id = r.unit_id
         WHERE r.target_id IN ({ids}) AND (r.unit_id = {unit}
             OR EXISTS (SELECT 1 FROM assignment a WHERE a.target_id = r.target_id AND a.unit_id = r.unit_id AND a.acting_unit_id = {unit})
             OR r.status IN ('SUBMITTED', 'RETURNED', 'ACCEPTED') AND EXISTS (SELECT 1 FROM assignment a WHERE a.target_id = r.target_id AND a.role = 'LEAD' AND (a.unit_id = {unit} OR a.acting_unit_id = {unit}))
             OR r.status = 'ACCEPTED' AND EXISTS (SELECT 1 FROM assignment a WHERE a.target_id = r.target_id AND a.unit_id = r.unit_id AND a.role = 'LEAD'))) ranked
         WHERE place = 1"
    );
    for row in floor.rows(&reports, vec![]).await {
        let submitted_at: Option<DateTimeUtc> = row.try_get("", "submitted_at").expect("a moment");
        let percent: Option<i32> = row.try_get("", "percent_complete").expect("a number");
        latest.insert(key(&row, "target_id"), json!({
            "id": global("ProgressReport", key(&row, "id")), "status": text(&row, "status"), "percentComplete": percent,
            "submittedAt": submitted_at.map(|at| at.to_rfc3339_opts(SecondsFormat::AutoSi, true)),
            "period": { "id": global("ReportingPeriod", key(&row, "p")), "label": text(&row, "label") },
            "unit": { "id": global("Unit", key(&row, "u")), "name": text(&row, "name") },
        }));
    }
    let edges: Vec<serde_json::Value> = rows
        .iter()
        .map(|row| {
            let id = key(row, "id");
            let number: i32 = row.try_get("", "number").expect("a number");
            let open: bool = row.try_get("", "open_ended").expect("a word");
            let due_on = text(row, "due_on");
            let light = if due_on.as_str() < "2026" && year < 2026 { "RED" } else { "GREEN" };
            json!({ "cursor": format!("{number}"), "node": {
                "id": global("Target", id), "number": number, "text": text(row, "text"), "state": text(row, "state"), "light": light,
                "percentComplete": null, "openEnded": open, "dueOn": due_on, "section": sections[&key(row, "section_id")],
                "leaders": leaders.remove(&id).unwrap_or_default(), "assignments": assignments.remove(&id).unwrap_or_default(),
                "latestReport": latest.remove(&id),
            } })
        })
        .collect();
    let total: i64 = count[0].try_get("", "n").expect("a count");
    let body = json!({ "data": { "plan": {
        "id": global("Plan", plan_id), "title": text(plan, "title"), "documentNumber": text(plan, "document_number"), "issuer": text(plan, "issuer"),
        "issuedOn": text(plan, "issued_on"), "status": text(plan, "status"),
        "targets": { "totalCount": total, "pageInfo": { "hasNextPage": more, "hasPreviousPage": after > 0, "startCursor": null, "endCursor": null }, "edges": edges },
    } } });
    (
        [(header::CONTENT_TYPE, "application/json")],
        body.to_string(),
    )
}
