//! Assignment (责任分工).

use std::sync::Arc;

use async_graphql::{Context, ID, Object};
use entity::{ids::UnitId, unit};
use store::{AssignmentRow, Seen};

use super::{
    AvailableAction, Target, Unit, UnitGroup,
    actor::{Actor, actor},
    available_actions,
};
use crate::{
    enums::{AssignmentOrigin, AssignmentRole},
    error::ApiError,
    id::Global,
    loader::AssignmentFactsOf,
    request::Request,
    scalar::{Date, DateTime},
};

#[derive(Clone)]
pub(crate) struct Assignment(AssignmentRow);

impl From<AssignmentRow> for Assignment {
    fn from(row: AssignmentRow) -> Self {
        Self(row)
    }
}

/// A unit's part in a target (责任分工).
#[Object]
impl Assignment {
    /// The ID of the assignment.
    pub(crate) async fn id(&self) -> ID {
        self.0.assignment.id.global()
    }

    /// Whether the unit leads (牵头) or cooperates (配合).
    async fn role(&self) -> AssignmentRole {
        self.0.assignment.role.into()
    }

    /// The place in the document's list of units, from 1. Units that came from one phrase share its place.
    async fn ordinal(&self) -> i32 {
        self.0.assignment.ordinal
    }

    /// Where the assignment came from; of one that was given to another unit, where it came from at first.
    async fn origin(&self) -> AssignmentOrigin {
        self.0.assignment.origin.into()
    }

    /// When the unit got it, by designation or from another unit, or by an amendment, which may also have made it lead (牵头): from
    /// then on it owes reports. Null when the document assigned it.
    async fn assigned_at(&self) -> Option<DateTime> {
        self.0.assignment.assigned_at.map(DateTime)
    }

    /// The last day for acknowledging it (签收期限): so many working days after the plan was published, after the unit got it, or after
    /// the office insisted on it, as the plan's rules said then. Null in a draft, and for what was given before there were such days.
    async fn acknowledge_by(&self) -> Option<Date> {
        self.0.assignment.acknowledge_by.map(Date)
    }

    /// It is not acknowledged, though the last day for that has passed (逾期未签收). Not while a dispute of it is open that you may see, nor
    /// once the target is closed or cancelled, or the plan archived.
    async fn acknowledgement_overdue(&self, ctx: &Context<'_>) -> Result<bool, ApiError> {
        let request = Request::of(ctx);
        let assignment = &self.0.assignment;
        let facts = request.loaded(AssignmentFactsOf(assignment.id)).await?;
        let today = request.call.today();
        Ok(facts
            .is_some_and(|facts| facts.acknowledgement_overdue(assignment.acknowledge_by, today)))
    }

    /// When the unit acknowledged the assignment (签收); null until it does.
    async fn acknowledged_at(&self) -> Option<DateTime> {
        self.0.assignment.acknowledged_at.map(DateTime)
    }

    /// Who acknowledged it.
    async fn acknowledged_by(&self, ctx: &Context<'_>) -> Option<Result<Actor, ApiError>> {
        actor(ctx, self.0.assignment.acknowledged_by()).await
    }

    /// The responsible unit (责任单位).
    async fn unit(&self, ctx: &Context<'_>) -> Option<Result<Unit, ApiError>> {
        unit(ctx, &self.0.unit, Some(self.0.assignment.unit_id)).await
    }

    /// The unit that does the work of the responsible one, where the document names it in brackets (承办单位): its
    /// people see and work on this assignment.
    async fn acting_unit(&self, ctx: &Context<'_>) -> Option<Result<Unit, ApiError>> {
        unit(ctx, &self.0.acting_unit, self.0.assignment.acting_unit_id).await
    }

    /// The group through which the document, or a designation, names the unit.
    async fn group(&self) -> Option<UnitGroup> {
        self.0.group.clone().map(UnitGroup::from)
    }

    /// The target.
    async fn target(&self, ctx: &Context<'_>) -> Option<Result<Target, ApiError>> {
        Request::of(ctx).one(self.0.assignment.target_id).await
    }

    /// What you may do to it now.
    async fn available_actions(&self, ctx: &Context<'_>) -> Result<Vec<AvailableAction>, ApiError> {
        let request = Request::of(ctx);
        match request
            .loaded(AssignmentFactsOf(self.0.assignment.id))
            .await?
        {
            Some(facts) => available_actions(request, &*facts),
            None => Ok(Vec::new()),
        }
    }
}

/// A unit that came with the assignment, or is read.
async fn unit(
    ctx: &Context<'_>,
    known: &Option<Arc<Seen<unit::Model>>>,
    id: Option<UnitId>,
) -> Option<Result<Unit, ApiError>> {
    match known {
        Some(known) => Some(Ok(Arc::clone(known).into())),
        None => Request::of(ctx).one(id?).await,
    }
}
