//! The units of a place with their levels: computed, proposed, decided.

use std::{collections::HashMap, sync::Arc};

use axum::extract::{Path as Address, Query};
use vx_concepts::engine::Command as _;
pub(crate) use vx_foundation::units::named;
use vx_kernel::{
    Path, Problem,
    text::{fold, sort_key},
    time::{self, say_count},
    units::Kind,
};
use vx_platform::{
    sheet::{Cell, Sheet, SheetKind},
    web::{
        App, Markup, PageResult, Visit, html, icon,
        list::{KeyKind, Listing, Order},
    },
};

use crate::{
    Plan,
    evaluate::Outcome,
    level::{Colour, Level},
    routes::{Pairs, moment, place, word},
    rules::RuleSet,
    say,
    store::{self, Moment},
    types::{Proposal, ZoneDecision},
};

const WORST: Order = Order { name: "worst", key: "zone-computed", by: "", kind: KeyKind::Int, falling: true };
const NAME: Order = Order { name: "name", key: "unit", by: "", kind: KeyKind::Text, falling: false };
const CASES: Order = Order { name: "cases", key: "zone-cases-7", by: "", kind: KeyKind::Int, falling: true };
const ORDERS: &[Order] = &[WORST, NAME, CASES];

/// A unit with everything that the list says of it.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    /// The unit.
    pub(crate) path: Path,
    /// Its key.
    pub(crate) key: String,
    /// Its name, with what it lies in.
    pub(crate) name: String,
    /// What it is.
    pub(crate) kind: Kind,
    /// What the rules say.
    pub(crate) outcome: Option<Outcome>,
    /// New cases in seven days.
    pub(crate) cases: i64,
    /// What was decided.
    pub(crate) decision: Option<ZoneDecision>,
    /// What waits for a decision.
    pub(crate) proposal: Option<Proposal>,
}

impl Row {
    /// The level that the rules give.
    pub(crate) fn computed(&self) -> Option<Level> {
        self.outcome.as_ref().and_then(|outcome| outcome.level)
    }
    /// Whether the decided level is another than the computed one.
    pub(crate) fn differs(&self) -> bool {
        match (self.computed(), &self.decision) {
            (Some(computed), Some(decision)) => computed.colour() != decision.level.colour(),
            _ => false,
        }
    }
    fn rank(&self) -> u8 {
        self.computed().map_or(0, Level::rank)
    }
}

/// Every unit of a place with its level.
pub(crate) async fn rows(app: &App, place: &Path, moment: &Moment) -> Result<Vec<Row>, Problem> {
    let tree = app.tree();
    let (world, outcomes) = store::outcomes(app.db(), &tree, place, moment).await?;
    let mut conn = app.db().read().await?;
    let by = time::end_of(moment.day).map_err(Problem::internal)?.min(app.clock().now());
    let mut decided = store::decided(&mut conn, place, by, moment.known_at).await?;
    let mut proposals = store::open_proposals(&mut conn, place).await?;
    drop(conn);
    let mut rows = Vec::new();
    for (at, outcome) in outcomes.into_iter().enumerate() {
        let node = &world.nodes[at];
        if !place.contains(&node.path) || (outcome.is_none() && !decided.contains_key(&node.path)) {
            continue;
        }
        let cases = crate::Figure::ALL[..3].iter().map(|figure| world.total(at, *figure, moment.day, 7)).sum();
        rows.push(Row {
            key: node.path.unit().to_owned(),
            name: named(&tree, &node.path),
            kind: node.kind,
            cases,
            decision: decided.remove(&node.path),
            proposal: proposals.remove(&node.path),
            path: node.path.clone(),
            outcome,
        });
    }
    Ok(rows)
}

/// What of the rows somebody wants to see.
struct Wanted {
    kind: Option<Kind>,
    colour: Option<Colour>,
    show: Option<String>,
    text: String,
}

impl Wanted {
    fn of(query: &[(String, String)]) -> Self {
        Self {
            // A list that mixes communes and districts counts nobody's zones; whoever wants it asks for all.
            kind: word(query, "kind").map_or(Some(Kind::Commune), Kind::parse),
            colour: word(query, "colour").and_then(Colour::parse),
            show: word(query, "show").map(str::to_owned),
            text: fold(word(query, "q").unwrap_or_default()),
        }
    }
    fn is(&self, row: &Row) -> bool {
        self.kind.is_none_or(|kind| kind == row.kind)
            && self.colour.is_none_or(|colour| row.computed().map(Level::colour) == Some(colour))
            && match self.show.as_deref() {
                Some("differs") => row.differs(),
                Some("proposed") => row.proposal.is_some(),
                Some("undecided") => row.computed().is_none(),
                _ => true,
            }
            && (self.text.is_empty() || fold(&row.name).contains(&self.text) || row.key == self.text)
    }
}

