//! Supervision notices: their life, their light, who may do what, and who sees them by whichever path.

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;
use entity::{
    ids::{SupervisionNoticeId, TargetId, UnitId},
    kinds::{NoticeColour, NoticeRung, NoticeStatus},
    plan, supervision_notice, target,
};
use sea_orm::{
    ActiveModelTrait, ActiveValue::NotSet, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter,
    Set,
};
use serde_json::{Value, json};
use tests::{Actor, Answer, App, Backend, both, world::ACTORS};

use crate::parties::{
    Book, audited, available, global, heard, is_manager, is_office, outcome, unit_of,
};

const LEAD: &str = "市发展改革委";
const OTHER: &str = "临海市政府";

const NOTICE: &str = "id colour body replyDueOn status overdue issuedAt issuedBy { displayName } rung unit { name } target { number }
    answer { body answeredAt answeredBy { displayName } } withdrawal { reason withdrawnAt withdrawnBy { displayName } }";

/// What is asked of a mutation in these tests.
struct Issue<'a> {
    target: &'a str,
    unit: &'a str,
    colour: &'a str,
    body: &'a str,
    due: &'a str,
    id: Option<&'a str>,
}

impl<'a> Issue<'a> {
    fn about(book: &'a Book, number: u32, unit: &str, colour: &'a str) -> Self {
        Self {
            target: book.target(number),
            unit: book.unit(unit),
            colour,
            body: "请说明进度滞后的原因。",
            due: "2022-06-20",
            id: None,
        }
    }

    async fn by(&self, actor: &Actor<'_>) -> Answer {
        let query = format!(
            "mutation($t: ID!, $u: ID!, $c: NoticeColour!, $b: String!, $d: Date!, $id: String) {{
                issueNotice(input: {{ targetId: $t, unitId: $u, colour: $c, body: $b, replyDueOn: $d, clientMutationId: $id }}) {{
                    clientMutationId notice {{ {NOTICE} }} userErrors {{ code field message }} }} }}"
        );
        let variables = json!({ "t": self.target, "u": self.unit, "c": self.colour, "b": self.body, "d": self.due, "id": self.id });
        actor.ask(&query, variables).await
    }

    /// The ID of the notice, which must not be refused.
    async fn done(&self, actor: &Actor<'_>) -> String {
        let answer = self.by(actor).await;
        assert_eq!(answer.refusals("issueNotice"), Vec::<String>::new());
        let id = answer.data("/issueNotice/notice/id");
        id.as_str().unwrap().to_owned()
    }
}

async fn answer(actor: &Actor<'_>, notice: &str, body: &str) -> Answer {
    let query = format!(
        "mutation($n: ID!, $b: String!) {{ answerNotice(input: {{ noticeId: $n, body: $b }}) {{
            notice {{ {NOTICE} }} userErrors {{ code field message }} }} }}"
    );
    actor.ask(&query, json!({ "n": notice, "b": body })).await
}

async fn withdraw(actor: &Actor<'_>, notice: &str, reason: &str) -> Answer {
    let query = format!(
        "mutation($n: ID!, $r: String!) {{ withdrawNotice(input: {{ noticeId: $n, reason: $r }}) {{
            notice {{ {NOTICE} }} userErrors {{ code field message }} }} }}"
    );
    actor.ask(&query, json!({ "n": notice, "r": reason })).await
}

async fn light(actor: &Actor<'_>, number: u32) -> (String, Vec<String>) {
    let query = format!(
        "{{ target(by: {{ number: {{ year: 2022, number: {number} }} }}) {{ light lightReasons {{ code }} }} }}"
    );
    let answer = actor.query(&query).await;
    let reasons = answer.data("/target/lightReasons").as_array().unwrap();
    (
        answer.data("/target/light").as_str().unwrap().to_owned(),
        reasons
            .iter()
            .map(|reason| reason["code"].as_str().unwrap().to_owned())
            .collect(),
    )
}

/// What stands under an alias, sorted.
fn ids(list: &Value) -> BTreeSet<String> {
    let rows = list.as_array().into_iter().flatten();
    rows.filter_map(|row| row["id"].as_str().map(str::to_owned))
        .collect()
}

