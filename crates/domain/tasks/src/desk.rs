//! Pages and actions of the desk: more time, targets and what was counted, undo, many tasks at once.

use axum::extract::{Path as Address, Query};
use jiff::{Timestamp, ToSpan as _, civil::DateTime};
use vx_concepts::{
    engine::{Command as _, execute},
    work::{
        Filter, WorkItem, WorkState,
        tally::{self, Counted, Progress, SHOWN_MAX},
    },
};
use vx_kernel::{Date, Id, Path, Problem, ids, time};
use vx_platform::{
    journal::Entry,
    store::Conn,
    web::{Access, Form, Markup, PageResult, Route, Visit, html, see_other},
};

use crate::{
    bulk, calendar,
    commands::{Do, is_open},
    desk_views, export,
    extension::{AskExtension, DeclineExtension, GrantExtension},
    feed, inbox,
    routes::{filter_of, list_body, step},
    store::{self, READ},
    targets::{Count, PartTarget, SetTarget},
    undo::{self, Undo},
};

type TaskId = Address<Id<ids::WorkItem>>;

pub(crate) fn routes() -> Vec<Route> {
    vec![
        Route::get("/inbox", Access::Needs(READ), inbox::inbox),
        Route::get("/tasks/calendar", Access::Needs(READ), calendar::calendar),
        Route::post("/tasks/calendar/feed", Access::Needs(READ), feed::make),
        // Calendars of telephones cannot sign in; the token in the address says who asks.
        Route::get("/tasks/calendar.ics", Access::Public, feed::feed),
        Route::get("/tasks/export/{kind}", Access::Needs(READ), export::tasks),
        Route::get("/tasks/board/export/{kind}", Access::Needs(READ), export::board),
        Route::get("/tasks/{id}/tallies", Access::Needs(READ), tallies),
        Route::get("/tasks/{id}/progress/{kind}", Access::Needs(READ), export::progress),
        // A press answers under the address of its list, so that asking again shows the list. Each verb asks for its own
        // permission, task by task.
        Route::post("/inbox", Access::Needs(READ), press_inbox),
        Route::post("/tasks", Access::Needs(READ), press_list),
        Route::post("/tasks/{id}/ask-extension", Access::Needs(Do::<AskExtension>::NAME), |v, t, f| {
            step(v, t, f, "tasks-said-extension-asked", |form| {
                let until = moment(form, "until")?.ok_or_else(|| Problem::refused("tasks.ask_extension.no_moment"))?;
                Ok(AskExtension { until, reason: form.text("reason").to_owned() })
            })
        }),
        Route::post("/tasks/{id}/grant-extension", Access::Needs(Do::<GrantExtension>::NAME), |v, t, f| {
            step(v, t, f, "tasks-said-extension-granted", |form| {
                Ok(GrantExtension {
                    until: moment(form, "until")?,
                    with_parts: form.filled("with_parts").is_some(),
                    note: form.filled("reason").map(str::to_owned),
                })
            })
        }),
        Route::post("/tasks/{id}/decline-extension", Access::Needs(Do::<DeclineExtension>::NAME), |v, t, f| {
            step(v, t, f, "tasks-said-extension-declined", |form| {
                Ok(DeclineExtension { reason: form.text("reason").to_owned() })
            })
        }),
        Route::post("/tasks/{id}/target", Access::Needs(Do::<SetTarget>::NAME), |v, t, f| {
            step(v, t, f, "tasks-said-target-set", |form| {
                Ok(SetTarget {
                    of: form.text("of").to_owned(),
                    n: form.filled("n").map(|_| form.count("n")).transpose()?,
                })
            })
        }),
        Route::post("/tasks/{id}/tally", Access::Needs(Count::NAME), count),
        Route::post("/tasks/{id}/undo", Access::Needs(Undo::NAME), take_back),
    ]
}

/// A moment as a form sends it; a day alone means its end, as in dispatches.
fn moment(form: &Form, field: &'static str) -> Result<Option<Timestamp>, Problem> {
    let Some(text) = form.filled(field) else { return Ok(None) };
    let unread = || Problem::invalid("web.field").with("field", field).with("value", text);
    let at = match text.parse::<Date>() {
        Ok(day) if text.len() <= 10 => time::end_of(day),
        _ => time::instant(text.parse::<DateTime>().map_err(|_| unread())?),
    };
    at.map(Some).map_err(|_| unread())
}

