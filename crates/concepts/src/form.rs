//! Periodic forms (biểu mẫu): a set of figures that units owe every period.
//!
//! A form is a value, [`FormSpec`]: written in Rust where the program ships it, or read from TOML ([`read_toml`]) where a
//! template comes at ten in the evening and is due at six. Both are the same to everything after that. A form has cells
//! of five kinds and checks of two; there are no scripts, no references and no lifecycle in it.
//!
//! **Invariant:** a finding never blocks a number. What cannot be read as the cell's kind is an error; what looks wrong
//! is a [`Remark`] that goes along with the report.

use std::{collections::BTreeMap, ops::Range};

use jiff::{
    ToSpan as _,
    civil::{Date, date},
};
use vx_kernel::time::Lang;
use vx_platform::{sheet::Read, text_enum};

pub mod period;
mod read;

pub use period::{Period, PeriodKind, Periods, Received, Standing};
pub use read::{FormFault, read_toml};

text_enum! {
    /// How a cell is added up (cách tổng hợp).
    pub enum RollUp {
        /// Over units and over periods: what happened (cộng dồn).
        Sum = "sum",
        /// Over units; of several periods the last one counts: what there is (số hiện có).
        Latest = "latest",
        /// Not at all: it is read, unit by unit.
        None = "none",
    }
}

/// A text in both languages; English falls back on Vietnamese, as forms of the moment have none.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Said {
    /// Vietnamese.
    pub vi: String,
    /// English.
    pub en: Option<String>,
}

impl Said {
    /// In both languages.
    #[must_use]
    pub fn both(vi: &str, en: &str) -> Self {
        Self { vi: vi.to_owned(), en: Some(en.to_owned()) }
    }
    /// In a language.
    #[must_use]
    pub fn of(&self, lang: Lang) -> &str {
        match (lang, &self.en) {
            (Lang::En, Some(en)) => en,
            _ => &self.vi,
        }
    }
}

/// What a cell holds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum CellKind {
    /// How many: a whole number, not negative.
    Count,
    /// How much, to the thousandth.
    Decimal,
    /// One of these.
    Choice(Vec<Said>),
    /// Words.
    Text,
    /// A day.
    Date,
}

impl CellKind {
    /// The word for it in TOML and in texts.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Count => "count",
            Self::Decimal => "decimal",
            Self::Choice(_) => "choice",
            Self::Text => "text",
            Self::Date => "date",
        }
    }
}

/// What the registers of the program know of a cell, to be proposed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Known {
    /// What was counted in the period towards targets that are counted in this: "mẫu xét nghiệm".
    Counted(String),
    /// Tasks due in the period and reported or confirmed.
    TasksDone,
    /// Tasks past their deadline at the moment of asking.
    TasksOverdue,
    /// Tasks that are open at the moment of asking.
    TasksOpen,
}

impl Known {
    /// As it stands in TOML.
    #[must_use]
    pub fn text(&self) -> String {
        match self {
            Self::Counted(what) => format!("counted: {what}"),
            Self::TasksDone => "tasks done".to_owned(),
            Self::TasksOverdue => "tasks overdue".to_owned(),
            Self::TasksOpen => "tasks open".to_owned(),
        }
    }
    /// From TOML.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "tasks done" => Some(Self::TasksDone),
            "tasks overdue" => Some(Self::TasksOverdue),
            "tasks open" => Some(Self::TasksOpen),
            _ => {
                let what = text.strip_prefix("counted:")?.trim();
                (!what.is_empty()).then(|| Self::Counted(what.to_owned()))
            }
        }
    }
}

/// A list by which a cell is told apart (phân tổ): age group, sex. Its total is the sum, and is never typed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Breakdown {
    /// By what.
    pub name: Said,
    /// The closed list.
    pub parts: Vec<Said>,
}

