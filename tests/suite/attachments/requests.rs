//! Evidence of a closure request (办结申请): who attaches what, who reads it, and that a file is used once.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use entity::{attachment, target_request};
use sea_orm::{ConnectionTrait, EntityTrait, PaginatorTrait, QueryOrder};
use serde_json::{Value, json};
use tests::{
    Actor, Answer, App, both,
    desk::{create_periods, report, save},
    world::ACTORS,
};

use super::{address, contents, get, upload};
use crate::{
    contract::operation,
    parties::global,
    requests::one_on_each_target,
    scene::{Number, Scene, act, target},
};

const NONE: [&str; 0] = [];

async fn closure(actor: &Actor<'_>, target: &str, ids: Value) -> Answer {
    let input = json!({ "targetId": target, "summary": "已完成", "attachmentIds": ids });
    let fields = "closureRequest { id attachments { id sha256 } }";
    act(actor, "requestClosure", input, fields).await
}

async fn withdraw(actor: &Actor<'_>, asked: &Answer) {
    let input = json!({ "requestId": asked.data("/requestClosure/closureRequest/id") });
    let done = act(actor, "withdrawRequest", input, "request { status }").await;
    assert_eq!(done.refusals("withdrawRequest"), NONE);
}

/// 临海市政府, which supports target 1, leads it together with 市发展改革委 from now on: of the units with accounts no two do.
async fn led_by_two(app: &App) {
    let db = app.database.connect().await;
    let done = db
        .execute_unprepared(
            "UPDATE assignment SET role = 'LEAD', ordinal = ordinal + 100
             WHERE unit_id = (SELECT id FROM unit WHERE name = '临海市政府')
             AND target_id = (SELECT t.id FROM target t JOIN plan p ON p.id = t.plan_id WHERE p.year = 2022 AND t.number = 1)",
        )
        .await
        .unwrap();
    assert_eq!(done.rows_affected(), 1);
}

