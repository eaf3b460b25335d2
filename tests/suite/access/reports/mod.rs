//! Who sees which reports: every history of a report, of every sort of unit, asked for by every account on every path.
//!
//! The rule is written here a second time, from domain.md §4 alone: drafts never leave the unit (and the unit acting for
//! it on the target); lead units, the office and the target's leaders see reports from their submission on; a supporting
//! unit sees its own and the accepted ones of lead units; an observer sees accepted ones. A version is seen by what it was.

mod files;
mod paths;
mod refusals;

use std::collections::BTreeMap;

use entity::{
    event, indicator, indicator_reading,
    kinds::{AssignmentRole, EventType, ReportStatus, ReviewDecision},
    plan, progress_report, report_version, reporting_period, review, target, unit,
};
use sea_orm::{ConnectionTrait, DatabaseConnection, EntityTrait, QueryOrder};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use tests::{
    Actor, App,
    desk::{act, create_periods, report, save},
    world::UNITS,
};

use super::{World, global};

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
