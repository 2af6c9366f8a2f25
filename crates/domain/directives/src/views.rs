//! How dispatches look.

use vx_concepts::work::{
    DueKind, Filter, Part, Urgency, WorkState,
    show::{clause_name, history, rule_name, urgency_stamp},
};
use vx_dispatch::{CODES, Severity};
use vx_foundation::filters::Kept;
use vx_kernel::{
    Id, Problem, ids,
    time::{self, Lang},
};
use vx_platform::{
    journal::Entry,
    sheet::SheetKind,
    store::{Uuid, migrate::hex},
    web::{
        Markup, Visit, html, icon,
        list::{Listing, Shown},
    },
};

use crate::{
    Directive, DirectiveState, Mention, Order, Resolved, Review,
    changes::pages::{self as changes, Around},
    commands::{Discard, Restore},
    review::Required,
    store::{Line, Wanted},
};
use vx_concepts::engine::Command as _;

pub(crate) fn state_chip(visit: &Visit, state: DirectiveState) -> Markup {
    html! { span.vx-state { (visit.t(&format!("directive-state-{state}"))) } }
}

pub(crate) fn kind_name(visit: &Visit, kind: Option<&str>) -> String {
    // The parser's own names are Vietnamese terms of the law; they are not translated.
    let kind = kind.and_then(|kind| serde_json::from_value::<vx_dispatch::Kind>(serde_json::json!(kind)).ok());
    kind.map_or_else(|| visit.t("kind-unknown"), |kind| kind.title().to_owned())
}

fn drop_zone(visit: &Visit) -> Markup {
    html! {
        form.mb-3 method="post" action="/directives/upload" enctype="multipart/form-data" data-once {
            @if let Some(signed) = &visit.signed { input type="hidden" name="_csrf" value=(signed.csrf); }
            input type="hidden" name="_key" value=(vx_platform::store::Uuid::now_v7());
            label.vx-drop data-drop="submit" {
                (icon("upload"))
                strong.d-block { (visit.t("drop-here")) }
                span.vx-quiet.d-block { (visit.t("drop-kinds")) }
                input.form-control.mt-2 type="file" name="file" multiple required accept=".txt,.md,.docx,.pdf,text/plain";
                ul data-names {}
                span role="status" data-sending=(visit.t("drop-sending")) {}
            }
            noscript { button.btn.btn-primary.mt-2 type="submit" { (visit.t("upload-do")) } }
        }
    }
}