fn order(name: &'static str, rows: &mut [Row]) {
    rows.sort_by_cached_key(|row| sort_key(&row.name));
    match name {
        "worst" => rows.sort_by_key(|row| (row.rank(), row.cases)),
        "cases" => rows.sort_by_key(|row| row.cases),
        _ => {}
    }
}

pub(crate) async fn show(visit: Visit, Query(query): Pairs) -> PageResult {
    let (place, moment, wanted) = (place(&visit, &query)?, moment(&visit, &query), Wanted::of(&query));
    let all = rows(&visit.app, &place, &moment).await?;
    Ok(visit.page(&visit.t("zones"), page(&visit, &query, &place, &moment, &wanted, all)))
}

/// The rule sets that hold on the rows' day, each once.
fn sets(rows: &[Row]) -> Vec<Arc<RuleSet>> {
    let mut sets: HashMap<String, Arc<RuleSet>> = HashMap::new();
    for outcome in rows.iter().filter_map(|row| row.outcome.as_ref()) {
        sets.entry(outcome.rules.code.clone()).or_insert_with(|| outcome.rules.clone());
    }
    let mut sets: Vec<_> = sets.into_values().collect();
    sets.sort_by_key(|set| set.from);
    sets
}

fn page(
    visit: &Visit,
    query: &[(String, String)],
    place: &Path,
    moment: &Moment,
    wanted: &Wanted,
    all: Vec<Row>,
) -> Markup {
    let lang = visit.lang;
    let listing = Listing::parse("/zones", ORDERS, query);
    let of_kind = |row: &&Row| wanted.kind.is_none_or(|kind| kind == row.kind);
    let n = |fits: &dyn Fn(&Row) -> bool| all.iter().filter(of_kind).filter(|row| fits(row)).count();
    let figure = |name: &str, value: &str, label: Markup, n: usize| {
        let kept = query.iter().filter(|(key, _)| !["colour", "show", "after", "before", name].contains(&key.as_str()));
        let mut pairs: Vec<String> =
            kept.map(|(key, value)| format!("{key}={}", vx_platform::web::encode(value))).collect();
        pairs.push(format!("{name}={value}"));
        let n = i64::try_from(n).unwrap_or(i64::MAX);
        html! { a.vx-figure href={ "/zones?" (pairs.join("&")) } { b { (say_count(lang, n)) } (label) } }
    };
    let sets = sets(&all);
    let own = all.iter().find(|row| row.path == *place).cloned();
    let all_of_place = own.as_ref().filter(|own| wanted.kind != Some(own.kind));
    let colours: Vec<(Colour, usize)> = [Colour::Red, Colour::Orange, Colour::Yellow, Colour::Green]
        .map(|colour| (colour, n(&|row| row.computed().map(Level::colour) == Some(colour))))
        .to_vec();
    let (differ, proposed) = (n(&Row::differs), n(&|row| row.proposal.is_some()));
    let undecided = n(&|row| row.computed().is_none());
    let unverified = all.iter().filter_map(|row| row.outcome.as_ref()).any(|one| !one.unverified().is_empty());
    let rows: Vec<Row> = all.into_iter().filter(|row| wanted.is(row)).collect();
    let total = rows.len();
    let shown = listing.slice(rows, |row| row.key.clone(), order);
    let may = |permission: &str| visit.may_anywhere(permission);
    html! {
        div.vx-head {
            h1 { (visit.t("zones-title")) ": " (visit.unit(place)) }
            @if may(Plan::NAME) { a.btn href={ "/zones/decisions/new?unit=" (place.as_str()) } { (icon("file-text")) " " (visit.t("zone-draft")) } }
            @if may("zones.count") {
                a.btn.btn-primary href={ "/zones/figures?unit=" (place.as_str()) } { (icon("edit")) " " (visit.t("zone-enter")) }
                a.btn href={ "/zones/import?unit=" (place.as_str()) } { (icon("upload")) " " (visit.t("zone-import")) }
            }
            a.btn href={ "/zones/course?unit=" (place.as_str()) } { (icon("eye")) " " (visit.t("course")) }
            a.btn href={ "/zones/commitments?unit=" (place.as_str()) } { (icon("flag")) " " (visit.t("zone-commitments")) }
            a.btn href="/zones/rules" { (icon("list-details")) " " (visit.t("zone-rules")) }
            a.btn href={ "/zones/what-if?unit=" (place.as_str()) } { (icon("refresh")) " " (visit.t("zone-what-if")) }
        }
        p.vx-line {
            @if let Some(own) = all_of_place { span { (named(&visit.app.tree(), place)) ": " (say::outcome(visit, own.outcome.as_ref())) " " a href={ "/zones/units/" (own.key) (kept(query)) } { (visit.t("zone-see-why")) } } }
            @for set in &sets { span { (visit.ta("zone-by-rules", &[("on", time::say_date(lang, moment.day).into())])) " " a href={ "/zones/rules/" (set.code) } { (set.number) } } }
        }
        @if unverified { div.vx-note.vx-note-doubt { (icon("alert-triangle")) " " (visit.t("zone-unverified-explained")) } }
        div.vx-figures {
            @for (colour, n) in &colours { (figure("colour", colour.as_str(), html! { span class={ "vx-zone vx-zone-" (colour) } { (visit.t(&format!("zone-colour-{colour}"))) } }, *n)) }
            (figure("show", "undecided", html! { (visit.t("zone-undecided")) }, undecided))
            (figure("show", "differs", html! { (visit.t("zone-differs")) }, differ))
            (figure("show", "proposed", html! { (visit.t("zone-proposed")) }, proposed))
        }
        (filters(visit, query, place, moment, wanted, &listing))
        @if shown.rows.is_empty() {
            div.vx-empty { (icon("map")) p { (visit.t(if total == 0 && listing.is_narrowed() { "zone-none-fits" } else { "zone-none" })) } }
        } @else {
            div.vx-scroll tabindex="0" { table.vx-table.vx-cards {
                thead { tr { (listing.head(visit, "name")) (listing.head(visit, "worst")) (listing.head(visit, "cases")) th scope="col" { (visit.t("zone-why")) } th scope="col" { (visit.t("zone-decided")) } } }
                tbody { @for row in &shown.rows { tr {
                    th scope="row" { a href={ "/zones/units/" (row.key) (kept(query)) } { (row.name) } }
                    td data-label=(visit.t("zone-computed")) { (say::outcome(visit, row.outcome.as_ref())) }
                    td.vx-num data-label=(visit.t("zone-cases-7")) { (say_count(lang, row.cases)) }
                    td data-label=(visit.t("zone-why")) { (why(visit, row.outcome.as_ref())) }
                    td data-label=(visit.t("zone-decided")) {
                        @match &row.decision {
                            Some(decision) => { (say::level(visit, Some(decision.level))) div.vx-quiet { (decision.number) } },
                            None => span.vx-quiet { (visit.t("zone-not-decided")) },
                        }
                        @if let Some(proposal) = &row.proposal { div { span.vx-chip { (visit.t("zone-proposed")) ": " (visit.t(&proposal.level.key())) } } }
                    }
                } } }
            } }
            (listing.pages(visit, &shown))
        }
        div.vx-actions { @for kind in SheetKind::ALL { a.btn href=(listing.also_at(&format!("/zones/export/{}", kind.as_str()))) { (icon("download")) " " (visit.t(&format!("export-{}", kind.as_str()))) } } }
    }
}

