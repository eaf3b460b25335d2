//! What administrators read of others is in the log: an entry for each type of object a request, and each hundred of them; nothing of what is
//! their own.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use tests::{Answer, App, Backend, both};

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

/// A text as the log keeps it.
fn written(text: &str) -> Value {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, text.as_bytes());
    json!({ "chars": text.chars().count(), "sha256": data_encoding::HEXLOWER.encode(digest.as_ref()) })
}

/// From now on the database takes no entry of the log that tells of a reading.
async fn refuse_readings(app: &App) {
    let sql = match app.database.backend {
        Backend::Sqlite => {
            "CREATE TRIGGER no_reading BEFORE INSERT ON audit_entry WHEN NEW.action = 'READ' BEGIN SELECT RAISE(ABORT, 'no'); END"
        }
        Backend::Postgres => {
            "ALTER TABLE audit_entry ADD CONSTRAINT no_reading CHECK (action <> 'READ') NOT VALID"
        }
    };
    execute(app, sql).await;
}

/// The key in a global ID.
fn key_of(id: &str) -> i64 {
    use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
    let text = String::from_utf8(BASE64_URL_SAFE_NO_PAD.decode(id).unwrap()).unwrap();
    text.split_once(':').unwrap().1.parse().unwrap()
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
            assert_eq!((&told[0].2["lists"], &told[1].2["lists"]), (&Value::Null, &json!([{ "filter": {}, "totalCount": true }])));
            let named: Vec<String> = told[1].2["ids"].as_array().unwrap().iter().map(|id| global("User", id.as_i64().unwrap())).collect();
            assert_eq!(named, of_users);
        }
        let answer = security.query("{ roleGrants(first: 2) { nodes { id } } }").await;
        let told = read(&app, &answer).await;
        assert_eq!((told.len(), told[0].0.as_str(), &told[0].2["count"]), (1, "RoleGrant", &json!(2)));
        // That nobody is so is something, too.
        let answer = system.query("{ users(filter: { search: \"nobody is so\" }) { totalCount } }").await;
        let looked = json!([{ "filter": { "search": written("nobody is so") }, "totalCount": true }]);
        assert_eq!(read(&app, &answer).await, [("User".to_owned(), None, json!({ "count": 0, "ids": [], "lists": looked }))]);
        // Who may read what, and who set what.
        let book = Book::of(&app).await;
        let answer = security.ask(&operation("AccessExplanation"), json!({ "userId": id, "targetId": book.target(1) })).await;
        let told = read(&app, &answer).await;
        assert_eq!(told.iter().map(|(of, _, _)| of.as_str()).collect::<Vec<_>>(), ["RoleGrant", "User"]);
        let access = |user: i64, number| json!({ "userId": user, "targetId": key_of(book.target(number)) });
        assert_eq!((told[1].1, &told[1].2["accessTo"]), (Some(office), &json!([access(office, 1)])));
        // Of several, which user went with which target.
        let manager = key(&app, "fgw-manager").await;
        let several = [(office, 2), (manager, 1), (manager, 3)];
        let asked: String = several.iter().enumerate().map(|(at, (user, number))| format!("a{at}: accessExplanation(userId: \"{}\", targetId: \"{}\") {{ __typename }} ", global("User", *user), book.target(*number))).collect();
        let told = read(&app, &security.query(&format!("{{ {asked} }}")).await).await;
        let of_users = told.iter().find(|(of, _, _)| of == "User").unwrap();
        let mut expected: Vec<Value> = several.iter().map(|(user, number)| access(*user, *number)).collect();
        expected.sort_by_key(|pair| (pair["userId"].as_i64(), pair["targetId"].as_i64()));
        assert_eq!(of_users.2["accessTo"], json!(expected));
        done(&security, "changeSetting", json!({ "name": "SIGN_IN_FAILURES", "value": "4", "reason": "x" })).await;
        let history = "{ settings { history { changedBy { displayName } } } }";
        let told = read(&app, &system.query(history).await).await;
        assert_eq!((told.len(), told[0].0.as_str(), told[0].1.is_some()), (1, "SettingChange", true));
        assert_eq!(read(&app, &security.query(history).await).await, [], "the viewer's own");
    }

    /// Nobody hides among many: whoever is read beside hundreds of others is named like them.
    async fn each_of_hundreds_is_named(app: App) {
        use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel};
        let db = app.database.connect().await;
        let like = entity::user::Entity::find().one(&db).await.unwrap().unwrap();
        let mut made = Vec::new();
        for at in 0..210 {
            let mut row = entity::user::Model { username: format!("one-{at}"), unit_id: None, leader_id: None, ..like.clone() }.into_active_model();
            row.id = sea_orm::ActiveValue::NotSet;
            made.push(row.insert(&db).await.unwrap().id.0);
        }
        let last = *made.iter().max().unwrap();
        let granted = format!("INSERT INTO role_grant (user_id, role, valid_from, created_at, status, reason)
            SELECT id, 'OBSERVER', '2022-01-01 00:00:00+00:00', '2022-01-01 00:00:00+00:00', 'GRANTED', 'x' FROM \"user\" WHERE id >= {}", made[0]);
        execute(&app, &granted).await;
        let security = app.sign_in("security").await;
        let first = security.query("{ users(first: 100) { pageInfo { endCursor } } }").await;
        let query = "query($after: String, $id: ID!) { a: users(first: 100) { ...U } b: users(first: 100, after: $after) { ...U } user(id: $id) { id } }
            fragment U on UserConnection { nodes { id grants { id } } }";
        let answer = security.ask(query, json!({ "after": first.data("/users/pageInfo/endCursor"), "id": global("User", last) })).await;
        let mut expected = [("RoleGrant", BTreeSet::new()), ("User", BTreeSet::from([last]))];
        let nodes = ["/a/nodes", "/b/nodes"].map(|list| answer.data(list).as_array().unwrap().clone()).concat();
        let own = key(&app, "security").await;
        for node in nodes.iter().filter(|node| key_of(node["id"].as_str().unwrap()) != own) {
            expected[1].1.insert(key_of(node["id"].as_str().unwrap()));
            let grants = node["grants"].as_array().unwrap().iter();
            expected[0].1.extend(grants.map(|grant| key_of(grant["id"].as_str().unwrap())));
        }
        let told = read(&app, &answer).await;
        for (of, expected) in expected {
            let mut named = BTreeSet::new();
            let of_type: Vec<_> = told.iter().filter(|entry| entry.0 == of).collect();
            for (_, one, what) in &of_type {
                let ids: Vec<i64> = what["ids"].as_array().into_iter().flatten().filter_map(Value::as_i64).collect();
                assert!(ids.len() <= 100 && (one.is_some() || what["count"] == ids.len()), "{what}");
                named.extend(ids.into_iter().chain(*one));
            }
            assert!(expected.len() > 100, "{of} {}", expected.len());
            assert_eq!((named, of_type.len()), (expected.clone(), expected.len().div_ceil(100)), "{of}");
        }
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

    /// What was looked for, and that it was counted, tell of others, too, whatever the page shows.
    async fn by_which_filter_they_were_looked_for_and_that_they_were_counted_is_in_the_log(app: App) {
        let security = app.sign_in("security").await;
        let (own, book) = (key(&app, "security").await, Book::of(&app).await);
        let unit = book.unit("市财政局");
        let query = "query($unit: ID!, $own: ID!) {
            a: users(filter: { search: \" 张三 \", active: true, locked: false }, first: 0) { nodes { id } }
            b: users(filter: { search: \"张三\", active: true, locked: false }) { totalCount }
            c: users(filter: { unitId: $unit }, first: 0) { nodes { id } }
            d: users(first: 0) { totalCount }
            e: roleGrants(filter: { role: UNIT_REPORTER, unitId: $unit, state: LIVE }, first: 0) { totalCount }
            f: roleGrants(filter: { userId: $own }) { totalCount }
        }";
        let answer = security.ask(query, json!({ "unit": unit, "own": global("User", own) })).await;
        assert!(answer.body.get("errors").is_none(), "{}", answer.text);
        let told = read(&app, &answer).await;
        let unit = told[0].2["lists"][0]["filter"]["unitId"].as_i64().unwrap();
        assert_eq!(global("Unit", unit), book.unit("市财政局"));
        let grants = json!([{ "filter": { "role": "UNIT_REPORTER", "state": "LIVE", "unitId": unit }, "totalCount": true }]);
        let users = json!([
            { "filter": { "active": true, "locked": false, "search": written("张三") }, "totalCount": true },
            { "filter": { "unitId": unit }, "totalCount": false },
            { "filter": {}, "totalCount": true },
        ]);
        for (told, (of, lists)) in told.iter().zip([("RoleGrant", grants), ("User", users)]) {
            assert_eq!((&*told.0, &told.2["count"], &told.2["ids"]), (of, &json!(0), &json!([])));
            let mut given = told.2["lists"].as_array().unwrap().clone();
            let mut expected = lists.as_array().unwrap().clone();
            given.sort_by_key(Value::to_string);
            expected.sort_by_key(Value::to_string);
            assert_eq!(given, expected);
        }
        assert_eq!(told.len(), 2);
        // A list that holds the viewer alone says that nobody else is so.
        let answer = security.query("{ users(filter: { search: \"security\" }) { nodes { username } } }").await;
        assert_eq!(answer.data("/users/nodes"), &json!([{ "username": "security" }]));
        assert_eq!(read(&app, &answer).await.len(), 1);
        // As many as a request may ask for fit into an entry.
        let many: String = (0..20).map(|n| format!("u{n}: users(filter: {{ search: \"{}\" }}, first: 1) {{ totalCount }} ", "x".repeat(80 + n))).collect();
        let told = read(&app, &security.query(&format!("{{ {many} }}")).await).await;
        assert_eq!(told[0].2["lists"].as_array().unwrap().len(), 20, "{told:?}");
    }

    /// An act is done when its payload is read: what its entry names is no reading beside, and what else is read there fails by itself.
    async fn an_act_keeps_its_answer_when_a_reading_cannot_be_written_down(app: App) {
        let (system, security) = (app.sign_in("system").await, app.sign_in("security").await);
        let id = user(&security, "fgw-manager").await;
        let end = "mutation($id: ID!) { endSessions(input: { userId: $id }) { user { username grants { id user { username } } } userErrors { code } } }";
        let answer = security.ask(end, json!({ "id": id })).await;
        let grants = answer.data("/endSessions/user/grants").as_array().unwrap();
        assert_eq!(grants[0]["user"]["username"], "fgw-manager");
        // The user is in the act's entry, and read once more nevertheless: no second entry of the same.
        let told = read(&app, &answer).await;
        assert_eq!(told.iter().map(|(of, key, _)| (of.as_str(), key.is_some())).collect::<Vec<_>>(), [("RoleGrant", grants.len() == 1)]);
        assert_eq!(newest(&app, "END_SESSIONS").await.object_id, Some(key(&app, "fgw-manager").await));

        refuse_readings(&app).await;
        let answer = security.ask(end, json!({ "id": id })).await;
        assert_eq!((answer.codes(), &answer.body["errors"][0]["path"]), (vec!["INTERNAL"], &json!(["endSessions", "user", "grants"])));
        assert_eq!(answer.body["data"]["endSessions"], json!({ "user": { "username": "fgw-manager", "grants": null }, "userErrors": [] }));
        let made = done(&system, "createUser", json!({ "username": "new-one", "displayName": "新人" })).await;
        let reset = done(&system, "resetPassword", json!({ "userId": made["user"]["id"] })).await;
        for shown in [made, reset] {
            assert_eq!(shown["oneTimePassword"].as_str().unwrap().len(), 16, "{shown}");
        }
        // What reads alone shows nothing.
        let answer = security.ask("query($id: ID!) { user(id: $id) { username } }", json!({ "id": id })).await;
        assert_eq!((answer.codes(), &answer.body["data"]), (vec!["INTERNAL"], &Value::Null));
    }

    async fn what_cannot_be_written_down_is_not_shown(app: App) {
        let system = app.sign_in("system").await;
        execute(&app, "ALTER TABLE audit_entry RENAME TO gone").await;
        let answer = system.query("{ users { nodes { username } } }").await;
        assert_eq!(answer.codes(), ["INTERNAL"]);
        assert!(!answer.text.contains("office"), "{}", answer.text);
    }
}