pub(crate) fn list(
    visit: &Visit,
    wanted: &Wanted,
    listing: &Listing,
    kept: &Kept,
    shown: &Shown<Line>,
    unopened: &std::collections::BTreeMap<Uuid, (i64, i64)>,
) -> Markup {
    let lines = &shown.rows;
    let option =
        |value: &str, key: &str, chosen: bool| html! { option value=(value) selected[chosen] { (visit.t(key)) } };
    html! {
        div.vx-head { h1 { (visit.t("directives")) " " span.vx-quiet { (time::say_count(visit.lang, shown.total)) } }
            @for kind in SheetKind::ALL { a.btn href=(listing.also_at(&format!("/directives/export/{}", kind.as_str()))) download { (icon("download")) " " (visit.t(&format!("export-{}", kind.as_str()))) } } }
        @if visit.may_anywhere("directives.receive") {
            (drop_zone(visit))
            div.vx-bar.mb-3 {
                @if visit.may_anywhere("papers.write") { a.btn href="/papers/new" { (icon("edit")) " " (visit.t("compose")) } }
                a.btn href="/directives/import" { (icon("files")) " " (visit.t("import")) }
            }
        }
        form.vx-filters method="get" action="/directives" {
            label { span.form-label { (visit.t("search-words")) } input.form-control type="search" name="q" value=(wanted.text); }
            label { span.form-label { (visit.t("filter-state")) } select.form-select name="state" {
                (option("", "directive-state-any", wanted.state.is_none()))
                @for state in DirectiveState::ALL { (option(state.as_str(), &format!("directive-state-{state}"), wanted.state == Some(*state))) } } }
            label { span.form-label { (visit.t("filter-urgency")) } select.form-select name="urgency" {
                (option("", "urgency-any", wanted.urgency.is_none()))
                @for urgency in Urgency::ALL { (option(urgency.as_str(), &format!("urgency-{urgency}"), wanted.urgency == Some(*urgency))) } } }
            (listing.sort_field(visit))
            button.btn.btn-primary type="submit" { (icon("search")) " " (visit.t("filter-do")) }
        }
        (kept.bar(visit, &listing.query()))
        @if lines.is_empty() && listing.is_narrowed() {
            div.vx-empty { (icon("file-text")) h2 { (visit.t("directives-none-found")) } p { (visit.t("directives-none-found-todo")) } a.btn href="/directives?all=1" { (icon("x")) " " (visit.t("directives-all")) } }
        } @else if lines.is_empty() {
            div.vx-empty { (icon("file-text")) h2 { (visit.t("directives-none")) } p { (visit.t(if visit.may_anywhere("directives.receive") { "directives-none-todo" } else { "directives-none-wait" })) } }
        } @else {
            div.vx-scroll tabindex="0" { table.vx-table.vx-cards {
                thead { tr { (listing.head(visit, "number")) th scope="col" { (visit.t("directive-subject")) } (listing.head(visit, "issuer")) (listing.head(visit, "issued")) th scope="col" { (visit.t("filter-state")) } th.vx-num scope="col" { (visit.t("directive-tasks")) } } }
                tbody data-rows { @for line in lines { tr {
                    th scope="row" { a href={ "/directives/" (line.id) } { (line.label) } " " (urgency_stamp(visit, line.urgency)) }
                    td.vx-cap data-label=(visit.t("directive-subject")) { (line.subject.as_deref().unwrap_or("")) div.vx-quiet { (kind_name(visit, line.kind.as_deref())) } }
                    td data-label=(visit.t("directive-issuer")) { (line.issuer.as_deref().unwrap_or("–")) }
                    td data-label=(visit.t("directive-date")) { (line.issued_on.map_or("–".to_owned(), |day| time::say_date(visit.lang, day))) }
                    td { (state_chip(visit, line.state)) @if line.state == DirectiveState::Received && line.required > 0 { " " span.vx-quiet { (visit.ta("required-left", &[("n", line.required.into())])) } }
                         @if let Some((units, n)) = unopened.get(&line.id.uuid()).filter(|(_, n)| *n > 0) { div { a href={ "/directives/" (line.id) "/receipts?show=unopened" } { span.vx-overdue[crate::receipts::presses(line.urgency)] { (visit.ta("receipts-line-short", &[("n", (*n).into()), ("all", (*units).into())])) } } } } }
                    td.vx-num data-label=(visit.t("directive-tasks")) { @if line.tasks > 0 { a href=(Filter { about: Some(line.id.uuid()), ..Filter::default() }.href()) { (visit.ta("tasks-open-of", &[("open", line.open.into()), ("all", line.tasks.into())])) } } @else { "–" } }
                } } }
            } }
            (listing.pages(visit, shown))
        }
    }
}

/// What became of each file that was sent.
pub(crate) fn taken(visit: &Visit, all: &[(String, Result<Vec<Directive>, Problem>)]) -> Markup {
    html! {
        div.vx-head { h1 { (visit.t("upload-results")) } a.btn href="/directives" { (icon("arrow-left")) " " (visit.t("directives")) } }
        div.vx-scroll tabindex="0" { table.vx-table.vx-cards {
            thead { tr { th { (visit.t("file")) } th { (visit.t("upload-found")) } th { (visit.t("directive-subject")) } th { (visit.t("upload-todo")) } } }
            tbody data-rows { @for (file, outcome) in all { @match outcome {
                Ok(directives) => @for directive in directives { tr {
                    th scope="row" { (file) }
                    td { a href={ "/directives/" (directive.id) } { (directive.label()) } " " (urgency_stamp(visit, directive.urgency)) div.vx-quiet { (directive.issuer.as_deref().unwrap_or("")) } }
                    td { (directive.subject.as_deref().unwrap_or("–")) }
                    td { @if directive.state == DirectiveState::Unreadable { (icon("alert-triangle")) " " (trouble(visit, directive).0) }
                         @else if directive.required > 0 { (visit.ta("required-left", &[("n", directive.required.into())])) }
                         @else { (icon("check")) " " (visit.t("ready-to-issue")) } }
                } },
                Err(problem) => tr { @let (what, todo) = visit.app.words().problem(visit.lang, problem);
                    th scope="row" { (file) } td colspan="3" { div.vx-note.vx-note-error { strong { (what) } " " (todo) } } },
            } } }
        } }
    }
}

