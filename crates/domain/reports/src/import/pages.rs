//! Pages of imports: choose a file, look at what it would do, have it written down, see what became of it.

use axum::{
    extract::{Path as Address, Query},
    http::{HeaderName, HeaderValue, StatusCode},
    response::{IntoResponse as _, Response},
};
use vx_concepts::{
    engine::{Command as _, execute},
    form::Period,
};
use vx_kernel::{Date, Id, Path, Problem, ProblemKind, ids, time};
use vx_platform::{
    auth::Actor,
    sheet::SheetKind,
    store::migrate::{hex, unhex},
    web::{App, Form, Markup, PageResult, Visit, download, encode, html, icon, see_other},
};

use super::{ReportImport, StartImport, begun, ground, list, review};
use crate::{
    dhis2,
    many::{self, Ground, Line, Note, Review, Row, Verdict},
    routes::{Pairs, part_of, path_of, request_of, word},
    store,
    types::Request,
};

/// Rows of one kind shown on a page; the file has all of them.
const SHOWN_MAX: usize = 200;
/// Periods offered.
const PERIODS: usize = 40;
/// How often the page of an import that is still running is loaded again, in seconds.
const REFRESH: &str = "2";

type RequestId = Address<Id<ids::Request>>;

/// The units for which the visitor may bring reports of a request.
fn bringing(visit: &Visit, request: &Request) -> Result<Vec<Path>, Problem> {
    let actor = visit.actor()?;
    let concerned =
        |home: &&Path| **home == request.path || request.within.contains(home) || home.contains(&request.within);
    let may = |home: &&Path| actor.may(StartImport::NAME, home);
    Ok(actor.homes().into_iter().filter(may).filter(concerned).cloned().collect())
}

/// Whether the visitor may bring reports of a request; what leads to the page asks.
pub(crate) fn may_bring(visit: &Visit, request: &Request) -> bool {
    bringing(visit, request).is_ok_and(|units| !units.is_empty())
}

/// The unit and the period that a form or an address names.
fn asked(visit: &Visit, request: &Request, by: &str, on: &str) -> Result<(Path, Option<Date>), Problem> {
    let by = path_of(by).filter(|by| bringing(visit, request).is_ok_and(|units| units.contains(by)));
    let by = by.ok_or_else(Problem::not_found)?;
    let on = if on.is_empty() { None } else { Some(on.parse().map_err(|_| Problem::not_found())?) };
    Ok((by, on))
}

fn recent(visit: &Visit, request: &Request) -> Vec<Period> {
    let mut periods = request.periods().recent(visit.now(), PERIODS);
    periods.retain(|period| request.covers(period.last));
    periods
}

pub(crate) async fn choose(visit: Visit, Address(id): RequestId, Query(query): Pairs) -> PageResult {
    let mut conn = visit.app.db().read().await?;
    let request = request_of(&visit, &mut conn, id).await?;
    let units = bringing(&visit, &request)?;
    if units.is_empty() {
        return Err(Problem::not_found().into());
    }
    let imports = list(&mut conn, visit.actor()?, &request).await?;
    drop(conn);
    let chosen = word(&query, "on").and_then(|on| on.parse().ok());
    Ok(visit.page(&visit.t("report-import"), page(&visit, &request, &units, chosen, &imports)))
}

