//! What the acts on a target share: its plan, its units, and whether it is closed or suspended.

use chrono::NaiveDate;
use entity::{
    ids::{PlanId, UnitId},
    kinds::{AssignmentRole, PlanStatus},
};

use crate::{Asking, Reason, plan::in_force};

/// A unit's part in a target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// The unit.
    pub unit: UnitId,
    /// The unit that acts for it on this target.
    pub acting_unit: Option<UnitId>,
    /// It leads, or cooperates.
    pub role: AssignmentRole,
}

impl Part {
    /// One of these units has the part, or acts for the unit that has it.
    pub fn is_of(&self, units: &[UnitId]) -> bool {
        units.contains(&self.unit) || self.acting_unit.is_some_and(|unit| units.contains(&unit))
    }
}

/// What the acts on a target depend on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TargetFacts {
    /// The plan.
    pub plan: PlanId,
    /// The state of the plan.
    pub plan_status: PlanStatus,
    /// The plan's year.
    pub year: i32,
    /// The target's due date.
    pub due_on: NaiveDate,
    /// It was closed (销号), or cancelled (终止).
    pub closed: bool,
    /// It is suspended.
    pub suspended: bool,
    /// Who does what.
    pub parts: Vec<Part>,
}

impl TargetFacts {
    /// The lead units' parts for which one of these units works.
    pub fn leads_of<'a>(&'a self, units: &'a [UnitId]) -> impl Iterator<Item = &'a Part> {
        let leads = self.parts.iter();
        leads.filter(move |part| part.role == AssignmentRole::Lead && part.is_of(units))
    }

    /// One of these units has this unit's part, or acts for it. A unit that has lost its part speaks for itself alone.
    pub fn is_of(&self, unit: UnitId, units: &[UnitId]) -> bool {
        match self.parts.iter().find(|part| part.unit == unit) {
            Some(part) => part.is_of(units),
            None => units.contains(&unit),
        }
    }

    /// The asker manages a lead unit, or one that acts for a lead unit.
    pub(crate) fn lead_manager(&self, asking: Asking<'_>) -> Result<(), Reason> {
        match self.leads_of(&asking.reach.managed).next() {
            Some(_) => Ok(()),
            None => Err(Reason::NotManagerOfLeadUnit),
        }
    }

    /// The asker is the plan's supervision office.
    pub(crate) fn office(&self, asking: Asking<'_>) -> Result<(), Reason> {
        if asking.reach.supervised.contains(self.plan) {
            Ok(())
        } else {
            Err(Reason::NotSupervisor)
        }
    }

    /// The plan is in force.
    pub(crate) fn in_force(&self) -> Result<(), Reason> {
        in_force(self.plan_status)
    }

    /// The target is not closed.
    pub(crate) fn not_closed(&self) -> Result<(), Reason> {
        if self.closed {
            Err(Reason::TargetClosed)
        } else {
            Ok(())
        }
    }

    /// The target is neither closed nor suspended.
    pub(crate) fn under_way(&self) -> Result<(), Reason> {
        self.not_closed()?;
        if self.suspended {
            Err(Reason::TargetSuspended)
        } else {
            Ok(())
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::{Plans, Reach, action::Guarded};
    use chrono::{DateTime, Utc};
    use entity::ids::UserId;

    /// Unit 1 leads, unit 2 acts for it, unit 3 leads with it, unit 4 cooperates.
    pub(crate) fn facts() -> TargetFacts {
        let part = |unit, acting: Option<i64>, role| Part {
            unit: UnitId(unit),
            acting_unit: acting.map(UnitId),
            role,
        };
        TargetFacts {
            plan: PlanId(1),
            plan_status: PlanStatus::Published,
            year: 2022,
            due_on: "2022-06-30".parse().unwrap(),
            closed: false,
            suspended: false,
            parts: vec![
                part(1, Some(2), AssignmentRole::Lead),
                part(3, None, AssignmentRole::Lead),
                part(4, None, AssignmentRole::Supporting),
            ],
        }
    }

    pub(crate) fn reporter(unit: i64) -> Reach {
        Reach {
            units: vec![UnitId(unit)],
            ..Reach::nothing()
        }
    }

    pub(crate) fn manager(unit: i64) -> Reach {
        Reach {
            managed: vec![UnitId(unit)],
            ..reporter(unit)
        }
    }

    pub(crate) fn office(plan: i64) -> Reach {
        Reach {
            supervised: Plans::Only(vec![PlanId(plan)]),
            ..Reach::nothing()
        }
    }

    /// Noon of a day in China.
    pub(crate) fn noon(day: &str) -> DateTime<Utc> {
        format!("{day}T04:00:00Z").parse().unwrap()
    }

    /// The acts that user 9 may take at noon of a day.
    pub(crate) fn allowed(facts: &impl Guarded, reach: &Reach, day: &str) -> Vec<&'static str> {
        let asking = Asking {
            reach,
            user: UserId(9),
            now: noon(day),
        };
        let available = facts.available(asking).into_iter();
        available
            .filter(|available| available.refused.is_none())
            .map(|available| available.action.as_str())
            .collect()
    }

    #[test]
    fn a_unit_that_lost_its_part_speaks_for_itself_alone() {
        let facts = facts();
        assert!(facts.is_of(UnitId(1), &[UnitId(2)]));
        assert!(!facts.is_of(UnitId(3), &[UnitId(2)]));
        assert!(facts.is_of(UnitId(8), &[UnitId(8)]));
        assert!(!facts.is_of(UnitId(8), &[UnitId(1), UnitId(2)]));
    }
}
