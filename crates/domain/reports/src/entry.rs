//! Filling in and sending a report, putting it right, looking at it, endorsing it.

use std::collections::BTreeMap;

use axum::{
    extract::{Path as Address, Query},
    http::StatusCode,
    response::{IntoResponse as _, Redirect, Response},
};
use jiff::ToSpan as _;
use vx_concepts::{
    engine::{Command as _, execute},
    form::{self, CellKind, CellSpec, Figures, FormSpec, Period, Received, Remark, RemarkKind, Standing, Words},
    work::escalation::superior,
};
use vx_kernel::{Id, Path, Problem, ProblemKind, ids, time};
use vx_platform::{
    sheet::SheetKind,
    web::{Form, Markup, PageResult, Visit, html, icon, see_other},
};

use crate::{
    asking::clock_in_words,
    commands::{Endorse, Submit, unexplained},
    forms::{check_in_words, known_in_words},
    routes::{Pairs, of_form, request_of, standing_chip, unit_and_period, word},
    sheets, store,
    types::{Endorsement, Request, Submission},
};

/// What a person typed, cell by cell, beside what could be read of it.
#[derive(Default)]
pub(crate) struct Typed {
    /// As it was typed, by place of the figure.
    pub(crate) texts: Vec<String>,
    pub(crate) words: Words,
    pub(crate) notes: BTreeMap<String, String>,
    pub(crate) reason: String,
    /// What could not be read, by place.
    pub(crate) unread: BTreeMap<usize, &'static str>,
    pub(crate) figures: Figures,
    /// What came of a file that was taken in, to be said above the cells.
    pub(crate) taken: Option<Taken>,
}

/// What came of a file.
pub(crate) struct Taken {
    /// Its name.
    pub(crate) name: String,
    /// Cells that it filled.
    pub(crate) n: usize,
    /// Rows that fit no cell: their number and code.
    pub(crate) rejected: Vec<(usize, String)>,
}

/// All that the page of an entry is made from.
struct Entry<'a> {
    request: &'a Request,
    form: &'a FormSpec,
    unit: &'a Path,
    period: Period,
    /// The last edition, when this puts it right.
    last: Option<&'a Submission>,
    /// Figures of the period before.
    before: Option<Figures>,
    known: &'a Figures,
    proposed: &'a Figures,
    typed: &'a Typed,
    remarks: Option<Vec<Remark>>,
    problem: Option<Problem>,
}

/// Everything known before anybody types: the form, the last edition, the period before, the registers.
struct Ground {
    request: Request,
    form: FormSpec,
    unit: Path,
    period: Period,
    last: Option<Submission>,
    before: Option<Figures>,
    known: Figures,
}

async fn ground(visit: &Visit, id: Id<ids::Request>, unit: &str, on: &str) -> Result<Ground, Problem> {
    let mut conn = visit.app.db().read().await?;
    let request = request_of(visit, &mut conn, id).await?;
    let (unit, period) = unit_and_period(&request, unit, on)?;
    if !visit.actor()?.may(Submit::NAME, &unit) {
        return Err(Problem::not_found());
    }
    let form = store::form(&mut conn, &request.form, Some(request.form_version)).await?;
    let last = store::editions(&mut conn, id, &unit, period.last).await?.into_iter().next();
    let periods = request.periods();
    let before = periods.number(period.last).and_then(|n| periods.nth(n - 1));
    let before = match before {
        Some(before) => store::editions(&mut conn, id, &unit, before.last).await?.into_iter().next(),
        None => None,
    };
    let before = before.map(|report| Figures::parse(&report.figures, form.width()));
    let known = store::known(&mut conn, &form, &unit, &period, visit.now()).await?;
    Ok(Ground { request, form, unit, period, last, before, known })
}

pub(crate) async fn enter(visit: Visit, Address(id): Address<Id<ids::Request>>, Query(query): Pairs) -> PageResult {
    let (unit, on) = (word(&query, "unit").unwrap_or_default(), word(&query, "on").unwrap_or_default());
    let ground = ground(&visit, id, unit, on).await?;
    let typed = ground.begun();
    Ok(visit.page(&ground.request.title, page(&visit, &ground.entry(&ground.known, &typed, None, None))))
}

