//! The rhythm of work that comes back (định kỳ): the part of RFC 5545 rules that dispatches use.
//!
//! Rhythms run over Sundays and holidays: an epidemic does not pause at Tết, and no dispatch says that it may (ADR 13).

use std::fmt;

use jiff::{
    Timestamp, ToSpan as _,
    civil::{Date, Time, Weekday},
};
use vx_kernel::time;

/// Longest interval that a rule may name.
const INTERVAL_MAX: i64 = 1000;

/// On which days work comes back.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Rule {
    /// Every so many days, weeks, months or years.
    pub interval: i64,
    /// Which.
    pub rhythm: Rhythm,
    /// Hours of the day that the rule names (trước 10 giờ và 16 giờ hằng ngày); the last one closes the day.
    pub hours: Vec<i8>,
}

/// What an interval counts, and which days of it are meant.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Rhythm {
    /// Days.
    Daily,
    /// Weeks, on these weekdays, or on that of the first day.
    Weekly(Vec<Weekday>),
    /// Months, on these days, or on that of the first day. Negative counts from the end; a day that the month does not
    /// have is its last.
    Monthly(Vec<i8>),
    /// Years, on this month and day, or on those of the first day.
    Yearly(Option<(i8, i8)>),
}

const WEEKDAYS: [(&str, Weekday); 7] = [
    ("MO", Weekday::Monday),
    ("TU", Weekday::Tuesday),
    ("WE", Weekday::Wednesday),
    ("TH", Weekday::Thursday),
    ("FR", Weekday::Friday),
    ("SA", Weekday::Saturday),
    ("SU", Weekday::Sunday),
];

