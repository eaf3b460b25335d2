//! The two statements from which most statistics are made: targets by state and light, and the reports that are due with
//! what became of them.

use std::collections::HashMap;

use entity::{
    assignment,
    ids::{PlanId, ReportingPeriodId},
    kinds::{AssignmentRole, ReportStatus, ReviewDecision},
    pause, progress_report, report_version, reporting_period, target, target_post, tenure,
};
use sea_orm::{
    ColumnTrait, ConnectionTrait,
    sea_query::{
        CaseStatement, ColumnRef, Condition, Expr, ExprTrait, IntoColumnRef, JoinType, Query,
        SelectStatement, SimpleExpr, UnionType,
    },
};

use super::numbers::{
    ACCEPTED, ACCEPTED_AT_FIRST, DUE, LATE, LIGHT, PERCENTS, RETURNED, REVIEWED, ReportNumbers,
    STATE, SUBMITTED, TARGETS, TargetNumbers, WITH_PERCENT,
};
use crate::{
    Call, Result,
    page::by,
    scoped::{Scoped, count_all},
    standing::light_in_sql,
    visible::{in_office, returns_shown, same_post},
};

/// By what rows are grouped, beside their plan. A group is known by a number: of its place in the outline, or its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum By {
    /// By nothing else.
    Plan,
    /// By the place of the target's section.
    Position,
    /// By the leaders who answer for the target today; a target with several counts for each.
    Leader,
    /// By the units that are assigned to the target, or by the one from which a report is due.
    Unit,
    /// By the period for which a report is due.
    Period,
}

/// For which periods reports are asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asked {
    /// Those whose due time has passed.
    PastDue,
    /// Those that have opened.
    Opened,
    /// This one, once it has opened.
    Period(ReportingPeriodId),
}

/// What narrows the rows, beside what the viewer may see.
pub(super) struct Narrow {
    /// On targets.
    pub(super) targets: Condition,
    /// On assignments, where rows are of assignments.
    pub(super) assignments: Condition,
}

impl Narrow {
    pub(super) fn none() -> Self {
        Self {
            targets: Condition::all(),
            assignments: Condition::all(),
        }
    }
}

pub(super) type Groups<N> = HashMap<(PlanId, i64), N>;

pub(super) const SEEN: &str = "seen_target";
const ANSWERING: &str = "answering";
const PERIOD: &str = "asked_period";
const HANDED: &str = "handed";
const DECISION: &str = "decision";
const GROUP: &str = "group_key";

impl Call {
    /// Targets by today's state, as this expression has it, and light, in groups.
    pub(super) async fn target_numbers(
        &self,
        plans: &[PlanId],
        by: By,
        state: SimpleExpr,
        narrow: &Narrow,
    ) -> Result<Groups<TargetNumbers>> {
        let seen = self
            .seen_targets(plans, narrow)
            .aggregate()
            .columns([
                target::Column::Id,
                target::Column::PlanId,
                target::Column::SectionPosition,
                target::Column::PercentComplete,
            ])
            .expr_as(state, STATE)
            .expr_as(light_in_sql(self.today()), LIGHT)
            .take();
        let percent = || Expr::col((SEEN, target::Column::PercentComplete));
        let mut select = Query::select()
            .columns([(SEEN, STATE), (SEEN, LIGHT)])
            .expr_as(count_all(), TARGETS)
            .expr_as(percent().count(), WITH_PERCENT)
            .expr_as(percent().sum(), PERCENTS)
            .from_subquery(seen, SEEN)
            .group_by_columns([(SEEN, STATE), (SEEN, LIGHT)])
            .take();
        if by == By::Unit {
            select
                .inner_join(assignment::Entity, of_target(assignment::Column::TargetId))
                .cond_where(narrow.assignments.clone());
        }
        self.group(&mut select, by);
        let mut groups: Groups<TargetNumbers> = HashMap::new();
        for row in self.reader().query_all(&select).await? {
            let group = groups.entry(by.read(&row)?).or_default();
            group.add_row(&row)?;
        }
        Ok(groups)
    }

