//! Accounts: created, disabled, reset, unlocked; and what each leaves behind.

use chrono::TimeDelta;
use entity::{audit_entry, mutation_receipt};
use sea_orm::EntityTrait;
use serde_json::{Value, json};
use tests::{App, both, world::PASSWORD};

use super::{done, newcomer, text, tried, user};
use crate::{
    client::Client,
    contract::operation,
    parties::{audited, available, global, outcome},
};

both! {
    async fn an_account_is_created_with_a_password_that_is_shown_once(app: App) {
        let system = app.sign_in("system").await;
        let units = system.query("{ units(first: 1, filter: { search: \"市发展改革委\" }) { nodes { id } } }").await;
        let unit = units.data("/units/nodes/0/id").clone();
        let input = json!({ "username": " Zhang.Wei ", "displayName": " 张伟 ", "unitId": unit, "clientMutationId": "one" });
        let made = done(&system, "createUser", input.clone()).await;
        assert_eq!(made["user"], json!({
            "id": made["user"]["id"], "username": "zhang.wei", "displayName": "张伟", "active": true, "lockedUntil": null, "mustChangePassword": true,
            "unit": { "name": "市发展改革委" }, "leader": null,
        }));
        let password = text(&made["oneTimePassword"]);
        assert_eq!(password.chars().count(), 16);
        // Sent again, it creates nobody else, and nobody knows the password any more.
        let again = done(&system, "createUser", input).await;
        assert_eq!((&again["user"]["id"], &again["oneTimePassword"]), (&made["user"]["id"], &Value::Null));
        // The password opens nothing but its own change; without a grant there is nothing to see then.
        let newcomer = app.sign_in_with("zhang.wei", &password).await;
        assert_eq!(newcomer.query("{ units { totalCount } }").await.codes(), ["FORBIDDEN"]);
        let changed = newcomer.ask(&operation("ChangePassword"), json!({ "current": password, "new": "a long enough one" })).await;
        assert_eq!(outcome(&changed, "changePassword"), "done");
        let seen = newcomer.query("{ units { totalCount } plan(year: 2022) { id } viewer { user { unit { name } grants { id } } permissions } }").await;
        assert_eq!(seen.data(""), &json!({ "units": { "totalCount": 0 }, "plan": null, "viewer": { "user": { "unit": null, "grants": [] }, "permissions": [] } }));
        // Nothing of the password is kept but its hash.
        let entries = audited(&app, "CREATE_USER").await;
        assert_eq!(entries.len(), 1);
        assert_eq!(entries[0].changes["username"], "zhang.wei");
        let db = app.database.connect().await;
        for entry in audit_entry::Entity::find().all(&db).await.unwrap() {
            let text = entry.changes.to_string();
            assert!(!text.contains(&password) && !text.contains("argon2"), "{text}");
        }
        for receipt in mutation_receipt::Entity::find().all(&db).await.unwrap() {
            assert!(!receipt.result.to_string().contains(&password));
        }
        // What is refused.
        let leader = global("Leader", 1);
        for (input, expected) in [
            (json!({ "username": "ZHANG.WEI", "displayName": "x" }), "INVALID username"),
            (json!({ "username": "fgw-manager", "displayName": "x" }), "INVALID username"),
            (json!({ "username": "zhang wei", "displayName": "x" }), "INVALID username"),
            (json!({ "username": "  ", "displayName": "x" }), "INVALID username"),
            (json!({ "username": "x".repeat(65), "displayName": "x" }), "TOO_LARGE username"),
            (json!({ "username": "x1", "displayName": " " }), "INVALID displayName"),
            (json!({ "username": "x1", "displayName": "x".repeat(101) }), "TOO_LARGE displayName"),
            (json!({ "username": "x1", "displayName": "x", "unitId": leader }), "NOT_FOUND unitId"),
            (json!({ "username": "x1", "displayName": "x", "unitId": global("Unit", 99_999) }), "NOT_FOUND unitId"),
            (json!({ "username": "x1", "displayName": "x", "leaderId": global("Leader", 99_999) }), "NOT_FOUND leaderId"),
            (json!({ "username": "x1", "displayName": "x", "leaderId": leader }), "done"),
        ] {
            assert_eq!(tried(&system, "createUser", input.clone()).await, expected, "{input}");
        }
    }

    async fn one_name_is_given_once_however_many_ask_at_the_same_moment(app: App) {
        let system = app.sign_in("system").await;
        let asked = (0..6).map(|at| {
            let input = json!({ "username": "same", "displayName": format!("{at}") });
            let system = &system;
            async move { tried(system, "createUser", input).await }
        });
        let mut outcomes = futures_util::future::join_all(asked).await;
        outcomes.sort();
        assert_eq!(outcomes, ["INVALID username", "INVALID username", "INVALID username", "INVALID username", "INVALID username", "done"]);
    }

    async fn a_disabled_account_is_out_at_once(app: App) {
        let (system, manager) = (app.sign_in("system").await, app.sign_in("fgw-manager").await);
        let id = user(&system, "fgw-manager").await;
        let mut socket = Client::of(&app, &manager).await;
        let disabled = done(&system, "disableUser", json!({ "userId": id, "reason": "离职" })).await;
        assert_eq!(disabled["user"]["active"], false);
        assert_eq!(manager.query("{ plans { totalCount } }").await.codes(), ["UNAUTHENTICATED"]);
        assert_eq!(socket.end().await, Some(4403));
        let refreshed = app.anonymous().ask(&operation("RefreshSession"), json!({ "refreshToken": manager.refresh_token })).await;
        assert_eq!(outcome(&refreshed, "refreshSession"), "INVALID");
        assert_eq!(outcome(&app.anonymous().try_sign_in("fgw-manager", PASSWORD).await, "signIn"), "INVALID");
        assert_eq!(tried(&system, "disableUser", json!({ "userId": id })).await, "WRONG_STATE userId");
        assert_eq!(tried(&system, "resetPassword", json!({ "userId": id })).await, "WRONG_STATE userId");
        let enabled = done(&system, "enableUser", json!({ "userId": id })).await;
        assert_eq!(enabled["user"]["active"], true);
        assert_eq!(tried(&system, "enableUser", json!({ "userId": id })).await, "WRONG_STATE userId");
        // The sessions of before stay ended; the grants hold again.
        assert_eq!(manager.query("{ plans { totalCount } }").await.codes(), ["UNAUTHENTICATED"]);
        let back = app.sign_in("fgw-manager").await;
        assert_eq!(back.query("{ plan(year: 2022) { targets { totalCount } } }").await.data("/plan/targets/totalCount"), 39);
        let entries = audited(&app, "DISABLE_USER").await;
        assert_eq!(entries[0].changes, json!({ "active": [true, false], "reason": "离职" }));
        assert_eq!(audited(&app, "ENABLE_USER").await.len(), 1);
    }

    async fn a_password_is_reset_but_not_an_administrators(app: App) {
        let (system, manager) = (app.sign_in("system").await, app.sign_in("fgw-manager").await);
        let id = user(&system, "fgw-manager").await;
        let reset = done(&system, "resetPassword", json!({ "userId": id })).await;
        assert_eq!(reset["user"]["mustChangePassword"], true);
        assert_eq!(manager.query("{ plans { totalCount } }").await.codes(), ["UNAUTHENTICATED"]);
        assert_eq!(outcome(&app.anonymous().try_sign_in("fgw-manager", PASSWORD).await, "signIn"), "INVALID");
        let password = text(&reset["oneTimePassword"]);
        let back = app.sign_in_with("fgw-manager", &password).await;
        assert_eq!(back.query("{ plans { totalCount } }").await.codes(), ["FORBIDDEN"]);
        for name in ["security", "audit"] {
            let id = user(&system, name).await;
            assert_eq!(tried(&system, "resetPassword", json!({ "userId": id })).await, "FORBIDDEN userId");
            assert_eq!(outcome(&app.anonymous().try_sign_in(name, PASSWORD).await, "signIn"), "done");
        }
        assert!(!audited(&app, "RESET_PASSWORD").await[0].changes.to_string().contains(&password));
    }

    async fn unlocking_is_the_security_administrators(app: App) {
        let (system, security) = (app.sign_in("system").await, app.sign_in("security").await);
        let id = user(&security, "fgw-manager").await;
        assert_eq!(tried(&security, "unlockUser", json!({ "userId": id })).await, "WRONG_STATE userId");
        for _ in 0..5 {
            app.anonymous().try_sign_in("fgw-manager", "wrong").await;
        }
        for administrator in [&system, &security] {
            let locked = administrator.query("{ users(filter: { locked: true }) { nodes { username lockedUntil } } }").await;
            assert_eq!(locked.data("/users/nodes"), &json!([{ "username": "fgw-manager", "lockedUntil": "2022-06-15T04:15:00Z" }]));
        }
        assert_eq!(tried(&system, "unlockUser", json!({ "userId": id })).await, "FORBIDDEN userId");
        // A reset does not unlock.
        let password = text(&done(&system, "resetPassword", json!({ "userId": id })).await["oneTimePassword"]);
        assert_eq!(outcome(&app.anonymous().try_sign_in("fgw-manager", &password).await, "signIn"), "INVALID");
        let unlocked = done(&security, "unlockUser", json!({ "userId": id })).await;
        assert_eq!(unlocked["user"]["lockedUntil"], Value::Null);
        assert_eq!(outcome(&app.anonymous().try_sign_in("fgw-manager", &password).await, "signIn"), "done");
        // A lock that is over is none.
        for _ in 0..5 {
            app.anonymous().try_sign_in("linhai-manager", "wrong").await;
        }
        app.clock.advance(TimeDelta::minutes(15));
        let security = app.sign_in("security").await;
        assert_eq!(security.query("{ users(filter: { locked: true }) { totalCount } }").await.data("/users/totalCount"), 0);
    }

    async fn sessions_are_ended_by_the_security_administrator(app: App) {
        let (security, one, other) = (app.sign_in("security").await, app.sign_in("office").await, app.sign_in("office").await);
        let id = user(&security, "office").await;
        let mut socket = Client::of(&app, &one).await;
        done(&security, "endSessions", json!({ "userId": id })).await;
        for actor in [&one, &other] {
            assert_eq!(actor.query("{ plans { totalCount } }").await.codes(), ["UNAUTHENTICATED"]);
        }
        assert_eq!(socket.end().await, Some(4403));
        app.sign_in("office").await;
    }

    async fn lists_are_found_filtered_and_walked(app: App) {
        let (system, security) = (app.sign_in("system").await, app.sign_in("security").await);
        let all = "query($first: Int, $after: String) { users(first: $first, after: $after) { totalCount nodes { id username } pageInfo { hasNextPage endCursor } } }";
        let whole = security.ask(all, json!({ "first": 100 })).await;
        let expected: Vec<Value> = whole.data("/users/nodes").as_array().unwrap().clone();
        assert_eq!(whole.data("/users/totalCount"), expected.len());
        let (mut walked, mut cursor) = (Vec::new(), Value::Null);
        loop {
            let page = system.ask(all, json!({ "first": 4, "after": cursor })).await;
            walked.extend(page.data("/users/nodes").as_array().unwrap().clone());
            cursor = page.data("/users/pageInfo/endCursor").clone();
            if page.data("/users/pageInfo/hasNextPage") == false {
                break;
            }
        }
        assert_eq!(walked, expected);
        let found = async |filter: Value| {
            let answer = system.ask("query($f: UserFilter) { users(first: 100, filter: $f) { totalCount nodes { username } } }", json!({ "f": filter })).await;
            let nodes = answer.data("/users/nodes").as_array().unwrap();
            assert_eq!(answer.data("/users/totalCount"), nodes.len());
            nodes.iter().map(|node| text(&node["username"])).collect::<Vec<_>>()
        };
        assert_eq!(found(json!({ "search": "FGW" })).await, ["fgw-manager", "fgw-reporter"]);
        assert_eq!(found(json!({ "search": "账号 fgw-m" })).await, ["fgw-manager"]);
        assert_eq!(found(json!({ "search": "%" })).await, Vec::<String>::new());
        let unit = system.query("{ units(first: 1, filter: { search: \"市应急管理局\" }) { nodes { id } } }").await;
        assert_eq!(found(json!({ "unitId": unit.data("/units/nodes/0/id") })).await, ["both", "yjj-manager", "yjj-reporter"]);
        done(&system, "disableUser", json!({ "userId": user(&system, "nobody").await })).await;
        assert_eq!(found(json!({ "active": false })).await, ["nobody"]);
        assert_eq!(found(json!({ "active": true })).await.len(), expected.len() - 1);
        let wrong = system.ask("query($f: UserFilter) { users(filter: $f) { totalCount } }", json!({ "f": { "search": "x".repeat(101) } })).await;
        assert_eq!(wrong.codes(), ["BAD_USER_INPUT"]);
        // The cursor of one list is none of another's.
        let page = system.query("{ units(first: 1) { pageInfo { endCursor } } }").await;
        let foreign = system.ask(all, json!({ "after": page.data("/units/pageInfo/endCursor") })).await;
        assert_eq!(foreign.codes(), ["BAD_USER_INPUT"]);
    }

    async fn who_sees_whose_grants(app: App) {
        let (system, security, manager) = (app.sign_in("system").await, app.sign_in("security").await, app.sign_in("fgw-manager").await);
        let id = user(&security, "fgw-manager").await;
        let query = "query($id: ID!) { user(id: $id) { username grants { role unit { name } reason state grantedBy { displayName } user { username } } } }";
        let grant = json!([{ "role": "UNIT_MANAGER", "unit": { "name": "市发展改革委" }, "reason": "test", "state": "LIVE", "grantedBy": null, "user": { "username": "fgw-manager" } }]);
        assert_eq!(security.ask(query, json!({ "id": id })).await.data("/user/grants"), &grant);
        assert_eq!(manager.ask(query, json!({ "id": id })).await.data("/user/grants"), &grant);
        assert_eq!(system.ask(query, json!({ "id": id })).await.data("/user"), &json!({ "username": "fgw-manager", "grants": null }));
        let own = manager.query("{ viewer { user { active lockedUntil grants { role } } grants { role state reason } } }").await;
        assert_eq!(own.data("/viewer"), &json!({ "user": { "active": true, "lockedUntil": null, "grants": [{ "role": "UNIT_MANAGER" }] }, "grants": [{ "role": "UNIT_MANAGER", "state": "LIVE", "reason": "test" }] }));
        // The operation that consumers send works for either administrator.
        for administrator in [&system, &security] {
            let answer = administrator.ask(&operation("Users"), json!({ "first": 20, "search": "fgw" })).await;
            assert_eq!(answer.data("/users/totalCount"), 2);
        }
    }

    async fn what_is_available_is_what_the_act_answers(app: App) {
        let (system, security) = (app.sign_in("system").await, app.sign_in("security").await);
        let (_, _) = newcomer(&system, "fresh").await;
        done(&system, "disableUser", json!({ "userId": user(&system, "nobody").await })).await;
        for _ in 0..5 {
            app.anonymous().try_sign_in("fgw-manager", "wrong").await;
        }
        for (name, actor) in [("system", &system), ("security", &security)] {
            for of in ["system", "security", "audit", "office", "fgw-manager", "nobody", "fresh"] {
                let id = user(actor, of).await;
                let answer = actor.ask("query($id: ID!) { user(id: $id) { availableActions { action allowed reason { code } } } }", json!({ "id": id })).await;
                let actions = answer.data("/user/availableActions").clone();
                for (action, mutation) in [
                    ("UPDATE_USER", "updateUser"), ("RESET_SECOND_FACTOR", "resetSecondFactor"), ("DISABLE_USER", "disableUser"), ("ENABLE_USER", "enableUser"), ("RESET_PASSWORD", "resetPassword"),
                    ("UNLOCK_USER", "unlockUser"), ("END_SESSIONS", "endSessions"), ("GRANT_ROLE", "grantRole"),
                ] {
                    let said = available(&actions, action);
                    if said == "allowed" {
                        continue;
                    }
                    let input = if mutation == "grantRole" { json!({ "userId": id, "role": "OBSERVER", "reason": "x" }) } else { json!({ "userId": id }) };
                    assert_eq!(tried(actor, mutation, input).await, format!("{said} userId"), "{name} {mutation} {of}");
                }
            }
        }
        let id = user(&system, "fgw-manager").await;
        let answer = security.ask("query($id: ID!) { user(id: $id) { availableActions { action allowed reason { code } } } }", json!({ "id": id })).await;
        assert_eq!(available(answer.data("/user/availableActions"), "UNLOCK_USER"), "allowed");
        done(&security, "unlockUser", json!({ "userId": id })).await;
    }

    async fn a_list_of_accounts_costs_the_same_whatever_its_size(app: App) {
        let security = app.sign_in("security").await;
        let query = "query($n: Int) { users(first: $n) { totalCount nodes { username unit { name } leader { name } grants { role unit { name } plan { year } reason grantedBy { displayName } availableActions { action } } availableActions { action allowed } } } }";
        let mut costs = Vec::new();
        for n in [5, 20, 100] {
            let answer = security.ask(query, json!({ "n": n })).await;
            assert!(answer.body.get("errors").is_none(), "{}", answer.text);
            costs.push(answer.statements());
        }
        // Units of accounts and of their grants are one statement, or two when the grants are there first.
        assert!(costs.iter().all(|cost| *cost <= 9), "{costs:?}");
    }
}
