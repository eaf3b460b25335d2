//! What a lead unit asks of the supervision office about a target (延期申请, 办结申请), and what the office does to a target
//! by itself (domain.md §2, §4, §8).
//!
//! An extension is asked for before the due date has passed, by the unit's head; the original date counts for assessment.
//! A closure has four eyes: the checker is not the drafter. A closed or suspended target takes no requests.

use chrono::NaiveDate;
use entity::{
    ids::{UnitId, UserId},
    kinds::{RequestKind, RequestStatus},
};

use crate::{
    Reason,
    action::{Action, Asking, Guarded},
    clock::day,
    target::TargetFacts,
};

/// The most characters of what a request says.
pub const LONGEST_TEXT: usize = 4000;

/// What the acts on a target as a whole depend on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AskFacts {
    /// The target.
    pub target: TargetFacts,
    /// The kinds of requests that wait for a decision.
    pub pending: Vec<RequestKind>,
}

/// What is asked for by an act; none for an act that asks for nothing.
pub const fn asks_for(action: Action) -> Option<RequestKind> {
    match action {
        Action::RequestExtension => Some(RequestKind::Extension),
        Action::RequestClosure => Some(RequestKind::Closure),
        _ => None,
    }
}

/// Where an act leads that decides a request or takes it back.
pub const fn leads_to(action: Action) -> Option<RequestStatus> {
    match action {
        Action::WithdrawRequest => Some(RequestStatus::Withdrawn),
        Action::ApproveRequest => Some(RequestStatus::Approved),
        Action::RejectRequest => Some(RequestStatus::Rejected),
        _ => None,
    }
}

/// The days that a new due date may be: after the one that it replaces, until the end of the year after the plan's.
///
/// # Errors
/// [`Reason::DayOutOfRange`], with the first and the last day that are allowed.
pub fn new_due_date(target: &TargetFacts, asked: NaiveDate) -> Result<(), Reason> {
    let earliest = target.due_on.succ_opt().unwrap_or(NaiveDate::MAX);
    let latest = NaiveDate::from_ymd_opt(target.year + 1, 12, 31).unwrap_or(NaiveDate::MAX);
    if (earliest..=latest).contains(&asked) {
        Ok(())
    } else {
        Err(Reason::DayOutOfRange { earliest, latest })
    }
}

impl Guarded for AskFacts {
    const ACTIONS: &'static [Action] = &[
        Action::RequestExtension,
        Action::RequestClosure,
        Action::SuspendTarget,
        Action::ResumeTarget,
        Action::ReopenTarget,
        Action::CancelTarget,
    ];

    fn permit(&self, asking: Asking<'_>, action: Action) -> Result<(), Reason> {
        let target = &self.target;
        match asks_for(action) {
            Some(_) => target.lead_manager(asking)?,
            None => target.office(asking)?,
        }
        target.in_force()?;
        match (action, asks_for(action)) {
            (_, Some(kind)) => {
                target.under_way()?;
                if self.pending.contains(&kind) {
                    return Err(Reason::RequestPending);
                }
                let due_on = target.due_on;
                if kind == RequestKind::Extension && day(asking.now) > due_on {
                    return Err(Reason::DueDatePassed { due_on });
                }
                Ok(())
            }
            (Action::SuspendTarget, _) => target.under_way(),
            // A cancelled target is kept as one that is suspended for good.
            (Action::ResumeTarget, _) if target.suspended => target.not_closed(),
            (Action::ResumeTarget, _) => Err(Reason::TargetNotSuspended),
            (Action::ReopenTarget, _) if target.closed => Ok(()),
            (Action::ReopenTarget, _) => Err(Reason::TargetNotClosed),
            (Action::CancelTarget, _) => target.not_closed(),
            _ => Err(Reason::NotFound),
        }
    }
}

/// What the acts on a request depend on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestFacts {
    /// The target.
    pub target: TargetFacts,
    /// The state.
    pub status: RequestStatus,
    /// The unit that asks.
    pub unit: UnitId,
    /// Who asked.
    pub asked_by: UserId,
}

