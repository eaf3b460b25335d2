//! What the supervision office does with a plan as a whole: publishes it, archives it, or discards its draft.

use std::convert::identity;

use domain::{
    Action, Guarded, Reason,
    plan::{LONGEST_AMENDMENT, PlanFacts},
};
use entity::{
    ids::{PlanId, TargetId},
    kinds::{Audience, EventType, PlanStatus},
    plan, role_grant, target,
};
use sea_orm::{
    ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Set, Unchanged,
};
use serde_json::json;

use super::{text, units::lock_register};
use crate::{
    Call, Fault, Once, Result, Seen, listed,
    scoped::Scoped,
    search, standing,
    write::{Begun, Entry, Told, Write},
};

impl Call {
    /// Publishes a draft, or archives a plan in force.
    ///
    /// # Errors
    /// Refused: a plan that the viewer does not see, or whatever the guard refuses.
    pub async fn step_plan(
        &self,
        action: Action,
        plan: Option<PlanId>,
        once: Option<&Once>,
    ) -> Result<Seen<plan::Model>> {
        let mut write = match self.begin(once).await? {
            Begun::Fresh(write) => write,
            Begun::Again(id) => return self.again(&id).await,
        };
        if action == Action::PublishPlan {
            // Who may not do it locks nothing.
            self.plan_for(&write, plan, action, identity).await?;
            // Units are not merged meanwhile: those that it names come into the directory.
            lock_register(&write).await?;
        }
        let plan = self.plan_to_change(&write, plan, action).await?;
        let (status, event) = match action {
            Action::PublishPlan => (PlanStatus::Published, EventType::PlanPublished),
            Action::ArchivePlan => (PlanStatus::Archived, EventType::PlanArchived),
            _ => return Err(Fault::new("an act that is no step of a plan").into()),
        };
        // The plan is locked: whoever wrote into the draft meanwhile did so before this moment.
        let now = write.stamp();
        let mut change = plan::ActiveModel {
            id: Unchanged(plan.id),
            status: Set(status),
            updated_at: Set(now),
            ..Default::default()
        };
        if status == PlanStatus::Published {
            change.published_at = Set(Some(now));
            listed::list_plan(write.db(), plan.id).await?;
            self.store()
                .ask_to_acknowledge(write.db(), plan.id, now)
                .await?;
            standing::recompute_plan(&mut write, plan.id, now).await?;
            // Whoever hears of the plan hears of it as a whole.
            write.untell();
        }
        plan::Entity::update(change).exec(write.db()).await?;
        let after = plan_row(&write, plan.id).await?;
        let entry = Entry {
            act: action.into(),
            object: "Plan",
            id: Some(plan.id.0),
            changes: json!({ "status": [plan.status, status], "year": plan.year }),
            event: Some(plan_told(plan.id, event)),
        };
        write.commit_with(json!(plan.id), [entry]).await?;
        Ok(after)
    }

