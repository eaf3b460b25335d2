//! A draft that was imported wrongly is discarded, and its year is free for another document.

use std::time::Duration;

use futures_util::future::join;
use sea_orm::{ConnectionTrait, DatabaseConnection, Statement, TransactionTrait};
use serde_json::{Value, json};
use tests::{App, Backend, both};
use tokio::time::{sleep, timeout};

use super::{
    NONE, act, available, document, done, import, leader, plan, rows, target, text, whole,
};
use crate::scene::audited;

const TABLES: [&str; 11] = [
    "plan",
    "plan_rule",
    "reporting_period",
    "section",
    "target",
    "target_post",
    "target_search",
    "assignment",
    "designation",
    "indicator",
    "event",
];

/// Waits until somebody waits for a lock in the database (PostgreSQL; SQLite does not tell).
async fn somebody_waits(db: &DatabaseConnection) {
    let sql = "SELECT CAST(COUNT(*) AS BIGINT) AS n FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
    loop {
        let statement = Statement::from_string(db.get_database_backend(), sql);
        let row = db.query_one_raw(statement).await.unwrap().unwrap();
        if row.try_get::<i64>("", "n").unwrap() > 0 {
            return;
        }
        sleep(Duration::from_millis(10)).await;
    }
}

both! {
    async fn a_wrong_draft_goes_and_the_right_document_takes_its_year(app: App) {
        let office = app.sign_in("office").await;
        let mut before = Vec::new();
        for table in TABLES {
            before.push((table, rows(&app, table).await));
        }
        let wrong = import(&office, document(2024).as_bytes(), 2024, false).await;
        let wrong = text(wrong.data("/importPlan/plan/id"));
        // It was worked on: a target of another year came over, one was changed, months were planned.
        let (one, version) = target(&office, 2024, 1).await;
        let (last, _) = target(&office, 2022, 194).await;
        done(&office, "updateTarget", json!({ "targetId": one, "expectedVersion": version, "dueOn": "2024-10-31" }), "target { id }").await;
        done(&office, "carryOverTargets", json!({ "targetIds": [last], "toPlanId": wrong, "reason": "x" }), "targets { id }").await;
        done(&office, "createReportingPeriods", json!({ "planId": wrong, "kind": "MONTH" }), "plan { id }").await;
        done(&office, "setPlanRules", json!({ "planId": wrong, "replyDays": 7 }), "plan { id }").await;
        for table in ["plan_rule", "reporting_period", "target_search"] {
            let (_, of_others) = before.iter().find(|(name, _)| *name == table).unwrap();
            assert!(rows(&app, table).await > *of_others, "{table}");
        }
        assert!(available(&office, &wrong).await.contains(&("DISCARD_PLAN".to_owned(), "allowed".to_owned())));
        for reason in [" ".to_owned(), "长".repeat(2001)] {
            let refused = act(&office, "discardPlan", json!({ "planId": wrong, "reason": reason }), "year").await;
            assert_eq!(refused.refusals("discardPlan").len(), 1);
        }
        let input = json!({ "planId": wrong, "reason": "导入有误", "clientMutationId": "once" });
        for _ in 0..2 {
            let gone = done(&office, "discardPlan", input.clone(), "year clientMutationId").await;
            assert_eq!((&gone["year"], &gone["clientMutationId"]), (&json!(2024), &json!("once")));
        }
        for (table, count) in &before {
            assert_eq!(rows(&app, table).await, *count, "{table}");
        }
        assert_eq!(office.query("{ plan(year: 2024) { id } }").await.data("/plan"), &Value::Null);
        let found = office.query("{ plan(year: 2022) { targets(filter: { search: \"生产总值\" }) { totalCount } } }").await;
        assert!(found.data("/plan/targets/totalCount").as_i64() > Some(0), "others are found as before");
        // What it was stays in the log; the same ID again changes nothing, another finds nothing.
        let entry = crate::parties::audited(&app, "DISCARD_PLAN").await.remove(0);
        assert_eq!((&entry.changes["year"], entry.object_type.as_str(), &entry.changes["reason"]["chars"]), (&json!(2024), "Plan", &json!(4)));
        assert_eq!(audited(&app, "DISCARD_PLAN").await, 1);
        let again = act(&office, "discardPlan", json!({ "planId": wrong, "reason": "x" }), "year").await;
        assert_eq!(again.refusals("discardPlan"), ["NOT_FOUND planId"]);

        let right = import(&office, whole(2024).as_bytes(), 2024, false).await;
        assert_eq!(right.refusals("importPlan"), NONE, "{}", right.text);
        assert_eq!(right.data("/importPlan/report/targets"), 194);
        // What was carried over into the wrong one may be carried over again.
        let id = right.data("/importPlan/plan/id");
        done(&office, "carryOverTargets", json!({ "targetIds": [last], "toPlanId": id, "reason": "x" }), "targets { id }").await;
    }

    async fn the_grants_that_name_it_go_with_it_and_nobody_elses(app: App) {
        let (office, drafts) = (app.sign_in("office").await, app.sign_in("office-2023").await);
        let before = rows(&app, "role_grant").await;
        let (draft, issued) = (plan(&office, 2023).await, plan(&office, 2022).await);
        for actor in [&office, &app.sign_in("office-2022").await] {
            let refused = act(actor, "discardPlan", json!({ "planId": issued, "reason": "x" }), "year").await;
            assert_eq!(refused.refusals("discardPlan"), ["WRONG_STATE planId"]);
        }
        for (name, expected) in [("office-2022", "NOT_FOUND planId"), ("observer-2023", "NOT_FOUND planId"), ("fgw-manager", "NOT_FOUND planId"), ("system", "NOT_FOUND planId")] {
            let actor = app.sign_in(name).await;
            let refused = act(&actor, "discardPlan", json!({ "planId": draft, "reason": "x" }), "year").await;
            assert_eq!(refused.refusals("discardPlan"), [expected], "{name}");
        }
        done(&drafts, "discardPlan", json!({ "planId": draft, "reason": "导入有误" }), "year").await;
        assert_eq!(rows(&app, "role_grant").await, before - 2, "office-2023's and observer-2023's");
        let told = crate::parties::audited(&app, "DISCARD_PLAN").await;
        let mut roles: Vec<&Value> = told.iter().filter(|entry| entry.object_type == "RoleGrant").map(|entry| &entry.changes["role"]).collect();
        roles.sort_by_key(|role| role.to_string());
        assert_eq!(roles, ["OBSERVER", "SUPERVISOR"]);
        // They counted until then, and reach nothing now: not every plan.
        assert!(drafts.query("{ plans { totalCount } }").await.data("/plans/totalCount").as_i64() == Some(0));
        assert!(!leader(&office, 0).await.1.is_empty());
    }

    async fn a_grant_that_is_being_given_is_waited_for_and_goes_with_it(app: App) {
        let office = app.sign_in("office").await;
        let before = rows(&app, "role_grant").await;
        let draft = plan(&office, 2023).await;
        let db = app.database.connect().await;
        let giving = db.begin().await.unwrap();
        giving.execute_unprepared(
            "INSERT INTO role_grant (user_id, role, plan_id, valid_from, reason, created_at)
             SELECT u.id, 'OBSERVER', p.id, '2022-01-01 00:00:00+00:00', 'x', '2022-01-01 00:00:00+00:00'
             FROM \"user\" u, plan p WHERE u.username = 'nobody' AND p.year = 2023",
        ).await.unwrap();
        let committing = async {
            if app.database.backend == Backend::Postgres {
                timeout(Duration::from_secs(60), somebody_waits(&db)).await.expect("it is waited for");
            }
            giving.commit().await.unwrap();
        };
        let discard = json!({ "planId": draft, "reason": "x" });
        let (gone, ()) = join(act(&office, "discardPlan", discard, "year"), committing).await;
        assert_eq!(gone.refusals("discardPlan"), NONE, "{}", gone.text);
        assert_eq!(rows(&app, "role_grant").await, before - 2, "office-2023's and observer-2023's, and the new one");
        let told = crate::parties::audited(&app, "DISCARD_PLAN").await;
        assert_eq!(told.iter().filter(|entry| entry.object_type == "RoleGrant").count(), 3);
    }

    async fn of_discarding_and_what_is_done_to_grants_each_knows_of_the_other(app: App) {
        let (office, security) = (app.sign_in("office").await, app.sign_in("security").await);
        let before = rows(&app, "role_grant").await;
        let draft = plan(&office, 2023).await;
        let nobody = crate::administration::user(&security, "nobody").await;
        let found = security.query("{ roleGrants(first: 100) { nodes { id user { username } } } }").await;
        let named = found.data("/roleGrants/nodes").as_array().unwrap().iter();
        let named: Vec<&Value> = named.filter(|node| ["office-2023", "observer-2023"].contains(&node["user"]["username"].as_str().unwrap())).map(|node| &node["id"]).collect();
        let revoke = |at: usize| act(&security, "revokeRole", json!({ "grantId": named[at], "reason": "x" }), "grant { id }");
        let grant = || act(&security, "grantRole", json!({ "userId": nobody, "role": "OBSERVER", "planId": draft, "reason": "x" }), "grant { id }");
        let discard = json!({ "planId": draft, "reason": "x" });
        let (one, given, gone, again, two) = tokio::join!(revoke(0), grant(), act(&office, "discardPlan", discard, "year"), grant(), revoke(1));
        assert_eq!(gone.refusals("discardPlan"), NONE, "{}", gone.text);
        for given in [given, again] {
            assert_eq!(given.refusals("grantRole"), ["NOT_FOUND planId"]);
        }
        assert_eq!(rows(&app, "role_grant").await, before - 2);
        // What the log tells of a grant is what it was when it went.
        let told = crate::parties::audited(&app, "DISCARD_PLAN").await;
        let ended = told.iter().filter(|entry| entry.object_type == "RoleGrant" && !entry.changes["validUntil"].is_null());
        let mut revoked = 0;
        for answer in [one, two] {
            match answer.refusals("revokeRole").as_slice() {
                [] => revoked += 1,
                refused => assert_eq!(refused, ["NOT_FOUND grantId"]),
            }
        }
        assert_eq!(ended.count(), revoked);
    }
}
