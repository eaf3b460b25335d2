//! What is seen tells nothing of what is hidden: not who was behind a change that all see, not what will be due, and not
//! what was written since a report was seen.

use std::collections::{BTreeMap, BTreeSet};

use entity::progress_report;
use sea_orm::EntityTrait;
use serde_json::{Value, json};
use store::Origin;
use tests::{
    Actor, App, both,
    desk::{act, create_periods, report, save, set_clock, target},
    world::ACTORS,
};

use crate::parties::Book;

const HIDDEN: &str = "{ changes(last: 20) { nodes { type actor { displayName } } } }";

/// What somebody hears of a target that stands otherwise, and who they are told was behind it.
async fn told(actor: &Actor<'_>) -> Vec<Value> {
    let answer = actor.query(HIDDEN).await;
    let nodes = answer.data("/changes/nodes").as_array().cloned().unwrap();
    let mut nodes = nodes.into_iter();
    nodes
        .by_ref()
        .filter(|node| node["type"] == "TARGET_STANDING_CHANGED")
        .map(|node| node["actor"].clone())
        .collect()
}

/// A unit's part in a target.
#[derive(Debug)]
struct Part {
    id: String,
    unit: String,
    acting: Option<String>,
    late: bool,
}

/// The targets of 2022 that somebody finds, with the parts of their units.
async fn late(actor: &Actor<'_>, filter: &str) -> BTreeMap<String, Vec<Part>> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let mut found = BTreeMap::new();
    for half in ["first: 100", "last: 100"] {
        let query = format!(
            "{{ plan(year: 2022) {{ targets({half} {filter}) {{ nodes {{ id assignments {{ id unit {{ name }} actingUnit {{ name }} acknowledgementOverdue }} }} }} }} }}"
        );
        let answer = actor.query(&query).await;
        let nodes = answer.body.pointer("/data/plan/targets/nodes");
        for target in nodes.and_then(Value::as_array).into_iter().flatten() {
            let rows = target["assignments"].as_array().unwrap().iter();
            let part = |row: &Value| Part {
                id: text(&row["id"]),
                unit: text(&row["unit"]["name"]),
                acting: row["actingUnit"]["name"].as_str().map(str::to_owned),
                late: row["acknowledgementOverdue"].as_bool().unwrap(),
            };
            found.insert(text(&target["id"]), rows.map(part).collect());
        }
    }
    found
}

/// The unit's key, by its name.
async fn unit(actor: &Actor<'_>, name: &str) -> String {
    let answer = actor
        .ask(
            "query($s: String) { units(first: 1, filter: { search: $s }) { nodes { id name } } }",
            json!({ "s": name }),
        )
        .await;
    assert_eq!(answer.data("/units/nodes/0/name"), name);
    answer
        .data("/units/nodes/0/id")
        .as_str()
        .unwrap()
        .to_owned()
}

