//! How the supervision office steers: the rules of a plan, and lights that are set by hand (domain.md §6).

use serde_json::{Value, json};
use tests::{
    Actor, Answer, App, both,
    desk::{act, create_periods, report, save, set_clock, target},
    world::ACTORS,
};

use crate::parties::{Book, audited, available, heard, is_office, outcome};

const RULES: &str = "rules { method yellowAtLeast yellowPoints redPoints aheadPoints reportReminderDays targetReminderDays
    noticeMissing noticeBehind noticeFarBehind noticePastDue replyDays refinementApproval }";
const LIGHT: &str =
    "id light lightReasons { code message } lightOverride { light until reason } version";

async fn plan(actor: &Actor<'_>, year: i32) -> String {
    let answer = actor
        .query(&format!("{{ plan(year: {year}) {{ id }} }}"))
        .await;
    let id = answer.data("/plan/id");
    id.as_str().unwrap().to_owned()
}

async fn set_rules(actor: &Actor<'_>, plan: &str, mut input: Value) -> Answer {
    input["planId"] = plan.into();
    let fields = format!("plan {{ {RULES} }}");
    act(actor, "setPlanRules", &fields, input).await
}

async fn set_light(actor: &Actor<'_>, input: Value) -> Answer {
    act(actor, "setLight", &format!("target {{ {LIGHT} }}"), input).await
}

async fn clear_light(actor: &Actor<'_>, target: &str) -> Answer {
    let fields = format!("target {{ {LIGHT} }}");
    act(actor, "clearLight", &fields, json!({ "targetId": target })).await
}

/// A target as its light is shown.
async fn shown(actor: &Actor<'_>, target: &str) -> Value {
    let answer = actor
        .query(&format!("{{ target(id: \"{target}\") {{ {LIGHT} }} }}"))
        .await;
    answer.data("/target").clone()
}

/// An accepted report of a unit on a target for June.
async fn accepted(app: &App, period: &str, target: &str, mut input: Value) {
    input["targetId"] = target.into();
    input["periodId"] = period.into();
    input["progress"] = "x".into();
    let (manager, office) = (
        app.sign_in("fgw-manager").await,
        app.sign_in("office").await,
    );
    let saved = save(&manager, input).await;
    let submitted = report(&saved, "saveProgressReport")
        .step(&manager, "submitProgressReport")
        .await;
    submitted.reviewed(&office, "ACCEPT").await;
}

/// The same person, who reads another language.
fn speaking<'a>(actor: &Actor<'a>, language: &'static str) -> Actor<'a> {
    let mut actor = actor.clone();
    actor.language = language;
    actor
}

fn kinds(events: Vec<(String, String)>) -> Vec<String> {
    events.into_iter().map(|(kind, _)| kind).collect()
}

