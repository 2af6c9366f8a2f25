//! More time (gia hạn): the leading unit asks, whoever assigned the task grants or declines.

use jiff::Timestamp;
use vx_concepts::{
    engine::Effect,
    work::{WorkItem, WorkState},
};
use vx_kernel::Problem;

use crate::commands::{Side, Step, allow, not_now, said};

/// The leading unit asks for a later deadline (xin gia hạn), with the reason. Asking again replaces what was asked.
#[derive(Clone, Debug)]
pub struct AskExtension {
    /// The deadline asked for.
    pub until: Timestamp,
    /// Why.
    pub reason: String,
}
impl Step for AskExtension {
    const NAME: &'static str = "tasks.ask_extension";
    const SIDE: Side = Side::Lead;
    fn step(&self, task: &WorkItem, _: &[WorkItem], now: Timestamp) -> Result<(WorkItem, Vec<Effect>), Problem> {
        allow(task, &WorkState::TO_DO)?;
        let due = task.due_at.ok_or_else(|| Problem::refused("tasks.ask_extension.no_deadline"))?;
        said(&self.reason, "tasks.ask_extension.no_reason")?;
        if self.until <= due {
            return Err(Problem::refused("tasks.extension.not_later"));
        }
        if self.until <= now {
            return Err(Problem::refused("tasks.ask_extension.past"));
        }
        if task.asked_due_at == Some(self.until) {
            return Err(Problem::refused("tasks.ask_extension.asked_already"));
        }
        Ok((WorkItem { asked_due_at: Some(self.until), ..task.clone() }, Vec::new()))
    }
    fn reason(&self) -> Option<&str> {
        Some(&self.reason)
    }
}

fn asked(task: &WorkItem) -> Result<Timestamp, Problem> {
    if task.state.is_closed() {
        return Err(not_now(task));
    }
    task.asked_due_at.ok_or_else(|| Problem::refused("tasks.extension.not_asked"))
}

/// The assigner grants it (đồng ý gia hạn): what was asked for, or another moment.
#[derive(Clone, Debug, Default)]
pub struct GrantExtension {
    /// The new deadline, when not the one asked for.
    pub until: Option<Timestamp>,
    /// Whether open parts that had the same deadline move along.
    pub with_parts: bool,
    /// A word to the unit, if any.
    pub note: Option<String>,
}
impl Step for GrantExtension {
    const NAME: &'static str = "tasks.grant_extension";
    const SIDE: Side = Side::Assigner;
    const PARTS: bool = true;
    fn step(&self, task: &WorkItem, parts: &[WorkItem], _: Timestamp) -> Result<(WorkItem, Vec<Effect>), Problem> {
        let until = self.until.unwrap_or(asked(task)?);
        if task.due_at.is_some_and(|due| until <= due) {
            return Err(Problem::refused("tasks.extension.not_later"));
        }
        let along = parts.iter().filter(|part| self.with_parts && part.due_at == task.due_at);
        let effects = along.map(|part| Effect::Move(Box::new(part.with_due(until)))).collect();
        // Granted for less than was asked is decided all the same.
        Ok((WorkItem { asked_due_at: None, ..task.with_due(until) }, effects))
    }
    fn reason(&self) -> Option<&str> {
        self.note.as_deref()
    }
}

/// The assigner keeps the deadline (không đồng ý gia hạn), with the reason.
#[derive(Clone, Debug)]
pub struct DeclineExtension {
    /// Why.
    pub reason: String,
}
impl Step for DeclineExtension {
    const NAME: &'static str = "tasks.decline_extension";
    const SIDE: Side = Side::Assigner;
    fn step(&self, task: &WorkItem, _: &[WorkItem], _: Timestamp) -> Result<(WorkItem, Vec<Effect>), Problem> {
        asked(task)?;
        said(&self.reason, "tasks.decline_extension.no_reason")?;
        Ok((WorkItem { asked_due_at: None, ..task.clone() }, Vec::new()))
    }
    fn reason(&self) -> Option<&str> {
        Some(&self.reason)
    }
}
