//! The grid on which everything lies.

use i_overlay::i_float::int::point::IntPoint;
use serde::{Deserialize, Serialize};

/// Steps of the grid to a degree: a step is 1.1 m or less, finer than any boundary is known.
pub const GRID: f64 = 100_000.0;

/// A place on the grid: longitude and latitude (WGS 84) in steps.
///
/// Whole numbers, because two areas share a border only if both have exactly the same points on it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize)]
pub struct Point {
    /// Longitude.
    pub x: i32,
    /// Latitude.
    pub y: i32,
}

/// A closed line; the first point is not repeated at the end.
pub type Ring = Vec<Point>;

impl Point {
    /// The point of the grid nearest to a place in degrees.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, reason = "degrees times the grid fit, and others saturate")]
    pub fn at(lon: f64, lat: f64) -> Self {
        Self { x: (lon * GRID).round() as i32, y: (lat * GRID).round() as i32 }
    }
    /// Longitude in degrees.
    #[must_use]
    pub fn lon(self) -> f64 {
        f64::from(self.x) / GRID
    }
    /// Latitude in degrees.
    #[must_use]
    pub fn lat(self) -> f64 {
        f64::from(self.y) / GRID
    }
    pub(crate) fn int(self) -> IntPoint<i32> {
        IntPoint { x: self.x, y: self.y }
    }
    pub(crate) fn of(point: IntPoint<i32>) -> Self {
        Self { x: point.x, y: point.y }
    }
}

/// West, south, east, north of some points.
pub(crate) fn bounds<'p>(points: impl Iterator<Item = &'p Point>) -> [i32; 4] {
    points.fold([i32::MAX, i32::MAX, i32::MIN, i32::MIN], |[west, south, east, north], point| {
        [west.min(point.x), south.min(point.y), east.max(point.x), north.max(point.y)]
    })
}

pub(crate) fn touch(a: [i32; 4], b: [i32; 4]) -> bool {
    a[0] <= b[2] && b[0] <= a[2] && a[1] <= b[3] && b[1] <= a[3]
}

/// Twice the area inside a ring in steps, positive when it runs against the clock.
pub(crate) fn twice_area(ring: &[Point]) -> i64 {
    let Some(last) = ring.last() else { return 0 };
    let mut before = *last;
    let mut sum = 0;
    for point in ring {
        sum += i64::from(before.x) * i64::from(point.y) - i64::from(point.x) * i64::from(before.y);
        before = *point;
    }
    sum
}

pub(crate) fn contours(polygons: &[Vec<Ring>]) -> Vec<Vec<IntPoint<i32>>> {
    polygons.iter().flatten().map(|ring| ring.iter().map(|point| point.int()).collect()).collect()
}

pub(crate) fn polygons(shapes: Vec<Vec<Vec<IntPoint<i32>>>>) -> Vec<Vec<Ring>> {
    let ring = |contour: Vec<IntPoint<i32>>| contour.into_iter().map(Point::of).collect();
    shapes.into_iter().map(|shape| shape.into_iter().map(ring).collect()).collect()
}
