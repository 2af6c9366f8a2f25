//! Work that comes back (việc định kỳ): each occurrence is a work item of its own, opened by the clock.

use jiff::{
    Timestamp,
    civil::{Date, Time},
};
use vx_kernel::{Id, Path, Problem, ids, time};
use vx_platform::{
    record,
    store::{Conn, Record as _, Sql, Uuid},
    text_enum,
};

use super::{Due, DueKind, NewWork, Urgency, WorkItem, recurrence, recurrence::Rule, soon};

text_enum! {
    /// Whether a series goes on.
    pub enum SeriesState {
        /// The next occurrence will come.
        Running = "running",
        /// No occurrence comes any more.
        Ended = "ended",
    }
}

record! {
    /// Work that comes back by a rule. `path` is the unit that leads each occurrence.
    pub struct WorkSeries[ids::Series] in "work_series" {
        /// The record it is about: the dispatch it came from.
        pub about: Uuid,
        /// How that record is called in lists.
        pub source: String,
        /// The unit that assigned it; it confirms each occurrence and ends the series.
        pub assigner: Path,
        /// Units that help, separated by spaces.
        pub cooperating: String,
        /// What is to be done, in a line.
        pub title: String,
        /// What is to be done, in the words of the order.
        pub detail: String,
        /// Which clause of the dispatch.
        pub clause: Option<String>,
        /// Urgency of the dispatch.
        pub urgency: Option<Urgency>,
        /// The words that set the rhythm.
        pub quote: Option<String>,
        /// RFC 5545 rule, complete in itself.
        pub rule: String,
        /// Hour at which an occurrence closes; the end of the day without one.
        pub cutoff: Option<String>,
        /// The day from which the rule counts.
        pub anchor_on: Date,
        /// Last day on which an occurrence may fall.
        pub until_on: Option<Date>,
        /// Whether it goes on.
        pub state: SeriesState,
        /// Day of the last occurrence that was opened.
        pub last_on: Option<Date>,
        /// Day of the next one.
        pub next_on: Option<Date>,
        /// When the next one is opened.
        pub next_at: Option<Timestamp>,
        /// Occurrences that were never opened, because the program did not run while they were due.
        pub missed: i64,
        /// The request for reports that each occurrence answers by a form.
        pub request: Option<Id<ids::Request>>,
    }
}

/// The occurrence that the clock opens now, and how many before it went by.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Coming {
    /// Its day.
    pub on: Date,
    /// Occurrences between the last one and this one that nobody will open.
    pub missed: i64,
}

/// The rule of a deadline that comes back, its first day and the hour at which a day closes.
fn rhythm_of(first: Timestamp, rule: &str) -> Option<(Rule, Date, Option<Time>)> {
    let due = time::local(first);
    let cutoff = (due.time() != Time::constant(23, 59, 59, 0)).then_some(due.time());
    Some((Rule::parse(rule)?.pinned(due.date()), due.date(), cutoff))
}

/// Occurrences that may have gone by unopened: a daily one over ten years.
const MISSED_MAX: i64 = 4_000;

impl WorkSeries {
    /// The series that a work item begins: one with a rule and a first moment that is no occurrence already.
    #[must_use]
    pub fn begun_by(item: &WorkItem, cooperating: &[Path]) -> Option<Self> {
        if item.due_kind != DueKind::Recurrent || item.series.is_some() || item.parent.is_some() {
            return None;
        }
        let (rule, first, cutoff) = rhythm_of(item.due_at?, item.due_rule.as_deref()?)?;
        Some(Self { last_on: Some(first), ..Self::new(item, cooperating, &rule, first, cutoff) }.planned())
    }

    /// The series as another deadline sets it: the rule counts from that moment on. It ends where that deadline does not
    /// come back.
    #[must_use]
    pub fn set_by(self, due: &Due) -> Self {
        let said = due.at.zip(due.rule.as_deref()).filter(|_| due.kind == DueKind::Recurrent);
        let Some((rule, first, cutoff)) = said.and_then(|(at, rule)| rhythm_of(at, rule)) else {
            return self.ended();
        };
        // With only the first occurrence there so far, that one is meant.
        let last_on = self.last_on.map(|last| if last == self.anchor_on { first } else { last });
        Self {
            rule: rule.to_string(),
            cutoff: cutoff.map(|cutoff| cutoff.to_string()),
            quote: due.quote.clone(),
            anchor_on: first,
            last_on,
            ..self
        }
        .planned()
    }

