//! Who sees which supervision notices by whichever path, which are overdue, and what a list of them costs.

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;
use entity::{
    ids::{SupervisionNoticeId, TargetId, UnitId},
    kinds::{NoticeColour, NoticeRung, NoticeStatus},
    supervision_notice,
};
use sea_orm::{ActiveModelTrait, ActiveValue::NotSet, EntityTrait, IntoActiveModel};
use serde_json::{Value, json};
use tests::{App, Backend, both, world::ACTORS};

use super::{Issue, LEAD, NOTICE, answer};
use crate::parties::{Book, global, heard, is_office, outcome, unit_of};

/// What stands under an alias, sorted.
fn ids(list: &Value) -> BTreeSet<String> {
    let rows = list.as_array().into_iter().flatten();
    rows.filter_map(|row| row["id"].as_str().map(str::to_owned))
        .collect()
}

both! {
    async fn who_sees_which_notice_by_whichever_path(app: App) {
        let book = Book::of(&app).await;
        let office = app.sign_in("office").await;
        let db = app.database.connect().await;
        // Targets of every sort of part, and for each a notice to every unit of interest and to some others.
        let involved = |unit: &str| book.numbers(|draft| draft.assignments.iter().any(|row| row.unit == unit || row.acting_unit.as_deref() == Some(unit)));
        let mut numbers: BTreeSet<u32> = [1].into();
        numbers.extend(involved("市应急管理局"));
        numbers.extend(involved("市人防办"));
        numbers.extend(book.numbers(|draft| draft.leaders.contains(&book.plan.leaders[7])).into_iter().take(2));
        numbers.extend(book.numbers(|draft| !ACTORS.iter().any(|name| !is_office(name) && !name.starts_with("observer") && book.sees(name, draft.number))).into_iter().take(1));
        let mut notices: BTreeMap<String, (u32, String, &str)> = BTreeMap::new();
        let colours = ["BLUE", "YELLOW", "RED"];
        for number in numbers {
            let rows = &book.draft(number).assignments;
            let mut units: BTreeSet<&str> = rows.iter().take(2).map(|row| row.unit.as_str()).collect();
            let own: Vec<&str> = ACTORS.iter().filter_map(|name| unit_of(name)).collect();
            units.extend(rows.iter().map(|row| row.unit.as_str()).filter(|unit| own.contains(unit)));
            units.extend(rows.iter().filter(|row| row.acting_unit.is_some()).map(|row| row.unit.as_str()));
            units.extend(rows.iter().filter_map(|row| row.acting_unit.as_deref()));
            for unit in units {
                let colour = colours[notices.len() % 3];
                let id = Issue::about(&book, number, unit, colour).done(&office).await;
                notices.insert(id, (number, unit.to_owned(), colour));
            }
        }
        assert!(notices.len() >= 20, "{}", notices.len());
        let all: Vec<&String> = notices.keys().collect();
        let mut seen_by_units = 0;
        for name in ACTORS {
            let actor = app.sign_in(name).await;
            let expected: BTreeSet<String> = notices.iter().filter(|(_, (number, unit, _))| book.sees_notice(name, *number, unit)).map(|(id, _)| id.clone()).collect();
            let such = |rule: &dyn Fn(&(u32, String, &str)) -> bool| -> BTreeSet<String> {
                notices.iter().filter(|(id, of)| expected.contains(*id) && rule(of)).map(|(id, _)| id.clone()).collect()
            };
            if unit_of(name).is_some() {
                seen_by_units += expected.len();
                assert!(expected.len() < notices.len(), "{name}");
            }

            // The list, page by page and as a whole, newest first.
            let mut walked = Vec::new();
            let mut cursor = Value::Null;
            loop {
                let page = actor.ask("query($c: String) { supervisionNotices(first: 3, after: $c) { totalCount nodes { id } pageInfo { hasNextPage endCursor } } }", json!({ "c": cursor })).await;
                assert_eq!(page.data("/supervisionNotices/totalCount"), expected.len(), "{name}");
                walked.extend(page.data("/supervisionNotices/nodes").as_array().unwrap().iter().map(|node| node["id"].as_str().unwrap().to_owned()));
                if page.data("/supervisionNotices/pageInfo/hasNextPage") != true { break; }
                cursor = page.data("/supervisionNotices/pageInfo/endCursor").clone();
            }
            assert_eq!(walked.iter().cloned().collect::<BTreeSet<_>>(), expected, "{name}");
            assert_eq!(walked.len(), expected.len(), "{name}: repeated");
            let backwards = actor.query("{ supervisionNotices(last: 100) { nodes { id } } }").await;
            let backwards: Vec<&str> = backwards.data("/supervisionNotices/nodes").as_array().unwrap().iter().map(|node| node["id"].as_str().unwrap()).collect();
            assert_eq!(backwards, walked, "{name}: backwards");

            // By ID.
            let found = actor.ask("query($ids: [ID!]!) { nodes(ids: $ids) { id } }", json!({ "ids": all })).await;
            assert_eq!(ids(found.data("/nodes")), expected, "{name}: nodes");
            for id in &all {
                let answer = actor.query(&format!("{{ node(id: \"{id}\") {{ id }} }}")).await;
                let codes = if expected.contains(*id) { vec![] } else { vec!["NOT_FOUND"] };
                assert_eq!(answer.codes(), codes, "{name}: node");
            }

            // By target, and through filters, which only narrow.
            let by_target: BTreeSet<u32> = notices.values().map(|(number, ..)| *number).collect();
            for number in by_target {
                let of_target = such(&|of| of.0 == number);
                let answer = actor.query(&format!("{{ nodes(ids: [\"{}\"]) {{ ... on Target {{ notices {{ id }} }} }} }}", book.target(number))).await;
                assert_eq!(ids(&answer.data("/nodes/0")["notices"]), of_target, "{name}: target {number}");
                let answer = actor.query(&format!("{{ supervisionNotices(first: 100, filter: {{ targetId: \"{}\" }}) {{ totalCount nodes {{ id }} }} }}", book.target(number))).await;
                assert_eq!(ids(answer.data("/supervisionNotices/nodes")), of_target, "{name}: filter by target {number}");
                assert_eq!(answer.data("/supervisionNotices/totalCount"), of_target.len(), "{name}");
            }
            for unit in notices.values().map(|(_, unit, _)| unit).collect::<BTreeSet<_>>() {
                let answer = actor.query(&format!("{{ supervisionNotices(first: 100, filter: {{ unitId: \"{}\", planYear: 2022 }}) {{ totalCount nodes {{ id }} }} }}", book.unit(unit))).await;
                let of_unit = such(&|of| of.1 == *unit);
                assert_eq!(ids(answer.data("/supervisionNotices/nodes")), of_unit, "{name}: {unit}");
                assert_eq!(answer.data("/supervisionNotices/totalCount"), of_unit.len(), "{name}: {unit}");
            }
            for colour in colours {
                let answer = actor.query(&format!("{{ supervisionNotices(first: 100, filter: {{ colour: {colour}, status: OPEN, overdue: false }}) {{ nodes {{ id }} }} }}")).await;
                assert_eq!(ids(answer.data("/supervisionNotices/nodes")), such(&|of| of.2 == colour), "{name}: {colour}");
            }
            for filter in ["planYear: 2023", "status: ANSWERED", "overdue: true"] {
                let answer = actor.query(&format!("{{ supervisionNotices(filter: {{ {filter} }}) {{ totalCount nodes {{ id }} }} }}")).await;
                assert_eq!(answer.data("/supervisionNotices"), &json!({ "totalCount": 0, "nodes": [] }), "{name}: {filter}");
            }

            // What happened is heard by those who see it.
            let heard: BTreeSet<String> = heard(&app, &actor).await.into_iter().filter(|(kind, _)| kind == "NOTICE_ISSUED").map(|(_, about)| about).collect();
            assert_eq!(heard, expected, "{name}: events");
        }
        assert!(seen_by_units > 20, "{seen_by_units}");
        // Before somebody is signed in there is no list at all.
        assert_eq!(app.anonymous().query("{ supervisionNotices { totalCount } }").await.codes(), ["UNAUTHENTICATED"]);
        assert_eq!(supervision_notice::Entity::find().all(&db).await.unwrap().len(), notices.len());
    }

    async fn an_answer_becomes_overdue_and_a_notice_by_rule_has_no_author(app: App) {
        let book = Book::of(&app).await;
        let office = app.sign_in("office").await;
        let notice = Issue::about(&book, 1, LEAD, "BLUE").done(&office).await;
        let answered = Issue::about(&book, 1, LEAD, "BLUE").done(&office).await;
        let manager = app.sign_in("fgw-manager").await;
        assert_eq!(outcome(&answer(&manager, &answered, "x").await, "answerNotice"), "done");
        let db = app.database.connect().await;
        let one = supervision_notice::Entity::find().one(&db).await.unwrap().unwrap();
        let by_rule = by_rule(one.target_id, one.unit_id, one.plan_id).insert(&db).await.unwrap();
        let by_rule = global("SupervisionNotice", by_rule.id.0);

        // Its last day is the 20th, in China.
        for (days, hours, overdue) in [(5, 11, false), (0, 1, true)] {
            app.clock.advance(TimeDelta::days(days) + TimeDelta::hours(hours));
            let manager = app.sign_in("fgw-manager").await;
            let query = format!("{{ node(id: \"{notice}\") {{ ... on SupervisionNotice {{ overdue status }} }} late: supervisionNotices(filter: {{ overdue: true }}) {{ nodes {{ id }} }} intime: supervisionNotices(filter: {{ overdue: false }}) {{ nodes {{ id }} }} }}");
            let found = manager.query(&query).await;
            assert_eq!(found.data("/node"), &json!({ "overdue": overdue, "status": "OPEN" }));
            let (late, in_time) = if overdue { (vec![&notice], vec![&by_rule, &answered]) } else { (vec![], vec![&by_rule, &answered, &notice]) };
            let nodes = |ids: Vec<&String>| Value::from(ids.into_iter().map(|id| json!({ "id": id })).collect::<Vec<_>>());
            assert_eq!(found.data("/late/nodes"), &nodes(late));
            assert_eq!(found.data("/intime/nodes"), &nodes(in_time));
        }
        let manager = app.sign_in("fgw-manager").await;
        let found = manager.query(&format!("{{ node(id: \"{by_rule}\") {{ ... on SupervisionNotice {{ rung issuedBy {{ displayName }} }} }} }}")).await;
        assert_eq!(found.data("/node"), &json!({ "rung": "PAST_DUE", "issuedBy": null }));
        // Late is no state: it is answered as any other.
        assert_eq!(outcome(&answer(&manager, &notice, "x").await, "answerNotice"), "done");
        assert_eq!(outcome(&answer(&manager, &by_rule, "x").await, "answerNotice"), "done");
    }

    async fn a_list_costs_the_same_whatever_its_size(app: App) {
        let book = Book::of(&app).await;
        let office = app.sign_in("office").await;
        for number in [1, 1, 1, 3, 5] {
            let unit = &book.draft(number).assignments[0].unit;
            Issue::about(&book, number, unit, "RED").done(&office).await;
        }
        let list = format!("query($n: Int) {{ supervisionNotices(first: $n) {{ totalCount nodes {{ {NOTICE} availableActions {{ action allowed }} }} }} }}");
        let targets = "query($n: Int) { plan(year: 2022) { targets(first: $n) { nodes { notices { id } instructions { id } availableActions { action } } } } }";
        let mut costs = Vec::new();
        for n in [1, 5, 100] {
            let of_list = office.ask(&list, json!({ "n": n })).await;
            assert_eq!(of_list.data("/supervisionNotices/nodes").as_array().unwrap().len(), n.min(5));
            let of_targets = office.ask(targets, json!({ "n": n })).await;
            assert!(of_targets.body.get("errors").is_none(), "{}", of_targets.text);
            costs.push((of_list.statements(), of_targets.statements()));
        }
        assert_eq!(costs, [costs[0]; 3]);
        assert_eq!(costs[0], (8, 12));
        let manager = app.sign_in("fgw-manager").await;
        let id = Issue::about(&book, 1, LEAD, "RED").by(&office).await;
        let notice = id.data("/issueNotice/notice/id").as_str().unwrap();
        let answered = answer(&manager, notice, "x").await;
        // Events are numbered under a lock on PostgreSQL.
        let most = if app.database.backend == Backend::Postgres { 22 } else { 21 };
        assert_eq!([id.statements(), answered.statements()], [most, most + 1]);
    }
}

/// A notice as the daily sweep issues them.
fn by_rule(
    target: TargetId,
    unit: UnitId,
    plan: entity::ids::PlanId,
) -> supervision_notice::ActiveModel {
    let row = supervision_notice::Model {
        id: SupervisionNoticeId(0),
        plan_id: plan,
        target_id: target,
        unit_id: unit,
        colour: NoticeColour::Yellow,
        body: "x".to_owned(),
        reply_due_on: "2022-12-31".parse().unwrap(),
        status: NoticeStatus::Open,
        issued_at: "2022-06-15T04:00:00Z".parse().unwrap(),
        issued_by_id: None,
        rung: Some(NoticeRung::PastDue),
        period_id: None,
        due_on: None,
        answer: None,
        answered_at: None,
        answered_by_id: None,
        withdraw_reason: None,
        withdrawn_at: None,
        withdrawn_by_id: None,
    };
    supervision_notice::ActiveModel {
        id: NotSet,
        ..row.into_active_model().reset_all()
    }
}
