//! How the receipt board looks.

use axum::extract::{Path as Address, Query};
use vx_concepts::work::show::urgency_stamp;
use vx_kernel::{Id, Path, ids, text::sort_key, time};
use vx_platform::{
    sheet::{Cell, Sheet, SheetKind},
    store::Uuid,
    web::{Markup, PageResult, Visit, html, icon},
};

use super::{Figure, Show, Standing, Sums, address, all_of, list_of, presses, standings};
use crate::{Directive, store, views};

/// Units shown on one page; the CSV file has all of them. A province has a hundred and thirty.
const SHOWN_MAX: usize = 500;

type Board = (Directive, Option<Show>, Option<Path>, Vec<(Path, Standing)>, Vec<(Path, Standing)>);

/// All units of the board, and those asked for, worst first.
async fn board(visit: &Visit, id: Id<ids::Directive>, query: &[(String, String)]) -> Result<Board, vx_kernel::Problem> {
    let value = |name: &str| query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
    let show = value("show").and_then(Show::parse);
    let unit = value("unit").filter(|text| !text.is_empty()).and_then(|text| Path::parse(text).ok());
    let actor = visit.actor()?;
    let mut conn = visit.app.db().read().await?;
    let directive = store::visible(&mut conn, actor, id).await?;
    let all: Vec<(Path, Standing)> = standings(&mut conn, actor, id, visit.now()).await?.into_iter().collect();
    let within = |path: &Path| unit.as_ref().is_none_or(|unit| unit.contains(path));
    let mut asked: Vec<(Path, Standing)> = all
        .iter()
        .filter(|(path, standing)| within(path) && show.is_none_or(|show| standing.is(show)))
        .cloned()
        .collect();
    asked.sort_by_cached_key(|(path, standing)| (standing.place(), sort_key(&visit.unit(path))));
    Ok((directive, show, unit, all, asked))
}

pub(crate) async fn receipts(
    visit: Visit,
    Address(id): Address<Id<ids::Directive>>,
    Query(query): Query<Vec<(String, String)>>,
) -> PageResult {
    let (directive, show, unit, all, asked) = board(&visit, id, &query).await?;
    let title = format!("{} · {}", visit.t("receipts"), directive.label());
    Ok(visit.page(&title, page(&visit, &directive, show, unit.as_ref(), &all, &asked)))
}

pub(crate) async fn export(
    visit: Visit,
    Address(id): Address<Id<ids::Directive>>,
    Query(query): Query<Vec<(String, String)>>,
) -> PageResult {
    let (directive, _, _, _, asked) = board(&visit, id, &query).await?;
    let heads = [
        ("receipt-unit", 40),
        ("receipt-opened-at", 18),
        ("receipt-opened-by", 28),
        ("receipt-tasks", 12),
        ("receipt-unacknowledged", 16),
        ("receipt-overdue", 12),
        ("receipt-done", 12),
        ("cooperating", 12),
    ];
    let mut sheet = Sheet::begin(SheetKind::Csv, &visit.t("receipts"), &visit.columns(&heads))?;
    for (path, standing) in &asked {
        let (at, by): (Cell, Cell) = match &standing.opened {
            Some((at, by)) => (Cell::At(*at), by.clone().into()),
            None => (visit.t("receipt-not-opened").into(), Cell::Empty),
        };
        sheet.row(&[
            visit.unit(path).into(),
            at,
            by,
            standing.n_tasks.into(),
            standing.n_unacknowledged.into(),
            standing.n_overdue.into(),
            standing.n_done.into(),
            standing.n_cooperating.into(),
        ])?;
    }
    Ok(sheet.download(&format!("tiep-nhan-{}", directive.label().replace(['/', ' '], "-"))).await?)
}

fn count(visit: &Visit, n: i64, href: &str) -> Markup {
    html! { @if n > 0 { a href=(href) { (time::say_count(visit.lang, n)) } } @else { span.vx-quiet { "0" } } }
}

/// Units grouped by the level below the one that took the dispatch in, where a group has several.
fn groups(directive: &Directive, all: &[(Path, Standing)]) -> Vec<(Path, Sums)> {
    let depth = directive.path.depth() + 1;
    let mut groups: Vec<(Path, Vec<&Standing>)> = Vec::new();
    for (path, standing) in all {
        let above = path.at_depth(depth);
        match groups.last_mut() {
            // Paths come in order, so that all of a subtree stand together.
            Some((group, standings)) if *group == above => standings.push(standing),
            _ => groups.push((above, vec![standing])),
        }
    }
    let several = groups.into_iter().filter(|(_, standings)| standings.len() > 1);
    several.map(|(path, standings)| (path, Sums::of(standings))).collect()
}

