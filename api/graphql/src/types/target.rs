//! Target (目标任务).

use std::sync::Arc;

use async_graphql::{Context, ID, Object, SimpleObject};
use chrono::NaiveDate;
use domain::progress;
use entity::target;
use store::{Amendments, PageArgs, ReportsOf, Seen, TargetsOf};

use super::{
    Assignment, AvailableAction, ClosureRequest, Designation, Dispute, ExtensionRequest, Indicator,
    Instruction, Leader, Milestone, Plan, ProgressReport, ProgressReportFilter,
    ProgressReportOrder, Refinement, Section, SupervisionNotice, TargetFilter, TargetOrder,
    TargetRequest, available_actions, reports,
};
use crate::{
    connection::{AmendmentConnection, Counted, ProgressReportConnection, TargetConnection},
    enums::{Light, LightReasonCode, TargetState},
    error::ApiError,
    id::Global,
    loader::{
        AssignmentsOf, CarriedTo, DesignationsOf, DisputesOf, GroundOf, IndicatorsOf,
        InstructionsOf, LatestReportOf, LeadersOf, LifeOf, MilestonesOf, NoticesOf, PageOf,
        RefinementOf, RequestsOf, TargetList,
    },
    messages,
    request::Request,
    scalar::{Date, DateTime},
};

#[derive(Clone)]
pub(crate) struct Target(Seen<target::Model>);

impl From<Seen<target::Model>> for Target {
    fn from(row: Seen<target::Model>) -> Self {
        Self(row)
    }
}

/// Why a light has its colour.
#[derive(SimpleObject)]
pub(crate) struct LightReason {
    /// The reason, for programs.
    code: LightReasonCode,
    /// The reason in words, in the language that Accept-Language asks for.
    message: String,
}

/// A light that the supervision office has set by hand (人工调灯).
#[derive(SimpleObject)]
pub(crate) struct LightOverride {
    /// The colour that it set.
    light: Light,
    /// The last day on which it holds.
    until: Date,
    /// Why.
    reason: String,
}

/// One row of a plan: what is to be achieved, by whom, by when (目标任务). Whoever sees a target sees it whole.
#[Object]
impl Target {
    /// The ID of the target.
    pub(crate) async fn id(&self) -> ID {
        self.0.id.global()
    }

    /// The number of the target in its plan, from 1, in document order.
    async fn number(&self) -> i32 {
        self.0.number
    }

    /// The text as the document has it, with its mark-up (`PM<sub>2.5</sub>`) and its spaces.
    async fn text(&self) -> &str {
        &self.0.text
    }

    /// The text without mark-up (PM2.5).
    async fn plain_text(&self) -> &str {
        &self.0.plain_text
    }

    /// The line of the source document from which the target was read, from 1; 0 when it was added by hand or carried over.
    async fn source_line(&self) -> i32 {
        self.0.source_line
    }

    /// How far the target is, today or on another day as things stand now.
    async fn state(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The day; today when not given.")] on: Option<Date>,
    ) -> TargetState {
        self.0.standing().state(day(ctx, on)).into()
    }

    /// The colour (亮灯), today or on another day as things stand now: from accepted reports and readings, missing
    /// reports and the calendar; while the supervision office has set it by hand, what it set. Reports that are not due yet today make no later day worse.
    async fn light(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The day; today when not given.")] on: Option<Date>,
    ) -> Result<Light, ApiError> {
        let day = day(ctx, on);
        let standing = match day > Request::of(ctx).call.today() {
            true => self.known_standing(ctx).await?,
            false => None,
        };
        let standing = standing.unwrap_or_else(|| self.0.standing());
        Ok(progress::light_on(&standing, self.0.overridden(), day).into())
    }

    /// The light that the supervision office has set by hand, as long as it holds; null when the rules have it.
    async fn light_override(&self, ctx: &Context<'_>) -> Option<LightOverride> {
        let today = Request::of(ctx).call.today();
        let set = self.0.overridden().filter(|set| set.holds(today))?;
        Some(LightOverride {
            light: set.light.into(),
            until: Date(set.until),
            reason: self.0.light_override_reason.clone().unwrap_or_default(),
        })
    }

