//! At which zoom each point of a line is needed (Visvalingam and Whyatt 1993).
//!
//! Lines and not rings are simplified: a border that two areas share is one line, so it stays shared at every zoom.

use std::{cmp::Reverse, collections::BinaryHeap};

use crate::point::Point;

/// Points that are needed at a larger zoom only are not kept: a pixel is 1.2 m there.
pub(crate) const ZOOM_MAX: u8 = 15;
/// A triangle of less than this part of a square pixel is not seen.
const PIXEL_PART: f64 = 0.6;

/// Steps of the grid in a pixel, of tiles of 512 pixels.
pub(crate) fn pixel(zoom: u8) -> f64 {
    360.0 * crate::point::GRID / (512.0 * f64::from(1_u32 << zoom.min(24)))
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to a few")]
fn zoom_of(area: f64) -> u8 {
    // area = part * (360 * GRID / 512 / 2^zoom)²
    let zoom = (pixel(0) * pixel(0) * PIXEL_PART / area.max(1e-9)).log2() / 2.0;
    zoom.ceil().clamp(0.0, f64::from(ZOOM_MAX) + 1.0) as u8
}

/// The zoom from which on each point is needed; the ends always are. Of a line that closes or shares both its ends with
/// another one, `anchors` inner points are needed always, so that an area never becomes a line.
pub(crate) fn zooms(line: &[Point], anchors: usize) -> Vec<u8> {
    let n = line.len();
    let mut zooms = vec![0; n];
    if n <= 2 {
        return zooms;
    }
    let squeeze = line.first().map_or(1.0, |point| point.lat().to_radians().cos());
    let triangle = |a: Point, b: Point, c: Point| {
        let (x, y) = ((f64::from(b.x - a.x), f64::from(c.x - a.x)), (f64::from(b.y - a.y), f64::from(c.y - a.y)));
        (x.0 * y.1 - x.1 * y.0).abs() / 2.0 * squeeze
    };
    let mut before: Vec<usize> = (0..n).map(|index| index.saturating_sub(1)).collect();
    let mut after: Vec<usize> = (1..=n).collect();
    let mut areas = vec![f64::INFINITY; n];
    let mut heap = BinaryHeap::new();
    // Areas are not negative, so their bits sort as they do.
    let bits = |area: f64| area.to_bits();
    for index in 1..n - 1 {
        areas[index] = triangle(line[index - 1], line[index], line[index + 1]);
        heap.push(Reverse((bits(areas[index]), index)));
    }
    let mut left = n - 2;
    let mut largest: f64 = 0.0;
    while let Some(Reverse((area, index))) = heap.pop() {
        if area != bits(areas[index]) {
            continue;
        }
        // A point is never needed later than one that fell before it.
        largest = largest.max(areas[index]);
        zooms[index] = if left <= anchors { 0 } else { zoom_of(largest) };
        left -= 1;
        areas[index] = f64::NEG_INFINITY;
        let (a, b) = (before[index], after[index]);
        after[a] = b;
        before[b] = a;
        for (middle, next) in [(a, before[a]), (b, before[b])] {
            if middle > 0 && middle < n - 1 && areas[middle] > f64::NEG_INFINITY {
                areas[middle] = triangle(line[next], line[middle], line[after[middle]]);
                heap.push(Reverse((bits(areas[middle]), middle)));
            }
        }
    }
    zooms
}