/// Day and "known then" as they go along to the page of a unit.
pub(crate) fn kept(query: &[(String, String)]) -> String {
    let kept: Vec<String> = ["day", "known"]
        .into_iter()
        .filter_map(|name| word(query, name).map(|value| format!("{name}={}", vx_platform::web::encode(value))))
        .collect();
    if kept.is_empty() { String::new() } else { format!("?{}", kept.join("&")) }
}

/// The first reasons in a cell; the page of the unit has them all.
fn why(visit: &Visit, outcome: Option<&Outcome>) -> Markup {
    let Some(outcome) = outcome else { return html! {} };
    let words = visit.app.words();
    html! {
        (say::reasons(words, visit.lang, outcome))
        @if let Some(doubt) = outcome.doubts.iter().find(|doubt| doubt.code == "missing-days") {
            div.vx-quiet { (icon("alert-triangle")) " " (say::reason(words, visit.lang, &outcome.rules, doubt)) }
        }
    }
}

fn filters(
    visit: &Visit,
    query: &[(String, String)],
    place: &Path,
    moment: &Moment,
    wanted: &Wanted,
    listing: &Listing,
) -> Markup {
    let tree = visit.app.tree();
    let kinds: Vec<Kind> = [Kind::Province, Kind::District, Kind::Commune, Kind::Hamlet, Kind::Cluster]
        .into_iter()
        .filter(|kind| tree.below(place).iter().any(|unit| unit.kind == *kind && unit.exists_on(moment.day)))
        .collect();
    let mut above = tree.ancestors(place.unit());
    above.retain(|unit| unit.path != *place && visit.actor().is_ok_and(|actor| store::sees(actor, &tree, &unit.path)));
    let below: Vec<&vx_kernel::units::Unit> =
        tree.children(place.unit()).filter(|unit| unit.kind.has_committee() && unit.exists_on(moment.day)).collect();
    html! {
        form.vx-filters method="get" action="/zones" {
            label { span.form-label { (visit.t("zone-search")) } input.form-control type="search" name="q" value=(word(query, "q").unwrap_or_default()); }
            label { span.form-label { (visit.t("zone-place")) } select.form-select name="unit" {
                @for unit in above.iter().rev() { option value=(unit.path.as_str()) { (unit.full_name) } }
                option value=(place.as_str()) selected { (visit.unit(place)) }
                @for unit in below { option value=(unit.path.as_str()) { "— " (unit.full_name) } }
            } }
            label { span.form-label { (visit.t("zone-kind")) } select.form-select name="kind" {
                option value="all" selected[wanted.kind.is_none()] { (visit.t("zone-all")) }
                @for kind in kinds { option value=(kind.as_str()) selected[wanted.kind == Some(kind)] { (visit.t(&format!("units-kind-{}", kind.as_str()))) } }
            } }
            label { span.form-label { (visit.t("zone-colour")) } select.form-select name="colour" {
                option value="" { (visit.t("zone-all")) }
                @for colour in Colour::ALL { option value=(colour.as_str()) selected[wanted.colour == Some(*colour)] { (visit.t(&format!("zone-colour-{colour}"))) } }
            } }
            label { span.form-label { (visit.t("zone-show")) } select.form-select name="show" {
                option value="" { (visit.t("zone-all")) }
                @for show in ["differs", "proposed", "undecided"] { option value=(show) selected[wanted.show.as_deref() == Some(show)] { (visit.t(&format!("zone-{show}"))) } }
            } }
            (days(visit, query, moment))
            (listing.sort_field(visit))
            button.btn.btn-primary type="submit" { (icon("search")) " " (visit.t("zone-look")) }
        }
    }
}

