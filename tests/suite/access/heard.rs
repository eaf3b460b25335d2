//! Who hears of requests, milestones, refined plans and disputes, and what each finds behind an event: exactly those who may
//! see what it happened to.

use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use tests::{Actor, Answer, App, both, world::ACTORS};

use crate::scene::{Scene, Sight, act, target};

/// A lead unit, a supporting one.
const UNITS: [&str; 2] = ["市发展改革委", "临海市政府"];

/// Takes an act that is not refused; the ID of what it answers.
async fn done(actor: &Actor<'_>, mutation: &str, input: Value, of: &str) -> Value {
    let answer: Answer = act(actor, mutation, input, &format!("{of} {{ id }}")).await;
    assert_eq!(answer.refusals(mutation), [""; 0], "{mutation}");
    answer.data(&format!("/{mutation}/{of}/id")).clone()
}

/// Whether somebody hears of an event, by domain.md §4; `units` are those of the two for which they work.
fn hears(kind: &str, sight: Sight, units: [bool; 2]) -> bool {
    let answers = sight.office || sight.leader;
    match kind {
        // Between the lead units, the office and the leaders.
        "REQUEST_MADE"
        | "REQUEST_APPROVED"
        | "REQUEST_REJECTED"
        | "REQUEST_WITHDRAWN"
        | "REFINEMENT_SUBMITTED"
        | "REFINEMENT_RETURNED" => answers || sight.lead,
        // A draft never leaves the unit.
        "MILESTONE_SAVED" => units[0],
        // Between the unit, the office and the leaders.
        "ASSIGNMENT_DISPUTED" | "DISPUTE_WITHDRAWN" | "DISPUTE_DECIDED" => answers || units[1],
        // Of the target itself, and what is in force on it.
        _ => sight.sees,
    }
}

