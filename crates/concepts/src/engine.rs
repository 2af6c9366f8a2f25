//! The one verb: [`execute`].

use std::{collections::HashMap, future::Future, sync::Arc};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use vx_kernel::{Id, Path, Problem, ProblemKind, ids};
use vx_platform::{
    auth::{Actor, Authority},
    journal,
    store::{Db, Hint, Record, SavedFields, Sql, Tx, Uuid, Value},
};

use crate::work::{self, WorkItem, WorkSeries};

/// What a decision can ask for besides the record itself. This list is the whole shared vocabulary.
#[derive(Clone, Debug)]
pub enum Effect {
    /// Somebody owes something from now on.
    Open {
        /// What they owe; its unit leads.
        item: Box<WorkItem>,
        /// Units that help.
        cooperating: Vec<Path>,
    },
    /// A work item changes with the record that is saved; checked against the version that was loaded.
    Move(Box<WorkItem>),
    /// A series changes with the record that is saved; checked against the version that was loaded. What is open of it
    /// stays as it is.
    Plan(Box<WorkSeries>),
    /// Other units help with a work item from now on, in the place of those of before.
    Cooperate {
        /// With what.
        item: Id<ids::WorkItem>,
        /// Who.
        units: Vec<Path>,
    },
    /// Others may want to react, after the commit.
    Tell(Fact),
    /// Rows worked out from the saved record, so that it is found by what it says. They take the place of those worked
    /// out before, and hold nothing that is not in the record.
    Index {
        /// The table; it begins with `tenant, record`.
        table: &'static str,
        /// Its columns, `record` first.
        columns: &'static [&'static str],
        /// Values, without tenant and record.
        rows: Vec<Vec<Value>>,
    },
}

/// What happened, for other subsystems; ids only.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(tag = "fact", rename_all = "snake_case")]
pub enum Fact {
    /// A work item came to its end; what it was about may be finished too.
    WorkClosed {
        /// The record the work was about.
        about: Uuid,
    },
    /// A work item that had come to its end is open again; what it was about is not finished.
    WorkReopened {
        /// The record the work is about.
        about: Uuid,
    },
    /// Another person answers for a unit, or the post is vacant.
    HolderNamed {
        /// The post.
        post: Uuid,
    },
    /// Whom the program tells of deadlines, and when, was set anew.
    PolicySet {
        /// The policy.
        policy: Uuid,
    },
    /// Reports were asked for with a form; work that answers the same order answers it by the form.
    ReportAsked {
        /// The request.
        request: Uuid,
    },
    /// Figures of many units wait to be written down.
    FiguresKept {
        /// The import.
        import: Uuid,
    },
    /// Files wait to be read.
    FilesKept {
        /// The record that names them.
        about: Uuid,
    },
    /// A document of ours is out.
    PaperIssued {
        /// The document.
        paper: Uuid,
    },
    /// A unit has another level from an hour on.
    ZoneDecided {
        /// The decision.
        decision: Uuid,
    },
    /// Something that the public is told was told, put right or taken back: an announcement, a number, a lockdown.
    PublicationChanged {
        /// The record.
        record: Uuid,
    },
}

/// What a command decided.
#[derive(Clone, Debug)]
pub struct Decision<R> {
    /// The record as it is to be saved.
    pub record: R,
    /// What follows from it.
    pub effects: Vec<Effect>,
}

impl<R> Decision<R> {
    /// A decision without effects.
    #[must_use]
    pub fn just(record: R) -> Self {
        Self { record, effects: Vec::new() }
    }
}

