//! Grants: with scope, reason and validity; one administrator's role each; approved by a second security administrator.

use chrono::TimeDelta;
use serde_json::{Value, json};
use tests::{Actor, App, both};

use super::{attempt, done, newcomer, tried, user};
use crate::{
    contract::operation,
    parties::{Book, audited, available, outcome},
};

/// A second security administrator, signed in.
pub(super) async fn second<'a>(
    app: &'a App,
    system: &Actor<'_>,
    security: &Actor<'_>,
) -> Actor<'a> {
    let (id, password) = newcomer(system, "security-2").await;
    let input = json!({ "userId": id, "role": "SECURITY_ADMIN", "reason": "双岗" });
    done(security, "grantRole", input).await;
    let first = app.sign_in_with("security-2", &password).await;
    let changed = first
        .ask(
            &operation("ChangePassword"),
            json!({ "current": password, "new": "a long enough one" }),
        )
        .await;
    assert_eq!(outcome(&changed, "changePassword"), "done");
    first
}

async fn targets(actor: &Actor<'_>) -> Value {
    let answer = actor
        .query("{ plan(year: 2022) { targets { totalCount } } }")
        .await;
    answer
        .body
        .pointer("/data/plan/targets/totalCount")
        .cloned()
        .unwrap_or_default()
}

