//! Lists of progress reports: narrowing and sorting them.

use std::sync::Arc;

use async_graphql::{Context, ID, InputObject};
use entity::ids::{ReportingPeriodId, TargetId, UnitId};
use store::{PageArgs, ReportsOf};

use super::target_filter::key;
use crate::{
    connection::{Counted, ProgressReportConnection},
    enums::{OrderDirection, ReportOrderField, ReportStatus},
    error::ApiError,
    loader::{PageOf, ReportList},
    request::Request,
};

/// What a report must be to stay in the list: all that is given. A filter only narrows what you may see.
#[derive(InputObject, Default)]
pub(crate) struct ProgressReportFilter {
    /// Of the plan of this year.
    plan_year: Option<i32>,
    /// For this period.
    period_id: Option<ID>,
    /// Of this unit.
    unit_id: Option<ID>,
    /// On this target.
    target_id: Option<ID>,
    /// In this state.
    status: Option<ReportStatus>,
    /// First submitted after the period's due time (true), or not so (false).
    late: Option<bool>,
}

impl ProgressReportFilter {
    fn read(self, request: &Request) -> Result<store::ProgressReportFilter, ApiError> {
        Ok(store::ProgressReportFilter {
            plan_year: self.plan_year,
            period: key::<ReportingPeriodId>(request, self.period_id)?,
            unit: key::<UnitId>(request, self.unit_id)?,
            target: key::<TargetId>(request, self.target_id)?,
            status: self.status.map(Into::into),
            late: self.late,
        })
    }
}

/// How a list of reports is sorted.
#[derive(InputObject)]
pub(crate) struct ProgressReportOrder {
    /// By what.
    field: ReportOrderField,
    /// Up or down.
    #[graphql(default_with = "OrderDirection::Descending")]
    direction: OrderDirection,
}

impl From<ProgressReportOrder> for store::ReportOrder {
    fn from(order: ProgressReportOrder) -> Self {
        Self {
            field: order.field.into(),
            direction: order.direction.into(),
        }
    }
}

/// The reports of a parent, or all.
pub(crate) async fn reports(
    ctx: &Context<'_>,
    parent: ReportsOf,
    args: PageArgs,
    filter: Option<ProgressReportFilter>,
    order: Option<ProgressReportOrder>,
) -> Result<ProgressReportConnection, ApiError> {
    let request = Request::of(ctx);
    request.admitted()?;
    let list = Arc::new(ReportList {
        filter: filter.unwrap_or_default().read(request)?,
        order: order.map(Into::into).unwrap_or_default(),
    });
    let key = PageOf {
        parent,
        list: Arc::clone(&list),
        args: Arc::new(args),
    };
    let page = request.loaders.one(key).await.and_then(Option::transpose);
    let page = page
        .map_err(|error| request.error(error))?
        .unwrap_or_default();
    let counted = Counted::Reports(parent, list);
    Ok(ProgressReportConnection::new(&page, counted))
}
