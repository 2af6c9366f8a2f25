//! The writer: one task, one connection, many commands to a commit.
//!
//! Durable commits are what costs (an `fsync` each), so what is waiting is committed together.
//! Commands run one after another on one connection, and each sees what the one before it saved.
//!
//! What costs next is the number of statements, so the group shares them. Saves and appends are held back and written
//! many rows to a statement. Work that says beforehand what it will look at (a [`Hint`]: its idempotency key and the
//! one record it loads) has that fetched for the whole group at once; all other work finds everything held written
//! before it begins, so no query ever misses a row of its own group.
//!
//! A command that is refused has written nothing: `decide` comes before the first write. Only when one fails *after*
//! it wrote (a constraint, a version conflict, a panic), or the database refused one of its statements, is the group
//! rolled back and each command run again alone. So no savepoints are paid for on the usual path.
//!
//! The same writer serves PostgreSQL: a group commit beats as many connections as there are clients, and one path is
//! less to get wrong than two (ADR 3). Several processes on one PostgreSQL meet in the version check.

use std::{
    any::Any,
    collections::{BTreeMap, HashMap, HashSet},
    future::Future,
    panic::AssertUnwindSafe,
    pin::Pin,
    sync::Arc,
};

use futures_util::FutureExt as _;
use jiff::Timestamp;
use tokio::sync::{mpsc, oneshot};
use uuid::Uuid;
use vx_kernel::{Problem, ProblemKind};

use super::{
    Engine, Record, Row, Sql, Value,
    conn::{Conn, Db, Pool},
};
use crate::{Clock, journal::seal, measures::Measures, params};

/// Commands committed together at the most.
const GROUP_MAX: usize = 256;
/// Times that a command is run alone when what it wrote conflicts with what is there.
const TRIES_MAX: usize = 3;
/// Values in one statement: SQLite takes 32,766, PostgreSQL 65,535.
const VALUES_MAX: usize = 30_000;

type Boxed<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// What work will look at, and nothing else, before it decides.
#[derive(Clone, Copy, Debug)]
pub struct Hint {
    /// Actor and idempotency key.
    pub key: (Uuid, Uuid),
    /// Table, its columns and the record.
    pub record: (&'static str, &'static str, Uuid),
}

/// Something to run in the writer, possibly again (alone, after its group failed).
pub(super) trait Work: Send {
    /// What it will look at, when it looks at nothing else.
    fn hint(&self) -> Option<Hint>;
    fn run<'a>(&'a mut self, tx: &'a mut Tx) -> Boxed<'a, Result<(), Problem>>;
    /// Tells the caller. `failed` is set when the work itself went well but the commit did not.
    fn answer(self: Box<Self>, failed: Option<Problem>);
}
pub(super) type Job = Box<dyn Work>;

struct Closure<T, F> {
    work: F,
    hint: Option<Hint>,
    result: Option<Result<T, Problem>>,
    caller: oneshot::Sender<Result<T, Problem>>,
}

impl<T, F> Work for Closure<T, F>
where
    T: Send,
    F: for<'a> Fn(&'a mut Tx) -> Boxed<'a, Result<T, Problem>> + Send,
{
    fn hint(&self) -> Option<Hint> {
        self.hint
    }
    fn run<'a>(&'a mut self, tx: &'a mut Tx) -> Boxed<'a, Result<(), Problem>> {
        Box::pin(async move {
            self.result = None;
            let result = AssertUnwindSafe((self.work)(tx)).catch_unwind().await.unwrap_or_else(|_| {
                tx.wrote = true;
                Err(Problem::internal("the command panicked"))
            });
            let failed = match &result {
                Ok(_) => Ok(()),
                // The caller gets the problem itself; the group only needs to know that there was one.
                Err(problem) => Err(Problem::new(problem.kind, problem.code)),
            };
            self.result = Some(result);
            failed
        })
    }
    fn answer(self: Box<Self>, failed: Option<Problem>) {
        let result = match (self.result, failed) {
            (Some(Err(problem)), _) => Err(problem),
            (_, Some(problem)) => Err(problem),
            (Some(result), None) => result,
            (None, None) => Err(Problem::internal("the writer answered without running")),
        };
        // A caller that no longer waits (time-out, closed connection) is no reason to undo the write.
        let _ = self.caller.send(result);
    }
}

