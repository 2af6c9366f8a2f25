//! How the journal looks.

use std::collections::BTreeSet;

use vx_foundation::filters::Kept;
use vx_kernel::{text::fold, time};
use vx_platform::{
    journal::{Block, Entry, Head, Sealed, seal::short},
    store::{Uuid, migrate::hex},
    web::{Markup, Visit, html, icon},
};

use super::{
    Asked, BLOCKS_MAX, EXPORT_MAX, READ,
    fields::{self, Change},
    store::Names,
};

/// Kinds of record that people ask for; others are found by their verb.
const KINDS: [&str; 18] = [
    "directive",
    "work_item",
    "work_series",
    "paper",
    "report_request",
    "report_submission",
    "zone_decision",
    "zone_commitment",
    "zone_verification",
    "attachment",
    "account",
    "role_grant",
    "second_factor",
    "second_factor_rule",
    "single_link",
    "unit",
    "unit_post",
    "directive_reading",
];

/// The verb of a command, as histories say it.
pub(crate) fn verb(visit: &Visit, verb: &str) -> String {
    let short = verb.replace('.', "-");
    let long = format!("did-{short}");
    let key = [long, short].into_iter().find(|key| visit.app.words().has(visit.lang, key));
    key.map_or_else(|| verb.to_owned(), |key| visit.t(&key))
}

/// The kind of a record.
pub(crate) fn kind(visit: &Visit, record: &str) -> String {
    let key = format!("journal-kind-{}", record.replace('_', "-"));
    if visit.app.words().has(visit.lang, &key) { visit.t(&key) } else { record.to_owned() }
}

/// The verbs there are, in the order of their words: the names of all commands. Two that are said alike are told apart
/// by what they are about.
fn verbs(visit: &Visit) -> Vec<(String, String)> {
    let names = visit.app.modules().iter().flat_map(|module| module.permissions).map(|permission| permission.name);
    let names: BTreeSet<&str> = names
        .chain(["work.open"])
        .filter(|name| !name.ends_with(".read") && !matches!(*name, READ | super::PERSONAL))
        .collect();
    let said: Vec<(String, &str)> = names.into_iter().map(|name| (verb(visit, name), name)).collect();
    let mut verbs: Vec<(String, String)> = said
        .iter()
        .map(|(word, name)| {
            let is_twice = said.iter().filter(|(other, _)| other == word).count() > 1;
            let about = match name.split('.').next().unwrap_or_default() {
                "accounts" => "account",
                "units" => "unit",
                "tasks" | "work" => "work_item",
                "directives" => "directive",
                other => other,
            };
            let word = if is_twice { format!("{word} ({})", kind(visit, about)) } else { word.clone() };
            (word, (*name).to_owned())
        })
        .collect();
    verbs.sort_by_cached_key(|(word, _)| fold(word));
    verbs
}

/// The page of the record that an entry is about, for kinds that have one.
fn page_of(entry: &Entry) -> Option<String> {
    let id = entry.about_id;
    match entry.record.as_str() {
        "work_item" | "attachment" => Some(format!("/tasks/{id}")),
        "directive" => Some(format!("/directives/{id}")),
        "account" | "role_grant" | "second_factor" | "single_link" => Some(format!("/accounts/{id}")),
        "site" => Some(format!("/sites/{id}")),
        "unit" | "unit_post" => Some(format!("/units/{}", entry.path.unit())),
        _ => None,
    }
}

fn who(visit: &Visit, entry: &Entry) -> Markup {
    html! {
        (entry.actor_name)
        @if let Some(principal) = &entry.on_behalf_of { " " span.vx-quiet { "(" (visit.ta("on-behalf-of", &[("name", principal.as_str().into())])) ")" } }
    }
}

fn rows(visit: &Visit, entries: &[Entry], names: &Names) -> Markup {
    html! {
        ul.vx-rows data-rows { @for entry in entries { li { a.vx-row href={ "/journal/entries/" (entry.id) } {
            span {
                span.vx-row-title { (verb(visit, &entry.verb)) ": " (names.title(visit, entry)) }
                @if let Some(reason) = &entry.reason { span.vx-row-from { "“" (excerpt(reason)) "”" } }
            }
            span { (who(visit, entry)) }
            span { (visit.unit(&entry.path)) }
            span { (visit.at(entry.at)) }
        } } } }
    }
}

