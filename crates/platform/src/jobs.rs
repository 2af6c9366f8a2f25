//! Work for the program itself: a durable queue in the database.
//!
//! A job is claimed with a lease, so that a process that dies gives it back; a failure is tried again later and later;
//! after [`ATTEMPTS_MAX`] tries it is set aside with its last error, for a person to see.
//!
//! **Invariant:** while its lease runs, a job belongs to one process, however many share the database.
//! **Invariant:** a job of the clock is one row of its kind: its id is made from the name, so it cannot stand there twice.

use std::{future::Future, panic::AssertUnwindSafe, pin::Pin, time::Duration};

use futures_util::FutureExt as _;
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest as _, Sha256};
use tokio::sync::watch;
use uuid::Uuid;
use vx_kernel::{Problem, ids};

use crate::{
    params, record,
    store::{Conn, Db, Sql, Tx, Value, dialect},
    text_enum,
    web::App,
};

text_enum! {
    /// Where a job is.
    pub enum JobState {
        /// To be run at its time.
        Waiting = "waiting",
        /// Set aside after too many failures (để lại chờ người xem).
        Failed = "failed",
        /// A person decided that it need not be done (bỏ qua).
        Discarded = "discarded",
    }
}

record! {
    /// A job as a person sees and decides about it (việc nền). The queue itself changes rows by statements of its own.
    pub struct Job[ids::Job] in "job" {
        /// Which kind.
        pub kind: String,
        /// What to do it with.
        pub body: String,
        /// Where it is.
        pub state: JobState,
        /// When it is to be run.
        pub run_at: Timestamp,
        /// Tries so far.
        pub attempts: i64,
        /// Until when a process holds it.
        pub lease_until: Option<Timestamp>,
        /// Why the last try failed.
        pub last_error: Option<String>,
    }
}

/// Tries before a job is set aside.
pub const ATTEMPTS_MAX: i64 = 8;
/// How long a process may hold a job before another takes it over.
const LEASE: SignedDuration = SignedDuration::from_mins(5);
/// How often a process says that it still works on what it holds.
const RENEW: Duration = Duration::from_secs(60);
/// Jobs claimed at a time.
const CLAIM_MAX: i64 = 16;
/// How often the queue is looked at.
const TICK: Duration = Duration::from_secs(1);
/// The error of a job that ended its process each time.
pub const PROCESS_ENDED: &str = "the process ended while it ran this job";
/// The error of a job that panicked.
pub const PANICKED: &str = "the job panicked";
/// The error of a job of a kind that this program does not have.
pub const UNKNOWN_KIND: &str = "no such kind of job";
/// Longest error that is kept, in characters.
const ERROR_MAX: usize = 2_000;

/// How far the program has come in stopping.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Stop {
    /// It goes on.
    No,
    /// What was begun is finished, nothing new is begun.
    Soon,
    /// What was begun is dropped.
    Now,
}

type Boxed<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// What starts a job.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Trigger {
    /// The clock, every so many minutes.
    Every {
        /// Minutes between runs.
        mins: i64,
    },
    /// A fact of this name in the outbox; the body of the job is the fact.
    Fact(&'static str),
    /// Whoever enqueues it.
    Asked,
}

/// A kind of job that a module brings.
#[derive(Clone, Copy)]
pub struct JobKind {
    /// `module.what`.
    pub name: &'static str,
    /// What starts it.
    pub starts: Trigger,
    /// Does it. May run twice for one job (the lease may have run out), so it must not mind.
    pub run: fn(App, String) -> Boxed<Result<(), Problem>>,
}

/// A job as the queue holds it.
#[derive(Clone, Debug)]
pub struct Claimed {
    /// Identifier.
    pub id: Uuid,
    /// Which kind.
    pub kind: String,
    /// What to do it with.
    pub body: String,
    /// Tries so far, this one included.
    pub attempts: i64,
}

/// Puts a job into the queue, in the transaction that needs it done.
///
/// # Errors
/// When the database refuses.
pub async fn enqueue(tx: &mut Tx, kind: &str, body: &str, run_at: Timestamp) -> Result<Uuid, Problem> {
    let id = vx_kernel::fresh();
    put(tx, id, kind, body, run_at).await.map(|()| id)
}

