//! Borders that were drawn twice become one: points that lie side by side are the same point, and a point that lies on
//! another area's border is a point of that border too.

use std::collections::HashMap;

use crate::{coverage::Shape, point::Point};

/// So many steps apart, two points are one (about two metres).
const SAME: i64 = 2;
/// Side of the squares in which points are looked for, in steps.
const SQUARE: i32 = 64;

fn square(point: Point, side: i32) -> (i32, i32) {
    (point.x.div_euclid(side), point.y.div_euclid(side))
}

fn distance2(a: Point, b: Point) -> i64 {
    let (dx, dy) = (i64::from(a.x) - i64::from(b.x), i64::from(a.y) - i64::from(b.y));
    dx * dx + dy * dy
}

/// Makes shared borders have the same points on both sides.
pub(crate) fn join(shapes: &mut [Shape]) {
    snap(shapes);
    let mut points: Vec<((i32, i32), Point)> = shapes
        .iter()
        .flat_map(|shape| shape.polygons.iter().flatten().flatten())
        .map(|point| (square(*point, SQUARE), *point))
        .collect();
    points.sort_unstable();
    points.dedup();
    for ring in shapes.iter_mut().flat_map(|shape| shape.polygons.iter_mut().flatten()) {
        let Some(mut before) = ring.last().copied() else { continue };
        let mut joined = Vec::with_capacity(ring.len());
        for point in ring.iter() {
            on_the_way(&points, before, *point, &mut joined);
            joined.push(*point);
            before = *point;
        }
        joined.dedup();
        *ring = joined;
    }
}

/// Each point becomes the first one seen that lies within [`SAME`] of it.
fn snap(shapes: &mut [Shape]) {
    let mut known: HashMap<(i32, i32), Point> = HashMap::new();
    for shape in shapes.iter_mut() {
        for ring in shape.polygons.iter_mut().flatten() {
            for point in ring.iter_mut() {
                let (x, y) = square(*point, 2);
                let near = (-1..=1)
                    .flat_map(|dx| (-1..=1).map(move |dy| (x + dx, y + dy)))
                    .filter_map(|square| known.get(&square))
                    .filter(|other| distance2(**other, *point) <= SAME * SAME)
                    .min_by_key(|other| (distance2(**other, *point), **other));
                match near {
                    Some(other) => *point = *other,
                    None => {
                        known.insert((x, y), *point);
                    }
                }
            }
            ring.dedup();
            while ring.len() > 1 && ring.first() == ring.last() {
                ring.pop();
            }
        }
        for polygon in &mut shape.polygons {
            // An outer ring that fell together takes its holes with it.
            if polygon.first().is_none_or(|ring| ring.len() < 3) {
                polygon.clear();
            }
            polygon.retain(|ring| ring.len() >= 3);
        }
        shape.polygons.retain(|polygon| !polygon.is_empty());
    }
}

/// Appends the points that lie on the way from one point to another, in their order.
#[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "differences of points on a grid")]
fn on_the_way(points: &[((i32, i32), Point)], from: Point, to: Point, joined: &mut Vec<Point>) {
    let (dx, dy) = (i64::from(to.x) - i64::from(from.x), i64::from(to.y) - i64::from(from.y));
    let length2 = dx * dx + dy * dy;
    if length2 <= 4 * SAME * SAME {
        return;
    }
    let mut found: Vec<(i64, Point)> = Vec::new();
    let (west, east) = (from.x.min(to.x) - 2, from.x.max(to.x) + 2);
    for column in west.div_euclid(SQUARE)..=east.div_euclid(SQUARE) {
        // Where the line runs within this column of squares.
        let at = |x: i32| {
            let share =
                if dx == 0 { 0.0 } else { ((i64::from(x) - i64::from(from.x)) as f64 / dx as f64).clamp(0.0, 1.0) };
            from.y + (share * dy as f64).round() as i32
        };
        let (a, b) = if dx == 0 { (from.y, to.y) } else { (at(column * SQUARE - 2), at((column + 1) * SQUARE + 2)) };
        let rows = (a.min(b) - 2).div_euclid(SQUARE)..=(a.max(b) + 2).div_euclid(SQUARE);
        let start = points.partition_point(|(square, _)| *square < (column, *rows.start()));
        for (square, point) in &points[start..] {
            if *square > (column, *rows.end()) {
                break;
            }
            let (px, py) = (i64::from(point.x) - i64::from(from.x), i64::from(point.y) - i64::from(from.y));
            let along = px * dx + py * dy;
            let across = px * dy - py * dx;
            let near = i128::from(across) * i128::from(across) <= i128::from(SAME * SAME) * i128::from(length2);
            if along > 0 && along < length2 && near && *point != from && *point != to {
                found.push((along, *point));
            }
        }
    }
    found.sort_unstable();
    joined.extend(found.into_iter().map(|(_, point)| point));
}