/// Letters of a reason that a row shows; the entry's page has the whole.
const EXCERPT_LEN: usize = 160;

fn excerpt(text: &str) -> String {
    match text.char_indices().nth(EXCERPT_LEN) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default().trim_end()),
        None => text.to_owned(),
    }
}

pub(crate) fn list(
    visit: &Visit,
    asked: &Asked,
    kept: &Kept,
    entries: &[Entry],
    names: &Names,
    next: Option<&str>,
    is_later: bool,
) -> Markup {
    let wanted = &asked.wanted;
    let query = asked.query();
    let tree = visit.app.tree();
    let unit = wanted
        .unit
        .as_ref()
        .and_then(|path| tree.at_path(path))
        .map(|unit| format!("{} — {}", unit.id, unit.full_name));
    let text = |name: &str, key: &str, kind: &str, value: &str| {
        html! {
            label { span.form-label { (visit.t(key)) } input.form-control type=(kind) name=(name) value=(value); }
        }
    };
    let day = |day: Option<jiff::civil::Date>| day.map_or(String::new(), |day| day.to_string());
    html! {
        div.vx-head {
            h1 { (visit.t("journal")) }
            a.btn href={ "/journal.csv?" (query) } title=(visit.ta("journal-export-limit", &[("n", time::say_count(visit.lang, EXPORT_MAX).into())])) { (icon("download")) " CSV" }
            a.btn href="/journal/chain" { (icon("lock")) " " (visit.t("journal-chain")) }
        }
        form.vx-filters method="get" action="/journal" {
            (text("q", "journal-words", "search", wanted.words.as_deref().unwrap_or("")))
            (text("person", "journal-person", "text", wanted.person.as_deref().unwrap_or("")))
            (text("unit", "journal-unit", "text", unit.as_deref().unwrap_or("")))
            label { span.form-label { (visit.t("journal-verb")) } select.form-select name="verb" {
                option value="" { (visit.t("journal-any")) }
                @for (said, name) in verbs(visit) { option value=(name) selected[wanted.verb.as_deref() == Some(name.as_str())] { (said) } }
            } }
            label { span.form-label { (visit.t("journal-kind")) } select.form-select name="record" {
                option value="" { (visit.t("journal-any")) }
                @for name in KINDS { option value=(name) selected[wanted.record.as_deref() == Some(name)] { (kind(visit, name)) } }
            } }
            (text("from", "journal-from", "date", &day(asked.from)))
            (text("until", "journal-until", "date", &day(asked.until)))
            @if let Some(block) = wanted.block { input type="hidden" name="block" value=(block); }
            button.btn.btn-primary type="submit" { (icon("search")) " " (visit.t("journal-filter")) }
            @if !query.is_empty() { a.btn href="/journal?all=1" { (icon("x")) " " (visit.t("journal-clear")) } }
        }
        (kept.bar(visit, &query))
        @if let Some(block) = wanted.block { p { span.vx-chip { (visit.ta("journal-in-block", &[("block", block.to_string().into())])) } } }
        @if !entries.is_empty() { (rows(visit, entries, names)) }
        @else if is_later { div.vx-empty { (icon("check")) p { (visit.t("journal-no-more")) } a.btn href={ "/journal?" (query) } { (icon("arrow-left")) " " (visit.t("journal-first-page")) } } }
        @else if query.is_empty() { div.vx-empty { (icon("inbox")) h2 { (visit.t("journal-empty")) } p { (visit.t("journal-empty-todo")) } } }
        @else { div.vx-empty { (icon("search")) h2 { (visit.t("journal-none")) } p { (visit.t("journal-none-todo")) } } }
        @if is_later || next.is_some() { div.vx-pages {
            @if is_later && !entries.is_empty() { a.btn href={ "/journal?" (query) } { (icon("arrow-left")) " " (visit.t("journal-first-page")) } }
            @if let Some(next) = next { a.btn href={ "/journal?" (query) @if !query.is_empty() { "&" } "after=" (next) } { (visit.t("journal-older")) " " (icon("arrow-right")) } }
        } }
    }
}

