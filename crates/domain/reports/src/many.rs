//! Reports of many units at once: one table of units × cells, written and read back, judged row by row before anything
//! is written, and written set by set.
//!
//! What is wrong with a row is said with its place and what to do; the good rows are kept. What looks wrong in the
//! figures (remarks) never keeps a row back.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::Arc,
};

use jiff::Timestamp;
use vx_concepts::{
    engine::run_all,
    form::{self, CellKind, CellSpec, Figures, FormSpec, Period, Words},
};
use vx_kernel::{
    Date, Id, Path, Problem,
    time::{self, Lang},
    units::{
        Tree, Unit,
        mentions::{self, MentionContext, Unresolved},
    },
};
use vx_platform::{
    auth::Actor,
    sheet::{Cell, Column, Merged, Read, Sheet, SheetKind, Table},
    store::{Conn, Sql, Uuid},
    text_enum,
    web::{App, unit_name},
    words::Words as Texts,
};

use crate::{
    commands::{Bring, Submit},
    sheets::{as_typed, form_mark},
    types::Request,
};

/// The code of the row that says what each column is.
const MARK: &str = "#";
/// The column in which rejected rows bear their reason.
const REASON: &str = "loi";
/// Columns before the figures: unit, its name, period.
const BEFORE: usize = 3;
/// Reports written in one transaction: the others' commands wait for no more than that.
pub(crate) const CHUNK: usize = 500;
/// Units whose last editions are looked up with one statement.
const LOOKED_UP: usize = 500;
/// Editions found by one statement: each of [`LOOKED_UP`] units for a month of days, put right now and then.
const FOUND_MAX: i64 = 60_000;

text_enum! {
    /// What a row of a table comes to (kết quả đối chiếu).
    pub enum Verdict {
        /// A first report (nhận mới).
        New = "new",
        /// There is a report, and it says something else (đính chính).
        Corrects = "corrects",
        /// There is a report that says the same (đã có, không đổi).
        Unchanged = "unchanged",
        /// Nothing was filled in (chưa điền).
        Empty = "empty",
        /// Something is wrong with it (không nhận).
        Rejected = "rejected",
    }
}

/// What is wrong with a row, and where.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fault {
    /// The cell, when it is about one: what it asks for, and what stands there.
    pub cell: Option<(String, String)>,
    /// The code of a problem, or of what cannot be read (a key below `form-unread-`).
    pub code: &'static str,
    /// Values that the sentence names.
    pub args: Vec<(&'static str, String)>,
}

impl Fault {
    fn row(problem: Problem) -> Self {
        let args = problem.args.iter().map(|(name, value)| (*name, value.clone())).collect();
        Self { cell: None, code: problem.code, args }
    }

    /// What is wrong and what to do, for people.
    #[must_use]
    pub fn say(&self, texts: &Texts, lang: Lang) -> String {
        if let Some((cell, value)) = &self.cell {
            let why = texts.say(lang, &format!("form-unread-{}", self.code), &[]);
            return format!("{cell}: \"{value}\" – {why}");
        }
        let mut problem = Problem::invalid(self.code);
        problem.args.clone_from(&self.args);
        let (what, todo) = texts.problem(lang, &problem);
        format!("{what} {todo}")
    }
}

/// Something about the whole table that its sender should know.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Note {
    /// Its text was converted from an old encoding.
    Encoding(&'static str),
    /// It was made for another version of the form.
    Version {
        /// Its version.
        is: String,
        /// The one in use.
        wanted: i64,
    },
    /// It has columns that the form has not; they are passed over.
    Unknown(Vec<String>),
    /// It lacks columns of the form; what they ask stays empty.
    Missing(Vec<String>),
    /// It has more columns than are read.
    Wide,
}