    /// Why the light has its colour, today or on another day.
    async fn light_reasons(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The day; today when not given.")] on: Option<Date>,
    ) -> Result<Vec<LightReason>, ApiError> {
        let request = Request::of(ctx);
        let Some(ground) = request.loaded(GroundOf(self.0.key())).await? else {
            return Ok(Vec::new());
        };
        let facts = ground.facts.clone().known_on(request.call.today());
        let reasons = progress::light_reasons(&facts, &ground.rules, day(ctx, on));
        let in_words = |reason: progress::LightReason| LightReason {
            code: reason.code().into(),
            message: messages::light_reason(&reason, &ground.names, request.language),
        };
        Ok(reasons.into_iter().map(in_words).collect())
    }

    /// Accepted progress in percent, 0 to 100; null until a report has been accepted.
    async fn percent_complete(&self) -> Option<i32> {
        self.0.percent_complete
    }

    /// The document ends the list of units with 等: the supervision office may add units.
    async fn open_ended(&self) -> bool {
        self.0.open_ended
    }

    /// The last day; the year's last day where the document gives none.
    async fn due_on(&self) -> Date {
        Date(self.0.due_on)
    }

    /// The last day before it was first put off, which counts for assessment; null while it was not.
    async fn original_due_on(&self) -> Option<Date> {
        self.0.original_due_on.map(Date)
    }

    /// When the supervision office closed it (销号); null while it is open.
    async fn closed_at(&self) -> Option<DateTime> {
        self.0.closed_at.map(DateTime)
    }

    /// Why it is suspended, while it is (暂缓).
    async fn suspended_reason(&self) -> Option<&str> {
        let cancelled = self.0.cancelled_at.is_some();
        self.0.suspended_reason.as_deref().filter(|_| !cancelled)
    }

    /// When the supervision office cancelled it (终止); null while it did not.
    async fn cancelled_at(&self) -> Option<DateTime> {
        self.0.cancelled_at.map(DateTime)
    }

    /// Why it was cancelled; null while it was not.
    async fn cancelled_reason(&self) -> Option<&str> {
        let cancelled = self.0.cancelled_at.is_some();
        self.0.suspended_reason.as_deref().filter(|_| cancelled)
    }

    /// The target of an earlier year that goes on in this one (结转); null when there is none that you may see.
    async fn carried_from(&self, ctx: &Context<'_>) -> Option<Result<Target, ApiError>> {
        Request::of(ctx).one(self.0.carried_from_id?).await
    }

    /// The target of a later year in which this one goes on (结转); null when there is none that you may see.
    async fn carried_to(&self, ctx: &Context<'_>) -> Option<Result<Target, ApiError>> {
        Request::of(ctx).one(CarriedTo(self.0.id)).await
    }

    /// Why it was carried over from an earlier year; null when it was not.
    async fn carried_reason(&self) -> Option<&str> {
        self.0.carried_reason.as_deref()
    }

