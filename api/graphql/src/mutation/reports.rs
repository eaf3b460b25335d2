//! The steps of a progress report.

use async_graphql::{Context, ID, InputType, Object};
use domain::{Action, Reason};
use entity::{ids::ProgressReportId, kinds, progress_report};
use store::{Error, Seen, command::MOST_ITEMS};

use super::{
    once::once,
    report_inputs::{
        ProgressReportInput, ProgressReportPayload, ReviewProgressReportInput,
        SaveProgressReportInput, SaveProgressReportResult, SaveProgressReportsInput,
        SaveProgressReportsPayload,
    },
};
use crate::{
    error::{ApiError, settle},
    id::Global,
    request::Request,
    types::ProgressReport,
};

/// The most characters of the ID of many rows: each row's is made of it.
const LONGEST_OF_ROWS: usize = 90;

#[derive(Default)]
pub(crate) struct ReportMutation;

#[Object]
impl ReportMutation {
    /// Begins the report of a unit on a target for a period, or changes it (填报). Anybody's who works for the unit, or for
    /// the unit acting for it, while the period takes reports. A report that waits for its signature or was sent back is
    /// a draft again. A draft that is already as you write it stays as it is, with its version.
    async fn save_progress_report(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which report, and what is written in it.")]
        input: SaveProgressReportInput,
    ) -> Result<ProgressReportPayload, ApiError> {
        let request = Request::of(ctx);
        let id = input.client_mutation_id.as_deref();
        let outcome = save(request, "saveProgressReport", &input, id).await;
        ProgressReportPayload::of(request, input.client_mutation_id, outcome)
    }

    /// Saves many reports at once, for people who fill in tables: each by itself, as `saveProgressReport` does. A report that stands in two
    /// rows is saved as the first one says, and the second is refused.
    async fn save_progress_reports(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The reports.")] input: SaveProgressReportsInput,
    ) -> Result<SaveProgressReportsPayload, ApiError> {
        let request = Request::of(ctx);
        request.admitted()?;
        let (_, user_errors) = settle(request, acceptable(&input))?;
        let mut results = Vec::new();
        if user_errors.is_empty() {
            for (at, row) in input.rows.iter().enumerate() {
                let before = &input.rows[..at];
                let of_all = input.client_mutation_id.as_deref();
                let outcome = match (&row.client_mutation_id, of_all) {
                    _ if before.iter().any(|other| row.is_of_the_report_of(other)) => {
                        Err(Reason::Repeated.at("targetId").into())
                    }
                    (Some(id), _) => save(request, "saveProgressReport", row, Some(id)).await,
                    (None, Some(id)) => {
                        let id = format!("{id}/{at}");
                        save(request, "saveProgressReports", row, Some(&id)).await
                    }
                    (None, None) => save(request, "saveProgressReports", row, None).await,
                };
                let (report, user_errors) = settle(request, outcome.map_err(within_row(at)))?;
                results.push(SaveProgressReportResult {
                    client_mutation_id: row.client_mutation_id.clone(),
                    report: report.map(ProgressReport::from),
                    user_errors,
                });
            }
        }
        Ok(SaveProgressReportsPayload {
            client_mutation_id: input.client_mutation_id,
            results,
            user_errors,
        })
    }

    /// Asks the unit manager for the signature (送审签). Anybody's who works for the unit.
    async fn request_signoff(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which report.")] input: ProgressReportInput,
    ) -> Result<ProgressReportPayload, ApiError> {
        step(ctx, Action::RequestSignoff, "requestSignoff", input).await
    }

    /// Submits a report (报送). The unit manager's.
    async fn submit_progress_report(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which report.")] input: ProgressReportInput,
    ) -> Result<ProgressReportPayload, ApiError> {
        step(ctx, Action::SubmitReport, "submitProgressReport", input).await
    }

