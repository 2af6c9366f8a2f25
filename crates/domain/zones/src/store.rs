//! Reading zones.
//!
//! Zones hold counts and decisions, no persons. Who reads them in an agency reads those of the place beside which the
//! agency stands: the health department sees the province.

use std::{collections::HashMap, sync::LazyLock};

use futures_util::future::try_join_all;
use jiff::{Timestamp, ToSpan as _, civil::Date};
use vx_concepts::paper::{Paper, PaperState};
use vx_foundation::units;
use vx_kernel::{Id, Path, Problem, ProblemKind, ids, time, units::Tree};
use vx_platform::{
    auth::{Actor, below},
    store::{Conn, Db, Record as _, Sql, Uuid},
    web::off_thread,
};

use crate::{
    cases::{Case, LISTS_MAX},
    commands::RecordCount,
    evaluate::{Outcome, levels},
    facts::{FIGURES, STANDS, World},
    late::Written,
    level::Level,
    rules::RuleBook,
    types::{
        AgeGroup, CaseList, Commitment, CountChoice, DayCount, Judgement, Lockdown, Planned, Proposal, ProposalState,
        Setting, Source, Standing, StepKind, Verification, ZoneDecision, days,
    },
};

/// The permission to read levels, figures and decisions.
pub const READ: &str = "zones.read";
/// Decisions of one unit that are read: one every few days for years.
pub const HISTORY_MAX: i64 = 500;
/// Days of a world: three months and the longest window before them.
const DAYS_MAX: i64 = 120;
/// Days of which the counts of one unit are listed.
const COUNTED_DAYS: i64 = 21;
/// Rows of figures of one unit over those days: every source, some corrected.
const COUNTED_MAX: i64 = 500;
/// Rows of standing figures of one unit: years of weeks.
const STANDINGS_MAX: i64 = 500;
/// Answers that are read together: every commune of the nation, some questions each.
const JUDGEMENTS_MAX: i64 = 60_000;
/// Verified cells: every cell of every rule, several times, by every province.
const VERIFICATIONS_MAX: i64 = 20_000;
/// Choices of a source over the days of a world.
const CHOICES_MAX: i64 = 20_000;
/// Decisions that are read together: a year of the nation.
const DECISIONS_MAX: i64 = 200_000;
/// Commitments shown together.
pub const COMMITMENTS_MAX: i64 = 2_000;
/// Lockdowns of one unit.
const LOCKDOWNS_MAX: i64 = 500;
/// The longest window of any indicator, less a day.
const WINDOW: i64 = 13;

/// Which communes of 2021 adjoin which; `data/zones/PROVENANCE.md` says where it comes from.
const ADJACENCY: &str = include_str!("../../../../data/zones/adjacency_2021.csv");

/// Pairs of keys of communes that share a border.
static BORDERS: LazyLock<Vec<(&str, &str)>> = LazyLock::new(|| {
    let pair = |line: &'static str| {
        let mut cells = line.split(',').skip(1);
        let (one, two, kind) = (cells.next()?, cells.next()?, cells.next()?);
        // A corner is no border, and neither is the sea.
        (kind == "edge").then_some((one, two))
    };
    ADJACENCY.lines().skip(1).filter_map(pair).collect()
});

/// Whether somebody may read of a unit.
#[must_use]
pub fn sees(actor: &Actor, tree: &Tree, unit: &Path) -> bool {
    units::places(actor, tree, READ).iter().any(|place| place.contains(unit))
}

/// Every unit that counts, as the visitor of a page asks for it.
#[derive(Clone, Debug)]
pub struct Moment {
    /// Of which day.
    pub day: Date,
    /// By what was known when.
    pub known_at: Timestamp,
}

/// What was verified, in the order in which it was.
///
/// # Errors
/// When the database is away.
pub async fn verifications(conn: &mut Conn) -> Result<Vec<Verification>, Problem> {
    let sql = Sql::new("select ").sql(Verification::SELECT).sql(" from zone_verification where tenant = ");
    let sql = sql.bind(conn.tenant()).sql(" order by recorded_at, id limit ").bind(VERIFICATIONS_MAX);
    conn.rows(sql).await?.iter().map(Verification::read).collect()
}

/// The rules as they were known at a moment.
///
/// # Errors
/// When the database is away.
pub async fn rule_book(conn: &mut Conn, known_at: Timestamp) -> Result<RuleBook, Problem> {
    Ok(RuleBook::new(&verifications(conn).await?, known_at))
}

/// What was counted, a text for each day: the lines of its counts (`path|source|edition|figures`), parted by semicolons.
/// The database puts them together, since a nation has as many rows a day as a driver hands over in as many calls.
async fn counted(
    conn: &mut Conn,
    place: &Path,
    first: Date,
    last: Date,
    known_at: Timestamp,
) -> Result<Vec<(Date, String)>, Problem> {
    let sql = Sql::new("select counted_on, string_agg(line, ';') as day from zone_count where tenant = ");
    let sql = sql.bind(conn.tenant()).sql(" and counted_on >= ").bind(first).sql(" and counted_on <= ").bind(last);
    let sql = sql.sql(" and recorded_at <= ").bind(known_at).sql(" and ");
    let sql = below(sql, "path", place).sql(" group by counted_on order by counted_on");
    conn.rows(sql).await?.iter().map(|row| Ok((row.get("counted_on")?, row.get("day")?))).collect()
}

/// What one source counted of a unit on a day: place of the unit, source, edition, figures.
type Counted = (usize, Source, i64, [Option<i64>; FIGURES]);

fn read_counted<'t>(text: &'t str, at: &HashMap<&'t str, usize>) -> Option<Counted> {
    let mut cells = text.split('|');
    let node = *at.get(cells.next()?)?;
    let source = Source::parse(cells.next()?)?;
    let edition = cells.next()?.parse().ok()?;
    let mut figures = [None; FIGURES];
    for (into, figure) in figures.iter_mut().zip(cells.next()?.split(',')) {
        *into = figure.parse().ok();
    }
    Some((node, source, edition, figures))
}

