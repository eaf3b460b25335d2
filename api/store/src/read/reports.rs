//! Progress reports (进展报告): lists, versions, reviews, readings, and what the steps of a report depend on.

use std::sync::Arc;

use entity::{
    ids::{
        IndicatorId, ProgressReportId, ReportVersionId, ReportingPeriodId, ReviewId, TargetId,
        UnitId,
    },
    indicator_reading,
    kinds::ReportStatus,
    progress_report, report_version, reporting_period, review, target, unit,
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryTrait,
    sea_query::{Condition, Expr, ExprTrait, JoinType, Order, Query, SimpleExpr},
};

use super::{
    naming::{self, Named},
    plans::plans_of_year,
};
use crate::{
    Call, Direction, Page, PageArgs, ReportKey, Result, Seen,
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
            .add_option(
                self.plan_year
                    .map(|year| PlanId.in_subquery(plans_of_year(year))),
            )
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
    /// By the moment at which the period's reports are due.
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
            ReportOrderField::SubmittedAt => {
                by(progress_report::Entity, progress_report::Column::FiledAt)
            }
            ReportOrderField::Period => by(progress_report::Entity, progress_report::Column::DueAt),
        };
        Sort {
            columns: vec![
                first,
                by(progress_report::Entity, progress_report::Column::Id),
            ],
            direction: self.direction,
        }
    }

    fn keys(self, report: &progress_report::Model) -> Vec<Key> {
        let first = match self.field {
            ReportOrderField::SubmittedAt => report.filed_at,
            ReportOrderField::Period => report.due_at,
        };
        vec![Key::moment(first), Key::Number(report.id.0)]
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

/// A report with what it names.
#[derive(Clone, Debug)]
pub struct LatestReport {
    /// The report.
    pub report: Seen<progress_report::Model>,
    /// Its period, where the viewer sees the plan.
    pub period: Option<Arc<Seen<reporting_period::Model>>>,
    /// Its unit, where the viewer sees the directory.
    pub unit: Option<Arc<Seen<unit::Model>>>,
}

const LATEST: &str = "latest";
const PERIOD: &str = "period_row_";
const UNIT: &str = "unit_row_";

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
            .and(self.among(progress_report::Column::Id, ids.iter().copied()))
            .all(&self.reader())
            .await
    }

    /// The latest report that the viewer may see on each target: of the period that is due last, handed in last.
    pub async fn latest_reports(&self, targets: &[TargetId]) -> Result<Vec<LatestReport>> {
        use progress_report::Column::{DueAt, FiledAt, Id, PeriodId, TargetId, UnitId};
        let column = |column| by(progress_report::Entity, column);
        // Asked of each target by itself: what holds for all of its reports is looked at once.
        let latest = Scoped::<progress_report::Entity>::new(self)
            .and(column(TargetId).eq(by(target::Entity, target::Column::Id)))
            .aggregate()
            .expr(column(Id))
            .order_by_expr(column(DueAt), Order::Desc)
            .order_by_expr(column(FiledAt), Order::Desc)
            .order_by_expr(column(Id), Order::Desc)
            .limit(1)
            .take();
        let each = Query::select()
            .expr_as(SimpleExpr::SubQuery(None, Box::new(latest.into())), LATEST)
            .from(target::Entity)
            .and_where(self.among(target::Column::Id, targets.iter().copied()))
            // It limits nothing, but keeps PostgreSQL from computing it again for each join.
            .limit(u64::try_from(targets.len()).unwrap_or(u64::MAX))
            .take();
        let mut statement = progress_report::Entity::find()
            .into_query()
            .join_subquery(
                JoinType::InnerJoin,
                each,
                LATEST,
                Expr::col((LATEST, LATEST)).eq(column(Id)),
            )
            .take();
        let id = reporting_period::Column::Id;
        naming::join::<reporting_period::Entity>(
            self,
            &mut statement,
            PERIOD,
            id,
            column(PeriodId),
        );
        let id = unit::Column::Id;
        naming::join::<unit::Entity>(self, &mut statement, UNIT, id, column(UnitId));
        let (mut periods, mut units) = (Named::new(PERIOD), Named::new(UNIT));
        let rows = self.reader().query_all(&statement).await?;
        rows.iter()
            .map(|row| {
                let report = progress_report::Model::from_query_result(row, "")?;
                Ok(LatestReport {
                    period: periods.of(report.period_id, row)?,
                    unit: units.of(report.unit_id, row)?,
                    report: Seen(report),
                })
            })
            .collect()
    }

    /// The readings of reports. They are asked for through the scope again: since the report was seen, its unit may have
    /// taken it back and written other readings.
    pub async fn readings(
        &self,
        reports: &[ReportKey],
    ) -> Result<Vec<Seen<indicator_reading::Model>>> {
        Scoped::<indicator_reading::Entity>::new(self)
            .and(self.among(
                indicator_reading::Column::ReportId,
                reports.iter().map(|key| key.id()),
            ))
            .order_by(indicator_reading::Column::Id)
            .all(&self.reader())
            .await
    }

    /// The reviews of reports, oldest first.
    pub async fn reviews(&self, reports: &[ReportKey]) -> Result<Vec<Seen<review::Model>>> {
        Scoped::<review::Entity>::new(self)
            .and(self.among(review::Column::ReportId, reports.iter().map(|key| key.id())))
            .order_by(review::Column::Id)
            .all(&self.reader())
            .await
    }

    /// Reviews by key.
    pub async fn reviews_by_id(&self, ids: &[ReviewId]) -> Result<Vec<Seen<review::Model>>> {
        Scoped::<review::Entity>::new(self)
            .and(self.among(review::Column::Id, ids.iter().copied()))
            .all(&self.reader())
            .await
    }

    /// Versions of reports by key.
    pub async fn report_versions_by_id(
        &self,
        ids: &[ReportVersionId],
    ) -> Result<Vec<Seen<report_version::Model>>> {
        Scoped::<report_version::Entity>::new(self)
            .and(self.among(report_version::Column::Id, ids.iter().copied()))
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
        let keys = |row: &report_version::Model| vec![Key::Number(row.version.into())];
        pages(self, lists, args, &sort, keys).await
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
}

/// A reading as a version keeps it.
pub(crate) type KeptReading = (IndicatorId, String);
