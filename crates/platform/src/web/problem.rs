//! From a problem to an answer people can use.

use std::sync::Arc;

use axum::{
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use maud::html;
use vx_kernel::{Problem, ProblemKind};

use super::{
    observe::REQUEST_ID,
    page::{Visit, icon},
};

/// A problem on its way out of a handler. [`super::route`] turns it into a page or JSON.
#[derive(Debug)]
pub struct Failure(pub Problem);

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Self {
        Self(problem)
    }
}

/// The only place where a kind of problem becomes an HTTP status.
#[must_use]
pub(super) fn status_of(kind: ProblemKind) -> StatusCode {
    match kind {
        ProblemKind::NotFound => StatusCode::NOT_FOUND,
        ProblemKind::Forbidden => StatusCode::FORBIDDEN,
        ProblemKind::Unauthenticated => StatusCode::UNAUTHORIZED,
        ProblemKind::Invalid | ProblemKind::Refused => StatusCode::UNPROCESSABLE_ENTITY,
        ProblemKind::Conflict => StatusCode::CONFLICT,
        ProblemKind::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        ProblemKind::TooMany => StatusCode::TOO_MANY_REQUESTS,
        ProblemKind::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        ProblemKind::Internal => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let mut response = status_of(self.0.kind).into_response();
        response.extensions_mut().insert(Arc::new(self.0));
        response
    }
}

/// The page of a problem: what happened, what to do now, a way back. Internal ones are logged with a number.
pub(super) fn explain(visit: &Visit, headers: &HeaderMap, problem: &Problem) -> Response {
    let status = status_of(problem.kind);
    // The number under which the log has this request.
    let number = headers.get(REQUEST_ID).and_then(|value| value.to_str().ok()).unwrap_or("-");
    if status.is_server_error() {
        tracing::error!(request = number, code = problem.code, error = problem.chain(), "request failed");
    }
    let (what, todo) = visit.app.words().problem(visit.lang, problem);
    let wants_json =
        headers.get(header::ACCEPT).is_some_and(|accept| accept.as_bytes().starts_with(b"application/json"));
    if wants_json {
        let body = serde_json::json!({
            "type": format!("urn:vungxanh:problem:{}", problem.code), "title": what, "detail": todo,
            "status": status.as_u16(), "code": problem.code, "reference": number,
        });
        let kind = [(header::CONTENT_TYPE, "application/problem+json")];
        return (status, kind, body.to_string()).into_response();
    }
    let back = headers
        .get(header::REFERER)
        .and_then(|referer| referer.to_str().ok())
        .and_then(|referer| referer.split_once("://"))
        .and_then(|(_, rest)| rest.find('/').map(|at| rest[at..].to_owned()))
        .filter(|path| !path.starts_with("//"));
    let body = html! {
        div.vx-empty role="alert" {
            (icon("alert-triangle"))
            h1 { (what) }
            p { (todo) }
            @if status.is_server_error() { p.vx-quiet { (visit.t("problem-reference")) " " code { (number) } } }
            div.vx-bar.justify-content-center {
                @if let Some(back) = back { a.btn.btn-primary href=(back) { (icon("arrow-left")) " " (visit.t("go-back")) } }
                a.btn href="/" { (visit.t("go-home")) }
            }
        }
    };
    (status, visit.page(&what, body)).into_response()
}
