//! Rows that came through the viewer's scope, and what the sight of one opens.

use domain::Action;
use entity::{
    amendment, assignment, attachment, dispute, event,
    ids::{IndicatorId, ProgressReportId, TargetId, UserId},
    instruction, progress_report, refinement, report_version, reporting_period, review, role_grant,
    setting_change, supervision_notice, target, target_request,
};

/// A row that came through `Visible`. There is no way to make one outside this crate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen<M>(pub(crate) M);

impl<M> std::ops::Deref for Seen<M> {
    type Target = M;

    fn deref(&self) -> &M {
        &self.0
    }
}

/// The key of a target that the viewer sees: who sees a target sees it whole (domain.md §4), so that its leaders,
/// assignments, designations and indicators can be read by this key alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TargetKey(TargetId);

impl TargetKey {
    /// The plain key.
    pub const fn id(self) -> TargetId {
        self.0
    }
}

impl Seen<target::Model> {
    /// The key that opens what belongs to the target.
    pub const fn key(&self) -> TargetKey {
        TargetKey(self.0.id)
    }
}

/// The key of a user who appears on a row that the viewer sees: opens the name, nothing else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ActorKey(UserId);

impl ActorKey {
    pub(crate) const fn id(self) -> UserId {
        self.0
    }
}

impl Seen<amendment::Model> {
    /// Who amended the target.
    pub const fn amended_by(&self) -> ActorKey {
        ActorKey(self.0.amended_by_id)
    }
}

impl Seen<assignment::Model> {
    /// Who acknowledged the assignment.
    pub fn acknowledged_by(&self) -> Option<ActorKey> {
        self.0.acknowledged_by_id.map(ActorKey)
    }
}

/// The key of a report that the viewer sees: asks for what there is to see of its readings, versions and reviews.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ReportKey(ProgressReportId);

impl ReportKey {
    /// The plain key.
    pub const fn id(self) -> ProgressReportId {
        self.0
    }
}

impl Seen<progress_report::Model> {
    /// The key that opens what belongs to the report.
    pub const fn key(&self) -> ReportKey {
        ReportKey(self.0.id)
    }

    /// The key that opens what belongs to the version that the report is at.
    pub const fn version_key(&self) -> VersionKey {
        VersionKey {
            report: self.0.id,
            version: self.0.version,
        }
    }

    /// Who wrote the report last.
    pub const fn author(&self) -> ActorKey {
        ActorKey(self.0.author_id)
    }

    /// Who handed the report in.
    pub fn submitted_by(&self) -> Option<ActorKey> {
        self.0.submitted_by_id.map(ActorKey)
    }
}

/// A version of a report that the viewer sees: asks for what there is to see of its files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct VersionKey {
    pub(crate) report: ProgressReportId,
    pub(crate) version: i32,
}

impl Seen<attachment::Model> {
    /// Who uploaded the file.
    pub const fn uploaded_by(&self) -> ActorKey {
        ActorKey(self.0.uploaded_by_id)
    }
}

impl Seen<report_version::Model> {
    /// The key that opens what belongs to the version.
    pub const fn key(&self) -> VersionKey {
        VersionKey {
            report: self.0.report_id,
            version: self.0.version,
        }
    }

    /// The step that made the version.
    pub fn step(&self) -> Option<Action> {
        Action::from_word(&self.0.action)
    }

    /// The readings that the version keeps.
    pub fn kept_readings(&self) -> Vec<(IndicatorId, String)> {
        // Written by `record` alone, as such pairs.
        serde_json::from_value(self.0.readings.clone()).unwrap_or_default()
    }

    /// Who took the step that made the version.
    pub const fn user(&self) -> ActorKey {
        ActorKey(self.0.user_id)
    }
}

impl Seen<review::Model> {
    /// Who decided.
    pub const fn reviewer(&self) -> ActorKey {
        ActorKey(self.0.reviewer_id)
    }
}

impl Seen<reporting_period::Model> {
    /// Who locked the period before its time.
    pub fn locked_by(&self) -> Option<ActorKey> {
        self.0.locked_by_id.map(ActorKey)
    }
}

impl Seen<supervision_notice::Model> {
    /// Who issued the notice; none for one that was issued by rule.
    pub fn issued_by(&self) -> Option<ActorKey> {
        self.0.issued_by_id.map(ActorKey)
    }

    /// Who signed the answer.
    pub fn answered_by(&self) -> Option<ActorKey> {
        self.0.answered_by_id.map(ActorKey)
    }

    /// Who withdrew the notice.
    pub fn withdrawn_by(&self) -> Option<ActorKey> {
        self.0.withdrawn_by_id.map(ActorKey)
    }
}

impl Seen<instruction::Model> {
    /// Who wrote the instruction down.
    pub const fn issued_by(&self) -> ActorKey {
        ActorKey(self.0.issued_by_id)
    }

    /// Who signed the answer.
    pub fn answered_by(&self) -> Option<ActorKey> {
        self.0.answered_by_id.map(ActorKey)
    }
}

impl Seen<role_grant::Model> {
    /// Who granted it; none for the first start, the demo and the command line.
    pub fn granted_by(&self) -> Option<ActorKey> {
        self.0.granted_by_id.map(ActorKey)
    }

    /// Who approved or rejected it.
    pub fn decided_by(&self) -> Option<ActorKey> {
        self.0.decided_by_id.map(ActorKey)
    }

    /// Who revoked it.
    pub fn revoked_by(&self) -> Option<ActorKey> {
        self.0.revoked_by_id.map(ActorKey)
    }
}

impl Seen<setting_change::Model> {
    /// Who changed it; none at the command line.
    pub fn changed_by(&self) -> Option<ActorKey> {
        self.0.changed_by_id.map(ActorKey)
    }
}

impl Seen<event::Model> {
    /// Who did it.
    pub fn actor(&self) -> Option<ActorKey> {
        self.0.user_id.map(ActorKey)
    }
}

impl Seen<target_request::Model> {
    /// Who asked.
    pub const fn requested_by(&self) -> ActorKey {
        ActorKey(self.0.requested_by_id)
    }

    /// Who decided it or took it back.
    pub fn decided_by(&self) -> Option<ActorKey> {
        self.0.decided_by_id.map(ActorKey)
    }

    /// Who opened the target again that it had closed.
    pub fn reopened_by(&self) -> Option<ActorKey> {
        self.0.reopened_by_id.map(ActorKey)
    }
}

impl Seen<refinement::Model> {
    /// Who handed it in.
    pub fn submitted_by(&self) -> Option<ActorKey> {
        self.0.submitted_by_id.map(ActorKey)
    }

    /// Who decided on it.
    pub fn decided_by(&self) -> Option<ActorKey> {
        self.0.decided_by_id.map(ActorKey)
    }
}

impl Seen<dispute::Model> {
    /// Who raised it.
    pub const fn raised_by(&self) -> ActorKey {
        ActorKey(self.0.raised_by_id)
    }

    /// Who decided it or took it back.
    pub fn decided_by(&self) -> Option<ActorKey> {
        self.0.decided_by_id.map(ActorKey)
    }
}
