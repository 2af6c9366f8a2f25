//! Adding reports up (tổng hợp số liệu): over units as they stood on the last day of the period, over several periods, and
//! anew on the units since July 2025; with what the registers know beside it, and which source counts.

use std::collections::BTreeMap;

use axum::extract::{Path as Address, Query};
use vx_concepts::{
    engine::{Command as _, execute},
    form::{self, Added, CellKind, CellSpec, Figures, FormSpec, Period, RollUp as How},
    paper::{self, Paper},
};
use vx_kernel::{
    Id, Path, Problem, ProblemKind, ids, time,
    units::{TWO_LEVELS_FROM, Tree},
};
use vx_platform::{
    auth::Actor,
    sheet::{Cell, Column, Sheet, SheetKind},
    store::{Conn, Uuid},
    web::{App, Form, Markup, PageResult, Visit, html, icon, see_other},
};

use crate::{
    commands::{Choose, Endorse},
    routes::{Pairs, above, of_form, part_of, request_of, word},
    store::{self, DIFFERENCES_MAX, Difference, RollUp, Said},
    types::{Request, Source, SourceChoice},
};

/// Periods that are added up together: a month of daily reports.
const ADDED_MAX: i64 = 31;
/// Entries in words on the page of a sum; all of them are in its export.
const SAID_MAX: usize = 200;
/// Reports endorsed by one press: every commune of the largest province.
const ENDORSED_MAX: usize = 1_000;

/// Everything that the page of a sum shows.
pub(crate) struct Sum {
    pub(crate) request: Request,
    pub(crate) form: FormSpec,
    pub(crate) part: Path,
    pub(crate) period: Period,
    /// The first of several periods that are added up.
    pub(crate) since: Option<Period>,
    pub(crate) rolled: RollUp,
    /// Reports owed in the period.
    pub(crate) owed: usize,
    /// What the reports said in sum, of cells of which the registers know something.
    pub(crate) said: Added,
    /// What the registers knew in sum.
    pub(crate) known: Added,
    pub(crate) differences: Vec<Difference>,
    /// What the reports say in words.
    pub(crate) words: Vec<Said>,
    pub(crate) choices: BTreeMap<String, SourceChoice>,
    /// Reports of this sum that the visitor may endorse for its place, each with the edition that is in it.
    pub(crate) to_endorse: Vec<(Path, i64)>,
    /// Whether the units are those since July 2025.
    pub(crate) anew: bool,
    /// Whether some of them got an estimated share.
    pub(crate) estimated: bool,
}

pub(crate) async fn read(
    app: &App,
    actor: &Actor,
    id: Id<ids::Request>,
    query: &[(String, String)],
) -> Result<Sum, Problem> {
    let (now, tree) = (app.clock().now(), app.tree());
    let mut conn = app.db().read().await?;
    let request = store::visible(&mut conn, actor, id).await?;
    let form = store::form(&mut conn, &request.form, Some(request.form_version)).await?;
    let part = part_of(actor, &request, word(query, "unit"));
    let periods = request.periods();
    let asked = word(query, "on").and_then(|on| on.parse().ok()).and_then(|on| periods.ending(on));
    // Without a period asked for, the newest that is closed, or else the first.
    let recent = || periods.recent(now, 2).into_iter().find(|period| period.closes_at < now);
    let period = asked.or_else(recent).or_else(|| periods.nth(0)).ok_or_else(Problem::not_found)?;
    let since = word(query, "since").and_then(|on| on.parse().ok()).and_then(|on| periods.ending(on));
    let since = since.filter(|since| {
        let n = periods.number(period.last).zip(periods.number(since.last)).map_or(0, |(last, first)| last - first);
        (1..ADDED_MAX).contains(&n)
    });
    let (differences, said, known) = store::differences(&mut conn, actor, &request, &form, &part, period.last).await?;
    let days = (since.unwrap_or(period).last, period.last);
    let words = store::said(&mut conn, actor, &request, &form, &part, days).await?;
    let choices = store::choices(&mut conn, id, &part, period.last).await?;
    let to_endorse = if actor.may(Endorse::NAME, &part) && since.is_none() {
        store::unendorsed(&mut conn, id, &part, period.last).await?
    } else {
        Vec::new()
    };
    let anew = word(query, "tree") == Some("2025") && period.last < TWO_LEVELS_FROM && since.is_none();
    let owed = request.units(&tree, period.last, &part).len();
    let registers = store::from_registers(&form, &choices);
    let figures = (form.width(), registers.as_slice());
    let (rolled, estimated) = if anew {
        let reports = store::reports(&mut conn, actor, &request, figures, &part, period.last).await?;
        on_units_of_today(&tree, &form, &reports)
    } else {
        let mut sum = store::roll_up(&mut conn, actor, &request, figures, &part, period.last).await?;
        let span = since.and_then(|since| periods.number(since.last).zip(periods.number(period.last)));
        let earlier = span.into_iter().flat_map(|(first, last)| (first..last).rev());
        for earlier in earlier.filter_map(|n| periods.nth(n)) {
            let more = chosen_roll_up(&mut conn, actor, &request, &form, &part, earlier.last).await?;
            add_earlier(&mut sum, &more, &form);
        }
        (sum, false)
    };
    Ok(Sum {
        request,
        form,
        part,
        period,
        since,
        rolled,
        owed,
        said,
        known,
        differences,
        words,
        choices,
        to_endorse,
        anew,
        estimated,
    })
}

