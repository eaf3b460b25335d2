//! Unit (责任单位).

use std::sync::Arc;

use async_graphql::{Context, ID, InputObject, Object};
use domain::directory::UnitFacts;
use entity::unit;
use store::{PageArgs, Seen, TargetsOf};

use super::{AvailableAction, TargetFilter, TargetOrder, available_actions, targets};
use crate::{
    connection::TargetConnection, enums::UnitKind, error::ApiError, id::Global, loader::AliasesOf,
    request::Request,
};

#[derive(Clone)]
pub(crate) struct Unit(Arc<Seen<unit::Model>>);

of_row!(Unit, unit::Model);

/// Narrowing the list of units.
#[derive(InputObject, Default)]
pub(crate) struct UnitFilter {
    /// A text that stands in the name, the full name or an alias; at most 100 characters.
    pub(crate) search: Option<String>,
    /// Also units that were merged into others.
    #[graphql(default)]
    pub(crate) include_merged: bool,
}

/// An organisation that can be held responsible (责任单位).
#[Object]
impl Unit {
    /// The ID of the unit.
    pub(crate) async fn id(&self) -> ID {
        self.0.id.global()
    }

    /// The name as documents use it, such as 市发展改革委.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// The full official name; null where it is not known for certain.
    async fn full_name(&self) -> Option<&str> {
        self.0.full_name.as_deref()
    }

    /// What sort of organisation it is.
    async fn kind(&self) -> UnitKind {
        self.0.kind.into()
    }

    /// The GB/T 2260 code of a county-level government; null for others.
    async fn code(&self) -> Option<&str> {
        self.0.code.as_deref()
    }

    /// The unit into which it was merged; null for a unit of its own.
    async fn merged_into(&self, ctx: &Context<'_>) -> Option<Result<Unit, ApiError>> {
        Request::of(ctx).one(self.0.merged_into_id?).await
    }

    /// What you may do to the unit now.
    async fn available_actions(&self, ctx: &Context<'_>) -> Result<Vec<AvailableAction>, ApiError> {
        let request = Request::of(ctx);
        let merged_into = match self.0.merged_into_id {
            Some(into) => request.loaded(into).await?.map(|unit| unit.name.clone()),
            None => None,
        };
        available_actions(request, &UnitFacts { merged_into })
    }

    /// Other names under which documents mention the unit.
    async fn aliases(&self, ctx: &Context<'_>) -> Result<Vec<String>, ApiError> {
        Request::of(ctx).list(AliasesOf(self.0.id)).await
    }

    /// The targets that the unit is assigned to or acts for, of those that you may see.
    async fn targets(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "Items from the start, or after `after`. At most 100; 20 when neither `first` nor `last` is given."
        )]
        first: Option<i32>,
        #[graphql(desc = "The cursor after which the page begins.")] after: Option<String>,
        #[graphql(desc = "Items from the end, or before `before`. At most 100.")] last: Option<i32>,
        #[graphql(desc = "The cursor before which the page ends.")] before: Option<String>,
        #[graphql(desc = "What a target must be to stay in the list.")] filter: Option<
            TargetFilter,
        >,
        #[graphql(desc = "How the list is sorted.")] order_by: Option<TargetOrder>,
    ) -> Result<TargetConnection, ApiError> {
        let args = PageArgs {
            first,
            after,
            last,
            before,
        };
        targets(ctx, TargetsOf::Unit(self.0.id), args, filter, order_by).await
    }
}
