//! Rings that cross themselves, spikes, parts that lie over each other.

use i_overlay::core::{
    fill_rule::FillRule,
    overlay::{IntOverlayOptions, Overlay},
    overlay_rule::OverlayRule,
    solver::Solver,
};

use crate::{
    measure::km2,
    point::{Ring, contours, polygons, twice_area},
};

/// A crossing that changes the area by more than this part of it is not a slip of the pen: which area was meant is
/// for a person to say.
const CHANGE_MAX: f64 = 0.05;

/// A change below this (km²) is what the grid does where two lines run side by side, and is not worth a word.
const TOLD_MIN: f64 = 0.000_5;

/// What was put right in a shape.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Mend {
    /// Nothing.
    None,
    /// Rings crossed themselves or each other; the area changed by so many km².
    Crossing {
        /// Difference of area.
        km2: f64,
    },
}

/// Without repeated points and spikes.
fn tidy(ring: &[crate::Point]) -> Ring {
    let mut tidy: Ring = Vec::with_capacity(ring.len());
    for point in ring {
        tidy.push(*point);
        while let [.., before, _, after] = tidy.as_slice()
            && before == after
        {
            tidy.truncate(tidy.len() - 2);
        }
        if let [.., before, last] = tidy.as_slice()
            && before == last
        {
            tidy.pop();
        }
    }
    while tidy.len() > 1 && tidy.first() == tidy.last() {
        tidy.pop();
    }
    if tidy.len() >= 3 { tidy } else { Ring::new() }
}

/// A shape whose rings cross neither themselves nor each other: outer rings against the clock, holes with it.
///
/// # Errors
/// `None` for nothing left, or for so much crossing that what was meant is not certain.
pub fn sound_shape(shape: &[Vec<Ring>]) -> Option<(Vec<Vec<Ring>>, Mend)> {
    let mut tidied: Vec<Vec<Ring>> = Vec::new();
    for polygon in shape {
        let mut rings: Vec<Ring> = polygon.iter().map(|ring| tidy(ring)).collect();
        // Without its outer ring a part is nothing.
        if rings.first().is_none_or(Vec::is_empty) {
            continue;
        }
        rings.retain(|ring| !ring.is_empty());
        for (index, ring) in rings.iter_mut().enumerate() {
            if (twice_area(ring) > 0) != (index == 0) {
                ring.reverse();
            }
        }
        tidied.push(rings);
    }
    if tidied.is_empty() {
        return None;
    }
    let sum = |shape: &[Vec<Ring>]| shape.iter().flatten().map(|ring| twice_area(ring)).sum::<i64>();
    let options = IntOverlayOptions::keep_all_points();
    let mut overlay = Overlay::from_subj_custom(&contours(&tidied), options, Solver::default());
    // Each part was turned so that it counts once inside; what counts otherwise is a crossing or an overlap.
    let sound = polygons(overlay.overlay(OverlayRule::Subject, FillRule::Positive));
    let count = |shape: &[Vec<Ring>]| shape.iter().map(Vec::len).sum::<usize>();
    if sum(&sound).abs() == sum(&tidied) && count(&sound) == count(&tidied) {
        return Some((tidied, Mend::None));
    }
    // Overlapping parts and loops that run the other way: also what lies in such a loop belongs to the area.
    let mut overlay = Overlay::from_subj_custom(&contours(&tidied), options, Solver::default());
    let mut whole = polygons(overlay.overlay(OverlayRule::Subject, FillRule::NonZero));
    whole.iter_mut().flatten().for_each(|ring| *ring = tidy(ring));
    whole.iter_mut().for_each(|polygon| polygon.retain(|ring| !ring.is_empty()));
    whole.retain(|polygon| !polygon.is_empty());
    let (was, is) = (km2(&tidied), km2(&whole));
    let change = is - was;
    if whole.is_empty() || change.abs() > CHANGE_MAX * is.max(was) {
        return None;
    }
    Some((whole, if change.abs() < TOLD_MIN { Mend::None } else { Mend::Crossing { km2: change } }))
}
