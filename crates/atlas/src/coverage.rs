//! Areas that share their borders: each border is kept once, with the units on its two sides.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};

use crate::{
    measure::{km2, metres},
    nodes,
    point::{Point, Ring, bounds, twice_area},
    simplify::{ZOOM_MAX, zooms},
};

/// The other side of a border on which no unit lies.
pub const NOBODY: u32 = u32::MAX;

/// A unit and its area, before borders are shared.
#[derive(Clone, PartialEq, Debug)]
pub struct Shape {
    /// The unit.
    pub key: String,
    /// Outer ring and holes of each part.
    pub polygons: Vec<Vec<Ring>>,
}

/// The area of a unit.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Area {
    /// The unit.
    pub key: String,
    /// How large, in km²; measured before anything was simplified.
    pub km2: f64,
    /// Parts, rings and borders: `n` is border `n` as it is kept, `!n` is it backwards.
    pub polygons: Vec<Vec<Vec<i32>>>,
    /// West, south, east, north.
    pub bounds: [i32; 4],
    /// A point inside, where a name may stand.
    pub label: Point,
}

/// A border, kept once.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(from = "Deltas", into = "Deltas")]
pub struct Arc {
    /// Its points.
    pub points: Vec<Point>,
    /// The zoom from which on each is needed.
    pub zooms: Vec<u8>,
    /// The areas on its sides, by their place among the areas, or [`NOBODY`].
    pub sides: [u32; 2],
    /// Its length in metres, before it was simplified.
    pub metres: f64,
}

/// An arc as it is written: steps from point to point are small numbers.
#[derive(Clone, Serialize, Deserialize)]
struct Deltas {
    d: Vec<i32>,
    z: Vec<u8>,
    s: [u32; 2],
    m: f64,
}

impl From<Arc> for Deltas {
    fn from(arc: Arc) -> Self {
        let mut before = Point::default();
        let mut steps = Vec::with_capacity(arc.points.len() * 2);
        for point in &arc.points {
            steps.extend([point.x - before.x, point.y - before.y]);
            before = *point;
        }
        Self { d: steps, z: arc.zooms, s: arc.sides, m: arc.metres }
    }
}

impl From<Deltas> for Arc {
    fn from(deltas: Deltas) -> Self {
        let mut at = Point::default();
        let mut points = Vec::with_capacity(deltas.d.len() / 2);
        for step in deltas.d.chunks_exact(2) {
            at = Point { x: at.x.saturating_add(step[0]), y: at.y.saturating_add(step[1]) };
            points.push(at);
        }
        Self { points, zooms: deltas.z, sides: deltas.s, metres: deltas.m }
    }
}

/// Two units with a common border.
#[derive(Clone, PartialEq, Debug)]
pub struct Neighbour {
    /// One.
    pub a: String,
    /// The other.
    pub b: String,
    /// Length of their border in metres.
    pub metres: f64,
}

/// Areas that share their borders.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct Coverage {
    /// Areas, in the order of their keys.
    pub areas: Vec<Area>,
    /// Borders.
    pub arcs: Vec<Arc>,
}

/// What is known of a point while borders are looked for.
#[derive(Clone, Copy)]
enum Seen {
    /// The two points beside it, wherever a ring passed it so far.
    Passed(Point, Point),
    /// Rings part here.
    Node,
}