/// One report of a table.
#[derive(Clone, Debug)]
pub struct Row {
    /// Its line.
    pub line: usize,
    /// The unit as it stands there.
    pub said: String,
    /// All its cells as they stand there.
    pub cells: Vec<Read>,
    /// The unit.
    pub unit: Option<Path>,
    /// The period.
    pub period: Option<Period>,
    /// The figures.
    pub figures: Figures,
    /// The words.
    pub words: Words,
    /// What is wrong.
    pub faults: Vec<Fault>,
    /// How much looks wrong.
    pub n_remarks: usize,
    /// The last edition there is; 0 for none.
    pub seen: i64,
    /// What the registers knew when that one was sent, and why it said otherwise: a correction leaves both beside it.
    pub known: Option<(Figures, BTreeMap<String, String>)>,
    /// What it comes to.
    pub verdict: Verdict,
}

/// A table that was read and judged.
#[derive(Clone, Debug, Default)]
pub struct Review {
    /// What its sender should know.
    pub notes: Vec<Note>,
    /// Headings of its columns and their codes.
    pub columns: Vec<(String, String)>,
    /// Its rows.
    pub rows: Vec<Row>,
}

impl Review {
    /// How many rows come to this.
    #[must_use]
    pub fn n(&self, verdict: Verdict) -> usize {
        self.rows.iter().filter(|row| row.verdict == verdict).count()
    }
}

/// What reports are judged against.
#[derive(Clone, Debug)]
pub struct Ground {
    /// The request that they answer.
    pub request: Request,
    /// Its form.
    pub form: FormSpec,
    /// The units.
    pub tree: Arc<Tree>,
    /// The unit for which somebody brings them.
    pub by: Path,
    /// The period that all are about; none when each row says its own.
    pub chosen: Option<Period>,
    /// Now.
    pub now: Timestamp,
}

