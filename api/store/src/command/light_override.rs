//! Set the light of a target by hand, or leave it to the rules again.

use chrono::NaiveDate;
use domain::{Action, Guarded, Reason, light::LightFacts};
use entity::{
    ids::TargetId,
    kinds::{Light, PlanStatus},
    plan, target,
};
use sea_orm::{ColumnTrait, EntityTrait, QuerySelect, Set, Unchanged};
use serde_json::{Value, json};

use super::text;
use crate::{
    Call, Fault, Once, Result, Seen,
    scoped::Scoped,
    standing::changed_standing,
    write::{Begun, Entry, Write},
};

const TARGET: &str = "targetId";

/// A light that is set by hand.
#[derive(Clone, Debug)]
pub struct SetLight {
    /// Of which target; none when the ID is none.
    pub target: Option<TargetId>,
    /// The colour.
    pub light: Light,
    /// The last day on which it holds.
    pub until: NaiveDate,
    /// Why, at most 500 characters.
    pub reason: String,
}

impl Call {
    /// Sets the light of a target by hand, until a day, with a reason.
    ///
    /// # Errors
    /// Refused: a target that the viewer does not see or is not the office of, a day in the past, or no reason.
    pub async fn set_light(
        &self,
        input: SetLight,
        once: Option<&Once>,
    ) -> Result<Seen<target::Model>> {
        let (write, target) = match self.light_of(input.target, Action::SetLight, once).await? {
            Found::Fresh(write, target) => (write, target),
            Found::Again(target) => return Ok(target),
        };
        if input.until < self.today() {
            return Err(Reason::InThePast.at("until").into());
        }
        let reason = text("reason", &input.reason, 500, true)?;
        let set = Some((input.light, input.until, reason));
        self.override_light(write, target, Action::SetLight, set)
            .await
    }

    /// Leaves the light of a target to the rules again.
    ///
    /// # Errors
    /// Refused: a target that the viewer does not see or is not the office of, or whose light is not set by hand.
    pub async fn clear_light(
        &self,
        target: Option<TargetId>,
        once: Option<&Once>,
    ) -> Result<Seen<target::Model>> {
        let (write, target) = match self.light_of(target, Action::ClearLight, once).await? {
            Found::Fresh(write, target) => (write, target),
            Found::Again(target) => return Ok(target),
        };
        self.override_light(write, target, Action::ClearLight, None)
            .await
    }

    /// What the acts on the light of seen targets depend on, in their order.
    ///
    /// # Errors
    /// The database failed.
    pub async fn light_facts(&self, targets: &[Seen<target::Model>]) -> Result<Vec<LightFacts>> {
        let plans: Vec<_> = targets.iter().map(|target| target.plan_id).collect();
        let plans = self.plans_by_id(&plans).await?;
        Ok(targets
            .iter()
            .map(|target| LightFacts {
                plan: target.plan_id,
                plan_status: plans
                    .iter()
                    .find(|plan| plan.id == target.plan_id)
                    .map_or(PlanStatus::Draft, |plan| plan.status),
                overridden: target.light_override.is_some(),
            })
            .collect())
    }

    /// The target of an act on its light, locked, its guard passed.
    async fn light_of(
        &self,
        id: Option<TargetId>,
        action: Action,
        once: Option<&Once>,
    ) -> Result<Found> {
        let not_found = || Reason::NotFound.at(TARGET);
        let (write, id) = match self.begin(once).await? {
            Begun::Fresh(write) => (Some(write), id),
            Begun::Again(id) => (None, id.as_i64().map(TargetId)),
        };
        let id = id.ok_or_else(not_found)?;
        let Some(write) = write else {
            let found = self.targets_by_id(&[id]).await?.pop();
            return Ok(Found::Again(found.ok_or_else(not_found)?));
        };
        let target = Scoped::<target::Entity>::new(self)
            .and(target::Column::Id.eq(id))
            .locked()
            .one(write.db())
            .await?
            .ok_or_else(not_found)?;
        let status: Option<PlanStatus> = plan::Entity::find_by_id(target.plan_id)
            .select_only()
            .column(plan::Column::Status)
            .into_tuple()
            .one(write.db())
            .await?;
        let facts = LightFacts {
            plan: target.plan_id,
            plan_status: status.ok_or_else(|| Fault::new("a target without a plan"))?,
            overridden: target.light_override.is_some(),
        };
        facts
            .permit(self.asking()?, action)
            .map_err(|reason| reason.at(TARGET))?;
        Ok(Found::Fresh(write, target))
    }

    async fn override_light(
        &self,
        mut write: Write,
        mut target: Seen<target::Model>,
        action: Action,
        set: Option<(Light, NaiveDate, String)>,
    ) -> Result<Seen<target::Model>> {
        let before = json!([target.light_override, target.light_override_until]);
        let (light, until, reason) = match set {
            Some((light, until, reason)) => (Some(light), Some(until), Some(reason)),
            None => (None, None, None),
        };
        let changed = target::ActiveModel {
            id: Unchanged(target.id),
            light_override: Set(light),
            light_override_until: Set(until),
            light_override_reason: Set(reason),
            version: Set(target.version + 1),
            updated_at: Set(self.now()),
            ..Default::default()
        };
        target.0 = target::Entity::update(changed).exec(write.db()).await?;
        write.tell(changed_standing(&target));
        let after = json!([target.light_override, target.light_override_until]);
        let entry = Entry {
            act: action.into(),
            object: "Target",
            id: Some(target.id.0),
            changes: json!({ "lightOverride": [before, after], "reason": target.light_override_reason }),
            event: None,
        };
        write.commit_with(Value::from(target.id.0), [entry]).await?;
        Ok(target)
    }
}

enum Found {
    Fresh(Write, Seen<target::Model>),
    Again(Seen<target::Model>),
}
