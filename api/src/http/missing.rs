//! What there is not: below the routes of the API in the form that its clients read, and elsewhere as plainly as can be.

use ::graphql::DOWNLOADS;
use axum::{
    body::Body,
    extract::Request,
    http::{Response, StatusCode},
    response::IntoResponse,
};
use edge::{Complaint, Edge};

/// The paths whose clients read JSON.
const API: [&str; 3] = ["/graphql", DOWNLOADS, "/audit"];

/// There is no such path.
pub(super) async fn nothing(request: Request) -> Response<Body> {
    answer(&request, &Complaint::NoRoute, StatusCode::NOT_FOUND)
}

/// There is, but not for this method.
pub(super) async fn only_get(request: Request) -> Response<Body> {
    answer(
        &request,
        &Complaint::OnlyGet,
        StatusCode::METHOD_NOT_ALLOWED,
    )
}

fn answer(request: &Request, complaint: &Complaint, plain: StatusCode) -> Response<Body> {
    let path = request.uri().path();
    let below = |root: &str| {
        let rest = path.strip_prefix(root);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    if API.into_iter().any(below) {
        let reply = Edge::reply(request.headers()).unwrap_or_else(|(reply, _)| reply);
        return reply.refuse(complaint);
    }
    plain.into_response()
}
