//! The second factor: set up, asked for, used once, recovered, required by role, and taken away; and nothing of it where
//! others read.

use std::collections::BTreeSet;

use aws_lc_rs::hmac;
use base64::{Engine, prelude::BASE64_STANDARD};
use chrono::TimeDelta;
use data_encoding::BASE32_NOPAD;
use domain::Clock;
use entity::{audit_entry, recovery_code, second_factor};
use sea_orm::EntityTrait;
use serde_json::{Value, json};
use store::SecretKeys;
use tests::{Actor, Answer, App, Backend, both, world::PASSWORD};

use crate::{
    administration::{attempt, done, newcomer, text, tried, user},
    client::Client,
    parties::{audited, available, outcome},
};

/// An authenticator: RFC 6238, by its own reading of the URI.
struct Authenticator(Vec<u8>);

impl Authenticator {
    fn of(uri: &str) -> Self {
        let (_, rest) = uri.split_once("?secret=").expect("a secret");
        let (secret, rest) = rest.split_once('&').expect("more");
        assert!(
            rest.ends_with("&algorithm=SHA1&digits=6&period=30"),
            "{rest}"
        );
        Self(BASE32_NOPAD.decode(secret.as_bytes()).expect("Base32"))
    }

    /// What it shows when the clock is some steps off.
    fn shows(&self, app: &App, off: i64) -> String {
        let step = app.clock.now().timestamp() / 30 + off;
        let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &self.0);
        let tag = hmac::sign(&key, &step.to_be_bytes());
        let tag = tag.as_ref();
        let at = usize::from(tag[19] & 15);
        let word = u32::from_be_bytes([tag[at] & 0x7f, tag[at + 1], tag[at + 2], tag[at + 3]]);
        format!("{:06}", word % 1_000_000)
    }

    /// A code that it shows at no time near now.
    fn wrong(&self, app: &App) -> String {
        let near: Vec<String> = (-2..=2).map(|off| self.shows(app, off)).collect();
        let mut all = (0..10).map(|n| format!("{n:06}"));
        all.find(|code| !near.contains(code)).expect("a wrong code")
    }
}

async fn sign_in(app: &App, username: &str, password: &str, factor: Option<&str>) -> Answer {
    let query = "mutation($i: SignInInput!) { signIn(input: $i) { session { accessToken refreshToken mustSetUpSecondFactor } userErrors { code field message } } }";
    let input = json!({ "username": username, "password": password, "secondFactor": factor });
    app.anonymous().ask(query, json!({ "i": input })).await
}

/// The outcome of signing in.
async fn signs_in(app: &App, username: &str, factor: Option<&str>) -> String {
    outcome(&sign_in(app, username, PASSWORD, factor).await, "signIn")
}

/// One of the viewer's own acts; `fields` is what it answers beside its errors.
async fn own(actor: &Actor<'_>, mutation: &str, input: Value) -> Answer {
    let fields = match mutation {
        "beginSecondFactor" => "secret uri",
        "endSecondFactor" => "",
        _ => "recoveryCodes",
    };
    tests::desk::act(actor, mutation, fields, input).await
}

async fn begun(actor: &Actor<'_>) -> Authenticator {
    let answer = own(
        actor,
        "beginSecondFactor",
        json!({ "currentPassword": PASSWORD }),
    )
    .await;
    assert_eq!(
        outcome(&answer, "beginSecondFactor"),
        "done",
        "{}",
        answer.text
    );
    Authenticator::of(answer.data("/beginSecondFactor/uri").as_str().unwrap())
}

async fn confirmed(actor: &Actor<'_>, code: &str) -> Vec<String> {
    let answer = own(actor, "confirmSecondFactor", json!({ "code": code })).await;
    assert_eq!(
        outcome(&answer, "confirmSecondFactor"),
        "done",
        "{}",
        answer.text
    );
    let codes = answer
        .data("/confirmSecondFactor/recoveryCodes")
        .as_array()
        .unwrap();
    codes.iter().map(text).collect()
}

/// Somebody with a second factor that is on, and their recovery codes; the code of this step is used up.
async fn set_up<'a>(app: &'a App, username: &str) -> (Actor<'a>, Authenticator, Vec<String>) {
    let actor = app.sign_in(username).await;
    let authenticator = begun(&actor).await;
    let codes = confirmed(&actor, &authenticator.shows(app, 0)).await;
    (actor, authenticator, codes)
}

fn next_step(app: &App) {
    app.clock.advance(TimeDelta::seconds(30));
}

