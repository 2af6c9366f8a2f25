//! Pages on which a dispatch that is out is corrected, recalled or replaced.

use std::collections::{BTreeMap, BTreeSet};

use axum::extract::{Path as Address, Query};
use vx_concepts::{
    engine::{Command as _, Effect, execute},
    paper::Paper,
    work::{
        DueKind, Filter, SeriesState, Urgency, WorkItem,
        show::{clause_name, state_chip, timeliness_mark},
    },
};
use vx_kernel::{Date, Id, Problem, ProblemKind, ids, time};
use vx_platform::{
    auth::Actor,
    store::{Conn, Uuid},
    web::{Form, Markup, PageResult, Visit, html, icon, see_other},
};

use super::{AsItShouldBe, Correct, Fate, OrderAsItShouldBe, Out, Recall, Replace, Replacing, propose};
use crate::{
    Change, ChangeVerb, Directive, DirectiveState, Order, Review,
    links::{self, Held},
    store, views,
};

/// Tasks that one page lets choose one by one: what one form may send. A dispatch with more follows the proposal.
const CHOICES_MAX: usize = 4_000;

type DirectiveId = Address<Id<ids::Directive>>;
type Pairs = Query<Vec<(String, String)>>;

fn value(query: &[(String, String)], name: &str) -> Option<String> {
    query
        .iter()
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.trim().to_owned())
        .filter(|value| !value.is_empty())
}

/// A dispatch that the visitor may change with a command, and its open tasks.
async fn changeable(visit: &Visit, id: Id<ids::Directive>, permission: &'static str) -> Result<Out, Problem> {
    let actor = visit.actor()?;
    let mut conn = visit.app.db().read().await?;
    let directive = store::visible(&mut conn, actor, id).await?;
    actor.authority(permission, &directive.path)?;
    if !directive.state.is_out() {
        return Err(crate::commands::not_now(&directive));
    }
    Out::read(&mut conn, id).await
}

/// The form's value of a deadline: a day stands for its last minute.
pub(crate) fn due_value(order: &Order) -> Option<String> {
    order.due_at.as_deref().map(|due| if due.contains('T') { due.to_owned() } else { format!("{due}T23:59") })
}

fn head(visit: &Visit, directive: &Directive, title: &str) -> Markup {
    html! {
        div.vx-head {
            h1 { (visit.t(title)) ": " (directive.label()) }
            a.btn href={ "/directives/" (directive.id) } { (icon("arrow-left")) " " (visit.t("receipts-back")) }
        }
        (views::line(visit, directive))
    }
}

fn open_tasks(visit: &Visit, out: &Out) -> Markup {
    let href = Filter { about: Some(out.directive.id.uuid()), ..Filter::default() }.href();
    let n = i64::try_from(out.open.len()).unwrap_or(i64::MAX);
    html! { @if n > 0 { a href=(href) { (visit.ta("change-open-n", &[("n", n.into())])) } } @else { (visit.t("change-open-none")) } }
}

fn basis_fields(visit: &Visit, document: Option<&str>) -> Markup {
    html! {
        label.vx-field.d-block { span.form-label { (visit.t("change-document")) } input.form-control name="document" value=(document.unwrap_or("")) placeholder=(visit.t("change-document-example")); }
        label.vx-field.d-block { span.form-label { (visit.t("change-reason")) } textarea.form-control name="reason" rows="3" required {} }
    }
}

fn version_field(directive: &Directive) -> Markup {
    html! { input type="hidden" name="version" value=(directive.version); }
}

// --- correction