both! {
    async fn rules_are_set_one_by_one_and_targets_stand_by_them(app: App) {
        let office = app.sign_in("office").await;
        let periods = create_periods(&office).await;
        let (id, book) = (plan(&office, 2022).await, Book::of(&app).await);
        let defaults = json!({
            "method": "SHARE", "yellowAtLeast": 80, "yellowPoints": null, "redPoints": null, "aheadPoints": 10, "reportReminderDays": 3,
            "targetReminderDays": 30, "noticeMissing": true, "noticeBehind": true, "noticeFarBehind": true, "noticePastDue": true, "replyDays": 5, "refinementApproval": false,
        });
        let manager = app.sign_in("fgw-manager").await;
        let rules = manager.query(&format!("{{ plan(year: 2022) {{ {RULES} }} }}")).await;
        assert_eq!(rules.data("/plan/rules"), &defaults, "those of domain.md");

        // A target without indicators, which the unit leads alone; earlier periods were reported late, so that nothing else is wrong.
        let number = book.numbers(|draft| draft.indicators.is_empty() && draft.assignments[0].unit == "市发展改革委");
        let number = number.into_iter().find(|number| book.leads(*number).len() == 1).unwrap();
        let target = book.target(number);
        for month in 1..6 {
            let input = json!({ "periodId": periods[&format!("2022年{month}月")], "unitId": book.unit("市发展改革委"), "until": "2022-12-31T00:00:00Z", "reason": "补报" });
            act(&office, "reopenReportingPeriod", "reportingPeriod { id }", input).await;
            accepted(&app, &periods[&format!("2022年{month}月")], target, json!({ "percentComplete": 20 })).await;
        }
        accepted(&app, &periods["2022年6月"], target, json!({ "percentComplete": 35 })).await;
        let light = async |language: &'static str| {
            let shown = shown(&speaking(&manager, language), target).await;
            let reasons = shown["lightReasons"].as_array().unwrap();
            assert_eq!(reasons.len(), 1, "{shown}");
            [&shown["light"], &reasons[0]["code"], &reasons[0]["message"]].map(|value| value.as_str().unwrap().to_owned())
        };
        // Five months are over, 41.7 %; 35 of those are 84 %.
        assert_eq!(light("en").await, ["YELLOW", "BEHIND", "Progress is behind: 35 % complete, when 41.7 % of the year have passed."]);
        assert_eq!(light("zh-CN").await[2], "已完成35%，序时进度为41.7%：进度落后。");

        let version = shown(&manager, target).await["version"].as_i64().unwrap();
        let points = set_rules(&office, &id, json!({ "thresholds": { "points": { "yellow": 10, "red": 30 } }, "noticeBehind": false })).await;
        assert_eq!(points.refusals("setPlanRules"), Vec::<String>::new());
        let mut expected = defaults.clone();
        for (rule, value) in [("method", json!("POINTS")), ("yellowAtLeast", Value::Null), ("yellowPoints", json!(10)), ("redPoints", json!(30)), ("noticeBehind", json!(false))] {
            expected[rule] = value;
        }
        assert_eq!(points.data("/setPlanRules/plan/rules"), &expected);
        assert_eq!(light("en").await, ["GREEN", "SLIGHTLY_BEHIND", "Progress is slightly behind, within what is tolerated: 35 % complete, when 41.7 % of the year have passed."]);
        assert_eq!(shown(&manager, target).await["version"], version + 1);
        let strict = set_rules(&office, &id, json!({ "thresholds": { "share": { "yellowAtLeast": 90 } }, "replyDays": 30, "aheadPoints": 0 })).await;
        for (rule, value) in [("method", json!("SHARE")), ("yellowAtLeast", json!(90)), ("yellowPoints", Value::Null), ("redPoints", Value::Null), ("replyDays", json!(30)), ("aheadPoints", json!(0))] {
            expected[rule] = value;
        }
        assert_eq!(strict.data("/setPlanRules/plan/rules"), &expected);
        assert_eq!(light("zh-CN").await, ["RED", "FAR_BEHIND", "已完成35%，序时进度为41.7%：进度严重落后。"]);
        let nothing = set_rules(&office, &id, json!({})).await;
        assert_eq!(nothing.data("/setPlanRules/plan/rules"), &expected);

        // Everybody who sees the plan hears of it; nobody else does. 2023's has its own.
        for (name, hears) in [("office", true), ("fgw-manager", true), ("observer", true), ("leader-8", true), ("office-2023", false), ("observer-2023", false), ("audit", false)] {
            let heard = kinds(heard(&app, &app.sign_in(name).await).await);
            assert_eq!(heard.iter().filter(|kind| *kind == "PLAN_RULES_SET").count(), if hears { 3 } else { 0 }, "{name}");
        }
        let entries = audited(&app, "SET_PLAN_RULES").await;
        assert_eq!(entries.len(), 3);
        assert!(entries.iter().all(|entry| entry.user_id.is_some()));
        assert_eq!(entries[0].changes["rules"][0]["method"], json!({ "yellowAtLeast": 80 }));
        assert_eq!(entries[0].changes["rules"][1]["method"], json!({ "yellow": 10, "red": 30 }));
        let other = office.query(&format!("{{ plan(year: 2023) {{ {RULES} }} }}")).await;
        assert_eq!(other.data("/plan/rules"), &defaults);
    }

    async fn who_may_set_rules_and_lights(app: App) {
        let (book, office) = (Book::of(&app).await, app.sign_in("office").await);
        let (of_2022, of_2023) = (plan(&office, 2022).await, plan(&office, 2023).await);
        for name in ACTORS {
            let actor = app.sign_in(name).await;
            // What is out of range passes every guard, and changes nothing.
            for (id, of_its_office) in [(&of_2022, is_office(name)), (&of_2023, matches!(name, "office" | "office-2023"))] {
                let tried = outcome(&set_rules(&actor, id, json!({ "replyDays": 0 })).await, "setPlanRules");
                let seen = actor.query(&format!("{{ nodes(ids: [\"{id}\"]) {{ ... on Plan {{ {RULES} availableActions {{ action allowed reason {{ code }} }} }} }} }}")).await;
                let expected = if of_its_office { "allowed" } else { "FORBIDDEN" };
                if seen.data("/nodes/0").is_null() {
                    assert_eq!(tried, "NOT_FOUND planId", "{name}");
                    continue;
                }
                assert_eq!(available(&seen.data("/nodes/0")["availableActions"], "SET_PLAN_RULES"), expected, "{name}");
                assert_eq!(tried, if of_its_office { "INVALID replyDays" } else { "FORBIDDEN planId" }, "{name}");
            }
            // A past day passes every guard, too.
            for number in [1, 8, 100] {
                let target = book.target(number);
                let set = outcome(&set_light(&actor, json!({ "targetId": target, "light": "GREEN", "until": "2022-06-14", "reason": "x" })).await, "setLight");
                let cleared = outcome(&clear_light(&actor, target).await, "clearLight");
                let seen = actor.query(&format!("{{ nodes(ids: [\"{target}\"]) {{ ... on Target {{ availableActions {{ action allowed reason {{ code }} }} }} }} }}")).await;
                let actions = &seen.data("/nodes/0")["availableActions"];
                let (expected, offered) = match (is_office(name), book.sees(name, number)) {
                    (true, _) => (["INVALID until", "WRONG_STATE targetId"], Some(["allowed", "WRONG_STATE"])),
                    (false, true) => (["FORBIDDEN targetId", "FORBIDDEN targetId"], Some(["FORBIDDEN", "FORBIDDEN"])),
                    (false, false) => (["NOT_FOUND targetId", "NOT_FOUND targetId"], None),
                };
                assert_eq!([&*set, &*cleared], expected, "{name} {number}");
                match offered {
                    Some(offered) => assert_eq!([available(actions, "SET_LIGHT"), available(actions, "CLEAR_LIGHT")], offered, "{name} {number}"),
                    None => assert!(seen.data("/nodes/0").is_null(), "{name} {number}"),
                }
            }
        }
        assert!(audited(&app, "SET_PLAN_RULES").await.is_empty());
        assert!(audited(&app, "SET_LIGHT").await.is_empty());
        // A draft's rules can be set; its lights are nobody's yet.
        assert_eq!(outcome(&set_rules(&office, &of_2023, json!({ "replyDays": 7 })).await, "setPlanRules"), "done");
        let draft = office.query("{ plan(year: 2023) { targets(first: 1) { nodes { id } } } }").await;
        let input = json!({ "targetId": draft.data("/plan/targets/nodes/0/id"), "light": "GREEN", "until": "2022-06-30", "reason": "x" });
        assert_eq!(outcome(&set_light(&office, input).await, "setLight"), "WRONG_STATE targetId");
        assert!(!kinds(heard(&app, &app.sign_in("fgw-manager").await).await).contains(&"PLAN_RULES_SET".to_owned()), "a draft is the office's");
    }

    async fn what_makes_no_sense_is_refused(app: App) {
        let office = app.sign_in("office").await;
        let (id, target) = (plan(&office, 2022).await, target(&office, 1).await);
        for (input, expected) in [
            (json!({ "thresholds": { "share": { "yellowAtLeast": 101 } } }), vec!["INVALID thresholds.share.yellowAtLeast"]),
            (json!({ "thresholds": { "points": { "yellow": 30, "red": 29 } } }), vec!["INVALID thresholds.points.red"]),
            (json!({ "thresholds": { "points": { "yellow": -1, "red": 101 } } }), vec!["INVALID thresholds.points.yellow", "INVALID thresholds.points.red"]),
            (json!({ "aheadPoints": 101, "reportReminderDays": 31, "targetReminderDays": -1, "replyDays": 31 }), vec!["INVALID aheadPoints", "INVALID reportReminderDays", "INVALID targetReminderDays", "INVALID replyDays"]),
        ] {
            assert_eq!(set_rules(&office, &id, input.clone()).await.refusals("setPlanRules"), expected, "{input}");
        }
        assert_eq!(set_rules(&office, "nonsense", json!({})).await.refusals("setPlanRules"), ["NOT_FOUND planId"]);
        assert_eq!(set_rules(&office, &target, json!({})).await.refusals("setPlanRules"), ["NOT_FOUND planId"]);
        let both = set_rules(&office, &id, json!({ "thresholds": { "share": { "yellowAtLeast": 1 }, "points": { "yellow": 1, "red": 2 } } })).await;
        assert!(!both.codes().is_empty(), "{}", both.text);
        let long = "长".repeat(501);
        for (until, reason, expected) in [
            ("2022-06-14", "x", "INVALID until"),
            ("2023-06-17", "x", "INVALID until"),
            ("2022-06-15", " \u{3000}", "INVALID reason"),
            ("2022-06-15", &*long, "TOO_LARGE reason"),
        ] {
            let input = json!({ "targetId": target, "light": "RED", "until": until, "reason": reason });
            assert_eq!(set_light(&office, input).await.refusals("setLight"), [expected]);
        }
        for nothing in ["nonsense", &*id] {
            let input = json!({ "targetId": nothing, "light": "RED", "until": "2022-06-15", "reason": "x" });
            assert_eq!(set_light(&office, input).await.refusals("setLight"), ["NOT_FOUND targetId"]);
        }
        assert_eq!(shown(&office, &target).await["light"], "GREEN");
    }

    async fn a_light_is_set_shown_to_all_who_see_the_target_and_ends_by_itself(app: App) {
        let (office, book) = (app.sign_in("office").await, Book::of(&app).await);
        let target = book.target(1);
        let notice = json!({ "targetId": target, "unitId": book.unit("市发展改革委"), "colour": "RED", "body": "x", "replyDueOn": "2022-06-30" });
        act(&office, "issueNotice", "notice { id }", notice).await;
        let before = shown(&office, target).await;
        assert_eq!((&before["light"], &before["lightOverride"]), (&json!("RED"), &Value::Null));
        let version = before["version"].as_i64().unwrap();

        let input = json!({ "targetId": target, "light": "YELLOW", "until": "2022-06-20", "reason": " 省里同意缓期 ", "clientMutationId": "l-1" });
        let set = set_light(&office, input.clone()).await;
        assert_eq!(set.refusals("setLight"), Vec::<String>::new());
        let now = set.data("/setLight/target").clone();
        let expected = json!({
            "id": target, "light": "YELLOW", "version": version + 1, "lightOverride": { "light": "YELLOW", "until": "2022-06-20", "reason": "省里同意缓期" },
            "lightReasons": [{ "code": "OVERRIDDEN", "message": "The supervision office has set the light to yellow until 2022-06-20: 省里同意缓期" }],
        });
        assert_eq!(now, expected);
        assert_eq!(set_light(&office, input.clone()).await.body, set.body, "sent again, it changes nothing");
        let mut other = input;
        other["reason"] = "y".into();
        assert_eq!(set_light(&office, other).await.refusals("setLight"), ["CONFLICT clientMutationId"]);
        for name in ACTORS {
            let actor = app.sign_in(name).await;
            let seen = actor.query(&format!("{{ nodes(ids: [\"{target}\"]) {{ ... on Target {{ {LIGHT} }} }} }}")).await;
            let expected = if book.sees(name, 1) { expected.clone() } else { Value::Null };
            assert_eq!(seen.data("/nodes/0"), &expected, "{name}");
            // Of the light's change everybody who sees the target hears, and nobody who does not.
            let told = kinds(heard(&app, &actor).await);
            assert_eq!(told.iter().filter(|kind| *kind == "TARGET_STANDING_CHANGED").count(), if book.sees(name, 1) { 2 } else { 0 }, "{name}");
        }
        let zh = shown(&speaking(&office, "zh-CN"), target).await;
        assert_eq!(zh["lightReasons"][0]["message"], "督查室已人工调整为黄灯，有效期至2022年6月20日：省里同意缓期");
        let lists = "{ plan(year: 2022) { targets(filter: { light: YELLOW }) { nodes { number } } statistics(groupBy: NONE) { byLight { light count } } } }";
        let listed = app.sign_in("observer").await.query(lists).await;
        assert_eq!(listed.data("/plan/targets/nodes"), &json!([{ "number": 1 }]));
        let counted = listed.data("/plan/statistics/0/byLight").as_array().unwrap().clone();
        assert!(counted.contains(&json!({ "light": "YELLOW", "count": 1 })), "{counted:?}");
        let days = office.query(&format!("{{ target(id: \"{target}\") {{ last: light(on: \"2022-06-20\") next: light(on: \"2022-06-21\") why: lightReasons(on: \"2022-06-21\") {{ code }} }} }}")).await;
        assert_eq!(days.data("/target"), &json!({ "last": "YELLOW", "next": "RED", "why": [{ "code": "RED_NOTICE" }] }));

        // The 20th is its last day, in China.
        set_clock(&app, "2022-06-20T15:59:59Z");
        let office = app.sign_in("office").await;
        assert_eq!(shown(&office, target).await["light"], "YELLOW");
        set_clock(&app, "2022-06-20T16:00:00Z");
        let office = app.sign_in("office").await;
        let after = shown(&office, target).await;
        assert_eq!((&after["light"], &after["lightOverride"]), (&json!("RED"), &Value::Null));
        assert_eq!(after["lightReasons"][0]["code"], "RED_NOTICE");
        assert_eq!(office.query(lists).await.data("/plan/targets/nodes"), &json!([]));
        assert_eq!(clear_light(&office, target).await.refusals("clearLight"), ["WRONG_STATE targetId"]);

        // Set anew, and again, and left to the rules.
        for (light, day) in [("GREEN", "2022-07-01"), ("RED", "2022-06-21")] {
            let set = set_light(&office, json!({ "targetId": target, "light": light, "until": day, "reason": "x" })).await;
            assert_eq!(set.data("/setLight/target/light"), light);
        }
        let cleared = clear_light(&office, target).await;
        assert_eq!(cleared.data("/clearLight/target/lightOverride"), &Value::Null);
        assert_eq!(cleared.data("/clearLight/target/lightReasons/0/code"), "RED_NOTICE");
        assert_eq!(cleared.data("/clearLight/target/version"), version + 4);
        let entries = audited(&app, "SET_LIGHT").await;
        assert_eq!(entries.len(), 3);
        assert_eq!(entries[0].changes, json!({ "lightOverride": [[null, null], ["YELLOW", "2022-06-20"]], "reason": { "chars": 6, "sha256": entries[0].changes["reason"]["sha256"] } }));
        assert!(entries.iter().all(|entry| entry.user_id.is_some()));
        assert_eq!(audited(&app, "CLEAR_LIGHT").await.len(), 1);
        let changes = office.query("{ changes(last: 1) { nodes { type actor { displayName } } } }").await;
        assert_eq!(changes.data("/changes/nodes"), &json!([{ "type": "TARGET_STANDING_CHANGED", "actor": null }]));
    }

    async fn reasons_name_what_they_speak_of(app: App) {
        let (office, book) = (app.sign_in("office").await, Book::of(&app).await);
        let periods = create_periods(&office).await;
        // 生产总值增长 7%以上: a rate, held against the goal itself.
        let manager = app.sign_in("fgw-manager").await;
        let target = book.target(1);
        let indicator = manager.query(&format!("{{ target(id: \"{target}\") {{ indicators {{ id name }} }} }}")).await;
        let input = json!({ "percentComplete": 10, "readings": [{ "indicatorId": indicator.data("/target/indicators/0/id"), "value": "6.3" }] });
        let reopened = json!({ "periodId": periods["2022年5月"], "unitId": book.unit("市发展改革委"), "until": "2022-12-31T00:00:00Z", "reason": "补报" });
        act(&office, "reopenReportingPeriod", "reportingPeriod { id }", reopened).await;
        accepted(&app, &periods["2022年5月"], target, input).await;
        let messages = async |language| {
            let shown = shown(&speaking(&manager, language), target).await;
            let reasons = shown["lightReasons"].as_array().unwrap().clone();
            reasons.iter().map(|reason| reason["message"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        let name = indicator.data("/target/indicators/0/name").as_str().unwrap();
        let english = messages("en").await;
        assert_eq!(english[0], format!("The indicator {name} is behind: 6.3 %, of at least 7 %."));
        assert_eq!(english[1], "A report for 2022年1月 is missing: it was due on 2022-01-25.");
        assert_eq!(english.len(), 5, "{english:?}");
        let chinese = messages("zh-CN").await;
        assert_eq!(chinese[0], format!("量化指标“{name}”目前为6.3%，目标为不低于7%：落后。"));
        assert_eq!(chinese[1], "2022年1月进展报告应于2022年1月25日前报送，逾期未报。");
        set_clock(&app, "2023-01-01T02:00:00Z");
        let manager = app.sign_in("fgw-manager").await;
        let late = shown(&manager, target).await;
        assert_eq!(late["lightReasons"], json!([{ "code": "PAST_DUE", "message": "The due date, 2022-12-31, has passed." }]));
    }

    async fn of_those_who_set_at_once_each_is_counted(app: App) {
        let (office, other) = (app.sign_in("office").await, app.sign_in("office-2022").await);
        let (id, target) = (plan(&office, 2022).await, target(&office, 1).await);
        let version = shown(&office, &target).await["version"].as_i64().unwrap();
        let light = |colour: &'static str| json!({ "targetId": target, "light": colour, "until": "2022-07-01", "reason": colour });
        let (a, b, c) = tokio::join!(set_light(&office, light("RED")), set_light(&other, light("YELLOW")), set_light(&office, light("GREEN")));
        for answer in [a, b, c] {
            assert_eq!(answer.refusals("setLight"), Vec::<String>::new());
        }
        assert_eq!(shown(&office, &target).await["version"], version + 3);
        let (a, b) = tokio::join!(clear_light(&office, &target), clear_light(&other, &target));
        let mut outcomes = [outcome(&a, "clearLight"), outcome(&b, "clearLight")];
        outcomes.sort();
        assert_eq!(outcomes, ["WRONG_STATE targetId", "done"]);
        // Each sets one rule, and none undoes another's.
        let (a, b, c) = tokio::join!(
            set_rules(&office, &id, json!({ "replyDays": 9 })),
            set_rules(&other, &id, json!({ "aheadPoints": 9 })),
            set_rules(&office, &id, json!({ "noticeMissing": false }))
        );
        for answer in [a, b, c] {
            assert_eq!(answer.refusals("setPlanRules"), Vec::<String>::new());
        }
        let rules = office.query(&format!("{{ plan(year: 2022) {{ {RULES} }} }}")).await;
        let rules = rules.data("/plan/rules");
        assert_eq!([&rules["replyDays"], &rules["aheadPoints"], &rules["noticeMissing"]], [&json!(9), &json!(9), &json!(false)]);
    }

    async fn what_steering_costs(app: App) {
        let office = app.sign_in("office").await;
        let (id, target) = (plan(&office, 2022).await, target(&office, 1).await);
        let lists = "{ plans { nodes { rules { replyDays } } } }";
        let plans = office.query(lists).await;
        let targets = office.query("{ plan(year: 2022) { targets(first: 100) { nodes { lightOverride { until } lightReasons { message } } } } }").await;
        assert!(targets.body.get("errors").is_none(), "{}", targets.text);
        let set = set_light(&office, json!({ "targetId": target, "light": "RED", "until": "2022-07-01", "reason": "x" })).await;
        let cleared = clear_light(&office, &target).await;
        let rules = set_rules(&office, &id, json!({ "replyDays": 9 })).await;
        let measured = set_rules(&office, &id, json!({ "thresholds": { "share": { "yellowAtLeast": 70 } } })).await;
        let costs = [&plans, &targets, &set, &cleared, &rules, &measured].map(Answer::statements);
        // Events are numbered under a lock on PostgreSQL.
        let lock = u32::from(app.database.backend == tests::Backend::Postgres);
        assert_eq!(costs, [3, 14, 17 + lock, 17 + lock, 7 + lock, 19 + lock]);
    }
}