both! {
    async fn it_is_set_up_and_then_asked_for(app: App) {
        let (manager, other) = (app.sign_in("fgw-manager").await, app.sign_in("fgw-manager").await);
        let about = "{ viewer { user { secondFactorSince } recoveryCodesLeft mustSetUpSecondFactor } }";
        let nothing = json!({ "user": { "secondFactorSince": null }, "recoveryCodesLeft": null, "mustSetUpSecondFactor": false });
        assert_eq!(manager.query(about).await.data("/viewer"), &nothing);
        let code = json!({ "code": "123456" });
        assert_eq!(outcome(&own(&manager, "confirmSecondFactor", code).await, "confirmSecondFactor"), "WRONG_STATE");
        let wrong = own(&manager, "beginSecondFactor", json!({ "currentPassword": "wrong" })).await;
        assert_eq!(outcome(&wrong, "beginSecondFactor"), "INVALID currentPassword");
        let forgotten = begun(&manager).await;
        let authenticator = begun(&manager).await;
        // What is begun is not asked for; what was begun before is forgotten.
        assert_eq!(signs_in(&app, "fgw-manager", None).await, "done");
        for code in [forgotten.shows(&app, 0), authenticator.shows(&app, 2), authenticator.wrong(&app), "abcd-efgh-jkmn-pqrs".to_owned(), String::new()] {
            let answer = own(&manager, "confirmSecondFactor", json!({ "code": code })).await;
            assert_eq!(outcome(&answer, "confirmSecondFactor"), "INVALID code", "{code}");
        }
        let codes = confirmed(&manager, &authenticator.shows(&app, 0)).await;
        assert_eq!(codes.iter().collect::<BTreeSet<_>>().len(), 10);
        assert!(codes.iter().all(|code| code.len() == 19), "{codes:?}");
        // This session goes on, the others began without it.
        let since = app.clock.now().to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
        let after = manager.query(about).await;
        assert_eq!(after.data("/viewer"), &json!({ "user": { "secondFactorSince": since }, "recoveryCodesLeft": 10, "mustSetUpSecondFactor": false }));
        assert_eq!(other.query("{ plans { totalCount } }").await.codes(), ["UNAUTHENTICATED"]);
        assert_eq!(outcome(&own(&manager, "beginSecondFactor", json!({ "currentPassword": PASSWORD })).await, "beginSecondFactor"), "WRONG_STATE");
        assert_eq!(outcome(&own(&manager, "confirmSecondFactor", json!({ "code": authenticator.shows(&app, 1) })).await, "confirmSecondFactor"), "WRONG_STATE");

        // The operation that consumers send is told what is missing; whoever has a wrong password is told nothing.
        next_step(&app);
        let missing = app.anonymous().try_sign_in("fgw-manager", PASSWORD).await;
        assert_eq!(missing.refusals("signIn"), ["SECOND_FACTOR_REQUIRED secondFactor"]);
        assert_eq!(missing.data("/signIn/session"), &Value::Null);
        let good = authenticator.shows(&app, 0);
        let unknown = sign_in(&app, "nobody-at-all", "wrong", None).await;
        for factor in [None, Some(good.as_str()), Some("000000")] {
            assert_eq!(sign_in(&app, "fgw-manager", "wrong", factor).await.body, unknown.body);
        }
        assert_eq!(signs_in(&app, "fgw-manager", Some(&good)).await, "done");
        assert_eq!(signs_in(&app, "linhai-manager", Some("000000")).await, "done", "without one it does not matter");
    }

    async fn a_code_is_good_once_and_for_three_steps(app: App) {
        let (_, authenticator, _) = set_up(&app, "fgw-manager").await;
        let required = "SECOND_FACTOR_REQUIRED secondFactor";
        assert_eq!(signs_in(&app, "fgw-manager", Some(&authenticator.shows(&app, 0))).await, required, "used to confirm");
        app.clock.advance(TimeDelta::minutes(2));
        for (off, expected) in [(-2, required), (2, required), (-1, "done"), (-1, required), (0, "done"), (0, required), (1, "done"), (1, required), (0, required)] {
            let code = authenticator.shows(&app, off);
            assert_eq!(signs_in(&app, "fgw-manager", Some(&code)).await, expected, "{off}");
        }
        // Typed with a space, as it is shown.
        app.clock.advance(TimeDelta::minutes(2));
        let code = authenticator.shows(&app, 0);
        assert_eq!(signs_in(&app, "fgw-manager", Some(&format!("{} {}", &code[..3], &code[3..]))).await, "done");
    }

    async fn of_many_with_the_same_code_one_is_in(app: App) {
        let (_, authenticator, codes) = set_up(&app, "fgw-manager").await;
        next_step(&app);
        for factor in [authenticator.shows(&app, 0), codes[0].clone()] {
            // Fewer than would lock the account.
            let asked = (0..4).map(|_| signs_in(&app, "fgw-manager", Some(&factor)));
            let mut outcomes = futures_util::future::join_all(asked).await;
            outcomes.sort();
            assert_eq!(outcomes.iter().filter(|outcome| *outcome == "done").count(), 1, "{outcomes:?}");
            next_step(&app);
            assert_eq!(signs_in(&app, "fgw-manager", Some(&authenticator.shows(&app, 0))).await, "done");
        }
    }

    async fn codes_cannot_be_guessed(app: App) {
        let (_, authenticator, codes) = set_up(&app, "fgw-manager").await;
        next_step(&app);
        let wrong = authenticator.wrong(&app);
        for n in 0..4 {
            assert_eq!(signs_in(&app, "fgw-manager", Some(&wrong)).await, "SECOND_FACTOR_REQUIRED secondFactor");
            // Leaving it out is no failure, and does not begin the count anew.
            assert_eq!(signs_in(&app, "fgw-manager", None).await, "SECOND_FACTOR_REQUIRED secondFactor", "{n}");
        }
        assert_eq!(signs_in(&app, "fgw-manager", Some("abcd-efgh-jkmn-pqrs")).await, "SECOND_FACTOR_REQUIRED secondFactor");
        let unknown = sign_in(&app, "nobody-at-all", "wrong", None).await;
        for factor in [None, Some(authenticator.shows(&app, 0)), Some(codes[0].clone()), Some(wrong)] {
            assert_eq!(sign_in(&app, "fgw-manager", PASSWORD, factor.as_deref()).await.body, unknown.body, "locked");
        }
        app.clock.advance(TimeDelta::minutes(15));
        assert_eq!(signs_in(&app, "fgw-manager", Some(&authenticator.shows(&app, 0))).await, "done");
        // A recovery code that was refused while the account was locked is not used up.
        assert_eq!(signs_in(&app, "fgw-manager", Some(&codes[0])).await, "done");
    }

    async fn a_recovery_code_stands_in_once(app: App) {
        let (manager, authenticator, codes) = set_up(&app, "fgw-manager").await;
        assert_eq!(signs_in(&app, "fgw-manager", Some(&codes[0])).await, "done");
        assert_eq!(signs_in(&app, "fgw-manager", Some(&codes[0])).await, "SECOND_FACTOR_REQUIRED secondFactor");
        let typed = codes[1].replace('-', " ").to_uppercase();
        assert_eq!(signs_in(&app, "fgw-manager", Some(&typed)).await, "done");
        let left = async || manager.query("{ viewer { recoveryCodesLeft } }").await.data("/viewer/recoveryCodesLeft").clone();
        assert_eq!(left().await, 8);
        let (_, _, theirs) = set_up(&app, "linhai-manager").await;
        assert_eq!(signs_in(&app, "fgw-manager", Some(&theirs[0])).await, "SECOND_FACTOR_REQUIRED secondFactor", "another's");
        let replace = async |password: &str, code: &str| own(&manager, "replaceRecoveryCodes", json!({ "currentPassword": password, "code": code })).await;
        next_step(&app);
        let code = authenticator.shows(&app, 0);
        assert_eq!(outcome(&replace("wrong", &code).await, "replaceRecoveryCodes"), "INVALID currentPassword");
        assert_eq!(outcome(&replace(PASSWORD, &authenticator.wrong(&app)).await, "replaceRecoveryCodes"), "INVALID code");
        let replaced = replace(PASSWORD, &code).await;
        let new: Vec<String> = replaced.data("/replaceRecoveryCodes/recoveryCodes").as_array().unwrap().iter().map(text).collect();
        assert_eq!((new.len(), left().await), (10, json!(10)));
        assert_eq!(signs_in(&app, "fgw-manager", Some(&codes[2])).await, "SECOND_FACTOR_REQUIRED secondFactor");
        assert_eq!(signs_in(&app, "fgw-manager", Some(&new[0])).await, "done");
        let by: Vec<Value> = audited(&app, "SIGN_IN").await.into_iter().filter_map(|entry| entry.changes.get("by").cloned()).collect();
        assert_eq!(by, ["RECOVERY_CODE", "RECOVERY_CODE", "RECOVERY_CODE"]);
    }

    async fn it_is_ended_with_password_and_code(app: App) {
        let (manager, authenticator, codes) = set_up(&app, "fgw-manager").await;
        next_step(&app);
        let end = async |password: &str, code: &str| outcome(&own(&manager, "endSecondFactor", json!({ "currentPassword": password, "code": code })).await, "endSecondFactor");
        let code = authenticator.shows(&app, 0);
        assert_eq!(end("wrong", &code).await, "INVALID currentPassword");
        assert_eq!(end(PASSWORD, &authenticator.wrong(&app)).await, "INVALID code");
        assert_eq!(end(PASSWORD, &code).await, "done");
        assert_eq!(end(PASSWORD, &code).await, "WRONG_STATE");
        assert_eq!(outcome(&own(&manager, "replaceRecoveryCodes", json!({ "currentPassword": PASSWORD, "code": codes[0] })).await, "replaceRecoveryCodes"), "WRONG_STATE");
        assert_eq!(signs_in(&app, "fgw-manager", None).await, "done");
        let db = app.database.connect().await;
        assert_eq!(second_factor::Entity::find().all(&db).await.unwrap(), []);
        assert_eq!(recovery_code::Entity::find().all(&db).await.unwrap(), []);
        // A wrong one counts as a failure, by whichever way: nobody guesses codes in a session that they found open.
        let (manager, authenticator, _) = set_up(&app, "fgw-manager").await;
        let wrong = authenticator.wrong(&app);
        for _ in 0..5 {
            own(&manager, "endSecondFactor", json!({ "currentPassword": PASSWORD, "code": wrong })).await;
        }
        next_step(&app);
        let good = json!({ "currentPassword": PASSWORD, "code": authenticator.shows(&app, 0) });
        assert_eq!(outcome(&own(&manager, "endSecondFactor", good).await, "endSecondFactor"), "INVALID currentPassword", "locked");
    }

    async fn setting_up_lapses(app: App) {
        let manager = app.sign_in("fgw-manager").await;
        let authenticator = begun(&manager).await;
        app.clock.advance(TimeDelta::minutes(15));
        let manager = app.sign_in("fgw-manager").await;
        let late = own(&manager, "confirmSecondFactor", json!({ "code": authenticator.shows(&app, 0) })).await;
        assert_eq!(outcome(&late, "confirmSecondFactor"), "WRONG_STATE");
    }

    async fn a_role_that_needs_it_can_do_nothing_before(app: App) {
        let (system, security) = (app.sign_in("system").await, app.sign_in("security").await);
        let (audit, office) = (app.sign_in("audit").await, app.sign_in("office").await);
        let mut socket = Client::of(&app, &office).await;
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
        // Set up, everything is as before.
        let authenticator = begun(&office).await;
        assert_eq!(office.query("{ plans { totalCount } }").await.codes(), ["FORBIDDEN"], "begun is not enough");
        confirmed(&office, &authenticator.shows(&app, 0)).await;
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

    /// Neither the secret, nor what unlocks anything, stands where others read: not in the audit log, not in receipts, not in
    /// the database.
    async fn nothing_of_it_is_kept_in_the_clear(app: App) {
        let manager = app.sign_in("fgw-manager").await;
        let answer = own(&manager, "beginSecondFactor", json!({ "currentPassword": PASSWORD })).await;
        let secret = text(answer.data("/beginSecondFactor/secret"));
        let authenticator = Authenticator::of(answer.data("/beginSecondFactor/uri").as_str().unwrap());
        assert_eq!(BASE32_NOPAD.encode(&authenticator.0), secret);
        let used = authenticator.shows(&app, 0);
        let codes = confirmed(&manager, &used).await;
        next_step(&app);
        let (next, wrong) = (authenticator.shows(&app, 0), authenticator.wrong(&app));
        signs_in(&app, "fgw-manager", Some(&wrong)).await;
        signs_in(&app, "fgw-manager", Some(&next)).await;
        signs_in(&app, "fgw-manager", Some(&codes[0])).await;
        own(&manager, "endSecondFactor", json!({ "currentPassword": "wrong password", "code": codes[1] })).await;
        own(&manager, "endSecondFactor", json!({ "currentPassword": PASSWORD, "code": wrong })).await;
        let db = app.database.connect().await;
        let entries = audit_entry::Entity::find().all(&db).await.unwrap();
        let mut told = serde_json::to_string(&entries.iter().map(|entry| (&entry.changes, &entry.object_type, &entry.request_id)).collect::<Vec<_>>()).unwrap();
        let kept = second_factor::Entity::find().one(&db).await.unwrap().unwrap();
        assert!(!kept.secret.windows(authenticator.0.len()).any(|part| part == authenticator.0));
        assert_eq!(kept.secret.len(), 12 + 20 + 16);
        told += &format!("{:?}", recovery_code::Entity::find().all(&db).await.unwrap());
        for code in codes.iter().flat_map(|code| [code.clone(), code.replace('-', "")]).chain([secret, wrong, next]) {
            assert!(!told.contains(&format!("\"{code}\"")) && (code.len() == 6 || !told.contains(&code)), "{code} in {told}");
        }
        let reasons: Vec<&Value> = entries.iter().filter(|entry| entry.action == "SIGN_IN_FAILED").map(|entry| &entry.changes["reason"]).collect();
        assert_eq!(reasons, ["SecondFactorWrong", "WrongPassword", "WrongCode"]);
    }
}

fn key(byte: u8) -> String {
    BASE64_STANDARD.encode([byte; 32])
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keys_rotate_and_without_one_nothing_is_set_up() {
    for backend in [Backend::Sqlite, Backend::Postgres] {
        let keys = |text: &str| SecretKeys::parse(text).unwrap();
        let Some(app) = App::with(backend, |settings| settings.secrets = keys(&key(1))).await
        else {
            continue;
        };
        let (_, authenticator, _) = set_up(&app, "fgw-manager").await;
        // Other servers on the same database, with other keys.
        let another = async |text: &str| {
            let (pool, secrets) = (app.database.pool(), keys(text));
            store::Store::open(store::Opening {
                pool,
                clock: std::sync::Arc::clone(&app.clock) as _,
                entropy: std::sync::Arc::new(api::MachineEntropy),
                rules: tests::world::rules(),
                hashings_at_once: 1,
                calendar: domain::Calendar::default(),
                audit: store::AuditRules::default(),
                secrets,
            })
            .await
            .unwrap()
            .system()
        };
        let signs_in = async |system: &store::System| {
            next_step(&app);
            let password = store::Password::new(PASSWORD.to_owned());
            let code = authenticator.shows(&app, 0);
            let origin = store::Origin::command("test");
            let signed = system.sign_in("fgw-manager", password, Some(&code), &origin);
            signed.await.is_ok()
        };
        let without = another("").await;
        let told = without.check_secret_keys().await.unwrap_err();
        assert!(told.inside().contains("secrets.key"), "{}", told.inside());
        let foreign = another(&key(2)).await;
        assert!(foreign.check_secret_keys().await.is_err());
        assert!(foreign.reencrypt_secrets().await.is_err());
        assert!(!signs_in(&foreign).await);
        let both = another(&format!("{} {}", key(2), key(1))).await;
        both.check_secret_keys().await.unwrap();
        assert!(signs_in(&both).await);
        assert_eq!(both.reencrypt_secrets().await.unwrap(), 1);
        assert_eq!(both.reencrypt_secrets().await.unwrap(), 0);
        foreign.check_secret_keys().await.unwrap();
        assert!(signs_in(&foreign).await);
        assert_eq!(audited(&app, "REENCRYPT_SECRETS").await.len(), 2);

        let none = |settings: &mut api::Settings| settings.secrets = SecretKeys::default();
        let bare = App::with(backend, none).await.unwrap();
        let manager = bare.sign_in("fgw-manager").await;
        let refused = own(
            &manager,
            "beginSecondFactor",
            json!({ "currentPassword": PASSWORD }),
        )
        .await;
        assert_eq!(outcome(&refused, "beginSecondFactor"), "WRONG_STATE");
        assert!(refused.text.contains("secrets.key"), "{}", refused.text);
        let security = bare.sign_in("security").await;
        let input = json!({ "name": "SECOND_FACTOR_ROLES", "value": "AUDIT_ADMIN", "reason": "x" });
        let refused = attempt(&security, "changeSetting", input.clone()).await;
        assert_eq!(outcome(&refused, "changeSetting"), "WRONG_STATE value");
        let system = bare.parts.store().system();
        system.check_secret_keys().await.unwrap();
        // Where somebody required it with a key that is gone since, the server says so before it serves.
        let security = app.sign_in("security").await;
        done(&security, "changeSetting", input).await;
        crate::audit::execute(&app, "DELETE FROM recovery_code").await;
        crate::audit::execute(&app, "DELETE FROM second_factor").await;
        let told = another("").await.check_secret_keys().await.unwrap_err();
        assert!(
            told.inside().contains("AUDIT_ADMIN") && told.inside().contains("LUOSHI_SECRETS_KEY")
        );
    }
}
