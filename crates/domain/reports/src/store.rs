//! Reading reports.
//!
//! Who may read where the request stands (the unit that asked, or one above it) sees every report that answers it; others
//! see those of units within their own reach.

use std::collections::{BTreeMap, HashMap, HashSet};

use jiff::{Timestamp, civil::Date};
use vx_concepts::form::{Added, CellKind, Figures, FormSpec, Known, Period, Received, read_toml};
use vx_concepts::work::{self, Filter, Seen, WorkState};
use vx_kernel::{Id, Path, Problem, ids, text::fold, time};
use vx_platform::{
    auth::{Actor, Breadth, Reach, below, within},
    params,
    store::{Conn, Record as _, Sql},
};

use crate::{
    catalogue,
    types::{Endorsement, Form, Request, RequestState, Source, SourceChoice, Submission},
};

/// The permission to read forms, requests and reports.
pub const READ: &str = "reports.read";
/// Requests shown together: what a province asks for at the same time, many times over.
const REQUESTS_MAX: i64 = 500;
/// Forms from files shown together.
const FORMS_MAX: i64 = 500;
/// Editions of one report: more would be a fault of a program.
const EDITIONS_MAX: i64 = 200;
/// Reports of a period that are added up: every commune of the nation, each put right twice.
const ADDED_MAX: i64 = 36_000;
/// Reports on a board: a thousand units over thirty periods, most put right once.
const BOARD_MAX: i64 = 60_000;
/// Differences listed together.
pub const DIFFERENCES_MAX: usize = 200;

/// The newest number of a form from a file, with the unit that brought it.
///
/// # Errors
/// When the database is away.
pub async fn newest_number(conn: &mut Conn, code: &str) -> Result<Option<(i64, Path)>, Problem> {
    let sql = "select number, path from report_form where tenant = $1 and code = $2 order by number desc limit 1";
    let row = conn.row(Sql::with(sql, params![conn.tenant(), code])).await?;
    row.map(|row| Ok((row.get("number")?, row.get("path")?))).transpose()
}

/// The newest version of each form from a file, by name.
///
/// # Errors
/// When the database is away.
pub async fn forms(conn: &mut Conn) -> Result<Vec<Form>, Problem> {
    let sql = Sql::new("select ").sql(Form::SELECT).sql(" from report_form f where f.tenant = ").bind(conn.tenant());
    let sql = sql.sql(
        " and not exists (select 1 from report_form n where n.tenant = f.tenant and n.code = f.code and n.number > f.number)
          order by f.name, f.id limit ",
    );
    conn.rows(sql.bind(FORMS_MAX)).await?.iter().map(Form::read).collect()
}

/// A form by code and version, shipped or from a file; the newest version without one.
///
/// # Errors
/// `not_found`.
pub async fn form(conn: &mut Conn, code: &str, version: Option<i64>) -> Result<FormSpec, Problem> {
    let newest = || catalogue::SHIPPED.iter().map(|shipped| &shipped.form).find(|form| form.code == code);
    let found = match version {
        Some(version) => catalogue::shipped(code, version),
        None => newest(),
    };
    if let Some(form) = found {
        return Ok(form.clone());
    }
    let sql = Sql::new("select ").sql(Form::SELECT).sql(" from report_form where tenant = ").bind(conn.tenant());
    let sql = sql.sql(" and code = ").bind(code);
    let sql = sql.when(version, |sql, version| sql.sql(" and number = ").bind(version));
    let row = conn.row(sql.sql(" order by number desc limit 1")).await?.ok_or_else(Problem::not_found)?;
    let form = Form::read(&row)?;
    read_toml(&form.source, form.number)
        .map_err(|_| Problem::internal(format!("form {code} was read when it was brought and is not now")))
}