/// Something a person (or the program) wants done.
///
/// `gather` is the only part that reads; `decide` is pure and is what tests call. `NAME` is the permission, the verb in
/// the journal and the key of its texts.
pub trait Command: Send + Sync + 'static {
    /// What is saved.
    type Record: Record;
    /// All that the decision may know.
    type Facts: Send;
    /// `subsystem.verb`.
    const NAME: &'static str;
    /// The permission to see such a record. Who lacks it is told that the record does not exist.
    const READ: &'static str;

    /// Reads the facts. Must have no effects.
    fn gather(&self, tx: &mut Tx) -> impl Future<Output = Result<Self::Facts, Problem>> + Send;
    /// Where the actor must hold the permission.
    fn scope(&self, facts: &Self::Facts) -> Path;
    /// Decides.
    ///
    /// # Errors
    /// The domain's refusal, as a [`Problem`] with a code of its own.
    fn decide(&self, facts: &Self::Facts, by: &Actor, now: Timestamp) -> Result<Decision<Self::Record>, Problem>;
    /// The record as it was, for the journal; `None` when it is new.
    fn before<'a>(&self, facts: &'a Self::Facts) -> Option<&'a Self::Record>;
    /// Units from which the record may be seen, besides its own.
    fn seen_from(&self, _facts: &Self::Facts) -> Vec<Path> {
        Vec::new()
    }
    /// The record that `gather` loads, when it looks at nothing else. Such commands share their reads with others
    /// that wait at the same time.
    fn loads_only(&self) -> Option<Uuid> {
        None
    }
    /// What the person gave as reason or note.
    fn reason(&self) -> Option<&str> {
        None
    }
    /// The record in whose history this stands, when not the saved one.
    fn about(&self, _facts: &Self::Facts) -> Option<Uuid> {
        None
    }
}

/// The only way anything is written. Returns the id of the record.
///
/// The same `key` by the same actor does the thing once and answers the same id again.
///
/// # Errors
/// `not_found` when the actor may not know the record; `forbidden`; the command's own refusal; a conflict.
pub async fn execute<C: Command>(db: &Db, by: &Actor, key: Uuid, command: C) -> Result<Uuid, Problem> {
    let actor = by.account.map_or(Uuid::nil(), |id| id.uuid());
    let hint =
        command.loads_only().map(|id| Hint { key: (actor, key), record: (C::Record::TABLE, C::Record::SELECT, id) });
    let shared = Arc::new((by.clone(), command));
    db.write_hinted(hint, move |tx| {
        let shared = shared.clone();
        Box::pin(async move {
            let (by, command) = &*shared;
            run(tx, by, key, command).await
        })
    })
    .await
}

/// [`execute`] within a transaction that is already open: bulk imports, flows, the demo.
///
/// # Errors
/// As [`execute`].
pub async fn run<C: Command>(tx: &mut Tx, by: &Actor, key: Uuid, command: &C) -> Result<Uuid, Problem> {
    let outcome = run_once(tx, by, key, command).await;
    tx.count_command(C::NAME, &outcome);
    outcome
}

/// What was answered to this key before.
async fn answered<C: Command>(tx: &mut Tx, actor: Uuid, key: Uuid) -> Result<Option<Uuid>, Problem> {
    match tx.answered(actor, key).await? {
        Some((verb, answer)) if verb == C::NAME => Ok(Some(answer)),
        Some(_) => Err(Problem::new(ProblemKind::Conflict, "engine.key_reused")),
        None => Ok(None),
    }
}

/// A decision, and by whose right it was made.
struct Decided<R> {
    authority: Authority,
    decision: Decision<R>,
}

/// Asks for the right, then for the decision.
fn decided<C: Command>(
    by: &Actor,
    command: &C,
    facts: &C::Facts,
    now: Timestamp,
) -> Result<Decided<C::Record>, Problem> {
    let scope = command.scope(facts);
    let authority = by.authority(C::NAME, &scope).map_err(|problem| {
        let seen = by.may(C::READ, &scope) || command.seen_from(facts).iter().any(|path| by.may(C::READ, path));
        if seen { problem } else { Problem::not_found() }
    })?;
    Ok(Decided { authority, decision: command.decide(facts, by, now)? })
}

/// Work and series as they were before decisions that change them.
struct Before {
    items: HashMap<Uuid, WorkItem>,
    series: HashMap<Uuid, WorkSeries>,
}

impl Before {
    /// A recall moves every open task of a dispatch, and reports of many units close one each: they are looked up
    /// together.
    async fn load(tx: &mut Tx, effects: impl Iterator<Item = &Effect>) -> Result<Self, Problem> {
        let (mut moved, mut planned) = (Vec::new(), Vec::new());
        for effect in effects {
            match effect {
                Effect::Move(item) => moved.push(item.id.uuid()),
                Effect::Plan(series) => planned.push(series.id.uuid()),
                _ => {}
            }
        }
        Ok(Self { items: tx.load_many(&moved).await?, series: tx.load_many(&planned).await? })
    }
}

