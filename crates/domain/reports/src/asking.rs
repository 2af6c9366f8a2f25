//! Asking for reports, by hand or because a dispatch orders them, and asking no longer.

use axum::extract::{Path as Address, Query};
use jiff::civil::Time;
use vx_concepts::{
    engine::{Command as _, execute},
    form::{FormSpec, PeriodKind, Periods},
    work::{SeriesState, WorkItem, WorkSeries, recurrence::Rule, show::rule_name},
};
use vx_foundation::units::{picked, picker};
use vx_kernel::{Date, Id, Path, Problem, ids, units::Kind};
use vx_platform::{
    params,
    store::{Conn, Sql},
    web::{Form, Markup, PageResult, Visit, html, icon, see_other},
};

use crate::{
    catalogue::{SHIPPED, Shipped},
    commands::{Ask, End, UNITS_MAX},
    routes::{Pairs, path_of, word},
    store,
    types::{Level, Request},
};

/// A dispatch's clause that orders reports again and again, and the units that owe them.
struct Ordered {
    task: WorkItem,
    series: WorkSeries,
    units: Vec<Path>,
}

/// The order of which a task is an occurrence, if the visitor may see the task and ask for its assigner.
async fn ordered(visit: &Visit, conn: &mut Conn, task: &str) -> Result<Ordered, Problem> {
    let id: Id<ids::WorkItem> = task.parse().map_err(|_| Problem::not_found())?;
    let task: WorkItem = conn.load(id).await?;
    if !visit.actor()?.may(Ask::NAME, &task.assigner) {
        return Err(Problem::not_found());
    }
    let series: WorkSeries =
        conn.load(task.series.ok_or_else(|| Problem::refused("reports.ask.not_recurrent"))?).await?;
    if series.request.is_some() {
        return Err(Problem::refused("reports.ask.linked"));
    }
    let sql =
        "select path from work_series where tenant = $1 and about = $2 and coalesce(clause, '') = $3 and state = $4
               order by path limit $5";
    let limit = i64::try_from(UNITS_MAX).unwrap_or(i64::MAX);
    let clause = series.clause.clone().unwrap_or_default();
    let sql = Sql::with(sql, params![conn.tenant(), series.about, clause, SeriesState::Running, limit]);
    let units = conn.rows(sql).await?.iter().map(|row| row.get("path")).collect::<Result<_, _>>()?;
    Ok(Ordered { task, series, units })
}

/// The periods that an order sets.
fn periods_of(series: &WorkSeries) -> Option<Periods> {
    let rule = Rule::parse(&series.rule)?;
    let closes = series.cutoff.as_deref().and_then(|text| text.parse().ok()).unwrap_or(Time::constant(23, 59, 59, 0));
    let periods = Periods::closing_by(&rule, series.last_on.unwrap_or(series.anchor_on), closes)?;
    // What several days brought may be sent before the last of them is over.
    let window_days = if let PeriodKind::Days(n) = periods.kind { n - 1 } else { 0 };
    Some(Periods { window_days, ..periods })
}

/// What asks for the reports that a dispatch orders again and again, once units and form are known. None for a rhythm
/// that no period has.
#[must_use]
pub fn ask_by_order(
    id: Id<ids::Request>,
    series: &WorkSeries,
    units: Vec<Path>,
    place: Path,
    form: &FormSpec,
) -> Option<Ask> {
    Some(Ask {
        id,
        unit: series.assigner.clone(),
        within: place.clone(),
        place,
        form: form.code.clone(),
        form_version: form.version,
        title: series.title.clone(),
        periods: periods_of(series)?,
        level: Level::Listed,
        listed: units.clone(),
        units,
        about: Some((series.about, series.clause.clone())),
        source: series.source.clone(),
        detail: series.detail.clone(),
        until_on: None,
    })
}

/// The units for which the visitor may ask.
fn askers(visit: &Visit) -> Result<Vec<Path>, Problem> {
    let actor = visit.actor()?;
    Ok(actor.homes().into_iter().filter(|home| !home.is_root() && actor.may(Ask::NAME, home)).cloned().collect())
}

