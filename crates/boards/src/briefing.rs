//! The flash briefing (báo cáo nhanh tình hình dịch): what a place had in a day, put together from figures, levels,
//! commitments, work and reports; as a page, and as the draft of a document. Every number is computed.

mod draft;
mod pages;

use axum::extract::Query;
use jiff::{SignedDuration, Timestamp};
use vx_concepts::{
    engine::{Command as _, execute},
    paper::{self, Write},
    work::count,
};
use vx_foundation::letterhead::{self, Letterhead};
use vx_kernel::{Date, Path, Problem, ProblemKind, time, units::Kind};
use vx_platform::web::{Access, Form, PageResult, Route, Visit, see_other};
use vx_tasks::store as tasks;
use vx_zones::{
    FIGURES, Figure, Stand,
    charts::Kept,
    course::{self, CourseDay, Interval},
    situation::{self, Situation},
    store::{self as zones, Moment},
    types::{Keeping, ZoneDecision},
};

use super::asked;

/// Days of the charts.
const DAYS: i64 = 30;

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/briefing", Access::Needs(zones::READ), show),
        Route::post("/briefing/write-up", Access::Needs(Write::NAME), write_up),
    ]
}

/// What a unit directly below the place had.
struct Line {
    path: Path,
    /// Figures of the day.
    day: [i64; FIGURES],
    /// New cases of seven days, and of the seven before.
    week: i64,
    week_before: i64,
    /// Community cases of seven days to 100,000 people, in tenths.
    rate: Option<i64>,
    /// Whether anybody there reported on the day.
    reported: bool,
}

impl Line {
    fn cases(&self) -> i64 {
        self.day[..3].iter().sum()
    }
}

/// Reports that were due.
struct Reports {
    owed: usize,
    /// Units without one of theirs, each once.
    missing: Vec<Path>,
}

/// Everything that a briefing tells.
struct Briefing {
    place: Path,
    day: Date,
    /// The moment as of which it tells: the end of the day, or now.
    at: Timestamp,
    now: Situation,
    lines: Vec<Line>,
    /// Communes by colour, green first; the last one counts those of which nothing is known.
    colours: [usize; 5],
    /// Decisions that came into force within a day.
    changed: Vec<ZoneDecision>,
    /// Commitments that are not kept: those with three days left or fewer, and those that were missed.
    soon: Vec<Kept>,
    missed: Vec<Kept>,
    /// Units with overdue work, as of now; none where the visitor does not see work.
    overdue: Option<Vec<(Path, i64)>>,
    reports: Option<Reports>,
}

impl Briefing {
    /// The address of its page, always written alike.
    fn address(&self) -> String {
        format!("/briefing?unit={}&day={}", self.place.as_str(), self.day)
    }

    /// The days of the charts.
    fn days(&self) -> &[CourseDay] {
        self.now.course.last(usize::try_from(DAYS).unwrap_or(usize::MAX))
    }

    /// New cases of the day and of the day before, where both were reported.
    fn beside(&self) -> (i64, Option<i64>) {
        let mut back = self.now.course.days.iter().rev().map(|day| day.reported.then(|| day.cases()));
        (back.next().flatten().unwrap_or(0), back.next().flatten())
    }

    fn week(&self) -> (i64, i64) {
        let week = self.now.course.cases(7);
        (week, self.now.course.cases(14) - week)
    }
}

/// The place and the day of an address.
async fn place_and_day(visit: &Visit, query: &[(String, String)]) -> Result<(Path, Date), Problem> {
    let tree = visit.app.tree();
    let today = visit.today();
    let of_address = asked(query, "day").parse::<Date>().ok().filter(|day| *day <= today);
    let day = of_address.unwrap_or(today);
    let places = vx_foundation::units::places(visit.actor()?, &tree, zones::READ);
    let place = match asked(query, "unit") {
        "" => {
            let own = places.iter().min_by_key(|place| place.depth()).cloned();
            let mut roots = tree.roots().filter(|unit| unit.kind == Kind::Province && unit.exists_on(day));
            match own {
                Some(own) if own.is_root() => roots.next().map(|unit| unit.path.clone()),
                own => own,
            }
        }
        unit => {
            let found = tree.get(unit).map(|unit| unit.path.clone()).or_else(|| Path::parse(unit).ok());
            found.filter(|path| tree.at_path(path).is_some_and(|unit| unit.kind.has_committee()))
        }
    };
    let Some(place) = place.filter(|place| places.iter().any(|own| own.contains(place))) else {
        return Err(Problem::new(ProblemKind::NotFound, "briefing.no_place"));
    };
    if of_address.is_some() {
        return Ok((place, day));
    }
    let newest = zones::newest_counted(&mut visit.app.db().read().await?, &place, day).await?;
    Ok((place, newest.unwrap_or(day)))
}

/// The place that a visitor sees first, with the day of its newest figures; none where they see no place.
pub(super) async fn own_place(visit: &Visit) -> Result<Option<(Path, Date)>, Problem> {
    match place_and_day(visit, &[]).await {
        Err(problem) if problem.kind == ProblemKind::NotFound => Ok(None),
        found => found.map(Some),
    }
}

