//! Signing in and out, one's own password, language and brightness.

use axum::{
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Redirect, Response},
};
use jiff::Timestamp;
use maud::{Markup, html};
use vx_kernel::{Id, Problem, ProblemKind, ids, time};
use vx_platform::{
    auth::{self, Account, hash_password, verify_password},
    web::{Failure, Form, PageResult, Theme, Visit, icon, see_other},
};

use super::{ChangePassword, Ends, in_own_name, run_and_end, security::device_of};

/// The cookie that holds the session's token.
pub(super) const SESSION: &str = "vx_session";
/// How long language and brightness are remembered, in seconds.
const YEAR_S: u32 = 31_536_000;

/// What a problem says, as a note above a form.
pub(super) fn note_of(visit: &Visit, problem: &Problem) -> Markup {
    let (what, todo) = visit.app.words().problem(visit.lang, problem);
    html! { div.vx-note.vx-note-error role="alert" { strong { (what) } " " (todo) } }
}

/// A label above its control.
pub(super) fn field(label: &str, name: &str, hint: Option<&str>, control: Markup) -> Markup {
    html! {
        div.vx-field {
            label.form-label for=(name) { (label) }
            (control)
            @if let Some(hint) = hint { div.form-hint id={ (name) "-hint" } { (hint) } }
        }
    }
}

/// Whether a form's problem belongs beside the form. What is our fault or has nothing to do with what was typed gets a
/// page of its own.
pub(super) fn is_about_input(problem: &Problem) -> bool {
    matches!(problem.kind, ProblemKind::Refused | ProblemKind::Invalid)
}

/// The address to go on to: one of ours, else the overview.
pub(super) fn onward(next: &str) -> &str {
    let ours = next.starts_with('/') && !next[1..].starts_with(['/', '\\']);
    if ours && next.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\') { next } else { "/" }
}

/// The address that a page put behind `next=`, which is marked there only where it would have ended the value.
pub(super) fn next_of(url: &str) -> String {
    let query = url.split_once('?').map_or("", |(_, query)| query);
    let raw = query.split('&').find_map(|pair| pair.strip_prefix("next=")).unwrap_or("/");
    onward(&raw.replace("%2F", "/").replace("%26", "&").replace("%23", "#")).to_owned()
}

pub(super) fn set_cookie(visit: &Visit, response: &mut Response, pair: &str, rest: &str) -> Result<(), Problem> {
    let secure = if visit.app.secure_cookies() { "; Secure" } else { "" };
    let text = format!("{pair}; Path=/; SameSite=Lax{rest}{secure}");
    let value = HeaderValue::from_str(&text).map_err(Problem::internal)?;
    response.headers_mut().append(header::SET_COOKIE, value);
    Ok(())
}

pub(super) fn token_of(headers: &HeaderMap) -> Option<String> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    cookies.flat_map(|text| text.split(';')).find_map(|pair| {
        let (name, value) = pair.trim().split_once('=')?;
        (name == SESSION).then(|| value.to_owned())
    })
}

/// `GET /login`
pub(super) async fn login(visit: Visit) -> PageResult {
    let next = next_of(&visit.url);
    if visit.signed.as_ref().is_some_and(|signed| signed.owes_code) {
        return Ok(Redirect::to("/login/code").into_response());
    }
    if visit.signed.is_some() {
        return Ok(Redirect::to(&next).into_response());
    }
    Ok(login_page(&visit, &next, "", None))
}