both! {
    async fn evidence_is_read_by_whoever_reads_the_request(app: App) {
        let scene = Scene::of(&app).await;
        led_by_two(&app).await;
        let id = scene.target(1);
        // A reporter uploads, the manager asks.
        let (reporter, manager) = (app.sign_in("fgw-reporter").await, app.sign_in("fgw-manager").await);
        let files = [upload(&reporter, &id, "one").await, upload(&manager, &id, "two").await];
        let input = json!({ "targetId": id, "summary": "已完成", "attachmentIds": [files[1]["id"], files[0]["id"]] });
        let asked = manager.ask(&operation("RequestClosure"), input).await;
        assert_eq!(asked.refusals("requestClosure"), NONE);
        let request = asked.data("/requestClosure/closureRequest/id");
        // What was attached waits no more.
        app.clock.advance(TimeDelta::hours(25));
        assert_eq!(app.parts.collect(false).await.unwrap().waiting, 0);

        let (mut read, mut hidden) = (Vec::new(), 0);
        for name in ACTORS {
            let actor = app.sign_in(name).await;
            let sight = scene.sight(name, (2022, 1));
            let sees = sight.office || sight.leader || sight.lead || name == "linhai-manager";
            let token = actor.token.as_deref();
            let node = actor.query(&format!("{{ node(id: {request}) {{ ... on ClosureRequest {{ attachments {{ id sha256 url }} }} }} }}")).await;
            if sees {
                let list = node.data("/node/attachments");
                assert_eq!(contents(list), [files[0]["sha256"].as_str().unwrap(), files[1]["sha256"].as_str().unwrap()], "{name}");
                let link = list[0]["url"].as_str().unwrap();
                assert_eq!(get(&app, link, None).await.text, "one", "{name}");
                read.push(name);
            } else {
                assert_eq!(node.codes(), ["NOT_FOUND"], "{name}");
                hidden += 1;
            }
            for (file, text) in files.iter().zip(["one", "two"]) {
                let node = actor.query(&format!("{{ node(id: {}) {{ id }} }}", file["id"])).await;
                let download = get(&app, &address(file), token).await;
                if sees {
                    assert_eq!(node.data("/node/id"), &file["id"], "{name}");
                    assert_eq!((download.status.as_u16(), download.text.as_str()), (200, text), "{name}");
                } else {
                    assert_eq!(node.codes(), ["NOT_FOUND"], "{name}");
                    assert_eq!((download.status.as_u16(), download.codes()), (404, vec!["NOT_FOUND"]), "{name}");
                }
            }
        }
        for name in ["office", "leader-1", "fgw-manager", "fgw-reporter", "linhai-manager"] {
            assert!(read.contains(&name), "{name}: {read:?}");
        }
        assert!(hidden > 5, "{read:?}");
    }

    async fn only_the_units_own_waiting_files_are_taken_and_once(app: App) {
        let scene = Scene::of(&app).await;
        let id = scene.target(1);
        let periods = create_periods(&app.sign_in("office").await).await;
        let (fgw, linhai) = (app.sign_in("fgw-manager").await, app.sign_in("linhai-manager").await);
        let mut reported = Vec::new();
        for actor in [&fgw, &linhai] {
            let file = upload(actor, &id, "of a report").await;
            let input = json!({ "targetId": id, "periodId": periods["2022年6月"], "progress": "x", "attachmentIds": [file["id"]] });
            let submitted = report(&save(actor, input).await, "saveProgressReport").step(actor, "submitProgressReport").await;
            reported.push((file, submitted));
        }
        let mine = fgw.query("{ plan(year: 2022) { targets(first: 10, filter: { role: LEAD }) { nodes { id } } } }").await;
        let elsewhere = mine.data("/plan/targets/nodes").as_array().unwrap().iter().find(|node| node["id"] != id.as_str()).unwrap()["id"].as_str().unwrap().to_owned();
        let (own, other) = (upload(&fgw, &id, "own").await, upload(&linhai, &id, "another unit's").await);
        let of_other_target = upload(&fgw, &elsewhere, "of another target").await;
        for (ids, expected) in [
            (json!([own["id"], own["id"]]), "INVALID attachmentIds.1"),
            (json!(vec![&own["id"]; 11]), "TOO_LARGE attachmentIds"),
            (json!(["x"]), "NOT_FOUND attachmentIds.0"),
            (json!([own["id"], id]), "NOT_FOUND attachmentIds.1"),
            (json!([own["id"], other["id"]]), "NOT_FOUND attachmentIds.1"),
            (json!([of_other_target["id"]]), "NOT_FOUND attachmentIds.0"),
            (json!([reported[0].0["id"]]), "NOT_FOUND attachmentIds.0"),
            (json!([reported[1].0["id"]]), "NOT_FOUND attachmentIds.0"),
        ] {
            assert_eq!(closure(&fgw, &id, ids.clone()).await.refusals("requestClosure"), [expected], "{ids}");
        }
        let db = app.database.connect().await;
        assert_eq!(target_request::Entity::find().count(&db).await.unwrap(), 0, "what is refused leaves nothing");

        // What was taken stays where it is, even of a request that was taken back.
        let asked = closure(&fgw, &id, json!([own["id"]])).await;
        assert_eq!(asked.data("/requestClosure/closureRequest/attachments/0/id"), &own["id"]);
        withdraw(&fgw, &asked).await;
        assert_eq!(closure(&fgw, &id, json!([own["id"]])).await.refusals("requestClosure"), ["NOT_FOUND attachmentIds.0"]);
        let recalled = reported[0].1.step(&fgw, "recallProgressReport").await;
        let input = json!({ "targetId": id, "periodId": periods["2022年6月"], "progress": "x", "attachmentIds": [own["id"]], "expectedVersion": recalled.version });
        assert_eq!(save(&fgw, input).await.refusals("saveProgressReport"), ["WRONG_STATE attachmentIds.0"]);
        // None, null and nothing said are the same; ten are taken.
        for ids in [json!([]), Value::Null] {
            let asked = closure(&fgw, &id, ids).await;
            assert_eq!(asked.data("/requestClosure/closureRequest/attachments"), &json!([]));
            withdraw(&fgw, &asked).await;
        }
        let mut ten = Vec::new();
        for n in 0..10 {
            ten.push(upload(&fgw, &id, &n.to_string()).await["id"].clone());
        }
        let asked = closure(&fgw, &id, json!(ten)).await;
        assert_eq!(asked.data("/requestClosure/closureRequest/attachments").as_array().unwrap().len(), 10);
    }

    async fn a_request_that_comes_again_takes_its_files_once(app: App) {
        let scene = Scene::of(&app).await;
        let id = scene.target(1);
        let manager = app.sign_in("fgw-manager").await;
        let (one, two) = (upload(&manager, &id, "one").await, upload(&manager, &id, "two").await);
        let ask = async |ids: Value| {
            let input = json!({ "targetId": id, "summary": "x", "attachmentIds": ids, "clientMutationId": "a" });
            act(&manager, "requestClosure", input, "closureRequest { id attachments { id } }").await
        };
        let (first, again) = (ask(json!([one["id"]])).await, ask(json!([one["id"]])).await);
        assert_eq!(first.refusals("requestClosure"), NONE);
        assert_eq!(first.data("/requestClosure/closureRequest"), again.data("/requestClosure/closureRequest"));
        assert_eq!(ask(json!([two["id"]])).await.refusals("requestClosure"), ["CONFLICT clientMutationId"]);
    }

    async fn of_a_report_or_of_a_request_and_never_of_both(app: App) {
        let periods = create_periods(&app.sign_in("office").await).await;
        let manager = app.sign_in("fgw-manager").await;
        let mine = manager.query("{ plan(year: 2022) { targets(first: 5, filter: { role: LEAD }) { nodes { id } } } }").await;
        for node in mine.data("/plan/targets/nodes").as_array().unwrap() {
            let target = node["id"].as_str().unwrap();
            let file = upload(&manager, target, "text").await;
            let input = json!({ "targetId": target, "periodId": periods["2022年6月"], "progress": "x", "attachmentIds": [file["id"]] });
            let (saved, asked) = tokio::join!(save(&manager, input), closure(&manager, target, json!([file["id"]])));
            let outcomes = (saved.refusals("saveProgressReport").join(""), asked.refusals("requestClosure").join(""));
            let outcomes = (outcomes.0.as_str(), outcomes.1.as_str());
            assert!([("", "NOT_FOUND attachmentIds.0"), ("WRONG_STATE attachmentIds.0", "")].contains(&outcomes), "{outcomes:?}");
        }
        // The database holds to it, too.
        let db = app.database.connect().await;
        let target = mine.data("/plan/targets/nodes/0/id").as_str().unwrap();
        closure(&manager, target, json!([])).await;
        save(&manager, json!({ "targetId": target, "periodId": periods["2022年6月"], "progress": "x" })).await;
        let both = |request: &str| format!(
            "UPDATE attachment SET report_id = (SELECT MIN(id) FROM progress_report), from_version = 1, request_id = {request}"
        );
        assert!(db.execute_unprepared(&both("(SELECT MIN(id) FROM target_request)")).await.is_err());
        assert!(db.execute_unprepared(&both("NULL")).await.is_ok());
    }

    async fn every_path_leads_to_the_evidence_that_the_rule_says(app: App) {
        let scene = Scene::of(&app).await;
        let requests = one_on_each_target(&app).await;
        let db = app.database.connect().await;
        db.execute_unprepared(
            "INSERT INTO attachment (plan_id, target_id, unit_id, request_id, file_name, content_type, byte_size, sha256, storage_key, uploaded_by_id, uploaded_at)
             SELECT plan_id, target_id, unit_id, id, 'a.txt', 'text/plain', 1, 'x', 'k' || id, 1, '2022-06-15 00:00:00+00:00'
             FROM target_request WHERE kind = 'CLOSURE' ORDER BY id",
        )
        .await
        .unwrap();
        let files = attachment::Entity::find().order_by_asc(attachment::Column::Id).all(&db).await.unwrap();
        assert_eq!(files.len() * 2, requests.len());
        let number_of = |row: &attachment::Model| -> Number { *scene.ids.iter().find(|(_, id)| **id == row.target_id.0).unwrap().0 };
        let files: Vec<(String, String, Number)> = files.iter()
            .map(|row| (global("Attachment", row.id.0), global("TargetRequest", row.request_id.unwrap().0), number_of(row))).collect();
        for name in ACTORS {
            let actor = app.sign_in(name).await;
            let sees = |number: Number| {
                let sight = scene.sight(name, number);
                sight.office || sight.leader || sight.lead
            };
            let expected: BTreeSet<(String, String)> = files.iter().filter(|file| sees(file.2)).map(|(file, request, _)| (request.clone(), file.clone())).collect();
            let by_id: BTreeSet<String> = expected.iter().map(|(_, file)| file.clone()).collect();

            let mut found = BTreeSet::new();
            for part in files.chunks(100) {
                let ids: Vec<&String> = part.iter().map(|(file, ..)| file).collect();
                let answer = actor.ask("query($ids: [ID!]!) { nodes(ids: $ids) { id } }", json!({ "ids": ids })).await;
                found.extend(answer.data("/nodes").as_array().unwrap().iter().filter_map(|node| node["id"].as_str()).map(str::to_owned));
            }
            assert_eq!(found, by_id, "{name}: nodes");

            let pairs = |requests: &Value| -> Vec<(String, String)> {
                let requests = requests.as_array().into_iter().flatten();
                requests.flat_map(|request| {
                    let of = request["id"].as_str().unwrap().to_owned();
                    let its = request["attachments"].as_array().into_iter().flatten();
                    its.map(|file| (of.clone(), file["id"].as_str().unwrap().to_owned())).collect::<Vec<_>>()
                }).collect()
            };
            let (mut of_targets, mut of_list) = (BTreeSet::new(), BTreeSet::new());
            for year in [2022, 2023] {
                for half in ["first: 100", "last: 100"] {
                    let answer = actor.query(&format!("{{ plan(year: {year}) {{ targets({half}) {{ nodes {{ closureRequests {{ id attachments {{ id }} }} }} }} }} }}")).await;
                    let targets = answer.body.pointer("/data/plan/targets/nodes").and_then(Value::as_array).cloned().unwrap_or_default();
                    of_targets.extend(targets.iter().flat_map(|target| pairs(&target["closureRequests"])));
                }
            }
            assert_eq!(of_targets, expected, "{name}: of targets");
            let mut cursor = Value::Null;
            loop {
                let query = "query($c: String) { requests(first: 100, after: $c, filter: { kind: CLOSURE }) { nodes { id ... on ClosureRequest { attachments { id } } } pageInfo { hasNextPage endCursor } } }";
                let answer = actor.ask(query, json!({ "c": cursor })).await;
                of_list.extend(pairs(answer.data("/requests/nodes")));
                if answer.data("/requests/pageInfo/hasNextPage") == &json!(false) {
                    break;
                }
                cursor = answer.data("/requests/pageInfo/endCursor").clone();
            }
            assert_eq!(of_list, expected, "{name}: of the list");
        }
    }

    async fn evidence_costs_the_same_however_much_there_is(app: App) {
        let manager = app.sign_in("fgw-manager").await;
        let mine = manager.query("{ plan(year: 2022) { targets(first: 4, filter: { role: LEAD }) { nodes { id } } } }").await;
        let (mut acts, mut lists) = (BTreeSet::new(), BTreeSet::new());
        for (count, node) in (1..).zip(mine.data("/plan/targets/nodes").as_array().unwrap()) {
            let id = node["id"].as_str().unwrap();
            let mut ids = Vec::new();
            for n in 0..count {
                ids.push(upload(&manager, id, &n.to_string()).await["id"].clone());
            }
            let input = json!({ "targetId": id, "summary": "x", "attachmentIds": ids });
            let asked = manager.ask(&operation("RequestClosure"), input).await;
            assert_eq!(asked.refusals("requestClosure"), NONE);
            acts.insert(asked.statements());
            let read = manager.query("{ requests { nodes { ... on ClosureRequest { attachments { id url } } } } }").await;
            lists.insert(read.statements());
            let list = target(&manager, id, "closureRequests { attachments { id } }").await;
            assert_eq!(list["closureRequests"][0]["attachments"].as_array().unwrap().len(), count);
        }
        let lock = u32::from(app.database.backend == tests::Backend::Postgres);
        assert_eq!(Vec::from_iter(acts), [11 + lock]);
        assert_eq!(Vec::from_iter(lists), [3]);
    }
}