/// What a column holds.
enum Holds<'a> {
    Figure(&'a CellSpec, usize, String),
    Words(&'a CellSpec),
}

/// Every column of a form: its code, what it asks for, and where it goes.
fn columns_of(form: &FormSpec, lang: Lang) -> Vec<(String, String, Holds<'_>)> {
    let mut columns = Vec::new();
    for (cell, place) in form.cells.iter().zip(form.places()) {
        let label = cell.label.of(lang).to_owned();
        match &cell.by {
            Some(by) => {
                for (n, (part, at)) in by.parts.iter().zip(place).enumerate() {
                    let label = format!("{label} – {}", part.of(lang));
                    columns.push((format!("{}.{}", cell.code, n + 1), label.clone(), Holds::Figure(cell, at, label)));
                }
            }
            None if cell.kind == CellKind::Text => columns.push((cell.code.clone(), label, Holds::Words(cell))),
            None => columns.push((cell.code.clone(), label.clone(), Holds::Figure(cell, place.start, label))),
        }
    }
    columns
}

/// Reads and judges a table; what is there already is settled by [`settle`].
///
/// # Errors
/// `reports.fill.…` when it is no table of this form.
pub fn parse(ground: &Ground, table: Table) -> Result<Review, Problem> {
    let form = &ground.form;
    let text = |cells: &[Read], at: usize| cells.get(at).map_or_else(String::new, plain);
    let Table { rows, encoding, merged, wide } = table;
    let found = rows.iter().position(|(_, cells)| text(cells, 0) == MARK);
    let found = found.ok_or_else(|| Problem::invalid("reports.import.no_mark"))?;
    let mark = &rows[found].1;
    let said = text(mark, 1);
    let (code, version) = said.split_once(' ').unwrap_or((said.as_str(), ""));
    if code != form.code {
        let problem = Problem::invalid("reports.fill.another_form").with("is", code);
        return Err(problem.with("wanted", form_mark(form)));
    }
    let mut review = Review::default();
    review.notes.extend(encoding.map(Note::Encoding));
    if version.trim() != form.version.to_string() {
        review.notes.push(Note::Version { is: version.trim().to_owned(), wanted: form.version });
    }
    let known = columns_of(form, Lang::Vi);
    let (mut holds, mut unknown, mut there) = (Vec::new(), Vec::new(), HashSet::new());
    for at in BEFORE..mark.len() {
        let code = text(mark, at);
        let place = known.iter().position(|(known, ..)| *known == code);
        match place {
            Some(place) if there.insert(place) => holds.push(Some(place)),
            _ => {
                if !code.is_empty() && code != REASON {
                    unknown.push(code);
                }
                holds.push(None);
            }
        }
    }
    let missing = known.iter().enumerate().filter(|(place, _)| !there.contains(place));
    let missing: Vec<String> = missing.map(|(_, (_, label, _))| label.clone()).collect();
    if !unknown.is_empty() {
        review.notes.push(Note::Unknown(unknown));
    }
    if !missing.is_empty() {
        review.notes.push(Note::Missing(missing));
    }
    if wide {
        review.notes.push(Note::Wide);
    }
    let heads = found.checked_sub(1).and_then(|at| rows.get(at)).map_or(&[][..], |(_, cells)| cells);
    let n = BEFORE + holds.len();
    review.columns = (0..n).map(|at| (text(heads, at), text(mark, at))).filter(|(_, code)| code != REASON).collect();
    let reasons: Vec<usize> = (BEFORE..n).filter(|at| text(mark, *at) == REASON).collect();
    let mut first: HashMap<(Path, Date), usize> = HashMap::new();
    for (line, mut cells) in rows.into_iter().skip(found + 1) {
        if cells.iter().all(Read::is_empty) {
            continue;
        }
        let mut row = blank(form, line);
        for (at, place) in holds.iter().enumerate() {
            let (Some(place), Some(read)) = (place, cells.get(BEFORE + at)) else { continue };
            if read.is_empty() {
                continue;
            }
            take(&mut row, &known[*place].2, read);
        }
        let hit = |merged: &&Merged| {
            let spans = merged.columns.1 > merged.columns.0 || merged.rows.1 > merged.rows.0;
            spans && (merged.rows.0..=merged.rows.1).contains(&line) && merged.columns.0 < n
        };
        if let Some(merged) = merged.iter().find(hit) {
            let said =
                format!("{}–{}", place_of(merged.columns.0, merged.rows.0), place_of(merged.columns.1, merged.rows.1));
            row.faults.push(Fault::row(Problem::invalid("reports.import.merged").with("cells", said)));
        }
        // Nobody has to delete the rows of those that have not answered.
        let is_blank = row.faults.is_empty() && is_silent(&row);
        if !is_blank {
            whose(ground, &mut row, &cells);
            if let (Some(unit), Some(period)) = (&row.unit, &row.period) {
                match first.get(&(unit.clone(), period.last)) {
                    Some(first) => {
                        let problem = Problem::invalid("reports.import.twice").with("line", first);
                        row.faults.push(Fault::row(problem));
                    }
                    None => drop(first.insert((unit.clone(), period.last), line)),
                }
            }
        }
        row.said = [text(&cells, 1), text(&cells, 0)].into_iter().find(|said| !said.is_empty()).unwrap_or_default();
        for at in reasons.iter().rev().filter(|at| **at < cells.len()).copied().collect::<Vec<_>>() {
            cells.remove(at);
        }
        row.cells = cells;
        review.rows.push(row);
    }
    Ok(review)
}

/// A report of which nothing is known yet.
pub(crate) fn blank(form: &FormSpec, line: usize) -> Row {
    Row {
        line,
        said: String::new(),
        cells: Vec::new(),
        unit: None,
        period: None,
        figures: Figures::none(form),
        words: Words::new(),
        faults: Vec::new(),
        n_remarks: 0,
        seen: 0,
        known: None,
        verdict: Verdict::Empty,
    }
}

/// What a cell says, in one line.
fn plain(read: &Read) -> String {
    match read {
        Read::Text(text) => text.trim().to_owned(),
        Read::Number(number) => number.to_string(),
        Read::Day(day) => day.to_string(),
    }
}

/// `C12` for the third column.
fn place_of(column: usize, row: usize) -> String {
    let (mut letters, mut rest) = (String::new(), column + 1);
    while rest > 0 {
        let letter = u8::try_from((rest - 1) % 26).unwrap_or(0);
        letters.insert(0, char::from(b'A' + letter));
        rest = (rest - 1) / 26;
    }
    format!("{letters}{row}")
}

fn take(row: &mut Row, holds: &Holds<'_>, read: &Read) {
    match holds {
        Holds::Figure(cell, at, label) => {
            let typed = as_typed(&cell.kind, read);
            match form::read_cell(&cell.kind, &typed) {
                Ok(figure) => row.figures.0[*at] = figure,
                Err(code) => {
                    let value = typed.chars().take(60).collect();
                    row.faults.push(Fault { cell: Some((label.clone(), value)), code, args: Vec::new() });
                }
            }
        }
        Holds::Words(cell) => {
            let words: String = plain(read).chars().take(form::TEXT_MAX).collect();
            row.words.insert(cell.code.clone(), words);
        }
    }
}

fn is_silent(row: &Row) -> bool {
    row.figures.0.iter().all(Option::is_none) && row.words.values().all(|words| words.trim().is_empty())
}

/// Finds out whose report of which period a row is, and whether it may be taken.
fn whose(ground: &Ground, row: &mut Row, cells: &[Read]) {
    let period = match cells.get(2).filter(|read| !read.is_empty()) {
        None => ground.chosen.ok_or_else(|| Problem::invalid("reports.import.no_period")),
        Some(read) => {
            let day = form::read_cell(&CellKind::Date, &as_typed(&CellKind::Date, read));
            match day.ok().flatten().and_then(form::day_of) {
                None => Err(Problem::invalid("reports.import.no_day").with("value", plain(read))),
                Some(day) => period_of(ground, day),
            }
        }
    };
    let on = period.as_ref().map_or_else(|_| time::day_of(ground.now), |period| period.last);
    let unit = cells.first().filter(|read| !read.is_empty()).map_or_else(
        || by_name(ground, cells.get(1).map_or_else(String::new, plain).as_str(), on),
        |read| by_code(&ground.tree, &plain(read)),
    );
    match period {
        Ok(period) => row.period = Some(period),
        Err(problem) => row.faults.push(Fault::row(problem)),
    }
    match unit.and_then(|unit| may_report(ground, unit, row.period.as_ref())) {
        Ok(path) => row.unit = Some(path),
        Err(problem) => row.faults.push(Fault::row(problem)),
    }
}

/// The period that ends on a day, if reports of it are taken.
pub(crate) fn period_of(ground: &Ground, day: Date) -> Result<Period, Problem> {
    let (request, periods) = (&ground.request, ground.request.periods());
    let say = |day: Date| time::say_date(Lang::Vi, day);
    let Some(period) = periods.ending(day) else {
        // The nearest that may be meant, so that the row can be put right without looking anything up.
        let recent = periods.recent(ground.now, 400);
        let near = recent.iter().map(|period| period.last).min_by_key(|last| (*last - day).get_days().abs());
        let near = near.or_else(|| periods.nth(0).map(|first| first.last)).map_or_else(String::new, say);
        return Err(Problem::invalid("reports.import.wrong_period").with("on", say(day)).with("near", near));
    };
    if ground.chosen.is_some_and(|chosen| chosen.last != period.last) {
        let wanted = ground.chosen.map_or_else(String::new, |chosen| say(chosen.last));
        return Err(Problem::invalid("reports.import.another_period").with("is", say(day)).with("wanted", wanted));
    }
    if !request.covers(period.last) {
        return Err(Problem::refused("reports.submit.ended"));
    }
    if ground.now < period.opens_at {
        return Err(Problem::refused("reports.submit.not_open"));
    }
    Ok(period)
}

/// A unit by its key or path. Spreadsheets make numbers of keys and drop their noughts in front.
pub(crate) fn by_code<'t>(tree: &'t Tree, code: &str) -> Result<&'t Unit, Problem> {
    let code = code.trim();
    let padded = [5, 3, 2].map(|width| format!("{code:0>width$}"));
    let digits = code.bytes().all(|byte| byte.is_ascii_digit());
    let found = tree.get(code).or_else(|| Path::parse(code).ok().and_then(|path| tree.at_path(&path)));
    let found = found.or_else(|| padded.iter().filter(|_| digits).find_map(|key| tree.get(key)));
    found.ok_or_else(|| Problem::invalid("reports.import.no_unit").with("unit", code))
}