fn page(visit: &Visit, request: &Request, units: &[Path], chosen: Option<Date>, imports: &[ReportImport]) -> Markup {
    let periods = recent(visit, request);
    let address = format!("/reports/{}", request.id);
    let newest = chosen.and_then(|on| request.periods().ending(on)).or(periods.first().copied());
    html! {
        div.vx-head { h1 { (visit.t("report-import")) ": " (request.title) }
            a.btn href=(address) { (icon("arrow-left")) " " (visit.t("report-board")) } }
        p.vx-prose { (visit.t("report-import-explained")) }
        @if let Some(period) = &newest {
            section.vx-panel.mb-3 {
                h2 { (visit.t("report-import-template")) }
                p { (visit.t("report-import-template-explained")) }
                div.vx-bar.mb-2 { @for kind in SheetKind::ALL { a.btn href=(table_address(request, &units[0], period, kind, true)) { (icon("download")) " " (visit.ta(&format!("report-many-blank-{}", kind.as_str()), &[("period", store::days(visit.lang, period).into())])) } " " } }
                div.vx-bar.mb-2 { @for kind in SheetKind::ALL { a.btn href=(table_address(request, &units[0], period, kind, false)) { (icon("download")) " " (visit.ta(&format!("report-many-sent-{}", kind.as_str()), &[("period", store::days(visit.lang, period).into())])) } " " } }
            }
        }
        (visit.form_of_class(&format!("{address}/import/review"), "vx-form", html! {
            @if let [only] = units { input type="hidden" name="by" value=(only.as_str()); }
            @else { label.vx-field.d-block { span.form-label { (visit.t("for-unit")) } select.form-select name="by" { @for unit in units { option value=(unit.as_str()) { (visit.unit(unit)) } } } } }
            label.vx-field.d-block { span.form-label { (visit.t("report-import-period")) }
                select.form-select name="on" {
                    option value="" { (visit.t("report-import-by-row")) }
                    @for period in &periods { option value=(period.last) selected[chosen == Some(period.last)] { (store::days(visit.lang, period)) } }
                } }
            div.vx-drop data-drop="keep" {
                (icon("upload"))
                strong.d-block { (visit.t("report-file-choose")) }
                span.vx-quiet.d-block { (visit.t("report-import-kinds")) }
                input.form-control.mt-2 type="file" name="file" accept=".xlsx,.csv" required aria-label=(visit.t("report-file-choose"));
                ul data-names {}
            }
            div.vx-actions { button.btn.btn-primary type="submit" { (icon("checks")) " " (visit.t("report-import-review")) } span role="status" data-sending=(visit.t("report-import-sending")) {} }
        }))
        h2.vx-group { (visit.t("report-imports")) }
        @if imports.is_empty() { div.vx-empty { (icon("files")) p { (visit.t("report-imports-none")) } } }
        @else { div.vx-scroll tabindex="0" { table.vx-table.vx-cards {
            thead { tr { th scope="col" { (visit.t("report-import-file")) } th scope="col" { (visit.t("report-import-began")) } th scope="col" { (visit.t("report-import-by")) } th.vx-num scope="col" { (visit.t("report-import-new")) } th.vx-num scope="col" { (visit.t("report-import-corrects")) } th.vx-num scope="col" { (visit.t("report-import-rejected")) } } }
            tbody { @for import in imports { tr {
                th scope="row" { a href={ (address) "/imports/" (import.id) } { (import.name) } }
                td data-label=(visit.t("report-import-began")) { (visit.at(import.began_at)) }
                td data-label=(visit.t("report-import-by")) { (import.by_name) span.vx-row-from { (visit.unit(&import.path)) } }
                td.vx-num data-label=(visit.t("report-import-new")) { (import.n_new) }
                td.vx-num data-label=(visit.t("report-import-corrects")) { (import.n_corrected) }
                td.vx-num data-label=(visit.t("report-import-rejected")) { (import.n_rejected + import.n_failed) }
            } } }
        } } }
    }
}

/// The address of the table of many units.
pub(crate) fn table_address(request: &Request, part: &Path, period: &Period, kind: SheetKind, blank: bool) -> String {
    let blank = if blank { "&blank=1" } else { "" };
    format!("/reports/{}/table/{}?unit={}&on={}{blank}", request.id, kind.as_str(), part.as_str(), period.last)
}

/// The reports of a period as a data value set of DHIS2.
pub(crate) async fn dhis2_file(
    visit: Visit,
    Address((id, format)): Address<(Id<ids::Request>, String)>,
    Query(query): Pairs,
) -> PageResult {
    let format = dhis2::Format::parse(&format).ok_or_else(Problem::not_found)?;
    let actor = visit.actor()?;
    let mut conn = visit.app.db().read().await?;
    let request = request_of(&visit, &mut conn, id).await?;
    let part = part_of(actor, &request, word(&query, "unit"));
    let on = word(&query, "on").and_then(|on| on.parse().ok());
    let period = on.and_then(|on| request.periods().ending(on)).ok_or_else(Problem::not_found)?;
    drop(conn);
    let set = super::data_value_set(&visit.app, actor, &request, &part, period.last).await?;
    let name = format!("{}-{}.{}", request.form, period.last, format.as_str());
    Ok(download(&name, format.media_type(), dhis2::write(format, &set)?))
}

