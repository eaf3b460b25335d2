//! Progress reports (进展报告): lists, versions, reviews, readings, and what the steps of a report depend on.

use std::collections::HashMap;

use domain::report::{Facts, Window};
use entity::{
    assignment,
    ids::{IndicatorId, PlanId, ProgressReportId, ReportingPeriodId, TargetId, UnitId, UserId},
    indicator_reading,
    kinds::ReportStatus,
    lock_exception, plan, progress_report, report_version, reporting_period, review, user,
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder,
    QuerySelect,
    sea_query::{Alias, Asterisk, Condition, Expr, ExprTrait, Query},
};

use crate::{
    Call, Direction, Fault, Page, PageArgs, ReportKey, Result, Seen,
    page::{Key, Sort, by},
    scoped::{List, Scoped, counts, pages},
};

/// Narrowing a list of reports: all that is given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct ProgressReportFilter {
    /// The year of the plan.
    pub plan_year: Option<i32>,
    /// The period.
    pub period: Option<ReportingPeriodId>,
    /// The unit.
    pub unit: Option<UnitId>,
    /// The target.
    pub target: Option<TargetId>,
    /// The state.
    pub status: Option<ReportStatus>,
    /// First handed in after the due time, or not.
    pub late: Option<bool>,
}

impl ProgressReportFilter {
    fn condition(self) -> Condition {
        use progress_report::Column::{Late, PeriodId, PlanId, Status, TargetId, UnitId};
        Condition::all()
            .add_option(self.plan_year.map(|year| {
                PlanId.in_subquery(
                    Query::select()
                        .column(plan::Column::Id)
                        .from(plan::Entity)
                        .and_where(plan::Column::Year.eq(year))
                        .take(),
                )
            }))
            .add_option(self.period.map(|period| PeriodId.eq(period)))
            .add_option(self.unit.map(|unit| UnitId.eq(unit)))
            .add_option(self.target.map(|target| TargetId.eq(target)))
            .add_option(self.status.map(|status| Status.eq(status)))
            .add_option(self.late.map(|late| Late.eq(late)))
    }
}

/// By what reports are sorted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum ReportOrderField {
    /// By the moment of handing in; by that of beginning while it was not handed in.
    #[default]
    SubmittedAt,
    /// By period.
    Period,
}

/// How reports are sorted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ReportOrder {
    /// By what.
    pub field: ReportOrderField,
    /// Up or down.
    pub direction: Direction,
}

impl Default for ReportOrder {
    fn default() -> Self {
        Self {
            field: ReportOrderField::SubmittedAt,
            direction: Direction::Descending,
        }
    }
}

impl ReportOrder {
    fn sort(self) -> Sort {
        let first = match self.field {
            ReportOrderField::SubmittedAt => progress_report::Column::FiledAt,
            ReportOrderField::Period => progress_report::Column::PeriodId,
        };
        Sort {
            columns: vec![
                by(progress_report::Entity, first),
                by(progress_report::Entity, progress_report::Column::Id),
            ],
            direction: self.direction,
        }
    }

    fn keys(self, report: &progress_report::Model) -> Vec<Key> {
        let first = match self.field {
            ReportOrderField::SubmittedAt => Key::moment(report.filed_at),
            ReportOrderField::Period => Key::Number(report.period_id.0),
        };
        vec![first, Key::Number(report.id.0)]
    }

    const fn name(self) -> &'static str {
        match self.field {
            ReportOrderField::SubmittedAt => "submitted",
            ReportOrderField::Period => "period",
        }
    }
}

/// Whose reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ReportsOf {
    /// Everybody's.
    All,
    /// A target's.
    Target(TargetId),
}

impl ReportsOf {
    fn name(self) -> String {
        match self {
            Self::All => "all".to_owned(),
            Self::Target(target) => format!("target {}", target.0),
        }
    }
}

impl Call {
    /// A page of the reports of each of these, in one statement.
    pub async fn reports(
        &self,
        of: &[ReportsOf],
        filter: ProgressReportFilter,
        order: ReportOrder,
        args: &PageArgs,
    ) -> Result<Vec<Result<Page<Seen<progress_report::Model>>>>> {
        let lists = of
            .iter()
            .map(|of| List {
                name: format!("reports by {} of {}", order.name(), of.name()),
                rows: self.reports_of(*of, filter),
            })
            .collect();
        pages(self, lists, args, &order.sort(), |row| order.keys(row)).await
    }

