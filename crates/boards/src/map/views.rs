//! The map as a page: drawn, with its legend, and as a list that says the same.

use std::sync::Arc;

use vx_concepts::engine::Command as _;
use vx_foundation::boundaries::{self, Sheet};
use vx_kernel::{
    Date,
    time::{say_count, say_date},
    units::{Kind, Tree, Unit},
};
use vx_platform::web::{Markup, Visit, asset, html, icon};
use vx_zones::store as zones;

use super::{
    COUNTRY, Drawing, Figure, Figures, Layer, Place, UNKNOWN,
    points::{self, Points},
};

/// With so many units at the most, their names stand on the drawn map.
const NAMED_MAX: usize = 24;

pub(super) struct Shown<'a> {
    pub(super) tree: &'a Tree,
    pub(super) place: &'a Place<'a>,
    pub(super) sheet: &'a Arc<Sheet>,
    pub(super) drawing: &'a Drawing,
    pub(super) layers: &'a [&'a Layer],
    pub(super) layer: &'a Layer,
    pub(super) figures: &'a Figures,
    pub(super) points: &'a Points,
    /// How the epidemic stands in the place.
    pub(super) beside: Markup,
    pub(super) days: Vec<Date>,
}

impl Shown<'_> {
    /// The address of this map with another place.
    fn at(&self, visit: &Visit, key: &str) -> String {
        let day = if self.place.on == visit.today() { String::new() } else { format!("&on={}", self.place.on) };
        format!("/map?within={key}&layer={}{day}{}", self.layer.name, self.points.query())
    }
    fn tone(&self, figure: Option<&Figure>) -> &'static str {
        figure.and_then(|figure| self.layer.bands.get(figure.band)).map_or("none", |band| band.tone)
    }
    /// The units, the largest figure first.
    fn rows(&self) -> Vec<(&Unit, Option<&Figure>)> {
        let mut rows: Vec<(&Unit, Option<&Figure>)> =
            self.place.units.iter().map(|unit| (*unit, self.figures.get(unit.id.as_str()))).collect();
        rows.sort_by_key(|(_, figure)| std::cmp::Reverse(figure.map_or(i64::MIN, |figure| figure.rank)));
        rows
    }
}

pub(super) fn page(visit: &Visit, shown: &Shown<'_>) -> Markup {
    let place = shown.place;
    let name = place.top.map_or_else(|| visit.t("whole-country"), |unit| unit.full_name_on(place.on));
    let up = place.top.map(|top| shown.tree.parent(top.id.as_str()).map_or(COUNTRY, |above| above.id.as_str()));
    let provinces = || {
        let key = place.top.and_then(|top| top.path.keys().next());
        key.into_iter().chain(place.units.iter().filter(move |_| key.is_none()).map(|unit| unit.id.as_str()))
    };
    let schematic = provinces().filter(|key| shown.sheet.is_schematic(key)).count();
    let editions: std::collections::BTreeMap<&str, String> = provinces()
        .filter_map(|key| shown.sheet.editions.get(key))
        .map(|edition| (edition.name.as_str(), edition.id.to_string()))
        .collect();
    html! {
        link rel="stylesheet" href=(asset("vendor/maplibre-gl-6.17.0/maplibre-gl.css"));
        link rel="stylesheet" href=(asset("map.css"));
        (vx_zones::charts::style())
        script type="module" src=(asset("map.js")) {}
        div.vx-head {
            h1 { (visit.t("map-title")) ": " (name) }
            @if let Some(up) = up { a.btn href=(shown.at(visit, up)) { (icon("corner-up-left")) " " (visit.t("map-up")) } }
            (points::way(visit, place, shown.points))
            @if visit.may_anywhere(boundaries::Adopt::NAME) { a.btn href="/boundaries" { (icon("settings")) " " (visit.t("map-boundaries")) } }
        }
        (controls(visit, shown))
        @if schematic > 0 { p.vx-note #map-schematic { strong { (visit.t("map-schematic")) } " " (visit.t(if editions.is_empty() { "map-schematic-about" } else { "map-schematic-partly" })) } }
        @if !editions.is_empty() { p.vx-quiet { (visit.t("map-edition")) ": " @for (index, (name, id)) in editions.iter().enumerate() { @if index > 0 { ", " } a href={ "/boundaries/" (id) } { (name) } } } }
        @if !shown.layer.has_days && place.on != visit.today() { p.vx-note { (visit.ta("map-today-only", &[("day", say_date(visit.lang, visit.today()).into())])) } }
        @if place.units.is_empty() { (nothing(visit, shown)) }
        @else {
            div.vx-map-page {
                div {
                    (map(visit, shown, &name))
                    (legend(visit, shown))
                }
                aside {
                    section.vx-panel #map-unit aria-live="polite" {
                        h2 { (visit.t("map-unit")) }
                        p.vx-quiet { (visit.t("map-unit-none")) }
                    }
                    (points::panel(visit, shown.points))
                    (shown.beside)
                }
            }
            (points::list(visit, place, shown.points))
            (list(visit, shown))
        }
    }
}