/// The units that owe the report of a period, as far as the actor sees their reports.
pub(crate) fn owing(app: &App, actor: &Actor, request: &Request, part: &Path, period: &Period) -> Vec<Path> {
    let reach = store::reach(actor, request);
    let mut units = request.units(&app.tree(), period.last, part);
    units.retain(|unit| reach.iter().any(|reach| reach.covers(unit)));
    units
}

/// The table of every unit that owes a report, within a part of the units: as it was sent, or blank to be filled in.
pub(crate) async fn table(
    visit: Visit,
    Address((id, kind)): Address<(Id<ids::Request>, String)>,
    Query(query): Pairs,
) -> PageResult {
    let kind: SheetKind = kind.parse()?;
    let actor = visit.actor()?;
    let mut conn = visit.app.db().read().await?;
    let request = request_of(&visit, &mut conn, id).await?;
    let part = part_of(actor, &request, word(&query, "unit"));
    let on = word(&query, "on").and_then(|on| on.parse().ok());
    let period = on.and_then(|on| request.periods().ending(on)).ok_or_else(Problem::not_found)?;
    let form = store::form(&mut conn, &request.form, Some(request.form_version)).await?;
    let units = owing(&visit.app, actor, &request, &part, &period);
    let blank = word(&query, "blank").is_some();
    let there = if blank {
        std::collections::HashMap::new()
    } else {
        many::last_editions(&mut conn, &request, &units, &[period.last]).await?
    };
    drop(conn);
    let lines: Vec<Line<'_>> = units
        .iter()
        .map(|unit| Line { unit, on: period.last, last: there.get(&(unit.clone(), period.last)) })
        .collect();
    let sheet = many::write(&visit.app, visit.lang, kind, &form, &lines)?;
    Ok(sheet.download(&format!("{}-{}", form.code, period.last)).await?)
}

pub(crate) async fn look(visit: Visit, Address(id): RequestId, mut sent: Form) -> PageResult {
    let mut conn = visit.app.db().read().await?;
    let request = request_of(&visit, &mut conn, id).await?;
    let (by, on) = asked(&visit, &request, sent.text("by"), sent.text("on"))?;
    let ground = ground(&visit.app, &mut conn, request, by, on).await?;
    drop(conn);
    if sent.files.is_empty() {
        return Err(Problem::invalid("reports.fill.none").into());
    }
    let file = sent.files.swap_remove(0);
    let bytes = file.content.map_err(|_| Problem::new(ProblemKind::TooLarge, "web.too_large"))?;
    let sha256 = visit.app.files().keep(&bytes).await?;
    let found = review(&visit.app, &ground, bytes).await?;
    // Rows that were not taken are what was asked for: the page is whole.
    let body = reviewed(&visit, &ground, &found, &file.name, &sha256, None);
    Ok(visit.page(&visit.t("report-import"), body))
}

/// What a review page and an import are made from, and where its rejected rows are.
fn rejected_address(ground: &Ground, name: &str, sha256: &[u8], corrects: bool, kind: SheetKind) -> String {
    format!(
        "/reports/{}/import/rejected/{}?by={}&on={}&file={}&name={}{}",
        ground.request.id,
        kind.as_str(),
        ground.by.as_str(),
        ground.chosen.map_or_else(String::new, |period| period.last.to_string()),
        hex(sha256),
        encode(name),
        if corrects { "&corrects=1" } else { "" }
    )
}

fn note_in_words(visit: &Visit, note: &Note) -> String {
    let several = |all: &[String]| {
        let shown = all.iter().take(12).cloned().collect::<Vec<_>>().join("; ");
        if all.len() > 12 { format!("{shown}…") } else { shown }
    };
    match note {
        Note::Encoding(name) => visit.ta("report-import-note-encoding", &[("name", (*name).into())]),
        Note::Version { is, wanted } => {
            visit.ta("report-import-note-version", &[("is", is.as_str().into()), ("wanted", (*wanted).into())])
        }
        Note::Unknown(codes) => {
            visit.ta("report-import-note-unknown", &[("n", codes.len().into()), ("codes", several(codes).into())])
        }
        Note::Missing(labels) => {
            visit.ta("report-import-note-missing", &[("n", labels.len().into()), ("cells", several(labels).into())])
        }
        Note::Wide => visit.t("report-import-note-wide"),
    }
}

