//! What becomes of a dispatch after it went out: corrected (đính chính), recalled (thu hồi), replaced (thay thế).
//!
//! Three verbs, none of them "update". Each leaves its line on the page of the dispatch and a row in the journal of
//! every task that it moves, all in one transaction. Closed tasks are never touched.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use vx_concepts::{
    engine::{Command, Decision, Effect, Fact},
    work::{Due, DueKind, SeriesState, Urgency, WorkItem, WorkSeries, WorkState, running_series, without_deadline},
};
use vx_kernel::{Date, Id, Path, Problem, ProblemKind, ids, text::fold, time};
use vx_platform::{
    auth::Actor,
    store::{Conn, Tx},
};

use crate::{
    Directive, DirectiveState, Review,
    commands::not_now,
    links,
    store::{self, OPEN_MAX},
    types::{Altered, Change, ChangeVerb},
};

pub(crate) mod pages;

/// A dispatch that is out, with every open task about it.
#[derive(Clone, Debug)]
pub struct Out {
    /// The dispatch.
    pub directive: Directive,
    /// Its open tasks and their parts.
    pub open: Vec<WorkItem>,
    /// What comes back by its orders.
    pub series: Vec<WorkSeries>,
}

impl Out {
    /// Reads it; the caller has checked that the reader may see it.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn read(conn: &mut Conn, id: Id<ids::Directive>) -> Result<Self, Problem> {
        let open = store::open_items(conn, id).await?;
        let series = running_series(conn, id.uuid(), i64::try_from(OPEN_MAX).unwrap_or(i64::MAX)).await?;
        Ok(Self { directive: conn.load(id).await?, open, series })
    }

    /// The running series of which each open task is an occurrence, with the day. A part has those of its whole.
    fn occurrences(&self) -> BTreeMap<Id<ids::WorkItem>, (&WorkSeries, Date)> {
        let items: BTreeMap<_, &WorkItem> = self.open.iter().map(|item| (item.id, item)).collect();
        let series: BTreeMap<_, &WorkSeries> = self.series.iter().map(|series| (series.id, series)).collect();
        let occurrence = |item: &WorkItem| {
            let mut whole = item;
            // A split goes down one level of government at a time, so this turns three times at the most.
            while let Some(parent) = whole.parent {
                whole = items.get(&parent).copied()?;
            }
            Some((series.get(&whole.series?).copied()?, whole.occurs_on?))
        };
        self.open.iter().filter_map(|item| Some((item.id, occurrence(item)?))).collect()
    }

    /// Whether it may be changed now, against the version that was looked at.
    fn check(&self, version: i64, reason: &str) -> Result<(), Problem> {
        if !self.directive.state.is_out() {
            return Err(not_now(&self.directive));
        }
        if self.directive.version != version {
            return Err(Problem::new(ProblemKind::Conflict, "store.changed_meanwhile"));
        }
        if reason.trim().is_empty() {
            return Err(Problem::refused("directives.change.no_reason"));
        }
        if self.open.len() > OPEN_MAX {
            return Err(Problem::refused("directives.change.too_many").with("max", OPEN_MAX));
        }
        Ok(())
    }
}

fn change(verb: ChangeVerb, by: &Actor, now: Timestamp, reason: &str, document: Option<&str>) -> Change {
    Change {
        verb,
        at: now,
        by: by.name.clone(),
        reason: reason.trim().to_owned(),
        document: document.map(|number| number.trim().to_owned()).filter(|number| !number.is_empty()),
        other: None,
        altered: Vec::new(),
        n_kept: 0,
        n_cancelled: 0,
    }
}

/// The reason as it stands in the journal of each task: with the document that says so.
fn with_document(reason: &str, document: Option<&str>) -> String {
    match document.map(str::trim).filter(|number| !number.is_empty()) {
        Some(number) => format!("{number}: {}", reason.trim()),
        None => reason.trim().to_owned(),
    }
}

/// Nothing of these comes back.
fn ended<'a>(series: impl IntoIterator<Item = &'a WorkSeries>) -> impl Iterator<Item = Effect> {
    series.into_iter().map(|series| Effect::Plan(Box::new(series.clone().ended())))
}

fn n_of(items: usize) -> i64 {
    i64::try_from(items).unwrap_or(i64::MAX)
}

/// A task under other words, another deadline or another source, found by them again.
fn reworded(item: WorkItem) -> WorkItem {
    let clause = item.clause.as_deref().unwrap_or_default();
    WorkItem { folded: fold(&format!("{} {} {clause}", item.source, item.title)), ..item }
}

/// A task under another urgency is looked at by other hours; whom the program told stays told.
fn replanned(before: &WorkItem, item: WorkItem) -> WorkItem {
    if before.urgency == item.urgency {
        return item;
    }
    WorkItem { step_at: item.due_at.map(vx_concepts::work::escalation::first_look), ..item }
}

/// What was told about another deadline no longer counts.
fn due_again(item: WorkItem, due: Due) -> WorkItem {
    let same = item.due_at == due.at;
    let asked_due_at = item.asked_due_at.filter(|asked| due.at.is_some_and(|at| *asked > at));
    let item = WorkItem {
        asked_due_at,
        due_kind: due.kind,
        due_at: due.at,
        due_quote: due.quote,
        due_rule: due.rule,
        due_sort: due.at.unwrap_or_else(without_deadline),
        ..item
    };
    if same { item } else { item.told_nobody() }
}

/// What a correction says of one order.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OrderAsItShouldBe {
    /// Which of the orders of the review.
    pub index: usize,
    /// What is to be done.
    pub title: String,
    /// The deadline as a local ISO date or datetime; `None` leaves what the clause says.
    pub due_at: Option<String>,
}

