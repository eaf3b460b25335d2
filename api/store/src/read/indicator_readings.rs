//! The readings of indicators (指标读数), through the reports that the viewer may see.

use entity::{ids::IndicatorId, indicator_reading, kinds::ReportStatus, progress_report};
use sea_orm::{
    ColumnTrait, DbErr, FromQueryResult, QueryResult,
    prelude::DateTimeUtc,
    sea_query::{Expr, ExprTrait, Query, SelectStatement, SimpleExpr},
};

use crate::{
    Call, Direction, Page, PageArgs, Result, Seen,
    page::{Key, Sort, by},
    scoped::{List, Scoped, counts, pages},
};

/// Which readings of an indicator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ReadingsOf {
    /// Those of accepted reports: the ones that count.
    Accepted,
    /// Those of all reports that the viewer may see.
    Visible,
}

impl Call {
    /// A page of the readings of each indicator, by the moment at which their periods' reports are due, in one statement.
    pub async fn indicator_readings(
        &self,
        indicators: &[IndicatorId],
        which: ReadingsOf,
        args: &PageArgs,
    ) -> Result<Vec<Result<Page<Seen<indicator_reading::Model>>>>> {
        let lists = indicators
            .iter()
            .map(|indicator| List {
                name: format!("readings {which:?} of indicator {}", indicator.0),
                rows: self.readings_of(*indicator, which).with(due(), DUE),
            })
            .collect();
        let sort = Sort {
            columns: vec![
                due(),
                by(
                    indicator_reading::Entity,
                    indicator_reading::Column::ReportId,
                ),
            ],
            direction: Direction::Ascending,
        };
        let keys = |dated: &Dated| {
            let due_at = dated.due_at.unwrap_or_default();
            vec![Key::moment(due_at), Key::Number(dated.row.report_id.0)]
        };
        let alone = |page: Page<Seen<Dated>>| page.map(|dated| Seen(dated.0.row));
        let pages = pages(self, lists, args, &sort, keys).await?;
        Ok(pages.into_iter().map(|page| page.map(alone)).collect())
    }

    /// How many readings each indicator has, in one statement.
    pub async fn indicator_reading_counts(
        &self,
        indicators: &[IndicatorId],
        which: ReadingsOf,
    ) -> Result<Vec<i64>> {
        let of = |indicator: &IndicatorId| self.readings_of(*indicator, which);
        counts(self, indicators.iter().map(of).collect()).await
    }

    fn readings_of(
        &self,
        indicator: IndicatorId,
        which: ReadingsOf,
    ) -> Scoped<indicator_reading::Entity> {
        let scoped = Scoped::<indicator_reading::Entity>::new(self)
            .and(indicator_reading::Column::IndicatorId.eq(indicator));
        match which {
            ReadingsOf::Visible => scoped,
            // Asked of each reading's own report: SQLite would read all accepted ones there are.
            ReadingsOf::Accepted => scoped.and(Expr::exists(
                its_report(Expr::cust("1"))
                    .and_where(
                        by(progress_report::Entity, progress_report::Column::Status)
                            .eq(ReportStatus::Accepted),
                    )
                    .take(),
            )),
        }
    }
}

/// Something of a reading's report.
fn its_report(what: SimpleExpr) -> SelectStatement {
    let id = by(progress_report::Entity, progress_report::Column::Id);
    let of_reading = by(
        indicator_reading::Entity,
        indicator_reading::Column::ReportId,
    );
    Query::select()
        .expr(what)
        .from(progress_report::Entity)
        .and_where(id.eq(of_reading))
        .take()
}

/// When the reports of a reading's period are due.
fn due() -> SimpleExpr {
    its_report(by(progress_report::Entity, progress_report::Column::DueAt)).into()
}

const DUE: &str = "period_due_at";

/// A reading with the moment at which its period's reports are due, where it is read.
struct Dated {
    row: indicator_reading::Model,
    due_at: Option<DateTimeUtc>,
}

impl FromQueryResult for Dated {
    fn from_query_result(row: &QueryResult, prefix: &str) -> Result<Self, DbErr> {
        Ok(Self {
            row: FromQueryResult::from_query_result(row, prefix)?,
            due_at: row.try_get(prefix, DUE).ok(),
        })
    }
}
