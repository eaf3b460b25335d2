//! The states and decisions of requests, refined plans and disputes.

use async_graphql::Enum;

/// What a lead unit asks for.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "entity::kinds::RequestKind")]
pub(crate) enum RequestKind {
    /// A later due date (延期申请).
    Extension,
    /// That the target be closed (办结申请).
    Closure,
}

/// The states of a request.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "entity::kinds::RequestStatus")]
pub(crate) enum RequestStatus {
    /// Waiting for the supervision office (待审批).
    Pending,
    /// Granted (已同意).
    Approved,
    /// Refused (未同意).
    Rejected,
    /// Taken back by its unit (已撤回).
    Withdrawn,
}

/// What the supervision office makes of a request.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RequestDecision {
    /// It is granted (同意).
    Approve,
    /// It is refused, with a comment (不同意).
    Reject,
}

/// The states of a target's refined plan (细化方案).
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "entity::kinds::RefinementStatus")]
pub(crate) enum RefinementStatus {
    /// Being written by the lead units; nobody else sees it (起草中).
    Draft,
    /// Handed in to the supervision office (待审批).
    Submitted,
    /// Sent back by the supervision office (已退回).
    Returned,
    /// In force: its milestones count in the light (已生效).
    Approved,
}

/// What the supervision office makes of a refined plan.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RefinementDecision {
    /// It is in force (同意).
    Approve,
    /// It goes back to the lead units, with a comment (退回).
    Return,
}

/// The states of a dispute (退回).
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "entity::kinds::DisputeStatus")]
pub(crate) enum DisputeStatus {
    /// Waiting for the supervision office (待决定).
    Open,
    /// The supervision office insists on the assignment (维持).
    Insisted,
    /// The assignment went to another unit (改派).
    Reassigned,
    /// Taken back by its unit (已撤回).
    Withdrawn,
}

/// What the supervision office makes of a dispute.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DisputeDecision {
    /// The assignment stays, with a comment (维持).
    Insist,
    /// The assignment goes to another unit (改派).
    Reassign,
}
