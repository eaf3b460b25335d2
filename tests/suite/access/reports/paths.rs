//! Every path that leads to a report, or to what belongs to one, walked by every account.

use std::collections::BTreeSet;

use entity::{kinds::ReportStatus, progress_report};
use serde_json::{Value, json};
use tests::{Actor, App, both, world::ACTORS};

use super::Desk;
use crate::access::{all, global};

fn set<'a>(ids: impl IntoIterator<Item = &'a Value>) -> BTreeSet<String> {
    ids.into_iter()
        .map(|id| id.as_str().unwrap().to_owned())
        .collect()
}

fn reports_of(rows: &[&progress_report::Model]) -> BTreeSet<String> {
    rows.iter()
        .map(|row| global("ProgressReport", row.id.0))
        .collect()
}

/// All items of a root list, page by page.
async fn walk(actor: &Actor<'_>, list: &str, size: &str, backwards: bool) -> Vec<Value> {
    let mut found = Vec::new();
    let mut cursor = Value::Null;
    loop {
        let arguments = if backwards {
            "last: SIZE, before: $c"
        } else {
            "first: SIZE, after: $c"
        };
        let list = list.replace("PAGE", arguments).replace("SIZE", size);
        let query = format!(
            "query($c: String) {{ list: {list} {{ nodes {{ id }} pageInfo {{ hasNextPage hasPreviousPage startCursor endCursor }} }} }}"
        );
        let answer = actor.ask(&query, json!({ "c": cursor })).await;
        let mut page = answer.data("/list/nodes").as_array().unwrap().clone();
        let info = answer.data("/list/pageInfo");
        if backwards {
            page.append(&mut found);
            found = page;
        } else {
            found.append(&mut page);
        }
        let (more, at) = if backwards {
            ("hasPreviousPage", "startCursor")
        } else {
            ("hasNextPage", "endCursor")
        };
        if info[more] != true {
            return found;
        }
        cursor = info[at].clone();
    }
}

/// The objects of IDs, with gaps.
async fn nodes(actor: &Actor<'_>, of: &str, keys: impl Iterator<Item = i64>) -> Vec<Value> {
    let ids: Vec<String> = keys.map(|key| global(of, key)).collect();
    let mut found = Vec::new();
    for part in ids.chunks(100) {
        let answer = actor.ask("query($ids: [ID!]!) { nodes(ids: $ids) { id ... on ReportVersion { report { id } } ... on Review { report { id } } ... on Event { report { id } } } }", json!({ "ids": part })).await;
        found.extend(answer.data("/nodes").as_array().unwrap().clone());
    }
    found
}

