//! Pages on which offices write what the public is told.

use jiff::Timestamp;
use vx_concepts::engine::Command as _;
use vx_foundation::units::{self, Acting, picker};
use vx_kernel::{Path, time};
use vx_platform::web::{Markup, Visit, html, icon};

use crate::{
    Announce, Enlist, Retract, Strike,
    commands::{BODY_MAX, TITLE_MAX},
    routes::speaks,
    types::{Announcement, ContactKind, PublicContact, PublicationState, Said},
};

/// How a place is called.
fn named(visit: &Visit, place: &Path) -> String {
    units::named(&visit.app.tree(), place)
}

pub(crate) fn list(
    visit: &Visit,
    announcements: &[Announcement],
    contacts: &[PublicContact],
    with_past: bool,
) -> Markup {
    let now = visit.now();
    let is_past = |said: Said| matches!(said, Said::Over | Said::Withdrawn);
    let shown: Vec<_> = announcements.iter().filter(|one| with_past || !is_past(one.said(now))).collect();
    let past = announcements.iter().filter(|one| is_past(one.said(now))).count();
    let listed: Vec<_> = contacts.iter().filter(|one| with_past || one.state == PublicationState::Published).collect();
    let struck = contacts.len() - contacts.iter().filter(|one| one.state == PublicationState::Published).count();
    html! {
        div.vx-head { h1 { (visit.t("publications")) }
            a.btn href="/public" { (icon("eye")) " " (visit.t("publications-portal")) }
            @if visit.may_anywhere(Announce::NAME) { a.btn.btn-primary href="/publications/announcements/new" { (icon("plus")) " " (visit.t("publication-announce")) } }
            @if visit.may_anywhere(Enlist::NAME) { a.btn href="/publications/contacts/new" { (icon("phone")) " " (visit.t("publication-enlist")) } }
        }
        p { (visit.t("publications-about")) }
        h2.vx-group { (visit.t("publication-announcements")) }
        @if shown.is_empty() { div.vx-empty { (icon("send")) p { (visit.t("publication-announcements-none")) } } }
        @else { div.vx-scroll tabindex="0" { table.vx-table.vx-cards {
            thead { tr { th scope="col" { (visit.t("publication-title")) } th scope="col" { (visit.t("publication-place")) } th scope="col" { (visit.t("publication-said")) } th scope="col" { (visit.t("publication-from")) } th scope="col" { (visit.t("publication-until")) } th scope="col" { (visit.t("publication-by")) } } }
            tbody { @for one in &shown { tr {
                th scope="row" { a href={ "/publications/announcements/" (one.id) } { (one.title) } @if one.title_en.is_none() { " " span.vx-chip { (visit.t("publication-no-english")) } } }
                td data-label=(visit.t("publication-place")) { (named(visit, &one.place)) }
                td data-label=(visit.t("publication-said")) { span.vx-state { (visit.t(&format!("publication-said-{}", one.said(now)))) } }
                td data-label=(visit.t("publication-from")) { (visit.at(one.from_at)) }
                td data-label=(visit.t("publication-until")) { @if let Some(until) = one.until_at { (visit.at(until)) } @else { (visit.t("publication-open-end")) } }
                td data-label=(visit.t("publication-by")) { (visit.unit(&one.path)) div.vx-quiet { (one.by_name) } }
            } } }
        } } }
        h2.vx-group #contacts { (visit.t("publication-contacts")) }
        @if listed.is_empty() { div.vx-empty { (icon("phone")) p { (visit.t("publication-contacts-none")) } } }
        @else { div.vx-scroll tabindex="0" { table.vx-table.vx-cards {
            thead { tr { th scope="col" { (visit.t("publication-name")) } th scope="col" { (visit.t("publication-kind")) } th scope="col" { (visit.t("publication-place")) } th scope="col" { (visit.t("publication-telephone")) } th scope="col" { (visit.t("publication-hours")) } th scope="col" { (visit.t("publication-by")) } } }
            tbody { @for one in &listed { tr {
                th scope="row" { a href={ "/publications/contacts/" (one.id) } { (one.name) } @if one.state == PublicationState::Withdrawn { " " span.vx-state { (visit.t("publication-said-withdrawn")) } } }
                td data-label=(visit.t("publication-kind")) { (visit.t(&format!("publication-kind-{}", one.kind))) }
                td data-label=(visit.t("publication-place")) { (named(visit, &one.place)) }
                td data-label=(visit.t("publication-telephone")) { span.text-nowrap { (one.telephone) } }
                td data-label=(visit.t("publication-hours")) { (one.hours) }
                td data-label=(visit.t("publication-by")) { (visit.unit(&one.path)) div.vx-quiet { (one.by_name) } }
            } } }
        } } }
        @if past + struck > 0 { p.mt-3 {
            @if with_past { a href="/publications" { (visit.t("publications-hide-past")) } }
            @else { a href="/publications?show=all" { (visit.ta("publications-show-past", &[("n", (past + struck).into())])) } }
        } }
    }
}