/// What the parts of a split are to reach, from its form; fields `target_of`, `target_each` and one for each unit.
pub(crate) fn part_target(form: &Form, to: &[Path]) -> Result<Option<PartTarget>, Problem> {
    let each: Option<i64> = form.read_filled("target_each")?;
    let mut units = std::collections::BTreeMap::new();
    for unit in to {
        let field = format!("target:{}", unit.as_str());
        if let Some(text) = form.filled(&field) {
            let n =
                text.parse().map_err(|_| Problem::invalid("web.field").with("field", "target").with("value", text))?;
            units.insert(unit.clone(), n);
        }
    }
    let of = form.text("target_of").to_owned();
    Ok((!of.is_empty() || each.is_some() || !units.is_empty()).then_some(PartTarget { of, each, units }))
}

async fn count(visit: Visit, Address(task): TaskId, form: Form) -> PageResult {
    let command = Count {
        task,
        on: form.read("on")?,
        n: form.count("n")?,
        note: form.filled("reason").map(str::to_owned),
        corrects: form.read_filled("corrects")?,
    };
    let (to, said) = match command.corrects {
        None => (format!("/tasks/{task}"), "tasks-said-counted"),
        Some(_) => (format!("/tasks/{task}/tallies"), "tasks-said-corrected"),
    };
    execute(visit.app.db(), visit.actor()?, form.key()?, command).await?;
    Ok(see_other(&to, said))
}

async fn take_back(visit: Visit, Address(task): TaskId, form: Form) -> PageResult {
    execute(visit.app.db(), visit.actor()?, form.key()?, Undo { task }).await?;
    Ok(see_other(&format!("/tasks/{task}"), "tasks-said-undone"))
}

/// One press for many tasks: answers with what became of each, above the inbox as it is now.
async fn press_inbox(visit: Visit, form: Form) -> PageResult {
    let outcome = press(&visit, &form, &Filter::default(), "/inbox").await?;
    let body = inbox::body(&visit).await?;
    Ok(visit.page(&visit.t("inbox"), html! { (outcome) (body) }))
}

/// The same for a list; its filter stands in the address.
async fn press_list(visit: Visit, Query(query): Query<Vec<(String, String)>>, form: Form) -> PageResult {
    let filter = filter_of(&query);
    let outcome = press(&visit, &form, &filter, &filter.href()).await?;
    let body = list_body(&visit, &query).await?;
    Ok(visit.page(&visit.t("tasks"), html! { (outcome) (body) }))
}

async fn press(visit: &Visit, form: &Form, filter: &Filter, list: &str) -> Result<Markup, Problem> {
    let actor = visit.actor()?;
    let (action, outcomes) = bulk::act(visit, filter, form).await?;
    let mut conn = visit.app.db().read().await?;
    let (mut done, mut failed) = (Vec::new(), Vec::new());
    for (id, outcome) in outcomes {
        match outcome {
            Ok(()) => done.push(id),
            Err(problem) => {
                // Who may not see a task is not told its title either.
                let title = store::visible(&mut conn, actor, id).await.ok().map(|(task, _)| task.title);
                failed.push((id, title, problem));
            }
        }
    }
    Ok(desk_views::outcome(visit, action, list, &done, &failed))
}

/// What the visitor may do at the desk with one task, and what there is to show of it.
pub(crate) struct Desk {
    pub(crate) ask: bool,
    pub(crate) grant: bool,
    pub(crate) decline: bool,
    pub(crate) set_target: bool,
    pub(crate) count: bool,
    /// The step that can be taken back.
    pub(crate) undo: Option<Entry>,
    /// Why more time was asked for.
    pub(crate) why_asked: Option<String>,
    /// Open parts with the same deadline.
    pub(crate) n_along: usize,
    /// Deadline of the task it was split from.
    pub(crate) whole_due: Option<Timestamp>,
    /// What was counted, when anything is.
    pub(crate) progress: Option<Progress>,
}

