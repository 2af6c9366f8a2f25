//! The clock of reports (kỳ báo cáo): which days a report is about, from when it may be sent, when it closes.
//!
//! The days on which a period closes are a [`Rule`] of [`recurrence`](crate::work::recurrence), so that the work items by
//! which units are reminded and the periods that a board shows are one thing (test
//! `work_comes_back_on_the_days_on_which_periods_close`).

use std::fmt;

use jiff::{
    Timestamp, ToSpan as _,
    civil::{Date, Time},
};
use vx_kernel::time;
use vx_platform::text_enum;

use crate::work::recurrence::{Rhythm, Rule, closing};

/// How long a period is (loại kỳ báo cáo).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PeriodKind {
    /// A day.
    Daily,
    /// So many days, counted from the first.
    Days(i64),
    /// Monday to Sunday. Basis: TT 54/2015/TT-BYT.
    Weekly,
    /// The administrative month: the 15th of the month before to the 14th. Basis: NĐ 09/2019/NĐ-CP, Article 12, not
    /// verified against the text; each request may close at another time.
    Month,
    /// Three of them, the last ending in March, June, September, December. Basis: as [`PeriodKind::Month`].
    Quarter,
    /// The 15th of December to the 14th of December. Basis: as [`PeriodKind::Month`].
    Year,
    /// One day, once.
    Once,
}

impl PeriodKind {
    /// Every kind, with three days for those of so many.
    pub const ALL: [Self; 7] =
        [Self::Daily, Self::Days(3), Self::Weekly, Self::Month, Self::Quarter, Self::Year, Self::Once];

    /// The word for it, without the number of days.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Daily => "daily",
            Self::Days(_) => "days",
            Self::Weekly => "weekly",
            Self::Month => "month",
            Self::Quarter => "quarter",
            Self::Year => "year",
            Self::Once => "once",
        }
    }

    /// From its text: `daily`, `days:3`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if let Some(n) = text.strip_prefix("days:") {
            return n.parse().ok().filter(|n| (2..=DAYS_MAX).contains(n)).map(Self::Days);
        }
        Self::ALL.into_iter().find(|kind| kind.word() == text && !matches!(kind, Self::Days(_)))
    }

    /// Days after the last day of a period on which it may close at the latest, so that the rule of its closing days is
    /// the same in every month.
    #[must_use]
    pub fn lag_max(self) -> i64 {
        match self {
            Self::Daily | Self::Days(_) | Self::Weekly => 6,
            Self::Month | Self::Quarter | Self::Year | Self::Once => 14,
        }
    }

    /// The last day of a period on or after a day.
    fn ending_from(self, from: Date) -> Option<Date> {
        match self {
            Self::Daily | Self::Days(_) | Self::Once => Some(from),
            Self::Weekly => {
                let left = i64::from(6 - from.weekday().to_monday_zero_offset());
                from.checked_add(left.days()).ok()
            }
            Self::Month | Self::Quarter | Self::Year => {
                let ends = |day: &Date| match self {
                    Self::Month => true,
                    Self::Quarter => day.month() % 3 == 0,
                    _ => day.month() == 12,
                };
                let this = from.with().day(14).build().ok()?;
                (0..=12).filter_map(|n: i64| this.checked_add(n.months()).ok()).find(|day| *day >= from && ends(day))
            }
        }
    }

    /// The last day of the `n`-th period after the one that ends on `last`; before it, for negative `n`.
    fn step(self, last: Date, n: i64) -> Option<Date> {
        let span = match self {
            Self::Daily => n.checked_mul(1)?.days(),
            Self::Days(days) => n.checked_mul(days)?.days(),
            Self::Weekly => n.checked_mul(7)?.days(),
            Self::Month => n.checked_mul(1)?.months(),
            Self::Quarter => n.checked_mul(3)?.months(),
            Self::Year => n.checked_mul(12)?.months(),
            Self::Once => return (n == 0).then_some(last),
        };
        last.checked_add(span).ok()
    }
}

impl fmt::Display for PeriodKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Days(n) => write!(f, "days:{n}"),
            kind => f.write_str(kind.word()),
        }
    }
}

