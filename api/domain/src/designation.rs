//! Designating units where the document names none yet (domain.md §3).

use entity::designation;

use crate::{Reach, Reason};

/// Who may designate, and when: the supervision office of the plan, once.
///
/// # Errors
/// [`Reason::NotSupervisor`] for everybody else who sees the designation, [`Reason::AlreadyResolved`] the second time.
pub fn designate(reach: &Reach, designation: &designation::Model) -> Result<(), Reason> {
    if !reach.supervised.contains(designation.plan_id) {
        Err(Reason::NotSupervisor)
    } else if designation.resolved_at.is_some() {
        Err(Reason::AlreadyResolved)
    } else {
        Ok(())
    }
}
