//! The snapshot in memory: which level holds now, where a name is found, and pages that are made once.

use std::{
    collections::HashMap,
    io::Write as _,
    path::Path as FilePath,
    sync::{Arc, Mutex, PoisonError, RwLock},
    time::SystemTime,
};

use axum::{
    body::{Body, Bytes},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use flate2::{Compression, write::GzEncoder};
use jiff::Timestamp;
use vx_kernel::{Problem, ProblemKind, text::fold};
use vx_platform::{files::sha256, store::migrate::hex, web::takes_gzip};
use vx_zones::{Level, Vocabulary};

use super::snapshot::{Decided, EDITION, Place, PlaceKind, Snapshot};

/// Bytes of pages that are held: those of a province in its languages several times over. Above it all are made anew.
const HELD_MAX: usize = 96 * 1024 * 1024;
/// How long whoever stands between may show a page without asking: shorter than it takes to spread word of a decision.
pub(super) const KEEPS: HeaderValue =
    HeaderValue::from_static("public, max-age=60, stale-while-revalidate=600, stale-if-error=86400");
/// The seconds after which nobody who can reach us shows such a page any more.
const KEPT_MAX: i64 = 60 + 600;
/// What the widget may do: be shown in a page of anybody, and nothing else.
const FRAMED: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; style-src 'self'; img-src 'self'; font-src 'self'; frame-ancestors *; base-uri 'none'; form-action 'none'",
);

/// A page as it is sent, packed and not.
#[derive(Debug)]
pub(super) struct Page {
    media: HeaderValue,
    plain: Bytes,
    packed: Bytes,
    tag: HeaderValue,
    packed_tag: HeaderValue,
    is_framed: bool,
}

impl Page {
    pub(super) fn new(media: &'static str, content: String, is_framed: bool) -> Self {
        let mark = hex(sha256(content.as_bytes()).get(..12).unwrap_or_default());
        // It is packed once and sent many times.
        let mut packer = GzEncoder::new(Vec::new(), Compression::new(8));
        let packed = packer.write_all(content.as_bytes()).and_then(|()| packer.finish()).unwrap_or_default();
        let tag = |text: String| HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static("\"-\""));
        Self {
            media: HeaderValue::from_static(media),
            plain: content.into(),
            packed: packed.into(),
            tag: tag(format!("\"{mark}\"")),
            packed_tag: tag(format!("\"{mark}-gz\"")),
            is_framed,
        }
    }

    fn bytes(&self) -> usize {
        self.plain.len() + self.packed.len()
    }

    /// The answer to a request: packed for who takes it, nothing for who has it.
    pub(super) fn answer(&self, asked: &HeaderMap) -> Response {
        let packs = !self.packed.is_empty() && takes_gzip(asked);
        let tag = if packs { &self.packed_tag } else { &self.tag };
        let held = asked.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let known = held.split(',').any(|one| one.trim().as_bytes() == tag.as_bytes());
        let content = if packs { &self.packed } else { &self.plain };
        let mut response = Response::new(if known { Body::empty() } else { Body::from(content.clone()) });
        let headers = response.headers_mut();
        headers.insert(header::ETAG, tag.clone());
        headers.insert(header::CACHE_CONTROL, KEEPS);
        headers.insert(header::VARY, HeaderValue::from_static("accept-encoding, accept-language, cookie"));
        if self.is_framed {
            headers.insert(header::CONTENT_SECURITY_POLICY, FRAMED);
        }
        if known {
            *response.status_mut() = StatusCode::NOT_MODIFIED;
            return response;
        }
        headers.insert(header::CONTENT_TYPE, self.media.clone());
        if packs {
            headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        }
        response
    }
}

/// A page that is for one request alone.
pub(super) fn once(status: StatusCode, html: String) -> Response {
    let headers = [(header::CONTENT_TYPE, "text/html; charset=utf-8"), (header::CACHE_CONTROL, "no-store")];
    (status, headers, html).into_response()
}

/// The snapshot with what is worked out from it at a moment.
#[derive(Debug)]
pub struct Published {
    /// What may be seen.
    pub snapshot: Snapshot,
    /// The moment for which it is worked out.
    pub now: Timestamp,
    /// When something in it takes effect or ends by itself.
    turns_at: Option<Timestamp>,
    by_key: HashMap<String, usize>,
    /// Names of each place with those above it, without marks.
    folded: Vec<String>,
    pages: RwLock<(HashMap<String, Arc<Page>>, usize)>,
    making: Mutex<()>,
}

