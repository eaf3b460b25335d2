//! The reporting periods of a plan: who opens them before their time, locks them, and opens a locked one again (domain.md §4,
//! §5).

use chrono::{DateTime, Utc};

use crate::{
    Reason,
    action::{Action, Asking, Guarded},
    plan::PlanFacts,
};

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
