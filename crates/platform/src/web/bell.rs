//! The bell (chuông thông báo): how many notices somebody has not read, kept up to date by server-sent events.
//!
//! One watcher for each process looks at the database (`vx-foundation`, `notices::watch`) and rings; whoever listens
//! and is meant asks for their own count then. Nobody's page asks the database by the clock.

use std::{
    collections::{BTreeSet, HashMap},
    convert::Infallible,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use axum::{
    http::HeaderMap,
    response::{
        IntoResponse as _, Response,
        sse::{Event, KeepAlive, Sse},
    },
};
use futures_util::stream;
use serde_json::json;
use tokio::{
    sync::broadcast::{self, error::RecvError},
    time::Instant,
};
use vx_kernel::{Id, Path, Problem, ProblemKind, ids};

use super::{App, Failure, Visit, page::cookie};
use crate::{
    auth::{self, Actor},
    notify,
};

/// The address of the stream.
pub const STREAM: &str = "/notices/stream";
/// Streams of one person: windows of several browsers. Tabs of one browser share one.
const OF_ONE_MAX: usize = 6;
/// Streams of one process.
const OF_ALL_MAX: usize = 4_000;
/// A stream ends after this long; the browser comes back and is looked at anew.
const LIFE: Duration = Duration::from_secs(600);
/// How often something is sent so that no proxy takes the stream for dead.
const BEAT: Duration = Duration::from_secs(25);
/// After how long a browser comes back, and by how much that differs between browsers.
const BACK_MS: (u64, u64) = (3_000, 5_000);
/// Rings that a slow listener may be behind; after that it asks anew, which is all a ring is for.
const RINGS_MAX: usize = 256;

/// Something changed for these.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Ring {
    /// Units that were told something, or for which something was settled.
    pub units: BTreeSet<Path>,
    /// Persons who were told something, or who have read something.
    pub persons: Vec<Id<ids::Account>>,
    /// Whether the program stops.
    pub stops: bool,
}

impl Ring {
    fn is_for(&self, actor: &Actor) -> bool {
        actor.account.is_some_and(|own| self.persons.contains(&own))
            || actor.homes().into_iter().any(|home| self.units.contains(home))
    }
}

/// Rings to whoever listens in this process.
pub struct Bell {
    rings: broadcast::Sender<Arc<Ring>>,
    listeners: Arc<Mutex<HashMap<Id<ids::Account>, usize>>>,
}

impl Default for Bell {
    fn default() -> Self {
        Self { rings: broadcast::channel(RINGS_MAX).0, listeners: Arc::default() }
    }
}

/// A place among the listeners; given back when it is dropped.
struct Seat {
    account: Id<ids::Account>,
    listeners: Arc<Mutex<HashMap<Id<ids::Account>, usize>>>,
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut listeners = self.listeners.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(n) = listeners.get_mut(&self.account) {
            *n -= 1;
            if *n == 0 {
                listeners.remove(&self.account);
            }
        }
    }
}

impl Bell {
    /// Rings.
    pub fn ring(&self, ring: Ring) {
        // Nobody listens: nobody needs to know.
        let _ = self.rings.send(Arc::new(ring));
    }

    /// Ends every stream, so that stopping waits for none.
    pub fn stop(&self) {
        self.ring(Ring { stops: true, ..Ring::default() });
    }

    fn sit(&self, account: Id<ids::Account>) -> Result<Seat, Problem> {
        let mut listeners = self.listeners.lock().unwrap_or_else(PoisonError::into_inner);
        let all: usize = listeners.values().sum();
        let of_one = listeners.get(&account).copied().unwrap_or(0);
        if of_one >= OF_ONE_MAX || all >= OF_ALL_MAX {
            return Err(Problem::new(ProblemKind::TooMany, "notices.too_many_streams"));
        }
        listeners.insert(account, of_one + 1);
        Ok(Seat { account, listeners: self.listeners.clone() })
    }
}

