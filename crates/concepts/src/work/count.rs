//! How much open work there is, without reading it all.
//!
//! For the nation, a province and a district the figures are kept: each save of a work item counts it out of where it
//! was and into where it is, in the same transaction. Figures by the clock are kept by the minute of the deadline, so
//! that only the present minute is counted in the work itself. Below a district, and for what is not kept (words, one
//! dispatch, evidence of neighbours), the work is counted.
//!
//! **Invariant:** what is kept is what a count would give (test `kept_figures_are_the_counted_ones`).

use std::{any::Any, collections::BTreeMap};

use jiff::{SignedDuration, Timestamp, Unit};
use vx_kernel::{Path, Problem};
use vx_platform::{
    auth::{Breadth, Reach},
    params,
    store::{Conn, Db, Record, Row, Sql, Tx},
};

use super::{Filter, Part, Seen, Urgency, WorkItem, WorkState, soon};

const TABLE: &str = "work_count";
const COLUMNS: &[&str] = &["side", "depth", "scope", "what", "minute"];
/// The deepest scope for which figures are kept: districts of 2021, communes since 2025. What lies deeper is little.
const DEPTH_MAX: usize = 2;
/// Open work that waits for its unit, by the minute of its deadline.
const WAITS: &str = "waiting";
/// The same under a dispatch stamped HỎA TỐC, whose "soon" is another.
const WAITS_HOA_TOC: &str = "waiting_hoa_toc";

fn side(part: Part) -> Option<&'static str> {
    match part {
        Part::Lead => Some("lead"),
        Part::Assigned => Some("assigner"),
        Part::Cooperating | Part::Superior => None,
    }
}

/// A minute as the table keeps it; text order is time order.
fn minute(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M").to_string()
}

/// A state with an urgency as the table keeps it.
fn what(state: WorkState, urgency: Option<Urgency>) -> String {
    format!("{state}/{}", urgency.map_or("", Urgency::as_str))
}

impl WorkItem {
    /// The figures in which this item counts.
    fn counted(&self) -> Vec<Vec<String>> {
        if self.state.is_closed() {
            return Vec::new();
        }
        let mut keys = Vec::with_capacity(12);
        for (part, path) in [(Part::Lead, &self.path), (Part::Assigned, &self.assigner)] {
            let Some(side) = side(part) else { continue };
            for depth in 0..=path.depth().min(DEPTH_MAX) {
                let scope = path.at_depth(depth);
                let mut key = |what: String, minute: String| {
                    keys.push(vec![side.to_owned(), depth.to_string(), scope.as_str().to_owned(), what, minute]);
                };
                key(what(self.state, self.urgency), String::new());
                if let Some(due) = self.due_at
                    && WorkState::WAITING.contains(&self.state)
                {
                    let waits = if self.urgency == Some(Urgency::HoaToc) { WAITS_HOA_TOC } else { WAITS };
                    key(waits.to_owned(), minute(due));
                }
            }
        }
        keys
    }

    /// Counts this item into the kept figures; for who appends items by other ways than a command.
    pub fn count_in(&self, tx: &mut Tx) {
        tally(tx, self, 1);
    }
}

fn tally(tx: &mut Tx, item: &WorkItem, by: i64) {
    for key in item.counted() {
        tx.tally(TABLE, COLUMNS, key, by);
    }
}

/// Carries a saved record over into the kept figures, when it is a work item. Every save of a command comes by here.
pub(crate) fn saved<R: Record>(tx: &mut Tx, before: Option<&R>, after: &R) {
    let item = |record: &R| (record as &dyn Any).downcast_ref::<WorkItem>().cloned();
    if let Some(before) = before.and_then(item) {
        tally(tx, &before, -1);
    }
    if let Some(after) = item(after) {
        tally(tx, &after, 1);
    }
}

/// The setting that says that the figures are kept for all there is.
const KEPT: &str = "work.counts_kept";
/// Items read at a time when all is counted anew.
const CHUNK: i64 = 5_000;

/// Counts everything that is there, once, for data older than the figures. Of two processes that begin at once, the
/// second waits at the setting until the first has counted, and then finds nothing to do.
///
/// # Errors
/// When the database is away.
pub async fn keep(db: &Db) -> Result<(), Problem> {
    db.write(|tx| {
        Box::pin(async move {
            let sql = "insert into setting (tenant, name, value) values ($1, $2, '1')
                       on conflict (tenant, name) do nothing";
            if tx.change(Sql::with(sql, params![tx.tenant(), KEPT])).await? == 0 {
                return Ok(());
            }
            count_anew(tx).await
        })
    })
    .await
}

