//! What is decided about zones.

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp, civil::Date};
use vx_concepts::{
    engine::{Command, Decision, Effect, Fact, Together},
    paper::Paper,
    work::{Due, DueKind, NewWork, WorkItem, WorkState, escalation::superior},
};
use vx_kernel::{Id, Path, Problem, ProblemKind, ids, time, units::Kind};
use vx_platform::{
    auth::Actor,
    params,
    store::{Record as _, Sql, Tx, Uuid, Value},
};

use crate::{
    cases::Case,
    facts::{FIGURES, STANDS},
    level::{Colour, Level},
    rules::{CAPACITY, REGIMES, SHIPPED, UnitKind},
    store::{self, KnownCase, READ},
    types::{
        CaseList, Commitment, CountChoice, DayCount, Judgement, Keeping, Lockdown, Planned, Proposal, ProposalState,
        Source, Standing, StepKind, Verification, ZoneDecision, ZoneStep,
    },
};

/// The largest figure that is believed: more people than the country has in any of its units.
const FIGURE_MAX: i64 = 100_000_000;
/// Days that the head of a unit may take to reach a level: half a year.
const COMMITMENT_DAYS_MAX: i64 = 183;
/// Hours between a decision's hour and the moment at which it is written down here: what was decided long ago is
/// imported, not decided.
const BEFORE_DAYS_MAX: i64 = 60;

pub use vx_foundation::units::Acting;

pub(crate) fn said(text: &str, code: &'static str) -> Result<String, Problem> {
    let text = text.trim();
    if text.is_empty() { Err(Problem::refused(code)) } else { Ok(text.to_owned()) }
}

fn given<const N: usize>(figures: &[Option<i64>; N]) -> Result<(), Problem> {
    if figures.iter().all(Option::is_none) {
        return Err(Problem::refused("zones.figures.empty"));
    }
    match figures.iter().flatten().find(|figure| !(0..=FIGURE_MAX).contains(*figure)) {
        Some(figure) => Err(Problem::refused("zones.figures.out_of_range").with("figure", figure)),
        None => Ok(()),
    }
}

pub(crate) fn not_ahead(day: Date, now: Timestamp) -> Result<(), Problem> {
    if day > time::day_of(now) { Err(Problem::refused("zones.figures.ahead").with("day", day)) } else { Ok(()) }
}

/// The problem of figures that stand there already: they change nothing, and nothing is lost.
pub(crate) const SAME: &str = "zones.figures.same";

/// A source counted a unit's day (nhập số liệu trong ngày), or puts right what it counted: a further edition.
#[derive(Clone, Debug)]
pub struct RecordCount {
    /// Its id.
    pub id: Id<ids::DayCount>,
    /// Who writes it down.
    pub by: Acting,
    /// The unit.
    pub unit: Path,
    /// Which day.
    pub counted_on: Date,
    /// Who counted.
    pub source: Source,
    /// The figures in the order of [`crate::Figure::ALL`].
    pub figures: [Option<i64>; FIGURES],
    /// On which day the source reported it.
    pub reported_on: Date,
    /// Why it is put right.
    pub reason: Option<String>,
}

impl Command for RecordCount {
    type Record = DayCount;
    type Facts = Option<DayCount>;
    const NAME: &'static str = "zones.count";
    const READ: &'static str = READ;

    async fn gather(&self, tx: &mut Tx) -> Result<Option<DayCount>, Problem> {
        store::last_count(tx, &self.unit, self.counted_on, self.source).await
    }
    fn scope(&self, _: &Option<DayCount>) -> Path {
        self.by.unit.clone()
    }
    fn decide(&self, last: &Option<DayCount>, by: &Actor, now: Timestamp) -> Result<Decision<DayCount>, Problem> {
        self.by.over(&self.unit)?;
        given(&self.figures)?;
        not_ahead(self.counted_on, now)?;
        not_ahead(self.reported_on, now)?;
        if self.reported_on < self.counted_on {
            return Err(Problem::refused("zones.figures.reported_before").with("day", self.reported_on));
        }
        let reason = self.reason.as_deref().map(str::trim).filter(|reason| !reason.is_empty());
        if let Some(last) = last {
            if last.figures() == self.figures {
                return Err(Problem::refused(SAME));
            }
            if reason.is_none() {
                return Err(Problem::refused("zones.figures.no_reason"));
            }
        }
        let [traced, untraced, other, contacts, oxygen, deaths] = self.figures;
        Ok(Decision::just(DayCount {
            id: self.id,
            path: self.unit.clone(),
            version: 0,
            counted_on: self.counted_on,
            source: self.source,
            edition: last.as_ref().map_or(0, |last| last.edition) + 1,
            traced,
            untraced,
            other,
            contacts,
            oxygen,
            deaths,
            reported_on: self.reported_on,
            recorded_at: now,
            reason: reason.filter(|_| last.is_some()).map(str::to_owned),
            by_name: by.name.clone(),
        }))
    }
    fn before<'a>(&self, _: &'a Option<DayCount>) -> Option<&'a DayCount> {
        None
    }
    fn reason(&self) -> Option<&str> {
        self.reason.as_deref().map(str::trim).filter(|reason| !reason.is_empty())
    }
}

impl Together for RecordCount {
    async fn gather_all(tx: &mut Tx, these: &[&Self]) -> Result<Vec<Result<Option<DayCount>, Problem>>, Problem> {
        let last = store::last_counts(tx, these).await?;
        let of = |one: &&Self| Ok(last.get(&(one.unit.clone(), one.counted_on, one.source)).cloned());
        Ok(these.iter().map(of).collect())
    }
}

/// A source says what a unit has and is (nhập số liệu nền): people, vaccine coverage, capacity.
#[derive(Clone, Debug)]
pub struct RecordStanding {
    /// Its id.
    pub id: Id<ids::Standing>,
    /// Who writes it down.
    pub by: Acting,
    /// The unit.
    pub unit: Path,
    /// As of which day.
    pub holds_on: Date,
    /// Who counted.
    pub source: Source,
    /// The figures in the order of [`crate::Stand::ALL`].
    pub figures: [Option<i64>; STANDS],
    /// On which day the source reported it.
    pub reported_on: Date,
}

impl Command for RecordStanding {
    type Record = Standing;
    type Facts = Option<Standing>;
    const NAME: &'static str = "zones.stand";
    const READ: &'static str = READ;

