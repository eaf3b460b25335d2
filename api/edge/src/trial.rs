//! Any bytes as a request: what the fuzzer runs for hours, and a test briefly (fuzz/README.md). There is none of it in the server.

use std::{future::Future, pin::pin, sync::OnceLock, task::Poll};

use axum::{
    body::Body,
    http::{Method, Uri},
};
use domain::Language;
use serde_json::json;

use crate::{
    Accepted, Complaint, Edge, Limits, Scalar,
    socket::{Protocol, Step},
};

/// The edge of the real schema.
fn edge() -> &'static Edge {
    static EDGE: OnceLock<Edge> = OnceLock::new();
    EDGE.get_or_init(|| {
        let sdl = include_str!("../../../schema.graphql");
        let scalars = ["Date", "DateTime", "Decimal", "JSON"].map(|name| Scalar {
            name,
            takes: |value| matches!(value, async_graphql::Value::String(text) if text.len() > 1),
            example: "x",
        });
        match Edge::new(sdl, &scalars, &[], Limits::default(), true) {
            Ok(edge) => edge,
            Err(error) => panic!("{error}"),
        }
    })
}

/// Sends bytes in one of the ways in which a request can come; the first byte says which. Whatever they are, there is an answer: nothing
/// panics, nothing hangs, nothing that costs too much is accepted, and every complaint has its code and a short message.
pub fn request(bytes: &[u8]) {
    let Some((way, rest)) = bytes.split_first() else {
        return;
    };
    let text = String::from_utf8_lossy(rest);
    let path = Uri::from_static("/graphql");
    match way % 5 {
        0 => look(edge().receive(&Method::POST, &path, rest)),
        1 => {
            let body = json!({ "query": text }).to_string();
            look(edge().receive(&Method::POST, &path, body.as_bytes()));
        }
        2 => {
            if let Ok(uri) = format!("/graphql?{text}").parse() {
                look(edge().receive(&Method::GET, &uri, b""));
            }
        }
        3 => in_parts(rest.to_vec()),
        _ => over_socket(&text),
    }
}

fn in_parts(body: Vec<u8>) {
    let reading = async {
        let opening = edge().receive_parts("x", Body::from(body)).await?;
        edge().look_at(opening)?.finish().await
    };
    // All of it is there: it is done as soon as somebody keeps asking.
    let mut context = std::task::Context::from_waker(futures_util::task::noop_waker_ref());
    let mut reading = pin!(reading);
    for _ in 0..1_000_000 {
        if let Poll::Ready(read) = reading.as_mut().poll(&mut context) {
            return look(read);
        }
    }
    panic!("a body in parts is read for ever");
}

/// Each line is a message.
fn over_socket(messages: &str) {
    let mut protocol = Protocol::new(edge().limits().operations);
    for message in messages.lines() {
        let closed = protocol.is_closed();
        match protocol.receive(message) {
            Step::Authenticate { .. } => protocol.admit(),
            Step::Start { payload, .. } => look(edge().subscribe(payload)),
            Step::Close(close) => {
                assert!(
                    close.reason().len() <= 123,
                    "a close frame has no room for more"
                );
            }
            step => assert!(!closed || step == Step::Nothing),
        }
        assert!(protocol.running() <= edge().limits().operations + messages.lines().count());
    }
}

fn look(received: Result<Accepted, Complaint>) {
    match received {
        Ok(accepted) => assert!(accepted.cost <= edge().limits().cost),
        Err(complaint) => {
            assert!(!complaint.status().is_success());
            for language in [Language::ZhCn, Language::En] {
                let error = complaint.error(language);
                assert!(error.extensions.is_some_and(|of| of.get("code").is_some()));
                assert!(!error.message.is_empty());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::request;

    /// Pieces of requests of every sort: what a fuzzer finds out by and by.
    fn piece() -> impl Strategy<Value = String> {
        prop_oneof![
            prop::sample::select(vec![
                "{", "}", "(", ")", "[", "]", ":", "!", "$", "@", "...", "\"", "\"\"\"", "\\", "#", "\n", " ", ",", "&", "=", "%7B", "%ff",
                "query", "mutation", "subscription", "fragment F on Query", "...F", "on Plan", "@include(if: true)", "@skip(if: $v)",
                "plan(year: 2022)", "plans(first: 100)", "targets(first: 99999999999)", "nodes", "edges", "node", "id", "__typename", "__schema", "a:",
                "signIn(input: $i)", "uploadAttachment(input: { file: $f })", "$v: [Int!]! = [1]", "null", "true", "1e999", "-0", "\u{feff}", "督查",
                "{\"query\":", "\"variables\":", "\"extensions\":{}", "\"documentId\":\"x\"", "query=", "variables={}", "extensions={}",
                "{\"type\":\"connection_init\"}\n", "{\"type\":\"subscribe\",\"id\":\"1\",\"payload\":{\"query\":\"subscription{events{id}}\"}}\n",
                "{\"type\":\"complete\",\"id\":\"1\"}\n", "{\"type\":\"ping\",\"payload\":{\"authorization\":\"x\"}}\n",
                "--x\r\nContent-Disposition: form-data; name=\"operations\"\r\n\r\n", "\r\n--x\r\nContent-Disposition: form-data; name=\"map\"\r\n\r\n{\"0\":[\"variables.f\"]}\r\n",
                "--x\r\nContent-Disposition: form-data; name=\"0\"; filename=\"a\"\r\n\r\n", "\r\n--x--\r\n",
            ]).prop_map(str::to_owned),
            "[ -~]{0,6}",
            "(?s).{0,3}",
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(400))]

        #[test]
        fn whatever_comes_has_an_answer(way in any::<u8>(), pieces in prop::collection::vec(piece(), 0..40)) {
            let mut bytes = vec![way];
            bytes.extend_from_slice(pieces.concat().as_bytes());
            request(&bytes);
        }

        #[test]
        fn whatever_bytes_come_have_an_answer(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            request(&bytes);
        }
    }
}
