//! Extensions and closures (domain.md §1, §8): who asks, who decides, what changes, and who sees it.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use entity::target_request;
use sea_orm::{ConnectionTrait, EntityTrait, QueryOrder};
use serde_json::{Value, json};
use tests::{Actor, Answer, App, both, world::ACTORS};

use crate::{
    contract::operation,
    parties::global,
    scene::{Number, Scene, act, allowed, audited, events, grant, target},
};

const NONE: [&str; 0] = [];

async fn extension(actor: &Actor<'_>, target: &str, day: &str) -> Answer {
    let input = json!({ "targetId": target, "newDueOn": day, "reason": "连续阴雨，工期顺延" });
    act(actor, "requestExtension", input, "extensionRequest { id status oldDueOn newDueOn reason unit { name } requestedBy { displayName } }").await
}

async fn closure(actor: &Actor<'_>, target: &str) -> Answer {
    let input = json!({ "targetId": target, "summary": "已完成全部任务" });
    act(
        actor,
        "requestClosure",
        input,
        "closureRequest { id status summary unit { name } }",
    )
    .await
}

async fn decide(actor: &Actor<'_>, request: &str, decision: &str, comment: Option<&str>) -> Answer {
    let input = json!({ "requestId": request, "decision": decision, "comment": comment });
    let fields = "request { id status comment decidedBy { displayName } } target { state light dueOn originalDueOn closedAt version }";
    act(actor, "decideRequest", input, fields).await
}

async fn withdraw(actor: &Actor<'_>, request: &str) -> Answer {
    act(
        actor,
        "withdrawRequest",
        json!({ "requestId": request }),
        "request { id status }",
    )
    .await
}

async fn step(actor: &Actor<'_>, mutation: &str, target: &str, reason: &str) -> Answer {
    let input = json!({ "targetId": target, "reason": reason });
    act(
        actor,
        mutation,
        input,
        "target { state light closedAt suspendedReason version }",
    )
    .await
}

fn id(answer: &Answer, mutation: &str, of: &str) -> String {
    assert_eq!(answer.refusals(mutation), NONE);
    answer
        .data(&format!("/{mutation}/{of}/id"))
        .as_str()
        .unwrap()
        .to_owned()
}

