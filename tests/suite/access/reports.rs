//! Who sees which reports: every history of a report, of every sort of unit, asked for by every account on every path.
//!
//! The rule is written here a second time, from domain.md §4 alone: drafts never leave the unit (and the unit acting for
//! it on the target); lead units, the office and the target's leaders see reports from their submission on; a supporting
//! unit sees its own and the accepted ones of lead units; an observer sees accepted ones. A version is seen by what it was.

use std::collections::{BTreeMap, BTreeSet};

use entity::{
    event, indicator, indicator_reading,
    kinds::{AssignmentRole, EventType, ReportStatus, ReviewDecision},
    plan, progress_report, report_version, reporting_period, review, target, unit,
};
use sea_orm::{ConnectionTrait, DatabaseConnection, EntityTrait, QueryOrder};
use serde_json::{Value, json};
use tests::{
    Actor, App, both,
    desk::{act, create_periods, on_report, report, save},
    world::{ACTORS, UNITS},
};

use super::{World, all, global};

/// What happens to a report, one history for each period.
const HISTORIES: [&[&str]; 10] = [
    &["save"],
    &["save", "signoff"],
    &["save", "submit"],
    &["save", "submit", "return"],
    &["save", "submit", "return", "save"],
    &["save", "submit", "return", "save", "signoff"],
    &["save", "submit", "recall"],
    &["save", "submit", "return", "save", "submit", "begin"],
    &["save", "submit", "accept"],
    &[
        "save", "signoff", "submit", "return", "save", "submit", "accept",
    ],
];

/// For whom something of a report is meant.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Meant {
    Unit,
    Leads,
    Accepted,
}

const fn meant(status: ReportStatus) -> Meant {
    match status {
        ReportStatus::Draft | ReportStatus::PendingSignoff => Meant::Unit,
        ReportStatus::Submitted | ReportStatus::Returned => Meant::Leads,
        ReportStatus::Accepted => Meant::Accepted,
    }
}

/// The units for which an account works.
fn units_of(actor: &str) -> Vec<&'static str> {
    let of = |short: &str| {
        actor.starts_with(&format!("{short}-")) || (actor == "both" && short == "yjj")
    };
    UNITS
        .iter()
        .filter(|(short, _)| of(short))
        .map(|(_, unit)| *unit)
        .collect()
}

/// A target and a unit assigned to it, of which somebody can sign in.
struct Pair {
    number: i32,
    unit: String,
    writer: String,
}

/// Targets on which every sort of unit reports: leading, supporting, acting for another.
fn pairs(world: &World) -> Vec<Pair> {
    let targets = &world.plans[0].targets;
    let first = |such: &dyn Fn(&importer::TargetDraft) -> bool| {
        targets.iter().position(such).expect("such a target")
    };
    let role = |target: &importer::TargetDraft, unit: &str, role: AssignmentRole| {
        target
            .assignments
            .iter()
            .any(|a| a.unit == unit && a.role == role)
    };
    let ours = |target: &importer::TargetDraft| {
        UNITS
            .iter()
            .any(|(_, unit)| role(target, unit, AssignmentRole::Lead))
    };
    let last_leader = &world.plans[0].leaders[7];
    let chosen: BTreeSet<usize> = [
        0,
        first(&|t| {
            t.assignments
                .iter()
                .any(|a| a.acting_unit.as_deref() == Some("市应急管理局"))
        }),
        first(&|t| role(t, "市发展改革委", AssignmentRole::Supporting) && !ours(t)),
        first(&|t| role(t, "市应急管理局", AssignmentRole::Lead)),
        first(&|t| {
            role(t, "市人防办", AssignmentRole::Supporting)
                || role(t, "市人防办", AssignmentRole::Lead)
        }),
        first(&|t| {
            t.leaders.contains(last_leader)
                && t.assignments
                    .iter()
                    .any(|a| UNITS.iter().any(|(_, unit)| a.unit == *unit))
        }),
    ]
    .into();
    let mut pairs = Vec::new();
    for at in chosen {
        for assignment in &targets[at].assignments {
            let works = |unit: &str| {
                assignment.unit == unit || assignment.acting_unit.as_deref() == Some(unit)
            };
            if let Some((short, _)) = UNITS.iter().find(|(_, unit)| works(unit)) {
                pairs.push(Pair {
                    number: i32::try_from(at + 1).unwrap(),
                    unit: assignment.unit.clone(),
                    writer: format!("{short}-manager"),
                });
            }
        }
    }
    pairs
}

