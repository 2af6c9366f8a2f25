//! What can be seen of the program from outside: a line and a number for each request, is it alive, is it ready,
//! figures.
//!
//! **Invariant:** no line, label or figure holds a person, a search word or the id of a record: a route stands with its
//! places (`/tasks/{id}`), never with what was in them.
//! **Invariant:** reasons and figures are answered on an address of their own ([`observation`]), which the site's
//! router does not know; a proxy in front of the site cannot pass them on by mistake.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    str::FromStr,
    sync::Arc,
    time::{Duration, Instant},
};

use axum::{
    Router,
    extract::{ConnectInfo, MatchedPath, Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse as _, Response},
    routing::get,
};
use tokio::sync::Mutex;
use vx_kernel::Problem;

use super::App;
use crate::{
    files, jobs,
    measures::{MEDIA_TYPE, Of, memory_bytes},
    params,
    store::Sql,
};

/// The header in which a request's number comes back, and by which the rest of the program knows it.
pub(super) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Proxies whose word about the caller counts: addresses, or blocks such as `10.0.0.0/8`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Proxies(Vec<(IpAddr, u8)>);

impl FromStr for Proxies {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let one = |word: &str| -> Option<(IpAddr, u8)> {
            let (address, bits) = match word.split_once('/') {
                Some((address, bits)) => (address, Some(bits.parse::<u8>().ok()?)),
                None => (word, None),
            };
            let address: IpAddr = address.parse().ok()?;
            let most = if address.is_ipv4() { 32 } else { 128 };
            Some((address, bits.unwrap_or(most))).filter(|(_, bits)| *bits <= most)
        };
        let words = text.split(',').map(str::trim).filter(|word| !word.is_empty());
        words.map(|word| one(word).ok_or_else(|| word.to_owned())).collect::<Result<_, _>>().map(Self)
    }
}

impl Proxies {
    fn trusts(&self, address: IpAddr) -> bool {
        let number = |address: IpAddr| match address.to_canonical() {
            IpAddr::V4(address) => (32, u128::from(address.to_bits())),
            IpAddr::V6(address) => (128, address.to_bits()),
        };
        let (width, ours) = number(address);
        self.0.iter().any(|(block, bits)| {
            let (other, theirs) = number(*block);
            let shift = width - u32::from(*bits).min(width);
            other == width && (shift >= 128 || ours >> shift == theirs >> shift)
        })
    }

    /// Who calls: whoever is connected, unless that is a trusted proxy; then the last address it names that is none.
    /// What anybody else writes into the header counts for nothing.
    fn caller(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        if !self.trusts(peer) {
            return peer;
        }
        let lines: Vec<_> = headers.get_all("x-forwarded-for").iter().filter_map(|line| line.to_str().ok()).collect();
        let mut caller = peer;
        for word in lines.iter().rev().flat_map(|line| line.rsplit(',')) {
            let Ok(address) = word.trim().parse() else { break };
            caller = address;
            if !self.trusts(address) {
                break;
            }
        }
        caller
    }
}

/// Who calls, as the rate limits count.
#[derive(Clone, Copy, Debug)]
pub(super) struct Caller(pub(super) IpAddr);

#[derive(Clone)]
pub(super) struct Observer {
    pub(super) app: App,
    pub(super) proxies: Arc<Proxies>,
}

/// Stands before everything: numbers the request, finds the caller, and afterwards writes one line and counts.
pub(super) async fn observe(State(observer): State<Observer>, mut request: Request, next: Next) -> Response {
    let began = Instant::now();
    let number = vx_kernel::fresh().simple().to_string().split_off(16);
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip());
    let caller = observer.proxies.caller(peer.unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST)), request.headers());
    request.extensions_mut().insert(Caller(caller));
    // What the caller sent under this name is replaced: the number in our log is ours.
    let value = HeaderValue::from_str(&number).unwrap_or(HeaderValue::from_static("-"));
    request.headers_mut().insert(REQUEST_ID, value.clone());
    let method = match *request.method() {
        Method::GET => "GET",
        Method::POST => "POST",
        Method::HEAD => "HEAD",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "OTHER",
    };
    let route = request.extensions().get::<MatchedPath>().map_or("none", MatchedPath::as_str).to_owned();
    let mut response = next.run(request).await;
    response.headers_mut().insert(REQUEST_ID, value);
    let (status, took) = (response.status().as_u16(), began.elapsed());
    observer.app.db().measures().request(method, &route, status, took);
    let ms = u64::try_from(took.as_micros()).map_or(f64::MAX, |micros| micros as f64 / 1_000.0);
    let is_probe = matches!(route.as_str(), "/healthz" | "/readyz" | "/assets/{*name}");
    if is_probe && status < 500 {
        tracing::debug!(request = number, method, route, status, ms, "request");
    } else {
        tracing::info!(request = number, method, route, status, ms, "request");
    }
    response
}

