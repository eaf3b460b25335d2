//! The facts from which standings are computed, read for many targets in a fixed number of statements.

use std::{collections::HashMap, str::FromStr};

use chrono::{DateTime, NaiveDate, Utc};
use domain::{
    clock::day,
    progress::{
        Facts, IndicatorFacts, IndicatorName, MilestoneFacts, MissingReport, Names, Thresholds,
    },
};
use entity::{
    assignment,
    ids::{IndicatorId, PlanId, ProgressReportId, ReportingPeriodId, TargetId, UnitId},
    indicator, indicator_reading,
    kinds::{
        AssignmentRole, NoticeColour, NoticeStatus, RefinementStatus, ReportStatus, ReviewDecision,
    },
    milestone, pause, plan, progress_report, refinement, reporting_period, supervision_notice,
    target,
};
use rust_decimal::Decimal;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DerivePartialModel, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect,
};

use crate::{Fault, rules::rules};

/// What a standing rests on.
#[derive(Clone, Debug)]
pub struct Ground {
    /// The facts.
    pub facts: Facts,
    /// The plan's thresholds.
    pub rules: Thresholds,
    /// What the things are called of which the reasons for the light speak.
    pub names: Names,
    /// The lead units.
    pub(crate) leads: Vec<UnitId>,
    /// Which of them has not handed in the report of which period.
    pub(crate) unreported: Vec<(UnitId, ReportingPeriodId)>,
}

/// What matters of a report.
#[derive(Clone, Debug, DerivePartialModel)]
#[sea_orm(entity = "progress_report::Entity")]
struct Report {
    id: ProgressReportId,
    target_id: TargetId,
    period_id: ReportingPeriodId,
    unit_id: UnitId,
    status: ReportStatus,
    percent_complete: Option<i32>,
    first_decision: Option<ReviewDecision>,
}

impl Report {
    /// It was handed in. One that was taken back before anybody looked at it was not; one that is written anew after it
    /// was returned was.
    fn handed_in(&self) -> bool {
        match self.status {
            ReportStatus::Draft | ReportStatus::PendingSignoff => self.first_decision.is_some(),
            ReportStatus::Submitted | ReportStatus::Returned | ReportStatus::Accepted => true,
        }
    }
}

/// A unit that leads a target, and since when.
struct Lead {
    unit: UnitId,
    since: Option<DateTime<Utc>>,
}

/// The grounds of targets, in their order.
pub(crate) async fn gather(
    db: &impl ConnectionTrait,
    targets: &[target::Model],
) -> Result<Vec<Ground>, Fault> {
    let ids = || targets.iter().map(|row| row.id);
    let plan_ids = || targets.iter().map(|row| row.plan_id);
    let years: HashMap<PlanId, i32> = plan::Entity::find()
        .select_only()
        .columns([plan::Column::Id, plan::Column::Year])
        .filter(plan::Column::Id.is_in(plan_ids()))
        .into_tuple()
        .all(db)
        .await?
        .into_iter()
        .collect();
    let rules = rules(db, plan_ids()).await?;
    let mut periods: HashMap<PlanId, Vec<reporting_period::Model>> = HashMap::new();
    let rows = reporting_period::Entity::find()
        .filter(reporting_period::Column::PlanId.is_in(plan_ids()))
        .order_by_asc(reporting_period::Column::DueAt)
        .order_by_asc(reporting_period::Column::Id)
        .all(db)
        .await?;
    for row in rows {
        periods.entry(row.plan_id).or_default().push(row);
    }
    let mut leads = leads(db, ids()).await?;
    let mut indicators: HashMap<TargetId, Vec<indicator::Model>> = HashMap::new();
    let rows = indicator::Entity::find()
        .filter(indicator::Column::TargetId.is_in(ids()))
        .order_by_asc(indicator::Column::Ordinal)
        .all(db)
        .await?;
    for row in rows {
        indicators.entry(row.target_id).or_default().push(row);
    }
    let mut reports: HashMap<TargetId, Vec<Report>> = HashMap::new();
    let rows = progress_report::Entity::find()
        .filter(progress_report::Column::TargetId.is_in(ids()))
        .into_partial_model::<Report>()
        .all(db)
        .await?;
    for row in rows {
        reports.entry(row.target_id).or_default().push(row);
    }
    let readings = readings(db, ids()).await?;
    let red_notices = red_notices(db, ids()).await?;
    let mut milestones = milestones(db, ids()).await?;
    let mut pauses = pauses(db, ids()).await?;

    let mut grounds = Vec::with_capacity(targets.len());
    for row in targets {
        let year = *years
            .get(&row.plan_id)
            .ok_or_else(|| Fault::new("a target without a plan"))?;
        let of_target = Of {
            periods: periods.get(&row.plan_id).map_or(&[], Vec::as_slice),
            leads: leads.remove(&row.id).unwrap_or_default(),
            reports: reports.remove(&row.id).unwrap_or_default(),
            pauses: pauses.remove(&row.id).unwrap_or_default(),
        };
        let indicators = indicators.remove(&row.id).unwrap_or_default();
        let unreported = of_target.unreported();
        let milestones = milestones.remove(&row.id).unwrap_or_default();
        let names = of_target.names(&indicators, &milestones, row);
        let facts = Facts {
            year,
            due_on: row.due_on,
            closed: row.closed_at.is_some(),
            adjusted: row.suspended_reason.is_some(),
            percents: of_target.latest(|report| report.percent_complete),
            indicators: indicators
                .iter()
                .map(|indicator| of_target.measured(indicator, &readings))
                .collect::<Result<_, _>>()?,
            milestones: milestones.iter().map(milestone_facts).collect(),
            missing_reports: of_target.missing(&unreported),
            open_red_notices: red_notices.get(&row.id).copied().unwrap_or_default(),
            overridden: super::overridden(row),
        };
        let rules = rules
            .get(&row.plan_id)
            .copied()
            .unwrap_or_default()
            .thresholds;
        grounds.push(Ground {
            facts,
            rules,
            names,
            leads: of_target.leads.iter().map(|lead| lead.unit).collect(),
            unreported,
        });
    }
    Ok(grounds)
}

