//! What people do with reports, over GraphQL: creating periods, writing, handing in, reviewing.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use domain::Clock;
use serde_json::{Value, json};

use crate::{Actor, Answer, App};

/// What the tests look at in a report.
pub const REPORT: &str = "id version status late progress problems nextSteps percentComplete submittedAt firstSubmittedAt reviewBeganAt acceptedAt";

/// Runs an act of one input; `fields` is what it answers beside its errors.
pub async fn act(actor: &Actor<'_>, mutation: &str, fields: &str, input: Value) -> Answer {
    let of = match mutation {
        "requestSignoff" | "submitProgressReport" | "recallProgressReport" | "beginReview" => {
            "ProgressReportInput".to_owned()
        }
        other => {
            let mut letters = other.chars();
            let first = letters.next().unwrap_or_default().to_uppercase();
            format!("{first}{}Input", letters.as_str())
        }
    };
    let query = format!(
        "mutation($input: {of}!) {{ {mutation}(input: $input) {{ {fields} userErrors {{ code field message currentVersion }} }} }}"
    );
    actor.ask(&query, json!({ "input": input })).await
}

/// An act on a report, of which the whole report is answered.
pub async fn on_report(actor: &Actor<'_>, mutation: &str, input: Value) -> Answer {
    let fields = format!("clientMutationId report {{ {REPORT} }}");
    act(actor, mutation, &fields, input).await
}

/// Begins a report, or changes it.
pub async fn save(actor: &Actor<'_>, input: Value) -> Answer {
    on_report(actor, "saveProgressReport", input).await
}

/// A report that an act answered: its ID and version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Handle {
    /// The ID.
    pub id: String,
    /// The version.
    pub version: i64,
}

/// The report that an act answered, which must not have been refused.
pub fn report(answer: &Answer, mutation: &str) -> Handle {
    assert_eq!(
        answer.refusals(mutation),
        Vec::<String>::new(),
        "{}",
        answer.text
    );
    let report = answer.data(&format!("/{mutation}/report"));
    Handle {
        id: report["id"].as_str().unwrap_or_default().to_owned(),
        version: report["version"].as_i64().unwrap_or_default(),
    }
}

impl Handle {
    /// The input of a step of this version.
    pub fn input(&self) -> Value {
        json!({ "reportId": self.id, "expectedVersion": self.version })
    }

    /// Takes a step, which must not be refused.
    pub async fn step(&self, actor: &Actor<'_>, mutation: &str) -> Self {
        report(&on_report(actor, mutation, self.input()).await, mutation)
    }

    /// Reviews the report; returning says why.
    pub async fn review(&self, actor: &Actor<'_>, decision: &str) -> Answer {
        let mut input = self.input();
        input["decision"] = decision.into();
        if decision == "RETURN" {
            input["comment"] = "请补充数据".into();
        }
        on_report(actor, "reviewProgressReport", input).await
    }

    /// Accepts or returns the report, which must not be refused.
    pub async fn reviewed(&self, actor: &Actor<'_>, decision: &str) -> Self {
        let answer = self.review(actor, decision).await;
        report(&answer, "reviewProgressReport")
    }
}

/// The monthly periods of 2022 by their labels. June is open from its first days on.
pub async fn create_periods(office: &Actor<'_>) -> BTreeMap<String, String> {
    let plan = office.query("{ plan(year: 2022) { id } }").await;
    let input = json!({ "planId": plan.data("/plan/id"), "kind": "MONTH", "opensDaysBefore": 24 });
    let made = act(
        office,
        "createReportingPeriods",
        "reportingPeriods { id label }",
        input,
    )
    .await;
    assert_eq!(made.refusals("createReportingPeriods"), [""; 0]);
    let periods = made.data("/createReportingPeriods/reportingPeriods");
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    periods
        .as_array()
        .into_iter()
        .flatten()
        .map(|period| (text(&period["label"]), text(&period["id"])))
        .collect()
}

/// The ID of a target of 2022.
pub async fn target(actor: &Actor<'_>, number: i32) -> String {
    let query =
        format!("{{ target(by: {{ number: {{ year: 2022, number: {number} }} }}) {{ id }} }}");
    let answer = actor.query(&query).await;
    answer
        .data("/target/id")
        .as_str()
        .unwrap_or_default()
        .to_owned()
}

/// Sets the clock to a moment.
pub fn set_clock(app: &App, moment: &str) {
    let moment: DateTime<Utc> = moment.parse().expect("a moment");
    app.clock.advance(moment - app.clock.now());
}