/// Leads from the work by which a report is owed, which knows the day it closes, to the report or its form.
pub(crate) async fn of(visit: Visit, Address(id): Address<Id<ids::Request>>, Query(query): Pairs) -> PageResult {
    let mut conn = visit.app.db().read().await?;
    let request = request_of(&visit, &mut conn, id).await?;
    let periods = request.periods();
    let closes: Option<vx_kernel::Date> = word(&query, "closes").and_then(|day| day.parse().ok());
    let last = closes.and_then(|day| day.checked_sub(periods.lag_days.days()).ok());
    let period = last.and_then(|last| periods.ending(last)).ok_or_else(Problem::not_found)?;
    let unit = word(&query, "unit").and_then(crate::routes::path_of).ok_or_else(Problem::not_found)?;
    let sent = !store::editions(&mut conn, id, &unit, period.last).await?.is_empty();
    let enters = !sent && visit.actor()?.may(Submit::NAME, &unit) && period.opens_at <= visit.now();
    let page = if enters { "enter" } else { "report" };
    let to = format!("/reports/{id}/{page}?unit={}&on={}", unit.as_str(), period.last);
    Ok(Redirect::to(&to).into_response())
}

impl Ground {
    /// What stands in the cells before anybody types.
    fn begun(&self) -> Typed {
        // What was sent is put right from what it says; a new report begins with what the registers know.
        let shown = match &self.last {
            Some(last) => Figures::parse(&last.figures, self.form.width()),
            None => self.known.clone(),
        };
        let texts = self.form.cells.iter().zip(self.form.places()).flat_map(|(cell, place)| {
            let shown = &shown;
            place.map(move |at| shown.0[at].map_or_else(String::new, |figure| form::typed(&cell.kind, figure)))
        });
        let json = |text: &str| serde_json::from_str(text).unwrap_or_default();
        Typed {
            texts: texts.collect(),
            words: self.last.as_ref().map_or_else(Words::new, |last| json(&last.words)),
            notes: self
                .last
                .as_ref()
                .map_or_else(BTreeMap::new, |last| serde_json::from_str(&last.notes).unwrap_or_default()),
            ..Typed::default()
        }
    }

    fn entry<'a>(
        &'a self,
        proposed: &'a Figures,
        typed: &'a Typed,
        remarks: Option<Vec<Remark>>,
        problem: Option<Problem>,
    ) -> Entry<'a> {
        Entry {
            request: &self.request,
            form: &self.form,
            unit: &self.unit,
            period: self.period,
            last: self.last.as_ref(),
            before: self.before.clone(),
            known: &self.known,
            proposed,
            typed,
            remarks,
            problem,
        }
    }
}

impl Entry<'_> {
    /// Whether nothing stands in the cells yet that somebody typed or a file brought.
    fn is_fresh(&self) -> bool {
        let typed = self.typed;
        self.remarks.is_none() && self.problem.is_none() && typed.taken.is_none() && typed.unread.is_empty()
    }
}

