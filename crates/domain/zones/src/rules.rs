//! Rules as dated data: what makes a level, each number with where it was read and who verified it.
//!
//! A rule set is read from a file of `rules/`. Its numbers are cells; a cell that nobody compared with the text of the
//! law says so, and so does every level in which it had a part. Rule sets stand in a [`Timeline`], one for each province,
//! since a province may have its own.

use std::{
    collections::HashMap,
    sync::{Arc, LazyLock},
};

use jiff::{Timestamp, civil::Date};
use serde::Deserialize;
use vx_kernel::{
    Path,
    time::Lang,
    timeline::{Dated, LegalBasis, Timeline},
    units::Kind,
};
use vx_platform::text_enum;

use crate::{
    facts::{Figure, Share},
    level::{Level, Vocabulary},
    types::Verification,
};

text_enum! {
    /// How well a cell is known as it ships.
    pub enum Mark {
        /// Found in a published text that repeats the law.
        Found = "found",
        /// Found in a summary, not in the law.
        Summary = "summary",
        /// Recalled, not found.
        Recalled = "recalled",
        /// Taken over from another rule, for want of the text.
        Assumed = "assumed",
        /// Not known: the rule cannot use it.
        Empty = "empty",
    }
}

text_enum! {
    /// What a cell's number counts.
    pub enum Measure {
        /// At least so many.
        Count = "count",
        /// At least so many per cent.
        Percent = "percent",
        /// More than so many per cent.
        PercentOver = "percent_over",
        /// At least so many on the indicator's number of people.
        Rate = "rate",
        /// More than so many on the indicator's number of people.
        RateOver = "rate_over",
        /// Which level, 1 to 4.
        Level = "level",
        /// 1 for "this applies", 0 for "this does not".
        Yes = "yes",
    }
}

/// A text in both languages.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
pub struct Said {
    /// Vietnamese.
    pub vi: String,
    /// English.
    pub en: String,
}

impl Said {
    /// The text in a language of officers; what the public is told in Khmer stands in a catalogue of its own.
    #[must_use]
    pub fn of(&self, lang: Lang) -> &str {
        if lang == Lang::En { &self.en } else { &self.vi }
    }
}

/// A number that is computed from counts: with what it is counted and over which days (chỉ tiêu).
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
pub struct Indicator {
    /// Its word.
    pub code: String,
    /// Which counts are added.
    pub counts: Vec<Figure>,
    /// Over how many days, the last one included.
    pub days: u8,
    /// On how many people; 0 for a plain count.
    #[serde(default)]
    pub per: i64,
    /// Its name.
    #[serde(flatten)]
    pub name: Said,
    /// What is above the line, in words of the rule.
    pub numerator: Said,
    /// What is below.
    pub denominator: Said,
    /// When a day of it closes.
    pub closes: Said,
}

/// A number or a yes of a rule, with where it comes from (ô của bảng quy tắc).
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
pub struct Cell {
    /// Its word, the same for ever.
    pub code: String,
    /// The number; none where it is not known.
    pub value: Option<i64>,
    /// What the number counts.
    pub measure: Measure,
    /// What it says; `…` stands where the number goes.
    #[serde(flatten)]
    pub said: Said,
    /// How well it is known.
    pub mark: Mark,
    /// With what confidence it is recalled, in per cent.
    pub sure: Option<i64>,
    /// Where it was read.
    pub source: String,
    /// Who compared it with the law.
    #[serde(skip)]
    pub verified: Option<Verified>,
}

/// Who compared a cell with the text of the law, and what they read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Verified {
    /// Who.
    pub by: String,
    /// On which day.
    pub on: Date,
    /// The words of the law that they saw.
    pub text: String,
}

/// What is looked at, to see whether a criterion is met.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Test {
    /// A count, by the word of its indicator.
    Count(String),
    /// A count on people, by the word of its indicator.
    Rate(String),
    /// The share of units below that are at a level or above it.
    Children {
        /// Which units.
        kind: UnitKind,
        /// From which rank.
        at: u8,
    },
    /// How many units below are at a level or above it.
    AnyChild {
        /// Which units.
        kind: UnitKind,
        /// From which rank.
        at: u8,
    },
    /// How many units that it adjoins are at a level or above it.
    Neighbour(u8),
    /// What a person answered to a question.
    Judgement(String),
    /// The share of units below for which a person answered a question with yes.
    Judged {
        /// Which units.
        kind: UnitKind,
        /// Which question.
        question: String,
    },
}