/// The sum of a period with the sources that were chosen for it.
pub(crate) async fn chosen_roll_up(
    conn: &mut Conn,
    actor: &Actor,
    request: &Request,
    form: &FormSpec,
    part: &Path,
    on: vx_kernel::Date,
) -> Result<RollUp, Problem> {
    let registers = store::from_registers(form, &store::choices(conn, request.id, part, on).await?);
    store::roll_up(conn, actor, request, (form.width(), &registers), part, on).await
}

/// Adds an earlier period: what happened is summed, of what there is the last word counts.
fn add_earlier(sum: &mut RollUp, more: &RollUp, form: &FormSpec) {
    let how = form.roll_ups();
    let merge = |into: &mut Added, more: &Added| {
        into.n += more.n;
        for ((sum, more), how) in into.sums.iter_mut().zip(&more.sums).zip(&how) {
            match how {
                How::Sum => *sum = (sum.0.saturating_add(more.0), sum.1 + more.1),
                How::Latest if sum.1 == 0 => *sum = *more,
                How::Latest | How::None => {}
            }
        }
    };
    merge(&mut sum.all, &more.all);
    for (path, more) in &more.parts {
        merge(sum.parts.entry(path.clone()).or_insert_with(|| Added::none(form.width())), more);
    }
}

/// Adds reports of the units of then up by the units that took over from them, one level below the provinces of today.
/// Figures of a unit that went over in parts are shared out by its lineage, so that the sum stays what was reported.
pub(crate) fn on_units_of_today(tree: &Tree, form: &FormSpec, reports: &[(Path, Figures)]) -> (RollUp, bool) {
    let width = form.width();
    let (mut parts, mut all, mut estimated) = (BTreeMap::new(), Added::none(width), false);
    for (unit, figures) in reports {
        all.add(&figures.text());
        // An agency's report goes where its place went.
        let place = tree.place_of(unit.unit()).map_or(unit.unit(), |place| place.id.as_str());
        let heirs: Vec<(Path, f64)> = tree
            .successors(place)
            .iter()
            .filter_map(|heir| Some((tree.get(heir.unit.as_str())?.path.clone(), heir.share)))
            .collect();
        let heirs = if heirs.is_empty() { vec![(unit.clone(), 1.0)] } else { heirs };
        estimated |= heirs.len() > 1;
        let whole: f64 = heirs.iter().map(|(_, share)| share).sum();
        let mut rest = figures.clone();
        for (n, (heir, share)) in heirs.iter().enumerate() {
            let last = n + 1 == heirs.len();
            let mine = Figures(
                figures
                    .0
                    .iter()
                    .zip(&mut rest.0)
                    .map(|(figure, rest)| {
                        let part = if last { (*rest)? } else { part_of_figure((*figure)?, share / whole) };
                        *rest = rest.map(|rest| rest - part);
                        Some(part)
                    })
                    .collect(),
            );
            let added: &mut Added = parts.entry(heir.clone()).or_insert_with(|| Added::none(width));
            added.add(&mine.text());
        }
    }
    (RollUp { parts, all }, estimated)
}

