//! Pages of boundaries: which editions there are, what was found in a file, and the form that brings one.

use std::io::Cursor;

use axum::extract::Path as Address;
use maud::{Markup, html};
use vx_concepts::engine::{Command as _, execute};
use vx_kernel::{Id, Problem, ids, time::say_count, time::say_date};
use vx_platform::{
    store::migrate::unhex,
    web::{Access, FILE_BYTES_MAX, Form, PageResult, Route, Visit, download, icon, see_other},
};

use super::{
    Adopt, Brought, READ, Withdraw, adopt, read,
    store::{Edition, EditionState, editions, visible},
};

type Key = Address<Id<ids::BoundaryEdition>>;

/// Findings that a page shows; all of the rejected ones are in the file.
const SHOWN_MAX: usize = 300;

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/boundaries", Access::Needs(READ), list),
        Route::post("/boundaries", Access::Needs(Adopt::NAME), bring),
        Route::get("/boundaries/{id}", Access::Needs(READ), show),
        Route::get("/boundaries/{id}/file", Access::Needs(READ), rejected),
        Route::post("/boundaries/{id}/withdraw", Access::Needs(Withdraw::NAME), withdraw),
    ]
}

fn provinces(visit: &Visit, edition: &Edition) -> String {
    let tree = visit.app.tree();
    let names: Vec<String> = edition
        .provinces()
        .map(|key| tree.get(key).map_or_else(|| key.to_owned(), |unit| unit.full_name_on(edition.from_on)))
        .collect();
    // The country has 34 or 63: a row has room for some.
    match names.get(4..) {
        Some(more) if !more.is_empty() => {
            format!("{}, {}", names[..4].join(", "), visit.ta("boundaries-and-more", &[("n", more.len().into())]))
        }
        _ => names.join(", "),
    }
}

fn state(visit: &Visit, edition: &Edition) -> Markup {
    html! { span.vx-state { (visit.t(&format!("boundaries-state-{}", edition.state))) } }
}

async fn list(visit: Visit) -> PageResult {
    let all = editions(&mut visit.app.db().read().await?, None).await?;
    let may = visit.may_anywhere(Adopt::NAME);
    let body = html! {
        div.vx-head { h1 { (visit.t("boundaries-title")) } a.btn href="/map" { (icon("map")) " " (visit.t("boundaries-map")) } }
        p { (visit.t("boundaries-about")) }
        @if all.is_empty() { div.vx-empty { (icon("map")) h2 { (visit.t("boundaries-none")) } p { (visit.t(if may { "boundaries-none-todo" } else { "boundaries-none-ask" })) } } }
        @else {
            div.vx-scroll tabindex="0" { table.vx-table.vx-cards {
                thead { tr { th scope="col" { (visit.t("boundaries-name")) } th scope="col" { (visit.t("boundaries-from")) } th scope="col" { (visit.t("boundaries-provinces")) } th.vx-num scope="col" { (visit.t("boundaries-areas")) } th.vx-num scope="col" { (visit.t("boundaries-rejected")) } th scope="col" { (visit.t("boundaries-state")) } } }
                tbody { @for edition in &all { tr {
                    th scope="row" { a href={ "/boundaries/" (edition.id) } { (edition.name) } }
                    td data-label=(visit.t("boundaries-from")) { (say_date(visit.lang, edition.from_on)) }
                    td data-label=(visit.t("boundaries-provinces")) { (provinces(&visit, edition)) }
                    td.vx-num data-label=(visit.t("boundaries-areas")) { (say_count(visit.lang, edition.n_areas)) }
                    td.vx-num data-label=(visit.t("boundaries-rejected")) { (say_count(visit.lang, edition.n_rejected)) }
                    td data-label=(visit.t("boundaries-state")) { (state(&visit, edition)) }
                } } }
            } }
        }
        @if may { (form(&visit)) }
    };
    Ok(visit.page(&visit.t("boundaries-title"), body))
}

fn field(visit: &Visit, key: &str, help: Option<&str>, input: Markup) -> Markup {
    html! { label.vx-field.d-block { span.form-label { (visit.t(key)) } (input) @if let Some(help) = help { span.vx-quiet { (visit.t(help)) } } } }
}

fn form(visit: &Visit) -> Markup {
    html! {
        section.vx-panel.mt-3 #bring {
            h2 { (visit.t("boundaries-bring")) }
            (visit.form("/boundaries", html! {
                (field(visit, "boundaries-file", Some("boundaries-file-help"), html! { input.form-control type="file" name="file" required accept=".geojson,.json,application/geo+json"; }))
                (field(visit, "boundaries-name", None, html! { input.form-control name="name" required maxlength="120" placeholder=(visit.t("boundaries-name-example")); }))
                (field(visit, "boundaries-from", Some("boundaries-from-help"), html! { input.form-control type="date" name="from" required; }))
                (field(visit, "boundaries-basis", Some("boundaries-basis-help"), html! { textarea.form-control name="basis" rows="2" required maxlength="1000" {} }))
                (field(visit, "boundaries-code-property", Some("boundaries-code-property-help"), html! { input.form-control name="code_property" maxlength="60" autocapitalize="none"; }))
                button.btn.btn-primary type="submit" { (icon("upload")) " " (visit.t("boundaries-bring-do")) }
            }))
        }
    }
}

