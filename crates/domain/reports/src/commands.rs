//! What is decided about reports.

use std::collections::{BTreeMap, HashMap, hash_map::Entry};

use jiff::Timestamp;
use vx_concepts::{
    engine::{Command, Decision, Effect, Fact, Together},
    form::{Figures, FormSpec, Periods, Words, read_toml},
    work::{Due, DueKind, NewWork, WorkItem, WorkSeries, WorkState, escalation::superior, running_series},
};
use vx_kernel::{Date, Id, Path, Problem, ProblemKind, ids};
use vx_platform::{
    auth::Actor,
    params,
    store::{Record as _, Sql, Tx, Uuid},
};

use crate::{
    catalogue,
    store::{self, READ},
    types::{Endorsement, Form, Level, Request, RequestState, Source, SourceChoice, Submission},
};

/// Units that one request may be addressed to: every commune of the nation, with room.
pub const UNITS_MAX: usize = 12_000;
/// Longest title, in characters.
const TITLE_MAX: usize = 200;
/// Open work of one request that is called off with it: two periods of every commune.
const OPEN_MAX: i64 = 24_000;

fn said(text: &str, code: &'static str) -> Result<(), Problem> {
    if text.trim().is_empty() { Err(Problem::refused(code)) } else { Ok(()) }
}

/// A unit brings a form as a file (nạp biểu mẫu); one that has the code of an earlier one is its next version.
#[derive(Clone, Debug)]
pub struct DefineForm {
    /// Its id.
    pub id: Id<ids::Form>,
    /// The unit that brings it.
    pub unit: Path,
    /// The file.
    pub source: String,
}

impl Command for DefineForm {
    type Record = Form;
    /// Number and unit of the newest version of that code.
    type Facts = Option<(i64, Path)>;
    const NAME: &'static str = "reports.define";
    const READ: &'static str = READ;

    async fn gather(&self, tx: &mut Tx) -> Result<Self::Facts, Problem> {
        match read_toml(&self.source, 1) {
            Ok(form) => store::newest_number(tx, &form.code).await,
            Err(_) => Ok(None),
        }
    }
    fn scope(&self, _: &Self::Facts) -> Path {
        self.unit.clone()
    }
    fn decide(&self, newest: &Self::Facts, by: &Actor, _: Timestamp) -> Result<Decision<Form>, Problem> {
        let number = newest.as_ref().map_or(0, |(number, _)| *number);
        let form = read_toml(&self.source, number + 1).map_err(|faults| {
            let first = faults.first().map_or(0, |fault| fault.line);
            Problem::invalid("reports.define.faults").with("n", faults.len()).with("line", first)
        })?;
        if catalogue::SHIPPED.iter().any(|shipped| shipped.form.code == form.code) {
            return Err(Problem::refused("reports.define.shipped").with("code", form.code));
        }
        // Nobody else's form is changed by a file that happens to have its code.
        if newest.as_ref().is_some_and(|(_, unit)| *unit != self.unit) {
            return Err(Problem::refused("reports.define.taken").with("code", form.code));
        }
        Ok(Decision::just(Form {
            id: self.id,
            path: self.unit.clone(),
            version: 0,
            number: form.version,
            name: form.name.vi,
            code: form.code,
            source: self.source.clone(),
            by_name: by.name.clone(),
        }))
    }
    fn before<'a>(&self, _: &'a Self::Facts) -> Option<&'a Form> {
        None
    }
}

/// A unit asks others for reports (yêu cầu báo cáo). What they owe from then on is computed; by what they are reminded is
/// work like any other.
#[derive(Clone, Debug)]
pub struct Ask {
    /// Its id.
    pub id: Id<ids::Request>,
    /// The unit that asks.
    pub by: Path,
    /// The unit that receives: itself, or one within the place that it acts for.
    pub unit: Path,
    /// The place that it acts for: itself, or the place beside which an agency stands.
    pub place: Path,
    /// Code of the form.
    pub form: String,
    /// Its version.
    pub form_version: i64,
    /// What is asked for, in a line.
    pub title: String,
    /// When.
    pub periods: Periods,
    /// Where.
    pub within: Path,
    /// Of whom there.
    pub level: Level,
    /// Units named one by one.
    pub listed: Vec<Path>,
    /// The units that owe the first report, as the tree has them on its last day.
    pub units: Vec<Path>,
    /// The dispatch and clause that ordered it, when its work is there already.
    pub about: Option<(Uuid, Option<String>)>,
    /// What it rests on, in a line.
    pub source: String,
    /// What is asked for, in full.
    pub detail: String,
    /// Last day on which a period may end.
    pub until_on: Option<Date>,
}

