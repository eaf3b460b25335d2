//! What comes again (`clientMutationId`) shows what may be seen now: nothing, once the grant has ended.

use serde_json::{Value, json};
use tests::{Actor, App, both, desk::act};

use crate::parties::{Book, outcome};

/// Ends every grant of an account.
async fn revoke_all(security: &Actor<'_>, username: &str) {
    let query =
        "query($s: String) { users(filter: { search: $s }) { nodes { username grants { id } } } }";
    let found = security.ask(query, json!({ "s": username })).await;
    let nodes = found.data("/users/nodes").as_array().unwrap().clone();
    let user = nodes.iter().find(|node| node["username"] == username);
    for grant in user.unwrap()["grants"].as_array().unwrap() {
        let input = json!({ "grantId": grant["id"], "reason": "调离" });
        let answer = act(security, "revokeRole", "grant { id }", input).await;
        assert_eq!(outcome(&answer, "revokeRole"), "done");
    }
}

both! {
    async fn what_comes_again_shows_what_may_be_seen_now(app: App) {
        let book = Book::of(&app).await;
        let security = app.sign_in("security").await;
        let plans = app.sign_in("office").await.query("{ plan(year: 2022) { id } }").await;
        let (issued, unit, target) = (plans.data("/plan/id").clone(), book.unit("市发展改革委"), book.target(1));
        let draft = app.sign_in("office").await.query("{ plan(year: 2023) { id } }").await.data("/plan/id").clone();
        let parts = "assignments { id unit { name } }";
        let query = format!("query($id: ID!) {{ target(id: $id) {{ {parts} }} }}");
        let seen = app.sign_in("fgw-manager").await.ask(&query, json!({ "id": target })).await;
        let own = seen.data("/target/assignments").as_array().unwrap().iter().find(|part| part["unit"]["name"] == "市发展改革委").unwrap()["id"].clone();
        let acts = [
            ("fgw-manager", "acknowledgeAssignments", "assignments { id }", json!({ "assignmentIds": [own] })),
            ("office", "createReportingPeriods", "plan { id } reportingPeriods { id }", json!({ "planId": issued, "kind": "MONTH", "opensDaysBefore": 24 })),
            ("office", "issueNotice", "notice { id }", json!({ "targetId": target, "unitId": unit, "colour": "BLUE", "body": "x", "replyDueOn": "2022-06-30" })),
            ("office", "carryOverTargets", "targets { id }", json!({ "targetIds": [target], "toPlanId": draft, "reason": "x" })),
            ("office", "setPlanRules", "plan { id }", json!({ "planId": issued, "noticeBehind": true })),
            ("leader-1", "giveInstruction", "instruction { id }", json!({ "targetId": target, "body": "x" })),
            ("system", "createUnit", "unit { id }", json!({ "name": "市新局", "kind": "SCHOOL" })),
            ("system", "createUser", "user { id }", json!({ "username": "zhang", "displayName": "张伟" })),
            ("system", "changeSetting", "setting { name }", json!({ "name": "GRANT_APPROVAL", "value": "false", "reason": "x" })),
        ];
        let mut people: Vec<(&str, Actor<'_>)> = Vec::new();
        for name in ["fgw-manager", "office", "leader-1", "system"] {
            people.push((name, app.sign_in(name).await));
        }
        let person = |name: &str| &people.iter().find(|(own, _)| *own == name).unwrap().1;
        let ask = async |at: usize| {
            let (name, mutation, fields, input) = &acts[at];
            let mut input = input.clone();
            input["clientMutationId"] = json!(format!("a{at}"));
            act(person(name), mutation, fields, input).await
        };
        let mut first = Vec::new();
        for (at, (_, mutation, _, _)) in acts.iter().enumerate() {
            let done = ask(at).await;
            assert_eq!(outcome(&done, mutation), "done", "{mutation}: {}", done.text);
            // Sent again at once, it is the same.
            assert_eq!(ask(at).await.body, done.body, "{mutation}");
            first.push(done);
        }
        for (name, _) in &people {
            revoke_all(&security, name).await;
        }
        for (at, (_, mutation, _, _)) in acts.iter().enumerate() {
            let again = ask(at).await;
            let refused = outcome(&again, mutation);
            assert!(refused.starts_with("NOT_FOUND") || refused.starts_with("FORBIDDEN"), "{mutation}: {}", again.text);
            let payload = again.data(&format!("/{mutation}")).as_object().unwrap();
            for (field, value) in payload.iter().filter(|(field, _)| *field != "userErrors") {
                let nothing = matches!(value, Value::Null) || *value == json!([]);
                assert!(nothing, "{mutation}.{field}: {}", again.text);
            }
        }
    }
}