/// The header and orders as they should have read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AsItShouldBe {
    /// Number and symbol.
    pub number: Option<String>,
    /// What it is about.
    pub subject: Option<String>,
    /// Day of issue.
    pub issued_on: Option<Date>,
    /// Urgency.
    pub urgency: Option<Urgency>,
    /// Orders, those left alone included or not.
    pub orders: Vec<OrderAsItShouldBe>,
}

/// Puts right what a dispatch said (đính chính): header fields, titles and deadlines of its orders. Open tasks of these
/// orders get the new words and deadlines; closed ones stay as they were done.
#[derive(Clone, Debug)]
pub struct Correct {
    /// Which dispatch.
    pub directive: Id<ids::Directive>,
    /// The version that was looked at.
    pub version: i64,
    /// Number of the document that corrects it, when there is one.
    pub document: Option<String>,
    /// What was wrong.
    pub reason: String,
    /// As it should have read.
    pub right: AsItShouldBe,
    /// Document and reason, for the journal.
    said: String,
}

impl Correct {
    /// A correction.
    #[must_use]
    pub fn new(
        directive: Id<ids::Directive>,
        version: i64,
        document: Option<String>,
        reason: String,
        right: AsItShouldBe,
    ) -> Self {
        let said = with_document(&reason, document.as_deref());
        Self { directive, version, document, reason, right, said }
    }

    /// The review with everything put right, and what that alters.
    fn put_right(&self, directive: &Directive, review: &Review) -> (Review, Vec<Altered>) {
        let mut after = review.clone();
        let mut altered: Vec<Altered> = Vec::new();
        let mut note = |field: &str, clause: Option<&str>, before: String, after: String| {
            if before != after {
                altered.push(Altered { field: field.to_owned(), clause: clause.map(str::to_owned), before, after });
            }
        };
        let text = |text: Option<&str>| text.unwrap_or_default().trim().to_owned();
        note("number", None, text(directive.number.as_deref()), text(self.right.number.as_deref()));
        note("subject", None, text(directive.subject.as_deref()), text(self.right.subject.as_deref()));
        let day = |day: Option<Date>| day.map_or(String::new(), |day| day.to_string());
        note("issued_on", None, day(directive.issued_on), day(self.right.issued_on));
        let urgency = |urgency: Option<Urgency>| urgency.map_or(String::new(), |urgency| urgency.to_string());
        note("urgency", None, urgency(directive.urgency), urgency(self.right.urgency));
        let header = &mut after.dispatch;
        header.number = self.right.number.clone().filter(|number| !number.trim().is_empty());
        header.subject = self.right.subject.clone().filter(|subject| !subject.trim().is_empty());
        header.issued_on = self.right.issued_on.map(|day| day.to_string());
        header.urgency =
            self.right.urgency.and_then(|urgency| serde_json::from_value(serde_json::json!(urgency.as_str())).ok());
        for right in &self.right.orders {
            let Some(order) = after.orders.get_mut(right.index) else { continue };
            if !right.title.trim().is_empty() {
                note("title", Some(&order.clause), order.title.clone(), right.title.trim().to_owned());
                right.title.trim().clone_into(&mut order.title);
            }
            order.due_at.clone_from(&right.due_at);
        }
        let moments: Vec<(String, String, String)> = review
            .orders
            .iter()
            .zip(&after.orders)
            .map(|(old, new)| {
                let said = |due: Due| due.at.map_or(String::new(), |at| at.to_string());
                (old.clause.clone(), said(review.due(old)), said(after.due(new)))
            })
            .collect();
        for (clause, before, after) in moments {
            note("due", Some(&clause), before, after);
        }
        (after, altered)
    }
}

impl Command for Correct {
    type Record = Directive;
    type Facts = Out;
    const NAME: &'static str = "directives.correct";
    const READ: &'static str = store::READ;

