//! What a report costs to write: saved, submitted and accepted, one after the other.

use serde_json::{Value, json};

use crate::{
    data::Bench,
    drive::{User, operation, send},
    process::Server,
};

/// A report as it comes along.
pub(crate) struct Report<'a> {
    /// Its unit's manager.
    pub(crate) by: &'a User,
    target: Value,
    period: Value,
    id: Value,
    version: Value,
}

/// A step of a report, as the contract's operations have it.
#[derive(Clone, Copy)]
pub(crate) enum Step {
    Save,
    Submit,
    Accept,
}

impl Step {
    const fn operation(self) -> &'static str {
        match self {
            Self::Save => "SaveProgressReport",
            Self::Submit => "SubmitProgressReport",
            Self::Accept => "ReviewProgressReport",
        }
    }
}

impl<'a> Report<'a> {
    /// All that can be written: what the users' units lead, in each quarter.
    pub(crate) async fn open(server: &Server, bench: &Bench, users: &'a [User]) -> Vec<Self> {
        let year = bench.year();
        let mut all = Vec::new();
        for user in &users[..bench.units.len()] {
            let query = format!(
                "{{ plan(year: {year}) {{ reportingPeriods {{ id kind }} targets(first: 100, filter: {{ role: LEAD }}) {{ nodes {{ id }} }} }} }}"
            );
            let answer = ask(server, user, &query, Value::Null).await;
            let plan = &answer["data"]["plan"];
            let list = |value: &Value| value.as_array().expect("a list").clone();
            let periods = list(&plan["reportingPeriods"]);
            for target in list(&plan["targets"]["nodes"]) {
                for period in periods.iter().filter(|period| period["kind"] == "QUARTER") {
                    all.push(Self {
                        by: user,
                        target: target["id"].clone(),
                        period: period["id"].clone(),
                        id: Value::Null,
                        version: Value::Null,
                    });
                }
            }
        }
        all
    }

    pub(crate) async fn take(&mut self, server: &Server, by: &User, step: Step) {
        let variables = match step {
            Step::Save => json!({ "input": {
                "targetId": self.target, "periodId": self.period, "progress": "进".repeat(200), "percentComplete": 50,
            } }),
            Step::Submit => json!({ "reportId": self.id, "expectedVersion": self.version }),
            Step::Accept => {
                json!({ "reportId": self.id, "expectedVersion": self.version, "decision": "ACCEPT" })
            }
        };
        let answer = ask(server, by, &operation(step.operation()), variables).await;
        let payload = answer["data"]
            .as_object()
            .and_then(|data| data.values().next());
        let report = payload.map(|payload| &payload["report"]);
        let report = report.unwrap_or_else(|| panic!("{answer}"));
        assert!(report.is_object(), "{answer}");
        (self.id, self.version) = (report["id"].clone(), report["version"].clone());
    }
}

async fn ask(server: &Server, user: &User, query: &str, variables: Value) -> Value {
    let body = json!({ "query": query, "variables": variables }).to_string();
    serde_json::from_str(&send(server, user, &body).await.0).expect("JSON")
}

/// Takes each report through its steps, and prints what each step costs.
pub(crate) async fn measure(
    server: &Server,
    bench: &Bench,
    office: &User,
    reports: &mut [Report<'_>],
) {
    for (name, step) in [
        ("a report saved", Step::Save),
        ("a report submitted", Step::Submit),
        ("a report accepted", Step::Accept),
    ] {
        let (before, begun) = (server.cpu(bench), std::time::Instant::now());
        for report in reports.iter_mut() {
            let by = match step {
                Step::Accept => office,
                Step::Save | Step::Submit => report.by,
            };
            report.take(server, by, step).await;
        }
        let cpu = server.cpu(bench).each_since(before, reports.len() as u64);
        println!(
            "| {} | {} | {name} | 1 | {:.0} | {:.2} | {:.2} + {:.2} | – | – | – | – | {:.0} |",
            bench.backend(),
            bench.plans,
            reports.len() as f64 / begun.elapsed().as_secs_f64(),
            cpu.all(),
            cpu.server,
            cpu.database,
            server.resident_mib(),
        );
    }
}