/// Requests that concern the actor: asked by units within reach, of units within reach, or of units above them.
/// Running ones first, the newest first.
///
/// # Errors
/// When the database is away.
pub async fn requests(conn: &mut Conn, actor: &Actor) -> Result<Vec<Request>, Problem> {
    let reach = actor.reach(READ);
    let sql = Sql::new("select ").sql(Request::SELECT).sql(" from report_request where tenant = ").bind(conn.tenant());
    let sql = within(sql.sql(" and ("), "path", &reach).sql(" or ");
    let sql = within(sql, "within", &reach);
    // A commune is asked by a request for the whole province.
    let above: Vec<Path> = reach
        .iter()
        .flat_map(|reach| {
            let mut above = vec![Path::root()];
            above.extend((1..=reach.path.depth()).map(|depth| reach.path.at_depth(depth)));
            above
        })
        .collect();
    let sql = sql.sql(" or within in ").list(above.iter());
    let sql =
        sql.sql(") order by case when state = ").bind(RequestState::Running).sql(" then 0 else 1 end, id desc limit ");
    let rows = conn.rows(sql.bind(REQUESTS_MAX)).await?;
    let requests: Vec<Request> = rows.iter().map(Request::read).collect::<Result<_, _>>()?;
    Ok(requests.into_iter().filter(|request| concerns(actor, request)).collect())
}

/// Whether a request concerns somebody: not when its units are named and none of theirs is among them.
fn concerns(actor: &Actor, request: &Request) -> bool {
    if sees_all(actor, request) {
        return true;
    }
    let reach = actor.reach(READ);
    let touches = |unit: &Path| reach.iter().any(|reach| reach.covers(unit));
    if request.listed.is_empty() {
        return touches(&request.within) || reach.iter().any(|reach| request.within.contains(&reach.path));
    }
    request.listed().iter().any(touches)
}

/// Whether the actor reads where the request stands, and so every report that answers it.
#[must_use]
pub fn sees_all(actor: &Actor, request: &Request) -> bool {
    actor.may(READ, &request.path) || actor.may(READ, request.asker())
}

/// A request, if it concerns the actor.
///
/// # Errors
/// `not_found` otherwise.
pub async fn visible(conn: &mut Conn, actor: &Actor, id: Id<ids::Request>) -> Result<Request, Problem> {
    let request: Request = conn.load(id).await?;
    if concerns(actor, &request) { Ok(request) } else { Err(Problem::not_found()) }
}

/// From which units the actor sees reports of a request.
#[must_use]
pub fn reach(actor: &Actor, request: &Request) -> Vec<Reach> {
    if sees_all(actor, request) {
        vec![Reach { path: Path::root(), breadth: Breadth::Subtree }]
    } else {
        actor.reach(READ)
    }
}

/// Unit, number and moment of an edition, as [`received`] asks for them.
fn edition_of(text: &str) -> Option<(Path, i64, Timestamp)> {
    let mut words = text.splitn(3, ' ');
    Some((Path::parse(words.next()?).ok()?, words.next()?.parse().ok()?, words.next()?.parse().ok()?))
}

/// What has come in from a part of the units over some periods.
///
/// # Errors
/// When the database is away.
pub async fn received(
    conn: &mut Conn,
    actor: &Actor,
    request: &Request,
    part: &Path,
    periods: &[Period],
) -> Result<HashMap<(Path, Date), Received>, Problem> {
    let reach = reach(actor, request);
    let days = || periods.iter().map(|period| period.last);
    // Days one by one: the index leads to the units of each, and not over those of the whole country in between. A row
    // for each day: reading sixteen thousand rows costs more than finding them; so there are as many rows as days.
    let sql = Sql::new("select period_on, string_agg(path || ' ' || edition || ' ' || cast(sent_at as text), ';')");
    let sql = sql.sql(" as editions from report_submission where tenant = ").bind(conn.tenant());
    let sql = sql.sql(" and request = ").bind(request.id).sql(" and period_on in ").list(days());
    let sql = within(below(sql.sql(" and "), "path", part).sql(" and "), "path", &reach);
    let sql = sql.sql(" group by period_on order by period_on");
    let mut received: HashMap<(Path, Date), Received> = HashMap::new();
    for row in conn.rows(sql).await? {
        let (on, editions): (Date, String) = (row.get("period_on")?, row.get("editions")?);
        received.reserve(editions.len() / 48);
        for sent in editions.split(';') {
            let (path, edition, sent_at) = edition_of(sent).ok_or_else(|| Problem::internal(sent))?;
            let first = Received { first_at: sent_at, edition, endorsed: false };
            let known = received.entry((path, on)).or_insert(first);
            // They come in no order.
            known.first_at = known.first_at.min(sent_at);
            known.edition = known.edition.max(edition);
        }
    }
    let sql = Sql::new("select unit, period_on, edition from report_endorsement where tenant = ").bind(conn.tenant());
    let sql = sql.sql(" and request = ").bind(request.id).sql(" and period_on in ").list(days());
    let sql = below(sql.sql(" and "), "unit", part);
    let sql = within(sql.sql(" and "), "unit", &reach).sql(" order by period_on, unit, edition limit ");
    for row in conn.rows(sql.bind(BOARD_MAX)).await? {
        let edition: i64 = row.get("edition")?;
        if let Some(report) = received.get_mut(&(row.get("unit")?, row.get("period_on")?)) {
            report.endorsed |= report.edition == edition;
        }
    }
    Ok(received)
}