/// Everything that was written, as the tables have it.
struct Desk {
    world: World,
    numbers: BTreeMap<i64, i32>,
    years: BTreeMap<i64, i32>,
    units: BTreeMap<i64, String>,
    due: BTreeMap<i64, sea_orm::prelude::DateTimeUtc>,
    reports: Vec<progress_report::Model>,
    versions: Vec<report_version::Model>,
    reviews: Vec<review::Model>,
    readings: Vec<indicator_reading::Model>,
    events: Vec<event::Model>,
}

impl Desk {
    async fn write(app: &App) -> Self {
        let world = World::of(app).await;
        let db = app.database.connect().await;
        let office = app.sign_in("office").await;
        let mut periods: Vec<String> = create_periods(&office)
            .await
            .into_iter()
            .filter(|(label, _)| {
                [
                    "2022年6月",
                    "2022年7月",
                    "2022年8月",
                    "2022年9月",
                    "2022年10月",
                    "2022年11月",
                    "2022年12月",
                ]
                .contains(&label.as_str())
            })
            .map(|(_, id)| id)
            .collect();
        let plan = office.query("{ plan(year: 2022) { id } }").await;
        let quarters = act(&office, "createReportingPeriods", "reportingPeriods { id }", json!({ "planId": plan.data("/plan/id"), "kind": "QUARTER", "dueDay": 31, "opensDaysBefore": 90 })).await;
        periods.extend(
            quarters
                .data("/createReportingPeriods/reportingPeriods")
                .as_array()
                .unwrap()
                .iter()
                .skip(1)
                .map(|period| period["id"].as_str().unwrap().to_owned()),
        );
        for period in &periods {
            act(
                &office,
                "openReportingPeriod",
                "reportingPeriod { id }",
                json!({ "periodId": period }),
            )
            .await;
        }
        let units = unit::Entity::find().all(&db).await.unwrap();
        let indicators = indicator::Entity::find()
            .order_by_asc(indicator::Column::Id)
            .all(&db)
            .await
            .unwrap();
        let mut writers: BTreeMap<String, Actor<'_>> = BTreeMap::new();
        for pair in pairs(&world) {
            if !writers.contains_key(&pair.writer) {
                writers.insert(pair.writer.clone(), app.sign_in(&pair.writer).await);
            }
            let target = &world.ids[&(2022, pair.number)];
            let unit = units.iter().find(|unit| unit.name == pair.unit).unwrap();
            let measured = indicators
                .iter()
                .find(|row| &global("Target", row.target_id.0) == target);
            for (period, steps) in periods.iter().zip(HISTORIES) {
                let mut input = json!({ "targetId": target, "periodId": period, "unitId": global("Unit", unit.id.0), "progress": "x", "percentComplete": 10 });
                if let Some(row) = measured {
                    input["readings"] =
                        json!([{ "indicatorId": global("Indicator", row.id.0), "value": "1.5" }]);
                }
                follow(&writers[&pair.writer], &office, input, steps).await;
            }
        }
        // Every second report is late, so that there is something to filter by.
        db.execute_unprepared("UPDATE progress_report SET late = TRUE WHERE id % 2 = 0")
            .await
            .unwrap();
        Self::read(&db, world).await
    }

