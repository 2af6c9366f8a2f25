//! The security of one's own account: second factor, devices that are signed in, tries to sign in.

use axum::{
    extract::Path as Place,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse as _, Redirect, Response},
};
use maud::{Markup, html};
use qrcode::{Color, EcLevel, QrCode};
use vx_concepts::engine::{Command, execute, run};
use vx_kernel::{Id, Problem, ProblemKind, ids};
use vx_platform::{
    auth::{
        self, Account, Device, FactorState, OpenSession, SecondFactor, base32, end_session, end_sessions, factor_of,
        factor_secret, open_sessions, recovery_codes, verify_password,
    },
    web::{Failure, Form, PageResult, Visit, icon, see_other},
};

use super::{
    Ends,
    factor::{ConfirmFactor, EndSessions, ProposeFactor, RemoveFactor, RenewRecovery},
    in_own_name, run_and_end,
    sign_in::{SESSION, field, in_local_time, is_about_input, note_of, onward, set_cookie, token_of},
    trail,
};

/// Tries and readings that the overview shows; their lists have the rest.
const SHOWN: usize = 5;

fn account_of(visit: &Visit) -> Result<Id<ids::Account>, Problem> {
    let unauthenticated = || Problem::new(ProblemKind::Unauthenticated, "unauthenticated");
    visit.signed.as_ref().map(|signed| signed.account).ok_or_else(unauthenticated)
}

/// From where a request comes.
pub(super) fn device_of(visit: &Visit, headers: &HeaderMap) -> Device {
    let agent = headers.get(header::USER_AGENT).and_then(|agent| agent.to_str().ok()).unwrap_or_default();
    Device::new(agent, &visit.from)
}

/// Browser and system in words; what is not known is said to be another.
pub(super) fn device_words(visit: &Visit, agent: &str) -> String {
    const BROWSERS: [(&str, &str); 10] = [
        ("Zalo", "Zalo"),
        ("coc_coc_browser", "Cốc Cốc"),
        ("Edg", "Edge"),
        ("OPR/", "Opera"),
        ("SamsungBrowser", "Samsung Internet"),
        ("Firefox/", "Firefox"),
        ("FxiOS", "Firefox"),
        ("CriOS", "Chrome"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
    ];
    const SYSTEMS: [(&str, &str); 7] = [
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Android", "Android"),
        ("Windows", "Windows"),
        ("Mac OS X", "macOS"),
        ("CrOS", "ChromeOS"),
        ("Linux", "Linux"),
    ];
    let found =
        |names: &[(&str, &'static str)]| names.iter().find(|(mark, _)| agent.contains(mark)).map(|(_, name)| *name);
    match (found(&BROWSERS), found(&SYSTEMS)) {
        (Some(browser), Some(system)) => {
            visit.ta("accounts-device-words", &[("browser", browser.into()), ("system", system.into())])
        }
        (Some(one), None) | (None, Some(one)) => one.to_owned(),
        (None, None) => visit.t("accounts-device-other"),
    }
}

/// `GET /security`
pub(super) async fn overview(visit: Visit, headers: HeaderMap) -> PageResult {
    let account = account_of(&visit)?;
    let mut conn = visit.app.db().read().await?;
    let factor = factor_of(&mut conn, account).await?;
    let token = token_of(&headers);
    let open = open_sessions(&mut conn, account, token.as_deref(), visit.now()).await?;
    let tries = trail::latest_tries(&mut conn, account, SHOWN).await?;
    let readings = trail::latest_readings(&mut conn, account, SHOWN).await?;
    drop(conn);
    let others = open.iter().filter(|one| !one.is_this).count();
    let body = html! {
        div.vx-head { h1 { (visit.t("own-security")) } a.btn href="/password" { (icon("lock")) " " (visit.t("accounts-change_password")) } }
        section.vx-panel #factor {
            h2 { (visit.t("accounts-factor")) }
            (factor_line(&visit, factor.as_ref()))
        }
        section.vx-panel #devices {
            h2 { (visit.t("accounts-devices")) }
            p.vx-quiet { (visit.t("accounts-devices-about")) }
            (devices(&visit, &open, Some("/security/devices")))
            @if others > 0 {
                div.vx-actions { (visit.button("/security/devices/others", "btn btn-danger", "logout", "accounts-end-others")) }
            }
        }
        section.vx-panel #tries {
            h2 { (visit.t("accounts-tries")) }
            @if tries.is_empty() { p.vx-quiet { (visit.t("accounts-tries-none")) } }
            @else { (trail::tries_table(&visit, None, &tries, false)) }
            p.mb-0.mt-2 { a href="/security/tries" { (visit.t("accounts-tries-all")) } }
        }
        section.vx-panel #readings {
            h2 { (visit.t("accounts-readings-own")) }
            p.vx-quiet { (visit.t("accounts-readings-about")) }
            @if readings.is_empty() { p.vx-quiet.mb-0 { (visit.t("accounts-readings-none")) } }
            @else { (trail::readings_table(&visit, None, &readings, false)) p.mb-0.mt-2 { a href="/security/readings" { (visit.t("accounts-readings-all")) } } }
        }
    };
    Ok(visit.page(&visit.t("own-security"), body))
}