    async fn gather(&self, tx: &mut Tx) -> Result<Option<Standing>, Problem> {
        let sql =
            Sql::new("select ").sql(Standing::SELECT).sql(" from zone_standing where tenant = ").bind(tx.tenant());
        let sql = sql.sql(" and path = ").bind(&self.unit).sql(" and holds_on = ").bind(self.holds_on);
        let sql = sql.sql(" and source = ").bind(self.source).sql(" order by recorded_at desc, id desc limit 1");
        tx.row(sql).await?.as_ref().map(Standing::read).transpose()
    }
    fn scope(&self, _: &Option<Standing>) -> Path {
        self.by.unit.clone()
    }
    fn decide(&self, last: &Option<Standing>, by: &Actor, now: Timestamp) -> Result<Decision<Standing>, Problem> {
        self.by.over(&self.unit)?;
        given(&self.figures)?;
        if last.as_ref().is_some_and(|last| last.figures() == self.figures) {
            return Err(Problem::refused(SAME));
        }
        not_ahead(self.holds_on, now)?;
        not_ahead(self.reported_on, now)?;
        if self.reported_on < self.holds_on {
            return Err(Problem::refused("zones.figures.reported_before").with("day", self.reported_on));
        }
        let [population, adults, adults_one_dose, elders, elders_full, fully_dosed, high_risk, rest @ ..] =
            self.figures;
        let [high_risk_full, home_care, beds, icu_beds] = rest;
        Ok(Decision::just(Standing {
            id: self.id,
            path: self.unit.clone(),
            version: 0,
            holds_on: self.holds_on,
            source: self.source,
            population,
            adults,
            adults_one_dose,
            elders,
            elders_full,
            fully_dosed,
            high_risk,
            high_risk_full,
            home_care,
            beds,
            icu_beds,
            reported_on: self.reported_on,
            recorded_at: now,
            by_name: by.name.clone(),
        }))
    }
    fn before<'a>(&self, _: &'a Option<Standing>) -> Option<&'a Standing> {
        None
    }
}

/// Somebody says whose figures of a day count (chọn nguồn số liệu).
#[derive(Clone, Debug)]
pub struct ChooseSource {
    /// Its id.
    pub id: Id<ids::CountChoice>,
    /// Who decides.
    pub by: Acting,
    /// The unit.
    pub unit: Path,
    /// Which day.
    pub counted_on: Date,
    /// Whose figures.
    pub source: Source,
    /// Why.
    pub reason: String,
}

impl Command for ChooseSource {
    type Record = CountChoice;
    type Facts = i64;
    const NAME: &'static str = "zones.choose";
    const READ: &'static str = READ;

    async fn gather(&self, tx: &mut Tx) -> Result<i64, Problem> {
        let sql = "select count(*) as n from zone_count where tenant = $1 and path = $2 and counted_on = $3
                   and source = $4";
        tx.count(Sql::with(sql, params![tx.tenant(), &self.unit, self.counted_on, self.source])).await
    }
    fn scope(&self, _: &i64) -> Path {
        self.by.unit.clone()
    }
    fn decide(&self, n: &i64, by: &Actor, now: Timestamp) -> Result<Decision<CountChoice>, Problem> {
        self.by.over(&self.unit)?;
        let reason = said(&self.reason, "zones.choose.no_reason")?;
        if *n == 0 {
            return Err(Problem::refused("zones.choose.nothing"));
        }
        Ok(Decision::just(CountChoice {
            id: self.id,
            path: self.unit.clone(),
            version: 0,
            counted_on: self.counted_on,
            source: self.source,
            reason,
            recorded_at: now,
            by_name: by.name.clone(),
        }))
    }
    fn before<'a>(&self, _: &'a i64) -> Option<&'a CountChoice> {
        None
    }
    fn reason(&self) -> Option<&str> {
        Some(&self.reason)
    }
}

/// Whether any rule asks this of a unit of the kind.
#[must_use]
pub fn is_question(question: &str, kind: UnitKind) -> bool {
    question == CAPACITY || SHIPPED.iter().any(|set| set.questions(kind).contains(&question))
}

/// A person answers a question of a rule for a unit (đánh giá), with a reason.
#[derive(Clone, Debug)]
pub struct Judge {
    /// Its id.
    pub id: Id<ids::Judgement>,
    /// Who answers.
    pub by: Acting,
    /// The unit.
    pub unit: Path,
    /// What it is.
    pub kind: Option<UnitKind>,
    /// The question.
    pub question: String,
    /// The answer.
    pub yes: bool,
    /// Why.
    pub reason: String,
    /// From which day on.
    pub from_on: Date,
}

impl Command for Judge {
    type Record = Judgement;
    type Facts = ();
    const NAME: &'static str = "zones.judge";
    const READ: &'static str = READ;

    async fn gather(&self, _: &mut Tx) -> Result<(), Problem> {
        Ok(())
    }
    fn scope(&self, (): &()) -> Path {
        self.by.unit.clone()
    }
    fn decide(&self, (): &(), by: &Actor, now: Timestamp) -> Result<Decision<Judgement>, Problem> {
        self.by.over(&self.unit)?;
        let reason = said(&self.reason, "zones.judge.no_reason")?;
        if !self.kind.is_some_and(|kind| is_question(&self.question, kind)) {
            return Err(Problem::refused("zones.judge.no_question"));
        }
        not_ahead(self.from_on, now)?;
        Ok(Decision::just(Judgement {
            id: self.id,
            path: self.unit.clone(),
            version: 0,
            question: self.question.clone(),
            yes: self.yes,
            reason,
            from_on: self.from_on,
            recorded_at: now,
            by_name: by.name.clone(),
        }))
    }
    fn before<'a>(&self, (): &'a ()) -> Option<&'a Judgement> {
        None
    }
    fn reason(&self) -> Option<&str> {
        Some(&self.reason)
    }
}

/// An officer compared a cell of a rule with the text of the law (xác minh ô quy tắc), and writes down what they read.
#[derive(Clone, Debug)]
pub struct Verify {
    /// Its id.
    pub id: Id<ids::Verification>,
    /// Who.
    pub by: Acting,
    /// The rule set.
    pub rule_set: String,
    /// The cell.
    pub cell: String,
    /// The number that the law has, where it is another than the one that stands there.
    pub value: Option<i64>,
    /// The words of the law.
    pub law_text: String,
    /// Where they were seen.
    pub note: String,
}

