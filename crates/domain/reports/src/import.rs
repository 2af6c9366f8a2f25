//! One file with the reports of many units (nhập số liệu nhiều đơn vị): kept first, looked at by a person, then written
//! down in the background, a few hundred reports to a transaction, in the name of who sent it.
//!
//! How far it has come is written with the reports themselves, so that a job that was cut off goes on where it stopped
//! and writes none twice.

use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use vx_concepts::engine::{Command, Decision, Effect, Fact, execute, run, run_all};
use vx_kernel::{Date, Id, Path, Problem, ids, time::Lang};
use vx_platform::{
    auth::{self, Actor},
    record,
    sheet::{self, Limits, SheetKind},
    store::{Conn, Record as _, Sql, Tx, Uuid},
    web::{App, off_thread},
};

use crate::{
    commands::Bring,
    dhis2::{self, ValueSet},
    many::{self, Ground, Review, Row, Verdict, Written},
    store::{self, READ},
    types::Request,
};

pub(crate) mod pages;

/// Failures kept with an import; the counts say how many there were.
const FAILURES_MAX: usize = 500;
/// Imports of one request that are listed, the newest first.
const LISTED: i64 = 20;

record! {
    /// Reports of many units, brought as one file (đợt nhập số liệu). `path` is the unit for which it was brought.
    pub struct ReportImport[ids::ReportImport] in "report_import" {
        /// The request that they answer.
        pub request: Id<ids::Request>,
        /// Last day of the period that all are about; none when each row says its own.
        pub period_on: Option<Date>,
        /// Name of the file.
        pub name: String,
        /// Hash of the file.
        #[serde(skip)]
        pub sha256: Vec<u8>,
        /// Who sent it.
        pub account: Option<Id<ids::Account>>,
        /// Their name.
        pub by_name: String,
        /// Why what was sent before is put right; none when it is not.
        pub reason: Option<String>,
        /// When it began.
        pub began_at: Timestamp,
        /// When the last row was written down.
        pub finished_at: Option<Timestamp>,
        /// Rows of the file.
        pub n_rows: i64,
        /// Rows that were gone through.
        pub n_done: i64,
        /// First reports.
        pub n_new: i64,
        /// Corrections.
        pub n_corrected: i64,
        /// Reports that said what was there already, and rows in which nothing was filled in.
        pub n_unchanged: i64,
        /// Rows that were not taken.
        pub n_rejected: i64,
        /// Reports that could not be written when it came to them.
        pub n_failed: i64,
        /// Which, as JSON of [`Failure`]s.
        #[serde(skip)]
        pub failures: String,
    }
}

/// A report that could not be written down, although its row looked sound.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Failure {
    /// Its line.
    pub line: usize,
    /// Code of the problem.
    pub code: String,
}

impl ReportImport {
    /// What could not be written down.
    #[must_use]
    pub fn failed(&self) -> Vec<Failure> {
        serde_json::from_str(&self.failures).unwrap_or_default()
    }
}

/// Begins to write down the reports of a file that was looked at (nhập số liệu nhiều đơn vị).
#[derive(Clone, Debug)]
pub struct StartImport {
    /// The record, new.
    pub import: ReportImport,
    /// Rows that would be first reports.
    pub n_new: usize,
    /// Rows that would put right what is there.
    pub n_corrects: usize,
}

impl Command for StartImport {
    type Record = ReportImport;
    type Facts = Request;
    const NAME: &'static str = "reports.import";
    const READ: &'static str = READ;

    async fn gather(&self, tx: &mut Tx) -> Result<Request, Problem> {
        tx.load(self.import.request).await
    }
    fn scope(&self, _: &Request) -> Path {
        self.import.path.clone()
    }
    fn seen_from(&self, request: &Request) -> Vec<Path> {
        vec![request.path.clone(), request.within.clone()]
    }
    fn decide(&self, _: &Request, by: &Actor, now: Timestamp) -> Result<Decision<ReportImport>, Problem> {
        let reason = self.import.reason.as_deref().map(str::trim).filter(|reason| !reason.is_empty());
        if self.import.reason.is_some() && reason.is_none() {
            return Err(Problem::refused("reports.submit.no_reason"));
        }
        if self.n_new == 0 && (self.n_corrects == 0 || reason.is_none()) {
            return Err(Problem::refused("reports.import.nothing"));
        }
        let record = ReportImport {
            account: by.account,
            by_name: by.name.clone(),
            reason: reason.map(str::to_owned),
            began_at: now,
            finished_at: None,
            n_done: 0,
            n_new: 0,
            n_corrected: 0,
            n_failed: 0,
            failures: "[]".to_owned(),
            ..self.import.clone()
        };
        let effects = vec![Effect::Tell(Fact::FiguresKept { import: record.id.uuid() })];
        Ok(Decision { record, effects })
    }
    fn before<'a>(&self, _: &'a Request) -> Option<&'a ReportImport> {
        None
    }
    fn reason(&self) -> Option<&str> {
        self.import.reason.as_deref()
    }
}

