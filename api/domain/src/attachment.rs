//! Evidence files (佐证材料): who may upload one, and how many there may be. What a file must be is `file`'s.

use chrono::TimeDelta;
use entity::{ids::UnitId, kinds::PlanStatus};

use crate::{Reach, Reason, plan::in_force};

/// The most files of a report, or of a request.
pub const MOST: usize = 10;
/// The most files that one user may have uploaded and not attached.
pub const MOST_WAITING: usize = 50;
/// How long a file may wait to be attached, and how long one without a row is left alone.
pub const WAITING_LIFE: TimeDelta = TimeDelta::days(1);

/// For whom a file is uploaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The state of the target's plan.
    pub plan_status: PlanStatus,
    /// The unit.
    pub unit: UnitId,
    /// The unit that acts for it on this target.
    pub acting_unit: Option<UnitId>,
}

impl Place {
    /// Whether somebody who sees the target may upload a file: whoever works for the unit, or for the unit acting for it,
    /// while the plan is in force.
    ///
    /// # Errors
    /// [`Reason::NotOfUnit`] or [`Reason::PlanNotPublished`].
    pub fn permit(self, reach: &Reach) -> Result<(), Reason> {
        let works = reach.units.contains(&self.unit)
            || self
                .acting_unit
                .is_some_and(|unit| reach.units.contains(&unit));
        if !works {
            Err(Reason::NotOfUnit)
        } else if let Err(reason) = in_force(self.plan_status) {
            Err(reason)
        } else {
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_works_for_the_unit_uploads_while_the_plan_is_in_force() {
        use PlanStatus::{Archived, Draft, Published};
        for (units, status, expected) in [
            (vec![1], Published, Ok(())),
            (vec![2], Published, Ok(())),
            (vec![3], Published, Err(Reason::NotOfUnit)),
            (vec![], Published, Err(Reason::NotOfUnit)),
            (vec![1], Draft, Err(Reason::PlanNotPublished)),
            (vec![2], Archived, Err(Reason::PlanArchived)),
            (vec![3], Archived, Err(Reason::NotOfUnit)),
        ] {
            let reach = Reach {
                units: units.iter().copied().map(UnitId).collect(),
                ..Reach::nothing()
            };
            let place = Place {
                plan_status: status,
                unit: UnitId(1),
                acting_unit: Some(UnitId(2)),
            };
            assert_eq!(place.permit(&reach), expected, "{units:?} {status:?}");
        }
    }
}
