//! The operations that consumers plan to send: the contract's own documents, word for word (`tests/contract`), and those that
//! the explorer offers (`api/explorer/operations`). A new document is held to the schema by being there.

use std::{path::Path, sync::OnceLock};

use apollo_compiler::{ExecutableDocument, Schema, validation::Valid};
use serde_json::{Value, json};
use tests::{App, both};

/// Operations of the contract that are not served yet: they belong to the portals' own accounts and to webhooks.
const NOT_YET: [&str; 3] = ["CreateServiceAccount", "CreateWebhook", "Deliveries"];

/// A document: its file's name, and its text.
pub(crate) struct Document {
    pub(crate) name: String,
    text: String,
}

/// Every document of a folder, by name.
fn read(folder: &str) -> Vec<Document> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let files = std::fs::read_dir(folder).unwrap();
    let mut documents: Vec<Document> = files
        .map(|file| {
            let path = file.unwrap().path();
            Document {
                name: path.file_name().unwrap().to_str().unwrap().to_owned(),
                text: std::fs::read_to_string(path).unwrap(),
            }
        })
        .collect();
    documents.sort_by(|one, other| one.name.cmp(&other.name));
    documents
}

/// The documents that the explorer offers.
pub(crate) fn documents() -> &'static [Document] {
    static DOCUMENTS: OnceLock<Vec<Document>> = OnceLock::new();
    DOCUMENTS.get_or_init(|| read("../api/explorer/operations"))
}

/// The contract's documents.
fn contract() -> &'static [Document] {
    static DOCUMENTS: OnceLock<Vec<Document>> = OnceLock::new();
    DOCUMENTS.get_or_init(|| read("contract"))
}

/// The text of one operation: the contract's, and where it has none, the explorer's.
pub(crate) fn operation(name: &str) -> String {
    let found = cut(contract(), name).or_else(|| cut(documents(), name));
    found.unwrap_or_else(|| panic!("there is no operation {name}"))
}

/// The text of one operation as the explorer offers it, which may ask for more than the contract's.
pub(crate) fn offered(name: &str) -> String {
    cut(documents(), name).unwrap_or_else(|| panic!("the explorer has no {name}"))
}

/// The text of one operation of some documents.
fn cut(documents: &[Document], name: &str) -> Option<String> {
    for document in documents {
        // Each operation begins a line, and ends with a brace that begins one, or with its only line.
        let mut lines = document.text.lines().skip_while(|line| {
            !["query", "mutation", "subscription"].iter().any(|kind| {
                line.strip_prefix(kind)
                    .is_some_and(|rest| rest.trim_start().split(['(', ' ']).next() == Some(name))
            })
        });
        let mut text = String::new();
        for line in lines.by_ref() {
            let first = text.is_empty();
            text.push_str(line);
            text.push('\n');
            if line == "}" || first && line.ends_with('}') {
                return Some(text);
            }
        }
    }
    None
}

/// The schema of record, read by a judge that shares nothing with the server's library.
fn schema() -> Valid<Schema> {
    let sdl = include_str!("../../schema.graphql");
    Schema::parse_and_validate(sdl, "schema.graphql").unwrap()
}

/// The names of a document's operations.
fn names(text: &str) -> Vec<&str> {
    let kinds = ["query ", "mutation ", "subscription "];
    text.lines()
        .filter_map(|line| kinds.iter().find_map(|kind| line.strip_prefix(kind)))
        .filter_map(|rest| rest.split(['(', ' ']).next())
        .collect()
}

#[test]
fn every_document_is_valid_against_the_schema() {
    let schema = schema();
    let mut all = Vec::new();
    for Document { name, text } in documents() {
        let document = ExecutableDocument::parse_and_validate(&schema, text, name)
            .unwrap_or_else(|invalid| panic!("{}", invalid.errors));
        assert!(
            document.operations.anonymous.is_none(),
            "{name}: an operation without a name"
        );
        for named in document.operations.named.keys() {
            // The explorer and the other tests cut operations out by their lines.
            let alone = cut(documents(), named).unwrap();
            ExecutableDocument::parse_and_validate(&schema, alone, name)
                .unwrap_or_else(|invalid| panic!("{named}, by itself: {}", invalid.errors));
            all.push(named.to_string());
        }
    }
    let count = all.len();
    all.sort();
    all.dedup();
    assert!(count >= 12, "{all:?}");
    assert_eq!(count, all.len(), "two operations of one name");
}

