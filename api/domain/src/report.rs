//! The report and its states (domain.md §5): who may take which step, from where.

use chrono::{DateTime, Utc};
use entity::{
    ids::{PlanId, UnitId, UserId},
    kinds::{PlanStatus, ReportStatus},
};

use crate::{
    Reason,
    action::{Action, Asking, Guarded},
    plan::in_force,
    target::Part,
};

/// The most characters of each part of a report.
pub const LONGEST_PART: usize = 5000;
/// The most characters of a comment.
pub const LONGEST_COMMENT: usize = 2000;

/// Who takes a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum By {
    /// Whoever works for the unit.
    Unit,
    /// The unit's manager.
    Manager,
    /// The plan's supervision office.
    Office,
}

/// One step: who takes it, from which states, and where it leads.
struct Transition {
    action: Action,
    by: By,
    from: &'static [ReportStatus],
    to: ReportStatus,
    /// Whether reports must be taken: the target is not closed, and the period is open.
    taken: bool,
}

use ReportStatus::{Accepted, Draft, PendingSignoff, Returned, Submitted};

/// Every step there is. What stands nowhere here cannot happen.
const TRANSITIONS: [Transition; 7] = [
    Transition {
        action: Action::SaveReport,
        by: By::Unit,
        from: &[Draft, PendingSignoff, Returned],
        to: Draft,
        taken: true,
    },
    Transition {
        action: Action::RequestSignoff,
        by: By::Unit,
        from: &[Draft],
        to: PendingSignoff,
        taken: true,
    },
    Transition {
        action: Action::SubmitReport,
        by: By::Manager,
        from: &[Draft, PendingSignoff],
        to: Submitted,
        taken: true,
    },
    Transition {
        action: Action::RecallReport,
        by: By::Manager,
        from: &[Submitted],
        to: Draft,
        taken: true,
    },
    Transition {
        action: Action::BeginReview,
        by: By::Office,
        from: &[Submitted],
        to: Submitted,
        taken: false,
    },
    Transition {
        action: Action::AcceptReport,
        by: By::Office,
        from: &[Submitted],
        to: Accepted,
        taken: false,
    },
    Transition {
        action: Action::ReturnReport,
        by: By::Office,
        from: &[Submitted],
        to: Returned,
        taken: false,
    },
];

/// Where a step leads; none for an act that is no step of a report.
pub fn leads_to(action: Action) -> Option<ReportStatus> {
    TRANSITIONS
        .iter()
        .find(|step| step.action == action)
        .map(|step| step.to)
}

/// When a period takes reports of a unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Window {
    /// From when on.
    pub opens_at: DateTime<Utc>,
    /// Until when (not included).
    pub locks_at: DateTime<Utc>,
    /// Who locked it; the rule, when nobody did.
    pub locked_by: Option<String>,
    /// The unit's exception from the lock, until when (not included).
    pub exception_until: Option<DateTime<Utc>>,
}

impl Window {
    /// Whether reports are taken at a moment.
    ///
    /// # Errors
    /// [`Reason::PeriodNotOpen`] or [`Reason::PeriodLocked`], with since when and by whom.
    pub fn takes_reports(&self, now: DateTime<Utc>) -> Result<(), Reason> {
        if now < self.opens_at {
            Err(Reason::PeriodNotOpen {
                opens_at: self.opens_at,
            })
        } else if now < self.locks_at || self.exception_until.is_some_and(|until| now < until) {
            Ok(())
        } else {
            Err(Reason::PeriodLocked {
                since: self.locks_at,
                by: self.locked_by.clone(),
            })
        }
    }
}

/// What a step of a report depends on. One that has not been begun is a draft without hands on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    /// The plan.
    pub plan: PlanId,
    /// The state of the plan.
    pub plan_status: PlanStatus,
    /// The unit that reports.
    pub unit: UnitId,
    /// The unit's part in the target, or, when it was merged into another, that one's; none when it has left the target.
    pub part: Option<Part>,
    /// The state.
    pub status: ReportStatus,
    /// The target was closed (销号). What was handed in before is still reviewed.
    pub closed: bool,
    /// It says nothing of its progress yet.
    pub blank: bool,
    /// Its review has begun.
    pub review_began: bool,
    /// Everybody who wrote it, asked for its signature or handed it in.
    pub hands: Vec<UserId>,
    /// When its period takes reports.
    pub window: Window,
}