/// Throws the figures away and counts anew, in one transaction: the repair, should they ever be wrong.
///
/// # Errors
/// When the database is away.
pub async fn recount(db: &Db) -> Result<(), Problem> {
    db.write(|tx| Box::pin(count_anew(tx))).await
}

async fn count_anew(tx: &mut Tx) -> Result<(), Problem> {
    tx.change(Sql::with("delete from work_count where tenant = $1", params![tx.tenant()])).await?;
    let mut after = vx_platform::store::Uuid::nil();
    loop {
        let sql = super::select().sql(" where w.tenant = ").bind(tx.tenant()).sql(" and w.closed_at is null");
        let sql = sql.sql(" and w.id > ").bind(after).sql(" order by w.id limit ").bind(CHUNK);
        let rows = tx.rows(sql).await?;
        for row in &rows {
            let item = WorkItem::read(row)?;
            item.count_in(tx);
            after = item.id.uuid();
        }
        if rows.is_empty() {
            return Ok(());
        }
    }
}

/// Removes figures that have become nought. Done by the hourly job `tasks.tidy`.
///
/// # Errors
/// When the database is away.
pub async fn sweep(db: &Db) -> Result<(), Problem> {
    db.write(|tx| {
        Box::pin(async move {
            let sql = "delete from work_count where tenant = $1 and n = 0";
            tx.change(Sql::with(sql, params![tx.tenant()])).await.map(drop)
        })
    })
    .await
}

/// Scopes none of which lies within another, when figures are kept for all of them.
fn kept_scopes(reach: &[Reach]) -> Option<Vec<&Path>> {
    let mut scopes: Vec<&Path> = Vec::new();
    for place in reach {
        if place.breadth != Breadth::Subtree || place.path.depth() > DEPTH_MAX {
            return None;
        }
        scopes.push(&place.path);
    }
    scopes.sort();
    scopes.dedup();
    let apart = scopes.iter().filter(|scope| !scopes.iter().any(|other| other != *scope && other.contains(scope)));
    Some(apart.copied().collect())
}

/// A stretch of deadlines, from a moment (included) to a moment (not included).
struct Stretch {
    what: &'static str,
    from: Option<Timestamp>,
    to: Timestamp,
}

fn start_of_minute(at: Timestamp) -> Timestamp {
    at.round(jiff::TimestampRound::new().smallest(Unit::Minute).mode(jiff::RoundMode::Floor)).unwrap_or(at)
}

/// Appends the scopes as the figures know them.
fn at_scopes(mut sql: Sql, part: &'static str, scopes: &[&Path]) -> Sql {
    sql = sql.sql(" and side = ").bind(part).sql(" and (depth, scope) in (");
    for (index, scope) in scopes.iter().enumerate() {
        sql = sql.sql(if index > 0 { ", (" } else { "(" }).bind(scope.depth().to_string()).sql(", ");
        sql = sql.bind(scope.as_str()).sql(")");
    }
    sql.sql(")")
}

const SUM: &str = "select cast(coalesce(sum(n), 0) as BIGINT) as n from work_count where tenant = ";

/// How many items a filter has within reach.
///
/// # Errors
/// When the database is away.
pub async fn count(conn: &mut Conn, filter: &Filter, reach: &[Reach], now: Timestamp) -> Result<i64, Problem> {
    let narrowed = filter.narrowed(reach);
    let plain = Filter {
        part: filter.part,
        states: filter.states.clone(),
        seen: filter.seen,
        urgency: filter.urgency,
        unit: filter.unit.clone(),
        ..Filter::default()
    };
    let open_only = filter.states.iter().all(|state| !state.is_closed());
    if let (true, true, Some(side), Some(scopes)) =
        (plain == *filter, open_only, side(filter.part), kept_scopes(&narrowed))
    {
        if scopes.is_empty() {
            return Ok(0);
        }
        match filter.seen {
            None => return by_state(conn, filter, side, &scopes).await,
            Some(seen @ (Seen::Overdue | Seen::Soon)) if filter.states.is_empty() && filter.urgency.is_none() => {
                return by_clock(conn, filter, reach, seen, side, &scopes, now).await;
            }
            _ => {}
        }
    }
    let sql = filter.condition(Sql::new("select count(*) as n from work_item w"), conn.tenant(), reach, now);
    conn.count(sql).await
}

