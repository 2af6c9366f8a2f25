//! Undo (hoàn tác): takes back the last step on a task, from what the journal holds of it.

use jiff::{SignedDuration, Timestamp};
use vx_concepts::{
    engine::{Command, Decision, Effect, Fact},
    work::WorkItem,
};
use vx_kernel::{Id, Path, Problem, ProblemKind, ids};
use vx_platform::{
    auth::Actor,
    journal::{self, Entry},
    store::{Record, Tx},
};

use crate::{
    Acknowledge, Cancel, Confirm, DeclineExtension, GrantExtension, Reassign, Refuse, Report, Return,
    commands::{Side, Step},
    store,
};

/// How long a step can be taken back: a slip is seen at once, and others begin to rely on what stands.
const WITHIN: SignedDuration = SignedDuration::from_mins(15);

/// The steps that can be taken back, and whose they are.
const STEPS: [(&str, Side); 9] = [
    (Acknowledge::NAME, Acknowledge::SIDE),
    (Refuse::NAME, Refuse::SIDE),
    (Report::NAME, Report::SIDE),
    (Confirm::NAME, Confirm::SIDE),
    (Return::NAME, Return::SIDE),
    (Reassign::NAME, Reassign::SIDE),
    (Cancel::NAME, Cancel::SIDE),
    (GrantExtension::NAME, GrantExtension::SIDE),
    (DeclineExtension::NAME, DeclineExtension::SIDE),
];

/// Takes back the last step on a task; the person who took it does, while nobody has moved the task since.
#[derive(Clone, Copy, Debug)]
pub struct Undo {
    /// Which task.
    pub task: Id<ids::WorkItem>,
}

/// The task, the last change of it, and the parts that were moved with it.
#[derive(Clone, Debug)]
pub struct UndoFacts {
    /// The task.
    pub task: WorkItem,
    /// The last change of the task.
    pub last: Option<Entry>,
    /// Parts that the same step moved, each with that change.
    pub parts: Vec<(WorkItem, Entry)>,
}

/// Whose step the last change was.
fn side(last: Option<&Entry>) -> Option<Side> {
    let verb = &last?.verb;
    STEPS.iter().find(|(name, _)| name == verb).map(|(_, side)| *side)
}

fn scope(task: &WorkItem, last: Option<&Entry>) -> Path {
    if side(last) == Some(Side::Assigner) { task.assigner.clone() } else { task.path.clone() }
}

/// The change to take back, when this actor may take it back now.
///
/// # Errors
/// The refusal: nothing to take back, somebody else's step, too late.
pub(crate) fn allowed<'a>(
    task: &WorkItem,
    last: Option<&'a Entry>,
    by: &Actor,
    now: Timestamp,
) -> Result<&'a Entry, Problem> {
    let entry =
        last.filter(|entry| side(Some(entry)).is_some()).ok_or_else(|| Problem::refused("tasks.undo.nothing"))?;
    if entry.actor.is_none() || entry.actor != by.account {
        return Err(Problem::refused("tasks.undo.not_yours").with("name", &entry.actor_name));
    }
    if now.duration_since(entry.at) > WITHIN {
        return Err(Problem::refused("tasks.undo.too_late").with("minutes", WITHIN.as_mins()));
    }
    // Who has lost the right to a step since may not take it back either.
    if !by.may(&entry.verb, &scope(task, last)) {
        return Err(Problem::new(ProblemKind::Forbidden, "forbidden")
            .with("permission", format!("@did-{}", entry.verb.replace('.', "-"))));
    }
    Ok(entry)
}

impl Command for Undo {
    type Record = WorkItem;
    type Facts = UndoFacts;
    const NAME: &'static str = "tasks.undo";
    const READ: &'static str = store::READ;

    async fn gather(&self, tx: &mut Tx) -> Result<UndoFacts, Problem> {
        let task: WorkItem = tx.load(self.task).await?;
        let last = journal::last_changes(tx, WorkItem::TABLE, &[task.id.uuid()], None).await?.pop();
        let mut parts = Vec::new();
        let along = match last.as_ref().map(|last| last.verb.as_str()) {
            Some(Cancel::NAME) => store::parts_called_off(tx, &task).await?,
            // A part that got another deadline since keeps it.
            Some(GrantExtension::NAME) => {
                store::open_parts(tx, task.id).await?.into_iter().filter(|part| part.due_at == task.due_at).collect()
            }
            _ => Vec::new(),
        };
        if let Some(last) = last.as_ref().filter(|_| !along.is_empty()) {
            let ids: Vec<_> = along.iter().map(|part| part.id.uuid()).collect();
            let changes = journal::last_changes(tx, WorkItem::TABLE, &ids, Some(&last.verb)).await?;
            for part in along {
                let with_it = |entry: &&Entry| entry.about_id == part.id.uuid() && entry.at == last.at;
                if let Some(entry) = changes.iter().find(with_it) {
                    parts.push((part, entry.clone()));
                }
            }
        }
        Ok(UndoFacts { task, last, parts })
    }
    fn scope(&self, facts: &UndoFacts) -> Path {
        scope(&facts.task, facts.last.as_ref())
    }
    fn seen_from(&self, facts: &UndoFacts) -> Vec<Path> {
        vec![facts.task.path.clone(), facts.task.assigner.clone()]
    }
    fn decide(&self, facts: &UndoFacts, by: &Actor, now: Timestamp) -> Result<Decision<WorkItem>, Problem> {
        let entry = allowed(&facts.task, facts.last.as_ref(), by, now)?;
        let record = facts.task.before_change(&entry.changed)?;
        let mut effects = Vec::new();
        for (part, entry) in &facts.parts {
            effects.push(Effect::Move(Box::new(part.before_change(&entry.changed)?)));
        }
        if facts.task.state.is_closed() {
            effects.push(Effect::Tell(Fact::WorkReopened { about: facts.task.about }));
        }
        Ok(Decision { record, effects })
    }
    fn before<'a>(&self, facts: &'a UndoFacts) -> Option<&'a WorkItem> {
        Some(&facts.task)
    }
}

/// The name of the step that an undo of this task would take back, for the button; `None` when there is none.
#[must_use]
pub(crate) fn offered<'a>(task: &WorkItem, history: &'a [Entry], by: &Actor, now: Timestamp) -> Option<&'a Entry> {
    let last = history.iter().find(|entry| entry.record == WorkItem::TABLE);
    let entry = allowed(task, last, by, now).ok()?;
    by.may(Undo::NAME, &scope(task, last)).then_some(entry)
}
