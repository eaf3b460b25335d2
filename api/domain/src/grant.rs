//! What role grants allow (domain.md §4): the only source of access. A name, a unit or a title gives none.

use chrono::{DateTime, Utc};
use entity::{
    ids::{LeaderId, PlanId, RoleGrantId, UnitId, UserId},
    kinds::Role,
};

/// One live role grant (角色授权) of a viewer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// Its key.
    pub id: RoleGrantId,
    /// What.
    pub role: Role,
    /// Scope of UNIT_MANAGER and UNIT_REPORTER.
    pub unit: Option<UnitId>,
    /// Scope of LEADER.
    pub leader: Option<LeaderId>,
    /// Scope of SUPERVISOR and OBSERVER; none means all plans.
    pub plan: Option<PlanId>,
    /// From when on.
    pub valid_from: DateTime<Utc>,
    /// Until when (not included); none means no end.
    pub valid_until: Option<DateTime<Utc>>,
    /// Units that were merged into the scope's: what they did is its business now.
    pub merged: Vec<UnitId>,
}

impl Grant {
    /// Whether the grant holds at a moment: from `valid_from` on, and before `valid_until`.
    pub fn holds(&self, at: DateTime<Utc>) -> bool {
        self.valid_from <= at && self.valid_until.is_none_or(|end| at < end)
    }
}

/// What a viewer may do at all, whatever the object; `viewer.permissions`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Permission {
    /// Read units, groups and leaders.
    ReadDirectory,
    /// Read targets, all of them or those within the grant.
    ReadTargets,
    /// Read plans that are not published yet.
    ReadDraftPlans,
    /// Import, edit, publish, amend and archive plans, and set their rules.
    ManagePlans,
    /// Designate units where the document names none.
    DesignateUnits,
    /// Create, open, lock and reopen reporting periods.
    ManagePeriods,
    /// Review reports, and accept or return them.
    ReviewReports,
    /// Decide on requests, disputes and refined plans, and set lights.
    DecideRequests,
    /// Issue and withdraw supervision notices.
    IssueNotices,
    /// Give instructions on a target.
    GiveInstructions,
    /// Acknowledge a unit's assignments, or dispute them.
    AcknowledgeAssignments,
    /// Draft a unit's reports and refined plans.
    DraftReports,
    /// Sign off and submit a unit's reports and refined plans.
    SubmitReports,
    /// Ask for a later due date or for closure.
    SubmitRequests,
    /// Answer supervision notices and instructions.
    AnswerNotices,
    /// Create and disable accounts, and reset their passwords.
    ManageAccounts,
    /// Change the register of units, groups and leaders.
    ManageDirectory,
    /// Grant and revoke roles, unlock accounts and end sessions.
    ManageGrants,
    /// Read, export and verify the audit log.
    ReadAudit,
}

impl Permission {
    /// All permissions, in the order in which they are listed.
    pub const ALL: [Self; 19] = [
        Self::ReadDirectory,
        Self::ReadTargets,
        Self::ReadDraftPlans,
        Self::ManagePlans,
        Self::DesignateUnits,
        Self::ManagePeriods,
        Self::ReviewReports,
        Self::DecideRequests,
        Self::IssueNotices,
        Self::GiveInstructions,
        Self::AcknowledgeAssignments,
        Self::DraftReports,
        Self::SubmitReports,
        Self::SubmitRequests,
        Self::AnswerNotices,
        Self::ManageAccounts,
        Self::ManageDirectory,
        Self::ManageGrants,
        Self::ReadAudit,
    ];
}

/// A set of plans. There is no default: nothing is `Only([])`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Plans {
    /// Every plan.
    All,
    /// These plans.
    Only(Vec<PlanId>),
}

impl Plans {
    /// Whether the set holds a plan.
    pub fn contains(&self, plan: PlanId) -> bool {
        match self {
            Self::All => true,
            Self::Only(plans) => plans.contains(&plan),
        }
    }

    fn is_empty(&self) -> bool {
        matches!(self, Self::Only(plans) if plans.is_empty())
    }

    fn add(&mut self, scope: Option<PlanId>) {
        match (scope, &mut *self) {
            (None, _) => *self = Self::All,
            (Some(plan), Self::Only(plans)) if !plans.contains(&plan) => plans.push(plan),
            _ => {}
        }
    }
}

