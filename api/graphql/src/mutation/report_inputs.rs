//! What the mutations of reports take and answer.

use async_graphql::{ID, InputObject, SimpleObject};
use entity::{
    ids::{AttachmentId, IndicatorId, ReportingPeriodId, TargetId, UnitId},
    progress_report,
};
use store::{Reading, SaveReport, Seen};

use crate::{
    enums::ReviewDecision,
    error::{ApiError, UserError, settle},
    id::Global,
    request::Request,
    scalar::Decimal,
    types::ProgressReport,
};

/// The value of an indicator.
#[derive(InputObject)]
pub(crate) struct IndicatorReadingInput {
    /// The indicator, one of the target's.
    indicator_id: ID,
    /// The value, in the indicator's unit of measure: at most 20 digits.
    value: Decimal,
}

/// What is written in a report. What is not given, or null, stays as it is.
#[derive(InputObject)]
pub(crate) struct SaveProgressReportInput {
    /// The target.
    target_id: ID,
    /// The period, one of the target's plan.
    period_id: ID,
    /// The unit that reports; needed when you act for several units of the target.
    unit_id: Option<ID>,
    /// Progress so far (进展情况), at most 5000 characters.
    progress: Option<String>,
    /// Problems (存在的问题), at most 5000 characters.
    problems: Option<String>,
    /// Next steps (下一步措施), at most 5000 characters.
    next_steps: Option<String>,
    /// Percent complete, 0 to 100.
    percent_complete: Option<i32>,
    /// The values of indicators, in place of all those before; at most 100.
    readings: Option<Vec<IndicatorReadingInput>>,
    /// The evidence files, in place of all those before; at most 10. Each is one that you uploaded for this target and unit and
    /// that waits to be attached, or one that the report has. What is left out stays with the versions that had it.
    attachment_ids: Option<Vec<ID>>,
    /// The version that you have seen. Needed to change a report that there is; not to be given for a new one.
    expected_version: Option<i32>,
    /// An ID of your own for this act, at most 100 characters: sent again with the same input, it changes nothing twice.
    pub(super) client_mutation_id: Option<String>,
}

impl SaveProgressReportInput {
    /// Whether both would write the same report. Where one names no unit, it is the only one that it can be of.
    pub(super) fn is_of_the_report_of(&self, other: &Self) -> bool {
        let of = |row: &Self| {
            let (target, period) = (
                TargetId::local(&row.target_id),
                ReportingPeriodId::local(&row.period_id),
            );
            target.zip(period)
        };
        let unit = |row: &Self| row.unit_id.as_ref().map(UnitId::local);
        of(self).is_some()
            && of(self) == of(other)
            && unit(self)
                .zip(unit(other))
                .is_none_or(|(one, other)| one == other)
    }

    /// What is asked of the store.
    pub(super) fn read(&self) -> SaveReport {
        let reading = |reading: &IndicatorReadingInput| Reading {
            indicator: IndicatorId::local(&reading.indicator_id),
            value: reading.value.0.clone(),
        };
        SaveReport {
            target: TargetId::local(&self.target_id),
            period: ReportingPeriodId::local(&self.period_id),
            unit: self.unit_id.as_ref().map(UnitId::local),
            progress: self.progress.clone(),
            problems: self.problems.clone(),
            next_steps: self.next_steps.clone(),
            percent_complete: self.percent_complete,
            readings: self
                .readings
                .as_ref()
                .map(|readings| readings.iter().map(reading).collect()),
            attachments: self
                .attachment_ids
                .as_ref()
                .map(|ids| ids.iter().map(AttachmentId::local).collect()),
            expected_version: self.expected_version,
        }
    }
}

/// Reports of many targets at once.
#[derive(InputObject)]
pub(crate) struct SaveProgressReportsInput {
    /// The reports, at least one and at most 100, each in one row. Each is saved by itself: a refused one does not undo the others.
    pub(super) rows: Vec<SaveProgressReportInput>,
    /// An ID of your own for the whole, at most 90 characters: sent again, a row with the same input changes nothing twice.
    /// A row may have an ID of its own instead.
    pub(super) client_mutation_id: Option<String>,
}

/// What came of one row.
#[derive(SimpleObject)]
pub(crate) struct SaveProgressReportResult {
    /// The ID that you gave the row.
    pub(super) client_mutation_id: Option<String>,
    /// The report; null when refused.
    pub(super) report: Option<ProgressReport>,
    /// Why it was refused, with `field` from `rows` on; empty on success.
    pub(super) user_errors: Vec<UserError>,
}

/// What came of saving many reports.
#[derive(SimpleObject)]
pub(crate) struct SaveProgressReportsPayload {
    /// The ID that you gave the act.
    pub(super) client_mutation_id: Option<String>,
    /// What came of each row, in the order of the input; empty when the act as a whole is refused.
    pub(super) results: Vec<SaveProgressReportResult>,
    /// Why the act as a whole was refused; empty also when rows were.
    pub(super) user_errors: Vec<UserError>,
}

/// Which report takes the step.
#[derive(InputObject)]
pub(crate) struct ProgressReportInput {
    /// The report.
    pub(super) report_id: ID,
    /// The version that you have seen.
    pub(super) expected_version: i32,
    /// An ID of your own for this act, at most 100 characters: sent again with the same input, it changes nothing twice.
    pub(super) client_mutation_id: Option<String>,
}

/// What is decided on a report.
#[derive(InputObject)]
pub(crate) struct ReviewProgressReportInput {
    /// The report.
    pub(super) report_id: ID,
    /// The version that you have seen.
    pub(super) expected_version: i32,
    /// The decision.
    pub(super) decision: ReviewDecision,
    /// What is said with it, at most 2000 characters; needed to send a report back.
    pub(super) comment: Option<String>,
    /// An ID of your own for this act, at most 100 characters: sent again with the same input, it changes nothing twice.
    pub(super) client_mutation_id: Option<String>,
}

/// What came of an act on a report.
#[derive(SimpleObject)]
pub(crate) struct ProgressReportPayload {
    /// The ID that you gave the act.
    client_mutation_id: Option<String>,
    /// The report; null when refused.
    report: Option<ProgressReport>,
    /// Why it was refused; empty on success.
    user_errors: Vec<UserError>,
}

impl ProgressReportPayload {
    pub(super) fn of(
        request: &Request,
        client_mutation_id: Option<String>,
        outcome: store::Result<Seen<progress_report::Model>>,
    ) -> Result<Self, ApiError> {
        let (report, user_errors) = settle(request, outcome)?;
        Ok(Self {
            client_mutation_id,
            report: report.map(ProgressReport::from),
            user_errors,
        })
    }
}
