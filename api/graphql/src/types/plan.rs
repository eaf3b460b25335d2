//! Plan (目标任务责任分解).

use std::sync::Arc;

use async_graphql::{Context, ID, InputObject, Object};
use entity::plan;
use store::{PageArgs, Seen, TargetsOf};

use super::{
    AssessmentWeights, AvailableAction, PeriodStatistics, PlanRules, ReportingPeriod, Section,
    Statistics, TargetFilter, TargetOrder, TrendFilter, UnitScore, available_actions, period_of,
    targets,
};
use crate::{
    connection::{Counted, DesignationConnection, TargetConnection},
    enums::{PlanStatus, StatisticsGroup},
    error::ApiError,
    id::Global,
    loader::{
        OutlineOf, PageOf, PeriodsOf, RulesOf, ScoresOf, StatisticsOf, TargetsByPosition,
        TrendOfPlan, UnconfirmedOf,
    },
    request::Request,
    scalar::{Date, DateTime},
};

#[derive(Clone)]
pub(crate) struct Plan(Seen<plan::Model>);

impl From<Seen<plan::Model>> for Plan {
    fn from(row: Seen<plan::Model>) -> Self {
        Self(row)
    }
}

/// Narrowing a list of designations.
#[derive(InputObject)]
pub(crate) struct DesignationFilter {
    /// Units have been designated (true), or not yet (false).
    resolved: Option<bool>,
}

/// One issued document: a year's targets, who leads and who cooperates (目标任务责任分解). Drafts are seen by the
/// supervision office alone.
#[Object]
impl Plan {
    /// The ID of the plan.
    pub(crate) async fn id(&self) -> ID {
        self.0.id.global()
    }

    /// The year of the plan. There is one plan a year.
    async fn year(&self) -> i32 {
        self.0.year
    }

    /// The title of the document.
    async fn title(&self) -> &str {
        &self.0.title
    }

    /// The number of the document (文号), such as 台政发〔2022〕9号.
    async fn document_number(&self) -> &str {
        &self.0.document_number
    }

    /// Who issued the document (发文机关).
    async fn issuer(&self) -> &str {
        &self.0.issuer
    }

    /// The day on which the document was issued.
    async fn issued_on(&self) -> Date {
        Date(self.0.issued_on)
    }

    /// The life of the plan.
    async fn status(&self) -> PlanStatus {
        self.0.status.into()
    }

    /// When the plan was published here; null for a draft.
    async fn published_at(&self) -> Option<DateTime> {
        self.0.published_at.map(DateTime)
    }

    /// The top of the outline, in document order (章节).
    async fn sections(&self, ctx: &Context<'_>) -> Result<Vec<Section>, ApiError> {
        let outline: Vec<Section> = Request::of(ctx).list(OutlineOf(self.0.id)).await?;
        let top = |section: &Section| section.0.parent_id.is_none();
        Ok(outline.into_iter().filter(top).collect())
    }

