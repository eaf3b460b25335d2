//! The three administrators set up a new unit, its people, a leader's successor and a new year's plan, over GraphQL alone and
//! with the contract's own operations; the audit administrator reads the whole story, and one altered character of it is found.

use serde_json::{Value, json};
use tests::{Actor, App, both};

use super::{done, text, user};
use crate::{
    audit::{disarm, execute},
    contract::operation,
    parties::Book,
    plans::{self, document},
};

const UNIT: &str = "市低空经济办";
const OWN_PASSWORD: &str = "a password of their own";

/// What a mutation of the contract answers, which must not be refused.
async fn sent(actor: &Actor<'_>, name: &str, variables: Value) -> Value {
    let answer = actor.ask(&operation(name), variables).await;
    let payloads = answer.data("").as_object().unwrap();
    let payload = payloads.values().next().unwrap();
    assert_eq!(payload["userErrors"], json!([]), "{name}: {}", answer.text);
    payload.clone()
}

/// Somebody new: an account, a role with a reason, and a password of their own.
async fn person<'a>(
    app: &'a App,
    (system, security): (&Actor<'_>, &Actor<'_>),
    account: Value,
    grant: Value,
) -> Actor<'a> {
    let name = text(&account["username"]);
    let made = sent(system, "CreateUser", json!({ "input": account })).await;
    let mut granting = grant;
    granting["userId"] = made["user"]["id"].clone();
    sent(security, "GrantRole", granting).await;
    let once = text(&made["oneTimePassword"]);
    let first = app.sign_in_with(&name, &once).await;
    let barred = first.query("{ plans { totalCount } }").await;
    assert_eq!(barred.codes(), ["FORBIDDEN"], "{}", barred.text);
    sent(
        &first,
        "ChangePassword",
        json!({ "current": once, "new": OWN_PASSWORD }),
    )
    .await;
    app.sign_in_with(&name, OWN_PASSWORD).await
}

/// How many targets of a year somebody has; null where there is no plan of it for them.
async fn mine(actor: &Actor<'_>, year: i32) -> Value {
    let variables = json!({ "year": year, "first": 20 });
    let answer = actor.ask(&operation("MyTargets"), variables).await;
    let count = answer.body.pointer("/data/plan/targets/totalCount");
    count.cloned().unwrap_or_default()
}

/// The acts of the log with who took them, oldest first, page by page.
async fn story(audit: &Actor<'_>) -> Vec<(String, String, String)> {
    let (mut story, mut after) = (Vec::new(), Value::Null);
    loop {
        let variables = json!({ "first": 50, "after": after });
        let page = audit.ask(&operation("Audit"), variables).await;
        for entry in page.data("/auditEntries/nodes").as_array().unwrap() {
            assert!(entry["hash"].is_string(), "{entry}");
            let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            story.push((
                word(&entry["action"]),
                word(&entry["actor"]["username"]),
                word(&entry["outcome"]),
            ));
        }
        if page.data("/auditEntries/pageInfo/hasNextPage") != true {
            story.reverse();
            return story;
        }
        after = page.data("/auditEntries/pageInfo/endCursor").clone();
    }
}