fn factor_line(visit: &Visit, factor: Option<&SecondFactor>) -> Markup {
    let holding = factor.filter(|factor| factor.holds());
    html! {
        @if let Some(factor) = holding {
            p { span.vx-state { (icon("circle-check")) " " (visit.t("accounts-factor-on")) }
                @if let Some(at) = factor.confirmed_at { " " (visit.t("accounts-factor-since")) " " (visit.at(at)) } }
            p { (visit.ta("accounts-factor-left", &[("n", factor.recovery_left.into())])) }
            div.vx-actions { a.btn href="/security/factor" { (icon("settings")) " " (visit.t("accounts-factor-manage")) } }
        } @else {
            p { span.vx-state { (icon("alert-triangle")) " " (visit.t("accounts-factor-off")) } }
            p { (visit.t("accounts-factor-why")) }
            div.vx-actions { a.btn.btn-primary href="/security/factor" { (icon("lock")) " " (visit.t("accounts-propose_factor")) } }
        }
    }
}

/// Open sessions; `end` is below which address one of them can be ended, where the visitor may do that one by one.
pub(super) fn devices(visit: &Visit, open: &[OpenSession], end: Option<&str>) -> Markup {
    let heads =
        ["accounts-device", "accounts-address", "accounts-device-since", "accounts-device-seen", "accounts-device-end"]
            .map(|key| visit.t(key));
    html! {
        div.vx-scroll tabindex="0" { table.vx-table.vx-cards {
            thead { tr { @for head in heads.iter().take(if end.is_some() { 5 } else { 4 }) { th scope="col" { (head) } } } }
            tbody { @for one in open { tr {
                th scope="row" { (device_words(visit, &one.device.agent))
                    @if one.is_this { div { span.vx-state { (visit.t("accounts-device-this")) } } } }
                td data-label=(heads[1]) { (trail::address_words(&one.device.address)) }
                td data-label=(heads[2]) { (visit.at(one.started_at)) }
                td data-label=(heads[3]) { (visit.at(one.seen_at)) }
                @if let Some(end) = end { td data-label=(heads[4]) {
                    @if one.is_this { span.vx-quiet { (visit.t("accounts-device-this-end")) } }
                    @else { (visit.button(&format!("{end}/{}/end", one.handle), "btn btn-sm", "logout", "accounts-device-end-one")) }
                } }
            } } }
        } }
    }
}

/// `POST /security/devices/{handle}/end`
pub(super) async fn end_one(visit: Visit, Place(handle): Place<String>, form: Form) -> PageResult {
    end_own(&visit, &form, Which::One(handle)).await
}

/// `POST /security/devices/others`
pub(super) async fn end_others(visit: Visit, headers: HeaderMap, form: Form) -> PageResult {
    end_own(&visit, &form, Which::Others(token_of(&headers))).await
}

#[derive(Clone)]
enum Which {
    One(String),
    Others(Option<String>),
}

async fn end_own(visit: &Visit, form: &Form, which: Which) -> PageResult {
    let account = account_of(visit)?;
    let (by, key) = (in_own_name(&visit.app, visit.actor()?), form.key()?);
    let command = EndSessions { account, own: true, reason: String::new() };
    let shared = std::sync::Arc::new((by, command, which));
    let ended = visit.app.db().write(move |tx| {
        let shared = shared.clone();
        Box::pin(async move {
            let (by, command, which) = &*shared;
            run(tx, by, key, command).await?;
            match which {
                Which::One(handle) => end_session(tx, account, handle).await,
                Which::Others(token) => end_sessions(tx, account, token.as_deref()).await,
            }
        })
    });
    ended.await?;
    Ok(see_other("/security", "accounts-said-device-ended"))
}

/// `GET /security/factor`
pub(super) async fn factor(visit: Visit) -> PageResult {
    factor_page(&visit, None).await
}

