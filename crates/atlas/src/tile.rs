//! Mapbox Vector Tiles (version 2.1): areas, borders and places of names.

use std::collections::HashMap;

use crate::{
    coverage::{Arc, Coverage, NOBODY},
    point::{Point, Ring, bounds, touch},
    simplify::pixel,
};

/// The largest zoom for which tiles are made; a map enlarges them beyond.
pub const TILE_ZOOM_MAX: u8 = 12;
/// Units of a tile's side.
const EXTENT: i32 = 4_096;
/// What lies so far beside a tile is still in it, so that lines have no gap at its edge.
const MARGIN: i32 = 64;
/// Parts of an area that are smaller than this (square pixels) are left out.
const PART_MIN: f64 = 1.0;

/// What a tile says of an area besides its key.
#[derive(Clone, PartialEq, Debug)]
pub struct Named {
    /// The keys of the units above it, as properties: `("p", "94")`.
    pub above: Vec<(&'static str, String)>,
    /// Its name.
    pub name: String,
}

/// The place of a name in a tile.
#[derive(Clone, PartialEq, Debug)]
pub struct TileLabel {
    /// The unit.
    pub key: String,
    /// Its name.
    pub name: String,
    /// Its level: provinces are 1.
    pub level: u64,
    /// Where.
    pub at: Point,
}

/// Bounds of a tile on the grid, as of [`crate::Area`], with its margin.
#[must_use]
pub fn bounds_of_tile(zoom: u8, x: u32, y: u32) -> [i32; 4] {
    let frame = Mercator::new(zoom, x, y);
    let (west, north) = frame.back(-MARGIN, -MARGIN);
    let (east, south) = frame.back(EXTENT + MARGIN, EXTENT + MARGIN);
    [west.x, south.y, east.x, north.y]
}

/// Web Mercator of one tile.
struct Mercator {
    side: f64,
    x: f64,
    y: f64,
}

impl Mercator {
    fn new(zoom: u8, x: u32, y: u32) -> Self {
        Self { side: f64::from(1_u32 << zoom.min(24)), x: f64::from(x), y: f64::from(y) }
    }
    #[expect(clippy::cast_possible_truncation, reason = "within some tiles of this one, or saturated")]
    fn place(&self, point: Point) -> (i32, i32) {
        let lat = point.lat().to_radians();
        let x = (point.lon() + 180.0) / 360.0;
        let y = (1.0 - (lat.tan() + 1.0 / lat.cos()).ln() / std::f64::consts::PI) / 2.0;
        let on = |share: f64, at: f64| ((share * self.side - at) * f64::from(EXTENT)).round() as i32;
        (on(x, self.x), on(y, self.y))
    }
    fn back(&self, x: i32, y: i32) -> (Point, Point) {
        let share = |at: f64, on: i32| (at + f64::from(on) / f64::from(EXTENT)) / self.side;
        let lon = share(self.x, x) * 360.0 - 180.0;
        let lat = (std::f64::consts::PI * (1.0 - 2.0 * share(self.y, y))).sinh().atan().to_degrees();
        (Point::at(lon, lat), Point::at(lon, lat))
    }
}

/// Makes a tile. `named` answers for the area at a place of the coverage; what it does not name is left out. `rank` says how much
/// the border between two areas divides: 1 provinces, 2 districts, 3 communes.
#[must_use]
pub fn tile(
    coverage: &Coverage,
    (zoom, x, y): (u8, u32, u32),
    named: impl Fn(usize) -> Option<Named>,
    rank: impl Fn(Option<usize>, Option<usize>) -> u64,
    labels: &[TileLabel],
) -> Vec<u8> {
    let frame = Mercator::new(zoom, x, y);
    let seen = bounds_of_tile(zoom, x, y);
    let least = PART_MIN * pixel(zoom) * pixel(zoom);
    let (mut areas, mut borders, mut names) = (Layer::new("area"), Layer::new("border"), Layer::new("name"));
    for (place, area) in coverage.areas.iter().enumerate().filter(|(_, area)| touch(area.bounds, seen)) {
        let Some(named) = named(place) else { continue };
        let mut geometry = Geometry::default();
        for polygon in coverage.polygons(area, zoom, least) {
            for (index, ring) in polygon.iter().enumerate() {
                geometry.ring(&clipped(&frame, ring), index > 0);
            }
        }
        if geometry.commands.is_empty() {
            continue;
        }
        let mut tags = vec![areas.tag("k", Worth::Text(area.key.clone())), areas.tag("n", Worth::Text(named.name))];
        tags.extend(named.above.into_iter().map(|(key, above)| areas.tag(key, Worth::Text(above))));
        areas.feature(3, &tags, &geometry);
    }
    let place = |side: u32| if side == NOBODY { None } else { usize::try_from(side).ok() };
    for Arc { points, zooms, sides, .. } in &coverage.arcs {
        if !touch(bounds(points.iter()), seen) {
            continue;
        }
        let line: Vec<(i32, i32)> =
            points.iter().zip(zooms).filter(|(_, from)| **from <= zoom).map(|(point, _)| frame.place(*point)).collect();
        let mut geometry = Geometry::default();
        geometry.lines(&line);
        if !geometry.commands.is_empty() {
            let rank = rank(place(sides[0]), place(sides[1]));
            let tags = [borders.tag("r", Worth::Number(rank))];
            borders.feature(2, &tags, &geometry);
        }
    }
    for label in labels.iter().filter(|label| touch([label.at.x, label.at.y, label.at.x, label.at.y], seen)) {
        let at = frame.place(label.at);
        // A name belongs to one tile alone.
        if at.0 < 0 || at.1 < 0 || at.0 >= EXTENT || at.1 >= EXTENT {
            continue;
        }
        let mut geometry = Geometry::default();
        geometry.point(at);
        let tags = [
            names.tag("k", Worth::Text(label.key.clone())),
            names.tag("n", Worth::Text(label.name.clone())),
            names.tag("l", Worth::Number(label.level)),
        ];
        names.feature(1, &tags, &geometry);
    }
    let mut out = Vec::new();
    for layer in [areas, borders, names] {
        layer.write(&mut out);
    }
    out
}

/// A ring in the units of a tile, cut at its margin (Sutherland and Hodgman 1974).
fn clipped(frame: &Mercator, ring: &Ring) -> Vec<(i32, i32)> {
    let mut ring: Vec<(i32, i32)> = ring.iter().map(|point| frame.place(*point)).collect();
    let (low, high) = (-MARGIN, EXTENT + MARGIN);
    let is_in = |value: i32| value >= low && value <= high;
    if !ring.iter().all(|(x, y)| is_in(*x) && is_in(*y)) {
        for (upright, limit, above) in
            [(true, low, true), (true, high, false), (false, low, true), (false, high, false)]
        {
            ring = half(&ring, upright, limit, above);
        }
    }
    ring.dedup();
    while ring.len() > 1 && ring.first() == ring.last() {
        ring.pop();
    }
    ring
}

#[expect(clippy::cast_possible_truncation, reason = "between two whole numbers")]
fn half(ring: &[(i32, i32)], upright: bool, limit: i32, above: bool) -> Vec<(i32, i32)> {
    let Some(mut before) = ring.last().copied() else { return Vec::new() };
    let value = |at: (i32, i32)| if upright { at.0 } else { at.1 };
    let is_in = |at: (i32, i32)| if above { value(at) >= limit } else { value(at) <= limit };
    let mut kept = Vec::with_capacity(ring.len() + 2);
    for at in ring.iter().copied() {
        if is_in(before) != is_in(at) {
            let share =
                (f64::from(limit) - f64::from(value(before))) / (f64::from(value(at)) - f64::from(value(before)));
            let along = |a: i32, b: i32| (f64::from(a) + share * (f64::from(b) - f64::from(a))).round() as i32;
            kept.push(if upright { (limit, along(before.1, at.1)) } else { (along(before.0, at.0), limit) });
        }
        if is_in(at) {
            kept.push(at);
        }
        before = at;
    }
    kept
}

/// Commands of a feature's geometry.
#[derive(Default)]
struct Geometry {
    commands: Vec<u32>,
    cursor: (i32, i32),
}

impl Geometry {
    fn command(&mut self, id: u32, count: usize) {
        self.commands.push(id | (u32::try_from(count).unwrap_or(u32::MAX >> 3) << 3));
    }
    fn to(&mut self, at: (i32, i32)) {
        let zigzag = |value: i32| u32::from_ne_bytes(((value << 1) ^ (value >> 31)).to_ne_bytes());
        self.commands.extend([zigzag(at.0 - self.cursor.0), zigzag(at.1 - self.cursor.1)]);
        self.cursor = at;
    }
    fn point(&mut self, at: (i32, i32)) {
        self.command(1, 1);
        self.to(at);
    }
    /// Outer rings have a positive area in the tile's coordinates, holes a negative one.
    fn ring(&mut self, ring: &[(i32, i32)], hole: bool) {
        if ring.len() < 3 {
            return;
        }
        let last = ring[ring.len() - 1];
        let (twice, _) = ring.iter().fold((0_i64, last), |(sum, before), at| {
            (sum + i64::from(before.0) * i64::from(at.1) - i64::from(at.0) * i64::from(before.1), *at)
        });
        if twice == 0 {
            return;
        }
        let turned: Vec<(i32, i32)> =
            if (twice > 0) == hole { ring.iter().rev().copied().collect() } else { ring.to_vec() };
        self.command(1, 1);
        self.to(turned[0]);
        self.command(2, turned.len() - 1);
        for at in &turned[1..] {
            self.to(*at);
        }
        self.command(7, 1);
    }
    /// The pieces of a line that pass the tile.
    fn lines(&mut self, line: &[(i32, i32)]) {
        let outside = |at: (i32, i32)| {
            u8::from(at.0 < -MARGIN)
                | u8::from(at.0 > EXTENT + MARGIN) << 1
                | u8::from(at.1 < -MARGIN) << 2
                | u8::from(at.1 > EXTENT + MARGIN) << 3
        };
        let mut piece: Vec<(i32, i32)> = Vec::new();
        for pair in line.windows(2) {
            // Both ends beyond the same edge: this piece is not seen.
            if outside(pair[0]) & outside(pair[1]) != 0 {
                self.line(&std::mem::take(&mut piece));
                continue;
            }
            if piece.is_empty() {
                piece.push(pair[0]);
            }
            if pair[0] != pair[1] {
                piece.push(pair[1]);
            }
        }
        self.line(&piece);
    }
    fn line(&mut self, line: &[(i32, i32)]) {
        if line.len() < 2 {
            return;
        }
        self.command(1, 1);
        self.to(line[0]);
        self.command(2, line.len() - 1);
        for at in &line[1..] {
            self.to(*at);
        }
    }
}

#[derive(Clone, PartialEq, Eq, Hash)]
enum Worth {
    Text(String),
    Number(u64),
}

/// A layer as it is put together.
struct Layer {
    name: &'static str,
    keys: Vec<&'static str>,
    values: HashMap<Worth, u32>,
    in_order: Vec<Worth>,
    features: Vec<u8>,
}

impl Layer {
    fn new(name: &'static str) -> Self {
        Self { name, keys: Vec::new(), values: HashMap::new(), in_order: Vec::new(), features: Vec::new() }
    }
    fn tag(&mut self, key: &'static str, value: Worth) -> (u32, u32) {
        let at = self.keys.iter().position(|known| *known == key).unwrap_or_else(|| {
            self.keys.push(key);
            self.keys.len() - 1
        });
        let next = u32::try_from(self.values.len()).unwrap_or(u32::MAX);
        let index = *self.values.entry(value.clone()).or_insert(next);
        if index == next {
            self.in_order.push(value);
        }
        (u32::try_from(at).unwrap_or(0), index)
    }
    fn feature(&mut self, kind: u64, tags: &[(u32, u32)], geometry: &Geometry) {
        let mut feature = Vec::new();
        packed(&mut feature, 2, tags.iter().flat_map(|(key, value)| [*key, *value]));
        field(&mut feature, 3, 0);
        varint(&mut feature, kind);
        packed(&mut feature, 4, geometry.commands.iter().copied());
        bytes(&mut self.features, 2, &feature);
    }
    fn write(self, out: &mut Vec<u8>) {
        if self.features.is_empty() {
            return;
        }
        let mut layer = Vec::new();
        field(&mut layer, 15, 0);
        varint(&mut layer, 2);
        bytes(&mut layer, 1, self.name.as_bytes());
        layer.extend(&self.features);
        for key in &self.keys {
            bytes(&mut layer, 3, key.as_bytes());
        }
        for value in &self.in_order {
            let mut written = Vec::new();
            match value {
                Worth::Text(text) => bytes(&mut written, 1, text.as_bytes()),
                Worth::Number(number) => {
                    field(&mut written, 5, 0);
                    varint(&mut written, *number);
                }
            }
            bytes(&mut layer, 4, &written);
        }
        field(&mut layer, 5, 0);
        varint(&mut layer, u64::try_from(EXTENT).unwrap_or(4_096));
        bytes(out, 3, &layer);
    }
}

fn varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(u8::try_from(value & 0x7F).unwrap_or(0) | 0x80);
        value >>= 7;
    }
    out.push(u8::try_from(value).unwrap_or(0));
}

fn field(out: &mut Vec<u8>, number: u64, wire: u64) {
    varint(out, number << 3 | wire);
}

fn bytes(out: &mut Vec<u8>, number: u64, content: &[u8]) {
    field(out, number, 2);
    varint(out, content.len() as u64);
    out.extend_from_slice(content);
}

fn packed(out: &mut Vec<u8>, number: u64, values: impl Iterator<Item = u32>) {
    let mut content = Vec::new();
    values.for_each(|value| varint(&mut content, u64::from(value)));
    bytes(out, number, &content);
}
