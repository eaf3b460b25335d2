//! Section (章节).

use std::sync::Arc;

use async_graphql::{Context, ID, Object};
use entity::section;
use store::{PageArgs, Seen, TargetsOf};

use super::{Plan, TargetFilter, TargetOrder, targets};
use crate::{
    connection::TargetConnection,
    error::ApiError,
    id::Global,
    loader::{OutlineOf, TargetsByPosition},
    request::Request,
};

#[derive(Clone)]
pub(crate) struct Section(pub(super) Arc<Seen<section::Model>>);

of_row!(Section, section::Model);

/// A heading of a plan's outline, in a tree of up to three levels (章节).
#[Object]
impl Section {
    /// The ID of the section.
    pub(crate) async fn id(&self) -> ID {
        self.0.id.global()
    }

    /// The heading.
    async fn title(&self) -> &str {
        &self.0.title
    }

    /// The level in the outline: 1 for a section, 2 for a topic, 3 for a sub-topic.
    async fn level(&self) -> i32 {
        self.0.level
    }

    /// The place among the sections of the same parent, from 1.
    async fn ordinal(&self) -> i32 {
        self.0.ordinal
    }

    /// The headings from the top of the outline down to this one.
    async fn path(&self) -> &[String] {
        &self.0.path.0
    }

    /// How many targets you may see in the section and its whole subtree.
    async fn target_count(&self, ctx: &Context<'_>) -> Result<i64, ApiError> {
        let request = Request::of(ctx);
        let counts = request.loaders.one(TargetsByPosition(self.0.plan_id)).await;
        let counts = counts.map_err(|error| request.error(error))?;
        let subtree = self.0.position..=self.0.last_position;
        Ok(counts
            .iter()
            .flat_map(|counts| counts.iter())
            .filter(|(position, _)| subtree.contains(position))
            .map(|(_, count)| count)
            .sum())
    }

    /// The plan of the section.
    async fn plan(&self, ctx: &Context<'_>) -> Option<Result<Plan, ApiError>> {
        Request::of(ctx).one(self.0.plan_id).await
    }

    /// The section above; null at the top.
    async fn parent(&self, ctx: &Context<'_>) -> Option<Result<Section, ApiError>> {
        Request::of(ctx).one(self.0.parent_id?).await
    }

    /// The sections below, in document order.
    async fn children(&self, ctx: &Context<'_>) -> Result<Vec<Section>, ApiError> {
        let outline: Vec<Section> = Request::of(ctx).list(OutlineOf(self.0.plan_id)).await?;
        let below = |section: &Section| section.0.parent_id == Some(self.0.id);
        Ok(outline.into_iter().filter(below).collect())
    }

    /// The targets of the section and its whole subtree that you may see.
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
        targets(ctx, TargetsOf::section(&self.0), args, filter, order_by).await
    }
}
