//! What an account can list, and the numbers that follow from it: counted here once more, by hand.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use entity::reporting_period;
use serde_json::{Value, json};
use tests::Actor;

use super::world::{World, global};

/// The day of the tests.
const TODAY: &str = "2022-06-15";

/// A report as an account gets it: of a target, a unit and a period.
#[derive(Clone)]
pub(super) struct Listed {
    pub(super) status: String,
    pub(super) late: bool,
    pub(super) percent: Option<i64>,
    /// The decisions of the reviews that it gets, oldest first.
    pub(super) reviews: Vec<String>,
}

/// What an account can list.
pub(super) struct Lists {
    pub(super) targets: Vec<Value>,
    pub(super) reports: HashMap<[String; 3], Listed>,
}

pub(super) fn text(value: &Value) -> String {
    value
        .as_str()
        .unwrap_or_else(|| panic!("{value}"))
        .to_owned()
}

impl Lists {
    pub(super) async fn of(world: &World, actor: &Actor<'_>) -> Self {
        let targets = every(
            actor,
            "query($c: String) { plan(year: 2022) { it: targets(first: 100, after: $c) { nodes {
                id state light percentComplete closedAt suspendedReason refinement { status } leaders { id } milestones { dueOn doneOn unit { id } } assignments { role unit { id } }
                section { id parent { id parent { id } } } } pageInfo { hasNextPage endCursor } } } }",
            "/plan/it",
        )
        .await;
        let listed = every(
            actor,
            "query($c: String) { it: progressReports(first: 100, after: $c, filter: { planYear: 2022 }) { nodes {
                status late percentComplete target { id } unit { id } period { id } reviews { decision } }
                pageInfo { hasNextPage endCursor } } }",
            "/it",
        )
        .await;
        let mut reports = HashMap::new();
        for report in listed {
            let reviews = report["reviews"].as_array().unwrap();
            let mut it = Listed {
                status: text(&report["status"]),
                late: report["late"] == true,
                percent: report["percentComplete"].as_i64(),
                reviews: reviews.iter().map(|it| text(&it["decision"])).collect(),
            };
            if it.status == "DRAFT" || it.status == "PENDING_SIGNOFF" {
                // What is with its unit again counts as it was returned; what never left it does not count.
                if it.reviews.is_empty() {
                    continue;
                }
                it.status = "RETURNED".to_owned();
            }
            let key = ["target", "unit", "period"].map(|of| text(&report[of]["id"]));
            assert!(reports.insert(key, it).is_none(), "listed twice");
        }
        // What is written anew is not listed for others, but the version that was returned is there.
        for (version, key, late) in &world.rewritten {
            let id = global("ReportVersion", version.0);
            let node = actor
                .ask(
                    "query($id: ID!) { node(id: $id) { ... on ReportVersion { status } } }",
                    json!({ "id": id }),
                )
                .await;
            let seen = node.body.pointer("/data/node/status").is_some();
            if seen {
                assert_eq!(node.data("/node/status"), "RETURNED");
                reports.entry(key.clone()).or_insert_with(|| Listed {
                    status: "RETURNED".to_owned(),
                    late: *late,
                    percent: None,
                    reviews: vec!["RETURN".to_owned()],
                });
            }
        }
        Self { targets, reports }
    }

    /// The lead units' reports that are due on targets, within the periods asked for: target, unit and period.
    pub(super) fn due(
        &self,
        world: &World,
        periods: &[&reporting_period::Model],
    ) -> Vec<[String; 3]> {
        let mut due = Vec::new();
        for target in &self.targets {
            let id = text(&target["id"]);
            let (closed, suspended) = world.targets[&id];
            for assignment in target["assignments"].as_array().unwrap() {
                let unit = text(&assignment["unit"]["id"]);
                let since = world.since.get(&(id.clone(), unit.clone()));
                for period in periods {
                    if assignment["role"] == "LEAD"
                        && !suspended
                        && closed.is_none_or(|closed| closed > period.due_at)
                        && since.is_none_or(|since| *since <= period.due_at)
                        && !world.paused(&id, period)
                    {
                        let period = global("ReportingPeriod", period.id.0);
                        due.push([id.clone(), unit.clone(), period]);
                    }
                }
            }
        }
        due
    }

    /// The numbers of reports due, as the API should have them.
    fn report_numbers(&self, due: &[&[String; 3]]) -> Value {
        let reports: Vec<&Listed> = due
            .iter()
            .filter_map(|key| self.reports.get(*key))
            .collect();
        let count = |what: &dyn Fn(&Listed) -> bool| reports.iter().filter(|it| what(it)).count();
        let on_time = count(&|it| !it.late);
        let reviewed = count(&|it| !it.reviews.is_empty());
        let at_first = count(&|it| it.reviews.first().is_some_and(|first| first == "ACCEPT"));
        json!({
            "reportsDue": due.len(), "reportsSubmitted": reports.len(), "reportsOnTime": on_time, "reportsLate": count(&|it| it.late),
            "reportsReturned": count(&|it| it.status == "RETURNED"), "reportsAccepted": count(&|it| it.status == "ACCEPTED"),
            "timelinessRate": rate(on_time, due.len()), "firstTimeAcceptanceRate": rate(at_first, reviewed),
        })
    }

    /// The numbers of a group.
    pub(super) fn numbers(&self, targets: &[&Value], due: &[&[String; 3]]) -> Value {
        let count = |field: &str, word: &str| targets.iter().filter(|it| it[field] == word).count();
        let states = [
            "COMPLETED",
            "AHEAD",
            "ON_SCHEDULE",
            "BEHIND",
            "NOT_STARTED",
            "OTHER",
        ];
        let lights = ["GREEN", "YELLOW", "RED"];
        let percents: Vec<i64> = targets
            .iter()
            .filter_map(|it| it["percentComplete"].as_i64())
            .collect();
        let mut numbers = self.report_numbers(due);
        numbers["targets"] = json!(targets.len());
        numbers["byState"] = states
            .iter()
            .map(|word| json!({ "state": word, "count": count("state", word) }))
            .collect();
        numbers["byLight"] = lights
            .iter()
            .map(|word| json!({ "light": word, "count": count("light", word) }))
            .collect();
        numbers["averagePercentComplete"] = average(&percents);
        numbers
    }

    /// The numbers of milestones: of these targets, and where it is given, in charge of this unit.
    fn milestone_numbers(targets: &[&Value], unit: Option<&str>) -> [usize; 3] {
        let mut numbers = [0; 3];
        // A refined plan that the lead units draft, or that waits for its approval, is not in force.
        let in_force = |target: &&&Value| target["refinement"]["status"] == "APPROVED";
        for target in targets.iter().filter(in_force) {
            let under_way = target["closedAt"].is_null() && target["suspendedReason"].is_null();
            for row in target["milestones"].as_array().unwrap() {
                if unit.is_some_and(|unit| row["unit"]["id"] != unit) {
                    continue;
                }
                let overdue = row["doneOn"].is_null() && row["dueOn"].as_str() < Some(TODAY);
                numbers[0] += 1;
                numbers[1] += usize::from(!row["doneOn"].is_null());
                numbers[2] += usize::from(overdue && under_way);
            }
        }
        numbers
    }

    /// The keys of the groups of a target, and whether a unit's report belongs there, too.
    pub(super) fn groups(target: &Value, group: &str) -> BTreeSet<String> {
        let ids = |of: &Value, pointer: &str| -> BTreeSet<String> {
            of.as_array()
                .unwrap()
                .iter()
                .map(|it| text(it.pointer(pointer).unwrap()))
                .collect()
        };
        match group {
            "SECTION" => [
                "/section/id",
                "/section/parent/id",
                "/section/parent/parent/id",
            ]
            .iter()
            .filter_map(|at| target.pointer(at)?.as_str().map(str::to_owned))
            .collect(),
            "LEADER" => ids(&target["leaders"], "/id"),
            "UNIT" => ids(&target["assignments"], "/unit/id"),
            _ => BTreeSet::from(["-".to_owned()]),
        }
    }

    /// All groups with their numbers.
    pub(super) fn statistics(&self, group: &str, due: &[[String; 3]]) -> BTreeMap<String, Value> {
        let mut of: BTreeMap<String, Vec<&Value>> = BTreeMap::new();
        if group == "NONE" {
            of.insert("-".to_owned(), Vec::new());
        }
        for target in &self.targets {
            for key in Self::groups(target, group) {
                of.entry(key).or_default().push(target);
            }
        }
        let numbers = |(key, targets): (String, Vec<&Value>)| {
            let ids: BTreeSet<String> = targets.iter().map(|it| text(&it["id"])).collect();
            let due: Vec<&[String; 3]> = due
                .iter()
                .filter(|[target, unit, _]| {
                    ids.contains(target) && (group != "UNIT" || *unit == key)
                })
                .collect();
            let mut numbers = self.numbers(&targets, &due);
            let unit = (group == "UNIT").then_some(key.as_str());
            let [all, reached, overdue] = Self::milestone_numbers(&targets, unit);
            numbers["milestones"] = all.into();
            numbers["milestonesReached"] = reached.into();
            numbers["milestonesOverdue"] = overdue.into();
            (key, numbers)
        };
        of.into_iter().map(numbers).collect()
    }
}

