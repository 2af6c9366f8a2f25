//! Small cells (ô số nhỏ): counts that would point at persons are not published.
//!
//! Basis of the limit on people: 45 CFR 164.514(b)(2)(i)(B), by which an area of 20,000 people or fewer is too small to be
//! named with a patient; no Vietnamese rule sets one. 91/2025/QH15 counts health data among the sensitive ones.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

/// With so many people or fewer, a count of a few points at persons.
pub const SMALL_PEOPLE: i64 = 20_000;
/// Below this, and above nought, a count of a small place is not said.
pub const SMALL_COUNT: i64 = 5;

/// A count as the public is told it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Count {
    /// As it is.
    Exact(i64),
    /// Fewer than five, which may be none (dưới 5).
    UnderFive,
    /// Not said, since with the sum it would tell another one (không công bố).
    Withheld,
    /// Nobody has reported it (chưa báo cáo).
    Missing,
}

impl Count {
    /// The number, where it is said.
    #[must_use]
    pub fn exact(self) -> Option<i64> {
        if let Self::Exact(n) = self { Some(n) } else { None }
    }
    /// Whether a number is there and is not said.
    #[must_use]
    pub fn is_hidden(self) -> bool {
        matches!(self, Self::UnderFive | Self::Withheld)
    }
    /// Between which numbers it lies.
    fn range(self) -> (i64, i64) {
        match self {
            Self::Exact(n) => (n, n),
            Self::UnderFive => (0, SMALL_COUNT - 1),
            Self::Withheld => (0, MANY),
            Self::Missing => (0, 0),
        }
    }
}

/// More than anybody counts in a day; what is withheld may be up to this.
const MANY: i64 = 1 << 40;

/// The counts of one day of the places of a province. `small` says which of them are small, `above` in which each lies;
/// a place comes after the one above it.
///
/// 1. From one to four in a small place is said as "under five".
/// 2. Whoever has the sums then works out between which numbers each of these lies. Where only one is left, it is hidden
///    better: small places beside it with none are said as "under five" too, else the smallest beside it is not said,
///    else the sum above is not said. Where the places in it tell it, the smallest of them is not said.
#[must_use]
pub fn suppressed(counts: &[Option<i64>], small: &[bool], above: &[Option<usize>]) -> Vec<Count> {
    let is_small = |at: usize| small.get(at).copied().unwrap_or(true);
    let hidden = |n: i64, at: usize| is_small(at) && (1..SMALL_COUNT).contains(&n);
    let mut groups: HashMap<Option<usize>, Vec<usize>> = HashMap::new();
    for at in 0..counts.len() {
        groups.entry(above.get(at).copied().flatten()).or_default().push(at);
    }
    let said = counts.iter().enumerate().map(|(at, count)| match count {
        None => Count::Missing,
        Some(n) if hidden(*n, at) => Count::UnderFive,
        Some(n) => Count::Exact(*n),
    });
    let mut day = Day { said: said.collect(), counts, above, groups, is_small };
    // What nothing hides better is not tried again.
    let mut left = vec![false; counts.len()];
    loop {
        let ranges = day.ranges();
        let told = |at: &usize| day.said[*at] == Count::UnderFive && ranges[*at].0 >= ranges[*at].1 && !left[*at];
        // What lies deepest comes first: what is above it may be hidden for its sake.
        let Some(at) = (0..counts.len()).rev().find(told) else { return day.said };
        left[at] = !day.hide_better(at);
    }
}

/// What is said of one day so far.
struct Day<'a, F> {
    said: Vec<Count>,
    counts: &'a [Option<i64>],
    above: &'a [Option<usize>],
    groups: HashMap<Option<usize>, Vec<usize>>,
    is_small: F,
}