fn page(
    visit: &Visit,
    directive: &Directive,
    show: Option<Show>,
    unit: Option<&Path>,
    all: &[(Path, Standing)],
    asked: &[(Path, Standing)],
) -> Markup {
    let (id, about) = (directive.id, directive.id.uuid());
    let sums = Sums::of(all.iter().map(|(_, standing)| standing));
    let csv = address(id, show, unit).replacen("/receipts", "/receipts.csv", 1);
    let n_units = |show: Option<Show>| {
        let within = |path: &Path| unit.is_none_or(|unit| unit.contains(path));
        let n = all.iter().filter(|(path, standing)| within(path) && show.is_none_or(|show| standing.is(show))).count();
        time::say_count(visit.lang, i64::try_from(n).unwrap_or(0))
    };
    let mut by_group = groups(directive, all);
    by_group.sort_by_cached_key(|(path, sums)| (-sums.n_unopened, -sums.n_unacknowledged, sort_key(&visit.unit(path))));
    html! {
        div.vx-head {
            h1 { (visit.t("receipts")) ": " (directive.label()) }
            a.btn href={ "/directives/" (id) } { (icon("arrow-left")) " " (visit.t("receipts-back")) }
            @if !asked.is_empty() { a.btn href=(csv) { (icon("download")) " " (visit.t("receipts-csv")) } }
        }
        (views::line(visit, directive))
        @if all.is_empty() {
            div.vx-empty { (icon("eye")) h2 { (visit.t("receipts-none")) } p { (visit.t("receipts-none-todo")) } }
        } @else {
            div.vx-figures {
                a.vx-figure.vx-figure-late[presses(directive.urgency) && sums.n_unopened > 0] href=(address(id, Some(Show::Unopened), None)) {
                    b { (time::say_count(visit.lang, sums.n_unopened)) } (visit.ta("receipts-unopened-of", &[("n", sums.n_units.into())])) @if presses(directive.urgency) { " " (urgency_stamp(visit, directive.urgency)) } }
                a.vx-figure href=(all_of(about, Figure::Unacknowledged)) { b { (time::say_count(visit.lang, sums.n_unacknowledged)) } (visit.ta("receipts-unacknowledged-of", &[("n", sums.n_tasks.into())])) }
                a.vx-figure.vx-figure-late[sums.n_overdue > 0] href=(all_of(about, Figure::Overdue)) { b { (time::say_count(visit.lang, sums.n_overdue)) } (visit.t("receipts-overdue-tasks")) }
                a.vx-figure href=(all_of(about, Figure::Done)) { b { (time::say_count(visit.lang, sums.n_done)) } (visit.ta("receipts-done-of", &[("n", sums.n_tasks.into())])) }
            }
            nav.vx-bar aria-label=(visit.t("receipts-show")) {
                a.vx-chip href=(address(id, None, unit)) aria-current=[show.is_none().then_some("true")] { (visit.t("receipts-all")) ": " b { (n_units(None)) } }
                @for each in Show::ALL { a.vx-chip href=(address(id, Some(*each), unit)) aria-current=[(show == Some(*each)).then_some("true")] { (visit.t(&format!("receipts-{each}"))) ": " b { (n_units(Some(*each))) } } }
            }
            @if may_urge(visit, directive) && asked.iter().any(|(_, standing)| standing.n_unacknowledged > 0) {
                // A press on the list of what nobody has acknowledged, for the units that are picked.
                (visit.form(&all_of(about, Figure::Unacknowledged), html! {
                    (units(visit, directive, show, unit, asked, true))
                    div.vx-bar.mt-2 {
                        label.vx-grow { span.visually-hidden { (visit.t("urge-text")) } input.form-control name="reason" required maxlength="2000" placeholder=(visit.t("urge-text")); }
                        button.btn.btn-primary type="submit" name="do" value="urge" { (icon("send")) " " (visit.t("receipts-urge")) " " b data-picked {} }
                    }
                }))
            } @else { (units(visit, directive, show, unit, asked, false)) }
            @if !by_group.is_empty() { (groups_table(visit, id, about, &by_group)) }
        }
    }
}

/// Whether the visitor may urge on whom the dispatch was sent to.
fn may_urge(visit: &Visit, directive: &Directive) -> bool {
    visit.actor().is_ok_and(|actor| actor.may("tasks.urge", &directive.path))
}

