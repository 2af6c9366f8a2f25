//! Dispatches for other programs: the same lists and the same commands as the pages.

use serde_json::json;
use vx_concepts::{
    api::act,
    engine::Command as _,
    work::{Urgency, WorkState},
};
use vx_kernel::{Date, Id, Problem, ProblemKind, ids, time};
use vx_platform::{
    store::Uuid,
    view,
    web::{Answer, Call, Deed, Matching, Nothing, Operation, Route, Shape, TEXT, UnitName, from_base64, words},
};

use crate::{
    Correct, Directive, DirectiveState, Discard, Issue, Recall, Receive, Replace, Review,
    changes::{AsItShouldBe, Fate, OrderAsItShouldBe, Replacing, propose},
    intake::take_in,
    review::{Order, Required},
    routes::paths_of,
    store::{self, Line, READ, Wanted},
};

/// Largest body that takes a dispatch in: a text of 8 MB, in base64.
const BODY_BYTES_MAX: usize = 12 * 1024 * 1024;

view! {
    /// A dispatch in a list.
    answer LineView as "DirectiveLine" {
        /// Id.
        id: Id<ids::Directive>,
        /// Where it is.
        state: DirectiveState,
        /// Its number, or the name of the file.
        label: String,
        /// Kind of document.
        kind: Option<String>,
        /// Urgency stamp.
        urgency: Option<Urgency>,
        /// Who issued it.
        issuer: Option<String>,
        /// Day of issue.
        issued_on: Option<Date>,
        /// What it is about.
        subject: Option<String>,
        /// Points that must be settled before its tasks can go out.
        open_points: i64,
        /// Tasks within reach.
        tasks: i64,
        /// Those of them that are open.
        open_tasks: i64,
    }
}

view! {
    /// A clause as it was read.
    answer ClauseView as "Clause" {
        /// Its place as printed: `5.(3)`, `1.-2` for bullets.
        path: String,
        /// Heading.
        heading: Option<String>,
        /// Text.
        text: String,
    }
}

view! {
    /// A clause that becomes tasks, one for each leading unit.
    answer OrderView as "Order" {
        /// Which clause.
        clause: String,
        /// What is to be done, in a line.
        title: String,
        /// Whether tasks are made of it.
        included: bool,
        /// Units that lead.
        leads: Vec<UnitName>,
        /// Units that cooperate.
        cooperating: Vec<UnitName>,
        /// The deadline, when it is a moment.
        due_at: Option<jiff::Timestamp>,
        /// The words that set it.
        due_quote: Option<String>,
    }
}

view! {
    /// Something that a person must settle before tasks go out.
    answer OpenPoint as "OpenPoint" {
        /// What it is: finding, mention, nobody_leads, due_before_issue, no_orders.
        kind: String => {"enum": ["finding", "mention", "nobody_leads", "due_before_issue", "no_orders"]},
        /// Code of the finding, words that name no unit, or the clause.
        about: Option<String>,
    }
}

view! {
    /// How many tasks are in a state.
    answer StateCount as "StateCount" {
        /// The state.
        state: WorkState,
        /// How many.
        count: i64,
    }
}

view! {
    /// A dispatch: an official document that orders something.
    answer DirectiveView as "Directive" {
        /// Id.
        id: Id<ids::Directive>,
        /// Counts up with each change; the ETag.
        version: i64,
        /// Where it is.
        state: DirectiveState,
        /// The unit that took it in.
        unit: UnitName,
        /// Name of the file it came in.
        file_name: String,
        /// Length of that file.
        file_bytes: i64,
        /// SHA-256 of that file, in hexadecimal.
        file_sha256: String,
        /// Number and symbol.
        number: Option<String>,
        /// Kind of document.
        kind: Option<String>,
        /// Urgency stamp.
        urgency: Option<Urgency>,
        /// Who issued it.
        issuer: Option<String>,
        /// Where it was issued.
        place: Option<String>,
        /// Day of issue.
        issued_on: Option<Date>,
        /// What it is about.
        subject: Option<String>,
        /// Why it could not be read.
        trouble: Option<String>,
        /// Who took it in.
        received_by: String,
        /// When its tasks went out.
        issued_at: Option<jiff::Timestamp>,
        /// Another dispatch with the same issuer, number and year.
        duplicate_of: Option<String>,
        /// What was read, clause by clause.
        clauses: Vec<ClauseView>,
        /// What becomes tasks.
        orders: Vec<OrderView>,
        /// What must be settled before tasks go out.
        open_points: Vec<OpenPoint>,
        /// Its tasks within reach, by state.
        tasks: Vec<StateCount>,
    }
}