/// One cell of a form (ô số liệu).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CellSpec {
    /// Its name in files and checks.
    pub code: String,
    /// What it asks for.
    pub label: Said,
    /// Kind.
    pub kind: CellKind,
    /// In what it is counted: "ca", "bình".
    pub unit: Said,
    /// How it is added up.
    pub roll_up: RollUp,
    /// By what it is told apart.
    pub by: Option<Breakdown>,
    /// What the registers know of it.
    pub known: Option<Known>,
}

impl CellSpec {
    /// A cell of a kind, with how that kind is usually added up.
    #[must_use]
    pub fn new(code: &str, kind: CellKind, vi: &str, en: &str) -> Self {
        let roll_up = match kind {
            CellKind::Count | CellKind::Decimal => RollUp::Sum,
            _ => RollUp::None,
        };
        let (label, unit) = (Said::both(vi, en), Said::default());
        Self { code: code.to_owned(), label, kind, unit, roll_up, by: None, known: None }
    }
    /// Counted in this.
    #[must_use]
    pub fn of(self, vi: &str, en: &str) -> Self {
        Self { unit: Said::both(vi, en), ..self }
    }
    /// What there is, not what happened.
    #[must_use]
    pub fn latest(self) -> Self {
        Self { roll_up: RollUp::Latest, ..self }
    }
    /// What the registers know of it.
    #[must_use]
    pub fn known(self, known: Known) -> Self {
        Self { known: Some(known), ..self }
    }
    /// Told apart by a closed list.
    #[must_use]
    pub fn by(self, name: Said, parts: &[(&str, &str)]) -> Self {
        let parts = parts.iter().map(|(vi, en)| Said::both(vi, en)).collect();
        Self { by: Some(Breakdown { name, parts }), ..self }
    }
    /// Whether it is a figure that can be added.
    #[must_use]
    pub fn is_figure(&self) -> bool {
        matches!(self.kind, CellKind::Count | CellKind::Decimal)
    }
    /// How many figures it holds.
    #[must_use]
    pub fn width(&self) -> usize {
        self.by.as_ref().map_or(1, |by| by.parts.len())
    }
}

/// What must hold between cells.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Relation {
    /// The left one is at most the right ones together.
    AtMost,
    /// The left one is the right ones together.
    Equals,
}

/// `a <= b`, `a = b + c` (kiểm tra lô-gic).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Check {
    /// Index of the left cell.
    pub left: usize,
    /// Relation.
    pub relation: Relation,
    /// Indexes of the cells on the right, added.
    pub right: Vec<usize>,
}

/// A form (biểu mẫu), as a value.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FormSpec {
    /// Its name in addresses and files, never reused.
    pub code: String,
    /// Counted up with each change; a request keeps the one that it was made with.
    pub version: i64,
    /// Name.
    pub name: Said,
    /// What it rests on.
    pub basis: Option<String>,
    /// Who has compared it with what it rests on; none says that nobody has.
    pub verified: Option<String>,
    /// Cells, in order.
    pub cells: Vec<CellSpec>,
    /// Checks.
    pub checks: Vec<Check>,
}

/// Cells of a form, and figures with all that they are told apart by: a page that a person can fill in.
pub const CELLS_MAX: usize = 200;
/// Figures of a form.
pub const SLOTS_MAX: usize = 500;
/// Characters of a text cell.
pub const TEXT_MAX: usize = 4_000;
/// Largest figure: more than anything a nation counts, and far from overflow when summed.
pub const FIGURE_MAX: i64 = 1_000_000_000_000;
/// A decimal is kept in thousandths, so that sums are exact.
pub const SCALE: i64 = 1_000;

