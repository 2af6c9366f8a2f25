//! Late reports (báo cáo muộn): how many cases the last days will have once everything is in.
//!
//! Counts are kept by edition with the moment of each, so how late a unit counted can be read from them. A delay is told
//! in days up to this very hour: what a day had by this hour, a day later, two days later. So today is compared with
//! what earlier days had at the same hour.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::{Timestamp, ToSpan as _, civil::Date};
use vx_concepts::form::days_of;
use vx_epi::{
    Spread,
    nowcast::{self, Report, Settings},
};
use vx_kernel::{Path, Problem, time};
use vx_platform::{
    text_enum,
    web::{App, off_thread},
};

use crate::{
    FIGURES, World, exclusion,
    store::{self, Moment},
    types::{Source, days},
};

/// Days after which nothing is expected any more. What comes in later is a correction of the past, not a late report.
pub const DELAY_MAX: i64 = 10;
/// Delays are learned from what came in over so many days.
pub const LEARNED_FROM: i64 = 28;
/// Days of history without which nothing is said: the longest delay must have been seen a few times.
pub const HISTORY_MIN: i64 = 14;
/// The least share of a day's cases that must be in: below it an estimate is mostly guessed.
const SHARE_MIN: f64 = 0.25;
/// From this share on a day is as good as complete.
const SHARE_MAX: f64 = 0.99;

text_enum! {
    /// Why nothing is expected (lý do không ước tính).
    pub enum Quiet {
        /// The program has not counted along for long enough.
        Short = "short",
        /// Nothing came in late.
        None = "none",
        /// Everything is in: the days are too long ago.
        Over = "over",
        /// So little of the last days is in that nothing can be said of them yet.
        Early = "early",
    }
}

/// What is expected of a day.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Coming {
    /// The day.
    pub day: Date,
    /// New cases that are reported by now.
    pub reported: i64,
    /// The share of its cases that is reported by now, as estimated.
    pub share: f64,
    /// New cases once everything is in.
    pub total: Spread,
}

/// What is expected of the last days, or why nothing is.
#[derive(Clone, Debug, PartialEq)]
pub struct Late {
    /// From which day on the program has counted along, within the days that are looked at.
    pub since: Option<Date>,
    /// How many days that are.
    pub n_days: i64,
    /// Days of which more is expected, the oldest first.
    pub coming: Vec<Coming>,
    /// Why there are none.
    pub quiet: Option<Quiet>,
}

impl Late {
    /// What is expected of a day.
    #[must_use]
    pub fn of(&self, day: Date) -> Option<&Coming> {
        self.coming.iter().find(|coming| coming.day == day)
    }
}

/// A count as it was written down.
#[derive(Clone, Debug)]
pub(crate) struct Written {
    pub(crate) path: Path,
    pub(crate) day: Date,
    pub(crate) source: Source,
    pub(crate) edition: i64,
    pub(crate) figures: [Option<i64>; FIGURES],
    pub(crate) recorded_at: Timestamp,
}

/// Which source counts, by unit and day.
type Choices = HashMap<(Path, Date), Source>;

/// What is expected of the last days of a place, by what was known at a moment.
///
/// # Errors
/// When the database is away.
pub async fn read(app: &App, place: &Path, moment: &Moment) -> Result<Late, Problem> {
    let known_at = moment.known_at;
    let now = time::day_of(known_at);
    if days(moment.day, now) > DELAY_MAX {
        return Ok(Late { since: None, n_days: 0, coming: Vec::new(), quiet: Some(Quiet::Over) });
    }
    let from = now.checked_sub((LEARNED_FROM + DELAY_MAX).days()).map_err(Problem::internal)?;
    let mut conn = app.db().read().await?;
    let written = store::written(&mut conn, place, from, now, known_at).await?;
    let choices = store::choices(&mut conn, place, from, now, known_at).await?;
    let left_out = exclusion::days_left_out(&mut conn, place, from, now, known_at).await?;
    drop(conn);
    // The units alone: which lies in which.
    let world = World::new(&app.tree(), place, now, now, now);
    let node = world.at(place).ok_or_else(Problem::not_found)?;
    let until = moment.day;
    off_thread(move || expected((&world, node), &written, &choices, &left_out, until, known_at)).await?
}

