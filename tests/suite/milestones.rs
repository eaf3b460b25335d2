//! Refined plans and milestones (domain.md §2, §8): who drafts, who approves, what counts, and who sees it.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use entity::{kinds::AssignmentRole, milestone};
use sea_orm::{ConnectionTrait, EntityTrait, QueryOrder};
use serde_json::{Value, json};
use tests::{Actor, Answer, App, both, world::ACTORS};

use crate::{
    contract::operation,
    parties::global,
    scene::{Number, Scene, act, allowed, audited, events, grant, target},
};

const NONE: [&str; 0] = [];
const FIELDS: &str = "milestone { id title dueOn doneOn version unit { name } }";

async fn save(actor: &Actor<'_>, target: &str, title: &str, day: &str) -> Answer {
    let input = json!({ "targetId": target, "title": title, "dueOn": day });
    act(actor, "saveMilestone", input, FIELDS).await
}

async fn submit(actor: &Actor<'_>, target: &str) -> Answer {
    let fields =
        "target { state light version refinement { status version submittedBy { displayName } } }";
    act(
        actor,
        "submitRefinement",
        json!({ "targetId": target }),
        fields,
    )
    .await
}

async fn decide(actor: &Actor<'_>, target: &str, decision: &str, comment: Option<&str>) -> Answer {
    let input = json!({ "targetId": target, "decision": decision, "comment": comment });
    let fields =
        "target { state light refinement { status version comment decidedBy { displayName } } }";
    act(actor, "decideRefinement", input, fields).await
}

async fn mark(actor: &Actor<'_>, milestone: &str, day: Option<&str>) -> Answer {
    let input = json!({ "milestoneId": milestone, "doneOn": day });
    act(actor, "markMilestone", input, FIELDS).await
}

fn id(answer: &Answer, mutation: &str) -> String {
    assert_eq!(answer.refusals(mutation), NONE);
    answer
        .data(&format!("/{mutation}/milestone/id"))
        .as_str()
        .unwrap()
        .to_owned()
}

/// Makes approval the plan's rule.
async fn approval_is_needed(app: &App) {
    let office = app.sign_in("office").await;
    let plan = office.query("{ plan(year: 2022) { id } }").await;
    let input = json!({ "planId": plan.data("/plan/id"), "refinementApproval": true });
    let fields = "plan { rules { refinementApproval } }";
    let set = act(&office, "setPlanRules", input, fields).await;
    let rules = set.data("/setPlanRules/plan/rules");
    assert_eq!(rules["refinementApproval"], true);
}

