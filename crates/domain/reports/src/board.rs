//! What a unit owes and what it waits for; the board of a request (bảng theo dõi báo cáo): units × periods.

use std::collections::{BTreeMap, HashMap};

use axum::extract::{Path as Address, Query};
use jiff::{SignedDuration, Timestamp};
use vx_concepts::{
    engine::Command as _,
    form::{Period, Received, Standing},
};
use vx_kernel::{Date, Id, Path, Problem, ids, time, units::Tree};
use vx_platform::{
    auth::Actor,
    sheet::{Cell, Column, Sheet, SheetKind},
    store::Conn,
    web::{App, Markup, PageResult, Visit, html, icon},
};

use crate::{
    asking::clock_in_words,
    commands::{Ask, End, Submit},
    routes::{Pairs, above, mark, part_of, request_of, standing_chip, word},
    store::{self, Head},
    types::{Request, RequestState},
};

/// Periods on a board.
pub(crate) const PERIODS: usize = 30;
/// Periods on a board of more than [`MANY`] units.
const PERIODS_OF_MANY: usize = 7;
/// Units of a large province, and more.
const MANY: usize = 1_000;
/// Periods before the newest one that are looked at for what a unit still owes.
const OWED_BACK: usize = 10;
/// Units that are missing now and named above a board.
const NAMED_MAX: usize = 30;
/// Requests whose figures stand on the first page.
const REQUESTS_MAX: usize = 40;

/// How a part of the units stands in one period.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Tally {
    /// Reports owed.
    pub owed: usize,
    /// Sent, late or not.
    pub sent: usize,
    /// Of these late.
    pub late: usize,
    /// Closed and not sent.
    pub missing: usize,
    /// Endorsed as they stand.
    pub endorsed: usize,
}

impl Tally {
    fn add(&mut self, period: &Period, received: Option<Received>, now: Timestamp) {
        self.owed += 1;
        match received {
            Some(received) => {
                self.sent += 1;
                self.late += usize::from(period.is_late(received));
                self.endorsed += usize::from(received.endorsed);
            }
            None => self.missing += usize::from(now > period.closes_at),
        }
    }
}

/// A row of a board: a unit that reports itself, or a place with those below it.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    /// The unit or place.
    pub path: Path,
    /// Where its own report stands, by period, when it owes one.
    pub own: Vec<Option<(Standing, bool)>>,
    /// Those of all in it, by period.
    pub tallies: Vec<Tally>,
}

impl Line {
    fn is_leaf(&self) -> bool {
        self.own.iter().any(Option::is_some)
    }
    fn missing(&self) -> usize {
        self.tallies.iter().map(|tally| tally.missing).sum()
    }
    fn late(&self) -> usize {
        self.tallies.iter().map(|tally| tally.late).sum()
    }
}

/// A board: periods, the newest first; rows, the worst first; and their sum.
#[derive(Clone, Debug)]
pub(crate) struct Board {
    /// Periods.
    pub periods: Vec<Period>,
    /// Rows.
    pub lines: Vec<Line>,
    /// Sum of the rows.
    pub sum: Vec<Tally>,
    /// Units that owe a report for the newest period that is closed, and have not sent it.
    pub missing: Vec<Path>,
    /// That period.
    pub closed: Option<Period>,
}

/// A report of the newest period that was closed at a moment, and whether it was there by then.
#[derive(Clone, PartialEq, Debug)]
pub struct Owed {
    /// Who owes it.
    pub unit: Path,
    /// By which request.
    pub request: Id<ids::Request>,
    /// Whether it was not there.
    pub missing: bool,
}

