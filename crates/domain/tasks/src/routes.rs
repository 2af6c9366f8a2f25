//! Pages and actions: parse, then read or execute, then show. No decisions here, no SQL.

use axum::extract::{Path as Address, Query};
use vx_concepts::{
    engine::{Command, execute},
    evidence,
    work::{self, Filter, WorkItem, WorkState, count::Load, escalation::Policies},
};
use vx_kernel::{Id, Path, Problem, ids};
use vx_platform::{
    Module,
    auth::{
        Breadth::{Subtree, Unit},
        Permission,
        Role::{Admin, Chair, Head, Observer, Office, Officer},
    },
    journal,
    store::{Conn, Uuid},
    web::{Access, Form, Markup, Nav, PageResult, Route, Visit, html, list::Listing, see_other},
    words::Texts,
};

use crate::{
    Acknowledge, AskExtension, Attach, Cancel, Confirm, Count, DeclineExtension, Do, EndSeries, GrantExtension,
    HandOver, Note, Reassign, Recur, Refuse, Report, Return, SetPolicy, SetRhythm, SetTarget, Split, TakeOver, Undo,
    Urge, clock,
    commands::{Step, is_open},
    desk, hand_over, heads, late, policy, series,
    store::{self, READ},
    views::{self, Moves, Record},
};

/// One desk acts for itself: these reach the unit of the grant and nothing below.
const DESK: &[(vx_platform::auth::Role, vx_platform::auth::Breadth)] =
    &[(Chair, Unit), (Office, Unit), (Head, Unit), (Officer, Unit)];
/// Answering for the unit: not every officer may.
const ANSWER: &[(vx_platform::auth::Role, vx_platform::auth::Breadth)] = &[(Chair, Unit), (Office, Unit), (Head, Unit)];

/// Tasks.
#[must_use]
pub fn module() -> Module {
    const PERMISSIONS: &[Permission] = &[
        Permission {
            name: READ,
            roles: &[(Chair, Subtree), (Office, Subtree), (Head, Subtree), (Officer, Subtree), (Observer, Subtree)],
        },
        Permission { name: Do::<Acknowledge>::NAME, roles: DESK },
        Permission { name: Note::NAME, roles: DESK },
        Permission { name: Attach::NAME, roles: DESK },
        Permission { name: Do::<Report>::NAME, roles: DESK },
        Permission { name: Do::<Refuse>::NAME, roles: ANSWER },
        Permission { name: Do::<Split>::NAME, roles: ANSWER },
        Permission { name: Do::<Confirm>::NAME, roles: ANSWER },
        Permission { name: Do::<Return>::NAME, roles: ANSWER },
        Permission { name: Do::<Reassign>::NAME, roles: ANSWER },
        Permission { name: Do::<Cancel>::NAME, roles: ANSWER },
        Permission { name: Do::<AskExtension>::NAME, roles: ANSWER },
        Permission { name: Do::<GrantExtension>::NAME, roles: ANSWER },
        Permission { name: Do::<DeclineExtension>::NAME, roles: ANSWER },
        Permission { name: Do::<SetTarget>::NAME, roles: ANSWER },
        Permission { name: Count::NAME, roles: DESK },
        // Whoever may take a step may take it back; the decision asks for the right to the step itself as well.
        Permission { name: Undo::NAME, roles: DESK },
        Permission { name: EndSeries::NAME, roles: ANSWER },
        Permission { name: SetRhythm::NAME, roles: ANSWER },
        Permission { name: Urge::NAME, roles: ANSWER },
        Permission { name: Do::<TakeOver>::NAME, roles: ANSWER },
        Permission {
            name: policy::SEE,
            roles: &[
                (Admin, Subtree),
                (Chair, Subtree),
                (Office, Subtree),
                (Head, Subtree),
                (Officer, Subtree),
                (Observer, Subtree),
            ],
        },
        Permission { name: SetPolicy::NAME, roles: &[(Admin, Subtree), (Chair, Unit), (Office, Unit)] },
        // What the clock does belongs to the program alone.
        Permission { name: Recur::NAME, roles: &[] },
        Permission { name: clock::ESCALATE, roles: &[] },
        Permission { name: HandOver::NAME, roles: &[] },
    ];
    Module {
        name: "tasks",
        migrations: vx_concepts::work::MIGRATIONS,
        permissions: PERMISSIONS,
        routes,
        texts: Texts { vi: include_str!("../words.vi.ftl"), en: include_str!("../words.en.ftl") },
        nav: &[
            Nav { href: "/inbox", key: "inbox", icon: "inbox", permission: READ, order: 10 },
            Nav { href: "/tasks", key: "tasks", icon: "checks", permission: READ, order: 30 },
        ],
        notices: crate::notices::NOTICES,
        jobs: clock::JOBS,
    }
}

