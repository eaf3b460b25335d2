//! Giving and answering instructions.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use entity::ids::{InstructionId, LeaderId, TargetId, UnitId};
use store::{AnswerInstruction, GiveInstruction};

use super::once::once;
use crate::{
    error::{ApiError, UserError, settle},
    id::Global,
    request::Request,
    scalar::Date,
    types::Instruction,
};

/// What an instruction says, and on what.
#[derive(InputObject)]
pub(crate) struct GiveInstructionInput {
    /// The target.
    target_id: ID,
    /// The leader for whom you write; needed only when you may write for several of the target's.
    leader_id: Option<ID>,
    /// What it says, at most 4000 characters.
    body: String,
    /// The last day for an answer, if there is one: today or later, at most 366 days from now.
    reply_due_on: Option<Date>,
    /// An ID of your own for this act, at most 100 characters: sent again with the same input, it changes nothing twice.
    client_mutation_id: Option<String>,
}

/// What came of giving an instruction.
#[derive(SimpleObject)]
pub(crate) struct GiveInstructionPayload {
    /// The ID that you gave the act.
    client_mutation_id: Option<String>,
    /// The instruction; null when refused.
    instruction: Option<Instruction>,
    /// Why it was refused; empty on success.
    user_errors: Vec<UserError>,
}

/// An answer to an instruction.
#[derive(InputObject)]
pub(crate) struct AnswerInstructionInput {
    /// The instruction.
    instruction_id: ID,
    /// The lead unit for which you answer; needed only when you may answer for several.
    unit_id: Option<ID>,
    /// The answer, at most 4000 characters.
    body: String,
    /// An ID of your own for this act, at most 100 characters: sent again with the same input, it changes nothing twice.
    client_mutation_id: Option<String>,
}

/// What came of answering an instruction.
#[derive(SimpleObject)]
pub(crate) struct AnswerInstructionPayload {
    /// The ID that you gave the act.
    client_mutation_id: Option<String>,
    /// The instruction with its answer; null when refused.
    instruction: Option<Instruction>,
    /// Why it was refused; empty on success.
    user_errors: Vec<UserError>,
}

#[derive(Default)]
pub(crate) struct InstructionMutation;

#[Object]
impl InstructionMutation {
    /// Gives an instruction on a target (批示): for a leader who answers for it today.
    async fn give_instruction(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What the instruction says, and on what.")] input: GiveInstructionInput,
    ) -> Result<GiveInstructionPayload, ApiError> {
        let request = Request::of(ctx);
        let outcome = async {
            let id = input.client_mutation_id.as_deref();
            let once = once("giveInstruction", &input, id)?;
            let give = GiveInstruction {
                target: TargetId::local(&input.target_id),
                leader: input.leader_id.as_ref().map(LeaderId::local),
                body: input.body.clone(),
                reply_due_on: input.reply_due_on.as_ref().map(|day| day.0),
            };
            request.call.give_instruction(give, once.as_ref()).await
        };
        let (instruction, user_errors) = settle(request, outcome.await)?;
        Ok(GiveInstructionPayload {
            client_mutation_id: input.client_mutation_id,
            instruction: instruction.map(Instruction::from),
            user_errors,
        })
    }

    /// Answers an instruction: a manager's of a lead unit, or of the unit acting for it. There is one answer.
    async fn answer_instruction(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The answer.")] input: AnswerInstructionInput,
    ) -> Result<AnswerInstructionPayload, ApiError> {
        let request = Request::of(ctx);
        let outcome = async {
            let id = input.client_mutation_id.as_deref();
            let once = once("answerInstruction", &input, id)?;
            let answer = AnswerInstruction {
                instruction: InstructionId::local(&input.instruction_id),
                unit: input.unit_id.as_ref().map(UnitId::local),
                body: input.body.clone(),
            };
            request.call.answer_instruction(answer, once.as_ref()).await
        };
        let (instruction, user_errors) = settle(request, outcome.await)?;
        Ok(AnswerInstructionPayload {
            client_mutation_id: input.client_mutation_id,
            instruction: instruction.map(Instruction::from),
            user_errors,
        })
    }
}