view! {
    /// What one file became: a record for each dispatch in it.
    answer Taken as "Taken" {
        /// The dispatches.
        items: Vec<DirectiveView>,
    }
}

view! {
    /// A file that is taken in: its text, or its bytes in base64.
    body Sent as "ReceivedFile" {
        /// Name of the file, which its record keeps.
        file_name: String => {"minLength": 1, "maxLength": 200},
        /// The text of the dispatch.
        text: Option<String>,
        /// The bytes of the file in base64 (RFC 4648), instead of the text.
        content_base64: Option<String>,
    }
}

view! {
    /// Why it is put aside.
    body Discarded as "Discarded" {
        /// Why.
        reason: String => {"minLength": 1, "maxLength": 10_000},
    }
}

view! {
    /// One order as it should have read. What is left out stays as it is.
    body OrderPutRight as "OrderPutRight" {
        /// Its clause, as the dispatch lists it.
        clause: String => {"minLength": 1, "maxLength": 40},
        /// What is to be done, in a line.
        title: Option<String> => {"minLength": 1, "maxLength": 300},
        /// The deadline; of what comes back, the first one.
        due_at: Option<jiff::Timestamp>,
    }
}

view! {
    /// What a dispatch should have said. What is left out stays as it is.
    body Corrected as "Corrected" {
        /// Number of the document that corrects it, when there is one.
        document: Option<String> => {"maxLength": 100},
        /// What was wrong.
        reason: String => {"minLength": 1, "maxLength": 10_000},
        /// Number and symbol.
        number: Option<String> => {"minLength": 1, "maxLength": 100},
        /// What it is about.
        subject: Option<String> => {"minLength": 1, "maxLength": 2_000},
        /// Day of issue.
        issued_on: Option<Date>,
        /// Urgency stamp.
        urgency: Option<Urgency>,
        /// Its orders.
        orders: Vec<OrderPutRight> => {"maxItems": 500},
    }
}

view! {
    /// Why it is taken back.
    body Recalled as "Recalled" {
        /// Number of the document that recalls it, when there is one.
        document: Option<String> => {"maxLength": 100},
        /// Why.
        reason: String => {"minLength": 1, "maxLength": 10_000},
    }
}

view! {
    /// What takes its place.
    body Replaced as "Replaced" {
        /// The dispatch that takes its place.
        by: Id<ids::Directive>,
        /// Why.
        reason: String => {"minLength": 1, "maxLength": 10_000},
        /// Open tasks that go on under that dispatch; all others are called off. Without it, those that it gives to the
        /// same unit in similar words.
        carried: Option<Vec<Id<ids::WorkItem>>>,
    }
}