impl Rule {
    /// Reads a rule; `None` for what dispatches do not use and we could not keep.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let part = |name: &str| text.split(';').find_map(|part| part.strip_prefix(name)?.strip_prefix('='));
        let numbers = |name: &str, low: i8, high: i8| -> Option<Vec<i8>> {
            let Some(list) = part(name) else { return Some(Vec::new()) };
            let read = |text: &str| text.parse::<i8>().ok().filter(|n| (low..=high).contains(n));
            list.split(',').map(read).collect()
        };
        let interval =
            part("INTERVAL").map_or(Some(1), |text| text.parse().ok()).filter(|n| (1..=INTERVAL_MAX).contains(n))?;
        let rhythm = match part("FREQ")? {
            "DAILY" => Rhythm::Daily,
            "WEEKLY" => {
                let days = part("BYDAY").map(|list| {
                    list.split(',')
                        .map(|name| WEEKDAYS.iter().find(|(known, _)| *known == name).map(|(_, day)| *day))
                        .collect::<Option<Vec<_>>>()
                });
                Rhythm::Weekly(days.unwrap_or_else(|| Some(Vec::new()))?)
            }
            "MONTHLY" => Rhythm::Monthly(Some(numbers("BYMONTHDAY", -31, 31)?).filter(|days| !days.contains(&0))?),
            "YEARLY" => {
                let (month, day) = (numbers("BYMONTH", 1, 12)?, numbers("BYMONTHDAY", 1, 31)?);
                Rhythm::Yearly(month.first().copied().zip(day.first().copied()))
            }
            _ => return None,
        };
        Some(Self { interval, rhythm, hours: numbers("BYHOUR", 0, 23)? })
    }

    /// The first day after `day` on which the rule falls, counted from the first day `anchor`, which comes before.
    #[must_use]
    pub fn after(&self, anchor: Date, day: Date) -> Option<Date> {
        let day = day.max(anchor);
        let months = |day: Date| i64::from(day.year()) * 12 + i64::from(day.month());
        let days = |from: Date, to: Date| i64::from((to - from).get_days());
        // The period in which `day` lies; its days may all lie before, hence the next ones are looked at as well.
        let period = match self.rhythm {
            Rhythm::Daily => days(anchor, day) / self.interval,
            Rhythm::Weekly(_) => days(monday(anchor)?, day) / (7 * self.interval),
            Rhythm::Monthly(_) => (months(day) - months(anchor)) / self.interval,
            Rhythm::Yearly(_) => i64::from(day.year() - anchor.year()) / self.interval,
        };
        (period..=period + 2).find_map(|n| self.days_of(anchor, n)?.into_iter().filter(|found| *found > day).min())
    }

    /// The days that the rule names in its `n`-th period.
    fn days_of(&self, anchor: Date, n: i64) -> Option<Vec<Date>> {
        let n = n.checked_mul(self.interval)?;
        Some(match &self.rhythm {
            Rhythm::Daily => vec![anchor.checked_add(n.days()).ok()?],
            Rhythm::Weekly(weekdays) if weekdays.is_empty() => vec![anchor.checked_add(n.weeks()).ok()?],
            Rhythm::Weekly(weekdays) => {
                let monday = monday(anchor)?.checked_add(n.weeks()).ok()?;
                let on = |weekday: &Weekday| monday.checked_add(i64::from(weekday.to_monday_zero_offset()).days()).ok();
                weekdays.iter().map(on).collect::<Option<_>>()?
            }
            // Counted from the first day each time: after 28 February comes 31 March, not 28 March.
            Rhythm::Monthly(named) if named.is_empty() => vec![anchor.checked_add(n.months()).ok()?],
            Rhythm::Monthly(named) => {
                let month = anchor.first_of_month().checked_add(n.months()).ok()?;
                named.iter().map(|day| day_of_month(month, *day)).collect()
            }
            Rhythm::Yearly(None) => vec![anchor.checked_add(n.years()).ok()?],
            Rhythm::Yearly(Some((month, day))) => {
                let year = i16::try_from(i64::from(anchor.year()) + n).ok()?;
                vec![day_of_month(Date::new(year, *month, 1).ok()?, *day)]
            }
        })
    }

    /// The same rhythm with everything said that it took from its first day, so that it can be counted from any of its
    /// days: "hằng tháng" since 31 January is "ngày 31 hằng tháng".
    #[must_use]
    pub fn pinned(mut self, anchor: Date) -> Self {
        match &mut self.rhythm {
            Rhythm::Monthly(days) if days.is_empty() => days.push(anchor.day()),
            Rhythm::Yearly(named @ None) => *named = Some((anchor.month(), anchor.day())),
            _ => {}
        }
        self
    }

    /// The hour that closes a day, when the rule itself names hours.
    #[must_use]
    pub fn closing(&self) -> Option<Time> {
        Time::new(*self.hours.iter().max()?, 0, 0, 0).ok()
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let frequency = match self.rhythm {
            Rhythm::Daily => "DAILY",
            Rhythm::Weekly(_) => "WEEKLY",
            Rhythm::Monthly(_) => "MONTHLY",
            Rhythm::Yearly(_) => "YEARLY",
        };
        write!(f, "FREQ={frequency}")?;
        if self.interval > 1 {
            write!(f, ";INTERVAL={}", self.interval)?;
        }
        let list = |values: Vec<String>| values.join(",");
        match &self.rhythm {
            Rhythm::Weekly(weekdays) if !weekdays.is_empty() => {
                write!(f, ";BYDAY={}", list(weekdays.iter().map(|day| weekday_name(*day).to_owned()).collect()))?;
            }
            Rhythm::Monthly(days) if !days.is_empty() => {
                write!(f, ";BYMONTHDAY={}", list(days.iter().map(i8::to_string).collect()))?;
            }
            Rhythm::Yearly(Some((month, day))) => write!(f, ";BYMONTH={month};BYMONTHDAY={day}")?,
            _ => {}
        }
        if !self.hours.is_empty() {
            write!(f, ";BYHOUR={}", list(self.hours.iter().map(i8::to_string).collect()))?;
        }
        Ok(())
    }
}

/// When a day closes: at its closing hour, or with its last second.
#[must_use]
pub fn closing(day: Date, cutoff: Option<Time>) -> Option<Timestamp> {
    match cutoff {
        Some(cutoff) => time::instant(day.to_datetime(cutoff)).ok(),
        None => time::end_of(day).ok(),
    }
}

/// The two letters of a weekday in rules.
#[must_use]
pub fn weekday_name(weekday: Weekday) -> &'static str {
    WEEKDAYS.iter().find(|(_, day)| *day == weekday).map_or("", |(name, _)| name)
}

fn monday(day: Date) -> Option<Date> {
    day.checked_sub(i64::from(day.weekday().to_monday_zero_offset()).days()).ok()
}