async fn leads(
    db: &impl ConnectionTrait,
    targets: impl Iterator<Item = TargetId>,
) -> Result<HashMap<TargetId, Vec<Lead>>, Fault> {
    type Row = (TargetId, UnitId, Option<DateTime<Utc>>);
    let rows: Vec<Row> = assignment::Entity::find()
        .select_only()
        .columns([
            assignment::Column::TargetId,
            assignment::Column::UnitId,
            assignment::Column::AssignedAt,
        ])
        .filter(assignment::Column::TargetId.is_in(targets))
        .filter(assignment::Column::Role.eq(AssignmentRole::Lead))
        .order_by_asc(assignment::Column::Id)
        .into_tuple()
        .all(db)
        .await?;
    let mut leads: HashMap<TargetId, Vec<Lead>> = HashMap::new();
    for (target, unit, since) in rows {
        leads.entry(target).or_default().push(Lead { unit, since });
    }
    Ok(leads)
}

/// When targets were closed or suspended.
async fn pauses(
    db: &impl ConnectionTrait,
    targets: impl Iterator<Item = TargetId>,
) -> Result<HashMap<TargetId, Vec<pause::Model>>, Fault> {
    let rows = pause::Entity::find()
        .filter(pause::Column::TargetId.is_in(targets))
        .all(db)
        .await?;
    let mut pauses: HashMap<TargetId, Vec<pause::Model>> = HashMap::new();
    for row in rows {
        pauses.entry(row.target_id).or_default().push(row);
    }
    Ok(pauses)
}

/// The milestones of targets that are in force.
async fn milestones(
    db: &impl ConnectionTrait,
    targets: impl Iterator<Item = TargetId>,
) -> Result<HashMap<TargetId, Vec<milestone::Model>>, Fault> {
    let in_force = sea_orm::QueryTrait::into_query(
        refinement::Entity::find()
            .select_only()
            .column(refinement::Column::TargetId)
            .filter(refinement::Column::TargetId.is_in(targets))
            .filter(refinement::Column::Status.eq(RefinementStatus::Approved)),
    );
    let rows = milestone::Entity::find()
        .filter(milestone::Column::TargetId.in_subquery(in_force))
        .order_by_asc(milestone::Column::Id)
        .all(db)
        .await?;
    let mut milestones: HashMap<TargetId, Vec<milestone::Model>> = HashMap::new();
    for row in rows {
        milestones.entry(row.target_id).or_default().push(row);
    }
    Ok(milestones)
}

const fn milestone_facts(row: &milestone::Model) -> MilestoneFacts {
    MilestoneFacts {
        id: row.id.0,
        due_on: row.due_on,
        done_on: row.done_on,
    }
}

/// The accepted readings of targets.
async fn readings(
    db: &impl ConnectionTrait,
    targets: impl Iterator<Item = TargetId>,
) -> Result<HashMap<(ProgressReportId, IndicatorId), String>, Fault> {
    let rows = indicator_reading::Entity::find()
        .select_only()
        .columns([
            indicator_reading::Column::ReportId,
            indicator_reading::Column::IndicatorId,
            indicator_reading::Column::Value,
        ])
        .filter(
            indicator_reading::Column::ReportId.in_subquery(sea_orm::QueryTrait::into_query(
                progress_report::Entity::find()
                    .select_only()
                    .column(progress_report::Column::Id)
                    .filter(progress_report::Column::TargetId.is_in(targets))
                    .filter(progress_report::Column::Status.eq(ReportStatus::Accepted)),
            )),
        )
        .into_tuple::<(ProgressReportId, IndicatorId, String)>()
        .all(db)
        .await?;
    Ok(rows
        .into_iter()
        .map(|(report, indicator, value)| ((report, indicator), value))
        .collect())
}