/// A unit by its name on a day, in the place that is asked.
fn by_name<'t>(ground: &'t Ground, name: &str, on: Date) -> Result<&'t Unit, Problem> {
    let tree = &ground.tree;
    let context = MentionContext { place: ground.request.within.clone(), on };
    let resolution = mentions::resolve(tree, &context, name);
    let named = |ids: &[vx_kernel::units::UnitId]| {
        let names = ids.iter().filter_map(|id| tree.get(id.as_str())).map(|unit| unit.full_name_on(on));
        names.take(6).collect::<Vec<_>>().join("; ")
    };
    if let Some(Unresolved::NotOnDate { name, heirs, .. }) = resolution.problem() {
        let problem = Problem::invalid("reports.import.not_then").with("unit", name);
        return Err(problem.with("on", time::say_date(Lang::Vi, on)).with("heirs", named(heirs)));
    }
    match (resolution.units.as_slice(), resolution.problem()) {
        ([one], None) => tree.get(one.as_str()).ok_or_else(Problem::not_found),
        (_, Some(Unresolved::Ambiguous(several))) => {
            Err(Problem::invalid("reports.import.several").with("unit", name).with("several", named(several)))
        }
        (several @ [_, _, ..], _) => {
            Err(Problem::invalid("reports.import.several").with("unit", name).with("several", named(several)))
        }
        _ => Err(Problem::invalid("reports.import.no_unit").with("unit", name)),
    }
}

