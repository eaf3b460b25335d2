//! Requests with files: what is taken, what is refused, and how much of it is read before.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use axum::{
    body::{Body, Bytes},
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri},
};
use domain::Language;
use futures_util::stream;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::{Accepted, Complaint, Edge, Form, Limits};

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
    Edge::new(SDL, limits, true).unwrap()
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
    edge().receive_parts("x", body.into()).await?.finish().await
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

#[test]
fn only_a_request_that_no_page_can_send_unasked_is_let_in() {
    let admit = |content_type: &str, name: Option<&'static str>| {
        let mut headers = HeaderMap::new();
        headers.insert("content-type", HeaderValue::from_str(content_type).unwrap());
        if let Some(name) = name {
            headers.insert(HeaderName::from_static(name), HeaderValue::from_static("1"));
        }
        Edge::admit(&Method::POST, &headers)
    };
    let form = Form::Multipart {
        boundary: "x".to_owned(),
    };
    let multipart = "multipart/form-data; boundary=x";
    for name in [
        "authorization",
        "graphql-preflight",
        "apollo-require-preflight",
    ] {
        assert_eq!(admit(multipart, Some(name)), Ok(form.clone()), "{name}");
        assert_eq!(
            admit("Multipart/Form-Data; boundary=\"x\"", Some(name)),
            Ok(form.clone())
        );
        assert_eq!(admit("application/json", Some(name)), Ok(Form::Plain));
    }
    for name in [
        None,
        Some("cookie"),
        Some("content-language"),
        Some("x-requested-with"),
    ] {
        assert_eq!(
            admit(multipart, name),
            Err(Complaint::Preflight),
            "{name:?}"
        );
    }
    assert_eq!(
        Complaint::Preflight.status(),
        StatusCode::UNSUPPORTED_MEDIA_TYPE
    );
    let long = format!("{EMPTY}{}", "x".repeat(71));
    for content_type in ["multipart/form-data", EMPTY, &long] {
        assert_eq!(
            admit(content_type, Some("authorization")),
            Err(Complaint::Multipart),
            "{content_type}"
        );
    }
    for content_type in [
        "multipart/mixed; boundary=x",
        "text/plain",
        "application/x-www-form-urlencoded",
    ] {
        assert_eq!(
            admit(content_type, Some("authorization")),
            Err(Complaint::MediaType)
        );
    }
    assert_eq!(admit("application/json", None), Ok(Form::Plain));
}

#[tokio::test]
async fn files_come_to_their_variables() {
    let file: Part<'_> = ("0", Some("报告.txt"), b"abc");
    let accepted = ask(
        ONE,
        json!({ "file": null }),
        r#"{ "0": ["variables.file"] }"#,
        &[file],
    )
    .await
    .unwrap();
    assert_eq!(uploads(&accepted), [("报告.txt", &b"abc"[..])]);
    assert_eq!(accepted.operation.as_deref(), Some("One"));
    assert_eq!(
        accepted.request.uploads[0].content_type.as_deref(),
        Some("text/plain")
    );

    // In any order, and one file in two places.
    let map = r#"{ "a": ["variables.files.1"], "b": ["variables.files.0", "variables.files.2"] }"#;
    let files = [("b", Some("b"), &b"B"[..]), ("a", Some("a"), &b""[..])];
    let accepted = ask(MANY, json!({ "files": [null, null, null] }), map, &files)
        .await
        .unwrap();
    assert_eq!(
        uploads(&accepted),
        [("b", &b"B"[..]), ("b", b"B"), ("a", b"")]
    );
    let value = |at: usize| json!(format!("#__graphql_file__:{at}"));
    let variables = serde_json::to_value(&accepted.request.variables).unwrap();
    assert_eq!(
        variables,
        json!({ "files": [value(0), value(2), value(1)] })
    );

    let variables = json!({ "input": { "title": "x", "file": null, "rows": [{ "file": null }] } });
    let map = r#"{ "1": ["variables.input.rows.0.file"], "0": ["variables.input.file"] }"#;
    let files = [("0", Some("f"), &b"F"[..]), ("1", Some("g"), &b"G"[..])];
    assert_eq!(
        uploads(&ask(SAVE, variables, map, &files).await.unwrap()).len(),
        2
    );

    // Whatever stands in a file, even a boundary that is not quite one, is the file's.
    let content = b"\r\n--y\r\n\r\n-x--\r\n--\r\r\n";
    let accepted = ask(
        ONE,
        json!({ "file": null }),
        r#"{ "0": ["variables.file"] }"#,
        &[("0", Some("f"), content)],
    )
    .await
    .unwrap();
    assert_eq!(uploads(&accepted), [("f", &content[..])]);

    // A request in parts need not have files.
    assert!(ask("{ node { id } }", Value::Null, "{}", &[]).await.is_ok());
}

