//! A year under way, written as no act can: targets and reports in every state at once.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use entity::{
    assignment, designation,
    ids::{PlanId, ReportVersionId, TargetId, UserId},
    kinds::{
        AssignmentOrigin, AssignmentRole, Light, PeriodKind, ReportStatus, ReviewDecision,
        TargetState,
    },
    plan, progress_report, report_version, reporting_period, review, target, unit, user,
};
use sea_orm::{
    ActiveModelTrait, ActiveValue::NotSet, ColumnTrait, DatabaseConnection, EntityTrait,
    QueryFilter, QueryOrder, Set,
};
use serde_json::json;
use tests::App;

use super::refined;

pub(super) fn moment(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

pub(super) fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

pub(super) fn global(of: &str, key: i64) -> String {
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
pub(super) struct World {
    pub(super) plan: PlanId,
    /// January to July: due until May, June open, July not yet.
    pub(super) periods: Vec<reporting_period::Model>,
    /// When a target was closed, and whether it is suspended.
    pub(super) targets: HashMap<String, (Option<DateTime<Utc>>, bool)>,
    /// Since when a unit leads a target, where it was designated.
    pub(super) since: HashMap<(String, String), DateTime<Utc>>,
    /// From when until when a target was closed or suspended.
    pub(super) pauses: HashMap<String, (DateTime<Utc>, DateTime<Utc>)>,
    /// The versions that were returned, of reports that are written anew since: with target, unit and period, and whether
    /// they were late.
    pub(super) rewritten: Vec<(ReportVersionId, [String; 3], bool)>,
}

/// How a report came to be what it is: the states of its versions.
pub(super) const STORIES: [&[ReportStatus]; 7] = {
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
    pub(super) async fn make(app: &App) -> Self {
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
            pauses: HashMap::new(),
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
        world.pause(&db, &targets).await;
        refined::refine(&db, &targets, author).await;
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
                assigned_at: Set(Some(since)),
                acknowledge_by: Set(None),
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
        let (report, versions) = write(db, of, period, story, late, percent, user).await;
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
pub(super) async fn write(
    db: &DatabaseConnection,
    of: &assignment::Model,
    period: &reporting_period::Model,
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
        period_id: Set(period.id),
        due_at: Set(period.due_at),
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

pub(super) async fn period(
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