/// Why the program cannot serve at this moment.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Unready(Vec<&'static str>);

/// What is asked of a program before requests are sent to it.
pub(super) struct Readiness {
    app: App,
    free_min: u64,
    /// The last answer, for a moment: probes cost the database no more than one question a second.
    last: Mutex<Option<(Instant, Unready)>>,
}

/// How long an answer about readiness holds.
const READINESS_HOLDS: Duration = Duration::from_secs(1);
/// How long the database may take to say that it is there.
const ANSWER_MAX: Duration = Duration::from_secs(3);
/// How long the job queue may be silent: three times what it needs at the most between two signs of life.
const QUEUE_SILENT_MAX: Duration = Duration::from_secs(180);

impl Readiness {
    pub(super) fn new(app: App, free_min: u64) -> Arc<Self> {
        Arc::new(Self { app, free_min, last: Mutex::new(None) })
    }

    async fn asked(&self) -> Unready {
        let mut last = self.last.lock().await;
        match &*last {
            Some((at, unready)) if at.elapsed() < READINESS_HOLDS => unready.clone(),
            before => {
                let unready = self.look().await;
                if before.as_ref().is_none_or(|(_, before)| *before != unready) {
                    tracing::info!(reasons = unready.0.join(" "), "readiness changed");
                }
                *last = Some((Instant::now(), unready.clone()));
                unready
            }
        }
    }

    async fn look(&self) -> Unready {
        let db = self.app.db();
        let mut reasons = Vec::new();
        let steps: Vec<_> = self.app.modules().iter().flat_map(|module| module.migrations).copied().collect();
        match tokio::time::timeout(ANSWER_MAX, db.missing_steps(&steps)).await {
            Ok(Ok(missing)) if missing.is_empty() => {}
            Ok(Ok(_)) => reasons.push("not_migrated"),
            Ok(Err(problem)) if problem.kind == vx_kernel::ProblemKind::Refused => reasons.push("not_migrated"),
            Ok(Err(_)) | Err(_) => reasons.push("database_away"),
        }
        match tokio::time::timeout(ANSWER_MAX, db.answers()).await {
            Ok(Ok(())) => {}
            Ok(Err(_)) | Err(_) => reasons.push("writer_silent"),
        }
        if db.measures().queue_unseen_for().is_none_or(|silent| silent > QUEUE_SILENT_MAX) {
            reasons.push("jobs_silent");
        }
        if files::free_bytes(self.app.files().folder()).is_some_and(|free| free < self.free_min) {
            reasons.push("disk_full");
        }
        Unready(reasons)
    }
}

pub(super) async fn alive() -> &'static str {
    "ok"
}

/// For everybody: ready or not, and nothing else.
pub(super) async fn ready(State(readiness): State<Arc<Readiness>>) -> Response {
    if readiness.asked().await.0.is_empty() {
        "ready".into_response()
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "not ready").into_response()
    }
}