pub(crate) async fn correct_form(visit: Visit, Address(id): DirectiveId, Query(query): Pairs) -> PageResult {
    let out = changeable(&visit, id, Correct::NAME).await?;
    let review = Review::of(&out.directive.review).ok_or_else(Problem::not_found)?;
    let directive = &out.directive;
    let field = |key: &str, name: &str, kind: &str, value: Option<String>| html! { label.vx-field.d-block { span.form-label { (visit.t(key)) } input.form-control type=(kind) name=(name) value=[value]; } };
    let body = html! {
        (head(&visit, directive, "correct"))
        p { (visit.t("correct-about")) " " (open_tasks(&visit, &out)) }
        (visit.form_of_class(&format!("/directives/{id}/correct"), "vx-form", html! {
            (version_field(directive))
            (basis_fields(&visit, value(&query, "document").as_deref()))
            h2.vx-group { (visit.t("header-card")) }
            (field("directive-number", "number", "text", directive.number.clone()))
            (field("directive-date", "issued_on", "date", directive.issued_on.map(|day| day.to_string())))
            label.vx-field.d-block { span.form-label { (visit.t("filter-urgency")) } select.form-select name="urgency" { option value="" { (visit.t("urgency-none")) }
                @for each in Urgency::ALL { option value=(each.as_str()) selected[directive.urgency == Some(*each)] { (visit.t(&format!("urgency-{each}"))) } } } }
            label.vx-field.d-block { span.form-label { (visit.t("directive-subject")) } textarea.form-control name="subject" rows="2" { (directive.subject.as_deref().unwrap_or("")) } }
            h2.vx-group { (visit.t("orders")) }
            @for (index, order) in review.orders.iter().enumerate().filter(|(_, order)| order.include) {
                div.vx-clause {
                    h3 { (clause_name(&visit, &order.clause)) " · " span.vx-quiet { (visit.ta("change-open-n", &[("n", i64::try_from(out.open.iter().filter(|item| item.clause.as_ref() == Some(&order.clause)).count()).unwrap_or(0).into())])) } }
                    label.vx-field.d-block { span.form-label { (visit.t("order-title")) } textarea.form-control name={ "title-" (index) } rows="2" { (order.title) } }
                    label.vx-field.d-block { span.form-label { (visit.t("order-due")) } input.form-control type="datetime-local" name={ "due-" (index) } value=[due_value(order)];
                        @if review.due(order).kind == DueKind::Recurrent { span.form-hint { (visit.t("order-due-first")) } } }
                }
            }
            div.vx-actions { button.btn.btn-primary type="submit" { (icon("check")) " " (visit.t("correct-do")) } }
        }))
    };
    Ok(visit.page(&visit.t("correct"), body))
}

pub(crate) async fn correct(visit: Visit, Address(id): DirectiveId, form: Form) -> PageResult {
    let out = changeable(&visit, id, Correct::NAME).await?;
    let review = Review::of(&out.directive.review).ok_or_else(Problem::not_found)?;
    let mut orders = Vec::new();
    for (index, order) in review.orders.iter().enumerate().filter(|(_, order)| order.include) {
        let typed = form.filled(&format!("due-{index}")).map(|due| due.trim_end_matches(":00").to_owned());
        // What was shown and sent back unchanged is no correction.
        let shown = due_value(order).map(|due| due.trim_end_matches(":00").to_owned());
        let due_at = if typed == shown { order.due_at.clone() } else { typed };
        if let Some(due) = &due_at
            && crate::due::moment(due, None).is_none()
        {
            return Err(Problem::invalid("web.field").with("field", "due").with("value", due).into());
        }
        let title = form.text(&format!("title-{index}")).chars().take(300).collect();
        orders.push(OrderAsItShouldBe { index, title, due_at });
    }
    let right = AsItShouldBe {
        number: form.filled("number").map(str::to_owned),
        subject: form.filled("subject").map(str::to_owned),
        issued_on: form.read_filled::<Date>("issued_on")?,
        urgency: form.filled("urgency").and_then(Urgency::parse),
        orders,
    };
    let document = form.filled("document").map(str::to_owned);
    let command = Correct::new(id, form.read("version")?, document, form.text("reason").to_owned(), right);
    execute(visit.app.db(), visit.actor()?, form.key()?, command).await?;
    Ok(see_other(&format!("/directives/{id}"), "directives-said-corrected"))
}

// --- recall

