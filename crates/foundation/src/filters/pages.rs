//! The filters above a list, and what is done with them.

use std::sync::Arc;

use axum::{
    extract::Path as Place,
    response::{IntoResponse as _, Redirect, Response},
};
use maud::{Markup, html};
use uuid::Uuid;
use vx_concepts::engine::{Command as _, execute, run};
use vx_kernel::{Id, Path, Problem, ids};
use vx_platform::{
    auth::Actor,
    store::Conn,
    web::{Access, Form, PageResult, Route, Visit, icon, list, see_other},
};

use super::{OpenFirst, Remove, Rename, SHARE, Save, SavedFilter, TakeBack, commands::NAME_MAX, own, shared};

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::post("/filters", Access::Needs(Save::NAME), save),
        Route::post("/filters/{id}/rename", Access::Needs(Rename::NAME), rename),
        Route::post("/filters/{id}/first", Access::Needs(OpenFirst::NAME), open_first),
        Route::post("/filters/{id}/remove", Access::Needs(Remove::NAME), remove),
        Route::post("/filters/{id}/take-back", Access::Needs(TakeBack::NAME), take_back),
    ]
}

/// The filters that are offered above a list.
pub struct Kept {
    page: &'static str,
    own: Vec<SavedFilter>,
    shared: Vec<SavedFilter>,
}

/// The filters offered to a visitor above the list at `page`.
///
/// # Errors
/// When the database is away.
pub async fn kept(visit: &Visit, conn: &mut Conn, page: &'static str) -> Result<Kept, Problem> {
    let actor = visit.actor()?;
    let own = match actor.account {
        Some(account) => own(conn, account, Some(page)).await?,
        None => Vec::new(),
    };
    Ok(Kept { page, own, shared: shared(conn, actor, page).await? })
}

impl Kept {
    /// The way to the filter that the list opens with, when nothing at all was asked for.
    #[must_use]
    pub fn first(&self, visit: &Visit) -> Option<Response> {
        let first = self.own.iter().find(|filter| filter.opens_first).filter(|_| !visit.url.contains('?'))?;
        Some(Redirect::to(&address(self.page, &first.query)).into_response())
    }

    /// The filters as links, and forms to keep the present one and to change them. `query` is the present filter and
    /// order as they stand in the address.
    #[must_use]
    pub fn bar(&self, visit: &Visit, query: &str) -> Markup {
        let query = &list::tidy(query);
        let may_share = visit.may_anywhere(SHARE);
        let all: Vec<&SavedFilter> = self.own.iter().chain(&self.shared).collect();
        let known = all.iter().any(|filter| filter.query == *query);
        let to_save = !query.is_empty() && !known;
        if !visit.may_anywhere(Save::NAME) || all.is_empty() && !to_save {
            return html! {};
        }
        let share_box = |on: bool| {
            html! { @if may_share { label.form-check.vx-field { input.form-check-input type="checkbox" name="shared" value="1" checked[on]; span { (visit.t("filters-shared")) } } } }
        };
        html! {
            nav.vx-decide aria-label=(visit.t("filters")) {
                @if !all.is_empty() {
                    a.vx-chip href={ (self.page) "?" (list::ALL) "=1" } aria-current=[query.is_empty().then_some("true")] { (visit.t("filters-all")) }
                    @for filter in &all {
                        a.vx-chip href=(address(self.page, &filter.query)) aria-current=[(filter.query == *query).then_some("true")] {
                            (filter.name)
                            @if filter.opens_first { " · " (visit.t("filters-opens-first")) }
                            @if filter.shared { " · " (visit.t("filters-of-unit")) }
                        }
                    }
                }
                @if to_save {
                    details.vx-panel { summary { (icon("plus")) " " (visit.t("filters-save")) }
                        (visit.form("/filters", html! {
                            input type="hidden" name="page" value=(self.page);
                            input type="hidden" name="query" value=(query);
                            label.vx-field.d-block { span.form-label { (visit.t("filters-name")) } input.form-control name="name" required maxlength=(NAME_MAX) autocomplete="off"; }
                            label.form-check.vx-field { input.form-check-input type="checkbox" name="first" value="1"; span { (visit.t("filters-open-first")) } }
                            (share_box(false))
                            button.btn.btn-primary type="submit" { (icon("check")) " " (visit.t("filters-save-do")) }
                        })) }
                }
                @if !all.is_empty() {
                    details.vx-panel { summary { (icon("edit")) " " (visit.t("filters-change")) }
                        @for filter in &self.own { (self.own_forms(visit, filter, &share_box)) }
                        @for filter in self.shared.iter().filter(|filter| visit.signed.as_ref().is_some_and(|signed| signed.actor.may(SHARE, &filter.path))) {
                            div.vx-bar.mb-2 { span { (filter.name) " · " (visit.t("filters-of-unit")) } (visit.button(&format!("/filters/{}/remove", filter.id), "btn", "trash", "filters-remove")) }
                        } }
                }
            }
        }
    }

    fn own_forms(&self, visit: &Visit, filter: &SavedFilter, share_box: &dyn Fn(bool) -> Markup) -> Markup {
        let to = |verb: &str| format!("/filters/{}/{verb}", filter.id);
        html! {
            div.vx-bar.mb-2 {
                (visit.form_of_class(&to("rename"), "vx-bar vx-grow", html! {
                    label.vx-grow { span.visually-hidden { (visit.t("filters-name")) ": " (filter.name) } input.form-control name="name" value=(filter.name) required maxlength=(NAME_MAX) autocomplete="off"; }
                    (share_box(filter.shared))
                    button.btn type="submit" { (icon("check")) " " (visit.t("filters-rename")) }
                }))
                (visit.form(&to("first"), html! {
                    input type="hidden" name="first" value=(if filter.opens_first { "" } else { "1" });
                    button.btn type="submit" { (visit.t(if filter.opens_first { "filters-open-first-not" } else { "filters-open-first" })) }
                }))
                (visit.button(&to("remove"), "btn", "trash", "filters-remove"))
            }
        }
    }
}

