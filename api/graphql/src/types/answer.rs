//! Answer: what a unit says to a notice or an instruction.

use async_graphql::{Context, Object};
use chrono::Utc;
use entity::ids::UnitId;
use store::ActorKey;

use super::{
    Unit,
    actor::{Actor, actor},
};
use crate::{error::ApiError, request::Request, scalar::DateTime};

pub(crate) struct Answer {
    pub(super) body: String,
    pub(super) answered_at: chrono::DateTime<Utc>,
    pub(super) answered_by: Option<ActorKey>,
    pub(super) unit: Option<UnitId>,
}

/// A unit's answer to a supervision notice (答复) or to an instruction (办理情况).
#[Object]
impl Answer {
    /// What it says.
    async fn body(&self) -> &str {
        &self.body
    }

    /// When it was given.
    async fn answered_at(&self) -> DateTime {
        DateTime(self.answered_at)
    }

    /// Who signed it.
    async fn answered_by(&self, ctx: &Context<'_>) -> Option<Result<Actor, ApiError>> {
        actor(ctx, self.answered_by).await
    }

    /// The unit in whose name it was given.
    async fn unit(&self, ctx: &Context<'_>) -> Option<Result<Unit, ApiError>> {
        Request::of(ctx).one(self.unit?).await
    }
}