impl Command for Ask {
    type Record = Request;
    type Facts = ();
    const NAME: &'static str = "reports.ask";
    const READ: &'static str = READ;

    async fn gather(&self, _: &mut Tx) -> Result<(), Problem> {
        Ok(())
    }
    fn scope(&self, (): &()) -> Path {
        self.by.clone()
    }
    fn decide(&self, (): &(), by: &Actor, now: Timestamp) -> Result<Decision<Request>, Problem> {
        said(&self.title, "reports.ask.no_title")?;
        if self.title.chars().count() > TITLE_MAX {
            return Err(Problem::refused("reports.ask.long_title").with("max", TITLE_MAX));
        }
        let periods = &self.periods;
        let lag_max = periods.kind.lag_max();
        if !(0..=lag_max).contains(&periods.lag_days) {
            return Err(Problem::refused("reports.ask.lag").with("max", lag_max));
        }
        if !(0..=31).contains(&periods.window_days) {
            return Err(Problem::refused("reports.ask.window"));
        }
        if self.unit != self.by && !self.place.contains(&self.unit) {
            return Err(Problem::refused("reports.ask.receiver"));
        }
        if !self.place.contains(&self.within) || !self.listed.iter().all(|unit| self.place.contains(unit)) {
            return Err(Problem::refused("reports.ask.beyond"));
        }
        if self.units.is_empty() {
            return Err(Problem::refused("reports.ask.nobody"));
        }
        if self.units.len() > UNITS_MAX {
            return Err(Problem::refused("reports.ask.too_many").with("max", UNITS_MAX));
        }
        let first = periods.nth(0).ok_or_else(|| Problem::refused("reports.ask.never"))?;
        if self.about.is_none() && first.closes_at < now {
            return Err(Problem::refused("reports.ask.past"));
        }
        if self.until_on.is_some_and(|until| until < first.last) {
            return Err(Problem::refused("reports.ask.until"));
        }
        let record = Request {
            id: self.id,
            path: self.unit.clone(),
            version: 0,
            form: self.form.clone(),
            form_version: self.form_version,
            title: self.title.trim().to_owned(),
            period: periods.kind.to_string(),
            anchor_on: periods.anchor_on,
            lag_days: periods.lag_days,
            closes: periods.closes.strftime("%H:%M").to_string(),
            window_days: periods.window_days,
            within: self.within.clone(),
            level: self.level,
            listed: self.listed.iter().map(Path::as_str).collect::<Vec<_>>().join(" "),
            about: self.about.as_ref().map(|(about, _)| *about),
            clause: self.about.as_ref().and_then(|(_, clause)| clause.clone()),
            source: self.source.clone(),
            state: RequestState::Running,
            until_on: self.until_on,
            by_name: by.name.clone(),
            asked_by: Some(self.by.clone()),
        };
        let effects = match &self.about {
            // The dispatch gave the work already; it is tied to the form by whoever reacts.
            Some(_) => vec![Effect::Tell(Fact::ReportAsked { request: self.id.uuid() })],
            None => {
                let rule = periods.rule().map(|rule| rule.to_string());
                let kind = if rule.is_some() { DueKind::Recurrent } else { DueKind::Absolute };
                let due = Due { kind, at: Some(first.closes_at), quote: None, rule };
                let item = |unit: &Path| WorkItem {
                    request: Some(self.id),
                    ..WorkItem::new(NewWork {
                        lead: unit.clone(),
                        assigner: self.by.clone(),
                        about: self.id.uuid(),
                        source: self.source.clone(),
                        title: record.title.clone(),
                        detail: self.detail.clone(),
                        clause: None,
                        urgency: None,
                        due: due.clone(),
                    })
                };
                let open = |unit| Effect::Open { item: Box::new(item(unit)), cooperating: Vec::new() };
                self.units.iter().map(open).collect()
            }
        };
        Ok(Decision { record, effects })
    }
    fn before<'a>(&self, (): &'a ()) -> Option<&'a Request> {
        None
    }
}

