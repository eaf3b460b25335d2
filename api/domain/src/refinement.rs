//! The refined plan of a target (细化方案) and its milestones (时间节点): the lead units' (domain.md §2, §8).
//!
//! Lead units draft it, a manager of one hands it in, and by a rule of the plan the supervision office approves it;
//! without the rule it is in force when it is handed in. What is in force counts in the target's light, so that it
//! does not change by the way: with the rule the office sends it back first, without it a manager of a lead unit
//! changes it, and each change counts at once.

use chrono::NaiveDate;
use entity::{
    ids::{UnitId, UserId},
    kinds::RefinementStatus,
};

use crate::{
    Reason,
    action::{Action, Asking, Guarded},
    clock::day,
    target::TargetFacts,
};

/// The most characters of a milestone's title.
pub const LONGEST_TITLE: usize = 300;
/// The most milestones of a target.
pub const MOST_MILESTONES: usize = 100;

/// What the acts on a refined plan depend on. One that nobody has begun is a draft without milestones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefinementFacts {
    /// The target.
    pub target: TargetFacts,
    /// The state.
    pub status: RefinementStatus,
    /// How many milestones it has.
    pub milestones: usize,
    /// The plan's rule: the supervision office approves it.
    pub needs_approval: bool,
    /// Who handed it in last.
    pub submitted_by: Option<UserId>,
}

use RefinementStatus::{Approved, Draft, Returned, Submitted};

impl RefinementFacts {
    /// Where an act leads; none for an act that leaves the state as it is, or is none on a refined plan.
    pub fn leads_to(&self, action: Action) -> Option<RefinementStatus> {
        match action {
            Action::SaveMilestone | Action::RemoveMilestone if self.status != Approved => {
                Some(Draft)
            }
            Action::SubmitRefinement if self.needs_approval => Some(Submitted),
            Action::SubmitRefinement | Action::ApproveRefinement => Some(Approved),
            Action::ReturnRefinement => Some(Returned),
            _ => None,
        }
    }

    fn from(&self, states: &[RefinementStatus]) -> Result<(), Reason> {
        if states.contains(&self.status) {
            Ok(())
        } else {
            Err(Reason::RefinementState {
                status: self.status,
            })
        }
    }
}

impl Guarded for RefinementFacts {
    const ACTIONS: &'static [Action] = &[
        Action::SaveMilestone,
        Action::SubmitRefinement,
        Action::ApproveRefinement,
        Action::ReturnRefinement,
    ];

    fn permit(&self, asking: Asking<'_>, action: Action) -> Result<(), Reason> {
        let target = &self.target;
        match action {
            Action::SaveMilestone | Action::RemoveMilestone => {
                if target.leads_of(&asking.reach.units).next().is_none() {
                    return Err(Reason::NotOfLead);
                }
            }
            Action::SubmitRefinement => target.lead_manager(asking)?,
            Action::ApproveRefinement | Action::ReturnRefinement => target.office(asking)?,
            _ => return Err(Reason::NotFound),
        }
        target.in_force()?;
        target.not_closed()?;
        match action {
            Action::SaveMilestone | Action::RemoveMilestone => {
                self.from(&[Draft, Returned, Approved])?;
                let changes_at_once = !self.needs_approval && target.lead_manager(asking).is_ok();
                if self.status == Approved && !changes_at_once {
                    return Err(Reason::RefinementInForce);
                }
            }
            Action::SubmitRefinement => {
                self.from(&[Draft, Returned])?;
                if self.milestones == 0 {
                    return Err(Reason::NoMilestone);
                }
            }
            Action::ApproveRefinement => self.from(&[Submitted])?,
            _ => self.from(&[Submitted, Approved])?,
        }
        let decides = matches!(action, Action::ApproveRefinement | Action::ReturnRefinement);
        if decides && self.submitted_by == Some(asking.user) {
            return Err(Reason::DeciderIsAsker);
        }
        Ok(())
    }
}

/// What the acts on a milestone depend on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MilestoneFacts {
    /// The refined plan to which it belongs.
    pub refinement: RefinementFacts,
    /// The unit in charge.
    pub unit: UnitId,
}

impl Guarded for MilestoneFacts {
    const ACTIONS: &'static [Action] = &[
        Action::SaveMilestone,
        Action::RemoveMilestone,
        Action::MarkMilestone,
    ];

    fn permit(&self, asking: Asking<'_>, action: Action) -> Result<(), Reason> {
        if action != Action::MarkMilestone {
            return self.refinement.permit(asking, action);
        }
        // It counts at once: a manager's word, of the unit in charge or of a lead unit.
        let target = &self.refinement.target;
        let managed = &asking.reach.managed;
        if target.lead_manager(asking).is_err() && !target.is_of(self.unit, managed) {
            return Err(Reason::NotManagerOfUnit);
        }
        target.in_force()?;
        target.not_closed()?;
        self.refinement.from(&[Approved])
    }
}

/// The days on which a milestone may be due: from the plan's year on, and not after the target's due date.
///
/// # Errors
/// [`Reason::DayOutOfRange`], with the first and the last day that are allowed.
pub fn due_date(target: &TargetFacts, asked: NaiveDate) -> Result<(), Reason> {
    within(asked, target, target.due_on)
}

/// The days on which a milestone may have been reached: from the plan's year on, until today.
///
/// # Errors
/// [`Reason::DayOutOfRange`], with the first and the last day that are allowed.
pub fn done_date(target: &TargetFacts, asked: NaiveDate, asking: Asking<'_>) -> Result<(), Reason> {
    within(asked, target, day(asking.now))
}

