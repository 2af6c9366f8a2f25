//! Pages of sites: the list, one of them, the form.

use axum::extract::{Path as Address, Query};
use maud::{Markup, html};
use vx_concepts::engine::{Command, execute};
use vx_kernel::{
    Id, Path, Problem, ids,
    time::{say_count, say_date, say_instant},
    units::Tree,
};
use vx_platform::{
    journal::{self, Entry},
    sheet::{Cell, Sheet, SheetKind},
    web::{Access, Form, PageResult, Route, Visit, icon, list::Listing, see_other},
};

use crate::{
    filters,
    units::{self, acting, picked, picker},
};

use super::{
    Add, Change, Close, Particulars, Position, READ, Reopen, Site, SiteKind, SiteState,
    import::{COLUMNS, heading},
    store::{self, Filter, ORDERS, reaches},
};

pub(super) type Pairs = Query<Vec<(String, String)>>;
type Key = Address<Id<ids::Site>>;

/// Rows in one file: every market, checkpoint and enterprise of a province several times over.
const EXPORT_MAX: i64 = 20_000;

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/sites", Access::Needs(READ), list),
        Route::get("/sites/export/{kind}", Access::Needs(READ), export),
        Route::get("/sites/new", Access::Needs(Add::NAME), new),
        Route::post("/sites", Access::Needs(Add::NAME), add),
        Route::get("/sites/{id}", Access::Needs(READ), show),
        Route::post("/sites/{id}", Access::Needs(Change::NAME), change),
        Route::post("/sites/{id}/close", Access::Needs(Close::NAME), close),
        Route::post("/sites/{id}/reopen", Access::Needs(Reopen::NAME), reopen),
    ]
}

/// The place on whose ground a unit stands: itself, or that of the agency.
pub(super) fn ground(tree: &Tree, unit: &Path) -> Path {
    tree.place_of(unit.unit()).map_or_else(|| unit.clone(), |place| place.path.clone())
}

/// The name of a unit in a list: a commune with its district.
pub(super) fn named(visit: &Visit, path: &Path) -> String {
    units::named_on(&visit.app.tree(), path, visit.today())
}

pub(super) fn kind_name(visit: &Visit, kind: SiteKind) -> String {
    visit.t(&format!("site-kind-{kind}"))
}

fn state_chip(visit: &Visit, site: &Site) -> Markup {
    html! { span.vx-state { (visit.t(&format!("site-state-{}", site.state(visit.today())))) } }
}

/// What an address asks the list for.
struct Wanted {
    filter: Filter,
    unit_text: String,
    unit_fault: Option<Problem>,
    listing: Listing,
}

fn wanted(visit: &Visit, query: &[(String, String)]) -> Wanted {
    let text = |name: &str| query.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.trim()).to_owned();
    let unit_text = text("unit");
    let (mut unit, mut unit_fault) = (None, None);
    if !unit_text.is_empty() {
        match picked(&visit.app.tree(), &unit_text, visit.today()) {
            Ok(path) => unit = Some(path),
            Err(problem) => unit_fault = Some(problem),
        }
    }
    let state = text("state");
    let filter = Filter {
        words: text("q"),
        kind: SiteKind::parse(&text("kind")),
        unit,
        state: SiteState::parse(&state),
        with_past: state == "any",
        without_position: text("position") == "none",
    };
    Wanted { filter, unit_text, unit_fault, listing: Listing::parse("/sites", ORDERS, query) }
}