text_enum! {
    /// For which units a criterion is.
    pub enum UnitKind {
        /// Communes, and hamlets and clusters where they have figures of their own.
        Commune = "commune",
        /// Districts.
        District = "district",
        /// Provinces.
        Province = "province",
    }
}

impl UnitKind {
    /// The kind by which a unit is judged; none for agencies. What is below a commune is judged as a commune.
    #[must_use]
    pub fn of(kind: Kind) -> Option<Self> {
        match kind {
            Kind::Province => Some(Self::Province),
            Kind::District => Some(Self::District),
            Kind::Commune | Kind::Hamlet | Kind::Cluster => Some(Self::Commune),
            Kind::Agency => None,
        }
    }
}

/// One of the conditions of which any gives a unit a level.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Criterion {
    /// Its cell.
    pub cell: usize,
    /// For which units.
    pub unit: UnitKind,
    /// Which rank it gives.
    pub gives: u8,
    /// What is looked at.
    pub test: Test,
}

/// A matrix of incidence and coverage, as 4800 has it. Numbers are places of cells.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Matrix {
    /// The indicator of incidence, by its place.
    pub rate: usize,
    /// From where the bands 2, 3 and 4 begin.
    pub bands: [usize; 3],
    /// From where coverage is met.
    pub coverage: usize,
    /// The level of each band where it is met.
    pub met: [usize; 4],
    /// The level of each band where it is not.
    pub unmet: [usize; 4],
    /// From where coverage of the elderly is met.
    pub elders: usize,
    /// By how many levels it is raised otherwise.
    pub raise: usize,
    /// That a level may not be lowered without capacity.
    pub capacity: usize,
}

/// Parts of a rule of which the rest is not known, as of 218.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Parts {
    /// Indicators by their places, each with the cells of its bands 2, 3 and 4.
    pub rates: Vec<(usize, [usize; 3])>,
    /// Shares, each with the cell from which it is met.
    pub shares: Vec<(Share, usize)>,
    /// Cells without which nothing is decided.
    pub needs: Vec<usize>,
}

/// How a rule set comes to a level.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Table {
    /// The highest level of which any criterion is met.
    AnyOf(Vec<Criterion>),
    /// Incidence and coverage.
    Matrix(Matrix),
    /// Some numbers, and no level.
    Parts(Parts),
}

/// A rule set (bộ quy tắc).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RuleSet {
    /// Its word.
    pub code: String,
    /// Number and symbol.
    pub number: String,
    /// Its title.
    pub title: Said,
    /// Day of issue.
    pub issued_on: Date,
    /// First day.
    pub from: Date,
    /// In whose words its levels are said.
    pub vocabulary: Vocabulary,
    /// The province whose own it is.
    pub province: Option<String>,
    /// Where it was read.
    pub provenance: Said,
    /// What it counts.
    pub indicators: Vec<Indicator>,
    /// Its numbers.
    pub cells: Vec<Cell>,
    /// How it comes to a level.
    pub table: Table,
}

impl RuleSet {
    /// A cell by its word.
    #[must_use]
    pub fn cell(&self, code: &str) -> Option<&Cell> {
        self.cells.iter().find(|cell| cell.code == code)
    }

    /// The questions that people answer for it, by the kind of unit.
    #[must_use]
    pub fn questions(&self, kind: UnitKind) -> Vec<&str> {
        let mut questions: Vec<&str> = Vec::new();
        match &self.table {
            Table::AnyOf(criteria) => {
                for criterion in criteria {
                    let asked = match &criterion.test {
                        Test::Judgement(question) if criterion.unit == kind => Some(question.as_str()),
                        Test::Judged { kind: of, question } if *of == kind => Some(question.as_str()),
                        _ => None,
                    };
                    questions.extend(asked.filter(|asked| !questions.contains(asked)));
                }
            }
            Table::Matrix(_) => questions.push(CAPACITY),
            Table::Parts(_) => {}
        }
        questions
    }

    /// The rule set with other numbers in some of its cells: what would be if.
    #[must_use]
    pub fn with(&self, values: &HashMap<String, i64>) -> Self {
        let mut changed = self.clone();
        for cell in &mut changed.cells {
            if let Some(value) = values.get(&cell.code) {
                cell.value = Some(*value);
            }
        }
        changed
    }

