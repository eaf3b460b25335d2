//! Every order of messages, and every way to end.

use async_graphql::{Response, ServerError};
use domain::Language;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{Close, Protocol, Said, Step, Ticket, say, say_complaint, say_failure};
use crate::{Complaint, Kind, Measure};

const INIT: &str = r#"{"type":"connection_init","payload":{"authorization":"Bearer t"}}"#;

fn subscribe(id: &str) -> String {
    json!({ "type": "subscribe", "id": id, "payload": { "query": "{ a }" } }).to_string()
}

fn complete(id: &str) -> String {
    json!({ "type": "complete", "id": id }).to_string()
}

/// What a step is, in a word; a close by its code.
fn word(step: &Step) -> String {
    match step {
        Step::Nothing => "-".to_owned(),
        Step::Authenticate { token } => format!("auth {}", token.as_deref().unwrap_or("none")),
        Step::Refresh { token } => format!("refresh {token}"),
        Step::Pong => "pong".to_owned(),
        Step::Start { ticket, .. } => format!("start {}", ticket.id()),
        Step::TooMany { ticket } => format!("many {}", ticket.id()),
        Step::Stop { ticket } => format!("stop {}", ticket.id()),
        Step::Close(close) => close.code().to_string(),
    }
}

/// What comes of messages, one after the other; the client is admitted when it asks.
fn play(messages: &[&str]) -> Vec<String> {
    let mut protocol = Protocol::new(2);
    let mut steps = Vec::new();
    for message in messages {
        let step = protocol.receive(message);
        if matches!(step, Step::Authenticate { .. }) {
            protocol.admit();
        }
        steps.push(word(&step));
    }
    steps
}

