//! The map (bản đồ): the units of a place with one figure each, drawn, listed, and as tiles.
//!
//! What a colour says stands as words in the list beside it, and as a sign in the area itself.

mod epidemic;
mod layer;
mod points;
mod situation;
mod views;

use std::{
    collections::HashMap,
    io::{Read as _, Write as _},
    sync::{Arc, LazyLock, Mutex, PoisonError},
};

use axum::{
    extract::{Path as Address, Query},
    http::{HeaderMap, StatusCode, header},
    response::IntoResponse as _,
};
use flate2::{Compression, read::GzDecoder, write::GzEncoder};
use jiff::ToSpan as _;
use vx_atlas::{Frame, Named, Point, TILE_ZOOM_MAX, TileLabel, bounds_of_tile, tile, write_feature};
use vx_foundation::{
    boundaries::{self, Sheet, sheet},
    units,
};
use vx_kernel::{
    Date, Path, Problem, ProblemKind, time,
    units::{Kind, Tree, Unit},
};
use vx_platform::web::{Access, PageResult, Route, Visit, download, off_thread, takes_gzip};

use super::asked;

pub use layer::{Band, Figure, Figures, Layer, Look, Reading, UNKNOWN};

/// The permission to see the map: that of boundaries, which are public facts. Figures have permissions of their own.
pub const READ: &str = boundaries::READ;

/// The place that is the whole country, in addresses.
const COUNTRY: &str = "vn";
/// Days of a layer that one can go back.
const DAYS_BACK: i64 = 13;
/// Bytes of tiles that are held; those of the country at the zooms of a screen are some 5 MB.
const TILE_BYTES_HELD: usize = 32 * 1024 * 1024;
/// Maps whose outlines are held.
const DRAWINGS_HELD: usize = 64;
/// Size of a drawn map, in its own units.
const DRAWN: (f64, f64) = (1_000.0, 1_100.0);

pub(super) fn routes() -> Vec<Route> {
    let mut routes = vec![
        Route::get("/map", Access::Needs(READ), page),
        Route::get("/map/tile/{z}/{x}/{y}", Access::Needs(READ), vector_tile),
        Route::get("/map/areas.geojson", Access::Needs(READ), areas),
    ];
    routes.extend(points::routes());
    routes
}

type Pairs = Query<Vec<(String, String)>>;

fn day_asked(visit: &Visit, query: &[(String, String)]) -> Date {
    asked(query, "on").parse().unwrap_or_else(|_| visit.today())
}

/// What is looked at: a place, the level of the units in it, a day.
struct Place<'t> {
    /// The province or district; none is the country.
    top: Option<&'t Unit>,
    level: Kind,
    on: Date,
    units: Vec<&'t Unit>,
}

impl<'t> Place<'t> {
    fn path(&self) -> Path {
        self.top.map_or_else(Path::root, |unit| unit.path.clone())
    }
    fn key(&self) -> &str {
        self.top.map_or(COUNTRY, |unit| unit.id.as_str())
    }
    /// Levels that can be chosen for this place.
    fn levels(&self, tree: &Tree) -> Vec<Kind> {
        match self.top {
            Some(top) if top.kind == Kind::Province => [Kind::District, Kind::Commune]
                .into_iter()
                .filter(|kind| tree.descendants(top.id.as_str(), *kind, Some(self.on)).next().is_some())
                .collect(),
            _ => vec![self.level],
        }
    }

    /// The place that was asked for, or the one where the visitor works.
    async fn asked(visit: &Visit, tree: &'t Tree, query: &[(String, String)]) -> Result<Self, Problem> {
        let on = day_asked(visit, query);
        let key = asked(query, "within");
        let top = match key {
            COUNTRY => None,
            "" => {
                let homes = visit.actor()?.homes();
                let own = homes.iter().find_map(|path| tree.up_to(path.unit(), Kind::District));
                match own.filter(|unit| unit.exists_on(on)) {
                    Some(district) => Some(district),
                    None => units::home(visit, tree, on).await?.and_then(|key| tree.get(key.as_str())),
                }
            }
            key => {
                let unknown = || Problem::new(ProblemKind::NotFound, "units.unknown").with("key", key);
                let unit = tree.get(key).ok_or_else(unknown)?;
                // What has no units of its own with boundaries is seen among its neighbours.
                let lower = |unit: &&Unit| matches!(unit.kind, Kind::Province | Kind::District);
                Some(unit).filter(lower).or_else(|| tree.ancestors(key).into_iter().rev().find(lower))
            }
        };
        let level = match top {
            None => Kind::Province,
            Some(unit) if unit.kind == Kind::Province && asked(query, "level") == Kind::District.as_str() => {
                Kind::District
            }
            Some(_) => Kind::Commune,
        };
        let units = match top {
            None => tree.roots().filter(|unit| unit.kind == Kind::Province && unit.exists_on(on)).collect(),
            Some(unit) => tree.descendants(unit.id.as_str(), level, Some(on)).collect(),
        };
        Ok(Self { top, level, on, units })
    }
}