both! {
    async fn a_red_notice_lives_and_the_light_with_it(app: App) {
        let book = Book::of(&app).await;
        let (office, manager) = (app.sign_in("office-2022").await, app.sign_in("fgw-manager").await);
        assert_eq!(light(&manager, 1).await, ("GREEN".to_owned(), vec!["NOTHING_DUE".to_owned()]));
        let blue = Issue::about(&book, 1, LEAD, "BLUE").done(&office).await;
        let yellow = Issue::about(&book, 1, LEAD, "YELLOW").done(&office).await;
        assert_eq!(light(&manager, 1).await.0, "GREEN");

        let issued = Issue { body: "  逾期，请说明。 ", ..Issue::about(&book, 1, LEAD, "RED") }.by(&office).await;
        assert_eq!(issued.refusals("issueNotice"), Vec::<String>::new());
        let red = issued.data("/issueNotice/notice").clone();
        assert_eq!(red, json!({
            "id": red["id"], "colour": "RED", "body": "逾期，请说明。", "replyDueOn": "2022-06-20", "status": "OPEN", "overdue": false,
            "issuedAt": "2022-06-15T04:00:00Z", "issuedBy": { "displayName": "账号 office-2022" }, "rung": null,
            "unit": { "name": LEAD }, "target": { "number": 1 }, "answer": null, "withdrawal": null,
        }));
        let red = red["id"].as_str().unwrap();
        assert_eq!(light(&manager, 1).await, ("RED".to_owned(), vec!["RED_NOTICE".to_owned()]));
        let listed = manager.query("{ plan(year: 2022) { targets(filter: { light: RED }) { nodes { number notices { id } } } } }").await;
        let notices = listed.data("/plan/targets/nodes");
        assert_eq!(notices, &json!([{ "number": 1, "notices": [{ "id": red }, { "id": yellow }, { "id": blue }] }]));

        app.clock.advance(TimeDelta::minutes(5));
        let answered = answer(&manager, red, " 已加派人手。 ").await;
        assert_eq!(answered.refusals("answerNotice"), Vec::<String>::new());
        let notice = answered.data("/answerNotice/notice");
        assert_eq!((&notice["status"], &notice["overdue"]), (&json!("ANSWERED"), &json!(false)));
        assert_eq!(notice["answer"], json!({ "body": "已加派人手。", "answeredAt": "2022-06-15T04:05:00Z", "answeredBy": { "displayName": "账号 fgw-manager" } }));
        assert_eq!(light(&manager, 1).await.0, "GREEN");
        let first = outcome(&answer(&manager, red, "again").await, "answerNotice");
        let then = outcome(&withdraw(&office, red, "x").await, "withdrawNotice");
        assert_eq!([first, then], ["WRONG_STATE noticeId", "WRONG_STATE noticeId"]);

        // Another red one, which the office takes back.
        let red = Issue::about(&book, 1, OTHER, "RED").done(&office).await;
        assert_eq!(light(&manager, 1).await.0, "RED");
        let withdrawn = withdraw(&office, &red, "误发").await;
        let notice = withdrawn.data("/withdrawNotice/notice");
        assert_eq!(notice["status"], "WITHDRAWN");
        assert_eq!(notice["withdrawal"], json!({ "reason": "误发", "withdrawnAt": "2022-06-15T04:05:00Z", "withdrawnBy": { "displayName": "账号 office-2022" } }));
        assert_eq!(light(&manager, 1).await.0, "GREEN");
        let linhai = app.sign_in("linhai-manager").await;
        assert_eq!(outcome(&answer(&linhai, &red, "x").await, "answerNotice"), "WRONG_STATE noticeId");

        // Each act left its entry, each change of the light its event.
        for (act, count) in [("ISSUE_NOTICE", 4), ("ANSWER_NOTICE", 1), ("WITHDRAW_NOTICE", 1)] {
            assert_eq!(audited(&app, act).await.len(), count, "{act}");
        }
        let entry = audited(&app, "ANSWER_NOTICE").await.remove(0);
        assert_eq!((entry.object_type.as_str(), entry.changes), ("SupervisionNotice", json!({ "status": ["OPEN", "ANSWERED"] })));
        let events: Vec<String> = heard(&app, &office).await.into_iter().map(|(kind, _)| kind).collect();
        assert_eq!(events, [
            "NOTICE_ISSUED", "NOTICE_ISSUED",
            "NOTICE_ISSUED", "TARGET_STANDING_CHANGED", "NOTICE_ANSWERED", "TARGET_STANDING_CHANGED",
            "NOTICE_ISSUED", "TARGET_STANDING_CHANGED", "NOTICE_WITHDRAWN", "TARGET_STANDING_CHANGED",
        ]);
    }

    async fn who_may_do_what(app: App) {
        let book = Book::of(&app).await;
        let office = app.sign_in("office").await;
        // 市安委办 leads this one, and 市应急管理局 acts for it; the other is 市发展改革委's.
        let acted = book.numbers(|draft| draft.assignments.iter().any(|row| row.acting_unit.is_some()))[0];
        let commission = &book.draft(acted).assignments.iter().find(|row| row.acting_unit.is_some()).unwrap().unit;
        for (number, unit) in [(1, LEAD), (1, OTHER), (acted, commission.as_str())] {
            let notice = Issue::about(&book, number, unit, "YELLOW").done(&office).await;
            for name in ACTORS {
                let actor = app.sign_in(name).await;
                let sees = book.sees_notice(name, number, unit);
                let told = actor.query(&format!("{{ nodes(ids: [\"{notice}\"]) {{ ... on SupervisionNotice {{ availableActions {{ action allowed reason {{ code }} }} }} }} }}")).await;
                assert_eq!(!told.data("/nodes/0").is_null(), sees, "{name} {number} {unit}");
                // Answering an empty text passes every guard, and changes nothing.
                let manages = is_manager(name) && book.works_for(name, number, unit);
                for (act, mutation, allowed, tried) in [
                    ("ANSWER_NOTICE", "answerNotice", manages, answer(&actor, &notice, " ").await),
                    ("WITHDRAW_NOTICE", "withdrawNotice", is_office(name), withdraw(&actor, &notice, " ").await),
                ] {
                    let (expected, available_as) = match (sees, allowed) {
                        (false, _) => ("NOT_FOUND noticeId", None),
                        (true, false) => ("FORBIDDEN noticeId", Some("FORBIDDEN")),
                        (true, true) if act == "ANSWER_NOTICE" => ("INVALID body", Some("allowed")),
                        (true, true) => ("INVALID reason", Some("allowed")),
                    };
                    assert_eq!(outcome(&tried, mutation), expected, "{name} {number} {unit} {act}");
                    if let Some(expected) = available_as {
                        assert_eq!(available(&told.data("/nodes/0")["availableActions"], act), expected, "{name} {number} {unit}");
                    }
                }
                let issued = Issue { body: " ", ..Issue::about(&book, number, unit, "BLUE") }.by(&actor).await;
                let expected = match (is_office(name), book.sees(name, number)) {
                    (true, _) => "INVALID body",
                    (false, true) => "FORBIDDEN targetId",
                    (false, false) => "NOT_FOUND targetId",
                };
                assert_eq!(outcome(&issued, "issueNotice"), expected, "{name} {number}");
                let on_target = actor.query(&format!("{{ nodes(ids: [\"{}\"]) {{ ... on Target {{ availableActions {{ action allowed reason {{ code }} }} }} }} }}", book.target(number))).await;
                if book.sees(name, number) {
                    let expected = if is_office(name) { "allowed" } else { "FORBIDDEN" };
                    assert_eq!(available(&on_target.data("/nodes/0")["availableActions"], "ISSUE_NOTICE"), expected, "{name} {number}");
                }
            }
        }
        // The manager of the unit that acts for another answers in its stead.
        let notice = Issue::about(&book, acted, commission, "RED").done(&office).await;
        let done = answer(&app.sign_in("yjj-manager").await, &notice, "已整改。").await;
        assert_eq!(done.data("/answerNotice/notice/status"), "ANSWERED");
        assert_eq!(done.data("/answerNotice/notice/unit/name"), commission.as_str());
        // A notice to the acting unit itself is its own.
        let notice = Issue::about(&book, acted, "市应急管理局", "BLUE").done(&office).await;
        let done = answer(&app.sign_in("yjj-manager").await, &notice, "知悉。").await;
        assert_eq!(done.data("/answerNotice/notice/status"), "ANSWERED");
    }

    async fn what_makes_no_sense_is_refused(app: App) {
        let book = Book::of(&app).await;
        let office = app.sign_in("office").await;
        let good = || Issue::about(&book, 1, LEAD, "RED");
        let long = "长".repeat(4001);
        let never = global("Target", 999_999);
        for (issue, expected) in [
            (Issue { target: &never, ..good() }, "NOT_FOUND targetId"),
            (Issue { target: "nonsense", ..good() }, "NOT_FOUND targetId"),
            (Issue { unit: "nonsense", ..good() }, "INVALID unitId"),
            (Issue { unit: book.unit("市应急管理局"), ..good() }, "INVALID unitId"),
            (Issue { body: "\u{3000}\n", ..good() }, "INVALID body"),
            (Issue { body: &long, ..good() }, "TOO_LARGE body"),
            (Issue { due: "2022-06-14", ..good() }, "INVALID replyDueOn"),
            (Issue { due: "2023-06-17", ..good() }, "INVALID replyDueOn"),
            (Issue { due: "+12022-06-15", ..good() }, "INVALID replyDueOn"),
        ] {
            assert_eq!(outcome(&issue.by(&office).await, "issueNotice"), expected);
        }
        assert_eq!(light(&office, 1).await.0, "GREEN");
        assert!(audited(&app, "ISSUE_NOTICE").await.is_empty());
        let today = Issue { due: "2022-06-15", ..good() }.done(&office).await;
        let manager = app.sign_in("fgw-manager").await;
        assert_eq!(outcome(&answer(&manager, &today, &long).await, "answerNotice"), "TOO_LARGE body");
        assert_eq!(outcome(&withdraw(&office, &today, &"长".repeat(2001)).await, "withdrawNotice"), "TOO_LARGE reason");
        assert_eq!(outcome(&answer(&manager, "nonsense", "x").await, "answerNotice"), "NOT_FOUND noticeId");
        assert_eq!(outcome(&answer(&manager, book.target(1), "x").await, "answerNotice"), "NOT_FOUND noticeId");

        // A draft's targets have no notices, and neither has a closed one; what is open on it is still answered.
        let db = app.database.connect().await;
        let draft = plan::Entity::find().filter(plan::Column::Year.eq(2023)).one(&db).await.unwrap().unwrap();
        let row = target::Entity::find().filter(target::Column::PlanId.eq(draft.id)).one(&db).await.unwrap().unwrap();
        let drafted = global("Target", row.id.0);
        assert_eq!(outcome(&Issue { target: &drafted, ..good() }.by(&office).await, "issueNotice"), "WRONG_STATE targetId");
        let one = target::Entity::find().filter(target::Column::Number.eq(1)).filter(target::Column::PlanId.ne(draft.id)).one(&db).await.unwrap().unwrap();
        let mut closed = one.into_active_model();
        closed.closed_at = Set(Some("2022-06-15T04:00:00Z".parse().unwrap()));
        closed.update(&db).await.unwrap();
        assert_eq!(outcome(&good().by(&office).await, "issueNotice"), "WRONG_STATE targetId");
        assert_eq!(outcome(&answer(&manager, &today, "x").await, "answerNotice"), "done");
    }

    async fn a_notice_that_comes_again_is_issued_once(app: App) {
        let book = Book::of(&app).await;
        let office = app.sign_in("office").await;
        let issue = Issue { id: Some("n-1"), ..Issue::about(&book, 1, LEAD, "RED") };
        let (a, b, c) = tokio::join!(issue.by(&office), issue.by(&office), issue.by(&office));
        assert_eq!(a.data("/issueNotice"), b.data("/issueNotice"));
        assert_eq!(a.data("/issueNotice"), c.data("/issueNotice"));
        assert_eq!(a.data("/issueNotice/clientMutationId"), "n-1");
        assert_eq!(audited(&app, "ISSUE_NOTICE").await.len(), 1);
        let other = Issue { id: Some("n-1"), ..Issue::about(&book, 1, LEAD, "BLUE") }.by(&office).await;
        assert_eq!(outcome(&other, "issueNotice"), "CONFLICT clientMutationId");
        // An answer that comes again is the first one's success.
        let manager = app.sign_in("fgw-manager").await;
        let query = "mutation($n: ID!) { answerNotice(input: { noticeId: $n, body: \"x\", clientMutationId: \"a-1\" }) { notice { status } userErrors { code field } } }";
        let variables = json!({ "n": a.data("/issueNotice/notice/id") });
        for _ in 0..2 {
            let done = manager.ask(query, variables.clone()).await;
            assert_eq!(done.data("/answerNotice"), &json!({ "notice": { "status": "ANSWERED" }, "userErrors": [] }));
        }
        assert_eq!(audited(&app, "ANSWER_NOTICE").await.len(), 1);
        // What comes again shows what is now.
        assert_eq!(issue.by(&office).await.data("/issueNotice/notice/status"), "ANSWERED");
    }

    async fn of_two_at_the_same_moment_one_wins(app: App) {
        let book = Book::of(&app).await;
        let (office, manager) = (app.sign_in("office").await, app.sign_in("fgw-manager").await);
        for _ in 0..5 {
            let red = Issue::about(&book, 1, LEAD, "RED").done(&office).await;
            let (a, b, c, d) = tokio::join!(answer(&manager, &red, "x"), withdraw(&office, &red, "x"), answer(&manager, &red, "x"), withdraw(&office, &red, "x"));
            let mut outcomes = [outcome(&a, "answerNotice"), outcome(&b, "withdrawNotice"), outcome(&c, "answerNotice"), outcome(&d, "withdrawNotice")];
            outcomes.sort();
            assert_eq!(outcomes, ["WRONG_STATE noticeId", "WRONG_STATE noticeId", "WRONG_STATE noticeId", "done"]);
            assert_eq!(light(&office, 1).await.0, "GREEN");
        }
        assert_eq!(audited(&app, "ANSWER_NOTICE").await.len() + audited(&app, "WITHDRAW_NOTICE").await.len(), 5);
    }

    async fn the_light_is_right_whatever_happens_at_once(app: App) {
        let book = Book::of(&app).await;
        let (office, manager) = (app.sign_in("office").await, app.sign_in("fgw-manager").await);
        let issue = Issue::about(&book, 1, LEAD, "RED");
        let mut open = issue.done(&office).await;
        for _ in 0..8 {
            // One is answered while another is issued: one is open after that.
            let (answered, issued) = tokio::join!(answer(&manager, &open, "x"), issue.by(&office));
            assert_eq!(outcome(&answered, "answerNotice"), "done");
            assert_eq!(light(&office, 1).await.0, "RED");
            issued.data("/issueNotice/notice/id").as_str().unwrap().clone_into(&mut open);
        }
        let other = issue.done(&office).await;
        let (a, b) = tokio::join!(answer(&manager, &open, "x"), withdraw(&office, &other, "x"));
        assert_eq!([outcome(&a, "answerNotice"), outcome(&b, "withdrawNotice")], ["done", "done"]);
        assert_eq!(light(&office, 1).await.0, "GREEN");
    }

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
        assert_eq!(costs[0], (8, 11));
        let manager = app.sign_in("fgw-manager").await;
        let id = Issue::about(&book, 1, LEAD, "RED").by(&office).await;
        let notice = id.data("/issueNotice/notice/id").as_str().unwrap();
        let answered = answer(&manager, notice, "x").await;
        // Events are numbered under a lock on PostgreSQL.
        let most = if app.database.backend == Backend::Postgres { 22 } else { 21 };
        assert_eq!([id.statements(), answered.statements()], [most, most]);
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
