//! Leaders' instructions (批示): lists, and what giving and answering them depends on.

use std::collections::HashMap;

use chrono::NaiveDate;
use domain::instruction::{Facts, Lead, TargetFacts};
use entity::{
    assignment,
    ids::{InstructionId, LeaderId, TargetId, UnitId},
    instruction,
    kinds::AssignmentRole,
    target, target_post, tenure,
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Condition, ExprTrait, Order, Query},
};

use crate::{
    Call, Direction, Fault, Page, PageArgs, Result, Seen,
    page::{Key, Sort, by},
    scoped::{Scoped, count, page},
    visible::{in_office, same_post},
};

use super::notices::{plan_states, plans_of_year, status_of};

/// Narrowing a list of instructions: all that is given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct InstructionFilter {
    /// The year of the plan.
    pub plan_year: Option<i32>,
    /// The target.
    pub target: Option<TargetId>,
    /// The leader whose it is.
    pub leader: Option<LeaderId>,
    /// It was answered, or not.
    pub answered: Option<bool>,
    /// Its answer is overdue, or not.
    pub overdue: Option<bool>,
}

impl InstructionFilter {
    fn condition(self, today: NaiveDate) -> Condition {
        use instruction::Column::{AnsweredAt, LeaderId, PlanId, TargetId};
        let answered = |answered| {
            if answered {
                AnsweredAt.is_not_null()
            } else {
                AnsweredAt.is_null()
            }
        };
        Condition::all()
            .add_option(
                self.plan_year
                    .map(|year| PlanId.in_subquery(plans_of_year(year))),
            )
            .add_option(self.target.map(|target| TargetId.eq(target)))
            .add_option(self.leader.map(|leader| LeaderId.eq(leader)))
            .add_option(self.answered.map(answered))
            .add_option(self.overdue.map(|overdue| has_overdue(overdue, today)))
    }
}

/// `domain::instruction::overdue` in SQL.
fn has_overdue(overdue: bool, today: NaiveDate) -> Condition {
    use instruction::Column::{AnsweredAt, ReplyDueOn};
    if overdue {
        Condition::all()
            .add(AnsweredAt.is_null())
            .add(ReplyDueOn.lt(today))
    } else {
        Condition::any()
            .add(AnsweredAt.is_not_null())
            .add(ReplyDueOn.is_null())
            .add(ReplyDueOn.gte(today))
    }
}

impl Call {
    /// A page of the instructions, newest first.
    pub async fn instructions(
        &self,
        filter: InstructionFilter,
        args: &PageArgs,
    ) -> Result<Page<Seen<instruction::Model>>> {
        let sort = Sort {
            columns: vec![by(instruction::Entity, instruction::Column::Id)],
            direction: Direction::Descending,
        };
        page(
            self,
            "instructions",
            self.instructions_like(filter),
            args,
            &sort,
            |row: &instruction::Model| vec![Key::Number(row.id.0)],
        )
        .await
    }

    /// How many instructions there are.
    pub async fn instruction_count(&self, filter: InstructionFilter) -> Result<i64> {
        count(self, self.instructions_like(filter)).await
    }

    fn instructions_like(&self, filter: InstructionFilter) -> Scoped<instruction::Entity> {
        Scoped::new(self).and(filter.condition(self.today()))
    }

    /// The instructions on targets, oldest first.
    pub async fn instructions_of_targets(
        &self,
        targets: &[TargetId],
    ) -> Result<Vec<Seen<instruction::Model>>> {
        Scoped::<instruction::Entity>::new(self)
            .and(instruction::Column::TargetId.is_in(targets.iter().copied()))
            .order_by(instruction::Column::Id)
            .all(&self.reader())
            .await
    }

    /// Instructions by key.
    pub async fn instructions_by_id(
        &self,
        ids: &[InstructionId],
    ) -> Result<Vec<Seen<instruction::Model>>> {
        Scoped::<instruction::Entity>::new(self)
            .and(instruction::Column::Id.is_in(ids.iter().copied()))
            .all(&self.reader())
            .await
    }

