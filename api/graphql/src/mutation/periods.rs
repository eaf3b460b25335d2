//! Creating, opening, locking and reopening reporting periods.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use domain::period::ReportingRule;
use entity::{
    ids::{PlanId, ReportingPeriodId, UnitId},
    kinds,
};
use store::CreatePeriods;

use super::once::once;
use crate::{
    enums::PeriodKind,
    error::{ApiError, UserError, settle},
    id::Global,
    loader::PeriodsOf,
    request::Request,
    scalar::{Date, DateTime},
    types::{Plan, ReportingPeriod},
};

/// The rule from which the periods of a plan's year are made.
#[derive(InputObject)]
pub(crate) struct CreateReportingPeriodsInput {
    /// The plan.
    plan_id: ID,
    /// Months or quarters.
    kind: PeriodKind,
    /// The day of the period's last month on which reports are due, 1 to 31; the last day where the month is shorter. It
    /// moves to the next working day.
    #[graphql(default = 25)]
    due_day: i32,
    /// The hour of that day in China, 1 to 23.
    #[graphql(default = 18)]
    due_hour: i32,
    /// How many days before the due day the period opens, 1 to 90; no earlier than it begins.
    #[graphql(default = 10)]
    opens_days_before: i32,
    /// After how many working days of grace the period locks, 1 to 30.
    #[graphql(default = 5)]
    grace_days: i32,
    /// The first day for which reports are asked (起报日): periods that end before it are left out, and so are those whose
    /// reports are due before it; when it is today, those that are due by now. A plan that is issued in May asks for no report
    /// of January, and one that begins after this month's due day begins with the next month. All of the year's when null.
    from: Option<Date>,
    /// An ID of your own for this act, at most 100 characters: sent again with the same input, it changes nothing twice.
    client_mutation_id: Option<String>,
}

/// What came of creating reporting periods.
#[derive(SimpleObject)]
pub(crate) struct CreateReportingPeriodsPayload {
    /// The ID that you gave the act.
    client_mutation_id: Option<String>,
    /// The plan; null when refused.
    plan: Option<Plan>,
    /// The new periods, in their order; null when refused.
    reporting_periods: Option<Vec<ReportingPeriod>>,
    /// Why it was refused; empty on success.
    user_errors: Vec<UserError>,
}

/// Which period is opened.
#[derive(InputObject)]
pub(crate) struct OpenReportingPeriodInput {
    /// The period.
    period_id: ID,
    /// An ID of your own for this act, at most 100 characters: sent again with the same input, it changes nothing twice.
    client_mutation_id: Option<String>,
}

/// Which period is locked, and why.
#[derive(InputObject)]
pub(crate) struct LockReportingPeriodInput {
    /// The period.
    period_id: ID,
    /// Why, for everybody who sees the plan; at most 500 characters.
    reason: String,
    /// An ID of your own for this act, at most 100 characters: sent again with the same input, it changes nothing twice.
    client_mutation_id: Option<String>,
}

/// For which unit a locked period is opened again, until when, and why.
#[derive(InputObject)]
pub(crate) struct ReopenReportingPeriodInput {
    /// The period.
    period_id: ID,
    /// The unit.
    unit_id: ID,
    /// Until when (not included).
    until: DateTime,
    /// Why; at most 500 characters.
    reason: String,
    /// An ID of your own for this act, at most 100 characters: sent again with the same input, it changes nothing twice.
    client_mutation_id: Option<String>,
}

/// What came of an act on a reporting period.
#[derive(SimpleObject)]
pub(crate) struct ReportingPeriodPayload {
    /// The ID that you gave the act.
    client_mutation_id: Option<String>,
    /// The period; null when refused.
    reporting_period: Option<ReportingPeriod>,
    /// Why it was refused; empty on success.
    user_errors: Vec<UserError>,
}

impl ReportingPeriodPayload {
    fn of(
        request: &Request,
        client_mutation_id: Option<String>,
        outcome: store::Result<store::Seen<entity::reporting_period::Model>>,
    ) -> Result<Self, ApiError> {
        let (period, user_errors) = settle(request, outcome)?;
        Ok(Self {
            client_mutation_id,
            reporting_period: period.map(ReportingPeriod::from),
            user_errors,
        })
    }
}

