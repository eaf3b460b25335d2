//! The second factor as administrators see it: required by role, and taken away.

use serde_json::json;
use tests::{App, both, world::PASSWORD};

use super::{begun, confirmed, next_step, own, set_up, sign_in, signs_in};
use crate::{
    administration::{done, newcomer, text, tried, user},
    client::Client,
    parties::{audited, available, outcome},
};

both! {
    async fn a_role_that_needs_it_can_do_nothing_before(app: App) {
        let (system, security) = (app.sign_in("system").await, app.sign_in("security").await);
        let (audit, office) = (app.sign_in("audit").await, app.sign_in("office").await);
        let mut socket = Client::of(&app, &office).await;
        let target = office.query("{ plan(year: 2022) { targets(first: 1) { nodes { id } } } }").await.data("/plan/targets/nodes/0/id").clone();
        let office_id = user(&security, "office").await;
        let explained = async || {
            let query = "query($u: ID!, $t: ID!) { accessExplanation(userId: $u, targetId: $t) { allowed grants { opens } } }";
            let told = security.ask(query, json!({ "u": office_id, "t": target })).await;
            (told.data("/accessExplanation/allowed").clone(), told.data("/accessExplanation/grants/0/opens").clone())
        };
        assert_eq!(explained().await, (json!(true), json!(true)));
        let setting = |value: &str| json!({ "name": "SECOND_FACTOR_ROLES", "value": value, "reason": "等保" });
        for (actor, value, expected) in [
            (&system, "AUDIT_ADMIN", "FORBIDDEN name"), (&office, "AUDIT_ADMIN", "FORBIDDEN name"),
            (&security, "KING", "INVALID value"), (&security, "AUDIT_ADMIN, SUPERVISOR", "done"),
        ] {
            assert_eq!(tried(actor, "changeSetting", setting(value)).await, expected, "{value}");
        }
        let told = security.query("{ settings { name kind value defaultValue least } }").await;
        let told = told.data("/settings").as_array().unwrap().iter().find(|row| row["name"] == "SECOND_FACTOR_ROLES").cloned();
        assert_eq!(told, Some(json!({ "name": "SECOND_FACTOR_ROLES", "kind": "ROLES", "value": "AUDIT_ADMIN,SUPERVISOR", "defaultValue": "", "least": null })));
        // At once, in sessions of before, too, and by whichever door.
        for query in ["{ plans { totalCount } }", "{ plan(year: 2022) { id } }", "{ users { totalCount } }", "{ settings { name } }", "{ auditEntries { totalCount } }",
            "{ node(id: \"UGxhbjox\") { id } }", "{ changes { totalCount } }", "mutation { acknowledgeAssignments(input: { assignmentIds: [\"x\"] }) { userErrors { code } } }"] {
            assert_eq!(office.query(query).await.codes(), ["FORBIDDEN"], "{query}");
            assert_eq!(audit.query(query).await.codes(), ["FORBIDDEN"], "{query}");
        }
        socket.ask("1", "{ plans { totalCount } }", json!({})).await;
        assert_eq!(socket.message().await["payload"]["errors"][0]["extensions"]["code"], "FORBIDDEN");
        let export = app.client().get(app.url("/audit/export.jsonl")).bearer_auth(audit.token.as_deref().unwrap());
        assert_eq!(app.send(export).await.status, 403);
        let refused = office.query("{ plans { totalCount } }").await;
        assert_eq!(refused.body["errors"][0]["message"], "Your role needs a second factor: please set one up first.");
        let viewer = office.query("{ viewer { user { username } permissions mustSetUpSecondFactor } }").await;
        assert_eq!(viewer.data("/viewer"), &json!({ "user": { "username": "office" }, "permissions": [], "mustSetUpSecondFactor": true }));
        let signed = sign_in(&app, "office", PASSWORD, None).await;
        assert_eq!(signed.data("/signIn/session/mustSetUpSecondFactor"), true);
        let refresh = app.anonymous().ask("mutation($t: String!) { refreshSession(input: { refreshToken: $t }) { session { mustSetUpSecondFactor } userErrors { code } } }", json!({ "t": signed.data("/signIn/session/refreshToken") })).await;
        assert_eq!(refresh.data("/refreshSession/session/mustSetUpSecondFactor"), true);
        // Others are as they were; a grant that is over needs none.
        for actor in [&app.sign_in("fgw-manager").await, &app.sign_in("observer").await] {
            assert_eq!(actor.query("{ plans { totalCount } viewer { mustSetUpSecondFactor } }").await.data("/viewer/mustSetUpSecondFactor"), false);
        }
        assert_eq!(explained().await, (json!(false), json!(true)), "who asks why is told the same");
        // Set up, everything is as before.
        let authenticator = begun(&office).await;
        assert_eq!(office.query("{ plans { totalCount } }").await.codes(), ["FORBIDDEN"], "begun is not enough");
        confirmed(&office, &authenticator.shows(&app, 0)).await;
        assert_eq!(explained().await, (json!(true), json!(true)));
        assert_eq!(office.query("{ plan(year: 2022) { targets { totalCount } } }").await.data("/plan/targets/totalCount"), 194);
        next_step(&app);
        let code = authenticator.shows(&app, 0);
        let ended = own(&office, "endSecondFactor", json!({ "currentPassword": PASSWORD, "code": code })).await;
        assert_eq!(outcome(&ended, "endSecondFactor"), "done");
        assert_eq!(office.query("{ plans { totalCount } }").await.codes(), ["FORBIDDEN"]);
        done(&security, "changeSetting", setting("")).await;
        assert_eq!(office.query("{ plan(year: 2022) { targets { totalCount } } }").await.data("/plan/targets/totalCount"), 194);
    }

    async fn a_one_time_password_is_changed_first(app: App) {
        let newcomer = app.sign_in("newcomer").await;
        for (mutation, input) in [
            ("beginSecondFactor", json!({ "currentPassword": PASSWORD })), ("confirmSecondFactor", json!({ "code": "123456" })),
            ("endSecondFactor", json!({ "currentPassword": PASSWORD, "code": "123456" })), ("replaceRecoveryCodes", json!({ "currentPassword": PASSWORD, "code": "123456" })),
        ] {
            assert_eq!(own(&newcomer, mutation, input.clone()).await.codes(), ["FORBIDDEN"], "{mutation}");
            assert_eq!(own(&app.anonymous(), mutation, input).await.codes(), ["UNAUTHENTICATED"], "{mutation}");
        }
    }

    async fn a_security_administrator_takes_away_what_was_lost(app: App) {
        let (system, security) = (app.sign_in("system").await, app.sign_in("security").await);
        let (manager, _, _) = set_up(&app, "fgw-manager").await;
        let mut socket = Client::of(&app, &manager).await;
        let id = user(&security, "fgw-manager").await;
        let reset = |id: &str| json!({ "userId": id, "reason": "手机遗失" });
        assert_eq!(tried(&system, "resetSecondFactor", reset(&id)).await, "FORBIDDEN userId");
        assert_eq!(tried(&security, "resetSecondFactor", reset(&user(&security, "security").await)).await, "FORBIDDEN userId");
        assert_eq!(tried(&security, "resetSecondFactor", reset(&user(&security, "office").await)).await, "WRONG_STATE userId");
        let query = "query($id: ID!) { user(id: $id) { secondFactorSince availableActions { action allowed reason { code } } } }";
        let told = security.ask(query, json!({ "id": id })).await;
        assert!(told.data("/user/secondFactorSince").is_string());
        assert_eq!(available(told.data("/user/availableActions"), "RESET_SECOND_FACTOR"), "allowed");
        // A new password is no way around it.
        let password = text(&done(&system, "resetPassword", json!({ "userId": id })).await["oneTimePassword"]);
        assert_eq!(outcome(&sign_in(&app, "fgw-manager", &password, None).await, "signIn"), "SECOND_FACTOR_REQUIRED secondFactor");
        done(&security, "resetSecondFactor", reset(&id)).await;
        assert_eq!(socket.end().await, Some(4403));
        assert_eq!(manager.query("{ plans { totalCount } }").await.codes(), ["UNAUTHENTICATED"]);
        assert_eq!(outcome(&sign_in(&app, "fgw-manager", &password, None).await, "signIn"), "done");
        assert_eq!(tried(&security, "resetSecondFactor", reset(&id)).await, "WRONG_STATE userId");
        let entry = &audited(&app, "RESET_SECOND_FACTOR").await[0];
        assert_eq!((entry.username.as_deref(), &entry.changes["reason"]), (Some("security"), &json!("手机遗失")));
    }

    async fn an_administrator_sets_one_up_and_loses_it(app: App) {
        let (system, security) = (app.sign_in("system").await, app.sign_in("security").await);
        // A second security administrator takes it from the first; nobody does it to themselves.
        let (id, password) = newcomer(&system, "second").await;
        let second = app.sign_in_with("second", &password).await;
        let change = "mutation($c: String!, $n: String!) { changePassword(input: { currentPassword: $c, newPassword: $n }) { userErrors { code } } }";
        second.ask(change, json!({ "c": password, "n": "a long enough one" })).await;
        done(&security, "grantRole", json!({ "userId": id, "role": "SECURITY_ADMIN", "reason": "x" })).await;
        let (security, _, _) = set_up(&app, "security").await;
        let own_id = user(&second, "security").await;
        assert_eq!(tried(&security, "resetSecondFactor", json!({ "userId": own_id })).await, "FORBIDDEN userId");
        done(&second, "resetSecondFactor", json!({ "userId": own_id, "clientMutationId": "one" })).await;
        done(&second, "resetSecondFactor", json!({ "userId": own_id, "clientMutationId": "one" })).await;
        assert_eq!(signs_in(&app, "security", None).await, "done");
        assert_eq!(audited(&app, "RESET_SECOND_FACTOR").await.len(), 1);
    }
}
