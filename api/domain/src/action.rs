//! The acts that people take on what they see, and the one way in which all of them are guarded.
//!
//! A guard answers both "may I?" (`availableActions`) and "do it": there is no second copy of a rule.

use chrono::{DateTime, Utc};
use entity::{ids::UserId, kinds::Role};

use crate::{Reach, Reason};

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
