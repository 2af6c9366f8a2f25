//! Records of zones: figures with their sources, answers, verified cells, proposals, decisions, lockdowns, commitments.

use jiff::{Timestamp, civil::Date};
use vx_kernel::{Id, ids, time};
use vx_platform::{record, store::Uuid, text_enum};

use crate::{
    facts::{FIGURES, Figure, STANDS, Stand},
    level::Level,
};

text_enum! {
    /// Where a figure comes from (nguồn số liệu).
    pub enum Source {
        /// The unit itself.
        Unit = "unit",
        /// The centre for disease control (CDC).
        Cdc = "cdc",
        /// The national system of case codes.
        CaseCodes = "case_codes",
        /// The ministry's bulletin.
        Ministry = "ministry",
        /// The statistical office.
        Statistics = "statistics",
        /// A list of cases that was brought; counted by the program, never typed in.
        CaseList = "case_list",
    }
}

impl Source {
    /// Sources of daily counts.
    pub const OF_COUNTS: [Self; 4] = [Self::Unit, Self::Cdc, Self::CaseCodes, Self::Ministry];
    /// Sources that people name when they type or bring figures.
    pub const NAMED: [Self; 5] = [Self::Unit, Self::Cdc, Self::CaseCodes, Self::Ministry, Self::Statistics];
}

record! {
    /// What a source counted of a unit on a day (số liệu trong ngày): one edition, never changed. `path` is the unit.
    pub struct DayCount[ids::DayCount] in "zone_count" {
        /// Of which day.
        pub counted_on: Date,
        /// Who counted.
        pub source: Source,
        /// 1 for what was given first, then counted up by each correction.
        pub edition: i64,
        /// New community cases, source known.
        pub traced: Option<i64>,
        /// New community cases, source unknown.
        pub untraced: Option<i64>,
        /// Other new cases.
        pub other: Option<i64>,
        /// New close contacts in the community.
        pub contacts: Option<i64>,
        /// Patients put on oxygen.
        pub oxygen: Option<i64>,
        /// Deaths.
        pub deaths: Option<i64>,
        /// On which day the source reported it.
        pub reported_on: Date,
        /// When the program came to know it.
        pub recorded_at: Timestamp,
        /// Why it was put right.
        pub reason: Option<String>,
        /// Who wrote it down.
        pub by_name: String,
    } keys {
        line: String = |count| format!("{}|{}|{}|{}", count.path, count.source, count.edition, listed(&count.figures())),
    }
}

/// Figures as levels read them: parted by commas, nothing where nothing is known.
fn listed(figures: &[Option<i64>]) -> String {
    let texts: Vec<String> = figures.iter().map(|figure| figure.map_or_else(String::new, |n| n.to_string())).collect();
    texts.join(",")
}

impl DayCount {
    /// Its figures in the order of [`Figure::ALL`].
    #[must_use]
    pub fn figures(&self) -> [Option<i64>; FIGURES] {
        [self.traced, self.untraced, self.other, self.contacts, self.oxygen, self.deaths]
    }

    /// One of its figures.
    #[must_use]
    pub fn figure(&self, figure: Figure) -> Option<i64> {
        self.figures()[figure as usize]
    }
}

record! {
    /// What a unit has and is (số liệu nền): people, vaccine coverage, capacity. Never changed; a later one stands for
    /// an earlier one, figure by figure. `path` is the unit.
    pub struct Standing[ids::Standing] in "zone_standing" {
        /// As of which day; of people the year counts.
        pub holds_on: Date,
        /// Who counted.
        pub source: Source,
        /// Inhabitants.
        pub population: Option<i64>,
        /// 18 and older.
        pub adults: Option<i64>,
        /// 18 and older with at least one dose.
        pub adults_one_dose: Option<i64>,
        /// The elderly.
        pub elders: Option<i64>,
        /// The elderly with every dose.
        pub elders_full: Option<i64>,
        /// People with every dose.
        pub fully_dosed: Option<i64>,
        /// People at high risk.
        pub high_risk: Option<i64>,
        /// People at high risk with every dose.
        pub high_risk_full: Option<i64>,
        /// Patients who can be cared for at home.
        pub home_care: Option<i64>,
        /// Beds for COVID-19.
        pub beds: Option<i64>,
        /// Beds of intensive care.
        pub icu_beds: Option<i64>,
        /// On which day the source reported it.
        pub reported_on: Date,
        /// When the program came to know it.
        pub recorded_at: Timestamp,
        /// Who wrote it down.
        pub by_name: String,
    } keys {
        line: String = |standing| format!("{}|{}|{}", standing.path, standing.recorded_at.as_microsecond(), listed(&standing.figures())),
    }
}

