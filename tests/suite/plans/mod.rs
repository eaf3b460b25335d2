//! Plans as the supervision office writes them: imported, drafted, published, amended, cancelled, carried over, archived.

mod amendments;
mod archive;
mod carried;
mod confirming;
mod discarded;
mod drafts;
mod imports;
mod matrix;
mod published;

use serde_json::{Value, json};
use tests::{Actor, Answer, App};

use crate::contract::operation;

pub(crate) use crate::scene::act;

pub(crate) const NONE: [&str; 0] = [];

/// The first table of 2022's document, for another year.
pub(crate) fn document(year: i32) -> String {
    let lines: Vec<String> = whole(year).lines().take(35).map(str::to_owned).collect();
    lines.join("\n")
}

/// 2022's document, for another year.
pub(crate) fn whole(year: i32) -> String {
    seeds::DOCUMENT
        .replace("政府工作报告 2022 年", &format!("政府工作报告 {year} 年"))
        .replace("2022〕9号", &format!("{year}〕1号"))
}

pub(crate) async fn import(actor: &Actor<'_>, document: &[u8], year: i32, dry_run: bool) -> Answer {
    let variables = json!({ "year": year, "dryRun": dry_run });
    actor
        .ask_with_file(&operation("ImportPlan"), variables, "plan.txt", document)
        .await
}

/// The ID of the plan of a year.
pub(crate) async fn plan(actor: &Actor<'_>, year: i32) -> String {
    let answer = actor
        .query(&format!("{{ plan(year: {year}) {{ id }} }}"))
        .await;
    text(answer.data("/plan/id"))
}

pub(crate) async fn publish(actor: &Actor<'_>, plan: &str) -> Answer {
    actor
        .ask(&operation("PublishPlan"), json!({ "planId": plan }))
        .await
}

/// The ID and the version of a target.
pub(crate) async fn target(actor: &Actor<'_>, year: i32, number: i32) -> (String, i64) {
    let query = format!(
        "{{ target(by: {{ number: {{ year: {year}, number: {number} }} }}) {{ id version }} }}"
    );
    let answer = actor.query(&query).await;
    let version = answer.data("/target/version").as_i64().unwrap();
    (text(answer.data("/target/id")), version)
}

/// Whether somebody sees a target.
pub(crate) async fn sees(actor: &Actor<'_>, id: &str) -> bool {
    let query = "query($id: ID!) { target(id: $id) { id } }";
    let answer = actor.ask(query, json!({ "id": id })).await;
    answer.body.get("errors").is_none()
}

pub(crate) async fn unit(office: &Actor<'_>, name: &str) -> String {
    let query = "query($s: String) { units(filter: { search: $s }) { nodes { id name } } }";
    let answer = office.ask(query, json!({ "s": name })).await;
    let nodes = answer.data("/units/nodes").as_array().unwrap();
    text(&nodes.iter().find(|node| node["name"] == name).unwrap()["id"])
}

pub(crate) async fn leader(office: &Actor<'_>, at: usize) -> (String, String) {
    let answer = office.query("{ leaders { nodes { id name } } }").await;
    let node = answer.data(&format!("/leaders/nodes/{at}")).clone();
    (text(&node["id"]), text(&node["name"]))
}

pub(crate) fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// Takes an act that must not be refused; what it answers.
pub(crate) async fn done(actor: &Actor<'_>, mutation: &str, input: Value, fields: &str) -> Value {
    let answer = act(actor, mutation, input, fields).await;
    assert_eq!(answer.refusals(mutation), NONE, "{}", answer.text);
    answer.data(&format!("/{mutation}")).clone()
}

/// The acts that are allowed on an object, and the codes of those that are not.
pub(crate) async fn available(actor: &Actor<'_>, id: &str) -> Vec<(String, String)> {
    let query = "query($id: ID!) { node(id: $id) {
        ... on Plan { availableActions { action allowed reason { code } } }
        ... on Target { availableActions { action allowed reason { code } } } } }";
    let answer = actor.ask(query, json!({ "id": id })).await;
    let acts = answer.data("/node/availableActions").as_array().unwrap();
    acts.iter()
        .map(|act| {
            let told = match act["allowed"] == true {
                true => "allowed".to_owned(),
                false => text(&act["reason"]["code"]),
            };
            (text(&act["action"]), told)
        })
        .collect()
}

/// How many rows a table has.
pub(crate) async fn rows(app: &App, table: &str) -> i64 {
    use sea_orm::{ConnectionTrait, Statement};
    let db = app.database.connect().await;
    let sql = format!("SELECT CAST(COUNT(*) AS BIGINT) AS n FROM {table}");
    let row = db
        .query_one_raw(Statement::from_string(db.get_database_backend(), sql))
        .await
        .unwrap()
        .unwrap();
    row.try_get("", "n").unwrap()
}
