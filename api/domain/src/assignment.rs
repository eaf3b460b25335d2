//! Acknowledging an assignment (签收), the first step of the loop (domain.md §1, §4), or disputing it (退回, §8).
//!
//! To acknowledge is to accept: what was acknowledged is not disputed any more, and what is disputed is acknowledged
//! once the office has decided, or the unit has taken its dispute back.

use chrono::NaiveDate;
use entity::ids::UnitId;

use crate::{Action, Asking, Guarded, Reason, plan::kept_up, target::TargetFacts};

/// Working days in which a unit acknowledges, when the plan's rules do not say (domain.md §8: two or three).
pub const ACKNOWLEDGE_DAYS: i32 = 3;

/// As many as the rules of a plan may give it.
pub const ACKNOWLEDGE_DAYS_AT_MOST: i32 = 30;

/// What the acts on an assignment depend on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AssignmentFacts {
    /// The target.
    pub target: TargetFacts,
    /// The unit that is assigned.
    pub unit: UnitId,
    /// It was acknowledged.
    pub acknowledged: bool,
    /// A dispute of it is open.
    pub disputed: bool,
}

impl AssignmentFacts {
    /// Whether it is late (逾期未签收): the last day for it has passed, and the unit could acknowledge. While the office looks at a
    /// dispute it cannot, and in a plan that is over, or of a target that is, nothing is asked of it any more.
    pub fn acknowledgement_overdue(&self, by: Option<NaiveDate>, today: NaiveDate) -> bool {
        let target = &self.target;
        let asked = !self.acknowledged && !self.disputed;
        let runs = target.in_force().is_ok() && target.not_closed().is_ok();
        asked && runs && by.is_some_and(|by| by < today)
    }
}

/// A manager of the unit, or of the unit that acts for it, acknowledges; again, too, which changes nothing. Or objects,
/// once at a time.
impl Guarded for AssignmentFacts {
    const ACTIONS: &'static [Action] = &[Action::AcknowledgeAssignment, Action::DisputeAssignment];

    fn permit(&self, asking: Asking<'_>, action: Action) -> Result<(), Reason> {
        let target = &self.target;
        if !target.is_of(self.unit, &asking.reach.managed) {
            return Err(Reason::NotManagerOfUnit);
        }
        kept_up(target.plan_status)?;
        if action == Action::DisputeAssignment {
            target.in_force()?;
            target.not_closed()?;
            if self.acknowledged {
                return Err(Reason::Acknowledged);
            }
        }
        if self.disputed {
            return Err(Reason::Disputed);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::target::tests::{allowed, facts, manager, office, reporter};

    const TODAY: &str = "2022-03-15";

    #[test]
    fn a_manager_of_the_unit_objects_before_acknowledging_and_once_at_a_time() {
        let assignment = |acknowledged, disputed| AssignmentFacts {
            target: facts(),
            unit: UnitId(1),
            acknowledged,
            disputed,
        };
        for (reach, may) in [
            (manager(1), true),
            (manager(2), true),
            (manager(3), false),
            (manager(5), false),
            (reporter(1), false),
            (office(1), false),
        ] {
            let found = allowed(&assignment(false, false), &reach, TODAY);
            let both: &[&str] = &["ACKNOWLEDGE_ASSIGNMENT", "DISPUTE_ASSIGNMENT"];
            assert_eq!(found, if may { both } else { &[] }, "{reach:?}");
            let accepted = allowed(&assignment(true, false), &reach, TODAY);
            assert_eq!(accepted, if may { &both[..1] } else { &[] }, "{reach:?}");
            assert!(allowed(&assignment(false, true), &reach, TODAY).is_empty());
        }
        let closed = AssignmentFacts {
            target: TargetFacts {
                closed: true,
                ..facts()
            },
            ..assignment(false, false)
        };
        assert_eq!(
            allowed(&closed, &manager(1), TODAY),
            ["ACKNOWLEDGE_ASSIGNMENT"]
        );
    }
}
