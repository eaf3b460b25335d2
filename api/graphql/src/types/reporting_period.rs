//! ReportingPeriod (报送周期).

use std::sync::Arc;

use async_graphql::{Context, ID, Object};
use entity::reporting_period;
use store::Seen;

use super::{
    AvailableAction, Plan,
    actor::{Actor, actor},
    available_actions,
};
use crate::{
    enums::PeriodKind,
    error::ApiError,
    id::Global,
    request::Request,
    scalar::{Date, DateTime},
};

#[derive(Clone)]
pub(crate) struct ReportingPeriod(pub(crate) Arc<Seen<reporting_period::Model>>);

of_row!(ReportingPeriod, reporting_period::Model);

impl ReportingPeriod {
    fn locked(&self, ctx: &Context<'_>) -> bool {
        self.0.locks_at <= Request::of(ctx).call.now()
    }
}

/// A month or a quarter for which units report (报送周期). It takes reports from `opensAt` until before `locksAt`, on time
/// until `dueAt`.
#[Object]
impl ReportingPeriod {
    /// The ID of the period.
    pub(crate) async fn id(&self) -> ID {
        self.0.id.global()
    }

    /// The name of the period, such as 2022年3月.
    async fn label(&self) -> &str {
        &self.0.label
    }

    /// Whether it is a month or a quarter.
    async fn kind(&self) -> PeriodKind {
        self.0.kind.into()
    }

    /// The place of the period in its year, from 1.
    async fn ordinal(&self) -> i32 {
        self.0.ordinal
    }

    /// The first day of the period.
    async fn starts_on(&self) -> Date {
        Date(self.0.starts_on)
    }

    /// The last day of the period.
    async fn ends_on(&self) -> Date {
        Date(self.0.ends_on)
    }

    /// From when on reports are taken.
    async fn opens_at(&self) -> DateTime {
        DateTime(self.0.opens_at)
    }

    /// Until when reports are on time.
    async fn due_at(&self) -> DateTime {
        DateTime(self.0.due_at)
    }

    /// From when on reports are not taken any more, but for units for which the supervision office opens the period again.
    async fn locks_at(&self) -> DateTime {
        DateTime(self.0.locks_at)
    }

    /// Since when the period is locked; null while it is not.
    async fn locked_at(&self, ctx: &Context<'_>) -> Option<DateTime> {
        self.locked(ctx).then_some(DateTime(self.0.locks_at))
    }

    /// Who locked the period before its time; null while it is not locked, or when the plan's rule locked it.
    async fn locked_by(&self, ctx: &Context<'_>) -> Option<Result<Actor, ApiError>> {
        actor(ctx, self.0.locked_by()).await
    }

    /// Why the period was locked before its time.
    async fn lock_reason(&self) -> Option<&str> {
        self.0.lock_reason.as_deref()
    }

    /// The period is locked, and by the plan's rule: nobody locked it before its time.
    async fn locked_by_rule(&self, ctx: &Context<'_>) -> bool {
        self.0.locked_by_id.is_none() && self.locked(ctx)
    }

    /// What may be done to the period, and by you, now.
    async fn available_actions(&self, ctx: &Context<'_>) -> Result<Vec<AvailableAction>, ApiError> {
        let request = Request::of(ctx);
        let Some(plan) = request.loaded(self.0.plan_id).await? else {
            return Ok(Vec::new());
        };
        available_actions(request, &request.call.period_facts(&plan, &self.0))
    }

    /// The plan of the period.
    async fn plan(&self, ctx: &Context<'_>) -> Option<Result<Plan, ApiError>> {
        Request::of(ctx).one(self.0.plan_id).await
    }
}