/// The unit in whose name somebody writes a briefing of a place: theirs that answers for it.
fn writes(visit: &Visit, place: &Path) -> Option<Path> {
    let actor = visit.actor().ok()?;
    let tree = visit.app.tree();
    let answers = |home: &&Path| tree.place_of(home.unit()).is_some_and(|own| own.path == *place);
    actor.homes().into_iter().filter(answers).find(|home| actor.may(Write::NAME, home)).cloned()
}

async fn read(visit: &Visit, query: &[(String, String)]) -> Result<Briefing, Problem> {
    let (place, day) = place_and_day(visit, query).await?;
    let (tree, actor) = (visit.app.tree(), visit.actor()?);
    let moment = Moment { day, known_at: visit.now() };
    let now = situation::read(&visit.app, &place, DAYS, &moment, Interval::COVID_19).await?;
    let at = time::end_of(day).map_err(Problem::internal)?.min(visit.now());
    let world = &now.counted.world;
    let node = world.at(&place).ok_or_else(Problem::not_found)?;
    let lines = world.nodes[node].children.iter().map(|child| {
        let sum = |figures: &[Figure], days: u8| -> i64 {
            figures.iter().map(|of| world.total(*child, *of, day, days)).sum()
        };
        let week = sum(&Figure::ALL[..3], 7);
        let (community, fortnight) = (sum(&Figure::ALL[..2], 7), sum(&Figure::ALL[..3], 14));
        Line {
            path: world.nodes[*child].path.clone(),
            day: std::array::from_fn(|at| world.total(*child, Figure::ALL[at], day, 1)),
            week,
            week_before: fortnight - week,
            rate: course::rate(community, world.stand(*child, Stand::Population, day)),
            reported: world.days_reported(*child, day, 1) > 0,
        }
    });
    let mut lines: Vec<Line> = lines.collect();
    lines.sort_by_cached_key(|line| (std::cmp::Reverse((line.cases(), line.week)), line.path.clone()));
    let mut colours = [0; 5];
    for one in &now.levels {
        let rank = one.ranks.last().copied().flatten();
        colours[rank.map_or(4, |rank| usize::from(rank.clamp(1, 4)) - 1)] += 1;
    }
    let since = at - SignedDuration::from_hours(24);
    let changed =
        now.decisions.iter().filter(|decision| decision.effective_at > since && decision.effective_at <= at).cloned();
    let of = |wanted: Keeping| now.kept.iter().filter(|one| one.keeping == wanted).cloned().collect::<Vec<_>>();
    let (soon, missed, changed) = (of(Keeping::Soon), of(Keeping::Missed), changed.collect());
    let mut conn = visit.app.db().read().await?;
    let overdue = if actor.may_anywhere(tasks::READ) {
        let loads = count::loads(&mut conn, &place, &actor.reach(tasks::READ), visit.now()).await?;
        let mut late: Vec<(Path, i64)> =
            loads.into_iter().filter(|(_, load)| load.overdue > 0).map(|(path, load)| (path, load.overdue)).collect();
        late.sort_by_key(|(path, n)| (-n, path.clone()));
        Some(late)
    } else {
        None
    };
    let reports = if actor.may_anywhere(vx_reports::store::READ) {
        let owed = vx_reports::owed_at(&mut conn, actor, &tree, &place, at).await?;
        let mut missing: Vec<Path> = owed.iter().filter(|one| one.missing).map(|one| one.unit.clone()).collect();
        missing.sort();
        missing.dedup();
        Some(Reports { owed: owed.len(), missing })
    } else {
        None
    };
    Ok(Briefing { place, day, at, now, lines, colours, changed, soon, missed, overdue, reports })
}

type Pairs = Query<Vec<(String, String)>>;

async fn show(visit: Visit, Query(query): Pairs) -> PageResult {
    let briefing = read(&visit, &query).await?;
    let mut conn = visit.app.db().read().await?;
    let papers = paper::resting_on(&mut conn, visit.actor()?, &briefing.address()).await?;
    drop(conn);
    let title = format!("{}: {}", visit.t("briefing"), visit.unit(&briefing.place));
    Ok(visit.page(&title, pages::page(&visit, &briefing, &papers)))
}

async fn write_up(visit: Visit, form: Form) -> PageResult {
    let query = [("unit", form.text("unit")), ("day", form.text("day"))]
        .map(|(name, value)| (name.to_owned(), value.to_owned()));
    let briefing = read(&visit, &query).await?;
    let home = writes(&visit, &briefing.place).ok_or_else(Problem::not_found)?;
    let (actor, tree) = (visit.actor()?, visit.app.tree());
    let mut conn = visit.app.db().read().await?;
    let head = Letterhead::of(&mut conn, &tree, &home).await?;
    let to = head.superior(&mut conn, &tree, &home).await?;
    drop(conn);
    let draft = draft::draft(visit.app.words(), &tree, &briefing, &head, &to);
    let paper = letterhead::written(&head, home, &draft, briefing.address(), actor);
    let id = execute(visit.app.db(), actor, form.key()?, Write { paper }).await?;
    Ok(see_other(&format!("/papers/{id}"), "boards-said-briefed"))
}
