//! The list of accounts and the page of one.

use axum::{
    extract::{Path as Place, Query},
    http::{StatusCode, header},
    response::{IntoResponse as _, Redirect, Response},
};
use maud::{Markup, html};
use serde_json::Value as Json;
use std::collections::BTreeMap;
use uuid::Uuid;
use vx_concepts::engine::{Command, execute, run};
use vx_kernel::{
    Id, Path, Problem, ids,
    text::fold,
    time::{self, Lang, day_of},
    units,
};
use vx_platform::{
    auth::{
        Account, AccountState, Grant, OpenSession, Role, SecondFactor, factor_of, hash_password, open_sessions,
        personal::{What, note_reading},
        single::{SingleLink, link_of},
        temporary_password,
    },
    journal::{self, Entry},
    web::{Failure, Form, PageResult, Visit, icon, list::Listing, see_other},
};

use crate::filters;

use super::{
    Amend, Close, EndGrant, EndSessions, Ends, GrantRole, LinkSingle, Open, READ, Reopen, ResetFactor, ResetPassword,
    SEE, SetFactorRule, Unlock, run_and_end,
    security::devices,
    sign_in::{field, is_about_input, note_of},
    store::{self, Filter, InState, Listed},
};

/// Accounts in one export.
const EXPORT_MAX: usize = 20_000;
/// Entries that the journal hands out at a time.
const HISTORY_LEN: usize = 200;
/// Units offered when a name fits several.
const UNITS_MAX: usize = 12;

type Asked = Query<Vec<(String, String)>>;

/// What the address asks a list for.
struct Wanted {
    filter: Filter,
    unit_text: String,
    unit_unknown: bool,
    listing: Listing,
}

fn wanted(visit: &Visit, asked: &[(String, String)]) -> Wanted {
    let text = |name: &str| asked.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.trim()).to_owned();
    let unit_text = text("unit");
    let found = if unit_text.is_empty() { Vec::new() } else { units_named(visit, &unit_text, READ) };
    let filter = Filter {
        words: text("q"),
        role: Role::parse(&text("role")),
        unit: found.first().cloned(),
        shown: InState::parse(&text("state")),
    };
    let listing = Listing::parse("/accounts", store::ORDERS, asked);
    Wanted { unit_unknown: !unit_text.is_empty() && found.is_empty(), filter, unit_text, listing }
}

/// Units of a key or a name, of those where the visitor holds a permission; one when the text leaves no doubt.
fn units_named(visit: &Visit, text: &str, permission: &str) -> Vec<Path> {
    let Some(actor) = visit.signed.as_ref().map(|signed| &signed.actor) else { return Vec::new() };
    let tree = visit.app.tree();
    if let Some(unit) = tree.get(text) {
        return if actor.may(permission, &unit.path) { vec![unit.path.clone()] } else { Vec::new() };
    }
    let today = visit.today();
    let mut found: Vec<(units::Rank, bool, Path)> = Vec::new();
    for reach in actor.reach(permission) {
        let within = Some(&reach.path).filter(|path| !path.is_root());
        let query = units::Query { text, on: Some(today), within, kinds: &[], limit: UNITS_MAX };
        for hit in tree.search(&query) {
            let fresh = !found.iter().any(|(_, _, path)| *path == hit.unit.path);
            if fresh && actor.may(permission, &hit.unit.path) {
                let whole = fold(&hit.unit.full_name_on(today)) == fold(text);
                found.push((hit.rank, !whole, hit.unit.path.clone()));
            }
        }
    }
    found.sort_by_key(|(rank, other, _)| (*other, *rank));
    let certain = found.iter().filter(|(_, other, _)| !other).count();
    found.truncate(if certain == 1 { 1 } else { UNITS_MAX });
    found.into_iter().map(|(_, _, path)| path).collect()
}

fn unit_name(visit: &Visit, path: &Path) -> String {
    if path.is_root() {
        return visit.t("accounts-whole-system");
    }
    let tree = visit.app.tree();
    tree.at_path(path).map_or_else(|| path.to_string(), |unit| unit.full_name_on(visit.today()))
}

/// The unit with the one above it, where names alone are not enough.
pub(super) fn unit_in_full(visit: &Visit, path: &Path) -> String {
    let name = unit_name(visit, path);
    match path.parent().filter(|parent| !parent.is_root()) {
        Some(parent) => format!("{name} ({})", unit_name(visit, &parent)),
        None => name,
    }
}

pub(super) fn role_name(visit: &Visit, role: Role) -> String {
    visit.t(&format!("role-{role}"))
}

fn state_key(account: &Account, visit: &Visit) -> &'static str {
    match account.state {
        AccountState::Closed => "accounts-state-closed",
        AccountState::Active if account.locked_until.is_some_and(|until| until > visit.now()) => {
            "accounts-state-locked"
        }
        AccountState::Active if account.is_over(visit.today()) => "accounts-state-over",
        AccountState::Active if account.must_change => "accounts-state-temporary",
        AccountState::Active => "accounts-state-active",
    }
}

