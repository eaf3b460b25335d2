//! UnitGroup (单位组).

use std::sync::Arc;

use async_graphql::{Context, ID, Object};
use entity::unit_group;
use store::Seen;

use super::Unit;
use crate::{
    enums::GroupResolution, error::ApiError, id::Global, loader::MembersOf, request::Request,
};

#[derive(Clone)]
pub(crate) struct UnitGroup(Arc<Seen<unit_group::Model>>);

of_row!(UnitGroup, unit_group::Model);

/// A phrase that stands for several units, such as 各县（市、区）政府 (单位组).
#[Object]
impl UnitGroup {
    /// The ID of the group.
    pub(crate) async fn id(&self) -> ID {
        self.0.id.global()
    }

    /// The phrase.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// What the phrase does when a document uses it.
    async fn resolution(&self) -> GroupResolution {
        self.0.resolution.into()
    }

    /// The units for which the phrase stands, in their order; none for a phrase that names nobody yet.
    async fn members(&self, ctx: &Context<'_>) -> Result<Vec<Unit>, ApiError> {
        Request::of(ctx).list(MembersOf(self.0.id)).await
    }
}