/// A unit as it is drawn.
#[derive(Clone, Debug)]
pub(crate) struct Outline {
    pub(crate) key: String,
    pub(crate) path: String,
    pub(crate) at: (f64, f64),
}

/// The outlines of the units of a place.
#[derive(Debug, Default)]
pub(crate) struct Drawing {
    pub(crate) width: f64,
    pub(crate) height: f64,
    /// Where points lie on it.
    frame: Option<Frame>,
    /// West, south, east, north in degrees.
    bounds: [f64; 4],
    pub(crate) outlines: Vec<Outline>,
}

type DrawingKey = (String, String, Kind);
static DRAWINGS: LazyLock<Mutex<HashMap<DrawingKey, Arc<Drawing>>>> = LazyLock::new(Mutex::default);

async fn drawing(sheet: &Arc<Sheet>, tree: &Arc<Tree>, place: &Place<'_>) -> Result<Arc<Drawing>, Problem> {
    let key = (sheet.mark.clone(), place.key().to_owned(), place.level);
    if let Some(held) = DRAWINGS.lock().unwrap_or_else(PoisonError::into_inner).get(&key) {
        return Ok(held.clone());
    }
    let keys: Vec<String> = place.units.iter().map(|unit| unit.id.to_string()).collect();
    let (sheet, tree) = (sheet.clone(), tree.clone());
    let drawn = Arc::new(off_thread(move || draw(&sheet, &tree, &keys)).await?);
    let mut held = DRAWINGS.lock().unwrap_or_else(PoisonError::into_inner);
    if held.len() >= DRAWINGS_HELD {
        held.clear();
    }
    held.insert(key, drawn.clone());
    Ok(drawn)
}

pub(crate) fn draw(sheet: &Sheet, tree: &Tree, keys: &[String]) -> Drawing {
    let parts: Vec<_> = keys.iter().filter_map(|key| tree.get(key)).map(|unit| (unit, sheet.areas(unit))).collect();
    let nothing = [i32::MAX, i32::MAX, i32::MIN, i32::MIN];
    let bounds = parts.iter().flat_map(|(_, areas)| areas).fold(nothing, |[west, south, east, north], area| {
        let [w, s, e, n] = area.bounds;
        [west.min(w), south.min(s), east.max(e), north.max(n)]
    });
    if bounds == nothing {
        return Drawing::default();
    }
    let frame = Frame::around(bounds, DRAWN.0, DRAWN.1);
    let outlines = parts.iter().filter(|(_, areas)| !areas.is_empty()).map(|(unit, areas)| Outline {
        key: unit.id.to_string(),
        path: frame.outline(&sheet.coverage, areas),
        at: frame.place(middle(areas)),
    });
    let [west, south, east, north] = bounds;
    let (low, high) = (Point { x: west, y: south }, Point { x: east, y: north });
    Drawing {
        width: frame.width,
        height: frame.height,
        frame: Some(frame),
        outlines: outlines.collect(),
        bounds: [low.lon(), low.lat(), high.lon(), high.lat()],
    }
}

/// Where the sign of a unit stands: in the area that is nearest to the middle of all of its areas.
fn middle(areas: &[&vx_atlas::Area]) -> Point {
    let n = i64::try_from(areas.len()).unwrap_or(1).max(1);
    let sum = areas
        .iter()
        .fold((0, 0), |sum: (i64, i64), area| (sum.0 + i64::from(area.label.x), sum.1 + i64::from(area.label.y)));
    let away = |point: Point| (i64::from(point.x) - sum.0 / n).pow(2) + (i64::from(point.y) - sum.1 / n).pow(2);
    areas.iter().map(|area| area.label).min_by_key(|label| away(*label)).unwrap_or_default()
}