/// Why a file could not be read, and what to do now.
fn trouble(visit: &Visit, directive: &Directive) -> (String, String) {
    let code = directive.trouble.as_deref().unwrap_or("not_a_dispatch");
    (visit.t(&format!("trouble-{code}")), visit.t(&format!("trouble-{code}.todo")))
}

fn head(visit: &Visit, directive: &Directive) -> Markup {
    html! {
        div.vx-head {
            h1.vx-cap[directive.subject.is_some()] { (directive.subject.clone().unwrap_or_else(|| directive.label())) }
            a.btn href={ "/directives/" (directive.id) "/file" } { (icon("download")) " " (visit.t("original")) }
        }
        (line(visit, directive))
    }
}

/// What a dispatch is, in one line.
pub(crate) fn line(visit: &Visit, directive: &Directive) -> Markup {
    html! {
        div.vx-line {
            (urgency_stamp(visit, directive.urgency)) (state_chip(visit, directive.state))
            strong { (directive.label()) } span { (kind_name(visit, directive.kind.as_deref())) }
            span { (directive.issuer.as_deref().unwrap_or("–")) }
            @if let Some(day) = directive.issued_on { span { (time::say_date(visit.lang, day)) } }
        }
    }
}

fn provenance(visit: &Visit, directive: &Directive) -> Markup {
    html! { p.vx-quiet { (visit.t("file")) ": " (directive.file_name) " · " (visit.t("received-by")) " " (directive.received_by) " · SHA-256 " code { (hex(&directive.file_sha256)) } } }
}

pub(crate) fn unreadable(visit: &Visit, directive: &Directive, entries: &[Entry], typed: Option<&str>) -> Markup {
    let (what, todo) = trouble(visit, directive);
    let may_type = directive.state == DirectiveState::Unreadable
        && visit.signed.as_ref().is_some_and(|signed| signed.actor.may(crate::Transcribe::NAME, &directive.path));
    html! {
        (head(visit, directive))
        div.vx-record {
            div {
                div.vx-note.vx-note-error role="alert" { strong { (what) } p { (todo) } }
                @if may_type { (transcription(visit, directive, typed)) }
                @else if !directive.text.is_empty() { section.vx-panel { h2 { (visit.t("text-of-file")) } pre.vx-paper { (directive.text.chars().take(20_000).collect::<String>()) } } }
                (provenance(visit, directive))
                @if directive.state == DirectiveState::Unreadable { (discard_form(visit, directive)) }
                (restore_form(visit, directive))
            }
            aside.vx-panel { h2 { (visit.t("history")) } (history(visit, entries)) }
        }
    }
}

/// A field for the text of a file that could not be read. What was typed stays when nothing was recognised in it.
fn transcription(visit: &Visit, directive: &Directive, typed: Option<&str>) -> Markup {
    let text = typed.map_or_else(|| directive.text.chars().take(20_000).collect::<String>(), str::to_owned);
    html! {
        section.vx-panel {
            h2 { (visit.t("transcribe")) }
            @if typed.is_some() { div.vx-note.vx-note-error role="alert" { strong { (visit.t("transcribe-nothing")) } " " (visit.t("transcribe-nothing-todo")) } }
            p { (visit.t("transcribe-about")) " " a href={ "/directives/" (directive.id) "/file" } { (visit.t("original")) } }
            (visit.form(&format!("/directives/{}/transcribe", directive.id), html! {
                (version_field(directive))
                label.vx-field.d-block { span.form-label { (visit.t("transcribe-text")) } textarea.form-control name="text" rows="16" required spellcheck="false" placeholder=(visit.t("transcribe-example")) { (text) } }
                button.btn.btn-primary type="submit" { (icon("check")) " " (visit.t("transcribe-do")) }
            }))
        }
    }
}

