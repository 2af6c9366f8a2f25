//! Addresses of reports, and what the program does by itself.

use axum::extract::Query;
use vx_concepts::{
    engine::{Command as _, FIGURES_KEPT, Fact, REPORT_ASKED, execute},
    form::{Period, Standing},
    paper::Write,
};
use vx_kernel::{Id, Path, Problem, ProblemKind, ids};
use vx_platform::{
    Module,
    auth::{
        Actor,
        Breadth::{Subtree, Unit},
        Permission,
        Role::{Admin, Chair, Head, Observer, Office, Officer},
    },
    jobs::{JobKind, Trigger},
    params,
    store::{Conn, Migration, Sql, Uuid},
    web::{Access, App, Form, Markup, Nav, Route, Visit, html},
    words::Texts,
};

use crate::{
    api, asking, board, entry, forms,
    import::{self, AdvanceImport, StartImport},
    official,
    store::{self, READ},
    sums,
    types::Request,
    {Ask, Bring, Choose, DefineForm, End, Endorse, Link, Submit},
};

/// The subsystem as the server lists it.
#[must_use]
pub fn module() -> Module {
    const PERMISSIONS: &[Permission] = &[
        Permission {
            name: READ,
            roles: &[
                (Admin, Subtree),
                (Chair, Subtree),
                (Office, Subtree),
                (Head, Subtree),
                (Officer, Subtree),
                (Observer, Subtree),
            ],
        },
        Permission { name: DefineForm::NAME, roles: &[(Office, Unit), (Head, Unit)] },
        Permission { name: Ask::NAME, roles: &[(Chair, Unit), (Office, Unit), (Head, Unit)] },
        Permission { name: End::NAME, roles: &[(Chair, Unit), (Office, Unit), (Head, Unit)] },
        Permission { name: Choose::NAME, roles: &[(Chair, Unit), (Office, Unit), (Head, Unit)] },
        // One does not report for another unit.
        Permission { name: Submit::NAME, roles: &[(Chair, Unit), (Office, Unit), (Head, Unit), (Officer, Unit)] },
        Permission { name: Endorse::NAME, roles: &[(Chair, Unit), (Office, Unit), (Head, Unit)] },
        // For units below one's own, or for whom one asked: the command looks at that.
        Permission { name: Bring::NAME, roles: &[(Chair, Unit), (Office, Unit), (Head, Unit)] },
        Permission { name: StartImport::NAME, roles: &[(Chair, Unit), (Office, Unit), (Head, Unit)] },
        Permission { name: AdvanceImport::NAME, roles: &[] },
        // What follows from a request belongs to the program alone.
        Permission { name: Link::NAME, roles: &[] },
    ];
    Module {
        name: "reports",
        migrations: &[
            Migration { name: "reports/0001_reports", sql: include_str!("../migrations/0001_reports.sql") },
            Migration { name: "reports/0002_imports", sql: include_str!("../migrations/0002_imports.sql") },
            Migration { name: "reports/0003_asked_by", sql: include_str!("../migrations/0003_asked_by.sql") },
        ],
        permissions: PERMISSIONS,
        routes: || {
            let mut routes = api::routes();
            routes.extend(vec![
                Route::get("/reports", Access::Needs(READ), board::home),
                Route::get("/reports/forms", Access::Needs(READ), forms::list),
                Route::post("/reports/forms", Access::Needs(DefineForm::NAME), forms::define),
                Route::get("/reports/forms/new", Access::Needs(DefineForm::NAME), forms::new),
                Route::get("/reports/forms/{code}", Access::Needs(READ), forms::show),
                Route::get("/reports/forms/{code}/toml", Access::Needs(READ), forms::source),
                Route::get("/reports/ask", Access::Needs(Ask::NAME), asking::show),
                Route::post("/reports/ask", Access::Needs(Ask::NAME), asking::ask),
                Route::get("/reports/{id}", Access::Needs(READ), board::show),
                Route::get("/reports/{id}/board/{kind}", Access::Needs(READ), board::export),
                Route::post("/reports/{id}/end", Access::Needs(End::NAME), asking::end),
                Route::get("/reports/{id}/of", Access::Needs(READ), entry::of),
                Route::get("/reports/{id}/enter", Access::Needs(Submit::NAME), entry::enter),
                Route::post("/reports/{id}/send", Access::Needs(Submit::NAME), entry::send),
                Route::get("/reports/{id}/template/{kind}", Access::Needs(Submit::NAME), entry::template),
                Route::post("/reports/{id}/fill", Access::Needs(Submit::NAME), entry::fill),
                Route::get("/reports/{id}/report", Access::Needs(READ), entry::show),
                Route::post("/reports/{id}/endorse", Access::Needs(Endorse::NAME), entry::endorse),
                Route::post("/reports/{id}/endorse-below", Access::Needs(Endorse::NAME), sums::endorse_below),
                Route::get("/reports/{id}/sum", Access::Needs(READ), sums::show),
                Route::get("/reports/{id}/sum/{kind}", Access::Needs(READ), sums::export),
                Route::post("/reports/{id}/sum/document", Access::Needs(Write::NAME), official::write_up),
                Route::get("/reports/{id}/table/{kind}", Access::Needs(READ), import::pages::table),
                Route::get("/reports/{id}/dhis2/{format}", Access::Needs(READ), import::pages::dhis2_file),
                Route::get("/reports/{id}/import", Access::Needs(StartImport::NAME), import::pages::choose),
                Route::post("/reports/{id}/import", Access::Needs(StartImport::NAME), import::pages::start),
                Route::post("/reports/{id}/import/review", Access::Needs(StartImport::NAME), import::pages::look),
                Route::get(
                    "/reports/{id}/import/rejected/{kind}",
                    Access::Needs(StartImport::NAME),
                    import::pages::rejected,
                ),
                Route::get("/reports/{id}/imports/{import}", Access::Needs(READ), import::pages::show),
                Route::post("/reports/{id}/choose", Access::Needs(Choose::NAME), sums::choose),
            ]);
            routes
        },
        texts: Texts { vi: include_str!("../words.vi.ftl"), en: include_str!("../words.en.ftl") },
        nav: &[Nav { href: "/reports", key: "reports", icon: "file-text", permission: READ, order: 35 }],
        notices: crate::notices::NOTICES,
        jobs: &[
            JobKind {
                name: "reports.link",
                starts: Trigger::Fact(REPORT_ASKED),
                run: |app, body| Box::pin(async move { link(&app, &body).await }),
            },
            JobKind {
                name: "reports.import",
                starts: Trigger::Fact(FIGURES_KEPT),
                run: |app, body| {
                    Box::pin(async move {
                        let Fact::FiguresKept { import } = serde_json::from_str(&body).map_err(Problem::internal)?
                        else {
                            return Err(Problem::internal("a fact of another sort"));
                        };
                        import::carry_on(&app, Id::from(import)).await
                    })
                },
            },
        ],
    }
}