impl Command for Verify {
    type Record = Verification;
    type Facts = ();
    const NAME: &'static str = "zones.verify";
    const READ: &'static str = READ;

    async fn gather(&self, _: &mut Tx) -> Result<(), Problem> {
        Ok(())
    }
    fn scope(&self, (): &()) -> Path {
        self.by.unit.clone()
    }
    fn decide(&self, (): &(), by: &Actor, now: Timestamp) -> Result<Decision<Verification>, Problem> {
        use crate::rules::Measure;
        // What holds for a province is nothing that a district settles.
        if self.by.place.depth() > 1 {
            return Err(Problem::refused("zones.verify.not_a_province"));
        }
        let set = SHIPPED.iter().find(|set| set.code == self.rule_set).ok_or_else(Problem::not_found)?;
        let cell = set.cell(&self.cell).ok_or_else(Problem::not_found)?;
        let law_text = said(&self.law_text, "zones.verify.no_text")?;
        let note = said(&self.note, "zones.verify.no_source")?;
        if self.value.or(cell.value).is_none() {
            return Err(Problem::refused("zones.verify.no_value"));
        }
        let fits = |value: i64| match cell.measure {
            Measure::Percent | Measure::PercentOver => (0..=100).contains(&value),
            Measure::Level => (1..=4).contains(&value),
            Measure::Yes => (0..=1).contains(&value),
            Measure::Count | Measure::Rate | Measure::RateOver => (0..=100_000).contains(&value),
        };
        if self.value.is_some_and(|value| !fits(value)) {
            return Err(Problem::refused("zones.verify.value").with("value", self.value.unwrap_or_default()));
        }
        Ok(Decision::just(Verification {
            id: self.id,
            path: self.by.place.clone(),
            version: 0,
            rule_set: self.rule_set.clone(),
            cell: self.cell.clone(),
            value: self.value,
            law_text,
            note,
            verified_on: time::day_of(now),
            recorded_at: now,
            by_name: by.name.clone(),
        }))
    }
    fn before<'a>(&self, (): &'a ()) -> Option<&'a Verification> {
        None
    }
    fn reason(&self) -> Option<&str> {
        Some(&self.law_text)
    }
}

/// What was computed for a unit when somebody proposed or decided.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Computed {
    /// The level.
    pub level: Option<Level>,
    /// By which rule set.
    pub rule_set: String,
    /// The reasons, as they were said.
    pub reasons: String,
    /// Whether a cell that nobody verified had a part in it.
    pub unverified: bool,
}

/// A unit proposes a level (đề xuất mức độ).
#[derive(Clone, Debug)]
pub struct Propose {
    /// Its id.
    pub id: Id<ids::Proposal>,
    /// Who proposes.
    pub by: Acting,
    /// The unit.
    pub unit: Path,
    /// The level.
    pub level: Level,
    /// What was computed.
    pub computed: Computed,
    /// Of which day.
    pub computed_on: Date,
    /// Why.
    pub note: String,
}

impl Command for Propose {
    type Record = Proposal;
    type Facts = i64;
    const NAME: &'static str = "zones.propose";
    const READ: &'static str = READ;

    async fn gather(&self, tx: &mut Tx) -> Result<i64, Problem> {
        Ok(i64::from(store::open_proposal(tx, &self.unit).await?.is_some()))
    }
    fn scope(&self, _: &i64) -> Path {
        self.by.unit.clone()
    }
    fn decide(&self, open: &i64, by: &Actor, now: Timestamp) -> Result<Decision<Proposal>, Problem> {
        self.by.over(&self.unit)?;
        if *open > 0 {
            return Err(Problem::new(ProblemKind::Conflict, "zones.propose.open"));
        }
        not_ahead(self.computed_on, now)?;
        let note = self.note.trim().to_owned();
        if self.computed.level != Some(self.level) && note.is_empty() {
            return Err(Problem::refused("zones.differs"));
        }
        Ok(Decision::just(Proposal {
            id: self.id,
            path: self.unit.clone(),
            version: 0,
            level: self.level,
            computed: self.computed.level,
            computed_on: self.computed_on,
            rule_set: self.computed.rule_set.clone(),
            reasons: self.computed.reasons.clone(),
            unverified: self.computed.unverified,
            note,
            state: ProposalState::Open,
            proposed_by: self.by.unit.clone(),
            proposed_at: now,
            by_name: by.name.clone(),
        }))
    }
    fn before<'a>(&self, _: &'a i64) -> Option<&'a Proposal> {
        None
    }
    fn reason(&self) -> Option<&str> {
        Some(self.note.as_str()).filter(|note| !note.trim().is_empty())
    }
}

/// Who proposed takes it back (rút đề xuất).
#[derive(Clone, Debug)]
pub struct Withdraw {
    /// The proposal.
    pub proposal: Id<ids::Proposal>,
    /// Why.
    pub reason: String,
}

impl Command for Withdraw {
    type Record = Proposal;
    type Facts = (Proposal, bool);
    const NAME: &'static str = "zones.withdraw";
    const READ: &'static str = READ;

    async fn gather(&self, tx: &mut Tx) -> Result<(Proposal, bool), Problem> {
        let proposal: Proposal = tx.load(self.proposal).await?;
        let open = store::open_proposal(tx, &proposal.path).await?.is_some_and(|open| open.id == proposal.id);
        Ok((proposal, open))
    }
    fn scope(&self, (proposal, _): &(Proposal, bool)) -> Path {
        proposal.proposed_by.clone()
    }
    fn decide(
        &self,
        (proposal, open): &(Proposal, bool),
        _: &Actor,
        _: Timestamp,
    ) -> Result<Decision<Proposal>, Problem> {
        said(&self.reason, "zones.withdraw.no_reason")?;
        if !open {
            return Err(Problem::refused("zones.withdraw.not_open"));
        }
        Ok(Decision::just(Proposal { state: ProposalState::Withdrawn, ..proposal.clone() }))
    }
    fn before<'a>(&self, (proposal, _): &'a (Proposal, bool)) -> Option<&'a Proposal> {
        Some(proposal)
    }
    fn reason(&self) -> Option<&str> {
        Some(&self.reason)
    }
}