    async fn read(db: &DatabaseConnection, world: World) -> Self {
        let targets = target::Entity::find().all(db).await.unwrap();
        let plans = plan::Entity::find().all(db).await.unwrap();
        Self {
            world,
            numbers: targets.iter().map(|row| (row.id.0, row.number)).collect(),
            years: plans.iter().map(|row| (row.id.0, row.year)).collect(),
            units: unit::Entity::find()
                .all(db)
                .await
                .unwrap()
                .into_iter()
                .map(|row| (row.id.0, row.name))
                .collect(),
            due: reporting_period::Entity::find()
                .all(db)
                .await
                .unwrap()
                .into_iter()
                .map(|row| (row.id.0, row.due_at))
                .collect(),
            reports: progress_report::Entity::find().all(db).await.unwrap(),
            versions: report_version::Entity::find()
                .order_by_asc(report_version::Column::Id)
                .all(db)
                .await
                .unwrap(),
            reviews: review::Entity::find()
                .order_by_asc(review::Column::Id)
                .all(db)
                .await
                .unwrap(),
            readings: indicator_reading::Entity::find().all(db).await.unwrap(),
            events: event::Entity::find()
                .order_by_asc(event::Column::Id)
                .all(db)
                .await
                .unwrap(),
        }
    }

    /// The rule.
    fn may(&self, actor: &str, target: i64, unit: i64, meant: Meant) -> bool {
        let number = self.numbers[&target];
        if !self.world.visible_to(actor).contains(&(2022, number)) {
            return false;
        }
        let draft = self.world.draft((2022, number));
        let mine = units_of(actor);
        let of_mine = |a: &importer::AssignmentDraft| {
            mine.iter()
                .any(|unit| a.unit == *unit || a.acting_unit.as_deref() == Some(unit))
        };
        let its = draft
            .assignments
            .iter()
            .find(|a| a.unit == self.units[&unit])
            .unwrap();
        let own = of_mine(its);
        let leaders = &self.world.plans[0].leaders;
        let leader = match actor {
            "leader-1" => draft.leaders.contains(&leaders[0]),
            "leader-8" | "both" => draft.leaders.contains(&leaders[7]),
            _ => false,
        };
        let office = ["office", "office-2022"].contains(&actor);
        let leads = own
            || office
            || leader
            || draft
                .assignments
                .iter()
                .any(|a| a.role == AssignmentRole::Lead && of_mine(a));
        match meant {
            Meant::Unit => own,
            Meant::Leads => leads,
            Meant::Accepted => {
                let observer = ["observer", "observer-2022"].contains(&actor);
                leads
                    || observer
                    || (its.role == AssignmentRole::Lead && draft.assignments.iter().any(of_mine))
            }
        }
    }

    fn sees(&self, actor: &str, report: &progress_report::Model) -> bool {
        self.may(
            actor,
            report.target_id.0,
            report.unit_id.0,
            meant(report.status),
        )
    }

    fn visible(&self, actor: &str) -> Vec<&progress_report::Model> {
        self.reports
            .iter()
            .filter(|report| self.sees(actor, report))
            .collect()
    }

    fn sees_version(&self, actor: &str, version: &report_version::Model) -> bool {
        self.may(
            actor,
            version.target_id.0,
            version.unit_id.0,
            meant(version.status),
        )
    }

    fn sees_review(&self, actor: &str, review: &review::Model) -> bool {
        let report = self
            .reports
            .iter()
            .find(|report| report.id == review.report_id)
            .unwrap();
        self.sees(actor, report)
            && (review.decision == ReviewDecision::Accept
                || self.may(actor, report.target_id.0, report.unit_id.0, Meant::Leads))
    }

    fn sees_event(&self, actor: &str, event: &event::Model) -> bool {
        let Some(target) = event.target_id else {
            return match self.years[&event.plan_id.0] {
                2022 => !["audit", "office-2023", "observer-2023"].contains(&actor),
                _ => ["office", "office-2023"].contains(&actor),
            };
        };
        let meant = match event.r#type {
            EventType::ReportSaved | EventType::SignoffRequested => Meant::Unit,
            EventType::ReportSubmitted
            | EventType::ReportRecalled
            | EventType::ReviewBegun
            | EventType::ReportReturned => Meant::Leads,
            EventType::ReportAccepted => Meant::Accepted,
            _ => {
                return self
                    .world
                    .visible_to(actor)
                    .contains(&(2022, self.numbers[&target.0]));
            }
        };
        self.may(actor, target.0, event.unit_id.unwrap().0, meant)
    }
}