impl Coverage {
    /// Shares the borders of some areas. Each key stands once.
    #[must_use]
    pub fn new(mut shapes: Vec<Shape>) -> Self {
        shapes.sort_by(|a, b| a.key.cmp(&b.key));
        nodes::join(&mut shapes);
        shapes.retain(|shape| !shape.polygons.is_empty());
        let nodes = nodes_of(&shapes);
        let is_node = |point: &Point| matches!(nodes.get(point), Some(Seen::Node));
        let mut arcs: Vec<Arc> = Vec::new();
        let mut known: HashMap<(Point, Point), i32> = HashMap::new();
        let mut areas = Vec::with_capacity(shapes.len());
        for (place, shape) in (0_u32..).zip(&shapes) {
            let mut side = |line: Vec<Point>| {
                let (line, backwards) = one_way(line);
                let key = (line[0], line[1]);
                let next = i32::try_from(arcs.len()).unwrap_or(i32::MAX);
                let index = *known.entry(key).or_insert(next);
                if index == next {
                    arcs.push(Arc { metres: metres(&line), points: line, zooms: Vec::new(), sides: [NOBODY; 2] });
                }
                if let Some(arc) = usize::try_from(index).ok().and_then(|index| arcs.get_mut(index))
                    && let Some(free) = arc.sides.iter_mut().find(|side| **side == NOBODY)
                {
                    *free = place;
                }
                if backwards { !index } else { index }
            };
            let polygons = shape.polygons.iter().map(|polygon| {
                polygon.iter().map(|ring| cut(ring, is_node).into_iter().map(&mut side).collect()).collect()
            });
            areas.push(Area {
                key: shape.key.clone(),
                km2: km2(&shape.polygons),
                polygons: polygons.collect(),
                bounds: bounds(shape.polygons.iter().flatten().flatten()),
                label: inside(&shape.polygons),
            });
        }
        drop(nodes);
        thin(&mut arcs);
        Self { areas, arcs }
    }

    /// The area of a unit.
    #[must_use]
    pub fn area(&self, key: &str) -> Option<&Area> {
        self.areas.binary_search_by(|area| area.key.as_str().cmp(key)).ok().map(|at| &self.areas[at])
    }

    /// The border that a reference means, and whether backwards.
    pub(crate) fn arc(&self, reference: i32) -> Option<(&Arc, bool)> {
        let index = if reference < 0 { !reference } else { reference };
        Some((self.arcs.get(usize::try_from(index).ok()?)?, reference < 0))
    }

    /// A ring as it looks at a zoom.
    pub(crate) fn ring(&self, references: &[i32], zoom: u8) -> Ring {
        let mut ring = Ring::new();
        for (arc, backwards) in references.iter().filter_map(|reference| self.arc(*reference)) {
            let needed = arc.points.iter().zip(&arc.zooms).filter(|(_, from)| **from <= zoom).map(|(point, _)| *point);
            if backwards {
                let start = ring.len();
                ring.extend(needed);
                ring[start..].reverse();
            } else {
                ring.extend(needed);
            }
            // The next border begins where this one ends.
            ring.pop();
        }
        ring
    }

    /// The parts of an area as they look at a zoom. Parts that are smaller than `least` (in square steps of the grid)
    /// are left out, but for the largest.
    #[must_use]
    pub fn polygons(&self, area: &Area, zoom: u8, least: f64) -> Vec<Vec<Ring>> {
        let mut polygons: Vec<Vec<Ring>> = area
            .polygons
            .iter()
            .map(|polygon| polygon.iter().map(|ring| self.ring(ring, zoom)).filter(|ring| ring.len() >= 3).collect())
            .filter(|polygon: &Vec<Ring>| !polygon.is_empty())
            .collect();
        if least > 0.0 {
            #[expect(clippy::cast_precision_loss, reason = "compared with a size on the screen")]
            let size = |ring: &Ring| twice_area(ring).unsigned_abs() as f64 / 2.0;
            let largest = polygons.iter().map(|polygon| size(&polygon[0])).fold(0.0, f64::max);
            polygons.retain(|polygon| size(&polygon[0]) >= least.min(largest));
            for polygon in &mut polygons {
                let mut first = true;
                polygon.retain(|ring| std::mem::take(&mut first) || size(ring) >= least);
            }
        }
        polygons
    }

    /// Who borders whom, and for how long; pairs in order, each once.
    #[must_use]
    pub fn neighbours(&self) -> Vec<Neighbour> {
        let mut lengths: BTreeMap<(u32, u32), f64> = BTreeMap::new();
        for arc in &self.arcs {
            let [a, b] = arc.sides;
            if a != NOBODY && b != NOBODY && a != b {
                *lengths.entry((a.min(b), a.max(b))).or_default() += arc.metres;
            }
        }
        let key = |place: u32| usize::try_from(place).ok().and_then(|place| self.areas.get(place));
        let pairs = lengths
            .into_iter()
            .filter_map(|((a, b), metres)| Some(Neighbour { a: key(a)?.key.clone(), b: key(b)?.key.clone(), metres }));
        pairs.collect()
    }

