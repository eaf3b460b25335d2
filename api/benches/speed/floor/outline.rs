//! The floor of `Outline`.

use std::{collections::HashMap, sync::Arc};

use axum::{
    extract::{Query, State},
    response::IntoResponse,
};
use serde_json::{Value, json};

use super::{Floor, answer, asked_number, global, key, number, text};

/// A heading, and how many targets the unit sees right under it.
struct Section {
    id: i64,
    title: String,
    level: i32,
    ordinal: i32,
    position: i32,
    last_position: i32,
    targets: i64,
}

pub(super) async fn outline(
    State(floor): State<Arc<Floor>>,
    Query(asked): Query<HashMap<String, String>>,
) -> impl IntoResponse {
    let [year, unit] = ["year", "unit"].map(|name| asked_number(&asked, name));
    // The targets are counted once by heading, and of this plan alone: a subtree is a range of headings, and is added up here.
    let rows = floor
        .rows(
            "SELECT s.id, s.title, s.level, s.ordinal, s.position, s.last_position, COALESCE(c.n, 0) AS n
             FROM plan p JOIN section s ON s.plan_id = p.id LEFT JOIN (
                 SELECT t.section_position, COUNT(*) AS n FROM target t
                 WHERE t.plan_id = (SELECT id FROM plan WHERE year = $1 AND status <> 'DRAFT')
                     AND EXISTS (SELECT 1 FROM assignment a WHERE a.target_id = t.id AND (a.unit_id = $2 OR a.acting_unit_id = $2))
                 GROUP BY t.section_position
             ) c ON c.section_position = s.position
             WHERE p.year = $1 AND p.status <> 'DRAFT' ORDER BY s.position",
            vec![year.into(), unit.into()],
        )
        .await;
    let sections: Vec<Section> = rows
        .iter()
        .map(|row| Section {
            id: key(row, "id"),
            title: text(row, "title"),
            level: number(row, "level"),
            ordinal: number(row, "ordinal"),
            position: number(row, "position"),
            last_position: number(row, "last_position"),
            targets: key(row, "n"),
        })
        .collect();
    answer(&json!({ "plan": { "sections": tree(&sections) } }))
}

/// The headings of one level with those below them. They come in document order, so a heading's subtree follows it at once.
fn tree(mut sections: &[Section]) -> Vec<Value> {
    let mut branches = Vec::new();
    while let Some(section) = sections.first() {
        let end = sections.partition_point(|other| other.position <= section.last_position);
        let (subtree, after) = sections.split_at(end);
        let count: i64 = subtree.iter().map(|section| section.targets).sum();
        let id = global("Section", section.id);
        branches.push(if section.level < 3 {
            json!({
                "id": id, "title": section.title, "level": section.level, "ordinal": section.ordinal, "targetCount": count,
                "children": tree(&subtree[1..]),
            })
        } else {
            json!({ "id": id, "title": section.title, "targetCount": count })
        });
        sections = after;
    }
    branches
}
