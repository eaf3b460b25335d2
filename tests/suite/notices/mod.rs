//! Supervision notices: their life, their light, who may do what, and who sees them by whichever path.

mod lists;

use chrono::TimeDelta;
use entity::{plan, target};
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, Set};
use serde_json::json;
use tests::{Actor, Answer, App, both, world::ACTORS};

use crate::parties::{Book, audited, available, global, heard, is_manager, is_office, outcome};

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
        assert_eq!((entry.object_type.as_str(), &entry.changes["status"], entry.changes["answer"][0].is_null()), ("SupervisionNotice", &json!(["OPEN", "ANSWERED"]), true));
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

}
