//! Routes and what stands before them: session, permission, password change, problems, headers, limits.

use std::{net::IpAddr, sync::Arc};

use axum::{
    Router,
    extract::{DefaultBodyLimit, Request, State},
    handler::Handler,
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header},
    middleware::{self, Next},
    response::{IntoResponse as _, Redirect, Response},
    routing::{MethodFilter, MethodRouter, any, on},
};
use governor::{clock::QuantaInstant, middleware::NoOpMiddleware};
use tower_governor::{GovernorError, GovernorLayer, governor::GovernorConfigBuilder, key_extractor::KeyExtractor};
use tower_http::{
    catch_panic::CatchPanicLayer,
    compression::{
        CompressionLayer,
        predicate::{DefaultPredicate, NotForContentType, Predicate as _},
    },
    set_header::SetResponseHeaderLayer,
};
use vx_kernel::{Problem, ProblemKind};

use super::{
    Answer, App, Call, Failure, Operation, Proxies, Theme, Visit,
    api::{self, Pace},
    assets,
    bell::STREAM,
    observe::{Caller, Observer, Readiness, alive, observe, ready},
    page::{cookie, lang_chosen},
    problem,
};
use crate::{auth, notify};

/// Who may call a route.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Access {
    /// Everybody, and nobody asks who: no session is looked up, nothing stands between. For what is public, the same for
    /// all and held in memory, so that it is answered while the database is away and costs less than a limit would.
    Open,
    /// Everybody; limited in rate.
    Public,
    /// Everybody, more tightly limited in rate: places where secrets can be guessed.
    Guarded,
    /// Everybody who is signed in.
    SignedIn,
    /// Those who hold this permission somewhere. Which records they see is the query's business.
    Needs(&'static str),
    /// Programs, with a token that has this permission. Cookies count for nothing here, so nothing can be forged.
    Token(&'static str),
}

/// A path, a method, who may call it and what answers.
pub struct Route {
    /// Method.
    pub method: Method,
    /// Path with `{name}` places.
    pub path: &'static str,
    /// Who may call it.
    pub access: Access,
    /// What programs are told of it, where it is theirs.
    pub operation: Option<Arc<Operation>>,
    handler: MethodRouter<App>,
}

impl Route {
    /// A page.
    pub fn get<H: Handler<T, App>, T: 'static>(path: &'static str, access: Access, handler: H) -> Self {
        Self { method: Method::GET, path, access, operation: None, handler: on(MethodFilter::GET, handler) }
    }
    /// An action. Its handler takes a [`super::Form`].
    pub fn post<H: Handler<T, App>, T: 'static>(path: &'static str, access: Access, handler: H) -> Self {
        Self { method: Method::POST, path, access, operation: None, handler: on(MethodFilter::POST, handler) }
    }
    /// An operation of the JSON interface, and what does it.
    pub fn api<F>(operation: Operation, run: impl Fn(Call) -> F + Clone + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<Answer, Problem>> + Send + 'static,
    {
        let filter = if operation.method == Method::GET { MethodFilter::GET } else { MethodFilter::POST };
        let handler = on(filter, move |call: Call| {
            let run = run.clone();
            async move { api::answer(call, run).await }
        });
        let operation = Arc::new(operation);
        let (method, path, access) = (operation.method.clone(), operation.path, Access::Token(operation.permission));
        Self { method, path, access, operation: Some(operation), handler }
    }
}

/// Largest body read at all; single files have their own, smaller limit with a page that explains it.
const BODY_BYTES_MAX: usize = 256 * 1024 * 1024;

/// How the media types of office files begin.
const WORKBOOK: &str = "application/vnd.openxmlformats";

/// How the site stands to what is around it.
#[derive(Clone, Debug, Default)]
pub struct Front {
    /// Proxies whose word about the caller counts.
    pub proxies: Proxies,
    /// Bytes that must be free where the data lie before the program says that it is ready.
    pub free_min: u64,
}

/// The whole site, with no proxy before it.
pub fn router(app: App) -> Router {
    router_behind(app, Front::default())
}

/// The whole site.
pub fn router_behind(app: App, front: Front) -> Router {
    let mut site: Router<App> = Router::new();
    let (public, guarded, pace) = (limit(200, 60), limit(1_000, 30), Arc::new(Pace::new()));
    for route in app.modules().iter().flat_map(|module| (module.routes)()) {
        if let Some(operation) = route.operation {
            let gate = Gate { app: app.clone(), pace: pace.clone(), operation: Some(operation) };
            site = site.route(route.path, route.handler.layer(middleware::from_fn_with_state(gate, stand_at_gate)));
            continue;
        }
        if route.access == Access::Open {
            site = site.route(route.path, route.handler);
            continue;
        }
        let guard = Guard { app: app.clone(), access: route.access };
        let mut handler = route.handler.layer(middleware::from_fn_with_state(guard, stand_guard));
        handler = match route.access {
            Access::Public => handler.layer(public.clone()),
            Access::Guarded if route.method == Method::POST => handler.layer(guarded.clone()),
            _ => handler,
        };
        site = site.route(route.path, handler);
    }
    let observer = Observer { app: app.clone(), proxies: Arc::new(front.proxies) };
    let no_gate = Gate { app: app.clone(), pace, operation: None };
    let unknown = any(nobody).layer(middleware::from_fn_with_state(no_gate, stand_at_gate));
    site = site.route("/api/v1/{*rest}", unknown);
    let nowhere = Guard { app: app.clone(), access: Access::Public };
    let site = site
        .fallback_service(
            on(MethodFilter::GET, nobody)
                .layer(middleware::from_fn_with_state(nowhere, stand_guard))
                .with_state(app.clone()),
        )
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .route("/assets/{*name}", axum::routing::get(assets::serve))
        .route("/healthz", axum::routing::get(alive))
        .route("/readyz", axum::routing::get(ready).with_state(Readiness::new(app.clone(), front.free_min)));
    dressed(site).layer(middleware::from_fn_with_state(observer, observe)).with_state(app)
}