/// Whether a unit owes the report of a period, and whether it is for this one to bring it.
pub(crate) fn may_report(ground: &Ground, unit: &Unit, period: Option<&Period>) -> Result<Path, Problem> {
    let name = || unit.full_name.clone();
    if let Some(on) = period.map(|period| period.last)
        && !unit.exists_on(on)
    {
        let heirs = ground.tree.successors(unit.id.as_str());
        let heirs = heirs.iter().filter_map(|heir| ground.tree.get(heir.unit.as_str()));
        let heirs =
            heirs.map(|heir| format!("{} ({})", heir.full_name, heir.id)).take(6).collect::<Vec<_>>().join("; ");
        let problem = Problem::invalid("reports.import.not_then").with("unit", name());
        let heirs = if heirs.is_empty() { "–".to_owned() } else { heirs };
        return Err(problem.with("on", time::say_date(Lang::Vi, on)).with("heirs", heirs));
    }
    if period.is_some_and(|period| !ground.request.owed_by(&ground.tree, period.last, &unit.path)) {
        return Err(Problem::invalid("reports.import.not_asked").with("unit", name()));
    }
    if !ground.by.contains(&unit.path) && ground.request.path != ground.by {
        return Err(Problem::invalid("reports.import.not_yours").with("unit", name()));
    }
    Ok(unit.path.clone())
}

/// What was sent last: its edition, its figures and words as they are kept.
pub(crate) struct Last {
    pub(crate) edition: i64,
    pub(crate) figures: String,
    pub(crate) words: String,
    pub(crate) known: String,
    pub(crate) notes: String,
    /// When the first edition was sent.
    pub(crate) first_at: Timestamp,
    pub(crate) sent_at: Timestamp,
    pub(crate) by_name: String,
}

impl Last {
    /// What the registers knew when it was sent, and the notes to it.
    pub(crate) fn registers(&self, form: &FormSpec) -> (Figures, BTreeMap<String, String>) {
        (Figures::parse(&self.known, form.width()), serde_json::from_str(&self.notes).unwrap_or_default())
    }
}