async fn put(tx: &mut Tx, id: Uuid, kind: &str, body: &str, run_at: Timestamp) -> Result<(), Problem> {
    tx.change(Sql::with(
        "insert into job (tenant, id, kind, body, state, run_at, attempts, created_at)
         values ($1, $2, $3, $4, $5, $6, 0, $7) on conflict (tenant, id) do nothing",
        params![tx.tenant(), id, kind, body, JobState::Waiting, run_at, tx.now()],
    ))
    .await
    .map(drop)
}

/// The id of the one job of a kind that the clock starts, or of the one of that kind that was set aside.
fn clock_id(kind: &str, what: &str) -> Uuid {
    let hash = Sha256::digest(format!("{what}:{kind}"));
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash[..16]);
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}

/// Claims what is due. Two processes on one database never get the same job while its lease runs.
///
/// What another process held and did not settle may have ended that process, so it is claimed alone: if it ends this
/// one too, nothing that was claimed beside it counts a try. When it has had its tries, it is set aside.
///
/// # Errors
/// When the database is away.
pub async fn claim(db: &Db) -> Result<Vec<Claimed>, Problem> {
    let engine = db.engine();
    db.write(move |tx| {
        Box::pin(async move {
            let now = tx.now();
            let until = now.checked_add(LEASE).map_err(Problem::internal)?;
            // A lease that lies further ahead than any can was written before the clock was set back.
            let ahead = until.checked_add(LEASE).map_err(Problem::internal)?;
            let lapsed = move |sql: Sql| {
                sql.sql(" and lease_until is not null and (lease_until < ")
                    .bind(now)
                    .sql(" or lease_until > ")
                    .bind(ahead)
                    .sql(")")
            };
            let over = Sql::new("select id, kind, body, attempts from job where tenant = ").bind(tx.tenant());
            let over = over.sql(" and state = ").bind(JobState::Waiting).sql(" and attempts >= ").bind(ATTEMPTS_MAX);
            let over = lapsed(over).sql(" limit ").bind(CLAIM_MAX).sql(dialect::skip_locked(engine));
            for row in tx.rows(over).await? {
                let job = claimed(&row)?;
                set_aside(tx, &job, PROCESS_ENDED).await?;
            }
            // Due by the clock, or never meant to wait (the clock may have been set back since it was put here).
            let due = move |sql: Sql| {
                sql.sql(" and state = ")
                    .bind(JobState::Waiting)
                    .sql(" and (run_at <= ")
                    .bind(now)
                    .sql(" or run_at <= created_at)")
            };
            for alone in [true, false] {
                // Materialized: within `in (…)` PostgreSQL may run the choice anew for each row, and then claims more
                // than the limit.
                let sql = Sql::new("with due as materialized (select id from job where tenant = ");
                let sql = due(sql.bind(tx.tenant()));
                let sql = if alone { lapsed(sql) } else { sql.sql(" and lease_until is null") };
                let sql = sql.sql(" order by run_at, id limit ").bind(if alone { 1 } else { CLAIM_MAX });
                let sql = sql.sql(dialect::skip_locked(engine));
                let sql = sql.sql(") update job set attempts = attempts + 1, lease_until = ").bind(until);
                let sql = sql.sql(" where tenant = ").bind(tx.tenant()).sql(" and id in (select id from due)");
                let sql = sql.sql(" returning id, kind, body, attempts");
                let rows = tx.changed_rows(sql).await?;
                if !rows.is_empty() {
                    return rows.iter().map(claimed).collect();
                }
            }
            Ok(Vec::new())
        })
    })
    .await
}

fn claimed(row: &crate::store::Row) -> Result<Claimed, Problem> {
    Ok(Claimed { id: row.get("id")?, kind: row.get("kind")?, body: row.get("body")?, attempts: row.get("attempts")? })
}

/// The rows of jobs as they were claimed: whoever took one over since has raised `attempts`.
fn still_ours(mut sql: Sql, tenant: Value, jobs: &[Claimed]) -> Sql {
    sql = sql.sql(" where tenant = ").bind(tenant).sql(" and (");
    for (index, job) in jobs.iter().enumerate() {
        sql = sql.sql(if index > 0 { " or (id = " } else { "(id = " }).bind(job.id);
        sql = sql.sql(" and attempts = ").bind(job.attempts).sql(")");
    }
    sql.sql(") and lease_until is not null")
}

