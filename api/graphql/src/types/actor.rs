//! Actor: a person who did something that the viewer sees.

use async_graphql::{Context, SimpleObject};
use store::ActorKey;

use crate::{error::ApiError, request::Request};

/// A person who did something that you see: the name, nothing else.
#[derive(SimpleObject)]
pub(crate) struct Actor {
    /// The name.
    display_name: String,
}

/// The person behind a key of a seen row.
pub(crate) async fn actor(
    ctx: &Context<'_>,
    key: Option<ActorKey>,
) -> Option<Result<Actor, ApiError>> {
    let request = Request::of(ctx);
    let name = request.loaders.one(key?).await.transpose()?;
    Some(match name {
        Ok(display_name) => Ok(Actor { display_name }),
        Err(error) => Err(request.error(error)),
    })
}
