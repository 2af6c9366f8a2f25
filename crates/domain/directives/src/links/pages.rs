//! The graph of citations as a picture, and the same as a list.

use axum::extract::Path as Address;
use vx_kernel::{Id, ids, text::sort_key, time};
use vx_platform::web::{Markup, PageResult, Visit, html, icon};

use super::{DOCUMENTS_MAX, Document, Graph, Held, Tie, graph, number_key};
use crate::{Directive, Receive, store, views};
use vx_concepts::engine::Command as _;

pub(crate) fn held(directive: &Directive) -> Held {
    Held {
        id: directive.id,
        path: directive.path.clone(),
        state: directive.state,
        label: directive.label(),
        folded: directive.number.as_deref().map(number_key).unwrap_or_default(),
        issued_on: directive.issued_on,
        subject: directive.subject.clone(),
    }
}

pub(crate) async fn show(visit: Visit, Address(id): Address<Id<ids::Directive>>) -> PageResult {
    let actor = visit.actor()?;
    let mut conn = visit.app.db().read().await?;
    let directive = store::visible(&mut conn, actor, id).await?;
    let graph = graph(&mut conn, actor, held(&directive)).await?;
    drop(conn);
    let title = format!("{} · {}", visit.t("graph"), directive.label());
    Ok(visit.page(&title, page(&visit, &directive, &graph)))
}

/// What stands beside a document that we do not hold.
fn absent(visit: &Visit) -> String {
    visit.t(if visit.may_anywhere(Receive::NAME) { "graph-absent" } else { "graph-out-of-reach" })
}

fn day(visit: &Visit, document: &Document) -> String {
    document.issued_on().map_or_else(|| visit.t("graph-no-day"), |day| time::say_date(visit.lang, day))
}

fn page(visit: &Visit, directive: &Directive, graph: &Graph) -> Markup {
    html! {
        div.vx-head {
            h1 { (visit.t("graph")) ": " (directive.label()) }
            a.btn href={ "/directives/" (directive.id) } { (icon("arrow-left")) " " (visit.t("receipts-back")) }
        }
        (views::line(visit, directive))
        @if graph.ties.is_empty() {
            div.vx-empty { (icon("git-branch")) h2 { (visit.t("graph-none")) } p { (visit.t("graph-none-todo")) } }
        } @else {
            p.vx-quiet { (visit.t("graph-about")) }
            div.vx-scroll tabindex="0" aria-label=(visit.t("graph")) role="region" { (picture(visit, graph)) }
            @if graph.n_left_out > 0 { p { (visit.ta("graph-limited", &[("n", i64::try_from(graph.n_left_out).unwrap_or(0).into()), ("max", i64::try_from(DOCUMENTS_MAX).unwrap_or(0).into())])) } }
            (list(visit, graph, true))
            (list(visit, graph, false))
        }
    }
}

const WIDTH: usize = 216;
const HEIGHT: usize = 70;
const GAP: usize = 96;
/// Room at the sides for ties within a column.
const MARGIN: usize = 76;
const ROW: usize = 92;

/// Text cut to fit a box.
fn cut(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        text.to_owned()
    } else {
        text.chars().take(most - 1).collect::<String>().trim_end().to_owned() + "…"
    }
}

/// Where the boxes stand: a column for each level that has documents, by day within it.
fn places(graph: &Graph) -> (Vec<(usize, usize)>, usize, usize) {
    let mut levels: Vec<i8> = graph.documents.iter().map(|(level, _)| *level).collect();
    levels.sort_unstable();
    levels.dedup();
    let mut places = vec![(0, 0); graph.documents.len()];
    let columns: Vec<Vec<usize>> = levels
        .iter()
        .map(|level| {
            let mut column: Vec<usize> = (0..graph.documents.len())
                .filter(|index| graph.documents.get(*index).is_some_and(|(of, _)| of == level))
                .collect();
            column.sort_by_cached_key(|index| {
                graph.documents.get(*index).map(|(_, document)| (document.issued_on(), sort_key(document.label())))
            });
            column
        })
        .collect();
    let tallest = columns.iter().map(Vec::len).max().unwrap_or(1);
    for (x, column) in columns.iter().enumerate() {
        // In the middle, but not so far down that one has to look for it.
        let down = ((tallest - column.len()) * ROW / 2).min(2 * ROW);
        for (y, index) in column.iter().enumerate() {
            if let Some(place) = places.get_mut(*index) {
                *place = (MARGIN + x * (WIDTH + GAP), 8 + down + y * ROW);
            }
        }
    }
    (places, 2 * MARGIN + levels.len() * (WIDTH + GAP) - GAP, 16 + tallest * ROW - (ROW - HEIGHT))
}

