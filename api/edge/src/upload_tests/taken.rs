//! What is taken.

use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

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
    let edge = Edge::new(&schema.sdl(), &[], &[], Limits::default(), true).unwrap();
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
    let opening = edge.receive_parts("x", sent.into()).await.unwrap();
    let accepted = edge.look_at(opening).unwrap().finish().await.unwrap();
    let answer = schema.execute(accepted.request).await;
    let answer = serde_json::to_value(answer).unwrap();
    assert_eq!(
        answer["data"],
        json!({ "read": ["b.txt: B", "a.txt: A"] }),
        "{answer}"
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
