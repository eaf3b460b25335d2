//! Leaders' instructions: given, answered once, and seen by those whom they concern, by whichever path.

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;
use entity::{
    assignment,
    ids::{LeaderId, TargetId},
    kinds::AssignmentRole,
    role_grant, target_post, tenure,
};
use sea_orm::{
    ActiveModelTrait, ActiveValue::NotSet, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter,
    QueryOrder, Set,
};
use serde_json::{Value, json};
use tests::{Actor, Answer, App, both, world::ACTORS};

use crate::parties::{Book, audited, available, global, heard, is_manager, outcome, unit_of};

const INSTRUCTION: &str =
    "id body leader { name } issuedAt issuedBy { displayName } replyDueOn overdue target { number }
    answer { body answeredAt answeredBy { displayName } unit { name } }";

async fn give(actor: &Actor<'_>, target: &str, input: Value) -> Answer {
    let query = format!(
        "mutation($input: GiveInstructionInput!) {{ giveInstruction(input: $input) {{
            clientMutationId instruction {{ {INSTRUCTION} }} userErrors {{ code field message }} }} }}"
    );
    let mut whole = json!({ "targetId": target, "body": "请抓紧推进。" });
    if let (Some(whole), Some(input)) = (whole.as_object_mut(), input.as_object()) {
        whole.extend(input.clone());
    }
    actor.ask(&query, json!({ "input": whole })).await
}

/// The ID of an instruction, which must not be refused.
async fn given(actor: &Actor<'_>, target: &str) -> String {
    let answer = give(actor, target, json!({})).await;
    assert_eq!(outcome(&answer, "giveInstruction"), "done");
    let id = answer.data("/giveInstruction/instruction/id");
    id.as_str().unwrap().to_owned()
}

async fn answer(actor: &Actor<'_>, instruction: &str, body: &str, unit: Option<&str>) -> Answer {
    let query = format!(
        "mutation($i: ID!, $b: String!, $u: ID) {{ answerInstruction(input: {{ instructionId: $i, body: $b, unitId: $u }}) {{
            instruction {{ {INSTRUCTION} }} userErrors {{ code field message }} }} }}"
    );
    let variables = json!({ "i": instruction, "b": body, "u": unit });
    let mut variables = variables;
    if unit.is_none() {
        variables.as_object_mut().unwrap().remove("u");
    }
    actor.ask(&query, variables).await
}

/// The key in a global ID.
fn key(global: &str) -> i64 {
    use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
    let text = String::from_utf8(BASE64_URL_SAFE_NO_PAD.decode(global).unwrap()).unwrap();
    text.split_once(':').unwrap().1.parse().unwrap()
}

fn ids(list: &Value) -> BTreeSet<String> {
    let rows = list.as_array().into_iter().flatten();
    rows.filter_map(|row| row["id"].as_str().map(str::to_owned))
        .collect()
}