struct Query;
struct Mutation;

#[async_graphql::Object]
impl Query {
    async fn nothing(&self) -> bool {
        true
    }
}

#[async_graphql::Object]
impl Mutation {
    async fn read(
        &self,
        ctx: &async_graphql::Context<'_>,
        files: Vec<async_graphql::Upload>,
    ) -> async_graphql::Result<Vec<String>> {
        let read = files.iter().map(|file| {
            let file = file.value(ctx)?;
            Ok(format!(
                "{}: {}",
                file.filename,
                String::from_utf8_lossy(&file.content)
            ))
        });
        read.collect()
    }
}

#[tokio::test]
async fn the_library_finds_the_files() {
    let schema = async_graphql::Schema::new(Query, Mutation, async_graphql::EmptySubscription);
    let edge = Edge::new(&schema.sdl(), Limits::default(), true).unwrap();
    let operations = json!({ "query": "mutation($f: [Upload!]!) { read(files: $f) }", "variables": { "f": [null, null] } }).to_string();
    let sent = body(&[
        ("operations", None, operations.as_bytes()),
        (
            "map",
            None,
            br#"{ "a": ["variables.f.1"], "b": ["variables.f.0"] }"#,
        ),
        ("a", Some("a.txt"), b"A"),
        ("b", Some("b.txt"), b"B"),
    ]);
    let uploading = edge.receive_parts("x", sent.into()).await.unwrap();
    let accepted = uploading.finish().await.unwrap();
    let answer = schema.execute(accepted.request).await;
    let answer = serde_json::to_value(answer).unwrap();
    assert_eq!(
        answer["data"],
        json!({ "read": ["b.txt: B", "a.txt: A"] }),
        "{answer}"
    );
}

#[tokio::test]
async fn what_does_not_belong_together_is_refused() {
    let file: Part<'_> = ("0", Some("f"), b"F");
    let path = |path: &str| Complaint::UploadPath {
        path: path.to_owned(),
    };
    let null = json!({ "file": null });
    for (query, variables, at) in [
        (ONE, &null, "variables.other"),
        (ONE, &null, "variables.file.0"),
        (ONE, &null, "variables"),
        (ONE, &null, "file"),
        (ONE, &null, ""),
        (ONE, &null, "operations.0.variables.file"),
        (ONE, &json!({}), "variables.file"),
        (ONE, &json!({ "file": "x" }), "variables.file"),
        (
            ONE,
            &json!({ "file": null, "more": null }),
            "variables.more",
        ),
        (MANY, &json!({ "files": [null] }), "variables.files.1"),
        (MANY, &json!({ "files": [null] }), "variables.files.-1"),
        (MANY, &json!({ "files": [null] }), "variables.files.x"),
        (MANY, &json!({ "files": null }), "variables.files"),
        (MANY, &json!({ "files": null }), "variables.files.0"),
        (
            SAVE,
            &json!({ "input": { "title": null } }),
            "variables.input.title",
        ),
        (
            SAVE,
            &json!({ "input": { "nothing": null } }),
            "variables.input.nothing",
        ),
        (
            SAVE,
            &json!({ "input": { "json": { "file": null } } }),
            "variables.input.json.file",
        ),
        (
            SAVE,
            &json!({ "input": { "json": null } }),
            "variables.input.json",
        ),
        (
            "query($id: ID) { node(id: $id) { id } }",
            &json!({ "id": null }),
            "variables.id",
        ),
    ] {
        let outcome = ask(
            query,
            variables.clone(),
            &json!({ "0": [at] }).to_string(),
            &[file],
        )
        .await;
        assert_eq!(outcome.unwrap_err(), path(at), "{variables}");
    }
    let twice = "variables.file";
    let map = |map: Value| map.to_string();
    for (sent, expected) in [
        (map(json!({ "0": [twice, twice] })), path(twice)),
        (map(json!({ "0": [twice], "1": [twice] })), path(twice)),
        (
            r#"{ "0": ["variables.file"], "0": [] }"#.to_owned(),
            Complaint::UploadMap,
        ),
        (
            r#"{ "0": ["variables.file"], "0": ["variables.file"] }"#.to_owned(),
            Complaint::UploadMap,
        ),
        (map(json!({ "0": [] })), Complaint::UploadMap),
        (map(json!({ "0": twice })), Complaint::UploadMap),
        (map(json!({ "map": [twice] })), Complaint::UploadMap),
        (map(json!({ "": [twice] })), Complaint::UploadMap),
        (map(json!([twice])), Complaint::UploadMap),
        ("{".to_owned(), Complaint::UploadMap),
        (
            map(json!({ "1": [twice] })),
            Complaint::UploadUnexpected {
                name: "0".to_owned(),
            },
        ),
        (
            map(json!({ "0": [twice], "1": ["variables.file.0"] })),
            path("variables.file.0"),
        ),
    ] {
        assert_eq!(
            ask(ONE, null.clone(), &sent, &[file]).await.unwrap_err(),
            expected,
            "{sent}"
        );
    }
    let map = r#"{ "0": ["variables.file"] }"#;
    for (files, expected) in [
        (
            vec![],
            Complaint::UploadMissing {
                name: "0".to_owned(),
            },
        ),
        (
            vec![file, file],
            Complaint::UploadUnexpected {
                name: "0".to_owned(),
            },
        ),
        (
            vec![file, ("1", Some("g"), b"G")],
            Complaint::UploadUnexpected {
                name: "1".to_owned(),
            },
        ),
        (
            vec![("0", None, &b"text"[..])],
            Complaint::UploadUnexpected {
                name: "0".to_owned(),
            },
        ),
        (
            vec![file, ("operations", None, b"{}")],
            Complaint::UploadUnexpected {
                name: "operations".to_owned(),
            },
        ),
    ] {
        assert_eq!(
            ask(ONE, null.clone(), map, &files).await.unwrap_err(),
            expected,
            "{files:?}"
        );
    }
    // A variable without a file is as null as it says.
    let outcome = ask(ONE, null.clone(), "{}", &[]).await;
    assert!(
        matches!(outcome, Err(Complaint::Variable { .. })),
        "{outcome:?}"
    );
}