/// Makes the leases of claimed jobs run anew, and says which are still held: a process that was away for too long has
/// lost the others.
///
/// # Errors
/// When the database is away.
pub async fn renew(db: &Db, jobs: &[Claimed]) -> Result<Vec<Uuid>, Problem> {
    if jobs.is_empty() {
        return Ok(Vec::new());
    }
    let jobs = jobs.to_vec();
    db.write(move |tx| {
        let jobs = jobs.clone();
        Box::pin(async move {
            let until = tx.now().checked_add(LEASE).map_err(Problem::internal)?;
            let sql = still_ours(Sql::new("update job set lease_until = ").bind(until), tx.tenant(), &jobs);
            tx.changed_rows(sql.sql(" returning id")).await?.iter().map(|row| row.get("id")).collect()
        })
    })
    .await
}

/// Gives claimed jobs back untried, for another process to take at once.
///
/// # Errors
/// When the database is away; their leases then bring them back.
pub async fn release(db: &Db, jobs: &[Claimed]) -> Result<(), Problem> {
    if jobs.is_empty() {
        return Ok(());
    }
    let jobs = jobs.to_vec();
    db.write(move |tx| {
        let jobs = jobs.clone();
        Box::pin(async move {
            let sql = Sql::new("update job set lease_until = null, attempts = attempts - 1");
            tx.change(still_ours(sql, tx.tenant(), &jobs)).await.map(drop)
        })
    })
    .await
}

/// Notes how a claimed job went: gone when done (or waiting for its next time, when the clock starts it), later when it
/// failed, set aside when it failed too often.
///
/// # Errors
/// When the database is away; the lease then brings the job back.
pub async fn settle(db: &Db, job: &Claimed, outcome: Result<(), String>, starts: Trigger) -> Result<(), Problem> {
    let job = job.clone();
    db.write(move |tx| {
        let (job, outcome) = (job.clone(), outcome.clone());
        Box::pin(async move {
            let is_clock = job.id == clock_id(&job.kind, "clock");
            match (outcome, starts) {
                (Ok(()), Trigger::Every { mins }) if is_clock => {
                    let next = tx.now().checked_add(SignedDuration::from_mins(mins)).map_err(Problem::internal)?;
                    let sql = Sql::new("update job set attempts = 0, lease_until = null, last_error = null, run_at = ");
                    tx.change(still_ours(sql.bind(next), tx.tenant(), std::slice::from_ref(&job))).await.map(drop)
                }
                (Ok(()), _) => {
                    let sql = "delete from job where tenant = $1 and id = $2";
                    tx.change(Sql::with(sql, params![tx.tenant(), job.id])).await.map(drop)
                }
                (Err(error), _) if job.attempts >= ATTEMPTS_MAX => {
                    set_aside(tx, &job, &error).await?;
                    if let Trigger::Every { mins } = starts {
                        put_clock(tx, &job.kind, mins).await?;
                    }
                    Ok(())
                }
                (Err(error), _) => {
                    let run_at = tx.now().checked_add(back_off(job.attempts)).map_err(Problem::internal)?;
                    let sql = Sql::new("update job set lease_until = null, run_at = ").bind(run_at);
                    let sql = sql.sql(", last_error = ").bind(short(&error));
                    tx.change(still_ours(sql, tx.tenant(), std::slice::from_ref(&job))).await.map(drop)
                }
            }
        })
    })
    .await
}

fn short(error: &str) -> String {
    error.chars().take(ERROR_MAX).collect()
}

/// Sets a job aside. One that the clock starts leaves its place to the next of its kind, and covers the one of its kind
/// that was set aside before: a fault that lasts a night is one line to look at, not fifty.
async fn set_aside(tx: &mut Tx, job: &Claimed, error: &str) -> Result<(), Problem> {
    let mut id = job.id;
    if job.id == clock_id(&job.kind, "clock") {
        id = clock_id(&job.kind, "set aside");
        tx.change(Sql::with("delete from job where tenant = $1 and id = $2", params![tx.tenant(), id])).await?;
    }
    let sql = Sql::new("update job set lease_until = null, version = version + 1, state = ").bind(JobState::Failed);
    let sql =
        sql.sql(", id = ").bind(id).sql(", updated_at = ").bind(tx.now()).sql(", last_error = ").bind(short(error));
    tx.change(still_ours(sql, tx.tenant(), std::slice::from_ref(job))).await.map(drop)
}

/// 10 s after the first failure, doubling up to about three quarters of an hour.
fn back_off(attempts: i64) -> SignedDuration {
    let doublings = u32::try_from(attempts.clamp(1, 9) - 1).unwrap_or(0);
    SignedDuration::from_secs(10 * 2_i64.pow(doublings))
}

