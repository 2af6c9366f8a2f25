//! Work that comes back: ending it, and giving a standing duty a rhythm in which it is checked.

use axum::extract::Path as Address;
use jiff::{
    Timestamp,
    civil::{Date, Time},
};
use vx_concepts::{
    engine::{Command, Decision, Effect, Fact, execute},
    work::{
        self, DueKind, Filter, SeriesState, WorkItem, WorkSeries,
        recurrence::Rule,
        show::{rule_name, state_chip, timeliness_mark},
    },
};
use vx_kernel::{Id, Path, Problem, ids, time};
use vx_platform::{
    auth::Actor,
    store::{Conn, Record as _, Tx, Uuid},
    web::{Form, Markup, PageResult, Visit, html, icon, see_other},
};

use crate::{commands::not_now, store};

/// The assigner ends a series (kết thúc định kỳ): at once, or with a last day. What is open stays open.
#[derive(Clone, Debug)]
pub struct EndSeries {
    /// Which series.
    pub series: Id<ids::Series>,
    /// Why.
    pub reason: String,
    /// The last day on which an occurrence may fall; none ends it at once.
    pub last_on: Option<Date>,
}

impl Command for EndSeries {
    type Record = WorkSeries;
    type Facts = WorkSeries;
    const NAME: &'static str = "tasks.end_series";
    const READ: &'static str = store::READ;

    async fn gather(&self, tx: &mut Tx) -> Result<WorkSeries, Problem> {
        tx.load(self.series).await
    }
    fn scope(&self, series: &WorkSeries) -> Path {
        series.assigner.clone()
    }
    fn seen_from(&self, series: &WorkSeries) -> Vec<Path> {
        vec![series.path.clone(), series.assigner.clone()]
    }
    fn decide(&self, series: &WorkSeries, _: &Actor, now: Timestamp) -> Result<Decision<WorkSeries>, Problem> {
        if series.state == SeriesState::Ended {
            return Err(Problem::refused("tasks.end_series.ended"));
        }
        if self.reason.trim().is_empty() {
            return Err(Problem::refused("tasks.end_series.no_reason"));
        }
        let record = match self.last_on {
            None => series.clone().ended(),
            Some(day) if day < time::day_of(now) => return Err(Problem::refused("tasks.end_series.past")),
            Some(day) => WorkSeries { until_on: Some(day), ..series.clone() }.planned(),
        };
        // With its series ended, what it was about may be carried out.
        let effects = match record.state {
            SeriesState::Ended => vec![Effect::Tell(Fact::WorkClosed { about: record.about })],
            SeriesState::Running => Vec::new(),
        };
        Ok(Decision { record, effects })
    }
    fn before<'a>(&self, series: &'a WorkSeries) -> Option<&'a WorkSeries> {
        Some(series)
    }
    fn loads_only(&self) -> Option<Uuid> {
        Some(self.series.uuid())
    }
    fn reason(&self) -> Option<&str> {
        Some(&self.reason)
    }
}

/// The assigner gives a standing duty a rhythm (đặt chu kỳ kiểm tra). The duty stays open without a deadline; what comes
/// back is a task of its own each time.
#[derive(Clone, Debug)]
pub struct SetRhythm {
    /// The standing duty.
    pub task: Id<ids::WorkItem>,
    /// In which rhythm, as a rule.
    pub rule: String,
    /// At which hour a day closes.
    pub cutoff: Option<Time>,
    /// Last day, if it has one.
    pub until_on: Option<Date>,
}

/// A standing duty, its units, and the series that checks it already.
#[derive(Clone, Debug)]
pub struct Duty {
    task: WorkItem,
    cooperating: Vec<Path>,
    series: Option<WorkSeries>,
}

impl Command for SetRhythm {
    type Record = WorkSeries;
    type Facts = Duty;
    const NAME: &'static str = "tasks.set_rhythm";
    const READ: &'static str = store::READ;

