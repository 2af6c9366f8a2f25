//! When a post changes holder (bàn giao): the unit's open tasks go over to the new head, who takes them over by a press.
//!
//! A task belongs to its unit, so nothing about who leads it changes; what changes is the person who answers for it.

use std::collections::BTreeSet;

use jiff::Timestamp;
use vx_concepts::{
    engine::{Command, Decision, Effect, Fact, execute},
    work::{self, Filter, WorkItem, WorkState, show::row},
};
use vx_foundation::units::{Post, Tenure, tenures};
use vx_kernel::{Id, Path, Problem, ProblemKind, ids, time};
use vx_platform::{
    auth::Actor,
    jobs,
    store::{Conn, Record as _, Tx, Uuid},
    web::{App, Form, Markup, PageResult, Visit, html, icon, see_other},
};

use crate::{
    clock::program,
    commands::{Do, Side, Step, not_now},
    store,
};

/// The job that reacts to a holder who was named.
pub(crate) const JOB: &str = "tasks.hand_over";

/// Hands a task over from one head of its unit to the next. The program does this, nobody else.
#[derive(Clone, Debug)]
pub struct HandOver {
    /// Which task.
    pub task: Id<ids::WorkItem>,
    /// From whom to whom: "A → B".
    pub names: String,
}

impl Command for HandOver {
    type Record = WorkItem;
    type Facts = WorkItem;
    const NAME: &'static str = "tasks.hand_over";
    const READ: &'static str = store::READ;

    async fn gather(&self, tx: &mut Tx) -> Result<WorkItem, Problem> {
        tx.load(self.task).await
    }
    fn scope(&self, task: &WorkItem) -> Path {
        task.path.clone()
    }
    fn decide(&self, task: &WorkItem, _: &Actor, now: Timestamp) -> Result<Decision<WorkItem>, Problem> {
        if task.state.is_closed() {
            return Err(not_now(task));
        }
        Ok(Decision::just(WorkItem { handed_at: Some(now), ..task.clone() }))
    }
    fn before<'a>(&self, task: &'a WorkItem) -> Option<&'a WorkItem> {
        Some(task)
    }
    fn loads_only(&self) -> Option<Uuid> {
        Some(self.task.uuid())
    }
    fn reason(&self) -> Option<&str> {
        Some(&self.names)
    }
}

/// The new head says that the task is known and taken over (nhận bàn giao).
#[derive(Clone, Debug)]
pub struct TakeOver;
impl Step for TakeOver {
    const NAME: &'static str = "tasks.take_over";
    const SIDE: Side = Side::Lead;
    fn step(&self, task: &WorkItem, _: &[WorkItem], _: Timestamp) -> Result<(WorkItem, Vec<Effect>), Problem> {
        if task.state.is_closed() {
            return Err(not_now(task));
        }
        if task.handed_at.is_none() {
            return Err(Problem::refused("tasks.take_over.nothing"));
        }
        Ok((WorkItem { handed_at: None, ..task.clone() }, Vec::new()))
    }
}

/// Who leaves and who comes on a day: the last two at the head of a unit.
fn change(tenures: &[Tenure]) -> Option<(&Tenure, &Tenure)> {
    match tenures {
        [.., left, came] if came.before.is_none() && left.holder != came.holder => Some((left, came)),
        _ => None,
    }
}

/// Open tasks of one unit taken at a time.
const TASKS_MAX: i64 = 256;

/// Reacts to a holder who was named: on the first day of the new head the unit's open tasks are handed over.
pub(crate) async fn holder_named(app: &App, body: &str) -> Result<(), Problem> {
    let Fact::HolderNamed { post } = serde_json::from_str(body).map_err(Problem::internal)? else { return Ok(()) };
    let mut conn = app.db().read().await?;
    let post: Post = conn.load(post).await?;
    let tenures = tenures(&mut conn, &post.path).await?;
    drop(conn);
    let Some((left, came)) = change(&tenures) else { return Ok(()) };
    let begins = time::instant(came.from.at(0, 0, 0, 0)).map_err(Problem::internal)?;
    if begins > app.clock().now() {
        let body = body.to_owned();
        return app
            .db()
            .write(move |tx| {
                let body = body.clone();
                Box::pin(async move { jobs::enqueue(tx, JOB, &body, begins).await.map(drop) })
            })
            .await;
    }
    let (by, names) = (program(app), format!("{} → {}", left.holder, came.holder));
    // One key for a task and a change of heads: the job may run twice, the task is handed over once.
    let change = came.post.as_u128() ^ u128::from(begins.as_second().unsigned_abs());
    let mut after: Option<Uuid> = None;
    loop {
        let mut conn = app.db().read().await?;
        let sql = work::select().sql(" where w.tenant = ").bind(conn.tenant()).sql(" and w.path = ").bind(&post.path);
        let sql = sql.sql(" and w.state in ").list(WorkState::OPEN);
        let sql =
            sql.when(after, |sql, id| sql.sql(" and w.id > ").bind(id)).sql(" order by w.id limit ").bind(TASKS_MAX);
        let tasks: Vec<WorkItem> = conn.rows(sql).await?.iter().map(WorkItem::read).collect::<Result<_, _>>()?;
        drop(conn);
        let Some(last) = tasks.last() else { return Ok(()) };
        after = Some(last.id.uuid());
        let done = tasks.iter().map(|task| {
            let key = Uuid::from_u128(change ^ task.id.uuid().as_u128());
            execute(app.db(), &by, key, HandOver { task: task.id, names: names.clone() })
        });
        for outcome in futures_util::future::join_all(done).await {
            match outcome {
                Ok(_) => {}
                // Closed since it was read.
                Err(problem) if problem.kind == ProblemKind::Refused => {}
                Err(problem) => return Err(problem),
            }
        }
    }
}