/// Number, signer and day of a decision.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Signed {
    /// Number and symbol.
    pub number: String,
    /// Who signed.
    pub signer: String,
    /// In which post.
    pub post: String,
    /// On which day.
    pub on: Date,
}

impl Signed {
    /// What was typed of number, signer and post counts; what was not is taken from the document.
    pub(crate) fn typed(paper: Option<&Paper>, [number, signer, post]: [Option<String>; 3], on: Date) -> Self {
        let or = |typed: Option<String>, of: Option<&String>| {
            typed.filter(|text| !text.trim().is_empty()).or_else(|| of.cloned()).unwrap_or_default()
        };
        Self {
            number: or(number, paper.and_then(|paper| paper.number.as_ref())),
            signer: or(signer, paper.and_then(|paper| paper.signer.as_ref())),
            post: or(post, paper.and_then(|paper| paper.signer_post.as_ref())),
            on,
        }
    }
}

/// A unit is given a level (quyết định mức độ, vùng) from an hour on.
#[derive(Clone, Debug)]
pub struct Decide {
    /// Its id.
    pub id: Id<ids::ZoneDecision>,
    /// Who decides.
    pub by: Acting,
    /// What the deciding place is.
    pub by_kind: Kind,
    /// The unit.
    pub unit: Path,
    /// How it is called, for the work that follows.
    pub unit_name: String,
    /// Its key, by which its page is found.
    pub key: String,
    /// The level.
    pub level: Level,
    /// How the level is called, for the work that follows.
    pub level_name: String,
    /// What was computed.
    pub computed: Computed,
    /// The decision.
    pub signed: Signed,
    /// From which hour.
    pub effective_at: Timestamp,
    /// The proposal that it follows.
    pub proposal: Option<Id<ids::Proposal>>,
    /// The document of ours in which it stands.
    pub paper: Option<Uuid>,
    /// Why it is another level than the computed one.
    pub reason: Option<String>,
}

/// What stands before a decision.
#[derive(Clone, Debug)]
pub struct DecideFacts {
    /// The last decision.
    pub last: Option<ZoneDecision>,
    /// The proposal that waits.
    pub open: Option<Proposal>,
}

impl DecideFacts {
    async fn gather(tx: &mut Tx, unit: &Path) -> Result<Self, Problem> {
        let last = store::decisions(tx, unit, None, 1).await?.into_iter().next();
        Ok(Self { last, open: store::open_proposal(tx, unit).await? })
    }

    /// Whether a level may follow from an hour on: decisions stand in the order of their hours, and a proposal that was
    /// looked at must still be the one that waits.
    fn allow(&self, effective_at: Timestamp, proposal: Option<Id<ids::Proposal>>) -> Result<(), Problem> {
        if let Some(last) = &self.last
            && last.effective_at >= effective_at
        {
            return Err(Problem::refused("zones.decide.earlier").with("number", &last.number));
        }
        if proposal.is_some() && proposal != self.open.as_ref().map(|open| open.id) {
            return Err(Problem::new(ProblemKind::Conflict, "zones.decide.other_proposal"));
        }
        Ok(())
    }
}

/// The reason for a level, which any other than the computed one needs.
fn why(reason: Option<&str>, is_computed: bool) -> Result<Option<String>, Problem> {
    let reason = reason.map(str::trim).filter(|reason| !reason.is_empty());
    if reason.is_none() && !is_computed {
        Err(Problem::refused("zones.differs"))
    } else {
        Ok(reason.map(str::to_owned))
    }
}

/// Whether somebody is who decides on a unit on the day of an hour, and how many hours before people must be told.
pub(crate) fn decider(by: &Acting, by_kind: Kind, unit: &Path, at: Timestamp) -> Result<i64, Problem> {
    by.over(unit)?;
    let day = time::day_of(at);
    let regime = REGIMES.on(day).ok_or_else(|| Problem::refused("zones.decide.no_regime").with("day", day))?;
    if regime.value.decider.is(&by.place, unit, by_kind) {
        return Ok(regime.value.notice_hours);
    }
    let decider = format!("@zone-decider-{}", regime.value.decider);
    Err(Problem::refused("zones.decide.not_the_decider").with("decider", decider))
}

impl Command for Decide {
    type Record = ZoneDecision;
    type Facts = DecideFacts;
    const NAME: &'static str = "zones.decide";
    const READ: &'static str = READ;

    async fn gather(&self, tx: &mut Tx) -> Result<DecideFacts, Problem> {
        DecideFacts::gather(tx, &self.unit).await
    }
    fn scope(&self, _: &DecideFacts) -> Path {
        self.by.unit.clone()
    }
    fn decide(&self, facts: &DecideFacts, by: &Actor, now: Timestamp) -> Result<Decision<ZoneDecision>, Problem> {
        let hours = decider(&self.by, self.by_kind, &self.unit, self.effective_at)?;
        let number = said(&self.signed.number, "zones.decide.no_number")?;
        let signer = said(&self.signed.signer, "zones.decide.no_signer")?;
        let signer_post = said(&self.signed.post, "zones.decide.no_signer")?;
        notice(hours, self.effective_at, now)?;
        if days_apart(self.effective_at, now) > BEFORE_DAYS_MAX || self.signed.on > time::day_of(now) {
            return Err(Problem::refused("zones.decide.day").with("day", self.signed.on));
        }
        facts.allow(self.effective_at, self.proposal)?;
        let reason = why(self.reason.as_deref(), self.computed.level == Some(self.level))?;
        let before = facts.last.as_ref().map(|last| last.level);
        let record = ZoneDecision {
            id: self.id,
            path: self.unit.clone(),
            version: 0,
            level: self.level,
            before,
            computed: self.computed.level,
            rule_set: self.computed.rule_set.clone(),
            number: number.clone(),
            signer,
            signer_post,
            signed_on: self.signed.on,
            effective_at: self.effective_at,
            decided_by: self.by.unit.clone(),
            recorded_at: now,
            proposal: self.proposal,
            paper: self.paper,
            reason,
            by_name: by.name.clone(),
        };
        let mut effects = vec![Effect::Tell(Fact::ZoneDecided { decision: self.id.uuid() })];
        // Another colour changes what applies: the unit carries it out. Where nothing was decided it was green.
        if before.map_or(Colour::Green, Level::colour) != self.level.colour() {
            let at = time::say_instant(time::Lang::Vi, self.effective_at);
            let item = WorkItem::new(NewWork {
                lead: self.unit.clone(),
                assigner: self.by.unit.clone(),
                about: self.id.uuid(),
                source: number,
                title: format!("Thực hiện biện pháp {} trên địa bàn từ {at}", self.level_name),
                detail: format!(
                    "{} áp dụng biện pháp {} từ {at}. Thông báo đến người dân, cơ sở; tổ chức thực hiện và báo cáo.",
                    self.unit_name, self.level_name
                ),
                clause: None,
                urgency: None,
                due: Due {
                    kind: DueKind::Absolute,
                    at: Some(self.effective_at.max(now) + SignedDuration::from_hours(24)),
                    quote: None,
                    rule: None,
                },
            });
            let item = Box::new(item.shown_at(format!("/zones/units/{}", self.key)));
            effects.push(Effect::Open { item, cooperating: Vec::new() });
        }
        Ok(Decision { record, effects })
    }
    fn before<'a>(&self, _: &'a DecideFacts) -> Option<&'a ZoneDecision> {
        None
    }
    fn reason(&self) -> Option<&str> {
        self.reason.as_deref().map(str::trim).filter(|reason| !reason.is_empty())
    }
    /// A decision stands in the history of the proposal that it follows.
    fn about(&self, _: &DecideFacts) -> Option<Uuid> {
        self.proposal.map(Id::uuid)
    }
}

