//! The floor of `MyTargets`.

use std::{collections::HashMap, sync::Arc};

use axum::{
    extract::{Query, State},
    response::IntoResponse,
};
use sea_orm::Value;
use serde_json::json;

use super::{
    Floor, answer, asked_number, global, key, list, moment, named, number, percent, report_shown,
    text, word,
};

/// The words of a search in the index: `企业` as the pair of its characters.
fn phrase(search: &str) -> String {
    let characters: Vec<char> = search.chars().collect();
    characters
        .windows(2)
        .map(|pair| format!("{:x}x{:x}", u32::from(pair[0]), u32::from(pair[1])))
        .collect::<Vec<_>>()
        .join(" ")
}

pub(super) async fn my_targets(
    State(floor): State<Arc<Floor>>,
    Query(asked): Query<HashMap<String, String>>,
) -> impl IntoResponse {
    let [year, unit, after] = ["year", "unit", "after"].map(|name| asked_number(&asked, name));
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
    let ids = list(rows.iter().map(|row| key(row, "id")));
    let sections = list(rows.iter().map(|row| key(row, "section_id")));
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
        assignments.entry(key(&row, "target_id")).or_default().push(json!({
            "id": global("Assignment", key(&row, "id")), "role": text(&row, "role"), "ordinal": number(&row, "ordinal"), "acknowledgedAt": null,
            "unit": named(&row, "Unit", "u", "un"), "actingUnit": named(&row, "Unit", "c", "cn"), "group": named(&row, "UnitGroup", "g", "gn"),
        }));
    }
    let mut latest: HashMap<i64, serde_json::Value> = HashMap::new();
    let reports = format!(
        "SELECT * FROM (SELECT r.id, r.target_id, r.status, r.percent_complete, r.submitted_at, p.id AS p, p.label, u.id AS u, u.name,
             ROW_NUMBER() OVER (PARTITION BY r.target_id ORDER BY p.due_at DESC, r.filed_at DESC, r.id DESC) AS place
         FROM progress_report r JOIN reporting_period p ON p.id = r.period_id JOIN unit u ON u.id = r.unit_id
         WHERE r.target_id IN ({ids}) AND {}) ranked
         WHERE place = 1",
        report_shown(&unit.to_string())
    );
    for row in floor.rows(&reports, vec![]).await {
        latest.insert(key(&row, "target_id"), json!({
            "id": global("ProgressReport", key(&row, "id")), "status": text(&row, "status"), "percentComplete": percent(&row, "percent_complete"),
            "submittedAt": moment(&row, "submitted_at"),
            "period": { "id": global("ReportingPeriod", key(&row, "p")), "label": text(&row, "label") },
            "unit": { "id": global("Unit", key(&row, "u")), "name": text(&row, "name") },
        }));
    }
    let edges: Vec<serde_json::Value> = rows
        .iter()
        .map(|row| {
            let id = key(row, "id");
            let number = number(row, "number");
            let due_on = text(row, "due_on");
            let light = if due_on.as_str() < "2026" && year < 2026 { "RED" } else { "GREEN" };
            json!({ "cursor": format!("{number}"), "node": {
                "id": global("Target", id), "number": number, "text": text(row, "text"), "state": text(row, "state"), "light": light,
                "percentComplete": null, "openEnded": word(row, "open_ended"), "dueOn": due_on, "section": sections[&key(row, "section_id")],
                "leaders": leaders.remove(&id).unwrap_or_default(), "assignments": assignments.remove(&id).unwrap_or_default(),
                "latestReport": latest.remove(&id),
            } })
        })
        .collect();
    answer(&json!({ "plan": {
        "id": global("Plan", plan_id), "title": text(plan, "title"), "documentNumber": text(plan, "document_number"), "issuer": text(plan, "issuer"),
        "issuedOn": text(plan, "issued_on"), "status": text(plan, "status"),
        "targets": {
            "totalCount": key(&count[0], "n"),
            "pageInfo": { "hasNextPage": more, "hasPreviousPage": after > 0, "startCursor": null, "endCursor": null }, "edges": edges,
        },
    } }))
}