/// The text with its tinted pieces; whole characters only, since a span that is off must not break the page.
fn paper(visit: &Visit, directive: &Directive, review: &Review) -> Markup {
    let text = directive.text.as_str();
    let (from, to) = (review.dispatch.span.start.min(text.len()), review.dispatch.span.end.min(text.len()));
    let (from, to) = if from < to { (from, to) } else { (0, text.len()) };
    let mut at = from;
    let mut pieces: Vec<Markup> = Vec::new();
    for (span, kind) in review.marks() {
        let (Some(before), Some(piece)) = (text.get(at..span.start), text.get(span.start..span.end)) else { continue };
        if span.end > to {
            break;
        }
        pieces.push(html! { (before) mark data-kind=(kind) data-span={ (span.start) "-" (span.end) } title=(visit.t(&format!("mark-{kind}"))) { (piece) } });
        at = span.end;
    }
    html! {
        div.vx-legend aria-hidden="true" { @for kind in ["number", "date", "lead", "cooperating", "deadline", "citation"] { mark data-kind=(kind) { (visit.t(&format!("mark-{kind}"))) } } }
        pre.vx-paper { @for piece in pieces { (piece) } (text.get(at..to).unwrap_or_default()) }
    }
}

fn span_text(span: vx_dispatch::Span) -> String {
    format!("{}-{}", span.start, span.end)
}

fn version_field(directive: &Directive) -> Markup {
    html! { input type="hidden" name="version" value=(directive.version); }
}

fn finding_text(visit: &Visit, code: &str) -> &'static str {
    CODES
        .iter()
        .find(|known| known.code == code)
        .map_or("", |known| if visit.lang == Lang::Vi { known.vi } else { known.en })
}

pub(crate) fn review(
    visit: &Visit,
    directive: &Directive,
    review: &Review,
    entries: &[Entry],
    around: &Around,
) -> Markup {
    let required = review.required();
    let address = format!("/directives/{}", directive.id);
    html! {
        (head(visit, directive))
        @if let Some(twin) = &review.duplicate { div.vx-note.vx-note-doubt role="alert" { strong { (visit.t("duplicate")) } " " a href={ "/directives/" (twin) } { (visit.t("duplicate-open")) } } }
        (changes::says(visit, directive, around))
        div.vx-bar.mb-3 {
            @if required.is_empty() {
                (visit.form(&format!("{address}/issue"), html! { (version_field(directive))
                    button.btn.btn-primary type="submit" { (icon("send")) " " (visit.ta("issue-do", &[("n", i64::try_from(review.n_tasks()).unwrap_or(0).into())])) } }))
            } @else {
                span.vx-note.mb-0 role="status" { (visit.ta("issue-not-yet", &[("n", i64::try_from(required.len()).unwrap_or(0).into())])) }
                a.btn href="#required" { (visit.t("issue-show-required")) }
            }
        }
        div.vx-review {
            section.vx-pane aria-label=(visit.t("text-of-file")) tabindex="0" { (paper(visit, directive, review)) }
            section.vx-pane aria-label=(visit.t("structure")) tabindex="0" {
                (findings(visit, directive, review, &required, &address))
                (header_card(visit, directive, review, &address))
                (mentions_card(visit, directive, review, &address))
                h2 #orders { (visit.t("orders")) " " span.vx-quiet { (visit.ta("orders-count", &[("orders", i64::try_from(review.orders.iter().filter(|order| order.include).count()).unwrap_or(0).into()), ("tasks", i64::try_from(review.n_tasks()).unwrap_or(0).into())])) } }
                @if review.orders.is_empty() { p.vx-quiet { (visit.t("orders-none")) } }
                @for (index, order) in review.orders.iter().enumerate() { (order_card(visit, directive, review, index, order, &address)) }
                (citations(visit, directive.id, review))
                (provenance(visit, directive))
                (discard_form(visit, directive))
                details.vx-panel { summary { (visit.t("history")) } (history(visit, entries)) }
            }
        }
    }
}