/// Of several sources the one that counts: the one that somebody chose, else that with the most new cases.
///
/// Basis: the national map took the larger daily figure of its three sources.
#[must_use]
pub fn counts_of(
    sources: &[(Source, [Option<i64>; FIGURES])],
    chosen: Option<Source>,
) -> Option<&(Source, [Option<i64>; FIGURES])> {
    let cases = |figures: &[Option<i64>; FIGURES]| figures[..3].iter().flatten().sum::<i64>();
    let by_choice = sources.iter().find(|(source, _)| Some(*source) == chosen);
    // Of equal ones the first, which is the unit's own.
    by_choice.or_else(|| sources.iter().rev().max_by_key(|(_, figures)| cases(figures)))
}

/// The figures of the source that counts, if there is any; what it does not count at all is taken from the first other
/// that does. A list of cases knows nothing of contacts, oxygen and deaths, which the unit has reported.
pub(crate) fn filled(
    sources: &[(Source, [Option<i64>; FIGURES])],
    chosen: Option<Source>,
) -> Option<[Option<i64>; FIGURES]> {
    let (counting, mut figures) = *counts_of(sources, chosen)?;
    for (at, figure) in figures.iter_mut().enumerate().filter(|(_, figure)| figure.is_none()) {
        let others = sources.iter().filter(|(source, _)| *source != counting);
        *figure = others.map(|(_, of)| of[at]).find(Option::is_some).flatten();
    }
    Some(figures)
}

pub(crate) async fn choices(
    conn: &mut Conn,
    place: &Path,
    first: Date,
    last: Date,
    known_at: Timestamp,
) -> Result<HashMap<(Path, Date), Source>, Problem> {
    let sql = Sql::new("select path, counted_on, source from zone_count_choice where tenant = ").bind(conn.tenant());
    let sql = sql.sql(" and counted_on >= ").bind(first).sql(" and counted_on <= ").bind(last);
    let sql = below(sql.sql(" and recorded_at <= ").bind(known_at).sql(" and "), "path", place);
    let rows = conn.rows(sql.sql(" order by recorded_at, id limit ").bind(CHOICES_MAX)).await?;
    rows.iter().map(|row| Ok(((row.get("path")?, row.get("counted_on")?), row.get("source")?))).collect()
}

/// What units stand with, as a text of every figure; see [`counted`].
async fn standings(
    conn: &mut Conn,
    place: &Path,
    last: Date,
    known_at: Timestamp,
) -> Result<Vec<(Date, String)>, Problem> {
    let sql = Sql::new("select holds_on, string_agg(line, ';') as day from zone_standing where tenant = ");
    let sql = sql.bind(conn.tenant()).sql(" and holds_on <= ").bind(last);
    let sql = below(sql.sql(" and recorded_at <= ").bind(known_at).sql(" and "), "path", place);
    let sql = sql.sql(" group by holds_on order by holds_on");
    conn.rows(sql).await?.iter().map(|row| Ok((row.get("holds_on")?, row.get("day")?))).collect()
}

/// Days in which the newest figures are looked for.
const NEWEST_WITHIN: i64 = 14;

/// The newest day of a place of which anybody counted, up to one and within two weeks: in the morning nobody has reported
/// the day yet.
///
/// # Errors
/// When the database is away.
pub async fn newest_counted(conn: &mut Conn, place: &Path, until: Date) -> Result<Option<Date>, Problem> {
    let from = until.checked_sub(NEWEST_WITHIN.days()).map_err(Problem::internal)?;
    let sql = Sql::new("select counted_on from zone_count where tenant = ").bind(conn.tenant());
    let sql = sql.sql(" and counted_on > ").bind(from).sql(" and counted_on <= ").bind(until).sql(" and ");
    let row = conn.row(below(sql, "path", place).sql(" order by counted_on desc limit 1")).await?;
    row.map(|row| row.get("counted_on")).transpose()
}

/// Puts what was counted into a world and adds it up.
fn count_in(
    world: &mut World,
    at: &HashMap<&str, usize>,
    days_counted: &[(Date, String)],
    choices: &HashMap<(Path, Date), Source>,
) {
    for (day, text) in days_counted {
        let mut rows: Vec<Counted> = text.split(';').filter_map(|row| read_counted(row, at)).collect();
        rows.sort_unstable_by_key(|(node, source, edition, _)| (*node, *source, *edition));
        for of_unit in rows.chunk_by(|one, two| one.0 == two.0) {
            let node = of_unit[0].0;
            let figures = if let [(_, _, _, figures)] = of_unit {
                *figures
            } else {
                // The last edition of each source.
                let last_of = |rows: &[Counted]| rows.last().map(|row| (row.1, row.3));
                let sources: Vec<_> = of_unit.chunk_by(|one, two| one.1 == two.1).filter_map(last_of).collect();
                let chosen = choices.get(&(world.nodes[node].path.clone(), *day)).copied();
                let Some(figures) = filled(&sources, chosen) else { continue };
                figures
            };
            if world.nodes[node].children.is_empty() {
                world.count(node, *day, &figures);
            } else {
                world.count_for_all(node, *day, &figures);
            }
        }
    }
    world.add_up();
}

/// Days of counts that are read at a time for a long series.
const DAYS_AT_A_TIME: i64 = 180;

/// What a place counted over years, and nothing else that rules look at.
///
/// # Errors
/// When the database is away.
pub(crate) async fn counts_of_years(
    db: &Db,
    tree: &Tree,
    place: &Path,
    (first, last): (Date, Date),
    known_at: Timestamp,
) -> Result<World, Problem> {
    let mut world = World::new(tree, place, last, first, last);
    let mut conn = db.read().await?;
    let choices = choices(&mut conn, place, first, last, known_at).await?;
    let (mut days_counted, mut from) = (Vec::new(), first);
    while from <= last {
        let to = from.checked_add((DAYS_AT_A_TIME - 1).days()).map_err(Problem::internal)?.min(last);
        days_counted.extend(counted(&mut conn, place, from, to, known_at).await?);
        from = to.tomorrow().map_err(Problem::internal)?;
    }
    drop(conn);
    off_thread(move || {
        let keys: Vec<(String, usize)> =
            world.nodes.iter().enumerate().map(|(at, node)| (node.path.as_str().to_owned(), at)).collect();
        let at: HashMap<&str, usize> = keys.iter().map(|(path, at)| (path.as_str(), *at)).collect();
        count_in(&mut world, &at, &days_counted, &choices);
        world
    })
    .await
}