both! {
    async fn an_extension_puts_the_due_date_off_and_keeps_the_first(app: App) {
        let scene = Scene::of(&app).await;
        let one = scene.target(1);
        let manager = app.sign_in("fgw-manager").await;
        assert_eq!(allowed(&manager, &one).await, ["REQUEST_EXTENSION", "REQUEST_CLOSURE", "SAVE_MILESTONE"]);
        let asked = extension(&manager, &one, "2023-03-31").await;
        let request = id(&asked, "requestExtension", "extensionRequest");
        assert_eq!(asked.data("/requestExtension/extensionRequest"), &json!({
            "id": request, "status": "PENDING", "oldDueOn": "2022-12-31", "newDueOn": "2023-03-31", "reason": "连续阴雨，工期顺延",
            "unit": { "name": "市发展改革委" }, "requestedBy": { "displayName": "账号 fgw-manager" },
        }));
        assert_eq!(allowed(&manager, &one).await, ["REQUEST_CLOSURE", "SAVE_MILESTONE"]);
        assert_eq!(extension(&manager, &one, "2023-04-30").await.refusals("requestExtension"), ["WRONG_STATE targetId"]);

        // Asked in time, it is decided when the old due date has passed: the light was red, and is so no longer.
        app.clock.advance(TimeDelta::days(209));
        let (office, manager) = (app.sign_in("office").await, app.sign_in("fgw-manager").await);
        let before = target(&office, &one, "state light dueOn version").await;
        assert_eq!(before, json!({ "state": "NOT_STARTED", "light": "RED", "dueOn": "2022-12-31", "version": 1 }));
        assert_eq!(allowed(&office, &request).await, ["APPROVE_REQUEST", "REJECT_REQUEST"]);
        let decided = decide(&office, &request, "APPROVE", None).await;
        assert_eq!(decided.refusals("decideRequest"), NONE);
        assert_eq!(decided.data("/decideRequest/target"), &json!({
            "state": "NOT_STARTED", "light": "GREEN", "dueOn": "2023-03-31", "originalDueOn": "2022-12-31", "closedAt": null, "version": 3,
        }));
        assert_eq!(decided.data("/decideRequest/request"), &json!({ "id": request, "status": "APPROVED", "comment": null, "decidedBy": { "displayName": "账号 office" } }));
        assert_eq!(events(&app).await, ["REQUEST_MADE LEADS", "REQUEST_APPROVED LEADS", "TARGET_STANDING_CHANGED TARGET", "TARGET_EXTENDED TARGET"]);

        // Once more: the first date stays the first.
        let again = id(&extension(&manager, &one, "2023-12-31").await, "requestExtension", "extensionRequest");
        let decided = decide(&office, &again, "APPROVE", Some("同意")).await;
        assert_eq!(decided.data("/decideRequest/target/dueOn"), "2023-12-31");
        assert_eq!(decided.data("/decideRequest/target/originalDueOn"), "2022-12-31");
        let list = target(&manager, &one, "extensionRequests { id status oldDueOn newDueOn comment decidedBy { displayName } } closureRequests { id }").await;
        assert_eq!(list["extensionRequests"][1], json!({
            "id": again, "status": "APPROVED", "oldDueOn": "2023-03-31", "newDueOn": "2023-12-31", "comment": "同意", "decidedBy": { "displayName": "账号 office" },
        }));
        assert_eq!(list["closureRequests"], json!([]));
    }

    async fn a_closure_is_refused_asked_again_granted_and_the_target_reopened(app: App) {
        let scene = Scene::of(&app).await;
        let one = scene.target(1);
        let (office, manager) = (app.sign_in("office").await, app.sign_in("fgw-manager").await);
        let first = id(&closure(&manager, &one).await, "requestClosure", "closureRequest");
        assert_eq!(decide(&office, &first, "REJECT", None).await.refusals("decideRequest"), ["INVALID comment"]);
        assert_eq!(decide(&office, &first, "REJECT", Some("  ")).await.refusals("decideRequest"), ["INVALID comment"]);
        let refused = decide(&office, &first, "REJECT", Some("佐证材料不全")).await;
        assert_eq!(refused.data("/decideRequest/request/status"), "REJECTED");
        assert_eq!(refused.data("/decideRequest/target/closedAt"), &Value::Null);
        assert_eq!(refused.data("/decideRequest/target/version"), 1);

        let second = id(&closure(&manager, &one).await, "requestClosure", "closureRequest");
        let asked = id(&extension(&manager, &one, "2023-01-31").await, "requestExtension", "extensionRequest");
        let granted = decide(&office, &second, "APPROVE", None).await;
        assert_eq!(granted.data("/decideRequest/target/state"), "COMPLETED");
        assert_eq!(granted.data("/decideRequest/target/closedAt"), "2022-06-15T04:00:00Z");
        // What is closed takes no requests, and those that wait can only be refused or taken back.
        assert_eq!(allowed(&manager, &one).await, NONE);
        assert_eq!(allowed(&office, &one).await, ["REOPEN_TARGET"]);
        assert_eq!(closure(&manager, &one).await.refusals("requestClosure"), ["WRONG_STATE targetId"]);
        assert_eq!(decide(&office, &asked, "APPROVE", None).await.refusals("decideRequest"), ["WRONG_STATE requestId"]);
        assert_eq!(withdraw(&manager, &asked).await.data("/withdrawRequest/request/status"), "WITHDRAWN");
        // Closed is closed, whatever the day.
        let later = target(&office, &one, "state(on: \"2023-06-01\") light(on: \"2023-06-01\")").await;
        assert_eq!(later, json!({ "state": "COMPLETED", "light": "GREEN" }));

        assert_eq!(step(&manager, "reopenTarget", &one, "x").await.refusals("reopenTarget"), ["FORBIDDEN targetId"]);
        assert_eq!(step(&office, "reopenTarget", &one, " ").await.refusals("reopenTarget"), ["INVALID reason"]);
        let reopened = step(&office, "reopenTarget", &one, "数据核减").await;
        assert_eq!(reopened.data("/reopenTarget/target/state"), "NOT_STARTED");
        assert_eq!(reopened.data("/reopenTarget/target/closedAt"), &Value::Null);
        assert_eq!(step(&office, "reopenTarget", &one, "x").await.refusals("reopenTarget"), ["WRONG_STATE targetId"]);
        let list = target(&manager, &one, "closureRequests { id status comment reopenedAt reopenReason reopenedBy { displayName } }").await;
        assert_eq!(list["closureRequests"], json!([
            { "id": first, "status": "REJECTED", "comment": "佐证材料不全", "reopenedAt": null, "reopenReason": null, "reopenedBy": null },
            { "id": second, "status": "APPROVED", "comment": null, "reopenedAt": "2022-06-15T04:00:00Z", "reopenReason": "数据核减", "reopenedBy": { "displayName": "账号 office" } },
        ]));
        id(&closure(&manager, &one).await, "requestClosure", "closureRequest");
        assert_eq!(events(&app).await, [
            "REQUEST_MADE LEADS", "REQUEST_REJECTED LEADS", "REQUEST_MADE LEADS", "REQUEST_MADE LEADS",
            "REQUEST_APPROVED LEADS", "TARGET_STANDING_CHANGED TARGET", "TARGET_CLOSED TARGET", "REQUEST_WITHDRAWN LEADS",
            "TARGET_REOPENED TARGET", "TARGET_STANDING_CHANGED TARGET", "REQUEST_MADE LEADS",
        ]);
    }

    async fn a_suspended_target_takes_no_requests_until_it_is_taken_up_again(app: App) {
        let scene = Scene::of(&app).await;
        let one = scene.target(1);
        let (office, manager) = (app.sign_in("office").await, app.sign_in("fgw-manager").await);
        let asked = id(&extension(&manager, &one, "2023-01-31").await, "requestExtension", "extensionRequest");
        let suspended = step(&office, "suspendTarget", &one, "政策调整").await;
        assert_eq!(suspended.data("/suspendTarget/target"), &json!({ "state": "OTHER", "light": "GREEN", "closedAt": null, "suspendedReason": "政策调整", "version": 3 }));
        assert_eq!(step(&office, "suspendTarget", &one, "x").await.refusals("suspendTarget"), ["WRONG_STATE targetId"]);
        assert_eq!(closure(&manager, &one).await.refusals("requestClosure"), ["WRONG_STATE targetId"]);
        assert_eq!(decide(&office, &asked, "APPROVE", None).await.refusals("decideRequest"), ["WRONG_STATE requestId"]);
        let resumed = step(&office, "resumeTarget", &one, "政策已明确").await;
        assert_eq!(resumed.data("/resumeTarget/target/state"), "NOT_STARTED");
        assert_eq!(resumed.data("/resumeTarget/target/suspendedReason"), &Value::Null);
        assert_eq!(step(&office, "resumeTarget", &one, "x").await.refusals("resumeTarget"), ["WRONG_STATE targetId"]);
        assert_eq!(decide(&office, &asked, "APPROVE", None).await.refusals("decideRequest"), NONE);
        for act in ["SUSPEND_TARGET", "RESUME_TARGET", "APPROVE_REQUEST"] {
            assert_eq!(audited(&app, act).await, 1, "{act}");
        }
    }

    async fn what_is_refused_changes_nothing(app: App) {
        let scene = Scene::of(&app).await;
        let one = scene.target(1);
        let manager = app.sign_in("fgw-manager").await;
        let ask = async |input: Value| act(&manager, "requestExtension", input, "extensionRequest { id }").await.refusals("requestExtension");
        for (day, reason, refusal) in [
            ("2022-12-31", "x", "INVALID newDueOn"),
            ("2022-12-30", "x", "INVALID newDueOn"),
            ("2024-01-01", "x", "INVALID newDueOn"),
            ("2023-01-31", " ", "INVALID reason"),
        ] {
            assert_eq!(ask(json!({ "targetId": one, "newDueOn": day, "reason": reason })).await, [refusal], "{day}");
        }
        assert_eq!(ask(json!({ "targetId": one, "newDueOn": "2023-01-31", "reason": "长".repeat(4001) })).await, ["TOO_LARGE reason"]);
        assert_eq!(ask(json!({ "targetId": "nonsense", "newDueOn": "2023-01-31", "reason": "x" })).await, ["NOT_FOUND targetId"]);
        let other = global("Unit", 1_000_000);
        assert_eq!(ask(json!({ "targetId": one, "newDueOn": "2023-01-31", "reason": "x", "unitId": other })).await, ["FORBIDDEN unitId"]);
        // Once the due date has passed, only the closing can be asked for.
        app.clock.advance(TimeDelta::days(200));
        let manager = app.sign_in("fgw-manager").await;
        assert_eq!(extension(&manager, &one, "2023-03-31").await.refusals("requestExtension"), ["WRONG_STATE targetId"]);
        assert_eq!(allowed(&manager, &one).await, ["REQUEST_CLOSURE", "SAVE_MILESTONE"]);
        let message = target(&manager, &one, "availableActions { action reason { code message } }").await;
        let asking = message["availableActions"].as_array().unwrap().iter().find(|row| row["action"] == "REQUEST_EXTENSION").unwrap();
        assert_eq!(asking["reason"], json!({ "code": "WRONG_STATE", "message": "The due date was 2022-12-31; an extension must be asked for before it has passed." }));
        let office = app.sign_in("office").await;
        for request in ["nonsense".to_owned(), global("TargetRequest", 1)] {
            assert_eq!(decide(&office, &request, "APPROVE", None).await.refusals("decideRequest"), ["NOT_FOUND requestId"]);
        }
        assert_eq!(events(&app).await, NONE);
        assert!(target_request::Entity::find().all(&app.database.connect().await).await.unwrap().is_empty());
    }

    async fn who_may_ask_and_decide(app: App) {
        // Target 1: 市发展改革委 leads, 临海市政府 supports; the other: 市安委办 leads, for which 市应急管理局 acts.
        let scene = Scene::of(&app).await;
        let (office, one) = (app.sign_in("office").await, scene.target(1));
        let mut asked_by = 0;
        for name in ACTORS {
            let actor = app.sign_in(name).await;
            for number in [1, scene.acted()] {
                let sight = scene.sight(name, (2022, number));
                let expected = if !sight.sees {
                    "NOT_FOUND targetId"
                } else if sight.lead && name.ends_with("manager") {
                    ""
                } else {
                    "FORBIDDEN targetId"
                };
                let asked = closure(&actor, &scene.target(number)).await;
                assert_eq!(asked.refusals("requestClosure").join(""), expected, "{name} {number}");
                asked_by += usize::from(expected.is_empty());
                if expected.is_empty() {
                    let request = id(&asked, "requestClosure", "closureRequest");
                    let unit = if number == 1 { "市发展改革委" } else { "市安委办" };
                    assert_eq!(asked.data("/requestClosure/closureRequest/unit/name"), unit);
                    assert_eq!(withdraw(&actor, &request).await.refusals("withdrawRequest"), NONE);
                    assert_eq!(withdraw(&actor, &request).await.refusals("withdrawRequest"), ["WRONG_STATE requestId"]);
                }
            }
        }
        assert!(asked_by >= 2, "a lead unit's manager, and an acting unit's");
        let manager = app.sign_in("fgw-manager").await;
        for name in ACTORS {
            let request = id(&closure(&manager, &one).await, "requestClosure", "closureRequest");
            let actor = app.sign_in(name).await;
            let sight = scene.sight(name, (2022, 1));
            let expected = if sight.office {
                ""
            } else if sight.lead || sight.leader {
                "FORBIDDEN requestId"
            } else {
                "NOT_FOUND requestId"
            };
            assert_eq!(decide(&actor, &request, "REJECT", Some("x")).await.refusals("decideRequest").join(""), expected, "{name}");
            if !expected.is_empty() {
                assert_eq!(decide(&office, &request, "REJECT", Some("x")).await.refusals("decideRequest"), NONE);
            }
        }
    }

    async fn the_contract_is_played_through(app: App) {
        let scene = Scene::of(&app).await;
        let (office, manager) = (app.sign_in("office").await, app.sign_in("fgw-manager").await);
        let ask = json!({ "targetId": scene.target(1), "newDueOn": "2023-01-31", "reason": "x" });
        let asked = manager.ask(&operation("RequestExtension"), ask).await;
        let request = asked.data("/requestExtension/extensionRequest/id");
        let pending = office.ask(&operation("PendingRequests"), json!({ "first": 10, "planYear": 2022 })).await;
        assert_eq!(pending.data("/requests/totalCount"), 1);
        assert_eq!(pending.data("/requests/nodes/0/__typename"), "ExtensionRequest");
        assert_eq!(pending.data("/requests/nodes/0/target/number"), 1);
        let decided = office.ask(&operation("DecideRequest"), json!({ "requestId": request, "decision": "APPROVE" })).await;
        assert_eq!(decided.data("/decideRequest/target/dueOn"), "2023-01-31");
        let asked = manager.ask(&operation("RequestClosure"), json!({ "targetId": scene.target(1), "summary": "x" })).await;
        let request = asked.data("/requestClosure/closureRequest/id");
        let decided = office.ask(&operation("DecideRequest"), json!({ "requestId": request, "decision": "APPROVE" })).await;
        assert_eq!(decided.data("/decideRequest/target/state"), "COMPLETED");
    }

    async fn whoever_asked_does_not_decide(app: App) {
        let scene = Scene::of(&app).await;
        grant(&app, "office-2022", "UNIT_MANAGER", "市发展改革委").await;
        let both = app.sign_in("office-2022").await;
        let request = id(&closure(&both, &scene.target(1)).await, "requestClosure", "closureRequest");
        assert_eq!(allowed(&both, &request).await, ["WITHDRAW_REQUEST"]);
        for (decision, comment) in [("APPROVE", None), ("REJECT", Some("x"))] {
            assert_eq!(decide(&both, &request, decision, comment).await.refusals("decideRequest"), ["FORBIDDEN requestId"]);
        }
        let office = app.sign_in("office").await;
        assert_eq!(decide(&office, &request, "APPROVE", None).await.refusals("decideRequest"), NONE);
    }

    async fn of_two_at_the_same_moment_one_wins(app: App) {
        let scene = Scene::of(&app).await;
        let one = scene.target(1);
        let (office, manager) = (app.sign_in("office").await, app.sign_in("fgw-manager").await);
        let (a, b, c) = tokio::join!(closure(&manager, &one), closure(&manager, &one), closure(&manager, &one));
        let mut outcomes: Vec<String> = [&a, &b, &c].iter().map(|answer| answer.refusals("requestClosure").join("")).collect();
        outcomes.sort();
        assert_eq!(outcomes, ["", "WRONG_STATE targetId", "WRONG_STATE targetId"]);
        let request = [&a, &b, &c].into_iter().find(|answer| answer.refusals("requestClosure").is_empty()).unwrap();
        let request = id(request, "requestClosure", "closureRequest");
        let (a, b, c) = tokio::join!(decide(&office, &request, "APPROVE", None), decide(&office, &request, "REJECT", Some("x")), withdraw(&manager, &request));
        let mut outcomes = [a.refusals("decideRequest").join(""), b.refusals("decideRequest").join(""), c.refusals("withdrawRequest").join("")];
        outcomes.sort();
        assert_eq!(outcomes, ["", "WRONG_STATE requestId", "WRONG_STATE requestId"]);
    }

    async fn a_mutation_that_comes_again_changes_nothing_twice(app: App) {
        let scene = Scene::of(&app).await;
        let (office, manager) = (app.sign_in("office").await, app.sign_in("fgw-manager").await);
        let input = json!({ "targetId": scene.target(1), "summary": "x", "clientMutationId": "a" });
        let ask = async || act(&manager, "requestClosure", input.clone(), "clientMutationId closureRequest { id }").await;
        let (one, two) = tokio::join!(ask(), ask());
        let request = id(&one, "requestClosure", "closureRequest");
        assert_eq!(id(&two, "requestClosure", "closureRequest"), request);
        assert_eq!(two.data("/requestClosure/clientMutationId"), "a");
        let other = json!({ "targetId": scene.target(1), "summary": "y", "clientMutationId": "a" });
        assert_eq!(act(&manager, "requestClosure", other, "closureRequest { id }").await.refusals("requestClosure"), ["CONFLICT clientMutationId"]);
        let decision = json!({ "requestId": request, "decision": "APPROVE", "clientMutationId": "a" });
        for _ in 0..2 {
            let done = act(&office, "decideRequest", decision.clone(), "target { state version }").await;
            assert_eq!(done.data("/decideRequest/target"), &json!({ "state": "COMPLETED", "version": 3 }));
        }
        let again = json!({ "targetId": scene.target(1), "reason": "x", "clientMutationId": "b" });
        for _ in 0..2 {
            let done = act(&office, "reopenTarget", again.clone(), "target { state version }").await;
            assert_eq!(done.data("/reopenTarget/target"), &json!({ "state": "NOT_STARTED", "version": 5 }));
        }
        for act in ["REQUEST_CLOSURE", "APPROVE_REQUEST", "REOPEN_TARGET"] {
            assert_eq!(audited(&app, act).await, 1, "{act}");
        }
    }

    async fn every_path_leads_to_what_the_rule_says(app: App) {
        let scene = Scene::of(&app).await;
        let rows = one_on_each_target(&app).await;
        let number_of = |row: &target_request::Model| -> Number { *scene.ids.iter().find(|(_, id)| **id == row.target_id.0).unwrap().0 };
        let requests: Vec<(String, Number, i64)> = rows.iter().map(|row| (global("TargetRequest", row.id.0), number_of(row), row.unit_id.0)).collect();
        assert!(requests.len() > 300, "{}", requests.len());
        let all: Vec<&str> = requests.iter().map(|(id, ..)| id.as_str()).collect();
        for name in ACTORS {
            let actor = app.sign_in(name).await;
            let sees = |target: Number| {
                let sight = scene.sight(name, target);
                sight.office || sight.leader || sight.lead
            };
            let of = |such: &dyn Fn(&(String, Number, i64)) -> bool| -> BTreeSet<String> {
                requests.iter().filter(|request| sees(request.1) && such(request)).map(|(id, ..)| id.clone()).collect()
            };
            let expected = of(&|_| true);
            assert_eq!(list(&actor, "{}").await, expected, "{name}: the list");
            for year in [2022, 2023, 2024] {
                assert_eq!(list(&actor, &format!("{{ planYear: {year} }}")).await, of(&|request| request.1.0 == year), "{name}: {year}");
            }
            let unit = requests[0].2;
            assert_eq!(list(&actor, &format!("{{ unitId: \"{}\" }}", global("Unit", unit))).await, of(&|request| request.2 == unit), "{name}: of a unit");
            for number in [1, 12, scene.acted()] {
                let filter = format!("{{ targetId: \"{}\", status: PENDING }}", scene.target(number));
                assert_eq!(list(&actor, &filter).await, of(&|request| request.1 == (2022, number)), "{name}: of target {number}");
            }
            assert!(list(&actor, "{ status: APPROVED }").await.is_empty());
            let closures = list(&actor, "{ kind: CLOSURE }").await;
            assert_eq!(closures.len() * 2, expected.len(), "{name}: closures");
            assert!(closures.is_subset(&expected));

            // By ID.
            let mut found = BTreeSet::new();
            for part in all.chunks(100) {
                let answer = actor.ask("query($ids: [ID!]!) { nodes(ids: $ids) { id } }", json!({ "ids": part })).await;
                found.extend(ids(answer.data("/nodes")));
            }
            assert_eq!(found, expected, "{name}: nodes");
            for (id, target, _) in requests.iter().step_by(37) {
                let answer = actor.ask("query($id: ID!) { node(id: $id) { id } }", json!({ "id": id })).await;
                if sees(*target) {
                    assert_eq!(answer.data("/node/id"), id, "{name}");
                } else {
                    assert_eq!(answer.codes(), ["NOT_FOUND"], "{name}");
                }
            }

            // From the targets.
            let mut found = BTreeSet::new();
            for year in [2022, 2023] {
                for half in ["first: 100", "last: 100"] {
                    let answer = actor.query(&format!("{{ plan(year: {year}) {{ targets({half}) {{ nodes {{ extensionRequests {{ id }} closureRequests {{ id }} }} }} }} }}")).await;
                    let targets = answer.body.pointer("/data/plan/targets/nodes").and_then(Value::as_array).cloned().unwrap_or_default();
                    for target in &targets {
                        found.extend(ids(&target["extensionRequests"]));
                        found.extend(ids(&target["closureRequests"]));
                    }
                }
            }
            assert_eq!(found, expected, "{name}: of targets");
        }
    }

    async fn lists_cost_the_same_whatever_their_size(app: App) {
        one_on_each_target(&app).await;
        for name in ["office", "fgw-manager", "leader-1"] {
            let actor = app.sign_in(name).await;
            let mut costs = Vec::new();
            for first in [1, 10, 100] {
                let answer = actor.ask(&operation("PendingRequests"), json!({ "first": first })).await;
                assert!(!answer.data("/requests/nodes").as_array().unwrap().is_empty());
                costs.push(answer.statements());
            }
            // The viewer, the page, the count, units, targets, people, evidence, and four for the guards.
            assert_eq!(costs, [11, 11, 11], "{name}");
            let query = "query($n: Int) { plan(year: 2022) { targets(first: $n) { nodes { extensionRequests { id } closureRequests { id } availableActions { action allowed } } } } }";
            let mut costs = Vec::new();
            for n in [1, 100] {
                costs.push(actor.ask(query, json!({ "n": n })).await.statements());
            }
            // The viewer, the plan, the page and the requests; for the guards assignments, leaders, what waits, how far refining is and
            // what was carried over.
            assert_eq!(costs, [11, 11], "{name}");
        }
    }
}