async fn ready_with_reasons(State(readiness): State<Arc<Readiness>>) -> Response {
    let Unready(reasons) = readiness.asked().await;
    let status = if reasons.is_empty() { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let body = serde_json::json!({ "ready": reasons.is_empty(), "reasons": reasons });
    (status, [(header::CONTENT_TYPE, "application/json")], body.to_string()).into_response()
}

/// Figures that only a question to the database gives are asked for here; while it is away they stay as they were, and
/// all others are still told.
async fn figures(State(readiness): State<Arc<Readiness>>) -> Response {
    let app = &readiness.app;
    let measures = app.db().measures();
    app.db().measure();
    let gauges = measures.gauges();
    if let Err(problem) = ask_database(app).await {
        tracing::warn!(error = problem.chain(), "figures of the database");
    }
    if let Some(bytes) = memory_bytes() {
        gauges.memory_bytes.set(bytes);
    }
    if let Some(bytes) = files::free_bytes(app.files().folder()) {
        gauges.free_bytes.set(i64::try_from(bytes).unwrap_or(i64::MAX));
    }
    ([(header::CONTENT_TYPE, MEDIA_TYPE)], measures.text()).into_response()
}

async fn ask_database(app: &App) -> Result<(), Problem> {
    let gauges = app.db().measures().gauges();
    let mut conn = app.db().read().await?;
    let now = app.clock().now();
    let counts = jobs::counts(&mut conn, now).await?;
    for (of, n) in
        [("later", counts.later), ("due", counts.due), ("running", counts.running), ("set_aside", counts.set_aside)]
    {
        gauges.jobs.get_or_create(&Of { of }).set(n);
    }
    gauges.job_oldest_secs.set(counts.oldest_secs);
    let sql = "select count(*) as n from session where tenant = $1 and expires_at > $2";
    gauges.sessions.set(conn.count(Sql::with(sql, params![conn.tenant(), now])).await?);
    Ok(())
}

/// What an operator's own tools ask: alive, ready with reasons, figures. Served on an address of its own.
pub fn observation(app: App, free_min: u64) -> Router {
    Router::new()
        .route("/healthz", get(alive))
        .route("/readyz", get(ready_with_reasons))
        .route("/metrics", get(figures))
        .with_state(Readiness::new(app, free_min))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn caller(trusted: &str, peer: &str, forwarded: &[&str]) -> String {
        let proxies: Proxies = trusted.parse().expect("a list of proxies");
        let mut headers = HeaderMap::new();
        for line in forwarded {
            headers.append("x-forwarded-for", line.parse().expect("a header"));
        }
        proxies.caller(peer.parse().expect("an address"), &headers).to_string()
    }

    #[test]
    fn only_a_trusted_proxy_says_who_calls() {
        let cases: &[(&str, &str, &[&str], &str)] = &[
            ("", "203.0.113.9", &["198.51.100.1"], "203.0.113.9"),
            ("127.0.0.1", "203.0.113.9", &["198.51.100.1"], "203.0.113.9"),
            ("127.0.0.1", "127.0.0.1", &["198.51.100.1"], "198.51.100.1"),
            ("127.0.0.1", "127.0.0.1", &[], "127.0.0.1"),
            // What the caller wrote stands to the left of what the proxy added.
            ("127.0.0.1", "127.0.0.1", &["1.1.1.1, 198.51.100.1"], "198.51.100.1"),
            ("127.0.0.1", "127.0.0.1", &["1.1.1.1", "198.51.100.1"], "198.51.100.1"),
            ("127.0.0.1, 10.0.0.0/8", "127.0.0.1", &["1.1.1.1, 198.51.100.1, 10.2.3.4"], "198.51.100.1"),
            ("127.0.0.1", "127.0.0.1", &["198.51.100.1, rubbish"], "127.0.0.1"),
            ("::1", "::1", &["2001:db8::7"], "2001:db8::7"),
            ("127.0.0.1", "::ffff:127.0.0.1", &["198.51.100.1"], "198.51.100.1"),
        ];
        for (trusted, peer, forwarded, expected) in cases {
            assert_eq!(caller(trusted, peer, forwarded), *expected, "{trusted} {peer} {forwarded:?}");
        }
    }

    #[test]
    fn lists_of_proxies_are_read_or_refused() {
        for (text, is_read) in
            [("", true), ("10.0.0.0/8,::1", true), ("10.0.0.0/33", false), ("nginx", false), ("::/129", false)]
        {
            assert_eq!(text.parse::<Proxies>().is_ok(), is_read, "{text}");
        }
    }
}