/// A document of ours is to give a unit a level (đưa vào dự thảo quyết định). Once it is out, the decision follows by
/// itself.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Its id.
    pub id: Id<ids::PlannedLevel>,
    /// In whose name.
    pub by: Acting,
    /// What that place is.
    pub by_kind: Kind,
    /// The document.
    pub paper: Id<ids::Paper>,
    /// The unit.
    pub unit: Path,
    /// The level.
    pub level: Level,
    /// What was computed.
    pub computed: Computed,
    /// From which hour.
    pub effective_at: Timestamp,
    /// The proposal that it follows.
    pub proposal: Option<Id<ids::Proposal>>,
    /// Why it is another level than the computed one.
    pub reason: Option<String>,
}

impl Command for Plan {
    type Record = Planned;
    type Facts = DecideFacts;
    const NAME: &'static str = "zones.plan";
    const READ: &'static str = READ;

    async fn gather(&self, tx: &mut Tx) -> Result<DecideFacts, Problem> {
        DecideFacts::gather(tx, &self.unit).await
    }
    fn scope(&self, _: &DecideFacts) -> Path {
        self.by.unit.clone()
    }
    fn decide(&self, facts: &DecideFacts, by: &Actor, now: Timestamp) -> Result<Decision<Planned>, Problem> {
        let hours = decider(&self.by, self.by_kind, &self.unit, self.effective_at)?;
        // A document that is not signed yet cannot have taken effect.
        if self.effective_at <= now {
            return Err(Problem::refused("zones.plan.past"));
        }
        notice(hours, self.effective_at, now)?;
        facts.allow(self.effective_at, self.proposal)?;
        Ok(Decision::just(Planned {
            id: self.id,
            path: self.unit.clone(),
            version: 0,
            paper: self.paper,
            level: self.level,
            before: facts.last.as_ref().map(|last| last.level),
            computed: self.computed.level,
            rule_set: self.computed.rule_set.clone(),
            effective_at: self.effective_at,
            proposal: self.proposal,
            reason: why(self.reason.as_deref(), self.computed.level == Some(self.level))?,
            planned_by: self.by.unit.clone(),
            planned_at: now,
            by_name: by.name.clone(),
        }))
    }
    fn before<'a>(&self, _: &'a DecideFacts) -> Option<&'a Planned> {
        None
    }
    fn reason(&self) -> Option<&str> {
        self.reason.as_deref().map(str::trim).filter(|reason| !reason.is_empty())
    }
    /// It stands in the history of the document.
    fn about(&self, _: &DecideFacts) -> Option<Uuid> {
        Some(self.paper.uuid())
    }
}

/// Hours before a level takes effect at which those concerned are told once more. A convention of this program.
pub const COMING_HOURS: i64 = 6;

/// What a step of the clock is about.
#[derive(Clone, Debug)]
pub enum About {
    /// A decision.
    Decision(Box<ZoneDecision>),
    /// A commitment.
    Commitment(Box<Commitment>),
}

/// The program does what follows from a decision or a commitment at its hour. Nobody else does this.
///
/// When a level takes effect, the work that earlier decisions on the unit asked for and that is still open is called off:
/// their measures no longer apply, and the last decision brought work of its own.
#[derive(Clone, Debug)]
pub struct Follow {
    /// The decision or commitment.
    pub about: About,
    /// Which step.
    pub step: StepKind,
}

/// What a step of the clock looks at.
#[derive(Clone, Debug, Default)]
pub struct FollowFacts {
    /// Whether it was done before.
    pub is_done: bool,
    /// Decisions on the unit, the latest hour first.
    pub decisions: Vec<ZoneDecision>,
    /// Work that earlier decisions asked for and that is open.
    pub open: Vec<WorkItem>,
}

impl Follow {
    fn uuid(&self) -> Uuid {
        match &self.about {
            About::Decision(decision) => decision.id.uuid(),
            About::Commitment(commitment) => commitment.id.uuid(),
        }
    }
    fn path(&self) -> &Path {
        match &self.about {
            About::Decision(decision) => &decision.path,
            About::Commitment(commitment) => &commitment.path,
        }
    }
    /// Whether its hour has come.
    fn is_due(&self, decisions: &[ZoneDecision], now: Timestamp) -> bool {
        let hours = |from: Timestamp, to: Timestamp| to.duration_since(from) > SignedDuration::from_hours(COMING_HOURS);
        let keeping = |one: &Commitment| one.keeping(one.reached_on(decisions), time::day_of(now));
        match (&self.about, self.step) {
            // Who was told of the decision itself only hours before is not told twice.
            (About::Decision(one), StepKind::Coming) => {
                one.effective_at > now && !hours(now, one.effective_at) && hours(one.recorded_at, one.effective_at)
            }
            (About::Decision(one), StepKind::InForce) => one.effective_at <= now,
            (About::Commitment(one), StepKind::DueSoon) => keeping(one) == Keeping::Soon,
            (About::Commitment(one), StepKind::Kept) => matches!(keeping(one), Keeping::Kept | Keeping::KeptLate),
            _ => false,
        }
    }
}