impl Guarded for RequestFacts {
    const ACTIONS: &'static [Action] = &[
        Action::WithdrawRequest,
        Action::ApproveRequest,
        Action::RejectRequest,
    ];

    fn permit(&self, asking: Asking<'_>, action: Action) -> Result<(), Reason> {
        let target = &self.target;
        match action {
            Action::WithdrawRequest => {
                if !target.is_of(self.unit, &asking.reach.managed) {
                    return Err(Reason::NotManagerOfUnit);
                }
            }
            Action::ApproveRequest | Action::RejectRequest => target.office(asking)?,
            _ => return Err(Reason::NotFound),
        }
        target.in_force()?;
        if self.status != RequestStatus::Pending {
            return Err(Reason::RequestState {
                status: self.status,
            });
        }
        if action == Action::WithdrawRequest {
            return Ok(());
        }
        if self.asked_by == asking.user {
            return Err(Reason::DeciderIsAsker);
        }
        if action == Action::ApproveRequest {
            target.under_way()?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use entity::kinds::PlanStatus;
    use proptest::prelude::*;

    use super::*;
    use crate::{
        Reach,
        target::tests::{allowed, facts, manager, noon, office, reporter},
    };

    const TODAY: &str = "2022-06-15";

    fn asks(target: TargetFacts, pending: &[RequestKind]) -> AskFacts {
        AskFacts {
            target,
            pending: pending.to_vec(),
        }
    }

    fn request(target: TargetFacts, status: RequestStatus) -> RequestFacts {
        RequestFacts {
            target,
            status,
            unit: UnitId(1),
            asked_by: UserId(5),
        }
    }

    #[test]
    fn managers_of_lead_units_ask_and_the_office_acts() {
        let both = ["REQUEST_EXTENSION", "REQUEST_CLOSURE"];
        let facts = asks(facts(), &[]);
        for (reach, expected) in [
            (manager(1), &both[..]),
            (manager(2), &both),
            (manager(3), &both),
            (manager(4), &[]),
            (manager(5), &[]),
            (reporter(1), &[]),
            (office(1), &["SUSPEND_TARGET", "CANCEL_TARGET"]),
            (office(2), &[]),
            (Reach::nothing(), &[]),
        ] {
            assert_eq!(allowed(&facts, &reach, TODAY), expected, "{reach:?}");
        }
    }

    #[test]
    fn what_is_possible_in_which_state() {
        use RequestKind::{Closure, Extension};
        let lead = manager(1);
        let closed = TargetFacts {
            closed: true,
            ..facts()
        };
        let suspended = TargetFacts {
            suspended: true,
            ..facts()
        };
        let draft = TargetFacts {
            plan_status: PlanStatus::Draft,
            ..facts()
        };
        let archived = TargetFacts {
            plan_status: PlanStatus::Archived,
            ..facts()
        };
        let nothing: [&str; 0] = [];
        for (facts, of_lead, of_office) in [
            (
                asks(facts(), &[Extension]),
                &["REQUEST_CLOSURE"][..],
                &["SUSPEND_TARGET", "CANCEL_TARGET"][..],
            ),
            (
                asks(facts(), &[Closure]),
                &["REQUEST_EXTENSION"],
                &["SUSPEND_TARGET", "CANCEL_TARGET"],
            ),
            (
                asks(facts(), &[Closure, Extension]),
                &[],
                &["SUSPEND_TARGET", "CANCEL_TARGET"],
            ),
            (asks(closed, &[]), &[], &["REOPEN_TARGET"]),
            (
                asks(suspended, &[]),
                &[],
                &["RESUME_TARGET", "CANCEL_TARGET"],
            ),
            (asks(draft, &[]), &nothing, &nothing),
            (asks(archived, &[]), &nothing, &nothing),
        ] {
            assert_eq!(allowed(&facts, &lead, TODAY), of_lead, "{facts:?}");
            assert_eq!(allowed(&facts, &office(1), TODAY), of_office, "{facts:?}");
        }
    }

    #[test]
    fn an_extension_is_asked_for_until_the_end_of_the_due_date_and_no_later() {
        let facts = asks(facts(), &[]);
        for (day, open) in [("2022-06-30", true), ("2022-07-01", false)] {
            let found = allowed(&facts, &manager(1), day);
            assert_eq!(found.contains(&"REQUEST_EXTENSION"), open, "{day}");
            assert!(found.contains(&"REQUEST_CLOSURE"), "{day}");
        }
        let asking = |now: &str| {
            let reach = manager(1);
            let asking = Asking {
                reach: &reach,
                user: UserId(9),
                now: now.parse().unwrap(),
            };
            facts.permit(asking, Action::RequestExtension)
        };
        // The day ends at midnight in China.
        assert_eq!(asking("2022-06-30T15:59:59Z"), Ok(()));
        let due_on = "2022-06-30".parse().unwrap();
        assert_eq!(
            asking("2022-06-30T16:00:00Z"),
            Err(Reason::DueDatePassed { due_on })
        );
    }

    #[test]
    fn a_request_is_withdrawn_by_its_unit_and_decided_by_the_office() {
        let pending = request(facts(), RequestStatus::Pending);
        for (reach, expected) in [
            (manager(1), &["WITHDRAW_REQUEST"][..]),
            (manager(2), &["WITHDRAW_REQUEST"]),
            (manager(3), &[]),
            (reporter(1), &[]),
            (office(1), &["APPROVE_REQUEST", "REJECT_REQUEST"]),
            (office(2), &[]),
        ] {
            assert_eq!(allowed(&pending, &reach, TODAY), expected, "{reach:?}");
        }
        for status in [
            RequestStatus::Approved,
            RequestStatus::Rejected,
            RequestStatus::Withdrawn,
        ] {
            for reach in [manager(1), office(1)] {
                assert!(allowed(&request(facts(), status), &reach, TODAY).is_empty());
            }
        }
        for stopped in [
            TargetFacts {
                closed: true,
                ..facts()
            },
            TargetFacts {
                suspended: true,
                ..facts()
            },
        ] {
            let pending = request(stopped, RequestStatus::Pending);
            assert_eq!(allowed(&pending, &office(1), TODAY), ["REJECT_REQUEST"]);
        }
    }

    #[test]
    fn whoever_asked_does_not_decide() {
        let pending = request(facts(), RequestStatus::Pending);
        let reach = office(1);
        let asking = Asking {
            reach: &reach,
            user: UserId(5),
            now: noon(TODAY),
        };
        for action in [Action::ApproveRequest, Action::RejectRequest] {
            assert_eq!(pending.permit(asking, action), Err(Reason::DeciderIsAsker));
        }
    }

    proptest! {
        #[test]
        fn a_new_due_date_is_later_but_not_beyond_the_next_year(days in -400i64..1000) {
            let facts = facts();
            let asked = facts.due_on + chrono::Duration::days(days);
            let allowed = asked > facts.due_on && asked.to_string().as_str() <= "2023-12-31";
            prop_assert_eq!(new_due_date(&facts, asked).is_ok(), allowed);
        }
    }
}
