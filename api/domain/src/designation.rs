//! Designating units where the document names none yet (domain.md §3).

use entity::{ids::PlanId, kinds::PlanStatus};

use crate::{Action, Asking, Guarded, Reason, plan::kept_up};

/// What designating units depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DesignationFacts {
    /// The plan.
    pub plan: PlanId,
    /// The state of the plan.
    pub plan_status: PlanStatus,
    /// Units have been designated.
    pub resolved: bool,
}

/// The supervision office of the plan designates, once.
impl Guarded for DesignationFacts {
    const ACTIONS: &'static [Action] = &[Action::DesignateUnits];

    fn permit(&self, asking: Asking<'_>, _: Action) -> Result<(), Reason> {
        if !asking.reach.supervised.contains(self.plan) {
            return Err(Reason::NotSupervisor);
        }
        kept_up(self.plan_status)?;
        if self.resolved {
            Err(Reason::AlreadyResolved)
        } else {
            Ok(())
        }
    }
}
