//! Set the light of a target by hand, or leave it to the rules again.

use chrono::NaiveDate;
use domain::{
    Action, Guarded,
    action::LONGEST_REASON,
    light::{LightFacts, until},
};
use entity::{
    ids::TargetId,
    kinds::{Light, PlanStatus},
    plan, target,
};
use sea_orm::{EntityTrait, Set};
use serde_json::{Value, json};

use super::{
    on_target::{TARGET, changed},
    plan_of, text,
};
use crate::{
    Call, Once, Result, Seen,
    read::target_facts::ended,
    standing::{changed_standing, overridden},
    write::{Begun, Entry, Write},
};

/// A light that is set by hand.
#[derive(Clone, Debug)]
pub struct SetLight {
    /// Of which target; none when the ID is none.
    pub target: Option<TargetId>,
    /// The colour.
    pub light: Light,
    /// The last day on which it holds.
    pub until: NaiveDate,
    /// Why, for all who see the target; at most [`LONGEST_REASON`] characters.
    pub reason: String,
}

impl Call {
    /// Sets the light of a target by hand, until a day, with a reason.
    ///
    /// # Errors
    /// Refused: a target that the viewer does not see or is not the office of, one that is closed, a day in the past or too far away, or no
    /// reason or one that is too long.
    pub async fn set_light(
        &self,
        input: SetLight,
        once: Option<&Once>,
    ) -> Result<Seen<target::Model>> {
        let (write, target) = match self.light_of(input.target, Action::SetLight, once).await? {
            Begun::Fresh(begun) => begun,
            Begun::Again(target) => return Ok(target),
        };
        until(input.until, self.today()).map_err(|reason| reason.at("until"))?;
        let reason = text("reason", &input.reason, LONGEST_REASON, true)?;
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
            Begun::Fresh(begun) => begun,
            Begun::Again(target) => return Ok(target),
        };
        self.override_light(write, target, Action::ClearLight, None)
            .await
    }

    /// What the acts on a seen target's light depend on.
    pub fn light_facts(
        &self,
        plan: &Seen<plan::Model>,
        target: &Seen<target::Model>,
    ) -> LightFacts {
        self.facts_of_light(plan.status, target)
    }

    fn facts_of_light(&self, plan_status: PlanStatus, target: &target::Model) -> LightFacts {
        let today = self.today();
        LightFacts {
            plan: target.plan_id,
            plan_status,
            closed: ended(target),
            overridden: overridden(target).is_some_and(|set| set.holds(today)),
        }
    }

    /// The target of an act on its light, locked, its guard passed.
    async fn light_of(
        &self,
        id: Option<TargetId>,
        action: Action,
        once: Option<&Once>,
    ) -> Result<Begun<(Write, Seen<target::Model>), Seen<target::Model>>> {
        let write = match self.begin(once).await? {
            Begun::Fresh(write) => write,
            Begun::Again(id) => return Ok(Begun::Again(self.again(&id).await?)),
        };
        let target = self.locked_target(&write, id).await?;
        let plan = plan_of(&write, target.plan_id).await?;
        self.facts_of_light(plan.status, &target)
            .permit(self.asking()?, action)
            .map_err(|reason| reason.at(TARGET))?;
        Ok(Begun::Fresh((write, target)))
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
            light_override: Set(light),
            light_override_until: Set(until),
            light_override_reason: Set(reason),
            ..changed(&target, self.now())
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
