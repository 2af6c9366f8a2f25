//! What would be if: another number in a cell of a rule, and which units would move. Nothing is kept.

use std::collections::HashMap;

use axum::extract::Query;
use vx_kernel::time;
use vx_platform::web::{Markup, PageResult, Visit, html, icon};

use crate::{
    evaluate::{Outcome, levels},
    level::Level,
    list::{days, named},
    routes::{Pairs, moment, place, word},
    rule_pages,
    rules::{Cell, Measure, RuleSet},
    say, store,
};

/// Units that move which are listed; more are only counted.
const MOVED_MAX: usize = 300;

/// A unit whose level would be another.
struct Moved {
    name: String,
    key: String,
    from: Option<Level>,
    to: Option<Level>,
    why: String,
}

fn changed(set: &RuleSet, query: &[(String, String)]) -> HashMap<String, i64> {
    let of_cell = |cell: &Cell| {
        let typed: i64 = word(query, &format!("cell-{}", cell.code))?.parse().ok()?;
        (cell.value != Some(typed) && (0..=1_000_000).contains(&typed)).then(|| (cell.code.clone(), typed))
    };
    set.cells.iter().filter_map(of_cell).collect()
}

pub(crate) async fn show(visit: Visit, Query(query): Pairs) -> PageResult {
    let (place, moment, tree) = (place(&visit, &query)?, moment(&visit, &query), visit.app.tree());
    let world = store::world(visit.app.db(), &tree, &place, moment.day, moment.day, moment.known_at).await?;
    let book = store::rule_book(&mut visit.app.db().read().await?, moment.known_at).await?;
    let province = if place.is_root() { None } else { place.keys().next() };
    let Some(set) = book.on(province.unwrap_or_default(), moment.day).cloned() else {
        return Ok(visit.page(
            &visit.t("zone-what-if"),
            html! {
                div.vx-head { h1 { (visit.t("zone-what-if")) } }
                div.vx-empty { p { (visit.t("zone-no-rules")) } }
            },
        ));
    };
    let changed = changed(&set, &query);
    let before = levels(&world, &book, moment.day);
    let after =
        if changed.is_empty() { before.clone() } else { levels(&world, &book.with(&set.with(&changed)), moment.day) };
    let level = |outcome: &Option<Outcome>| outcome.as_ref().and_then(|outcome| outcome.level);
    let within = |at: usize| place.contains(&world.nodes[at].path);
    let mut moved: Vec<Moved> = Vec::new();
    for (at, (old, new)) in before.iter().zip(&after).enumerate() {
        if within(at) && level(old) != level(new) {
            let why = new.as_ref().map_or_else(String::new, |one| say::reasons(visit.app.words(), visit.lang, one));
            let path = &world.nodes[at].path;
            let key = path.unit().to_owned();
            moved.push(Moved { name: named(&tree, path), key, from: level(old), to: level(new), why });
        }
    }
    let tally = |outcomes: &[Option<Outcome>]| {
        let mut tally = [0_usize; 5];
        for (at, outcome) in outcomes.iter().enumerate() {
            if within(at) && outcome.is_some() {
                tally[level(outcome).map_or(0, |level| usize::from(level.rank()))] += 1;
            }
        }
        tally
    };
    let (was, is) = (tally(&before), tally(&after));
    let body = html! {
        div.vx-head { h1 { (visit.t("zone-what-if")) ": " (visit.unit(&place)) }
            a.btn href={ "/zones?unit=" (place.as_str()) } { (icon("map")) " " (visit.t("zones")) }
            a.btn href={ "/zones/rules/" (set.code) } { (icon("list-details")) " " (set.number) } }
        p.vx-quiet { (visit.t("zone-what-if-explained")) }
        (form(&visit, &query, &place, &moment, &set, &changed))
        section.vx-panel { h2 { (visit.t("zone-what-if-result")) }
            table.vx-accounts { thead { tr { th scope="col" { (visit.t("zone-level")) } th scope="col" { (visit.t("zone-was")) } th scope="col" { (visit.t("zone-would-be")) } } }
                tbody { @for level in Level::all(set.vocabulary).into_iter().rev() { tr { th scope="row" { (say::level(&visit, Some(level))) } td { (was[usize::from(level.rank())]) } td { (is[usize::from(level.rank())]) } } }
                    tr { th scope="row" { (visit.t("zone-level-none")) } td { (was[0]) } td { (is[0]) } } } }
            @if changed.is_empty() { p.vx-quiet { (visit.t("zone-what-if-nothing")) } }
            @else { p { (visit.ta("zone-moved", &[("n", moved.len().into())])) } }
        }
        @if !moved.is_empty() {
            div.vx-scroll.mt-3 tabindex="0" { table.vx-table.vx-cards {
                thead { tr { th scope="col" { (visit.t("unit")) } th scope="col" { (visit.t("zone-was")) } th scope="col" { (visit.t("zone-would-be")) } th scope="col" { (visit.t("zone-why")) } } }
                tbody { @for unit in moved.iter().take(MOVED_MAX) { tr {
                    th scope="row" { a href={ "/zones/units/" (unit.key) "?day=" (moment.day) } { (unit.name) } }
                    td data-label=(visit.t("zone-was")) { (say::level(&visit, unit.from)) } td data-label=(visit.t("zone-would-be")) { (say::level(&visit, unit.to)) } td data-label=(visit.t("zone-why")) { (unit.why) }
                } } }
            } }
            @if moved.len() > MOVED_MAX { p.vx-quiet { (visit.ta("zone-moved-cut", &[("n", MOVED_MAX.into())])) } }
        }
    };
    Ok(visit.page(&visit.t("zone-what-if"), body))
}

fn form(
    visit: &Visit,
    query: &[(String, String)],
    place: &vx_kernel::Path,
    moment: &store::Moment,
    set: &RuleSet,
    changed: &HashMap<String, i64>,
) -> Markup {
    html! {
        form.vx-panel method="get" action="/zones/what-if" {
            h2 { (set.number) " " span.vx-quiet { (time::say_date(visit.lang, moment.day)) } }
            input type="hidden" name="unit" value=(place.as_str());
            div.vx-filters { (days(visit, query, moment)) }
            div.vx-scroll tabindex="0" { table.vx-table.vx-cards { tbody { @for (at, cell) in set.cells.iter().enumerate().filter(|(_, cell)| cell.value.is_some()) { tr {
                @let now = changed.get(&cell.code).copied().or(cell.value);
                @let name = format!("cell-{}", cell.code);
                th scope="row" { (rule_pages::head(visit, set, at)) label for=(name) { (say::cell(visit.app.words(), visit.lang, cell)) } }
                td { input.form-control id=(name) type="number" name=(name) min="0" max=[most(cell)] value=[now] aria-label=(cell.code);
                    @if changed.contains_key(&cell.code) { span.vx-chip { (visit.ta("zone-instead-of", &[("n", cell.value.unwrap_or_default().into())])) } } }
            } } } } }
            div.vx-actions { button.btn.btn-primary type="submit" { (icon("refresh")) " " (visit.t("zone-what-if-look")) } a.btn href={ "/zones/what-if?unit=" (place.as_str()) "&day=" (moment.day) } { (visit.t("zone-what-if-reset")) } }
        }
    }
}

fn most(cell: &Cell) -> Option<i64> {
    match cell.measure {
        Measure::Percent | Measure::PercentOver => Some(100),
        Measure::Level => Some(4),
        Measure::Yes => Some(1),
        _ => None,
    }
}
