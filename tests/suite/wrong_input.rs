//! Input that cannot be: told with a code, its place in the input, and in the caller's language.

use serde_json::{Value, json};
use tests::{Answer, App, both};

use crate::client::{Client, bearer};

/// Of each error its field, empty where there is none, and its message. All of them are BAD_USER_INPUT, and nothing ran.
fn told(answer: &Answer) -> Vec<(String, String)> {
    assert_eq!(answer.body.get("data"), None, "{}", answer.text);
    let errors = answer.body["errors"].as_array().unwrap();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    errors
        .iter()
        .map(|error| {
            assert_eq!(error["extensions"]["code"], "BAD_USER_INPUT", "{error}");
            assert!(error.get("path").is_none(), "{error}");
            (text(&error["extensions"]["field"]), text(&error["message"]))
        })
        .collect()
}

fn is_chinese(text: &str) -> bool {
    text.chars().any(|c| matches!(c, '一'..='鿿'))
}

const SAVE: &str = "mutation($input: SaveMilestoneInput!) { saveMilestone(input: $input) { userErrors { code } } }";
const REPORT: &str = "mutation($report: SaveProgressReportInput!) { saveProgressReport(input: $report) { userErrors { code } } }";
const AMEND: &str =
    "mutation($target: AmendTargetInput!) { amendTarget(input: $target) { userErrors { code } } }";
const REOPEN: &str = "mutation($until: DateTime!) { reopenReportingPeriod(input: { periodId: \"x\", unitId: \"x\", reason: \"x\", until: $until }) { userErrors { code } } }";
const LIGHT: &str =
    "query($on: Date) { plan(year: 2022) { targets(first: 1) { nodes { light(on: $on) } } } }";