    /// The areas whose keys are asked for, with their borders.
    #[must_use]
    pub fn only(&self, wanted: impl Fn(&str) -> bool) -> Self {
        let mut places: HashMap<u32, u32> = HashMap::new();
        let mut moved: HashMap<i32, i32> = HashMap::new();
        let mut part = Self::default();
        for (place, area) in (0_u32..).zip(&self.areas).filter(|(_, area)| wanted(&area.key)) {
            places.insert(place, u32::try_from(part.areas.len()).unwrap_or(NOBODY));
            let mut area = area.clone();
            for reference in area.polygons.iter_mut().flatten().flatten() {
                let index = if *reference < 0 { !*reference } else { *reference };
                let next = i32::try_from(part.arcs.len()).unwrap_or(i32::MAX);
                let now = *moved.entry(index).or_insert(next);
                if now == next
                    && let Some((arc, _)) = self.arc(index)
                {
                    part.arcs.push(arc.clone());
                }
                *reference = if *reference < 0 { !now } else { now };
            }
            part.areas.push(area);
        }
        for side in part.arcs.iter_mut().flat_map(|arc| &mut arc.sides) {
            *side = places.get(side).copied().unwrap_or(NOBODY);
        }
        part
    }

    /// Several coverages as one. Of a unit that stands in two of them, both areas remain.
    #[must_use]
    pub fn merged(parts: impl IntoIterator<Item = Self>) -> Self {
        let mut whole = Self::default();
        let mut places: Vec<u32> = Vec::new();
        for part in parts {
            let arcs = i32::try_from(whole.arcs.len()).unwrap_or(i32::MAX);
            let areas = u32::try_from(whole.areas.len()).unwrap_or(NOBODY);
            whole.areas.extend(part.areas.into_iter().map(|mut area| {
                for reference in area.polygons.iter_mut().flatten().flatten() {
                    *reference = if *reference < 0 { *reference - arcs } else { *reference + arcs };
                }
                area
            }));
            whole.arcs.extend(part.arcs.into_iter().map(|mut arc| {
                for side in arc.sides.iter_mut().filter(|side| **side != NOBODY) {
                    *side += areas;
                }
                arc
            }));
        }
        places.resize(whole.areas.len(), NOBODY);
        let mut order: Vec<usize> = (0..whole.areas.len()).collect();
        order.sort_by(|a, b| whole.areas[*a].key.cmp(&whole.areas[*b].key));
        let mut sorted = Vec::with_capacity(order.len());
        for (now, was) in (0_u32..).zip(order) {
            places[was] = now;
            sorted.push(whole.areas[was].clone());
        }
        whole.areas = sorted;
        for side in whole.arcs.iter_mut().flat_map(|arc| &mut arc.sides) {
            *side = usize::try_from(*side).ok().and_then(|side| places.get(side)).copied().unwrap_or(NOBODY);
        }
        whole
    }

    /// As it is kept in a file.
    ///
    /// # Errors
    /// When memory fails; a coverage has nothing that cannot be written.
    pub fn to_bytes(&self) -> Result<Vec<u8>, serde_json::Error> {
        serde_json::to_vec(self)
    }

    /// From a file.
    ///
    /// # Errors
    /// When it is none, or does not fit together.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, serde_json::Error> {
        use serde::de::Error as _;
        let coverage: Self = serde_json::from_slice(bytes)?;
        let mut references = coverage.areas.iter().flat_map(|area| area.polygons.iter().flatten().flatten());
        let fits = coverage.arcs.iter().all(|arc| arc.points.len() == arc.zooms.len() && arc.points.len() >= 2);
        if !fits || references.any(|reference| coverage.arc(*reference).is_none()) {
            return Err(serde_json::Error::custom("borders and areas do not fit together"));
        }
        Ok(coverage)
    }
}

/// The points at which rings part: wherever two rings pass a point between different neighbours.
fn nodes_of(shapes: &[Shape]) -> HashMap<Point, Seen> {
    let n = shapes.iter().flat_map(|shape| shape.polygons.iter().flatten()).map(Vec::len).sum();
    let mut seen: HashMap<Point, Seen> = HashMap::with_capacity(n);
    for ring in shapes.iter().flat_map(|shape| shape.polygons.iter().flatten()) {
        for (index, point) in ring.iter().enumerate() {
            let before = ring[(index + ring.len() - 1) % ring.len()];
            let after = ring[(index + 1) % ring.len()];
            let beside = Seen::Passed(before.min(after), before.max(after));
            seen.entry(*point)
                .and_modify(|seen| {
                    if let (Seen::Passed(a, b), Seen::Passed(c, d)) = (*seen, beside)
                        && (a, b) != (c, d)
                    {
                        *seen = Seen::Node;
                    }
                })
                .or_insert(beside);
        }
    }
    seen
}

