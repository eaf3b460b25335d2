//! The daily sweep (每日巡查): which notices it issues, that each is issued once, whoever sweeps and however often, and that a
//! notice of nobody is a notice like any other.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use chrono::NaiveDate;
use domain::{Clock, Entropy};
use entity::{
    audit_entry, event,
    kinds::{EventType, PlanStatus},
    plan, supervision_notice, sweep_run, target,
};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter, Set,
};
use serde_json::{Value, json};
use store::{Opening, Store, Sweep, Sweeping};
use tests::{
    App, both,
    desk::{act, create_periods, report, save, set_clock},
    machine::TestEntropy,
    world::{self, ACTORS},
};

use crate::parties::{Book, audited, available, heard, is_office, outcome};

const UNIT: &str = "市发展改革委";

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

async fn sweep(app: &App, on: &str, how: Sweep) -> Sweeping {
    let system = app.parts.store().system();
    let swept = system.sweep(day(on), how).await;
    swept.unwrap_or_else(|error| panic!("{error:?}"))
}

/// Another server over the same database.
async fn another(app: &App) -> Store {
    Store::open(Opening {
        pool: app.database.pool(),
        clock: Arc::clone(&app.clock) as Arc<dyn Clock>,
        entropy: Arc::new(TestEntropy::seeded(7)) as Arc<dyn Entropy>,
        rules: world::rules(),
        hashings_at_once: 1,
        calendar: api::config::shipped_calendar(),
        audit: store::AuditRules::default(),
        secrets: tests::world::secrets(),
    })
    .await
    .unwrap()
}

/// How many notices a sweep issued, by what they are.
fn sorts(swept: &Sweeping) -> BTreeMap<String, usize> {
    let mut sorts = BTreeMap::new();
    for notice in &swept.notices {
        let period = notice.period.as_deref().unwrap_or("-");
        let sort = format!(
            "{} {} {period}",
            notice.colour.as_str(),
            notice.rung.as_str()
        );
        *sorts.entry(sort).or_default() += 1;
    }
    sorts
}

fn counts<const N: usize>(expected: [(&str, usize); N]) -> BTreeMap<String, usize> {
    expected
        .into_iter()
        .map(|(sort, count)| (sort.to_owned(), count))
        .collect()
}

/// The pairs of a target and a unit that leads it.
fn led(book: &Book) -> Vec<(u32, String)> {
    let leads = |number: u32| {
        book.leads(number)
            .into_iter()
            .map(move |unit| (number, unit.to_owned()))
    };
    book.numbers(|_| true).into_iter().flat_map(leads).collect()
}

/// A report of the unit for a month, accepted where a percentage is given, else submitted.
async fn hand_in(app: &App, book: &Book, period: &str, number: u32, percent: Option<i32>) {
    let (manager, office) = (
        app.sign_in("fgw-manager").await,
        app.sign_in("office").await,
    );
    let input = json!({ "targetId": book.target(number), "periodId": period, "progress": "x", "percentComplete": percent });
    let saved = save(&manager, input).await;
    let submitted = report(&saved, "saveProgressReport")
        .step(&manager, "submitProgressReport")
        .await;
    if percent.is_some() {
        submitted.reviewed(&office, "ACCEPT").await;
    }
}

/// Everything that a sweep writes.
async fn written(app: &App) -> Value {
    let db = app.database.connect().await;
    let targets = target::Entity::find().all(&db).await.unwrap();
    let versions: i32 = targets.iter().map(|row| row.version).sum();
    json!({
        "notices": supervision_notice::Entity::find().count(&db).await.unwrap(),
        "runs": sweep_run::Entity::find().count(&db).await.unwrap(),
        "events": event::Entity::find().count(&db).await.unwrap(),
        "entries": audit_entry::Entity::find().count(&db).await.unwrap(),
        "versions": versions,
    })
}