/// Within how many days a count was written down, counted up to the hour of a moment.
fn delay(written: &Written, known_at: Timestamp) -> i64 {
    let (at, hour) = (time::local(written.recorded_at), time::local(known_at).time());
    let late = i64::from(at.time() > hour);
    (days(written.day, at.date()) + late).max(0)
}

/// New cases of a unit by what was written: its own, or those below it together.
fn total(world: &World, node: usize, cases: &HashMap<usize, i64>) -> Option<i64> {
    if let Some(own) = cases.get(&node) {
        return Some(*own);
    }
    let below = world.nodes[node].children.iter().filter_map(|child| total(world, *child, cases));
    below.reduce(|sum, cases| sum + cases)
}

/// New cases of a unit by its editions, of which the last one of each source stands.
fn cases(of_unit: &[&Written], chosen: Option<Source>) -> Option<i64> {
    let mut last: BTreeMap<Source, &Written> = BTreeMap::new();
    for one in of_unit {
        if last.get(&one.source).is_none_or(|other| other.edition < one.edition) {
            last.insert(one.source, one);
        }
    }
    let sources: Vec<(Source, [Option<i64>; FIGURES])> =
        last.into_values().map(|one| (one.source, one.figures)).collect();
    Some(store::filled(&sources, chosen)?[..3].iter().flatten().sum())
}

/// What was reported of each day after which delay. What is struck off later is set against what came in before it.
fn reports(
    (world, place): (&World, usize),
    written: &[Written],
    choices: &Choices,
    known_at: Timestamp,
) -> Vec<Report> {
    let mut by_day: BTreeMap<Date, Vec<(i64, usize, &Written)>> = BTreeMap::new();
    for one in written {
        let after = delay(one, known_at);
        if let Some(node) = world.at(&one.path).filter(|_| after <= DELAY_MAX) {
            by_day.entry(one.day).or_default().push((after, node, one));
        }
    }
    let mut reports = Vec::new();
    for (day, of_day) in by_day {
        let delays: BTreeSet<i64> = of_day.iter().map(|(after, ..)| *after).collect();
        let mut known: Vec<(i64, i64)> = Vec::new();
        for within in delays {
            let mut of_units: HashMap<usize, Vec<&Written>> = HashMap::new();
            for (_, node, one) in of_day.iter().filter(|(after, ..)| *after <= within) {
                of_units.entry(*node).or_default().push(one);
            }
            let of_unit = |(node, all): (usize, Vec<&Written>)| {
                let chosen = choices.get(&(all[0].path.clone(), day)).copied();
                Some((node, cases(&all, chosen)?))
            };
            let counted: HashMap<usize, i64> = of_units.into_iter().filter_map(of_unit).collect();
            if let Some(cases) = total(world, place, &counted) {
                known.push((within, cases));
            }
        }
        let mut most = i64::MAX;
        for (_, cases) in known.iter_mut().rev() {
            most = most.min(*cases);
            *cases = most;
        }
        let mut before = 0;
        for (within, cases) in known {
            let day = days_of(day);
            #[expect(clippy::cast_precision_loss, reason = "cases are far below 2^52")]
            reports.push(Report { day, reported: day + within, cases: (cases - before) as f64 });
            before = cases;
        }
    }
    reports
}

