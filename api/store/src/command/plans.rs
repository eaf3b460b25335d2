//! What the supervision office does with a plan as a whole: publishes and archives it.

use domain::{Action, Guarded, Reason, plan::PlanFacts};
use entity::{
    ids::PlanId,
    kinds::{Audience, EventType, PlanStatus},
    plan, target,
};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, Set, Unchanged};
use serde_json::json;

use crate::{
    Call, Fault, Once, Result, Seen,
    scoped::Scoped,
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
            Begun::Again(id) => return self.plan_again(&id).await,
        };
        let plan = self.plan_to_change(&write, plan, action).await?;
        let (status, event) = match action {
            Action::PublishPlan => (PlanStatus::Published, EventType::PlanPublished),
            Action::ArchivePlan => (PlanStatus::Archived, EventType::PlanArchived),
            _ => return Err(Fault::new("an act that is no step of a plan").into()),
        };
        let mut change = plan::ActiveModel {
            id: Unchanged(plan.id),
            status: Set(status),
            updated_at: Set(self.now()),
            ..Default::default()
        };
        if status == PlanStatus::Published {
            change.published_at = Set(Some(self.now()));
            self.store()
                .ask_to_acknowledge(write.db(), plan.id, self.now())
                .await?;
            crate::standing::recompute_plan(&mut write, plan.id, self.now()).await?;
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

    /// The plan of an act that changes it, within the viewer's sight, locked, when its guard permits the act.
    pub(super) async fn plan_to_change(
        &self,
        write: &Write,
        plan: Option<PlanId>,
        action: Action,
    ) -> Result<Seen<plan::Model>> {
        const PLAN: &str = "planId";
        let not_found = || Reason::NotFound.at(PLAN);
        let plan = Scoped::<plan::Entity>::new(self)
            .and(plan::Column::Id.eq(plan.ok_or_else(not_found)?))
            .locked()
            .one(write.db())
            .await?
            .ok_or_else(not_found)?;
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

    /// What a plan is now on which a mutation acted that came again.
    pub(super) async fn plan_again(&self, id: &serde_json::Value) -> Result<Seen<plan::Model>> {
        let id = PlanId(id.as_i64().unwrap_or_default());
        let found = self.plans_by_id(&[id]).await?.pop();
        Ok(found.ok_or_else(|| Reason::NotFound.whole())?)
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