#[derive(Default)]
pub(crate) struct PeriodMutation;

#[Object]
impl PeriodMutation {
    /// Creates the reporting periods of a plan's year from a rule (报送周期): months or quarters, each kind once. The
    /// supervision office's.
    async fn create_reporting_periods(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "For which plan, and by which rule.")] input: CreateReportingPeriodsInput,
    ) -> Result<CreateReportingPeriodsPayload, ApiError> {
        // What is below zero is as far out of range as zero.
        let number = |given: i32| u32::try_from(given).unwrap_or_default();
        let request = Request::of(ctx);
        let kind: kinds::PeriodKind = input.kind.into();
        let create = CreatePeriods {
            plan: PlanId::local(&input.plan_id),
            rule: ReportingRule {
                kind,
                due_day: number(input.due_day),
                due_hour: number(input.due_hour),
                opens_days_before: number(input.opens_days_before),
                grace_days: number(input.grace_days),
            },
            from: input.from.as_ref().map(|day| day.0),
        };
        let mutation = "createReportingPeriods";
        let outcome = match once(mutation, &input, input.client_mutation_id.as_deref()) {
            Ok(once) => request.call.create_periods(create, once.as_ref()).await,
            Err(error) => Err(error),
        };
        let (plan_id, user_errors) = settle(request, outcome)?;
        let (mut plan, mut reporting_periods) = (None, None);
        if let Some(id) = plan_id {
            plan = request.one(id).await.transpose()?;
            let mut periods: Vec<ReportingPeriod> = request.list(PeriodsOf(id)).await?;
            periods.retain(|period| period.0.kind == kind);
            reporting_periods = Some(periods);
        }
        Ok(CreateReportingPeriodsPayload {
            client_mutation_id: input.client_mutation_id,
            plan,
            reporting_periods,
            user_errors,
        })
    }

    /// Opens a reporting period before its time. The supervision office's.
    async fn open_reporting_period(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which period.")] input: OpenReportingPeriodInput,
    ) -> Result<ReportingPeriodPayload, ApiError> {
        let request = Request::of(ctx);
        let id = ReportingPeriodId::local(&input.period_id);
        let mutation = "openReportingPeriod";
        let outcome = match once(mutation, &input, input.client_mutation_id.as_deref()) {
            Ok(once) => request.call.open_period(id, once.as_ref()).await,
            Err(error) => Err(error),
        };
        ReportingPeriodPayload::of(request, input.client_mutation_id, outcome)
    }

    /// Locks a reporting period before its time, with a reason (锁定). The supervision office's.
    async fn lock_reporting_period(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which period, and why.")] input: LockReportingPeriodInput,
    ) -> Result<ReportingPeriodPayload, ApiError> {
        let request = Request::of(ctx);
        let id = ReportingPeriodId::local(&input.period_id);
        let mutation = "lockReportingPeriod";
        let outcome = match once(mutation, &input, input.client_mutation_id.as_deref()) {
            Ok(once) => {
                let call = &request.call;
                call.lock_period(id, &input.reason, once.as_ref()).await
            }
            Err(error) => Err(error),
        };
        ReportingPeriodPayload::of(request, input.client_mutation_id, outcome)
    }

    /// Opens a locked reporting period again for one unit, until a moment, with a reason (补报). The supervision office's.
    async fn reopen_reporting_period(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which period, for which unit, until when, and why.")]
        input: ReopenReportingPeriodInput,
    ) -> Result<ReportingPeriodPayload, ApiError> {
        let request = Request::of(ctx);
        let id = ReportingPeriodId::local(&input.period_id);
        let unit = UnitId::local(&input.unit_id);
        let mutation = "reopenReportingPeriod";
        let outcome = match once(mutation, &input, input.client_mutation_id.as_deref()) {
            Ok(once) => {
                let call = &request.call;
                call.reopen_period(id, unit, input.until.0, &input.reason, once.as_ref())
                    .await
            }
            Err(error) => Err(error),
        };
        ReportingPeriodPayload::of(request, input.client_mutation_id, outcome)
    }
}