/// The place that a unit acts for: itself, or the place beside which an agency stands.
fn place_of(visit: &Visit, unit: &Path) -> Path {
    let tree = visit.app.tree();
    tree.place_of(unit.unit()).map_or_else(|| unit.clone(), |place| place.path.clone())
}

/// How a form is usually asked for; one from a file daily, of the communes.
fn usual(code: &str) -> Shipped {
    SHIPPED.iter().find(|shipped| shipped.form.code == code).cloned().unwrap_or_else(|| Shipped {
        form: FormSpec::new(code, 1, "", ""),
        period: PeriodKind::Daily,
        lag_days: 0,
        closes: Time::constant(17, 0, 0, 0),
        window_days: 0,
        level: Level::Commune,
    })
}

/// Forms to choose from: code and name.
async fn choices(visit: &Visit, conn: &mut Conn) -> Result<Vec<(String, String)>, Problem> {
    let shipped =
        SHIPPED.iter().map(|shipped| (shipped.form.code.clone(), shipped.form.name.of(visit.lang).to_owned()));
    let mut all: Vec<_> = shipped.collect();
    all.extend(store::forms(conn).await?.into_iter().map(|form| (form.code, form.name)));
    Ok(all)
}

fn form_choice(visit: &Visit, forms: &[(String, String)], chosen: &str) -> Markup {
    html! {
        label.vx-field.d-block { span.form-label { (visit.t("report-form")) }
            select.form-select name="form" required {
                @for (code, name) in forms { option value=(code) selected[code == chosen] { (name) } }
            } }
    }
}

pub(crate) async fn show(visit: Visit, Query(query): Pairs) -> PageResult {
    let mut conn = visit.app.db().read().await?;
    let forms = choices(&visit, &mut conn).await?;
    if let Some(task) = word(&query, "task") {
        let ordered = ordered(&visit, &mut conn, task).await?;
        let chosen = word(&query, "form").unwrap_or("sang-loc");
        return Ok(visit.page(&visit.t("report-ask"), from_order(&visit, &ordered, &forms, chosen)));
    }
    drop(conn);
    let first = forms.first().map_or("", |(code, _)| code.as_str());
    let code = word(&query, "form").filter(|code| forms.iter().any(|(known, _)| known == code)).unwrap_or(first);
    let name = forms.iter().find(|(known, _)| known == code).map_or("", |(_, name)| name.as_str());
    let askers = askers(&visit)?;
    let Some(asker) =
        word(&query, "by").and_then(path_of).filter(|unit| askers.contains(unit)).or(askers.first().cloned())
    else {
        return Err(Problem::not_found().into());
    };
    let (usual, within) = (usual(code), place_of(&visit, &asker));
    let option = |value: &str, text: String, chosen: bool| html! { option value=(value) selected[chosen] { (text) } };
    let number = |name: &str, key: &str, value: i64, most: i64| {
        html! { label.vx-field.d-block { span.form-label { (visit.t(key)) } input.form-control type="number" name=(name) value=(value) min="0" max=(most); } }
    };
    let body = html! {
        div.vx-head { h1 { (visit.t("report-ask")) } a.btn href="/reports" { (icon("arrow-left")) " " (visit.t("reports")) } }
        p.vx-prose { (visit.t("report-ask-explained")) }
        // Choosing the form proposes how it is usually asked for.
        form.vx-filters method="get" action="/reports/ask" {
            label { span.form-label { (visit.t("report-form")) } select.form-select name="form" { @for (known, name) in &forms { (option(known, name.clone(), known == code)) } } }
            @if askers.len() > 1 { label { span.form-label { (visit.t("report-asker")) } select.form-select name="by" { @for unit in &askers { (option(unit.as_str(), visit.unit(unit), *unit == asker)) } } } }
            button.btn type="submit" { (visit.t("report-ask-propose")) }
        }
        (visit.form_of_class("/reports/ask", "vx-form", html! {
            input type="hidden" name="by" value=(asker.as_str());
            input type="hidden" name="form" value=(code);
            label.vx-field.d-block { span.form-label { (visit.t("report-title")) } input.form-control name="title" value=(name) required maxlength="200"; }
            label.vx-field.d-block { span.form-label { (visit.t("report-source")) } input.form-control name="source" maxlength="200" placeholder=(visit.t("report-source-hint")); }
            label.vx-field.d-block { span.form-label { (visit.t("report-detail")) } textarea.form-control name="detail" rows="2" {} }
            div.vx-facts {
                label.vx-field.d-block { span.form-label { (visit.t("report-period")) } select.form-select name="period" {
                    @for kind in PeriodKind::ALL { (option(kind.word(), visit.t(&format!("period-{}", kind.word())), kind.word() == usual.period.word())) } } }
                (number("days", "report-days", if let PeriodKind::Days(n) = usual.period { n } else { 3 }, 60))
                label.vx-field.d-block { span.form-label { (visit.t("report-from")) } input.form-control type="date" name="from" value=(visit.today()) required; }
                label.vx-field.d-block { span.form-label { (visit.t("report-until")) } input.form-control type="date" name="until"; }
                label.vx-field.d-block { span.form-label { (visit.t("report-closes")) } input.form-control type="time" name="closes" value=(usual.closes.strftime("%H:%M").to_string()) required; }
                (number("lag", "report-lag", usual.lag_days, 14))
                (number("window", "report-window", usual.window_days, 31))
            }
            div.vx-facts {
                label.vx-field.d-block { span.form-label { (visit.t("report-level")) } select.form-select name="level" {
                    @for level in Level::ALL { (option(level.as_str(), visit.t(&format!("report-level-{level}")), *level == usual.level)) } } }
                label.vx-field.d-block { span.form-label { (visit.t("report-within")) } (picker(&visit, "within", &within, Some(&within))) }
            }
            label.vx-field.d-block { span.form-label { (visit.t("report-listed")) } textarea.form-control name="listed" rows="3" placeholder=(visit.t("report-listed-hint")) {} }
            div.vx-actions { button.btn.btn-primary type="submit" { (icon("send")) " " (visit.t("report-ask")) } }
        }))
    };
    Ok(visit.page(&visit.t("report-ask"), body))
}