pub(crate) async fn recall_form(visit: Visit, Address(id): DirectiveId, Query(query): Pairs) -> PageResult {
    let out = changeable(&visit, id, Recall::NAME).await?;
    let body = html! {
        (head(&visit, &out.directive, "recall"))
        div.vx-note.vx-note-doubt { (visit.t("recall-about")) " " strong { (open_tasks(&visit, &out)) }
            @if !out.series.is_empty() { " " (visit.ta("recall-series", &[("n", i64::try_from(out.series.len()).unwrap_or(0).into())])) } }
        (visit.form_of_class(&format!("/directives/{id}/recall"), "vx-form", html! {
            (version_field(&out.directive))
            (basis_fields(&visit, value(&query, "document").as_deref()))
            div.vx-actions { button.btn.btn-primary type="submit" { (icon("ban")) " " (visit.ta("recall-do", &[("n", i64::try_from(out.open.len()).unwrap_or(0).into())])) } }
        }))
    };
    Ok(visit.page(&visit.t("recall"), body))
}

pub(crate) async fn recall(visit: Visit, Address(id): DirectiveId, form: Form) -> PageResult {
    let document = form.filled("document").map(str::to_owned);
    let command = Recall::new(id, form.read("version")?, document, form.text("reason").to_owned());
    execute(visit.app.db(), visit.actor()?, form.key()?, command).await?;
    Ok(see_other(&format!("/directives/{id}"), "directives-said-recalled"))
}

// --- replacement

/// Dispatches offered as the one that takes the place.
const OFFERED_MAX: i64 = 50;

pub(crate) async fn replace_form(visit: Visit, Address(id): DirectiveId, Query(query): Pairs) -> PageResult {
    let out = changeable(&visit, id, Replace::NAME).await?;
    let by = value(&query, "by").and_then(|text| text.parse::<Id<ids::Directive>>().ok());
    let Some(by) = by else {
        let wanted = store::Wanted { state: Some(DirectiveState::Issued), ..store::Wanted::default() };
        let mut conn = visit.app.db().read().await?;
        let offered = store::first(&mut conn, visit.actor()?, &wanted, &store::newest(), OFFERED_MAX).await?;
        drop(conn);
        let offered: Vec<_> = offered.into_iter().filter(|line| line.id != id).collect();
        let body = html! {
            (head(&visit, &out.directive, "replace"))
            p { (visit.t("replace-about")) " " (open_tasks(&visit, &out)) }
            @if offered.is_empty() { div.vx-empty { (icon("file-text")) h2 { (visit.t("replace-none")) } p { (visit.t("replace-none-todo")) } } }
            @else { form.vx-form method="get" action={ "/directives/" (id) "/replace" } {
                label.vx-field.d-block { span.form-label { (visit.t("replace-by")) } select.form-select name="by" required {
                    option value="" { (visit.t("replace-choose")) }
                    @for line in &offered { option value=(line.id) { (line.label) @if let Some(day) = line.issued_on { " · " (time::say_date(visit.lang, day)) } @if let Some(subject) = &line.subject { " · " (subject.chars().take(80).collect::<String>()) } } } } }
                div.vx-actions { button.btn.btn-primary type="submit" { (visit.t("replace-tasks")) " " (icon("arrow-right")) } }
            } }
        };
        return Ok(visit.page(&visit.t("replace"), body));
    };
    let other = other(&visit, by).await?;
    let fates = propose(&out.open, &other.open);
    let wholes: Vec<&WorkItem> = out.open.iter().filter(|item| item.parent.is_none()).collect();
    let n_carried = fates.values().filter(|fate| **fate != Fate::CalledOff).count();
    let choose = wholes.len() <= CHOICES_MAX;
    let mut by_clause: BTreeMap<Option<&str>, Vec<&WorkItem>> = BTreeMap::new();
    for item in &wholes {
        by_clause.entry(item.clause.as_deref()).or_default().push(item);
    }
    let into: BTreeMap<Id<ids::WorkItem>, &WorkItem> = other.open.iter().map(|item| (item.id, item)).collect();
    let now = visit.now();
    let body = html! {
        (head(&visit, &out.directive, "replace"))
        p { (visit.t("replace-by")) ": " strong { a href={ "/directives/" (by) } { (other.directive.label()) } } " " (other.directive.subject.as_deref().unwrap_or("")) }
        p { (visit.ta("replace-proposal", &[("kept", i64::try_from(n_carried).unwrap_or(0).into()), ("off", i64::try_from(wholes.len() - n_carried).unwrap_or(0).into())])) }
        (visit.form(&format!("/directives/{id}/replace/preview"), html! {
            (version_field(&out.directive)) input type="hidden" name="by" value=(by);
            label.vx-field.vx-form.d-block { span.form-label { (visit.t("change-reason")) } textarea.form-control name="reason" rows="2" required { (visit.ta("replace-reason", &[("number", other.directive.label().into())])) } }
            @if !choose { p { (visit.ta("replace-limited", &[("max", i64::try_from(CHOICES_MAX).unwrap_or(0).into())])) } }
            @for item in wholes.iter().filter(|_| !choose) { @if fates.get(&item.id).is_some_and(|fate| *fate != Fate::CalledOff) { input type="hidden" name="carry" value=(item.id); } }
            @for (clause, items) in by_clause.iter().filter(|_| choose) {
                h2.vx-group { (clause.map_or_else(|| visit.t("replace-no-clause"), |clause| clause_name(&visit, clause))) " " span.vx-quiet { (visit.ta("change-open-n", &[("n", i64::try_from(items.len()).unwrap_or(0).into())])) } }
                ul.vx-rows { @for item in items {
                    @let fate = fates.get(&item.id).copied().unwrap_or(Fate::CalledOff);
                    li {
                        label.vx-pick { input.form-check-input type="checkbox" name="carry" value=(item.id) checked[fate != Fate::CalledOff] aria-label={ (visit.t("replace-carry")) ": " (visit.unit(&item.path)) " – " (item.title) }; }
                        div.vx-row {
                            span { span.vx-row-title { (item.title) } span.vx-row-from { @match fate {
                                Fate::CarriedInto(id) => { (visit.t("replace-into")) ": " @if let Some(new) = into.get(&id) { @if let Some(clause) = &new.clause { (clause_name(&visit, clause)) " – " } (new.title) } },
                                _ => (visit.t("replace-unlike")),
                            } } }
                            span { (visit.unit(&item.path)) } span { (timeliness_mark(&visit, item, now)) } span { (state_chip(&visit, item.state)) }
                        }
                    }
                } }
            }
            p.vx-quiet { (visit.t("replace-parts")) }
            div.vx-actions { button.btn.btn-primary type="submit" { (visit.t("replace-preview")) " " (icon("arrow-right")) } }
        }))
    };
    Ok(visit.page(&visit.t("replace"), body))
}