/// The unit that asked asks no longer (kết thúc yêu cầu). What was sent stays; what is open for later periods is called
/// off.
#[derive(Clone, Debug)]
pub struct End {
    /// Which.
    pub request: Id<ids::Request>,
    /// Last day on which a period may end.
    pub until_on: Date,
    /// Why.
    pub reason: String,
}

impl Command for End {
    type Record = Request;
    /// The request, its open work, and what comes back of it.
    type Facts = (Request, Vec<WorkItem>, Vec<WorkSeries>);
    const NAME: &'static str = "reports.end";
    const READ: &'static str = READ;

    async fn gather(&self, tx: &mut Tx) -> Result<Self::Facts, Problem> {
        let request: Request = tx.load(self.request).await?;
        let sql = vx_concepts::work::select().sql(" where w.tenant = ").bind(tx.tenant()).sql(" and w.request = ");
        let sql = sql.bind(self.request).sql(" and w.closed_at is null order by w.id limit ").bind(OPEN_MAX);
        let open = tx.rows(sql).await?.iter().map(WorkItem::read).collect::<Result<_, _>>()?;
        Ok((request, open, running_series(tx, self.request.uuid(), OPEN_MAX).await?))
    }
    fn scope(&self, (request, ..): &Self::Facts) -> Path {
        request.asker().clone()
    }
    fn seen_from(&self, (request, ..): &Self::Facts) -> Vec<Path> {
        vec![request.within.clone(), request.path.clone()]
    }
    fn decide(&self, facts: &Self::Facts, _: &Actor, now: Timestamp) -> Result<Decision<Request>, Problem> {
        let (request, open, series) = facts;
        if request.state == RequestState::Ended {
            return Err(Problem::refused("reports.end.ended"));
        }
        said(&self.reason, "reports.end.no_reason")?;
        let record = Request { state: RequestState::Ended, until_on: Some(self.until_on), ..request.clone() };
        let periods = request.periods();
        let mut effects = Vec::new();
        if request.about.is_none() {
            let beyond = |item: &&WorkItem| {
                let closes = item.due_at.map(vx_kernel::time::day_of);
                closes.is_some_and(|day| {
                    day.checked_sub(jiff::ToSpan::days(periods.lag_days)).is_ok_and(|last| last > self.until_on)
                })
            };
            let off = |item: &WorkItem| Effect::Move(Box::new(item.called_off(now)));
            effects.extend(open.iter().filter(beyond).map(off));
            // Nothing of it comes back.
            effects.extend(series.iter().map(|series| Effect::Plan(Box::new(series.clone().ended()))));
        } else {
            effects.push(Effect::Tell(Fact::ReportAsked { request: self.request.uuid() }));
        }
        Ok(Decision { record, effects })
    }
    fn before<'a>(&self, (request, ..): &'a Self::Facts) -> Option<&'a Request> {
        Some(request)
    }
    fn reason(&self) -> Option<&str> {
        Some(&self.reason)
    }
}

/// The work that a dispatch gave is tied to the form by which it is answered (gắn biểu mẫu), or freed of it when the
/// request has ended. The program does this, nobody else.
#[derive(Clone, Debug)]
pub struct Link {
    /// The series of the work.
    pub series: Id<ids::Series>,
    /// The request.
    pub request: Id<ids::Request>,
}

impl Command for Link {
    type Record = WorkSeries;
    type Facts = (WorkSeries, Request, Vec<WorkItem>);
    const NAME: &'static str = "reports.link";
    const READ: &'static str = READ;

    async fn gather(&self, tx: &mut Tx) -> Result<Self::Facts, Problem> {
        let series: WorkSeries = tx.load(self.series).await?;
        let request: Request = tx.load(self.request).await?;
        let sql = vx_concepts::work::select().sql(" where w.tenant = ").bind(tx.tenant()).sql(" and w.series = ");
        let sql =
            sql.bind(self.series).sql(" and w.occurs_on is not null and w.closed_at is null order by w.id limit 100");
        let open = tx.rows(sql).await?.iter().map(WorkItem::read).collect::<Result<_, _>>()?;
        Ok((series, request, open))
    }
    fn scope(&self, (series, ..): &Self::Facts) -> Path {
        series.assigner.clone()
    }
    fn decide(&self, facts: &Self::Facts, _: &Actor, _: Timestamp) -> Result<Decision<WorkSeries>, Problem> {
        let (series, request, open) = facts;
        let tie = (request.state == RequestState::Running).then_some(self.request);
        // What closed before the first period of the request is reported as it always was.
        let first = request.periods().nth(0).map(|period| period.closes_on);
        let meant = |item: &&WorkItem| item.request != tie && item.occurs_on >= first;
        let moved = |item: &WorkItem| Effect::Move(Box::new(WorkItem { request: tie, ..item.clone() }));
        let effects: Vec<Effect> = open.iter().filter(meant).map(moved).collect();
        if series.request == tie && effects.is_empty() {
            return Err(Problem::refused("reports.link.linked"));
        }
        Ok(Decision { record: WorkSeries { request: tie, ..series.clone() }, effects })
    }
    fn before<'a>(&self, (series, ..): &'a Self::Facts) -> Option<&'a WorkSeries> {
        Some(series)
    }
}