fn findings(visit: &Visit, directive: &Directive, review: &Review, required: &[Required], address: &str) -> Markup {
    let open_soft = review
        .dispatch
        .findings
        .iter()
        .enumerate()
        .filter(|(index, finding)| finding.severity != Severity::Error && !review.settled.contains(index))
        .count();
    html! {
        div #findings {
            h2 #required { (visit.t("findings")) }
            @if required.is_empty() && review.dispatch.findings.is_empty() { p.vx-quiet { (icon("check")) " " (visit.t("findings-none")) } }
            ul.vx-findings {
                @for item in required { @match item {
                    Required::Finding(_) => {},
                    Required::Mention(index) => li.vx-finding.vx-finding-required { (visit.t("required-mention")) " “" (review.mentions.get(*index).map_or("", |mention| mention.text.as_str())) "” " a href={ "#mention-" (index) } { (visit.t("required-mention-todo")) } },
                    Required::NobodyLeads(index) => li.vx-finding.vx-finding-required { (visit.t("required-nobody-leads")) " " a href={ "#order-" (index) } { (review.orders.get(*index).map_or(String::new(), |order| clause_name(visit, &order.clause))) } },
                    Required::DueBeforeIssue(index) => li.vx-finding.vx-finding-required { (visit.t("required-due-before-issue")) " " a href={ "#order-" (index) } { (review.orders.get(*index).map_or(String::new(), |order| clause_name(visit, &order.clause))) } },
                    Required::NoOrders => li.vx-finding.vx-finding-required { (visit.t("required-no-orders")) },
                } }
                @for (index, finding) in review.dispatch.findings.iter().enumerate() {
                    @let settled = review.settled.contains(&index);
                    @let class = match (settled, finding.severity) { (true, _) => "vx-finding vx-finding-settled", (false, Severity::Error) => "vx-finding vx-finding-required", _ => "vx-finding" };
                    li class=(class) data-span=[finding.span.map(span_text)] {
                        div { (finding_text(visit, &finding.code)) }
                        @if !finding.detail.is_empty() { div.vx-quiet { "“" (finding.detail) "”" } }
                        (visit.form(&format!("{address}/settle/{index}"), html! { (version_field(directive)) button.btn.btn-sm type="submit" { (visit.t(if settled { "finding-reopen" } else { "finding-settle" })) } }))
                    }
                }
            }
            @if open_soft > 1 { (visit.form(&format!("{address}/settle-rest"), html! { (version_field(directive)) button.btn type="submit" { (icon("checks")) " " (visit.ta("settle-rest", &[("n", i64::try_from(open_soft).unwrap_or(0).into())])) } })) }
        }
    }
}

fn header_card(visit: &Visit, directive: &Directive, review: &Review, address: &str) -> Markup {
    let header = &review.dispatch;
    let span = |field: &str| header.spans.get(field).and_then(|spans| spans.first()).copied().map(span_text);
    let field = |key: &str, name: &str, kind: &str, value: Option<&str>, spanned: &str| {
        html! {
            label.vx-field.d-block data-span=[span(spanned)] { span.form-label { (visit.t(key)) } input.form-control type=(kind) name=(name) value=(value.unwrap_or("")); }
        }
    };
    let kind = serde_json::json!(header.kind);
    let urgency = serde_json::json!(header.urgency);
    html! {
        details.vx-clause open[header.number.is_none() || header.issued_on.is_none()] {
            summary { (visit.t("header-card")) ": " strong { (header.number.as_deref().unwrap_or("–")) } " · " (header.issuer.as_deref().unwrap_or("–")) }
            dl.vx-facts {
                div.vx-wide { dt { (visit.t("addressees")) } dd { @if header.addressees.is_empty() { "–" } @for addressee in &header.addressees { span.vx-chip { (addressee) } " " } } }
                div { dt { (visit.t("signatory")) } dd { (header.signatory.authority.as_deref().unwrap_or("")) " " (header.signatory.title.as_deref().unwrap_or("–")) ": " (header.signatory.name.as_deref().unwrap_or("–")) } }
                div { dt { (visit.t("place-of-issuer")) } dd { (vx_kernel::Path::parse(&review.place).map_or(String::new(), |place| visit.unit(&place))) } }
            }
            (visit.form(&format!("{address}/header"), html! {
                (version_field(directive))
                (field("directive-number", "number", "text", header.number.as_deref(), "number"))
                label.vx-field.d-block { span.form-label { (visit.t("directive-kind")) } select.form-select name="kind" { option value="" { (visit.t("kind-unknown")) }
                    @for each in vx_dispatch::Kind::ALL { @let word = serde_json::json!(each); option value=(word.as_str().unwrap_or("")) selected[word == kind] { (each.title()) } } } }
                (field("directive-issuer", "issuer", "text", header.issuer.as_deref(), "issuer"))
                (field("directive-place", "place", "text", header.place.as_deref(), "place"))
                (field("directive-date", "issued_on", "date", header.issued_on.as_deref(), "issued_on"))
                label.vx-field.d-block { span.form-label { (visit.t("filter-urgency")) } select.form-select name="urgency" { option value="" { (visit.t("urgency-none")) }
                    @for each in Urgency::ALL { option value=(each.as_str()) selected[urgency.as_str() == Some(each.as_str())] { (visit.t(&format!("urgency-{each}"))) } } } }
                label.vx-field.d-block data-span=[span("subject")] { span.form-label { (visit.t("directive-subject")) } textarea.form-control name="subject" rows="2" { (header.subject.as_deref().unwrap_or("")) } }
                button.btn type="submit" { (icon("check")) " " (visit.t("save-header")) }
            }))
        }
    }
}