/// What the units of a part owed at a moment: of each request within reach the newest period that was closed.
///
/// # Errors
/// When the database is away.
pub async fn owed_at(
    conn: &mut Conn,
    actor: &Actor,
    tree: &Tree,
    part: &Path,
    at: Timestamp,
) -> Result<Vec<Owed>, Problem> {
    let mut owed = Vec::new();
    for request in store::requests(conn, actor).await? {
        let recent = request.periods().recent(at, OWED_BACK);
        let closed = recent.into_iter().find(|period| period.closes_at < at && request.covers(period.last));
        let Some(period) = closed else { continue };
        let received = store::received(conn, actor, &request, part, &[period]).await?;
        let reach = store::reach(actor, &request);
        let units = request.units(tree, period.last, part);
        owed.extend(units.into_iter().filter(|unit| reach.iter().any(|reach| reach.covers(unit))).map(|unit| {
            let sent = received.get(&(unit.clone(), period.last)).is_some_and(|received| received.first_at <= at);
            Owed { unit, request: request.id, missing: !sent }
        }));
    }
    Ok(owed)
}

/// Reads the board of a part of the units.
///
/// # Errors
/// When the database is away.
pub(crate) async fn board(
    app: &App,
    actor: &Actor,
    conn: &mut Conn,
    request: &Request,
    part: &Path,
) -> Result<Board, Problem> {
    let (now, tree) = (app.clock().now(), app.tree());
    let n = if request.units(&tree, time::day_of(now), part).len() > MANY { PERIODS_OF_MANY } else { PERIODS };
    let mut periods = request.periods().recent(now, n + 1);
    periods.retain(|period| request.covers(period.last));
    periods.truncate(n);
    if periods.is_empty() {
        return Ok(Board { periods, lines: Vec::new(), sum: Vec::new(), missing: Vec::new(), closed: None });
    }
    let received = store::received(conn, actor, request, part, &periods).await?;
    let depth = part.depth() + 1;
    let reach = store::reach(actor, request);
    let mut lines: BTreeMap<Path, Line> = BTreeMap::new();
    let mut sum = vec![Tally::default(); periods.len()];
    let closed = periods.iter().find(|period| period.closes_at < now).copied();
    let mut missing = Vec::new();
    for (index, period) in periods.iter().enumerate() {
        let units = request.units(&tree, period.last, part);
        for unit in units.iter().filter(|unit| reach.iter().any(|reach| reach.covers(unit))) {
            let found = received.get(&(unit.clone(), period.last)).copied();
            let line = lines.entry(unit.at_depth(depth)).or_insert_with_key(|path| Line {
                path: path.clone(),
                own: vec![None; periods.len()],
                tallies: vec![Tally::default(); periods.len()],
            });
            if *unit == line.path {
                let late = found.is_some_and(|found| period.is_late(found));
                line.own[index] = Some((period.standing(found, now), late));
            }
            line.tallies[index].add(period, found, now);
            sum[index].add(period, found, now);
            if closed.is_some_and(|closed| closed.last == period.last) && found.is_none() {
                missing.push(unit.clone());
            }
        }
    }
    let mut lines: Vec<Line> = lines.into_values().collect();
    // Worst first: what is missing in the newest closed period, then over all of them, then what came late.
    let at = closed.and_then(|closed| periods.iter().position(|period| period.last == closed.last));
    lines.sort_by_key(|line| {
        let now_missing = at.map_or(0, |at| line.tallies[at].missing);
        (std::cmp::Reverse((now_missing, line.missing(), line.late())), line.path.clone())
    });
    Ok(Board { periods, lines, sum, missing, closed })
}

/// One report that a unit of the visitor owes or has just sent.
pub(crate) struct Own {
    pub(crate) request: Request,
    pub(crate) unit: Path,
    pub(crate) period: Period,
    pub(crate) standing: Standing,
    /// Closed periods before it that are still owed.
    pub(crate) before: Vec<Period>,
}

/// A request, and how its newest period stands as far as the visitor sees it.
struct Asked {
    request: Request,
    figures: Option<(Period, Tally)>,
}

