//! Values by date, each with the decision that set it (giá trị theo hiệu lực).

use std::borrow::Cow;

use jiff::civil::Date;

/// The instrument of law or plan that a value rests on (căn cứ pháp lý).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LegalBasis {
    /// Number and symbol, or a name where there is none.
    pub number: Cow<'static, str>,
    /// Who confirmed that the value is what the text says, and when. `None` means: nobody yet.
    pub verified: Option<Cow<'static, str>>,
}

/// A value from a day on.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Dated<T> {
    /// First day on which the value holds.
    pub from: Date,
    /// The value.
    pub value: T,
    /// What it rests on.
    pub basis: LegalBasis,
}

/// Values by date. **Invariant:** sorted by `from`, one value per day; held by [`Timeline::new`].
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Timeline<T>(Vec<Dated<T>>);

impl<T> Timeline<T> {
    /// Builds a timeline, sorting by day. Of two values from one day the later one in the list wins.
    #[must_use]
    pub fn new(mut values: Vec<Dated<T>>) -> Self {
        values.sort_by_key(|dated| dated.from);
        values.reverse();
        values.dedup_by_key(|dated| dated.from);
        values.reverse();
        Self(values)
    }

    /// All values, the first one first.
    pub fn all(&self) -> impl DoubleEndedIterator<Item = &Dated<T>> {
        self.0.iter()
    }

    /// The value that holds on a day, `None` before the first.
    #[must_use]
    pub fn on(&self, day: Date) -> Option<&Dated<T>> {
        self.0.iter().rev().find(|dated| dated.from <= day)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn the_value_of_a_day_is_the_last_one_set_before_it() {
        let basis = LegalBasis { number: "5599/BYT-MT".into(), verified: None };
        let dated = |from, value| Dated { from, value, basis: basis.clone() };
        let days =
            Timeline::new(vec![dated(date(2021, 7, 14), 14), dated(date(2020, 1, 1), 20), dated(date(2020, 1, 1), 21)]);
        for (day, expected) in [
            (date(2019, 12, 31), None),
            (date(2020, 1, 1), Some(21)),
            (date(2021, 7, 13), Some(21)),
            (date(2021, 7, 14), Some(14)),
        ] {
            assert_eq!(days.on(day).map(|dated| dated.value), expected, "{day}");
        }
    }
}