#[tokio::test]
async fn the_parts_come_in_their_order() {
    let operations = json!({ "query": ONE, "variables": { "file": null } }).to_string();
    let operations: Part<'_> = ("operations", None, operations.as_bytes());
    let map: Part<'_> = ("map", None, br#"{ "0": ["variables.file"] }"#);
    let file: Part<'_> = ("0", Some("f"), b"F");
    let order = |name| Complaint::UploadOrder { name };
    for (parts, expected) in [
        (vec![], order("operations")),
        (vec![map, operations, file], order("operations")),
        (vec![file, operations, map], order("operations")),
        (vec![operations, file, map], order("map")),
        (vec![operations], order("map")),
        (vec![operations, operations, map, file], order("map")),
        (
            vec![("operations", Some("o.json"), b"{}"), map, file],
            order("operations"),
        ),
        (
            vec![("operations", None, b"[]"), map, file],
            Complaint::Batch,
        ),
        (
            vec![("operations", None, b"{"), map, file],
            Complaint::NotJson,
        ),
        (
            vec![("operations", None, b"{}"), map, file],
            Complaint::NoQuery,
        ),
    ] {
        assert_eq!(send(body(&parts)).await.unwrap_err(), expected, "{parts:?}");
    }
    let whole = body(&[operations, map, file]);
    assert!(send(whole.clone()).await.is_ok());
    // A body that breaks off is not a request.
    for length in 0..whole.len() - 4 {
        assert!(send(whole[..length].to_vec()).await.is_err(), "{length}");
    }
}

