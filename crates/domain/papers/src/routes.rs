//! Pages and actions of documents that units issue.

use axum::{
    extract::{Path as Address, Query},
    http::header,
    response::IntoResponse as _,
};
use vx_concepts::{
    engine::{Command as _, Fact, PAPER_ISSUED, execute},
    paper::{self, Paper, PaperState, READ, Write, last_number},
    work::WorkState,
};
use vx_dispatch::{Draft, DraftClause, Kind, Sent, edxml, write};
use vx_foundation::filters;
use vx_kernel::{
    Date, Id, Path, Problem, ProblemKind, ids,
    time::Lang,
    units::{Kind as UnitKind, Tree, mentions},
};
use vx_platform::{
    Module,
    auth::{
        Actor,
        Breadth::Unit,
        Permission,
        Role::{Chair, Head, Observer, Office, Officer},
    },
    files::sha256,
    jobs::{JobKind, Trigger},
    journal,
    sheet::{Sheet, SheetKind},
    store::{Conn, Migration, Sql, Uuid},
    web::{
        Access, App, FILE_BYTES_MAX, Form, Nav, PageResult, Route, Visit, download, list::Listing, off_thread,
        see_other, unit_name,
    },
    words::Texts,
};

use crate::{
    Comment, Discard, Do, Follow, Number, Publish, Restore, Return, Sign, Step as _, Submit, api,
    compose::pages as editor,
    press,
    store::{self, ORDERS, Wanted},
    views,
};

/// Documents that units issue.
#[must_use]
pub fn module() -> Module {
    const WRITERS: &[(vx_platform::auth::Role, vx_platform::auth::Breadth)] =
        &[(Chair, Unit), (Office, Unit), (Head, Unit), (Officer, Unit)];
    const PERMISSIONS: &[Permission] = &[
        // What is not out yet is the unit's own business, also before those above it.
        Permission {
            name: READ,
            roles: &[(Chair, Unit), (Office, Unit), (Head, Unit), (Officer, Unit), (Observer, Unit)],
        },
        Permission { name: Write::NAME, roles: WRITERS },
        Permission { name: Submit::NAME, roles: WRITERS },
        Permission { name: Comment::NAME, roles: WRITERS },
        Permission { name: Discard::NAME, roles: WRITERS },
        Permission { name: Restore::NAME, roles: WRITERS },
        Permission { name: Return::NAME, roles: &[(Chair, Unit), (Office, Unit), (Head, Unit)] },
        // Whether the post fits is looked at besides.
        Permission { name: Sign::NAME, roles: &[(Chair, Unit), (Head, Unit)] },
        Permission { name: Number::NAME, roles: &[(Chair, Unit), (Office, Unit), (Head, Unit)] },
        Permission { name: Publish::NAME, roles: &[(Chair, Unit), (Office, Unit), (Head, Unit)] },
        // The program's own: it follows from the other document's going out.
        Permission { name: Follow::NAME, roles: &[] },
        // So is this: something later changed what it says.
        Permission { name: paper::Overtake::NAME, roles: &[] },
    ];
    Module {
        name: "papers",
        migrations: &[
            Migration { name: "papers/0001_paper", sql: paper::MIGRATION },
            Migration { name: "papers/0002_rests_on", sql: paper::MIGRATION_RESTS_ON },
            Migration { name: "papers/0003_overtaken", sql: paper::MIGRATION_OVERTAKEN },
        ],
        permissions: PERMISSIONS,
        routes,
        texts: Texts { vi: include_str!("../words.vi.ftl"), en: include_str!("../words.en.ftl") },
        nav: &[Nav { href: "/papers", key: "papers", icon: "send", permission: READ, order: 21 }],
        notices: crate::notices::NOTICES,
        jobs: &[JobKind {
            name: "papers.follow",
            starts: Trigger::Fact(PAPER_ISSUED),
            run: |app, body| Box::pin(async move { follow(&app, &body).await }),
        }],
    }
}