async fn bring(visit: Visit, mut form: Form) -> PageResult {
    let file = form.files.pop().ok_or_else(|| Problem::refused("boundaries.no_file"))?;
    let too_large = |_| Problem::refused("boundaries.file_too_large").with("mb", FILE_BYTES_MAX / 1_048_576);
    let bytes = file.content.map_err(too_large)?;
    let brought = Brought {
        name: form.text("name").to_owned(),
        from: form.read("from")?,
        basis: form.text("basis").to_owned(),
        file_name: file.name,
        code_property: form.filled("code_property").map(str::to_owned),
    };
    let by = visit.actor()?;
    let (reading, rejected) = read(&visit.app, by, brought, Cursor::new(bytes), Vec::new()).await?;
    let rejected = Some(rejected).filter(|bytes| !bytes.is_empty());
    let id = adopt(&visit.app, by, form.key()?, reading, rejected.as_deref()).await?;
    Ok(see_other(&format!("/boundaries/{id}"), "boundaries-said-brought"))
}

async fn show(visit: Visit, Address(id): Key) -> PageResult {
    let edition = visible(&mut visit.app.db().read().await?, id).await?;
    let findings = edition.findings();
    let may = edition.state == EditionState::InUse && visit.actor()?.may(Withdraw::NAME, &edition.path);
    let rows = |rejected: bool| findings.iter().filter(move |finding| finding.rejected == rejected);
    let table = |rejected: bool| {
        html! { ul.list-unstyled { @for finding in rows(rejected).take(SHOWN_MAX) { li {
            @if let Some(number) = finding.number { span.vx-quiet { (visit.ta("boundaries-feature", &[("n", number.into())])) ": " } }
            (finding.say(visit.app.words(), visit.lang))
        } } }
        @if rows(rejected).count() > SHOWN_MAX { p.vx-quiet { (visit.ta("boundaries-more-findings", &[("n", SHOWN_MAX.into()), ("all", rows(rejected).count().into())])) } } }
    };
    let body = html! {
        div.vx-head { h1 { (edition.name) } (state(&visit, &edition)) a.btn href={ "/map?on=" (edition.from_on) } { (icon("map")) " " (visit.t("boundaries-map-of-day")) } }
        section.vx-panel {
            dl.vx-facts {
                div { dt { (visit.t("boundaries-from")) } dd { (say_date(visit.lang, edition.from_on)) } }
                div { dt { (visit.t("boundaries-provinces")) } dd { (provinces(&visit, &edition)) } }
                div { dt { (visit.t("boundaries-areas")) } dd { (say_count(visit.lang, edition.n_areas)) } }
                div { dt { (visit.t("boundaries-basis")) } dd { (edition.basis) } }
                div { dt { (visit.t("boundaries-file")) } dd { (edition.file_name) } }
            }
        }
        section.vx-panel {
            h2 { (visit.ta("boundaries-n-rejected", &[("n", edition.n_rejected.into())])) }
            @if edition.n_rejected == 0 { p.vx-quiet { (visit.t("boundaries-all-taken")) } }
            @else {
                p { (visit.t("boundaries-rejected-todo")) }
                @if edition.rejected.is_some() { p { a.btn href={ "/boundaries/" (edition.id) "/file" } { (icon("download")) " " (visit.t("boundaries-rejected-file")) } } }
                (table(true))
            }
        }
        @if rows(false).next().is_some() { section.vx-panel { h2 { (visit.t("boundaries-told")) } (table(false)) } }
        @if may { details.vx-panel {
            summary { (icon("ban")) " " (visit.t("boundaries-withdraw")) }
            (visit.form_of_class(&format!("/boundaries/{id}/withdraw"), "mt-3", html! {
                p { (visit.t("boundaries-withdraw-about")) }
                (field(&visit, "boundaries-withdraw-reason", None, html! { textarea.form-control name="reason" rows="2" required {} }))
                button.btn.btn-danger type="submit" { (icon("ban")) " " (visit.t("boundaries-withdraw")) }
            }))
        } }
    };
    Ok(visit.page(&edition.name, body))
}

async fn rejected(visit: Visit, Address(id): Key) -> PageResult {
    let edition = visible(&mut visit.app.db().read().await?, id).await?;
    let hash = edition.rejected.as_deref().and_then(unhex).ok_or_else(Problem::not_found)?;
    let bytes = visit.app.files().read(&hash).await?;
    let name = edition.file_name.rsplit_once('.').map_or(edition.file_name.as_str(), |(name, _)| name);
    Ok(download(&format!("{name}.rejected.geojson"), "application/geo+json", bytes))
}

async fn withdraw(visit: Visit, Address(id): Key, form: Form) -> PageResult {
    let command = Withdraw { edition: id, reason: form.text("reason").to_owned() };
    execute(visit.app.db(), visit.actor()?, form.key()?, command).await?;
    Ok(see_other(&format!("/boundaries/{id}"), "boundaries-said-withdrawn"))
}
