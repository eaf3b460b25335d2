//! The two acts: designating units and acknowledging assignments. Who may, on what, and what they leave behind.

use entity::{assignment, audit_entry, designation, kinds::AuditOutcome, target, unit};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use serde_json::{Value, json};
use tests::{Actor, Answer, App, both, world::ACTORS};

async fn acknowledge(actor: &Actor<'_>, ids: &[&str]) -> Answer {
    actor
        .ask(
            "mutation($ids: [ID!]!) { acknowledgeAssignments(input: { assignmentIds: $ids }) {
                assignments { id acknowledgedAt acknowledgedBy { displayName } } userErrors { code field message } } }",
            json!({ "ids": ids }),
        )
        .await
}

async fn designate(actor: &Actor<'_>, designation: &str, units: &[&str]) -> Answer {
    actor
        .ask(
            "mutation($d: ID!, $u: [ID!]!) { designateUnits(input: { designationId: $d, unitIds: $u }) {
                target { id version assignments { role origin ordinal unit { name } group { name } } designations { resolved resolvedAt } }
                userErrors { code field message } } }",
            json!({ "d": designation, "u": units }),
        )
        .await
}

fn global(of: &str, key: i64) -> String {
    use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
    BASE64_URL_SAFE_NO_PAD.encode(format!("{of}:{key}"))
}

/// Assignments of one target by the unit's name.
async fn assignments(app: &App, number: i32) -> Vec<(String, String)> {
    let db = app.database.connect().await;
    let target = target::Entity::find()
        .filter(target::Column::Number.eq(number))
        .order_by_asc(target::Column::Id)
        .one(&db)
        .await
        .unwrap()
        .unwrap();
    let rows = assignment::Entity::find()
        .filter(assignment::Column::TargetId.eq(target.id))
        .all(&db)
        .await
        .unwrap();
    let units = unit::Entity::find().all(&db).await.unwrap();
    rows.into_iter()
        .map(|row| {
            (
                units
                    .iter()
                    .find(|unit| unit.id == row.unit_id)
                    .unwrap()
                    .name
                    .clone(),
                global("Assignment", row.id.0),
            )
        })
        .collect()
}

async fn audited(app: &App, act: &str) -> Vec<audit_entry::Model> {
    let db = app.database.connect().await;
    audit_entry::Entity::find()
        .filter(audit_entry::Column::Action.eq(act))
        .filter(audit_entry::Column::Outcome.eq(AuditOutcome::Succeeded))
        .all(&db)
        .await
        .unwrap()
}

