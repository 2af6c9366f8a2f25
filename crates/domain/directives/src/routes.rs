//! Pages and actions of dispatches.

use std::collections::BTreeMap;

use axum::{
    extract::{Path as Address, Query},
    response::{IntoResponse as _, Redirect},
};
use vx_concepts::{
    engine::{Command, Fact, PAPER_ISSUED, WORK_CLOSED, WORK_REOPENED, execute},
    paper::{Paper, READ as PAPERS_READ},
    receipt,
};
use vx_foundation::filters;
use vx_kernel::{
    Date, Id, Path, Problem, ProblemKind, ids,
    units::{Tree, UnitId, mentions},
};
use vx_platform::{
    Module,
    auth::{
        Actor,
        Breadth::{Subtree, Unit},
        Permission,
        Role::{Chair, Head, Observer, Office, Officer},
    },
    jobs::{JobKind, Trigger},
    journal,
    sheet::{Sheet, SheetKind},
    store::{Migration, Record as _, Uuid},
    web::{Access, App, FILE_BYTES_MAX, Form, Nav, PageResult, Route, Visit, download, list::Listing, see_other},
    words::Texts,
};

use crate::{
    Amend, Complete, Correct, Directive, DirectiveState, Discard, Issue, Recall, Receive, Remember, Reopen, Replace,
    Resolved, Restore, Review, Transcribe, Withdraw, changes,
    import::{self, AdvanceImport, RetryImport, StartImport},
    intake::{self, take_in},
    links, receipts,
    review::Readings,
    store::{self, EXPORT_MAX, READ, Wanted},
    views,
};

/// Files that are read while the sender waits; more are a batch, which is read in the background.
const UPLOAD_MAX: usize = 50;

/// Dispatches.
#[must_use]
pub fn module() -> Module {
    const PERMISSIONS: &[Permission] = &[
        Permission {
            name: READ,
            roles: &[(Chair, Subtree), (Office, Subtree), (Head, Subtree), (Officer, Subtree), (Observer, Subtree)],
        },
        Permission { name: Receive::NAME, roles: &[(Chair, Unit), (Office, Unit)] },
        Permission { name: Amend::NAME, roles: &[(Chair, Unit), (Office, Unit)] },
        Permission { name: Issue::NAME, roles: &[(Chair, Unit), (Office, Unit)] },
        Permission { name: Discard::NAME, roles: &[(Chair, Unit), (Office, Unit)] },
        Permission { name: Restore::NAME, roles: &[(Chair, Unit), (Office, Unit)] },
        Permission { name: Remember::NAME, roles: &[(Chair, Unit), (Office, Unit)] },
        Permission { name: Transcribe::NAME, roles: &[(Chair, Unit), (Office, Unit)] },
        Permission { name: StartImport::NAME, roles: &[(Chair, Unit), (Office, Unit)] },
        Permission { name: RetryImport::NAME, roles: &[(Chair, Unit), (Office, Unit)] },
        // The program's own: it notes how far it has read.
        Permission { name: AdvanceImport::NAME, roles: &[] },
        Permission { name: Correct::NAME, roles: &[(Chair, Unit), (Office, Unit)] },
        Permission { name: Recall::NAME, roles: &[(Chair, Unit), (Office, Unit)] },
        Permission { name: Replace::NAME, roles: &[(Chair, Unit), (Office, Unit)] },
        // Whoever sits at a desk of a unit opens for it; an observer only looks.
        Permission {
            name: receipt::Open::NAME,
            roles: &[(Chair, Unit), (Office, Unit), (Head, Unit), (Officer, Unit)],
        },
        // The program's own; nobody completes a dispatch by hand, nor opens it again.
        Permission { name: Complete::NAME, roles: &[] },
        Permission { name: Reopen::NAME, roles: &[] },
        Permission { name: Withdraw::NAME, roles: &[] },
    ];
    Module {
        name: "directives",
        migrations: &[
            Migration { name: "directives/0001_directive", sql: include_str!("../migrations/0001_directive.sql") },
            Migration { name: "directives/0002_sort_keys", sql: include_str!("../migrations/0002_sort_keys.sql") },
            Migration { name: "directives/0002_follow", sql: include_str!("../migrations/0002_follow.sql") },
            Migration { name: "directives/0003_papers", sql: include_str!("../migrations/0003_papers.sql") },
        ],
        permissions: PERMISSIONS,
        routes,
        texts: Texts { vi: include_str!("../words.vi.ftl"), en: include_str!("../words.en.ftl") },
        nav: &[Nav { href: "/directives", key: "directives", icon: "file-text", permission: READ, order: 20 }],
        notices: crate::notices::NOTICES,
        jobs: &[
            JobKind {
                name: "directives.complete",
                starts: Trigger::Fact(WORK_CLOSED),
                run: |app, body| Box::pin(async move { complete(&app, &body).await }),
            },
            JobKind {
                name: "directives.reopen",
                starts: Trigger::Fact(WORK_REOPENED),
                run: |app, body| Box::pin(async move { reopen(&app, &body).await }),
            },
            JobKind {
                name: "directives.take_issued",
                starts: Trigger::Fact(PAPER_ISSUED),
                run: |app, body| Box::pin(async move { take_issued(&app, &body).await }),
            },
            JobKind {
                name: import::JOB,
                starts: Trigger::Fact(vx_concepts::engine::FILES_KEPT),
                run: |app, body| Box::pin(async move { import::run(&app, &body).await }),
            },
            JobKind {
                name: "directives.index",
                starts: Trigger::Every { mins: 10 },
                run: |app, _| Box::pin(async move { links::backfill(&app).await }),
            },
        ],
    }
}

