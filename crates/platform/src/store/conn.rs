//! Connections: a pool to read from, a writer to write with.

use std::{path::PathBuf, str::FromStr, sync::Arc, time::Duration};

use sqlx::{
    AssertSqlSafe, Postgres, Sqlite,
    pool::{PoolConnection, PoolOptions},
    postgres::{PgConnectOptions, PgPool},
    query::Query,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqliteSynchronous},
};
use tokio::sync::mpsc;
use vx_kernel::{Problem, ProblemKind};

use super::{
    Row, Sql, Value,
    value::instant_text,
    writer::{self, Job},
};
use crate::{Clock, measures::Measures};

/// Which engine holds the data.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Engine {
    /// A file beside the program.
    Sqlite,
    /// A server.
    Postgres,
}

/// Where the data are and whose they are.
#[derive(Clone, Debug)]
pub struct StoreOptions {
    /// `sqlite:PATH` or `postgres://…`.
    pub url: String,
    /// The command that owns the data, a stable slug such as `soc-trang`.
    pub tenant: String,
}

impl StoreOptions {
    /// SQLite in a folder.
    #[must_use]
    pub fn in_folder(folder: &std::path::Path, tenant: &str) -> Self {
        Self { url: format!("sqlite:{}", folder.join("vungxanh.sqlite").display()), tenant: tenant.to_owned() }
    }
}

#[derive(Clone)]
pub(super) enum Pool {
    Sqlite(SqlitePool),
    Postgres(PgPool),
}

/// The database, cheap to clone.
#[derive(Clone)]
pub struct Db {
    engine: Engine,
    tenant: Arc<str>,
    read: Pool,
    write: Pool,
    pub(super) jobs: mpsc::Sender<Job>,
    measures: Arc<Measures>,
}

/// Connections that read at the same time. Two cores keep eight busy; a list page holds one for milliseconds.
const READERS_MAX: u32 = 8;
/// Commands that may wait for the writer before callers are told to come back.
const WAITING_MAX: usize = 4096;
/// How long a request waits for a connection: while the server is away people are told so, not kept waiting.
const ACQUIRE_MAX: Duration = Duration::from_secs(5);

impl Db {
    /// Opens the database, creating an SQLite file that is not there. Does not migrate.
    ///
    /// # Errors
    /// When the address is not understood or the server does not answer: `store.open`.
    pub async fn open(options: &StoreOptions, clock: Clock) -> Result<Self, Problem> {
        let failed = |error: sqlx::Error| {
            Problem::new(ProblemKind::Unavailable, "store.open")
                .with("url", without_password(&options.url))
                .because(error)
        };
        let (engine, read, write) = if let Some(path) = options.url.strip_prefix("sqlite:") {
            if let Some(folder) = PathBuf::from(path).parent() {
                std::fs::create_dir_all(folder).map_err(|error| {
                    Problem::new(ProblemKind::Unavailable, "store.open").with("url", &options.url).because(error)
                })?;
            }
            let connect = SqliteConnectOptions::new()
                .filename(path)
                .create_if_missing(true)
                .journal_mode(SqliteJournalMode::Wal)
                .synchronous(SqliteSynchronous::Full)
                .busy_timeout(Duration::from_secs(10))
                .statement_cache_capacity(256)
                // Rows that the engine's thread hands over before it waits for them to be taken: fewer changes of thread.
                .row_buffer_size(1_000)
                .pragma("cache_size", "-16000")
                // 16 MB of log between checkpoints: each costs two more syncs.
                .pragma("wal_autocheckpoint", "4000")
                .pragma("temp_store", "memory");
            let write = PoolOptions::<Sqlite>::new()
                .max_connections(1)
                .acquire_timeout(ACQUIRE_MAX)
                .connect_with(connect.clone())
                .await
                .map_err(failed)?;
            let read = PoolOptions::<Sqlite>::new()
                .max_connections(READERS_MAX)
                .acquire_timeout(ACQUIRE_MAX)
                .connect_with(connect.pragma("query_only", "on"))
                .await
                .map_err(failed)?;
            (Engine::Sqlite, Pool::Sqlite(read), Pool::Sqlite(write))
        } else {
            // A moment that is made a text must be written in one way, whatever the server or the role is set to.
            let connect = PgConnectOptions::from_str(&options.url).map_err(failed)?.application_name("vungxanh");
            let connect = connect.options([("DateStyle", "ISO")]);
            // A plan made while a table was empty is kept for as long as the connection and reads the grown table from
            // end to end. Planning each time costs less than one such read.
            let write = PoolOptions::<Postgres>::new()
                .max_connections(2)
                .acquire_timeout(ACQUIRE_MAX)
                .connect_with(connect.clone().options([("plan_cache_mode", "force_custom_plan")]))
                .await
                .map_err(failed)?;
            let read = PoolOptions::<Postgres>::new()
                .max_connections(READERS_MAX)
                .acquire_timeout(ACQUIRE_MAX)
                .connect_with(connect.options([("default_transaction_read_only", "on")]))
                .await
                .map_err(failed)?;
            (Engine::Postgres, Pool::Postgres(read), Pool::Postgres(write))
        };
        let (jobs, queue) = mpsc::channel(WAITING_MAX);
        let measures = Measures::new();
        let db = Self { engine, tenant: options.tenant.as_str().into(), read, write, jobs, measures };
        tokio::spawn(writer::run(db.write.clone(), db.tenant.clone(), clock, db.measures.clone(), queue));
        Ok(db)
    }