async fn other(visit: &Visit, by: Id<ids::Directive>) -> Result<Out, Problem> {
    let mut conn = visit.app.db().read().await?;
    store::visible(&mut conn, visit.actor()?, by).await?;
    Out::read(&mut conn, by).await
}

fn replacement(id: Id<ids::Directive>, form: &Form) -> Result<Replace, Problem> {
    let carried: BTreeSet<Id<ids::WorkItem>> = form.all("carry").filter_map(|id| id.parse().ok()).collect();
    let reason = form.text("reason").to_owned();
    Ok(Replace { directive: id, version: form.read("version")?, by: form.read("by")?, reason, carried })
}

/// What confirming would do, decided on what stands now and not saved.
pub(crate) async fn replace_preview(visit: Visit, Address(id): DirectiveId, form: Form) -> PageResult {
    let command = replacement(id, &form)?;
    let (out, by) = (changeable(&visit, id, Replace::NAME).await?, other(&visit, command.by).await?);
    let facts = Replacing::of(&mut visit.app.db().read().await?, out, by).await?;
    let decision = command.decide(&facts, visit.actor()?, visit.now())?;
    let noted = decision.record.changes().pop().ok_or_else(|| Problem::internal("a replacement notes itself"))?;
    let (directive, by) = (&facts.out.directive, &facts.by.directive);
    // What comes back is not on anybody's desk today, so nobody would miss it here.
    let (mut n_running, mut n_ended) = (0, 0);
    for effect in &decision.effects {
        match effect {
            Effect::Plan(series) if series.state == SeriesState::Running => n_running += 1,
            Effect::Plan(_) => n_ended += 1,
            _ => {}
        }
    }
    let body = html! {
        (head(&visit, directive, "replace"))
        div.vx-figures {
            div.vx-figure { b { (time::say_count(visit.lang, noted.n_kept)) } (visit.t("replace-n-kept")) }
            div.vx-figure { b { (time::say_count(visit.lang, noted.n_cancelled)) } (visit.t("replace-n-off")) }
        }
        @if n_running + n_ended > 0 { p { (icon("refresh")) " " (visit.ta("replace-series", &[("running", n_running.into()), ("ended", n_ended.into())])) } }
        p { (visit.t("replace-cooperating")) }
        p { (visit.ta("replace-then", &[("old", directive.label().into()), ("new", by.label().into())])) }
        (visit.form(&format!("/directives/{id}/replace"), html! {
            (version_field(directive)) input type="hidden" name="by" value=(command.by); input type="hidden" name="reason" value=(command.reason);
            @for item in &command.carried { input type="hidden" name="carry" value=(item); }
            div.vx-actions {
                button.btn.btn-primary type="submit" { (icon("check")) " " (visit.t("replace-do")) }
                a.btn href={ "/directives/" (id) "/replace?by=" (command.by) } { (icon("arrow-left")) " " (visit.t("replace-again")) }
            }
        }))
    };
    Ok(visit.page(&visit.t("replace"), body))
}

