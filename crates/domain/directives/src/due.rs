//! From a deadline as it was written to the moment it means.

use jiff::{
    Timestamp,
    civil::{Date, DateTime, Time},
};
use vx_concepts::work::{
    Due, DueKind,
    recurrence::{Rule, closing},
};
use vx_dispatch::{Deadline, DeadlineKind};
use vx_kernel::time;

/// The deadline of a task. A day means its last second; a recurrent one means its first occurrence after the day of
/// issue. What cannot be computed stays as its words without a moment.
#[must_use]
pub(crate) fn due_of(deadline: &Deadline, issued_on: Option<Date>) -> Due {
    let cutoff = deadline.cutoff.as_deref().and_then(|text| text.parse::<Time>().ok());
    let quote = Some(deadline.quote.clone());
    let (kind, at) = match deadline.kind {
        DeadlineKind::Absolute => (DueKind::Absolute, deadline.due_at.as_deref().and_then(|text| moment(text, cutoff))),
        DeadlineKind::Recurrent => {
            let rule = issued_on.zip(deadline.rule.as_deref().and_then(Rule::parse));
            let Some((day, rule)) = rule else {
                return Due { kind: DueKind::Recurrent, at: None, quote, rule: deadline.rule.clone() };
            };
            let first = rule.after(day, day).and_then(|day| closing(day, cutoff.or(rule.closing())));
            // What the rule takes from the day of issue is said from here on: nobody will remember that day.
            return Due { kind: DueKind::Recurrent, at: first, quote, rule: Some(rule.pinned(day).to_string()) };
        }
        DeadlineKind::Standing => (DueKind::Standing, None),
        DeadlineKind::Event => (DueKind::Event, None),
    };
    Due { kind, at, quote, rule: deadline.rule.clone() }
}

/// A local ISO date or datetime as an instant.
#[must_use]
pub(crate) fn moment(text: &str, cutoff: Option<Time>) -> Option<Timestamp> {
    if text.contains('T') {
        time::instant(text.parse::<DateTime>().ok()?).ok()
    } else {
        closing(text.parse().ok()?, cutoff)
    }
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
            let day: Date = day.parse().unwrap();
            let got = Rule::parse(rule).and_then(|rule| rule.after(day, day)).map(|day| day.to_string());
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
