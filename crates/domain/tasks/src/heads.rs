//! How units and their heads kept their deadlines, over time (sổ theo dõi thực hiện).
//!
//! Work is counted in the week or month of its deadline: done in time, done late, not done. Each figure is the count of
//! a [`Filter`] and leads to its list.

use std::collections::BTreeMap;

use axum::extract::{Path as Address, Query};
use jiff::{Timestamp, ToSpan as _, civil::Date};
use vx_concepts::work::{Filter, Seen, WorkState};
use vx_kernel::{Path, Problem, time};
use vx_platform::{
    auth::Actor,
    sheet::{Cell, Sheet, SheetKind},
    store::{Conn, Row, Sql},
    web::{Markup, PageResult, Visit, html, icon},
};

use crate::{desk_views, store::READ};

/// Weeks shown.
const WEEKS: i64 = 8;
/// Months shown.
const MONTHS: i64 = 12;
/// Periods shown at the least.
const SHOWN_MIN: usize = 4;
/// Heads shown, the worst first: all heads of a province's agencies and districts, with room.
const HEADS_MAX: i64 = 200;

/// What deadlines of a span came to.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Kept {
    /// Due, not called off.
    due: i64,
    /// Reported by the deadline.
    in_time: i64,
    /// Reported after it.
    late: i64,
    /// Past the deadline and not reported.
    overdue: i64,
    /// Not reported, with time left.
    not_yet: i64,
}

impl std::ops::AddAssign for Kept {
    fn add_assign(&mut self, other: Self) {
        self.due += other.due;
        self.in_time += other.in_time;
        self.late += other.late;
        self.overdue += other.overdue;
        self.not_yet += other.not_yet;
    }
}

impl Kept {
    /// Worst first: what is not done, then what was late, then how much there was.
    fn badness(self) -> (i64, i64, i64) {
        (-self.overdue, -self.late, -self.due)
    }
    fn read(row: &Row) -> Result<Self, Problem> {
        Ok(Self {
            due: row.get("due")?,
            in_time: row.get("in_time")?,
            late: row.get("late")?,
            overdue: row.get("overdue")?,
            not_yet: row.get("not_yet")?,
        })
    }
}

/// By weeks or by months.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum By {
    Week,
    Month,
}

impl By {
    fn as_str(self) -> &'static str {
        if self == Self::Week { "week" } else { "month" }
    }
    /// The last periods up to today, the newest last; each from its first to its last day.
    fn spans(self, today: Date) -> Vec<(Date, Date)> {
        let (first, n) = match self {
            Self::Week => {
                let back = i64::from(today.weekday().to_monday_zero_offset());
                (today.checked_sub(back.days()).unwrap_or(today), WEEKS)
            }
            Self::Month => (today.first_of_month(), MONTHS),
        };
        let begin = |n: i64| match self {
            Self::Week => first.checked_sub(n.weeks()).unwrap_or(first),
            Self::Month => first.checked_sub(n.months()).unwrap_or(first),
        };
        (0..n).rev().map(|n| (begin(n), begin(n - 1).yesterday().unwrap_or(today))).collect()
    }
}

/// Which work a figure counts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Figure {
    Due,
    InTime,
    Late,
    Overdue,
    NotYet,
}

impl Figure {
    /// In the order of the columns; the last is the sum of the others.
    const ALL: [Self; 5] = [Self::Overdue, Self::Late, Self::InTime, Self::NotYet, Self::Due];
    fn key(self) -> &'static str {
        match self {
            Self::Due => "kept-due",
            Self::InTime => "kept-in-time",
            Self::Late => "kept-late",
            Self::Overdue => "kept-overdue",
            Self::NotYet => "kept-not-yet",
        }
    }
    fn of(self, kept: Kept) -> i64 {
        match self {
            Self::Due => kept.due,
            Self::InTime => kept.in_time,
            Self::Late => kept.late,
            Self::Overdue => kept.overdue,
            Self::NotYet => kept.not_yet,
        }
    }
    /// The list of what it counts.
    fn filter(self, unit: Option<Path>, (from, to): (Date, Date)) -> Filter {
        let span = Filter { unit, due_from: Some(from), due_to: Some(to), ..Filter::default() };
        match self {
            Self::Due => Filter { states: not_called_off(), ..span },
            Self::InTime => Filter { seen: Some(Seen::DoneInTime), ..span },
            Self::Late => Filter { seen: Some(Seen::DoneLate), ..span },
            Self::Overdue => Filter { seen: Some(Seen::Overdue), ..span },
            Self::NotYet => Filter { seen: Some(Seen::InTime), ..span },
        }
    }
}

