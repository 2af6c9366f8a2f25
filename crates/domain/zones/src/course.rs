//! How an epidemic goes in a unit (diễn biến dịch): cases by day, R with its uncertainty, growth, alarms, doubtful days.
//!
//! What is computed here is `vx-epi`'s; this says of which figures. Days that nobody reported and days that an officer left
//! out enter no sum, and infect as their neighbours do.

use std::collections::HashMap;

use jiff::{ToSpan as _, civil::Date};
use vx_epi::{
    Fault, Missing, SerialInterval, Series, Spread,
    ears::{self, Method},
    growth::{Rate, growth},
    reproduction::{Cori, Incidence, Prior, Window},
};
use vx_kernel::{Path, Problem, units::Tree};
use vx_platform::store::Db;

use crate::{
    FIGURES, Figure, Stand, World,
    exclusion::{self, Exclusion},
    store::{self, Moment},
    types::days,
};

/// Days that can be looked at together, besides those before them that windows need.
pub const DAYS_MAX: i64 = 90;
/// Days before the first one that a world knows: the longest window of any indicator, less a day.
const BEFORE: i64 = 13;
/// Days that R is estimated over.
pub const R_WINDOW: usize = 7;
/// Days that growth is estimated over.
pub const GROWTH_WINDOW: usize = 14;
/// Days of the moving average.
const MEAN_WINDOW: usize = 7;
/// The largest coefficient of variation of R that is shown (Cori et al. 2013, web appendix 4): with fewer cases there is
/// no estimate rather than one that means nothing.
const VARIATION_MAX: f64 = 0.3;
/// The least standard deviation of a baseline, in cases: after days without any, one case alone is no alarm.
pub const SD_MIN: f64 = 0.5;

/// How long from the onset of a case to the onset of those whom it infected (khoảng nối tiếp), in days.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// Mean.
    pub mean: f64,
    /// Standard deviation.
    pub sd: f64,
}

impl Interval {
    /// COVID-19: 4.7 days with a standard deviation of 2.9 (Nishiura, Linton and Akhmetzhanov, *Serial interval of novel
    /// coronavirus (COVID-19) infections*, International Journal of Infectious Diseases 93 (2020) 284-286).
    pub const COVID_19: Self = Self { mean: 4.7, sd: 2.9 };

    /// An interval that somebody states.
    ///
    /// # Errors
    /// `zones.course.interval` when no disease has such a one.
    pub fn stated(mean: f64, sd: f64) -> Result<Self, Problem> {
        if (1.1..=60.0).contains(&mean) && (0.2..=60.0).contains(&sd) {
            Ok(Self { mean, sd })
        } else {
            Err(Problem::refused("zones.course.interval"))
        }
    }
}

/// A day of a unit.
#[derive(Clone, Debug, PartialEq)]
pub struct CourseDay {
    /// The day.
    pub day: Date,
    /// Whether the unit, or anybody below it, reported.
    pub reported: bool,
    /// The figures in the order of [`Figure::ALL`].
    pub figures: [i64; FIGURES],
    /// Whether an officer left it out.
    pub left_out: bool,
    /// What its neighbours let expect, where its count does not fit to them.
    pub expected: Option<f64>,
    /// Mean of the new cases of the last seven days that count.
    pub mean: Option<f64>,
    /// R of the seven days up to this one.
    pub r: Option<Spread>,
    /// Whether EARS C1, C2, C3 give an alarm; none where their history is not known.
    pub alarms: [Option<bool>; 3],
}

impl CourseDay {
    /// New community cases.
    #[must_use]
    pub fn community(&self) -> i64 {
        self.figures[Figure::Traced as usize] + self.figures[Figure::Untraced as usize]
    }
    /// New cases in quarantine and at the border.
    #[must_use]
    pub fn quarantined(&self) -> i64 {
        self.figures[Figure::Other as usize]
    }
    /// All new cases.
    #[must_use]
    pub fn cases(&self) -> i64 {
        self.community() + self.quarantined()
    }
    /// How many of the three methods give an alarm.
    #[must_use]
    pub fn n_alarms(&self) -> usize {
        self.alarms.iter().filter(|alarm| **alarm == Some(true)).count()
    }
    /// Whether its figures enter sums and estimates.
    #[must_use]
    pub fn counts(&self) -> bool {
        self.reported && !self.left_out
    }
}

