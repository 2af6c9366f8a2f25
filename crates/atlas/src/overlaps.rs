//! Areas of different units that lie over each other.

use i_overlay::core::{
    fill_rule::FillRule,
    overlay::{IntOverlayOptions, Overlay},
    overlay_rule::OverlayRule,
    solver::Solver,
};

use crate::{
    coverage::Shape,
    measure::km2,
    point::{Ring, bounds, contours, polygons, touch},
};

/// Up to this part of the smaller area an overlap is a border drawn twice, and is taken from the larger one.
const SLIVER_MAX: f64 = 0.02;
/// From this part of the smaller area on, the smaller one lies in the larger, which was drawn without its hole.
const WITHIN_MIN: f64 = 0.98;
/// A unit that lies in another is smaller than this part of it; two of one size are the same area twice.
const ENCLAVE_MAX: f64 = 0.5;
/// Overlaps below this are what the grid does (km²).
const NOTHING: f64 = 0.000_1;

/// Two units that lie over each other.
#[derive(Clone, PartialEq, Debug)]
pub struct Overlap {
    /// The unit that gave way, or was not taken.
    pub of: String,
    /// The other one.
    pub over: String,
    /// How much, in km².
    pub km2: f64,
    /// What became of it.
    pub settled: Settled,
}

/// What became of an overlap.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Settled {
    /// The larger area gave the strip to the smaller one.
    Trimmed,
    /// The larger area got a hole in which the smaller one lies.
    CutOut,
    /// Which of the two is right is for a person to say; the later one was not taken.
    Refused,
}

fn combine(a: &[Vec<Ring>], b: &[Vec<Ring>], rule: OverlayRule) -> Vec<Vec<Ring>> {
    let options = IntOverlayOptions::keep_all_points();
    let mut overlay = Overlay::from_subj_and_clip_custom(&contours(a), &contours(b), options, Solver::default());
    polygons(overlay.overlay(rule, FillRule::NonZero))
}

/// Settles overlaps: strips and enclaves are cut from the larger area; of two that cannot be told apart the later one is
/// taken out of `shapes`.
pub fn settle(shapes: &mut Vec<Shape>) -> Vec<Overlap> {
    let boxes: Vec<[i32; 4]> = shapes.iter().map(|shape| bounds(shape.polygons.iter().flatten().flatten())).collect();
    let mut sizes: Vec<f64> = shapes.iter().map(|shape| km2(&shape.polygons)).collect();
    let mut from_west: Vec<usize> = (0..shapes.len()).collect();
    from_west.sort_unstable_by_key(|index| boxes[*index][0]);
    let mut refused = vec![false; shapes.len()];
    let mut found = Vec::new();
    for (at, &first) in from_west.iter().enumerate() {
        for &second in from_west[at + 1..].iter().take_while(|other| boxes[**other][0] <= boxes[first][2]) {
            if !touch(boxes[first], boxes[second]) || refused[first] || refused[second] {
                continue;
            }
            let shared = combine(&shapes[first].polygons, &shapes[second].polygons, OverlayRule::Intersect);
            let shared = km2(&shared);
            let (small, large) = if sizes[first] < sizes[second] { (first, second) } else { (second, first) };
            if shared < NOTHING {
                continue;
            }
            let part = shared / sizes[small].max(NOTHING);
            let settled = if part <= SLIVER_MAX {
                Settled::Trimmed
            } else if part >= WITHIN_MIN && sizes[small] < ENCLAVE_MAX * sizes[large] {
                Settled::CutOut
            } else {
                Settled::Refused
            };
            let of = if settled == Settled::Refused { first.max(second) } else { large };
            let over = if of == first { second } else { first };
            if settled == Settled::Refused {
                refused[of] = true;
            } else {
                let rest = combine(&shapes[large].polygons, &shapes[small].polygons, OverlayRule::Difference);
                sizes[large] = km2(&rest);
                shapes[large].polygons = rest;
            }
            found.push(Overlap { of: shapes[of].key.clone(), over: shapes[over].key.clone(), km2: shared, settled });
        }
    }
    let mut refused = refused.into_iter();
    shapes.retain(|_| !refused.next().unwrap_or(false));
    found
}
