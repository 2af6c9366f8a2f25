//! The public portal (cổng thông tin): what a citizen is told without signing in.
//!
//! A job puts together a [`Snapshot`] of everything that the public may see and writes it as one file. Requests are
//! answered from the file as it is held in memory; they ask no database and look up no session.
//!
//! **Invariant:** a public page is answered while the database is away (test `the_portal_answers_while_the_database_is_away`).
//! **Invariant:** what is not in the snapshot cannot be shown, and the snapshot holds no person but the post of who signed
//! and the telephone of a committee (test `the_snapshot_holds_no_person_and_no_small_number`).

mod files;
mod khmer;
mod pages;
mod published;
mod snapshot;
mod suppress;

use std::{
    collections::HashMap,
    path::{Path as FilePath, PathBuf},
    sync::{Arc, LazyLock, Mutex, PoisonError},
};

use axum::{
    Router,
    extract::State,
    http::{HeaderMap, StatusCode, Uri, header},
    response::{IntoResponse as _, Redirect, Response},
};
use jiff::Timestamp;
use vx_concepts::engine::{PUBLICATION_CHANGED, ZONE_DECIDED};
use vx_kernel::{
    Date, Problem, ProblemKind,
    time::{Lang, day_of},
};
use vx_platform::{
    Clock,
    files::write_whole,
    jobs::{JobKind, Trigger},
    store::Uuid,
    web::{Access, App, Route, lang_chosen, off_thread, preferred, stand_in},
    words::Words,
};
use vx_zones::activities::ACTIVITIES;

pub use published::{Portal, Published};
pub use snapshot::{Call, DAYS, Decided, Locked, Picture, Place, PlaceKind, Snapshot, Told};
pub use suppress::{Count, SMALL_COUNT, SMALL_PEOPLE, suppressed};

use super::asked;
use pages::{HITS_MAX, Sight};
use published::{KEEPS, Page, Stamp};

/// The name of the file beside the folder of originals.
const FILE: &str = "public-portal.json";
/// Minutes between two looks at what changed without anybody deciding: counts, units, boundaries.
const LOOKS_EVERY: i64 = 5;

/// Where the snapshot of a program lies.
#[must_use]
pub fn file(app: &App) -> PathBuf {
    app.files().folder().with_file_name(FILE)
}

/// Puts together what the public may see and writes it down where anything in it is another.
///
/// # Errors
/// When database, files or disk are away.
pub async fn publish(app: &App) -> Result<(), Problem> {
    let (place, today) = (file(app), day_of(app.clock().now()));
    // Everything that anybody does is in the journal. Ten decisions at once bring ten jobs, of which nine find nothing
    // new since the first; a file that another process wrote since is looked at again.
    let newest = vx_platform::journal::newest(&mut app.db().read().await?).await?.map(|(id, _)| id);
    let stamp = Stamp::of(&place);
    let last = SEEN.lock().unwrap_or_else(PoisonError::into_inner).get(&place).copied();
    if stamp.is_some() && last == Some((newest, today, stamp)) {
        return Ok(());
    }
    let fresh = snapshot::gather(app, newest).await?;
    let away = |error| Problem::new(ProblemKind::Unavailable, "store.away").because(error);
    // Two processes may have gathered at once: one looks and writes at a time, and who knows less does not write over
    // who knows more. The lock ends with the handle.
    let at_lock = place.with_extension("lock");
    let lock = off_thread(move || {
        let lock = std::fs::File::create(at_lock)?;
        lock.lock().map(|()| lock)
    })
    .await?
    .map_err(away)?;
    let bytes = off_thread({
        let place = place.clone();
        move || {
            let stands = published::read(&place).is_ok_and(|before| {
                let (changed_at, knows) = (fresh.changed_at, fresh.knows);
                before.knows > knows || fresh == Snapshot { changed_at, knows, ..before }
            });
            if stands { Ok(None) } else { serde_json::to_vec(&fresh).map(Some).map_err(Problem::internal) }
        }
    })
    .await??;
    if let Some(bytes) = bytes {
        write_whole(&place, &bytes).await.map_err(away)?;
    }
    let seen = (newest, today, Stamp::of(&place));
    drop(lock);
    SEEN.lock().unwrap_or_else(PoisonError::into_inner).insert(place, seen);
    Ok(())
}