fn routes() -> Vec<Route> {
    let mut routes = api::routes();
    routes.extend([
        Route::get("/papers", Access::Needs(READ), list),
        Route::get("/papers/export/{kind}", Access::Needs(READ), export),
        Route::get("/papers/new", Access::Needs(Write::NAME), editor::new_form),
        Route::post("/papers/new", Access::Needs(Write::NAME), editor::create),
        Route::get("/papers/check", Access::Needs(READ), check_form),
        Route::post("/papers/check", Access::Needs(READ), check),
        Route::get("/papers/{id}", Access::Needs(READ), show),
        Route::post("/papers/{id}/draft", Access::Needs(Write::NAME), editor::save),
        Route::get("/papers/{id}/preview", Access::Needs(READ), editor::preview),
        Route::get("/papers/{id}/page/{n}", Access::Needs(READ), page),
        Route::get("/papers/{id}/file/{kind}", Access::Needs(READ), file),
        Route::post("/papers/{id}/submit", Access::Needs(Submit::NAME), submit),
        Route::post("/papers/{id}/return", Access::Needs(Return::NAME), give_back),
        Route::post("/papers/{id}/comment", Access::Needs(Comment::NAME), comment),
        Route::post("/papers/{id}/sign", Access::Needs(Sign::NAME), sign),
        Route::post("/papers/{id}/publish", Access::Needs(Publish::NAME), publish),
        Route::post("/papers/{id}/discard", Access::Needs(Discard::NAME), discard),
        Route::post("/papers/{id}/restore", Access::Needs(Restore::NAME), restore),
    ]);
    routes
}

/// Reacts to a document that is out: the one whose place it takes, or which it puts right, says so.
async fn follow(app: &App, body: &str) -> Result<(), Problem> {
    let Fact::PaperIssued { paper } = serde_json::from_str(body).map_err(Problem::internal)? else {
        return Err(Problem::internal("a fact of another sort"));
    };
    let out: Paper = app.db().read().await?.load(Id::<ids::Paper>::from(paper)).await?;
    let Some(old) = out.replaces.or(out.corrects) else { return Ok(()) };
    let by = Actor::system("Vùng Xanh", app.rights().clone());
    let number = out.number.clone().unwrap_or_default();
    let step = Follow { by: out.id, number, replaces: out.replaces.is_some() };
    let command = Do { paper: Id::from(old), step };
    match execute(app.db(), &by, Uuid::now_v7(), command).await {
        Ok(_) => Ok(()),
        // It says so already, or another came first.
        Err(problem) if problem.kind == ProblemKind::Refused => Ok(()),
        Err(problem) => Err(problem),
    }
}

type PaperId = Address<Id<ids::Paper>>;
type Pairs = Query<Vec<(String, String)>>;

fn wanted(query: &[(String, String)]) -> (Wanted, Listing) {
    let value = |name: &str| {
        query.iter().find(|(key, _)| key == name).map(|(_, value)| value.trim()).filter(|value| !value.is_empty())
    };
    let wanted = Wanted {
        text: value("q").unwrap_or_default().to_owned(),
        state: value("state").and_then(PaperState::parse),
        kind: value("kind").map(str::to_owned),
        to_sign: value("sign").is_some(),
    };
    (wanted, Listing::parse("/papers", ORDERS, query))
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
    let to_sign = Wanted { to_sign: true, ..Wanted::default() };
    let n_to_sign = if visit.may_anywhere(Sign::NAME) { store::count(&mut conn, actor, &to_sign).await? } else { 0 };
    drop(conn);
    Ok(visit.page(&visit.t("papers"), views::list(&visit, &wanted, &listing, &kept, &shown, n_to_sign)))
}

/// Rows of one table to take along: what a province issues in some years.
const EXPORT_MAX: i64 = 50_000;

/// The list with its filter and order, to take along.
async fn export(visit: Visit, Address(kind): Address<String>, Query(query): Pairs) -> PageResult {
    let kind: SheetKind = kind.parse()?;
    let ((wanted, listing), actor) = (wanted(&query), visit.actor()?);
    let heads = [
        ("paper-number", 22),
        ("paper-field-kind", 16),
        ("paper-field-urgency", 14),
        ("paper-subject", 60),
        ("paper-issuer", 34),
        ("paper-issued-on", 13),
        ("filter-state", 18),
        ("paper-drafted-by", 24),
    ];
    let mut sheet = Sheet::begin(kind, &visit.t("papers"), &visit.columns(&heads))?;
    let mut conn = visit.app.db().read().await?;
    let lines = store::first(&mut conn, actor, &wanted, &listing, EXPORT_MAX).await?;
    let n = i64::try_from(lines.len()).unwrap_or(i64::MAX);
    let total = if n < EXPORT_MAX { n } else { store::count(&mut conn, actor, &wanted).await? };
    drop(conn);
    for line in lines {
        sheet.row(&[
            line.number.unwrap_or_default().into(),
            views::kind_title(&line.kind).to_owned().into(),
            line.urgency.map_or_else(String::new, |urgency| visit.t(&format!("urgency-{urgency}"))).into(),
            line.subject.into(),
            line.issuer.into(),
            line.issued_on.into(),
            visit.t(&format!("paper-state-{}", line.state)).into(),
            line.drafted_by.into(),
        ])?;
    }
    visit.say_cut(&mut sheet, n, total)?;
    Ok(sheet.download("van-ban-di").await?)
}

