//! Targets (chỉ tiêu): how many of what, and what each unit has done of it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use vx_concepts::{
    engine::{Command, Decision, Effect},
    work::{
        WorkItem, WorkState,
        tally::{self, Tally},
    },
};
use vx_kernel::{Date, Id, Path, Problem, ids, time};
use vx_platform::{auth::Actor, store::Tx, store::Uuid};

use crate::{
    commands::{Side, Step, allow, not_now},
    store,
};

/// Largest target and largest single entry: more than anything a province counts, and far from overflow when summed.
const COUNT_MAX: i64 = 1_000_000_000;

/// How many: at least one, and not beyond what can be summed.
fn fits(n: i64) -> Result<i64, Problem> {
    match n {
        ..=0 => Err(Problem::refused("tasks.target.not_positive")),
        1..=COUNT_MAX => Ok(n),
        _ => Err(Problem::refused("tasks.target.too_large").with("max", COUNT_MAX)),
    }
}

/// The assigner says what is counted and how many there must be (đặt chỉ tiêu); nothing at all takes the target away.
#[derive(Clone, Debug)]
pub struct SetTarget {
    /// What is counted: "mẫu xét nghiệm".
    pub of: String,
    /// How many in the end, where a number is known.
    pub n: Option<i64>,
}
impl Step for SetTarget {
    const NAME: &'static str = "tasks.set_target";
    const SIDE: Side = Side::Assigner;
    fn step(&self, task: &WorkItem, _: &[WorkItem], _: Timestamp) -> Result<(WorkItem, Vec<Effect>), Problem> {
        allow(task, &WorkState::OPEN)?;
        let of = named(&self.of, self.n)?;
        let target = self.n.map(fits).transpose()?;
        Ok((WorkItem { target_of: of, target, ..task.clone() }, Vec::new()))
    }
}

fn named(of: &str, n: Option<i64>) -> Result<Option<String>, Problem> {
    let of = of.trim();
    if of.is_empty() && n.is_some() {
        return Err(Problem::refused("tasks.target.no_name"));
    }
    Ok((!of.is_empty()).then(|| of.to_owned()))
}

/// What the parts of a split are to reach.
#[derive(Clone, Debug)]
pub struct PartTarget {
    /// What is counted.
    pub of: String,
    /// How many each part owes that has no number of its own.
    pub each: Option<i64>,
    /// How many single units owe.
    pub units: BTreeMap<Path, i64>,
}

impl PartTarget {
    pub(crate) fn check(&self) -> Result<(), Problem> {
        named(&self.of, self.each.or_else(|| self.units.values().next().copied()))?;
        self.each.iter().chain(self.units.values()).try_for_each(|n| fits(*n).map(drop))
    }

    pub(crate) fn of_part(&self, part: WorkItem) -> WorkItem {
        let target = self.units.get(&part.path).copied().or(self.each);
        WorkItem { target_of: Some(self.of.trim().to_owned()).filter(|of| !of.is_empty()), target, ..part }
    }
}

/// The leading unit writes down how many more were done (ghi số đã thực hiện), or puts a wrong entry right (đính chính).
#[derive(Clone, Debug)]
pub struct Count {
    /// Which task.
    pub task: Id<ids::WorkItem>,
    /// On which day they were done.
    pub on: Date,
    /// How many.
    pub n: i64,
    /// What there is to say about it.
    pub note: Option<String>,
    /// The wrong entry that this one stands for; `n` may then be zero.
    pub corrects: Option<Id<ids::Tally>>,
}

/// The task, and the entry to put right with whether that was done before.
#[derive(Clone, Debug)]
pub struct CountFacts {
    /// The task.
    pub task: WorkItem,
    /// The entry to put right.
    pub wrong: Option<(Tally, bool)>,
}

impl Command for Count {
    type Record = Tally;
    type Facts = CountFacts;
    const NAME: &'static str = "tasks.tally";
    const READ: &'static str = store::READ;

    async fn gather(&self, tx: &mut Tx) -> Result<CountFacts, Problem> {
        let task: WorkItem = tx.load(self.task).await?;
        let wrong = match self.corrects {
            Some(id) => Some((tx.load::<Tally>(id).await?, tally::is_corrected(tx, id).await?)),
            None => None,
        };
        Ok(CountFacts { task, wrong })
    }
    fn scope(&self, facts: &CountFacts) -> Path {
        facts.task.path.clone()
    }
    fn seen_from(&self, facts: &CountFacts) -> Vec<Path> {
        vec![facts.task.path.clone(), facts.task.assigner.clone()]
    }
    fn decide(&self, facts: &CountFacts, by: &Actor, now: Timestamp) -> Result<Decision<Tally>, Problem> {
        let task = &facts.task;
        match task.state {
            WorkState::Assigned => return Err(Problem::refused("tasks.acknowledge_first")),
            WorkState::Refused => return Err(not_now(task)),
            state if state.is_closed() => return Err(not_now(task)),
            _ => {}
        }
        if task.target_of.is_none() {
            return Err(Problem::refused("tasks.tally.not_counted"));
        }
        if self.on > time::day_of(now) {
            return Err(Problem::refused("tasks.tally.future"));
        }
        match &facts.wrong {
            None => drop(fits(self.n)?),
            // An entry that should not be there at all is put right with zero.
            Some(_) if self.n != 0 => drop(fits(self.n)?),
            Some(_) => {}
        }
        if let Some((wrong, corrected)) = &facts.wrong {
            if wrong.work != task.id {
                return Err(Problem::not_found());
            }
            if *corrected {
                return Err(Problem::refused("tasks.tally.corrected_already"));
            }
        }
        let entry = tally::entry(task, self.on, self.n, self.note.clone(), &by.name);
        let record = Tally { corrects: self.corrects, ..entry };
        // Counting is working on it.
        let begun = matches!(task.state, WorkState::Acknowledged | WorkState::Returned);
        let effects = if begun {
            vec![Effect::Move(Box::new(WorkItem { state: WorkState::InProgress, ..task.clone() }))]
        } else {
            Vec::new()
        };
        Ok(Decision { record, effects })
    }
    fn before<'a>(&self, _: &'a CountFacts) -> Option<&'a Tally> {
        None
    }
    fn reason(&self) -> Option<&str> {
        self.note.as_deref()
    }
    fn about(&self, facts: &CountFacts) -> Option<Uuid> {
        Some(facts.task.id.uuid())
    }
}
