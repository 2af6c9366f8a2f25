//! Units from a file: what is sound is added, what is not comes back in a file of the same shape with the reason.

use std::{
    borrow::Cow,
    collections::{BTreeMap, HashMap, HashSet},
    sync::Arc,
};

use vx_concepts::engine::{execute, run};
use vx_kernel::{
    Date, Problem, ProblemKind,
    time::{Lang, day_of},
    units::{Tree, Unit, UnitId, read_places},
};
use vx_platform::{auth::Actor, store::Uuid, web::App, words::Words};

use super::{
    commands::{Add, called, overlap},
    store::{FACTS, Origin},
};

/// Rows written in one transaction.
const CHUNK: usize = 500;
/// Heading of the column in which rejected rows bear their reason.
const REASON: &str = "loi";

/// Why a row was not taken.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RowFault {
    /// The line in the file, from 1.
    pub line: u64,
    /// The column by its heading; empty if the whole row is meant.
    pub column: &'static str,
    /// Code of a problem, which has a sentence.
    pub code: &'static str,
    /// Values that the sentence names.
    pub args: Vec<(&'static str, String)>,
}

impl RowFault {
    fn of(line: u64, problem: Problem) -> Self {
        Self { line, column: "", code: problem.code, args: problem.args }
    }

    /// What is wrong, for people.
    #[must_use]
    pub fn say(&self, words: &Words, lang: Lang) -> String {
        let mut problem = Problem::invalid(self.code);
        problem.args.clone_from(&self.args);
        let (what, _) = words.problem(lang, &problem);
        if self.column.is_empty() { what } else { format!("{}: {what}", self.column) }
    }
}

/// What came of an import.
#[derive(Clone, Debug)]
pub struct ImportOutcome {
    /// Units added.
    pub accepted: usize,
    /// The rows that were not taken, as a file of the same columns and one more, `loi`, with the reason in both
    /// languages. None when all were taken.
    pub rejected_csv: Option<String>,
    /// Why each was not taken.
    pub faults: Vec<RowFault>,
}

/// A row of the file.
struct Row {
    line: u64,
    cells: Vec<String>,
}

/// What a file would do to a tree.
pub(crate) struct Plan {
    headings: Vec<String>,
    rows: Vec<Row>,
    /// What is to be added, parents first, with the line it came from.
    pub(crate) adds: Vec<(u64, Add)>,
    pub(crate) faults: Vec<RowFault>,
}

/// Adds the sound units of a file; see [`read_places`] for its columns. What is in the tree already is a fault of its
/// row, so that a file may be read again after its faults were mended.
///
/// # Errors
/// `units.import.missing_column` or `units.import.bad_csv` when the file is no table of units; when the database is away.
pub async fn import(app: &App, text: &str, file_name: &str) -> Result<ImportOutcome, Problem> {
    let (tree, today) = (app.tree(), day_of(app.clock().now()));
    let (text, name) = (text.to_owned(), file_name.to_owned());
    let planned = tokio::task::spawn_blocking(move || plan(&text, tree, &name, today)).await;
    let Plan { headings, rows, adds, mut faults } = planned.map_err(Problem::internal)??;
    let by = Actor::system("units import", app.rights().clone());
    let mut accepted = 0;
    for chunk in adds.chunks(CHUNK) {
        let adds: Vec<(Uuid, Add)> = chunk.iter().map(|(_, add)| (Uuid::now_v7(), add.clone())).collect();
        let shared = Arc::new((by.clone(), adds));
        let written = app
            .db()
            .write(move |tx| {
                let shared = shared.clone();
                Box::pin(async move {
                    let (by, adds) = &*shared;
                    for (key, add) in adds {
                        run(tx, by, *key, add).await?;
                    }
                    Ok(())
                })
            })
            .await;
        match written {
            Ok(()) => accepted += chunk.len(),
            // Somebody added one of these meanwhile: each alone, so that only that one is rejected.
            Err(problem) if problem.kind == ProblemKind::Conflict => {
                for (line, add) in chunk {
                    match execute(app.db(), &by, Uuid::now_v7(), add.clone()).await {
                        Ok(_) => accepted += 1,
                        Err(problem) if problem.kind == ProblemKind::Conflict => {
                            let key = add.key.as_ref().map_or(String::new(), UnitId::to_string);
                            faults.push(RowFault::of(
                                *line,
                                Problem::invalid("units.import.duplicate_key").with("detail", key),
                            ));
                        }
                        Err(problem) => return Err(problem),
                    }
                }
            }
            Err(problem) => return Err(problem),
        }
    }
    super::load(app).await?;
    faults.sort_by_key(|fault| fault.line);
    let rejected_csv = rejected(&headings, &rows, &faults, app.words());
    Ok(ImportOutcome { accepted, rejected_csv, faults })
}

