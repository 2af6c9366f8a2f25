//! What people do with a dispatch.

use jiff::Timestamp;
use vx_concepts::{
    engine::{Command, Decision, Effect},
    receipt,
    work::{NewWork, WorkItem},
};
use vx_kernel::{Id, Path, Problem, ids, units::UnitId};
use vx_platform::{auth::Actor, store::Tx};

use crate::{
    links,
    review::Review,
    store,
    types::{Directive, DirectiveState, Reading},
};

/// Tasks that one dispatch may make: every commune of the country once, with room.
pub(crate) const TASKS_MAX: usize = 20_000;

/// Takes a dispatch in (tiếp nhận văn bản đến). Parsing is done before; this makes it count.
#[derive(Clone, Debug)]
pub struct Receive {
    /// The record, new.
    pub directive: Directive,
}

impl Command for Receive {
    type Record = Directive;
    type Facts = Option<String>;
    const NAME: &'static str = "directives.receive";
    const READ: &'static str = store::READ;

    async fn gather(&self, tx: &mut Tx) -> Result<Option<String>, Problem> {
        store::twin(tx, self.directive.identity.as_deref(), None).await
    }
    fn scope(&self, _: &Option<String>) -> Path {
        self.directive.path.clone()
    }
    fn decide(&self, twin: &Option<String>, _: &Actor, _: Timestamp) -> Result<Decision<Directive>, Problem> {
        let mut directive = self.directive.clone();
        if let (Some(twin), Some(mut review)) = (twin, Review::of(&directive.review)) {
            review.duplicate = Some(twin.clone());
            directive.review = review.json();
        }
        let mut effects = vec![links::index_of(&directive)];
        if let Some(sent_to) = &directive.sent_to {
            effects.push(receipt::delivered(sent_to.split_whitespace().filter_map(|path| Path::parse(path).ok())));
        }
        Ok(Decision { record: directive, effects })
    }
    fn before<'a>(&self, _: &'a Option<String>) -> Option<&'a Directive> {
        None
    }
}

/// Corrects what was read (chỉnh sửa nội dung đối chiếu).
#[derive(Clone, Debug)]
pub struct Amend {
    /// Which dispatch.
    pub directive: Id<ids::Directive>,
    /// The version that was corrected; a newer one is a conflict, so that two people do not undo each other.
    pub version: i64,
    /// The review as it is to be.
    pub review: Review,
    /// What was changed, in words.
    pub what: String,
}

impl Command for Amend {
    type Record = Directive;
    type Facts = (Directive, Option<String>);
    const NAME: &'static str = "directives.amend";
    const READ: &'static str = store::READ;

    async fn gather(&self, tx: &mut Tx) -> Result<(Directive, Option<String>), Problem> {
        let directive: Directive = tx.load(self.directive).await?;
        let header = &self.review.dispatch;
        let identity =
            Directive::identity_of(header.issuer.as_deref(), header.number.as_deref(), self.review.issued_on());
        let twin = store::twin(tx, identity.as_deref(), Some(directive.id)).await?;
        Ok((directive, twin))
    }
    fn scope(&self, (directive, _): &(Directive, Option<String>)) -> Path {
        directive.path.clone()
    }
    fn decide(
        &self,
        (directive, twin): &(Directive, Option<String>),
        _: &Actor,
        _: Timestamp,
    ) -> Result<Decision<Directive>, Problem> {
        if directive.state != DirectiveState::Received {
            return Err(not_now(directive));
        }
        if directive.version != self.version {
            return Err(Problem::new(vx_kernel::ProblemKind::Conflict, "store.changed_meanwhile"));
        }
        let review = Review { duplicate: twin.clone(), ..self.review.clone() };
        let record = directive.clone().with_review(&review);
        let effects = vec![links::index_of(&record)];
        Ok(Decision { record, effects })
    }
    fn before<'a>(&self, (directive, _): &'a (Directive, Option<String>)) -> Option<&'a Directive> {
        Some(directive)
    }
    fn reason(&self) -> Option<&str> {
        Some(&self.what)
    }
}

pub(crate) fn not_now(directive: &Directive) -> Problem {
    Problem::refused("directives.not_in_this_state").with("state", format!("@directive-state-{}", directive.state))
}

/// Confirms a dispatch: its tasks go to the desks of the units that must act (giao việc), all of them or none.
#[derive(Clone, Debug)]
pub struct Issue {
    /// Which dispatch.
    pub directive: Id<ids::Directive>,
    /// The version that was checked.
    pub version: i64,
    /// Path of every unit named, by key, as of now.
    pub paths: std::collections::BTreeMap<UnitId, Path>,
}

impl Command for Issue {
    type Record = Directive;
    type Facts = Directive;
    const NAME: &'static str = "directives.issue";
    const READ: &'static str = store::READ;

