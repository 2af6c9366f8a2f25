//! Reading dispatches.

use std::collections::BTreeMap;

use vx_concepts::work::{self, SeriesState, WorkItem, WorkState};
use vx_kernel::{Id, Path, Problem, ids, text::fold};
use vx_platform::{
    auth::{Actor, within},
    params,
    store::{Conn, Record as _, Row, Sql, Uuid},
    web::list::{KeyKind, Listing, Order, Shown},
};

use crate::types::{Directive, DirectiveState, Reading};

/// The permission to read dispatches.
pub const READ: &str = "directives.read";
/// Rows in a file: more than a province takes in during an epidemic.
pub const EXPORT_MAX: i64 = 50_000;
/// By what a list of dispatches can be sorted.
pub const ORDERS: &[Order] = &[
    Order { name: "received", key: "directive-received", by: "d.id", kind: KeyKind::Uuid, falling: true },
    Order {
        name: "issued",
        key: "directive-date",
        by: "coalesce(d.issued_on, '0001-01-01')",
        kind: KeyKind::Date,
        falling: true,
    },
    Order { name: "number", key: "directive-number", by: "d.label_key", kind: KeyKind::Bytes, falling: false },
    Order { name: "issuer", key: "directive-issuer", by: "d.issuer_key", kind: KeyKind::Bytes, falling: false },
];

/// The usual list: the newest first.
#[must_use]
pub fn newest() -> Listing {
    Listing::parse("/directives", ORDERS, &[])
}

/// What a list asks for.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// Words, without marks.
    pub text: String,
    /// State.
    pub state: Option<DirectiveState>,
    /// By urgency.
    pub urgency: Option<vx_concepts::work::Urgency>,
}

/// A dispatch in a list, without its text.
#[derive(Clone, Debug)]
pub struct Line {
    /// Which.
    pub id: Id<ids::Directive>,
    /// Where it is.
    pub state: DirectiveState,
    /// Number, or the file's name.
    pub label: String,
    /// Kind.
    pub kind: Option<String>,
    /// Urgency.
    pub urgency: Option<vx_concepts::work::Urgency>,
    /// Issuer.
    pub issuer: Option<String>,
    /// Day of issue.
    pub issued_on: Option<vx_kernel::Date>,
    /// What it is about.
    pub subject: Option<String>,
    /// Required findings not settled.
    pub required: i64,
    /// Tasks within the reader's reach that are open.
    pub open: i64,
    /// Tasks within the reader's reach.
    pub tasks: i64,
}

/// Appends that the dispatch `d` was taken in within reach, gives work to a unit within reach, or was sent to one.
pub(crate) fn seen(sql: Sql, conn: &Conn, actor: &Actor) -> Sql {
    let reach = actor.reach(READ);
    let sql = within(sql.sql("("), "d.path", &reach);
    let sql = sql
        .sql(" or exists (select 1 from work_item w where w.tenant = ")
        .bind(conn.tenant())
        .sql(" and w.about = d.id and ");
    let sql = within(sql, "w.path", &reach);
    let sql = sql.sql(") or exists (select 1 from work_item w join work_cooperator c on c.tenant = w.tenant and c.work = w.id where w.tenant = ");
    let sql = sql.bind(conn.tenant()).sql(" and w.about = d.id and ");
    let sql = within(sql, "c.path", &reach).sql(") or exists (select 1 from delivery v where v.tenant = ");
    within(sql.bind(conn.tenant()).sql(" and v.record = d.id and "), "v.path", &reach).sql("))")
}

fn conditions(sql: Sql, conn: &Conn, actor: &Actor, wanted: &Wanted) -> Sql {
    let sql = sql.sql(" from directive d where d.tenant = ").bind(conn.tenant()).sql(" and ");
    let mut sql = seen(sql, conn, actor)
        .when(wanted.state, |sql, state| sql.sql(" and d.state = ").bind(state))
        .when(wanted.urgency, |sql, urgency| sql.sql(" and d.urgency = ").bind(urgency));
    if wanted.state.is_none() {
        sql = sql.sql(" and d.state <> ").bind(DirectiveState::Discarded);
    }
    for word in fold(&wanted.text).split_whitespace() {
        sql = sql.sql(" and d.folded like ").bind(format!("%{word}%"));
    }
    sql
}

/// One page of dispatches.
///
/// # Errors
/// When the database is away.
pub async fn list(conn: &mut Conn, actor: &Actor, wanted: &Wanted, listing: &Listing) -> Result<Shown<Line>, Problem> {
    let cut = listing.cut(conn, "from directive d where d.tenant = ", "d.id").await?;
    let total = count(conn, actor, wanted).await?;
    let earlier = match &cut {
        Some(cut) => {
            let sql = conditions(Sql::new("select count(*) as n"), conn, actor, wanted);
            conn.count(listing.earlier(sql, "d.id", cut)).await?
        }
        None => 0,
    };
    let sql = listing.page(lines(conn, actor, wanted), "d.id", cut.as_ref());
    let rows = conn.rows(sql).await?.iter().map(line).collect::<Result<_, _>>()?;
    Ok(listing.shown(rows, |line: &Line| line.id.to_string(), earlier, total, cut.is_some()))
}