impl FormSpec {
    /// A form that ships with the program.
    #[must_use]
    pub fn new(code: &str, version: i64, vi: &str, en: &str) -> Self {
        Self {
            code: code.to_owned(),
            version,
            name: Said::both(vi, en),
            basis: None,
            verified: None,
            cells: Vec::new(),
            checks: Vec::new(),
        }
    }
    /// What it rests on.
    #[must_use]
    pub fn basis(self, basis: &str) -> Self {
        Self { basis: Some(basis.to_owned()), ..self }
    }
    /// One more cell.
    #[must_use]
    pub fn cell(mut self, cell: CellSpec) -> Self {
        self.cells.push(cell);
        self
    }
    /// One more check, as in TOML.
    ///
    /// # Panics
    /// When it names no cell of the form: a form that ships names its own, and a test makes each of them.
    #[must_use]
    pub fn check(mut self, rule: &str) -> Self {
        let check = Check::parse(rule, &self.cells).expect("a form that ships names its own cells");
        self.checks.push(check);
        self
    }

    /// How many figures it holds.
    #[must_use]
    pub fn width(&self) -> usize {
        self.cells.iter().map(CellSpec::width).sum()
    }

    /// Where the figures of each cell stand, in order.
    #[must_use]
    pub fn places(&self) -> Vec<Range<usize>> {
        let mut at = 0;
        self.cells
            .iter()
            .map(|cell| {
                let from = at;
                at += cell.width();
                from..at
            })
            .collect()
    }

    /// How each figure is added up.
    #[must_use]
    pub fn roll_ups(&self) -> Vec<RollUp> {
        self.cells.iter().flat_map(|cell| std::iter::repeat_n(cell.roll_up, cell.width())).collect()
    }

    /// What looks wrong in a set of figures. Cells left empty are told apart from nought: nought is a report.
    #[must_use]
    pub fn remarks(&self, figures: &Figures) -> Vec<Remark> {
        let places = self.places();
        let mut remarks = Vec::new();
        for (cell, place) in self.cells.iter().zip(&places) {
            if cell.is_figure() && figures.0[place.clone()].iter().any(Option::is_none) {
                remarks.push(Remark {
                    code: RemarkKind::Empty,
                    cell: cell.code.clone(),
                    left: 0,
                    right: 0,
                    rule: None,
                });
            }
        }
        for check in &self.checks {
            let total = |cell: usize| figures.total(&places[cell]);
            let right = check.right.iter().map(|cell| total(*cell)).sum::<Option<i64>>();
            let (Some(left), Some(right)) = (total(check.left), right) else { continue };
            let code = match check.relation {
                Relation::AtMost if left > right => RemarkKind::Above,
                Relation::Equals if left != right => RemarkKind::NotEqual,
                _ => continue,
            };
            let cell = self.cells[check.left].code.clone();
            remarks.push(Remark { code, cell, left, right, rule: Some(check.clone()) });
        }
        remarks
    }
}

impl Check {
    /// Reads `a <= b` or `a = b + c` over the codes of cells.
    #[must_use]
    pub fn parse(rule: &str, cells: &[CellSpec]) -> Option<Self> {
        let (left, relation, right) = match (rule.split_once("<="), rule.split_once('=')) {
            (Some((left, right)), _) => (left, Relation::AtMost, right),
            (None, Some((left, right))) => (left, Relation::Equals, right),
            (None, None) => return None,
        };
        let index = |code: &str| cells.iter().position(|cell| cell.code == code.trim() && cell.is_figure());
        let right: Vec<usize> = right.split('+').map(index).collect::<Option<_>>()?;
        let left = index(left)?;
        // Both sides must be counted alike: pieces are not litres.
        let same = right.iter().all(|cell| cells[*cell].kind == cells[left].kind);
        (same && !right.contains(&left)).then_some(Self { left, relation, right })
    }
}

text_enum! {
    /// What a remark says.
    pub enum RemarkKind {
        /// A figure was left empty; silence is not nought.
        Empty = "empty",
        /// More than what it is a part of.
        Above = "above",
        /// Not the sum of its parts.
        NotEqual = "not_equal",
    }
}

/// Something to look at in a report (điểm cần xem); it goes along and blocks nothing.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Remark {
    /// What.
    pub code: RemarkKind,
    /// Which cell.
    pub cell: String,
    /// What stands on the left of the check.
    pub left: i64,
    /// What stands on the right.
    pub right: i64,
    /// The check.
    pub rule: Option<Check>,
}