/// A share of a figure, in whole numbers.
#[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "figures are far below 2^52")]
fn part_of_figure(figure: i64, share: f64) -> i64 {
    (figure as f64 * share).round() as i64
}

/// The cells that can be added up, with the places of their figures and the labels of their parts.
pub(crate) fn rows(form: &FormSpec, lang: time::Lang) -> Vec<(&CellSpec, Vec<usize>, String)> {
    let mut rows = Vec::new();
    for (cell, place) in form.cells.iter().zip(form.places()) {
        if cell.roll_up == How::None {
            continue;
        }
        rows.push((cell, place.clone().collect(), cell.label.of(lang).to_owned()));
        if let Some(by) = &cell.by {
            for (part, at) in by.parts.iter().zip(place) {
                rows.push((cell, vec![at], format!("— {}", part.of(lang))));
            }
        }
    }
    rows
}

pub(crate) fn total(added: &Added, places: &[usize]) -> Option<i64> {
    places.iter().filter_map(|at| added.of(*at)).reduce(|sum, figure| sum + figure)
}

impl Sum {
    /// What stands behind the address of its page: the place, the period, from which on, on which units.
    fn query(&self) -> String {
        let since = self.since.map_or(String::new(), |since| format!("&since={}", since.last));
        let tree = if self.anew { "&tree=2025" } else { "" };
        format!("unit={}&on={}{since}{tree}", self.part.as_str(), self.period.last)
    }

    /// The address of its page, always written alike.
    pub(crate) fn address(&self) -> String {
        format!("/reports/{}/sum?{}", self.request.id, self.query())
    }

    /// From where the figure of a cell is.
    pub(crate) fn source(&self, code: &str) -> Source {
        self.choices.get(code).filter(|_| self.since.is_none()).map_or(Source::Reports, |choice| choice.source)
    }
}

pub(crate) async fn show(visit: Visit, Address(id): Address<Id<ids::Request>>, Query(query): Pairs) -> PageResult {
    let sum = read(&visit.app, visit.actor()?, id, &query).await?;
    let mut conn = visit.app.db().read().await?;
    let papers = paper::resting_on(&mut conn, visit.actor()?, &sum.address()).await?;
    let first = sum.since.unwrap_or(sum.period);
    let changed_at = store::changed_at(&mut conn, &sum.request, &sum.part, first.last, sum.period.last).await?;
    drop(conn);
    let papers =
        papers.into_iter().map(|(paper, at)| (paper, changed_at.is_some_and(|changed| changed > at))).collect();
    Ok(visit.page(&visit.t("report-sum"), page(&visit, &sum, papers)))
}