    async fn gather(&self, tx: &mut Tx) -> Result<Directive, Problem> {
        tx.load(self.directive).await
    }
    fn scope(&self, directive: &Directive) -> Path {
        directive.path.clone()
    }
    fn decide(&self, directive: &Directive, _: &Actor, now: Timestamp) -> Result<Decision<Directive>, Problem> {
        if directive.state != DirectiveState::Received {
            return Err(not_now(directive));
        }
        if directive.version != self.version {
            return Err(Problem::new(vx_kernel::ProblemKind::Conflict, "store.changed_meanwhile"));
        }
        let review =
            Review::of(&directive.review).ok_or_else(|| Problem::internal("a received dispatch has a review"))?;
        let open = review.required();
        if !open.is_empty() {
            return Err(Problem::refused("directives.issue.not_settled").with("n", open.len()));
        }
        let n_tasks = review.n_tasks();
        if n_tasks > TASKS_MAX {
            return Err(Problem::refused("directives.issue.too_many").with("n", n_tasks).with("max", TASKS_MAX));
        }
        let path_of = |unit: &UnitId| {
            self.paths
                .get(unit)
                .cloned()
                .ok_or_else(|| Problem::refused("directives.issue.unit_gone").with("unit", unit))
        };
        let mut effects = Vec::with_capacity(n_tasks);
        for order in review.orders.iter().filter(|order| order.include) {
            let cooperating = review.units(&order.cooperating);
            let detail = review.clause(order).map_or(String::new(), |clause| clause.text.clone());
            for lead in review.units(&order.leads) {
                let others: Vec<Path> =
                    cooperating.iter().filter(|unit| **unit != lead).map(path_of).collect::<Result<_, _>>()?;
                let item = WorkItem::new(NewWork {
                    lead: path_of(&lead)?,
                    assigner: directive.path.clone(),
                    about: directive.id.uuid(),
                    source: directive.label(),
                    title: order.title.clone(),
                    detail: detail.clone(),
                    clause: Some(order.clause.clone()),
                    urgency: directive.urgency,
                    due: review.due(order),
                });
                effects.push(Effect::Open { item: Box::new(item), cooperating: others });
            }
        }
        let record = Directive { state: DirectiveState::Issued, issued_at: Some(now), ..directive.clone() };
        Ok(Decision { record, effects })
    }
    fn before<'a>(&self, directive: &'a Directive) -> Option<&'a Directive> {
        Some(directive)
    }
}

/// Puts aside what was taken in by mistake (loại văn bản). The file and the record stay.
#[derive(Clone, Debug)]
pub struct Discard {
    /// Which dispatch.
    pub directive: Id<ids::Directive>,
    /// Why.
    pub reason: String,
}

impl Command for Discard {
    type Record = Directive;
    type Facts = Directive;
    const NAME: &'static str = "directives.discard";
    const READ: &'static str = store::READ;

    async fn gather(&self, tx: &mut Tx) -> Result<Directive, Problem> {
        tx.load(self.directive).await
    }
    fn scope(&self, directive: &Directive) -> Path {
        directive.path.clone()
    }
    fn decide(&self, directive: &Directive, _: &Actor, _: Timestamp) -> Result<Decision<Directive>, Problem> {
        // What went out by ourselves was not taken in by mistake.
        if !matches!(directive.state, DirectiveState::Received | DirectiveState::Unreadable)
            || directive.sent_to.is_some()
        {
            return Err(not_now(directive));
        }
        if self.reason.trim().is_empty() {
            return Err(Problem::refused("directives.discard.no_reason"));
        }
        Ok(Decision::just(Directive { state: DirectiveState::Discarded, ..directive.clone() }))
    }
    fn before<'a>(&self, directive: &'a Directive) -> Option<&'a Directive> {
        Some(directive)
    }
    fn reason(&self) -> Option<&str> {
        Some(&self.reason)
    }
}

/// Takes a discarded dispatch back (khôi phục văn bản đã loại bỏ): it waits again where it waited before.
#[derive(Clone, Debug)]
pub struct Restore {
    /// Which dispatch.
    pub directive: Id<ids::Directive>,
    /// Why.
    pub reason: String,
}

impl Command for Restore {
    type Record = Directive;
    type Facts = (Directive, Option<String>);
    const NAME: &'static str = "directives.restore";
    const READ: &'static str = store::READ;