impl Command for Follow {
    type Record = ZoneStep;
    type Facts = FollowFacts;
    const NAME: &'static str = "zones.follow";
    const READ: &'static str = READ;

    async fn gather(&self, tx: &mut Tx) -> Result<FollowFacts, Problem> {
        let done = "select count(*) as n from zone_step where tenant = $1 and about = $2 and step = $3";
        let is_done = tx.count(Sql::with(done, params![tx.tenant(), self.uuid(), self.step])).await? > 0;
        let decisions = store::decisions(tx, self.path(), None, store::HISTORY_MAX).await?;
        let earlier: Vec<Uuid> = match (&self.about, self.step) {
            (About::Decision(decision), StepKind::InForce) => {
                // The latest hour comes first. Who keeps the colour brings no work: what the first of them asked for holds.
                let before = decisions.iter().filter(|one| one.effective_at < decision.effective_at);
                let colour = decision.level.colour();
                before.skip_while(|one| one.level.colour() == colour).map(|one| one.id.uuid()).collect()
            }
            _ => Vec::new(),
        };
        let mut open = Vec::new();
        if !earlier.is_empty() {
            let sql = vx_concepts::work::select().sql(" where w.tenant = ").bind(tx.tenant());
            let sql = sql.sql(" and w.path = ").bind(self.path()).sql(" and w.closed_at is null and w.about in ");
            for row in tx.rows(sql.list(earlier)).await? {
                open.push(WorkItem::read(&row)?);
            }
        }
        Ok(FollowFacts { is_done, decisions, open })
    }
    fn scope(&self, _: &FollowFacts) -> Path {
        self.path().clone()
    }
    fn decide(&self, facts: &FollowFacts, _: &Actor, now: Timestamp) -> Result<Decision<ZoneStep>, Problem> {
        if facts.is_done || !self.is_due(&facts.decisions, now) {
            return Err(Problem::refused("zones.follow.not_due"));
        }
        let (number, due_at) = match &self.about {
            About::Decision(decision) => (decision.number.clone(), decision.effective_at),
            About::Commitment(commitment) => {
                (String::new(), time::end_of(commitment.by_on).map_err(Problem::internal)?)
            }
        };
        let record = ZoneStep {
            id: Id::fresh(),
            path: self.path().clone(),
            version: 0,
            about: self.uuid(),
            step: self.step,
            number,
            due_at,
            recorded_at: now,
        };
        // What was reported done waits for its confirmation; that it was done stays true.
        let to_do = facts.open.iter().filter(|item| item.state != WorkState::Reported);
        let effects = to_do.map(|item| Effect::Move(Box::new(item.called_off(now)))).collect();
        Ok(Decision { record, effects })
    }
    fn before<'a>(&self, _: &'a FollowFacts) -> Option<&'a ZoneStep> {
        None
    }
    fn about(&self, _: &FollowFacts) -> Option<Uuid> {
        Some(self.uuid())
    }
    fn reason(&self) -> Option<&str> {
        match &self.about {
            About::Decision(decision) => Some(&decision.number),
            About::Commitment(_) => None,
        }
    }
}

fn days_apart(from: Timestamp, to: Timestamp) -> i64 {
    to.duration_since(from).as_hours() / 24
}

/// Basis: NĐ 165/2026/NĐ-CP, Article 13: whoever is concerned is told at least six hours before.
fn notice(hours: i64, effective_at: Timestamp, now: Timestamp) -> Result<(), Problem> {
    if hours > 0 && effective_at.duration_since(now) < SignedDuration::from_hours(hours) {
        return Err(Problem::refused("zones.decide.notice").with("hours", hours));
    }
    Ok(())
}

/// An area inside a commune is locked down (phong tỏa).
#[derive(Clone, Debug)]
pub struct Lock {
    /// Its id.
    pub id: Id<ids::Lockdown>,
    /// Who decides.
    pub by: Acting,
    /// What the deciding place is.
    pub by_kind: Kind,
    /// The commune.
    pub unit: Path,
    /// Whether it is one.
    pub is_commune: bool,
    /// Name of the area.
    pub name: String,
    /// From where to where.
    pub extent: String,
    /// Households inside.
    pub households: Option<i64>,
    /// People inside.
    pub people: Option<i64>,
    /// Number of the decision.
    pub number: String,
    /// Who signed.
    pub signer: String,
    /// From which hour.
    pub from_at: Timestamp,
    /// Until when it is planned.
    pub planned_until_at: Option<Timestamp>,
}

impl Command for Lock {
    type Record = Lockdown;
    type Facts = ();
    const NAME: &'static str = "zones.lock";
    const READ: &'static str = READ;

    async fn gather(&self, _: &mut Tx) -> Result<(), Problem> {
        Ok(())
    }
    fn scope(&self, (): &()) -> Path {
        self.by.unit.clone()
    }
    fn decide(&self, (): &(), by: &Actor, now: Timestamp) -> Result<Decision<Lockdown>, Problem> {
        self.by.over(&self.unit)?;
        if !self.is_commune {
            return Err(Problem::refused("zones.lock.not_a_commune"));
        }
        let hours = decider(&self.by, self.by_kind, &self.unit, self.from_at)?;
        let name = said(&self.name, "zones.lock.no_name")?;
        let extent = said(&self.extent, "zones.lock.no_extent")?;
        let number = said(&self.number, "zones.decide.no_number")?;
        let signer = said(&self.signer, "zones.decide.no_signer")?;
        notice(hours, self.from_at, now)?;
        if self.planned_until_at.is_some_and(|until| until <= self.from_at) {
            return Err(Problem::refused("zones.lock.until"));
        }
        if [self.households, self.people].into_iter().flatten().any(|n| !(0..=FIGURE_MAX).contains(&n)) {
            return Err(Problem::refused("zones.figures.out_of_range").with("figure", self.people.unwrap_or_default()));
        }
        let record = Lockdown {
            id: self.id,
            path: self.unit.clone(),
            version: 0,
            name,
            extent,
            households: self.households,
            people: self.people,
            number,
            signer,
            from_at: self.from_at,
            planned_until_at: self.planned_until_at,
            end_number: None,
            ended_at: None,
            by_name: by.name.clone(),
        };
        Ok(Decision { effects: vec![Effect::Tell(Fact::PublicationChanged { record: record.id.uuid() })], record })
    }
    fn before<'a>(&self, (): &'a ()) -> Option<&'a Lockdown> {
        None
    }
}

