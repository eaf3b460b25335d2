//! Signing in, staying signed in, and what a token is worth.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::TimeDelta;
use serde_json::{Value, json};
use tests::{Actor, Answer, App, both, world::PASSWORD};

use crate::{administration::done, audit::newest};

async fn refresh(app: &App, token: &str) -> Answer {
    app.anonymous()
        .ask(
            "mutation($t: String!) { refreshSession(input: { refreshToken: $t }) { session { accessToken refreshToken } userErrors { code field } } }",
            json!({ "t": token }),
        )
        .await
}

async fn change(actor: &Actor<'_>, current: &str, new: &str) -> Vec<String> {
    actor
        .ask(
            "mutation($c: String!, $n: String!) { changePassword(input: { currentPassword: $c, newPassword: $n }) { userErrors { code field message } } }",
            json!({ "c": current, "n": new }),
        )
        .await
        .refusals("changePassword")
}

async fn signed_in(actor: &Actor<'_>) -> bool {
    !actor
        .query("{ viewer { user { username } } }")
        .await
        .data("/viewer")
        .is_null()
}

both! {
    async fn wrong_names_and_passwords_answer_alike_and_five_lock(app: App) {
        let anonymous = app.anonymous();
        let mut answers = Vec::new();
        for (name, password) in [("nobody-at-all", PASSWORD), ("fgw-manager", "wrong"), ("", ""), ("fgw-manager", &"x".repeat(5000))] {
            answers.push(anonymous.try_sign_in(name, password).await.body);
        }
        assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
        // Two failures so far: the fifth locks, for the right password, too, and says nothing else.
        for _ in 0..3 {
            anonymous.try_sign_in("FGW-Manager ", "wrong").await;
        }
        let locked = anonymous.try_sign_in("fgw-manager", PASSWORD).await;
        assert_eq!(locked.body, answers[0]);
        app.clock.advance(TimeDelta::minutes(15) - TimeDelta::seconds(1));
        assert_eq!(anonymous.try_sign_in("fgw-manager", PASSWORD).await.body, answers[0]);
        app.clock.advance(TimeDelta::seconds(1));
        assert!(anonymous.try_sign_in("fgw-manager", PASSWORD).await.data("/signIn/session").is_object());
        // A success begins the count anew.
        for _ in 0..4 {
            anonymous.try_sign_in("fgw-manager", "wrong").await;
        }
        assert!(anonymous.try_sign_in("fgw-manager", PASSWORD).await.data("/signIn/session").is_object());
    }

    async fn guesses_at_the_same_moment_count_one_by_one(app: App) {
        let anonymous = app.anonymous();
        let guesses: Vec<_> = (0..8).map(|_| anonymous.try_sign_in("linhai-manager", "wrong")).collect();
        futures_join(guesses).await;
        let after = anonymous.try_sign_in("linhai-manager", PASSWORD).await;
        assert_eq!(after.refusals("signIn"), ["INVALID"], "the account is locked");
    }

    async fn several_sign_ins_in_one_request_are_refused(app: App) {
        let guesses: String = (0..3).map(|n| format!("a{n}: signIn(input: {{ username: \"office\", password: \"{n}\" }}) {{ userErrors {{ code }} }} ")).collect();
        let answer = app.anonymous().query(&format!("mutation {{ {guesses} }}")).await;
        assert_eq!(answer.codes(), ["QUERY_TOO_COMPLEX"]);
    }

    async fn a_refresh_token_works_once_and_reuse_ends_the_session(app: App) {
        let actor = app.sign_in("office").await;
        let first = refresh(&app, &actor.refresh_token).await;
        let second = first.data("/refreshSession/session/refreshToken").as_str().unwrap().to_owned();
        let renewed = actor.with_token(first.data("/refreshSession/session/accessToken").as_str().unwrap());
        assert!(signed_in(&renewed).await && signed_in(&actor).await);
        assert_eq!(refresh(&app, &actor.refresh_token).await.refusals("refreshSession"), ["INVALID"]);
        assert!(!signed_in(&renewed).await && !signed_in(&actor).await);
        // The log says whose it was.
        let reused = crate::audit::newest(&app, "REFRESH_TOKEN_REUSED").await;
        assert_eq!((reused.username.as_deref(), reused.user_id.is_some()), (Some("office"), true));
        assert_eq!(refresh(&app, &second).await.refusals("refreshSession"), ["INVALID"]);
        assert_eq!(refresh(&app, "nonsense").await.refusals("refreshSession"), ["INVALID"]);
        let late = app.sign_in("office").await;
        app.clock.advance(TimeDelta::hours(12));
        assert_eq!(refresh(&app, &late.refresh_token).await.refusals("refreshSession"), ["INVALID"]);
    }

    async fn signing_out_ends_the_session_at_once(app: App) {
        let (one, other) = (app.sign_in("office").await, app.sign_in("office").await);
        assert_eq!(one.query("mutation { signOut(input: {}) { userErrors { code } } }").await.refusals("signOut"), Vec::<String>::new());
        assert!(!signed_in(&one).await && signed_in(&other).await);
        assert_eq!(refresh(&app, &one.refresh_token).await.refusals("refreshSession"), ["INVALID"]);
        let third = app.sign_in("office").await;
        third.query("mutation { signOut(input: { everywhere: true }) { userErrors { code } } }").await;
        assert!(!signed_in(&other).await && !signed_in(&third).await);
        assert_eq!(app.anonymous().query("mutation { signOut(input: {}) { userErrors { code } } }").await.codes(), ["UNAUTHENTICATED"]);
    }

    async fn a_one_time_password_allows_nothing_but_its_change(app: App) {
        let newcomer = app.sign_in("newcomer").await;
        let viewer = newcomer.query("{ viewer { user { username } permissions } }").await;
        assert_eq!(viewer.data("/viewer"), &json!({ "user": { "username": "newcomer" }, "permissions": [] }));
        for query in ["{ plans { totalCount } }", "{ plan(year: 2022) { id } }", "{ units { totalCount } }", "{ nodes(ids: [\"UGxhbjox\"]) { id } }", "{ node(id: \"UGxhbjox\") { id } }",
            "{ target(by: { number: { year: 2022, number: 1 } }) { id } }", "{ leaders { totalCount } }", "{ unitGroups { totalCount } }", "{ unit(id: \"x\") { id } }", "{ leader(id: \"x\") { id } }",
            "mutation { acknowledgeAssignments(input: { assignmentIds: [\"x\"] }) { userErrors { code } } }", "mutation { designateUnits(input: { designationId: \"x\", unitIds: [] }) { userErrors { code } } }"] {
            assert_eq!(newcomer.query(query).await.codes(), ["FORBIDDEN"], "{query}");
        }
        assert_eq!(change(&newcomer, PASSWORD, "太短了").await, ["INVALID newPassword"]);
        assert_eq!(change(&newcomer, PASSWORD, PASSWORD).await, ["INVALID newPassword"]);
        assert_eq!(change(&newcomer, "wrong", "a long enough one").await, ["INVALID currentPassword"]);
        assert_eq!(change(&newcomer, PASSWORD, "a long enough one").await, Vec::<String>::new());
        assert_eq!(newcomer.query("{ plan(year: 2022) { targets { totalCount } } }").await.data("/plan/targets/totalCount"), 194);
        app.sign_in_with("newcomer", "a long enough one").await;
    }

    async fn changing_the_password_ends_the_other_sessions(app: App) {
        let (one, other) = (app.sign_in("office").await, app.sign_in("office").await);
        assert_eq!(change(&one, PASSWORD, "a long enough one").await, Vec::<String>::new());
        assert!(signed_in(&one).await && !signed_in(&other).await);
        for _ in 0..5 {
            change(&one, "wrong", "another long one").await;
        }
        assert_eq!(change(&one, "a long enough one", "another long one").await, ["INVALID currentPassword"], "locked");
    }

    /// The old password is right when it is looked at, and no more when it counts.
    async fn what_is_under_way_ends_with_the_password(app: App) {
        use sea_orm::{ConnectionTrait, TransactionTrait};
        let actor = app.sign_in("office").await;
        let other = app.sign_in("fgw-manager").await;
        assert_eq!(change(&other, PASSWORD, "a long enough one").await, [""; 0]);
        let db = app.database.connect().await;
        for (by, expected) in [("fgw-manager", "INVALID"), ("linhai-manager", "INVALID currentPassword")] {
            // As if somebody set the password meanwhile: to that of another account.
            let meanwhile = db.begin().await.unwrap();
            let change_it = format!("UPDATE \"user\" SET password_hash = (SELECT password_hash FROM \"user\" WHERE username = '{by}') WHERE username = 'office'");
            meanwhile.execute_unprepared(&change_it).await.unwrap();
            let attempt = async {
                match expected {
                    "INVALID" => app.anonymous().try_sign_in("office", PASSWORD).await.refusals("signIn"),
                    _ => change(&actor, "a long enough one", "another long one").await,
                }
            };
            let changing = async {
                // Time to have read the hash of before, and to wait for the row.
                tokio::time::sleep(std::time::Duration::from_secs(1)).await;
                meanwhile.commit().await.unwrap();
            };
            let (refused, ()) = tokio::join!(attempt, changing);
            assert_eq!(refused, [expected]);
        }
        // What was set meanwhile is what counts.
        app.sign_in("office").await;
    }

    async fn a_session_that_is_not_refreshed_opens_nothing(app: App) {
        // Whatever token is shown for it: here, one that was good when it was.
        let actor = app.sign_in("office").await;
        let (system, origin) = (app.parts.store().system(), store::Origin::command("x"));
        let call = system.call(actor.token.as_deref(), origin.clone()).await.unwrap();
        let lives = async || system.renew(&call, origin.clone()).await.unwrap().is_some();
        app.clock.advance(TimeDelta::hours(12) - TimeDelta::seconds(1));
        assert!(lives().await);
        let refreshed = refresh(&app, &actor.refresh_token).await;
        assert_eq!(refreshed.refusals("refreshSession"), [""; 0]);
        app.clock.advance(TimeDelta::hours(12) - TimeDelta::seconds(1));
        assert!(lives().await);
        app.clock.advance(TimeDelta::seconds(1));
        assert!(!lives().await);
    }

    async fn a_token_is_good_as_it_was_issued_and_for_fifteen_minutes(app: App) {
        let actor = app.sign_in("office").await;
        let token = actor.token.clone().unwrap();
        let parts: Vec<&str> = token.split('.').collect();
        let header: Value = serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(parts[0]).unwrap()).unwrap();
        let claims: Value = serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(parts[1]).unwrap()).unwrap();
        assert_eq!(header["alg"], "EdDSA");
        assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), 900);
        let coded = |value: &Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
        let mut forged = Vec::new();
        for (field, value) in [("sub", json!("1")), ("sid", json!("1")), ("aud", json!("another")), ("iss", json!("another")), ("exp", json!(9_999_999_999i64))] {
            let mut claims = claims.clone();
            claims[field] = value;
            forged.push(format!("{}.{}.{}", parts[0], coded(&claims), parts[2]));
        }
        let none = json!({ "alg": "none", "kid": header["kid"], "typ": "JWT" });
        forged.push(format!("{}.{}.", coded(&none), parts[1]));
        let hmac = json!({ "alg": "HS256", "kid": header["kid"], "typ": "JWT" });
        forged.push(format!("{}.{}.{}", coded(&hmac), parts[1], parts[2]));
        forged.push(format!("{}.{}.{}", parts[0], parts[1], parts[2].chars().rev().collect::<String>()));
        forged.push("nonsense".to_owned());
        for token in forged {
            assert!(!signed_in(&actor.with_token(&token)).await, "{token}");
        }
        app.clock.advance(TimeDelta::minutes(15) - TimeDelta::seconds(1));
        assert!(signed_in(&actor).await);
        app.clock.advance(TimeDelta::seconds(1));
        assert!(!signed_in(&actor).await);
    }

    async fn keys_rotate_and_old_tokens_live_out_their_time(app: App) {
        let key_set = async || {
            let answer = app.send(app.client().get(app.url("/.well-known/jwks.json"))).await;
            let keys = answer.body["keys"].as_array().unwrap().clone();
            assert!(keys.iter().all(|key| key["crv"] == "Ed25519" && key.get("d").is_none()));
            keys.len()
        };
        let before = app.sign_in("office").await;
        assert_eq!(key_set().await, 1);
        app.clock.advance(TimeDelta::minutes(1));
        let server = store::Store::open(store::Opening {
            pool: app.database.pool(),
            clock: std::sync::Arc::clone(&app.clock) as _,
            entropy: std::sync::Arc::new(api::MachineEntropy),
            rules: tests::world::rules(),
            hashings_at_once: 1,
            calendar: domain::Calendar::default(),
            audit: store::AuditRules::default(),
            secrets: tests::world::secrets(),
        }).await.unwrap();
        // Another process rotates the keys of the same database.
        let key = server.system().rotate_keys().await.unwrap();
        let after = app.sign_in("office").await;
        assert!(after.token.as_ref().unwrap().starts_with(&BASE64_URL_SAFE_NO_PAD.encode("{\"typ\":\"JWT\",\"alg\":\"EdDSA\"")[..20]));
        let header: Value = serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(after.token.as_ref().unwrap().split('.').next().unwrap()).unwrap()).unwrap();
        assert_eq!(header["kid"], key.as_str());
        assert!(signed_in(&before).await && signed_in(&after).await);
        assert_eq!(key_set().await, 2);
        app.clock.advance(TimeDelta::minutes(20));
        assert_eq!(key_set().await, 1);
    }

    /// By a setting, passwords are good for so many days; then, as with a one-time password, nothing is allowed before they are changed.
    async fn a_password_that_is_too_old_must_be_changed_before_anything_else(app: App) {
        let (first, second) = ("correct horse battery", "another horse battery");
        let manager = app.sign_in("fgw-manager").await;
        assert_eq!(change(&manager, PASSWORD, first).await, [""; 0]);
        let must = async |name: &str, password: &str| {
            let signed = app.anonymous().try_sign_in(name, password).await;
            signed.data("/signIn/session/mustChangePassword") == true
        };
        let setting = |days: &str| json!({ "name": "PASSWORD_MAX_AGE_DAYS", "value": days, "reason": "等保" });
        let days = TimeDelta::days(90);
        app.clock.advance(days * 20);
        assert!(!must("fgw-manager", first).await, "until somebody sets it, for ever");
        assert_eq!(change(&app.sign_in_with("fgw-manager", first).await, first, second).await, [""; 0]);
        assert_eq!(change(&app.sign_in_with("fgw-manager", second).await, second, first).await, [""; 0]);
        done(&app.sign_in("security").await, "changeSetting", setting("90")).await;

        app.clock.advance(days - TimeDelta::hours(1));
        assert!(!must("fgw-manager", first).await);
        assert_eq!(newest(&app, "SIGN_IN").await.changes, json!({}));
        let early = app.sign_in_with("fgw-manager", first).await;
        app.clock.advance(TimeDelta::hours(1));
        // A session learns of it when it is refreshed.
        let refreshed = app.anonymous().ask(
            "mutation($t: String!) { refreshSession(input: { refreshToken: $t }) { session { accessToken mustChangePassword } } }",
            json!({ "t": early.refresh_token }),
        ).await;
        assert_eq!(refreshed.data("/refreshSession/session/mustChangePassword"), true);
        assert_eq!(newest(&app, "REFRESH_SESSION").await.changes, json!({ "mustChangePassword": [false, true] }));
        let session = early.with_token(refreshed.data("/refreshSession/session/accessToken").as_str().unwrap());
        for query in ["{ plans { totalCount } }", "{ plan(year: 2022) { id } }", "{ changes { totalCount } }"] {
            assert_eq!(session.query(query).await.codes(), ["FORBIDDEN"], "{query}");
        }
        let viewer = session.query("{ viewer { permissions user { mustChangePassword } } }").await;
        assert_eq!(viewer.data("/viewer"), &json!({ "permissions": [], "user": { "mustChangePassword": true } }));
        assert!(must("fgw-manager", first).await);
        assert_eq!(change(&session, first, first).await, ["INVALID newPassword"]);
        assert_eq!(change(&session, first, second).await, [""; 0]);
        assert!(session.query("{ plans { totalCount } }").await.data("/plans/totalCount").as_i64() > Some(0));
        assert!(!must("fgw-manager", second).await);

        // Whoever set it is no exception; set back, it is asked of nobody any more.
        assert!(must("security", PASSWORD).await);
        assert_eq!(newest(&app, "SIGN_IN").await.changes, json!({ "mustChangePassword": [false, true] }));
        let security = app.sign_in_with("security", PASSWORD).await;
        assert_eq!(change(&security, PASSWORD, second).await, [""; 0]);
        done(&security, "changeSetting", setting("0")).await;
        assert!(!must("office", PASSWORD).await);
    }

    async fn the_demos_password_is_no_password_elsewhere(app: App) {
        let system = app.database.connect().await;
        let hash: String = {
            use sea_orm::{ConnectionTrait, Statement};
            let store = store::Store::open(store::Opening {
                pool: app.database.pool(),
                clock: std::sync::Arc::clone(&app.clock) as _,
                entropy: std::sync::Arc::new(api::MachineEntropy),
                rules: tests::world::rules(),
                hashings_at_once: 1,
            calendar: domain::Calendar::default(),
            audit: store::AuditRules::default(),
            secrets: tests::world::secrets(),
            }).await.unwrap();
            store.system().create_accounts(vec![store::AccountDraft {
                username: "left-over".to_owned(),
                display_name: "x".to_owned(),
                password: store::Password::new("luoshi-demo".to_owned()),
                must_change_password: false,
                unit: None,
                leader: None,
                grants: vec![],
                reason: "x".to_owned(),
            }]).await.unwrap();
            let row = system.query_one_raw(Statement::from_string(system.get_database_backend(), "SELECT password_hash FROM \"user\" WHERE username = 'left-over'")).await.unwrap().unwrap();
            row.try_get("", "password_hash").unwrap()
        };
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert_eq!(app.anonymous().try_sign_in("left-over", "luoshi-demo").await.refusals("signIn"), ["INVALID"]);
    }
}

async fn futures_join<F: Future<Output = Answer>>(futures: Vec<F>) -> Vec<Answer> {
    let mut futures: Vec<_> = futures.into_iter().map(Box::pin).collect();
    let mut done: Vec<Option<Answer>> = futures.iter().map(|_| None).collect();
    std::future::poll_fn(|cx| {
        for (future, done) in futures.iter_mut().zip(&mut done) {
            if done.is_none()
                && let std::task::Poll::Ready(answer) = future.as_mut().poll(cx)
            {
                *done = Some(answer);
            }
        }
        if done.iter().all(Option::is_some) {
            std::task::Poll::Ready(())
        } else {
            std::task::Poll::Pending
        }
    })
    .await;
    done.into_iter().flatten().collect()
}
