//! Uploading evidence files.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject, UploadValue};
use domain::Reason;
use entity::{
    attachment,
    ids::{TargetId, UnitId},
};
use files::{Evidence, Files, Key};
use store::{Error, Fault, Seen, StoredFile, UploadTo};

use super::once::once;
use crate::{
    error::{ApiError, UserError, settle},
    id::Global,
    request::Request,
    scalar::Upload,
    types::Attachment,
};

/// A file, and for what it is.
#[derive(InputObject)]
pub(crate) struct UploadAttachmentInput {
    /// The target on which a report or a request will have it.
    target_id: ID,
    /// The unit whose report or request that will be; needed when you act for several units of the target.
    unit_id: Option<ID>,
    /// The file, at most 20 MiB: PDF, OFD, PNG, JPEG, WebP, Word, Excel, PowerPoint, WPS, text or CSV. Its content decides, and
    /// the extension of its name must agree.
    file: Upload,
    /// An ID of your own for this act, at most 100 characters: sent again with the same input and file, it changes nothing
    /// twice.
    client_mutation_id: Option<String>,
}

/// What came of an upload.
#[derive(SimpleObject)]
pub(crate) struct UploadAttachmentPayload {
    /// The ID that you gave the act.
    client_mutation_id: Option<String>,
    /// The file; null when refused.
    attachment: Option<Attachment>,
    /// Why it was refused; empty on success.
    user_errors: Vec<UserError>,
}

#[derive(Default)]
pub(crate) struct AttachmentMutation;

#[Object]
impl AttachmentMutation {
    /// Uploads an evidence file (上传佐证材料), by the GraphQL multipart request specification. Anybody's who works for the unit,
    /// or for the unit acting for it. The file waits to be attached, by `attachmentIds` of a report or of a
    /// closure request; after a day of waiting it is removed. You may have 50 files waiting.
    async fn upload_attachment(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The file, and for what it is.")] input: UploadAttachmentInput,
    ) -> Result<UploadAttachmentPayload, ApiError> {
        let request = Request::of(ctx);
        let outcome = upload(ctx, request, &input).await;
        let (attachment, user_errors) = settle(request, outcome)?;
        Ok(UploadAttachmentPayload {
            client_mutation_id: input.client_mutation_id,
            attachment: attachment.map(Attachment::from),
            user_errors,
        })
    }
}

/// Examines the file, puts it into the storage, and then tells the database of it.
async fn upload(
    ctx: &Context<'_>,
    request: &Request,
    input: &UploadAttachmentInput,
) -> store::Result<Seen<attachment::Model>> {
    let call = &request.call;
    let to = UploadTo {
        target: TargetId::local(&input.target_id),
        unit: input.unit_id.as_ref().map(UnitId::local),
    };
    call.may_upload(to).await?;
    let UploadValue {
        filename, content, ..
    } = input.file.value(ctx).map_err(fault)?;
    let evidence = Evidence::check(&filename, content)
        .await
        .map_err(|reason| Reason::File(reason).at("file"))?;
    // The input as it is written has no file in it.
    let file = format!(
        "uploadAttachment {} {}",
        evidence.sha256(),
        evidence.name().as_str()
    );
    let once = once(&file, input, input.client_mutation_id.as_deref())?;
    let files = ctx
        .data::<Files>()
        .map_err(|_| Fault::new("the schema has no storage of files"))?;
    let stored = files
        .put(&evidence)
        .await
        .map_err(|error| Fault::new(error.inside()))?;
    let file = StoredFile {
        key: stored.key.as_str().to_owned(),
        file_name: stored.file_name,
        content_type: stored.content_type,
        byte_size: stored.byte_size,
        sha256: stored.sha256,
    };
    let outcome = call.upload_attachment(to, file, once.as_ref()).await;
    let unused = match &outcome {
        Ok(row) => row.storage_key != stored.key.as_str(),
        // Whether the row was written is not known: what is not is collected when it is old.
        Err(Error::Fault(_)) => false,
        Err(_) => true,
    };
    if unused {
        take_away(files, &stored.key, call.request_id()).await;
    }
    outcome
}

/// Takes a file out of the storage again; if that fails, it is collected when it is old.
async fn take_away(files: &Files, key: &Key, request_id: &str) {
    if let Err(error) = files.delete(key).await {
        tracing::warn!(
            request_id,
            error = error.inside(),
            "a refused file stays in the storage"
        );
    }
}

fn fault(error: std::io::Error) -> Fault {
    Fault::new(format!("a file of the request: {error}"))
}
