//! Supervision notices (督办单): lists, and what the acts on them depend on.

use chrono::NaiveDate;
use domain::notice::{Facts, TargetFacts};
use entity::{
    assignment,
    ids::{SupervisionNoticeId, TargetId, UnitId},
    kinds::{NoticeColour, NoticeStatus},
    plan, supervision_notice, target,
};
use sea_orm::{ColumnTrait, sea_query::Condition};

use super::{plans::plans_of_year, target_facts::ended};
use crate::{
    AssignmentRow, Call, Direction, Page, PageArgs, Result, Seen, TargetKey,
    page::{Key, Sort, by},
    scoped::{Scoped, count, page},
};

/// Narrowing a list of notices: all that is given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct SupervisionNoticeFilter {
    /// The year of the plan.
    pub plan_year: Option<i32>,
    /// The target.
    pub target: Option<TargetId>,
    /// The unit that has to answer.
    pub unit: Option<UnitId>,
    /// How urgent it is.
    pub colour: Option<NoticeColour>,
    /// The state.
    pub status: Option<NoticeStatus>,
    /// Its answer is overdue, or not.
    pub overdue: Option<bool>,
}

impl SupervisionNoticeFilter {
    fn condition(self, today: NaiveDate) -> Condition {
        use supervision_notice::Column::{Colour, PlanId, Status, TargetId, UnitId};
        Condition::all()
            .add_option(
                self.plan_year
                    .map(|year| PlanId.in_subquery(plans_of_year(year))),
            )
            .add_option(self.target.map(|target| TargetId.eq(target)))
            .add_option(self.unit.map(|unit| UnitId.eq(unit)))
            .add_option(self.colour.map(|colour| Colour.eq(colour)))
            .add_option(self.status.map(|status| Status.eq(status)))
            .add_option(self.overdue.map(|overdue| has_overdue(overdue, today)))
    }
}

/// `domain::notice::overdue` in SQL.
fn has_overdue(overdue: bool, today: NaiveDate) -> Condition {
    use supervision_notice::Column::{ReplyDueOn, Status};
    if overdue {
        Condition::all()
            .add(Status.eq(NoticeStatus::Open))
            .add(ReplyDueOn.lt(today))
    } else {
        Condition::any()
            .add(Status.ne(NoticeStatus::Open))
            .add(ReplyDueOn.gte(today))
    }
}

impl Call {
    /// A page of the notices, newest first.
    pub async fn supervision_notices(
        &self,
        filter: SupervisionNoticeFilter,
        args: &PageArgs,
    ) -> Result<Page<Seen<supervision_notice::Model>>> {
        let sort = Sort {
            columns: vec![by(
                supervision_notice::Entity,
                supervision_notice::Column::Id,
            )],
            direction: Direction::Descending,
        };
        page(
            self,
            "supervision notices",
            self.notices_like(filter),
            args,
            &sort,
            |row: &supervision_notice::Model| vec![Key::Number(row.id.0)],
        )
        .await
    }

    /// How many notices there are.
    pub async fn supervision_notice_count(&self, filter: SupervisionNoticeFilter) -> Result<i64> {
        count(self, self.notices_like(filter)).await
    }

    fn notices_like(&self, filter: SupervisionNoticeFilter) -> Scoped<supervision_notice::Entity> {
        Scoped::new(self).and(filter.condition(self.today()))
    }

    /// The notices about seen targets, newest first.
    pub async fn notices_of_targets(
        &self,
        targets: &[TargetKey],
    ) -> Result<Vec<Seen<supervision_notice::Model>>> {
        let mut rows = Scoped::<supervision_notice::Entity>::new(self)
            .and(self.among(
                supervision_notice::Column::TargetId,
                targets.iter().map(|key| key.id()),
            ))
            .order_by(supervision_notice::Column::Id)
            .all(&self.reader())
            .await?;
        rows.reverse();
        Ok(rows)
    }

    /// Notices by key.
    pub async fn notices_by_id(
        &self,
        ids: &[SupervisionNoticeId],
    ) -> Result<Vec<Seen<supervision_notice::Model>>> {
        Scoped::<supervision_notice::Entity>::new(self)
            .and(self.among(supervision_notice::Column::Id, ids.iter().copied()))
            .all(&self.reader())
            .await
    }

    /// What the acts on a seen notice depend on.
    pub fn notice_facts(
        &self,
        plan: &Seen<plan::Model>,
        assignments: &[AssignmentRow],
        notice: &Seen<supervision_notice::Model>,
    ) -> Facts {
        let assignments = assignments.iter().map(|row| &*row.assignment);
        facts(plan, assignments, notice)
    }

    /// What issuing a notice about a seen target depends on.
    pub fn notice_target_facts(
        &self,
        plan: &Seen<plan::Model>,
        target: &Seen<target::Model>,
    ) -> TargetFacts {
        target_facts(plan, target)
    }
}

/// What the acts on a notice depend on, with its plan and the assignments of its target.
pub(crate) fn facts<'a>(
    plan: &plan::Model,
    mut assignments: impl Iterator<Item = &'a assignment::Model>,
    notice: &supervision_notice::Model,
) -> Facts {
    Facts {
        plan: notice.plan_id,
        plan_status: plan.status,
        unit: notice.unit_id,
        acting_unit: assignments
            .find(|row| row.unit_id == notice.unit_id)
            .and_then(|row| row.acting_unit_id),
        status: notice.status,
    }
}

/// What issuing a notice about a target depends on, with its plan.
pub(crate) fn target_facts(plan: &plan::Model, target: &target::Model) -> TargetFacts {
    TargetFacts {
        plan: plan.id,
        plan_status: plan.status,
        closed: ended(target),
    }
}
