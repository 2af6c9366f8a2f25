//! What people do with a task. Most verbs move one task from state to state; each of those is a [`Step`].

use jiff::Timestamp;
use vx_concepts::{
    engine::{Command, Decision, Effect, Fact},
    evidence::Attachment,
    work::{WorkItem, WorkState, escalation::first_look},
};
use vx_kernel::{Id, Path, Problem, ids};
use vx_platform::{
    auth::Actor,
    store::{Tx, Uuid},
};

use crate::{store, targets::PartTarget};

/// Whose move it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Side {
    /// The unit that leads.
    Lead,
    /// The unit that assigned it.
    Assigner,
}

/// A verb that moves one task.
pub trait Step: Send + Sync + 'static {
    /// Name of the command.
    const NAME: &'static str;
    /// Whose move it is.
    const SIDE: Side;
    /// Whether the decision looks at the open parts.
    const PARTS: bool = false;
    /// The task after it.
    ///
    /// # Errors
    /// The refusal, in terms of what stands against it.
    fn step(&self, task: &WorkItem, parts: &[WorkItem], now: Timestamp) -> Result<(WorkItem, Vec<Effect>), Problem>;
    /// What the person said.
    fn reason(&self) -> Option<&str> {
        None
    }
}

/// A step on a task.
#[derive(Clone, Debug)]
pub struct Do<S> {
    /// Which task.
    pub task: Id<ids::WorkItem>,
    /// What to do.
    pub step: S,
}

/// A task and, where asked for, its open parts.
#[derive(Clone, Debug)]
pub struct Facts {
    /// The task.
    pub task: WorkItem,
    /// Its parts that are still open, at every depth.
    pub parts: Vec<WorkItem>,
}

impl<S: Step> Command for Do<S> {
    type Record = WorkItem;
    type Facts = Facts;
    const NAME: &'static str = S::NAME;
    const READ: &'static str = "tasks.read";

    async fn gather(&self, tx: &mut Tx) -> Result<Facts, Problem> {
        let task: WorkItem = tx.load(self.task).await?;
        let parts = if S::PARTS { store::open_parts(tx, self.task).await? } else { Vec::new() };
        Ok(Facts { task, parts })
    }
    fn scope(&self, facts: &Facts) -> Path {
        match S::SIDE {
            Side::Lead => facts.task.path.clone(),
            Side::Assigner => facts.task.assigner.clone(),
        }
    }
    fn seen_from(&self, facts: &Facts) -> Vec<Path> {
        vec![facts.task.path.clone(), facts.task.assigner.clone()]
    }
    fn decide(&self, facts: &Facts, _: &Actor, now: Timestamp) -> Result<Decision<WorkItem>, Problem> {
        let (record, effects) = self.step.step(&facts.task, &facts.parts, now)?;
        Ok(Decision { record, effects })
    }
    fn before<'a>(&self, facts: &'a Facts) -> Option<&'a WorkItem> {
        Some(&facts.task)
    }
    fn loads_only(&self) -> Option<Uuid> {
        (!S::PARTS).then(|| self.task.uuid())
    }
    fn reason(&self) -> Option<&str> {
        self.step.reason()
    }
}

/// Whether this actor could take the step now. Asks the decision itself, so that a button never promises what is
/// refused; what hangs on open parts is looked at by the command.
pub(crate) fn is_open<S: Step>(actor: &Actor, task: &WorkItem, step: &S, now: Timestamp) -> bool {
    let at = if S::SIDE == Side::Lead { &task.path } else { &task.assigner };
    actor.may(S::NAME, at) && step.step(task, &[], now).is_ok()
}

/// The move is not open in this state; the sentence names the state.
pub(crate) fn not_now(task: &WorkItem) -> Problem {
    Problem::refused("tasks.not_in_this_state").with("state", format!("@work-state-{}", task.state))
}

pub(crate) fn allow(task: &WorkItem, from: &[WorkState]) -> Result<(), Problem> {
    if from.contains(&task.state) { Ok(()) } else { Err(not_now(task)) }
}

pub(crate) fn said(text: &str, code: &'static str) -> Result<(), Problem> {
    if text.trim().is_empty() { Err(Problem::refused(code)) } else { Ok(()) }
}

fn closed(about: Uuid) -> Effect {
    Effect::Tell(Fact::WorkClosed { about })
}

