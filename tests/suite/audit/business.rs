//! The audit administrator sees no business data (domain.md §4): whatever people write, no entry holds a word of it.

use std::collections::BTreeSet;

use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use tests::{
    Actor, App, both,
    desk::{create_periods, report, set_clock, target},
};

use super::{entries, listed};
use crate::{
    attachments::{address, get, try_upload},
    parties::Book,
    plans::{self, done},
};

/// Stands in every text that is written.
const MARK: &str = "绝密字样";

/// Acts that are the administrators' own, or everybody's with their own session: they write no business text.
const OWN: &[&str] = &[
    "SIGN_IN",
    "SIGN_IN_FAILED",
    "SIGN_OUT",
    "REFRESH_SESSION",
    "REFRESH_TOKEN_REUSED",
    "CHANGE_PASSWORD",
    "BEGIN_SECOND_FACTOR",
    "CONFIRM_SECOND_FACTOR",
    "END_SECOND_FACTOR",
    "REPLACE_RECOVERY_CODES",
    "REENCRYPT_SECRETS",
    "CREATE_ACCOUNT",
    "ROTATE_KEYS",
    "READ",
    "READ_AUDIT",
    "EXPORT_AUDIT",
    "VERIFY_AUDIT",
    "ARCHIVE_AUDIT",
    "COUNT_REFUSALS",
    "CREATE_USER",
    "IMPORT_USERS",
    "UPDATE_USER",
    "DISABLE_USER",
    "ENABLE_USER",
    "RESET_PASSWORD",
    "UNLOCK_USER",
    "END_SESSIONS",
    "RESET_SECOND_FACTOR",
    "GRANT_ROLE",
    "REVOKE_ROLE",
    "APPROVE_GRANT",
    "REJECT_GRANT",
    "CHANGE_SETTING",
    "CREATE_UNIT",
    "RENAME_UNIT",
    "MERGE_UNITS",
    "CREATE_UNIT_GROUP",
    "CHANGE_UNIT_GROUP",
    "CREATE_LEADER",
    "SUCCEED_LEADER",
];

fn marked(text: &str) -> String {
    format!("{text}{MARK}")
}

/// Takes a step of a report, with what is said, and answers its new version.
async fn step(actor: &Actor<'_>, mutation: &str, report: &Value, more: Value) -> Value {
    let mut input = json!({ "reportId": report["id"], "expectedVersion": report["version"] });
    input
        .as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    let fields = "report { id version }";
    let answer = tests::desk::act(actor, mutation, fields, input).await;
    assert_eq!(answer.refusals(mutation), [""; 0], "{}", answer.text);
    answer.data(&format!("/{mutation}/report")).clone()
}

/// Drafts are imported, written, discarded, published and archived.
async fn drafting(office: &Actor<'_>, carried: &str) {
    let document = plans::document(2024).replacen("7%以上。", &format!("7%以上，{MARK}。"), 1);
    assert!(document.contains(MARK));
    let imported = plans::import(office, document.as_bytes(), 2024, false).await;
    let wrong = imported.data("/importPlan/plan/id");
    let discard = json!({ "planId": wrong, "reason": marked("导入有误") });
    done(office, "discardPlan", discard, "year").await;

    let plan = plans::plan(office, 2023).await;
    let (one, version) = plans::target(office, 2023, 1).await;
    let (who, _) = plans::leader(office, 0).await;
    let unit = plans::unit(office, "市科技局").await;
    let sections = office
        .query("{ plan(year: 2023) { sections { id } } }")
        .await;
    let section = sections.data("/plan/sections/0/id");
    let indicator = json!({
        "name": marked("指标"), "comparison": "AT_LEAST", "goal": "12", "unitOfMeasure": MARK, "kind": "COUNT", "phrase": MARK,
    });
    let input = json!({ "targetId": one, "expectedVersion": version, "text": marked("建成 12 个"), "indicators": [indicator] });
    done(office, "updateTarget", input, "target { id }").await;
    let input = json!({
        "planId": plan, "sectionId": section, "text": marked("新建 12 个"), "leaderIds": [who],
        "units": [{ "unitId": unit, "role": "LEAD" }], "indicators": [indicator],
    });
    let added = done(office, "addTarget", input, "target { id version }").await;
    let input =
        json!({ "targetId": added["target"]["id"], "expectedVersion": added["target"]["version"] });
    done(office, "removeTarget", input, "plan { id }").await;
    let input = json!({ "targetIds": [carried], "toPlanId": plan, "reason": marked("跨年度") });
    done(office, "carryOverTargets", input, "targets { id }").await;
    for mutation in ["publishPlan", "archivePlan"] {
        done(office, mutation, json!({ "planId": plan }), "plan { id }").await;
    }
}