/// The first `limit` dispatches in the order of a list.
///
/// # Errors
/// When the database is away.
pub async fn first(
    conn: &mut Conn,
    actor: &Actor,
    wanted: &Wanted,
    listing: &Listing,
    limit: i64,
) -> Result<Vec<Line>, Problem> {
    let sql = listing.all(lines(conn, actor, wanted), "d.id").sql(" limit ").bind(limit);
    conn.rows(sql).await?.iter().map(line).collect()
}

/// Dispatches by when they were taken in, newest first, after the one with id `before`.
///
/// # Errors
/// When the database is away.
pub async fn older(
    conn: &mut Conn,
    actor: &Actor,
    wanted: &Wanted,
    before: Option<Uuid>,
    limit: i64,
) -> Result<Vec<Line>, Problem> {
    let sql = lines(conn, actor, wanted).when(before, |sql, id| sql.sql(" and d.id < ").bind(id));
    conn.rows(sql.sql(" order by d.id desc limit ").bind(limit)).await?.iter().map(line).collect()
}

fn lines(conn: &Conn, actor: &Actor, wanted: &Wanted) -> Sql {
    let reach = actor.reach("tasks.read");
    let counted = |sql: Sql, conn: &Conn| {
        within(
            sql.sql(" from work_item w where w.tenant = ").bind(conn.tenant()).sql(" and w.about = d.id and "),
            "w.path",
            &reach,
        )
    };
    let sql = Sql::new(
        "select d.id, d.state, d.number, d.file_name, d.kind, d.urgency, d.issuer, d.issued_on, d.subject, d.required, (select count(*)",
    );
    let sql = counted(sql, conn).sql(") as tasks, (select count(*)");
    let sql = counted(sql, conn).sql(" and w.state in ").list(WorkState::OPEN).sql(") as open");
    conditions(sql, conn, actor, wanted)
}

fn line(row: &Row) -> Result<Line, Problem> {
    let number: Option<String> = row.find("number")?;
    let file_name: String = row.get("file_name")?;
    Ok(Line {
        id: row.get("id")?,
        state: row.get("state")?,
        label: number.unwrap_or(file_name),
        kind: row.find("kind")?,
        urgency: row.find("urgency")?,
        issuer: row.find("issuer")?,
        issued_on: row.find("issued_on")?,
        subject: row.find("subject")?,
        required: row.get("required")?,
        open: row.get("open")?,
        tasks: row.get("tasks")?,
    })
}

/// How many dispatches a list has.
///
/// # Errors
/// When the database is away.
pub async fn count(conn: &mut Conn, actor: &Actor, wanted: &Wanted) -> Result<i64, Problem> {
    let sql = conditions(Sql::new("select count(*) as n"), conn, actor, wanted);
    conn.count(sql).await
}

/// A dispatch that the actor may see.
///
/// # Errors
/// `not_found` otherwise.
pub async fn visible(conn: &mut Conn, actor: &Actor, id: Id<ids::Directive>) -> Result<Directive, Problem> {
    let sql = Sql::new("select count(*) as n from directive d where d.tenant = ").bind(conn.tenant());
    let sql = seen(sql.sql(" and d.id = ").bind(id).sql(" and "), conn, actor);
    if conn.count(sql).await? == 0 {
        return Err(Problem::not_found());
    }
    conn.load(id).await
}

/// Another dispatch with the same issuer, number and year: its id.
///
/// # Errors
/// When the database is away.
pub async fn twin(
    conn: &mut Conn,
    identity: Option<&str>,
    but: Option<Id<ids::Directive>>,
) -> Result<Option<String>, Problem> {
    let Some(identity) = identity else { return Ok(None) };
    let sql =
        Sql::new("select id from directive where tenant = ").bind(conn.tenant()).sql(" and identity = ").bind(identity);
    let sql =
        sql.sql(" and state <> ").bind(DirectiveState::Discarded).when(but, |sql, id| sql.sql(" and id <> ").bind(id));
    let row = conn.row(sql.sql(" order by id limit 1")).await?;
    row.map(|row| row.get::<Uuid>("id").map(|id| id.to_string())).transpose()
}

/// Tasks about a dispatch that are still open, everywhere.
///
/// # Errors
/// When the database is away.
pub async fn open_tasks(conn: &mut Conn, id: Id<ids::Directive>) -> Result<i64, Problem> {
    let sql = Sql::new("select count(*) as n from work_item where tenant = ").bind(conn.tenant());
    conn.count(sql.sql(" and about = ").bind(id).sql(" and state in ").list(WorkState::OPEN)).await
}