/// How far a viewer's live grants reach. Computed from grants alone; what a request asks for can only narrow it
/// ([`Reach::of_plans`]).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reach {
    /// Plans of which the viewer is the supervision office: everything in them, drafts too.
    pub supervised: Plans,
    /// Plans that the viewer observes: everything in them once they are issued.
    pub observed: Plans,
    /// Units for which the viewer works: the targets that the unit is assigned to, or acts for.
    pub units: Vec<UnitId>,
    /// Units of which the viewer is the manager; a part of `units`.
    pub managed: Vec<UnitId>,
    /// Leaders that the viewer is: the targets that the leader answers for.
    pub leaders: Vec<LeaderId>,
    /// The outlines of issued plans that the viewer may read, beside the plans above.
    pub outlines: Plans,
    /// Within which plans all of this is asked: every one, but where a statement is about some alone.
    pub within: Plans,
    /// Units, groups and leaders may be read.
    pub directory: bool,
    /// Accounts, the directory and settings may be managed (系统管理员).
    pub administers: bool,
    /// Grants, locks and sessions may be managed (安全管理员).
    pub secures: bool,
    /// The audit log may be read.
    pub audit: bool,
    /// Whose reach it is: everybody sees their own account and grants.
    pub user: Option<UserId>,
}

impl Reach {
    /// No grant reaches nothing.
    pub const fn nothing() -> Self {
        Self {
            supervised: Plans::Only(Vec::new()),
            observed: Plans::Only(Vec::new()),
            units: Vec::new(),
            managed: Vec::new(),
            leaders: Vec::new(),
            outlines: Plans::Only(Vec::new()),
            within: Plans::All,
            directory: false,
            administers: false,
            secures: false,
            audit: false,
            user: None,
        }
    }

    /// The reach of whoever commands the server itself: what the system and the security administrator may do, for the
    /// first set-up and for emergencies; no targets.
    pub fn of_operator() -> Self {
        Self {
            outlines: Plans::All,
            directory: true,
            administers: true,
            secures: true,
            ..Self::nothing()
        }
    }

    /// The reach of grants, all of which must be live.
    ///
    /// The three administrators see no target. System and security administrators see the directory and the
    /// outlines of issued plans, which they name in grants; the audit administrator sees nothing of either
    /// ("nothing else", domain.md §4).
    pub fn of(grants: &[Grant]) -> Self {
        let mut reach = Self::nothing();
        for grant in grants {
            match (grant.role, grant.unit, grant.leader) {
                (Role::Supervisor, _, _) => reach.supervised.add(grant.plan),
                (Role::Observer, _, _) => reach.observed.add(grant.plan),
                (Role::Leader, _, Some(leader)) => {
                    reach.outlines = Plans::All;
                    push(&mut reach.leaders, leader);
                }
                (Role::UnitManager | Role::UnitReporter, Some(unit), _) => {
                    reach.outlines = Plans::All;
                    for unit in [unit].iter().chain(&grant.merged) {
                        push(&mut reach.units, *unit);
                        if grant.role == Role::UnitManager {
                            push(&mut reach.managed, *unit);
                        }
                    }
                }
                (Role::SystemAdmin, _, _) => {
                    reach.outlines = Plans::All;
                    reach.administers = true;
                }
                (Role::SecurityAdmin, _, _) => {
                    reach.outlines = Plans::All;
                    reach.secures = true;
                }
                // The audit log, and no business data.
                (Role::AuditAdmin, _, _) => {
                    reach.audit = true;
                    continue;
                }
                // A grant without its scope is none.
                (Role::Leader | Role::UnitManager | Role::UnitReporter, _, _) => continue,
            }
            reach.directory = true;
        }
        reach
    }

    /// The reach for a statement that is about these plans alone, of which it shows what the whole reach shows: what it goes by
    /// is looked up in them, and not in those of all years.
    #[must_use]
    pub fn of_plans(&self, plans: &[PlanId]) -> Self {
        Self {
            within: Plans::Only(plans.to_vec()),
            ..self.clone()
        }
    }

