//! Requests about targets: asked by a lead unit, taken back by it, or decided by the supervision office.

use chrono::NaiveDate;
use domain::{
    Action, Guarded, Reason,
    report::LONGEST_COMMENT,
    request::{LONGEST_TEXT, leads_to, new_due_date},
    target::TargetFacts,
};
use entity::{
    ids::{AttachmentId, TargetId, TargetRequestId, UnitId},
    kinds::{EventType, RequestKind, RequestStatus},
    target, target_request,
};
use sea_orm::{
    ActiveModelTrait, ActiveValue::NotSet, ColumnTrait, EntityTrait, IntoActiveModel, Set,
};
use serde_json::{Value, json};

use crate::{
    Call, Fault, Once, Result, Seen,
    read::requests::{ask_facts, request_facts},
    scoped::Scoped,
    standing,
    write::{Begun, Entry, Write},
};

use super::{
    attachments::{Owner, Spot},
    on_target::{TARGET, changed, target_told},
    text,
};

const REQUEST: &str = "requestId";

/// What a lead unit asks for.
#[derive(Clone, Debug)]
pub struct AskOffice {
    /// About which target; none when the ID is none.
    pub target: Option<TargetId>,
    /// For which lead unit, where it is given; the inner none when the ID is none.
    pub unit: Option<Option<UnitId>>,
    /// For what.
    pub what: Asked,
}

/// For what a lead unit asks.
#[derive(Clone, Debug)]
pub enum Asked {
    /// A later due date.
    Extension {
        /// The day.
        new_due_on: NaiveDate,
        /// Why.
        reason: String,
    },
    /// That the target be closed.
    Closure {
        /// What was achieved.
        summary: String,
        /// The evidence; none where the ID is none.
        attachments: Vec<Option<AttachmentId>>,
    },
}

impl Asked {
    const fn action(&self) -> Action {
        match self {
            Self::Extension { .. } => Action::RequestExtension,
            Self::Closure { .. } => Action::RequestClosure,
        }
    }
}

impl Call {
    /// Asks for a lead unit of a target.
    ///
    /// # Errors
    /// Refused: a target that the viewer does not see, whatever the guard refuses, a unit that is not one of the viewer's,
    /// a day that is not allowed, no reason, or files that are not the unit's waiting ones on the target.
    pub async fn ask_office(
        &self,
        input: AskOffice,
        once: Option<&Once>,
    ) -> Result<Seen<target_request::Model>> {
        let user = self.admitted()?.account.id;
        let write = match self.begin(once).await? {
            Begun::Fresh(write) => write,
            Begun::Again(id) => return self.again(&id).await,
        };
        let target = self.locked_target(&write, input.target).await?;
        let action = input.what.action();
        let facts = ask_facts(write.db(), &[&target]).await?.pop();
        let facts = facts.ok_or_else(|| Fault::new("a target without facts"))?;
        facts
            .permit(self.asking()?, action)
            .map_err(|reason| reason.at(TARGET))?;
        let unit = lead_unit(&facts.target, &self.reach().managed, input.unit)?;
        let (kind, text, new_due_on) = match &input.what {
            Asked::Extension { new_due_on, reason } => {
                let reason = text("reason", reason, LONGEST_TEXT, true)?;
                new_due_date(&facts.target, *new_due_on).map_err(|reason| reason.at("newDueOn"))?;
                (RequestKind::Extension, reason, Some(*new_due_on))
            }
            Asked::Closure { summary, .. } => {
                let summary = text("summary", summary, LONGEST_TEXT, true)?;
                (RequestKind::Closure, summary, None)
            }
        };
        let request = target_request::Entity::insert(target_request::ActiveModel {
            id: NotSet,
            plan_id: Set(target.plan_id),
            target_id: Set(target.id),
            unit_id: Set(unit),
            kind: Set(kind),
            status: Set(RequestStatus::Pending),
            text: Set(text),
            old_due_on: Set(new_due_on.map(|_| target.due_on)),
            new_due_on: Set(new_due_on),
            requested_at: Set(self.now()),
            requested_by_id: Set(user),
            comment: Set(None),
            decided_at: Set(None),
            decided_by_id: Set(None),
            reopened_at: Set(None),
            reopened_by_id: Set(None),
            reopen_reason: Set(None),
        })
        .exec_with_returning(write.db())
        .await?;
        let mut changes = json!({ "kind": kind, "unitId": unit, "dueOn": new_due_on.map(|new| [target.due_on, new]), "text": request.text });
        if let Asked::Closure { attachments, .. } = &input.what
            && !attachments.is_empty()
        {
            let spot = Spot {
                target: target.id,
                unit,
            };
            let owner = Owner::Request(request.id);
            changes["attachments"] = json!(self.attach(&write, spot, owner, attachments).await?);
        }
        let entry = Entry::of(&request, action, EventType::RequestMade, changes);
        write.commit_with(json!(request.id), [entry]).await?;
        Ok(Seen(request))
    }

