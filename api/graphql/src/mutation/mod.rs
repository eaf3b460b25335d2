//! What can be done: each mutation one named act.

mod accounts;
mod attachments;
mod directory;
mod disputes;
mod grants;
mod instructions;
mod milestones;
mod notices;
mod once;
mod periods;
mod plans;
mod report_inputs;
mod reports;
mod requests;
mod responsibility;
mod second_factor;
mod session;
mod steering;
mod targets;
mod user_import;

use async_graphql::MergedObject;

use accounts::AccountMutation;
use attachments::AttachmentMutation;
use directory::DirectoryMutation;
use disputes::DisputeMutation;
use grants::GrantMutation;
use instructions::InstructionMutation;
use milestones::MilestoneMutation;
use notices::NoticeMutation;
use periods::PeriodMutation;
use plans::PlanMutation;
use reports::ReportMutation;
use requests::RequestMutation;
use responsibility::ResponsibilityMutation;
use second_factor::SecondFactorMutation;
use session::SessionMutation;
use steering::SteeringMutation;
use targets::TargetMutation;
use user_import::UserImportMutation;

/// What can be done, one act a request. Each act takes one `input`, and answers the changed object, or in `userErrors`
/// why it was refused; a refused act changes nothing. A `clientMutationId` is known for thirty days.
#[derive(MergedObject, Default)]
pub struct Mutation(
    SessionMutation,
    ResponsibilityMutation,
    PeriodMutation,
    ReportMutation,
    NoticeMutation,
    InstructionMutation,
    SteeringMutation,
    RequestMutation,
    MilestoneMutation,
    DisputeMutation,
    AttachmentMutation,
    AccountMutation,
    GrantMutation,
    DirectoryMutation,
    PlanMutation,
    TargetMutation,
    SecondFactorMutation,
    UserImportMutation,
);