/// The newest entry of the journal and the day when a snapshot was put together last, and the file as it was left.
type Seen = (Option<Uuid>, Date, Option<Stamp>);
static SEEN: LazyLock<Mutex<HashMap<PathBuf, Seen>>> = LazyLock::new(Mutex::default);

pub(super) const JOBS: &[JobKind] = &[
    JobKind {
        name: "portal.publish",
        starts: Trigger::Every { mins: LOOKS_EVERY },
        run: |app, _| Box::pin(async move { publish(&app).await }),
    },
    JobKind {
        name: "portal.publish_decided",
        starts: Trigger::Fact(ZONE_DECIDED),
        run: |app, _| Box::pin(async move { publish(&app).await }),
    },
    JobKind {
        name: "portal.publish_told",
        starts: Trigger::Fact(PUBLICATION_CHANGED),
        run: |app, _| Box::pin(async move { publish(&app).await }),
    },
];

const PATHS: [&str; 13] = [
    "/public",
    "/public/units/{key}",
    "/public/activities",
    "/public/activities/{name}",
    "/public/map",
    "/public/numbers",
    "/public/decisions",
    "/public/announcements",
    "/public/directory",
    "/public/data",
    "/public/data/{file}",
    "/public/widget/{key}",
    "/public/embed",
];
/// Addresses of the portal. All are answered by [`answer`] from one [`Portal`], which each router has for itself.
pub(super) fn routes() -> Vec<Route> {
    let portal = Arc::new(Portal::default());
    let route = |path| {
        let portal = portal.clone();
        Route::get(path, Access::Open, move |State(app): State<App>, uri: Uri, headers: HeaderMap| async move {
            shown(&portal, &file(&app), app.words(), app.clock(), &uri, &headers)
        })
    };
    PATHS.into_iter().map(route).collect()
}

/// Whether anything was published in a folder of data.
#[must_use]
pub fn is_published(data: &FilePath) -> bool {
    data.join(FILE).exists()
}

/// The portal alone, from the file in a folder of data: what is left while the database cannot be reached.
pub fn alone(data: &FilePath, words: Words, clock: Clock) -> Router {
    let shared = Arc::new((Portal::default(), data.join(FILE), words, clock));
    let route = |site: Router, path: &str| {
        let shared = shared.clone();
        let answer = move |uri: Uri, headers: HeaderMap| async move {
            let (portal, file, words, clock) = &*shared;
            shown(portal, file, words, clock, &uri, &headers)
        };
        site.route(path, axum::routing::get(answer))
    };
    stand_in(PATHS.into_iter().fold(Router::new(), route))
}

fn shown(portal: &Portal, file: &FilePath, words: &Words, clock: &Clock, uri: &Uri, headers: &HeaderMap) -> Response {
    match portal.published(file, clock.now()) {
        Some(published) => {
            let mut answer = answer(&published, words, clock.is_drill(), uri, headers);
            if let Some(kept) = answer.headers_mut().get_mut(header::CACHE_CONTROL)
                && *kept == KEEPS
                && let Some(keeps) = published.keeps(clock.now())
            {
                *kept = keeps;
            }
            answer
        }
        None => {
            let lang = lang_of(&pairs(uri), headers).0;
            published::once(StatusCode::SERVICE_UNAVAILABLE, pages::nothing_yet(words, lang, clock.now()))
        }
    }
}

type Pairs = Vec<(String, String)>;

fn pairs(uri: &Uri) -> Pairs {
    axum::extract::Query::<Pairs>::try_from_uri(uri).map(|query| query.0).unwrap_or_default()
}

/// In which language, and whether the address says so. The cookie is the one that the rest of the program sets. A
/// browser whose first wish is Khmer has it; wishes for English are not heard, since many have their telephones in
/// English and read Vietnamese.
fn lang_of(query: &[(String, String)], headers: &HeaderMap) -> (Lang, bool) {
    match asked(query, "lang") {
        "" => {
            let wished = || preferred(headers, &Lang::PUBLIC).filter(|lang| *lang == Lang::Km);
            (lang_chosen(headers).or_else(wished).unwrap_or_default(), false)
        }
        tag => (Lang::of_public(tag), true),
    }
}