/// The first day of a place of which anybody counted.
///
/// # Errors
/// When the database is away.
pub(crate) async fn first_counted(conn: &mut Conn, place: &Path, known_at: Timestamp) -> Result<Option<Date>, Problem> {
    let sql = Sql::new("select counted_on from zone_count where tenant = ").bind(conn.tenant());
    let sql = sql.sql(" and recorded_at <= ").bind(known_at).sql(" and ");
    let row = conn.row(below(sql, "path", place).sql(" order by counted_on limit 1")).await?;
    row.map(|row| row.get("counted_on")).transpose()
}

/// Editions of some weeks: every commune of a province, several sources, some put right.
const WRITTEN_MAX: i64 = 100_000;

/// What was written down of some days of a place and everything below it, every edition with its moment.
///
/// # Errors
/// When the database is away.
pub(crate) async fn written(
    conn: &mut Conn,
    place: &Path,
    first: Date,
    last: Date,
    known_at: Timestamp,
) -> Result<Vec<Written>, Problem> {
    let sql = Sql::new("select counted_on, recorded_at, line from zone_count where tenant = ").bind(conn.tenant());
    let sql = sql.sql(" and counted_on >= ").bind(first).sql(" and counted_on <= ").bind(last);
    let sql = below(sql.sql(" and recorded_at <= ").bind(known_at).sql(" and "), "path", place);
    let rows = conn.rows(sql.sql(" order by counted_on, path, recorded_at limit ").bind(WRITTEN_MAX)).await?;
    let mut all = Vec::with_capacity(rows.len());
    for row in rows {
        let line: String = row.get("line")?;
        let path = line.split('|').next().and_then(|path| Path::parse(path).ok());
        let at = HashMap::from([(path.as_ref().map_or("", Path::as_str), 0)]);
        let Some((_, source, edition, figures)) = read_counted(&line, &at) else { continue };
        let Some(path) = path else { continue };
        let (day, recorded_at) = (row.get("counted_on")?, row.get("recorded_at")?);
        all.push(Written { path, day, source, edition, figures, recorded_at });
    }
    Ok(all)
}

/// Everything that rules may look at for a place over some days, as it was known at a moment.
///
/// # Errors
/// When the database is away; `zones.too_many_days`.
pub async fn world(
    db: &Db,
    tree: &Tree,
    place: &Path,
    first: Date,
    last: Date,
    known_at: Timestamp,
) -> Result<World, Problem> {
    if days(first, last) + 1 + WINDOW > DAYS_MAX {
        return Err(Problem::refused("zones.too_many_days").with("max", DAYS_MAX - WINDOW));
    }
    let begin = first.checked_sub(WINDOW.days()).map_err(Problem::internal)?;
    // A commune may be red because of its neighbour in the next district, so a district is never looked at alone.
    let whole = place.at_depth(1);
    let mut world = World::new(tree, &whole, last, begin, last);
    let keys: Vec<(String, usize)> =
        world.nodes.iter().enumerate().map(|(at, node)| (node.path.as_str().to_owned(), at)).collect();
    let at: HashMap<&str, usize> = keys.iter().map(|(path, at)| (path.as_str(), *at)).collect();
    let half = begin.checked_add((days(begin, last) / 2).days()).map_err(Problem::internal)?;
    let next = half.tomorrow().map_err(Problem::internal)?;
    let parts = [(begin, half), (next, last)].into_iter().map(|(from, to)| {
        let whole = whole.clone();
        async move { counted(&mut db.read().await?, &whole, from, to, known_at).await }
    });
    let days_counted = try_join_all(parts).await?.concat();
    let mut conn = db.read().await?;
    let choices = choices(&mut conn, &whole, begin, last, known_at).await?;
    count_in(&mut world, &at, &days_counted, &choices);
    for (day, text) in standings(&mut conn, &whole, last, known_at).await? {
        let mut rows: Vec<(usize, &str, [Option<i64>; STANDS])> = Vec::new();
        for row in text.split(';') {
            let mut cells = row.split('|');
            let (Some(path), Some(when), Some(figures)) = (cells.next(), cells.next(), cells.next()) else { continue };
            let Some(node) = at.get(path) else { continue };
            let mut all = [None; STANDS];
            for (into, figure) in all.iter_mut().zip(figures.split(',')) {
                *into = figure.parse().ok();
            }
            rows.push((*node, when, all));
        }
        rows.sort_unstable_by_key(|(node, when, _)| (*node, *when));
        for (node, _, figures) in rows {
            world.nodes[node].stands.push((day, figures));
        }
    }
    for judgement in judgements(&mut conn, &whole, last, known_at).await? {
        if let Some(node) = at.get(judgement.path.as_str()) {
            world.nodes[*node].judged.push((judgement.from_on, judgement.question, judgement.yes));
        }
    }
    let in_force = time::end_of(last).map_err(Problem::internal)?;
    for decision in in_force_by(&mut conn, &whole, in_force, known_at).await? {
        if let Some(node) = at.get(decision.path.as_str()) {
            world.nodes[*node].decided.push((time::day_of(decision.effective_at), decision.level.rank()));
        }
    }
    let by_key: HashMap<&str, usize> =
        keys.iter().filter_map(|(path, at)| Some((path.rsplit('/').nth(1)?, *at))).collect();
    let borders = BORDERS.iter().filter_map(|(one, two)| Some((*by_key.get(one)?, *by_key.get(two)?)));
    world.adjoin(borders);
    Ok(world)
}