/// A unit sends its report (gửi báo cáo), or puts right what it sent (đính chính báo cáo): a further edition, with a
/// reason; both stay.
#[derive(Clone, Debug)]
pub struct Submit {
    /// Its id.
    pub id: Id<ids::Submission>,
    /// The request.
    pub request: Id<ids::Request>,
    /// The unit that reports.
    pub unit: Path,
    /// Whether the tree has it among those who owe it.
    pub owes: bool,
    /// Last day of the period.
    pub period_on: Date,
    /// The edition that was looked at; 0 for none.
    pub seen: i64,
    /// The figures.
    pub figures: Figures,
    /// Words of text cells.
    pub words: Words,
    /// What the registers know.
    pub known: Figures,
    /// Cells whose figure is another than the registers know and than the page proposed, without a note.
    pub unexplained: Vec<String>,
    /// Notes by cell.
    pub notes: BTreeMap<String, String>,
    /// Why it is put right.
    pub reason: Option<String>,
}

/// A request, the last edition of a report, and the work that it closes.
#[derive(Clone, Debug)]
pub struct SubmitFacts {
    /// The request.
    pub request: Request,
    /// The last edition.
    pub last: i64,
    /// The work.
    pub item: Option<WorkItem>,
}

impl Command for Submit {
    type Record = Submission;
    type Facts = SubmitFacts;
    const NAME: &'static str = "reports.submit";
    const READ: &'static str = READ;