    /// The series that checks a standing duty by a rule, from the day after `since`.
    #[must_use]
    pub fn checking(
        item: &WorkItem,
        cooperating: &[Path],
        rule: &Rule,
        since: Date,
        cutoff: Option<Time>,
        until_on: Option<Date>,
    ) -> Self {
        Self { until_on, ..Self::new(item, cooperating, &rule.clone().pinned(since), since, cutoff) }.planned()
    }

    fn new(item: &WorkItem, cooperating: &[Path], rule: &Rule, anchor_on: Date, cutoff: Option<Time>) -> Self {
        Self {
            id: Id::fresh(),
            path: item.path.clone(),
            version: 0,
            about: item.about,
            source: item.source.clone(),
            assigner: item.assigner.clone(),
            cooperating: cooperating.iter().map(Path::as_str).collect::<Vec<_>>().join(" "),
            title: item.title.clone(),
            detail: item.detail.clone(),
            clause: item.clause.clone(),
            urgency: item.urgency,
            quote: item.due_quote.clone(),
            rule: rule.to_string(),
            cutoff: cutoff.map(|cutoff| cutoff.to_string()),
            anchor_on,
            until_on: None,
            state: SeriesState::Running,
            last_on: None,
            next_on: None,
            next_at: None,
            missed: 0,
            request: item.request,
        }
    }

    /// The deadline of the occurrence of a day.
    #[must_use]
    pub fn deadline_on(&self, day: Date) -> Due {
        Due { kind: DueKind::Recurrent, at: self.due_on(day), quote: self.quote.clone(), rule: Some(self.rule.clone()) }
    }

    /// Units that help.
    #[must_use]
    pub fn cooperators(&self) -> Vec<Path> {
        self.cooperating.split_whitespace().filter_map(|path| Path::parse(path).ok()).collect()
    }

    /// When the occurrence of a day is due.
    #[must_use]
    pub fn due_on(&self, day: Date) -> Option<Timestamp> {
        let cutoff = self.cutoff.as_deref().and_then(|text| text.parse().ok());
        recurrence::closing(day, cutoff)
    }

    /// The first day after `day` on which an occurrence falls.
    fn day_after(&self, day: Date) -> Option<Date> {
        let next = Rule::parse(&self.rule)?.after(self.anchor_on, day)?;
        self.until_on.is_none_or(|until| next <= until).then_some(next)
    }

    /// An occurrence appears when the one before is due, or when it is itself due soon: whichever comes later.
    fn opens_at(&self, before: Option<Date>, day: Date) -> Option<Timestamp> {
        let due = self.due_on(day)?;
        let near = due.checked_sub(soon(self.urgency, due)).ok()?;
        Some(before.and_then(|before| self.due_on(before)).map_or(near, |before| before.max(near)))
    }

    /// The series with its next occurrence computed; ended where there is none.
    #[must_use]
    pub fn planned(self) -> Self {
        let next_on = self.day_after(self.last_on.unwrap_or(self.anchor_on));
        let next_at = next_on.and_then(|day| self.opens_at(self.last_on, day));
        let state = if next_at.is_some() { self.state } else { SeriesState::Ended };
        Self { next_on: next_on.filter(|_| next_at.is_some()), next_at, state, ..self }
    }

    /// The series without anything to come.
    #[must_use]
    pub fn ended(self) -> Self {
        Self { state: SeriesState::Ended, next_on: None, next_at: None, ..self }
    }

    /// What is to be opened at `now`. When the program stood still over several occurrences, only the latest of them:
    /// last week's daily reports are of no use to anybody, and a desk flooded with them hides today's.
    #[must_use]
    pub fn coming(&self, now: Timestamp) -> Option<Coming> {
        if self.state != SeriesState::Running || self.next_at? > now {
            return None;
        }
        let mut coming = Coming { on: self.next_on?, missed: 0 };
        while coming.missed < MISSED_MAX
            && let Some(next) = self.day_after(coming.on)
            && self.opens_at(Some(coming.on), next).is_some_and(|at| at <= now)
        {
            coming = Coming { on: next, missed: coming.missed + 1 };
        }
        Some(coming)
    }