/// That no rung of a unit, a target and a period was taken twice: how many there are.
async fn taken_once(app: &App) -> usize {
    let db = app.database.connect().await;
    let rows = supervision_notice::Entity::find().all(&db).await.unwrap();
    let rungs: BTreeSet<String> = rows
        .iter()
        .map(|row| {
            format!(
                "{:?} {:?} {:?} {:?} {:?}",
                row.target_id, row.unit_id, row.period_id, row.due_on, row.rung
            )
        })
        .collect();
    assert_eq!(rungs.len(), rows.len());
    rows.len()
}

both! {
    async fn reports_are_reminded_of_and_asked_for_once(app: App) {
        let (office, book) = (app.sign_in("office").await, Book::of(&app).await);
        assert_eq!(sorts(&sweep(&app, "2022-06-15", Sweep::Daily).await), counts([]), "nothing is due");
        let periods = create_periods(&office).await;
        let led = led(&book);
        let own: Vec<u32> = led.iter().filter(|(_, unit)| unit == UNIT).map(|(number, _)| *number).collect();
        hand_in(&app, &book, &periods["2022年6月"], own[0], None).await;

        // May's were due on 25 May; June's are on Monday 27 June. Three days are the 25th to the 27th.
        set_clock(&app, "2022-06-24T02:00:00Z");
        let missing = ("YELLOW REPORT_MISSING 2022年5月", led.len());
        assert_eq!(sorts(&sweep(&app, "2022-06-24", Sweep::Daily).await), counts([missing]));
        set_clock(&app, "2022-06-25T02:00:00Z");
        let (before, rehearsed) = (written(&app).await, sweep(&app, "2022-06-25", Sweep::DryRun).await);
        assert_eq!(sorts(&rehearsed), counts([("BLUE DUE_SOON 2022年6月", led.len() - 1)]));
        assert_eq!(written(&app).await, before, "a dry run changes nothing");
        let swept = sweep(&app, "2022-06-25", Sweep::Daily).await;
        assert_eq!(swept, rehearsed, "and shows what is done then");
        let units: BTreeSet<(u32, String)> = swept.notices.iter().map(|notice| (notice.number as u32, notice.unit.clone())).collect();
        let expected: BTreeSet<(u32, String)> = led.iter().filter(|(number, unit)| (*number, unit.as_str()) != (own[0], UNIT)).cloned().collect();
        assert_eq!(units, expected, "the lead units, but for the one that has handed in");
        for how in [Sweep::OnDemand, Sweep::Daily, Sweep::DryRun] {
            let again = sweep(&app, "2022-06-25", how).await;
            assert_eq!((again.done_before, sorts(&again)), (true, counts([])), "{how:?}");
        }
        hand_in(&app, &book, &periods["2022年6月"], own[1], Some(60)).await;
        set_clock(&app, "2022-06-28T02:00:00Z");
        let swept = sweep(&app, "2022-06-28", Sweep::Daily).await;
        assert_eq!(sorts(&swept), counts([("YELLOW REPORT_MISSING 2022年6月", led.len() - 2)]));
        let said = swept.notices.iter().find(|notice| notice.unit == UNIT).unwrap();
        assert_eq!(said.body, format!("第{}号目标任务2022年6月进展报告应于2022年6月27日前报送，现已逾期，请尽快补报并说明原因。", said.number));
        assert_eq!(taken_once(&app).await, led.len() * 3 - 3);

        // A day on which nobody swept is swept later: what was due then and is not now is not said; answers are due from today on.
        set_clock(&app, "2022-07-23T02:00:00Z");
        assert_eq!(sorts(&sweep(&app, "2022-07-22", Sweep::OnDemand).await), counts([]));
        assert_eq!(sorts(&sweep(&app, "2022-07-23", Sweep::OnDemand).await), counts([("BLUE DUE_SOON 2022年7月", led.len())]));
        let db = app.database.connect().await;
        let latest = supervision_notice::Entity::find().filter(supervision_notice::Column::ReplyDueOn.eq(day("2022-07-29"))).count(&db).await.unwrap();
        assert_eq!(latest, led.len() as u64, "five working days after Saturday the 23rd");

        // The future can be looked at, and is not brought about.
        let before = written(&app).await;
        assert_eq!(sorts(&sweep(&app, "2022-12-02", Sweep::DryRun).await)["BLUE DUE_SOON -"], led.len());
        assert!(app.parts.store().system().sweep(day("2022-07-24"), Sweep::OnDemand).await.is_err());
        assert!(app.parts.store().system().sweep(day("2022-07-24"), Sweep::Daily).await.is_err());
        assert_eq!(written(&app).await, before);
    }

    async fn a_notice_of_nobody_is_a_notice_like_any_other(app: App) {
        let (office, book) = (app.sign_in("office").await, Book::of(&app).await);
        create_periods(&office).await;
        set_clock(&app, "2022-06-28T02:00:00Z");
        sweep(&app, "2022-06-28", Sweep::Daily).await;
        let led = led(&book);
        for name in ACTORS {
            let actor = app.sign_in(name).await;
            let mut seen = BTreeSet::new();
            let mut after = Value::Null;
            loop {
                let page = actor.ask("query($a: String) { supervisionNotices(first: 100, after: $a) { totalCount pageInfo { hasNextPage endCursor } nodes {
                    colour rung status overdue issuedBy { displayName } replyDueOn unit { name } target { number } availableActions { action allowed reason { code } } } } }", json!({ "a": after })).await;
                for node in page.data("/supervisionNotices/nodes").as_array().unwrap() {
                    let (number, unit) = (node["target"]["number"].as_u64().unwrap() as u32, node["unit"]["name"].as_str().unwrap().to_owned());
                    for (field, expected) in [("colour", json!("YELLOW")), ("rung", json!("REPORT_MISSING")), ("status", json!("OPEN")), ("overdue", json!(false)), ("issuedBy", Value::Null), ("replyDueOn", json!("2022-07-05"))] {
                        assert_eq!(node[field], expected, "{name} {node}");
                    }
                    let may = |allowed: bool| if allowed { "allowed" } else { "FORBIDDEN" };
                    let manages = name.ends_with("-manager") && book.works_for(name, number, &unit);
                    assert_eq!(available(&node["availableActions"], "ANSWER_NOTICE"), may(manages), "{name} {node}");
                    assert_eq!(available(&node["availableActions"], "WITHDRAW_NOTICE"), may(is_office(name)), "{name} {node}");
                    seen.insert((number, unit));
                }
                assert!(page.data("/supervisionNotices/totalCount").as_u64().unwrap() >= seen.len() as u64);
                let info = page.data("/supervisionNotices/pageInfo");
                if info["hasNextPage"] != true {
                    break;
                }
                after = info["endCursor"].clone();
            }
            let expected: BTreeSet<_> = led.iter().filter(|(number, unit)| book.sees_notice(name, *number, unit)).cloned().collect();
            assert_eq!(seen, expected, "{name}");
            let issued = heard(&app, &actor).await.into_iter().filter(|(kind, _)| kind == "NOTICE_ISSUED").count();
            assert_eq!(issued, expected.len(), "{name}");
            let changes = actor.query("{ changes(last: 100) { nodes { type actor { displayName } notice { rung issuedBy { displayName } } } } }").await;
            for node in changes.data("/changes/nodes").as_array().unwrap().iter().filter(|node| node["type"] == "NOTICE_ISSUED") {
                assert_eq!(node, &json!({ "type": "NOTICE_ISSUED", "actor": null, "notice": { "rung": "REPORT_MISSING", "issuedBy": null } }), "{name}");
            }
        }
        let entries = audited(&app, "ISSUE_NOTICE_BY_RULE").await;
        assert_eq!(entries.len(), led.len());
        assert!(entries.iter().all(|entry| entry.user_id.is_none()));
        let entry = audited(&app, "SWEEP").await.remove(0);
        assert_eq!((entry.user_id, &entry.changes["on"], &entry.changes["notices"]), (None, &json!("2022-06-28"), &json!(led.len())));

        // It is answered and withdrawn as any other, and not issued again.
        let manager = app.sign_in("fgw-manager").await;
        let own = manager.ask("query($u: ID) { supervisionNotices(first: 2, filter: { unitId: $u }) { nodes { id } } }", json!({ "u": book.unit(UNIT) })).await;
        let [one, two] = [0, 1].map(|at| own.data(&format!("/supervisionNotices/nodes/{at}/id")).clone());
        let answered = act(&manager, "answerNotice", "notice { status issuedBy { displayName } answer { answeredBy { displayName } } }", json!({ "noticeId": one, "body": "已补报。" })).await;
        assert_eq!(answered.data("/answerNotice/notice"), &json!({ "status": "ANSWERED", "issuedBy": null, "answer": { "answeredBy": { "displayName": "账号 fgw-manager" } } }));
        let withdrawn = act(&app.sign_in("office").await, "withdrawNotice", "notice { status }", json!({ "noticeId": two, "reason": "误发" })).await;
        assert_eq!(outcome(&withdrawn, "withdrawNotice"), "done");
        assert_eq!(sorts(&sweep(&app, "2022-06-28", Sweep::OnDemand).await), counts([]));
    }

    async fn who_is_behind_is_told_once_a_period_and_red_is_red(app: App) {
        let (office, book) = (app.sign_in("office").await, Book::of(&app).await);
        let periods = create_periods(&office).await;
        let alone = |draft: &importer::TargetDraft| draft.indicators.is_empty() && draft.assignments[0].unit == UNIT;
        let own: Vec<u32> = book.numbers(alone).into_iter().filter(|number| book.leads(*number).len() == 1).take(3).collect();
        // Half of the year is over in July: 45 % is yellow, 20 % is red, 60 % neither.
        for (number, percent) in own.iter().zip([45, 20, 60]) {
            hand_in(&app, &book, &periods["2022年6月"], *number, Some(percent)).await;
        }
        set_clock(&app, "2022-07-01T02:00:00Z");
        let swept = sweep(&app, "2022-07-01", Sweep::Daily).await;
        let of = |swept: &Sweeping, number: u32| -> Vec<(String, String)> {
            let notices = swept.notices.iter().filter(|notice| notice.number == number as i32);
            notices.map(|notice| (notice.rung.as_str().to_owned(), notice.body.clone())).collect()
        };
        assert_eq!(of(&swept, own[0]), [("BEHIND".to_owned(), format!("第{}号目标任务进度滞后：已完成45%，序时进度为50%。请加快推进。", own[0]))]);
        assert_eq!(of(&swept, own[1]), [("FAR_BEHIND".to_owned(), format!("第{}号目标任务进度严重滞后：已完成20%，序时进度为50%。请说明原因并提出整改措施。", own[1]))]);
        assert_eq!(of(&swept, own[2]), []);
        assert_eq!(of(&sweep(&app, "2022-07-01", Sweep::OnDemand).await, own[1]), []);
        let lights = "query($id: ID!) { target(id: $id) { light lightReasons { code } notices { id colour } } }";
        let manager = app.sign_in("fgw-manager").await;
        let red = manager.ask(lights, json!({ "id": book.target(own[1]) })).await;
        assert_eq!(red.data("/target/lightReasons"), &json!([{ "code": "RED_NOTICE" }, { "code": "FAR_BEHIND" }]));
        let answered = act(&manager, "answerNotice", "notice { status }", json!({ "noticeId": red.data("/target/notices/0/id"), "body": "x" })).await;
        assert_eq!(outcome(&answered, "answerNotice"), "done");
        let red = manager.ask(lights, json!({ "id": book.target(own[1]) })).await;
        assert_eq!(red.data("/target/lightReasons"), &json!([{ "code": "FAR_BEHIND" }]));

        // July's reports are due on the 25th: from the next day on it is said anew. A light set by hand speaks for itself.
        let set = json!({ "targetId": book.target(own[0]), "light": "GREEN", "until": "2022-07-31", "reason": "已有安排" });
        assert_eq!(outcome(&act(&app.sign_in("office").await, "setLight", "target { light }", set).await, "setLight"), "done");
        let rungs = |notices: Vec<(String, String)>| notices.into_iter().map(|(rung, _)| rung).collect::<Vec<_>>();
        for (on, first, second) in [
            ("2022-07-25", vec!["DUE_SOON"], vec!["DUE_SOON"]),
            ("2022-07-26", vec!["REPORT_MISSING"], vec!["REPORT_MISSING", "FAR_BEHIND"]),
            ("2022-07-27", vec![], vec![]),
            ("2022-07-31", vec![], vec![]),
            // One month more is over: 45 of 58.3 are 77 %.
            ("2022-08-01", vec!["FAR_BEHIND"], vec![]),
        ] {
            set_clock(&app, &format!("{on}T02:00:00Z"));
            let swept = sweep(&app, on, Sweep::Daily).await;
            assert_eq!((rungs(of(&swept, own[0])), rungs(of(&swept, own[1]))), (first.into_iter().map(str::to_owned).collect(), second.into_iter().map(str::to_owned).collect()), "{on}");
        }
        taken_once(&app).await;
    }

    async fn the_due_date_is_reminded_of_and_overdue_is_red_once(app: App) {
        let book = Book::of(&app).await;
        let led = led(&book).len();
        for (on, expected) in [
            ("2022-12-01", counts([])),
            ("2022-12-02", counts([("BLUE DUE_SOON -", led)])),
            ("2022-12-31", counts([])),
            ("2023-01-01", counts([("RED PAST_DUE -", led)])),
            ("2023-01-02", counts([])),
        ] {
            set_clock(&app, &format!("{on}T02:00:00Z"));
            assert_eq!(sorts(&sweep(&app, on, Sweep::Daily).await), expected, "{on}");
        }
        assert_eq!(taken_once(&app).await, 2 * led);
    }

    async fn after_an_extension_the_new_date_is_reminded_of_and_once(app: App) {
        let book = Book::of(&app).await;
        let all = led(&book).len();
        let own = book.numbers(|draft| draft.assignments[0].unit == UNIT).into_iter().find(|number| book.leads(*number).len() == 1).unwrap();
        set_clock(&app, "2022-12-02T02:00:00Z");
        assert_eq!(sorts(&sweep(&app, "2022-12-02", Sweep::Daily).await), counts([("BLUE DUE_SOON -", all)]));
        let (manager, office) = (app.sign_in("fgw-manager").await, app.sign_in("office").await);
        let input = json!({ "targetId": book.target(own), "newDueOn": "2023-01-31", "reason": "x" });
        let asked = act(&manager, "requestExtension", "extensionRequest { id }", input).await;
        let input = json!({ "requestId": asked.data("/requestExtension/extensionRequest/id"), "decision": "APPROVE" });
        assert_eq!(outcome(&act(&office, "decideRequest", "request { status }", input).await, "decideRequest"), "done");
        for (on, expected, due_on) in [
            ("2022-12-03", counts([]), ""),
            ("2023-01-01", counts([("RED PAST_DUE -", all - 1)]), ""),
            ("2023-01-02", counts([("BLUE DUE_SOON -", 1)]), "2023年1月31日"),
            ("2023-01-03", counts([]), ""),
            ("2023-02-01", counts([("RED PAST_DUE -", 1)]), "2023年1月31日"),
            ("2023-02-02", counts([]), ""),
        ] {
            set_clock(&app, &format!("{on}T02:00:00Z"));
            let swept = sweep(&app, on, Sweep::Daily).await;
            assert_eq!(sorts(&swept), expected, "{on}");
            assert!(swept.notices.iter().all(|notice| notice.body.contains(due_on)), "{on}");
            assert_eq!(sorts(&sweep(&app, on, Sweep::OnDemand).await), counts([]), "{on}");
        }
        assert_eq!(taken_once(&app).await, 2 * all + 1);
    }

    async fn what_is_past_or_closed_or_no_plan_in_force_is_left_alone(app: App) {
        let book = Book::of(&app).await;
        let db = app.database.connect().await;
        let plans = plan::Entity::find().all(&db).await.unwrap();
        let issued = plans.iter().find(|plan| plan.year == 2022).unwrap().clone();
        set_clock(&app, "2022-12-02T02:00:00Z");
        let all = sorts(&sweep(&app, "2022-12-02", Sweep::DryRun).await)["BLUE DUE_SOON -"];
        assert_eq!(all, led(&book).len(), "the draft has none");
        for (number, column) in [(1, "closed"), (2, "suspended")] {
            let row = target::Entity::find().filter(target::Column::PlanId.eq(issued.id)).filter(target::Column::Number.eq(number)).one(&db).await.unwrap().unwrap();
            let mut row = row.into_active_model();
            match column {
                "closed" => row.closed_at = Set(Some("2022-06-15T04:00:00Z".parse().unwrap())),
                _ => row.suspended_reason = Set(Some("x".to_owned())),
            }
            row.update(&db).await.unwrap();
        }
        let left = all - book.leads(1).len() - book.leads(2).len();
        assert_eq!(sorts(&sweep(&app, "2022-12-02", Sweep::DryRun).await), counts([("BLUE DUE_SOON -", left)]));
        // A year later, nobody begins with the notices of then.
        assert_eq!(sorts(&sweep(&app, "2023-12-02", Sweep::DryRun).await), counts([]));
        let mut archived = issued.into_active_model();
        archived.status = Set(PlanStatus::Archived);
        archived.update(&db).await.unwrap();
        assert_eq!(sorts(&sweep(&app, "2022-12-02", Sweep::OnDemand).await), counts([]));
    }

    async fn a_rung_that_is_off_is_not_taken(app: App) {
        let (office, book) = (app.sign_in("office").await, Book::of(&app).await);
        create_periods(&office).await;
        let plan = office.query("{ plan(year: 2022) { id } }").await;
        let rules = async |mut input: Value| {
            input["planId"] = plan.data("/plan/id").clone();
            let office = app.sign_in("office").await;
            assert_eq!(outcome(&act(&office, "setPlanRules", "plan { id }", input).await, "setPlanRules"), "done");
        };
        let led = led(&book).len();
        set_clock(&app, "2022-06-25T02:00:00Z");
        let dry = async |on: &str| sorts(&sweep(&app, on, Sweep::DryRun).await);
        let (soon, missing) = (("BLUE DUE_SOON 2022年6月", led), ("YELLOW REPORT_MISSING 2022年5月", led));
        assert_eq!(dry("2022-06-25").await, counts([soon, missing]));
        rules(json!({ "noticeMissing": false })).await;
        assert_eq!(dry("2022-06-25").await, counts([soon]));
        rules(json!({ "reportReminderDays": 2 })).await;
        assert_eq!(dry("2022-06-25").await, counts([]));
        rules(json!({ "reportReminderDays": 0, "targetReminderDays": 0, "replyDays": 1 })).await;
        assert_eq!(dry("2022-12-20").await, counts([]));
        assert_eq!(dry("2023-01-01").await, counts([("RED PAST_DUE -", led)]));
        rules(json!({ "noticePastDue": false, "noticeMissing": true })).await;
        assert_eq!(dry("2023-01-01").await, counts([("YELLOW REPORT_MISSING 2022年12月", led)]));
        sweep(&app, "2022-06-25", Sweep::Daily).await;
        let db = app.database.connect().await;
        let one = supervision_notice::Entity::find().one(&db).await.unwrap().unwrap();
        assert_eq!(one.reply_due_on, day("2022-06-27"), "one working day after Saturday the 25th");
    }

    async fn of_several_servers_one_sweeps(app: App) {
        let (office, book) = (app.sign_in("office").await, Book::of(&app).await);
        let periods = create_periods(&office).await;
        let led = led(&book).len();
        let (one, two, three) = (another(&app).await, another(&app).await, another(&app).await);
        let mut issued = 0;
        for (on, how, expected) in [
            ("2022-06-20", Sweep::Daily, led),
            ("2022-06-25", Sweep::Daily, led),
            ("2022-06-28", Sweep::OnDemand, led),
        ] {
            set_clock(&app, &format!("{on}T02:00:00Z"));
            let run = |store: &Store| { let system = store.system(); async move { system.sweep(day(on), how).await.unwrap() } };
            let swept = tokio::join!(run(app.parts.store()), run(&one), run(&two), run(&three), run(&one));
            let swept = [swept.0, swept.1, swept.2, swept.3, swept.4];
            assert_eq!(swept.iter().filter(|swept| !swept.done_before).count(), 1, "{on}");
            let mut counts = swept.map(|swept| swept.notices.len());
            counts.sort_unstable();
            assert_eq!(counts, [0, 0, 0, 0, expected], "{on}: one issues them all");
            issued += expected;
            assert_eq!(taken_once(&app).await, issued);
        }
        // Different days at once, and reports that come in meanwhile.
        set_clock(&app, "2022-07-26T02:00:00Z");
        let run = |store: &Store, on: &'static str| { let system = store.system(); async move { system.sweep(day(on), Sweep::OnDemand).await.unwrap() } };
        let number = book.numbers(|draft| draft.assignments[0].unit == UNIT)[0];
        let (a, b, c, ()) = tokio::join!(run(&one, "2022-07-26"), run(&two, "2022-07-25"), run(&three, "2022-07-26"), hand_in(&app, &book, &periods["2022年7月"], number, None));
        let all: usize = [&a, &b, &c].iter().map(|swept| swept.notices.len()).sum();
        assert_eq!(taken_once(&app).await, issued + all);
        assert!((2 * led - 2..=2 * led).contains(&all), "a reminder and a missing report each: {all}");
        let db = app.database.connect().await;
        let runs = sweep_run::Entity::find().all(&db).await.unwrap();
        let noted: i32 = runs.iter().map(|run| run.notices).sum();
        assert_eq!((runs.len(), noted as usize), (5, issued + all));
        assert_eq!(audited(&app, "ISSUE_NOTICE_BY_RULE").await.len(), issued + all);
        for store in [one, two, three] {
            store.close().await;
        }
    }

    async fn lights_that_the_day_changes_are_told_once(app: App) {
        let (office, book) = (app.sign_in("office").await, Book::of(&app).await);
        let set = json!({ "targetId": book.target(1), "light": "RED", "until": "2022-06-20", "reason": "x" });
        assert_eq!(outcome(&act(&office, "setLight", "target { light }", set).await, "setLight"), "done");
        let db = app.database.connect().await;
        let told = async || {
            let told = event::Entity::find().filter(event::Column::Type.eq(EventType::TargetStandingChanged)).all(&db).await.unwrap();
            assert!(told.iter().skip(1).all(|event| event.user_id.is_none()));
            told.len()
        };
        assert_eq!(told().await, 1);
        // Nobody swept on the 21st, on which it was over.
        for (on, changed, events) in [("2022-06-19", 0, 1), ("2022-06-20", 0, 1), ("2022-06-23", 1, 2), ("2022-06-24", 0, 2), ("2022-12-31", 0, 2)] {
            set_clock(&app, &format!("{on}T02:00:00Z"));
            assert_eq!(sweep(&app, on, Sweep::DryRun).await.changed, changed, "{on}");
            assert_eq!(sweep(&app, on, Sweep::Daily).await.changed, changed, "{on}");
            assert_eq!(sweep(&app, on, Sweep::OnDemand).await.changed, 0, "{on}");
            assert_eq!(told().await, events, "{on}");
        }
        set_clock(&app, "2023-01-01T02:00:00Z");
        assert_eq!(sweep(&app, "2023-01-01", Sweep::Daily).await.changed, 194, "overdue");
    }

    async fn servers_sweep_by_themselves(app: App) {
        let office = app.sign_in("office").await;
        create_periods(&office).await;
        let (early, late) = (app.parts.clone(), app.parts.clone());
        // It is noon in China.
        let servers = [tokio::spawn(early.clone().sweep_daily(12)), tokio::spawn(late.clone().sweep_daily(12)), tokio::spawn(late.sweep_daily(13))];
        let db = app.database.connect().await;
        let swept = async {
            while sweep_run::Entity::find().count(&db).await.unwrap() == 0 {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(30), swept).await.unwrap();
        let run = sweep_run::Entity::find().one(&db).await.unwrap().unwrap();
        assert_eq!(run.day, day("2022-06-15"));
        assert_eq!(run.notices as usize, taken_once(&app).await);
        assert!(run.notices > 0);
        for server in servers {
            assert!(!server.is_finished());
            server.abort();
        }
    }
}