async fn factor_page(visit: &Visit, problem: Option<&Problem>) -> PageResult {
    let account: Account = visit.app.db().read().await?.load(account_of(visit)?).await?;
    let factor = factor_of(&mut visit.app.db().read().await?, account.id).await?;
    let owed = visit.signed.as_ref().is_some_and(|signed| signed.owes_factor);
    let body = html! {
        div.vx-login {
            h1 { (visit.t("accounts-factor")) }
            @if owed { div.vx-note role="status" { (visit.t("accounts-factor-owed")) } }
            @if let Some(problem) = problem { (note_of(visit, problem)) }
            @match factor.as_ref().map(|factor| (factor, factor.state)) {
                Some((factor, FactorState::Confirmed)) => (held_forms(visit, factor)),
                Some((factor, FactorState::Proposed)) => (confirm_form(visit, factor, &account)?),
                _ => (begin_form(visit, owed)),
            }
            @if owed { (visit.button("/logout", "btn", "logout", "sign-out")) }
            @else { a.btn href="/security" { (icon("arrow-left")) " " (visit.t("own-security")) } }
        }
    };
    let title = visit.t("accounts-factor");
    let mut page = if owed { visit.bare_page(&title, body) } else { visit.page(&title, body) };
    if problem.is_some() {
        *page.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    Ok(page)
}

fn password_field(visit: &Visit) -> Markup {
    field(
        &visit.t("accounts-password-current"),
        "current",
        None,
        html! { input.form-control #current type="password" name="current" required autocomplete="current-password"; },
    )
}

/// The six digits; recovery codes have letters too, and are longer.
fn code_field(visit: &Visit, recovery: bool, focus: bool) -> Markup {
    let hint = visit.t(if recovery { "accounts-code-hint-recovery" } else { "accounts-code-hint" });
    let mode = if recovery { "text" } else { "numeric" };
    field(
        &visit.t("accounts-code"),
        "code",
        Some(&hint),
        html! {
            input.form-control #code name="code" required autocomplete="one-time-code" inputmode=(mode) maxlength="40"
                autocapitalize="none" spellcheck="false" autofocus[focus] aria-describedby="code-hint";
        },
    )
}

fn begin_form(visit: &Visit, owed: bool) -> Markup {
    html! {
        section.vx-panel {
            p { (visit.t("accounts-factor-why")) }
            p { (visit.t("accounts-factor-what")) }
            (visit.form("/security/factor/begin", html! {
                @if !owed { (password_field(visit)) }
                div.vx-actions { button.btn.btn-primary type="submit" { (icon("lock")) " " (visit.t("accounts-propose_factor")) } }
            }))
        }
    }
}

fn confirm_form(visit: &Visit, factor: &SecondFactor, account: &Account) -> Result<Markup, Problem> {
    let secret = base32(&factor.secret);
    let groups: Vec<&str> =
        (0..secret.len()).step_by(4).filter_map(|at| secret.get(at..(at + 4).min(secret.len()))).collect();
    Ok(html! {
        section.vx-panel {
            ol {
                li { (visit.t("accounts-factor-step-app")) }
                li { (visit.t("accounts-factor-step-scan")) div.mt-2 { (picture(visit, &factor.address(&account.login))?) }
                    details.mt-2 { summary { (visit.t("accounts-factor-no-camera")) } p { (visit.t("accounts-factor-type")) } p { code #secret { (groups.join(" ")) } } } }
                li { (visit.t("accounts-factor-step-code")) }
            }
            (visit.form("/security/factor/confirm", html! {
                (code_field(visit, false, true))
                div.vx-actions { button.btn.btn-primary type="submit" { (icon("check")) " " (visit.t("accounts-confirm_factor")) } }
            }))
            (visit.form("/security/factor/begin", html! {
                details { summary { (visit.t("accounts-factor-again")) } p { (visit.t("accounts-factor-again-what")) }
                    @if visit.signed.as_ref().is_none_or(|signed| !signed.owes_factor) { (password_field(visit)) }
                    button.btn type="submit" { (icon("refresh")) " " (visit.t("accounts-factor-again")) } }
            }))
        }
    })
}

/// The address for the authenticator as a picture of squares.
fn picture(visit: &Visit, address: &str) -> Result<Markup, Problem> {
    /// White squares around, which a camera needs.
    const QUIET: usize = 4;
    let code = QrCode::with_error_correction_level(address, EcLevel::M)
        .map_err(|error| Problem::internal(error.to_string()))?;
    let (width, mut path) = (code.width(), String::new());
    for (at, color) in code.to_colors().iter().enumerate() {
        if *color == Color::Dark {
            path.push_str(&format!("M{} {}h1v1h-1z", at % width + QUIET, at / width + QUIET));
        }
    }
    let side = width + 2 * QUIET;
    Ok(html! {
        svg width="232" height="232" viewBox={ "0 0 " (side) " " (side) } shape-rendering="crispEdges" role="img" aria-label=(visit.t("accounts-factor-picture")) {
            rect width=(side) height=(side) fill="#fff" {}
            path d=(path) fill="#000" {}
        }
    })
}

fn held_forms(visit: &Visit, factor: &SecondFactor) -> Markup {
    html! {
        section.vx-panel {
            p { span.vx-state { (icon("circle-check")) " " (visit.t("accounts-factor-on")) }
                @if let Some(at) = factor.confirmed_at { " " (visit.t("accounts-factor-since")) " " (visit.at(at)) } }
            p { (visit.ta("accounts-factor-left", &[("n", factor.recovery_left.into())])) }
            details { summary { (visit.t("accounts-renew_recovery")) }
                p { (visit.t("accounts-renew-what")) }
                (visit.form("/security/factor/codes", html! {
                    (password_field(visit)) (code_field(visit, true, false))
                    button.btn.btn-primary type="submit" { (icon("refresh")) " " (visit.t("accounts-renew_recovery")) }
                })) }
            details.mt-3 { summary { (visit.t("accounts-remove_factor")) }
                p { (visit.t("accounts-remove-factor-what")) }
                (visit.form("/security/factor/remove", html! {
                    (password_field_of(visit, "remove")) (code_field_of(visit, "remove"))
                    button.btn.btn-danger type="submit" { (icon("ban")) " " (visit.t("accounts-remove_factor")) }
                })) }
        }
    }
}

/// As [`password_field`], on a page that has one already: an id stands there once.
fn password_field_of(visit: &Visit, id: &str) -> Markup {
    html! { label.vx-field.d-block { span.form-label { (visit.t("accounts-password-current")) }
    input.form-control id={ "current-" (id) } type="password" name="current" required autocomplete="current-password"; } }
}

fn code_field_of(visit: &Visit, id: &str) -> Markup {
    html! { label.vx-field.d-block { span.form-label { (visit.t("accounts-code")) }
    input.form-control id={ "code-" (id) } name="code" required autocomplete="one-time-code" maxlength="40" autocapitalize="none" spellcheck="false"; } }
}

/// Asks again for the password where somebody could have found the browser open.
async fn check_password(visit: &Visit, form: &Form) -> Result<(), Problem> {
    let account: Account = visit.app.db().read().await?.load(account_of(visit)?).await?;
    if verify_password(form.text("current").to_owned(), Some(account.password)).await? {
        return Ok(());
    }
    Err(Problem::refused("accounts.password_wrong"))
}

async fn did<C: Command>(visit: &Visit, form: &Form, command: C) -> Result<(), Problem> {
    let by = in_own_name(&visit.app, visit.actor()?);
    execute(visit.app.db(), &by, form.key()?, command).await.map(drop)
}

async fn answered(visit: &Visit, done: Result<Response, Problem>) -> PageResult {
    match done {
        Ok(page) => Ok(page),
        Err(problem) if is_about_input(&problem) => factor_page(visit, Some(&problem)).await,
        Err(problem) => Err(Failure(problem)),
    }
}

/// `POST /security/factor/begin`
pub(super) async fn begin(visit: Visit, form: Form) -> PageResult {
    let done = async {
        // Who was led here has signed in a moment ago.
        if visit.signed.as_ref().is_none_or(|signed| !signed.owes_factor) {
            check_password(&visit, &form).await?;
        }
        did(&visit, &form, ProposeFactor { account: account_of(&visit)?, secret: factor_secret() }).await?;
        Ok(Redirect::to("/security/factor").into_response())
    };
    let done = done.await;
    answered(&visit, done).await
}

/// `POST /security/factor/confirm`
pub(super) async fn confirm(visit: Visit, headers: HeaderMap, form: Form) -> PageResult {
    let done = async {
        let (account, (codes, recovery)) = (account_of(&visit)?, recovery_codes());
        let command = ConfirmFactor { account, code: form.text("code").to_owned(), recovery: recovery.clone() };
        let by = in_own_name(&visit.app, visit.actor()?);
        // Other devices must show the telephone too.
        run_and_end(&visit.app, &by, form.key()?, command, account, Ends::Others(token_of(&headers))).await?;
        codes_page(&visit, account, &codes, &recovery).await
    };
    let done = done.await;
    answered(&visit, done).await
}

/// `POST /security/factor/codes`
pub(super) async fn renew(visit: Visit, form: Form) -> PageResult {
    let done = async {
        check_password(&visit, &form).await?;
        let (account, (codes, recovery)) = (account_of(&visit)?, recovery_codes());
        let command = RenewRecovery { account, code: form.text("code").to_owned(), recovery: recovery.clone() };
        did(&visit, &form, command).await?;
        codes_page(&visit, account, &codes, &recovery).await
    };
    let done = done.await;
    answered(&visit, done).await
}

/// `POST /security/factor/remove`
pub(super) async fn remove(visit: Visit, form: Form) -> PageResult {
    let done = async {
        check_password(&visit, &form).await?;
        did(&visit, &form, RemoveFactor { account: account_of(&visit)?, code: form.text("code").to_owned() }).await?;
        Ok(see_other("/security", "accounts-said-factor-removed"))
    };
    let done = done.await;
    answered(&visit, done).await
}

/// The one time that recovery codes are shown.
async fn codes_page(
    visit: &Visit,
    account: Id<ids::Account>,
    codes: &[String],
    kept: &str,
) -> Result<Response, Problem> {
    let factor = factor_of(&mut visit.app.db().read().await?, account).await?;
    if factor.is_none_or(|factor| factor.recovery != kept) {
        // The form was sent twice: the first answer has shown the codes.
        return Ok(Redirect::to("/security").into_response());
    }
    let account: Account = visit.app.db().read().await?.load(account).await?;
    let title = visit.t("accounts-codes");
    let body = html! {
        div.vx-login {
            h1 { (title) }
            div.vx-note { strong { (visit.t("accounts-codes-once")) } " " (visit.t("accounts-codes-what")) }
            section.vx-panel {
                p { (visit.t("accounts-login")) ": " strong { (account.login) } }
                ol #codes { @for code in codes { li { code { (code) } } } }
            }
            div.vx-actions {
                button.btn.vx-scripted type="button" data-print { (icon("printer")) " " (visit.t("accounts-codes-print")) }
                a.btn.btn-primary href="/security" { (icon("check")) " " (visit.t("accounts-codes-kept")) }
            }
        }
    };
    Ok(visit.page(&title, body))
}

/// `GET /login/code`
pub(super) async fn code(visit: Visit) -> PageResult {
    match &visit.signed {
        Some(signed) if signed.owes_code => Ok(code_page(&visit, onward(&super::sign_in::next_of(&visit.url)), None)),
        _ => Ok(Redirect::to("/login").into_response()),
    }
}

fn code_page(visit: &Visit, next: &str, problem: Option<&Problem>) -> Response {
    let title = visit.t("accounts-code-enter");
    let body = html! {
        div.vx-login {
            h1 { (title) }
            @if let Some(problem) = problem { (note_of(visit, problem)) }
            section.vx-panel {
                p { (visit.t("accounts-code-what")) }
                (visit.form("/login/code", html! {
                    input type="hidden" name="next" value=(next);
                    (code_field(visit, true, true))
                    div.vx-actions { button.btn.btn-primary type="submit" { (icon("lock")) " " (visit.t("accounts-sign-in")) } }
                }))
                p.vx-quiet.mt-3.mb-0 { (visit.t("accounts-code-lost")) }
            }
            (visit.button("/logout", "btn", "arrow-left", "accounts-code-other"))
        }
    };
    visit.bare_page(&title, body)
}

/// `POST /login/code`
pub(super) async fn enter(visit: Visit, headers: HeaderMap, form: Form) -> PageResult {
    let next = onward(form.text("next")).to_owned();
    let token = token_of(&headers).unwrap_or_default();
    match auth::enter_code(visit.app.db(), &token, form.text("code"), device_of(&visit, &headers)).await {
        Ok(()) => Ok(Redirect::to(&next).into_response()),
        Err(problem) if problem.code == "accounts.code_wrong" => {
            Ok((StatusCode::UNPROCESSABLE_ENTITY, code_page(&visit, &next, Some(&problem))).into_response())
        }
        Err(problem) if problem.code == "accounts.locked" => {
            let problem = in_local_time(&visit, problem);
            let mut page =
                super::sign_in::login_page(&Visit { signed: None, ..visit.clone() }, &next, "", Some(&problem));
            *page.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
            set_cookie(&visit, &mut page, &format!("{SESSION}="), "; HttpOnly; Max-Age=0")?;
            Ok(page)
        }
        // The ten minutes are over: from the beginning.
        Err(problem) if problem.kind == ProblemKind::Unauthenticated => Ok(Redirect::to("/login").into_response()),
        Err(problem) => Err(problem.into()),
    }
}