impl Db {
    /// Runs work in the writer, in one transaction, and waits for the commit.
    ///
    /// The closure may run several times; it must have no effect but on `tx`.
    ///
    /// # Errors
    /// What the work says, or `store.away` / `store.full` when it could not be committed, `store.busy` when too many wait.
    pub async fn write<T, F>(&self, work: F) -> Result<T, Problem>
    where
        T: Send + 'static,
        F: for<'a> Fn(&'a mut Tx) -> Boxed<'a, Result<T, Problem>> + Send + 'static,
    {
        self.write_hinted(None, work).await
    }

    /// As [`Db::write`], for work that looks only at what the hint names before it decides.
    ///
    /// # Errors
    /// As [`Db::write`].
    pub async fn write_hinted<T, F>(&self, hint: Option<Hint>, work: F) -> Result<T, Problem>
    where
        T: Send + 'static,
        F: for<'a> Fn(&'a mut Tx) -> Boxed<'a, Result<T, Problem>> + Send + 'static,
    {
        let (caller, answer) = oneshot::channel();
        let away = || Problem::new(ProblemKind::Unavailable, "store.away");
        self.jobs.try_send(Box::new(Closure { work, hint, result: None, caller })).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => Problem::new(ProblemKind::TooMany, "store.busy"),
            mpsc::error::TrySendError::Closed(_) => away(),
        })?;
        answer.await.unwrap_or_else(|_| Err(away()))
    }
}

/// Rows waiting to be appended to one table.
struct Held {
    columns: &'static [&'static str],
    rows: Vec<Vec<Value>>,
}

/// Changed records waiting to be written to one table.
struct Changed {
    columns: &'static [&'static str],
    rows: Vec<(Uuid, i64, Vec<Value>)>,
    ids: HashSet<Uuid>,
}

/// Changes of the kept figures of one table, by key.
struct Tallies {
    /// The key's columns but the tenant.
    columns: &'static [&'static str],
    by_key: BTreeMap<Vec<String>, i64>,
}

/// A transaction in the writer.
pub struct Tx {
    conn: Conn,
    now: Timestamp,
    outside: Timestamp,
    held: BTreeMap<&'static str, Held>,
    changed: BTreeMap<&'static str, Changed>,
    /// Figures to be raised or lowered with the commit, by table.
    tallies: BTreeMap<&'static str, Tallies>,
    /// Journal rows of the group, sealed into a block as the last thing before the commit.
    entries: Vec<seal::Written>,
    /// Records as they were saved in this group, by table and id.
    saved: HashMap<(&'static str, Uuid), Box<dyn Any + Send>>,
    /// Rows fetched for the group before it began.
    fetched: HashMap<(&'static str, Uuid), Row>,
    /// Keys that were looked for before the group began.
    asked: HashSet<(Uuid, Uuid)>,
    /// Set while hinted work runs: it promised to look at nothing but what was fetched.
    only_fetched: bool,
    /// Answers given in this group, which the database cannot show yet.
    answers: HashMap<(Uuid, Uuid), (String, Uuid)>,
    wrote: bool,
    /// Commands that ran in this group and how they went, and rows for the journal; counted once it is committed.
    commands: Vec<(&'static str, &'static str)>,
    journal_rows: u64,
}

impl std::ops::Deref for Tx {
    type Target = Conn;
    fn deref(&self) -> &Conn {
        &self.conn
    }
}
impl std::ops::DerefMut for Tx {
    fn deref_mut(&mut self) -> &mut Conn {
        debug_assert!(!self.only_fetched, "work with a hint looks only at what the hint names");
        &mut self.conn
    }
}

impl Tx {
    /// The moment that everything in this command bears.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// The moment outside a drill: what the clock of a telephone shows.
    #[must_use]
    pub fn outside(&self) -> Timestamp {
        self.outside
    }

    /// As [`Conn::rows`].
    ///
    /// # Errors
    /// As [`Conn::rows`].
    pub async fn rows(&mut self, sql: Sql) -> Result<Vec<Row>, Problem> {
        self.flush().await?;
        self.conn.rows(sql).await
    }

    /// As [`Conn::row`].
    ///
    /// # Errors
    /// As [`Conn::row`].
    pub async fn row(&mut self, sql: Sql) -> Result<Option<Row>, Problem> {
        self.flush().await?;
        self.conn.row(sql).await
    }

    /// As [`Conn::count`].
    ///
    /// # Errors
    /// As [`Conn::count`].
    pub async fn count(&mut self, sql: Sql) -> Result<i64, Problem> {
        self.flush().await?;
        self.conn.count(sql).await
    }

    /// Runs a statement that changes rows and says how many it touched.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn change(&mut self, sql: Sql) -> Result<u64, Problem> {
        self.flush().await?;
        self.wrote = true;
        self.conn.execute(sql).await
    }

    /// As [`Tx::change`], with the rows that `returning` names.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn changed_rows(&mut self, sql: Sql) -> Result<Vec<Row>, Problem> {
        self.flush().await?;
        self.wrote = true;
        self.conn.rows(sql).await
    }