fn from_order(visit: &Visit, ordered: &Ordered, forms: &[(String, String)], chosen: &str) -> Markup {
    let Ordered { task, series, units } = ordered;
    html! {
        div.vx-head { h1 { (visit.t("report-attach")) } a.btn href={ "/tasks/" (task.id) } { (icon("arrow-left")) " " (visit.t("back-to-task")) } }
        p.vx-prose { (visit.ta("report-attach-explained", &[("n", units.len().into())])) }
        div.vx-panel.mb-3 { dl.vx-facts {
            div { dt { (visit.t("task-from")) } dd { a href={ "/directives/" (series.about) } { (series.source) } } }
            div { dt { (visit.t("due-rule")) } dd { (rule_name(visit, &series.rule)) } }
            div.vx-wide { dt { (visit.t("task-order")) } dd.vx-prose { (series.detail) } }
            div.vx-wide { dt { (visit.t("report-level")) } dd { @for unit in units { span.vx-chip { (visit.unit(unit)) } " " } } }
        } }
        @if periods_of(series).is_none() { div.vx-note.vx-note-error { (visit.t("report-attach-no-period")) } }
        @else {
            (visit.form_of_class("/reports/ask", "vx-form", html! {
                input type="hidden" name="task" value=(task.id);
                (form_choice(visit, forms, chosen))
                label.vx-field.d-block { span.form-label { (visit.t("report-title")) } input.form-control name="title" value=(series.title) required maxlength="200"; }
                button.btn.btn-primary type="submit" { (icon("file-text")) " " (visit.t("report-attach")) }
            }))
        }
    }
}

fn day(form: &Form, name: &'static str) -> Result<Date, Problem> {
    form.read(name)
}