impl Guarded for Facts {
    const ACTIONS: &'static [Action] = &[
        Action::SaveReport,
        Action::RequestSignoff,
        Action::SubmitReport,
        Action::RecallReport,
        Action::BeginReview,
        Action::AcceptReport,
        Action::ReturnReport,
    ];

    fn permit(&self, asking: Asking<'_>, action: Action) -> Result<(), Reason> {
        let Some(step) = TRANSITIONS.iter().find(|step| step.action == action) else {
            return Err(Reason::ReportState {
                status: self.status,
            });
        };
        let among = |units: &[UnitId]| match self.part {
            Some(part) => part.is_of(units),
            None => units.contains(&self.unit),
        };
        match step.by {
            By::Unit if !among(&asking.reach.units) => return Err(Reason::NotOfUnit),
            By::Manager if !among(&asking.reach.managed) => return Err(Reason::NotManagerOfUnit),
            By::Office if !asking.reach.supervised.contains(self.plan) => {
                return Err(Reason::NotSupervisor);
            }
            // What was handed in before is still reviewed.
            By::Unit | By::Manager if self.part.is_none() => return Err(Reason::UnitHasLeft),
            _ => {}
        }
        in_force(self.plan_status)?;
        if !step.from.contains(&self.status) {
            return Err(Reason::ReportState {
                status: self.status,
            });
        }
        if self.blank && matches!(action, Action::RequestSignoff | Action::SubmitReport) {
            return Err(Reason::ReportEmpty);
        }
        if self.review_began && matches!(action, Action::RecallReport | Action::BeginReview) {
            return Err(Reason::ReviewBegun);
        }
        if step.by == By::Office && self.hands.contains(&asking.user) {
            return Err(Reason::ReviewerIsAuthor);
        }
        if step.taken && self.closed {
            return Err(Reason::TargetClosed);
        }
        if step.taken {
            self.window.takes_reports(asking.now)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use entity::kinds::AssignmentRole;
    use proptest::prelude::*;

    use super::*;
    use crate::{Plans, Reach};

    const OPENS: i64 = 10;
    const LOCKS: i64 = 20;

    fn at(second: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(second, 0).unwrap()
    }

    fn facts(status: ReportStatus) -> Facts {
        Facts {
            plan: PlanId(1),
            plan_status: PlanStatus::Published,
            unit: UnitId(1),
            part: Some(Part {
                unit: UnitId(1),
                acting_unit: Some(UnitId(2)),
                role: AssignmentRole::Supporting,
            }),
            status,
            closed: false,
            blank: false,
            review_began: false,
            hands: vec![UserId(7)],
            window: Window {
                opens_at: at(OPENS),
                locks_at: at(LOCKS),
                locked_by: None,
                exception_until: None,
            },
        }
    }

    fn reporter(unit: i64) -> Reach {
        Reach {
            units: vec![UnitId(unit)],
            ..Reach::nothing()
        }
    }

    fn manager(unit: i64) -> Reach {
        Reach {
            managed: vec![UnitId(unit)],
            ..reporter(unit)
        }
    }

    fn office(plan: i64) -> Reach {
        Reach {
            supervised: Plans::Only(vec![PlanId(plan)]),
            ..Reach::nothing()
        }
    }

    fn allowed(facts: &Facts, reach: &Reach, second: i64) -> Vec<&'static str> {
        let asking = Asking {
            reach,
            user: UserId(9),
            now: at(second),
        };
        facts
            .available(asking)
            .into_iter()
            .filter(|available| available.refused.is_none())
            .map(|available| available.action.as_str())
            .collect()
    }

    #[test]
    fn who_may_do_what_in_which_state() {
        let unit_steps: [(ReportStatus, &[&str], &[&str]); 5] = [
            (
                Draft,
                &["SAVE_REPORT", "REQUEST_SIGNOFF"],
                &["SUBMIT_REPORT"],
            ),
            (PendingSignoff, &["SAVE_REPORT"], &["SUBMIT_REPORT"]),
            (Submitted, &[], &["RECALL_REPORT"]),
            (Returned, &["SAVE_REPORT"], &[]),
            (Accepted, &[], &[]),
        ];
        for (status, everybody, manager_too) in unit_steps {
            let facts = facts(status);
            let both = [everybody, manager_too].concat();
            // The acting unit works on the assignment like the unit itself; others do not.
            for unit in [1, 2] {
                assert_eq!(
                    allowed(&facts, &reporter(unit), 15),
                    everybody,
                    "{status:?}"
                );
                assert_eq!(allowed(&facts, &manager(unit), 15), both, "{status:?}");
            }
            assert!(allowed(&facts, &manager(3), 15).is_empty(), "{status:?}");
            let reviews: &[&str] = if status == Submitted {
                &["BEGIN_REVIEW", "ACCEPT_REPORT", "RETURN_REPORT"]
            } else {
                &[]
            };
            assert_eq!(allowed(&facts, &office(1), 15), reviews, "{status:?}");
            assert!(allowed(&facts, &office(2), 15).is_empty(), "{status:?}");
        }
    }

    #[test]
    fn a_closed_target_takes_no_reports_but_what_was_handed_in_is_reviewed() {
        for status in [Draft, PendingSignoff, Submitted, Returned, Accepted] {
            let closed = Facts {
                closed: true,
                ..facts(status)
            };
            let open = facts(status);
            assert!(allowed(&closed, &manager(1), 15).is_empty(), "{status:?}");
            let reviews = allowed(&open, &office(1), 15);
            assert_eq!(allowed(&closed, &office(1), 15), reviews, "{status:?}");
        }
        // Who may not act at all is told that, and the state goes before the target's end.
        let closed = Facts {
            closed: true,
            ..facts(Draft)
        };
        let permit = |unit, action| {
            let asking = Asking {
                reach: &reporter(unit),
                user: UserId(9),
                now: at(15),
            };
            closed.permit(asking, action)
        };
        assert_eq!(permit(1, Action::SaveReport), Err(Reason::TargetClosed));
        assert_eq!(permit(3, Action::SaveReport), Err(Reason::NotOfUnit));
    }

    #[test]
    fn a_unit_that_has_left_hands_nothing_in_and_what_it_handed_in_is_reviewed() {
        for status in [Draft, PendingSignoff, Submitted, Returned, Accepted] {
            let left = Facts {
                part: None,
                ..facts(status)
            };
            assert!(allowed(&left, &manager(1), 15).is_empty(), "{status:?}");
            let reviews = allowed(&facts(status), &office(1), 15);
            assert_eq!(allowed(&left, &office(1), 15), reviews, "{status:?}");
            for (unit, reason) in [
                (1, Reason::UnitHasLeft),
                (2, Reason::NotManagerOfUnit),
                (3, Reason::NotManagerOfUnit),
            ] {
                let asking = Asking {
                    reach: &manager(unit),
                    user: UserId(9),
                    now: at(15),
                };
                let permitted = left.permit(asking, Action::SubmitReport);
                assert_eq!(permitted, Err(reason), "{status:?} {unit}");
            }
        }
        // Merged into unit 4, which has a part.
        let merged = Facts {
            part: Some(Part {
                unit: UnitId(4),
                acting_unit: None,
                role: AssignmentRole::Supporting,
            }),
            ..facts(Draft)
        };
        assert_eq!(
            allowed(&merged, &manager(4), 15),
            ["SAVE_REPORT", "REQUEST_SIGNOFF", "SUBMIT_REPORT"]
        );
    }

    #[test]
    fn the_reviewer_is_never_one_of_its_hands() {
        let facts = facts(Submitted);
        let asking = Asking {
            reach: &office(1),
            user: UserId(7),
            now: at(15),
        };
        assert_eq!(
            facts.permit(asking, Action::AcceptReport),
            Err(Reason::ReviewerIsAuthor)
        );
    }

    #[test]
    fn once_its_review_has_begun_it_is_not_taken_back() {
        let facts = Facts {
            review_began: true,
            ..facts(Submitted)
        };
        assert!(allowed(&facts, &manager(1), 15).is_empty());
        assert_eq!(
            allowed(&facts, &office(1), 15),
            ["ACCEPT_REPORT", "RETURN_REPORT"]
        );
    }

    proptest! {
        #[test]
        fn a_period_takes_reports_while_it_is_open_or_excepted(now in 0..40i64, exception in proptest::option::of(0..40i64)) {
            let mut facts = facts(Draft);
            facts.window.exception_until = exception.map(at);
            let open = now >= OPENS && (now < LOCKS || exception.is_some_and(|until| now < until));
            prop_assert_eq!(!allowed(&facts, &manager(1), now).is_empty(), open);
        }
    }
}