/// The figures of a report in the order of the form's cells; a decimal in thousandths, a choice by its number in the
/// list, a day as days since 1970, nothing where nothing was said. Words stand beside them.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Figures(pub Vec<Option<i64>>);

/// Words of the text cells, by the code of the cell.
pub type Words = BTreeMap<String, String>;

impl Figures {
    /// Nothing said in any cell.
    #[must_use]
    pub fn none(form: &FormSpec) -> Self {
        Self(vec![None; form.width()])
    }
    /// As they are kept: `[12,,0]`. One text for a report, so that the figures of ten thousand communes are ten thousand
    /// rows and not half a million (ADR 24).
    #[must_use]
    pub fn text(&self) -> String {
        let mut out = String::with_capacity(self.0.len() * 3 + 2);
        out.push('[');
        for (index, figure) in self.0.iter().enumerate() {
            if index > 0 {
                out.push(',');
            }
            if let Some(figure) = figure {
                out.push_str(&figure.to_string());
            }
        }
        out.push(']');
        out
    }
    /// From what is kept, to the width of the form.
    #[must_use]
    pub fn parse(text: &str, width: usize) -> Self {
        let mut figures: Vec<Option<i64>> = kept(text).collect();
        figures.resize(width, None);
        Self(figures)
    }
    /// The sum of a cell's figures; nothing when one of them was left empty.
    #[must_use]
    pub fn total(&self, place: &Range<usize>) -> Option<i64> {
        self.0.get(place.clone())?.iter().copied().sum()
    }
}

/// The figures of a kept text, one after the other.
fn kept(text: &str) -> impl Iterator<Item = Option<i64>> + '_ {
    text.trim_start_matches('[').trim_end_matches(']').split(',').map(|piece| piece.parse().ok())
}

/// Figures added up over units (tổng hợp).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Added {
    /// Reports that are in it.
    pub n: usize,
    /// Sums, with how many reports said something.
    pub sums: Vec<(i64, usize)>,
}

impl Added {
    /// Nothing yet.
    #[must_use]
    pub fn none(width: usize) -> Self {
        Self { n: 0, sums: vec![(0, 0); width] }
    }
    /// Adds a report as it is kept.
    pub fn add(&mut self, text: &str) {
        self.n += 1;
        for (sum, figure) in self.sums.iter_mut().zip(kept(text)) {
            if let Some(figure) = figure {
                sum.0 = sum.0.saturating_add(figure);
                sum.1 += 1;
            }
        }
    }
    /// Adds another sum.
    pub fn merge(&mut self, other: &Self) {
        self.n += other.n;
        for (sum, more) in self.sums.iter_mut().zip(&other.sums) {
            sum.0 = sum.0.saturating_add(more.0);
            sum.1 += more.1;
        }
    }
    /// The sum of one figure, where any report said it.
    #[must_use]
    pub fn of(&self, index: usize) -> Option<i64> {
        self.sums.get(index).filter(|(_, n)| *n > 0).map(|(sum, _)| *sum)
    }
}

/// Reads what a person typed into a cell. `Ok(None)` when it was left empty.
///
/// # Errors
/// The word for what is wrong with it, a key below `form-unread-`.
pub fn read_cell(kind: &CellKind, text: &str) -> Result<Option<i64>, &'static str> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let within = |n: i64| if n.abs() <= FIGURE_MAX { Ok(Some(n)) } else { Err("too-large") };
    match kind {
        CellKind::Count => match whole(text) {
            Some(n) if n < 0 => Err("negative"),
            Some(n) => within(n),
            None if decimal(text).is_some() => Err("not-whole"),
            None => Err("not-a-count"),
        },
        CellKind::Decimal => decimal(text).map_or(Err("not-a-decimal"), within),
        CellKind::Choice(choices) => {
            let named = |choice: &Said| {
                vx_kernel::text::fold(&choice.vi) == vx_kernel::text::fold(text)
                    || choice.en.as_deref().is_some_and(|en| en.eq_ignore_ascii_case(text))
            };
            // A choice may be called "1": what is written is looked for before places are, and a page says "#0".
            let placed = || text.strip_prefix('#').unwrap_or(text).parse().ok().filter(|n| *n < choices.len());
            let place = choices.iter().position(named).or_else(placed);
            place.map_or(Err("not-in-the-list"), |n| Ok(i64::try_from(n).ok()))
        }
        CellKind::Text => Err("not-a-count"),
        CellKind::Date => day(text).map(|day| Some(days_of(day))).ok_or("not-a-day"),
    }
}