    async fn gather(&self, tx: &mut Tx) -> Result<Out, Problem> {
        Out::read(tx, self.directive).await
    }
    fn scope(&self, out: &Out) -> Path {
        out.directive.path.clone()
    }
    fn decide(&self, out: &Out, by: &Actor, now: Timestamp) -> Result<Decision<Directive>, Problem> {
        out.check(self.version, &self.reason)?;
        let before = &out.directive;
        let review =
            Review::of(&before.review).ok_or_else(|| Problem::internal("a dispatch that is out has a review"))?;
        let (after, altered) = self.put_right(before, &review);
        if altered.is_empty() {
            return Err(Problem::refused("directives.correct.nothing"));
        }
        if after.orders.iter().filter(|order| order.include).any(|order| {
            let due = after.due(order).at.map(time::day_of);
            due.zip(after.issued_on()).is_some_and(|(due, issued)| due < issued)
        }) {
            return Err(Problem::refused("directives.correct.due_before_issue"));
        }
        let record = before.clone().with_review(&after);
        let order = |review: &Review, clause: Option<&String>| {
            review.orders.iter().find(|order| clause == Some(&order.clause)).cloned()
        };
        // What an order said before and says now, when that is not the same.
        let said = |clause: Option<&String>| order(&review, clause).zip(order(&after, clause));
        let title = |clause: Option<&String>| {
            said(clause).filter(|(old, new)| old.title != new.title).map(|(_, new)| new.title)
        };
        let due = |clause: Option<&String>| {
            let (old, new) = said(clause)?;
            Some((review.due(&old), after.due(&new))).filter(|(old, new)| old != new)
        };
        let (label, urgency) = (record.label(), record.urgency);
        let mut planned: BTreeMap<Id<ids::Series>, WorkSeries> = BTreeMap::new();
        for series in &out.series {
            let clause = series.clause.as_ref();
            let title = title(clause).unwrap_or_else(|| series.title.clone());
            let moved = WorkSeries { source: label.clone(), urgency, title, ..series.clone() };
            // The check of a standing duty has a rhythm of its own, which the order does not set.
            let moved = match due(clause) {
                Some((old, new)) if old.kind == DueKind::Recurrent => moved.set_by(&new),
                _ => moved.planned(),
            };
            planned.insert(series.id, moved);
        }
        let mut effects = Vec::new();
        let occurrences = out.occurrences();
        for item in &out.open {
            let clause = item.clause.as_ref();
            // A task that somebody named or dated anew in the meantime follows what the correction says of it.
            let title = title(clause).unwrap_or_else(|| item.title.clone());
            let moved = WorkItem { source: label.clone(), urgency, title, ..item.clone() };
            let moved = match (due(clause), occurrences.get(&item.id).copied()) {
                (None, _) => replanned(item, moved),
                (Some((_, new)), None) if item.due_kind != DueKind::Recurrent || item.occurs_on.is_none() => {
                    due_again(moved, new)
                }
                // Of a series that came to its end: its days are past.
                (Some(_), None) => replanned(item, moved),
                (Some((_, new)), Some((series, day))) => {
                    let after = planned.get(&series.id).filter(|after| after.state == SeriesState::Running);
                    match after {
                        // The first occurrence has the day of the order, a later one the hour of its own day.
                        Some(after) if day == series.anchor_on => {
                            let occurs_on = item.occurs_on.map(|_| after.anchor_on);
                            due_again(WorkItem { occurs_on, ..moved }, new)
                        }
                        Some(after) => due_again(moved, after.deadline_on(day)),
                        None => due_again(moved, new),
                    }
                }
            };
            let moved = reworded(moved);
            if moved != *item {
                effects.push(Effect::Move(Box::new(moved)));
            }
        }
        let mut noted = change(ChangeVerb::Corrected, by, now, &self.reason, self.document.as_deref());
        noted.altered = altered;
        noted.n_kept = n_of(effects.len());
        for series in &out.series {
            let Some(after) = planned.remove(&series.id).filter(|after| after != series) else { continue };
            if after.state == SeriesState::Ended {
                // With its series ended, the dispatch may be carried out.
                effects.push(Effect::Tell(Fact::WorkClosed { about: record.id.uuid() }));
            }
            effects.push(Effect::Plan(Box::new(after)));
        }
        let record = record.with_change(noted);
        effects.push(links::index_of(&record));
        Ok(Decision { record, effects })
    }
    fn before<'a>(&self, out: &'a Out) -> Option<&'a Directive> {
        Some(&out.directive)
    }
    fn reason(&self) -> Option<&str> {
        Some(&self.said)
    }
}

/// Takes a dispatch back (thu hồi): every open task about it is called off with the reason, and nothing more comes of it.
#[derive(Clone, Debug)]
pub struct Recall {
    /// Which dispatch.
    pub directive: Id<ids::Directive>,
    /// The version that was looked at.
    pub version: i64,
    /// Number of the document that recalls it, when there is one.
    pub document: Option<String>,
    /// Why.
    pub reason: String,
    said: String,
}

impl Recall {
    /// A recall.
    #[must_use]
    pub fn new(directive: Id<ids::Directive>, version: i64, document: Option<String>, reason: String) -> Self {
        let said = with_document(&reason, document.as_deref());
        Self { directive, version, document, reason, said }
    }
}

impl Command for Recall {
    type Record = Directive;
    type Facts = Out;
    const NAME: &'static str = "directives.recall";
    const READ: &'static str = store::READ;

    async fn gather(&self, tx: &mut Tx) -> Result<Out, Problem> {
        Out::read(tx, self.directive).await
    }
    fn scope(&self, out: &Out) -> Path {
        out.directive.path.clone()
    }
    fn decide(&self, out: &Out, by: &Actor, now: Timestamp) -> Result<Decision<Directive>, Problem> {
        out.check(self.version, &self.reason)?;
        let mut noted = change(ChangeVerb::Recalled, by, now, &self.reason, self.document.as_deref());
        noted.n_cancelled = n_of(out.open.len());
        let record = Directive { state: DirectiveState::Recalled, ..out.directive.clone() }.with_change(noted);
        let mut effects: Vec<Effect> =
            out.open.iter().map(|item| Effect::Move(Box::new(item.called_off(now)))).collect();
        effects.extend(ended(&out.series));
        effects.push(links::index_of(&record));
        Ok(Decision { record, effects })
    }
    fn before<'a>(&self, out: &'a Out) -> Option<&'a Directive> {
        Some(&out.directive)
    }
    fn reason(&self) -> Option<&str> {
        Some(&self.said)
    }
}

/// Calls off what was opened again about a dispatch that no longer holds: somebody took back a step on a task that had
/// been closed before the recall. The program does this, nobody else.
#[derive(Clone, Debug)]
pub struct Withdraw {
    /// Which dispatch.
    pub directive: Id<ids::Directive>,
}

impl Command for Withdraw {
    type Record = Directive;
    type Facts = Out;
    const NAME: &'static str = "directives.withdraw";
    const READ: &'static str = store::READ;

    async fn gather(&self, tx: &mut Tx) -> Result<Out, Problem> {
        Out::read(tx, self.directive).await
    }
    fn scope(&self, out: &Out) -> Path {
        out.directive.path.clone()
    }
    fn decide(&self, out: &Out, _: &Actor, now: Timestamp) -> Result<Decision<Directive>, Problem> {
        let gone = matches!(out.directive.state, DirectiveState::Recalled | DirectiveState::Replaced);
        if !gone || out.open.is_empty() {
            return Err(not_now(&out.directive));
        }
        let effects = out.open.iter().map(|item| Effect::Move(Box::new(item.called_off(now)))).collect();
        Ok(Decision { record: out.directive.clone(), effects })
    }
    fn before<'a>(&self, out: &'a Out) -> Option<&'a Directive> {
        Some(&out.directive)
    }
}

