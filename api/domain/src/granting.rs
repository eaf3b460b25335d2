//! Granting roles (授权): which scope a role wants, which grants exclude one another, and who decides on one (domain.md §4).

use chrono::{DateTime, Utc};
use entity::{
    ids::{LeaderId, PlanId, UnitId, UserId},
    kinds::{GrantStatus, Role},
};

use crate::{
    Reason, Refusal,
    action::{Action, Asking, Guarded},
};

/// A time of validity: from a moment on, until before another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// The first moment.
    pub from: DateTime<Utc>,
    /// The end, which is not included; none means no end.
    pub until: Option<DateTime<Utc>>,
}

impl Span {
    /// Whether there is a moment that lies in both.
    pub fn overlaps(self, other: Self) -> bool {
        let from = self.from.max(other.from);
        [self.until, other.until]
            .into_iter()
            .flatten()
            .all(|until| from < until)
    }
}

/// A role within its scope, for a time: what a user holds, held, will hold or is proposed for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Held {
    /// What.
    pub role: Role,
    /// Scope of UNIT_MANAGER and UNIT_REPORTER.
    pub unit: Option<UnitId>,
    /// Scope of LEADER.
    pub leader: Option<LeaderId>,
    /// Scope of SUPERVISOR and OBSERVER; none means all plans.
    pub plan: Option<PlanId>,
    /// When.
    pub span: Span,
}

/// Whether the role is one of the three administrators' (三员).
pub const fn is_administrator(role: Role) -> bool {
    matches!(
        role,
        Role::SystemAdmin | Role::SecurityAdmin | Role::AuditAdmin
    )
}

/// Whether granting the role needs a second security administrator, where the setting says so.
pub const fn wants_approval(role: Role) -> bool {
    is_administrator(role) || matches!(role, Role::Supervisor)
}

/// Whether a role comes with just the scope that it wants.
///
/// # Errors
/// Refused at the field that is missing, or that the role does not take.
pub fn check_scope(role: Role, unit: bool, leader: bool, plan: bool) -> Result<(), Refusal> {
    // Needed, taken, or neither.
    let (of_unit, of_leader, of_plan) = match role {
        Role::UnitManager | Role::UnitReporter => (Some(true), None, None),
        Role::Leader => (None, Some(true), None),
        Role::Supervisor | Role::Observer => (None, None, Some(false)),
        Role::SystemAdmin | Role::SecurityAdmin | Role::AuditAdmin => (None, None, None),
    };
    for (field, given, wanted) in [
        ("unitId", unit, of_unit),
        ("leaderId", leader, of_leader),
        ("planId", plan, of_plan),
    ] {
        match (given, wanted) {
            (true, None) => return Err(Reason::ScopeNotWanted { role }.at(field)),
            (false, Some(true)) => return Err(Reason::ScopeMissing { role }.at(field)),
            _ => {}
        }
    }
    Ok(())
}

/// Whether a user who holds these may be given another one. An administrator (三员分立) has no other role at any moment: neither a
/// second administrator's, nor one that sees the business, which administrators do not (domain.md §4); whatever expires and is
/// renewed in which order. And nothing is granted twice for the same time.
///
/// # Errors
/// [`Reason::AdministratorAlone`] or [`Reason::AlreadyGranted`].
pub fn check_together(held: &[Held], wanted: &Held) -> Result<(), Reason> {
    let meanwhile = || held.iter().filter(|held| held.span.overlaps(wanted.span));
    let another = |held: &&Held| {
        (is_administrator(held.role) || is_administrator(wanted.role)) && held.role != wanted.role
    };
    if let Some(held) = meanwhile().find(another) {
        return Err(Reason::AdministratorAlone { held: held.role });
    }
    let same = |held: &Held| {
        (held.role, held.unit, held.leader, held.plan)
            == (wanted.role, wanted.unit, wanted.leader, wanted.plan)
    };
    if meanwhile().any(same) {
        Err(Reason::AlreadyGranted)
    } else {
        Ok(())
    }
}

/// How a grant stands at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum GrantState {
    /// It waits for a second security administrator.
    Pending,
    /// The second security administrator refused it.
    Rejected,
    /// It begins later.
    Scheduled,
    /// It holds.
    Live,
    /// Its time is over.
    Expired,
    /// It was revoked.
    Revoked,
}

impl GrantState {
    /// The word in the audit log, which is the API's.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "PENDING",
            Self::Rejected => "REJECTED",
            Self::Scheduled => "SCHEDULED",
            Self::Live => "LIVE",
            Self::Expired => "EXPIRED",
            Self::Revoked => "REVOKED",
        }
    }
}

/// How a grant stands at a moment.
pub fn state(status: GrantStatus, span: Span, revoked: bool, now: DateTime<Utc>) -> GrantState {
    match status {
        _ if revoked => GrantState::Revoked,
        GrantStatus::Rejected => GrantState::Rejected,
        _ if span.until.is_some_and(|until| until <= now) => GrantState::Expired,
        GrantStatus::Pending => GrantState::Pending,
        GrantStatus::Granted if now < span.from => GrantState::Scheduled,
        GrantStatus::Granted => GrantState::Live,
    }
}

/// What the acts on a grant depend on. What else the user holds ([`check_together`]) is no part of it: that is asked under the lock
/// of the user's row, of the grants that there are then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Facts {
    /// Whose it is.
    pub user: UserId,
    /// Who granted it, or asked for it.
    pub granted_by: Option<UserId>,
    /// How it stands.
    pub state: GrantState,
    /// The user's account is not disabled. Matters of approving it alone.
    pub active: bool,
}

impl Guarded for Facts {
    const ACTIONS: &'static [Action] = &[
        Action::RevokeRole,
        Action::ApproveGrant,
        Action::RejectGrant,
    ];

    fn permit(&self, asking: Asking<'_>, action: Action) -> Result<(), Reason> {
        if !asking.reach.secures {
            return Err(Reason::NotSecurityAdmin);
        }
        if self.user == asking.user {
            return Err(Reason::NotToOneself);
        }
        let wrong = Err(Reason::GrantState { state: self.state });
        match (action, self.state) {
            (
                Action::RevokeRole,
                GrantState::Pending | GrantState::Scheduled | GrantState::Live,
            ) => Ok(()),
            (Action::RevokeRole, _) => wrong,
            (_, GrantState::Pending) if self.granted_by == Some(asking.user) => {
                Err(Reason::ApproverIsGranter)
            }
            (Action::ApproveGrant, GrantState::Pending) if !self.active => {
                Err(Reason::AccountDisabled)
            }
            (_, GrantState::Pending) => Ok(()),
            _ => wrong,
        }
    }
}

#[cfg(test)]
mod tests;
