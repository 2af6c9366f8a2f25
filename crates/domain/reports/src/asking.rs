//! Asking for reports, by hand or because a dispatch orders them, and asking no longer.

use axum::{
    extract::{Path as Address, Query},
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use jiff::civil::Time;
use vx_concepts::{
    engine::{Command as _, execute},
    form::{FormSpec, PeriodKind, Periods},
    work::{SeriesState, WorkItem, WorkSeries, recurrence::Rule, show::rule_name},
};
use vx_foundation::units::{picked, picker};
use vx_kernel::{
    Date, Id, Path, Problem, ProblemKind, ids,
    units::{
        Kind,
        mentions::{self, MentionContext},
    },
};
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

/// From how many units on the page says how many before it asks them.
const SURE_FROM: usize = 1;

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
        by: series.assigner.clone(),
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

/// The one unit that words of a document mean, in the place of who asks.
fn meant(visit: &Visit, place: &Path, words: &str) -> Option<Path> {
    let (tree, context) = (visit.app.tree(), MentionContext { place: place.clone(), on: visit.today() });
    let found = mentions::resolve(&tree, &context, words);
    found.only().and_then(|one| tree.get(one.as_str())).map(|unit| unit.path.clone())
}

/// The unit to which a clause says that reports go ("báo cáo kết quả về Sở Y tế"), within the place; its assigner otherwise.
fn receiver_of(visit: &Visit, series: &WorkSeries, place: &Path) -> Path {
    let places = series.detail.match_indices(" về ").chain(series.detail.match_indices(" gửi "));
    let mut named = places.filter_map(|(at, word)| {
        let rest = &series.detail[at + word.len()..];
        let end = rest.find([',', '.', ';', '(']).unwrap_or(rest.len());
        // The longest run of words that names one unit.
        let words: Vec<&str> = rest[..end].split_whitespace().take(8).collect();
        (1..=words.len()).rev().find_map(|n| meant(visit, place, &words[..n].join(" ")))
    });
    named.next().filter(|unit| place.contains(unit)).unwrap_or_else(|| series.assigner.clone())
}

/// A unit that somebody typed: from the list of units, or by a name as documents write it.
fn named(visit: &Visit, text: &str, place: &Path) -> Result<Path, Problem> {
    picked(&visit.app.tree(), text, visit.today()).or_else(|problem| meant(visit, place, text).ok_or(problem))
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
    Ok(visit.page(&visit.t("report-ask"), by_hand_page(&visit, &query, &forms, None, Answer::None)?))
}

/// What is answered to a request that was sent.
#[derive(Clone, Copy)]
enum Answer<'p> {
    /// Nothing was sent yet.
    None,
    /// Something stands against it.
    Refused(&'p Problem),
    /// It would go to so many units: once more, then it goes.
    Counted(usize),
}

/// The page on which reports are asked for by hand: as the form is usually asked for, or as it was sent when something
/// stood against it.
fn by_hand_page(
    visit: &Visit,
    query: &[(String, String)],
    forms: &[(String, String)],
    sent: Option<&Form>,
    answer: Answer<'_>,
) -> Result<Markup, Problem> {
    let (problem, counted) = match answer {
        Answer::None => (None, None),
        Answer::Refused(problem) => (Some(problem), None),
        Answer::Counted(n) => (None, Some(n)),
    };
    let asked = |name: &str| sent.and_then(|sent| sent.filled(name)).or_else(|| word(query, name));
    let first = forms.first().map_or("", |(code, _)| code.as_str());
    let code = asked("form").filter(|code| forms.iter().any(|(known, _)| known == code)).unwrap_or(first);
    let name = forms.iter().find(|(known, _)| known == code).map_or("", |(_, name)| name.as_str());
    let askers = askers(visit)?;
    let asker = asked("by").and_then(path_of).filter(|unit| askers.contains(unit)).or_else(|| askers.first().cloned());
    let asker = asker.ok_or_else(Problem::not_found)?;
    let (usual, within) = (usual(code), place_of(visit, &asker));
    // As it was typed, or else as it is usual.
    let value = |name: &str, usual: String| sent.map_or(usual, |sent| sent.text(name).to_owned());
    let is_chosen = asked("form").is_some();
    let option = |value: &str, text: String, chosen: bool| html! { option value=(value) selected[chosen] { (text) } };
    let number = |name: &str, key: &str, usual: i64, most: i64| {
        html! { label.vx-field.d-block { span.form-label { (visit.t(key)) } input.form-control type="number" name=(name) value=(value(name, usual.to_string())) min="0" max=(most); } }
    };
    let period = value("period", usual.period.word().to_owned());
    let level = value("level", usual.level.to_string());
    let typed = |name: &str| sent.and_then(|sent| named(visit, sent.text(name), &within).ok());
    let chosen_within = typed("within").unwrap_or_else(|| within.clone());
    let receiver = typed("receiver").unwrap_or_else(|| asker.clone());
    let to_ask = format!("/reports/ask?by={}", asker.as_str());
    Ok(html! {
        div.vx-head { h1 { (visit.t("report-ask")) } a.btn href="/reports" { (icon("arrow-left")) " " (visit.t("reports")) } }
        p.vx-prose { (visit.t("report-ask-explained")) }
        @if askers.len() > 1 {
            form.vx-filters method="get" action="/reports/ask" {
                @if is_chosen { input type="hidden" name="form" value=(code); }
                label { span.form-label { (visit.t("report-asker")) } select.form-select name="by" { @for unit in &askers { (option(unit.as_str(), visit.unit(unit), *unit == asker)) } } }
                button.btn type="submit" { (visit.t("report-ask-by")) }
            }
        }
        @if let Some(problem) = problem {
            @let (what, todo) = visit.app.words().problem(visit.lang, problem);
            div.vx-note.vx-note-error role="alert" { strong { (what) } " " (todo) }
        }
        // The form comes first: it says how it is usually asked for.
        @if !is_chosen {
            h2.vx-group { (visit.t("report-ask-which")) }
            ul.vx-rows data-rows { @for (known, name) in forms { li { a.vx-row href={ (to_ask) "&form=" (known) } { span { span.vx-row-title { (name) } } span {} span {} span { strong { (visit.t("report-ask-choose")) } } } } } }
        } @else {
        (visit.form_of_class("/reports/ask", "vx-form", html! {
            input type="hidden" name="by" value=(asker.as_str());
            input type="hidden" name="form" value=(code);
            p { (visit.t("report-form")) ": " strong { (name) } " · " a href=(to_ask) { (visit.t("report-ask-other")) } }
            @if let Some(n) = counted {
                div.vx-note role="status" { strong { (visit.ta("report-ask-counted", &[("n", n.into())])) } " " (visit.t("report-ask-sure")) input type="hidden" name="sure" value=(n); }
            }
            label.vx-field.d-block { span.form-label { (visit.t("report-title")) } input.form-control name="title" value=(value("title", name.to_owned())) required maxlength="200"; }
            label.vx-field.d-block { span.form-label { (visit.t("report-source")) } input.form-control name="source" maxlength="200" value=(value("source", String::new())) placeholder=(visit.t("report-source-hint")); }
            label.vx-field.d-block { span.form-label { (visit.t("report-detail")) } textarea.form-control name="detail" rows="2" { (value("detail", String::new())) } }
            label.vx-field.d-block { span.form-label { (visit.t("report-receiver")) } (picker(visit, "receiver", &within, Some(&receiver))) }
            div.vx-facts {
                label.vx-field.d-block { span.form-label { (visit.t("report-period")) } select.form-select name="period" {
                    @for kind in PeriodKind::ALL { (option(kind.word(), visit.t(&format!("period-{}", kind.word())), kind.word() == period)) } } }
                (number("days", "report-days", if let PeriodKind::Days(n) = usual.period { n } else { 3 }, 60))
                label.vx-field.d-block { span.form-label { (visit.t("report-from")) } input.form-control type="date" name="from" value=(value("from", visit.today().to_string())) required; }
                label.vx-field.d-block { span.form-label { (visit.t("report-until")) } input.form-control type="date" name="until" value=(value("until", String::new())); }
                label.vx-field.d-block { span.form-label { (visit.t("report-closes")) } input.form-control type="time" name="closes" value=(value("closes", usual.closes.strftime("%H:%M").to_string())) required; }
                (number("lag", "report-lag", usual.lag_days, 14))
                (number("window", "report-window", usual.window_days, 31))
            }
            div.vx-facts {
                label.vx-field.d-block { span.form-label { (visit.t("report-level")) } select.form-select name="level" {
                    @for each in Level::ALL { (option(each.as_str(), visit.t(&format!("report-level-{each}")), each.as_str() == level)) } } }
                label.vx-field.d-block { span.form-label { (visit.t("report-within")) } (picker(visit, "within", &within, Some(&chosen_within))) }
            }
            label.vx-field.d-block { span.form-label { (visit.t("report-listed")) } textarea.form-control name="listed" rows="3" placeholder=(visit.t("report-listed-hint")) { (value("listed", String::new())) } }
            div.vx-actions { button.btn.btn-primary type="submit" { (icon("send")) " " (visit.t("report-ask")) } }
        })) }
    })
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
                @let place = place_of(visit, &series.assigner);
                label.vx-field.d-block { span.form-label { (visit.t("report-receiver")) } (picker(visit, "receiver", &place, Some(&receiver_of(visit, series, &place)))) }
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
        let receiver = form.filled("receiver").map(|text| named(&visit, text, &place)).transpose()?;
        let ask =
            ask_by_order(id, &series, units, place, &spec).ok_or_else(|| Problem::refused("reports.ask.never"))?;
        Ask { title: form.text("title").to_owned(), unit: receiver.unwrap_or_else(|| ask.unit.clone()), ..ask }
    } else {
        let forms = choices(&visit, &mut conn).await?;
        drop(conn);
        let again = |status: StatusCode, answer: Answer<'_>| {
            let page: Response =
                visit.page(&visit.t("report-ask"), by_hand_page(&visit, &[], &forms, Some(&form), answer)?);
            Ok((status, page).into_response())
        };
        // What was typed stays before the eyes of who typed it.
        let said = |problem: &Problem| matches!(problem.kind, ProblemKind::Invalid | ProblemKind::Refused);
        let command = match by_hand(&visit, &form, id, &spec) {
            Ok(command) => command,
            Err(problem) if said(&problem) => {
                return again(StatusCode::UNPROCESSABLE_ENTITY, Answer::Refused(&problem));
            }
            Err(problem) => return Err(problem.into()),
        };
        if let Err(problem) = command.decide(&(), visit.actor()?, visit.now())
            && said(&problem)
        {
            return again(StatusCode::UNPROCESSABLE_ENTITY, Answer::Refused(&problem));
        }
        // A press that reaches many desks says first how many.
        let n = command.units.len();
        if n > SURE_FROM && form.text("sure") != n.to_string() {
            return again(StatusCode::OK, Answer::Counted(n));
        }
        return match execute(visit.app.db(), visit.actor()?, form.key()?, command).await {
            Ok(_) => Ok(see_other(&format!("/reports/{id}"), "reports-said-asked")),
            Err(problem) if said(&problem) => again(StatusCode::UNPROCESSABLE_ENTITY, Answer::Refused(&problem)),
            Err(problem) => Err(problem.into()),
        };
    };
    drop(conn);
    execute(visit.app.db(), visit.actor()?, form.key()?, command).await?;
    Ok(see_other(&format!("/reports/{id}"), "reports-said-asked"))
}

/// What was typed by hand.
fn by_hand(visit: &Visit, form: &Form, id: Id<ids::Request>, spec: &FormSpec) -> Result<Ask, Problem> {
    let tree = visit.app.tree();
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
            listed.push(named(visit, line, &place)?);
        }
        listed.sort();
        listed.dedup();
    }
    let within = named(visit, form.text("within"), &place)?;
    // A clause for the whole place also reaches the agencies beside it, which are named one by one.
    let within =
        tree.at_path(&within).filter(|unit| unit.kind == Kind::Agency).map_or(within.clone(), |_| place.clone());
    let within = if level == Level::Listed { place.clone() } else { within };
    let last = periods.nth(0).map_or(from, |period| period.last);
    let source = match form.filled("source") {
        Some(source) => source.to_owned(),
        None => visit.ta("report-source-none", &[("unit", visit.unit(&unit).into())]),
    };
    let receiver = form.filled("receiver").map(|text| named(visit, text, &place)).transpose()?;
    Ok(Ask {
        id,
        by: unit.clone(),
        units: level.units(&tree, &within, &listed, last, &Path::root()),
        unit: receiver.unwrap_or(unit),
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