/// `GET /accounts`
pub(super) async fn list(visit: Visit, Query(asked): Asked) -> PageResult {
    let wanted = wanted(&visit, &asked);
    let listing = &wanted.listing;
    let mut conn = visit.app.db().read().await?;
    let kept = filters::kept(&visit, &mut conn, listing.address).await?;
    if let Some(first) = kept.first(&visit) {
        return Ok(first);
    }
    let shown = if wanted.unit_unknown {
        listing.shown(Vec::new(), |_| String::new(), 0, 0, false)
    } else {
        store::list(&mut conn, visit.actor()?, &wanted.filter, visit.now(), listing).await?
    };
    drop(conn);
    let title = visit.t("accounts-nav");
    let body = html! {
        div.vx-head {
            h1 { (title) " " span.vx-quiet { (time::say_count(visit.lang, shown.total)) } }
            @if visit.may_anywhere(Open::NAME) {
                a.btn.btn-primary href="/accounts/new" { (icon("plus")) (visit.t("accounts-open")) }
            }
            a.btn href=(listing.also_at("/accounts.csv")) download { (icon("download")) (visit.t("accounts-export")) }
        }
        @if visit.may_anywhere(SEE) {
            p {
                a href="/accounts/tries" { (visit.t("accounts-tries")) } " · "
                a href="/accounts/readings" { (visit.t("accounts-readings")) }
                @if visit.may_anywhere(SetFactorRule::NAME) { " · " a href="/accounts/factor-rule" { (visit.t("accounts-rule")) } }
            }
        }
        @if wanted.filter.shown == Some(InState::Dormant) {
            p.vx-quiet { (visit.ta("accounts-dormant-about", &[("day", time::say_date(visit.lang, day_of(store::dormant_since(visit.now()))).into())])) }
        }
        (filter_form(&visit, &wanted))
        (kept.bar(&visit, &listing.query()))
        @if wanted.unit_unknown {
            (note_of(&visit, &Problem::refused("accounts.unit_unknown").with("text", &wanted.unit_text)))
        } @else if let Some(unit) = &wanted.filter.unit {
            p.vx-quiet { (visit.ta("accounts-within", &[("unit", unit_in_full(&visit, unit).into())])) }
        }
        @if shown.rows.is_empty() {
            div.vx-empty {
                (icon("users"))
                p { (visit.t(if listing.is_narrowed() { "accounts-none-found" } else { "accounts-none" })) }
                @if listing.is_narrowed() { a.btn href="/accounts?all=1" { (icon("x")) (visit.t("accounts-show-all")) } }
            }
        } @else {
            (table(&visit, listing, &shown.rows))
        }
        (listing.pages(&visit, &shown))
    };
    Ok(visit.page(&title, body))
}

fn filter_form(visit: &Visit, wanted: &Wanted) -> Markup {
    let filter = &wanted.filter;
    html! {
        form.vx-filters method="get" action="/accounts" aria-label=(visit.t("list-filter")) {
            div {
                label.form-label for="q" { (visit.t("accounts-filter-words")) }
                input.form-control #q type="search" name="q" value=(filter.words) placeholder=(visit.t("accounts-filter-words-hint"));
            }
            div {
                label.form-label for="unit" { (visit.t("accounts-unit")) }
                input.form-control #unit name="unit" value=(wanted.unit_text);
            }
            div {
                label.form-label for="role" { (visit.t("accounts-role")) }
                select.form-select #role name="role" {
                    option value="" { (visit.t("accounts-any")) }
                    @for role in grantable() {
                        option value=(role) selected[filter.role == Some(role)] { (role_name(visit, role)) }
                    }
                }
            }
            div {
                label.form-label for="state" { (visit.t("accounts-state")) }
                select.form-select #state name="state" {
                    option value="" { (visit.t("accounts-any")) }
                    @for shown in InState::ALL {
                        option value=(shown) selected[filter.shown == Some(*shown)] { (visit.t(&format!("accounts-state-{shown}"))) }
                    }
                }
            }
            (wanted.listing.sort_field(visit))
            button.btn type="submit" { (icon("search")) (visit.t("accounts-filter")) }
        }
    }
}

/// The roles that people can hold.
pub(super) fn grantable() -> impl Iterator<Item = Role> {
    Role::ALL.iter().copied().filter(|role| *role != Role::System)
}

fn used_words(visit: &Visit, at: Option<jiff::Timestamp>) -> String {
    match at {
        Some(at) => visit.ta("accounts-used-on", &[("day", time::say_date(visit.lang, day_of(at)).into())]),
        None => visit.t("accounts-used-never"),
    }
}

fn roles_text(visit: &Visit, listed: &Listed) -> Vec<String> {
    listed
        .grants
        .iter()
        .map(|grant| format!("{} – {}", role_name(visit, grant.role), unit_name(visit, &grant.path)))
        .collect()
}