/// What units that somebody sends reports for owe by one request, or have just sent.
pub(crate) async fn owed_by(app: &App, actor: &Actor, conn: &mut Conn, request: &Request) -> Result<Vec<Own>, Problem> {
    let (now, tree) = (app.clock().now(), app.tree());
    let mut periods = request.periods().recent(now, OWED_BACK);
    periods.retain(|period| request.covers(period.last));
    let Some(newest) = periods.first().copied() else { return Ok(Vec::new()) };
    let mut own = Vec::new();
    for unit in actor.homes().into_iter().filter(|unit| actor.may(Submit::NAME, unit)) {
        if !request.owed_by(&tree, newest.last, unit) {
            continue;
        }
        let received = store::received(conn, actor, request, unit, &periods).await?;
        let of = |period: &Period| received.get(&(unit.clone(), period.last)).copied();
        let owed = |period: &&Period| period.closes_at < now && of(period).is_none();
        let before = periods.iter().skip(1).filter(owed).copied().collect();
        let standing = newest.standing(of(&newest), now);
        own.push(Own { request: request.clone(), unit: unit.clone(), period: newest, standing, before });
    }
    Ok(own)
}

pub(crate) async fn home(visit: Visit) -> PageResult {
    let (actor, now, tree) = (visit.actor()?, visit.now(), visit.app.tree());
    let mut conn = visit.app.db().read().await?;
    let requests = store::requests(&mut conn, actor).await?;
    let mut own: Vec<Own> = Vec::new();
    let mut rows: Vec<Asked> = Vec::new();
    for request in &requests {
        let mut periods = request.periods().recent(now, OWED_BACK);
        periods.retain(|period| request.covers(period.last));
        own.extend(owed_by(&visit.app, actor, &mut conn, request).await?);
        if rows.len() < REQUESTS_MAX {
            // The newest closed period says what is missing; before there is one, the open one says how far it is.
            let shown = periods.iter().find(|period| period.closes_at < now).or(periods.first()).copied();
            let figures = match shown {
                Some(period) => {
                    let part = part_of(actor, request, None);
                    let received = store::received(&mut conn, actor, request, &part, &[period]).await?;
                    let reach = store::reach(actor, request);
                    let mut tally = Tally::default();
                    for unit in request.units(&tree, period.last, &part) {
                        if reach.iter().any(|reach| reach.covers(&unit)) {
                            let found = received.get(&(unit, period.last)).copied();
                            tally.add(&period, found, now);
                        }
                    }
                    Some((period, tally))
                }
                None => None,
            };
            // A request for others of the same place is nothing to look at.
            if figures.is_none_or(|(_, tally)| tally.owed > 0) || store::sees_all(actor, request) {
                rows.push(Asked { request: request.clone(), figures });
            }
        }
    }
    drop(conn);
    own.sort_by_key(|own| {
        let done = !matches!(own.standing, Standing::Open | Standing::Missing) && own.before.is_empty();
        (done, own.standing != Standing::Missing, own.period.closes_at)
    });
    let may_ask = visit.may_anywhere(Ask::NAME);
    let body = html! {
        div.vx-head { h1 { (visit.t("reports")) }
            a.btn href="/reports/forms" { (icon("files")) " " (visit.t("report-forms")) }
            @if may_ask { a.btn.btn-primary href="/reports/ask" { (icon("plus")) " " (visit.t("report-ask")) } } }
        @if !own.is_empty() {
            h2.vx-group { (visit.t("reports-own")) }
            ul.vx-rows data-rows { @for own in &own { li { (own_row(&visit, own)) } } }
        }
        @if rows.is_empty() {
            div.vx-empty { (icon("file-text")) h2 { (visit.t("reports-none")) } p { (visit.t("reports-none-todo")) } }
        } @else {
            h2.vx-group { (visit.t("reports-asked")) }
            div.vx-scroll tabindex="0" { table.vx-table.vx-cards {
                thead { tr { th scope="col" { (visit.t("report-request")) } th scope="col" { (visit.t("report-asker")) } th scope="col" { (visit.t("report-clock")) } th scope="col" { (visit.t("report-this-period")) } th.vx-num scope="col" { (visit.t("report-sent-owed")) } th.vx-num scope="col" { (visit.t("report-missing")) } } }
                tbody { @for Asked { request, figures } in &rows { tr {
                    th scope="row" { a href={ "/reports/" (request.id) } { (request.title) } @if request.state == RequestState::Ended { " " span.vx-state { (visit.t("report-ended")) } } span.vx-row-from { (request.source) } }
                    td data-label=(visit.t("report-asker")) { (visit.unit(request.asker())) }
                    td data-label=(visit.t("report-clock")) { (clock_in_words(&visit, request)) }
                    @match figures {
                        Some((period, tally)) => {
                            td data-label=(visit.t("report-this-period")) { (store::days(visit.lang, period)) }
                            td.vx-num data-label=(visit.t("report-sent-owed")) { (tally.sent) "/" (tally.owed) }
                            td.vx-num data-label=(visit.t("report-missing")) { @if tally.missing > 0 { a href={ "/reports/" (request.id) } { span.vx-overdue { (tally.missing) } } } @else { "0" } }
                        }
                        None => { td data-label=(visit.t("report-this-period")) { (visit.t("report-not-begun")) } td {} td {} }
                    }
                } } }
            } }
        }
    };
    Ok(visit.page(&visit.t("reports"), body))
}