    /// The rule set as people have verified it, in the order in which they did.
    #[must_use]
    fn verified(&self, verifications: &[&Verification]) -> Self {
        let mut set = self.clone();
        for verification in verifications.iter().filter(|one| one.rule_set == set.code) {
            if let Some(cell) = set.cells.iter_mut().find(|cell| cell.code == verification.cell) {
                cell.value = verification.value.or(cell.value);
                cell.verified = Some(Verified {
                    by: verification.by_name.clone(),
                    on: verification.verified_on,
                    text: verification.law_text.clone(),
                });
            }
        }
        set
    }
}

/// The question whether a place can treat those who fall ill.
pub const CAPACITY: &str = "capacity";

/// Who decides on zones, from a day on.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
pub struct Regime {
    /// First day.
    pub from: Date,
    /// What it rests on.
    pub basis: String,
    /// Who.
    pub decider: Decider,
    /// How many hours before people are told.
    pub notice_hours: i64,
    /// What it says, in a line.
    #[serde(flatten)]
    pub said: Said,
}

text_enum! {
    /// Whose decision it is.
    pub enum Decider {
        /// The steering committee or the chair of the province.
        Province = "province",
        /// The chair of the commune.
        Commune = "commune",
    }
}

impl Decider {
    /// Whether a unit is the one that decides on another.
    #[must_use]
    pub fn is(self, by: &Path, unit: &Path, kind: Kind) -> bool {
        match self {
            Self::Province => by.depth() == 1 && by.contains(unit),
            Self::Commune => kind == Kind::Commune && by.contains(unit),
        }
    }
}

/// A measure of the catalogue (biện pháp).
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
pub struct Measures {
    /// Its word, the same for ever.
    pub key: String,
    /// In which vocabularies it applies.
    pub vocabulary: Vec<Vocabulary>,
    /// From which rank on.
    pub from: u8,
    /// For which part of life.
    pub sector: Sector,
    /// What it says.
    #[serde(flatten)]
    pub said: Said,
    /// What it rests on.
    pub basis: String,
    /// How well it is known.
    pub mark: Mark,
}

impl Measures {
    /// The key of its text in catalogues of further languages.
    #[must_use]
    pub fn text_key(&self) -> String {
        format!("measure-{}", self.key)
    }
}

text_enum! {
    /// Part of life for which a measure is.
    pub enum Sector {
        /// People and gatherings.
        People = "people",
        /// Health and isolation.
        Health = "health",
        /// Shops, markets, services, production.
        Business = "business",
        /// Offices, factories, schools.
        Work = "work",
        /// Traffic of people and goods.
        Transport = "transport",
    }
}

/// The catalogue of measures.
pub static MEASURES: LazyLock<Vec<Measures>> = LazyLock::new(|| {
    #[derive(Deserialize)]
    struct File {
        measure: Vec<Measures>,
    }
    toml::from_str::<File>(include_str!("../rules/measures.toml")).map(|file| file.measure).unwrap_or_default()
});

/// What applies at a level, by part of life; parts of which nothing is said are left out.
#[must_use]
pub fn measures_at(level: Level) -> Vec<(Sector, Vec<&'static Measures>)> {
    let applies = |one: &&Measures| one.vocabulary.contains(&level.vocabulary()) && one.from <= level.rank();
    let of = |sector: &Sector| {
        let said: Vec<&Measures> = MEASURES.iter().filter(applies).filter(|one| one.sector == *sector).collect();
        (*sector, said)
    };
    Sector::ALL.iter().map(of).filter(|(_, said)| !said.is_empty()).collect()
}

/// Who decides, by date.
pub static REGIMES: LazyLock<Timeline<Regime>> = LazyLock::new(|| {
    #[derive(Deserialize)]
    struct File {
        regime: Vec<Regime>,
    }
    let regimes = toml::from_str::<File>(include_str!("../rules/deciders.toml")).map(|file| file.regime);
    let dated = regimes.unwrap_or_default().into_iter().map(|regime| Dated {
        from: regime.from,
        basis: LegalBasis { number: regime.basis.clone().into(), verified: None },
        value: regime,
    });
    Timeline::new(dated.collect())
});