/// Reads that for one task.
pub(crate) async fn desk_of(
    visit: &Visit,
    conn: &mut Conn,
    task: &WorkItem,
    history: &[Entry],
) -> Result<Desk, Problem> {
    let (actor, now) = (visit.actor()?, visit.now());
    let reason = || "–".to_owned();
    // Later than whatever stands or was asked for, so that only what is against asking at all is found.
    let latest = [task.due_at, task.asked_due_at].into_iter().flatten().fold(now, Timestamp::max);
    let later = latest.checked_add(1.hour()).map_err(Problem::internal)?;
    let grant = is_open(actor, task, &GrantExtension::default(), now);
    let counts = task.target_of.is_some();
    let n_along = if grant {
        store::open_parts(conn, task.id).await?.iter().filter(|part| part.due_at == task.due_at).count()
    } else {
        0
    };
    // A reader of the part need not be one of the whole; its deadline is shown to who decides about the part.
    let whole_due = match task.parent.filter(|_| grant) {
        Some(whole) => conn.load::<WorkItem>(whole).await?.due_at,
        None => None,
    };
    let asked = history.iter().find(|entry| entry.verb == Do::<AskExtension>::NAME);
    Ok(Desk {
        ask: is_open(actor, task, &AskExtension { until: later, reason: reason() }, now),
        grant,
        decline: is_open(actor, task, &DeclineExtension { reason: reason() }, now),
        set_target: is_open(actor, task, &SetTarget { of: reason(), n: None }, now),
        count: counts
            && actor.may(Count::NAME, &task.path)
            && !task.state.is_closed()
            && !matches!(task.state, WorkState::Assigned | WorkState::Refused),
        undo: undo::offered(task, history, actor, now).cloned(),
        why_asked: asked.filter(|_| task.asked_due_at.is_some()).and_then(|entry| entry.reason.clone()),
        n_along,
        whole_due,
        progress: if counts { Some(tally::progress(conn, task).await?) } else { None },
    })
}

/// A unit in the table of progress, or the sum.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Row {
    pub(crate) task: Id<ids::WorkItem>,
    pub(crate) unit: Path,
    pub(crate) target: Option<i64>,
    pub(crate) counted: Counted,
    pub(crate) state: WorkState,
}

impl Row {
    /// How much of the target is done, in whole per cent, rounded down: 100 is said only when nothing is missing.
    pub(crate) fn share(&self) -> Option<i64> {
        self.target.filter(|target| *target > 0).map(|target| self.counted.done * 100 / target)
    }
}

/// Progress by unit, worst first: nothing reported, then the smallest share; and the sum.
pub(crate) fn progress_rows(task: &WorkItem, progress: &Progress) -> (Vec<Row>, Row) {
    let row = |task: &WorkItem, counted| Row {
        task: task.id,
        unit: task.path.clone(),
        target: task.target,
        counted,
        state: task.state,
    };
    let mut rows: Vec<Row> = progress.parts.iter().map(|(part, counted)| row(part, *counted)).collect();
    rows.sort_by_key(|row| {
        (row.counted.last_on.is_some(), row.share().unwrap_or(i64::MAX), row.counted.done, row.unit.clone())
    });
    if progress.own.last_on.is_some() || progress.parts.is_empty() {
        // The leading unit's own entries are none of the parts'.
        rows.push(Row { target: task.target.filter(|_| progress.parts.is_empty()), ..row(task, progress.own) });
    }
    let of_parts: Option<i64> = rows.iter().filter_map(|row| row.target).reduce(|sum, target| sum + target);
    let sum = Row { target: task.target.or(of_parts), ..row(task, progress.sum()) };
    (rows, sum)
}

async fn tallies(visit: Visit, Address(id): TaskId) -> PageResult {
    let actor = visit.actor()?;
    let mut conn = visit.app.db().read().await?;
    let (task, _) = store::visible(&mut conn, actor, id).await?;
    let progress = tally::progress(&mut conn, &task).await?;
    let entries = tally::entries(&mut conn, &task).await?;
    drop(conn);
    let cut = i64::try_from(entries.len()).unwrap_or(i64::MAX) >= SHOWN_MAX;
    let (_, sum) = progress_rows(&task, &progress);
    let body: Markup = desk_views::tallies(&visit, &task, &sum, &entries, cut);
    Ok(visit.page(&visit.t("tallies"), body))
}