    /// Discards a draft with all that is in it; answers its year, which another document may take. What it was is told to the
    /// audit log alone: nobody but its office has seen it. The grants that name it go with it, for they would reach nothing.
    ///
    /// # Errors
    /// Refused: a plan that the viewer does not see, whatever the guard refuses, or no reason.
    pub async fn discard_plan(
        &self,
        plan: Option<PlanId>,
        reason: &str,
        once: Option<&Once>,
    ) -> Result<i32> {
        let write = match self.begin(once).await? {
            Begun::Fresh(write) => write,
            Begun::Again(year) => {
                let year = year.as_i64().and_then(|year| year.try_into().ok());
                return Ok(year.ok_or_else(|| Fault::new("a discarded plan without a year"))?);
            }
        };
        let action = Action::DiscardPlan;
        let plan = self.plan_to_change(&write, plan, action).await?;
        let reason = text("reason", reason, LONGEST_AMENDMENT, true)?;
        let targets: Vec<TargetId> = target::Entity::find()
            .select_only()
            .column(target::Column::Id)
            .filter(target::Column::PlanId.eq(plan.id))
            .into_tuple()
            .all(write.db())
            .await?;
        search::forget(write.db(), &targets).await?;
        let grants = role_grant::Entity::find()
            .filter(role_grant::Column::PlanId.eq(plan.id))
            .order_by_asc(role_grant::Column::Id)
            // Told as they are: whoever decides on one or revokes it comes before or after.
            .lock_exclusive()
            .all(write.db())
            .await?;
        role_grant::Entity::delete_many()
            .filter(role_grant::Column::PlanId.eq(plan.id))
            .exec(write.db())
            .await?;
        // The rest goes with its row: outline, targets and what belongs to them, periods, rules, events.
        plan::Entity::delete_by_id(plan.id).exec(write.db()).await?;
        let whole = Entry {
            act: action.into(),
            object: "Plan",
            id: Some(plan.id.0),
            changes: json!({
                "year": plan.year, "title": plan.title, "documentNumber": plan.document_number, "sha256": plan.source_digest,
                "targets": targets.len(), "reason": reason,
            }),
            event: None,
        };
        let ended = grants.into_iter().map(|grant| Entry {
            act: action.into(),
            object: "RoleGrant",
            id: Some(grant.id.0),
            changes: json!({ "userId": grant.user_id, "role": grant.role, "status": grant.status, "validUntil": grant.valid_until }),
            event: None,
        });
        let entries = std::iter::once(whole).chain(ended);
        write.commit_with(json!(plan.year), entries).await?;
        Ok(plan.year)
    }

    /// The plan of an act that changes it, within the viewer's sight, locked, when its guard permits the act.
    pub(super) async fn plan_to_change(
        &self,
        write: &Write,
        plan: Option<PlanId>,
        action: Action,
    ) -> Result<Seen<plan::Model>> {
        // Who grants for a plan, or writes into it, has it to themselves until then, or finds it gone.
        let lock = match action {
            Action::DiscardPlan => Scoped::locked_whole,
            _ => Scoped::locked,
        };
        self.plan_for(write, plan, action, lock).await
    }

    /// The plan of an act, within the viewer's sight, when its guard permits the act: locked in this way.
    pub(super) async fn plan_for(
        &self,
        write: &Write,
        plan: Option<PlanId>,
        action: Action,
        lock: fn(Scoped<plan::Entity>) -> Scoped<plan::Entity>,
    ) -> Result<Seen<plan::Model>> {
        const PLAN: &str = "planId";
        let not_found = || Reason::NotFound.at(PLAN);
        let plan =
            Scoped::<plan::Entity>::new(self).and(plan::Column::Id.eq(plan.ok_or_else(not_found)?));
        let plan = lock(plan).one(write.db()).await?.ok_or_else(not_found)?;
        let targets = target::Entity::find().filter(target::Column::PlanId.eq(plan.id));
        let facts = PlanFacts {
            plan: plan.id,
            status: plan.status,
            empty: targets.count(write.db()).await? == 0,
        };
        facts
            .permit(self.asking()?, action)
            .map_err(|reason| reason.at(PLAN))?;
        Ok(plan)
    }
}

/// A plan as it is in the transaction.
pub(super) async fn plan_row(write: &Write, plan: PlanId) -> Result<Seen<plan::Model>> {
    let found = plan::Entity::find_by_id(plan).one(write.db()).await?;
    Ok(Seen(found.ok_or_else(|| {
        Fault::new("a plan that is gone while it is locked")
    })?))
}

/// What everybody hears who sees the plan: of a draft, its supervision office alone.
pub(super) fn plan_told(plan: PlanId, kind: EventType) -> Told {
    Told {
        kind,
        plan,
        target: None,
        unit: None,
        audience: Audience::Plan,
        about: Some(("Plan", plan.0)),
    }
}
