//! Pages of imports: what was sent, how far it is, what became of each file.

use axum::{
    extract::{Path as Address, Query},
    http::{HeaderName, HeaderValue},
    response::IntoResponse as _,
};
use vx_concepts::engine::{Command as _, execute};
use vx_kernel::{Id, Problem, ProblemKind, ids, time};
use vx_platform::{
    sheet::{Sheet, SheetKind},
    store::Uuid,
    web::{FILE_BYTES_MAX, Form, Markup, PageResult, Visit, html, icon, see_other},
};

use super::{FILES_MAX, Import, ImportFile, Outcome, RetryImport, StartImport, fits, labels};

/// Files shown on one page of a list; filters and the CSV file reach the others.
const SHOWN_MAX: usize = 500;
/// How often the page of an import that is still running is loaded again, in seconds.
const REFRESH: &str = "3";

type ImportId = Address<Id<ids::Import>>;
type Labels = std::collections::BTreeMap<Uuid, (String, Option<String>)>;

pub(crate) async fn list(visit: Visit) -> PageResult {
    let mut conn = visit.app.db().read().await?;
    let imports = super::list(&mut conn, visit.actor()?).await?;
    drop(conn);
    let form = visit.form("/directives/import", html! {
        div.vx-drop data-drop="keep" {
            (icon("upload"))
            strong.d-block { (visit.t("import-files")) }
            span.vx-quiet.d-block { (visit.ta("import-kinds", &[("max", i64::try_from(FILES_MAX).unwrap_or(0).into())])) }
            input.form-control.mt-2 type="file" name="file" multiple accept=".txt,.md,.docx,.pdf,.zip" aria-label=(visit.t("import-files"));
            ul data-names {}
        }
        label.vx-field.d-block.mt-3 { span.form-label { (visit.t("import-folder")) } input.form-control type="file" name="file" webkitdirectory multiple; }
        div.vx-actions { button.btn.btn-primary type="submit" { (icon("upload")) " " (visit.t("import-do")) } span role="status" data-sending=(visit.t("drop-sending")) {} }
    });
    let body = html! {
        div.vx-head { h1 { (visit.t("import")) } a.btn href="/directives" { (icon("arrow-left")) " " (visit.t("directives")) } }
        p { (visit.t("import-about")) }
        (form)
        h2.vx-group { (visit.t("imports")) }
        @if imports.is_empty() { div.vx-empty { (icon("files")) p { (visit.t("imports-none")) } } }
        @else { div.vx-scroll tabindex="0" { table.vx-table.vx-cards {
            thead { tr { th { (visit.t("import-label")) } th { (visit.t("import-began")) } th { (visit.t("import-by")) } th.vx-num { (visit.t("import-progress")) } } }
            tbody data-rows { @for import in &imports { tr {
                th scope="row" { a href={ "/directives/import/" (import.id) } { (import.label) } }
                td data-label=(visit.t("import-began")) { (visit.at(import.started_at)) }
                td data-label=(visit.t("import-by")) { (import.by_name) }
                td.vx-num data-label=(visit.t("import-progress")) { (visit.ta("receipt-of", &[("n", import.n_read.into()), ("all", import.n_files.into())])) }
            } } }
        } } }
    };
    Ok(visit.page(&visit.t("import"), body))
}

pub(crate) async fn start(visit: Visit, form: Form) -> PageResult {
    let (actor, key) = (visit.actor()?, form.key()?);
    let home = actor.reach(StartImport::NAME).into_iter().map(|reach| reach.path).next().ok_or_else(|| {
        Problem::new(ProblemKind::Forbidden, "forbidden").with("permission", "@did-directives-import")
    })?;
    let label = match form.files.as_slice() {
        [] => return Err(Problem::invalid("directives.no_file").into()),
        [only] => only.name.clone(),
        [first, rest @ ..] => visit.ta(
            "import-several",
            &[("name", first.name.as_str().into()), ("n", i64::try_from(rest.len()).unwrap_or(0).into())],
        ),
    };
    let sent =
        form.files.into_iter().map(|file| (file.name, file.content.map_err(|_| "directives.file_too_large"))).collect();
    let id = super::start(&visit.app, actor, &home, key, &label, sent).await?;
    Ok(see_other(&format!("/directives/import/{id}"), "directives-said-importing"))
}

