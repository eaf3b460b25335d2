//! The acts that people take on what they see, and the one way in which all of them are guarded.
//!
//! A guard answers both "may I?" (`availableActions`) and "do it": there is no second copy of a rule.

use chrono::{DateTime, Utc};
use entity::{ids::UserId, kinds::Role};

use crate::{Reach, Reason};

/// The most characters of the reason for an act: of all acts but those whose reasons have a length of their own.
pub const LONGEST_REASON: usize = 500;

/// Declares the acts with the words under which the audit log and the schema know them.
macro_rules! actions {
    ($($(#[$doc:meta])* $name:ident = $word:literal),+ $(,)?) => {
        /// An act on a plan, a target, what belongs to one, an account or the directory.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Action { $($(#[$doc])* $name),+ }

        impl Action {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name),+];

            /// The word in the audit log.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $word),+ }
            }

            /// The act of a word.
            pub fn from_word(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$name),)+ _ => None }
            }
        }
    };
}

actions! {
    /// Acknowledge an assignment (签收).
    AcknowledgeAssignment = "ACKNOWLEDGE_ASSIGNMENT",
    /// Designate units where the document names none.
    DesignateUnits = "DESIGNATE_UNITS",
    /// Create the reporting periods of a plan.
    CreatePeriods = "CREATE_PERIODS",
    /// Set the rules of a plan.
    SetPlanRules = "SET_PLAN_RULES",
    /// Set the light of a target by hand (人工调灯).
    SetLight = "SET_LIGHT",
    /// Leave the light of a target to the rules again.
    ClearLight = "CLEAR_LIGHT",
    /// Open a period before its time.
    OpenPeriod = "OPEN_PERIOD",
    /// Lock a period before its time.
    LockPeriod = "LOCK_PERIOD",
    /// Open a locked period again for one unit.
    ReopenPeriod = "REOPEN_PERIOD",
    /// Begin a report, or change it.
    SaveReport = "SAVE_REPORT",
    /// Ask the unit manager for the signature (送审签).
    RequestSignoff = "REQUEST_SIGNOFF",
    /// Hand a report in (报送).
    SubmitReport = "SUBMIT_REPORT",
    /// Take a report back before its review begins.
    RecallReport = "RECALL_REPORT",
    /// Begin the review: from now on the report cannot be taken back.
    BeginReview = "BEGIN_REVIEW",
    /// Accept a report.
    AcceptReport = "ACCEPT_REPORT",
    /// Send a report back (退回).
    ReturnReport = "RETURN_REPORT",

    /// Issue a supervision notice to a unit (督办).
    IssueNotice = "ISSUE_NOTICE",
    /// Answer a supervision notice.
    AnswerNotice = "ANSWER_NOTICE",
    /// Withdraw a supervision notice.
    WithdrawNotice = "WITHDRAW_NOTICE",
    /// Give an instruction (批示).
    GiveInstruction = "GIVE_INSTRUCTION",
    /// Answer an instruction.
    AnswerInstruction = "ANSWER_INSTRUCTION",

    /// Ask for a later due date (延期申请).
    RequestExtension = "REQUEST_EXTENSION",
    /// Ask that a target be closed (办结申请).
    RequestClosure = "REQUEST_CLOSURE",
    /// Take a request back.
    WithdrawRequest = "WITHDRAW_REQUEST",
    /// Grant a request.
    ApproveRequest = "APPROVE_REQUEST",
    /// Refuse a request.
    RejectRequest = "REJECT_REQUEST",
    /// Suspend a target.
    SuspendTarget = "SUSPEND_TARGET",
    /// Take a suspended target up again.
    ResumeTarget = "RESUME_TARGET",
    /// Open a closed target again.
    ReopenTarget = "REOPEN_TARGET",

    /// Draft a milestone, or change it.
    SaveMilestone = "SAVE_MILESTONE",
    /// Take a milestone out of the refined plan.
    RemoveMilestone = "REMOVE_MILESTONE",
    /// Say that a milestone was reached, or that it was not after all.
    MarkMilestone = "MARK_MILESTONE",
    /// Hand a refined plan in (细化方案).
    SubmitRefinement = "SUBMIT_REFINEMENT",
    /// Approve a refined plan.
    ApproveRefinement = "APPROVE_REFINEMENT",
    /// Send a refined plan back.
    ReturnRefinement = "RETURN_REFINEMENT",

    /// Object to an assignment (退回).
    DisputeAssignment = "DISPUTE_ASSIGNMENT",
    /// Take a dispute back.
    WithdrawDispute = "WITHDRAW_DISPUTE",
    /// Insist on a disputed assignment.
    InsistOnAssignment = "INSIST_ON_ASSIGNMENT",
    /// Give a disputed assignment to another unit.
    ReassignAssignment = "REASSIGN_ASSIGNMENT",
    /// Create an account.
    CreateUser = "CREATE_USER",
    /// Create the accounts of a table.
    ImportUsers = "IMPORT_USERS",
    /// Change an account's shown name or unit.
    UpdateUser = "UPDATE_USER",
    /// Disable an account: its sessions end at once.
    DisableUser = "DISABLE_USER",
    /// Enable a disabled account again.
    EnableUser = "ENABLE_USER",
    /// Give an account a new one-time password.
    ResetPassword = "RESET_PASSWORD",
    /// Unlock an account that failed sign-ins have locked.
    UnlockUser = "UNLOCK_USER",
    /// End all sessions of an account.
    EndSessions = "END_SESSIONS",
    /// Take the second factor from an account whose owner has lost it.
    ResetSecondFactor = "RESET_SECOND_FACTOR",
    /// Grant a role to somebody.
    GrantRole = "GRANT_ROLE",
    /// End a grant.
    RevokeRole = "REVOKE_ROLE",
    /// Approve a grant that another security administrator has asked for.
    ApproveGrant = "APPROVE_GRANT",
    /// Reject such a grant.
    RejectGrant = "REJECT_GRANT",
    /// Change a setting.
    ChangeSetting = "CHANGE_SETTING",
    /// Register a unit.
    CreateUnit = "CREATE_UNIT",
    /// Give a unit another name; the old one becomes an alias.
    RenameUnit = "RENAME_UNIT",
    /// Merge a unit into another.
    MergeUnits = "MERGE_UNITS",
    /// Register a unit group.
    CreateUnitGroup = "CREATE_UNIT_GROUP",
    /// Change the members of a unit group.
    ChangeUnitGroup = "CHANGE_UNIT_GROUP",
    /// Register a leader.
    CreateLeader = "CREATE_LEADER",
    /// Let a successor take over a leader's posts.
    SucceedLeader = "SUCCEED_LEADER",

    /// Import a plan as a draft.
    ImportPlan = "IMPORT_PLAN",
    /// Publish a plan (立项).
    PublishPlan = "PUBLISH_PLAN",
    /// Archive a plan (归档).
    ArchivePlan = "ARCHIVE_PLAN",
    /// Discard a draft (废弃).
    DiscardPlan = "DISCARD_PLAN",
    /// Add a target to a draft.
    AddTarget = "ADD_TARGET",
    /// Change a target of a draft.
    UpdateTarget = "UPDATE_TARGET",
    /// Take a target out of a draft.
    RemoveTarget = "REMOVE_TARGET",
    /// Amend a target of a plan in force (调整).
    AmendTarget = "AMEND_TARGET",
    /// Confirm indicators as they were proposed.
    ConfirmIndicators = "CONFIRM_INDICATORS",
    /// Cancel a target (终止).
    CancelTarget = "CANCEL_TARGET",
    /// Carry a target over into a later year's draft (结转).
    CarryOverTarget = "CARRY_OVER_TARGET",
}

