//! What has climbed: the groups of the inbox of those who were told, the line of steps on a task, and urging (đôn đốc).

use axum::extract::Path as Address;
use jiff::Timestamp;
use vx_concepts::{
    engine::{Command, Decision, execute},
    work::{
        Escalation, Filter, Part, WorkItem, WorkState,
        escalation::{Policies, next_step, superior},
        show::row,
    },
};
use vx_kernel::{Id, Path, Problem, ProblemKind, ids, time};
use vx_platform::{
    auth::Actor,
    journal::Entry,
    store::{Conn, Db, Tx, Uuid},
    web::{Form, Markup, PageResult, Visit, html, icon, see_other},
};

use crate::{
    bulk::Action,
    commands::{not_now, said},
    store,
};

/// The superior or the assigner urges the leading unit on (đôn đốc), with a word that stands on the unit's task.
#[derive(Clone, Debug)]
pub struct Urge {
    /// Which task.
    pub task: Id<ids::WorkItem>,
    /// Which unit urges.
    pub unit: Path,
    /// The word.
    pub text: String,
}

impl Command for Urge {
    type Record = WorkItem;
    type Facts = WorkItem;
    const NAME: &'static str = "tasks.urge";
    const READ: &'static str = store::READ;

    async fn gather(&self, tx: &mut Tx) -> Result<WorkItem, Problem> {
        tx.load(self.task).await
    }
    fn scope(&self, _: &WorkItem) -> Path {
        self.unit.clone()
    }
    fn seen_from(&self, task: &WorkItem) -> Vec<Path> {
        vec![task.path.clone(), task.assigner.clone()]
    }
    fn decide(&self, task: &WorkItem, _: &Actor, _: Timestamp) -> Result<Decision<WorkItem>, Problem> {
        if !may_urge(task, &self.unit) {
            return Err(Problem::not_found());
        }
        if !WorkState::WAITING.contains(&task.state) {
            return Err(not_now(task));
        }
        said(&self.text, "tasks.urge.empty")?;
        Ok(Decision::just(task.clone()))
    }
    fn before<'a>(&self, task: &'a WorkItem) -> Option<&'a WorkItem> {
        Some(task)
    }
    fn loads_only(&self) -> Option<Uuid> {
        Some(self.task.uuid())
    }
    fn reason(&self) -> Option<&str> {
        Some(&self.text)
    }
}

/// Units that may urge: the one that assigned it and the one above; nobody urges themselves.
fn may_urge(task: &WorkItem, unit: &Path) -> bool {
    *unit != task.path && (task.assigner == *unit || superior(&task.path).as_ref() == Some(unit))
}

/// The unit for which somebody urges: the assigner before the superior.
fn urges_for(actor: &Actor, task: &WorkItem) -> Option<Path> {
    let units = [Some(task.assigner.clone()), superior(&task.path)];
    units.into_iter().flatten().find(|unit| may_urge(task, unit) && actor.may(Urge::NAME, unit))
}

pub(crate) async fn urge(visit: Visit, Address(task): Address<Id<ids::WorkItem>>, form: Form) -> PageResult {
    urge_one(visit.app.db(), visit.actor()?, form.key()?, task, form.text("reason")).await?;
    Ok(see_other(&format!("/tasks/{task}"), "tasks-said-urged"))
}

/// Urges for whichever of the units above the task the actor may.
pub(crate) async fn urge_one(
    db: &Db,
    actor: &Actor,
    key: Uuid,
    task: Id<ids::WorkItem>,
    text: &str,
) -> Result<(), Problem> {
    let (item, _) = store::visible(&mut db.read().await?, actor, task).await?;
    let unit = urges_for(actor, &item).ok_or_else(|| Problem::new(ProblemKind::Forbidden, "forbidden"))?;
    execute(db, actor, key, Urge { task, unit, text: text.to_owned() }).await.map(drop)
}

/// Whether this actor could urge the leading unit on now.
pub(crate) fn may_be_urged(actor: &Actor, task: &WorkItem) -> bool {
    WorkState::WAITING.contains(&task.state) && urges_for(actor, task).is_some()
}

/// Rows of a group in the inbox; its list has the rest.
const GROUP_MAX: i64 = 5;

/// Late work of which a unit was told as superior or as assigner.
pub(crate) struct Told {
    key: &'static str,
    all: Filter,
    total: i64,
    tasks: Vec<WorkItem>,
}

impl Told {
    /// Whether the group has anything in it.
    pub(crate) fn is_there(&self) -> bool {
        !self.tasks.is_empty()
    }
}

