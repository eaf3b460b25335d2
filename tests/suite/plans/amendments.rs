//! Amendments of targets in force, and their history; cancelled targets.

use serde_json::{Value, json};
use tests::{
    Actor, App, both,
    desk::{create_periods, report, save, set_clock},
};

use super::{NONE, act, done, leader, sees, target, text, unit};
use crate::scene::{allowed, audited, events};

const HISTORY: &str = "query($id: ID!) { target(id: $id) { version amendments { totalCount nodes { id reason amendedAt amendedBy { displayName }
    before { text dueOn leaders units { name role actingUnit } indicators { name goal } } after { text dueOn leaders units { name role actingUnit } indicators { name goal } } } } } }";

async fn history(actor: &Actor<'_>, id: &str) -> Value {
    let answer = actor.ask(HISTORY, json!({ "id": id })).await;
    answer.data("/target/amendments").clone()
}

/// The units of a target as an input has them.
async fn units(office: &Actor<'_>, id: &str) -> Vec<Value> {
    let query = "query($id: ID!) { target(id: $id) { assignments { role unit { id name } actingUnit { id } } } }";
    let answer = office.ask(query, json!({ "id": id })).await;
    let rows = answer
        .data("/target/assignments")
        .as_array()
        .unwrap()
        .clone();
    rows.iter()
        .map(|row| json!({ "unitId": row["unit"]["id"], "role": row["role"], "actingUnitId": row["actingUnit"].get("id") }))
        .collect()
}

async fn amend(office: &Actor<'_>, id: &str, change: Value) -> tests::Answer {
    let seen = office
        .ask(
            "query($id: ID!) { target(id: $id) { version } }",
            json!({ "id": id }),
        )
        .await;
    let mut input = json!({ "targetId": id, "expectedVersion": seen.data("/target/version"), "reason": "中期调整" });
    input
        .as_object_mut()
        .unwrap()
        .extend(change.as_object().unwrap().clone());
    act(office, "amendTarget", input, "target { id version dueOn originalDueOn text assignments { role acknowledgedAt assignedAt unit { name } } }").await
}

