//! A plan and its reporting periods: who sets its rules, creates periods, opens them before their time, locks them, and opens
//! a locked one again (domain.md §4, §5).

use chrono::{DateTime, Utc};
use entity::{ids::PlanId, kinds::PlanStatus};

use crate::{
    Reason,
    action::{Action, Asking, Guarded},
};

/// What the acts on a plan depend on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlanFacts {
    /// The plan.
    pub plan: PlanId,
    /// Its state.
    pub status: PlanStatus,
}

impl Guarded for PlanFacts {
    const ACTIONS: &'static [Action] = &[Action::CreatePeriods, Action::SetPlanRules];

    fn permit(&self, asking: Asking<'_>, _: Action) -> Result<(), Reason> {
        if !asking.reach.supervised.contains(self.plan) {
            Err(Reason::NotSupervisor)
        } else if self.status == PlanStatus::Archived {
            Err(Reason::PlanNotPublished)
        } else {
            Ok(())
        }
    }
}

/// What the acts on a period depend on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PeriodFacts {
    /// Its plan.
    pub plan: PlanFacts,
    /// From when on it takes reports.
    pub opens_at: DateTime<Utc>,
    /// Until when it takes reports (not included).
    pub locks_at: DateTime<Utc>,
}

impl Guarded for PeriodFacts {
    const ACTIONS: &'static [Action] =
        &[Action::OpenPeriod, Action::LockPeriod, Action::ReopenPeriod];

    fn permit(&self, asking: Asking<'_>, action: Action) -> Result<(), Reason> {
        self.plan.permit(asking, action)?;
        let open = self.opens_at <= asking.now;
        let locked = self.locks_at <= asking.now;
        match action {
            Action::OpenPeriod if open => Err(Reason::PeriodIsOpen),
            Action::LockPeriod if locked => Err(Reason::PeriodLocked {
                since: self.locks_at,
                by: None,
            }),
            Action::LockPeriod if !open => Err(Reason::PeriodNotOpen {
                opens_at: self.opens_at,
            }),
            Action::ReopenPeriod if !locked => Err(Reason::PeriodNotLocked),
            _ => Ok(()),
        }
    }
}