fn not_called_off() -> Vec<WorkState> {
    WorkState::ALL.iter().copied().filter(|state| *state != WorkState::Cancelled).collect()
}

/// The figures of [`Kept`] as columns.
fn columns(sql: Sql, now: Timestamp) -> Sql {
    let done = [WorkState::Reported, WorkState::Confirmed];
    sql.sql("count(*) as due, count(*) filter (where w.reported_at <= w.due_sort and w.state in ")
        .list(done)
        .sql(") as in_time, count(*) filter (where w.reported_at > w.due_sort and w.state in ")
        .list(done)
        .sql(") as late, count(*) filter (where w.due_sort < ")
        .bind(now)
        .sql(" and w.state in ")
        .list(WorkState::WAITING)
        .sql(") as overdue, count(*) filter (where w.due_sort >= ")
        .bind(now)
        .sql(" and w.state in ")
        .list(WorkState::WAITING)
        .sql(") as not_yet")
}

fn midnight(day: Date) -> Result<Timestamp, Problem> {
    time::instant(day.at(0, 0, 0, 0)).map_err(Problem::internal)
}

/// What is looked at: a unit and everything below it, over some periods.
struct Asked {
    top: Option<Path>,
    by: By,
    spans: Vec<(Date, Date)>,
}

impl Asked {
    fn whole(&self) -> (Date, Date) {
        let day = Date::default();
        (self.spans.first().map_or(day, |span| span.0), self.spans.last().map_or(day, |span| span.1))
    }
}

/// Figures by unit and period.
async fn by_unit(
    conn: &mut Conn,
    actor: &Actor,
    asked: &Asked,
    now: Timestamp,
) -> Result<Vec<(Path, usize, Kept)>, Problem> {
    let mut sql = Sql::new("select w.path as path, cast(case");
    for (n, (_, last)) in asked.spans.iter().enumerate() {
        let after = midnight(last.tomorrow().map_err(Problem::internal)?)?;
        sql = sql.sql(" when w.due_sort < ").bind(after).sql(" then ").bind(i64::try_from(n).unwrap_or(0));
    }
    let sql = columns(sql.sql(" end as bigint) as period, "), now).sql(" from work_item w");
    let filter = Figure::Due.filter(asked.top.clone(), asked.whole());
    let sql = filter.condition(sql, conn.tenant(), &actor.reach(READ), now).sql(" group by w.path, 2");
    let rows = conn.rows(sql).await?;
    rows.iter()
        .map(|row| {
            let period: i64 = row.get("period")?;
            Ok((row.get("path")?, usize::try_from(period).unwrap_or(0), Kept::read(row)?))
        })
        .collect()
}

/// Figures by whoever answered for the leading unit at the deadline.
async fn by_head(conn: &mut Conn, actor: &Actor, asked: &Asked, now: Timestamp) -> Result<Vec<Head>, Problem> {
    let sql = columns(
        Sql::new("select t.holder as holder, t.from_at as from_at, t.until_at as until_at, w.path as path, "),
        now,
    );
    let sql = sql.sql(
        " from work_item w join unit_tenure t on t.tenant = w.tenant and t.path = w.path
          and w.due_sort >= t.from_at and w.due_sort < t.until_at",
    );
    let filter = Figure::Due.filter(asked.top.clone(), asked.whole());
    let sql = filter.condition(sql, conn.tenant(), &actor.reach(READ), now);
    let sql = sql.sql(
        " group by t.holder, t.from_at, t.until_at, w.path order by overdue desc, late desc, due desc, w.path limit ",
    );
    let rows = conn.rows(sql.bind(HEADS_MAX)).await?;
    let whole = asked.whole();
    rows.iter()
        .map(|row| {
            let (from, until) = (time::day_of(row.get("from_at")?), time::day_of(row.get("until_at")?));
            let span = (whole.0.max(from), whole.1.min(until.yesterday().unwrap_or(until)));
            Ok(Head { holder: row.get("holder")?, path: row.get("path")?, span, kept: Kept::read(row)? })
        })
        .collect()
}

