//! One press for many tasks: each is a command of its own, and each that does not go through is said with its reason.

use futures_util::{StreamExt as _, stream};
use jiff::Timestamp;
use vx_concepts::{
    engine::execute,
    work::{Filter, WorkItem},
};
use vx_kernel::{Id, Path, Problem, ids};
use vx_platform::{
    auth::Actor,
    store::{Db, Uuid},
    text_enum,
    web::{Form, Visit},
};

use crate::{
    Acknowledge, Cancel, Confirm, Do, Return,
    commands::is_open,
    extension::{DeclineExtension, GrantExtension},
    late::{self, may_be_urged},
    store,
    undo::Undo,
};

/// Tasks that one press may move: ten pages of the list.
pub(crate) const BULK_MAX: usize = 500;
/// Commands of one press that wait for the writer at the same time; they share its commits.
const AT_ONCE: usize = 64;

text_enum! {
    /// What can be done with many tasks at once.
    pub(crate) enum Action {
        /// See [`Acknowledge`].
        Acknowledge = "acknowledge",
        /// See [`Confirm`].
        Confirm = "confirm",
        /// See [`GrantExtension`].
        Grant = "grant",
        /// See [`Return`].
        Return = "return",
        /// See [`DeclineExtension`].
        Decline = "decline",
        /// See [`Cancel`].
        Cancel = "cancel",
        /// See [`Urge`](crate::Urge).
        Urge = "urge",
        /// See [`Undo`]; offered after the others, not on a list.
        Undo = "undo",
    }
}

impl Action {
    /// Whether the person must say why.
    pub(crate) fn needs_reason(self) -> bool {
        matches!(self, Self::Return | Self::Decline | Self::Cancel | Self::Urge)
    }
    /// Whether it can be taken back at once.
    pub(crate) fn can_be_undone(self) -> bool {
        !matches!(self, Self::Urge | Self::Undo)
    }
    /// Whether this actor could do it with this task now. Asks the decisions, so that a button never promises what is
    /// refused; open parts are looked at by the command itself.
    fn is_open(self, actor: &Actor, task: &WorkItem, now: Timestamp) -> bool {
        let reason = || "–".to_owned();
        match self {
            Self::Acknowledge => is_open(actor, task, &Acknowledge, now),
            Self::Confirm => is_open(actor, task, &Confirm { note: None }, now),
            Self::Grant => is_open(actor, task, &GrantExtension::default(), now),
            Self::Return => is_open(actor, task, &Return { reason: reason() }, now),
            Self::Decline => is_open(actor, task, &DeclineExtension { reason: reason() }, now),
            Self::Cancel => is_open(actor, task, &Cancel { reason: reason() }, now),
            Self::Urge => may_be_urged(actor, task),
            Self::Undo => false,
        }
    }
}

/// What this actor could do with a task now, of the things that go for many.
pub(crate) fn open_actions(actor: &Actor, task: &WorkItem, now: Timestamp) -> Vec<Action> {
    Action::ALL.iter().copied().filter(|action| action.is_open(actor, task, now)).collect()
}

/// The same in words separated by spaces; `None` when there is nothing to do, hence nothing to pick it for.
pub(crate) fn can(actions: &[Action]) -> Option<String> {
    let words: Vec<&str> = actions.iter().map(|action| action.as_str()).collect();
    (!words.is_empty()).then(|| words.join(" "))
}

/// What became of each task, in the order in which they were picked.
pub(crate) type Outcomes = Vec<(Id<ids::WorkItem>, Result<(), Problem>)>;

/// Does it with every task that was picked, and with those of the list that the picked units lead.
///
/// # Errors
/// `tasks.bulk.none`, `tasks.bulk.too_many`, or the reason is missing: then nothing was done.
pub(crate) async fn act(visit: &Visit, list: &Filter, form: &Form) -> Result<(Action, Outcomes), Problem> {
    let (db, actor) = (visit.app.db(), visit.actor()?);
    let action = Action::parse(form.text("do"))
        .ok_or_else(|| Problem::invalid("web.field").with("field", "do").with("value", form.text("do")))?;
    let key = form.key()?;
    let mut picked: Vec<Id<ids::WorkItem>> = Vec::new();
    for id in form.all("task").filter_map(|id| id.parse().ok()) {
        if !picked.contains(&id) {
            picked.push(id);
        }
    }
    let units: Vec<Path> = form.all("unit").filter_map(|unit| Path::parse(unit).ok()).collect();
    if !units.is_empty() {
        let mut conn = db.read().await?;
        let one_too_many = i64::try_from(BULK_MAX + 1).unwrap_or(i64::MAX);
        for unit in units.into_iter().take(BULK_MAX) {
            let led = Filter { unit: Some(unit), desk: true, ..list.clone() };
            let led = store::list(&mut conn, actor, &led, visit.now(), None, one_too_many).await?;
            picked.extend(led.into_iter().map(|task| task.id));
        }
    }
    if picked.is_empty() {
        return Err(Problem::invalid("tasks.bulk.none"));
    }
    if picked.len() > BULK_MAX {
        return Err(Problem::refused("tasks.bulk.too_many").with("n", picked.len()).with("max", BULK_MAX));
    }
    if action.needs_reason() && form.filled("reason").is_none() {
        return Err(Problem::refused("tasks.bulk.no_reason"));
    }
    let reason = form.filled("reason").map(str::to_owned);
    let with_parts = form.filled("with_parts").is_some();
    let each = picked.into_iter().map(|task| {
        // One key for each task, made from the form's, so that the form sent twice does each thing once.
        let key = Uuid::from_u128(key.as_u128() ^ task.uuid().as_u128());
        let reason = reason.clone();
        async move { (task, one(db, actor, key, action, task, reason, with_parts).await) }
    });
    Ok((action, stream::iter(each).buffered(AT_ONCE).collect().await))
}

async fn one(
    db: &Db,
    actor: &Actor,
    key: Uuid,
    action: Action,
    task: Id<ids::WorkItem>,
    said: Option<String>,
    with_parts: bool,
) -> Result<(), Problem> {
    let reason = said.clone().unwrap_or_default();
    match action {
        Action::Acknowledge => execute(db, actor, key, Do { task, step: Acknowledge }).await,
        Action::Confirm => execute(db, actor, key, Do { task, step: Confirm { note: said } }).await,
        Action::Grant => {
            let step = GrantExtension { until: None, with_parts, note: said };
            execute(db, actor, key, Do { task, step }).await
        }
        Action::Return => execute(db, actor, key, Do { task, step: Return { reason } }).await,
        Action::Decline => execute(db, actor, key, Do { task, step: DeclineExtension { reason } }).await,
        Action::Cancel => execute(db, actor, key, Do { task, step: Cancel { reason } }).await,
        Action::Urge => late::urge_one(db, actor, key, task, &reason).await.map(|()| task.uuid()),
        Action::Undo => execute(db, actor, key, Undo { task }).await,
    }
    .map(drop)
}