async fn page(visit: Visit, Query(query): Pairs) -> PageResult {
    let tree = visit.app.tree();
    let place = Place::asked(&visit, &tree, &query).await?;
    let layers: Vec<&Layer> = layer::LAYERS.iter().filter(|layer| visit.may_anywhere(layer.permission)).collect();
    let chosen = layers.iter().find(|layer| layer.name == asked(&query, "layer")).or(layers.first()).copied();
    let layer = chosen.ok_or_else(Problem::not_found)?;
    let sheet = sheet(&visit.app, place.on).await?;
    let drawing = drawing(&sheet, &tree, &place).await?;
    let now = visit.now();
    // What was by the end of a day that is over; today, what is now.
    let at = time::end_of(place.on).map_or(now, |end| end.min(now));
    let look = Look {
        visit: &visit,
        tree: &tree,
        sheet: &sheet,
        top: &place.path(),
        level: place.level,
        units: &place.units,
        at: if layer.has_days { at } else { now },
    };
    let figures = (layer.read)(look).await?;
    let points = points::Points::asked(&visit, &tree, &place, &query).await?;
    let days = (0..=DAYS_BACK).filter_map(|back| visit.today().checked_sub(back.days()).ok());
    let beside = situation::panel(&visit, &place).await?;
    let shown = views::Shown {
        tree: &tree,
        place: &place,
        sheet: &sheet,
        drawing: &drawing,
        layers: &layers,
        layer,
        figures: &figures,
        points: &points,
        beside,
        days: days.collect(),
    };
    Ok(visit.page(&visit.t("map-title"), views::page(&visit, &shown)))
}

type TileKey = (String, u8, u32, u32);

#[derive(Default)]
struct Tiles {
    held: HashMap<TileKey, Arc<Vec<u8>>>,
    bytes: usize,
}

static TILES: LazyLock<Mutex<Tiles>> = LazyLock::new(Mutex::default);

async fn vector_tile(
    visit: Visit,
    Address((z, x, y)): Address<(u8, u32, u32)>,
    Query(query): Pairs,
    headers: HeaderMap,
) -> PageResult {
    if z > TILE_ZOOM_MAX || x >= 1 << z || y >= 1 << z {
        return Err(Problem::not_found().into());
    }
    let sheet = sheet(&visit.app, day_asked(&visit, &query)).await?;
    let tag = format!("\"{}-{z}-{x}-{y}\"", sheet.mark);
    // An address with the mark of what it shows never shows anything else.
    let keeps =
        if asked(&query, "v") == sheet.mark { "private, max-age=604800, immutable" } else { "private, no-cache" };
    let asks_again = headers.get(header::IF_NONE_MATCH).is_some_and(|known| known.as_bytes() == tag.as_bytes());
    let about = [(header::ETAG, tag), (header::CACHE_CONTROL, keeps.to_owned())];
    if asks_again {
        return Ok((StatusCode::NOT_MODIFIED, about).into_response());
    }
    let key = (sheet.mark.clone(), z, x, y);
    let known = TILES.lock().unwrap_or_else(PoisonError::into_inner).held.get(&key).cloned();
    let packed = match known {
        Some(packed) => packed,
        None => {
            let tree = visit.app.tree();
            let packed = Arc::new(off_thread(move || pack(&make_tile(&sheet, &tree, (z, x, y)))).await??);
            let mut tiles = TILES.lock().unwrap_or_else(PoisonError::into_inner);
            if tiles.bytes + packed.len() > TILE_BYTES_HELD {
                *tiles = Tiles::default();
            }
            tiles.bytes += packed.len();
            tiles.held.insert(key, packed.clone());
            packed
        }
    };
    let kind = [(header::CONTENT_TYPE, "application/vnd.mapbox-vector-tile"), (header::VARY, "accept-encoding")];
    if takes_gzip(&headers) {
        return Ok((about, kind, [(header::CONTENT_ENCODING, "gzip")], packed.to_vec()).into_response());
    }
    let mut plain = Vec::new();
    GzDecoder::new(packed.as_slice()).read_to_end(&mut plain).map_err(Problem::internal)?;
    Ok((about, kind, plain).into_response())
}

