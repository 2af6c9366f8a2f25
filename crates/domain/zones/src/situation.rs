//! How it stands in a place on a day (tình hình dịch): everything that the page of the course and the flash briefing tell.

use std::{cmp::Reverse, collections::HashMap};

use jiff::{ToSpan as _, civil::Date};
use vx_kernel::{Path, Problem, time, units::Kind};
use vx_platform::web::{App, off_thread};

use crate::{
    Colour, Level,
    charts::{self, Kept, Levels},
    course::{self, Counted, Course, CourseDay, Estimates, Interval},
    evaluate::{Outcome, levels},
    rules::RuleBook,
    store::{self, Moment},
    types::{Commitment, ZoneDecision},
};

/// Days of the calendar of levels.
const CALENDAR_DAYS: i64 = 21;

/// A commune of which the level by the rules has another colour than what was decided.
#[derive(Clone, Debug)]
pub struct Change {
    /// The commune.
    pub path: Path,
    /// What was decided.
    pub decided: Option<Level>,
    /// What the rules say.
    pub outcome: Outcome,
}

/// How it stands.
#[derive(Clone, Debug)]
pub struct Situation {
    /// The figures.
    pub counted: Counted,
    /// How it went in the place.
    pub course: Course,
    /// Community cases that an estimate of R needs.
    pub needed: f64,
    /// Communes below with an alarm on the day, the loudest first.
    pub alarms: Vec<(Path, Course)>,
    /// The days of the calendar of levels.
    pub calendar_days: Vec<Date>,
    /// Levels of the communes, the worst first.
    pub levels: Vec<Levels>,
    /// Communes that may change their colour.
    pub changes: Vec<Change>,
    /// Commitments of these weeks.
    pub kept: Vec<Kept>,
    /// Decisions whose hour has come, by their hours.
    pub decisions: Vec<ZoneDecision>,
}

/// Reads how it stands in a place. What is computed is computed off the threads that answer requests.
///
/// # Errors
/// When the database is away, or the tree does not have the place on that day.
pub async fn read(
    app: &App,
    place: &Path,
    n_days: i64,
    moment: &Moment,
    interval: Interval,
) -> Result<Situation, Problem> {
    let (db, now) = (app.db(), app.clock().now());
    let counted = course::counted(db, &app.tree(), place, n_days, moment).await?;
    let by_then = time::end_of(moment.day).map_err(Problem::internal)?.min(now);
    let mut conn = db.read().await?;
    let book = store::rule_book(&mut conn, moment.known_at).await?;
    let decisions = store::in_force_by(&mut conn, place, by_then, moment.known_at).await?;
    let commitments = store::commitments(&mut conn, place).await?;
    drop(conn);
    let (place, day) = (place.clone(), moment.day);
    off_thread(move || work_out(counted, &place, day, interval, &book, decisions, commitments)).await?
}