/// What the deadlines of one person at the head of a unit came to, for work that this unit leads itself.
struct Head {
    holder: String,
    path: Path,
    /// Days of the periods on which this person answered.
    span: (Date, Date),
    kept: Kept,
}

/// All that the page shows.
struct Record {
    asked: Asked,
    /// Sums by period.
    periods: Vec<Kept>,
    /// Units one level below, the worst first, with their figures by period.
    units: Vec<(Path, Vec<Kept>, Kept)>,
    heads: Vec<Head>,
}

async fn read(visit: &Visit, query: &[(String, String)]) -> Result<Record, Problem> {
    let word = |name: &str| query.iter().find(|(asked, _)| asked == name).map(|(_, value)| value.as_str());
    let actor = visit.actor()?;
    let by = if word("by") == Some("month") { By::Month } else { By::Week };
    let top = word("unit").and_then(|text| Path::parse(text).ok()).filter(|path| !path.is_root());
    // Without a unit asked for, the widest unit of one's own.
    let top = top.or_else(|| actor.homes().first().map(|path| (*path).clone()));
    let asked = Asked { top, by, spans: by.spans(visit.today()) };
    let mut conn = visit.app.db().read().await?;
    let counted = by_unit(&mut conn, actor, &asked, visit.now()).await?;
    let heads = by_head(&mut conn, actor, &asked, visit.now()).await?;
    drop(conn);
    let n = asked.spans.len();
    let mut periods = vec![Kept::default(); n];
    let mut units: BTreeMap<Path, (Vec<Kept>, Kept)> = BTreeMap::new();
    let depth = asked.top.as_ref().map_or(0, Path::depth) + 1;
    for (path, period, kept) in counted {
        let (cells, sum) =
            units.entry(path.at_depth(depth)).or_insert_with(|| (vec![Kept::default(); n], Kept::default()));
        if let (Some(cell), Some(whole)) = (cells.get_mut(period), periods.get_mut(period)) {
            *cell += kept;
            *whole += kept;
            *sum += kept;
        }
    }
    // Periods before anything was due say nothing; a few are kept so that the page does not look cut off.
    let empty = periods.iter().take_while(|kept| **kept == Kept::default()).count().min(n.saturating_sub(SHOWN_MIN));
    let mut asked = asked;
    asked.spans.drain(..empty);
    periods.drain(..empty);
    units.values_mut().for_each(|(cells, _)| drop(cells.drain(..empty)));
    let mut units: Vec<_> = units.into_iter().map(|(path, (cells, sum))| (path, cells, sum)).collect();
    units.sort_by_key(|(path, _, sum)| (sum.badness(), path.clone()));
    Ok(Record { asked, periods, units, heads })
}

type Pairs = Query<Vec<(String, String)>>;

pub(crate) async fn show(visit: Visit, Query(query): Pairs) -> PageResult {
    let record = read(&visit, &query).await?;
    Ok(visit.page(&visit.t("record"), page(&visit, &record)))
}

