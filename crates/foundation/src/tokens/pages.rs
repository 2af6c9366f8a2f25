//! Pages of tokens: one's own, and those of others for an administrator.

use axum::{
    extract::{Path as Place, Query},
    response::{IntoResponse as _, Redirect, Response},
};
use jiff::civil::Date;
use vx_concepts::engine::{Command as _, execute};
use vx_kernel::{Id, Problem, ProblemKind, ids, time};
use vx_platform::{
    auth::Token,
    store::Uuid,
    web::{Form, Markup, PageResult, Visit, html, icon, operations, see_other},
};

use super::{
    LIFE_DAYS_MAX, READ, Revoke, Wanted, account_of, last_day,
    store::{self, Listed, Whose},
};
use crate::accounts::in_own_name;

/// Rows on a page.
const PAGE: i64 = 50;
/// Days that a new token holds unless its maker says otherwise.
const LIFE_DAYS: i64 = 90;

/// `GET /tokens`
pub(super) async fn own(visit: Visit) -> PageResult {
    own_page(&visit, None, None).await
}

async fn own_page(visit: &Visit, form: Option<&Form>, problem: Option<&Problem>) -> PageResult {
    let account = account_of(visit)?;
    let listed = store::list(&mut visit.app.db().read().await?, Whose::Own(account), None, PAGE).await?;
    let (holding, over): (Vec<_>, Vec<_>) = listed.into_iter().partition(|one| one.token.holds_on(visit.today()));
    let title = visit.t("access-tokens");
    let body = html! {
        div.vx-head {
            h1 { (title) }
            a.btn href="/api" { (icon("list-details")) " " (visit.t("tokens-description")) }
            @if visit.may_anywhere(READ) { a.btn href="/tokens/within" { (icon("users")) " " (visit.t("tokens-of-others")) } }
        }
        p.vx-quiet { (visit.t("tokens-about")) }
        @if let Some(problem) = problem { (note_of(visit, problem)) }
        @if holding.is_empty() {
            div.vx-empty { (icon("lock")) h2 { (visit.t("tokens-none")) } p { (visit.t("tokens-none-todo")) } }
        } @else { (table(visit, &holding, false)) }
        section.vx-panel.mt-3 {
            h2 { (visit.t("tokens-make")) }
            (make_form(visit, form)?)
        }
        @if !over.is_empty() {
            details.mt-3 {
                summary { (visit.t("tokens-over")) }
                (table(visit, &over, false))
            }
        }
    };
    let mut response = visit.page(&title, body);
    if problem.is_some() {
        *response.status_mut() = axum::http::StatusCode::UNPROCESSABLE_ENTITY;
    }
    Ok(response)
}

fn note_of(visit: &Visit, problem: &Problem) -> Markup {
    let (what, todo) = visit.app.words().problem(visit.lang, problem);
    html! { div.vx-note.vx-note-error role="alert" { strong { (what) } " " (todo) } }
}

