//! IndicatorReading (指标读数).

use async_graphql::{Context, Object};
use entity::{
    ids::{IndicatorId, ProgressReportId},
    indicator_reading,
};
use store::Seen;

use super::{Indicator, ProgressReport, ReportingPeriod};
use crate::{error::ApiError, request::Request, scalar::Decimal};

/// The value of an indicator, as a report or one of its versions gives it.
#[derive(Clone)]
pub(crate) struct IndicatorReading {
    pub(crate) indicator: IndicatorId,
    pub(crate) report: ProgressReportId,
    pub(crate) value: String,
}

impl From<Seen<indicator_reading::Model>> for IndicatorReading {
    fn from(row: Seen<indicator_reading::Model>) -> Self {
        Self {
            indicator: row.indicator_id,
            report: row.report_id,
            value: row.value.clone(),
        }
    }
}

/// The value of an indicator given in a report (指标读数).
#[Object]
impl IndicatorReading {
    /// The value, in the indicator's unit of measure.
    async fn value(&self) -> Decimal {
        Decimal(self.value.clone())
    }

    /// The indicator.
    async fn indicator(&self, ctx: &Context<'_>) -> Option<Result<Indicator, ApiError>> {
        Request::of(ctx).one(self.indicator).await
    }

    /// The report in which the value is given; null where a version gives it of a report that you do not see as it is now.
    async fn report(&self, ctx: &Context<'_>) -> Option<Result<ProgressReport, ApiError>> {
        Request::of(ctx).one(self.report).await
    }

    /// The period for which the value is given; null where `report` is.
    async fn period(&self, ctx: &Context<'_>) -> Option<Result<ReportingPeriod, ApiError>> {
        let request = Request::of(ctx);
        match request.one::<_, ProgressReport>(self.report).await? {
            Ok(report) => request.one(report.0.period_id).await,
            Err(error) => Some(Err(error)),
        }
    }
}