pub(super) fn login_page(visit: &Visit, next: &str, login: &str, problem: Option<&Problem>) -> Response {
    let title = visit.t("accounts-sign-in");
    let form = html! {
        input type="hidden" name="next" value=(next);
        (field(&visit.t("accounts-login"), "login", None, html! {
            input.form-control #login name="login" value=(login) required autofocus[login.is_empty()] autocomplete="username"
                autocapitalize="none" spellcheck="false";
        }))
        (field(&visit.t("accounts-password"), "password", None, html! {
            input.form-control #password type="password" name="password" required autofocus[!login.is_empty()]
                autocomplete="current-password";
        }))
        div.vx-actions { button.btn.btn-primary type="submit" { (icon("lock")) (title) } }
        p.vx-quiet.mt-3.mb-0 { (visit.t("accounts-sign-in-help")) }
    };
    let onward = next.replace('&', "%26").replace('#', "%23");
    let has_left = visit.url.contains("said=accounts-said-signed-out");
    let body = html! {
        div.vx-login {
            h1 { (title) }
            @if let Some(problem) = problem { (note_of(visit, problem)) }
            @if let Some(provider) = visit.app.provider() {
                section.vx-panel {
                    div.vx-actions { a.btn.btn-primary href={ "/login/single?next=" (onward) } { (icon("user")) (visit.t("accounts-single")) } }
                    p.vx-quiet.mt-3.mb-0 { (visit.t(if provider.settings().only { "accounts-single-only" } else { "accounts-single-or" })) }
                    @if has_left { p.mt-3.mb-0 { a href="/login/single/end" { (visit.t("accounts-single-end")) } } }
                }
            }
            section.vx-panel { (visit.form("/login", form)) }
            @if let Some(demo) = visit.app.demo() {
                section.vx-panel {
                    h2 { (visit.t("accounts-demo")) }
                    p { (visit.t("accounts-demo-help")) " " (visit.t("accounts-password")) ": " code { (demo.password) } }
                    table.vx-accounts {
                        tbody {
                            @for (name, about) in &demo.accounts {
                                tr {
                                    th scope="row" { (visit.form("/login", html! {
                                        input type="hidden" name="next" value=(next);
                                        input type="hidden" name="login" value=(name);
                                        input type="hidden" name="password" value=(demo.password);
                                        button.btn.btn-sm type="submit" { (name) }
                                    })) }
                                    td { (about) }
                                }
                            }
                        }
                    }
                }
            }
        }
    };
    visit.bare_page(&title, body)
}

/// `POST /login`
pub(super) async fn sign_in(visit: Visit, headers: HeaderMap, form: Form) -> PageResult {
    let (login, next) = (form.text("login"), onward(form.text("next")));
    let device = device_of(&visit, &headers);
    let signed = match auth::sign_in(visit.app.db(), login, form.text("password").to_owned(), device).await {
        Ok(signed) => signed,
        Err(problem) if matches!(problem.code, "accounts.sign_in_wrong" | "accounts.locked" | "accounts.over") => {
            let problem = in_local_time(&visit, problem);
            let page = login_page(&visit, next, login, Some(&problem));
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
        }
        Err(problem) => return Err(problem.into()),
    };
    if super::single::password_refused(&visit, login).await? {
        auth::sign_out(visit.app.db(), &signed.token).await?;
        let page = login_page(&visit, next, login, Some(&Problem::refused("accounts.single_only")));
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
    }
    // Who signs in as somebody else leaves no open session behind.
    if let Some(old) = token_of(&headers) {
        auth::sign_out(visit.app.db(), &old).await?;
    }
    let to = match (signed.owes_code, signed.must_change) {
        (true, _) => format!("/login/code?next={}", next.replace('&', "%26").replace('#', "%23")),
        (false, true) => "/password".to_owned(),
        (false, false) => next.to_owned(),
    };
    let mut response = Redirect::to(&to).into_response();
    set_cookie(&visit, &mut response, &format!("{SESSION}={}", signed.token), "; HttpOnly")?;
    Ok(response)
}

/// Moments in a problem are written in UTC; people read local time.
pub(super) fn in_local_time(visit: &Visit, problem: Problem) -> Problem {
    let mut said = Problem::new(problem.kind, problem.code);
    for (name, value) in &problem.args {
        let local = value.parse::<Timestamp>().map(|at| time::say_instant(visit.lang, at));
        said = said.with(name, local.unwrap_or_else(|_| value.clone()));
    }
    said
}

/// `POST /logout`
pub(super) async fn sign_out(visit: Visit, headers: HeaderMap, _: Form) -> PageResult {
    if let Some(token) = token_of(&headers) {
        auth::sign_out(visit.app.db(), &token).await?;
    }
    let mut response = see_other("/login", "accounts-said-signed-out");
    set_cookie(&visit, &mut response, &format!("{SESSION}="), "; HttpOnly; Max-Age=0")?;
    Ok(response)
}

/// `GET /prefer`: changes nothing but two cookies of the asking browser.
pub(super) async fn prefer(visit: Visit) -> PageResult {
    let query = visit.url.split_once('?').map_or("", |(_, query)| query);
    let value = |name: &str| query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='));
    let mut response = Redirect::to(&next_of(&visit.url)).into_response();
    let rest = format!("; Max-Age={YEAR_S}");
    if let Some(lang @ ("vi" | "en")) = value("lang") {
        set_cookie(&visit, &mut response, &format!("vx_lang={lang}"), &rest)?;
    }
    if let Some(theme) = value("theme").and_then(Theme::parse) {
        set_cookie(&visit, &mut response, &format!("vx_theme={theme}"), &rest)?;
    }
    Ok(response)
}