fn line(visit: &Visit, name: &str, key: &str, value: &str, required: bool) -> Markup {
    html! { label.vx-field.d-block { span.form-label { (visit.t(key)) } input.form-control name=(name) value=(value) maxlength=(TITLE_MAX) required[required]; } }
}

fn text(visit: &Visit, name: &str, key: &str, value: &str, required: bool) -> Markup {
    html! { label.vx-field.d-block { span.form-label { (visit.t(key)) } textarea.form-control name=(name) rows="6" maxlength=(BODY_MAX) required[required] { (value) } } }
}

fn moments(visit: &Visit, name: &str, key: &str, value: Option<Timestamp>, required: bool) -> Markup {
    let local = value.map(time::local);
    html! {
        label.vx-field { span.form-label { (visit.t(&format!("{key}-day"))) } input.form-control type="date" name={ (name) "_on" } value=[local.map(|at| at.date().to_string())] required[required]; }
        label.vx-field { span.form-label { (visit.t(&format!("{key}-hour"))) } input.form-control type="time" name={ (name) "_at" } value=[local.map(|at| at.strftime("%H:%M").to_string())]; }
    }
}

fn place_field(visit: &Visit, by: &Acting, chosen: &Path) -> Markup {
    html! { label.vx-field.d-block { span.form-label { (visit.t("publication-place")) } (picker(visit, "place", &by.place, Some(chosen))) } }
}

fn reason_field(visit: &Visit, key: &str) -> Markup {
    html! { label.vx-field.d-block { span.form-label { (visit.t(key)) } textarea.form-control name="reason" rows="2" required {} } }
}

pub(crate) fn announcement_form(visit: &Visit, by: &Acting, before: Option<&Announcement>) -> Markup {
    let action = before.map_or_else(
        || "/publications/announcements".to_owned(),
        |one| format!("/publications/announcements/{}", one.id),
    );
    let of = |read: fn(&Announcement) -> Option<&str>| before.and_then(read).unwrap_or_default().to_owned();
    html! {
        @if before.is_none() { div.vx-head { h1 { (visit.t("publication-announce")) } } p { (visit.ta("publication-speaks-for", &[("unit", visit.unit(&by.unit).into())])) } }
        (visit.form_of_class(&action, "vx-form", html! {
            (place_field(visit, by, before.map_or(&by.place, |one| &one.place)))
            (line(visit, "title", "publication-title", &of(|one| Some(&one.title)), true))
            (text(visit, "body", "publication-text", &of(|one| Some(&one.body)), true))
            div.vx-bar { (moments(visit, "from", "publication-from", Some(before.map_or(visit.now(), |one| one.from_at)), true)) (moments(visit, "until", "publication-until", before.and_then(|one| one.until_at), false)) }
            p.vx-quiet { (visit.t("publication-until-help")) }
            details open[before.is_some_and(|one| one.title_en.is_some())] { summary { (visit.t("publication-english")) }
                (line(visit, "title_en", "publication-title-en", &of(|one| one.title_en.as_deref()), false))
                (text(visit, "body_en", "publication-text-en", &of(|one| one.body_en.as_deref()), false))
            }
            @if before.is_some() { (reason_field(visit, "publication-reason-change")) }
            div.vx-actions { button.btn.btn-primary type="submit" { (icon("send")) " " (visit.t(if before.is_some() { "publication-change" } else { "publication-announce" })) } }
        }))
    }
}

/// The form of what is there, for whoever wrote it, and the one that takes it back, folded.
fn moves(visit: &Visit, edit: Option<Markup>, withdraw_to: &str, key: &str) -> Markup {
    html! {
        div.vx-decide {
            @if let Some(edit) = edit { details.vx-panel { summary { (icon("edit")) " " (visit.t("publication-change")) } (edit) } }
            details.vx-panel { summary { (icon("ban")) " " (visit.t(key)) }
                (visit.form_of_class(withdraw_to, "mt-3", html! {
                    (reason_field(visit, "publication-reason-withdraw"))
                    button.btn.btn-danger type="submit" { (icon("ban")) " " (visit.t(key)) }
                })) }
        }
    }
}

pub(crate) fn announcement(visit: &Visit, one: &Announcement) -> Markup {
    let said = one.said(visit.now());
    let stands = one.state == PublicationState::Published;
    let may = |permission| stands && visit.actor().is_ok_and(|actor| actor.may(permission, &one.path));
    let by = speaks(visit, Announce::NAME, Some(&one.place)).ok().filter(|_| may(Announce::NAME));
    let edit = by.map(|by| announcement_form(visit, &by, Some(one)));
    html! {
        div.vx-head { h1 { (one.title) } span.vx-state { (visit.t(&format!("publication-said-{said}"))) }
            a.btn href="/publications" { (icon("arrow-left")) " " (visit.t("publications")) } }
        @if may(Retract::NAME) { (moves(visit, edit, &format!("/publications/announcements/{}/retract", one.id), "publication-retract")) }
        section.vx-panel {
            dl.vx-facts {
                div { dt { (visit.t("publication-place")) } dd { (named(visit, &one.place)) } }
                div { dt { (visit.t("publication-by")) } dd { (visit.unit(&one.path)) ", " (one.by_name) } }
                div { dt { (visit.t("publication-from")) } dd { (time::say_instant(visit.lang, one.from_at)) } }
                div { dt { (visit.t("publication-until")) } dd { @if let Some(until) = one.until_at { (time::say_instant(visit.lang, until)) } @else { (visit.t("publication-open-end")) } } }
                div { dt { (visit.t("publication-edition")) } dd { (one.edition) } }
                @if let Some(reason) = &one.reason { div { dt { (visit.t("publication-reason")) } dd { (reason) } } }
            }
        }
        section.vx-panel { h2 { (visit.t("publication-text")) } (paragraphs(&one.body)) }
        @if let (Some(title), Some(body)) = (&one.title_en, &one.body_en) { section.vx-panel lang="en" { h2 { (title) } (paragraphs(body)) } }
        p.mt-3 { a href={ "/journal/record/" (one.id) } { (visit.t("publication-history")) } }
    }
}

