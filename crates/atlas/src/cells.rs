//! A map where no boundaries are known: each unit's cell is what lies nearer to its point than to any other's
//! (Voronoi), and not far from it.

use spade::{DelaunayTriangulation, HasPosition, Point2, Triangulation as _};

use crate::{coverage::Shape, point::Point};

/// A unit and where it is.
#[derive(Clone, PartialEq, Debug)]
pub struct Site {
    /// The unit.
    pub key: String,
    /// Longitude in degrees.
    pub lon: f64,
    /// Latitude in degrees.
    pub lat: f64,
}

/// Corners of the round outline by which a cell ends where nobody is beside it.
const CORNERS: u32 = 24;
/// A cell ends so many times as far away as half of its neighbours are.
const FAR: f64 = 1.1;
/// A cell whose corners are not further than this many times that is closed by its neighbours, and is left whole.
const CLOSED: f64 = 1.8;
/// It reaches at least so far, and at most (degrees of latitude: 2 km and 15 km).
const REACH: (f64, f64) = (0.018, 0.14);
/// Longitudes are squeezed as in the middle of the country.
const SQUEEZE: f64 = 0.96;
/// How far units are put apart that have the same point.
const APART: f64 = 0.006;

struct Place {
    index: Option<usize>,
    at: Point2<f64>,
}

impl HasPosition for Place {
    type Scalar = f64;
    fn position(&self) -> Point2<f64> {
        self.at
    }
}

/// The cells of some units, in their order. They do not overlap, and neighbours share their border.
#[must_use]
pub fn cells(sites: &[Site]) -> Vec<Shape> {
    let mut taken = std::collections::HashSet::new();
    let mut places: Vec<Place> = Vec::with_capacity(sites.len() + 8);
    for (index, site) in sites.iter().enumerate() {
        let mut at = Point2::new(site.lon * SQUEEZE, site.lat);
        let mut turn = 0.0_f64;
        // Units with one point between them are put beside each other, on a spiral.
        while !taken.insert((Point::at(at.x * 0.01, 0.0).x, Point::at(at.y * 0.01, 0.0).x)) {
            turn += 1.0;
            let (sin, cos) = (turn * 2.4).sin_cos();
            let out = APART * turn.sqrt();
            at = Point2::new(site.lon * SQUEEZE + out * cos, site.lat + out * sin);
        }
        places.push(Place { index: Some(index), at });
    }
    // Eight places far outside, so that every cell has an end.
    for eighth in 0..8_u8 {
        let (sin, cos) = (f64::from(eighth) * std::f64::consts::FRAC_PI_4).sin_cos();
        places.push(Place { index: None, at: Point2::new(105.0 + 60.0 * cos, 15.0 + 60.0 * sin) });
    }
    let Ok(net) = DelaunayTriangulation::<Place>::bulk_load(places) else { return Vec::new() };
    let mut shapes: Vec<Option<Shape>> = sites.iter().map(|_| None).collect();
    for vertex in net.vertices() {
        let Some(index) = vertex.data().index else { continue };
        let centre = vertex.position();
        let mut cell: Vec<Point2<f64>> = Vec::new();
        let mut distances: Vec<f64> = Vec::new();
        for edge in vertex.out_edges() {
            if edge.to().data().index.is_some() {
                distances.push(edge.length_2().sqrt());
            }
            if let Some(face) = edge.face().as_inner() {
                cell.push(face.circumcenter());
            }
        }
        distances.sort_by(f64::total_cmp);
        let usual = distances.get(distances.len() / 2).copied().unwrap_or(REACH.0);
        let radius = (usual * FAR).clamp(REACH.0, REACH.1);
        if signed(&cell) < 0.0 {
            cell.reverse();
        }
        let reaches = |at: &Point2<f64>| (at.x - centre.x).hypot(at.y - centre.y);
        let is_closed = cell.iter().all(|at| reaches(at) <= CLOSED * radius);
        for corner in (0..CORNERS).filter(|_| !is_closed) {
            let angle = std::f64::consts::TAU * f64::from(corner) / f64::from(CORNERS);
            let (sin, cos) = angle.sin_cos();
            cell = beside(&cell, centre, (cos, sin), radius);
        }
        let mut ring: Vec<Point> = cell.iter().map(|at| Point::at(at.x / SQUEEZE, at.y)).collect();
        ring.dedup();
        if ring.len() > 1 && ring.first() == ring.last() {
            ring.pop();
        }
        if ring.len() >= 3 {
            shapes[index] = Some(Shape { key: sites[index].key.clone(), polygons: vec![vec![ring]] });
        }
    }
    shapes.into_iter().flatten().collect()
}

fn signed(cell: &[Point2<f64>]) -> f64 {
    let last = cell.last().copied().unwrap_or(Point2::new(0.0, 0.0));
    cell.iter().fold((0.0, last), |(sum, before), at| (sum + before.x * at.y - at.x * before.y, *at)).0
}

/// The part of a convex cell on this side of a line, `radius` away from `centre` in a direction.
fn beside(cell: &[Point2<f64>], centre: Point2<f64>, (dx, dy): (f64, f64), radius: f64) -> Vec<Point2<f64>> {
    let over = |at: &Point2<f64>| (at.x - centre.x) * dx + (at.y - centre.y) * dy - radius;
    let Some(mut before) = cell.last().copied() else { return Vec::new() };
    let mut kept = Vec::with_capacity(cell.len() + 1);
    for at in cell {
        let (a, b) = (over(&before), over(at));
        if (a > 0.0) != (b > 0.0) {
            let share = a / (a - b);
            kept.push(Point2::new(before.x + share * (at.x - before.x), before.y + share * (at.y - before.y)));
        }
        if b <= 0.0 {
            kept.push(*at);
        }
        before = *at;
    }
    kept
}
