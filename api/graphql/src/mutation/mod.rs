//! What can be done: each mutation one named act.

mod attachments;
mod instructions;
mod notices;
mod once;
mod periods;
mod report_inputs;
mod reports;
mod responsibility;
mod session;

use async_graphql::MergedObject;

use attachments::AttachmentMutation;
use instructions::InstructionMutation;
use notices::NoticeMutation;
use periods::PeriodMutation;
use reports::ReportMutation;
use responsibility::ResponsibilityMutation;
use session::SessionMutation;

/// What can be done, one act a request. Each act takes one `input`, and answers the changed object, or in `userErrors`
/// why it was refused; a refused act changes nothing.
#[derive(MergedObject, Default)]
pub struct Mutation(
    SessionMutation,
    ResponsibilityMutation,
    PeriodMutation,
    ReportMutation,
    NoticeMutation,
    InstructionMutation,
    AttachmentMutation,
);