pub(crate) fn how(visit: &Visit, mention: &Mention) -> Markup {
    html! { @match &mention.how {
        Resolved::Rule => span.vx-quiet { (visit.ta("resolved-rule", &[("n", i64::try_from(mention.units.len()).unwrap_or(0).into())])) },
        Resolved::Remembered => span.vx-guessed { (visit.t("resolved-remembered")) },
        Resolved::Person => span.vx-quiet { (visit.t("resolved-person")) },
        Resolved::Partly(rest) => span.vx-guessed { (visit.ta("resolved-partly", &[("rest", rest.as_str().into())])) },
        Resolved::Not { why, .. } => strong { (visit.t(&format!("unresolved-{why}"))) },
    } }
}

fn unit_names(visit: &Visit, mention: &Mention) -> Markup {
    let tree = visit.app.tree();
    let name = |key: &String| tree.get(key).map_or_else(|| key.clone(), vx_kernel::units::Unit::authority);
    html! {
        @if mention.units.len() <= 3 { @for key in &mention.units { span.vx-chip { (name(key)) } " " } }
        @else { details.d-inline-block { summary { (visit.ta("units-n", &[("n", i64::try_from(mention.units.len()).unwrap_or(0).into())])) } @for key in &mention.units { span.vx-chip { (name(key)) } " " } } }
    }
}

/// Words that name units: those that want an answer open, the others folded away.
fn mentions_card(visit: &Visit, directive: &Directive, review: &Review, address: &str) -> Markup {
    let tree = visit.app.tree();
    html! {
        h2 { (visit.t("mentions")) }
        @for (index, mention) in review.mentions.iter().enumerate() {
            details.vx-clause #{ "mention-" (index) } open[mention.is_open()] {
                summary { @if mention.is_open() { (icon("alert-triangle")) " " } "“" (mention.text) "” → " (unit_names_short(visit, mention)) " " (how(visit, mention)) }
                div { (unit_names(visit, mention)) }
                (visit.form(&format!("{address}/mention/{index}"), html! {
                    (version_field(directive))
                    @if let Resolved::Not { candidates, .. } = &mention.how && !candidates.is_empty() {
                        p { (visit.t("mention-candidates")) }
                        @for key in candidates { @if let Some(unit) = tree.get(key) { label.form-check { input.form-check-input type="checkbox" name="unit" value=(key); span { (unit.authority()) @if let Some(parent) = tree.parent(key) { " – " (parent.full_name) } } } } }
                    }
                    label.vx-field.d-block { span.form-label { (visit.t("mention-units")) } textarea.form-control name="units" rows="2" placeholder=(visit.t("mention-units-example")) {} }
                    label.form-check { input.form-check-input type="checkbox" name="remember" value="1" checked; span { (visit.t("mention-remember")) } }
                    div.vx-actions {
                        button.btn type="submit" { (icon("check")) " " (visit.t("mention-save")) }
                        button.btn type="submit" name="nobody" value="1" formnovalidate { (icon("ban")) " " (visit.t("mention-nobody")) }
                    }
                }))
            }
        }
    }
}

pub(crate) fn unit_names_short(visit: &Visit, mention: &Mention) -> Markup {
    let tree = visit.app.tree();
    html! { @match mention.units.as_slice() {
        [] => "?",
        [only] => (tree.get(only).map_or_else(|| only.clone(), vx_kernel::units::Unit::authority)),
        many => (visit.ta("units-n", &[("n", i64::try_from(many.len()).unwrap_or(0).into())])),
    } }
}