impl Published {
    pub(super) fn new(snapshot: Snapshot, now: Timestamp) -> Self {
        let decided = snapshot.places.iter().flat_map(|place| &place.decisions).map(|one| one.effective_at);
        let told = snapshot.announcements.iter().flat_map(|one| [Some(one.from_at), one.until_at]).flatten();
        let ended = snapshot.places.iter().flat_map(|place| &place.lockdowns).filter_map(|one| one.ended_at);
        let turns_at = decided.chain(told).chain(ended).filter(|at| *at > now).min();
        let by_key = snapshot.places.iter().enumerate().map(|(at, place)| (place.key.clone(), at)).collect();
        let names = |at: usize| {
            let chain = std::iter::successors(Some(at), |at| snapshot.places[*at].above);
            chain.flat_map(|at| snapshot.places[at].folded.iter().map(String::as_str)).collect::<Vec<_>>().join(" ")
        };
        let folded = (0..snapshot.places.len()).map(names).collect();
        Self { turns_at, by_key, folded, now, pages: RwLock::default(), making: Mutex::default(), snapshot }
    }

    /// How long an answer of this moment may be kept where that is shorter than always: an old level must not be shown
    /// after the hour of a new one.
    pub(super) fn keeps(&self, now: Timestamp) -> Option<HeaderValue> {
        let left = self.turns_at?.duration_since(now).as_secs();
        if left >= KEPT_MAX {
            return None;
        }
        HeaderValue::from_str(&format!("public, max-age={}", left.clamp(0, 60))).ok()
    }

    /// The number of a place.
    #[must_use]
    pub fn at(&self, key: &str) -> Option<usize> {
        self.by_key.get(key).copied()
    }
    /// A place by its number.
    #[must_use]
    pub fn place(&self, at: usize) -> &Place {
        &self.snapshot.places[at]
    }
    /// Places above a place, the nearest first.
    pub fn above(&self, at: usize) -> impl Iterator<Item = usize> {
        std::iter::successors(self.place(at).above, |at| self.place(*at).above)
    }
    /// Places of a kind at or below a place.
    pub fn below(&self, at: usize, kind: PlaceKind) -> impl Iterator<Item = usize> {
        let is_below = move |one: usize| one == at || self.above(one).any(|above| above == at);
        (at..self.snapshot.places.len()).filter(move |one| self.place(*one).kind == kind && is_below(*one))
    }
    /// The decision in force.
    #[must_use]
    pub fn decision(&self, at: usize) -> Option<&Decided> {
        self.place(at).decisions.iter().find(|one| one.effective_at <= self.now)
    }
    /// The decision that takes effect next.
    #[must_use]
    pub fn next(&self, at: usize) -> Option<&Decided> {
        self.place(at).decisions.iter().rev().find(|one| one.effective_at > self.now)
    }
    /// The level in force.
    #[must_use]
    pub fn level(&self, at: usize) -> Option<Level> {
        self.decision(at).and_then(Decided::level)
    }
    /// In whose words levels are said: those of the newest decision in force.
    #[must_use]
    pub fn vocabulary(&self) -> Vocabulary {
        let all = (0..self.snapshot.places.len()).filter_map(|at| self.decision(at));
        let newest = all.max_by_key(|one| one.effective_at).and_then(Decided::level);
        newest.map_or(Vocabulary::Cap, Level::vocabulary)
    }

    /// Places with a name, with or without marks: every word begins one of the names of the place or of those above it.
    /// The place itself comes before those that lie in one of that name.
    #[must_use]
    pub fn found(&self, text: &str, limit: usize) -> Vec<usize> {
        let asked = fold(text);
        let words: Vec<&str> = asked.split_whitespace().collect();
        if words.is_empty() {
            return Vec::new();
        }
        let begins = |names: &str, word: &str| names.split(' ').any(|name| name.starts_with(word));
        let mut hits: Vec<(u8, usize)> = Vec::new();
        for (at, names) in self.folded.iter().enumerate() {
            if !words.iter().all(|word| begins(names, word)) {
                continue;
            }
            let own = &self.place(at).folded;
            let rank = if own.contains(&asked) {
                0
            } else if own.iter().any(|name| asked.starts_with(&format!("{name} ")) || name.starts_with(&asked)) {
                1
            } else if own.iter().any(|name| words.iter().any(|word| begins(name, word))) {
                2
            } else {
                3
            };
            hits.push((rank, at));
        }
        hits.sort_unstable_by_key(|(rank, at)| (*rank, self.place(*at).kind != PlaceKind::Commune, *at));
        // Who names a place does not mean everything in it.
        let best = hits.first().map_or(0, |(rank, _)| *rank);
        hits.retain(|(rank, _)| *rank < 3 || best == 3);
        hits.into_iter().take(limit).map(|(_, at)| at).collect()
    }