/// `papers` are the documents made of it, each with whether figures came or changed since it was begun.
fn page(visit: &Visit, sum: &Sum, papers: Vec<(Paper, bool)>) -> Markup {
    let Sum { request, form, part, period, since, rolled, .. } = sum;
    let lang = visit.lang;
    let base = format!("/reports/{}/sum", request.id);
    let address = |part: &Path, period: &Period| format!("{base}?unit={}&on={}", part.as_str(), period.last);
    let here = address(part, period);
    let periods = request.periods();
    let beside = |by: i64| {
        let period = periods.number(period.last).and_then(|n| periods.nth(n + by))?;
        (period.opens_at <= visit.now() && request.covers(period.last)).then_some(period)
    };
    let recent = periods.recent(visit.now(), usize::try_from(ADDED_MAX).unwrap_or(31));
    let up = above(visit, request, part);
    let query = sum.query();
    let leaf =
        |path: &Path| request.level == crate::types::Level::Listed || part == path || path.depth() >= 3 || sum.anew;
    let say = |cell: &CellSpec, figure: Option<i64>| {
        figure.map_or("–".to_owned(), |figure| form::say(&cell.kind, lang, figure))
    };
    let writes = crate::official::writes(visit, sum).filter(|_| rolled.all.n > 0);
    let may_choose =
        visit.actor().is_ok_and(|actor| actor.may(Choose::NAME, &request.path)) && since.is_none() && !sum.anew;
    html! {
        div.vx-head { h1 { (visit.t("report-sum")) ": " (request.title) }
            a.btn href={ "/reports/" (request.id) "?unit=" (part.as_str()) } { (icon("arrow-left")) " " (visit.t("report-board")) }
            @if let Some(above) = &up { a.btn href=(address(above, period)) { (icon("arrow-left")) " " (visit.unit(above)) } }
            @for kind in SheetKind::ALL { a.btn href={ (base) "/" (kind.as_str()) "?" (query) } { (icon("download")) " " (visit.t(&format!("export-{}", kind.as_str()))) } } }
        div.vx-line {
            strong { (visit.unit(part)) }
            @if let Some(since) = since { span { (visit.ta("report-from-to", &[("from", time::say_date(lang, since.first).into()), ("to", time::say_date(lang, period.last).into())])) } }
            @else { span { (visit.ta("report-of-period", &[("period", store::days(lang, period).into())])) } span { (visit.ta("report-in-sum", &[("n", rolled.all.n.into()), ("owed", sum.owed.into())])) } }
            @if let Some(before) = beside(-1) { a href=(address(part, &before)) { "← " (store::days(lang, &before)) } }
            @if let Some(after) = beside(1) { a href=(address(part, &after)) { (store::days(lang, &after)) " →" } }
            @if period.last < TWO_LEVELS_FROM && since.is_none() {
                @if sum.anew { a.vx-chip href=(here) { (visit.t("report-units-then")) } }
                @else { a.vx-chip href={ (here) "&tree=2025" } { (visit.t("report-units-2025")) } }
            }
        }
        @if recent.len() > 1 && !sum.anew {
            form.vx-filters method="get" action=(base) {
                input type="hidden" name="unit" value=(part.as_str());
                label { span.form-label { (visit.t("report-since")) } select.form-select name="since" { option value="" { (visit.t("report-one-period")) }
                    @for each in &recent { option value=(each.last) selected[since.is_some_and(|since| since.last == each.last)] { (store::days(lang, each)) } } } }
                label { span.form-label { (visit.t("report-to")) } select.form-select name="on" { @for each in &recent { option value=(each.last) selected[each.last == period.last] { (store::days(lang, each)) } } } }
                button.btn type="submit" { (icon("list-details")) " " (visit.t("report-add-up")) }
            }
        }
        @if sum.estimated { div.vx-note.vx-note-doubt { (visit.t("report-estimated")) } }
        @if !papers.is_empty() || writes.is_some() {
            section.vx-panel.mb-3 {
                h2 { (visit.t("report-documents")) }
                (vx_foundation::letterhead::resting(visit, &papers, "report-document-behind"))
                @if let Some(home) = &writes {
                    p.vx-quiet { (visit.ta("report-write-up-about", &[("unit", visit.unit(home).into())])) }
                    (visit.form(&format!("{base}/document?{query}"), html! {
                        button.btn.btn-primary[papers.is_empty()] type="submit" { (icon("file-text")) " " (visit.t("report-write-up")) }
                    }))
                }
            }
        }
        @if rolled.all.n == 0 { div.vx-empty { (icon("file-text")) h2 { (visit.t("report-sum-none")) } p { (visit.t("report-sum-none-todo")) } } }
        @else {
            div.vx-scroll tabindex="0" { table.vx-table.vx-heat {
                thead { tr { th scope="col" { (visit.t("form-cell")) } th.vx-num scope="col" { (visit.t("report-total")) }
                    @for (path, added) in &rolled.parts { th.text-end scope="col" {
                        @if leaf(path) { @if sum.anew { (visit.unit(path)) } @else { a href={ "/reports/" (request.id) "/report?unit=" (path.as_str()) "&on=" (period.last) } { (visit.unit(path)) } } }
                        @else { a href=(address(path, period)) { (visit.unit(path)) } }
                        span.vx-row-from { (visit.ta("report-n", &[("n", added.n.into())])) } } } } }
                tbody { @for (cell, places, label) in rows(form, lang) {
                    @let figure = total(&rolled.all, &places);
                    @let source = if label.starts_with('—') { Source::Reports } else { sum.source(&cell.code) };
                    tr { th scope="row" { (label) @if !cell.unit.vi.is_empty() { " " span.vx-quiet { "(" (cell.unit.of(lang)) ")" } } @if cell.roll_up == How::Latest { span.vx-row-from { (visit.t("form-roll-up-latest")) } } }
                        td { b { (say(cell, figure)) } @if source == Source::Registers { span.vx-row-from { (visit.ta("report-registers-where-known", &[("n", sum.known.sums[places[0]].1.into()), ("all", rolled.all.n.into())])) } } }
                        @for added in rolled.parts.values() { td { (say(cell, total(added, &places))) } }
                    }
                } }
            } }
            p.vx-quiet { (visit.t("report-sum-explained")) }
            @if since.is_none() && !sum.anew { details.vx-panel.mb-3 {
                summary { (icon("download")) " " (visit.t("report-each")) }
                p { (visit.t("report-each-explained")) }
                div.vx-bar.mb-2 { @for kind in SheetKind::ALL { a.btn href=(crate::import::pages::table_address(request, part, period, kind, false)) { (icon("download")) " " (visit.ta(&format!("report-many-sent-{}", kind.as_str()), &[("period", store::days(lang, period).into())])) } " " } }
                div.vx-bar { @for format in crate::dhis2::Format::ALL { a.btn href={ "/reports/" (request.id) "/dhis2/" (format.as_str()) "?unit=" (part.as_str()) "&on=" (period.last) } { (icon("download")) " " (visit.t(&format!("report-dhis2-{}", format.as_str()))) } " " } }
            } }
            @if !sum.to_endorse.is_empty() && !sum.anew { (visit.form(&format!("/reports/{}/endorse-below", request.id), html! {
                input type="hidden" name="by" value=(part.as_str()); input type="hidden" name="on" value=(period.last);
                @for (unit, edition) in &sum.to_endorse { input type="hidden" name="report" value={ (edition) " " (unit.as_str()) }; }
                button.btn.btn-primary type="submit" { (icon("checks")) " " (visit.ta("report-endorse-below", &[("n", sum.to_endorse.len().into()), ("unit", visit.unit(part).into())])) }
            })) }
        }
        (in_words(visit, sum))
        @if !sum.anew && since.is_none() && rolled.all.n > 0 { (sources(visit, sum, may_choose)) }
    }
}

