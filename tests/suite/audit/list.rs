//! Who reads the log, how it is narrowed and paged, and that reading it is itself in it.

use chrono::TimeDelta;
use serde_json::{Value, json};
use tests::{App, both, world::ACTORS};

use crate::contract::operation;

use super::{entries, listed, newest, seals, work};

fn nodes(answer: &tests::Answer) -> Vec<Value> {
    answer
        .data("/auditEntries/nodes")
        .as_array()
        .unwrap()
        .clone()
}

both! {
    async fn the_audit_administrator_sees_the_log_and_nobody_else_any_of_it(app: App) {
        work(&app).await;
        let audit = app.sign_in("audit").await;
        let all = listed(&audit, Value::Null).await;
        let id = nodes(&all)[0]["id"].clone();
        let node = "query($id: ID!) { node(id: $id) { id __typename } }";
        for name in ACTORS.into_iter().chain(["nobody"]) {
            let actor = app.sign_in(name).await;
            let permitted = actor.query("{ viewer { permissions } }").await;
            let permitted = permitted.data("/viewer/permissions").as_array().unwrap().contains(&"READ_AUDIT".into());
            let found = actor.ask(node, json!({ "id": id })).await;
            let codes = [
                listed(&actor, Value::Null).await.codes().join(" "),
                actor.query("{ auditEntries { pageInfo { hasNextPage } } }").await.codes().join(" "),
                actor.query("{ auditVerification { verified } }").await.codes().join(" "),
                found.codes().join(" "),
            ];
            let exports = [export(&app, &actor, "csv").await, export(&app, &actor, "jsonl").await];
            if name == "audit" {
                assert_eq!((codes, exports), ([""; 4].map(str::to_owned), [200; 2]));
                assert_eq!(found.data("/node/__typename"), "AuditEntry");
            } else {
                let expected = ["FORBIDDEN", "FORBIDDEN", "FORBIDDEN", "NOT_FOUND"].map(str::to_owned);
                assert_eq!((codes, exports), (expected, [403; 2]), "{name}");
            }
            assert_eq!(permitted, name == "audit", "{name}");
        }
        let anonymous = app.anonymous();
        assert_eq!(listed(&anonymous, Value::Null).await.codes(), ["UNAUTHENTICATED"]);
        assert_eq!(export(&app, &anonymous, "csv").await, 401);
        // And of all else the audit administrator sees nothing.
        let nothing = audit.query("{ plans { totalCount } units { totalCount } leaders { totalCount } progressReports { totalCount } changes { totalCount } }").await;
        for list in ["plans", "units", "leaders", "progressReports", "changes"] {
            assert_eq!(nothing.data(&format!("/{list}/totalCount")), 0, "{list}");
        }
    }

    async fn an_entry_tells_what_it_holds(app: App) {
        work(&app).await;
        let audit = app.sign_in("audit").await;
        let all = nodes(&listed(&audit, json!({ "actions": ["ACKNOWLEDGE_ASSIGNMENT"] })).await);
        assert_eq!(all.len(), 2);
        let (refused, done) = (&all[0], &all[1]);
        assert_eq!((&refused["outcome"], &done["outcome"]), (&"REFUSED".into(), &"SUCCEEDED".into()));
        assert_eq!(done["changes"], json!({ "acknowledgedAt": [null, "2022-06-15T04:00:00Z"] }));
        assert_eq!(done["actor"]["username"], "fgw-manager");
        assert_eq!(done["actor"]["unitName"], "市发展改革委");
        assert_eq!(done["actor"]["grants"][0]["role"], "UNIT_MANAGER");
        assert_eq!(done["ipAddress"], "127.0.0.1");
        let seal = seals(&app).await.into_iter().find(|seal| Some(seal.sequence) == done["sequence"].as_i64()).unwrap();
        assert_eq!((&done["hash"], &done["hashAlgorithm"]), (&seal.hash.into(), &"SHA-256".into()));
        assert_eq!(done["objectType"], "Assignment");
        // As the contract asks.
        let contract = audit.ask(&operation("Audit"), json!({ "first": 2, "filter": { "username": "fgw-manager" } })).await;
        assert_eq!(nodes(&contract)[0]["actor"]["username"], "fgw-manager");
        let contract = audit.query(&operation("VerifyAudit")).await;
        assert_eq!(contract.data("/auditVerification/verified"), true);
        // What was done before anybody was signed in has no actor.
        let first = nodes(&listed(&audit, json!({ "actions": ["IMPORT_PLAN"] })).await);
        assert_eq!(first[0]["actor"], Value::Null);
    }

    async fn filters_narrow_and_pages_add_up(app: App) {
        work(&app).await;
        app.clock.advance(TimeDelta::hours(1));
        work_again(&app).await;
        let audit = app.sign_in("audit").await;
        let all = entries(&app).await;
        let done = newest(&app, "ACKNOWLEDGE_ASSIGNMENT").await;
        let user = crate::parties::global("User", done.user_id.unwrap().0);
        let object = crate::parties::global("Assignment", done.object_id.unwrap());
        let request = done.request_id.clone().unwrap();
        let expect = |right: &dyn Fn(&entity::audit_entry::Model) -> bool| all.iter().filter(|entry| right(entry)).count();
        let later = "2022-06-15T05:00:00Z".parse::<chrono::DateTime<chrono::Utc>>().unwrap();
        let cases: Vec<(Value, usize)> = vec![
            (json!({ "actorId": user }), expect(&|entry| entry.user_id == done.user_id)),
            (json!({ "username": "Linhai-Manager " }), expect(&|entry| entry.user_id == done.user_id)),
            (json!({ "username": "ｌｉｎｈａｉ－ｍａｎａｇｅｒ" }), expect(&|entry| entry.user_id == done.user_id)),
            (json!({ "username": "who is that" }), 0),
            (json!({ "actorId": "nonsense" }), 0),
            (json!({ "actions": ["SIGN_IN_FAILED", "CREATE_ACCOUNT"] }), expect(&|entry| ["SIGN_IN_FAILED", "CREATE_ACCOUNT"].contains(&&*entry.action))),
            (json!({ "actions": [] }), 0),
            (json!({ "objectType": "User", "until": "2022-06-15T05:00:00Z" }), expect(&|entry| entry.object_type == "User" && entry.occurred_at < later)),
            (json!({ "objectId": object }), expect(&|entry| entry.object_type == "Assignment" && entry.object_id == done.object_id)),
            (json!({ "objectId": object, "objectType": "User" }), 0),
            (json!({ "objectId": "nonsense" }), 0),
            (json!({ "outcome": "REFUSED" }), expect(&|entry| entry.outcome.as_str() == "REFUSED")),
            (json!({ "outcome": "FAILED" }), 0),
            (json!({ "from": "2022-06-15T05:00:00Z", "outcome": "REFUSED" }), expect(&|entry| entry.occurred_at >= later && entry.outcome.as_str() == "REFUSED")),
            (json!({ "until": "2022-06-15T05:00:00Z" }), expect(&|entry| entry.occurred_at < later)),
            (json!({ "requestId": request }), 1),
            (json!({ "ipAddress": "127.0.0.1", "outcome": "REFUSED" }), expect(&|entry| entry.address.is_some() && entry.outcome.as_str() == "REFUSED")),
            (json!({ "ipAddress": "10.0.0.1" }), 0),
        ];
        for (filter, expected) in cases {
            let answer = listed(&audit, filter.clone()).await;
            assert_eq!(answer.data("/auditEntries/totalCount"), expected, "{filter}");
            assert_eq!(nodes(&answer).len(), expected.min(100), "{filter}");
        }
        // An act that there is not is named, in the caller's language; who may not read the log hears nothing of it.
        let mut audit = audit;
        for (language, message) in [("zh-CN", "没有名为“NONSENSE”的操作。"), ("en", "There is no act called NONSENSE.")] {
            audit.language = language;
            let answer = listed(&audit, json!({ "actions": ["SIGN_IN", "NONSENSE"] })).await;
            assert_eq!(answer.codes(), ["BAD_USER_INPUT"], "{}", answer.text);
            let error = &answer.body["errors"][0];
            assert_eq!((&error["message"], &error["extensions"]["field"]), (&json!(message), &json!("filter.actions.1")));
        }
        let answer = listed(&audit, json!({ "actions": vec!["SIGN_IN"; 101] })).await;
        assert_eq!((answer.codes(), &answer.body["errors"][0]["extensions"]["field"]), (vec!["BAD_USER_INPUT"], &json!("filter.actions")));
        assert_eq!(listed(&app.sign_in("office").await, json!({ "actions": ["NONSENSE"] })).await.codes(), ["FORBIDDEN"]);
        assert_eq!(listed(&app.anonymous(), json!({ "actions": ["NONSENSE"] })).await.codes(), ["UNAUTHENTICATED"]);
        // Page by page, newest first, while the reading itself adds to the log.
        let query = "query($after: String) { auditEntries(first: 7, after: $after, filter: { until: \"2022-06-15T05:00:00Z\" }) { nodes { id occurredAt } pageInfo { hasNextPage endCursor } } }";
        let (mut after, mut walked) = (Value::Null, Vec::new());
        loop {
            let page = audit.ask(query, json!({ "after": after })).await;
            walked.extend(nodes(&page));
            after = page.data("/auditEntries/pageInfo/endCursor").clone();
            if page.data("/auditEntries/pageInfo/hasNextPage") == false {
                break;
            }
        }
        let mut expected: Vec<_> = all.iter().filter(|entry| entry.occurred_at < later).map(|entry| (entry.occurred_at, entry.id)).collect();
        expected.sort();
        let expected: Vec<Value> = expected.iter().rev().map(|(_, id)| crate::parties::global("AuditEntry", id.0).into()).collect();
        assert_eq!(walked.iter().map(|node| node["id"].clone()).collect::<Vec<_>>(), expected);
    }

    async fn reading_the_log_is_in_the_log(app: App) {
        work(&app).await;
        let audit = app.sign_in("audit").await;
        let answer = listed(&audit, json!({ "outcome": "REFUSED", "username": "office" })).await;
        let entry = newest(&app, "READ_AUDIT").await;
        assert_eq!(entry.username.as_deref(), Some("audit"));
        assert_eq!(entry.changes["filter"], json!({ "outcome": "REFUSED", "username": "office" }));
        assert_eq!(entry.request_id.as_deref(), answer.headers["x-request-id"].to_str().ok());
        assert_eq!(entry.grants[0]["role"], "AUDIT_ADMIN");
        let id = crate::parties::global("AuditEntry", entry.id.0);
        audit.ask("query($id: ID!) { node(id: $id) { ... on AuditEntry { sequence } } }", json!({ "id": id })).await;
        assert_eq!(newest(&app, "READ_AUDIT").await.object_id, Some(entry.id.0));
        app.sign_in("office").await.query("{ auditEntries { totalCount } }").await;
        let refused = newest(&app, "READ_AUDIT").await;
        assert_eq!((refused.outcome.as_str(), refused.username.as_deref()), ("REFUSED", Some("office")));
    }

    async fn the_log_costs_the_same_whatever_the_size_of_the_page(app: App) {
        work(&app).await;
        let audit = app.sign_in("audit").await;
        let mut costs = std::collections::BTreeSet::new();
        for first in [1, 5, 100] {
            let query = format!("{{ auditEntries(first: {first}, filter: {{ actions: [\"CREATE_ACCOUNT\", \"ACKNOWLEDGE_ASSIGNMENT\"] }}) {{ totalCount nodes {{ sequence hash actor {{ unitName }} }} }} }}");
            costs.insert(audit.query(&query).await.statements());
        }
        assert_eq!(Vec::from_iter(costs), [6]);
    }
}

/// More of the same, on another assignment.
async fn work_again(app: &App) {
    let manager = app.sign_in("linhai-manager").await;
    let own = super::assignment_of(app, "临海市政府").await;
    super::acknowledge(&manager, &own).await;
    app.anonymous().try_sign_in("office", "x").await;
}

async fn export(app: &App, actor: &tests::Actor<'_>, format: &str) -> u16 {
    let request = app
        .client()
        .get(app.url(&format!("/audit/export.{format}")));
    let request = match &actor.token {
        Some(token) => request.bearer_auth(token),
        None => request,
    };
    app.send(request).await.status.as_u16()
}
