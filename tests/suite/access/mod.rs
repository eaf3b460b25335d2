//! The promise: each sees exactly what is theirs, by whichever path they ask.
//!
//! What an account may see is computed here a second time, from the plan as the importer reads it and from domain.md §4
//! alone. Every path that leads to a target is then walked by every account, and must lead to just those.

mod acts;
mod drafted;
mod drafted_units;
mod heard;
mod hidden;
mod random;
mod reports;
mod targets;

use std::collections::{BTreeMap, BTreeSet};

use entity::{plan, target};
use importer::{PlanDraft, TargetDraft};
use sea_orm::EntityTrait;
use serde_json::{Value, json};
use tests::{
    Actor, App,
    world::{self, UNITS},
};

/// A target by the year of its plan and its number.
type Target = (i32, i32);
type Targets = BTreeSet<Target>;

/// The plans, and what the database calls their rows.
struct World {
    plans: Vec<PlanDraft>,
    by_id: BTreeMap<String, Target>,
    ids: BTreeMap<Target, String>,
}

impl World {
    async fn of(app: &App) -> Self {
        let draft = importer::read(&world::document_2023(), 2023, &world::tables());
        let plans = vec![world::plan_2022(), draft.plan.unwrap()];
        let db = app.database.connect().await;
        let years: BTreeMap<_, _> = plan::Entity::find()
            .all(&db)
            .await
            .unwrap()
            .into_iter()
            .map(|plan| (plan.id, plan.year))
            .collect();
        let targets = target::Entity::find().all(&db).await.unwrap();
        let by_id: BTreeMap<String, Target> = targets
            .iter()
            .map(|row| {
                (
                    global("Target", row.id.0),
                    (years[&row.plan_id], row.number),
                )
            })
            .collect();
        let ids = by_id
            .iter()
            .map(|(id, target)| (*target, id.clone()))
            .collect();
        Self { plans, by_id, ids }
    }

    fn draft(&self, target: Target) -> &TargetDraft {
        let plan = self
            .plans
            .iter()
            .find(|plan| plan.year == target.0)
            .unwrap();
        &plan.targets[target.1 as usize - 1]
    }

    /// What an account sees, by the rule.
    fn visible_to(&self, actor: &str) -> Targets {
        let leaders = &self.plans[0].leaders;
        self.ids
            .keys()
            .copied()
            .filter(|target| {
                let draft = self.draft(*target);
                let issued = target.0 == 2022;
                let of_unit = |unit: &str| {
                    issued
                        && draft
                            .assignments
                            .iter()
                            .any(|a| a.unit == unit || a.acting_unit.as_deref() == Some(unit))
                };
                let of_leader = |at: usize| issued && draft.leaders.contains(&leaders[at]);
                match actor {
                    "office" => true,
                    "office-2022" | "observer" | "observer-2022" => issued,
                    "office-2023" => !issued,
                    "leader-1" => of_leader(0),
                    "leader-8" => of_leader(7),
                    "both" => of_unit("市应急管理局") || of_leader(7),
                    other => UNITS
                        .iter()
                        .find(|(short, _)| {
                            other == format!("{short}-manager")
                                || other == format!("{short}-reporter")
                        })
                        .is_some_and(|(_, unit)| of_unit(unit)),
                }
            })
            .collect()
    }

    fn targets(&self, ids: impl IntoIterator<Item = Value>) -> Targets {
        ids.into_iter()
            .map(|id| self.by_id[id.as_str().unwrap()])
            .collect()
    }
}

fn global(of: &str, key: i64) -> String {
    use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
    BASE64_URL_SAFE_NO_PAD.encode(format!("{of}:{key}"))
}

/// All values of a key, wherever they stand.
fn all(value: &Value, key: &str, found: &mut Vec<Value>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                if name == key {
                    found.push(value.clone());
                }
                all(value, key, found);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| all(item, key, found)),
        _ => {}
    }
}

fn ids(value: &Value) -> Vec<Value> {
    let mut found = Vec::new();
    all(value, "t", &mut found);
    found
}

/// Walks a list page by page: `page` gives the arguments of a page from a cursor.
async fn walk(actor: &Actor<'_>, year: i32, order: &str, backwards: bool) -> Vec<Value> {
    let mut found = Vec::new();
    let mut cursor = Value::Null;
    loop {
        let arguments = if backwards {
            "last: 7, before: $c"
        } else {
            "first: 7, after: $c"
        };
        let query = format!(
            "query($year: Int!, $c: String) {{ plan(year: $year) {{ targets({arguments}, orderBy: {order}) {{
                nodes {{ t: id }} pageInfo {{ hasNextPage hasPreviousPage startCursor endCursor }} }} }} }}"
        );
        let answer = actor
            .ask(&query, json!({ "year": year, "c": cursor }))
            .await;
        let Some(targets) = answer.body.pointer("/data/plan/targets") else {
            return found;
        };
        let mut page = ids(targets);
        if backwards {
            page.extend(std::mem::take(&mut found));
            found = page;
        } else {
            found.extend(page);
        }
        let info = &targets["pageInfo"];
        let (more, at) = if backwards {
            ("hasPreviousPage", "startCursor")
        } else {
            ("hasNextPage", "endCursor")
        };
        if info[more] != true {
            return found;
        }
        cursor = info[at].clone();
    }
}

/// Every field that leads to targets or reports, or counts them, is walked here: a new one must be added there, and here.
#[test]
fn no_path_to_a_target_is_forgotten() {
    use async_graphql_parser::types::{TypeKind, TypeSystemDefinition};
    let scoped = [
        "Target",
        "TargetConnection",
        "Assignment",
        "Designation",
        "DesignationConnection",
        "Indicator",
        "ProgressReport",
        "ProgressReportConnection",
        "ReportVersion",
        "ReportVersionConnection",
        "Review",
        "IndicatorReading",
        "IndicatorReadingConnection",
        "Event",
        "EventConnection",
        "SupervisionNotice",
        "SupervisionNoticeConnection",
        "Instruction",
        "InstructionConnection",
        "Node",
        "ProgressReport",
        "ProgressReportConnection",
        "ReportVersion",
        "ReportVersionConnection",
        "Review",
        "IndicatorReading",
        "IndicatorReadingConnection",
        "ReportingPeriod",
        "Event",
        "EventConnection",
        // Walked by `reports::files`, and by `attachments::requests` in the suite.
        "Attachment",
        // Walked in the tests of their own: requests, milestones, disputes.
        "TargetRequest",
        "TargetRequestConnection",
        "ExtensionRequest",
        "ClosureRequest",
        "Milestone",
        "Refinement",
        "Dispute",
        "DisputeConnection",
        // Walked by `plans`.
        "Amendment",
        "AmendmentConnection",
        // Walked by `statistics`.
        "Statistics",
        "PeriodStatistics",
        "UnitScore",
    ];
    let mut paths = Vec::new();
    for definition in async_graphql_parser::parse_schema(graphql::sdl())
        .unwrap()
        .definitions
    {
        let TypeSystemDefinition::Type(of) = definition else {
            continue;
        };
        let TypeKind::Object(object) = of.node.kind else {
            continue;
        };
        for field in object.fields {
            let ty = field.node.ty.node.to_string();
            let name = field.node.name.node.as_str();
            if scoped.contains(&ty.trim_matches(['[', ']', '!'])) || name.ends_with("Count") {
                paths.push(format!("{}.{name}", of.node.name.node));
            }
        }
    }
    paths.retain(|path| !path.contains("Edge.") && !path.contains("Payload."));
    paths.sort();
    insta::assert_snapshot!(paths.join("\n"));
}