    async fn gather(&self, tx: &mut Tx) -> Result<Duty, Problem> {
        let task: WorkItem = tx.load(self.task).await?;
        let cooperating = store::cooperating(tx, task.id).await?;
        let series = match task.series {
            Some(series) => Some(tx.load(series).await?),
            None => None,
        };
        Ok(Duty { task, cooperating, series })
    }
    fn scope(&self, duty: &Duty) -> Path {
        duty.task.assigner.clone()
    }
    fn seen_from(&self, duty: &Duty) -> Vec<Path> {
        vec![duty.task.path.clone(), duty.task.assigner.clone()]
    }
    fn decide(&self, duty: &Duty, _: &Actor, now: Timestamp) -> Result<Decision<WorkSeries>, Problem> {
        let task = &duty.task;
        if task.state.is_closed() {
            return Err(not_now(task));
        }
        if task.due_kind != DueKind::Standing {
            return Err(Problem::refused("tasks.set_rhythm.not_standing"));
        }
        if duty.series.as_ref().is_some_and(|series| series.state == SeriesState::Running) {
            return Err(Problem::refused("tasks.set_rhythm.has_one"));
        }
        let rule = Rule::parse(&self.rule).ok_or_else(|| Problem::refused("tasks.set_rhythm.unread"))?;
        let today = time::day_of(now);
        let series = WorkSeries::checking(task, &duty.cooperating, &rule, today, self.cutoff, self.until_on);
        if series.state == SeriesState::Ended {
            return Err(Problem::refused("tasks.set_rhythm.never"));
        }
        let moved = Box::new(WorkItem { series: Some(series.id), ..task.clone() });
        Ok(Decision { record: series, effects: vec![Effect::Move(moved)] })
    }
    fn before<'a>(&self, _: &'a Duty) -> Option<&'a WorkSeries> {
        None
    }
}

type TaskId = Address<Id<ids::WorkItem>>;

pub(crate) async fn end(visit: Visit, Address(task): TaskId, form: Form) -> PageResult {
    let actor = visit.actor()?;
    let (item, _) = store::visible(&mut visit.app.db().read().await?, actor, task).await?;
    let series = item.series.ok_or_else(Problem::not_found)?;
    let command = EndSeries { series, reason: form.text("reason").to_owned(), last_on: form.read_filled("last_on")? };
    execute(visit.app.db(), actor, form.key()?, command).await?;
    Ok(see_other(&format!("/tasks/{task}"), "tasks-said-series-ended"))
}

/// The rule that the form of a rhythm describes: every so many days, weeks or months, on a weekday or a day.
fn rule_of(form: &Form) -> Result<String, Problem> {
    let n: i64 = form.read_filled("every")?.unwrap_or(1);
    let interval = if n == 1 { String::new() } else { format!(";INTERVAL={n}") };
    let on = |name: &str, part: &str| form.filled(name).map_or(String::new(), |value| format!(";{part}={value}"));
    Ok(match form.text("unit") {
        "weeks" => format!("FREQ=WEEKLY{interval}{}", on("weekday", "BYDAY")),
        "months" => format!("FREQ=MONTHLY{interval}{}", on("monthday", "BYMONTHDAY")),
        _ => format!("FREQ=DAILY{interval}"),
    })
}

pub(crate) async fn set_rhythm(visit: Visit, Address(task): TaskId, form: Form) -> PageResult {
    let cutoff = form.read_filled("cutoff")?;
    let command = SetRhythm { task, rule: rule_of(&form)?, cutoff, until_on: form.read_filled("until_on")? };
    execute(visit.app.db(), visit.actor()?, form.key()?, command).await?;
    Ok(see_other(&format!("/tasks/{task}"), "tasks-said-rhythm-set"))
}

/// Earlier occurrences on the page of a task; the list has the rest.
const EARLIER_MAX: i64 = 10;

/// The series of a task with its earlier occurrences.
pub(crate) struct Shown {
    series: WorkSeries,
    earlier: Vec<WorkItem>,
}

/// Reads the series of a task that the visitor sees; whoever sees one occurrence sees how the others ended.
pub(crate) async fn of_task(conn: &mut Conn, task: &WorkItem) -> Result<Option<Shown>, Problem> {
    let Some(id) = task.series else { return Ok(None) };
    let series: WorkSeries = conn.load(id).await?;
    let sql = work::select().sql(" where w.tenant = ").bind(conn.tenant()).sql(" and w.series = ").bind(id);
    let sql = sql.sql(" and w.path = ").bind(&task.path).sql(" and w.occurs_on is not null and w.id <> ").bind(task.id);
    let sql = sql.sql(" order by w.occurs_on desc limit ").bind(EARLIER_MAX);
    let earlier = conn.rows(sql).await?.iter().map(WorkItem::read).collect::<Result<_, _>>()?;
    Ok(Some(Shown { series, earlier }))
}