/// The leading unit says that it has the task (tiếp nhận). Same-day duty: Article 21.2c, NĐ 30/2020/NĐ-CP.
#[derive(Clone, Debug)]
pub struct Acknowledge;
impl Step for Acknowledge {
    const NAME: &'static str = "tasks.acknowledge";
    const SIDE: Side = Side::Lead;
    fn step(&self, task: &WorkItem, _: &[WorkItem], now: Timestamp) -> Result<(WorkItem, Vec<Effect>), Problem> {
        allow(task, &[WorkState::Assigned])?;
        Ok((WorkItem { state: WorkState::Acknowledged, acknowledged_at: Some(now), ..task.clone() }, Vec::new()))
    }
}

/// The leading unit says that it is not theirs or cannot be done (từ chối), with the reason; the assigner decides.
#[derive(Clone, Debug)]
pub struct Refuse {
    /// Why.
    pub reason: String,
}
impl Step for Refuse {
    const NAME: &'static str = "tasks.refuse";
    const SIDE: Side = Side::Lead;
    fn step(&self, task: &WorkItem, _: &[WorkItem], _: Timestamp) -> Result<(WorkItem, Vec<Effect>), Problem> {
        allow(task, &[WorkState::Assigned, WorkState::Acknowledged])?;
        said(&self.reason, "tasks.refuse.no_reason")?;
        Ok((WorkItem { state: WorkState::Refused, asked_due_at: None, ..task.clone() }, Vec::new()))
    }
    fn reason(&self) -> Option<&str> {
        Some(&self.reason)
    }
}

/// The leading unit says that it is done (báo cáo hoàn thành), with the result in words.
#[derive(Clone, Debug)]
pub struct Report {
    /// What was done.
    pub result: String,
}
impl Step for Report {
    const NAME: &'static str = "tasks.report";
    const SIDE: Side = Side::Lead;
    fn step(&self, task: &WorkItem, _: &[WorkItem], now: Timestamp) -> Result<(WorkItem, Vec<Effect>), Problem> {
        allow(task, &[WorkState::Acknowledged, WorkState::InProgress, WorkState::Returned])?;
        // Words in the place of figures would leave the sum without them.
        if task.request.is_some() {
            return Err(Problem::refused("tasks.report.by_form"));
        }
        said(&self.result, "tasks.report.no_result")?;
        Ok((WorkItem { state: WorkState::Reported, reported_at: Some(now), ..task.clone() }, Vec::new()))
    }
    fn reason(&self) -> Option<&str> {
        Some(&self.result)
    }
}

/// The assigner accepts the result (xác nhận hoàn thành).
#[derive(Clone, Debug)]
pub struct Confirm {
    /// A word to the unit, if any.
    pub note: Option<String>,
}
impl Step for Confirm {
    const NAME: &'static str = "tasks.confirm";
    const SIDE: Side = Side::Assigner;
    fn step(&self, task: &WorkItem, _: &[WorkItem], now: Timestamp) -> Result<(WorkItem, Vec<Effect>), Problem> {
        allow(task, &[WorkState::Reported])?;
        let done = WorkItem { state: WorkState::Confirmed, closed_at: Some(now), asked_due_at: None, ..task.clone() };
        Ok((done, vec![closed(task.about)]))
    }
    fn reason(&self) -> Option<&str> {
        self.note.as_deref()
    }
}

/// The assigner sends it back (yêu cầu làm lại): the result does not do, or the refusal is not accepted.
#[derive(Clone, Debug)]
pub struct Return {
    /// What is missing.
    pub reason: String,
}
impl Step for Return {
    const NAME: &'static str = "tasks.return";
    const SIDE: Side = Side::Assigner;
    fn step(&self, task: &WorkItem, _: &[WorkItem], _: Timestamp) -> Result<(WorkItem, Vec<Effect>), Problem> {
        allow(task, &[WorkState::Reported, WorkState::Refused])?;
        said(&self.reason, "tasks.return.no_reason")?;
        // The deadline runs against the leading unit again.
        let step_at = task.due_at.map(first_look);
        Ok((WorkItem { state: WorkState::Returned, step_at, ..task.clone() }, Vec::new()))
    }
    fn reason(&self) -> Option<&str> {
        Some(&self.reason)
    }
}

