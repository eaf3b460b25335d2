//! Acknowledging an assignment (签收): the first step of the loop (domain.md §1, §4).

use entity::assignment;

use crate::{Action, Asking, Guarded, Reason};

/// A manager of the unit, or of the unit that acts for it, acknowledges; again, too, which changes nothing.
impl Guarded for assignment::Model {
    const ACTIONS: &'static [Action] = &[Action::AcknowledgeAssignment];

    fn permit(&self, asking: Asking<'_>, _: Action) -> Result<(), Reason> {
        let managed = |unit| asking.reach.managed.contains(&unit);
        if managed(self.unit_id) || self.acting_unit_id.is_some_and(managed) {
            Ok(())
        } else {
            Err(Reason::NotManagerOfUnit)
        }
    }
}
