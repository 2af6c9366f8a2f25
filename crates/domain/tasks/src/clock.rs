//! What the clock does with tasks: opens what comes back, lets climb what is late, hands over to a new head. Every job may run twice and then finds nothing left to do.

use futures_util::future::join_all;
use jiff::Timestamp;
use vx_concepts::{
    engine::{Command, Decision, Effect, Fact, HOLDER_NAMED, POLICY_SET, execute},
    work::{
        SeriesState, WorkSeries,
        escalation::{self, BATCH, Climb, EscalationPolicy, Policies},
    },
};
use vx_kernel::{Id, Path, Problem, ProblemKind, ids};
use vx_platform::{
    auth::Actor,
    jobs::{JobKind, Trigger},
    params,
    store::{Sql, Tx, Uuid},
    web::App,
};

use crate::{hand_over, store};

/// The jobs of this subsystem.
pub(crate) const JOBS: &[JobKind] = &[
    JobKind {
        name: "tasks.tidy",
        starts: Trigger::Every { mins: 60 },
        run: |app, _| Box::pin(async move { tidy(&app).await }),
    },
    JobKind {
        name: "tasks.recur",
        starts: Trigger::Every { mins: 1 },
        run: |app, _| Box::pin(async move { recur(&app).await.map(drop) }),
    },
    JobKind {
        name: "tasks.escalate",
        starts: Trigger::Every { mins: 1 },
        run: |app, _| Box::pin(async move { escalate(&app).await.map(drop) }),
    },
    JobKind {
        name: "tasks.replan",
        starts: Trigger::Fact(POLICY_SET),
        run: |app, body| Box::pin(async move { replan(&app, &body).await }),
    },
    JobKind {
        name: hand_over::JOB,
        starts: Trigger::Fact(HOLDER_NAMED),
        run: |app, body| Box::pin(async move { hand_over::holder_named(&app, &body).await }),
    },
];

/// The program as whoever acts in these jobs.
pub(crate) fn program(app: &App) -> Actor {
    Actor::system("Vùng Xanh", app.rights().clone())
}

/// The permission of the steps that the clock takes; nobody else has it.
pub(crate) const ESCALATE: &str = "tasks.escalate";

/// Removes kept figures that have become nought, and lets the database look at its own sizes.
async fn tidy(app: &App) -> Result<(), Problem> {
    vx_concepts::work::count::sweep(app.db()).await?;
    app.db().tidy_up().await
}

/// Opens the occurrence of a series that is due to appear (mở kỳ tiếp theo). The program does this, nobody else.
#[derive(Clone, Debug)]
pub struct Recur {
    /// Which series.
    pub series: Id<ids::Series>,
}

impl Command for Recur {
    type Record = WorkSeries;
    type Facts = (WorkSeries, bool);
    const NAME: &'static str = "tasks.recur";
    const READ: &'static str = store::READ;

    async fn gather(&self, tx: &mut Tx) -> Result<(WorkSeries, bool), Problem> {
        let series: WorkSeries = tx.load(self.series).await?;
        let off = store::duty_is_closed(tx, self.series).await?;
        Ok((series, off))
    }
    fn scope(&self, (series, _): &(WorkSeries, bool)) -> Path {
        series.assigner.clone()
    }
    fn decide(
        &self,
        (series, off): &(WorkSeries, bool),
        _: &Actor,
        now: Timestamp,
    ) -> Result<Decision<WorkSeries>, Problem> {
        // The standing duty that it checks was closed or called off: nothing is left to check.
        if *off && series.state == SeriesState::Running {
            let effects = vec![Effect::Tell(Fact::WorkClosed { about: series.about })];
            return Ok(Decision { record: series.clone().ended(), effects });
        }
        let coming = series.coming(now).ok_or_else(|| Problem::refused("tasks.recur.not_yet"))?;
        let item = Box::new(series.occurrence(coming.on));
        let effects = vec![Effect::Open { item, cooperating: series.cooperators() }];
        Ok(Decision { record: series.after(coming), effects })
    }
    fn before<'a>(&self, (series, _): &'a (WorkSeries, bool)) -> Option<&'a WorkSeries> {
        Some(series)
    }
}

/// Series taken at a time: what one commit of the writer takes.
const SERIES_MAX: i64 = 256;
/// Rounds of one run, so that a series that fails each time does not hold the job for ever.
const ROUNDS_MAX: usize = 200;

/// Opens every occurrence that is due to appear, and says how many.
///
/// # Errors
/// When the database is away.
pub async fn recur(app: &App) -> Result<usize, Problem> {
    let by = program(app);
    let mut opened = 0;
    for _ in 0..ROUNDS_MAX {
        let mut conn = app.db().read().await?;
        let sql = "select id from work_series where tenant = $1 and next_at <= $2 order by next_at, id limit $3";
        let rows = conn.rows(Sql::with(sql, params![conn.tenant(), app.clock().now(), SERIES_MAX])).await?;
        drop(conn);
        let due: Vec<Id<ids::Series>> = rows.iter().map(|row| row.get("id")).collect::<Result<_, _>>()?;
        let done = join_all(due.iter().map(|series| execute(app.db(), &by, Uuid::now_v7(), Recur { series: *series })));
        let mut n_opened = 0;
        for outcome in done.await {
            match outcome {
                Ok(_) => n_opened += 1,
                // Another process was faster.
                Err(problem) if matches!(problem.kind, ProblemKind::Refused | ProblemKind::Conflict) => {}
                Err(problem) => return Err(problem),
            }
        }
        opened += n_opened;
        if n_opened == 0 {
            break;
        }
    }
    Ok(opened)
}

/// Lets climb what is due, a bounded batch to a transaction, and says what was done.
///
/// # Errors
/// When the database is away.
pub async fn escalate(app: &App) -> Result<Climb, Problem> {
    let by = program(app).authority(ESCALATE, &Path::root())?;
    let mut sum = Climb::default();
    for _ in 0..ROUNDS_MAX {
        if !escalation::anything_due(&mut app.db().read().await?, app.clock().now()).await? {
            break;
        }
        let by = by.clone();
        let done = app
            .db()
            .write(move |tx| {
                let by = by.clone();
                Box::pin(async move {
                    let policies = Policies::load(tx).await?;
                    escalation::climb(tx, &by, &policies).await
                })
            })
            .await?;
        sum.looked += done.looked;
        sum.taken += done.taken;
        if done.looked < usize::try_from(BATCH).unwrap_or(usize::MAX) {
            break;
        }
    }
    Ok(sum)
}

/// Reacts to a policy that was set: the open work of its province is looked at by the new hours.
async fn replan(app: &App, body: &str) -> Result<(), Problem> {
    let Fact::PolicySet { policy } = serde_json::from_str(body).map_err(Problem::internal)? else { return Ok(()) };
    let mut after = None;
    loop {
        let last = app
            .db()
            .write(move |tx| {
                Box::pin(async move {
                    let policies = Policies::load(tx).await?;
                    let policy: EscalationPolicy = tx.load(policy).await?;
                    escalation::replan(tx, &policies, &policy, after).await
                })
            })
            .await?;
        if last.is_none() {
            return Ok(());
        }
        after = last;
    }
}