/// A lockdown ends (kết thúc phong tỏa), by a decision of its own.
#[derive(Clone, Debug)]
pub struct Unlock {
    /// The lockdown.
    pub lockdown: Id<ids::Lockdown>,
    /// Who decides.
    pub by: Acting,
    /// Number of the decision.
    pub number: String,
    /// From which hour.
    pub ended_at: Timestamp,
}

impl Command for Unlock {
    type Record = Lockdown;
    type Facts = Lockdown;
    const NAME: &'static str = "zones.unlock";
    const READ: &'static str = READ;

    async fn gather(&self, tx: &mut Tx) -> Result<Lockdown, Problem> {
        tx.load(self.lockdown).await
    }
    fn scope(&self, _: &Lockdown) -> Path {
        self.by.unit.clone()
    }
    fn decide(&self, lockdown: &Lockdown, _: &Actor, _: Timestamp) -> Result<Decision<Lockdown>, Problem> {
        self.by.over(&lockdown.path)?;
        let number = said(&self.number, "zones.decide.no_number")?;
        if lockdown.ended_at.is_some() {
            return Err(Problem::refused("zones.unlock.ended"));
        }
        if self.ended_at < lockdown.from_at {
            return Err(Problem::refused("zones.lock.until"));
        }
        let end_number = Some(number);
        let record = Lockdown { end_number, ended_at: Some(self.ended_at), ..lockdown.clone() };
        Ok(Decision { effects: vec![Effect::Tell(Fact::PublicationChanged { record: record.id.uuid() })], record })
    }
    fn before<'a>(&self, lockdown: &'a Lockdown) -> Option<&'a Lockdown> {
        Some(lockdown)
    }
}

/// The head of a unit commits to reach a level by a day (cam kết chuyển vùng).
#[derive(Clone, Debug)]
pub struct Commit {
    /// Its id.
    pub id: Id<ids::Commitment>,
    /// Who writes it down.
    pub by: Acting,
    /// The unit.
    pub unit: Path,
    /// From which level.
    pub from_level: Level,
    /// To which.
    pub to_level: Level,
    /// Signed on which day.
    pub signed_on: Date,
    /// Until which day.
    pub by_on: Date,
    /// The head.
    pub signer: String,
    /// In which post.
    pub signer_post: String,
}

impl Command for Commit {
    type Record = Commitment;
    type Facts = ();
    const NAME: &'static str = "zones.commit";
    const READ: &'static str = READ;

    async fn gather(&self, _: &mut Tx) -> Result<(), Problem> {
        Ok(())
    }
    fn scope(&self, (): &()) -> Path {
        self.by.unit.clone()
    }
    fn decide(&self, (): &(), by: &Actor, now: Timestamp) -> Result<Decision<Commitment>, Problem> {
        self.by.over(&self.unit)?;
        if self.from_level.vocabulary() != self.to_level.vocabulary() || self.to_level.rank() >= self.from_level.rank()
        {
            return Err(Problem::refused("zones.commit.not_better"));
        }
        let signer = said(&self.signer, "zones.commit.no_signer")?;
        let signer_post = said(&self.signer_post, "zones.commit.no_signer")?;
        not_ahead(self.signed_on, now)?;
        if !(1..=COMMITMENT_DAYS_MAX).contains(&crate::types::days(self.signed_on, self.by_on)) {
            return Err(Problem::refused("zones.commit.days").with("max", COMMITMENT_DAYS_MAX));
        }
        Ok(Decision::just(Commitment {
            id: self.id,
            path: self.unit.clone(),
            version: 0,
            from_level: self.from_level,
            to_level: self.to_level,
            signed_on: self.signed_on,
            by_on: self.by_on,
            signer,
            signer_post,
            asked_at: None,
            causes: None,
            explained_at: None,
            by_name: by.name.clone(),
        }))
    }
    fn before<'a>(&self, (): &'a ()) -> Option<&'a Commitment> {
        None
    }
}

/// A commitment was missed: the program asks the unit for the causes, as work. Nobody else does this.
#[derive(Clone, Debug)]
pub struct AskCauses {
    /// The commitment.
    pub commitment: Id<ids::Commitment>,
    /// The key of its unit, by which its page is found.
    pub key: String,
}

impl Command for AskCauses {
    type Record = Commitment;
    type Facts = (Commitment, Vec<ZoneDecision>);
    const NAME: &'static str = "zones.ask_causes";
    const READ: &'static str = READ;

    async fn gather(&self, tx: &mut Tx) -> Result<Self::Facts, Problem> {
        let commitment: Commitment = tx.load(self.commitment).await?;
        let decisions = store::decisions(tx, &commitment.path, None, store::HISTORY_MAX).await?;
        Ok((commitment, decisions))
    }
    fn scope(&self, (commitment, _): &Self::Facts) -> Path {
        commitment.path.clone()
    }
    fn decide(&self, facts: &Self::Facts, _: &Actor, now: Timestamp) -> Result<Decision<Commitment>, Problem> {
        let (commitment, decisions) = facts;
        let missed = commitment.keeping(commitment.reached_on(decisions), time::day_of(now));
        if missed != crate::types::Keeping::Missed || commitment.asked_at.is_some() {
            return Err(Problem::refused("zones.ask_causes.not_missed"));
        }
        let by = time::say_date(time::Lang::Vi, commitment.by_on);
        let item = WorkItem::new(NewWork {
            lead: commitment.path.clone(),
            assigner: superior(&commitment.path).unwrap_or_else(|| commitment.path.clone()),
            about: commitment.id.uuid(),
            source: format!("Cam kết {by}"),
            title: format!("Báo cáo nguyên nhân chưa đạt cam kết chuyển vùng đến ngày {by}"),
            detail: format!(
                "Đến hết ngày {by} chưa có quyết định chuyển mức theo cam kết của {}. Nêu nguyên nhân, giải pháp và thời hạn mới.",
                commitment.signer
            ),
            clause: None,
            urgency: None,
            due: Due {
                kind: DueKind::Absolute,
                at: Some(now + SignedDuration::from_hours(24)),
                quote: None,
                rule: None,
            },
        });
        let item = Box::new(item.shown_at(format!("/zones/units/{}#commitments", self.key)));
        let record = Commitment { asked_at: Some(now), ..commitment.clone() };
        Ok(Decision { record, effects: vec![Effect::Open { item, cooperating: Vec::new() }] })
    }
    fn before<'a>(&self, (commitment, _): &'a Self::Facts) -> Option<&'a Commitment> {
        Some(commitment)
    }
}