#[test]
fn every_operation_of_the_contract_is_valid_and_the_explorer_offers_it() {
    let schema = schema();
    let mut all = Vec::new();
    for Document { name, text } in contract() {
        for named in names(text) {
            let alone = cut(contract(), named).unwrap();
            let checked = ExecutableDocument::parse_and_validate(&schema, &alone, name);
            if NOT_YET.contains(&named) {
                assert!(
                    checked.is_err(),
                    "{named} is served: it is not to be left out any more"
                );
            } else if let Err(invalid) = checked {
                panic!("{named}: {}", invalid.errors);
            } else {
                assert!(
                    cut(documents(), named).is_some(),
                    "the explorer has no {named}"
                );
            }
            all.push(named);
        }
    }
    assert_eq!(all.len(), 41, "{all:?}");
}

#[test]
fn a_document_that_is_not_valid_is_found_out() {
    let schema = schema();
    let is_valid = |text: &str| ExecutableDocument::parse_and_validate(&schema, text, "it").is_ok();
    assert!(is_valid("query A($y: Int!) { plan(year: $y) { id } }"));
    for wrong in [
        "query A { plan(year: 2022) { nothing } }",
        "query A { plan(year: 2022) }",
        "query A { plan(year: 2022, month: 1) { id } }",
        "query A { plan(year: \"2022\") { id } }",
        "query A { plan { id } }",
        "query A($y: String!) { plan(year: $y) { id } }",
        "query A($y: Int!, $z: Int) { plan(year: $y) { id } }",
        "query A { plan(year: $y) { id } }",
        "query A($f: TargetFilters) { plan(year: 2022) { targets(filter: $f) { totalCount } } }",
        "query A { plan(year: 2022) { targets(filter: { colour: RED }) { totalCount } } }",
        "query A { plan(year: 2022) { targets(filter: { light: PINK }) { totalCount } } }",
        "query A { node(id: \"x\") { number } }",
        "mutation A { signOut { userErrors { code } } }",
        "mutation A { signUp(input: {}) { userErrors { code } } }",
        "query A { viewer { ...B } }",
        "query A { viewer { permissions permissions: grants { id } } }",
    ] {
        assert!(!is_valid(wrong), "{wrong}");
    }
}