    /// How many reports each of these has, in one statement.
    pub async fn report_counts(
        &self,
        of: &[ReportsOf],
        filter: ProgressReportFilter,
    ) -> Result<Vec<i64>> {
        counts(
            self,
            of.iter().map(|of| self.reports_of(*of, filter)).collect(),
        )
        .await
    }

    fn reports_of(
        &self,
        of: ReportsOf,
        filter: ProgressReportFilter,
    ) -> Scoped<progress_report::Entity> {
        let scoped = Scoped::new(self).and(filter.condition());
        match of {
            ReportsOf::All => scoped,
            ReportsOf::Target(target) => scoped.and(progress_report::Column::TargetId.eq(target)),
        }
    }

    /// Reports by key.
    pub async fn reports_by_id(
        &self,
        ids: &[ProgressReportId],
    ) -> Result<Vec<Seen<progress_report::Model>>> {
        Scoped::<progress_report::Entity>::new(self)
            .and(progress_report::Column::Id.is_in(ids.iter().copied()))
            .all(&self.reader())
            .await
    }

    /// The latest report that the viewer may see on each target: of the latest period, handed in last.
    pub async fn latest_reports(
        &self,
        targets: &[TargetId],
    ) -> Result<Vec<Seen<progress_report::Model>>> {
        const PLACE: &str = "place";
        let mut ranked = Scoped::<progress_report::Entity>::new(self)
            .and(progress_report::Column::TargetId.is_in(targets.iter().copied()))
            .joined();
        ranked.expr_as(
            Expr::cust(
                "ROW_NUMBER() OVER (PARTITION BY progress_report.target_id ORDER BY progress_report.period_id DESC, \
                 progress_report.filed_at DESC, progress_report.id DESC)",
            ),
            PLACE,
        );
        let statement = Query::select()
            .column(Asterisk)
            .from_subquery(ranked, Alias::new("ranked"))
            .and_where(Expr::col(PLACE).eq(1))
            .take();
        self.reader()
            .query_all(&statement)
            .await?
            .iter()
            .map(|row| Ok(Seen(progress_report::Model::from_query_result(row, "")?)))
            .collect()
    }

    /// The readings of seen reports.
    pub async fn readings(
        &self,
        reports: &[ReportKey],
    ) -> Result<Vec<Seen<indicator_reading::Model>>> {
        let rows = indicator_reading::Entity::find()
            .filter(indicator_reading::Column::ReportId.is_in(reports.iter().map(|key| key.id())))
            .order_by_asc(indicator_reading::Column::Id)
            .all(&self.reader())
            .await?;
        Ok(rows.into_iter().map(Seen).collect())
    }

    /// The reviews of reports, oldest first.
    pub async fn reviews(&self, reports: &[ReportKey]) -> Result<Vec<Seen<review::Model>>> {
        Scoped::<review::Entity>::new(self)
            .and(review::Column::ReportId.is_in(reports.iter().map(|key| key.id())))
            .order_by(review::Column::Id)
            .all(&self.reader())
            .await
    }

    /// A page of the versions of each report, in one statement.
    pub async fn report_versions(
        &self,
        reports: &[ReportKey],
        args: &PageArgs,
    ) -> Result<Vec<Result<Page<Seen<report_version::Model>>>>> {
        let lists = reports
            .iter()
            .map(|report| List {
                name: format!("versions of report {}", report.id().0),
                rows: self.versions_of(*report),
            })
            .collect();
        let sort = Sort {
            columns: vec![by(report_version::Entity, report_version::Column::Version)],
            direction: Direction::Ascending,
        };
        pages(self, lists, args, &sort, |row| {
            vec![Key::Number(row.version.into())]
        })
        .await
    }

    /// How many versions of each report the viewer sees, in one statement.
    pub async fn report_version_counts(&self, reports: &[ReportKey]) -> Result<Vec<i64>> {
        counts(
            self,
            reports
                .iter()
                .map(|report| self.versions_of(*report))
                .collect(),
        )
        .await
    }

    fn versions_of(&self, report: ReportKey) -> Scoped<report_version::Entity> {
        Scoped::new(self).and(report_version::Column::ReportId.eq(report.id()))
    }

    /// What the steps of seen reports depend on.
    pub async fn report_facts(
        &self,
        reports: &[Seen<progress_report::Model>],
    ) -> Result<Vec<Facts>> {
        let rows: Vec<&progress_report::Model> = reports.iter().map(|row| &**row).collect();
        Ok(facts(&self.reader(), &rows).await?)
    }
}