fn within(asked: NaiveDate, target: &TargetFacts, latest: NaiveDate) -> Result<(), Reason> {
    let earliest = NaiveDate::from_ymd_opt(target.year, 1, 1).unwrap_or(NaiveDate::MIN);
    if (earliest..=latest).contains(&asked) {
        Ok(())
    } else {
        Err(Reason::DayOutOfRange { earliest, latest })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::target::tests::{allowed, facts, manager, noon, office, reporter};

    const TODAY: &str = "2022-03-15";

    fn refinement(status: RefinementStatus, needs_approval: bool) -> RefinementFacts {
        RefinementFacts {
            target: facts(),
            status,
            milestones: 1,
            needs_approval,
            submitted_by: Some(UserId(5)),
        }
    }

    #[test]
    fn who_may_do_what_in_which_state() {
        let none: &[&str] = &[];
        let save: &[&str] = &["SAVE_MILESTONE"];
        let sign: &[&str] = &["SAVE_MILESTONE", "SUBMIT_REFINEMENT"];
        let back: &[&str] = &["RETURN_REFINEMENT"];
        let decide: &[&str] = &["APPROVE_REFINEMENT", "RETURN_REFINEMENT"];
        for (status, needs_approval, of_reporter, of_manager, of_office) in [
            (Draft, false, save, sign, none),
            (Draft, true, save, sign, none),
            (Returned, false, save, sign, none),
            (Returned, true, save, sign, none),
            (Submitted, false, none, none, decide),
            (Submitted, true, none, none, decide),
            (Approved, false, none, save, back),
            (Approved, true, none, none, back),
        ] {
            let facts = refinement(status, needs_approval);
            for unit in [1, 2, 3] {
                assert_eq!(
                    allowed(&facts, &reporter(unit), TODAY),
                    of_reporter,
                    "{facts:?}"
                );
                assert_eq!(
                    allowed(&facts, &manager(unit), TODAY),
                    of_manager,
                    "{facts:?}"
                );
            }
            assert_eq!(allowed(&facts, &office(1), TODAY), of_office, "{facts:?}");
            for other in [manager(4), manager(5), office(2)] {
                assert!(allowed(&facts, &other, TODAY).is_empty(), "{facts:?}");
            }
            let closed = RefinementFacts {
                target: TargetFacts {
                    closed: true,
                    ..facts.target.clone()
                },
                ..facts
            };
            for anybody in [manager(1), office(1)] {
                assert!(allowed(&closed, &anybody, TODAY).is_empty());
            }
        }
    }

    #[test]
    fn where_the_acts_lead() {
        for (status, needs_approval, action, expected) in [
            (Draft, false, Action::SaveMilestone, Some(Draft)),
            (Returned, true, Action::SaveMilestone, Some(Draft)),
            (Returned, true, Action::RemoveMilestone, Some(Draft)),
            (Approved, false, Action::SaveMilestone, None),
            (Approved, false, Action::RemoveMilestone, None),
            (Draft, false, Action::SubmitRefinement, Some(Approved)),
            (Draft, true, Action::SubmitRefinement, Some(Submitted)),
            (Submitted, true, Action::ApproveRefinement, Some(Approved)),
            (Submitted, true, Action::ReturnRefinement, Some(Returned)),
            (Approved, true, Action::MarkMilestone, None),
        ] {
            let facts = refinement(status, needs_approval);
            assert_eq!(facts.leads_to(action), expected, "{facts:?} {action:?}");
        }
    }

    #[test]
    fn an_empty_plan_is_not_handed_in_and_nobody_decides_on_their_own() {
        let empty = RefinementFacts {
            milestones: 0,
            ..refinement(Draft, true)
        };
        assert_eq!(allowed(&empty, &manager(1), TODAY), ["SAVE_MILESTONE"]);
        let own = RefinementFacts {
            submitted_by: Some(UserId(9)),
            ..refinement(Submitted, true)
        };
        assert!(allowed(&own, &office(1), TODAY).is_empty());
    }

    #[test]
    fn a_milestone_in_force_is_marked_by_its_unit_or_a_lead_unit() {
        let milestone = |status| MilestoneFacts {
            refinement: refinement(status, true),
            unit: UnitId(4),
        };
        for status in [Draft, Submitted, Returned, Approved] {
            for (reach, may) in [
                (manager(1), true),
                (manager(2), true),
                (manager(3), true),
                (manager(4), true),
                (manager(5), false),
                (reporter(1), false),
                (reporter(4), false),
                (office(1), false),
            ] {
                let found = allowed(&milestone(status), &reach, TODAY);
                let marks = found.contains(&"MARK_MILESTONE");
                assert_eq!(marks, may && status == Approved, "{status:?} {reach:?}");
            }
        }
    }

    #[test]
    fn the_days_of_a_milestone() {
        let facts = facts();
        let due = |day: &str| due_date(&facts, day.parse().unwrap()).is_ok();
        let found = ["2021-12-31", "2022-01-01", "2022-06-30", "2022-07-01"].map(due);
        assert_eq!(found, [false, true, true, false]);
        let reach = manager(1);
        let asking = Asking {
            reach: &reach,
            user: UserId(9),
            now: noon(TODAY),
        };
        let done = |day: &str| done_date(&facts, day.parse().unwrap(), asking).is_ok();
        let found = ["2021-12-31", "2022-01-01", TODAY, "2022-03-16"].map(done);
        assert_eq!(found, [false, true, true, false]);
    }
}
