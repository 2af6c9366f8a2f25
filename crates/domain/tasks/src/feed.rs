//! The calendar as a feed (lịch thời hạn trên điện thoại, RFC 5545): what is due, for the calendars of telephones and
//! desks, which cannot sign in.
//!
//! **Invariant:** an address shows what its token may read on that day, and ends with the token (test
//! `a_calendar_feed_shows_what_its_token_may_read`).

use axum::{
    extract::Query,
    http::{HeaderMap, header},
    response::IntoResponse as _,
};
use icalendar::{Calendar, Component as _, Event};
use jiff::{Timestamp, ToSpan as _};
use vx_concepts::work::{Filter, Timeliness, WorkItem};
use vx_foundation::tokens::make_to_read;
use vx_kernel::{Path, Problem, time::Lang};
use vx_platform::{
    auth,
    web::{Form, Markup, PageResult, Visit, encode, html, icon},
};

use crate::{
    calendar::filter_of,
    store::{self, READ},
};

/// Deadlines in one feed: more than a unit keeps in a season. Whoever asks for a whole province gets the nearest.
const EVENTS_MAX: i64 = 2_000;
/// Days that a deadline stays in the feed after it has passed, as long as the work is open.
const PAST_DAYS: i64 = 60;

type Pairs = Query<Vec<(String, String)>>;

/// The feed itself, for whoever has its address.
pub(crate) async fn feed(visit: Visit, headers: HeaderMap, Query(query): Pairs) -> PageResult {
    let value = |name: &str| query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
    let (app, now) = (visit.app.clone(), visit.now());
    let bearer = auth::bearer(app.db(), app.rights(), value("key").unwrap_or_default(), now).await?;
    let bearer = bearer.filter(|bearer| bearer.allows(READ)).ok_or_else(Problem::not_found)?;
    let lang = if value("lang") == Some("en") { Lang::En } else { Lang::Vi };
    let visit = Visit { lang, ..visit };
    let since = visit.today().checked_sub(PAST_DAYS.days()).map_err(Problem::internal)?;
    let asked = filter_of(query.iter().map(|(name, value)| (name.as_str(), value.as_str())));
    let filter = Filter { due_from: Some(since), ..asked };
    let mut conn = app.db().read().await?;
    let tasks = store::list(&mut conn, &bearer.actor, &filter, now, None, EVENTS_MAX).await?;
    drop(conn);
    let mut calendar = Calendar::new();
    calendar.name(&name(&visit, &filter));
    let site = site(&visit, &headers);
    for task in tasks.iter().filter(|task| task.due_at.is_some()) {
        calendar.push(event(&visit, task, &site, now));
    }
    let headers = [
        (header::CONTENT_TYPE, "text/calendar; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "inline; filename=\"thoi-han.ics\""),
        (header::CACHE_CONTROL, "private, max-age=300"),
    ];
    Ok((headers, calendar.done().to_string()).into_response())
}

/// How the calendar is called among others.
fn name(visit: &Visit, filter: &Filter) -> String {
    match &filter.unit {
        Some(unit) => format!("Vùng Xanh: {}", visit.unit(unit)),
        None => format!("Vùng Xanh: {}", visit.t("calendar")),
    }
}

/// A moment as RFC 5545 writes it.
fn moment(at: Timestamp) -> String {
    at.strftime("%Y%m%dT%H%M%SZ").to_string()
}

fn event(visit: &Visit, task: &WorkItem, site: &str, now: Timestamp) -> Event {
    let due = task.due_at.map(moment).unwrap_or_default();
    let late = matches!(task.timeliness(now), Timeliness::Overdue { .. });
    let title = if late { format!("{}: {}", visit.t("seen-overdue"), task.title) } else { task.title.clone() };
    let state = visit.t(&format!("work-state-{}", task.state));
    let said = [visit.unit(&task.path), task.source.clone(), state].join("\n");
    Event::new()
        .uid(&format!("{}@vungxanh", task.id))
        .summary(&title)
        .description(&said)
        .add_property("DTSTAMP", moment(now))
        .add_property("DTSTART", &due)
        .add_property("DTEND", &due)
        .add_property("SEQUENCE", task.version.to_string())
        .url(&format!("{site}/tasks/{}", task.id))
        .done()
}

/// Where this program is reached, as the caller sees it.
fn site(visit: &Visit, headers: &HeaderMap) -> String {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let scheme = if visit.app.secure_cookies() { "https" } else { "http" };
    format!("{scheme}://{host}")
}

/// The form that makes an address, below the calendar.
pub(crate) fn form(visit: &Visit, filter: &Filter) -> Markup {
    html! {
        details.vx-panel.mt-3 { summary { (icon("calendar")) " " (visit.t("feed")) }
            p { (visit.t("feed-about")) }
            (visit.form("/tasks/calendar/feed", html! {
                input type="hidden" name="unit" value=(filter.unit.as_ref().map_or("", Path::as_str));
                input type="hidden" name="part" value=(filter.part.as_str());
                button.btn type="submit" { (icon("plus")) " " (visit.t("feed-make")) }
            }))
        }
    }
}

/// Makes an address, and shows it this one time.
pub(crate) async fn make(visit: Visit, headers: HeaderMap, form: Form) -> PageResult {
    let filter = filter_of(form.fields());
    let title: String = name(&visit, &filter).chars().take(70).collect();
    let secret = make_to_read(&visit, form.key()?, &title, READ).await?;
    let unit = filter.unit.as_ref().map_or(String::new(), |unit| format!("&unit={}", encode(unit.as_str())));
    let (part, lang) = (filter.part.as_str(), if visit.lang == Lang::En { "en" } else { "vi" });
    let body = html! {
        div.vx-form {
            div.vx-head { h1 { (visit.t("feed")) } a.btn href="/tasks/calendar" { (icon("arrow-left")) " " (visit.t("calendar")) } }
            @match &secret {
                Some(secret) => {
                    section.vx-panel { p { (visit.t("feed-once")) } p.mb-0 { code.text-break #feed { (site(&visit, &headers)) "/tasks/calendar.ics?part=" (part) (unit) "&lang=" (lang) "&key=" (secret) } } }
                    p.mt-3 { (visit.t("feed-how")) }
                }
                None => p { (visit.t("feed-shown")) },
            }
            p { (visit.t("feed-end")) " " a href="/tokens" { (visit.t("access-tokens")) } }
        }
    };
    Ok(visit.page(&visit.t("feed"), body))
}
