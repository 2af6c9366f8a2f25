//! Zones for other programs: the same readings and the same commands as the pages.

use std::{
    collections::{BTreeMap, HashSet},
    sync::Arc,
};

use jiff::Timestamp;
use serde_json::json;
use vx_concepts::engine::{Command as _, execute, run};
use vx_foundation::units;
use vx_kernel::{
    Date, Id, Path, Problem, ProblemKind, ids,
    time::{self},
    units::{Kind, Unit},
};
use vx_platform::{
    store::Uuid,
    view,
    web::{Answer, Call, Operation, Route, UNIT_KEY, UNIT_PLACE, UnitName, words},
};

use crate::{
    Acting, Commit, Decide, Propose, RecordCount, Signed,
    commands::SAME,
    course_api,
    evaluate::{Outcome, Reason},
    figures::brought_by,
    level::{Colour, Level, Vocabulary},
    list::{Row, rows},
    routes::place_asked,
    rules::{MEASURES, Mark, Sector},
    say,
    store::{self, Moment, READ},
    types::{Commitment, DayCount, Keeping, Proposal, Source, ZoneDecision},
};

/// Counts that are sent at a time.
const COUNTS_MAX: i64 = 500;

view! {
    /// A decision on a unit.
    answer DecisionView as "ZoneDecision" {
        /// Id.
        id: Id<ids::ZoneDecision>,
        /// The unit.
        unit: UnitName,
        /// The level.
        level: Level,
        /// Its colour.
        colour: Colour,
        /// The level that was decided before.
        before: Option<Level>,
        /// The level that was computed when it was made.
        computed: Option<Level>,
        /// By which rule set.
        rule_set: String,
        /// Number and symbol.
        number: String,
        /// Who signed.
        signer: String,
        /// In which post.
        signer_post: String,
        /// On which day.
        signed_on: Date,
        /// From which moment it holds.
        effective_at: Timestamp,
        /// The unit that decided.
        decided_by: UnitName,
        /// When it was written down.
        recorded_at: Timestamp,
        /// The proposal that it follows.
        proposal: Option<Id<ids::Proposal>>,
        /// The outgoing document in which it stands.
        paper: Option<Uuid>,
        /// Why it is another level than the computed one.
        reason: Option<String>,
        /// Where it stands as a public alert (CAP 1.2).
        alert: String,
    }
}

view! {
    /// A proposal that waits for a decision.
    answer ProposalView as "ZoneProposal" {
        /// Id.
        id: Id<ids::Proposal>,
        /// The unit.
        unit: UnitName,
        /// The level.
        level: Level,
        /// The level that was computed when it was made.
        computed: Option<Level>,
        /// Of which day.
        computed_on: Date,
        /// By which rule set.
        rule_set: String,
        /// The reasons of the computed level, as they were said.
        reasons: String,
        /// Whether a cell that nobody has verified had a part in it.
        unverified: bool,
        /// Why this level.
        note: String,
        /// The unit that proposes.
        proposed_by: UnitName,
        /// When.
        proposed_at: Timestamp,
        /// Who.
        by: String,
    }
}

view! {
    /// The level of a unit on a day.
    answer LevelView as "ZoneLevel" {
        /// The unit.
        unit: UnitName,
        /// What it is.
        kind: String => {"enum": ["province", "district", "commune", "hamlet", "cluster", "agency"]},
        /// The day.
        on: Date,
        /// The level that the rules of the day give; null where they cannot decide.
        computed: Option<Level>,
        /// Its colour.
        colour: Option<Colour>,
        /// Whether a cell that nobody has verified had a part in it.
        unverified: bool,
        /// By which rule set.
        rule_set: Option<String>,
        /// What led to it, as sentences.
        reasons: Vec<String>,
        /// What was missing, so that it may be another.
        doubts: Vec<String>,
        /// New cases in the seven days up to the day.
        cases_7_days: i64,
        /// The decision in effect at the end of the day, or now.
        decided: Option<DecisionView>,
        /// The proposal that waits.
        proposal: Option<ProposalView>,
    }
}