/// What units wrote into cells of text, which nothing adds up.
fn in_words(visit: &Visit, sum: &Sum) -> Markup {
    let (unit, cell, day) = (visit.t("unit"), visit.t("form-cell"), visit.t("report-period"));
    html! { @if !sum.words.is_empty() {
        h2.vx-group { (visit.t("report-in-words")) span { (sum.words.len()) } }
        div.vx-scroll tabindex="0" { table.vx-table.vx-cards {
            thead { tr { th scope="col" { (unit) } @if sum.since.is_some() { th scope="col" { (day) } } th scope="col" { (cell) } th scope="col" { (visit.t("report-words")) } } }
            tbody { @for said in sum.words.iter().take(SAID_MAX) { @if let Some(spec) = sum.form.cells.get(said.cell) { tr {
                th scope="row" { a href={ "/reports/" (sum.request.id) "/report?unit=" (said.unit.as_str()) "&on=" (said.on) } { (visit.unit(&said.unit)) } }
                @if sum.since.is_some() { td data-label=(day) { (time::say_date(visit.lang, said.on)) } }
                td data-label=(cell) { (spec.label.of(visit.lang)) }
                td data-label=(visit.t("report-words")) { (said.text) }
            } } } }
        } }
        @if sum.words.len() > SAID_MAX { p.vx-quiet { (visit.ta("report-and-more", &[("n", (sum.words.len() - SAID_MAX).into())])) } }
    } }
}