/// Levels of a place and everything below it on a day, in the order of paths, with what they were computed from.
///
/// # Errors
/// When the database is away.
pub async fn outcomes(
    db: &Db,
    tree: &Tree,
    place: &Path,
    moment: &Moment,
) -> Result<(World, Vec<Option<Outcome>>), Problem> {
    let world = world(db, tree, place, moment.day, moment.day, moment.known_at).await?;
    let book = rule_book(&mut db.read().await?, moment.known_at).await?;
    let outcomes = levels(&world, &book, moment.day);
    Ok((world, outcomes))
}

async fn judgements(conn: &mut Conn, place: &Path, last: Date, known_at: Timestamp) -> Result<Vec<Judgement>, Problem> {
    let sql =
        Sql::new("select ").sql(Judgement::SELECT).sql(" from zone_judgement where tenant = ").bind(conn.tenant());
    let sql = sql.sql(" and from_on <= ").bind(last).sql(" and recorded_at <= ").bind(known_at).sql(" and ");
    let sql = below(sql, "path", place).sql(" order by from_on, recorded_at, id limit ").bind(JUDGEMENTS_MAX);
    conn.rows(sql).await?.iter().map(Judgement::read).collect()
}

/// Every answer for one unit, the newest first.
///
/// # Errors
/// When the database is away.
pub async fn judgements_of(conn: &mut Conn, unit: &Path) -> Result<Vec<Judgement>, Problem> {
    let sql =
        Sql::new("select ").sql(Judgement::SELECT).sql(" from zone_judgement where tenant = ").bind(conn.tenant());
    let sql = sql.sql(" and path = ").bind(unit).sql(" order by from_on desc, recorded_at desc, id desc limit ");
    conn.rows(sql.bind(HISTORY_MAX)).await?.iter().map(Judgement::read).collect()
}

/// Decisions on a place and everything below it whose hour has come by a moment, by their hours.
///
/// # Errors
/// When the database is away.
pub async fn in_force_by(
    conn: &mut Conn,
    place: &Path,
    by: Timestamp,
    known_at: Timestamp,
) -> Result<Vec<ZoneDecision>, Problem> {
    let sql = Sql::new("select ").sql(ZoneDecision::SELECT).sql(" from zone_decision where tenant = ");
    let sql = sql.bind(conn.tenant()).sql(" and effective_at <= ").bind(by).sql(" and recorded_at <= ").bind(known_at);
    let sql = below(sql.sql(" and "), "path", place).sql(" order by effective_at, id limit ").bind(DECISIONS_MAX);
    conn.rows(sql).await?.iter().map(ZoneDecision::read).collect()
}

/// The last decisions on each unit of a place whose hour has come by a moment, by their hours: some of each.
///
/// # Errors
/// When the database is away.
pub async fn last_decisions(
    conn: &mut Conn,
    place: &Path,
    by: Timestamp,
    of_each: i64,
) -> Result<Vec<ZoneDecision>, Problem> {
    let sql = Sql::new("select ").sql(ZoneDecision::SELECT).sql(" from (select zone_decision.*, row_number() over ");
    let sql = sql.sql("(partition by path order by effective_at desc, id desc) as place from zone_decision where ");
    let sql = sql.sql("tenant = ").bind(conn.tenant()).sql(" and effective_at <= ").bind(by);
    let sql = below(sql.sql(" and "), "path", place).sql(") ranked where place <= ").bind(of_each);
    let sql = sql.sql(" order by effective_at, id limit ").bind(DECISIONS_MAX);
    conn.rows(sql).await?.iter().map(ZoneDecision::read).collect()
}

/// The last decision on each unit whose hour has come by a moment.
///
/// # Errors
/// When the database is away.
pub async fn decided(
    conn: &mut Conn,
    place: &Path,
    by: Timestamp,
    known_at: Timestamp,
) -> Result<HashMap<Path, ZoneDecision>, Problem> {
    let all = in_force_by(conn, place, by, known_at).await?;
    Ok(all.into_iter().map(|decision| (decision.path.clone(), decision)).collect())
}

/// Decisions on one unit, the one with the latest hour first.
///
/// # Errors
/// When the database is away.
pub async fn decisions(
    conn: &mut Conn,
    unit: &Path,
    by: Option<Timestamp>,
    limit: i64,
) -> Result<Vec<ZoneDecision>, Problem> {
    let sql = Sql::new("select ").sql(ZoneDecision::SELECT).sql(" from zone_decision where tenant = ");
    let sql = sql.bind(conn.tenant()).sql(" and path = ").bind(unit);
    let sql = sql.when(by, |sql, by| sql.sql(" and effective_at <= ").bind(by));
    let sql = sql.sql(" order by effective_at desc, id desc limit ").bind(limit);
    conn.rows(sql).await?.iter().map(ZoneDecision::read).collect()
}

/// Every decision on some units.
///
/// # Errors
/// When the database is away.
pub async fn decisions_of(conn: &mut Conn, units: &[Path]) -> Result<Vec<ZoneDecision>, Problem> {
    let mut all = Vec::new();
    for part in units.chunks(HASHES_MAX) {
        let sql = Sql::new("select ").sql(ZoneDecision::SELECT).sql(" from zone_decision where tenant = ");
        let sql = sql.bind(conn.tenant()).sql(" and path in ").list(part.iter());
        for row in conn.rows(sql).await? {
            all.push(ZoneDecision::read(&row)?);
        }
    }
    Ok(all)
}

/// The proposal on a unit that nobody has decided on or withdrawn.
///
/// # Errors
/// When the database is away.
pub async fn open_proposal(conn: &mut Conn, unit: &Path) -> Result<Option<Proposal>, Problem> {
    let sql = Sql::new("select ").sql(Proposal::SELECT).sql(" from zone_proposal p where p.tenant = ");
    let sql = sql.bind(conn.tenant()).sql(" and p.path = ").bind(unit).sql(" and p.state = ").bind(ProposalState::Open);
    let sql = sql.sql(
        " and not exists (select 1 from zone_decision d where d.tenant = p.tenant and d.path = p.path
          and d.recorded_at >= p.proposed_at) order by p.id desc limit 1",
    );
    conn.row(sql).await?.as_ref().map(Proposal::read).transpose()
}