/// Reports with evidence go back and forth.
async fn reporting(app: &App, office: &Actor<'_>, manager: &Actor<'_>, target: &str, period: &str) {
    let named = format!("{MARK}.txt");
    let file = try_upload(manager, target, &named, MARK.as_bytes()).await;
    let file = file.data("/uploadAttachment/attachment").clone();
    let got = get(app, &address(&file), manager.token.as_deref()).await;
    assert_eq!(got.text, MARK);
    let waiting = try_upload(manager, target, &named, marked("x").as_bytes()).await;
    assert_eq!(waiting.refusals("uploadAttachment"), [""; 0]);
    let input = json!({
        "targetId": target, "periodId": period, "progress": marked("进展"), "problems": marked("问题"), "nextSteps": marked("下一步"),
        "attachmentIds": [file["id"]],
    });
    let saved = tests::desk::save(manager, input).await;
    let saved = report(&saved, "saveProgressReport");
    let mut row = json!({ "id": saved.id, "version": saved.version });
    let comment = json!({ "decision": "RETURN", "comment": marked("退回") });
    for (actor, mutation, more) in [
        (manager, "requestSignoff", json!({})),
        (manager, "submitProgressReport", json!({})),
        (manager, "recallProgressReport", json!({})),
        (manager, "submitProgressReport", json!({})),
        (office, "beginReview", json!({})),
        (office, "reviewProgressReport", comment),
    ] {
        row = step(actor, mutation, &row, more).await;
    }
    let input = json!({ "targetId": target, "periodId": period, "progress": marked("新进展"), "expectedVersion": row["version"] });
    let again = report(
        &tests::desk::save(manager, input).await,
        "saveProgressReport",
    );
    let row = json!({ "id": again.id, "version": again.version });
    let row = step(manager, "submitProgressReport", &row, json!({})).await;
    let accept = json!({ "decision": "ACCEPT", "comment": marked("通过") });
    step(office, "reviewProgressReport", &row, accept).await;
}

/// Periods, rules, lights, notices and instructions.
async fn steering(app: &App, office: &Actor<'_>, manager: &Actor<'_>, book: &Book, number: u32) {
    let (target, unit) = (book.target(number), book.unit("市发展改革委"));
    let plan = plans::plan(office, 2022).await;
    let rules = json!({ "planId": plan, "refinementApproval": true });
    done(office, "setPlanRules", rules, "plan { id }").await;
    let light = json!({ "targetId": target, "light": "YELLOW", "until": "2022-07-01", "reason": marked("调灯") });
    done(office, "setLight", light, "target { id }").await;
    done(
        office,
        "clearLight",
        json!({ "targetId": target }),
        "target { id }",
    )
    .await;
    let issue = json!({ "targetId": target, "unitId": unit, "colour": "YELLOW", "body": marked("督办"), "replyDueOn": "2022-07-01" });
    for mutation in ["answerNotice", "withdrawNotice"] {
        let notice = done(office, "issueNotice", issue.clone(), "notice { id }").await;
        let mut input = json!({ "noticeId": notice["notice"]["id"] });
        let (actor, field) = match mutation {
            "answerNotice" => (manager, "body"),
            _ => (office, "reason"),
        };
        input[field] = marked("答复").into();
        done(actor, mutation, input, "notice { id }").await;
    }
    let leader = app.sign_in("leader-1").await;
    let given = json!({ "targetId": target, "body": marked("批示"), "replyDueOn": "2022-07-01" });
    let given = done(&leader, "giveInstruction", given, "instruction { id }").await;
    let answer = json!({ "instructionId": given["instruction"]["id"], "unitId": unit, "body": marked("办理情况") });
    done(manager, "answerInstruction", answer, "instruction { id }").await;
}

