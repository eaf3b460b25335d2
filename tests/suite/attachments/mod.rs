//! Evidence files: from the upload to the download, and what becomes of those that nobody attached.

mod downloads;
mod life;
mod orphans;
mod refusals;
mod requests;
mod slow;
mod together;

use entity::{audit_entry, kinds::AuditOutcome};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use serde_json::{Value, json};
use tests::{Actor, Answer, App};

/// What the tests look at in a file.
pub(crate) const FILE: &str =
    "id fileName contentType byteSize sha256 uploadedAt uploadedBy { displayName } url";

/// The upload of a file for a target: `$target`, `$unit`, `$once`.
pub(crate) fn upload_operation() -> String {
    format!(
        "mutation($file: Upload!, $target: ID!, $unit: ID, $once: String) {{
            uploadAttachment(input: {{ targetId: $target, unitId: $unit, file: $file, clientMutationId: $once }}) {{
                clientMutationId attachment {{ {FILE} }} userErrors {{ code field message }}
            }}
        }}"
    )
}

/// Uploads a file for a target.
pub(crate) async fn try_upload(
    actor: &Actor<'_>,
    target: &str,
    file_name: &str,
    content: &[u8],
) -> Answer {
    let variables = json!({ "target": target });
    actor
        .ask_with_file(&upload_operation(), variables, file_name, content)
        .await
}

/// Uploads a text for a target, which must not be refused.
pub(crate) async fn upload(actor: &Actor<'_>, target: &str, text: &str) -> Value {
    let answer = try_upload(actor, target, "佐证材料.txt", text.as_bytes()).await;
    assert_eq!(
        answer.refusals("uploadAttachment"),
        [""; 0],
        "{}",
        answer.text
    );
    answer.data("/uploadAttachment/attachment").clone()
}

/// Asks for a file by its address and a token, or by a link alone.
pub(crate) async fn get(app: &App, path: &str, token: Option<&str>) -> Answer {
    let mut request = app
        .client()
        .get(app.url(path))
        .header("accept-language", "en");
    if let Some(token) = token {
        request = request.bearer_auth(token);
    }
    app.send(request).await
}

/// The address of a file, without a link.
pub(crate) fn address(file: &Value) -> String {
    let url = file["url"].as_str().expect("a URL");
    url.split('?').next().unwrap_or_default().to_owned()
}

/// The names of files in a list.
pub(crate) fn contents(files: &Value) -> Vec<&str> {
    let files = files.as_array().into_iter().flatten();
    files.filter_map(|file| file["sha256"].as_str()).collect()
}

/// Who has done something to files, as the audit log has it: the users' and the files' keys.
async fn audited(app: &App, action: &str) -> Vec<(Option<i64>, Option<i64>)> {
    audit_entry::Entity::find()
        .filter(audit_entry::Column::Action.eq(action))
        .filter(audit_entry::Column::Outcome.eq(AuditOutcome::Succeeded))
        .order_by_asc(audit_entry::Column::Id)
        .all(&app.database.connect().await)
        .await
        .unwrap()
        .into_iter()
        .inspect(|entry| assert_eq!(entry.object_type, "Attachment"))
        .map(|entry| (entry.user_id.map(|id| id.0), entry.object_id))
        .collect()
}

/// How many files lie in the storage.
fn stored(app: &App) -> usize {
    fn count(folder: &std::path::Path) -> usize {
        std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .map(|path| if path.is_dir() { count(&path) } else { 1 })
            .sum()
    }
    count(app.files_folder())
}
