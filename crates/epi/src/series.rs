//! Counts by day, in which nothing is silent: a day without a count says so, and what looks wrong is named.

use crate::{Fault, fault};

/// The count of one day.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Count {
    /// So many.
    Known(f64),
    /// Nobody said.
    Missing,
    /// An officer left the day out, whatever stood there.
    Excluded(Option<f64>),
}

/// Counts of consecutive days (or weeks).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Series {
    counts: Vec<Count>,
    first_day: Option<i64>,
}

/// A count that does not fit to its neighbours: a correction of earlier days that was booked on one, a slip of the pen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Suspect {
    /// Place in the series, from 0.
    pub at: usize,
    /// What stands there.
    pub count: f64,
    /// What its neighbours let expect: their median.
    pub expected: f64,
}

/// What a day without a count counts as.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Missing {
    /// Nothing is computed; the first such day is named.
    #[default]
    Refuse,
    /// No case, as `EpiEstim` takes it.
    Zero,
    /// The day is taken out of every sum; as a source of infection it weighs what its neighbours do.
    LeaveOut,
}

/// A number for each day, and which of them may be counted.
#[derive(Clone, Debug, PartialEq)]
pub struct Values {
    /// Counts; for a day that is left out, the mean of the known days around it.
    pub counts: Vec<f64>,
    /// Whether the day counts.
    pub counted: Vec<bool>,
}

/// Days on either side that a count is held against.
const NEIGHBOURS: usize = 7;
/// How many deviations above its neighbours, and how many times their median, a count must lie to be suspect.
const DEVIATIONS_MIN: f64 = 6.0;
const TIMES_MIN: f64 = 4.0;
/// Smaller counts are never suspect: one household is enough for them.
const COUNT_MIN: f64 = 50.0;
/// Days on either side that stand in for a day that is left out.
const STAND_INS: usize = 3;

impl Series {
    /// Counts of consecutive days, from the first on.
    ///
    /// # Errors
    /// When a count is negative or not finite.
    pub fn of(counts: &[Option<f64>]) -> Result<Self, Fault> {
        let counts: Vec<Count> = counts.iter().map(|count| count.map_or(Count::Missing, Count::Known)).collect();
        Self::checked(counts, None)
    }

    /// Counts by day (days since 1970-01-01), in any order; days between that nobody named are missing.
    ///
    /// # Errors
    /// When a day stands there twice, the days span more than 100 years, or a count is negative or not finite; the place
    /// is that of the row that was given.
    pub fn by_day(rows: &[(i64, Option<f64>)]) -> Result<Self, Fault> {
        const DAYS_MAX: i64 = 36_525;
        let (Some(first), Some(last)) = (rows.iter().map(|row| row.0).min(), rows.iter().map(|row| row.0).max()) else {
            return Ok(Self::default());
        };
        let span = last.saturating_sub(first);
        fault::setting("days", span as f64, span < DAYS_MAX, "< 36525")?;
        let mut counts = vec![Count::Missing; span as usize + 1];
        let mut named = vec![false; counts.len()];
        for (at, (day, count)) in rows.iter().enumerate() {
            let place = (day - first) as usize;
            if std::mem::replace(&mut named[place], true) {
                return Err(Fault::Twice { at });
            }
            if let Some(value) = count {
                fault::counts(&[*value]).map_err(|fault| match fault {
                    Fault::Negative { value, .. } => Fault::Negative { at, value },
                    _ => Fault::NotFinite { at },
                })?;
                counts[place] = Count::Known(*value);
            }
        }
        Ok(Self { counts, first_day: Some(first) })
    }

    fn checked(counts: Vec<Count>, first_day: Option<i64>) -> Result<Self, Fault> {
        for (at, count) in counts.iter().enumerate() {
            match count {
                Count::Known(value) if !value.is_finite() => return Err(Fault::NotFinite { at }),
                Count::Known(value) if *value < 0.0 => return Err(Fault::Negative { at, value: *value }),
                _ => {}
            }
        }
        Ok(Self { counts, first_day })
    }

    /// The counts.
    #[must_use]
    pub fn counts(&self) -> &[Count] {
        &self.counts
    }

    /// The day of a place (days since 1970-01-01), where the days are known.
    #[must_use]
    pub fn day(&self, at: usize) -> Option<i64> {
        self.first_day.map(|first| first + at as i64)
    }

