//! The manifests of trusted documents, as the tools of front ends write them.
//!
//! - graphql-codegen's `persisted-documents.json` and Relay's persisted queries: an object of IDs and documents.
//! - Apollo's `apollo-persisted-query-manifest`: a list of operations, each with `id` and `body`.

use std::path::Path;

use aws_lc_rs::digest;
use edge::Documents;
use serde_json::Value;

use crate::plain::read_text;

/// Letters of a SHA-256 in hexadecimal.
const SHA256: usize = 64;

/// Adds the documents of a client's manifest.
///
/// # Errors
/// Everything that is wrong with it.
pub(crate) fn add(documents: &mut Documents, client: &str, path: &Path) -> Result<(), Vec<String>> {
    let text = read_text(path).map_err(|why| vec![format!("{client}: {why}")])?;
    add_text(documents, client, &text)
}

fn add_text(documents: &mut Documents, client: &str, text: &str) -> Result<(), Vec<String>> {
    let manifest = serde_json::from_str(text)
        .map_err(|error| vec![format!("{client}: the manifest is no JSON: {error}")])?;
    let mut wrong = Vec::new();
    for (id, document) in read(&manifest).map_err(|why| vec![format!("{client}: {why}")])? {
        let hash = id.strip_prefix("sha256:").unwrap_or(id);
        // What looks like the document's hash must be it: the manifest was altered, or torn, otherwise.
        let is_hash = hash.len() == SHA256 && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
        if is_hash && !sha256(document).eq_ignore_ascii_case(hash) {
            wrong.push(format!("{client}: {id} is not the SHA-256 of its document"));
        } else if let Err(other) = documents.add(client, id, document) {
            wrong.push(format!("{client}: {id} is another document of {other}"));
        }
    }
    if wrong.is_empty() { Ok(()) } else { Err(wrong) }
}

/// The IDs and documents of a manifest.
fn read(manifest: &Value) -> Result<Vec<(&str, &str)>, &'static str> {
    const NEITHER: &str = "the manifest is neither an object of documents by their IDs, nor an apollo-persisted-query-manifest";
    const OPERATION: &str = "an operation of the manifest has no id, or no body";
    let manifest = manifest.as_object().ok_or(NEITHER)?;
    if manifest.get("format").and_then(Value::as_str) == Some("apollo-persisted-query-manifest") {
        let operations = manifest.get("operations").and_then(Value::as_array);
        let operations = operations.ok_or(OPERATION)?.iter();
        return operations
            .map(|operation| {
                let text = |name: &str| operation.get(name).and_then(Value::as_str);
                text("id").zip(text("body")).ok_or(OPERATION)
            })
            .collect();
    }
    manifest
        .iter()
        .map(|(id, document)| Ok((id.as_str(), document.as_str().ok_or(NEITHER)?)))
        .collect()
}

fn sha256(text: &str) -> String {
    let hash = digest::digest(&digest::SHA256, text.as_bytes());
    hash.as_ref()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

#[cfg(test)]
mod tests {
    use edge::Trust;
    use serde_json::json;

    use super::*;

    fn texts(manifests: &[(&str, Value)]) -> Result<Vec<String>, String> {
        let mut documents = Documents::new(Trust::Enforce);
        for (client, manifest) in manifests {
            add_text(&mut documents, client, &manifest.to_string()).map_err(|it| it.join("\n"))?;
        }
        Ok(documents
            .texts()
            .map(|(client, text)| format!("{client} {text}"))
            .collect())
    }

    #[test]
    fn both_forms_are_read() {
        let hash = sha256("{ a }");
        let codegen = json!({ hash.clone(): "{ a }", "3f": "{ b }" });
        let apollo = json!({
            "format": "apollo-persisted-query-manifest",
            "version": 1,
            "operations": [{ "id": hash, "name": "A", "type": "query", "body": "{ a }" }],
        });
        let mut found = texts(&[("x", codegen)]).unwrap();
        found.sort();
        assert_eq!(found, ["x { a }", "x { b }"]);
        assert_eq!(texts(&[("y", apollo)]), Ok(vec!["y { a }".to_owned()]));
    }

    #[test]
    fn what_is_wrong_is_named() {
        let hash = sha256("{ a }");
        for (manifest, part) in [
            (json!([]), "neither"),
            (json!({ "a": 7 }), "neither"),
            (json!({ hash.clone(): "{ b }" }), "is not the SHA-256"),
            (
                json!({ format!("sha256:{hash}"): "{ b }" }),
                "is not the SHA-256",
            ),
            (json!({ "known": "{ b }" }), "another document of first"),
            (
                json!({ "format": "apollo-persisted-query-manifest", "operations": [{ "id": "x" }] }),
                "no body",
            ),
        ] {
            let wrong = texts(&[
                ("first", json!({ "known": "{ a }" })),
                ("second", manifest.clone()),
            ]);
            assert!(
                wrong
                    .as_ref()
                    .is_err_and(|it| it.contains(part) && it.contains("second")),
                "{manifest}: {wrong:?}"
            );
        }
    }
}