    /// Which engine this is; only [`super::dialect`] and the migrations should care.
    #[must_use]
    pub fn engine(&self) -> Engine {
        self.engine
    }

    /// Whose data these are.
    #[must_use]
    pub fn tenant(&self) -> &str {
        &self.tenant
    }

    /// What is counted about this program.
    #[must_use]
    pub fn measures(&self) -> &Arc<Measures> {
        &self.measures
    }

    /// Sets the gauges that only the store can read: its queue and its connections.
    pub fn measure(&self) {
        use crate::measures::Of;
        let gauges = self.measures.gauges();
        let waiting = self.jobs.max_capacity() - self.jobs.capacity();
        gauges.writer_waiting.set(i64::try_from(waiting).unwrap_or(i64::MAX));
        let size = |pool: &Pool| match pool {
            Pool::Sqlite(pool) => (pool.size(), pool.num_idle()),
            Pool::Postgres(pool) => (pool.size(), pool.num_idle()),
        };
        for (of_all, of_idle, pool) in [("read", "read_idle", &self.read), ("write", "write_idle", &self.write)] {
            let (all, idle) = size(pool);
            gauges.connections.get_or_create(&Of { of: of_all }).set(i64::from(all));
            gauges.connections.get_or_create(&Of { of: of_idle }).set(i64::try_from(idle).unwrap_or(i64::MAX));
        }
    }

    /// Whether the writer takes work and the database lets it begin and end a transaction.
    ///
    /// # Errors
    /// As [`Db::write`].
    pub async fn answers(&self) -> Result<(), Problem> {
        self.write(|_| Box::pin(async { Ok(()) })).await
    }

    /// A connection that can only read.
    ///
    /// # Errors
    /// `store.away` when none comes free or the server does not answer.
    pub async fn read(&self) -> Result<Conn, Problem> {
        Conn::acquire(&self.read, self.tenant.clone()).await
    }

    /// A connection that can write, for migrations only.
    pub(super) async fn owner(&self) -> Result<Conn, Problem> {
        Conn::acquire(&self.write, self.tenant.clone()).await
    }

    /// Lets the database look at its own sizes again, so that it chooses the right index. Cheap; done after migrations
    /// and every hour.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn tidy_up(&self) -> Result<(), Problem> {
        self.owner().await?.raw(super::dialect::statistics(self.engine).to_owned()).await
    }

    /// Closes the pools after the writer has finished what waits for it.
    pub async fn close(&self) {
        // The writer takes its work in order: when this is answered, all before it is.
        let _ = self.answers().await;
        match &self.read {
            Pool::Sqlite(pool) => pool.close().await,
            Pool::Postgres(pool) => pool.close().await,
        }
        match &self.write {
            Pool::Sqlite(pool) => pool.close().await,
            Pool::Postgres(pool) => pool.close().await,
        }
    }
}

/// One connection of either engine, within one tenant.
pub struct Conn {
    pub(super) inner: Inner,
    tenant: Arc<str>,
    /// Whether a statement failed. PostgreSQL then refuses the rest of the transaction, and answers its commit with a
    /// silent rollback.
    spoilt: bool,
}

pub(super) enum Inner {
    Sqlite(PoolConnection<Sqlite>),
    Postgres(PoolConnection<Postgres>),
}