async fn by_state(conn: &mut Conn, filter: &Filter, side: &'static str, scopes: &[&Path]) -> Result<i64, Problem> {
    let states: &[WorkState] = if filter.states.is_empty() { &WorkState::OPEN } else { &filter.states };
    let urgencies: Vec<Option<Urgency>> = match filter.urgency {
        Some(urgency) => vec![Some(urgency)],
        None => std::iter::once(None).chain(Urgency::ALL.iter().copied().map(Some)).collect(),
    };
    let whats = states.iter().flat_map(|state| urgencies.iter().map(|urgency| what(*state, *urgency)));
    let sql = at_scopes(Sql::new(SUM).bind(conn.tenant()), side, scopes);
    conn.count(sql.sql(" and minute = '' and what in ").list(whats)).await
}

fn stretches(seen: Seen, now: Timestamp) -> Vec<Stretch> {
    // "Until" is included in what is soon due; both databases keep microseconds.
    let until = |urgency| {
        now.checked_add(soon(urgency, now)).and_then(|at| at.checked_add(SignedDuration::from_micros(1))).unwrap_or(now)
    };
    [(WAITS, until(None)), (WAITS_HOA_TOC, until(Some(Urgency::HoaToc)))]
        .map(|(what, until)| match seen {
            Seen::Soon => Stretch { what, from: Some(now), to: until },
            _ => Stretch { what, from: None, to: now },
        })
        .into()
}

async fn by_clock(
    conn: &mut Conn,
    filter: &Filter,
    reach: &[Reach],
    seen: Seen,
    side: &'static str,
    scopes: &[&Path],
    now: Timestamp,
) -> Result<i64, Problem> {
    let mut n = 0;
    for stretch in stretches(seen, now) {
        let (from, to) = (stretch.from.map(start_of_minute), start_of_minute(stretch.to));
        // Whole minutes from the figures …
        let sql = at_scopes(Sql::new(SUM).bind(conn.tenant()), side, scopes);
        let sql = sql.sql(" and what = ").bind(stretch.what).sql(" and minute < ").bind(minute(to));
        let sql = sql.when(from, |sql, from| sql.sql(" and minute > ").bind(minute(from)));
        n += conn.count(sql).await?;
        // … and the minutes in which it begins and ends from the work itself.
        let minute_after = |at: Timestamp| at.checked_add(SignedDuration::from_mins(1)).unwrap_or(at);
        let mut edges = Vec::new();
        match (stretch.from, from) {
            (Some(begin), Some(minute)) if minute < to => {
                edges.push((begin, minute_after(minute)));
                edges.push((to, stretch.to));
            }
            (Some(begin), _) => edges.push((begin, stretch.to)),
            (None, _) => edges.push((to, stretch.to)),
        }
        for (begin, end) in edges {
            n += at_edge(conn, filter, reach, stretch.what, begin, end, now).await?;
        }
    }
    Ok(n)
}

/// What waits with a deadline in a part of a minute, counted in the work.
async fn at_edge(
    conn: &mut Conn,
    filter: &Filter,
    reach: &[Reach],
    what: &'static str,
    from: Timestamp,
    to: Timestamp,
    now: Timestamp,
) -> Result<i64, Problem> {
    if from >= to {
        return Ok(0);
    }
    let sql = Sql::new("select count(*) as n from work_item w");
    let filter = Filter {
        part: filter.part,
        unit: filter.unit.clone(),
        states: WorkState::WAITING.to_vec(),
        ..Filter::default()
    };
    conn.count(between(filter.condition(sql, conn.tenant(), reach, now), what, from, to)).await
}

fn between(sql: Sql, what: &'static str, from: Timestamp, to: Timestamp) -> Sql {
    let sql = sql.sql(" and w.closed_at is null and w.due_sort >= ").bind(from).sql(" and w.due_sort < ").bind(to);
    if what == WAITS_HOA_TOC {
        sql.sql(" and w.urgency = ").bind(Urgency::HoaToc)
    } else {
        sql.sql(" and (w.urgency is null or w.urgency <> ").bind(Urgency::HoaToc).sql(")")
    }
}

/// Open work of one unit, in figures.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Load {
    /// Open.
    pub open: i64,
    /// Not yet acknowledged.
    pub unacknowledged: i64,
    /// Past the deadline.
    pub overdue: i64,
    /// Reported, waiting for the assigner.
    pub reported: i64,
}

impl std::ops::AddAssign for Load {
    fn add_assign(&mut self, other: Self) {
        self.open += other.open;
        self.unacknowledged += other.unacknowledged;
        self.overdue += other.overdue;
        self.reported += other.reported;
    }
}