fn report_address(request: &Request, unit: &Path, on: Date, page: &str) -> String {
    format!("/reports/{}/{page}?unit={}&on={on}", request.id, unit.as_str())
}

fn own_row(visit: &Visit, own: &Own) -> Markup {
    let Own { request, unit, period, standing, before } = own;
    let (href, key) = match standing {
        Standing::Open | Standing::Missing => (report_address(request, unit, period.last, "enter"), "report-fill-in"),
        _ => (report_address(request, unit, period.last, "report"), "report-look"),
    };
    html! {
        a.vx-row href=(href) {
            span { span.vx-row-title { (request.title) } span.vx-row-from { (visit.ta("report-of-period", &[("period", store::days(visit.lang, period).into())])) " · " (visit.unit(unit)) } }
            span { (visit.ta("report-closes-on", &[("at", time::say_short(visit.lang, period.closes_at).into())])) }
            span { (standing_chip(visit, *standing)) @if !before.is_empty() { " " span.vx-overdue { (visit.ta("report-owed-before", &[("n", before.len().into())])) } } }
            span { strong { (visit.t(key)) } }
        }
    }
}

pub(crate) async fn show(visit: Visit, Address(id): Address<Id<ids::Request>>, Query(query): Pairs) -> PageResult {
    let (actor, now) = (visit.actor()?, visit.now());
    let mut conn = visit.app.db().read().await?;
    let request = request_of(&visit, &mut conn, id).await?;
    let part = part_of(actor, &request, word(&query, "unit"));
    let board = board(&visit.app, visit.actor()?, &mut conn, &request, &part).await?;
    let form = store::form(&mut conn, &request.form, Some(request.form_version)).await?;
    let owed = match &board.closed {
        Some(period) if actor.may("tasks.urge", request.asker()) => {
            store::owed(&mut conn, actor, &request, &part, period).await?
        }
        _ => HashMap::new(),
    };
    let span = SignedDuration::from_hours(24 * 90);
    let since = now.checked_sub(span).map_err(Problem::internal)?;
    let heads = store::heads(&mut conn, actor, &request, &part, since, now).await?;
    drop(conn);
    let shown = Shown {
        request: &request,
        part: &part,
        board: &board,
        form: form.name.of(visit.lang),
        owed: &owed,
        heads: &heads,
    };
    Ok(visit.page(&request.title, page(&visit, &shown)))
}

struct Shown<'a> {
    request: &'a Request,
    part: &'a Path,
    board: &'a Board,
    form: &'a str,
    owed: &'a HashMap<Path, Id<ids::WorkItem>>,
    heads: &'a [Head],
}

