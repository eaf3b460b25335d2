//! Disputes (domain.md §8): a unit objects before it acknowledges, the office insists or reassigns.

use std::collections::BTreeSet;

use entity::dispute;
use sea_orm::{ConnectionTrait, EntityTrait, QueryOrder};
use serde_json::{Value, json};
use tests::{
    Actor, Answer, App, both,
    desk::{create_periods, report, save},
    world::ACTORS,
};

use crate::{
    parties::global,
    plans::done,
    scene::{Number, Scene, act, allowed, audited, events, target},
};

const NONE: [&str; 0] = [];

async fn object(actor: &Actor<'_>, assignment: &str) -> Answer {
    let input = json!({ "assignmentId": assignment, "reason": "非我单位职责" });
    act(
        actor,
        "disputeAssignment",
        input,
        "dispute { id status reason unit { name } raisedBy { displayName } }",
    )
    .await
}

async fn decide(
    actor: &Actor<'_>,
    dispute: &str,
    decision: &str,
    unit: Option<&str>,
    comment: Option<&str>,
) -> Answer {
    let input =
        json!({ "disputeId": dispute, "decision": decision, "unitId": unit, "comment": comment });
    let fields = "dispute { status comment newUnit { name } assignment { id unit { name } acknowledgedAt assignedAt } }";
    act(actor, "decideDispute", input, fields).await
}

async fn withdraw(actor: &Actor<'_>, dispute: &str) -> Answer {
    act(
        actor,
        "withdrawDispute",
        json!({ "disputeId": dispute }),
        "dispute { status }",
    )
    .await
}

async fn acknowledge(actor: &Actor<'_>, assignment: &str) -> Answer {
    act(
        actor,
        "acknowledgeAssignments",
        json!({ "assignmentIds": [assignment] }),
        "assignments { acknowledgedAt }",
    )
    .await
}

fn id(answer: &Answer) -> String {
    assert_eq!(answer.refusals("disputeAssignment"), NONE);
    answer
        .data("/disputeAssignment/dispute/id")
        .as_str()
        .unwrap()
        .to_owned()
}

/// The assignment of a unit, and the unit's ID.
async fn assignment(
    office: &Actor<'_>,
    scene: &Scene,
    number: i32,
    unit: &str,
) -> (String, String) {
    let found = target(
        office,
        &scene.target(number),
        "assignments { id unit { id name } }",
    )
    .await;
    let rows = found["assignments"].as_array().unwrap();
    let row = rows.iter().find(|row| row["unit"]["name"] == unit).unwrap();
    (
        row["id"].as_str().unwrap().to_owned(),
        row["unit"]["id"].as_str().unwrap().to_owned(),
    )
}

async fn unit(office: &Actor<'_>, name: &str) -> String {
    let answer = office
        .ask(
            "query($s: String) { units(filter: { search: $s }) { nodes { id } } }",
            json!({ "s": name }),
        )
        .await;
    answer
        .data("/units/nodes/0/id")
        .as_str()
        .unwrap()
        .to_owned()
}