fn changes_table(visit: &Visit, changes: &[Change]) -> Markup {
    html! {
        @if changes.is_empty() { p.vx-quiet { (visit.t("journal-no-changes")) } }
        @else { div.vx-scroll tabindex="0" { table.vx-table.vx-cards {
            thead { tr { th scope="col" { (visit.t("journal-field")) } th scope="col" { (visit.t("journal-before")) } th scope="col" { (visit.t("journal-after")) } } }
            tbody { @for change in changes { tr {
                th scope="row" { (change.field) }
                td data-label=(visit.t("journal-before")) { @if change.before.is_empty() { "–" } @else { span.vx-prose { (change.before) } } }
                td data-label=(visit.t("journal-after")) { span.vx-prose { (change.after) } }
            } } }
        } } }
    }
}

fn seal_note(visit: &Visit, sealed: &Sealed) -> Markup {
    let (class, mark, key, block) = match sealed {
        Sealed::Sound(block) => ("vx-note", "check", "journal-seal-sound", Some(*block)),
        Sealed::Broken(block) => ("vx-note vx-note-error", "alert-triangle", "journal-seal-broken", Some(*block)),
        Sealed::Not => ("vx-note vx-note-error", "alert-triangle", "journal-seal-none", None),
    };
    html! {
        div class=(class) {
            (icon(mark)) " " (visit.ta(key, &[("block", block.map_or(String::new(), |block| block.to_string()).into())]))
            @if let (Some(block), true) = (block, visit.may_anywhere(READ)) { " " a href={ "/journal?block=" (block) } { (visit.t("journal-see-block")) } }
        }
    }
}

pub(crate) fn entry(visit: &Visit, entry: &Entry, names: &Names, sealed: &Sealed) -> Markup {
    html! {
        div.vx-head { h1 { (verb(visit, &entry.verb)) ": " (names.title(visit, entry)) }
            @if visit.may_anywhere(READ) { a.btn href="/journal" { (icon("arrow-left")) " " (visit.t("journal")) } } }
        (seal_note(visit, sealed))
        div.vx-record {
            div { section.vx-panel {
                h2 { (visit.t("journal-changes")) }
                (changes_table(visit, &fields::changes(visit, entry, names)))
            } }
            aside.vx-panel {
                h2 { (visit.t("journal-facts")) }
                dl.vx-facts {
                    div.vx-wide { dt { (visit.t("journal-at")) } dd { (time::say_instant(visit.lang, entry.at)) } }
                    div.vx-wide { dt { (visit.t("journal-person")) } dd { (who(visit, entry)) } }
                    div.vx-wide { dt { (visit.t("journal-unit")) } dd { a href={ "/units/" (entry.path.unit()) } { (visit.unit(&entry.path)) } } }
                    @if let Some(reason) = &entry.reason { div.vx-wide { dt { (visit.t("journal-reason")) } dd.vx-prose { "“" (reason) "”" } } }
                    div.vx-wide { dt { (visit.t("journal-kind")) } dd { (kind(visit, &entry.record)) } }
                    div.vx-wide { dt { (visit.t("journal-entry-id")) } dd { code { (entry.id) } } }
                }
                div.vx-bar.mt-3 {
                    @if let Some(page) = page_of(entry) { a.btn href=(page) { (icon("eye")) " " (visit.t("journal-open-record")) } }
                    a.btn href={ "/journal/record/" (entry.about_id) } { (icon("list-details")) " " (visit.t("journal-whole-history")) }
                }
            }
        }
    }
}