/// Rows of the group in the inbox; its list has the rest.
const GROUP_MAX: i64 = 20;

/// The list of what was handed over to a desk and not taken over yet.
pub(crate) fn handed_list(unit: &Path) -> Filter {
    Filter { unit: Some(unit.clone()), desk: true, handed: true, ..Filter::default() }
}

/// Open tasks of a desk that nobody has taken over yet, by deadline.
pub(crate) async fn handed(conn: &mut Conn, unit: &Path) -> Result<Vec<WorkItem>, Problem> {
    let sql = work::select().sql(" where w.tenant = ").bind(conn.tenant()).sql(" and w.path = ").bind(unit);
    let sql = sql.sql(" and w.handed_at is not null and w.state in ").list(WorkState::OPEN);
    let sql = sql.sql(" order by w.due_sort, w.id limit ").bind(GROUP_MAX + 1);
    conn.rows(sql).await?.iter().map(WorkItem::read).collect()
}

/// The group of the inbox: what was handed over, with one press for all of it.
pub(crate) fn group(visit: &Visit, unit: &Path, tasks: &[WorkItem], total: i64, now: Timestamp) -> Markup {
    let all = handed_list(unit);
    let shown = usize::try_from(GROUP_MAX).unwrap_or(usize::MAX);
    let may = visit.actor().is_ok_and(|actor| actor.may(TakeOver::NAME, unit));
    html! {
        @if !tasks.is_empty() {
            h2.vx-group { (visit.t("group-handed")) a href=(all.href()) { (time::say_count(visit.lang, total)) } @if tasks.len() > shown { a href=(all.href()) { (visit.t("see-all")) } } }
            (visit.form("/tasks/take-over", html! {
                input type="hidden" name="unit" value=(unit.as_str());
                ul.vx-rows data-rows { @for task in tasks.iter().take(shown) { (row(visit, task, now, None)) } }
                @if may { p.mt-2 { button.btn type="submit" { (icon("check")) " " (visit.t("take-over-all")) } } }
                @else { p.vx-quiet { (visit.t("take-over-by-head")) } }
            }))
        }
    }
}

/// One press for all that was handed over to a unit.
pub(crate) async fn take_over_all(visit: Visit, form: Form) -> PageResult {
    let (actor, key) = (visit.actor()?, form.key()?);
    let unit = Path::parse(form.text("unit"))
        .map_err(|_| Problem::invalid("web.field").with("field", "unit").with("value", form.text("unit")))?;
    if !actor.may(TakeOver::NAME, &unit) {
        return Err(Problem::not_found().into());
    }
    let mut done: BTreeSet<Id<ids::WorkItem>> = BTreeSet::new();
    loop {
        let tasks = handed(&mut visit.app.db().read().await?, &unit).await?;
        let before = done.len();
        for task in &tasks {
            let key = Uuid::from_u128(key.as_u128() ^ task.id.uuid().as_u128());
            match execute(visit.app.db(), actor, key, Do { task: task.id, step: TakeOver }).await {
                Ok(_) => drop(done.insert(task.id)),
                // Somebody of the same desk was faster.
                Err(problem) if problem.kind == ProblemKind::Refused => {}
                Err(problem) => return Err(problem.into()),
            }
        }
        // A form that was sent before answers again without doing anything.
        if done.len() == before {
            break;
        }
    }
    Ok(see_other(&format!("/inbox?n={}", done.len()), "tasks-said-taken-over-n"))
}

/// What the page of a task says while it waits to be taken over: the names, and the press.
pub(crate) fn note(visit: &Visit, task: &WorkItem, names: Option<&str>) -> Markup {
    let may = visit.actor().is_ok_and(|actor| actor.may(TakeOver::NAME, &task.path));
    html! {
        @if let Some(at) = task.handed_at {
            div.vx-note {
                strong { (visit.t("handed-over")) } @if let Some(names) = names { " · " (names) } " · " (visit.at(at))
                @if may { div.mt-2 { (visit.button(&format!("/tasks/{}/take-over", task.id), "btn", "check", "take-over")) } }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_from_the_last_head_to_the_one_who_came() {
        let tenure = |holder: &str, from: &str, before: Option<&str>| Tenure {
            post: Uuid::nil(),
            title: String::new(),
            holder: holder.to_owned(),
            from: from.parse().unwrap(),
            before: before.map(|day| day.parse().unwrap()),
        };
        let an = tenure("An", "2021-01-01", Some("2021-06-01"));
        let binh = tenure("Bình", "2021-06-01", None);
        for (tenures, expected) in [
            (vec![], None),
            (vec![tenure("An", "2021-01-01", None)], None),
            (vec![an.clone(), binh], Some("An Bình")),
            (vec![an.clone(), tenure("Bình", "2021-06-01", Some("2021-08-01"))], None),
            (vec![an, tenure("An", "2021-09-01", None)], None),
        ] {
            let got = change(&tenures).map(|(left, came)| format!("{} {}", left.holder, came.holder));
            assert_eq!(got.as_deref(), expected);
        }
    }
}
