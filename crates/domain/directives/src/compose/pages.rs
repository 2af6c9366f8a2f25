//! Pages on which a dispatch is written.

use axum::{
    extract::Path as Address,
    response::{IntoResponse as _, Redirect},
};
use vx_concepts::{
    engine::{Command as _, execute},
    work::{Urgency, show::history},
};
use vx_dispatch::{Authority, Draft, DraftClause, Due, Kind};
use vx_kernel::{Id, Path, Problem, ProblemKind, ids, units::mentions};
use vx_platform::{
    files::sha256,
    journal::Entry,
    store::Uuid,
    web::{Form, Markup, PageResult, Visit, html, icon, see_other},
};

use super::{Compose, Do, Line, Present, authorities, draft_of, due, flat, nested, numbering_of, with_draft};
use crate::{
    Directive, DirectiveState, Discard, Issue, Review, intake,
    review::{Mention, resolve},
    store, views,
};

type DirectiveId = Address<Id<ids::Directive>>;

/// Kinds that are composed here: those that give work.
const KINDS: &[Kind] = &[Kind::CongVan, Kind::CongDien, Kind::ChiThi, Kind::QuyetDinh, Kind::KeHoach, Kind::ThongBao];

fn home(visit: &Visit) -> Result<Path, Problem> {
    let reach = visit.actor()?.reach(Compose::NAME);
    reach.into_iter().map(|reach| reach.path).next().ok_or_else(Problem::not_found)
}

/// A letter of a unit with nothing in it yet.
fn empty(visit: &Visit, home: &Path) -> Draft {
    let tree = visit.app.tree();
    let mut draft = Draft::new(Kind::CongVan);
    draft.issued_on = Some(visit.today().to_string());
    draft.recipients = vec!["Như trên".to_owned(), "Lưu: VT".to_owned()];
    let Some(unit) = tree.at_path(home) else { return draft };
    draft.place = tree.place_of(unit.id.as_str()).map_or_else(String::new, |place| place.bare_name().to_owned());
    if unit.kind.has_committee() {
        draft.issuer = format!("Ủy ban nhân dân {} {}", unit.type_name, unit.bare_name());
        draft.preamble = vec![format!("Chủ tịch Ủy ban nhân dân {} yêu cầu:", unit.type_name)];
        draft.title = "Chủ tịch".to_owned();
    } else {
        draft.issuer = unit.full_name.clone();
    }
    draft
}

