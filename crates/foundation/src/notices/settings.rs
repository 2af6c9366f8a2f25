//! Where one is reached, and what one wants to be told there.

use axum::{extract::Path as Place, http::StatusCode};
use jiff::civil::Time;
use vx_concepts::engine::execute;
use vx_kernel::{Id, Problem, ProblemKind, ids, time::Lang};
use vx_platform::{
    auth::short_code,
    notify::{Channel, Class},
    store::{Conn, Record as _, Sql},
    web::{Form, Markup, PageResult, Visit, html, icon, see_other},
};

use super::{
    Choice, ConfirmContact, Contact, ContactState, NameContact, RemoveContact, SetChoice,
    choice::{DIGESTS, HOA_TOC},
    commands::{CODE_FOR, CODE_TRIES_MAX},
};
use crate::accounts::in_own_name;

/// What somebody has chosen, if anything.
pub(super) async fn choice_of(conn: &mut Conn, account: Id<ids::Account>) -> Result<Option<Choice>, Problem> {
    let sql = Sql::new("select ").sql(Choice::SELECT).sql(" from notice_choice where tenant = ").bind(conn.tenant());
    conn.row(sql.sql(" and account = ").bind(account)).await?.map(|row| Choice::read(&row)).transpose()
}

/// Where somebody is reached.
async fn contacts_of(conn: &mut Conn, account: Id<ids::Account>) -> Result<Vec<Contact>, Problem> {
    let sql = Sql::new("select ").sql(Contact::SELECT).sql(" from notice_contact where tenant = ").bind(conn.tenant());
    let sql = sql.sql(" and account = ").bind(account).sql(" and state <> ").bind(ContactState::Removed);
    // One for each way.
    conn.rows(sql.sql(" limit 10")).await?.iter().map(Contact::read).collect()
}

fn account_of(visit: &Visit) -> Result<Id<ids::Account>, Problem> {
    visit.actor()?.account.ok_or_else(|| Problem::internal("somebody signed in has an account"))
}

/// `GET /notices/settings`
pub(super) async fn show(visit: Visit) -> PageResult {
    page(&visit, None).await
}

async fn page(visit: &Visit, problem: Option<&Problem>) -> PageResult {
    let account = account_of(visit)?;
    let mut conn = visit.app.db().read().await?;
    let contacts = contacts_of(&mut conn, account).await?;
    let choice = choice_of(&mut conn, account).await?;
    drop(conn);
    let choice = choice.unwrap_or_else(|| Choice::usual(account, vx_kernel::Path::root()));
    let title = visit.t("own-notices");
    let body = html! {
        div.vx-head { h1 { (title) } a.btn href="/notices" { (icon("arrow-left")) " " (visit.t("notices-title")) } }
        @if let Some(problem) = problem {
            @let (what, todo) = visit.app.words().problem(visit.lang, problem);
            div.vx-note.vx-note-error role="alert" { strong { (what) } " " (todo) }
        }
        p.vx-quiet { (visit.t("notices-settings-about")) }
        section.vx-panel #contacts {
            h2 { (visit.t("notices-contacts")) }
            @for channel in Channel::ALL { (contact_part(visit, *channel, contacts.iter().find(|contact| contact.channel == *channel))) }
        }
        section.vx-panel.mt-3 { h2 { (visit.t("notices-choice")) } (choice_form(visit, &choice)) }
    };
    let mut response = visit.page(&title, body);
    if problem.is_some() {
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    Ok(response)
}