async fn list(visit: Visit, Query(query): Pairs) -> PageResult {
    let wanted = wanted(&visit, &query);
    let (listing, today) = (&wanted.listing, visit.today());
    let mut conn = visit.app.db().read().await?;
    let kept = filters::kept(&visit, &mut conn, listing.address).await?;
    if let Some(first) = kept.first(&visit) {
        return Ok(first);
    }
    let reaches = reaches(visit.actor()?, &visit.app.tree());
    let shown = if wanted.unit_fault.is_some() {
        listing.shown(Vec::new(), |_: &Site| String::new(), 0, 0, false)
    } else {
        store::list(&mut conn, &reaches, &wanted.filter, today, listing).await?
    };
    drop(conn);
    let title = visit.t("sites");
    let may = visit.may_anywhere(Add::NAME);
    let map = wanted.filter.unit.as_ref().map_or_else(String::new, |unit| format!("within={}&", unit.unit()));
    let shown_kinds: Vec<String> = match wanted.filter.kind {
        Some(kind) => vec![format!("sites={kind}")],
        None => SiteKind::ALL.iter().map(|kind| format!("sites={kind}")).collect(),
    };
    let body = html! {
        div.vx-head {
            h1 { (title) " " span.vx-quiet { (say_count(visit.lang, shown.total)) } }
            @if may { a.btn.btn-primary href="/sites/new" { (icon("plus")) " " (visit.t("site-add")) } a.btn href="/sites/import" { (icon("upload")) " " (visit.t("site-import")) } }
            a.btn href={ "/map?" (map) (shown_kinds.join("&")) } { (icon("map")) " " (visit.t("site-on-map")) }
            @for kind in SheetKind::ALL { a.btn href=(listing.also_at(&format!("/sites/export/{}", kind.as_str()))) download { (icon("download")) " " (kind.as_str().to_uppercase()) } }
        }
        (filter_form(&visit, &wanted))
        (kept.bar(&visit, &listing.query()))
        @if let Some(problem) = &wanted.unit_fault {
            @let (what, todo) = visit.app.words().problem(visit.lang, problem);
            div.vx-note.vx-note-error { strong { (what) } " " (todo) }
        } @else if let Some(unit) = &wanted.filter.unit {
            p.vx-quiet { (visit.ta("site-within", &[("unit", named(&visit, unit).into())])) " " a href={ "/units/" (unit.unit()) } { (visit.t("site-open-unit")) } }
        }
        @if shown.rows.is_empty() {
            div.vx-empty { (icon("map-pin"))
                @if listing.is_narrowed() { h2 { (visit.t("sites-none-found")) } p { (visit.t("sites-none-found-todo")) } a.btn href="/sites?all=1" { (icon("x")) " " (visit.t("sites-show-all")) } }
                @else { h2 { (visit.t("sites-none")) } p { (visit.t(if may { "sites-none-todo" } else { "sites-none-ask" })) } }
            }
        } @else { (table(&visit, listing, &shown.rows)) }
        (listing.pages(&visit, &shown))
    };
    Ok(visit.page(&title, body))
}

fn filter_form(visit: &Visit, wanted: &Wanted) -> Markup {
    let filter = &wanted.filter;
    html! {
        form.vx-filters method="get" action="/sites" aria-label=(visit.t("list-filter")) {
            label { span.form-label { (visit.t("site-words")) } input.form-control type="search" name="q" value=(filter.words); }
            label { span.form-label { (visit.t("site-kind")) } select.form-select name="kind" {
                option value="" { (visit.t("site-any-kind")) }
                @for kind in SiteKind::ALL { option value=(kind) selected[filter.kind == Some(*kind)] { (kind_name(visit, *kind)) } }
            } }
            label { span.form-label { (visit.t("site-unit")) } input.form-control name="unit" value=(wanted.unit_text) placeholder=(visit.t("units-type-name")) autocomplete="off"; }
            label { span.form-label { (visit.t("site-state")) } select.form-select name="state" {
                option value="" { (visit.t("site-state-current")) }
                @for state in SiteState::ALL { option value=(state) selected[filter.state == Some(*state)] { (visit.t(&format!("site-state-{state}"))) } }
                option value="any" selected[filter.with_past] { (visit.t("site-state-any")) }
            } }
            label { span.form-label { (visit.t("site-position")) } select.form-select name="position" {
                option value="" { (visit.t("site-position-any")) }
                option value="none" selected[filter.without_position] { (visit.t("site-position-none")) }
            } }
            (wanted.listing.sort_field(visit))
            button.btn type="submit" { (icon("search")) " " (visit.t("sites-filter")) }
        }
    }
}

/// The mark of a kind: two letters on dark, as on the map.
fn mark(kind: SiteKind) -> Markup {
    html! { span.vx-chip aria-hidden="true" { (kind.sign()) } }
}