/// The last editions of some units for some periods.
pub(crate) async fn last_editions(
    conn: &mut Conn,
    request: &Request,
    units: &[Path],
    days: &[Date],
) -> Result<HashMap<(Path, Date), Last>, Problem> {
    let mut found = HashMap::with_capacity(units.len());
    for units in units.chunks(LOOKED_UP) {
        let sql = Sql::new(
            "select path, period_on, edition, figures, words, known, notes, sent_at, by_name from report_submission where tenant = ",
        );
        let sql =
            sql.bind(conn.tenant()).sql(" and request = ").bind(request.id).sql(" and path in ").list(units.iter());
        let sql =
            sql.sql(" and period_on in ").list(days.iter().copied()).sql(" order by path, period_on, edition limit ");
        for row in conn.rows(sql.bind(FOUND_MAX)).await? {
            let (key, sent_at): ((Path, Date), Timestamp) =
                ((row.get("path")?, row.get("period_on")?), row.get("sent_at")?);
            let first_at = found.get(&key).map_or(sent_at, |earlier: &Last| earlier.first_at);
            let last = Last {
                edition: row.get("edition")?,
                figures: row.get("figures")?,
                words: row.get("words")?,
                known: row.get("known")?,
                notes: row.get("notes")?,
                first_at,
                sent_at,
                by_name: row.get("by_name")?,
            };
            found.insert(key, last);
        }
    }
    Ok(found)
}

/// Holds rows against what is there already, and says what each comes to.
///
/// # Errors
/// When the database is away.
pub async fn settle(conn: &mut Conn, ground: &Ground, rows: &mut [Row]) -> Result<(), Problem> {
    let of = |row: &Row| row.unit.clone().zip(row.period.map(|period| period.last));
    let mut units: Vec<Path> = rows.iter().filter_map(|row| row.unit.clone()).collect();
    let mut days: Vec<Date> = rows.iter().filter_map(|row| row.period.map(|period| period.last)).collect();
    units.sort();
    units.dedup();
    days.sort_unstable();
    days.dedup();
    let there = last_editions(conn, &ground.request, &units, &days).await?;
    for row in rows {
        let last = of(row).and_then(|key| there.get(&key));
        row.seen = last.map_or(0, |last| last.edition);
        row.known = last.map(|last| last.registers(&ground.form));
        row.n_remarks = ground.form.remarks(&row.figures).len();
        let words = |text: &str| serde_json::from_str::<Words>(text).unwrap_or_default();
        row.verdict = match last {
            _ if !row.faults.is_empty() => Verdict::Rejected,
            _ if is_silent(row) => Verdict::Empty,
            None => Verdict::New,
            Some(last) if last.figures == row.figures.text() && words(&last.words) == row.words => Verdict::Unchanged,
            Some(_) => Verdict::Corrects,
        };
    }
    Ok(())
}

/// The commands that write rows down, each with its line; the same import makes the same keys.
#[must_use]
pub fn commands(
    ground: &Ground,
    rows: &[Row],
    from: usize,
    import: Uuid,
    reason: Option<&str>,
) -> Vec<(usize, (Uuid, Bring))> {
    let mut all = Vec::new();
    for (index, row) in rows.iter().enumerate() {
        let taken = row.verdict == Verdict::New || row.verdict == Verdict::Corrects && reason.is_some();
        let (true, Some(unit), Some(period)) = (taken, &row.unit, row.period) else { continue };
        let report = Submit {
            id: Id::fresh(),
            request: ground.request.id,
            unit: unit.clone(),
            owes: true,
            period_on: period.last,
            seen: row.seen,
            figures: row.figures.clone(),
            words: row.words.clone(),
            // Ten thousand units at once do not ask the registers; the report stands as the units gave it.
            known: row.known.as_ref().map_or_else(|| Figures::none(&ground.form), |(known, _)| known.clone()),
            unexplained: Vec::new(),
            notes: row.known.as_ref().map_or_else(BTreeMap::new, |(_, notes)| notes.clone()),
            reason: reason.filter(|_| row.seen > 0).map(str::to_owned),
        };
        let key = Uuid::from_u128(import.as_u128() ^ ((from + index + 1) as u128) << 16);
        all.push((row.line, (key, Bring { by: ground.by.clone(), report })));
    }
    all
}

