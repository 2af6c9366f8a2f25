//! The writer: one task, one connection, many commands to a commit.
//!
//! Durable commits are what costs (an `fsync` each), so what is waiting is committed together.
//! Commands run one after another on one connection, hence each sees what the one before it saved.
//! Rows that are only appended (journal, outbox, idempotency) are held back and written once per group, many to a
//! statement.
//!
//! A command that is refused has written nothing: `decide` comes before the first write. Only when one fails *after*
//! it wrote (a constraint, a version conflict, a panic) is the group rolled back and each command run again alone.
//! So no savepoints are paid for on the usual path.
//!
//! The same writer serves PostgreSQL: a group commit beats as many connections as there are clients, and one path is
//! less to get wrong than two (ADR 3). Several processes on one PostgreSQL meet in the version check.

use std::{collections::BTreeMap, collections::HashMap, future::Future, panic::AssertUnwindSafe, pin::Pin, sync::Arc};

use futures_util::FutureExt as _;
use jiff::Timestamp;
use uuid::Uuid;
use tokio::sync::{mpsc, oneshot};
use vx_kernel::{Problem, ProblemKind};

use super::{
    Engine, Record, Row, Sql, Value,
    conn::{Conn, Db, Pool},
};
use crate::{Clock, params};

/// Commands committed together at the most.
const GROUP_MAX: usize = 256;
/// Values in one statement: SQLite takes 32,766, PostgreSQL 65,535.
const VALUES_MAX: usize = 30_000;

type Boxed<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Something to run in the writer, possibly twice (alone, after its group failed).
pub(super) trait Work: Send {
    fn run<'a>(&'a mut self, tx: &'a mut Tx) -> Boxed<'a, Result<(), Problem>>;
    /// Tells the caller. `failed` is set when the work itself went well but the commit did not.
    fn answer(self: Box<Self>, failed: Option<Problem>);
}
pub(super) type Job = Box<dyn Work>;

struct Closure<T, F> {
    work: F,
    result: Option<Result<T, Problem>>,
    caller: oneshot::Sender<Result<T, Problem>>,
}

