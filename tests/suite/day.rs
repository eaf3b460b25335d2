//! A day in the office, played with the contract's own operations: a target from its first draft to its closure, while a
//! department that has no part in it listens, asks everywhere, and learns nothing.

use serde_json::{Value, json};
use tests::{Actor, Answer, App, both};

use super::{
    contract::operation,
    events::{event, listen, settle},
};

/// What an operation of the contract answers.
async fn send(actor: &Actor<'_>, name: &str, variables: Value) -> Answer {
    actor.ask(&operation(name), variables).await
}

/// What a mutation of the contract answers, which must not be refused.
async fn done(actor: &Actor<'_>, name: &str, variables: Value) -> Value {
    let answer = send(actor, name, variables).await;
    let payloads = answer.data("").as_object().unwrap();
    let payload = payloads.values().next().unwrap();
    assert_eq!(payload["userErrors"], json!([]), "{name}: {}", answer.text);
    payload.clone()
}

/// Why a mutation of the contract is refused.
async fn refused(actor: &Actor<'_>, name: &str, variables: Value) -> Vec<String> {
    let answer = send(actor, name, variables).await;
    let mutation = answer.data("").as_object().unwrap().keys().next().unwrap();
    answer.refusals(mutation)
}

/// The target of the day: 市发展改革委 leads it alone, 林先华 answers for it, and 临海市 has no part in it.
async fn find(manager: &Actor<'_>, outsider: &Actor<'_>) -> Value {
    let numbers = |answer: &Answer| -> Vec<Value> {
        let edges = answer.data("/plan/targets/edges").as_array().unwrap();
        edges.iter().map(|edge| edge["node"].clone()).collect()
    };
    let all = json!({ "year": 2022, "first": 100 });
    let foreign = numbers(&send(outsider, "MyTargets", all.clone()).await);
    let own = numbers(&send(manager, "MyTargets", all).await);
    let fits = |target: &Value| {
        let leads = |assignment: &Value| assignment["role"] == "LEAD";
        let assignments = target["assignments"].as_array().unwrap();
        let leaders = target["leaders"].as_array().unwrap();
        assignments.iter().filter(|one| leads(one)).count() == 1
            && assignments
                .iter()
                .any(|one| leads(one) && one["unit"]["name"] == "市发展改革委")
            && leaders.iter().any(|leader| leader["name"] == "林先华")
            && foreign.iter().all(|other| other["id"] != target["id"])
    };
    own.into_iter().find(fits).unwrap()
}

both! {
    async fn a_target_goes_from_draft_to_closure_and_who_has_no_part_in_it_learns_nothing(app: App) {
        let office = app.sign_in("office").await;
        let reporter = app.sign_in("fgw-reporter").await;
        let manager = app.sign_in("fgw-manager").await;
        let leader = app.sign_in("leader-1").await;
        let outsider = app.sign_in("linhai-manager").await;
        let target = find(&manager, &outsider).await;
        let id = target["id"].clone();
        let unit = target["assignments"][0]["unit"]["id"].clone();
        let standing = async |actor: &Actor<'_>| {
            let detail = send(actor, "TargetDetail", json!({ "id": id })).await;
            let target = detail.data("/target").clone();
            format!("{} {}", target["state"].as_str().unwrap(), target["light"].as_str().unwrap())
        };
        let statistics = async |actor: &Actor<'_>| {
            send(actor, "Statistics", json!({ "year": 2022, "groupBy": "NONE" })).await.data("/plan/statistics").clone()
        };

        // The office makes the year's periods. June's is not open yet, and opens now.
        let plan = office.query("{ plan(year: 2022) { id } }").await.data("/plan/id").clone();
        let made = tests::desk::act(&office, "createReportingPeriods", "reportingPeriods { label }", json!({ "planId": plan, "kind": "MONTH", "from": "2022-06-01" })).await;
        assert_eq!(made.data("/createReportingPeriods/reportingPeriods").as_array().unwrap().len(), 7);
        let periods = send(&reporter, "ReportingPeriods", json!({ "year": 2022 })).await;
        let june = periods.data("/plan/reportingPeriods/0/id").clone();
        let mut outside = listen(&app, &outsider, json!({})).await;
        let mut inside = listen(&app, &office, json!({ "target": id })).await;
        let text = |text: &str| json!({ "input": { "targetId": id, "periodId": june, "progress": text, "percentComplete": 30 } });
        assert_eq!(refused(&reporter, "SaveProgressReport", text("太早")).await, ["LOCKED periodId"]);
        tests::desk::act(&office, "openReportingPeriod", "reportingPeriod { id }", json!({ "periodId": june })).await;
        assert_eq!(event(&mut outside).await["type"], "PERIOD_OPENED", "the period is everybody's");
        let before = statistics(&outsider).await;

        // The reporter drafts and asks for the signature; only the manager hands in.
        let draft = done(&reporter, "SaveProgressReport", text("已开工")).await["report"].clone();
        assert_eq!(send(&office, "Reports", json!({ "first": 5, "filter": { "targetId": id } })).await.data("/progressReports/totalCount"), 0);
        let of = |report: &Value| json!({ "reportId": report["id"], "expectedVersion": report["version"] });
        let unsigned = done(&reporter, "RequestSignoff", of(&draft)).await["report"].clone();
        assert_eq!(refused(&reporter, "SubmitProgressReport", of(&unsigned)).await, ["FORBIDDEN reportId"]);
        let submitted = done(&manager, "SubmitProgressReport", of(&unsigned)).await["report"].clone();

        // The office sends it back; it is mended, handed in again after the due time, and accepted. The light changes.
        let decide = |report: &Value, decision: &str, comment: Value| json!({ "reportId": report["id"], "expectedVersion": report["version"], "decision": decision, "comment": comment });
        assert_eq!(refused(&office, "ReviewProgressReport", decide(&draft, "ACCEPT", Value::Null)).await, ["CONFLICT expectedVersion"]);
        let returned = done(&office, "ReviewProgressReport", decide(&submitted, "RETURN", "请补充数据".into())).await["report"].clone();
        assert_eq!(returned["status"], "RETURNED");
        assert_eq!(standing(&office).await, "NOT_STARTED GREEN");
        let again = json!({ "input": { "targetId": id, "periodId": june, "progress": "已完成投资三成", "percentComplete": 30, "expectedVersion": returned["version"] } });
        let mended = done(&reporter, "SaveProgressReport", again).await["report"].clone();
        let submitted = done(&manager, "SubmitProgressReport", of(&mended)).await["report"].clone();
        let accepted = done(&office, "ReviewProgressReport", decide(&submitted, "ACCEPT", Value::Null)).await["report"].clone();
        assert_eq!((&accepted["status"], &accepted["target"]["percentComplete"]), (&json!("ACCEPTED"), &json!(30)));
        // Thirty of a hundred after five months of twelve: behind, and below 80 % of the schedule.
        assert_eq!(standing(&manager).await, "BEHIND RED");

        // A red notice, and its answer.
        let notice = json!({ "targetId": id, "unitId": unit, "colour": "RED", "body": "请说明滞后原因", "replyDueOn": "2022-06-30" });
        let notice = done(&office, "IssueNotice", notice).await["notice"].clone();
        let answered = done(&manager, "AnswerNotice", json!({ "noticeId": notice["id"], "body": "已组织专班" })).await["notice"].clone();
        assert_eq!(answered["status"], "ANSWERED");

        // A leader writes, and is answered.
        let instruction = done(&leader, "GiveInstruction", json!({ "targetId": id, "body": "抓紧推进" })).await["instruction"].clone();
        done(&manager, "AnswerInstruction", json!({ "instructionId": instruction["id"], "body": "已落实" })).await;

        // The closure is asked for, refused, asked for again, and granted.
        let ask = json!({ "targetId": id, "summary": "任务已完成" });
        assert_eq!(refused(&reporter, "RequestClosure", ask.clone()).await, ["FORBIDDEN targetId"]);
        let request = done(&manager, "RequestClosure", ask.clone()).await["closureRequest"].clone();
        let refusal = json!({ "requestId": request["id"], "decision": "REJECT", "comment": "佐证不足" });
        assert_eq!(done(&office, "DecideRequest", refusal).await["target"]["closedAt"], Value::Null);
        let request = done(&manager, "RequestClosure", ask).await["closureRequest"].clone();
        let closed = done(&office, "DecideRequest", json!({ "requestId": request["id"], "decision": "APPROVE" })).await["target"].clone();
        assert_eq!(closed["state"], "COMPLETED");
        assert!(closed["closedAt"].is_string());
        assert_eq!(standing(&leader).await, "COMPLETED GREEN");

        // Whoever listened within has heard it all, in order.
        let mut heard = Vec::new();