    /// The reports that are due from lead units, and what became of them as far as the viewer may see, in groups.
    pub(super) async fn report_numbers(
        &self,
        plans: &[PlanId],
        by: By,
        asked: Asked,
        narrow: &Narrow,
    ) -> Result<Groups<ReportNumbers>> {
        let seen = self
            .seen_targets(plans, narrow)
            // Nothing is asked for what was adjusted or suspended (domain.md §8).
            .and(target::Column::SuspendedReason.is_null())
            .aggregate()
            .columns([
                target::Column::Id,
                target::Column::PlanId,
                target::Column::SectionPosition,
                target::Column::ClosedAt,
            ])
            .take();
        let closed = || Expr::col((SEEN, target::Column::ClosedAt));
        let assigned = || Expr::col((assignment::Entity, assignment::Column::AssignedAt));
        let due = || Expr::col((PERIOD, reporting_period::Column::DueAt));
        let handed = |column| Expr::col((HANDED, column));
        let is = |condition: SimpleExpr| when(condition, Expr::val(1)).count();
        let has = |status: ReportStatus| {
            Expr::col((HANDED, progress_report::Column::Status)).eq(status.as_str())
        };
        let percent = || {
            when(
                has(ReportStatus::Accepted),
                handed(progress_report::Column::PercentComplete),
            )
        };
        let mut select = Query::select()
            .expr_as(count_all(), DUE)
            .expr_as(handed(progress_report::Column::UnitId).count(), SUBMITTED)
            .expr_as(is(handed(progress_report::Column::Late).eq(true)), LATE)
            .expr_as(is(has(ReportStatus::Returned)), RETURNED)
            .expr_as(is(has(ReportStatus::Accepted)), ACCEPTED)
            .expr_as(Expr::col((HANDED, DECISION)).count(), REVIEWED)
            .expr_as(
                is(Expr::col((HANDED, DECISION)).eq(ReviewDecision::Accept.as_str())),
                ACCEPTED_AT_FIRST,
            )
            .expr_as(percent().count(), WITH_PERCENT)
            .expr_as(percent().sum(), PERCENTS)
            .from_subquery(seen, SEEN)
            .inner_join(assignment::Entity, of_target(assignment::Column::TargetId))
            .join_subquery(
                JoinType::InnerJoin,
                self.asked_periods(plans, asked),
                PERIOD,
                Expr::col((PERIOD, reporting_period::Column::PlanId))
                    .equals((SEEN, target::Column::PlanId)),
            )
            .join_subquery(
                JoinType::LeftJoin,
                self.handed_in(plans),
                HANDED,
                Condition::all()
                    .add(
                        handed(progress_report::Column::TargetId)
                            .equals((SEEN, target::Column::Id)),
                    )
                    .add(
                        handed(progress_report::Column::PeriodId)
                            .equals((PERIOD, reporting_period::Column::Id)),
                    )
                    .add(
                        handed(progress_report::Column::UnitId)
                            .equals((assignment::Entity, assignment::Column::UnitId)),
                    ),
            )
            .and_where(assignment::Column::Role.eq(AssignmentRole::Lead))
            .and_where(closed().is_null().or(closed().gt(due())))
            .and_where(assigned().is_null().or(assigned().lte(due())))
            .and_where(Expr::exists(paused(due())).not())
            .cond_where(narrow.assignments.clone())
            .take();
        self.group(&mut select, by);
        let mut groups = HashMap::new();
        for row in self.reader().query_all(&select).await? {
            groups.insert(by.read(&row)?, ReportNumbers::of_row(&row)?);
        }
        Ok(groups)
    }

    pub(super) fn seen_targets(&self, plans: &[PlanId], narrow: &Narrow) -> Scoped<target::Entity> {
        Scoped::<target::Entity>::of_plans(self, target::Column::PlanId, plans)
            .and(narrow.targets.clone())
    }

    fn asked_periods(&self, plans: &[PlanId], asked: Asked) -> SelectStatement {
        use reporting_period::Column::{DueAt, Id, OpensAt, PlanId};
        let periods = Scoped::<reporting_period::Entity>::of_plans(self, PlanId, plans);
        let periods = match asked {
            Asked::PastDue => periods.and(DueAt.lt(self.now())),
            Asked::Opened => periods.and(OpensAt.lte(self.now())),
            Asked::Period(period) => periods.and(Id.eq(period)).and(OpensAt.lte(self.now())),
        };
        periods.aggregate().columns([Id, PlanId, DueAt]).take()
    }