async fn run_once<C: Command>(tx: &mut Tx, by: &Actor, key: Uuid, command: &C) -> Result<Uuid, Problem> {
    let actor = by.account.map_or(Uuid::nil(), |id| id.uuid());
    if let Some(answer) = answered::<C>(tx, actor, key).await? {
        return Ok(answer);
    }
    if command.loads_only().is_none() {
        // What this transaction has saved so far must be found by whatever `gather` asks.
        tx.flush().await?;
    }
    let facts = command.gather(tx).await?;
    let decided = decided(by, command, &facts, tx.now())?;
    let olds = Before::load(tx, decided.decision.effects.iter()).await?;
    carry_out(tx, actor, key, command, facts, decided, &olds).await
}

/// A command of which many are carried out at once: what [`Command::gather`] reads for each, read for all of them with
/// few statements.
pub trait Together: Command {
    /// The facts of each, in the order of the commands.
    fn gather_all(
        tx: &mut Tx,
        these: &[&Self],
    ) -> impl Future<Output = Result<Vec<Result<Self::Facts, Problem>>, Problem>> + Send;
}

/// [`run`] for many commands that do not depend on each other: all are decided upon what was there before the first of
/// them. One that is refused leaves nothing and does not hinder the others; what each leaves is what [`run`] would have
/// left (test `many_at_once_leave_what_each_alone_would_have_left`).
///
/// # Errors
/// When the database refuses; then none of them was done.
pub async fn run_all<C: Together>(
    tx: &mut Tx,
    by: &Actor,
    commands: &[(Uuid, C)],
) -> Result<Vec<Result<Uuid, Problem>>, Problem> {
    let actor = by.account.map_or(Uuid::nil(), |id| id.uuid());
    tx.flush().await?;
    let keys: Vec<Uuid> = commands.iter().map(|(key, _)| *key).collect();
    tx.look_for(actor, &keys).await?;
    let mut outcomes: Vec<Option<Result<Uuid, Problem>>> = Vec::with_capacity(commands.len());
    for (key, _) in commands {
        outcomes.push(answered::<C>(tx, actor, *key).await.transpose());
    }
    let open: Vec<usize> = (0..commands.len()).filter(|index| outcomes[*index].is_none()).collect();
    let these: Vec<&C> = open.iter().map(|index| &commands[*index].1).collect();
    let facts = C::gather_all(tx, &these).await?;
    let mut all = Vec::with_capacity(open.len());
    for (index, facts) in open.into_iter().zip(facts) {
        let found = facts.and_then(|facts| decided(by, &commands[index].1, &facts, tx.now()).map(|made| (facts, made)));
        match found {
            Ok((facts, made)) => all.push((index, facts, made)),
            Err(problem) => outcomes[index] = Some(Err(problem)),
        }
    }
    let effects = all.iter().flat_map(|(_, _, made)| made.decision.effects.iter());
    let olds = Before::load(tx, effects).await?;
    for (index, facts, made) in all {
        let (key, command) = &commands[index];
        outcomes[index] = Some(Ok(carry_out(tx, actor, *key, command, facts, made, &olds).await?));
    }
    let outcomes: Vec<Result<Uuid, Problem>> =
        outcomes.into_iter().map(|outcome| outcome.unwrap_or_else(|| Err(Problem::internal("no facts")))).collect();
    outcomes.iter().for_each(|outcome| tx.count_command(C::NAME, outcome));
    Ok(outcomes)
}

