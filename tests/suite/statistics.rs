//! Statistics, trend and assessment: every number is what one counts by hand in the lists that the same account gets.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{DateTime, NaiveDate, Utc};
use entity::{
    assignment, designation,
    ids::{PlanId, ReportVersionId, ReportingPeriodId, TargetId, UnitId, UserId},
    kinds::{
        AssignmentOrigin, AssignmentRole, Light, PeriodKind, PlanStatus, ReportStatus,
        ReviewDecision, TargetState,
    },
    plan, progress_report, report_version, reporting_period, review, section, target, unit, user,
};
use sea_orm::{
    ActiveModelTrait, ActiveValue::NotSet, ColumnTrait, DatabaseConnection, EntityTrait,
    QueryFilter, QueryOrder, Set,
};
use serde_json::{Value, json};
use tests::{Actor, App, both, world::ACTORS};

use crate::contract::operation;

fn moment(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn global(of: &str, key: i64) -> String {
    use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
    BASE64_URL_SAFE_NO_PAD.encode(format!("{of}:{key}"))
}

/// A number for a report, the same in every run.
fn drawn(target: i64, unit: i64, period: i64) -> u64 {
    let mut word = (target as u64) << 40 | (unit as u64) << 16 | period as u64;
    for _ in 0..3 {
        word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word ^= word >> 27;
    }
    word
}

/// What no list of the API tells: when reports are due, and since when of whom.
struct World {
    plan: PlanId,
    /// January to July: due until May, June open, July not yet.
    periods: Vec<reporting_period::Model>,
    /// When a target was closed, and whether it is suspended.
    targets: HashMap<String, (Option<DateTime<Utc>>, bool)>,
    /// Since when a unit leads a target, where it was designated.
    since: HashMap<(String, String), DateTime<Utc>>,
    /// The versions that were returned, of reports that are written anew since: with target, unit and period, and whether
    /// they were late.
    rewritten: Vec<(ReportVersionId, [String; 3], bool)>,
}

/// How a report came to be what it is: the states of its versions.
const STORIES: [&[ReportStatus]; 7] = {
    use ReportStatus::{Accepted, Draft, PendingSignoff, Returned, Submitted};
    [
        &[Draft],
        &[Draft, PendingSignoff],
        &[Draft, Submitted],
        &[Draft, Submitted, Returned],
        &[Draft, Submitted, Accepted],
        &[Draft, Submitted, Returned, Draft, Submitted, Accepted],
        &[Draft, Submitted, Returned, Draft],
    ]
};

impl World {
    /// A year under way, written as no act can: every state of targets and reports at once.
    async fn make(app: &App) -> Self {
        let db = app.database.connect().await;
        let plan = plan::Entity::find()
            .filter(plan::Column::Year.eq(2022))
            .one(&db)
            .await
            .unwrap()
            .unwrap();
        let author = user::Entity::find().one(&db).await.unwrap().unwrap().id;
        let mut world = Self {
            plan: plan.id,
            periods: Vec::new(),
            targets: HashMap::new(),
            since: HashMap::new(),
            rewritten: Vec::new(),
        };
        for month in 1..=7 {
            world.periods.push(period(&db, plan.id, 2022, month).await);
        }
        let targets = target::Entity::find()
            .filter(target::Column::PlanId.eq(plan.id))
            .order_by_asc(target::Column::Number)
            .all(&db)
            .await
            .unwrap();
        for row in &targets {
            let row = stand(&db, row.clone()).await;
            world.targets.insert(
                global("Target", row.id.0),
                (row.closed_at, row.suspended_reason.is_some()),
            );
        }
        world.designate(&db, author).await;
        let assignments = assignment::Entity::find()
            .filter(assignment::Column::PlanId.eq(plan.id))
            .order_by_asc(assignment::Column::Id)
            .all(&db)
            .await
            .unwrap();
        let numbers: HashMap<TargetId, i32> =
            targets.iter().map(|row| (row.id, row.number)).collect();
        for row in assignments {
            let number = numbers[&row.target_id];
            let leads = row.role == AssignmentRole::Lead;
            if number % 3 == 0 && (leads || number % 9 == 0) {
                for period in world.periods.clone() {
                    world.report(&db, &row, &period, author).await;
                }
            }
        }
        world
    }

    /// Units that were designated to lead, after the due time of March.
    async fn designate(&mut self, db: &DatabaseConnection, user: UserId) {
        let open = designation::Entity::find()
            .filter(designation::Column::PlanId.eq(self.plan))
            .order_by_asc(designation::Column::Id)
            .all(db)
            .await
            .unwrap();
        let units = unit::Entity::find()
            .filter(unit::Column::Name.eq("市人防办"))
            .all(db)
            .await
            .unwrap();
        let since = moment("2022-03-26T00:00:00Z");
        let mut made = 0;
        for row in open {
            let number = self.number(db, row.target_id).await;
            let assigned = assignment::Entity::find()
                .filter(assignment::Column::TargetId.eq(row.target_id))
                .filter(assignment::Column::UnitId.eq(units[0].id))
                .one(db)
                .await
                .unwrap();
            if number % 3 != 0 || assigned.is_some() {
                continue;
            }
            made += 1;
            let (target, id) = (row.target_id, row.id);
            let mut resolved = designation::ActiveModel::from(row);
            resolved.resolved_at = Set(Some(since));
            resolved.resolved_by_id = Set(Some(user));
            resolved.update(db).await.unwrap();
            assignment::ActiveModel {
                id: NotSet,
                target_id: Set(target),
                plan_id: Set(self.plan),
                unit_id: Set(units[0].id),
                acting_unit_id: Set(None),
                role: Set(AssignmentRole::Lead),
                ordinal: Set(90),
                origin: Set(AssignmentOrigin::Designation),
                group_id: Set(None),
                designation_id: Set(Some(id)),
                acknowledged_at: Set(None),
                acknowledged_by_id: Set(None),
            }
            .insert(db)
            .await
            .unwrap();
            let pair = (global("Target", target.0), global("Unit", units[0].id.0));
            self.since.insert(pair, since);
        }
        assert!(made > 1, "there is something to designate");
    }

    async fn number(&self, db: &DatabaseConnection, target: TargetId) -> i32 {
        let row = target::Entity::find_by_id(target).one(db).await.unwrap();
        row.unwrap().number
    }

    /// One report, or none.
    async fn report(
        &mut self,
        db: &DatabaseConnection,
        of: &assignment::Model,
        period: &reporting_period::Model,
        user: UserId,
    ) {
        let draw = drawn(of.target_id.0, of.unit_id.0, period.ordinal.into());
        let Some(story) = STORIES.get((draw % 8) as usize) else {
            return;
        };
        let late = (draw / 8).is_multiple_of(3) && story.contains(&ReportStatus::Submitted);
        let percent = (!(draw / 64).is_multiple_of(5)).then_some((draw / 1024 % 101) as i32);
        let (report, versions) = write(db, of, period.id, story, late, percent, user).await;
        let rewritten = story.ends_with(&[ReportStatus::Returned, ReportStatus::Draft]);
        if rewritten {
            let returned = versions[versions.len() - 2];
            let of = [
                global("Target", report.target_id.0),
                global("Unit", report.unit_id.0),
                global("ReportingPeriod", report.period_id.0),
            ];
            self.rewritten.push((returned, of, late));
        }
    }
}

/// Writes a report with its versions and reviews.
async fn write(
    db: &DatabaseConnection,
    of: &assignment::Model,
    period: ReportingPeriodId,
    story: &[ReportStatus],
    late: bool,
    percent: Option<i32>,
    user: UserId,
) -> (progress_report::Model, Vec<ReportVersionId>) {
    use ReportStatus::{Accepted, Returned, Submitted};
    let now = moment("2022-06-01T00:00:00Z");
    let status = *story.last().unwrap();
    let submitted = story.contains(&Submitted).then_some(now);
    let first = story.iter().find_map(|status| match status {
        Returned => Some(ReviewDecision::Return),
        Accepted => Some(ReviewDecision::Accept),
        _ => None,
    });
    let report = progress_report::ActiveModel {
        id: NotSet,
        plan_id: Set(of.plan_id),
        target_id: Set(of.target_id),
        period_id: Set(period),
        unit_id: Set(of.unit_id),
        status: Set(status),
        version: Set(story.len() as i32),
        progress: Set("x".to_owned()),
        problems: Set(String::new()),
        next_steps: Set(String::new()),
        percent_complete: Set(percent),
        author_id: Set(user),
        submitted_by_id: Set(submitted.map(|_| user)),
        submitted_at: Set(submitted),
        first_submitted_at: Set(submitted),
        filed_at: Set(now),
        late: Set(late),
        review_began_at: Set(None),
        first_decision: Set(first),
        accepted_at: Set((status == Accepted).then_some(now)),
        created_at: Set(now),
        updated_at: Set(now),
    }
    .insert(db)
    .await
    .unwrap();
    let mut versions = Vec::new();
    for (number, status) in (1..).zip(story) {
        let version = report_version::ActiveModel {
            id: NotSet,
            report_id: Set(report.id),
            plan_id: Set(of.plan_id),
            target_id: Set(of.target_id),
            unit_id: Set(of.unit_id),
            version: Set(number),
            action: Set("x".to_owned()),
            status: Set(*status),
            progress: Set("x".to_owned()),
            problems: Set(String::new()),
            next_steps: Set(String::new()),
            percent_complete: Set(percent),
            readings: Set(json!([])),
            comment: Set(None),
            user_id: Set(user),
            recorded_at: Set(now),
        };
        versions.push(version.insert(db).await.unwrap().id);
        let decision = match status {
            Returned => ReviewDecision::Return,
            Accepted => ReviewDecision::Accept,
            _ => continue,
        };
        review::ActiveModel {
            id: NotSet,
            report_id: Set(report.id),
            report_version: Set(number),
            decision: Set(decision),
            comment: Set(None),
            reviewer_id: Set(user),
            reviewed_at: Set(now),
        }
        .insert(db)
        .await
        .unwrap();
    }
    (report, versions)
}

async fn period(
    db: &DatabaseConnection,
    plan: PlanId,
    year: i32,
    month: u32,
) -> reporting_period::Model {
    let on = |day: u32| NaiveDate::from_ymd_opt(year, month, day).unwrap();
    let at = |day: u32| on(day).and_hms_opt(0, 0, 0).unwrap().and_utc();
    reporting_period::ActiveModel {
        id: NotSet,
        plan_id: Set(plan),
        kind: Set(PeriodKind::Month),
        ordinal: Set(month as i32),
        label: Set(format!("{year}年{month}月")),
        starts_on: Set(on(1)),
        ends_on: Set(on(28)),
        opens_at: Set(at(1)),
        due_at: Set(at(25)),
        locks_at: Set(at(28)),
        locked_by_id: Set(None),
        lock_reason: Set(None),
        created_at: Set(at(1)),
    }
    .insert(db)
    .await
    .unwrap()
}

/// A standing by the target's number. The day of the tests is 15 June.
async fn stand(db: &DatabaseConnection, row: target::Model) -> target::Model {
    let number = row.number;
    let mut row = target::ActiveModel::from(row);
    let settled = |state: Option<TargetState>| Set(state);
    match number % 7 {
        0 => {
            row.settled_state = settled(Some(TargetState::Completed));
            row.closed_at = Set(Some(moment("2022-04-02T00:00:00Z")));
        }
        1 => {
            row.settled_state = settled(Some(TargetState::Other));
            row.suspended_reason = Set(Some("x".to_owned()));
        }
        3 => {
            row.settled_state = settled(None);
            row.behind_from = Set(Some(day("2022-06-15")));
            row.on_schedule_from = Set(Some(day("2022-06-01")));
        }
        4 => {
            row.settled_state = settled(None);
            row.behind_from = Set(Some(day("2022-06-16")));
            row.on_schedule_from = Set(Some(day("2022-06-15")));
        }
        5 => {
            row.settled_state = settled(None);
            row.on_schedule_from = Set(Some(day("2022-06-16")));
        }
        6 => row.settled_state = settled(None),
        _ => {}
    }
    if number % 7 != 2 {
        row.percent_complete = Set(Some(number * 13 % 101));
    }
    match number % 5 {
        1 => row.yellow_from = Set(Some(day("2022-06-15"))),
        2 => row.yellow_from = Set(Some(day("2022-06-16"))),
        3 => row.red_from = Set(Some(day("2022-06-15"))),
        4 => row.red_from = Set(Some(day("2022-06-16"))),
        _ => {}
    }
    if number % 11 == 0 {
        let until = if number % 2 == 0 {
            "2022-06-15"
        } else {
            "2022-06-14"
        };
        row.light_override = Set(Some(Light::Red));
        row.light_override_until = Set(Some(day(until)));
        row.light_override_reason = Set(Some("x".to_owned()));
    }
    row.update(db).await.unwrap()
}

/// A report as an account gets it: of a target, a unit and a period.
#[derive(Clone)]
struct Listed {
    status: String,
    late: bool,
    percent: Option<i64>,
    /// The decisions of the reviews that it gets, oldest first.
    reviews: Vec<String>,
}

/// What an account can list.
struct Lists {
    targets: Vec<Value>,
    reports: HashMap<[String; 3], Listed>,
}

fn text(value: &Value) -> String {
    value
        .as_str()
        .unwrap_or_else(|| panic!("{value}"))
        .to_owned()
}

impl Lists {
    async fn of(world: &World, actor: &Actor<'_>) -> Self {
        let targets = every(
            actor,
            "query($c: String) { plan(year: 2022) { it: targets(first: 100, after: $c) { nodes {
                id state light percentComplete leaders { id } assignments { role unit { id } }
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
    fn due(&self, world: &World, periods: &[&reporting_period::Model]) -> Vec<[String; 3]> {
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
    fn numbers(&self, targets: &[&Value], due: &[&[String; 3]]) -> Value {
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

    /// The keys of the groups of a target, and whether a unit's report belongs there, too.
    fn groups(target: &Value, group: &str) -> BTreeSet<String> {
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
    fn statistics(&self, group: &str, due: &[[String; 3]]) -> BTreeMap<String, Value> {
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
            let numbers = self.numbers(&targets, &due);
            (key, numbers)
        };
        of.into_iter().map(numbers).collect()
    }
}

fn rate(part: usize, whole: usize) -> Value {
    if whole == 0 {
        return Value::Null;
    }
    json!((part as f64 / whole as f64 * 10_000.0).round() / 10_000.0)
}

fn average(of: &[i64]) -> Value {
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
fn by_key(rows: &Value) -> BTreeMap<String, Value> {
    let mut found = BTreeMap::new();
    for row in rows.as_array().unwrap() {
        let mut row = row.clone();
        let key = row.as_object_mut().unwrap().remove("key").unwrap();
        let key = key["id"].as_str().unwrap_or("-").to_owned();
        assert!(found.insert(key, row).is_none(), "a group twice");
    }
    found
}

fn without(mut row: Value, fields: &[&str]) -> Value {
    for field in fields {
        row.as_object_mut().unwrap().remove(*field);
    }
    row
}

const REPORTS: &str = "reportsDue reportsSubmitted reportsOnTime reportsLate reportsReturned reportsAccepted timelinessRate firstTimeAcceptanceRate";

both! {
    async fn every_number_is_what_the_same_account_counts_in_lists(app: App) {
        let world = World::make(&app).await;
        let past: Vec<_> = world.periods[..5].iter().collect();
        let opened: Vec<_> = world.periods[..6].iter().collect();
        let mut counted = BTreeMap::new();
        for name in ACTORS {
            let actor = app.sign_in(name).await;
            let lists = Lists::of(&world, &actor).await;
            let statistics = operation("Statistics");
            for (period, asked) in [
                (None, past.clone()),
                (Some(2), vec![&world.periods[2]]),
                (Some(5), vec![&world.periods[5]]),
                (Some(6), vec![]),
            ] {
                let due = lists.due(&world, &asked);
                let id = period.map(|at: usize| global("ReportingPeriod", world.periods[at].id.0));
                for group in ["NONE", "SECTION", "LEADER", "UNIT"] {
                    let answer = actor.ask(&statistics, json!({ "year": 2022, "groupBy": group, "periodId": id })).await;
                    let Some(rows) = answer.body.pointer("/data/plan/statistics") else {
                        // Who does not see the plan sees no numbers.
                        assert!(lists.targets.is_empty(), "{name}: {}", answer.text);
                        continue;
                    };
                    assert_eq!(by_key(rows), lists.statistics(group, &due), "{name} by {group}, period {period:?}");
                    if group == "NONE" && period.is_none() {
                        counted.insert(name, [rows[0]["targets"].as_i64().unwrap(), rows[0]["reportsDue"].as_i64().unwrap(), rows[0]["reportsSubmitted"].as_i64().unwrap(), rows[0]["reportsReturned"].as_i64().unwrap()]);
                    }
                }
            }

            // The trend, of all and of one section, leader and unit.
            let mut trends = vec![(json!({}), "NONE", "-".to_owned())];
            if let Some(target) = lists.targets.iter().find(|it| it["state"] != "OTHER") {
                for (group, field) in [("SECTION", "sectionId"), ("LEADER", "leaderId"), ("UNIT", "unitId")] {
                    let key = Lists::groups(target, group).pop_first().unwrap();
                    trends.push((json!({ field: key }), group, key));
                }
            }
            for (of, group, key) in trends {
                let answer = actor.ask(&operation("Trend"), json!({ "year": 2022, "of": of })).await;
                let Some(rows) = answer.body.pointer("/data/plan/trend").and_then(Value::as_array) else {
                    assert!(lists.targets.is_empty(), "{name}: {}", answer.text);
                    continue;
                };
                assert_eq!(rows.len(), 7, "{name}");
                for (row, period) in rows.iter().zip(&world.periods) {
                    assert_eq!(row["period"]["label"], period.label.as_str());
                    let asked: Vec<_> = opened.iter().copied().filter(|it| it.id == period.id).collect();
                    let due = lists.due(&world, &asked);
                    let expected = lists.statistics(group, &due).remove(&key).unwrap_or_else(|| lists.numbers(&[], &[]));
                    let of_targets = ["targets", "byState", "byLight", "averagePercentComplete"];
                    let found = without(row.clone(), &["period", "averagePercentComplete"]);
                    assert_eq!(found, without(expected, &of_targets), "{name} {of} {}", period.label);
                }
            }
        }
        // The accounts differ as they should: the office and its reports, an observer with accepted ones alone, a unit with a part,
        // an administrator with nothing.
        let [office, observer, fgw] = ["office", "observer", "fgw-manager"].map(|name| counted[name]);
        assert_eq!((office[0], office[1]), (194, observer[1]));
        assert!(office[2] > observer[2] && observer[2] > 0 && office[3] > 0 && observer[3] == 0, "{counted:?}");
        assert!(fgw[0] < office[0] && fgw[2] > 0, "{counted:?}");
        assert_eq!(counted["system"], [0, 0, 0, 0]);
        assert!(!counted.contains_key("audit"));
    }

    async fn the_average_of_a_period_is_of_its_accepted_reports(app: App) {
        let world = World::make(&app).await;
        for name in ["office", "observer", "yjj-manager"] {
            let actor = app.sign_in(name).await;
            let lists = Lists::of(&world, &actor).await;
            let answer = actor.ask(&operation("Trend"), json!({ "year": 2022 })).await;
            for (row, period) in answer.data("/plan/trend").as_array().unwrap().iter().zip(&world.periods[..6]) {
                let due = lists.due(&world, &[period]);
                let accepted = due.iter().filter_map(|key| lists.reports.get(key)).filter(|it| it.status == "ACCEPTED");
                let percents: Vec<i64> = accepted.filter_map(|it| it.percent).collect();
                assert_eq!(row["averagePercentComplete"], average(&percents), "{name} {}", period.label);
            }
        }
    }

    async fn scores_follow_from_a_units_own_reports_and_the_state_of_its_targets(app: App) {
        let world = World::make(&app).await;
        let office = app.sign_in("office").await;
        let lists = Lists::of(&world, &office).await;
        let due = lists.due(&world, &world.periods[..5].iter().collect::<Vec<_>>());
        let weights = [40.0, 20.0, 40.0];
        let answer = office.ask(&operation("UnitRanking"), json!({ "year": 2022 })).await;
        let rows = answer.data("/plan/unitRanking").as_array().unwrap().clone();

        // The units with a target that they lead and that is not suspended, each once.
        let leads = |unit: &str| -> Vec<&Value> {
            lists.targets.iter().filter(|it| {
                let mut assignments = it["assignments"].as_array().unwrap().iter();
                it["state"] != "OTHER" && assignments.any(|a| a["role"] == "LEAD" && a["unit"]["id"] == unit)
            }).collect()
        };
        let units: BTreeSet<String> = rows.iter().map(|row| text(&row["unit"]["id"])).collect();
        assert_eq!(units.len(), rows.len());
        let mut expected: BTreeSet<String> = BTreeSet::new();
        for target in &lists.targets {
            expected.extend(Lists::groups(target, "UNIT").into_iter().filter(|unit| !leads(unit).is_empty()));
        }
        assert_eq!(units, expected);

        for row in &rows {
            let unit = text(&row["unit"]["id"]);
            let targets = leads(&unit);
            let good = targets.iter().filter(|it| ["COMPLETED", "AHEAD", "ON_SCHEDULE"].iter().any(|state| it["state"] == *state)).count();
            let own: Vec<&[String; 3]> = due.iter().filter(|[_, of, _]| *of == unit).collect();
            let reports: Vec<&Listed> = own.iter().filter_map(|key| lists.reports.get(*key)).collect();
            let reviewed = reports.iter().filter(|it| !it.reviews.is_empty()).count();
            let at_first = reports.iter().filter(|it| it.reviews.first().is_some_and(|first| first == "ACCEPT")).count();
            let on_time = reports.iter().filter(|it| !it.late).count();
            let parts = [(on_time, own.len()), (at_first, reviewed), (good, targets.len())];
            let weighed: f64 = parts.iter().zip(weights).filter(|((_, asked), _)| *asked > 0).map(|(_, weight)| weight).sum();
            let mut sum = 0.0;
            for (((achieved, asked), weight), part) in parts.iter().zip(weights).zip(row["parts"].as_array().unwrap()) {
                assert_eq!((&part["achieved"], &part["asked"]), (&json!(achieved), &json!(asked)), "{row}");
                assert_eq!(part["rate"], rate(*achieved, *asked));
                let most = if *asked > 0 { 100.0 * weight / weighed } else { 0.0 };
                let points = if *asked > 0 { most * *achieved as f64 / *asked as f64 } else { 0.0 };
                assert!((part["weight"].as_f64().unwrap() - most).abs() < 0.0051, "{part} {most}");
                assert!((part["points"].as_f64().unwrap() - points).abs() < 0.0051, "{part} {points}");
                sum += points;
            }
            assert!((row["score"].as_f64().unwrap() - sum).abs() < 0.0051, "{row} {sum}");
            // Ties share a rank: one more than there are better ones.
            let score = row["score"].as_f64().unwrap();
            let better = rows.iter().filter(|other| other["score"].as_f64().unwrap() > score).count();
            assert_eq!(row["rank"], better + 1);
        }
        let scores: Vec<f64> = rows.iter().map(|row| row["score"].as_f64().unwrap()).collect();
        assert!(scores.is_sorted_by(|one, next| one >= next), "the best first");
        assert!(scores.first() > scores.last());

        // Other weights, another order; a part that weighs nothing gives nothing.
        let answer = office.ask(&operation("UnitRanking"), json!({ "year": 2022, "weights": { "timeliness": 0, "firstTimeAcceptance": 0, "progress": 7 } })).await;
        for row in answer.data("/plan/unitRanking").as_array().unwrap() {
            let progress = &row["parts"][2];
            assert_eq!(row["score"], progress["points"]);
            assert_eq!(progress["weight"], 100.0);
            assert_eq!(row["parts"][0]["points"], 0.0);
        }
        // A period alone.
        let june = global("ReportingPeriod", world.periods[5].id.0);
        let answer = office.ask(&operation("UnitRanking"), json!({ "year": 2022, "periodId": june })).await;
        let asked: i64 = answer.data("/plan/unitRanking").as_array().unwrap().iter().map(|row| row["parts"][0]["asked"].as_i64().unwrap()).sum();
        assert_eq!(asked as usize, lists.due(&world, &[&world.periods[5]]).len());
    }

    async fn the_ranking_is_the_offices_and_a_units_own_score_is_its_own(app: App) {
        World::make(&app).await;
        let ranking = operation("UnitRanking");
        let of_office = app.sign_in("office").await.ask(&ranking, json!({ "year": 2022 })).await;
        let of_office = of_office.data("/plan/unitRanking").as_array().unwrap().clone();
        assert!(of_office.len() > 20);
        for (name, own) in [
            ("office-2022", None),
            ("office-2023", Some(vec![])),
            ("observer", Some(vec![])),
            ("leader-1", Some(vec![])),
            ("system", Some(vec![])),
            ("fgw-manager", Some(vec!["市发展改革委"])),
            ("fgw-reporter", Some(vec!["市发展改革委"])),
            ("linhai-manager", Some(vec!["临海市政府"])),
            ("renfang-reporter", Some(vec!["市人防办"])),
            // Works for a unit and is a leader, who sees more targets than the unit leads.
            ("both", Some(vec!["市应急管理局"])),
        ] {
            let answer = app.sign_in(name).await.ask(&ranking, json!({ "year": 2022 })).await;
            let rows = answer.body.pointer("/data/plan/unitRanking").and_then(Value::as_array).cloned().unwrap_or_default();
            let expected: Vec<Value> = match &own {
                None => of_office.clone(),
                Some(own) => of_office.iter().filter(|row| own.iter().any(|name| row["unit"]["name"] == *name)).map(|row| {
                    let mut row = row.clone();
                    row["rank"] = Value::Null;
                    row
                }).collect(),
            };
            assert_eq!(rows, expected, "{name}");
            assert_eq!(expected.is_empty(), own.is_some_and(|own| own.is_empty()), "{name}");
        }
    }

    /// Another unit of the target reports late, or not at all, or is sent back: nothing of it shows in the lead unit's numbers.
    async fn a_unit_that_reports_late_does_not_cost_the_lead_unit(app: App) {
        let db = app.database.connect().await;
        let author = user::Entity::find().one(&db).await.unwrap().unwrap().id;
        let plan = plan::Entity::find().filter(plan::Column::Year.eq(2022)).one(&db).await.unwrap().unwrap();
        let may = period(&db, plan.id, 2022, 5).await;
        let rows = assignment::Entity::find().filter(assignment::Column::PlanId.eq(plan.id)).order_by_asc(assignment::Column::Id).all(&db).await.unwrap();
        // A target with two lead units and a supporting one.
        let mut of_target: BTreeMap<i64, Vec<&assignment::Model>> = BTreeMap::new();
        for row in &rows {
            of_target.entry(row.target_id.0).or_default().push(row);
        }
        let leading = |row: &&&assignment::Model| row.role == AssignmentRole::Lead;
        let together = of_target.values().find(|rows| rows.iter().filter(leading).count() > 1 && rows.iter().any(|row| row.role == AssignmentRole::Supporting)).unwrap();
        let leads: Vec<_> = together.iter().filter(leading).collect();
        let supporting = together.iter().find(|row| row.role == AssignmentRole::Supporting).unwrap();
        write(&db, leads[0], may.id, STORIES[4], false, None, author).await;
        let office = app.sign_in("office").await;
        let numbers = async |unit: UnitId| {
            let id = global("Unit", unit.0);
            let statistics = office.ask(&operation("Statistics"), json!({ "year": 2022, "groupBy": "UNIT" })).await;
            let ranking = office.ask(&operation("UnitRanking"), json!({ "year": 2022 })).await;
            let scores = ranking.data("/plan/unitRanking").as_array().unwrap().clone();
            let score = scores.into_iter().find(|row| row["unit"]["id"] == id.as_str()).map(|row| without(row, &["rank"]));
            (by_key(statistics.data("/plan/statistics"))[&id].clone(), score)
        };
        let before = numbers(leads[0].unit_id).await;
        assert_eq!(before.0["reportsAccepted"], 1);
        let of_other = numbers(leads[1].unit_id).await;
        write(&db, leads[1], may.id, STORIES[3], true, None, author).await;
        write(&db, supporting, may.id, STORIES[5], true, None, author).await;
        assert_eq!(numbers(leads[0].unit_id).await, before);
        let after = numbers(leads[1].unit_id).await;
        assert_eq!((&after.0["reportsLate"], &after.0["reportsReturned"]), (&json!(1), &json!(1)));
        assert!(after.1.unwrap()["score"].as_f64() <= of_other.1.unwrap()["score"].as_f64());
        // Nor does it bring the supporting unit anything: its reports are not due.
        assert_eq!(numbers(supporting.unit_id).await.0["reportsLate"], 0);
    }

    async fn numbers_cost_the_same_statements_whatever_they_count(app: App) {
        let world = World::make(&app).await;
        let june = global("ReportingPeriod", world.periods[5].id.0);
        for name in ["office", "fgw-manager", "leader-8", "observer", "both"] {
            let actor = app.sign_in(name).await;
            let mut costs = Vec::new();
            for group in ["NONE", "SECTION", "LEADER", "UNIT"] {
                for period in [Value::Null, json!(june)] {
                    let answer = actor.ask(&operation("Statistics"), json!({ "year": 2022, "groupBy": group, "periodId": period })).await;
                    answer.data("/plan/statistics");
                    costs.push(answer.statements());
                }
            }
            // Who asks, the plan, two that count, the groups; and the period.
            assert_eq!(costs, [4, 5, 5, 6, 5, 6, 5, 6], "{name}");
            assert_eq!(actor.ask(&operation("Trend"), json!({ "year": 2022 })).await.statements(), 4, "{name}");
            assert_eq!(actor.ask(&operation("UnitRanking"), json!({ "year": 2022 })).await.statements(), 5, "{name}");
        }
        // Of many plans as of one, and each its own.
        let db = app.database.connect().await;
        let draft = plan::Entity::find().filter(plan::Column::Year.eq(2023)).one(&db).await.unwrap().unwrap();
        let of_draft = period(&db, draft.id, 2022, 3).await;
        let office = app.sign_in("office").await;
        let fields = format!("year statistics(groupBy: LEADER) {{ key {{ ... on Leader {{ id }} }} targets {REPORTS} }} trend {{ reportsDue }} unitRanking {{ rank score unit {{ id }} }}");
        let all = office.query(&format!("{{ plans {{ nodes {{ {fields} }} }} }}")).await;
        assert_eq!(all.statements(), 10);
        let plans = all.data("/plans/nodes").as_array().unwrap();
        assert_eq!(plans.len(), 2);
        for of_all in plans {
            let alone = office.query(&format!("{{ plan(year: {}) {{ {fields} }} }}", of_all["year"])).await;
            assert_eq!(alone.data("/plan"), of_all);
            assert!(of_all["statistics"][0]["reportsDue"].as_i64().unwrap() > 0);
        }
        // A period of another plan is none of this one.
        for id in [global("ReportingPeriod", of_draft.id.0), global("ReportingPeriod", 999_999), global("Plan", 1), "nonsense".to_owned()] {
            for query in ["Statistics", "UnitRanking"] {
                let answer = office.ask(&operation(query), json!({ "year": 2022, "groupBy": "NONE", "periodId": id })).await;
                assert_eq!(answer.codes(), ["NOT_FOUND"], "{query} {id}");
            }
        }
        for of in [json!({ "unitId": "nonsense" }), json!({ "sectionId": global("Unit", 1) }), json!({ "leaderId": "" })] {
            assert_eq!(office.ask(&operation("Trend"), json!({ "year": 2022, "of": of })).await.codes(), ["NOT_FOUND"], "{of}");
        }
    }

    async fn weights_that_make_no_sense_are_refused_by_name(app: App) {
        let office = app.sign_in("office").await;
        for (weights, argument) in [
            (json!({ "timeliness": -1 }), "weights.timeliness"),
            (json!({ "firstTimeAcceptance": 1001 }), "weights.firstTimeAcceptance"),
            (json!({ "progress": -40, "timeliness": 1 }), "weights.progress"),
            (json!({ "timeliness": 0, "firstTimeAcceptance": 0, "progress": 0 }), "weights"),
        ] {
            let answer = office.ask(&operation("UnitRanking"), json!({ "year": 2022, "weights": weights })).await;
            assert_eq!(answer.codes(), ["BAD_USER_INPUT"], "{weights}");
            assert_eq!(answer.body["errors"][0]["extensions"]["argument"], argument);
        }
    }

    /// Jinzhai county's bulletin of the first half of 2025: 222 items.
    async fn a_published_bulletins_table_can_be_rebuilt(app: App) {
        let bulletin = [("ON_SCHEDULE", 162, 72.9), ("BEHIND", 17, 7.7), ("AHEAD", 10, 4.5), ("COMPLETED", 24, 10.8), ("OTHER", 9, 4.1), ("NOT_STARTED", 0, 0.0)];
        let db = app.database.connect().await;
        jinzhai(&db, &bulletin).await;
        let office = app.sign_in("office").await;
        let answer = office.ask(&operation("Statistics"), json!({ "year": 2025, "groupBy": "NONE" })).await;
        let items = answer.data("/plan/statistics/0/targets").as_i64().unwrap();
        assert_eq!(items, 222);
        let states = answer.data("/plan/statistics/0/byState").as_array().unwrap();
        assert_eq!(states.len(), bulletin.len());
        for (state, count, percent) in bulletin {
            let row = states.iter().find(|row| row["state"] == state).unwrap();
            assert_eq!(row["count"], count, "{state}");
            // The bulletin cuts 72.97 off, and rounds the others.
            assert!((100.0 * count as f64 / items as f64 - percent).abs() < 0.1, "{state}");
        }
    }
}

async fn jinzhai(db: &DatabaseConnection, bulletin: &[(&str, usize, f64)]) {
    let now = moment("2025-07-01T00:00:00Z");
    let plan = plan::ActiveModel {
        id: NotSet,
        year: Set(2025),
        title: Set("金寨县".to_owned()),
        document_number: Set("x".to_owned()),
        issuer: Set("x".to_owned()),
        issued_on: Set(day("2025-01-01")),
        status: Set(PlanStatus::Published),
        published_at: Set(Some(now)),
        source_digest: Set("x".repeat(64)),
        created_at: Set(now),
        updated_at: Set(now),
    }
    .insert(db)
    .await
    .unwrap();
    let heading = section::ActiveModel {
        id: NotSet,
        plan_id: Set(plan.id),
        parent_id: Set(None),
        level: Set(1),
        ordinal: Set(1),
        position: Set(1),
        last_position: Set(1),
        title: Set("x".to_owned()),
        path: Set(entity::titles::Titles(vec!["x".to_owned()])),
    }
    .insert(db)
    .await
    .unwrap();
    let states = bulletin
        .iter()
        .flat_map(|(state, count, _)| std::iter::repeat_n(TargetState::from_word(state), *count));
    let rows = (1..).zip(states).map(|(number, state)| {
        let state = state.unwrap();
        let settled = [
            TargetState::Completed,
            TargetState::Other,
            TargetState::NotStarted,
        ];
        let measured = !settled.contains(&state);
        // The tests' clock stands in 2022: what has happened by then has happened.
        let from = |from: bool| Set(from.then(|| day("2022-01-01")));
        target::ActiveModel {
            id: NotSet,
            plan_id: Set(plan.id),
            number: Set(number),
            section_id: Set(heading.id),
            section_position: Set(1),
            text: Set("x".to_owned()),
            plain_text: Set("x".to_owned()),
            source_line: Set(number),
            open_ended: Set(false),
            due_on: Set(day("2025-12-31")),
            original_due_on: Set(None),
            closed_at: Set((state == TargetState::Completed).then_some(now)),
            suspended_reason: Set((state == TargetState::Other).then(|| "x".to_owned())),
            settled_state: Set((!measured).then_some(state)),
            on_schedule_from: from(measured && state != TargetState::Ahead),
            behind_from: from(state == TargetState::Behind),
            percent_complete: Set(None),
            version: Set(1),
            created_at: Set(now),
            updated_at: Set(now),
            ..Default::default()
        }
    });
    target::Entity::insert_many(rows).exec(db).await.unwrap();
}
