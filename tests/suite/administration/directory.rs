//! The register: units are created, renamed and merged, groups change, and successors take over posts.

use entity::{assignment, target, unit};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use serde_json::{Value, json};
use tests::{
    Actor, App, both,
    desk::{create_periods, report, save},
};

use super::{attempt, done, text, tried, user};
use crate::parties::{Book, audited, outcome};

async fn count(actor: &Actor<'_>, filter: Value) -> Value {
    let query =
        "query($f: TargetFilter) { plan(year: 2022) { targets(filter: $f) { totalCount } } }";
    let answer = actor.ask(query, json!({ "f": filter })).await;
    answer.data("/plan/targets/totalCount").clone()
}

both! {
    async fn a_unit_is_created_with_a_name_of_its_own(app: App) {
        let book = Book::of(&app).await;
        let system = app.sign_in("system").await;
        let made = done(&system, "createUnit", json!({ "name": " 市低空经济办 ", "fullName": "台州市低空经济办公室", "kind": "COORDINATING_OFFICE" })).await;
        assert_eq!(made["unit"], json!({ "id": made["unit"]["id"], "name": "市低空经济办", "fullName": "台州市低空经济办公室", "code": null, "aliases": [] }));
        let db = app.database.connect().await;
        let alias = entity::unit_alias::Entity::find().one(&db).await.unwrap().unwrap().alias;
        for (input, expected) in [
            (json!({ "name": "市低空经济办", "kind": "SCHOOL" }), "INVALID name"),
            (json!({ "name": alias, "kind": "SCHOOL" }), "INVALID name"),
            (json!({ "name": " ", "kind": "SCHOOL" }), "INVALID name"),
            (json!({ "name": "x".repeat(101), "kind": "SCHOOL" }), "TOO_LARGE name"),
            (json!({ "name": "x", "kind": "SCHOOL", "code": "33100" }), "INVALID code"),
            (json!({ "name": "x", "kind": "SCHOOL", "code": "331002" }), "INVALID code"),
            (json!({ "name": "x", "kind": "SCHOOL", "code": "331099" }), "done"),
        ] {
            assert_eq!(tried(&system, "createUnit", input.clone()).await, expected, "{input}");
        }
        // It works like any other: with a manager, and a designation.
        let security = app.sign_in("security").await;
        let id = user(&security, "nobody").await;
        done(&security, "grantRole", json!({ "userId": id, "role": "UNIT_MANAGER", "unitId": made["unit"]["id"], "reason": "x" })).await;
        let office = app.sign_in("office").await;
        let open = office.query("{ plan(year: 2022) { designations(first: 1, filter: { resolved: false }) { nodes { id } } } }").await;
        let designated = tests::desk::act(&office, "designateUnits", "target { number }", json!({ "designationId": open.data("/plan/designations/nodes/0/id"), "unitIds": [made["unit"]["id"]] })).await;
        assert_eq!(outcome(&designated, "designateUnits"), "done");
        assert_eq!(count(&app.sign_in("nobody").await, json!({})).await, 1);
        let changes = &audited(&app, "CREATE_UNIT").await[0].changes;
        assert_eq!(changes["name"], "市低空经济办");
        assert!(!book.unit("市发展改革委").is_empty());
    }

    async fn a_renamed_unit_is_found_by_its_new_name(app: App) {
        let book = Book::of(&app).await;
        let (system, office, manager) = (app.sign_in("system").await, app.sign_in("office").await, app.sign_in("fgw-manager").await);
        let id = book.unit("市发展改革委");
        let before = count(&office, json!({ "unitId": id })).await;
        for (name, expected) in [("市发展改革委", "INVALID name"), ("临海市政府", "INVALID name"), ("  ", "INVALID name")] {
            assert_eq!(tried(&system, "renameUnit", json!({ "unitId": id, "name": name })).await, expected, "{name}");
        }
        let renamed = done(&system, "renameUnit", json!({ "unitId": id, "name": "市发展和数据局", "fullName": "台州市发展和数据局", "reason": "机构改革" })).await;
        assert_eq!(renamed["unit"]["name"], "市发展和数据局");
        assert!(renamed["unit"]["aliases"].as_array().unwrap().contains(&json!("市发展改革委")));
        assert_eq!(count(&office, json!({ "search": "发展和数据局" })).await, before);
        assert_eq!(count(&office, json!({ "unitId": id })).await, before);
        assert_eq!(count(&manager, json!({})).await, 39);
        let found = system.query("{ units(filter: { search: \"市发展改革委\" }) { nodes { name } } }").await;
        assert_eq!(found.data("/units/nodes/0/name"), "市发展和数据局");
        // Its former name is its own: nobody else takes it, and it may have it back.
        assert_eq!(tried(&system, "createUnit", json!({ "name": "市发展改革委", "kind": "SCHOOL" })).await, "INVALID name");
        let back = done(&system, "renameUnit", json!({ "unitId": id, "name": "市发展改革委" })).await;
        let aliases: Vec<String> = back["unit"]["aliases"].as_array().unwrap().iter().map(text).collect();
        assert!(aliases.contains(&"市发展和数据局".to_owned()) && !aliases.contains(&"市发展改革委".to_owned()));
        assert_eq!(tried(&system, "renameUnit", json!({ "unitId": id, "name": "市发展局", "reason": " " })).await, "INVALID reason");
        let reasons: Vec<Value> = audited(&app, "RENAME_UNIT").await.iter().map(|entry| entry.changes["reason"].clone()).collect();
        assert_eq!(reasons, [json!("机构改革"), Value::Null]);
    }

    async fn what_is_open_goes_on_under_the_other_unit(app: App) {
        let book = Book::of(&app).await;
        let (system, security, office) = (app.sign_in("system").await, app.sign_in("security").await, app.sign_in("office").await);
        let periods = create_periods(&office).await;
        let (from, into) = (book.unit("市人防办"), book.unit("市应急管理局"));
        // A target of its own with a report, and one that is closed.
        let of = |unit: &str| book.numbers(|draft| draft.assignments.iter().any(|row| row.unit == unit || row.acting_unit.as_deref() == Some(unit)));
        let (theirs, others) = (of("市人防办"), of("市应急管理局"));
        let open = *theirs.iter().find(|number| !others.contains(number)).unwrap();
        let manager = app.sign_in("renfang-manager").await;
        let db = app.database.connect().await;
        let draft = report(&save(&manager, json!({ "targetId": book.target(open), "periodId": periods["2022年6月"], "progress": "x", "percentComplete": 40 })).await, "saveProgressReport");
        draft.step(&manager, "submitProgressReport").await.reviewed(&office, "ACCEPT").await;
        let input = json!({ "targetId": book.target(open), "unitId": from, "colour": "RED", "body": "x", "replyDueOn": "2022-06-30" });
        let notice = tests::desk::act(&office, "issueNotice", "notice { id }", input).await;
        db.execute_unprepared(&format!("INSERT INTO milestone (target_id, plan_id, title, due_on, unit_id, version, created_by_id, created_at, updated_at) SELECT t.id, t.plan_id, 'x', '2022-09-30', u.id, 1, 1, t.created_at, t.created_at FROM target t, unit u WHERE t.number = {open} AND t.plan_id = (SELECT id FROM plan WHERE year = 2022) AND u.name = '市人防办'")).await.unwrap();
        let state = "query($id: ID!) { target(id: $id) { state light percentComplete } }";
        let before = office.ask(state, json!({ "id": book.target(open) })).await;
        let closed = theirs.iter().copied().find(|number| *number != open);
        if let Some(number) = closed {
            db.execute_unprepared(&format!("UPDATE target SET closed_at = updated_at WHERE number = {number} AND plan_id = (SELECT id FROM plan WHERE year = 2022)")).await.unwrap();
        }
        for (input, expected) in [
            (json!({ "unitId": from, "intoUnitId": from, "reason": "x" }), "INVALID intoUnitId"),
            (json!({ "unitId": from, "intoUnitId": "x", "reason": "x" }), "NOT_FOUND intoUnitId"),
            (json!({ "unitId": from, "intoUnitId": into, "reason": " " }), "INVALID reason"),
        ] {
            assert_eq!(tried(&system, "mergeUnits", input.clone()).await, expected, "{input}");
        }
        let itself = attempt(&system, "mergeUnits", json!({ "unitId": from, "intoUnitId": from, "reason": "x" })).await;
        assert_eq!(itself.data("/mergeUnits/userErrors/0/message"), "A unit cannot be merged into itself.");
        let merged = done(&system, "mergeUnits", json!({ "unitId": from, "intoUnitId": into, "reason": "机构改革" })).await;
        assert_eq!(merged["unit"]["name"], "市应急管理局");
        assert!(merged["unit"]["aliases"].as_array().unwrap().contains(&json!("市人防办")));
        // The register knows it by that name alone, but it is still there.
        let found = system.query("{ units(filter: { search: \"市人防办\" }) { nodes { name } } all: units(filter: { search: \"市人防办\", includeMerged: true }) { nodes { name mergedInto { name } availableActions { action allowed } } } }").await;
        assert_eq!(found.data("/units/nodes"), &json!([{ "name": "市应急管理局" }]));
        let rows = found.data("/all/nodes").as_array().unwrap();
        let old = rows.iter().find(|row| row["name"] == "市人防办").unwrap();
        assert_eq!((&old["mergedInto"]["name"], &old["availableActions"][0]["allowed"]), (&json!("市应急管理局"), &json!(false)));
        // Both units' people see both units' targets, each once; the target stands as it stood.
        let mut expected: Vec<u32> = theirs.iter().chain(&others).copied().collect();
        expected.sort_unstable();
        expected.dedup();
        for name in ["yjj-manager", "renfang-manager"] {
            let actor = app.sign_in(name).await;
            assert_eq!(count(&actor, json!({})).await, expected.len(), "{name}");
        }
        assert_eq!(office.ask(state, json!({ "id": book.target(open) })).await.data("/target"), before.data("/target"));
        let ids = unit::Entity::find().all(&db).await.unwrap();
        let milestone = entity::milestone::Entity::find().one(&db).await.unwrap().unwrap();
        let report = entity::progress_report::Entity::find().one(&db).await.unwrap().unwrap();
        let theirs_now = ids.iter().find(|row| row.name == "市应急管理局").unwrap().id;
        assert_eq!([milestone.unit_id, report.unit_id], [theirs_now; 2]);
        let id_of = |name: &str| ids.iter().find(|row| row.name == name).unwrap().id;
        let left = assignment::Entity::find().filter(assignment::Column::UnitId.eq(id_of("市人防办"))).all(&db).await.unwrap();
        for row in &left {
            let target = target::Entity::find_by_id(row.target_id).one(&db).await.unwrap().unwrap();
            assert!(target.closed_at.is_some(), "{}", target.number);
        }
        // The open notice is the other unit's now, and its people answer it.
        let yjj = app.sign_in("yjj-manager").await;
        let answered = tests::desk::act(&yjj, "answerNotice", "notice { unit { name } }", json!({ "noticeId": notice.data("/issueNotice/notice/id"), "body": "y" })).await;
        assert_eq!(answered.data("/answerNotice/notice/unit/name"), "市应急管理局");
        // Who was granted a role for the old unit has it for the other; accounts moved.
        let account = security.ask("query($id: ID!) { user(id: $id) { unit { name } grants { role unit { name } } } }", json!({ "id": user(&security, "renfang-manager").await })).await;
        assert_eq!(account.data("/user"), &json!({ "unit": { "name": "市应急管理局" }, "grants": [{ "role": "UNIT_MANAGER", "unit": { "name": "市应急管理局" } }] }));
        // And nobody uses the old one any more.
        let nobody = user(&security, "nobody").await;
        assert_eq!(tried(&security, "grantRole", json!({ "userId": nobody, "role": "UNIT_MANAGER", "unitId": from, "reason": "x" })).await, "WRONG_STATE unitId");
        assert_eq!(tried(&system, "createUser", json!({ "username": "x1", "displayName": "x", "unitId": from })).await, "WRONG_STATE unitId");
        assert_eq!(tried(&system, "renameUnit", json!({ "unitId": from, "name": "x" })).await, "WRONG_STATE unitId");
        assert_eq!(tried(&system, "mergeUnits", json!({ "unitId": into, "intoUnitId": from, "reason": "x" })).await, "WRONG_STATE intoUnitId");
        assert_eq!(tried(&system, "createUnit", json!({ "name": "市人防办", "kind": "SCHOOL" })).await, "INVALID name");
        // Merged on: one step leads to the unit that there is.
        done(&system, "mergeUnits", json!({ "unitId": into, "intoUnitId": book.unit("市发展改革委"), "reason": "x" })).await;
        let chain = system.ask("query($id: ID!) { unit(id: $id) { mergedInto { name } } }", json!({ "id": from })).await;
        assert_eq!(chain.data("/unit/mergedInto/name"), "市发展改革委");
        assert_eq!(audited(&app, "MERGE_UNITS").await.len(), 2);
    }

    async fn next_years_document_may_use_former_names(app: App) {
        let book = Book::of(&app).await;
        let system = app.sign_in("system").await;
        let renamed = book.unit("市发展改革委");
        done(&system, "renameUnit", json!({ "unitId": renamed, "name": "市发展和数据局" })).await;
        done(&system, "mergeUnits", json!({ "unitId": book.unit("市经信局"), "intoUnitId": renamed, "reason": "x" })).await;
        let db = app.database.connect().await;
        let before = unit::Entity::find().all(&db).await.unwrap();
        let document = tests::world::document_2023().replace("2023", "2024");
        let draft = importer::read(&document, 2024, &tests::world::tables()).plan.expect("a plan");
        let named = |name: &str| draft.targets.iter().flat_map(|target| &target.assignments).filter(|row| row.unit == name).count();
        assert!(named("市发展改革委") > 0 && named("市经信局") > 0);
        // What names both is one assignment.
        let wanted: std::collections::BTreeSet<u32> = draft.targets.iter().filter(|target| target.assignments.iter().any(|row| ["市发展改革委", "市经信局"].contains(&row.unit.as_str()))).map(|target| target.number).collect();
        let import = store::ImportPlan { draft: &draft, document: &document, publish: true };
        app.parts.store().system().import(import, &|_| ()).await.expect("the import");
        assert_eq!(unit::Entity::find().all(&db).await.unwrap(), before, "no unit is registered twice");
        let office = app.sign_in("office").await;
        let found = office.ask("query($f: TargetFilter) { plan(year: 2024) { targets(first: 100, filter: $f) { nodes { number } } } }", json!({ "f": { "unitId": renamed } })).await;
        let found: std::collections::BTreeSet<u32> = found.data("/plan/targets/nodes").as_array().unwrap().iter().map(|node| node["number"].as_u64().unwrap() as u32).collect();
        assert_eq!(found, wanted);
    }

    async fn a_group_has_the_members_that_it_is_given(app: App) {
        let book = Book::of(&app).await;
        let system = app.sign_in("system").await;
        let (one, other) = (book.unit("市发展改革委"), book.unit("市应急管理局"));
        let made = done(&system, "createUnitGroup", json!({ "name": "市级综合部门", "resolution": "MEMBERS", "unitIds": [other, one] })).await;
        assert_eq!(made["unitGroup"]["members"], json!([{ "name": "市应急管理局" }, { "name": "市发展改革委" }]));
        let id = &made["unitGroup"]["id"];
        let changed = done(&system, "changeUnitGroup", json!({ "unitGroupId": id, "unitIds": [one] })).await;
        assert_eq!(changed["unitGroup"]["members"], json!([{ "name": "市发展改革委" }]));
        for (act, input, expected) in [
            ("createUnitGroup", json!({ "name": "市级综合部门", "resolution": "MEMBERS", "unitIds": [one] }), "INVALID name"),
            ("createUnitGroup", json!({ "name": "x", "resolution": "MEMBERS" }), "INVALID unitIds"),
            ("createUnitGroup", json!({ "name": "x", "resolution": "DESIGNATION", "unitIds": [one] }), "INVALID unitIds"),
            ("createUnitGroup", json!({ "name": "x", "resolution": "MEMBERS", "unitIds": [one, one] }), "INVALID unitIds.1"),
            ("createUnitGroup", json!({ "name": "x", "resolution": "MEMBERS", "unitIds": [one, "x"] }), "NOT_FOUND unitIds.1"),
            ("createUnitGroup", json!({ "name": "x", "resolution": "DESIGNATION" }), "done"),
            ("changeUnitGroup", json!({ "unitGroupId": id, "unitIds": [] }), "INVALID unitIds"),
            ("changeUnitGroup", json!({ "unitGroupId": "x", "unitIds": [one] }), "NOT_FOUND unitGroupId"),
        ] {
            assert_eq!(tried(&system, act, input.clone()).await, expected, "{act} {input}");
        }
        // The office of a merged unit takes its place.
        done(&system, "mergeUnits", json!({ "unitId": one, "intoUnitId": other, "reason": "x" })).await;
        let members = system.ask("query($ids: [ID!]!) { nodes(ids: $ids) { ... on UnitGroup { members { name } } } }", json!({ "ids": [id] })).await;
        assert_eq!(members.data("/nodes/0/members"), &json!([{ "name": "市应急管理局" }]));
    }

    async fn a_successor_takes_over_and_history_stays_with_the_person(app: App) {
        let book = Book::of(&app).await;
        let (system, security, leader) = (app.sign_in("system").await, app.sign_in("security").await, app.sign_in("leader-1").await);
        let before = book.leader("林先华");
        let given = tests::desk::act(&leader, "giveInstruction", "instruction { id }", json!({ "targetId": book.target(1), "body": "x" })).await;
        let instruction = given.data("/giveInstruction/instruction/id").clone();
        let made = done(&system, "createLeader", json!({ "name": "继任者甲" })).await;
        let next = &made["leader"]["id"];
        assert_eq!(made["leader"]["targetCount"], 0);
        let input = |on: &str| json!({ "predecessorId": before, "successorId": next, "on": on, "title": "市长", "reason": "换届" });
        for (input, expected) in [
            (input("2024-01-01"), "INVALID on"),
            (input("2020-01-01"), "INVALID on"),
            (json!({ "predecessorId": next, "successorId": before, "on": "2022-06-20", "reason": "x" }), "WRONG_STATE predecessorId"),
            (json!({ "predecessorId": before, "successorId": before, "on": "2022-06-20", "reason": "x" }), "INVALID successorId"),
            (json!({ "predecessorId": before, "successorId": "x", "on": "2022-06-20", "reason": "x" }), "NOT_FOUND successorId"),
            (json!({ "predecessorId": before, "successorId": next, "on": "2022-06-20", "reason": "" }), "INVALID reason"),
        ] {
            assert_eq!(tried(&system, "succeedLeader", input.clone()).await, expected, "{input}");
        }
        done(&system, "succeedLeader", input("2022-06-20")).await;
        // The successor's account sees nothing before that day, and everything from then on.
        let id = user(&security, "nobody").await;
        done(&security, "grantRole", json!({ "userId": id, "role": "LEADER", "leaderId": next, "reason": "x" })).await;
        for (moment, of_old, of_new) in [("2022-06-19T15:59:00Z", 62, 0), ("2022-06-19T16:00:00Z", 0, 62)] {
            tests::desk::set_clock(&app, moment);
            let (old, new) = (app.sign_in("leader-1").await, app.sign_in("nobody").await);
            assert_eq!(count(&old, json!({})).await, of_old, "{moment}");
            assert_eq!(count(&new, json!({})).await, of_new, "{moment}");
        }
        let office = app.sign_in("office").await;
        let target = office.ask("query($id: ID!) { target(id: $id) { leaders { name title } instructions { leader { name } } } }", json!({ "id": book.target(1) })).await;
        assert_eq!(target.data("/target"), &json!({ "leaders": [{ "name": "继任者甲", "title": "市长" }], "instructions": [{ "leader": { "name": "林先华" } }] }));
        assert_eq!(count(&office, json!({ "search": "继任者甲" })).await, 62);
        let new = app.sign_in("nobody").await;
        let read = new.ask("query($ids: [ID!]!) { nodes(ids: $ids) { ... on Instruction { leader { name } } } }", json!({ "ids": [instruction] })).await;
        assert_eq!(read.data("/nodes/0/leader/name"), "林先华");
        // The predecessor has nothing left to hand over.
        let system = app.sign_in("system").await;
        assert_eq!(tried(&system, "succeedLeader", json!({ "predecessorId": before, "successorId": next, "on": "2022-06-21", "reason": "x" })).await, "WRONG_STATE predecessorId");
        // Those of the draft for 2023, too.
        assert_eq!(audited(&app, "SUCCEED_LEADER").await[0].changes["targets"], 67);
    }
}