    async fn gather(&self, tx: &mut Tx) -> Result<SubmitFacts, Problem> {
        let request: Request = tx.load(self.request).await?;
        let sql = "select edition from report_submission where tenant = $1 and request = $2 and path = $3
                   and period_on = $4 order by edition desc limit 1";
        let sql = Sql::with(sql, params![tx.tenant(), self.request, &self.unit, self.period_on]);
        let last = tx.row(sql).await?.map_or(Ok(0), |row| row.get("edition"))?;
        let item = match request.periods().ending(self.period_on) {
            Some(period) if last == 0 => {
                let sql = vx_concepts::work::select().sql(" where w.tenant = ").bind(tx.tenant());
                let sql = sql.sql(" and w.request = ").bind(self.request).sql(" and w.path = ").bind(&self.unit);
                let sql = sql.sql(" and w.closed_at is null and (w.occurs_on = ").bind(period.closes_on);
                let sql = sql.sql(" or w.series is null) order by w.due_sort limit 1");
                tx.row(sql).await?.as_ref().map(WorkItem::read).transpose()?
            }
            _ => None,
        };
        Ok(SubmitFacts { request, last, item })
    }
    fn scope(&self, _: &SubmitFacts) -> Path {
        self.unit.clone()
    }
    fn seen_from(&self, facts: &SubmitFacts) -> Vec<Path> {
        vec![facts.request.path.clone(), self.unit.clone()]
    }
    fn decide(&self, facts: &SubmitFacts, by: &Actor, now: Timestamp) -> Result<Decision<Submission>, Problem> {
        let SubmitFacts { request, last, item } = facts;
        if !self.owes {
            return Err(Problem::refused("reports.submit.not_asked"));
        }
        let wrong = || Problem::refused("reports.submit.wrong_period").with("on", self.period_on);
        let period = request.periods().ending(self.period_on).ok_or_else(wrong)?;
        if !request.covers(self.period_on) {
            return Err(Problem::refused("reports.submit.ended"));
        }
        if now < period.opens_at {
            return Err(Problem::refused("reports.submit.not_open"));
        }
        if *last != self.seen {
            return Err(Problem::new(ProblemKind::Conflict, "reports.submit.sent_meanwhile"));
        }
        let reason = self.reason.as_deref().map(str::trim).filter(|reason| !reason.is_empty());
        if *last > 0 && reason.is_none() {
            return Err(Problem::refused("reports.submit.no_reason"));
        }
        // Nought is a report, silence is not.
        if self.figures.0.iter().all(Option::is_none) && self.words.values().all(|text| text.trim().is_empty()) {
            return Err(Problem::refused("reports.submit.empty"));
        }
        if !self.unexplained.is_empty() {
            return Err(Problem::refused("reports.submit.no_note").with("cells", self.unexplained.join(", ")));
        }
        let record = Submission {
            id: self.id,
            path: self.unit.clone(),
            version: 0,
            request: self.request,
            period_on: self.period_on,
            edition: last + 1,
            sent_at: now,
            figures: self.figures.text(),
            words: serde_json::to_string(&self.words).map_err(Problem::internal)?,
            known: self.known.text(),
            notes: serde_json::to_string(&self.notes).map_err(Problem::internal)?,
            reason: reason.filter(|_| *last > 0).map(str::to_owned),
            by_name: by.name.clone(),
        };
        // The report is what was owed: with it the work is done, late or not.
        let effects = item.iter().flat_map(|item| {
            let done = WorkItem {
                state: WorkState::Confirmed,
                acknowledged_at: item.acknowledged_at.or(Some(now)),
                reported_at: Some(now),
                closed_at: Some(now),
                asked_due_at: None,
                handed_at: None,
                ..item.clone()
            };
            [Effect::Move(Box::new(done)), Effect::Tell(Fact::WorkClosed { about: item.about })]
        });
        Ok(Decision { record, effects: effects.collect() })
    }
    fn before<'a>(&self, _: &'a SubmitFacts) -> Option<&'a Submission> {
        None
    }
    fn reason(&self) -> Option<&str> {
        self.reason.as_deref().map(str::trim).filter(|reason| !reason.is_empty())
    }
}

/// A unit brings the report of a unit below it, or of one that it asked (nhập số liệu thay đơn vị): the same report, by
/// somebody else's hand.
#[derive(Clone, Debug)]
pub struct Bring {
    /// The unit for which it is brought.
    pub by: Path,
    /// The report.
    pub report: Submit,
}

impl Command for Bring {
    type Record = Submission;
    type Facts = SubmitFacts;
    const NAME: &'static str = "reports.bring";
    const READ: &'static str = READ;

    async fn gather(&self, tx: &mut Tx) -> Result<SubmitFacts, Problem> {
        self.report.gather(tx).await
    }
    fn scope(&self, _: &SubmitFacts) -> Path {
        self.by.clone()
    }
    fn seen_from(&self, facts: &SubmitFacts) -> Vec<Path> {
        self.report.seen_from(facts)
    }
    fn decide(&self, facts: &SubmitFacts, by: &Actor, now: Timestamp) -> Result<Decision<Submission>, Problem> {
        if !self.by.contains(&self.report.unit) && facts.request.path != self.by {
            return Err(Problem::refused("reports.bring.not_yours"));
        }
        self.report.decide(facts, by, now)
    }
    fn before<'a>(&self, _: &'a SubmitFacts) -> Option<&'a Submission> {
        None
    }
    fn reason(&self) -> Option<&str> {
        Command::reason(&self.report)
    }
}