    /// The targets of the plan that you may see.
    async fn targets(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "Items from the start, or after `after`. At most 100; 20 when neither `first` nor `last` is given."
        )]
        first: Option<i32>,
        #[graphql(desc = "The cursor after which the page begins.")] after: Option<String>,
        #[graphql(desc = "Items from the end, or before `before`. At most 100.")] last: Option<i32>,
        #[graphql(desc = "The cursor before which the page ends.")] before: Option<String>,
        #[graphql(desc = "What a target must be to stay in the list.")] filter: Option<
            TargetFilter,
        >,
        #[graphql(desc = "How the list is sorted.")] order_by: Option<TargetOrder>,
    ) -> Result<TargetConnection, ApiError> {
        let args = PageArgs {
            first,
            after,
            last,
            before,
        };
        targets(ctx, TargetsOf::Plan(self.0.id), args, filter, order_by).await
    }

    /// How many indicators were read by rule from the texts of the targets that you may see, and are not confirmed by anybody
    /// yet (待确认的量化指标), but for targets that are closed or cancelled; an archived plan has none. A plan may be published with
    /// some; `TargetFilter.unconfirmedIndicators` finds them, and `confirmIndicators` confirms them.
    async fn unconfirmed_indicator_count(&self, ctx: &Context<'_>) -> Result<i64, ApiError> {
        let found = Request::of(ctx).loaded(UnconfirmedOf(self.0.id)).await?;
        Ok(found.unwrap_or_default())
    }

    /// What may be done to the plan, and by you, now.
    async fn available_actions(&self, ctx: &Context<'_>) -> Result<Vec<AvailableAction>, ApiError> {
        let request = Request::of(ctx);
        // Whether there is anything to publish is asked of a draft alone.
        let empty = match self.0.status {
            entity::kinds::PlanStatus::Draft => {
                let counts = request.loaded(TargetsByPosition(self.0.id)).await?;
                counts.is_none_or(|counts| counts.is_empty())
            }
            _ => false,
        };
        available_actions(request, &request.call.plan_facts(&self.0, empty))
    }

    /// By which its targets are measured and its units are urged (规则设置).
    async fn rules(&self, ctx: &Context<'_>) -> Result<PlanRules, ApiError> {
        let rules = Request::of(ctx).loaded(RulesOf(self.0.id)).await?;
        Ok(rules.unwrap_or_default().into())
    }

    /// The periods for which units report, in their order (报送周期).
    async fn reporting_periods(&self, ctx: &Context<'_>) -> Result<Vec<ReportingPeriod>, ApiError> {
        Request::of(ctx).list(PeriodsOf(self.0.id)).await
    }

    /// The numbers of the plan, by group, within what you may see: targets as they stand today, and the reports due for all
    /// periods whose due time has passed. Sections in document order, leaders and units in the directory's; a group of
    /// whose targets you see none is left out.
    async fn statistics(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "By what the numbers are grouped.")] group_by: StatisticsGroup,
        #[graphql(
            desc = "The reports due for this period alone, from its opening on. The targets are today's all the same."
        )]
        period_id: Option<ID>,
    ) -> Result<Vec<Statistics>, ApiError> {
        let request = Request::of(ctx);
        let of = StatisticsOf {
            plan: self.0.id,
            group: group_by.into(),
            period: period_of(request, self.0.id, period_id).await?,
        };
        request.list(of).await
    }

    /// The reports due for each period of the plan, in the order of the periods, within what you may see (趋势).
    async fn trend(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Of one section, leader or unit.")] of: Option<TrendFilter>,
    ) -> Result<Vec<PeriodStatistics>, ApiError> {
        let request = Request::of(ctx);
        let of = TrendOfPlan {
            plan: self.0.id,
            of: of.unwrap_or_default().read(request)?,
        };
        request.list(of).await
    }

    /// The units that lead targets of the plan by their scores, the best first (考核). Each is scored by its own reports and
    /// by the state of the targets it leads; adjusted and suspended targets are left out, and one that was put off is
    /// behind once its first due date has passed. A ranking over a part of the plan
    /// would be a wrong one: it is for the plan's supervision office. Others get the scores of the units for which they
    /// work, without ranks.
    async fn unit_ranking(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "How much each part weighs: 40 for reports on time, 20 for reports accepted at their first review and 40 for progress, when nothing is said."
        )]
        weights: Option<AssessmentWeights>,
        #[graphql(
            desc = "The reports due for this period alone, from its opening on. The targets are today's all the same."
        )]
        period_id: Option<ID>,
    ) -> Result<Vec<UnitScore>, ApiError> {
        let request = Request::of(ctx);
        let of = ScoresOf {
            plan: self.0.id,
            weights: AssessmentWeights::read(weights, "weights", request)?,
            period: period_of(request, self.0.id, period_id).await?,
        };
        request.list(of).await
    }

    /// Phrases of the document for which the supervision office names the units, on the targets that you may see.
    async fn designations(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "Items from the start, or after `after`. At most 100; 20 when neither `first` nor `last` is given."
        )]
        first: Option<i32>,
        #[graphql(desc = "The cursor after which the page begins.")] after: Option<String>,
        #[graphql(desc = "Items from the end, or before `before`. At most 100.")] last: Option<i32>,
        #[graphql(desc = "The cursor before which the page ends.")] before: Option<String>,
        #[graphql(desc = "What a designation must be to stay in the list.")] filter: Option<
            DesignationFilter,
        >,
    ) -> Result<DesignationConnection, ApiError> {
        let request = Request::of(ctx);
        let list = Arc::new(store::DesignationFilter {
            resolved: filter.and_then(|filter| filter.resolved),
        });
        let key = PageOf {
            parent: self.0.id,
            list: Arc::clone(&list),
            args: Arc::new(PageArgs {
                first,
                after,
                last,
                before,
            }),
        };
        let page = request.loaders.one(key).await.and_then(Option::transpose);
        let page = page
            .map_err(|error| request.error(error))?
            .unwrap_or_default();
        Ok(DesignationConnection::new(
            &page,
            Counted::Designations(self.0.id, list),
        ))
    }
}