/// Both sources of each cell of which the registers know something, which of them counts, and where they differ.
fn sources(visit: &Visit, sum: &Sum, may_choose: bool) -> Markup {
    let (lang, form) = (visit.lang, &sum.form);
    let cells: Vec<_> = form.cells.iter().zip(form.places()).filter(|(cell, _)| cell.known.is_some()).collect();
    let say =
        |kind: &CellKind, figure: Option<i64>| figure.map_or("–".to_owned(), |figure| form::say(kind, lang, figure));
    html! {
        @if !cells.is_empty() {
            h2.vx-group { (visit.t("report-sources")) }
            p.vx-quiet { (visit.t("report-sources-explained")) }
            div.vx-scroll tabindex="0" { table.vx-table.vx-cards {
                thead { tr { th scope="col" { (visit.t("form-cell")) } th.vx-num scope="col" { (visit.t("report-source-reports")) } th.vx-num scope="col" { (visit.t("report-source-registers")) } th scope="col" { (visit.t("report-source-used")) } @if may_choose { th scope="col" { (visit.t("report-choose")) } } } }
                tbody { @for (cell, place) in &cells {
                    @let at = [place.start];
                    @let choice = sum.choices.get(&cell.code);
                    @let used = choice.map_or(Source::Reports, |choice| choice.source);
                    @let other = if used == Source::Reports { Source::Registers } else { Source::Reports };
                    tr { th scope="row" { (cell.label.of(lang)) }
                        td.vx-num data-label=(visit.t("report-source-reports")) { (say(&cell.kind, total(&sum.said, &at))) }
                        td.vx-num data-label=(visit.t("report-source-registers")) { (say(&cell.kind, total(&sum.known, &at))) span.vx-row-from { (visit.ta("report-known-of", &[("n", sum.known.sums[place.start].1.into()), ("all", sum.rolled.all.n.into())])) } }
                        td data-label=(visit.t("report-source-used")) { (visit.t(&format!("report-source-{used}"))) @if let Some(choice) = choice { div.vx-quiet { (choice.by_name) ": “" (choice.reason) "”" } } }
                        @if may_choose { td { (visit.form_of_class(&format!("/reports/{}/choose", sum.request.id), "vx-bar", html! {
                            input type="hidden" name="unit" value=(sum.part.as_str()); input type="hidden" name="on" value=(sum.period.last);
                            input type="hidden" name="cell" value=(cell.code); input type="hidden" name="source" value=(other);
                            label.vx-grow { span.visually-hidden { (visit.t("report-why")) } input.form-control name="reason" required placeholder=(visit.t("report-why")); }
                            button.btn type="submit" { (visit.t(&format!("report-use-{other}"))) }
                        })) } }
                    }
                } }
            } }
        }
        @if !sum.differences.is_empty() {
            h2.vx-group { (visit.t("report-differences")) span { (sum.differences.len()) } }
            div.vx-scroll tabindex="0" { table.vx-table.vx-cards {
                thead { tr { th scope="col" { (visit.t("unit")) } th scope="col" { (visit.t("form-cell")) } th.vx-num scope="col" { (visit.t("report-source-reports")) } th.vx-num scope="col" { (visit.t("report-source-registers")) } } }
                tbody { @for difference in sum.differences.iter().take(DIFFERENCES_MAX) { @if let Some(cell) = form.cells.get(difference.cell) { tr {
                    th scope="row" { a href={ "/reports/" (sum.request.id) "/report?unit=" (difference.unit.as_str()) "&on=" (sum.period.last) } { (visit.unit(&difference.unit)) } }
                    td data-label=(visit.t("form-cell")) { (cell.label.of(lang)) }
                    td.vx-num data-label=(visit.t("report-source-reports")) { (say(&cell.kind, difference.said)) }
                    td.vx-num data-label=(visit.t("report-source-registers")) { (say(&cell.kind, Some(difference.knew))) }
                } } } }
            } }
            @if sum.differences.len() > DIFFERENCES_MAX { p.vx-quiet { (visit.ta("report-and-more", &[("n", (sum.differences.len() - DIFFERENCES_MAX).into())])) } }
        }
    }
}