/// Tiles are packed once and sent many times.
fn pack(tile: &[u8]) -> Result<Vec<u8>, Problem> {
    let mut packer = GzEncoder::new(Vec::new(), Compression::new(4));
    packer.write_all(tile).map_err(Problem::internal)?;
    packer.finish().map_err(Problem::internal)
}

fn make_tile(sheet: &Sheet, tree: &Tree, at: (u8, u32, u32)) -> Vec<u8> {
    let coverage = &sheet.coverage;
    let unit = |place: usize| coverage.areas.get(place).and_then(|area| tree.get(&area.key));
    let above = |unit: &Unit, kind| tree.up_to(unit.id.as_str(), kind).map(|above| above.id.to_string());
    let named = |place: usize| {
        let unit = unit(place)?;
        let levels = [("p", Kind::Province), ("d", Kind::District)];
        let above = levels.into_iter().filter_map(|(name, kind)| Some((name, above(unit, kind)?))).collect();
        Some(Named { above, name: unit.full_name.clone() })
    };
    // What borders nobody is the border of a province.
    let rank = |a: Option<usize>, b: Option<usize>| {
        let sides = a.and_then(unit).zip(b.and_then(unit));
        let same = |kind| sides.is_some_and(|(a, b)| above(a, kind) == above(b, kind));
        if !same(Kind::Province) {
            1
        } else if same(Kind::District) {
            3
        } else {
            2
        }
    };
    let [west, south, east, north] = bounds_of_tile(at.0, at.1, at.2);
    let is_seen = |at: Point| at.x >= west && at.x <= east && at.y >= south && at.y <= north;
    let label =
        |unit: &Unit, level, at| TileLabel { key: unit.id.to_string(), name: unit.full_name.clone(), level, at };
    let mut labels: Vec<TileLabel> = Vec::new();
    let mut seen: HashMap<&str, (Kind, Vec<&vx_atlas::Area>)> = HashMap::new();
    for area in &coverage.areas {
        let Some(unit) = tree.get(&area.key) else { continue };
        if is_seen(area.label) {
            labels.push(label(unit, 3, area.label));
        }
        for kind in [Kind::Province, Kind::District] {
            if let Some(above) = tree.up_to(&area.key, kind) {
                seen.entry(above.id.as_str()).or_insert((kind, Vec::new())).1.push(area);
            }
        }
    }
    for (key, (kind, areas)) in &seen {
        let at = middle(areas);
        if let Some(unit) = tree.get(key).filter(|_| is_seen(at)) {
            labels.push(label(unit, if *kind == Kind::Province { 1 } else { 2 }, at));
        }
    }
    labels.sort_by(|a, b| (a.level, &a.key).cmp(&(b.level, &b.key)));
    tile(coverage, at, named, rank, &labels)
}

/// The areas of a place as GeoJSON, for other programs; whether they are boundaries is said of each.
async fn areas(visit: Visit, Query(query): Pairs) -> PageResult {
    let tree = visit.app.tree();
    let place = Place::asked(&visit, &tree, &query).await?;
    let sheet = sheet(&visit.app, place.on).await?;
    let Some(top) = place.top.map(|top| top.id.clone()) else {
        return Err(Problem::refused("map.one_province").into());
    };
    let on = place.on;
    let (held, name) = (tree.clone(), format!("dia-gioi-{top}-{on}.geojson"));
    let text = off_thread(move || {
        let mut text = "{\"type\":\"FeatureCollection\",\"features\":[".to_owned();
        let communes = held.descendants(top.as_str(), Kind::Commune, Some(on));
        let found = communes.filter_map(|unit| Some((unit, sheet.coverage.area(unit.id.as_str())?)));
        for (index, (unit, area)) in found.enumerate() {
            text.push_str(if index > 0 { ",\n" } else { "\n" });
            let schematic = !sheet.is_drawn(&area.key);
            let properties = serde_json::json!({
                "key": area.key, "code": unit.code.as_deref(), "name": unit.full_name, "schematic": schematic,
                "km2": (!schematic).then_some((area.km2 * 1e4).round() / 1e4),
            });
            write_feature(&mut text, &sheet.coverage, area, u8::MAX, &properties);
        }
        text.push_str("\n]}\n");
        text
    })
    .await?;
    Ok(download(&name, "application/geo+json", text.into_bytes()))
}