/// The editions of a report, the last one first.
///
/// # Errors
/// When the database is away.
pub async fn editions(
    conn: &mut Conn,
    request: Id<ids::Request>,
    unit: &Path,
    on: Date,
) -> Result<Vec<Submission>, Problem> {
    let sql = Sql::new("select ").sql(Submission::SELECT).sql(" from report_submission where tenant = ");
    let sql = sql.bind(conn.tenant()).sql(" and request = ").bind(request).sql(" and path = ").bind(unit);
    let sql = sql.sql(" and period_on = ").bind(on).sql(" order by edition desc limit ").bind(EDITIONS_MAX);
    conn.rows(sql).await?.iter().map(Submission::read).collect()
}

/// Who has endorsed a report, which edition.
///
/// # Errors
/// When the database is away.
pub async fn endorsements(
    conn: &mut Conn,
    request: Id<ids::Request>,
    unit: &Path,
    on: Date,
) -> Result<Vec<Endorsement>, Problem> {
    let sql = Sql::new("select ").sql(Endorsement::SELECT).sql(" from report_endorsement where tenant = ");
    let sql = sql.bind(conn.tenant()).sql(" and request = ").bind(request).sql(" and unit = ").bind(unit);
    let sql = sql.sql(" and period_on = ").bind(on).sql(" order by id limit ").bind(EDITIONS_MAX);
    conn.rows(sql).await?.iter().map(Endorsement::read).collect()
}

/// Reports of a period that a unit may still endorse: the last edition of each unit directly below it that has sent
/// one, unless it has endorsed that edition.
///
/// # Errors
/// When the database is away.
pub async fn unendorsed(
    conn: &mut Conn,
    request: Id<ids::Request>,
    by: &Path,
    on: Date,
) -> Result<Vec<(Path, i64)>, Problem> {
    let sql = Sql::new(
        "select s.path as path, cast(max(s.edition) as bigint) as edition from report_submission s where s.tenant = ",
    );
    let sql = sql.bind(conn.tenant()).sql(" and s.request = ").bind(request).sql(" and s.period_on = ").bind(on);
    let sql = below(sql.sql(" and "), "s.path", by).sql(" group by s.path order by s.path limit ").bind(ADDED_MAX);
    let sent: Vec<(Path, i64)> = conn
        .rows(sql)
        .await?
        .iter()
        .map(|row| Ok((row.get("path")?, row.get("edition")?)))
        .collect::<Result<_, Problem>>()?;
    let sql = "select unit, edition from report_endorsement where tenant = $1 and request = $2 and period_on = $3
               and path = $4 limit $5";
    let rows = conn.rows(Sql::with(sql, params![conn.tenant(), request, on, by, ADDED_MAX])).await?;
    let done: HashSet<(Path, i64)> =
        rows.iter().map(|row| Ok((row.get("unit")?, row.get("edition")?))).collect::<Result<_, Problem>>()?;
    let open =
        |report: &(Path, i64)| work::escalation::superior(&report.0).as_ref() == Some(by) && !done.contains(report);
    Ok(sent.into_iter().filter(open).collect())
}

/// A sum over a part of the units: of each unit one level below it, and of all.
#[derive(Clone, Debug)]
pub struct RollUp {
    /// By the path of the unit one level below.
    pub parts: BTreeMap<Path, Added>,
    /// All of them.
    pub all: Added,
}