/// How bad a cell of several units is, in four steps.
fn heat(tally: &Tally) -> Option<&'static str> {
    match (tally.missing, tally.owed) {
        (0, _) => None,
        (bad, owed) if bad * 4 <= owed => Some("1"),
        (bad, owed) if bad * 2 <= owed => Some("2"),
        (bad, owed) if bad < owed => Some("3"),
        _ => Some("4"),
    }
}

fn page(visit: &Visit, shown: &Shown<'_>) -> Markup {
    let Shown { request, part, board, form, heads, .. } = shown;
    let address = format!("/reports/{}", request.id);
    let up = above(visit, request, part);
    let sum_address = |period: &Period| format!("{address}/sum?unit={}&on={}", part.as_str(), period.last);
    let is_whole = **part == request.within;
    html! {
        div.vx-head { h1 { (request.title) @if !is_whole { ": " (visit.unit(part)) } }
            @if let Some(above) = up { a.btn href={ (address) "?unit=" (above.as_str()) } { (icon("arrow-left")) " " (visit.unit(&above)) } }
            @if let Some(period) = board.closed.as_ref().or(board.periods.first()) { a.btn.btn-primary href=(sum_address(period)) { (icon("list-details")) " " (visit.t("report-sum")) } }
            @if crate::import::pages::may_bring(visit, request) { a.btn href={ (address) "/import" } { (icon("upload")) " " (visit.t("report-import")) } }
            @for kind in SheetKind::ALL { a.btn href={ (address) "/board/" (kind.as_str()) "?unit=" (part.as_str()) } { (icon("download")) " " (visit.t(&format!("export-{}", kind.as_str()))) } } }
        div.vx-line {
            @if request.state == RequestState::Ended { span.vx-state { (visit.t("report-ended")) } }
            span { (clock_in_words(visit, request)) }
            span { (visit.t("report-form")) ": " a href={ "/reports/forms/" (request.form) } { (form) } }
            span { (visit.t("report-asker")) ": " (visit.unit(request.asker())) }
            @if *request.asker() != request.path { span { (visit.t("report-receiver")) ": " (visit.unit(&request.path)) } }
            span { @match request.about { Some(about) => a href={ "/directives/" (about) } { (request.source) }, None => (request.source) } }
        }
        (missing_now(visit, shown))
        @if board.periods.is_empty() {
            div.vx-empty { (icon("calendar")) h2 { (visit.t("report-not-begun")) } p { (visit.ta("report-begins", &[("on", request.periods().nth(0).map_or(String::new(), |period| time::say_instant(visit.lang, period.opens_at)).into())])) } }
        } @else {
            div.vx-legend aria-hidden="true" { @for standing in Standing::ALL { span.vx-chip { b { (mark(*standing)) } " " (visit.t(&format!("report-standing-{standing}"))) } } }
            div.vx-scroll tabindex="0" { table.vx-table.vx-heat {
                thead { tr { th scope="col" { (visit.t("unit")) } th.vx-num scope="col" { (visit.t("report-missing")) }
                    @for period in &board.periods { th.vx-num scope="col" title=(store::days(visit.lang, period)) { a href=(sum_address(period)) { (day(visit, period.last)) } } } } }
                tbody { @for line in &board.lines { tr {
                    th scope="row" { @if line.is_leaf() { (visit.unit(&line.path)) } @else { a href={ (address) "?unit=" (line.path.as_str()) } { (visit.unit(&line.path)) } } }
                    td.vx-num { @if line.missing() > 0 { b { (line.missing()) } } @else { "0" } }
                    @for (index, period) in board.periods.iter().enumerate() { (cell(visit, request, line, index, period)) }
                } } }
                tfoot { tr { th scope="row" { (visit.t("report-all")) }
                    td.vx-num { (board.sum.iter().map(|tally| tally.missing).sum::<usize>()) }
                    @for tally in &board.sum { td.vx-num { (tally.sent) "/" (tally.owed) } } } }
            } }
            p.vx-quiet { (visit.t("report-board-explained")) }
        }
        @if !heads.is_empty() {
            h2.vx-group { (visit.t("report-heads")) }
            p.vx-quiet { (visit.t("report-heads-explained")) }
            div.vx-scroll tabindex="0" { table.vx-table.vx-cards {
                thead { tr { th scope="col" { (visit.t("head")) } th scope="col" { (visit.t("unit")) } th.vx-num scope="col" { (visit.t("report-missing")) } th.vx-num scope="col" { (visit.t("report-standing-late")) } th.vx-num scope="col" { (visit.t("report-due")) } } }
                tbody { @for head in *heads { tr {
                    th scope="row" { @if head.holder.is_empty() { span.vx-quiet { (visit.t("report-no-head")) } } @else { (head.holder) } } td { a href={ "/units/" (head.path.unit()) } { (visit.unit(&head.path)) } }
                    td.vx-num data-label=(visit.t("report-missing")) { @if head.missing > 0 { b { (head.missing) } } @else { "0" } }
                    td.vx-num data-label=(visit.t("report-standing-late")) { (head.late) } td.vx-num data-label=(visit.t("report-due")) { (head.due) }
                } } }
            } }
        }
        @if request.state == RequestState::Running && visit.actor().is_ok_and(|actor| actor.may(End::NAME, request.asker())) {
            div.vx-decide.mt-3 { details.vx-panel {
                summary { (icon("ban")) " " (visit.t("report-end")) }
                p { (visit.t("report-end-explained")) }
                (visit.form(&format!("{address}/end"), html! {
                    label.vx-field.d-block { span.form-label { (visit.t("report-until")) } input.form-control type="date" name="until" value=(visit.today()); }
                    label.vx-field.d-block { span.form-label { (visit.t("report-why")) } textarea.form-control name="reason" rows="2" required {} }
                    button.btn.btn-danger type="submit" { (icon("ban")) " " (visit.t("report-end")) }
                }))
            } }
        }
    }
}