/// Reacts to work that closed: when nothing about its dispatch is open any more, the dispatch is carried out.
async fn complete(app: &App, body: &str) -> Result<(), Problem> {
    let Fact::WorkClosed { about } = serde_json::from_str(body).map_err(Problem::internal)? else {
        return Err(Problem::internal("a fact of another sort"));
    };
    let directive = Id::from(about);
    if store::unfinished(&mut app.db().read().await?, directive).await? > 0 {
        return Ok(());
    }
    settled(app, Complete { directive }).await
}

/// Reacts to work that is open again: its dispatch is not carried out.
async fn reopen(app: &App, body: &str) -> Result<(), Problem> {
    let Fact::WorkReopened { about } = serde_json::from_str(body).map_err(Problem::internal)? else {
        return Err(Problem::internal("a fact of another sort"));
    };
    let directive = Id::from(about);
    settled(app, Reopen { directive }).await?;
    settled(app, Withdraw { directive }).await
}

/// Reacts to a document of ours that is out: it is a dispatch like any other, under its own id. Nobody need check what
/// reads back as it was written; what does not waits for a person beside its text.
async fn take_issued(app: &App, body: &str) -> Result<(), Problem> {
    let Fact::PaperIssued { paper } = serde_json::from_str(body).map_err(Problem::internal)? else {
        return Err(Problem::internal("a fact of another sort"));
    };
    let by = Actor::system("Vùng Xanh", app.rights().clone());
    let paper: Paper = app.db().read().await?.load(Id::<ids::Paper>::from(paper)).await?;
    let id: Id<ids::Directive> = Id::from(paper.id.uuid());
    let held = app.db().read().await?.load::<Directive>(id).await;
    let directive = match held {
        Ok(directive) => directive,
        Err(problem) if problem.kind == ProblemKind::NotFound => {
            let directive = intake::of_paper(app, &by, &paper).await?;
            execute(app.db(), &by, paper.id.uuid(), Receive { directive }).await?;
            app.db().read().await?.load(id).await?
        }
        Err(problem) => return Err(problem),
    };
    let Some(review) = Review::of(&directive.review) else { return Ok(()) };
    if directive.state != DirectiveState::Received || !review.required().is_empty() {
        return Ok(());
    }
    let paths = paths_of(&app.tree(), &review);
    settled(app, Issue { directive: id, version: directive.version, paths }).await
}

/// Does what a fact asks for, as the program itself. A dispatch may be completed and opened again several times, so no
/// key of its own would do; told twice, the second time is refused by its state.
async fn settled<C: Command>(app: &App, command: C) -> Result<(), Problem> {
    let by = Actor::system("Vùng Xanh", app.rights().clone());
    match execute(app.db(), &by, Uuid::now_v7(), command).await {
        Ok(_) => Ok(()),
        // It stands already as it should, or tasks were opened or closed since they were counted; or the work was about
        // something else than a dispatch.
        Err(problem) if matches!(problem.kind, ProblemKind::Refused | ProblemKind::NotFound) => Ok(()),
        Err(problem) => Err(problem),
    }
}

