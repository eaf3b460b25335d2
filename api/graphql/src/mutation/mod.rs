//! What can be done: each mutation one named act.

mod disputes;
mod milestones;
mod once;
mod requests;
mod responsibility;
mod session;

use async_graphql::MergedObject;

use disputes::DisputeMutation;
use milestones::MilestoneMutation;
use requests::RequestMutation;
use responsibility::ResponsibilityMutation;
use session::SessionMutation;

/// What can be done, one act a request. Each act takes one `input`, and answers the changed object, or in `userErrors`
/// why it was refused; a refused act changes nothing.
#[derive(MergedObject, Default)]
pub struct Mutation(
    SessionMutation,
    ResponsibilityMutation,
    RequestMutation,
    MilestoneMutation,
    DisputeMutation,
);
