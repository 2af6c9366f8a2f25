//! Whole tables from one database to another, of either engine: transfer, backup and restore.
//!
//! Tables and columns are those of the migrated schema, so a table that a module adds is moved without being named
//! anywhere. Values travel as SQLite keeps them (whole numbers, texts, bytes), which is also what is summed up, so the
//! sum of a table is the same on both engines. Each chunk is written together with a note of how far it went; whoever
//! kills a transfer in the middle runs it again, and it goes on from there (ADR 19).
//!
//! Beside [`super::dialect`] this is the other file that tells the engines apart: it speaks with their drivers (`COPY`,
//! snapshots), not only with their SQL.

use std::{borrow::Cow, collections::BTreeMap};

use futures_util::TryStreamExt as _;
use jiff::{Timestamp, civil::Date, civil::date};
use sha2::{Digest as _, Sha256};
use sqlx::{Row as _, postgres::PgRow, sqlite::SqliteRow};
use tokio::sync::mpsc;
use uuid::Uuid;
use vx_kernel::{Problem, ProblemKind};

use super::{
    Engine, Sql, Value,
    conn::{Conn, Db, Inner, bind_postgres, bind_sqlite, problem_of},
    dialect,
    migrate::{hex, unhex},
    value::instant_text,
};
use crate::{journal, params};

/// Bytes that are written together: large enough that the commit between two is nothing, small enough to keep in memory
/// several times over.
const CHUNK_BYTES: usize = 4 * 1024 * 1024;
/// Chunks that wait for the writer.
const CHUNKS_WAITING: usize = 2;
/// Values in one statement for SQLite, which takes 32,766.
const VALUES_MAX: usize = 30_000;
/// Tables that describe the database they stand in.
const OWN: [&str; 2] = ["schema_step", "transfer_part"];

/// What a column holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    Text,
    Int,
    Bool,
    Bytes,
    Uuid,
    Date,
    At,
}

/// A table of the migrated schema.
#[derive(Clone, Debug)]
pub(super) struct Table {
    pub(super) name: String,
    /// Names and kinds, in the order of their names, which is the same on both engines.
    pub(super) columns: Vec<(String, Kind)>,
    /// Columns of the primary key after `tenant`, as places in `columns`.
    pub(super) key: Vec<usize>,
}

impl Table {
    fn names(&self) -> String {
        self.columns.iter().map(|(name, _)| format!("\"{name}\"")).collect::<Vec<_>>().join(", ")
    }
    fn key_names(&self) -> String {
        self.key
            .iter()
            .filter_map(|at| self.columns.get(*at))
            .map(|(name, _)| format!("\"{name}\""))
            .collect::<Vec<_>>()
            .join(", ")
    }
}