/// A whole number with or without marks between thousands.
fn whole(text: &str) -> Option<i64> {
    let plain: String = text.chars().map(|c| if matches!(c, ' ' | '\u{a0}' | '\u{202f}') { '.' } else { c }).collect();
    if !plain.contains('.') {
        return plain.parse().ok();
    }
    let mut groups = plain.split('.');
    let first = groups.next().is_some_and(|group| (1..=3).contains(&group.trim_start_matches('-').len()));
    (first && groups.all(|group| group.len() == 3)).then(|| plain.replace('.', "").parse().ok()).flatten()
}

/// A decimal with a comma, in thousandths. `1.234,5` and `1234.5` are read; `1.234` is a whole number of thousands, as
/// Vietnamese officers write it.
fn decimal(text: &str) -> Option<i64> {
    let (before, after) = match (text.split_once(','), whole(text)) {
        (Some((before, after)), _) => (whole(before)?, after),
        (None, Some(n)) => (n, ""),
        (None, None) => {
            let (before, after) = text.split_once('.')?;
            (before.parse().ok()?, after)
        }
    };
    if after.len() > 3 || !after.bytes().all(|byte| byte.is_ascii_digit()) || text.ends_with([',', '.']) {
        return None;
    }
    let part: i64 = if after.is_empty() { 0 } else { format!("{after:0<3}").parse().ok()? };
    let sign = if text.starts_with('-') { -1 } else { 1 };
    before.checked_mul(SCALE)?.checked_add(sign * part)
}