/// The last edition of every report of a period, within a part of the units, in the order of units: its unit and, as
/// they are kept, its figures and what the registers knew.
async fn last_editions(
    conn: &mut Conn,
    actor: &Actor,
    request: &Request,
    part: &Path,
    on: Date,
    mut each: impl FnMut(&str, &str, &str),
    with_known: bool,
) -> Result<(), Problem> {
    let reach = reach(actor, request);
    let sql = if with_known {
        Sql::new("select path, figures, known from report_submission where tenant = ")
    } else {
        Sql::new("select path, figures, '' as known from report_submission where tenant = ")
    };
    let sql = sql.bind(conn.tenant()).sql(" and request = ").bind(request.id).sql(" and period_on = ").bind(on);
    let sql = within(below(sql.sql(" and "), "path", part).sql(" and "), "path", &reach);
    let rows = conn.rows(sql.sql(" order by path, edition limit ").bind(ADDED_MAX)).await?;
    let mut last: Option<(String, String, String)> = None;
    for row in &rows {
        let next: (String, String, String) = (row.get("path")?, row.get("figures")?, row.get("known")?);
        if let Some((path, figures, known)) = last.take()
            && path != next.0
        {
            each(&path, &figures, &known);
        }
        last = Some(next);
    }
    if let Some((path, figures, known)) = last {
        each(&path, &figures, &known);
    }
    Ok(())
}

/// A report's figures with those of the registers in their places, where the registers know them.
fn with_registers<'t>(figures: &'t str, known: &str, registers: &[usize], width: usize) -> std::borrow::Cow<'t, str> {
    if registers.is_empty() {
        return figures.into();
    }
    let (mut figures, known) = (Figures::parse(figures, width), Figures::parse(known, width));
    for at in registers {
        figures.0[*at] = known.0[*at].or(figures.0[*at]);
    }
    figures.text().into()
}

/// Adds up the reports of a period, as the units stood then. Of the figures at the places `registers` it takes what the
/// registers knew of a unit, and its report where they knew nothing.
///
/// # Errors
/// When the database is away.
pub async fn roll_up(
    conn: &mut Conn,
    actor: &Actor,
    request: &Request,
    (width, registers): (usize, &[usize]),
    part: &Path,
    on: Date,
) -> Result<RollUp, Problem> {
    let mut parts: Vec<(String, Added)> = Vec::new();
    let deeper = part.depth() + 1;
    let each = |path: &str, figures: &str, known: &str| {
        let figures: &str = &with_registers(figures, known, registers, width);
        // Up to the slash that ends the key one level below; rows come in the order of paths.
        let end = path.match_indices('/').nth(deeper - 1).map_or(path.len(), |(at, _)| at + 1);
        let group = &path[..end];
        match parts.last_mut() {
            Some((last, added)) if last == group => added.add(figures),
            _ => {
                let mut added = Added::none(width);
                added.add(figures);
                parts.push((group.to_owned(), added));
            }
        }
    };
    last_editions(conn, actor, request, part, on, each, !registers.is_empty()).await?;
    let mut all = Added::none(width);
    parts.iter().for_each(|(_, added)| all.merge(added));
    let path = |text: &str| Path::parse(text).map_err(Problem::internal);
    let parts = parts.iter().map(|(group, added)| Ok((path(group)?, added.clone()))).collect::<Result<_, Problem>>()?;
    Ok(RollUp { parts, all })
}

/// The reports of a period as they stand last, unit by unit; the figures at `registers` as in [`roll_up`].
///
/// # Errors
/// When the database is away.
pub async fn reports(
    conn: &mut Conn,
    actor: &Actor,
    request: &Request,
    (width, registers): (usize, &[usize]),
    part: &Path,
    on: Date,
) -> Result<Vec<(Path, Figures)>, Problem> {
    let mut found = Vec::new();
    let each = |path: &str, figures: &str, known: &str| {
        found.push((path.to_owned(), Figures::parse(&with_registers(figures, known, registers, width), width)));
    };
    last_editions(conn, actor, request, part, on, each, !registers.is_empty()).await?;
    found.into_iter().map(|(path, figures)| Ok((Path::parse(&path).map_err(Problem::internal)?, figures))).collect()
}