    /// What the supervision office changed of it since its plan was published, newest first (调整记录).
    async fn amendments(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "Items from the start, or after `after`. At most 100; 20 when neither `first` nor `last` is given."
        )]
        first: Option<i32>,
        #[graphql(desc = "The cursor after which the page begins.")] after: Option<String>,
        #[graphql(desc = "Items from the end, or before `before`. At most 100.")] last: Option<i32>,
        #[graphql(desc = "The cursor before which the page ends.")] before: Option<String>,
    ) -> Result<AmendmentConnection, ApiError> {
        let request = Request::of(ctx);
        let key = PageOf {
            parent: self.0.key(),
            list: Arc::new(Amendments),
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
        Ok(AmendmentConnection::new(
            &page,
            Counted::Amendments(self.0.key()),
        ))
    }

    /// Grows by one with each change of the target or its responsibilities.
    async fn version(&self) -> i32 {
        self.0.version
    }

    /// When the target or its responsibilities last changed.
    async fn updated_at(&self) -> DateTime {
        DateTime(self.0.updated_at)
    }

    /// The plan of the target.
    async fn plan(&self, ctx: &Context<'_>) -> Option<Result<Plan, ApiError>> {
        Request::of(ctx).one(self.0.plan_id).await
    }

    /// The section under which the target stands.
    async fn section(&self, ctx: &Context<'_>) -> Option<Result<Section, ApiError>> {
        Request::of(ctx).one(self.0.section_id).await
    }

    /// The leaders who answer for the target, in document order (责任领导). Responsibility binds to the post: a
    /// successor takes over.
    async fn leaders(&self, ctx: &Context<'_>) -> Result<Vec<Leader>, ApiError> {
        Request::of(ctx).list(LeadersOf(self.0.key())).await
    }

    /// Who does what, in document order (责任分工).
    async fn assignments(&self, ctx: &Context<'_>) -> Result<Vec<Assignment>, ApiError> {
        Request::of(ctx).list(AssignmentsOf(self.0.key())).await
    }

    /// The phrases for which the supervision office names the units, in document order.
    async fn designations(&self, ctx: &Context<'_>) -> Result<Vec<Designation>, ApiError> {
        Request::of(ctx).list(DesignationsOf(self.0.key())).await
    }

    /// The numbers inside the text, in its order (量化指标).
    async fn indicators(&self, ctx: &Context<'_>) -> Result<Vec<Indicator>, ApiError> {
        Request::of(ctx).list(IndicatorsOf(self.0.key())).await
    }

    /// The reports of the target's units that you may see (进展报告).
    async fn reports(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "Items from the start, or after `after`. At most 100; 20 when neither `first` nor `last` is given."
        )]
        first: Option<i32>,
        #[graphql(desc = "The cursor after which the page begins.")] after: Option<String>,
        #[graphql(desc = "Items from the end, or before `before`. At most 100.")] last: Option<i32>,
        #[graphql(desc = "The cursor before which the page ends.")] before: Option<String>,
        #[graphql(desc = "What a report must be to stay in the list.")] filter: Option<
            ProgressReportFilter,
        >,
        #[graphql(desc = "How the list is sorted; the latest submission first when not given.")]
        order_by: Option<ProgressReportOrder>,
    ) -> Result<ProgressReportConnection, ApiError> {
        let args = PageArgs {
            first,
            after,
            last,
            before,
        };
        reports(ctx, ReportsOf::Target(self.0.id), args, filter, order_by).await
    }

    /// The latest report that you may see: of the period that is due last, and in it the one submitted last.
    async fn latest_report(&self, ctx: &Context<'_>) -> Option<Result<ProgressReport, ApiError>> {
        Request::of(ctx).one(LatestReportOf(self.0.id)).await
    }

    /// The supervision notices about the target that you may see, newest first (督办单): your unit's, and all of them for
    /// the supervision office and the target's leaders.
    async fn notices(&self, ctx: &Context<'_>) -> Result<Vec<SupervisionNotice>, ApiError> {
        Request::of(ctx).list(NoticesOf(self.0.key())).await
    }

    /// The leaders' instructions on the target that you may see, newest first (批示): lead units, the supervision office
    /// and the target's leaders see all of them.
    async fn instructions(&self, ctx: &Context<'_>) -> Result<Vec<Instruction>, ApiError> {
        Request::of(ctx).list(InstructionsOf(self.0.key())).await
    }

    /// The later due dates that lead units asked for, oldest first (延期申请): for lead units, the supervision office and
    /// the leaders.
    async fn extension_requests(
        &self,
        ctx: &Context<'_>,
    ) -> Result<Vec<ExtensionRequest>, ApiError> {
        let requests: Vec<TargetRequest> = Request::of(ctx).list(RequestsOf(self.0.key())).await?;
        let extension = |request| match request {
            TargetRequest::ExtensionRequest(request) => Some(request),
            TargetRequest::ClosureRequest(_) => None,
        };
        Ok(requests.into_iter().filter_map(extension).collect())
    }

    /// The closings that lead units asked for, oldest first (办结申请): for lead units, the supervision office and the
    /// leaders.
    async fn closure_requests(&self, ctx: &Context<'_>) -> Result<Vec<ClosureRequest>, ApiError> {
        let requests: Vec<TargetRequest> = Request::of(ctx).list(RequestsOf(self.0.key())).await?;
        let closure = |request| match request {
            TargetRequest::ClosureRequest(request) => Some(request),
            TargetRequest::ExtensionRequest(_) => None,
        };
        Ok(requests.into_iter().filter_map(closure).collect())
    }

    /// What you may do to it now.
    async fn available_actions(&self, ctx: &Context<'_>) -> Result<Vec<AvailableAction>, ApiError> {
        let request = Request::of(ctx);
        let Some(plan) = request.loaded(self.0.plan_id).await? else {
            return Ok(Vec::new());
        };
        let assignments = request.loaded(AssignmentsOf(self.0.key())).await?;
        let leaders = request.loaded(LeadersOf(self.0.key())).await?;
        let life = request.loaded(LifeOf(self.0.key())).await?;
        let leaders = leaders.iter().flat_map(|rows| rows.iter());
        let call = &request.call;
        let rows = assignments.as_deref().unwrap_or_default();
        let facts = call.target_facts(&plan, rows, &self.0);
        let notices = call.notice_target_facts(&plan, &self.0);
        let light = call.light_facts(&plan, &self.0);
        let instructions = call.instruction_target_facts(&plan, leaders.map(|leader| leader.id));
        let mut actions = available_actions(request, &notices)?;
        actions.extend(available_actions(request, &light)?);
        actions.extend(available_actions(request, &instructions)?);
        if let Some(life) = life {
            actions.extend(available_actions(request, &life.asks(facts.clone()))?);
            actions.extend(available_actions(request, &life.refines(facts.clone()))?);
            actions.extend(available_actions(request, &life.edits(facts))?);
        }
        Ok(actions)
    }

    /// The disputes of its assignments, oldest first (退回): for the unit itself, the supervision office and the leaders.
    async fn disputes(&self, ctx: &Context<'_>) -> Result<Vec<Dispute>, ApiError> {
        Request::of(ctx).list(DisputesOf(self.0.key())).await
    }

    /// The lead units' refined plan (细化方案); null while there is none that you may see: a draft never leaves the lead
    /// units.
    async fn refinement(&self, ctx: &Context<'_>) -> Result<Option<Refinement>, ApiError> {
        let found = Request::of(ctx).loaded(RefinementOf(self.0.key())).await?;
        Ok(found.map(|row| Refinement::from((*row).clone())))
    }

    /// The milestones of the refined plan, in the order of their days (时间节点): in force, for whoever sees the target;
    /// before that, as far as you may see the refined plan.
    async fn milestones(&self, ctx: &Context<'_>) -> Result<Vec<Milestone>, ApiError> {
        Request::of(ctx).list(MilestonesOf(self.0.key())).await
    }
}