/// What became of reports that were to be written down.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Written {
    /// First reports.
    pub n_new: usize,
    /// Corrections.
    pub n_corrected: usize,
    /// What was not written, by line, with the code of why.
    pub failed: Vec<(usize, &'static str)>,
}

impl Written {
    /// Counts what came of some commands.
    #[must_use]
    pub fn of(commands: &[(usize, bool)], outcomes: &[Result<Uuid, Problem>]) -> Self {
        let mut written = Self::default();
        for ((line, corrects), outcome) in commands.iter().zip(outcomes) {
            match outcome {
                Ok(_) if *corrects => written.n_corrected += 1,
                Ok(_) => written.n_new += 1,
                Err(problem) => written.failed.push((*line, problem.code)),
            }
        }
        written
    }
}

/// Writes rows down at once, set by set; what an import does in a job, for who waits for the answer.
///
/// # Errors
/// When the database is away. What is wrong with one report is told with it.
pub async fn write_down(
    app: &App,
    actor: &Actor,
    ground: &Ground,
    rows: &[Row],
    import: Uuid,
    reason: Option<&str>,
) -> Result<Written, Problem> {
    let mut all = Written::default();
    for (n, rows) in rows.chunks(CHUNK).enumerate() {
        let commands = commands(ground, rows, n * CHUNK, import, reason);
        let lines: Vec<(usize, bool)> =
            commands.iter().map(|(line, (_, bring))| (*line, bring.report.seen > 0)).collect();
        let shared: Arc<(Actor, Vec<(Uuid, Bring)>)> =
            Arc::new((actor.clone(), commands.into_iter().map(|(_, command)| command).collect()));
        let outcomes = app.db().write(move |tx| {
            let shared = shared.clone();
            Box::pin(async move { run_all(tx, &shared.0, &shared.1).await })
        });
        let written = Written::of(&lines, &outcomes.await?);
        all.n_new += written.n_new;
        all.n_corrected += written.n_corrected;
        all.failed.extend(written.failed);
    }
    Ok(all)
}

/// The name of a unit in a table: as pages say it.
fn named(app: &App, lang: Lang, path: &Path) -> Cell {
    Cell::from(unit_name(app, lang, path))
}

/// The columns of the table of a form.
fn headings(app: &App, lang: Lang, form: &FormSpec, with_reason: bool) -> Vec<Column> {
    let column = |key: &str, width| Column { title: app.words().say(lang, key, &[]), width };
    let mut columns = vec![column("report-many-code", 12), column("unit", 40), column("report-many-period", 14)];
    for (_, label, holds) in columns_of(form, lang) {
        let (unit, width) = match &holds {
            Holds::Figure(cell, ..) => (cell.unit.of(lang), 14),
            Holds::Words(_) => ("", 30),
        };
        let title = if unit.is_empty() { label } else { format!("{label} ({unit})") };
        columns.push(Column { title, width });
    }
    if with_reason {
        columns.push(column("report-many-reason", 60));
    }
    columns
}

fn mark_row(form: &FormSpec, with_reason: bool) -> Vec<Cell> {
    let mut cells = vec![Cell::Text(MARK.to_owned()), Cell::Text(form_mark(form)), Cell::Empty];
    cells.extend(columns_of(form, Lang::Vi).into_iter().map(|(code, ..)| Cell::Text(code)));
    if with_reason {
        cells.push(Cell::Text(REASON.to_owned()));
    }
    cells
}

/// A report as it goes into the table.
pub(crate) struct Line<'a> {
    pub(crate) unit: &'a Path,
    pub(crate) on: Date,
    pub(crate) last: Option<&'a Last>,
}

