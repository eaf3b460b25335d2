//! The second factor: set up, asked for, used once, recovered, required by role, and taken away; and nothing of it where
//! others read.

mod authenticator;
mod required;
mod secrets;

use std::collections::BTreeSet;

use chrono::TimeDelta;
use domain::Clock;
use entity::{recovery_code, second_factor};
use sea_orm::EntityTrait;
use serde_json::{Value, json};
use tests::{Actor, Answer, App, both, world::PASSWORD};

use crate::{
    administration::text,
    parties::{audited, outcome},
};

use authenticator::Authenticator;

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
        for code in [forgotten.shows(&app, 0), authenticator.shows(&app, 2), authenticator.wrong(&app), "abcd-efgh-jkmn-pqrs".to_owned()] {
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

    async fn what_is_begun_is_forgotten_after_five_wrong_codes(app: App) {
        let manager = app.sign_in("fgw-manager").await;
        let confirm = async |code: &str| outcome(&own(&manager, "confirmSecondFactor", json!({ "code": code })).await, "confirmSecondFactor");
        let authenticator = begun(&manager).await;
        for _ in 0..4 {
            assert_eq!(confirm(&authenticator.wrong(&app)).await, "INVALID code");
        }
        // Beginning anew begins the count anew, and is by the password.
        let authenticator = begun(&manager).await;
        for _ in 0..5 {
            assert_eq!(confirm(&authenticator.wrong(&app)).await, "INVALID code");
        }
        assert_eq!(confirm(&authenticator.shows(&app, 0)).await, "WRONG_STATE", "forgotten");
        let db = app.database.connect().await;
        assert_eq!(second_factor::Entity::find().all(&db).await.unwrap(), []);
        let entries = entity::audit_entry::Entity::find().all(&db).await.unwrap();
        let told: Vec<_> = entries.iter().filter(|entry| entry.action == "SIGN_IN_FAILED").map(|entry| (entry.changes["during"].as_str(), entry.changes["forgotten"].as_bool())).collect();
        let during = Some("CONFIRM_SECOND_FACTOR");
        assert_eq!(told, [[(during, Some(false)); 8].as_slice(), &[(during, Some(true))]].concat());
        // Signing in is as it was: nothing was on.
        assert_eq!(signs_in(&app, "fgw-manager", None).await, "done");
        let authenticator = begun(&manager).await;
        confirmed(&manager, &authenticator.shows(&app, 0)).await;
    }

    async fn setting_up_lapses(app: App) {
        let manager = app.sign_in("fgw-manager").await;
        let authenticator = begun(&manager).await;
        app.clock.advance(TimeDelta::minutes(15));
        let manager = app.sign_in("fgw-manager").await;
        let late = own(&manager, "confirmSecondFactor", json!({ "code": authenticator.shows(&app, 0) })).await;
        assert_eq!(outcome(&late, "confirmSecondFactor"), "WRONG_STATE");
    }
}