fn table(visit: &Visit, listing: &Listing, listed: &[Listed]) -> Markup {
    let heads = ["accounts-name", "accounts-login", "accounts-unit", "accounts-roles", "accounts-state"]
        .map(|key| visit.t(key));
    html! {
        div.vx-scroll tabindex="0" {
            table.vx-table.vx-cards {
                thead { tr { (listing.head(visit, "name")) (listing.head(visit, "login")) @for head in heads.iter().skip(2) { th scope="col" { (head) } } } }
                tbody data-rows {
                    @for one in listed {
                        @let account = &one.account;
                        tr {
                            th scope="row" {
                                a href={ "/accounts/" (account.id) } { (account.name) }
                                div.vx-quiet.fw-normal { (account.title) }
                            }
                            td data-label=(heads[1]) { (account.login) }
                            td data-label=(heads[2]) { (unit_name(visit, &account.path)) }
                            td data-label=(heads[3]) {
                                @let roles = roles_text(visit, one);
                                @if roles.is_empty() { span.vx-quiet { (visit.t("accounts-no-role")) } }
                                @for role in roles.iter().take(3) { div { (role) } }
                                @if roles.len() > 3 {
                                    div.vx-quiet { (visit.ta("accounts-more-roles", &[("n", (roles.len() - 3).into())])) }
                                }
                            }
                            td data-label=(heads[4]) {
                                span.vx-state { (visit.t(state_key(account, visit))) }
                                div.vx-quiet { (used_words(visit, one.used_at)) }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// `GET /accounts.csv`: the same rows as the list, all of them.
pub(super) async fn export(visit: Visit, Query(asked): Asked) -> PageResult {
    let wanted = wanted(&visit, &asked);
    let listed = if wanted.unit_unknown {
        Vec::new()
    } else {
        let mut conn = visit.app.db().read().await?;
        let (actor, limit) = (visit.actor()?, EXPORT_MAX + 1);
        store::all(&mut conn, actor, &wanted.filter, visit.now(), &wanted.listing, limit).await?
    };
    if listed.len() > EXPORT_MAX {
        let problem = Problem::new(vx_kernel::ProblemKind::TooLarge, "accounts.export_too_large");
        return Err(problem.with("max", EXPORT_MAX).into());
    }
    let from = visit.actor()?.homes().first().map_or_else(Path::root, |path| (*path).clone());
    note_reading(visit.app.db(), visit.actor()?, What::AccountsFile, &from, None, listed.len()).await?;
    // The mark tells spreadsheets that this is UTF-8; the semicolon is what they expect where the comma is decimal.
    let mut csv = String::from("\u{feff}");
    let heads = [
        "accounts-name",
        "accounts-title",
        "accounts-login",
        "accounts-unit",
        "accounts-roles",
        "accounts-state",
        "accounts-used",
    ];
    csv_line(&mut csv, &heads.map(|key| visit.t(key)));
    for one in &listed {
        let account = &one.account;
        csv_line(
            &mut csv,
            &[
                account.name.clone(),
                account.title.clone(),
                account.login.clone(),
                unit_in_full(&visit, &account.path),
                roles_text(&visit, one).join(", "),
                visit.t(state_key(account, &visit)),
                one.used_at.map(|at| time::say_date(visit.lang, day_of(at))).unwrap_or_default(),
            ],
        );
    }
    let name = match visit.lang {
        Lang::Vi | Lang::Km => "tai-khoan",
        Lang::En => "accounts",
    };
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}-{}.csv\"", visit.today())),
    ];
    Ok((headers, csv).into_response())
}

/// One line; a cell that a spreadsheet would run as a formula is marked as text.
pub(crate) fn csv_line(csv: &mut String, cells: &[String]) {
    for (index, cell) in cells.iter().enumerate() {
        csv.push_str(if index == 0 { "\"" } else { ";\"" });
        if cell.trim_start().starts_with(['=', '+', '-', '@', '\t', '\r']) {
            csv.push('\'');
        }
        csv.push_str(&cell.replace('"', "\"\""));
        csv.push('"');
    }
    csv.push_str("\r\n");
}

/// What a form was sent with and why it came back.
#[derive(Default)]
struct Again<'a> {
    form: Option<&'a Form>,
    problem: Option<Problem>,
    units: Vec<Path>,
}

impl Again<'_> {
    fn text<'t>(&'t self, name: &str, first: &'t str) -> &'t str {
        self.form.map_or(first, |form| form.text(name))
    }
}

/// The unit that a form names by key, by pick or by name.
fn unit_of(visit: &Visit, form: &Form, permission: &'static str) -> Result<Path, (Problem, Vec<Path>)> {
    let actor = visit.actor().map_err(|problem| (problem, Vec::new()))?;
    if form.filled("unit_whole").is_some() && actor.may(permission, &Path::root()) {
        return Ok(Path::root());
    }
    let (text, home) = (form.text("unit"), form.text("unit_home"));
    let same_name = |key: &&str| visit.app.tree().get(key).is_some_and(|unit| unit.full_name_on(visit.today()) == text);
    let wanted = form.filled("unit_pick").or(Some(home).filter(same_name)).unwrap_or(text);
    if wanted.is_empty() {
        return Err((Problem::refused("accounts.unit_missing"), Vec::new()));
    }
    let mut found = units_named(visit, wanted, permission);
    match found.len() {
        0 => Err((Problem::refused("accounts.unit_unknown").with("text", wanted), Vec::new())),
        1 => Ok(found.remove(0)),
        _ => Err((Problem::refused("accounts.unit_unclear").with("text", wanted), found)),
    }
}

fn unit_field(visit: &Visit, again: &Again<'_>, permission: &str, home: Option<&Path>) -> Markup {
    let name = home.filter(|path| !path.is_root()).map(|path| unit_name(visit, path)).unwrap_or_default();
    let whole = visit.signed.as_ref().is_some_and(|signed| signed.actor.may(permission, &Path::root()));
    html! {
        (field(&visit.t("accounts-unit"), "unit", Some(&visit.t("accounts-unit-hint")), html! {
            input.form-control #unit name="unit" value=(again.text("unit", &name)) aria-describedby="unit-hint";
            @if let Some(home) = home { input type="hidden" name="unit_home" value=(home.unit()); }
        }))
        @if !again.units.is_empty() {
            fieldset.vx-field {
                legend.form-label { (visit.t("accounts-unit-which")) }
                @for path in &again.units {
                    label.form-check {
                        input.form-check-input type="radio" name="unit_pick" value=(path.unit());
                        span.form-check-label { (unit_in_full(visit, path)) }
                    }
                }
            }
        }
        @if whole {
            label.form-check.vx-field {
                input.form-check-input type="checkbox" name="unit_whole" value="1" checked[!again.text("unit_whole", "").is_empty()];
                span.form-check-label { (visit.t("accounts-unit-whole")) }
            }
        }
    }
}

fn role_field(visit: &Visit, again: &Again<'_>, none: bool) -> Markup {
    let chosen = Role::parse(again.text("role", ""));
    field(
        &visit.t("accounts-role"),
        "role",
        None,
        html! {
            select.form-select #role name="role" required[!none] {
                option value="" { (visit.t(if none { "accounts-no-role-yet" } else { "accounts-choose-role" })) }
                @for role in grantable() {
                    option value=(role) selected[chosen == Some(role)] {
                        (role_name(visit, role)) ": " (visit.t(&format!("role-{role}.about")))
                    }
                }
            }
        },
    )
}

fn text_field(label: &str, name: &str, value: &str, hint: Option<&str>, required: bool) -> Markup {
    field(
        label,
        name,
        hint,
        html! {
            input.form-control id=(name) name=(name) value=(value) required[required] maxlength="200" autocomplete="off";
        },
    )
}

/// The last day of an account, for whoever comes for a time.
fn last_day_field(visit: &Visit, value: &str) -> Markup {
    field(
        &visit.t("accounts-last-day"),
        "last_day",
        Some(&visit.t("accounts-last-day-hint")),
        html! { input.form-control #last_day type="date" name="last_day" value=(value) aria-describedby="last_day-hint"; },
    )
}

/// `GET /accounts/new`
pub(super) async fn new(visit: Visit) -> PageResult {
    Ok(new_page(&visit, &Again::default()))
}

fn new_page(visit: &Visit, again: &Again<'_>) -> Response {
    let title = visit.t("accounts-open");
    let form = html! {
        (text_field(&visit.t("accounts-name"), "name", again.text("name", ""), None, true))
        (text_field(&visit.t("accounts-title"), "title", again.text("title", ""), Some(&visit.t("accounts-title-hint")), false))
        (text_field(&visit.t("accounts-login"), "login", again.text("login", ""), Some(&visit.t("accounts-login-hint")), true))
        (last_day_field(visit, again.text("last_day", "")))
        (unit_field(visit, again, Open::NAME, None))
        @if visit.may_anywhere(GrantRole::NAME) { (role_field(visit, again, true)) }
        p.vx-quiet { (visit.t("accounts-open-what")) }
        div.vx-actions {
            button.btn.btn-primary type="submit" { (icon("plus")) (title) }
            a.btn href="/accounts" { (visit.t("accounts-back")) }
        }
    };
    let body = html! {
        div.vx-head { h1 { (title) } }
        div.vx-form {
            @if let Some(problem) = &again.problem { (note_of(visit, problem)) }
            (visit.form("/accounts/new", form))
        }
    };
    visit.page(&title, body)
}

/// `POST /accounts/new`
pub(super) async fn open(visit: Visit, form: Form) -> PageResult {
    let came_back = |problem: Problem, units: Vec<Path>| {
        if !is_about_input(&problem) {
            return Err(Failure(problem));
        }
        let again = Again { form: Some(&form), problem: Some(problem), units };
        Ok((StatusCode::UNPROCESSABLE_ENTITY, new_page(&visit, &again)).into_response())
    };
    let path = match unit_of(&visit, &form, Open::NAME) {
        Ok(path) => path,
        Err((problem, units)) => return came_back(problem, units),
    };
    let until_on = match form.read_filled("last_day") {
        Ok(until_on) => until_on,
        Err(problem) => return came_back(problem, Vec::new()),
    };
    let secret = temporary_password();
    let open = Open {
        id: Id::fresh(),
        login: form.text("login").to_lowercase(),
        name: form.text("name").to_owned(),
        title: form.text("title").to_owned(),
        path,
        password: hash_password(secret.clone()).await?,
        must_change: true,
        until_on,
    };
    let (key, role) = (form.key()?, Role::parse(form.text("role")));
    let fresh = open.id;
    let shared = std::sync::Arc::new((visit.actor()?.clone(), open));
    let opened = visit.app.db().write(move |tx| {
        let shared = shared.clone();
        Box::pin(async move {
            let (by, open) = &*shared;
            let id = run(tx, by, key, open).await?;
            if let (Some(role), true) = (role, id == open.id.uuid()) {
                let grant = GrantRole {
                    id: Id::fresh(),
                    account: open.id,
                    role,
                    path: open.path.clone(),
                    from_on: day_of(tx.now()),
                    until_on: None,
                    deputy_for: None,
                };
                run(tx, by, Uuid::now_v7(), &grant).await?;
            }
            tx.load::<Account>(id).await
        })
    });
    match opened.await {
        // The form was sent twice: the first answer has shown the password.
        Ok(account) if account.id != fresh => Ok(Redirect::to(&format!("/accounts/{}", account.id)).into_response()),
        Ok(account) => Ok(secret_page(&visit, &account, "accounts-opened", &secret)),
        Err(problem) => came_back(problem, Vec::new()),
    }
}

/// The one time that a temporary password is shown.
fn secret_page(visit: &Visit, account: &Account, title: &str, secret: &str) -> Response {
    let title = visit.ta(title, &[("name", account.name.as_str().into())]);
    let body = html! {
        div.vx-form {
            div.vx-head { h1 { (title) } }
            section.vx-panel {
                dl.vx-facts {
                    div { dt { (visit.t("accounts-login")) } dd { code { (account.login) } } }
                    div { dt { (visit.t("accounts-password-temporary")) } dd { code { (secret) } } }
                }
            }
            p.mt-3 { (visit.t("accounts-secret-once")) }
            div.vx-actions {
                a.btn.btn-primary href={ "/accounts/" (account.id) } { (icon("user")) (visit.t("accounts-to-account")) }
                a.btn href="/accounts/new" { (icon("plus")) (visit.t("accounts-open-another")) }
            }
        }
    };
    visit.page(&title, body)
}

/// An account as its reader sees it.
struct View {
    account: Account,
    grants: Vec<Grant>,
    history: Vec<Entry>,
    /// Where the next page of history begins.
    older: Option<Uuid>,
    names: BTreeMap<Id<ids::Account>, String>,
    factor: Option<SecondFactor>,
    link: Option<SingleLink>,
    open: Vec<OpenSession>,
    used_at: Option<jiff::Timestamp>,
    /// Units where nobody else is left.
    alone: Vec<Path>,
}

fn id_of<K>(text: &str) -> Result<Id<K>, Problem> {
    text.parse().map_err(|_| Problem::not_found())
}

async fn view(visit: &Visit, id: &str, before: Option<Uuid>) -> Result<View, Problem> {
    let id: Id<ids::Account> = id_of(id)?;
    let actor = visit.actor()?;
    let mut conn = visit.app.db().read().await?;
    let account: Account = conn.load(id).await?;
    let grants = store::grants_of(&mut conn, id, None).await?;
    let running: Vec<Grant> = grants.iter().filter(|grant| !is_over(visit, grant)).cloned().collect();
    if !store::sees(actor, &account, &running) {
        return Err(Problem::not_found());
    }
    let grants = store::seen_grants(actor, &account, grants);
    let mut history = journal::history(&mut conn, id.uuid(), before).await?;
    let older = history.last().filter(|_| history.len() >= HISTORY_LEN).map(|entry| entry.id);
    // Who sees the person through one role only has no business with the others.
    history.retain(|entry| actor.may(READ, &entry.path));
    let principals = grants.iter().filter_map(|grant| grant.deputy_for);
    let named = history.iter().filter_map(|entry| {
        let name = entry.changed.get("deputy_for")?.get(1)?.as_str()?;
        name.parse().ok()
    });
    let names = store::names_of(&mut conn, principals.chain(named)).await?;
    let factor = factor_of(&mut conn, id).await?.filter(SecondFactor::holds);
    let link = link_of(&mut conn, id).await?.filter(|link| link.subject.is_some());
    let open = open_sessions(&mut conn, id, None, visit.now()).await?;
    let (used_at, alone) = (store::used_at(&mut conn, id).await?, store::alone_in(&mut conn, id, visit.today()).await?);
    drop(conn);
    note_reading(visit.app.db(), actor, What::Account, &account.path, Some(id), 1).await?;
    Ok(View { account, grants, history, older, names, factor, link, open, used_at, alone })
}

fn is_over(visit: &Visit, grant: &Grant) -> bool {
    grant.until_on.is_some_and(|until| until < visit.today())
}

/// `GET /accounts/{id}`
pub(super) async fn show(visit: Visit, Place(id): Place<String>, Query(asked): Asked) -> PageResult {
    let before = asked.iter().find(|(name, _)| name == "before").and_then(|(_, value)| value.parse().ok());
    let view = view(&visit, &id, before).await?;
    Ok(account_page(&visit, &view, &Again::default()))
}

fn account_page(visit: &Visit, view: &View, again: &Again<'_>) -> Response {
    let account = &view.account;
    let may =
        |permission: &str| visit.signed.as_ref().is_some_and(|signed| signed.actor.may(permission, &account.path));
    let can_grant = account.state == AccountState::Active && visit.may_anywhere(GrantRole::NAME);
    let running = view.grants.iter().filter(|grant| !is_over(visit, grant));
    let over: Vec<&Grant> = view.grants.iter().filter(|grant| is_over(visit, grant)).collect();
    let locked = account.locked_until.filter(|until| *until > visit.now());
    let body = html! {
        div.vx-head { h1 { (account.name) } a.btn href="/accounts" { (icon("arrow-left")) (visit.t("accounts-nav")) } }
        div.vx-line {
            span.vx-state { (visit.t(state_key(account, visit))) }
            @if let Some(until) = locked { span { (visit.t("accounts-locked-until")) " " (visit.at(until)) } }
            span { (account.title) }
            span.vx-chip { (icon("building")) (unit_name(visit, &account.path)) }
        }
        div.vx-record {
            div {
                section.vx-panel {
                    h2 { (visit.t("accounts-facts")) }
                    dl.vx-facts {
                        div { dt { (visit.t("accounts-login")) } dd { (account.login) } }
                        div { dt { (visit.t("accounts-unit")) } dd { (unit_in_full(visit, &account.path)) } }
                        @if let Some(until) = account.until_on { div { dt { (visit.t("accounts-last-day")) } dd { (time::say_date(visit.lang, until)) } } }
                        div { dt { (visit.t("accounts-used")) } dd { @if let Some(at) = view.used_at { (visit.at(at)) } @else { (visit.t("accounts-used-never")) } } }
                    }
                    (account_actions(visit, view, locked.is_some(), &may))
                }
                (security_panel(visit, view, &may))
                section.vx-panel {
                    h2 { (visit.t("accounts-roles")) }
                    @let running: Vec<&Grant> = running.collect();
                    @if running.is_empty() { p.vx-quiet { (visit.t("accounts-no-role-what")) } }
                    @else { (grants_table(visit, view, &running, true)) }
                    @if !over.is_empty() {
                        details {
                            summary { (visit.ta("accounts-roles-over", &[("n", over.len().into())])) }
                            (grants_table(visit, view, &over, false))
                        }
                    }
                }
                @if can_grant {
                    section.vx-panel #grant {
                        h2 { (visit.t("accounts-grant")) }
                        @if let Some(problem) = &again.problem { (note_of(visit, problem)) }
                        (grant_form(visit, account, again))
                    }
                }
            }
            section.vx-panel {
                h2 { (visit.t("accounts-history")) }
                (history(visit, view))
            }
        }
    };
    visit.page(&account.name, body)
}

/// Second factor and open devices of somebody, for who looks after the accounts.
fn security_panel(visit: &Visit, view: &View, may: &dyn Fn(&str) -> bool) -> Markup {
    let account = &view.account;
    let own = visit.signed.as_ref().is_some_and(|signed| signed.account == account.id);
    let to = |verb: &str| format!("/accounts/{}/{verb}", account.id);
    html! {
        section.vx-panel #security {
            h2 { (visit.t("accounts-security")) }
            dl.vx-facts {
                div { dt { (visit.t("accounts-factor")) } dd {
                    @match &view.factor {
                        Some(factor) => {
                            (visit.t("accounts-factor-on"))
                            @if let Some(at) = factor.confirmed_at { " " (visit.t("accounts-factor-since")) " " (visit.at(at)) }
                        }
                        None => (visit.t("accounts-factor-off")),
                    }
                } }
                @if visit.app.provider().is_some() {
                    div { dt { (visit.t("accounts-single-name")) } dd {
                        @match view.link.as_ref().and_then(|link| link.subject.as_ref()) {
                            Some(subject) => (subject),
                            None => (visit.t("accounts-single-none")),
                        }
                    } }
                }
                div { dt { (visit.t("accounts-devices")) } dd { (view.open.len()) } }
            }
            @if visit.app.provider().is_some() && account.state == AccountState::Active && may(LinkSingle::NAME) {
                details.mt-3 {
                    summary { (visit.t("accounts-link_single")) }
                    p { (visit.t("accounts-single-what")) }
                    (visit.form(&to("link-single"), html! {
                        @let subject = view.link.as_ref().and_then(|link| link.subject.as_deref()).unwrap_or_default();
                        label.vx-field.d-block { span.form-label { (visit.t("accounts-single-name")) }
                            input.form-control name="subject" value=(subject) maxlength="255" autocomplete="off" spellcheck="false"; }
                        button.btn type="submit" { (icon("check")) " " (visit.t("accounts-link_single")) }
                    }))
                }
            }
            @if own { p.mb-0 { a href="/security" { (visit.t("own-security")) } } }
            @if view.factor.is_some() && !own && may(ResetFactor::NAME) {
                details.mt-3 {
                    summary { (visit.t("accounts-reset_factor")) }
                    p { (visit.t("accounts-reset-factor-what")) }
                    (reason_form(visit, &to("reset-factor"), "refresh", "accounts-reset_factor", html! {}))
                }
            }
            @if !view.open.is_empty() && !own && may(EndSessions::NAME) {
                details.mt-3 {
                    summary { (visit.t("accounts-end_sessions")) }
                    (devices(visit, &view.open, None))
                    (reason_form(visit, &to("end-sessions"), "logout", "accounts-end_sessions", html! {}))
                }
            }
            @if may(SEE) {
                p.mt-3.mb-0 {
                    a href={ "/accounts/tries?account=" (account.id) } { (visit.t("accounts-tries")) } " · "
                    a href={ "/accounts/readings?account=" (account.id) } { (visit.t("accounts-readings")) }
                }
            }
        }
    }
}

