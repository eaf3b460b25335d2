//! Indicators that a rule read and nobody confirmed: found, counted, confirmed, and said to be so until then.

use std::collections::BTreeMap;

use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use tests::{Actor, App, both, world, world::ACTORS};

use super::{act, available, done, plan, sees, target, text};
use crate::events::{event, listen};
use crate::parties::{audited, global, outcome};

/// The numbers of a plan's targets that have an unconfirmed indicator, as somebody finds them, with what they count.
async fn unconfirmed(actor: &Actor<'_>, year: i32) -> (Vec<i64>, Value) {
    let mut numbers = Vec::new();
    let mut after = Value::Null;
    loop {
        let query = "query($year: Int!, $after: String) { plan(year: $year) { unconfirmedIndicatorCount
            targets(first: 100, after: $after, filter: { unconfirmedIndicators: true }) { nodes { number } pageInfo { hasNextPage endCursor } } } }";
        let answer = actor
            .ask(query, json!({ "year": year, "after": after }))
            .await;
        let Some(found) = answer
            .body
            .pointer("/data/plan")
            .filter(|plan| !plan.is_null())
        else {
            return (numbers, Value::Null);
        };
        let targets = &found["targets"];
        numbers.extend(
            targets["nodes"]
                .as_array()
                .unwrap()
                .iter()
                .map(|node| node["number"].as_i64().unwrap()),
        );
        if targets["pageInfo"]["hasNextPage"] != true {
            return (numbers, found["unconfirmedIndicatorCount"].clone());
        }
        after = targets["pageInfo"]["endCursor"].clone();
    }
}

/// Takes back that the indicators of every third target are confirmed; how many those of 2022 have.
async fn doubted(app: &App) -> BTreeMap<i64, i64> {
    let db = app.database.connect().await;
    let sql = "UPDATE indicator SET confirmed = FALSE WHERE target_id IN (SELECT id FROM target WHERE number % 3 = 0)";
    db.execute_unprepared(sql).await.unwrap();
    let plan = world::plan_2022();
    let third = plan.targets.iter().filter(|target| target.number % 3 == 0);
    let counted = third.map(|target| (i64::from(target.number), target.indicators.len() as i64));
    counted.filter(|(_, count)| *count > 0).collect()
}

/// The IDs of a target's indicators.
async fn indicators(actor: &Actor<'_>, id: &str) -> Vec<Value> {
    let answer = actor
        .ask(
            "query($id: ID!) { target(id: $id) { version indicators { id confirmed } } }",
            json!({ "id": id }),
        )
        .await;
    answer
        .data("/target/indicators")
        .as_array()
        .unwrap()
        .clone()
}

/// A target of the draft of 2023 with an indicator that nobody has confirmed.
async fn proposed(app: &App) -> String {
    let office = app.sign_in("office").await;
    let query = "{ plan(year: 2023) { id sections { id } targets(first: 1) { nodes { leaders { id } assignments { unit { id } } } } } }";
    let of = office.query(query).await;
    let first = of.data("/plan/targets/nodes/0");
    let input = json!({
        "planId": of.data("/plan/id"), "sectionId": of.data("/plan/sections/0/id"), "text": "新增小微企业1.8万家，新增规上工业企业300家。",
        "leaderIds": [first["leaders"][0]["id"]], "units": [{ "unitId": first["assignments"][0]["unit"]["id"], "role": "LEAD" }],
    });
    text(&done(&office, "addTarget", input, "target { id }").await["target"]["id"])
}