fn make_form(visit: &Visit, form: Option<&Form>) -> Result<Markup, Problem> {
    let sent = |name: &str| form.map_or("", |form| form.text(name)).to_owned();
    let picked = |permission: &str| form.is_some_and(|form| form.all("permission").any(|one| one == permission));
    let (first, last) = (visit.today().to_string(), last_day(visit, LIFE_DAYS_MAX)?.to_string());
    let until = if sent("until_on").is_empty() { last_day(visit, LIFE_DAYS)?.to_string() } else { sent("until_on") };
    // What can be chosen is what the interface has: its operations by area, each permission once.
    let mut areas: Vec<(String, Vec<(&'static str, &'static str)>)> = Vec::new();
    for operation in operations(visit.app.modules()) {
        let area = operation.permission.split('.').next().unwrap_or_default().to_owned();
        let at = areas.iter().position(|(known, _)| *known == area).unwrap_or_else(|| {
            areas.push((area, Vec::new()));
            areas.len() - 1
        });
        let of = &mut areas[at].1;
        if !operation.permission.ends_with(".read") && !of.iter().any(|(known, _)| *known == operation.permission) {
            of.push((operation.permission, operation.id));
        }
    }
    let check = |permission: &str, text: String| {
        html! { label.form-check {
            input.form-check-input type="checkbox" name="permission" value=(permission) checked[picked(permission)];
            span.form-check-label { (text) " " code { (permission) } }
        } }
    };
    Ok(visit.form_of_class("/tokens", "vx-form", html! {
        label.vx-field.d-block { span.form-label { (visit.t("tokens-name")) }
            input.form-control name="name" value=(sent("name")) maxlength="80" required;
            span.form-hint { (visit.t("tokens-name-hint")) } }
        fieldset.vx-field {
            legend.form-label { (visit.t("tokens-scope")) }
            label.form-check { input.form-check-input type="radio" name="scope" value="read" checked[sent("scope") != "write"]; span.form-check-label { (visit.t("tokens-reads")) } }
            label.form-check { input.form-check-input type="radio" name="scope" value="write" checked[sent("scope") == "write"]; span.form-check-label { (visit.t("tokens-writes")) } }
        }
        details.vx-field {
            summary { (visit.t("tokens-limit")) }
            p.form-hint { (visit.t("tokens-limit-hint")) }
            @for (area, permissions) in &areas {
                (check(&format!("{area}.*"), visit.t(&format!("api-area-{area}"))))
                @if !permissions.is_empty() { div.ms-4 { @for (permission, id) in permissions { (check(permission, visit.t(&format!("api-{id}")))) } } }
            }
        }
        label.vx-field.d-block { span.form-label { (visit.t("tokens-until")) }
            input.form-control type="date" name="until_on" value=(until) min=(first) max=(last) required; }
        button.btn.btn-primary type="submit" { (icon("plus")) " " (visit.t("tokens-make")) }
    }))
}

/// `POST /tokens`
pub(super) async fn make(visit: Visit, form: Form) -> PageResult {
    let until_on = match form.read("until_on") {
        Ok(day) => day,
        Err(problem) => return own_page(&visit, Some(&form), Some(&problem)).await,
    };
    let wanted = Wanted {
        name: form.text("name").to_owned(),
        writes: form.text("scope") == "write",
        permissions: form.all("permission").map(str::to_owned).collect(),
        until_on,
    };
    match super::make(&visit, form.key()?, wanted).await {
        // The form was sent twice: the first answer has shown the secret.
        Ok(None) => Ok(Redirect::to("/tokens").into_response()),
        Ok(Some(secret)) => Ok(secret_page(&visit, form.text("name"), &secret)),
        Err(problem) if matches!(problem.kind, ProblemKind::Refused | ProblemKind::Invalid) => {
            own_page(&visit, Some(&form), Some(&problem)).await
        }
        Err(problem) => Err(problem.into()),
    }
}