/// Proposals within places that nobody has decided on or withdrawn, by unit.
///
/// # Errors
/// When the database is away.
pub async fn open_proposals(conn: &mut Conn, place: &Path) -> Result<HashMap<Path, Proposal>, Problem> {
    let sql = Sql::new("select ").sql(Proposal::SELECT).sql(" from zone_proposal p where p.tenant = ");
    let sql = sql.bind(conn.tenant()).sql(" and p.state = ").bind(ProposalState::Open);
    let sql = sql.sql(
        " and not exists (select 1 from zone_decision d where d.tenant = p.tenant and d.path = p.path
          and d.recorded_at >= p.proposed_at) and ",
    );
    let sql = below(sql, "p.path", place).sql(" order by p.id limit ").bind(JUDGEMENTS_MAX);
    let all = conn.rows(sql).await?.iter().map(Proposal::read).collect::<Result<Vec<_>, _>>()?;
    Ok(all.into_iter().map(|proposal| (proposal.path.clone(), proposal)).collect())
}

/// What was counted of one unit over the last weeks, every source and edition, the newest day first.
///
/// # Errors
/// When the database is away.
pub async fn counts_of_unit(conn: &mut Conn, unit: &Path, until: Date) -> Result<Vec<DayCount>, Problem> {
    let from = until.checked_sub(COUNTED_DAYS.days()).map_err(Problem::internal)?;
    let sql = Sql::new("select ").sql(DayCount::SELECT).sql(" from zone_count where tenant = ").bind(conn.tenant());
    let sql = sql.sql(" and path = ").bind(unit).sql(" and counted_on > ").bind(from);
    let sql = sql.sql(" and counted_on <= ").bind(until);
    let sql = sql.sql(" order by counted_on desc, source, edition desc limit ").bind(COUNTED_MAX);
    conn.rows(sql).await?.iter().map(DayCount::read).collect()
}

/// The last choice of a source for each day of one unit.
///
/// # Errors
/// When the database is away.
pub async fn choices_of(conn: &mut Conn, unit: &Path) -> Result<HashMap<Date, CountChoice>, Problem> {
    let sql = Sql::new("select ").sql(CountChoice::SELECT).sql(" from zone_count_choice where tenant = ");
    let sql = sql.bind(conn.tenant()).sql(" and path = ").bind(unit).sql(" order by recorded_at, id limit ");
    let all = conn.rows(sql.bind(COUNTED_MAX)).await?;
    let all = all.iter().map(CountChoice::read).collect::<Result<Vec<_>, _>>()?;
    Ok(all.into_iter().map(|choice| (choice.counted_on, choice)).collect())
}

/// What one unit stands with, the newest first.
///
/// # Errors
/// When the database is away.
pub async fn standings_of(conn: &mut Conn, unit: &Path) -> Result<Vec<Standing>, Problem> {
    let sql = Sql::new("select ").sql(Standing::SELECT).sql(" from zone_standing where tenant = ").bind(conn.tenant());
    let sql = sql.sql(" and path = ").bind(unit).sql(" order by holds_on desc, recorded_at desc limit ");
    conn.rows(sql.bind(STANDINGS_MAX)).await?.iter().map(Standing::read).collect()
}

/// Lockdowns of one unit and everything below it, those that last first.
///
/// # Errors
/// When the database is away.
pub async fn lockdowns(conn: &mut Conn, unit: &Path) -> Result<Vec<Lockdown>, Problem> {
    let sql = Sql::new("select ").sql(Lockdown::SELECT).sql(" from zone_lockdown where tenant = ").bind(conn.tenant());
    let sql = below(sql.sql(" and "), "path", unit);
    let sql = sql.sql(" order by case when ended_at is null then 0 else 1 end, from_at desc, id limit ");
    conn.rows(sql.bind(LOCKDOWNS_MAX)).await?.iter().map(Lockdown::read).collect()
}

/// A lockdown that the actor may see.
///
/// # Errors
/// `not_found` otherwise.
pub async fn lockdown(conn: &mut Conn, actor: &Actor, tree: &Tree, id: Id<ids::Lockdown>) -> Result<Lockdown, Problem> {
    let lockdown: Lockdown = conn.load(id).await?;
    if sees(actor, tree, &lockdown.path) { Ok(lockdown) } else { Err(Problem::not_found()) }
}

/// Commitments of a place and everything below it, by the day until which they run.
///
/// # Errors
/// When the database is away.
pub async fn commitments(conn: &mut Conn, place: &Path) -> Result<Vec<Commitment>, Problem> {
    let sql = Sql::new("select ").sql(Commitment::SELECT).sql(" from zone_commitment where tenant = ");
    let sql = below(sql.bind(conn.tenant()).sql(" and "), "path", place);
    let sql = sql.sql(" order by by_on desc, path, id limit ").bind(COMMITMENTS_MAX);
    conn.rows(sql).await?.iter().map(Commitment::read).collect()
}

/// Commitments whose day is over since two weeks or less and of which the program has not asked for causes. What is
/// older was over before the program knew of it, or was kept.
///
/// # Errors
/// When the database is away.
pub async fn overdue(conn: &mut Conn, today: Date) -> Result<Vec<Commitment>, Problem> {
    let since = today.checked_sub(14.days()).map_err(Problem::internal)?;
    let sql = Sql::new("select ").sql(Commitment::SELECT).sql(" from zone_commitment where tenant = ");
    let sql = sql.bind(conn.tenant()).sql(" and by_on < ").bind(today);
    let sql = sql.sql(" and by_on >= ").bind(since).sql(" and asked_at is null order by by_on, id limit ");
    let sql = sql.bind(COMMITMENTS_MAX);
    conn.rows(sql).await?.iter().map(Commitment::read).collect()
}