/// The roles by which people take the acts, as their guards have them (domain.md §4).
const ROLES: &[(Role, &[Action])] = &[
    (
        Role::Supervisor,
        &[
            Action::DesignateUnits,
            Action::CreatePeriods,
            Action::OpenPeriod,
            Action::LockPeriod,
            Action::ReopenPeriod,
            Action::BeginReview,
            Action::AcceptReport,
            Action::ReturnReport,
            Action::IssueNotice,
            Action::WithdrawNotice,
            Action::ApproveRequest,
            Action::RejectRequest,
            Action::SuspendTarget,
            Action::ResumeTarget,
            Action::ReopenTarget,
            Action::ApproveRefinement,
            Action::ReturnRefinement,
            Action::InsistOnAssignment,
            Action::ReassignAssignment,
            Action::SetLight,
            Action::ClearLight,
            Action::SetPlanRules,
            Action::ImportPlan,
            Action::PublishPlan,
            Action::ArchivePlan,
            Action::DiscardPlan,
            Action::AddTarget,
            Action::UpdateTarget,
            Action::RemoveTarget,
            Action::AmendTarget,
            Action::ConfirmIndicators,
            Action::CancelTarget,
            Action::CarryOverTarget,
        ],
    ),
    (Role::Leader, &[Action::GiveInstruction]),
    (
        Role::UnitManager,
        &[
            Action::AcknowledgeAssignment,
            Action::SaveReport,
            Action::RequestSignoff,
            Action::SubmitReport,
            Action::RecallReport,
            Action::AnswerNotice,
            Action::AnswerInstruction,
            Action::RequestExtension,
            Action::RequestClosure,
            Action::WithdrawRequest,
            Action::SaveMilestone,
            Action::RemoveMilestone,
            Action::MarkMilestone,
            Action::SubmitRefinement,
            Action::DisputeAssignment,
            Action::WithdrawDispute,
        ],
    ),
    (
        Role::UnitReporter,
        &[
            Action::SaveReport,
            Action::RequestSignoff,
            Action::SaveMilestone,
            Action::RemoveMilestone,
        ],
    ),
];