impl Together for Bring {
    async fn gather_all(tx: &mut Tx, these: &[&Self]) -> Result<Vec<Result<SubmitFacts, Problem>>, Problem> {
        let mut requests: HashMap<Uuid, Result<Request, Problem>> = HashMap::new();
        for bring in these {
            let id = bring.report.request;
            if let Entry::Vacant(place) = requests.entry(id.uuid()) {
                let loaded = match tx.load::<Request>(id).await {
                    Err(problem) if problem.kind != ProblemKind::NotFound => return Err(problem),
                    loaded => loaded,
                };
                place.insert(loaded);
            }
        }
        let mut editions: HashMap<(Uuid, Path, Date), i64> = HashMap::new();
        let mut items: HashMap<(Uuid, Path), Vec<WorkItem>> = HashMap::new();
        for id in requests.keys().copied().collect::<Vec<_>>() {
            let mine = || these.iter().map(|bring| &bring.report).filter(|report| report.request.uuid() == id);
            let (mut units, mut days): (Vec<&Path>, Vec<Date>) =
                mine().map(|report| (&report.unit, report.period_on)).unzip();
            units.sort();
            units.dedup();
            days.sort_unstable();
            days.dedup();
            let sql = Sql::new(
                "select path, period_on, cast(max(edition) as bigint) as edition from report_submission where tenant = ",
            );
            let sql =
                sql.bind(tx.tenant()).sql(" and request = ").bind(id).sql(" and path in ").list(units.iter().copied());
            let sql = sql.sql(" and period_on in ").list(days).sql(" group by path, period_on");
            for row in tx.rows(sql).await? {
                editions.insert((id, row.get("path")?, row.get("period_on")?), row.get("edition")?);
            }
            let sql = vx_concepts::work::select().sql(" where w.tenant = ").bind(tx.tenant()).sql(" and w.request = ");
            let sql =
                sql.bind(id).sql(" and w.path in ").list(units).sql(" and w.closed_at is null order by w.due_sort");
            for row in tx.rows(sql).await? {
                let item = WorkItem::read(&row)?;
                items.entry((id, item.path.clone())).or_default().push(item);
            }
        }
        let facts = these.iter().map(|bring| {
            let report = &bring.report;
            let id = report.request.uuid();
            let request = match requests.get(&id) {
                Some(Ok(request)) => request.clone(),
                _ => return Err(Problem::not_found()),
            };
            let last = editions.get(&(id, report.unit.clone(), report.period_on)).copied().unwrap_or(0);
            let closes = request.periods().ending(report.period_on).map(|period| period.closes_on);
            let meant = |item: &&WorkItem| item.series.is_none() || item.occurs_on == closes;
            let open = items.get(&(id, report.unit.clone())).into_iter().flatten();
            let item = closes.filter(|_| last == 0).and_then(|_| open.into_iter().find(meant).cloned());
            Ok(SubmitFacts { request, last, item })
        });
        Ok(facts.collect())
    }
}

/// The unit above, or the one that asked, stands by a report (xác nhận số liệu).
#[derive(Clone, Debug)]
pub struct Endorse {
    /// Its id.
    pub id: Id<ids::Endorsement>,
    /// The request.
    pub request: Id<ids::Request>,
    /// The unit that endorses.
    pub by: Path,
    /// The unit that reported.
    pub unit: Path,
    /// Last day of the period.
    pub period_on: Date,
    /// The edition that was looked at.
    pub edition: i64,
    /// A word to it.
    pub note: Option<String>,
}

/// A request, the last edition of the report, and whether it was endorsed by this unit.
#[derive(Clone, Debug)]
pub struct EndorseFacts {
    /// The request.
    pub request: Request,
    /// The last edition.
    pub last: i64,
    /// Whether this unit has endorsed it.
    pub endorsed: bool,
}

impl Command for Endorse {
    type Record = Endorsement;
    type Facts = EndorseFacts;
    const NAME: &'static str = "reports.endorse";
    const READ: &'static str = READ;