impl<F: Fn(usize) -> bool> Day<'_, F> {
    fn group(&self, above: Option<usize>) -> &[usize] {
        self.groups.get(&above).map_or(&[], Vec::as_slice)
    }

    fn above(&self, at: usize) -> Option<usize> {
        self.above.get(at).copied().flatten()
    }

    /// Whether a place is the sum of those in it. One that reported for itself, or before them, is not.
    fn is_sum(&self, at: usize) -> bool {
        let inside = self.group(Some(at));
        !inside.is_empty() && self.counts[at] == Some(inside.iter().filter_map(|at| self.counts[*at]).sum())
    }

    /// Between which numbers each count lies for somebody who has everything that is said, and these rules.
    fn ranges(&self) -> Vec<(i64, i64)> {
        let mut ranges: Vec<(i64, i64)> = self.said.iter().map(|said| said.range()).collect();
        for (at, range) in ranges.iter_mut().enumerate() {
            // From one to four in a small place would have been said as "under five".
            if self.said[at] == Count::Withheld && (self.is_small)(at) && self.counts[at] >= Some(SMALL_COUNT) {
                range.0 = SMALL_COUNT;
            }
        }
        for group in self.groups.values() {
            let few = |at: &&usize| self.said[**at] == Count::UnderFive;
            // "Under five" is none only where noughts had to be hidden, and then all of them are.
            let noughts = group.iter().any(|at| self.said[*at] == Count::Exact(0) && (self.is_small)(*at));
            if noughts || group.iter().filter(few).count() == 1 {
                group.iter().filter(few).for_each(|at| ranges[*at].0 = self.counts[*at].map_or(0, |n| n.min(1)));
            }
        }
        let sum = |ranges: &[(i64, i64)], inside: &[usize]| {
            inside.iter().fold((0, 0), |(least, most), at| (least + ranges[*at].0, most + ranges[*at].1))
        };
        let sums: Vec<usize> = (0..self.said.len()).filter(|at| self.is_sum(*at)).collect();
        for at in sums.iter().rev() {
            let (least, most) = sum(&ranges, self.group(Some(*at)));
            ranges[*at] = (ranges[*at].0.max(least), ranges[*at].1.min(most));
        }
        for at in sums {
            let inside = self.group(Some(at));
            let ((least, most), (from, to)) = (sum(&ranges, inside), ranges[at]);
            for one in inside {
                let (low, high) = ranges[*one];
                ranges[*one] = (low.max(from - (most - high)), high.min(to - (least - low)));
            }
        }
        ranges
    }

    /// Hides something else so that a hidden count is not told; says whether there was something.
    fn hide_better(&mut self, at: usize) -> bool {
        self.cover(at) || self.hide_beside(at)
    }

    /// Hides the smallest count in a place where all of them are said.
    fn cover(&mut self, at: usize) -> bool {
        let inside = self.group(Some(at));
        if inside.iter().any(|at| self.said[*at].is_hidden()) {
            return false;
        }
        let some = inside.iter().filter_map(|at| Some((self.said[*at].exact()?, *at)));
        let Some((_, smallest)) = some.min_by_key(|(n, at)| (*n == 0, *n, *at)) else { return false };
        // Not said, a nought of a small place would be known: it is no number from one to four.
        let is_nought = self.counts[smallest] == Some(0) && (self.is_small)(smallest);
        self.hide(smallest, if is_nought { Count::UnderFive } else { Count::Withheld });
        true
    }

    fn hide(&mut self, at: usize, count: Count) {
        self.said[at] = count;
        let _ = self.cover(at);
    }

    fn hide_beside(&mut self, at: usize) -> bool {
        let Some(above) = self.above(at) else { return false };
        let told = self.group(Some(above)).iter().filter_map(|at| Some((self.said[*at].exact()?, *at)));
        let mut told: Vec<(i64, usize)> = told.collect();
        told.sort_unstable();
        let noughts: Vec<usize> =
            told.iter().filter(|(n, at)| *n == 0 && (self.is_small)(*at)).map(|(_, at)| *at).collect();
        if !noughts.is_empty() {
            noughts.into_iter().for_each(|at| self.hide(at, Count::UnderFive));
        } else if let Some((_, smallest)) = told.first() {
            self.hide(*smallest, Count::Withheld);
        } else if !self.said[above].is_hidden() {
            self.said[above] = Count::Withheld;
        } else {
            return self.hide_beside(above);
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn words(said: &[Count]) -> String {
        let word = |count: &Count| match count {
            Count::Exact(n) => n.to_string(),
            Count::UnderFive => "<5".to_owned(),
            Count::Withheld => "x".to_owned(),
            Count::Missing => "–".to_owned(),
        };
        said.iter().map(word).collect::<Vec<_>>().join(" ")
    }

    /// Counts of places in a large one, which is their sum. Minus one stands for what nobody reported.
    fn told(counts: &[i64], small: &[bool]) -> String {
        let inside = counts.iter().map(|n| Some(*n).filter(|n| *n >= 0));
        let sum = inside.clone().flatten().reduce(|one, other| one + other);
        let counts: Vec<Option<i64>> = [sum].into_iter().chain(inside).collect();
        let small = [&[false], small].concat();
        let above: Vec<Option<usize>> = (0..counts.len()).map(|at| (at > 0).then_some(0)).collect();
        words(&suppressed(&counts, &small, &above))
    }

    #[test]
    fn small_cells_are_not_said_and_sums_do_not_give_them_away() {
        let cases: &[(&[i64], &[bool], &str)] = &[
            (&[0, 0, 0], &[true; 3], "0 0 0 0"),
            (&[5, 0, 12], &[true; 3], "17 5 0 12"),
            (&[4, 1, 0, 9], &[true; 4], "14 <5 <5 0 9"),
            // A large place may be named with one patient.
            (&[1, 0, 9], &[false; 3], "10 1 0 9"),
            (&[1, 3, 2], &[false, true, true], "6 1 <5 <5"),
            // One is hidden alone: with the sum it would be said; nobody can tell which it is now.
            (&[3, 0, 0, 9], &[true; 4], "12 <5 <5 <5 9"),
            // All that are hidden are one, or four: the sum would say so.
            (&[1, 1, 0, 7], &[true; 4], "9 <5 <5 <5 7"),
            (&[4, 4, 0, 7], &[true; 4], "15 <5 <5 <5 7"),
            // There is no other small place with none: the smallest of the rest is not said.
            (&[3, 9, 12], &[true; 3], "24 <5 x 12"),
            (&[4, 4, 8, 9], &[true; 4], "25 <5 <5 x 9"),
            (&[2, 0, 30], &[true, false, false], "32 <5 x 30"),
            // One case, and whoever knows the rules knows that it is not the other's.
            (&[1, 0, 30], &[true, false, false], "31 <5 x x"),
            // Nobody else is there, or has reported: the sum is not said.
            (&[2], &[true], "x <5"),
            (&[3, -1, -1], &[true; 3], "x <5 – –"),
            (&[4, 4, -1], &[true; 3], "x <5 <5 –"),
            (&[-1, 2, 3], &[true; 3], "5 – <5 <5"),
            (&[-1, 0], &[true; 2], "0 – 0"),
            (&[], &[], "–"),
        ];
        for (counts, small, expected) in cases {
            assert_eq!(told(counts, small), *expected, "{counts:?} {small:?}");
        }
    }

    /// A province, its districts and their communes: `small` is about those at which it is true.
    #[test]
    fn no_sum_on_any_level_gives_a_small_cell_away() {
        const ABOVE: [Option<usize>; 7] = [None, Some(0), Some(0), Some(1), Some(1), Some(2), Some(2)];
        let communes = [false, false, false, true, true, true, true];
        let islands = [false, true, false, false, false, false, false];
        let cases: &[([i64; 4], [bool; 7], &str)] = &[
            // One commune reported alone: neither its district nor the other one is said.
            ([3, -1, 9, 5], communes, "17 x x <5 – 9 x"),
            ([3, -1, -1, -1], communes, "x x – <5 – – –"),
            // A district is hidden alone: the other is not said, nor what would add up to it.
            ([2, 1, 9, 0], islands, "12 <5 x 2 x x 0"),
        ];
        for (counts, small, expected) in cases {
            assert_eq!(words(&suppressed(&tree(*counts), small, &ABOVE)), *expected, "{counts:?}");
        }
        // Whatever four communes report: for what is said there is another report that has another number there.
        let reports =
            |n: i64| (0..n.pow(4)).map(move |at| tree([1, n, n * n, n * n * n].map(|unit| at / unit % n - 1)));
        let all: Vec<Vec<Option<i64>>> = reports(11).collect();
        for small in [communes, islands] {
            let fits = |said: Count, count: Option<i64>, small: bool| match said {
                Count::Missing => count.is_none(),
                Count::Exact(n) => count == Some(n),
                Count::UnderFive => count.is_some_and(|n| n < SMALL_COUNT),
                Count::Withheld => count.is_some_and(|n| !small || n == 0 || n >= SMALL_COUNT),
            };
            let outcomes: HashSet<Vec<Count>> = reports(7).map(|counts| suppressed(&counts, &small, &ABOVE)).collect();
            for said in outcomes {
                let fit = all.iter().filter(|one| (0..7).all(|at| fits(said[at], one[at], small[at])));
                let mut open: HashMap<usize, HashSet<Option<i64>>> = HashMap::new();
                for one in fit {
                    for at in (0..7).filter(|at| said[*at] == Count::UnderFive) {
                        open.entry(at).or_default().insert(one[at]);
                    }
                }
                assert!(open.values().all(|counts| counts.len() > 1), "{}: {open:?}", words(&said));
            }
        }
    }

    fn tree(communes: [i64; 4]) -> Vec<Option<i64>> {
        let [a, b, c, d] = communes.map(|n| Some(n).filter(|n| *n >= 0));
        let sum = |one: Option<i64>, other: Option<i64>| match (one, other) {
            (None, None) => None,
            _ => Some(one.unwrap_or(0) + other.unwrap_or(0)),
        };
        vec![sum(sum(a, b), sum(c, d)), sum(a, b), sum(c, d), a, b, c, d]
    }

    #[test]
    fn a_place_of_which_nothing_is_known_is_small() {
        assert_eq!(suppressed(&[Some(2), Some(1)], &[], &[]), [Count::UnderFive, Count::UnderFive]);
    }
}