impl Standing {
    /// Its figures in the order of [`Stand::ALL`].
    #[must_use]
    pub fn figures(&self) -> [Option<i64>; STANDS] {
        [
            self.population,
            self.adults,
            self.adults_one_dose,
            self.elders,
            self.elders_full,
            self.fully_dosed,
            self.high_risk,
            self.high_risk_full,
            self.home_care,
            self.beds,
            self.icu_beds,
        ]
    }

    /// One of its figures.
    #[must_use]
    pub fn figure(&self, stand: Stand) -> Option<i64> {
        self.figures()[stand as usize]
    }
}

record! {
    /// Which source counts for a unit and day, where several differ (chọn nguồn số liệu). `path` is the unit; all
    /// figures stay.
    pub struct CountChoice[ids::CountChoice] in "zone_count_choice" {
        /// Of which day.
        pub counted_on: Date,
        /// Whose figures count.
        pub source: Source,
        /// Why.
        pub reason: String,
        /// When.
        pub recorded_at: Timestamp,
        /// Who decided.
        pub by_name: String,
    }
}

record! {
    /// What a person answered to a question of a rule (đánh giá của cán bộ). `path` is the unit; a later answer stands
    /// for an earlier one.
    pub struct Judgement[ids::Judgement] in "zone_judgement" {
        /// The question.
        pub question: String,
        /// The answer.
        pub yes: bool,
        /// Why.
        pub reason: String,
        /// From which day on.
        pub from_on: Date,
        /// When it was answered.
        pub recorded_at: Timestamp,
        /// Who answered.
        pub by_name: String,
    }
}

record! {
    /// A person compared a cell of a rule with the text of the law (xác minh quy tắc). `path` is the province for which
    /// it holds.
    pub struct Verification[ids::Verification] in "zone_verification" {
        /// The rule set.
        pub rule_set: String,
        /// The cell.
        pub cell: String,
        /// The number that the law has; none where it is the one that stands there.
        pub value: Option<i64>,
        /// The words of the law that were seen.
        pub law_text: String,
        /// Where they were seen.
        pub note: String,
        /// On which day.
        pub verified_on: Date,
        /// When.
        pub recorded_at: Timestamp,
        /// Who.
        pub by_name: String,
    }
}

text_enum! {
    /// What became of a proposal.
    pub enum ProposalState {
        /// It stands; whether a decision followed is seen from the decisions (chờ quyết định).
        Open = "open",
        /// Taken back by who made it (đã rút).
        Withdrawn = "withdrawn",
    }
}

record! {
    /// A proposal to give a unit a level (đề xuất). `path` is the unit.
    pub struct Proposal[ids::Proposal] in "zone_proposal" {
        /// The level proposed.
        pub level: Level,
        /// The level computed when it was made; none where the rule could not decide.
        pub computed: Option<Level>,
        /// Of which day the computed level is.
        pub computed_on: Date,
        /// By which rule set.
        pub rule_set: String,
        /// The reasons of the computed level, as they were said.
        pub reasons: String,
        /// Whether a cell that nobody verified had a part in it.
        pub unverified: bool,
        /// Why this level.
        pub note: String,
        /// What became of it.
        pub state: ProposalState,
        /// The unit that proposes.
        pub proposed_by: vx_kernel::Path,
        /// When.
        pub proposed_at: Timestamp,
        /// Who.
        pub by_name: String,
    }
}