view! {
    /// What the head of a unit committed to reach.
    answer CommitmentView as "ZoneCommitment" {
        /// Id.
        id: Id<ids::Commitment>,
        /// The unit.
        unit: UnitName,
        /// From which level.
        from_level: Level,
        /// To which.
        to_level: Level,
        /// Signed on which day.
        signed_on: Date,
        /// Until which day, that day included.
        by_on: Date,
        /// Who signed.
        signer: String,
        /// In which post.
        signer_post: String,
        /// Where it stands, computed.
        keeping: Keeping,
        /// On which day a decision reached the level.
        reached_on: Option<Date>,
        /// When the causes of a miss were asked for.
        asked_at: Option<Timestamp>,
        /// The causes.
        causes: Option<String>,
        /// When they were explained.
        explained_at: Option<Timestamp>,
    }
}

view! {
    /// A measure of the catalogue.
    answer MeasureView as "ZoneMeasure" {
        /// In the words of which levels it is said.
        vocabularies: Vec<Vocabulary>,
        /// From which rank on, 1 to 4; it holds for every higher one too.
        from_rank: i64,
        /// For which part of life.
        sector: Sector,
        /// What it says.
        text: String,
        /// What it rests on.
        basis: String,
        /// How well it is known; only what an officer has verified is certain.
        mark: Mark,
    }
}

view! {
    /// What a source counted of a unit on a day.
    answer CountView as "ZoneCount" {
        /// Id.
        id: Id<ids::DayCount>,
        /// The unit.
        unit: UnitName,
        /// Of which day.
        counted_on: Date,
        /// Who counted.
        source: Source,
        /// 1 for what was given first.
        edition: i64,
        /// Whether it is this one by which levels are computed.
        counts: bool,
        /// New community cases, source known.
        traced: Option<i64>,
        /// New community cases, source unknown.
        untraced: Option<i64>,
        /// Other new cases.
        other: Option<i64>,
        /// New close contacts in the community.
        contacts: Option<i64>,
        /// Patients put on oxygen.
        oxygen: Option<i64>,
        /// Deaths.
        deaths: Option<i64>,
        /// On which day the source reported it.
        reported_on: Date,
        /// When it was written down.
        recorded_at: Timestamp,
        /// Why it was put right.
        reason: Option<String>,
    }
}

view! {
    /// What is proposed.
    body SentProposal as "SentZoneProposal" {
        /// The level.
        level: Level,
        /// Why; needed for any other than the computed one.
        note: Option<String> => {"maxLength": 10_000},
    }
}

view! {
    /// What was decided.
    body SentDecision as "SentZoneDecision" {
        /// The level.
        level: Level,
        /// From which moment.
        effective_at: Timestamp,
        /// Number and symbol; that of the document unless given.
        number: Option<String> => {"maxLength": 200},
        /// Who signed; that of the document unless given.
        signer: Option<String> => {"maxLength": 200},
        /// In which post; that of the document unless given.
        signer_post: Option<String> => {"maxLength": 200},
        /// On which day; that of the document, or today, unless given.
        signed_on: Option<Date>,
        /// The proposal that it follows.
        proposal: Option<Uuid>,
        /// The outgoing document in which it stands.
        paper: Option<Uuid>,
        /// Why it is another level than the computed one.
        reason: Option<String> => {"maxLength": 10_000},
    }
}

view! {
    /// What a head has signed.
    body SentCommitment as "SentZoneCommitment" {
        /// From which level.
        from_level: Level,
        /// To which.
        to_level: Level,
        /// Signed on which day.
        signed_on: Date,
        /// Until which day.
        by_on: Date,
        /// The head.
        signer: String => {"minLength": 1, "maxLength": 200},
        /// In which post.
        signer_post: String => {"minLength": 1, "maxLength": 200},
    }
}

