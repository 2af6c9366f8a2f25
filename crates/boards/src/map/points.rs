//! Points of the map: sites in the place that is shown, over whatever layer is chosen, by kind.
//!
//! The list below the map says the same and is always there; a mark bears two letters, so colour is never its only sign.

use std::{
    fmt::Write as _,
    hash::{DefaultHasher, Hash as _, Hasher as _},
};

use axum::{
    extract::Query,
    http::{HeaderMap, StatusCode, header},
    response::IntoResponse as _,
};
use vx_atlas::Point;
use vx_foundation::{
    sites::{READ, Site, SiteKind, on_map, reaches},
    units,
};
use vx_kernel::{Path, Problem, time::say_count, units::Tree};
use vx_platform::web::{Access, Markup, PageResult, Route, Visit, asset, html, icon};

use super::{Drawing, Pairs, Place};

/// Points that a map shows: every checkpoint, market and facility of a province; more hide each other.
const POINTS_MAX: i64 = 2_000;
/// Rows of the list below the map; all are in the list of sites, which has pages.
const LISTED_MAX: usize = 200;
/// Size of a mark on the drawn map, in its units.
const MARK: (f64, f64) = (30.0, 20.0);

pub(super) fn routes() -> Vec<Route> {
    vec![Route::get("/map/points.geojson", Access::Needs(READ), geojson)]
}

/// The sites that are marked.
pub(super) struct Points {
    /// Kinds that were chosen.
    kinds: Vec<SiteKind>,
    sites: Vec<Site>,
    /// How many there are, also those that are too many to be shown.
    all: i64,
    /// Whether the visitor sees sites at all.
    seen: bool,
}

impl Points {
    /// The points that an address asks for.
    pub(super) async fn asked(
        visit: &Visit,
        tree: &Tree,
        place: &Place<'_>,
        query: &[(String, String)],
    ) -> Result<Self, Problem> {
        let seen = visit.may_anywhere(READ);
        let is_asked = |kind: &&SiteKind| query.iter().any(|(name, value)| name == "sites" && value == kind.as_str());
        let kinds: Vec<SiteKind> = SiteKind::ALL.iter().filter(is_asked).copied().filter(|_| seen).collect();
        if kinds.is_empty() {
            return Ok(Self { kinds, sites: Vec::new(), all: 0, seen });
        }
        let reaches = reaches(visit.actor()?, tree);
        let mut conn = visit.app.db().read().await?;
        let (sites, all) = on_map(&mut conn, &reaches, &place.path(), &kinds, place.on, POINTS_MAX).await?;
        Ok(Self { kinds, sites, all, seen })
    }

    /// The chosen kinds as they stand in an address, behind other values.
    pub(super) fn query(&self) -> String {
        self.kinds.iter().fold(String::new(), |mut query, kind| {
            let _ = write!(query, "&sites={kind}");
            query
        })
    }

    /// Where the script is that puts the points on the moving map.
    pub(super) fn script(&self) -> Option<String> {
        self.seen.then(|| asset("points.js").to_string())
    }
}

fn kind_name(visit: &Visit, kind: SiteKind) -> String {
    visit.t(&format!("site-kind-{kind}"))
}

fn unit_name(visit: &Visit, path: &Path) -> String {
    units::named_on(&visit.app.tree(), path, visit.today())
}

fn mark(kind: SiteKind) -> Markup {
    html! { span.vx-mark aria-hidden="true" { (kind.sign()) } }
}

/// The way to the register of sites.
pub(super) fn way(visit: &Visit, place: &Place<'_>, points: &Points) -> Markup {
    let address = place.top.map_or_else(|| "/sites".to_owned(), |top| format!("/sites?unit={}", top.id));
    html! { @if points.seen { a.btn href=(address) { (icon("map-pin")) " " (visit.t("map-sites")) } } }
}

/// The kinds to choose from, with their marks; the legend of the marks as well.
pub(super) fn choice(visit: &Visit, points: &Points) -> Markup {
    html! { @if points.seen {
        details.vx-points open[!points.kinds.is_empty()] {
            summary { (icon("map-pin")) " " (visit.t("map-points")) }
            fieldset.vx-bar { legend.visually-hidden { (visit.t("map-points")) }
                @for kind in SiteKind::ALL { label.form-check.vx-field { input.form-check-input type="checkbox" name="sites" value=(kind) checked[points.kinds.contains(kind)]; span { (mark(*kind)) " " (kind_name(visit, *kind)) } } }
            }
        }
    } }
}

