//! Writing answers: the shape, the status and the codes that GraphQL over HTTP asks for.

use async_graphql::{ErrorExtensionValues, Response, ServerError, Value};
use axum::{
    body::Body,
    http::{self, HeaderValue, StatusCode, header},
};
use domain::Language;
use serde_json::{Map, json};

use crate::{Media, complaint::Complaint};

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
        let mut body = Map::new();
        body.insert(
            "errors".to_owned(),
            json!([error(complaint.error(self.language))]),
        );
        let status = if complaint.of_document() && self.media == Media::Json {
            StatusCode::OK
        } else {
            complaint.status()
        };
        let mut response = self.response(status, &body);
        match complaint {
            Complaint::Method => allow(&mut response, "GET, POST"),
            Complaint::MutationByGet => allow(&mut response, "POST"),
            _ => {}
        }
        response
    }

    /// The answer of a request that ran, or that validation refused: without any data, and no error with a path.
    pub fn answer(&self, response: Response) -> http::Response<Body> {
        let refused = response.data == Value::Null
            && !response.errors.is_empty()
            && response.errors.iter().all(|error| error.path.is_empty());
        let mut body = Map::new();
        if !response.errors.is_empty() {
            let errors = response.errors.into_iter().take(ERRORS).map(error);
            body.insert("errors".to_owned(), errors.collect());
        }
        if !refused {
            // A value that is made of JSON has a JSON form.
            body.insert(
                "data".to_owned(),
                response.data.into_json().unwrap_or_default(),
            );
        }
        if !response.extensions.is_empty() {
            body.insert("extensions".to_owned(), json!(response.extensions));
        }
        let status = if refused && self.media == Media::GraphqlResponse {
            StatusCode::BAD_REQUEST
        } else {
            StatusCode::OK
        };
        self.response(status, &body)
    }

    fn response(
        &self,
        status: StatusCode,
        body: &Map<String, serde_json::Value>,
    ) -> http::Response<Body> {
        // Writing to memory does not fail, and a JSON map has a JSON form.
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

fn allow(response: &mut http::Response<Body>, methods: &'static str) {
    response
        .headers_mut()
        .insert(header::ALLOW, HeaderValue::from_static(methods));
}

/// An error with a code, and with a message of one short line.
fn error(mut error: ServerError) -> serde_json::Value {
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
    json!(error)
}