both! {
    async fn every_path_leads_to_the_reports_that_the_rule_says(app: App) {
        let desk = Desk::write(&app).await;
        assert!(desk.reports.len() >= 80, "{}", desk.reports.len());
        let mut glance = String::new();
        for name in ACTORS {
            let actor = app.sign_in(name).await;
            let visible = desk.visible(name);
            let expected = reports_of(&visible);
            let count = |status: ReportStatus| visible.iter().filter(|report| report.status == status).count();
            let counts: Vec<String> = ReportStatus::ALL.iter().map(|status| format!("{} {:>2}", status.as_str(), count(*status))).collect();
            glance += &format!("{name:<16} {}\n", counts.join(" | "));

            // The list of all, both ways, in every order, without gaps or repetitions; and its count.
            for field in ["SUBMITTED_AT", "PERIOD"] {
                for direction in ["ASC", "DESC"] {
                    let list = format!("progressReports(PAGE, orderBy: {{ field: {field}, direction: {direction} }})");
                    let forwards = walk(&actor, &list, "17", false).await;
                    assert_eq!(set(forwards.iter().map(|node| &node["id"])), expected, "{name} {field} {direction}");
                    assert_eq!(forwards.len(), expected.len(), "{name} {field} {direction}: repeated");
                    assert_eq!(walk(&actor, &list, "17", true).await, forwards, "{name} {field} {direction}: backwards");
                }
            }
            let total = actor.query("{ progressReports { totalCount } }").await;
            assert_eq!(total.data("/progressReports/totalCount"), expected.len(), "{name}");

            // Filters only narrow, and count what they list.
            let mut filters: Vec<(Value, Vec<&progress_report::Model>)> = Vec::new();
            let mut filter = |filter: Value, such: &dyn Fn(&progress_report::Model) -> bool| {
                filters.push((filter, visible.iter().copied().filter(|report| such(report)).collect()));
            };
            for status in ReportStatus::ALL {
                filter(json!({ "status": status.as_str() }), &|report| report.status == *status);
                filter(json!({ "status": status.as_str(), "late": true }), &|report| report.status == *status && report.late);
            }
            for late in [true, false] {
                filter(json!({ "late": late }), &|report| report.late == late);
            }
            for key in desk.reports.iter().map(|report| report.unit_id).collect::<BTreeSet<_>>() {
                filter(json!({ "unitId": global("Unit", key.0) }), &|report| report.unit_id == key);
                filter(json!({ "unitId": global("Unit", key.0), "status": "DRAFT" }), &|report| report.unit_id == key && report.status == ReportStatus::Draft);
            }
            for key in desk.reports.iter().map(|report| report.target_id).collect::<BTreeSet<_>>() {
                filter(json!({ "targetId": global("Target", key.0) }), &|report| report.target_id == key);
            }
            for key in desk.reports.iter().map(|report| report.period_id).collect::<BTreeSet<_>>() {
                filter(json!({ "periodId": global("ReportingPeriod", key.0) }), &|report| report.period_id == key);
            }
            filter(json!({ "planYear": 2022 }), &|_| true);
            filter(json!({ "planYear": 2023 }), &|_| false);
            for part in filters.chunks(15) {
                let mut variables = serde_json::Map::new();
                let (mut declared, mut lists) = (String::new(), String::new());
                for (at, (filter, _)) in part.iter().enumerate() {
                    declared += &format!("$f{at}: ProgressReportFilter ");
                    lists += &format!("l{at}: progressReports(first: 100, filter: $f{at}) {{ totalCount nodes {{ id }} }} ");
                    variables.insert(format!("f{at}"), filter.clone());
                }
                let answer = actor.ask(&format!("query({declared}) {{ {lists} }}"), Value::Object(variables)).await;
                for (at, (filter, rows)) in part.iter().enumerate() {
                    let list = answer.data(&format!("/l{at}"));
                    let found = list["nodes"].as_array().unwrap();
                    assert_eq!(set(found.iter().map(|node| &node["id"])), reports_of(rows), "{name} {filter}");
                    assert_eq!(list["totalCount"], rows.len(), "{name} {filter}");
                }
            }

            // By ID: reports, versions, reviews and events; and the reports to which these lead.
            let ids = nodes(&actor, "ProgressReport", desk.reports.iter().map(|row| row.id.0)).await;
            for (row, node) in desk.reports.iter().zip(&ids) {
                assert_eq!(node.is_object(), desk.sees(name, row), "{name}: report {row:?}");
            }
            let leads_to = |node: &Value, report: i64| {
                if node.is_object() {
                    let row = desk.reports.iter().find(|row| row.id.0 == report).unwrap();
                    assert_eq!(node["report"].is_object(), desk.sees(name, row), "{name}: {node} leads to {row:?}");
                }
            };
            let ids = nodes(&actor, "ReportVersion", desk.versions.iter().map(|row| row.id.0)).await;
            for (row, node) in desk.versions.iter().zip(&ids) {
                assert_eq!(node.is_object(), desk.sees_version(name, row), "{name}: version {row:?}");
                leads_to(node, row.report_id.0);
            }
            let ids = nodes(&actor, "Review", desk.reviews.iter().map(|row| row.id.0)).await;
            for (row, node) in desk.reviews.iter().zip(&ids) {
                assert_eq!(node.is_object(), desk.sees_review(name, row), "{name}: review {row:?}");
                leads_to(node, row.report_id.0);
            }
            let ids = nodes(&actor, "Event", desk.events.iter().map(|row| row.id.0)).await;
            for (row, node) in desk.events.iter().zip(&ids) {
                assert_eq!(node.is_object(), desk.sees_event(name, row), "{name}: event {row:?}");
                match (row.object_type.as_deref(), row.object_id) {
                    (Some("ProgressReport"), Some(report)) => leads_to(node, report),
                    _ => assert!(node["report"].is_null()),
                }
            }

            // Changes: the events in their order, each way, and their count.
            let expected_events: Vec<String> = desk.events.iter().filter(|event| desk.sees_event(name, event)).map(|event| global("Event", event.id.0)).collect();
            for backwards in [false, true] {
                let found = walk(&actor, "changes(PAGE)", "60", backwards).await;
                let found: Vec<&str> = found.iter().map(|node| node["id"].as_str().unwrap()).collect();
                assert_eq!(found, expected_events, "{name}: changes, backwards {backwards}");
            }
            assert_eq!(actor.query("{ changes { totalCount } }").await.data("/changes/totalCount"), expected_events.len(), "{name}: changes");

            // Versions and reviews below reports.
            let query = "{ progressReports(first: 100) { nodes { id reviews { id } versions(first: 20) { totalCount nodes { id } } } } }";
            for node in actor.query(query).await.data("/progressReports/nodes").as_array().unwrap() {
                let row = desk.reports.iter().find(|row| node["id"] == global("ProgressReport", row.id.0)).unwrap();
                let versions: BTreeSet<String> = desk.versions.iter().filter(|v| v.report_id == row.id && desk.sees_version(name, v)).map(|v| global("ReportVersion", v.id.0)).collect();
                assert_eq!(set(node["versions"]["nodes"].as_array().unwrap().iter().map(|v| &v["id"])), versions, "{name}: versions of {row:?}");
                assert_eq!(node["versions"]["totalCount"], versions.len(), "{name}: versions of {row:?}");
                let reviews: BTreeSet<String> = desk.reviews.iter().filter(|r| r.report_id == row.id && desk.sees_review(name, r)).map(|r| global("Review", r.id.0)).collect();
                assert_eq!(set(node["reviews"].as_array().unwrap().iter().map(|r| &r["id"])), reviews, "{name}: reviews of {row:?}");
            }

            // Below targets: reports, the latest one, and readings.
            for key in desk.reports.iter().map(|report| report.target_id).collect::<BTreeSet<_>>() {
                let id = global("Target", key.0);
                let answer = actor.query(&format!("{{ target(id: \"{id}\") {{ reports(first: 100) {{ totalCount nodes {{ id }} }} latestReport {{ id }} indicators {{ counted: readings(first: 100) {{ totalCount nodes {{ report {{ id }} }} }} any: readings(first: 100, accepted: false) {{ totalCount nodes {{ report {{ id }} }} }} }} }} }}")).await;
                if !desk.world.visible_to(name).contains(&(2022, desk.numbers[&key.0])) {
                    assert_eq!(answer.codes(), ["NOT_FOUND"], "{name}");
                    continue;
                }
                let here: Vec<&progress_report::Model> = visible.iter().copied().filter(|report| report.target_id == key).collect();
                assert_eq!(set(answer.data("/target/reports/nodes").as_array().unwrap().iter().map(|node| &node["id"])), reports_of(&here), "{name}: target {}", desk.numbers[&key.0]);
                assert_eq!(answer.data("/target/reports/totalCount"), here.len(), "{name}");
                let latest = here.iter().max_by_key(|report| (desk.due[&report.period_id.0], report.filed_at, report.id));
                assert_eq!(answer.data("/target").pointer("/latestReport/id").and_then(Value::as_str).map(str::to_owned), latest.map(|report| global("ProgressReport", report.id.0)), "{name}: latest");
                for (list, accepted) in [("counted", true), ("any", false)] {
                    let with: Vec<&progress_report::Model> = here.iter().copied().filter(|report| {
                        desk.readings.iter().any(|reading| reading.report_id == report.id) && (!accepted || report.status == ReportStatus::Accepted)
                    }).collect();
                    let mut lists = Vec::new();
                    all(answer.data("/target/indicators"), list, &mut lists);
                    let total: i64 = lists.iter().map(|list| list["totalCount"].as_i64().unwrap()).sum();
                    let mut found = Vec::new();
                    lists.iter().for_each(|list| all(list, "id", &mut found));
                    assert_eq!(set(&found), reports_of(&with), "{name}: readings, {list}");
                    assert_eq!(total, with.len() as i64, "{name}: readings, {list}");
                }
            }
        }
        insta::assert_snapshot!("reports_at_a_glance", glance);
    }
}
