//! Two people at the same moment: one wins, the others hear what happened.

use serde_json::json;
use tests::{
    App, both,
    desk::{act, create_periods, on_report, report, save, target},
};

both! {
    async fn of_those_who_begin_a_report_one_does(app: App) {
        let office = app.sign_in("office").await;
        let periods = create_periods(&office).await;
        let target = target(&office, 1).await;
        let (a, b) = (app.sign_in("fgw-reporter").await, app.sign_in("fgw-manager").await);
        let input = json!({ "targetId": target, "periodId": periods["2022年6月"], "progress": "x" });
        let answers = tokio::join!(save(&a, input.clone()), save(&b, input.clone()), save(&a, input.clone()), save(&b, input.clone()));
        let mut outcomes: Vec<String> = [answers.0, answers.1, answers.2, answers.3].iter().map(|answer| answer.refusals("saveProgressReport").join(",")).collect();
        outcomes.sort();
        assert_eq!(outcomes, ["", "INVALID expectedVersion", "INVALID expectedVersion", "INVALID expectedVersion"]);
        assert_eq!(a.query("{ progressReports { totalCount nodes { version } } }").await.data("/progressReports"), &json!({ "totalCount": 1, "nodes": [{ "version": 1 }] }));
    }

    async fn of_those_who_change_a_version_one_does(app: App) {
        let office = app.sign_in("office").await;
        let periods = create_periods(&office).await;
        let target = target(&office, 1).await;
        let (a, b) = (app.sign_in("fgw-reporter").await, app.sign_in("fgw-manager").await);
        let input = |version: i64, progress: &str| json!({ "targetId": target, "periodId": periods["2022年6月"], "progress": progress, "expectedVersion": version });
        report(&save(&a, json!({ "targetId": target, "periodId": periods["2022年6月"], "progress": "x" })).await, "saveProgressReport");
        for version in 1..4 {
            let (one, other) = tokio::join!(save(&a, input(version, &format!("a{version}"))), save(&b, input(version, &format!("b{version}"))));
            let mut outcomes = [one.refusals("saveProgressReport").join(","), other.refusals("saveProgressReport").join(",")];
            outcomes.sort();
            assert_eq!(outcomes, ["", "CONFLICT expectedVersion"]);
        }
    }

    async fn of_submitting_recalling_and_reviewing_one_comes_first(app: App) {
        let (office, other) = (app.sign_in("office").await, app.sign_in("office-2022").await);
        let periods = create_periods(&office).await;
        let target = target(&office, 1).await;
        let manager = app.sign_in("fgw-manager").await;
        let saved = save(&manager, json!({ "targetId": target, "periodId": periods["2022年6月"], "progress": "x" })).await;
        let draft = report(&saved, "saveProgressReport");
        let submit = || on_report(&manager, "submitProgressReport", draft.input());
        let (one, two, three) = tokio::join!(submit(), submit(), submit());
        let mut outcomes: Vec<String> = [one, two, three].iter().map(|answer| answer.refusals("submitProgressReport").join(",")).collect();
        outcomes.sort();
        assert_eq!(outcomes, ["", "WRONG_STATE reportId", "WRONG_STATE reportId"]);
        let submitted = tests::desk::Handle { version: 2, ..draft };
        let (accepted, returned, recalled) = tokio::join!(
            submitted.review(&office, "ACCEPT"),
            submitted.review(&other, "RETURN"),
            on_report(&manager, "recallProgressReport", submitted.input())
        );
        let outcomes = [accepted.refusals("reviewProgressReport").join(","), returned.refusals("reviewProgressReport").join(","), recalled.refusals("recallProgressReport").join(",")];
        assert_eq!(outcomes.iter().filter(|outcome| outcome.is_empty()).count(), 1, "{outcomes:?}");
        for outcome in outcomes.iter().filter(|outcome| !outcome.is_empty()) {
            // After a recall the report is a draft, which the office does not see.
            assert!(["WRONG_STATE reportId", "CONFLICT expectedVersion", "NOT_FOUND reportId"].contains(&outcome.as_str()), "{outcomes:?}");
        }
        let versions = manager.query(&format!("{{ node(id: \"{}\") {{ ... on ProgressReport {{ version versions {{ totalCount }} reviews {{ id }} }} }} }}", submitted.id)).await;
        assert_eq!((versions.data("/node/version"), versions.data("/node/versions/totalCount")), (&json!(3), &json!(3)));
        assert!(versions.data("/node/reviews").as_array().unwrap().len() <= 1);
    }

    async fn of_saving_and_submitting_one_comes_first(app: App) {
        let office = app.sign_in("office").await;
        let periods = create_periods(&office).await;
        let (reporter, manager) = (app.sign_in("fgw-reporter").await, app.sign_in("fgw-manager").await);
        let mine = manager.query("{ plan(year: 2022) { targets(first: 10) { nodes { id } } } }").await;
        for target in mine.data("/plan/targets/nodes").as_array().unwrap() {
            let input = json!({ "targetId": target["id"], "periodId": periods["2022年6月"], "progress": "x" });
            let draft = report(&save(&manager, input.clone()).await, "saveProgressReport");
            let mut change = input.clone();
            change["expectedVersion"] = 1.into();
            change["progress"] = "y".into();
            let (saved, submitted, again) = tokio::join!(
                save(&reporter, change.clone()),
                on_report(&manager, "submitProgressReport", draft.input()),
                save(&manager, change)
            );
            let outcomes = [saved.refusals("saveProgressReport").join(","), submitted.refusals("submitProgressReport").join(","), again.refusals("saveProgressReport").join(",")];
            assert_eq!(outcomes.iter().filter(|outcome| outcome.is_empty()).count(), 1, "{outcomes:?}");
            for outcome in outcomes.iter().filter(|outcome| !outcome.is_empty()) {
                assert!(["WRONG_STATE", "CONFLICT expectedVersion"].contains(&outcome.as_str()), "{outcomes:?}");
            }
        }
    }

    /// How a target stands rests on all of its accepted reports: none is forgotten when two are accepted at once.
    async fn reports_accepted_at_once_all_count(app: App) {
        let office = app.sign_in("office").await;
        let periods = create_periods(&office).await;
        for month in ["2022年7月", "2022年8月", "2022年9月"] {
            act(&office, "openReportingPeriod", "reportingPeriod { id }", json!({ "periodId": periods[month] })).await;
        }
        let manager = app.sign_in("fgw-manager").await;
        let mine = manager.query("{ plan(year: 2022) { targets(first: 8, filter: { role: LEAD }) { nodes { id } } } }").await;
        for target in mine.data("/plan/targets/nodes").as_array().unwrap() {
            let mut submitted = Vec::new();
            for (month, percent) in [("2022年6月", 20), ("2022年7月", 40), ("2022年8月", 60), ("2022年9月", 80)] {
                let saved = save(&manager, json!({ "targetId": target["id"], "periodId": periods[month], "progress": "x", "percentComplete": percent })).await;
                submitted.push(report(&saved, "saveProgressReport").step(&manager, "submitProgressReport").await);
            }
            let accept = |at: usize| submitted[at].reviewed(&office, "ACCEPT");
            tokio::join!(accept(3), accept(0), accept(2), accept(1));
            let query = format!("{{ target(id: {}) {{ percentComplete }} }}", target["id"]);
            assert_eq!(office.query(&query).await.data("/target/percentComplete"), 80, "the latest period's");
        }
    }

    async fn the_same_mutation_twice_at_once_is_done_once(app: App) {
        let office = app.sign_in("office").await;
        let periods = create_periods(&office).await;
        let target = target(&office, 1).await;
        let manager = app.sign_in("fgw-manager").await;
        let input = json!({ "targetId": target, "periodId": periods["2022年6月"], "progress": "x", "clientMutationId": "same" });
        let (one, two, three) = tokio::join!(save(&manager, input.clone()), save(&manager, input.clone()), save(&manager, input.clone()));
        report(&one, "saveProgressReport");
        assert_eq!((&one.body, &one.body), (&two.body, &three.body));
        assert_eq!(one.data("/saveProgressReport/report/version"), 1);
    }

    async fn locking_and_submitting_come_one_after_the_other(app: App) {
        let office = app.sign_in("office").await;
        let periods = create_periods(&office).await;
        let target = target(&office, 1).await;
        let manager = app.sign_in("fgw-manager").await;
        let saved = save(&manager, json!({ "targetId": target, "periodId": periods["2022年6月"], "progress": "x" })).await;
        let draft = report(&saved, "saveProgressReport");
        let lock = json!({ "periodId": periods["2022年6月"], "reason": "x" });
        let (submitted, locked, locked_too) = tokio::join!(
            on_report(&manager, "submitProgressReport", draft.input()),
            act(&office, "lockReportingPeriod", "reportingPeriod { id }", lock.clone()),
            act(&office, "lockReportingPeriod", "reportingPeriod { id }", lock)
        );
        let mut locks = [locked.refusals("lockReportingPeriod").join(","), locked_too.refusals("lockReportingPeriod").join(",")];
        locks.sort();
        assert_eq!(locks, ["", "LOCKED periodId"]);
        let outcome = submitted.refusals("submitProgressReport").join(",");
        assert!(["", "LOCKED reportId"].contains(&outcome.as_str()), "{outcome}");
    }
}
