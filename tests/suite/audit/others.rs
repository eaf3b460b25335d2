//! What administrators read of others is in the log: one entry for each type of object a request, and nothing of what is their own.

use serde_json::{Value, json};
use tests::{Answer, App, both};

use super::{entries, execute, newest};
use crate::{
    administration::{done, user},
    contract::operation,
    parties::{Book, global},
};

/// What the log says was read by a request: the type, the object where it was one, and what else there is to say.
async fn read(app: &App, answer: &Answer) -> Vec<(String, Option<i64>, Value)> {
    let mut entries = entries(app).await;
    let request = answer.headers["x-request-id"].to_str().ok();
    entries.retain(|entry| entry.action == "READ" && entry.request_id.as_deref() == request);
    let told = entries.into_iter().map(|entry| {
        assert_eq!(entry.outcome.as_str(), "SUCCEEDED");
        (entry.object_type, entry.object_id, entry.changes)
    });
    told.collect()
}

fn one(of: &str, key: i64) -> (String, Option<i64>, Value) {
    (of.to_owned(), Some(key), json!({}))
}

async fn key(app: &App, username: &str) -> i64 {
    use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
    let db = app.database.connect().await;
    let named = entity::user::Column::Username.eq(username);
    let row = entity::user::Entity::find().filter(named).one(&db).await;
    row.unwrap().unwrap().id.0
}

both! {
    async fn what_administrators_read_of_others_is_in_the_log(app: App) {
        let (system, security) = (app.sign_in("system").await, app.sign_in("security").await);
        let office = key(&app, "office").await;
        let id = global("User", office);
        // One, by whichever door.
        for query in ["query($id: ID!) { user(id: $id) { username } }", "query($id: ID!) { node(id: $id) { id } }", "query($id: ID!) { nodes(ids: [$id, $id]) { id } }"] {
            for actor in [&system, &security] {
                let answer = actor.ask(query, json!({ "id": id })).await;
                assert_eq!(read(&app, &answer).await, [one("User", office)], "{query}");
            }
        }
        let entry = newest(&app, "READ").await;
        assert_eq!((entry.username.as_deref(), &entry.grants[0]["role"]), (Some("security"), &json!("SECURITY_ADMIN")));
        // A list, however long, with all that hangs on its rows: the viewer's own row is nobody else's.
        let query = "query($n: Int) { users(first: $n) { totalCount nodes { id grants(includeEnded: true) { id user { username } } availableActions { action } } } }";
        for n in [5, 100] {
            let answer = security.ask(query, json!({ "n": n })).await;
            let mut of_users: Vec<String> = Vec::new();
            let mut of_grants = 0;
            for node in answer.data("/users/nodes").as_array().unwrap() {
                if node["id"] != global("User", key(&app, "security").await).as_str() {
                    of_users.push(node["id"].as_str().unwrap().to_owned());
                    of_grants += node["grants"].as_array().unwrap().len();
                }
            }
            let told = read(&app, &answer).await;
            assert_eq!(told.iter().map(|(of, key, what)| (of.as_str(), *key, what["count"].as_u64().unwrap() as usize)).collect::<Vec<_>>(), [("RoleGrant", None, of_grants), ("User", None, of_users.len())]);
            let named: Vec<String> = told[1].2["ids"].as_array().unwrap().iter().map(|id| global("User", id.as_i64().unwrap())).collect();
            assert_eq!(named, of_users);
        }
        let answer = security.query("{ roleGrants(first: 2) { nodes { id } } }").await;
        let told = read(&app, &answer).await;
        assert_eq!((told.len(), told[0].0.as_str(), &told[0].2["count"]), (1, "RoleGrant", &json!(2)));
        // That nobody is so is something, too.
        let answer = system.query("{ users(filter: { search: \"nobody is so\" }) { totalCount } }").await;
        assert_eq!(read(&app, &answer).await, [("User".to_owned(), None, json!({ "count": 0, "ids": [] }))]);
        // Who may read what, and who set what.
        let book = Book::of(&app).await;
        let answer = security.ask(&operation("AccessExplanation"), json!({ "userId": id, "targetId": book.target(1) })).await;
        let told = read(&app, &answer).await;
        assert_eq!(told.iter().map(|(of, _, _)| of.as_str()).collect::<Vec<_>>(), ["RoleGrant", "User"]);
        assert_eq!((told[1].1, told[1].2["accessTo"]["targetIds"].as_array().unwrap().len()), (Some(office), 1));
        done(&security, "changeSetting", json!({ "name": "SIGN_IN_FAILURES", "value": "4", "reason": "x" })).await;
        let history = "{ settings { history { changedBy { displayName } } } }";
        let told = read(&app, &system.query(history).await).await;
        assert_eq!((told.len(), told[0].0.as_str(), told[0].1.is_some()), (1, "SettingChange", true));
        assert_eq!(read(&app, &security.query(history).await).await, [], "the viewer's own");
    }

    async fn what_is_one_s_own_or_seen_by_another_right_is_no_reading_of_others(app: App) {
        let security = app.sign_in("security").await;
        let own = user(&security, "security").await;
        let before = entries(&app).await.len();
        for query in ["{ viewer { user { username grants { id } } grants { id user { username } reason } } }", "query($id: ID!) { user(id: $id) { username grants { id } } }",
            "query($id: ID!) { node(id: $id) { id } }", "query($id: ID!) { roleGrants(filter: { userId: $id }) { nodes { id user { id } } } }", "{ units { totalCount } leaders { totalCount } }"] {
            let answer = security.ask(query, json!({ "id": own })).await;
            assert!(answer.body.get("errors").is_none(), "{}", answer.text);
            assert_eq!(entries(&app).await.len(), before, "{query}");
        }
        let office = app.sign_in("office").await;
        let before = entries(&app).await.len();
        for query in ["{ plan(year: 2022) { targets { nodes { id assignments { unit { name } } } } } }", "{ users { totalCount nodes { username } } roleGrants { totalCount } settings { name } }", "{ viewer { user { grants { id } } } }"] {
            let answer = office.query(query).await;
            assert!(answer.body.get("errors").is_none(), "{}", answer.text);
        }
        assert_eq!(office.ask("query($id: ID!) { user(id: $id) { username } }", json!({ "id": own })).await.codes(), ["NOT_FOUND"]);
        assert_eq!(entries(&app).await.len(), before);
    }

    async fn what_cannot_be_written_down_is_not_shown(app: App) {
        let system = app.sign_in("system").await;
        execute(&app, "ALTER TABLE audit_entry RENAME TO gone").await;
        let answer = system.query("{ users { nodes { username } } }").await;
        assert_eq!(answer.codes(), ["INTERNAL"]);
        assert!(!answer.text.contains("office"), "{}", answer.text);
    }
}