#[tokio::test]
async fn files_never_stand_in_a_document_or_in_json() {
    let json = |query: &str, variables: Value| {
        let body = json!({ "query": query, "variables": variables }).to_string();
        edge().receive(&Method::POST, &Uri::from_static("/"), body.as_bytes())
    };
    for text in ["#__graphql_file__:0", "#__graphql_file__:x", "x"] {
        for (query, variables) in [
            (ONE, json!({ "file": text })),
            (MANY, json!({ "files": [text] })),
            (MANY, json!({ "files": text })),
            (SAVE, json!({ "input": { "file": text } })),
            (SAVE, json!({ "input": { "rows": [{ "file": text }] } })),
        ] {
            let outcome = json(query, variables);
            assert!(
                matches!(outcome, Err(Complaint::Variable { .. })),
                "{outcome:?}"
            );
        }
        for argument in [
            format!("one(file: \"{text}\")"),
            format!("many(files: [\"{text}\"])"),
            format!("many(files: \"{text}\")"),
            format!("save(input: {{ file: \"{text}\" }})"),
            format!("save(input: {{ rows: {{ file: \"{text}\" }} }})"),
        ] {
            let outcome = json(&format!("mutation {{ {argument} {{ id }} }}"), Value::Null);
            assert!(
                matches!(outcome, Err(Complaint::UploadLiteral { .. })),
                "{argument}: {outcome:?}"
            );
        }
        for default in [
            format!("$f: Upload = \"{text}\""),
            format!("$f: [Upload!] = [\"{text}\"]"),
            format!("$f: SaveInput = {{ rows: [{{ file: \"{text}\" }}] }}"),
        ] {
            let outcome = json(
                &format!("mutation({default}) {{ one(file: $f) {{ id }} }}"),
                Value::Null,
            );
            assert!(outcome.is_err(), "{default}");
            let outcome = json(
                &format!("mutation({default}) {{ save(input: {{}}) {{ id }} }}"),
                Value::Null,
            );
            assert!(
                matches!(outcome, Err(Complaint::Variable { .. })),
                "{default}: {outcome:?}"
            );
        }
    }
    // What has no files is as it was.
    assert!(
        json(
            SAVE,
            json!({ "input": { "title": "#__graphql_file__:0", "file": null } })
        )
        .is_ok()
    );
    assert!(
        json(
            "query($j: Json = \"x\") { node(json: $j) { id } }",
            Value::Null
        )
        .is_ok()
    );
}