fn table(visit: &Visit, listing: &Listing, sites: &[Site]) -> Markup {
    let heads = ["site-telephone", "site-capacity", "site-state"].map(|key| visit.t(key));
    html! {
        div.vx-scroll tabindex="0" { table.vx-table.vx-cards {
            thead { tr { (listing.head(visit, "name")) (listing.head(visit, "kind")) (listing.head(visit, "unit")) th scope="col" { (heads[0]) } th.vx-num scope="col" { (heads[1]) } th scope="col" { (heads[2]) } } }
            tbody data-rows { @for site in sites { tr {
                th scope="row" { a href={ "/sites/" (site.id) } { (site.name) } @if !site.address.is_empty() { div.vx-quiet.fw-normal { (site.address) } } }
                td data-label=(visit.t("site-kind")) { (mark(site.kind)) " " (kind_name(visit, site.kind)) }
                td data-label=(visit.t("site-unit")) { (named(visit, &site.path)) }
                td data-label=(heads[0]) { @if let Some(telephone) = &site.telephone { span.text-nowrap { (telephone) } } @else { "–" } }
                td.vx-num data-label=(heads[1]) { (site.capacity.map_or_else(|| "–".to_owned(), |n| say_count(visit.lang, n))) }
                td data-label=(heads[2]) { (state_chip(visit, site)) @if site.position().is_none() { div.vx-quiet { (visit.t("site-position-none")) } } }
            } } }
        } }
    }
}

/// A site as a row of the file that can be brought again.
pub(super) fn cells(visit: &Visit, site: &Site) -> Vec<Cell> {
    let position = site.position();
    let degrees = |value: Option<f64>| Cell::from(value.map_or_else(String::new, |value| value.to_string()));
    vec![
        kind_name(visit, site.kind).into(),
        site.name.clone().into(),
        site.path.unit().to_owned().into(),
        named(visit, &site.path).into(),
        site.address.clone().into(),
        degrees(position.map(Position::latitude)),
        degrees(position.map(Position::longitude)),
        site.telephone.clone().unwrap_or_default().into(),
        site.capacity.map_or(Cell::Empty, Cell::Count),
        site.from_on.into(),
        site.until_on.into(),
        site.note.clone().into(),
    ]
}

/// The list with its filter and order, to take along; the same columns as a file that is brought, and the state.
async fn export(visit: Visit, Address(kind): Address<String>, Query(query): Pairs) -> PageResult {
    let kind: SheetKind = kind.parse()?;
    let (wanted, today) = (wanted(&visit, &query), visit.today());
    if let Some(problem) = wanted.unit_fault {
        return Err(problem.into());
    }
    let reaches = reaches(visit.actor()?, &visit.app.tree());
    let mut conn = visit.app.db().read().await?;
    let rows = store::all(&mut conn, &reaches, &wanted.filter, today, &wanted.listing, EXPORT_MAX).await?;
    let n = i64::try_from(rows.len()).unwrap_or(i64::MAX);
    let all = if n < EXPORT_MAX { n } else { store::count(&mut conn, &reaches, &wanted.filter, today).await? };
    drop(conn);
    let mut heads: Vec<(&str, u16)> = COLUMNS.iter().map(|column| (heading(column), 20)).collect();
    heads.extend([("site-state", 16), ("site-closed-on", 14)]);
    let mut sheet = Sheet::begin(kind, &visit.t("sites"), &visit.columns(&heads))?;
    for site in &rows {
        let mut row = cells(&visit, site);
        row.extend([visit.t(&format!("site-state-{}", site.state(today))).into(), site.closed_on.into()]);
        sheet.row(&row)?;
    }
    visit.say_cut(&mut sheet, n, all)?;
    Ok(sheet.download(&format!("dia-diem-{today}")).await?)
}

fn field(visit: &Visit, key: &str, help: Option<&str>, input: Markup) -> Markup {
    html! { label.vx-field.d-block { span.form-label { (visit.t(key)) } (input) @if let Some(help) = help { span.vx-quiet { (visit.t(help)) } } } }
}

