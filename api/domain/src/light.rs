//! Setting a target's light by hand (人工调灯, domain.md §6): the supervision office's, with a reason and an end.

use entity::{ids::PlanId, kinds::PlanStatus};

use crate::{
    Reason,
    action::{Action, Asking, Guarded},
};

/// What the acts on a target's light depend on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LightFacts {
    /// The plan.
    pub plan: PlanId,
    /// The state of the plan.
    pub plan_status: PlanStatus,
    /// The light is set by hand, though its time may have run out.
    pub overridden: bool,
}

impl Guarded for LightFacts {
    const ACTIONS: &'static [Action] = &[Action::SetLight, Action::ClearLight];

    fn permit(&self, asking: Asking<'_>, action: Action) -> Result<(), Reason> {
        if !asking.reach.supervised.contains(self.plan) {
            Err(Reason::NotSupervisor)
        } else if self.plan_status != PlanStatus::Published {
            Err(Reason::PlanNotPublished)
        } else if action == Action::ClearLight && !self.overridden {
            Err(Reason::LightNotSet)
        } else {
            Ok(())
        }
    }
}