fn page(visit: &Visit, entry: &Entry<'_>) -> Markup {
    let Entry { request, form, unit, period, last, typed, .. } = entry;
    let late = visit.now() > period.closes_at;
    html! {
        div.vx-head { h1 { (request.title) } a.btn href={ "/reports/" (request.id) } { (icon("arrow-left")) " " (visit.t("report-board")) } }
        div.vx-line {
            strong { (visit.unit(unit)) }
            span { (visit.ta("report-of-period", &[("period", store::days(visit.lang, period).into())])) }
            @if late && last.is_none() { span.vx-overdue { (visit.ta("report-closed-on", &[("at", time::say_short(visit.lang, period.closes_at).into())])) } }
            @else { span { (visit.ta("report-closes-on", &[("at", time::say_instant(visit.lang, period.closes_at).into())])) } }
            span.vx-quiet { (form.name.of(visit.lang)) }
        }
        @if let Some(problem) = &entry.problem {
            @let (what, todo) = visit.app.words().problem(visit.lang, problem);
            div.vx-note.vx-note-error role="alert" { strong { (what) } " " (todo) }
        }
        @if let Some(taken) = &typed.taken {
            div.vx-note role="status" { strong { (visit.ta("report-file-taken", &[("n", taken.n.into()), ("name", taken.name.as_str().into())])) }
                @if !taken.rejected.is_empty() { ul { @for (row, code) in &taken.rejected { li { (visit.ta("report-file-rejected", &[("row", (*row).into()), ("code", code.as_str().into())])) } } } } }
        }
        @if !typed.unread.is_empty() { div.vx-note.vx-note-error role="alert" { strong { (visit.ta("report-unread", &[("n", typed.unread.len().into())])) } } }
        @if let Some(remarks) = &entry.remarks { (remarks_of(visit, form, remarks)) }
        @if let Some(last) = last { div.vx-note.vx-note-doubt { (visit.ta("report-correcting", &[("n", last.edition.into()), ("at", time::say_instant(visit.lang, last.sent_at).into())])) } }
        @else { p.vx-quiet { (visit.t("report-enter-explained")) } }
        (visit.form_of_class(&format!("/reports/{}/send", request.id), "vx-form", html! {
            input type="hidden" name="unit" value=(unit.as_str());
            input type="hidden" name="on" value=(period.last);
            input type="hidden" name="seen" value=(last.map_or(0, |last| last.edition));
            // Enter in a cell presses the first button of a form: it looks the figures over and sends nothing.
            button.visually-hidden type="submit" name="check" value="1" formnovalidate tabindex="-1" aria-hidden="true" {}
            @for (cell, place) in form.cells.iter().zip(form.places()) { (field(visit, entry, cell, place)) }
            @if last.is_some() { label.vx-field.d-block { span.form-label { (visit.t("report-reason")) } textarea.form-control name="reason" rows="2" required { (typed.reason) } } }
            details.vx-panel.mb-3 {
                summary { (icon("upload")) " " (visit.t("report-file")) }
                p { (visit.t("report-file-explained")) }
                p { @for kind in SheetKind::ALL { a.btn href={ "/reports/" (request.id) "/template/" (kind.as_str()) "?unit=" (unit.as_str()) "&on=" (period.last) } { (icon("download")) " " (visit.t(&format!("report-template-{}", kind.as_str()))) } " " } }
                label.vx-field.d-block { span.form-label { (visit.t("report-file-choose")) } input.form-control type="file" name="file" accept=".xlsx,.csv"; }
                button.btn type="submit" formaction={ "/reports/" (request.id) "/fill" } formnovalidate { (icon("upload")) " " (visit.t("report-file-take")) }
            }
            (visit.kept(&format!("report {} {} {} {}", request.id, unit.as_str(), period.last, last.map_or(0, |last| last.edition)), entry.is_fresh()))
            div.vx-actions {
                button.btn.btn-primary type="submit" { (icon("send")) " " (visit.t(if last.is_some() { "report-send-corrected" } else { "report-send" })) }
                button.btn type="submit" name="check" value="1" formnovalidate { (icon("checks")) " " (visit.t("report-check")) }
            }
        }))
    }
}