/// A target is refined, put off, closed, opened again, suspended and cancelled.
async fn closing(office: &Actor<'_>, manager: &Actor<'_>, target: &str) {
    let milestone = json!({ "targetId": target, "title": marked("节点"), "dueOn": "2022-08-31" });
    let fields = "milestone { id version }";
    let kept = done(manager, "saveMilestone", milestone.clone(), fields).await;
    let gone = done(manager, "saveMilestone", milestone, fields).await;
    let gone = json!({ "milestoneId": gone["milestone"]["id"], "expectedVersion": gone["milestone"]["version"] });
    done(manager, "removeMilestone", gone, "target { id }").await;
    for decision in ["RETURN", "APPROVE"] {
        let submit = json!({ "targetId": target });
        done(manager, "submitRefinement", submit, "target { id }").await;
        let input =
            json!({ "targetId": target, "decision": decision, "comment": marked("细化意见") });
        done(office, "decideRefinement", input, "target { id }").await;
    }
    let mark = json!({ "milestoneId": kept["milestone"]["id"], "doneOn": "2022-06-15" });
    done(manager, "markMilestone", mark, "milestone { id }").await;

    let put_off =
        json!({ "targetId": target, "newDueOn": "2023-03-31", "reason": marked("延期理由") });
    let close = json!({ "targetId": target, "summary": marked("办结情况") });
    for (asked, input, decision) in [
        ("requestExtension", &put_off, None),
        ("requestExtension", &put_off, Some("APPROVE")),
        ("requestClosure", &close, Some("REJECT")),
        ("requestClosure", &close, Some("APPROVE")),
    ] {
        let kind = match asked {
            "requestClosure" => "closureRequest",
            _ => "extensionRequest",
        };
        let fields = format!("{kind} {{ id }}");
        let request = done(manager, asked, input.clone(), &fields).await;
        let mut input = json!({ "requestId": request[kind]["id"], "comment": marked("意见") });
        if let Some(decision) = decision {
            input["decision"] = decision.into();
            done(office, "decideRequest", input, "request { id }").await;
        } else {
            done(manager, "withdrawRequest", input, "request { id }").await;
        }
    }
    let reason = json!({ "targetId": target, "reason": marked("缘由") });
    for mutation in [
        "reopenTarget",
        "suspendTarget",
        "resumeTarget",
        "cancelTarget",
    ] {
        done(office, mutation, reason.clone(), "target { id }").await;
    }
}

/// A unit objects to its part twice; a designation is made, another part acknowledged, the target amended.
async fn assigning(app: &App, office: &Actor<'_>, manager: &Actor<'_>, target: &str) {
    let query = "query($id: ID!) { target(id: $id) { version assignments { id unit { name } } }
        plan(year: 2022) { designations(first: 1) { nodes { id } } } }";
    let answer = office.ask(query, json!({ "id": target })).await;
    let rows = answer.data("/target/assignments").as_array().unwrap();
    let of = |unit: &str| {
        let mut rows = rows.iter();
        rows.find(|row| row["unit"]["name"] == unit).unwrap()["id"].clone()
    };
    let own = json!({ "assignmentIds": [of("市发展改革委")] });
    done(manager, "acknowledgeAssignments", own, "assignments { id }").await;
    let linhai = app.sign_in("linhai-manager").await;
    let object = json!({ "assignmentId": of("临海市政府"), "reason": marked("非我职责") });
    let other = plans::unit(office, "市人防办").await;
    for decision in [None, Some("INSIST"), Some("REASSIGN")] {
        let dispute = done(
            &linhai,
            "disputeAssignment",
            object.clone(),
            "dispute { id }",
        )
        .await;
        let mut input = json!({ "disputeId": dispute["dispute"]["id"], "comment": marked("说明") });
        match decision {
            None => {
                done(&linhai, "withdrawDispute", input, "dispute { id }").await;
                continue;
            }
            Some("REASSIGN") => input["unitId"] = other.clone().into(),
            Some(_) => {}
        }
        input["decision"] = decision.into();
        done(office, "decideDispute", input, "dispute { id }").await;
    }
    let designation = answer.data("/plan/designations/nodes/0/id");
    let input = json!({ "designationId": designation, "unitIds": [other] });
    done(office, "designateUnits", input, "target { id }").await;
    let now = office
        .ask(
            "query($id: ID!) { target(id: $id) { version indicators { id } } }",
            json!({ "id": target }),
        )
        .await;
    // There are reports on it: its indicator changes, and stays.
    let indicator = json!({
        "indicatorId": now.data("/target/indicators/0/id"), "name": marked("增长率"), "comparison": "AT_LEAST", "goal": "6.5", "unitOfMeasure": "%", "kind": "RATE", "phrase": MARK,
    });
    let input = json!({
        "targetId": target, "expectedVersion": now.data("/target/version"), "reason": marked("中期调整"), "text": marked("生产总值增长 6.5%以上。"),
        "dueOn": "2023-03-31", "indicators": [indicator],
    });
    done(office, "amendTarget", input, "target { id }").await;
}