/// When anything changed last that stands in the sum of some periods: a report that was sent or put right within a part of
/// the units, a source that was chosen for the sum of it.
///
/// # Errors
/// When the database is away.
pub async fn changed_at(
    conn: &mut Conn,
    request: &Request,
    part: &Path,
    first: Date,
    last: Date,
) -> Result<Option<Timestamp>, Problem> {
    let sql = Sql::new("select max(sent_at) as at from report_submission where tenant = ").bind(conn.tenant());
    let sql = sql.sql(" and request = ").bind(request.id).sql(" and period_on >= ").bind(first);
    let sql = below(sql.sql(" and period_on <= ").bind(last).sql(" and "), "path", part);
    let sent: Option<Timestamp> = conn.row(sql).await?.map_or(Ok(None), |row| row.get("at"))?;
    let sql = Sql::new("select max(created_at) as at from report_source where tenant = ").bind(conn.tenant());
    let sql = sql.sql(" and request = ").bind(request.id).sql(" and period_on >= ").bind(first);
    let sql = sql.sql(" and period_on <= ").bind(last).sql(" and within = ").bind(part);
    let chosen: Option<Timestamp> = conn.row(sql).await?.map_or(Ok(None), |row| row.get("at"))?;
    Ok(sent.max(chosen))
}

/// A figure that a unit reported otherwise than the registers knew (chênh lệch).
#[derive(Clone, Debug)]
pub struct Difference {
    /// The unit.
    pub unit: Path,
    /// Index of the cell.
    pub cell: usize,
    /// What it reported.
    pub said: Option<i64>,
    /// What the registers knew when it did.
    pub knew: i64,
}

/// What differs between reports and registers in a period, and what the reports said and the registers knew in sum, cell by
/// cell.
///
/// # Errors
/// When the database is away.
pub async fn differences(
    conn: &mut Conn,
    actor: &Actor,
    request: &Request,
    form: &FormSpec,
    part: &Path,
    on: Date,
) -> Result<(Vec<Difference>, Added, Added), Problem> {
    let (width, places) = (form.width(), form.places());
    let asked: Vec<(usize, usize)> = form
        .cells
        .iter()
        .enumerate()
        .filter(|(_, cell)| cell.known.is_some())
        .map(|(index, _)| (index, places[index].start))
        .collect();
    let (mut found, mut said, mut sum) = (Vec::new(), Added::none(width), Added::none(width));
    if asked.is_empty() {
        return Ok((Vec::new(), said, sum));
    }
    let each = |path: &str, figures: &str, known: &str| {
        said.add(figures);
        sum.add(known);
        let (figures, known) = (Figures::parse(figures, width), Figures::parse(known, width));
        for (cell, at) in &asked {
            if let Some(knew) = known.0[*at]
                && figures.0[*at] != Some(knew)
            {
                found.push((path.to_owned(), *cell, figures.0[*at], knew));
            }
        }
    };
    last_editions(conn, actor, request, part, on, each, true).await?;
    let differences = found
        .into_iter()
        .map(|(path, cell, said, knew)| {
            Ok(Difference { unit: Path::parse(&path).map_err(Problem::internal)?, cell, said, knew })
        })
        .collect::<Result<_, Problem>>()?;
    Ok((differences, said, sum))
}

/// Words that a unit wrote into a cell of text (nội dung ghi bằng lời).
#[derive(Clone, Debug)]
pub struct Said {
    /// The unit.
    pub unit: Path,
    /// Last day of the period.
    pub on: Date,
    /// Index of the cell.
    pub cell: usize,
    /// What it wrote.
    pub text: String,
}

/// What the reports of some periods, as they stand last, say in words: the newest period first, then in the order of
/// units. A form without cells of text costs no query.
///
/// # Errors
/// When the database is away.
pub async fn said(
    conn: &mut Conn,
    actor: &Actor,
    request: &Request,
    form: &FormSpec,
    part: &Path,
    (first, last): (Date, Date),
) -> Result<Vec<Said>, Problem> {
    let asked: Vec<_> = form.cells.iter().enumerate().filter(|(_, cell)| cell.kind == CellKind::Text).collect();
    if asked.is_empty() {
        return Ok(Vec::new());
    }
    let sql = Sql::new("select path, period_on, words from report_submission s where tenant = ").bind(conn.tenant());
    let sql = sql.sql(" and request = ").bind(request.id).sql(" and period_on >= ").bind(first);
    let sql = sql.sql(" and period_on <= ").bind(last).sql(
        " and words <> '' and words <> '{}' and not exists (select 1 from report_submission n where n.tenant = s.tenant
          and n.request = s.request and n.path = s.path and n.period_on = s.period_on and n.edition > s.edition)",
    );
    let sql = within(below(sql.sql(" and "), "path", part).sql(" and "), "path", &reach(actor, request));
    let mut found = Vec::new();
    for row in conn.rows(sql.sql(" order by period_on desc, path limit ").bind(ADDED_MAX)).await? {
        let (unit, on, words): (Path, Date, String) = (row.get("path")?, row.get("period_on")?, row.get("words")?);
        let words: HashMap<String, String> = serde_json::from_str(&words).map_err(Problem::internal)?;
        for (index, cell) in &asked {
            if let Some(text) = words.get(&cell.code).filter(|text| !text.trim().is_empty()) {
                found.push(Said { unit: unit.clone(), on, cell: *index, text: text.clone() });
            }
        }
    }
    Ok(found)
}