/// The rhythm, what came before, what comes next, and the end of it.
pub(crate) fn panel(visit: &Visit, task: &WorkItem, shown: &Shown, now: Timestamp) -> Markup {
    let Shown { series, earlier } = shown;
    let may_end = series.state == SeriesState::Running
        && visit.actor().is_ok_and(|actor| actor.may(EndSeries::NAME, &series.assigner));
    let all = Filter { series: Some(series.id), with_closed: true, ..Filter::default() };
    html! {
        section.vx-panel {
            h2 { (visit.t("series")) }
            dl.vx-facts {
                div { dt { (visit.t("due-rule")) } dd.vx-cap { (rule_name(visit, &series.rule)) } }
                div { dt { (visit.t("series-next")) } dd {
                    @match (series.next_on, series.next_at) {
                        (Some(day), Some(at)) => { @if let Some(due) = series.due_on(day) { (time::say_instant(visit.lang, due)) } div.vx-quiet { (visit.ta("series-opens", &[("at", time::say_short(visit.lang, at).into())])) } },
                        _ => (visit.t("series-ended")),
                    }
                } }
                @if let Some(until) = series.until_on { div { dt { (visit.t("series-until")) } dd { (time::say_date(visit.lang, until)) } } }
                @if series.missed > 0 { div { dt { (visit.t("series-missed")) } dd { (visit.ta("series-missed-n", &[("n", series.missed.into())])) } } }
            }
            h3.mt-3 { (visit.t("series-earlier")) }
            @if earlier.is_empty() { p.vx-quiet { (visit.t("series-first")) } }
            @else {
                table.vx-table.vx-cards { tbody { @for item in earlier { tr {
                    th scope="row" { a href={ "/tasks/" (item.id) } { (item.occurs_on.map_or(String::new(), |day| time::say_date(visit.lang, day))) } }
                    td { (state_chip(visit, item.state)) }
                    td { (timeliness_mark(visit, item, now)) }
                } } } }
                p.mt-2 { a href=(all.href()) { (visit.t("see-all")) } }
            }
            @if task.occurs_on.is_some() && series.request.is_none() && series.state == SeriesState::Running && visit.actor().is_ok_and(|actor| actor.may("reports.ask", &series.assigner)) {
                p.mt-3 { a.btn href={ "/reports/ask?task=" (task.id) } { (icon("file-text")) " " (visit.t("series-attach-form")) } }
            }
            @if may_end {
                details.mt-3 {
                    summary { (icon("ban")) " " (visit.t("series-end")) }
                    (visit.form(&format!("/tasks/{}/end-series", task.id), html! {
                        p.vx-quiet { (visit.t("series-end-explained")) }
                        label.vx-field.d-block { span.form-label { (visit.t("series-last")) } input.form-control type="date" name="last_on"; }
                        label.vx-field.d-block { span.form-label { (visit.t("series-end-reason")) } textarea.form-control name="reason" rows="2" required {} }
                        button.btn type="submit" { (icon("ban")) " " (visit.t("series-end")) }
                    }))
                }
            }
        }
    }
}

/// Whether the visitor may give this duty a rhythm now.
pub(crate) fn may_set(visit: &Visit, task: &WorkItem, shown: Option<&Shown>) -> bool {
    task.due_kind == DueKind::Standing
        && !task.state.is_closed()
        && shown.is_none_or(|shown| shown.series.state == SeriesState::Ended)
        && visit.actor().is_ok_and(|actor| actor.may(SetRhythm::NAME, &task.assigner))
}

/// The form that gives a standing duty its rhythm.
pub(crate) fn rhythm_form(visit: &Visit, task: &WorkItem) -> Markup {
    let days = ["mo", "tu", "we", "th", "fr", "sa", "su"];
    html! {
        details.vx-panel {
            summary { (icon("refresh")) " " (visit.t("rhythm-set")) }
            (visit.form(&format!("/tasks/{}/rhythm", task.id), html! {
                p.vx-quiet { (visit.t("rhythm-explained")) }
                div.vx-bar {
                    label.vx-field { span.form-label { (visit.t("rhythm-every")) } input.form-control type="number" name="every" min="1" max="1000" value="1" required; }
                    label.vx-field { span.form-label { (visit.t("rhythm-unit")) } select.form-select name="unit" {
                        option value="days" { (visit.t("rhythm-days")) } option value="weeks" { (visit.t("rhythm-weeks")) } option value="months" { (visit.t("rhythm-months")) } } }
                    label.vx-field { span.form-label { (visit.t("rhythm-weekday")) } select.form-select name="weekday" { option value="" { "–" }
                        @for day in days { option value=(day.to_uppercase()) { (visit.t(&format!("day-{day}"))) } } } }
                    label.vx-field { span.form-label { (visit.t("rhythm-monthday")) } input.form-control type="number" name="monthday" min="1" max="31"; }
                    label.vx-field { span.form-label { (visit.t("rhythm-cutoff")) } input.form-control type="time" name="cutoff"; }
                    label.vx-field { span.form-label { (visit.t("series-last")) } input.form-control type="date" name="until_on"; }
                }
                button.btn type="submit" { (icon("refresh")) " " (visit.t("rhythm-set")) }
            }))
        }
    }
}