pub(crate) async fn ask(visit: Visit, form: Form) -> PageResult {
    let mut conn = visit.app.db().read().await?;
    let spec = store::form(&mut conn, form.text("form"), None).await?;
    let id = Id::from(form.key()?);
    let command = if form.filled("task").is_some() {
        let Ordered { series, units, .. } = ordered(&visit, &mut conn, form.text("task")).await?;
        let place = place_of(&visit, &series.assigner);
        let ask = ask_by_order(id, &series, units, place, &spec);
        Ask { title: form.text("title").to_owned(), ..ask.ok_or_else(|| Problem::refused("reports.ask.never"))? }
    } else {
        by_hand(&visit, &form, id, &spec)?
    };
    drop(conn);
    execute(visit.app.db(), visit.actor()?, form.key()?, command).await?;
    Ok(see_other(&format!("/reports/{id}"), "reports-said-asked"))
}

/// What was typed by hand.
fn by_hand(visit: &Visit, form: &Form, id: Id<ids::Request>, spec: &FormSpec) -> Result<Ask, Problem> {
    let (tree, today) = (visit.app.tree(), visit.today());
    let unit = path_of(form.text("by")).ok_or_else(Problem::not_found)?;
    let place = place_of(visit, &unit);
    let unread = |field: &str| {
        Problem::invalid("web.field").with("field", format!("@field-{field}")).with("value", form.text(field))
    };
    let kind = match form.text("period") {
        "days" => PeriodKind::parse(&format!("days:{}", form.text("days"))),
        word => PeriodKind::parse(word),
    };
    let kind = kind.ok_or_else(|| unread("days"))?;
    let (lag, window) = (form.read_filled("lag")?.unwrap_or(0), form.read_filled("window")?.unwrap_or(0));
    let from = day(form, "from")?;
    let periods = Periods::from(kind, from, lag, form.read("closes")?, window).ok_or_else(|| unread("from"))?;
    let level = Level::parse(form.text("level")).ok_or_else(|| unread("level"))?;
    let mut listed = Vec::new();
    if level == Level::Listed {
        for line in form.text("listed").split(['\n', ';']).map(str::trim).filter(|line| !line.is_empty()) {
            listed.push(picked(&tree, line, today)?);
        }
        listed.sort();
        listed.dedup();
    }
    let within = picked(&tree, form.text("within"), today)?;
    // A clause for the whole place also reaches the agencies beside it, which are named one by one.
    let within =
        tree.at_path(&within).filter(|unit| unit.kind == Kind::Agency).map_or(within.clone(), |_| place.clone());
    let within = if level == Level::Listed { place.clone() } else { within };
    let last = periods.nth(0).map_or(from, |period| period.last);
    let source = match form.filled("source") {
        Some(source) => source.to_owned(),
        None => visit.ta("report-source-none", &[("unit", visit.unit(&unit).into())]),
    };
    Ok(Ask {
        id,
        units: level.units(&tree, &within, &listed, last, &Path::root()),
        unit,
        place,
        form: spec.code.clone(),
        form_version: spec.version,
        title: form.text("title").to_owned(),
        periods,
        within,
        level,
        listed,
        about: None,
        source,
        detail: form.text("detail").to_owned(),
        until_on: form.read_filled("until")?,
    })
}

pub(crate) async fn end(visit: Visit, Address(id): Address<Id<ids::Request>>, form: Form) -> PageResult {
    let until_on = form.read_filled("until")?.unwrap_or_else(|| visit.today());
    let command = End { request: id, until_on, reason: form.text("reason").to_owned() };
    execute(visit.app.db(), visit.actor()?, form.key()?, command).await?;
    Ok(see_other(&format!("/reports/{id}"), "reports-said-ended"))
}

/// A request's clock in words: "Hằng ngày, trước 17:00".
pub(crate) fn clock_in_words(visit: &Visit, request: &Request) -> String {
    let periods = request.periods();
    let kind = match periods.kind {
        PeriodKind::Days(n) => visit.ta("period-days-n", &[("n", n.into())]),
        kind => visit.t(&format!("period-{}", kind.word())),
    };
    let closes = periods.closes.strftime("%H:%M").to_string();
    let when = match periods.lag_days {
        0 => visit.ta("report-closes-at", &[("at", closes.into())]),
        n => visit.ta("report-closes-after", &[("at", closes.into()), ("n", n.into())]),
    };
    format!("{kind}, {when}")
}