view! {
    /// What was counted of one unit on one day. What is left out was not counted; nought was.
    body SentCount as "SentZoneCount" {
        /// Key of the unit.
        unit: String => {"pattern": UNIT_KEY},
        /// Of which day.
        counted_on: Date,
        /// New community cases, source known.
        traced: Option<i64> => {"minimum": 0, "maximum": 100_000_000},
        /// New community cases, source unknown.
        untraced: Option<i64> => {"minimum": 0, "maximum": 100_000_000},
        /// Other new cases.
        other: Option<i64> => {"minimum": 0, "maximum": 100_000_000},
        /// New close contacts in the community.
        contacts: Option<i64> => {"minimum": 0, "maximum": 100_000_000},
        /// Patients put on oxygen.
        oxygen: Option<i64> => {"minimum": 0, "maximum": 100_000_000},
        /// Deaths.
        deaths: Option<i64> => {"minimum": 0, "maximum": 100_000_000},
    }
}

view! {
    /// Counts of many units and days.
    body SentCounts as "SentZoneCounts" {
        /// Who counted.
        source: Source,
        /// Why figures are put right; needed where the source has said otherwise before.
        reason: Option<String> => {"maxLength": 1_000},
        /// On which day they were reported; today unless given.
        reported_on: Option<Date>,
        /// The counts.
        counts: Vec<SentCount> => {"minItems": 1, "maxItems": COUNTS_MAX},
    }
}

view! {
    /// A count that was not taken.
    answer RejectedView as "RejectedZoneCount" {
        /// Its place among those sent, from 0.
        index: i64,
        /// Stable code.
        code: String,
        /// What is wrong.
        detail: String,
    }
}

view! {
    /// What became of the counts that were sent.
    answer TakenView as "TakenZoneCounts" {
        /// Whether nothing was written.
        dry_run: bool,
        /// Counts taken, or that would be.
        taken: i64,
        /// Counts that were there already, figure by figure.
        same: i64,
        /// Counts that were not taken.
        rejected: Vec<RejectedView>,
    }
}

fn decision_view(call: &Call, decision: &ZoneDecision) -> DecisionView {
    DecisionView {
        id: decision.id,
        unit: call.unit(&decision.path),
        level: decision.level,
        colour: decision.level.colour(),
        before: decision.before,
        computed: decision.computed,
        rule_set: decision.rule_set.clone(),
        number: decision.number.clone(),
        signer: decision.signer.clone(),
        signer_post: decision.signer_post.clone(),
        signed_on: decision.signed_on,
        effective_at: decision.effective_at,
        decided_by: call.unit(&decision.decided_by),
        recorded_at: decision.recorded_at,
        proposal: decision.proposal,
        paper: decision.paper,
        reason: decision.reason.clone(),
        alert: format!("/public/alerts/{}.xml", decision.id),
    }
}

fn proposal_view(call: &Call, proposal: &Proposal) -> ProposalView {
    ProposalView {
        id: proposal.id,
        unit: call.unit(&proposal.path),
        level: proposal.level,
        computed: proposal.computed,
        computed_on: proposal.computed_on,
        rule_set: proposal.rule_set.clone(),
        reasons: proposal.reasons.clone(),
        unverified: proposal.unverified,
        note: proposal.note.clone(),
        proposed_by: call.unit(&proposal.proposed_by),
        proposed_at: proposal.proposed_at,
        by: proposal.by_name.clone(),
    }
}

fn commitment_view(call: &Call, commitment: &Commitment, decisions: &[ZoneDecision]) -> CommitmentView {
    let reached_on = commitment.reached_on(decisions);
    CommitmentView {
        id: commitment.id,
        unit: call.unit(&commitment.path),
        from_level: commitment.from_level,
        to_level: commitment.to_level,
        signed_on: commitment.signed_on,
        by_on: commitment.by_on,
        signer: commitment.signer.clone(),
        signer_post: commitment.signer_post.clone(),
        keeping: commitment.keeping(reached_on, call.today()),
        reached_on,
        asked_at: commitment.asked_at,
        causes: commitment.causes.clone(),
        explained_at: commitment.explained_at,
    }
}