/// The rule sets that ship with the program.
pub static SHIPPED: LazyLock<Vec<RuleSet>> = LazyLock::new(|| {
    let files = [
        include_str!("../rules/2686.toml"),
        include_str!("../rules/2093.toml"),
        include_str!("../rules/4800.toml"),
        include_str!("../rules/218.toml"),
    ];
    let mut sets: Vec<RuleSet> = Vec::new();
    for file in files {
        // A test reads every file; one that does not read is left out and not half believed.
        if let Ok(set) = read(file, &sets) {
            sets.push(set);
        }
    }
    sets
});

/// Reads a rule set from a file; one that is like another takes over its table.
///
/// # Errors
/// What does not read, in words.
pub fn read(text: &str, before: &[RuleSet]) -> Result<RuleSet, String> {
    let file: File = toml::from_str(text).map_err(|error| error.to_string())?;
    let mut cells = file.cell;
    let mut indicators = file.indicator;
    let table = if let Some(like) = &file.like {
        let like = before.iter().find(|set| set.code == *like).ok_or_else(|| format!("no rule set {like}"))?;
        cells.extend(like.cells.iter().cloned().map(|cell| Cell { mark: Mark::Assumed, ..cell }));
        indicators.extend(like.indicators.iter().cloned());
        like.table.clone()
    } else if let Some(matrix) = file.matrix {
        let at = |code: &String| place(&cells, code);
        Table::Matrix(Matrix {
            rate: rate_of(&indicators, &matrix.rate)?,
            bands: all(&matrix.bands, at)?,
            coverage: at(&matrix.coverage)?,
            met: all(&matrix.met, at)?,
            unmet: all(&matrix.unmet, at)?,
            elders: at(&matrix.elders)?,
            raise: at(&matrix.raise)?,
            capacity: at(&matrix.capacity)?,
        })
    } else if let Some(parts) = file.parts {
        let at = |code: &String| place(&cells, code);
        let rates = parts.rates.iter().map(|part| Ok((rate_of(&indicators, &part.rate)?, all(&part.bands, at)?)));
        let shares = parts.shares.iter().map(|part| Ok((Share { of: part.of, among: part.among }, at(&part.cell)?)));
        Table::Parts(Parts {
            rates: rates.collect::<Result<_, String>>()?,
            shares: shares.collect::<Result<_, String>>()?,
            needs: parts.needs.iter().map(at).collect::<Result<_, _>>()?,
        })
    } else {
        let mut criteria = Vec::new();
        for one in file.criterion {
            if let Test::Count(code) | Test::Rate(code) = &one.test {
                rate_of(&indicators, code)?;
            }
            criteria.push(Criterion { cell: cells.len(), unit: one.unit, gives: one.gives, test: one.test });
            cells.push(Cell {
                code: one.cell,
                value: one.value,
                measure: one.measure,
                said: one.said,
                mark: one.mark,
                sure: one.sure,
                source: one.source,
                verified: None,
            });
        }
        Table::AnyOf(criteria)
    };
    let twice = cells.iter().enumerate().find(|(at, cell)| cells.iter().skip(at + 1).any(|two| two.code == cell.code));
    if let Some((_, cell)) = twice {
        return Err(format!("cell {} stands twice", cell.code));
    }
    Ok(RuleSet {
        code: file.code,
        number: file.number,
        title: file.title,
        issued_on: file.issued_on,
        from: file.from,
        vocabulary: file.vocabulary,
        province: file.province,
        provenance: file.provenance,
        indicators,
        cells,
        table,
    })
}

fn place(cells: &[Cell], code: &str) -> Result<usize, String> {
    cells.iter().position(|cell| cell.code == code).ok_or_else(|| format!("no cell {code}"))
}

fn rate_of(indicators: &[Indicator], code: &str) -> Result<usize, String> {
    indicators.iter().position(|one| one.code == code).ok_or_else(|| format!("no indicator {code}"))
}

fn all<const N: usize>(
    codes: &[String; N],
    at: impl Fn(&String) -> Result<usize, String>,
) -> Result<[usize; N], String> {
    let mut places = [0; N];
    for (into, code) in places.iter_mut().zip(codes) {
        *into = at(code)?;
    }
    Ok(places)
}

#[derive(Deserialize)]
struct File {
    code: String,
    number: String,
    title: Said,
    issued_on: Date,
    from: Date,
    vocabulary: Vocabulary,
    province: Option<String>,
    like: Option<String>,
    provenance: Said,
    #[serde(default)]
    indicator: Vec<Indicator>,
    #[serde(default)]
    cell: Vec<Cell>,
    #[serde(default)]
    criterion: Vec<CriterionOfFile>,
    matrix: Option<MatrixOfFile>,
    parts: Option<PartsOfFile>,
}