fn routes() -> Vec<Route> {
    let mut routes = desk::routes();
    routes.extend(record_routes());
    routes.extend(crate::api::routes());
    routes
}

fn record_routes() -> Vec<Route> {
    vec![
        Route::get("/tasks", Access::Needs(READ), list),
        Route::get("/tasks/board", Access::Needs(READ), board),
        Route::get("/tasks/record", Access::Needs(READ), heads::show),
        Route::get("/tasks/record/export/{kind}", Access::Needs(READ), heads::export),
        Route::get("/tasks/policy", Access::Needs(policy::SEE), policy::show),
        Route::post("/tasks/policy", Access::Needs(SetPolicy::NAME), policy::set),
        Route::post("/tasks/take-over", Access::Needs(Do::<TakeOver>::NAME), hand_over::take_over_all),
        Route::post("/tasks/{id}/urge", Access::Needs(Urge::NAME), late::urge),
        Route::post("/tasks/{id}/take-over", Access::Needs(Do::<TakeOver>::NAME), |v, t, f| {
            step(v, t, f, "tasks-said-taken-over", |_| Ok(TakeOver))
        }),
        Route::post("/tasks/{id}/rhythm", Access::Needs(SetRhythm::NAME), series::set_rhythm),
        Route::post("/tasks/{id}/end-series", Access::Needs(EndSeries::NAME), series::end),
        Route::get("/tasks/{id}", Access::Needs(READ), record),
        Route::get("/tasks/{id}/files/{file}", Access::Needs(READ), file),
        Route::post("/tasks/{id}/acknowledge", Access::Needs(Do::<Acknowledge>::NAME), |v, t, f| {
            step(v, t, f, "tasks-said-acknowledged", |_| Ok(Acknowledge))
        }),
        Route::post("/tasks/{id}/refuse", Access::Needs(Do::<Refuse>::NAME), |v, t, f| {
            step(v, t, f, "tasks-said-refused", |form| Ok(Refuse { reason: form.text("reason").to_owned() }))
        }),
        Route::post("/tasks/{id}/report", Access::Needs(Do::<Report>::NAME), |v, t, f| {
            step(v, t, f, "tasks-said-reported", |form| Ok(Report { result: form.text("reason").to_owned() }))
        }),
        Route::post("/tasks/{id}/confirm", Access::Needs(Do::<Confirm>::NAME), |v, t, f| {
            step(v, t, f, "tasks-said-confirmed", |form| Ok(Confirm { note: form.filled("reason").map(str::to_owned) }))
        }),
        Route::post("/tasks/{id}/return", Access::Needs(Do::<Return>::NAME), |v, t, f| {
            step(v, t, f, "tasks-said-returned", |form| Ok(Return { reason: form.text("reason").to_owned() }))
        }),
        Route::post("/tasks/{id}/reassign", Access::Needs(Do::<Reassign>::NAME), |v, t, f| {
            step(v, t, f, "tasks-said-reassigned", |form| {
                Ok(Reassign { to: unit_of(form, "to")?, reason: form.text("reason").to_owned() })
            })
        }),
        Route::post("/tasks/{id}/cancel", Access::Needs(Do::<Cancel>::NAME), |v, t, f| {
            step(v, t, f, "tasks-said-cancelled", |form| Ok(Cancel { reason: form.text("reason").to_owned() }))
        }),
        Route::post("/tasks/{id}/split", Access::Needs(Do::<Split>::NAME), |v, t, f| {
            step(v, t, f, "tasks-said-split", |form| {
                let to = form.all("to").map(|unit| path_of(unit, "to")).collect::<Result<Vec<_>, _>>()?;
                Ok(Split { target: desk::part_target(form, &to)?, to })
            })
        }),
        Route::post("/tasks/{id}/note", Access::Needs(Note::NAME), note),
        Route::post("/tasks/{id}/attach", Access::Needs(Attach::NAME), attach),
    ]
}

type TaskId = Address<Id<ids::WorkItem>>;

fn path_of(text: &str, field: &'static str) -> Result<Path, Problem> {
    Path::parse(text).map_err(|_| Problem::invalid("web.field").with("field", field).with("value", text))
}

fn unit_of(form: &Form, field: &'static str) -> Result<Path, Problem> {
    path_of(form.text(field), field)
}

/// Every verb that moves one task: read what was sent, do it, lead back to the task.
pub(crate) async fn step<S: Step>(
    visit: Visit,
    Address(task): TaskId,
    form: Form,
    said: &'static str,
    read: impl FnOnce(&Form) -> Result<S, Problem>,
) -> PageResult {
    let command = Do { task, step: read(&form)? };
    execute(visit.app.db(), visit.actor()?, form.key()?, command).await?;
    Ok(see_other(&format!("/tasks/{task}"), said))
}

