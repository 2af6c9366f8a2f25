//! Small cells (ô số nhỏ): counts that would point at persons are not published.
//!
//! Basis of the limit on people: 45 CFR 164.514(b)(2)(i)(B), by which an area of 20,000 people or fewer is too small to be
//! named with a patient; no Vietnamese rule sets one. 91/2025/QH15 counts health data among the sensitive ones.

use serde::{Deserialize, Serialize};

/// With so many people or fewer, a count of a few points at persons.
pub const SMALL_PEOPLE: i64 = 20_000;
/// Below this, and above nought, a count of a small place is not said.
pub const SMALL_COUNT: i64 = 5;

/// A count as the public is told it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
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
}

/// The counts of one day of the places below one place, whose sum is published too. `small` says which of them are small.
///
/// 1. From one to four in a small place is said as "under five".
/// 2. If the sum then gave a hidden number away (one is hidden alone, or all that are hidden are one, or four), small
///    places with none are said as "under five" too.
/// 3. If it still does, the smallest of the others is not said.
#[must_use]
pub fn suppressed(counts: &[Option<i64>], small: &[bool]) -> Vec<Count> {
    let is_small = |at: usize| small.get(at).copied().unwrap_or(true);
    let hidden = |n: i64, at: usize| is_small(at) && (1..SMALL_COUNT).contains(&n);
    let mut said: Vec<Count> = counts
        .iter()
        .enumerate()
        .map(|(at, count)| match count {
            None => Count::Missing,
            Some(n) if hidden(*n, at) => Count::UnderFive,
            Some(n) => Count::Exact(*n),
        })
        .collect();
    let figures = |said: &[Count]| -> Vec<i64> {
        said.iter().zip(counts).filter(|(said, _)| said.is_hidden()).filter_map(|(_, count)| *count).collect()
    };
    // What is hidden lies within a range; at either end of it the sum says each number.
    let given_away = |figures: &[i64], least: i64| {
        let n = i64::try_from(figures.len()).unwrap_or(i64::MAX);
        let sum: i64 = figures.iter().sum();
        n > 0 && (n == 1 || sum == n * least || sum == n * (SMALL_COUNT - 1))
    };
    if given_away(&figures(&said), 1) {
        for (at, count) in said.iter_mut().enumerate() {
            if *count == Count::Exact(0) && is_small(at) {
                *count = Count::UnderFive;
            }
        }
        if given_away(&figures(&said), 0) {
            let others = said.iter().enumerate().filter_map(|(at, count)| Some((count.exact()?, at)));
            if let Some((_, at)) = others.min() {
                said[at] = Count::Withheld;
            }
        }
    }
    said
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(counts: &[i64], small: &[bool]) -> String {
        let counts: Vec<Option<i64>> = counts.iter().map(|n| Some(*n).filter(|n| *n >= 0)).collect();
        let word = |count: &Count| match count {
            Count::Exact(n) => n.to_string(),
            Count::UnderFive => "<5".to_owned(),
            Count::Withheld => "x".to_owned(),
            Count::Missing => "–".to_owned(),
        };
        suppressed(&counts, small).iter().map(word).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn small_cells_are_not_said_and_sums_do_not_give_them_away() {
        // Minus one stands for what nobody reported.
        let cases: &[(&[i64], &[bool], &str)] = &[
            (&[0, 0, 0], &[true; 3], "0 0 0"),
            (&[5, 0, 12], &[true; 3], "5 0 12"),
            (&[4, 1, 0, 9], &[true; 4], "<5 <5 0 9"),
            // A large place may be named with one patient.
            (&[1, 0, 9], &[false; 3], "1 0 9"),
            (&[1, 3, 2], &[false, true, true], "1 <5 <5"),
            // One is hidden alone: with the sum it would be said; nobody can tell which it is now.
            (&[3, 0, 0, 9], &[true; 4], "<5 <5 <5 9"),
            // All that are hidden are one, or four: the sum would say so.
            (&[1, 1, 0, 7], &[true; 4], "<5 <5 <5 7"),
            (&[4, 4, 0, 7], &[true; 4], "<5 <5 <5 7"),
            // There is no other small place with none: the smallest of the rest is not said.
            (&[3, 9, 12], &[true; 3], "<5 x 12"),
            (&[4, 4, 8, 9], &[true; 4], "<5 <5 x 9"),
            (&[2, 0, 30], &[true, false, false], "<5 x 30"),
            // Nobody else is there: the sum itself is said by the rule of the place above.
            (&[2], &[true], "<5"),
            (&[-1, 2, 3], &[true; 3], "– <5 <5"),
            (&[-1, 0], &[true; 2], "– 0"),
            (&[], &[], ""),
        ];
        for (counts, small, expected) in cases {
            assert_eq!(told(counts, small), *expected, "{counts:?} {small:?}");
        }
    }

    #[test]
    fn a_place_of_which_nothing_is_known_is_small() {
        assert_eq!(suppressed(&[Some(2), Some(1)], &[]), [Count::UnderFive, Count::UnderFive]);
    }
}