/// Notes how far an import has come. The program does this, nobody else.
#[derive(Clone, Debug)]
pub struct AdvanceImport {
    /// Which.
    pub import: Id<ids::ReportImport>,
    /// Rows that were gone through before.
    pub from: i64,
    /// Rows gone through now.
    pub n: usize,
    /// What became of them.
    pub written: Written,
}

impl Command for AdvanceImport {
    type Record = ReportImport;
    type Facts = ReportImport;
    const NAME: &'static str = "reports.import_written";
    const READ: &'static str = READ;

    async fn gather(&self, tx: &mut Tx) -> Result<ReportImport, Problem> {
        tx.load(self.import).await
    }
    fn scope(&self, import: &ReportImport) -> Path {
        import.path.clone()
    }
    fn decide(&self, import: &ReportImport, _: &Actor, now: Timestamp) -> Result<Decision<ReportImport>, Problem> {
        let count = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
        let mut failures = import.failed();
        let more = self.written.failed.iter().map(|(line, code)| Failure { line: *line, code: (*code).to_owned() });
        failures.extend(more);
        failures.truncate(FAILURES_MAX);
        let n_done = self.from + count(self.n);
        Ok(Decision::just(ReportImport {
            n_done,
            n_new: import.n_new + count(self.written.n_new),
            n_corrected: import.n_corrected + count(self.written.n_corrected),
            n_failed: import.n_failed + count(self.written.failed.len()),
            failures: serde_json::to_string(&failures).map_err(Problem::internal)?,
            finished_at: (n_done >= import.n_rows).then_some(now),
            ..import.clone()
        }))
    }
    fn before<'a>(&self, import: &'a ReportImport) -> Option<&'a ReportImport> {
        Some(import)
    }
}

/// The ground on which a file of a request is judged.
///
/// # Errors
/// `not_found` when the request has no such period.
pub async fn ground(
    app: &App,
    conn: &mut Conn,
    request: Request,
    by: Path,
    period_on: Option<Date>,
) -> Result<Ground, Problem> {
    let form = store::form(conn, &request.form, Some(request.form_version)).await?;
    let chosen = match period_on {
        Some(on) => Some(request.periods().ending(on).ok_or_else(Problem::not_found)?),
        None => None,
    };
    Ok(Ground { request, form, tree: app.tree(), by, chosen, now: app.clock().now() })
}

/// Reads and judges a file. Nothing is written.
///
/// # Errors
/// When it is no table of the form, or the database is away.
pub async fn review(app: &App, ground: &Ground, bytes: Vec<u8>) -> Result<Review, Problem> {
    let of = ground.clone();
    let mut review = off_thread(move || many::parse(&of, sheet::read_table(&bytes, Limits::MANY)?)).await??;
    many::settle(&mut app.db().read().await?, ground, &mut review.rows).await?;
    Ok(review)
}

/// What a review says of an import that is about to begin.
#[must_use]
pub fn begun(ground: &Ground, review: &Review, name: &str, sha256: Vec<u8>, reason: Option<String>) -> StartImport {
    let count = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
    let n = |verdict| review.n(verdict);
    let left = n(Verdict::Rejected) + if reason.is_none() { n(Verdict::Corrects) } else { 0 };
    let import = ReportImport {
        id: Id::fresh(),
        path: ground.by.clone(),
        version: 0,
        request: ground.request.id,
        period_on: ground.chosen.map(|period| period.last),
        name: name.chars().take(200).collect(),
        sha256,
        account: None,
        by_name: String::new(),
        reason,
        began_at: ground.now,
        finished_at: None,
        n_rows: count(review.rows.len()),
        n_done: 0,
        n_new: 0,
        n_corrected: 0,
        n_unchanged: count(n(Verdict::Unchanged) + n(Verdict::Empty)),
        n_rejected: count(left),
        n_failed: 0,
        failures: "[]".to_owned(),
    };
    StartImport { import, n_new: n(Verdict::New), n_corrects: n(Verdict::Corrects) }
}

/// Writes an import down to its end, from where it stopped.
///
/// # Errors
/// When the database is away, or another process is at it; the job is tried again.
pub async fn carry_on(app: &App, id: Id<ids::ReportImport>) -> Result<(), Problem> {
    let import: ReportImport = app.db().read().await?.load(id).await?;
    if import.finished_at.is_some() {
        return Ok(());
    }
    let program = Actor::system("Vùng Xanh", app.rights().clone());
    let actor = match import.account {
        None => Some(program.clone()),
        Some(account) => auth::actor_of(app.db(), app.rights(), Ok(account), app.clock().now()).await?,
    };
    let Some(actor) = actor else {
        // The account was closed meanwhile: nobody is there in whose name this could go on.
        let n = usize::try_from(import.n_rows - import.n_done).unwrap_or(0);
        let failed = vec![(0, Problem::refused("reports.import.nobody").code); n];
        let written = Written { failed, ..Written::default() };
        let advance = AdvanceImport { import: id, from: import.n_done, n, written };
        return execute(app.db(), &program, Uuid::now_v7(), advance).await.map(drop);
    };
    let mut conn = app.db().read().await?;
    let request: Request = conn.load(import.request).await?;
    let ground = ground(app, &mut conn, request, import.path.clone(), import.period_on).await?;
    drop(conn);
    let review = review(app, &ground, app.files().read(&import.sha256).await?).await?;
    let mut done = usize::try_from(import.n_done).unwrap_or(0);
    while done < review.rows.len() {
        let rows = &review.rows[done..(done + many::CHUNK).min(review.rows.len())];
        write_chunk(app, &actor, &program, &ground, &import, rows, done).await?;
        done += rows.len();
    }
    Ok(())
}