fn routes() -> Vec<Route> {
    let mut routes = vec![
        Route::get("/directives", Access::Needs(READ), list),
        Route::get("/directives/export/{kind}", Access::Needs(READ), export),
        Route::post("/directives/upload", Access::Needs(Receive::NAME), upload),
        Route::get("/directives/{id}", Access::Needs(READ), show),
        Route::get("/directives/{id}/file", Access::Needs(READ), original),
        Route::post("/directives/{id}/transcribe", Access::Needs(Transcribe::NAME), transcribe),
        Route::get("/directives/import", Access::Needs(StartImport::NAME), import::pages::list),
        Route::post("/directives/import", Access::Needs(StartImport::NAME), import::pages::start),
        Route::get("/directives/import/{id}", Access::Needs(StartImport::NAME), import::pages::show),
        Route::get("/directives/import/{id}/files.csv", Access::Needs(StartImport::NAME), import::pages::export),
        Route::post("/directives/import/{id}/retry", Access::Needs(RetryImport::NAME), import::pages::retry),
        Route::get("/directives/{id}/receipts", Access::Needs(READ), receipts::pages::receipts),
        Route::get("/directives/{id}/receipts.csv", Access::Needs(READ), receipts::pages::export),
        Route::get("/directives/{id}/graph", Access::Needs(READ), links::pages::show),
        Route::get("/directives/{id}/correct", Access::Needs(Correct::NAME), changes::pages::correct_form),
        Route::post("/directives/{id}/correct", Access::Needs(Correct::NAME), changes::pages::correct),
        Route::get("/directives/{id}/recall", Access::Needs(Recall::NAME), changes::pages::recall_form),
        Route::post("/directives/{id}/recall", Access::Needs(Recall::NAME), changes::pages::recall),
        Route::get("/directives/{id}/replace", Access::Needs(Replace::NAME), changes::pages::replace_form),
        Route::post("/directives/{id}/replace/preview", Access::Needs(Replace::NAME), changes::pages::replace_preview),
        Route::post("/directives/{id}/replace", Access::Needs(Replace::NAME), changes::pages::replace),
        Route::post("/directives/{id}/header", Access::Needs(Amend::NAME), header),
        Route::post("/directives/{id}/settle/{n}", Access::Needs(Amend::NAME), settle),
        Route::post("/directives/{id}/settle-rest", Access::Needs(Amend::NAME), settle_rest),
        Route::post("/directives/{id}/mention/{n}", Access::Needs(Amend::NAME), mention),
        Route::post("/directives/{id}/order/{n}", Access::Needs(Amend::NAME), order),
        Route::post("/directives/{id}/issue", Access::Needs(Issue::NAME), issue),
        Route::post("/directives/{id}/discard", Access::Needs(Discard::NAME), discard),
        Route::post("/directives/{id}/restore", Access::Needs(Restore::NAME), restore),
    ];
    routes.extend(crate::api::routes());
    routes
}

type DirectiveId = Address<Id<ids::Directive>>;
type DirectivePart = Address<(Id<ids::Directive>, usize)>;

type Pairs = Query<Vec<(String, String)>>;

fn wanted(query: &[(String, String)]) -> (Wanted, Listing) {
    let value = |name: &str| {
        query.iter().find(|(key, _)| key == name).map(|(_, value)| value.trim()).filter(|value| !value.is_empty())
    };
    let wanted = Wanted {
        text: value("q").unwrap_or_default().to_owned(),
        state: value("state").and_then(DirectiveState::parse),
        urgency: value("urgency").and_then(vx_concepts::work::Urgency::parse),
    };
    (wanted, Listing::parse("/directives", store::ORDERS, query))
}

async fn list(visit: Visit, Query(query): Pairs) -> PageResult {
    let (wanted, listing) = wanted(&query);
    let actor = visit.actor()?;
    let mut conn = visit.app.db().read().await?;
    let kept = filters::kept(&visit, &mut conn, listing.address).await?;
    if let Some(first) = kept.first(&visit) {
        return Ok(first);
    }
    let shown = store::list(&mut conn, actor, &wanted, &listing).await?;
    let out = shown
        .rows
        .iter()
        .filter(|line| matches!(line.state, DirectiveState::Issued | DirectiveState::Delivered))
        .map(|line| line.id.uuid());
    let unopened = receipts::unopened(&mut conn, actor, &out.collect::<Vec<Uuid>>()).await?;
    drop(conn);
    Ok(visit.page(&visit.t("directives"), views::list(&visit, &wanted, &listing, &kept, &shown, &unopened)))
}

