//! Supervision notices (督办单): issued by the supervision office, answered by the unit's manager, withdrawn by the office.

use chrono::NaiveDate;
use domain::{
    Action, Guarded, Reason,
    notice::{LONGEST_TEXT, LONGEST_WITHDRAWAL, reply_due},
};
use entity::{
    assignment,
    ids::{SupervisionNoticeId, TargetId, UnitId},
    kinds::{EventType, NoticeColour, NoticeStatus},
    supervision_notice, target,
};
use sea_orm::{
    ActiveModelTrait, ActiveValue::NotSet, ColumnTrait, EntityTrait, IntoActiveModel, Set,
    sea_query::Condition,
};
use serde_json::{Value, json};

use crate::{
    Call, Once, Result, Seen,
    read::notices::{facts, target_facts},
    scoped::Scoped,
    standing,
    write::{Begun, Entry, Write},
};

use super::{assignments_of, on_target::TARGET, plan_of, text};

const NOTICE: &str = "noticeId";

/// What a notice says, and to whom.
#[derive(Clone, Debug)]
pub struct IssueNotice {
    /// The target that it is about; none when the ID is none.
    pub target: Option<TargetId>,
    /// The unit that has to answer: one that is assigned to the target, or acts for one; none when the ID is none.
    pub unit: Option<UnitId>,
    /// How urgent it is.
    pub colour: NoticeColour,
    /// What it says, at most [`LONGEST_TEXT`] characters.
    pub body: String,
    /// The last day for an answer.
    pub reply_due_on: NaiveDate,
}

impl Call {
    /// Issues a notice to a unit about a target. A red one makes the target's light red, as long as it is open.
    ///
    /// # Errors
    /// Refused: a target that the viewer does not see or is not the office of, one that is closed, a unit that has no
    /// part in it, no text or a text that is too long, or a day in the past or too far away.
    pub async fn issue_notice(
        &self,
        input: IssueNotice,
        once: Option<&Once>,
    ) -> Result<Seen<supervision_notice::Model>> {
        let user = self.admitted()?.account.id;
        let write = match self.begin(once).await? {
            Begun::Fresh(write) => write,
            Begun::Again(id) => return self.again(&id).await,
        };
        let target = self.locked_target(&write, input.target).await?;
        target_facts(&plan_of(&write, target.plan_id).await?, &target)
            .permit(self.asking()?, Action::IssueNotice)
            .map_err(|reason| reason.at(TARGET))?;
        let unit = self.unit_on(&write, &target, input.unit).await?;
        let body = text("body", &input.body, LONGEST_TEXT, true)?;
        reply_due(input.reply_due_on, self.today()).map_err(|reason| reason.at("replyDueOn"))?;
        let notice = supervision_notice::Entity::insert(supervision_notice::ActiveModel {
            id: NotSet,
            plan_id: Set(target.plan_id),
            target_id: Set(target.id),
            unit_id: Set(unit),
            colour: Set(input.colour),
            body: Set(body),
            reply_due_on: Set(input.reply_due_on),
            status: Set(NoticeStatus::Open),
            issued_at: Set(self.now()),
            issued_by_id: Set(Some(user)),
            rung: Set(None),
            period_id: Set(None),
            due_on: Set(None),
            answer: Set(None),
            answered_at: Set(None),
            answered_by_id: Set(None),
            withdraw_reason: Set(None),
            withdrawn_at: Set(None),
            withdrawn_by_id: Set(None),
        })
        .exec_with_returning(write.db())
        .await?;
        let changes = json!({
            "unitId": notice.unit_id, "colour": notice.colour, "replyDueOn": notice.reply_due_on, "status": [Value::Null, json!(notice.status)], "body": notice.body,
        });
        self.done(write, notice, Action::IssueNotice, changes).await
    }

    /// Answers a notice for its unit.
    ///
    /// # Errors
    /// Refused: a notice that the viewer does not see, a viewer who is no manager of the unit or of the one acting for
    /// it, a notice that is not open, or no text or one that is too long.
    pub async fn answer_notice(
        &self,
        id: Option<SupervisionNoticeId>,
        body: &str,
        once: Option<&Once>,
    ) -> Result<Seen<supervision_notice::Model>> {
        let user = self.admitted()?.account.id;
        let (write, mut notice) = match self.open_notice(id, Action::AnswerNotice, once).await? {
            Begun::Fresh(begun) => begun,
            Begun::Again(notice) => return Ok(notice),
        };
        let answer = text("body", body, LONGEST_TEXT, true)?;
        let changes =
            json!({ "status": [notice.status, NoticeStatus::Answered], "answer": [null, answer] });
        notice.answer = Some(answer);
        notice.status = NoticeStatus::Answered;
        notice.answered_at = Some(self.now());
        notice.answered_by_id = Some(user);
        self.changed(write, notice, Action::AnswerNotice, changes)
            .await
    }