/// One listener.
struct Listening {
    app: App,
    visit: Visit,
    token: String,
    rings: broadcast::Receiver<Arc<Ring>>,
    until: Instant,
    /// The newest notice that the browser knows of.
    seen: Option<Id<ids::Notice>>,
    is_first: bool,
    _seat: Seat,
}

/// `GET /notices/stream`: an event `bell` at once, and one whenever the count may have changed.
///
/// # Errors
/// `notices.too_many_streams`.
pub async fn stream(visit: Visit, headers: HeaderMap) -> Result<Response, Failure> {
    let actor = visit.actor()?;
    let account = actor.account.ok_or_else(Problem::not_found)?;
    let app = visit.app.clone();
    let seat = app.bell().sit(account)?;
    let listening = Listening {
        // Before the first count, so that nothing falls between.
        rings: app.bell().rings.subscribe(),
        token: cookie(&headers, "vx_session").unwrap_or_default(),
        until: Instant::now() + LIFE,
        seen: headers.get("last-event-id").and_then(|id| id.to_str().ok()?.parse().ok()),
        is_first: true,
        _seat: seat,
        app,
        visit,
    };
    let events = stream::unfold(listening, |listening| async move { listening.next().await });
    let events = Sse::new(events).keep_alive(KeepAlive::new().interval(BEAT));
    // A proxy that gathers answers before it passes them on would hold every ring back.
    Ok(([("x-accel-buffering", "no")], events).into_response())
}

impl Listening {
    async fn next(mut self) -> Option<(Result<Event, Infallible>, Self)> {
        if !self.is_first {
            loop {
                let ring = tokio::time::timeout_at(self.until, self.rings.recv()).await.ok()?;
                match ring {
                    Ok(ring) if ring.stops => return None,
                    Ok(ring) if ring.is_for(self.visit.actor().ok()?) => break,
                    Ok(_) => {}
                    // It missed some: one of them may have been for it.
                    Err(RecvError::Lagged(_)) => break,
                    Err(RecvError::Closed) => return None,
                }
            }
            // What rang meanwhile is counted with it.
            while let Ok(ring) = self.rings.try_recv() {
                if ring.stops {
                    return None;
                }
            }
            // Signed out, closed, given other roles: the stream is no longer this person's, or sees something else.
            let signed = auth::look(self.app.db(), self.app.rights(), &self.token, self.app.clock().now()).await;
            let signed = signed.ok().flatten()?;
            if signed.owes_code || signed.must_change {
                return None;
            }
            self.visit.signed = Some(signed);
        }
        let event = match self.count().await {
            Ok(event) => event,
            Err(problem) => {
                // The browser comes back by itself.
                tracing::warn!(problem = problem.chain(), "a bell was not counted");
                return None;
            }
        };
        self.is_first = false;
        Some((Ok(event), self))
    }

    async fn count(&mut self) -> Result<Event, Problem> {
        let mut conn = self.app.db().read().await?;
        let actor = self.visit.actor()?;
        let unread = notify::unread(&self.app, &mut conn, actor).await?;
        let newest = notify::newest(&self.app, &mut conn, actor).await?;
        drop(conn);
        // What was there when the page was made is no news; what came while the stream was away is.
        let is_news = newest.is_some() && newest != self.seen && (self.seen.is_some() || !self.is_first);
        self.seen = newest.or(self.seen);
        let said = self.visit.unread_words(unread);
        let body =
            json!({ "unread": unread, "shown": super::page::shown_count(unread), "said": said, "news": is_news });
        let event = Event::default().event("bell").data(body.to_string());
        let event = match self.seen {
            Some(id) => event.id(id.to_string()),
            None => event,
        };
        let spread = u64::from(uuid::Uuid::now_v7().as_bytes()[15]) * (BACK_MS.1 - BACK_MS.0) / 255;
        Ok(if self.is_first { event.retry(Duration::from_millis(BACK_MS.0 + spread)) } else { event })
    }
}
