//! What follows from decisions and commitments by itself: documents learn that they were overtaken, people are told
//! before a level takes effect and before a commitment is due, work of levels that no longer hold is called off.

use jiff::{SignedDuration, ToSpan as _};
use vx_concepts::{
    engine::{Fact, execute},
    paper::Overtake,
};
use vx_kernel::{Id, Path, Problem, ProblemKind, time};
use vx_platform::{auth::Actor, store::Uuid, web::App};

use crate::{
    AskCauses,
    commands::{About, COMING_HOURS, Follow},
    document, store,
    types::{Commitment, Keeping, StepKind},
};

/// Days back for which a level that has taken effect is followed: what is older was settled before the program knew it.
const FOLLOWED_DAYS: i64 = 60;
/// Days before the last one of a commitment on which the unit is told.
const SOON_DAYS: i64 = 3;

/// What was refused was done before, or by another process, or is no longer wanted.
pub(crate) fn unless_refused(outcome: Result<Uuid, Problem>) -> Result<(), Problem> {
    match outcome {
        Ok(_) => Ok(()),
        Err(problem) if matches!(problem.kind, ProblemKind::Refused | ProblemKind::Conflict) => Ok(()),
        Err(problem) => Err(problem),
    }
}

/// The program, which does what the clock and documents ask for.
pub(crate) fn program(app: &App) -> Actor {
    Actor::system("Vùng Xanh", app.rights().clone())
}

async fn step(app: &App, by: &Actor, about: About, step: StepKind) -> Result<(), Problem> {
    unless_refused(execute(app.db(), by, Uuid::now_v7(), Follow { about, step }).await)
}

/// Does what decisions and commitments ask for by now, each once.
///
/// # Errors
/// When the database is away.
pub async fn follow(app: &App) -> Result<(), Problem> {
    let now = app.clock().now();
    let today = time::day_of(now);
    let hours = |n: i64| now.checked_add(SignedDuration::from_hours(n)).map_err(Problem::internal);
    let mut conn = app.db().read().await?;
    let coming = store::to_follow(&mut conn, now, hours(COMING_HOURS)?, StepKind::Coming).await?;
    let in_force = store::to_follow(&mut conn, hours(-24 * FOLLOWED_DAYS)?, now, StepKind::InForce).await?;
    let until = today.checked_add(SOON_DAYS.days()).map_err(Problem::internal)?;
    let soon = store::commitments_to_follow(&mut conn, today, until, StepKind::DueSoon).await?;
    let told = store::commitments_told(&mut conn, today).await?;
    let mut units: Vec<Path> = told.iter().map(|one| one.path.clone()).collect();
    units.sort();
    units.dedup();
    let decisions = store::decisions_of(&mut conn, &units).await?;
    let is_kept =
        |one: &Commitment| matches!(one.keeping(one.reached_on(&decisions), today), Keeping::Kept | Keeping::KeptLate);
    let kept: Vec<Commitment> = told.into_iter().filter(is_kept).collect();
    drop(conn);
    let by = program(app);
    for (decisions, kind) in [(coming, StepKind::Coming), (in_force, StepKind::InForce)] {
        for decision in decisions {
            step(app, &by, About::Decision(Box::new(decision)), kind).await?;
        }
    }
    for (commitments, kind) in [(soon, StepKind::DueSoon), (kept, StepKind::Kept)] {
        for commitment in commitments {
            step(app, &by, About::Commitment(Box::new(commitment)), kind).await?;
        }
    }
    Ok(())
}

/// Reacts to a decision: the document in which the one before it stands learns of it, and what is due already is done.
pub(crate) async fn decided(app: &App, body: &str) -> Result<(), Problem> {
    let Fact::ZoneDecided { decision } = serde_json::from_str(body).map_err(Problem::internal)? else {
        return Err(Problem::internal("a fact of another sort"));
    };
    let mut conn = app.db().read().await?;
    let decision = store::decision(&mut conn, Id::from(decision)).await?;
    let before = store::before(&mut conn, &decision).await?;
    drop(conn);
    let paper = before.and_then(|before| before.paper).filter(|paper| Some(*paper) != decision.paper);
    if let Some(paper) = paper {
        let page = format!("/zones/units/{}#history", decision.path.unit());
        let command = Overtake { paper: Id::from(paper), page, by: decision.number.clone() };
        let by = program(app);
        unless_refused(execute(app.db(), &by, Uuid::now_v7(), command).await)?;
    }
    follow(app).await
}

/// Reacts to a document that is out: what it decides is decided.
pub(crate) async fn issued(app: &App, body: &str) -> Result<(), Problem> {
    let Fact::PaperIssued { paper } = serde_json::from_str(body).map_err(Problem::internal)? else {
        return Err(Problem::internal("a fact of another sort"));
    };
    document::issued(app, Id::from(paper)).await
}

/// Asks the units whose commitments were missed for the causes, once each.
///
/// # Errors
/// When the database is away.
pub async fn ask_causes(app: &App) -> Result<(), Problem> {
    let today = time::day_of(app.clock().now());
    let overdue = store::overdue(&mut app.db().read().await?, today).await?;
    let by = program(app);
    for commitment in overdue {
        let key = commitment.path.unit().to_owned();
        // It may have been kept, or asked for by another process.
        let command = AskCauses { commitment: commitment.id, key };
        unless_refused(execute(app.db(), &by, Uuid::now_v7(), command).await)?;
    }
    Ok(())
}