pub(crate) async fn export(
    visit: Visit,
    Address((id, kind)): Address<(Id<ids::Request>, String)>,
    Query(query): Pairs,
) -> PageResult {
    let kind: SheetKind = kind.parse()?;
    let sum = read(&visit.app, visit.actor()?, id, &query).await?;
    let lang = visit.lang;
    let column = |title: String, width| Column { title, width };
    let mut columns =
        vec![column(visit.t("form-cell"), 44), column(visit.t("form-unit"), 10), column(visit.t("report-total"), 14)];
    columns.extend(sum.rolled.parts.keys().map(|path| column(visit.unit(path), 18)));
    let mut sheet = Sheet::begin(kind, &sum.request.title, &columns)?;
    let cell_of = |kind: &CellKind, figure: Option<i64>| match (kind, figure) {
        (_, None) => Cell::Empty,
        (CellKind::Count, Some(figure)) => Cell::Count(figure),
        (kind, Some(figure)) => Cell::from(form::say(kind, lang, figure)),
    };
    for (cell, places, label) in rows(&sum.form, lang) {
        let whole = total(&sum.rolled.all, &places);
        let mut cells = vec![Cell::from(label), Cell::from(cell.unit.of(lang).to_owned()), cell_of(&cell.kind, whole)];
        cells.extend(sum.rolled.parts.values().map(|added| cell_of(&cell.kind, total(added, &places))));
        sheet.row(&cells)?;
    }
    // What was written stands under the unit that wrote it, or under the one that it lies in.
    let in_words = |(_, cell): &(usize, &CellSpec)| cell.kind == CellKind::Text && !sum.anew;
    for (index, cell) in sum.form.cells.iter().enumerate().filter(in_words) {
        let under = |part: &Path| {
            let said = sum.words.iter().filter(|said| said.cell == index && part.contains(&said.unit));
            let own = |said: &Said| match (said.unit == *part, sum.since.is_some()) {
                (true, false) => said.text.clone(),
                (true, true) => format!("{}: {}", time::say_date(lang, said.on), said.text),
                (false, false) => format!("{}: {}", visit.unit(&said.unit), said.text),
                (false, true) => {
                    format!("{}, {}: {}", visit.unit(&said.unit), time::say_date(lang, said.on), said.text)
                }
            };
            said.map(own).collect::<Vec<_>>().join("\n")
        };
        let mut cells = vec![Cell::from(cell.label.of(lang).to_owned()), Cell::Empty, Cell::Empty];
        cells.extend(sum.rolled.parts.keys().map(|part| Cell::from(under(part))));
        sheet.row(&cells)?;
    }
    Ok(sheet.download("tong-hop-bao-cao").await?)
}

pub(crate) async fn choose(visit: Visit, Address(id): Address<Id<ids::Request>>, form: Form) -> PageResult {
    let mut conn = visit.app.db().read().await?;
    let request = request_of(&visit, &mut conn, id).await?;
    let spec = store::form(&mut conn, &request.form, Some(request.form_version)).await?;
    drop(conn);
    let (part, period) = of_form(&request, &form)?;
    let cell = form.text("cell").to_owned();
    let source = Source::parse(form.text("source")).ok_or_else(Problem::not_found)?;
    let has_two = spec.cells.iter().any(|known| known.code == cell && known.known.is_some());
    let command = Choose {
        id: Id::fresh(),
        request: id,
        period_on: period.last,
        within: part.clone(),
        cell,
        has_two,
        source,
        reason: form.text("reason").to_owned(),
    };
    execute(visit.app.db(), visit.actor()?, form.key()?, command).await?;
    Ok(see_other(&format!("/reports/{id}/sum?unit={}&on={}", part.as_str(), period.last), "reports-said-chosen"))
}

/// A unit stands by all that the units below it sent, as its sum showed them.
pub(crate) async fn endorse_below(visit: Visit, Address(id): Address<Id<ids::Request>>, form: Form) -> PageResult {
    let mut conn = visit.app.db().read().await?;
    let request = request_of(&visit, &mut conn, id).await?;
    drop(conn);
    let by = crate::routes::path_of(form.text("by")).ok_or_else(Problem::not_found)?;
    let period = form.read("on").ok().and_then(|on| request.periods().ending(on)).ok_or_else(Problem::not_found)?;
    let (key, mut n) = (form.key()?, 0_usize);
    for (index, report) in form.all("report").take(ENDORSED_MAX).enumerate() {
        let (edition, unit) = report.split_once(' ').ok_or_else(Problem::not_found)?;
        let command = Endorse {
            id: Id::fresh(),
            request: id,
            by: by.clone(),
            unit: crate::routes::path_of(unit).ok_or_else(Problem::not_found)?,
            period_on: period.last,
            edition: edition.parse().map_err(|_| Problem::not_found())?,
            note: None,
        };
        let key = Uuid::from_u128(key.as_u128() ^ (index as u128 + 1));
        match execute(visit.app.db(), visit.actor()?, key, command).await {
            Ok(_) => n += 1,
            // Put right, or endorsed by somebody else, since the page was shown: it stands there as what it is.
            Err(problem) if matches!(problem.kind, ProblemKind::Refused | ProblemKind::Conflict) => {}
            Err(problem) => return Err(problem.into()),
        }
    }
    let to = format!("/reports/{id}/sum?unit={}&on={}&n={n}", by.as_str(), period.last);
    Ok(see_other(&to, "reports-said-endorsed-below"))
}
