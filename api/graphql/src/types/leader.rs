//! Leader (责任领导).

use async_graphql::{Context, ID, Object};
use entity::leader;
use store::{PageArgs, Seen, TargetsOf};

use super::{Post, TargetFilter, TargetOrder, targets};
use crate::{
    connection::TargetConnection,
    error::ApiError,
    id::Global,
    loader::{PostsOf, TargetCountOfLeader, TitlesOf},
    request::Request,
};

#[derive(Clone)]
pub(crate) struct Leader(Seen<leader::Model>);

impl From<Seen<leader::Model>> for Leader {
    fn from(row: Seen<leader::Model>) -> Self {
        Self(row)
    }
}

/// A city leader (责任领导): the person. Responsibility binds to the post that the person holds.
#[Object]
impl Leader {
    /// The ID of the leader.
    pub(crate) async fn id(&self) -> ID {
        self.0.id.global()
    }

    /// The name of the leader.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// The title of the post that the leader holds today; null where no document gives one. Several are separated by 、.
    async fn title(&self, ctx: &Context<'_>) -> Option<Result<String, ApiError>> {
        let request = Request::of(ctx);
        match request.loaders.one(TitlesOf(self.0.id)).await.transpose()? {
            Ok(titles) if titles.is_empty() => None,
            Ok(titles) => Some(Ok(titles.join("、"))),
            Err(error) => Some(Err(request.error(error))),
        }
    }

    /// The posts that the leader holds today.
    async fn posts(&self, ctx: &Context<'_>) -> Result<Vec<Post>, ApiError> {
        Request::of(ctx).list(PostsOf(self.0.id)).await
    }

    /// How many targets the leader answers for today, of those that you may see.
    async fn target_count(&self, ctx: &Context<'_>) -> Result<i64, ApiError> {
        let request = Request::of(ctx);
        let count = request.loaders.one(TargetCountOfLeader(self.0.id)).await;
        Ok(count
            .map_err(|error| request.error(error))?
            .unwrap_or_default())
    }

    /// The targets that the leader answers for today, of those that you may see.
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
        targets(ctx, TargetsOf::Leader(self.0.id), args, filter, order_by).await
    }
}