    /// Writes a record: inserts version 1, or updates exactly the version that was loaded. Written with its group.
    ///
    /// # Errors
    /// `store.changed_meanwhile`, here or at the commit, when somebody else saved it first.
    pub async fn save<R: Record>(&mut self, record: &R) -> Result<(), Problem> {
        self.wrote = true;
        if record.version() == 0 {
            self.append_record(record);
            return Ok(());
        }
        let id = record.uuid();
        // A record saved twice in one group is two changes of version; the first is written before the second.
        if self.changed.get(R::TABLE).is_some_and(|table| table.ids.contains(&id)) {
            self.flush().await?;
        }
        let table = self.changed.entry(R::TABLE).or_insert_with(|| Changed {
            columns: R::COLUMNS,
            rows: Vec::new(),
            ids: HashSet::new(),
        });
        table.rows.push((id, record.version() + 1, record.values()));
        table.ids.insert(id);
        self.remember(record);
        Ok(())
    }

    /// Keeps a record as the rest of the group will find it.
    fn remember<R: Record>(&mut self, record: &R) {
        self.saved.insert((R::TABLE, record.uuid()), Box::new(record.at_version(record.version() + 1)));
    }

    /// The record of an id, within the tenant.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn load<R: Record>(&mut self, id: impl Into<Value>) -> Result<R, Problem> {
        let id: Value = id.into();
        if let Value::Uuid(Some(uuid)) = id {
            if let Some(saved) = self.saved.get(&(R::TABLE, uuid)).and_then(|saved| saved.downcast_ref::<R>()) {
                return Ok(saved.clone());
            }
            if let Some(row) = self.fetched.get(&(R::TABLE, uuid)) {
                return R::read(row);
            }
        }
        self.conn.load(id).await
    }

    /// The records of some ids, within the tenant, many to a statement. Those that are not there are left out.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn load_many<R: Record>(&mut self, ids: &[Uuid]) -> Result<HashMap<Uuid, R>, Problem> {
        let mut found = HashMap::with_capacity(ids.len());
        let mut rest = Vec::new();
        for id in ids {
            match self.saved.get(&(R::TABLE, *id)).and_then(|saved| saved.downcast_ref::<R>()) {
                Some(saved) => drop(found.insert(*id, saved.clone())),
                None => rest.push(*id),
            }
        }
        for chunk in rest.chunks(GROUP_MAX) {
            let mut sql = Sql::new("select ");
            sql.text.push_str(R::SELECT);
            sql.text.push_str(" from ");
            sql.text.push_str(R::TABLE);
            let sql = sql.sql(" where tenant = ").bind(self.tenant()).sql(" and id in ").list(padded(chunk.to_vec()));
            for row in self.conn.rows(sql).await? {
                let record = R::read(&row)?;
                found.insert(record.uuid(), record);
            }
        }
        Ok(found)
    }

    /// Appends a row at the end of the group; nothing in the same group can read it.
    pub fn append(&mut self, table: &'static str, columns: &'static [&'static str], row: Vec<Value>) {
        debug_assert_eq!(columns.len(), row.len(), "one value per column of {table}");
        self.wrote = true;
        self.held.entry(table).or_insert_with(|| Held { columns, rows: Vec::new() }).rows.push(row);
    }

    /// Raises (or lowers) column `n` of a kept figure; a figure that is not there begins at nought. Written with the
    /// commit, once for all commands of the group, in the order of keys so that two processes never wait for each other
    /// in a circle. Nothing in the same group can read it.
    pub fn tally(&mut self, table: &'static str, columns: &'static [&'static str], key: Vec<String>, by: i64) {
        debug_assert_eq!(columns.len(), key.len(), "one value per column of {table}");
        self.wrote = true;
        let tallies = self.tallies.entry(table).or_insert_with(|| Tallies { columns, by_key: BTreeMap::new() });
        *tallies.by_key.entry(key).or_default() += by;
    }

    /// Notes for the program's own figures that a command ran and how it went.
    pub fn count_command<T>(&mut self, name: &'static str, outcome: &Result<T, Problem>) {
        self.commands.push((name, outcome.as_ref().map_or_else(|problem| problem.kind.as_str(), |_| "done")));
    }

    /// Takes a row for the journal; it is written and sealed with the group, which cannot read it.
    pub(crate) fn enter(&mut self, entry: seal::Written) {
        self.wrote = true;
        self.journal_rows += 1;
        self.entries.push(entry);
    }

    /// What was answered to a key before, by this actor: the verb and the record's id.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn answered(&mut self, actor: Uuid, key: Uuid) -> Result<Option<(String, Uuid)>, Problem> {
        if let Some(answer) = self.answers.get(&(actor, key)) {
            return Ok(Some(answer.clone()));
        }
        if self.asked.contains(&(actor, key)) {
            return Ok(None);
        }
        let sql = "select verb, answer from idempotency where tenant = $1 and key = $2 and actor = $3";
        let row = self.conn.row(Sql::with(sql, params![self.conn.tenant(), key, actor])).await?;
        row.map(|row| Ok((row.get("verb")?, row.get("answer")?))).transpose()
    }

    /// Looks for many keys of one actor with few statements; [`Tx::answered`] asks for none of them again.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn look_for(&mut self, actor: Uuid, keys: &[Uuid]) -> Result<(), Problem> {
        for chunk in keys.chunks(GROUP_MAX) {
            let sql = Sql::new("select key, verb, answer from idempotency where tenant = ").bind(self.conn.tenant());
            let sql = sql.sql(" and actor = ").bind(actor).sql(" and key in ").list(padded(chunk.to_vec()));
            for row in self.conn.rows(sql).await? {
                self.answers.insert((actor, row.get("key")?), (row.get("verb")?, row.get("answer")?));
            }
        }
        self.asked.extend(keys.iter().map(|key| (actor, *key)));
        Ok(())
    }

    /// Keeps what was answered to a key, with the transaction.
    pub fn answer(&mut self, actor: Uuid, key: Uuid, verb: &str, answer: Uuid) {
        self.answers.insert((actor, key), (verb.to_owned(), answer));
        let row = vec![actor.into(), key.into(), verb.into(), answer.into(), self.now.into()];
        self.append("idempotency", &["actor", "key", "verb", "answer", "at"], row);
    }

    /// Appends a new record at the end of the group, many to a statement.
    pub fn append_record<R: Record>(&mut self, record: &R) {
        debug_assert_eq!(record.version(), 0, "only new records are appended");
        let mut row = vec![Value::from(record.uuid()), Value::from(1_i64), self.now.into(), self.now.into()];
        row.extend(record.values());
        self.wrote = true;
        let held = self.held.entry(R::TABLE).or_insert_with(|| Held { columns: R::COLUMNS, rows: Vec::new() });
        held.rows.push(row);
        self.remember(record);
    }

    /// Writes what was held back. Called before the commit; call it earlier to read what was appended.
    ///
    /// # Errors
    /// When the database refuses a row.
    pub async fn flush(&mut self) -> Result<(), Problem> {
        for (table, held) in std::mem::take(&mut self.held) {
            let width = held.rows.first().map_or(0, Vec::len) + 1;
            let mut head = format!("insert into {table} (tenant");
            // A record's row has its four leading columns besides those of its struct.
            if held.columns.len() + 1 < width {
                head.push_str(", id, version, created_at, updated_at");
            }
            for column in held.columns {
                head.push_str(", ");
                head.push_str(column);
            }
            head.push_str(") values ");
            let mut rows = held.rows.into_iter();
            while rows.len() > 0 {
                let mut sql = Sql::new("");
                sql.text.clone_from(&head);
                let tenant = self.tenant();
                let chunk = chunk_len(rows.len(), width);
                for (index, row) in rows.by_ref().take(chunk).enumerate() {
                    sql = sql.sql(if index > 0 { ",(" } else { "(" }).bind(tenant.clone());
                    for value in row {
                        sql = sql.sql(",").bind(value);
                    }
                    sql = sql.sql(")");
                }
                self.conn.execute(sql).await?;
            }
        }
        // A record made and changed in one group is there before it is changed.
        self.flush_changed().await
    }
}