    async fn gather(&self, tx: &mut Tx) -> Result<EndorseFacts, Problem> {
        let request: Request = tx.load(self.request).await?;
        let sql = "select edition from report_submission where tenant = $1 and request = $2 and path = $3
                   and period_on = $4 order by edition desc limit 1";
        let sql = Sql::with(sql, params![tx.tenant(), self.request, &self.unit, self.period_on]);
        let last: i64 = tx.row(sql).await?.map_or(Ok(0), |row| row.get("edition"))?;
        let sql = "select count(*) as n from report_endorsement where tenant = $1 and request = $2 and period_on = $3
                   and unit = $4 and edition = $5 and path = $6";
        let with = params![tx.tenant(), self.request, self.period_on, &self.unit, last, &self.by];
        let endorsed = tx.count(Sql::with(sql, with)).await? > 0;
        Ok(EndorseFacts { request, last, endorsed })
    }
    fn scope(&self, _: &EndorseFacts) -> Path {
        self.by.clone()
    }
    fn seen_from(&self, facts: &EndorseFacts) -> Vec<Path> {
        vec![facts.request.path.clone(), self.unit.clone()]
    }
    fn decide(&self, facts: &EndorseFacts, by: &Actor, _: Timestamp) -> Result<Decision<Endorsement>, Problem> {
        let is_above = superior(&self.unit).as_ref() == Some(&self.by) || facts.request.path == self.by;
        if !is_above || self.by == self.unit {
            return Err(Problem::refused("reports.endorse.not_above"));
        }
        if facts.last == 0 {
            return Err(Problem::refused("reports.endorse.nothing"));
        }
        if facts.last != self.edition {
            return Err(Problem::new(ProblemKind::Conflict, "reports.endorse.corrected_meanwhile"));
        }
        if facts.endorsed {
            return Err(Problem::refused("reports.endorse.endorsed"));
        }
        Ok(Decision::just(Endorsement {
            id: self.id,
            path: self.by.clone(),
            version: 0,
            request: self.request,
            period_on: self.period_on,
            unit: self.unit.clone(),
            edition: self.edition,
            note: self.note.clone(),
            by_name: by.name.clone(),
        }))
    }
    fn before<'a>(&self, _: &'a EndorseFacts) -> Option<&'a Endorsement> {
        None
    }
    fn reason(&self) -> Option<&str> {
        self.note.as_deref()
    }
    fn about(&self, facts: &EndorseFacts) -> Option<Uuid> {
        Some(facts.request.id.uuid())
    }
}

/// The unit that asked says which of two sources counts for a figure of a sum (chọn nguồn số liệu).
#[derive(Clone, Debug)]
pub struct Choose {
    /// Its id.
    pub id: Id<ids::SourceChoice>,
    /// The request.
    pub request: Id<ids::Request>,
    /// Last day of the period.
    pub period_on: Date,
    /// The sum of which place.
    pub within: Path,
    /// Which cell; it is one of which the registers know something.
    pub cell: String,
    /// Whether the form has such a cell.
    pub has_two: bool,
    /// From where.
    pub source: Source,
    /// Why.
    pub reason: String,
}

impl Command for Choose {
    type Record = SourceChoice;
    type Facts = Request;
    const NAME: &'static str = "reports.choose";
    const READ: &'static str = READ;

    async fn gather(&self, tx: &mut Tx) -> Result<Request, Problem> {
        tx.load(self.request).await
    }
    fn scope(&self, request: &Request) -> Path {
        request.path.clone()
    }
    fn seen_from(&self, request: &Request) -> Vec<Path> {
        vec![request.within.clone()]
    }
    fn decide(&self, request: &Request, by: &Actor, _: Timestamp) -> Result<Decision<SourceChoice>, Problem> {
        said(&self.reason, "reports.choose.no_reason")?;
        if !self.has_two {
            return Err(Problem::refused("reports.choose.one_source"));
        }
        if request.periods().ending(self.period_on).is_none() {
            return Err(Problem::refused("reports.submit.wrong_period").with("on", self.period_on));
        }
        Ok(Decision::just(SourceChoice {
            id: self.id,
            path: request.path.clone(),
            version: 0,
            request: self.request,
            period_on: self.period_on,
            within: self.within.clone(),
            cell: self.cell.clone(),
            source: self.source,
            reason: self.reason.trim().to_owned(),
            by_name: by.name.clone(),
        }))
    }
    fn before<'a>(&self, _: &'a Request) -> Option<&'a SourceChoice> {
        None
    }
    fn reason(&self) -> Option<&str> {
        Some(&self.reason)
    }
    fn about(&self, request: &Request) -> Option<Uuid> {
        Some(request.id.uuid())
    }
}

/// Cells whose figure is neither what the registers know now nor what the page proposed, and of which nothing was said.
#[must_use]
pub fn unexplained(
    form: &FormSpec,
    figures: &Figures,
    known: &Figures,
    proposed: &Figures,
    notes: &BTreeMap<String, String>,
) -> Vec<String> {
    let cells = form.cells.iter().zip(form.places());
    cells
        .filter(|(cell, place)| {
            let at = place.start;
            let (figure, knew) = (figures.0.get(at).copied().flatten(), known.0.get(at).copied().flatten());
            let offered = proposed.0.get(at).copied().flatten();
            let differs = knew.is_some() && figure != knew && (offered.is_none() || figure != offered);
            cell.known.is_some() && differs && notes.get(&cell.code).is_none_or(|note| note.trim().is_empty())
        })
        .map(|(cell, _)| cell.label.vi.clone())
        .collect()
}