both! {
    /// Also where it is said to have happened after the plan was published, or in the same moment: the office's for ever.
    async fn that_a_draft_changed_is_its_offices_alone(app: App) {
        let db = app.database.connect().await;
        db.execute_unprepared(
            "INSERT INTO event (type, occurred_at, plan_id, audience, object_type, object_id)
             SELECT 'DRAFT_CHANGED', published_at, id, 'PLAN', 'Plan', id FROM plan WHERE year = 2022",
        ).await.unwrap();
        db.execute_unprepared(
            "INSERT INTO event (type, occurred_at, plan_id, audience, object_type, object_id)
             SELECT 'DRAFT_CHANGED', '2022-06-15 04:00:00+00:00', id, 'PLAN', 'Plan', id FROM plan",
        ).await.unwrap();
        for name in ACTORS {
            let answer = app.sign_in(name).await.query("{ changes(first: 100) { totalCount nodes { type } } }").await;
            let heard = answer.body.pointer("/data/changes/totalCount").cloned().unwrap_or_else(|| json!(0));
            let expected = match name {
                "office" => 3,
                "office-2022" => 2,
                "office-2023" => 1,
                _ => 0,
            };
            assert_eq!(heard, expected, "{name}: {}", answer.text);
        }
    }

    async fn who_hears_of_what(app: App) {
        let scene = Scene::of(&app).await;
        let one = scene.target(1);
        let (office, manager, other) = (app.sign_in("office").await, app.sign_in("fgw-manager").await, app.sign_in("linhai-manager").await);
        let ask = json!({ "targetId": one, "newDueOn": "2023-03-31", "reason": "x" });
        let request = done(&manager, "requestExtension", ask.clone(), "extensionRequest").await;
        done(&manager, "withdrawRequest", json!({ "requestId": request }), "request").await;
        for (decision, comment) in [("REJECT", "x"), ("APPROVE", "")] {
            let request = done(&manager, "requestExtension", ask.clone(), "extensionRequest").await;
            done(&office, "decideRequest", json!({ "requestId": request, "decision": decision, "comment": comment }), "request").await;
        }
        let milestone = done(&manager, "saveMilestone", json!({ "targetId": one, "title": "x", "dueOn": "2022-06-30" }), "milestone").await;
        done(&manager, "submitRefinement", json!({ "targetId": one }), "target").await;
        done(&manager, "markMilestone", json!({ "milestoneId": milestone, "doneOn": "2022-06-01" }), "milestone").await;
        done(&office, "decideRefinement", json!({ "targetId": one, "decision": "RETURN", "comment": "x" }), "target").await;
        let assignments = target(&office, &one, "assignments { id unit { name } }").await;
        let theirs = assignments["assignments"].as_array().unwrap().iter().find(|row| row["unit"]["name"] == UNITS[1]).unwrap()["id"].clone();
        let dispute = json!({ "assignmentId": theirs, "reason": "x" });
        let withdrawn = done(&other, "disputeAssignment", dispute.clone(), "dispute").await;
        done(&other, "withdrawDispute", json!({ "disputeId": withdrawn }), "dispute").await;
        let insisted = done(&other, "disputeAssignment", dispute, "dispute").await;
        done(&office, "decideDispute", json!({ "disputeId": insisted, "decision": "INSIST", "comment": "x" }), "dispute").await;
        let closure = done(&manager, "requestClosure", json!({ "targetId": one, "summary": "x" }), "closureRequest").await;
        done(&office, "decideRequest", json!({ "requestId": closure, "decision": "APPROVE" }), "request").await;
        for mutation in ["reopenTarget", "suspendTarget", "resumeTarget"] {
            done(&office, mutation, json!({ "targetId": one, "reason": "x" }), "target").await;
        }

        let query = "{ changes(first: 100) { totalCount nodes { type target { number } unit { name } request { id } milestone { id } dispute { id } } } }";
        let all = office.query(query).await;
        let happened: Vec<String> = all.data("/changes/nodes").as_array().unwrap().iter().map(|node| node["type"].as_str().unwrap().to_owned()).collect();
        let mut everything = happened.clone();
        everything.push("MILESTONE_SAVED".to_owned());
        for kind in [
            "REQUEST_MADE", "REQUEST_APPROVED", "REQUEST_REJECTED", "REQUEST_WITHDRAWN", "TARGET_EXTENDED", "TARGET_CLOSED", "TARGET_REOPENED",
            "TARGET_SUSPENDED", "TARGET_RESUMED", "REFINEMENT_SUBMITTED", "REFINEMENT_APPROVED", "REFINEMENT_RETURNED", "MILESTONE_MARKED",
            "ASSIGNMENT_DISPUTED", "DISPUTE_WITHDRAWN", "DISPUTE_DECIDED",
        ] {
            assert!(happened.iter().any(|it| it == kind), "{kind} in {happened:?}");
        }
        for name in ACTORS {
            let actor = app.sign_in(name).await;
            let sight = scene.sight(name, (2022, 1));
            let units = UNITS.map(|unit| scene.works_for(name, (2022, 1), unit));
            let answer = actor.query(query).await;
            let Some(nodes) = answer.body.pointer("/data/changes/nodes").and_then(Value::as_array) else {
                assert!(!sight.sees, "{name}: {}", answer.text);
                continue;
            };
            let mut expected: Vec<&str> = everything.iter().map(String::as_str).filter(|kind| hears(kind, sight, units)).collect();
            let mut heard: Vec<&str> = nodes.iter().map(|node| node["type"].as_str().unwrap()).collect();
            assert_eq!(answer.data("/changes/totalCount"), heard.len(), "{name}");
            expected.sort_unstable();
            heard.sort_unstable();
            assert_eq!(heard, expected, "{name}");
            for node in nodes {
                let kind = node["type"].as_str().unwrap();
                assert_eq!(node["target"]["number"], 1, "{name} {kind}");
                // The refined plan was sent back: only those who see it find its milestone.
                let milestone = kind.starts_with("MILESTONE") && (sight.lead || sight.office || sight.leader);
                let found = [("request", kind.starts_with("REQUEST")), ("milestone", milestone), ("dispute", kind.contains("DISPUTE"))];
                for (field, there) in found {
                    assert_eq!(!node[field].is_null(), there, "{name} {kind} {field}");
                }
            }
        }
    }
}
