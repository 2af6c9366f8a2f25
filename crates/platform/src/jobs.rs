//! Work for the program itself: a durable queue in the database.
//!
//! A job is claimed with a lease, so that a process that dies gives it back; a failure is tried again later and later;
//! after [`ATTEMPTS_MAX`] tries it is set aside with its last error, for a person to see.

use std::{future::Future, panic::AssertUnwindSafe, pin::Pin, time::Duration};

use futures_util::FutureExt as _;
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;
use vx_kernel::Problem;

use crate::{
    params,
    store::{Db, Sql, Tx, dialect},
    text_enum,
    web::App,
};

text_enum! {
    /// Where a job is.
    pub enum JobState {
        /// To be run at its time.
        Waiting = "waiting",
        /// Set aside after too many failures.
        Failed = "failed",
    }
}

/// Tries before a job is set aside.
pub const ATTEMPTS_MAX: i64 = 8;
/// How long a process may hold a job before another takes it over.
const LEASE: SignedDuration = SignedDuration::from_mins(5);
/// Jobs claimed at a time.
const CLAIM_MAX: i64 = 16;
/// How often the queue is looked at.
const TICK: Duration = Duration::from_secs(1);

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
    let id = Uuid::now_v7();
    tx.change(Sql::with(
        "insert into job (tenant, id, kind, body, state, run_at, attempts, created_at)
         values ($1, $2, $3, $4, $5, $6, 0, $7)",
        params![tx.tenant(), id, kind, body, JobState::Waiting, run_at, tx.now()],
    ))
    .await?;
    Ok(id)
}

/// Claims what is due. Two processes on one database never get the same job while its lease runs.
///
/// # Errors
/// When the database is away.
pub async fn claim(db: &Db) -> Result<Vec<Claimed>, Problem> {
    let engine = db.engine();
    db.write(move |tx| {
        Box::pin(async move {
            let now = tx.now();
            let until = now.checked_add(LEASE).map_err(Problem::internal)?;
            let tenant = tx.tenant();
            let sql = Sql::new("update job set attempts = attempts + 1, lease_until = ")
                .bind(until)
                .sql(" where tenant = ")
                .bind(tenant.clone())
                .sql(" and id in (select id from job where tenant = ")
                .bind(tenant)
                .sql(" and state = ")
                .bind(JobState::Waiting)
                .sql(" and run_at <= ")
                .bind(now)
                .sql(" and (lease_until is null or lease_until < ")
                .bind(now)
                .sql(") order by run_at limit ")
                .bind(CLAIM_MAX)
                .sql(dialect::skip_locked(engine))
                .sql(") returning id, kind, body, attempts");
            let rows = tx.changed_rows(sql).await?;
            rows.iter()
                .map(|row| {
                    Ok(Claimed {
                        id: row.get("id")?,
                        kind: row.get("kind")?,
                        body: row.get("body")?,
                        attempts: row.get("attempts")?,
                    })
                })
                .collect()
        })
    })
    .await
}

/// Notes how a claimed job went: gone when done, later when it failed, set aside when it failed too often.
///
/// # Errors
/// When the database is away; the lease then brings the job back.
pub async fn settle(db: &Db, job: &Claimed, outcome: Result<(), String>) -> Result<(), Problem> {
    let job = job.clone();
    db.write(move |tx| {
        let (job, outcome) = (job.clone(), outcome.clone());
        Box::pin(async move {
            let Err(error) = outcome else {
                let sql = "delete from job where tenant = $1 and id = $2";
                return tx.change(Sql::with(sql, params![tx.tenant(), job.id])).await.map(drop);
            };
            let state = if job.attempts >= ATTEMPTS_MAX { JobState::Failed } else { JobState::Waiting };
            let run_at = tx.now().checked_add(back_off(job.attempts)).map_err(Problem::internal)?;
            // Whoever took the job over after the lease ran out has raised `attempts`, and holds it.
            tx.change(Sql::with(
                "update job set state = $1, run_at = $2, lease_until = null, last_error = $3
                 where tenant = $4 and id = $5 and attempts = $6",
                params![state, run_at, error, tx.tenant(), job.id, job.attempts],
            ))
            .await
            .map(drop)
        })
    })
    .await
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
    deliver(app).await?;
    let jobs = claim(app.db()).await?;
    for job in &jobs {
        let kind = app.modules().iter().flat_map(|module| module.jobs).find(|kind| kind.name == job.kind);
        let outcome = match kind {
            // A job that panics fails; the queue goes on.
            Some(kind) => AssertUnwindSafe(async { (kind.run)(app.clone(), job.body.clone()).await })
                .catch_unwind()
                .await
                .map_or_else(
                    |_| Err("the job panicked".to_owned()),
                    |outcome| outcome.map_err(|problem| problem.chain()),
                ),
            None => Err("no such kind of job".to_owned()),
        };
        if let Err(error) = &outcome {
            tracing::warn!(kind = job.kind, attempts = job.attempts, error, "job failed");
        }
        settle(app.db(), job, outcome).await?;
        if let Some(Trigger::Every { mins }) = kind.map(|kind| kind.starts) {
            schedule(app, &job.kind, mins).await?;
        }
    }
    Ok(jobs.len())
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

/// Makes sure that a job of the clock waits for its next time, once.
async fn schedule(app: &App, kind: &str, mins: i64) -> Result<(), Problem> {
    let kind = kind.to_owned();
    app.db()
        .write(move |tx| {
            let kind = kind.clone();
            Box::pin(async move {
                let sql = "select count(*) as n from job where tenant = $1 and kind = $2 and state = $3";
                let waiting = tx.count(Sql::with(sql, params![tx.tenant(), kind.as_str(), JobState::Waiting])).await?;
                if waiting == 0 {
                    let at = tx.now().checked_add(SignedDuration::from_mins(mins)).map_err(Problem::internal)?;
                    enqueue(tx, &kind, "", at).await?;
                }
                Ok(())
            })
        })
        .await
}

/// The queue's life: schedules the jobs of the clock, then looks every second until the program stops.
pub async fn run(app: App) {
    for kind in app.modules().iter().flat_map(|module| module.jobs) {
        if let Trigger::Every { mins } = kind.starts
            && let Err(problem) = schedule(&app, kind.name, mins).await
        {
            tracing::error!(kind = kind.name, error = problem.chain(), "job not scheduled");
        }
    }
    let mut tick = tokio::time::interval(TICK);
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tick.tick().await;
        if let Err(problem) = run_due(&app).await {
            tracing::error!(error = problem.chain(), "job queue");
        }
    }
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