impl<T, F> Work for Closure<T, F>
where
    T: Send,
    F: for<'a> Fn(&'a mut Tx) -> Boxed<'a, Result<T, Problem>> + Send,
{
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
    /// The closure may run twice; it must have no effect but on `tx`.
    ///
    /// # Errors
    /// What the work says, or `store.away` / `store.full` when it could not be committed, `store.busy` when too many wait.
    pub async fn write<T, F>(&self, work: F) -> Result<T, Problem>
    where
        T: Send + 'static,
        F: for<'a> Fn(&'a mut Tx) -> Boxed<'a, Result<T, Problem>> + Send + 'static,
    {
        let (caller, answer) = oneshot::channel();
        let away = || Problem::new(ProblemKind::Unavailable, "store.away");
        self.jobs.try_send(Box::new(Closure { work, result: None, caller })).map_err(|error| match error {
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

/// A transaction in the writer.
pub struct Tx {
    conn: Conn,
    now: Timestamp,
    held: BTreeMap<&'static str, Held>,
    /// Answers given in this group, which the database cannot show yet.
    answers: HashMap<(Uuid, Uuid), (String, Uuid)>,
    wrote: bool,
}

impl std::ops::Deref for Tx {
    type Target = Conn;
    fn deref(&self) -> &Conn {
        &self.conn
    }
}
impl std::ops::DerefMut for Tx {
    fn deref_mut(&mut self) -> &mut Conn {
        &mut self.conn
    }
}

impl Tx {
    /// The moment that everything in this command bears.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// As [`Conn::rows`].
    ///
    /// # Errors
    /// As [`Conn::rows`].
    pub async fn rows(&mut self, sql: Sql) -> Result<Vec<Row>, Problem> {
        self.conn.rows(sql).await
    }

    /// As [`Conn::row`].
    ///
    /// # Errors
    /// As [`Conn::row`].
    pub async fn row(&mut self, sql: Sql) -> Result<Option<Row>, Problem> {
        self.conn.row(sql).await
    }

    /// As [`Conn::count`].
    ///
    /// # Errors
    /// As [`Conn::count`].
    pub async fn count(&mut self, sql: Sql) -> Result<i64, Problem> {
        self.conn.count(sql).await
    }

    /// Runs a statement that changes rows and says how many it touched.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn change(&mut self, sql: Sql) -> Result<u64, Problem> {
        self.wrote = true;
        self.conn.execute(sql).await
    }

    /// As [`Tx::change`], with the rows that `returning` names.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn changed_rows(&mut self, sql: Sql) -> Result<Vec<Row>, Problem> {
        self.wrote = true;
        self.conn.rows(sql).await
    }

    /// Writes a record: inserts version 1, or updates exactly the version that was loaded.
    ///
    /// # Errors
    /// `store.changed_meanwhile` when somebody else saved it first.
    pub async fn save<R: Record>(&mut self, record: &R) -> Result<(), Problem> {
        let mut sql = Sql::new("");
        if record.version() == 0 {
            sql.text = format!("insert into {} (tenant, id, version, created_at, updated_at", R::TABLE);
            for column in R::COLUMNS {
                sql.text.push_str(", ");
                sql.text.push_str(column);
            }
            sql = sql.sql(") values (").bind(self.tenant()).sql(", ").bind(record.uuid()).sql(", 1, ");
            sql = sql.bind(self.now).sql(", ").bind(self.now);
            for value in record.values() {
                sql = sql.sql(", ").bind(value);
            }
            sql = sql.sql(")");
            self.change(sql).await?;
            return Ok(());
        }
        sql.text = format!("update {} set version = version + 1, updated_at = ", R::TABLE);
        sql = sql.bind(self.now);
        for (column, value) in R::COLUMNS.iter().zip(record.values()) {
            sql = sql.sql(", ").sql(column).sql(" = ").bind(value);
        }
        sql = sql.sql(" where tenant = ").bind(self.tenant()).sql(" and id = ").bind(record.uuid());
        sql = sql.sql(" and version = ").bind(record.version());
        match self.change(sql).await? {
            1 => Ok(()),
            _ => Err(Problem::new(ProblemKind::Conflict, "store.changed_meanwhile")),
        }
    }

    /// The record of an id, within the tenant.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn load<R: Record>(&mut self, id: impl Into<Value>) -> Result<R, Problem> {
        self.conn.load(id).await
    }

    /// Appends a row at the end of the group; nothing in the same group can read it.
    pub fn append(&mut self, table: &'static str, columns: &'static [&'static str], row: Vec<Value>) {
        debug_assert_eq!(columns.len(), row.len(), "one value per column of {table}");
        self.wrote = true;
        self.held.entry(table).or_insert_with(|| Held { columns, rows: Vec::new() }).rows.push(row);
    }

    /// What was answered to a key before, by this actor: the verb and the record's id.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn answered(&mut self, actor: Uuid, key: Uuid) -> Result<Option<(String, Uuid)>, Problem> {
        if let Some(answer) = self.answers.get(&(actor, key)) {
            return Ok(Some(answer.clone()));
        }
        let sql = "select verb, answer from idempotency where tenant = $1 and actor = $2 and key = $3";
        let row = self.conn.row(Sql::with(sql, params![self.conn.tenant(), actor, key])).await?;
        row.map(|row| Ok((row.get("verb")?, row.get("answer")?))).transpose()
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
        Ok(())
    }
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
pub(super) async fn run(pool: Pool, tenant: Arc<str>, clock: Clock, mut queue: mpsc::Receiver<Job>) {
    let mut group: Vec<Job> = Vec::with_capacity(GROUP_MAX);
    while queue.recv_many(&mut group, GROUP_MAX).await > 0 {
        match commit_group(&pool, &tenant, &clock, &mut group).await {
            Ok(()) => group.drain(..).for_each(|job| job.answer(None)),
            // Somebody spoilt the group: each alone, so that only the one at fault is told so.
            Err(_) if group.len() > 1 => {
                for job in group.drain(..) {
                    let mut alone = vec![job];
                    let failed = commit_group(&pool, &tenant, &clock, &mut alone).await.err();
                    alone.into_iter().for_each(|job| job.answer(failed.as_ref().map(same)));
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

async fn commit_group(pool: &Pool, tenant: &Arc<str>, clock: &Clock, group: &mut [Job]) -> Result<(), Problem> {
    let conn = Conn::acquire(pool, tenant.clone()).await?;
    let mut tx = Tx { conn, now: clock.now(), held: BTreeMap::new(), answers: HashMap::new(), wrote: false };
    let begin = match tx.conn.engine() {
        Engine::Sqlite => "begin immediate",
        Engine::Postgres => "begin",
    };
    tx.conn.raw(begin.to_owned()).await?;
    let outcome = run_group(&mut tx, clock, group).await;
    match outcome {
        Ok(()) => {
            let committed = tx.conn.raw("commit".to_owned()).await;
            if committed.is_err() {
                let _ = tx.conn.raw("rollback".to_owned()).await;
            }
            committed
        }
        Err(problem) => {
            let _ = tx.conn.raw("rollback".to_owned()).await;
            Err(problem)
        }
    }
}

async fn run_group(tx: &mut Tx, clock: &Clock, group: &mut [Job]) -> Result<(), Problem> {
    for job in group {
        tx.now = clock.now();
        tx.wrote = false;
        let result = job.run(tx).await;
        if let (Err(problem), true) = (result, tx.wrote) {
            return Err(problem);
        }
    }
    tx.flush().await
}
