//! From a problem to an answer people can use.

use std::sync::Arc;

use axum::{
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use maud::html;
use vx_kernel::{Finding, Problem, ProblemKind, time::Lang};

use super::{
    App,
    api::{FaultView, ProblemView},
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

/// The only place where a problem becomes an HTTP status: by its kind, but for what HTTP itself has a status for.
#[must_use]
pub(super) fn status_of(problem: &Problem) -> StatusCode {
    match problem.code {
        "api.invalid" => return StatusCode::BAD_REQUEST,
        "api.method" | "web.method" => return StatusCode::METHOD_NOT_ALLOWED,
        "api.not_acceptable" => return StatusCode::NOT_ACCEPTABLE,
        "api.media_type" => return StatusCode::UNSUPPORTED_MEDIA_TYPE,
        "api.version" => return StatusCode::PRECONDITION_FAILED,
        "api.version_missing" => return StatusCode::PRECONDITION_REQUIRED,
        _ => {}
    }
    match problem.kind {
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
        let mut response = status_of(&self.0).into_response();
        response.extensions_mut().insert(Arc::new(self.0));
        response
    }
}

/// The number under which the log has this request.
fn reference_of(status: StatusCode, headers: &HeaderMap, problem: &Problem) -> String {
    let number = headers.get(REQUEST_ID).and_then(|value| value.to_str().ok()).unwrap_or("-").to_owned();
    if status.is_server_error() {
        tracing::error!(request = number, code = problem.code, error = problem.chain(), "request failed");
    }
    number
}

/// A problem for programs (RFC 9457), in the language that they ask for.
pub(super) fn explain_json(app: &App, lang: Lang, headers: &HeaderMap, problem: &Problem) -> Response {
    let status = status_of(problem);
    let reference = reference_of(status, headers, problem);
    let (title, detail) = app.words().problem(lang, problem);
    let fault = |finding: &Finding| FaultView {
        pointer: finding.place.clone(),
        code: finding.code.clone(),
        detail: app.words().say(
            lang,
            &format!("fault-{}", finding.code),
            &[("detail", finding.detail.as_str().into())],
        ),
    };
    let body = ProblemView {
        r#type: format!("urn:vungxanh:problem:{}", problem.code),
        title,
        detail,
        status: status.as_u16().into(),
        code: problem.code.to_owned(),
        reference,
        errors: problem.findings.iter().map(fault).collect(),
    };
    let mut response = (status, serde_json::to_string(&body).unwrap_or_default()).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    match status {
        StatusCode::UNAUTHORIZED => {
            let said = match problem.code {
                "api.token_unknown" => "Bearer realm=\"vungxanh\", error=\"invalid_token\"",
                _ => "Bearer realm=\"vungxanh\"",
            };
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static(said));
        }
        StatusCode::TOO_MANY_REQUESTS => {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
        }
        _ => {}
    }
    response
}

/// The page of a problem: what happened, what to do now, a way back. Internal ones are logged with a number.
pub(super) fn explain(visit: &Visit, headers: &HeaderMap, problem: &Problem) -> Response {
    let wants_json =
        headers.get(header::ACCEPT).is_some_and(|accept| accept.as_bytes().starts_with(b"application/json"));
    if wants_json {
        return explain_json(&visit.app, visit.lang, headers, problem);
    }
    let status = status_of(problem);
    let number = reference_of(status, headers, problem);
    let (what, todo) = visit.app.words().problem(visit.lang, problem);
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