/// What the interface brings.
pub(crate) fn routes() -> Vec<Route> {
    let list_operation = Operation::get("/api/v1/directives", "list_directives", READ)
        .asks("q", json!({"type": "string", "pattern": TEXT, "maxLength": 200}), "Words, with or without marks.")
        .asks(
            "state",
            words(DirectiveState::ALL.iter().map(|state| state.as_str())),
            "Where it is; all but discarded ones unless given.",
        )
        .asks("urgency", words(Urgency::ALL.iter().map(|urgency| urgency.as_str())), "By urgency stamp.")
        .answers_page::<LineView>(true)
        .leads_to("get_directive", "id", "/items/0/id")
        .leads_to("directive_history", "id", "/items/0/id");
    let receive_operation = Operation::post::<Sent>("/api/v1/directives", "receive_directive", Receive::NAME)
        .answers::<Taken>()
        .creates()
        .bytes_max(BODY_BYTES_MAX)
        .refuses(&["directives.file_empty", "api.one_content", "api.base64"])
        .leads_to("get_directive", "id", "/items/0/id")
        .leads_to("discard_directive", "id", "/items/0/id");
    vec![
        Route::api(list_operation, list),
        Route::api(receive_operation, receive),
        Route::api(
            Operation::get("/api/v1/directives/{id}", "get_directive", READ)
                .answers::<DirectiveView>()
                .versioned()
                .leads_to("directive_history", "id", "/id"),
            get,
        ),
        Route::api(
            Operation::get("/api/v1/directives/{id}/history", "directive_history", READ).answers_page::<Deed>(false),
            history,
        ),
        Route::api(
            verb::<Nothing>("/api/v1/directives/{id}/issue", "issue_directive", Issue::NAME)
                .matches(Matching::Must)
                .refuses(&[
                    "directives.not_in_this_state",
                    "directives.issue.not_settled",
                    "directives.issue.too_many",
                    "directives.issue.unit_gone",
                ]),
            issue,
        ),
        Route::api(
            verb::<Discarded>("/api/v1/directives/{id}/discard", "discard_directive", Discard::NAME)
                .matches(Matching::May)
                .refuses(&["directives.not_in_this_state", "directives.discard.no_reason"]),
            discard,
        ),
        Route::api(
            verb::<Corrected>("/api/v1/directives/{id}/correct", "correct_directive", Correct::NAME)
                .matches(Matching::Must)
                .refuses(&[
                    NOT_NOW,
                    NO_REASON,
                    TOO_MANY,
                    "directives.correct.nothing",
                    "directives.correct.no_order",
                    "directives.correct.due_before_issue",
                ]),
            correct,
        ),
        Route::api(
            verb::<Recalled>("/api/v1/directives/{id}/recall", "recall_directive", Recall::NAME)
                .matches(Matching::Must)
                .refuses(&[NOT_NOW, NO_REASON, TOO_MANY]),
            recall,
        ),
        Route::api(
            verb::<Replaced>("/api/v1/directives/{id}/replace", "replace_directive", Replace::NAME)
                .matches(Matching::Must)
                .refuses(&[
                    NOT_NOW,
                    NO_REASON,
                    TOO_MANY,
                    "directives.replace.itself",
                    "directives.replace.not_issued",
                    "directives.replace.completed",
                ]),
            replace,
        ),
    ]
}

/// A verb on one dispatch, which answers with it.
fn verb<B: Shape>(path: &'static str, id: &'static str, permission: &'static str) -> Operation {
    Operation::post::<B>(path, id, permission).answers::<DirectiveView>().versioned()
}

const NOT_NOW: &str = "directives.not_in_this_state";
const NO_REASON: &str = "directives.change.no_reason";
const TOO_MANY: &str = "directives.change.too_many";

async fn list(call: Call) -> Result<Answer, Problem> {
    let wanted = Wanted {
        text: call.asked("q").unwrap_or_default().to_owned(),
        state: call.asked("state").and_then(DirectiveState::parse),
        urgency: call.asked("urgency").and_then(Urgency::parse),
    };
    let before = call.after(|text| text.parse::<Uuid>().ok())?;
    let mut conn = call.app.db().read().await?;
    let total = if call.counts() { Some(store::count(&mut conn, &call.actor, &wanted).await?) } else { None };
    let lines = store::older(&mut conn, &call.actor, &wanted, before, call.limit() + 1).await?;
    drop(conn);
    Answer::page(&call, lines, total, |line| line.id.to_string(), line_view)
}

fn line_view(line: &Line) -> LineView {
    LineView {
        id: line.id,
        state: line.state,
        label: line.label.clone(),
        kind: line.kind.clone(),
        urgency: line.urgency,
        issuer: line.issuer.clone(),
        issued_on: line.issued_on,
        subject: line.subject.clone(),
        open_points: line.required,
        tasks: line.tasks,
        open_tasks: line.open,
    }
}