impl Tx {
    /// Writes the changed records, each only over the version that was loaded.
    async fn flush_changed(&mut self) -> Result<(), Problem> {
        for (table, changed) in std::mem::take(&mut self.changed) {
            let mut head = format!("insert into {table} (tenant, id, version, created_at, updated_at");
            let mut tail = String::from(
                " on conflict (tenant, id) do update set version = excluded.version, updated_at = excluded.updated_at",
            );
            for column in changed.columns {
                head.push_str(&format!(", {column}"));
                tail.push_str(&format!(", {column} = excluded.{column}"));
            }
            head.push_str(") values ");
            tail.push_str(&format!(" where {table}.version = excluded.version - 1"));
            let mut rows = changed.rows.into_iter();
            while rows.len() > 0 {
                let mut sql = Sql::new("");
                sql.text.clone_from(&head);
                let chunk = chunk_len(rows.len(), changed.columns.len() + 5);
                for (index, (id, version, values)) in rows.by_ref().take(chunk).enumerate() {
                    sql = sql.sql(if index > 0 { ",(" } else { "(" }).bind(self.conn.tenant()).sql(",").bind(id);
                    sql = sql.sql(",").bind(version).sql(",").bind(self.now).sql(",").bind(self.now);
                    for value in values {
                        sql = sql.sql(",").bind(value);
                    }
                    sql = sql.sql(")");
                }
                sql.text.push_str(&tail);
                if self.conn.execute(sql).await? != chunk as u64 {
                    return Err(Problem::new(ProblemKind::Conflict, "store.changed_meanwhile"));
                }
            }
        }
        Ok(())
    }