fn level_view(call: &Call, on: Date, row: &Row) -> LevelView {
    let outcome = row.outcome.as_ref();
    let say = |of: fn(&Outcome) -> &Vec<Reason>| {
        let said = |outcome: &Outcome| {
            of(outcome).iter().map(|one| say::reason(call.app.words(), call.lang, &outcome.rules, one)).collect()
        };
        outcome.map_or_else(Vec::new, said)
    };
    LevelView {
        unit: call.unit(&row.path),
        kind: row.kind.as_str().to_owned(),
        on,
        computed: row.computed(),
        colour: row.computed().map(Level::colour),
        unverified: outcome.is_some_and(|outcome| outcome.level.is_some() && !outcome.unverified().is_empty()),
        rule_set: outcome.map(|outcome| outcome.rules.code.clone()),
        reasons: say(|outcome| &outcome.reasons),
        doubts: say(|outcome| &outcome.doubts),
        cases_7_days: row.cases,
        decided: row.decision.as_ref().map(|decision| decision_view(call, decision)),
        proposal: row.proposal.as_ref().map(|proposal| proposal_view(call, proposal)),
    }
}

fn count_view(call: &Call, count: &DayCount, counts: bool) -> CountView {
    CountView {
        id: count.id,
        unit: call.unit(&count.path),
        counted_on: count.counted_on,
        source: count.source,
        edition: count.edition,
        counts,
        traced: count.traced,
        untraced: count.untraced,
        other: count.other,
        contacts: count.contacts,
        oxygen: count.oxygen,
        deaths: count.deaths,
        reported_on: count.reported_on,
        recorded_at: count.recorded_at,
        reason: count.reason.clone(),
    }
}

const DIFFERS: &str = "zones.differs";

/// What the interface brings.
pub(crate) fn routes() -> Vec<Route> {
    let place = || json!({"type": "string", "pattern": UNIT_PLACE, "maxLength": 300});
    let day = || json!({"type": "string", "format": "date"});
    const PLACE: &str = "Key or path of the place; the widest of one's own unless given.";
    vec![
        Route::api(
            Operation::get("/api/v1/zones/levels", "list_zone_levels", READ)
                .asks("unit", place(), PLACE)
                .asks("day", day(), "The day, not later than today; today unless given.")
                .asks("known", words(["then"]), "By what was known at the end of that day, not by what is known now.")
                .asks("kind", words(Kind::ALL.iter().map(|kind| kind.as_str())), "What the units are.")
                .asks(
                    "colour",
                    words(Colour::ALL.iter().map(|colour| colour.as_str())),
                    "Colour of the computed level.",
                )
                .answers_page::<LevelView>(true)
                .leads_to("get_zone", "key", "/items/0/unit/key"),
            levels,
        ),
        Route::api(
            Operation::get("/api/v1/zones/units/{key}", "get_zone", READ)
                .asks("day", day(), "The day, not later than today; today unless given.")
                .asks("known", words(["then"]), "By what was known at the end of that day, not by what is known now.")
                .answers::<LevelView>()
                .leads_to("list_zone_counts", "key", "/unit/key"),
            unit_level,
        ),
        Route::api(
            Operation::get("/api/v1/zones/proposals", "list_zone_proposals", READ)
                .asks("unit", place(), PLACE)
                .answers_page::<ProposalView>(true),
            proposals,
        ),
        Route::api(
            Operation::get("/api/v1/zones/decisions", "list_zone_decisions", READ)
                .asks("unit", place(), PLACE)
                .answers_page::<DecisionView>(true),
            decisions,
        ),
        Route::api(
            Operation::get("/api/v1/zones/commitments", "list_zone_commitments", READ)
                .asks("unit", place(), PLACE)
                .asks("keeping", words(Keeping::ALL.iter().map(|keeping| keeping.as_str())), "Where they stand.")
                .answers_page::<CommitmentView>(true),
            commitments,
        ),
        Route::api(
            Operation::get("/api/v1/zones/measures", "list_zone_measures", READ)
                .asks(
                    "vocabulary",
                    words(Vocabulary::ALL.iter().map(|one| one.as_str())),
                    "In the words of which levels.",
                )
                .asks("rank", json!({"type": "integer", "minimum": 1, "maximum": 4}), "Those that apply at a rank.")
                .answers_page::<MeasureView>(true),
            measures,
        ),
        Route::api(
            Operation::get("/api/v1/zones/units/{key}/counts", "list_zone_counts", READ)
                .asks("until", day(), "Last day of the three weeks; today unless given.")
                .answers_page::<CountView>(true),
            counts,
        ),
        course_api::route(),
        Route::api(
            Operation::post::<SentCounts>("/api/v1/zones/counts", "send_zone_counts", RecordCount::NAME)
                .asks("dryRun", json!({"type": "boolean"}), "Only looks; writes nothing.")
                .answers::<TakenView>()
                .refuses(&["zones.figures.derived"]),
            send_counts,
        ),
        Route::api(
            Operation::post::<SentProposal>("/api/v1/zones/units/{key}/propose", "propose_zone_level", Propose::NAME)
                .answers::<ProposalView>()
                .creates()
                .refuses(&[DIFFERS, "zones.propose.open"]),
            propose,
        ),
        Route::api(
            Operation::post::<SentDecision>("/api/v1/zones/units/{key}/decide", "decide_zone_level", Decide::NAME)
                .answers::<DecisionView>()
                .creates()
                .refuses(&[
                    DIFFERS,
                    "zones.decide.no_regime",
                    "zones.decide.not_the_decider",
                    "zones.decide.no_number",
                    "zones.decide.no_signer",
                    "zones.decide.notice",
                    "zones.decide.day",
                    "zones.decide.earlier",
                    "zones.decide.other_proposal",
                ]),
            decide,
        ),
        Route::api(
            Operation::post::<SentCommitment>("/api/v1/zones/units/{key}/commit", "commit_zone_level", Commit::NAME)
                .answers::<CommitmentView>()
                .creates()
                .refuses(&[
                    "zones.commit.not_better",
                    "zones.commit.no_signer",
                    "zones.figures.ahead",
                    "zones.commit.days",
                ]),
            commit,
        ),
    ]
}