both! {
    async fn a_grant_counts_on_the_next_request_and_ends_on_time(app: App) {
        let book = Book::of(&app).await;
        let (security, nobody) = (app.sign_in("security").await, app.sign_in("nobody").await);
        let id = user(&security, "nobody").await;
        assert_eq!(targets(&nobody).await, Value::Null);
        let input = json!({ "userId": id, "role": "UNIT_MANAGER", "unitId": book.unit("市发展改革委"), "reason": " 任职 ", "validUntil": "2022-06-15T04:05:00Z" });
        let granted = done(&security, "grantRole", input).await;
        assert_eq!(granted["grant"], json!({
            "id": granted["grant"]["id"], "role": "UNIT_MANAGER", "state": "LIVE", "validFrom": "2022-06-15T04:00:00Z", "validUntil": "2022-06-15T04:05:00Z",
            "unit": { "name": "市发展改革委" }, "leader": null, "plan": null,
        }));
        assert_eq!(targets(&nobody).await, 39);
        app.clock.advance(TimeDelta::minutes(5) - TimeDelta::seconds(1));
        assert_eq!(targets(&nobody).await, 39);
        app.clock.advance(TimeDelta::seconds(1));
        assert_eq!(targets(&nobody).await, Value::Null);
        // One that begins later, and one that is revoked.
        let input = json!({ "userId": id, "role": "OBSERVER", "reason": "x", "validFrom": "2022-06-15T04:10:00Z" });
        let later = done(&security, "grantRole", input).await;
        assert_eq!(later["grant"]["state"], "SCHEDULED");
        assert_eq!(targets(&nobody).await, Value::Null);
        app.clock.advance(TimeDelta::minutes(5));
        assert_eq!(targets(&nobody).await, 194);
        let revoked = done(&security, "revokeRole", json!({ "grantId": later["grant"]["id"], "reason": "调岗" })).await;
        assert_eq!((&revoked["grant"]["state"], &revoked["grant"]["validUntil"]), (&json!("REVOKED"), &json!("2022-06-15T04:10:00Z")));
        assert_eq!(targets(&nobody).await, Value::Null);
        assert_eq!(tried(&security, "revokeRole", json!({ "grantId": later["grant"]["id"], "reason": "x" })).await, "WRONG_STATE grantId");
        let entries = audited(&app, "REVOKE_ROLE").await;
        assert_eq!((&entries[0].changes["reason"], &entries[0].changes["role"]), (&json!("调岗"), &json!("OBSERVER")));
        let history = security.ask("query($id: ID!) { user(id: $id) { grants(includeEnded: true) { state revokedBy { displayName } revocationReason grantedBy { displayName } } } }", json!({ "id": id })).await;
        assert_eq!(history.data("/user/grants"), &json!([
            { "state": "EXPIRED", "revokedBy": null, "revocationReason": null, "grantedBy": { "displayName": "账号 security" } },
            { "state": "REVOKED", "revokedBy": { "displayName": "账号 security" }, "revocationReason": "调岗", "grantedBy": { "displayName": "账号 security" } },
        ]));
        assert_eq!(audited(&app, "GRANT_ROLE").await.len(), 2);
    }

    async fn each_role_wants_its_scope(app: App) {
        let book = Book::of(&app).await;
        let security = app.sign_in("security").await;
        let id = user(&security, "nobody").await;
        let plan = security.query("{ plan(year: 2022) { id } }").await.data("/plan/id").clone();
        let office = app.sign_in("office").await;
        let draft = office.query("{ plan(year: 2023) { id } }").await.data("/plan/id").clone();
        let (unit, leader) = (book.unit("市发展改革委"), book.leader("林先华"));
        for (role, scope, expected) in [
            ("UNIT_MANAGER", json!({}), "INVALID unitId"),
            ("UNIT_REPORTER", json!({ "leaderId": leader }), "INVALID unitId"),
            ("UNIT_MANAGER", json!({ "unitId": unit, "planId": plan }), "INVALID planId"),
            ("UNIT_MANAGER", json!({ "unitId": plan }), "NOT_FOUND unitId"),
            ("LEADER", json!({}), "INVALID leaderId"),
            ("LEADER", json!({ "leaderId": unit }), "NOT_FOUND leaderId"),
            ("SUPERVISOR", json!({ "unitId": unit }), "INVALID unitId"),
            ("OBSERVER", json!({ "planId": unit }), "NOT_FOUND planId"),
            // A draft is the supervision office's alone.
            ("SUPERVISOR", json!({ "planId": draft }), "NOT_FOUND planId"),
            ("SYSTEM_ADMIN", json!({ "planId": plan }), "INVALID planId"),
            ("OBSERVER", json!({ "reason": "  " }), "INVALID reason"),
            ("OBSERVER", json!({ "reason": "x".repeat(501) }), "TOO_LARGE reason"),
            ("OBSERVER", json!({ "validUntil": "2022-06-15T03:59:59Z" }), "INVALID validUntil"),
            ("OBSERVER", json!({ "validUntil": "2022-06-15T04:00:00Z" }), "INVALID validUntil"),
            ("OBSERVER", json!({ "validFrom": "2022-06-15T03:59:59Z" }), "INVALID validFrom"),
            ("OBSERVER", json!({ "validFrom": "2022-06-16T00:00:00Z", "validUntil": "2022-06-15T12:00:00Z" }), "INVALID validUntil"),
            ("UNIT_MANAGER", json!({ "unitId": unit }), "done"),
            ("UNIT_MANAGER", json!({ "unitId": unit }), "WRONG_STATE role"),
            ("UNIT_MANAGER", json!({ "unitId": book.unit("临海市政府") }), "done"),
            ("UNIT_REPORTER", json!({ "unitId": unit }), "done"),
            ("LEADER", json!({ "leaderId": leader }), "done"),
            ("SUPERVISOR", json!({ "planId": plan }), "done"),
            ("SUPERVISOR", json!({}), "done"),
            ("OBSERVER", json!({}), "done"),
        ] {
            let mut input = json!({ "userId": id, "role": role, "reason": "x" });
            input.as_object_mut().unwrap().extend(scope.as_object().unwrap().clone());
            assert_eq!(tried(&security, "grantRole", input.clone()).await, expected, "{input}");
        }
    }

    async fn nobody_grants_to_themselves_or_becomes_two_administrators(app: App) {
        let (system, security) = (app.sign_in("system").await, app.sign_in("security").await);
        let own = user(&security, "security").await;
        for role in ["OBSERVER", "SYSTEM_ADMIN", "SECURITY_ADMIN"] {
            assert_eq!(tried(&security, "grantRole", json!({ "userId": own, "role": role, "reason": "x" })).await, "FORBIDDEN userId");
        }
        let mine = security.query("{ viewer { grants { id } } }").await.data("/viewer/grants/0/id").clone();
        assert_eq!(tried(&security, "revokeRole", json!({ "grantId": mine, "reason": "x" })).await, "FORBIDDEN grantId");
        for (name, role) in [("system", "SECURITY_ADMIN"), ("system", "AUDIT_ADMIN"), ("audit", "SYSTEM_ADMIN"), ("audit", "SECURITY_ADMIN")] {
            let id = user(&security, name).await;
            assert_eq!(tried(&security, "grantRole", json!({ "userId": id, "role": role, "reason": "x" })).await, "FORBIDDEN role");
        }
        let (id, _) = newcomer(&system, "fresh").await;
        let grant = |role: &str, from: Option<&str>, until: Option<&str>| {
            let mut input = json!({ "userId": id, "role": role, "reason": "x" });
            if let Some(from) = from { input["validFrom"] = from.into(); }
            if let Some(until) = until { input["validUntil"] = until.into(); }
            let security = &security;
            async move { attempt(security, "grantRole", input).await }
        };
        let first = grant("SYSTEM_ADMIN", None, Some("2022-07-01T00:00:00Z")).await;
        assert_eq!(outcome(&first, "grantRole"), "done");
        // Not while it holds, not for a moment of it, and not by renewing it over another one.
        for (role, from, until, expected) in [
            ("AUDIT_ADMIN", None, None, "FORBIDDEN role"),
            ("AUDIT_ADMIN", Some("2022-06-30T23:59:59Z"), None, "FORBIDDEN role"),
            ("AUDIT_ADMIN", Some("2022-07-01T00:00:00Z"), Some("2022-08-01T00:00:00Z"), "done"),
            ("SYSTEM_ADMIN", Some("2022-07-01T00:00:00Z"), None, "FORBIDDEN role"),
            ("SYSTEM_ADMIN", Some("2022-07-31T00:00:00Z"), None, "FORBIDDEN role"),
            ("SECURITY_ADMIN", Some("2022-07-15T00:00:00Z"), Some("2022-07-16T00:00:00Z"), "FORBIDDEN role"),
            ("SYSTEM_ADMIN", Some("2022-08-01T00:00:00Z"), None, "done"),
        ] {
            assert_eq!(outcome(&grant(role, from, until).await, "grantRole"), expected, "{role} {from:?}");
        }
        // What was revoked is no hindrance any more.
        done(&security, "revokeRole", json!({ "grantId": first.data("/grantRole/grant/id"), "reason": "x" })).await;
        assert_eq!(outcome(&grant("SECURITY_ADMIN", None, Some("2022-07-01T00:00:00Z")).await, "grantRole"), "done");
        // Nor may a disabled account be given anything.
        done(&system, "disableUser", json!({ "userId": id })).await;
        assert_eq!(outcome(&grant("OBSERVER", None, None).await, "grantRole"), "WRONG_STATE userId");
    }

    async fn a_second_security_administrator_approves(app: App) {
        let (system, security) = (app.sign_in("system").await, app.sign_in("security").await);
        let other = second(&app, &system, &security).await;
        let setting = json!({ "name": "GRANT_APPROVAL", "value": "true", "reason": "双人复核" });
        assert_eq!(tried(&security, "changeSetting", setting.clone()).await, "FORBIDDEN name");
        done(&system, "changeSetting", setting).await;
        let nobody = app.sign_in("nobody").await;
        let id = user(&security, "nobody").await;
        let ask = async |role: &str| done(&security, "grantRole", json!({ "userId": id, "role": role, "reason": "x" })).await["grant"].clone();
        // What is no administrator's and no supervisor's needs nobody.
        assert_eq!(ask("OBSERVER").await["state"], "LIVE");
        let pending = ask("SUPERVISOR").await;
        assert_eq!(pending["state"], "PENDING");
        let grant = &pending["id"];
        assert_eq!(nobody.query("{ plan(year: 2023) { id } viewer { grants { role } } }").await.data(""), &json!({ "plan": null, "viewer": { "grants": [{ "role": "OBSERVER" }] } }));
        assert_eq!(nobody.ask("query($id: ID!) { nodes(ids: [$id]) { id } }", json!({ "id": grant })).await.data("/nodes/0"), &Value::Null);
        let listed = other.ask(&operation("PendingGrants"), json!({ "first": 10 })).await;
        assert_eq!(listed.data("/roleGrants/totalCount"), 1);
        assert_eq!(available(listed.data("/roleGrants/nodes/0/availableActions"), "APPROVE_GRANT"), "allowed");
        for act in ["approveGrant", "rejectGrant"] {
            assert_eq!(tried(&security, act, json!({ "grantId": grant, "reason": "x" })).await, "FORBIDDEN grantId");
            assert_eq!(tried(&system, act, json!({ "grantId": grant, "reason": "x" })).await, "NOT_FOUND grantId");
            assert_eq!(tried(&nobody, act, json!({ "grantId": grant, "reason": "x" })).await, "NOT_FOUND grantId");
        }
        app.clock.advance(TimeDelta::minutes(3));
        let approved = done(&other, "approveGrant", json!({ "grantId": grant })).await;
        assert_eq!((&approved["grant"]["state"], &approved["grant"]["validFrom"]), (&json!("LIVE"), &json!("2022-06-15T04:03:00Z")));
        assert!(nobody.query("{ plan(year: 2023) { id } }").await.data("/plan").is_object());
        assert_eq!(tried(&other, "approveGrant", json!({ "grantId": grant })).await, "WRONG_STATE grantId");
        // An administrator has no other role, and waiting counts: another one is not even asked for meanwhile.
        assert_eq!(tried(&security, "grantRole", json!({ "userId": id, "role": "AUDIT_ADMIN", "reason": "x" })).await, "FORBIDDEN role");
        let (auditor, _) = newcomer(&system, "auditor").await;
        let audit_role = json!({ "userId": auditor, "role": "AUDIT_ADMIN", "reason": "x" });
        let waiting = done(&security, "grantRole", audit_role.clone()).await["grant"].clone();
        for role in ["SYSTEM_ADMIN", "SUPERVISOR", "OBSERVER"] {
            assert_eq!(tried(&other, "grantRole", json!({ "userId": auditor, "role": role, "reason": "x" })).await, "FORBIDDEN role");
        }
        assert_eq!(tried(&system, "resetPassword", json!({ "userId": auditor })).await, "FORBIDDEN userId");
        let rejected = done(&other, "rejectGrant", json!({ "grantId": waiting["id"], "reason": "不符" })).await;
        assert_eq!(rejected["grant"]["state"], "REJECTED");
        assert_eq!(nobody.query("{ viewer { grants { role } } }").await.data("/viewer/grants").as_array().unwrap().len(), 2);
        // One that waits is taken back, too.
        let taken = done(&security, "grantRole", audit_role).await["grant"].clone();
        assert_eq!(done(&security, "revokeRole", json!({ "grantId": taken["id"], "reason": "x" })).await["grant"]["state"], "REVOKED");
        assert_eq!(tried(&other, "approveGrant", json!({ "grantId": taken["id"] })).await, "WRONG_STATE grantId");
        let (third, _) = newcomer(&system, "third").await;
        let for_third = done(&security, "grantRole", json!({ "userId": third, "role": "SECURITY_ADMIN", "reason": "x" })).await;
        let stands = async || {
            let listed = other.query("{ roleGrants(filter: { state: PENDING }) { nodes { availableActions { action allowed reason { code } } } } }").await;
            let acts = listed.data("/roleGrants/nodes/0/availableActions").clone();
            ["APPROVE_GRANT", "REJECT_GRANT", "REVOKE_ROLE"].map(|act| available(&acts, act))
        };
        assert_eq!(stands().await, ["allowed"; 3]);
        done(&system, "disableUser", json!({ "userId": third })).await;
        assert_eq!(tried(&other, "approveGrant", json!({ "grantId": for_third["grant"]["id"] })).await, "WRONG_STATE grantId");
        assert_eq!(stands().await, ["WRONG_STATE", "allowed", "allowed"]);
        let mine = user(&security, "security-2").await;
        assert_eq!(tried(&security, "grantRole", json!({ "userId": mine, "role": "SUPERVISOR", "reason": "x" })).await, "FORBIDDEN role");
        assert_eq!([audited(&app, "APPROVE_GRANT").await.len(), audited(&app, "REJECT_GRANT").await.len()], [1, 1]);
    }

    async fn settings_have_bounds_owners_and_a_history(app: App) {
        let (system, security, manager) = (app.sign_in("system").await, app.sign_in("security").await, app.sign_in("fgw-manager").await);
        let set = |name: &str, value: &str| json!({ "name": name, "value": value, "reason": "x" });
        for (input, of_system, of_security) in [
            (set("GRANT_APPROVAL", "yes"), "INVALID value", "FORBIDDEN name"),
            (set("SIGN_IN_FAILURES", "2"), "FORBIDDEN name", "INVALID value"),
            (set("SIGN_IN_FAILURES", "3"), "FORBIDDEN name", "done"),
            (set("SIGN_IN_LOCK_MINUTES", "1441"), "FORBIDDEN name", "INVALID value"),
            (set("SIGN_IN_LOCK_MINUTES", "30"), "FORBIDDEN name", "done"),
            (set("PASSWORD_MAX_AGE_DAYS", "-1"), "FORBIDDEN name", "INVALID value"),
            (set("PASSWORD_MAX_AGE_DAYS", "1001"), "FORBIDDEN name", "INVALID value"),
            (set("PASSWORD_MAX_AGE_DAYS", "1000"), "FORBIDDEN name", "done"),
        ] {
            assert_eq!(tried(&system, "changeSetting", input.clone()).await, of_system, "{input}");
            assert_eq!(tried(&security, "changeSetting", input.clone()).await, of_security, "{input}");
            assert_eq!(tried(&manager, "changeSetting", input.clone()).await, "FORBIDDEN name", "{input}");
        }
        let listed = system.query("{ settings { name kind value defaultValue least most history { oldValue newValue reason changedBy { displayName } } availableActions { action allowed } } }").await;
        assert_eq!(listed.data("/settings/1"), &json!({
            "name": "SIGN_IN_FAILURES", "kind": "INTEGER", "value": "3", "defaultValue": "5", "least": 3, "most": 10,
            "history": [{ "oldValue": "5", "newValue": "3", "reason": "x", "changedBy": { "displayName": "账号 security" } }],
            "availableActions": [{ "action": "CHANGE_SETTING", "allowed": false }],
        }));
        assert_eq!(manager.query("{ settings { name } }").await.data("/settings"), &json!([]));
        // And they count.
        for _ in 0..3 {
            app.anonymous().try_sign_in("fgw-manager", "wrong").await;
        }
        let locked = security.query("{ users(filter: { locked: true }) { nodes { username lockedUntil } } }").await;
        assert_eq!(locked.data("/users/nodes"), &json!([{ "username": "fgw-manager", "lockedUntil": "2022-06-15T04:30:00Z" }]));
    }

    async fn who_reads_a_target_and_why(app: App) {
        let book = Book::of(&app).await;
        let (system, security) = (app.sign_in("system").await, app.sign_in("security").await);
        let explain = operation("AccessExplanation");
        // Every account, against what the account itself gets, for a handful of targets of all sorts.
        for name in tests::world::ACTORS.iter().chain(&["nobody", "newcomer"]) {
            let id = user(&security, name).await;
            let actor = app.sign_in(name).await;
            for number in [1, 2, 12, 40, 77, 120, 160, 194] {
                let target = book.target(number);
                let told = security.ask(&explain, json!({ "userId": id, "targetId": target })).await;
                let found = actor.ask("query($ids: [ID!]!) { nodes(ids: $ids) { id } }", json!({ "ids": [target] })).await;
                let sees = found.body.pointer("/data/nodes/0").is_some_and(Value::is_object);
                assert_eq!(told.data("/accessExplanation/allowed"), sees, "{name} {number}");
                let opens = told.data("/accessExplanation/grants").as_array().unwrap().iter().any(|grant| grant["opens"] == true);
                assert!(!sees || opens, "{name} {number}");
            }
        }
        let both = user(&security, "both").await;
        let acting = book.numbers(|draft| draft.assignments.iter().any(|row| row.acting_unit.as_deref() == Some("市应急管理局")))[0];
        let told = security.ask(&explain, json!({ "userId": both, "targetId": book.target(acting) })).await;
        let grants = told.data("/accessExplanation/grants").as_array().unwrap();
        assert_eq!(grants[0], json!({ "grant": { "role": "UNIT_REPORTER", "unit": { "name": "市应急管理局" } }, "opens": true, "explanation": "The unit is assigned to the target, or acts for a unit that is." }));
        assert_eq!((&grants[1]["grant"]["role"], grants.len()), (&json!("LEADER"), 2));
        // A disabled account reads nothing.
        done(&system, "disableUser", json!({ "userId": both })).await;
        let told = security.ask(&explain, json!({ "userId": both, "targetId": book.target(acting) })).await;
        assert_eq!(told.data("/accessExplanation/allowed"), false);
        // Security administrators alone ask, and learn nothing of what there is not.
        let office = user(&security, "office").await;
        for (user, target) in [(office.as_str(), "x"), ("x", book.target(1)), (book.target(1), office.as_str())] {
            let answer = security.ask(&explain, json!({ "userId": user, "targetId": target })).await;
            assert_eq!(answer.codes(), ["NOT_FOUND"]);
        }
        for name in ["system", "audit", "office", "fgw-manager", "nobody"] {
            let actor = app.sign_in(name).await;
            let mut bodies = Vec::new();
            for (user, target) in [(office.as_str(), book.target(1)), ("x", "y")] {
                let answer = actor.ask(&explain, json!({ "userId": user, "targetId": target })).await;
                assert_eq!(answer.codes(), ["FORBIDDEN"], "{name}");
                bodies.push(answer.body);
            }
            assert_eq!(bodies[0], bodies[1]);
        }
    }
}