both! {
    async fn a_refined_plan_is_in_force_when_it_is_handed_in(app: App) {
        let scene = Scene::of(&app).await;
        let one = scene.target(1);
        let (reporter, manager) = (app.sign_in("fgw-reporter").await, app.sign_in("fgw-manager").await);
        assert_eq!(allowed(&reporter, &one).await, ["SAVE_MILESTONE"]);
        assert_eq!(submit(&manager, &one).await.refusals("submitRefinement"), ["WRONG_STATE targetId"]);
        let saved = save(&reporter, &one, "完成上半年分析", "2022-06-30").await;
        let first = id(&saved, "saveMilestone");
        assert_eq!(saved.data("/saveMilestone/milestone"), &json!({ "id": first, "title": "完成上半年分析", "dueOn": "2022-06-30", "doneOn": null, "version": 1, "unit": { "name": "市发展改革委" } }));
        let second = id(&save(&reporter, &one, "完成全年任务", "2022-12-31").await, "saveMilestone");
        let other = app.sign_in("linhai-manager").await;
        for fields in ["milestones { id }", "refinement { status }"] {
            let seen = target(&other, &one, fields).await;
            assert!(seen == json!({ "milestones": [] }) || seen == json!({ "refinement": null }), "{seen}");
        }
        assert_eq!(submit(&reporter, &one).await.refusals("submitRefinement"), ["FORBIDDEN targetId"]);
        let submitted = submit(&manager, &one).await;
        assert_eq!(submitted.data("/submitRefinement/target/refinement"), &json!({ "status": "APPROVED", "version": 3, "submittedBy": { "displayName": "账号 fgw-manager" } }));
        assert_eq!(target(&other, &one, "milestones { title doneOn }").await, json!({ "milestones": [{ "title": "完成上半年分析", "doneOn": null }, { "title": "完成全年任务", "doneOn": null }] }));

        // It is overdue: the light is yellow. Marked, it is green again; and yellow when it was not reached after all.
        app.clock.advance(TimeDelta::days(20));
        let (reporter, manager, office) = (app.sign_in("fgw-reporter").await, app.sign_in("fgw-manager").await, app.sign_in("office").await);
        let light = async || target(&office, &one, "light lightReasons { code message }").await;
        let late = light().await;
        assert_eq!((&late["light"], &late["lightReasons"][0]["code"]), (&json!("YELLOW"), &json!("MILESTONE_OVERDUE")));
        for (day, refusal) in [("2022-07-06", "INVALID doneOn"), ("2021-12-31", "INVALID doneOn")] {
            assert_eq!(mark(&manager, &first, Some(day)).await.refusals("markMilestone"), [refusal]);
        }
        assert_eq!(mark(&reporter, &first, Some("2022-07-01")).await.refusals("markMilestone"), ["FORBIDDEN milestoneId"]);
        assert_eq!(mark(&manager, &first, Some("2022-07-01")).await.data("/markMilestone/milestone/doneOn"), "2022-07-01");
        assert_eq!(light().await["light"], "GREEN");
        assert_eq!(mark(&manager, &first, None).await.data("/markMilestone/milestone/doneOn"), &Value::Null);
        assert_eq!(light().await["light"], "YELLOW");

        // In force, a manager changes it, and it counts at once; a reporter does not.
        let change = |version: Option<i32>| json!({ "milestoneId": first, "targetId": one, "title": "完成三季度分析", "dueOn": "2022-09-30", "expectedVersion": version });
        assert_eq!(act(&reporter, "saveMilestone", change(Some(3)), FIELDS).await.refusals("saveMilestone"), ["WRONG_STATE targetId"]);
        assert_eq!(act(&manager, "saveMilestone", change(None), FIELDS).await.refusals("saveMilestone"), ["INVALID expectedVersion"]);
        assert_eq!(act(&manager, "saveMilestone", change(Some(2)), FIELDS).await.refusals("saveMilestone"), ["CONFLICT expectedVersion"]);
        let changed = act(&manager, "saveMilestone", change(Some(3)), FIELDS).await;
        assert_eq!(changed.data("/saveMilestone/milestone/version"), 4);
        assert_eq!(light().await["light"], "GREEN");
        let removed = act(&manager, "removeMilestone", json!({ "milestoneId": second, "expectedVersion": 1 }), "target { milestones { id } refinement { status } }").await;
        assert_eq!(removed.data("/removeMilestone/target"), &json!({ "milestones": [{ "id": first }], "refinement": { "status": "APPROVED" } }));
        assert_eq!(mark(&manager, &second, None).await.refusals("markMilestone"), ["NOT_FOUND milestoneId"]);
        assert_eq!(events(&app).await, [
            "MILESTONE_SAVED UNIT", "MILESTONE_SAVED UNIT", "REFINEMENT_SUBMITTED LEADS", "REFINEMENT_APPROVED TARGET",
            "MILESTONE_MARKED TARGET", "TARGET_STANDING_CHANGED TARGET", "MILESTONE_MARKED TARGET", "TARGET_STANDING_CHANGED TARGET",
            "MILESTONE_SAVED TARGET", "TARGET_STANDING_CHANGED TARGET", "MILESTONE_REMOVED TARGET",
        ]);
    }

    async fn where_the_rule_says_so_the_office_approves(app: App) {
        approval_is_needed(&app).await;
        let scene = Scene::of(&app).await;
        let one = scene.target(1);
        let (office, manager) = (app.sign_in("office").await, app.sign_in("fgw-manager").await);
        let milestone = id(&save(&manager, &one, "x", "2022-03-31").await, "saveMilestone");
        assert_eq!(target(&office, &one, "refinement { status } milestones { id }").await, json!({ "refinement": null, "milestones": [] }));
        assert_eq!(submit(&manager, &one).await.data("/submitRefinement/target/refinement/status"), "SUBMITTED");
        assert_eq!(target(&office, &one, "refinement { status } light milestones { id }").await, json!({ "refinement": { "status": "SUBMITTED" }, "light": "GREEN", "milestones": [{ "id": milestone }] }));
        assert_eq!(save(&manager, &one, "y", "2022-06-30").await.refusals("saveMilestone"), ["WRONG_STATE targetId"]);
        assert_eq!(mark(&manager, &milestone, None).await.refusals("markMilestone"), ["WRONG_STATE milestoneId"]);
        assert_eq!(decide(&office, &one, "RETURN", None).await.refusals("decideRefinement"), ["INVALID comment"]);
        let stale = json!({ "targetId": one, "decision": "APPROVE", "expectedVersion": 1 });
        assert_eq!(act(&office, "decideRefinement", stale, "target { id }").await.refusals("decideRefinement"), ["CONFLICT expectedVersion"]);
        let returned = decide(&office, &one, "RETURN", Some("请按季度细化")).await;
        assert_eq!(returned.data("/decideRefinement/target/refinement"), &json!({ "status": "RETURNED", "version": 3, "comment": "请按季度细化", "decidedBy": { "displayName": "账号 office" } }));
        id(&save(&manager, &one, "y", "2022-09-30").await, "saveMilestone");
        // What is written anew is the lead units' alone again.
        assert_eq!(target(&office, &one, "refinement { status } milestones { id }").await, json!({ "refinement": null, "milestones": [] }));
        assert_eq!(submit(&manager, &one).await.refusals("submitRefinement"), NONE);
        assert_eq!(decide(&manager, &one, "APPROVE", None).await.refusals("decideRefinement"), ["FORBIDDEN targetId"]);
        let approved = decide(&office, &one, "APPROVE", None).await;
        assert_eq!(approved.data("/decideRefinement/target/light"), "YELLOW");
        assert_eq!(approved.data("/decideRefinement/target/refinement/status"), "APPROVED");
        assert_eq!(save(&manager, &one, "z", "2022-06-30").await.refusals("saveMilestone"), ["WRONG_STATE targetId"]);
        assert_eq!(decide(&office, &one, "RETURN", Some("调整")).await.data("/decideRefinement/target/light"), "GREEN");
        assert_eq!(audited(&app, "RETURN_REFINEMENT").await, 2);
    }

    /// Whom the office sends a refined plan back to reads why; who sees it in force alone does not.
    async fn what_was_said_of_a_refined_plan_that_was_sent_back_is_not_everybodys(app: App) {
        let scene = Scene::of(&app).await;
        let one = scene.target(1);
        let (office, manager) = (app.sign_in("office").await, app.sign_in("fgw-manager").await);
        // A supporting unit, and an observer.
        let others = [app.sign_in("linhai-manager").await, app.sign_in("observer").await];
        let asked = "refinement { status submittedAt comment decidedAt decidedBy { displayName } }";
        let comment = "与省里要求不符，请重写";
        let by = json!({ "displayName": "账号 office" });
        let undecided = |at: &str| json!({ "status": "APPROVED", "submittedAt": at, "comment": null, "decidedAt": null, "decidedBy": null });
        save(&manager, &one, "x", "2022-06-30").await;
        assert_eq!(submit(&manager, &one).await.refusals("submitRefinement"), NONE);
        for other in &others {
            assert_eq!(target(other, &one, asked).await["refinement"], undecided("2022-06-15T04:00:00Z"));
        }
        app.clock.advance(TimeDelta::minutes(1));
        assert_eq!(decide(&office, &one, "RETURN", Some(comment)).await.refusals("decideRefinement"), NONE);
        let returned = json!({ "status": "RETURNED", "submittedAt": "2022-06-15T04:00:00Z", "comment": comment, "decidedAt": "2022-06-15T04:01:00Z", "decidedBy": by });
        for actor in [&office, &manager] {
            assert_eq!(target(actor, &one, asked).await["refinement"], returned);
        }
        for other in &others {
            assert_eq!(target(other, &one, asked).await["refinement"], Value::Null);
        }
        // Written anew, the lead units have it in front of them still.
        save(&manager, &one, "y", "2022-06-30").await;
        assert_eq!(target(&manager, &one, asked).await["refinement"]["comment"], comment);
        app.clock.advance(TimeDelta::minutes(1));
        assert_eq!(submit(&manager, &one).await.refusals("submitRefinement"), NONE);
        for actor in others.iter().chain([&office, &manager]) {
            assert_eq!(target(actor, &one, asked).await["refinement"], undecided("2022-06-15T04:02:00Z"));
        }
        // Where the office approves, those between whom it was said read it until it decides again.
        approval_is_needed(&app).await;
        assert_eq!(decide(&office, &one, "RETURN", Some(comment)).await.refusals("decideRefinement"), NONE);
        assert_eq!(submit(&manager, &one).await.data("/submitRefinement/target/refinement/status"), "SUBMITTED");
        for actor in [&office, &manager] {
            assert_eq!(target(actor, &one, asked).await["refinement"]["comment"], comment);
        }
        for other in &others {
            assert_eq!(target(other, &one, asked).await["refinement"], Value::Null);
        }
        // The rule is taken back meanwhile: what waits is decided, and the next one is in force at once.
        let plan = office.query("{ plan(year: 2022) { id } }").await;
        let rule = json!({ "planId": plan.data("/plan/id"), "refinementApproval": false });
        assert_eq!(act(&office, "setPlanRules", rule, "plan { id }").await.refusals("setPlanRules"), NONE);
        assert_eq!(decide(&office, &one, "APPROVE", None).await.refusals("decideRefinement"), NONE);
        for other in &others {
            let seen = target(other, &one, asked).await;
            assert_eq!((&seen["refinement"]["comment"], &seen["refinement"]["decidedBy"]), (&Value::Null, &by));
        }
        assert_eq!(decide(&office, &one, "RETURN", Some(comment)).await.refusals("decideRefinement"), NONE);
        assert_eq!(submit(&manager, &one).await.data("/submitRefinement/target/refinement/status"), "APPROVED");
        for other in &others {
            assert_eq!(target(other, &one, asked).await["refinement"], undecided("2022-06-15T04:02:00Z"));
        }
    }

    /// A draft is told to each unit that leads, and to nobody else.
    async fn units_that_lead_together_hear_of_each_others_drafts(app: App) {
        let scene = Scene::of(&app).await;
        let leads = |number: i32| -> Vec<String> {
            let parts = scene.draft((2022, number)).assignments.iter();
            parts.filter(|part| part.role == AssignmentRole::Lead).map(|part| part.unit.clone()).collect()
        };
        let number = (1..=194).find(|number| leads(*number).len() > 1).unwrap();
        let together = leads(number);
        grant(&app, "fgw-manager", "UNIT_MANAGER", &together[0]).await;
        grant(&app, "linhai-manager", "UNIT_REPORTER", &together[1]).await;
        let (one, two) = (app.sign_in("fgw-manager").await, app.sign_in("linhai-manager").await);
        let saved = id(&save(&one, &scene.target(number), "x", "2022-06-30").await, "saveMilestone");
        let heard = async |actor: &Actor<'_>| {
            let answer = actor.query("{ changes(first: 100) { nodes { type milestone { id } } } }").await;
            let nodes = answer.data("/changes/nodes").as_array().unwrap().clone();
            nodes.iter().filter(|node| node["type"] == "MILESTONE_SAVED").map(|node| node["milestone"]["id"].clone()).collect::<Vec<_>>()
        };
        let actors = [&one, &two, &app.sign_in("office").await, &app.sign_in("observer").await];
        let expected = [vec![json!(saved)], vec![json!(saved)], vec![], vec![]];
        for (actor, expected) in actors.into_iter().zip(expected) {
            assert_eq!(heard(actor).await, expected);
        }
    }

    async fn what_is_refused_changes_nothing(app: App) {
        let scene = Scene::of(&app).await;
        let one = scene.target(1);
        let manager = app.sign_in("fgw-manager").await;
        for (title, day, refusal) in [
            (" ", "2022-06-30", "INVALID title"),
            (&*"长".repeat(301), "2022-06-30", "TOO_LARGE title"),
            ("x", "2021-12-31", "INVALID dueOn"),
            ("x", "2023-01-01", "INVALID dueOn"),
        ] {
            assert_eq!(save(&manager, &one, title, day).await.refusals("saveMilestone"), [refusal]);
        }
        let foreign = json!({ "targetId": one, "title": "x", "dueOn": "2022-06-30", "unitId": global("Unit", 1_000_000) });
        assert_eq!(act(&manager, "saveMilestone", foreign, FIELDS).await.refusals("saveMilestone"), ["INVALID unitId"]);
        let never = json!({ "targetId": one, "title": "x", "dueOn": "2022-06-30", "milestoneId": global("Milestone", 1) });
        assert_eq!(act(&manager, "saveMilestone", never, FIELDS).await.refusals("saveMilestone"), ["NOT_FOUND milestoneId"]);
        assert_eq!(save(&manager, "nonsense", "x", "2022-06-30").await.refusals("saveMilestone"), ["NOT_FOUND targetId"]);
        assert_eq!(events(&app).await, NONE);
        // Sent again, it is saved once.
        let input = json!({ "targetId": one, "title": "x", "dueOn": "2022-06-30", "clientMutationId": "a" });
        let (a, b) = tokio::join!(act(&manager, "saveMilestone", input.clone(), FIELDS), act(&manager, "saveMilestone", input.clone(), FIELDS));
        assert_eq!(id(&a, "saveMilestone"), id(&b, "saveMilestone"));
        assert_eq!(audited(&app, "SAVE_MILESTONE").await, 1);
        let (a, b) = tokio::join!(submit(&manager, &one), submit(&manager, &one));
        let mut outcomes = [a.refusals("submitRefinement").join(""), b.refusals("submitRefinement").join("")];
        outcomes.sort();
        assert_eq!(outcomes, ["", "WRONG_STATE targetId"]);
    }

    async fn who_may_draft_and_mark(app: App) {
        let scene = Scene::of(&app).await;
        for name in ACTORS {
            let actor = app.sign_in(name).await;
            for number in [1, scene.acted()] {
                let sight = scene.sight(name, (2022, number));
                let expected = match () {
                    () if !sight.sees => "NOT_FOUND targetId",
                    () if sight.lead => "",
                    () => "FORBIDDEN targetId",
                };
                let saved = save(&actor, &scene.target(number), "x", "2022-06-30").await;
                assert_eq!(saved.refusals("saveMilestone").join(""), expected, "{name} {number}");
            }
        }
        // A supporting unit in charge marks its own.
        let (manager, other) = (app.sign_in("fgw-manager").await, app.sign_in("linhai-manager").await);
        let unit = target(&manager, &scene.target(1), "assignments { unit { id name } }").await;
        let unit = unit["assignments"].as_array().unwrap().iter().find(|row| row["unit"]["name"] == "临海市政府").unwrap()["unit"]["id"].clone();
        let input = json!({ "targetId": scene.target(1), "title": "x", "dueOn": "2022-06-30", "unitId": unit });
        let theirs = id(&act(&manager, "saveMilestone", input, FIELDS).await, "saveMilestone");
        let leads = id(&save(&manager, &scene.target(1), "x", "2022-06-30").await, "saveMilestone");
        assert_eq!(mark(&other, &theirs, Some("2022-06-01")).await.refusals("markMilestone"), ["NOT_FOUND milestoneId"]);
        assert_eq!(submit(&manager, &scene.target(1)).await.refusals("submitRefinement"), NONE);
        assert_eq!(mark(&other, &theirs, Some("2022-06-01")).await.refusals("markMilestone"), NONE);
        assert_eq!(mark(&other, &leads, Some("2022-06-01")).await.refusals("markMilestone"), ["FORBIDDEN milestoneId"]);
        assert_eq!(mark(&manager, &theirs, None).await.refusals("markMilestone"), NONE);
    }

    async fn every_path_leads_to_what_the_rule_says(app: App) {
        let scene = Scene::of(&app).await;
        let db = app.database.connect().await;
        // A milestone on each target, by turns of each state of its refined plan.
        db.execute_unprepared(
            "INSERT INTO refinement (target_id, plan_id, status, version, submitted_at, submitted_by_id, decided_at, decided_by_id)
             SELECT id, plan_id, CASE number % 4 WHEN 0 THEN 'DRAFT' WHEN 1 THEN 'APPROVED' WHEN 2 THEN 'SUBMITTED' ELSE 'RETURNED' END, 1,
                '2022-06-15 00:00:00+00:00', 1, '2022-06-15 00:00:00+00:00', 2 FROM target",
        ).await.unwrap();
        db.execute_unprepared(
            "INSERT INTO milestone (target_id, plan_id, title, due_on, unit_id, version, created_by_id, created_at, updated_at)
             SELECT id, plan_id, 'x', due_on, 1, 1, 1, '2022-06-15 00:00:00+00:00', '2022-06-15 00:00:00+00:00' FROM target",
        ).await.unwrap();
        let rows = milestone::Entity::find().order_by_asc(milestone::Column::Id).all(&db).await.unwrap();
        let number_of = |row: &milestone::Model| -> Number { *scene.ids.iter().find(|(_, id)| **id == row.target_id.0).unwrap().0 };
        let milestones: Vec<(String, Number)> = rows.iter().map(|row| (global("Milestone", row.id.0), number_of(row))).collect();
        for name in ACTORS {
            let actor = app.sign_in(name).await;
            let sees = |target: Number| {
                let sight = scene.sight(name, target);
                match target.1 % 4 {
                    0 => sight.lead,
                    1 => sight.sees,
                    _ => sight.lead || sight.office || sight.leader,
                }
            };
            let expected: BTreeSet<&str> = milestones.iter().filter(|(_, target)| sees(*target)).map(|(id, _)| id.as_str()).collect();
            let mut found = BTreeSet::new();
            for part in milestones.chunks(100) {
                let wanted: Vec<&str> = part.iter().map(|(id, _)| id.as_str()).collect();
                let answer = actor.ask("query($ids: [ID!]!) { nodes(ids: $ids) { id } }", json!({ "ids": wanted })).await;
                found.extend(answer.data("/nodes").as_array().unwrap().iter().filter_map(|node| node["id"].as_str().map(str::to_owned)));
            }
            assert_eq!(found.iter().map(String::as_str).collect::<BTreeSet<_>>(), expected, "{name}: nodes");
            for (id, target) in milestones.iter().step_by(23) {
                let answer = actor.ask("query($id: ID!) { node(id: $id) { id } }", json!({ "id": id })).await;
                if sees(*target) {
                    assert_eq!(answer.data("/node/id"), id, "{name}");
                } else {
                    assert_eq!(answer.codes(), ["NOT_FOUND"], "{name}");
                }
            }
            let mut found = BTreeSet::new();
            for year in [2022, 2023] {
                for half in ["first: 100", "last: 100"] {
                    let answer = actor.query(&format!("{{ plan(year: {year}) {{ targets({half}) {{ nodes {{ milestones {{ id }} refinement {{ status }} }} }} }} }}")).await;
                    let targets = answer.body.pointer("/data/plan/targets/nodes").and_then(Value::as_array).cloned().unwrap_or_default();
                    for target in &targets {
                        let of_target = target["milestones"].as_array().unwrap();
                        assert_eq!(target["refinement"].is_null(), of_target.is_empty(), "{name}: {target}");
                        found.extend(of_target.iter().map(|row| row["id"].as_str().unwrap().to_owned()));
                    }
                }
            }
            assert_eq!(found.iter().map(String::as_str).collect::<BTreeSet<_>>(), expected, "{name}: of targets");
        }
    }

    async fn the_contract_saves_a_milestone_at_a_fixed_cost(app: App) {
        let scene = Scene::of(&app).await;
        let manager = app.sign_in("fgw-manager").await;
        let saved = manager.ask(&operation("SaveMilestone"), json!({ "targetId": scene.target(1), "title": "x", "dueOn": "2022-06-30" })).await;
        assert_eq!(saved.data("/saveMilestone/milestone/title"), "x");
        let query = "query($n: Int) { plan(year: 2022) { targets(first: $n) { nodes { milestones { id unit { name } availableActions { action allowed } } refinement { status } } } } }";
        let mut costs = Vec::new();
        for n in [1, 100] {
            costs.push(manager.ask(query, json!({ "n": n })).await.statements());
        }
        assert_eq!(costs[0], costs[1]);
    }
}