/// Why a file was not taken in, or not read.
fn why(visit: &Visit, file: &ImportFile, labels: &Labels) -> Option<(String, String)> {
    let mb = i64::try_from(FILE_BYTES_MAX / 1_048_576).unwrap_or(0);
    if let Some(code) = &file.problem {
        let key = vx_platform::words::problem_key(code);
        let said = |key: &str| visit.ta(key, &[("name", file.name.as_str().into()), ("mb", mb.into())]);
        return Some((said(&key), said(&format!("{key}.todo"))));
    }
    let trouble = file.directives.iter().find_map(|id| labels.get(id)?.1.clone())?;
    Some((visit.t(&format!("trouble-{trouble}")), visit.t(&format!("trouble-{trouble}.todo"))))
}

pub(crate) async fn show(
    visit: Visit,
    Address(id): ImportId,
    Query(query): Query<Vec<(String, String)>>,
) -> PageResult {
    let value = |name: &str| query.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.trim());
    let (wanted, words) = (Outcome::parse(value("outcome")), value("q"));
    let actor = visit.actor()?;
    let mut conn = visit.app.db().read().await?;
    let import = super::visible(&mut conn, actor, id).await?;
    let files = import.list();
    let asked: Vec<&ImportFile> =
        files.iter().filter(|file| wanted.is_none_or(|wanted| file.outcome == wanted) && fits(file, words)).collect();
    let shown: Vec<ImportFile> = asked.iter().take(SHOWN_MAX).map(|file| (*file).clone()).collect();
    let labels = labels(&mut conn, actor, &shown).await?;
    drop(conn);
    let page = visit.page(&import.label, page(&visit, &import, &files, wanted, words, &shown, asked.len(), &labels));
    Ok(if import.finished_at.is_none() {
        // Understood by every browser, with or without script.
        ([(HeaderName::from_static("refresh"), HeaderValue::from_static(REFRESH))], page).into_response()
    } else {
        page
    })
}

fn n_of(files: &[ImportFile], outcome: Outcome) -> i64 {
    i64::try_from(files.iter().filter(|file| file.outcome == outcome).count()).unwrap_or(i64::MAX)
}