async fn confirming(app: &App, office: &Actor<'_>) {
    let db = app.database.connect().await;
    let sql = "UPDATE indicator SET confirmed = FALSE";
    db.execute_unprepared(sql).await.unwrap();
    let query = "{ plan(year: 2022) { targets(first: 1, filter: { hasIndicator: true }) { nodes { indicators { id } } } } }";
    let of = office.query(query).await;
    let id = of.data("/plan/targets/nodes/0/indicators/0/id");
    done(
        office,
        "confirmIndicators",
        json!({ "indicatorIds": [id] }),
        "indicators { id }",
    )
    .await;
}

both! {
    async fn no_entry_holds_a_word_of_what_people_write(app: App) {
        let (office, manager) = (app.sign_in("office").await, app.sign_in("fgw-manager").await);
        let book = Book::of(&app).await;
        let led = book.numbers(|draft| draft.assignments[0].unit == "市发展改革委");
        let led: Vec<u32> = led.into_iter().filter(|number| book.leads(*number).len() == 1).collect();
        let answered = led.iter().copied().find(|number| book.answers("leader-1", *number)).unwrap();
        let other = led.iter().copied().find(|number| ![1, answered].contains(number)).unwrap();
        let periods = create_periods(&office).await;
        let (june, july) = (&periods["2022年6月"], &periods["2022年7月"]);
        drafting(&office, book.target(other)).await;
        confirming(&app, &office).await;
        reporting(&app, &office, &manager, &target(&office, 1).await, june).await;
        done(&office, "openReportingPeriod", json!({ "periodId": july }), "reportingPeriod { id }").await;
        done(&office, "lockReportingPeriod", json!({ "periodId": july, "reason": marked("锁定") }), "reportingPeriod { id }").await;
        let reopen = json!({ "periodId": july, "unitId": book.unit("市发展改革委"), "until": "2022-12-31T00:00:00Z", "reason": marked("补报") });
        done(&office, "reopenReportingPeriod", reopen, "reportingPeriod { id }").await;
        steering(&app, &office, &manager, &book, answered).await;
        closing(&office, &manager, book.target(other)).await;
        assigning(&app, &office, &manager, book.target(1)).await;
        set_clock(&app, "2022-06-28T02:00:00Z");
        let system = app.parts.store().system();
        assert!(!system.sweep("2022-06-28".parse().unwrap(), store::Sweep::Daily).await.unwrap().notices.is_empty());
        assert_eq!(system.forget_waiting_attachments().await.unwrap().len(), 1);

        // Whatever act there is was played, or is of those that write nothing of the business.
        let all = entries(&app).await;
        let played: BTreeSet<&str> = all.iter().map(|entry| entry.action.as_str()).collect();
        let acts: BTreeSet<&str> = store::audited_acts().into_iter().collect();
        let missing: Vec<&&str> = acts.iter().filter(|act| !played.contains(**act) && !OWN.contains(act)).collect();
        assert_eq!(missing, [&""; 0], "acts that nobody played");
        assert!(OWN.iter().all(|act| acts.contains(act)));
        for entry in &all {
            assert!(!entry.changes.to_string().contains(MARK), "{}: {}", entry.action, entry.changes);
        }
        // Nor does what leaves the log.
        system.finish_audit().await.unwrap();
        let audit = app.sign_in("audit").await;
        let token = audit.token.as_deref();
        for path in ["/audit/export.jsonl", "/audit/export.csv"] {
            let export = get(&app, path, token).await;
            assert!(export.text.contains("AMEND_TARGET") && !export.text.contains(MARK), "{path}");
        }
        let log = listed(&audit, json!({ "actions": ["AMEND_TARGET"] })).await;
        let changes = log.data("/auditEntries/nodes/0/changes");
        // What changed is told, and what was written can be proved.
        let written = changes["parts"]["after"]["text"].clone();
        assert_eq!(written, json!({ "chars": marked("生产总值增长 6.5%以上。").chars().count(), "sha256": written["sha256"] }));
        assert_eq!(written["sha256"].as_str().unwrap().len(), 64);
        assert_ne!(written, changes["parts"]["before"]["text"]);
        assert_eq!((&changes["parts"]["after"]["dueOn"], &changes["parts"]["after"]["indicators"][0]["goal"]), (&json!("2023-03-31"), &json!("6.5")));
        assert_eq!(changes["reason"]["chars"], marked("中期调整").chars().count());
        let report = all.iter().find(|entry| entry.action == "SAVE_REPORT").unwrap();
        assert_eq!(report.changes["progress"][0]["chars"], 0);
        assert_eq!(report.changes["progress"][1]["chars"], marked("进展").chars().count());
        assert_eq!(report.changes["status"], json!([null, "DRAFT"]));
    }
}