/// Series that one clause of a dispatch may have: every commune of the nation.
const SERIES_MAX: i64 = 12_000;

/// Reacts to a request that a dispatch ordered: the work that it gave is answered by the form from now on, or no longer.
async fn link(app: &App, body: &str) -> Result<(), Problem> {
    let Fact::ReportAsked { request } = serde_json::from_str(body).map_err(Problem::internal)? else { return Ok(()) };
    let mut conn = app.db().read().await?;
    let asked: Request = conn.load(request).await?;
    let (Some(about), clause) = (asked.about, asked.clause.clone()) else { return Ok(()) };
    let sql = "select id from work_series where tenant = $1 and about = $2 and coalesce(clause, '') = $3 order by id limit $4";
    let rows = conn.rows(Sql::with(sql, params![conn.tenant(), about, clause.unwrap_or_default(), SERIES_MAX])).await?;
    drop(conn);
    let by = Actor::system("Vùng Xanh", app.rights().clone());
    for row in rows {
        let link = Link { series: row.get("id")?, request: Id::from(request) };
        match execute(app.db(), &by, Uuid::now_v7(), link).await {
            Ok(_) => {}
            // It is so already: this ran before.
            Err(problem) if problem.kind == ProblemKind::Refused => {}
            Err(problem) => return Err(problem),
        }
    }
    Ok(())
}