/// Days of a period of so many, at the most.
pub const DAYS_MAX: i64 = 60;

/// The periods of a request: which, from when, closing when.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Periods {
    /// How long each is.
    pub kind: PeriodKind,
    /// The last day of the first one.
    pub anchor_on: Date,
    /// Days after its last day on which it closes.
    pub lag_days: i64,
    /// At which hour it closes; that minute still counts.
    pub closes: Time,
    /// Days before its last day from which it may be sent.
    pub window_days: i64,
}

/// One period.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Period {
    /// First day it is about.
    pub first: Date,
    /// Last day it is about, by which it is known.
    pub last: Date,
    /// From when it may be sent.
    pub opens_at: Timestamp,
    /// Until when it is in time.
    pub closes_at: Timestamp,
    /// The day on which it closes.
    pub closes_on: Date,
}

impl Periods {
    /// Periods of a kind from a day on.
    #[must_use]
    pub fn from(kind: PeriodKind, from: Date, lag_days: i64, closes: Time, window_days: i64) -> Option<Self> {
        Some(Self { kind, anchor_on: kind.ending_from(from)?, lag_days, closes, window_days })
    }

    /// The `n`-th period, the first one being 0.
    #[must_use]
    pub fn nth(&self, n: i64) -> Option<Period> {
        if n < 0 {
            return None;
        }
        let last = self.kind.step(self.anchor_on, n)?;
        let first = match self.kind {
            PeriodKind::Once => last,
            kind => kind.step(last, -1)?.tomorrow().ok()?,
        };
        let closes_on = last.checked_add(self.lag_days.days()).ok()?;
        let opens_on = last.checked_sub(self.window_days.days()).ok()?;
        let opens_at = time::instant(opens_on.at(0, 0, 0, 0)).ok()?;
        Some(Period { first, last, opens_at, closes_at: closing(closes_on, Some(self.closes))?, closes_on })
    }

    /// Which period ends on a day; none when no period does.
    #[must_use]
    pub fn number(&self, last: Date) -> Option<i64> {
        let n = self.about(last);
        (n >= 0 && self.nth(n)?.last == last).then_some(n)
    }

    /// The period that ends on a day.
    #[must_use]
    pub fn ending(&self, last: Date) -> Option<Period> {
        self.nth(self.number(last)?)
    }

    /// About which period a day lies in; exact for last days.
    fn about(&self, day: Date) -> i64 {
        let days = i64::from((day - self.anchor_on).get_days());
        let months = |day: Date| i64::from(day.year()) * 12 + i64::from(day.month());
        let months = months(day) - months(self.anchor_on);
        match self.kind {
            PeriodKind::Daily => days,
            PeriodKind::Days(n) => days.div_euclid(n),
            PeriodKind::Weekly => days.div_euclid(7),
            PeriodKind::Month => months,
            PeriodKind::Quarter => months.div_euclid(3),
            PeriodKind::Year => months.div_euclid(12),
            PeriodKind::Once => 0,
        }
    }

    /// The number of the newest period that may be sent by now; none before the first one opens.
    #[must_use]
    pub fn newest(&self, now: Timestamp) -> Option<i64> {
        let opened = |n: i64| self.nth(n).is_some_and(|period| period.opens_at <= now);
        let mut n = self.about(time::day_of(now)).max(0);
        while n > 0 && !opened(n) {
            n -= 1;
        }
        while opened(n + 1) {
            n += 1;
        }
        opened(n).then_some(n)
    }

    /// The last periods that may be sent by now, the newest first.
    #[must_use]
    pub fn recent(&self, now: Timestamp, most: usize) -> Vec<Period> {
        let Some(newest) = self.newest(now) else { return Vec::new() };
        (0..=newest).rev().take(most).filter_map(|n| self.nth(n)).collect()
    }