while heard.last().is_none_or(|last| last != "TARGET_CLOSED") {
            heard.push(event(&mut inside).await["type"].as_str().unwrap().to_owned());
        }
        let told: Vec<&str> = heard.iter().map(String::as_str).filter(|kind| *kind != "TARGET_STANDING_CHANGED").collect();
        assert_eq!(told, [
            "REPORT_SUBMITTED", "REPORT_RETURNED", "REPORT_SUBMITTED", "REPORT_ACCEPTED", "NOTICE_ISSUED", "NOTICE_ANSWERED",
            "INSTRUCTION_GIVEN", "INSTRUCTION_ANSWERED", "REQUEST_MADE", "REQUEST_REJECTED", "REQUEST_MADE", "REQUEST_APPROVED", "TARGET_CLOSED",
        ]);

        // Who has no part in it heard nothing, and finds nothing wherever it asks.
        settle(&mut outside).await;
        for object in [&id, &accepted["id"], &notice["id"], &instruction["id"], &request["id"]] {
            let answer = outsider.ask("query($id: ID!) { node(id: $id) { id } }", json!({ "id": object })).await;
            assert_eq!(answer.codes(), ["NOT_FOUND"], "{object}");
        }
        let detail = send(&outsider, "TargetDetail", json!({ "id": id })).await;
        assert_eq!(detail.codes(), ["NOT_FOUND"]);
        let reports = send(&outsider, "Reports", json!({ "first": 5, "filter": { "planYear": 2022 } })).await;
        assert_eq!(reports.data("/progressReports/totalCount"), 0);
        let cases = send(&outsider, "OpenCases", json!({ "year": 2022, "first": 5 })).await;
        assert_eq!(cases.data("/supervisionNotices/totalCount"), 0);
        let changes = send(&outsider, "Changes", json!({ "first": 100 })).await;
        let of_target = |change: &Value| change["target"]["id"] == id || !change["report"].is_null();
        assert!(!changes.data("/changes/nodes").as_array().unwrap().iter().any(of_target), "{}", changes.text);
        assert_eq!(statistics(&outsider).await, before);
        let mine = send(&outsider, "MyTargets", json!({ "year": 2022, "first": 1, "filter": { "state": "COMPLETED" } })).await;
        assert_eq!(mine.data("/plan/targets/totalCount"), 0);
        let notice = json!({ "noticeId": notice["id"], "body": "不是我的" });
        assert_eq!(refused(&outsider, "AnswerNotice", notice).await, ["NOT_FOUND noticeId"]);
    }
}