/// A unit explains why it missed a commitment (giải trình nguyên nhân); the work that asked for it waits for confirmation.
#[derive(Clone, Debug)]
pub struct Explain {
    /// The commitment.
    pub commitment: Id<ids::Commitment>,
    /// The causes.
    pub causes: String,
}

impl Command for Explain {
    type Record = Commitment;
    type Facts = (Commitment, Option<WorkItem>);
    const NAME: &'static str = "zones.explain";
    const READ: &'static str = READ;

    async fn gather(&self, tx: &mut Tx) -> Result<Self::Facts, Problem> {
        let commitment: Commitment = tx.load(self.commitment).await?;
        let sql = vx_concepts::work::select().sql(" where w.tenant = ").bind(tx.tenant()).sql(" and w.about = ");
        let sql = sql.bind(self.commitment).sql(" and w.path = ").bind(&commitment.path);
        let row = tx.row(sql.sql(" and w.closed_at is null order by w.id limit 1")).await?;
        Ok((commitment, row.as_ref().map(WorkItem::read).transpose()?))
    }
    fn scope(&self, (commitment, _): &Self::Facts) -> Path {
        commitment.path.clone()
    }
    fn decide(&self, facts: &Self::Facts, _: &Actor, now: Timestamp) -> Result<Decision<Commitment>, Problem> {
        let (commitment, item) = facts;
        let causes = said(&self.causes, "zones.explain.empty")?;
        if commitment.asked_at.is_none() {
            return Err(Problem::refused("zones.explain.not_asked"));
        }
        let done = |item: &WorkItem| {
            let acknowledged_at = item.acknowledged_at.or(Some(now));
            let reported =
                WorkItem { state: WorkState::Reported, acknowledged_at, reported_at: Some(now), ..item.clone() };
            Effect::Move(Box::new(reported))
        };
        let open = item.iter().filter(|item| WorkState::TO_DO.contains(&item.state));
        let record = Commitment { causes: Some(causes), explained_at: Some(now), ..commitment.clone() };
        Ok(Decision { record, effects: open.map(done).collect() })
    }
    fn before<'a>(&self, (commitment, _): &'a Self::Facts) -> Option<&'a Commitment> {
        Some(commitment)
    }
    fn reason(&self) -> Option<&str> {
        Some(&self.causes)
    }
}

/// A list of cases is brought (nạp danh sách ca bệnh). What was brought before and is the same is left alone; what is
/// otherwise stands for what was said before. The counts of its units and days follow in the same transaction.
#[derive(Clone, Debug)]
pub struct BringCases {
    /// Its id.
    pub id: Id<ids::CaseList>,
    /// For whom.
    pub by: Acting,
    /// The name of the file.
    pub name: String,
    /// SHA-256 of the rows that are kept.
    pub file_sha256: Vec<u8>,
    /// Which column was what, as JSON.
    pub mapping: String,
    /// The cases.
    pub cases: Vec<Case>,
    /// Rows that could not be read.
    pub rejected: i64,
}

impl Command for BringCases {
    type Record = CaseList;
    type Facts = HashMap<String, KnownCase>;
    const NAME: &'static str = "zones.bring_cases";
    const READ: &'static str = READ;

    async fn gather(&self, tx: &mut Tx) -> Result<HashMap<String, KnownCase>, Problem> {
        let hashes: Vec<String> = self.cases.iter().map(|case| case.hash.clone()).collect();
        store::known_cases(tx, &hashes).await
    }
    fn scope(&self, _: &HashMap<String, KnownCase>) -> Path {
        self.by.unit.clone()
    }
    fn decide(
        &self,
        known: &HashMap<String, KnownCase>,
        by: &Actor,
        now: Timestamp,
    ) -> Result<Decision<CaseList>, Problem> {
        let (Some(first_on), Some(last_on)) =
            (self.cases.iter().map(|case| case.day).min(), self.cases.iter().map(|case| case.day).max())
        else {
            return Err(Problem::invalid("zones.import.empty"));
        };
        not_ahead(last_on, now)?;
        let (mut rows, mut fresh, mut changed): (Vec<Vec<Value>>, i64, i64) = (Vec::new(), 0, 0);
        for case in &self.cases {
            self.by.over(&case.unit)?;
            match known.get(&case.hash) {
                Some(old) if old.is(case) => continue,
                Some(_) => changed += 1,
                None => fresh += 1,
            }
            let age = case.age.map(|age| age.as_str().to_owned());
            let case = (case.hash.as_str().into(), (&case.unit).into(), case.day.into(), case.setting.into());
            rows.push(vec![case.0, case.1, case.2, case.3, age.into()]);
        }
        if rows.is_empty() {
            return Err(Problem::refused("zones.cases.same"));
        }
        let record = CaseList {
            id: self.id,
            path: self.by.place.clone(),
            version: 0,
            name: self.name.clone(),
            file_sha256: self.file_sha256.clone(),
            mapping: self.mapping.clone(),
            cases: i64::try_from(self.cases.len()).unwrap_or(i64::MAX),
            fresh,
            changed,
            rejected: self.rejected,
            first_on,
            last_on,
            brought_by: self.by.unit.clone(),
            recorded_at: now,
            by_name: by.name.clone(),
        };
        let columns = &["record", "case_hash", "path", "counted_on", "setting", "age_group"];
        Ok(Decision { record, effects: vec![Effect::Index { table: "zone_case", columns, rows }] })
    }
    fn before<'a>(&self, _: &'a HashMap<String, KnownCase>) -> Option<&'a CaseList> {
        None
    }
}