/// What an address asks.
pub(crate) type Pairs = Query<Vec<(String, String)>>;

/// The value of a name in an address.
pub(crate) fn word<'a>(query: &'a [(String, String)], name: &str) -> Option<&'a str> {
    query.iter().find(|(asked, _)| asked == name).map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
}

/// A path in an address or a form.
pub(crate) fn path_of(text: &str) -> Option<Path> {
    Path::parse(text).ok()
}

/// The part of the units that is looked at: what was asked for, or the widest that is one's own.
pub(crate) fn part_of(actor: &Actor, request: &Request, asked: Option<&str>) -> Path {
    if let Some(path) = asked.and_then(path_of).filter(|path| is_shown(actor, request, path)) {
        return path;
    }
    if store::sees_all(actor, request) {
        return request.within.clone();
    }
    let home = actor.homes().into_iter().find(|home| request.within.contains(home));
    home.cloned().unwrap_or_else(|| request.within.clone())
}

/// Whether figures of a place can be shown whole: it has to do with the request, and all of it lies within reach.
fn is_shown(actor: &Actor, request: &Request, path: &Path) -> bool {
    let concerns = request.within.contains(path) || path.contains(&request.within);
    concerns && store::reach(actor, request).iter().any(|reach| reach.covers(path))
}

/// The place above, where all of it can be shown.
pub(crate) fn above(visit: &Visit, request: &Request, part: &Path) -> Option<Path> {
    let above = part.parent().filter(|above| request.within.contains(above) && *part != request.within)?;
    visit.actor().is_ok_and(|actor| is_shown(actor, request, &above)).then_some(above)
}

/// The request of an address, if it concerns the visitor.
pub(crate) async fn request_of(visit: &Visit, conn: &mut Conn, id: Id<ids::Request>) -> Result<Request, Problem> {
    store::visible(conn, visit.actor()?, id).await
}

/// The unit and period that a form or an address names.
pub(crate) fn unit_and_period(request: &Request, unit: &str, on: &str) -> Result<(Path, Period), Problem> {
    let unit = path_of(unit).filter(|unit| !unit.is_root()).ok_or_else(Problem::not_found)?;
    let period = on.parse().ok().and_then(|on| request.periods().ending(on)).ok_or_else(Problem::not_found)?;
    Ok((unit, period))
}

/// As [`unit_and_period`], of an action.
pub(crate) fn of_form(request: &Request, form: &Form) -> Result<(Path, Period), Problem> {
    unit_and_period(request, form.text("unit"), form.text("on"))
}

/// The mark of a standing in a narrow cell. Its word stands beside it for those who do not see it, and in the legend.
pub(crate) fn mark(standing: Standing) -> &'static str {
    match standing {
        Standing::NotDue => "·",
        Standing::Open => "○",
        Standing::Sent => "✓",
        Standing::Late => "✓*",
        Standing::Missing => "✗",
        Standing::Corrected => "✎",
        Standing::Endorsed => "✓✓",
    }
}

/// A standing as a chip with its word.
pub(crate) fn standing_chip(visit: &Visit, standing: Standing) -> Markup {
    let word = visit.t(&format!("report-standing-{standing}"));
    html! {
        @if standing == Standing::Missing { span.vx-overdue { (word) } }
        @else { span.vx-state { (word) } }
    }
}
