//! What is a document, and what is none.

use axum::http::{Method, Uri};
use domain::Language;
use proptest::prelude::*;
use serde_json::json;

use super::{ask, edge};
use crate::{Complaint, Limits};

/// Where the library's parser and the language differ (graphql-js agrees with the language).
#[test]
fn what_the_parser_misjudges_is_judged_before() {
    let syntax = |query: &str| match ask(&edge(|_| ()), query, json!({})) {
        Err(Complaint::Syntax { at }) => at.map(|at| (at.line, at.column)),
        other => panic!("{query}: {other:?}"),
    };
    assert_eq!(syntax("query Q() { list { id } }"), Some((1, 9)));
    assert_eq!(
        syntax("query Q(\n # none\n ) { list { id } }"),
        Some((3, 2))
    );
    assert_eq!(
        syntax("{ list { ...on } }\nfragment on on Plan { id }"),
        Some((2, 10))
    );
    for query in [
        "fragment fragment on Plan { id } { list { ...fragment } }",
        "query fragment { list { id } }",
        "query on { on: list { fragment: id on: id } }",
        "{ node(id: \"\\u{1F600}\") { id } }",
        "{ node(id: \"\\uD83D\\uDE00\") { id } }",
        "{ node(id: \"\\u{00000041}\\u{22}\\u{5c}\\\\u{\") { id } }",
        "{ node(id: \"\"\"\\u{x}\"\"\") { id } } # \"\\u{x}\"",
    ] {
        assert_eq!(ask(&edge(|_| ()), query, json!({})), Ok(()), "{query}");
    }
    for escape in [
        "\\u{D800}",
        "\\u{110000}",
        "\\u{}",
        "\\u{1F600",
        "\\uD83D",
        "\\uDE00\\uD83D",
        "\\u{g}",
    ] {
        syntax(&format!("{{ node(id: \"{escape}\") {{ id }} }}"));
    }
    // Strings are the grammar's: nothing hides behind one that does not end, or behind what is no escape in a block.
    let hidden = "[".repeat(5_000);
    for begin in ["\"\"\"x\"", "\"\"\"\\\"\"\" \"\"\""] {
        let query = format!("{{ node(id: [{begin}{hidden}");
        let refused = ask(&edge(|_| ()), &query, json!({})).unwrap_err();
        assert!(!matches!(refused, Complaint::Operation), "{refused:?}");
        let measured = crate::scan::scan(&query, &Limits::default());
        assert!(measured.is_err(), "{begin}");
    }
    for query in [
        "{ node(id: \"\"\"a\\b\"\"\") { id } }",
        "{ node(id: \"\"\"a\\\"\"\"b\"\"\") { id } }",
        "{ node(id: \"\") { id } }",
    ] {
        assert_eq!(ask(&edge(|_| ()), query, json!({})), Ok(()), "{query}");
    }
    let plain = |text: &str| crate::plain_escapes(text).into_owned();
    assert_eq!(plain("\"a\\u{1F600}b\" c"), "\"a😀b\"         c");
    assert_eq!(
        plain("\"\\u{22}\\u{a}\\\\u{a}\""),
        "\"\\u0022\\u000a\\\\u{a}\""
    );
    // What follows stays where it was.
    assert_eq!(
        syntax("{ node(id: \"\\u{1F600}\") { id } } }"),
        Some((1, 34))
    );
}

#[test]
fn what_is_no_document_is_told_in_both_languages() {
    for (query, english, chinese) in [
        (
            "{ list {\n id }",
            "The document has a syntax error in line 2, column 6.",
            "查询文档第 2 行第 6 列有语法错误。",
        ),
        (
            "query A { list { id } } query A { list { id } }",
            "The operation A is defined twice.",
            "操作 A 定义了两次。",
        ),
        (
            "{ ...F } fragment F on Query { list { id } } fragment F on Query { list { id } }",
            "The fragment F is defined twice.",
            "片段 F 定义了两次。",
        ),
        (
            "{ list { id } } query A { list { id } }",
            "In a document of several operations, each of them has a name.",
            "文档含有多个操作时，每个操作都必须有名称。",
        ),
        (
            "fragment F on Query { list { id } }",
            "The document holds no operation.",
            "查询文档中没有操作。",
        ),
        (
            "query($x: [Nothing] = [1]) { list { id } }",
            "There is no type Nothing.",
            "没有类型 Nothing。",
        ),
        (
            "query($x: Nothing) { list { id } }",
            "There is no type Nothing.",
            "没有类型 Nothing。",
        ),
    ] {
        let complaint = ask(&edge(|_| ()), query, json!({})).unwrap_err();
        assert_eq!(complaint.error(Language::En).message, english, "{query}");
        assert_eq!(complaint.error(Language::ZhCn).message, chinese, "{query}");
        assert!(complaint.of_document());
    }
}

proptest! {
    #[test]
    fn whatever_comes_is_answered(text in "(?s).{0,200}") {
        let _ = edge(|_| ()).receive(&Method::POST, &Uri::from_static("/"), text.as_bytes());
        let _ = ask(&edge(|_| ()), &text, json!({}));
    }

    #[test]
    fn whatever_looks_like_a_document_is_answered(text in "[{}()\\[\\]:!$@.\"#,a-c0-9 \\n]{0,200}") {
        let _ = ask(&edge(|_| ()), &text, json!({ "a": 1 }));
    }
}