/// A page of rows that are all in memory, in the order of a text that each has.
fn page<R, T: serde::Serialize>(
    call: &Call,
    mut rows: Vec<R>,
    place: impl Fn(&R) -> String + Copy,
    show: impl FnMut(&R) -> T,
) -> Result<Answer, Problem> {
    let after = call.after(|text| Some(text.to_owned()))?;
    let total = call.counts().then(|| i64::try_from(rows.len()).unwrap_or(i64::MAX));
    rows.sort_by_key(place);
    rows.retain(|row| after.as_ref().is_none_or(|after| place(row) > *after));
    rows.truncate(usize::try_from(call.limit() + 1).unwrap_or(usize::MAX));
    Answer::page(call, rows, total, place, show)
}

pub(crate) fn moment(call: &Call) -> Moment {
    let (now, today) = (call.app.clock().now(), call.today());
    let day = call.read::<Date>("day").filter(|day| *day <= today).unwrap_or(today);
    let then = call.asked("known") == Some("then");
    let known_at = if then { time::end_of(day).unwrap_or(now).min(now) } else { now };
    Moment { day, known_at }
}

fn place(call: &Call) -> Result<Path, Problem> {
    place_asked(&call.app, &call.actor, call.asked("unit"))
}

/// The unit of the address, if the caller may see it.
pub(crate) fn unit_of(call: &Call) -> Result<Unit, Problem> {
    let tree = call.app.tree();
    let unit = call.asked("key").and_then(|key| tree.get(key)).filter(|unit| unit.kind.is_place());
    let unit = unit.ok_or_else(Problem::not_found)?;
    if store::sees(&call.actor, &tree, &unit.path) { Ok(unit.clone()) } else { Err(Problem::not_found()) }
}

fn acting(call: &Call, permission: &'static str, unit: &Path) -> Result<Acting, Problem> {
    units::acting(&call.actor, &call.app.tree(), permission, unit)
}