/// The assigner gives it to another unit (chuyển đơn vị thực hiện).
#[derive(Clone, Debug)]
pub struct Reassign {
    /// The unit that leads from now on.
    pub to: Path,
    /// Why.
    pub reason: String,
}
impl Step for Reassign {
    const NAME: &'static str = "tasks.reassign";
    const SIDE: Side = Side::Assigner;
    const PARTS: bool = true;
    fn step(&self, task: &WorkItem, parts: &[WorkItem], _: Timestamp) -> Result<(WorkItem, Vec<Effect>), Problem> {
        allow(
            task,
            &[
                WorkState::Assigned,
                WorkState::Acknowledged,
                WorkState::InProgress,
                WorkState::Returned,
                WorkState::Refused,
            ],
        )?;
        said(&self.reason, "tasks.reassign.no_reason")?;
        if self.to == task.path {
            return Err(Problem::refused("tasks.reassign.same_unit"));
        }
        if !task.assigner.contains(&self.to) {
            return Err(Problem::refused("tasks.reassign.not_below"));
        }
        if !parts.is_empty() {
            return Err(Problem::refused("tasks.reassign.parts_open").with("n", parts.len()));
        }
        let task = WorkItem {
            path: self.to.clone(),
            state: WorkState::Assigned,
            acknowledged_at: None,
            reported_at: None,
            asked_due_at: None,
            handed_at: None,
            ..task.clone()
        };
        Ok((task.told_nobody(), Vec::new()))
    }
    fn reason(&self) -> Option<&str> {
        Some(&self.reason)
    }
}

/// The assigner calls it off (hủy), with everything that was split from it.
#[derive(Clone, Debug)]
pub struct Cancel {
    /// Why.
    pub reason: String,
}
impl Step for Cancel {
    const NAME: &'static str = "tasks.cancel";
    const SIDE: Side = Side::Assigner;
    const PARTS: bool = true;
    fn step(&self, task: &WorkItem, parts: &[WorkItem], now: Timestamp) -> Result<(WorkItem, Vec<Effect>), Problem> {
        if task.state.is_closed() {
            return Err(not_now(task));
        }
        said(&self.reason, "tasks.cancel.no_reason")?;
        let mut effects: Vec<Effect> = parts.iter().map(|part| Effect::Move(Box::new(part.called_off(now)))).collect();
        effects.push(closed(task.about));
        Ok((task.called_off(now), effects))
    }
    fn reason(&self) -> Option<&str> {
        Some(&self.reason)
    }
}

/// The leading unit gives parts of it to units below (giao xuống); it still answers for the whole.
#[derive(Clone, Debug)]
pub struct Split {
    /// Units below, each of which leads its part.
    pub to: Vec<Path>,
    /// What each part is to reach, when it is counted.
    pub target: Option<PartTarget>,
}
impl Split {
    /// Parts for these units, without a target of their own.
    #[must_use]
    pub fn among(to: Vec<Path>) -> Self {
        Self { to, target: None }
    }
}
impl Step for Split {
    const NAME: &'static str = "tasks.split";
    const SIDE: Side = Side::Lead;
    const PARTS: bool = true;
    fn step(&self, task: &WorkItem, parts: &[WorkItem], now: Timestamp) -> Result<(WorkItem, Vec<Effect>), Problem> {
        allow(task, &[WorkState::Assigned, WorkState::Acknowledged, WorkState::InProgress, WorkState::Returned])?;
        if self.to.is_empty() {
            return Err(Problem::refused("tasks.split.nobody"));
        }
        if self.to.iter().any(|unit| *unit == task.path || !task.path.contains(unit)) {
            return Err(Problem::refused("tasks.split.not_below"));
        }
        if let Some(target) = &self.target {
            target.check()?;
        }
        let mut effects = Vec::new();
        for unit in &self.to {
            // A unit that has its part already keeps it; pressing twice gives nobody two.
            if !parts.iter().any(|part| part.path == *unit) {
                let part = task.part_for(unit.clone());
                let part = self.target.iter().fold(part, |part, target| target.of_part(part));
                effects.push(Effect::Open { item: Box::new(part), cooperating: Vec::new() });
            }
        }
        if effects.is_empty() {
            return Err(Problem::refused("tasks.split.have_it_already"));
        }
        // Handing it on is working on it.
        let acknowledged_at = task.acknowledged_at.or(Some(now));
        let target_of = task.target_of.clone().or_else(|| self.target.as_ref().map(|target| target.of.clone()));
        Ok((WorkItem { state: WorkState::InProgress, acknowledged_at, target_of, ..task.clone() }, effects))
    }
}

/// A task as seen by a unit that takes part in it.
#[derive(Clone, Debug)]
pub struct Part {
    /// The task.
    pub task: WorkItem,
    /// Units that cooperate.
    pub cooperating: Vec<Path>,
}