/// How an epidemic went in a unit.
#[derive(Clone, Debug, PartialEq)]
pub struct Course {
    /// Days, the oldest first; never empty.
    pub days: Vec<CourseDay>,
    /// How fast community cases grow, over the last days.
    pub growth: Option<Rate>,
    /// Inhabitants.
    pub people: Option<i64>,
}

impl Course {
    /// The days that somebody wants to see.
    #[must_use]
    pub fn last(&self, n: usize) -> &[CourseDay] {
        &self.days[self.days.len().saturating_sub(n)..]
    }
    /// New cases of the last days, those left out included: they are figures all the same.
    #[must_use]
    pub fn cases(&self, n: usize) -> i64 {
        self.last(n).iter().map(CourseDay::cases).sum()
    }
    /// New community cases of the last days to 100,000 inhabitants, in tenths.
    #[must_use]
    pub fn rate(&self, n: usize) -> Option<i64> {
        rate(self.last(n).iter().map(CourseDay::community).sum(), self.people)
    }
}

/// Cases to 100,000 inhabitants, in tenths; none where nobody knows how many live there.
#[must_use]
pub fn rate(cases: i64, people: Option<i64>) -> Option<i64> {
    let people = people.filter(|people| *people > 0)?;
    Some((cases * 2_000_000 + people) / (2 * people))
}

/// The figures of a place and of everything below it, with the days that were left out.
#[derive(Clone, Debug)]
pub struct Counted {
    /// The figures.
    pub world: World,
    /// Days that are left out.
    pub left_out: HashMap<(Path, Date), Exclusion>,
    first: Date,
    last: Date,
}

/// Reads the figures of a place over so many days up to one, and of the two weeks before them.
///
/// # Errors
/// When the database is away.
pub async fn counted(db: &Db, tree: &Tree, place: &Path, n_days: i64, moment: &Moment) -> Result<Counted, Problem> {
    let first = moment.day.checked_sub((n_days.clamp(1, DAYS_MAX) - 1).days()).map_err(Problem::internal)?;
    let world = store::world(db, tree, place, first, moment.day, moment.known_at).await?;
    let first = first.checked_sub(BEFORE.days()).map_err(Problem::internal)?;
    let mut conn = db.read().await?;
    let left_out = exclusion::left_out(&mut conn, place, first, moment.day, moment.known_at).await?;
    Ok(Counted { world, left_out, first, last: moment.day })
}

/// What estimates go by; it remembers quantiles, so keep it for many units.
pub struct Estimates {
    interval: SerialInterval,
    cori: Cori,
    cases_needed: f64,
}

impl Estimates {
    /// By a serial interval.
    ///
    /// # Errors
    /// When no gamma distribution is such.
    pub fn by(interval: Interval) -> Result<Self, Problem> {
        let prior = Prior::default();
        // Enough lags for the tail of every interval that can be stated.
        let lags = usize::try_from(DAYS_MAX + BEFORE + 1).unwrap_or(0);
        Ok(Self {
            interval: SerialInterval::gamma(interval.mean, interval.sd, lags).map_err(|_| refused())?,
            cori: Cori::new(prior).map_err(|_| refused())?,
            cases_needed: prior.cases_needed(VARIATION_MAX),
        })
    }

    /// Community cases that the window of R needs.
    #[must_use]
    pub fn cases_needed(&self) -> f64 {
        self.cases_needed
    }
}

fn refused() -> Problem {
    Problem::refused("zones.course.interval")
}