impl Conn {
    pub(super) async fn acquire(pool: &Pool, tenant: Arc<str>) -> Result<Self, Problem> {
        let inner = match pool {
            Pool::Sqlite(pool) => Inner::Sqlite(pool.acquire().await.map_err(problem_of)?),
            Pool::Postgres(pool) => Inner::Postgres(pool.acquire().await.map_err(problem_of)?),
        };
        Ok(Self { inner, tenant, spoilt: false })
    }

    /// Whether a statement on this connection failed since it was acquired.
    pub(super) fn is_spoilt(&self) -> bool {
        self.spoilt
    }

    /// Begins anew after a statement that failed outside any transaction.
    pub(super) fn mend(&mut self) {
        self.spoilt = false;
    }

    fn checked<T>(&mut self, outcome: Result<T, sqlx::Error>) -> Result<T, Problem> {
        self.spoilt |= outcome.is_err();
        outcome.map_err(problem_of)
    }

    /// The tenant to bind first in every statement.
    #[must_use]
    pub fn tenant(&self) -> Value {
        Value::Text(Some(self.tenant.to_string()))
    }

    /// Whose data these are.
    #[must_use]
    pub fn tenant_name(&self) -> &str {
        &self.tenant
    }

    /// Which engine this is, for [`super::dialect`].
    #[must_use]
    pub(super) fn engine(&self) -> Engine {
        match self.inner {
            Inner::Sqlite(_) => Engine::Sqlite,
            Inner::Postgres(_) => Engine::Postgres,
        }
    }

    /// All rows of a query. Lists limit themselves.
    ///
    /// # Errors
    /// When the database refuses or is away.
    pub async fn rows(&mut self, sql: Sql) -> Result<Vec<Row>, Problem> {
        let outcome = match &mut self.inner {
            Inner::Sqlite(conn) => {
                bind_sqlite(sql).fetch_all(&mut **conn).await.map(|rows| rows.into_iter().map(Row::Sqlite).collect())
            }
            Inner::Postgres(conn) => bind_postgres(sql)
                .fetch_all(&mut **conn)
                .await
                .map(|rows| rows.into_iter().map(Row::Postgres).collect()),
        };
        self.checked(outcome)
    }

    /// The one row of a query, if there is one.
    ///
    /// # Errors
    /// As [`Conn::rows`].
    pub async fn row(&mut self, sql: Sql) -> Result<Option<Row>, Problem> {
        let outcome = match &mut self.inner {
            Inner::Sqlite(conn) => bind_sqlite(sql).fetch_optional(&mut **conn).await.map(|row| row.map(Row::Sqlite)),
            Inner::Postgres(conn) => {
                bind_postgres(sql).fetch_optional(&mut **conn).await.map(|row| row.map(Row::Postgres))
            }
        };
        self.checked(outcome)
    }

    /// The number in column `n` of a query that counts.
    ///
    /// # Errors
    /// As [`Conn::rows`].
    pub async fn count(&mut self, sql: Sql) -> Result<i64, Problem> {
        self.row(sql).await?.map_or(Ok(0), |row| row.get("n"))
    }

    /// Runs a statement and says how many rows it touched.
    pub(super) async fn execute(&mut self, sql: Sql) -> Result<u64, Problem> {
        let outcome = match &mut self.inner {
            Inner::Sqlite(conn) => bind_sqlite(sql).execute(&mut **conn).await.map(|done| done.rows_affected()),
            Inner::Postgres(conn) => bind_postgres(sql).execute(&mut **conn).await.map(|done| done.rows_affected()),
        };
        self.checked(outcome)
    }

    /// Runs a text without values: transaction control and migrations.
    pub(super) async fn raw(&mut self, text: String) -> Result<(), Problem> {
        let outcome = match &mut self.inner {
            Inner::Sqlite(conn) => sqlx::raw_sql(AssertSqlSafe(text)).execute(&mut **conn).await.map(drop),
            Inner::Postgres(conn) => sqlx::raw_sql(AssertSqlSafe(text)).execute(&mut **conn).await.map(drop),
        };
        self.checked(outcome)
    }
}