/// Which source was chosen for cells of a sum, by cell; the latest choice of each.
///
/// # Errors
/// When the database is away.
pub async fn choices(
    conn: &mut Conn,
    request: Id<ids::Request>,
    part: &Path,
    on: Date,
) -> Result<BTreeMap<String, SourceChoice>, Problem> {
    let sql = Sql::new("select ").sql(SourceChoice::SELECT).sql(" from report_source where tenant = ");
    let sql = sql.bind(conn.tenant()).sql(" and request = ").bind(request).sql(" and period_on = ").bind(on);
    let sql = sql.sql(" and within = ").bind(part).sql(" order by id limit ").bind(EDITIONS_MAX);
    let rows = conn.rows(sql).await?;
    rows.iter().map(|row| SourceChoice::read(row).map(|choice| (choice.cell.clone(), choice))).collect()
}

/// Places of the figures that a choice takes from the registers.
#[must_use]
pub fn from_registers(form: &FormSpec, choices: &BTreeMap<String, SourceChoice>) -> Vec<usize> {
    let chosen = |code: &str| choices.get(code).is_some_and(|choice| choice.source == Source::Registers);
    let cells = form.cells.iter().zip(form.places());
    cells.filter(|(cell, _)| cell.known.is_some() && chosen(&cell.code)).map(|(_, place)| place.start).collect()
}

/// What the registers know today of the cells of a form, for a unit and everything below it.
///
/// # Errors
/// When the database is away.
pub async fn known(
    conn: &mut Conn,
    form: &FormSpec,
    unit: &Path,
    period: &Period,
    now: Timestamp,
) -> Result<Figures, Problem> {
    let mut figures = Figures::none(form);
    let (mut counted, places): (Option<Vec<(String, i64)>>, _) = (None, form.places());
    let all = [Reach { path: unit.clone(), breadth: Breadth::Subtree }];
    let of = Filter { unit: Some(unit.clone()), ..Filter::default() };
    for (cell, place) in form.cells.iter().zip(places) {
        figures.0[place.start] = match &cell.known {
            None => None,
            Some(Known::Counted(what)) => {
                if counted.is_none() {
                    counted = Some(tallied(conn, unit, period).await?);
                }
                let what = fold(what);
                let sums = counted.iter().flatten().filter(|(of, _)| fold(of).contains(&what));
                // Nothing counted is nothing known, which is not nought.
                sums.map(|(_, n)| *n).reduce(|sum, n| sum + n)
            }
            Some(Known::TasksOverdue) => {
                let filter = Filter { seen: Some(Seen::Overdue), ..of.clone() };
                Some(work::count::count(conn, &filter, &all, now).await?)
            }
            Some(Known::TasksOpen) => Some(work::count::count(conn, &of, &all, now).await?),
            Some(Known::TasksDone) => {
                let states = vec![WorkState::Reported, WorkState::Confirmed];
                let days = (Some(period.first), Some(period.last));
                let filter = Filter { states, due_from: days.0, due_to: days.1, ..of.clone() };
                Some(work::count::count(conn, &filter, &all, now).await?)
            }
        };
    }
    Ok(figures)
}

/// Kinds of things that a province counts.
const COUNTED_MAX: i64 = 500;

/// What a unit and everything below it counted in a period, by what was counted.
async fn tallied(conn: &mut Conn, unit: &Path, period: &Period) -> Result<Vec<(String, i64)>, Problem> {
    let sql = Sql::new(
        "select w.target_of as what, cast(sum(t.n) as bigint) as n from work_tally t
         join work_item w on w.tenant = t.tenant and w.id = t.work where t.tenant = ",
    );
    let sql = below(sql.bind(conn.tenant()).sql(" and "), "t.path", unit);
    let sql = sql.sql(" and t.counted_on >= ").bind(period.first).sql(" and t.counted_on <= ").bind(period.last);
    let sql = sql.sql(
        " and w.target_of is not null
          and not exists (select 1 from work_tally c where c.tenant = t.tenant and c.corrects = t.id)
          group by w.target_of limit ",
    );
    conn.rows(sql.bind(COUNTED_MAX)).await?.iter().map(|row| Ok((row.get("what")?, row.get("n")?))).collect()
}