/// A value as SQLite keeps it.
#[derive(Clone, PartialEq, Debug)]
enum Cell<'r> {
    Null,
    Int(i64),
    Text(Cow<'r, str>),
    Bytes(Cow<'r, [u8]>),
}

impl Cell<'_> {
    /// As text, for the note of how far a table was written.
    fn noted(&self) -> String {
        match self {
            Self::Null => "n".to_owned(),
            Self::Int(n) => format!("i{n}"),
            Self::Text(text) => format!("t{text}"),
            Self::Bytes(bytes) => format!("b{}", hex(bytes)),
        }
    }
    fn of_note(text: &str) -> Option<Cell<'static>> {
        let (sort, rest) = (text.chars().next()?, text.get(1..)?);
        Some(match sort {
            'n' => Cell::Null,
            'i' => Cell::Int(rest.parse().ok()?),
            't' => Cell::Text(Cow::Owned(rest.to_owned())),
            'b' => Cell::Bytes(Cow::Owned(unhex(rest)?)),
            _ => return None,
        })
    }
    /// As a value of a column's kind.
    fn value(&self, kind: Kind) -> Result<Value, Problem> {
        let wrong = || Problem::internal(format!("{} does not fit a column of kind {kind:?}", self.noted()));
        Ok(match (kind, self) {
            (Kind::Text, Self::Null) => Value::Text(None),
            (Kind::Int, Self::Null) => Value::Int(None),
            (Kind::Bool, Self::Null) => Value::Bool(None),
            (Kind::Bytes, Self::Null) => Value::Bytes(None),
            (Kind::Uuid, Self::Null) => Value::Uuid(None),
            (Kind::Date, Self::Null) => Value::Date(None),
            (Kind::At, Self::Null) => Value::At(None),
            (Kind::Text, Self::Text(text)) => Value::Text(Some(text.clone().into_owned())),
            (Kind::Int, Self::Int(n)) => Value::Int(Some(*n)),
            (Kind::Bool, Self::Int(n)) => Value::Bool(Some(*n != 0)),
            (Kind::Bytes, Self::Bytes(bytes)) => Value::Bytes(Some(bytes.clone().into_owned())),
            (Kind::Uuid, Self::Bytes(bytes)) => Value::Uuid(Some(Uuid::from_slice(bytes).map_err(|_| wrong())?)),
            (Kind::Date, Self::Text(text)) => Value::Date(Some(text.parse().map_err(|_| wrong())?)),
            (Kind::At, Self::Text(text)) => Value::At(Some(text.parse().map_err(|_| wrong())?)),
            _ => return Err(wrong()),
        })
    }
    /// As a field of PostgreSQL's binary `COPY`.
    fn copy_to(&self, kind: Kind, out: &mut Vec<u8>) -> Result<(), Problem> {
        let wrong = || Problem::internal(format!("{} does not fit a column of kind {kind:?}", self.noted()));
        let mut field = |bytes: &[u8]| -> Result<(), Problem> {
            out.extend(i32::try_from(bytes.len()).map_err(Problem::internal)?.to_be_bytes());
            out.extend_from_slice(bytes);
            Ok(())
        };
        match (kind, self) {
            (_, Self::Null) => {
                out.extend((-1_i32).to_be_bytes());
                Ok(())
            }
            (Kind::Text, Self::Text(text)) => field(text.as_bytes()),
            (Kind::Int, Self::Int(n)) => field(&n.to_be_bytes()),
            (Kind::Bool, Self::Int(n)) => field(&[u8::from(*n != 0)]),
            (Kind::Bytes, Self::Bytes(bytes)) => field(bytes),
            (Kind::Uuid, Self::Bytes(bytes)) if bytes.len() == 16 => field(bytes),
            (Kind::Date, Self::Text(text)) => {
                let day: Date = text.parse().map_err(|_| wrong())?;
                let days = day.since(EPOCH).map_err(|_| wrong())?.get_days();
                field(&days.to_be_bytes())
            }
            (Kind::At, Self::Text(text)) => {
                let at: Timestamp = text.parse().map_err(|_| wrong())?;
                field(&(at.as_microsecond() - EPOCH_MICROSECONDS).to_be_bytes())
            }
            _ => Err(wrong()),
        }
    }
}

/// Where PostgreSQL counts days and microseconds from.
const EPOCH: Date = date(2000, 1, 1);
const EPOCH_MICROSECONDS: i64 = 946_684_800_000_000;

fn sqlite_cell<'r>(row: &'r SqliteRow, at: usize, kind: Kind) -> Result<Cell<'r>, sqlx::Error> {
    Ok(match kind {
        Kind::Int => row.try_get_unchecked::<Option<i64>, _>(at)?.map_or(Cell::Null, Cell::Int),
        Kind::Text => row.try_get_unchecked::<Option<&str>, _>(at)?.map_or(Cell::Null, |text| Cell::Text(text.into())),
        _ => row.try_get_unchecked::<Option<&[u8]>, _>(at)?.map_or(Cell::Null, |bytes| Cell::Bytes(bytes.into())),
    })
}

fn postgres_cell<'r>(row: &'r PgRow, at: usize, kind: Kind) -> Result<Cell<'r>, sqlx::Error> {
    Ok(match kind {
        Kind::Text => row.try_get_unchecked::<Option<&str>, _>(at)?.map_or(Cell::Null, |text| Cell::Text(text.into())),
        Kind::Int => row.try_get_unchecked::<Option<i64>, _>(at)?.map_or(Cell::Null, Cell::Int),
        Kind::Bool => row.try_get_unchecked::<Option<bool>, _>(at)?.map_or(Cell::Null, |yes| Cell::Int(yes.into())),
        Kind::Bytes => {
            row.try_get_unchecked::<Option<&[u8]>, _>(at)?.map_or(Cell::Null, |bytes| Cell::Bytes(bytes.into()))
        }
        Kind::Uuid => row
            .try_get_unchecked::<Option<Uuid>, _>(at)?
            .map_or(Cell::Null, |id| Cell::Bytes(id.as_bytes().to_vec().into())),
        Kind::Date => row
            .try_get_unchecked::<Option<jiff_sqlx::Date>, _>(at)?
            .map_or(Cell::Null, |day| Cell::Text(day.to_jiff().to_string().into())),
        Kind::At => row
            .try_get_unchecked::<Option<jiff_sqlx::Timestamp>, _>(at)?
            .map_or(Cell::Null, |moment| Cell::Text(instant_text(moment.to_jiff()).into())),
    })
}

