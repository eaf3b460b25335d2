//! Closed and suspended targets (domain.md §5, §7): they take no reports, and what comes due meanwhile is never asked for.

use serde_json::{Value, json};
use tests::{
    Actor, App, both,
    desk::{Handle, create_periods, on_report, report, save, set_clock},
};

use crate::scene::{Scene, act, allowed, events, target};

const NONE: [&str; 0] = [];

async fn close(office: &Actor<'_>, manager: &Actor<'_>, target: &str) -> Vec<String> {
    let input = json!({ "targetId": target, "summary": "已完成" });
    let asked = act(manager, "requestClosure", input, "closureRequest { id }").await;
    assert_eq!(asked.refusals("requestClosure"), NONE);
    let request = asked.data("/requestClosure/closureRequest/id");
    let input = json!({ "requestId": request, "decision": "APPROVE" });
    act(office, "decideRequest", input, "target { id }")
        .await
        .refusals("decideRequest")
}

async fn step(office: &Actor<'_>, mutation: &str, target: &str) {
    let input = json!({ "targetId": target, "reason": "x" });
    let done = act(office, mutation, input, "target { id }").await;
    assert_eq!(done.refusals(mutation), NONE);
}

async fn missing(office: &Actor<'_>, id: &str) -> usize {
    let found = target(office, id, "lightReasons { code }").await;
    let reasons = found["lightReasons"].as_array().unwrap();
    let missing = reasons.iter().filter(|it| it["code"] == "REPORT_MISSING");
    missing.count()
}

/// The reports due from 市发展改革委.
async fn due(office: &Actor<'_>) -> i64 {
    let query = "{ plan(year: 2022) { statistics(groupBy: UNIT) { key { ... on Unit { name } } reportsDue } } }";
    let answer = office.query(query).await;
    let rows = answer.data("/plan/statistics").as_array().unwrap();
    let row = rows
        .iter()
        .find(|row| row["key"]["name"] == "市发展改革委")
        .unwrap();
    row["reportsDue"].as_i64().unwrap()
}

