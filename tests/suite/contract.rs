//! The operations that consumers plan to send, as far as the schema serves them yet: `api/explorer/operations`.

use async_graphql_parser::parse_query;
use serde_json::{Value, json};
use tests::{App, both};

const DOCUMENTS: [&str; 2] = [
    include_str!("../../api/explorer/operations/session.graphql"),
    include_str!("../../api/explorer/operations/targets.graphql"),
];

/// The text of one operation.
pub(crate) fn operation(name: &str) -> String {
    for document in DOCUMENTS {
        // Each operation begins a line, and ends with a brace that begins one.
        let mut lines = document.lines().skip_while(|line| {
            !["query", "mutation"].iter().any(|kind| {
                line.strip_prefix(kind)
                    .is_some_and(|rest| rest.trim_start().split(['(', ' ']).next() == Some(name))
            })
        });
        let mut text = String::new();
        for line in lines.by_ref() {
            text.push_str(line);
            text.push('\n');
            if line == "}" {
                return text;
            }
        }
    }
    panic!("there is no operation {name}")
}

#[test]
fn every_operation_parses_and_has_its_name() {
    let names: Vec<String> = DOCUMENTS
        .iter()
        .flat_map(|document| {
            let parsed = parse_query(document).unwrap();
            let names = parsed
                .operations
                .iter()
                .map(|(name, _)| name.unwrap().to_string());
            let mut names: Vec<String> = names.collect();
            names.sort();
            names
        })
        .collect();
    assert_eq!(
        names,
        [
            "ChangePassword",
            "RefreshSession",
            "SignIn",
            "SignOut",
            "Viewer",
            "Acknowledge",
            "DesignateUnits",
            "Directory",
            "MyTargets",
            "OpenDesignations",
            "Outline",
            "TargetDetail",
        ]
    );
}

both! {
    async fn a_day_with_every_operation(app: App) {
        let anonymous = app.anonymous();
        let signed = anonymous.ask(&operation("SignIn"), json!({ "username": "office", "password": tests::world::PASSWORD })).await;
        assert_eq!(signed.data("/signIn/session/mustChangePassword"), &Value::Bool(false));
        let refreshed = anonymous
            .ask(&operation("RefreshSession"), json!({ "refreshToken": signed.data("/signIn/session/refreshToken") }))
            .await;
        assert!(refreshed.data("/refreshSession/session/accessToken").is_string());

        let office = app.sign_in("office").await;
        let viewer = office.query(&operation("Viewer")).await;
        assert_eq!(viewer.data("/viewer/user/username"), "office");
        assert_eq!(viewer.data("/viewer/grants/0/role"), "SUPERVISOR");
        let mine = office.ask(&operation("MyTargets"), json!({ "year": 2022, "first": 20 })).await;
        assert_eq!(mine.data("/plan/targets/totalCount"), 194);
        assert_eq!(mine.data("/plan/targets/edges/0/node/text"), "生产总值增长 7%以上。");
        assert_eq!(mine.data("/plan/targets/edges/0/node/leaders/0/name"), "林先华");
        assert_eq!(mine.data("/plan/targets/edges/0/node/assignments/0/role"), "LEAD");
        let id = mine.data("/plan/targets/edges/0/node/id");
        let detail = office.ask(&operation("TargetDetail"), json!({ "id": id })).await;
        assert_eq!(detail.data("/target/indicators/0/goal"), "7");
        assert_eq!(detail.data("/target/lightReasons/0/code"), "NOTHING_DUE");
        let outline = office.ask(&operation("Outline"), json!({ "year": 2022 })).await;
        let counts: i64 = outline.data("/plan/sections").as_array().unwrap().iter().map(|s| s["targetCount"].as_i64().unwrap()).sum();
        assert_eq!(counts, 194);
        let directory = office.ask(&operation("Directory"), json!({ "first": 100, "search": "椒江" })).await;
        assert_eq!(directory.data("/units/nodes/0/code"), "331002");
        assert_eq!(directory.data("/leaders/nodes/0/name"), "林先华");

        let open = office.ask(&operation("OpenDesignations"), json!({ "year": 2022 })).await;
        assert_eq!(open.data("/plan/designations/totalCount"), 31);
        let designation = open.data("/plan/designations/nodes/0/id");
        let unit = directory.data("/units/nodes/0/id");
        let designated = office
            .ask(&operation("DesignateUnits"), json!({ "designationId": designation, "unitIds": [unit] }))
            .await;
        assert_eq!(designated.refusals("designateUnits"), Vec::<String>::new());
        let units = designated.data("/designateUnits/target/assignments").as_array().unwrap();
        assert!(units.iter().any(|assignment| assignment["unit"]["name"] == "椒江区政府"));
        let open = office.ask(&operation("OpenDesignations"), json!({ "year": 2022 })).await;
        assert_eq!(open.data("/plan/designations/totalCount"), 30);

        let manager = app.sign_in("fgw-manager").await;
        let mine = manager.ask(&operation("MyTargets"), json!({ "year": 2022, "first": 20, "filter": { "acknowledged": false, "role": "LEAD" } })).await;
        let before = mine.data("/plan/targets/totalCount").as_i64().unwrap();
        let own = mine.data("/plan/targets/edges/0/node/assignments/0/id");
        let done = manager.ask(&operation("Acknowledge"), json!({ "assignmentIds": [own] })).await;
        assert_eq!(done.data("/acknowledgeAssignments/assignments/0/acknowledgedBy/displayName"), "账号 fgw-manager");
        let mine = manager.ask(&operation("MyTargets"), json!({ "year": 2022, "first": 20, "filter": { "acknowledged": false, "role": "LEAD" } })).await;
        assert_eq!(mine.data("/plan/targets/totalCount").as_i64().unwrap(), before - 1);

        let changed = manager.ask(&operation("ChangePassword"), json!({ "current": tests::world::PASSWORD, "new": "another long password" })).await;
        assert_eq!(changed.refusals("changePassword"), Vec::<String>::new());
        let out = manager.query(&operation("SignOut")).await;
        assert_eq!(out.refusals("signOut"), Vec::<String>::new());
        assert_eq!(manager.query("{ viewer { permissions } }").await.data("/viewer"), &Value::Null);
    }
}