    async fn gather(&self, tx: &mut Tx) -> Result<(Directive, Option<String>), Problem> {
        let directive: Directive = tx.load(self.directive).await?;
        let twin = store::twin(tx, directive.identity.as_deref(), Some(directive.id)).await?;
        Ok((directive, twin))
    }
    fn scope(&self, (directive, _): &(Directive, Option<String>)) -> Path {
        directive.path.clone()
    }
    fn decide(
        &self,
        (directive, twin): &(Directive, Option<String>),
        _: &Actor,
        _: Timestamp,
    ) -> Result<Decision<Directive>, Problem> {
        if directive.state != DirectiveState::Discarded {
            return Err(not_now(directive));
        }
        if self.reason.trim().is_empty() {
            return Err(Problem::refused("directives.restore.no_reason"));
        }
        Ok(Decision::just(match Review::of(&directive.review) {
            // Another one with its number may have come in meanwhile.
            Some(review) => Directive { state: DirectiveState::Received, ..directive.clone() }
                .with_review(&Review { duplicate: twin.clone(), ..review }),
            None => Directive { state: DirectiveState::Unreadable, ..directive.clone() },
        }))
    }
    fn before<'a>(&self, (directive, _): &'a (Directive, Option<String>)) -> Option<&'a Directive> {
        Some(directive)
    }
    fn reason(&self) -> Option<&str> {
        Some(&self.reason)
    }
}

/// Marks a dispatch as carried out when none of its tasks is open any more. The program does this, nobody else.
#[derive(Clone, Debug)]
pub struct Complete {
    /// Which dispatch.
    pub directive: Id<ids::Directive>,
}

impl Command for Complete {
    type Record = Directive;
    type Facts = (Directive, i64);
    const NAME: &'static str = "directives.complete";
    const READ: &'static str = store::READ;

    async fn gather(&self, tx: &mut Tx) -> Result<(Directive, i64), Problem> {
        let open = store::unfinished(tx, self.directive).await?;
        Ok((tx.load(self.directive).await?, open))
    }
    fn scope(&self, (directive, _): &(Directive, i64)) -> Path {
        directive.path.clone()
    }
    fn decide(
        &self,
        (directive, open): &(Directive, i64),
        _: &Actor,
        _: Timestamp,
    ) -> Result<Decision<Directive>, Problem> {
        if directive.state != DirectiveState::Issued || *open > 0 {
            return Err(not_now(directive));
        }
        Ok(Decision::just(Directive { state: DirectiveState::Completed, ..directive.clone() }))
    }
    fn before<'a>(&self, (directive, _): &'a (Directive, i64)) -> Option<&'a Directive> {
        Some(directive)
    }
}

/// Takes back that a dispatch is carried out, because work about it is open again. The program does this, nobody else.
#[derive(Clone, Debug)]
pub struct Reopen {
    /// Which dispatch.
    pub directive: Id<ids::Directive>,
}

impl Command for Reopen {
    type Record = Directive;
    type Facts = (Directive, i64);
    const NAME: &'static str = "directives.reopen";
    const READ: &'static str = store::READ;

    async fn gather(&self, tx: &mut Tx) -> Result<(Directive, i64), Problem> {
        let open = store::open_tasks(tx, self.directive).await?;
        Ok((tx.load(self.directive).await?, open))
    }
    fn scope(&self, (directive, _): &(Directive, i64)) -> Path {
        directive.path.clone()
    }
    fn decide(
        &self,
        (directive, open): &(Directive, i64),
        _: &Actor,
        _: Timestamp,
    ) -> Result<Decision<Directive>, Problem> {
        if directive.state != DirectiveState::Completed || *open == 0 {
            return Err(not_now(directive));
        }
        Ok(Decision::just(Directive { state: DirectiveState::Issued, ..directive.clone() }))
    }
    fn before<'a>(&self, (directive, _): &'a (Directive, i64)) -> Option<&'a Directive> {
        Some(directive)
    }
}

/// Remembers how a person resolved words of an issuer, for the next dispatch (ghi nhớ cách hiểu).
#[derive(Clone, Debug)]
pub struct Remember {
    /// The unit that took the dispatch in.
    pub path: Path,
    /// The words, folded.
    pub mention: String,
    /// The units they mean.
    pub units: Vec<UnitId>,
}

impl Command for Remember {
    type Record = Reading;
    type Facts = Option<Reading>;
    const NAME: &'static str = "directives.remember";
    const READ: &'static str = store::READ;

    async fn gather(&self, tx: &mut Tx) -> Result<Option<Reading>, Problem> {
        store::reading(tx, &self.path, &self.mention).await
    }
    fn scope(&self, _: &Option<Reading>) -> Path {
        self.path.clone()
    }
    fn decide(&self, old: &Option<Reading>, _: &Actor, _: Timestamp) -> Result<Decision<Reading>, Problem> {
        let units = self.units.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
        let base = old.clone().unwrap_or_else(|| Reading {
            id: Id::fresh(),
            path: self.path.clone(),
            version: 0,
            mention: self.mention.clone(),
            units: String::new(),
        });
        Ok(Decision::just(Reading { units, ..base }))
    }
    fn before<'a>(&self, old: &'a Option<Reading>) -> Option<&'a Reading> {
        old.as_ref()
    }
}
