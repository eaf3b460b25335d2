//! Requests with files: what is taken, what is refused, and how much of it is read before.

mod refused;
mod size;
mod taken;

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use axum::body::{Body, Bytes};
use futures_util::stream;
use serde_json::{Value, json};

use crate::{Accepted, Complaint, Edge, Form, Limits, Scalar};

/// A scalar that takes everything.
const JSON: Scalar = Scalar {
    name: "Json",
    takes: |_| true,
    example: "{}",
};

const SDL: &str = "
    scalar Upload
    scalar Json
    type Query { node(id: ID, json: Json): Node }
    type Node { id: ID! }
    type Mutation { one(file: Upload!): Node many(files: [Upload!]!): Node save(input: SaveInput!): Node }
    input SaveInput { title: String file: Upload rows: [Row!] json: Json }
    input Row { file: Upload! }
";
const ONE: &str = "mutation One($file: Upload!) { one(file: $file) { id } }";
const MANY: &str = "mutation($files: [Upload!]!) { many(files: $files) { id } }";
const SAVE: &str = "mutation($input: SaveInput!) { save(input: $input) { id } }";
const EMPTY: &str = "multipart/form-data; boundary=";

fn edge() -> Edge {
    let limits = Limits {
        upload: 100_000,
        files: 3,
        file: 40_000,
        body: 20_000,
        ..Limits::default()
    };
    Edge::new(SDL, &[JSON], &[], limits, true).unwrap()
}

/// A part: its name, its file's name if it is one, its content.
type Part<'a> = (&'a str, Option<&'a str>, &'a [u8]);

fn body(parts: &[Part<'_>]) -> Vec<u8> {
    let mut body = Vec::new();
    for (name, file, content) in parts {
        let file = file.map_or(String::new(), |file| {
            format!("; filename=\"{file}\"\r\nContent-Type: text/plain")
        });
        let head = format!("--x\r\nContent-Disposition: form-data; name=\"{name}\"{file}\r\n\r\n");
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(content);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(b"--x--\r\n");
    body
}

async fn send(body: impl Into<Body>) -> Result<Accepted, Complaint> {
    let opening = edge().receive_parts("x", body.into()).await?;
    edge().look_at(opening)?.finish().await
}

async fn ask(
    query: &str,
    variables: Value,
    map: &str,
    files: &[Part<'_>],
) -> Result<Accepted, Complaint> {
    let operations = json!({ "query": query, "variables": variables }).to_string();
    let mut parts: Vec<Part<'_>> = vec![
        ("operations", None, operations.as_bytes()),
        ("map", None, map.as_bytes()),
    ];
    parts.extend_from_slice(files);
    send(body(&parts)).await
}

/// The bodies of the files, in the order of the variables' places.
fn uploads(accepted: &Accepted) -> Vec<(&str, &[u8])> {
    let uploads = accepted.request.uploads.iter();
    uploads
        .map(|upload| (upload.filename.as_str(), &*upload.content))
        .collect()
}

/// A body that counts what is read of it, in pieces of a size.
fn counted(body: Vec<u8>, size: usize) -> (Body, Arc<AtomicUsize>) {
    let read = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&read);
    let body = Bytes::from(body);
    let pieces = (0..body.len()).step_by(size).map(move |at| {
        let piece = body.slice(at..body.len().min(at + size));
        count.fetch_add(piece.len(), Ordering::Relaxed);
        Ok::<_, std::io::Error>(piece)
    });
    (Body::from_stream(stream::iter(pieces)), read)
}