pub(crate) async fn replace(visit: Visit, Address(id): DirectiveId, form: Form) -> PageResult {
    execute(visit.app.db(), visit.actor()?, form.key()?, replacement(id, &form)?).await?;
    Ok(see_other(&format!("/directives/{id}"), "directives-said-replaced"))
}

// --- on the page of the dispatch

/// What a dispatch's text says it does to others that we hold, and what others did to it.
pub(crate) struct Around {
    /// Verb and the held dispatch it names.
    pub(crate) says: Vec<(ChangeVerb, Held)>,
    /// Dispatches whose place it took.
    pub(crate) replaced: Vec<Held>,
    /// The document of ours that takes its place or puts it right, while nobody has carried that over to its tasks.
    pub(crate) followed: Option<Followed>,
}

/// A document that takes the place of a dispatch or puts it right. Its number is no secret of whoever drafted it: the
/// dispatch that it follows went out to the same public.
pub(crate) struct Followed {
    verb: ChangeVerb,
    by: Uuid,
    number: String,
    issued_on: Option<Date>,
    /// Whether the reader may open it.
    is_seen: bool,
    /// Whether its own tasks are out, so that those of the old one can be carried over.
    is_out: bool,
}

/// Whether what a document does to a dispatch was carried over to its tasks.
fn is_carried_out(directive: &Directive, verb: ChangeVerb, by: Uuid, number: &str) -> bool {
    let number = links::number_key(number);
    let by_it = |change: &Change| {
        change.other == Some(by) || change.document.as_deref().is_some_and(|said| links::number_key(said) == number)
    };
    !directive.state.is_out() || directive.changes().iter().any(|change| change.verb == verb && by_it(change))
}

/// The document that a dispatch is, when it is one of ours.
async fn paper_of(conn: &mut Conn, directive: &Directive) -> Result<Option<Paper>, Problem> {
    if directive.sent_to.is_none() {
        return Ok(None);
    }
    match conn.load(Id::<ids::Paper>::from(directive.id.uuid())).await {
        Ok(paper) => Ok(Some(paper)),
        Err(problem) if problem.kind == ProblemKind::NotFound => Ok(None),
        Err(problem) => Err(problem),
    }
}

/// The document of ours that follows a dispatch of ours, while its tasks still stand as they were given.
async fn followed(conn: &mut Conn, actor: &Actor, directive: &Directive) -> Result<Option<Followed>, Problem> {
    let Some(own) = paper_of(conn, directive).await?.filter(|_| directive.state.is_out()) else { return Ok(None) };
    let Some(by) = own.followed_by else { return Ok(None) };
    let paper: Paper = conn.load(Id::<ids::Paper>::from(by)).await?;
    let verb = if paper.replaces == Some(own.id.uuid()) { ChangeVerb::Replaced } else { ChangeVerb::Corrected };
    let number = paper.number.clone().unwrap_or_default();
    if is_carried_out(directive, verb, by, &number) {
        return Ok(None);
    }
    let seen = store::visible(conn, actor, Id::from(by)).await.ok();
    let is_out = seen.as_ref().is_some_and(|seen| seen.state.is_out());
    Ok(Some(Followed { verb, by, number, issued_on: paper.issued_on, is_seen: seen.is_some(), is_out }))
}