async fn view(call: &Call, id: Id<ids::Directive>) -> Result<DirectiveView, Problem> {
    let mut conn = call.app.db().read().await?;
    let directive = store::visible(&mut conn, &call.actor, id).await?;
    let tasks = store::tasks_by_state(&mut conn, &call.actor, id).await?;
    drop(conn);
    let review = Review::of(&directive.review);
    let of = |part: fn(&Call, &Review) -> Parts| review.as_ref().map(|review| part(call, review));
    let (clauses, orders, open_points) = of(parts).unwrap_or_default();
    let open_points = if directive.state == DirectiveState::Received { open_points } else { Vec::new() };
    Ok(DirectiveView {
        id,
        version: directive.version,
        state: directive.state,
        unit: call.unit(&directive.path),
        file_name: directive.file_name,
        file_bytes: directive.file_bytes,
        file_sha256: vx_platform::store::migrate::hex(&directive.file_sha256),
        number: directive.number,
        kind: directive.kind,
        urgency: directive.urgency,
        issuer: directive.issuer,
        place: directive.place,
        issued_on: directive.issued_on,
        subject: directive.subject,
        trouble: directive.trouble,
        received_by: directive.received_by,
        issued_at: directive.issued_at,
        duplicate_of: review.and_then(|review| review.duplicate),
        clauses,
        orders,
        open_points,
        tasks: tasks.into_iter().map(|(state, count)| StateCount { state, count }).collect(),
    })
}

type Parts = (Vec<ClauseView>, Vec<OrderView>, Vec<OpenPoint>);

fn parts(call: &Call, review: &Review) -> Parts {
    let tree = call.app.tree();
    let units = |mentions: &[usize]| -> Vec<UnitName> {
        let keys = review.units(mentions);
        keys.iter().filter_map(|key| tree.get(key.as_str())).map(|unit| call.unit(&unit.path)).collect()
    };
    let clause = |clause: &vx_dispatch::Clause| ClauseView {
        path: clause.path.clone(),
        heading: clause.heading.clone(),
        text: clause.text.clone(),
    };
    let order = |order: &Order| {
        let due = review.due(order);
        OrderView {
            clause: order.clause.clone(),
            title: order.title.clone(),
            included: order.include,
            leads: units(&order.leads),
            cooperating: units(&order.cooperating),
            due_at: due.at,
            due_quote: due.quote,
        }
    };
    let clause_of = |index: usize| review.orders.get(index).map(|order| order.clause.clone());
    let open = |required: Required| {
        let (kind, about) = match required {
            Required::Finding(index) => {
                ("finding", review.dispatch.findings.get(index).map(|finding| finding.code.clone()))
            }
            Required::Mention(index) => ("mention", review.mentions.get(index).map(|mention| mention.text.clone())),
            Required::NobodyLeads(index) => ("nobody_leads", clause_of(index)),
            Required::DueBeforeIssue(index) => ("due_before_issue", clause_of(index)),
            Required::NoOrders => ("no_orders", None),
        };
        OpenPoint { kind: kind.to_owned(), about }
    };
    let clauses = review.dispatch.clauses.iter().map(clause).collect();
    let orders = review.orders.iter().map(order).collect();
    (clauses, orders, review.required().into_iter().map(open).collect())
}

async fn answer(call: &Call, id: Id<ids::Directive>) -> Result<Answer, Problem> {
    let view = view(call, id).await?;
    let version = view.version;
    Ok(Answer::of(&view)?.at_version(version))
}

async fn get(call: Call) -> Result<Answer, Problem> {
    answer(&call, call.id()?).await
}

async fn history(call: Call) -> Result<Answer, Problem> {
    let id = call.id()?;
    let mut conn = call.app.db().read().await?;
    store::visible(&mut conn, &call.actor, id).await?;
    call.history(&mut conn, id.uuid()).await
}