fn account_actions(visit: &Visit, view: &View, locked: bool, may: &dyn Fn(&str) -> bool) -> Markup {
    let account = &view.account;
    let own = visit.signed.as_ref().is_some_and(|signed| signed.account == account.id);
    let to = |verb: &str| format!("/accounts/{}/{verb}", account.id);
    let active = account.state == AccountState::Active;
    html! {
        @if own { p.mt-3.mb-0 { a href="/password" { (visit.t("accounts-change_password")) } } }
        @if may(crate::tokens::READ) { p.mt-3.mb-0 { a href={ "/tokens/within?account=" (account.id) } { (visit.t("tokens-of-others")) } } }
        @if locked && may(Unlock::NAME) {
            div.vx-actions { (visit.button(&to("unlock"), "btn btn-primary", "lock", "accounts-unlock")) }
        }
        @if active && may(Amend::NAME) {
            details.mt-3 {
                summary { (visit.t("accounts-amend")) }
                (visit.form(&to("amend"), html! {
                    (text_field(&visit.t("accounts-name"), "name", &account.name, None, true))
                    (text_field(&visit.t("accounts-title"), "title", &account.title, Some(&visit.t("accounts-title-hint")), false))
                    (last_day_field(visit, &account.until_on.map(|day| day.to_string()).unwrap_or_default()))
                    button.btn type="submit" { (icon("edit")) (visit.t("accounts-amend")) }
                }))
            }
        }
        @if active && !own && may(ResetPassword::NAME) {
            details.mt-3 {
                summary { (visit.t("accounts-reset_password")) }
                p { (visit.t("accounts-reset-what")) }
                (visit.button(&to("reset"), "btn", "refresh", "accounts-reset_password"))
            }
        }
        @if active && !own && may(Close::NAME) {
            details.mt-3 {
                summary { (visit.t("accounts-close")) }
                p { (visit.t("accounts-close-what")) }
                @if !view.alone.is_empty() {
                    div.vx-note {
                        strong { (visit.t("accounts-close-alone")) }
                        ul.mb-0 { @for path in &view.alone { li { (unit_in_full(visit, path)) } } }
                    }
                }
                (reason_form(visit, &to("close"), "ban", "accounts-close", html! {
                    @if may(GrantRole::NAME) {
                        (text_field(&visit.t("accounts-successor"), "successor", "", Some(&visit.t("accounts-successor-hint")), false))
                    }
                }))
            }
        }
        @if !active && may(Reopen::NAME) {
            details.mt-3 {
                summary { (visit.t("accounts-reopen")) }
                (reason_form(visit, &to("reopen"), "check", "accounts-reopen", html! {}))
            }
        }
    }
}