/// Writes what was decided, with its journal.
async fn carry_out<C: Command>(
    tx: &mut Tx,
    actor: Uuid,
    key: Uuid,
    command: &C,
    facts: C::Facts,
    decided: Decided<C::Record>,
    olds: &Before,
) -> Result<Uuid, Problem> {
    let Decided { authority, decision: Decision { record, effects } } = decided;
    let before = command.before(&facts);
    let changed = SavedFields::between(before, &record)?;
    tx.save(&record).await?;
    work::count::saved(tx, before, &record);
    for effect in effects {
        match effect {
            Effect::Open { mut item, cooperating } => {
                if let Some(series) = WorkSeries::begun_by(&item, &cooperating) {
                    item.series = Some(series.id);
                    item.occurs_on = series.last_on;
                    tx.save(&series).await?;
                    let begun = SavedFields::between(None, &series)?;
                    journal::write(tx, &authority, "work.open_series", &series, series.id.uuid(), None, &begun)?;
                }
                item.open(tx, &cooperating);
                let opened = SavedFields::between(None, &*item)?;
                journal::write(tx, &authority, "work.open", &*item, item.id.uuid(), None, &opened)?;
            }
            Effect::Move(item) => {
                let old = olds.items.get(&item.id.uuid()).ok_or_else(Problem::not_found)?;
                let moved = SavedFields::between(Some(old), &*item)?;
                tx.save(&*item).await?;
                work::count::saved(tx, Some(old), &*item);
                journal::write(tx, &authority, C::NAME, &*item, item.id.uuid(), command.reason(), &moved)?;
            }
            Effect::Plan(series) => {
                let old = olds.series.get(&series.id.uuid()).ok_or_else(Problem::not_found)?;
                let planned = SavedFields::between(Some(old), &*series)?;
                tx.save(&*series).await?;
                journal::write(tx, &authority, C::NAME, &*series, series.id.uuid(), command.reason(), &planned)?;
            }
            Effect::Cooperate { item, units } => work::cooperate(tx, item, &units).await?,
            Effect::Index { table, columns, rows } => {
                index(tx, table, columns, record.uuid(), rows, before.is_some()).await?;
            }
            Effect::Tell(fact) => {
                let body = serde_json::to_string(&fact).map_err(Problem::internal)?;
                let kind = fact_kind(&fact);
                let row = vec![vx_kernel::fresh().into(), tx.now().into(), kind.into(), body.into()];
                tx.append("outbox", &["id", "at", "kind", "body"], row);
            }
        }
    }
    let id = record.uuid();
    journal::write(tx, &authority, C::NAME, &record, command.about(&facts).unwrap_or(id), command.reason(), &changed)?;
    tx.answer(actor, key, C::NAME, id);
    Ok(id)
}

/// Puts worked-out rows of a record in the place of those of before; see [`Effect::Index`]. Also for records that were
/// saved before there was such a table.
///
/// # Errors
/// When the database refuses.
pub async fn index(
    tx: &mut Tx,
    table: &'static str,
    columns: &'static [&'static str],
    record: Uuid,
    rows: Vec<Vec<Value>>,
    again: bool,
) -> Result<(), Problem> {
    if again {
        let sql = Sql::new("delete from ").sql(table).sql(" where tenant = ").bind(tx.tenant());
        tx.change(sql.sql(" and record = ").bind(record)).await?;
    }
    for row in rows {
        tx.append(table, columns, [vec![record.into()], row].concat());
    }
    Ok(())
}

fn fact_kind(fact: &Fact) -> &'static str {
    match fact {
        Fact::WorkClosed { .. } => WORK_CLOSED,
        Fact::WorkReopened { .. } => WORK_REOPENED,
        Fact::HolderNamed { .. } => HOLDER_NAMED,
        Fact::PolicySet { .. } => POLICY_SET,
        Fact::ReportAsked { .. } => REPORT_ASKED,
        Fact::FiguresKept { .. } => FIGURES_KEPT,
        Fact::FilesKept { .. } => FILES_KEPT,
        Fact::PaperIssued { .. } => PAPER_ISSUED,
        Fact::ZoneDecided { .. } => ZONE_DECIDED,
        Fact::PublicationChanged { .. } => PUBLICATION_CHANGED,
    }
}

/// The name under which [`Fact::WorkClosed`] waits in the outbox.
pub const WORK_CLOSED: &str = "work_closed";
/// The name under which [`Fact::WorkReopened`] waits in the outbox.
pub const WORK_REOPENED: &str = "work_reopened";
/// The name under which [`Fact::HolderNamed`] waits in the outbox.
pub const HOLDER_NAMED: &str = "holder_named";
/// The name under which [`Fact::PolicySet`] waits in the outbox.
pub const POLICY_SET: &str = "policy_set";
/// The name under which [`Fact::FilesKept`] waits in the outbox.
pub const FILES_KEPT: &str = "files_kept";
/// The name under which [`Fact::FiguresKept`] waits in the outbox.
pub const FIGURES_KEPT: &str = "figures_kept";
/// The name under which [`Fact::ReportAsked`] waits in the outbox.
pub const REPORT_ASKED: &str = "report_asked";
/// The name under which [`Fact::PaperIssued`] waits in the outbox.
pub const PAPER_ISSUED: &str = "paper_issued";
/// The name under which [`Fact::ZoneDecided`] waits in the outbox.
pub const ZONE_DECIDED: &str = "zone_decided";
/// The name under which [`Fact::PublicationChanged`] waits in the outbox.
pub const PUBLICATION_CHANGED: &str = "publication_changed";