/// The list with its filter and order, to take along.
async fn export(visit: Visit, Address(kind): Address<String>, Query(query): Pairs) -> PageResult {
    let kind: SheetKind = kind.parse()?;
    let ((wanted, listing), actor) = (wanted(&query), visit.actor()?);
    let heads = [
        ("directive-number", 20),
        ("directive-kind", 16),
        ("filter-urgency", 14),
        ("directive-subject", 60),
        ("directive-issuer", 34),
        ("directive-date", 13),
        ("filter-state", 18),
        ("directive-export-open", 14),
        ("directive-export-tasks", 14),
    ];
    let mut sheet = Sheet::begin(kind, &visit.t("directives"), &visit.columns(&heads))?;
    let mut conn = visit.app.db().read().await?;
    let lines = store::first(&mut conn, actor, &wanted, &listing, EXPORT_MAX).await?;
    let n = i64::try_from(lines.len()).unwrap_or(i64::MAX);
    let total = if n < EXPORT_MAX { n } else { store::count(&mut conn, actor, &wanted).await? };
    drop(conn);
    for line in lines {
        sheet.row(&[
            line.label.into(),
            views::kind_name(&visit, line.kind.as_deref()).into(),
            line.urgency.map_or_else(String::new, |urgency| visit.t(&format!("urgency-{urgency}"))).into(),
            line.subject.unwrap_or_default().into(),
            line.issuer.unwrap_or_default().into(),
            line.issued_on.into(),
            visit.t(&format!("directive-state-{}", line.state)).into(),
            line.open.into(),
            line.tasks.into(),
        ])?;
    }
    visit.say_cut(&mut sheet, n, total)?;
    Ok(sheet.download("van-ban").await?)
}

/// What became of one file: the dispatches found in it, or why it was not taken in. A file that could not be read is
/// taken in all the same, as a dispatch in the state `unreadable`.
struct Taken {
    file: String,
    outcome: Result<Vec<Id<ids::Directive>>, Problem>,
}

async fn upload(visit: Visit, form: Form) -> PageResult {
    let (actor, key) = (visit.actor()?, form.key()?);
    if form.files.is_empty() {
        return Err(Problem::invalid("directives.no_file").into());
    }
    if form.files.len() > UPLOAD_MAX {
        return Err(Problem::invalid("directives.too_many_files").with("max", UPLOAD_MAX).into());
    }
    let mut all = Vec::new();
    for (index, file) in form.files.into_iter().enumerate() {
        // Each file has its own range of keys: the parts of a file count up from it.
        let key = Uuid::from_u128(key.as_u128() ^ ((index as u128 + 1) << 16));
        let outcome = match file.content {
            Ok(content) => take_in(&visit.app, actor, key, &file.name, content).await,
            Err(_) => Err(Problem::new(ProblemKind::TooLarge, "directives.file_too_large")
                .with("name", &file.name)
                .with("mb", FILE_BYTES_MAX / 1_048_576)),
        };
        all.push(Taken { file: file.name, outcome });
    }
    if let [Taken { outcome: Ok(ids), .. }] = all.as_slice()
        && let [only] = ids.as_slice()
    {
        return Ok(see_other(&format!("/directives/{only}"), "directives-said-received"));
    }
    let mut conn = visit.app.db().read().await?;
    let mut taken = Vec::new();
    for each in all {
        let outcome = match each.outcome {
            Ok(ids) => {
                let mut directives = Vec::new();
                for id in ids {
                    directives.push(store::visible(&mut conn, actor, id).await?);
                }
                Ok(directives)
            }
            Err(problem) => Err(problem),
        };
        taken.push((each.file, outcome));
    }
    Ok(visit.page(&visit.t("upload-results"), views::taken(&visit, &taken)))
}