async fn levels(call: Call) -> Result<Answer, Problem> {
    let (place, moment) = (place(&call)?, moment(&call));
    let kind = call.asked("kind").and_then(Kind::parse);
    let colour = call.asked("colour").and_then(Colour::parse);
    let mut all = rows(&call.app, &place, &moment).await?;
    all.retain(|row| {
        kind.is_none_or(|kind| kind == row.kind)
            && colour.is_none_or(|colour| row.computed().map(Level::colour) == Some(colour))
    });
    page(&call, all, |row| row.path.as_str().to_owned(), |row| level_view(&call, moment.day, row))
}

async fn unit_level(call: Call) -> Result<Answer, Problem> {
    let (unit, moment) = (unit_of(&call)?, moment(&call));
    let all = rows(&call.app, &unit.path, &moment).await?;
    let row = all.iter().find(|row| row.path == unit.path).ok_or_else(Problem::not_found)?;
    Answer::of(&level_view(&call, moment.day, row))
}

async fn proposals(call: Call) -> Result<Answer, Problem> {
    let open = store::open_proposals(&mut call.app.db().read().await?, &place(&call)?).await?;
    let open: Vec<Proposal> = open.into_values().collect();
    page(&call, open, |one| one.path.as_str().to_owned(), |one| proposal_view(&call, one))
}

async fn decisions(call: Call) -> Result<Answer, Problem> {
    let place = place(&call)?;
    let before = call.after(|text| text.parse::<Uuid>().ok())?;
    let mut conn = call.app.db().read().await?;
    let total = if call.counts() { Some(store::decision_count(&mut conn, &place).await?) } else { None };
    let all = store::decision_page(&mut conn, &place, before, call.limit() + 1).await?;
    drop(conn);
    Answer::page(&call, all, total, |one| one.id.to_string(), |one| decision_view(&call, one))
}

async fn commitments(call: Call) -> Result<Answer, Problem> {
    let place = place(&call)?;
    let (now, today) = (call.app.clock().now(), call.today());
    let mut conn = call.app.db().read().await?;
    let mut all = store::commitments(&mut conn, &place).await?;
    let decided = store::in_force_by(&mut conn, &place, now, now).await?;
    drop(conn);
    if let Some(keeping) = call.asked("keeping").and_then(Keeping::parse) {
        all.retain(|one| one.keeping(one.reached_on(&decided), today) == keeping);
    }
    page(&call, all, |one| one.id.to_string(), |one| commitment_view(&call, one, &decided))
}

async fn measures(call: Call) -> Result<Answer, Problem> {
    let vocabulary = call.asked("vocabulary").and_then(Vocabulary::parse);
    let rank = call.read::<u8>("rank");
    let fits = |measure: &crate::rules::Measures| {
        vocabulary.is_none_or(|one| measure.vocabulary.contains(&one)) && rank.is_none_or(|rank| measure.from <= rank)
    };
    let all: Vec<(usize, &crate::rules::Measures)> =
        MEASURES.iter().enumerate().filter(|(_, measure)| fits(measure)).collect();
    let view = |(_, measure): &(usize, &crate::rules::Measures)| MeasureView {
        vocabularies: measure.vocabulary.clone(),
        from_rank: i64::from(measure.from),
        sector: measure.sector,
        text: measure.said.of(call.lang).to_owned(),
        basis: measure.basis.clone(),
        mark: measure.mark,
    };
    page(&call, all, |(at, _)| format!("{at:04}"), view)
}

async fn counts(call: Call) -> Result<Answer, Problem> {
    let unit = unit_of(&call)?;
    let until = call.read::<Date>("until").unwrap_or_else(|| call.today()).min(call.today());
    let mut conn = call.app.db().read().await?;
    let all = store::counts_of_unit(&mut conn, &unit.path, until).await?;
    let choices = store::choices_of(&mut conn, &unit.path).await?;
    drop(conn);
    let mut by_day: BTreeMap<Date, Vec<&DayCount>> = BTreeMap::new();
    for count in &all {
        by_day.entry(count.counted_on).or_default().push(count);
    }
    let mut counting: HashSet<Id<ids::DayCount>> = HashSet::new();
    for (day, of_day) in &by_day {
        let newest = store::newest(of_day);
        let source = store::counting(&newest, choices.get(day).map(|choice| choice.source));
        counting.extend(newest.iter().filter(|count| Some(count.source) == source).map(|count| count.id));
    }
    let place = |count: &DayCount| format!("{}|{}|{:06}", count.counted_on, count.source, count.edition);
    page(&call, all, place, |count| count_view(&call, count, counting.contains(&count.id)))
}