/// What a file would do, before it does it.
fn reviewed(
    visit: &Visit,
    ground: &Ground,
    found: &Review,
    name: &str,
    sha256: &[u8],
    problem: Option<&Problem>,
) -> Markup {
    let request = &ground.request;
    let address = format!("/reports/{}", request.id);
    let n = |verdict| found.n(verdict);
    let (n_new, n_corrects, n_rejected) = (n(Verdict::New), n(Verdict::Corrects), n(Verdict::Rejected));
    let of = |verdict: Verdict| found.rows.iter().filter(move |row| row.verdict == verdict);
    let taken = |row: &&Row| matches!(row.verdict, Verdict::New | Verdict::Corrects);
    let n_remarked = found.rows.iter().filter(taken).filter(|row| row.n_remarks > 0).count();
    html! {
        div.vx-head { h1 { (visit.t("report-import")) ": " (request.title) }
            a.btn href={ (address) "/import" } { (icon("arrow-left")) " " (visit.t("report-import-again")) } }
        div.vx-line {
            strong { (name) }
            span { (visit.unit(&ground.by)) }
            @if let Some(period) = &ground.chosen { span { (visit.ta("report-of-period", &[("period", store::days(visit.lang, period).into())])) } }
            @else { span { (visit.t("report-import-by-row")) } }
            span.vx-quiet { (visit.t("report-import-nothing-yet")) }
        }
        @if let Some(problem) = problem {
            @let (what, todo) = visit.app.words().problem(visit.lang, problem);
            div.vx-note.vx-note-error role="alert" { strong { (what) } " " (todo) }
        }
        div.vx-figures {
            @for verdict in Verdict::ALL { div.vx-figure.vx-figure-late[*verdict == Verdict::Rejected && n_rejected > 0] {
                b { (time::say_count(visit.lang, i64::try_from(n(*verdict)).unwrap_or(0))) } " " span { (visit.t(&format!("report-verdict-{verdict}"))) } } }
        }
        @if !found.notes.is_empty() { div.vx-note.vx-note-doubt role="status" { ul.mb-0 { @for note in &found.notes { li { (note_in_words(visit, note)) } } } } }
        @if n_remarked > 0 { div.vx-note { (visit.ta("report-import-remarked", &[("n", n_remarked.into())])) } }
        @if n_rejected > 0 {
            h2.vx-group { (visit.ta("report-import-rejected-n", &[("n", n_rejected.into())])) }
            p { (visit.t("report-import-rejected-explained")) }
            div.vx-bar.mb-3 {
                @for kind in SheetKind::ALL { a.btn href=(rejected_address(ground, name, sha256, false, kind)) { (icon("download")) " " (visit.t(&format!("report-import-rejected-{}", kind.as_str()))) } " " } }
            (rows_table(visit, of(Verdict::Rejected), n_rejected))
        }
        @if n_corrects > 0 {
            h2.vx-group { (visit.ta("report-import-corrects-n", &[("n", n_corrects.into())])) }
            p { (visit.t("report-import-corrects-explained")) }
            (rows_table(visit, of(Verdict::Corrects), n_corrects))
        }
        @if n_new + n_corrects == 0 { div.vx-empty.mt-3 { (icon("files")) h2 { (visit.t("report-import-nothing")) } p { (visit.t("report-import-nothing-todo")) } } }
        @else { (visit.form_of_class(&format!("{address}/import"), "vx-form mt-3", html! {
            input type="hidden" name="by" value=(ground.by.as_str());
            input type="hidden" name="on" value=(ground.chosen.map_or_else(String::new, |period| period.last.to_string()));
            input type="hidden" name="file" value=(hex(sha256));
            input type="hidden" name="name" value=(name);
            @if n_corrects > 0 {
                label.form-check { input.form-check-input type="checkbox" name="corrects" value="1"; span.form-check-label { (visit.ta("report-import-do-correct", &[("n", n_corrects.into())])) } }
                label.vx-field.d-block { span.form-label { (visit.t("report-reason")) } textarea.form-control name="reason" rows="2" {} }
            }
            div.vx-actions { button.btn.btn-primary type="submit" { (icon("send")) " "
                @if n_new > 0 { (visit.ta("report-import-do", &[("n", n_new.into())])) } @else { (visit.t("report-import-do-corrections")) } } }
        })) }
    }
}

