//! Begin a report, or change it.

use domain::{Action, Code, Guarded, Reason, quantity::decimal, report::LONGEST_PART};
use entity::{
    assignment,
    ids::{AttachmentId, IndicatorId, ReportingPeriodId, TargetId, UnitId},
    indicator, indicator_reading,
    kinds::ReportStatus,
    progress_report, reporting_period,
};
use sea_orm::{
    ActiveModelTrait, ActiveValue::NotSet, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter,
    QueryOrder, QuerySelect, Set, sea_query::LockType,
};
use serde_json::{Value, json};

use crate::{
    Call, Once, Result, Seen,
    connection::Metered,
    read::{report_facts::facts_of_step, reports::KeptReading},
    scoped::Scoped,
    write::{Begun, Entry, Write},
};

use super::{
    MOST_ITEMS,
    attachments::{Owner, Spot, attached},
    check_version,
    report_steps::{Step, record, told},
    text,
};

/// What is written in a report. What is not given stays as it is.
#[derive(Clone, Debug, Default)]
pub struct SaveReport {
    /// The target; none when the ID is none.
    pub target: Option<TargetId>,
    /// The period; none when the ID is none.
    pub period: Option<ReportingPeriodId>,
    /// The unit, where it is given; the inner none when the ID is none.
    pub unit: Option<Option<UnitId>>,
    /// Progress so far.
    pub progress: Option<String>,
    /// Problems.
    pub problems: Option<String>,
    /// Next steps.
    pub next_steps: Option<String>,
    /// Percent complete, 0 to 100.
    pub percent_complete: Option<i32>,
    /// Readings: all of them, in place of those before.
    pub readings: Option<Vec<Reading>>,
    /// Files: all of them, in place of those before; none where the ID is none.
    pub attachments: Option<Vec<Option<AttachmentId>>>,
    /// The version that the caller has seen; needed to change what there is.
    pub expected_version: Option<i32>,
}

/// The value of an indicator.
#[derive(Clone, Debug)]
pub struct Reading {
    /// The indicator; none when the ID is none.
    pub indicator: Option<IndicatorId>,
    /// An exact decimal number.
    pub value: String,
}