/// A command for each count, or why there is none.
fn count_command(call: &Call, sent: &SentCounts, one: &SentCount) -> Result<RecordCount, Problem> {
    let tree = call.app.tree();
    let unit = tree.get(&one.unit).filter(|unit| unit.kind.is_place());
    let unit = unit.ok_or_else(|| Problem::invalid("api.unit_unknown").with("key", &one.unit))?;
    if !unit.exists_on(one.counted_on) {
        // A code may have meant another place on that day.
        return Err(Problem::refused("zones.figures.no_unit").with("key", &one.unit).with("day", one.counted_on));
    }
    let reason = sent.reason.as_deref().map(str::trim).filter(|reason| !reason.is_empty());
    Ok(RecordCount {
        id: Id::fresh(),
        by: acting(call, RecordCount::NAME, &unit.path)?,
        unit: unit.path.clone(),
        counted_on: one.counted_on,
        source: sent.source,
        figures: [one.traced, one.untraced, one.other, one.contacts, one.oxygen, one.deaths],
        reported_on: sent.reported_on.unwrap_or_else(|| call.today()),
        reason: reason.map(str::to_owned),
    })
}

fn is_refusal(problem: &Problem) -> bool {
    use ProblemKind::{Conflict, Forbidden, Invalid, NotFound, Refused};
    matches!(problem.kind, NotFound | Forbidden | Invalid | Refused | Conflict)
}

async fn send_counts(call: Call) -> Result<Answer, Problem> {
    let sent: SentCounts = call.body()?;
    brought_by(sent.source)?;
    let dry_run = call.asked("dryRun") == Some("true");
    let key = call.key()?;
    let commands: Vec<Result<RecordCount, Problem>> =
        sent.counts.iter().map(|one| count_command(&call, &sent, one)).collect();
    let outcomes: Vec<Result<(), Problem>> = if dry_run {
        let mut conn = call.app.db().read().await?;
        let mut outcomes = Vec::with_capacity(commands.len());
        for command in commands {
            outcomes.push(match command {
                Ok(command) => {
                    let last = store::last_count(&mut conn, &command.unit, command.counted_on, command.source).await?;
                    command.decide(&last, &call.actor, call.app.clock().now()).map(drop)
                }
                Err(problem) => Err(problem),
            });
        }
        outcomes
    } else {
        let ready: Vec<Option<RecordCount>> = commands.iter().map(|one| one.as_ref().ok().cloned()).collect();
        let shared = Arc::new((call.actor.clone(), ready));
        let done = call
            .app
            .db()
            .write(move |tx| {
                let shared = shared.clone();
                Box::pin(async move {
                    let (actor, ready) = &*shared;
                    let mut outcomes: Vec<Option<Problem>> = Vec::with_capacity(ready.len());
                    for (n, command) in (1_u128..).zip(ready) {
                        let Some(command) = command else {
                            outcomes.push(None);
                            continue;
                        };
                        match run(tx, actor, Uuid::from_u128(key.as_u128() ^ n), command).await {
                            Ok(_) => outcomes.push(None),
                            // What is refused has written nothing; the others stand.
                            Err(problem) if is_refusal(&problem) => outcomes.push(Some(problem)),
                            Err(problem) => return Err(problem),
                        }
                    }
                    Ok(outcomes)
                })
            })
            .await?;
        commands
            .into_iter()
            .zip(done)
            .map(|(command, refused)| command.and_then(|_| refused.map_or(Ok(()), Err)))
            .collect()
    };
    let same = outcomes.iter().filter(|one| one.as_ref().is_err_and(|problem| problem.code == SAME)).count();
    let taken = outcomes.iter().filter(|one| one.is_ok()).count();
    let rejected = outcomes.iter().enumerate().filter_map(|(index, one)| {
        let problem = one.as_ref().err().filter(|problem| problem.code != SAME)?;
        Some(RejectedView {
            index: i64::try_from(index).unwrap_or(i64::MAX),
            code: problem.code.to_owned(),
            detail: call.app.words().problem(call.lang, problem).0,
        })
    });
    let n = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
    Answer::of(&TakenView { dry_run, taken: n(taken), same: n(same), rejected: rejected.collect() })
}

