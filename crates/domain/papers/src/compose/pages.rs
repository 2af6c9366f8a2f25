//! Pages on which a document is written.

use axum::{
    extract::{Path as Address, Query},
    http::StatusCode,
    response::{IntoResponse as _, Redirect},
};
use vx_concepts::{
    engine::{Command as _, execute},
    paper::{self, Paper, PaperState, Write},
    work::{
        Urgency,
        show::{clause_name, history},
    },
};
use vx_dispatch::{
    Authority, Block, Draft, DraftClause, Due, Figure, Kind, Layout, Numbering, Shape, Unread, day_words,
};
use vx_foundation::{
    letterhead::{Letterhead, symbol_of},
    units::posts_of,
};
use vx_kernel::{
    Id, Path, Problem, ids,
    units::{Unit, mentions},
};
use vx_platform::{
    journal::{self, Entry},
    web::{Form, Markup, PageResult, PreEscaped, Visit, html, icon, off_thread, see_other},
};

use super::{Do, Line, authorities, due, flat, nested};
use crate::{
    Discard, Step as _, Submit, authority,
    blanks::{self, Blank, Template, fill, known, open_blanks, sample_in, templates},
    commands::{holds_on, missing},
    press,
    routes::signing_units,
    views,
};

type PaperId = Address<Id<ids::Paper>>;

/// Kinds that are written here.
pub(crate) const KINDS: &[Kind] = &[
    Kind::CongVan,
    Kind::CongDien,
    Kind::ChiThi,
    Kind::QuyetDinh,
    Kind::KeHoach,
    Kind::ThongBao,
    Kind::BaoCao,
    Kind::ToTrinh,
];

/// Figures of one clause that the form shows, one of them empty.
const FIGURES_MAX: usize = 6;

/// The units for which somebody writes, their own first.
fn homes(visit: &Visit) -> Result<Vec<Path>, Problem> {
    let mut homes: Vec<Path> = visit.actor()?.reach(Write::NAME).into_iter().map(|reach| reach.path).collect();
    homes.dedup();
    if homes.is_empty() { Err(Problem::not_found()) } else { Ok(homes) }
}

fn home(visit: &Visit, asked: Option<&str>) -> Result<Path, Problem> {
    let homes = homes(visit)?;
    let asked = asked.and_then(|text| Path::parse(text).ok()).filter(|path| homes.contains(path));
    asked.or_else(|| homes.first().cloned()).ok_or_else(Problem::not_found)
}

/// What the program knows of a unit for the blank of a template.
fn own_value(own: &Letterhead, name: &str) -> Option<String> {
    let value = match name {
        "cơ quan ban hành" => &own.issuer,
        "cơ quan chủ quản" => &own.parent,
        "địa danh" => &own.place,
        "người đứng đầu" => &own.head,
        _ => return None,
    };
    Some(value.clone())
}