/// What the steps of reports depend on, in a fixed number of statements.
pub(crate) async fn facts(
    db: &impl ConnectionTrait,
    reports: &[&progress_report::Model],
) -> Result<Vec<Facts>, Fault> {
    let ids = reports.iter().map(|report| report.id);
    let mut hands: HashMap<ProgressReportId, Vec<UserId>> = HashMap::new();
    let written = report_version::Entity::find()
        .select_only()
        .column(report_version::Column::ReportId)
        .column(report_version::Column::UserId)
        .filter(report_version::Column::ReportId.is_in(ids))
        .filter(report_version::Column::Action.is_in(BY_ITS_UNIT.map(|action| action.as_str())))
        .distinct()
        .into_tuple::<(ProgressReportId, UserId)>()
        .all(db)
        .await?;
    for (report, user) in written {
        hands.entry(report).or_default().push(user);
    }
    let plans: HashMap<PlanId, plan::Model> = plan::Entity::find()
        .filter(plan::Column::Id.is_in(reports.iter().map(|report| report.plan_id)))
        .all(db)
        .await?
        .into_iter()
        .map(|row| (row.id, row))
        .collect();
    let acting: HashMap<(TargetId, UnitId), Option<UnitId>> = assignment::Entity::find()
        .filter(assignment::Column::TargetId.is_in(reports.iter().map(|report| report.target_id)))
        .all(db)
        .await?
        .into_iter()
        .map(|row| ((row.target_id, row.unit_id), row.acting_unit_id))
        .collect();
    let pairs: Vec<_> = reports
        .iter()
        .map(|report| (report.period_id, report.unit_id))
        .collect();
    let mut windows = windows(db, &pairs).await?.into_iter();
    let mut facts = Vec::new();
    for report in reports {
        let plan = plans
            .get(&report.plan_id)
            .ok_or_else(|| Fault::new("a report without a plan"))?;
        facts.push(Facts {
            plan: report.plan_id,
            plan_status: plan.status,
            unit: report.unit_id,
            acting_unit: acting
                .get(&(report.target_id, report.unit_id))
                .copied()
                .flatten(),
            status: report.status,
            blank: report.progress.trim().is_empty(),
            review_began: report.review_began_at.is_some(),
            hands: hands.remove(&report.id).unwrap_or_default(),
            window: windows
                .next()
                .ok_or_else(|| Fault::new("a report without a period"))?,
        });
    }
    Ok(facts)
}

/// The acts by which a unit's people put their hands on a report.
const BY_ITS_UNIT: [domain::Action; 4] = [
    domain::Action::SaveReport,
    domain::Action::RequestSignoff,
    domain::Action::SubmitReport,
    domain::Action::RecallReport,
];

/// When periods take reports of units.
pub(crate) async fn windows(
    db: &impl ConnectionTrait,
    pairs: &[(ReportingPeriodId, UnitId)],
) -> Result<Vec<Window>, Fault> {
    let periods: HashMap<ReportingPeriodId, reporting_period::Model> =
        reporting_period::Entity::find()
            .filter(reporting_period::Column::Id.is_in(pairs.iter().map(|(period, _)| *period)))
            .all(db)
            .await?
            .into_iter()
            .map(|row| (row.id, row))
            .collect();
    let names: HashMap<UserId, String> = user::Entity::find()
        .select_only()
        .column(user::Column::Id)
        .column(user::Column::DisplayName)
        .filter(user::Column::Id.is_in(periods.values().filter_map(|row| row.locked_by_id)))
        .into_tuple::<(UserId, String)>()
        .all(db)
        .await?
        .into_iter()
        .collect();
    let mut exceptions: HashMap<(ReportingPeriodId, UnitId), _> = HashMap::new();
    let rows = lock_exception::Entity::find()
        .filter(lock_exception::Column::PeriodId.is_in(pairs.iter().map(|(period, _)| *period)))
        .all(db)
        .await?;
    for row in rows {
        let until = exceptions
            .entry((row.period_id, row.unit_id))
            .or_insert(row.until_at);
        *until = Ord::max(*until, row.until_at);
    }
    pairs
        .iter()
        .map(|(period, unit)| {
            let row = periods
                .get(period)
                .ok_or_else(|| Fault::new("a report without a period"))?;
            Ok(Window {
                opens_at: row.opens_at,
                locks_at: row.locks_at,
                locked_by: row.locked_by_id.and_then(|id| names.get(&id).cloned()),
                exception_until: exceptions.get(&(*period, *unit)).copied(),
            })
        })
        .collect()
}

/// A reading as a version keeps it.
pub(crate) type KeptReading = (IndicatorId, String);