both! {
    async fn what_is_amended_is_read_by_all_who_see_the_target(app: App) {
        let (office, manager, outsider) = (app.sign_in("office").await, app.sign_in("fgw-manager").await, app.sign_in("renfang-reporter").await);
        let (one, version) = target(&office, 2022, 1).await;
        assert_eq!(history(&manager, &one).await, json!({ "totalCount": 0, "nodes": [] }));
        let (who, name) = leader(&office, 7).await;
        let indicator = office.ask("query($id: ID!) { target(id: $id) { indicators { id name } } }", json!({ "id": one })).await;
        let (indicator, named) = (indicator.data("/target/indicators/0/id").clone(), indicator.data("/target/indicators/0/name").clone());
        let done = amend(&office, &one, json!({
            "text": "生产总值增长 6.5%以上。", "dueOn": "2023-03-31", "leaderIds": [who],
            "indicators": [{ "indicatorId": indicator, "name": named, "comparison": "AT_LEAST", "goal": "6.5", "unitOfMeasure": "%", "kind": "RATE", "phrase": "增长 6.5%以上" }],
        })).await;
        assert_eq!(done.refusals("amendTarget"), NONE, "{}", done.text);
        assert_eq!((done.data("/amendTarget/target/dueOn"), done.data("/amendTarget/target/originalDueOn")), (&json!("2023-03-31"), &Value::Null));
        let told = history(&manager, &one).await;
        let node = &told["nodes"][0];
        assert_eq!(node["reason"], "中期调整");
        assert_eq!(node["amendedBy"]["displayName"], "账号 office");
        assert_eq!(node["before"], json!({
            "text": "生产总值增长 7%以上。", "dueOn": "2022-12-31", "leaders": node["before"]["leaders"], "units": null, "indicators": [{ "name": named, "goal": "7" }],
        }));
        assert_eq!(node["after"], json!({
            "text": "生产总值增长 6.5%以上。", "dueOn": "2023-03-31", "leaders": [name], "units": null, "indicators": [{ "name": named, "goal": "6.5" }],
        }));
        assert_eq!(told["totalCount"], 1);
        let of_node = "query($id: ID!) { node(id: $id) { ... on Amendment { reason target { number } } } }";
        for (actor, seen) in [(&manager, true), (&office, true), (&outsider, false)] {
            let answer = actor.ask(of_node, json!({ "id": node["id"] })).await;
            assert_eq!(answer.codes().is_empty(), seen, "{}", answer.text);
        }
        assert_eq!(events(&app).await.iter().filter(|it| *it == "TARGET_AMENDED TARGET").count(), 1);
        assert_eq!(audited(&app, "AMEND_TARGET").await, 1);
        // What has readings or reports keeps its indicators; a reason is needed; a stale version is told.
        for (change, expected) in [
            (json!({ "reason": " ", "dueOn": "2023-04-30" }), "INVALID reason"),
            (json!({ "reason": "长".repeat(2001), "dueOn": "2023-04-30" }), "TOO_LARGE reason"),
            (json!({ "expectedVersion": version, "dueOn": "2023-04-30" }), "CONFLICT expectedVersion"),
            (json!({ "dueOn": "2023-03-31" }), "INVALID"),
            (json!({ "dueOn": "2024-01-01" }), "INVALID dueOn"),
        ] {
            assert_eq!(amend(&office, &one, change.clone()).await.refusals("amendTarget"), [expected], "{change}");
        }
        assert_eq!(history(&office, &one).await["totalCount"], 1);
    }

    async fn a_unit_that_is_taken_off_sees_it_no_longer_and_a_new_one_owes_from_now_on(app: App) {
        let (office, manager, new) = (app.sign_in("office").await, app.sign_in("fgw-manager").await, app.sign_in("renfang-reporter").await);
        let periods = create_periods(&office).await;
        let (one, _) = target(&office, 2022, 1).await;
        let milestone = act(&manager, "saveMilestone", json!({ "targetId": one, "title": "x", "dueOn": "2022-08-31" }), "milestone { id }").await;
        assert_eq!(milestone.refusals("saveMilestone"), NONE);
        done(&manager, "submitRefinement", json!({ "targetId": one }), "target { id }").await;
        let draft = report(&save(&manager, json!({ "targetId": one, "periodId": periods["2022年6月"], "progress": "x" })).await, "saveProgressReport");
        draft.step(&manager, "submitProgressReport").await;
        let mut wanted = units(&office, &one).await;
        assert_eq!(wanted[0]["unitId"], unit(&office, "市发展改革委").await);
        wanted[0] = json!({ "unitId": unit(&office, "市人防办").await, "role": "LEAD" });
        let amended = amend(&office, &one, json!({ "units": wanted })).await;
        assert_eq!(amended.refusals("amendTarget"), NONE, "{}", amended.text);
        let rows = amended.data("/amendTarget/target/assignments").as_array().unwrap();
        assert_eq!(rows[0], json!({ "role": "LEAD", "acknowledgedAt": null, "assignedAt": "2022-06-15T04:00:00Z", "unit": { "name": "市人防办" } }));
        assert!(rows[1..].iter().all(|row| row["assignedAt"].is_null()), "the others are as the document has them");
        assert!(!sees(&manager, &one).await && sees(&new, &one).await);
        // Nothing of the target is found by whom it is no longer: not its history, not its reports, no search hit.
        let own = manager.query("{ progressReports { totalCount } plan(year: 2022) { targets(filter: { search: \"生产总值增长\" }) { totalCount } } }").await;
        assert_eq!((own.data("/progressReports/totalCount"), own.data("/plan/targets/totalCount")), (&json!(0), &json!(0)));
        let found = new.query("{ plan(year: 2022) { targets(filter: { search: \"市人防办\", role: LEAD }) { nodes { number } } } }").await;
        assert!(found.data("/plan/targets/nodes").as_array().unwrap().iter().any(|node| node["number"] == 1));
        // The open milestone goes with the lead; reports that were due before are not asked of the new unit.
        let milestones = office.ask("query($id: ID!) { target(id: $id) { milestones { unit { name } } lightReasons(on: \"2022-06-15\") { code } } }", json!({ "id": one })).await;
        let open = new.ask("query($id: ID!) { target(id: $id) { milestones { unit { name } } } }", json!({ "id": one })).await;
        assert_eq!(open.data("/target/milestones"), &json!([{ "unit": { "name": "市人防办" } }]), "{}", milestones.text);
        set_clock(&app, "2022-06-28T02:00:00Z");
        let missing = async || {
            let answer = app.sign_in("office").await.ask("query($id: ID!) { target(id: $id) { lightReasons { code } } }", json!({ "id": one })).await;
            answer.data("/target/lightReasons").as_array().unwrap().iter().filter(|it| it["code"] == "REPORT_MISSING").count()
        };
        assert_eq!(missing().await, 1, "June's, due after it was assigned, and none of those before");
        let history = history(&app.sign_in("renfang-reporter").await, &one).await;
        assert_eq!(history["nodes"][0]["before"]["units"][0]["name"], "市发展改革委");
        assert_eq!(history["nodes"][0]["after"]["units"][0]["name"], "市人防办");
    }

    async fn another_role_is_acknowledged_anew_and_who_leads_now_owes_from_now_on(app: App) {
        let (office, manager) = (app.sign_in("office").await, app.sign_in("linhai-manager").await);
        create_periods(&office).await;
        let (one, _) = target(&office, 2022, 1).await;
        let own = office.ask("query($id: ID!) { target(id: $id) { assignments { id unit { name } } } }", json!({ "id": one })).await;
        let own = own.data("/target/assignments").as_array().unwrap().iter().find(|row| row["unit"]["name"] == "临海市政府").unwrap()["id"].clone();
        done(&manager, "acknowledgeAssignments", json!({ "assignmentIds": [own] }), "assignments { id }").await;
        let linhai = unit(&office, "临海市政府").await;
        let mut wanted = units(&office, &one).await;
        let at = wanted.iter().position(|part| part["unitId"] == linhai).unwrap();
        wanted[at]["role"] = "LEAD".into();
        wanted[0]["role"] = "SUPPORTING".into();
        let amended = amend(&office, &one, json!({ "units": wanted })).await;
        let rows = amended.data("/amendTarget/target/assignments").as_array().unwrap();
        let row = rows.iter().find(|row| row["unit"]["name"] == "临海市政府").unwrap();
        assert_eq!(row, &json!({ "role": "LEAD", "acknowledgedAt": null, "assignedAt": "2022-06-15T04:00:00Z", "unit": { "name": "临海市政府" } }));
        assert_eq!(rows[0], json!({ "role": "SUPPORTING", "acknowledgedAt": null, "assignedAt": null, "unit": { "name": "市发展改革委" } }), "what supports owes nothing");
        // Whoever sees it may not amend it.
        assert_eq!(amend(&manager, &one, json!({ "dueOn": "2023-03-31" })).await.refusals("amendTarget"), ["FORBIDDEN targetId"]);
        set_clock(&app, "2022-06-28T02:00:00Z");
        let office = app.sign_in("office").await;
        let light = office.ask("query($id: ID!) { target(id: $id) { lightReasons { code } } }", json!({ "id": one })).await;
        let missing = light.data("/target/lightReasons").as_array().unwrap().iter().filter(|it| it["code"] == "REPORT_MISSING").count();
        assert_eq!(missing, 1, "June's, and none of those that were due while it supported");
    }

    async fn what_is_open_of_a_unit_that_is_taken_off_ends_with_its_part(app: App) {
        let (office, manager, linhai) = (app.sign_in("office").await, app.sign_in("fgw-manager").await, app.sign_in("linhai-manager").await);
        let (one, _) = target(&office, 2022, 1).await;
        let fgw = unit(&office, "市发展改革委").await;
        done(&manager, "saveMilestone", json!({ "targetId": one, "title": "不外传的草案", "dueOn": "2022-08-31" }), "milestone { id }").await;
        let request = done(&manager, "requestExtension", json!({ "targetId": one, "newDueOn": "2023-03-31", "reason": "x" }), "extensionRequest { id }").await;
        let request = request["extensionRequest"]["id"].clone();
        let mut notices = Vec::new();
        for name in ["市发展改革委", "临海市政府"] {
            let input = json!({ "targetId": one, "unitId": unit(&office, name).await, "colour": "RED", "body": "x", "replyDueOn": "2022-07-01" });
            notices.push(done(&office, "issueNotice", input, "notice { id }").await["notice"]["id"].clone());
        }
        let answered = json!({ "targetId": one, "unitId": fgw, "colour": "BLUE", "body": "x", "replyDueOn": "2022-07-01" });
        let answered = done(&office, "issueNotice", answered, "notice { id }").await["notice"]["id"].clone();
        done(&manager, "answerNotice", json!({ "noticeId": answered, "body": "x" }), "notice { id }").await;
        let mut wanted = units(&office, &one).await;
        wanted[0] = json!({ "unitId": unit(&office, "市人防办").await, "role": "LEAD" });
        // The due date was asked to be put off by the unit that goes: that asks for nothing any more.
        let amended = amend(&office, &one, json!({ "units": wanted, "dueOn": "2023-04-30" })).await;
        assert_eq!(amended.refusals("amendTarget"), NONE, "{}", amended.text);

        let of = async |actor: &Actor<'_>, id: &Value| {
            let query = "query($id: ID!) { node(id: $id) { ... on TargetRequest { status comment decidedBy { displayName } availableActions { allowed } }
                ... on SupervisionNotice { state: status withdrawal { reason withdrawnBy { displayName } } } } }";
            actor.ask(query, json!({ "id": id })).await
        };
        let by = json!({ "displayName": "账号 office" });
        let scene = crate::scene::Scene::of(&app).await;
        assert!(scene.sight("leader-1", (2022, 1)).leader);
        for actor in [&office, &app.sign_in("leader-1").await] {
            let ended = of(actor, &request).await;
            assert_eq!((ended.data("/node/status"), ended.data("/node/comment"), ended.data("/node/decidedBy")), (&json!("WITHDRAWN"), &json!("中期调整"), &by));
            assert!(ended.data("/node/availableActions").as_array().unwrap().iter().all(|act| act["allowed"] == false));
        }
        assert_eq!(of(&manager, &request).await.codes(), ["NOT_FOUND"]);
        assert_eq!(of(&office, &notices[0]).await.data("/node"), &json!({ "state": "WITHDRAWN", "withdrawal": { "reason": "中期调整", "withdrawnBy": by } }));
        for (notice, state) in [(&notices[1], "OPEN"), (&answered, "ANSWERED")] {
            assert_eq!(of(&office, notice).await.data("/node"), &json!({ "state": state, "withdrawal": null }), "it stays as it is");
        }
        assert_eq!(of(&linhai, &notices[1]).await.data("/node/state"), "OPEN");
        // What was never handed in goes with those who drafted it; nobody else gets to see it.
        for name in ["office", "renfang-reporter", "leader-1", "observer"] {
            let answer = app.sign_in(name).await.ask("query($id: ID!) { target(id: $id) { milestones { title } refinement { status } } }", json!({ "id": one })).await;
            assert_eq!(answer.data("/target"), &json!({ "milestones": [], "refinement": null }), "{name}");
        }
        // Each of them has its entry, of the act that it was, and whom it concerns hears of it.
        let entries = crate::parties::audited(&app, "AMEND_TARGET").await;
        let mut objects: Vec<&str> = entries.iter().map(|entry| entry.object_type.as_str()).collect();
        objects.sort_unstable();
        assert_eq!(objects, ["Milestone", "Refinement", "SupervisionNotice", "Target", "TargetRequest"]);
        assert!(entries.iter().all(|entry| entry.grants[0]["role"] == "SUPERVISOR"));
        let happened = events(&app).await;
        for event in ["REQUEST_WITHDRAWN LEADS", "NOTICE_WITHDRAWN PARTIES", "TARGET_AMENDED TARGET"] {
            assert_eq!(happened.iter().filter(|it| *it == event).count(), 1, "{event}");
        }
    }

    async fn a_lead_unit_that_stays_but_leads_no_longer_asks_for_nothing(app: App) {
        let (office, manager) = (app.sign_in("office").await, app.sign_in("fgw-manager").await);
        let (one, _) = target(&office, 2022, 1).await;
        let request = done(&manager, "requestClosure", json!({ "targetId": one, "summary": "x" }), "closureRequest { id }").await;
        let mut wanted = units(&office, &one).await;
        wanted[0]["role"] = "SUPPORTING".into();
        wanted[1]["role"] = "LEAD".into();
        assert_eq!(amend(&office, &one, json!({ "units": wanted })).await.refusals("amendTarget"), NONE);
        let ended = office.ask("query($id: ID!) { node(id: $id) { ... on ClosureRequest { status } } }", json!({ "id": request["closureRequest"]["id"] })).await;
        assert_eq!(ended.data("/node/status"), "WITHDRAWN");
    }

    async fn another_acting_unit_acknowledges_anew(app: App) {
        let (office, yjj) = (app.sign_in("office").await, app.sign_in("yjj-manager").await);
        let number = crate::scene::Scene::of(&app).await.acted();
        let (acted, _) = target(&office, 2022, number).await;
        let query = "query($id: ID!) { target(id: $id) { assignments { id acknowledgedAt actingUnit { name } availableActions { action allowed } } } }";
        let of = async |actor: &Actor<'_>| {
            let answer = actor.ask(query, json!({ "id": acted })).await;
            let rows = answer.data("/target/assignments").as_array().unwrap().clone();
            rows.into_iter().find(|row| !row["actingUnit"].is_null()).unwrap()
        };
        let own = of(&yjj).await["id"].clone();
        done(&yjj, "acknowledgeAssignments", json!({ "assignmentIds": [own] }), "assignments { id }").await;
        let may = |row: &Value, action: &str| row["availableActions"].as_array().unwrap().iter().find(|act| act["action"] == action).unwrap()["allowed"].clone();
        assert_eq!(may(&of(&yjj).await, "DISPUTE_ASSIGNMENT"), false, "it was accepted");
        let mut wanted = units(&office, &acted).await;
        let at = wanted.iter().position(|part| !part["actingUnitId"].is_null()).unwrap();
        wanted[at]["actingUnitId"] = unit(&office, "市发展改革委").await.into();
        // What changes nothing of who acts changes nothing of what was accepted.
        let same = units(&office, &acted).await;
        assert_eq!(amend(&office, &acted, json!({ "units": same, "dueOn": "2023-01-31" })).await.refusals("amendTarget"), NONE);
        assert!(!of(&office).await["acknowledgedAt"].is_null());
        assert_eq!(amend(&office, &acted, json!({ "units": wanted })).await.refusals("amendTarget"), NONE);
        let new = app.sign_in("fgw-manager").await;
        let row = of(&new).await;
        assert_eq!((&row["acknowledgedAt"], &row["actingUnit"]["name"]), (&Value::Null, &json!("市发展改革委")));
        // The new one acknowledges, or objects.
        for action in ["ACKNOWLEDGE_ASSIGNMENT", "DISPUTE_ASSIGNMENT"] {
            assert_eq!(may(&row, action), true, "{action}");
        }
        assert!(!sees(&yjj, &acted).await);
        done(&new, "acknowledgeAssignments", json!({ "assignmentIds": [own] }), "assignments { id }").await;
    }

    async fn what_is_in_dispute_is_decided_first_and_stays_told(app: App) {
        let (office, manager) = (app.sign_in("office").await, app.sign_in("linhai-manager").await);
        let (one, _) = target(&office, 2022, 1).await;
        let linhai = unit(&office, "临海市政府").await;
        let own = office.ask("query($id: ID!) { target(id: $id) { assignments { id unit { name } } } }", json!({ "id": one })).await;
        let own = own.data("/target/assignments").as_array().unwrap().iter().find(|row| row["unit"]["name"] == "临海市政府").unwrap()["id"].clone();
        let dispute = done(&manager, "disputeAssignment", json!({ "assignmentId": own, "reason": "非我单位职责" }), "dispute { id }").await;
        let dispute = dispute["dispute"]["id"].clone();
        let wanted: Vec<Value> = units(&office, &one).await.into_iter().filter(|part| part["unitId"] != linhai).collect();
        assert_eq!(amend(&office, &one, json!({ "units": wanted })).await.refusals("amendTarget"), ["WRONG_STATE units"]);
        done(&office, "decideDispute", json!({ "disputeId": dispute, "decision": "INSIST", "comment": "x" }), "dispute { id }").await;
        assert_eq!(amend(&office, &one, json!({ "units": wanted })).await.refusals("amendTarget"), NONE);
        let told = office.ask("query($id: ID!) { node(id: $id) { ... on Dispute { status reason unit { name } assignment { id } availableActions { allowed } } } }", json!({ "id": dispute })).await;
        assert_eq!(told.data("/node"), &json!({
            "status": "INSISTED", "reason": "非我单位职责", "unit": { "name": "临海市政府" }, "assignment": null, "availableActions": told.data("/node/availableActions"),
        }));
        assert!(!sees(&manager, &one).await);
    }

    async fn a_cancelled_target_is_done_with(app: App) {
        let (office, manager) = (app.sign_in("office").await, app.sign_in("fgw-manager").await);
        let periods = create_periods(&office).await;
        let (one, _) = target(&office, 2022, 1).await;
        let cancel = json!({ "targetId": one, "reason": "上级政策调整" });
        let fields = "target { state cancelledAt cancelledReason suspendedReason }";
        let step = async |actor: &Actor<'_>, mutation: &str, input: &Value| act(actor, mutation, input.clone(), fields).await;
        assert_eq!(step(&manager, "cancelTarget", &cancel).await.refusals("cancelTarget"), ["FORBIDDEN targetId"]);
        assert_eq!(step(&office, "cancelTarget", &json!({ "targetId": one, "reason": " " })).await.refusals("cancelTarget"), ["INVALID reason"]);
        let cancelled = step(&office, "cancelTarget", &cancel).await;
        assert_eq!(cancelled.data("/cancelTarget/target"), &json!({
            "state": "OTHER", "cancelledAt": "2022-06-15T04:00:00Z", "cancelledReason": "上级政策调整", "suspendedReason": null,
        }));
        assert_eq!(allowed(&office, &one).await.iter().filter(|act| !["GIVE_INSTRUCTION"].contains(&act.as_str())).cloned().collect::<Vec<_>>(), ["REOPEN_TARGET"]);
        for mutation in ["suspendTarget", "resumeTarget", "cancelTarget"] {
            assert_eq!(step(&office, mutation, &cancel).await.refusals(mutation), ["WRONG_STATE targetId"], "{mutation}");
        }
        assert_eq!(amend(&office, &one, json!({ "dueOn": "2023-03-31" })).await.refusals("amendTarget"), ["WRONG_STATE targetId"]);
        let late = save(&manager, json!({ "targetId": one, "periodId": periods["2022年6月"], "progress": "x" })).await;
        assert_eq!(late.refusals("saveProgressReport").len(), 1);
        // Nothing comes due on it, and all who see it read why.
        set_clock(&app, "2022-08-28T02:00:00Z");
        let manager = app.sign_in("fgw-manager").await;
        let answer = manager.ask("query($id: ID!) { target(id: $id) { state light cancelledReason } }", json!({ "id": one })).await;
        assert_eq!(answer.data("/target"), &json!({ "state": "OTHER", "light": "GREEN", "cancelledReason": "上级政策调整" }));
        let office = app.sign_in("office").await;
        let reopened = step(&office, "reopenTarget", &cancel).await;
        assert_eq!(reopened.data("/reopenTarget/target/cancelledAt"), &Value::Null);
        assert_ne!(reopened.data("/reopenTarget/target/state"), "OTHER");
        assert_eq!((audited(&app, "CANCEL_TARGET").await, text(reopened.data("/reopenTarget/target/suspendedReason"))), (1, String::new()));
    }
}