/// The longest name that is looked for, in characters: longer than any.
const TEXT_MAX: usize = 100;

/// Answers an address of the portal from what is published. In a drill each page says that it is one.
#[must_use]
pub fn answer(published: &Published, words: &Words, is_drill: bool, uri: &Uri, headers: &HeaderMap) -> Response {
    let query = pairs(uri);
    let (lang, carried) = lang_of(&query, headers);
    let sight = Sight { words, lang, carried, is_drill, of: published };
    let path = uri.path().trim_end_matches('/');
    let unit = asked(&query, "unit");
    let text: String = asked(&query, "q").chars().take(TEXT_MAX).collect();
    let parts: Vec<&str> = path.trim_start_matches('/').split('/').skip(1).collect();
    match parts.as_slice() {
        // What somebody looks for is for them alone; where there is one answer, it is the answer.
        [] if !text.is_empty() => {
            let hits = published.found(&text, HITS_MAX);
            match hits.as_slice() {
                [only] => {
                    let lang = if carried { format!("?lang={}", lang.tag()) } else { String::new() };
                    let to = format!("/public/units/{}{lang}", published.place(*only).key);
                    ([(header::CACHE_CONTROL, "no-store")], Redirect::to(&to)).into_response()
                }
                _ => published::once(StatusCode::OK, sight.first(&text, &hits)),
            }
        }
        ["embed"] => match published.at(unit) {
            Some(at) => published::once(StatusCode::OK, sight.embed(at, &site_of(headers))),
            None => missing(&sight, path),
        },
        _ => {
            // Only what the answer depends on, so that nobody fills the memory with made-up addresses.
            let about = if matches!(parts.as_slice(), ["activities", _]) { unit } else { "" };
            let key = format!("{}{} {path} {about}", lang.tag(), u8::from(carried));
            match published.page(&key, || made(&sight, &parts, about)) {
                Some(page) => page.answer(headers),
                None => missing(&sight, path),
            }
        }
    }
}

fn missing(sight: &Sight<'_>, path: &str) -> Response {
    published::once(StatusCode::NOT_FOUND, sight.not_found(path))
}

/// The page of an address; none where there is none.
fn made(sight: &Sight<'_>, parts: &[&str], unit: &str) -> Option<Page> {
    const HTML: &str = "text/html; charset=utf-8";
    let html = |text: String| Some(Page::new(HTML, text, false));
    match parts {
        [] => html(sight.first("", &[])),
        ["units", key] => html(sight.answer(sight.of.at(key)?)),
        ["activities"] => html(sight.activities()),
        ["activities", name] => {
            let activity = ACTIVITIES.iter().find(|activity| activity.key == *name)?;
            let unit = if unit.is_empty() { None } else { Some(sight.of.at(unit)?) };
            html(sight.activity(activity, unit))
        }
        ["map"] => html(sight.map()),
        ["numbers"] => html(sight.numbers()),
        ["decisions"] => html(sight.decisions_page()),
        ["announcements"] => html(sight.announcements()),
        ["directory"] => html(sight.directory()),
        ["data"] => html(files::page(sight)),
        ["data", name] => files::file(sight, name),
        ["widget", key] => Some(Page::new(HTML, sight.widget(sight.of.at(key)?), true)),
        _ => None,
    }
}

/// The address of this site as the visitor's browser has it; what a header says is taken only where it can be a host.
fn site_of(headers: &HeaderMap) -> String {
    let value = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let host = value("host");
    let is_host =
        !host.is_empty() && host.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':' | '[' | ']'));
    let host = if is_host { host } else { "localhost" };
    let is_here = ["localhost", "127.", "[::1]"].iter().any(|here| host.starts_with(here));
    let scheme = if is_here || value("x-forwarded-proto") == "http" { "http" } else { "https" };
    format!("{scheme}://{host}")
}

/// What is published at a moment by a program, for tests and measures.
#[must_use]
pub fn published_of(app: &App, now: Timestamp) -> Option<Arc<Published>> {
    Portal::default().published(&file(app), now)
}