    /// Leaves a day out. What stood there is kept: the count of the series, or the one that was given because the series
    /// could not hold it, such as a negative correction.
    ///
    /// # Errors
    /// When there is no such day.
    pub fn exclude(&mut self, at: usize, stood: Option<f64>) -> Result<(), Fault> {
        let days = self.counts.len();
        let count = self.counts.get_mut(at).ok_or(Fault::Window { start: at + 1, end: at + 1, days })?;
        *count = match *count {
            Count::Known(value) => Count::Excluded(Some(value)),
            Count::Missing => Count::Excluded(stood),
            Count::Excluded(value) => Count::Excluded(value),
        };
        Ok(())
    }

    /// Counts for a method that knows what to do without one: none where it is missing or left out.
    #[must_use]
    pub fn known(&self) -> Vec<Option<f64>> {
        let known = |count: &Count| match count {
            Count::Known(value) => Some(*value),
            Count::Missing | Count::Excluded(_) => None,
        };
        self.counts.iter().map(known).collect()
    }

    /// A number for each day. Days that were excluded are left out whatever is chosen for missing ones.
    ///
    /// # Errors
    /// When a day is missing and that is to be refused.
    pub fn values(&self, missing: Missing) -> Result<Values, Fault> {
        let mut values = Values { counts: Vec::new(), counted: Vec::new() };
        for (at, count) in self.counts.iter().enumerate() {
            let (value, counted) = match (count, missing) {
                (Count::Known(value), _) => (*value, true),
                (Count::Missing, Missing::Zero) => (0.0, true),
                (Count::Missing, Missing::Refuse) => return Err(Fault::Missing { at }),
                (Count::Missing, Missing::LeaveOut) | (Count::Excluded(_), _) => (self.stand_in(at), false),
            };
            values.counts.push(value);
            values.counted.push(counted);
        }
        Ok(values)
    }

    /// The mean of the known days around one; nought where none is known.
    fn stand_in(&self, at: usize) -> f64 {
        let around = &self.counts[at.saturating_sub(STAND_INS)..(at + STAND_INS + 1).min(self.counts.len())];
        let known = around.iter().filter_map(|count| match count {
            Count::Known(value) => Some(*value),
            _ => None,
        });
        let (sum, n) = known.fold((0.0, 0.0), |(sum, n), value| (sum + value, n + 1.0));
        if n > 0.0 { sum / n } else { 0.0 }
    }

    /// Counts that lie far above those of the week before and the week after: at least 50, at least four times the
    /// median of these, and six deviations above it on the scale of square roots, on which counts of any size vary
    /// alike (Bartlett, *The square root transformation in analysis of variance*, Supplement to the Journal of the Royal
    /// Statistical Society 3 (1936) 68-78); the deviation is the median absolute one, scaled to the normal distribution
    /// (Hampel, Journal of the American Statistical Association 69 (1974) 383-393), and never below that of a Poisson
    /// distribution. Nothing is left out here: that is an officer's decision, with a reason.
    #[must_use]
    pub fn suspects(&self) -> Vec<Suspect> {
        let known = self.known();
        let suspect = |(at, count): (usize, &Option<f64>)| {
            let count = count.filter(|count| *count >= COUNT_MIN)?;
            let from = at.saturating_sub(NEIGHBOURS);
            let until = (at + NEIGHBOURS + 1).min(known.len());
            let mut roots: Vec<f64> =
                (from..until).filter(|place| *place != at).filter_map(|place| known[place]).map(f64::sqrt).collect();
            let middle = median(&mut roots)?;
            let mut distances: Vec<f64> = roots.iter().map(|root| (root - middle).abs()).collect();
            let deviation = (median(&mut distances)? * 1.4826).max(0.5);
            let expected = middle * middle;
            let is_far = count.sqrt() > middle + DEVIATIONS_MIN * deviation && count > TIMES_MIN * expected;
            is_far.then_some(Suspect { at, count, expected })
        };
        known.iter().enumerate().filter_map(suspect).collect()
    }
}

fn median(values: &mut [f64]) -> Option<f64> {
    values.sort_unstable_by(f64::total_cmp);
    let n = values.len();
    match n {
        0 => None,
        _ if n % 2 == 1 => Some(values[n / 2]),
        _ => Some(f64::midpoint(values[n / 2 - 1], values[n / 2])),
    }
}