/// A place without units on the day: what it became.
fn nothing(visit: &Visit, shown: &Shown<'_>) -> Markup {
    let kin = shown.place.top.map(|top| {
        let key = top.id.as_str();
        let mut kin = shown.tree.successors(key);
        kin.extend(shown.tree.predecessors(key));
        kin.into_iter().filter_map(|heir| shown.tree.get(heir.unit.as_str())).collect::<Vec<_>>()
    });
    let there = |unit: &&Unit| unit.exists_on(shown.place.on);
    html! {
        div.vx-empty { (icon("map")) h2 { (visit.ta("map-nothing", &[("day", say_date(visit.lang, shown.place.on).into())])) }
            p { @for unit in kin.iter().flatten().copied().filter(there) { a href=(shown.at(visit, unit.id.as_str())) { (unit.full_name) } " " } }
        }
    }
}

fn controls(visit: &Visit, shown: &Shown<'_>) -> Markup {
    let place = shown.place;
    let levels = place.levels(shown.tree);
    html! {
        form.vx-filters #map-controls method="get" action="/map" {
            input type="hidden" name="within" value=(place.key());
            label { span.form-label { (visit.t("map-layer")) } select.form-select name="layer" {
                @for layer in shown.layers { option value=(layer.name) selected[layer.name == shown.layer.name] { (visit.t(&format!("map-layer-{}", layer.name))) } }
            } }
            @if levels.len() > 1 { label { span.form-label { (visit.t("map-level")) } select.form-select name="level" {
                @for level in &levels { option value=(level.as_str()) selected[*level == place.level] { (visit.t(&format!("map-level-{}", level.as_str()))) } }
            } } }
            @if shown.layer.has_days { label { span.form-label { (visit.t("map-day")) } select.form-select name="on" #map-day {
                @if !shown.days.contains(&place.on) { option value=(place.on) selected { (say_date(visit.lang, place.on)) } }
                @for day in &shown.days { option value=(day) selected[*day == place.on] { (say_date(visit.lang, *day)) } }
            } } }
            @else if place.on != visit.today() { input type="hidden" name="on" value=(place.on); }
            button.btn.btn-primary type="submit" { (icon("map")) " " (visit.t("map-show")) }
            label.vx-scripted { span.form-label { (visit.t("map-find")) }
                input.form-control #map-find type="search" list="map-names" autocomplete="off" placeholder=(visit.t("map-find-example"));
                datalist #map-names { @for unit in &place.units { option value=(listed_name(shown, unit)) {} } }
            }
            (points::choice(visit, shown.points))
        }
    }
}

/// A name that stands once in the list: communes of a province share names, the district tells them apart.
fn listed_name(shown: &Shown<'_>, unit: &Unit) -> String {
    let above =
        shown.tree.parent(unit.id.as_str()).filter(|above| shown.place.top.is_some_and(|top| top.id != above.id));
    let name = unit.full_name_on(shown.place.on);
    above.map_or_else(|| name.clone(), |above| format!("{name}, {}", above.full_name_on(shown.place.on)))
}

fn map(visit: &Visit, shown: &Shown<'_>, name: &str) -> Markup {
    let (place, drawing) = (shown.place, shown.drawing);
    let [west, south, east, north] = drawing.bounds;
    let property = match place.level {
        Kind::Province => "p",
        Kind::District => "d",
        _ => "k",
    };
    let rows = shown.rows();
    let tones: std::collections::HashMap<&str, (&Unit, Option<&Figure>)> =
        rows.iter().map(|(unit, figure)| (unit.id.as_str(), (*unit, *figure))).collect();
    let title = format!("{}: {name}", visit.t(&format!("map-layer-{}", shown.layer.name)));
    html! {
        div.vx-map #map
            data-library=(asset("vendor/maplibre-gl-6.17.0/maplibre-gl.mjs"))
            data-worker=(asset("vendor/maplibre-gl-6.17.0/maplibre-gl-worker.mjs"))
            data-tiles={ "/map/tile/{z}/{x}/{y}?on=" (place.on) "&v=" (shown.sheet.mark) }
            data-bounds={ (west) "," (south) "," (east) "," (north) }
            data-property=(property) data-points-script=[shown.points.script()]
            data-label=(visit.t("map-canvas")) data-zoom-in=(visit.t("map-zoom-in")) data-zoom-out=(visit.t("map-zoom-out"))
            data-open=(visit.t("map-open-unit")) data-inside=(visit.t("map-inside")) data-slider=(visit.t("map-slider")) {
            svg.vx-drawn viewBox={ "0 0 " (drawing.width) " " (drawing.height) } role="group" aria-label=(title) {
                defs { @for (tone, line) in [("1", "M0 10h10"), ("2", "M0 10L10 0"), ("3", "M0 10L10 0M0 0l10 10")] {
                    pattern id={ "vx-hatch-" (tone) } width="10" height="10" patternUnits="userSpaceOnUse" { path.vx-hatch d=(line) {} }
                } }
                @for outline in &drawing.outlines {
                    @if let Some((unit, figure)) = tones.get(outline.key.as_str()) {
                        @let tone = shown.tone(*figure);
                        @let words = figure.map_or_else(|| visit.t("map-out-of-reach"), |figure| figure.words.clone());
                        a href=(figure.map_or_else(|| format!("/units/{}", unit.id), |figure| figure.href.clone())) aria-label={ (listed_name(shown, unit)) ": " (words) } {
                            title { (listed_name(shown, unit)) ": " (words) }
                            path class={ "vx-area vx-tone-" (tone) } d=(outline.path) {}
                            @if ["1", "2", "3"].contains(&tone) { path fill={ "url(#vx-hatch-" (tone) ")" } d=(outline.path) {} }
                        }
                    }
                }
                // Signs and names lie above every area; the links beneath say the same in words.
                g aria-hidden="true" { @for outline in &drawing.outlines { @if let Some((unit, figure)) = tones.get(outline.key.as_str()) {
                    text.vx-sign data-sign-of=(unit.id) x=(outline.at.0.round()) y=(outline.at.1.round()) { (figure.map_or("–", |figure| figure.sign.as_str()))
                        @if rows.len() <= NAMED_MAX { tspan x=(outline.at.0.round()) dy="18" { (unit.bare_name()) } } }
                } } }
                (points::drawn(visit, shown.points, drawing))
            }
        }
    }
}

