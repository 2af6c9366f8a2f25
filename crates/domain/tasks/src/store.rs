//! Reading tasks. Every list comes through a [`Filter`], hence through the reader's reach.

use jiff::Timestamp;
use vx_concepts::{
    evidence::Attachment,
    work::{self, Filter, Urgency, WorkItem, WorkState},
};
use vx_kernel::{Id, Path, Problem, ids};
use vx_platform::{
    auth::{Actor, Breadth, Reach},
    params,
    store::{Conn, Record as _, Row, Sql, Uuid},
    web::list::{KeyKind, LIMIT, Listing, Order, Shown},
};

/// The permission to read tasks.
pub const READ: &str = "tasks.read";
/// By what a list of tasks is sorted: what is due first comes first.
pub const ORDERS: &[Order] = &[Order { name: "due", key: "due", by: "w.due_sort", kind: KeyKind::At, falling: false }];
/// Rows in an export: ten times what a province gives out in a hard month; more is said in the file's last row.
pub const EXPORT_MAX: i64 = 200_000;
/// Open parts that a decision looks at: all communes of the largest province twice over.
const PARTS_MAX: i64 = 2_000;

/// Where a page of a list begins: after this row.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct After {
    /// Its place by deadline.
    pub due: Timestamp,
    /// Its id.
    pub id: Uuid,
}

impl After {
    /// As it stands in an address.
    #[must_use]
    pub fn text(&self) -> String {
        format!("{}_{}", self.due.as_microsecond(), self.id)
    }
    /// From an address; anything else starts at the top.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (due, id) = text.split_once('_')?;
        Some(Self { due: Timestamp::from_microsecond(due.parse().ok()?).ok()?, id: Uuid::parse_str(id).ok()? })
    }
}

/// Whether a set lies anywhere, not at the desk of the nation alone.
fn is_everything(reach: &[Reach]) -> bool {
    reach.iter().any(|place| place.path.is_root() && place.breadth == Breadth::Subtree)
}

/// One page of a set of tasks within the actor's reach.
///
/// # Errors
/// When the database is away.
pub async fn page(
    conn: &mut Conn,
    actor: &Actor,
    filter: &Filter,
    now: Timestamp,
    listing: &Listing,
) -> Result<Shown<WorkItem>, Problem> {
    let reach = actor.reach(READ);
    let total = count(conn, actor, filter, now).await?;
    let cut = listing.cut(conn, "from work_item w where w.tenant = ", "w.id").await?;
    let earlier = match &cut {
        Some(cut) => {
            let sql = Sql::new("select count(*) as n from work_item w");
            let sql = filter.condition(sql, conn.tenant(), &reach, now);
            conn.count(listing.earlier(sql, "w.id", cut)).await?
        }
        None => 0,
    };
    let everything = is_everything(&filter.narrowed(&reach));
    let sql = if everything {
        listing.page(filter.condition(work::select(), conn.tenant(), &reach, now), "w.id", cut.as_ref())
    } else {
        // As in `list`: found by unit first, then put in order.
        let ids = Sql::new("with found as materialized (select w.id as id, w.due_sort as due from work_item w");
        let ids = listing.beyond(filter.condition(ids, conn.tenant(), &reach, now), "w.id", cut.as_ref());
        let (inner, outer) = if listing.reads_falling() {
            (
                " and id in (select id from found order by due desc, id desc limit ",
                ") order by due_sort desc, id desc limit ",
            )
        } else {
            (" and id in (select id from found order by due, id limit ", ") order by due_sort, id limit ")
        };
        let sql = ids.sql(") select ").sql(WorkItem::SELECT).sql(" from work_item where tenant = ").bind(conn.tenant());
        sql.sql(inner).bind(LIMIT).sql(outer).bind(LIMIT)
    };
    let rows = conn.rows(sql).await?.iter().map(WorkItem::read).collect::<Result<_, _>>()?;
    Ok(listing.shown(rows, |task: &WorkItem| task.id.to_string(), earlier, total, cut.is_some()))
}

/// A set of tasks within the actor's reach, by deadline, at most `limit` after `after`.
///
/// # Errors
/// When the database is away.
pub async fn list(
    conn: &mut Conn,
    actor: &Actor,
    filter: &Filter,
    now: Timestamp,
    after: Option<After>,
    limit: i64,
) -> Result<Vec<WorkItem>, Problem> {
    let sql = listed(conn, WorkItem::SELECT, actor, filter, now, after, limit);
    conn.rows(sql).await?.iter().map(WorkItem::read).collect()
}