/// A day of the month of `month`; one that it does not have is its last.
fn day_of_month(month: Date, day: i8) -> Date {
    let last = month.last_of_month();
    let day = if day < 0 { (last.day() + 1 + day).max(1) } else { day };
    month.with().day(day.min(last.day())).build().unwrap_or(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The days of a rule after its anchor, as they come.
    fn days(rule: &str, anchor: &str, n: usize) -> String {
        let (rule, anchor) = (Rule::parse(rule).unwrap(), anchor.parse::<Date>().unwrap());
        let mut day = anchor;
        let next = || {
            day = rule.after(anchor, day)?;
            Some(day.strftime("%d/%m").to_string())
        };
        std::iter::from_fn(next).take(n).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn a_rhythm_falls_on_its_days() {
        for (rule, anchor, expected) in [
            ("FREQ=DAILY", "2020-02-27", "28/02 29/02 01/03 02/03"),
            ("FREQ=DAILY", "2021-02-27", "28/02 01/03 02/03 03/03"),
            ("FREQ=DAILY;BYHOUR=10,16", "2021-09-29", "30/09 01/10 02/10 03/10"),
            // Every three days over the end of a month, and over Tết 2022 (1 February), which stops nothing.
            ("FREQ=DAILY;INTERVAL=3", "2021-08-26", "29/08 01/09 04/09 07/09"),
            ("FREQ=DAILY;INTERVAL=3", "2022-01-27", "30/01 02/02 05/02 08/02"),
            ("FREQ=WEEKLY", "2021-12-27", "03/01 10/01 17/01 24/01"),
            ("FREQ=WEEKLY;BYDAY=FR", "2021-09-10", "17/09 24/09 01/10 08/10"),
            ("FREQ=WEEKLY;BYDAY=MO,TH", "2021-09-10", "13/09 16/09 20/09 23/09"),
            ("FREQ=WEEKLY;BYDAY=SU", "2021-09-06", "12/09 19/09 26/09 03/10"),
            ("FREQ=WEEKLY;INTERVAL=2", "2021-09-10", "24/09 08/10 22/10 05/11"),
            ("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,FR", "2021-09-08", "10/09 20/09 24/09 04/10"),
            ("FREQ=MONTHLY", "2021-01-31", "28/02 31/03 30/04 31/05"),
            ("FREQ=MONTHLY", "2020-01-31", "29/02 31/03 30/04 31/05"),
            ("FREQ=MONTHLY;BYMONTHDAY=31", "2021-02-10", "28/02 31/03 30/04 31/05"),
            ("FREQ=MONTHLY;BYMONTHDAY=-1", "2021-01-31", "28/02 31/03 30/04 31/05"),
            ("FREQ=MONTHLY;BYMONTHDAY=10", "2021-09-10", "10/10 10/11 10/12 10/01"),
            ("FREQ=MONTHLY;BYMONTHDAY=15,30", "2022-01-20", "30/01 15/02 28/02 15/03"),
            ("FREQ=MONTHLY;INTERVAL=3", "2021-11-30", "28/02 30/05 30/08 30/11"),
            ("FREQ=YEARLY", "2020-02-29", "28/02 28/02 28/02 29/02"),
            ("FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=15", "2021-12-15", "15/12 15/12 15/12 15/12"),
        ] {
            assert_eq!(days(rule, anchor, 4), expected, "{rule} since {anchor}");
        }
    }

    #[test]
    fn a_pinned_rhythm_can_be_counted_from_any_of_its_days() {
        for (rule, anchor) in [
            ("FREQ=MONTHLY", "2021-01-31"),
            ("FREQ=MONTHLY;INTERVAL=3", "2021-11-30"),
            ("FREQ=YEARLY", "2020-02-29"),
            ("FREQ=DAILY;INTERVAL=3", "2021-08-26"),
            ("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,FR", "2021-09-08"),
        ] {
            let (plain, anchor) = (Rule::parse(rule).unwrap(), anchor.parse::<Date>().unwrap());
            let pinned = plain.clone().pinned(anchor);
            let first = plain.after(anchor, anchor).unwrap();
            let mut day = first;
            for _ in 0..12 {
                let next = plain.after(anchor, day).unwrap();
                assert_eq!(pinned.after(first, day), Some(next), "{rule} after {day}");
                day = next;
            }
        }
    }

    #[test]
    fn a_rule_and_its_text_are_the_same() {
        for text in [
            "FREQ=DAILY",
            "FREQ=DAILY;BYHOUR=10,16",
            "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,FR",
            "FREQ=MONTHLY;BYMONTHDAY=-1",
            "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29",
        ] {
            assert_eq!(Rule::parse(text).map(|rule| rule.to_string()).as_deref(), Some(text));
        }
        for bad in [
            "",
            "FREQ=HOURLY;INTERVAL=12",
            "FREQ=DAILY;INTERVAL=0",
            "FREQ=DAILY;INTERVAL=1001",
            "FREQ=WEEKLY;BYDAY=XX",
            "FREQ=MONTHLY;BYMONTHDAY=32",
            "FREQ=DAILY;BYHOUR=24",
        ] {
            assert_eq!(Rule::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn the_last_hour_closes_the_day() {
        let closing = |rule: &str| Rule::parse(rule).unwrap().closing().map(|time| time.to_string());
        assert_eq!(closing("FREQ=DAILY;BYHOUR=16,10").as_deref(), Some("16:00:00"));
        assert_eq!(closing("FREQ=DAILY"), None);
    }
}