fn order_card(
    visit: &Visit,
    directive: &Directive,
    review: &Review,
    index: usize,
    order: &Order,
    address: &str,
) -> Markup {
    let clause = review.clause(order);
    let due = review.due(order);
    let names = |indexes: &[usize]| html! { @for index in indexes { @if let Some(mention) = review.mentions.get(*index) { span.vx-chip { (mention.text) " → " (unit_names_short(visit, mention)) } " " } } };
    let due_value =
        order.due_at.as_deref().map(|due| if due.contains('T') { due.to_owned() } else { format!("{due}T23:59") });
    html! {
        div.vx-clause #{ "order-" (index) } data-span=[clause.map(|clause| span_text(clause.span))] {
            h3 { @if !order.include { (icon("ban")) " " } (clause_name(visit, &order.clause)) ". " (order.title) }
            dl.vx-facts {
                div { dt { (visit.t("lead")) } dd { @if order.leads.is_empty() { "–" } (names(&order.leads)) } }
                div { dt { (visit.t("cooperating")) } dd { @if order.cooperating.is_empty() { "–" } (names(&order.cooperating)) } }
                div.vx-wide { dt { (visit.t("due")) } dd { @if let Some(at) = due.at { (time::say_instant(visit.lang, at)) } @else { (visit.t(&format!("due-kind-{}", due.kind))) } @if let Some(quote) = &due.quote { " " span.vx-quiet { "“" (quote) "”" } } @if let Some(rule) = &due.rule { " · " (rule_name(visit, rule)) } } }
            }
            details { summary { (icon("edit")) " " (visit.t("order-edit")) }
                (visit.form(&format!("{address}/order/{index}"), html! {
                    (version_field(directive))
                    label.form-check { input.form-check-input type="checkbox" name="include" value="1" checked[order.include]; span { (visit.t("order-include")) } }
                    label.vx-field.d-block { span.form-label { (visit.t("order-title")) } textarea.form-control name="title" rows="2" { (order.title) } }
                    fieldset.vx-field { legend.form-label { (visit.t("lead")) } @for (n, mention) in review.mentions.iter().enumerate().filter(|(n, _)| order.leads.contains(n) || order.cooperating.contains(n)) {
                        label.form-check { input.form-check-input type="checkbox" name="lead" value=(n) checked[order.leads.contains(&n)]; span { (mention.text) } } } }
                    label.vx-field.d-block { span.form-label { (visit.t("order-add-lead")) } input.form-control name="add_lead" placeholder=(visit.t("order-add-lead-example")); }
                    fieldset.vx-field { legend.form-label { (visit.t("cooperating")) } @for (n, mention) in review.mentions.iter().enumerate().filter(|(n, _)| order.leads.contains(n) || order.cooperating.contains(n)) {
                        label.form-check { input.form-check-input type="checkbox" name="cooperating" value=(n) checked[order.cooperating.contains(&n)]; span { (mention.text) } } } }
                    label.vx-field.d-block { span.form-label { (visit.t("order-due")) } input.form-control type="datetime-local" name="due_at" value=[due_value.as_deref()]; @if due.kind == DueKind::Recurrent { span.form-hint { (visit.t("order-due-first")) } } }
                    @if due.kind == DueKind::Recurrent { label.form-check { input.form-check-input type="checkbox" name="once" value="1"; span { (visit.t("order-once")) } } }
                    button.btn type="submit" { (icon("check")) " " (visit.t("order-save")) }
                }))
            }
        }
    }
}

fn citations(visit: &Visit, id: Id<ids::Directive>, review: &Review) -> Markup {
    html! {
        @if !review.dispatch.citations.is_empty() {
            details.vx-clause { summary { (visit.t("citations")) " (" (review.dispatch.citations.len()) ")" }
                ul { @for citation in &review.dispatch.citations { li data-span=(span_text(citation.span)) {
                    (kind_name(visit, serde_json::json!(citation.kind).as_str())) " " strong { (citation.number.as_deref().unwrap_or("–")) }
                    @if let Some(day) = citation.issued_on.as_deref().and_then(|day| day.parse().ok()) { " · " (time::say_date(visit.lang, day)) }
                    @if let Some(issuer) = &citation.issuer { " · " (issuer) }
                } } }
                p { a href={ "/directives/" (id) "/graph" } { (icon("git-branch")) " " (visit.t("graph")) } } }
        }
    }
}