/// Judges a file without writing anything.
pub(crate) fn plan(text: &str, tree: Arc<Tree>, file_name: &str, today: Date) -> Result<Plan, Problem> {
    let text = with_commas(text);
    let (units, read_faults) = read_places(&text, Some(&tree));
    let (headings, rows) = table(&text);
    if let Some(fault) = read_faults.iter().find(|fault| fault.code == "units.import.missing_column" || rows.is_empty())
    {
        return Err(Problem::invalid(fault.code).with("detail", &fault.detail));
    }
    let mut faults: Vec<RowFault> = read_faults
        .into_iter()
        .map(|fault| RowFault {
            line: fault.line,
            column: fault.column,
            code: fault.code,
            args: vec![("detail", fault.detail)],
        })
        .collect();
    let at = |name: &str| headings.iter().position(|heading| heading.eq_ignore_ascii_case(name));
    let at_fault: HashSet<u64> = faults.iter().map(|fault| fault.line).collect();
    let key_at = at("key");
    let key_of = |row: &Row| key_at.and_then(|at| row.cells.get(at)).cloned().unwrap_or_default();
    let mut by_key: HashMap<String, &Row> = HashMap::new();
    for row in rows.iter().filter(|row| !at_fault.contains(&row.line)) {
        by_key.entry(key_of(row)).or_insert(row);
    }
    let judge = Judge { by_key, columns: FACTS.map(|name| (name, at(name))), file_name, today };
    let adds = judge.levels(units, tree, &mut faults);
    // What stands below a rejected row is neither read nor at fault by itself; and nothing may get lost.
    let settled: HashSet<u64> =
        adds.iter().map(|(line, _)| *line).chain(faults.iter().map(|fault| fault.line)).collect();
    let cut_off = faults.iter().find(|fault| fault.code == "units.import.too_many_rows").map(|fault| fault.line);
    let parent_at = at("parent");
    for row in rows.iter().filter(|row| !settled.contains(&row.line)) {
        let too_many = cut_off.is_some_and(|line| row.line >= line);
        let code = if too_many { "units.import.too_many_rows" } else { "units.import.parent_left_out" };
        let parent = parent_at.and_then(|at| row.cells.get(at)).cloned().unwrap_or_default();
        let detail = if too_many { vx_kernel::units::ROWS_MAX.to_string() } else { parent };
        faults.push(RowFault { line: row.line, column: "", code, args: vec![("detail", detail)] });
    }
    faults.sort_by_key(|fault| fault.line);
    Ok(Plan { headings, rows, adds, faults })
}