/// How many rows a table has, and a sum over the hashes of all of them that does not depend on their order. It is there
/// to find what got lost or spoilt on the way, not to stop a forger; for the journal there is the chain.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Sum {
    /// Rows.
    pub rows: i64,
    sum: u128,
}

impl Sum {
    fn add(&mut self, cells: &[Cell<'_>]) {
        let mut digest = Sha256::new();
        for cell in cells {
            match cell {
                Cell::Null => digest.update([0]),
                Cell::Int(n) => {
                    digest.update([1]);
                    digest.update(n.to_be_bytes());
                }
                Cell::Text(text) => {
                    digest.update([2]);
                    digest.update((text.len() as u64).to_be_bytes());
                    digest.update(text.as_bytes());
                }
                Cell::Bytes(bytes) => {
                    digest.update([3]);
                    digest.update((bytes.len() as u64).to_be_bytes());
                    digest.update(bytes);
                }
            }
        }
        let hash: [u8; 32] = digest.finalize().into();
        let (half, _) = hash.split_at(16);
        self.sum = self.sum.wrapping_add(half.try_into().map_or(0, u128::from_be_bytes));
        self.rows += 1;
    }

    /// The sum as 32 hexadecimal digits.
    #[must_use]
    pub fn text(&self) -> String {
        format!("{:032x}", self.sum)
    }

    /// From what [`Sum::text`] wrote.
    #[must_use]
    pub fn parse(rows: i64, text: &str) -> Option<Self> {
        Some(Self { rows, sum: u128::from_str_radix(text, 16).ok()? })
    }
}

/// A reader's connection that sees one moment of the database, whatever is written meanwhile.
struct Snapshot {
    conn: Conn,
}

impl Snapshot {
    async fn begin(db: &Db) -> Result<Self, Problem> {
        let mut conn = db.read().await?;
        let begin = match conn.engine() {
            Engine::Sqlite => "begin",
            Engine::Postgres => "begin isolation level repeatable read read only",
        };
        conn.raw(begin.to_owned()).await?;
        let mut snapshot = Self { conn };
        // The moment is that of the first read.
        let seen = snapshot.conn.count(Sql::new("select count(*) as n from schema_step")).await;
        if let Err(problem) = seen {
            snapshot.end().await?;
            return Err(problem);
        }
        Ok(snapshot)
    }

    /// Gives the connection back without the transaction.
    async fn end(mut self) -> Result<(), Problem> {
        self.conn.raw("rollback".to_owned()).await
    }