fn form(visit: &Visit, within: &Path, before: Option<&Site>) -> Markup {
    let action = before.map_or_else(|| "/sites".to_owned(), |site| format!("/sites/{}", site.id));
    let edition = before.map_or_else(|| "site new".to_owned(), |site| format!("site {} {}", site.id, site.version));
    let of = |read: fn(&Site) -> Option<String>| before.and_then(read).unwrap_or_default();
    let home = visit.app.tree();
    let own =
        within.depth() > 0 && home.at_path(within).is_some_and(|unit| home.children(unit.id.as_str()).next().is_none());
    let chosen = before.map(|site| &site.path).or_else(|| (own || within.depth() >= 3).then_some(within));
    html! {
        (visit.form_of_class(&action, "vx-form", html! {
            (field(visit, "site-kind", None, html! { select.form-select name="kind" required {
                @if before.is_none() { option value="" { (visit.t("site-choose-kind")) } }
                @for kind in SiteKind::ALL { option value=(kind) selected[before.is_some_and(|site| site.kind == *kind)] { (kind_name(visit, *kind)) } }
            } }))
            (field(visit, "site-name", None, html! { input.form-control name="name" required maxlength="200" autocomplete="off" value=(of(|site| Some(site.name.clone()))) placeholder=(visit.t("site-name-example")); }))
            (field(visit, "site-unit", Some("site-unit-help"), picker(visit, "unit", within, chosen)))
            (field(visit, "site-address", None, html! { input.form-control name="address" maxlength="500" autocomplete="off" value=(of(|site| Some(site.address.clone()))); }))
            div.vx-bar {
                (field(visit, "site-latitude", None, html! { input.form-control name="latitude" inputmode="text" maxlength="80" autocomplete="off" value=(of(|site| site.position().map(|at| at.latitude().to_string()))) placeholder="9.6037"; }))
                (field(visit, "site-longitude", None, html! { input.form-control name="longitude" inputmode="text" maxlength="80" autocomplete="off" value=(of(|site| site.position().map(|at| at.longitude().to_string()))) placeholder="105.9742"; }))
            }
            p.vx-quiet { (visit.t("site-position-help")) }
            div.vx-bar {
                (field(visit, "site-telephone", None, html! { input.form-control type="tel" name="telephone" maxlength="40" autocomplete="off" value=(of(|site| site.telephone.clone())); }))
                (field(visit, "site-capacity", None, html! { input.form-control name="capacity" inputmode="numeric" maxlength="12" autocomplete="off" value=(of(|site| site.capacity.map(|n| n.to_string()))); }))
            }
            p.vx-quiet { (visit.t("site-telephone-help")) }
            div.vx-bar {
                (field(visit, "site-from", None, html! { input.form-control type="date" name="from_on" value=(of(|site| site.from_on.map(|day| day.to_string()))); }))
                (field(visit, "site-until", None, html! { input.form-control type="date" name="until_on" value=(of(|site| site.until_on.map(|day| day.to_string()))); }))
            }
            (field(visit, "site-note", None, html! { textarea.form-control name="note" rows="2" maxlength="500" { (of(|site| Some(site.note.clone()))) } }))
            (visit.kept(&edition, before.is_none()))
            div.vx-actions { button.btn.btn-primary type="submit" { (icon(if before.is_some() { "check" } else { "plus" })) " " (visit.t(if before.is_some() { "site-change-do" } else { "site-add" })) } }
        }))
    }
}

/// The widest place for which the visitor may do something about sites.
pub(super) fn widest(visit: &Visit, permission: &'static str) -> Result<Path, Problem> {
    units::widest(visit.actor()?, &visit.app.tree(), permission).map(|acting| acting.place)
}

async fn new(visit: Visit) -> PageResult {
    let within = widest(&visit, Add::NAME)?;
    let body = html! {
        div.vx-head { h1 { (visit.t("site-add")) } a.btn href="/sites" { (icon("arrow-left")) " " (visit.t("sites")) } }
        p.vx-quiet { (visit.t("site-add-about")) }
        (form(&visit, &within, None))
    };
    Ok(visit.page(&visit.t("site-add"), body))
}