/// What the reports of a request came to in the time of one head of a unit.
#[derive(Clone, Debug)]
pub struct Head {
    /// Who.
    pub holder: String,
    /// Which unit.
    pub path: Path,
    /// Reports that were due.
    pub due: i64,
    /// Sent after they closed.
    pub late: i64,
    /// Not sent.
    pub missing: i64,
}

/// Heads shown, the worst first.
const HEADS_MAX: i64 = 100;

/// Late and missing reports by whoever answered for the unit when they closed, over the last periods.
///
/// # Errors
/// When the database is away.
pub async fn heads(
    conn: &mut Conn,
    actor: &Actor,
    request: &Request,
    part: &Path,
    since: Timestamp,
    now: Timestamp,
) -> Result<Vec<Head>, Problem> {
    let sql = Sql::new(
        "select coalesce(t.holder, '') as holder, w.path as path, count(*) as due, count(*) filter (where w.reported_at > w.due_sort) as late, count(*) filter (where w.reported_at is null) as missing from work_item w left join unit_tenure t on t.tenant = w.tenant and t.path = w.path and w.due_sort >= t.from_at and w.due_sort < t.until_at where w.tenant = ",
    );
    let sql = sql.bind(conn.tenant()).sql(" and w.request = ").bind(request.id).sql(" and w.state <> ");
    let sql = sql.bind(WorkState::Cancelled).sql(" and w.due_sort >= ").bind(since).sql(" and w.due_sort < ").bind(now);
    let sql = below(sql.sql(" and "), "w.path", part);
    let sql = within(sql.sql(" and "), "w.path", &reach(actor, request));
    let sql = sql.sql(" group by t.holder, w.path order by missing desc, late desc, w.path limit ").bind(HEADS_MAX);
    conn.rows(sql)
        .await?
        .iter()
        .map(|row| {
            Ok(Head {
                holder: row.get("holder")?,
                path: row.get("path")?,
                due: row.get("due")?,
                late: row.get("late")?,
                missing: row.get("missing")?,
            })
        })
        .collect()
}

/// The open work by which units owe the report of a period, by unit: to urge them.
///
/// # Errors
/// When the database is away.
pub async fn owed(
    conn: &mut Conn,
    actor: &Actor,
    request: &Request,
    part: &Path,
    period: &Period,
) -> Result<HashMap<Path, Id<ids::WorkItem>>, Problem> {
    let sql = Sql::new("select id, path from work_item where tenant = ").bind(conn.tenant()).sql(" and request = ");
    let sql = sql.bind(request.id).sql(" and due_sort = ").bind(period.closes_at).sql(" and closed_at is null");
    let sql = within(below(sql.sql(" and "), "path", part).sql(" and "), "path", &reach(actor, request));
    let rows = conn.rows(sql.sql(" order by path, id limit ").bind(ADDED_MAX)).await?;
    rows.iter().map(|row| Ok((row.get("path")?, row.get("id")?))).collect()
}

/// The day of a period in words of its own: one day, or from when to when.
#[must_use]
pub fn days(lang: time::Lang, period: &Period) -> String {
    if period.first == period.last {
        time::say_date(lang, period.last)
    } else {
        format!("{} – {}", time::say_date(lang, period.first), time::say_date(lang, period.last))
    }
}

#[cfg(test)]
mod tests {
    use super::with_registers;

    #[test]
    fn registers_take_the_place_of_a_report_where_they_know() {
        for (figures, known, registers, expected) in [
            ("[5,7,2]", "[,9,]", &[][..], "[5,7,2]"),
            ("[5,7,2]", "[,9,]", &[1], "[5,9,2]"),
            ("[5,7,2]", "[,9,]", &[0], "[5,7,2]"),
            ("[5,,2]", "[,9,4]", &[1, 2], "[5,9,4]"),
            ("[5,7,2]", "", &[0, 1, 2], "[5,7,2]"),
        ] {
            assert_eq!(with_registers(figures, known, registers, 3), expected, "{figures} {known} {registers:?}");
        }
    }
}