both! {
    async fn a_closed_target_takes_no_reports_until_it_is_opened_again(app: App) {
        let scene = Scene::of(&app).await;
        let one = scene.target(1);
        let (office, manager, other) = (app.sign_in("office").await, app.sign_in("fgw-manager").await, app.sign_in("linhai-manager").await);
        let periods = create_periods(&office).await;
        let input = |period: &str| json!({ "targetId": one, "periodId": periods[period], "progress": "x" });
        let draft = report(&save(&manager, input("2022年6月")).await, "saveProgressReport");
        let handed_in = report(&save(&other, input("2022年6月")).await, "saveProgressReport").step(&other, "submitProgressReport").await;
        assert_eq!(close(&office, &manager, &one).await, NONE);

        // Neither this one goes on, nor does another begin.
        let mut change = input("2022年6月");
        change["expectedVersion"] = draft.version.into();
        assert_eq!(save(&manager, change.clone()).await.refusals("saveProgressReport"), ["WRONG_STATE"]);
        for mutation in ["requestSignoff", "submitProgressReport"] {
            assert_eq!(on_report(&manager, mutation, draft.input()).await.refusals(mutation), ["WRONG_STATE reportId"]);
        }
        assert_eq!(on_report(&other, "recallProgressReport", handed_in.input()).await.refusals("recallProgressReport"), ["WRONG_STATE reportId"]);
        let actions = async |actor: &Actor<'_>, report: &Handle| {
            let answer = actor.ask("query($id: ID!) { node(id: $id) { ... on ProgressReport { availableActions { action allowed reason { message } } } } }", json!({ "id": report.id })).await;
            answer.data("/node/availableActions").as_array().unwrap().clone()
        };
        let told = actions(&manager, &draft).await;
        assert!(told.iter().all(|row| row["allowed"] == false), "{told:?}");
        assert!(told.iter().any(|row| row["action"] == "SAVE_REPORT" && row["reason"]["message"] == "The target is closed, or was cancelled."), "{told:?}");
        // What was handed in before is reviewed all the same.
        handed_in.reviewed(&office, "ACCEPT").await;
        assert_eq!(target(&office, &one, "state light").await, json!({ "state": "COMPLETED", "light": "GREEN" }));

        step(&office, "reopenTarget", &one).await;
        let saved = report(&save(&manager, change).await, "saveProgressReport");
        saved.step(&manager, "submitProgressReport").await;
    }

    async fn a_report_is_handed_in_before_the_target_is_closed_or_not_at_all(app: App) {
        let scene = Scene::of(&app).await;
        let (office, manager) = (app.sign_in("office").await, app.sign_in("fgw-manager").await);
        let periods = create_periods(&office).await;
        let mine = manager.query("{ plan(year: 2022) { targets(first: 6, filter: { role: LEAD }) { nodes { number } } } }").await;
        for node in mine.data("/plan/targets/nodes").as_array().unwrap() {
            let id = scene.target(i32::try_from(node["number"].as_i64().unwrap()).unwrap());
            let draft = report(&save(&manager, json!({ "targetId": id, "periodId": periods["2022年6月"], "progress": "x" })).await, "saveProgressReport");
            let before = events(&app).await.len();
            let (closed, handed_in) = tokio::join!(close(&office, &manager, &id), on_report(&manager, "submitProgressReport", draft.input()));
            assert_eq!(closed, NONE);
            let happened = events(&app).await.split_off(before);
            let at = |kind: &str| happened.iter().position(|event| event.starts_with(kind));
            match at("REPORT_SUBMITTED") {
                Some(submitted) => assert!(Some(submitted) < at("TARGET_CLOSED"), "{happened:?}"),
                None => assert_eq!(handed_in.refusals("submitProgressReport"), ["WRONG_STATE reportId"]),
            }
        }
    }

    async fn what_came_due_meanwhile_is_not_asked_for(app: App) {
        let scene = Scene::of(&app).await;
        // Three that 市发展改革委 leads alone: one is closed for a while, one is suspended, one goes on.
        let number = |row: &Value| i32::try_from(row["number"].as_i64().unwrap()).unwrap();
        let office = app.sign_in("office").await;
        let manager = app.sign_in("fgw-manager").await;
        let mine = manager.query("{ plan(year: 2022) { targets(first: 3, filter: { role: LEAD }) { nodes { number } } } }").await;
        let [closed, suspended, open] = [0, 1, 2].map(|at| scene.target(number(mine.data(&format!("/plan/targets/nodes/{at}")))));
        create_periods(&office).await;
        set_clock(&app, "2022-06-18T02:00:00Z");
        let (office, manager) = (app.sign_in("office").await, app.sign_in("fgw-manager").await);
        let known = [missing(&office, &closed).await, missing(&office, &suspended).await, missing(&office, &open).await];
        let asked = due(&office).await;
        assert!(known[0] > 0 && known[0] == known[1] && known[1] == known[2], "{known:?}");
        assert_eq!(close(&office, &manager, &closed).await, NONE);
        step(&office, "suspendTarget", &suspended).await;
        // Nothing at all is asked of what is suspended; what was due before it was closed stays due.
        assert_eq!(due(&office).await, asked - known[1] as i64);

        // June is due, and passes.
        set_clock(&app, "2022-06-29T02:00:00Z");
        let office = app.sign_in("office").await;
        let later = due(&office).await;
        step(&office, "reopenTarget", &closed).await;
        step(&office, "resumeTarget", &suspended).await;
        let now = [missing(&office, &closed).await, missing(&office, &suspended).await, missing(&office, &open).await];
        assert_eq!(now, [known[0], known[1], known[2] + 1]);
        // What the suspended one owes from before is asked for again, June of neither.
        assert_eq!(due(&office).await, later + known[1] as i64);

        // July is asked of all three.
        set_clock(&app, "2022-07-29T02:00:00Z");
        let office = app.sign_in("office").await;
        let after = [missing(&office, &closed).await, missing(&office, &suspended).await, missing(&office, &open).await];
        assert_eq!(after, now.map(|count| count + 1));
    }

    async fn what_may_be_done_follows_the_state(app: App) {
        let scene = Scene::of(&app).await;
        let one = scene.target(1);
        let (office, manager) = (app.sign_in("office").await, app.sign_in("fgw-manager").await);
        assert_eq!(allowed(&office, &one).await, ["ISSUE_NOTICE", "SET_LIGHT", "SUSPEND_TARGET", "CANCEL_TARGET", "AMEND_TARGET", "CONFIRM_INDICATORS", "CARRY_OVER_TARGET"]);
        step(&office, "suspendTarget", &one).await;
        assert_eq!(allowed(&office, &one).await, ["ISSUE_NOTICE", "SET_LIGHT", "RESUME_TARGET", "CANCEL_TARGET", "AMEND_TARGET", "CONFIRM_INDICATORS", "CARRY_OVER_TARGET"]);
        assert_eq!(allowed(&manager, &one).await, ["SAVE_MILESTONE"]);
        step(&office, "resumeTarget", &one).await;
        assert_eq!(close(&office, &manager, &one).await, NONE);
        assert_eq!(allowed(&office, &one).await, ["REOPEN_TARGET"]);
        assert_eq!(allowed(&manager, &one).await, NONE);
        assert_eq!(allowed(&app.sign_in("leader-1").await, &one).await, ["GIVE_INSTRUCTION"]);
    }
}