fn particulars(visit: &Visit, form: &Form) -> Result<Particulars, Problem> {
    let tree = visit.app.tree();
    let unit = picked(&tree, form.text("unit"), visit.today())?;
    let kind = SiteKind::parse(form.text("kind")).ok_or_else(|| Problem::refused("sites.no_kind"))?;
    Ok(Particulars {
        unit: ground(&tree, &unit),
        kind,
        name: form.text("name").to_owned(),
        address: form.text("address").to_owned(),
        position: Position::read(form.text("latitude"), form.text("longitude"))?,
        telephone: form.filled("telephone").map(str::to_owned),
        capacity: form.filled("capacity").map(|_| form.count("capacity")).transpose()?,
        from_on: form.read_filled("from_on")?,
        until_on: form.read_filled("until_on")?,
        note: form.text("note").to_owned(),
    })
}

async fn add(visit: Visit, form: Form) -> PageResult {
    let of = particulars(&visit, &form)?;
    let actor = visit.actor()?;
    let by = acting(actor, &visit.app.tree(), Add::NAME, &of.unit)?;
    let id = execute(visit.app.db(), actor, form.key()?, Add { by, of, reason: None }).await?;
    Ok(see_other(&format!("/sites/{id}"), "sites-said-added"))
}

/// A site that the visitor sees, and for whom they may do something to it.
async fn found(visit: &Visit, id: Id<ids::Site>) -> Result<Site, Problem> {
    store::visible(&mut visit.app.db().read().await?, visit.actor()?, &visit.app.tree(), id).await
}

async fn change(visit: Visit, Address(id): Key, form: Form) -> PageResult {
    let site = found(&visit, id).await?;
    let actor = visit.actor()?;
    let by = acting(actor, &visit.app.tree(), Change::NAME, &site.path)?;
    let of = particulars(&visit, &form)?;
    execute(visit.app.db(), actor, form.key()?, Change { site: id, by, of }).await?;
    Ok(see_other(&format!("/sites/{id}"), "sites-said-changed"))
}

async fn close(visit: Visit, Address(id): Key, form: Form) -> PageResult {
    let site = found(&visit, id).await?;
    let actor = visit.actor()?;
    let by = acting(actor, &visit.app.tree(), Close::NAME, &site.path)?;
    let command = Close { site: id, by, reason: form.text("reason").to_owned() };
    execute(visit.app.db(), actor, form.key()?, command).await?;
    let to = format!("/sites/{id}");
    Ok(visit.see_other_undo(&to, "sites-said-closed", &format!("{to}/reopen")))
}

async fn reopen(visit: Visit, Address(id): Key, form: Form) -> PageResult {
    let site = found(&visit, id).await?;
    let actor = visit.actor()?;
    let by = acting(actor, &visit.app.tree(), Reopen::NAME, &site.path)?;
    let command = Reopen { site: id, by, reason: form.reason_or(&visit.t("undo-reason")).to_owned() };
    execute(visit.app.db(), actor, form.key()?, command).await?;
    Ok(see_other(&format!("/sites/{id}"), "sites-said-reopened"))
}

async fn show(visit: Visit, Address(id): Key) -> PageResult {
    let site = found(&visit, id).await?;
    let mut conn = visit.app.db().read().await?;
    let history = journal::history(&mut conn, id.uuid(), None).await?;
    drop(conn);
    Ok(visit.page(&site.name.clone(), one(&visit, &site, &history)?))
}

