//! How documents that units issue look.

use vx_concepts::{
    engine::Command as _,
    paper::{Paper, PaperState, Write},
    work::show::{history, urgency_stamp},
};
use vx_dispatch::{Kind, SigningFor};
use vx_foundation::filters::Kept;
use vx_kernel::{Id, ids, time};
use vx_platform::{
    journal::Entry,
    sheet::SheetKind,
    store::migrate::hex,
    web::{
        Markup, Visit, html, icon,
        list::{Listing, Shown},
    },
};

use crate::{
    Comment, Discard, Publish, Restore, Return, Sign, Step as _,
    compose::pages::{KINDS, text_of},
    routes::Addressed,
    store::{Line, Wanted},
};

/// What the page of a document knows besides the document.
pub(crate) struct Seen {
    /// Pages.
    pub(crate) n_pages: usize,
    /// The last number of its series this year.
    pub(crate) last_number: i64,
    /// To whom it goes.
    pub(crate) to: Addressed,
    /// Documents that it is tied to, with the key of how.
    pub(crate) ties: Vec<(&'static str, Paper)>,
    /// What a replacement or a correction leaves to be done.
    pub(crate) pending: Option<Pending>,
}

/// Tasks of a document that stand as they were given, though another took its place or put it right.
pub(crate) struct Pending {
    /// The one that gave them.
    pub(crate) old: Id<ids::Paper>,
    /// The one that follows it.
    pub(crate) new: Id<ids::Paper>,
    /// How both are called, the old one first.
    pub(crate) said: (String, String),
    /// Whether it takes the place, or only puts right.
    pub(crate) replaces: bool,
    /// The command that carries it over, which is the permission for it.
    pub(crate) verb: &'static str,
    /// Open tasks.
    pub(crate) n_open: i64,
}

/// The next step after a replacement or a correction went out, for whoever may take it.
fn pending_note(visit: &Visit, paper: &Paper, pending: &Pending) -> Markup {
    let (word, page) = if pending.replaces {
        ("replace", format!("replace?by={}", pending.new))
    } else {
        ("correct", format!("correct?document={}", vx_platform::web::encode(&pending.said.1)))
    };
    let (old, new) = (pending.said.0.as_str(), pending.said.1.as_str());
    html! {
        div.vx-note.vx-note-error role="alert" {
            (icon("alert-triangle")) " " strong { (visit.ta(&format!("papers-pending-{word}"), &[("old", old.into()), ("new", new.into()), ("n", pending.n_open.into())])) } " "
            @if may(visit, pending.verb, &paper.path) {
                (visit.t("papers-pending-do")) " " a.btn.btn-primary href={ "/directives/" (pending.old) "/" (page) } { (visit.t(&format!("papers-pending-{word}-do"))) " " (icon("arrow-right")) }
            } @else { (visit.t("papers-pending-ask")) }
        }
    }
}

fn may(visit: &Visit, permission: &str, path: &vx_kernel::Path) -> bool {
    visit.signed.as_ref().is_some_and(|signed| signed.actor.may(permission, path))
}

/// Whether somebody may do something at the unit's desk or at that of whoever is to sign.
fn may_at_desk(visit: &Visit, permission: &str, paper: &Paper) -> bool {
    may(visit, permission, &paper.path) || paper.signs_at.as_ref().is_some_and(|at| may(visit, permission, at))
}

fn count(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

pub(crate) fn kind_title(kind: &str) -> &'static str {
    // Names of types are Vietnamese terms of the law; they are not translated.
    serde_json::from_value::<Kind>(serde_json::json!(kind)).map_or("–", Kind::title)
}

fn state_chip(visit: &Visit, state: PaperState) -> Markup {
    html! { span.vx-state { (visit.t(&format!("paper-state-{state}"))) } }
}

/// What a document is, in one line.
pub(crate) fn line(visit: &Visit, paper: &Paper) -> Markup {
    html! {
        div.vx-line {
            (urgency_stamp(visit, paper.urgency)) (state_chip(visit, paper.state))
            @if let Some(number) = &paper.number { strong { (number) } }
            span { (paper.kind().title()) } span { (paper.issuer) }
            @if let Some(day) = paper.issued_on { span { (time::say_date(visit.lang, day)) } }
            @if let Some(page) = &paper.rests_on { a href=(page) { (icon("list-details")) " " (visit.t("papers-rests-on")) } }
        }
        @if let Some(page) = &paper.overtaken {
            div.vx-note.vx-note-doubt { (icon("alert-triangle")) " " (visit.t("papers-overtaken")) " " a href=(page) { (visit.t("papers-overtaken-see")) } }
        }
    }
}

pub(crate) fn list(
    visit: &Visit,
    wanted: &Wanted,
    listing: &Listing,
    kept: &Kept,
    shown: &Shown<Line>,
    n_to_sign: i64,
) -> Markup {
    let lines = &shown.rows;
    let option =
        |value: &str, key: &str, chosen: bool| html! { option value=(value) selected[chosen] { (visit.t(key)) } };
    html! {
        div.vx-head { h1 { (visit.t("papers")) " " span.vx-quiet { (time::say_count(visit.lang, shown.total)) } }
            @if shown.total > 0 { @for kind in SheetKind::ALL { a.btn href=(listing.also_at(&format!("/papers/export/{}", kind.as_str()))) download { (icon("download")) " " (visit.t(&format!("export-{}", kind.as_str()))) } } }
            a.btn href="/papers/check" { (icon("circle-check")) " " (visit.t("papers-check")) }
            @if visit.may_anywhere(Write::NAME) { a.btn.btn-primary href="/papers/new" { (icon("edit")) " " (visit.t("papers-new")) } } }
        @if n_to_sign > 0 && !wanted.to_sign { div.vx-note { (icon("bell")) " " a href="/papers?sign=1" { (visit.ta("papers-to-sign-n", &[("n", n_to_sign.into())])) } } }
        form.vx-filters method="get" action="/papers" {
            label { span.form-label { (visit.t("search-words")) } input.form-control type="search" name="q" value=(wanted.text); }
            label { span.form-label { (visit.t("filter-state")) } select.form-select name="state" {
                (option("", "paper-state-any", wanted.state.is_none()))
                @for state in PaperState::ALL { (option(state.as_str(), &format!("paper-state-{state}"), wanted.state == Some(*state))) } } }
            label { span.form-label { (visit.t("paper-field-kind")) } select.form-select name="kind" {
                (option("", "paper-kind-any", wanted.kind.is_none()))
                @for kind in KINDS { @let word = serde_json::json!(kind); @let word = word.as_str().unwrap_or(""); option value=(word) selected[wanted.kind.as_deref() == Some(word)] { (kind.title()) } } } }
            (listing.sort_field(visit))
            @if visit.may_anywhere(Sign::NAME) { label.form-check { input.form-check-input type="checkbox" name="sign" value="1" checked[wanted.to_sign]; span { (visit.t("papers-to-sign")) } } }
            button.btn.btn-primary type="submit" { (icon("search")) " " (visit.t("filter-do")) }
        }
        (kept.bar(visit, &listing.query()))
        @if lines.is_empty() && listing.is_narrowed() {
            div.vx-empty { (icon("send")) h2 { (visit.t("papers-none-found")) } p { (visit.t("papers-none-found-todo")) } a.btn href="/papers?all=1" { (icon("x")) " " (visit.t("papers-all")) } }
        } @else if lines.is_empty() {
            div.vx-empty { (icon("send")) h2 { (visit.t("papers-none")) } p { (visit.t("papers-none-todo")) } }
        } @else {
            div.vx-scroll tabindex="0" { table.vx-table.vx-cards {
                thead { tr { (listing.head(visit, "number")) (listing.head(visit, "subject")) th scope="col" { (visit.t("paper-issuer")) } (listing.head(visit, "issued")) th scope="col" { (visit.t("filter-state")) } th scope="col" { (visit.t("paper-drafted-by")) } } }
                tbody data-rows { @for line in lines { tr {
                    th scope="row" { a href={ "/papers/" (line.id) } { @match &line.number { Some(number) => (number), None => { "…/" (line.symbol) } } } " " (urgency_stamp(visit, line.urgency)) }
                    td.vx-cap data-label=(visit.t("paper-subject")) { (line.subject) div.vx-quiet { (kind_title(&line.kind)) } }
                    td data-label=(visit.t("paper-issuer")) { (line.issuer) }
                    td data-label=(visit.t("paper-issued-on")) { (line.issued_on.map_or("–".to_owned(), |day| time::say_date(visit.lang, day))) }
                    td { (state_chip(visit, line.state)) }
                    td data-label=(visit.t("paper-drafted-by")) { (line.drafted_by) }
                } } }
            } }
            (listing.pages(visit, shown))
        }
    }
}

/// Ways to take a document along.
pub(crate) fn downloads(visit: &Visit, paper: &Paper) -> Markup {
    let at = |kind: &str| format!("/papers/{}/file/{kind}", paper.id);
    html! {
        a.btn href=(at("docx")) download { (icon("download")) " Word (.docx)" }
        a.btn href=(at("pdf")) download { (icon("download")) " PDF" }
        @if paper.state.is_out() { a.btn href=(at("edxml")) download { (icon("download")) " edXML " (visit.t("papers-unconfirmed")) } }
    }
}

/// Pages drawn at once; those of a longer document are in its PDF.
const DRAWN_MAX: usize = 30;

/// The document as it will lie on the desk, page by page, and as text for whoever cannot see it.
pub(crate) fn sheets(visit: &Visit, paper: &Paper, n_pages: usize) -> Markup {
    let (text, has_figures) = text_of(paper);
    html! {
        section aria-label=(visit.t("papers-pages")) {
            @for number in 1..=n_pages.min(DRAWN_MAX) {
                img.vx-sheet src={ "/papers/" (paper.id) "/page/" (number) "?v=" (paper.version) } width="794" height="1123" loading=[(number > 2).then_some("lazy")]
                    alt=(visit.ta("papers-page-n", &[("n", count(number).into()), ("all", count(n_pages).into())]));
            }
            @if n_pages > DRAWN_MAX { p.vx-quiet { (visit.ta("papers-pages-more", &[("n", count(n_pages - DRAWN_MAX).into())])) } }
        }
        details.vx-panel { summary { (visit.t("papers-text")) } @if has_figures { p.vx-quiet { (visit.t("papers-text-figures")) } } pre.vx-paper { (text) } }
    }
}

/// How the signature would stand: "KT. CHỦ TỊCH / PHÓ CHỦ TỊCH".
fn signature(paper: &Paper) -> String {
    let draft = paper.draft();
    let lines = draft.authority.iter().map(|line| format!("{} {}", line.by.printed(), line.of));
    let acting = if draft.acting { "Q. " } else { "" };
    lines.chain(std::iter::once(format!("{acting}{}", draft.title))).collect::<Vec<_>>().join(" / ")
}

fn addressed(visit: &Visit, to: &Addressed, sent: bool) -> Markup {
    const NAMED_MAX: usize = 12;
    html! {
        h2 { (visit.t(if sent { "papers-sent-to" } else { "papers-goes-to" })) " " span.vx-quiet { (time::say_count(visit.lang, count(to.units.len()))) } }
        @if to.units.is_empty() { p.vx-quiet { (visit.t("papers-goes-to-none")) } }
        @else { ul { @for path in to.units.iter().take(NAMED_MAX) { li { (visit.unit(path)) } } @if to.units.len() > NAMED_MAX { li.vx-quiet { (visit.ta("papers-units-more", &[("n", count(to.units.len() - NAMED_MAX).into())])) } } } }
        @if !to.others.is_empty() { p.vx-quiet { (visit.t("papers-goes-outside")) " " (to.others.join("; ")) } }
    }
}

fn reason_form(visit: &Visit, action: &str, icon_name: &str, key: &str, field: &str, label: &str) -> Markup {
    html! {
        details.vx-panel { summary { (icon(icon_name)) " " (visit.t(key)) }
            (visit.form(action, html! {
                label.vx-field.d-block { span.form-label { (visit.t(label)) } textarea.form-control name=(field) rows="3" required {} }
                button.btn type="submit" { (icon(icon_name)) " " (visit.t(key)) }
            }))
        }
    }
}

pub(crate) fn discard_form(visit: &Visit, paper: &Paper) -> Markup {
    reason_form(
        visit,
        &format!("/papers/{}/discard", paper.id),
        "trash",
        "papers-discard",
        "reason",
        "papers-discard-reason",
    )
}

/// The next move, for whoever may make it.
fn moves(visit: &Visit, paper: &Paper, seen: &Seen) -> Markup {
    let at = |verb: &str| format!("/papers/{}/{verb}", paper.id);
    let signs_at = paper.signs_at.as_ref().unwrap_or(&paper.path);
    let delegated = paper.draft().authority.iter().any(|line| line.by == SigningFor::Tuq);
    html! {
        @match paper.state {
            PaperState::Review => {
                section.vx-panel.vx-decide {
                    h2 { (visit.t("papers-waits-for-signature")) }
                    p { (visit.t("papers-will-sign")) " " strong { (signature(paper)) } " · " (visit.unit(signs_at)) }
                    @if may(visit, Sign::NAME, signs_at) {
                        @let (typed, own) = (paper.draft().name, visit.signed.as_ref().map_or("", |signed| signed.actor.name.as_str()));
                        @if !typed.is_empty() && typed != own { div.vx-note.vx-note-doubt { (visit.ta("papers-sign-name", &[("typed", typed.as_str().into()), ("own", own.into())])) } }
                        (visit.form(&at("sign"), html! {
                            input type="hidden" name="version" value=(paper.version);
                            @if delegated {
                                label.vx-field.d-block { span.form-label { (visit.t("papers-delegation")) } input.form-control name="delegation" required; }
                                label.vx-field.d-block { span.form-label { (visit.t("papers-delegated-until")) } input.form-control type="date" name="delegated_until" required; }
                            }
                            button.btn.btn-primary type="submit" { (icon("check")) " " (visit.t("papers-sign")) }
                        }))
                    }
                }
                @if may_at_desk(visit, Comment::NAME, paper) { (reason_form(visit, &at("comment"), "info-circle", "papers-comment", "text", "papers-comment-text")) }
                @if may_at_desk(visit, Return::NAME, paper) { (reason_form(visit, &at("return"), "corner-up-left", "papers-return", "reason", "papers-return-reason")) }
                @if may(visit, Discard::NAME, &paper.path) { (discard_form(visit, paper)) }
            }
            PaperState::Signed | PaperState::Numbered => {
                section.vx-panel.vx-decide {
                    h2 { (visit.t(if paper.state == PaperState::Signed { "papers-waits-for-number" } else { "papers-waits-to-go" })) }
                    @if may(visit, Publish::NAME, &paper.path) {
                        (visit.form(&at("publish"), html! {
                            input type="hidden" name="version" value=(paper.version);
                            @if paper.state == PaperState::Signed {
                                @if seen.last_number == 0 { label.vx-field.d-block { span.form-label { (visit.t("papers-first")) } input.form-control type="text" inputmode="numeric" name="first" value="1"; span.vx-quiet { (visit.t("papers-first-about")) } } }
                                @else { p { (visit.t("papers-next")) " " strong { (format!("{:02}/{}", seen.last_number + 1, paper.symbol)) } } }
                            }
                            button.btn.btn-primary type="submit" { (icon("send")) " " (visit.t(if paper.state == PaperState::Signed { "papers-publish" } else { "papers-publish-again" })) }
                        }))
                    } @else { p { (visit.t("papers-waits-for-office")) } }
                }
                @if paper.state == PaperState::Signed && may_at_desk(visit, Return::NAME, paper) { (reason_form(visit, &at("return"), "corner-up-left", "papers-return", "reason", "papers-return-reason")) }
            }
            PaperState::Discarded => {
                @if may(visit, Restore::NAME, &paper.path) { (reason_form(visit, &at("restore"), "corner-up-left", "papers-restore", "reason", "papers-restore-reason")) }
            }
            PaperState::Draft => {}
            _ => {
                section.vx-panel { div.vx-actions.mt-0 {
                    a.btn href={ "/directives/" (paper.id) } { (icon("file-text")) " " (visit.t("papers-as-dispatch")) }
                    a.btn href={ "/directives/" (paper.id) "/receipts" } { (icon("checks")) " " (visit.t("papers-receipts")) }
                    @if may(visit, Write::NAME, &paper.path) && paper.state != PaperState::Superseded {
                        a.btn href={ "/papers/new?replaces=" (paper.id) } { (icon("refresh")) " " (visit.t("papers-replace")) }
                        a.btn href={ "/papers/new?corrects=" (paper.id) } { (icon("edit")) " " (visit.t("papers-correct")) }
                    }
                } }
            }
        }
    }
}

fn facts(visit: &Visit, paper: &Paper, seen: &Seen) -> Markup {
    let fact = |key: &str, value: Markup| html! { div { dt { (visit.t(key)) } dd { (value) } } };
    html! {
        dl.vx-facts {
            (fact("paper-drafted-by", html! { (paper.drafted_by) }))
            @if let (Some(signer), Some(at)) = (&paper.signer, paper.signed_at) { (fact("papers-signed-by", html! { (signer) " · " (signature(paper)) br; (visit.at(at)) })) }
            @if let Some(delegation) = &paper.delegation { (fact("papers-delegation", html! { (delegation) })) }
            @if let Some(at) = paper.issued_at { (fact("papers-issued-at", html! { (visit.at(at)) })) }
            @if let Some(n) = paper.n_pages { (fact("papers-n-pages", html! { (time::say_count(visit.lang, n)) })) }
            @for (key, other) in &seen.ties { (fact(key, html! { a href={ "/papers/" (other.id) } { (other.label()) } " " (state_chip(visit, other.state)) })) }
        }
    }
}

fn hashes(visit: &Visit, paper: &Paper) -> Markup {
    let all = [("PDF", &paper.pdf_sha256), ("Word", &paper.word_sha256), ("", &paper.text_sha256)];
    html! {
        @if paper.state.is_out() {
            section.vx-panel { h2 { (visit.t("papers-edition")) } p.vx-quiet { (visit.t("papers-edition-about")) }
                dl { @for (name, hash) in all { @if let Some(hash) = hash { dt { "SHA-256 " @if name.is_empty() { (visit.t("papers-edition-text")) } @else { (name) } } dd { code { (hex(hash)) } } } } }
                a.btn href="/papers/check" { (icon("circle-check")) " " (visit.t("papers-check")) }
            }
        }
    }
}

/// The page of a document that is no longer written.
pub(crate) fn record(visit: &Visit, paper: &Paper, seen: &Seen, entries: &[Entry]) -> Markup {
    let sent = paper.state.is_out();
    let to =
        if sent { Addressed { units: paper.recipients(), others: seen.to.others.clone() } } else { seen.to.clone() };
    html! {
        div.vx-head { h1.vx-cap { (if paper.subject.is_empty() { paper.label() } else { paper.subject.clone() }) } (downloads(visit, paper)) }
        (line(visit, paper))
        @if paper.state == PaperState::Superseded { div.vx-note.vx-note-doubt { (icon("alert-triangle")) " " (visit.t("papers-superseded-note")) } }
        @if paper.state == PaperState::Corrected { div.vx-note.vx-note-doubt { (icon("alert-triangle")) " " (visit.t("papers-corrected-note")) } }
        @if let Some(pending) = &seen.pending { (pending_note(visit, paper, pending)) }
        div.vx-record {
            div { (sheets(visit, paper, seen.n_pages)) }
            div {
                (moves(visit, paper, seen))
                section.vx-panel { (facts(visit, paper, seen)) }
                section.vx-panel { (addressed(visit, &to, sent)) }
                (hashes(visit, paper))
                section.vx-panel { h2 { (visit.t("history")) } (history(visit, entries)) }
            }
        }
    }
}

/// Whether a file is an edition that went out.
pub(crate) fn check(visit: &Visit, found: Option<(&str, &[u8], Option<&Paper>)>) -> Markup {
    html! {
        div.vx-head { h1 { (visit.t("papers-check")) } a.btn href="/papers" { (icon("arrow-left")) " " (visit.t("papers")) } }
        p { (visit.t("papers-check-about")) }
        @if let Some((name, hash, paper)) = found {
            @match paper {
                Some(paper) => div.vx-note role="status" { (icon("circle-check")) " " strong { (visit.t("papers-check-same")) }
                    p { (name) " · " (paper.kind().title()) " " strong { (paper.label()) } " · " (paper.issuer) @if let Some(day) = paper.issued_on { " · " (time::say_date(visit.lang, day)) } " · " (state_chip(visit, paper.state)) } },
                None => div.vx-note.vx-note-error role="alert" { strong { (visit.t("papers-check-other")) } p { (name) " · " (visit.t("papers-check-other-todo")) } },
            }
            p.vx-quiet { "SHA-256 " code { (hex(hash)) } }
        }
        (visit.form_of_class("/papers/check", "vx-form", html! {
            label.vx-field.d-block { span.form-label { (visit.t("papers-check-file")) } input.form-control type="file" name="file" required accept=".pdf,.docx"; }
            button.btn.btn-primary type="submit" { (icon("circle-check")) " " (visit.t("papers-check-do")) }
        }))
    }
}