fn lines_of(text: &str) -> Vec<String> {
    text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

fn units_of(text: &str) -> Vec<String> {
    text.split([';', '\n']).map(str::trim).filter(|unit| !unit.is_empty()).map(str::to_owned).collect()
}

/// The draft that a form says, with the list of its clauses.
fn sent(form: &Form, old: &Draft) -> (Draft, Vec<Line>) {
    let some = |name: &str| form.filled(name).map(str::to_owned);
    let kind = some("kind").and_then(|word| serde_json::from_value(serde_json::json!(word)).ok()).unwrap_or(old.kind);
    let n: usize = form.text("n_clauses").parse().unwrap_or(0);
    let lines = (0..n.min(super::CLAUSES_MAX + 1))
        .map(|index| {
            let text = |field: &str| form.text(&format!("clause-{index}-{field}"));
            let due = due(text("due"), text("day"), text("time"), text("every"), text("weekday"));
            Line {
                level: text("level").parse().unwrap_or(1).clamp(1, vx_dispatch::DRAFT_DEPTH_MAX),
                clause: DraftClause {
                    text: text("text").to_owned(),
                    lead: units_of(text("lead")),
                    cooperating: units_of(text("cooperating")),
                    dues: due.into_iter().collect(),
                    clauses: Vec::new(),
                },
            }
        })
        .collect();
    let draft = Draft {
        kind,
        urgency: some("urgency").and_then(|word| serde_json::from_value(serde_json::json!(word)).ok()),
        parent_issuer: some("parent_issuer"),
        issuer: form.text("issuer").to_owned(),
        number: some("number"),
        place: form.text("place").to_owned(),
        issued_on: some("issued_on"),
        subject: form.text("subject").to_owned(),
        addressees: lines_of(form.text("addressees")),
        preamble: lines_of(form.text("preamble")),
        numbering: numbering_of(kind),
        closing: some("closing"),
        recipients: lines_of(form.text("recipients")),
        authority: authorities(form.text("authority")),
        acting: form.filled("acting").is_some(),
        title: form.text("title").to_owned(),
        name: form.text("name").to_owned(),
        clauses: Vec::new(),
    };
    (draft, lines)
}

pub(crate) async fn new_form(visit: Visit) -> PageResult {
    let home = home(&visit)?;
    let draft = empty(&visit, &home);
    Ok(visit.page(&visit.t("compose"), page(&visit, &home, None, &draft, &[])))
}

pub(crate) async fn create(visit: Visit, form: Form) -> PageResult {
    let home = home(&visit)?;
    let (draft, lines) = sent(&form, &empty(&visit, &home));
    let (lines, shown) = Do::parse(form.text("do")).on(lines);
    let draft = Draft { clauses: nested(&lines), ..draft };
    let actor = visit.actor()?;
    let name = visit.t("compose-file");
    let blank = Directive::blank(home, &name, Vec::new(), 0, &actor.name);
    let command = Compose { directive: with_draft(blank, &draft) };
    let id = execute(visit.app.db(), actor, form.key()?, command).await?;
    Ok(onward(Id::from(id), Do::parse(form.text("do")), shown))
}

fn onward(id: Id<ids::Directive>, done: Do, shown: Option<usize>) -> axum::response::Response {
    match (done, shown) {
        (Do::Preview, _) => Redirect::to(&format!("/directives/{id}/preview")).into_response(),
        (_, Some(index)) => Redirect::to(&format!("/directives/{id}#clause-{index}")).into_response(),
        _ => see_other(&format!("/directives/{id}"), "directives-said-composed"),
    }
}

/// The draft of an address, if the visitor may write it.
async fn draft(visit: &Visit, id: Id<ids::Directive>) -> Result<Directive, Problem> {
    let actor = visit.actor()?;
    let directive = store::visible(&mut visit.app.db().read().await?, actor, id).await?;
    actor.authority(Compose::NAME, &directive.path)?;
    if directive.state == DirectiveState::Draft { Ok(directive) } else { Err(crate::commands::not_now(&directive)) }
}

pub(crate) async fn save(visit: Visit, Address(id): DirectiveId, form: Form) -> PageResult {
    let directive = draft(&visit, id).await?;
    let (draft, lines) = sent(&form, &draft_of(&directive));
    let done = Do::parse(form.text("do"));
    let (lines, shown) = done.on(lines);
    let draft = Draft { clauses: nested(&lines), ..draft };
    let directive = Directive { version: form.read("version")?, ..with_draft(directive, &draft) };
    execute(visit.app.db(), visit.actor()?, form.key()?, Compose { directive }).await?;
    Ok(onward(id, done, shown))
}

/// The page of a draft: the form for who may write it, the text for others.
pub(crate) fn show(visit: &Visit, directive: &Directive, entries: &[Entry]) -> Markup {
    let draft = draft_of(directive);
    let may = visit.signed.as_ref().is_some_and(|signed| signed.actor.may(Compose::NAME, &directive.path));
    html! {
        @if may { (page(visit, &directive.path, Some(directive), &draft, &flat(&draft.clauses))) }
        @else {
            div.vx-head { h1 { (directive.label()) } }
            (views::line(visit, directive))
            section.vx-panel { pre.vx-paper { (vx_dispatch::write(&draft.tidy())) } }
        }
        details.vx-panel { summary { (visit.t("history")) } (history(visit, entries)) }
    }
}

/// The text of a draft and what is read back from it.
struct Written {
    text: String,
    unread: Vec<vx_dispatch::Unread>,
    read: Option<Directive>,
}

async fn write(visit: &Visit, directive: &Directive) -> Result<Written, Problem> {
    let draft = draft_of(directive);
    let (text, unread) = vx_platform::web::off_thread(move || {
        let tidy = draft.tidy();
        (vx_dispatch::write(&tidy), tidy.unread())
    })
    .await?;
    let outcome = intake::read_text(text.clone()).await?;
    let name = format!("{}.txt", directive.number.as_deref().unwrap_or("du-thao").replace(['/', '\\', ' '], "-"));
    let bytes = text.as_bytes();
    let blank = Directive::blank(directive.path.clone(), &name, sha256(bytes), bytes.len(), &visit.actor()?.name);
    let blank = Directive { id: directive.id, text: text.clone(), ..blank };
    let read = intake::records(&visit.app, visit.actor()?, &directive.path, &blank, outcome).await?;
    Ok(Written { text, unread, read: read.and_then(|records| records.into_iter().next()) })
}

pub(crate) async fn preview(visit: Visit, Address(id): DirectiveId) -> PageResult {
    let directive = draft(&visit, id).await?;
    let written = write(&visit, &directive).await?;
    let review = written.read.as_ref().and_then(|read| Review::of(&read.review));
    let n_open = review.as_ref().map_or(0, |review| review.required().len());
    let n_tasks = review.as_ref().map_or(0, Review::n_tasks);
    let n = |n: usize| i64::try_from(n).unwrap_or(0);
    let body = html! {
        div.vx-head { h1 { (visit.t("compose-preview")) ": " (directive.label()) } a.btn href={ "/directives/" (id) } { (icon("arrow-left")) " " (visit.t("compose-on")) } }
        (views::line(&visit, &directive))
        @if written.unread.is_empty() { div.vx-note role="status" { (icon("checks")) " " strong { (visit.t("compose-same")) } " " (visit.t("compose-same-more")) } }
        @else {
            div.vx-note.vx-note-doubt role="alert" {
                strong { (visit.t("compose-differs")) } " " (visit.t("compose-differs-todo"))
                ul { @for unread in &written.unread { li { (field_name(&visit, unread.field)) @if let Some(path) = &unread.path { " (" (vx_concepts::work::show::clause_name(&visit, path)) ")" } } } }
            }
        }
        @if directive.number.is_none() { div.vx-note.vx-note-error { strong { (visit.t("compose-no-number")) } " " (visit.t("compose-no-number-todo")) } }
        @else if review.is_some() {
            (visit.form(&format!("/directives/{id}/present"), html! {
                input type="hidden" name="version" value=(directive.version);
                div.vx-actions.mb-3 {
                    button.btn.btn-primary type="submit" { (icon("send")) " " @if n_open == 0 { (visit.ta("compose-issue", &[("n", n(n_tasks).into())])) } @else { (visit.ta("compose-review", &[("n", n(n_open).into())])) } }
                    a.btn href={ "/directives/" (id) } { (icon("edit")) " " (visit.t("compose-on")) }
                }
            }))
        } @else { div.vx-note.vx-note-error { strong { (visit.t("transcribe-nothing")) } " " (visit.t("compose-on-todo")) } }
        section.vx-panel { pre.vx-paper { (written.text) } }
    };
    Ok(visit.page(&visit.t("compose-preview"), body))
}

/// Ends the writing. When nothing is left to settle, the tasks go out at once; else a person reviews it first.
pub(crate) async fn present(visit: Visit, Address(id): DirectiveId, form: Form) -> PageResult {
    let (actor, key) = (visit.actor()?, form.key()?);
    let directive = store::visible(&mut visit.app.db().read().await?, actor, id).await?;
    if directive.state == DirectiveState::Draft {
        let written = write(&visit, &directive).await?;
        let read = written.read.ok_or_else(|| Problem::refused("directives.present.not_a_dispatch"))?;
        visit.app.files().keep(written.text.as_bytes()).await?;
        let command = Present { directive: id, version: form.read("version")?, read: Box::new(read) };
        execute(visit.app.db(), actor, key, command).await?;
    }
    let directive: Directive = visit.app.db().read().await?.load(id).await?;
    let review = Review::of(&directive.review).ok_or_else(Problem::not_found)?;
    if directive.state != DirectiveState::Received
        || !review.required().is_empty()
        || !actor.may(Issue::NAME, &directive.path)
    {
        return Ok(see_other(&format!("/directives/{id}"), "directives-said-presented"));
    }
    let n = review.n_tasks();
    let second = Uuid::from_u128(key.as_u128() ^ 1);
    let paths = crate::routes::paths_of(&visit.app.tree(), &review);
    match execute(visit.app.db(), actor, second, Issue { directive: id, version: directive.version, paths }).await {
        Ok(_) => Ok(see_other(&format!("/directives/{id}?n={n}"), "directives-said-issued")),
        // Somebody else took it up in between: its page says how it stands.
        Err(problem) if problem.kind == ProblemKind::Conflict => {
            Ok(see_other(&format!("/directives/{id}"), "directives-said-presented"))
        }
        Err(problem) => Err(problem.into()),
    }
}

fn field_name(visit: &Visit, field: &str) -> String {
    visit.t(&format!("draft-{}", field.replace('_', "-")))
}

/// Names that a dispatch of a place often gives work to.
fn suggestions(visit: &Visit, home: &Path) -> Vec<String> {
    let (tree, today) = (visit.app.tree(), visit.today());
    let Some(unit) = tree.at_path(home) else { return Vec::new() };
    let children = tree.children(unit.id.as_str()).filter(|unit| unit.exists_on(today));
    let mut names: Vec<String> = children.map(vx_kernel::units::Unit::authority).collect();
    names.sort_by_cached_key(|name| vx_kernel::text::sort_key(name));
    if home.depth() == 1 {
        for group in ["Các sở, ban, ngành tỉnh", "UBND các huyện, thị xã, thành phố", "UBND các xã, phường, thị trấn"]
        {
            names.insert(0, group.to_owned());
        }
    }
    names
}

/// How a unit's name is understood in the place and on the day of the draft.
fn understood(visit: &Visit, home: &Path, draft: &Draft, name: &str) -> Mention {
    let tree = visit.app.tree();
    let on = draft.issued_on.as_deref().and_then(|day| day.parse().ok()).unwrap_or_else(|| visit.today());
    let place = mentions::issuer_place(&tree, &draft.issuer, &draft.place, on)
        .and_then(|id| tree.get(id.as_str()).map(|unit| unit.path.clone()))
        .unwrap_or_else(|| home.clone());
    resolve(&tree, &mentions::MentionContext { place, on }, name)
}

fn page(visit: &Visit, home: &Path, record: Option<&Directive>, draft: &Draft, lines: &[Line]) -> Markup {
    let action =
        record.map_or_else(|| "/directives/new".to_owned(), |record| format!("/directives/{}/draft", record.id));
    let kind = serde_json::json!(draft.kind);
    let urgency = serde_json::json!(draft.urgency);
    let field = |key: &str, name: &str, kind: &str, value: &str, required: bool| {
        html! {
            label.vx-field.d-block { span.form-label { (visit.t(key)) } input.form-control type=(kind) name=(name) value=(value) required[required]; }
        }
    };
    let area = |key: &str, name: &str, rows: usize, value: &str| {
        html! {
            label.vx-field.d-block { span.form-label { (visit.t(key)) } textarea.form-control name=(name) rows=(rows) { (value) } }
        }
    };
    let signing: Vec<String> =
        draft.authority.iter().map(|Authority { by, of }| format!("{} {of}", by.printed())).collect();
    html! {
        div.vx-head { h1 { (visit.t("compose")) @if let Some(record) = record { ": " (record.number.as_deref().or(record.subject.as_deref()).unwrap_or("…")) } } a.btn href="/directives?state=draft" { (icon("arrow-left")) " " (visit.t("compose-drafts")) } }
        @if let Some(record) = record { (views::line(visit, record)) } @else { p { (visit.t("compose-about")) } }
        (visit.form_of_class(&action, "vx-compose", html! {
            @if let Some(record) = record { input type="hidden" name="version" value=(record.version); }
            input type="hidden" name="n_clauses" value=(lines.len());
            // Enter in a field presses the first button: it saves.
            div.vx-actions.mb-3 {
                button.btn type="submit" name="do" value="save" { (icon("check")) " " (visit.t("compose-save")) }
                button.btn.btn-primary type="submit" name="do" value="preview" { (icon("eye")) " " (visit.t("compose-preview-do")) }
            }
            details.vx-clause open { summary { (visit.t("header-card")) }
                div.vx-facts {
                    label.vx-field.d-block { span.form-label { (visit.t("directive-kind")) } select.form-select name="kind" { @for each in KINDS { @let word = serde_json::json!(each); option value=(word.as_str().unwrap_or("")) selected[word == kind] { (each.title()) } } } }
                    (field("directive-number", "number", "text", draft.number.as_deref().unwrap_or(""), false))
                    (field("directive-issuer", "issuer", "text", &draft.issuer, false))
                    (field("draft-parent-issuer", "parent_issuer", "text", draft.parent_issuer.as_deref().unwrap_or(""), false))
                    (field("directive-place", "place", "text", &draft.place, false))
                    (field("directive-date", "issued_on", "date", draft.issued_on.as_deref().unwrap_or(""), false))
                    label.vx-field.d-block { span.form-label { (visit.t("filter-urgency")) } select.form-select name="urgency" { option value="" { (visit.t("urgency-none")) }
                        @for each in Urgency::ALL { option value=(each.as_str()) selected[urgency.as_str() == Some(each.as_str())] { (visit.t(&format!("urgency-{each}"))) } } } }
                    div.vx-wide { (area("directive-subject", "subject", 2, &draft.subject)) }
                    (area("draft-addressees-lines", "addressees", 4, &draft.addressees.join("\n")))
                    (area("draft-preamble-lines", "preamble", 4, &draft.preamble.join("\n")))
                }
            }
            h2.vx-group { (visit.t("compose-clauses")) }
            @if lines.is_empty() { p.vx-quiet { (visit.t("compose-no-clauses")) } }
            @for (index, line) in lines.iter().enumerate() { (clause(visit, home, draft, index, line, lines.len())) }
            div.vx-actions.mb-3 { button.btn type="submit" name="do" value="add" { (icon("plus")) " " (visit.t("compose-add")) } }
            datalist #units-of-the-place { @for name in suggestions(visit, home) { option value=(name) {} } }
            details.vx-clause open[!draft.name.is_empty() || draft.title.is_empty()] { summary { (visit.t("compose-close")) }
                div.vx-facts {
                    div.vx-wide { (area("draft-closing", "closing", 2, draft.closing.as_deref().unwrap_or(""))) }
                    (area("draft-recipients-lines", "recipients", 4, &draft.recipients.join("\n")))
                    (area("draft-authority-lines", "authority", 2, &signing.join("\n")))
                    (field("draft-title", "title", "text", &draft.title, false))
                    (field("draft-name", "name", "text", &draft.name, false))
                    label.form-check { input.form-check-input type="checkbox" name="acting" value="1" checked[draft.acting]; span { (visit.t("draft-acting")) } }
                }
            }
        }))
        @if let Some(record) = record { @if visit.signed.as_ref().is_some_and(|signed| signed.actor.may(Discard::NAME, &record.path)) { (views::discard_form(visit, record)) } }
    }
}

fn clause(visit: &Visit, home: &Path, draft: &Draft, index: usize, line: &Line, n: usize) -> Markup {
    let name = |field: &str| format!("clause-{index}-{field}");
    let (mut kind, mut day, mut time, mut every, mut weekday) =
        ("", String::new(), String::new(), String::new(), String::new());
    match line.clause.dues.first() {
        None => {}
        Some(Due::On { day: on, time: at }) => (kind, day, time) = ("on", on.clone(), at.clone().unwrap_or_default()),
        Some(Due::Daily { every: n, time: at }) => {
            (kind, every, time) = ("daily", n.to_string(), at.clone().unwrap_or_default())
        }
        Some(Due::Weekly { weekday: on, time: at }) => {
            (kind, weekday, time) = ("weekly", on.clone().unwrap_or_default(), at.clone().unwrap_or_default())
        }
        Some(Due::Monthly { days, time: at }) => {
            (kind, every, time) =
                ("monthly", days.first().map_or(String::new(), u16::to_string), at.clone().unwrap_or_default());
        }
        Some(Due::Standing) => kind = "standing",
    }
    let move_button = |verb: &str, icon_name: &str, shown: bool| {
        html! { @if shown {
            button.btn.btn-sm type="submit" name="do" value={ (verb) "-" (index) } { (icon(icon_name)) " " (visit.t(&format!("compose-{verb}"))) }
        } }
    };
    let units = |key: &str, field: &str, names: &[String]| {
        html! {
            label.vx-field.d-block { span.form-label { (visit.t(key)) } input.form-control name=(name(field)) value=(names.join("; ")) list="units-of-the-place" autocomplete="off" placeholder=(visit.t("order-add-lead-example")); }
            @for each in names { @let mention = understood(visit, home, draft, each); p.vx-quiet { "“" (each) "” → " (views::unit_names_short(visit, &mention)) " · " (views::how(visit, &mention)) } }
        }
    };
    let level = line.level;
    html! {
        fieldset.vx-clause #{ "clause-" (index) } {
            legend.h3 { (visit.ta("compose-clause-n", &[("n", i64::try_from(index + 1).unwrap_or(0).into())])) @if level > 1 { " " span.vx-chip { (visit.ta("compose-level", &[("n", i64::try_from(level).unwrap_or(0).into())])) } } }
            input type="hidden" name=(name("level")) value=(level);
            label.vx-field.d-block { span.form-label { (visit.t("compose-what")) } textarea.form-control name=(name("text")) rows="2" { (line.clause.text) } }
            div.vx-facts {
                div { (units("lead", "lead", &line.clause.lead)) }
                div { (units("cooperating", "cooperating", &line.clause.cooperating)) }
                label.vx-field.d-block { span.form-label { (visit.t("compose-due")) } select.form-select name=(name("due")) {
                    @for (value, key) in [("", "due-kind-none"), ("on", "compose-due-on"), ("daily", "compose-due-daily"), ("weekly", "compose-due-weekly"), ("monthly", "compose-due-monthly"), ("standing", "due-kind-standing")] { option value=(value) selected[value == kind] { (visit.t(key)) } } } }
                div.vx-bar {
                    label { span.form-label { (visit.t("compose-day")) } input.form-control type="date" name=(name("day")) value=(day); }
                    label { span.form-label { (visit.t("compose-time")) } input.form-control type="time" name=(name("time")) value=(time); }
                }
            }
            details open[!every.is_empty() || !weekday.is_empty()] { summary { (visit.t("compose-rhythm")) }
                div.vx-bar {
                    label { span.form-label { (visit.t("compose-every")) } input.form-control type="number" min="1" max="365" name=(name("every")) value=(every); }
                    label { span.form-label { (visit.t("compose-weekday")) } select.form-select name=(name("weekday")) { option value="" { "–" }
                        @for day in ["MO", "TU", "WE", "TH", "FR", "SA", "SU"] { option value=(day) selected[day == weekday] { (visit.t(&format!("day-{}", day.to_lowercase()))) } } } }
                }
            }
            div.vx-actions {
                (move_button("up", "corner-up-left", index > 0)) (move_button("down", "chevron-down", index + 1 < n))
                (move_button("deeper", "arrow-right", index > 0 && level < vx_dispatch::DRAFT_DEPTH_MAX)) (move_button("higher", "arrow-left", level > 1))
                (move_button("add", "plus", index + 1 < n)) (move_button("remove", "trash", true))
            }
        }
    }
}