/// A day as people and browsers write it.
fn day(text: &str) -> Option<Date> {
    if let Ok(day) = text.parse::<Date>() {
        return Some(day);
    }
    let mut parts = text.split(['/', '-', '.']);
    let mut next = || parts.next()?.trim().parse::<i16>().ok();
    let (day, month, year) = (next()?, next()?, next()?);
    Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

const EPOCH: Date = date(1970, 1, 1);

/// A day as it is kept.
#[must_use]
pub fn days_of(day: Date) -> i64 {
    i64::from((day - EPOCH).get_days())
}

/// A kept day.
#[must_use]
pub fn day_of(days: i64) -> Option<Date> {
    EPOCH.checked_add(days.days()).ok()
}

/// The day of a cell of a table: as a spreadsheet counts it, or as people type it; nothing in an empty cell.
///
/// # Errors
/// What was typed, where it is no day.
pub fn read_day(cell: Option<&Read>) -> Result<Option<Date>, String> {
    if let Some(day) = cell.and_then(Read::day) {
        return Ok(Some(day));
    }
    let text = cell.map(Read::typed).unwrap_or_default();
    match read_cell(&CellKind::Date, &text) {
        Ok(days) => Ok(days.and_then(day_of)),
        Err(_) => Err(text),
    }
}

/// A kept figure as its readers write it.
#[must_use]
pub fn say(kind: &CellKind, lang: Lang, figure: i64) -> String {
    match kind {
        CellKind::Count | CellKind::Text => vx_kernel::time::say_count(lang, figure),
        CellKind::Decimal => {
            let rest = (figure % SCALE).abs();
            let whole = vx_kernel::time::say_count(lang, figure / SCALE);
            let sign = if figure < 0 && figure / SCALE == 0 { "-" } else { "" };
            if rest == 0 {
                whole
            } else {
                let mark = if lang == Lang::Vi { ',' } else { '.' };
                format!("{sign}{whole}{mark}{}", format!("{rest:03}").trim_end_matches('0'))
            }
        }
        CellKind::Choice(choices) => usize::try_from(figure)
            .ok()
            .and_then(|n| choices.get(n))
            .map_or_else(String::new, |choice| choice.of(lang).to_owned()),
        CellKind::Date => day_of(figure).map_or_else(String::new, |day| vx_kernel::time::say_date(lang, day)),
    }
}

/// A kept figure as it stands in the field of a page: what [`read_cell`] reads back.
#[must_use]
pub fn typed(kind: &CellKind, figure: i64) -> String {
    match kind {
        CellKind::Count | CellKind::Text => figure.to_string(),
        CellKind::Choice(_) => format!("#{figure}"),
        CellKind::Decimal => say(kind, Lang::Vi, figure).replace('.', ""),
        CellKind::Date => day_of(figure).map_or_else(String::new, |day| day.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form() -> FormSpec {
        let sexes = [("Nam", "Male"), ("Nữ", "Female")];
        FormSpec::new("thu", 1, "Thử", "Test")
            .cell(CellSpec::new("mau", CellKind::Count, "Số mẫu", "Samples"))
            .cell(
                CellSpec::new("duong", CellKind::Count, "Dương tính", "Positive").by(Said::both("giới", "sex"), &sexes),
            )
            .cell(CellSpec::new("am", CellKind::Count, "Âm tính", "Negative"))
            .cell(CellSpec::new("oxy", CellKind::Decimal, "Ô-xy", "Oxygen").latest())
            .cell(CellSpec::new("ghi", CellKind::Text, "Ghi chú", "Note"))
            .check("duong <= mau")
            .check("mau = duong + am")
    }

    #[test]
    fn figures_are_read_as_people_write_them() {
        let choice = CellKind::Choice(vec![Said::both("Đạt", "Met"), Said::both("Không đạt", "Not met")]);
        for (kind, text, expected) in [
            (CellKind::Count, "12", Ok(Some(12))),
            (CellKind::Count, " 0 ", Ok(Some(0))),
            (CellKind::Count, "", Ok(None)),
            (CellKind::Count, "1.000", Ok(Some(1000))),
            (CellKind::Count, "1 419", Ok(Some(1419))),
            (CellKind::Count, "-3", Err("negative")),
            (CellKind::Count, "2,5", Err("not-whole")),
            (CellKind::Count, "ba", Err("not-a-count")),
            (CellKind::Count, "12 ca", Err("not-a-count")),
            (CellKind::Count, "44348.5", Err("not-whole")),
            (CellKind::Count, "9999999999999", Err("too-large")),
            (CellKind::Decimal, "2,5", Ok(Some(2_500))),
            (CellKind::Decimal, "2.5", Ok(Some(2_500))),
            (CellKind::Decimal, "1.234,05", Ok(Some(1_234_050))),
            (CellKind::Decimal, "1.234", Ok(Some(1_234_000))),
            (CellKind::Decimal, "-0,5", Ok(Some(-500))),
            (CellKind::Decimal, "0,1234", Err("not-a-decimal")),
            (CellKind::Decimal, "nhiều", Err("not-a-decimal")),
            (choice.clone(), "không đạt", Ok(Some(1))),
            (choice.clone(), "0", Ok(Some(0))),
            (choice.clone(), "#1", Ok(Some(1))),
            (choice.clone(), "1", Ok(Some(1))),
            (choice.clone(), "#2", Err("not-in-the-list")),
            (CellKind::Choice(vec![Said::both("Thấp", "Low"), Said::both("1", "1")]), "1", Ok(Some(1))),
            (CellKind::Choice(vec![Said::both("1", "1"), Said::both("2", "2")]), "1", Ok(Some(0))),
            (choice, "tốt", Err("not-in-the-list")),
            (CellKind::Date, "2021-09-10", Ok(Some(18_880))),
            (CellKind::Date, "10/9/2021", Ok(Some(18_880))),
            (CellKind::Date, "30/2/2021", Err("not-a-day")),
        ] {
            assert_eq!(read_cell(&kind, text), expected, "{} {text:?}", kind.as_str());
        }
    }

    #[test]
    fn what_is_said_is_read_back() {
        for figure in [0, 1, -1, 999, 1_000, -500, 1_234_050, 12_000_001] {
            let text = typed(&CellKind::Decimal, figure);
            assert_eq!(read_cell(&CellKind::Decimal, &text), Ok(Some(figure)), "{text}");
        }
        assert_eq!(say(&CellKind::Decimal, Lang::Vi, 1_234_500), "1.234,5");
        assert_eq!(say(&CellKind::Decimal, Lang::En, -500), "-0.5");
        assert_eq!(say(&CellKind::Date, Lang::Vi, 18_880), "10/9/2021");
        assert_eq!(typed(&CellKind::Date, 18_880), "2021-09-10");
    }

    #[test]
    fn kept_figures_come_back() {
        for figures in [vec![], vec![Some(1)], vec![Some(1), None, Some(0), None, Some(-5)]] {
            let figures = Figures(figures);
            assert_eq!(Figures::parse(&figures.text(), figures.0.len()), figures, "{}", figures.text());
        }
        assert_eq!(Figures(vec![Some(1), None, Some(0)]).text(), "[1,,0]");
        assert_eq!(Figures::parse("[1,2]", 4).0, [Some(1), Some(2), None, None], "a wider form has what it had");
    }

    #[test]
    fn checks_remark_and_never_block() {
        let form = form();
        for (figures, expected) in [
            // mau, duong nam, duong nu, am, oxy, ghi
            ([Some(10), Some(1), Some(2), Some(7), Some(5)], ""),
            ([Some(0), Some(0), Some(0), Some(0), Some(0)], ""),
            ([Some(2), Some(1), Some(2), Some(7), Some(5)], "above duong 3>2, not_equal mau 2>10"),
            ([Some(10), Some(1), Some(2), Some(6), Some(5)], "not_equal mau 10>9"),
            // A part that is missing says nothing about the whole.
            ([Some(10), Some(11), None, Some(7), Some(5)], "empty duong 0>0"),
            ([None, None, None, None, None], "empty mau 0>0, empty duong 0>0, empty am 0>0, empty oxy 0>0"),
        ] {
            let mut figures = figures.to_vec();
            figures.push(None);
            let got = form.remarks(&Figures(figures.clone()));
            let say = |remark: &Remark| format!("{} {} {}>{}", remark.code, remark.cell, remark.left, remark.right);
            assert_eq!(got.iter().map(say).collect::<Vec<_>>().join(", "), expected, "{figures:?}");
        }
    }

    #[test]
    fn a_check_names_figures_of_one_kind() {
        let cells = form().cells;
        for (rule, sound) in [
            ("duong <= mau", true),
            ("mau = duong + am", true),
            ("mau=duong+am", true),
            ("mau >= duong", false),
            ("mau = mau", false),
            ("mau = oxy", false),
            ("mau = ghi", false),
            ("mau = khac", false),
            ("mau", false),
            ("mau = duong * 2", false),
        ] {
            assert_eq!(Check::parse(rule, &cells).is_some(), sound, "{rule}");
        }
    }

    #[test]
    fn reports_are_added_and_silence_is_not_nought() {
        let mut north = Added::none(3);
        north.add("[1,,0]");
        north.add("[2,,]");
        let mut all = Added::none(3);
        all.add("[5,7]");
        all.merge(&north);
        assert_eq!(all.n, 3);
        assert_eq!([0, 1, 2].map(|index| all.of(index)), [Some(8), Some(7), Some(0)]);
        assert_eq!(north.of(1), None, "nobody said anything");
    }
}