/// The box of a document that we do not hold.
fn hollow(visit: &Visit, document: &Document, x: usize, y: usize) -> Markup {
    html! {
        title { (document.label()) " · " (day(visit, document)) " · " (absent(visit)) }
        rect.vx-hollow x=(x) y=(y) width=(WIDTH) height=(HEIGHT) rx="6" {}
        text.vx-strong x=(x + 10) y=(y + 20) { (cut(document.label(), 24)) }
        text x=(x + 10) y=(y + 38) { (day(visit, document)) }
        text x=(x + 10) y=(y + 56) { (cut(&absent(visit), 30)) }
    }
}

fn picture(visit: &Visit, graph: &Graph) -> Markup {
    let (places, width, height) = places(graph);
    let may_take_in = visit.may_anywhere(Receive::NAME);
    let place = |index: usize| places.get(index).copied().unwrap_or_default();
    html! {
        svg.vx-graph xmlns="http://www.w3.org/2000/svg" width=(width) height=(height) viewBox={ "0 0 " (width) " " (height) } role="group" aria-label=(visit.t("graph-about")) {
            defs { marker #vx-arrow viewBox="0 0 8 8" refX="8" refY="4" markerUnits="userSpaceOnUse" markerWidth="11" markerHeight="11" orient="auto" { path d="M0 0 L8 4 L0 8 z" {} } }
            @for (from, to, tie) in &graph.ties {
                // An arrow points from the newer document, on the right, to the one it acts on.
                @let ((x1, y1), (x2, y2)) = (place(*from), place(*to));
                @let (y1, y2) = (y1 + HEIGHT / 2, y2 + HEIGHT / 2);
                @if x1 == x2 {
                    // Within a column: round its outer side, where no other line runs.
                    @let is_left = graph.documents.get(*from).is_some_and(|(level, _)| *level < 0);
                    @let (side, out, word) = if is_left { (x1, x1 - 34, (x1 - 30, "end")) } else { (x1 + WIDTH, x1 + WIDTH + 34, (x1 + WIDTH + 30, "start")) };
                    path.vx-tie data-tie=(tie.as_str()) marker-end="url(#vx-arrow)" d={ "M" (side) " " (y1) " C" (out) " " (y1) " " (out) " " (y2) " " (side) " " (y2) } {}
                    text x=(word.0) y=((y1 + y2) / 2 + 4) text-anchor=(word.1) { (visit.t(&format!("tie-{}", tie.as_str()))) }
                } @else {
                    @let (x1, x2) = if x1 > x2 { (x1, x2 + WIDTH) } else { (x1 + WIDTH, x2) };
                    @let middle = (x1 + x2) / 2;
                    path.vx-tie data-tie=(tie.as_str()) marker-end="url(#vx-arrow)" d={ "M" (x1) " " (y1) " C" (middle) " " (y1) " " (middle) " " (y2) " " (x2) " " (y2) } {}
                    // The word stands at the outer end, where lines have not yet met.
                    @let outer = if graph.documents.get(*to).is_some_and(|(level, _)| *level < 0) { (x2 + 12, y2, "start") } else { (x1 - 12, y1, "end") };
                    text x=(outer.0) y=(outer.1 - 5) text-anchor=(outer.2) { (visit.t(&format!("tie-{}", tie.as_str()))) }
                }
            }
            @for (index, (level, document)) in graph.documents.iter().enumerate() {
                @let (x, y) = place(index);
                @match document {
                    Document::Held(held) => a href={ "/directives/" (held.id) "/graph" } {
                        title { (held.label) " · " (day(visit, document)) " · " (held.subject.as_deref().unwrap_or("")) }
                        rect.vx-here-box[*level == 0] x=(x) y=(y) width=(WIDTH) height=(HEIGHT) rx="6" {}
                        text.vx-strong x=(x + 10) y=(y + 20) { (cut(&held.label, 24)) }
                        text x=(x + 10) y=(y + 38) { (cut(&format!("{} · {}", day(visit, document), visit.t(&format!("directive-state-{}", held.state))), 30)) }
                        text x=(x + 10) y=(y + 56) { (cut(held.subject.as_deref().unwrap_or(""), 30)) }
                    },
                    Document::Named(_) if may_take_in => a href="/directives" { (hollow(visit, document, x, y)) },
                    Document::Named(_) => g { (hollow(visit, document, x, y)) },
                }
            }
        }
    }
}

/// The same in words: what it rests on, or what rests on it.
fn list(visit: &Visit, graph: &Graph, back: bool) -> Markup {
    let on_side = |index: &usize| {
        graph.documents.get(*index).is_some_and(|(level, _)| if back { *level < 0 } else { *level > 0 })
    };
    let mut ties: Vec<&(usize, usize, Tie)> =
        graph.ties.iter().filter(|(from, to, _)| on_side(if back { to } else { from })).collect();
    ties.sort_by_cached_key(|(from, to, tie)| {
        let far = graph.documents.get(if back { *to } else { *from });
        far.map(|(level, document)| (level.abs(), document.issued_on(), sort_key(document.label()), *tie))
    });
    html! {
        h2.vx-group { (visit.t(if back { "graph-rests-on" } else { "graph-rest-on-it" })) " " span.vx-quiet { (time::say_count(visit.lang, i64::try_from(ties.len()).unwrap_or(0))) } }
        @if ties.is_empty() { p.vx-quiet { (visit.t(if back { "graph-rests-on-nothing" } else { "graph-nothing-rests" })) } }
        @else { div.vx-scroll tabindex="0" { table.vx-table.vx-cards {
            thead { tr { th { (visit.t("graph-document")) } th { (visit.t("graph-tie")) } th { (visit.t("directive-date")) } th { (visit.t("directive-subject")) } th { (visit.t("filter-state")) } } }
            tbody data-rows { @for (from, to, tie) in ties.iter().copied() {
                @let (near, far) = if back { (from, to) } else { (to, from) };
                @if let (Some((_, document)), Some((_, through))) = (graph.documents.get(*far), graph.documents.get(*near)) { tr {
                    th scope="row" { @match document {
                        Document::Held(held) => a href={ "/directives/" (held.id) } { (held.label) },
                        Document::Named(named) => { (views::kind_name(visit, named.document.as_deref())) " " (named.number) @if let Some(issuer) = &named.issuer { span.vx-row-from { (issuer) } } },
                    } }
                    td data-label=(visit.t("graph-tie")) {
                        (visit.t(&format!("tie-{}-{}", if back { "back" } else { "on" }, tie.as_str())))
                        @if *near != 0 { " " span.vx-quiet { (visit.ta("graph-through", &[("number", through.label().into())])) } }
                    }
                    td data-label=(visit.t("directive-date")) { (day(visit, document)) }
                    td data-label=(visit.t("directive-subject")) { @match document { Document::Held(held) => (held.subject.as_deref().unwrap_or("–")), Document::Named(_) => "–" } }
                    td { @match document {
                        Document::Held(held) => (views::state_chip(visit, held.state)),
                        Document::Named(_) => { span.vx-chip.vx-sample { (absent(visit)) } @if visit.may_anywhere(Receive::NAME) { " " a href="/directives" { (visit.t("graph-take-in")) } } },
                    } }
                } }
            } }
        } } }
    }
}