    /// Writes the figures that changed.
    async fn flush_tallies(&mut self) -> Result<(), Problem> {
        for (table, Tallies { columns, by_key }) in std::mem::take(&mut self.tallies) {
            let names = columns.join(", ");
            let changed: Vec<(Vec<String>, i64)> = by_key.into_iter().filter(|(_, by)| *by != 0).collect();
            let mut rows = changed.into_iter();
            while rows.len() > 0 {
                let mut sql = Sql::new("");
                sql.text.push_str(&format!("insert into {table} (tenant, {names}, n) values "));
                let chunk = chunk_len(rows.len(), columns.len() + 2);
                for (index, (key, by)) in rows.by_ref().take(chunk).enumerate() {
                    sql = sql.sql(if index > 0 { ",(" } else { "(" }).bind(self.conn.tenant());
                    for part in key {
                        sql = sql.sql(",").bind(part);
                    }
                    sql = sql.sql(",").bind(by).sql(")");
                }
                let tail = format!(" on conflict (tenant, {names}) do update set n = {table}.n + excluded.n");
                sql.text.push_str(&tail);
                self.conn.execute(sql).await?;
            }
        }
        Ok(())
    }

    /// Fetches what a group's hints name, a statement for all keys and one for each table.
    async fn fetch(&mut self, hints: &[Hint]) -> Result<(), Problem> {
        if hints.len() < 2 {
            return Ok(());
        }
        let keys = padded(hints.iter().map(|hint| hint.key.1).collect());
        let sql = Sql::new("select actor, key, verb, answer from idempotency where tenant = ").bind(self.conn.tenant());
        for row in self.conn.rows(sql.sql(" and key in ").list(keys)).await? {
            self.answers.insert((row.get("actor")?, row.get("key")?), (row.get("verb")?, row.get("answer")?));
        }
        self.asked.extend(hints.iter().map(|hint| hint.key));
        let mut tables: BTreeMap<&'static str, (&'static str, HashSet<Uuid>)> = BTreeMap::new();
        for (table, columns, id) in hints.iter().map(|hint| hint.record) {
            tables.entry(table).or_insert_with(|| (columns, HashSet::new())).1.insert(id);
        }
        for (table, (columns, ids)) in tables {
            let mut sql = Sql::new("select ");
            sql.text.push_str(columns);
            sql.text.push_str(" from ");
            sql.text.push_str(table);
            let ids = padded(ids.into_iter().collect());
            let sql = sql.sql(" where tenant = ").bind(self.conn.tenant()).sql(" and id in ").list(ids);
            for row in self.conn.rows(sql).await? {
                self.fetched.insert((table, row.get("id")?), row);
            }
        }
        Ok(())
    }
}

