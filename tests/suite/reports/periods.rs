//! Periods: made from a rule, opened, locked, and opened again for one unit.

use serde_json::{Value, json};
use tests::{
    Actor, Answer, App, both,
    desk::{act, create_periods, on_report, report, save, set_clock, target},
    world::ACTORS,
};

const PERIOD: &str = "reportingPeriod { id label opensAt dueAt locksAt lockedAt lockedByRule lockReason lockedBy { displayName } }";

async fn on_period(actor: &Actor<'_>, mutation: &str, input: Value) -> Answer {
    act(actor, mutation, PERIOD, input).await
}

async fn draft(actor: &Actor<'_>, target: &str, period: &str) -> Vec<String> {
    let answer = save(
        actor,
        json!({ "targetId": target, "periodId": period, "progress": "x" }),
    )
    .await;
    answer.refusals("saveProgressReport")
}

both! {
    async fn a_plans_periods_are_made_once_from_its_rule(app: App) {
        let office = app.sign_in("office").await;
        let plans = office.query("{ plans { nodes { id year } } }").await;
        let plan = |year: i64| plans.data("/plans/nodes").as_array().unwrap().iter().find(|plan| plan["year"] == year).unwrap()["id"].clone();
        let (issued, drafted) = (plan(2022), plan(2023));
        let create = async |actor: &Actor<'_>, input: Value| act(actor, "createReportingPeriods", "clientMutationId plan { year reportingPeriods { label } } reportingPeriods { label kind ordinal startsOn endsOn opensAt dueAt locksAt lockedAt lockedByRule }", input).await;
        let rule = json!({ "planId": issued, "kind": "MONTH", "dueDay": 0, "dueHour": 24, "opensDaysBefore": -1, "graceDays": 31 });
        assert_eq!(create(&office, rule).await.refusals("createReportingPeriods"), ["INVALID dueDay", "INVALID dueHour", "INVALID opensDaysBefore", "INVALID graceDays"]);
        for name in ACTORS {
            let sees = ["office", "office-2023"].contains(&name);
            let answer = create(&app.sign_in(name).await, json!({ "planId": drafted, "kind": "MONTH", "dueDay": 99 })).await;
            assert_eq!(answer.refusals("createReportingPeriods"), [if sees { "INVALID dueDay" } else { "NOT_FOUND planId" }], "{name}");
        }
        assert_eq!(create(&app.sign_in("fgw-manager").await, json!({ "planId": issued, "kind": "MONTH" })).await.refusals("createReportingPeriods"), ["FORBIDDEN planId"]);
        let made = create(&office, json!({ "planId": issued, "kind": "MONTH", "clientMutationId": "m" })).await;
        assert_eq!(made.refusals("createReportingPeriods"), [""; 0]);
        let periods = made.data("/createReportingPeriods/reportingPeriods").as_array().unwrap();
        assert_eq!(periods.len(), 12);
        assert_eq!(periods[5], json!({ "label": "2022年6月", "kind": "MONTH", "ordinal": 6, "startsOn": "2022-06-01", "endsOn": "2022-06-30",
            "opensAt": "2022-06-16T16:00:00Z", "dueAt": "2022-06-27T10:00:00Z", "locksAt": "2022-07-04T10:00:00Z", "lockedAt": null, "lockedByRule": false }));
        assert_eq!((&periods[4]["lockedAt"], &periods[4]["lockedByRule"]), (&json!("2022-06-01T10:00:00Z"), &json!(true)));
        let again = create(&office, json!({ "planId": issued, "kind": "MONTH", "clientMutationId": "m" })).await;
        assert_eq!(again.body, made.body);
        assert_eq!(create(&office, json!({ "planId": issued, "kind": "QUARTER", "clientMutationId": "m" })).await.refusals("createReportingPeriods"), ["CONFLICT clientMutationId"]);
        assert_eq!(create(&office, json!({ "planId": issued, "kind": "MONTH" })).await.refusals("createReportingPeriods"), ["WRONG_STATE kind"]);
        // A day within a quarter leaves those before it out; no quarter ends in the year after.
        let quarter = |from: &str| json!({ "planId": issued, "kind": "QUARTER", "dueDay": 31, "from": from });
        assert_eq!(create(&office, quarter("2023-01-01")).await.refusals("createReportingPeriods"), ["INVALID from"]);
        let quarters = create(&office, quarter("2022-06-30")).await;
        let labels: Vec<_> = quarters.data("/createReportingPeriods/reportingPeriods").as_array().unwrap().iter().map(|quarter| quarter["label"].clone()).collect();
        assert_eq!(labels, ["2022年第二季度", "2022年第三季度", "2022年第四季度"]);
        assert_eq!(quarters.data("/createReportingPeriods/plan/reportingPeriods").as_array().unwrap().len(), 15);
    }

    /// June 2022's reports are due on Monday the 27th at 18:00.
    async fn a_period_that_could_only_be_late_is_not_made(app: App) {
        for (name, now, from, first) in [("office", "2022-06-27T09:00:00Z", "2022-06-27", "2022年6月"), ("office-2023", "2023-06-25T11:00:00Z", "2023-06-25", "2023年7月")] {
            set_clock(&app, now);
            let office = app.sign_in(name).await;
            let year: i64 = from[..4].parse().unwrap();
            let plan = office.ask("query($y: Int!) { plan(year: $y) { id } }", json!({ "y": year })).await.data("/plan/id").clone();
            let made = act(&office, "createReportingPeriods", "reportingPeriods { label dueAt }", json!({ "planId": plan, "kind": "MONTH", "from": from })).await;
            let periods = made.data("/createReportingPeriods/reportingPeriods").as_array().unwrap();
            assert_eq!(periods[0]["label"], first);
            assert!(periods.iter().all(|period| period["dueAt"].as_str().unwrap() > now), "{periods:?}");
            // After the last due day there is nothing left to ask for.
            let late = json!({ "planId": plan, "kind": "QUARTER", "from": format!("{year}-12-31"), "dueDay": 10 });
            let answer = act(&office, "createReportingPeriods", "plan { id }", late).await;
            assert_eq!(answer.refusals("createReportingPeriods"), ["INVALID from"]);
            assert_eq!(answer.data("/createReportingPeriods/userErrors/0/message"), "No reporting period of the year is due on that day or later.");
        }
    }

    async fn locked_says_since_when_by_whom_or_by_which_rule(app: App) {
        let office = app.sign_in("office").await;
        let periods = create_periods(&office).await;
        let target = target(&office, 1).await;
        let (fgw, linhai) = (app.sign_in("fgw-manager").await, app.sign_in("linhai-manager").await);
        let message = async |actor: &Actor<'_>, month: &str| {
            let answer = save(actor, json!({ "targetId": target, "periodId": periods[month], "progress": "x" })).await;
            assert_eq!(answer.refusals("saveProgressReport"), ["LOCKED periodId"], "{}", answer.text);
            assert_eq!(answer.data("/saveProgressReport/userErrors/0/field"), &json!(["periodId"]));
            answer.data("/saveProgressReport/userErrors/0/message").as_str().unwrap().to_owned()
        };
        assert_eq!(message(&fgw, "2022年5月").await, "The period was locked by the plan's rule at 2022-06-01 18:00. The supervision office can open it again for your unit.");
        assert_eq!(message(&fgw, "2022年8月").await, "The period is not open yet: it opens at 2022-08-01 00:00.");

        // Opened before its time.
        assert_eq!(on_period(&fgw, "openReportingPeriod", json!({ "periodId": periods["2022年8月"] })).await.refusals("openReportingPeriod"), ["FORBIDDEN periodId"]);
        assert_eq!(on_period(&office, "openReportingPeriod", json!({ "periodId": periods["2022年6月"] })).await.refusals("openReportingPeriod"), ["WRONG_STATE periodId"]);
        let opened = on_period(&office, "openReportingPeriod", json!({ "periodId": periods["2022年8月"] })).await;
        assert_eq!(opened.data("/openReportingPeriod/reportingPeriod/opensAt"), "2022-06-15T04:00:00Z");
        assert_eq!(draft(&fgw, &target, &periods["2022年8月"]).await, [""; 0]);

        // Locked before its time, with a reason: nothing is written, asked for, submitted or recalled; reviews go on.
        let june = &periods["2022年6月"];
        let first = report(&save(&fgw, json!({ "targetId": target, "periodId": june, "progress": "x" })).await, "saveProgressReport");
        let handed_in = report(&save(&linhai, json!({ "targetId": target, "periodId": june, "progress": "x" })).await, "saveProgressReport").step(&linhai, "submitProgressReport").await;
        assert_eq!(on_period(&office, "lockReportingPeriod", json!({ "periodId": june, "reason": " " })).await.refusals("lockReportingPeriod"), ["INVALID reason"]);
        assert_eq!(on_period(&office, "lockReportingPeriod", json!({ "periodId": periods["2022年9月"], "reason": "x" })).await.refusals("lockReportingPeriod"), ["LOCKED periodId"]);
        let locked = on_period(&office, "lockReportingPeriod", json!({ "periodId": june, "reason": "数据核定" })).await;
        let period = locked.data("/lockReportingPeriod/reportingPeriod");
        assert_eq!((&period["lockedAt"], &period["lockedByRule"], &period["lockReason"], &period["lockedBy"]["displayName"]), (&json!("2022-06-15T04:00:00Z"), &json!(false), &json!("数据核定"), &json!("账号 office")));
        assert_eq!(message(&fgw, "2022年6月").await, "账号 office locked the period at 2022-06-15 12:00. The supervision office can open it again for your unit.");
        for (actor, mutation, report) in [(&fgw, "requestSignoff", &first), (&fgw, "submitProgressReport", &first), (&linhai, "recallProgressReport", &handed_in)] {
            assert_eq!(on_report(actor, mutation, report.input()).await.refusals(mutation), ["LOCKED reportId"], "{mutation}");
        }
        handed_in.reviewed(&office, "RETURN").await;
        assert_eq!(on_period(&office, "lockReportingPeriod", json!({ "periodId": june, "reason": "x" })).await.refusals("lockReportingPeriod"), ["LOCKED periodId"]);

        // Opened again for one unit, until a moment.
        let units = office.query("{ fgw: units(filter: { search: \"市发展改革委\" }) { nodes { id } } }").await;
        let unit = units.data("/fgw/nodes/0/id");
        let reopen = |period: &str, until: &str, reason: &str| json!({ "periodId": period, "unitId": unit, "until": until, "reason": reason });
        for (input, refusal) in [
            (reopen(june, "2022-06-15T04:00:00Z", "x"), "INVALID until"),
            (reopen(june, "2022-06-20T00:00:00Z", ""), "INVALID reason"),
            (reopen(&periods["2022年7月"], "2022-06-20T00:00:00Z", "x"), "WRONG_STATE periodId"),
            (json!({ "periodId": june, "unitId": "x", "until": "2022-06-20T00:00:00Z", "reason": "x" }), "NOT_FOUND unitId"),
            (json!({ "periodId": "x", "unitId": unit, "until": "2022-06-20T00:00:00Z", "reason": "x" }), "NOT_FOUND periodId"),
        ] {
            assert_eq!(on_period(&office, "reopenReportingPeriod", input).await.refusals("reopenReportingPeriod"), [refusal]);
        }
        assert_eq!(on_period(&fgw, "reopenReportingPeriod", reopen(june, "2022-06-20T00:00:00Z", "x")).await.refusals("reopenReportingPeriod"), ["FORBIDDEN periodId"]);
        assert_eq!(on_period(&office, "reopenReportingPeriod", reopen(june, "2022-06-15T05:00:00Z", "补报")).await.refusals("reopenReportingPeriod"), [""; 0]);
        let saved = save(&fgw, json!({ "targetId": target, "periodId": june, "progress": "y", "expectedVersion": 1 })).await;
        let second = report(&saved, "saveProgressReport");
        message(&linhai, "2022年6月").await;
        set_clock(&app, "2022-06-15T05:00:00Z");
        let fgw = app.sign_in("fgw-manager").await;
        assert_eq!(on_report(&fgw, "submitProgressReport", second.input()).await.refusals("submitProgressReport"), ["LOCKED reportId"], "the exception has ended");
    }

    async fn of_periods_that_end_together_the_latest_is_the_one_that_is_due_later(app: App) {
        let (office, manager) = (app.sign_in("office").await, app.sign_in("fgw-manager").await);
        let plan = office.query("{ plan(year: 2022) { id } }").await;
        // The quarter first, so that it is not by chance that it comes last.
        let input = json!({ "planId": plan.data("/plan/id"), "kind": "QUARTER", "dueDay": 30, "opensDaysBefore": 30 });
        let made = act(&office, "createReportingPeriods", "reportingPeriods { id label endsOn }", input).await;
        let quarter = made.data("/createReportingPeriods/reportingPeriods/1").clone();
        assert_eq!((&quarter["label"], &quarter["endsOn"]), (&json!("2022年第二季度"), &json!("2022-06-30")));
        let month = create_periods(&office).await["2022年6月"].clone();
        let query = "{ plan(year: 2022) { targets(first: 100, filter: { role: LEAD, hasIndicator: false }) { nodes { id assignments { role } } } } }";
        let led = manager.query(query).await;
        let leads = |node: &&Value| node["assignments"].as_array().unwrap().iter().filter(|row| row["role"] == "LEAD").count();
        let alone = led.data("/plan/targets/nodes").as_array().unwrap().iter().find(|node| leads(node) == 1).unwrap()["id"].clone();
        for (period, percent) in [(&quarter["id"], 70), (&json!(month), 60)] {
            let saved = save(&manager, json!({ "targetId": alone, "periodId": period, "progress": "x", "percentComplete": percent })).await;
            let submitted = report(&saved, "saveProgressReport").step(&manager, "submitProgressReport").await;
            submitted.reviewed(&office, "ACCEPT").await;
        }
        let seen = manager.ask("query($id: ID!) { target(id: $id) { percentComplete latestReport { percentComplete } } }", json!({ "id": alone })).await;
        assert_eq!(seen.data("/target"), &json!({ "percentComplete": 70, "latestReport": { "percentComplete": 70 } }));
    }

    async fn a_period_is_seen_with_its_plan(app: App) {
        let office = app.sign_in("office").await;
        let plans = office.query("{ plans { nodes { id year } } }").await;
        let drafted = plans.data("/plans/nodes").as_array().unwrap().iter().find(|plan| plan["year"] == 2023).unwrap()["id"].clone();
        create_periods(&office).await;
        let made = act(&office, "createReportingPeriods", "reportingPeriods { id }", json!({ "planId": drafted, "kind": "QUARTER" })).await;
        let hidden = made.data("/createReportingPeriods/reportingPeriods/0/id").as_str().unwrap().to_owned();
        let shown = office.query("{ plan(year: 2022) { reportingPeriods { id } } }").await.data("/plan/reportingPeriods/0/id").as_str().unwrap().to_owned();
        for name in ACTORS {
            let actor = app.sign_in(name).await;
            let answer = actor.ask("query($ids: [ID!]!) { nodes(ids: $ids) { id ... on ReportingPeriod { label plan { year } } } plan(year: 2022) { reportingPeriods { id } } }", json!({ "ids": [shown, hidden] })).await;
            let issued = !["audit", "office-2023", "observer-2023"].contains(&name);
            let of_draft = ["office", "office-2023"].contains(&name);
            assert_eq!(answer.data("/nodes/0").is_object(), issued, "{name}");
            assert_eq!(answer.data("/nodes/1").is_object(), of_draft, "{name}");
            let open = on_period(&actor, "openReportingPeriod", json!({ "periodId": hidden })).await;
            if !of_draft {
                assert_eq!(open.refusals("openReportingPeriod"), ["NOT_FOUND periodId"], "{name}");
            }
        }
    }
}