/// What becomes of an open task when another dispatch takes the place of its own.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fate {
    /// It goes on under the other dispatch, in the place of that one's untouched task for the same unit.
    CarriedInto(Id<ids::WorkItem>),
    /// It goes on under the other dispatch in its own words.
    Carried,
    /// It is called off.
    CalledOff,
}

/// Part of the words of two tasks that must be the same for one to go on as the other, in hundredths.
const ALIKE_MIN: usize = 50;

/// How alike two tasks read, in hundredths: shared words among all words of both.
fn alike(one: &WorkItem, other: &WorkItem) -> usize {
    let words = |item: &WorkItem| -> BTreeSet<String> {
        let text = if item.detail.is_empty() { &item.title } else { &item.detail };
        fold(text).split_whitespace().filter(|word| word.len() > 1).map(str::to_owned).collect()
    };
    let (one, other) = (words(one), words(other));
    let all = one.union(&other).count();
    (one.intersection(&other).count() * 100).checked_div(all).unwrap_or(0)
}

/// What is proposed for each open task of a dispatch that another takes the place of: the same unit with a similar
/// order goes on, everything else is called off. Parts follow the whole, and are not listed.
#[must_use]
pub fn propose(old: &[WorkItem], new: &[WorkItem]) -> BTreeMap<Id<ids::WorkItem>, Fate> {
    let mut of_unit: BTreeMap<&Path, Vec<&WorkItem>> = BTreeMap::new();
    for item in new.iter().filter(|item| item.parent.is_none()) {
        of_unit.entry(&item.path).or_default().push(item);
    }
    let mut taken: BTreeSet<Id<ids::WorkItem>> = BTreeSet::new();
    let mut fates = BTreeMap::new();
    for item in old.iter().filter(|item| item.parent.is_none()) {
        let best = of_unit
            .get(&item.path)
            .into_iter()
            .flatten()
            .filter(|other| !taken.contains(&other.id))
            .map(|other| (alike(item, other), other))
            .filter(|(alike, _)| *alike >= ALIKE_MIN)
            .max_by_key(|(alike, other)| (*alike, std::cmp::Reverse(other.id)));
        let fate = match best {
            Some((_, other)) if other.state == WorkState::Assigned => {
                taken.insert(other.id);
                Fate::CarriedInto(other.id)
            }
            // The unit works on it under the new dispatch already.
            _ => Fate::CalledOff,
        };
        fates.insert(item.id, fate);
    }
    fates
}

/// Another dispatch takes the place of one (thay thế): each open task is called off, or goes on under the other.
#[derive(Clone, Debug)]
pub struct Replace {
    /// Which dispatch is replaced.
    pub directive: Id<ids::Directive>,
    /// The version that was looked at.
    pub version: i64,
    /// The dispatch that takes its place.
    pub by: Id<ids::Directive>,
    /// Why.
    pub reason: String,
    /// Tasks that go on. All others are called off.
    pub carried: BTreeSet<Id<ids::WorkItem>>,
}

impl Replace {
    /// What becomes of each open task, parts included: a part follows what it was split from, and one whose whole is
    /// closed is called off.
    fn fates(&self, facts: &Replacing) -> BTreeMap<Id<ids::WorkItem>, Fate> {
        let mut fates = propose(&facts.out.open, &facts.by.open);
        for (id, fate) in &mut fates {
            *fate = match (self.carried.contains(id), *fate) {
                (false, _) => Fate::CalledOff,
                (true, Fate::CarriedInto(into)) => Fate::CarriedInto(into),
                (true, _) => Fate::Carried,
            };
        }
        let mut rest: Vec<&WorkItem> = facts.out.open.iter().filter(|item| item.parent.is_some()).collect();
        // A split goes down one level of government at a time, so this turns a few times at the most.
        loop {
            let before = rest.len();
            rest.retain(|item| match item.parent.and_then(|parent| fates.get(&parent).copied()) {
                Some(fate) => {
                    fates.insert(item.id, fate);
                    false
                }
                None => true,
            });
            if rest.len() == before {
                return fates;
            }
        }
    }
}

/// What [`Replace`] looks at.
#[derive(Clone, Debug)]
pub struct Replacing {
    /// The dispatch that is replaced.
    pub out: Out,
    /// The dispatch that takes its place, with its open tasks.
    pub by: Out,
    /// Units that help with these.
    pub cooperating: BTreeMap<Id<ids::WorkItem>, Vec<Path>>,
}

impl Replacing {
    /// Reads both; the caller has checked that the reader may see them.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn read(conn: &mut Conn, old: Id<ids::Directive>, new: Id<ids::Directive>) -> Result<Self, Problem> {
        let (out, by) = (Out::read(conn, old).await?, Out::read(conn, new).await?);
        Self::of(conn, out, by).await
    }

    /// The same, when both were read.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn of(conn: &mut Conn, out: Out, by: Out) -> Result<Self, Problem> {
        let cooperating = store::cooperating(conn, by.directive.id).await?;
        Ok(Self { out, by, cooperating })
    }
}

impl Command for Replace {
    type Record = Directive;
    type Facts = Replacing;
    const NAME: &'static str = "directives.replace";
    const READ: &'static str = store::READ;

