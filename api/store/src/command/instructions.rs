//! Leaders' instructions (批示): given by a leader who answers for the target, answered by a manager of a lead unit.

use chrono::NaiveDate;
use domain::{
    Action, Guarded, Reason,
    notice::{LONGEST_TEXT, reply_due},
};
use entity::{
    ids::{InstructionId, LeaderId, TargetId, UnitId},
    instruction,
    kinds::{Audience, EventType},
};
use sea_orm::{
    ActiveModelTrait, ActiveValue::NotSet, ColumnTrait, EntityTrait, IntoActiveModel, Set,
};
use serde_json::{Value, json};

use crate::{
    Call, Once, Result, Seen,
    read::instructions::{facts, target_facts},
    scoped::Scoped,
    write::{Begun, Entry, Told, Write},
};

use super::{assignments_of, on_target::TARGET, plan_of, text};

const INSTRUCTION: &str = "instructionId";

/// What an instruction says, on what, and for whom it is written.
#[derive(Clone, Debug)]
pub struct GiveInstruction {
    /// The target; none when the ID is none.
    pub target: Option<TargetId>,
    /// The leader, where one is given; the inner none when the ID is none.
    pub leader: Option<Option<LeaderId>>,
    /// What it says, at most [`LONGEST_TEXT`] characters.
    pub body: String,
    /// The last day for an answer, if the leader names one.
    pub reply_due_on: Option<NaiveDate>,
}

/// An answer to an instruction.
#[derive(Clone, Debug)]
pub struct AnswerInstruction {
    /// The instruction; none when the ID is none.
    pub instruction: Option<InstructionId>,
    /// The lead unit that answers, where one is given; the inner none when the ID is none.
    pub unit: Option<Option<UnitId>>,
    /// The answer, at most [`LONGEST_TEXT`] characters.
    pub body: String,
}

impl Call {
    /// Gives an instruction on a target.
    ///
    /// # Errors
    /// Refused: a target that the viewer does not see, a viewer who may not write for a leader who answers for it today,
    /// several such leaders without saying which, no text or one that is too long, or a day in the past or too far away.
    pub async fn give_instruction(
        &self,
        input: GiveInstruction,
        once: Option<&Once>,
    ) -> Result<Seen<instruction::Model>> {
        let user = self.admitted()?.account.id;
        let write = match self.begin(once).await? {
            Begun::Fresh(write) => write,
            Begun::Again(id) => return self.again(&id).await,
        };
        let target = self.target_of(&write, input.target).await?;
        let plan = plan_of(&write, target.plan_id).await?;
        let leaders = self.leaders_within(&[target.key()], write.db()).await?;
        let facts = target_facts(&plan, leaders.iter().map(|(_, leader)| leader.id));
        facts
            .permit(self.asking()?, Action::GiveInstruction)
            .map_err(|reason| reason.at(TARGET))?;
        let leader = match (input.leader, facts.writes_for(self.reach()).as_slice()) {
            (None, [leader]) => *leader,
            (None, _) => return Err(Reason::WhichLeader.at("leaderId").into()),
            (Some(given), leaders) => given
                .filter(|given| leaders.contains(given))
                .ok_or_else(|| Reason::NotLeader.at("leaderId"))?,
        };
        let body = text("body", &input.body, LONGEST_TEXT, true)?;
        if let Some(day) = input.reply_due_on {
            reply_due(day, self.today()).map_err(|reason| reason.at("replyDueOn"))?;
        }
        let row = instruction::Entity::insert(instruction::ActiveModel {
            id: NotSet,
            plan_id: Set(target.plan_id),
            target_id: Set(target.id),
            leader_id: Set(leader),
            body: Set(body),
            reply_due_on: Set(input.reply_due_on),
            issued_at: Set(self.now()),
            issued_by_id: Set(user),
            answer: Set(None),
            answered_at: Set(None),
            answered_by_id: Set(None),
            answering_unit_id: Set(None),
        })
        .exec_with_returning(write.db())
        .await?;
        let changes =
            json!({ "leaderId": row.leader_id, "replyDueOn": row.reply_due_on, "body": row.body });
        done(write, row, Action::GiveInstruction, changes).await
    }

    /// Answers an instruction for a lead unit of its target.
    ///
    /// # Errors
    /// Refused: an instruction that the viewer does not see, a viewer who is no manager of a lead unit or of one acting for
    /// it, several such units without saying which, an instruction that was answered, or no text or one that is too long.
    pub async fn answer_instruction(
        &self,
        input: AnswerInstruction,
        once: Option<&Once>,
    ) -> Result<Seen<instruction::Model>> {
        let user = self.admitted()?.account.id;
        let write = match self.begin(once).await? {
            Begun::Fresh(write) => write,
            Begun::Again(id) => return self.again(&id).await,
        };
        let not_found = || Reason::NotFound.at(INSTRUCTION);
        let mut row = Scoped::<instruction::Entity>::new(self)
            .and(instruction::Column::Id.eq(input.instruction.ok_or_else(not_found)?))
            .locked()
            .one(write.db())
            .await?
            .ok_or_else(not_found)?
            .0;
        let plan = plan_of(&write, row.plan_id).await?;
        let assignments = assignments_of(&write, row.target_id).await?;
        let facts = facts(&plan, assignments.iter(), &row);
        facts
            .permit(self.asking()?, Action::AnswerInstruction)
            .map_err(|reason| reason.at(INSTRUCTION))?;
        let unit = match (input.unit, facts.answers_for(self.reach()).as_slice()) {
            (None, [unit]) => *unit,
            (None, _) => return Err(Reason::WhichUnit.at("unitId").into()),
            (Some(given), units) => given
                .filter(|given| units.contains(given))
                .ok_or_else(|| Reason::NotManagerOfLeadUnit.at("unitId"))?,
        };
        row.answer = Some(text("body", &input.body, LONGEST_TEXT, true)?);
        row.answered_at = Some(self.now());
        row.answered_by_id = Some(user);
        row.answering_unit_id = Some(unit);
        instruction::Entity::update(row.clone().into_active_model().reset_all())
            .exec(write.db())
            .await?;
        let changes = json!({ "answeredAt": [null, row.answered_at], "unitId": unit, "answer": [null, row.answer] });
        done(write, row, Action::AnswerInstruction, changes).await
    }
}

async fn done(
    write: Write,
    row: instruction::Model,
    action: Action,
    changes: Value,
) -> Result<Seen<instruction::Model>> {
    let kind = match action {
        Action::AnswerInstruction => EventType::InstructionAnswered,
        _ => EventType::InstructionGiven,
    };
    let entry = Entry {
        act: action.into(),
        object: "Instruction",
        id: Some(row.id.0),
        changes,
        event: Some(Told {
            kind,
            plan: row.plan_id,
            target: Some(row.target_id),
            unit: row.answering_unit_id,
            audience: Audience::LeadUnits,
            about: Some(("Instruction", row.id.0)),
        }),
    };
    write.commit_with(json!(row.id), [entry]).await?;
    Ok(Seen(row))
}