record! {
    /// A decision that gives a unit a level (quyết định phân vùng). Never changed; the next one takes its place from its
    /// hour on. `path` is the unit.
    pub struct ZoneDecision[ids::ZoneDecision] in "zone_decision" {
        /// The level.
        pub level: Level,
        /// The level that was decided before.
        pub before: Option<Level>,
        /// The level computed when it was made.
        pub computed: Option<Level>,
        /// By which rule set.
        pub rule_set: String,
        /// Number and symbol of the decision.
        pub number: String,
        /// Who signed.
        pub signer: String,
        /// In which post.
        pub signer_post: String,
        /// On which day.
        pub signed_on: Date,
        /// From which hour.
        pub effective_at: Timestamp,
        /// The unit that decided.
        pub decided_by: vx_kernel::Path,
        /// When the program came to know it.
        pub recorded_at: Timestamp,
        /// The proposal that it follows.
        pub proposal: Option<Id<ids::Proposal>>,
        /// The document of ours in which it stands.
        pub paper: Option<Uuid>,
        /// Why it is another level than the computed one.
        pub reason: Option<String>,
        /// Who wrote it down.
        pub by_name: String,
    }
}

record! {
    /// An area inside a commune that is locked down (khu vực phong tỏa). `path` is the commune.
    pub struct Lockdown[ids::Lockdown] in "zone_lockdown" {
        /// Its name.
        pub name: String,
        /// From where to where.
        pub extent: String,
        /// Households inside.
        pub households: Option<i64>,
        /// People inside.
        pub people: Option<i64>,
        /// Number of the decision that began it.
        pub number: String,
        /// Who signed.
        pub signer: String,
        /// From which hour.
        pub from_at: Timestamp,
        /// Until when it is planned.
        pub planned_until_at: Option<Timestamp>,
        /// Number of the decision that ended it.
        pub end_number: Option<String>,
        /// When it ended.
        pub ended_at: Option<Timestamp>,
        /// Who wrote it down.
        pub by_name: String,
    }
}

record! {
    /// What the head of a unit committed to reach by a day (cam kết chuyển vùng). `path` is the unit.
    pub struct Commitment[ids::Commitment] in "zone_commitment" {
        /// The level from which.
        pub from_level: Level,
        /// The level to reach.
        pub to_level: Level,
        /// On which day it was signed.
        pub signed_on: Date,
        /// Until which day, that day included.
        pub by_on: Date,
        /// The head who signed.
        pub signer: String,
        /// In which post.
        pub signer_post: String,
        /// When the program asked for the causes of a miss.
        pub asked_at: Option<Timestamp>,
        /// The causes, as the unit explained them.
        pub causes: Option<String>,
        /// When it explained them.
        pub explained_at: Option<Timestamp>,
        /// Who wrote it down.
        pub by_name: String,
    }
}

text_enum! {
    /// Where a commitment stands, computed from day and decisions.
    pub enum Keeping {
        /// Time is left.
        Running = "running",
        /// Three days are left, or fewer.
        Soon = "soon",
        /// The level was reached in time.
        Kept = "kept",
        /// It was reached, too late.
        KeptLate = "kept_late",
        /// The day is over and the level was not reached.
        Missed = "missed",
    }
}

impl Commitment {
    /// The day on which a decision gave the unit the level, of the decisions on it by their hours.
    #[must_use]
    pub fn reached_on(&self, decisions: &[ZoneDecision]) -> Option<Date> {
        let reaches = |decision: &&ZoneDecision| {
            decision.path == self.path
                && time::day_of(decision.effective_at) >= self.signed_on
                && decision.level.colour() <= self.to_level.colour()
        };
        decisions.iter().filter(reaches).map(|decision| time::day_of(decision.effective_at)).min()
    }

    /// Where it stands on a day.
    #[must_use]
    pub fn keeping(&self, reached_on: Option<Date>, today: Date) -> Keeping {
        match reached_on.filter(|on| *on <= today) {
            Some(on) if on <= self.by_on => Keeping::Kept,
            Some(_) => Keeping::KeptLate,
            None if today > self.by_on => Keeping::Missed,
            None if days(today, self.by_on) <= 3 => Keeping::Soon,
            None => Keeping::Running,
        }
    }

    /// How much of its time is over, in per cent.
    #[must_use]
    pub fn elapsed(&self, today: Date) -> i64 {
        let (whole, gone) = (days(self.signed_on, self.by_on).max(1), days(self.signed_on, today));
        (gone * 100 / whole).clamp(0, 100)
    }
}

/// Days from one day to another.
#[must_use]
pub fn days(from: Date, to: Date) -> i64 {
    from.until(to).map_or(0, |span| i64::from(span.get_days()))
}