/// Who has not sent the report of the newest closed period, by name; with the press that urges them.
fn missing_now(visit: &Visit, shown: &Shown<'_>) -> Markup {
    let Shown { board, owed, .. } = shown;
    let Some(period) = &board.closed else { return html! {} };
    let args = |n: usize| {
        [
            ("n", n.into()),
            ("period", store::days(visit.lang, period).into()),
            ("at", time::say_short(visit.lang, period.closes_at).into()),
        ]
    };
    if board.sum.iter().all(|tally| tally.owed == 0) {
        return html! {};
    }
    if board.missing.is_empty() {
        return html! { div.vx-note role="status" { (icon("checks")) " " (visit.ta("report-all-sent", &args(0))) } };
    }
    let named = || {
        html! {
            @for unit in board.missing.iter().take(NAMED_MAX) { span.vx-chip { (visit.unit(unit)) } " " }
            @if board.missing.len() > NAMED_MAX { (visit.ta("report-and-more", &[("n", (board.missing.len() - NAMED_MAX).into())])) }
        }
    };
    let urged: Vec<_> = board.missing.iter().filter_map(|unit| owed.get(unit)).take(500).collect();
    html! {
        div.vx-note.vx-note-error {
            strong { (visit.ta("report-missing-now", &args(board.missing.len()))) }
            div.mb-2 { (named()) }
            @if !urged.is_empty() {
                (visit.form("/inbox", html! {
                    @for task in &urged { input type="hidden" name="task" value=(task); }
                    div.vx-bar {
                        label.vx-grow { span.visually-hidden { (visit.t("urge-text")) } input.form-control name="reason" required value=(visit.ta("report-urge-text", &args(urged.len()))); }
                        button.btn type="submit" name="do" value="urge" { (icon("send")) " " (visit.ta("report-urge", &[("n", urged.len().into())])) }
                    }
                }))
            }
        }
    }
}