    /// The rule of the days on which it closes, for the work items by which units are reminded; none for what is once.
    #[must_use]
    pub fn rule(&self) -> Option<Rule> {
        let day = self.nth(0)?.closes_on;
        let (interval, rhythm) = match self.kind {
            PeriodKind::Daily => (1, Rhythm::Daily),
            PeriodKind::Days(n) => (n, Rhythm::Daily),
            PeriodKind::Weekly => (1, Rhythm::Weekly(vec![day.weekday()])),
            PeriodKind::Month => (1, Rhythm::Monthly(vec![day.day()])),
            PeriodKind::Quarter => (3, Rhythm::Monthly(vec![day.day()])),
            PeriodKind::Year => (1, Rhythm::Yearly(Some((day.month(), day.day())))),
            PeriodKind::Once => return None,
        };
        Some(Rule { interval, rhythm, hours: Vec::new() })
    }

    /// The periods that close on the days of a rule, counted from one of its days: what a dispatch set. None for
    /// rhythms that no period has, such as several weekdays.
    #[must_use]
    pub fn closing_by(rule: &Rule, closes_on: Date, closes: Time) -> Option<Self> {
        let kind = match (&rule.rhythm, rule.interval) {
            (Rhythm::Daily, 1) => PeriodKind::Daily,
            (Rhythm::Daily, n @ 2..=DAYS_MAX) => PeriodKind::Days(n),
            (Rhythm::Weekly(days), 1) if days.len() <= 1 => PeriodKind::Weekly,
            (Rhythm::Monthly(days), 1) if days.len() <= 1 => PeriodKind::Month,
            (Rhythm::Monthly(days), 3) if days.len() <= 1 => PeriodKind::Quarter,
            (Rhythm::Yearly(_), 1) => PeriodKind::Year,
            _ => return None,
        };
        // The period before the closing day: the nearest last day that leaves no more than the longest lag.
        let lag = (0..=kind.lag_max())
            .find(|lag| closes_on.checked_sub(lag.days()).is_ok_and(|last| kind.ending_from(last) == Some(last)))?;
        let anchor_on = closes_on.checked_sub(lag.days()).ok()?;
        Some(Self { kind, anchor_on, lag_days: lag, closes, window_days: 0 })
    }
}

text_enum! {
    /// Where the report of a unit and period stands (trạng thái báo cáo): computed, never typed in.
    pub enum Standing {
        /// It may not be sent yet (chưa đến kỳ).
        NotDue = "not_due",
        /// It may be sent and is not late (chờ gửi).
        Open = "open",
        /// Sent in time (đã gửi).
        Sent = "sent",
        /// Sent after it closed (gửi trễ).
        Late = "late",
        /// Closed and not sent (chưa gửi, quá hạn).
        Missing = "missing",
        /// Sent, and put right since (đã đính chính).
        Corrected = "corrected",
        /// The unit above has endorsed what was sent last (đã xác nhận).
        Endorsed = "endorsed",
    }
}

/// What is known of the report of a unit and period.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Received {
    /// When the first edition was sent.
    pub first_at: Timestamp,
    /// Which edition is the last.
    pub edition: i64,
    /// Whether that one was endorsed.
    pub endorsed: bool,
}

impl Period {
    /// Where a report of this period stands.
    #[must_use]
    pub fn standing(&self, received: Option<Received>, now: Timestamp) -> Standing {
        match received {
            Some(received) if received.endorsed => Standing::Endorsed,
            Some(received) if received.edition > 1 => Standing::Corrected,
            Some(received) if received.first_at > self.closes_at => Standing::Late,
            Some(_) => Standing::Sent,
            None if now < self.opens_at => Standing::NotDue,
            None if now <= self.closes_at => Standing::Open,
            None => Standing::Missing,
        }
    }