impl Action {
    /// Whether it is on what administrators keep: accounts, grants, settings and the directory; all else is the business,
    /// which they don't see (domain.md §4).
    pub const fn is_administrators(self) -> bool {
        matches!(
            self,
            Self::CreateUser
                | Self::ImportUsers
                | Self::UpdateUser
                | Self::DisableUser
                | Self::EnableUser
                | Self::ResetPassword
                | Self::UnlockUser
                | Self::EndSessions
                | Self::ResetSecondFactor
                | Self::GrantRole
                | Self::RevokeRole
                | Self::ApproveGrant
                | Self::RejectGrant
                | Self::ChangeSetting
                | Self::CreateUnit
                | Self::RenameUnit
                | Self::MergeUnits
                | Self::CreateUnitGroup
                | Self::ChangeUnitGroup
                | Self::CreateLeader
                | Self::SucceedLeader
        )
    }

    /// The roles by which people take the act, for the audit log; empty where it is not known, and any grant may be the one.
    pub fn roles(self) -> Vec<Role> {
        let of = ROLES.iter().filter(|(_, acts)| acts.contains(&self));
        of.map(|(role, _)| *role).collect()
    }
}

/// Who asks, and when.
#[derive(Clone, Copy, Debug)]
pub struct Asking<'a> {
    /// What their grants reach.
    pub reach: &'a Reach,
    /// Who.
    pub user: UserId,
    /// When.
    pub now: DateTime<Utc>,
}

/// Whether an act is allowed now, and why not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Available {
    /// The act.
    pub action: Action,
    /// Why it is refused now; none when it is allowed.
    pub refused: Option<Reason>,
}

/// Something on which there are guarded acts.
pub trait Guarded {
    /// The acts there are, in the order in which people take them.
    const ACTIONS: &'static [Action];