/// What looks wrong, in words. It blocks nothing.
fn remarks_of(visit: &Visit, form: &FormSpec, remarks: &[Remark]) -> Markup {
    let said = |remark: &Remark| {
        let cell = form.cells.iter().find(|cell| cell.code == remark.cell);
        let label = cell.map_or("", |cell| cell.label.of(visit.lang)).to_owned();
        let kind = cell.map_or(CellKind::Count, |cell| cell.kind.clone());
        let number = |n: i64| form::say(&kind, visit.lang, n);
        match (&remark.rule, remark.code) {
            (Some(rule), _) => visit.ta(
                "report-remark-check",
                &[
                    ("check", check_in_words(visit, form, rule).into()),
                    ("left", number(remark.left).into()),
                    ("right", number(remark.right).into()),
                ],
            ),
            (None, RemarkKind::Empty | RemarkKind::Above | RemarkKind::NotEqual) => {
                visit.ta("report-remark-empty", &[("cell", label.into())])
            }
        }
    };
    html! {
        @if remarks.is_empty() { div.vx-note role="status" { (icon("check")) " " (visit.t("report-no-remarks")) } }
        @else { div.vx-note.vx-note-doubt role="status" {
            strong { (visit.ta("report-remarks", &[("n", remarks.len().into())])) }
            ul { @for remark in remarks { li { (said(remark)) } } }
        } }
    }
}

fn field(visit: &Visit, entry: &Entry<'_>, cell: &CellSpec, place: std::ops::Range<usize>) -> Markup {
    let (lang, typed) = (visit.lang, entry.typed);
    let before = |at: usize| entry.before.as_ref().and_then(|before| before.0[at]);
    let hint = |at: usize| {
        let known = entry.known.0[at];
        html! {
            @if before(at).is_some() || known.is_some() { span.vx-quiet.d-block {
                @if let Some(before) = before(at) { (visit.ta("report-before", &[("figure", form::say(&cell.kind, lang, before).into())])) }
                @if before(at).is_some() && known.is_some() { " · " }
                @if let (Some(known), Some(what)) = (known, &cell.known) { (visit.ta("report-known", &[("figure", form::say(&cell.kind, lang, known).into()), ("what", known_in_words(visit, what).into())])) }
            } }
        }
    };
    let input = |at: usize, label: &str, shown: bool| {
        let text = typed.texts.get(at).map_or("", String::as_str);
        let fault = typed.unread.get(&at);
        let (name, note) = (format!("f{at}"), format!("f{at}-fault"));
        html! {
            label.vx-field.d-block {
                span class=(if shown { "form-label" } else { "visually-hidden" }) { (label) }
                @match &cell.kind {
                    CellKind::Choice(choices) => { select.form-select name=(name) { option value="" { "–" } @for (n, choice) in choices.iter().enumerate() { @let place = format!("#{n}"); option value=(place) selected[text == place] { (choice.of(lang)) } } } }
                    CellKind::Date => { input.form-control type="date" name=(name) value=(text); }
                    _ => { span.input-group {
                        input.form-control.vx-num name=(name) value=(text) inputmode=(if cell.kind == CellKind::Count { "numeric" } else { "decimal" }) autocomplete="off" aria-invalid=[fault.map(|_| "true")] aria-describedby=[fault.map(|_| note.clone())];
                        @if !cell.unit.vi.is_empty() { span.input-group-text { (cell.unit.of(lang)) } }
                    } }
                }
                @if let Some(fault) = fault { span.vx-field-error.d-block id=(note) { (visit.t(&format!("form-unread-{fault}"))) } }
                (hint(at))
            }
        }
    };
    let label = cell.label.of(lang);
    html! {
        @match (&cell.kind, &cell.by) {
            (CellKind::Text, _) => { label.vx-field.d-block { span.form-label { (label) } textarea.form-control name={ "w_" (cell.code) } rows="3" maxlength=(form::TEXT_MAX) { (typed.words.get(&cell.code).map_or("", String::as_str)) } } }
            (_, Some(by)) => { fieldset.vx-clause { legend.form-label { (label) " " span.vx-quiet { "(" (visit.t("form-by")) " " (by.name.of(lang)) ")" } }
                @for (part, at) in by.parts.iter().zip(place.clone()) { (input(at, part.of(lang), true)) }
            } }
            _ => { (input(place.start, label, true)) }
        }
        @if cell.known.is_some() && entry.known.0[place.start].is_some() {
            @if let Some(proposed) = entry.proposed.0[place.start] { input type="hidden" name={ "p" (place.start) } value=(proposed); }
            label.vx-field.d-block { span.form-label { (visit.ta("report-note", &[("cell", label.into())])) } input.form-control name={ "n_" (cell.code) } maxlength="500" value=(typed.notes.get(&cell.code).map_or("", String::as_str)); }
        }
    }
}

