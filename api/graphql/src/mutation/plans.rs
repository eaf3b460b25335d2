//! Plans as a whole: imported, published, archived by the supervision office.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use domain::{Action, Language};
use entity::{ids::PlanId, plan};
use store::{CorrectionDraft, Fault, ImportDocument, Note, Seen};

use super::once::{acted, once};
use crate::{
    error::{ApiError, UserError, settle},
    id::Global,
    messages,
    request::Request,
    scalar::Upload,
    types::Plan,
};

/// The most remarks of one sort that a report lists.
const MOST_REMARKS: usize = 500;

/// A heading as the document has it, and as it is meant.
#[derive(InputObject)]
pub(crate) struct HeadingCorrectionInput {
    /// The heading as the document has it; at most 200 characters.
    heading: String,
    /// The heading as it is meant; at most 200 characters.
    corrected: String,
    /// Why; at most 500 characters.
    reason: String,
}

/// A document to be imported.
#[derive(InputObject)]
pub(crate) struct ImportPlanInput {
    /// The document as a text in UTF-8, the cells of a row separated by tabs: headings, target, leaders, units. Leaders are
    /// separated by spaces or 、, units by 、; at most 2 MiB.
    file: Upload,
    /// The year of the plan, 2000 to 2100; the document's title must state the same.
    year: i32,
    /// Read and report only; change nothing.
    dry_run: bool,
    /// Corrections of headings that you have reviewed, at most 100. They go before those of earlier imports, and an import keeps them
    /// for later ones.
    corrections: Option<Vec<HeadingCorrectionInput>>,
    /// An ID of your own for this act, at most 100 characters: sent again with the same input and file, it changes nothing
    /// twice.
    client_mutation_id: Option<String>,
}

/// What the importer has to say about one place of a document.
#[derive(SimpleObject)]
pub(crate) struct ImportRemark {
    /// The line, from 1.
    line: u32,
    /// The column of the row, from 1, where the remark is about one.
    column: Option<u32>,
    /// For people, in the language that Accept-Language asks for.
    message: String,
}

/// What the importer has to say about a document. Each list ends after 500 remarks.
#[derive(SimpleObject)]
pub(crate) struct ImportReport {
    /// The targets that were read; 0 when there is a problem.
    targets: usize,
    /// The leaders that the document names; 0 when there is a problem.
    leaders: usize,
    /// The units that are responsible for a target, or act for one that is; 0 when there is a problem.
    units: usize,
    /// What was corrected by the reviewed tables.
    corrections: Vec<ImportRemark>,
    /// What was read, but should be looked at.
    doubts: Vec<ImportRemark>,
    /// What could not be read: with any of these, nothing is imported.
    problems: Vec<ImportRemark>,
}

/// What came of importing a plan.
#[derive(SimpleObject)]
pub(crate) struct ImportPlanPayload {
    /// The ID that you gave the act.
    client_mutation_id: Option<String>,
    /// The plan; null when the document was only read, or refused.
    plan: Option<Plan>,
    /// What there is to say about the document; null when it was not read.
    report: Option<ImportReport>,
    /// Why it was refused; empty on success. A dry run says here why the document would be refused for the year.
    user_errors: Vec<UserError>,
}

/// The plan of an act.
#[derive(InputObject)]
pub(crate) struct PublishPlanInput {
    /// The plan.
    plan_id: ID,
    /// An ID of your own for this act, at most 100 characters: sent again with the same input, it changes nothing twice.
    client_mutation_id: Option<String>,
}

/// The plan of an act.
#[derive(InputObject)]
pub(crate) struct ArchivePlanInput {
    /// The plan.
    plan_id: ID,
    /// An ID of your own for this act, at most 100 characters: sent again with the same input, it changes nothing twice.
    client_mutation_id: Option<String>,
}

/// The draft to be discarded, and why.
#[derive(InputObject)]
pub(crate) struct DiscardPlanInput {
    /// The plan.
    plan_id: ID,
    /// Why, at most 2000 characters; the audit log keeps its length and its digest.
    reason: String,
    /// An ID of your own for this act, at most 100 characters: sent again with the same input, it changes nothing twice.
    client_mutation_id: Option<String>,
}

/// What came of discarding a draft.
#[derive(SimpleObject)]
pub(crate) struct DiscardPlanPayload {
    /// The ID that you gave the act.
    client_mutation_id: Option<String>,
    /// The year for which there is no plan any more; null when refused.
    year: Option<i32>,
    /// Why it was refused; empty on success.
    user_errors: Vec<UserError>,
}

/// What came of publishing or archiving a plan.
#[derive(SimpleObject)]
pub(crate) struct PlanPayload {
    /// The ID that you gave the act.
    client_mutation_id: Option<String>,
    /// The plan; null when refused.
    plan: Option<Plan>,
    /// Why it was refused; empty on success.
    user_errors: Vec<UserError>,
}