fn lines_of(text: &str) -> Vec<String> {
    text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

fn units_of(text: &str) -> Vec<String> {
    text.split([';', '\n']).map(str::trim).filter(|unit| !unit.is_empty()).map(str::to_owned).collect()
}

/// The table or chart that the fields of a clause say.
fn figure_of(text: &dyn Fn(&str) -> String) -> Option<Figure> {
    let shape = text("shape");
    if shape.is_empty() {
        return None;
    }
    Figure::read(&text("caption"), Shape::parse(&shape), &text("cells"))
}

/// Whether a chart was asked for of which the cells are no figures: they are kept as a table.
fn has_become_table(form: &Form, draft: &Draft) -> bool {
    let n_asked = form
        .fields()
        .filter(|(name, value)| name.ends_with("-shape") && Shape::parse(value).is_some())
        .filter(|(name, _)| form.filled(&name.replace("-shape", "-cells")).is_some())
        .count();
    let n_drawn = flat(&draft.clauses)
        .iter()
        .flat_map(|line| &line.clause.figures)
        .filter(|figure| matches!(figure, Figure::Chart(_)))
        .count();
    n_drawn < n_asked
}

/// The draft that a form says, with the list of its clauses.
fn sent(form: &Form, old: &Draft) -> (Draft, Vec<Line>) {
    let some = |name: &str| form.filled(name).map(str::to_owned);
    let kind = some("kind").and_then(|word| serde_json::from_value(serde_json::json!(word)).ok()).unwrap_or(old.kind);
    let numbering = some("numbering").and_then(|word| serde_json::from_value(serde_json::json!(word)).ok());
    // Another kind is numbered in its own way, until somebody chooses.
    let numbering = numbering.filter(|_| kind == old.kind).unwrap_or_else(|| Draft::new(kind).numbering);
    let n: usize = form.text("n_clauses").parse().unwrap_or(0);
    let lines = (0..n.min(paper::CLAUSES_MAX + 1))
        .map(|index| {
            let text = |field: &str| form.text(&format!("clause-{index}-{field}"));
            let due = due(text("due"), text("day"), text("time"), text("every"), text("weekday"));
            let figures = (0..FIGURES_MAX).filter_map(|n| {
                figure_of(&|field: &str| form.text(&format!("clause-{index}-figure-{n}-{field}")).to_owned())
            });
            Line {
                level: text("level").parse().unwrap_or(1).clamp(1, vx_dispatch::DRAFT_DEPTH_MAX),
                clause: DraftClause {
                    text: text("text").replace("\r\n", "\n"),
                    lead: units_of(text("lead")),
                    cooperating: units_of(text("cooperating")),
                    dues: due.into_iter().collect(),
                    figures: figures.collect(),
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
        number: None,
        place: form.text("place").to_owned(),
        issued_on: None,
        subject: form.text("subject").to_owned(),
        addressees: lines_of(form.text("addressees")),
        preamble: lines_of(form.text("preamble")),
        numbering,
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

/// The draft that a form says, with the buttons of its clauses pressed and its blanks filled.
fn written(form: &Form, old: &Draft) -> (Draft, Do, Option<usize>) {
    let (draft, lines) = sent(form, old);
    let done = Do::parse(form.text("do"));
    let (lines, shown) = done.on(lines);
    let draft = Draft { clauses: nested(&lines), ..draft };
    let value = |name: &str| {
        let index = form.fields().find(|(field, value)| field.starts_with("blank-name-") && *value == name)?.0;
        form.filled(&index.replace("blank-name-", "blank-")).map(str::to_owned)
    };
    (fill(&draft, value), done, shown)
}

/// The symbol that a form says; an empty one, or the usual one of another kind, becomes the usual one of this kind.
fn symbol(visit: &Visit, home: &Path, form: &Form, old: Kind, kind: Kind) -> String {
    let tree = visit.app.tree();
    let typed = form.text("symbol");
    let is_usual = typed.is_empty() || typed == symbol_of(&tree, home, old);
    if is_usual { symbol_of(&tree, home, kind) } else { typed.to_owned() }
}

pub(crate) async fn new_form(visit: Visit, Query(query): Query<Vec<(String, String)>>) -> PageResult {
    let value = |name: &str| query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
    let home = home(&visit, value("unit"))?;
    let actor = visit.actor()?;
    let mut conn = visit.app.db().read().await?;
    let tree = visit.app.tree();
    let own = Letterhead::of(&mut conn, &tree, &home).await?;
    // A document that takes the place of another begins as that one; one that puts it right says which it is.
    let mut old = None;
    for (field, verb) in [("replaces", "Thay thế"), ("corrects", "Đính chính")] {
        if let Some(id) = value(field).and_then(|text| text.parse::<Id<ids::Paper>>().ok()) {
            old = Some((field, verb, paper::visible(&mut conn, actor, id).await?));
        }
    }
    drop(conn);
    let template = value("template").and_then(|key| templates().iter().find(|template| template.key == key));
    let kind =
        value("kind").and_then(|word| serde_json::from_value(serde_json::json!(word)).ok()).unwrap_or(Kind::CongVan);
    let (draft, tie) = match (&old, template) {
        (Some((field, verb, old)), _) => {
            if !actor.may(Write::NAME, &old.path) {
                return Err(paper::not_now(old).into());
            }
            can_follow(old)?;
            let base = if *field == "replaces" { old.draft() } else { own.draft(Kind::CongVan) };
            let day = old.issued_on.map_or_else(String::new, |day| format!(" ngày {}", day_words(&day.to_string())));
            let named = format!("{} số {}{day}", capital(base_title(old)), old.number.as_deref().unwrap_or_default());
            let subject =
                if *field == "replaces" { base.subject.clone() } else { format!("{} {named}", verb.to_lowercase()) };
            let mut preamble = base.preamble.clone();
            let mut closing = base.closing.clone();
            if *field == "corrects" {
                preamble = vec![format!("{} đính chính {named} như sau:", own.issuer)];
            } else if closing.is_some() {
                preamble.insert(0, format!("Văn bản này thay thế {named}."));
            } else {
                closing = Some(format!("Văn bản này thay thế {named}"));
            }
            let to = old.draft().addressees;
            let draft =
                Draft { subject, preamble, closing, name: String::new(), number: None, issued_on: None, ..base };
            // What puts a document right goes to the same units, in the same name.
            let draft = if *field == "corrects" {
                let Draft { recipients, authority, acting, title, .. } = old.draft();
                Draft { addressees: to, recipients, authority, acting, title, ..draft }
            } else {
                draft
            };
            (draft, Some((*field, old.id)))
        }
        (None, Some(template)) => {
            let begun = fill(&template.draft, |name| own_value(&own, name));
            // Where the body speaks, its head signs in its name; what the head demands bears the head's own.
            let speaks = |blank: &str| template.draft.preamble.iter().any(|words| words.contains(blank));
            let is_of_body = speaks("{{cơ quan ban hành}}") && !speaks("{{người đứng đầu}}");
            let is_open = is_of_body && begun.authority.is_empty();
            let authority = if is_open { own.authority() } else { begun.authority.clone() };
            (Draft { authority, ..begun }, None)
        }
        (None, None) if value("blank").is_some() => (own.draft(kind), None),
        (None, None) => return Ok(visit.page(&visit.t("papers-new"), pick(&visit, &homes(&visit)?, &home))),
    };
    let symbol = old.as_ref().filter(|(field, ..)| *field == "replaces").map(|(_, _, old)| old.symbol.clone());
    let symbol = symbol.unwrap_or_else(|| symbol_of(&tree, &home, draft.kind));
    Ok(visit.page(&visit.t("papers-new"), form(&visit, &home, None, &symbol, &draft, tie, true)))
}

/// Whether another document may take the place of this one or put it right: once only one may.
fn can_follow(old: &Paper) -> Result<(), Problem> {
    if old.state.is_out() && old.state != PaperState::Superseded { Ok(()) } else { Err(paper::not_now(old)) }
}

fn base_title(paper: &Paper) -> &'static str {
    paper.kind().title()
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|c| c.to_uppercase().collect::<String>()).unwrap_or_default() + chars.as_str()
}

/// Which template, for which unit.
fn pick(visit: &Visit, homes: &[Path], home: &Path) -> Markup {
    let english = visit.lang == vx_kernel::time::Lang::En;
    let said = |both: &blanks::Both| if english { both.en.clone() } else { both.vi.clone() };
    html! {
        div.vx-head { h1 { (visit.t("papers-new")) } a.btn href="/papers" { (icon("arrow-left")) " " (visit.t("papers")) } }
        p { (visit.t("papers-new-about")) }
        form method="get" action="/papers/new" {
            @if homes.len() > 1 {
                label.vx-field.d-block.vx-form { span.form-label { (visit.t("papers-new-unit")) } select.form-select name="unit" {
                    @for path in homes { option value=(path.as_str()) selected[path == home] { (visit.unit(path)) } } } }
            }
            div.vx-facts {
                @for Template { key, name, about, .. } in templates() { div.vx-clause {
                    h2.h3 { (said(name)) } p.vx-quiet { (said(about)) }
                    button.btn type="submit" name="template" value=(key) { (icon("edit")) " " (visit.t("papers-new-from")) }
                } }
                div.vx-clause {
                    h2.h3 { (visit.t("papers-new-blank")) } p.vx-quiet { (visit.t("papers-new-blank-about")) }
                    button.btn type="submit" name="blank" value="1" { (icon("plus")) " " (visit.t("papers-new-blank-do")) }
                }
            }
        }
    }
}

pub(crate) async fn create(visit: Visit, form: Form) -> PageResult {
    let home = home(&visit, form.filled("unit"))?;
    let old = {
        let mut conn = visit.app.db().read().await?;
        Letterhead::of(&mut conn, &visit.app.tree(), &home).await?.draft(Kind::CongVan)
    };
    let was = form.filled("kind_was").and_then(|word| serde_json::from_value(serde_json::json!(word)).ok());
    let old = Draft { kind: was.unwrap_or(old.kind), ..old };
    let (draft, done, shown) = written(&form, &old);
    let actor = visit.actor()?;
    let symbol = symbol(&visit, &home, &form, old.kind, draft.kind);
    let tie = |name: &str| form.filled(name).and_then(|text| text.parse::<Id<ids::Paper>>().ok());
    let (replaces, corrects) = (tie("replaces"), tie("corrects"));
    for other in [replaces, corrects].into_iter().flatten() {
        can_follow(&paper::visible(&mut visit.app.db().read().await?, actor, other).await?)?;
    }
    let is_changed = has_become_table(&form, &draft);
    let paper = Paper {
        replaces: replaces.map(|id| id.uuid()),
        corrects: corrects.map(|id| id.uuid()),
        ..Paper::new(home, &symbol, &draft, &actor.name)
    };
    let id = execute(visit.app.db(), actor, form.key()?, Write { paper }).await?;
    Ok(onward(Id::from(id), done, shown, is_changed))
}

fn onward(id: Id<ids::Paper>, done: Do, shown: Option<usize>, is_changed: bool) -> axum::response::Response {
    match (done, shown) {
        _ if is_changed => see_other(&format!("/papers/{id}"), "papers-said-table"),
        (Do::Preview, _) => Redirect::to(&format!("/papers/{id}/preview")).into_response(),
        (_, Some(index)) => Redirect::to(&format!("/papers/{id}#clause-{index}")).into_response(),
        _ => see_other(&format!("/papers/{id}"), "papers-said-written"),
    }
}

/// The draft of an address, if the visitor may write it.
async fn draft(visit: &Visit, id: Id<ids::Paper>) -> Result<Paper, Problem> {
    let actor = visit.actor()?;
    let paper = paper::visible(&mut visit.app.db().read().await?, actor, id).await?;
    actor.authority(Write::NAME, &paper.path)?;
    if paper.state == PaperState::Draft { Ok(paper) } else { Err(paper::not_now(&paper)) }
}

pub(crate) async fn save(visit: Visit, Address(id): PaperId, form: Form) -> PageResult {
    let paper = draft(&visit, id).await?;
    let old = paper.draft();
    let (draft, done, shown) = written(&form, &old);
    let symbol = symbol(&visit, &paper.path, &form, old.kind, draft.kind);
    let is_changed = has_become_table(&form, &draft);
    let paper = Paper { version: form.read("version")?, ..paper.with_draft(&symbol, &draft) };
    match execute(visit.app.db(), visit.actor()?, form.key()?, Write { paper }).await {
        Ok(_) => Ok(onward(id, done, shown, is_changed)),
        Err(problem) if problem.code == "store.changed_meanwhile" => meanwhile(&visit, id, &symbol, &draft).await,
        Err(problem) => Err(problem.into()),
    }
}

/// The form again with what was typed, when somebody else saved in between: nobody loses a text because another was
/// quicker. Saving from here takes the place of theirs, and says so.
async fn meanwhile(visit: &Visit, id: Id<ids::Paper>, symbol: &str, draft: &Draft) -> PageResult {
    let newest = self::draft(visit, id).await?;
    let entries = journal::history(&mut visit.app.db().read().await?, id.uuid(), None).await?;
    let last = entries.first();
    let body = html! {
        div.vx-note.vx-note-error role="alert" {
            (icon("alert-triangle")) " " strong {
                @if let Some(entry) = last { (visit.ta("papers-meanwhile-by", &[("who", entry.actor_name.as_str().into())])) " " (visit.at(entry.at)) "." }
                @else { (visit.t("papers-meanwhile")) }
            } " "
            (visit.t("papers-meanwhile-todo")) " "
            a href={ "/papers/" (id) } target="_blank" rel="noopener" { (visit.t("papers-meanwhile-theirs")) " " (icon("arrow-right")) }
        }
        (form(visit, &newest.path, Some(&newest), symbol, draft, None, false))
    };
    let page = visit.page(&newest.label(), body);
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
}

/// The page of a draft for whoever may write it.
pub(crate) fn edit(visit: &Visit, paper: &Paper, entries: &[Entry]) -> Markup {
    html! {
        (form(visit, &paper.path, Some(paper), &paper.symbol, &paper.draft(), None, true))
        details.vx-panel { summary { (visit.t("history")) } (history(visit, entries)) }
    }
}

pub(crate) async fn preview(visit: Visit, Address(id): PaperId) -> PageResult {
    let actor = visit.actor()?;
    let paper = paper::visible(&mut visit.app.db().read().await?, actor, id).await?;
    if paper.state != PaperState::Draft {
        return Ok(Redirect::to(&format!("/papers/{id}")).into_response());
    }
    let (_, n_pages) = press::page(&paper, 0).await?;
    let to_read = Draft {
        number: Some(format!("01/{}", paper.symbol)),
        issued_on: Some(visit.today().to_string()),
        ..paper.draft()
    };
    let unread = off_thread(move || to_read.tidy().unread()).await?;
    let open = open_blanks(&paper.draft());
    let draft = paper.draft().tidy();
    let missing = missing(&paper, &draft);
    let tree = visit.app.tree();
    let posts = posts_of(&mut visit.app.db().read().await?, &signing_units(&tree, &paper.path)).await?;
    let held: Vec<_> = posts.into_iter().filter(|post| holds_on(post, visit.today())).collect();
    let collegial = tree.at_path(&paper.path).is_some_and(|unit| unit.kind.has_committee());
    let against = authority::foreseen(&draft, &paper.path, collegial, &held);
    let ready = open.is_empty() && missing.is_empty();
    let body = html! {
        div.vx-head { h1 { (visit.t("papers-preview")) ": " (paper.label()) } a.btn href={ "/papers/" (id) } { (icon("arrow-left")) " " (visit.t("papers-edit-on")) } }
        (views::line(&visit, &paper))
        @if ready { (unread_note(&visit, &unread)) }
        @if !missing.is_empty() { div.vx-note.vx-note-doubt role="alert" { strong { (visit.t("papers-missing")) } " " (visit.t("papers-missing-todo")) ul { @for field in &missing { li { (visit.t(&format!("paper-field-{field}"))) @if *field == "clauses" { ": " (visit.t("papers-missing-clauses")) } } } } } }
        @if let Some(problem) = &against { @let (what, todo) = visit.app.words().problem(visit.lang, problem); div.vx-note.vx-note-doubt role="alert" { (icon("alert-triangle")) " " strong { (visit.t("papers-foreseen")) } " " (what) ". " (todo) } }
        @if !open.is_empty() { div.vx-note.vx-note-doubt role="alert" { strong { (visit.ta("papers-blanks", &[("n", i64::try_from(open.len()).unwrap_or(0).into())])) } " " (visit.t("papers-blanks-todo")) ul { @for blank in &open { li { (blank_name(&visit, blank)) } } } } }
        @if ready && actor.may(Submit::NAME, &paper.path) {
            (visit.form(&format!("/papers/{id}/submit"), html! {
                input type="hidden" name="version" value=(paper.version);
                div.vx-actions.mb-3 {
                    button.btn.btn-primary type="submit" { (icon("send")) " " (visit.t("papers-submit")) }
                    (views::downloads(&visit, &paper))
                }
            }))
        } @else { div.vx-actions.mb-3 { (views::downloads(&visit, &paper)) } }
        (views::sheets(&visit, &paper, n_pages))
    };
    Ok(visit.page(&visit.t("papers-preview"), body))
}

fn unread_note(visit: &Visit, unread: &[Unread]) -> Markup {
    html! {
        @if unread.is_empty() { div.vx-note role="status" { (icon("checks")) " " strong { (visit.t("papers-same")) } " " (visit.t("papers-same-more")) } }
        @else {
            div.vx-note.vx-note-doubt role="alert" {
                strong { (visit.t("papers-differs")) } " " (visit.t("papers-differs-todo"))
                ul { @for unread in unread { li { (visit.t(&format!("paper-field-{}", unread.field.replace('_', "-")))) @if let Some(path) = &unread.path { " (" (clause_name(visit, path)) ")" } } } }
            }
        }
    }
}

/// The name of a blank in the language of the page.
fn blank_name(visit: &Visit, blank: &Blank) -> Markup {
    let english = visit.lang == vx_kernel::time::Lang::En;
    let name = known(&blank.name).filter(|_| english).map_or(blank.name.as_str(), |(en, _)| en);
    html! { (name) @if !blank.is_known { " " span.vx-quiet { "(" (visit.t("papers-blank-unknown")) ")" } } }
}

/// Names that a document of a place often gives work to.
fn suggestions(visit: &Visit, home: &Path) -> Vec<String> {
    let (tree, today) = (visit.app.tree(), visit.today());
    let Some(unit) = tree.at_path(home) else { return Vec::new() };
    let children = tree.children(unit.id.as_str()).filter(|unit| unit.exists_on(today));
    let mut names: Vec<String> = children.map(Unit::authority).collect();
    names.sort_by_cached_key(|name| vx_kernel::text::sort_key(name));
    if home.depth() == 1 {
        for group in ["Các sở, ban, ngành tỉnh", "UBND các huyện, thị xã, thành phố", "UBND các xã, phường, thị trấn"]
        {
            names.insert(0, group.to_owned());
        }
    }
    names
}

/// Units that are named when what is meant is told; more are a number.
const NAMED_MAX: usize = 3;

/// Which units a name means, told below the field in which it stands.
fn understood(visit: &Visit, home: &Path, draft: &Draft, name: &str) -> Markup {
    let tree = visit.app.tree();
    let on = visit.today();
    let place = mentions::issuer_place(&tree, &draft.issuer, &draft.place, on)
        .and_then(|id| tree.get(id.as_str()).map(|unit| unit.path.clone()))
        .unwrap_or_else(|| home.clone());
    let resolution = mentions::resolve(&tree, &mentions::MentionContext { place, on }, name);
    let found: Vec<&Unit> = resolution.units.iter().filter_map(|unit| tree.get(unit.as_str())).collect();
    let n = i64::try_from(found.len()).unwrap_or(0);
    let names = found.iter().take(NAMED_MAX).map(|unit| visit.unit(&unit.path)).collect::<Vec<_>>().join("; ");
    html! {
        p.vx-quiet { "“" (name) "” → "
            @if found.is_empty() { span.vx-guessed { (visit.t("papers-unit-unclear")) } }
            @else if found.len() > NAMED_MAX { (visit.ta("papers-units-n", &[("n", n.into())])) ": " (names) "; …" }
            @else { (names) }
        }
    }
}

fn form(
    visit: &Visit,
    home: &Path,
    record: Option<&Paper>,
    symbol: &str,
    draft: &Draft,
    tie: Option<(&str, Id<ids::Paper>)>,
    is_fresh: bool,
) -> Markup {
    let action = record.map_or_else(|| "/papers/new".to_owned(), |record| format!("/papers/{}/draft", record.id));
    let kind = serde_json::json!(draft.kind);
    let urgency = serde_json::json!(draft.urgency);
    let lines = flat(&draft.clauses);
    let open = open_blanks(draft);
    let english = visit.lang == vx_kernel::time::Lang::En;
    let field = |key: &str, name: &str, value: &str| {
        html! {
            label.vx-field.d-block { span.form-label { (visit.t(key)) } input.form-control type="text" name=(name) value=(value) autocomplete="off"; }
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
        div.vx-head { h1 { (visit.t("papers-write")) @if let Some(record) = record { ": " (record.label()) } } a.btn href="/papers?state=draft" { (icon("arrow-left")) " " (visit.t("papers-drafts")) } }
        @if let Some(record) = record { (views::line(visit, record)) } @else { p { (visit.t("papers-write-about")) } }
        (visit.form_of_class(&action, "vx-compose", html! {
            @if let Some(record) = record { input type="hidden" name="version" value=(record.version); } @else { input type="hidden" name="unit" value=(home.as_str()); }
            @if let Some((field, id)) = tie { input type="hidden" name=(field) value=(id); }
            input type="hidden" name="kind_was" value=(kind.as_str().unwrap_or(""));
            input type="hidden" name="n_clauses" value=(lines.len());
            // Enter in a field presses the first button: it saves.
            div.vx-actions.mb-3 {
                button.btn type="submit" name="do" value="save" { (icon("check")) " " (visit.t("papers-save")) }
                button.btn.btn-primary type="submit" name="do" value="preview" { (icon("eye")) " " (visit.t("papers-preview-do")) }
            }
            @if !open.is_empty() {
                fieldset.vx-clause { legend.h3 { (visit.ta("papers-blanks", &[("n", i64::try_from(open.len()).unwrap_or(0).into())])) }
                    p.vx-quiet { (visit.t("papers-blanks-fill")) }
                    div.vx-facts { @for (index, blank) in open.iter().enumerate() {
                        label.vx-field.d-block { span.form-label { (blank_name(visit, blank)) }
                            input type="hidden" name={ "blank-name-" (index) } value=(blank.name);
                            input.form-control type="text" name={ "blank-" (index) } autocomplete="off" placeholder=[sample_in(draft.kind, &blank.name)]; }
                    } }
                }
            }
            details.vx-clause open { summary { (visit.t("papers-head")) }
                div.vx-facts {
                    label.vx-field.d-block { span.form-label { (visit.t("paper-field-kind")) } select.form-select name="kind" { @for each in KINDS { @let word = serde_json::json!(each); option value=(word.as_str().unwrap_or("")) selected[word == kind] { (each.title()) } } } }
                    (field("paper-field-symbol", "symbol", symbol))
                    (field("paper-field-issuer", "issuer", &draft.issuer))
                    (field("paper-field-parent-issuer", "parent_issuer", draft.parent_issuer.as_deref().unwrap_or("")))
                    (field("paper-field-place", "place", &draft.place))
                    label.vx-field.d-block { span.form-label { (visit.t("filter-urgency")) } select.form-select name="urgency" { option value="" { (visit.t("urgency-none")) }
                        @for each in Urgency::ALL { option value=(each.as_str()) selected[urgency.as_str() == Some(each.as_str())] { (visit.t(&format!("urgency-{each}"))) } } } }
                    div.vx-wide { (area("paper-field-subject", "subject", 2, &draft.subject)) }
                    (area("papers-addressees", "addressees", 4, &draft.addressees.join("\n")))
                    (area("papers-preamble", "preamble", 4, &draft.preamble.join("\n")))
                }
            }
            h2.vx-group { (visit.t("papers-clauses")) }
            label.vx-field.d-block.vx-form { span.form-label { (visit.t("paper-field-numbering")) } select.form-select name="numbering" {
                @for (each, word) in [(Numbering::Arabic, "arabic"), (Numbering::Roman, "roman"), (Numbering::Article, "article")] { option value=(word) selected[each == draft.numbering] { (visit.t(&format!("papers-numbering-{word}"))) } } } }
            @if lines.is_empty() { p.vx-quiet { (visit.t("papers-no-clauses")) } }
            @for (index, line) in lines.iter().enumerate() { (clause(visit, home, draft, index, line, lines.len())) }
            div.vx-actions.mb-3 { button.btn type="submit" name="do" value="add" { (icon("plus")) " " (visit.t("papers-add")) } }
            datalist #units-of-the-place { @for name in suggestions(visit, home) { option value=(name) {} } }
            details.vx-clause open { summary { (visit.t("papers-close")) }
                div.vx-facts {
                    div.vx-wide { (area("paper-field-closing", "closing", 2, draft.closing.as_deref().unwrap_or(""))) }
                    (area("papers-recipients", "recipients", 4, &draft.recipients.join("\n")))
                    (area("papers-authority", "authority", 3, &signing.join("\n")))
                    (field("paper-field-title", "title", &draft.title))
                    (field("papers-name", "name", &draft.name))
                    label.form-check { input.form-check-input type="checkbox" name="acting" value="1" checked[draft.acting]; span { (visit.t("papers-acting")) } }
                }
            }
            @if let Some(record) = record { (visit.kept(&format!("paper {} {}", record.id, record.version), is_fresh)) }
            div.vx-actions.mb-3 {
                button.btn type="submit" name="do" value="save" { (icon("check")) " " (visit.t("papers-save")) }
                button.btn.btn-primary type="submit" name="do" value="preview" { (icon("eye")) " " (visit.t("papers-preview-do")) }
            }
        }))
        @if english { p.vx-quiet { (visit.t("papers-in-vietnamese")) } }
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
            button.btn.btn-sm type="submit" name="do" value={ (verb) "-" (index) } { (icon(icon_name)) " " (visit.t(&format!("papers-{verb}"))) }
        } }
    };
    let units = |key: &str, field: &str, names: &[String]| {
        html! {
            label.vx-field.d-block { span.form-label { (visit.t(key)) } input.form-control name=(name(field)) value=(names.join("; ")) list="units-of-the-place" autocomplete="off"; }
            @for each in names.iter().filter(|each| !each.contains("{{")) { (understood(visit, home, draft, each)) }
        }
    };
    let level = line.level;
    let gives_work =
        !line.clause.lead.is_empty() || !line.clause.cooperating.is_empty() || !line.clause.dues.is_empty();
    let figures = &line.clause.figures;
    html! {
        fieldset.vx-clause #{ "clause-" (index) } {
            legend.h3 { (visit.ta("papers-clause-n", &[("n", i64::try_from(index + 1).unwrap_or(0).into())])) @if level > 1 { " " span.vx-chip { (visit.ta("papers-level", &[("n", i64::try_from(level).unwrap_or(0).into())])) } } }
            input type="hidden" name=(name("level")) value=(level);
            label.vx-field.d-block { span.form-label { (visit.t("papers-what")) } textarea.form-control name=(name("text")) rows=(line.clause.text.lines().count().clamp(2, 12)) { (line.clause.text) } }
            details open[gives_work] { summary { (visit.t("papers-gives-work")) }
                div.vx-facts {
                    div { (units("lead", "lead", &line.clause.lead)) }
                    div { (units("cooperating", "cooperating", &line.clause.cooperating)) }
                    label.vx-field.d-block { span.form-label { (visit.t("papers-due")) } select.form-select name=(name("due")) {
                        @for (value, key) in [("", "papers-due-none"), ("on", "papers-due-on"), ("daily", "papers-due-daily"), ("weekly", "papers-due-weekly"), ("monthly", "papers-due-monthly"), ("standing", "papers-due-standing")] { option value=(value) selected[value == kind] { (visit.t(key)) } } } }
                    div.vx-bar {
                        label { span.form-label { (visit.t("papers-day")) } input.form-control type="date" name=(name("day")) value=(day); }
                        label { span.form-label { (visit.t("papers-time")) } input.form-control type="time" name=(name("time")) value=(time); }
                    }
                }
                details open[!every.is_empty() || !weekday.is_empty()] { summary { (visit.t("papers-rhythm")) }
                    div.vx-bar {
                        label { span.form-label { (visit.t("papers-every")) } input.form-control type="number" min="1" max="365" name=(name("every")) value=(every); }
                        label { span.form-label { (visit.t("papers-weekday")) } select.form-select name=(name("weekday")) { option value="" { "–" }
                            @for day in ["MO", "TU", "WE", "TH", "FR", "SA", "SU"] { option value=(day) selected[day == weekday] { (visit.t(&format!("day-{}", day.to_lowercase()))) } } } }
                    }
                }
            }
            details open[!figures.is_empty()] { summary { (visit.t("papers-figures")) @if !figures.is_empty() { " (" (figures.len()) ")" } }
                p.vx-quiet { (visit.t("papers-figures-about")) }
                @for at in 0..(figures.len() + 1).min(FIGURES_MAX) { (figure(visit, index, at, figures.get(at))) }
            }
            div.vx-actions {
                (move_button("up", "corner-up-left", index > 0)) (move_button("down", "chevron-down", index + 1 < n))
                (move_button("deeper", "arrow-right", index > 0 && level < vx_dispatch::DRAFT_DEPTH_MAX)) (move_button("higher", "arrow-left", level > 1))
                (move_button("add", "plus", index + 1 < n)) (move_button("remove", "trash", true))
            }
        }
    }
}

fn figure(visit: &Visit, clause: usize, at: usize, figure: Option<&Figure>) -> Markup {
    let name = |field: &str| format!("clause-{clause}-figure-{at}-{field}");
    let shape = match figure {
        None => "",
        Some(Figure::Table(_)) => "table",
        Some(Figure::Chart(chart)) => chart.shape.as_str(),
    };
    html! {
        div.vx-facts {
            label.vx-field.d-block { span.form-label { (visit.t("papers-figure-shape")) } select.form-select name=(name("shape")) {
                @for (value, key) in [("", "papers-figure-none"), ("table", "papers-figure-table")] { option value=(value) selected[value == shape] { (visit.t(key)) } }
                @for of in Shape::ALL { option value=(of.as_str()) selected[of.as_str() == shape] { (visit.t(&format!("papers-figure-{}", of.as_str()))) } } } }
            label.vx-field.d-block { span.form-label { (visit.t("papers-figure-caption")) } input.form-control name=(name("caption")) value=(figure.map_or("", Figure::caption)) autocomplete="off"; }
            label.vx-field.d-block.vx-wide { span.form-label { (visit.t("papers-figure-cells")) } textarea.form-control name=(name("cells")) rows="4" { (figure.map_or_else(String::new, Figure::cells)) } }
        }
        @if let Some(Figure::Chart(chart)) = figure { div.vx-scroll.mb-3 { (PreEscaped(chart.svg())) } }
    }
}

/// The document as text, for whoever cannot see its pages.
pub(crate) fn text_of(paper: &Paper) -> (String, bool) {
    let layout = Layout::of(&paper.as_it_stands());
    let has_figures = layout.body.iter().any(|block| !matches!(block, Block::Paragraph { .. }));
    (layout.text(), has_figures)
}