fn units(
    visit: &Visit,
    directive: &Directive,
    show: Option<Show>,
    unit: Option<&Path>,
    asked: &[(Path, Standing)],
    pick: bool,
) -> Markup {
    let (id, about) = (directive.id, directive.id.uuid());
    html! {
        h2.vx-group {
            (visit.t(&show.map_or("receipts-all".to_owned(), |show| format!("receipts-{show}"))))
            @if let Some(unit) = unit { " · " (visit.unit(unit)) }
            " " span.vx-quiet { (visit.ta("units-n", &[("n", i64::try_from(asked.len()).unwrap_or(0).into())])) }
            @if show.is_some() || unit.is_some() { " " a href=(address(id, None, None)) { (visit.t("receipts-show-all")) } }
        }
        @if asked.is_empty() { div.vx-empty { (icon("check")) p { (visit.t("receipts-nothing")) } } }
        @else {
            div.vx-scroll tabindex="0" { table.vx-table.vx-cards {
                thead { tr {
                    th { @if pick { label.form-check.m-0 { input.form-check-input type="checkbox" data-pick-all aria-label=(visit.t("pick-all")); span { (visit.t("receipt-unit")) } } } @else { (visit.t("receipt-unit")) } } th { (visit.t("receipt-opened")) } th.vx-num { (visit.t("receipt-acknowledged")) }
                    th.vx-num { (visit.t("receipt-overdue")) } th.vx-num { (visit.t("receipt-done")) } th.vx-num { (visit.t("cooperating")) }
                } }
                tbody data-rows { @for (path, standing) in asked.iter().take(SHOWN_MAX) {
                    @let list = |figure: Figure| list_of(about, path, true, figure);
                    tr {
                        th scope="row" { @if pick && standing.n_unacknowledged > 0 { label.form-check.m-0 { input.form-check-input type="checkbox" name="unit" value=(path.as_str()) data-pick="urge"; span { (visit.unit(path)) } } } @else { (visit.unit(path)) } }
                        td data-label=(visit.t("receipt-opened")) { @match &standing.opened {
                            Some((at, by)) => { (visit.at(*at)) " · " (by) },
                            None if presses(directive.urgency) => span.vx-overdue { (visit.t("receipt-not-opened")) },
                            None => strong { (visit.t("receipt-not-opened")) },
                        } }
                        td.vx-num data-label=(visit.t("receipt-acknowledged")) { @if standing.n_tasks > 0 {
                            a href=(list(Figure::Tasks)) { (visit.ta("receipt-of", &[("n", (standing.n_tasks - standing.n_unacknowledged).into()), ("all", standing.n_tasks.into())])) }
                            @if standing.n_unacknowledged > 0 { " · " a href=(list(Figure::Unacknowledged)) { (visit.ta("receipt-unacknowledged-n", &[("n", standing.n_unacknowledged.into())])) } }
                        } @else { span.vx-quiet { "–" } } }
                        td.vx-num data-label=(visit.t("receipt-overdue")) { (count(visit, standing.n_overdue, &list(Figure::Overdue))) }
                        td.vx-num data-label=(visit.t("receipt-done")) { (count(visit, standing.n_done, &list(Figure::Done))) }
                        td.vx-num data-label=(visit.t("cooperating")) { (count(visit, standing.n_cooperating, &list(Figure::Cooperating))) }
                    }
                } }
            } }
            @if asked.len() > SHOWN_MAX { p.vx-quiet { (visit.ta("receipts-limited", &[("max", i64::try_from(SHOWN_MAX).unwrap_or(0).into()), ("n", i64::try_from(asked.len()).unwrap_or(0).into())])) } }
        }
    }
}

fn groups_table(visit: &Visit, id: Id<ids::Directive>, about: Uuid, groups: &[(Path, Sums)]) -> Markup {
    html! {
        h2.vx-group { (visit.t("receipts-by-group")) }
        div.vx-scroll tabindex="0" { table.vx-table.vx-cards {
            thead { tr {
                th { (visit.t("receipt-group")) } th.vx-num { (visit.t("receipt-units")) } th.vx-num { (visit.t("receipts-unopened")) }
                th.vx-num { (visit.t("receipts-unacknowledged")) } th.vx-num { (visit.t("receipt-overdue")) } th.vx-num { (visit.t("receipt-done")) }
            } }
            tbody { @for (path, sums) in groups {
                @let list = |figure: Figure| list_of(about, path, false, figure);
                tr {
                    th scope="row" { (visit.unit(path)) }
                    td.vx-num data-label=(visit.t("receipt-units")) { (count(visit, sums.n_units, &address(id, None, Some(path)))) }
                    td.vx-num data-label=(visit.t("receipts-unopened")) { (count(visit, sums.n_unopened, &address(id, Some(Show::Unopened), Some(path)))) }
                    td.vx-num data-label=(visit.t("receipts-unacknowledged")) { (count(visit, sums.n_unacknowledged, &list(Figure::Unacknowledged))) }
                    td.vx-num data-label=(visit.t("receipt-overdue")) { (count(visit, sums.n_overdue, &list(Figure::Overdue))) }
                    td.vx-num data-label=(visit.t("receipt-done")) { (count(visit, sums.n_done, &list(Figure::Done))) }
                }
            } }
        } }
    }
}

/// The line on the page of a dispatch that says who has not opened it.
pub(crate) fn line(visit: &Visit, directive: &Directive, sums: Option<(i64, i64)>) -> Markup {
    let Some((units, unopened)) = sums.filter(|(units, _)| *units > 0) else { return html! {} };
    html! {
        p {
            a href=(address(directive.id, Some(Show::Unopened).filter(|_| unopened > 0), None)) {
                @if unopened > 0 { (icon("eye")) " " span.vx-overdue[presses(directive.urgency)] { (visit.ta("receipts-line", &[("n", unopened.into()), ("all", units.into())])) } }
                @else { (icon("check")) " " (visit.ta("receipts-line-all", &[("all", units.into())])) }
            }
            " · " a href=(address(directive.id, None, None)) { (visit.t("receipts")) }
        }
    }
}