pub(super) fn rate(part: usize, whole: usize) -> Value {
    if whole == 0 {
        return Value::Null;
    }
    json!((part as f64 / whole as f64 * 10_000.0).round() / 10_000.0)
}

pub(super) fn average(of: &[i64]) -> Value {
    if of.is_empty() {
        return Value::Null;
    }
    json!((of.iter().sum::<i64>() as f64 / of.len() as f64 * 100.0).round() / 100.0)
}

/// All items of a list.
async fn every(actor: &Actor<'_>, query: &str, pointer: &str) -> Vec<Value> {
    let mut items = Vec::new();
    let mut cursor = Value::Null;
    loop {
        let answer = actor.ask(query, json!({ "c": cursor })).await;
        let Some(list) = answer
            .body
            .pointer(&format!("/data{pointer}"))
            .filter(|list| !list.is_null())
        else {
            return items;
        };
        items.extend(list["nodes"].as_array().unwrap().iter().cloned());
        if list["pageInfo"]["hasNextPage"] != true {
            return items;
        }
        cursor = list["pageInfo"]["endCursor"].clone();
    }
}

/// The rows of statistics by the ID of their key.
pub(super) fn by_key(rows: &Value) -> BTreeMap<String, Value> {
    let mut found = BTreeMap::new();
    for row in rows.as_array().unwrap() {
        let mut row = row.clone();
        let key = row.as_object_mut().unwrap().remove("key").unwrap();
        let key = key["id"].as_str().unwrap_or("-").to_owned();
        assert!(found.insert(key, row).is_none(), "a group twice");
    }
    found
}

pub(super) fn without(mut row: Value, fields: &[&str]) -> Value {
    for field in fields {
        row.as_object_mut().unwrap().remove(*field);
    }
    row
}
