//! The catalogue of forms (danh mục biểu mẫu): what each asks, what it rests on, and a form brought as a file.

use axum::{
    extract::Path as Address,
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use vx_concepts::{
    engine::{Command as _, execute},
    form::{Check, FormFault, FormSpec, Relation, read_toml},
};
use vx_kernel::{Id, Path, Problem};
use vx_platform::web::{Form, Markup, PageResult, Visit, download, html, icon, see_other};

use crate::{
    catalogue::SHIPPED,
    commands::{Ask, DefineForm},
    store,
};

/// Largest form as a file, in bytes.
const SOURCE_MAX: usize = 200_000;

/// What a form may look like; shown where one is brought.
const SAMPLE: &str = include_str!("../sample.toml");

pub(crate) async fn list(visit: Visit) -> PageResult {
    let brought = store::forms(&mut visit.app.db().read().await?).await?;
    let lang = visit.lang;
    let may_ask = visit.may_anywhere(Ask::NAME);
    let row = |code: &str, version: i64, name: &str, cells: usize, basis: &str, shipped: bool| {
        html! { tr {
            th scope="row" { a href={ "/reports/forms/" (code) } { (name) } }
            td data-label=(visit.t("form-cells")) { (cells) }
            td data-label=(visit.t("form-basis")) { (basis) }
            td data-label=(visit.t("form-origin")) { (visit.t(if shipped { "form-shipped" } else { "form-brought" })) " · " (visit.ta("form-version", &[("n", version.into())])) }
            td { @if may_ask { a.btn href={ "/reports/ask?form=" (code) } { (icon("send")) " " (visit.t("report-ask")) } } }
        } }
    };
    let body = html! {
        div.vx-head { h1 { (visit.t("report-forms")) }
            a.btn href="/reports" { (icon("arrow-left")) " " (visit.t("reports")) }
            @if visit.may_anywhere(DefineForm::NAME) { a.btn href="/reports/forms/new" { (icon("upload")) " " (visit.t("form-bring")) } } }
        p.vx-quiet { (visit.t("report-forms-explained")) }
        div.vx-scroll tabindex="0" { table.vx-table.vx-cards {
            thead { tr { th scope="col" { (visit.t("report-form")) } th scope="col" { (visit.t("form-cells")) } th scope="col" { (visit.t("form-basis")) } th scope="col" { (visit.t("form-origin")) } th scope="col" { span.visually-hidden { (visit.t("report-ask")) } } } }
            tbody {
                @for shipped in SHIPPED.iter() { (row(&shipped.form.code, shipped.form.version, shipped.form.name.of(lang), shipped.form.cells.len(), shipped.form.basis.as_deref().unwrap_or_default(), true)) }
                @for form in &brought {
                    @let spec = read_toml(&form.source, form.number).ok();
                    (row(&form.code, form.number, &form.name, spec.as_ref().map_or(0, |spec| spec.cells.len()), spec.as_ref().and_then(|spec| spec.basis.as_deref()).unwrap_or_default(), false))
                }
            }
        } }
    };
    Ok(visit.page(&visit.t("report-forms"), body))
}

/// A check in words: "Số ca tử vong ≤ Ca mắc".
pub(crate) fn check_in_words(visit: &Visit, form: &FormSpec, check: &Check) -> String {
    let name = |cell: usize| form.cells.get(cell).map_or("", |cell| cell.label.of(visit.lang));
    let right: Vec<&str> = check.right.iter().map(|cell| name(*cell)).collect();
    let sign = match check.relation {
        Relation::AtMost => "≤",
        Relation::Equals => "=",
    };
    format!("{} {sign} {}", name(check.left), right.join(" + "))
}

/// The file of a form that was brought as one, as it came: to be changed and brought again.
pub(crate) async fn source(visit: Visit, Address(code): Address<String>) -> PageResult {
    let forms = store::forms(&mut visit.app.db().read().await?).await?;
    let form = forms.into_iter().find(|form| form.code == code).ok_or_else(Problem::not_found)?;
    Ok(download(&format!("{code}.toml"), "application/toml", form.source.into_bytes()))
}

pub(crate) async fn show(visit: Visit, Address(code): Address<String>) -> PageResult {
    let mut conn = visit.app.db().read().await?;
    let form = store::form(&mut conn, &code, None).await?;
    let is_brought = store::newest_number(&mut conn, &code).await?.is_some();
    drop(conn);
    let lang = visit.lang;
    let body = html! {
        div.vx-head { h1 { (form.name.of(lang)) }
            a.btn href="/reports/forms" { (icon("arrow-left")) " " (visit.t("report-forms")) }
            @if is_brought { a.btn href={ "/reports/forms/" (form.code) "/toml" } { (icon("download")) " " (visit.t("form-source-download")) } }
            @if visit.may_anywhere(Ask::NAME) { a.btn.btn-primary href={ "/reports/ask?form=" (form.code) } { (icon("send")) " " (visit.t("report-ask")) } } }
        div.vx-panel { dl.vx-facts {
            div { dt { (visit.t("form-code")) } dd { (form.code) " · " (visit.ta("form-version", &[("n", form.version.into())])) } }
            div { dt { (visit.t("form-verified")) } dd { @match &form.verified { Some(by) => (by), None => (visit.t("form-unverified")) } } }
            div.vx-wide { dt { (visit.t("form-basis")) } dd { (form.basis.as_deref().unwrap_or("–")) } }
        } }
        h2.vx-group { (visit.t("form-cells")) }
        div.vx-scroll tabindex="0" { table.vx-table.vx-cards {
            thead { tr { th scope="col" { (visit.t("form-cell")) } th scope="col" { (visit.t("form-kind")) } th scope="col" { (visit.t("form-unit")) } th scope="col" { (visit.t("form-roll-up")) } th scope="col" { (visit.t("form-known")) } } }
            tbody { @for cell in &form.cells { tr {
                th scope="row" { (cell.label.of(lang)) @if let Some(by) = &cell.by { span.vx-row-from { (visit.t("form-by")) " " (by.name.of(lang)) ": " (by.parts.iter().map(|part| part.of(lang)).collect::<Vec<_>>().join(", ")) } } span.vx-row-from { (cell.code) } }
                td data-label=(visit.t("form-kind")) { (visit.t(&format!("form-kind-{}", cell.kind.as_str()))) @if let vx_concepts::form::CellKind::Choice(choices) = &cell.kind { ": " (choices.iter().map(|choice| choice.of(lang)).collect::<Vec<_>>().join(" / ")) } }
                td data-label=(visit.t("form-unit")) { (cell.unit.of(lang)) }
                td data-label=(visit.t("form-roll-up")) { (visit.t(&format!("form-roll-up-{}", cell.roll_up))) }
                td data-label=(visit.t("form-known")) { @if let Some(known) = &cell.known { (known_in_words(&visit, known)) } }
            } } }
        } }
        @if !form.checks.is_empty() {
            h2.vx-group { (visit.t("form-checks")) }
            ul { @for check in &form.checks { li { (check_in_words(&visit, &form, check)) } } }
        }
    };
    Ok(visit.page(form.name.of(lang), body))
}

/// What the registers know, in words.
pub(crate) fn known_in_words(visit: &Visit, known: &vx_concepts::form::Known) -> String {
    use vx_concepts::form::Known;
    match known {
        Known::Counted(what) => visit.ta("form-known-counted", &[("what", what.as_str().into())]),
        Known::TasksDone => visit.t("form-known-tasks-done"),
        Known::TasksOverdue => visit.t("form-known-tasks-overdue"),
        Known::TasksOpen => visit.t("form-known-tasks-open"),
    }
}

/// The units for which the visitor may bring a form.
fn homes(visit: &Visit, permission: &str) -> Result<Vec<Path>, Problem> {
    let actor = visit.actor()?;
    Ok(actor.homes().into_iter().filter(|home| !home.is_root() && actor.may(permission, home)).cloned().collect())
}

pub(crate) async fn new(visit: Visit) -> PageResult {
    let homes = homes(&visit, DefineForm::NAME)?;
    Ok(visit.page(&visit.t("form-bring"), page(&visit, &homes, SAMPLE, &[])))
}

fn page(visit: &Visit, homes: &[Path], source: &str, faults: &[FormFault]) -> Markup {
    html! {
        div.vx-head { h1 { (visit.t("form-bring")) } a.btn href="/reports/forms" { (icon("arrow-left")) " " (visit.t("report-forms")) } }
        p.vx-prose { (visit.t("form-bring-explained")) }
        @if !faults.is_empty() {
            div.vx-note.vx-note-error role="alert" {
                strong { (visit.ta("form-faults", &[("n", faults.len().into())])) }
                ul { @for fault in faults { li {
                    strong { (visit.ta("form-fault-line", &[("n", fault.line.into())])) } " "
                    (visit.ta(&format!("form-fault-{}", fault.code), &[("detail", fault.detail.as_str().into())]))
                } } }
            }
        }
        (visit.form("/reports/forms", html! {
            @if let [only] = homes { input type="hidden" name="unit" value=(only.as_str()); }
            @else { label.vx-field.d-block { span.form-label { (visit.t("for-unit")) } select.form-select name="unit" { @for home in homes { option value=(home.as_str()) { (visit.unit(home)) } } } } }
            label.vx-field.d-block { span.form-label { (visit.t("form-file")) } input.form-control type="file" name="file" accept=".toml,.txt"; }
            label.vx-field.d-block { span.form-label { (visit.t("form-source")) } textarea.form-control name="source" rows="24" spellcheck="false" { (source) } }
            button.btn.btn-primary type="submit" { (icon("upload")) " " (visit.t("form-bring")) }
        }))
    }
}

pub(crate) async fn define(visit: Visit, form: Form) -> PageResult {
    let unit = crate::routes::path_of(form.text("unit")).ok_or_else(Problem::not_found)?;
    let file = form.files.first().and_then(|file| file.content.as_ref().ok());
    let source = match file {
        Some(bytes) => String::from_utf8_lossy(bytes).into_owned(),
        None => form.all("source").next().unwrap_or_default().replace("\r\n", "\n"),
    };
    if source.len() > SOURCE_MAX {
        return Err(Problem::new(vx_kernel::ProblemKind::TooLarge, "reports.define.large").into());
    }
    // Faults come back beside the text that was sent, all at once.
    let spec = match read_toml(&source, 1) {
        Ok(spec) => spec,
        Err(faults) => {
            let homes = homes(&visit, DefineForm::NAME)?;
            let page: Response = visit.page(&visit.t("form-bring"), page(&visit, &homes, &source, &faults));
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
        }
    };
    let command = DefineForm { id: Id::fresh(), unit, source };
    execute(visit.app.db(), visit.actor()?, form.key()?, command).await?;
    Ok(see_other(&format!("/reports/forms/{}", spec.code), "reports-said-defined"))
}
