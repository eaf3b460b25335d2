//! Designation: a phrase of the document for which the supervision office names the units.

use async_graphql::{Context, ID, Object};
use entity::designation;
use store::Seen;

use super::{AvailableAction, Target, UnitGroup, available_actions};
use crate::{
    enums::AssignmentRole, error::ApiError, id::Global, request::Request, scalar::DateTime,
};

#[derive(Clone)]
pub(crate) struct Designation(Seen<designation::Model>);

impl From<Seen<designation::Model>> for Designation {
    fn from(row: Seen<designation::Model>) -> Self {
        Self(row)
    }
}

/// A phrase that names no unit yet, such as 相关县（市、区）政府: the supervision office designates the units (指定责任单位).
#[Object]
impl Designation {
    /// The ID of the designation.
    pub(crate) async fn id(&self) -> ID {
        self.0.id.global()
    }

    /// The phrase as the document has it.
    async fn phrase(&self) -> &str {
        &self.0.phrase
    }

    /// The role that the designated units get.
    async fn role(&self) -> AssignmentRole {
        self.0.role.into()
    }

    /// The place in the document's list of units, from 1.
    async fn ordinal(&self) -> i32 {
        self.0.ordinal
    }

    /// Units have been designated.
    async fn resolved(&self) -> bool {
        self.0.resolved_at.is_some()
    }

    /// When units were designated; null until then.
    async fn resolved_at(&self) -> Option<DateTime> {
        self.0.resolved_at.map(DateTime)
    }

    /// The group of units that the phrase speaks of.
    async fn group(&self, ctx: &Context<'_>) -> Option<Result<UnitGroup, ApiError>> {
        Request::of(ctx).one(self.0.group_id).await
    }

    /// The target.
    async fn target(&self, ctx: &Context<'_>) -> Option<Result<Target, ApiError>> {
        Request::of(ctx).one(self.0.target_id).await
    }

    /// What you may do to it now.
    async fn available_actions(&self, ctx: &Context<'_>) -> Result<Vec<AvailableAction>, ApiError> {
        let request = Request::of(ctx);
        match request.loaded(self.0.plan_id).await? {
            Some(plan) => {
                available_actions(request, &request.call.designation_facts(&plan, &self.0))
            }
            None => Ok(Vec::new()),
        }
    }
}
