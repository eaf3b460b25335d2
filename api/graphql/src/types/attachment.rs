//! Attachment (佐证材料).

use async_graphql::{Context, ID, Object};
use entity::attachment;
use store::Seen;

use super::actor::{Actor, actor};
use crate::{DOWNLOADS, error::ApiError, id::Global, request::Request, scalar::DateTime};

#[derive(Clone)]
pub(crate) struct Attachment(Seen<attachment::Model>);

impl From<Seen<attachment::Model>> for Attachment {
    fn from(row: Seen<attachment::Model>) -> Self {
        Self(row)
    }
}

/// An evidence file (佐证材料). Who sees a version of a report sees its files, and who sees a request; one that was not attached
/// yet is seen by the people of its unit, and of the unit acting for it, alone.
#[Object]
impl Attachment {
    /// The ID of the file.
    pub(crate) async fn id(&self) -> ID {
        self.0.id.global()
    }

    /// Its name.
    async fn file_name(&self) -> &str {
        &self.0.file_name
    }

    /// Its media type, as its content was recognised.
    async fn content_type(&self) -> &str {
        &self.0.content_type
    }

    /// Bytes of its content.
    async fn byte_size(&self) -> i32 {
        // At most 20 MiB are taken.
        i32::try_from(self.0.byte_size).unwrap_or(i32::MAX)
    }

    /// SHA-256 of its content, in lower-case hexadecimal.
    async fn sha256(&self) -> &str {
        &self.0.sha256
    }

    /// When it was uploaded.
    async fn uploaded_at(&self) -> DateTime {
        DateTime(self.0.uploaded_at)
    }

    /// Who uploaded it.
    async fn uploaded_by(&self, ctx: &Context<'_>) -> Option<Result<Actor, ApiError>> {
        actor(ctx, Some(self.0.uploaded_by())).await
    }

    /// Where to get it, relative to the server: good for five minutes, for you alone, and only while your session lasts and
    /// you may see the file. Without its query the address is good for whoever sends a token and may see the file.
    async fn url(&self, ctx: &Context<'_>) -> Result<String, ApiError> {
        let request = Request::of(ctx);
        let link = request.call.link_to(&self.0);
        let link = link.map_err(|error| request.error(error))?;
        let id = self.0.id.global();
        Ok(format!("{DOWNLOADS}/{}?link={link}", id.as_str()))
    }
}
