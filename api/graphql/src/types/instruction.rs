//! Instruction (批示).

use async_graphql::{Context, ID, InputObject, Object};
use domain::instruction::overdue;
use entity::{
    ids::{LeaderId, TargetId},
    instruction,
};
use store::{PageArgs, Seen};

use super::{
    Actor, AvailableAction, Leader, Target, actor, answer::Answer, available_actions,
    target_filter::key,
};
use crate::{
    connection::{Counted, InstructionConnection},
    error::ApiError,
    id::Global,
    loader::AssignmentsOf,
    request::Request,
    scalar::{Date, DateTime},
};

#[derive(Clone)]
pub(crate) struct Instruction(Seen<instruction::Model>);

impl From<Seen<instruction::Model>> for Instruction {
    fn from(row: Seen<instruction::Model>) -> Self {
        Self(row)
    }
}

/// A leader's written instruction on a target, which wants an answer of a lead unit (批示). The target's lead units, those
/// acting for them, the supervision office and the target's leaders see it; nobody else does.
#[Object]
impl Instruction {
    /// The ID of the instruction.
    pub(crate) async fn id(&self) -> ID {
        self.0.id.global()
    }

    /// What it says.
    async fn body(&self) -> &str {
        &self.0.body
    }

    /// The leader whose it is: the person, whoever holds the post later.
    async fn leader(&self, ctx: &Context<'_>) -> Option<Result<Leader, ApiError>> {
        Request::of(ctx).one(self.0.leader_id).await
    }

    /// When it was given.
    async fn issued_at(&self) -> DateTime {
        DateTime(self.0.issued_at)
    }

    /// Who wrote it down.
    async fn issued_by(&self, ctx: &Context<'_>) -> Option<Result<Actor, ApiError>> {
        actor(ctx, Some(self.0.issued_by())).await
    }

    /// The last day for an answer; null when the leader named none.
    async fn reply_due_on(&self) -> Option<Date> {
        self.0.reply_due_on.map(Date)
    }

    /// There is no answer, and the last day for one has passed.
    async fn overdue(&self, ctx: &Context<'_>) -> bool {
        let today = Request::of(ctx).call.today();
        overdue(self.0.answered_at.is_some(), self.0.reply_due_on, today)
    }

    /// The answer; null until there is one.
    async fn answer(&self) -> Option<Answer> {
        let (body, answered_at) = self.0.answer.clone().zip(self.0.answered_at)?;
        Some(Answer {
            body,
            answered_at,
            answered_by: self.0.answered_by(),
            unit: self.0.answering_unit_id,
        })
    }

    /// The target.
    async fn target(&self, ctx: &Context<'_>) -> Option<Result<Target, ApiError>> {
        Request::of(ctx).one(self.0.target_id).await
    }

    /// What you may do to it now.
    async fn available_actions(&self, ctx: &Context<'_>) -> Result<Vec<AvailableAction>, ApiError> {
        let request = Request::of(ctx);
        let (Some(target), Some(plan)) = (
            request.loaded(self.0.target_id).await?,
            request.loaded(self.0.plan_id).await?,
        ) else {
            return Ok(Vec::new());
        };
        let assignments = request.loaded(AssignmentsOf(target.key())).await?;
        let assignments = assignments.as_deref().unwrap_or_default();
        let facts = request.call.instruction_facts(&plan, assignments, &self.0);
        available_actions(request, &facts)
    }
}

/// What an instruction must be to stay in the list: all that is given. A filter only narrows what you may see.
#[derive(InputObject, Default)]
pub(crate) struct InstructionFilter {
    /// Of the plan of this year.
    plan_year: Option<i32>,
    /// On this target.
    target_id: Option<ID>,
    /// Of this leader.
    leader_id: Option<ID>,
    /// There is an answer (true), or none (false).
    answered: Option<bool>,
    /// There is no answer and the last day for one has passed (true), or not so (false).
    overdue: Option<bool>,
}

/// A page of the instructions that the viewer sees.
pub(crate) async fn instructions(
    ctx: &Context<'_>,
    args: PageArgs,
    filter: InstructionFilter,
) -> Result<InstructionConnection, ApiError> {
    let request = Request::of(ctx);
    let call = request.admitted()?;
    let filter = store::InstructionFilter {
        plan_year: filter.plan_year,
        target: key::<TargetId>(request, filter.target_id)?,
        leader: key::<LeaderId>(request, filter.leader_id)?,
        answered: filter.answered,
        overdue: filter.overdue,
    };
    let page = call.instructions(filter, &args).await;
    let page = page.map_err(|error| request.error(error))?;
    let counted = Counted::Instructions(filter);
    Ok(InstructionConnection::new(&page, counted))
}