    /// Whether somebody who sees it may take the act now.
    ///
    /// # Errors
    /// Why not.
    fn permit(&self, asking: Asking<'_>, action: Action) -> Result<(), Reason>;

    /// All of its acts, each with the answer of its guard.
    fn available(&self, asking: Asking<'_>) -> Vec<Available> {
        Self::ACTIONS
            .iter()
            .map(|action| Available {
                action: *action,
                refused: self.permit(asking, *action).err(),
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use entity::{
        ids::{LeaderId, PlanId, RoleGrantId, UnitId},
        kinds::{
            DisputeStatus, NoticeStatus, PlanStatus, RefinementStatus, ReportStatus, RequestStatus,
        },
    };

    use super::*;
    use crate::{
        Grant,
        assignment::AssignmentFacts,
        designation::DesignationFacts,
        dispute::DisputeFacts,
        instruction,
        light::LightFacts,
        lock::PeriodFacts,
        notice,
        plan::{EditFacts, PlanFacts, import},
        refinement::{MilestoneFacts, RefinementFacts},
        report,
        request::{AskFacts, RequestFacts},
        target::{
            TargetFacts,
            tests::{facts, noon},
        },
    };

    /// Who did what was done before.
    const ANOTHER: UserId = UserId(5);

    fn of(facts: &impl Guarded, asking: Asking<'_>) -> Vec<Action> {
        let available = facts.available(asking).into_iter();
        let allowed = available.filter(|act| act.refused.is_none());
        allowed.map(|act| act.action).collect()
    }

    /// The acts on the business that somebody may take on things in whatever state each of them wants: on a target that unit 1
    /// leads, for which leader 1 answers.
    fn permitted(reach: &Reach) -> HashSet<Action> {
        let now = noon("2022-03-15");
        let asking = Asking {
            reach,
            user: UserId(9),
            now,
        };
        let (plan, unit) = (PlanId(1), UnitId(1));
        let mut all = Vec::new();
        macro_rules! on {
            ($($facts:expr),+ $(,)?) => { $( all.extend(of(&$facts, asking)); )+ };
        }
        for plan_status in [PlanStatus::Draft, PlanStatus::Published] {
            let plan = PlanFacts {
                plan,
                status: plan_status,
                empty: false,
            };
            let edit = EditFacts {
                target: TargetFacts {
                    plan_status,
                    ..facts()
                },
                carried: false,
            };
            on!(plan, edit);
        }
        let day = chrono::TimeDelta::days(1);
        for (opens_at, locks_at) in [
            (now + day, now + day),
            (now - day, now + day),
            (now - day, now - day),
        ] {
            let plan = PlanFacts {
                plan,
                status: PlanStatus::Published,
                empty: false,
            };
            on!(PeriodFacts {
                plan,
                opens_at,
                locks_at
            });
        }
        for (closed, suspended) in [(false, false), (false, true), (true, false)] {
            let target = TargetFacts {
                closed,
                suspended,
                ..facts()
            };
            let pending = Vec::new();
            on!(AskFacts { target, pending });
        }
        for status in RefinementStatus::ALL {
            let refinement = RefinementFacts {
                target: facts(),
                status: *status,
                milestones: 1,
                needs_approval: false,
                submitted_by: Some(ANOTHER),
            };
            on!(refinement, MilestoneFacts { refinement, unit });
        }
        for status in ReportStatus::ALL {
            on!(report::Facts {
                plan,
                plan_status: PlanStatus::Published,
                unit,
                part: facts().parts.first().copied(),
                status: *status,
                closed: false,
                blank: false,
                review_began: false,
                hands: vec![ANOTHER],
                window: report::Window {
                    opens_at: now,
                    locks_at: now + day,
                    locked_by: None,
                    exception_until: None,
                },
            });
        }
        let plan_status = PlanStatus::Published;
        on!(
            DesignationFacts {
                plan,
                plan_status,
                resolved: false
            },
            LightFacts {
                plan,
                plan_status,
                closed: false,
                overridden: true
            },
            notice::TargetFacts {
                plan,
                plan_status,
                closed: false
            },
            notice::Facts {
                plan,
                plan_status,
                unit,
                acting_unit: None,
                status: NoticeStatus::Open
            },
            instruction::TargetFacts {
                plan_status,
                leaders: vec![LeaderId(1)]
            },
            instruction::Facts {
                plan_status,
                leads: vec![instruction::Lead {
                    unit,
                    acting_unit: None
                }],
                answered: false
            },
            AssignmentFacts {
                target: facts(),
                unit,
                acknowledged: false,
                disputed: false
            },
            DisputeFacts {
                target: facts(),
                unit,
                status: DisputeStatus::Open,
                raised_by: ANOTHER
            },
            RequestFacts {
                target: facts(),
                status: RequestStatus::Pending,
                unit,
                asked_by: ANOTHER
            },
        );
        // Of nothing that there is yet.
        if import(asking).is_ok() {
            all.push(Action::ImportPlan);
        }
        all.into_iter().collect()
    }

    #[test]
    fn the_roles_of_an_act_are_those_that_its_guard_lets_pass() {
        let may: Vec<(Role, HashSet<Action>)> = Role::ALL
            .iter()
            .map(|role| {
                let grant = Grant {
                    id: RoleGrantId(1),
                    role: *role,
                    unit: Some(UnitId(1)),
                    leader: Some(LeaderId(1)),
                    plan: None,
                    valid_from: DateTime::UNIX_EPOCH,
                    valid_until: None,
                    merged: Vec::new(),
                };
                (*role, permitted(&Reach::of(&[grant])))
            })
            .collect();
        for action in Action::ALL {
            if action.is_administrators() {
                // Not said for these: any grant may be the one.
                assert!(action.roles().is_empty(), "{action:?}");
                continue;
            }
            let passes = may.iter().filter(|(_, acts)| acts.contains(action));
            let passes: HashSet<Role> = passes.map(|(role, _)| *role).collect();
            assert!(!passes.is_empty(), "{action:?}: who may, and when?");
            let said: HashSet<Role> = action.roles().into_iter().collect();
            assert_eq!(said, passes, "{action:?}");
        }
    }
}