    /// Takes a submitted report back, to be a draft again, before its review begins (撤回). The unit manager's.
    async fn recall_progress_report(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which report.")] input: ProgressReportInput,
    ) -> Result<ProgressReportPayload, ApiError> {
        step(ctx, Action::RecallReport, "recallProgressReport", input).await
    }

    /// Begins the review: from now on the report cannot be recalled. The supervision office's; a report may be reviewed
    /// without it, too.
    async fn begin_review(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which report.")] input: ProgressReportInput,
    ) -> Result<ProgressReportPayload, ApiError> {
        step(ctx, Action::BeginReview, "beginReview", input).await
    }

    /// Accepts a report, or sends it back with a comment (审核). The supervision office's; never by anybody who wrote the
    /// report or handed it in.
    async fn review_progress_report(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which report, and what is decided.")] input: ReviewProgressReportInput,
    ) -> Result<ProgressReportPayload, ApiError> {
        let request = Request::of(ctx);
        let action = match input.decision.into() {
            kinds::ReviewDecision::Accept => Action::AcceptReport,
            kinds::ReviewDecision::Return => Action::ReturnReport,
        };
        let given = Given {
            report: &input.report_id,
            version: input.expected_version,
            comment: input.comment.as_deref(),
            once: input.client_mutation_id.as_deref(),
        };
        let outcome = take(request, action, "reviewProgressReport", &input, given).await;
        ProgressReportPayload::of(request, input.client_mutation_id, outcome)
    }
}

/// Whether there is something to save, and not too much of it.
fn acceptable(input: &SaveProgressReportsInput) -> store::Result<()> {
    let id = input.client_mutation_id.as_deref().unwrap_or("-");
    let (field, reason) = if input.rows.is_empty() {
        ("rows", Reason::Empty)
    } else if input.rows.len() > MOST_ITEMS {
        ("rows", Reason::TooMany { most: MOST_ITEMS })
    } else if id.is_empty() {
        ("clientMutationId", Reason::Blank)
    } else if id.chars().count() > LONGEST_OF_ROWS {
        let most = LONGEST_OF_ROWS;
        ("clientMutationId", Reason::TextTooLong { most })
    } else {
        return Ok(());
    };
    Err(reason.at(field).into())
}

/// A row's refusals, with their place in the whole input.
fn within_row(at: usize) -> impl Fn(Error) -> Error {
    move |error| match error {
        Error::Refused(mut refusals) => {
            for refusal in &mut refusals {
                refusal
                    .field
                    .splice(0..0, ["rows".to_owned(), at.to_string()]);
            }
            Error::Refused(refusals)
        }
        other => other,
    }
}

async fn save(
    request: &Request,
    mutation: &str,
    input: &SaveProgressReportInput,
    client_mutation_id: Option<&str>,
) -> store::Result<Seen<progress_report::Model>> {
    let once = once(mutation, input, client_mutation_id)?;
    request.call.save_report(input.read(), once.as_ref()).await
}

async fn step(
    ctx: &Context<'_>,
    action: Action,
    mutation: &str,
    input: ProgressReportInput,
) -> Result<ProgressReportPayload, ApiError> {
    let request = Request::of(ctx);
    let given = Given {
        report: &input.report_id,
        version: input.expected_version,
        comment: None,
        once: input.client_mutation_id.as_deref(),
    };
    let outcome = take(request, action, mutation, &input, given).await;
    ProgressReportPayload::of(request, input.client_mutation_id, outcome)
}

/// What every step is given.
struct Given<'a> {
    report: &'a ID,
    version: i32,
    comment: Option<&'a str>,
    once: Option<&'a str>,
}

async fn take(
    request: &Request,
    action: Action,
    mutation: &str,
    input: &impl InputType,
    given: Given<'_>,
) -> store::Result<Seen<progress_report::Model>> {
    let once = once(mutation, input, given.once)?;
    let id = ProgressReportId::local(given.report);
    let call = &request.call;
    call.step_report(action, id, given.version, given.comment, once.as_ref())
        .await
}