fn contact_part(visit: &Visit, channel: Channel, contact: Option<&Contact>) -> Markup {
    let is_there = visit.app.has_way(channel);
    let name = |key: &str| visit.t(&format!("notices-{key}-{channel}"));
    let input_type = match channel {
        Channel::Email => "email",
        Channel::Sms => "tel",
        Channel::Chat => "text",
    };
    let field = html! {
        label.vx-field.d-block { span.form-label { (name("address")) }
            input.form-control type=(input_type) name="address" required maxlength="120" autocomplete=(if channel == Channel::Email { "email" } else { "off" });
            span.form-hint { (name("address-hint")) } }
        input type="hidden" name="channel" value=(channel);
        button.btn type="submit" { (icon("send")) " " (visit.t("notices-send-code")) }
    };
    html! {
        div.vx-clause {
            h3 { (name("way")) }
            @if let Some(contact) = contact {
                p.mb-2 { strong.text-break { (contact.address) } " · "
                    @if contact.state == ContactState::Confirmed { span.vx-state { (icon("circle-check")) " " (visit.t("notices-confirmed")) } }
                    @else { span.vx-state { (icon("clock")) " " (visit.t("notices-unconfirmed")) } }
                }
            }
            @if !is_there {
                p.vx-quiet.mb-0 { (visit.t("notices-way-not-set")) }
            } @else if let Some(contact) = contact {
                @if contact.state == ContactState::Unconfirmed {
                    (visit.form(&format!("/notices/contacts/{}/confirm", contact.id), html! {
                        label.vx-field.d-block { span.form-label { (visit.t("notices-code")) }
                            input.form-control name="code" required inputmode="numeric" autocomplete="one-time-code" maxlength="12";
                            span.form-hint { (visit.ta("notices-code-hint", &[("mins", CODE_FOR.as_mins().into())])) } }
                        button.btn.btn-primary type="submit" { (icon("check")) " " (visit.t("notices-confirm")) }
                    }))
                }
                details.mt-2 { summary { (visit.t("notices-other-address")) } (visit.form("/notices/contacts", field)) }
            } @else { (visit.form("/notices/contacts", field)) }
            @if let Some(contact) = contact {
                div.mt-2 { (visit.button(&format!("/notices/contacts/{}/remove", contact.id), "btn", "trash", "notices-remove")) }
            }
        }
    }
}

fn choice_form(visit: &Visit, choice: &Choice) -> Markup {
    let classes = std::iter::once(HOA_TOC).chain(Class::ALL.iter().map(|class| class.as_str()));
    let heads: Vec<String> = Channel::ALL.iter().map(|channel| visit.t(&format!("notices-way-{channel}"))).collect();
    visit.form("/notices/settings", html! {
        p.vx-quiet { (visit.t("notices-choice-about")) }
        div.vx-scroll tabindex="0" { table.vx-table.vx-cards {
            thead { tr { th scope="col" { (visit.t("notices-class")) } @for head in &heads { th scope="col" { (head) } } } }
            tbody { @for class in classes { tr {
                th scope="row" { (visit.t(&format!("notice-class-{class}"))) div.vx-quiet.fw-normal { (visit.t(&format!("notice-class-{class}.about"))) } }
                @for (channel, head) in Channel::ALL.iter().zip(&heads) { td data-label=(head) {
                    input.form-check-input type="checkbox" name="pick" value={ (class) "/" (channel) } checked[choice.has(class, *channel)]
                        aria-label={ (visit.t(&format!("notice-class-{class}"))) ", " (head) };
                } }
            } } }
        } }
        fieldset.vx-field.mt-3 {
            legend.form-label { (visit.t("notices-quiet")) }
            label.form-check { input.form-check-input type="checkbox" name="quiet" value="1" checked[choice.quiet]; span.form-check-label { (visit.t("notices-quiet-on")) } }
            div.vx-bar {
                label { span.form-label { (visit.t("field-quiet_from")) } input.form-control type="time" name="quiet_from" value=(choice.quiet_from) required; }
                label { span.form-label { (visit.t("field-quiet_until")) } input.form-control type="time" name="quiet_until" value=(choice.quiet_until) required; }
            }
            span.form-hint { (visit.t("notices-quiet-hint")) }
        }
        label.vx-field.d-block { span.form-label { (visit.t("field-digest")) }
            select.form-select name="digest" { @for mins in DIGESTS {
                option value=(mins) selected[choice.digest_mins == mins] { @if mins == 0 { (visit.t("notices-digest-none")) } @else { (visit.ta("notices-digest-mins", &[("mins", mins.into())])) } }
            } }
            span.form-hint { (visit.t("notices-digest-hint")) } }
        label.vx-field.d-block { span.form-label { (visit.t("notices-lang")) }
            select.form-select name="lang" {
                option value="vi" lang="vi" selected[choice.lang != "en"] { (visit.t("switch-to-vietnamese")) }
                option value="en" lang="en" selected[choice.lang == "en"] { (visit.t("switch-to-english")) }
            } }
        button.btn.btn-primary type="submit" { (icon("check")) " " (visit.t("notices-save")) }
    })
}