    async fn sum(&mut self, table: &Table) -> Result<Sum, Problem> {
        let mut sum = Sum::default();
        read(&mut self.conn, table, None, async |cells: &[Cell<'_>]| {
            sum.add(cells);
            Ok(())
        })
        .await?;
        Ok(sum)
    }
}

/// Gives every row of a table after a key to `take`, in the order of the key.
async fn read<F>(conn: &mut Conn, table: &Table, after: Option<&[Cell<'static>]>, mut take: F) -> Result<(), Problem>
where
    F: AsyncFnMut(&[Cell<'_>]) -> Result<(), Problem>,
{
    let mut sql = Sql::new("select ");
    sql.text.push_str(&format!("{} from \"{}\" where tenant = ", table.names(), table.name));
    sql = sql.bind(conn.tenant());
    if let Some(after) = after {
        // A table with one row for each tenant has nothing after it.
        if table.key.is_empty() {
            return Ok(());
        }
        sql.text.push_str(&format!(" and ({}) > ", table.key_names()));
        let mut values = Vec::new();
        for (cell, at) in after.iter().zip(&table.key) {
            let kind = table.columns.get(*at).map_or(Kind::Text, |(_, kind)| *kind);
            values.push(cell.value(kind)?);
        }
        sql = sql.list(values);
    }
    if !table.key.is_empty() {
        sql.text.push_str(&format!(" order by {}", table.key_names()));
    }
    let kinds: Vec<Kind> = table.columns.iter().map(|(_, kind)| *kind).collect();
    match &mut conn.inner {
        Inner::Sqlite(conn) => {
            let mut rows = bind_sqlite(sql).fetch(&mut **conn);
            while let Some(row) = rows.try_next().await.map_err(problem_of)? {
                let cells: Result<Vec<_>, _> =
                    kinds.iter().enumerate().map(|(at, kind)| sqlite_cell(&row, at, *kind)).collect();
                take(&cells.map_err(problem_of)?).await?;
            }
        }
        Inner::Postgres(conn) => {
            let mut rows = bind_postgres(sql).fetch(&mut **conn);
            while let Some(row) = rows.try_next().await.map_err(problem_of)? {
                let cells: Result<Vec<_>, _> =
                    kinds.iter().enumerate().map(|(at, kind)| postgres_cell(&row, at, *kind)).collect();
                take(&cells.map_err(problem_of)?).await?;
            }
        }
    }
    Ok(())
}

/// Rows on their way, as the engine that takes them wants them.
struct Chunk {
    sum: Sum,
    last_key: String,
    copy: Vec<u8>,
    rows: Vec<Vec<Value>>,
}

/// The head of PostgreSQL's binary `COPY`: its mark, no flags, no extension.
const COPY_HEAD: &[u8] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";

/// Reads a table into chunks.
async fn cut(
    conn: &mut Conn,
    from: &Table,
    to: &Table,
    engine: Engine,
    after: Option<&[Cell<'static>]>,
    begun: Sum,
    chunks: mpsc::Sender<Chunk>,
) -> Result<(), Problem> {
    let fresh = |sum: Sum| Chunk { sum, last_key: String::new(), copy: COPY_HEAD.to_vec(), rows: Vec::new() };
    let mut chunk = fresh(begun);
    let (mut bytes, mut waiting) = (0_usize, 0_usize);
    let mut last: Vec<String> = Vec::new();
    let gone = || Problem::internal("the writer of a transfer is gone");
    read(conn, from, after, async |cells: &[Cell<'_>]| {
        chunk.sum.add(cells);
        waiting += 1;
        match engine {
            Engine::Postgres => {
                chunk.copy.extend(i16::try_from(cells.len()).map_err(Problem::internal)?.to_be_bytes());
                for (cell, (_, kind)) in cells.iter().zip(&to.columns) {
                    cell.copy_to(*kind, &mut chunk.copy)?;
                }
                bytes = chunk.copy.len();
            }
            Engine::Sqlite => {
                let mut row = Vec::with_capacity(cells.len());
                for (cell, (_, kind)) in cells.iter().zip(&to.columns) {
                    bytes += match cell {
                        Cell::Text(text) => text.len(),
                        Cell::Bytes(bytes) => bytes.len(),
                        Cell::Null | Cell::Int(_) => 8,
                    };
                    row.push(cell.value(*kind)?);
                }
                chunk.rows.push(row);
            }
        }
        last.clear();
        last.extend(from.key.iter().filter_map(|at| cells.get(*at)).map(Cell::noted));
        if bytes >= CHUNK_BYTES {
            let next = fresh(chunk.sum);
            let mut full = std::mem::replace(&mut chunk, next);
            full.last_key = serde_json::to_string(&last).map_err(Problem::internal)?;
            (bytes, waiting) = (0, 0);
            chunks.send(full).await.map_err(|_| gone())?;
        }
        Ok(())
    })
    .await?;
    if waiting > 0 {
        chunk.last_key = serde_json::to_string(&last).map_err(Problem::internal)?;
        chunks.send(chunk).await.map_err(|_| gone())?;
    }
    Ok(())
}

/// Writes chunks as they come, each with the note of how far the table is now.
async fn put(conn: &mut Conn, table: &Table, mut chunks: mpsc::Receiver<Chunk>, begun: Sum) -> Result<Sum, Problem> {
    let mut sum = begun;
    while let Some(chunk) = chunks.recv().await {
        begin_write(conn).await?;
        let note = Note { sum: chunk.sum, last_key: Some(chunk.last_key.clone()), is_done: false };
        let outcome = match note.replace(conn, table, sum).await {
            Ok(()) => put_rows(conn, table, chunk).await,
            Err(problem) => Err(problem),
        };
        end_write(conn, outcome).await?;
        sum = note.sum;
    }
    Note { sum, last_key: None, is_done: true }.replace(conn, table, sum).await?;
    Ok(sum)
}

async fn begin_write(conn: &mut Conn) -> Result<(), Problem> {
    let begin = if conn.engine() == Engine::Sqlite { "begin immediate" } else { "begin" };
    conn.raw(begin.to_owned()).await
}

async fn end_write(conn: &mut Conn, outcome: Result<(), Problem>) -> Result<(), Problem> {
    let end = if outcome.is_ok() { "commit" } else { "rollback" };
    let ended = conn.raw(end.to_owned()).await;
    outcome.and(ended)
}

async fn put_rows(conn: &mut Conn, table: &Table, chunk: Chunk) -> Result<(), Problem> {
    if let Inner::Postgres(conn) = &mut conn.inner {
        let text = format!("copy \"{}\" ({}) from stdin (format binary)", table.name, table.names());
        let mut copy = conn.copy_in_raw(&text).await.map_err(problem_of)?;
        let mut bytes = chunk.copy;
        bytes.extend((-1_i16).to_be_bytes());
        copy.send(bytes).await.map_err(problem_of)?;
        return copy.finish().await.map(drop).map_err(problem_of);
    }
    let head = format!("insert into \"{}\" ({}) values ", table.name, table.names());
    let most = (VALUES_MAX / table.columns.len().max(1)).clamp(1, 256);
    let mut rows = chunk.rows.into_iter();
    while rows.len() > 0 {
        let mut sql = Sql::new("");
        sql.text.clone_from(&head);
        for (index, row) in rows.by_ref().take(most).enumerate() {
            sql = if index > 0 { sql.sql(",") } else { sql }.list(row);
        }
        conn.execute(sql).await?;
    }
    Ok(())
}

/// How far a table is.
#[derive(Clone, Debug, Default)]
struct Note {
    sum: Sum,
    last_key: Option<String>,
    is_done: bool,
}

impl Note {
    /// Takes the place of the note that said `before`. Who finds another there is not alone: a second transfer, or one
    /// that was killed and whose last words the server is still writing down.
    async fn replace(&self, conn: &mut Conn, table: &Table, before: Sum) -> Result<(), Problem> {
        let sql = "update transfer_part set rows = $1, sum = $2, last_key = $3, is_done = $4
                   where tenant = $5 and name = $6 and rows = $7";
        let values = params![
            self.sum.rows,
            self.sum.text(),
            self.last_key.clone(),
            self.is_done,
            conn.tenant(),
            table.name.as_str(),
            before.rows
        ];
        match conn.execute(Sql::with(sql, values)).await? {
            1 => Ok(()),
            _ => Err(Problem::new(ProblemKind::Conflict, "transfer.not_alone")),
        }
    }

    async fn begin(conn: &mut Conn, table: &Table) -> Result<(), Problem> {
        let sql = "insert into transfer_part (tenant, name, rows, sum, is_done) values ($1, $2, 0, $3, $4)";
        let values = params![conn.tenant(), table.name.as_str(), Sum::default().text(), false];
        conn.execute(Sql::with(sql, values)).await.map(drop)
    }

    async fn all(conn: &mut Conn) -> Result<BTreeMap<String, Self>, Problem> {
        let sql = "select name, rows, sum, last_key, is_done from transfer_part where tenant = $1";
        let mut notes = BTreeMap::new();
        for row in conn.rows(Sql::with(sql, params![conn.tenant()])).await? {
            let (name, rows, sum): (String, i64, String) = (row.get("name")?, row.get("rows")?, row.get("sum")?);
            let sum = Sum::parse(rows, &sum).ok_or_else(|| Problem::internal("a note of the transfer is spoilt"))?;
            notes.insert(name, Self { sum, last_key: row.find("last_key")?, is_done: row.get("is_done")? });
        }
        Ok(notes)
    }
}

/// Whether a transfer into this database was begun and not ended.
///
/// # Errors
/// When the database is away.
pub async fn is_unfinished(conn: &mut Conn) -> Result<bool, Problem> {
    let sql = "select count(*) as n from transfer_part where tenant = $1";
    Ok(conn.count(Sql::with(sql, params![conn.tenant()])).await? > 0)
}

/// Tables that hold data, in the order of their names.
async fn tables(conn: &mut Conn) -> Result<Vec<Table>, Problem> {
    let mut tables = dialect::tables(conn).await?;
    tables.retain(|table| !OWN.contains(&table.name.as_str()));
    Ok(tables)
}

/// The sums of all tables at one moment, by name.
///
/// # Errors
/// When the database is away.
pub async fn sums(db: &Db) -> Result<BTreeMap<String, Sum>, Problem> {
    let mut snapshot = Snapshot::begin(db).await?;
    let outcome = async {
        let mut sums = BTreeMap::new();
        for table in tables(&mut snapshot.conn).await? {
            let sum = snapshot.sum(&table).await?;
            sums.insert(table.name, sum);
        }
        Ok(sums)
    }
    .await;
    snapshot.end().await?;
    outcome
}

/// The hashes of the files that records name: those in columns called `sha256` or ending so.
///
/// # Errors
/// When the database is away.
pub async fn named_files(db: &Db) -> Result<Vec<Vec<u8>>, Problem> {
    let mut snapshot = Snapshot::begin(db).await?;
    let outcome = async {
        let mut hashes = Vec::new();
        for table in tables(&mut snapshot.conn).await? {
            for (column, _) in table.columns.iter().filter(|(name, _)| name == "sha256" || name.ends_with("_sha256")) {
                let mut sql = Sql::new("select distinct ");
                sql.text.push_str(&format!("\"{column}\" as hash from \"{}\" where tenant = ", table.name));
                for row in snapshot.conn.rows(sql.bind(snapshot.conn.tenant())).await? {
                    hashes.extend(row.find::<Vec<u8>>("hash")?);
                }
            }
        }
        hashes.sort();
        hashes.dedup();
        Ok(hashes)
    }
    .await;
    snapshot.end().await?;
    outcome
}

/// What became of one table.
#[derive(Clone, Debug)]
pub struct Moved {
    /// The table.
    pub table: String,
    /// Its rows and their sum, the same on both sides.
    pub sum: Sum,
    /// Whether it had been written before and had to be written again, since the source had changed.
    pub again: bool,
}

/// Brings everything that a tenant has from one migrated database to another, and proves it. The target counts as
/// unfinished until [`finish`] is called.
///
/// The source is read at one moment; it may go on being written. `told` hears of each table when both sides agree.
///
/// # Errors
/// `transfer.not_empty` when the target holds other data; `transfer.other_schema` when the two were not made by the same
/// program; `transfer.source_moved` when the source was written meanwhile and `still` asks that it was not: what is
/// there is whole as of its moment, and running it again brings the rest; `transfer.not_alone` when somebody else writes
/// to the target; `transfer.differs` when a table does not agree.
pub async fn transfer(from: &Db, to: &Db, still: bool, mut told: impl FnMut(&Moved)) -> Result<Vec<Moved>, Problem> {
    let mut snapshot = Snapshot::begin(from).await?;
    let mut target = to.owner().await?;
    let outcome = transfer_tables(&mut snapshot, &mut target, &mut told).await;
    let head = journal::head(&mut snapshot.conn).await;
    snapshot.end().await?;
    let moved = outcome?;
    if still && journal::head(&mut from.read().await?).await? != head? {
        return Err(Problem::new(ProblemKind::Conflict, "transfer.source_moved"));
    }
    target.raw("analyze".to_owned()).await?;
    Ok(moved)
}

/// Ends a transfer when all that belongs to it is in its place, files too: the target can be used, and takes no other
/// transfer any more.
///
/// # Errors
/// When the target is away.
pub async fn finish(to: &Db) -> Result<(), Problem> {
    let mut target = to.owner().await?;
    let sql = "delete from transfer_part where tenant = $1";
    target.execute(Sql::with(sql, params![target.tenant()])).await.map(drop)
}

async fn transfer_tables(
    source: &mut Snapshot,
    target: &mut Conn,
    told: &mut impl FnMut(&Moved),
) -> Result<Vec<Moved>, Problem> {
    let steps = "select name, hash from schema_step order by name";
    let mut made = Vec::new();
    for conn in [&mut source.conn, target] {
        let rows = conn.rows(Sql::new(steps)).await?;
        let rows: Result<Vec<(String, String)>, Problem> =
            rows.iter().map(|row| Ok((row.get("name")?, row.get("hash")?))).collect();
        made.push(rows?);
    }
    let (from, to) = (tables(&mut source.conn).await?, tables(target).await?);
    let named = |tables: &[Table]| -> Vec<String> {
        tables.iter().map(|table| format!("{} {}", table.name, table.names())).collect()
    };
    if made.first() != made.last() || named(&from) != named(&to) {
        return Err(Problem::refused("transfer.other_schema"));
    }
    let mut notes = Note::all(target).await?;
    if notes.is_empty() {
        begin(target, &to).await?;
    }
    let mut moved = Vec::new();
    for (from, to) in from.iter().zip(&to) {
        let note = notes.remove(&from.name).unwrap_or_default();
        let begun = note.sum;
        let mut wanted = if note.is_done {
            source.sum(from).await?
        } else {
            let after: Option<Vec<String>> =
                note.last_key.map(|key| serde_json::from_str(&key).map_err(Problem::internal)).transpose()?;
            let after: Option<Vec<Cell<'static>>> =
                after.map(|key| key.iter().filter_map(|text| Cell::of_note(text)).collect());
            let sum = copy(source, target, from, to, after.as_deref(), begun).await?;
            // What an earlier run wrote was read at another moment.
            if after.is_some() { source.sum(from).await? } else { sum }
        };
        let mut again = false;
        if sum_of(target, to).await? != wanted {
            again = true;
            let last = Note::all(target).await?.remove(&to.name).unwrap_or_default();
            clear(target, to, last.sum).await?;
            wanted = copy(source, target, from, to, None, Sum::default()).await?;
            if sum_of(target, to).await? != wanted {
                return Err(Problem::internal(format!("table {} differs", from.name))).map_err(|problem| {
                    Problem::refused("transfer.differs").with("table", &from.name).because(problem)
                });
            }
        }
        let done = Moved { table: from.name.clone(), sum: wanted, again };
        told(&done);
        moved.push(done);
    }
    Ok(moved)
}

/// Refuses a target that holds data, and notes every table as not begun.
async fn begin(target: &mut Conn, to: &[Table]) -> Result<(), Problem> {
    for table in to {
        let mut sql = Sql::new("select count(*) as n from (select 1 from ");
        sql.text.push_str(&format!("\"{}\" where tenant = ", table.name));
        if target.count(sql.bind(target.tenant()).sql(" limit 1) as any_row")).await? > 0 {
            return Err(Problem::refused("transfer.not_empty").with("table", &table.name));
        }
    }
    begin_write(target).await?;
    let mut outcome = Ok(());
    for table in to {
        if outcome.is_ok() {
            outcome = Note::begin(target, table).await;
        }
    }
    end_write(target, outcome).await
}

async fn copy(
    source: &mut Snapshot,
    target: &mut Conn,
    from: &Table,
    to: &Table,
    after: Option<&[Cell<'static>]>,
    begun: Sum,
) -> Result<Sum, Problem> {
    let (sender, receiver) = mpsc::channel(CHUNKS_WAITING);
    let engine = target.engine();
    // The two take turns on one task; what they wait for (a disk, a server) works at the same time.
    let (read, written) =
        tokio::join!(cut(&mut source.conn, from, to, engine, after, begun, sender), put(target, to, receiver, begun));
    // A writer that stopped is the cause of a reader that could go no further.
    let sum = written?;
    read?;
    Ok(sum)
}

async fn sum_of(conn: &mut Conn, table: &Table) -> Result<Sum, Problem> {
    let mut sum = Sum::default();
    read(conn, table, None, async |cells: &[Cell<'_>]| {
        sum.add(cells);
        Ok(())
    })
    .await?;
    Ok(sum)
}

async fn clear(target: &mut Conn, table: &Table, before: Sum) -> Result<(), Problem> {
    begin_write(target).await?;
    let mut sql = Sql::new("delete from ");
    sql.text.push_str(&format!("\"{}\" where tenant = ", table.name));
    let sql = sql.bind(target.tenant());
    let outcome = match Note::default().replace(target, table, before).await {
        Ok(()) => target.execute(sql).await.map(drop),
        Err(problem) => Err(problem),
    };
    end_write(target, outcome).await
}

impl Db {
    /// Writes a copy of an SQLite database into one file, at one moment, while others go on reading and writing.
    ///
    /// # Errors
    /// When the disk is full or the file is there already.
    pub async fn copy_file(&self, to: &std::path::Path) -> Result<(), Problem> {
        let mut conn = self.owner().await?;
        let sql = Sql::new("vacuum into ").bind(to.display().to_string());
        conn.execute(sql).await.map(drop)
    }
}