/// A commitment that the actor may see.
///
/// # Errors
/// `not_found` otherwise.
pub async fn commitment(
    conn: &mut Conn,
    actor: &Actor,
    tree: &Tree,
    id: Id<ids::Commitment>,
) -> Result<Commitment, Problem> {
    let commitment: Commitment = conn.load(id).await?;
    if sees(actor, tree, &commitment.path) { Ok(commitment) } else { Err(Problem::not_found()) }
}

/// The level in force by decisions at a moment, of one unit's decisions in any order.
#[must_use]
pub fn level_at(decisions: &[ZoneDecision], at: Timestamp) -> Option<Level> {
    let in_force = decisions.iter().filter(|decision| decision.effective_at <= at);
    in_force.max_by_key(|decision| (decision.effective_at, decision.id)).map(|decision| decision.level)
}

/// Rows of one document's table: every commune of a province, several times.
pub const PLANNED_MAX: i64 = 1_000;

/// What a document is to decide, by unit.
///
/// # Errors
/// When the database is away.
pub async fn planned_in(conn: &mut Conn, paper: Id<ids::Paper>) -> Result<Vec<Planned>, Problem> {
    let sql = Sql::new("select ").sql(Planned::SELECT).sql(" from zone_planned where tenant = ").bind(conn.tenant());
    let sql = sql.sql(" and paper = ").bind(paper).sql(" order by path limit ").bind(PLANNED_MAX);
    conn.rows(sql).await?.iter().map(Planned::read).collect()
}

/// Drafts of one unit that are looked at: the last ones count.
const DRAFTS_MAX: i64 = 20;

/// What documents were to decide on one unit, the newest first, but for documents that were given up.
///
/// # Errors
/// When the database is away.
pub async fn planned_for(conn: &mut Conn, unit: &Path) -> Result<Vec<(Planned, Paper)>, Problem> {
    let sql = Sql::new("select ").sql(Planned::SELECT).sql(" from zone_planned where tenant = ").bind(conn.tenant());
    let sql = sql.sql(" and path = ").bind(unit).sql(" order by id desc limit ").bind(DRAFTS_MAX);
    let planned = conn.rows(sql).await?.iter().map(Planned::read).collect::<Result<Vec<_>, _>>()?;
    if planned.is_empty() {
        return Ok(Vec::new());
    }
    let sql = Sql::new("select ").sql(Paper::SELECT).sql(" from paper where tenant = ").bind(conn.tenant());
    let sql = sql.sql(" and state <> ").bind(PaperState::Discarded);
    let sql = sql.sql(" and id in ").list(planned.iter().map(|one| one.paper));
    let papers = conn.rows(sql).await?.iter().map(Paper::read).collect::<Result<Vec<_>, _>>()?;
    let with_paper = |one: Planned| {
        let paper = papers.iter().find(|paper| paper.id == one.paper)?.clone();
        Some((one, paper))
    };
    Ok(planned.into_iter().filter_map(with_paper).collect())
}

/// Decisions that stand in a document.
///
/// # Errors
/// When the database is away.
pub async fn decided_in(conn: &mut Conn, paper: Id<ids::Paper>) -> Result<Vec<ZoneDecision>, Problem> {
    let sql = Sql::new("select ").sql(ZoneDecision::SELECT).sql(" from zone_decision where tenant = ");
    let sql = sql.bind(conn.tenant()).sql(" and paper = ").bind(paper.uuid());
    let sql = sql.sql(" order by path, effective_at, id limit ").bind(PLANNED_MAX);
    conn.rows(sql).await?.iter().map(ZoneDecision::read).collect()
}

/// Decisions or commitments followed at a time; what is left over comes with the next look.
const FOLLOWED_MAX: i64 = 2_000;

fn without_step(sql: Sql, conn: &Conn, of: &'static str, step: StepKind) -> Sql {
    let sql = sql.sql(" and not exists (select 1 from zone_step s where s.tenant = ").bind(conn.tenant());
    sql.sql(" and s.about = ").sql(of).sql(".id and s.step = ").bind(step).sql(")")
}

/// Decisions whose hour lies between two moments and for which a step was not done.
///
/// # Errors
/// When the database is away.
pub async fn to_follow(
    conn: &mut Conn,
    after: Timestamp,
    until: Timestamp,
    step: StepKind,
) -> Result<Vec<ZoneDecision>, Problem> {
    let sql = Sql::new("select ").sql(ZoneDecision::SELECT).sql(" from zone_decision where tenant = ");
    let sql = sql.bind(conn.tenant()).sql(" and effective_at > ").bind(after).sql(" and effective_at <= ").bind(until);
    let sql = without_step(sql, conn, "zone_decision", step);
    let sql = sql.sql(" order by effective_at, id limit ").bind(FOLLOWED_MAX);
    conn.rows(sql).await?.iter().map(ZoneDecision::read).collect()
}

/// Commitments that run until one of some days and for which a step was not done.
///
/// # Errors
/// When the database is away.
pub async fn commitments_to_follow(
    conn: &mut Conn,
    from: Date,
    until: Date,
    step: StepKind,
) -> Result<Vec<Commitment>, Problem> {
    let sql = Sql::new("select ").sql(Commitment::SELECT).sql(" from zone_commitment where tenant = ");
    let sql = sql.bind(conn.tenant()).sql(" and by_on >= ").bind(from).sql(" and by_on <= ").bind(until);
    let sql = without_step(sql, conn, "zone_commitment", step);
    let sql = sql.sql(" order by by_on, id limit ").bind(FOLLOWED_MAX);
    conn.rows(sql).await?.iter().map(Commitment::read).collect()
}

