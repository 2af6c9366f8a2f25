//! My work (việc của tôi): what lies on the desks of one's own units, in groups by what is to be done next.
//!
//! Each group is a [`Filter`]: its total counts that list, its rows are the first of it, and its link opens it.

use vx_concepts::{
    engine::Command as _,
    work::{Filter, Part, Seen, WorkItem, WorkState, show::row},
};
use vx_kernel::{Problem, time};
use vx_platform::{
    store::Conn,
    web::{Markup, PageResult, PreEscaped, Visit, html, icon},
};

use crate::{
    Confirm, Do, Report,
    bulk::{can, open_actions},
    desk_views, hand_over, late, store,
};

/// Rows of one group of the inbox; the group's own list has the rest.
const GROUP_MAX: i64 = 20;

struct Group {
    key: &'static str,
    all: Filter,
    total: i64,
    tasks: Vec<WorkItem>,
}

/// The groups in the order in which they are shown. They do not overlap, except that what is to be decided may also be
/// one's own.
fn groups(visit: &Visit) -> Result<Vec<(&'static str, Filter)>, Problem> {
    let actor = visit.actor()?;
    // Who only watches has nothing on a desk of theirs; the lists show what others have.
    let may = |name| actor.homes().iter().any(|home| actor.may(name, home));
    let desk = |part, states: &[WorkState], seen| Filter {
        part,
        states: states.to_vec(),
        seen,
        desk: true,
        ..Filter::default()
    };
    let to_do = |seen| desk(Part::Lead, &WorkState::TO_DO, Some(seen));
    let today = visit.today();
    let in_days = |days: i64| today.checked_add(jiff::ToSpan::days(days)).map_err(Problem::internal);
    let due = |from, to| Filter { due_from: from, due_to: to, ..to_do(Seen::InTime) };
    let mut groups = Vec::new();
    if may(Do::<Confirm>::NAME) {
        groups.push(("group-decide", desk(Part::Assigned, &[], Some(Seen::ToDecide))));
    }
    if !may(Do::<Report>::NAME) {
        return Ok(groups);
    }
    groups.extend([
        ("group-overdue", to_do(Seen::Overdue)),
        ("group-today", due(Some(today), Some(today))),
        ("group-week", due(Some(in_days(1)?), Some(in_days(6)?))),
        ("group-later", due(Some(in_days(7)?), None)),
        ("group-no-deadline", to_do(Seen::NoDeadline)),
        ("group-waiting", desk(Part::Lead, &WorkState::TO_DECIDE, None)),
    ]);
    Ok(groups)
}

pub(crate) async fn inbox(visit: Visit) -> PageResult {
    let body = body(&visit).await?;
    Ok(visit.page(&visit.t("inbox"), body))
}

/// The inbox without its frame, for the answer to a press on it as well.
pub(crate) async fn body(visit: &Visit) -> Result<Markup, Problem> {
    let (actor, now) = (visit.actor()?, visit.now());
    let mut conn = visit.app.db().read().await?;
    let mut shown = Vec::new();
    for (key, all) in groups(visit)? {
        let total = store::count(&mut conn, actor, &all, now).await?;
        if total > 0 {
            let tasks = store::first(&mut conn, actor, &all, now, GROUP_MAX).await?;
            shown.push(Group { key, all, total, tasks });
        }
    }
    let follow_up = follow_up(visit, &mut conn).await?;
    drop(conn);
    Ok(view(visit, &shown, follow_up.as_ref()))
}

/// What was handed over to one's units, and what they were told is late: before one's own work, each with its press.
/// `None` when there is nothing of it.
async fn follow_up(visit: &Visit, conn: &mut Conn) -> Result<Option<Markup>, Problem> {
    let now = visit.now();
    let (mut shown, mut any) = (String::new(), false);
    let actor = visit.actor()?;
    for home in actor.homes().into_iter().filter(|home| actor.may(store::READ, home)) {
        let handed = hand_over::handed(conn, home).await?;
        let n_handed = match handed.is_empty() {
            true => 0,
            false => store::count(conn, actor, &hand_over::handed_list(home), now).await?,
        };
        let told = late::told(conn, visit.actor()?, home, now).await?;
        any |= !handed.is_empty() || told.iter().any(late::Told::is_there);
        shown.push_str(&hand_over::group(visit, home, &handed, n_handed, now).into_string());
        shown.push_str(&late::groups(visit, home, &told, now).into_string());
    }
    Ok(any.then_some(PreEscaped(shown)))
}

fn view(visit: &Visit, groups: &[Group], follow_up: Option<&Markup>) -> Markup {
    let now = visit.now();
    let mut offered = Vec::new();
    let rows: Vec<(&Group, Vec<Markup>)> = groups
        .iter()
        .map(|group| {
            let rows = group.tasks.iter().map(|task| {
                let actions = visit.actor().map_or_else(|_| Vec::new(), |actor| open_actions(actor, task, now));
                let row = row(visit, task, now, can(&actions).as_deref());
                offered.extend(actions);
                row
            });
            (group, rows.collect())
        })
        .collect();
    html! {
        div.vx-head { h1 { (visit.t("inbox")) } a.btn href="/tasks" { (icon("list-details")) " " (visit.t("all-tasks")) } }
        @if let Some(follow_up) = follow_up { (follow_up) }
        @if groups.is_empty() && follow_up.is_some() {
        } @else if groups.is_empty() {
            div.vx-empty { (icon("checks")) h2 { (visit.t("inbox-empty")) } p { (visit.t("inbox-empty-todo")) } }
        } @else {
            (visit.form("/inbox", html! {
                @for (group, rows) in &rows {
                    @let more = group.total > i64::try_from(group.tasks.len()).unwrap_or(0);
                    h2.vx-group { (visit.t(group.key)) a href=(group.all.href()) { (time::say_count(visit.lang, group.total)) }
                        @if more { a href=(group.all.href()) { (visit.t("see-all")) } } }
                    ul.vx-rows data-rows { @for row in rows { (row) } }
                }
                (desk_views::bulk_bar(visit, &offered))
            }))
        }
    }
}