impl Counted {
    /// How it went in a unit, by its place among the nodes of the world.
    ///
    /// # Errors
    /// When figures leave the range of numbers.
    pub fn course(&self, node: usize, by: &mut Estimates) -> Result<Course, Problem> {
        let path = &self.world.nodes[node].path;
        let n_days = days(self.first, self.last) + 1;
        let all = (0..n_days).filter_map(|at| self.first.checked_add(at.days()).ok()).map(|day| CourseDay {
            day,
            reported: self.world.days_reported(node, day, 1) > 0,
            figures: std::array::from_fn(|at| self.world.total(node, Figure::ALL[at], day, 1)),
            left_out: self.left_out.contains_key(&(path.clone(), day)),
            expected: None,
            mean: None,
            r: None,
            alarms: [None; 3],
        });
        let mut course =
            Course { days: all.collect(), growth: None, people: self.world.stand(node, Stand::Population, self.last) };
        estimate(&mut course, by).map_err(Problem::internal)?;
        Ok(course)
    }
}

#[expect(clippy::cast_precision_loss, reason = "cases are far below 2^52")]
fn series(days: &[CourseDay], of: impl Fn(&CourseDay) -> i64) -> Result<Series, Fault> {
    let counts: Vec<Option<f64>> = days.iter().map(|day| day.reported.then(|| of(day) as f64)).collect();
    let mut series = Series::of(&counts)?;
    for (at, _) in days.iter().enumerate().filter(|(_, day)| day.left_out) {
        series.exclude(at, None)?;
    }
    Ok(series)
}