/// A task in a table that is taken along: what its row says, and no more, since there are tens of thousands.
#[derive(Clone, Debug)]
pub struct Line {
    /// Its place in the list.
    pub place: After,
    /// What is to be done, in a line.
    pub title: String,
    /// The dispatch.
    pub source: String,
    /// Which clause.
    pub clause: Option<String>,
    /// Urgency.
    pub urgency: Option<Urgency>,
    /// The unit that leads.
    pub path: Path,
    /// The unit that assigned it.
    pub assigner: Path,
    /// What was done.
    pub state: WorkState,
    /// The deadline.
    pub due_at: Option<Timestamp>,
    /// The deadline that was asked for.
    pub asked_due_at: Option<Timestamp>,
    /// When it was acknowledged.
    pub acknowledged_at: Option<Timestamp>,
    /// When it was reported.
    pub reported_at: Option<Timestamp>,
    /// When it was closed.
    pub closed_at: Option<Timestamp>,
}

/// As [`list`], as lines of a table.
///
/// # Errors
/// When the database is away.
pub async fn lines(
    conn: &mut Conn,
    actor: &Actor,
    filter: &Filter,
    now: Timestamp,
    after: Option<After>,
    limit: i64,
) -> Result<Vec<Line>, Problem> {
    let columns = "id, due_sort, title, source, clause, urgency, path, assigner, state, due_at, asked_due_at,
        acknowledged_at, reported_at, closed_at";
    let line = |row: &Row| {
        Ok(Line {
            place: After { due: row.get("due_sort")?, id: row.get("id")? },
            title: row.get("title")?,
            source: row.get("source")?,
            clause: row.get("clause")?,
            urgency: row.get("urgency")?,
            path: row.get("path")?,
            assigner: row.get("assigner")?,
            state: row.get("state")?,
            due_at: row.get("due_at")?,
            asked_due_at: row.get("asked_due_at")?,
            acknowledged_at: row.get("acknowledged_at")?,
            reported_at: row.get("reported_at")?,
            closed_at: row.get("closed_at")?,
        })
    };
    let sql = listed(conn, columns, actor, filter, now, after, limit);
    conn.rows(sql).await?.iter().map(line).collect()
}

fn listed(
    conn: &Conn,
    columns: &'static str,
    actor: &Actor,
    filter: &Filter,
    now: Timestamp,
    after: Option<After>,
    limit: i64,
) -> Sql {
    let reach = actor.reach(READ);
    let from = |sql: Sql| {
        filter.condition(sql, conn.tenant(), &reach, now).when(after, |sql, after| {
            sql.sql(" and (w.due_sort, w.id) > (").bind(after.due).sql(", ").bind(after.id).sql(")")
        })
    };
    let everything = is_everything(&filter.narrowed(&reach));
    if everything {
        // Walked by deadline until the page is full.
        let sql = Sql::new("select ").sql(columns).sql(" from work_item w");
        from(sql).sql(" order by w.due_sort, w.id limit ").bind(limit)
    } else {
        // Found by unit first and only then put in order: a unit's work is little beside everybody's, and the planner
        // does not know that. Ids and deadlines alone are sorted, they stand in the index.
        let ids = from(Sql::new("with found as materialized (select w.id as id, w.due_sort as due from work_item w"));
        let sql = ids.sql(") select ").sql(columns).sql(" from work_item where tenant = ").bind(conn.tenant());
        sql.sql(" and id in (select id from found order by due, id limit ")
            .bind(limit)
            .sql(") order by due_sort, id limit ")
            .bind(limit)
    }
}

/// The first of a set, as the inbox shows them: hỏa tốc before everything else, then by deadline.
///
/// # Errors
/// When the database is away.
pub async fn first(
    conn: &mut Conn,
    actor: &Actor,
    filter: &Filter,
    now: Timestamp,
    limit: i64,
) -> Result<Vec<WorkItem>, Problem> {
    let sql = filter
        .condition(work::select(), conn.tenant(), &actor.reach(READ), now)
        .sql(" order by case when w.urgency = ")
        .bind(Urgency::HoaToc)
        .sql(" then 0 else 1 end, w.due_sort, w.id limit ")
        .bind(limit);
    conn.rows(sql).await?.iter().map(WorkItem::read).collect()
}

/// How many of a set are due at each moment.
///
/// # Errors
/// When the database is away.
pub async fn due_moments(
    conn: &mut Conn,
    actor: &Actor,
    filter: &Filter,
    now: Timestamp,
) -> Result<Vec<(Timestamp, i64)>, Problem> {
    let sql = filter
        .condition(
            Sql::new("select w.due_sort as at, count(*) as n from work_item w"),
            conn.tenant(),
            &actor.reach(READ),
            now,
        )
        .sql(" group by w.due_sort limit ")
        .bind(MOMENTS_MAX);
    conn.rows(sql).await?.iter().map(|row| Ok((row.get("at")?, row.get("n")?))).collect()
}

/// Moments of a month at which something may be due: its minutes.
const MOMENTS_MAX: i64 = 31 * 24 * 60;

