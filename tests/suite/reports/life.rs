//! The life of a report, from draft to acceptance.

use entity::{audit_entry, role_grant, user};
use sea_orm::{
    ActiveModelTrait, ActiveValue::NotSet, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter,
    QueryOrder, Set,
};
use serde_json::{Value, json};
use tests::{
    Actor, App, both,
    desk::{Handle, act, create_periods, on_report, report, save, set_clock, target},
};

/// A draft of 市发展改革委's on target 1 for June, by its reporter.
async fn drafted(reporter: &Actor<'_>, target: &str, period: &str) -> Handle {
    let answer = save(
        reporter,
        json!({ "targetId": target, "periodId": period, "progress": "上半年增长 6.1%", "percentComplete": 50 }),
    )
    .await;
    report(&answer, "saveProgressReport")
}

async fn sees(actor: &Actor<'_>, id: &str) -> Option<String> {
    let query = format!("{{ node(id: \"{id}\") {{ ... on ProgressReport {{ status }} }} }}");
    let answer = actor.query(&query).await;
    if answer.codes().is_empty() {
        Some(answer.data("/node/status").as_str().unwrap().to_owned())
    } else {
        assert_eq!(answer.codes(), ["NOT_FOUND"], "{}", answer.text);
        None
    }
}

both! {
    async fn a_draft_that_is_saved_as_it_is_stays_as_it_is(app: App) {
        let (office, reporter, manager) = (app.sign_in("office").await, app.sign_in("fgw-reporter").await, app.sign_in("fgw-manager").await);
        let periods = create_periods(&office).await;
        let june = &periods["2022年6月"];
        let target = target(&office, 1).await;
        let asked = office.query(&format!("{{ target(id: \"{target}\") {{ indicators {{ id }} }} }}")).await;
        let indicator = asked.data("/target/indicators/0/id");
        let input = |version: Option<i64>| json!({ "targetId": target, "periodId": june, "expectedVersion": version, "progress": "上半年增长 6.1%", "percentComplete": 50,
            "readings": [{ "indicatorId": indicator, "value": "6.1" }], "attachmentIds": [] });
        let first = save(&reporter, input(None)).await;
        let draft = report(&first, "saveProgressReport");
        let traces = async || {
            let all = manager.query("{ changes(first: 100) { totalCount } progressReports { nodes { updatedAt versions { totalCount } } } }").await;
            let db = app.database.connect().await;
            let entries = audit_entry::Entity::find().filter(audit_entry::Column::Action.eq("SAVE_REPORT"));
            (all.body["data"].clone(), sea_orm::PaginatorTrait::count(entries, &db).await.unwrap())
        };
        let before = traces().await;
        app.clock.advance(chrono::TimeDelta::minutes(1));
        // Whoever saves it, with all of it, with a part, written otherwise, or with nothing at all; and under an ID, twice.
        for (actor, change) in [
            (&reporter, json!({})),
            (&manager, json!({ "progress": " 上半年增长 6.1% ", "readings": [{ "indicatorId": indicator, "value": "6.10" }] })),
            (&manager, json!({ "progress": null, "percentComplete": null, "readings": null, "attachmentIds": null })),
            (&reporter, json!({ "clientMutationId": "same" })),
            (&reporter, json!({ "clientMutationId": "same" })),
        ] {
            let mut input = input(Some(draft.version));
            for (field, value) in change.as_object().unwrap() {
                input[field] = value.clone();
            }
            let saved = save(actor, input).await;
            assert_eq!(report(&saved, "saveProgressReport"), draft, "{}", saved.text);
            assert_eq!(saved.data("/saveProgressReport/report"), first.data("/saveProgressReport/report"));
        }
        assert_eq!(traces().await, before);
        // Whose version is not the newest is told so all the same.
        assert_eq!(save(&reporter, input(Some(draft.version + 1))).await.refusals("saveProgressReport"), ["CONFLICT expectedVersion"]);
        // What is another is kept, each by itself; and what waits for its signature is a draft again, though nothing else changes.
        let mut version = draft.version;
        for (field, value) in [("progress", json!("上半年增长 6.2%")), ("percentComplete", json!(51)), ("readings", json!([]))] {
            let saved = save(&reporter, json!({ "targetId": target, "periodId": june, "expectedVersion": version, field: value })).await;
            version += 1;
            assert_eq!(report(&saved, "saveProgressReport").version, version, "{field}");
        }
        let waiting = Handle { id: draft.id, version }.step(&reporter, "requestSignoff").await;
        let saved = save(&reporter, json!({ "targetId": target, "periodId": june, "expectedVersion": waiting.version })).await;
        assert_eq!(report(&saved, "saveProgressReport").version, waiting.version + 1);
        assert_eq!(saved.data("/saveProgressReport/report/status"), "DRAFT");
    }

    async fn from_draft_to_acceptance(app: App) {
        let (office, reporter, manager) = (app.sign_in("office").await, app.sign_in("fgw-reporter").await, app.sign_in("fgw-manager").await);
        let (linhai, leader) = (app.sign_in("linhai-manager").await, app.sign_in("leader-1").await);
        let periods = create_periods(&office).await;
        let june = &periods["2022年6月"];
        let target = target(&office, 1).await;
        let standing = format!("{{ target(id: \"{target}\") {{ state light percentComplete version indicators {{ id readings(last: 12) {{ totalCount nodes {{ value period {{ label }} report {{ status }} }} }} }} latestReport {{ id status }} lightReasons {{ code }} }} }}");
        let before = office.query(&standing).await;
        let indicator = before.data("/target/indicators/0/id").as_str().unwrap().to_owned();
        assert_eq!(before.data("/target/percentComplete"), &Value::Null);
        assert_eq!(before.data("/target/state"), "NOT_STARTED");

        // The reporter writes, asks for the signature, and cannot submit.
        let input = json!({ "targetId": target, "periodId": june, "progress": " 上半年增长 6.1% ", "problems": "无", "nextSteps": "加快", "percentComplete": 50,
            "readings": [{ "indicatorId": indicator, "value": "6.10" }] });
        let answer = save(&reporter, input).await;
        let draft = report(&answer, "saveProgressReport");
        let body = answer.data("/saveProgressReport/report");
        assert_eq!((&body["version"], &body["status"], &body["progress"], &body["late"]), (&json!(1), &json!("DRAFT"), &json!("上半年增长 6.1%"), &json!(false)));
        assert_eq!(on_report(&reporter, "submitProgressReport", draft.input()).await.refusals("submitProgressReport"), ["FORBIDDEN reportId"]);
        let pending = draft.step(&reporter, "requestSignoff").await;
        assert_eq!(sees(&manager, &draft.id).await.as_deref(), Some("PENDING_SIGNOFF"));
        for other in [&office, &linhai, &leader] {
            assert_eq!(sees(other, &draft.id).await, None);
            assert_eq!(other.query(&standing).await.data("/target/latestReport"), &Value::Null);
        }

        // The manager submits: the office and the leader see it, the supporting unit does not.
        let submitted = pending.step(&manager, "submitProgressReport").await;
        assert_eq!(submitted.version, 3);
        for other in [&office, &leader] {
            assert_eq!(sees(other, &draft.id).await.as_deref(), Some("SUBMITTED"));
        }
        assert_eq!(sees(&linhai, &draft.id).await, None);
        assert_eq!(office.query(&standing).await.data("/target/state"), "NOT_STARTED", "nothing is accepted yet");

        // The office sends it back, and must say why.
        for comment in [Value::Null, json!(""), json!("  ")] {
            let mut input = submitted.input();
            input["decision"] = "RETURN".into();
            input["comment"] = comment;
            assert_eq!(on_report(&office, "reviewProgressReport", input).await.refusals("reviewProgressReport"), ["INVALID comment"]);
        }
        let returned = submitted.reviewed(&office, "RETURN").await;
        assert_eq!(on_report(&manager, "submitProgressReport", returned.input()).await.refusals("submitProgressReport"), ["WRONG_STATE reportId"], "what was returned is first written anew");

        // Written anew, it is the unit's own again.
        let answer = save(&reporter, json!({ "targetId": target, "periodId": june, "expectedVersion": returned.version, "progress": "上半年增长 6.3%", "percentComplete": 60, "readings": [{ "indicatorId": indicator, "value": "6.3" }] })).await;
        let redrafted = report(&answer, "saveProgressReport");
        assert_eq!(answer.data("/saveProgressReport/report/problems"), "无", "what is not given stays");
        assert_eq!(sees(&office, &draft.id).await, None);
        assert_eq!(on_report(&office, "reviewProgressReport", json!({ "reportId": draft.id, "expectedVersion": redrafted.version, "decision": "ACCEPT" })).await.refusals("reviewProgressReport"), ["NOT_FOUND reportId"]);

        // Handed in again, and accepted: now it counts, for the supporting unit too.
        let submitted = redrafted.step(&manager, "submitProgressReport").await;
        let accepted = submitted.reviewed(&office, "ACCEPT").await;
        assert_eq!(accepted.version, 7);
        for other in [&office, &leader, &linhai] {
            let after = other.query(&standing).await;
            assert_eq!(after.data("/target/percentComplete"), 60);
            assert_ne!(after.data("/target/state"), "NOT_STARTED");
            assert_ne!(after.data("/target/lightReasons/0/code"), "NOTHING_DUE");
            assert_eq!(after.data("/target/latestReport"), &json!({ "id": draft.id, "status": "ACCEPTED" }));
            assert_eq!(after.data("/target/indicators/0/readings"), &json!({ "totalCount": 1, "nodes": [{ "value": "6.3", "period": { "label": "2022年6月" }, "report": { "status": "ACCEPTED" } }] }));
        }
        for (actor, mutation) in [(&manager, "recallProgressReport"), (&manager, "submitProgressReport"), (&reporter, "requestSignoff"), (&office, "beginReview")] {
            assert_eq!(on_report(actor, mutation, accepted.input()).await.refusals(mutation), ["WRONG_STATE reportId"], "{mutation}");
        }
        assert_eq!(accepted.review(&office, "RETURN").await.refusals("reviewProgressReport"), ["WRONG_STATE reportId"], "what is accepted stays");

        // Every version can be read by those who could read it then.
        let versions = format!("{{ node(id: \"{}\") {{ ... on ProgressReport {{ reviews {{ decision comment reportVersion reviewer {{ displayName }} }} versions {{ totalCount nodes {{ version action status progress comment actor {{ displayName }} readings {{ value indicator {{ id }} period {{ label }} }} }} }} }} }} }}", draft.id);
        let numbers = |answer: &tests::Answer| -> Vec<String> {
            answer.data("/node/versions/nodes").as_array().unwrap().iter()
                .map(|v| format!("{} {} {}", v["version"], v["action"].as_str().unwrap(), v["status"].as_str().unwrap())).collect()
        };
        let own = manager.query(&versions).await;
        assert_eq!(numbers(&own), ["1 SAVE_REPORT DRAFT", "2 REQUEST_SIGNOFF PENDING_SIGNOFF", "3 SUBMIT_REPORT SUBMITTED", "4 RETURN_REPORT RETURNED", "5 SAVE_REPORT DRAFT", "6 SUBMIT_REPORT SUBMITTED", "7 ACCEPT_REPORT ACCEPTED"]);
        assert_eq!(own.data("/node/versions/nodes/2/progress"), "上半年增长 6.1%");
        assert_eq!(own.data("/node/versions/nodes/2/actor/displayName"), "账号 fgw-manager");
        assert_eq!(own.data("/node/versions/nodes/3/comment"), "请补充数据");
        assert_eq!(own.data("/node/versions/nodes/0/readings"), &json!([{ "value": "6.1", "indicator": { "id": indicator }, "period": { "label": "2022年6月" } }]));
        assert_eq!(own.data("/node/reviews").as_array().unwrap().len(), 2);
        let theirs = office.query(&versions).await;
        assert_eq!(numbers(&theirs), ["3 SUBMIT_REPORT SUBMITTED", "4 RETURN_REPORT RETURNED", "6 SUBMIT_REPORT SUBMITTED", "7 ACCEPT_REPORT ACCEPTED"]);
        assert_eq!(theirs.data("/node/versions/totalCount"), 4);
        let supporting = linhai.query(&versions).await;
        assert_eq!(numbers(&supporting), ["7 ACCEPT_REPORT ACCEPTED"]);
        assert_eq!(supporting.data("/node/reviews"), &json!([{ "decision": "ACCEPT", "comment": null, "reportVersion": 6, "reviewer": { "displayName": "账号 office" } }]));

        // Each step left its audit entry; those of refused ones say that they were.
        let db = app.database.connect().await;
        let entries = audit_entry::Entity::find().filter(audit_entry::Column::ObjectType.eq("ProgressReport")).filter(audit_entry::Column::Outcome.eq(entity::kinds::AuditOutcome::Succeeded)).order_by_asc(audit_entry::Column::Id).all(&db).await.unwrap();
        let acts: Vec<&str> = entries.iter().map(|entry| entry.action.as_str()).collect();
        assert_eq!(acts, ["SAVE_REPORT", "REQUEST_SIGNOFF", "SUBMIT_REPORT", "RETURN_REPORT", "SAVE_REPORT", "SUBMIT_REPORT", "ACCEPT_REPORT"]);
    }

    async fn late_is_first_submitted_after_the_due_time(app: App) {
        let office = app.sign_in("office").await;
        let periods = create_periods(&office).await;
        let target = target(&office, 1).await;
        let reporter = app.sign_in("fgw-reporter").await;
        let june = drafted(&reporter, &target, &periods["2022年6月"]).await;
        // At the very due time it is on time: Monday the 27th at 18:00 in China.
        set_clock(&app, "2022-06-27T10:00:00Z");
        let (manager, office, linhai) = (app.sign_in("fgw-manager").await, app.sign_in("office").await, app.sign_in("linhai-manager").await);
        let first = june.step(&manager, "submitProgressReport").await;
        let other = save(&linhai, json!({ "targetId": target, "periodId": periods["2022年6月"], "progress": "x" })).await;
        let other = report(&other, "saveProgressReport");
        set_clock(&app, "2022-06-27T10:00:01Z");
        let late = on_report(&linhai, "submitProgressReport", other.input()).await;
        assert_eq!(late.data("/submitProgressReport/report/late"), true);
        // Recalled and handed in again after that time, the first is still on time.
        let recalled = first.step(&manager, "recallProgressReport").await;
        let again = on_report(&manager, "submitProgressReport", recalled.input()).await;
        let again_report = again.data("/submitProgressReport/report");
        assert_eq!((&again_report["late"], &again_report["firstSubmittedAt"], &again_report["submittedAt"]), (&json!(false), &json!("2022-06-27T10:00:00Z"), &json!("2022-06-27T10:00:01Z")));
        let list = |late: bool| format!("{{ progressReports(filter: {{ late: {late} }}) {{ totalCount nodes {{ unit {{ name }} }} }} }}");
        assert_eq!(office.query(&list(true)).await.data("/progressReports/nodes"), &json!([{ "unit": { "name": "临海市政府" } }]));
        assert_eq!(office.query(&list(false)).await.data("/progressReports/nodes"), &json!([{ "unit": { "name": "市发展改革委" } }]));
    }

    async fn recalled_until_the_review_begins(app: App) {
        let office = app.sign_in("office").await;
        let periods = create_periods(&office).await;
        let target = target(&office, 1).await;
        let (reporter, manager) = (app.sign_in("fgw-reporter").await, app.sign_in("fgw-manager").await);
        let draft = drafted(&reporter, &target, &periods["2022年6月"]).await;
        let submitted = draft.step(&manager, "submitProgressReport").await;
        assert_eq!(on_report(&reporter, "recallProgressReport", submitted.input()).await.refusals("recallProgressReport"), ["FORBIDDEN reportId"]);
        let recalled = submitted.step(&manager, "recallProgressReport").await;
        assert_eq!(sees(&office, &draft.id).await, None);
        let submitted = recalled.step(&manager, "submitProgressReport").await;
        assert_eq!(on_report(&manager, "beginReview", submitted.input()).await.refusals("beginReview"), ["FORBIDDEN reportId"]);
        let begun = submitted.step(&office, "beginReview").await;
        assert_eq!(on_report(&office, "beginReview", begun.input()).await.refusals("beginReview"), ["WRONG_STATE reportId"]);
        assert_eq!(on_report(&manager, "recallProgressReport", begun.input()).await.refusals("recallProgressReport"), ["WRONG_STATE reportId"]);
        // A report that comes again is reviewed anew.
        let returned = begun.reviewed(&office, "RETURN").await;
        let answer = save(&reporter, json!({ "targetId": target, "periodId": periods["2022年6月"], "expectedVersion": returned.version, "progress": "y" })).await;
        let again = report(&answer, "saveProgressReport").step(&manager, "submitProgressReport").await;
        again.step(&manager, "recallProgressReport").await;
    }

    async fn the_reviewer_is_never_the_author(app: App) {
        let office = app.sign_in("office").await;
        let periods = create_periods(&office).await;
        let target = target(&office, 1).await;
        let reporter = app.sign_in("fgw-reporter").await;
        let manager = app.sign_in("fgw-manager").await;
        let submitted = drafted(&reporter, &target, &periods["2022年6月"]).await.step(&manager, "submitProgressReport").await;
        // The reporter moves to the office, and still is one of those who wrote it.
        let db = app.database.connect().await;
        for name in ["fgw-reporter", "fgw-manager", "renfang-reporter"] {
            let account = user::Entity::find().filter(user::Column::Username.eq(name)).one(&db).await.unwrap().unwrap();
            let grant = role_grant::Entity::find().filter(role_grant::Column::UserId.eq(account.id)).one(&db).await.unwrap().unwrap();
            role_grant::ActiveModel { id: NotSet, role: Set(entity::kinds::Role::Supervisor), unit_id: Set(None), ..role_grant::ActiveModel::from(grant) }.insert(&db).await.unwrap();
        }
        for author in [&reporter, &manager] {
            for decision in ["ACCEPT", "RETURN"] {
                assert_eq!(submitted.review(author, decision).await.refusals("reviewProgressReport"), ["FORBIDDEN reportId"]);
            }
            assert_eq!(on_report(author, "beginReview", submitted.input()).await.refusals("beginReview"), ["FORBIDDEN reportId"]);
        }
        submitted.reviewed(&app.sign_in("renfang-reporter").await, "ACCEPT").await;
    }

    async fn what_may_be_done_is_what_the_acts_allow(app: App) {
        let office = app.sign_in("office").await;
        let periods = create_periods(&office).await;
        let target = target(&office, 1).await;
        let reporter = app.sign_in("fgw-reporter").await;
        let manager = app.sign_in("fgw-manager").await;
        let allowed = async |actor: &Actor<'_>, id: &str| -> Vec<String> {
            let query = format!("{{ node(id: \"{id}\") {{ ... on ProgressReport {{ availableActions {{ action allowed reason {{ code message }} }} }} ... on ReportingPeriod {{ availableActions {{ action allowed reason {{ code }} }} }} }} }}");
            let answer = actor.query(&query).await;
            let actions = answer.data("/node/availableActions").as_array().unwrap();
            for action in actions {
                assert_eq!(action["allowed"] == true, action["reason"].is_null(), "{action}");
            }
            actions.iter().filter(|action| action["allowed"] == true).map(|action| action["action"].as_str().unwrap().to_owned()).collect()
        };
        let draft = drafted(&reporter, &target, &periods["2022年6月"]).await;
        assert_eq!(allowed(&reporter, &draft.id).await, ["SAVE_REPORT", "REQUEST_SIGNOFF"]);
        assert_eq!(allowed(&manager, &draft.id).await, ["SAVE_REPORT", "REQUEST_SIGNOFF", "SUBMIT_REPORT"]);
        let submitted = draft.step(&manager, "submitProgressReport").await;
        assert_eq!(allowed(&manager, &draft.id).await, ["RECALL_REPORT"]);
        assert_eq!(allowed(&office, &draft.id).await, ["BEGIN_REVIEW", "ACCEPT_REPORT", "RETURN_REPORT"]);
        assert_eq!(allowed(&app.sign_in("leader-1").await, &draft.id).await, [""; 0]);
        submitted.reviewed(&office, "ACCEPT").await;
        for actor in [&reporter, &manager, &office] {
            assert_eq!(allowed(actor, &draft.id).await, [""; 0]);
        }
        assert_eq!(allowed(&office, &periods["2022年6月"]).await, ["LOCK_PERIOD"]);
        assert_eq!(allowed(&office, &periods["2022年5月"]).await, ["REOPEN_PERIOD"]);
        assert_eq!(allowed(&office, &periods["2022年8月"]).await, ["OPEN_PERIOD"]);
        assert_eq!(allowed(&manager, &periods["2022年8月"]).await, [""; 0]);
    }

    async fn values_that_make_no_sense_are_told_by_field(app: App) {
        let office = app.sign_in("office").await;
        let periods = create_periods(&office).await;
        let one = target(&office, 1).await;
        let june = &periods["2022年6月"];
        let manager = app.sign_in("fgw-manager").await;
        let indicators = office.query(&format!("{{ one: target(id: \"{one}\") {{ indicators {{ id }} }} plans {{ nodes {{ id year }} }} }}")).await;
        let indicator = indicators.data("/one/indicators/0/id");
        let elsewhere = office.query("{ plan(year: 2022) { targets(first: 50, filter: { hasIndicator: true }) { nodes { number indicators { id } } } } }").await;
        let foreign = elsewhere.data("/plan/targets/nodes").as_array().unwrap().iter().find(|node| node["number"] != 1).unwrap()["indicators"][0]["id"].clone();
        for (change, refusal) in [
            (json!({ "percentComplete": 101 }), "INVALID percentComplete"),
            (json!({ "percentComplete": -1 }), "INVALID percentComplete"),
            (json!({ "progress": "字".repeat(5001) }), "TOO_LARGE progress"),
            (json!({ "problems": "字".repeat(5001) }), "TOO_LARGE problems"),
            (json!({ "nextSteps": "字".repeat(5001) }), "TOO_LARGE nextSteps"),
            (json!({ "readings": [{ "indicatorId": indicator, "value": "1" }, { "indicatorId": indicator, "value": "2" }] }), "INVALID readings.1.indicatorId"),
            (json!({ "readings": [{ "indicatorId": foreign, "value": "1" }] }), "NOT_FOUND readings.0.indicatorId"),
            (json!({ "readings": [{ "indicatorId": "x", "value": "1" }] }), "NOT_FOUND readings.0.indicatorId"),
            (json!({ "targetId": "x" }), "NOT_FOUND targetId"),
            (json!({ "periodId": "x" }), "NOT_FOUND periodId"),
            (json!({ "periodId": one }), "NOT_FOUND periodId"),
            (json!({ "unitId": "x" }), "INVALID unitId"),
            (json!({ "expectedVersion": 1 }), "CONFLICT expectedVersion"),
        ] {
            let mut input = json!({ "targetId": one, "periodId": june });
            for (key, value) in change.as_object().unwrap() {
                input[key] = value.clone();
            }
            assert_eq!(save(&manager, input).await.refusals("saveProgressReport"), [refusal], "{change}");
        }
        assert_eq!(manager.query("{ progressReports { totalCount } }").await.data("/progressReports/totalCount"), 0);
        // What a database cannot keep is no fault of the server's.
        for field in ["progress", "problems", "nextSteps", "clientMutationId"] {
            let mut input = json!({ "targetId": one, "periodId": june });
            input[field] = "a\u{0}b".into();
            assert_eq!(save(&manager, input).await.refusals("saveProgressReport"), [format!("INVALID {field}")]);
        }
        // A report that says nothing is not handed in; one of 5000 characters is taken.
        let blank = save(&manager, json!({ "targetId": one, "periodId": june, "progress": " " })).await;
        let blank = report(&blank, "saveProgressReport");
        for mutation in ["requestSignoff", "submitProgressReport"] {
            assert_eq!(on_report(&manager, mutation, blank.input()).await.refusals(mutation), ["INVALID reportId"]);
        }
        let long = save(&manager, json!({ "targetId": one, "periodId": june, "progress": "字".repeat(5000), "expectedVersion": 1 })).await;
        report(&long, "saveProgressReport").step(&manager, "submitProgressReport").await;
    }

    async fn a_stale_version_is_a_conflict_that_names_the_current_one(app: App) {
        let office = app.sign_in("office").await;
        let periods = create_periods(&office).await;
        let target = target(&office, 1).await;
        let (reporter, manager) = (app.sign_in("fgw-reporter").await, app.sign_in("fgw-manager").await);
        let draft = drafted(&reporter, &target, &periods["2022年6月"]).await;
        let input = |version: Value| json!({ "targetId": target, "periodId": periods["2022年6月"], "progress": "y", "expectedVersion": version });
        report(&save(&manager, input(json!(1))).await, "saveProgressReport");
        for (version, refusal) in [(json!(1), "CONFLICT expectedVersion"), (json!(3), "CONFLICT expectedVersion"), (Value::Null, "INVALID expectedVersion")] {
            let answer = save(&reporter, input(version)).await;
            assert_eq!(answer.refusals("saveProgressReport"), [refusal]);
            assert_eq!(answer.data("/saveProgressReport/userErrors/0/currentVersion"), 2);
            assert_eq!(answer.data("/saveProgressReport/report"), &Value::Null);
        }
        let stale = on_report(&manager, "submitProgressReport", draft.input()).await;
        assert_eq!(stale.refusals("submitProgressReport"), ["CONFLICT expectedVersion"]);
        assert_eq!(stale.data("/submitProgressReport/userErrors/0/currentVersion"), 2);
        let stored = manager.query(&format!("{{ node(id: \"{}\") {{ ... on ProgressReport {{ version progress status }} }} }}", draft.id)).await;
        assert_eq!(stored.data("/node"), &json!({ "version": 2, "progress": "y", "status": "DRAFT" }));
    }

    /// Who still sees the target by another grant hands nothing in for a unit that has left it.
    async fn a_unit_that_has_left_the_target_hands_nothing_in(app: App) {
        let office = app.sign_in("office").await;
        let periods = create_periods(&office).await;
        let target = target(&office, 1).await;
        let db = app.database.connect().await;
        db.execute_unprepared(
            "INSERT INTO role_grant (user_id, role, valid_from, reason, created_at)
             SELECT id, 'OBSERVER', '2022-01-01 00:00:00+00:00', 'test', '2022-01-01 00:00:00+00:00' FROM \"user\" WHERE username = 'fgw-manager'",
        ).await.unwrap();
        let input = |month: &str| json!({ "targetId": target, "periodId": periods[month], "progress": "x" });
        let manager = app.sign_in("fgw-manager").await;
        let june = report(&save(&manager, input("2022年6月")).await, "saveProgressReport").step(&manager, "submitProgressReport").await;
        set_clock(&app, "2022-07-15T04:00:00Z");
        let (office, manager) = (app.sign_in("office").await, app.sign_in("fgw-manager").await);
        let july = report(&save(&manager, input("2022年7月")).await, "saveProgressReport");
        let parts = office.query(&format!("{{ target(id: \"{target}\") {{ version assignments {{ role unit {{ id name }} actingUnit {{ id }} }} }} }}")).await;
        let others = parts.data("/target/assignments").as_array().unwrap().iter().filter(|row| row["unit"]["name"] != "市发展改革委");
        let mut units: Vec<Value> = others.map(|row| json!({ "unitId": row["unit"]["id"], "role": row["role"], "actingUnitId": row["actingUnit"].get("id") })).collect();
        units[0]["role"] = "LEAD".into();
        let amend = json!({ "targetId": target, "expectedVersion": parts.data("/target/version"), "reason": "分工调整", "units": units });
        assert_eq!(act(&office, "amendTarget", "target { id }", amend).await.refusals("amendTarget"), [""; 0]);
        // The draft is there still, for its unit, and tells beforehand what is refused.
        assert_eq!(sees(&manager, &july.id).await.as_deref(), Some("DRAFT"));
        for mutation in ["requestSignoff", "submitProgressReport"] {
            assert_eq!(on_report(&manager, mutation, july.input()).await.refusals(mutation), ["WRONG_STATE reportId"], "{mutation}");
        }
        assert_eq!(on_report(&manager, "recallProgressReport", june.input()).await.refusals("recallProgressReport"), ["WRONG_STATE reportId"]);
        let told = manager.query(&format!("{{ node(id: \"{}\") {{ ... on ProgressReport {{ availableActions {{ action allowed reason {{ code message }} }} }} }} }}", july.id)).await;
        for act in told.data("/node/availableActions").as_array().unwrap() {
            assert_eq!(act["allowed"], false, "{act}");
            if ["REQUEST_SIGNOFF", "SUBMIT_REPORT"].contains(&act["action"].as_str().unwrap()) {
                assert_eq!(act["reason"], json!({ "code": "WRONG_STATE", "message": "The unit is not assigned to the target any more." }));
            }
        }
        // What it handed in before is reviewed.
        june.reviewed(&office, "ACCEPT").await;
    }

    async fn a_report_of_a_merged_unit_is_handed_in_by_the_other(app: App) {
        let office = app.sign_in("office").await;
        let periods = create_periods(&office).await;
        let target = target(&office, 1).await;
        let (manager, linhai) = (app.sign_in("fgw-manager").await, app.sign_in("linhai-manager").await);
        let input = json!({ "targetId": target, "periodId": periods["2022年6月"], "progress": "x" });
        report(&save(&manager, input.clone()).await, "saveProgressReport");
        let theirs = report(&save(&linhai, input).await, "saveProgressReport");
        let units = office.query("{ from: units(filter: { search: \"临海市政府\" }) { nodes { id name } } into: units(filter: { search: \"市发展改革委\" }) { nodes { id name } } }").await;
        let unit = |of: &str, name: &str| units.data(&format!("/{of}/nodes")).as_array().unwrap().iter().find(|node| node["name"] == name).unwrap()["id"].clone();
        let merge = json!({ "unitId": unit("from", "临海市政府"), "intoUnitId": unit("into", "市发展改革委"), "reason": "机构改革" });
        let system = app.sign_in("system").await;
        assert_eq!(act(&system, "mergeUnits", "unit { id }", merge).await.refusals("mergeUnits"), [""; 0]);
        // Both had one for the period: the first unit's stays where it is, and is the other's business.
        let manager = app.sign_in("fgw-manager").await;
        theirs.step(&manager, "submitProgressReport").await.reviewed(&office, "ACCEPT").await;
    }

    async fn a_blank_comment_is_none(app: App) {
        let office = app.sign_in("office").await;
        let periods = create_periods(&office).await;
        let target = target(&office, 1).await;
        let manager = app.sign_in("fgw-manager").await;
        let submitted = drafted(&manager, &target, &periods["2022年6月"]).await.step(&manager, "submitProgressReport").await;
        let mut input = submitted.input();
        (input["decision"], input["comment"]) = ("ACCEPT".into(), " ".into());
        report(&on_report(&office, "reviewProgressReport", input).await, "reviewProgressReport");
        let told = office.query(&format!("{{ node(id: \"{}\") {{ ... on ProgressReport {{ reviews {{ comment }} versions(last: 1) {{ nodes {{ comment }} }} }} }} }}", submitted.id)).await;
        assert_eq!(told.data("/node"), &json!({ "reviews": [{ "comment": null }], "versions": { "nodes": [{ "comment": null }] } }));
    }

    async fn the_acting_unit_works_on_the_assignment(app: App) {
        let office = app.sign_in("office").await;
        let periods = create_periods(&office).await;
        let plan = tests::world::plan_2022();
        let acted = plan.targets.iter().position(|target| target.assignments.iter().any(|a| a.acting_unit.as_deref() == Some("市应急管理局"))).unwrap();
        let named = plan.targets[acted].assignments.iter().find(|a| a.acting_unit.is_some()).unwrap().unit.clone();
        let target = target(&office, i32::try_from(acted).unwrap() + 1).await;
        let manager = app.sign_in("yjj-manager").await;
        let answer = act(&manager, "saveProgressReport", "report { id version unit { name } author { displayName } }", json!({ "targetId": target, "periodId": periods["2022年6月"], "progress": "x" })).await;
        let draft = report(&answer, "saveProgressReport");
        assert_eq!(answer.data("/saveProgressReport/report/unit/name"), named.as_str());
        draft.step(&manager, "submitProgressReport").await.reviewed(&office, "ACCEPT").await;
    }
}
