#![doc = include_str!("../README.md")]

mod briefing;
mod glance;
mod journal;
pub mod map;
pub mod portal;

use axum::extract::Query;
use vx_concepts::work::{
    self, Escalation, Filter, Part, Seen, Urgency, WorkItem, WorkState,
    show::{row, urgency_stamp},
};
use vx_directives::{DirectiveState, store as directives};
use vx_kernel::{Path, time};
use vx_platform::{
    Module,
    auth::{
        Breadth::Subtree,
        Permission,
        Role::{Admin, Chair, Head, Observer, Office, Officer},
    },
    web::{Access, Markup, Nav, PageResult, Route, Visit, html, icon},
    words::Texts,
};
use vx_tasks::store as tasks;

/// The permission to see the overview.
const READ: &str = "boards.read";

/// Overview and search.
#[must_use]
pub fn module() -> Module {
    const PERMISSIONS: &[Permission] = &[
        Permission {
            name: READ,
            roles: &[
                (Admin, Subtree),
                (Chair, Subtree),
                (Office, Subtree),
                (Head, Subtree),
                (Officer, Subtree),
                (Observer, Subtree),
            ],
        },
        journal::PERMISSIONS[0],
        journal::PERMISSIONS[1],
    ];
    Module {
        name: "boards",
        migrations: &[],
        permissions: PERMISSIONS,
        routes: || {
            let mut routes = vec![
                // Somebody without any role yet must land somewhere that says so.
                Route::get("/", Access::SignedIn, overview),
                Route::get("/search", Access::SignedIn, search),
            ];
            routes.extend(journal::routes());
            routes.extend(map::routes());
            routes.extend(portal::routes());
            routes.extend(briefing::routes());
            routes
        },
        texts: Texts { vi: include_str!("../words.vi.ftl"), en: include_str!("../words.en.ftl") },
        nav: &[
            Nav { href: "/", key: "overview", icon: "home", permission: READ, order: 0 },
            Nav { href: "/map", key: "map-nav", icon: "map", permission: map::READ, order: 50 },
            Nav { href: "/journal", key: "journal", icon: "lock", permission: journal::READ, order: 90 },
        ],
        notices: &[],
        jobs: portal::JOBS,
    }
}

/// What an address asks for under a name; empty where it asks for nothing.
pub(crate) fn asked<'q>(query: &'q [(String, String)], name: &str) -> &'q str {
    query.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.trim())
}

/// Lines under "to be dealt with now": what fits a screen.
const NOW_MAX: usize = 7;