/// Open work by leading unit within reach, summed at the units one level below `top`; what `top` leads itself stands
/// under `top`.
///
/// # Errors
/// When the database is away.
pub async fn loads(
    conn: &mut Conn,
    top: &Path,
    reach: &[Reach],
    now: Timestamp,
) -> Result<BTreeMap<Path, Load>, Problem> {
    let filter = Filter { unit: Some(top.clone()), ..Filter::default() };
    let narrowed = filter.narrowed(reach);
    let depth = top.depth() + 1;
    let whole = narrowed.iter().any(|place| place.breadth == Breadth::Subtree && place.path == *top);
    if !whole || depth > DEPTH_MAX {
        return counted_loads(conn, &filter, depth, reach, now).await;
    }
    let mut loads: BTreeMap<Path, Load> = BTreeMap::new();
    let this_minute = start_of_minute(now);
    let (from, to) = top.range();
    let sql = Sql::new("select scope, what, cast(sum(n) as BIGINT) as n from work_count where tenant = ")
        .bind(conn.tenant())
        .sql(" and side = 'lead' and ((depth = ")
        .bind(depth.to_string())
        .sql(" and scope >= ")
        .bind(from)
        .sql(" and scope < ")
        .bind(to)
        .sql(") or (depth = ")
        .bind(top.depth().to_string())
        .sql(" and scope = ")
        .bind(top.as_str())
        .sql(")) and minute < ")
        .bind(minute(this_minute))
        .sql(" group by scope, what");
    let rows: Vec<Row> = conn.rows(sql).await?;
    for row in &rows {
        let (scope, what, n): (Path, String, i64) = (row.get("scope")?, row.get("what")?, row.get("n")?);
        let load = loads.entry(scope).or_default();
        match what.split('/').next().unwrap_or_default() {
            WAITS | WAITS_HOA_TOC => load.overdue += n,
            state => {
                load.open += n;
                match WorkState::parse(state) {
                    Some(WorkState::Assigned) => load.unacknowledged += n,
                    Some(WorkState::Reported) => load.reported += n,
                    _ => {}
                }
            }
        }
    }
    let minute_ago = Filter { states: WorkState::WAITING.to_vec(), ..filter };
    let sql = minute_ago.condition(
        Sql::new("select w.path as path, count(*) as n from work_item w"),
        conn.tenant(),
        reach,
        now,
    );
    let sql = sql.sql(" and w.closed_at is null and w.due_sort >= ").bind(this_minute).sql(" and w.due_sort < ");
    for row in conn.rows(sql.bind(now).sql(" group by w.path")).await? {
        let (path, n): (Path, i64) = (row.get("path")?, row.get("n")?);
        loads.entry(path.at_depth(depth)).or_default().overdue += n;
        if path != *top {
            loads.entry(top.clone()).or_default().overdue += n;
        }
    }
    // The figures of `top` hold everything below it too; what is left is what it leads itself.
    if let Some(mut own) = loads.remove(top) {
        for load in loads.values() {
            own.open -= load.open;
            own.unacknowledged -= load.unacknowledged;
            own.overdue -= load.overdue;
            own.reported -= load.reported;
        }
        loads.insert(top.clone(), own);
    }
    loads.retain(|_, load| load.open > 0);
    Ok(loads)
}

async fn counted_loads(
    conn: &mut Conn,
    filter: &Filter,
    depth: usize,
    reach: &[Reach],
    now: Timestamp,
) -> Result<BTreeMap<Path, Load>, Problem> {
    let sql = Sql::new("select w.path as path, count(*) as n, count(*) filter (where w.state = ")
        .bind(WorkState::Assigned)
        .sql(") as unacknowledged, count(*) filter (where w.due_sort < ")
        .bind(now)
        .sql(" and w.state <> ")
        .bind(WorkState::Reported)
        .sql(" and w.due_at is not null) as overdue, count(*) filter (where w.state = ")
        .bind(WorkState::Reported)
        .sql(") as reported from work_item w");
    let sql = filter.condition(sql, conn.tenant(), reach, now).sql(" group by w.path");
    let mut loads: BTreeMap<Path, Load> = BTreeMap::new();
    for row in conn.rows(sql).await? {
        let path: Path = row.get("path")?;
        *loads.entry(path.at_depth(depth)).or_default() += Load {
            open: row.get("n")?,
            unacknowledged: row.get("unacknowledged")?,
            overdue: row.get("overdue")?,
            reported: row.get("reported")?,
        };
    }
    Ok(loads)
}