    /// Withdraws a notice, with a reason.
    ///
    /// # Errors
    /// Refused: a notice that the viewer does not see, a viewer who is not its office, a notice that is not open, or no
    /// reason or one that is too long.
    pub async fn withdraw_notice(
        &self,
        id: Option<SupervisionNoticeId>,
        reason: &str,
        once: Option<&Once>,
    ) -> Result<Seen<supervision_notice::Model>> {
        let user = self.admitted()?.account.id;
        let (write, mut notice) = match self.open_notice(id, Action::WithdrawNotice, once).await? {
            Begun::Fresh(begun) => begun,
            Begun::Again(notice) => return Ok(notice),
        };
        let reason = text("reason", reason, LONGEST_WITHDRAWAL, true)?;
        let changes =
            json!({ "status": [notice.status, NoticeStatus::Withdrawn], "reason": reason });
        notice.withdraw_reason = Some(reason);
        notice.status = NoticeStatus::Withdrawn;
        notice.withdrawn_at = Some(self.now());
        notice.withdrawn_by_id = Some(user);
        self.changed(write, notice, Action::WithdrawNotice, changes)
            .await
    }

    /// The unit of a notice: one with a part in the target. It keeps its part while the notice is issued, for the target is locked.
    async fn unit_on(
        &self,
        write: &Write,
        target: &Seen<target::Model>,
        unit: Option<UnitId>,
    ) -> Result<UnitId> {
        let none = || Reason::NotAssigned.at("unitId");
        let unit = unit.ok_or_else(none)?;
        let its = Scoped::<assignment::Entity>::new(self)
            .and(assignment::Column::TargetId.eq(target.id))
            .and(
                Condition::any()
                    .add(assignment::Column::UnitId.eq(unit))
                    .add(assignment::Column::ActingUnitId.eq(unit)),
            )
            .all(write.db())
            .await?;
        its.first().map(|_| unit).ok_or_else(|| none().into())
    }

    /// The notice of an act, its guard passed.
    async fn open_notice(
        &self,
        id: Option<SupervisionNoticeId>,
        action: Action,
        once: Option<&Once>,
    ) -> Result<Begun<(Write, supervision_notice::Model), Seen<supervision_notice::Model>>> {
        let write = match self.begin(once).await? {
            Begun::Fresh(write) => write,
            Begun::Again(id) => return Ok(Begun::Again(self.again(&id).await?)),
        };
        let not_found = || Reason::NotFound.at(NOTICE);
        let id = id.ok_or_else(not_found)?;
        // The target's lock orders all acts on its notices: what is read after it is what there is.
        let its = supervision_notice::Column::TargetId;
        self.lock_target_of(&write, its, supervision_notice::Column::Id.eq(id))
            .await?
            .ok_or_else(not_found)?;
        let notice = Scoped::<supervision_notice::Entity>::new(self)
            .and(supervision_notice::Column::Id.eq(id))
            .one(write.db())
            .await?
            .ok_or_else(not_found)?;
        let plan = plan_of(&write, notice.plan_id).await?;
        let assignments = assignments_of(&write, notice.target_id).await?;
        facts(&plan, assignments.iter(), &notice)
            .permit(self.asking()?, action)
            .map_err(|reason| reason.at(NOTICE))?;
        Ok(Begun::Fresh((write, notice.0)))
    }

    async fn changed(
        &self,
        write: Write,
        notice: supervision_notice::Model,
        action: Action,
        changes: Value,
    ) -> Result<Seen<supervision_notice::Model>> {
        supervision_notice::Entity::update(notice.clone().into_active_model().reset_all())
            .exec(write.db())
            .await?;
        self.done(write, notice, action, changes).await
    }

    /// What follows from an act on a notice: the target's light, the audit entry and the event.
    async fn done(
        &self,
        mut write: Write,
        notice: supervision_notice::Model,
        action: Action,
        changes: Value,
    ) -> Result<Seen<supervision_notice::Model>> {
        if notice.colour == NoticeColour::Red {
            standing::recompute(&mut write, &[notice.target_id], self.now()).await?;
        }
        let kind = match action {
            Action::AnswerNotice => EventType::NoticeAnswered,
            Action::WithdrawNotice => EventType::NoticeWithdrawn,
            _ => EventType::NoticeIssued,
        };
        let entry = Entry::of(&notice, action, kind, changes);
        write.commit_with(json!(notice.id), [entry]).await?;
        Ok(Seen(notice))
    }
}