/// Reads what was sent, every cell, and remembers what could not be read.
fn read(spec: &FormSpec, form: &Form) -> (Typed, Figures) {
    let mut typed = Typed { figures: Figures::none(spec), reason: form.text("reason").to_owned(), ..Typed::default() };
    let mut proposed = Figures::none(spec);
    typed.texts = vec![String::new(); spec.width()];
    for (cell, place) in spec.cells.iter().zip(spec.places()) {
        if cell.kind == CellKind::Text {
            let text: String = form.text(&format!("w_{}", cell.code)).chars().take(form::TEXT_MAX).collect();
            if !text.is_empty() {
                typed.words.insert(cell.code.clone(), text);
            }
            continue;
        }
        for at in place.clone() {
            let text = form.text(&format!("f{at}"));
            text.clone_into(&mut typed.texts[at]);
            match form::read_cell(&cell.kind, text) {
                Ok(figure) => typed.figures.0[at] = figure,
                Err(fault) => drop(typed.unread.insert(at, fault)),
            }
        }
        proposed.0[place.start] = form.text(&format!("p{}", place.start)).parse().ok();
        if let Some(note) = form.filled(&format!("n_{}", cell.code)) {
            typed.notes.insert(cell.code.clone(), note.to_owned());
        }
    }
    (typed, proposed)
}

pub(crate) async fn send(visit: Visit, Address(id): Address<Id<ids::Request>>, sent: Form) -> PageResult {
    let ground = ground(&visit, id, sent.text("unit"), sent.text("on")).await?;
    let (typed, proposed) = read(&ground.form, &sent);
    let again = |status: StatusCode, remarks: Option<Vec<Remark>>, problem: Option<Problem>| {
        let entry = ground.entry(&proposed, &typed, remarks, problem);
        let page: Response = visit.page(&ground.request.title, page(&visit, &entry));
        Ok((status, page).into_response())
    };
    if !typed.unread.is_empty() {
        return again(StatusCode::UNPROCESSABLE_ENTITY, None, None);
    }
    if sent.filled("check").is_some() {
        return again(StatusCode::OK, Some(ground.form.remarks(&typed.figures)), None);
    }
    let seen: i64 = sent.read("seen")?;
    if seen > 0 && ground.last.as_ref().is_some_and(|last| says_the_same(last, &typed)) {
        return again(StatusCode::UNPROCESSABLE_ENTITY, None, Some(Problem::refused("reports.submit.same")));
    }
    let owes = ground.request.owed_by(&visit.app.tree(), ground.period.last, &ground.unit);
    let command = Submit {
        id: Id::fresh(),
        request: id,
        unit: ground.unit.clone(),
        owes,
        period_on: ground.period.last,
        seen,
        figures: typed.figures.clone(),
        words: typed.words.clone(),
        unexplained: unexplained(&ground.form, &typed.figures, &ground.known, &proposed, &typed.notes),
        known: ground.known.clone(),
        notes: typed.notes.clone(),
        reason: Some(typed.reason.clone()),
    };
    match execute(visit.app.db(), visit.actor()?, sent.key()?, command).await {
        Ok(_) => {}
        // What was typed stays before the eyes of who typed it.
        Err(problem) if problem.code.starts_with("reports.submit.") => {
            let status = if problem.kind == ProblemKind::Conflict {
                StatusCode::CONFLICT
            } else {
                StatusCode::UNPROCESSABLE_ENTITY
            };
            return again(status, None, Some(problem));
        }
        Err(problem) => return Err(problem.into()),
    }
    let to = format!("/reports/{id}/report?unit={}&on={}", ground.unit.as_str(), ground.period.last);
    Ok(see_other(&to, if seen > 0 { "reports-said-corrected" } else { "reports-said-sent" }))
}