impl Call {
    /// Begins the report of a unit on a target for a period, or changes it. A draft that is as it is to be stays as it is: it gets no
    /// new version, and nobody hears of it.
    ///
    /// # Errors
    /// Refused: a target or period that the viewer does not see, a unit that is not assigned or not the viewer's, a state
    /// or a period in which nothing is written, a version that is not the newest, or a value that makes no sense.
    pub async fn save_report(
        &self,
        input: SaveReport,
        once: Option<&Once>,
    ) -> Result<Seen<progress_report::Model>> {
        let user = self.admitted()?.account.id;
        let write = match self.begin(once).await? {
            Begun::Fresh(write) => write,
            Begun::Again(id) => return self.again(&id).await,
        };
        // The target before the assignments and the report, as all do who lock them.
        let target = self.locked_target(&write, input.target).await?;
        let period = Scoped::<reporting_period::Entity>::new(self)
            .and(reporting_period::Column::PlanId.eq(target.plan_id))
            .and(
                reporting_period::Column::Id.eq(input
                    .period
                    .ok_or_else(|| Reason::NotFound.at("periodId"))?),
            )
            .one(write.db())
            .await?
            .ok_or_else(|| Reason::NotFound.at("periodId"))?;
        let assignment = self
            .reporting_assignment(&write, target.id, input.unit)
            .await?;
        let unit = assignment.unit_id;
        let before = progress_report::Entity::find()
            .filter(progress_report::Column::TargetId.eq(target.id))
            .filter(progress_report::Column::PeriodId.eq(period.id))
            .filter(progress_report::Column::UnitId.eq(unit))
            .lock(LockType::NoKeyUpdate)
            .one(write.db())
            .await?;
        let fresh = before.is_none();
        let mut report = before.unwrap_or_else(|| progress_report::Model {
            id: entity::ids::ProgressReportId(0),
            plan_id: target.plan_id,
            target_id: target.id,
            period_id: period.id,
            due_at: period.due_at,
            unit_id: unit,
            status: ReportStatus::Draft,
            version: 0,
            progress: String::new(),
            problems: String::new(),
            next_steps: String::new(),
            percent_complete: None,
            author_id: user,
            submitted_by_id: None,
            submitted_at: None,
            first_submitted_at: None,
            filed_at: self.now(),
            late: false,
            review_began_at: None,
            first_decision: None,
            accepted_at: None,
            created_at: self.now(),
            updated_at: self.now(),
        });
        for facts in facts_of_step(write.db(), &[&report]).await? {
            facts
                .permit(self.asking()?, Action::SaveReport)
                .map_err(|reason| match reason.code() {
                    Code::Locked => reason.at("periodId"),
                    _ => reason.whole(),
                })?;
        }
        check_version((!fresh).then_some(report.version), input.expected_version)?;
        let before = fields(&report);
        let readings = match input.readings {
            Some(readings) => Some(read(&write, target.id, readings).await?),
            None => None,
        };
        write_into(
            &mut report,
            &input.progress,
            &input.problems,
            &input.next_steps,
            input.percent_complete,
        )?;
        let same = before == fields(&report)
            && kept_as(
                &write,
                &report,
                readings.as_deref(),
                input.attachments.as_deref(),
            )
            .await?;
        if same && !fresh && report.status == ReportStatus::Draft {
            write.commit_with(json!(report.id), []).await?;
            return Ok(Seen(report));
        }
        let status_before = report.status;
        report.status = ReportStatus::Draft;
        report.version += 1;
        report.author_id = user;
        report.updated_at = self.now();
        let mut row = report.clone().into_active_model();
        if fresh {
            row.id = NotSet;
            report = progress_report::Entity::insert(row)
                .exec_with_returning(write.db())
                .await?;
        } else {
            progress_report::Entity::update(row.reset_all())
                .exec(write.db())
                .await?;
        }
        let kept = keep(&write, &report, readings).await?;
        let mut changes = json!({ "status": [if fresh { None } else { Some(status_before) }, Some(report.status)], "version": report.version });
        for ((field, before), (_, after)) in before.into_iter().zip(fields(&report)) {
            if before != after {
                // A draft's number is its unit's alone, and no digest hides one of a hundred.
                changes[field] = match field {
                    PERCENT => json!(true),
                    _ => json!([before, after]),
                };
            }
        }
        if let Some(ids) = &input.attachments {
            let spot = Spot {
                target: target.id,
                unit,
            };
            let owner = Owner::Report(report.id, report.version);
            changes["attachments"] = json!(self.attach(&write, spot, owner, ids).await?);
        }
        let step = Step {
            action: Action::SaveReport,
            user,
            now: self.now(),
            comment: None,
        };
        record(&write, &report, &kept, &step).await?;
        let entry = Entry {
            act: Action::SaveReport.into(),
            object: "ProgressReport",
            id: Some(report.id.0),
            changes,
            event: Some(told(&report, Action::SaveReport)),
        };
        write.commit_with(json!(report.id), [entry]).await?;
        Ok(Seen(report))
    }

    /// The assignment of the unit that reports: of the one that is given, or of the only one on the target for which the viewer
    /// works. It is locked: of two who begin the same report at once, the second finds the first's.
    pub(super) async fn reporting_assignment(
        &self,
        write: &Write,
        target: TargetId,
        given: Option<Option<UnitId>>,
    ) -> Result<Seen<assignment::Model>> {
        let rows = Scoped::<assignment::Entity>::new(self)
            .and(assignment::Column::TargetId.eq(target))
            .order_by(assignment::Column::Id)
            .locked()
            .all(write.db())
            .await?;
        let units = &self.reach().units;
        let own = |row: &&Seen<assignment::Model>| {
            units.contains(&row.unit_id)
                || row.acting_unit_id.is_some_and(|unit| units.contains(&unit))
        };
        if let Some(given) = given {
            let row = rows.iter().find(|row| Some(row.unit_id) == given);
            let row = row.ok_or_else(|| Reason::NotAssigned.at("unitId"))?;
            return Ok(row.clone());
        }
        let mut own = rows.iter().filter(own);
        match (own.next(), own.next()) {
            (Some(row), None) => Ok(row.clone()),
            (Some(_), Some(_)) => Err(Reason::WhichUnit.at("unitId").into()),
            (None, _) => Err(Reason::NotOfUnit.whole().into()),
        }
    }
}

const PERCENT: &str = "percentComplete";
const READINGS: &str = "readings";

