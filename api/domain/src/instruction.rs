//! Leaders' instructions (批示): who gives them, and who answers (domain.md §2, §4, §8).

use chrono::NaiveDate;
use entity::{
    ids::{LeaderId, UnitId},
    kinds::PlanStatus,
};

use crate::{
    Reach, Reason,
    action::{Action, Asking, Guarded},
    plan::in_force,
};

/// What giving an instruction on a target depends on. A target that is closed takes instructions, too: what a leader
/// writes on it is for the office to act on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TargetFacts {
    /// The state of the plan.
    pub plan_status: PlanStatus,
    /// The leaders who answer for the target today, in document order.
    pub leaders: Vec<LeaderId>,
}

impl TargetFacts {
    /// The leaders for whom somebody may write, in document order.
    pub fn writes_for(&self, reach: &Reach) -> Vec<LeaderId> {
        let theirs = |leader: &LeaderId| reach.leaders.contains(leader);
        self.leaders.iter().copied().filter(theirs).collect()
    }
}

impl Guarded for TargetFacts {
    const ACTIONS: &'static [Action] = &[Action::GiveInstruction];

    fn permit(&self, asking: Asking<'_>, _: Action) -> Result<(), Reason> {
        if self.writes_for(asking.reach).is_empty() {
            Err(Reason::NotLeader)
        } else if let Err(reason) = in_force(self.plan_status) {
            Err(reason)
        } else {
            Ok(())
        }
    }
}

/// A unit that leads the target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lead {
    /// The unit.
    pub unit: UnitId,
    /// The unit that acts for it on the target.
    pub acting_unit: Option<UnitId>,
}

/// What answering an instruction depends on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    /// The state of the plan.
    pub plan_status: PlanStatus,
    /// The lead units, in document order.
    pub leads: Vec<Lead>,
    /// It was answered.
    pub answered: bool,
}

impl Facts {
    /// The lead units in whose name somebody may answer, in document order.
    pub fn answers_for(&self, reach: &Reach) -> Vec<UnitId> {
        let managed = |unit| reach.managed.contains(&unit);
        self.leads
            .iter()
            .filter(|lead| managed(lead.unit) || lead.acting_unit.is_some_and(managed))
            .map(|lead| lead.unit)
            .collect()
    }
}

impl Guarded for Facts {
    const ACTIONS: &'static [Action] = &[Action::AnswerInstruction];

    fn permit(&self, asking: Asking<'_>, _: Action) -> Result<(), Reason> {
        if self.answers_for(asking.reach).is_empty() {
            Err(Reason::NotManagerOfLeadUnit)
        } else if let Err(reason) = in_force(self.plan_status) {
            Err(reason)
        } else if self.answered {
            Err(Reason::InstructionAnswered)
        } else {
            Ok(())
        }
    }
}

/// Whether the answer to an instruction is overdue: from the day after its last day on, as long as there is none.
pub fn overdue(answered: bool, reply_due_on: Option<NaiveDate>, today: NaiveDate) -> bool {
    !answered && reply_due_on.is_some_and(|due| due < today)
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use entity::ids::{PlanId, UserId};

    use super::*;
    use crate::Plans;

    fn permit(guarded: &impl Guarded, reach: &Reach, action: Action) -> Result<(), Reason> {
        let asking = Asking {
            reach,
            user: UserId(1),
            now: DateTime::UNIX_EPOCH,
        };
        guarded.permit(asking, action)
    }

    fn leader(leaders: &[i64]) -> Reach {
        Reach {
            leaders: leaders.iter().copied().map(LeaderId).collect(),
            ..Reach::nothing()
        }
    }

    fn of_units(units: &[i64], managed: &[i64]) -> Reach {
        Reach {
            units: units.iter().copied().map(UnitId).collect(),
            managed: managed.iter().copied().map(UnitId).collect(),
            ..Reach::nothing()
        }
    }

    fn office() -> Reach {
        Reach {
            supervised: Plans::Only(vec![PlanId(1)]),
            ..Reach::nothing()
        }
    }

    #[test]
    fn who_answers_for_the_target_gives_instructions() {
        let facts = |plan_status| TargetFacts {
            plan_status,
            leaders: vec![LeaderId(2), LeaderId(1)],
        };
        let published = facts(PlanStatus::Published);
        let give = |reach: &Reach| permit(&published, reach, Action::GiveInstruction);
        assert_eq!(give(&leader(&[1])), Ok(()));
        assert_eq!(give(&leader(&[3, 2])), Ok(()));
        for reach in [
            leader(&[3]),
            office(),
            of_units(&[1], &[1]),
            Reach::nothing(),
        ] {
            assert_eq!(give(&reach), Err(Reason::NotLeader), "{reach:?}");
        }
        for (status, reason) in [
            (PlanStatus::Draft, Reason::PlanNotPublished),
            (PlanStatus::Archived, Reason::PlanArchived),
        ] {
            let refused = permit(&facts(status), &leader(&[1]), Action::GiveInstruction);
            assert_eq!(refused, Err(reason), "{status:?}");
        }
        let both = published.writes_for(&leader(&[1, 2, 3]));
        assert_eq!(both, [LeaderId(2), LeaderId(1)]);
    }

    #[test]
    fn a_manager_of_a_lead_unit_answers_once() {
        let facts = |plan_status, answered| Facts {
            plan_status,
            leads: vec![
                Lead {
                    unit: UnitId(1),
                    acting_unit: Some(UnitId(3)),
                },
                Lead {
                    unit: UnitId(2),
                    acting_unit: None,
                },
            ],
            answered,
        };
        let open = facts(PlanStatus::Published, false);
        let answer = |reach: &Reach| permit(&open, reach, Action::AnswerInstruction);
        for unit in [1, 2, 3] {
            assert_eq!(answer(&of_units(&[unit], &[unit])), Ok(()), "{unit}");
            let refused = answer(&of_units(&[unit], &[]));
            assert_eq!(refused, Err(Reason::NotManagerOfLeadUnit), "{unit}");
        }
        for reach in [of_units(&[4], &[4]), office(), leader(&[1])] {
            let refused = answer(&reach);
            assert_eq!(refused, Err(Reason::NotManagerOfLeadUnit), "{reach:?}");
        }
        let manager = of_units(&[1, 2], &[1, 2]);
        for (plan_status, answered, reason) in [
            (PlanStatus::Published, true, Reason::InstructionAnswered),
            (PlanStatus::Archived, false, Reason::PlanArchived),
        ] {
            let facts = facts(plan_status, answered);
            let refused = permit(&facts, &manager, Action::AnswerInstruction);
            assert_eq!(refused, Err(reason));
        }
        assert_eq!(open.answers_for(&manager), [UnitId(1), UnitId(2)]);
        assert_eq!(open.answers_for(&of_units(&[3], &[3])), [UnitId(1)]);
    }

    #[test]
    fn without_a_day_nothing_is_overdue() {
        let day = |text: &str| text.parse().ok();
        let today = "2022-06-15".parse().unwrap();
        for (answered, due, expected) in [
            (false, None, false),
            (false, day("2022-06-15"), false),
            (false, day("2022-06-14"), true),
            (true, day("2022-06-14"), false),
        ] {
            assert_eq!(
                overdue(answered, due, today),
                expected,
                "{answered} {due:?}"
            );
        }
    }
}
