//! Many reports at once, and the same mutation sent again.

use serde_json::{Value, json};
use tests::{
    Actor, Answer, App, both,
    desk::{act, create_periods, on_report, report, save, target},
};

async fn save_all(actor: &Actor<'_>, input: Value) -> Answer {
    let fields = "clientMutationId results { clientMutationId report { id version progress target { number } } userErrors { code field currentVersion } }";
    act(actor, "saveProgressReports", fields, input).await
}

both! {
    async fn a_bad_row_does_not_undo_the_others(app: App) {
        let office = app.sign_in("office").await;
        let periods = create_periods(&office).await;
        let june = &periods["2022年6月"];
        let manager = app.sign_in("fgw-manager").await;
        let mine = manager.query("{ plan(year: 2022) { targets(first: 4) { nodes { id number } } } }").await;
        let mine = mine.data("/plan/targets/nodes").clone();
        let all = office.query("{ plan(year: 2022) { targets(first: 100) { nodes { id assignments { unit { name } } } } } }").await;
        let foreign = all.data("/plan/targets/nodes").as_array().unwrap().iter()
            .find(|node| !node["assignments"].as_array().unwrap().iter().any(|a| a["unit"]["name"] == "市发展改革委")).unwrap()["id"].clone();
        let row = |target: &Value, progress: &str| json!({ "targetId": target, "periodId": june, "progress": progress });
        let mut bad = row(&mine[1]["id"], "b");
        bad["percentComplete"] = json!(400);
        let rows = json!([row(&mine[0]["id"], "a"), bad, row(&foreign, "c"), row(&mine[0]["id"], "again"), row(&mine[3]["id"], "d"), row(&json!("nonsense"), "e")]);
        let answer = save_all(&manager, json!({ "rows": rows, "clientMutationId": "batch" })).await;
        assert_eq!(answer.refusals("saveProgressReports"), [""; 0]);
        let results = answer.data("/saveProgressReports/results").as_array().unwrap();
        let outcome: Vec<String> = results.iter().map(|result| {
            let error = &result["userErrors"][0];
            assert_eq!(error.is_null(), result["report"].is_object(), "{result}");
            format!("{} {}", error["code"], error["field"])
        }).collect();
        assert_eq!(outcome, ["null null", "\"INVALID\" [\"rows\",\"1\",\"percentComplete\"]", "\"NOT_FOUND\" [\"rows\",\"2\",\"targetId\"]", "\"INVALID\" [\"rows\",\"3\",\"targetId\"]", "null null", "\"NOT_FOUND\" [\"rows\",\"5\",\"targetId\"]"]);
        assert_eq!(results[4]["report"]["target"]["number"], mine[3]["number"]);
        assert_eq!(manager.query("{ progressReports { totalCount } }").await.data("/progressReports/totalCount"), 2);

        // Sent again, nothing is done twice; a row that was refused is tried again, one with another input is told.
        let again = save_all(&manager, json!({ "rows": rows, "clientMutationId": "batch" })).await;
        assert_eq!(again.body, answer.body);
        let mut other = rows.clone();
        other[0]["progress"] = "another".into();
        other[1]["percentComplete"] = json!(40);
        let answer = save_all(&manager, json!({ "rows": other, "clientMutationId": "batch" })).await;
        let results = answer.data("/saveProgressReports/results");
        assert_eq!(results[0]["userErrors"][0]["field"], json!(["rows", "0", "clientMutationId"]));
        assert_eq!(results[1]["report"]["version"], 1);
        assert_eq!(results[4]["report"]["version"], 1);
        assert_eq!(manager.query("{ progressReports { totalCount } }").await.data("/progressReports/totalCount"), 3);
    }

    async fn a_report_stands_in_one_row(app: App) {
        let office = app.sign_in("office").await;
        let periods = create_periods(&office).await;
        let manager = app.sign_in("fgw-manager").await;
        let mine = manager.query("{ plan(year: 2022) { targets(first: 1, filter: { role: LEAD }) { nodes { id assignments { unit { id name } } } } } }").await;
        let target = &mine.data("/plan/targets/nodes/0");
        let unit = target["assignments"].as_array().unwrap().iter().find(|row| row["unit"]["name"] == "市发展改革委").unwrap()["unit"]["id"].clone();
        let row = |month: &str, unit: &Value, version: i64| {
            json!({ "targetId": target["id"], "periodId": periods[month], "unitId": unit, "progress": format!("{version}"), "expectedVersion": (version > 0).then_some(version) })
        };
        // As many versions as rows, if each went on where the last one ended; with and without the only unit that it can be.
        let rows: Vec<Value> = (0..10).map(|version| row("2022年6月", if version % 2 == 0 { &unit } else { &Value::Null }, version)).collect();
        let answer = save_all(&manager, json!({ "rows": rows })).await;
        let results = answer.data("/saveProgressReports/results").as_array().unwrap();
        assert_eq!(results[0]["report"]["version"], 1);
        for (at, result) in results.iter().enumerate().skip(1) {
            let error = &result["userErrors"][0];
            assert_eq!((&error["code"], &error["field"]), (&json!("INVALID"), &json!(["rows", at.to_string(), "targetId"])), "{result}");
        }
        let versions = manager.query("{ progressReports { nodes { versions { totalCount } } } }").await;
        assert_eq!(versions.data("/progressReports/nodes"), &json!([{ "versions": { "totalCount": 1 } }]));
        // Another period is another report.
        let answer = save_all(&manager, json!({ "rows": [row("2022年6月", &unit, 1), row("2022年5月", &unit, 0)] })).await;
        let second = &answer.data("/saveProgressReports/results/1/userErrors/0");
        assert_eq!((&answer.data("/saveProgressReports/results/0/report/version"), &second["field"]), (&&json!(2), &json!(["rows", "1", "periodId"])));
    }

    async fn a_batch_is_neither_empty_nor_too_large(app: App) {
        let manager = app.sign_in("fgw-manager").await;
        let row = json!({ "targetId": "x", "periodId": "x" });
        let saved = async |input: Value| save_all(&manager, input).await;
        for (rows, id, refusal) in [
            (0, Value::Null, "INVALID rows"),
            (101, Value::Null, "TOO_LARGE rows"),
            (1, json!(""), "INVALID clientMutationId"),
            (1, json!("x".repeat(91)), "TOO_LARGE clientMutationId"),
        ] {
            let answer = saved(json!({ "rows": vec![row.clone(); rows], "clientMutationId": id })).await;
            assert_eq!(answer.refusals("saveProgressReports"), [refusal]);
            assert_eq!(answer.data("/saveProgressReports/results"), &json!([]));
        }
        let answer = saved(json!({ "rows": vec![row; 100], "clientMutationId": "x".repeat(90) })).await;
        assert_eq!(answer.data("/saveProgressReports/results").as_array().unwrap().len(), 100);
        let anonymous = save_all(&app.anonymous(), json!({ "rows": [] })).await;
        assert_eq!(anonymous.codes(), ["UNAUTHENTICATED"]);
    }

    async fn what_is_sent_again_is_done_once(app: App) {
        let office = app.sign_in("office").await;
        let periods = create_periods(&office).await;
        let target = target(&office, 1).await;
        let (reporter, manager) = (app.sign_in("fgw-reporter").await, app.sign_in("fgw-manager").await);
        let input = json!({ "targetId": target, "periodId": periods["2022年6月"], "progress": "x", "clientMutationId": "one" });
        let first = save(&reporter, input.clone()).await;
        assert_eq!(first.data("/saveProgressReport/clientMutationId"), "one");
        assert_eq!(save(&reporter, input.clone()).await.body, first.body);
        let mut other = input.clone();
        other["progress"] = "y".into();
        assert_eq!(save(&reporter, other).await.refusals("saveProgressReport"), ["CONFLICT clientMutationId"]);
        let draft = report(&first, "saveProgressReport");
        // The same ID for another act is a conflict; from somebody else it is another ID.
        let mut signoff = draft.input();
        signoff["clientMutationId"] = "one".into();
        assert_eq!(on_report(&reporter, "requestSignoff", signoff.clone()).await.refusals("requestSignoff"), ["CONFLICT clientMutationId"]);
        let submitted = on_report(&manager, "submitProgressReport", signoff.clone()).await;
        report(&submitted, "submitProgressReport");
        let again = on_report(&manager, "submitProgressReport", signoff).await;
        assert_eq!(again.body, submitted.body);
        assert_eq!(again.data("/submitProgressReport/report/version"), 2);
        // A refused act may be sent again: it did nothing.
        let mut review = json!({ "reportId": draft.id, "expectedVersion": 1, "decision": "ACCEPT", "clientMutationId": "two" });
        assert_eq!(on_report(&office, "reviewProgressReport", review.clone()).await.refusals("reviewProgressReport"), ["CONFLICT expectedVersion"]);
        review["expectedVersion"] = 2.into();
        report(&on_report(&office, "reviewProgressReport", review).await, "reviewProgressReport");
        for (id, refusal) in [(json!(""), "INVALID clientMutationId"), (json!("长".repeat(101)), "TOO_LARGE clientMutationId")] {
            let mut input = input.clone();
            input["clientMutationId"] = id;
            assert_eq!(save(&reporter, input).await.refusals("saveProgressReport"), [refusal]);
        }
    }
}