/// Repeats the last id up to a power of two, so that few distinct texts exist and their plans stay cached.
fn padded(mut ids: Vec<Uuid>) -> Vec<Uuid> {
    if let Some(last) = ids.last().copied() {
        ids.resize(ids.len().next_power_of_two(), last);
    }
    ids
}

/// Rows in the next statement: powers of two, so that few distinct texts exist and their plans stay cached.
fn chunk_len(rows: usize, width: usize) -> usize {
    let most = (VALUES_MAX / width.max(1)).min(256);
    1 << rows.min(most).max(1).ilog2()
}

impl Conn {
    /// The record of an id, within the tenant.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn load<R: Record>(&mut self, id: impl Into<Value>) -> Result<R, Problem> {
        let mut sql = Sql::new("select ");
        sql.text.push_str(R::SELECT);
        sql.text.push_str(" from ");
        sql.text.push_str(R::TABLE);
        let sql = sql.sql(" where tenant = ").bind(self.tenant()).sql(" and id = ").bind(id.into());
        let row: Row = self.row(sql).await?.ok_or_else(Problem::not_found)?;
        R::read(&row)
    }
}

/// The writer's life: ends when the last [`Db`] is dropped.
pub(super) async fn run(
    pool: Pool,
    tenant: Arc<str>,
    clock: Clock,
    measures: Arc<Measures>,
    mut queue: mpsc::Receiver<Job>,
) {
    let writer = Writer { pool, tenant, clock, measures };
    let mut group: Vec<Job> = Vec::with_capacity(GROUP_MAX);
    while queue.recv_many(&mut group, GROUP_MAX).await > 0 {
        match writer.commit_group(&mut group).await {
            Ok(()) => group.drain(..).for_each(|job| job.answer(None)),
            // Somebody spoilt the group, or another process was faster: each alone, so that only the one at fault is
            // told so, and with what the other process saved.
            Err(problem) if group.len() > 1 || problem.kind == ProblemKind::Conflict => {
                // While the database is away each would wait for it in vain, and everybody behind them too.
                let mut away: Option<Problem> = None;
                for job in group.drain(..) {
                    if let Some(problem) = &away {
                        job.answer(Some(same(problem)));
                        continue;
                    }
                    let mut alone = vec![job];
                    let failed = writer.commit_alone(&mut alone).await.err();
                    alone.into_iter().for_each(|job| job.answer(failed.as_ref().map(same)));
                    away = failed.filter(|problem| problem.kind == ProblemKind::Unavailable);
                }
            }
            Err(problem) => group.drain(..).for_each(|job| job.answer(Some(same(&problem)))),
        }
    }
}