/// Units where whoever signs for a unit may hold their post: itself and the agencies beside it.
#[must_use]
pub(crate) fn signing_units(tree: &Tree, path: &Path) -> Vec<Path> {
    let below = tree.at_path(path).into_iter().flat_map(|unit| tree.children(unit.id.as_str()));
    let agencies = below.filter(|unit| unit.kind == UnitKind::Agency).map(|unit| unit.path.clone());
    std::iter::once(path.clone()).chain(agencies).collect()
}

/// To whom a document goes: units of the program, and names that are none or not known for certain.
#[derive(Clone, Debug, Default)]
pub(crate) struct Addressed {
    /// Units, each once.
    pub(crate) units: Vec<Path>,
    /// Names that the program does not send to.
    pub(crate) others: Vec<String>,
}

/// Reads the addressees and the recipients of a document as units, on the day and in the place of its issuer.
pub(crate) fn addressed(tree: &Tree, paper: &Paper, draft: &Draft, today: Date) -> Addressed {
    let on = paper.issued_on.unwrap_or(today);
    let place = mentions::issuer_place(tree, &draft.issuer, &draft.place, on)
        .and_then(|id| tree.get(id.as_str()).map(|unit| unit.path.clone()))
        .unwrap_or_else(|| paper.path.clone());
    let context = mentions::MentionContext { place, on };
    let mut found = Addressed::default();
    for name in draft.addressees.iter().chain(&draft.recipients) {
        // "(để b/c)" says what for, not who; "Như trên" and "Lưu" are nobody else.
        let bare = name.split('(').next().unwrap_or_default().trim();
        let folded = vx_kernel::text::fold(bare);
        if folded.is_empty() || folded.starts_with("nhu ") || folded.starts_with("luu") {
            continue;
        }
        let resolution = mentions::resolve(tree, &context, bare);
        for unit in resolution.units.iter().filter_map(|unit| tree.get(unit.as_str())) {
            if unit.path != paper.path && !found.units.contains(&unit.path) {
                found.units.push(unit.path.clone());
            }
        }
        if resolution.units.is_empty() || !resolution.leftovers.is_empty() {
            found.others.push(bare.to_owned());
        }
    }
    // Whoever gets work by it gets it, addressed or not. What a report or a proposal asks for is nobody's order.
    if !matches!(draft.kind, Kind::BaoCao | Kind::ToTrinh) {
        for name in names_of(&draft.clauses) {
            let resolution = mentions::resolve(tree, &context, name);
            for unit in resolution.units.iter().filter_map(|unit| tree.get(unit.as_str())) {
                if unit.path != paper.path && !found.units.contains(&unit.path) {
                    found.units.push(unit.path.clone());
                }
            }
        }
    }
    found
}

/// The units that clauses and those below them name, in charge and cooperating.
fn names_of(clauses: &[DraftClause]) -> Vec<&str> {
    let mut names = Vec::new();
    for clause in clauses {
        names.extend(clause.lead.iter().chain(&clause.cooperating).map(String::as_str));
        names.extend(names_of(&clause.clauses));
    }
    names
}