both! {
    async fn a_value_that_a_scalar_refuses_is_told_with_its_field(app: App) {
        let mut actor = app.sign_in("fgw-manager").await;
        let milestone = |day: Value| json!({ "input": { "targetId": "x", "title": "x", "dueOn": day } });
        let reading = |value: Value| json!({ "report": { "targetId": "x", "periodId": "x", "readings": [{ "indicatorId": "x", "value": "1" }, { "indicatorId": "x", "value": value }] } });
        let goal = |goal: &str| json!({ "target": { "targetId": "x", "expectedVersion": 1, "reason": "x", "indicators": [{ "name": "x", "comparison": "AT_LEAST", "goal": goal, "unitOfMeasure": "x", "kind": "RATE", "phrase": "x" }] } });
        let (date, moment) = ("（例如 2022-12-31）", "（例如 2022-05-27T08:00:00Z）");
        for (query, variables, field, chinese) in [
            (SAVE, milestone(json!("2022-02-30")), "input.dueOn", format!("变量 $input.dueOn 的值不符合类型 Date!{date}。")),
            (SAVE, milestone(json!("30.02.2022")), "input.dueOn", format!("变量 $input.dueOn 的值不符合类型 Date!{date}。")),
            (SAVE, milestone(json!(20220230)), "input.dueOn", format!("变量 $input.dueOn 的值不符合类型 Date!{date}。")),
            (SAVE, milestone(json!("+262142-12-31")), "input.dueOn", format!("变量 $input.dueOn 的值不符合类型 Date!{date}。")),
            (REPORT, reading(json!(12.5)), "input.readings.1.value", "变量 $report.readings.1.value 的值不符合类型 Decimal!（例如 \"18000\"）。".to_owned()),
            (REPORT, reading(json!("1e3")), "input.readings.1.value", "变量 $report.readings.1.value 的值不符合类型 Decimal!（例如 \"18000\"）。".to_owned()),
            (REPORT, reading(json!("")), "input.readings.1.value", "变量 $report.readings.1.value 的值不符合类型 Decimal!（例如 \"18000\"）。".to_owned()),
            (REPORT, reading(json!("123456789012345678901234567890")), "input.readings.1.value", "变量 $report.readings.1.value 的值不符合类型 Decimal!（例如 \"18000\"）。".to_owned()),
            (AMEND, goal("1,000"), "input.indicators.0.goal", "变量 $target.indicators.0.goal 的值不符合类型 Decimal!（例如 \"18000\"）。".to_owned()),
            (REPORT, json!({ "report": { "targetId": "x", "periodId": { "id": "x" } } }), "input.periodId", "变量 $report.periodId 的值不符合类型 ID!。".to_owned()),
            (REPORT, json!({ "report": { "targetId": "x", "periodId": "x", "percentComplete": "90%" } }), "input.percentComplete", "变量 $report.percentComplete 的值不符合类型 Int。".to_owned()),
            (REOPEN, json!({ "until": "2022-05-27T08:00:00" }), "input.until", format!("变量 $until 的值不符合类型 DateTime!{moment}。")),
            (REOPEN, json!({ "until": "tomorrow" }), "input.until", format!("变量 $until 的值不符合类型 DateTime!{moment}。")),
            (LIGHT, json!({ "on": "2022-02-30" }), "on", format!("变量 $on 的值不符合类型 Date{date}。")),
            ("{ plan(year: 2022) { targets(first: 1) { nodes { light(on: \"2022-02-30\") } } } }", json!({}), "on", format!("on 的值不符合类型 Date{date}。")),
            ("query($on: Date = \"2022-02-30\") { plan(year: 2022) { targets(first: 1) { nodes { light(on: $on) } } } }", json!({}), "on", format!("变量 $on 的值不符合类型 Date{date}。")),
            ("mutation { saveMilestone(input: { targetId: \"x\", title: \"x\", dueOn: \"2022-02-30\" }) { userErrors { code } } }", json!({}), "input.dueOn", format!("input.dueOn 的值不符合类型 Date!{date}。")),
        ] {
            actor.language = "zh-CN";
            let answer = actor.ask(query, variables.clone()).await;
            assert_eq!(told(&answer), [(field.to_owned(), chinese)], "{query} {variables}");
            assert_eq!((answer.status.as_u16(), answer.statements()), (400, 0));
            actor.language = "en";
            let answer = actor.ask(query, variables.clone()).await;
            let english = told(&answer);
            assert_eq!((english.len(), english[0].0.as_str()), (1, field), "{query} {variables}");
            assert!(english[0].1.contains("is not of type") && !is_chinese(&english[0].1), "{english:?}");
        }
        // What is a day is taken, and so is a null.
        for on in [json!("2022-02-28"), json!(null)] {
            let answer = actor.ask(LIGHT, json!({ "on": on })).await;
            assert!(answer.data("/plan/targets/nodes/0/light").is_string(), "{}", answer.text);
        }
    }

    async fn what_validation_finds_is_told_in_the_callers_language(app: App) {
        let mut actor = app.sign_in("office").await;
        for (document, english, chinese) in [
            ("{ nothing }", "Unknown field \"nothing\" on type \"Query\".", "类型 Query 没有字段 nothing。"),
            ("{ plan(year: \"x\") { id } }", "Invalid value for argument \"year\", expected type \"Int\"", "参数 year 的值不正确：应为类型 Int。"),
            ("{ plan { id } }", "Field \"plan\" argument \"year\" of type \"Query\" is required but not provided", "类型 Query 的字段 plan 缺少参数 year。"),
            ("{ plan(year: 1) }", "Field \"plan\" of type \"Plan\" must have a selection of subfields", "字段 plan（类型 Plan）必须选择子字段。"),
            ("{ plan(year: 1, day: 2) { id } }", "Unknown argument \"day\" on field \"plan\" of type \"Query\".", "类型 Query 的字段 plan 没有参数 day。"),
            ("query Q($x: Int) { viewer { permissions } }", "Variable \"$x\" is not used by operation \"Q\"", "操作 Q 没有使用变量 $x。"),
            ("{ plan(year: $x) { id } }", "Variable \"$x\" is not defined", "没有定义变量 $x。"),
            ("{ plans(first: 1) { nodes { id } } ...F }", "Unknown fragment: \"F\"", "没有片段 F。"),
            ("{ plan(year: 1) { targets(filter: { state: DONE }) { totalCount } } }", "Invalid value for argument \"filter.state\", enumeration type \"TargetState\" does not contain the value \"DONE\"", "参数 filter.state 的值不正确：枚举类型 TargetState 没有值 DONE。"),
            // What the edge finds before.
            ("{ viewer {", "The document has a syntax error in line 1, column 11.", "查询文档第 1 行第 11 列有语法错误。"),
            ("{ ...F } fragment F on Query { ...F }", "The fragment F spreads itself.", "片段 F 引用了自身。"),
            ("query($x: [Nothing] = [1]) { viewer { permissions } }", "There is no type Nothing.", "没有类型 Nothing。"),
            ("query($x: Boolean) { plan(year: $x) { id } }", "The variable $x cannot be used where Int! is expected.", "变量 $x 不能用在需要 Int! 的位置。"),
            ("query A { viewer { permissions } } query A { viewer { permissions } }", "The operation A is defined twice.", "操作 A 定义了两次。"),
        ] {
            for (language, message) in [("en", english), ("zh-CN", chinese)] {
                actor.language = language;
                let answer = actor.query(document).await;
                let messages: Vec<String> = told(&answer).into_iter().map(|(_, message)| message).collect();
                assert_eq!(messages, [message], "{document}");
            }
        }
        // Several at once, and none of them in another language.
        let many = "query Q($x: Int) { nothing viewer @nothing { x } plan(year: \"x\") { ...F } ...G } fragment F on Viewer { permissions }";
        for language in ["en", "zh-CN"] {
            actor.language = language;
            let answer = actor.query(many).await;
            let errors = told(&answer);
            assert!(errors.len() >= 6, "{errors:?}");
            for (_, message) in &errors {
                assert_eq!(is_chinese(message), language == "zh-CN", "{message}");
            }
            assert!(errors.iter().any(|(field, _)| field == "year"), "{errors:?}");
            assert!(answer.body["errors"].as_array().unwrap().iter().all(|error| error["locations"][0]["line"] == 1), "{}", answer.text);
        }
    }

    async fn a_text_with_u_0000_is_no_fault(app: App) {
        let stranger = app.anonymous();
        let answer = stranger.ask("mutation { signIn(input: { username: \"a\\u0000b\", password: \"x\" }) { userErrors { code } } }", json!({})).await;
        assert_eq!(answer.data("/signIn/userErrors/0/code"), "INVALID", "{}", answer.text);
        let units = "query($text: String) { units(filter: { search: $text }) { nodes { id } } }";
        let users = "query($text: String) { users(filter: { search: $text }) { nodes { id } } }";
        let log = |field: &str, list: bool| {
            let value = if list { "[$text]" } else { "$text" };
            format!("query($text: String!) {{ auditEntries(filter: {{ {field}: {value} }}) {{ nodes {{ id }} }} }}")
        };
        for (by, query) in [
            ("office", units.to_owned()),
            ("system", users.to_owned()),
            ("audit", log("username", false)),
            ("audit", log("requestId", false)),
            ("audit", log("ipAddress", false)),
            ("audit", log("objectType", false)),
            ("audit", log("actions", true)),
        ] {
            let answer = app.sign_in(by).await.ask(&query, json!({ "text": "a\u{0}b" })).await;
            assert_eq!(answer.body["errors"][0]["extensions"]["code"], "BAD_USER_INPUT", "{query}: {}", answer.text);
            assert!(answer.text.contains("U+0000") || query.contains("actions"), "{query}: {}", answer.text);
        }
        let audit = app.sign_in("audit").await;
        for name in ["username", "actions", "objectType", "requestId", "ipAddress"] {
            let request = app.client().get(app.url(&format!("/audit/export.csv?{name}=a%00b")));
            let answer = app.send(request.bearer_auth(audit.token.as_deref().unwrap())).await;
            assert_eq!(answer.status.as_u16(), 400, "{name}: {}", answer.text);
        }
    }

    async fn over_a_socket_it_is_the_same(app: App) {
        let actor = app.sign_in("office").await;
        let mut client = Client::try_open_in(&app, Some("graphql-transport-ws"), "zh-CN").await.unwrap();
        client.say(json!({ "type": "connection_init", "payload": bearer(actor.token.as_deref().unwrap()) })).await;
        assert_eq!(client.message().await["type"], "connection_ack");
        for (query, variables, field, message) in [
            (LIGHT, json!({ "on": "2022-02-30" }), json!("on"), "变量 $on 的值不符合类型 Date（例如 2022-12-31）。"),
            ("{ nothing }", json!({}), Value::Null, "类型 Query 没有字段 nothing。"),
            ("subscription { nothing }", json!({}), Value::Null, "类型 Subscription 没有字段 nothing。"),
        ] {
            client.ask("1", query, variables).await;
            let said = client.message().await;
            let error = &said["payload"][0];
            assert_eq!((&said["type"], &error["message"], &error["extensions"]["field"]), (&json!("error"), &json!(message), &field), "{said}");
        }
    }
}