async fn note(visit: Visit, Address(task): TaskId, form: Form) -> PageResult {
    let command = Note { task, unit: unit_of(&form, "unit")?, text: form.text("reason").to_owned() };
    execute(visit.app.db(), visit.actor()?, form.key()?, command).await?;
    Ok(see_other(&format!("/tasks/{task}"), "tasks-said-noted"))
}

async fn attach(visit: Visit, Address(task): TaskId, form: Form) -> PageResult {
    let (actor, key, unit) = (visit.actor()?, form.key()?, unit_of(&form, "unit")?);
    // Who cannot see the task must not fill the disk either.
    store::visible(&mut visit.app.db().read().await?, actor, task).await?;
    if form.files.is_empty() {
        return Err(Problem::invalid("evidence.none").into());
    }
    // All are judged before the first is kept: a bad one among them must not leave half an upload.
    let kinds = form.files.iter().map(evidence::media_type).collect::<Result<Vec<_>, _>>()?;
    for (index, (file, kind)) in form.files.iter().zip(kinds).enumerate() {
        let Ok(content) = &file.content else { continue };
        let hash = visit.app.files().keep(content).await?;
        let file = evidence::attachment(file, kind, hash, unit.clone(), task.uuid(), &actor.name);
        let key = Uuid::from_u128(key.as_u128() ^ (index as u128));
        execute(visit.app.db(), actor, key, Attach { task, unit: unit.clone(), file }).await?;
    }
    Ok(see_other(&format!("/tasks/{task}"), "tasks-said-attached"))
}

async fn file(visit: Visit, Address((task, file)): Address<(Id<ids::WorkItem>, Id<ids::Attachment>)>) -> PageResult {
    let mut conn = visit.app.db().read().await?;
    let file = store::file(&mut conn, visit.actor()?, task, file).await?;
    drop(conn);
    let content = visit.app.files().read(&file.sha256).await?;
    Ok(vx_platform::web::download(&file.name, &file.media_type, content))
}

pub(crate) fn filter_of(query: &[(String, String)]) -> Filter {
    Filter::parse(query.iter().map(|(name, value)| (name.as_str(), value.as_str())))
}

type Pairs = Query<Vec<(String, String)>>;

async fn list(visit: Visit, Query(query): Pairs) -> PageResult {
    let kept = vx_foundation::filters::kept(&visit, &mut visit.app.db().read().await?, "/tasks").await?;
    if let Some(first) = kept.first(&visit) {
        return Ok(first);
    }
    let body = list_body(&visit, &query).await?;
    Ok(visit.page(&visit.t("tasks"), body))
}

/// The list without its frame, for the answer to a press on it as well.
pub(crate) async fn list_body(visit: &Visit, query: &[(String, String)]) -> Result<Markup, Problem> {
    let (actor, now) = (visit.actor()?, visit.now());
    let (filter, listing) = (filter_of(query), Listing::parse("/tasks", store::ORDERS, query));
    let mut conn = visit.app.db().read().await?;
    let kept = vx_foundation::filters::kept(visit, &mut conn, "/tasks").await?;
    let shown = store::page(&mut conn, actor, &filter, now, &listing).await?;
    Ok(views::list(visit, &filter, &listing, &kept, &shown, now))
}

async fn record(visit: Visit, Address(id): TaskId) -> PageResult {
    let actor = visit.actor()?;
    let mut conn = visit.app.db().read().await?;
    let (task, cooperating) = store::visible(&mut conn, actor, id).await?;
    let parts = store::parts_by_state(&mut conn, id).await?;
    let files = evidence::of(&mut conn, id.uuid()).await?;
    let entries = journal::history(&mut conn, id.uuid(), None).await?;
    let moves = moves(&visit, &mut conn, &task, &cooperating).await?;
    let desk = desk::desk_of(&visit, &mut conn, &task, &entries).await?;
    let shown = series::of_task(&mut conn, &task).await?;
    let policies = Policies::load(&mut conn).await?;
    drop(conn);
    vx_concepts::receipt::opened(&visit.app, actor, task.about).await;
    let now = visit.now();
    let names = entries.iter().find(|entry| entry.verb == HandOver::NAME).and_then(|entry| entry.reason.as_deref());
    let follow_up = views::FollowUp {
        notes: html! { (hand_over::note(&visit, &task, names)) (late::urged(&visit, &entries)) },
        decisions: html! {
            (late::urge_form(&visit, &task))
            @if series::may_set(&visit, &task, shown.as_ref()) { (series::rhythm_form(&visit, &task)) }
        },
        panels: html! {
            @if let Some(shown) = &shown { (series::panel(&visit, &task, shown, now)) }
            (late::steps(&visit, &task, &policies, &entries))
        },
    };
    let reassign_to = if moves.reassign { below(&visit, &task.assigner) } else { Vec::new() };
    let of = Record {
        task: &task,
        cooperating: &cooperating,
        parts: &parts,
        files: &files,
        history: &entries,
        moves: &moves,
        desk: &desk,
        reassign_to,
        follow_up,
    };
    Ok(visit.page(&task.title, views::record(&visit, &of, now)))
}