/// A site in place of the whole one, for as long as the program cannot open its data: with its files of style and
/// script and the same headers, alive and not ready.
pub fn stand_in(site: Router) -> Router {
    let not_ready = || async { (StatusCode::SERVICE_UNAVAILABLE, "not ready") };
    let site = site
        .route("/assets/{*name}", axum::routing::get(assets::serve))
        .route("/healthz", axum::routing::get(alive))
        .route("/readyz", axum::routing::get(not_ready));
    dressed(site)
}

/// With what every answer bears.
fn dressed<S: Clone + Send + Sync + 'static>(site: Router<S>) -> Router<S> {
    const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; \
                          connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";
    let header = |name: HeaderName, value: &'static str| {
        SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value))
    };
    site.layer(header(header::CONTENT_SECURITY_POLICY, POLICY))
        .layer(header(header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .layer(header(header::REFERRER_POLICY, "same-origin"))
        .layer(header(HeaderName::from_static("cross-origin-opener-policy"), "same-origin"))
        .layer(header(
            HeaderName::from_static("permissions-policy"),
            "geolocation=(self), camera=(self), microphone=()",
        ))
        .layer(header(header::CACHE_CONTROL, "no-store"))
        .layer(CatchPanicLayer::new())
        // A workbook is packed already.
        .layer(
            CompressionLayer::new().compress_when(DefaultPredicate::new().and(NotForContentType::const_new(WORKBOOK))),
        )
}

async fn nobody() -> Failure {
    Failure(Problem::not_found())
}

/// Requests are counted per address of the caller.
#[derive(Clone, Debug, PartialEq, Eq)]
struct PerAddress;

impl KeyExtractor for PerAddress {
    type Key = IpAddr;
    fn extract<T>(&self, request: &axum::http::Request<T>) -> Result<IpAddr, GovernorError> {
        let caller = request.extensions().get::<Caller>();
        Ok(caller.map_or(IpAddr::from([127, 0, 0, 1]), |caller| caller.0))
    }
}

type Limit = GovernorLayer<PerAddress, NoOpMiddleware<QuantaInstant>, axum::body::Body>;

/// One more request every `per_ms` milliseconds after a burst.
fn limit(per_ms: u64, burst: u32) -> Limit {
    let config =
        GovernorConfigBuilder::default().key_extractor(PerAddress).per_millisecond(per_ms).burst_size(burst).finish();
    let config = config.expect("a period and a burst above zero make a configuration");
    GovernorLayer::new(config)
        .error_handler(|_| Failure(Problem::new(ProblemKind::TooMany, "web.too_many")).into_response())
}

#[derive(Clone)]
struct Guard {
    app: App,
    access: Access,
}

async fn stand_guard(State(guard): State<Guard>, mut request: Request, next: Next) -> Response {
    let (headers, uri) = (request.headers().clone(), request.uri().clone());
    let from = request.extensions().get::<Caller>().map_or_else(String::new, |caller| caller.0.to_string());
    let visit = match visit_of(&guard.app, &headers, &uri, from).await {
        // An address that only takes what is sent is nowhere to come back to; the page that it was sent from is.
        Ok(visit) if request.method() != Method::GET => Visit { back: came_from(&headers), ..visit },
        Ok(visit) => visit,
        Err(problem) => return problem::explain(&Visit::nobody(&guard.app), &headers, &problem),
    };
    if let Some(response) = admit(&guard, &visit, &request) {
        return response.unwrap_or_else(|problem| problem::explain(&visit, &headers, &problem));
    }
    let mut visit = visit;
    if request.method() == Method::GET && shows_pages(&headers) && uri.path() != STREAM {
        visit.unread = unread(&visit).await;
    }
    request.extensions_mut().insert(visit.clone());
    let response = next.run(request).await;
    match response.extensions().get::<Arc<Problem>>().cloned() {
        Some(problem) => problem::explain(&visit, &headers, &problem),
        // Whoever loads anew, or types, an address to which a form is sent.
        None if response.status() == StatusCode::METHOD_NOT_ALLOWED => {
            problem::explain(&visit, &headers, &Problem::invalid("web.method"))
        }
        None => response,
    }
}

/// Whether the caller reads pages.
fn shows_pages(headers: &HeaderMap) -> bool {
    let accepts = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok());
    accepts.is_none_or(|accepts| accepts.contains("text/html") || accepts.contains("*/*"))
}