    async fn gather(&self, tx: &mut Tx) -> Result<Replacing, Problem> {
        Replacing::read(tx, self.directive, self.by).await
    }
    fn scope(&self, facts: &Replacing) -> Path {
        facts.out.directive.path.clone()
    }
    fn decide(&self, facts: &Replacing, by: &Actor, now: Timestamp) -> Result<Decision<Directive>, Problem> {
        let (out, other) = (&facts.out, &facts.by.directive);
        out.check(self.version, &self.reason)?;
        if other.id == out.directive.id {
            return Err(Problem::refused("directives.replace.itself"));
        }
        // Its tasks are moved too, so who does this must be able to.
        if !by.may(Self::NAME, &other.path) {
            return Err(Problem::not_found());
        }
        if !other.state.is_out() {
            return Err(Problem::refused("directives.replace.not_issued"));
        }
        if other.state == DirectiveState::Completed && !self.carried.is_empty() {
            return Err(Problem::refused("directives.replace.completed"));
        }
        if facts.by.open.len() > OPEN_MAX {
            return Err(Problem::refused("directives.change.too_many").with("max", OPEN_MAX));
        }
        let fates = self.fates(facts);
        let new: BTreeMap<Id<ids::WorkItem>, &WorkItem> = facts.by.open.iter().map(|item| (item.id, item)).collect();
        let mut effects = Vec::new();
        let (mut n_kept, mut n_cancelled) = (0, 0);
        // Series that go on, each under the words of a task that goes on.
        let mut go_on: BTreeMap<Id<ids::Series>, WorkItem> = BTreeMap::new();
        for item in &out.open {
            let moved = match fates.get(&item.id).copied().unwrap_or(Fate::CalledOff) {
                Fate::CalledOff => {
                    n_cancelled += 1;
                    item.called_off(now)
                }
                Fate::Carried => {
                    n_kept += 1;
                    // Its clause is one of the old dispatch.
                    let moved =
                        WorkItem { about: other.id.uuid(), source: other.label(), clause: None, ..item.clone() };
                    let moved = replanned(item, reworded(WorkItem { urgency: other.urgency, ..moved }));
                    if let Some(series) = item.series {
                        go_on.insert(series, moved.clone());
                    }
                    moved
                }
                Fate::CarriedInto(into) => {
                    n_kept += 1;
                    let Some(new) = new.get(&into).copied() else { continue };
                    let moved = WorkItem {
                        about: other.id.uuid(),
                        source: other.label(),
                        title: new.title.clone(),
                        detail: new.detail.clone(),
                        clause: new.clause.clone(),
                        urgency: new.urgency,
                        due_kind: new.due_kind,
                        due_at: new.due_at,
                        due_quote: new.due_quote.clone(),
                        due_rule: new.due_rule.clone(),
                        due_sort: new.due_sort,
                        ..item.clone()
                    };
                    // What was told about the old deadline no longer counts.
                    let moved = if moved.due_at == item.due_at { replanned(item, moved) } else { moved.told_nobody() };
                    let mut moved = reworded(moved);
                    if item.parent.is_none() {
                        // The work that is under way stands for the untouched task; nobody gets two.
                        effects.push(Effect::Move(Box::new(new.called_off(now))));
                        let units = facts.cooperating.get(&new.id).cloned().unwrap_or_default();
                        effects.push(Effect::Cooperate { item: item.id, units });
                        if new.series.is_some() {
                            // What comes back comes by the new order from now on, and this is its first time.
                            (moved.series, moved.occurs_on) = (new.series, new.occurs_on);
                        } else if let Some(series) = item.series.filter(|_| moved.due_kind == DueKind::Standing) {
                            // A standing duty keeps the rhythm in which it is checked.
                            go_on.insert(series, moved.clone());
                        }
                    }
                    moved
                }
            };
            effects.push(Effect::Move(Box::new(moved)));
        }
        let mut noted = change(ChangeVerb::Replaced, by, now, &self.reason, other.number.as_deref());
        (noted.other, noted.n_kept, noted.n_cancelled) = (Some(other.id.uuid()), n_kept, n_cancelled);
        let record = Directive { state: DirectiveState::Replaced, ..out.directive.clone() }.with_change(noted);
        effects.extend(ended(out.series.iter().filter(|series| !go_on.contains_key(&series.id))));
        for series in &out.series {
            let Some(item) = go_on.get(&series.id).cloned() else { continue };
            let WorkItem { about, source, title, detail, clause, urgency, .. } = item;
            let moved = WorkSeries { about, source, title, detail, clause, urgency, ..series.clone() };
            effects.push(Effect::Plan(Box::new(moved.planned())));
        }
        effects.push(links::index_of(&record));
        Ok(Decision { record, effects })
    }
    fn before<'a>(&self, facts: &'a Replacing) -> Option<&'a Directive> {
        Some(&facts.out.directive)
    }
    fn reason(&self) -> Option<&str> {
        Some(&self.reason)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use vx_platform::auth::{Held, Permission, Rights, Role};

    use super::*;
    use crate::{Issue, tests};

    const NOW: &str = "2021-09-13T03:00:00Z";
    const TWO: &str = "1. Sở Y tế rà soát nguồn ô xy, giường bệnh trước ngày 15/9/2021.\n\n2. UBND các huyện, thị xã, thành phố lập danh sách hộ khó khăn trước ngày 16/9/2021.";

    fn now() -> Timestamp {
        NOW.parse().unwrap()
    }

    fn chair() -> Actor {
        let rights = Rights::new([Permission {
            name: Replace::NAME,
            roles: &[(Role::Chair, vx_platform::auth::Breadth::Unit)],
        }]);
        let mut actor = Actor::system("Phạm Hoàng Minh", Arc::new(rights));
        actor.held = vec![Held { role: Role::Chair, path: Path::parse("94/").unwrap(), deputy_for: None }];
        actor
    }

    /// An issued dispatch and its tasks, as the engine would have saved them.
    fn out(clauses: &str) -> Out {
        let given = tests::directive(clauses);
        let issue = Issue { directive: given.id, version: 1, paths: tests::paths(&tests::TREE) };
        let Decision { record, effects } = issue.decide(&given, &chair(), now()).unwrap();
        let (mut open, mut series) = (Vec::new(), Vec::new());
        for effect in effects {
            let Effect::Open { item, cooperating } = effect else { continue };
            let mut item = WorkItem { version: 1, ..*item };
            if let Some(begun) = WorkSeries::begun_by(&item, &cooperating) {
                (item.series, item.occurs_on) = (Some(begun.id), begun.last_on);
                series.push(WorkSeries { version: 1, ..begun });
            }
            open.push(item);
        }
        Out { open, series, directive: record }
    }

    fn moved(effects: &[Effect]) -> Vec<&WorkItem> {
        effects.iter().filter_map(|effect| if let Effect::Move(item) = effect { Some(&**item) } else { None }).collect()
    }

    fn as_it_is(out: &Out) -> AsItShouldBe {
        let (directive, review) = (&out.directive, Review::of(&out.directive.review).unwrap());
        AsItShouldBe {
            number: directive.number.clone(),
            subject: directive.subject.clone(),
            issued_on: directive.issued_on,
            urgency: directive.urgency,
            orders: review
                .orders
                .iter()
                .enumerate()
                .map(|(index, order)| OrderAsItShouldBe {
                    index,
                    title: order.title.clone(),
                    due_at: order.due_at.clone(),
                })
                .collect(),
        }
    }

    #[test]
    fn a_correction_reaches_the_open_tasks_of_its_orders_only() {
        let given = out(TWO);
        let correct = |right: AsItShouldBe| {
            let (document, reason) = (Some("90/UBND-VX".to_owned()), "Ghi nhầm thời hạn".to_owned());
            Correct::new(given.directive.id, 1, document, reason, right)
        };
        let decide = |out: &Out, right: AsItShouldBe| correct(right).decide(out, &chair(), now());
        assert_eq!(decide(&given, as_it_is(&given)).unwrap_err().code, "directives.correct.nothing");
        // A deadline: one order, its one task.
        let mut right = as_it_is(&given);
        right.orders[0].due_at = Some("2021-09-18".to_owned());
        let Decision { record, effects } = decide(&given, right.clone()).unwrap();
        let tasks = moved(&effects);
        assert_eq!(tasks.len(), 1);
        assert_eq!(tasks[0].due_at.unwrap().to_string(), "2021-09-18T16:59:59Z");
        assert_eq!(tasks[0].due_sort, tasks[0].due_at.unwrap());
        let noted = record.changes().pop().unwrap();
        assert_eq!((noted.verb, noted.n_kept, noted.altered.len()), (ChangeVerb::Corrected, 1, 1));
        assert_eq!(noted.altered[0].before, "2021-09-15T16:59:59Z");
        assert_eq!(correct(right.clone()).reason(), Some("90/UBND-VX: Ghi nhầm thời hạn"));
        // A number: all that are open bear it, and are found by it.
        let renumbered = AsItShouldBe { number: Some("78/UBND-VX".to_owned()), ..as_it_is(&given) };
        let Decision { record, effects } = decide(&given, renumbered).unwrap();
        assert_eq!(moved(&effects).len(), 12);
        assert!(
            moved(&effects).iter().all(|item| item.source == "78/UBND-VX" && item.folded.starts_with("78 ubnd vx"))
        );
        assert_eq!(record.number.as_deref(), Some("78/UBND-VX"));
        // What was closed meanwhile is not among the open, hence not touched.
        let closed = Out { open: Vec::new(), ..given.clone() };
        assert!(moved(&decide(&closed, right.clone()).unwrap().effects).is_empty());
        right.orders[0].due_at = Some("2021-08-18".to_owned());
        assert_eq!(decide(&given, right).unwrap_err().code, "directives.correct.due_before_issue");
    }

    #[test]
    fn a_recall_calls_off_everything_open_and_says_so() {
        let mut given = out(TWO);
        let part = given.open[1].part_for(Path::parse("94/943/31534/").unwrap());
        given.open.push(WorkItem { version: 1, ..part });
        let recall = Recall::new(given.directive.id, 1, None, "Ban hành nhầm".to_owned());
        let Decision { record, effects } = recall.decide(&given, &chair(), now()).unwrap();
        assert_eq!(record.state, DirectiveState::Recalled);
        let tasks = moved(&effects);
        assert_eq!(tasks.len(), 13);
        assert!(tasks.iter().all(|item| item.state == WorkState::Cancelled && item.closed_at == Some(now())));
        assert_eq!(record.changes().pop().unwrap().n_cancelled, 13);
        for (state, version, reason, expected) in [
            (DirectiveState::Received, 1, "x", "directives.not_in_this_state"),
            (DirectiveState::Recalled, 1, "x", "directives.not_in_this_state"),
            (DirectiveState::Replaced, 1, "x", "directives.not_in_this_state"),
            (DirectiveState::Issued, 2, "x", "store.changed_meanwhile"),
            (DirectiveState::Completed, 1, " ", "directives.change.no_reason"),
        ] {
            let mut given = given.clone();
            given.directive.state = state;
            let recall = Recall::new(given.directive.id, version, None, reason.to_owned());
            assert_eq!(recall.decide(&given, &chair(), now()).unwrap_err().code, expected, "{state}");
        }
    }

    #[test]
    fn the_same_unit_with_a_similar_order_goes_on() {
        let old = out(TWO);
        let new = |clauses: &str| out(clauses);
        let fates = |old: &[WorkItem], new: &[WorkItem]| {
            let fates = propose(old, new);
            let n = |wanted: fn(&Fate) -> bool| fates.values().filter(|fate| wanted(fate)).count();
            (n(|fate| matches!(fate, Fate::CarriedInto(_))), n(|fate| *fate == Fate::CalledOff))
        };
        for (clauses, expected) in [
            ("1. Sở Y tế rà soát nguồn ô xy, giường bệnh trước ngày 20/9/2021.", (1, 11)),
            ("1. Sở Y tế tổ chức tiêm chủng cho người trên 18 tuổi.", (0, 12)),
            ("1. Công an tỉnh rà soát nguồn ô xy, giường bệnh trước ngày 15/9/2021.", (0, 12)),
            ("1. UBND các huyện, thị xã, thành phố lập danh sách hộ khó khăn trước ngày 26/9/2021.", (11, 1)),
        ] {
            assert_eq!(fates(&old.open, &new(clauses).open), expected, "{clauses}");
        }
        // What the unit has begun under the new dispatch is not taken from it.
        let mut begun = new("1. Sở Y tế rà soát nguồn ô xy, giường bệnh trước ngày 20/9/2021.");
        begun.open[0].state = WorkState::InProgress;
        assert_eq!(fates(&old.open, &begun.open), (0, 12));
    }

    #[test]
    fn a_replacement_carries_over_what_was_chosen_and_gives_nobody_two() {
        let mut old = out(TWO);
        old.open[0].state = WorkState::InProgress;
        old.open[0].acknowledged_at = Some(now());
        let part = old.open[1].part_for(Path::parse("94/943/31534/").unwrap());
        old.open.push(WorkItem { version: 1, ..part });
        let by = out("1. Sở Y tế rà soát nguồn ô xy, giường bệnh trước ngày 20/9/2021.");
        let carried = BTreeSet::from([old.open[0].id, old.open[1].id]);
        let replace = |reason: &str, carried: &BTreeSet<Id<ids::WorkItem>>| Replace {
            directive: old.directive.id,
            version: 1,
            by: by.directive.id,
            reason: reason.to_owned(),
            carried: carried.clone(),
        };
        let helps = Path::parse("94/94.ca/").unwrap();
        let cooperating = BTreeMap::from([(by.open[0].id, vec![helps.clone()])]);
        let facts = Replacing { out: old.clone(), by: by.clone(), cooperating };
        let Decision { record, effects } = replace("Thay thế", &carried).decide(&facts, &chair(), now()).unwrap();
        assert_eq!(record.state, DirectiveState::Replaced);
        let tasks = moved(&effects);
        let of = |id: Id<ids::WorkItem>| *tasks.iter().find(|item| item.id == id).unwrap();
        // Into the untouched task of the new dispatch: its words and deadline, the old one's progress.
        let first = of(old.open[0].id);
        assert_eq!((first.about, first.state), (by.directive.id.uuid(), WorkState::InProgress));
        assert_eq!(first.due_at, by.open[0].due_at);
        assert_eq!(of(by.open[0].id).state, WorkState::Cancelled);
        // And who helps with the new one helps with it.
        let helped = effects.iter().filter_map(|effect| match effect {
            Effect::Cooperate { item, units } => Some((*item, units.clone())),
            _ => None,
        });
        assert_eq!(helped.collect::<Vec<_>>(), [(old.open[0].id, vec![helps])]);
        // Without a counterpart it keeps its own words; its part goes with it.
        let (second, part) = (of(old.open[1].id), of(old.open[12].id));
        assert_eq!(
            (second.about, second.clause.as_deref(), second.title.as_str()),
            (by.directive.id.uuid(), None, old.open[1].title.as_str())
        );
        assert_eq!((part.about, part.state), (by.directive.id.uuid(), WorkState::Assigned));
        let noted = record.changes().pop().unwrap();
        assert_eq!((noted.n_kept, noted.n_cancelled, noted.other), (3, 10, Some(by.directive.id.uuid())));
        for (state, carried, expected) in [
            (DirectiveState::Received, &carried, "directives.replace.not_issued"),
            (DirectiveState::Completed, &carried, "directives.replace.completed"),
        ] {
            let mut facts = facts.clone();
            facts.by.directive.state = state;
            assert_eq!(replace("x", carried).decide(&facts, &chair(), now()).unwrap_err().code, expected);
        }
        let itself = Replacing { out: old.clone(), by: old.clone(), cooperating: BTreeMap::new() };
        assert_eq!(
            replace("x", &carried).decide(&itself, &chair(), now()).unwrap_err().code,
            "directives.replace.itself"
        );
        let stranger = Actor::system("Ai đó", Arc::new(Rights::default()));
        assert_eq!(replace("x", &carried).decide(&facts, &stranger, now()).unwrap_err().code, "not_found");
    }

    const AGAIN: &str = "1. Sở Y tế báo cáo kết quả xét nghiệm 03 ngày/lần, trước 17h00.";

    fn planned(effects: &[Effect]) -> Vec<&WorkSeries> {
        let mut planned = Vec::new();
        for effect in effects {
            if let Effect::Plan(series) = effect {
                planned.push(&**series);
            }
        }
        planned
    }

    /// What comes back, on its days: state, day from which it counts, next day, hour; then its open occurrences.
    fn said(series: &WorkSeries, tasks: &[&WorkItem]) -> String {
        let day = |day: Option<Date>| day.map_or("–".to_owned(), |day| day.to_string());
        let hour = series.cutoff.as_deref().unwrap_or("–");
        let mut said = format!("{} {} {} {hour} |", series.state, series.anchor_on, day(series.next_on));
        for item in tasks {
            said.push_str(&format!(" {} {}", day(item.occurs_on), item.due_at.unwrap()));
        }
        said
    }

    #[test]
    fn a_correction_reaches_what_comes_back() {
        // Issued on 10 September: 13 September at 17:00, and every three days from there.
        let mut given = out(AGAIN);
        let series = given.series[0].clone();
        assert_eq!(said(&series, &[]), "running 2021-09-13 2021-09-16 17:00:00 |");
        // The second occurrence is open beside the first, which is late.
        let second = WorkItem { version: 1, ..series.occurrence(series.next_on.unwrap()) };
        let part = WorkItem { version: 1, ..second.part_for(Path::parse("94/94.syt/94.cdc/").unwrap()) };
        given.series[0] = series.after(series.coming(series.next_at.unwrap()).unwrap());
        given.open.extend([second, part]);
        for (due, expected) in [
            // Another hour: each keeps its day.
            (
                "2021-09-13T16:00",
                "running 2021-09-13 2021-09-19 16:00:00 | 2021-09-13 2021-09-13T09:00:00Z 2021-09-16 2021-09-16T09:00:00Z – 2021-09-16T09:00:00Z",
            ),
            // Another first day: the rhythm counts from it, what is open later keeps its day.
            (
                "2021-09-12T16:00",
                "running 2021-09-12 2021-09-18 16:00:00 | 2021-09-12 2021-09-12T09:00:00Z 2021-09-16 2021-09-16T09:00:00Z – 2021-09-16T09:00:00Z",
            ),
        ] {
            let mut right = as_it_is(&given);
            right.orders[0].due_at = Some(due.to_owned());
            let correct = Correct::new(given.directive.id, 1, None, "Ghi nhầm giờ".to_owned(), right);
            let effects = correct.decide(&given, &chair(), now()).unwrap().effects;
            assert_eq!(said(planned(&effects)[0], &moved(&effects)), expected, "{due}");
        }
        // Other words: those of every later occurrence as well.
        let mut right = as_it_is(&given);
        right.orders[0].title = "Báo cáo kết quả sàng lọc".to_owned();
        let correct = Correct::new(given.directive.id, 1, None, "Ghi nhầm".to_owned(), right);
        let effects = correct.decide(&given, &chair(), now()).unwrap().effects;
        assert_eq!(planned(&effects)[0].title, "Báo cáo kết quả sàng lọc");
        assert!(moved(&effects).iter().all(|item| item.title == "Báo cáo kết quả sàng lọc"));
        assert_eq!(moved(&effects).len(), 3);
    }

    #[test]
    fn a_recall_ends_what_comes_back() {
        let given = out(AGAIN);
        let recall = Recall::new(given.directive.id, 1, None, "Ban hành nhầm".to_owned());
        let effects = recall.decide(&given, &chair(), now()).unwrap().effects;
        assert_eq!(said(planned(&effects)[0], &[]), "ended 2021-09-13 – 17:00:00 |");
    }

    #[test]
    fn what_is_opened_again_under_a_recalled_dispatch_is_called_off() {
        let given = out(TWO);
        for (state, n_open, expected) in [
            (DirectiveState::Recalled, 12, Ok(12)),
            (DirectiveState::Replaced, 1, Ok(1)),
            (DirectiveState::Recalled, 0, Err("directives.not_in_this_state")),
            (DirectiveState::Issued, 12, Err("directives.not_in_this_state")),
        ] {
            let mut out = given.clone();
            out.directive.state = state;
            out.open.truncate(n_open);
            let decided = Withdraw { directive: out.directive.id }.decide(&out, &chair(), now());
            let n = decided.map(|decision| moved(&decision.effects).len()).map_err(|problem| problem.code);
            assert_eq!(n, expected, "{state} {n_open}");
        }
    }

    #[test]
    fn a_replacement_says_what_goes_on_coming_back() {
        let replace = |old: &Out, by: &Out, carry: bool| {
            let carried = old.open.iter().filter(|_| carry).map(|item| item.id).collect();
            let replace = Replace {
                directive: old.directive.id,
                version: 1,
                by: by.directive.id,
                reason: "Thay thế".to_owned(),
                carried,
            };
            let facts = Replacing { out: old.clone(), by: by.clone(), cooperating: BTreeMap::new() };
            replace.decide(&facts, &chair(), now()).unwrap().effects
        };
        let old = out(AGAIN);
        // Into the new order, which comes back itself: the open task is its first time, the old series ends.
        let new = out("1. Sở Y tế báo cáo kết quả xét nghiệm hằng ngày, trước 16h00.");
        let effects = replace(&old, &new, true);
        let first = *moved(&effects).iter().find(|item| item.id == old.open[0].id).unwrap();
        assert_eq!((first.series, first.occurs_on), (new.open[0].series, new.open[0].occurs_on));
        assert_eq!(planned(&effects).len(), 1);
        assert_eq!((planned(&effects)[0].id, planned(&effects)[0].state), (old.series[0].id, SeriesState::Ended));
        // In its own words: what comes back goes on under the new dispatch.
        let other = out("1. Công an tỉnh tuần tra trước ngày 20/9/2021.");
        let effects = replace(&old, &other, true);
        let series = planned(&effects)[0];
        assert_eq!((series.state, series.about), (SeriesState::Running, other.directive.id.uuid()));
        assert_eq!((series.source.as_str(), series.clause.as_ref()), (other.directive.label().as_str(), None));
        // Called off: it ends.
        assert_eq!(planned(&replace(&old, &other, false))[0].state, SeriesState::Ended);
    }
}