both! {
    async fn an_instruction_is_given_and_answered_once(app: App) {
        let book = Book::of(&app).await;
        let (leader, manager) = (app.sign_in("leader-1").await, app.sign_in("fgw-manager").await);
        let done = give(&leader, book.target(1), json!({ "body": " 务必完成。 ", "replyDueOn": "2022-06-30" })).await;
        let row = done.data("/giveInstruction/instruction").clone();
        assert_eq!(row, json!({
            "id": row["id"], "body": "务必完成。", "leader": { "name": "林先华" }, "issuedAt": "2022-06-15T04:00:00Z", "issuedBy": { "displayName": "账号 leader-1" },
            "replyDueOn": "2022-06-30", "overdue": false, "target": { "number": 1 }, "answer": null,
        }));
        let id = row["id"].as_str().unwrap();
        let answered = answer(&manager, id, " 已部署。 ", None).await;
        assert_eq!(answered.data("/answerInstruction/instruction/answer"), &json!({
            "body": "已部署。", "answeredAt": "2022-06-15T04:00:00Z", "answeredBy": { "displayName": "账号 fgw-manager" }, "unit": { "name": "市发展改革委" },
        }));
        assert_eq!(outcome(&answer(&manager, id, "again", None).await, "answerInstruction"), "WRONG_STATE instructionId");
        let second = given(&leader, book.target(1)).await;
        let detail = leader.query(&format!("{{ target(id: \"{}\") {{ light instructions {{ id replyDueOn }} }} }}", book.target(1))).await;
        assert_eq!(detail.data("/target"), &json!({ "light": "GREEN", "instructions": [{ "id": second, "replyDueOn": null }, { "id": id, "replyDueOn": "2022-06-30" }] }));
        let filtered = |filter: &'static str| {
            let leader = leader.clone();
            async move { ids(leader.query(&format!("{{ instructions(filter: {{ {filter} }}) {{ nodes {{ id }} }} }}")).await.data("/instructions/nodes")) }
        };
        assert_eq!(filtered("answered: true").await, [id.to_owned()].into());
        assert_eq!(filtered("answered: false").await, [second].into());
        for (act, count) in [("GIVE_INSTRUCTION", 2), ("ANSWER_INSTRUCTION", 1)] {
            assert_eq!(audited(&app, act).await.len(), count, "{act}");
        }
        let kinds: Vec<String> = heard(&app, &manager).await.into_iter().map(|(kind, _)| kind).collect();
        assert_eq!(kinds, ["INSTRUCTION_GIVEN", "INSTRUCTION_ANSWERED", "INSTRUCTION_GIVEN"]);
    }

    async fn who_may_do_what(app: App) {
        let book = Book::of(&app).await;
        let acted = book.numbers(|draft| draft.assignments.iter().any(|row| row.acting_unit.is_some() && row.role == AssignmentRole::Lead))[0];
        let eighth = book.numbers(|draft| draft.leaders.contains(&book.plan.leaders[7]))[0];
        for number in [1, acted, eighth] {
            for name in ACTORS {
                let actor = app.sign_in(name).await;
                let told = actor.query(&format!("{{ nodes(ids: [\"{}\"]) {{ ... on Target {{ availableActions {{ action allowed reason {{ code }} }} }} }} }}", book.target(number))).await;
                let (expected, available_as) = match (book.sees(name, number), book.answers(name, number)) {
                    (false, _) => ("NOT_FOUND targetId", None),
                    (true, false) => ("FORBIDDEN targetId", Some("FORBIDDEN")),
                    (true, true) => ("INVALID body", Some("allowed")),
                };
                let tried = give(&actor, book.target(number), json!({ "body": " " })).await;
                assert_eq!(outcome(&tried, "giveInstruction"), expected, "{name} {number}");
                if let Some(expected) = available_as {
                    assert_eq!(available(&told.data("/nodes/0")["availableActions"], "GIVE_INSTRUCTION"), expected, "{name} {number}");
                }
            }
        }
        // Who answers: managers of lead units and of those acting for them.
        for (number, leader) in [(1, "leader-1"), (acted, "leader-8"), (eighth, "leader-8")] {
            if !book.answers(leader, number) {
                continue;
            }
            let id = given(&app.sign_in(leader).await, book.target(number)).await;
            for name in ACTORS {
                let actor = app.sign_in(name).await;
                let told = actor.query(&format!("{{ nodes(ids: [\"{id}\"]) {{ ... on Instruction {{ availableActions {{ action allowed reason {{ code }} }} }} }} }}")).await;
                let leads = is_manager(name) && book.leads(number).iter().any(|unit| book.works_for(name, number, unit));
                let (expected, available_as) = match (book.sees_instruction(name, number), leads) {
                    (false, _) => ("NOT_FOUND instructionId", None),
                    (true, false) => ("FORBIDDEN instructionId", Some("FORBIDDEN")),
                    (true, true) => ("INVALID body", Some("allowed")),
                };
                let tried = answer(&actor, &id, " ", None).await;
                assert_eq!(outcome(&tried, "answerInstruction"), expected, "{name} {number}");
                assert_eq!(told.data("/nodes/0").is_null(), available_as.is_none(), "{name} {number}");
                if let Some(expected) = available_as {
                    assert_eq!(available(&told.data("/nodes/0")["availableActions"], "ANSWER_INSTRUCTION"), expected, "{name} {number}");
                }
            }
        }
    }

    async fn what_makes_no_sense_is_refused(app: App) {
        let book = Book::of(&app).await;
        let leader = app.sign_in("leader-1").await;
        let long = "长".repeat(4001);
        let (own, other) = (book.leader("林先华"), book.leader(&book.plan.leaders[1]));
        for (input, expected) in [
            (json!({ "targetId": global("Target", 999_999) }), "NOT_FOUND targetId"),
            (json!({ "targetId": "nonsense" }), "NOT_FOUND targetId"),
            (json!({ "body": "\u{3000}" }), "INVALID body"),
            (json!({ "body": long }), "TOO_LARGE body"),
            (json!({ "replyDueOn": "2022-06-14" }), "INVALID replyDueOn"),
            (json!({ "replyDueOn": "2024-01-01" }), "INVALID replyDueOn"),
            (json!({ "leaderId": "nonsense" }), "FORBIDDEN leaderId"),
            (json!({ "leaderId": other }), "FORBIDDEN leaderId"),
            (json!({ "leaderId": own, "replyDueOn": "2022-06-15" }), "done"),
        ] {
            let outcome = outcome(&give(&leader, book.target(1), input.clone()).await, "giveInstruction");
            assert_eq!(outcome, expected, "{input}");
        }
        let id = given(&leader, book.target(1)).await;
        let manager = app.sign_in("fgw-manager").await;
        for (instruction, body, unit, expected) in [
            ("nonsense", "x", None, "NOT_FOUND instructionId"),
            (book.target(1), "x", None, "NOT_FOUND instructionId"),
            (&id, &*long, None, "TOO_LARGE body"),
            (&id, "x", Some(book.unit("临海市政府")), "FORBIDDEN unitId"),
            (&id, "x", Some("nonsense"), "FORBIDDEN unitId"),
            (&id, "x", Some(book.unit("市发展改革委")), "done"),
        ] {
            let tried = answer(&manager, instruction, body, unit).await;
            assert_eq!(outcome(&tried, "answerInstruction"), expected);
        }
        // Who works for two of the lead units says for which one.
        let db = app.database.connect().await;
        let id = given(&leader, book.target(1)).await;
        let rows = assignment::Entity::find().filter(assignment::Column::TargetId.eq(TargetId(key(book.target(1))))).order_by_asc(assignment::Column::Id).all(&db).await.unwrap();
        let mut acted = rows[1].clone().into_active_model();
        acted.role = Set(AssignmentRole::Lead);
        acted.acting_unit_id = Set(Some(rows[0].unit_id));
        acted.update(&db).await.unwrap();
        assert_eq!(outcome(&answer(&manager, &id, "x", None).await, "answerInstruction"), "INVALID unitId");
        let second = global("Unit", rows[1].unit_id.0);
        assert_eq!(outcome(&answer(&manager, &id, "x", Some(&second)).await, "answerInstruction"), "done");
        // And who writes for two of its leaders, for whom.
        let eighth = LeaderId(key(book.leader(&book.plan.leaders[7])));
        let post = tenure::Entity::find().filter(tenure::Column::LeaderId.eq(eighth)).one(&db).await.unwrap().unwrap().post_id;
        target_post::ActiveModel { target_id: Set(rows[0].target_id), post_id: Set(post), ordinal: Set(9) }.insert(&db).await.unwrap();
        let mut grant = role_grant::Entity::find().filter(role_grant::Column::LeaderId.eq(LeaderId(key(own)))).one(&db).await.unwrap().unwrap().into_active_model().reset_all();
        grant.id = NotSet;
        grant.leader_id = Set(Some(eighth));
        grant.insert(&db).await.unwrap();
        assert_eq!(outcome(&give(&leader, book.target(1), json!({})).await, "giveInstruction"), "INVALID leaderId");
        let done = give(&leader, book.target(1), json!({ "leaderId": book.leader(&book.plan.leaders[7]) })).await;
        assert_eq!(done.data("/giveInstruction/instruction/leader/name"), book.plan.leaders[7].as_str());
    }

    async fn a_successor_in_the_post_takes_over(app: App) {
        let book = Book::of(&app).await;
        let leader = app.sign_in("leader-1").await;
        let id = given(&leader, book.target(1)).await;
        let db = app.database.connect().await;
        let person = LeaderId(key(book.leader("林先华")));
        let held = tenure::Entity::find().filter(tenure::Column::LeaderId.eq(person)).one(&db).await.unwrap().unwrap();
        let mut ended = held.clone().into_active_model();
        ended.ends_on = Set(Some("2022-06-15".parse().unwrap()));
        ended.update(&db).await.unwrap();
        let successor = LeaderId(key(book.leader(&book.plan.leaders[7])));
        tenure::ActiveModel { id: NotSet, post_id: Set(held.post_id), leader_id: Set(successor), starts_on: Set(Some("2022-06-15".parse().unwrap())), ends_on: Set(None) }
            .insert(&db).await.unwrap();
        let see = format!("{{ nodes(ids: [\"{id}\"]) {{ ... on Instruction {{ leader {{ name }} }} }} }}");
        assert!(leader.query(&see).await.data("/nodes/0").is_null());
        assert_eq!(outcome(&give(&leader, book.target(1), json!({})).await, "giveInstruction"), "NOT_FOUND targetId");
        // History stays with the person, responsibility with the post.
        let next = app.sign_in("leader-8").await;
        assert_eq!(next.query(&see).await.data("/nodes/0/leader/name"), "林先华");
        assert_eq!(outcome(&give(&next, book.target(1), json!({})).await, "giveInstruction"), "done");
    }

    async fn of_two_at_the_same_moment_one_wins(app: App) {
        let book = Book::of(&app).await;
        let (leader, manager) = (app.sign_in("leader-1").await, app.sign_in("fgw-manager").await);
        let input = || json!({ "clientMutationId": "i-1" });
        let target = book.target(1);
        let (a, b, c) = tokio::join!(give(&leader, target, input()), give(&leader, target, input()), give(&leader, target, input()));
        assert_eq!(a.data("/giveInstruction"), b.data("/giveInstruction"));
        assert_eq!(a.data("/giveInstruction"), c.data("/giveInstruction"));
        assert_eq!(audited(&app, "GIVE_INSTRUCTION").await.len(), 1);
        let other = give(&leader, target, json!({ "clientMutationId": "i-1", "body": "x" })).await;
        assert_eq!(outcome(&other, "giveInstruction"), "CONFLICT clientMutationId");
        let id = a.data("/giveInstruction/instruction/id").as_str().unwrap();
        let (a, b, c) = tokio::join!(answer(&manager, id, "x", None), answer(&manager, id, "x", None), answer(&manager, id, "x", None));
        let mut outcomes = [&a, &b, &c].map(|answer| outcome(answer, "answerInstruction"));
        outcomes.sort();
        assert_eq!(outcomes, ["WRONG_STATE instructionId", "WRONG_STATE instructionId", "done"]);
        assert_eq!(audited(&app, "ANSWER_INSTRUCTION").await.len(), 1);
    }

    async fn who_sees_which_instruction_by_whichever_path(app: App) {
        let book = Book::of(&app).await;
        // Of both leaders, on targets of every sort of part.
        let mut given_on: BTreeMap<String, (u32, &str)> = BTreeMap::new();
        for leader in ["leader-1", "leader-8"] {
            let actor = app.sign_in(leader).await;
            let of_leader = book.numbers(|draft| book.answers(leader, draft.number));
            let interesting = |number: &u32| ["yjj-manager", "renfang-reporter"].iter().any(|name| book.sees(name, *number));
            let mut numbers: BTreeSet<u32> = of_leader.iter().copied().take(8).collect();
            numbers.extend(of_leader.iter().copied().filter(interesting));
            for number in numbers {
                given_on.insert(given(&actor, book.target(number)).await, (number, book.leader_of(leader).unwrap()));
            }
        }
        let all: Vec<&String> = given_on.keys().collect();
        let mut hidden_from_supporters = 0;
        for name in ACTORS {
            let actor = app.sign_in(name).await;
            let such = |rule: &dyn Fn(&(u32, &str)) -> bool| -> BTreeSet<String> {
                given_on.iter().filter(|(_, of)| book.sees_instruction(name, of.0) && rule(of)).map(|(id, _)| id.clone()).collect()
            };
            let expected = such(&|_| true);
            if unit_of(name).is_some() {
                hidden_from_supporters += given_on.values().filter(|(number, _)| book.sees(name, *number) && !book.sees_instruction(name, *number)).count();
            }
            let mut walked = Vec::new();
            let mut cursor = Value::Null;
            loop {
                let page = actor.ask("query($c: String) { instructions(first: 3, after: $c) { totalCount nodes { id } pageInfo { hasNextPage endCursor } } }", json!({ "c": cursor })).await;
                assert_eq!(page.data("/instructions/totalCount"), expected.len(), "{name}");
                walked.extend(page.data("/instructions/nodes").as_array().unwrap().iter().map(|node| node["id"].as_str().unwrap().to_owned()));
                if page.data("/instructions/pageInfo/hasNextPage") != true { break; }
                cursor = page.data("/instructions/pageInfo/endCursor").clone();
            }
            assert_eq!(walked.iter().cloned().collect::<BTreeSet<_>>(), expected, "{name}");
            assert_eq!(walked.len(), expected.len(), "{name}: repeated");
            let found = actor.ask("query($ids: [ID!]!) { nodes(ids: $ids) { id } }", json!({ "ids": all })).await;
            assert_eq!(ids(found.data("/nodes")), expected, "{name}: nodes");
            for id in &all {
                let answer = actor.query(&format!("{{ node(id: \"{id}\") {{ id }} }}")).await;
                let codes = if expected.contains(*id) { vec![] } else { vec!["NOT_FOUND"] };
                assert_eq!(answer.codes(), codes, "{name}: node");
            }
            for number in given_on.values().map(|(number, _)| *number).collect::<BTreeSet<_>>() {
                let of_target = such(&|of| of.0 == number);
                let target = book.target(number);
                let answer = actor.query(&format!("{{ nodes(ids: [\"{target}\"]) {{ ... on Target {{ instructions {{ id }} }} }} instructions(filter: {{ targetId: \"{target}\" }}) {{ totalCount nodes {{ id }} }} }}")).await;
                assert_eq!(ids(&answer.data("/nodes/0")["instructions"]), of_target, "{name}: target {number}");
                assert_eq!(ids(answer.data("/instructions/nodes")), of_target, "{name}: filter by target {number}");
                assert_eq!(answer.data("/instructions/totalCount"), of_target.len(), "{name}");
            }
            for leader in [&book.plan.leaders[0], &book.plan.leaders[7]] {
                let answer = actor.query(&format!("{{ instructions(first: 100, filter: {{ leaderId: \"{}\", planYear: 2022, answered: false, overdue: false }}) {{ nodes {{ id }} }} }}", book.leader(leader))).await;
                assert_eq!(ids(answer.data("/instructions/nodes")), such(&|of| of.1 == leader), "{name}: {leader}");
            }
            for filter in ["planYear: 2023", "answered: true", "overdue: true"] {
                let answer = actor.query(&format!("{{ instructions(filter: {{ {filter} }}) {{ totalCount nodes {{ id }} }} }}")).await;
                assert_eq!(answer.data("/instructions"), &json!({ "totalCount": 0, "nodes": [] }), "{name}: {filter}");
            }
            let heard: BTreeSet<String> = heard(&app, &actor).await.into_iter().filter(|(kind, _)| kind == "INSTRUCTION_GIVEN").map(|(_, about)| about).collect();
            assert_eq!(heard, expected, "{name}: events");
        }
        assert!(hidden_from_supporters > 3, "{hidden_from_supporters}");
        assert_eq!(app.anonymous().query("{ instructions { totalCount } }").await.codes(), ["UNAUTHENTICATED"]);
    }

    async fn an_answer_becomes_overdue(app: App) {
        let book = Book::of(&app).await;
        let leader = app.sign_in("leader-1").await;
        let due = give(&leader, book.target(1), json!({ "replyDueOn": "2022-06-16" })).await;
        let due = due.data("/giveInstruction/instruction/id").as_str().unwrap().to_owned();
        let open = given(&leader, book.target(1)).await;
        for (hours, late) in [(35, false), (1, true)] {
            app.clock.advance(TimeDelta::hours(hours));
            let leader = app.sign_in("leader-1").await;
            let found = leader.query(&format!("{{ node(id: \"{due}\") {{ ... on Instruction {{ overdue }} }} late: instructions(filter: {{ overdue: true }}) {{ nodes {{ id }} }} intime: instructions(filter: {{ overdue: false }}) {{ nodes {{ id }} }} }}")).await;
            assert_eq!(found.data("/node/overdue"), late);
            let (overdue, in_time): (BTreeSet<String>, BTreeSet<String>) = if late { ([due.clone()].into(), [open.clone()].into()) } else { ([].into(), [due.clone(), open.clone()].into()) };
            assert_eq!((ids(found.data("/late/nodes")), ids(found.data("/intime/nodes"))), (overdue, in_time));
        }
    }

    async fn a_list_costs_the_same_whatever_its_size(app: App) {
        let book = Book::of(&app).await;
        let leader = app.sign_in("leader-1").await;
        for number in book.numbers(|draft| book.answers("leader-1", draft.number)).into_iter().take(5) {
            given(&leader, book.target(number)).await;
        }
        let list = format!("query($n: Int) {{ instructions(first: $n) {{ totalCount nodes {{ {INSTRUCTION} availableActions {{ action allowed }} }} }} }}");
        let mut costs = Vec::new();
        for n in [1, 5, 100] {
            let answer = leader.ask(&list, json!({ "n": n })).await;
            assert_eq!(answer.data("/instructions/nodes").as_array().unwrap().len(), n.min(5));
            costs.push(answer.statements());
        }
        assert_eq!(costs, [8, 8, 8]);
    }
}