fn day(visit: &Visit, day: Date) -> String {
    match visit.lang {
        time::Lang::Vi | time::Lang::Km => format!("{}/{}", day.day(), day.month()),
        time::Lang::En => format!("{:02}-{:02}", day.month(), day.day()),
    }
}

fn cell(visit: &Visit, request: &Request, line: &Line, index: usize, period: &Period) -> Markup {
    let tally = &line.tallies[index];
    match line.own[index] {
        Some((standing, late)) => {
            let level = match standing {
                Standing::Missing => Some("4"),
                _ if late => Some("1"),
                _ => None,
            };
            let sent = !matches!(standing, Standing::NotDue | Standing::Open | Standing::Missing);
            let words = visit.t(&format!("report-standing-{standing}"));
            let late = late && standing != Standing::Late;
            let words = if late { format!("{words}, {}", visit.t("report-standing-late")) } else { words };
            let shown = format!("{}{}", mark(standing), if late { "*" } else { "" });
            let owes = matches!(standing, Standing::Open | Standing::Missing)
                && visit.actor().is_ok_and(|actor| actor.may(Submit::NAME, &line.path));
            html! { td.vx-num data-heat=[level] title=(words) {
                @if owes { a href=(report_address(request, &line.path, period.last, "enter")) aria-label=(words) { (shown) } }
                @else if sent { a href=(report_address(request, &line.path, period.last, "report")) aria-label=(words) { (shown) } }
                @else { span role="img" aria-label=(words) { (shown) } }
            } }
        }
        None if tally.owed == 0 => html! { td.vx-num { span.vx-quiet { "–" } } },
        None => {
            let shown = format!("{}/{}", tally.sent, tally.owed);
            let missing =
                (tally.missing > 0).then(|| format!("{shown}, {}: {}", visit.t("report-missing"), tally.missing));
            html! { td.vx-num data-heat=[heat(tally)] {
                a href={ "/reports/" (request.id) "?unit=" (line.path.as_str()) } aria-label=[missing] { (shown) }
            } }
        }
    }
}

pub(crate) async fn export(
    visit: Visit,
    Address((id, kind)): Address<(Id<ids::Request>, String)>,
    Query(query): Pairs,
) -> PageResult {
    let kind: SheetKind = kind.parse()?;
    let mut conn = visit.app.db().read().await?;
    let request = request_of(&visit, &mut conn, id).await?;
    let part = part_of(visit.actor()?, &request, word(&query, "unit"));
    let board = board(&visit.app, visit.actor()?, &mut conn, &request, &part).await?;
    drop(conn);
    let mut columns =
        vec![Column { title: visit.t("unit"), width: 40 }, Column { title: visit.t("report-missing"), width: 10 }];
    columns.extend(board.periods.iter().map(|period| Column { title: store::days(visit.lang, period), width: 14 }));
    let mut sheet = Sheet::begin(kind, &request.title, &columns)?;
    let figure = |tally: &Tally| Cell::from(format!("{}/{}", tally.sent, tally.owed));
    for line in &board.lines {
        let mut cells =
            vec![Cell::from(visit.unit(&line.path)), Cell::from(i64::try_from(line.missing()).unwrap_or(0))];
        for (index, tally) in line.tallies.iter().enumerate() {
            cells.push(match line.own[index] {
                Some((standing, _)) => Cell::from(visit.t(&format!("report-standing-{standing}"))),
                None if tally.owed == 0 => Cell::Empty,
                None => figure(tally),
            });
        }
        sheet.row(&cells)?;
    }
    let missing: usize = board.sum.iter().map(|tally| tally.missing).sum();
    let mut cells = vec![Cell::from(visit.t("report-all")), Cell::from(i64::try_from(missing).unwrap_or(0))];
    cells.extend(board.sum.iter().map(figure));
    sheet.row(&cells)?;
    Ok(sheet.download("theo-doi-bao-cao").await?)
}