/// Cuts a ring at its nodes; a ring without any becomes one closed line from its least point.
fn cut(ring: &[Point], is_node: impl Fn(&Point) -> bool) -> Vec<Vec<Point>> {
    let first = ring.iter().position(&is_node);
    let least = || ring.iter().enumerate().min_by_key(|(_, point)| **point).map_or(0, |(index, _)| index);
    let start = first.unwrap_or_else(least);
    let mut lines: Vec<Vec<Point>> = Vec::new();
    let mut line = vec![ring[start]];
    for step in 1..=ring.len() {
        let point = ring[(start + step) % ring.len()];
        line.push(point);
        if step == ring.len() || is_node(&point) {
            lines.push(std::mem::replace(&mut line, vec![point]));
        }
    }
    lines
}

/// The direction in which a border is kept, whichever side it was met from.
fn one_way(mut line: Vec<Point>) -> (Vec<Point>, bool) {
    let n = line.len();
    let backwards = (line[n - 1], line[n - 2]) < (line[0], line[1]);
    if backwards {
        line.reverse();
    }
    (line, backwards)
}

/// Says from which zoom on each point is needed and forgets those that no zoom needs.
fn thin(arcs: &mut [Arc]) {
    let ends = |arc: &Arc| {
        let (first, last) = (arc.points[0], arc.points[arc.points.len() - 1]);
        (first.min(last), first.max(last))
    };
    let mut alike: HashMap<(Point, Point), usize> = HashMap::new();
    for arc in arcs.iter() {
        *alike.entry(ends(arc)).or_default() += 1;
    }
    for arc in arcs {
        let (first, last) = ends(arc);
        let anchors = match (first == last, alike.get(&(first, last))) {
            (true, _) => 2,
            (false, Some(2..)) => 1,
            _ => 0,
        };
        let zooms = zooms(&arc.points, anchors);
        let mut kept = zooms.iter().map(|zoom| *zoom <= ZOOM_MAX);
        arc.points.retain(|_| kept.next().unwrap_or(true));
        arc.zooms = zooms.into_iter().filter(|zoom| *zoom <= ZOOM_MAX).collect();
    }
}

/// A point well inside: the middle of the widest stretch of some lines across the largest part.
#[expect(clippy::cast_possible_truncation, reason = "between two points of the grid")]
fn inside(polygons: &[Vec<Ring>]) -> Point {
    let largest = polygons.iter().max_by_key(|polygon| polygon.first().map_or(0, |ring| twice_area(ring).abs()));
    let Some(largest) = largest else { return Point::default() };
    let [west, south, east, north] = bounds(largest.iter().flatten());
    let mut best = (0.0, Point { x: west.midpoint(east), y: south.midpoint(north) });
    for eighth in 1..8 {
        // Between two steps, so that no point of the ring lies on the line.
        let y = f64::from(south) + f64::from(north - south) * f64::from(eighth) / 8.0 + 0.5;
        let mut crossings: Vec<f64> = Vec::new();
        for ring in largest {
            for (index, to) in ring.iter().enumerate() {
                let from = ring[(index + ring.len() - 1) % ring.len()];
                if (f64::from(from.y) > y) != (f64::from(to.y) > y) {
                    let share = (y - f64::from(from.y)) / f64::from(to.y - from.y);
                    crossings.push(f64::from(from.x) + share * f64::from(to.x - from.x));
                }
            }
        }
        crossings.sort_by(f64::total_cmp);
        for pair in crossings.chunks_exact(2) {
            // Lines near the middle are preferred: names are read there.
            let width = (pair[1] - pair[0]) * (1.0 - f64::from((eighth - 4_i32).abs()) / 8.0);
            if width > best.0 {
                best = (width, Point { x: f64::midpoint(pair[0], pair[1]).round() as i32, y: y.round() as i32 });
            }
        }
    }
    best.1
}
