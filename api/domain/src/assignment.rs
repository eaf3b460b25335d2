//! Acknowledging an assignment (签收): the first step of the loop (domain.md §1, §4).

use entity::assignment;

use crate::{Reach, Reason};

/// Who may acknowledge: a manager of the unit, or of the unit that acts for it.
///
/// # Errors
/// [`Reason::NotManagerOfUnit`] for everybody else who sees the assignment.
pub fn acknowledge(reach: &Reach, assignment: &assignment::Model) -> Result<(), Reason> {
    let managed = |unit| reach.managed.contains(&unit);
    if managed(assignment.unit_id) || assignment.acting_unit_id.is_some_and(managed) {
        Ok(())
    } else {
        Err(Reason::NotManagerOfUnit)
    }
}