async fn overview(visit: Visit) -> PageResult {
    let actor = visit.actor()?;
    let now = visit.now();
    let mut conn = visit.app.db().read().await?;
    let unacknowledged =
        Filter { urgency: Some(Urgency::HoaToc), states: vec![WorkState::Assigned], ..Filter::default() };
    let figures = [
        ("figure-hoa-toc", unacknowledged.clone(), true),
        ("figure-overdue", Filter { seen: Some(Seen::Overdue), ..Filter::default() }, true),
        ("figure-missing-reports", Filter { seen: Some(Seen::Overdue), report: true, ..Filter::default() }, true),
        ("figure-escalated", Filter { escalated: Some(Escalation::Assigner), ..Filter::default() }, true),
        ("figure-soon", Filter { seen: Some(Seen::Soon), ..Filter::default() }, false),
        (
            "figure-reported",
            Filter { part: Part::Assigned, states: vec![WorkState::Reported], ..Filter::default() },
            false,
        ),
        ("figure-open", Filter::default(), false),
    ];
    let mut counted = Vec::new();
    for (key, filter, late) in figures {
        let n = tasks::count(&mut conn, actor, &filter, now).await?;
        counted.push((key, filter.href(), n, late && n > 0));
    }
    let to_review = directives::Wanted { state: Some(DirectiveState::Received), ..directives::Wanted::default() };
    let waiting = directives::count(&mut conn, actor, &to_review).await?;
    let mut now_do: Vec<WorkItem> = Vec::new();
    let overdue = Filter { seen: Some(Seen::Overdue), ..Filter::default() };
    let decide =
        Filter { part: Part::Assigned, states: vec![WorkState::Refused, WorkState::Reported], ..Filter::default() };
    // A share of the screen for each kind of trouble, so that one large dispatch does not hide the rest.
    for (filter, share) in [(&unacknowledged, 3), (&overdue, 5), (&decide, NOW_MAX)] {
        for task in tasks::list(&mut conn, actor, filter, now, None, i64::try_from(NOW_MAX).unwrap_or(7)).await? {
            if now_do.len() < share && !now_do.iter().any(|other| other.id == task.id) {
                now_do.push(task);
            }
        }
    }
    let home = actor.homes().first().map(|path| (*path).clone());
    let worst = match &home {
        Some(home) => worst_units(work::count::loads(&mut conn, home, &actor.reach(tasks::READ), now).await?),
        None => Vec::new(),
    };
    let set_aside = vx_foundation::jobs::set_aside_line(&visit, &mut conn).await?;
    let given_up = vx_foundation::notices::given_up_line(&visit, &mut conn).await?;
    drop(conn);
    let epidemic = glance::overview(&visit).await?;
    let body = html! {
        div.vx-head { h1 { (visit.t("overview")) @if let Some(home) = &home { ": " (visit.unit(home)) } } span.vx-quiet { (time::say_instant(visit.lang, now)) }
            @if visit.may_anywhere("tasks.set_policy") { a.btn href="/tasks/policy" { (icon("clock")) " " (visit.t("escalation-policy")) } } }
        @if home.is_none() { div.vx-empty { (icon("lock")) h2 { (visit.t("no-role-yet")) } p { (visit.t("no-role-yet-todo")) } } }
        @else {
            (set_aside) (given_up)
            @if !actor.may_anywhere(tasks::READ) { (epidemic) div.vx-empty { (icon("lock")) h2 { (visit.t("no-work-here")) } p { (visit.t("no-work-here-todo")) } } }
            @else {
            div.vx-figures {
                @for (key, href, n, late) in &counted { (figure(&visit, key, href, *n, *late)) }
                @if actor.may_anywhere(directives::READ) { (figure(&visit, "figure-to-review", "/directives?state=received", waiting, false)) }
            }
            // What nobody has acknowledged comes first; then how the epidemic stands; then the rows.
            (epidemic)
            div.vx-record {
                section {
                    h2.vx-group { (visit.t("now-do")) }
                    @if now_do.is_empty() { div.vx-empty { (icon("checks")) p { (visit.t("now-do-none")) } } }
                    @else { ul.vx-rows data-rows { @for task in &now_do { (row(&visit, task, now, None)) } } }
                }
                aside {
                    h2.vx-group { (visit.t("worst-units")) " " a href="/tasks/board" { (visit.t("see-all")) } }
                    @if worst.is_empty() { p.vx-quiet { (visit.t("worst-units-none")) } }
                    @else { table.vx-table { tbody { @for (path, n) in &worst { tr {
                        th scope="row" { a href={ "/tasks/board?unit=" (path.as_str()) } { (visit.unit(path)) } }
                        td.vx-num { a href=(Filter { unit: Some(path.clone()), desk: home.as_ref() == Some(path), seen: Some(Seen::Overdue), ..Filter::default() }.href()) { (visit.ta("n-overdue", &[("n", (*n).into())])) } }
                    } } } } }
                }
            }
            }
        }
    };
    Ok(visit.page(&visit.t("overview"), body))
}

fn figure(visit: &Visit, key: &str, href: &str, n: i64, late: bool) -> Markup {
    html! { a class={ "vx-figure" @if late { " vx-figure-late" } } href=(href) { b { (time::say_count(visit.lang, n)) } (visit.t(key)) } }
}

/// The units with the most overdue work.
fn worst_units(loads: std::collections::BTreeMap<Path, work::count::Load>) -> Vec<(Path, i64)> {
    let late = loads.into_iter().filter(|(_, load)| load.overdue > 0);
    let mut worst: Vec<_> = late.map(|(path, load)| (path, load.overdue)).collect();
    worst.sort_by_key(|(path, n)| (-n, path.clone()));
    worst.truncate(6);
    worst
}

