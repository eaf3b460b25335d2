//! Leaders' instructions (批示): lists, and what giving and answering them depends on.

use chrono::NaiveDate;
use domain::instruction::{Facts, Lead, TargetFacts};
use entity::{
    assignment,
    ids::{InstructionId, LeaderId, TargetId},
    instruction,
    kinds::AssignmentRole,
    plan,
};
use sea_orm::{ColumnTrait, sea_query::Condition};

use crate::{
    AssignmentRow, Call, Direction, Page, PageArgs, Result, Seen, TargetKey,
    page::{Key, Sort, by},
    scoped::{Scoped, count, page},
};

use super::plans::plans_of_year;

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

    /// The instructions on seen targets, newest first.
    pub async fn instructions_of_targets(
        &self,
        targets: &[TargetKey],
    ) -> Result<Vec<Seen<instruction::Model>>> {
        let mut rows = Scoped::<instruction::Entity>::new(self)
            .and(self.among(
                instruction::Column::TargetId,
                targets.iter().map(|key| key.id()),
            ))
            .order_by(instruction::Column::Id)
            .all(&self.reader())
            .await?;
        rows.reverse();
        Ok(rows)
    }

    /// Instructions by key.
    pub async fn instructions_by_id(
        &self,
        ids: &[InstructionId],
    ) -> Result<Vec<Seen<instruction::Model>>> {
        Scoped::<instruction::Entity>::new(self)
            .and(self.among(instruction::Column::Id, ids.iter().copied()))
            .all(&self.reader())
            .await
    }

    /// What answering a seen instruction depends on.
    pub fn instruction_facts(
        &self,
        plan: &Seen<plan::Model>,
        assignments: &[AssignmentRow],
        instruction: &Seen<instruction::Model>,
    ) -> Facts {
        let assignments = assignments.iter().map(|row| &*row.assignment);
        facts(plan, assignments, instruction)
    }

    /// What giving an instruction on a seen target depends on, for which these leaders answer today.
    pub fn instruction_target_facts(
        &self,
        plan: &Seen<plan::Model>,
        leaders: impl Iterator<Item = LeaderId>,
    ) -> TargetFacts {
        target_facts(plan, leaders)
    }
}

/// What answering an instruction depends on, with its plan and the assignments of its target.
pub(crate) fn facts<'a>(
    plan: &plan::Model,
    assignments: impl Iterator<Item = &'a assignment::Model>,
    instruction: &instruction::Model,
) -> Facts {
    Facts {
        plan_status: plan.status,
        leads: assignments
            .filter(|row| row.role == AssignmentRole::Lead)
            .map(|row| Lead {
                unit: row.unit_id,
                acting_unit: row.acting_unit_id,
            })
            .collect(),
        answered: instruction.answered_at.is_some(),
    }
}

/// What giving an instruction depends on, with the target's plan and the leaders who answer for it today.
pub(crate) fn target_facts(
    plan: &plan::Model,
    leaders: impl Iterator<Item = LeaderId>,
) -> TargetFacts {
    let mut facts = TargetFacts {
        plan_status: plan.status,
        leaders: Vec::new(),
    };
    for leader in leaders {
        // Who holds two of its posts is one leader.
        if !facts.leaders.contains(&leader) {
            facts.leaders.push(leader);
        }
    }
    facts
}