#[derive(Deserialize)]
struct CriterionOfFile {
    cell: String,
    unit: UnitKind,
    gives: u8,
    value: Option<i64>,
    measure: Measure,
    test: Test,
    #[serde(flatten)]
    said: Said,
    mark: Mark,
    sure: Option<i64>,
    source: String,
}

#[derive(Deserialize)]
struct MatrixOfFile {
    rate: String,
    bands: [String; 3],
    coverage: String,
    met: [String; 4],
    unmet: [String; 4],
    elders: String,
    raise: String,
    capacity: String,
}

#[derive(Deserialize)]
struct PartsOfFile {
    rates: Vec<RatePart>,
    shares: Vec<SharePart>,
    needs: Vec<String>,
}

#[derive(Deserialize)]
struct RatePart {
    rate: String,
    bands: [String; 3],
}

#[derive(Deserialize)]
struct SharePart {
    of: crate::facts::Stand,
    among: crate::facts::Stand,
    cell: String,
}

/// The rules of every province: those that ship, as people have verified them by a moment.
#[derive(Clone, Debug)]
pub struct RuleBook {
    national: Timeline<Arc<RuleSet>>,
    own: HashMap<String, Timeline<Arc<RuleSet>>>,
}

impl RuleBook {
    /// The rules with what was verified up to a moment.
    #[must_use]
    pub fn new(verifications: &[Verification], known_at: Timestamp) -> Self {
        let known: Vec<&Verification> = verifications.iter().filter(|one| one.recorded_at <= known_at).collect();
        let timeline = |province: Option<&str>| {
            // What a province verifies holds there; what the whole country's administration does, everywhere.
            let of_here = |one: &&&Verification| one.path.is_root() || Some(one.path.unit()) == province;
            let here: Vec<&Verification> = known.iter().filter(of_here).copied().collect();
            let sets = SHIPPED.iter().filter(|set| set.province.is_none() || set.province.as_deref() == province);
            let dated = sets.map(|set| Dated {
                from: set.from,
                value: Arc::new(set.verified(&here)),
                basis: LegalBasis { number: set.number.clone().into(), verified: None },
            });
            Timeline::new(dated.collect())
        };
        let mut provinces: Vec<&str> = SHIPPED.iter().filter_map(|set| set.province.as_deref()).collect();
        provinces.extend(known.iter().filter(|one| !one.path.is_root()).map(|one| one.path.unit()));
        let own = provinces.into_iter().map(|key| (key.to_owned(), timeline(Some(key)))).collect();
        Self { national: timeline(None), own }
    }

    /// The rules of a province by date, by its key.
    #[must_use]
    pub fn of(&self, province: &str) -> &Timeline<Arc<RuleSet>> {
        self.own.get(province).unwrap_or(&self.national)
    }

    /// The rule set that holds for a province on a day.
    #[must_use]
    pub fn on(&self, province: &str, day: Date) -> Option<&Arc<RuleSet>> {
        self.of(province).on(day).map(|dated| &dated.value)
    }

