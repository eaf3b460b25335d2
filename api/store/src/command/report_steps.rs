//! The steps of a report (domain.md §5), all by one mechanism: the guard is `domain::report`'s, and so is where a step
//! leads.

use chrono::{DateTime, Utc};
use domain::{Action, Guarded, Reason, report::leads_to};
use entity::{
    ids::{ProgressReportId, UserId},
    kinds::{Audience, EventType, ReviewDecision},
    progress_report, report_version, reporting_period, review,
};
use sea_orm::{
    ActiveModelTrait, ActiveValue::NotSet, ColumnTrait, EntityTrait, IntoActiveModel, Set,
};
use serde_json::json;

use crate::{
    Call, Fault, Once, Result, Seen,
    read::{report_facts::facts_of_step, reports::KeptReading},
    scoped::Scoped,
    standing,
    write::{Begun, Entry, Told, Write},
};

use super::{check_version, requests::said, save_report::kept};

const REPORT: &str = "reportId";

impl Call {
    /// Takes a step of a report: asks for its signature, hands it in, takes it back, begins its review, accepts or returns
    /// it.
    ///
    /// # Errors
    /// Refused: a report that the viewer does not see, whatever the guard refuses, a version that is not the newest, or a
    /// return without a comment.
    pub async fn step_report(
        &self,
        action: Action,
        id: Option<ProgressReportId>,
        expected_version: i32,
        comment: Option<&str>,
        once: Option<&Once>,
    ) -> Result<Seen<progress_report::Model>> {
        let user = self.admitted()?.account.id;
        let mut write = match self.begin(once).await? {
            Begun::Fresh(write) => write,
            Begun::Again(id) => return self.again(&id).await,
        };
        let not_found = || Reason::NotFound.at(REPORT);
        let id = id.ok_or_else(not_found)?;
        // How the target stands is counted anew: its lock comes before the report's, as for all who take both.
        let its = progress_report::Column::TargetId;
        self.lock_target_of(&write, its, progress_report::Column::Id.eq(id))
            .await?
            .ok_or_else(not_found)?;
        let mut report = Scoped::<progress_report::Entity>::new(self)
            .and(progress_report::Column::Id.eq(id))
            .locked()
            .one(write.db())
            .await?
            .ok_or_else(not_found)?;
        for facts in facts_of_step(write.db(), &[&report]).await? {
            facts
                .permit(self.asking()?, action)
                .map_err(|reason| reason.at(REPORT))?;
        }
        check_version(Some(report.version), Some(expected_version))?;
        let comment = said(comment, action == Action::ReturnReport)?;
        let before = (report.status, report.version);
        let step = Step {
            action,
            user,
            now: self.now(),
            comment,
        };
        step.change(&write, &mut report.0).await?;
        progress_report::Entity::update(report.0.clone().into_active_model().reset_all())
            .exec(write.db())
            .await?;
        let readings = kept(write.db(), &report).await?;
        record(&write, &report, &readings, &step).await?;
        if let Some(decision) = decision(action) {
            review::Entity::insert(review::ActiveModel {
                id: NotSet,
                report_id: Set(report.id),
                report_version: Set(before.1),
                decision: Set(decision),
                comment: Set(step.comment.clone()),
                reviewer_id: Set(user),
                reviewed_at: Set(self.now()),
            })
            .exec(write.db())
            .await?;
        }
        standing::recompute(&mut write, &[report.target_id], self.now()).await?;
        let entry = Entry {
            act: action.into(),
            object: "ProgressReport",
            id: Some(report.id.0),
            changes: json!({ "status": [before.0, report.status], "version": report.version, "comment": step.comment }),
            event: Some(told(&report, action)),
        };
        write.commit_with(json!(report.id), [entry]).await?;
        Ok(report)
    }
}

/// Who takes which step, when, and what they say.
pub(super) struct Step {
    pub(super) action: Action,
    pub(super) user: UserId,
    pub(super) now: DateTime<Utc>,
    pub(super) comment: Option<String>,
}

impl Step {
    async fn change(
        &self,
        write: &Write,
        report: &mut progress_report::Model,
    ) -> Result<(), Fault> {
        report.status = leads_to(self.action)
            .ok_or_else(|| Fault::new("an act that is no step of a report"))?;
        report.version += 1;
        report.updated_at = self.now;
        match self.action {
            Action::SubmitReport => {
                let period = reporting_period::Entity::find_by_id(report.period_id)
                    .one(write.db())
                    .await?
                    .ok_or_else(|| Fault::new("a report without a period"))?;
                if report.first_submitted_at.is_none() {
                    report.first_submitted_at = Some(self.now);
                    report.late = self.now > period.due_at;
                }
                report.submitted_at = Some(self.now);
                report.submitted_by_id = Some(self.user);
                report.filed_at = self.now;
                report.review_began_at = None;
            }
            Action::BeginReview => report.review_began_at = Some(self.now),
            Action::AcceptReport => report.accepted_at = Some(self.now),
            _ => {}
        }
        if let (Some(decision), None) = (decision(self.action), report.first_decision) {
            report.first_decision = Some(decision);
        }
        Ok(())
    }
}

const fn decision(action: Action) -> Option<ReviewDecision> {
    match action {
        Action::AcceptReport => Some(ReviewDecision::Accept),
        Action::ReturnReport => Some(ReviewDecision::Return),
        _ => None,
    }
}

/// Keeps the report as the step left it.
pub(super) async fn record(
    write: &Write,
    report: &progress_report::Model,
    readings: &[KeptReading],
    step: &Step,
) -> Result<(), Fault> {
    report_version::Entity::insert(report_version::ActiveModel {
        id: NotSet,
        report_id: Set(report.id),
        plan_id: Set(report.plan_id),
        target_id: Set(report.target_id),
        unit_id: Set(report.unit_id),
        version: Set(report.version),
        action: Set(step.action.as_str().to_owned()),
        status: Set(report.status),
        progress: Set(report.progress.clone()),
        problems: Set(report.problems.clone()),
        next_steps: Set(report.next_steps.clone()),
        percent_complete: Set(report.percent_complete),
        readings: Set(json!(readings)),
        comment: Set(step.comment.clone()),
        user_id: Set(step.user),
        recorded_at: Set(step.now),
    })
    .exec(write.db())
    .await?;
    Ok(())
}

/// The event of a step, for those who may see the report as the step left it. That it was taken back is for those who
/// had seen it.
pub(super) fn told(report: &progress_report::Model, action: Action) -> Told {
    let (kind, audience) = match action {
        Action::RequestSignoff => (EventType::SignoffRequested, Audience::Unit),
        Action::SubmitReport => (EventType::ReportSubmitted, Audience::Leads),
        Action::RecallReport => (EventType::ReportRecalled, Audience::Leads),
        Action::BeginReview => (EventType::ReviewBegun, Audience::Leads),
        Action::AcceptReport => (EventType::ReportAccepted, Audience::Accepted),
        Action::ReturnReport => (EventType::ReportReturned, Audience::Leads),
        _ => (EventType::ReportSaved, Audience::Unit),
    };
    Told {
        kind,
        plan: report.plan_id,
        target: Some(report.target_id),
        unit: Some(report.unit_id),
        audience,
        about: Some(("ProgressReport", report.id.0)),
    }
}