/// `POST /notices/settings`
pub(super) async fn set(visit: Visit, form: Form) -> PageResult {
    let account = account_of(&visit)?;
    let hour = |name: &'static str| form.read::<Time>(name);
    let known = |pick: &str| {
        let Some((class, channel)) = pick.split_once('/') else { return false };
        (class == HOA_TOC || Class::parse(class).is_some()) && Channel::parse(channel).is_some()
    };
    let command = SetChoice {
        account,
        channels: form.all("pick").filter(|pick| known(pick)).map(str::to_owned).collect(),
        quiet: form.filled("quiet").is_some(),
        quiet_from: hour("quiet_from")?,
        quiet_until: hour("quiet_until")?,
        digest_mins: form.read("digest")?,
        lang: Lang::of(form.text("lang")).tag().to_owned(),
    };
    let by = in_own_name(&visit.app, visit.actor()?);
    match execute(visit.app.db(), &by, form.key()?, command).await {
        Ok(_) => Ok(see_other("/notices/settings", "notices-said-saved")),
        Err(problem) if problem.kind == ProblemKind::Refused => page(&visit, Some(&problem)).await,
        Err(problem) => Err(problem.into()),
    }
}

/// `POST /notices/contacts`
pub(super) async fn name(visit: Visit, form: Form) -> PageResult {
    let account = account_of(&visit)?;
    let channel = Channel::parse(form.text("channel")).ok_or_else(Problem::not_found)?;
    if !visit.app.has_way(channel) {
        return page(&visit, Some(&Problem::refused("notices.way_not_set"))).await;
    }
    let command = NameContact { account, channel, address: form.text("address").to_owned(), code: short_code() };
    let by = in_own_name(&visit.app, visit.actor()?);
    match execute(visit.app.db(), &by, form.key()?, command).await {
        Ok(_) => Ok(see_other("/notices/settings", "notices-said-code-sent")),
        Err(problem) if problem.kind == ProblemKind::Refused => page(&visit, Some(&problem)).await,
        Err(problem) => Err(problem.into()),
    }
}

/// `POST /notices/contacts/{id}/confirm`
pub(super) async fn confirm(visit: Visit, Place(contact): Place<Id<ids::Contact>>, form: Form) -> PageResult {
    let account = account_of(&visit)?;
    let command = ConfirmContact { account, contact, code: form.text("code").to_owned() };
    let by = in_own_name(&visit.app, visit.actor()?);
    if let Err(problem) = execute(visit.app.db(), &by, form.key()?, command).await {
        return match problem.kind {
            ProblemKind::Refused => page(&visit, Some(&problem)).await,
            _ => Err(problem.into()),
        };
    }
    let after: Contact = visit.app.db().read().await?.load(contact).await?;
    if after.state == ContactState::Confirmed {
        return Ok(see_other("/notices/settings", "notices-said-confirmed"));
    }
    let left = (CODE_TRIES_MAX - after.tries).max(0);
    page(&visit, Some(&Problem::refused("notices.code_wrong").with("left", left))).await
}

/// `POST /notices/contacts/{id}/remove`
pub(super) async fn remove(visit: Visit, Place(contact): Place<Id<ids::Contact>>, form: Form) -> PageResult {
    let by = in_own_name(&visit.app, visit.actor()?);
    execute(visit.app.db(), &by, form.key()?, RemoveContact { account: account_of(&visit)?, contact }).await?;
    Ok(see_other("/notices/settings", "notices-said-removed"))
}