pub(crate) fn record(
    visit: &Visit,
    id: Uuid,
    title: &str,
    entries: &[Entry],
    names: &Names,
    next: Option<Uuid>,
    is_later: bool,
) -> Markup {
    let page = entries.iter().find(|entry| entry.record_id == id).or_else(|| entries.first()).and_then(page_of);
    html! {
        div.vx-head { h1 { (visit.t("journal-of")) ": " (title) }
            @if let Some(page) = page { a.btn href=(page) { (icon("eye")) " " (visit.t("journal-open-record")) } } }
        @if entries.is_empty() { div.vx-empty { (icon("check")) p { (visit.t("journal-no-more")) } } }
        @else { section.vx-panel { ol.vx-history { @for entry in entries { li {
            time datetime=(entry.at.to_string()) { (time::say_instant(visit.lang, entry.at)) }
            a href={ "/journal/entries/" (entry.id) } { strong { (verb(visit, &entry.verb)) } } " · " (who(visit, entry)) " · " span.vx-quiet { (visit.unit(&entry.path)) }
            @if let Some(reason) = &entry.reason { div.vx-prose { "“" (reason) "”" } }
            @let changes = fields::changes(visit, entry, names);
            @if !changes.is_empty() { details { summary.vx-quiet { (visit.ta("journal-n-changes", &[("n", i64::try_from(changes.len()).unwrap_or(0).into())])) } (changes_table(visit, &changes)) } }
        } } } } }
        @if is_later || next.is_some() { div.vx-pages {
            @if is_later { a.btn href={ "/journal/record/" (id) } { (icon("arrow-left")) " " (visit.t("journal-first-page")) } }
            @if let Some(next) = next { a.btn href={ "/journal/record/" (id) "?before=" (next) } { (visit.t("journal-older")) " " (icon("arrow-right")) } }
        } }
    }
}

pub(crate) fn chain(visit: &Visit, head: Option<&Head>, blocks: &[Block], next: Option<i64>, is_later: bool) -> Markup {
    html! {
        div.vx-head { h1 { (visit.t("journal-chain")) } a.btn href="/journal" { (icon("arrow-left")) " " (visit.t("journal")) } }
        @match head {
            Some(head) => {
                section.vx-panel {
                    h2 { (visit.t("journal-publish")) }
                    p { (visit.t("journal-publish-why")) }
                    dl.vx-facts {
                        div { dt { (visit.t("journal-block")) } dd { b { (head.number) } } }
                        div { dt { (visit.t("journal-short-hash")) } dd { b { code { (head.short()) } } } }
                        div.vx-wide { dt { (visit.t("journal-whole-hash")) } dd { code.text-break { (hex(&head.hash)) } } }
                        div.vx-wide { dt { (visit.t("journal-as-of")) } dd { (time::say_instant(visit.lang, visit.now())) } }
                        div.vx-wide { dt { (visit.t("journal-check")) } dd { code.text-break { "vungxanh journal verify --expect " (head.number) ":" (hex(&head.hash).get(..16).unwrap_or_default()) } } }
                    }
                }
                h2.vx-group { (visit.t("journal-blocks")) span.vx-quiet { (visit.ta("journal-blocks-shown", &[("n", BLOCKS_MAX.into())])) } }
                div.vx-scroll tabindex="0" { table.vx-table.vx-cards {
                    thead { tr { th scope="col" { (visit.t("journal-block")) } th scope="col" { (visit.t("journal-sealed-at")) } th.vx-num scope="col" { (visit.t("journal-entries")) } th scope="col" { (visit.t("journal-short-hash")) } } }
                    tbody { @for block in blocks { tr {
                        th scope="row" { a href={ "/journal?block=" (block.number) } { (visit.ta("journal-block-n", &[("block", block.number.to_string().into())])) } }
                        td data-label=(visit.t("journal-sealed-at")) { (visit.at(block.sealed_at)) }
                        td.vx-num data-label=(visit.t("journal-entries")) { (time::say_count(visit.lang, block.entries)) }
                        td data-label=(visit.t("journal-short-hash")) { code { (short(&block.hash)) } }
                    } } }
                } }
            }
            None => div.vx-empty { (icon("lock")) h2 { (visit.t("journal-empty")) } p { (visit.t("journal-empty-todo")) } }
        }
        @if is_later || next.is_some() { div.vx-pages {
            @if is_later { a.btn href="/journal/chain" { (icon("arrow-left")) " " (visit.t("journal-first-page")) } }
            @if let Some(next) = next { a.btn href={ "/journal/chain?before=" (next) } { (visit.t("journal-older")) " " (icon("arrow-right")) } }
        } }
    }
}