/// How many red notices about each target are open.
async fn red_notices(
    db: &impl ConnectionTrait,
    targets: impl Iterator<Item = TargetId>,
) -> Result<HashMap<TargetId, u32>, Fault> {
    let rows = supervision_notice::Entity::find()
        .select_only()
        .column(supervision_notice::Column::TargetId)
        .filter(supervision_notice::Column::TargetId.is_in(targets))
        .filter(supervision_notice::Column::Colour.eq(NoticeColour::Red))
        .filter(supervision_notice::Column::Status.eq(NoticeStatus::Open))
        .into_tuple::<TargetId>()
        .all(db)
        .await?;
    let mut counts = HashMap::new();
    for target in rows {
        *counts.entry(target).or_default() += 1;
    }
    Ok(counts)
}

/// What a target's facts are made of.
struct Of<'a> {
    /// Of the plan, in the order in which their reports are due.
    periods: &'a [reporting_period::Model],
    leads: Vec<Lead>,
    reports: Vec<Report>,
    pauses: Vec<pause::Model>,
}

impl Of<'_> {
    /// Of each lead unit, what its latest accepted report says that says anything.
    fn latest<T>(&self, what: impl Fn(&Report) -> Option<T>) -> Vec<Option<T>> {
        let of_lead = |lead: &Lead| {
            self.periods.iter().rev().find_map(|period| {
                let mut reports = self.reports.iter();
                let report = reports.find(|report| {
                    report.unit_id == lead.unit
                        && report.period_id == period.id
                        && report.status == ReportStatus::Accepted
                });
                report.and_then(&what)
            })
        };
        self.leads.iter().map(of_lead).collect()
    }

    fn measured(
        &self,
        indicator: &indicator::Model,
        readings: &HashMap<(ProgressReportId, IndicatorId), String>,
    ) -> Result<IndicatorFacts, Fault> {
        let number = |text: &str| {
            Decimal::from_str(text).map_err(|_| Fault::new("a number that is none in the database"))
        };
        let read = self.latest(|report| readings.get(&(report.id, indicator.id)));
        Ok(IndicatorFacts {
            id: indicator.id.0,
            kind: indicator.kind,
            comparison: indicator.comparison,
            goal: number(&indicator.goal)?,
            readings: read
                .into_iter()
                .map(|value| value.map(|value| number(value)).transpose())
                .collect::<Result<_, _>>()?,
        })
    }

    /// What the reasons for the light may speak of.
    fn names(
        &self,
        indicators: &[indicator::Model],
        milestones: &[milestone::Model],
        row: &target::Model,
    ) -> Names {
        let name = |row: &indicator::Model| IndicatorName {
            name: row.name.clone(),
            comparison: row.comparison,
            unit: row.unit_of_measure.clone(),
            confirmed: row.confirmed,
        };
        let periods = self.periods.iter();
        Names {
            indicators: indicators.iter().map(|row| (row.id.0, name(row))).collect(),
            periods: periods.map(|row| (row.id.0, row.label.clone())).collect(),
            milestones: milestones
                .iter()
                .map(|row| (row.id.0, row.title.clone()))
                .collect(),
            override_reason: row.light_override_reason.clone(),
        }
    }

    /// Which lead unit has not handed in the report of which period. What was due before a unit was assigned is not asked
    /// of it, and what was due while the target was closed or suspended is not asked of anybody.
    fn unreported(&self) -> Vec<(UnitId, ReportingPeriodId)> {
        let paused = |period: &reporting_period::Model| {
            self.pauses.iter().any(|pause| {
                pause.begun_at <= period.due_at
                    && pause.ended_at.is_none_or(|ended| period.due_at < ended)
            })
        };
        let mut unreported = Vec::new();
        for period in self.periods.iter().filter(|period| !paused(period)) {
            for lead in &self.leads {
                let asked = lead.since.is_none_or(|since| since <= period.due_at);
                let mut reports = self.reports.iter();
                let handed_in = reports.any(|report| {
                    report.unit_id == lead.unit
                        && report.period_id == period.id
                        && report.handed_in()
                });
                if asked && !handed_in {
                    unreported.push((lead.unit, period.id));
                }
            }
        }
        unreported
    }

    /// The periods of which a report is missing, each once.
    fn missing(&self, unreported: &[(UnitId, ReportingPeriodId)]) -> Vec<MissingReport> {
        let lacks = |period: &&reporting_period::Model| {
            let mut missing = unreported.iter();
            missing.any(|(_, missing)| *missing == period.id)
        };
        let missing = self.periods.iter().filter(lacks);
        missing
            .map(|period| MissingReport {
                period: period.id.0,
                due_on: due_on(period),
            })
            .collect()
    }
}

fn due_on(period: &reporting_period::Model) -> NaiveDate {
    day(period.due_at)
}