async fn receive(call: Call) -> Result<Answer, Problem> {
    let sent: Sent = call.body()?;
    let content = match (sent.text, sent.content_base64) {
        (Some(text), None) => text.into_bytes(),
        (None, Some(content)) => from_base64(&content)?,
        _ => return Err(Problem::invalid("api.one_content")),
    };
    let taken = take_in(&call.app, &call.actor, call.key()?, &sent.file_name, content).await?;
    let mut items = Vec::new();
    for id in taken {
        // An id that is no dispatch was answered to another command with this key.
        let item = view(&call, id).await.map_err(|problem| match problem.kind {
            ProblemKind::NotFound => Problem::new(ProblemKind::Conflict, "engine.key_reused"),
            _ => problem,
        })?;
        items.push(item);
    }
    Answer::of(&Taken { items })
}

async fn issue(call: Call) -> Result<Answer, Problem> {
    let id = call.id()?;
    let directive: Directive = store::visible(&mut call.app.db().read().await?, &call.actor, id).await?;
    let paths = Review::of(&directive.review).map(|review| paths_of(&call.app.tree(), &review)).unwrap_or_default();
    act(&call, id.uuid(), Issue { directive: id, version: seen(&call)?, paths }).await?;
    answer(&call, id).await
}

async fn discard(call: Call) -> Result<Answer, Problem> {
    let (id, sent) = (call.id()?, call.body::<Discarded>()?);
    act(&call, id.uuid(), Discard { directive: id, reason: sent.reason }).await?;
    answer(&call, id).await
}

/// The version that the caller has seen; these operations always ask for it.
fn seen(call: &Call) -> Result<i64, Problem> {
    call.version().ok_or_else(|| Problem::internal("the operation asks for a version"))
}

async fn correct(call: Call) -> Result<Answer, Problem> {
    let (id, sent) = (call.id()?, call.body::<Corrected>()?);
    let directive = store::visible(&mut call.app.db().read().await?, &call.actor, id).await?;
    let review = Review::of(&directive.review);
    let of_review = review.as_ref().map_or(&[][..], |review| &review.orders);
    let mut orders = Vec::new();
    for right in sent.orders {
        let found = of_review.iter().enumerate().find(|(_, order)| order.include && order.clause == right.clause);
        let Some((index, order)) = found else {
            return Err(Problem::refused("directives.correct.no_order").with("clause", &right.clause));
        };
        let due_at = right.due_at.map(|at| time::local(at).strftime("%Y-%m-%dT%H:%M:%S").to_string());
        let title = right.title.unwrap_or_else(|| order.title.clone());
        orders.push(OrderAsItShouldBe { index, title, due_at: due_at.or_else(|| order.due_at.clone()) });
    }
    let right = AsItShouldBe {
        number: sent.number.or(directive.number),
        subject: sent.subject.or(directive.subject),
        issued_on: sent.issued_on.or(directive.issued_on),
        urgency: sent.urgency.or(directive.urgency),
        orders,
    };
    act(&call, id.uuid(), Correct::new(id, seen(&call)?, sent.document, sent.reason, right)).await?;
    answer(&call, id).await
}

async fn recall(call: Call) -> Result<Answer, Problem> {
    let (id, sent) = (call.id()?, call.body::<Recalled>()?);
    act(&call, id.uuid(), Recall::new(id, seen(&call)?, sent.document, sent.reason)).await?;
    answer(&call, id).await
}

async fn replace(call: Call) -> Result<Answer, Problem> {
    let (id, sent) = (call.id()?, call.body::<Replaced>()?);
    let carried = match sent.carried {
        Some(carried) => carried.into_iter().collect(),
        None => {
            let mut conn = call.app.db().read().await?;
            store::visible(&mut conn, &call.actor, id).await?;
            store::visible(&mut conn, &call.actor, sent.by).await?;
            let facts = Replacing::read(&mut conn, id, sent.by).await?;
            let fates = propose(&facts.out.open, &facts.by.open).into_iter();
            fates.filter(|(_, fate)| *fate != Fate::CalledOff).map(|(task, _)| task).collect()
        }
    };
    let command = Replace { directive: id, version: seen(&call)?, by: sent.by, reason: sent.reason, carried };
    act(&call, id.uuid(), command).await?;
    answer(&call, id).await
}
