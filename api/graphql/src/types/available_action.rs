//! What may be done to an object now, by the very guards that the mutations run.

use async_graphql::{Enum, SimpleObject};
use domain::{Action as Act, Available, Guarded};

use crate::{
    error::{ApiError, UserErrorCode},
    messages,
    request::Request,
};

/// An act on a plan, a target, what belongs to one, an account or the directory.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "domain::Action")]
pub(crate) enum Action {
    /// Acknowledge an assignment (签收).
    AcknowledgeAssignment,
    /// Designate units where the document names none (指定责任单位).
    DesignateUnits,
    /// Create the reporting periods of a plan.
    CreatePeriods,
    /// Set the rules of a plan.
    SetPlanRules,
    /// Set the light of a target by hand (人工调灯).
    SetLight,
    /// Leave the light of a target to the rules again.
    ClearLight,
    /// Open a period before its time.
    OpenPeriod,
    /// Lock a period before its time.
    LockPeriod,
    /// Open a locked period again for one unit.
    ReopenPeriod,
    /// Begin a report, or change it.
    SaveReport,
    /// Ask the unit manager for the signature (送审签).
    RequestSignoff,
    /// Submit a report (报送).
    SubmitReport,
    /// Take a report back before its review begins (撤回).
    RecallReport,
    /// Begin the review: from now on the report cannot be taken back.
    BeginReview,
    /// Accept a report (审核通过).
    AcceptReport,
    /// Send a report back (退回).
    ReturnReport,

    /// Issue a supervision notice about a target to a unit (督办).
    IssueNotice,
    /// Answer a supervision notice (答复).
    AnswerNotice,
    /// Withdraw a supervision notice (撤回).
    WithdrawNotice,
    /// Give an instruction on a target (批示).
    GiveInstruction,
    /// Answer an instruction (办理情况).
    AnswerInstruction,

    /// Ask for a later due date (延期申请).
    RequestExtension,
    /// Ask that a target be closed (办结申请).
    RequestClosure,
    /// Take a request back (撤回申请).
    WithdrawRequest,
    /// Grant a request (同意).
    ApproveRequest,
    /// Refuse a request (不同意).
    RejectRequest,
    /// Suspend a target (暂缓).
    SuspendTarget,
    /// Take a suspended target up again (恢复).
    ResumeTarget,
    /// Open a closed target again (重新打开).
    ReopenTarget,
    /// Draft a milestone, or change it (时间节点).
    SaveMilestone,
    /// Take a milestone out of the refined plan.
    RemoveMilestone,
    /// Say that a milestone was reached, or that it was not after all.
    MarkMilestone,
    /// Hand a refined plan in (细化方案).
    SubmitRefinement,
    /// Approve a refined plan.
    ApproveRefinement,
    /// Send a refined plan back.
    ReturnRefinement,
    /// Object to an assignment (退回).
    DisputeAssignment,
    /// Take a dispute back.
    WithdrawDispute,
    /// Insist on a disputed assignment.
    InsistOnAssignment,
    /// Give a disputed assignment to another unit.
    ReassignAssignment,
    /// Create an account (新建账号).
    CreateUser,
    /// Create the accounts of a table (批量导入账号).
    ImportUsers,
    /// Change an account's shown name or unit (修改账号).
    UpdateUser,
    /// Disable an account: its sessions end at once (停用).
    DisableUser,
    /// Enable a disabled account again (启用).
    EnableUser,
    /// Give an account a new one-time password (重置密码).
    ResetPassword,
    /// Unlock an account that failed sign-ins have locked (解锁).
    UnlockUser,
    /// End all sessions of an account (强制下线).
    EndSessions,
    /// Take the second factor from an account whose owner has lost it (重置双因素认证).
    ResetSecondFactor,
    /// Grant a role to somebody (授权).
    GrantRole,
    /// End a grant (收回授权).
    RevokeRole,
    /// Approve a grant that another security administrator has asked for (复核通过).
    ApproveGrant,
    /// Reject such a grant (复核驳回).
    RejectGrant,
    /// Change a setting (系统设置).
    ChangeSetting,
    /// Register a unit (新建单位).
    CreateUnit,
    /// Give a unit another name; the old one becomes an alias (更名).
    RenameUnit,
    /// Merge a unit into another (合并).
    MergeUnits,
    /// Register a unit group (新建单位组).
    CreateUnitGroup,
    /// Change the members of a unit group (调整单位组).
    ChangeUnitGroup,
    /// Register a leader (新建责任领导).
    CreateLeader,
    /// Let a successor take over a leader's posts (接任).
    SucceedLeader,
    /// Import a plan as a draft (导入).
    ImportPlan,
    /// Publish a plan (立项).
    PublishPlan,
    /// Archive a plan (归档).
    ArchivePlan,
    /// Discard a draft (废弃草案).
    DiscardPlan,
    /// Add a target to a draft (新增目标任务).
    AddTarget,
    /// Change a target of a draft (修改目标任务).
    UpdateTarget,
    /// Take a target out of a draft (删除目标任务).
    RemoveTarget,
    /// Amend a target of a plan in force (调整).
    AmendTarget,
    /// Confirm indicators as they were proposed (确认量化指标).
    ConfirmIndicators,
    /// Cancel a target (终止).
    CancelTarget,
    /// Carry a target over into a later year's draft (结转).
    CarryOverTarget,
}

/// Whether you may do something to an object now. The mutation asks the same guard.
#[derive(SimpleObject)]
pub(crate) struct AvailableAction {
    /// The act.
    action: Action,
    /// Whether it is allowed now.
    allowed: bool,
    /// Why it is not; null when it is.
    reason: Option<ActionReason>,
}

/// Why an act is not allowed now.
#[derive(SimpleObject)]
pub(crate) struct ActionReason {
    /// What sort of refusal it is: the code that the mutation's user error would have.
    code: UserErrorCode,
    /// For people, in the language that Accept-Language asks for: zh-CN (the default) or en.
    message: String,
}

/// The acts on an object, in their order.
pub(crate) fn available_actions(
    request: &Request,
    object: &impl Guarded,
) -> Result<Vec<AvailableAction>, ApiError> {
    let asking = request
        .call
        .asking()
        .map_err(|error| request.error(error))?;
    let told = |Available { action, refused }: Available| AvailableAction {
        action: Act::into(action),
        allowed: refused.is_none(),
        reason: refused.map(|reason| ActionReason {
            code: reason.code().into(),
            message: messages::reason(&reason, request.language),
        }),
    };
    Ok(object.available(asking).into_iter().map(told).collect())
}