/// What one transaction of an import writes.
struct Chunk {
    actor: Actor,
    program: Actor,
    import: Id<ids::ReportImport>,
    from: i64,
    n: usize,
    lines: Vec<(usize, bool)>,
    commands: Vec<(Uuid, Bring)>,
}

async fn write_chunk(
    app: &App,
    actor: &Actor,
    program: &Actor,
    ground: &Ground,
    import: &ReportImport,
    rows: &[Row],
    from: usize,
) -> Result<(), Problem> {
    let commands = many::commands(ground, rows, from, import.id.uuid(), import.reason.as_deref());
    let chunk = Arc::new(Chunk {
        actor: actor.clone(),
        program: program.clone(),
        import: import.id,
        from: i64::try_from(from).unwrap_or(i64::MAX),
        n: rows.len(),
        lines: commands.iter().map(|(line, (_, bring))| (*line, bring.report.seen > 0)).collect(),
        commands: commands.into_iter().map(|(_, command)| command).collect(),
    });
    app.db()
        .write(move |tx| {
            let chunk = chunk.clone();
            Box::pin(async move {
                let import: ReportImport = tx.load(chunk.import).await?;
                if import.n_done != chunk.from {
                    // Another process was faster; what it wrote is written.
                    return Ok(());
                }
                let outcomes = run_all(tx, &chunk.actor, &chunk.commands).await?;
                let written = Written::of(&chunk.lines, &outcomes);
                let advance = AdvanceImport { import: chunk.import, from: chunk.from, n: chunk.n, written };
                run(tx, &chunk.program, Uuid::now_v7(), &advance).await.map(drop)
            })
        })
        .await
}

/// The imports of a request that were brought for units within reach, the newest first.
///
/// # Errors
/// When the database is away.
pub async fn list(conn: &mut Conn, actor: &Actor, request: &Request) -> Result<Vec<ReportImport>, Problem> {
    let sql = Sql::new("select ").sql(ReportImport::SELECT).sql(" from report_import where tenant = ");
    let sql = sql.bind(conn.tenant()).sql(" and request = ").bind(request.id).sql(" and ");
    let sql = auth::within(sql, "path", &store::reach(actor, request)).sql(" order by id desc limit ").bind(LISTED);
    conn.rows(sql).await?.iter().map(ReportImport::read).collect()
}

/// What takes a sheet into memory.
fn bytes_of(sheet: sheet::Sheet) -> Result<Vec<u8>, Problem> {
    let mut bytes = Vec::new();
    std::io::Read::read_to_end(&mut sheet.finish()?, &mut bytes).map_err(Problem::internal)?;
    Ok(bytes)
}

/// The table of a period, of every unit within a part of the units that the actor sees: as it was sent.
///
/// # Errors
/// `not_found` when the request has no such period.
pub async fn table(
    app: &App,
    actor: &Actor,
    lang: Lang,
    kind: SheetKind,
    request: &Request,
    part: &Path,
    on: Date,
) -> Result<Vec<u8>, Problem> {
    let period = request.periods().ending(on).ok_or_else(Problem::not_found)?;
    let mut conn = app.db().read().await?;
    let form = store::form(&mut conn, &request.form, Some(request.form_version)).await?;
    let units = pages::owing(app, actor, request, part, &period);
    let there = many::last_editions(&mut conn, request, &units, &[on]).await?;
    drop(conn);
    let lines: Vec<many::Line<'_>> =
        units.iter().map(|unit| many::Line { unit, on, last: there.get(&(unit.clone(), on)) }).collect();
    bytes_of(many::write(app, lang, kind, &form, &lines)?)
}

/// The reports of a period as a data value set; of every unit within a part of the units that the actor sees.
///
/// # Errors
/// `not_found` when the request has no such period.
pub async fn data_value_set(
    app: &App,
    actor: &Actor,
    request: &Request,
    part: &Path,
    on: Date,
) -> Result<ValueSet, Problem> {
    let period = request.periods().ending(on).ok_or_else(Problem::not_found)?;
    let mut conn = app.db().read().await?;
    let form = store::form(&mut conn, &request.form, Some(request.form_version)).await?;
    let units = pages::owing(app, actor, request, part, &period);
    dhis2::export(&mut conn, request, &form, &units, &[on]).await
}

/// The rows that were left out, as a table of the same columns with their reasons.
///
/// # Errors
/// When it cannot be written.
pub fn rejected(
    app: &App,
    lang: Lang,
    kind: SheetKind,
    ground: &Ground,
    review: &Review,
    corrects: bool,
) -> Result<Vec<u8>, Problem> {
    bytes_of(many::write_rejected(app, lang, kind, ground, review, corrects)?)
}
