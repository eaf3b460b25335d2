//! Writing answers: the shape that GraphQL asks for, and the status and the codes that GraphQL over HTTP does.

use std::collections::BTreeMap;

use async_graphql::{ErrorExtensionValues, Response, ServerError, Value};
use axum::{
    body::Body,
    http::{self, HeaderValue, StatusCode, header},
};
use chrono::SecondsFormat;
use domain::Language;
use serde::Serialize;

use crate::{Left, Media, complaint::Complaint};

/// Under which name the cost is told.
const COST: &str = "cost";
/// Errors that one answer lists.
const ERRORS: usize = 10;
/// Characters of an error's message.
const MESSAGE: usize = 300;

/// In which form and language a request is answered.
#[derive(Clone, Copy, Debug)]
pub struct Reply {
    pub(crate) media: Media,
    pub(crate) language: Language,
}

impl Reply {
    /// The language of the answer.
    pub const fn language(&self) -> Language {
        self.language
    }

    /// The answer of a request that goes no further.
    pub fn refuse(&self, complaint: &Complaint) -> http::Response<Body> {
        self.refuse_telling(complaint, None)
    }

    /// The same, and what the operation costs, if that is known and asked for.
    pub fn refuse_telling(
        &self,
        complaint: &Complaint,
        cost: Option<CostTold>,
    ) -> http::Response<Body> {
        let status = if complaint.of_document() && self.media == Media::Json {
            StatusCode::OK
        } else {
            complaint.status()
        };
        let mut answer = Answer::refusal(complaint, self.language);
        answer
            .extensions
            .extend(cost.map(|cost| (COST.to_owned(), cost.value())));
        let mut response = self.response(status, &answer);
        match complaint {
            Complaint::Method => allow(&mut response, "GET, POST"),
            Complaint::MutationByGet => allow(&mut response, "POST"),
            Complaint::OnlyGet => allow(&mut response, "GET, HEAD"),
            Complaint::RateLimited { seconds } => {
                response
                    .headers_mut()
                    .insert(header::RETRY_AFTER, (*seconds).into());
            }
            Complaint::SignIn => {
                response
                    .headers_mut()
                    .insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            }
            _ => {}
        }
        response
    }

    /// The answer when the server failed before the request could run: its ID, and nothing of the inside.
    pub fn fail(&self, request_id: &str) -> http::Response<Body> {
        self.response(
            StatusCode::INTERNAL_SERVER_ERROR,
            &failure(request_id, self.language),
        )
    }

    /// The answer of a request that ran, or that validation refused.
    pub fn answer(&self, response: Response) -> http::Response<Body> {
        let body = Answer::of(response);
        let status = if body.data.is_none() && self.media == Media::GraphqlResponse {
            StatusCode::BAD_REQUEST
        } else {
            StatusCode::OK
        };
        self.response(status, &body)
    }

    fn response(&self, status: StatusCode, body: &Answer) -> http::Response<Body> {
        // Writing to memory does not fail, and every part of an answer has a JSON form.
        let bytes = serde_json::to_vec(body).unwrap_or_default();
        let mut response = http::Response::new(Body::from(bytes));
        *response.status_mut() = status;
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static(self.media.content_type()),
        );
        headers.insert(
            header::VARY,
            HeaderValue::from_static("Accept, Accept-Language, Authorization"),
        );
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        response
    }
}

/// What an operation costs, for who asks (`extensions.cost` of the answer).
#[derive(Clone, Copy, Debug)]
pub struct CostTold {
    /// What the operation costs.
    pub requested: u64,
    /// What an operation may cost.
    pub limit: u64,
    /// What is left of the caller's budget, where there is one.
    pub left: Option<Left>,
}

impl CostTold {
    /// The answer, with the cost in it.
    pub fn tell(self, response: Response) -> Response {
        response.extension(COST, self.value())
    }

    fn value(self) -> Value {
        let mut cost = async_graphql::indexmap::IndexMap::new();
        let mut set = |name, value: Value| cost.insert(async_graphql::Name::new(name), value);
        set("requested", self.requested.into());
        set("limit", self.limit.into());
        if let Some(left) = self.left {
            set("remaining", left.remaining.into());
            let reset_at = left.reset_at.to_rfc3339_opts(SecondsFormat::Millis, true);
            set("resetAt", reset_at.into());
        }
        Value::Object(cost)
    }
}

/// The body of an answer. Written as it is: the keys of `data` come in the order of the query.
#[derive(Serialize)]
pub(crate) struct Answer {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) errors: Vec<ServerError>,
    /// None when the request was refused: without any data, and no error with a path.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) data: Option<Value>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    extensions: BTreeMap<String, Value>,
}

impl Answer {
    /// The answer of a request that ran, or that validation refused.
    pub(crate) fn of(response: Response) -> Self {
        let refused = response.data == Value::Null
            && !response.errors.is_empty()
            && response.errors.iter().all(|error| error.path.is_empty());
        Self {
            errors: response
                .errors
                .into_iter()
                .take(ERRORS)
                .map(short)
                .collect(),
            data: (!refused).then_some(response.data),
            extensions: response.extensions,
        }
    }

    /// The answer of a request that goes no further.
    pub(crate) fn refusal(complaint: &Complaint, language: Language) -> Self {
        Self::error(short(complaint.error(language)))
    }

    fn error(error: ServerError) -> Self {
        Self {
            errors: vec![error],
            data: None,
            extensions: BTreeMap::new(),
        }
    }
}

/// The answer when the server failed: the request's ID, and nothing of the inside.
pub(crate) fn failure(request_id: &str, language: Language) -> Answer {
    let message = match language {
        Language::ZhCn => "服务器内部错误，请将请求编号告知管理员。",
        Language::En => "The server failed. Please give the request ID to your administrator.",
    };
    let mut error = ServerError::new(message, None);
    let mut extensions = ErrorExtensionValues::default();
    extensions.set("code", "INTERNAL");
    extensions.set("requestId", request_id);
    error.extensions = Some(extensions);
    Answer::error(error)
}

fn allow(response: &mut http::Response<Body>, methods: &'static str) {
    response
        .headers_mut()
        .insert(header::ALLOW, HeaderValue::from_static(methods));
}

/// An error with a code, and with a message of one short line.
fn short(mut error: ServerError) -> ServerError {
    let line: String = error
        .message
        .lines()
        .next()
        .unwrap_or_default()
        .chars()
        .filter(|c| !c.is_control())
        .take(MESSAGE)
        .collect();
    error.message = line;
    let extensions = error
        .extensions
        .get_or_insert_with(ErrorExtensionValues::default);
    if extensions.get("code").is_none() {
        extensions.set("code", "BAD_USER_INPUT");
    }
    error
}
