//! The messages, read and written.

use async_graphql::{Response, Value};
use domain::Language;
use serde::Serialize;
use serde_json::{Map, Value as Json};

use super::Close;
use crate::{
    Kind,
    answer::{self, Answer},
    complaint::Complaint,
};

/// The bytes of an operation's ID.
const ID: usize = 256;

/// A message of the client, of the right form.
#[derive(Debug, PartialEq)]
pub(super) enum Message {
    /// `connection_init`, with its token.
    Init(Option<String>),
    /// `ping`, with a token if it brings one.
    Ping(Option<String>),
    /// `pong`
    Pong,
    /// `subscribe`, with the request.
    Subscribe(String, Map<String, Json>),
    /// `complete`
    Complete(String),
}

impl Message {
    /// Reads a message.
    pub(super) fn read(text: &str) -> Result<Self, Close> {
        let bad = |why| Err(Close::BadMessage(why));
        let Ok(Json::Object(mut message)) = serde_json::from_str(text) else {
            return bad("not a JSON object");
        };
        let payload = message.remove("payload");
        let Some(Json::String(kind)) = message.remove("type") else {
            return bad("no type");
        };
        match kind.as_str() {
            "connection_init" => Ok(Self::Init(token(payload)?)),
            "ping" => Ok(Self::Ping(token(payload)?)),
            "pong" => token(payload).map(|_| Self::Pong),
            "subscribe" => {
                let id = id(message.remove("id"))?;
                let Some(Json::Object(payload)) = payload else {
                    return bad("the payload of subscribe is no object");
                };
                let names = ["documentId", "id", "extensions"];
                let named = names.iter().any(|name| payload.contains_key(*name));
                match payload.get("query") {
                    Some(Json::String(_)) => {}
                    // It may name a trusted document instead.
                    None | Some(Json::Null) if named => {}
                    _ => return bad("no query"),
                }
                let fits = |name: &str, fits: fn(&Json) -> bool| {
                    payload
                        .get(name)
                        .is_none_or(|value| value.is_null() || fits(value))
                };
                if !(fits("operationName", Json::is_string)
                    && fits("variables", Json::is_object)
                    && fits("extensions", Json::is_object))
                {
                    return bad("a parameter of subscribe has the wrong type");
                }
                Ok(Self::Subscribe(id, payload))
            }
            "complete" => Ok(Self::Complete(id(message.remove("id"))?)),
            _ => bad("unknown type"),
        }
    }
}

fn id(id: Option<Json>) -> Result<String, Close> {
    match id {
        Some(Json::String(id)) if (1..=ID).contains(&id.len()) => Ok(id),
        _ => Err(Close::BadMessage("no id of 1 to 256 bytes")),
    }
}

/// The token of a payload: `{ "authorization": "Bearer …" }`. One that is no bearer's is as good as none.
fn token(payload: Option<Json>) -> Result<Option<String>, Close> {
    let payload = match payload {
        None | Some(Json::Null) => return Ok(None),
        Some(Json::Object(payload)) => payload,
        Some(_) => return Err(Close::BadMessage("the payload is no object")),
    };
    let value = payload
        .get("authorization")
        .or_else(|| payload.get("Authorization"));
    // What is there and no bearer's token is refused as a wrong one is, not overlooked.
    Ok(value.map(|value| {
        value
            .as_str()
            .and_then(|value| value.split_once(' '))
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
            .map(|(_, token)| token.trim().to_owned())
            .unwrap_or_default()
    }))
}

/// What an operation says, as a message for the client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    /// A result; more may follow.
    Next(String),
    /// The operation has failed: nothing follows.
    Error(String),
    /// The operation is done: nothing follows.
    Complete(String),
}

impl Said {
    /// The operation of an ID is done.
    pub fn complete(id: &str) -> Self {
        Self::Complete(write(&Written {
            kind: "complete",
            id,
            payload: None::<()>,
        }))
    }

    /// Whether nothing follows.
    pub const fn is_last(&self) -> bool {
        !matches!(self, Self::Next(_))
    }

    /// The message.
    pub fn into_text(self) -> String {
        match self {
            Self::Next(text) | Self::Error(text) | Self::Complete(text) => text,
        }
    }
}

#[derive(Serialize)]
struct Written<'m, P> {
    #[serde(rename = "type")]
    kind: &'static str,
    id: &'m str,
    #[serde(skip_serializing_if = "Option::is_none")]
    payload: Option<P>,
}

fn write<P: Serialize>(message: &Written<'_, P>) -> String {
    // Writing to memory does not fail, and every part of a message has a JSON form.
    serde_json::to_string(message).unwrap_or_default()
}

fn error(id: &str, answer: &Answer) -> Said {
    Said::Error(write(&Written {
        kind: "error",
        id,
        payload: Some(&answer.errors),
    }))
}

/// A result of an operation. A request that was refused (no data, and no error with a path) is an `error`; so is a
/// result of a subscription without data, however it came about: the client must subscribe anew rather than miss an
/// event and not know it.
pub fn say(id: &str, kind: Kind, response: Response) -> Said {
    let lost =
        kind == Kind::Subscription && response.data == Value::Null && !response.errors.is_empty();
    let answer = Answer::of(response);
    if lost || answer.data.is_none() {
        return error(id, &answer);
    }
    Said::Next(write(&Written {
        kind: "next",
        id,
        payload: Some(&answer),
    }))
}

/// Why an operation does not run.
pub fn say_complaint(id: &str, complaint: &Complaint, language: Language) -> Said {
    error(id, &Answer::refusal(complaint, language))
}

/// The server failed an operation: its request's ID, and nothing of the inside.
pub fn say_failure(id: &str, request_id: &str, language: Language) -> Said {
    error(id, &answer::failure(request_id, language))
}