pub(crate) fn discard_form(visit: &Visit, directive: &Directive) -> Markup {
    let may = visit.signed.as_ref().is_some_and(|signed| signed.actor.may(Discard::NAME, &directive.path));
    html! { @if may { details.vx-panel { summary { (icon("trash")) " " (visit.t("discard")) }
    (visit.form(&format!("/directives/{}/discard", directive.id), html! {
        label.vx-field.d-block { span.form-label { (visit.t("discard-reason")) } textarea.form-control name="reason" rows="2" required {} }
        button.btn type="submit" { (icon("trash")) " " (visit.t("discard")) }
    })) } } }
}

/// The way back for what was discarded by mistake.
fn restore_form(visit: &Visit, directive: &Directive) -> Markup {
    let may = visit.signed.as_ref().is_some_and(|signed| signed.actor.may(Restore::NAME, &directive.path));
    html! { @if may && directive.state == DirectiveState::Discarded { details.vx-panel.mb-3 { summary { (icon("corner-up-left")) " " (visit.t("restore")) }
    (visit.form(&format!("/directives/{}/restore", directive.id), html! {
        label.vx-field.d-block { span.form-label { (visit.t("restore-reason")) } textarea.form-control name="reason" rows="2" required {} }
        button.btn type="submit" { (icon("corner-up-left")) " " (visit.t("restore")) }
    })) } } }
}

/// A dispatch whose tasks are out: its text, its clauses and how its tasks stand.
pub(crate) fn record(
    visit: &Visit,
    directive: &Directive,
    review: &Review,
    tasks: &[(WorkState, i64)],
    entries: &[Entry],
    unopened: Option<(i64, i64)>,
    around: &Around,
) -> Markup {
    let all: i64 = tasks.iter().map(|(_, n)| n).sum();
    let about = Some(directive.id.uuid());
    html! {
        (head(visit, directive))
        (restore_form(visit, directive))
        (changes::says(visit, directive, around))
        (changes::told(visit, directive))
        div.vx-bar.mb-3 {
            a.btn href={ "/directives/" (directive.id) "/receipts" } { (icon("eye")) " " (visit.t("receipts")) }
            a.btn href={ "/directives/" (directive.id) "/graph" } { (icon("git-branch")) " " (visit.t("graph")) }
            (changes::verbs(visit, directive))
        }
        section.vx-panel.mb-3 {
            h2 { (visit.t("directive-tasks")) " " a href=(Filter { about, with_closed: true, ..Filter::default() }.href()) { (time::say_count(visit.lang, all)) } }
            @if tasks.is_empty() { p.vx-quiet { (visit.t("directive-no-tasks")) } }
            (crate::receipts::pages::line(visit, directive, unopened))
            p { @for (state, n) in tasks { a.vx-chip href=(Filter { about, states: vec![*state], part: Part::Lead, ..Filter::default() }.href()) { (visit.t(&format!("work-state-{state}"))) ": " b { (time::say_count(visit.lang, *n)) } } " " } }
        }
        div.vx-review {
            section.vx-pane aria-label=(visit.t("text-of-file")) tabindex="0" { (paper(visit, directive, review)) }
            section.vx-pane aria-label=(visit.t("structure")) tabindex="0" {
                h2 { (visit.t("orders")) }
                @for order in review.orders.iter().filter(|order| order.include) {
                    div.vx-clause #{ "clause-" (order.clause) } data-span=[review.clause(order).map(|clause| span_text(clause.span))] {
                        h3 { (clause_name(visit, &order.clause)) ". " (order.title) }
                        p { @for index in &order.leads { @if let Some(mention) = review.mentions.get(*index) { span.vx-chip { (mention.text) } " " } } }
                        @let due = review.due(order);
                        @if let Some(at) = due.at { p.vx-quiet { (visit.t("due")) ": " (time::say_instant(visit.lang, at)) } }
                    }
                }
                (citations(visit, directive.id, review))
                (provenance(visit, directive))
                details.vx-panel open { summary { (visit.t("history")) } (history(visit, entries)) }
            }
        }
    }
}