both! {
    async fn who_may_acknowledge_what(app: App) {
        // Target 1: 市发展改革委 leads, 临海市政府 supports (through its group); 市应急管理局 has no part in it.
        let one = assignments(&app, 1).await;
        let id = |unit: &str| one.iter().find(|(name, _)| name == unit).unwrap().1.clone();
        let (lead, other) = (id("市发展改革委"), id("临海市政府"));
        let mut table = String::new();
        for name in ACTORS {
            let actor = app.sign_in(name).await;
            let mut line = format!("{name:<17}");
            for id in [&lead, &other] {
                let answer = acknowledge(&actor, &[id]).await;
                let refusals = answer.refusals("acknowledgeAssignments");
                line += &format!(" {:<30}", refusals.first().cloned().unwrap_or_else(|| "done".to_owned()));
            }
            table += line.trim_end();
            table.push('\n');
        }
        insta::assert_snapshot!("who_may_acknowledge_what", table);
    }

    async fn the_acting_unit_acknowledges_for_the_office(app: App) {
        // 市安委办（市应急管理局）leads target 178: its manager is 市应急管理局's.
        let manager = app.sign_in("yjj-manager").await;
        let answer = manager.query("{ plan(year: 2022) { targets(filter: { role: LEAD }) { nodes { number assignments { id role unit { name } actingUnit { name } } } } } }").await;
        let rows: Vec<&Value> = answer.data("/plan/targets/nodes").as_array().unwrap().iter()
            .flat_map(|target| target["assignments"].as_array().unwrap())
            .filter(|row| row["actingUnit"]["name"] == "市应急管理局").collect();
        assert_eq!(rows.len(), 2);
        let done = acknowledge(&manager, &[rows[0]["id"].as_str().unwrap()]).await;
        assert_eq!(done.refusals("acknowledgeAssignments"), Vec::<String>::new());
        assert_eq!(done.data("/acknowledgeAssignments/assignments/0/acknowledgedAt"), "2022-06-15T04:00:00Z");
    }

    async fn all_are_acknowledged_or_none_and_twice_changes_nothing(app: App) {
        let manager = app.sign_in("fgw-manager").await;
        let (one, three) = (assignments(&app, 1).await, assignments(&app, 3).await);
        let id = |rows: &[(String, String)], unit: &str| rows.iter().find(|(name, _)| name == unit).unwrap().1.clone();
        let (own, also, foreign) = (id(&one, "市发展改革委"), id(&three, "市发展改革委"), id(&one, "市财政局"));
        assert_eq!(acknowledge(&manager, &[&own, &foreign]).await.refusals("acknowledgeAssignments"), ["FORBIDDEN assignmentIds.1"]);
        assert_eq!(acknowledge(&manager, &[&own, "nonsense"]).await.refusals("acknowledgeAssignments"), ["NOT_FOUND assignmentIds.1"]);
        assert_eq!(acknowledge(&manager, &[&own, &global("Assignment", 999_999)]).await.refusals("acknowledgeAssignments"), ["NOT_FOUND assignmentIds.1"]);
        assert_eq!(acknowledge(&manager, &[]).await.refusals("acknowledgeAssignments"), ["INVALID assignmentIds"]);
        assert_eq!(acknowledge(&manager, &vec![own.as_str(); 101]).await.refusals("acknowledgeAssignments"), ["TOO_LARGE assignmentIds"]);
        assert!(audited(&app, "ACKNOWLEDGE_ASSIGNMENT").await.is_empty());

        let done = acknowledge(&manager, &[&also, &own]).await;
        let rows = done.data("/acknowledgeAssignments/assignments").as_array().unwrap();
        assert_eq!(rows.iter().map(|row| row["id"].as_str().unwrap()).collect::<Vec<_>>(), [&also, &own]);
        assert_eq!(audited(&app, "ACKNOWLEDGE_ASSIGNMENT").await.len(), 2);
        app.clock.advance(chrono::TimeDelta::minutes(5));
        let again = acknowledge(&manager, &[&own]).await;
        assert_eq!(again.data("/acknowledgeAssignments/assignments/0/acknowledgedAt"), "2022-06-15T04:00:00Z");
        let entries = audited(&app, "ACKNOWLEDGE_ASSIGNMENT").await;
        assert_eq!(entries.len(), 2);
        assert_eq!(entries[0].request_id.as_deref(), done.headers["x-request-id"].to_str().ok());
    }

    async fn who_may_designate(app: App) {
        let db = app.database.connect().await;
        let rows = designation::Entity::find().order_by_asc(designation::Column::Id).all(&db).await.unwrap();
        let unit = unit::Entity::find().filter(unit::Column::Name.eq("临海市政府")).one(&db).await.unwrap().unwrap();
        let unit = global("Unit", unit.id.0);
        let mut table = String::new();
        // Each account tries one designation of its own: one that has not been made.
        for (name, row) in ACTORS.iter().zip(&rows) {
            let actor = app.sign_in(name).await;
            let sees = actor.query(&format!("{{ nodes(ids: [\"{}\"]) {{ id }} }}", global("Designation", row.id.0))).await;
            let sees = !sees.data("/nodes/0").is_null();
            let answer = designate(&actor, &global("Designation", row.id.0), &[&unit]).await;
            let refusals = answer.refusals("designateUnits");
            let outcome = refusals.first().cloned().unwrap_or_else(|| "done".to_owned());
            table += &format!("{name:<17} {:<7} {outcome}\n", if sees { "sees it" } else { "-" });
        }
        insta::assert_snapshot!("who_may_designate", table);
    }

    async fn a_designation_makes_assignments_once(app: App) {
        let db = app.database.connect().await;
        let office = app.sign_in("office").await;
        let linhai = app.sign_in("linhai-manager").await;
        let row = designation::Entity::find().order_by_asc(designation::Column::Id).one(&db).await.unwrap().unwrap();
        let target = global("Target", row.target_id.0);
        let designation = global("Designation", row.id.0);
        let rows = unit::Entity::find().all(&db).await.unwrap();
        let unit = |name: &str| global("Unit", rows.iter().find(|unit| unit.name == name).unwrap().id.0);
        let (linhai_id, science) = (unit("临海市政府"), unit("市科技局"));
        let see = format!("{{ target(id: \"{target}\") {{ number }} }}");
        assert_eq!(linhai.query(&see).await.codes(), ["NOT_FOUND"]);
        assert_eq!(designate(&office, &designation, &[]).await.refusals("designateUnits"), ["INVALID unitIds"]);
        assert_eq!(designate(&office, &designation, &[&linhai_id, "nonsense"]).await.refusals("designateUnits"), ["NOT_FOUND unitIds.1"]);
        assert_eq!(designate(&office, "nonsense", &[&linhai_id]).await.refusals("designateUnits"), ["NOT_FOUND designationId"]);
        assert_eq!(linhai.query(&see).await.codes(), ["NOT_FOUND"]);

        // 市科技局 leads the target already, and keeps that assignment.
        let done = designate(&office, &designation, &[&linhai_id, &science, &linhai_id]).await;
        assert_eq!(done.refusals("designateUnits"), Vec::<String>::new());
        assert_eq!(done.data("/designateUnits/target/version"), 2);
        let made: Vec<&Value> = done.data("/designateUnits/target/assignments").as_array().unwrap().iter().filter(|row| row["origin"] == "DESIGNATION").collect();
        assert_eq!(made, [&json!({ "role": "SUPPORTING", "origin": "DESIGNATION", "ordinal": 2, "unit": { "name": "临海市政府" }, "group": { "name": "相关县（市、区）政府" } })]);
        assert_eq!(done.data("/designateUnits/target/designations/0/resolved"), true);
        // The unit sees the target at once, and finds it by its own name.
        assert_eq!(linhai.query(&see).await.data("/target/number"), &row_number(&done, &office).await);
        let found = linhai.query(&format!("{{ plan(year: 2022) {{ targets(first: 100, filter: {{ search: \"临海市政府\", unitId: \"{science}\" }}) {{ nodes {{ id }} }} }} }}")).await;
        assert!(found.data("/plan/targets/nodes").as_array().unwrap().iter().any(|node| node["id"] == target.as_str()));
        assert_eq!(designate(&office, &designation, &[&science]).await.refusals("designateUnits"), ["WRONG_STATE designationId"]);
        let entries = audited(&app, "DESIGNATE_UNITS").await;
        assert_eq!(entries.len(), 1);
        assert_eq!(entries[0].object_id, Some(row.id.0));
    }

    async fn of_two_at_the_same_moment_one_wins(app: App) {
        let db = app.database.connect().await;
        let office = app.sign_in("office").await;
        let row = designation::Entity::find().order_by_asc(designation::Column::Id).one(&db).await.unwrap().unwrap();
        let unit = unit::Entity::find().filter(unit::Column::Name.eq("临海市政府")).one(&db).await.unwrap().unwrap();
        let (designation, unit) = (global("Designation", row.id.0), global("Unit", unit.id.0));
        let units = [unit.as_str()];
        let (a, b, c, d) = tokio::join!(
            designate(&office, &designation, &units),
            designate(&office, &designation, &units),
            designate(&office, &designation, &units),
            designate(&office, &designation, &units)
        );
        let mut outcomes: Vec<String> = [a, b, c, d].iter().map(|answer| answer.refusals("designateUnits").join(",")).collect();
        outcomes.sort();
        assert_eq!(outcomes, ["", "WRONG_STATE designationId", "WRONG_STATE designationId", "WRONG_STATE designationId"]);
        assert_eq!(audited(&app, "DESIGNATE_UNITS").await.len(), 1);
    }

    async fn a_mutation_that_comes_again_changes_nothing_twice(app: App) {
        const AGAIN: &str = "mutation($ids: [ID!]!, $id: String) { acknowledgeAssignments(input: { assignmentIds: $ids, clientMutationId: $id }) {
            clientMutationId assignments { id acknowledgedAt } userErrors { code field } } }";
        let manager = app.sign_in("fgw-manager").await;
        let rows = assignments(&app, 1).await;
        let own = &rows.iter().find(|(name, _)| name == "市发展改革委").unwrap().1;
        let ask = |id: &'static str, ids: Vec<String>| manager.ask(AGAIN, json!({ "ids": ids, "id": id }));
        // All at once: one does it, the others wait and hear of it.
        let answers = tokio::join!(ask("a", vec![own.clone()]), ask("a", vec![own.clone()]), ask("a", vec![own.clone()]));
        for answer in [&answers.0, &answers.1, &answers.2] {
            assert_eq!(answer.data("/acknowledgeAssignments/assignments"), answers.0.data("/acknowledgeAssignments/assignments"));
            assert_eq!(answer.data("/acknowledgeAssignments/assignments/0/id"), own);
            assert_eq!(answer.data("/acknowledgeAssignments/clientMutationId"), "a");
        }
        assert_eq!(audited(&app, "ACKNOWLEDGE_ASSIGNMENT").await.len(), 1);
        let other = ask("a", vec![own.clone(), own.clone()]).await;
        assert_eq!(other.refusals("acknowledgeAssignments"), ["CONFLICT clientMutationId"]);
        // An ID is its user's own, and one that was refused may come again.
        let reporter = app.sign_in("fgw-reporter").await;
        for _ in 0..2 {
            let refused = reporter.ask(AGAIN, json!({ "ids": [own], "id": "a" })).await;
            assert_eq!(refused.refusals("acknowledgeAssignments"), ["FORBIDDEN assignmentIds.0"]);
        }
        let long = "x".repeat(101);
        for (id, refusal) in [("", "INVALID clientMutationId"), (&*long, "TOO_LARGE clientMutationId")] {
            let refused = manager.ask(AGAIN, json!({ "ids": [own], "id": id })).await;
            assert_eq!(refused.refusals("acknowledgeAssignments"), [refusal]);
        }
    }

    async fn what_is_available_is_what_the_act_allows(app: App) {
        let office = app.sign_in("office").await;
        for username in ACTORS {
            let actor = app.sign_in(username).await;
            for (name, id) in assignments(&app, 12).await {
                let seen = actor
                    .ask("query($id: ID!) { node(id: $id) { ... on Assignment { availableActions { action allowed reason { code } } } } }", json!({ "id": id }))
                    .await;
                let Some(available) = seen.body.pointer("/data/node/availableActions") else {
                    continue;
                };
                let done = acknowledge(&actor, &[&id]).await.refusals("acknowledgeAssignments");
                let expected = match done.first() {
                    None => json!({ "action": "ACKNOWLEDGE_ASSIGNMENT", "allowed": true, "reason": null }),
                    Some(refusal) => {
                        let code = refusal.split(' ').next().unwrap();
                        json!({ "action": "ACKNOWLEDGE_ASSIGNMENT", "allowed": false, "reason": { "code": code } })
                    }
                };
                assert_eq!(available[0], expected, "{username} {name}");
            }
        }
        let open = office.query("{ plan(year: 2022) { designations(first: 1) { nodes { availableActions { action allowed } } } } }").await;
        assert_eq!(open.data("/plan/designations/nodes/0/availableActions"), &json!([{ "action": "DESIGNATE_UNITS", "allowed": true }]));
    }

    async fn refusals_speak_the_callers_language(app: App) {
        let mut manager = app.sign_in("fgw-reporter").await;
        let own = assignments(&app, 1).await.into_iter().find(|(name, _)| name == "市发展改革委").unwrap().1;
        for (language, message) in [
            ("en", "Only a manager of the unit, or of the unit acting for it, can do this."),
            ("zh-CN", "只有该单位（或承办单位）的负责人可以进行此操作。"),
            ("fr", "只有该单位（或承办单位）的负责人可以进行此操作。"),
        ] {
            manager.language = language;
            let answer = acknowledge(&manager, &[&own]).await;
            assert_eq!(answer.data("/acknowledgeAssignments/userErrors/0/message"), message);
        }
    }
}

async fn row_number(done: &Answer, office: &Actor<'_>) -> Value {
    let id = done.data("/designateUnits/target/id").as_str().unwrap();
    office
        .query(&format!("{{ target(id: \"{id}\") {{ number }} }}"))
        .await
        .data("/target/number")
        .clone()
}