/// Whose tasks still stand as they were given, though a document took the place of the one that gave them or put it
/// right: the old one, the new one, and how. People choose what is carried over, so they are told where.
async fn pending(
    conn: &mut Conn,
    paper: &Paper,
    ties: &[(&'static str, Paper)],
) -> Result<Option<views::Pending>, Problem> {
    if !paper.state.is_out() {
        return Ok(None);
    }
    for (key, other) in ties {
        let (old, new) = if *key == "paper-followed" { (paper, other) } else { (other, paper) };
        // An older correction is no longer the last word about it.
        if !new.state.is_out() || old.followed_by.is_some_and(|by| by != new.id.uuid()) {
            continue;
        }
        let replaces = new.replaces == Some(old.id.uuid());
        let sql = Sql::new("select count(*) as n from work_item w where w.tenant = ").bind(conn.tenant());
        let sql = sql.sql(" and w.about = ").bind(old.id).sql(" and w.state in ").list(WorkState::OPEN);
        let n_open = conn.count(sql).await?;
        let verb = if replaces { "directives.replace" } else { "directives.correct" };
        let history = journal::history(conn, old.id.uuid(), None).await?;
        let is_done = history.iter().any(|entry| entry.verb == verb && Some(entry.at) >= new.issued_at);
        if n_open > 0 && !is_done {
            let (old_id, new_id) = (old.id, new.id);
            let number = new.number.clone().unwrap_or_default();
            let said = (old.label(), number);
            return Ok(Some(views::Pending { old: old_id, new: new_id, said, replaces, verb, n_open }));
        }
    }
    Ok(None)
}

async fn show(visit: Visit, Address(id): PaperId) -> PageResult {
    let actor = visit.actor()?;
    let mut conn = visit.app.db().read().await?;
    let paper = paper::visible(&mut conn, actor, id).await?;
    let entries = journal::history(&mut conn, id.uuid(), None).await?;
    if paper.state == PaperState::Draft && actor.may(Write::NAME, &paper.path) {
        drop(conn);
        return Ok(visit.page(&paper.label(), editor::edit(&visit, &paper, &entries)));
    }
    let year = i64::from(visit.today().year());
    let last = last_number(&mut conn, &paper.path, year, &paper.series).await?;
    let mut ties = Vec::new();
    for (key, other) in
        [("paper-replaces", paper.replaces), ("paper-corrects", paper.corrects), ("paper-followed", paper.followed_by)]
    {
        let Some(other) = other else { continue };
        // The other one may be somebody else's to see.
        if let Ok(other) = paper::visible(&mut conn, actor, Id::from(other)).await {
            ties.push((key, other));
        }
    }
    let pending = pending(&mut conn, &paper, &ties).await?;
    drop(conn);
    let n_pages = match paper.n_pages {
        Some(n) => usize::try_from(n).unwrap_or(1),
        None => press::page(&paper, 0).await?.1,
    };
    let to = addressed(&visit.app.tree(), &paper, &paper.draft(), visit.today());
    let seen = views::Seen { n_pages, last_number: last, to, ties, pending };
    Ok(visit.page(&paper.label(), views::record(&visit, &paper, &seen, &entries)))
}

/// A page as a drawing, with the same lines as on paper.
async fn page(visit: Visit, Address((id, number)): Address<(Id<ids::Paper>, usize)>) -> PageResult {
    let paper = paper::visible(&mut visit.app.db().read().await?, visit.actor()?, id).await?;
    let (drawn, _) = press::page(&paper, number).await?;
    let drawn = drawn.ok_or_else(Problem::not_found)?;
    Ok(([(header::CONTENT_TYPE, "image/svg+xml")], drawn).into_response())
}

const PDF: &str = "application/pdf";
const WORD: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";

/// A file of a document: the edition that is kept once it is out, before that the document as it stands. Its name, its
/// media type and its bytes.
///
/// # Errors
/// `not_found` for a kind that there is not.
pub(crate) async fn file_of(
    app: &App,
    lang: Lang,
    paper: &Paper,
    kind: &str,
) -> Result<(String, &'static str, Vec<u8>), Problem> {
    let (name, files) = (paper.file_name(), app.files());
    Ok(match kind {
        "pdf" => {
            let content = match &paper.pdf_sha256 {
                Some(hash) => files.read(hash).await?,
                None => press::pdf(paper).await?.pdf,
            };
            (format!("{name}.pdf"), PDF, content)
        }
        "docx" => {
            let content = match &paper.word_sha256 {
                Some(hash) => files.read(hash).await?,
                None => press::word_file(paper).await?,
            };
            (format!("{name}.docx"), WORD, content)
        }
        "edxml" if paper.state.is_out() => {
            let draft = paper.draft().tidy();
            let attachment = match &paper.pdf_sha256 {
                Some(hash) => Some((format!("{name}.pdf"), PDF, files.read(hash).await?.len())),
                None => None,
            };
            let replaces = match paper.replaces {
                Some(old) => {
                    let old: Paper = app.db().read().await?.load(Id::<ids::Paper>::from(old)).await?;
                    old.number
                }
                None => None,
            };
            let sent = Sent {
                document: paper.id.to_string(),
                organ: paper.path.unit().to_owned(),
                to: paper.recipients().iter().map(|path| unit_name(app, lang, path)).collect(),
                pages: paper.n_pages.and_then(|n| usize::try_from(n).ok()),
                attachment,
                replaces,
            };
            (format!("{name}.edxml"), "application/xml", edxml(&draft, &sent).into_bytes())
        }
        "txt" => (format!("{name}.txt"), "text/plain; charset=utf-8", write(&paper.draft().tidy()).into_bytes()),
        _ => return Err(Problem::not_found()),
    })
}

async fn file(visit: Visit, Address((id, kind)): Address<(Id<ids::Paper>, String)>) -> PageResult {
    let paper = paper::visible(&mut visit.app.db().read().await?, visit.actor()?, id).await?;
    let (name, media_type, content) = file_of(&visit.app, visit.lang, &paper, &kind).await?;
    Ok(download(&name, media_type, content))
}

async fn submit(visit: Visit, Address(id): PaperId, form: Form) -> PageResult {
    let actor = visit.actor()?;
    let paper = paper::visible(&mut visit.app.db().read().await?, actor, id).await?;
    let units = signing_units(&visit.app.tree(), &paper.path);
    execute(visit.app.db(), actor, form.key()?, Submit { paper: id, version: form.read("version")?, units }).await?;
    Ok(see_other(&format!("/papers/{id}"), "papers-said-submitted"))
}

/// At which desk somebody acts on a document: the unit's own, or that of whoever is to sign.
pub(crate) fn desk_of(actor: &Actor, permission: &str, paper: &Paper) -> Path {
    let signs_at = paper.signs_at.as_ref().filter(|at| actor.may(permission, at));
    signs_at.cloned().filter(|_| !actor.may(permission, &paper.path)).unwrap_or_else(|| paper.path.clone())
}

async fn give_back(visit: Visit, Address(id): PaperId, form: Form) -> PageResult {
    let actor = visit.actor()?;
    let paper = paper::visible(&mut visit.app.db().read().await?, actor, id).await?;
    let step = Return { at: desk_of(actor, Return::NAME, &paper), reason: form.text("reason").to_owned() };
    execute(visit.app.db(), actor, form.key()?, Do { paper: id, step }).await?;
    Ok(see_other("/papers", "papers-said-returned"))
}

async fn comment(visit: Visit, Address(id): PaperId, form: Form) -> PageResult {
    let actor = visit.actor()?;
    let paper = paper::visible(&mut visit.app.db().read().await?, actor, id).await?;
    let step = Comment { at: desk_of(actor, Comment::NAME, &paper), text: form.text("text").to_owned() };
    execute(visit.app.db(), actor, form.key()?, Do { paper: id, step }).await?;
    Ok(see_other(&format!("/papers/{id}"), "papers-said-commented"))
}

async fn sign(visit: Visit, Address(id): PaperId, form: Form) -> PageResult {
    let actor = visit.actor()?;
    let paper = paper::visible(&mut visit.app.db().read().await?, actor, id).await?;
    let tree = visit.app.tree();
    let command = Sign {
        paper: id,
        version: form.read("version")?,
        delegation: form.filled("delegation").map(str::to_owned),
        delegated_until: form.read_filled("delegated_until")?,
        collegial: tree.at_path(&paper.path).is_some_and(|unit| unit.kind.has_committee()),
        units: signing_units(&tree, &paper.path),
    };
    execute(visit.app.db(), actor, form.key()?, command).await?;
    Ok(see_other(&format!("/papers/{id}"), "papers-said-signed"))
}

/// Gives a signed document its number, makes its files and sends it out. What was done is not done again: a document
/// that was numbered before the program stopped goes on from there.
///
/// # Errors
/// The refusals of [`Number`] and [`Publish`]; when the files could not be made or kept.
pub async fn number_and_publish(
    app: &App,
    actor: &Actor,
    key: Uuid,
    id: Id<ids::Paper>,
    version: i64,
    first: Option<i64>,
) -> Result<(), Problem> {
    let today = vx_kernel::time::day_of(app.clock().now());
    let mut paper: Paper = app.db().read().await?.load(id).await?;
    let mut version = version;
    if paper.state == PaperState::Signed {
        execute(app.db(), actor, key, Number { paper: id, version, first, on: today }).await?;
        paper = app.db().read().await?.load(id).await?;
        version = paper.version;
    }
    let published = Uuid::from_u128(key.as_u128() ^ 1);
    if paper.state.is_out() {
        // The button was pressed twice: who sent it out hears again that it is out. Anybody else is refused.
        let step = Publish { version, pdf_sha256: Vec::new(), word_sha256: Vec::new(), n_pages: 0, to: Vec::new() };
        return execute(app.db(), actor, published, Do { paper: id, step }).await.map(drop);
    }
    if paper.state != PaperState::Numbered {
        return Err(paper::not_now(&paper));
    }
    let printed = press::pdf(&paper).await?;
    let word = press::word_file(&paper).await?;
    // The text is kept like the other two: its hash is that of a file.
    app.files().keep(write(&paper.draft().tidy()).as_bytes()).await?;
    let to = addressed(&app.tree(), &paper, &paper.draft(), today).units;
    let step = Publish {
        version,
        pdf_sha256: app.files().keep(&printed.pdf).await?,
        word_sha256: app.files().keep(&word).await?,
        n_pages: printed.n_pages,
        to,
    };
    execute(app.db(), actor, published, Do { paper: id, step }).await.map(drop)
}

async fn publish(visit: Visit, Address(id): PaperId, form: Form) -> PageResult {
    let actor = visit.actor()?;
    let _ = paper::visible(&mut visit.app.db().read().await?, actor, id).await?;
    let first = if form.filled("first").is_some() { Some(form.count("first")?) } else { None };
    match number_and_publish(&visit.app, actor, form.key()?, id, form.read("version")?, first).await {
        Ok(()) => {
            let out: Paper = visit.app.db().read().await?.load(id).await?;
            let said = match (out.replaces, out.corrects, out.sent_to.is_empty()) {
                (Some(_), ..) => "papers-said-replaces",
                (None, Some(_), _) => "papers-said-corrects",
                (None, None, true) => "papers-said-published-nowhere",
                (None, None, false) => "papers-said-published",
            };
            Ok(see_other(&format!("/papers/{id}"), said))
        }
        Err(problem) => Err(problem.into()),
    }
}

async fn discard(visit: Visit, Address(id): PaperId, form: Form) -> PageResult {
    let step = Discard { reason: form.text("reason").to_owned() };
    execute(visit.app.db(), visit.actor()?, form.key()?, Do { paper: id, step }).await?;
    Ok(visit.see_other_undo("/papers", "papers-said-discarded", &format!("/papers/{id}/restore")))
}

async fn restore(visit: Visit, Address(id): PaperId, form: Form) -> PageResult {
    let reason = form.reason_or(&visit.t("undo-reason")).to_owned();
    execute(visit.app.db(), visit.actor()?, form.key()?, Do { paper: id, step: Restore { reason } }).await?;
    Ok(see_other(&format!("/papers/{id}"), "papers-said-restored"))
}

async fn check_form(visit: Visit) -> PageResult {
    Ok(visit.page(&visit.t("papers-check"), views::check(&visit, None)))
}

/// Says whether a file is the edition of a document that went out, byte for byte.
async fn check(visit: Visit, form: Form) -> PageResult {
    let Some(file) = form.files.into_iter().next() else { return Err(Problem::invalid("papers.check.no_file").into()) };
    let content = file.content.map_err(|_| {
        Problem::new(ProblemKind::TooLarge, "papers.check.too_large").with("mb", FILE_BYTES_MAX / 1_048_576)
    })?;
    // Of the edXML no bytes are kept: it is written anew each time that it is asked for.
    let is_edxml = content.starts_with(b"<?xml") || file.name.to_lowercase().ends_with(".edxml");
    if is_edxml {
        return Err(Problem::invalid("papers.check.edxml").into());
    }
    let hash = off_thread(move || sha256(&content)).await?;
    let found = store::of_file(&mut visit.app.db().read().await?, &hash).await?;
    Ok(visit.page(&visit.t("papers-check"), views::check(&visit, Some((&file.name, &hash, found.as_ref())))))
}