    /// The reports that have been handed in, each as the viewer last saw it.
    fn handed_in(&self, plans: &[PlanId]) -> SelectStatement {
        use progress_report::Column::{
            FirstDecision, Id, Late, PercentComplete, PeriodId, PlanId, Status, TargetId, UnitId,
        };
        const WITH_ITS_UNIT: [ReportStatus; 2] =
            [ReportStatus::Draft, ReportStatus::PendingSignoff];
        let column = |column| by(progress_report::Entity, column);
        let same = [TargetId, PeriodId, UnitId, Late, PercentComplete];
        let same = same.map(|name| (progress_report::Entity, name));
        // Its own unit sees it while it is written anew after it was returned.
        let status = CaseStatement::new()
            .case(Status.is_in(WITH_ITS_UNIT), ReportStatus::Returned.as_str())
            .finally(column(Status));
        // Who sees accepted reports alone cannot list returns.
        let untold = Condition::all()
            .add(Status.eq(ReportStatus::Accepted))
            .add(FirstDecision.eq(ReviewDecision::Return))
            .add(returns_shown(&self.reach().of_plans(plans), self.today()).not());
        let decision = CaseStatement::new()
            .case(untold, ReviewDecision::Accept.as_str())
            .finally(column(FirstDecision));
        let of_version = report_version::Column::PlanId;
        let rewritten = Scoped::<report_version::Entity>::of_plans(self, of_version, plans)
            .and(report_version::Column::Status.eq(ReportStatus::Returned))
            .aggregate()
            .columns(same)
            .expr_as(Expr::cust("'RETURNED'"), Status)
            .expr_as(column(FirstDecision), DECISION)
            .inner_join(
                progress_report::Entity,
                column(Id).equals((report_version::Entity, report_version::Column::ReportId)),
            )
            .and_where(PlanId.is_in(plans.iter().copied()))
            .and_where(Status.is_in(WITH_ITS_UNIT))
            .take();
        Scoped::<progress_report::Entity>::of_plans(self, PlanId, plans)
            .and(
                Condition::any()
                    .add(Status.is_not_in(WITH_ITS_UNIT))
                    .add(FirstDecision.is_not_null()),
            )
            .aggregate()
            .columns(same)
            .expr_as(status, Status)
            .expr_as(decision, DECISION)
            // Others see that version of it which was returned.
            .union(UnionType::Distinct, rewritten)
            .take()
    }

    /// Adds the plan and the group to what is read, and groups by them.
    fn group(&self, select: &mut SelectStatement, by: By) {
        let unit = (assignment::Entity, assignment::Column::UnitId);
        self.group_units(select, by, unit.into_column_ref());
    }

    /// As [`Self::group`], where this column says whose a row is.
    pub(super) fn group_units(&self, select: &mut SelectStatement, by: By, unit: ColumnRef) {
        let plan = (SEEN, target::Column::PlanId);
        select.column(plan).group_by_columns([plan]);
        let key = match by {
            By::Plan => return,
            By::Position => (SEEN, target::Column::SectionPosition).into_column_ref(),
            By::Unit => unit,
            By::Period => (PERIOD, reporting_period::Column::Id).into_column_ref(),
            By::Leader => {
                // Whoever holds two posts of a target answers for it once.
                let answering = Query::select()
                    .distinct()
                    .column((target_post::Entity, target_post::Column::TargetId))
                    .column((tenure::Entity, tenure::Column::LeaderId))
                    .from(target_post::Entity)
                    .inner_join(tenure::Entity, same_post())
                    .and_where(in_office(self.today()))
                    .take();
                select.join_subquery(
                    JoinType::InnerJoin,
                    answering,
                    ANSWERING,
                    Expr::col((ANSWERING, target_post::Column::TargetId))
                        .equals((SEEN, target::Column::Id)),
                );
                (ANSWERING, tenure::Column::LeaderId).into_column_ref()
            }
        };
        select
            .expr_as(Expr::col(key.clone()), GROUP)
            .group_by_columns([key]);
    }
}

impl By {
    /// The plan and the group of a row.
    pub(super) fn read(self, row: &sea_orm::QueryResult) -> Result<(PlanId, i64), sea_orm::DbErr> {
        let group = match self {
            Self::Plan => 0,
            Self::Position => row.try_get::<i32>("", GROUP)?.into(),
            Self::Leader | Self::Unit | Self::Period => row.try_get("", GROUP)?,
        };
        Ok((row.try_get("", "plan_id")?, group))
    }
}

/// The target was closed or suspended at a moment.
fn paused(at: SimpleExpr) -> SelectStatement {
    let column = |column| by(pause::Entity, column);
    let ended = || column(pause::Column::EndedAt);
    Query::select()
        .expr(Expr::cust("1"))
        .from(pause::Entity)
        .and_where(column(pause::Column::TargetId).equals((SEEN, target::Column::Id)))
        .and_where(column(pause::Column::BegunAt).lte(at.clone()))
        .and_where(ended().is_null().or(ended().gt(at)))
        .take()
}

/// A value where a condition holds, else NULL.
pub(super) fn when(condition: SimpleExpr, value: SimpleExpr) -> SimpleExpr {
    SimpleExpr::Case(Box::new(CaseStatement::new().case(condition, value)))
}

/// Joins a table to the targets seen.
fn of_target(column: assignment::Column) -> SimpleExpr {
    Expr::col((assignment::Entity, column)).equals((SEEN, target::Column::Id))
}
