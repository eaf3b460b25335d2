//! The dispute of an assignment (退回): the supervision office insists or reassigns, or the unit takes it back
//! (domain.md §8: "acknowledge, or dispute with a reason; the office coordinates").

use entity::{
    ids::{UnitId, UserId},
    kinds::DisputeStatus,
};

use crate::{
    Reason,
    action::{Action, Asking, Guarded},
    target::TargetFacts,
};

/// Why what was open of a unit has ended, where its part was given to another one without a comment.
pub const REASSIGNED: &str = "责任单位已调整";

/// What the acts on a dispute depend on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DisputeFacts {
    /// The target.
    pub target: TargetFacts,
    /// The unit that objects.
    pub unit: UnitId,
    /// The state.
    pub status: DisputeStatus,
    /// Who raised it.
    pub raised_by: UserId,
}

/// Where an act on a dispute leads; none for an act that is none.
pub const fn leads_to(action: Action) -> Option<DisputeStatus> {
    match action {
        Action::WithdrawDispute => Some(DisputeStatus::Withdrawn),
        Action::InsistOnAssignment => Some(DisputeStatus::Insisted),
        Action::ReassignAssignment => Some(DisputeStatus::Reassigned),
        _ => None,
    }
}

impl Guarded for DisputeFacts {
    const ACTIONS: &'static [Action] = &[
        Action::WithdrawDispute,
        Action::InsistOnAssignment,
        Action::ReassignAssignment,
    ];

    fn permit(&self, asking: Asking<'_>, action: Action) -> Result<(), Reason> {
        let target = &self.target;
        match action {
            Action::WithdrawDispute => {
                if !target.is_of(self.unit, &asking.reach.managed) {
                    return Err(Reason::NotManagerOfUnit);
                }
            }
            Action::InsistOnAssignment | Action::ReassignAssignment => target.office(asking)?,
            _ => return Err(Reason::NotFound),
        }
        target.in_force()?;
        if self.status != DisputeStatus::Open {
            return Err(Reason::DisputeState {
                status: self.status,
            });
        }
        if action != Action::WithdrawDispute && self.raised_by == asking.user {
            return Err(Reason::DeciderIsAsker);
        }
        if action == Action::ReassignAssignment {
            target.not_closed()?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::target::tests::{allowed, facts, manager, noon, office, reporter};

    const TODAY: &str = "2022-03-15";

    #[test]
    fn the_unit_takes_it_back_or_the_office_decides() {
        let dispute = |status| DisputeFacts {
            target: facts(),
            unit: UnitId(1),
            status,
            raised_by: UserId(5),
        };
        let decide: &[&str] = &["INSIST_ON_ASSIGNMENT", "REASSIGN_ASSIGNMENT"];
        for (reach, expected) in [
            (manager(1), &["WITHDRAW_DISPUTE"][..]),
            (manager(2), &["WITHDRAW_DISPUTE"]),
            (manager(3), &[]),
            (reporter(1), &[]),
            (office(1), decide),
            (office(2), &[]),
        ] {
            assert_eq!(
                allowed(&dispute(DisputeStatus::Open), &reach, TODAY),
                expected
            );
            for status in [
                DisputeStatus::Insisted,
                DisputeStatus::Reassigned,
                DisputeStatus::Withdrawn,
            ] {
                assert!(allowed(&dispute(status), &reach, TODAY).is_empty());
            }
        }
        let reach = office(1);
        let asking = Asking {
            reach: &reach,
            user: UserId(5),
            now: noon(TODAY),
        };
        for action in [Action::InsistOnAssignment, Action::ReassignAssignment] {
            let open = dispute(DisputeStatus::Open);
            assert_eq!(open.permit(asking, action), Err(Reason::DeciderIsAsker));
        }
    }
}