/// Whether an edition says what is there already, word for word.
fn says_the_same(last: &Submission, typed: &Typed) -> bool {
    let words: Words = serde_json::from_str(&last.words).unwrap_or_default();
    let notes: BTreeMap<String, String> = serde_json::from_str(&last.notes).unwrap_or_default();
    last.figures == typed.figures.text() && words == typed.words && notes == typed.notes
}

/// The units by which the visitor may endorse a report of a unit.
fn endorsers(visit: &Visit, request: &Request, unit: &Path) -> Vec<Path> {
    let above = superior(unit).into_iter().chain(std::iter::once(request.path.clone()));
    let mut able: Vec<Path> =
        above.filter(|by| by != unit && visit.actor().is_ok_and(|actor| actor.may(Endorse::NAME, by))).collect();
    able.dedup();
    able
}

pub(crate) async fn show(visit: Visit, Address(id): Address<Id<ids::Request>>, Query(query): Pairs) -> PageResult {
    let actor = visit.actor()?;
    let mut conn = visit.app.db().read().await?;
    let request = request_of(&visit, &mut conn, id).await?;
    let (unit, on) = (word(&query, "unit").unwrap_or_default(), word(&query, "on").unwrap_or_default());
    let (unit, period) = unit_and_period(&request, unit, on)?;
    if !store::reach(actor, &request).iter().any(|reach| reach.covers(&unit)) {
        return Err(Problem::not_found().into());
    }
    let form = store::form(&mut conn, &request.form, Some(request.form_version)).await?;
    let editions = store::editions(&mut conn, id, &unit, period.last).await?;
    let endorsed = store::endorsements(&mut conn, id, &unit, period.last).await?;
    drop(conn);
    let may_submit = actor.may(Submit::NAME, &unit) && request.owed_by(&visit.app.tree(), period.last, &unit);
    let last = editions.first();
    let received = last.zip(editions.last()).map(|(last, first)| Received {
        first_at: first.sent_at,
        edition: last.edition,
        endorsed: endorsed.iter().any(|by| by.edition == last.edition),
    });
    let standing = period.standing(received, visit.now());
    let late = received.is_some_and(|received| period.is_late(received)) && standing != Standing::Late;
    let by: Vec<Path> = last.map_or_else(Vec::new, |last| {
        let has = |by: &Path| endorsed.iter().any(|one| one.path == *by && one.edition == last.edition);
        endorsers(&visit, &request, &unit).into_iter().filter(|by| !has(by)).collect()
    });
    let enter = format!("/reports/{id}/enter?unit={}&on={}", unit.as_str(), period.last);
    let body = html! {
        div.vx-head { h1 { (request.title) } a.btn href={ "/reports/" (id) } { (icon("arrow-left")) " " (visit.t("report-board")) } }
        div.vx-line {
            strong { (visit.unit(&unit)) }
            span { (visit.ta("report-of-period", &[("period", store::days(visit.lang, &period).into())])) }
            (standing_chip(&visit, standing)) @if late { span.vx-state { (visit.t("report-standing-late")) } }
            span.vx-quiet { (clock_in_words(&visit, &request)) }
        }
        @match last {
            None => { div.vx-empty { (icon("file-text")) h2 { (visit.t("report-not-sent")) }
                @if may_submit && visit.now() >= period.opens_at { a.btn.btn-primary href=(enter) { (icon("edit")) " " (visit.t("report-fill-in")) } } } }
            Some(last) => {
                div.vx-bar.mb-3 {
                    @if may_submit { a.btn href=(enter) { (icon("edit")) " " (visit.t("report-correct")) } }
                    @for by in &by { (visit.form_of_class(&format!("/reports/{id}/endorse"), "d-inline", html! {
                        input type="hidden" name="unit" value=(unit.as_str()); input type="hidden" name="on" value=(period.last);
                        input type="hidden" name="by" value=(by.as_str()); input type="hidden" name="edition" value=(last.edition);
                        button.btn.btn-primary type="submit" { (icon("checks")) " " (visit.ta("report-endorse", &[("unit", visit.unit(by).into())])) }
                    })) }
                }
                (remarks_of(&visit, &form, &form.remarks(&Figures::parse(&last.figures, form.width()))))
                div.vx-record {
                    div { (figures_table(&visit, &form, &editions)) }
                    aside.vx-panel { h2 { (visit.t("report-editions")) } (history(&visit, &editions, &endorsed)) }
                }
            }
        }
    };
    Ok(visit.page(&request.title, body))
}