impl Part {
    async fn gather(tx: &mut Tx, task: Id<ids::WorkItem>) -> Result<Self, Problem> {
        let task: WorkItem = tx.load(task).await?;
        let cooperating = store::cooperating(tx, task.id).await?;
        Ok(Self { task, cooperating })
    }
    fn units(&self) -> Vec<Path> {
        let mut units = self.cooperating.clone();
        units.extend([self.task.path.clone(), self.task.assigner.clone()]);
        units
    }
    /// The task after a unit worked on it; a unit that has no part in it learns nothing.
    fn worked_on_by(&self, unit: &Path) -> Result<WorkItem, Problem> {
        if !self.units().contains(unit) {
            return Err(Problem::not_found());
        }
        let state = match self.task.state {
            WorkState::Acknowledged | WorkState::Returned if *unit == self.task.path => WorkState::InProgress,
            WorkState::Assigned if *unit == self.task.path => {
                return Err(Problem::refused("tasks.acknowledge_first"));
            }
            state if state.is_closed() => return Err(not_now(&self.task)),
            state => state,
        };
        Ok(WorkItem { state, ..self.task.clone() })
    }
}

/// A unit that takes part writes down how it goes (ghi tiến độ). The words stand in the journal, which is never rewritten.
#[derive(Clone, Debug)]
pub struct Note {
    /// Which task.
    pub task: Id<ids::WorkItem>,
    /// For which unit.
    pub unit: Path,
    /// What to write down.
    pub text: String,
}

impl Command for Note {
    type Record = WorkItem;
    type Facts = Part;
    const NAME: &'static str = "tasks.note";
    const READ: &'static str = "tasks.read";

    async fn gather(&self, tx: &mut Tx) -> Result<Part, Problem> {
        Part::gather(tx, self.task).await
    }
    fn scope(&self, _: &Part) -> Path {
        self.unit.clone()
    }
    fn seen_from(&self, part: &Part) -> Vec<Path> {
        part.units()
    }
    fn decide(&self, part: &Part, _: &Actor, _: Timestamp) -> Result<Decision<WorkItem>, Problem> {
        said(&self.text, "tasks.note.empty")?;
        Ok(Decision::just(part.worked_on_by(&self.unit)?))
    }
    fn before<'a>(&self, part: &'a Part) -> Option<&'a WorkItem> {
        Some(&part.task)
    }
    fn reason(&self) -> Option<&str> {
        Some(&self.text)
    }
}

/// A unit that takes part attaches evidence (gửi minh chứng). The bytes are kept before; this makes them count.
#[derive(Clone, Debug)]
pub struct Attach {
    /// Which task.
    pub task: Id<ids::WorkItem>,
    /// For which unit.
    pub unit: Path,
    /// The file.
    pub file: Attachment,
}

/// Files that one task may have.
pub(crate) const FILES_OF_A_TASK_MAX: i64 = 100;

impl Command for Attach {
    type Record = Attachment;
    type Facts = (Part, i64);
    const NAME: &'static str = "tasks.attach";
    const READ: &'static str = "tasks.read";

    async fn gather(&self, tx: &mut Tx) -> Result<(Part, i64), Problem> {
        let files = vx_concepts::evidence::count(tx, self.task.uuid()).await?;
        Ok((Part::gather(tx, self.task).await?, files))
    }
    fn scope(&self, _: &(Part, i64)) -> Path {
        self.unit.clone()
    }
    fn seen_from(&self, (part, _): &(Part, i64)) -> Vec<Path> {
        part.units()
    }
    fn decide(&self, (part, files): &(Part, i64), _: &Actor, _: Timestamp) -> Result<Decision<Attachment>, Problem> {
        let task = part.worked_on_by(&self.unit)?;
        if *files >= FILES_OF_A_TASK_MAX {
            return Err(Problem::refused("tasks.attach.too_many").with("max", FILES_OF_A_TASK_MAX));
        }
        let effects = if task == part.task { Vec::new() } else { vec![Effect::Move(Box::new(task))] };
        Ok(Decision { record: self.file.clone(), effects })
    }
    fn before<'a>(&self, _: &'a (Part, i64)) -> Option<&'a Attachment> {
        None
    }
    fn about(&self, (part, _): &(Part, i64)) -> Option<Uuid> {
        Some(part.task.id.uuid())
    }
}
