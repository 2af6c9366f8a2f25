//! From a deadline as it was written to the moment it means.

use jiff::{
    Timestamp, ToSpan as _,
    civil::{Date, DateTime, Time, Weekday},
};
use vx_concepts::work::{Due, DueKind};
use vx_dispatch::{Deadline, DeadlineKind};
use vx_kernel::time;

/// The deadline of a task. A day means its last second; a recurrent one means its first occurrence after the day of
/// issue. What cannot be computed stays as its words without a moment.
#[must_use]
pub(crate) fn due_of(deadline: &Deadline, issued_on: Option<Date>) -> Due {
    let cutoff = deadline.cutoff.as_deref().and_then(|text| text.parse::<Time>().ok());
    let (kind, at) = match deadline.kind {
        DeadlineKind::Absolute => (DueKind::Absolute, deadline.due_at.as_deref().and_then(|text| moment(text, cutoff))),
        DeadlineKind::Recurrent => {
            let first = issued_on.zip(deadline.rule.as_deref()).and_then(|(day, rule)| first_after(rule, day));
            (DueKind::Recurrent, first.and_then(|day| at_cutoff(day, cutoff)))
        }
        DeadlineKind::Standing => (DueKind::Standing, None),
        DeadlineKind::Event => (DueKind::Event, None),
    };
    Due { kind, at, quote: Some(deadline.quote.clone()), rule: deadline.rule.clone() }
}

/// A local ISO date or datetime as an instant.
#[must_use]
pub(crate) fn moment(text: &str, cutoff: Option<Time>) -> Option<Timestamp> {
    if text.contains('T') {
        time::instant(text.parse::<DateTime>().ok()?).ok()
    } else {
        at_cutoff(text.parse().ok()?, cutoff)
    }
}

fn at_cutoff(day: Date, cutoff: Option<Time>) -> Option<Timestamp> {
    match cutoff {
        Some(cutoff) => time::instant(day.to_datetime(cutoff)).ok(),
        None => time::end_of(day).ok(),
    }
}

/// The first day after `day` on which a rule falls, for the rules that dispatches use: daily, every n days, weekly
/// with or without a weekday, monthly with or without a day of the month, every n months, yearly.
#[must_use]
pub(crate) fn first_after(rule: &str, day: Date) -> Option<Date> {
    let part = |name: &str| rule.split(';').find_map(|part| part.strip_prefix(name)?.strip_prefix('='));
    let interval: i64 =
        part("INTERVAL").map_or(Some(1), |text| text.parse().ok()).filter(|n| (1..=1000).contains(n))?;
    match part("FREQ")? {
        "DAILY" => day.checked_add(interval.days()).ok(),
        "WEEKLY" => match part("BYDAY") {
            Some(names) => {
                let days: Vec<Weekday> = names.split(',').filter_map(weekday).collect();
                (1..=7).filter_map(|n: i64| day.checked_add(n.days()).ok()).find(|day| days.contains(&day.weekday()))
            }
            None => day.checked_add((7 * interval).days()).ok(),
        },
        "MONTHLY" => match part("BYMONTHDAY").and_then(|text| text.parse::<i8>().ok()) {
            Some(wanted) => {
                let of_month = |day: Date| {
                    let last = day.last_of_month();
                    if wanted < 0 || wanted > last.day() {
                        last
                    } else {
                        day.with().day(wanted).build().unwrap_or(last)
                    }
                };
                let here = of_month(day);
                if here > day { Some(here) } else { day.first_of_month().checked_add(1.month()).ok().map(of_month) }
            }
            None => day.checked_add(interval.months()).ok(),
        },
        "YEARLY" => day.checked_add(interval.years()).ok(),
        _ => None,
    }
}

fn weekday(name: &str) -> Option<Weekday> {
    Some(match name {
        "MO" => Weekday::Monday,
        "TU" => Weekday::Tuesday,
        "WE" => Weekday::Wednesday,
        "TH" => Weekday::Thursday,
        "FR" => Weekday::Friday,
        "SA" => Weekday::Saturday,
        "SU" => Weekday::Sunday,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_occurrence_of_a_rule() {
        for (rule, day, expected) in [
            ("FREQ=DAILY", "2021-09-10", Some("2021-09-11")),
            ("FREQ=DAILY;INTERVAL=3", "2021-09-10", Some("2021-09-13")),
            ("FREQ=WEEKLY", "2021-09-10", Some("2021-09-17")),
            ("FREQ=WEEKLY;BYDAY=FR", "2021-09-10", Some("2021-09-17")),
            ("FREQ=WEEKLY;BYDAY=MO,TH", "2021-09-10", Some("2021-09-13")),
            ("FREQ=MONTHLY;BYMONTHDAY=10", "2021-09-10", Some("2021-10-10")),
            ("FREQ=MONTHLY;BYMONTHDAY=25", "2021-09-10", Some("2021-09-25")),
            ("FREQ=MONTHLY;BYMONTHDAY=31", "2021-09-10", Some("2021-09-30")),
            ("FREQ=MONTHLY;BYMONTHDAY=-1", "2021-01-31", Some("2021-02-28")),
            ("FREQ=MONTHLY;INTERVAL=3", "2021-11-30", Some("2022-02-28")),
            ("FREQ=YEARLY", "2020-02-29", Some("2021-02-28")),
            ("FREQ=HOURLY", "2021-09-10", None),
            ("FREQ=DAILY;INTERVAL=0", "2021-09-10", None),
        ] {
            let got = first_after(rule, day.parse().unwrap()).map(|day| day.to_string());
            assert_eq!(got.as_deref(), expected, "{rule} after {day}");
        }
    }

    #[test]
    fn a_day_means_its_last_second() {
        assert_eq!(moment("2021-09-03", None).unwrap().to_string(), "2021-09-03T16:59:59Z");
        assert_eq!(moment("2021-09-03", "17:00".parse().ok()).unwrap().to_string(), "2021-09-03T10:00:00Z");
        assert_eq!(moment("2022-06-21T17:00", None).unwrap().to_string(), "2022-06-21T10:00:00Z");
        assert_eq!(moment("2021-02-31", None), None);
    }
}