    /// Grants or refuses a request, or takes it back. Granted, it changes its target at once: an extension puts the due
    /// date off and keeps the first one, a closure closes.
    ///
    /// # Errors
    /// Refused: a request that the viewer does not see, whatever the guard refuses, or a refusal without a comment.
    pub async fn settle_request(
        &self,
        action: Action,
        id: Option<TargetRequestId>,
        comment: Option<&str>,
        once: Option<&Once>,
    ) -> Result<Seen<target_request::Model>> {
        let user = self.admitted()?.account.id;
        let mut write = match self.begin(once).await? {
            Begun::Fresh(write) => write,
            Begun::Again(id) => return self.again(&id).await,
        };
        let not_found = || Reason::NotFound.at(REQUEST);
        let id = id.ok_or_else(not_found)?;
        let find =
            || Scoped::<target_request::Entity>::new(self).and(target_request::Column::Id.eq(id));
        // The target's lock orders all acts on its requests: what is read after it is what there is.
        let target = self
            .lock_target_of(
                &write,
                target_request::Column::TargetId,
                target_request::Column::Id.eq(id),
            )
            .await?
            .ok_or_else(not_found)?;
        let mut request = find().one(write.db()).await?.ok_or_else(not_found)?;
        for facts in request_facts(write.db(), &[&request]).await? {
            facts
                .permit(self.asking()?, action)
                .map_err(|reason| reason.at(REQUEST))?;
        }
        let comment = said(comment, action == Action::RejectRequest)?;
        let before = request.status;
        request.0.status =
            leads_to(action).ok_or_else(|| Fault::new("an act that settles no request"))?;
        request.0.comment = comment;
        request.0.decided_at = Some(self.now());
        request.0.decided_by_id = Some(user);
        target_request::Entity::update(request.0.clone().into_active_model().reset_all())
            .exec(write.db())
            .await?;
        let mut changes = json!({ "status": [before, request.status], "comment": request.comment });
        if action == Action::ApproveRequest {
            let (event, of_target) = self.grant(&write, &target, &request).await?;
            changes["target"] = of_target;
            standing::recompute(&mut write, &[target.id], self.now()).await?;
            write.tell(target_told(&target, event));
        }
        let event = match action {
            Action::ApproveRequest => EventType::RequestApproved,
            Action::RejectRequest => EventType::RequestRejected,
            _ => EventType::RequestWithdrawn,
        };
        let entry = Entry::of(&*request, action, event, changes);
        write.commit_with(json!(request.id), [entry]).await?;
        Ok(request)
    }

    /// Changes the target as the request asks.
    async fn grant(
        &self,
        write: &Write,
        target: &target::Model,
        request: &target_request::Model,
    ) -> Result<(EventType, Value)> {
        let mut change = changed(target, self.now());
        let (event, told) = match request.new_due_on {
            Some(new_due_on) => {
                let original = target.original_due_on.unwrap_or(target.due_on);
                change.due_on = Set(new_due_on);
                change.original_due_on = Set(Some(original));
                (
                    EventType::TargetExtended,
                    json!({ "dueOn": [target.due_on, new_due_on], "originalDueOn": original }),
                )
            }
            None => {
                change.closed_at = Set(Some(self.now()));
                (
                    EventType::TargetClosed,
                    json!({ "closedAt": [null, self.now()] }),
                )
            }
        };
        target::Entity::update(change).exec(write.db()).await?;
        if event == EventType::TargetClosed {
            self.begin_pause(write, target.id).await?;
        }
        Ok((event, told))
    }
}

/// The lead unit for which somebody acts: the one that is given, or the only one there is for them.
pub(super) fn lead_unit(
    target: &TargetFacts,
    units: &[UnitId],
    given: Option<Option<UnitId>>,
) -> Result<UnitId> {
    let mut own = target.leads_of(units);
    if let Some(given) = given {
        let part = own.find(|part| Some(part.unit) == given);
        return Ok(part
            .ok_or_else(|| Reason::NotManagerOfLeadUnit.at("unitId"))?
            .unit);
    }
    match (own.next(), own.next()) {
        (Some(part), None) => Ok(part.unit),
        (Some(_), Some(_)) => Err(Reason::WhichUnit.at("unitId").into()),
        (None, _) => Err(Reason::NotOfLead.at(TARGET).into()),
    }
}

/// A comment, which some acts need.
pub(super) fn said(comment: Option<&str>, needed: bool) -> Result<Option<String>> {
    match comment {
        Some(comment) => {
            let comment = text("comment", comment, LONGEST_COMMENT, needed)?;
            Ok((!comment.is_empty()).then_some(comment))
        }
        None if needed => Err(Reason::Blank.at("comment").into()),
        None => Ok(None),
    }
}