both! {
    async fn a_day_with_every_operation(app: App) {
        let anonymous = app.anonymous();
        let signed = anonymous.ask(&operation("SignIn"), json!({ "username": "office", "password": tests::world::PASSWORD })).await;
        assert_eq!(signed.data("/signIn/session/mustChangePassword"), &Value::Bool(false));
        let refreshed = anonymous
            .ask(&operation("RefreshSession"), json!({ "refreshToken": signed.data("/signIn/session/refreshToken") }))
            .await;
        assert!(refreshed.data("/refreshSession/session/accessToken").is_string());

        let office = app.sign_in("office").await;
        let viewer = office.query(&operation("Viewer")).await;
        assert_eq!(viewer.data("/viewer/user/username"), "office");
        assert_eq!(viewer.data("/viewer/grants/0/role"), "SUPERVISOR");
        let mine = office.ask(&operation("MyTargets"), json!({ "year": 2022, "first": 20 })).await;
        assert_eq!(mine.data("/plan/targets/totalCount"), 194);
        assert_eq!(mine.data("/plan/targets/edges/0/node/text"), "生产总值增长 7%以上。");
        assert_eq!(mine.data("/plan/targets/edges/0/node/leaders/0/name"), "林先华");
        assert_eq!(mine.data("/plan/targets/edges/0/node/assignments/0/role"), "LEAD");
        let id = mine.data("/plan/targets/edges/0/node/id");
        let detail = office.ask(&operation("TargetDetail"), json!({ "id": id })).await;
        assert_eq!(detail.data("/target/indicators/0/goal"), "7");
        assert_eq!(detail.data("/target/lightReasons/0/code"), "NOTHING_DUE");
        let outline = office.ask(&operation("Outline"), json!({ "year": 2022 })).await;
        let counts: i64 = outline.data("/plan/sections").as_array().unwrap().iter().map(|s| s["targetCount"].as_i64().unwrap()).sum();
        assert_eq!(counts, 194);
        let directory = office.ask(&operation("Directory"), json!({ "first": 100, "search": "椒江" })).await;
        assert_eq!(directory.data("/units/nodes/0/code"), "331002");
        assert_eq!(directory.data("/leaders/nodes/0/name"), "林先华");

        let numbers = office.ask(&operation("Statistics"), json!({ "year": 2022, "groupBy": "NONE" })).await;
        assert_eq!(numbers.data("/plan/statistics/0/key"), &Value::Null);
        assert_eq!(numbers.data("/plan/statistics/0/targets"), 194);
        assert_eq!(numbers.data("/plan/statistics/0/reportsDue"), 0);
        assert_eq!(numbers.data("/plan/statistics/0/timelinessRate"), &Value::Null);
        for (group, of) in [("SECTION", "Section"), ("LEADER", "Leader"), ("UNIT", "Unit")] {
            let numbers = office.ask(&operation("Statistics"), json!({ "year": 2022, "groupBy": group })).await;
            assert_eq!(numbers.data("/plan/statistics/0/key/__typename"), of);
        }
        assert_eq!(office.ask(&operation("Trend"), json!({ "year": 2022 })).await.data("/plan/trend"), &json!([]));
        let ranking = office.ask(&operation("UnitRanking"), json!({ "year": 2022, "weights": { "progress": 1 } })).await;
        assert_eq!(ranking.data("/plan/unitRanking/0/rank"), 1);

        let open = office.ask(&operation("OpenDesignations"), json!({ "year": 2022 })).await;
        assert_eq!(open.data("/plan/designations/totalCount"), 31);
        let designation = open.data("/plan/designations/nodes/0/id");
        let unit = directory.data("/units/nodes/0/id");
        let designated = office
            .ask(&operation("DesignateUnits"), json!({ "designationId": designation, "unitIds": [unit] }))
            .await;
        assert_eq!(designated.refusals("designateUnits"), Vec::<String>::new());
        let units = designated.data("/designateUnits/target/assignments").as_array().unwrap();
        assert!(units.iter().any(|assignment| assignment["unit"]["name"] == "椒江区政府"));
        let open = office.ask(&operation("OpenDesignations"), json!({ "year": 2022 })).await;
        assert_eq!(open.data("/plan/designations/totalCount"), 30);

        let manager = app.sign_in("fgw-manager").await;
        let mine = manager.ask(&operation("MyTargets"), json!({ "year": 2022, "first": 20, "filter": { "acknowledged": false, "role": "LEAD" } })).await;
        let before = mine.data("/plan/targets/totalCount").as_i64().unwrap();
        let own = mine.data("/plan/targets/edges/0/node/assignments/0/id");
        let done = manager.ask(&operation("Acknowledge"), json!({ "assignmentIds": [own] })).await;
        assert_eq!(done.data("/acknowledgeAssignments/assignments/0/acknowledgedBy/displayName"), "账号 fgw-manager");
        let mine = manager.ask(&operation("MyTargets"), json!({ "year": 2022, "first": 20, "filter": { "acknowledged": false, "role": "LEAD" } })).await;
        assert_eq!(mine.data("/plan/targets/totalCount").as_i64().unwrap(), before - 1);

        let target = office.query("{ target(by: { number: { year: 2022, number: 1 } }) { id assignments { unit { id } } } }").await;
        let (target, unit) = (target.data("/target/id"), target.data("/target/assignments/0/unit/id"));
        let issued = office
            .ask(&operation("IssueNotice"), json!({ "targetId": target, "unitId": unit, "colour": "RED", "body": "请说明。", "replyDueOn": "2022-06-30" }))
            .await;
        assert_eq!(issued.data("/issueNotice/notice/status"), "OPEN");
        let leader = app.sign_in("leader-1").await;
        let given = leader.ask(&operation("GiveInstruction"), json!({ "targetId": target, "body": "务必完成。" })).await;
        assert_eq!(given.data("/giveInstruction/instruction/leader/name"), "林先华");
        let detail = manager.ask(&operation("TargetDetail"), json!({ "id": target })).await;
        assert_eq!(detail.data("/target/notices/0/colour"), "RED");
        assert_eq!(detail.data("/target/instructions/0/body"), "务必完成。");
        let open = manager.ask(&operation("OpenCases"), json!({ "year": 2022, "first": 20 })).await;
        let (notice, instruction) = (open.data("/supervisionNotices/nodes/0/id"), open.data("/instructions/nodes/0/id"));
        let answered = manager.ask(&operation("AnswerNotice"), json!({ "noticeId": notice, "body": "已整改。" })).await;
        assert_eq!(answered.data("/answerNotice/notice/answer/body"), "已整改。");
        let answered = manager.ask(&operation("AnswerInstruction"), json!({ "instructionId": instruction, "body": "已部署。" })).await;
        assert_eq!(answered.data("/answerInstruction/instruction/answer/unit/name"), "市发展改革委");
        let open = manager.ask(&operation("OpenCases"), json!({ "year": 2022, "first": 20 })).await;
        assert_eq!([open.data("/supervisionNotices/totalCount"), open.data("/instructions/totalCount")], [0, 0]);

        let changed = manager.ask(&operation("ChangePassword"), json!({ "current": tests::world::PASSWORD, "new": "another long password" })).await;
        assert_eq!(changed.refusals("changePassword"), Vec::<String>::new());
        let out = manager.query(&operation("SignOut")).await;
        assert_eq!(out.refusals("signOut"), Vec::<String>::new());
        assert_eq!(manager.query("{ viewer { permissions } }").await.data("/viewer"), &Value::Null);
    }
}