    /// A page that was made before, or is made now and held until the next snapshot.
    pub(super) fn page(&self, key: &str, make: impl FnOnce() -> Option<Page>) -> Option<Arc<Page>> {
        let held = || self.pages.read().unwrap_or_else(PoisonError::into_inner).0.get(key).cloned();
        if let Some(page) = held() {
            return Some(page);
        }
        // Many ask for the same at once after each snapshot; one makes it.
        let _making = self.making.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(page) = held() {
            return Some(page);
        }
        let page = Arc::new(make()?);
        let mut held = self.pages.write().unwrap_or_else(PoisonError::into_inner);
        if held.1 + page.bytes() > HELD_MAX {
            *held = Default::default();
        }
        held.1 += page.bytes();
        held.0.insert(key.to_owned(), page.clone());
        Some(page)
    }
}

/// What a file on disk is known by: another one has another of these.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Stamp {
    modified: SystemTime,
    bytes: u64,
    number: u64,
}

impl Stamp {
    pub(super) fn of(file: &FilePath) -> Option<Self> {
        let about = std::fs::metadata(file).ok()?;
        #[cfg(unix)]
        let number = std::os::unix::fs::MetadataExt::ino(&about);
        #[cfg(not(unix))]
        let number = 0;
        Some(Self { modified: about.modified().ok()?, bytes: about.len(), number })
    }
}

/// What is held of the file, and reads it again when it is another one.
#[derive(Debug, Default)]
pub struct Portal {
    held: RwLock<Option<(Stamp, Arc<Published>)>>,
    /// A file that could not be understood; it is not read again.
    unread: RwLock<Option<Stamp>>,
    loading: Mutex<()>,
}

impl Portal {
    /// What is published at a moment; none before anything was. The file is asked for its stamp with each request, as a
    /// server of static files does, so that every process on the data shows the same at once. It asks no database.
    #[must_use]
    pub fn published(&self, file: &FilePath, now: Timestamp) -> Option<Arc<Published>> {
        let stamp = Stamp::of(file);
        if let Some(held) = self.current(stamp, now) {
            return Some(held);
        }
        let _loading = self.loading.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(held) = self.current(stamp, now) {
            return Some(held);
        }
        let held = self.held.read().unwrap_or_else(PoisonError::into_inner).clone();
        let (of, snapshot) = match (stamp.filter(|stamp| self.is_new(*stamp)), held) {
            (Some(stamp), held) => match (read(file), held) {
                (Ok(snapshot), _) => (stamp, snapshot),
                (Err(problem), held) => {
                    tracing::warn!(problem = problem.chain(), "the published snapshot cannot be read");
                    // A disk that is away for a moment may be there with the next request.
                    if problem.kind != ProblemKind::Unavailable {
                        *self.unread.write().unwrap_or_else(PoisonError::into_inner) = Some(stamp);
                    }
                    held.map(|(of, held)| (of, held.snapshot.clone()))?
                }
            },
            // What was published stays so, whatever became of the file, and turns at its hour.
            (None, held) => held.map(|(of, held)| (of, held.snapshot.clone()))?,
        };
        let published = Arc::new(Published::new(snapshot, now));
        *self.held.write().unwrap_or_else(PoisonError::into_inner) = Some((of, published.clone()));
        Some(published)
    }

    /// Whether a file is neither the one that is held nor one that could not be understood.
    fn is_new(&self, stamp: Stamp) -> bool {
        let held = self.held.read().unwrap_or_else(PoisonError::into_inner).as_ref().map(|(of, _)| *of);
        let unread = *self.unread.read().unwrap_or_else(PoisonError::into_inner);
        ![held, unread].contains(&Some(stamp))
    }

    fn current(&self, stamp: Option<Stamp>, now: Timestamp) -> Option<Arc<Published>> {
        if stamp.is_some_and(|stamp| self.is_new(stamp)) {
            return None;
        }
        let held = self.held.read().unwrap_or_else(PoisonError::into_inner);
        let (_, published) = held.as_ref()?;
        let holds = published.now <= now && published.turns_at.is_none_or(|turns| now < turns);
        holds.then(|| published.clone())
    }
}

/// The snapshot of a file.
pub(super) fn read(file: &FilePath) -> Result<Snapshot, Problem> {
    let away = |error| Problem::new(ProblemKind::Unavailable, "store.away").because(error);
    let bytes = std::fs::read(file).map_err(away)?;
    let snapshot: Snapshot = serde_json::from_slice(&bytes).map_err(Problem::internal)?;
    if snapshot.edition == EDITION { Ok(snapshot) } else { Err(Problem::internal("a snapshot of another form")) }
}