/// Takes a report through a history.
async fn follow(writer: &Actor<'_>, office: &Actor<'_>, mut input: Value, steps: &[&str]) {
    let mut now: Option<tests::desk::Handle> = None;
    for step in steps {
        let next = match (*step, &now) {
            ("save", before) => {
                if let Some(before) = before {
                    input["expectedVersion"] = before.version.into();
                }
                report(&save(writer, input.clone()).await, "saveProgressReport")
            }
            ("signoff", Some(now)) => now.step(writer, "requestSignoff").await,
            ("submit", Some(now)) => now.step(writer, "submitProgressReport").await,
            ("recall", Some(now)) => now.step(writer, "recallProgressReport").await,
            ("begin", Some(now)) => now.step(office, "beginReview").await,
            ("accept", Some(now)) => now.reviewed(office, "ACCEPT").await,
            ("return", Some(now)) => now.reviewed(office, "RETURN").await,
            (other, _) => panic!("{other}"),
        };
        now = Some(next);
    }
}

fn set<'a>(ids: impl IntoIterator<Item = &'a Value>) -> BTreeSet<String> {
    ids.into_iter()
        .map(|id| id.as_str().unwrap().to_owned())
        .collect()
}

fn reports_of(rows: &[&progress_report::Model]) -> BTreeSet<String> {
    rows.iter()
        .map(|row| global("ProgressReport", row.id.0))
        .collect()
}