fn same(problem: &Problem) -> Problem {
    let mut copy = Problem::new(problem.kind, problem.code).because(problem.chain());
    copy.args.clone_from(&problem.args);
    copy
}

struct Writer {
    pool: Pool,
    tenant: Arc<str>,
    clock: Clock,
    measures: Arc<Measures>,
}

impl Writer {
    /// A job of its own, again as long as another process may have been faster.
    async fn commit_alone(&self, alone: &mut [Job]) -> Result<(), Problem> {
        for _ in 1..TRIES_MAX {
            match self.commit_group(alone).await {
                Err(problem) if problem.kind == ProblemKind::Conflict => {}
                outcome => return outcome,
            }
        }
        self.commit_group(alone).await
    }

    async fn commit_group(&self, group: &mut [Job]) -> Result<(), Problem> {
        let conn = Conn::acquire(&self.pool, self.tenant.clone()).await?;
        let mut tx = Tx {
            conn,
            now: self.clock.now(),
            outside: self.clock.outside(),
            held: BTreeMap::new(),
            changed: BTreeMap::new(),
            tallies: BTreeMap::new(),
            entries: Vec::new(),
            saved: HashMap::new(),
            fetched: HashMap::new(),
            asked: HashSet::new(),
            only_fetched: false,
            answers: HashMap::new(),
            wrote: false,
            commands: Vec::new(),
            journal_rows: 0,
        };
        tx.begin().await?;
        let outcome = match run_group(&mut tx, &self.clock, group).await {
            Ok(()) => tx.conn.raw("commit".to_owned()).await,
            Err(problem) => Err(problem),
        };
        match &outcome {
            Ok(()) => {
                self.measures.group(group.len(), tx.journal_rows);
                tx.commands.iter().for_each(|(name, outcome)| self.measures.command(name, outcome));
            }
            Err(problem) => {
                let _ = tx.conn.raw("rollback".to_owned()).await;
                if let ([_], [(name, _)]) = (&*group, &tx.commands[..]) {
                    self.measures.command(name, problem.kind.as_str());
                }
            }
        }
        outcome
    }
}

impl Tx {
    async fn begin(&mut self) -> Result<(), Problem> {
        let begin = match self.conn.engine() {
            Engine::Sqlite => "begin immediate",
            Engine::Postgres => "begin",
        };
        if self.conn.raw(begin.to_owned()).await.is_ok() {
            return Ok(());
        }
        // A disk that was full may have kept the last transaction from being rolled back.
        let _ = self.conn.raw("rollback".to_owned()).await;
        self.conn.raw(begin.to_owned()).await?;
        self.conn.mend();
        Ok(())
    }
}

async fn run_group(tx: &mut Tx, clock: &Clock, group: &mut [Job]) -> Result<(), Problem> {
    let hints: Vec<Hint> = group.iter().filter_map(|job| job.hint()).collect();
    tx.fetch(&hints).await?;
    for job in group {
        if job.hint().is_none() {
            tx.flush().await?;
            // It may change rows by statements of its own; what was fetched before is no longer to be trusted.
            tx.fetched.clear();
            tx.saved.clear();
        }
        tx.now = clock.now();
        tx.outside = clock.outside();
        tx.wrote = false;
        tx.only_fetched = job.hint().is_some();
        let result = job.run(tx).await;
        tx.only_fetched = false;
        match result {
            Err(problem) if tx.wrote || tx.conn.is_spoilt() => return Err(problem),
            // It went on after the database had refused a statement; what it saved since may be gone.
            Ok(()) if tx.conn.is_spoilt() => return Err(Problem::internal("a failed statement was passed over")),
            _ => {}
        }
    }
    tx.flush().await?;
    tx.flush_tallies().await?;
    let entries = std::mem::take(&mut tx.entries);
    seal::seal(tx, entries).await
}