both! {
    async fn the_office_insists_and_the_unit_acknowledges(app: App) {
        let scene = Scene::of(&app).await;
        let (office, manager) = (app.sign_in("office").await, app.sign_in("fgw-manager").await);
        let (own, _) = assignment(&office, &scene, 1, "市发展改革委").await;
        assert_eq!(allowed(&manager, &own).await, ["ACKNOWLEDGE_ASSIGNMENT", "DISPUTE_ASSIGNMENT"]);
        let raised = object(&manager, &own).await;
        let dispute = id(&raised);
        assert_eq!(raised.data("/disputeAssignment/dispute"), &json!({
            "id": dispute, "status": "OPEN", "reason": "非我单位职责", "unit": { "name": "市发展改革委" }, "raisedBy": { "displayName": "账号 fgw-manager" },
        }));
        assert_eq!(allowed(&manager, &own).await, NONE);
        assert_eq!(object(&manager, &own).await.refusals("disputeAssignment"), ["WRONG_STATE assignmentId"]);
        assert_eq!(acknowledge(&manager, &own).await.refusals("acknowledgeAssignments"), ["WRONG_STATE assignmentIds.0"]);
        assert_eq!(decide(&office, &dispute, "INSIST", None, None).await.refusals("decideDispute"), ["INVALID comment"]);
        let insisted = decide(&office, &dispute, "INSIST", None, Some("三定方案已明确")).await;
        assert_eq!(insisted.data("/decideDispute/dispute"), &json!({
            "status": "INSISTED", "comment": "三定方案已明确", "newUnit": null,
            "assignment": { "id": own, "unit": { "name": "市发展改革委" }, "acknowledgedAt": null, "assignedAt": null },
        }));
        assert_eq!(decide(&office, &dispute, "INSIST", None, Some("x")).await.refusals("decideDispute"), ["WRONG_STATE disputeId"]);
        assert_eq!(acknowledge(&manager, &own).await.refusals("acknowledgeAssignments"), NONE);
        assert_eq!(object(&manager, &own).await.refusals("disputeAssignment"), ["WRONG_STATE assignmentId"]);
        assert_eq!(events(&app).await, ["ASSIGNMENT_DISPUTED PARTIES", "DISPUTE_DECIDED PARTIES", "ASSIGNMENT_ACKNOWLEDGED TARGET"]);
    }

    async fn reassigned_the_target_is_another_units(app: App) {
        let scene = Scene::of(&app).await;
        let (office, manager, other) = (app.sign_in("office").await, app.sign_in("fgw-manager").await, app.sign_in("renfang-reporter").await);
        let one = scene.target(1);
        let see = json!({ "id": one });
        let seen = async |actor: &Actor<'_>| actor.ask("query($id: ID!) { target(id: $id) { id } }", see.clone()).await.body.get("errors").is_none();
        assert!(seen(&manager).await && !seen(&other).await);
        let milestone = act(&manager, "saveMilestone", json!({ "targetId": one, "title": "x", "dueOn": "2022-06-30" }), "milestone { id }").await;
        assert_eq!(milestone.refusals("saveMilestone"), NONE);
        let handed_in = act(&manager, "submitRefinement", json!({ "targetId": one }), "target { id }").await;
        assert_eq!(handed_in.refusals("submitRefinement"), NONE);
        let (own, _) = assignment(&office, &scene, 1, "市发展改革委").await;
        let (_, assigned) = assignment(&office, &scene, 1, "临海市政府").await;
        let new = unit(&office, "市人防办").await;
        let dispute = id(&object(&manager, &own).await);
        assert_eq!(decide(&office, &dispute, "REASSIGN", None, None).await.refusals("decideDispute"), ["INVALID unitId"]);
        assert_eq!(decide(&office, &dispute, "REASSIGN", Some("nonsense"), None).await.refusals("decideDispute"), ["NOT_FOUND unitId"]);
        assert_eq!(decide(&office, &dispute, "REASSIGN", Some(&assigned), None).await.refusals("decideDispute"), ["INVALID unitId"]);
        let done = decide(&office, &dispute, "REASSIGN", Some(&new), None).await;
        assert_eq!(done.data("/decideDispute/dispute"), &json!({
            "status": "REASSIGNED", "comment": null, "newUnit": { "name": "市人防办" },
            "assignment": { "id": own, "unit": { "name": "市人防办" }, "acknowledgedAt": null, "assignedAt": "2022-06-15T04:00:00Z" },
        }));
        // The old unit sees the target no longer, nor its dispute; the new one sees it, finds it and has its milestones.
        assert!(!seen(&manager).await && seen(&other).await);
        let gone = manager.ask("query($id: ID!) { node(id: $id) { id } }", json!({ "id": dispute })).await;
        assert_eq!(gone.codes(), ["NOT_FOUND"]);
        let own_now = target(&other, &one, "number version disputes { id } milestones { unit { name } }").await;
        assert_eq!(own_now, json!({ "number": 1, "version": 2, "disputes": [], "milestones": [{ "unit": { "name": "市人防办" } }] }));
        let found = other.query("{ plan(year: 2022) { targets(first: 100, filter: { search: \"市人防办\" }) { nodes { id } } } }").await;
        assert!(found.data("/plan/targets/nodes").as_array().unwrap().iter().any(|node| node["id"] == one.as_str()));
        assert_eq!(target(&office, &one, "disputes { id status }").await, json!({ "disputes": [{ "id": dispute, "status": "REASSIGNED" }] }));
        assert_eq!(events(&app).await, ["MILESTONE_SAVED UNIT", "REFINEMENT_SUBMITTED LEADS", "REFINEMENT_APPROVED TARGET", "ASSIGNMENT_DISPUTED PARTIES", "DISPUTE_DECIDED PARTIES", "ASSIGNMENT_REASSIGNED TARGET"]);
        assert_eq!(audited(&app, "REASSIGN_ASSIGNMENT").await, 1);
    }

    async fn what_is_open_of_a_unit_ends_when_its_part_goes_to_another(app: App) {
        let scene = Scene::of(&app).await;
        let (office, manager, linhai) = (app.sign_in("office").await, app.sign_in("fgw-manager").await, app.sign_in("linhai-manager").await);
        let periods = create_periods(&office).await;
        let one = scene.target(1);
        let (own, fgw) = assignment(&office, &scene, 1, "市发展改革委").await;
        let (_, other) = assignment(&office, &scene, 1, "临海市政府").await;
        let draft = save(&manager, json!({ "targetId": one, "periodId": periods["2022年6月"], "progress": "不外传的草稿" })).await;
        let draft = report(&draft, "saveProgressReport").id;
        done(&manager, "saveMilestone", json!({ "targetId": one, "title": "不外传的草案", "dueOn": "2022-08-31" }), "milestone { id }").await;
        let request = done(&manager, "requestExtension", json!({ "targetId": one, "newDueOn": "2023-03-31", "reason": "x" }), "extensionRequest { id }").await;
        let request = request["extensionRequest"]["id"].clone();
        let notice = async |unit: &str, colour: &str| {
            let input = json!({ "targetId": one, "unitId": unit, "colour": colour, "body": "x", "replyDueOn": "2022-07-01" });
            done(&office, "issueNotice", input, "notice { id }").await["notice"]["id"].clone()
        };
        let (open, others, answered) = (notice(&fgw, "RED").await, notice(&other, "YELLOW").await, notice(&fgw, "BLUE").await);
        done(&manager, "answerNotice", json!({ "noticeId": answered, "body": "x" }), "notice { id }").await;
        assert_eq!(target(&office, &one, "light").await["light"], "RED");
        let dispute = id(&object(&manager, &own).await);
        let before = events(&app).await.len();
        let new = unit(&office, "市人防办").await;
        assert_eq!(decide(&office, &dispute, "REASSIGN", Some(&new), Some("按三定方案调整")).await.refusals("decideDispute"), NONE);

        let by = json!({ "displayName": "账号 office" });
        let leader = app.sign_in("leader-1").await;
        assert!(scene.sight("leader-1", (2022, 1)).leader);
        for actor in [&office, &leader] {
            let ended = ended(actor, &request).await;
            assert_eq!((&ended["status"], &ended["comment"], &ended["decidedBy"]), (&json!("WITHDRAWN"), &json!("责任单位已调整"), &by));
            assert!(ended["availableActions"].as_array().unwrap().iter().all(|act| act["allowed"] == false));
            let withdrawn = json!({ "state": "WITHDRAWN", "withdrawal": { "reason": "按三定方案调整", "withdrawnBy": by } });
            assert_eq!(self::ended(actor, &open).await, withdrawn);
        }
        for (notice, state) in [(&others, "OPEN"), (&answered, "ANSWERED")] {
            assert_eq!(ended(&office, notice).await, json!({ "state": state, "withdrawal": null }), "it stays as it is");
        }
        assert_eq!(ended(&linhai, &others).await["state"], "OPEN");
        // The red notice was all that made it red; and what was never handed in goes with those who drafted it.
        for name in ["office", "renfang-reporter", "leader-1", "observer", "linhai-manager"] {
            let left = target(&app.sign_in(name).await, &one, "light milestones { title } refinement { status }").await;
            assert_eq!(left, json!({ "light": "GREEN", "milestones": [], "refinement": null }), "{name}");
        }
        // Whoever has the part now has nothing of the old unit's, which sees nothing of it any more; its draft is kept.
        for name in ["fgw-manager", "renfang-reporter"] {
            let actor = app.sign_in(name).await;
            for gone in [&request, &open, &json!(draft)] {
                let answer = actor.ask("query($id: ID!) { node(id: $id) { id } }", json!({ "id": gone })).await;
                let seen_by_leads = name == "renfang-reporter" && *gone == request;
                assert_eq!(answer.codes().is_empty(), seen_by_leads, "{name} {gone}");
            }
        }
        assert_eq!(crate::plans::rows(&app, "progress_report").await, 1);
        // Each of them has its entry, of the act that it was, and whom it concerns hears of it.
        let entries = crate::parties::audited(&app, "REASSIGN_ASSIGNMENT").await;
        let mut objects: Vec<&str> = entries.iter().map(|entry| entry.object_type.as_str()).collect();
        objects.sort_unstable();
        assert_eq!(objects, ["Dispute", "Milestone", "Refinement", "SupervisionNotice", "TargetRequest"]);
        assert!(entries.iter().all(|entry| entry.grants[0]["role"] == "SUPERVISOR"));
        let mut happened = events(&app).await.split_off(before);
        happened.sort_unstable();
        assert_eq!(happened, [
            "ASSIGNMENT_REASSIGNED TARGET", "DISPUTE_DECIDED PARTIES", "NOTICE_WITHDRAWN PARTIES", "REQUEST_WITHDRAWN LEADS", "TARGET_STANDING_CHANGED TARGET",
        ]);
    }

    async fn of_a_supporting_unit_or_beside_another_lead_unit_less_ends(app: App) {
        let scene = Scene::of(&app).await;
        let (office, manager, linhai) = (app.sign_in("office").await, app.sign_in("fgw-manager").await, app.sign_in("linhai-manager").await);
        let one = scene.target(1);
        done(&manager, "saveMilestone", json!({ "targetId": one, "title": "x", "dueOn": "2022-08-31" }), "milestone { id }").await;
        let asked = async |actor: &Actor<'_>| {
            let input = json!({ "targetId": one, "newDueOn": "2023-03-31", "reason": "x" });
            done(actor, "requestExtension", input, "extensionRequest { id }").await["extensionRequest"]["id"].clone()
        };
        let request = asked(&manager).await;
        let issued = async |unit: &str| {
            let input = json!({ "targetId": one, "unitId": unit, "colour": "YELLOW", "body": "x", "replyDueOn": "2022-07-01" });
            done(&office, "issueNotice", input, "notice { id }").await["notice"]["id"].clone()
        };
        let (supports, other) = assignment(&office, &scene, 1, "临海市政府").await;
        let (leads, fgw) = assignment(&office, &scene, 1, "市发展改革委").await;
        let (of_linhai, of_fgw) = (issued(&other).await, issued(&fgw).await);
        let state = async |id: &Value| {
            let row = ended(&office, id).await;
            row.get("state").unwrap_or(&row["status"]).clone()
        };
        let drafted = async |actor: &Actor<'_>| target(actor, &one, "milestones { unit { name } } refinement { status }").await;
        let draft = |unit: &str| json!({ "milestones": [{ "unit": { "name": unit } }], "refinement": { "status": "DRAFT" } });

        // A supporting unit goes: its notice ends, without a comment in words of the server's; what is the lead unit's stays.
        let dispute = id(&object(&linhai, &supports).await);
        let new = unit(&office, "市人防办").await;
        assert_eq!(decide(&office, &dispute, "REASSIGN", Some(&new), None).await.refusals("decideDispute"), NONE);
        assert_eq!(ended(&office, &of_linhai).await, json!({ "state": "WITHDRAWN", "withdrawal": { "reason": "责任单位已调整", "withdrawnBy": { "displayName": "账号 office" } } }));
        assert_eq!((state(&request).await, state(&of_fgw).await), (json!("PENDING"), json!("OPEN")));
        assert_eq!(drafted(&manager).await, draft("市发展改革委"));
        assert_eq!(audited(&app, "REASSIGN_ASSIGNMENT").await, 2);

        // One of two lead units goes: its request ends with its notice; the draft is the other one's, too, and its milestones with it.
        let seen = target(&office, &one, "version assignments { role unit { id name } }").await;
        let units: Vec<Value> = seen["assignments"].as_array().unwrap().iter().map(|row| {
            let leads = row["role"] == "LEAD" || row["unit"]["name"] == "市人防办";
            json!({ "unitId": row["unit"]["id"], "role": if leads { "LEAD" } else { "SUPPORTING" } })
        }).collect();
        let amendment = json!({ "targetId": one, "expectedVersion": seen["version"], "reason": "x", "units": units });
        done(&office, "amendTarget", amendment, "target { id }").await;
        assert_eq!(state(&request).await, "PENDING");
        let dispute = id(&object(&manager, &leads).await);
        assert_eq!(decide(&office, &dispute, "REASSIGN", Some(&other), None).await.refusals("decideDispute"), NONE);
        assert_eq!((state(&request).await, state(&of_fgw).await), (json!("WITHDRAWN"), json!("WITHDRAWN")));
        for name in ["renfang-reporter", "linhai-manager"] {
            assert_eq!(drafted(&app.sign_in(name).await).await, draft("临海市政府"), "{name}");
        }
        assert_eq!(audited(&app, "REASSIGN_ASSIGNMENT").await, 5);
        // Whoever leads now asks for itself.
        assert_eq!(state(&asked(&linhai).await).await, "PENDING");
    }

    async fn who_may_object_and_decide(app: App) {
        let scene = Scene::of(&app).await;
        let office = app.sign_in("office").await;
        for (number, unit) in [(1, "市发展改革委"), (1, "临海市政府"), (scene.acted(), "市安委办")] {
            let (row, _) = assignment(&office, &scene, number, unit).await;
            for name in ACTORS {
                let actor = app.sign_in(name).await;
                let (sight, own) = (scene.sight(name, (2022, number)), scene.works_for(name, (2022, number), unit));
                let expected = match () {
                    () if !sight.sees => "NOT_FOUND assignmentId",
                    () if own && name.ends_with("manager") => "",
                    () => "FORBIDDEN assignmentId",
                };
                let raised = object(&actor, &row).await;
                assert_eq!(raised.refusals("disputeAssignment").join(""), expected, "{name} {number} {unit}");
                if expected.is_empty() {
                    let dispute = id(&raised);
                    for other in ACTORS.iter().filter(|other| **other != name) {
                        let actor = app.sign_in(other).await;
                        let sight = scene.sight(other, (2022, number));
                        let party = sight.leader || scene.works_for(other, (2022, number), unit);
                        let expected = match () {
                            () if sight.office => "INVALID comment",
                            () if party => "FORBIDDEN disputeId",
                            () => "NOT_FOUND disputeId",
                        };
                        assert_eq!(decide(&actor, &dispute, "INSIST", None, None).await.refusals("decideDispute"), [expected], "{other} {unit}");
                    }
                    assert_eq!(withdraw(&actor, &dispute).await.data("/withdrawDispute/dispute/status"), "WITHDRAWN");
                    assert_eq!(withdraw(&actor, &dispute).await.refusals("withdrawDispute"), ["WRONG_STATE disputeId"]);
                }
            }
        }
    }

    async fn of_two_at_the_same_moment_one_wins(app: App) {
        let scene = Scene::of(&app).await;
        let (office, manager) = (app.sign_in("office").await, app.sign_in("fgw-manager").await);
        let (own, _) = assignment(&office, &scene, 1, "市发展改革委").await;
        let (a, b, c) = tokio::join!(object(&manager, &own), object(&manager, &own), acknowledge(&manager, &own));
        let done = [a.refusals("disputeAssignment"), b.refusals("disputeAssignment"), c.refusals("acknowledgeAssignments")];
        assert_eq!(done.iter().filter(|refusals| refusals.is_empty()).count(), 1, "{done:?}");
        let (own, _) = assignment(&office, &scene, 2, &scene.draft((2022, 2)).assignments[0].unit).await;
        let unit = scene.draft((2022, 2)).assignments[0].unit.clone();
        crate::scene::grant(&app, "fgw-manager", "UNIT_MANAGER", &unit).await;
        let input = json!({ "assignmentId": own, "reason": "x", "clientMutationId": "a" });
        let raise = async || act(&manager, "disputeAssignment", input.clone(), "dispute { id }").await;
        let (a, b) = tokio::join!(raise(), raise());
        let dispute = id(&a);
        assert_eq!(id(&b), dispute);
        let (a, b) = tokio::join!(decide(&office, &dispute, "INSIST", None, Some("x")), withdraw(&manager, &dispute));
        let done = [a.refusals("decideDispute"), b.refusals("withdrawDispute")];
        assert_eq!(done.iter().filter(|refusals| refusals.is_empty()).count(), 1, "{done:?}");
    }

    async fn every_path_leads_to_what_the_rule_says(app: App) {
        let scene = Scene::of(&app).await;
        let db = app.database.connect().await;
        // A dispute of each third assignment, on drafts, too.
        db.execute_unprepared(
            "INSERT INTO dispute (assignment_id, plan_id, target_id, unit_id, status, reason, raised_at, raised_by_id)
             SELECT id, plan_id, target_id, unit_id, 'OPEN', 'x', '2022-06-15 00:00:00+00:00', 1 FROM assignment WHERE id % 3 = 0 ORDER BY id",
        ).await.unwrap();
        let rows = dispute::Entity::find().order_by_asc(dispute::Column::Id).all(&db).await.unwrap();
        let units = entity::unit::Entity::find().all(&db).await.unwrap();
        let number_of = |row: &dispute::Model| -> Number { *scene.ids.iter().find(|(_, id)| **id == row.target_id.0).unwrap().0 };
        let disputes: Vec<(String, Number, String)> = rows.iter()
            .map(|row| (global("Dispute", row.id.0), number_of(row), units.iter().find(|unit| unit.id == row.unit_id).unwrap().name.clone()))
            .collect();
        for name in ACTORS {
            let actor = app.sign_in(name).await;
            let sees = |row: &&(String, Number, String)| {
                let sight = scene.sight(name, row.1);
                sight.office || sight.leader || (row.1.0 == 2022 && scene.works_for(name, row.1, &row.2))
            };
            let expected: BTreeSet<String> = disputes.iter().filter(sees).map(|row| row.0.clone()).collect();
            let of_2022: BTreeSet<String> = disputes.iter().filter(sees).filter(|row| row.1.0 == 2022).map(|row| row.0.clone()).collect();
            assert_eq!(list(&actor, "{ open: true }").await, expected, "{name}: open");
            assert_eq!(list(&actor, "{ planYear: 2022 }").await, of_2022, "{name}: of the year");
            assert!(list(&actor, "{ open: false }").await.is_empty(), "{name}");
            let mut found = BTreeSet::new();
            for part in disputes.chunks(100) {
                let wanted: Vec<&str> = part.iter().map(|row| row.0.as_str()).collect();
                let answer = actor.ask("query($ids: [ID!]!) { nodes(ids: $ids) { id } }", json!({ "ids": wanted })).await;
                found.extend(answer.data("/nodes").as_array().unwrap().iter().filter_map(|node| node["id"].as_str().map(str::to_owned)));
            }
            assert_eq!(found, expected, "{name}: nodes");
            let mut found = BTreeSet::new();
            for year in [2022, 2023] {
                for half in ["first: 100", "last: 100"] {
                    let answer = actor.query(&format!("{{ plan(year: {year}) {{ targets({half}) {{ nodes {{ disputes {{ id }} }} }} }} }}")).await;
                    let targets = answer.body.pointer("/data/plan/targets/nodes").and_then(Value::as_array).cloned().unwrap_or_default();
                    for target in &targets {
                        found.extend(target["disputes"].as_array().unwrap().iter().map(|row| row["id"].as_str().unwrap().to_owned()));
                    }
                }
            }
            assert_eq!(found, expected, "{name}: of targets");
            let query = "query($n: Int) { disputes(first: $n) { totalCount nodes { reason unit { name } assignment { role availableActions { action } } target { number } availableActions { action } raisedBy { displayName } } } }";
            if expected.len() > 1 {
                let mut costs = Vec::new();
                for n in [1, 100] {
                    costs.push(actor.ask(query, json!({ "n": n })).await.statements());
                }
                assert_eq!(costs[0], costs[1], "{name}");
            }
        }
    }
}