/// Hits of one kind on the search page; the kind's own list has the rest.
const HITS_MAX: usize = 10;

async fn search(visit: Visit, Query(query): Query<Vec<(String, String)>>) -> PageResult {
    let text = asked(&query, "q").to_owned();
    let actor = visit.actor()?;
    let now = visit.now();
    let tree = visit.app.tree();
    let limit = i64::try_from(HITS_MAX).unwrap_or(10);
    let (mut found_units, mut found_tasks, mut found_directives) = (Vec::new(), Vec::new(), Vec::new());
    if !text.is_empty() {
        found_units = vx_foundation::units::found(&visit, &tree, &text).await?;
        found_units.truncate(HITS_MAX);
        let mut conn = visit.app.db().read().await?;
        let filter = Filter { text: text.clone(), with_closed: true, ..Filter::default() };
        if actor.may_anywhere(tasks::READ) {
            found_tasks = tasks::list(&mut conn, actor, &filter, now, None, limit).await?;
        }
        if actor.may_anywhere(directives::READ) {
            let wanted = directives::Wanted { text: text.clone(), ..directives::Wanted::default() };
            found_directives = directives::first(&mut conn, actor, &wanted, &directives::newest(), limit).await?;
        }
    }
    let nothing = found_units.is_empty() && found_tasks.is_empty() && found_directives.is_empty();
    let body = html! {
        div.vx-head { h1 { (visit.t("search-page")) } }
        form.vx-filters method="get" action="/search" role="search" aria-label=(visit.t("search-page")) {
            label { span.form-label { (visit.t("search-words")) } input.form-control type="search" name="q" value=(text) autofocus; }
            button.btn.btn-primary type="submit" { (icon("search")) " " (visit.t("search-do")) }
        }
        @if text.is_empty() { div.vx-empty { (icon("search")) p { (visit.t("search-hint")) } } }
        @else if nothing { div.vx-empty { (icon("search")) h2 { (visit.t("search-nothing")) } p { (visit.t("search-nothing-todo")) } } }
        @if !found_directives.is_empty() {
            h2.vx-group { (visit.t("directives")) }
            ul.vx-rows data-rows { @for line in &found_directives { li { a.vx-row href={ "/directives/" (line.id) } {
                span { span.vx-row-title { (line.label) " " (urgency_stamp(&visit, line.urgency)) } span.vx-row-from { (line.subject.as_deref().unwrap_or("")) } }
                span { (line.issuer.as_deref().unwrap_or("")) } span { (line.issued_on.map_or(String::new(), |day| time::say_date(visit.lang, day))) } span { (visit.t(&format!("directive-state-{}", line.state))) }
            } } } }
        }
        @if !found_tasks.is_empty() {
            h2.vx-group { (visit.t("tasks")) @if found_tasks.len() == HITS_MAX { " " a href=(Filter { text: text.clone(), with_closed: true, ..Filter::default() }.href()) { (visit.t("see-all")) } } }
            ul.vx-rows data-rows { @for task in &found_tasks { (row(&visit, task, now, None)) } }
        }
        @if !found_units.is_empty() {
            h2.vx-group { (visit.t("search-units")) @if found_units.len() == HITS_MAX { " " a href={ "/units?q=" (vx_platform::web::encode(&text)) } { (visit.t("see-all")) } } }
            ul.vx-rows data-rows { @for unit in &found_units { li { a.vx-row href={ "/units/" (unit.id) } {
                span { span.vx-row-title { (unit.full_name) } span.vx-row-from { (tree.ancestors(unit.id.as_str()).iter().map(|above| above.full_name.as_str()).collect::<Vec<_>>().join(", ")) } }
                span { (unit.type_name) } span { @if let Some(until) = unit.until { (visit.ta("until-day", &[("day", time::say_date(visit.lang, until).into())])) } } span {}
            } } } }
        }
    };
    Ok(visit.page(&visit.t("search-page"), body))
}