#[derive(Default)]
pub(crate) struct PlanMutation;

#[Object]
impl PlanMutation {
    /// Imports a plan from its document, by the GraphQL multipart request specification (导入): the act of the supervision office of all
    /// plans. Units are known by their names and aliases in the register. It becomes a draft, which the supervision office alone
    /// sees. With a problem nothing is imported; the same document again changes nothing; another document for a year that
    /// has a plan is refused.
    async fn import_plan(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The document, and how it is read.")] input: ImportPlanInput,
    ) -> Result<ImportPlanPayload, ApiError> {
        let request = Request::of(ctx);
        let outcome = import(ctx, request, &input).await;
        let (done, mut user_errors) = settle(request, outcome)?;
        let client_mutation_id = input.client_mutation_id;
        let Some(done) = done else {
            return Ok(ImportPlanPayload {
                client_mutation_id,
                plan: None,
                report: None,
                user_errors,
            });
        };
        if !done.refused.is_empty() {
            let refused: store::Result<()> = Err(done.refused.into());
            user_errors = settle(request, refused)?.1;
        }
        let told = |notes: &[Note]| remarks(notes, request.language);
        Ok(ImportPlanPayload {
            client_mutation_id,
            plan: done.plan.map(Plan::from),
            report: Some(ImportReport {
                targets: done.numbers.targets,
                leaders: done.numbers.leaders,
                units: done.numbers.units,
                corrections: told(&done.report.corrections),
                doubts: told(&done.report.doubts),
                problems: told(&done.report.problems),
            }),
            user_errors,
        })
    }

    /// Publishes a draft (立项): the supervision office's. From now on departments see their targets.
    async fn publish_plan(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which plan.")] input: PublishPlanInput,
    ) -> Result<PlanPayload, ApiError> {
        let (request, id) = (Request::of(ctx), PlanId::local(&input.plan_id));
        let (call, action) = (&request.call, Action::PublishPlan);
        let outcome = acted!("publishPlan", input, |once| {
            call.step_plan(action, id, once)
        });
        stepped(request, outcome, input.client_mutation_id)
    }

    /// Discards a draft (废弃草案): the supervision office's, of a document that was imported wrongly. All of it is gone, with the
    /// grants that name it, and another document may be imported for its year. What was published is archived instead.
    async fn discard_plan(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which draft, and why.")] input: DiscardPlanInput,
    ) -> Result<DiscardPlanPayload, ApiError> {
        let (request, id) = (Request::of(ctx), PlanId::local(&input.plan_id));
        let (call, reason) = (&request.call, &input.reason);
        let outcome = acted!("discardPlan", input, |once| {
            call.discard_plan(id, reason, once)
        });
        let (year, user_errors) = settle(request, outcome)?;
        Ok(DiscardPlanPayload {
            client_mutation_id: input.client_mutation_id,
            year,
            user_errors,
        })
    }

    /// Archives a plan in force (归档): the supervision office's. Nothing is written to it any more; it is read as before.
    async fn archive_plan(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which plan.")] input: ArchivePlanInput,
    ) -> Result<PlanPayload, ApiError> {
        let (request, id) = (Request::of(ctx), PlanId::local(&input.plan_id));
        let (call, action) = (&request.call, Action::ArchivePlan);
        let outcome = acted!("archivePlan", input, |once| {
            call.step_plan(action, id, once)
        });
        stepped(request, outcome, input.client_mutation_id)
    }
}

async fn import(
    ctx: &Context<'_>,
    request: &Request,
    input: &ImportPlanInput,
) -> store::Result<store::ImportReport> {
    let upload = input.file.value(ctx);
    let upload = upload.map_err(|error| Fault::new(format!("a file of the request: {error}")))?;
    let content = upload.content.to_vec();
    let once = once("importPlan", input, input.client_mutation_id.as_deref())?;
    let corrections = input.corrections.iter().flatten();
    let document = ImportDocument {
        content,
        year: input.year,
        dry_run: input.dry_run,
        corrections: corrections
            .map(|given| CorrectionDraft {
                heading: given.heading.clone(),
                corrected: given.corrected.clone(),
                reason: given.reason.clone(),
            })
            .collect(),
    };
    request.call.import_document(document, once.as_ref()).await
}

fn remarks(notes: &[Note], language: Language) -> Vec<ImportRemark> {
    let notes = notes.iter().take(MOST_REMARKS);
    notes
        .map(|note| ImportRemark {
            line: note.line,
            column: note.column,
            message: messages::remark(note, language),
        })
        .collect()
}

fn stepped(
    request: &Request,
    outcome: store::Result<Seen<plan::Model>>,
    client_mutation_id: Option<String>,
) -> Result<PlanPayload, ApiError> {
    let (plan, user_errors) = settle(request, outcome)?;
    Ok(PlanPayload {
        client_mutation_id,
        plan: plan.map(Plan::from),
        user_errors,
    })
}