/// The dispatch of ours that a document of ours is written to replace or to correct, as its own record says.
async fn follows(conn: &mut Conn, actor: &Actor, directive: &Directive) -> Result<Option<(ChangeVerb, Held)>, Problem> {
    let Some(own) = paper_of(conn, directive).await? else { return Ok(None) };
    let (verb, old) = match (own.replaces, own.corrects) {
        (Some(old), _) => (ChangeVerb::Replaced, old),
        (None, Some(old)) => (ChangeVerb::Corrected, old),
        (None, None) => return Ok(None),
    };
    let old = store::visible(conn, actor, Id::from(old)).await.ok();
    Ok(old.map(|old| (verb, links::pages::held(&old))))
}

pub(crate) async fn around(visit: &Visit, directive: &Directive, review: Option<&Review>) -> Result<Around, Problem> {
    let actor = visit.actor()?;
    let mut conn = visit.app.db().read().await?;
    let replaced = links::replaced_by(&mut conn, actor, directive.id).await?;
    let followed = followed(&mut conn, actor, directive).await?;
    let mut named: Vec<(ChangeVerb, Held)> = Vec::from_iter(follows(&mut conn, actor, directive).await?);
    if let Some(review) = review {
        let said = links::said(&directive.text, &review.dispatch);
        let cited: Vec<_> = said
            .iter()
            .filter_map(|said| Some((said.verb, links::named(review.dispatch.citations.get(said.citation)?))))
            .collect();
        let numbers = cited.iter().map(|(_, named)| named.folded.clone()).collect();
        let held = links::by_number(&mut conn, actor, numbers).await?;
        let own = links::pages::held(directive);
        for (verb, cited) in &cited {
            if let Some(held) = links::meant(cited, &own, &held)
                && !named.iter().any(|(_, known)| known.id == held.id)
            {
                named.push((*verb, held.clone()));
            }
        }
    }
    let number = directive.number.as_deref().unwrap_or_default();
    let mut says = Vec::new();
    for (verb, held) in named.into_iter().filter(|(_, held)| held.state == DirectiveState::Issued) {
        // A correction leaves the dispatch where it is; only its record says that it was made.
        let old: Directive = conn.load(held.id).await?;
        if !is_carried_out(&old, verb, directive.id.uuid(), number) {
            says.push((verb, held));
        }
    }
    Ok(Around { says, replaced, followed })
}

/// That another document takes the place of this one or puts it right: loud, as long as its tasks stand as they were.
fn followed_note(visit: &Visit, directive: &Directive, followed: &Followed) -> Markup {
    let Followed { verb, by, number, issued_on, is_seen, is_out } = followed;
    let (page, permission) = match verb {
        ChangeVerb::Corrected => (format!("correct?document={}", vx_platform::web::encode(number)), Correct::NAME),
        _ => (format!("replace?by={by}"), Replace::NAME),
    };
    let may = visit.signed.as_ref().is_some_and(|signed| signed.actor.may(permission, &directive.path));
    let todo = if directive.state == DirectiveState::Issued {
        visit.t(&format!("followed-{verb}-do"))
    } else {
        visit.t("followed-closed")
    };
    html! {
        div.vx-note.vx-note-doubt role="alert" {
            (icon("alert-triangle")) " " strong {
                @if *is_seen { a href={ "/directives/" (by) } { (number) } } @else { (number) }
                @if let Some(day) = issued_on { " (" (time::say_date(visit.lang, *day)) ")" }
                " " (visit.t(&format!("followed-{verb}")))
            } " "
            @if !may { (visit.t(&format!("followed-{verb}-told"))) }
            @else if *is_out { (todo) " " a.btn.btn-sm.btn-primary href={ "/directives/" (directive.id) "/" (page) } { (visit.t(&format!("says-{verb}-do"))) " " (icon("arrow-right")) } }
            @else { (visit.t("followed-first")) }
        }
    }
}