/// Runs what is due once and says how many jobs ran. Tests call this instead of waiting.
///
/// # Errors
/// When the database is away.
pub async fn run_due(app: &App) -> Result<usize, Problem> {
    // The sender is dropped at once: nobody will say stop.
    run_due_until(app, &mut watch::channel(Stop::No).1).await
}

async fn run_due_until(app: &App, stop: &mut watch::Receiver<Stop>) -> Result<usize, Problem> {
    deliver(app).await?;
    let jobs = claim(app.db()).await?;
    let mut renewed_at = app.clock().now();
    let mut held: Vec<Uuid> = jobs.iter().map(|job| job.id).collect();
    let mut ran = 0;
    for (index, job) in jobs.iter().enumerate() {
        let rest = jobs.get(index..).unwrap_or_default();
        if *stop.borrow() > Stop::No {
            release(app.db(), rest).await?;
            return Ok(ran);
        }
        if app.clock().now().duration_since(renewed_at) > SignedDuration::try_from(RENEW).unwrap_or(LEASE) {
            held = renew(app.db(), rest).await?;
            renewed_at = app.clock().now();
        }
        if !held.contains(&job.id) {
            continue;
        }
        let kind = app.modules().iter().flat_map(|module| module.jobs).find(|kind| kind.name == job.kind);
        let outcome = tokio::select! {
            outcome = run_one(app, kind, job) => outcome,
            never = hold(app, rest) => match never {},
            () = until(stop, Stop::Now) => {
                release(app.db(), rest).await?;
                return Ok(ran);
            }
        };
        ran += 1;
        app.db().measures().job(kind.map_or("unknown", |kind| kind.name), outcome.is_ok());
        if let Err(error) = &outcome {
            tracing::warn!(kind = job.kind, attempts = job.attempts, error, "job failed");
        }
        settle(app.db(), job, outcome, kind.map_or(Trigger::Asked, |kind| kind.starts)).await?;
    }
    Ok(ran)
}

async fn run_one(app: &App, kind: Option<&JobKind>, job: &Claimed) -> Result<(), String> {
    let Some(kind) = kind else { return Err(UNKNOWN_KIND.to_owned()) };
    // A job that panics fails; the queue goes on.
    AssertUnwindSafe(async { (kind.run)(app.clone(), job.body.clone()).await })
        .catch_unwind()
        .await
        .map_or_else(|_| Err(PANICKED.to_owned()), |outcome| outcome.map_err(|problem| problem.chain()))
}

/// Keeps the leases of what is held, for as long as one of the jobs runs.
async fn hold(app: &App, jobs: &[Claimed]) -> std::convert::Infallible {
    let mut tick = tokio::time::interval(RENEW);
    tick.tick().await;
    loop {
        tick.tick().await;
        app.db().measures().see_queue();
        if let Err(problem) = renew(app.db(), jobs).await {
            tracing::warn!(error = problem.chain(), "leases not renewed");
        }
    }
}

/// Waits until the program stops this much; for ever when nobody can say so any more.
async fn until(stop: &mut watch::Receiver<Stop>, how: Stop) {
    if stop.wait_for(|now| *now >= how).await.is_err() {
        std::future::pending::<()>().await;
    }
}

/// Facts taken from the outbox at a time.
const FACTS_MAX: i64 = 500;

/// Turns the facts that wait into jobs of whoever reacts to them, in one transaction: none is lost, none comes twice.
async fn deliver(app: &App) -> Result<(), Problem> {
    let mut conn = app.db().read().await?;
    let waiting =
        conn.count(Sql::with("select count(*) as n from outbox where tenant = $1", params![conn.tenant()])).await?;
    drop(conn);
    if waiting == 0 {
        return Ok(());
    }
    let reactions: Vec<(&'static str, &'static str)> = app
        .modules()
        .iter()
        .flat_map(|module| module.jobs)
        .filter_map(|kind| match kind.starts {
            Trigger::Fact(fact) => Some((fact, kind.name)),
            _ => None,
        })
        .collect();
    app.db()
        .write(move |tx| {
            let reactions = reactions.clone();
            Box::pin(async move {
                let sql = "select id, kind, body from outbox where tenant = $1 order by id limit $2";
                for row in tx.rows(Sql::with(sql, params![tx.tenant(), FACTS_MAX])).await? {
                    let (id, fact, body): (Uuid, String, String) = (row.get("id")?, row.get("kind")?, row.get("body")?);
                    let taken = "delete from outbox where tenant = $1 and id = $2";
                    // Another process may have taken it since it was read.
                    if tx.change(Sql::with(taken, params![tx.tenant(), id])).await? == 0 {
                        continue;
                    }
                    for (_, kind) in reactions.iter().filter(|(name, _)| *name == fact) {
                        let now = tx.now();
                        enqueue(tx, kind, &body, now).await?;
                    }
                }
                Ok(())
            })
        })
        .await
}

