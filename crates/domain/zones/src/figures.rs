//! Entering the figures of one unit: what happened on a day, and what the unit has and is; every source beside each other.

use std::collections::BTreeMap;

use axum::extract::Query;
use jiff::civil::Date;
use vx_concepts::engine::{Command as _, execute};
use vx_foundation::units::{self, picked, picker};
use vx_kernel::{Id, Path, Problem, time};
use vx_platform::web::{Form, Markup, PageResult, Visit, html, icon, see_other};

use crate::{
    ChooseSource, FIGURES, Figure, RecordCount, RecordStanding, STANDS, Stand,
    routes::{Pairs, moment, place},
    store,
    types::{DayCount, Source, Standing},
    unit::acting,
};

/// A figure that was typed, or nothing where the field was left empty.
fn typed<const N: usize>(form: &Form, names: [&'static str; N]) -> Result<[Option<i64>; N], Problem> {
    let mut figures = [None; N];
    for (into, name) in figures.iter_mut().zip(names) {
        if form.filled(name).is_some() {
            *into = Some(form.count(name)?);
        }
    }
    Ok(figures)
}

/// Names of the fields of a day.
pub(crate) const COUNTED: [&str; FIGURES] = ["traced", "untraced", "other", "contacts", "oxygen", "deaths"];
/// Names of the fields of what a unit stands with.
pub(crate) const STOOD: [&str; STANDS] = [
    "population",
    "adults",
    "adults_one_dose",
    "elders",
    "elders_full",
    "fully_dosed",
    "high_risk",
    "high_risk_full",
    "home_care",
    "beds",
    "icu_beds",
];

struct Shown {
    unit: Path,
    day: Date,
    counts: Vec<DayCount>,
    chosen: std::collections::HashMap<Date, crate::types::CountChoice>,
    standings: Vec<Standing>,
}

pub(crate) async fn show(visit: Visit, Query(query): Pairs) -> PageResult {
    let (unit, moment) = (place(&visit, &query)?, moment(&visit, &query));
    let mut conn = visit.app.db().read().await?;
    let shown = Shown {
        counts: store::counts_of_unit(&mut conn, &unit, moment.day).await?,
        chosen: store::choices_of(&mut conn, &unit).await?,
        standings: store::standings_of(&mut conn, &unit).await?,
        day: moment.day,
        unit,
    };
    drop(conn);
    Ok(visit.page(&visit.t("zone-figures"), page(&visit, &shown)))
}

fn source_field(visit: &Visit, sources: &[Source]) -> Markup {
    html! { label.vx-field { span.form-label { (visit.t("zone-source")) } select.form-select name="source" { @for source in sources { option value=(source.as_str()) { (visit.t(&format!("zone-source-{source}"))) } } } } }
}

fn page(visit: &Visit, shown: &Shown) -> Markup {
    let (lang, unit, tree) = (visit.lang, &shown.unit, visit.app.tree());
    let places = visit.actor().map(|actor| units::places(actor, &tree, RecordCount::NAME)).unwrap_or_default();
    let widest = places.into_iter().min_by_key(Path::depth).unwrap_or_else(|| unit.clone());
    let today_of_unit: Vec<&DayCount> = shown.counts.iter().filter(|count| count.counted_on == shown.day).collect();
    let last = today_of_unit.iter().find(|count| count.source == Source::Unit);
    let before = shown.counts.iter().find(|count| count.counted_on < shown.day);
    let number = |name: &str, value: Option<i64>, hint: Option<i64>| {
        html! { label.vx-field { span.form-label { (visit.t(&format!("zone-figure-{}", name.replace('_', "-")))) } input.form-control name=(name) inputmode="numeric" value=[value];
        @if let Some(hint) = hint { span.vx-quiet { (visit.ta("zone-before-that", &[("n", time::say_count(lang, hint).into())])) } } } }
    };
    let stand = |stand: Stand| shown.standings.iter().find_map(|one| one.figure(stand));
    html! {
        div.vx-head { h1 { (visit.t("zone-figures")) ": " (crate::list::named(&tree, unit)) }
            @if !unit.is_root() { a.btn href={ "/zones/units/" (unit.unit()) "?day=" (shown.day) } { (icon("arrow-left")) " " (visit.t("zone-page-of-unit")) } }
            a.btn href={ "/zones/import?unit=" (widest.as_str()) } { (icon("upload")) " " (visit.t("zone-import")) } }
        form.vx-filters method="get" action="/zones/figures" {
            label { span.form-label { (visit.t("unit")) } (picker(visit, "unit", &widest, Some(unit))) }
            label { span.form-label { (visit.t("zone-day")) } input.form-control type="date" name="day" value=(shown.day) max=(visit.today()); }
            button.btn type="submit" { (icon("calendar")) " " (visit.t("zone-look-figures")) }
        }
        section.vx-panel { h2 { (visit.ta("zone-counts-of", &[("on", time::say_date(lang, shown.day).into())])) }
            p.vx-quiet { (visit.t("zone-counts-explained")) }
            (visit.form("/zones/figures/count", html! {
                input type="hidden" name="unit" value=(unit.as_str());
                input type="hidden" name="day" value=(shown.day);
                div.vx-bar { @for (name, figure) in COUNTED.into_iter().zip(Figure::ALL) { (number(name, last.and_then(|count| count.figure(*figure)), before.and_then(|count| count.figure(*figure)))) } }
                div.vx-bar { (source_field(visit, &Source::OF_COUNTS)) label.vx-field { span.form-label { (visit.t("zone-reported-on")) } input.form-control type="date" name="reported_on" value=(visit.today()) max=(visit.today()) required; }
                    label.vx-field.vx-grow { span.form-label { (visit.t("zone-correction")) } input.form-control name="reason" maxlength="300"; } }
                button.btn.btn-primary type="submit" { (icon("check")) " " (visit.t("zone-counts-save")) }
            }))
        }
        (counts(visit, shown))
        section.vx-panel { h2 { (visit.t("zone-standing")) }
            p.vx-quiet { (visit.t("zone-standing-explained")) }
            (visit.form("/zones/figures/stand", html! {
                input type="hidden" name="unit" value=(unit.as_str());
                input type="hidden" name="day" value=(shown.day);
                div.vx-bar { @for (name, of) in STOOD.into_iter().zip(Stand::ALL) { (number(name, None, stand(*of))) } }
                div.vx-bar { (source_field(visit, &Source::NAMED)) label.vx-field { span.form-label { (visit.t("zone-holds-on")) } input.form-control type="date" name="holds_on" value=(shown.day) max=(visit.today()) required; }
                    label.vx-field { span.form-label { (visit.t("zone-reported-on")) } input.form-control type="date" name="reported_on" value=(visit.today()) max=(visit.today()) required; } }
                button.btn.btn-primary type="submit" { (icon("check")) " " (visit.t("zone-standing-save")) }
            }))
            @if !shown.standings.is_empty() {
                div.vx-scroll.mt-3 tabindex="0" { table.vx-table.vx-cards {
                    thead { tr { th scope="col" { (visit.t("zone-holds-on")) } th scope="col" { (visit.t("zone-source")) } @for name in STOOD { th.vx-num scope="col" { (visit.t(&format!("zone-figure-{}", name.replace('_', "-")))) } } } }
                    tbody { @for one in shown.standings.iter().take(12) { tr {
                        th scope="row" { (time::say_date(lang, one.holds_on)) }
                        td data-label=(visit.t("zone-source")) { (visit.t(&format!("zone-source-{}", one.source))) div.vx-quiet { (one.by_name) ", " (visit.at(one.recorded_at)) } }
                        @for (name, figure) in STOOD.into_iter().zip(one.figures()) { td.vx-num data-label=(visit.t(&format!("zone-figure-{}", name.replace('_', "-")))) { @if let Some(figure) = figure { (time::say_count(lang, figure)) } } }
                    } } } } }
            }
        }
    }
}

/// The counts of the last weeks, every source with its last edition, the one that counts named.
fn counts(visit: &Visit, shown: &Shown) -> Markup {
    if shown.counts.is_empty() {
        return html! { div.vx-empty.mt-3 { p { (visit.t("zone-counts-none")) } } };
    }
    let lang = visit.lang;
    let mut days: BTreeMap<Date, Vec<&DayCount>> = BTreeMap::new();
    for count in &shown.counts {
        days.entry(count.counted_on).or_default().push(count);
    }
    let may_choose = visit
        .actor()
        .is_ok_and(|actor| units::acting(actor, &visit.app.tree(), ChooseSource::NAME, &shown.unit).is_ok());
    html! {
        section.vx-panel { h2 { (visit.t("zone-counts-past")) }
            div.vx-scroll tabindex="0" { table.vx-table.vx-cards {
                thead { tr { th scope="col" { (visit.t("zone-day")) } th scope="col" { (visit.t("zone-source")) } th scope="col" { (visit.t("zone-counts")) } @for name in COUNTED { th.vx-num scope="col" { (visit.t(&format!("zone-figure-{name}"))) } } } }
                tbody { @for (day, of_day) in days.iter().rev() {
                    @let newest = store::newest(of_day);
                    @let chosen = shown.chosen.get(day);
                    @let counting = store::counting(&newest, chosen.map(|choice| choice.source));
                    @for count in &newest { tr {
                        th scope="row" { (time::say_date(lang, *day)) }
                        td data-label=(visit.t("zone-source")) { (visit.t(&format!("zone-source-{}", count.source))) div.vx-quiet { (count.by_name) ", " (visit.at(count.recorded_at)) @if count.edition > 1 { " · " (visit.ta("zone-edition", &[("n", count.edition.into())])) } } @if let Some(reason) = &count.reason { div.vx-quiet { (reason) } } }
                        td data-label=(visit.t("zone-counts")) {
                            @if counting == Some(count.source) { span.vx-state { (visit.t("zone-this-counts")) } @if let Some(choice) = chosen { div.vx-quiet { (choice.by_name) ": " (choice.reason) } } @else if newest.len() > 1 { div.vx-quiet { (visit.t("zone-larger-counts")) } } }
                            @else if may_choose {
                                details { summary { (visit.t("zone-choose-source")) }
                                    (visit.form("/zones/figures/choose", html! {
                                        input type="hidden" name="unit" value=(shown.unit.as_str()); input type="hidden" name="day" value=(day); input type="hidden" name="source" value=(count.source);
                                        label.vx-field.d-block { span.form-label { (visit.t("zone-reason")) } input.form-control name="reason" required maxlength="300"; }
                                        button.btn type="submit" { (visit.t("zone-choose-source")) }
                                    })) }
                            }
                        }
                        @for (name, figure) in COUNTED.into_iter().zip(count.figures()) { td.vx-num data-label=(visit.t(&format!("zone-figure-{name}"))) { @match figure { Some(figure) => (time::say_count(lang, figure)), None => "–" } } }
                    } }
                } }
            } }
        }
    }
}

fn unit_of(visit: &Visit, form: &Form) -> Result<Path, Problem> {
    picked(&visit.app.tree(), form.text("unit"), visit.today())
}

fn source_of(form: &Form) -> Result<Source, Problem> {
    Source::parse(form.text("source"))
        .ok_or_else(|| Problem::invalid("web.field").with("field", "@field-source").with("value", form.text("source")))
}

/// The source of figures that somebody types or brings; those of lists of cases are counted by the program.
pub(crate) fn brought_by(source: Source) -> Result<Source, Problem> {
    if source == Source::CaseList { Err(Problem::refused("zones.figures.derived")) } else { Ok(source) }
}

fn back(unit: &Path, day: Date, said: &str) -> PageResult {
    Ok(see_other(&format!("/zones/figures?unit={}&day={day}", unit.as_str()), said))
}

pub(crate) async fn count(visit: Visit, form: Form) -> PageResult {
    let (unit, day): (Path, Date) = (unit_of(&visit, &form)?, form.read("day")?);
    let command = RecordCount {
        id: Id::fresh(),
        by: acting(&visit, RecordCount::NAME, &unit)?,
        unit: unit.clone(),
        counted_on: day,
        source: brought_by(source_of(&form)?)?,
        figures: typed(&form, COUNTED)?,
        reported_on: form.read("reported_on")?,
        reason: form.filled("reason").map(str::to_owned),
    };
    execute(visit.app.db(), visit.actor()?, form.key()?, command).await?;
    back(&unit, day, "zones-said-counted")
}

pub(crate) async fn stand(visit: Visit, form: Form) -> PageResult {
    let (unit, day): (Path, Date) = (unit_of(&visit, &form)?, form.read("day")?);
    let command = RecordStanding {
        id: Id::fresh(),
        by: acting(&visit, RecordStanding::NAME, &unit)?,
        unit: unit.clone(),
        holds_on: form.read("holds_on")?,
        source: brought_by(source_of(&form)?)?,
        figures: typed(&form, STOOD)?,
        reported_on: form.read("reported_on")?,
    };
    execute(visit.app.db(), visit.actor()?, form.key()?, command).await?;
    back(&unit, day, "zones-said-stood")
}

pub(crate) async fn choose(visit: Visit, form: Form) -> PageResult {
    let (unit, day): (Path, Date) = (unit_of(&visit, &form)?, form.read("day")?);
    let command = ChooseSource {
        id: Id::fresh(),
        by: acting(&visit, ChooseSource::NAME, &unit)?,
        unit: unit.clone(),
        counted_on: day,
        source: source_of(&form)?,
        reason: form.text("reason").to_owned(),
    };
    execute(visit.app.db(), visit.actor()?, form.key()?, command).await?;
    back(&unit, day, "zones-said-chosen")
}