/// Writes the table of many units: what they have sent, and empty cells where they have sent nothing. It reads back as
/// it is.
///
/// # Errors
/// When the file cannot be written.
pub(crate) fn write(
    app: &App,
    lang: Lang,
    kind: SheetKind,
    form: &FormSpec,
    lines: &[Line<'_>],
) -> Result<Sheet, Problem> {
    let mut sheet = Sheet::begin(kind, form.name.of(lang), &headings(app, lang, form, false))?;
    sheet.row(&mark_row(form, false))?;
    let columns = columns_of(form, lang);
    for line in lines {
        let mut cells = vec![Cell::Text(line.unit.unit().to_owned()), named(app, lang, line.unit), Cell::Day(line.on)];
        if let Some(last) = line.last {
            let figures = Figures::parse(&last.figures, form.width());
            let words: Words = serde_json::from_str(&last.words).unwrap_or_default();
            for (_, _, holds) in &columns {
                cells.push(match holds {
                    Holds::Figure(cell, at, _) => {
                        figures.0[*at].map_or(Cell::Empty, |figure| shown(&cell.kind, lang, figure))
                    }
                    Holds::Words(cell) => Cell::from(words.get(&cell.code).cloned().unwrap_or_default()),
                });
            }
        }
        sheet.row(&cells)?;
    }
    Ok(sheet)
}

/// A kept figure in a table.
fn shown(kind: &CellKind, lang: Lang, figure: i64) -> Cell {
    match kind {
        CellKind::Count | CellKind::Text => Cell::Count(figure),
        CellKind::Decimal => Cell::Thousandths(figure),
        CellKind::Choice(_) => Cell::Text(form::say(kind, lang, figure)),
        CellKind::Date => Cell::from(form::day_of(figure)),
    }
}

/// Writes the rows that were not taken as a table of the same columns and one more with the reason, to be mended and
/// sent again.
///
/// # Errors
/// When the file cannot be written.
pub(crate) fn write_rejected(
    app: &App,
    lang: Lang,
    kind: SheetKind,
    ground: &Ground,
    review: &Review,
    corrects: bool,
) -> Result<Sheet, Problem> {
    let mut columns: Vec<Column> =
        review.columns.iter().map(|(title, _)| Column { title: title.clone(), width: 16 }).collect();
    columns.push(Column { title: app.words().say(lang, "report-many-reason", &[]), width: 80 });
    let mut sheet = Sheet::begin(kind, ground.form.name.of(lang), &columns)?;
    let mut mark: Vec<Cell> = review.columns.iter().map(|(_, code)| Cell::from(code.clone())).collect();
    mark.push(Cell::Text(REASON.to_owned()));
    sheet.row(&mark)?;
    let width = review.columns.len();
    for row in review.rows.iter().filter(|row| is_left(row, corrects)) {
        let mut cells: Vec<Cell> = row.cells.iter().take(width).map(as_it_stood).collect();
        cells.resize(width, Cell::Empty);
        cells.push(Cell::Text(why(app, lang, row)));
        sheet.row(&cells)?;
    }
    Ok(sheet)
}

/// Whether a row was left out: rejected, or it would have put right what is there and nobody said so.
pub(crate) fn is_left(row: &Row, corrects: bool) -> bool {
    row.verdict == Verdict::Rejected || row.verdict == Verdict::Corrects && !corrects
}

/// Why a row was left out, in words.
pub(crate) fn why(app: &App, lang: Lang, row: &Row) -> String {
    if row.verdict == Verdict::Corrects {
        return app.words().say(lang, "report-many-differs", &[("n", row.seen.into())]);
    }
    row.faults.iter().map(|fault| fault.say(app.words(), lang)).collect::<Vec<_>>().join(" · ")
}

fn as_it_stood(read: &Read) -> Cell {
    match read {
        // A number stays one, also in text: as words a negative one would be guarded.
        Read::Text(text) => match text.parse::<i64>() {
            Ok(number) if number.to_string() == *text => Cell::Count(number),
            _ => Cell::from(text.clone()),
        },
        #[expect(clippy::cast_possible_truncation, reason = "a number of a spreadsheet with three decimals")]
        Read::Number(number) if number.fract() == 0.0 && number.abs() < 1e15 => Cell::Count(*number as i64),
        Read::Number(number) => Cell::Text(number.to_string().replace('.', ",")),
        Read::Day(day) => Cell::Day(*day),
    }
}

#[cfg(test)]
mod tests;