/// All items of a root list, page by page.
async fn walk(actor: &Actor<'_>, list: &str, node: &str, backwards: bool) -> Vec<Value> {
    let mut found = Vec::new();
    let mut cursor = Value::Null;
    loop {
        let arguments = if backwards {
            "last: 9, before: $c"
        } else {
            "first: 9, after: $c"
        };
        let list = list.replace("PAGE", arguments);
        let query = format!(
            "query($c: String) {{ list: {list} {{ nodes {{ {node} }} pageInfo {{ hasNextPage hasPreviousPage startCursor endCursor }} }} }}"
        );
        let answer = actor.ask(&query, json!({ "c": cursor })).await;
        let mut page = answer.data("/list/nodes").as_array().unwrap().clone();
        let info = answer.data("/list/pageInfo");
        if backwards {
            page.append(&mut found);
            found = page;
        } else {
            found.append(&mut page);
        }
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

/// The objects of IDs, with gaps.
async fn nodes(actor: &Actor<'_>, of: &str, keys: impl Iterator<Item = i64>) -> Vec<Value> {
    let ids: Vec<String> = keys.map(|key| global(of, key)).collect();
    let mut found = Vec::new();
    for part in ids.chunks(100) {
        let answer = actor.ask("query($ids: [ID!]!) { nodes(ids: $ids) { id ... on ReportVersion { report { id } } ... on Review { report { id } } ... on Event { report { id } } } }", json!({ "ids": part })).await;
        found.extend(answer.data("/nodes").as_array().unwrap().clone());
    }
    found
}

both! {
    async fn every_path_leads_to_the_reports_that_the_rule_says(app: App) {
        let desk = Desk::write(&app).await;
        assert!(desk.reports.len() >= 80, "{}", desk.reports.len());
        let mut glance = String::new();
        for name in ACTORS {
            let actor = app.sign_in(name).await;
            let visible = desk.visible(name);
            let expected = reports_of(&visible);
            let count = |status: ReportStatus| visible.iter().filter(|report| report.status == status).count();
            let counts: Vec<String> = ReportStatus::ALL.iter().map(|status| format!("{} {:>2}", status.as_str(), count(*status))).collect();
            glance += &format!("{name:<16} {}\n", counts.join(" | "));

            // The list of all, both ways, in every order, without gaps or repetitions; and its count.
            for field in ["SUBMITTED_AT", "PERIOD"] {
                for direction in ["ASC", "DESC"] {
                    let list = format!("progressReports(PAGE, orderBy: {{ field: {field}, direction: {direction} }})");
                    let forwards = walk(&actor, &list, "id", false).await;
                    assert_eq!(set(forwards.iter().map(|node| &node["id"])), expected, "{name} {field} {direction}");
                    assert_eq!(forwards.len(), expected.len(), "{name} {field} {direction}: repeated");
                    assert_eq!(walk(&actor, &list, "id", true).await, forwards, "{name} {field} {direction}: backwards");
                }
            }
            let total = actor.query("{ progressReports { totalCount } }").await;
            assert_eq!(total.data("/progressReports/totalCount"), expected.len(), "{name}");

            // Filters only narrow, and count what they list.
            let mut filters: Vec<(Value, Vec<&progress_report::Model>)> = Vec::new();
            let mut filter = |filter: Value, such: &dyn Fn(&progress_report::Model) -> bool| {
                filters.push((filter, visible.iter().copied().filter(|report| such(report)).collect()));
            };
            for status in ReportStatus::ALL {
                filter(json!({ "status": status.as_str() }), &|report| report.status == *status);
                filter(json!({ "status": status.as_str(), "late": true }), &|report| report.status == *status && report.late);
            }
            for late in [true, false] {
                filter(json!({ "late": late }), &|report| report.late == late);
            }
            for key in desk.reports.iter().map(|report| report.unit_id).collect::<BTreeSet<_>>() {
                filter(json!({ "unitId": global("Unit", key.0) }), &|report| report.unit_id == key);
                filter(json!({ "unitId": global("Unit", key.0), "status": "DRAFT" }), &|report| report.unit_id == key && report.status == ReportStatus::Draft);
            }
            for key in desk.reports.iter().map(|report| report.target_id).collect::<BTreeSet<_>>() {
                filter(json!({ "targetId": global("Target", key.0) }), &|report| report.target_id == key);
            }
            for key in desk.reports.iter().map(|report| report.period_id).collect::<BTreeSet<_>>() {
                filter(json!({ "periodId": global("ReportingPeriod", key.0) }), &|report| report.period_id == key);
            }
            filter(json!({ "planYear": 2022 }), &|_| true);
            filter(json!({ "planYear": 2023 }), &|_| false);
            for (filter, rows) in filters {
                let answer = actor.ask("query($f: ProgressReportFilter) { progressReports(first: 100, filter: $f) { totalCount nodes { id } } }", json!({ "f": filter })).await;
                let found = answer.data("/progressReports/nodes").as_array().unwrap();
                assert_eq!(set(found.iter().map(|node| &node["id"])), reports_of(&rows), "{name} {filter}");
                assert_eq!(answer.data("/progressReports/totalCount"), rows.len(), "{name} {filter}");
            }

            // By ID: reports, versions, reviews and events; and the reports to which these lead.
            let ids = nodes(&actor, "ProgressReport", desk.reports.iter().map(|row| row.id.0)).await;
            for (row, node) in desk.reports.iter().zip(&ids) {
                assert_eq!(node.is_object(), desk.sees(name, row), "{name}: report {row:?}");
            }
            let leads_to = |node: &Value, report: i64| {
                if node.is_object() {
                    let row = desk.reports.iter().find(|row| row.id.0 == report).unwrap();
                    assert_eq!(node["report"].is_object(), desk.sees(name, row), "{name}: {node} leads to {row:?}");
                }
            };
            let ids = nodes(&actor, "ReportVersion", desk.versions.iter().map(|row| row.id.0)).await;
            for (row, node) in desk.versions.iter().zip(&ids) {
                assert_eq!(node.is_object(), desk.sees_version(name, row), "{name}: version {row:?}");
                leads_to(node, row.report_id.0);
            }
            let ids = nodes(&actor, "Review", desk.reviews.iter().map(|row| row.id.0)).await;
            for (row, node) in desk.reviews.iter().zip(&ids) {
                assert_eq!(node.is_object(), desk.sees_review(name, row), "{name}: review {row:?}");
                leads_to(node, row.report_id.0);
            }
            let ids = nodes(&actor, "Event", desk.events.iter().map(|row| row.id.0)).await;
            for (row, node) in desk.events.iter().zip(&ids) {
                assert_eq!(node.is_object(), desk.sees_event(name, row), "{name}: event {row:?}");
                match (row.object_type.as_deref(), row.object_id) {
                    (Some("ProgressReport"), Some(report)) => leads_to(node, report),
                    _ => assert!(node["report"].is_null()),
                }
            }

            // Changes: the events in their order, each way, and their count.
            let expected_events: Vec<String> = desk.events.iter().filter(|event| desk.sees_event(name, event)).map(|event| global("Event", event.id.0)).collect();
            for backwards in [false, true] {
                let found = walk(&actor, "changes(PAGE)", "id", backwards).await;
                let found: Vec<&str> = found.iter().map(|node| node["id"].as_str().unwrap()).collect();
                assert_eq!(found, expected_events, "{name}: changes, backwards {backwards}");
            }
            assert_eq!(actor.query("{ changes { totalCount } }").await.data("/changes/totalCount"), expected_events.len(), "{name}: changes");

            // Versions and reviews below reports.
            let query = "{ progressReports(first: 100) { nodes { id reviews { id } versions(first: 20) { totalCount nodes { id } } } } }";
            for node in actor.query(query).await.data("/progressReports/nodes").as_array().unwrap() {
                let row = desk.reports.iter().find(|row| node["id"] == global("ProgressReport", row.id.0)).unwrap();
                let versions: BTreeSet<String> = desk.versions.iter().filter(|v| v.report_id == row.id && desk.sees_version(name, v)).map(|v| global("ReportVersion", v.id.0)).collect();
                assert_eq!(set(node["versions"]["nodes"].as_array().unwrap().iter().map(|v| &v["id"])), versions, "{name}: versions of {row:?}");
                assert_eq!(node["versions"]["totalCount"], versions.len(), "{name}: versions of {row:?}");
                let reviews: BTreeSet<String> = desk.reviews.iter().filter(|r| r.report_id == row.id && desk.sees_review(name, r)).map(|r| global("Review", r.id.0)).collect();
                assert_eq!(set(node["reviews"].as_array().unwrap().iter().map(|r| &r["id"])), reviews, "{name}: reviews of {row:?}");
            }

            // Below targets: reports, the latest one, and readings.
            for key in desk.reports.iter().map(|report| report.target_id).collect::<BTreeSet<_>>() {
                let id = global("Target", key.0);
                let answer = actor.query(&format!("{{ target(id: \"{id}\") {{ reports(first: 100) {{ totalCount nodes {{ id }} }} latestReport {{ id }} indicators {{ counted: readings(first: 100) {{ totalCount nodes {{ report {{ id }} }} }} any: readings(first: 100, accepted: false) {{ totalCount nodes {{ report {{ id }} }} }} }} }} }}")).await;
                if !desk.world.visible_to(name).contains(&(2022, desk.numbers[&key.0])) {
                    assert_eq!(answer.codes(), ["NOT_FOUND"], "{name}");
                    continue;
                }
                let here: Vec<&progress_report::Model> = visible.iter().copied().filter(|report| report.target_id == key).collect();
                assert_eq!(set(answer.data("/target/reports/nodes").as_array().unwrap().iter().map(|node| &node["id"])), reports_of(&here), "{name}: target {}", desk.numbers[&key.0]);
                assert_eq!(answer.data("/target/reports/totalCount"), here.len(), "{name}");
                let latest = here.iter().max_by_key(|report| (desk.due[&report.period_id.0], report.filed_at, report.id));
                assert_eq!(answer.data("/target").pointer("/latestReport/id").and_then(Value::as_str).map(str::to_owned), latest.map(|report| global("ProgressReport", report.id.0)), "{name}: latest");
                for (list, accepted) in [("counted", true), ("any", false)] {
                    let with: Vec<&progress_report::Model> = here.iter().copied().filter(|report| {
                        desk.readings.iter().any(|reading| reading.report_id == report.id) && (!accepted || report.status == ReportStatus::Accepted)
                    }).collect();
                    let mut lists = Vec::new();
                    all(answer.data("/target/indicators"), list, &mut lists);
                    let total: i64 = lists.iter().map(|list| list["totalCount"].as_i64().unwrap()).sum();
                    let mut found = Vec::new();
                    lists.iter().for_each(|list| all(list, "id", &mut found));
                    assert_eq!(set(&found), reports_of(&with), "{name}: readings, {list}");
                    assert_eq!(total, with.len() as i64, "{name}: readings, {list}");
                }
            }
        }
        insta::assert_snapshot!("reports_at_a_glance", glance);
    }

    async fn no_refusal_tells_an_invisible_report_from_none(app: App) {
        let desk = Desk::write(&app).await;
        let before: Vec<(i64, i32)> = desk.reports.iter().map(|report| (report.id.0, report.version)).collect();
        for name in ACTORS {
            let actor = app.sign_in(name).await;
            for mutation in ["requestSignoff", "submitProgressReport", "recallProgressReport", "beginReview", "reviewProgressReport"] {
                let step = async |id: String, version: i32| {
                    let mut input = json!({ "reportId": id, "expectedVersion": version });
                    if mutation == "reviewProgressReport" {
                        input["decision"] = "RETURN".into();
                    }
                    on_report(&actor, mutation, input).await
                };
                let never = step(global("ProgressReport", 999_999), 1).await;
                assert_eq!(never.refusals(mutation), ["NOT_FOUND reportId"]);
                for (at, row) in desk.reports.iter().enumerate() {
                    // Each history, of one pair after the other.
                    if at % HISTORIES.len() != (at / HISTORIES.len()) % HISTORIES.len() {
                        continue;
                    }
                    // Version 0 is nobody's: what is allowed changes nothing. The right one is no key for others, either.
                    let answer = step(global("ProgressReport", row.id.0), 0).await;
                    if desk.sees(name, row) {
                        let refusals = answer.refusals(mutation);
                        assert!(["FORBIDDEN reportId", "WRONG_STATE reportId", "CONFLICT expectedVersion"].contains(&refusals[0].as_str()), "{name} {mutation} {row:?}: {refusals:?}");
                    } else {
                        assert_eq!(answer.body, never.body, "{name} {mutation} {row:?}");
                        assert_eq!(step(global("ProgressReport", row.id.0), row.version).await.body, never.body, "{name} {mutation} {row:?}");
                    }
                }
            }
            // Writing for a unit: what is refused does not depend on whether there is a report, or in which state.
            let mut answers: BTreeMap<(i64, i64), BTreeSet<String>> = BTreeMap::new();
            for row in desk.reports.iter().step_by(4) {
                let own = desk.may(name, row.target_id.0, row.unit_id.0, Meant::Unit);
                if own {
                    continue;
                }
                for version in [None, Some(row.version)] {
                    let input = json!({ "targetId": global("Target", row.target_id.0), "periodId": global("ReportingPeriod", row.period_id.0), "unitId": global("Unit", row.unit_id.0), "progress": "intruder", "expectedVersion": version });
                    let answer = save(&actor, input).await;
                    answers.entry((row.target_id.0, row.unit_id.0)).or_default().insert(answer.text.clone());
                    let visible = desk.world.visible_to(name).contains(&(2022, desk.numbers[&row.target_id.0]));
                    assert_eq!(answer.refusals("saveProgressReport"), [if visible { "FORBIDDEN" } else { "NOT_FOUND targetId" }], "{name} {row:?}");
                }
            }
            for (pair, answers) in answers {
                assert_eq!(answers.len(), 1, "{name} {pair:?}: {answers:?}");
            }
        }
        let after = progress_report::Entity::find().order_by_asc(progress_report::Column::Id).all(&app.database.connect().await).await.unwrap();
        let mut before = before;
        before.sort_unstable();
        assert_eq!(after.iter().map(|report| (report.id.0, report.version)).collect::<Vec<_>>(), before, "nothing changed");
        assert!(after.iter().all(|report| report.progress == "x"));
    }
}
