//! What goes where when units merge and leaders hand over: single posts, and disputes.

use std::collections::BTreeMap;

use entity::{
    assignment, dispute,
    kinds::{AssignmentRole, DisputeStatus},
    supervision_notice, unit,
};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use serde_json::{Value, json};
use tests::{
    Actor, App, both,
    desk::{act, create_periods, report, save, set_clock},
};

use super::{attempt, done, text, tried};
use crate::parties::{Book, audited, global, heard, outcome};

async fn posts(actor: &Actor<'_>, leader: &str) -> Vec<(String, Value)> {
    let query = "query($id: ID!) { leader(id: $id) { posts { id title } } }";
    let answer = actor.ask(query, json!({ "id": leader })).await;
    let posts = answer.data("/leader/posts").as_array().unwrap();
    posts
        .iter()
        .map(|post| (text(&post["id"]), post["title"].clone()))
        .collect()
}

async fn answers_for(actor: &Actor<'_>, leader: &str) -> Value {
    let query = "query($id: ID!) { leader(id: $id) { targetCount } }";
    let answer = actor.ask(query, json!({ "id": leader })).await;
    answer.data("/leader/targetCount").clone()
}

/// The key of an assignment of a unit to a target of 2022, and its global ID.
async fn assigned(app: &App, book: &Book, number: u32, name: &str) -> Option<assignment::Model> {
    let db = app.database.connect().await;
    let of = unit::Entity::find()
        .filter(unit::Column::Name.eq(name))
        .one(&db)
        .await
        .unwrap()
        .unwrap();
    let rows = assignment::Entity::find()
        .filter(assignment::Column::UnitId.eq(of.id))
        .all(&db)
        .await
        .unwrap();
    rows.into_iter()
        .find(|row| global("Target", row.target_id.0) == book.target(number))
}