struct Judge<'a> {
    by_key: HashMap<String, &'a Row>,
    columns: [(&'static str, Option<usize>); FACTS.len()],
    file_name: &'a str,
    today: Date,
}

type Span = (Option<Date>, Option<Date>);

impl Judge<'_> {
    /// Level by level, because a unit is judged in the tree with those above it.
    fn levels(&self, units: Vec<Unit>, mut tree: Arc<Tree>, faults: &mut Vec<RowFault>) -> Vec<(u64, Add)> {
        let mut levels: BTreeMap<usize, Vec<Unit>> = BTreeMap::new();
        for unit in units {
            levels.entry(unit.path.depth()).or_default().push(unit);
        }
        let mut adds = Vec::new();
        for units in levels.into_values() {
            let mut names: HashMap<(Option<UnitId>, &'static str, String), Vec<Span>> = HashMap::new();
            let mut sound = Vec::with_capacity(units.len());
            for unit in units {
                let row = self.by_key.get(unit.id.as_str());
                let line = row.map_or(0, |row| row.line);
                let add = self.add(&unit, row.copied(), &tree);
                let span = (unit.from, unit.until);
                let name =
                    (unit.parent.clone(), unit.kind.as_str(), called(unit.kind, &unit.type_name, unit.bare_name()));
                let namesakes = names.entry(name).or_default();
                let judged = if namesakes.iter().any(|other| overlap(*other, span)) {
                    Err(Problem::refused("units.add.there_already").with("name", &unit.full_name))
                } else {
                    add.judge(self.today)
                };
                match judged {
                    Ok(_) => {
                        namesakes.push(span);
                        adds.push((line, add));
                        sound.push(unit);
                    }
                    Err(problem) if problem.kind == ProblemKind::NotFound => {
                        let parent = unit.parent.as_ref().map_or(String::new(), UnitId::to_string);
                        faults.push(RowFault::of(
                            line,
                            Problem::invalid("units.import.parent_left_out").with("detail", parent),
                        ));
                    }
                    Err(problem) => faults.push(RowFault::of(line, problem)),
                }
            }
            if !sound.is_empty() {
                tree = Arc::new(tree.with(sound).0);
            }
        }
        adds
    }

    fn add(&self, unit: &Unit, row: Option<&Row>, tree: &Arc<Tree>) -> Add {
        let cell = |at: Option<usize>| at.and_then(|at| row?.cells.get(at).cloned()).filter(|cell| !cell.is_empty());
        let parent = unit.path.parent().unwrap_or_default();
        Add {
            key: Some(unit.id.clone()),
            alt_names: unit.alt_names.clone(),
            phone: unit.phone.clone(),
            from: unit.from,
            until: unit.until,
            facts: self.columns.iter().filter_map(|(name, at)| Some((*name, cell(*at)?))).collect(),
            reason: Some(self.file_name.to_owned()),
            origin: Origin::Imported,
            ..Add::new(&parent, unit.kind, &unit.type_name, &unit.name, tree.clone())
        }
    }
}

/// Excel in Vietnamese separates by semicolons.
fn with_commas(text: &str) -> Cow<'_, str> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let first = text.lines().next().unwrap_or_default();
    if !first.contains(';') || first.contains(',') {
        return Cow::Borrowed(text);
    }
    let mut reader =
        csv::ReaderBuilder::new().delimiter(b';').has_headers(false).flexible(true).from_reader(text.as_bytes());
    let mut out = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
    for record in reader.records().map_while(Result::ok) {
        if out.write_record(&record).is_err() {
            return Cow::Borrowed(text);
        }
    }
    out.into_inner().map_or(Cow::Borrowed(text), |bytes| Cow::Owned(String::from_utf8_lossy(&bytes).into_owned()))
}

/// The headings and rows of a file, read the way [`read_places`] reads them.
fn table(text: &str) -> (Vec<String>, Vec<Row>) {
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).flexible(true).from_reader(text.as_bytes());
    let headings = reader.headers().map(|headings| headings.iter().map(str::to_owned).collect()).unwrap_or_default();
    let rows = reader.records().map_while(Result::ok).map(|record| Row {
        line: record.position().map_or(0, csv::Position::line),
        cells: record.iter().map(str::to_owned).collect(),
    });
    let rows = rows.collect();
    (headings, rows)
}

/// The rows at fault with their reasons. A reason of an import before is replaced.
fn rejected(headings: &[String], rows: &[Row], faults: &[RowFault], words: &Words) -> Option<String> {
    let mut reasons: HashMap<u64, Vec<&RowFault>> = HashMap::new();
    for fault in faults {
        reasons.entry(fault.line).or_default().push(fault);
    }
    if reasons.is_empty() {
        return None;
    }
    let kept: Vec<usize> = (0..headings.len()).filter(|at| !headings[*at].eq_ignore_ascii_case(REASON)).collect();
    let mut out = csv::Writer::from_writer(Vec::new());
    let head = kept.iter().map(|at| headings[*at].as_str()).chain([REASON]);
    out.write_record(head).ok()?;
    for row in rows {
        let Some(faults) = reasons.get(&row.line) else { continue };
        let say = |lang| faults.iter().map(|fault| fault.say(words, lang)).collect::<Vec<_>>().join("; ");
        let reason = format!("{} / {}", say(Lang::Vi), say(Lang::En));
        // Cells beyond the headings would be lost with their column; they go to the reason.
        let beyond = row.cells.get(headings.len()..).unwrap_or_default();
        let reason = if beyond.is_empty() { reason } else { format!("{reason} [{}]", beyond.join(",")) };
        let cells = kept.iter().map(|at| row.cells.get(*at).map_or("", String::as_str)).chain([reason.as_str()]);
        out.write_record(cells).ok()?;
    }
    out.into_inner().ok().map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
impl Plan {
    /// The file of rejected rows.
    pub(crate) fn rejected(&self, words: &Words) -> Option<String> {
        rejected(&self.headings, &self.rows, &self.faults, words)
    }
}
