//! Reading zones.
//!
//! Zones hold counts and decisions, no persons. Who reads them in an agency reads those of the place beside which the
//! agency stands: the health department sees the province.

use std::{collections::HashMap, sync::LazyLock};

use futures_util::future::try_join_all;
use jiff::{Timestamp, ToSpan as _, civil::Date};
use vx_kernel::{Id, Path, Problem, ids, time, units::Tree};
use vx_platform::{
    auth::{Actor, Reach, below},
    store::{Conn, Db, Record as _, Sql},
};

use crate::{
    commands::Acting,
    evaluate::{Outcome, levels},
    facts::{FIGURES, STANDS, World},
    level::Level,
    rules::RuleBook,
    types::{
        Commitment, CountChoice, DayCount, Judgement, Lockdown, Proposal, ProposalState, Source, Standing,
        Verification, ZoneDecision, days,
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

/// The places of which somebody may read: those of their own reach, and of an agency the place beside which it stands.
#[must_use]
pub fn places(actor: &Actor, tree: &Tree, permission: &str) -> Vec<Path> {
    let place = |reach: Reach| tree.place_of(reach.path.unit()).map_or(reach.path, |place| place.path.clone());
    let mut places: Vec<Path> = Vec::new();
    for path in actor.reach(permission).into_iter().map(place) {
        if !places.iter().any(|other| other.contains(&path)) {
            places.retain(|other| !path.contains(other));
            places.push(path);
        }
    }
    places
}

/// Whether somebody may read of a unit.
#[must_use]
pub fn sees(actor: &Actor, tree: &Tree, unit: &Path) -> bool {
    places(actor, tree, READ).iter().any(|place| place.contains(unit))
}

/// For whom somebody may do something to a unit: the narrowest of their units that answers for it.
#[must_use]
pub fn acting(actor: &Actor, tree: &Tree, permission: &str, unit: &Path) -> Option<Acting> {
    let homes = actor.homes().into_iter().filter(|home| actor.may(permission, home));
    let acting = homes.map(|home| {
        let place = tree.place_of(home.unit()).map_or_else(|| home.clone(), |place| place.path.clone());
        Acting { unit: home.clone(), place }
    });
    acting.filter(|acting| acting.place.contains(unit)).max_by_key(|acting| acting.place.depth())
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

async fn choices(
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
    for (day, text) in &days_counted {
        let mut rows: Vec<Counted> = text.split(';').filter_map(|row| read_counted(row, &at)).collect();
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
                let Some((_, figures)) = counts_of(&sources, chosen) else { continue };
                *figures
            };
            if world.nodes[node].children.is_empty() {
                world.count(node, *day, &figures);
            } else {
                world.count_for_all(node, *day, &figures);
            }
        }
    }
    world.add_up();
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