#[test]
fn orders_of_messages() {
    let (one, two, three) = (subscribe("1"), subscribe("2"), subscribe("3"));
    let (one, two, three): (&str, &str, &str) = (&one, &two, &three);
    let done = complete("1");
    let done: &str = &done;
    let ping = r#"{"type":"ping"}"#;
    let refresh = r#"{"type":"ping","payload":{"authorization":"Bearer n"}}"#;
    let cases: &[(&[&str], &[&str])] = &[
        (&[INIT], &["auth t"]),
        (&[INIT, one, two], &["auth t", "start 1", "start 2"]),
        (
            &[INIT, one, done, one],
            &["auth t", "start 1", "stop 1", "start 1"],
        ),
        (
            &[INIT, one, two, three],
            &["auth t", "start 1", "start 2", "many 3"],
        ),
        (&[INIT, one, one], &["auth t", "start 1", "4409"]),
        (&[INIT, INIT], &["auth t", "4429"]),
        (&[INIT, one, INIT], &["auth t", "start 1", "4429"]),
        (&[one], &["4401"]),
        (&[ping, one], &["pong", "4401"]),
        (&[done], &["-"]),
        (&[INIT, done], &["auth t", "-"]),
        (
            &[ping, r#"{"type":"pong"}"#, INIT],
            &["pong", "-", "auth t"],
        ),
        (&[refresh], &["pong"]),
        (&[INIT, refresh], &["auth t", "refresh n"]),
        // After the end nothing matters.
        (&["{", INIT, one, ping], &["4400", "-", "-", "-"]),
    ];
    for (messages, steps) in cases {
        assert_eq!(play(messages), *steps, "{messages:?}");
    }
}

#[test]
fn an_operation_before_the_acknowledgement_is_unauthorised() {
    let mut protocol = Protocol::new(2);
    protocol.receive(INIT);
    assert_eq!(protocol.receive(INIT), Step::Close(Close::TooManyInits));
    let mut protocol = Protocol::new(2);
    protocol.receive(INIT);
    assert_eq!(
        protocol.receive(&subscribe("1")),
        Step::Close(Close::Unauthorized)
    );
    // What was refused is not admitted afterwards.
    protocol.admit();
    assert_eq!(protocol.receive(&subscribe("1")), Step::Nothing);
}

#[test]
fn malformed_messages_are_4400() {
    for message in [
        "",
        "{",
        "null",
        "[]",
        "7",
        "\"ping\"",
        "{}",
        r#"{"type":7}"#,
        r#"{"type":"start"}"#,
        r#"{"type":"connection_ack"}"#,
        r#"{"type":"next","id":"1"}"#,
        r#"{"type":"connection_init","payload":7}"#,
        r#"{"type":"connection_init","payload":[]}"#,
        r#"{"type":"ping","payload":"x"}"#,
        r#"{"type":"pong","payload":1}"#,
        r#"{"type":"subscribe"}"#,
        r#"{"type":"subscribe","id":"1"}"#,
        r#"{"type":"subscribe","id":"1","payload":[]}"#,
        r#"{"type":"subscribe","id":"1","payload":{}}"#,
        r#"{"type":"subscribe","id":"1","payload":{"query":7}}"#,
        r#"{"type":"subscribe","id":1,"payload":{"query":"{a}"}}"#,
        r#"{"type":"subscribe","id":"","payload":{"query":"{a}"}}"#,
        r#"{"type":"subscribe","payload":{"query":"{a}"}}"#,
        r#"{"type":"subscribe","id":"1","payload":{"query":"{a}","variables":[]}}"#,
        r#"{"type":"subscribe","id":"1","payload":{"query":"{a}","operationName":1}}"#,
        r#"{"type":"subscribe","id":"1","payload":{"query":"{a}","extensions":"x"}}"#,
        r#"{"type":"complete"}"#,
        r#"{"type":"complete","id":7}"#,
    ] {
        for before in [None, Some(INIT)] {
            let messages: Vec<&str> = before.into_iter().chain([message]).collect();
            assert_eq!(play(&messages).last().unwrap(), "4400", "{message}");
        }
    }
    let long = subscribe(&"x".repeat(257));
    assert_eq!(play(&[INIT, &long]), ["auth t", "4400"]);
    let mut protocol = Protocol::new(2);
    assert_eq!(word(&protocol.receive_binary()), "4400");
    assert_eq!(word(&protocol.receive_binary()), "-");
    for fine in [
        r#"{"type":"subscribe","id":"1","payload":{"query":"{a}","variables":null,"operationName":null,"extensions":null}}"#,
        r#"{"type":"subscribe","id":"1","more":7,"payload":{"query":"","variables":{}}}"#,
    ] {
        assert_eq!(play(&[INIT, fine]), ["auth t", "start 1"], "{fine}");
    }
}

#[test]
fn tokens_are_read_where_they_stand() {
    for (payload, expected) in [
        (json!({ "authorization": "Bearer a.b" }), "auth a.b"),
        (json!({ "Authorization": "bearer  a.b " }), "auth a.b"),
        (json!({ "token": "Bearer a.b" }), "auth none"),
        (json!({}), "auth none"),
        (json!(null), "auth none"),
        // What is no bearer's token is one that nobody accepts.
        (json!({ "authorization": "Basic a.b" }), "auth "),
        (json!({ "authorization": 7 }), "auth "),
    ] {
        let message = json!({ "type": "connection_init", "payload": payload }).to_string();
        assert_eq!(play(&[&message]), [expected], "{payload}");
    }
}

#[test]
fn the_wait_for_init_ends_once() {
    let mut protocol = Protocol::new(2);
    assert_eq!(protocol.init_timeout(), Some(Close::InitTimeout));
    assert!(protocol.is_closed() && protocol.init_timeout().is_none());
    let mut protocol = Protocol::new(2);
    protocol.receive(INIT);
    assert_eq!(protocol.init_timeout(), None);
    protocol.admit();
    assert_eq!(protocol.init_timeout(), None);
}

fn start(protocol: &mut Protocol, id: &str) -> Ticket {
    match protocol.receive(&subscribe(id)) {
        Step::Start { ticket, .. } | Step::TooMany { ticket } => ticket,
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_operation_that_has_ended_says_nothing() {
    let mut protocol = Protocol::new(1);
    protocol.receive(INIT);
    protocol.admit();
    let next = || Said::Next("n".to_owned());
    let first = start(&mut protocol, "1");
    assert_eq!(protocol.say(&first, next()).as_deref(), Some("n"));
    protocol.receive(&complete("1"));
    assert_eq!(protocol.say(&first, next()), None);
    // Another with the same ID is another.
    let second = start(&mut protocol, "1");
    assert_eq!(protocol.say(&first, Said::complete("1")), None);
    assert!(protocol.say(&second, Said::complete("1")).is_some());
    assert_eq!(protocol.say(&second, next()), None);
    // One too many is refused, and may come again.
    let third = start(&mut protocol, "3");
    let fourth = start(&mut protocol, "4");
    assert!(protocol.say(&fourth, Said::Error("e".to_owned())).is_some());
    assert_eq!(protocol.running(), 1);
    assert!(protocol.say(&third, Said::complete("3")).is_some());
    assert_eq!(word(&protocol.receive(&subscribe("4"))), "start 4");
}

#[test]
fn codes_and_reasons() {
    let long = "任".repeat(200);
    for (close, code) in [
        (Close::Stopping, 1001),
        (Close::TooLarge, 1009),
        (Close::TryAgain("Too slow"), 1013),
        (Close::BadMessage("no type"), 4400),
        (Close::Unauthorized, 4401),
        (Close::Forbidden, 4403),
        (Close::InitTimeout, 4408),
        (Close::Duplicate(long), 4409),
        (Close::TooManyInits, 4429),
    ] {
        assert_eq!(close.code(), code);
        assert!(
            (1..=123).contains(&close.reason().len()),
            "{}",
            close.reason()
        );
    }
}

fn message(said: Said) -> Value {
    serde_json::from_str(&said.into_text()).unwrap()
}

#[test]
fn answers_become_messages() {
    let data = || async_graphql::value!({ "b": 1, "a": null });
    let with_path = || {
        let mut error = ServerError::new("broken", None);
        error.path = vec![async_graphql::PathSegment::Field("a".to_owned())];
        error
    };
    let said = say("1", Kind::Query, Response::new(data()));
    assert_eq!(
        said,
        Said::Next(r#"{"type":"next","id":"1","payload":{"data":{"b":1,"a":null}}}"#.to_owned())
    );
    for kind in [Kind::Query, Kind::Subscription] {
        let mut partial = Response::new(data());
        partial.errors = vec![with_path()];
        assert_eq!(message(say("1", kind, partial))["type"], "next");
    }
    // Refused: an error. Failed as a whole: a result of a query, and the end of a subscription.
    for (kind, error, expected) in [
        (Kind::Query, ServerError::new("no", None), "error"),
        (Kind::Mutation, ServerError::new("no", None), "error"),
        (Kind::Subscription, ServerError::new("no", None), "error"),
        (Kind::Query, with_path(), "next"),
        (Kind::Subscription, with_path(), "error"),
    ] {
        let said = message(say("1", kind, Response::from_errors(vec![error])));
        assert_eq!(
            (&said["type"], &said["id"]),
            (&json!(expected), &json!("1")),
            "{said}"
        );
        let errors = match expected {
            "error" => &said["payload"],
            _ => &said["payload"]["errors"],
        };
        assert_eq!(errors[0]["extensions"]["code"], "BAD_USER_INPUT");
    }
    let complaint = Complaint::TooMuch {
        what: Measure::Operations,
        most: 20,
    };
    let said = message(say_complaint("1", &complaint, Language::En));
    assert_eq!(
        said["payload"][0]["extensions"]["code"],
        "QUERY_TOO_COMPLEX"
    );
    let said = message(say_failure("1", "r-1", Language::ZhCn));
    assert_eq!(
        said["payload"][0]["extensions"],
        json!({ "code": "INTERNAL", "requestId": "r-1" })
    );
    assert_eq!(
        message(Said::complete("1")),
        json!({ "type": "complete", "id": "1" })
    );
}

/// What can happen to a connection.
#[derive(Clone, Debug)]
enum Event {
    Text(String),
    Binary,
    Admit,
    InitTimeout,
    /// One of the operations begun says something.
    Say(usize, bool),
}

fn event() -> impl Strategy<Value = Event> {
    let id = prop_oneof![Just("1"), Just("2"), Just("3"), Just("4")];
    prop_oneof![
        4 => id.clone().prop_map(|id| Event::Text(subscribe(id))),
        2 => id.prop_map(|id| Event::Text(complete(id))),
        2 => Just(Event::Text(INIT.to_owned())),
        1 => Just(Event::Text(r#"{"type":"ping"}"#.to_owned())),
        1 => Just(Event::Text(r#"{"type":"ping","payload":{"authorization":"Bearer n"}}"#.to_owned())),
        1 => "[{}\":,a-z0-9]{0,40}".prop_map(Event::Text),
        1 => "(?s).{0,40}".prop_map(Event::Text),
        1 => Just(Event::Binary),
        4 => Just(Event::Admit),
        1 => Just(Event::InitTimeout),
        3 => (0..8usize, any::<bool>()).prop_map(|(at, last)| Event::Say(at, last)),
    ]
}

proptest! {
    #[test]
    fn whatever_comes_the_state_is_legal(begun in any::<bool>(), events in prop::collection::vec(event(), 0..60)) {
        const MOST: usize = 2;
        let mut protocol = Protocol::new(MOST);
        if begun {
            protocol.receive(INIT);
            protocol.admit();
        }
        // A model that is slower and plainer: whether it was admitted, has ended, and which operations run.
        let (mut inits, mut admitted, mut ended) = (u32::from(begun), begun, false);
        let mut running: Vec<Ticket> = Vec::new();
        let mut all: Vec<Ticket> = Vec::new();
        for event in events {
            match event {
                Event::Admit => {
                    protocol.admit();
                    admitted |= inits > 0 && !ended;
                }
                Event::InitTimeout => {
                    let close = protocol.init_timeout();
                    prop_assert_eq!(close.is_some(), inits == 0 && !ended);
                    ended |= close.is_some();
                }
                Event::Say(at, last) => {
                    let Some(ticket) = all.get(at).cloned() else { continue };
                    let said = if last { Said::complete(ticket.id()) } else { Said::Next(String::new()) };
                    let runs = running.contains(&ticket) && !ended;
                    prop_assert_eq!(protocol.say(&ticket, said).is_some(), runs);
                    if last {
                        running.retain(|other| *other != ticket);
                    }
                }
                Event::Text(_) | Event::Binary => {
                    let (step, is_init) = match event {
                        Event::Text(text) => (protocol.receive(&text), text == INIT),
                        _ => (protocol.receive_binary(), false),
                    };
                    match step {
                        _ if ended => prop_assert_eq!(step, Step::Nothing),
                        Step::Authenticate { .. } => prop_assert_eq!(inits, 0),
                        Step::Refresh { .. } => prop_assert!(admitted),
                        Step::Start { ref ticket, .. } | Step::TooMany { ref ticket } => {
                            prop_assert!(admitted);
                            prop_assert!(running.iter().all(|other| other.id() != ticket.id()));
                            prop_assert_eq!(matches!(step, Step::TooMany { .. }), running.len() >= MOST);
                            running.push(ticket.clone());
                            all.push(ticket.clone());
                        }
                        Step::Stop { ref ticket } => {
                            prop_assert!(running.contains(ticket));
                            running.retain(|other| other != ticket);
                        }
                        Step::Close(ref close) => {
                            match close {
                                Close::Unauthorized => prop_assert!(!admitted),
                                Close::Duplicate(id) => prop_assert!(running.iter().any(|other| other.id() == id)),
                                Close::TooManyInits => prop_assert!(inits > 0 && is_init),
                                Close::BadMessage(_) => {}
                                other => prop_assert!(false, "{:?}", other),
                            }
                            prop_assert!((1..=123).contains(&close.reason().len()));
                            ended = true;
                        }
                        Step::Nothing | Step::Pong => {}
                    }
                    inits += u32::from(is_init);
                }
            }
            if ended {
                running.clear();
            }
            prop_assert_eq!(protocol.is_closed(), ended);
            prop_assert_eq!(protocol.running(), running.len());
        }
    }
}