/// What a unit was told of: late work below it, and late work that it assigned.
pub(crate) async fn told(conn: &mut Conn, actor: &Actor, unit: &Path, now: Timestamp) -> Result<Vec<Told>, Problem> {
    let desk = || Filter { unit: Some(unit.clone()), desk: true, ..Filter::default() };
    let asked = [
        ("group-late-below", Filter { part: Part::Superior, escalated: Some(Escalation::Superior), ..desk() }),
        ("group-late-assigned", Filter { part: Part::Assigned, escalated: Some(Escalation::Assigner), ..desk() }),
    ];
    let mut groups = Vec::new();
    for (key, all) in asked {
        let tasks = store::list(conn, actor, &all, now, None, GROUP_MAX).await?;
        let total = if tasks.is_empty() { 0 } else { store::count(conn, actor, &all, now).await? };
        groups.push(Told { key, all, total, tasks });
    }
    Ok(groups)
}

/// The groups of the inbox, each with the press that urges what is picked.
pub(crate) fn groups(visit: &Visit, unit: &Path, groups: &[Told], now: Timestamp) -> Markup {
    let may = visit.actor().is_ok_and(|actor| actor.may(Urge::NAME, unit));
    html! {
        @for group in groups.iter().filter(|group| !group.tasks.is_empty()) {
            h2.vx-group { (visit.t(group.key)) a href=(group.all.href()) { (time::say_count(visit.lang, group.total)) }
                @if group.total > i64::try_from(group.tasks.len()).unwrap_or(0) { a href=(group.all.href()) { (visit.t("see-all")) } } }
            @if may {
                (visit.form("/inbox", html! {
                    ul.vx-rows data-rows { @for task in &group.tasks { (row(visit, task, now, Some("urge"))) } }
                    (urge_bar(visit))
                }))
            } @else { ul.vx-rows data-rows { @for task in &group.tasks { (row(visit, task, now, None)) } } }
        }
    }
}

/// A word to whoever is picked, and the press that sends it.
fn urge_bar(visit: &Visit) -> Markup {
    html! {
        div.vx-bar.mt-2 {
            label.vx-grow { span.visually-hidden { (visit.t("urge-text")) } input.form-control name="reason" required placeholder=(visit.t("urge-text")); }
            button.btn type="submit" name="do" value=(Action::Urge.as_str()) { (icon("send")) " " (visit.t("urge-picked")) }
        }
    }
}

/// The last word of somebody who urged, until the unit has said something itself.
pub(crate) fn urged(visit: &Visit, history: &[Entry]) -> Markup {
    let own = ["tasks.urge", "tasks.note", "tasks.report", "tasks.confirm", "tasks.cancel"];
    let last = history.iter().find(|entry| own.contains(&entry.verb.as_str())).filter(|entry| entry.verb == Urge::NAME);
    html! {
        @if let Some(entry) = last {
            div.vx-note.vx-note-error {
                strong { (visit.t("urged")) } " · " (entry.actor_name) " · " (visit.at(entry.at))
                @if let Some(word) = &entry.reason { div.vx-prose { "“" (word) "”" } }
            }
        }
    }
}

/// Whom the program told when, and whom it tells next.
pub(crate) fn steps(visit: &Visit, task: &WorkItem, policies: &Policies, history: &[Entry]) -> Markup {
    let unit = |step: Escalation| match step {
        Escalation::Reminded => visit.unit(&task.path),
        Escalation::Superior => superior(&task.path).map_or(String::new(), |unit| visit.unit(&unit)),
        Escalation::Assigner => visit.unit(&task.assigner),
    };
    let taken: Vec<(Escalation, Timestamp)> = history
        .iter()
        .rev()
        .filter_map(|entry| {
            let step = Escalation::ALL.iter().copied().find(|step| step.verb() == entry.verb)?;
            Some((step, entry.at))
        })
        .collect();
    let next = next_step(task, policies).filter(|_| WorkState::WAITING.contains(&task.state));
    html! {
        @if !taken.is_empty() || next.is_some() {
            section.vx-panel {
                h2 { (visit.t("steps")) }
                @if !taken.is_empty() { ol.vx-history { @for (step, at) in &taken {
                    li { time datetime=(at.to_string()) { (time::say_instant(visit.lang, *at)) } strong { (visit.t(&format!("step-{step}"))) } " · " (unit(*step)) }
                } } }
                @if let Some((step, at)) = next {
                    p.vx-quiet { (visit.ta("steps-next", &[("step", visit.t(&format!("step-next-{step}")).into()), ("unit", unit(step).into()), ("at", time::say_instant(visit.lang, at).into())])) " " a href="/tasks/policy" { (visit.t("steps-policy")) } }
                }
            }
        }
    }
}

/// The form that urges, for those who may.
pub(crate) fn urge_form(visit: &Visit, task: &WorkItem) -> Markup {
    let may = visit.actor().is_ok_and(|actor| may_be_urged(actor, task));
    html! {
        @if may {
            details.vx-panel {
                summary { (icon("send")) " " (visit.t("urge")) }
                (visit.form(&format!("/tasks/{}/urge", task.id), html! {
                    label.vx-field.d-block { span.form-label { (visit.t("urge-text")) } textarea.form-control name="reason" rows="2" required {} }
                    button.btn type="submit" { (icon("send")) " " (visit.t("urge")) }
                }))
            }
        }
    }
}