both! {
    async fn single_posts_are_handed_over(app: App) {
        let book = Book::of(&app).await;
        let (system, office) = (app.sign_in("system").await, app.sign_in("office").await);
        let (one, other) = (book.leader(&book.plan.leaders[0]), book.leader(&book.plan.leaders[7]));
        let made = |name: &'static str| done(&system, "createLeader", json!({ "name": name }));
        let (both, third) = (text(&made("甲").await["leader"]["id"]), text(&made("乙").await["leader"]["id"]));
        let counts = (answers_for(&office, one).await, answers_for(&office, other).await);
        let succeed = |from: &str, to: &str, on: &str, posts: Value| json!({ "predecessorId": from, "successorId": to, "on": on, "postIds": posts, "reason": "调整分工" });
        let mut held = Vec::new();
        for from in [one, other] {
            let theirs = posts(&system, from).await;
            assert_eq!(theirs.len(), 1);
            let input = succeed(from, &both, "2022-06-15", json!([theirs[0].0]));
            done(&system, "succeedLeader", input).await;
            held.extend(theirs);
        }
        let ids: Vec<String> = posts(&system, &both).await.into_iter().map(|(id, _)| id).collect();
        let mut expected: Vec<String> = held.iter().map(|(id, _)| id.clone()).collect();
        expected.sort_by_key(|id| ids.iter().position(|other| other == id));
        assert_eq!(ids, expected);
        let whole = answers_for(&office, &both).await.as_i64().unwrap();
        for (posts, expected) in [
            (json!([]), "INVALID postIds"),
            (json!(["x"]), "NOT_FOUND postIds.0"),
            (json!([held[0].0, held[0].0]), "INVALID postIds.1"),
            (json!([held[0].0, global("Post", 99_999)]), "WRONG_STATE postIds.1"),
            (json!([global("Leader", 1)]), "NOT_FOUND postIds.0"),
        ] {
            assert_eq!(tried(&system, "succeedLeader", succeed(&both, &third, "2022-06-20", posts.clone())).await, expected, "{posts}");
        }
        // Nobody takes over from themselves, and is told so in words of its own.
        let mut speaker = app.sign_in("system").await;
        for (language, message) in [("zh-CN", "继任领导不能与离任领导为同一人。"), ("en", "A leader cannot take over from themselves.")] {
            speaker.language = language;
            let answer = attempt(&speaker, "succeedLeader", succeed(&both, &both, "2022-06-20", Value::Null)).await;
            assert_eq!(answer.refusals("succeedLeader"), ["INVALID successorId"]);
            assert_eq!(answer.data("/succeedLeader/userErrors/0/message"), message);
        }
        // One post goes on, with its targets; the other stays.
        let mut input = succeed(&both, &third, "2022-06-20", json!([held[1].0]));
        input["title"] = "副市长".into();
        done(&system, "succeedLeader", input).await;
        tests::desk::set_clock(&app, "2022-06-20T02:00:00Z");
        let (system, office) = (app.sign_in("system").await, app.sign_in("office").await);
        let (of_both, of_third) = (posts(&system, &both).await, posts(&system, &third).await);
        assert_eq!((of_both.iter().map(|(id, _)| id).collect::<Vec<_>>(), of_third), (vec![&held[0].0], vec![(held[1].0.clone(), json!("副市长"))]));
        assert_eq!((answers_for(&office, &both).await, answers_for(&office, &third).await), counts);
        assert!(whole <= counts.0.as_i64().unwrap() + counts.1.as_i64().unwrap());
        assert_eq!(tried(&system, "succeedLeader", succeed(&both, &third, "2022-06-22", json!([held[1].0]))).await, "WRONG_STATE postIds.0");
        assert_eq!(audited(&app, "SUCCEED_LEADER").await.len(), 3);
        // A post is a place in the directory: whoever sees that sees it by its ID, and nobody else.
        for (name, sees) in [("fgw-reporter", true), ("observer", true), ("security", true), ("audit", false), ("nobody", false)] {
            let answer = app.sign_in(name).await.ask("query($id: ID!) { node(id: $id) { id ... on Post { title } } }", json!({ "id": held[1].0 })).await;
            match sees {
                true => assert_eq!(answer.data("/node/title"), "副市长", "{name}"),
                false => assert_eq!(answer.codes(), ["NOT_FOUND"], "{name}"),
            }
        }
    }

    async fn disputes_go_on_when_units_merge(app: App) {
        const FROM: &str = "临海市政府";
        const INTO: &str = "市发展改革委";
        let book = Book::of(&app).await;
        let (system, office) = (app.sign_in("system").await, app.sign_in("office").await);
        let (theirs, others) = (app.sign_in("linhai-manager").await, app.sign_in("fgw-manager").await);
        let (mut alone, mut together) = (Vec::new(), Vec::new());
        for number in book.numbers(|_| true) {
            match (assigned(&app, &book, number, FROM).await, assigned(&app, &book, number, INTO).await) {
                (Some(row), None) => alone.push((number, row)),
                (Some(row), Some(kept)) => together.push((number, row, kept)),
                _ => {}
            }
        }
        assert!(alone.len() >= 2 && together.len() >= 3, "{} {}", alone.len(), together.len());
        let dispute = async |actor: &Actor<'_>, row: &assignment::Model, reason: &str| {
            let input = json!({ "assignmentId": global("Assignment", row.id.0), "reason": reason });
            let raised = act(actor, "disputeAssignment", "dispute { id }", input).await;
            assert_eq!(outcome(&raised, "disputeAssignment"), "done", "{}", raised.text);
            text(raised.data("/disputeAssignment/dispute/id"))
        };
        let decide = async |dispute: &str| {
            let input = json!({ "disputeId": dispute, "decision": "INSIST", "comment": "x" });
            outcome(&act(&office, "decideDispute", "dispute { status }", input).await, "decideDispute")
        };
        let acknowledge = async |actor: &Actor<'_>, row: &assignment::Model| {
            let input = json!({ "assignmentIds": [global("Assignment", row.id.0)] });
            outcome(&act(actor, "acknowledgeAssignments", "assignments { id }", input).await, "acknowledgeAssignments")
        };
        // Of a target that the first has alone: open, and decided.
        let open_alone = dispute(&theirs, &alone[0].1, "a").await;
        let decided = dispute(&theirs, &alone[1].1, "b").await;
        assert_eq!(decide(&decided).await, "done");
        // Of targets that both have: the first alone objects, where the other has acknowledged; both object; the other does.
        assert_eq!(acknowledge(&others, &together[0].2).await, "done");
        let first_objects = dispute(&theirs, &together[0].1, "c").await;
        let (of_first, of_other) = (dispute(&theirs, &together[1].1, "d").await, dispute(&others, &together[1].2, "e").await);
        let other_objects = dispute(&others, &together[2].2, "f").await;

        done(&system, "mergeUnits", json!({ "unitId": book.unit(FROM), "intoUnitId": book.unit(INTO), "reason": "机构改革" })).await;
        let db = app.database.connect().await;
        let rows: BTreeMap<String, dispute::Model> = dispute::Entity::find().all(&db).await.unwrap().into_iter().map(|row| (global("Dispute", row.id.0), row)).collect();
        assert_eq!(rows.len(), 6, "none is lost");
        let stands = |id: &str| (rows[id].status, rows[id].assignment_id);
        assert_eq!(stands(&open_alone), (DisputeStatus::Open, Some(alone[0].1.id)));
        assert_eq!(stands(&decided), (DisputeStatus::Insisted, Some(alone[1].1.id)));
        // What is open is the other's, what was decided keeps the name.
        let whose = |id: &str| global("Unit", rows[id].unit_id.0);
        assert_eq!((whose(&open_alone), whose(&first_objects)), (book.unit(INTO).to_owned(), book.unit(INTO).to_owned()));
        assert_eq!(whose(&decided), book.unit(FROM));
        assert_eq!(stands(&first_objects), (DisputeStatus::Open, Some(together[0].2.id)));
        assert_eq!(stands(&of_first), (DisputeStatus::Withdrawn, Some(together[1].2.id)));
        assert_eq!(stands(&of_other), (DisputeStatus::Open, Some(together[1].2.id)));
        assert_eq!(stands(&other_objects), (DisputeStatus::Open, Some(together[2].2.id)));
        // What is disputed is not acknowledged.
        let kept = assignment::Entity::find_by_id(together[0].2.id).one(&db).await.unwrap().unwrap();
        assert_eq!((kept.acknowledged_at, kept.acknowledged_by_id), (None, None));
        let manager = app.sign_in("fgw-manager").await;
        assert_eq!(acknowledge(&manager, &together[0].2).await, "WRONG_STATE assignmentIds.0");
        // The office sees each under the unit that there is, decides, and the unit acknowledges.
        for (id, row) in [(&open_alone, &alone[0].1), (&first_objects, &together[0].2), (&of_other, &together[1].2), (&other_objects, &together[2].2)] {
            let seen = office.ask("query($id: ID!) { node(id: $id) { ... on Dispute { assignment { unit { name } } } } }", json!({ "id": id })).await;
            assert_eq!(seen.data("/node/assignment/unit/name"), INTO);
            assert_eq!(decide(id).await, "done");
            assert_eq!(acknowledge(&manager, row).await, "done");
        }
        assert_eq!(decide(&of_first).await, "WRONG_STATE disputeId");
        // The one that was taken back has its entry, and its event.
        let entries = audited(&app, "MERGE_UNITS").await;
        let entry = entries.iter().find(|entry| entry.object_type == "Dispute").unwrap();
        assert_eq!((global("Dispute", entry.object_id.unwrap()), &entry.changes), (of_first.clone(), &json!({ "status": ["OPEN", "WITHDRAWN"] })));
        let told = heard(&app, &office).await;
        assert_eq!(told.iter().filter(|(kind, about)| kind == "DISPUTE_WITHDRAWN" && *about == of_first).count(), 1);
    }

    async fn of_two_units_that_lead_the_same_target_one_leads_since_the_first_of_them_did(app: App) {
        const FROM: &str = "临海市政府";
        const INTO: &str = "市发展改革委";
        let book = Book::of(&app).await;
        let has = |draft: &importer::TargetDraft, name: &str| draft.assignments.iter().any(|part| part.unit == name);
        assert!(book.numbers(|draft| [FROM, INTO].iter().all(|name| book.leads(draft.number).contains(name))).is_empty());
        let both = book.numbers(|draft| has(draft, FROM) && book.leads(draft.number) == [INTO]);
        // On the first INTO leads from the beginning, and FROM later; on the second it is the other way round.
        let (theirs, others) = (book.target(both[0]), book.target(both[1]));
        let amend = async |target: &str, role: &dyn Fn(&str) -> Option<&'static str>| {
            let office = app.sign_in("office").await;
            let query = "query($id: ID!) { target(id: $id) { version assignments { role unit { id name } actingUnit { id } } } }";
            let seen = office.ask(query, json!({ "id": target })).await;
            let rows = seen.data("/target/assignments").as_array().unwrap();
            let units = rows.iter().map(|row| {
                let role = role(row["unit"]["name"].as_str().unwrap()).map_or(row["role"].clone(), Value::from);
                json!({ "unitId": row["unit"]["id"], "role": role, "actingUnitId": row["actingUnit"].get("id") })
            });
            let input = json!({ "targetId": target, "expectedVersion": seen.data("/target/version"), "reason": "x", "units": units.collect::<Vec<_>>() });
            assert_eq!(outcome(&act(&office, "amendTarget", "target { id }", input).await, "amendTarget"), "done");
        };
        let periods = create_periods(&app.sign_in("office").await).await;
        amend(theirs, &|name| (name == FROM).then_some("LEAD")).await;
        amend(others, &|name| match name { FROM => Some("LEAD"), INTO => Some("SUPPORTING"), _ => None }).await;
        let written = async |name: &str, target: &str, period: &str| {
            let manager = app.sign_in(name).await;
            report(&save(&manager, json!({ "targetId": target, "periodId": periods[period], "progress": "x" })).await, "saveProgressReport")
        };
        // For June each has one on the first, and FROM alone on the second.
        let both_have = written("linhai-manager", theirs, "2022年6月").await.step(&app.sign_in("linhai-manager").await, "submitProgressReport").await;
        written("fgw-manager", theirs, "2022年6月").await;
        let one_has = written("linhai-manager", others, "2022年6月").await.step(&app.sign_in("linhai-manager").await, "submitProgressReport").await;
        set_clock(&app, "2022-06-27T02:00:00Z");
        amend(others, &|name| (name == INTO).then_some("LEAD")).await;
        // May is open again for both, and for INTO no longer when they merge.
        for (name, until) in [(FROM, "2022-06-30T00:00:00Z"), (INTO, "2022-06-27T03:00:00Z")] {
            let input = json!({ "periodId": periods["2022年5月"], "unitId": book.unit(name), "until": until, "reason": "补报" });
            let office = app.sign_in("office").await;
            assert_eq!(outcome(&act(&office, "reopenReportingPeriod", "reportingPeriod { id }", input).await, "reopenReportingPeriod"), "done");
        }
        let (stays, own) = (written("linhai-manager", theirs, "2022年5月").await, written("fgw-manager", theirs, "2022年5月").await);
        // On the first both object, on the second FROM alone.
        let (linhai, fgw) = (app.sign_in("linhai-manager").await, app.sign_in("fgw-manager").await);
        let part = async |number: u32, name: &str| assigned(&app, &book, number, name).await.unwrap();
        let dispute = async |actor: &Actor<'_>, row: assignment::Model| {
            let input = json!({ "assignmentId": global("Assignment", row.id.0), "reason": "x" });
            let raised = act(actor, "disputeAssignment", "dispute { id }", input).await;
            assert_eq!(outcome(&raised, "disputeAssignment"), "done", "{}", raised.text);
            text(raised.data("/disputeAssignment/dispute/id"))
        };
        let kept = [part(both[0], INTO).await, part(both[1], INTO).await];
        let acknowledged = act(&fgw, "acknowledgeAssignments", "assignments { id }", json!({ "assignmentIds": [global("Assignment", kept[1].id.0)] })).await;
        assert_eq!(outcome(&acknowledged, "acknowledgeAssignments"), "done", "{}", acknowledged.text);
        let second = dispute(&linhai, part(both[0], FROM).await).await;
        let first = dispute(&fgw, kept[0].clone()).await;
        let alone = dispute(&linhai, part(both[1], FROM).await).await;

        set_clock(&app, "2022-06-28T02:00:00Z");
        let due = async || -> BTreeMap<String, i64> {
            let query = "{ plan(year: 2022) { statistics(groupBy: UNIT) { key { ... on Unit { name } } reportsDue } } }";
            let answer = app.sign_in("office").await.query(query).await;
            let rows = answer.data("/plan/statistics").as_array().unwrap();
            rows.iter().map(|row| (text(&row["key"]["name"]), row["reportsDue"].as_i64().unwrap())).collect()
        };
        let before = due().await;
        let system = app.sign_in("system").await;
        done(&system, "mergeUnits", json!({ "unitId": book.unit(FROM), "intoUnitId": book.unit(INTO), "reason": "机构改革" })).await;

        // One part of each is left: INTO's own, which leads since the first of them did.
        let db = app.database.connect().await;
        let of = async |target: &str| {
            let query = "query($id: ID!) { target(id: $id) { assignments { id role assignedAt acknowledgedAt unit { name } } } }";
            let seen = app.sign_in("office").await.ask(query, json!({ "id": target })).await;
            let rows = seen.data("/target/assignments").as_array().unwrap();
            assert!(rows.iter().all(|row| row["unit"]["name"] != FROM), "{rows:?}");
            let rows: Vec<Value> = rows.iter().filter(|row| row["unit"]["name"] == INTO).cloned().collect();
            assert_eq!(rows.len(), 1, "{rows:?}");
            rows[0].clone()
        };
        for (target, kept, since) in [(theirs, &kept[0], Value::Null), (others, &kept[1], json!("2022-06-15T04:00:00Z"))] {
            let row = of(target).await;
            assert_eq!((&row["id"], &row["role"], &row["assignedAt"]), (&json!(global("Assignment", kept.id.0)), &json!("LEAD"), &since));
            // What is disputed is not acknowledged.
            assert_eq!(row["acknowledgedAt"], Value::Null);
        }
        // What both owed is owed once: June, on each of the two. It was due in the evening of the day on which INTO led the second.
        let after = due().await;
        assert_eq!(after.get(FROM), None);
        assert_eq!(after[INTO], before[INTO] + before[FROM] - 2);
        // Of two open disputes the kept part's is left.
        let disputes: BTreeMap<String, dispute::Model> = dispute::Entity::find().all(&db).await.unwrap().into_iter().map(|row| (global("Dispute", row.id.0), row)).collect();
        let stands = |id: &str| (disputes[id].status, disputes[id].assignment_id);
        assert_eq!(stands(&first), (DisputeStatus::Open, Some(kept[0].id)));
        assert_eq!(stands(&second), (DisputeStatus::Withdrawn, Some(kept[0].id)));
        assert_eq!(stands(&alone), (DisputeStatus::Open, Some(kept[1].id)));
        // Of two reports of one period the merged unit's stays under its name; one that is alone goes on under the other's.
        let (office, fgw) = (app.sign_in("office").await, app.sign_in("fgw-manager").await);
        for (written, unit) in [(&both_have, FROM), (&stays, FROM), (&own, INTO), (&one_has, INTO)] {
            let seen = fgw.ask("query($id: ID!) { node(id: $id) { ... on ProgressReport { unit { name } } } }", json!({ "id": written.id })).await;
            assert_eq!(seen.data("/node/unit/name"), unit);
        }
        // All of them go on: what was handed in is reviewed, and May is open for both drafts as long as it was for FROM.
        both_have.reviewed(&office, "ACCEPT").await;
        one_has.reviewed(&office, "ACCEPT").await;
        own.step(&fgw, "submitProgressReport").await;
        stays.step(&app.sign_in("linhai-manager").await, "submitProgressReport").await;
    }

    async fn what_cannot_go_on_when_units_merge_ends_and_whom_it_concerns_hears_of_it(app: App) {
        const FROM: &str = "临海市政府";
        const INTO: &str = "市发展改革委";
        const ACTING: &str = "市人防办";
        let book = Book::of(&app).await;
        let (office, system) = (app.sign_in("office").await, app.sign_in("system").await);
        let has = |number: u32, name: &str| book.draft(number).assignments.iter().any(|part| part.unit == name || part.acting_unit.as_deref() == Some(name));
        let both = book.numbers(|draft| has(draft.number, FROM) && has(draft.number, INTO) && !has(draft.number, ACTING) && draft.assignments[0].unit == INTO && draft.assignments.iter().all(|part| part.unit != FROM || part.role == AssignmentRole::Supporting));
        let number = both[0];
        let target = book.target(number);
        // The first one leads, too, and another unit acts for it.
        let query = "query($id: ID!) { target(id: $id) { version assignments { id role assignedAt unit { id name } actingUnit { id name } } } }";
        let seen = office.ask(query, json!({ "id": target })).await;
        let units: Vec<Value> = seen.data("/target/assignments").as_array().unwrap().iter().map(|row| {
            let acting = if row["unit"]["name"] == FROM { json!(book.unit(ACTING)) } else { row["actingUnit"].get("id").cloned().unwrap_or_default() };
            let role = if row["unit"]["name"] == FROM { json!("LEAD") } else if row["unit"]["name"] == INTO { json!("SUPPORTING") } else { row["role"].clone() };
            json!({ "unitId": row["unit"]["id"], "role": role, "actingUnitId": acting })
        }).collect();
        let amend = async |units: &[Value]| {
            let version = office.ask(query, json!({ "id": target })).await.data("/target/version").clone();
            let input = json!({ "targetId": target, "expectedVersion": version, "reason": "x", "units": units });
            assert_eq!(outcome(&act(&office, "amendTarget", "target { id }", input).await, "amendTarget"), "done");
        };
        amend(&units).await;
        // What waits: a notice of each, by hand; a request; of both the same notice by rule.
        let mut issued = BTreeMap::new();
        for name in [FROM, ACTING] {
            let notice = json!({ "targetId": target, "unitId": book.unit(name), "colour": "RED", "body": "x", "replyDueOn": "2022-07-01" });
            issued.insert(name, text(act(&office, "issueNotice", "notice { id }", notice).await.data("/issueNotice/notice/id")));
        }
        let linhai = app.sign_in("linhai-manager").await;
        let asked = act(&linhai, "requestExtension", "extensionRequest { id }", json!({ "targetId": target, "newDueOn": "2023-03-31", "reason": "x" })).await;
        assert_eq!(outcome(&asked, "requestExtension"), "done");
        let db = app.database.connect().await;
        let unit_ids: BTreeMap<String, i64> = unit::Entity::find().all(&db).await.unwrap().into_iter().map(|row| (row.name, row.id.0)).collect();
        for name in [FROM, INTO] {
            db.execute_unprepared(&format!("INSERT INTO supervision_notice (plan_id, target_id, unit_id, colour, body, reply_due_on, issued_at, status, rung, due_on)
                SELECT plan_id, id, {}, 'BLUE', 'x', '2022-12-31', updated_at, 'OPEN', 'DUE_SOON', due_on FROM target WHERE number = {number} AND plan_id = (SELECT id FROM plan WHERE year = 2022)", unit_ids[name])).await.unwrap();
        }
        done(&system, "mergeUnits", json!({ "unitId": book.unit(FROM), "intoUnitId": book.unit(INTO), "reason": "机构改革" })).await;

        // One part is left, which leads since the other did.
        let seen = office.ask(query, json!({ "id": target })).await;
        let kept = seen.data("/target/assignments").as_array().unwrap().iter().find(|row| row["unit"]["name"] == INTO).unwrap();
        assert_eq!((&kept["role"], &kept["assignedAt"], &kept["actingUnit"]), (&json!("LEAD"), &json!("2022-06-15T04:00:00Z"), &Value::Null));
        let notice = async |id: &str| {
            let seen = office.ask("query($id: ID!) { node(id: $id) { ... on SupervisionNotice { status unit { name } withdrawal { reason withdrawnBy { displayName } } } } }", json!({ "id": id })).await;
            seen.data("/node").clone()
        };
        let withdrawal = json!({ "reason": "单位已合并", "withdrawnBy": { "displayName": "账号 system" } });
        assert_eq!(notice(&issued[FROM]).await, json!({ "status": "OPEN", "unit": { "name": INTO }, "withdrawal": null }));
        assert_eq!(notice(&issued[ACTING]).await, json!({ "status": "WITHDRAWN", "unit": { "name": ACTING }, "withdrawal": withdrawal }));
        let rows = supervision_notice::Entity::find().filter(supervision_notice::Column::Rung.is_not_null()).all(&db).await.unwrap();
        let states: BTreeMap<i64, &str> = rows.iter().map(|row| (row.unit_id.0, row.status.as_str())).collect();
        assert_eq!(states, BTreeMap::from([(unit_ids[FROM], "WITHDRAWN"), (unit_ids[INTO], "OPEN")]));
        // Each has its entry and its event; what goes on is counted.
        let entries = audited(&app, "MERGE_UNITS").await;
        let objects: Vec<&str> = entries.iter().map(|entry| entry.object_type.as_str()).collect();
        assert_eq!(objects, ["Unit", "SupervisionNotice", "SupervisionNotice"]);
        assert_eq!(entries[1].changes, json!({ "status": ["OPEN", "WITHDRAWN"], "reason": "单位已合并" }));
        let whole = &entries[0].changes;
        assert_eq!((&whole["requests"], &whole["notices"], &whole["lockExceptions"]), (&json!(1), &json!(1), &json!(0)));
        for name in ["office", "fgw-manager"] {
            let told = heard(&app, &app.sign_in(name).await).await;
            let of = |id: &str| told.iter().filter(|(kind, about)| kind == "NOTICE_WITHDRAWN" && about == id).count();
            let by_rule = rows.iter().find(|row| row.unit_id.0 == unit_ids[FROM]).unwrap();
            assert_eq!((of(&issued[ACTING]), of(&global("SupervisionNotice", by_rule.id.0))), if name == "office" { (1, 1) } else { (0, 1) }, "{name}");
        }
    }

    async fn what_is_open_again_for_a_unit_is_so_for_the_one_into_which_it_is_merged(app: App) {
        const FROM: &str = "临海市政府";
        const INTO: &str = "市发展改革委";
        let book = Book::of(&app).await;
        let (office, system) = (app.sign_in("office").await, app.sign_in("system").await);
        let periods = create_periods(&office).await;
        let has = |draft: &importer::TargetDraft, name: &str| draft.assignments.iter().any(|part| part.unit == name);
        let theirs = book.numbers(|draft| has(draft, FROM) && !has(draft, INTO))[0];
        let reopen = async |unit: &str, until: &str| {
            let input = json!({ "periodId": periods["2022年5月"], "unitId": book.unit(unit), "until": until, "reason": "补报" });
            outcome(&act(&office, "reopenReportingPeriod", "reportingPeriod { id }", input).await, "reopenReportingPeriod")
        };
        // The other unit's own ends first.
        assert_eq!(reopen(INTO, "2022-06-15T05:00:00Z").await, "done");
        assert_eq!(reopen(FROM, "2022-06-20T00:00:00Z").await, "done");
        done(&system, "mergeUnits", json!({ "unitId": book.unit(FROM), "intoUnitId": book.unit(INTO), "reason": "机构改革" })).await;
        assert_eq!(audited(&app, "MERGE_UNITS").await[0].changes["lockExceptions"], 1);
        set_clock(&app, "2022-06-16T02:00:00Z");
        let manager = app.sign_in("fgw-manager").await;
        let saved = save(&manager, json!({ "targetId": book.target(theirs), "periodId": periods["2022年5月"], "progress": "x" })).await;
        assert_eq!(saved.refusals("saveProgressReport"), [""; 0], "{}", saved.text);
        // Nothing is opened for one that is no more.
        let office = app.sign_in("office").await;
        let input = json!({ "periodId": periods["2022年5月"], "unitId": book.unit(FROM), "until": "2022-06-20T00:00:00Z", "reason": "补报" });
        let again = act(&office, "reopenReportingPeriod", "reportingPeriod { id }", input).await;
        assert_eq!(outcome(&again, "reopenReportingPeriod"), "WRONG_STATE unitId");
    }

    async fn a_target_that_is_open_again_goes_on_under_the_unit_that_there_is(app: App) {
        const FROM: &str = "临海市政府";
        const INTO: &str = "市发展改革委";
        let book = Book::of(&app).await;
        let (office, system, linhai) = (app.sign_in("office").await, app.sign_in("system").await, app.sign_in("linhai-manager").await);
        let periods = create_periods(&office).await;
        let has = |draft: &importer::TargetDraft, name: &str| draft.assignments.iter().any(|part| part.unit == name);
        let alone = book.numbers(|draft| has(draft, FROM) && !has(draft, INTO));
        let together = book.numbers(|draft| has(draft, FROM) && has(draft, INTO))[0];
        let db = app.database.connect().await;
        // Of those that both have, the first leads, and the other supports.
        for (name, role) in [(FROM, "LEAD"), (INTO, "SUPPORTING")] {
            let part = assigned(&app, &book, together, name).await.unwrap();
            db.execute_unprepared(&format!("UPDATE assignment SET role = '{role}' WHERE id = {}", part.id.0)).await.unwrap();
        }
        let saved = save(&linhai, json!({ "targetId": book.target(alone[0]), "periodId": periods["2022年6月"], "progress": "x" })).await;
        let draft = text(saved.data("/saveProgressReport/report/id"));
        let step = async |mutation: &str, number: u32| {
            let input = json!({ "targetId": book.target(number), "reason": "x" });
            let stepped = crate::scene::act(&office, mutation, input, "target { id }").await;
            assert_eq!(outcome(&stepped, mutation), "done", "{}", stepped.text);
        };
        for number in [alone[0], alone[1], together] {
            step("cancelTarget", number).await;
        }
        done(&system, "mergeUnits", json!({ "unitId": book.unit(FROM), "intoUnitId": book.unit(INTO), "reason": "机构改革" })).await;
        // What is over keeps the name; once it is open again, nothing is left of the unit that is no more.
        for number in [alone[0], together] {
            assert!(assigned(&app, &book, number, FROM).await.is_some());
            step("reopenTarget", number).await;
            assert!(assigned(&app, &book, number, FROM).await.is_none(), "{number}");
            let kept = assigned(&app, &book, number, INTO).await.unwrap();
            assert!(number == alone[0] || kept.role == AssignmentRole::Lead);
        }
        let entries = audited(&app, "REOPEN_TARGET").await;
        let moved: Vec<&Value> = entries.iter().map(|entry| &entry.changes["merged"]).collect();
        assert_eq!(moved, [&json!({ "assignments": 1, "reports": 1, "requests": 0, "notices": 0 }), &json!({ "assignments": 1, "reports": 0, "requests": 0, "notices": 0 })]);
        let manager = app.sign_in("fgw-manager").await;
        let seen = manager.ask("query($id: ID!) { node(id: $id) { ... on ProgressReport { unit { name } } } }", json!({ "id": draft })).await;
        assert_eq!(seen.data("/node/unit/name"), INTO);

        // A period that is open again for the other unit is so there; and also where a target was opened again before it caught up.
        let query = format!("UPDATE target SET cancelled_at = NULL, suspended_reason = NULL WHERE number = {} AND plan_id = (SELECT id FROM plan WHERE year = 2022)", alone[1]);
        db.execute_unprepared(&query).await.unwrap();
        assert!(assigned(&app, &book, alone[1], FROM).await.is_some());
        let save_may = async |number: u32| {
            save(&manager, json!({ "targetId": book.target(number), "periodId": periods["2022年5月"], "progress": "x" })).await.refusals("saveProgressReport")
        };
        for number in [alone[0], alone[1]] {
            assert_eq!(save_may(number).await, ["LOCKED periodId"], "{number}");
        }
        let reopen = json!({ "periodId": periods["2022年5月"], "unitId": book.unit(INTO), "until": "2022-06-20T00:00:00Z", "reason": "补报" });
        assert_eq!(outcome(&act(&office, "reopenReportingPeriod", "reportingPeriod { id }", reopen).await, "reopenReportingPeriod"), "done");
        for number in [alone[0], alone[1]] {
            assert_eq!(save_may(number).await, [""; 0], "{number}");
        }
    }

    async fn what_waits_for_a_merged_unit_is_answered_by_the_other(app: App) {
        const FROM: &str = "临海市政府";
        const INTO: &str = "市发展改革委";
        let book = Book::of(&app).await;
        let (office, system) = (app.sign_in("office").await, app.sign_in("system").await);
        let theirs = book.numbers(|draft| draft.assignments.iter().any(|part| part.unit == FROM));
        let target = book.target(theirs[0]);
        let notice = json!({ "targetId": target, "unitId": book.unit(FROM), "colour": "RED", "body": "x", "replyDueOn": "2022-07-01" });
        let issued = act(&office, "issueNotice", "notice { id }", notice).await;
        let notice = issued.data("/issueNotice/notice/id");
        done(&system, "mergeUnits", json!({ "unitId": book.unit(FROM), "intoUnitId": book.unit(INTO), "reason": "机构改革" })).await;
        let seen = office.ask("query($id: ID!) { node(id: $id) { ... on SupervisionNotice { status unit { name } } } }", json!({ "id": notice })).await;
        assert_eq!(seen.data("/node"), &json!({ "status": "OPEN", "unit": { "name": INTO } }));
        let manager = app.sign_in("fgw-manager").await;
        let answered = act(&manager, "answerNotice", "notice { id }", json!({ "noticeId": notice, "body": "x" })).await;
        assert_eq!(outcome(&answered, "answerNotice"), "done", "{}", answered.text);
    }
}
