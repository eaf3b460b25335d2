//! How much is read of what is too large.

use axum::http::StatusCode;
use domain::Language;
use serde_json::{Value, json};

use super::*;

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
