//! Supervision notices (督办单): lists, and what the acts on them depend on.

use std::collections::HashMap;

use chrono::NaiveDate;
use domain::notice::{Facts, TargetFacts};
use entity::{
    assignment,
    ids::{PlanId, SupervisionNoticeId, TargetId, UnitId},
    kinds::{NoticeColour, NoticeStatus, PlanStatus},
    plan, supervision_notice, target,
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect,
    sea_query::{Condition, Query, SelectStatement},
};

use crate::{
    Call, Direction, Fault, Page, PageArgs, Result, Seen,
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

/// The plan of a year.
pub(super) fn plans_of_year(year: i32) -> SelectStatement {
    Query::select()
        .column(plan::Column::Id)
        .from(plan::Entity)
        .and_where(plan::Column::Year.eq(year))
        .take()
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

    /// The notices about targets, oldest first.
    pub async fn notices_of_targets(
        &self,
        targets: &[TargetId],
    ) -> Result<Vec<Seen<supervision_notice::Model>>> {
        Scoped::<supervision_notice::Entity>::new(self)
            .and(supervision_notice::Column::TargetId.is_in(targets.iter().copied()))
            .order_by(supervision_notice::Column::Id)
            .all(&self.reader())
            .await
    }

    /// Notices by key.
    pub async fn notices_by_id(
        &self,
        ids: &[SupervisionNoticeId],
    ) -> Result<Vec<Seen<supervision_notice::Model>>> {
        Scoped::<supervision_notice::Entity>::new(self)
            .and(supervision_notice::Column::Id.is_in(ids.iter().copied()))
            .all(&self.reader())
            .await
    }

    /// What the acts on seen notices depend on, in their order.
    pub async fn notice_facts(
        &self,
        notices: &[Seen<supervision_notice::Model>],
    ) -> Result<Vec<Facts>> {
        let rows: Vec<&supervision_notice::Model> = notices.iter().map(|row| &**row).collect();
        Ok(facts(&self.reader(), &rows).await?)
    }

    /// What issuing notices about seen targets depends on, in their order.
    pub async fn notice_target_facts(
        &self,
        targets: &[Seen<target::Model>],
    ) -> Result<Vec<TargetFacts>> {
        let rows: Vec<&target::Model> = targets.iter().map(|row| &**row).collect();
        Ok(target_facts(&self.reader(), &rows).await?)
    }
}

/// What the acts on notices depend on, in a fixed number of statements.
pub(crate) async fn facts(
    db: &impl ConnectionTrait,
    notices: &[&supervision_notice::Model],
) -> Result<Vec<Facts>, Fault> {
    let plans = plan_states(db, notices.iter().map(|notice| notice.plan_id)).await?;
    let acting: HashMap<(TargetId, UnitId), Option<UnitId>> = assignment::Entity::find()
        .select_only()
        .columns([
            assignment::Column::TargetId,
            assignment::Column::UnitId,
            assignment::Column::ActingUnitId,
        ])
        .filter(assignment::Column::TargetId.is_in(notices.iter().map(|notice| notice.target_id)))
        .into_tuple::<(TargetId, UnitId, Option<UnitId>)>()
        .all(db)
        .await?
        .into_iter()
        .map(|(target, unit, acting)| ((target, unit), acting))
        .collect();
    let facts = |notice: &&supervision_notice::Model| {
        Ok(Facts {
            plan: notice.plan_id,
            plan_status: status_of(&plans, notice.plan_id)?,
            unit: notice.unit_id,
            acting_unit: acting
                .get(&(notice.target_id, notice.unit_id))
                .copied()
                .flatten(),
            status: notice.status,
        })
    };
    notices.iter().map(facts).collect()
}

/// What issuing notices about targets depends on.
pub(crate) async fn target_facts(
    db: &impl ConnectionTrait,
    targets: &[&target::Model],
) -> Result<Vec<TargetFacts>, Fault> {
    let plans = plan_states(db, targets.iter().map(|target| target.plan_id)).await?;
    let facts = |target: &&target::Model| {
        Ok(TargetFacts {
            plan: target.plan_id,
            plan_status: status_of(&plans, target.plan_id)?,
            closed: target.closed_at.is_some(),
        })
    };
    targets.iter().map(facts).collect()
}

/// The states of plans.
pub(super) async fn plan_states(
    db: &impl ConnectionTrait,
    plans: impl Iterator<Item = PlanId>,
) -> Result<HashMap<PlanId, PlanStatus>, Fault> {
    Ok(plan::Entity::find()
        .select_only()
        .columns([plan::Column::Id, plan::Column::Status])
        .filter(plan::Column::Id.is_in(plans))
        .into_tuple::<(PlanId, PlanStatus)>()
        .all(db)
        .await?
        .into_iter()
        .collect())
}

/// The state of one of these plans.
pub(super) fn status_of(
    plans: &HashMap<PlanId, PlanStatus>,
    plan: PlanId,
) -> Result<PlanStatus, Fault> {
    let status = plans.get(&plan).copied();
    status.ok_or_else(|| Fault::new("a target without a plan"))
}