both! {
    async fn the_office_finds_and_confirms_what_nobody_has(app: App) {
        let office = app.sign_in("office").await;
        let of_2022 = doubted(&app).await;
        let all: i64 = of_2022.values().sum();
        assert!(all > 0 && of_2022.len() < 194, "{of_2022:?}");
        let numbers: Vec<i64> = of_2022.keys().copied().collect();
        assert_eq!(unconfirmed(&office, 2022).await, (numbers.clone(), json!(all)));
        let others = office.query("{ plan(year: 2022) { targets(filter: { unconfirmedIndicators: false }) { totalCount } } }").await;
        assert_eq!(others.data("/plan/targets/totalCount").as_u64(), Some(194 - of_2022.len() as u64));
        // In a plan in force: no number becomes another by it.
        let (one, version) = target(&office, 2022, numbers[0] as i32).await;
        let open: Vec<Value> = indicators(&office, &one).await.into_iter().filter(|row| row["confirmed"] == false).map(|row| row["id"].clone()).collect();
        assert_eq!(open.len() as i64, of_2022[&numbers[0]]);
        let lights = "{ plan(year: 2022) { targets(first: 100) { nodes { state light lightReasons { code } } } } }";
        let before = office.query(lights).await.data("/plan").clone();
        let types = json!({ "types": ["INDICATORS_CONFIRMED"] });
        let mut heard = listen(&app, &app.sign_in("observer").await, types).await;
        let input = json!({ "indicatorIds": open, "clientMutationId": "once" });
        for _ in 0..2 {
            let confirmed = done(&office, "confirmIndicators", input.clone(), "indicators { id confirmed }").await;
            let rows: Vec<Value> = open.iter().map(|id| json!({ "id": id, "confirmed": true })).collect();
            assert_eq!(confirmed["indicators"], json!(rows));
        }
        assert_eq!(event(&mut heard).await["type"], "INDICATORS_CONFIRMED");
        assert_eq!(office.query(lights).await.data("/plan"), &before);
        let (_, later) = target(&office, 2022, numbers[0] as i32).await;
        assert_eq!(later, version + 1);
        assert_eq!(unconfirmed(&office, 2022).await, (numbers[1..].to_vec(), json!(all - open.len() as i64)));
        let entries = audited(&app, "CONFIRM_INDICATORS").await;
        assert_eq!((entries.len(), entries[0].object_type.as_str(), entries[0].changes["indicatorIds"].as_array().unwrap().len()), (1, "Target", open.len()));
        // What is confirmed stays so, and nothing is written of it.
        done(&office, "confirmIndicators", json!({ "indicatorIds": open }), "indicators { id }").await;
        assert_eq!((audited(&app, "CONFIRM_INDICATORS").await.len(), target(&office, 2022, numbers[0] as i32).await.1), (1, later));
    }

    async fn a_draft_is_published_with_what_nobody_has_confirmed_and_says_so(app: App) {
        let office = app.sign_in("office").await;
        let id = proposed(&app).await;
        let draft = plan(&office, 2023).await;
        let (numbers, count) = unconfirmed(&office, 2023).await;
        let last = *numbers.last().unwrap();
        let of_2023 = indicators(&office, &id).await;
        assert_eq!(of_2023.len(), 2);
        let mut heard = listen(&app, &office, json!({ "types": ["DRAFT_CHANGED", "INDICATORS_CONFIRMED"] })).await;
        done(&office, "confirmIndicators", json!({ "indicatorIds": [of_2023[0]["id"]] }), "indicators { id }").await;
        assert_eq!(event(&mut heard).await["type"], "DRAFT_CHANGED");
        let left = count.as_i64().unwrap() - 1;
        assert_eq!(unconfirmed(&office, 2023).await, (numbers.clone(), json!(left)));
        let published = act(&office, "publishPlan", json!({ "planId": draft }), "plan { status unconfirmedIndicatorCount }").await;
        assert_eq!(published.data("/publishPlan/plan"), &json!({ "status": "PUBLISHED", "unconfirmedIndicatorCount": left }));
        done(&office, "confirmIndicators", json!({ "indicatorIds": [of_2023[1]["id"], of_2023[0]["id"]] }), "indicators { id }").await;
        let (numbers, count) = unconfirmed(&office, 2023).await;
        assert!(!numbers.contains(&last) && count == left - 1, "{numbers:?} {count}");
    }

    async fn a_light_says_that_its_number_is_not_confirmed(app: App) {
        let office = app.sign_in("office").await;
        let periods = tests::desk::create_periods(&office).await;
        let manager = app.sign_in("fgw-manager").await;
        let query = "{ plan(year: 2022) { targets(first: 1, filter: { role: LEAD, hasIndicator: true }) { nodes { id indicators { id } } } } }";
        let mine = manager.query(query).await;
        let node = mine.data("/plan/targets/nodes/0");
        let db = app.database.connect().await;
        db.execute_unprepared("UPDATE indicator SET confirmed = FALSE").await.unwrap();
        let (one, indicator) = (text(&node["id"]), node["indicators"][0]["id"].clone());
        let readings = json!([{ "indicatorId": indicator, "value": "0" }]);
        let input = json!({ "targetId": one, "periodId": periods["2022年6月"], "progress": "x", "percentComplete": 50, "readings": readings });
        let saved = tests::desk::save(&manager, input).await;
        let report = tests::desk::report(&saved, "saveProgressReport");
        report.step(&manager, "submitProgressReport").await.reviewed(&office, "ACCEPT").await;
        let why = async |language: &'static str| {
            let mut manager = manager.clone();
            manager.language = language;
            let answer = manager.ask("query($id: ID!) { target(id: $id) { light lightReasons { code message } } }", json!({ "id": one })).await;
            answer.data("/target").clone()
        };
        let (english, chinese) = (why("en").await, why("zh-CN").await);
        assert!(english.to_string().contains("which was read by rule and is not confirmed yet"), "{english}");
        assert!(chinese.to_string().contains("（系统识别，尚未确认）"), "{chinese}");
        done(&office, "confirmIndicators", json!({ "indicatorIds": [indicator] }), "indicators { id }").await;
        let after = why("en").await;
        assert_eq!(after["light"], english["light"]);
        assert!(after.to_string().contains("The indicator ") && !after.to_string().contains("not confirmed"), "{after}");
    }

    async fn who_may_confirm(app: App) {
        let office = app.sign_in("office").await;
        let drafted = proposed(&app).await;
        let of_2022 = doubted(&app).await;
        let (issued, _) = target(&office, 2022, *of_2022.keys().next().unwrap() as i32).await;
        let open = |rows: Vec<Value>| rows.into_iter().find(|row| row["confirmed"] == false).unwrap()["id"].clone();
        let ids = [open(indicators(&office, &issued).await), open(indicators(&office, &drafted).await), json!(global("Indicator", 99_999))];
        // Those who may not first: what is confirmed is so for all.
        let offices = ["office-2022", "office-2023", "office"];
        for name in ACTORS.iter().filter(|name| !offices.contains(name)).chain(&offices) {
            let actor = app.sign_in(name).await;
            let tried = async |ids: Value| {
                let answer = act(&actor, "confirmIndicators", json!({ "indicatorIds": ids }), "indicators { id }").await;
                outcome(&answer, "confirmIndicators")
            };
            let of_issued = match *name {
                "office" | "office-2022" => "done",
                _ if sees(&actor, &issued).await => "FORBIDDEN indicatorIds.0",
                _ => "NOT_FOUND indicatorIds.0",
            };
            let of_drafted = ["office", "office-2023"].contains(name);
            assert_eq!(tried(json!([ids[0]])).await, of_issued, "{name}");
            // Together with one that there is not, none is confirmed.
            let both = if of_drafted { "NOT_FOUND indicatorIds.1" } else { "NOT_FOUND indicatorIds.0" };
            assert_eq!(tried(json!([ids[1], ids[2]])).await, both, "{name}");
            assert_eq!(tried(json!([ids[1]])).await, if of_drafted { "done" } else { "NOT_FOUND indicatorIds.0" }, "{name}");
        }
        assert_eq!(audited(&app, "CONFIRM_INDICATORS").await.len(), 2, "one for each target");
        let refused = async |input: Value| act(&office, "confirmIndicators", input, "indicators { id }").await.refusals("confirmIndicators").concat();
        assert_eq!(refused(json!({ "indicatorIds": [] })).await, "INVALID indicatorIds");
        assert_eq!(refused(json!({ "indicatorIds": vec![ids[0].clone(); 201] })).await, "TOO_LARGE indicatorIds");
        assert_eq!(refused(json!({ "indicatorIds": [ids[0], ids[1], ids[0]] })).await, "INVALID indicatorIds.2");
        // The guard answers for the mutation, and the other way round.
        let stands = async |id: &str| available(&office, id).await.into_iter().find(|(act, _)| act == "CONFIRM_INDICATORS").unwrap().1;
        assert_eq!((stands(&issued).await, stands(&drafted).await), ("allowed".to_owned(), "allowed".to_owned()));
        done(&office, "archivePlan", json!({ "planId": plan(&office, 2022).await }), "plan { id }").await;
        assert_eq!(stands(&issued).await, "WRONG_STATE");
        // What cannot be confirmed any more waits for nobody.
        assert_eq!(unconfirmed(&office, 2022).await, (Vec::new(), json!(0)));
        let others = office.query("{ plan(year: 2022) { targets(filter: { unconfirmedIndicators: false }) { totalCount } } }").await;
        assert_eq!(others.data("/plan/targets/totalCount"), 194);
        assert_eq!(refused(json!({ "indicatorIds": [ids[0]] })).await, "WRONG_STATE indicatorIds.0");
    }
}