/// The fields for the day and for what was known.
pub(crate) fn days(visit: &Visit, query: &[(String, String)], moment: &Moment) -> Markup {
    html! {
        label { span.form-label { (visit.t("zone-day")) } input.form-control type="date" name="day" value=(moment.day) max=(visit.today()); }
        label { span.form-label { (visit.t("zone-known")) } select.form-select name="known" {
            option value="" { (visit.t("zone-known-now")) }
            option value="then" selected[word(query, "known") == Some("then")] { (visit.t("zone-known-then")) }
        } }
    }
}

pub(crate) async fn export(visit: Visit, Address(kind): Address<String>, Query(query): Pairs) -> PageResult {
    let kind: SheetKind = kind.parse()?;
    let (place, moment, wanted) = (place(&visit, &query)?, moment(&visit, &query), Wanted::of(&query));
    let mut rows: Vec<Row> =
        rows(&visit.app, &place, &moment).await?.into_iter().filter(|row| wanted.is(row)).collect();
    Listing::parse("/zones", ORDERS, &query).turn(&mut rows, order);
    let heads = [
        ("zone-code", 12),
        ("unit", 40),
        ("zone-day", 12),
        ("zone-rules", 18),
        ("zone-computed", 20),
        ("zone-unverified", 16),
        ("zone-cases-7", 14),
        ("zone-why", 80),
        ("zone-decided", 20),
        ("zone-number", 22),
        ("zone-signer", 26),
        ("zone-effective", 18),
    ];
    let mut sheet = Sheet::begin(kind, &visit.t("zones"), &visit.columns(&heads))?;
    let words = visit.app.words();
    for row in &rows {
        let (outcome, decision) = (row.outcome.as_ref(), row.decision.as_ref());
        let name =
            |level: Option<Level>| level.map_or_else(|| visit.t("zone-level-none"), |level| visit.t(&level.key()));
        sheet.row(&[
            Cell::Text(row.key.clone()),
            row.name.clone().into(),
            Cell::Day(moment.day),
            outcome.map_or_else(String::new, |outcome| outcome.rules.number.clone()).into(),
            name(row.computed()).into(),
            outcome.filter(|one| !one.unverified().is_empty()).map_or_else(String::new, |_| "x".to_owned()).into(),
            row.cases.into(),
            outcome.map_or_else(String::new, |outcome| say::reasons(words, visit.lang, outcome)).into(),
            decision.map_or_else(String::new, |decision| visit.t(&decision.level.key())).into(),
            decision.map_or_else(String::new, |decision| decision.number.clone()).into(),
            decision.map_or_else(String::new, |decision| decision.signer.clone()).into(),
            decision.map(|decision| decision.effective_at).into(),
        ])?;
    }
    Ok(sheet.download("phan-vung").await?)
}