/// Commitments of the last two months that the unit was told of as due soon and that were not noted as kept. What was
/// missed longer ago stays missed, and must not push out what may still be kept.
///
/// # Errors
/// When the database is away.
pub async fn commitments_told(conn: &mut Conn, today: Date) -> Result<Vec<Commitment>, Problem> {
    let since = today.checked_sub(60.days()).map_err(Problem::internal)?;
    let sql = Sql::new("select ").sql(Commitment::SELECT).sql(" from zone_commitment where tenant = ");
    let sql = sql.bind(conn.tenant()).sql(" and by_on >= ").bind(since);
    let sql = sql.sql(" and exists (select 1 from zone_step s where s.tenant = ");
    let sql = sql.bind(conn.tenant()).sql(" and s.about = zone_commitment.id and s.step = ").bind(StepKind::DueSoon);
    let sql = without_step(sql.sql(")"), conn, "zone_commitment", StepKind::Kept);
    let sql = sql.sql(" order by by_on desc, id limit ").bind(FOLLOWED_MAX);
    conn.rows(sql).await?.iter().map(Commitment::read).collect()
}

/// A decision, whoever asks: decisions are public.
///
/// # Errors
/// `not_found`.
pub async fn decision(conn: &mut Conn, id: Id<ids::ZoneDecision>) -> Result<ZoneDecision, Problem> {
    conn.load(id).await
}

/// The decision on the same unit whose hour came last before that of another.
///
/// # Errors
/// When the database is away.
pub async fn before(conn: &mut Conn, decision: &ZoneDecision) -> Result<Option<ZoneDecision>, Problem> {
    let sql = Sql::new("select ").sql(ZoneDecision::SELECT).sql(" from zone_decision where tenant = ");
    let sql = sql.bind(conn.tenant()).sql(" and path = ").bind(&decision.path);
    let sql = sql.sql(" and effective_at < ").bind(decision.effective_at);
    conn.row(sql.sql(" order by effective_at desc, id desc limit 1"))
        .await?
        .as_ref()
        .map(ZoneDecision::read)
        .transpose()
}

/// Decisions on a place and everything below it that are in effect at a moment or come after it, what was written down
/// last first.
///
/// # Errors
/// When the database is away.
pub async fn in_effect_or_coming(
    conn: &mut Conn,
    place: &Path,
    at: Timestamp,
    limit: i64,
) -> Result<Vec<ZoneDecision>, Problem> {
    let sql = Sql::new("select ").sql(ZoneDecision::SELECT).sql(" from zone_decision where tenant = ");
    let sql = below(sql.bind(conn.tenant()).sql(" and "), "path", place);
    let sql = sql.sql(" and not exists (select 1 from zone_decision later where later.tenant = ").bind(conn.tenant());
    let sql = sql.sql(" and later.path = zone_decision.path and later.effective_at > zone_decision.effective_at");
    let sql = sql.sql(" and later.effective_at <= ").bind(at).sql(") order by recorded_at desc, id desc limit ");
    conn.rows(sql.bind(limit)).await?.iter().map(ZoneDecision::read).collect()
}

/// The last edition of each source of a day; what is read comes with the last edition first.
pub(crate) fn newest<'c>(of_day: &[&'c DayCount]) -> Vec<&'c DayCount> {
    let mut newest: Vec<&DayCount> = Vec::new();
    for count in of_day {
        if !newest.iter().any(|other| other.source == count.source) {
            newest.push(count);
        }
    }
    newest.sort_by_key(|count| count.source);
    newest
}

/// Whose figures of a day count, of the last editions of its sources.
pub(crate) fn counting(newest: &[&DayCount], chosen: Option<Source>) -> Option<Source> {
    let sources: Vec<(Source, [Option<i64>; FIGURES])> =
        newest.iter().map(|count| (count.source, count.figures())).collect();
    counts_of(&sources, chosen).map(|(source, _)| *source)
}

/// What a source said last of a unit and day.
///
/// # Errors
/// When the database is away.
pub async fn last_count(conn: &mut Conn, unit: &Path, day: Date, source: Source) -> Result<Option<DayCount>, Problem> {
    let sql = Sql::new("select ").sql(DayCount::SELECT).sql(" from zone_count where tenant = ").bind(conn.tenant());
    let sql = sql.sql(" and path = ").bind(unit).sql(" and counted_on = ").bind(day);
    let sql = sql.sql(" and source = ").bind(source).sql(" order by edition desc limit 1");
    conn.row(sql).await?.as_ref().map(DayCount::read).transpose()
}

/// The last editions of what many counts would put right, by unit, day and source.
///
/// # Errors
/// When the database is away.
pub(crate) async fn last_counts(
    conn: &mut Conn,
    these: &[&RecordCount],
) -> Result<HashMap<(Path, Date, Source), DayCount>, Problem> {
    let mut found = HashMap::new();
    for part in these.chunks(HASHES_MAX) {
        let mut units: Vec<&Path> = part.iter().map(|one| &one.unit).collect();
        units.sort();
        units.dedup();
        let mut days: Vec<Date> = part.iter().map(|one| one.counted_on).collect();
        days.sort_unstable();
        days.dedup();
        let sql = Sql::new("select ").sql(DayCount::SELECT).sql(" from zone_count where tenant = ").bind(conn.tenant());
        let sql = sql.sql(" and path in ").list(units).sql(" and counted_on in ").list(days);
        for row in conn.rows(sql.sql(" order by edition")).await? {
            let count = DayCount::read(&row)?;
            // The last edition stands.
            found.insert((count.path.clone(), count.counted_on, count.source), count);
        }
    }
    Ok(found)
}

/// A page of the decisions on a place and everything below it, what was written down last first.
///
/// # Errors
/// When the database is away.
pub async fn decision_page(
    conn: &mut Conn,
    place: &Path,
    before: Option<Uuid>,
    limit: i64,
) -> Result<Vec<ZoneDecision>, Problem> {
    let sql = Sql::new("select ").sql(ZoneDecision::SELECT).sql(" from zone_decision where tenant = ");
    let sql = below(sql.bind(conn.tenant()).sql(" and "), "path", place);
    let sql = sql.when(before, |sql, before| sql.sql(" and id < ").bind(before));
    conn.rows(sql.sql(" order by id desc limit ").bind(limit)).await?.iter().map(ZoneDecision::read).collect()
}

