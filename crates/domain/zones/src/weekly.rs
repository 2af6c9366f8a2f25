//! Alarms by week (cảnh báo theo tuần): the flexible Farrington algorithm, where there are years of figures.
//!
//! The week is the seven days up to the day that is looked at. A week of which a day was not reported or was left out is
//! missing, and the method goes on without it.

use std::collections::BTreeSet;

use jiff::{ToSpan as _, civil::Date};
use vx_concepts::form::days_of;
use vx_epi::farrington::{self, Settings};
use vx_kernel::{Path, Problem};
use vx_platform::web::{App, off_thread};

use crate::{
    Figure, World, exclusion,
    store::{self, Moment},
    types::days,
};

/// Years of history, as Noufaily et al. have it.
pub const YEARS: i64 = 4;
/// Weeks that the method needs: four years, the season around the same week, and a week for the calendar.
pub const WEEKS_NEEDED: i64 = 52 * YEARS + 5;

/// What the method says of a week.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Watched {
    /// The first day of the week.
    pub from: Date,
    /// Its last day.
    pub until: Date,
    /// New community cases.
    pub cases: i64,
    /// Above this there is an alarm.
    pub bound: f64,
    /// Whether there is one.
    pub alarm: bool,
}

/// The answer of the method, or why there is none.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Weekly {
    /// Figures begin too late.
    Short {
        /// The first day of figures.
        since: Option<Date>,
        /// Whole weeks of figures.
        weeks: i64,
    },
    /// A day of the week was not reported or left out, there were hardly any cases in four weeks, or nothing fits.
    Unknown,
    /// An answer.
    Watched(Watched),
}

/// Watches the week up to a day, of a place with everything below it.
///
/// # Errors
/// When the database is away.
pub async fn read(app: &App, place: &Path, moment: &Moment) -> Result<Weekly, Problem> {
    let mut conn = app.db().read().await?;
    let since = store::first_counted(&mut conn, place, moment.known_at).await?;
    let weeks = since.map_or(0, |since| (days(since, moment.day) + 1).max(0) / 7);
    if weeks < WEEKS_NEEDED {
        return Ok(Weekly::Short { since, weeks });
    }
    let last = moment.day;
    let first = last.checked_sub((WEEKS_NEEDED * 7 - 1).days()).map_err(Problem::internal)?;
    let left_out = exclusion::days_left_out(&mut conn, place, first, last, moment.known_at).await?;
    drop(conn);
    let world = store::counts_of_years(app.db(), &app.tree(), place, (first, last), moment.known_at).await?;
    let node = world.at(place).ok_or_else(Problem::not_found)?;
    off_thread(move || watch(&world, node, &left_out, first)).await?
}

fn watch(world: &World, node: usize, left_out: &BTreeSet<Date>, first: Date) -> Result<Weekly, Problem> {
    let begin = |week: i64| first.checked_add((week * 7).days()).map_err(Problem::internal);
    let mut counts = Vec::new();
    for week in 0..WEEKS_NEEDED {
        let from = begin(week)?;
        let until = from.checked_add(6.days()).map_err(Problem::internal)?;
        let is_whole = world.days_reported(node, until, 7) == 7 && left_out.range(from..=until).next().is_none();
        let cases: i64 = [Figure::Traced, Figure::Untraced].map(|of| world.total(node, of, until, 7)).iter().sum();
        counts.push(is_whole.then_some(cases));
    }
    Ok(judged(&counts, first)?.map_or(Weekly::Unknown, Weekly::Watched))
}

/// What the method says of the last of some weeks, of which the first one begins on a day.
fn judged(counts: &[Option<i64>], first: Date) -> Result<Option<Watched>, Problem> {
    let settings = Settings { first_day: Some(days_of(first)), ..Settings::default() };
    #[expect(clippy::cast_precision_loss, reason = "cases are far below 2^52")]
    let known: Vec<Option<f64>> = counts.iter().map(|count| count.map(|count| count as f64)).collect();
    let watched = farrington::watch(&known, &settings).map_err(Problem::internal)?;
    let Some((cases, (bound, alarm))) =
        counts.last().copied().flatten().zip(watched.last().and_then(|last| Some((last.upper_bound?, last.alarm))))
    else {
        return Ok(None);
    };
    let weeks = i64::try_from(counts.len()).unwrap_or(i64::MAX);
    let from = first.checked_add(((weeks - 1) * 7).days()).map_err(Problem::internal)?;
    let until = from.checked_add(6.days()).map_err(Problem::internal)?;
    Ok(Some(Watched { from, until, cases, bound, alarm }))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn season(last: Option<i64>) -> Vec<Option<i64>> {
        let mut weeks: Vec<Option<i64>> =
            (0..WEEKS_NEEDED).map(|week| Some(20 + (week % 52 - 26).abs() / 3 + week % 3)).collect();
        *weeks.last_mut().unwrap() = last;
        weeks
    }

    #[test]
    fn a_week_is_held_against_the_same_season_of_four_years() {
        let first = date(2017, 8, 7);
        for (last, alarm) in [(24, Some(false)), (90, Some(true))] {
            let watched = judged(&season(Some(last)), first).unwrap();
            assert_eq!(watched.map(|one| one.alarm), alarm, "{last}");
            let watched = watched.unwrap();
            assert!(watched.bound > 24.0 && watched.bound < 60.0, "{watched:?}");
            assert_eq!((days(first, watched.until) + 1, watched.cases), (WEEKS_NEEDED * 7, last));
        }
        assert_eq!(judged(&season(None), first).unwrap(), None, "a week that was not reported has no answer");
        let nothing = vec![Some(0); season(None).len()];
        assert_eq!(judged(&nothing, first).unwrap(), None, "without cases there is no answer");
    }
}