/// The marks on the drawn map.
pub(super) fn drawn(visit: &Visit, points: &Points, drawing: &Drawing) -> Markup {
    let place = |site: &Site| {
        let (position, frame) = (site.position()?, drawing.frame?);
        let (x, y) = frame.place(Point::at(position.longitude(), position.latitude()));
        ((0.0..=drawing.width).contains(&x) && (0.0..=drawing.height).contains(&y)).then_some((x.round(), y.round()))
    };
    html! { @for site in &points.sites { @if let Some((x, y)) = place(site) {
        @let words = format!("{}: {}", kind_name(visit, site.kind), site.name);
        a.vx-point href={ "/sites/" (site.id) } aria-label=(words) {
            title { (words) }
            rect x=(x - MARK.0 / 2.0) y=(y - MARK.1 / 2.0) width=(MARK.0) height=(MARK.1) rx="4" {}
            text x=(x) y=(y) { (site.kind.sign()) }
        }
    } } }
}

/// Where the moving map tells of the point that was chosen.
pub(super) fn panel(visit: &Visit, points: &Points) -> Markup {
    html! { @if points.seen {
        section.vx-panel.vx-scripted #map-point aria-live="polite" data-open=(visit.t("map-point-open")) hidden[points.kinds.is_empty()] {
            h2 { (visit.t("map-point")) }
            p.vx-quiet { (visit.t("map-point-none")) }
        }
    } }
}

/// The points as a list. It is there without any, so that the script finds where others go.
pub(super) fn list(visit: &Visit, place: &Place<'_>, points: &Points) -> Markup {
    let n = |n: i64| say_count(visit.lang, n).into();
    let heads = ["map-point-kind", "unit", "map-point-address", "map-point-telephone"].map(|key| visit.t(key));
    let data = format!("/map/points.geojson?within={}&on={}{}", place.key(), place.on, points.query());
    html! { @if points.seen {
        section #map-points data-points=[(!points.kinds.is_empty()).then_some(data)] {
            @if !points.kinds.is_empty() {
                h2.vx-group { (visit.t("map-points")) " " span.vx-quiet { (say_count(visit.lang, points.all)) } }
                @if points.sites.is_empty() { div.vx-empty { (icon("map-pin")) p { (visit.t("map-points-none")) } } }
                @else {
                    @if points.all > POINTS_MAX { p.vx-note { (visit.ta("map-points-cut", &[("n", n(POINTS_MAX)), ("all", n(points.all))])) } }
                    div.vx-scroll tabindex="0" { table.vx-table.vx-cards {
                        thead { tr { th scope="col" { (visit.t("map-point-name")) } @for head in &heads { th scope="col" { (head) } } } }
                        tbody { @for site in points.sites.iter().take(LISTED_MAX) { tr data-point=(site.id) {
                            th scope="row" { (mark(site.kind)) " " a href={ "/sites/" (site.id) } { (site.name) } }
                            td data-label=(heads[0]) { (kind_name(visit, site.kind)) }
                            td data-label=(heads[1]) { (unit_name(visit, &site.path)) }
                            td data-label=(heads[2]) { @if site.address.is_empty() { "–" } @else { (site.address) } }
                            td data-label=(heads[3]) { span.text-nowrap { (site.telephone.as_deref().unwrap_or("–")) } }
                        } } }
                    } }
                    @if points.sites.len() > LISTED_MAX { p.vx-quiet { (visit.ta("map-points-listed", &[("n", n(i64::try_from(LISTED_MAX).unwrap_or(0))), ("all", n(points.all))])) " " a href={ "/sites?unit=" (place.key()) } { (visit.t("map-sites")) } } }
                }
            }
        }
    } }
}

/// The points of a place within the visitor's reach, as GeoJSON. Asked for again, nothing is sent while they are the same.
async fn geojson(visit: Visit, Query(query): Pairs, headers: HeaderMap) -> PageResult {
    let tree = visit.app.tree();
    let place = Place::asked(&visit, &tree, &query).await?;
    let points = Points::asked(&visit, &tree, &place, &query).await?;
    let features: Vec<serde_json::Value> = points
        .sites
        .iter()
        .filter_map(|site| {
            let position = site.position()?;
            let properties = serde_json::json!({
                "id": site.id, "sign": site.kind.sign(), "kind": site.kind, "kind_name": kind_name(&visit, site.kind),
                "name": site.name, "unit": unit_name(&visit, &site.path), "address": site.address,
                "telephone": site.telephone, "capacity": site.capacity, "href": format!("/sites/{}", site.id),
            });
            let geometry =
                serde_json::json!({"type": "Point", "coordinates": [position.longitude(), position.latitude()]});
            Some(serde_json::json!({"type": "Feature", "properties": properties, "geometry": geometry}))
        })
        .collect();
    let text = serde_json::json!({"type": "FeatureCollection", "features": features}).to_string();
    let mut digest = DefaultHasher::new();
    text.hash(&mut digest);
    let tag = format!("\"{:x}\"", digest.finish());
    let asks_again = headers.get(header::IF_NONE_MATCH).is_some_and(|known| known.as_bytes() == tag.as_bytes());
    let about = [(header::ETAG, tag), (header::CACHE_CONTROL, "private, no-cache".to_owned())];
    if asks_again {
        return Ok((StatusCode::NOT_MODIFIED, about).into_response());
    }
    Ok((about, [(header::CONTENT_TYPE, "application/geo+json")], text).into_response())
}