/// How many decisions there are on a place and everything below it.
///
/// # Errors
/// When the database is away.
pub async fn decision_count(conn: &mut Conn, place: &Path) -> Result<i64, Problem> {
    let sql = Sql::new("select count(*) as n from zone_decision where tenant = ").bind(conn.tenant());
    conn.count(below(sql.sql(" and "), "path", place)).await
}

/// Hashes asked for in one statement.
const HASHES_MAX: usize = 400;
/// Units and days of one list: a year of a province.
const CASE_DAYS_MAX: i64 = 100_000;

/// A case as it was brought last.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct KnownCase {
    /// The unit.
    pub unit: Path,
    /// The day.
    pub day: Date,
    /// Where it was found.
    pub setting: Setting,
    /// Its age group.
    pub age: Option<AgeGroup>,
}

impl KnownCase {
    /// Whether it says the same of the case.
    #[must_use]
    pub fn is(&self, case: &Case) -> bool {
        (&self.unit, self.day, self.setting, self.age) == (&case.unit, case.day, case.setting, case.age)
    }
}

/// Which of some cases were brought before, by their hashes.
///
/// # Errors
/// When the database is away.
pub async fn known_cases(conn: &mut Conn, hashes: &[String]) -> Result<HashMap<String, KnownCase>, Problem> {
    let mut known = HashMap::new();
    for part in hashes.chunks(HASHES_MAX) {
        let sql = Sql::new("select case_hash, path, counted_on, setting, age_group from zone_case where tenant = ");
        let sql = sql.bind(conn.tenant()).sql(" and case_hash in ").list(part.iter().cloned());
        // What was brought last stands for what was brought before.
        for row in conn.rows(sql.sql(" order by record")).await? {
            let case = KnownCase {
                unit: row.get("path")?,
                day: row.get("counted_on")?,
                setting: row.get("setting")?,
                age: row.get("age_group")?,
            };
            known.insert(row.get("case_hash")?, case);
        }
    }
    Ok(known)
}

/// Appends that no later list says otherwise of a case `c`.
fn brought_last(sql: Sql, conn: &Conn) -> Sql {
    let sql = sql.sql(" and not exists (select 1 from zone_case later where later.tenant = ").bind(conn.tenant());
    sql.sql(" and later.case_hash = c.case_hash and later.record > c.record)")
}

/// Cases of lists by day and unit: source known, source unknown, outside the community.
///
/// # Errors
/// When the database is away.
pub async fn cases_by_unit(
    conn: &mut Conn,
    place: &Path,
    first: Date,
    last: Date,
) -> Result<HashMap<(Date, Path), [i64; 3]>, Problem> {
    let sql = Sql::new("select c.path, c.counted_on, c.setting, count(*) as n from zone_case c where c.tenant = ");
    let sql = sql.bind(conn.tenant()).sql(" and c.counted_on >= ").bind(first).sql(" and c.counted_on <= ").bind(last);
    let sql = brought_last(below(sql.sql(" and "), "c.path", place), conn);
    // Two places know one case under two hashes: lists of different places are never added up.
    let sql = sql.sql(" and exists (select 1 from zone_case_list l where l.tenant = ").bind(conn.tenant());
    let sql = sql.sql(" and l.id = c.record and l.path = ").bind(place).sql(")");
    let sql = sql.sql(" group by c.path, c.counted_on, c.setting limit ").bind(CASE_DAYS_MAX);
    let rows = conn.rows(sql).await?;
    if i64::try_from(rows.len()) == Ok(CASE_DAYS_MAX) {
        // What is beyond would be taken for noughts.
        return Err(Problem::new(ProblemKind::TooLarge, "zones.cases.too_many").with("max", CASE_DAYS_MAX));
    }
    let mut counted: HashMap<(Date, Path), [i64; 3]> = HashMap::new();
    for row in rows {
        let setting: Setting = row.get("setting")?;
        counted.entry((row.get("counted_on")?, row.get("path")?)).or_default()[setting as usize] = row.get("n")?;
    }
    Ok(counted)
}

/// Cases of lists by day, of a place and some days around.
///
/// # Errors
/// When the database is away.
pub async fn cases_by_day(
    conn: &mut Conn,
    place: &Path,
    first: Date,
    last: Date,
) -> Result<HashMap<Date, i64>, Problem> {
    let first = first.checked_sub(7.days()).map_err(Problem::internal)?;
    let last = last.checked_add(7.days()).map_err(Problem::internal)?;
    let mut by_day: HashMap<Date, i64> = HashMap::new();
    for ((day, _), counts) in cases_by_unit(conn, place, first, last).await? {
        *by_day.entry(day).or_default() += counts.iter().sum::<i64>();
    }
    Ok(by_day)
}

/// Lists of cases that were brought for a place or for one below it, the newest first.
///
/// # Errors
/// When the database is away.
pub async fn case_lists(conn: &mut Conn, place: &Path) -> Result<Vec<CaseList>, Problem> {
    let sql = Sql::new("select ").sql(CaseList::SELECT).sql(" from zone_case_list where tenant = ").bind(conn.tenant());
    let sql = below(sql.sql(" and "), "path", place).sql(" order by id desc limit ").bind(LISTS_MAX);
    conn.rows(sql).await?.iter().map(CaseList::read).collect()
}

/// The list that a unit brought last: its columns are remembered.
///
/// # Errors
/// When the database is away.
pub async fn last_case_list(conn: &mut Conn, unit: &Path) -> Result<Option<CaseList>, Problem> {
    let sql = Sql::new("select ").sql(CaseList::SELECT).sql(" from zone_case_list where tenant = ").bind(conn.tenant());
    let sql = sql.sql(" and brought_by = ").bind(unit).sql(" order by id desc limit 1");
    conn.row(sql).await?.as_ref().map(CaseList::read).transpose()
}