/// The figures of every edition side by side, the last one first, beside what the registers knew.
fn figures_table(visit: &Visit, form: &FormSpec, editions: &[Submission]) -> Markup {
    let (lang, width) = (visit.lang, form.width());
    let figures: Vec<Figures> = editions.iter().map(|edition| Figures::parse(&edition.figures, width)).collect();
    let words: Vec<Words> =
        editions.iter().map(|edition| serde_json::from_str(&edition.words).unwrap_or_default()).collect();
    let known = editions.first().map(|edition| Figures::parse(&edition.known, width)).unwrap_or_default();
    let notes: BTreeMap<String, String> =
        editions.first().and_then(|edition| serde_json::from_str(&edition.notes).ok()).unwrap_or_default();
    let has_known = form.cells.iter().any(|cell| cell.known.is_some());
    let say = |cell: &CellSpec, figure: Option<i64>| {
        figure.map_or("–".to_owned(), |figure| form::say(&cell.kind, lang, figure))
    };
    let head = |edition: &Submission| visit.ta("report-edition", &[("n", edition.edition.into())]);
    html! {
        div.vx-scroll tabindex="0" { table.vx-table.vx-cards {
            thead { tr { th scope="col" { (visit.t("form-cell")) }
                @for edition in editions { th.vx-num scope="col" { (head(edition)) } }
                @if has_known { th.vx-num scope="col" { (visit.t("report-registers")) } } } }
            tbody { @for (cell, place) in form.cells.iter().zip(form.places()) {
                @if cell.kind == CellKind::Text { tr { th scope="row" { (cell.label.of(lang)) }
                    @for (edition, words) in editions.iter().zip(&words) { td data-label=(head(edition)) { (words.get(&cell.code).map_or("–", String::as_str)) } }
                    @if has_known { td {} } } }
                @else {
                    tr { th scope="row" { (cell.label.of(lang)) @if !cell.unit.vi.is_empty() { " " span.vx-quiet { "(" (cell.unit.of(lang)) ")" } } }
                        @for (edition, figures) in editions.iter().zip(&figures) { td.vx-num data-label=(head(edition)) { b { (say(cell, figures.total(&place))) } } }
                        @if has_known { td.vx-num data-label=(visit.t("report-registers")) { @if cell.known.is_some() {
                            @let knew = known.0.get(place.start).copied().flatten();
                            (say(cell, knew))
                            @if knew.is_some() && figures.first().is_some_and(|figures| figures.0[place.start] != knew) { " " span.vx-chip { (visit.t("report-differs")) } @if let Some(note) = notes.get(&cell.code) { div.vx-quiet { "“" (note) "”" } } }
                        } } } }
                    @if let Some(by) = &cell.by { @for (part, at) in by.parts.iter().zip(place.clone()) { tr { th scope="row" { span.vx-quiet { "— " (part.of(lang)) } }
                        @for (edition, figures) in editions.iter().zip(&figures) { td.vx-num data-label=(head(edition)) { (say(cell, figures.0[at])) } }
                        @if has_known { td {} } } } }
                }
            } }
        } }
    }
}