pub(crate) async fn export(visit: Visit, Address(kind): Address<String>, Query(query): Pairs) -> PageResult {
    let kind: SheetKind = kind.parse()?;
    let record = read(&visit, &query).await?;
    let mut columns = visit.columns(&[("csv-table", 22), ("unit", 40), ("head", 28), ("period", 26)]);
    columns.extend(visit.columns(&Figure::ALL.map(|figure| (figure.key(), 16))));
    let mut sheet = Sheet::begin(kind, &visit.t("record"), &columns)?;
    let mut line = |table: &str, unit: String, head: String, span: (Date, Date), kept: Kept| {
        let mut cells: Vec<Cell> =
            vec![visit.t(table).into(), unit.into(), head.into(), format!("{} – {}", span.0, span.1).into()];
        cells.extend(Figure::ALL.map(|figure| figure.of(kept).into()));
        sheet.row(&cells)
    };
    let whole = record.asked.whole();
    for (path, cells, sum) in &record.units {
        for (span, kept) in record.asked.spans.iter().zip(cells) {
            line("record-units", visit.unit(path), String::new(), *span, *kept)?;
        }
        line("record-units", visit.unit(path), String::new(), whole, *sum)?;
    }
    for head in &record.heads {
        line("record-heads", visit.unit(&head.path), head.holder.clone(), head.span, head.kept)?;
    }
    Ok(sheet.download("theo-doi-thuc-hien").await?)
}

fn page(visit: &Visit, record: &Record) -> Markup {
    let Record { asked, periods, units, heads } = record;
    let top = asked.top.as_ref();
    let address = |unit: Option<&Path>, by: By| {
        format!(
            "/tasks/record?by={}{}",
            by.as_str(),
            unit.map_or(String::new(), |unit| format!("&unit={}", unit.as_str()))
        )
    };
    let whole = asked.whole();
    let heading = || {
        html! { @for figure in Figure::ALL { th.vx-num scope="col" { (visit.t(figure.key())) } } }
    };
    let figures = |unit: Option<&Path>, own: Option<&Path>, span: (Date, Date), kept: Kept| {
        html! { @for figure in Figure::ALL { (cell(visit, figure, kept, &Filter { desk: unit.is_some() && unit == own, ..figure.filter(unit.cloned(), span) })) } }
    };
    html! {
        div.vx-head { h1 { (visit.t("record")) @if let Some(top) = top { ": " (visit.unit(top)) } }
            @if let Some(above) = top.and_then(Path::parent).filter(|path| !path.is_root()) { a.btn href=(address(Some(&above), asked.by)) { (icon("arrow-left")) " " (visit.unit(&above)) } }
            (desk_views::exports(visit, "/tasks/record/export", address(top, asked.by).trim_start_matches("/tasks/record?")))
            a.btn href="/tasks/board" { (icon("building")) " " (visit.t("tasks-board")) } }
        nav.vx-bar.mb-3 aria-label=(visit.t("record-by")) {
            @for by in [By::Week, By::Month] { a.vx-chip href=(address(top, by)) aria-current=[(by == asked.by).then_some("page")] { (visit.t(&format!("record-by-{}", by.as_str()))) } }
        }
        p.vx-quiet { (visit.t("record-explained")) }
        @if units.is_empty() {
            div.vx-empty { (icon("calendar")) h2 { (visit.t("record-none")) } p { (visit.t("record-none-todo")) } }
        } @else {
            h2.vx-group { (visit.t("record-periods")) }
            div.vx-scroll tabindex="0" { table.vx-table.vx-cards {
                thead { tr { th scope="col" { (visit.t("period")) } (heading()) } }
                tbody { @for (span, kept) in asked.spans.iter().zip(periods).rev() { tr { th scope="row" { (say_span(visit, asked.by, *span)) } (figures(top, None, *span, *kept)) } } }
            } }
            h2.vx-group { (visit.t("record-units")) }
            p.vx-quiet { (visit.t("record-units-scope")) }
            div.vx-scroll tabindex="0" { table.vx-table.vx-heat {
                thead { tr { th scope="col" { (visit.t("unit")) } (heading()) @for span in asked.spans.iter().rev() { th.vx-num scope="col" { (say_begin(visit, asked.by, *span)) } } } }
                tbody { @for (path, cells, sum) in units { tr {
                    th scope="row" { a href=(address(Some(path), asked.by)) { (visit.unit(path)) } }
                    (figures(Some(path), top, whole, *sum))
                    @for (span, kept) in asked.spans.iter().zip(cells).rev() { (bad_cell(visit, path, top == Some(path), *span, *kept)) }
                } } }
            } }
            p.vx-quiet { (visit.t("record-cells")) }
            h2.vx-group { (visit.t("record-heads")) }
            @if heads.is_empty() { p.vx-quiet { (visit.t("record-heads-none")) } }
            @else { p.vx-quiet { (visit.t("record-heads-scope")) } div.vx-scroll tabindex="0" { table.vx-table.vx-cards {
                thead { tr { th scope="col" { (visit.t("head")) } th scope="col" { (visit.t("unit")) } (heading()) } }
                tbody { @for head in heads { tr {
                    th scope="row" { (head.holder) } td { a href={ "/units/" (head.path.unit()) } { (visit.unit(&head.path)) } }
                    @for figure in Figure::ALL {
                        (cell(visit, figure, head.kept, &Filter { desk: true, ..figure.filter(Some(head.path.clone()), head.span) }))
                    }
                } } }
            } } }
        }
    }
}