async fn show(visit: Visit, Address(id): DirectiveId) -> PageResult {
    let actor = visit.actor()?;
    let mut conn = visit.app.db().read().await?;
    let directive = store::visible(&mut conn, actor, id).await?;
    receipt::opened(&visit.app, actor, id.uuid()).await;
    let tasks = store::tasks_by_state(&mut conn, actor, id).await?;
    let mut history = journal::history(&mut conn, id.uuid(), None).await?;
    // How a document of ours was drafted is its unit's own business, not that of whoever receives it.
    history.retain(|entry| entry.record != Paper::TABLE || actor.may(PAPERS_READ, &directive.path));
    let unopened = receipts::unopened(&mut conn, actor, &[id.uuid()]).await?.get(&id.uuid()).copied();
    drop(conn);
    let review = Review::of(&directive.review);
    let around = changes::pages::around(&visit, &directive, review.as_ref()).await?;
    let body = match (&review, directive.state) {
        (Some(review), DirectiveState::Received) if actor.may(Amend::NAME, &directive.path) => {
            views::review(&visit, &directive, review, &history, &around)
        }
        (Some(review), _) => views::record(&visit, &directive, review, &tasks, &history, unopened, &around),
        (None, _) => views::unreadable(&visit, &directive, &history, None),
    };
    Ok(visit.page(&directive.label(), body))
}