/// What has become of a request or a notice.
async fn ended(actor: &Actor<'_>, id: &Value) -> Value {
    let query = "query($id: ID!) { node(id: $id) {
        ... on TargetRequest { status comment decidedBy { displayName } availableActions { allowed } }
        ... on SupervisionNotice { state: status withdrawal { reason withdrawnBy { displayName } } } } }";
    let answer = actor.ask(query, json!({ "id": id })).await;
    answer.data("/node").clone()
}

/// Walks the list of disputes, and holds its count against it.
async fn list(actor: &Actor<'_>, filter: &str) -> BTreeSet<String> {
    let mut found = Vec::new();
    let mut cursor = Value::Null;
    loop {
        let query = format!(
            "query($c: String) {{ disputes(first: 90, after: $c, filter: {filter}) {{ totalCount nodes {{ id }} pageInfo {{ hasNextPage endCursor }} }} }}"
        );
        let answer = actor.ask(&query, json!({ "c": cursor })).await;
        found.extend(
            answer
                .data("/disputes/nodes")
                .as_array()
                .unwrap()
                .iter()
                .map(|node| node["id"].as_str().unwrap().to_owned()),
        );
        if answer.data("/disputes/pageInfo/hasNextPage") == &json!(false) {
            assert_eq!(answer.data("/disputes/totalCount"), found.len(), "{filter}");
            let set: BTreeSet<String> = found.iter().cloned().collect();
            assert_eq!(set.len(), found.len(), "{filter}: repeated");
            return set;
        }
        cursor = answer.data("/disputes/pageInfo/endCursor").clone();
    }
}