fn legend(visit: &Visit, shown: &Shown<'_>) -> Markup {
    let count = |band: usize| shown.figures.values().filter(|figure| figure.band == band).count();
    let out = shown.place.units.len().saturating_sub(shown.figures.len());
    let unknown = count(UNKNOWN);
    let line = |tone: &str, sign: &str, words: String, n: usize| {
        html! { li { span class={ "vx-swatch vx-tone-" (tone) } aria-hidden="true" { (sign) } span.vx-grow { (words) } span.vx-num { (say_count(visit.lang, i64::try_from(n).unwrap_or(i64::MAX))) } } }
    };
    html! {
        section.vx-panel #map-legend {
            h2 { (visit.t(&format!("map-layer-{}", shown.layer.name))) }
            ul.list-unstyled.vx-steps {
                @for (index, band) in shown.layer.bands.iter().enumerate() { (line(band.tone, band.sign, visit.t(band.words), count(index))) }
                @if unknown > 0 { (line("none", "?", visit.t("map-unknown"), unknown)) }
                @if out > 0 { (line("none", "–", visit.t("map-out-of-reach"), out)) }
            }
            @if shown.layer.has_days { p.vx-quiet { (visit.ta("map-as-of", &[("day", say_date(visit.lang, shown.place.on).into())])) } }
            @if shown.place.top.is_some() { p { a href={ "/map/areas.geojson?within=" (shown.place.key()) "&on=" (shown.place.on) } { (icon("download")) " " (visit.t("map-geojson")) } } }
        }
    }
}

/// Where one goes on from a unit: to the map of what is in it, to the course of the epidemic there.
fn further(visit: &Visit, shown: &Shown<'_>, unit: &Unit) -> Markup {
    let has_inside = unit.kind != Kind::Commune;
    let has_course = visit.actor().is_ok_and(|actor| zones::sees(actor, shown.tree, &unit.path));
    html! {
        @if has_inside { a href=(shown.at(visit, unit.id.as_str())) { (visit.t("map-inside")) } }
        @if has_inside && has_course { " · " }
        @if has_course { a href={ "/zones/course?unit=" (unit.path.as_str()) @if shown.place.on != visit.today() { "&day=" (shown.place.on) } } { (visit.t("course")) } }
        @if !has_inside && !has_course { "–" }
    }
}

fn list(visit: &Visit, shown: &Shown<'_>) -> Markup {
    let title = visit.t(&format!("map-layer-{}", shown.layer.name));
    html! {
        section #map-list {
            h2.vx-group { (visit.t("map-list")) }
            div.vx-scroll tabindex="0" { table.vx-table.vx-cards {
                thead { tr { th scope="col" { (visit.t("unit")) } th scope="col" { (title) } th scope="col" { (visit.t("map-further")) } } }
                tbody data-rows { @for (unit, figure) in shown.rows() {
                    @let drawn = shown.drawing.outlines.iter().any(|outline| outline.key == unit.id.as_str());
                    tr data-unit=(unit.id) data-tone=(shown.tone(figure)) data-sign=(figure.map_or("–", |figure| figure.sign.as_str())) data-name=(listed_name(shown, unit)) {
                        th scope="row" { a href={ "/units/" (unit.id) } { (listed_name(shown, unit)) } @if !drawn { " " span.vx-quiet { "(" (visit.t("map-not-drawn")) ")" } } }
                        td data-label=(title) { span class={ "vx-swatch vx-tone-" (shown.tone(figure)) } aria-hidden="true" { (figure.map_or("–", |figure| figure.sign.as_str())) } " "
                            @if let Some(figure) = figure { a href=(figure.href) { (figure.words) } } @else { span.vx-quiet { (visit.t("map-out-of-reach")) } } }
                        td data-label=(visit.t("map-further")) { (further(visit, shown, unit)) }
                    }
                } }
            } }
        }
    }
}