both! {
    async fn a_new_year_begins_and_its_story_can_be_read_and_verified(app: App) {
        let book = Book::of(&app).await;
        let (system, security) = (app.sign_in("system").await, app.sign_in("security").await);
        let office = app.sign_in("office").await;

        // A unit, its reporter and its manager.
        let made = done(&system, "createUnit", json!({ "name": UNIT, "kind": "COORDINATING_OFFICE" })).await;
        let unit = made["unit"]["id"].clone();
        let mut people = Vec::new();
        for (name, role) in [("dk-reporter", "UNIT_REPORTER"), ("dk-manager", "UNIT_MANAGER")] {
            let account = json!({ "username": name, "displayName": name, "unitId": unit });
            let grant = json!({ "role": role, "unitId": unit, "reason": "新设单位" });
            people.push(person(&app, (&system, &security), account, grant).await);
        }
        let [reporter, manager] = &people[..] else { panic!("two people") };

        // A leader's successor.
        let old = book.leader(&book.plan.leaders[7]).to_owned();
        let before = app.sign_in("leader-8").await;
        let led = mine(&before, 2022).await;
        assert!(led.as_i64() > Some(0));
        let leader = done(&system, "createLeader", json!({ "name": "郑若川" })).await["leader"]["id"].clone();
        done(&system, "succeedLeader", json!({ "predecessorId": old, "successorId": leader, "on": "2022-06-15", "reason": "换届" })).await;
        let account = json!({ "username": "zheng", "displayName": "郑若川", "leaderId": leader });
        let successor = person(&app, (&system, &security), account, json!({ "role": "LEADER", "leaderId": leader, "reason": "换届" })).await;
        let theirs = security.ask(&operation("Users"), json!({ "first": 10, "search": "leader-8" })).await;
        let grant = theirs.data("/users/nodes/0/grants/0/id").clone();
        sent(&security, "RevokeRole", json!({ "grantId": grant, "reason": "离任" })).await;
        assert_eq!((mine(&successor, 2022).await, mine(&before, 2022).await), (led, Value::Null));
        let gone = user(&system, "leader-8").await;
        assert_eq!(sent(&system, "DisableUser", json!({ "userId": gone })).await["user"]["active"], false);

        // A new year's plan, in which the unit leads.
        let text_of_plan = document(2024).replace("市发展改革委", UNIT);
        assert!(text_of_plan.contains(UNIT));
        let read = plans::import(&office, text_of_plan.as_bytes(), 2024, true).await;
        assert_eq!(read.data("/importPlan/report/problems"), &json!([]), "{}", read.text);
        let imported = plans::import(&office, text_of_plan.as_bytes(), 2024, false).await;
        assert_eq!(imported.refusals("importPlan"), plans::NONE, "{}", imported.text);
        assert_eq!(mine(manager, 2024).await, Value::Null, "a draft is the office's");
        sent(&office, "PublishPlan", json!({ "planId": imported.data("/importPlan/plan/id") })).await;
        let (all, own) = (mine(&office, 2024).await, mine(manager, 2024).await);
        assert!(own.as_i64() > Some(0) && own.as_i64() < all.as_i64(), "{own} of {all}");
        assert_eq!(mine(reporter, 2024).await, own);
        assert_eq!(mine(manager, 2022).await, 0);
        let page = manager.ask(&operation("MyTargets"), json!({ "year": 2024, "first": 1 })).await;
        let assignments = page.data("/plan/targets/edges/0/node/assignments").as_array().unwrap();
        let assignment = assignments.iter().find(|one| one["unit"]["name"] == UNIT).unwrap();
        let refused = reporter.ask(&operation("Acknowledge"), json!({ "assignmentIds": [assignment["id"]] })).await;
        assert_eq!(refused.refusals("acknowledgeAssignments"), ["FORBIDDEN assignmentIds.0"]);
        sent(manager, "Acknowledge", json!({ "assignmentIds": [assignment["id"]] })).await;

        // The story, from the first act to the last, and nobody else reads it.
        app.parts.store().system().finish_audit().await.unwrap();
        let audit = app.sign_in("audit").await;
        let told = story(&audit).await;
        let acts = ["CREATE_UNIT", "CREATE_USER", "GRANT_ROLE", "CHANGE_PASSWORD", "CREATE_LEADER", "SUCCEED_LEADER", "REVOKE_ROLE", "DISABLE_USER", "IMPORT_PLAN", "PUBLISH_PLAN", "ACKNOWLEDGE_ASSIGNMENT"];
        let told: Vec<String> = told
            .into_iter()
            .filter(|(act, who, _)| acts.contains(&&**act) && !who.is_empty())
            .map(|(act, who, outcome)| format!("{who} {act} {outcome}"))
            .collect();
        let expected = [
            "system CREATE_UNIT", "system CREATE_USER", "security GRANT_ROLE", "dk-reporter CHANGE_PASSWORD", "system CREATE_USER",
            "security GRANT_ROLE", "dk-manager CHANGE_PASSWORD", "system CREATE_LEADER", "system SUCCEED_LEADER", "system CREATE_USER",
            "security GRANT_ROLE", "zheng CHANGE_PASSWORD", "security REVOKE_ROLE", "system DISABLE_USER", "office IMPORT_PLAN",
            "office PUBLISH_PLAN",
        ];
        let mut expected: Vec<String> = expected.iter().map(|act| format!("{act} SUCCEEDED")).collect();
        expected.push("dk-reporter ACKNOWLEDGE_ASSIGNMENT REFUSED".to_owned());
        expected.push("dk-manager ACKNOWLEDGE_ASSIGNMENT SUCCEEDED".to_owned());
        assert_eq!(told, expected);
        for actor in [&system, &security, &office, manager] {
            assert_eq!(actor.ask(&operation("Audit"), json!({ "first": 1 })).await.codes(), ["FORBIDDEN"]);
        }

        // Verified; and with one character of one entry altered, no more.
        let whole = audit.query(&operation("VerifyAudit")).await;
        assert_eq!(whole.data("/auditVerification/verified"), true, "{}", whole.text);
        disarm(&app).await;
        execute(&app, "UPDATE audit_entry SET username = 'xystem' WHERE action = 'CREATE_UNIT'").await;
        let broken = audit.query(&operation("VerifyAudit")).await;
        assert_eq!(broken.data("/auditVerification/verified"), false);
        assert!(broken.data("/auditVerification/firstBrokenSequence").is_i64(), "{}", broken.text);
    }
}
