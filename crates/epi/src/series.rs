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
/// How many times the second largest of its neighbours, and their median, a count must be to be suspect.
const TIMES_SECOND: f64 = 3.0;
const TIMES_MEDIAN: f64 = 4.0;
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
        let count = self.counts.get_mut(at).ok_or(Fault::Window {
            start: at.saturating_add(1),
            end: at.saturating_add(1),
            days,
        })?;
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

    /// Counts that lie far above those of the week before and the week after: at least 50, more than three times the second
    /// largest of these (so that a correction booked on two days does not hide itself) and more than four times their
    /// median. A working rule of ours, set so that growth which doubles within two days is no suspect. Nothing is left out
    /// here: that is an officer's decision, with a reason.
    #[must_use]
    pub fn suspects(&self) -> Vec<Suspect> {
        let known = self.known();
        let suspect = |(at, count): (usize, &Option<f64>)| {
            let count = count.filter(|count| *count >= COUNT_MIN)?;
            let around = at.saturating_sub(NEIGHBOURS)..(at + NEIGHBOURS + 1).min(known.len());
            let mut neighbours: Vec<f64> =
                around.filter(|place| *place != at).filter_map(|place| known[place]).collect();
            let expected = median(&mut neighbours)?;
            // Sorted by now.
            let second = neighbours.iter().rev().nth(1).copied()?;
            (count > TIMES_SECOND * second && count > TIMES_MEDIAN * expected).then_some(Suspect {
                at,
                count,
                expected,
            })
        };
        known.iter().enumerate().filter_map(suspect).collect()
    }
}

/// The middle of values, which it sorts.
fn median(values: &mut [f64]) -> Option<f64> {
    values.sort_unstable_by(f64::total_cmp);
    let n = values.len();
    match n {
        0 => None,
        _ if n % 2 == 1 => Some(values[n / 2]),
        _ => Some(f64::midpoint(values[n / 2 - 1], values[n / 2])),
    }
}
