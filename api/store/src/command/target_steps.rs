//! What the supervision office does to a target by itself: suspends it, takes it up again, cancels it, opens it again.

use domain::{Action, Guarded, action::LONGEST_REASON};
use entity::{
    ids::TargetId,
    kinds::{EventType, RequestKind, RequestStatus},
    pause, target, target_request,
};
use sea_orm::{
    ActiveValue::NotSet, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, Set, sea_query::Expr,
};
use serde_json::json;

use crate::{
    Call, Fault, Once, Result, Seen,
    read::requests::ask_facts,
    standing,
    write::{Begun, Entry, Write},
};

use super::{
    merging::catch_up,
    on_target::{changed, target_row, target_told},
    text,
    units::lock_register,
};

impl Call {
    /// Suspends a target, takes a suspended one up again, cancels one, or opens a closed or cancelled one again; with a reason. What
    /// is open again goes on under the units into which its own were merged meanwhile.
    ///
    /// # Errors
    /// Refused: a target that the viewer does not see, whatever the guard refuses, or no reason.
    pub async fn step_target(
        &self,
        action: Action,
        id: Option<TargetId>,
        reason: &str,
        once: Option<&Once>,
    ) -> Result<Seen<target::Model>> {
        let mut write = match self.begin(once).await? {
            Begun::Fresh(write) => write,
            Begun::Again(id) => return self.again(&id).await,
        };
        if action == Action::ReopenTarget {
            // Who may not do it locks nothing. No unit is merged from now on, and its lock comes before the target's.
            let target = self.target_of(&write, id).await?;
            self.permit_step(&write, &target, action).await?;
            lock_register(&write).await?;
        }
        let target = self.locked_target(&write, id).await?;
        self.permit_step(&write, &target, action).await?;
        let reason = text("reason", reason, LONGEST_REASON, true)?;
        let mut change = changed(&target, self.now());
        let event = match action {
            Action::SuspendTarget => {
                change.suspended_reason = Set(Some(reason.clone()));
                self.begin_pause(&write, target.id).await?;
                EventType::TargetSuspended
            }
            Action::ResumeTarget => {
                change.suspended_reason = Set(None);
                self.end_pause(&write, target.id).await?;
                EventType::TargetResumed
            }
            Action::CancelTarget => {
                if target.suspended_reason.is_none() {
                    self.begin_pause(&write, target.id).await?;
                }
                change.suspended_reason = Set(Some(reason.clone()));
                change.cancelled_at = Set(Some(self.now()));
                EventType::TargetCancelled
            }
            Action::ReopenTarget => {
                if target.cancelled_at.is_some() {
                    change.suspended_reason = Set(None);
                    change.cancelled_at = Set(None);
                }
                change.closed_at = Set(None);
                self.end_pause(&write, target.id).await?;
                self.remember_reopening(&write, target.id, &reason).await?;
                EventType::TargetReopened
            }
            _ => return Err(Fault::new("an act that is no step of a target").into()),
        };
        target::Entity::update(change).exec(write.db()).await?;
        let mut changes = json!({
            "reason": reason,
            "closedAt": target.closed_at,
            "suspendedReason": target.suspended_reason,
            "cancelledAt": target.cancelled_at,
        });
        let mut ended = Vec::new();
        if action == Action::ReopenTarget {
            let by = self.admitted()?.account.id;
            let moved = catch_up(&write, target.id, by, self.now()).await?;
            if moved.assignments > 0 {
                changes["merged"] = json!({
                    "assignments": moved.assignments, "reports": moved.reports,
                    "requests": moved.requests, "notices": moved.notices,
                });
            }
            ended = moved.ended;
        }
        standing::recompute(&mut write, &[target.id], self.now()).await?;
        let target = target_row(&write, target.id).await?;
        let entry = Entry {
            act: action.into(),
            object: "Target",
            id: Some(target.id.0),
            changes,
            event: Some(target_told(&target, event)),
        };
        let entries = std::iter::once(entry).chain(ended);
        write.commit_with(json!(target.id), entries).await?;
        Ok(target)
    }

    /// Whether the viewer may take a step of a target that they see.
    async fn permit_step(
        &self,
        write: &Write,
        target: &target::Model,
        action: Action,
    ) -> Result<()> {
        for facts in ask_facts(write.db(), &[target]).await? {
            facts
                .permit(self.asking()?, action)
                .map_err(|reason| reason.at("targetId"))?;
        }
        Ok(())
    }

    /// From now on nothing comes due on the target, which is locked.
    pub(super) async fn begin_pause(&self, write: &Write, target: TargetId) -> Result<()> {
        let row = pause::ActiveModel {
            id: NotSet,
            target_id: Set(target),
            begun_at: Set(self.now()),
            ended_at: Set(None),
        };
        pause::Entity::insert(row)
            .exec_without_returning(write.db())
            .await?;
        Ok(())
    }

    async fn end_pause(&self, write: &Write, target: TargetId) -> Result<()> {
        pause::Entity::update_many()
            .col_expr(pause::Column::EndedAt, Expr::value(self.now()))
            .filter(pause::Column::TargetId.eq(target))
            .filter(pause::Column::EndedAt.is_null())
            .exec(write.db())
            .await?;
        Ok(())
    }

    /// Keeps with the request by which a target was closed that it was opened again, and why: its lead units read it there.
    async fn remember_reopening(
        &self,
        write: &Write,
        target: TargetId,
        reason: &str,
    ) -> Result<()> {
        let user = self.admitted()?.account.id;
        let closure = target_request::Entity::find()
            .filter(target_request::Column::TargetId.eq(target))
            .filter(target_request::Column::Kind.eq(RequestKind::Closure))
            .filter(target_request::Column::Status.eq(RequestStatus::Approved))
            .filter(target_request::Column::ReopenedAt.is_null())
            .order_by_desc(target_request::Column::Id)
            .one(write.db())
            .await?;
        if let Some(closure) = closure {
            target_request::Entity::update_many()
                .col_expr(target_request::Column::ReopenedAt, Expr::value(self.now()))
                .col_expr(target_request::Column::ReopenedById, Expr::value(user))
                .col_expr(target_request::Column::ReopenReason, Expr::value(reason))
                .filter(target_request::Column::Id.eq(closure.id))
                .exec(write.db())
                .await?;
        }
        Ok(())
    }
}