#[tokio::test]
async fn without_an_upload_in_the_schema_no_file_is_taken() {
    let edge = Edge::new("type Query { a(file: ID): ID }", Limits::default(), true).unwrap();
    for ty in ["Upload", "ID"] {
        let operations = json!({ "query": format!("query($file: {ty}) {{ a(file: $file) }}"), "variables": { "file": null } }).to_string();
        let parts = body(&[
            ("operations", None, operations.as_bytes()),
            ("map", None, br#"{"0":["variables.file"]}"#),
            ("0", Some("f"), b"F"),
        ]);
        let complaint = edge.receive_parts("x", parts.into()).await.unwrap_err();
        assert!(
            matches!(
                complaint,
                Complaint::UploadPath { .. } | Complaint::VariablePosition { .. }
            ),
            "{complaint:?}"
        );
    }
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

#[tokio::test]
async fn what_is_too_large_is_left_unread() {
    let operations = json!({ "query": ONE, "variables": { "file": null } }).to_string();
    let operations: Part<'_> = ("operations", None, operations.as_bytes());
    let map: Part<'_> = ("map", None, br#"{ "0": ["variables.file"] }"#);
    let large = vec![b'a'; 5_000_000];
    let of = |length: usize| &large[..length];
    let paths = json!({ "0": ["variables.files.0"], "1": ["variables.files.1"], "2": ["variables.files.2"] }).to_string();
    let many = json!({ "query": MANY, "variables": { "files": [null, null, null] } }).to_string();
    let three = [
        ("operations", None, many.as_bytes()),
        ("map", None, paths.as_bytes()),
    ];
    let mut too_much = three.to_vec();
    too_much.extend([
        ("0", Some("f"), of(40_000)),
        ("1", Some("f"), of(40_000)),
        ("2", Some("f"), of(40_000)),
    ]);
    let mut head = b"--x\r\nContent-Disposition: form-data; name=\"operations\"; a=\"".to_vec();
    head.extend_from_slice(&large);
    let mut between =
        b"--x\r\nContent-Disposition: form-data; name=\"operations\"\r\n\r\n{}\r\n--x\r\n".to_vec();
    between.extend_from_slice(&large);
    for (what, sent, expected, most) in [
        (
            "a file",
            body(&[operations, map, ("0", Some("f"), of(5_000_000))]),
            Complaint::FileTooLarge { most: 40_000 },
            70_000,
        ),
        (
            "all files",
            body(&too_much),
            Complaint::BodyTooLarge { most: 100_000 },
            120_000,
        ),
        (
            "operations",
            body(&[("operations", None, of(5_000_000)), map]),
            Complaint::BodyTooLarge { most: 20_000 },
            60_000,
        ),
        (
            "map",
            body(&[operations, ("map", None, of(5_000_000))]),
            Complaint::BodyTooLarge { most: 16 * 1024 },
            60_000,
        ),
        (
            "what comes before",
            large.clone(),
            Complaint::Multipart,
            60_000,
        ),
        ("the head of a part", head, Complaint::Multipart, 60_000),
        ("what stands between", between, Complaint::Multipart, 60_000),
        (
            "a part that is not asked for",
            body(&[operations, map, ("1", Some("f"), of(5_000_000))]),
            Complaint::UploadUnexpected {
                name: "1".to_owned(),
            },
            40_000,
        ),
    ] {
        for size in [1000, 16 * 1024] {
            let (body, read) = counted(sent.clone(), size);
            assert_eq!(send(body).await.unwrap_err(), expected, "{what}");
            let read = read.load(Ordering::Relaxed);
            assert!(
                read <= most,
                "{what}: {read} bytes were read, in pieces of {size}"
            );
        }
    }
    // What says that it is too large is not read at all.
    assert_eq!(
        send(vec![b'a'; 100_001]).await.unwrap_err(),
        Complaint::BodyTooLarge { most: 100_000 }
    );
    // The largest file there may be.
    let (body, _) = counted(body(&[operations, map, ("0", Some("f"), of(40_000))]), 7);
    assert_eq!(uploads(&send(body).await.unwrap()), [("f", of(40_000))]);
}

#[tokio::test]
async fn a_head_may_lie_anywhere() {
    let operations = json!({ "query": MANY, "variables": { "files": [null, null] } }).to_string();
    let map = r#"{ "0": ["variables.files.0"], "1": ["variables.files.1"] }"#;
    let content = vec![b'a'; 10_000];
    for length in (3500..4500).chain(7500..8500) {
        let sent = body(&[
            ("operations", None, operations.as_bytes()),
            ("map", None, map.as_bytes()),
            ("0", Some("f"), &content[..length]),
            ("1", Some("g"), b"G"),
        ]);
        let accepted = send(sent).await.unwrap();
        assert_eq!(uploads(&accepted), [("f", &content[..length]), ("g", b"G")]);
    }
}

#[tokio::test]
async fn too_many_files_are_refused_before_any_is_read() {
    let map: serde_json::Map<String, Value> = (0..4)
        .map(|at| (at.to_string(), json!([format!("variables.files.{at}")])))
        .collect();
    let variables = json!({ "files": [null, null, null, null] });
    let complaint = ask(MANY, variables, &Value::Object(map).to_string(), &[])
        .await
        .unwrap_err();
    assert_eq!(complaint, Complaint::TooManyFiles { most: 3 });
    assert_eq!(complaint.status(), StatusCode::PAYLOAD_TOO_LARGE);
    let error = complaint.error(Language::En);
    assert_eq!(error.message, "A request has at most 3 files.");
    assert_eq!(
        error.extensions.unwrap().get("code"),
        Some(&"QUERY_TOO_COMPLEX".into())
    );
}

proptest! {
    #[test]
    fn whatever_comes_in_parts_is_answered(content in proptest::collection::vec(any::<u8>(), 0..300), words in proptest::collection::vec(
        prop_oneof![Just("--x"), Just("--x--"), Just("\r\n"), Just("\r\n\r\n"), Just("Content-Disposition: form-data; name=\"map\""), Just("Content-Disposition: form-data; name=\"operations\""), Just("{}"), Just("\"")], 0..30)) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let _ = runtime.block_on(send(content));
        let _ = runtime.block_on(send(words.concat()));
    }

    #[test]
    fn a_file_comes_as_it_was_sent_however_it_is_cut(content in proptest::collection::vec(prop_oneof![Just(b'-'), Just(b'x'), Just(b'\r'), Just(b'\n'), any::<u8>()], 0..500), size in 1..50usize) {
        prop_assume!(!content.windows(5).any(|part| part == b"\r\n--x"));
        let operations = json!({ "query": ONE, "variables": { "file": null } }).to_string();
        let sent = body(&[("operations", None, operations.as_bytes()), ("map", None, br#"{"0":["variables.file"]}"#), ("0", Some("f"), &content)]);
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let accepted = runtime.block_on(send(counted(sent, size).0)).unwrap();
        prop_assert_eq!(uploads(&accepted), vec![("f", &content[..])]);
    }
}