    /// Whether the viewer has a permission, for some object at least.
    pub fn permits(&self, permission: Permission) -> bool {
        match permission {
            Permission::ReadDirectory => self.directory,
            Permission::ReadTargets => {
                !self.supervised.is_empty()
                    || !self.observed.is_empty()
                    || !self.units.is_empty()
                    || !self.leaders.is_empty()
            }
            Permission::ReadDraftPlans
            | Permission::ManagePlans
            | Permission::DesignateUnits
            | Permission::ManagePeriods
            | Permission::ReviewReports
            | Permission::DecideRequests
            | Permission::IssueNotices => !self.supervised.is_empty(),
            Permission::GiveInstructions => !self.leaders.is_empty(),
            Permission::DraftReports => !self.units.is_empty(),
            Permission::AcknowledgeAssignments
            | Permission::SubmitReports
            | Permission::SubmitRequests
            | Permission::AnswerNotices => !self.managed.is_empty(),
            Permission::ManageAccounts | Permission::ManageDirectory => self.administers,
            Permission::ManageGrants => self.secures,
            Permission::ReadAudit => self.audit,
        }
    }
}

fn push<T: PartialEq>(list: &mut Vec<T>, item: T) {
    if !list.contains(&item) {
        list.push(item);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grant(role: Role) -> Grant {
        Grant {
            id: RoleGrantId(1),
            role,
            unit: Some(UnitId(7)),
            leader: Some(LeaderId(8)),
            plan: None,
            valid_from: DateTime::UNIX_EPOCH,
            valid_until: None,
            merged: Vec::new(),
        }
    }

    #[test]
    fn what_each_role_permits() {
        use Permission::*;
        for (role, expected) in [
            (
                Role::SystemAdmin,
                vec![ReadDirectory, ManageAccounts, ManageDirectory],
            ),
            (Role::SecurityAdmin, vec![ReadDirectory, ManageGrants]),
            (Role::AuditAdmin, vec![ReadAudit]),
            (
                Role::Supervisor,
                vec![
                    ReadDirectory,
                    ReadTargets,
                    ReadDraftPlans,
                    ManagePlans,
                    DesignateUnits,
                    ManagePeriods,
                    ReviewReports,
                    DecideRequests,
                    IssueNotices,
                ],
            ),
            (
                Role::Leader,
                vec![ReadDirectory, ReadTargets, GiveInstructions],
            ),
            (
                Role::UnitManager,
                vec![
                    ReadDirectory,
                    ReadTargets,
                    AcknowledgeAssignments,
                    DraftReports,
                    SubmitReports,
                    SubmitRequests,
                    AnswerNotices,
                ],
            ),
            (
                Role::UnitReporter,
                vec![ReadDirectory, ReadTargets, DraftReports],
            ),
            (Role::Observer, vec![ReadDirectory, ReadTargets]),
        ] {
            let reach = Reach::of(&[grant(role)]);
            let permitted: Vec<_> = Permission::ALL
                .into_iter()
                .filter(|permission| reach.permits(*permission))
                .collect();
            assert_eq!(permitted, expected, "{role:?}");
        }
    }

    #[test]
    fn a_scope_of_all_plans_swallows_named_ones() {
        let named = Grant {
            plan: Some(PlanId(3)),
            ..grant(Role::Supervisor)
        };
        let reach = Reach::of(std::slice::from_ref(&named));
        assert_eq!(reach.supervised, Plans::Only(vec![PlanId(3)]));
        assert!(!reach.supervised.contains(PlanId(4)));
        assert_eq!(
            Reach::of(&[named.clone(), grant(Role::Supervisor), named]).supervised,
            Plans::All
        );
    }

    #[test]
    fn what_was_merged_into_a_unit_is_its_business() {
        let merged = |role| Grant {
            merged: vec![UnitId(5), UnitId(6)],
            ..grant(role)
        };
        let all = vec![UnitId(7), UnitId(5), UnitId(6)];
        let manager = Reach::of(&[merged(Role::UnitManager)]);
        assert_eq!((&manager.units, &manager.managed), (&all, &all));
        let reporter = Reach::of(&[merged(Role::UnitReporter)]);
        assert_eq!((reporter.units, reporter.managed), (all, vec![]));
    }

    #[test]
    fn a_grant_holds_from_its_first_moment_until_before_its_end() {
        let at = |seconds| DateTime::from_timestamp(seconds, 0).unwrap();
        let grant = Grant {
            valid_from: at(10),
            valid_until: Some(at(20)),
            ..grant(Role::Observer)
        };
        let held: Vec<_> = [9, 10, 19, 20]
            .into_iter()
            .map(|s| grant.holds(at(s)))
            .collect();
        assert_eq!(held, [false, true, true, false]);
    }
}
