//! What plans, targets and their parts are.

use async_graphql::Enum;

/// The life of a plan.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "entity::kinds::PlanStatus")]
pub(crate) enum PlanStatus {
    /// Being prepared; only the supervision office sees it (草稿).
    Draft,
    /// In force (已发布).
    Published,
    /// A past year's plan, kept for reading (已归档).
    Archived,
}

/// A unit's part in a target.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "entity::kinds::AssignmentRole")]
pub(crate) enum AssignmentRole {
    /// Organises, and answers for the target (牵头).
    Lead,
    /// Cooperates (配合).
    Supporting,
}

/// Where an assignment came from.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "entity::kinds::AssignmentOrigin")]
pub(crate) enum AssignmentOrigin {
    /// The document names the unit.
    Named,
    /// The document names a group of which the unit is a member.
    Group,
    /// The supervision office designated the unit.
    Designation,
}

/// How far a target is, as bulletins sort it.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "entity::kinds::TargetState")]
pub(crate) enum TargetState {
    /// Done (已完成).
    Completed,
    /// Ahead of schedule (超进度).
    Ahead,
    /// On schedule (达序时).
    OnSchedule,
    /// Behind schedule (欠进度).
    Behind,
    /// Nothing has been reported and accepted yet (未启动).
    NotStarted,
    /// Adjusted or suspended (其它).
    Other,
}

/// How a reading is compared with an indicator's goal.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "entity::kinds::Comparison")]
pub(crate) enum Comparison {
    /// The goal or more (以上).
    AtLeast,
    /// The goal or less (以下).
    AtMost,
}

/// What sort of number an indicator is.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "entity::kinds::IndicatorKind")]
pub(crate) enum IndicatorKind {
    /// A number of things to reach by the end, added up over the year (个, 家, 项).
    Count,
    /// A quantity to reach by the end, added up over the year (元, 亩, 公里).
    Amount,
    /// A rate of change (增长, 提高…个百分点).
    Rate,
    /// A level to reach or keep (比重, 覆盖率).
    Level,
}

/// By what targets are sorted.
#[derive(Enum, Clone, Copy, PartialEq, Eq, Default)]
#[graphql(remote = "store::TargetOrderField")]
pub(crate) enum TargetOrderField {
    /// By plan, then number: the document's order.
    #[default]
    Number,
    /// By plan, then the section's place in the outline, then number.
    Section,
    /// By the moment of the last change.
    UpdatedAt,
}

/// By what the numbers of a plan are grouped.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "store::StatisticsGroup")]
pub(crate) enum StatisticsGroup {
    /// All in one.
    None,
    /// By section of the outline, each with its subtree (章节).
    Section,
    /// By leader who answers for targets today; a target with several counts for each (责任领导).
    Leader,
    /// By unit that is assigned to targets, leading or supporting (责任单位).
    Unit,
}

/// What a unit's score is made of (考核).
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "domain::assessment::ScorePart")]
pub(crate) enum AssessmentPart {
    /// Reports on time, of the reports due from the unit (报送及时率).
    Timeliness,
    /// Reports accepted at their first review, of those reviewed (一次通过率).
    FirstTimeAcceptance,
    /// Targets completed, ahead or on schedule today, of those that the unit leads; adjusted and suspended ones are left
    /// out, and one that was put off is behind from the day after its first due date (序时进度).
    Progress,
}
