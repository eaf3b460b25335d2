//! What is refused, and how it is told.

use axum::http::{Method, Uri};
use serde_json::{Value, json};

use super::*;

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
    let sdl = "type Query { a(file: ID): ID }";
    let edge = Edge::new(sdl, &[], &[], Limits::default(), true).unwrap();
    for ty in ["Upload", "ID"] {
        let operations = json!({ "query": format!("query($file: {ty}) {{ a(file: $file) }}"), "variables": { "file": null } }).to_string();
        let parts = body(&[
            ("operations", None, operations.as_bytes()),
            ("map", None, br#"{"0":["variables.file"]}"#),
            ("0", Some("f"), b"F"),
        ]);
        let opening = edge.receive_parts("x", parts.into()).await.unwrap();
        let complaint = edge.look_at(opening).unwrap_err();
        assert!(
            matches!(
                complaint,
                Complaint::UploadPath { .. }
                    | Complaint::VariablePosition { .. }
                    | Complaint::UnknownType { .. }
            ),
            "{complaint:?}"
        );
    }
}