/// What is written in a report, as its audit entry names it.
fn fields(report: &progress_report::Model) -> [(&'static str, Value); 4] {
    [
        ("progress", json!(report.progress)),
        ("problems", json!(report.problems)),
        ("nextSteps", json!(report.next_steps)),
        (PERCENT, json!(report.percent_complete)),
    ]
}

fn write_into(
    report: &mut progress_report::Model,
    progress: &Option<String>,
    problems: &Option<String>,
    next_steps: &Option<String>,
    percent: Option<i32>,
) -> Result<()> {
    for (field, given, kept) in [
        ("progress", progress, &mut report.progress),
        ("problems", problems, &mut report.problems),
        ("nextSteps", next_steps, &mut report.next_steps),
    ] {
        if let Some(given) = given {
            *kept = text(field, given, LONGEST_PART, false)?;
        }
    }
    if let Some(percent) = percent {
        if !(0..=100).contains(&percent) {
            return Err(Reason::OutOfRange {
                least: 0,
                most: 100,
            }
            .at("percentComplete")
            .into());
        }
        report.percent_complete = Some(percent);
    }
    Ok(())
}

/// The readings, each of an indicator of the target, once, with an exact number.
async fn read(write: &Write, target: TargetId, readings: Vec<Reading>) -> Result<Vec<KeptReading>> {
    if readings.len() > MOST_ITEMS {
        return Err(Reason::TooMany { most: MOST_ITEMS }.at(READINGS).into());
    }
    let known: Vec<IndicatorId> = indicator::Entity::find()
        .filter(indicator::Column::TargetId.eq(target))
        .all(write.db())
        .await?
        .into_iter()
        .map(|row| row.id)
        .collect();
    let mut kept: Vec<KeptReading> = Vec::new();
    for (at, reading) in readings.into_iter().enumerate() {
        let id = reading
            .indicator
            .filter(|id| known.contains(id))
            .ok_or_else(|| Reason::NotFound.in_item(READINGS, at, "indicatorId"))?;
        if kept.iter().any(|(other, _)| *other == id) {
            return Err(Reason::Repeated.in_item(READINGS, at, "indicatorId").into());
        }
        let exact = decimal(&reading.value)
            .ok_or_else(|| Reason::NotDecimal.in_item(READINGS, at, "value"))?;
        kept.push((id, exact.normalize().to_string()));
    }
    Ok(kept)
}

/// Whether a report has these readings and files already, where any are given.
async fn kept_as(
    write: &Write,
    report: &progress_report::Model,
    readings: Option<&[KeptReading]>,
    files: Option<&[Option<AttachmentId>]>,
) -> Result<bool> {
    if let Some(readings) = readings
        && kept(write.db(), report).await? != readings
    {
        return Ok(false);
    }
    let Some(files) = files else {
        return Ok(true);
    };
    let mut files = files.to_vec();
    files.sort();
    let attached = attached(write, report.id).await?;
    Ok(files == attached.into_iter().map(Some).collect::<Vec<_>>())
}

/// Keeps new readings in place of the old ones, and answers those that there are now.
async fn keep(
    write: &Write,
    report: &progress_report::Model,
    readings: Option<Vec<KeptReading>>,
) -> Result<Vec<KeptReading>> {
    let Some(readings) = readings else {
        return Ok(kept(write.db(), report).await?);
    };
    indicator_reading::Entity::delete_many()
        .filter(indicator_reading::Column::ReportId.eq(report.id))
        .exec(write.db())
        .await?;
    if !readings.is_empty() {
        let rows = readings
            .iter()
            .map(|(indicator, value)| indicator_reading::ActiveModel {
                id: NotSet,
                report_id: Set(report.id),
                indicator_id: Set(*indicator),
                value: Set(value.clone()),
            });
        indicator_reading::Entity::insert_many(rows)
            .exec(write.db())
            .await?;
    }
    Ok(readings)
}

/// The readings of a report.
pub(super) async fn kept(
    db: &Metered<sea_orm::DatabaseTransaction>,
    report: &progress_report::Model,
) -> Result<Vec<KeptReading>, crate::Fault> {
    Ok(indicator_reading::Entity::find()
        .filter(indicator_reading::Column::ReportId.eq(report.id))
        .order_by_asc(indicator_reading::Column::Id)
        .all(db)
        .await?
        .into_iter()
        .map(|row| (row.indicator_id, row.value))
        .collect())
}