/// Takes the typed text of a dispatch whose file could not be read (gõ lại nội dung), and goes on as if it had been.
async fn transcribe(visit: Visit, Address(id): DirectiveId, form: Form) -> PageResult {
    let actor = visit.actor()?;
    let mut conn = visit.app.db().read().await?;
    let directive = store::visible(&mut conn, actor, id).await?;
    let typed = form.text("text").replace("\r\n", "\n");
    let blank = Directive { id: directive.id, text: typed.clone(), ..directive.clone() };
    let outcome = intake::read_text(typed.clone()).await?;
    let Some(mut records) = intake::records(&visit.app, actor, &directive.path, &blank, outcome).await? else {
        let history = journal::history(&mut conn, id.uuid(), None).await?;
        let page = visit.page(&directive.label(), views::unreadable(&visit, &directive, &history, Some(&typed)));
        return Ok((axum::http::StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
    };
    drop(conn);
    let key = form.key()?;
    let first = records.remove(0);
    let command = Transcribe { directive: id, version: form.read("version")?, read: Box::new(first) };
    execute(visit.app.db(), actor, key, command).await?;
    // Two dispatches in one file are two records, typed or not.
    for (index, directive) in records.into_iter().enumerate() {
        let key = Uuid::from_u128(key.as_u128() ^ (index as u128 + 1));
        let directive = Directive { id: Id::fresh(), version: 0, state: DirectiveState::Received, ..directive };
        execute(visit.app.db(), actor, key, Receive { directive }).await?;
    }
    Ok(see_other(&format!("/directives/{id}"), "directives-said-transcribed"))
}

async fn original(visit: Visit, Address(id): DirectiveId) -> PageResult {
    let directive = store::visible(&mut visit.app.db().read().await?, visit.actor()?, id).await?;
    // What is written inside the program has no file.
    if directive.file_sha256.is_empty() {
        return Err(Problem::not_found().into());
    }
    let content = visit.app.files().read(&directive.file_sha256).await?;
    Ok(download(&directive.file_name, "application/octet-stream", content))
}

/// Every correction: the review as it stands, changed in one place, saved against the version that was seen.
async fn amend(
    visit: &Visit,
    id: Id<ids::Directive>,
    form: &Form,
    what: &str,
    change: impl FnOnce(&mut Review) -> Result<(), Problem>,
) -> Result<Directive, Problem> {
    let actor = visit.actor()?;
    let directive = store::visible(&mut visit.app.db().read().await?, actor, id).await?;
    let mut review = Review::of(&directive.review).ok_or_else(|| {
        Problem::refused("directives.not_in_this_state").with("state", format!("@directive-state-{}", directive.state))
    })?;
    change(&mut review)?;
    let command = Amend { directive: id, version: form.read("version")?, review, what: what.to_owned() };
    execute(visit.app.db(), actor, form.key()?, command).await?;
    Ok(directive)
}

fn missing(index: usize) -> Problem {
    Problem::invalid("web.field").with("field", "n").with("value", index)
}

async fn header(visit: Visit, Address(id): DirectiveId, form: Form) -> PageResult {
    let issued_on = form.read_filled::<Date>("issued_on")?;
    let today = visit.today();
    let tree = visit.app.tree();
    amend(&visit, id, &form, "header", |review| {
        let text = |name: &str| form.filled(name).map(str::to_owned);
        let header = &mut review.dispatch;
        let before = (header.issuer.clone(), header.issued_on.clone(), header.place.clone());
        header.number = text("number");
        header.issuer = text("issuer");
        header.place = text("place");
        header.subject = text("subject");
        header.issued_on = issued_on.map(|day| day.to_string());
        header.urgency = form.filled("urgency").and_then(|word| serde_json::from_value(serde_json::json!(word)).ok());
        header.kind = form.filled("kind").and_then(|word| serde_json::from_value(serde_json::json!(word)).ok());
        // Another issuer or day means other units; what a person resolved stays.
        if before != (header.issuer.clone(), header.issued_on.clone(), header.place.clone()) {
            let home = Path::parse(&review.place).unwrap_or_else(|_| Path::root());
            let kept: std::collections::BTreeMap<String, Vec<String>> = review
                .mentions
                .iter()
                .filter(|mention| matches!(mention.how, Resolved::Person | Resolved::Remembered))
                .map(|mention| (mentions::memory_key(&mention.text), mention.units.clone()))
                .collect();
            let kept = Readings::from([(home.clone(), kept)]);
            let fresh = Review::propose(review.dispatch.clone(), &tree, &home, today, &kept);
            *review =
                Review { settled: std::mem::take(&mut review.settled), duplicate: review.duplicate.take(), ..fresh };
        }
        Ok(())
    })
    .await?;
    Ok(see_other(&format!("/directives/{id}"), "directives-said-amended"))
}

async fn settle(visit: Visit, Address((id, n)): DirectivePart, form: Form) -> PageResult {
    amend(&visit, id, &form, "finding", |review| {
        review.dispatch.findings.get(n).ok_or_else(|| missing(n))?;
        if !review.settled.insert(n) {
            review.settled.remove(&n);
        }
        Ok(())
    })
    .await?;
    Ok(Redirect::to(&format!("/directives/{id}#findings")).into_response())
}

/// Settles all findings that are not required: "I have looked at them".
async fn settle_rest(visit: Visit, Address(id): DirectiveId, form: Form) -> PageResult {
    amend(&visit, id, &form, "findings", |review| {
        let easy = review
            .dispatch
            .findings
            .iter()
            .enumerate()
            .filter(|(_, finding)| finding.severity != vx_dispatch::Severity::Error);
        review.settled.extend(easy.map(|(index, _)| index).collect::<Vec<_>>());
        Ok(())
    })
    .await?;
    Ok(Redirect::to(&format!("/directives/{id}#orders")).into_response())
}

/// Units as a person writes them: keys, or names that the search finds exactly one of.
fn units_of(visit: &Visit, form: &Form, on: Option<Date>) -> Result<Vec<UnitId>, Problem> {
    let tree = visit.app.tree();
    let mut units: Vec<UnitId> = Vec::new();
    let typed = form.text("units").split([';', '\n']).map(str::trim).filter(|text| !text.is_empty());
    for text in form.all("unit").map(str::trim).filter(|text| !text.is_empty()).chain(typed) {
        let key = text.split(" — ").next().unwrap_or(text);
        let id = match tree.get(key) {
            Some(unit) => unit.id.clone(),
            None => {
                let query = vx_kernel::units::Query { text, on, within: None, kinds: &[], limit: 2 };
                let hits = tree.search(&query);
                match hits.as_slice() {
                    [only] => only.unit.id.clone(),
                    [] => return Err(Problem::invalid("directives.unit_unknown").with("name", text)),
                    _ => return Err(Problem::invalid("directives.unit_unclear").with("name", text)),
                }
            }
        };
        if !units.contains(&id) {
            units.push(id);
        }
    }
    Ok(units)
}

async fn mention(visit: Visit, Address((id, n)): DirectivePart, form: Form) -> PageResult {
    let nobody = form.filled("nobody").is_some();
    let mut key = String::new();
    let mut units = Vec::new();
    let directive = amend(&visit, id, &form, "units", |review| {
        units = if nobody { Vec::new() } else { units_of(&visit, &form, review.issued_on())? };
        if units.is_empty() && !nobody {
            return Err(Problem::invalid("directives.no_unit"));
        }
        let mention = review.mentions.get_mut(n).ok_or_else(|| missing(n))?;
        mention.units = units.iter().map(ToString::to_string).collect();
        mention.how = Resolved::Person;
        key = mentions::memory_key(&mention.text);
        Ok(())
    })
    .await?;
    if form.filled("remember").is_some() && !nobody {
        let second = Uuid::from_u128(form.key()?.as_u128() ^ 1);
        execute(visit.app.db(), visit.actor()?, second, Remember { path: directive.path, mention: key, units }).await?;
    }
    Ok(see_other(&format!("/directives/{id}"), "directives-said-resolved"))
}

async fn order(visit: Visit, Address((id, n)): DirectivePart, form: Form) -> PageResult {
    let due = form.filled("due_at").map(|text| text.trim_end_matches(":00").to_owned());
    if let Some(due) = &due
        && crate::due::moment(due, None).is_none()
    {
        return Err(Problem::invalid("web.field").with("field", "due_at").with("value", due).into());
    }
    amend(&visit, id, &form, "order", |review| {
        let leads: Vec<usize> = form.all("lead").filter_map(|index| index.parse().ok()).collect();
        let cooperating: Vec<usize> = form.all("cooperating").filter_map(|index| index.parse().ok()).collect();
        let extra = form.filled("add_lead").map(str::to_owned);
        let n_mentions = review.mentions.len();
        let on = review.issued_on();
        let added = match extra {
            None => None,
            Some(text) => {
                let context = mentions::MentionContext {
                    place: Path::parse(&review.place).unwrap_or_else(|_| Path::root()),
                    on: on.unwrap_or_else(|| visit.today()),
                };
                Some(review.mention(&visit.app.tree(), &context, &text, &std::collections::BTreeMap::new()))
            }
        };
        let order = review.orders.get_mut(n).ok_or_else(|| missing(n))?;
        order.include = form.filled("include").is_some();
        if let Some(title) = form.filled("title") {
            order.title = title.chars().take(300).collect();
        }
        order.leads = leads.into_iter().filter(|index| *index < n_mentions).collect();
        if let Some(added) = added.filter(|added| !order.leads.contains(added)) {
            order.leads.push(added);
        }
        order.cooperating =
            cooperating.into_iter().filter(|index| *index < n_mentions && !order.leads.contains(index)).collect();
        order.due_at.clone_from(&due);
        if form.filled("once").is_some() {
            order.deadline = None;
        }
        Ok(())
    })
    .await?;
    Ok(Redirect::to(&format!("/directives/{id}#order-{n}")).into_response())
}

/// The path of every unit that a review names, as of now.
pub(crate) fn paths_of(tree: &Tree, review: &Review) -> BTreeMap<UnitId, Path> {
    let keys = review.mentions.iter().flat_map(|mention| &mention.units);
    keys.filter_map(|key| tree.get(key)).map(|unit| (unit.id.clone(), unit.path.clone())).collect()
}

async fn issue(visit: Visit, Address(id): DirectiveId, form: Form) -> PageResult {
    let actor = visit.actor()?;
    let directive = store::visible(&mut visit.app.db().read().await?, actor, id).await?;
    let review = Review::of(&directive.review).ok_or_else(Problem::not_found)?;
    let paths = paths_of(&visit.app.tree(), &review);
    let n = review.n_tasks();
    execute(visit.app.db(), actor, form.key()?, Issue { directive: id, version: form.read("version")?, paths }).await?;
    Ok(see_other(&format!("/directives/{id}?n={n}"), "directives-said-issued"))
}

async fn discard(visit: Visit, Address(id): DirectiveId, form: Form) -> PageResult {
    let command = Discard { directive: id, reason: form.text("reason").to_owned() };
    execute(visit.app.db(), visit.actor()?, form.key()?, command).await?;
    Ok(visit.see_other_undo("/directives", "directives-said-discarded", &format!("/directives/{id}/restore")))
}

async fn restore(visit: Visit, Address(id): DirectiveId, form: Form) -> PageResult {
    let reason = form.reason_or(&visit.t("undo-reason")).to_owned();
    execute(visit.app.db(), visit.actor()?, form.key()?, Restore { directive: id, reason }).await?;
    Ok(see_other(&format!("/directives/{id}"), "directives-said-restored"))
}
