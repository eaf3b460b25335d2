//! Post (职务): the chair that a leader holds.

use async_graphql::{ID, Object};
use entity::post;
use store::Seen;

use crate::id::Global;

#[derive(Clone)]
pub(crate) struct Post(Seen<post::Model>);

impl From<Seen<post::Model>> for Post {
    fn from(row: Seen<post::Model>) -> Self {
        Self(row)
    }
}

/// A leader's post (职务). Targets belong to it, and so to whoever holds it.
#[Object]
impl Post {
    /// The ID of the post.
    pub(crate) async fn id(&self) -> ID {
        self.0.id.global()
    }

    /// The title of the post; null where no document gives one.
    async fn title(&self) -> Option<&str> {
        self.0.title.as_deref()
    }
}