/// Works out everything that follows from the figures.
#[expect(clippy::cast_precision_loss, reason = "cases and days are few")]
fn estimate(course: &mut Course, by: &mut Estimates) -> Result<(), Fault> {
    // Before the first report nothing is known, not even that there was nothing.
    let Some(begin) = course.days.iter().position(|day| day.reported) else { return Ok(()) };
    let days = &mut course.days[begin..];
    let all = series(days, CourseDay::cases)?;
    for suspect in all.suspects() {
        days[suspect.at].expected = Some(suspect.expected);
    }
    let counts: Vec<Option<i64>> = days.iter().map(|day| day.counts().then(|| day.cases())).collect();
    for (at, day) in days.iter_mut().enumerate() {
        let known: Vec<i64> = counts[(at + 1).saturating_sub(MEAN_WINDOW)..=at].iter().flatten().copied().collect();
        day.mean = (!known.is_empty()).then(|| known.iter().sum::<i64>() as f64 / known.len() as f64);
    }
    let community = series(days, CourseDay::community)?;
    for (which, method) in [Method::C1, Method::C2, Method::C3].into_iter().enumerate() {
        let settings = ears::Settings { sd_min: SD_MIN, ..ears::Settings::new(method) };
        let known = community.known();
        let Ok(watched) = ears::watch(&known, &settings) else { continue };
        for watch in watched.iter().filter(|watch| watch.upper_bound.is_some() && watch.observed.is_some()) {
            days[watch.t - 1].alarms[which] = Some(watch.alarm);
        }
    }
    let local = community.values(Missing::LeaveOut)?;
    let quarantined = series(days, CourseDay::quarantined)?.values(Missing::LeaveOut)?;
    let incidence = Incidence::parted(&local.counts, &quarantined.counts)?.counting(&local.counted)?;
    let in_window =
        |end: usize| (end + 1 - R_WINDOW..=end).filter(|at| local.counted[*at]).map(|at| local.counts[at]).sum::<f64>();
    let windows: Vec<Window> = (R_WINDOW..days.len())
        .filter(|end| in_window(*end) >= by.cases_needed)
        .map(|end| Window { start: end + 2 - R_WINDOW, end: end + 1 })
        .collect();
    for one in by.cori.estimate(&incidence, &by.interval, &windows)? {
        days[one.window.end - 1].r = one.r;
    }
    if days.len() >= GROWTH_WINDOW {
        course.growth = growth(&local, GROWTH_WINDOW)?.last().and_then(|last| last.rate);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn course(cases: &[Option<i64>], left_out: &[usize]) -> Course {
        let day = |(at, cases): (usize, &Option<i64>)| CourseDay {
            day: date(2021, 7, 1).checked_add(i64::try_from(at).unwrap().days()).unwrap(),
            reported: cases.is_some(),
            figures: [cases.unwrap_or(0), 0, 0, 0, 0, 0],
            left_out: left_out.contains(&at),
            expected: None,
            mean: None,
            r: None,
            alarms: [None; 3],
        };
        let days = cases.iter().enumerate().map(day).collect();
        let mut course = Course { days, growth: None, people: Some(100_000) };
        estimate(&mut course, &mut Estimates::by(Interval::COVID_19).unwrap()).unwrap();
        course
    }

    #[test]
    fn steady_cases_mean_one_and_doubling_ones_more() {
        let steady = course(&[Some(20); 40], &[]);
        let r = steady.days[39].r.unwrap();
        assert!(r.q025() < 1.0 && r.q975() > 1.0 && (r.median() - 1.0).abs() < 0.05, "{r:?}");
        assert_eq!(steady.days[39].mean, Some(20.0));
        assert_eq!((steady.cases(7), steady.rate(7)), (140, Some(1_400)));
        assert!(steady.growth.unwrap().value.abs() < 1e-6);
        let rising: Vec<Option<i64>> = (0..40).map(|day| Some(10 << (day / 7))).collect();
        let rising = course(&rising, &[]);
        assert!(rising.days[39].r.unwrap().q025() > 1.0);
        let doubling = rising.growth.unwrap().doubling().unwrap();
        assert!((5.0..10.0).contains(&doubling), "{doubling}");
    }

    #[test]
    fn few_cases_and_unknown_days_give_no_estimate() {
        assert!(course(&[Some(1); 30], &[]).days.iter().all(|day| day.r.is_none()), "seven cases are too few");
        let late: Vec<Option<i64>> = (0..30).map(|day| (day >= 20).then_some(30)).collect();
        let late = course(&late, &[]);
        assert!(late.days[..26].iter().all(|day| day.r.is_none() && day.alarms == [None; 3]));
        assert!(late.growth.is_none(), "ten days are known");
        assert!(course(&[None; 30], &[]).days.iter().all(|day| day.mean.is_none()));
    }

    #[test]
    fn a_dump_is_doubted_and_left_out_by_an_officer_alone() {
        let mut cases = [Some(20); 40];
        cases[30] = Some(400);
        let doubted = course(&cases, &[]);
        assert_eq!(doubted.days.iter().position(|day| day.expected.is_some()), Some(30));
        // C3 looks at what the days before exceeded.
        assert_eq!(doubted.days[30].alarms, [Some(true), Some(true), Some(false)]);
        assert_eq!(doubted.days[31].alarms[2], Some(true));
        assert!(doubted.days[32].r.unwrap().median() > 2.0, "it counts as long as nobody decides");
        let settled = course(&cases, &[30]);
        assert!(settled.days.iter().all(|day| day.expected.is_none()));
        assert_eq!(settled.days[30].alarms, [None; 3]);
        assert!((settled.days[32].r.unwrap().median() - 1.0).abs() < 0.06, "{:?}", settled.days[32].r);
        assert_eq!(settled.cases(10), 580, "the figures stay");
    }

    #[test]
    fn one_case_after_none_is_no_alarm_and_three_are() {
        for (last, alarm) in [(1, false), (3, true)] {
            let mut cases = [Some(0); 20];
            cases[19] = Some(last);
            assert_eq!(course(&cases, &[]).days[19].alarms[0], Some(alarm), "{last}");
        }
    }

    #[test]
    fn an_interval_is_one_that_a_disease_can_have() {
        assert!(Interval::stated(4.7, 2.9).is_ok());
        for (mean, sd) in [(1.0, 2.0), (0.0, 1.0), (4.7, 0.0), (f64::NAN, 1.0), (400.0, 2.0)] {
            assert!(Interval::stated(mean, sd).is_err(), "{mean} {sd}");
        }
    }
}