/// The record that a command has answered with, which must be of the unit of the address.
fn of_unit(unit: &Unit, path: &Path) -> Result<(), Problem> {
    if *path == unit.path { Ok(()) } else { Err(Problem::new(ProblemKind::Conflict, "api.key_of_another")) }
}

async fn propose(call: Call) -> Result<Answer, Problem> {
    let (unit, sent): (Unit, SentProposal) = (unit_of(&call)?, call.body()?);
    let command = Propose {
        id: Id::fresh(),
        by: acting(&call, Propose::NAME, &unit.path)?,
        level: sent.level,
        computed: crate::unit::computed(&call.app, &unit.path).await?,
        computed_on: call.today(),
        note: sent.note.unwrap_or_default(),
        unit: unit.path.clone(),
    };
    let id = execute(call.app.db(), &call.actor, call.key()?, command).await?;
    let proposal: Proposal = call.app.db().read().await?.load(Id::<ids::Proposal>::from(id)).await?;
    of_unit(&unit, &proposal.path)?;
    Answer::of(&proposal_view(&call, &proposal))
}

async fn decide(call: Call) -> Result<Answer, Problem> {
    let (unit, sent): (Unit, SentDecision) = (unit_of(&call)?, call.body()?);
    let by = acting(&call, Decide::NAME, &unit.path)?;
    let paper = match sent.paper {
        Some(id) => {
            let mut conn = call.app.db().read().await?;
            Some(crate::unit::document_of(&mut conn, &call.actor, &by, Id::from(id)).await?)
        }
        None => None,
    };
    let issued_on = paper.as_ref().and_then(|paper| paper.issued_on);
    let on = sent.signed_on.or(issued_on).unwrap_or_else(|| call.today());
    let signed = Signed::typed(paper.as_ref(), [sent.number, sent.signer, sent.signer_post], on);
    let computed = crate::unit::computed(&call.app, &unit.path).await?;
    let command = Decide {
        proposal: sent.proposal.map(Id::from),
        paper: sent.paper,
        reason: sent.reason,
        ..crate::unit::deciding_on(&call.app, &unit, by, sent.level, computed, signed, sent.effective_at)?
    };
    let id = execute(call.app.db(), &call.actor, call.key()?, command).await?;
    let decision = store::decision(&mut call.app.db().read().await?, Id::from(id)).await?;
    of_unit(&unit, &decision.path)?;
    Answer::of(&decision_view(&call, &decision))
}

async fn commit(call: Call) -> Result<Answer, Problem> {
    let (unit, sent): (Unit, SentCommitment) = (unit_of(&call)?, call.body()?);
    let command = Commit {
        id: Id::fresh(),
        by: acting(&call, Commit::NAME, &unit.path)?,
        from_level: sent.from_level,
        to_level: sent.to_level,
        signed_on: sent.signed_on,
        by_on: sent.by_on,
        signer: sent.signer,
        signer_post: sent.signer_post,
        unit: unit.path.clone(),
    };
    let id = execute(call.app.db(), &call.actor, call.key()?, command).await?;
    let mut conn = call.app.db().read().await?;
    let commitment: Commitment = conn.load(Id::<ids::Commitment>::from(id)).await?;
    of_unit(&unit, &commitment.path)?;
    let decided = store::decisions(&mut conn, &unit.path, Some(call.app.clock().now()), store::HISTORY_MAX).await?;
    drop(conn);
    Answer::of(&commitment_view(&call, &commitment, &decided))
}