fn history(visit: &Visit, editions: &[Submission], endorsed: &[Endorsement]) -> Markup {
    html! {
        ol.vx-history { @for edition in editions {
            @for by in endorsed.iter().rev().filter(|by| by.edition == edition.edition) { li { strong { (visit.t("report-standing-endorsed")) } " · " (visit.unit(&by.path)) " · " (by.by_name) @if let Some(note) = &by.note { div.vx-prose { "“" (note) "”" } } } }
            li {
                time datetime=(edition.sent_at.to_string()) { (time::say_instant(visit.lang, edition.sent_at)) }
                strong { (visit.ta("report-edition", &[("n", edition.edition.into())])) } " · " (edition.by_name)
                @if let Some(reason) = &edition.reason { div.vx-prose { "“" (reason) "”" } }
            }
        } }
        @if let Some(last) = editions.first() { a href={ "/journal/record/" (last.id) } { (icon("list-details")) " " (visit.t("journal-whole-history")) } }
    }
}

pub(crate) async fn endorse(visit: Visit, Address(id): Address<Id<ids::Request>>, form: Form) -> PageResult {
    let mut conn = visit.app.db().read().await?;
    let request = request_of(&visit, &mut conn, id).await?;
    drop(conn);
    let (unit, period) = of_form(&request, &form)?;
    let by = crate::routes::path_of(form.text("by")).ok_or_else(Problem::not_found)?;
    let command = Endorse {
        id: Id::fresh(),
        request: id,
        by,
        unit: unit.clone(),
        period_on: period.last,
        edition: form.read("edition")?,
        note: form.filled("note").map(str::to_owned),
    };
    execute(visit.app.db(), visit.actor()?, form.key()?, command).await?;
    Ok(see_other(&format!("/reports/{id}/report?unit={}&on={}", unit.as_str(), period.last), "reports-said-endorsed"))
}

/// The template of a report as a file (mẫu nhập số liệu), with what stands in the cells now.
pub(crate) async fn template(
    visit: Visit,
    Address((id, kind)): Address<(Id<ids::Request>, String)>,
    Query(query): Pairs,
) -> PageResult {
    let kind: SheetKind = kind.parse()?;
    let (unit, on) = (word(&query, "unit").unwrap_or_default(), word(&query, "on").unwrap_or_default());
    let ground = ground(&visit, id, unit, on).await?;
    let typed = ground.begun();
    let sheet = sheets::write(&visit, kind, &ground.form, &ground.unit, ground.period.last, &typed)?;
    Ok(sheet.download(&format!("{}-{}-{}", ground.form.code, ground.unit.unit(), ground.period.last)).await?)
}

/// Takes a filled template in. Nothing is sent: the page shows what was read, and what was not with its reason.
pub(crate) async fn fill(visit: Visit, Address(id): Address<Id<ids::Request>>, sent: Form) -> PageResult {
    let ground = ground(&visit, id, sent.text("unit"), sent.text("on")).await?;
    let file = sent.files.first().ok_or_else(|| Problem::invalid("reports.fill.none"))?;
    let bytes = file.content.as_ref().map_err(|_| Problem::new(ProblemKind::TooLarge, "web.too_large"))?;
    // What was typed stays where the file says nothing.
    let is_typed = sent.fields().any(|(name, _)| name == "f0" || name.starts_with("w_"));
    let mut typed = if is_typed { read(&ground.form, &sent).0 } else { ground.begun() };
    let called = |of: sheets::Of, raw: &str| match of {
        sheets::Of::Form => raw
            .rsplit_once(' ')
            .and_then(|(code, version)| crate::catalogue::shipped(code, version.parse().ok()?))
            .map_or_else(|| raw.to_owned(), |form| format!("“{}” ({raw})", form.name.of(visit.lang))),
        sheets::Of::Unit => crate::routes::path_of(raw).map_or_else(|| raw.to_owned(), |path| visit.unit(&path)),
        sheets::Of::Period => raw.parse().map_or_else(|_| raw.to_owned(), |day| time::say_date(visit.lang, day)),
    };
    sheets::fill(&ground.form, &ground.unit, ground.period.last, &file.name, bytes, &mut typed, called)?;
    let status = if typed.unread.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page: Response =
        visit.page(&ground.request.title, page(&visit, &ground.entry(&ground.known, &typed, None, None)));
    Ok((status, page).into_response())
}