both! {
    async fn who_was_behind_a_light_is_not_told(app: App) {
        let office = app.sign_in("office").await;
        let target = target(&office, 1).await;
        let linhai = unit(&office, "临海市政府").await;
        let input = json!({ "targetId": target, "unitId": linhai, "colour": "RED", "body": "x", "replyDueOn": "2022-06-30" });
        let notice = act(&office, "issueNotice", "notice { id }", input).await;
        let input = json!({ "noticeId": notice.data("/issueNotice/notice/id"), "body": "y" });
        let answered = act(&app.sign_in("linhai-manager").await, "answerNotice", "notice { id }", input).await;
        assert_eq!(answered.refusals("answerNotice"), Vec::<String>::new());
        for username in ["fgw-manager", "observer", "leader-1", "office"] {
            assert_eq!(told(&app.sign_in(username).await).await, [Value::Null, Value::Null], "{username}");
        }
    }

    /// A red notice is between its parties; that there is one makes the light red for all who see the target, and no more.
    async fn how_many_notices_are_open_is_not_told(app: App) {
        let office = app.sign_in("office").await;
        let target = target(&office, 1).await;
        let why = async |username: &str| {
            let actor = app.sign_in(username).await;
            let answer = actor.query(&format!("{{ target(id: \"{target}\") {{ light lightReasons {{ code message }} version updatedAt }} changes {{ totalCount }} }}")).await;
            [answer.data("/target").clone(), answer.data("/changes/totalCount").clone()]
        };
        let mut told = Vec::new();
        for name in ["市发展改革委", "临海市政府"] {
            let input = json!({ "targetId": target, "unitId": unit(&office, name).await, "colour": "RED", "body": "x", "replyDueOn": "2022-06-30" });
            let issued = act(&office, "issueNotice", "notice { id }", input).await;
            assert_eq!(issued.refusals("issueNotice"), Vec::<String>::new());
            told.push([why("observer").await, why("observer-2022").await]);
        }
        assert_eq!(told[0][0][0]["lightReasons"], json!([{ "code": "RED_NOTICE", "message": "A red notice is open." }]));
        assert_eq!(told[0], told[1]);
    }

    /// A dispute is between its unit, the office and the leaders. While it is open nothing is late for them, and for others there is the
    /// date alone; the field and the filter say the same to everybody.
    async fn that_a_unit_objects_does_not_show_in_what_is_late(app: App) {
        const OBJECTS: &str = "临海市政府";
        set_clock(&app, "2022-06-22T02:00:00Z");
        let (office, linhai) = (app.sign_in("office").await, app.sign_in("linhai-manager").await);
        let disputed = target(&office, 1).await;
        let rows = late(&office, "").await.remove(&disputed).unwrap();
        assert!(rows.len() > 1 && rows.iter().all(|row| row.late), "{rows:?}");
        let own = rows.iter().find(|row| row.unit == OBJECTS).unwrap();
        let input = json!({ "assignmentId": own.id, "reason": "x" });
        let raised = act(&linhai, "disputeAssignment", "dispute { id }", input).await;
        assert_eq!(raised.refusals("disputeAssignment"), Vec::<String>::new());

        let book = Book::of(&app).await;
        let mut costs = BTreeSet::new();
        for name in ACTORS {
            let actor = app.sign_in(name).await;
            let seen = late(&actor, "").await;
            assert_eq!(seen.contains_key(&disputed), book.sees(name, 1), "{name}");
            let party = book.sees_notice(name, 1, OBJECTS);
            for (target, rows) in &seen {
                for row in rows {
                    let open = *target == disputed && row.unit == OBJECTS;
                    assert_eq!(row.late, !(open && party), "{name} {target} {row:?}");
                }
            }
            for unit in [OBJECTS, "市发展改革委"] {
                for is_late in [true, false] {
                    let filter = format!("filter: {{ acknowledged: false, acknowledgementOverdue: {is_late}, unitId: \"{}\" }}", book.unit(unit));
                    let found: BTreeSet<String> = late(&actor, &filter).await.into_keys().collect();
                    let so = |row: &Part| row.late == is_late && (row.unit == unit || row.acting.as_deref() == Some(unit));
                    let so = seen.iter().filter(|(_, rows)| rows.iter().any(so));
                    let expected: BTreeSet<String> = so.map(|(target, _)| target.clone()).collect();
                    assert_eq!(found, expected, "{name} {unit} {is_late}");
                }
            }
            let query = "query($n: Int) { plan(year: 2022) { targets(first: $n) { nodes { assignments { acknowledgementOverdue } } } } }";
            for n in [1, 5].iter().filter(|_| seen.len() > 1) {
                costs.insert(actor.ask(query, json!({ "n": n })).await.statements());
            }
        }
        assert_eq!(costs.len(), 1, "{costs:?}");
    }

    async fn who_has_handed_in_is_not_told_before_it_is_due(app: App) {
        let periods = create_periods(&app.sign_in("office").await).await;
        set_clock(&app, "2022-06-18T02:00:00Z");
        let (manager, observer) = (app.sign_in("fgw-manager").await, app.sign_in("observer").await);
        let id = target(&observer, 1).await;
        let ahead = async |day: &str| {
            let answer = observer.query(&format!("{{ target(id: \"{id}\") {{ light(on: \"{day}\") lightReasons(on: \"{day}\") {{ code }} updatedAt version }} }}")).await;
            answer.data("/target").clone()
        };
        let events = async || observer.query("{ changes { totalCount } }").await.data("/changes/totalCount").clone();
        let (before, heard) = (ahead("2022-07-15").await, events().await);
        let draft = report(&save(&manager, json!({ "targetId": id, "periodId": periods["2022年6月"], "progress": "x" })).await, "saveProgressReport");
        assert_eq!(ahead("2022-07-15").await, before);
        let submitted = draft.step(&manager, "submitProgressReport").await;
        assert_eq!(ahead("2022-07-15").await, before);
        assert_eq!(events().await, heard);
        // When it is due, all who see the target may know that it is missing.
        let missing = |answer: Value| answer["lightReasons"].as_array().unwrap().iter().filter(|reason| reason["code"] == "REPORT_MISSING").count();
        submitted.step(&manager, "recallProgressReport").await;
        let known = missing(before);
        set_clock(&app, "2022-06-28T02:00:00Z");
        let observer = app.sign_in("observer").await;
        let later = observer.query(&format!("{{ target(id: \"{id}\") {{ lightReasons {{ code }} }} }}")).await;
        assert_eq!(missing(later.data("/target").clone()), known + 1);
    }

    /// Two statements read a report and its readings; what is written in between is not for those who saw it before.
    async fn readings_are_those_of_what_may_be_seen_now(app: App) {
        let office = app.sign_in("office").await;
        let periods = create_periods(&office).await;
        let manager = app.sign_in("fgw-manager").await;
        let mine = manager.query("{ plan(year: 2022) { targets(first: 1, filter: { role: LEAD, hasIndicator: true }) { nodes { id indicators { id } } } } }").await;
        let (of_target, indicator) = (mine.data("/plan/targets/nodes/0/id"), mine.data("/plan/targets/nodes/0/indicators/0/id"));
        let write = |value: &str, version: Option<i64>| {
            let readings = json!([{ "indicatorId": indicator, "value": value }]);
            save(&manager, json!({ "targetId": of_target, "periodId": periods["2022年6月"], "progress": "x", "readings": readings, "expectedVersion": version }))
        };
        let submitted = report(&write("1", None).await, "saveProgressReport").step(&manager, "submitProgressReport").await;
        let origin = Origin::command("test");
        let call = app.parts.store().system().call(office.token.as_deref(), origin).await.unwrap();
        let row = progress_report::Entity::find().one(&app.database.connect().await).await.unwrap().unwrap();
        let seen = call.reports_by_id(&[row.id]).await.unwrap();
        let keys: Vec<_> = seen.iter().map(|report| report.key()).collect();
        assert_eq!(call.readings(&keys).await.unwrap().len(), 1);
        let recalled = submitted.step(&manager, "recallProgressReport").await;
        report(&write("999", Some(recalled.version)).await, "saveProgressReport");
        assert_eq!(call.readings(&keys).await.unwrap(), []);
    }

    async fn an_exception_from_a_lock_is_told_to_its_unit_and_the_office(app: App) {
        let office = app.sign_in("office").await;
        let periods = create_periods(&office).await;
        let input = json!({ "periodId": periods["2022年1月"], "unitId": unit(&office, "临海市政府").await, "until": "2022-12-31T00:00:00Z", "reason": "补报" });
        let reopened = act(&office, "reopenReportingPeriod", "reportingPeriod { id }", input).await;
        assert_eq!(reopened.refusals("reopenReportingPeriod"), Vec::<String>::new());
        for (username, hears) in [("office", true), ("linhai-manager", true), ("fgw-manager", false), ("observer", false), ("leader-1", false), ("system", false), ("office-2023", false)] {
            let answer = app.sign_in(username).await.query(HIDDEN).await;
            let nodes = answer.data("/changes/nodes").as_array().unwrap().clone();
            assert_eq!(nodes.iter().any(|node| node["type"] == "PERIOD_REOPENED"), hears, "{username}");
        }
    }
}