impl Target {
    /// The standing of days to come, as far as it may be known today.
    async fn known_standing(
        &self,
        ctx: &Context<'_>,
    ) -> Result<Option<progress::Standing>, ApiError> {
        let request = Request::of(ctx);
        let ground = request.loaded(GroundOf(self.0.key())).await?;
        let today = request.call.today();
        Ok(ground
            .map(|ground| progress::standing(&ground.facts.clone().known_on(today), &ground.rules)))
    }
}

/// The day that is asked about: today, where none is.
fn day(ctx: &Context<'_>, on: Option<Date>) -> NaiveDate {
    on.map_or_else(|| Request::of(ctx).call.today(), |date| date.0)
}

/// The targets of a parent.
pub(crate) async fn targets(
    ctx: &Context<'_>,
    parent: TargetsOf,
    args: PageArgs,
    filter: Option<TargetFilter>,
    order: Option<TargetOrder>,
) -> Result<TargetConnection, ApiError> {
    let request = Request::of(ctx);
    let list = Arc::new(TargetList {
        filter: filter
            .map(|filter| filter.read(request))
            .transpose()?
            .unwrap_or_default(),
        order: order.unwrap_or_default().into(),
        counted: ctx.look_ahead().field("totalCount").exists(),
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
    Ok(TargetConnection::new(&page, Counted::Targets(parent, list)))
}