record! {
    /// A level that a document of ours is to decide (mức độ trong dự thảo quyết định): a row of the document's table. Never
    /// changed; whether a decision followed is seen from the decisions. `path` is the unit.
    pub struct Planned[ids::PlannedLevel] in "zone_planned" {
        /// The document.
        pub paper: Id<ids::Paper>,
        /// The level.
        pub level: Level,
        /// The level that was decided when it was drafted.
        pub before: Option<Level>,
        /// The level computed then.
        pub computed: Option<Level>,
        /// By which rule set.
        pub rule_set: String,
        /// From which hour.
        pub effective_at: Timestamp,
        /// The proposal that it follows.
        pub proposal: Option<Id<ids::Proposal>>,
        /// Why it is another level than the computed one.
        pub reason: Option<String>,
        /// The unit that drafts.
        pub planned_by: vx_kernel::Path,
        /// When.
        pub planned_at: Timestamp,
        /// Who.
        pub by_name: String,
    }
}

text_enum! {
    /// What happens to decisions and commitments by the clock.
    pub enum StepKind {
        /// A decision takes effect within a few hours (sắp có hiệu lực).
        Coming = "coming",
        /// It has taken effect (đã có hiệu lực).
        InForce = "in_force",
        /// A commitment is due within three days (sắp đến hạn cam kết).
        DueSoon = "due_soon",
        /// It was kept after all (đã đạt cam kết).
        Kept = "kept",
    }
}

record! {
    /// That the program did what follows from a decision or a commitment at its hour (bước theo dõi): each once. `path` is
    /// the unit.
    pub struct ZoneStep[ids::ZoneStep] in "zone_step" {
        /// The decision or commitment.
        pub about: Uuid,
        /// Which step.
        pub step: StepKind,
        /// The number of the decision; empty for a commitment.
        pub number: String,
        /// The hour of effect, or the end of the day until which was committed.
        pub due_at: Timestamp,
        /// When the program did it.
        pub recorded_at: Timestamp,
    }
}

text_enum! {
    /// Where a case was found, as far as counting needs it.
    pub enum Setting {
        /// In the community, source known (cộng đồng, rõ nguồn).
        Traced = "traced",
        /// In the community, source unknown (cộng đồng, chưa rõ nguồn).
        Untraced = "untraced",
        /// In quarantine, on entry, or elsewhere outside the community (cách ly, nhập cảnh).
        Other = "other",
    }
}

text_enum! {
    /// Age groups of a list of cases.
    pub enum AgeGroup {
        /// Below 18.
        Child = "0-17",
        /// 18 to 49.
        Adult = "18-49",
        /// 50 to 64.
        Older = "50-64",
        /// 65 and older.
        Elder = "65+",
    }
}

impl AgeGroup {
    /// The group of an age in years.
    #[must_use]
    pub fn of(years: i64) -> Option<Self> {
        match years {
            0..=17 => Some(Self::Child),
            18..=49 => Some(Self::Adult),
            50..=64 => Some(Self::Older),
            65..=130 => Some(Self::Elder),
            _ => None,
        }
    }
}

record! {
    /// A list of cases that was brought (danh sách ca bệnh). Of a case nothing is kept but unit, day, where it was found,
    /// age group, and a keyed hash of its number in the list. `path` is the place for which it was brought.
    pub struct CaseList[ids::CaseList] in "zone_case_list" {
        /// How it is called: by its days. The name of a file may be that of a person.
        pub name: String,
        /// SHA-256 of the rows that were taken, as they lie in the files folder.
        pub file_sha256: Vec<u8>,
        /// Which column is what, as JSON.
        #[serde(skip)]
        pub mapping: String,
        /// Cases in it that could be read.
        pub cases: i64,
        /// Of these nobody had brought before.
        pub fresh: i64,
        /// Of these known before, with another unit, day or place.
        pub changed: i64,
        /// Rows that could not be read.
        pub rejected: i64,
        /// The first day of a case.
        pub first_on: Date,
        /// The last one.
        pub last_on: Date,
        /// The unit that brought it.
        pub brought_by: vx_kernel::Path,
        /// When.
        pub recorded_at: Timestamp,
        /// Who.
        pub by_name: String,
    }
}