/// Rows with what they come to; the first of them.
fn rows_table<'a>(visit: &Visit, rows: impl Iterator<Item = &'a Row>, n: usize) -> Markup {
    html! {
        div.vx-scroll tabindex="0" { table.vx-table.vx-cards {
            thead { tr { th.vx-num scope="col" { (visit.t("report-import-line")) } th scope="col" { (visit.t("unit")) } th scope="col" { (visit.t("report-import-why")) } } }
            tbody { @for row in rows.take(SHOWN_MAX) { tr {
                td.vx-num data-label=(visit.t("report-import-line")) { (row.line) }
                th scope="row" { @match &row.unit { Some(unit) => (visit.unit(unit)), None => (row.said) } }
                td data-label=(visit.t("report-import-why")) {
                    @if row.verdict == Verdict::Corrects { (many::why(&visit.app, visit.lang, row)) }
                    @else { @for fault in &row.faults { div { (fault.say(visit.app.words(), visit.lang)) } } } }
            } } }
        } }
        @if n > SHOWN_MAX { p.vx-quiet { (visit.ta("report-import-shown", &[("n", n.into()), ("max", SHOWN_MAX.into())])) } }
    }
}

/// The rows of a kept file that were not taken, as a file of the same columns. Whoever knows its hash has the file.
pub(crate) async fn rejected(
    visit: Visit,
    Address((id, kind)): Address<(Id<ids::Request>, String)>,
    Query(query): Pairs,
) -> PageResult {
    let kind: SheetKind = kind.parse()?;
    let asked_for = |name: &str| word(&query, name).unwrap_or_default();
    let mut conn = visit.app.db().read().await?;
    let request = request_of(&visit, &mut conn, id).await?;
    let (by, on) = asked(&visit, &request, asked_for("by"), asked_for("on"))?;
    let ground = ground(&visit.app, &mut conn, request, by, on).await?;
    drop(conn);
    let bytes = kept(&visit, asked_for("file")).await?;
    let found = review(&visit.app, &ground, bytes).await?;
    let corrects = word(&query, "corrects").is_some();
    let sheet = many::write_rejected(&visit.app, visit.lang, kind, &ground, &found, corrects)?;
    let name = asked_for("name");
    let name = name.rsplit_once('.').map_or(name, |(name, _)| name);
    let name = if name.is_empty() { ground.form.code.as_str() } else { name };
    Ok(sheet.download(&format!("{name}-{}", visit.t("report-import-rejected-file"))).await?)
}

async fn kept(visit: &Visit, hash: &str) -> Result<Vec<u8>, Problem> {
    let hash = unhex(hash).filter(|hash| hash.len() == 32).ok_or_else(Problem::not_found)?;
    visit.app.files().read(&hash).await
}