fn reason_form(visit: &Visit, to: &str, icon_name: &str, key: &str, more: Markup) -> Markup {
    visit.form(to, html! {
        (more)
        label.form-label { (visit.t("accounts-reason")) textarea.form-control name="reason" rows="2" maxlength="1000" required {} }
        button.btn.btn-danger type="submit" { (icon(icon_name)) (visit.t(key)) }
    })
}

fn span_text(visit: &Visit, grant: &Grant) -> String {
    let from = time::say_date(visit.lang, grant.from_on);
    match grant.until_on {
        Some(until) if until < grant.from_on => visit.ta("accounts-span-never", &[("from", from.into())]),
        Some(until) => {
            let until = time::say_date(visit.lang, until);
            visit.ta("accounts-span", &[("from", from.into()), ("until", until.into())])
        }
        None => visit.ta("accounts-span-open", &[("from", from.into())]),
    }
}

fn grants_table(visit: &Visit, view: &View, grants: &[&Grant], running: bool) -> Markup {
    let heads = ["accounts-role", "accounts-unit", "accounts-when"].map(|key| visit.t(key));
    let may = |path| visit.signed.as_ref().is_some_and(|signed| signed.actor.may(EndGrant::NAME, path));
    html! {
        table.vx-table.vx-cards {
            thead { tr { @for head in &heads { th scope="col" { (head) } } } }
            tbody {
                @for grant in grants {
                    tr {
                        th scope="row" {
                            (role_name(visit, grant.role))
                            @if let Some(id) = grant.deputy_for {
                                @let name = view.names.get(&id).map_or("", String::as_str);
                                div.vx-quiet.fw-normal { (visit.ta("accounts-deputy-of", &[("name", name.into())])) }
                            }
                        }
                        td data-label=(heads[1]) { (unit_name(visit, &grant.path)) }
                        td data-label=(heads[2]) {
                            (span_text(visit, grant))
                            @if grant.from_on > visit.today() { div { span.vx-state { (visit.t("accounts-not-yet")) } } }
                            @if running && may(&grant.path) {
                                details {
                                    summary { (visit.t("accounts-end_grant")) }
                                    (reason_form(visit, &format!("/accounts/{}/grants/{}/end", grant.account, grant.id), "x",
                                        "accounts-end_grant", html! {
                                        fieldset.vx-field {
                                            legend.form-label { (visit.t("accounts-end-when")) }
                                            label.form-check {
                                                input.form-check-input type="radio" name="when" value="today" checked;
                                                span.form-check-label { (visit.t("accounts-end-today")) }
                                            }
                                            label.form-check {
                                                input.form-check-input type="radio" name="when" value="now";
                                                span.form-check-label { (visit.t("accounts-end-now")) }
                                            }
                                        }
                                    }))
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn grant_form(visit: &Visit, account: &Account, again: &Again<'_>) -> Markup {
    let today = visit.today().to_string();
    let date = |name: &str, label: &str, first: &str, hint: Option<&str>, required: bool| {
        field(
            &visit.t(label),
            name,
            hint,
            html! {
                input.form-control type="date" id=(name) name=(name) value=(again.text(name, first)) required[required];
            },
        )
    };
    visit.form(&format!("/accounts/{}/grant", account.id), html! {
        (role_field(visit, again, false))
        (unit_field(visit, again, GrantRole::NAME, Some(&account.path)))
        (date("from_on", "accounts-from", &today, None, true))
        (date("until_on", "accounts-until", "", Some(&visit.t("accounts-until-hint")), false))
        (text_field(&visit.t("accounts-deputy-for"), "deputy_for", again.text("deputy_for", ""), Some(&visit.t("accounts-deputy-hint")), false))
        button.btn.btn-primary type="submit" { (icon("check")) (visit.t("accounts-grant")) }
    })
}

fn history(visit: &Visit, view: &View) -> Markup {
    html! {
        @if view.history.is_empty() { p.vx-quiet { (visit.t("accounts-history-none")) } }
        ol.vx-history {
            @for entry in &view.history {
                li {
                    (visit.at(entry.at))
                    div { strong { (visit.t(&entry.verb.replace('.', "-"))) } }
                    div {
                        (entry.actor_name)
                        @if let Some(name) = &entry.on_behalf_of { " (" (visit.ta("accounts-deputy-of", &[("name", name.as_str().into())])) ")" }
                    }
                    @if let Some(reason) = &entry.reason { div { (visit.t("accounts-reason")) ": " (reason) } }
                    @for (label, was, is) in changes(visit, view, entry) {
                        div.vx-quiet { (label) ": " @if let Some(was) = was { (was) " → " } (is) }
                    }
                }
            }
        }
        @if let Some(before) = view.older {
            a.btn href={ "/accounts/" (view.account.id) "?before=" (before) } { (visit.t("accounts-history-older")) }
        }
    }
}

/// The changed fields that say something to a reader: label, before (if there was one), after.
fn changes(visit: &Visit, view: &View, entry: &Entry) -> Vec<(String, Option<String>, String)> {
    const SHOWN: [(&str, &str); 9] = [
        ("login", "accounts-login"),
        ("name", "accounts-name"),
        ("title", "accounts-title"),
        ("path", "accounts-unit"),
        ("role", "accounts-role"),
        ("from_on", "accounts-from"),
        ("until_on", "accounts-until"),
        ("deputy_for", "accounts-deputy-principal"),
        ("locked_until", "accounts-locked-until"),
    ];
    let said = |field: &str, value: &Json| -> Option<String> {
        let text = value.as_str().filter(|text| !text.is_empty() || field == "path")?;
        Some(match field {
            "path" => Path::parse(text).map_or_else(|_| text.to_owned(), |path| unit_in_full(visit, &path)),
            "role" => Role::parse(text).map_or_else(|| text.to_owned(), |role| role_name(visit, role)),
            "from_on" | "until_on" => {
                text.parse().map_or_else(|_| text.to_owned(), |day| time::say_date(visit.lang, day))
            }
            "locked_until" => text.parse().map_or_else(|_| text.to_owned(), |at| time::say_short(visit.lang, at)),
            "deputy_for" => text.parse().ok().and_then(|id| view.names.get(&id).cloned()).unwrap_or_default(),
            _ => text.to_owned(),
        })
    };
    SHOWN
        .iter()
        .filter_map(|(field, key)| {
            let (was, is) = entry.changed.get(*field).and_then(|change| Some((change.get(0)?, change.get(1)?)))?;
            let (was, is) = (said(field, was), said(field, is));
            (was.is_some() || is.is_some())
                .then(|| (visit.t(key), was, is.unwrap_or_else(|| visit.t("accounts-nothing"))))
        })
        .collect()
}

async fn act<C: Command>(visit: &Visit, form: &Form, id: Id<ids::Account>, command: C, said: &str) -> PageResult {
    execute(visit.app.db(), visit.actor()?, form.key()?, command).await?;
    Ok(see_other(&format!("/accounts/{id}"), said))
}

/// `POST /accounts/{id}/amend`
pub(super) async fn amend(visit: Visit, Place(id): Place<String>, form: Form) -> PageResult {
    let account = id_of(&id)?;
    let command = Amend {
        account,
        name: form.text("name").to_owned(),
        title: form.text("title").to_owned(),
        until_on: form.read_filled("last_day")?,
    };
    act(&visit, &form, account, command, "accounts-said-amended").await
}

/// `POST /accounts/{id}/close`
pub(super) async fn close(visit: Visit, Place(id): Place<String>, form: Form) -> PageResult {
    let account = id_of(&id)?;
    let command = Close { account, reason: form.text("reason").to_owned() };
    let successor = match form.filled("successor") {
        None => None,
        Some(login) => Some(principal(&visit, login).await.map_err(|problem| {
            if problem.code == "accounts.deputy_unknown" {
                Problem::refused("accounts.successor_unknown").with("login", login)
            } else {
                problem
            }
        })?),
    };
    super::close(&visit.app, visit.actor()?, form.key()?, command, successor).await?;
    let to = format!("/accounts/{account}");
    if successor.is_some() {
        // Taking back would leave two people with the roles.
        return Ok(see_other(&to, "accounts-said-handed-over"));
    }
    Ok(visit.see_other_undo(&to, "accounts-said-closed", &format!("{to}/reopen")))
}

/// `POST /accounts/{id}/reopen`
pub(super) async fn reopen(visit: Visit, Place(id): Place<String>, form: Form) -> PageResult {
    let account = id_of(&id)?;
    let command = Reopen { account, reason: form.reason_or(&visit.t("undo-reason")).to_owned() };
    act(&visit, &form, account, command, "accounts-said-reopened").await
}

/// `POST /accounts/{id}/unlock`
pub(super) async fn unlock(visit: Visit, Place(id): Place<String>, form: Form) -> PageResult {
    let account = id_of(&id)?;
    act(&visit, &form, account, Unlock { account }, "accounts-said-unlocked").await
}

/// `POST /accounts/{id}/reset`
pub(super) async fn reset(visit: Visit, Place(id): Place<String>, form: Form) -> PageResult {
    let account = id_of(&id)?;
    let secret = temporary_password();
    let password = hash_password(secret.clone()).await?;
    let command = ResetPassword { account, password: password.clone() };
    let after = run_and_end(&visit.app, visit.actor()?, form.key()?, command, account, Ends::All).await?;
    if after.password != password {
        // The form was sent twice: only the password shown first is the right one.
        return Ok(Redirect::to(&format!("/accounts/{account}")).into_response());
    }
    Ok(secret_page(&visit, &after, "accounts-reset-done", &secret))
}

/// `POST /accounts/{id}/reset-factor`
pub(super) async fn reset_factor(visit: Visit, Place(id): Place<String>, form: Form) -> PageResult {
    let account = id_of(&id)?;
    let command = ResetFactor { account, reason: form.text("reason").to_owned() };
    run_and_end(&visit.app, visit.actor()?, form.key()?, command, account, Ends::All).await?;
    Ok(see_other(&format!("/accounts/{account}"), "accounts-said-factor-reset"))
}

/// `POST /accounts/{id}/link-single`
pub(super) async fn link_single(visit: Visit, Place(id): Place<String>, form: Form) -> PageResult {
    let account = id_of(&id)?;
    let issuer = visit.app.provider().ok_or_else(Problem::not_found)?.settings().issuer.clone();
    let subject = form.filled("subject").map(str::to_owned);
    let (unlinks, command) = (subject.is_none(), LinkSingle { account, issuer, subject });
    if unlinks {
        // What was opened on the provider's word is over with the link.
        run_and_end(&visit.app, visit.actor()?, form.key()?, command, account, Ends::All).await?;
        return Ok(see_other(&format!("/accounts/{account}"), "accounts-said-unlinked"));
    }
    act(&visit, &form, account, command, "accounts-said-linked").await
}

/// `POST /accounts/{id}/end-sessions`
pub(super) async fn end_sessions(visit: Visit, Place(id): Place<String>, form: Form) -> PageResult {
    let account = id_of(&id)?;
    let command = EndSessions { account, own: false, reason: form.text("reason").to_owned() };
    run_and_end(&visit.app, visit.actor()?, form.key()?, command, account, Ends::All).await?;
    Ok(see_other(&format!("/accounts/{account}"), "accounts-said-sessions-ended"))
}

/// `POST /accounts/{id}/grant`
pub(super) async fn grant(visit: Visit, Place(id): Place<String>, form: Form) -> PageResult {
    let account = id_of(&id)?;
    let outcome = match read_grant(&visit, account, &form).await {
        Ok(command) => match execute(visit.app.db(), visit.actor()?, form.key()?, command).await {
            Ok(grant) => Ok(grant),
            Err(problem) => Err((problem, Vec::new())),
        },
        Err(unclear) => Err(unclear),
    };
    match outcome {
        Ok(grant) => {
            let to = format!("/accounts/{account}");
            Ok(visit.see_other_undo(&to, "accounts-said-granted", &format!("{to}/grants/{grant}/end")))
        }
        Err((problem, units)) if is_about_input(&problem) => {
            let view = view(&visit, &id, None).await?;
            let again = Again { form: Some(&form), problem: Some(problem), units };
            Ok((StatusCode::UNPROCESSABLE_ENTITY, account_page(&visit, &view, &again)).into_response())
        }
        Err((problem, _)) => Err(problem.into()),
    }
}

async fn read_grant(visit: &Visit, account: Id<ids::Account>, form: &Form) -> Result<GrantRole, (Problem, Vec<Path>)> {
    let alone = |problem: Problem| (problem, Vec::new());
    let role = Role::parse(form.text("role")).ok_or_else(|| alone(Problem::refused("accounts.role_missing")))?;
    let path = unit_of(visit, form, GrantRole::NAME)?;
    let deputy_for = match form.filled("deputy_for") {
        None => None,
        Some(login) => Some(principal(visit, login).await.map_err(alone)?),
    };
    Ok(GrantRole {
        id: Id::fresh(),
        account,
        role,
        path,
        from_on: form.read_filled("from_on").map_err(alone)?.unwrap_or_else(|| visit.today()),
        until_on: form.read_filled("until_on").map_err(alone)?,
        deputy_for,
    })
}

/// The person of a login, if the visitor may know that there is one.
async fn principal(visit: &Visit, login: &str) -> Result<Id<ids::Account>, Problem> {
    let unknown = || Problem::refused("accounts.deputy_unknown").with("login", login);
    let mut conn = visit.app.db().read().await?;
    let account = store::by_login(&mut conn, &login.to_lowercase()).await?.ok_or_else(unknown)?;
    let grants = store::grants_of(&mut conn, account.id, Some(visit.today())).await?;
    if store::sees(visit.actor()?, &account, &grants) { Ok(account.id) } else { Err(unknown()) }
}

/// `POST /accounts/{id}/grants/{grant}/end`
pub(super) async fn end_grant(visit: Visit, Place((id, grant)): Place<(String, String)>, form: Form) -> PageResult {
    let account = id_of(&id)?;
    let command = EndGrant {
        grant: id_of(&grant)?,
        at_once: form.text("when") == "now" || form.undoes(),
        reason: form.reason_or(&visit.t("undo-reason")).to_owned(),
    };
    act(&visit, &form, account, command, "accounts-said-ended").await
}