/// How many there are in a set.
///
/// # Errors
/// When the database is away.
pub async fn count(conn: &mut Conn, actor: &Actor, filter: &Filter, now: Timestamp) -> Result<i64, Problem> {
    work::count::count(conn, filter, &actor.reach(READ), now).await
}

/// A task, if the actor's units lead it, assigned it or cooperate in it.
///
/// # Errors
/// `not_found` otherwise.
pub async fn visible(conn: &mut Conn, actor: &Actor, id: Id<ids::WorkItem>) -> Result<(WorkItem, Vec<Path>), Problem> {
    let task: WorkItem = conn.load(id).await?;
    let cooperating = cooperating(conn, id).await?;
    let reach = actor.reach(READ);
    let seen = |path: &Path| reach.iter().any(|reach| reach.covers(path));
    if seen(&task.path) || seen(&task.assigner) || cooperating.iter().any(seen) {
        Ok((task, cooperating))
    } else {
        Err(Problem::not_found())
    }
}

/// A file of evidence of a task that the actor sees.
///
/// # Errors
/// `not_found` otherwise.
pub async fn file(
    conn: &mut Conn,
    actor: &Actor,
    task: Id<ids::WorkItem>,
    file: Id<ids::Attachment>,
) -> Result<Attachment, Problem> {
    visible(conn, actor, task).await?;
    let file: Attachment = conn.load(file).await?;
    if file.about == task.uuid() { Ok(file) } else { Err(Problem::not_found()) }
}

/// The units that cooperate in a task.
///
/// # Errors
/// When the database is away.
pub async fn cooperating(conn: &mut Conn, id: Id<ids::WorkItem>) -> Result<Vec<Path>, Problem> {
    let sql = "select path from work_cooperator where tenant = $1 and work = $2 order by path limit 1000";
    conn.rows(Sql::with(sql, params![conn.tenant(), id])).await?.iter().map(|row| row.get("path")).collect()
}

/// Whether a series checks a standing duty that has come to its end. An occurrence has its day, the duty has none.
///
/// # Errors
/// When the database is away.
pub async fn duty_is_closed(conn: &mut Conn, series: Id<ids::Series>) -> Result<bool, Problem> {
    let sql = "select count(*) as n from work_item
               where tenant = $1 and series = $2 and occurs_on is null and closed_at is not null";
    Ok(conn.count(Sql::with(sql, params![conn.tenant(), series])).await? > 0)
}

/// The parts of a task that are still open, at every depth.
///
/// # Errors
/// When the database is away.
pub async fn open_parts(conn: &mut Conn, id: Id<ids::WorkItem>) -> Result<Vec<WorkItem>, Problem> {
    let (mut parents, mut parts) = (vec![id], Vec::new());
    // A split goes down one level of government at a time, so this turns three times at the most.
    while !parents.is_empty() {
        let sql = work::select().sql(" where w.tenant = ").bind(conn.tenant()).sql(" and w.parent in ").list(parents);
        let sql = sql.sql(" and w.state in ").list(WorkState::OPEN).sql(" order by w.id limit ").bind(PARTS_MAX);
        let found: Vec<WorkItem> = conn.rows(sql).await?.iter().map(WorkItem::read).collect::<Result<_, _>>()?;
        parents = found.iter().map(|part| part.id).collect();
        parts.extend(found);
    }
    Ok(parts)
}

/// The parts of a task that were called off with it, at every depth.
///
/// # Errors
/// When the database is away.
pub async fn parts_called_off(conn: &mut Conn, task: &WorkItem) -> Result<Vec<WorkItem>, Problem> {
    let (mut parents, mut parts) = (vec![task.id], Vec::new());
    while !parents.is_empty() {
        let sql = work::select().sql(" where w.tenant = ").bind(conn.tenant()).sql(" and w.parent in ").list(parents);
        let sql = sql.sql(" and w.state = ").bind(WorkState::Cancelled).sql(" and w.closed_at = ").bind(task.closed_at);
        let rows = conn.rows(sql.sql(" order by w.id limit ").bind(PARTS_MAX)).await?;
        let found: Vec<WorkItem> = rows.iter().map(WorkItem::read).collect::<Result<_, _>>()?;
        parents = found.iter().map(|part| part.id).collect();
        parts.extend(found);
    }
    Ok(parts)
}

/// How many parts of a task are in each state.
///
/// # Errors
/// When the database is away.
pub async fn parts_by_state(conn: &mut Conn, id: Id<ids::WorkItem>) -> Result<Vec<(WorkState, i64)>, Problem> {
    let sql =
        "select state, count(*) as n from work_item where tenant = $1 and parent = $2 group by state order by state";
    let rows = conn.rows(Sql::with(sql, params![conn.tenant(), id])).await?;
    rows.iter().map(|row| Ok((row.get("state")?, row.get("n")?))).collect()
}