/// `GET /password`
pub(super) async fn password(visit: Visit) -> PageResult {
    Ok(password_page(&visit, None))
}

fn password_page(visit: &Visit, problem: Option<&Problem>) -> Response {
    let must_change = visit.signed.as_ref().is_some_and(|signed| signed.must_change);
    let title = visit.t(if must_change { "accounts-first-password" } else { "accounts-change_password" });
    let secret = |name: &str, label: &str, hint: Option<&str>, complete: &str| {
        field(
            &visit.t(label),
            name,
            hint,
            html! {
                input.form-control type="password" id=(name) name=(name) required autocomplete=(complete)
                    aria-describedby=[hint.map(|_| format!("{name}-hint"))];
            },
        )
    };
    let hint = visit.t("accounts-password-hint");
    let form = html! {
        (secret("current", if must_change { "accounts-password-temporary" } else { "accounts-password-current" }, None, "current-password"))
        (secret("new", "accounts-password-new", Some(&hint), "new-password"))
        (secret("again", "accounts-password-again", None, "new-password"))
        div.vx-actions { button.btn.btn-primary type="submit" { (icon("check")) (visit.t("accounts-change_password")) } }
    };
    let body = html! {
        div.vx-login {
            h1 { (title) }
            @if must_change { p { (visit.t("accounts-first-password-why")) } }
            @if let Some(problem) = problem { (note_of(visit, problem)) }
            section.vx-panel { (visit.form("/password", form)) }
            @if must_change { (visit.button("/logout", "btn", "logout", "sign-out")) }
        }
    };
    if must_change { visit.bare_page(&title, body) } else { visit.page(&title, body) }
}

/// `POST /password`
pub(super) async fn change_password(visit: Visit, headers: HeaderMap, form: Form) -> PageResult {
    let (account, key) = (visit.signed.as_ref().map(|signed| signed.account), form.key()?);
    let account = account.ok_or_else(|| Failure(Problem::new(ProblemKind::Unauthenticated, "unauthenticated")))?;
    match set_password(&visit, account, key, &form, token_of(&headers)).await {
        Ok(()) => Ok(see_other("/", "accounts-said-password-changed")),
        Err(problem) if is_about_input(&problem) => {
            Ok((StatusCode::UNPROCESSABLE_ENTITY, password_page(&visit, Some(&problem))).into_response())
        }
        Err(problem) => Err(problem.into()),
    }
}

async fn set_password(
    visit: &Visit,
    id: Id<ids::Account>,
    key: uuid::Uuid,
    form: &Form,
    token: Option<String>,
) -> Result<(), Problem> {
    let (current, new) = (form.text("current"), form.text("new"));
    if new != form.text("again") {
        return Err(Problem::refused("accounts.password_mismatch"));
    }
    if new == current {
        return Err(Problem::refused("accounts.password_same"));
    }
    let account: Account = visit.app.db().read().await?.load(id).await?;
    if !verify_password(current.to_owned(), Some(account.password.clone())).await? {
        return Err(Problem::refused("accounts.password_wrong"));
    }
    let password = hash_password(new.to_owned()).await?;
    let command = ChangePassword { account: id, checked: account.password, password };
    let by = in_own_name(&visit.app, visit.actor()?);
    // This browser stays signed in, every other one must know the new password.
    run_and_end(&visit.app, &by, key, command, id, Ends::Others(token)).await.map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_own_addresses_are_gone_on_to() {
        for (next, expected) in [
            ("/tasks?q=a&page=2", "/tasks?q=a&page=2"),
            ("//evil.example", "/"),
            ("/\\evil.example", "/"),
            ("https://evil.example", "/"),
            ("/a b", "/"),
            ("/x\r\nSet-Cookie: a", "/"),
            ("", "/"),
        ] {
            assert_eq!(onward(next), expected, "{next:?}");
        }
        for (url, expected) in [
            ("/login?next=/units%3Fq=M%E1%BB%B9%26on=1", "/units%3Fq=M%E1%BB%B9&on=1"),
            ("/login?next=/units?q=M%E1%BB%B9%26on=1", "/units?q=M%E1%BB%B9&on=1"),
            ("/prefer?lang=en&next=//evil.example", "/"),
            ("/prefer?lang=en&next=%2F%2Fevil.example", "/"),
            ("/login", "/"),
        ] {
            assert_eq!(next_of(url), expected, "{url}");
        }
    }
}