/// Makes sure that the job of the clock of this kind waits for its next time.
async fn put_clock(tx: &mut Tx, kind: &str, mins: i64) -> Result<(), Problem> {
    let at = tx.now().checked_add(SignedDuration::from_mins(mins)).map_err(Problem::internal)?;
    put(tx, clock_id(kind, "clock"), kind, "", at).await
}

/// Makes sure that each job of the clock waits for its next time: once, however many processes do this.
///
/// # Errors
/// When the database is away.
pub async fn schedule(app: &App) -> Result<(), Problem> {
    let every = app.modules().iter().flat_map(|module| module.jobs).filter_map(|kind| match kind.starts {
        Trigger::Every { mins } => Some((kind.name, mins)),
        _ => None,
    });
    let every: Vec<_> = every.collect();
    app.db()
        .write(move |tx| {
            let every = every.clone();
            Box::pin(async move {
                for (kind, mins) in every {
                    put_clock(tx, kind, mins).await?;
                }
                Ok(())
            })
        })
        .await
}

/// The queue's life: schedules the jobs of the clock, then looks every second until the program stops. What it holds
/// then is given back.
pub async fn run(app: App, mut stop: watch::Receiver<Stop>) {
    let mut is_scheduled = false;
    let mut tick = tokio::time::interval(TICK);
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    while *stop.borrow() == Stop::No {
        app.db().measures().see_queue();
        let looked = async {
            if !is_scheduled {
                schedule(&app).await?;
                is_scheduled = true;
            }
            run_due_until(&app, &mut stop).await
        };
        match looked.await {
            // There may be more than one claim holds.
            Ok(ran) if ran > 0 => continue,
            Ok(_) => {}
            Err(problem) => tracing::error!(error = problem.chain(), "job queue"),
        }
        tokio::select! { _ = tick.tick() => {}, () = until(&mut stop, Stop::Soon) => {} }
    }
}

/// How many jobs there are, for the figures of the program, for readiness and for `doctor`.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct Counts {
    /// Waiting for their time.
    pub later: i64,
    /// Due and not yet claimed.
    pub due: i64,
    /// Held by a process.
    pub running: i64,
    /// Set aside.
    pub set_aside: i64,
    /// How long the oldest due one has waited, in seconds.
    pub oldest_secs: i64,
}

/// Counts the queue.
///
/// # Errors
/// When the database is away.
pub async fn counts(conn: &mut Conn, now: Timestamp) -> Result<Counts, Problem> {
    let sql = Sql::new("select sum(case when state = 'failed' then 1 else 0 end) as aside, sum(case when state = 'waiting' and lease_until > ")
        .bind(now).sql(" then 1 else 0 end) as running, sum(case when state = 'waiting' and (lease_until is null or lease_until <= ")
        .bind(now).sql(") and run_at > ").bind(now).sql(" then 1 else 0 end) as later, sum(case when state = 'waiting' and (lease_until is null or lease_until <= ")
        .bind(now).sql(") and run_at <= ").bind(now).sql(" then 1 else 0 end) as due, min(case when state = 'waiting' and (lease_until is null or lease_until <= ")
        .bind(now).sql(") and run_at <= ").bind(now).sql(" then run_at end) as oldest from job where tenant = ").bind(conn.tenant())
        .sql(" and state in ('waiting', 'failed')");
    let Some(row) = conn.row(sql).await? else { return Ok(Counts::default()) };
    let n = |name: &str| row.find::<i64>(name).map(Option::unwrap_or_default);
    let oldest: Option<Timestamp> = row.find("oldest")?;
    Ok(Counts {
        later: n("later")?,
        due: n("due")?,
        running: n("running")?,
        set_aside: n("aside")?,
        oldest_secs: oldest.map_or(0, |at| now.duration_since(at).as_secs()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn back_off_doubles() {
        let seconds: Vec<i64> = [1, 2, 3, 8, 9, 20].map(|attempts| back_off(attempts).as_secs()).to_vec();
        assert_eq!(seconds, [10, 20, 40, 1280, 2560, 2560]);
    }
}