fn address(page: &str, query: &str) -> String {
    format!("{page}?{query}")
}

/// Where the visitor works, and who they are.
fn desk(visit: &Visit) -> Result<(&Actor, Id<ids::Account>, Path), Problem> {
    let actor = visit.actor()?;
    let at = actor.homes().first().map(|path| (*path).clone()).ok_or_else(Problem::not_found)?;
    Ok((actor, actor.account.ok_or_else(Problem::not_found)?, at))
}

/// The list that a form names: a page of ours that the visitor may open. Nothing else becomes a link.
fn page_of(visit: &Visit, text: &str) -> Result<&'static str, Problem> {
    let routes = visit.app.modules().iter().flat_map(|module| (module.routes)());
    let mut pages =
        routes.filter(|route| route.method == "GET" && !route.path.contains('{')).filter(|route| match route.access {
            Access::Needs(permission) => visit.may_anywhere(permission),
            _ => false,
        });
    let found = pages.find(|route| route.path == text).map(|route| route.path);
    found.ok_or_else(|| Problem::invalid("web.field").with("field", "page").with("value", text))
}

async fn save(visit: Visit, form: Form) -> PageResult {
    let (actor, account, at) = desk(&visit)?;
    let page = page_of(&visit, form.text("page"))?;
    let query = list::tidy(form.text("query"));
    let shared = form.filled("shared").is_some();
    let command =
        Save { account, at: at.clone(), page: page.to_owned(), query, name: form.text("name").to_owned(), shared };
    let query = command.query.clone();
    let filter = Id::from(execute(visit.app.db(), actor, form.key()?, command).await?);
    if form.filled("first").is_some() {
        put_first(&visit, filter, at, true, Uuid::from_u128(form.key()?.as_u128() ^ 1)).await?;
    }
    Ok(see_other(&address(page, &query), "filters-said-saved"))
}

/// One of the visitor's own filters, or of those shared with them.
async fn filter_of(visit: &Visit, id: &str) -> Result<SavedFilter, Problem> {
    let id: Id<ids::SavedFilter> = id.parse().map_err(|_| Problem::not_found())?;
    visit.app.db().read().await?.load(id).await
}

async fn rename(visit: Visit, Place(id): Place<String>, form: Form) -> PageResult {
    let (actor, _, at) = desk(&visit)?;
    let filter = filter_of(&visit, &id).await?;
    let shared = form.filled("shared").is_some();
    let command = Rename { filter: filter.id, at, name: form.text("name").to_owned(), shared };
    execute(visit.app.db(), actor, form.key()?, command).await?;
    Ok(see_other(&address(&filter.page, &filter.query), "filters-said-renamed"))
}

/// Only one filter of a list opens first: the one before it gives way in the same transaction.
async fn put_first(
    visit: &Visit,
    filter: Id<ids::SavedFilter>,
    at: Path,
    first: bool,
    key: Uuid,
) -> Result<(), Problem> {
    let (actor, account, _) = desk(visit)?;
    let shared = Arc::new((actor.clone(), at));
    visit
        .app
        .db()
        .write(move |tx| {
            let shared = shared.clone();
            Box::pin(async move {
                let (by, at) = &*shared;
                tx.flush().await?;
                let wanted: SavedFilter = tx.load(filter).await?;
                for other in own(tx, account, Some(&wanted.page)).await? {
                    if first && other.opens_first && other.id != filter {
                        let give_way = OpenFirst { filter: other.id, at: at.clone(), first: false };
                        run(tx, by, Uuid::now_v7(), &give_way).await?;
                    }
                }
                run(tx, by, key, &OpenFirst { filter, at: at.clone(), first }).await.map(drop)
            })
        })
        .await
}

async fn open_first(visit: Visit, Place(id): Place<String>, form: Form) -> PageResult {
    let (_, _, at) = desk(&visit)?;
    let filter = filter_of(&visit, &id).await?;
    let first = form.filled("first").is_some();
    put_first(&visit, filter.id, at, first, form.key()?).await?;
    let said = if first { "filters-said-first" } else { "filters-said-not-first" };
    Ok(see_other(&address(&filter.page, &filter.query), said))
}

async fn remove(visit: Visit, Place(id): Place<String>, form: Form) -> PageResult {
    let (actor, _, at) = desk(&visit)?;
    let filter = filter_of(&visit, &id).await?;
    execute(visit.app.db(), actor, form.key()?, Remove { filter: filter.id, at }).await?;
    let to = address(&filter.page, &filter.query);
    Ok(visit.see_other_undo(&to, "filters-said-removed", &format!("/filters/{}/take-back", filter.id)))
}

async fn take_back(visit: Visit, Place(id): Place<String>, form: Form) -> PageResult {
    let (actor, _, at) = desk(&visit)?;
    let filter = filter_of(&visit, &id).await?;
    execute(visit.app.db(), actor, form.key()?, TakeBack { filter: filter.id, at }).await?;
    Ok(see_other(&address(&filter.page, &filter.query), "filters-said-taken-back"))
}