/// Works out what is expected.
pub(crate) fn expected(
    place: (&World, usize),
    written: &[Written],
    choices: &Choices,
    left_out: &BTreeSet<Date>,
    until: Date,
    known_at: Timestamp,
) -> Result<Late, Problem> {
    let now = time::day_of(known_at);
    let first = written.iter().map(|one| (one.day, time::day_of(one.recorded_at)));
    // Of days before the program counted along nobody knows when they were reported.
    let since = first.clone().map(|(_, at)| at).min().zip(first.map(|(day, _)| day).min());
    let since = since.map(|(at, day)| at.max(day));
    let n_days = since.map_or(0, |since| days(since, now) + 1);
    let quiet = |quiet| Ok(Late { since, n_days, coming: Vec::new(), quiet: Some(quiet) });
    let Some(since) = since.filter(|_| n_days >= HISTORY_MIN) else { return quiet(Quiet::Short) };
    let counted: Vec<Written> =
        written.iter().filter(|one| one.day >= since && !left_out.contains(&one.day)).cloned().collect();
    let reports = reports(place, &counted, choices, known_at);
    let is_late = |report: &&Report| {
        report.reported > report.day && report.cases > 0.0 && report.reported > days_of(now) - LEARNED_FROM
    };
    if !reports.iter().any(|report| is_late(&report)) {
        return quiet(Quiet::None);
    }
    let settings = Settings {
        delay_max: usize::try_from(DELAY_MAX).unwrap_or(0),
        learned_from: usize::try_from(LEARNED_FROM).unwrap_or(0),
        ..Settings::default()
    };
    let nowcasts = nowcast::nowcast(&reports, days_of(now), &settings).map_err(Problem::internal)?;
    let of_day: HashMap<i64, &nowcast::Nowcast> = nowcasts.iter().map(|one| (one.day, one)).collect();
    let known: BTreeSet<i64> = reports.iter().map(|report| report.day).collect();
    let (mut coming, mut is_early) = (Vec::new(), false);
    for back in (0..=DELAY_MAX).rev() {
        let day = now.checked_sub(back.days()).map_err(Problem::internal)?;
        let Some(one) = of_day.get(&days_of(day)).filter(|one| day <= until && known.contains(&one.day)) else {
            continue;
        };
        if one.share < SHARE_MIN {
            is_early = true;
        } else if one.share < SHARE_MAX && one.total.q975() > one.reported {
            #[expect(clippy::cast_possible_truncation, reason = "it was a whole number")]
            let reported = one.reported as i64;
            coming.push(Coming { day, reported, share: one.share, total: one.total });
        }
    }
    let why = if is_early { Quiet::Early } else { Quiet::Over };
    let quiet = coming.is_empty().then_some(why);
    Ok(Late { since: Some(since), n_days, coming, quiet })
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use vx_kernel::units::{Tree, read_places};

    use super::*;

    /// A province of two communes.
    fn world() -> World {
        let file = "key,parent,type,name,alt_names,from,until,lat,lon,area_km2,population\n\
                    94,,tỉnh,Sóc Trăng,,,,,,,\n1,94,xã,A,,,,,,,\n2,94,xã,B,,,,,,,\n";
        let (units, faults) = read_places(file, None);
        assert!(faults.is_empty(), "{faults:?}");
        let day = date(2021, 9, 12);
        World::new(&Tree::new(units, Vec::new()).0, &Path::root(), day, day, day)
    }

    /// What a commune counted of a day by an edition that was written down days later, at five in the afternoon.
    fn one(unit: &str, back: i64, edition: i64, after: i64, n: i64) -> Written {
        let day = date(2021, 9, 12).checked_sub(back.days()).unwrap();
        let at = day.checked_add(after.days()).unwrap().at(17, 0, 0, 0);
        Written {
            path: Path::parse(&format!("94/{unit}/")).unwrap(),
            day,
            source: Source::Unit,
            edition,
            figures: [Some(n), Some(0), Some(0), None, None, None],
            recorded_at: time::instant(at).unwrap(),
        }
    }

    fn read(written: &[Written], left_out: &[i64], hour: i8) -> Late {
        let world = world();
        let place = world.at_key("94").unwrap();
        let at = time::instant(date(2021, 9, 12).at(hour, 0, 0, 0)).unwrap();
        let seen: Vec<Written> = written.iter().filter(|one| one.recorded_at <= at).cloned().collect();
        let day = |back: &i64| date(2021, 9, 12).checked_sub(back.days()).unwrap();
        let left_out = left_out.iter().map(day).collect();
        expected((&world, place), &seen, &HashMap::new(), &left_out, date(2021, 9, 12), at).unwrap()
    }

    /// Thirty days: commune 1 counts 8 and 10 a day later, commune 2 counts 5 in the evening.
    fn history() -> Vec<Written> {
        let of_day = |back: i64| [one("1", back, 1, 0, 8), one("1", back, 2, 1, 10), one("2", back, 1, 0, 5)];
        (0..30).rev().flat_map(of_day).collect()
    }

    #[test]
    fn it_is_the_nowcast_of_the_triangle_that_the_editions_tell() {
        let late = read(&history(), &[], 20);
        assert_eq!((late.quiet, late.n_days), (None, 30));
        // By hand: thirteen of fifteen cases are there in the evening, all a day later.
        let reports = |back: i64| {
            let day = days_of(date(2021, 9, 12)) - back;
            let later = Report { day, reported: day + 1, cases: 2.0 };
            [Some(Report { day, reported: day, cases: 13.0 }), (back > 0).then_some(later)]
        };
        let reports: Vec<Report> = (0..30).rev().flat_map(reports).flatten().collect();
        let settings = Settings { delay_max: 10, learned_from: 28, ..Settings::default() };
        let wanted = nowcast::nowcast(&reports, days_of(date(2021, 9, 12)), &settings).unwrap();
        let today = late.of(date(2021, 9, 12)).unwrap();
        let last = wanted.last().unwrap();
        assert_eq!((today.reported, today.share, today.total), (13, last.share, last.total));
        assert!((today.share - 13.0 / 15.0).abs() < 0.01 && (14.0..=16.0).contains(&today.total.median()), "{today:?}");
        // What nothing more is expected of is not shown as expected.
        assert!(late.coming.iter().all(|one| one.total.q975() > f64::from(i32::try_from(one.reported).unwrap())));
    }

    #[test]
    fn the_hour_of_the_day_is_that_of_the_days_before() {
        // At four in the afternoon nobody has reported of today, and of yesterday the later case is not in.
        let late = read(&history(), &[], 16);
        assert_eq!(late.of(date(2021, 9, 12)), None);
        let yesterday = late.of(date(2021, 9, 11)).unwrap();
        assert_eq!(yesterday.reported, 13);
        assert!((yesterday.share - 13.0 / 15.0).abs() < 0.01, "{yesterday:?}");
    }

    #[test]
    fn without_history_or_late_reports_nothing_is_said() {
        let young: Vec<Written> = history().into_iter().filter(|one| one.day > date(2021, 9, 1)).collect();
        assert_eq!((read(&young, &[], 20).quiet, read(&young, &[], 20).n_days), (Some(Quiet::Short), 11));
        let punctual: Vec<Written> = history().into_iter().filter(|one| one.edition == 1).collect();
        assert_eq!(read(&punctual, &[], 20).quiet, Some(Quiet::None));
        assert_eq!(read(&[], &[], 20).quiet, Some(Quiet::Short));
        // Brought in together after three weeks: nobody knows how late those days were.
        let brought: Vec<Written> = (15..40).map(|back| one("1", back, 1, back - 12, 9)).collect();
        let late = read(&brought, &[], 20);
        assert_eq!((late.quiet, late.n_days), (Some(Quiet::Short), 13));
    }

    #[test]
    fn what_was_struck_off_or_left_out_is_not_late() {
        // Commune 2 takes one case back after two days: of two that came in late there is one more in the end.
        let mut struck = history();
        struck.extend((2..30).map(|back| one("2", back, 2, 2, 4)));
        let late = read(&struck, &[], 20);
        let today = late.of(date(2021, 9, 12)).unwrap();
        assert!((today.share - 13.0 / 14.0).abs() < 0.01 && today.total.median() == 14.0, "{today:?}");
        // A dump on one day that an officer left out teaches nothing.
        let mut dump = history();
        dump.push(one("2", 5, 2, 2, 900));
        assert_ne!(read(&dump, &[], 20).coming, read(&history(), &[], 20).coming);
        let without: Vec<Written> = history().into_iter().filter(|one| one.day != date(2021, 9, 7)).collect();
        assert_eq!(read(&dump, &[5], 20).coming, read(&without, &[], 20).coming);
    }
}