    /// The rule books with one rule set put in the place of that of its word: what would be if.
    #[must_use]
    pub fn with(&self, set: &RuleSet) -> Self {
        let replaced = |timeline: &Timeline<Arc<RuleSet>>| {
            let dated = timeline.all().map(|dated| {
                let value = if dated.value.code == set.code { Arc::new(set.clone()) } else { dated.value.clone() };
                Dated { value, ..dated.clone() }
            });
            Timeline::new(dated.collect())
        };
        Self {
            national: replaced(&self.national),
            own: self.own.iter().map(|(key, timeline)| (key.clone(), replaced(timeline))).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_of_rules_reads() {
        let mut sets = Vec::new();
        for file in [
            include_str!("../rules/2686.toml"),
            include_str!("../rules/2093.toml"),
            include_str!("../rules/4800.toml"),
            include_str!("../rules/218.toml"),
        ] {
            sets.push(read(file, &sets).unwrap());
        }
        assert_eq!(*SHIPPED, sets);
        assert!(MEASURES.len() > 20);
        assert_eq!(REGIMES.all().count(), 2);
    }

    #[test]
    fn every_cell_says_where_it_comes_from_and_an_empty_one_has_no_number() {
        for set in SHIPPED.iter() {
            assert!(!set.provenance.vi.is_empty() && !set.number.is_empty());
            for cell in &set.cells {
                assert!(!cell.source.is_empty(), "{} {}", set.code, cell.code);
                assert_eq!(cell.value.is_none(), cell.mark == Mark::Empty, "{} {}", set.code, cell.code);
                assert_eq!(cell.said.vi.contains('…'), cell.said.en.contains('…'), "{} {}", set.code, cell.code);
            }
            for indicator in &set.indicators {
                assert!((1..=14).contains(&indicator.days) && !indicator.closes.vi.is_empty(), "{}", indicator.code);
            }
        }
    }

    #[test]
    fn each_province_has_the_rules_of_its_day() {
        let book = RuleBook::new(&[], Timestamp::MAX);
        for (province, day, code) in [
            ("94", "2021-05-30", None),
            ("94", "2021-05-31", Some("2686")),
            ("94", "2021-08-14", Some("2686")),
            ("94", "2021-08-15", Some("2093")),
            ("91", "2021-08-15", Some("2686")),
            ("94", "2021-10-11", Some("2093")),
            ("94", "2021-10-12", Some("4800")),
            ("91", "2022-01-26", Some("4800")),
            ("91", "2022-01-27", Some("218")),
        ] {
            let got = book.on(province, day.parse().unwrap()).map(|set| set.code.as_str());
            assert_eq!(got, code, "{province} {day}");
        }
    }

    #[test]
    fn what_was_verified_holds_where_and_from_when_it_was() {
        let verification = |path: &str, at: &str, value| Verification {
            id: vx_kernel::Id::fresh(),
            path: Path::parse(path).unwrap(),
            version: 0,
            rule_set: "4800".to_owned(),
            cell: "muc-3".to_owned(),
            value,
            law_text: "từ 50 đến dưới 150".to_owned(),
            note: String::new(),
            verified_on: "2021-10-20".parse().unwrap(),
            recorded_at: at.parse().unwrap(),
            by_name: "Trần Ngọc Lan".to_owned(),
        };
        let all =
            [verification("94/", "2021-10-20T01:00:00Z", None), verification("94/", "2021-10-22T01:00:00Z", Some(60))];
        let cell = |known: &str, province: &str| {
            let book = RuleBook::new(&all, known.parse().unwrap());
            let set = book.on(province, "2021-10-25".parse().unwrap()).unwrap().clone();
            let cell = set.cell("muc-3").unwrap().clone();
            (cell.value, cell.verified.is_some())
        };
        assert_eq!(cell("2021-10-19T00:00:00Z", "94"), (Some(50), false));
        assert_eq!(cell("2021-10-21T00:00:00Z", "94"), (Some(50), true));
        assert_eq!(cell("2021-10-23T00:00:00Z", "94"), (Some(60), true));
        assert_eq!(cell("2021-10-23T00:00:00Z", "91"), (Some(50), false));
    }

    #[test]
    fn who_decides_goes_by_the_day() {
        let path = |text: &str| Path::parse(text).unwrap();
        for (day, by, unit, kind, expected) in [
            ("2021-08-15", "94/", "94/943/31534/", Kind::Commune, true),
            ("2021-08-15", "94/943/", "94/943/31534/", Kind::Commune, false),
            ("2021-08-15", "94/943/31534/", "94/943/31534/", Kind::Commune, false),
            ("2021-08-15", "91/", "94/943/31534/", Kind::Commune, false),
            ("2026-07-01", "25-92/31534/", "25-92/31534/", Kind::Commune, true),
            ("2026-07-01", "25-92/", "25-92/31534/", Kind::Commune, false),
        ] {
            let regime = REGIMES.on(day.parse().unwrap()).unwrap();
            let by_kind = match path(by).depth() {
                1 => Kind::Province,
                2 if by.starts_with("94") => Kind::District,
                _ => kind,
            };
            assert_eq!(regime.value.decider.is(&path(by), &path(unit), by_kind), expected, "{day} {by}");
        }
        assert_eq!(REGIMES.on("2026-11-26".parse().unwrap()).unwrap().value.notice_hours, 6);
        assert_eq!(REGIMES.on("2021-11-26".parse().unwrap()).unwrap().value.notice_hours, 0);
    }
}
