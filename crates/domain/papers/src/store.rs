//! Reading documents that units issue.

use vx_concepts::{
    paper::{Paper, PaperState, seen},
    work::Urgency,
};
use vx_kernel::{Date, Id, Problem, ids, text::fold};
use vx_platform::{
    auth::{Actor, within},
    store::{Conn, Record as _, Row, Sql, Uuid},
    web::list::{KeyKind, Listing, Order, Shown},
};

use crate::Sign;
use vx_concepts::engine::Command as _;

/// By what the list can be sorted.
pub const ORDERS: &[Order] = &[
    Order { name: "begun", key: "paper-begun", by: "p.id", kind: KeyKind::Uuid, falling: true },
    Order {
        name: "issued",
        key: "paper-issued-on",
        by: "coalesce(p.issued_on, '0001-01-01')",
        kind: KeyKind::Date,
        falling: true,
    },
    Order { name: "number", key: "paper-number", by: "coalesce(p.sequence, 0)", kind: KeyKind::Int, falling: true },
    Order { name: "subject", key: "paper-subject", by: "p.subject_key", kind: KeyKind::Bytes, falling: false },
];

/// What a list asks for.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// Words, without marks.
    pub text: String,
    /// State.
    pub state: Option<PaperState>,
    /// Type of document, as [`Paper::kind`] keeps it.
    pub kind: Option<String>,
    /// Only what waits for a signature at a desk of the reader.
    pub to_sign: bool,
}

/// A document in a list, without its content.
#[derive(Clone, Debug)]
pub struct Line {
    /// Which.
    pub id: Id<ids::Paper>,
    /// Where it is.
    pub state: PaperState,
    /// Type of document.
    pub kind: String,
    /// Urgency.
    pub urgency: Option<Urgency>,
    /// Number, once it has one.
    pub number: Option<String>,
    /// What stands behind the number.
    pub symbol: String,
    /// Day of issue.
    pub issued_on: Option<Date>,
    /// What it is about.
    pub subject: String,
    /// Issuer.
    pub issuer: String,
    /// Who drafted it.
    pub drafted_by: String,
}

fn conditions(sql: Sql, conn: &Conn, actor: &Actor, wanted: &Wanted) -> Sql {
    let sql = sql.sql(" from paper p where p.tenant = ").bind(conn.tenant()).sql(" and ");
    let mut sql = seen(sql, actor)
        .when(wanted.state, |sql, state| sql.sql(" and p.state = ").bind(state))
        .when(wanted.kind.as_deref(), |sql, kind| sql.sql(" and p.kind = ").bind(kind));
    if wanted.state.is_none() {
        sql = sql.sql(" and p.state <> ").bind(PaperState::Discarded);
    }
    if wanted.to_sign {
        sql = sql.sql(" and p.state = ").bind(PaperState::Review).sql(" and ");
        sql = within(sql, "p.signs_at", &actor.reach(Sign::NAME));
    }
    for word in fold(&wanted.text).split_whitespace() {
        sql = sql.sql(" and p.folded like ").bind(format!("%{word}%"));
    }
    sql
}

/// How many documents a list has.
///
/// # Errors
/// When the database is away.
pub async fn count(conn: &mut Conn, actor: &Actor, wanted: &Wanted) -> Result<i64, Problem> {
    let sql = conditions(Sql::new("select count(*) as n"), conn, actor, wanted);
    conn.count(sql).await
}

/// The columns of a [`Line`].
const LINE: &str =
    "select p.id, p.state, p.kind, p.urgency, p.number, p.symbol, p.issued_on, p.subject, p.issuer, p.drafted_by";

/// The first documents of a list in its order, to take along.
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
    let sql = listing.all(conditions(Sql::new(LINE), conn, actor, wanted), "p.id").sql(" limit ").bind(limit);
    conn.rows(sql).await?.iter().map(line).collect()
}

/// One page of documents.
///
/// # Errors
/// When the database is away.
pub async fn list(conn: &mut Conn, actor: &Actor, wanted: &Wanted, listing: &Listing) -> Result<Shown<Line>, Problem> {
    let cut = listing.cut(conn, "from paper p where p.tenant = ", "p.id").await?;
    let total = count(conn, actor, wanted).await?;
    let earlier = match &cut {
        Some(cut) => {
            let sql = conditions(Sql::new("select count(*) as n"), conn, actor, wanted);
            conn.count(listing.earlier(sql, "p.id", cut)).await?
        }
        None => 0,
    };
    let sql = Sql::new(LINE);
    let sql = listing.page(conditions(sql, conn, actor, wanted), "p.id", cut.as_ref());
    let rows = conn.rows(sql).await?.iter().map(line).collect::<Result<_, _>>()?;
    Ok(listing.shown(rows, |line: &Line| line.id.to_string(), earlier, total, cut.is_some()))
}

/// Documents one after the other, the newest first, before an id: what programs page through.
///
/// # Errors
/// When the database is away.
pub async fn page(
    conn: &mut Conn,
    actor: &Actor,
    wanted: &Wanted,
    before: Option<Uuid>,
    limit: i64,
) -> Result<Vec<Paper>, Problem> {
    let sql = conditions(Sql::new("select p.id"), conn, actor, wanted);
    let sql = sql.when(before, |sql, before| sql.sql(" and p.id < ").bind(before));
    let rows = conn.rows(sql.sql(" order by p.id desc limit ").bind(limit)).await?;
    let mut papers = Vec::with_capacity(rows.len());
    for row in rows {
        papers.push(conn.load(row.get::<Uuid>("id")?).await?);
    }
    Ok(papers)
}

fn line(row: &Row) -> Result<Line, Problem> {
    Ok(Line {
        id: row.get("id")?,
        state: row.get("state")?,
        kind: row.get("kind")?,
        urgency: row.find("urgency")?,
        number: row.find("number")?,
        symbol: row.get("symbol")?,
        issued_on: row.find("issued_on")?,
        subject: row.get("subject")?,
        issuer: row.get("issuer")?,
        drafted_by: row.get("drafted_by")?,
    })
}

/// The document of which a file is the edition, PDF or Word. Whoever holds the file knows what it says, so this looks
/// everywhere in the installation.
///
/// # Errors
/// When the database is away.
pub async fn of_file(conn: &mut Conn, sha256: &[u8]) -> Result<Option<Paper>, Problem> {
    let sql = Sql::new("select ").sql(Paper::SELECT).sql(" from paper where tenant = ").bind(conn.tenant());
    let sql = sql.sql(" and (pdf_sha256 = ").bind(sha256.to_vec()).sql(" or word_sha256 = ").bind(sha256.to_vec());
    let row = conn.row(sql.sql(") order by id limit 1")).await?;
    row.map(|row| Paper::read(&row)).transpose()
}