/// How many notices the visitor has not read. A page is shown without it rather than not at all.
async fn unread(visit: &Visit) -> i64 {
    let Ok(actor) = visit.actor() else { return 0 };
    let counted = async { notify::unread(&visit.app, &mut visit.app.db().read().await?, actor).await };
    counted.await.unwrap_or_else(|problem| {
        tracing::warn!(problem = problem.chain(), "unread notices not counted");
        0
    })
}

/// What stands before the JSON interface. Without an operation there is nothing behind it.
#[derive(Clone)]
struct Gate {
    app: App,
    pace: Arc<Pace>,
    operation: Option<Arc<Operation>>,
}

async fn stand_at_gate(State(gate): State<Gate>, mut request: Request, next: Next) -> Response {
    let lang = api::lang_of(request.headers());
    let url = request.uri().path_and_query().map_or("/", |path| path.as_str()).to_owned();
    let headers = request.headers().clone();
    if let Some(operation) = &gate.operation {
        match api::admit(&gate.app, &gate.pace, request.headers(), &url, operation).await {
            Ok(caller) => drop(request.extensions_mut().insert(caller)),
            Err(problem) => return problem::explain_json(&gate.app, lang, &headers, &problem),
        }
    }
    let response = next.run(request).await;
    let problem = match response.extensions().get::<Arc<Problem>>().cloned() {
        Some(problem) => problem,
        None if response.status() == StatusCode::METHOD_NOT_ALLOWED => Arc::new(Problem::invalid("api.method")),
        None => return response,
    };
    problem::explain_json(&gate.app, lang, &headers, &problem)
}

/// `None` lets the request pass.
fn admit(guard: &Guard, visit: &Visit, request: &Request) -> Option<Result<Response, Problem>> {
    let public = matches!(guard.access, Access::Public | Access::Guarded);
    let path = request.uri().path();
    let Some(signed) = &visit.signed else {
        if public {
            return None;
        }
        return Some(if request.method() == Method::GET {
            let next = visit.url.replace('&', "%26").replace('#', "%23");
            Ok(send_to(path, &format!("/login?next={next}")))
        } else {
            Err(Problem::new(ProblemKind::Unauthenticated, "unauthenticated"))
        });
    };
    // Who owes the code is nobody yet, whatever the route lets pass.
    if signed.owes_code && !matches!(path, "/login" | "/login/code" | "/logout" | "/prefer") {
        return Some(Ok(send_to(path, "/login/code")));
    }
    if signed.must_change && !public && !matches!(path, "/password" | "/logout") {
        return Some(Ok(send_to(path, "/password")));
    }
    let may_enrol = path.starts_with("/security/factor") || matches!(path, "/password" | "/logout");
    if signed.owes_factor && !public && !may_enrol {
        return Some(Ok(send_to(path, "/security/factor")));
    }
    match guard.access {
        // Who has a permission nowhere may not learn that there is such a page.
        Access::Needs(permission) if !signed.actor.may_anywhere(permission) => Some(Err(Problem::not_found())),
        _ => None,
    }
}

/// The page that has to come first. The bell of a page left open is not a page: "no content" tells the browser that
/// there is no stream for it (HTML standard, server-sent events), where the sign-in page would be an error.
fn send_to(path: &str, address: &str) -> Response {
    if path == STREAM { StatusCode::NO_CONTENT.into_response() } else { Redirect::to(address).into_response() }
}

/// Path and query of the page from which something was sent; the first page when the browser does not say.
fn came_from(headers: &HeaderMap) -> String {
    let referer = headers.get(header::REFERER).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let uri: Option<Uri> = referer.parse().ok();
    uri.and_then(|uri| Some(uri.path_and_query()?.as_str().to_owned())).unwrap_or_else(|| "/".to_owned())
}

async fn visit_of(app: &App, headers: &HeaderMap, uri: &Uri, from: String) -> Result<Visit, Problem> {
    let signed = match cookie(headers, "vx_session") {
        // A page left open does not keep its session alive.
        Some(token) if uri.path() == STREAM => auth::look(app.db(), app.rights(), &token, app.clock().now()).await?,
        Some(token) => auth::lookup(app.db(), app.rights(), &token, app.clock().now()).await?,
        None => None,
    };
    Ok(Visit {
        app: app.clone(),
        lang: lang_chosen(headers).unwrap_or_default(),
        theme: cookie(headers, "vx_theme").and_then(|name| Theme::parse(&name)).unwrap_or(Theme::Light),
        signed,
        from,
        url: uri.path_and_query().map_or("/", |path| path.as_str()).to_owned(),
        back: uri.path_and_query().map_or("/", |path| path.as_str()).to_owned(),
        unread: 0,
    })
}
