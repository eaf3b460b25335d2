//! What entries tell: who, by which grant, from where, what came of it; and that refusals fill the log no faster than allowed.

use std::time::Duration;

use chrono::TimeDelta;
use entity::kinds::AuditOutcome;
use sea_orm::{ConnectionTrait, TransactionTrait};
use serde_json::{Value, json};
use tests::{Answer, App, Backend, both};
use tokio::time::{sleep, timeout};

use super::{acknowledge, assignment_of, entries, execute, newest};

both! {
    async fn an_act_tells_who_by_which_grant_and_from_where(app: App) {
        let manager = app.sign_in("fgw-manager").await;
        let own = assignment_of(&app, "市发展改革委").await;
        let done = acknowledge(&manager, &own).await;
        let entry = newest(&app, "ACKNOWLEDGE_ASSIGNMENT").await;
        assert_eq!(entry.username.as_deref(), Some("fgw-manager"));
        assert_eq!(entry.outcome, AuditOutcome::Succeeded);
        assert_eq!(entry.address.as_deref(), Some("127.0.0.1"));
        assert_eq!(entry.request_id.as_deref(), done.headers["x-request-id"].to_str().ok());
        assert_eq!(entry.grants[0]["role"], "UNIT_MANAGER");
        assert_eq!(entry.grants[0]["unitId"], entry.unit_id.unwrap().0);
        assert_eq!(entry.grants.as_array().unwrap().len(), 1);
        // Signing in is by no grant, and knows whom it made.
        let entry = newest(&app, "SIGN_IN").await;
        assert_eq!((entry.username.as_deref(), &entry.grants), (Some("fgw-manager"), &json!([])));
    }

    async fn of_several_grants_the_one_for_the_place_is_told(app: App) {
        // `both` works for a unit, and is a leader, too.
        let both = app.sign_in("both").await;
        let mine = both.query("{ plan(year: 2022) { targets(first: 1, filter: { role: LEAD }) { nodes { id } } } }").await;
        let target = mine.data("/plan/targets/nodes/0/id");
        let office = app.sign_in("office").await;
        let periods = tests::desk::create_periods(&office).await;
        let saved = tests::desk::save(&both, json!({ "targetId": target, "periodId": periods["2022年6月"], "progress": "x" })).await;
        assert_eq!(saved.refusals("saveProgressReport"), [""; 0]);
        let entry = newest(&app, "SAVE_REPORT").await;
        let roles: Vec<&Value> = entry.grants.as_array().unwrap().iter().map(|grant| &grant["role"]).collect();
        assert_eq!(roles, ["UNIT_REPORTER"]);
        let entry = newest(&app, "CREATE_PERIODS").await;
        assert_eq!(entry.grants[0]["role"], "SUPERVISOR");
    }

    async fn what_is_refused_is_told_with_what_was_tried_and_why(app: App) {
        let manager = app.sign_in("fgw-manager").await;
        let foreign = assignment_of(&app, "市财政局").await;
        let refused = acknowledge(&manager, &foreign).await;
        let entry = newest(&app, "ACKNOWLEDGE_ASSIGNMENT").await;
        assert_eq!(entry.outcome, AuditOutcome::Refused);
        assert_eq!(entry.changes, json!({ "reasons": ["FORBIDDEN NotManagerOfUnit assignmentIds.0"] }));
        assert_eq!(entry.object_type, "Assignment");
        assert!(entry.object_id.is_some());
        assert_eq!(entry.username.as_deref(), Some("fgw-manager"));
        assert_eq!(entry.request_id.as_deref(), refused.headers["x-request-id"].to_str().ok());

        // Somebody who is nobody.
        let answer = acknowledge(&app.anonymous(), &foreign).await;
        assert_eq!(answer.codes(), ["UNAUTHENTICATED"]);
        let entry = newest(&app, "ACKNOWLEDGE_ASSIGNMENT").await;
        assert_eq!(entry.changes, json!({ "reasons": ["UNAUTHENTICATED"] }));
        assert_eq!((entry.username, entry.address.as_deref()), (None, Some("127.0.0.1")));
        // A question that finds nothing is no act.
        let before = entries(&app).await.len();
        manager.query("{ node(id: \"x\") { id } }").await;
        app.anonymous().query("{ plans { totalCount } }").await;
        assert_eq!(entries(&app).await.len(), before);
    }

    /// However a caller wraps what they try, it is in the log, under the name of what was refused and with what it was tried on.
    async fn nothing_that_is_refused_hides_in_its_document(app: App) {
        let manager = app.sign_in("fgw-manager").await;
        let foreign = assignment_of(&app, "市财政局").await;
        let of_request = async |answer: &Answer| {
            let request = answer.headers["x-request-id"].to_str().ok();
            let mut told = entries(&app).await;
            told.retain(|entry| entry.request_id.as_deref() == request);
            told.into_iter().map(|entry| {
                assert_eq!(entry.outcome, AuditOutcome::Refused);
                (entry.action, entry.object_type, entry.changes)
            }).collect::<Vec<_>>()
        };
        // An act, deep in fragments of both sorts, by variables that are not given.
        let field = "acknowledgeAssignments(input: { clientMutationId: $no, assignmentIds: $ids }) { userErrors { code } }";
        let (open, close) = ("... { ".repeat(9), "} ".repeat(9));
        let refused = (
            "ACKNOWLEDGE_ASSIGNMENT".to_owned(),
            "Assignment".to_owned(),
            json!({ "reasons": ["FORBIDDEN NotManagerOfUnit assignmentIds.0"] }),
        );
        for document in [
            format!("mutation($ids: [ID!]!, $no: String) {{ {open} {field} {close} }}"),
            format!("mutation($ids: [ID!]!, $no: String) {{ {open} ...F {close} }} fragment F on Mutation {{ ... on Mutation {{ {field} }} }}"),
            format!("mutation($ids: [ID!] = [\"{foreign}\"], $no: String) {{ {field} }}"),
        ] {
            let given = document.contains("ID!]!").then(|| json!({ "ids": [foreign] }));
            let answer = manager.ask(&document, given.unwrap_or_else(|| json!({}))).await;
            assert_eq!(answer.refusals("acknowledgeAssignments").len(), 1, "{document}");
            assert_eq!(of_request(&answer).await, std::slice::from_ref(&refused), "{document}");
        }
        // Another ID in what a caller calls the act does not take the object's place.
        let other = crate::parties::global("Target", 1);
        let misled = format!("mutation {{ acknowledgeAssignments(input: {{ clientMutationId: \"{other}\", assignmentIds: [\"{foreign}\"] }}) {{ userErrors {{ code }} }} }}");
        assert_eq!(of_request(&manager.query(&misled).await).await, [refused]);

        // A question: whichever field is forbidden, wherever it stands, once for all of its name, with what it took with it.
        let no = |action: &str, reason: &str, beside: &str| {
            let reasons = [format!("FORBIDDEN {reason}"), format!("NOT_ANSWERED {beside}")];
            (action.to_owned(), String::new(), json!({ "reasons": reasons }))
        };
        let log = |beside| no("READ_AUDIT", "NotAuditAdministrator", beside);
        for (document, beside) in [
            (format!("{{ viewer {{ permissions }} {open} auditEntries {{ totalCount }} {close} }}"), "VIEWER"),
            ("{ a: viewer { permissions } b: auditEntries { totalCount } }".to_owned(), "VIEWER"),
            ("{ a: plans { totalCount } ...F } fragment F on Query { b: plans { totalCount } auditEntries(first: 1) { totalCount } }".to_owned(), "PLANS"),
            // The second is never asked.
            ("{ auditEntries { totalCount } auditVerification { verified } a: auditEntries { totalCount } }".to_owned(), "VERIFY_AUDIT"),
        ] {
            let answer = manager.query(&document).await;
            assert_eq!(answer.codes(), ["FORBIDDEN"], "{document}");
            assert_eq!(of_request(&answer).await, [log(beside)], "{document}");
        }
        let both = "query($user: ID!, $target: ID!) { viewer { permissions } accessExplanation(userId: $user, targetId: $target) { __typename } auditEntries { totalCount } }";
        let answer = manager.ask(both, json!({ "user": crate::parties::global("User", 1), "target": other })).await;
        assert_eq!(answer.codes(), ["FORBIDDEN", "FORBIDDEN"], "{}", answer.text);
        assert_eq!(of_request(&answer).await, [no("ACCESS_EXPLANATION", "NotSecurityAdmin", "VIEWER"), log("VIEWER")]);
    }

    async fn an_act_that_fails_by_our_fault_is_told_too(app: App) {
        let manager = app.sign_in("fgw-manager").await;
        let own = assignment_of(&app, "市发展改革委").await;
        execute(&app, "ALTER TABLE event RENAME TO gone").await;
        let failed = acknowledge(&manager, &own).await;
        assert_eq!(failed.codes(), ["INTERNAL"]);
        let entry = newest(&app, "ACKNOWLEDGE_ASSIGNMENT").await;
        assert_eq!((entry.outcome, entry.changes), (AuditOutcome::Failed, json!({})));
        assert_eq!(entry.request_id.as_deref(), failed.headers["x-request-id"].to_str().ok());
    }

    async fn a_failed_sign_in_tells_the_account_and_no_word_that_was_typed(app: App) {
        app.anonymous().try_sign_in("office", "a wrong password").await;
        let entry = newest(&app, "SIGN_IN_FAILED").await;
        assert_eq!(entry.outcome, AuditOutcome::Refused);
        assert!(entry.object_id.is_some() && entry.user_id.is_none());
        app.anonymous().try_sign_in("mysecretpassword", "x").await;
        let entry = newest(&app, "SIGN_IN_FAILED").await;
        assert_eq!(entry.changes, json!({ "username": "m*(16)" }));
        app.anonymous().ask("mutation { refreshSession(input: { refreshToken: \"nonsense\" }) { userErrors { code } } }", Value::Null).await;
        let entry = newest(&app, "REFRESH_SESSION").await;
        assert_eq!(entry.changes, json!({ "reasons": ["INVALID BadRefreshToken"] }));
        let all = serde_json::to_string(&entries(&app).await.iter().map(|entry| &entry.changes).collect::<Vec<_>>()).unwrap();
        assert!(!all.contains("wrong password") && !all.contains("mysecret") && !all.contains("nonsense"));
    }
}

