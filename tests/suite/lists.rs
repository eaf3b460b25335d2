//! Connections: pages, cursors and counts.

use serde_json::{Value, json};
use tests::{Actor, Answer, App, both, desk::set_clock};

use crate::scene::{Scene, act};

async fn targets(actor: &Actor<'_>, arguments: &str) -> Answer {
    let query = format!(
        "{{ plan(year: 2022) {{ targets({arguments}) {{ nodes {{ number }} edges {{ cursor }} pageInfo {{ hasNextPage hasPreviousPage startCursor endCursor }} }} }} }}"
    );
    actor.query(&query).await
}

fn numbers(answer: &Answer) -> Vec<i64> {
    let nodes = answer.data("/plan/targets/nodes").as_array().unwrap();
    nodes
        .iter()
        .map(|node| node["number"].as_i64().unwrap())
        .collect()
}

both! {
    async fn pages_and_their_ends(app: App) {
        let office = app.sign_in("office").await;
        let page = async |arguments: String| {
            let answer = targets(&office, &arguments).await;
            let info = answer.data("/plan/targets/pageInfo").clone();
            (numbers(&answer), info["hasPreviousPage"] == true, info["hasNextPage"] == true, info["startCursor"].clone(), info["endCursor"].clone())
        };
        let (first, before, after, _, end) = page("first: 3".to_owned()).await;
        assert_eq!((first, before, after), (vec![1, 2, 3], false, true));
        let (next, before, after, start, _) = page(format!("first: 3, after: {end}")).await;
        assert_eq!((next, before, after), (vec![4, 5, 6], true, true));
        let (back, before, after, _, _) = page(format!("last: 2, before: {start}")).await;
        assert_eq!((back, before, after), (vec![2, 3], true, true));
        let (last, before, after, _, end) = page("last: 2".to_owned()).await;
        assert_eq!((last, before, after), (vec![193, 194], true, false));
        let (none, before, after, start, _) = page(format!("first: 5, after: {end}")).await;
        assert_eq!((none, before, after, start), (vec![], true, false, Value::Null));
        let (zero, _, after, _, _) = page("first: 0".to_owned()).await;
        assert_eq!((zero, after), (vec![], true));
        let (default, ..) = page("orderBy: { field: NUMBER, direction: DESC }".to_owned()).await;
        assert_eq!(default, (175..=194).rev().collect::<Vec<_>>());
    }

    async fn in_arrears_is_what_is_past_its_day_and_still_to_be_done(app: App) {
        let (office, manager) = (app.sign_in("office").await, app.sign_in("fgw-manager").await);
        let scene = Scene::of(&app).await;
        let done = async |actor: &Actor<'_>, mutation: &str, input: Value, fields: &str| {
            let answer = act(actor, mutation, input, fields).await;
            assert_eq!(answer.refusals(mutation), [""; 0], "{}", answer.text);
            answer
        };
        let step = |number: i32| json!({ "targetId": scene.target(number), "reason": "x" });
        let closure = json!({ "targetId": scene.target(1), "summary": "x" });
        let closure = done(&manager, "requestClosure", closure, "closureRequest { id }").await;
        let closure = closure.data("/requestClosure/closureRequest/id");
        done(&office, "decideRequest", json!({ "requestId": closure, "decision": "APPROVE" }), "request { id }").await;
        done(&office, "cancelTarget", step(2), "target { id }").await;
        done(&office, "suspendTarget", step(3), "target { id }").await;
        set_clock(&app, "2023-01-01T04:00:00Z");
        let office = app.sign_in("office").await;
        let overdue = async |overdue: bool| {
            let mut found = Vec::new();
            for half in ["first", "last"] {
                found.extend(numbers(&targets(&office, &format!("{half}: 100, filter: {{ overdue: {overdue} }}")).await));
            }
            found.sort_unstable();
            found.dedup();
            found
        };
        assert_eq!(overdue(true).await, (4..=194).collect::<Vec<_>>());
        assert_eq!(overdue(false).await, [1, 2, 3]);
        // Taken up again, they are in arrears.
        done(&office, "resumeTarget", step(3), "target { id }").await;
        assert_eq!((overdue(true).await, overdue(false).await), ((3..=194).collect(), vec![1, 2]));
    }

    async fn a_cursor_survives_what_comes_and_goes(app: App) {
        use sea_orm::ConnectionTrait;
        let office = app.sign_in("office").await;
        let answer = targets(&office, "first: 3").await;
        let cursor = answer.data("/plan/targets/pageInfo/endCursor").clone();
        let db = app.database.connect().await;
        // The row of the cursor itself goes, and its neighbours move.
        db.execute_unprepared("DELETE FROM target WHERE number IN (2, 3) AND plan_id = (SELECT id FROM plan WHERE year = 2022)").await.unwrap();
        assert_eq!(numbers(&targets(&office, &format!("first: 2, after: {cursor}")).await), [4, 5]);
    }

    async fn arguments_that_make_no_sense_are_told(app: App) {
        let office = app.sign_in("office").await;
        let cursor = targets(&office, "first: 1").await.data("/plan/targets/edges/0/cursor").clone();
        let other = office.query("{ units(first: 1) { edges { cursor } } leaders(first: 1) { nodes { targets(first: 1) { edges { cursor } } } } }").await;
        let of_units = other.data("/units/edges/0/cursor");
        let of_leader = other.data("/leaders/nodes/0/targets/edges/0/cursor");
        let mut cut = cursor.as_str().unwrap().to_owned();
        cut.pop();
        for (arguments, code, field) in [
            ("first: 101".to_owned(), "BAD_USER_INPUT", "first"),
            ("last: 1000000".to_owned(), "BAD_USER_INPUT", "last"),
            ("first: -1".to_owned(), "BAD_USER_INPUT", "first"),
            ("first: 1, last: 1".to_owned(), "BAD_USER_INPUT", "last"),
            ("after: \"nonsense\"".to_owned(), "BAD_USER_INPUT", "after"),
            ("before: \"\"".to_owned(), "BAD_USER_INPUT", "before"),
            (format!("after: \"{cut}\""), "BAD_USER_INPUT", "after"),
            (format!("after: {of_units}"), "BAD_USER_INPUT", "after"),
            (format!("after: {of_leader}"), "BAD_USER_INPUT", "after"),
            (format!("after: {cursor}, orderBy: {{ field: SECTION }}"), "BAD_USER_INPUT", "after"),
            (format!("filter: {{ search: \"{}\" }}", "企".repeat(101)), "BAD_USER_INPUT", "filter.search"),
            (format!("filter: {{ any: [{}] }}", "{ openEnded: true }, ".repeat(20)), "BAD_USER_INPUT", "filter.any"),
            ("filter: { unitId: \"nonsense\" }".to_owned(), "NOT_FOUND", ""),
            ("filter: { leaderId: \"UGxhbjox\" }".to_owned(), "NOT_FOUND", ""),
        ] {
            let answer = targets(&office, &arguments).await;
            assert_eq!(answer.codes(), [code], "{arguments}: {}", answer.text);
            let told = answer.body["errors"][0]["extensions"]["field"].as_str().unwrap_or_default();
            assert_eq!(told, field, "{arguments}: {}", answer.text);
        }
        // Pages that may not be are refused before anything is asked of the database, in the caller's language.
        let mut office = office;
        for (language, message) in [("zh-CN", "first 应在 0 至 100 之间：每页最多 100 条。"), ("en", "first must be from 0 to 100: a page holds at most 100 items.")] {
            office.language = language;
            let asked = office.ask("query($n: Int) { plans(first: $n) { nodes { id } } }", json!({ "n": 1_000_000 })).await;
            assert_eq!((asked.codes(), asked.statements()), (vec!["BAD_USER_INPUT"], 0), "{}", asked.text);
            assert_eq!(asked.body["errors"][0]["message"], message);
            assert_eq!(asked.body["errors"][0]["extensions"]["limit"], 100);
        }
        let field = |answer: &Answer| answer.body["errors"][0]["extensions"]["field"].clone();
        let many = vec!["UGxhbjox"; 101];
        let answer = office.ask("query($ids: [ID!]!) { nodes(ids: $ids) { id } }", json!({ "ids": many })).await;
        assert_eq!((answer.codes(), field(&answer)), (vec!["BAD_USER_INPUT"], json!("ids")));
        for query in ["{ target { id } }", "{ target(id: \"x\", by: { id: \"x\" }) { id } }"] {
            let answer = office.query(query).await;
            assert_eq!((answer.codes(), field(&answer)), (vec!["BAD_USER_INPUT"], json!("by")), "{query}");
        }
    }

    async fn nodes_come_in_the_order_asked_for_with_gaps(app: App) {
        let office = app.sign_in("office").await;
        let ids = office.query("{ plan(year: 2022) { id targets(first: 2) { nodes { id } } } units(first: 1) { nodes { id } } unitGroups(first: 1) { nodes { id members { id } } } viewer { user { id } grants { id } } }").await;
        let of = |pointer: &str| ids.data(pointer).as_str().unwrap().to_owned();
        let asked = [of("/units/nodes/0/id"), "nonsense".to_owned(), of("/plan/targets/nodes/1/id"), of("/plan/id"), of("/unitGroups/nodes/0/id"), of("/viewer/user/id"), of("/viewer/grants/0/id"), of("/units/nodes/0/id")];
        let answer = office.ask("query($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }", json!({ "ids": asked })).await;
        let types: Vec<&str> = answer.data("/nodes").as_array().unwrap().iter().map(|node| node["__typename"].as_str().unwrap_or("-")).collect();
        assert_eq!(types, ["Unit", "-", "Target", "Plan", "UnitGroup", "User", "RoleGrant", "Unit"]);
        assert_eq!(ids.data("/unitGroups/nodes/0/members").as_array().unwrap().len(), 9);
        // Another user, and another user's grant, are nothing to anybody else.
        let manager = app.sign_in("fgw-manager").await;
        let answer = manager.ask("query($ids: [ID!]!) { nodes(ids: $ids) { id } }", json!({ "ids": [of("/viewer/user/id"), of("/viewer/grants/0/id")] })).await;
        assert_eq!(answer.data("/nodes"), &json!([null, null]));
    }

    /// What one statement cannot hold, for all that it would bind, is read by several.
    async fn a_large_filter_of_many_lists_is_answered(app: App) {
        let office = app.sign_in("office").await;
        let seen = office.query("{ plan(year: 2022) { sections { id } } leaders { nodes { id } } units(first: 100) { nodes { id name } } }").await;
        let units = seen.data("/units/nodes").as_array().unwrap();
        let full = json!({
            "sectionId": seen.data("/plan/sections/1/id"), "leaderId": seen.data("/leaders/nodes/0/id"), "unitId": units[0]["id"],
            "state": "COMPLETED", "light": "GREEN", "overdue": true, "openEnded": true, "search": "企业", "role": "LEAD", "hasIndicator": true, "acknowledged": false,
        });
        // The last alternative is the only one that anything fits.
        let any = json!([full, full, full, { "role": "LEAD", "openEnded": true }]);
        let query = "query($f: TargetFilter) { units(first: 80) { nodes { name targets(first: 2, filter: $f) { totalCount nodes { number } } } } }";
        let answer = office.ask(query, json!({ "f": { "any": any } })).await;
        let small = office.ask(query, json!({ "f": { "role": "LEAD", "openEnded": true } })).await;
        assert_eq!(answer.data("/units/nodes"), small.data("/units/nodes"));
        assert!(answer.statements() > small.statements(), "it fits into one statement: make it larger");
    }

    async fn units_are_found_by_any_of_their_names(app: App) {
        let office = app.sign_in("office").await;
        for (text, expected) in [("椒江", vec!["椒江区政府"]), ("发改", vec!["市发展改革委"]), ("台州市审计", vec!["市审计局"]), ("%", vec![]), ("_", vec![]), (" 台科院 ", vec!["台州科技职业学院"])] {
            let answer = office.ask("query($s: String) { units(filter: { search: $s }) { totalCount nodes { name } } }", json!({ "s": text })).await;
            let names: Vec<&str> = answer.data("/units/nodes").as_array().unwrap().iter().map(|node| node["name"].as_str().unwrap()).collect();
            assert_eq!(names, expected, "{text}");
            assert_eq!(answer.data("/units/totalCount"), expected.len());
        }
    }
}
