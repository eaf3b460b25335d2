//! A draft that was imported wrongly is discarded, and its year is free for another document.

use serde_json::{Value, json};
use tests::{App, both};

use super::{
    NONE, act, available, document, done, import, leader, plan, rows, target, text, whole,
};
use crate::scene::audited;

const TABLES: [&str; 8] = [
    "plan",
    "section",
    "target",
    "target_post",
    "assignment",
    "designation",
    "indicator",
    "event",
];

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
        let periods = rows(&app, "reporting_period").await;
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
        assert!(rows(&app, "reporting_period").await < periods);
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
}