#[expect(clippy::too_many_arguments, reason = "a page shows all of it")]
fn page(
    visit: &Visit,
    import: &Import,
    files: &[ImportFile],
    wanted: Option<Outcome>,
    words: &str,
    shown: &[ImportFile],
    n_asked: usize,
    labels: &Labels,
) -> Markup {
    let address = format!("/directives/import/{}", import.id);
    let can_retry = files.iter().any(|file| file.outcome == Outcome::Failed && !file.sha256.is_empty());
    html! {
        div.vx-head {
            h1 { (visit.t("import")) ": " (import.label) }
            a.btn href="/directives/import" { (icon("arrow-left")) " " (visit.t("imports")) }
            a.btn href={ (address) "/files.csv" } { (icon("download")) " " (visit.t("receipts-csv")) }
        }
        p.vx-quiet { (visit.at(import.started_at)) " · " (import.by_name) }
        section.vx-panel.mb-3 aria-live="polite" {
            label.d-block { span.form-label { (visit.ta("import-n-of", &[("n", import.n_read.into()), ("all", import.n_files.into())])) }
                progress.w-100 max=(import.n_files) value=(import.n_read) { (import.n_read) "/" (import.n_files) } }
            @match import.finished_at {
                Some(at) => p { (icon("check")) " " (visit.t("import-finished")) " " (visit.at(at)) },
                None => p.vx-quiet { (visit.t("import-running")) },
            }
            @if can_retry && import.finished_at.is_some() { (visit.button(&format!("{address}/retry"), "btn", "refresh", "import-retry")) }
        }
        nav.vx-bar.mb-3 aria-label=(visit.t("receipts-show")) {
            a.vx-chip href=(address) aria-current=[wanted.is_none().then_some("true")] { (visit.t("import-all")) ": " b { (time::say_count(visit.lang, i64::try_from(files.len()).unwrap_or(0))) } }
            @for outcome in Outcome::ALL { @let n = n_of(files, *outcome); @if n > 0 {
                a.vx-chip href={ (address) "?outcome=" (outcome) } aria-current=[(wanted == Some(*outcome)).then_some("true")] { (visit.t(&format!("import-outcome-{outcome}"))) ": " b { (time::say_count(visit.lang, n)) } }
            } }
        }
        form.vx-filters method="get" action=(address) {
            @if let Some(wanted) = wanted { input type="hidden" name="outcome" value=(wanted); }
            label { span.form-label { (visit.t("import-search")) } input.form-control type="search" name="q" value=(words); }
            button.btn type="submit" { (icon("search")) " " (visit.t("filter-do")) }
        }
        @if shown.is_empty() { div.vx-empty { (icon("files")) p { (visit.t("import-nothing")) } } }
        @else { div.vx-scroll tabindex="0" { table.vx-table.vx-cards {
            thead { tr { th { (visit.t("file")) } th { (visit.t("import-outcome")) } th { (visit.t("upload-found")) } th { (visit.t("upload-todo")) } } }
            tbody data-rows { @for file in shown { tr {
                th scope="row" { (file.name) }
                td { span.vx-state { (visit.t(&format!("import-outcome-{}", file.outcome))) } }
                td.vx-nowrap data-label=(visit.t("upload-found")) { @for id in &file.directives { @if let Some((label, _)) = labels.get(id) { a href={ "/directives/" (id) } { (label) } " " } } }
                td { @if let Some((what, todo)) = why(visit, file, labels) { strong { (what) ". " } (todo) } }
            } } }
        } }
        @if n_asked > shown.len() { p.vx-quiet { (visit.ta("import-limited", &[("max", i64::try_from(SHOWN_MAX).unwrap_or(0).into()), ("n", i64::try_from(n_asked).unwrap_or(0).into())])) } } }
    }
}

pub(crate) async fn export(visit: Visit, Address(id): ImportId) -> PageResult {
    let actor = visit.actor()?;
    let mut conn = visit.app.db().read().await?;
    let import = super::visible(&mut conn, actor, id).await?;
    let files = import.list();
    let labels = labels(&mut conn, actor, &files).await?;
    drop(conn);
    let heads = [("file", 40), ("import-outcome", 20), ("upload-found", 30), ("upload-todo", 60)];
    let mut sheet = Sheet::begin(SheetKind::Csv, &visit.t("import"), &visit.columns(&heads))?;
    for file in &files {
        let found: Vec<&str> =
            file.directives.iter().filter_map(|id| labels.get(id)).map(|(label, _)| label.as_str()).collect();
        let why = why(&visit, file, &labels).map_or(String::new(), |(what, todo)| format!("{what}. {todo}"));
        let outcome = visit.t(&format!("import-outcome-{}", file.outcome));
        sheet.row(&[file.name.clone().into(), outcome.into(), found.join(", ").into(), why.into()])?;
    }
    Ok(sheet.download("tiep-nhan-hang-loat").await?)
}

pub(crate) async fn retry(visit: Visit, Address(id): ImportId, form: Form) -> PageResult {
    execute(visit.app.db(), visit.actor()?, form.key()?, RetryImport { import: id }).await?;
    Ok(see_other(&format!("/directives/import/{id}"), "directives-said-importing"))
}
