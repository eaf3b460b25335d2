//! Archived plans: read as before, and written to by no act.

use serde_json::{Value, json};
use tests::{
    App, both,
    desk::{create_periods, report, save},
};

use super::{NONE, act, available, done, leader, plan, sees, target, unit};
use crate::scene::audited;

both! {
    async fn nothing_is_written_to_an_archived_plan_and_all_of_it_is_read(app: App) {
        let (office, manager) = (app.sign_in("office").await, app.sign_in("fgw-manager").await);
        let (issued, draft) = (plan(&office, 2022).await, plan(&office, 2023).await);
        let periods = create_periods(&office).await;
        let (one, version) = target(&office, 2022, 1).await;
        let saved = report(&save(&manager, json!({ "targetId": one, "periodId": periods["2022年6月"], "progress": "x" })).await, "saveProgressReport");
        let parts = office.ask("query($id: ID!) { target(id: $id) { assignments { id unit { id name } } } plan(year: 2022) { designations(first: 1) { nodes { id } } } }", json!({ "id": one })).await;
        let own = parts.data("/target/assignments/0/id").clone();
        assert_eq!(act(&office, "archivePlan", json!({ "planId": draft }), "plan { id }").await.refusals("archivePlan"), ["WRONG_STATE planId"]);
        let archived = done(&office, "archivePlan", json!({ "planId": issued }), "plan { status publishedAt }").await;
        assert_eq!(archived["plan"]["status"], "ARCHIVED");
        assert_eq!(act(&office, "archivePlan", json!({ "planId": issued }), "plan { id }").await.refusals("archivePlan"), ["WRONG_STATE planId"]);
        // Every act on the plan and on its targets is refused with one code; carrying over is no act on them.
        for id in [&issued, &one] {
            for (action, told) in available(&office, id).await {
                if action != "CARRY_OVER_TARGET" && action != "GIVE_INSTRUCTION" && action != "REQUEST_EXTENSION" && action != "REQUEST_CLOSURE"
                    && !["SAVE_MILESTONE", "SUBMIT_REFINEMENT"].contains(&action.as_str()) {
                    assert_eq!(told, "WRONG_STATE", "{action}");
                }
            }
            for (action, told) in available(&manager, id).await {
                assert_ne!(told, "allowed", "{action}");
            }
        }
        let (who, _) = leader(&office, 0).await;
        let unit = unit(&office, "市人防办").await;
        for (actor, mutation, input, fields, field) in [
            (&office, "amendTarget", json!({ "targetId": one, "expectedVersion": version, "reason": "x", "dueOn": "2023-03-31" }), "target { id }", "targetId"),
            (&office, "updateTarget", json!({ "targetId": one, "expectedVersion": version, "leaderIds": [who] }), "target { id }", "targetId"),
            (&office, "removeTarget", json!({ "targetId": one, "expectedVersion": version }), "plan { id }", "targetId"),
            (&office, "issueNotice", json!({ "targetId": one, "unitId": parts.data("/target/assignments/0/unit/id"), "colour": "RED", "body": "x", "replyDueOn": "2022-06-30" }), "notice { id }", "targetId"),
            (&office, "setLight", json!({ "targetId": one, "light": "GREEN", "until": "2022-06-30", "reason": "x" }), "target { id }", "targetId"),
            (&office, "setPlanRules", json!({ "planId": issued, "aheadPoints": 9 }), "plan { id }", "planId"),
            (&office, "publishPlan", json!({ "planId": issued }), "plan { id }", "planId"),
            (&office, "designateUnits", json!({ "designationId": parts.data("/plan/designations/nodes/0/id"), "unitIds": [unit] }), "target { id }", "designationId"),
            (&office, "lockReportingPeriod", json!({ "periodId": periods["2022年6月"], "reason": "x" }), "reportingPeriod { id }", "periodId"),
            (&manager, "acknowledgeAssignments", json!({ "assignmentIds": [own] }), "assignments { id }", "assignmentIds.0"),
            (&manager, "disputeAssignment", json!({ "assignmentId": own, "reason": "x" }), "dispute { id }", "assignmentId"),
            (&manager, "saveMilestone", json!({ "targetId": one, "title": "x", "dueOn": "2022-08-31" }), "milestone { id }", "targetId"),
            (&manager, "requestExtension", json!({ "targetId": one, "newDueOn": "2023-03-31", "reason": "x" }), "extensionRequest { id }", "targetId"),
            (&manager, "saveProgressReport", json!({ "targetId": one, "periodId": periods["2022年6月"], "progress": "y", "expectedVersion": saved.version }), "report { id }", "targetId"),
        ] {
            let answer = act(actor, mutation, input, fields).await;
            let refusals = answer.refusals(mutation);
            assert_eq!(refusals.len(), 1, "{mutation}: {}", answer.text);
            assert!(refusals[0].starts_with("WRONG_STATE"), "{mutation}: {refusals:?} {field}");
            assert_eq!(answer.data(&format!("/{mutation}/userErrors/0/message")), "The plan is archived: nothing is written to it any more.", "{mutation}");
        }
        // It is read as before, and its targets go on in the next year.
        assert!(sees(&manager, &one).await);
        let read = manager.query("{ plan(year: 2022) { status targets { totalCount } } progressReports { totalCount } }").await;
        assert_eq!((read.data("/plan/status"), read.data("/plan/targets/totalCount"), read.data("/progressReports/totalCount")), (&json!("ARCHIVED"), &json!(39), &json!(1)));
        let carried = act(&office, "carryOverTargets", json!({ "targetIds": [one], "toPlanId": draft, "reason": "x" }), "targets { id }").await;
        assert_eq!(carried.refusals("carryOverTargets"), NONE);
        assert_eq!(audited(&app, "ARCHIVE_PLAN").await, 1);
        let heard = manager.query("{ changes(last: 1) { nodes { type } } }").await;
        assert_eq!(heard.data("/changes/nodes/0/type"), &Value::from("PLAN_ARCHIVED"));
    }
}