fn work_out(
    counted: Counted,
    place: &Path,
    day: Date,
    interval: Interval,
    book: &RuleBook,
    decisions: Vec<ZoneDecision>,
    commitments: Vec<Commitment>,
) -> Result<Situation, Problem> {
    let world = &counted.world;
    let node = world.at(place).ok_or_else(Problem::not_found)?;
    let mut by = Estimates::by(interval)?;
    let course = counted.course(node, &mut by)?;
    let mut alarms = Vec::new();
    for (at, one) in world.nodes.iter().enumerate() {
        if one.kind == Kind::Commune && one.path != *place && place.contains(&one.path) {
            let of_commune = counted.course(at, &mut by)?;
            if of_commune.days.last().is_some_and(|day| day.n_alarms() > 0) {
                alarms.push((one.path.clone(), of_commune));
            }
        }
    }
    alarms.sort_by_cached_key(|(path, course)| {
        (Reverse(course.days.last().map_or(0, CourseDay::n_alarms)), Reverse(course.cases(1)), path.clone())
    });
    let calendar_days: Vec<Date> =
        (0..CALENDAR_DAYS).rev().filter_map(|back| day.checked_sub(back.days()).ok()).collect();
    let mut last = Vec::new();
    let mut computed = Vec::new();
    for day in &calendar_days {
        last = levels(world, book, *day);
        let rank = |outcome: &Option<Outcome>| outcome.as_ref()?.level.map(Level::rank);
        computed.push(last.iter().map(rank).collect::<Vec<_>>());
    }
    let in_force: HashMap<&Path, Level> = decisions.iter().map(|decision| (&decision.path, decision.level)).collect();
    let mut changes: Vec<Change> = Vec::new();
    for (node, outcome) in world.nodes.iter().zip(last) {
        let Some(outcome) = outcome.filter(|_| node.kind == Kind::Commune && place.contains(&node.path)) else {
            continue;
        };
        let decided = in_force.get(&node.path).copied();
        // Where nothing was decided, green changes nothing.
        let before = decided.map_or(Colour::Green, Level::colour);
        if outcome.level.is_some_and(|level| level.colour() != before) {
            changes.push(Change { path: node.path.clone(), decided, outcome });
        }
    }
    let rank = |level: Option<Level>| level.map_or(0, Level::rank);
    changes
        .sort_by_cached_key(|change| (Reverse(rank(change.outcome.level)), rank(change.decided), change.path.clone()));
    let of_then = commitments.into_iter().filter(|commitment| commitment.signed_on <= day).map(|commitment| {
        let reached_on = commitment.reached_on(&decisions);
        Kept { keeping: commitment.keeping(reached_on, day), reached_on, commitment }
    });
    Ok(Situation {
        levels: charts::levels_of(world, &computed, place, &calendar_days),
        kept: charts::around(of_then.collect(), day),
        needed: by.cases_needed(),
        calendar_days,
        changes,
        alarms,
        decisions,
        course,
        counted,
    })
}

/// How it stands in few figures: the course of the place alone, and how many communes have which colour.
#[derive(Clone, Debug)]
pub struct Summary {
    /// How it went in the place.
    pub course: Course,
    /// Community cases that an estimate of R needs.
    pub needed: f64,
    /// Communes by decided colour, green first; the last one counts those on which nothing was decided.
    pub decided: [i64; 5],
    /// Communes by computed colour, in the same order; the last one counts those that the rules do not judge.
    pub computed: [i64; 5],
    /// How many of the computed levels rest on what nobody has verified.
    pub unverified: i64,
}

/// Reads the few figures of a place over so many days.
///
/// # Errors
/// When the database is away, or the tree does not have the place on that day.
pub async fn summary(app: &App, place: &Path, n_days: i64, moment: &Moment) -> Result<Summary, Problem> {
    let counted = course::counted(app.db(), &app.tree(), place, n_days, moment).await?;
    let book = store::rule_book(&mut app.db().read().await?, moment.known_at).await?;
    let (place, day) = (place.clone(), moment.day);
    off_thread(move || {
        let world = &counted.world;
        let node = world.at(&place).ok_or_else(Problem::not_found)?;
        let mut by = Estimates::by(Interval::COVID_19)?;
        let course = counted.course(node, &mut by)?;
        let (mut decided, mut computed, mut unverified) = ([0; 5], [0; 5], 0);
        let slot = |rank: Option<u8>| rank.map_or(4, |rank| usize::from(rank.clamp(1, 4)) - 1);
        for (at, (node, outcome)) in world.nodes.iter().zip(levels(world, &book, day)).enumerate() {
            if node.kind == Kind::Commune && place.contains(&node.path) {
                decided[slot(world.decided(at, day))] += 1;
                let known = outcome.as_ref().filter(|outcome| outcome.level.is_some());
                computed[slot(known.and_then(|outcome| outcome.level).map(Level::rank))] += 1;
                unverified += i64::from(known.is_some_and(|outcome| !outcome.unverified().is_empty()));
            }
        }
        Ok(Summary { course, needed: by.cases_needed(), decided, computed, unverified })
    })
    .await?
}