    /// What answering seen instructions depends on, in their order.
    pub async fn instruction_facts(
        &self,
        instructions: &[Seen<instruction::Model>],
    ) -> Result<Vec<Facts>> {
        let rows: Vec<&instruction::Model> = instructions.iter().map(|row| &**row).collect();
        Ok(facts(&self.reader(), &rows).await?)
    }

    /// What giving instructions on seen targets depends on, in their order.
    pub async fn instruction_target_facts(
        &self,
        targets: &[Seen<target::Model>],
    ) -> Result<Vec<TargetFacts>> {
        let rows: Vec<&target::Model> = targets.iter().map(|row| &**row).collect();
        Ok(target_facts(&self.reader(), &rows, self.today()).await?)
    }
}

/// What answering instructions depends on, in a fixed number of statements.
pub(crate) async fn facts(
    db: &impl ConnectionTrait,
    instructions: &[&instruction::Model],
) -> Result<Vec<Facts>, Fault> {
    let plans = plan_states(db, instructions.iter().map(|row| row.plan_id)).await?;
    let mut leads: HashMap<TargetId, Vec<Lead>> = HashMap::new();
    let rows = assignment::Entity::find()
        .select_only()
        .columns([
            assignment::Column::TargetId,
            assignment::Column::UnitId,
            assignment::Column::ActingUnitId,
        ])
        .filter(assignment::Column::TargetId.is_in(instructions.iter().map(|row| row.target_id)))
        .filter(assignment::Column::Role.eq(AssignmentRole::Lead))
        .order_by_asc(assignment::Column::Ordinal)
        .order_by_asc(assignment::Column::Id)
        .into_tuple::<(TargetId, UnitId, Option<UnitId>)>()
        .all(db)
        .await?;
    for (target, unit, acting_unit) in rows {
        let lead = Lead { unit, acting_unit };
        leads.entry(target).or_default().push(lead);
    }
    let facts = |row: &&instruction::Model| {
        Ok(Facts {
            plan_status: status_of(&plans, row.plan_id)?,
            leads: leads.get(&row.target_id).cloned().unwrap_or_default(),
            answered: row.answered_at.is_some(),
        })
    };
    instructions.iter().map(facts).collect()
}

/// What giving instructions on targets depends on, on a day.
pub(crate) async fn target_facts(
    db: &impl ConnectionTrait,
    targets: &[&target::Model],
    today: NaiveDate,
) -> Result<Vec<TargetFacts>, Fault> {
    let plans = plan_states(db, targets.iter().map(|target| target.plan_id)).await?;
    let statement = Query::select()
        .column((target_post::Entity, target_post::Column::TargetId))
        .column((tenure::Entity, tenure::Column::LeaderId))
        .from(target_post::Entity)
        .inner_join(tenure::Entity, same_post())
        .and_where(
            by(target_post::Entity, target_post::Column::TargetId)
                .is_in(targets.iter().map(|target| target.id)),
        )
        .and_where(in_office(today))
        .order_by(
            (target_post::Entity, target_post::Column::Ordinal),
            Order::Asc,
        )
        .take();
    let mut leaders: HashMap<TargetId, Vec<LeaderId>> = HashMap::new();
    for row in db.query_all(&statement).await? {
        let of_target = leaders.entry(row.try_get("", "target_id")?).or_default();
        // Who holds two of its posts is one leader.
        let leader = row.try_get("", "leader_id")?;
        if !of_target.contains(&leader) {
            of_target.push(leader);
        }
    }
    let facts = |target: &&target::Model| {
        Ok(TargetFacts {
            plan_status: status_of(&plans, target.plan_id)?,
            leaders: leaders.get(&target.id).cloned().unwrap_or_default(),
        })
    };
    targets.iter().map(facts).collect()
}