/// A text with its paragraphs.
fn paragraphs(text: &str) -> Markup {
    html! { @for part in text.split('\n').map(str::trim).filter(|part| !part.is_empty()) { p { (part) } } }
}

pub(crate) fn contact_form(visit: &Visit, by: &Acting, before: Option<&PublicContact>) -> Markup {
    let action =
        before.map_or_else(|| "/publications/contacts".to_owned(), |one| format!("/publications/contacts/{}", one.id));
    let of = |read: fn(&PublicContact) -> Option<&str>| before.and_then(read).unwrap_or_default().to_owned();
    html! {
        @if before.is_none() { div.vx-head { h1 { (visit.t("publication-enlist")) } } p { (visit.ta("publication-speaks-for", &[("unit", visit.unit(&by.unit).into())])) } }
        (visit.form_of_class(&action, "vx-form", html! {
            (place_field(visit, by, before.map_or(&by.place, |one| &one.place)))
            label.vx-field.d-block { span.form-label { (visit.t("publication-kind")) } select.form-select name="kind" {
                @for kind in ContactKind::ALL { option value=(kind) selected[before.is_some_and(|one| one.kind == *kind)] { (visit.t(&format!("publication-kind-{kind}"))) } }
            } }
            (line(visit, "name", "publication-name", &of(|one| Some(&one.name)), true))
            label.vx-field.d-block { span.form-label { (visit.t("publication-telephone")) } input.form-control type="tel" name="telephone" maxlength="30" required value=(of(|one| Some(&one.telephone))); }
            (line(visit, "hours", "publication-hours", &of(|one| Some(&one.hours)), true))
            details open[before.is_some_and(|one| one.name_en.is_some())] { summary { (visit.t("publication-english")) }
                (line(visit, "name_en", "publication-name-en", &of(|one| one.name_en.as_deref()), false))
                (line(visit, "hours_en", "publication-hours-en", &of(|one| one.hours_en.as_deref()), false))
            }
            @if before.is_some() { (reason_field(visit, "publication-reason-change")) }
            div.vx-actions { button.btn.btn-primary type="submit" { (icon("phone")) " " (visit.t(if before.is_some() { "publication-change" } else { "publication-enlist" })) } }
        }))
    }
}

pub(crate) fn contact(visit: &Visit, one: &PublicContact) -> Markup {
    let published = one.state == PublicationState::Published;
    let may = |permission| published && visit.actor().is_ok_and(|actor| actor.may(permission, &one.path));
    let by = speaks(visit, Enlist::NAME, Some(&one.place)).ok().filter(|_| may(Enlist::NAME));
    let edit = by.map(|by| contact_form(visit, &by, Some(one)));
    html! {
        div.vx-head { h1 { (one.name) } span.vx-state { (visit.t(if published { "publication-said-now" } else { "publication-said-withdrawn" })) }
            a.btn href="/publications#contacts" { (icon("arrow-left")) " " (visit.t("publications")) } }
        @if may(Strike::NAME) { (moves(visit, edit, &format!("/publications/contacts/{}/strike", one.id), "publication-strike")) }
        section.vx-panel {
            dl.vx-facts {
                div { dt { (visit.t("publication-kind")) } dd { (visit.t(&format!("publication-kind-{}", one.kind))) } }
                div { dt { (visit.t("publication-place")) } dd { (named(visit, &one.place)) } }
                div { dt { (visit.t("publication-telephone")) } dd { (one.telephone) } }
                div { dt { (visit.t("publication-hours")) } dd { (one.hours) @if let Some(hours) = &one.hours_en { span.vx-quiet lang="en" { " · " (hours) } } } }
                @if let Some(name) = &one.name_en { div { dt { (visit.t("publication-name-en")) } dd lang="en" { (name) } } }
                div { dt { (visit.t("publication-by")) } dd { (visit.unit(&one.path)) ", " (one.by_name) } }
                div { dt { (visit.t("publication-edition")) } dd { (one.edition) } }
                @if let Some(reason) = &one.reason { div { dt { (visit.t("publication-reason")) } dd { (reason) } } }
            }
        }
        p.mt-3 { a href={ "/journal/record/" (one.id) } { (visit.t("publication-history")) } }
    }
}