/// Its answer comes in time all the same; the entry as soon as the database can take it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_act_that_runs_out_of_time_is_told_too() {
    for backend in [Backend::Sqlite, Backend::Postgres] {
        let hasty = |settings: &mut api::Settings| settings.timeout = Duration::from_secs(6);
        let Some(app) = App::with(backend, hasty).await else {
            continue;
        };
        let manager = app.sign_in("fgw-manager").await;
        let own = assignment_of(&app, "市发展改革委").await;
        let db = app.database.connect().await;
        let holding = db.begin().await.unwrap();
        let hold = "UPDATE assignment SET acknowledged_at = acknowledged_at";
        holding.execute_unprepared(hold).await.unwrap();
        let late = acknowledge(&manager, &own).await;
        assert_eq!(
            (late.status.as_u16(), late.codes()),
            (504, vec!["QUERY_TOO_COMPLEX"])
        );
        holding.rollback().await.unwrap();
        let entry = timeout(Duration::from_secs(60), async {
            loop {
                let told = entries(&app).await.into_iter();
                let mut told = told.filter(|entry| entry.outcome == AuditOutcome::Failed);
                match told.next() {
                    Some(entry) => break entry,
                    None => sleep(Duration::from_millis(20)).await,
                }
            }
        });
        let entry = entry.await.expect("an entry");
        assert_eq!(entry.action, "ACKNOWLEDGE_ASSIGNMENT");
        assert_eq!(entry.changes, json!({ "reasons": ["OUT_OF_TIME"] }));
        assert_eq!(entry.username.as_deref(), Some("fgw-manager"));
        assert_eq!(
            entry.request_id.as_deref(),
            late.headers["x-request-id"].to_str().ok()
        );
        assert!(entry.object_id.is_some());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn refusals_beyond_the_limit_are_counted_in_one_entry_a_minute() {
    for backend in [Backend::Sqlite, Backend::Postgres] {
        let limit = |settings: &mut api::Settings| settings.audit.refusals_per_minute = 3;
        let Some(app) = App::with(backend, limit).await else {
            continue;
        };
        let manager = app.sign_in("fgw-manager").await;
        let foreign = assignment_of(&app, "市财政局").await;
        let count = async |outcome| {
            let entries = entries(&app).await;
            entries
                .iter()
                .filter(|entry| entry.outcome == outcome)
                .count()
        };
        let done = count(AuditOutcome::Succeeded).await;
        for _ in 0..10 {
            acknowledge(&manager, &foreign).await;
        }
        for _ in 0..7 {
            app.anonymous().try_sign_in("office", "wrong").await;
        }
        assert_eq!(count(AuditOutcome::Refused).await, 3 + 3);
        // Nobody else writes down what was counted.
        app.parts.stop_sealing().await;
        app.clock.advance(TimeDelta::minutes(1));
        app.parts.store().system().finish_audit().await.unwrap();
        assert_eq!(count(AuditOutcome::Refused).await, 3 + 3 + 1);
        let told = newest(&app, "COUNT_REFUSALS").await;
        assert_eq!(told.changes["count"], 7 + 4);
        let by: Vec<&Value> = told.changes["by"]
            .as_array()
            .unwrap()
            .iter()
            .map(|by| &by["count"])
            .collect();
        assert_eq!(by, [7, 4]);
        assert_eq!(told.changes["by"][1]["who"]["address"], "127.0.0.1");
        // The next minute has room again, and what is done is always listed.
        acknowledge(&manager, &foreign).await;
        assert_eq!(count(AuditOutcome::Refused).await, 8);
        let own = assignment_of(&app, "市发展改革委").await;
        acknowledge(&manager, &own).await;
        assert_eq!(count(AuditOutcome::Succeeded).await, done + 1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_forwarded_address_is_believed_of_a_trusted_proxy_alone() {
    for (trusted, expected) in [("", "127.0.0.1"), ("127.0.0.0/8", "203.0.113.7")] {
        let trust = |settings: &mut api::Settings| {
            settings.proxies = api::TrustedProxies::parse(trusted).unwrap();
        };
        let app = App::with(Backend::Sqlite, trust).await.unwrap();
        let sign_in = json!({ "query": "mutation { signIn(input: { username: \"office\", password: \"x\" }) { userErrors { code } } }" });
        let request = app.client().post(app.url("/graphql")).json(&sign_in);
        app.send(request.header("x-forwarded-for", "198.51.100.1, 203.0.113.7"))
            .await;
        let entry = newest(&app, "SIGN_IN_FAILED").await;
        assert_eq!(entry.address.as_deref(), Some(expected));
    }
}

/// Whoever knows the ID of somebody's request could put their acts beside it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_s_id_is_believed_of_a_trusted_proxy_alone() {
    const THEIRS: &str = "somebody-elses-request";
    for (proxies, trusted) in [("10.0.0.1", false), ("127.0.0.1", true)] {
        let trust = |settings: &mut api::Settings| {
            settings.proxies = api::TrustedProxies::parse(proxies).unwrap();
        };
        let app = App::with(Backend::Sqlite, trust).await.unwrap();
        let sign_in = json!({ "query": "mutation { signIn(input: { username: \"office\", password: \"x\" }) { userErrors { code } } }" });
        for told in [THEIRS, "short", "not fit for a log"] {
            let request = app.client().post(app.url("/graphql")).json(&sign_in);
            let answer = app.send(request.header("x-request-id", told)).await;
            let id = answer.headers["x-request-id"].to_str().unwrap();
            let entry = newest(&app, "SIGN_IN_FAILED").await;
            assert_eq!(entry.request_id.as_deref(), Some(id));
            assert_eq!(id == told, trusted && told == THEIRS, "{told}");
        }
        for path in ["/audit/export.csv", "/attachments/x", "/health/live"] {
            let request = app.client().get(app.url(path));
            let answer = app.send(request.header("x-request-id", THEIRS)).await;
            let same = answer.headers["x-request-id"] == THEIRS;
            assert_eq!(same, trusted, "{path}");
        }
    }
}