    /// The series after that occurrence was opened.
    #[must_use]
    pub fn after(&self, coming: Coming) -> Self {
        Self { last_on: Some(coming.on), missed: self.missed + coming.missed, ..self.clone() }.planned()
    }

    /// The work item of a day.
    #[must_use]
    pub fn occurrence(&self, day: Date) -> WorkItem {
        let item = WorkItem::new(NewWork {
            lead: self.path.clone(),
            assigner: self.assigner.clone(),
            about: self.about,
            source: self.source.clone(),
            title: self.title.clone(),
            detail: self.detail.clone(),
            clause: self.clause.clone(),
            urgency: self.urgency,
            due: self.deadline_on(day),
        });
        WorkItem { series: Some(self.id), occurs_on: Some(day), request: self.request, ..item }
    }
}

/// The running series about a record: what comes back by its orders.
///
/// # Errors
/// When the database is away.
pub async fn running_series(conn: &mut Conn, about: Uuid, limit: i64) -> Result<Vec<WorkSeries>, Problem> {
    let sql = Sql::new("select ").sql(WorkSeries::SELECT).sql(" from work_series where tenant = ").bind(conn.tenant());
    let sql = sql.sql(" and about = ").bind(about).sql(" and state = ").bind(SeriesState::Running);
    conn.rows(sql.sql(" order by id limit ").bind(limit)).await?.iter().map(WorkSeries::read).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(due: &str, rule: &str, urgency: Option<Urgency>) -> WorkItem {
        let path = |text: &str| Path::parse(text).unwrap();
        WorkItem::new(NewWork {
            lead: path("94/941/"),
            assigner: path("94/"),
            about: Uuid::nil(),
            source: "1/UBND-VX".to_owned(),
            title: "Báo cáo kết quả".to_owned(),
            detail: String::new(),
            clause: None,
            urgency,
            due: Due {
                kind: DueKind::Recurrent,
                at: Some(due.parse().unwrap()),
                quote: None,
                rule: Some(rule.to_owned()),
            },
        })
    }

    fn series(due: &str, rule: &str) -> WorkSeries {
        WorkSeries::begun_by(&item(due, rule, None), &[]).unwrap()
    }

    #[test]
    fn an_occurrence_appears_when_the_one_before_is_due_or_it_is_due_soon_itself() {
        for (rule, due, expected) in [
            // 17:00 in Việt Nam is 10:00 UTC. Daily: when yesterday's closes.
            ("FREQ=DAILY", "2021-09-10T10:00:00Z", "2021-09-11 from 2021-09-10T10:00:00Z"),
            ("FREQ=DAILY;INTERVAL=3", "2021-09-10T10:00:00Z", "2021-09-13 from 2021-09-10T10:00:00Z"),
            // Weekly and monthly: three days before it is due.
            ("FREQ=WEEKLY", "2021-09-10T10:00:00Z", "2021-09-17 from 2021-09-14T10:00:00Z"),
            ("FREQ=MONTHLY;BYMONTHDAY=31", "2022-01-31T16:59:59Z", "2022-02-28 from 2022-02-25T16:59:59Z"),
        ] {
            let series = series(due, rule);
            let got = format!("{} from {}", series.next_on.unwrap(), series.next_at.unwrap());
            assert_eq!(got, expected, "{rule}");
        }
        let urgent =
            WorkSeries::begun_by(&item("2021-09-10T10:00:00Z", "FREQ=WEEKLY", Some(Urgency::HoaToc)), &[]).unwrap();
        assert_eq!(urgent.next_at.unwrap().to_string(), "2021-09-16T10:00:00Z", "one day before when hỏa tốc");
    }

    #[test]
    fn days_run_on_over_month_ends_leap_days_and_tet() {
        for (rule, due, expected) in [
            ("FREQ=MONTHLY", "2022-01-31T16:59:59Z", "2022-02-28 2022-03-31 2022-04-30"),
            ("FREQ=MONTHLY", "2020-01-31T16:59:59Z", "2020-02-29 2020-03-31 2020-04-30"),
            ("FREQ=DAILY;INTERVAL=3", "2021-08-29T10:00:00Z", "2021-09-01 2021-09-04 2021-09-07"),
            // Giao thừa is 31 January 2022, mùng 1 is 1 February.
            ("FREQ=DAILY", "2022-01-30T10:00:00Z", "2022-01-31 2022-02-01 2022-02-02"),
            ("FREQ=DAILY;INTERVAL=3", "2022-01-29T10:00:00Z", "2022-02-01 2022-02-04 2022-02-07"),
            ("FREQ=WEEKLY;BYDAY=TU", "2022-01-25T10:00:00Z", "2022-02-01 2022-02-08 2022-02-15"),
        ] {
            let mut series = series(due, rule);
            let mut days = Vec::new();
            for _ in 0..3 {
                let coming = series.coming(series.next_at.unwrap()).unwrap();
                assert_eq!(coming.missed, 0, "{rule}");
                days.push(coming.on.to_string());
                series = series.after(coming);
            }
            assert_eq!(days.join(" "), expected, "{rule}");
        }
    }

    #[test]
    fn after_a_gap_only_the_latest_is_opened_and_the_others_are_counted() {
        let daily = series("2021-09-10T10:00:00Z", "FREQ=DAILY");
        for (now, expected) in [
            ("2021-09-10T09:59:59Z", None),
            ("2021-09-10T10:00:00Z", Some(("2021-09-11", 0))),
            ("2021-09-11T09:59:59Z", Some(("2021-09-11", 0))),
            ("2021-09-11T10:00:00Z", Some(("2021-09-12", 1))),
            ("2021-09-17T12:00:00Z", Some(("2021-09-18", 7))),
        ] {
            let got = daily.coming(now.parse().unwrap()).map(|coming| (coming.on.to_string(), coming.missed));
            assert_eq!(got, expected.map(|(on, missed)| (on.to_owned(), missed)), "{now}");
        }
    }

    #[test]
    fn a_series_ends_with_its_last_day() {
        let mut series = WorkSeries {
            until_on: Some("2021-09-12".parse().unwrap()),
            ..series("2021-09-10T10:00:00Z", "FREQ=DAILY")
        };
        for expected in ["2021-09-11", "2021-09-12"] {
            let coming = series.coming("2021-09-30T00:00:00Z".parse().unwrap()).unwrap();
            // The gap leaves the latest that the last day allows.
            assert_eq!(coming.on.to_string(), "2021-09-12");
            let coming = Coming { on: expected.parse().unwrap(), missed: 0 };
            series = series.after(coming);
        }
        assert_eq!((series.state, series.next_at), (SeriesState::Ended, None));
    }

    #[test]
    fn an_occurrence_closes_at_its_minute() {
        use super::super::{Timeliness, WorkState};
        let item = series("2021-09-10T10:00:00Z", "FREQ=DAILY").occurrence("2021-09-11".parse().unwrap());
        for (reported, in_time) in [("2021-09-11T10:00:00Z", true), ("2021-09-11T10:00:01Z", false)] {
            let at: Timestamp = reported.parse().unwrap();
            let done = WorkItem { state: WorkState::Reported, reported_at: Some(at), ..item.clone() };
            assert_eq!(done.timeliness(at) == Timeliness::DoneInTime, in_time, "{reported}");
            assert_eq!(matches!(item.timeliness(at), Timeliness::Overdue { .. }), !in_time, "{reported}");
        }
    }

    #[test]
    fn what_begins_a_series() {
        let first = item("2021-09-10T10:00:00Z", "FREQ=DAILY", None);
        let begins = |item: &WorkItem| WorkSeries::begun_by(item, &[]).is_some();
        assert!(begins(&first));
        assert!(!begins(&first.part_for(Path::parse("94/941/31732/").unwrap())), "a part is the whole's business");
        assert!(!begins(&series("2021-09-10T10:00:00Z", "FREQ=DAILY").occurrence("2021-09-11".parse().unwrap())));
        assert!(!begins(&WorkItem { due_rule: Some("FREQ=HOURLY".to_owned()), ..first.clone() }));
        assert!(!begins(&WorkItem { due_kind: DueKind::Standing, due_at: None, ..first }));
    }
}
