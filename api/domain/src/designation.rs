//! Designating units where the document names none yet (domain.md §3).

use entity::designation;

use crate::{Action, Asking, Guarded, Reason};

/// The supervision office of the plan designates, once.
impl Guarded for designation::Model {
    const ACTIONS: &'static [Action] = &[Action::DesignateUnits];

    fn permit(&self, asking: Asking<'_>, _: Action) -> Result<(), Reason> {
        if !asking.reach.supervised.contains(self.plan_id) {
            Err(Reason::NotSupervisor)
        } else if self.resolved_at.is_some() {
            Err(Reason::AlreadyResolved)
        } else {
            Ok(())
        }
    }
}