/// The one time that a secret is shown.
fn secret_page(visit: &Visit, name: &str, secret: &str) -> Response {
    let title = visit.ta("tokens-made", &[("name", name.to_owned().into())]);
    let body = html! {
        div.vx-form {
            div.vx-head { h1 { (title) } }
            section.vx-panel { p { (visit.t("tokens-once")) } p.mb-0 { code.text-break #secret { (secret) } } }
            p.mt-3 { (visit.t("tokens-how")) }
            div.vx-panel { pre.vx-paper { code { "Authorization: Bearer vx_…" } } }
            div.vx-actions {
                a.btn.btn-primary href="/tokens" { (icon("arrow-left")) " " (visit.t("access-tokens")) }
                a.btn href="/api" { (icon("list-details")) " " (visit.t("tokens-description")) }
            }
        }
    };
    visit.page(&title, body)
}

/// `POST /tokens/{id}/revoke`
pub(super) async fn revoke(visit: Visit, Place(id): Place<String>, form: Form) -> PageResult {
    let token: Id<ids::Token> = id.parse().map_err(|_| Problem::not_found())?;
    let actor = visit.actor()?;
    let kept: Token = visit.app.db().read().await?.load(token).await?;
    let own = actor.account == Some(kept.account);
    if !own && form.filled("reason").is_none() && actor.may(Revoke::NAME, &kept.path) {
        return Err(Problem::refused("tokens.revoke.no_reason").into());
    }
    let command = Revoke { token, own, reason: form.filled("reason").map(str::to_owned) };
    let by = if own { in_own_name(&visit.app, actor) } else { actor.clone() };
    execute(visit.app.db(), &by, form.key()?, command).await?;
    Ok(see_other(if own { "/tokens" } else { "/tokens/within" }, "tokens-said-revoked"))
}

/// `GET /tokens/within`: tokens of others that still hold.
pub(super) async fn within(visit: Visit, Query(asked): Query<Vec<(String, String)>>) -> PageResult {
    let value =
        |name: &str| asked.iter().find(|(key, _)| key == name).and_then(|(_, value)| value.parse::<Uuid>().ok());
    let account = value("account");
    let whose = Whose::Within(visit.actor()?, account.map(Id::from), visit.today());
    let mut listed = store::list(&mut visit.app.db().read().await?, whose, value("before"), PAGE + 1).await?;
    let page = usize::try_from(PAGE).unwrap_or(usize::MAX);
    let more = listed.len() > page;
    listed.truncate(page);
    let next = listed.last().filter(|_| more).map(|last| {
        let of = account.map_or(String::new(), |id| format!("account={id}&"));
        format!("/tokens/within?{of}before={}", last.token.id)
    });
    let title = visit.t("tokens-of-others");
    let body = html! {
        div.vx-head {
            h1 { (title) }
            @if account.is_some() { a.btn href="/tokens/within" { (icon("x")) " " (visit.t("tokens-show-all")) } }
        }
        p.vx-quiet { (visit.t("tokens-of-others-about")) }
        @if listed.is_empty() {
            div.vx-empty { (icon("lock")) h2 { (visit.t("tokens-none-of-others")) } p { (visit.t("tokens-none-of-others-todo")) } }
        } @else { (table(&visit, &listed, true)) }
        @if let Some(next) = next { div.vx-pages { a.btn href=(next) { (visit.t("tokens-next-page")) " " (icon("arrow-right")) } } }
    };
    Ok(visit.page(&title, body))
}

fn scope_of(visit: &Visit, token: &Token) -> Markup {
    html! {
        (visit.t(if token.writes { "tokens-writes" } else { "tokens-reads" }))
        @for permission in token.permissions.split_whitespace() { " " code { (permission) } }
    }
}

fn table(visit: &Visit, listed: &[Listed], others: bool) -> Markup {
    let heads = ["tokens-name", "tokens-person", "tokens-scope", "tokens-until", "tokens-used", "tokens-end"]
        .map(|key| visit.t(key));
    let day = |day: Date| time::say_date(visit.lang, day);
    html! {
        div.vx-scroll tabindex="0" { table.vx-table.vx-cards {
            thead { tr { @for (index, head) in heads.iter().enumerate() { @if others || index != 1 { th scope="col" { (head) } } } } }
            tbody { @for one in listed {
                @let token = &one.token;
                tr {
                    th scope="row" { (token.name) div.vx-quiet.fw-normal { code { "vx_…" (token.ending) } } }
                    @if others { td data-label=(heads[1]) { a href={ "/accounts/" (token.account) } { (one.person) } div.vx-quiet { (visit.unit(&token.path)) } } }
                    td data-label=(heads[2]) { (scope_of(visit, token)) }
                    td data-label=(heads[3]) { (day(token.until_on)) }
                    td data-label=(heads[4]) { @if let Some(used) = one.used_on { (day(used)) } @else { span.vx-quiet { (visit.t("tokens-never")) } } }
                    td data-label=(heads[5]) {
                        @if let Some(at) = token.revoked_at { (visit.t("tokens-revoked")) " " (visit.at(at)) }
                        @else if !token.holds_on(visit.today()) { (visit.t("tokens-expired")) }
                        @else { details {
                            summary { (visit.t("tokens-revoke")) }
                            (visit.form(&format!("/tokens/{}/revoke", token.id), html! {
                                label.form-label.d-block { (visit.t("tokens-reason")) input.form-control name="reason" maxlength="500" required[others]; }
                                button.btn.btn-danger type="submit" { (icon("ban")) " " (visit.t("tokens-revoke")) }
                            }))
                        } }
                    }
                }
            } }
        } }
    }
}