/// Work about a dispatch that is open or will come again: as long as there is any, it is not carried out.
///
/// # Errors
/// When the database is away.
pub async fn unfinished(conn: &mut Conn, id: Id<ids::Directive>) -> Result<i64, Problem> {
    let sql = Sql::new("select count(*) as n from work_series where tenant = ").bind(conn.tenant());
    let series = sql.sql(" and about = ").bind(id).sql(" and state = ").bind(SeriesState::Running);
    Ok(conn.count(series).await? + open_tasks(conn, id).await?)
}

/// Open tasks of one dispatch that a command may move: every task it may make, each with as many parts again.
pub const OPEN_MAX: usize = 40_000;

/// The open tasks about a dispatch with their parts, everywhere; one more than [`OPEN_MAX`] when there are too many.
///
/// # Errors
/// When the database is away.
pub async fn open_items(conn: &mut Conn, about: Id<ids::Directive>) -> Result<Vec<WorkItem>, Problem> {
    let sql = work::select().sql(" where w.tenant = ").bind(conn.tenant()).sql(" and w.about = ").bind(about);
    let sql = sql.sql(" and w.state in ").list(WorkState::OPEN).sql(" order by w.id limit ");
    conn.rows(sql.bind(i64::try_from(OPEN_MAX + 1).unwrap_or(i64::MAX))).await?.iter().map(WorkItem::read).collect()
}

/// Units that help with the open tasks of one dispatch: five for each task that a command may move.
const COOPERATORS_MAX: i64 = 200_000;

/// Units that help with the open tasks of a dispatch.
///
/// # Errors
/// When the database is away.
pub async fn cooperating(
    conn: &mut Conn,
    about: Id<ids::Directive>,
) -> Result<BTreeMap<Id<ids::WorkItem>, Vec<Path>>, Problem> {
    let sql = Sql::new(
        "select c.work as work, c.path as path from work_item w join work_cooperator c on c.tenant = w.tenant and c.work = w.id where w.tenant = ",
    );
    let sql = sql.bind(conn.tenant()).sql(" and w.about = ").bind(about).sql(" and w.state in ").list(WorkState::OPEN);
    let sql = sql.sql(" order by c.work, c.path limit ").bind(COOPERATORS_MAX);
    let mut units: BTreeMap<Id<ids::WorkItem>, Vec<Path>> = BTreeMap::new();
    for row in conn.rows(sql).await? {
        units.entry(row.get("work")?).or_default().push(row.get("path")?);
    }
    Ok(units)
}

/// Tasks about a dispatch by state, within the reader's reach.
///
/// # Errors
/// When the database is away.
pub async fn tasks_by_state(
    conn: &mut Conn,
    actor: &Actor,
    id: Id<ids::Directive>,
) -> Result<Vec<(WorkState, i64)>, Problem> {
    let sql = Sql::new("select w.state as state, count(*) as n from work_item w where w.tenant = ").bind(conn.tenant());
    let sql = within(sql.sql(" and w.about = ").bind(id).sql(" and "), "w.path", &actor.reach("tasks.read"));
    let rows = conn.rows(sql.sql(" group by w.state order by w.state")).await?;
    rows.iter().map(|row| Ok((row.get("state")?, row.get("n")?))).collect()
}

/// How a unit resolved words before.
///
/// # Errors
/// When the database is away.
pub async fn reading(conn: &mut Conn, path: &Path, mention: &str) -> Result<Option<Reading>, Problem> {
    let sql = Sql::with(
        "select id from directive_reading where tenant = $1 and path = $2 and mention = $3",
        params![conn.tenant(), path, mention],
    );
    match conn.row(sql).await? {
        Some(row) => conn.load(row.get::<Id<ids::Reading>>("id")?).await.map(Some),
        None => Ok(None),
    }
}

/// Words that one installation remembers at the most.
const READINGS_MAX: i64 = 10_000;

/// Everything a unit has resolved before: words → keys.
///
/// # Errors
/// When the database is away.
pub async fn readings(conn: &mut Conn, path: &Path) -> Result<BTreeMap<String, Vec<String>>, Problem> {
    let sql =
        Sql::new("select ").sql(Reading::SELECT).sql(" from directive_reading where tenant = ").bind(conn.tenant());
    let sql = sql.sql(" and path = ").bind(path).sql(" order by mention limit ").bind(READINGS_MAX);
    let rows = conn.rows(sql).await?;
    rows.iter()
        .map(|row| {
            let reading = Reading::read(row)?;
            Ok((reading.mention, reading.units.split_whitespace().map(str::to_owned).collect()))
        })
        .collect()
}