pub(crate) async fn start(visit: Visit, Address(id): RequestId, sent: Form) -> PageResult {
    let mut conn = visit.app.db().read().await?;
    let request = request_of(&visit, &mut conn, id).await?;
    let (by, on) = asked(&visit, &request, sent.text("by"), sent.text("on"))?;
    let ground = ground(&visit.app, &mut conn, request, by, on).await?;
    drop(conn);
    let (name, hash) = (sent.text("name").to_owned(), sent.text("file"));
    let bytes = kept(&visit, hash).await?;
    let sha256 = unhex(hash).unwrap_or_default();
    let found = review(&visit.app, &ground, bytes).await?;
    let reason = sent.filled("corrects").map(|_| sent.text("reason").to_owned());
    let command = begun(&ground, &found, &name, sha256.clone(), reason);
    match execute(visit.app.db(), visit.actor()?, sent.key()?, command).await {
        Ok(import) => Ok(see_other(&format!("/reports/{id}/imports/{import}"), "reports-said-importing")),
        Err(problem) if matches!(problem.code, "reports.submit.no_reason" | "reports.import.nothing") => {
            let body = reviewed(&visit, &ground, &found, &name, &sha256, Some(&problem));
            let page: Response = visit.page(&visit.t("report-import"), body);
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
        Err(problem) => Err(problem.into()),
    }
}

pub(crate) async fn show(
    visit: Visit,
    Address((id, import)): Address<(Id<ids::Request>, Id<ids::ReportImport>)>,
) -> PageResult {
    let actor = visit.actor()?;
    let mut conn = visit.app.db().read().await?;
    let request = request_of(&visit, &mut conn, id).await?;
    let import: ReportImport = conn.load(import).await?;
    let seen = store::reach(actor, &request).iter().any(|reach| reach.covers(&import.path));
    if import.request != id || !seen {
        return Err(Problem::not_found().into());
    }
    let may = bringing(&visit, &request)?.contains(&import.path);
    let ground = ground(&visit.app, &mut conn, request, import.path.clone(), import.period_on).await?;
    drop(conn);
    let page = visit.page(&import.name, outcome(&visit, &ground, &import, may));
    Ok(if import.finished_at.is_none() {
        // Understood by every browser, with or without script.
        ([(HeaderName::from_static("refresh"), HeaderValue::from_static(REFRESH))], page).into_response()
    } else {
        page
    })
}

fn outcome(visit: &Visit, ground: &Ground, import: &ReportImport, may: bool) -> Markup {
    let address = format!("/reports/{}", ground.request.id);
    let figures = [
        ("report-import-new", import.n_new),
        ("report-import-corrects", import.n_corrected),
        ("report-import-unchanged", import.n_unchanged),
        ("report-import-rejected", import.n_rejected),
        ("report-import-failed", import.n_failed),
    ];
    html! {
        div.vx-head { h1 { (visit.t("report-import")) ": " (import.name) }
            a.btn href=(address) { (icon("arrow-left")) " " (visit.t("report-board")) }
            @if may { a.btn href={ (address) "/import" } { (icon("upload")) " " (visit.t("report-import-again")) } } }
        div.vx-line { strong { (ground.request.title) } span { (visit.unit(&import.path)) } span { (import.by_name) " · " (visit.at(import.began_at)) }
            @if let Some(period) = &ground.chosen { span { (visit.ta("report-of-period", &[("period", store::days(visit.lang, period).into())])) } } }
        section.vx-panel.mb-3 aria-live="polite" {
            label.d-block { span.form-label { (visit.ta("report-import-done", &[("n", import.n_done.into()), ("all", import.n_rows.into())])) }
                progress.w-100 max=(import.n_rows) value=(import.n_done) { (import.n_done) "/" (import.n_rows) } }
            @match import.finished_at {
                Some(at) => p.mb-0 { (icon("check")) " " (visit.t("report-import-finished")) " " (visit.at(at)) },
                None => p.vx-quiet.mb-0 { (visit.t("report-import-running")) },
            }
        }
        div.vx-figures { @for (key, n) in figures { div.vx-figure { b { (time::say_count(visit.lang, n)) } " " span { (visit.t(key)) } } } }
        @if let Some(reason) = &import.reason { p { (visit.t("report-reason")) ": “" (reason) "”" } }
        @if import.n_rejected > 0 && import.finished_at.is_some() && may {
            h2.vx-group { (visit.ta("report-import-rejected-n", &[("n", import.n_rejected.into())])) }
            p { (visit.t("report-import-rejected-explained")) }
            div.vx-bar.mb-3 {
                @for kind in SheetKind::ALL { a.btn href=(rejected_address(ground, &import.name, &import.sha256, import.reason.is_some(), kind)) { (icon("download")) " " (visit.t(&format!("report-import-rejected-{}", kind.as_str()))) } " " } }
        }
        @let failed = import.failed();
        @if !failed.is_empty() {
            h2.vx-group { (visit.t("report-import-failed")) }
            div.vx-scroll tabindex="0" { table.vx-table.vx-cards {
                thead { tr { th.vx-num scope="col" { (visit.t("report-import-line")) } th scope="col" { (visit.t("report-import-why")) } } }
                tbody { @for failure in failed.iter().take(SHOWN_MAX) { @let key = vx_platform::words::problem_key(&failure.code); tr {
                    td.vx-num data-label=(visit.t("report-import-line")) { (failure.line) }
                    td data-label=(visit.t("report-import-why")) { (visit.t(&key)) " " (visit.t(&format!("{key}.todo"))) }
                } } }
            } }
        }
    }
}