fn cell(visit: &Visit, figure: Figure, kept: Kept, filter: &Filter) -> Markup {
    let n = figure.of(kept);
    html! { td.vx-num data-label=(visit.t(figure.key())) { @if n == 0 { "0" } @else { a href=(filter.href()) { (time::say_count(visit.lang, n)) } } } }
}

/// One unit in one period: what was late or is not done, of what was due. Each of the two numbers leads to its list.
fn bad_cell(visit: &Visit, path: &Path, desk: bool, span: (Date, Date), kept: Kept) -> Markup {
    let bad = kept.late + kept.overdue;
    let level = match (bad, kept.due) {
        (0, _) => None,
        (bad, due) if bad * 4 <= due => Some("1"),
        (bad, due) if bad * 2 <= due => Some("2"),
        (bad, due) if bad < due => Some("3"),
        _ => Some("4"),
    };
    let link = |figure: Figure, n: i64| {
        html! { @if n > 0 { a href=(Filter { desk, ..figure.filter(Some(path.clone()), span) }.href()) { (time::say_count(visit.lang, n)) } } @else { "0" } }
    };
    html! {
        td.vx-num data-heat=[level] {
            @if kept.due == 0 { span.vx-quiet { "–" } }
            @else { span.vx-nowrap { (link(Figure::Overdue, kept.overdue)) @if kept.late > 0 { " + " (link(Figure::Late, kept.late)) } " / " (link(Figure::Due, kept.due)) } }
        }
    }
}

/// A period in words.
fn say_span(visit: &Visit, by: By, (from, to): (Date, Date)) -> String {
    match by {
        By::Month => say_begin(visit, by, (from, to)),
        By::Week => format!("{} – {}", time::say_date(visit.lang, from), time::say_date(visit.lang, to)),
    }
}

/// A period by its beginning, for the head of a column.
fn say_begin(visit: &Visit, by: By, (from, _): (Date, Date)) -> String {
    match by {
        By::Month => format!("{}/{}", from.month(), from.year()),
        By::Week => visit.ta("week-from", &[("day", format!("{}/{}", from.day(), from.month()).into())]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn periods_are_whole_weeks_and_months_up_to_today() {
        let spans = |by: By, today: &str| {
            let spans = by.spans(today.parse().unwrap());
            let say = |span: &(Date, Date)| format!("{}..{}", span.0, span.1);
            (spans.len(), say(&spans[0]), say(&spans[spans.len() - 1]))
        };
        let text = |n, first: &str, last: &str| (n, first.to_owned(), last.to_owned());
        assert_eq!(spans(By::Week, "2021-09-13"), text(8, "2021-07-26..2021-08-01", "2021-09-13..2021-09-19"));
        assert_eq!(spans(By::Week, "2021-09-19"), text(8, "2021-07-26..2021-08-01", "2021-09-13..2021-09-19"));
        assert_eq!(spans(By::Month, "2021-09-13"), text(12, "2020-10-01..2020-10-31", "2021-09-01..2021-09-30"));
        assert_eq!(spans(By::Month, "2020-03-31"), text(12, "2019-04-01..2019-04-30", "2020-03-01..2020-03-31"));
    }
}