fn one(visit: &Visit, site: &Site, history: &[Entry]) -> Result<Markup, Problem> {
    let (actor, tree, lang) = (visit.actor()?, visit.app.tree(), visit.lang);
    let may = |permission| acting(actor, &tree, permission, &site.path).is_ok();
    let address = format!("/sites/{}", site.id);
    let days = match (site.from_on, site.until_on) {
        (None, None) => visit.t("site-days-open"),
        (Some(from), None) => visit.ta("site-days-from", &[("from", say_date(lang, from).into())]),
        (None, Some(until)) => visit.ta("site-days-until", &[("until", say_date(lang, until).into())]),
        (Some(from), Some(until)) => {
            visit.ta("site-days", &[("from", say_date(lang, from).into()), ("until", say_date(lang, until).into())])
        }
    };
    Ok(html! {
        div.vx-head { h1 { (site.name) } (state_chip(visit, site)) a.btn href="/sites" { (icon("arrow-left")) " " (visit.t("sites")) } }
        div.vx-line { (mark(site.kind)) span { (kind_name(visit, site.kind)) } span.vx-quiet { "·" } a href={ "/units/" (site.path.unit()) } { (named(visit, &site.path)) } }
        div.vx-decide {
            @if may(Change::NAME) { details.vx-panel { summary { (icon("edit")) " " (visit.t("site-change")) } (form(visit, &widest(visit, Change::NAME)?, Some(site))) } }
            @if site.closed_on.is_none() && may(Close::NAME) { (with_reason(visit, &format!("{address}/close"), "ban", "site-close", "site-close-about")) }
            @if site.closed_on.is_some() && may(Reopen::NAME) { (with_reason(visit, &format!("{address}/reopen"), "refresh", "site-reopen", "site-reopen-about")) }
        }
        div.vx-record {
            div { section.vx-panel { dl.vx-facts {
                div.vx-wide { dt { (visit.t("site-address")) } dd { @if site.address.is_empty() { "–" } @else { (site.address) } } }
                div { dt { (visit.t("site-telephone")) } dd { @if let Some(telephone) = &site.telephone { a href={ "tel:" (telephone.chars().filter(|c| c.is_ascii_digit() || *c == '+').collect::<String>()) } { (telephone) } } @else { "–" } } }
                div { dt { (visit.t("site-capacity")) } dd { (site.capacity.map_or_else(|| "–".to_owned(), |n| say_count(lang, n))) } }
                div { dt { (visit.t("site-days-of-use")) } dd { (days) } }
                @if let Some(closed) = site.closed_on { div { dt { (visit.t("site-closed-on")) } dd { (say_date(lang, closed)) } } }
                div.vx-wide { dt { (visit.t("site-position")) } dd {
                    @if let Some(position) = site.position() { (position) " " a href={ "/map?within=" (site.path.unit()) "&sites=" (site.kind) } { (icon("map")) " " (visit.t("site-on-map")) } }
                    @else { (visit.t("site-position-none")) @if may(Change::NAME) { " — " span.vx-quiet { (visit.t("site-position-todo")) } } }
                } }
                @if !site.note.is_empty() { div.vx-wide { dt { (visit.t("site-note")) } dd { (site.note) } } }
            } } }
            div { section.vx-panel { h2 { (visit.t("site-history")) } (told(visit, site, history)?) } }
        }
    })
}

fn with_reason(visit: &Visit, action: &str, icon_name: &str, key: &str, about: &str) -> Markup {
    html! {
        details.vx-panel { summary { (icon(icon_name)) " " (visit.t(key)) }
            (visit.form(action, html! {
                p { (visit.t(about)) }
                label.vx-field.d-block { span.form-label { (visit.t("site-reason")) } textarea.form-control name="reason" rows="2" required maxlength="500" {} }
                button.btn type="submit" { (icon(icon_name)) " " (visit.t(key)) }
            }))
        }
    }
}

/// Who did what to a site, newest first.
fn told(visit: &Visit, site: &Site, entries: &[Entry]) -> Result<Markup, Problem> {
    let whole = visit.actor()?.may("journal.read", &site.path);
    Ok(html! {
        ol.vx-history { @for entry in entries { li {
            time datetime=(entry.at.to_string()) { (say_instant(visit.lang, entry.at)) }
            strong { (visit.t(&format!("did-{}", entry.verb.replace('.', "-")))) } " · " (entry.actor_name)
            @if let Some(reason) = &entry.reason { div.vx-prose { "“" (reason) "”" } }
        } } }
        @if whole { a href={ "/journal/record/" (site.id) } { (icon("list-details")) " " (visit.t("site-whole-history")) } }
    })
}