/// Puts a request of each kind on each target with a lead unit, as no act can: on drafts, too.
pub(crate) async fn one_on_each_target(app: &App) -> Vec<target_request::Model> {
    let db = app.database.connect().await;
    for (kind, days) in [
        ("EXTENSION", ["'2022-12-31'", "'2023-01-31'"]),
        ("CLOSURE", ["NULL", "NULL"]),
    ] {
        let cast = |day: &str| {
            format!(
                "CAST({day} AS {})",
                if app.database.backend == tests::Backend::Postgres {
                    "DATE"
                } else {
                    "TEXT"
                }
            )
        };
        db.execute_unprepared(&format!(
            "INSERT INTO target_request (plan_id, target_id, unit_id, kind, status, text, old_due_on, new_due_on, requested_at, requested_by_id)
             SELECT plan_id, target_id, MIN(unit_id), '{kind}', 'PENDING', 'x', {}, {}, '2022-06-15 00:00:00+00:00', 1
             FROM assignment WHERE role = 'LEAD' GROUP BY plan_id, target_id ORDER BY target_id",
            cast(days[0]), cast(days[1])
        ))
        .await
        .unwrap();
    }
    target_request::Entity::find()
        .order_by_asc(target_request::Column::Id)
        .all(&db)
        .await
        .unwrap()
}

fn ids(list: &Value) -> Vec<String> {
    let items = list.as_array().into_iter().flatten();
    items
        .filter_map(|item| item["id"].as_str().map(str::to_owned))
        .collect()
}

/// Walks the list of requests, newest first, and holds its count against it.
async fn list(actor: &Actor<'_>, filter: &str) -> BTreeSet<String> {
    let mut found = Vec::new();
    let mut cursor = Value::Null;
    loop {
        let query = format!(
            "query($c: String) {{ requests(first: 90, after: $c, filter: {filter}) {{ totalCount nodes {{ id }} pageInfo {{ hasNextPage endCursor }} }} }}"
        );
        let answer = actor.ask(&query, json!({ "c": cursor })).await;
        found.extend(ids(answer.data("/requests/nodes")));
        if answer.data("/requests/pageInfo/hasNextPage") == &json!(false) {
            assert_eq!(answer.data("/requests/totalCount"), found.len(), "{filter}");
            let set: BTreeSet<String> = found.iter().cloned().collect();
            assert_eq!(set.len(), found.len(), "{filter}: repeated");
            return set;
        }
        cursor = answer.data("/requests/pageInfo/endCursor").clone();
    }
}