    /// Whether the first edition came too late, whatever became of it since.
    #[must_use]
    pub fn is_late(&self, received: Received) -> bool {
        received.first_at > self.closes_at
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn periods(kind: &str, from: &str, lag: i64, closes: &str, window: i64) -> Periods {
        let closes = closes.parse().unwrap();
        Periods::from(PeriodKind::parse(kind).unwrap(), from.parse().unwrap(), lag, closes, window).unwrap()
    }

    fn at(text: &str) -> Timestamp {
        time::instant(text.parse().unwrap()).unwrap()
    }

    #[test]
    fn periods_run_over_month_ends_leap_days_and_tet() {
        for (kind, from, expected) in [
            ("daily", "2020-02-28", "28/02-28/02 29/02-29/02 01/03-01/03"),
            ("days:3", "2021-08-29", "27/08-29/08 30/08-01/09 02/09-04/09"),
            // Giao thừa is 31 January 2022, mùng 1 is 1 February.
            ("days:3", "2022-01-29", "27/01-29/01 30/01-01/02 02/02-04/02"),
            ("weekly", "2021-09-13", "13/09-19/09 20/09-26/09 27/09-03/10"),
            ("weekly", "2021-09-12", "06/09-12/09 13/09-19/09 20/09-26/09"),
            ("month", "2021-09-14", "15/08-14/09 15/09-14/10 15/10-14/11"),
            ("month", "2021-09-15", "15/09-14/10 15/10-14/11 15/11-14/12"),
            ("month", "2022-01-31", "15/01-14/02 15/02-14/03 15/03-14/04"),
            ("quarter", "2021-09-15", "15/09-14/12 15/12-14/03 15/03-14/06"),
            ("year", "2021-09-15", "15/12-14/12 15/12-14/12 15/12-14/12"),
        ] {
            let periods = periods(kind, from, 0, "17:00", 0);
            let say = |n| {
                let period = periods.nth(n).unwrap();
                format!("{}-{}", period.first.strftime("%d/%m"), period.last.strftime("%d/%m"))
            };
            assert_eq!([0, 1, 2].map(say).join(" "), expected, "{kind} from {from}");
        }
        let once = periods("once", "2021-09-15", 0, "10:00", 0);
        assert_eq!((once.nth(0).unwrap().first, once.nth(1)), ("2021-09-15".parse().unwrap(), None));
    }

    #[test]
    fn a_period_opens_closes_and_is_known_by_its_last_day() {
        for (kind, from, lag, closes, window, expected) in [
            ("daily", "2021-09-12", 0, "17:00", 0, "2021-09-12T00:00 2021-09-12T17:00"),
            ("daily", "2021-09-12", 1, "08:00", 0, "2021-09-12T00:00 2021-09-13T08:00"),
            ("days:3", "2021-09-12", 0, "17:00", 2, "2021-09-10T00:00 2021-09-12T17:00"),
            ("weekly", "2021-09-12", 2, "14:00", 0, "2021-09-12T00:00 2021-09-14T14:00"),
            ("month", "2022-02-01", 3, "17:00", 1, "2022-02-13T00:00 2022-02-17T17:00"),
        ] {
            let periods = periods(kind, from, lag, closes, window);
            let period = periods.nth(0).unwrap();
            let local = |at| time::local(at).strftime("%Y-%m-%dT%H:%M").to_string();
            assert_eq!(format!("{} {}", local(period.opens_at), local(period.closes_at)), expected, "{kind}");
            for n in 0..40 {
                let period = periods.nth(n).unwrap();
                assert_eq!(periods.number(period.last), Some(n), "{kind} {n}");
                let next = period.last.tomorrow().unwrap();
                assert_eq!(periods.number(next).is_some(), kind == "daily", "no other day is the last: {kind} {n}");
            }
        }
    }

    #[test]
    fn the_closing_minute() {
        let periods = periods("daily", "2021-09-12", 0, "17:00", 0);
        let period = periods.nth(0).unwrap();
        let sent = |text: &str| Some(Received { first_at: at(text), edition: 1, endorsed: false });
        for (received, now, expected) in [
            (None, "2021-09-11T23:59:59", Standing::NotDue),
            (None, "2021-09-12T00:00:00", Standing::Open),
            (None, "2021-09-12T17:00:00", Standing::Open),
            (None, "2021-09-12T17:00:01", Standing::Missing),
            (sent("2021-09-12T16:59:59"), "2021-09-12T18:00", Standing::Sent),
            (sent("2021-09-12T17:00:00"), "2021-09-12T18:00", Standing::Sent),
            (sent("2021-09-12T17:00:01"), "2021-09-12T18:00", Standing::Late),
            (
                sent("2021-09-12T17:00:01").map(|r| Received { edition: 2, ..r }),
                "2021-09-12T18:00",
                Standing::Corrected,
            ),
            (
                sent("2021-09-12T10:00").map(|r| Received { edition: 2, endorsed: true, ..r }),
                "2021-09-12T18:00",
                Standing::Endorsed,
            ),
        ] {
            assert_eq!(period.standing(received, at(now)), expected, "{received:?} {now}");
        }
        assert!(period.is_late(Received { first_at: at("2021-09-12T17:00:01"), edition: 2, endorsed: true }));
    }

    #[test]
    fn the_newest_period_is_the_last_that_opened() {
        for (kind, from, window, now, expected) in [
            ("daily", "2021-09-12", 0, "2021-09-11T23:59", None),
            ("daily", "2021-09-12", 0, "2021-09-12T00:00", Some("2021-09-12")),
            ("daily", "2021-09-12", 0, "2022-02-01T06:00", Some("2022-02-01")),
            ("daily", "2021-09-12", 1, "2021-09-12T06:00", Some("2021-09-13")),
            ("days:3", "2021-09-12", 0, "2021-09-17T23:00", Some("2021-09-15")),
            ("days:3", "2021-09-12", 2, "2021-09-16T00:00", Some("2021-09-18")),
            ("weekly", "2021-09-12", 0, "2021-09-18T12:00", Some("2021-09-12")),
            ("month", "2021-09-01", 0, "2021-10-13T12:00", Some("2021-09-14")),
            ("month", "2021-09-01", 3, "2021-10-13T12:00", Some("2021-10-14")),
            ("year", "2021-09-01", 0, "2023-12-13T12:00", Some("2022-12-14")),
            ("once", "2021-09-12", 0, "2023-01-01T00:00", Some("2021-09-12")),
        ] {
            let periods = periods(kind, from, 0, "17:00", window);
            let got = periods.newest(at(now)).and_then(|n| periods.nth(n)).map(|period| period.last.to_string());
            assert_eq!(got.as_deref(), expected, "{kind} {now}");
        }
        let recent = periods("daily", "2021-09-12", 0, "17:00", 0).recent(at("2021-09-14T06:00"), 30);
        assert_eq!(recent.iter().map(|period| period.last.day()).collect::<Vec<_>>(), [14, 13, 12]);
    }

    #[test]
    fn work_comes_back_on_the_days_on_which_periods_close() {
        for (kind, from, lag) in [
            ("daily", "2021-09-12", 0),
            ("daily", "2021-09-12", 1),
            ("days:3", "2021-08-29", 0),
            ("weekly", "2021-09-12", 2),
            ("month", "2021-08-20", 0),
            ("month", "2021-08-20", 14),
            ("quarter", "2021-09-15", 5),
            ("year", "2021-09-15", 10),
        ] {
            let periods = periods(kind, from, lag, "17:00", 0);
            let (rule, mut day) = (periods.rule().unwrap(), periods.nth(0).unwrap().closes_on);
            let anchor = day;
            let read = Periods::closing_by(&rule, anchor, periods.closes).unwrap();
            assert_eq!(read.kind, periods.kind, "{kind} {lag}");
            assert_eq!(read.nth(7).unwrap().closes_at, periods.nth(7).unwrap().closes_at, "{kind} {lag}");
            for n in 1..30 {
                day = rule.after(anchor, day).unwrap();
                assert_eq!(periods.nth(n).unwrap().closes_on, day, "{kind} {lag} {n}");
            }
        }
    }

    #[test]
    fn a_kind_and_its_text_are_the_same() {
        for text in ["daily", "days:3", "weekly", "month", "quarter", "year", "once"] {
            assert_eq!(PeriodKind::parse(text).map(|kind| kind.to_string()).as_deref(), Some(text));
        }
        for bad in ["", "days", "days:1", "days:61", "days:x", "hourly"] {
            assert_eq!(PeriodKind::parse(bad), None, "{bad}");
        }
    }
}