/// Units directly below a unit that exist today, with their names, in Vietnamese order.
fn below(visit: &Visit, path: &Path) -> Vec<(Path, String)> {
    let (tree, today) = (visit.app.tree(), visit.today());
    tree.children(path.unit())
        .filter(|unit| unit.exists_on(today))
        .map(|unit| (unit.path.clone(), unit.authority()))
        .collect()
}

/// What the visitor may do now. Asks the decisions themselves, so that a button never promises what is refused.
async fn moves(visit: &Visit, conn: &mut Conn, task: &WorkItem, cooperating: &[Path]) -> Result<Moves, Problem> {
    let actor = visit.actor()?;
    let now = visit.now();
    let reason = || "–".to_owned();
    let mut note_for: Vec<Path> = Vec::new();
    if !task.state.is_closed() {
        for path in std::iter::once(&task.path).chain(cooperating).chain(std::iter::once(&task.assigner)) {
            if actor.may(Note::NAME, path) && !note_for.contains(path) {
                note_for.push(path.clone());
            }
        }
    }
    let mut split_to = Vec::new();
    if actor.may(Do::<Split>::NAME, &task.path) {
        let places = below(visit, &task.path);
        let probe = Split::among(places.iter().map(|(path, _)| path.clone()).collect());
        if probe.step(task, &[], now).is_ok() {
            let parts = store::open_parts(conn, task.id).await?;
            let tree = visit.app.tree();
            // The gesture is for the level of government below; agencies beside it are reached by a new task.
            split_to = places
                .into_iter()
                .filter(|(path, _)| tree.at_path(path).is_some_and(|unit| unit.kind.has_committee()))
                .map(|(path, _)| (path.clone(), parts.iter().any(|part| part.path == path)))
                .collect();
        }
    }
    Ok(Moves {
        acknowledge: is_open(actor, task, &Acknowledge, now),
        refuse: is_open(actor, task, &Refuse { reason: reason() }, now),
        report: is_open(actor, task, &Report { result: reason() }, now),
        confirm: is_open(actor, task, &Confirm { note: None }, now),
        send_back: is_open(actor, task, &Return { reason: reason() }, now),
        reassign: actor.may(Do::<Reassign>::NAME, &task.assigner)
            && matches!(
                task.state,
                WorkState::Assigned
                    | WorkState::Acknowledged
                    | WorkState::InProgress
                    | WorkState::Returned
                    | WorkState::Refused
            ),
        cancel: is_open(actor, task, &Cancel { reason: reason() }, now),
        note_for,
        split_to,
    })
}

async fn board(visit: Visit, Query(query): Pairs) -> PageResult {
    let (top, rows, sum) = board_rows(&visit, &query).await?;
    Ok(visit.page(&visit.t("tasks-board"), views::board(&visit, top.as_ref(), &rows, sum, visit.today())))
}

/// What the board shows: the unit it is about, the load of each unit one level below it, worst first, and the sum.
pub(crate) async fn board_rows(
    visit: &Visit,
    query: &[(String, String)],
) -> Result<(Option<Path>, Vec<(Path, Load)>, Load), Problem> {
    let actor = visit.actor()?;
    let asked = query.iter().find(|(name, _)| name == "unit").and_then(|(_, text)| Path::parse(text).ok());
    // Without a unit asked for, the widest unit of one's own.
    let top = asked.filter(|path| !path.is_root()).or_else(|| actor.homes().first().map(|path| (*path).clone()));
    let mut conn = visit.app.db().read().await?;
    let above = top.clone().unwrap_or_else(Path::root);
    let loads = work::count::loads(&mut conn, &above, &actor.reach(READ), visit.now()).await?;
    let mut sum = Load::default();
    loads.values().for_each(|load| sum += *load);
    let mut rows: Vec<_> = loads.into_iter().collect();
    rows.sort_by_key(|(path, load)| (-load.overdue, -load.unacknowledged, -load.open, path.clone()));
    Ok((top, rows, sum))
}