pub(super) fn bind_sqlite(mut sql: Sql) -> Query<'static, Sqlite, sqlx::sqlite::SqliteArguments> {
    let mut query = sqlx::query(AssertSqlSafe(sql.sqlite_text()));
    for value in sql.args {
        query = match value {
            Value::Text(value) => query.bind(value),
            Value::Int(value) => query.bind(value),
            Value::Bool(value) => query.bind(value),
            Value::Bytes(value) => query.bind(value),
            Value::Uuid(value) => query.bind(value),
            Value::Date(value) => query.bind(value.map(|day| day.to_string())),
            Value::At(value) => query.bind(value.map(instant_text)),
        };
    }
    query
}

pub(super) fn bind_postgres(mut sql: Sql) -> Query<'static, Postgres, sqlx::postgres::PgArguments> {
    use jiff_sqlx::ToSqlx as _;
    let mut query = sqlx::query(AssertSqlSafe(sql.postgres_text()));
    for value in sql.args {
        query = match value {
            Value::Text(value) => query.bind(value),
            Value::Int(value) => query.bind(value),
            Value::Bool(value) => query.bind(value),
            Value::Bytes(value) => query.bind(value),
            Value::Uuid(value) => query.bind(value),
            Value::Date(value) => query.bind(value.map(|day| day.to_sqlx())),
            Value::At(value) => query.bind(value.map(|at| at.to_sqlx())),
        };
    }
    query
}

/// What the database's complaint means to the caller: a constraint of ours, a lack of room, an absence, or a bug.
pub(super) fn problem_of(error: sqlx::Error) -> Problem {
    let away = |error| Problem::new(ProblemKind::Unavailable, "store.away").because(error);
    match &error {
        sqlx::Error::Database(inner) if inner.is_unique_violation() => {
            let message = inner.message().to_owned();
            Problem::new(ProblemKind::Conflict, "store.already_there").with("what", message).because(error)
        }
        sqlx::Error::Database(inner) => {
            let code = inner.code().unwrap_or_default();
            // PostgreSQL's codes have five characters; SQLite's are numbers with the general code in the low byte.
            let lite = if code.len() < 5 { code.parse::<u16>().ok().map(|code| code & 0xff) } else { None };
            let post = if lite.is_none() { code.as_ref() } else { "" };
            // SQLite: 13 FULL, and 4874 when there is no room for the index of its log; PostgreSQL: 53100 disk full.
            if lite == Some(13) || code == "4874" || post == "53100" {
                Problem::new(ProblemKind::Unavailable, "store.full").because(error)
            // Another process was in the way; the writer tries again.
            } else if post == "40001" || post == "40P01" {
                Problem::new(ProblemKind::Conflict, "store.changed_meanwhile").because(error)
            // SQLite: 5 BUSY, 6 LOCKED, when another process writes for longer than we wait; 10 IOERR and 14 CANTOPEN
            // when the disk is away. PostgreSQL: classes 08 (connection), 53 (resources), 57P (shut down, starting).
            } else if matches!(lite, Some(5 | 6 | 10 | 14))
                || post.starts_with("08")
                || post.starts_with("53")
                || post.starts_with("57P")
            {
                away(error)
            } else {
                Problem::internal(error)
            }
        }
        // A server that is killed breaks off in the middle of what it says.
        sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::Protocol(_)
        | sqlx::Error::WorkerCrashed => away(error),
        _ => Problem::internal(error),
    }
}

/// The address as it may stand in a log.
#[must_use]
pub fn without_password(url: &str) -> String {
    let lower = url.to_ascii_lowercase();
    let is_address =
        lower.split_once("://").is_some_and(|(scheme, _)| scheme.bytes().all(|byte| byte.is_ascii_lowercase()));
    if !is_address && !lower.starts_with("sqlite:") {
        // Keywords, `host=… password=…`, are no address that we open, but somebody may have written one. A quoted
        // password may hold anything, so nothing behind the word is shown.
        let mut words = lower.match_indices("password");
        let found = words.find(|(at, word)| lower[at + word.len()..].trim_start().starts_with('='));
        return found.map_or_else(|| url.to_owned(), |(at, _)| format!("{}password=…", &url[..at]));
    }
    // A password may also stand among the options.
    let url = if is_address && lower.contains("password=") { url.split('?').next().unwrap_or_default() } else { url };
    match (url.find("://"), url.rfind('@')) {
        (Some(scheme), Some(at)) if scheme < at => format!("{}://…{}", &url[..scheme], &url[at..]),
        _ => url.to_owned(),
    }
}