/// What the text says it does to dispatches whose tasks are still open, with the way to do it.
pub(crate) fn says(visit: &Visit, directive: &Directive, around: &Around) -> Markup {
    let document = vx_platform::web::encode(directive.number.as_deref().unwrap_or_default());
    let is_out = directive.state.is_out();
    html! {
        @if let Some(followed) = &around.followed { (followed_note(visit, directive, followed)) }
        @for (verb, held) in &around.says {
            @let (page, may) = match verb {
                ChangeVerb::Replaced => (format!("replace?by={}", directive.id), Replace::NAME),
                ChangeVerb::Recalled => (format!("recall?document={document}"), Recall::NAME),
                ChangeVerb::Corrected => (format!("correct?document={document}"), Correct::NAME),
            };
            div.vx-note.vx-note-doubt {
                (visit.t(&format!("says-{}", verb))) " " a href={ "/directives/" (held.id) } { strong { (held.label) } } ". "
                @if is_out && visit.signed.as_ref().is_some_and(|signed| signed.actor.may(may, &held.path)) { a.btn.btn-sm href={ "/directives/" (held.id) "/" (page) } { (visit.t(&format!("says-{verb}-do"))) " " (icon("arrow-right")) } }
                @else if !is_out { (visit.t("says-after")) }
            }
        }
        @for held in &around.replaced { p { (visit.t("replaces-this")) " " a href={ "/directives/" (held.id) } { (held.label) } } }
    }
}

/// The links to the three verbs.
pub(crate) fn verbs(visit: &Visit, directive: &Directive) -> Markup {
    let Some(signed) = &visit.signed else { return html! {} };
    let link = |permission: &str, page: &str, icon_name: &str| {
        html! { @if signed.actor.may(permission, &directive.path) { a.btn href={ "/directives/" (directive.id) "/" (page) } { (icon(icon_name)) " " (visit.t(page)) } } }
    };
    html! { @if directive.state.is_out() {
        (link(Correct::NAME, "correct", "edit")) (link(Recall::NAME, "recall", "ban")) (link(Replace::NAME, "replace", "files"))
    } }
}

/// What became of a dispatch, with before and after; newest first.
pub(crate) fn told(visit: &Visit, directive: &Directive) -> Markup {
    let said = |field: &str, text: &str| match field {
        _ if text.is_empty() => "–".to_owned(),
        "due" => text.parse().map_or_else(|_| text.to_owned(), |at| time::say_instant(visit.lang, at)),
        "issued_on" => text.parse().map_or_else(|_| text.to_owned(), |day| time::say_date(visit.lang, day)),
        "urgency" => visit.t(&format!("urgency-{text}")),
        _ => text.to_owned(),
    };
    let counts = |change: &Change| match change.verb {
        ChangeVerb::Corrected => visit.ta("change-n-reworded", &[("n", change.n_kept.into())]),
        ChangeVerb::Recalled => visit.ta("change-n-off", &[("n", change.n_cancelled.into())]),
        ChangeVerb::Replaced => {
            visit.ta("change-n-replaced", &[("kept", change.n_kept.into()), ("off", change.n_cancelled.into())])
        }
    };
    html! { @for change in directive.changes().iter().rev() {
        section.vx-panel.mb-3 {
            h2 { (visit.t(&format!("change-{}", change.verb))) }
            p { (visit.at(change.at)) " · " (change.by)
                @if let Some(document) = &change.document { " · " (visit.t("change-by-document")) " " @if let Some(other) = change.other { a href={ "/directives/" (other) } { (document) } } @else { strong { (document) } } }
                @else if let Some(other) = change.other { " · " a href={ "/directives/" (other) } { (visit.t("duplicate-open")) } } }
            p.vx-prose { "“" (change.reason) "” " span.vx-quiet { (counts(change)) } }
            @if !change.altered.is_empty() { div.vx-scroll tabindex="0" { table.vx-table.vx-cards {
                thead { tr { th { (visit.t("change-what")) } th { (visit.t("change-before")) } th { (visit.t("change-after")) } } }
                tbody { @for altered in &change.altered { tr {
                    th scope="row" { @if let Some(clause) = &altered.clause { (clause_name(visit, clause)) ": " } (visit.t(&format!("change-field-{}", altered.field))) }
                    td data-label=(visit.t("change-before")) { del { (said(&altered.field, &altered.before)) } }
                    td data-label=(visit.t("change-after")) { (said(&altered.field, &altered.after)) }
                } } }
            } } }
        }
    } }
}
